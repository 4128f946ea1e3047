//! Reads JSON and JSONC with their comments.

use crate::schema::Shape;
use crate::source::{Document, Format, Value};

use super::comment::{Comment, PlacedComment, find};
use super::order;
use super::outline::{Outline, OutlineItem};

/// The outline of a JSON or JSONC text, in the order of the models where `reorder` says so.
///
/// # Errors
/// The first value that is nested too deep.
pub(super) fn read<'a>(
    document: &'a Document,
    shape: Option<&'static Shape>,
    reorder: bool,
) -> Result<Outline<'a>, Value<'a>> {
    let text = document.text();
    let with_comments = document.format() == Format::Jsonc;
    let mut root = OutlineItem::new(None, document.root());
    root.shape = shape;
    if with_comments {
        around_root(text, &mut root);
    }
    Outline::of(root, |item| {
        let mut entries = item.entries();
        if with_comments {
            assign(text, item, &mut entries);
        }
        order::arrange(item, &mut entries, reorder);
        entries
    })
}

fn around_root<'a>(text: &'a str, root: &mut OutlineItem<'a>) {
    let range = root.value.range();
    let before = find(text, 0..range.start);
    let after = find(text, range.end..text.len());
    if before.is_empty() && after.is_empty() {
        return;
    }
    let comments = root.comments_mut();
    comments.apart = before.last().is_some_and(|last| last.breaks_after > 1);
    comments.above = before.iter().map(PlacedComment::comment).collect();
    for found in &after {
        let is_after = found.breaks_before == 0 && comments.footer.is_empty();
        let list = if is_after { &mut comments.after } else { &mut comments.footer };
        list.push(found.comment());
    }
}

/// Assigns the comments in a container to the items they belong to.
fn assign<'a>(text: &'a str, container: &mut OutlineItem<'a>, entries: &mut [OutlineItem<'a>]) {
    let inside = container.value.range().start + 1..container.value.range().end - 1;
    let mut from = inside.start;
    for index in 0..entries.len() {
        let gap = find(text, from..entries[index].start());
        let (before, here) = entries.split_at_mut(index);
        settle(&gap, container, before.last_mut(), Some(&mut here[0]));
        between(text, &mut here[0]);
        from = here[0].value.range().end;
    }
    let gap = find(text, from..inside.end);
    settle(&gap, container, entries.last_mut(), None);
}

/// Assigns the comments between two entries of a container, or between an entry and a bracket.
fn settle<'a>(
    gap: &[PlacedComment<'a>],
    container: &mut OutlineItem<'a>,
    mut before: Option<&mut OutlineItem<'a>>,
    after: Option<&mut OutlineItem<'a>>,
) {
    if gap.is_empty() {
        return;
    }
    let count = gap.len();
    // Comments before this index are on the line of the entry before them.
    let same_line = gap.iter().position(|found| found.breaks_before > 0).unwrap_or(count);
    // Comments from this index on are on the line of the entry after them.
    let next_line = gap.iter().rposition(|found| found.breaks_after > 0).map_or(0, |last| last + 1);
    let next_line = if after.is_some() { next_line } else { count };
    let is_of_next = |index: usize, found: &PlacedComment<'_>| {
        index >= next_line && (found.after_comma || before.is_none())
    };
    let first = gap.iter().enumerate().take(same_line).position(|(index, found)| is_of_next(index, found));
    let first = first.unwrap_or(same_line);
    let apart = gap.last().is_some_and(|last| last.breaks_after > 1);
    let mut rest: Vec<Comment<'a>> = gap.iter().map(PlacedComment::comment).collect();
    let tail = rest.split_off(first);
    if !rest.is_empty() {
        match &mut before {
            Some(before) => before.comments_mut().after.extend(rest),
            None => container.comments_mut().opening.extend(rest),
        }
    }
    if tail.is_empty() {
        return;
    }
    match after {
        Some(after) => lead(after, tail, next_line.saturating_sub(first), apart),
        None => container.comments_mut().closing.extend(tail),
    }
}

/// Puts comments before an entry; those from `inline` on, where possible, on its line.
fn lead<'a>(entry: &mut OutlineItem<'a>, mut comments: Vec<Comment<'a>>, inline: usize, apart: bool) {
    let from =
        comments.iter().rposition(|comment| !comment.is_inline()).map_or(0, |last| last + 1).max(inline);
    let before = comments.split_off(from.min(comments.len()));
    let own = entry.comments_mut();
    own.apart = apart && before.is_empty() && !comments.is_empty();
    own.above.extend(comments);
    own.before.extend(before);
}

/// Assigns the comments between an entry's name and its value.
fn between<'a>(text: &'a str, entry: &mut OutlineItem<'a>) {
    let Some(key) = entry.key else { return };
    let found = find(text, key.range().end..entry.value.range().start);
    for found in found {
        let comment = Comment { apart: false, ..found.comment() };
        let own = entry.comments_mut();
        // After a comment to the end of the line, the value would be part of the comment.
        if comment.is_inline() { own.between.push(comment) } else { own.above.push(comment) }
    }
}
