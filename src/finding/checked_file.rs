//! A file with its findings, as reports, baselines and fingerprints take it.

use super::RatedFinding;
use crate::source::{Cut, Format, Kind, LineIndex};

/// A file and its findings.
#[derive(Clone, Copy, Debug)]
pub struct CheckedFile<'a> {
    /// Its path, as given.
    pub path: &'a str,
    /// Its kind; nothing when the file shows none, or is not a definition (milepost's own settings).
    pub kind: Option<Kind>,
    /// Its format.
    pub format: Format,
    /// Its text, or the lines of its findings; what their ranges refer to.
    pub text: &'a str,
    /// What is left out of the text.
    pub cuts: &'a [Cut],
    /// The findings, in the order of the text.
    pub findings: &'a [RatedFinding],
}

impl<'a> CheckedFile<'a> {
    /// The lines of the text, numbered as in the file.
    pub(crate) fn lines(&self) -> LineIndex<'a> {
        LineIndex::of_excerpt(self.text, self.cuts)
    }
}
