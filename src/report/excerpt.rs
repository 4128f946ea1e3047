//! The part of a line that is shown with a finding.

use std::borrow::Cow;
use std::ops::Range;

use crate::secret_scan::as_shown;
use crate::util::text::{columns, prefix, width};

use super::escape::is_printable_ascii;

/// At least this many columns are shown, however narrow the terminal.
const LEAST_WIDTH: usize = 24;

/// The sign of a part that is cut off.
const CUT: &str = "...";

/// What is shown of a line.
pub(super) struct Excerpt<'t> {
    pub(super) source: Cow<'t, str>,
    /// The bytes of it to underline.
    pub(super) range: Range<usize>,
}

impl<'t> Excerpt<'t> {
    /// The line where it fits into this many columns, otherwise the part of it around a range, with `...` for what is cut
    /// off.
    ///
    /// Each secret of the line, which is covered, is shown at one length.
    pub(super) fn of(line: &'t str, mut range: Range<usize>, width: usize) -> Self {
        let shown = as_shown(line, &mut range);
        let whole = &*shown;
        let width = width.max(LEAST_WIDTH);
        let fits = if is_printable_ascii(whole) {
            whole.len() <= width
        } else {
            prefix(whole, width) == whole.len()
        };
        if fits {
            return Self { source: shown, range };
        }
        let space = width - 2 * CUT.len();
        let marked_len = prefix(&whole[range.clone()], space);
        let marked = columns(&whole[range.start..range.start + marked_len]);
        // What is to be seen is at the right, after some of what is before it.
        let before = (space / 4).max(space.saturating_sub(marked) / 2);
        // At the end of a line there is room for more before it.
        let after = prefix(&whole[range.start..], space);
        let rest = if range.start + after == whole.len() { columns(&whole[range.start..]) } else { space };
        let start = suffix(&whole[..range.start], before.max(space - rest.min(space)));
        let end = start + prefix(&whole[start..], space);
        let [left, right] =
            [(start > 0, CUT), (end < whole.len(), CUT)].map(|(is_cut, cut)| if is_cut { cut } else { "" });
        let source = [left, &whole[start..end], right].concat();
        let shift = |offset: usize| offset.clamp(start, end) - start + left.len();
        Self { source: Cow::Owned(source), range: shift(range.start)..shift(range.end) }
    }
}

/// The start of the longest end of a text that fits into this many columns, in bytes.
fn suffix(text: &str, most: usize) -> usize {
    let mut used = 0;
    let fits = |c: &char| {
        used += width(*c);
        used <= most
    };
    text.len() - text.chars().rev().take_while(fits).map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_excerpt_fits_and_has_the_start_of_the_range(
            line in "[a-z]{0,80}[世界é\t a-z]{0,60}[a-z\u{301}]{0,40}",
            start in 0.0..=1.0_f64,
            len in 0_usize..30,
            most in 24_usize..120,
        ) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
            #[expect(clippy::cast_precision_loss, reason = "a place in a short text")]
            let start = line.floor_char_boundary((start * line.len() as f64) as usize);
            let end = line.ceil_char_boundary((start + len).min(line.len()));
            let Excerpt { source, range } = Excerpt::of(&line, start..end, most);
            prop_assert!(columns(&source) <= most, "{source:?} of {line:?}");
            let first = line[start..end].chars().next().map(String::from).unwrap_or_default();
            prop_assert!(source[range].starts_with(&first));
        }
    }
}
