//! The comments of a YAML text, handed to what they are about.

use std::collections::BTreeMap;

use super::super::outline::Outline;
use super::super::remark::Remark;
use crate::source::yaml_comments;

/// Puts the comments of `text` into its outline; gives their number.
pub(in super::super) fn hand_out<'a>(text: &'a str, outline: &mut Outline<'a>) -> usize {
    let comments = yaml_comments(text);
    if comments.is_empty() {
        return 0;
    }
    // What begins where; of several the outermost. What an alias repeats begins where it was first written.
    let mut starts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut parents = vec![0; outline.items.len()];
    for (index, item) in outline.items.iter().enumerate() {
        item.children.clone().for_each(|child| parents[child] = index);
        if index > 0 {
            starts.entry(item.start()).or_insert(index);
        }
    }
    for range in &comments {
        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let before = &text[line..range.start];
        let remark = Remark { text: text[range.clone()].trim_end(), apart: is_apart(text, line) };
        let last = starts.range(..range.start).next_back().map(|(start, index)| (*start, *index));
        if before.trim().is_empty() {
            let next = starts.range(range.start..).next().map(|(_, index)| *index);
            above(outline, &parents, remark, range.start - line, text, (last.map(|last| last.1), next));
        } else if let Some((_, mut index)) = last {
            // After a whole flow collection, it is about that.
            while parents[index] != 0 && outline.items[parents[index]].value.range().end <= range.start
                && outline.items[parents[index]].value.source().starts_with(['[', '{'])
            {
                index = parents[index];
            }
            outline.items[index].remarks_mut().after.push(remark);
        } else {
            outline.items[0].remarks_mut().above.push(remark);
        }
    }
    comments.len()
}

/// An empty line comes before this one.
fn is_apart(text: &str, line: usize) -> bool {
    text[..line].strip_suffix('\n').is_some_and(|before| {
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        before[start..].trim().is_empty()
    })
}

/// A comment on a line of its own is about what comes next, unless it is indented like what comes before.
fn above<'a>(
    outline: &mut Outline<'a>,
    parents: &[usize],
    remark: Remark<'a>,
    column: usize,
    text: &str,
    (last, next): (Option<usize>, Option<usize>),
) {
    let column_of = |outline: &Outline<'_>, index: usize| {
        let start = outline.items[index].start();
        start - text[..start].rfind('\n').map_or(0, |at| at + 1)
    };
    match (last, next) {
        (_, Some(next)) if last.is_none() || column <= column_of(outline, next) => {
            let is_first = last.is_none();
            let ends_apart = text[..outline.items[next].start()].trim_end_matches(' ').ends_with("\n\n");
            if is_first && ends_apart {
                let root = outline.items[0].remarks_mut();
                root.above.push(remark);
                root.apart = true;
            } else {
                outline.items[next].remarks_mut().above.push(remark);
            }
        }
        (Some(mut last), _) if column > 0 => {
            while parents[last] != 0 && column_of(outline, last) > column {
                last = parents[last];
            }
            outline.items[parents[last]].remarks_mut().closing.push(remark);
        }
        _ => outline.items[0].remarks_mut().footer.push(remark),
    }
}
