//! Comments, and the items they belong to.

use std::ops::Range;

/// A comment, with its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    /// As it is written: `// …`, `/* … */`, `# …`.
    pub(super) text: &'a str,
    /// An empty line comes before it.
    pub(super) apart: bool,
}

impl Comment<'_> {
    /// Whether more may follow on its line.
    pub(super) fn is_inline(&self) -> bool {
        self.text.starts_with("/*") && !self.text.contains('\n')
    }
}

/// The comments of one item, by their position.
#[derive(Debug, Default)]
pub(super) struct Comments<'a> {
    /// Above it, on lines of their own.
    pub(super) above: Vec<Comment<'a>>,
    /// An empty line comes between those and the item.
    pub(super) apart: bool,
    /// Before it on its line.
    pub(super) before: Vec<Comment<'a>>,
    /// Between name and value.
    pub(super) between: Vec<Comment<'a>>,
    /// After the bracket that opens it, on that line.
    pub(super) opening: Vec<Comment<'a>>,
    /// After its last entry, on lines of their own.
    pub(super) closing: Vec<Comment<'a>>,
    /// After it on its line.
    pub(super) after: Vec<Comment<'a>>,
    /// After it, on lines of their own; for the root only.
    pub(super) footer: Vec<Comment<'a>>,
}

impl Comments<'_> {
    /// Whether there are comments around the item, so that it needs a line of its own.
    pub(super) fn are_around(&self) -> bool {
        !(self.above.is_empty() && self.before.is_empty() && self.between.is_empty() && self.after.is_empty())
    }

    /// Whether there are comments inside the item that belong to none of its entries.
    pub(super) fn are_inside(&self) -> bool {
        !(self.opening.is_empty() && self.closing.is_empty())
    }
}

/// A comment between two tokens of JSONC, and its surroundings.
pub(super) struct PlacedComment<'a> {
    pub(super) text: &'a str,
    /// Line breaks between it and what comes before it.
    pub(super) breaks_before: usize,
    /// Line breaks between it and what comes after it.
    pub(super) breaks_after: usize,
    /// The comma between the two tokens comes before it.
    pub(super) after_comma: bool,
}

impl<'a> PlacedComment<'a> {
    pub(super) fn comment(&self) -> Comment<'a> {
        Comment { text: self.text, apart: self.breaks_before > 1 }
    }
}

/// The comments between two tokens, where there are only white space, comments, and a comma or colon.
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

/// The length of the comment at the beginning of `text`, without its line break.
fn comment_len(text: &str) -> usize {
    if text.starts_with("/*") {
        text.get(2..).and_then(|inside| inside.find("*/")).map_or(text.len(), |len| len + 4)
    } else {
        text.find('\n').unwrap_or(text.len())
    }
}

/// All comments of a valid JSONC text, in their order.
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
    fn strings_hold_no_comments() {
        let text = "// a\n{\"x//y\\\"/*\": 1, /* b\n */ \"z\": 2} // c\r\n";
        assert_eq!(all(text), ["// a", "/* b\n */", "// c"]);
    }

    #[test]
    fn the_surroundings_of_a_comment_are_found() {
        let text = " // a\n\n , /* b */ ";
        let found = find(text, 0..text.len());
        let seen: Vec<_> =
            found.iter().map(|c| (c.text, c.breaks_before, c.breaks_after, c.after_comma)).collect();
        assert_eq!(seen, [("// a", 0, 2, false), ("/* b */", 2, 0, true)]);
    }
}
