//! JSON as Marathon's parser accepts it (Jackson in its strict settings, seen on Marathon 1.5 and 1.11): strict tokens,
//! but any nesting depth, lone surrogates, and any text after the first value that begins with a token. JSONC adds
//! comments and trailing commas, for files that people keep.
//!
//! The parser is a loop with its own stack, so no input can exhaust the call stack.

mod scan;
#[cfg(test)]
mod tests;

use std::ops::Range;

use memchr::memchr;

use super::syntax::{Expected, SyntaxError, SyntaxProblem};
use super::tree::{Decoding, FieldCache, Node, Note, Tree, Type, small};
use scan::{after_blank, after_plain};

/// Which JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Strict.
    Json,
    /// With `//` and `/* */` comments and trailing commas.
    Jsonc,
}

/// Parses `text` into `tree`, which must be empty.
pub(super) fn parse(text: &str, dialect: Dialect, tree: &mut Tree) -> Result<(), SyntaxError> {
    // Most values and names of a definition take more than 8 bytes.
    tree.nodes.reserve(text.len() / 8);
    let mut parser =
        Parser { text, bytes: text.as_bytes(), at: 0, dialect, open: Vec::with_capacity(16), tree };
    parser.token().map_err(|error| *error)?;
    if parser.at == parser.bytes.len() {
        return Err(*parser.error(0..text.len().min(1), SyntaxProblem::Empty));
    }
    parser.document().and_then(|()| parser.trailing()).map_err(|error| *error)
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    dialect: Dialect,
    /// The nodes of the arrays and objects that are not closed yet.
    open: Vec<u32>,
    tree: &'t mut Tree,
}

/// The error is boxed so that the result that every token returns fits a register.
type Parsed<T = ()> = Result<T, Box<SyntaxError>>;

impl Parser<'_> {
    #[expect(clippy::unused_self, reason = "reads as the parser speaking, like its neighbours")]
    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "what `Parsed` holds")]
    fn error(&self, range: Range<usize>, problem: SyntaxProblem) -> Box<SyntaxError> {
        Box::new(SyntaxError { range, problem })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn char_at(&self, at: usize) -> char {
        self.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\u{fffd}')
    }

    /// The error for the character at the current offset.
    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "what `Parsed` holds")]
    fn unexpected(&self, expected: Expected) -> Box<SyntaxError> {
        let Some(byte) = self.peek() else {
            let open = self.open.last().map(|index| self.tree.nodes[*index as usize].start as usize);
            return self.error(self.at..self.at, SyntaxProblem::UnexpectedEnd(open));
        };
        let found = self.char_at(self.at);
        let here = self.at..self.at + found.len_utf8();
        let in_value = matches!(expected, Expected::Value | Expected::Element);
        let problem = match byte {
            b'/' if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => SyntaxProblem::Comment,
            b'#' => SyntaxProblem::Comment,
            b'}' | b']' if self.open.is_empty() => SyntaxProblem::WrongClose(found),
            b'}' if expected == Expected::ArrayEntry => SyntaxProblem::WrongClose(found),
            b']' if expected == Expected::ObjectEntry => SyntaxProblem::WrongClose(found),
            0..0x20 => SyntaxProblem::Control(found),
            _ if in_value && (found.is_alphabetic() || matches!(found, '_' | '$')) => {
                return self.unknown_word();
            }
            _ => SyntaxProblem::Unexpected(found, expected),
        };
        self.error(here, problem)
    }

    #[cold]
    #[expect(clippy::unnecessary_box_returns, reason = "what `Parsed` holds")]
    fn unknown_word(&self) -> Box<SyntaxError> {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).unwrap_or(rest.len());
        let word = rest[..len].chars().take(40).collect::<String>();
        let problem = match word.as_str() {
            "NaN" | "Infinity" | "INF" => SyntaxProblem::NotFinite(word),
            _ => SyntaxProblem::UnknownWord(word),
        };
        self.error(self.at..self.at + len, problem)
    }

    /// The next byte that is neither white space nor, in JSONC, part of a comment.
    #[expect(clippy::inline_always, reason = "called four times for a member, mostly with nothing to skip")]
    #[inline(always)]
    fn token(&mut self) -> Parsed<Option<u8>> {
        match self.peek() {
            Some(byte) if byte > b' ' && byte != b'/' => Ok(Some(byte)),
            _ => self.skip_blank().map(|()| self.peek()),
        }
    }

    #[inline(never)]
    fn skip_blank(&mut self) -> Parsed {
        self.at = after_blank(self.bytes, self.at);
        if self.peek() == Some(b'/') { self.skip_comments() } else { Ok(()) }
    }

    #[cold]
    fn skip_comments(&mut self) -> Parsed {
        while self.dialect == Dialect::Jsonc && self.peek() == Some(b'/') {
            let rest = &self.text[self.at..];
            match self.bytes.get(self.at + 1) {
                Some(b'/') => self.at += rest.find('\n').unwrap_or(rest.len()),
                Some(b'*') => {
                    let Some(len) = rest[2..].find("*/") else {
                        return Err(self.error(self.at..self.at + 2, SyntaxProblem::UnclosedComment));
                    };
                    self.at += len + 4;
                }
                _ => return Ok(()),
            }
            self.at = after_blank(self.bytes, self.at);
        }
        Ok(())
    }

    /// Adds a value that ends here.
    #[inline]
    fn push(&mut self, start: usize, kind: Type, decoding: Decoding) {
        let next = small(self.tree.nodes.len()) + 1;
        self.tree.nodes.push(Node {
            start: small(start),
            end: small(self.at),
            next,
            kind,
            decoding,
            known: FieldCache::default(),
        });
    }

    fn open(&mut self, kind: Type) {
        self.open.push(small(self.tree.nodes.len()));
        self.at += 1;
        self.push(self.at - 1, kind, Decoding::Verbatim);
    }

    fn close(&mut self) {
        self.at += 1;
        if let Some(index) = self.open.pop() {
            let next = small(self.tree.nodes.len());
            let node = &mut self.tree.nodes[index as usize];
            node.end = small(self.at);
            node.next = next;
        }
    }

    /// One whole value, with everything in it.
    fn document(&mut self) -> Parsed {
        let mut expected = Expected::Value;
        loop {
            let entered = self.value_start(expected)?;
            if entered {
                expected = Expected::Element;
                continue;
            }
            // A value is complete: continue with its container.
            loop {
                let Some(container) = self.open.last() else {
                    return Ok(());
                };
                let in_object = self.tree.nodes[*container as usize].kind == Type::Object;
                match (in_object, self.token()?) {
                    (_, Some(b',')) => {
                        let comma = self.at;
                        self.at += 1;
                        if self.entry_after_comma(in_object, comma)? {
                            break;
                        }
                    }
                    (true, Some(b'}')) | (false, Some(b']')) => self.close(),
                    (true, _) => return Err(self.unexpected(Expected::ObjectEntry)),
                    (false, _) => return Err(self.unexpected(Expected::ArrayEntry)),
                }
            }
            expected = Expected::Element;
        }
    }

    /// Reads from after a comma up to the start of the next value. `false`: the container was closed instead.
    fn entry_after_comma(&mut self, in_object: bool, comma: usize) -> Parsed<bool> {
        let token = self.token()?;
        let close = if in_object { b'}' } else { b']' };
        if token == Some(close) {
            if self.dialect == Dialect::Json {
                return Err(self.error(comma..comma + 1, SyntaxProblem::TrailingComma));
            }
            self.close();
            return Ok(false);
        }
        if in_object {
            self.key()?;
        }
        Ok(true)
    }

    /// Reads a scalar (`false`), or enters an array or object up to its first value (`true`).
    #[expect(clippy::inline_always, reason = "called in one place for all values")]
    #[inline(always)]
    fn value_start(&mut self, expected: Expected) -> Parsed<bool> {
        match self.token()? {
            Some(b'{') => {
                self.open(Type::Object);
                if self.token()? == Some(b'}') {
                    self.close();
                    return Ok(false);
                }
                self.key()?;
                return Ok(true);
            }
            Some(b'[') => {
                self.open(Type::Array);
                if self.token()? == Some(b']') {
                    self.close();
                    return Ok(false);
                }
                return Ok(true);
            }
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal("true", Type::Boolean)?,
            Some(b'f') => self.literal("false", Type::Boolean)?,
            Some(b'n') => self.literal("null", Type::Null)?,
            _ => return Err(self.unexpected(expected)),
        }
        Ok(false)
    }

    #[inline(never)]
    fn key(&mut self) -> Parsed {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(Expected::Key));
        }
        self.string()?;
        if self.token()? != Some(b':') {
            return Err(self.unexpected(Expected::Colon));
        }
        self.at += 1;
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        Ok(())
    }

    fn literal(&mut self, word: &str, kind: Type) -> Parsed {
        let start = self.at;
        let goes_on =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || *byte >= 0x80;
        let end = start + word.len();
        if !self.bytes[start..].starts_with(word.as_bytes()) || self.bytes.get(end).is_some_and(goes_on) {
            return Err(self.unknown_word());
        }
        self.at = end;
        self.push(start, kind, Decoding::Verbatim);
        Ok(())
    }

    #[expect(clippy::inline_always, reason = "most of a text is strings")]
    #[inline(always)]
    fn string(&mut self) -> Parsed {
        let start = self.at;
        // The common case first: no escapes and no control characters.
        let end = after_plain(self.bytes, start + 1);
        let is_verbatim = self.bytes.get(end) == Some(&b'"');
        self.at = end + usize::from(is_verbatim);
        if is_verbatim {
            self.push(start, Type::String, Decoding::Verbatim);
            return Ok(());
        }
        self.rest_of_string(start)
    }

    /// Reads the rest of a string that has escapes or control characters.
    #[inline(never)]
    fn rest_of_string(&mut self, start: usize) -> Parsed {
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    self.push(start, Type::String, Decoding::Escaped);
                    return Ok(());
                }
                Some(b'\\') => {
                    self.escape()?;
                    self.at = after_plain(self.bytes, self.at);
                }
                Some(_) => {
                    let found = self.char_at(self.at);
                    return Err(self.error(self.at..self.at + 1, SyntaxProblem::ControlInString(found)));
                }
                None => {
                    return Err(self.error(start..self.at, SyntaxProblem::UnexpectedEnd(Some(start))));
                }
            }
        }
    }

    fn escape(&mut self) -> Parsed {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.unexpected(Expected::HexDigit));
                    }
                    self.at += 1;
                }
            }
            Some(_) => {
                let found = self.char_at(self.at);
                let range = start..self.at + found.len_utf8();
                return Err(self.error(range, SyntaxProblem::UnknownEscape(found)));
            }
            None => return Err(self.unexpected(Expected::Value)),
        }
        Ok(())
    }

    fn digits(&mut self) -> Parsed {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected(Expected::Digit));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Parsed {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
            if self.bytes[self.at..].starts_with(b"Infinity") {
                let word = "-Infinity".to_owned();
                return Err(self.error(start..start + word.len(), SyntaxProblem::NotFinite(word)));
            }
        }
        let first = self.at;
        self.digits()?;
        if self.bytes[first] == b'0' && self.at > first + 1 {
            return Err(self.error(start..self.at, SyntaxProblem::LeadingZero));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let mut outsize = false;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            let exponent = self.at;
            self.digits()?;
            outsize = self.at - exponent > 3;
        }
        self.push(start, Type::Number, Decoding::Verbatim);
        if outsize || self.at - start > 300 {
            self.tree.notes.push(Note::OutsizeNumber(start..self.at));
        }
        // Jackson requires white space after a number at the root, and punctuation after any other; the next token
        // checks the latter.
        if self.open.is_empty() && self.at < self.bytes.len() {
            let blank = matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t'));
            if !blank && self.dialect == Dialect::Json {
                return Err(self.unexpected(Expected::Value));
            }
        }
        Ok(())
    }

    /// After the value Jackson reads one more token and drops it: the beginning of that token must be valid, and the
    /// rest of the text is never read.
    fn trailing(&mut self) -> Parsed {
        self.token()?;
        let start = self.at;
        if start == self.bytes.len() {
            return Ok(());
        }
        let keep = self.tree.nodes.len();
        if !matches!(self.peek(), Some(b'{' | b'[' | b'"')) {
            self.value_start(Expected::Value)?;
            self.tree.nodes.truncate(keep);
        }
        self.tree.notes.push(Note::TrailingContent(start..self.bytes.len()));
        Ok(())
    }
}

/// Decodes the inside of a JSON string that the parser has accepted. Lone surrogates become U+FFFD.
pub(super) fn unescape(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or_default();
        rest = rest.get(at + 2..).unwrap_or_default();
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let (decoded, after) = unicode_escape(rest);
                out.push(decoded);
                rest = after;
            }
            other => out.push(other as char),
        }
    }
    out.push_str(rest);
    out
}

/// Decodes what follows `\u`, including the second half of a surrogate pair.
fn unicode_escape(rest: &str) -> (char, &str) {
    let unit = |text: &str| text.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let first = unit(rest).unwrap_or(0xfffd);
    let after = rest.get(4..).unwrap_or_default();
    if (0xd800..0xdc00).contains(&first)
        && let Some(low) = after.strip_prefix("\\u").and_then(unit)
        && (0xdc00..0xe000).contains(&low)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or('\u{fffd}'), &after[6..]);
    }
    (char::from_u32(first).unwrap_or('\u{fffd}'), after)
}
