//! Reads the value that follows a name.

use std::ops::Range;

use super::{FoundValue, SecretScanner, TextKind, is_word};

/// The most quotes and backslashes that are taken for the end of one name: a text in a text in a text.
pub(super) const MOST_QUOTES: usize = 16;

impl SecretScanner<'_> {
    /// The value that follows a name.
    pub(super) fn value_after(&self, name: &Range<usize>) -> Option<FoundValue> {
        let is_option = self.bytes[name.start] == b'-';
        let after_quotes = self.skip_quotes(name.end);
        let is_quoted = after_quotes > name.end;
        let at = self.skip_to_mark(after_quotes, is_option, is_quoted && self.is_key(name.start));
        let (start, mark) = match self.bytes.get(at)? {
            mark @ (b':' | b'=') => (at + 1, *mark),
            b',' if is_option || (is_quoted && self.is_key(name.start)) => (at + 1, b','),
            b'"' | b'\'' if is_quoted && at > after_quotes && self.is_key(name.start) => (at, b':'),
            b'\n' if is_option => (at, b' '),
            _ if is_option && at > after_quotes => (at, b' '),
            _ => return None,
        };
        // `:=`, `==`, `=>`.
        let start = start + usize::from(mark != b' ' && matches!(self.bytes.get(start), Some(b'=' | b'>')));
        let is_attached = mark == b'=' && start == at + 1;
        let is_file = self.kind == TextKind::File && mark != b' ' && (is_quoted || !self.in_string);
        let start = self.skip_space(start, is_option, is_file)?;
        let start = if mark == b':' && is_file { self.skip_properties(start) } else { start };
        let next = *self.bytes.get(start)?;
        let is_clear = is_attached && start == at + 1 || matches!(next, b'"' | b'\'');
        if (self.kind == TextKind::Words && !is_clear) || (mark == b' ' && next == b'-') {
            return None;
        }
        let between = &self.bytes[name.end..start];
        let quotes = (0..between.len())
            .filter(|&at| between[at] == b'"' && (at == 0 || between[at - 1] != b'\\'))
            .count();
        self.literal(start, mark, self.in_string ^ (quotes % 2 == 1))
    }

    /// Where the value of a key begins: after its quotes and a colon.
    pub(super) fn value_start(&self, name_end: usize) -> Option<usize> {
        let at = self.skip_to_mark(self.skip_quotes(name_end), false, false);
        self.bytes.get(at).filter(|byte| matches!(byte, b':' | b'='))?;
        let rest = &self.bytes[at + 1..];
        Some(at + 1 + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
    }

    /// After blanks. The colon may be on a later line: in JSON, and in YAML after `? key`. So may the value of a `key`
    /// without a colon.
    pub(super) fn skip_to_mark(&self, from: usize, is_option: bool, is_key: bool) -> usize {
        let at = self.skip_blanks(from);
        if is_option || !matches!(self.bytes.get(at), Some(b'\n' | b'\r')) {
            return at;
        }
        let next = at + self.bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match self.bytes.get(next..) {
            Some([b':', after, ..]) if after.is_ascii_whitespace() || matches!(after, b'"' | b'\'') => next,
            Some([b'"', ..]) if is_key => next,
            _ => at,
        }
    }

    /// Whether the string that the name is in is a key: it comes after a brace or a comma of an object.
    fn is_key(&self, name: usize) -> bool {
        let before = self.text[..name].trim_end_matches(['"', '\'', '\\']).trim_end();
        before.ends_with(['{', ',']) && !self.containers.last().is_some_and(|container| container.is_list)
    }

    pub(super) fn skip_quotes(&self, from: usize) -> usize {
        let mut at = from;
        while at < from + MOST_QUOTES {
            match self.bytes.get(at..) {
                Some([b'"' | b'\'' | b'\\', ..]) => at += 1,
                // Typographic quotes.
                Some([0xe2, 0x80, 0x98..=0x9f, ..]) => at += 3,
                _ => break,
            }
        }
        at
    }

    /// After blanks of the same line.
    pub(super) fn skip_blanks(&self, mut at: usize) -> usize {
        loop {
            match self.bytes.get(at..) {
                Some([b' ' | b'\t', ..]) => at += 1,
                // A no-break space.
                Some([0xc2, 0xa0, ..]) => at += 2,
                _ => return at,
            }
        }
    }

    /// After white space and comments. Nothing where that leads to another key: the name of this one has no value of its
    /// own.
    pub(super) fn skip_space(&self, from: usize, is_option: bool, may_comment: bool) -> Option<usize> {
        let mut at = self.skip_blanks(from);
        while may_comment
            && at > from
            && let Some(end) = self.skip_comment(at)
        {
            at = self.skip_blanks(end);
        }
        if !matches!(self.bytes.get(at), Some(b'\n' | b'\r')) {
            return Some(at);
        }
        loop {
            at += self.bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            match self.skip_comment(at).filter(|_| may_comment) {
                Some(end) => at = end,
                None => break,
            }
        }
        if is_option && matches!(self.bytes.get(at..), Some([b'-', b' ', ..])) {
            return Some(at + 2);
        }
        // The elements of a list of YAML are looked at one by one.
        let is_element = matches!(self.bytes.get(at..), Some([b'-', b' ', ..]));
        (self.containers.len() > 1 || !(self.is_member(at) || is_element)).then_some(at)
    }

    /// Whether a key begins here, quoted or not.
    pub(super) fn is_member(&self, at: usize) -> bool {
        let start = self.skip_blanks(self.skip_quotes(at));
        let len =
            self.bytes[start.min(self.bytes.len())..].iter().take(128).take_while(|b| is_word(**b)).count();
        let after = self.skip_blanks(self.skip_quotes(start + len));
        len > 0 && self.bytes.get(after) == Some(&b':')
    }

    /// The value that begins here; nothing for an object or a list. `in_string`: it begins within double quotes.
    pub(super) fn literal(&self, at: usize, mark: u8, in_string: bool) -> Option<FoundValue> {
        let slashes = self.bytes[at..].iter().take(MOST_QUOTES).take_while(|byte| **byte == b'\\').count();
        let range = match self.bytes.get(at + slashes..)? {
            [quote @ (b'"' | b'\''), ..] if slashes > 0 || *quote == b'\'' || !in_string => {
                let start = at + slashes + 1;
                let range = start..self.closing(start, *quote, slashes, in_string);
                return Some(FoundValue { range, in_string: in_string || (*quote == b'"' && slashes == 0) });
            }
            [0xe2, 0x80, 0x98..=0x9f, ..] => {
                let start = at + slashes + 3;
                let ends = |c: char| matches!(c, '\u{2018}'..='\u{201f}' | '\n' | '"');
                start..self.text[start..].find(ends).map_or(self.text.len(), |len| start + len)
            }
            [b'{', ..] if mark == b':' && !in_string && self.is_plain(at) => {
                let range = self.bare(at, mark, in_string);
                let has_end =
                    self.bytes.get(range.end) == Some(&b'}') && !self.text[range.clone()].contains('}');
                range.start..range.end + usize::from(has_end)
            }
            [b'{' | b'[', ..] => return None,
            [b'|' | b'>', rest @ ..] if mark == b':' && !in_string => {
                let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                let is_header =
                    rest[..line].iter().all(|b| matches!(b, b'+' | b'-' | b'0'..=b'9' | b' ' | b'\r'));
                if is_header { self.block(at + 1 + line) } else { self.bare(at, mark, in_string) }
            }
            _ => self.bare(at, mark, in_string),
        };
        Some(FoundValue { range, in_string })
    }

    /// Whether what begins with this brace is no object and no placeholder, but a password without quotes.
    fn is_plain(&self, brace: usize) -> bool {
        /// No password is longer; the limit keeps a text of one line linear.
        const LONGEST: usize = 256;
        let start = self.skip_blanks(brace + 1);
        // Most braces begin an object of JSON.
        if let None | Some(b'\n' | b'\r' | b'}' | b'"' | b'\'' | b'<' | b'?' | b'&' | b'*') =
            self.bytes.get(start)
        {
            return false;
        }
        let line = &self.bytes[start..self.bytes.len().min(start + LONGEST)];
        let line = &line[..line.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(line.len())];
        let has = |end: &str| memchr::memmem::find(line, end.as_bytes()).is_some();
        match line {
            [b'{', ..] => !has("}}") && !has("\""),
            [b'%', ..] => !has("%}"),
            [b'#', ..] => false,
            _ => {
                let end = line.iter().position(|byte| matches!(byte, b'}' | b',')).unwrap_or(line.len());
                let ends_key = |at: usize| {
                    let next = line.get(at + 1);
                    next.is_none_or(|next| next.is_ascii_whitespace() || b"\"'{[}".contains(next))
                };
                !memchr::memchr_iter(b':', &line[..end]).any(ends_key)
            }
        }
    }

    /// The end of a quoted value: the same quote behind as many backslashes, or the end of the string around it.
    fn closing(&self, start: usize, quote: u8, slashes: usize, in_string: bool) -> usize {
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\\' => {
                    let run = self.bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
                    let next = self.bytes.get(at + run);
                    if slashes > 0 && next == Some(&quote) && run <= slashes {
                        return at;
                    }
                    // An odd one escapes what follows; in single quotes nothing is escaped.
                    at += run + usize::from(run % 2 == 1 && quote == b'"' && next.is_some());
                }
                b'"' if quote == b'"' || in_string => return at,
                // Two of them are one in the value, and in a shell go on with it.
                b'\'' if quote == b'\'' && self.bytes.get(at + 1) == Some(&b'\'') => at += 2,
                b'\'' if quote == b'\'' => return at,
                b'\n' if in_string => return at,
                // Broken, unless the next line is indented.
                b'\n' if quote == b'\'' && !self.is_continuation(at + 1) => return at,
                _ => at += 1,
            }
        }
        self.bytes.len().min(at)
    }

    /// Whether the line that begins here is indented more than the present one, and has no key.
    fn is_continuation(&self, line: usize) -> bool {
        let spaces_at = |at: usize| self.bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        let indent = spaces_at(line);
        self.containers.len() == 1 && indent > spaces_at(self.line) && !self.is_member(line + indent)
    }

    /// The lines of a block of YAML: those that are indented more than the present line.
    pub(super) fn block(&self, header_end: usize) -> Range<usize> {
        let spaces_at = |at: usize| self.bytes[at..].iter().take_while(|byte| **byte == b' ').count();
        let indent = spaces_at(self.line);
        let start = (header_end + 1).min(self.bytes.len());
        let mut end = start;
        while end < self.bytes.len() {
            let line = self.bytes[end..].iter().position(|b| *b == b'\n').unwrap_or(self.bytes.len() - end);
            let spaces = spaces_at(end);
            if spaces < line && spaces <= indent {
                break;
            }
            end = (end + line + 1).min(self.bytes.len());
        }
        start..end
    }

    /// A value without quotes. After `=` it is a word; after a colon it may have spaces.
    fn bare(&self, start: usize, mark: u8, in_string: bool) -> Range<usize> {
        let in_flow = self.containers.len() > 1 && !in_string;
        let has_spaces = matches!(mark, b':' | b',');
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            let next = self.bytes.get(at + 1).copied().unwrap_or(b'\n');
            // A quote within a word ends no value: `--password=pa'ss`.
            let goes_on = at > start && next.is_ascii_alphanumeric();
            let is_end = match byte {
                b'\n' | b'\r' => true,
                b'"' => in_string || (!goes_on && (in_flow || !has_spaces)),
                b'\'' => !goes_on && (in_string || !has_spaces),
                b' ' | b'\t' => !has_spaces || (next == b'#' && !in_string),
                b'\\' => matches!(next, b'n' | b't' | b'r' | b'"' | b'\\' | b'\''),
                b',' | b';' => in_flow && (matches!(next, b'\n' | b'\r') || self.is_member(at + 1)),
                b'&' => self.is_parameter(at + 1),
                b'}' | b']' => in_flow && matches!(next, b'\n' | b'\r' | b' ' | b',' | b'}' | b']'),
                _ => false,
            };
            if is_end {
                break;
            }
            at += 1;
        }
        if mark == b':' && !in_string && self.containers.len() == 1 {
            start..self.continued(at)
        } else {
            start..at
        }
    }

    /// The end of a value of YAML that goes on in the next lines: they are indented more than the present one.
    fn continued(&self, end: usize) -> usize {
        let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'-');
        let indent = self.bytes[self.line..].iter().take_while(is_blank).count();
        let mut at = end;
        loop {
            at += usize::from(self.bytes.get(at) == Some(&b'\r'));
            if self.bytes.get(at) != Some(&b'\n') {
                break;
            }
            let start = at + 1 + self.bytes[at + 1..].iter().take_while(|byte| **byte == b' ').count();
            let is_end = matches!(
                self.bytes.get(start),
                None | Some(b'\n' | b'\r' | b'#' | b'-' | b'?' | b'"' | b'{' | b'}')
            );
            if is_end || start - at - 1 <= indent || self.is_member(start) {
                return at;
            }
            at = memchr::memchr(b'\n', &self.bytes[start..]).map_or(self.bytes.len(), |len| start + len);
        }
        at
    }

    /// Whether a parameter of a query begins here: `name=`.
    fn is_parameter(&self, at: usize) -> bool {
        let word = self.bytes[at..].iter().take(64).take_while(|byte| is_word(**byte)).count();
        word > 0 && self.bytes.get(at + word) == Some(&b'=')
    }
}
