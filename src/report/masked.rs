//! Hides the secrets of a file before a format writes it.

use std::borrow::Cow;

use super::{CheckedFile, Needs};
use crate::finding::RatedFinding;
use crate::fix;
use crate::secret_scan::Secrets;
use crate::source::{Document, Edit};

/// A file and its findings as formats may show them: no secret in the lines that are quoted, in what findings say, or in
/// the edits of fixes.
#[derive(Debug)]
pub struct MaskedFile<'a> {
    file: CheckedFile<'a>,
    findings: Vec<RatedFinding>,
    edits: Vec<Option<Vec<Edit>>>,
    shown: Cow<'a, str>,
}

impl<'a> MaskedFile<'a> {
    /// Masks it for a format that needs this of it.
    #[must_use]
    pub fn of(file: &CheckedFile<'a>, needs: Needs) -> Self {
        let mut findings = file.findings.to_vec();
        if findings.is_empty() {
            return Self { file: *file, findings, edits: Vec::new(), shown: Cow::Borrowed(file.text) };
        }
        let secrets = Secrets::of(file.text);
        let mut edits = if needs < Needs::Edits { Vec::new() } else { fix_edits(file) };
        let shows = |edits: &Vec<Edit>| edits.iter().any(|edit| secrets.are_in(&edit.replacement));
        for edits in edits.iter_mut().flatten().filter(|edits| shows(edits)) {
            edits.clear();
        }
        for RatedFinding { finding, .. } in &mut findings {
            secrets.hide_in_finding(file.text, finding);
        }
        Self { file: *file, findings, edits, shown: secrets.cover(file.text) }
    }

    /// The file with the masked findings. Its text is the whole one: for locations, not to be quoted.
    #[must_use]
    pub fn checked(&self) -> CheckedFile<'_> {
        CheckedFile { findings: &self.findings, ..self.file }
    }

    /// The edits of the fix of each finding, where the format needs edits; nothing for a finding without a fix, or where the
    /// fix cannot be made in the text. A fix that would show a secret has no edits: it can still be made, only not read.
    pub(crate) fn edits(&self) -> impl Iterator<Item = Option<&[Edit]>> {
        self.edits.iter().map(Option::as_deref)
    }

    /// The text with each secret covered by as many bytes, so that ranges and columns stay.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// The edits of the fix of each finding of a file; `None` where it has none, or where it cannot be made in the text.
fn fix_edits(file: &CheckedFile<'_>) -> Vec<Option<Vec<Edit>>> {
    let fixes: Vec<_> = file.findings.iter().map(|finding| finding.finding.fix.as_deref()).collect();
    if fixes.iter().all(Option::is_none) {
        return vec![None; fixes.len()];
    }
    match Document::parse(file.text, file.format) {
        Ok(document) => fix::edits_of(&document, &fixes),
        Err(_) => fixes.into_iter().map(|fix| fix?.respelling()).collect(),
    }
}
