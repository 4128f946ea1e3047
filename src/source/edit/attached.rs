//! Comments that say something of one element of a list, and go with it.

use std::ops::Range;

use super::Edit;
use super::layout::is_blank;

/// The edits that remove elements, with the comments above each on lines of their own and the one after it on its line.
/// An element that shares its lines with others leaves its comments.
pub(super) fn with_comments(
    text: &str,
    elements: &[Range<usize>],
    mut edits: Vec<Edit>,
    mark: &str,
) -> Vec<Edit> {
    for element in elements {
        let Some(lines) = own_lines(text, element, mark) else { continue };
        let (inside, outside): (Vec<Edit>, Vec<Edit>) = edits.into_iter().partition(|edit| {
            edit.replacement.is_empty() && edit.range.start < lines.end && lines.start < edit.range.end
        });
        let start = inside.iter().map(|edit| edit.range.start).fold(lines.start, usize::min);
        // A line break after the lines goes only where the one before them stays.
        let end = inside.iter().map(|edit| edit.range.end).filter(|end| *end > lines.end + 1).max();
        edits = outside;
        edits.push(Edit::remove(start..end.unwrap_or(lines.end)));
    }
    edits.sort_by_key(|edit| edit.range.start);
    edits
}

/// The lines of an element and of its comments, from the line break before them; nothing where there is no comment, or
/// where another value is on its lines.
fn own_lines(text: &str, element: &Range<usize>, mark: &str) -> Option<Range<usize>> {
    let before = text[..element.start].trim_end_matches(|c| is_blank(c) || c == '-');
    let line = before.ends_with('\n').then_some(before.len())?;
    let rest = text[element.end..].split('\n').next().unwrap_or_default();
    let beside = rest.trim_start_matches([' ', '\t', ',']);
    let has_comment = beside.starts_with(mark);
    if !has_comment && !beside.trim().is_empty() {
        return None;
    }
    let end = element.end + rest.strip_suffix('\r').unwrap_or(rest).len();
    let mut start = line - 1;
    while let Some((above, comment)) = text[..start].rsplit_once('\n')
        && comment.trim().starts_with(mark)
    {
        start = above.len();
    }
    let is_above = start + 1 < line;
    let start = text[..start].strip_suffix('\r').map_or(start, str::len);
    (has_comment || is_above).then_some(start..end)
}
