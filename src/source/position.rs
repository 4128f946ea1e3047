//! Byte offset → line and column, computed only for findings.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use super::excerpt::Cut;
use super::tree::small;

/// A position in a text as people count: line and column from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: usize,
    /// Offset in bytes, from 0.
    pub offset: usize,
}

/// Bytes between two entries of the table: the most that a look-up counts.
const STRIDE: usize = 512;

/// The line and column at the start of every stride of a text. The table is cheap to make for a text with few findings,
/// and quick to ask for many, whether they are on one line or on a million.
#[derive(Clone, Debug)]
pub struct LineIndex<'c> {
    marks: Vec<LineMark>,
    /// What was left out of the text.
    cuts: &'c [Cut],
}

/// What comes before the start of a stride.
#[derive(Clone, Copy, Debug, Default)]
struct LineMark {
    /// Line breaks.
    breaks: u32,
    /// Characters.
    chars: u32,
    /// The start, in bytes, of the line in which the stride starts.
    line_start: u32,
    /// Characters before that.
    line_chars: u32,
}

impl LineIndex<'static> {
    /// Reads the line breaks of `text` (`\n`; a `\r` before one belongs to the line).
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::of_excerpt(text, &[])
    }
}

impl<'c> LineIndex<'c> {
    /// As [`LineIndex::new`], for a text without some lines: positions are those in the whole text.
    #[must_use]
    pub fn of_excerpt(text: &str, cuts: &'c [Cut]) -> Self {
        let mut mark = LineMark::default();
        let mut marks = Vec::with_capacity(text.len() / STRIDE + 1);
        marks.push(mark);
        for (index, stride) in text.as_bytes().chunks_exact(STRIDE).enumerate() {
            mark.breaks += small(breaks(stride));
            mark.chars += small(characters(stride));
            if let Some(last) = memrchr(b'\n', stride) {
                mark.line_start = small(index * STRIDE + last + 1);
                mark.line_chars = mark.chars - small(characters(&stride[last + 1..]));
            }
            marks.push(mark);
        }
        Self { marks, cuts }
    }

    /// The position of a byte offset in the text of this index. An offset beyond the end means the end.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(text.len());
        let index = (offset / STRIDE).min(self.marks.len() - 1);
        let mark = self.marks[index];
        let before = &text.as_bytes()[index * STRIDE..offset];
        let line = mark.breaks as usize + breaks(before) + 1;
        let column = match memrchr(b'\n', before) {
            Some(last) => characters(&before[last + 1..]),
            None => (mark.chars - mark.line_chars) as usize + characters(before),
        };
        let whole = Position { line, column: column + 1, offset };
        let cuts = self.cuts.partition_point(|cut| cut.at as usize <= offset);
        let Some(cut) = cuts.checked_sub(1).map(|last| &self.cuts[last]) else { return whole };
        Position { line: line + cut.breaks as usize, offset: offset + cut.bytes as usize, ..whole }
    }

    /// The bytes of a line (from 1) of a whole text, without its line break; the end of the text for a line beyond it.
    #[must_use]
    pub fn line(&self, text: &str, line: usize) -> Range<usize> {
        let start = self.start(text, line);
        let len = memchr(b'\n', &text.as_bytes()[start..]);
        start..len.map_or(text.len(), |len| start + len)
    }

    /// The line that holds the start of a range, without its line break, and the part of the range on it, counted from its
    /// start.
    #[must_use]
    pub(crate) fn line_of(&self, text: &str, range: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let line = self.line_around(text, range.start);
        let start = range.start.clamp(line.start, line.end);
        let end = range.end.clamp(start, line.end);
        (line.clone(), start - line.start..end - line.start)
    }

    /// The line that holds an offset, without its line break.
    #[must_use]
    pub fn line_around(&self, text: &str, offset: usize) -> Range<usize> {
        let offset = offset.min(text.len());
        let index = (offset / STRIDE).min(self.marks.len() - 1);
        let before = &text.as_bytes()[index * STRIDE..offset];
        let start = match memrchr(b'\n', before) {
            Some(last) => index * STRIDE + last + 1,
            None => self.marks[index].line_start as usize,
        };
        start..self.line_end(text, offset)
    }

    /// The end of the line that holds an offset. Skips whole strides without a line break by their marks.
    fn line_end(&self, text: &str, offset: usize) -> usize {
        let bytes = text.as_bytes();
        let find = |from: usize, to: usize| memchr(b'\n', &bytes[from..to]).map(|at| from + at);
        let stride = offset / STRIDE;
        let near = bytes.len().min((stride + 1) * STRIDE);
        find(offset, near).unwrap_or_else(|| {
            let Some(mark) = self.marks.get(stride + 1) else { return bytes.len() };
            let after = self.marks.partition_point(|other| other.breaks <= mark.breaks);
            find((after - 1) * STRIDE, bytes.len().min(after * STRIDE)).unwrap_or(bytes.len())
        })
    }

    fn start(&self, text: &str, line: usize) -> usize {
        let breaks = line.saturating_sub(1);
        if breaks == 0 {
            return 0;
        }
        let after = self.marks.partition_point(|mark| (mark.breaks as usize) < breaks);
        let from = (after - 1) * STRIDE;
        let more = breaks - self.marks[after - 1].breaks as usize;
        let ends = memchr_iter(b'\n', &text.as_bytes()[from..]);
        ends.map(|at| from + at + 1).nth(more - 1).unwrap_or(text.len())
    }
}

pub(super) fn breaks(bytes: &[u8]) -> usize {
    count(bytes, |byte| byte == b'\n')
}

/// Counts characters: bytes that do not continue one.
fn characters(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    count(bytes, |byte| byte & 0xc0 != 0x80)
}

/// Counts the bytes that `is` accepts. The sum of a block fits a byte, and all blocks have the same length, so that the
/// compiler handles sixteen bytes or more at once.
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let (blocks, rest) = bytes.as_chunks::<64>();
    let block = |block: &[u8; 64]| usize::from(block.iter().map(|byte| u8::from(is(*byte))).sum::<u8>());
    blocks.iter().map(block).sum::<usize>() + rest.iter().filter(|byte| is(**byte)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ä\n{\"ö\": 1}";
        let index = LineIndex::new(text);
        let at = text.find('1').expect("the text has a 1");
        assert_eq!(index.position(text, at), Position { line: 2, column: 7, offset: at });
        assert_eq!(index.position(text, 999).offset, text.len());
    }

    proptest! {
        #[test]
        fn lines_and_columns_are_those_of_a_plain_count(
            parts in proptest::collection::vec(r"(\n|\r\n|[aäß😀]{0,9}|[b€]{300,700})", 0..12),
        ) {
            let text = parts.concat();
            let index = LineIndex::new(&text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = &text[..offset];
                let line = before.matches('\n').count() + 1;
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let column = text[start..offset].chars().count() + 1;
                prop_assert_eq!(index.position(&text, offset), Position { line, column, offset });
                let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at);
                prop_assert_eq!(index.line_around(&text, offset), start..end);
                prop_assert_eq!(index.line(&text, line), start..end);
            }
        }
    }
}
