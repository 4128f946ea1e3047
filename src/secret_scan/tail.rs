//! What is left of a secret behind a quote that ended it too early: `"DB_PASSWORD": "pa"ss"`. Such a text does not parse, and
//! what a message quotes of it must not show the rest.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memmem, memrchr};

use crate::source::{Document, Format};

/// Where a value is that may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueEnd {
    pub(super) start: usize,
    pub(super) at: usize,
    /// Whether its end is within double quotes, where a single quote is a shell's.
    pub(super) in_string: bool,
    /// Whether it is an element of a list, which any value may follow.
    pub(super) in_list: bool,
}

/// Where secrets go on behind these ends, and behind the quotes that end the passwords of URIs. Nothing in a text that parses.
pub(super) fn tails(text: &str, mut ends: Vec<ValueEnd>) -> Vec<Range<usize>> {
    let reader = TailReader { bytes: text.as_bytes() };
    ends.sort_unstable_by_key(|end| (end.at, end.in_list, end.start));
    ends.dedup();
    let mut tails = Vec::new();
    let mut after = 0;
    for end in ends {
        // What is within a tail is hidden already.
        if end.at >= after {
            reader.tail(end, &mut tails);
            after = tails.last().map_or(after, |tail: &Range<usize>| after.max(tail.end));
        }
    }
    reader.passwords_of_uris(&mut tails);
    // Hardly any text has such a place; one that has and is read without an error has quotes in a text without quotes.
    if tails.is_empty() || parses(text) { Vec::new() } else { tails }
}

fn parses(text: &str) -> bool {
    let is_json = text
        .trim_start()
        .strip_prefix(['{', '['])
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '{']));
    Document::parse(text, Format::Jsonc).is_ok() || (!is_json && Document::parse(text, Format::Yaml).is_ok())
}

struct TailReader<'t> {
    bytes: &'t [u8],
}

impl TailReader<'_> {
    /// Adds what belongs to a secret behind its end: the rest of the line up to a quote that may end a value, and the texts
    /// that stand beside it or below it as if they were one with it.
    fn tail(&self, end: ValueEnd, tails: &mut Vec<Range<usize>>) {
        let quote = match self.bytes.get(end.at) {
            Some(b'"') if !self.is_escaped(end.at) => b'"',
            Some(b'\'') => b'\'',
            _ => return,
        };
        if quote == b'\'' && end.in_string {
            // Words of a shell end at a blank.
            let rest = &self.bytes[end.at + 1..];
            let is_end = |byte: &u8| {
                byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\\' | b';' | b'|' | b'&' | b')')
            };
            let len = rest.iter().position(is_end).unwrap_or(rest.len());
            tails.extend((len > 0).then_some(end.start..end.at + 1 + len));
            return;
        }
        let mut at = end.at;
        if !self.is_end(at + 1, end.in_list) {
            let last = self.last_quote(at + 1, end.in_list);
            tails.push(end.start..last);
            at = last;
        }
        while let Some(start) = self.continuation(at + 1) {
            at = self.last_quote(start, end.in_list);
            tails.push(start..at);
        }
    }

    /// The next quote behind which a value may end, or the end of the line.
    fn last_quote(&self, from: usize, in_list: bool) -> usize {
        let mut at = from;
        while let Some(len) =
            self.bytes[at..].iter().position(|byte| matches!(byte, b'"' | b'\'' | b'\n' | b','))
        {
            at += len;
            match self.bytes[at] {
                b'\n' => return at - usize::from(at > from && self.bytes[at - 1] == b'\r'),
                // Its own quote is missing.
                b',' if self.is_key(self.skip_space(at + 1)) => return at,
                b'"' | b'\'' if !self.is_escaped(at) && self.is_end(at + 1, in_list) => return at,
                _ => at += 1,
            }
        }
        self.bytes.len()
    }

    /// Whether a value may end here, which is behind its quote: white space and a delimiter, a comment, the end of the line or
    /// another key follow.
    fn is_end(&self, from: usize, in_list: bool) -> bool {
        let (mut at, mut any_may_follow) = (from, in_list);
        loop {
            let start = at;
            at = self.skip_blanks(at);
            return match self.bytes.get(at) {
                None | Some(b'\n' | b'\r') => true,
                Some(b'}' | b']') => {
                    (at, any_may_follow) = (at + 1, true);
                    continue;
                }
                Some(b',' | b';') => {
                    let next = self.skip_blanks(at + 1);
                    match self.bytes.get(next) {
                        Some(b'"' | b'\'') if !any_may_follow => self.is_key(next),
                        None | Some(b'\n' | b'\r' | b'}' | b']' | b'"' | b'\'' | b'{' | b'[') => true,
                        Some(_) => {
                            let is_element = any_may_follow && self.is_bare_value(next);
                            is_element || self.is_comment(next) || self.is_bare_key(next)
                        }
                    }
                }
                // A comma is missing.
                Some(b'"' | b'\'') => self.is_key(at),
                Some(_) => at > start && self.is_comment(at),
            };
        }
    }

    /// Whether a comment begins here. What has a quote before its line ends is rather a part of a value.
    fn is_comment(&self, at: usize) -> bool {
        let rest = &self.bytes[at..];
        let end = memchr2(b'"', b'\n', rest);
        match rest {
            [b'/', b'*', ..] if memmem::find(&rest[..end.unwrap_or(rest.len())], b"*/").is_some() => true,
            [b'#', ..] | [b'/', b'/' | b'*', ..] => end.is_none_or(|end| rest[end] == b'\n'),
            _ => false,
        }
    }

    /// The text that begins in the next quotes, where only blanks, line breaks and a plus are before it, and it is no key.
    fn continuation(&self, from: usize) -> Option<usize> {
        let mut at = self.skip_space(from.min(self.bytes.len()));
        if self.bytes.get(at) == Some(&b'+') {
            at = self.skip_space(at + 1);
        }
        let is_text = matches!(self.bytes.get(at), Some(b'"' | b'\'')) && !self.is_key(at);
        is_text.then_some(at + 1)
    }

    /// Whether a name in quotes begins here, and a colon is behind it.
    fn is_key(&self, at: usize) -> bool {
        const LONGEST: usize = 128;
        let Some(quote @ (b'"' | b'\'')) = self.bytes.get(at) else { return self.is_bare_key(at) };
        let name = &self.bytes[at + 1..self.bytes.len().min(at + 1 + LONGEST)];
        memchr2(*quote, b'\n', name).is_some_and(|len| {
            name[len] == *quote && self.bytes.get(self.skip_blanks(at + len + 2)) == Some(&b':')
        })
    }

    /// Whether a number, or another value of JSON without quotes, is here, and a delimiter behind it.
    fn is_bare_value(&self, at: usize) -> bool {
        const LONGEST: usize = 32;
        let rest = &self.bytes[at..];
        let len = rest.iter().take(LONGEST).take_while(|byte| super::scan::is_word(**byte)).count();
        let is_value = matches!(&rest[..len], b"true" | b"false" | b"null")
            || (len > 0
                && rest[..len].iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')));
        is_value && matches!(rest.get(len), None | Some(b',' | b']' | b'}' | b' ' | b'\n' | b'\r'))
    }

    /// Whether a name without quotes begins here, and a colon and a blank are behind it.
    fn is_bare_key(&self, at: usize) -> bool {
        const LONGEST: usize = 64;
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let len = rest.iter().take(LONGEST).take_while(|byte| super::scan::is_word(**byte)).count();
        len > 0 && matches!(rest.get(len..), Some([b':', b' ' | b'\n' | b'"' | b'\'', ..]))
    }

    /// Adds the passwords of URIs that a quote ends before their `@`.
    fn passwords_of_uris(&self, tails: &mut Vec<Range<usize>>) {
        // A longer one is no address.
        const LONGEST: usize = 4096;
        if memchr(b'@', self.bytes).is_none() {
            return;
        }
        for at in memmem::find_iter(self.bytes, "://") {
            let start = at + "://".len();
            let rest = &self.bytes[start..self.bytes.len().min(start + LONGEST)];
            let rest = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            if memchr(b'@', rest).is_none() {
                continue;
            }
            let rest = &rest[..memmem::find(rest, b"://").unwrap_or(rest.len())];
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'/' | b'?' | b'#');
            let Some(quote) = rest.iter().position(is_end).filter(|len| rest[*len] == b'"') else { continue };
            let Some(colon) = memchr(b':', &rest[..quote]) else { continue };
            let ends = |at: &usize| !self.is_escaped(start + at) && self.is_end(start + at + 1, true);
            let end = memchr_iter(b'"', rest).find(ends).unwrap_or(rest.len());
            if let Some(host) = memrchr(b'@', &rest[..end]).filter(|host| *host > quote) {
                tails.push(start + colon + 1..start + host);
            }
        }
    }

    fn is_escaped(&self, at: usize) -> bool {
        self.bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
    }

    fn skip_blanks(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    fn skip_space(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }
}
