//! Items that commas separate, in brackets or braces: JSON, and YAML in flow notation.

use std::ops::{Range, RangeInclusive};

use super::Edit;
use super::layout::{is_blank, line_starts_with};

/// What begins a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommentNotation {
    /// `//` and `/* */`
    Slashes,
    /// `#`
    Hash,
}

/// The items of one container.
pub(super) struct CommaList<'i> {
    pub(super) text: &'i str,
    /// The bytes of each member (from key to value) or element.
    pub(super) ranges: &'i [Range<usize>],
    /// The bytes of the container, brackets included.
    pub(super) container: Range<usize>,
    pub(super) comments: CommentNotation,
}

impl CommaList<'_> {
    /// The offset of the comma after an item, comments skipped, if there is one before the container ends.
    pub(super) fn trailing_comma(&self, item: &Range<usize>) -> Option<usize> {
        let end = self.container.end - 1;
        let mut at = item.end;
        while at < end {
            let rest = &self.text[at..end];
            match (rest.as_bytes()[0], self.comments) {
                (b',', _) => return Some(at),
                (b'/', CommentNotation::Slashes) if rest.starts_with("//") => {
                    at += rest.find('\n').unwrap_or(rest.len());
                }
                (b'/', CommentNotation::Slashes) => at += rest.find("*/").map_or(rest.len(), |len| len + 2),
                (b'#', CommentNotation::Hash) => at += rest.find('\n').unwrap_or(rest.len()),
                (b' ' | b'\t' | b'\r' | b'\n', _) => at += 1,
                _ => return None,
            }
        }
        None
    }

    /// Whether the last item begins its line.
    pub(super) fn are_on_lines(&self) -> bool {
        let last = self.ranges.last();
        last.is_some_and(|last| line_starts_with(self.text, last.start) && last.start > self.container.start)
    }

    /// The edits that put another item after the last one: `line`, a line break and the item as a line of its own, or
    /// `entry`, the item on the same line.
    pub(super) fn append(&self, item: &AppendedItem) -> Vec<Edit> {
        let Some(last) = self.ranges.last() else { return Vec::new() };
        let comma = self.trailing_comma(last);
        let after = comma.map_or(last.end, |comma| comma + 1);
        match item {
            AppendedItem::Line(line) => {
                let at = end_of_line_comment(self.text, after, self.comments);
                match comma {
                    Some(_) => vec![Edit::insert(at, format!("{line},"))],
                    None => vec![Edit::insert(last.end, ","), Edit::insert(at, line.as_str())],
                }
            }
            AppendedItem::Inline { space, entry } => match comma {
                Some(_) => vec![Edit::insert(after, format!("{space}{entry},"))],
                None => vec![Edit::insert(last.end, format!(",{space}{entry}"))],
            },
        }
    }

    /// Removes the items with these indices, in ascending order, each run of neighbours with one edit.
    pub(super) fn remove(&self, indices: &[usize]) -> Vec<Edit> {
        if let ([first, .., last], true) = (self.ranges, indices.len() == self.ranges.len()) {
            return vec![Edit::remove(first.start..last.end)];
        }
        let mut edits = Vec::new();
        for run in indices.chunk_by(|one, other| one + 1 == *other) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if *last < self.ranges.len() {
                self.remove_run(*first..=*last, &mut edits);
            }
        }
        edits
    }

    /// Removes neighbours. Comments stay: those after an item on its line, and those before the next item that stays.
    fn remove_run(&self, run: RangeInclusive<usize>, edits: &mut Vec<Edit>) {
        let (text, items) = (self.text, self.ranges);
        let (first, last) = (&items[*run.start()], &items[*run.end()]);
        let after = |item: &Range<usize>| self.trailing_comma(item).map_or(item.end, |comma| comma + 1);
        let Some(next) = items.get(run.end() + 1) else {
            let end = after(last);
            let before = run.start().checked_sub(1);
            let is_commented = |index: usize| {
                let gap = after(&items[index])..items[index + 1].start;
                !text[items[index].end..gap.end].trim_matches([' ', '\t', '\r', '\n', ',']).is_empty()
            };
            let is_last_commented = end_of_line_comment(text, end, self.comments) > end;
            if !is_last_commented && !(before.unwrap_or(*run.start())..*run.end()).any(is_commented) {
                edits.push(Edit::remove(match before {
                    Some(before) => items[before].end..last.end,
                    None => first.start..end,
                }));
                return;
            }
            // The comments between them stay, so that each is removed by itself.
            let comma = before.and_then(|before| self.trailing_comma(&items[before]));
            if let (Some(comma), None) = (comma, self.trailing_comma(last)) {
                edits.push(Edit::remove(comma..comma + 1));
            }
            let removed =
                |item: &Range<usize>| whole_line(text, before_comment(text, item.start..after(item)));
            edits.extend(items[run].iter().map(|item| Edit::remove(removed(item))));
            return;
        };
        // Items up to the last comment in between are removed one by one.
        let has_comment = |index: &usize| {
            let next = &items[index + 1];
            !text[after(&items[*index])..next.start].trim().is_empty()
        };
        let commented = run.clone().rev().find(has_comment).map_or(*run.start(), |index| index + 1);
        for item in &items[*run.start()..commented] {
            edits.push(Edit::remove(whole_line(text, item.start..after(item))));
        }
        if commented <= *run.end() {
            edits.push(Edit::remove(items[commented].start..next.start));
        }
    }
}

/// An item to put after others.
pub(super) enum AppendedItem {
    /// A line break, and a line.
    Line(String),
    /// On the same line.
    Inline { space: &'static str, entry: String },
}

/// The range, with the blanks after it where it begins its line: a comment takes its place.
fn before_comment(text: &str, range: Range<usize>) -> Range<usize> {
    let blanks = text[range.end..].len() - text[range.end..].trim_start_matches(is_blank).len();
    if line_starts_with(text, range.start) { range.start..range.end + blanks } else { range }
}

/// The range, or its whole line where nothing else is on that line.
fn whole_line(text: &str, range: Range<usize>) -> Range<usize> {
    let before = text[..range.start].trim_end_matches(is_blank);
    let after = text[range.end..].trim_start_matches(is_blank);
    let is_alone = (before.is_empty() || before.ends_with('\n')) && after.starts_with('\n');
    if is_alone { before.len()..text.len() - after.len() + 1 } else { range }
}

/// The end of a comment that follows on the same line; `at` itself when there is none.
pub(super) fn end_of_line_comment(text: &str, at: usize, notation: CommentNotation) -> usize {
    let rest = text[at..].trim_start_matches(is_blank);
    let begins = match notation {
        CommentNotation::Slashes => rest.starts_with("//") || rest.starts_with("/*"),
        CommentNotation::Hash => rest.starts_with('#'),
    };
    if !begins {
        return at;
    }
    let line = text[at..].split('\n').next().unwrap_or_default();
    at + line.strip_suffix('\r').unwrap_or(line).len()
}
