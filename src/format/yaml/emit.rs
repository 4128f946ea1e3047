//! The layout of YAML: moves whole entries with the comments above them, and indents every level by two.

use std::ops::Range;

use super::super::order;
use super::super::outline::OutlineItem;
use super::blocks::{self, Block, BlockEntry, BlockLines, Holds};
use crate::schema::Shape;
use crate::source::{Type, Value};

const INDENT: usize = 2;

/// Lays a text out. The caller has to compare the result with the text.
///
/// # Errors
/// Why the text cannot be split into blocks.
pub(in super::super) fn emit(
    text: &str,
    root: Value<'_>,
    shape: Option<&'static Shape>,
    reorder: bool,
) -> Result<String, &'static str> {
    let lines = BlockLines::of(text);
    let block = blocks::read(&lines)?;
    let mut writer = YamlEmitter { lines: &lines, reorder, out: String::with_capacity(text.len()) };
    let first = block.entries.first().map_or(0, |entry| entry.line);
    if lines.get(first)[..block.column].trim() != "" {
        return Err("its first entry does not begin its line");
    }
    let header = writer.header(first);
    let last = block.entries.last().map_or(0, |entry| entry.last);
    let end =
        (last + 1..lines.count()).find(|line| lines.get(*line).starts_with("...")).unwrap_or(lines.count());
    let item = OutlineItem { shape, ..OutlineItem::new(None, root) };
    writer.block(&block, &item, &EmitPlace { column: 0, begun: false, from: header, to: end })?;
    for line in end..lines.count() {
        if !lines.is_blank(line) {
            writer.line(0, lines.get(line).trim_end());
        }
    }
    Ok(writer.out)
}

/// Where a block is written, and the lines that belong to it.
struct EmitPlace {
    /// The column of its entries.
    column: usize,
    /// The line of its first entry has begun already.
    begun: bool,
    /// The first line that may hold comments of its first entry.
    from: usize,
    /// The line after the last one that may hold its comments.
    to: usize,
}

/// An entry with its comments and the lines after it.
struct Move<'b, 'v> {
    entry: &'b BlockEntry,
    item: OutlineItem<'v>,
    /// The lines of comments above it.
    above: Range<usize>,
    /// The line after the last one that may belong to its content.
    to: usize,
}

struct YamlEmitter<'l, 'a> {
    lines: &'l BlockLines<'a>,
    reorder: bool,
    out: String,
}

impl YamlEmitter<'_, '_> {
    /// Writes the comments of the whole file: up to a `---`, up to an empty line, or up to a comment for programs at
    /// the top. Returns the line after them.
    fn header(&mut self, first: usize) -> usize {
        let lines = self.lines;
        let is_of_file = |line: &usize| {
            let text = lines.get(*line).trim();
            let is_read =
                ["milepost-ignore-file", "yaml-language-server"].iter().any(|word| text.contains(word));
            text.is_empty() || !text.starts_with('#') || is_read
        };
        let end = (0..first).rev().find(is_of_file).map_or(0, |line| line + 1);
        let from = (0..end).find(|line| !lines.is_blank(*line)).unwrap_or(end);
        self.comments(from..end, 0, false);
        end
    }

    fn block(
        &mut self,
        block: &Block,
        item: &OutlineItem<'_>,
        place: &EmitPlace,
    ) -> Result<(), &'static str> {
        let (moves, tail) = self.moves(block, item, place)?;
        for (index, Move { entry, item, above, to }) in moves.iter().enumerate() {
            let is_first = index == 0;
            let begun = is_first && place.begun;
            self.comments(above.clone(), place.column, is_first);
            if !begun {
                self.indent(place.column);
            }
            self.entry(block, entry, item, *to, place.column)?;
        }
        self.comments(tail, place.column, false);
        Ok(())
    }

    /// The entries of a block in their new order, and the lines of comments after the last one.
    fn moves<'b, 'v>(
        &self,
        block: &'b Block,
        item: &OutlineItem<'v>,
        place: &EmitPlace,
    ) -> Result<(Vec<Move<'b, 'v>>, Range<usize>), &'static str> {
        const UNEXPECTED: &str = "its entries are not those of its value";
        // The members from merge keys come before an object's own members.
        let is_merge =
            |entry: &BlockEntry| entry.key.as_ref().is_some_and(|key| &self.lines.text[key.clone()] == "<<");
        let own = block.entries.iter().filter(|entry| !is_merge(entry)).count();
        let mut items = item.entries();
        let merged = items.len().checked_sub(own).ok_or(UNEXPECTED)?;
        let mut items = items.drain(merged..).collect::<Vec<_>>();
        let is_object = item.value.kind() == Type::Object;
        if is_object
            && items
                .iter()
                .zip(block.entries.iter().filter(|entry| !is_merge(entry)))
                .any(|(item, entry)| item.start() != entry.at)
        {
            return Err(UNEXPECTED);
        }
        order::arrange(item, &mut items, false);
        let mut items = items.into_iter();
        let mut moves = Vec::new();
        let mut from = place.from;
        for (index, entry) in block.entries.iter().enumerate() {
            let above = from..entry.line.max(from);
            let item = if is_merge(entry) {
                OutlineItem::new(None, item.value)
            } else {
                items.next().ok_or(UNEXPECTED)?
            };
            let next = block.entries.get(index + 1).map_or(place.to, |next| next.line);
            let to = self.end_of_own(block, entry, next);
            from = to;
            moves.push(Move { entry, item, above, to });
        }
        if self.reorder
            && let Some(object) = order::object_of(item.shape, item.value).filter(|_| is_object)
        {
            moves.sort_by_key(|entry| match &entry.item.key {
                Some(key) => order::rank(object, key),
                None => 0,
            });
        }
        Ok((moves, from..place.to.max(from)))
    }

    /// The line up to which comments belong to an entry's content: those indented deeper than the entry.
    fn end_of_own(&self, block: &Block, entry: &BlockEntry, next: usize) -> usize {
        let mut end = entry.last + 1;
        if matches!(entry.holds, Holds::Block(_)) {
            for line in entry.last + 1..next {
                if self.lines.is_blank(line) {
                    continue;
                }
                if self.lines.indent(line) <= block.column {
                    break;
                }
                end = line + 1;
            }
        }
        end
    }

    /// Writes an entry, beginning with its name or dash.
    fn entry(
        &mut self,
        block: &Block,
        entry: &BlockEntry,
        item: &OutlineItem<'_>,
        to: usize,
        column: usize,
    ) -> Result<(), &'static str> {
        let line = self.lines.get(entry.line);
        let start = self.lines.start(entry.line);
        let rest = if let Some(key) = &entry.key {
            self.out.push_str(&self.lines.text[key.clone()]);
            self.out.push(':');
            let after = line[key.end - start..].trim_start();
            after.strip_prefix(':').ok_or("a name has no colon on its line")?
        } else {
            self.out.push('-');
            &line[entry.at + 1 - start..]
        };
        let rest = rest.trim_matches([' ', '\t']);
        match &entry.holds {
            Holds::Block(inner) => {
                let first = inner.entries.first().map_or(0, |entry| entry.line);
                let on_line = first == entry.line;
                let is_bare = entry.key.is_none() && (on_line || rest.is_empty());
                let from = if on_line { entry.line } else { entry.line + 1 };
                let mut place = EmitPlace { column: column + INDENT, begun: false, from, to };
                place.begun = is_bare && self.begins_bare(inner, item, &place)?;
                if place.begun {
                    self.out.push(' ');
                } else {
                    if !on_line && !rest.is_empty() {
                        self.out.push(' ');
                        self.out.push_str(rest);
                    }
                    self.out.push('\n');
                }
                self.block(inner, item, &place)
            }
            holds => {
                if !rest.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(rest);
                }
                self.out.push('\n');
                match holds {
                    Holds::Text => self.text(entry, block.column, column, rest),
                    _ => self.more(entry, block.column, column),
                }
                Ok(())
            }
        }
    }

    /// Whether the first entry of a block has no comments above it, so that it can begin on the line of a dash.
    fn begins_bare(
        &self,
        inner: &Block,
        item: &OutlineItem<'_>,
        place: &EmitPlace,
    ) -> Result<bool, &'static str> {
        let (moves, _) = self.moves(inner, item, place)?;
        Ok(moves.first().is_some_and(|first| first.above.clone().all(|line| self.lines.is_blank(line))))
    }

    /// Writes all but the first line of a literal or folded text.
    fn text(&mut self, entry: &BlockEntry, old: usize, new: usize, header: &str) {
        let lines = self.lines;
        let inside = entry.line + 1..entry.last + 1;
        let is_explicit =
            blocks::text_header(header).is_some_and(|header| header.contains(|c: char| c.is_ascii_digit()));
        let first = inside.clone().find(|line| !lines.is_blank(*line)).map_or(0, |line| lines.indent(line));
        let (from, to) = if is_explicit { (old, new) } else { (first, new + INDENT) };
        for line in inside {
            let text = lines.get(line);
            // White space beyond the indentation is part of the text, even on a blank line.
            match text.get(from..) {
                Some(own) if !own.is_empty() => {
                    self.indent(to);
                    self.out.push_str(own);
                }
                _ => {}
            }
            self.out.push('\n');
        }
    }

    /// Writes all but the first line of a scalar or flow collection.
    fn more(&mut self, entry: &BlockEntry, old: usize, new: usize) {
        let lines = self.lines;
        for line in entry.line + 1..=entry.last {
            if !lines.is_blank(line) {
                self.indent((lines.indent(line) + new).saturating_sub(old));
                self.out.push_str(lines.get(line).trim_start_matches(' '));
            }
            self.out.push('\n');
        }
    }

    /// Writes comments, and at most one empty line between two of them.
    fn comments(&mut self, range: Range<usize>, column: usize, is_top: bool) {
        let mut has_blank = false;
        let mut is_top = is_top;
        for line in range.clone() {
            if self.lines.is_blank(line) {
                has_blank = !is_top;
                continue;
            }
            if has_blank {
                self.out.push('\n');
            }
            (has_blank, is_top) = (false, false);
            self.line(column, self.lines.get(line).trim());
        }
        // No empty line at the end of the text or of a block.
        if has_blank && range.end < self.lines.count() && range.end > range.start {
            self.out.push('\n');
        }
    }

    fn line(&mut self, column: usize, text: &str) {
        self.indent(column);
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }
}
