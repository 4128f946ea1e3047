//! Assigns the comments of a YAML text to the items they belong to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::outline::Outline;
use super::blocks::BlockLines;
use crate::format::comment::Comment;
use crate::source::yaml_comments;

/// Puts the comments of `text` into its outline; returns their number.
pub(in super::super) fn assign<'a>(text: &'a str, outline: &mut Outline<'a>) -> usize {
    let comments = yaml_comments(text);
    let mut count = 0;
    if comments.is_empty() {
        return count;
    }
    // The outermost item that begins at each offset. The value of an alias begins at its anchor.
    let mut starts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parents = vec![0; outline.items.len()];
    for (index, item) in outline.items.iter().enumerate() {
        item.children.clone().for_each(|child| parents[child] = index);
        if index > 0 {
            starts.entry(item.start()).or_insert(index);
        }
    }
    let lines = BlockLines::of(text);
    let first = starts.keys().next().map_or(0, |start| lines.at(*start));
    let last_blank = (0..first).rev().find(|line| lines.is_blank(*line));
    for range in comments {
        let line = lines.at(range.start);
        let is_apart = line > 0 && lines.is_blank(line - 1);
        let comment = Comment { text: text[range.clone()].trim_end(), apart: is_apart };
        let last = starts.range(..range.start).next_back().map(|(_, index)| *index);
        if lines.indent(line) == lines.column(range.start) {
            let next = starts.range(range.start..).next().map(|(_, index)| *index);
            let is_heading = last.is_none() && last_blank.is_some_and(|blank| blank >= line);
            if is_heading && next.is_some() {
                // A comment that an empty line separates from the first entry belongs to the whole text.
                let root = outline.items[0].comments_mut();
                root.above.push(comment);
                root.apart = true;
            } else {
                alone(outline, &parents, &lines, comment, &range, (last, next));
            }
        } else if let Some(mut index) = last {
            // A comment after a whole flow collection belongs to that collection.
            while parents[index] != 0
                && outline.items[parents[index]].value.range().end <= range.start
                && outline.items[parents[index]].value.source().starts_with(['[', '{'])
            {
                index = parents[index];
            }
            outline.items[index].comments_mut().after.push(comment);
        } else {
            outline.items[0].comments_mut().above.push(comment);
        }
        count += 1;
    }
    count
}

/// A comment on a line of its own belongs to the next item, unless it is indented like the item before.
fn alone<'a>(
    outline: &mut Outline<'a>,
    parents: &[usize],
    lines: &BlockLines<'_>,
    comment: Comment<'a>,
    range: &Range<usize>,
    (last, next): (Option<usize>, Option<usize>),
) {
    let column = lines.column(range.start);
    let column_of = |outline: &Outline<'_>, index: usize| lines.column(outline.items[index].start());
    match (last, next) {
        (_, Some(next)) if last.is_none() || column <= column_of(outline, next) => {
            outline.items[next].comments_mut().above.push(comment);
        }
        (Some(mut last), _) if column > 0 => {
            while parents[last] != 0 && column_of(outline, last) > column {
                last = parents[last];
            }
            outline.items[parents[last]].comments_mut().closing.push(comment);
        }
        _ => outline.items[0].comments_mut().footer.push(comment),
    }
}
