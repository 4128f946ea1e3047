//! Other spellings of names and values: escapes, anchors and aliases, comments.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::value::MOST_QUOTES;
use super::words::signs;
use super::{SecretScanner, TextKind, is_word};
use crate::secret_scan::name::is_open;

/// The most anchors that are looked for: each reads the text once.
const MOST_ALIASES: usize = 64;

impl<'t> SecretScanner<'t> {
    /// Hides a value. Of an alias, the value that its anchor has.
    pub(super) fn hide(&mut self, range: Range<usize>) {
        let text: &'t str = self.text;
        let alias = text[range.clone()].trim_end().strip_prefix('*');
        let is_name = |name: &&str| name.len() <= 128 && name.bytes().all(is_word) && !name.is_empty();
        if let Some(alias) = alias.filter(is_name)
            && self.aliases.len() < MOST_ALIASES
            && !self.aliases.contains(&alias)
        {
            self.aliases.push(alias);
        }
        self.note_end(&range, self.in_string);
        self.found.push(range);
    }

    /// Hides the values that secrets are aliases of.
    pub(super) fn anchors(&mut self) {
        self.in_string = false;
        self.containers.truncate(1);
        for alias in std::mem::take(&mut self.aliases) {
            let anchor = format!("&{alias}");
            for at in memmem::find_iter(self.bytes, &anchor) {
                let end = at + anchor.len();
                if self.bytes.get(end).is_none_or(|byte| !byte.is_ascii_whitespace()) {
                    continue;
                }
                self.line = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |at| at + 1);
                let Some(range) = self.anchored(end) else { continue };
                if !is_open("PASSWORD", &self.text[range.clone()]) {
                    self.found.push(range);
                }
            }
        }
    }

    /// Hides what stands between a secret's name and its value and may be the beginning of the secret: a tag that YAML does
    /// not have, an anchor that no alias names, a comment without a blank.
    pub(super) fn properties(&mut self, name: &Range<usize>) {
        let colon = self.skip_to_mark(self.skip_quotes(name.end), false, false);
        if self.kind == TextKind::File && self.bytes.get(colon) == Some(&b':') {
            self.hide_properties(self.skip_blanks(colon + 1));
        }
    }

    /// The same from the place on where the value may begin.
    fn hide_properties(&mut self, from: usize) {
        let mut at = from;
        while let Some(mark @ (b'&' | b'!')) = self.bytes.get(at) {
            let rest = &self.bytes[at..];
            let in_flow = self.containers.len() > 1;
            let is_end =
                |byte: &u8| byte.is_ascii_whitespace() || (in_flow && matches!(byte, b',' | b'}' | b']'));
            let len = rest.iter().position(is_end).unwrap_or(rest.len());
            let word = &self.text[at..at + len];
            let is_known = if *mark == b'!' { is_core_tag(word) } else { self.has_alias(&word[1..]) };
            let next = self.skip_blanks(at + len);
            if !is_known {
                self.hide(at..at + len);
            }
            at = next;
        }
        let is_comment = match self.bytes.get(at..).unwrap_or_default() {
            [b'#', next, ..] | [b'/', b'/', next, ..] => !next.is_ascii_whitespace() && *next != b'#',
            _ => false,
        };
        if is_comment {
            let end = self.skip_comment(at).unwrap_or(self.bytes.len());
            self.hide(at..at + self.text[at..end].trim_end().len());
        }
    }

    /// Whether an alias names this anchor.
    fn has_alias(&mut self, anchor: &str) -> bool {
        if self.anchors == MOST_ALIASES {
            return false;
        }
        self.anchors += 1;
        let alias = format!("*{anchor}");
        let ends = |at: usize| self.bytes.get(at + alias.len()).is_none_or(|byte| !is_word(*byte));
        !anchor.is_empty() && memmem::find_iter(self.bytes, &alias).any(ends)
    }

    /// The value of an anchor that ends here, however many values are in it.
    fn anchored(&self, end: usize) -> Option<Range<usize>> {
        let at = self.skip_blanks(end);
        match self.bytes.get(at)? {
            b'\n' | b'\r' => Some(self.block(at + memchr::memchr(b'\n', &self.bytes[at..])?)),
            b'[' | b'{' => {
                let mut depth = 0_usize;
                let len = self.bytes[at..].iter().position(|byte| {
                    match byte {
                        b'[' | b'{' => depth += 1,
                        b']' | b'}' => depth -= 1,
                        _ => {}
                    }
                    depth == 0
                });
                Some(at + 1..len.map_or(self.bytes.len(), |len| at + len))
            }
            _ => self.literal(at, b':', false).map(|value| value.range),
        }
    }

    /// Hides an element of a list in YAML, where the key that the list belongs to is a secret's. `at` is the dash.
    pub(super) fn element(&mut self, at: usize, indent: usize) {
        let owner = self.parents.iter().rev().find(|parent| parent.indent <= indent);
        let start = self.skip_blanks(at + 1);
        if self.containers.len() > 1
            || !owner.is_some_and(|owner| owner.is_secret || owner.is_secrets)
            || self.is_member(start)
        {
            return;
        }
        self.hide_properties(start);
        if self.bytes.get(start) == Some(&b'[') {
            let len = memchr::memchr(b'\n', &self.bytes[start..]).unwrap_or(self.bytes.len() - start);
            return self.hide(start..start + self.text[start..start + len].trim_end().len());
        }
        let value = self.literal(self.skip_properties(start), b':', false).map(|value| value.range);
        if let Some(value) = value.filter(|value| !is_open("PASSWORD", &self.text[value.clone()])) {
            self.hide(value);
        }
    }

    /// A name in double quotes of which this is an escape: `"PASS\u0057ORD"`; where to go on.
    pub(super) fn escaped_name(&mut self, escape: usize) -> Option<usize> {
        const LONGEST: usize = 128;
        // In a text in a text there are more backslashes.
        let slashes =
            self.bytes[escape..].iter().take(MOST_QUOTES).take_while(|byte| **byte == b'\\').count();
        if !matches!(self.bytes.get(escape + slashes), Some(b'u' | b'U' | b'x')) {
            return None;
        }
        let floor = self.text.ceil_char_boundary(escape.saturating_sub(LONGEST));
        let start = floor + self.text[floor..escape].rfind('"')? + 1;
        let ceiling = self.text.floor_char_boundary((escape + LONGEST).min(self.text.len()));
        let end = escape + self.text[escape..ceiling].find('"')?;
        let end = start + self.text[start..end].trim_end_matches('\\').len();
        let name = unescaped(&self.text[start..end].replace(&self.text[escape..escape + slashes], "\\"))
            .into_owned();
        name.bytes().all(is_word).then(|| self.named(start..end, &name, signs(&name)))
    }

    /// After the tag and the anchor of a value of YAML.
    pub(super) fn skip_properties(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(b'&' | b'!') = self.bytes.get(at) {
            let is_part = |byte: &&u8| is_word(**byte) || matches!(**byte, b'!' | b'/' | b':');
            let end = at + 1 + self.bytes[at + 1..].iter().take(128).take_while(is_part).count();
            match self.bytes.get(end) {
                Some(b' ' | b'\t') => at = self.skip_blanks(end),
                _ => break,
            }
        }
        at
    }

    /// After a comment of YAML or JSON that begins here, if one does.
    pub(super) fn skip_comment(&self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at..];
        if rest.starts_with(b"/*") {
            return memmem::find(rest, b"*/").map(|len| at + len + 2);
        }
        let is_comment = rest.starts_with(b"#") || rest.starts_with(b"//");
        is_comment.then(|| memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |len| at + len))
    }
}

/// Whether a tag is one of YAML's own.
fn is_core_tag(tag: &str) -> bool {
    let core =
        ["str", "int", "float", "bool", "null", "binary", "timestamp", "map", "seq", "set", "omap", "pairs"];
    tag == "!" || tag.strip_prefix("!!").is_some_and(|name| core.contains(&name))
}

/// A text of double quotes without its escapes.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let len = match escape.as_bytes().first() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let code = escape.get(1..=len).and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(c) = code.and_then(char::from_u32).filter(|_| len > 0) {
            plain.push(c);
            rest = &escape[1 + len..];
        } else {
            plain.push('\\');
            rest = escape;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}
