//! The block collections of a YAML text, and the lines that their entries take.

use std::ops::Range;

use crate::source::{YamlMark, yaml_marks};

/// A block mapping or sequence.
pub(super) struct Block {
    /// The column of its entries, from 0.
    pub(super) column: usize,
    pub(super) entries: Vec<BlockEntry>,
}

/// An entry of a block collection.
pub(super) struct BlockEntry {
    /// Its first line, from 0.
    pub(super) line: usize,
    /// The offset of its name or dash, in bytes.
    pub(super) at: usize,
    /// Its name, where it is a member.
    pub(super) key: Option<Range<usize>>,
    /// The last line of its content.
    pub(super) last: usize,
    pub(super) holds: Holds,
}

/// The content of an entry, as far as its lines are concerned.
pub(super) enum Holds {
    /// Scalars, aliases and flow collections.
    Plain,
    /// A literal or folded text.
    Text,
    /// Entries of its own.
    Block(Block),
}

/// The lines of a text, without their line breaks.
pub(super) struct BlockLines<'a> {
    pub(super) text: &'a str,
    starts: Vec<usize>,
}

impl<'a> BlockLines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        // A line break at the end of the text does not begin a line.
        let starts = std::iter::once(0).chain(breaks.filter(|start| *start < text.len()));
        Self { text, starts: starts.collect() }
    }

    pub(super) fn count(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn get(&self, line: usize) -> &'a str {
        let Some(start) = self.starts.get(line) else { return "" };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\r', '\n'])
    }

    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    pub(super) fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1
    }

    pub(super) fn column(&self, offset: usize) -> usize {
        offset - self.start(self.at(offset))
    }

    pub(super) fn indent(&self, line: usize) -> usize {
        let line = self.get(line);
        line.len() - line.trim_start_matches(' ').len()
    }

    pub(super) fn is_blank(&self, line: usize) -> bool {
        self.get(line).trim().is_empty()
    }

    pub(super) fn is_comment(&self, line: usize) -> bool {
        self.get(line).trim_start().starts_with('#')
    }
}

/// Reads the blocks of a valid YAML text.
///
/// # Errors
/// Why the text cannot be split into blocks.
pub(super) fn read(lines: &BlockLines<'_>) -> Result<Block, &'static str> {
    let mut marks = yaml_marks(lines.text).into_iter();
    match marks.next() {
        Some(YamlMark::Open { is_block: true, is_map, at }) => BlockReader { lines, marks }.block(is_map, at),
        _ => Err("it is in flow notation"),
    }
}

struct BlockReader<'l, 'a> {
    lines: &'l BlockLines<'a>,
    marks: std::vec::IntoIter<YamlMark>,
}

const UNEXPECTED: &str = "its blocks cannot be separated";

impl BlockReader<'_, '_> {
    fn block(&mut self, is_map: bool, at: usize) -> Result<Block, &'static str> {
        let mut block = Block { column: self.lines.column(at), entries: Vec::new() };
        loop {
            let Some(mark) = self.marks.next() else { return Err(UNEXPECTED) };
            if matches!(mark, YamlMark::Close { .. }) {
                return if block.entries.is_empty() { Err(UNEXPECTED) } else { Ok(block) };
            }
            let entry = if is_map { self.member(&block, mark)? } else { self.element(&block, at, mark)? };
            block.entries.push(entry);
        }
    }

    fn member(&mut self, block: &Block, name: YamlMark) -> Result<BlockEntry, &'static str> {
        let YamlMark::Scalar { range: key, is_text: false } = name else {
            return Err("a name is not a scalar on one line");
        };
        let line = self.lines.at(key.start);
        if self.lines.at(key.end) != line || self.lines.column(key.start) != block.column || key.is_empty() {
            return Err("there is an anchor, a tag or `?` before a name");
        }
        let is_first_on_line = self.lines.indent(line) == block.column;
        if !is_first_on_line && !block.entries.is_empty() {
            return Err(UNEXPECTED);
        }
        let Some(value) = self.marks.next() else { return Err(UNEXPECTED) };
        let (holds, last) = self.value(value, line, block.column, true)?;
        Ok(BlockEntry { line, at: key.start, key: Some(key), last, holds })
    }

    fn element(&mut self, block: &Block, first: usize, value: YamlMark) -> Result<BlockEntry, &'static str> {
        let is_dash = |line: usize| {
            let rest = self.lines.get(line).get(block.column..).unwrap_or_default();
            self.lines.indent(line) == block.column && (rest == "-" || rest.starts_with("- "))
        };
        let at = match block.entries.last() {
            None => first,
            Some(before) => {
                let line =
                    (before.last + 1..self.lines.count()).find(|line| is_dash(*line)).ok_or(UNEXPECTED)?;
                self.lines.start(line) + block.column
            }
        };
        if !self.lines.text[at..].starts_with('-') {
            return Err("an anchor or a tag is on a line of its own");
        }
        let line = self.lines.at(at);
        let (holds, last) = self.value(value, line, block.column, false)?;
        Ok(BlockEntry { line, at, key: None, last, holds })
    }

    /// Reads the content of an entry on this line; returns it and its last line.
    fn value(
        &mut self,
        mark: YamlMark,
        line: usize,
        column: usize,
        is_member: bool,
    ) -> Result<(Holds, usize), &'static str> {
        let end_of = |range: &Range<usize>| {
            if range.is_empty() { line } else { self.lines.at(range.end - 1).max(line) }
        };
        Ok(match mark {
            YamlMark::Scalar { is_text: true, .. } => (Holds::Text, self.end_of_text(line, column)?),
            YamlMark::Scalar { range, .. } | YamlMark::Alias { range } => (Holds::Plain, end_of(&range)),
            YamlMark::Open { is_block: true, is_map, at } => {
                let at = if is_member && !is_map { self.first_dash(line)? } else { at };
                let block = self.block(is_map, at)?;
                let last = block.entries.last().map_or(line, |entry| entry.last);
                let first = block.entries.first().map_or(line, |entry| entry.line);
                if (line + 1..first).any(|line| !self.lines.is_blank(line) && !self.lines.is_comment(line)) {
                    return Err("an anchor or a tag is on a line of its own");
                }
                (Holds::Block(block), last)
            }
            YamlMark::Open { .. } => {
                let mut depth = 1;
                let mut end = line;
                while depth > 0 {
                    match self.marks.next() {
                        Some(YamlMark::Open { .. }) => depth += 1,
                        Some(YamlMark::Close { end: at }) => {
                            depth -= 1;
                            end = self.lines.at(at.saturating_sub(1)).max(line);
                        }
                        Some(_) => {}
                        None => return Err(UNEXPECTED),
                    }
                }
                (Holds::Plain, end)
            }
            YamlMark::Close { .. } => return Err(UNEXPECTED),
        })
    }

    /// The offset of the first dash of the sequence that is the value of a name on this line.
    fn first_dash(&self, name: usize) -> Result<usize, &'static str> {
        let holds_some = |line: &usize| !self.lines.is_blank(*line) && !self.lines.is_comment(*line);
        let line = (name + 1..self.lines.count()).find(holds_some).ok_or(UNEXPECTED)?;
        Ok(self.lines.start(line) + self.lines.indent(line))
    }

    /// The last line of a literal or folded text that begins on `line`, below an entry at this column.
    fn end_of_text(&self, line: usize, column: usize) -> Result<usize, &'static str> {
        let header = text_header(self.lines.get(line))
            .ok_or("the `|` or `>` of a block scalar is on a line of its own")?;
        let keeps_all = header.contains('+');
        let is_inside = |line: &usize| self.lines.is_blank(*line) || self.lines.indent(*line) > column;
        let inside = (line + 1..self.lines.count()).take_while(is_inside);
        Ok(inside.filter(|line| keeps_all || !self.lines.is_blank(*line)).last().unwrap_or(line))
    }
}

/// The header of a literal or folded text at the end of a line: `|`, `>-`, `|2+`, …
pub(super) fn text_header(line: &str) -> Option<&str> {
    let line = line.split_once(" #").map_or(line, |(before, _)| before);
    line.split_whitespace().next_back().filter(|word| word.starts_with(['|', '>']))
}
