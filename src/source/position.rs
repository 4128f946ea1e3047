//! Byte offset → line and column, worked out only when something has to be pointed at.

use std::ops::Range;

/// A place in a text, for people: both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: usize,
    /// Offset in bytes, from 0.
    pub offset: usize,
}

/// Where each line of a text starts.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Reads the line breaks of `text` (`\n`; a `\r` before it belongs to the line it ends).
    #[must_use]
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The position of a byte offset in the text the index was made from. An offset beyond the end is the end.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let column = text.get(start..offset).map_or(offset - start, |before| before.chars().count()) + 1;
        Position { line, column, offset }
    }

    /// The bytes of a line (from 1), its line break left out.
    #[must_use]
    pub fn line(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.starts[line - 1];
        let end = self.starts.get(line).map_or(text.len(), |next| next - 1);
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ä\n{\"ö\": 1}";
        let index = LineIndex::new(text);
        let at = text.find('1').expect("the text has a 1");
        assert_eq!(index.position(text, at), Position { line: 2, column: 7, offset: at });
        assert_eq!(index.position(text, 999).offset, text.len());
    }
}
