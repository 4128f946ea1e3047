//! Comments, and whose they are.

use std::ops::Range;

/// A comment without what marks it as one in its notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    /// As it is written: `// …`, `/* … */`, `# …`.
    pub(super) text: &'a str,
    /// An empty line comes before it.
    pub(super) apart: bool,
}

impl Comment<'_> {
    /// Whether something may follow on its line.
    pub(super) fn is_inline(&self) -> bool {
        self.text.starts_with("/*") && !self.text.contains('\n')
    }
}

/// The comments of one item, by where they stand.
#[derive(Debug, Default)]
pub(super) struct Comments<'a> {
    /// On lines of their own above it.
    pub(super) above: Vec<Comment<'a>>,
    /// An empty line comes between those and the item.
    pub(super) apart: bool,
    /// Before it on its line.
    pub(super) before: Vec<Comment<'a>>,
    /// Between name and value.
    pub(super) between: Vec<Comment<'a>>,
    /// After the bracket that opens it, on that line.
    pub(super) opening: Vec<Comment<'a>>,
    /// After the last that it holds, on lines of their own.
    pub(super) closing: Vec<Comment<'a>>,
    /// After it on its line.
    pub(super) after: Vec<Comment<'a>>,
    /// After it, on lines of their own; only the root has any.
    pub(super) footer: Vec<Comment<'a>>,
}

impl Comments<'_> {
    /// Whether any stand around it, so that it needs a line of its own.
    pub(super) fn are_around(&self) -> bool {
        !(self.above.is_empty() && self.before.is_empty() && self.between.is_empty() && self.after.is_empty())
    }

    /// Whether any stand in it by themselves.
    pub(super) fn are_inside(&self) -> bool {
        !(self.opening.is_empty() && self.closing.is_empty())
    }
}

/// A comment between two tokens of JSONC, and what is around it.
pub(super) struct PlacedComment<'a> {
    pub(super) text: &'a str,
    /// Line breaks between it and what comes before it.
    pub(super) breaks_before: usize,
    /// Line breaks between it and what comes after it.
    pub(super) breaks_after: usize,
    /// The comma of this gap comes before it.
    pub(super) after_comma: bool,
}

impl<'a> PlacedComment<'a> {
    pub(super) fn comment(&self) -> Comment<'a> {
        Comment { text: self.text, apart: self.breaks_before > 1 }
    }
}

/// The comments in what stands between two tokens: white space, comments, and a comma or colon.
pub(super) fn find(text: &str, gap: Range<usize>) -> Vec<PlacedComment<'_>> {
    let mut found: Vec<PlacedComment<'_>> = Vec::new();
    let (mut rest, mut breaks, mut after_comma) = (&text[gap], 0, false);
    while let Some(byte) = rest.bytes().next() {
        let len = match byte {
            b'/' => {
                let len = comment_len(rest);
                found.push(PlacedComment {
                    text: rest[..len].trim_end(),
                    breaks_before: breaks,
                    breaks_after: 0,
                    after_comma,
                });
                breaks = 0;
                rest = &rest[len..];
                continue;
            }
            b'\n' => {
                breaks += 1;
                1
            }
            other => {
                after_comma |= other == b',';
                1
            }
        };
        if let Some(last) = found.last_mut() {
            last.breaks_after = breaks;
        }
        rest = &rest[len..];
    }
    found
}

/// The length of the comment that `text` begins with, its line break left out.
fn comment_len(text: &str) -> usize {
    if text.starts_with("/*") {
        text.get(2..).and_then(|inside| inside.find("*/")).map_or(text.len(), |len| len + 4)
    } else {
        text.find('\n').unwrap_or(text.len())
    }
}

/// Every comment of a JSONC text that is one, in its order.
pub(super) fn all(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'/' => {
                let len = comment_len(&text[at..]);
                found.push(text[at..at + len].trim_end());
                at += len;
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_strings() {
        let text = "// a\n{\"x//y\\\"/*\": 1, /* b\n */ \"z\": 2} // c\r\n";
        assert_eq!(all(text), ["// a", "/* b\n */", "// c"]);
    }

    #[test]
    fn what_is_around_a_comment_is_seen() {
        let text = " // a\n\n , /* b */ ";
        let found = find(text, 0..text.len());
        let seen: Vec<_> =
            found.iter().map(|c| (c.text, c.breaks_before, c.breaks_after, c.after_comma)).collect();
        assert_eq!(seen, [("// a", 0, 2, false), ("/* b */", 2, 0, true)]);
    }
}
