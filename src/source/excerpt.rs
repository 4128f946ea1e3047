//! The lines of a text that findings point at, without the rest of it.

use std::ops::Range;

use memchr::{memchr, memrchr};

use super::position::breaks;
use super::tree::small;

/// What is left out of a text before an offset, counted from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The offset in the remaining text, in bytes.
    pub(super) at: u32,
    /// The bytes that are left out.
    pub(super) bytes: u32,
    /// The line breaks among them.
    pub(super) breaks: u32,
}

/// Leaves out every line of `text` that holds none of `places`. Gives the remaining text and what was left out where;
/// `places` become ranges of the remaining text.
#[must_use]
pub fn excerpt(text: &str, mut places: Vec<&mut Range<usize>>) -> (String, Vec<Cut>) {
    places.sort_unstable_by_key(|place| place.start);
    let (mut left, mut cuts) = (String::new(), Vec::<Cut>::new());
    // How far the text has been read, whether kept or left out.
    let mut seen = 0;
    for place in places {
        let end = memchr(b'\n', &text.as_bytes()[place.end..]).map_or(text.len(), |len| place.end + len + 1);
        if seen <= place.start {
            let before = &text.as_bytes()[seen..place.start];
            let start = memrchr(b'\n', before).map_or(seen, |last| seen + last + 1);
            if start > seen {
                let last = cuts.last().map_or((0, 0), |cut| (cut.bytes, cut.breaks));
                cuts.push(Cut {
                    at: small(left.len()),
                    bytes: last.0 + small(start - seen),
                    breaks: last.1 + small(breaks(&text.as_bytes()[seen..start])),
                });
            }
            seen = start;
        }
        if end > seen {
            left.push_str(&text[seen..end]);
            seen = end;
        }
        let bytes = cuts.last().map_or(0, |cut| cut.bytes as usize);
        *place = place.start - bytes..place.end - bytes;
    }
    left.shrink_to_fit();
    cuts.shrink_to_fit();
    (left, cuts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::LineIndex;
    use super::*;

    proptest! {
        #[test]
        fn places_stay_what_and_where_they_are(
            lines in proptest::collection::vec("[a-zä]{0,6}", 1..30),
            places in proptest::collection::vec((0_usize..200, 0_usize..20), 0..6),
        ) {
            let text = lines.join("\n");
            let place = |(start, len): &(usize, usize)| {
                let start = text.floor_char_boundary((*start).min(text.len()));
                start..text.floor_char_boundary((start + len).min(text.len()))
            };
            let before: Vec<Range<usize>> = places.iter().map(place).collect();
            let mut after = before.clone();
            let (left, cuts) = excerpt(&text, after.iter_mut().collect());
            let (whole, some) = (LineIndex::new(&text), LineIndex::of_excerpt(&left, &cuts));
            for (before, after) in before.iter().zip(&after) {
                prop_assert_eq!(&text[before.clone()], &left[after.clone()]);
                let line = |index: &LineIndex<'_>, text: &str, at| text[index.line_around(text, at)].to_owned();
                for (before, after) in [(before.start, after.start), (before.end, after.end)] {
                    prop_assert_eq!(whole.position(&text, before), some.position(&left, after));
                    prop_assert_eq!(line(&whole, &text, before), line(&some, &left, after));
                }
            }
            let is_pointed_at = |number: &usize| before.iter().any(|place| {
                let (start, end) = (whole.position(&text, place.start), whole.position(&text, place.end));
                (start.line..=end.line).contains(number)
            });
            let kept = (1..=lines.len()).filter(is_pointed_at);
            let end = |number| if number == lines.len() { "" } else { "\n" };
            prop_assert_eq!(left, kept.map(|number| lines[number - 1].clone() + end(number)).collect::<String>());
        }
    }
}
