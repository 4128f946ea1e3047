//! What is wrong with a value beside its placeholder.

use std::collections::HashSet;

use crate::source::placeholder::{self, TextReader};

use super::Unfilled;

/// A text with digits for placeholders that are a part of a value, as long as before: what else is wrong with such a value is
/// wrong then, too.
pub(super) struct Filled {
    pub(super) text: String,
    /// The indices of the values that have no placeholders any more.
    pub(super) values: HashSet<usize>,
}

impl Filled {
    /// Nothing when no value can be filled.
    pub(super) fn of(text: &str, unfilled: &[Unfilled<'_>]) -> Option<Self> {
        /// The longest placeholder that digits stand for, in bytes: more of them could be too many by themselves.
        const MOST: usize = 24;
        let mut bytes = text.as_bytes().to_vec();
        let mut values = HashSet::new();
        for (index, Unfilled { range, .. }) in unfilled.iter().enumerate() {
            let inner = text[range.clone()].strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
            let Some(inner) = inner else { continue };
            let (mut at, mut parts, mut is_filled) = (0, 0, true);
            while let Some(found) = placeholder::find(&inner[at..], TextReader::Literal) {
                let start = range.start + 1 + at + found.start;
                parts += 1;
                let is_of_a_block = placeholder::is_of_a_block(&inner[at..][found.clone()]);
                is_filled &= found.len() < inner.len() && found.len() <= MOST && !is_of_a_block;
                bytes[start..start + found.len()].fill(b'0');
                at += found.end;
            }
            if is_filled && parts > 0 {
                values.insert(index);
            }
        }
        let text = String::from_utf8(bytes).ok()?;
        (!values.is_empty()).then_some(Self { text, values })
    }
}
