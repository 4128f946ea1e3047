//! The findings that a repository starts with: recorded once and not reported, so that only new findings are. They are
//! recognised by their location in the definition (see [`report::anchors`]).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::finding::{RatedFinding, Rule};
use crate::report::{self, CheckedFile, FileFault};
use crate::source::{self, FileError, LineIndex};
use crate::util::escape::shown_path;

use super::filter::FileCoverage;
use super::paths::Base;

/// The version of the file's layout.
const VERSION: u32 = 1;

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaselineError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is not a baseline.
    #[error("{0}")]
    Malformed(FileFault),
    /// Another version of milepost wrote it.
    #[error("{}: a baseline of version {version}; this milepost knows version {VERSION}", shown_path(&path))]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// The recorded findings, and how many of them were found again.
#[derive(Clone, Debug)]
pub(crate) struct Baseline {
    path: PathBuf,
    base: Base,
    /// How many of each have not been found yet.
    left: BTreeMap<BaselineKey, usize>,
    /// How many of each were found, when findings are recorded.
    recorded: BTreeMap<BaselineKey, usize>,
    /// The paths that were checked, with the policies that each was not held against.
    covered: HashMap<String, Vec<&'static str>>,
    /// Findings are recorded instead of looked up.
    is_new: bool,
}

/// What identifies a finding; also the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BaselineKey {
    path: String,
    rule: String,
    pointer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    #[serde(rename = "version")]
    _version: u32,
    findings: Vec<BaselineEntry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BaselineEntry {
    path: String,
    rule: String,
    pointer: String,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    count: usize,
}

/// Whether what is at a path has entries that may stay. A device or a pipe is only written to: reading from a pipe would
/// wait for ever.
fn is_kept(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| there.is_file() || there.is_dir())
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// A recorded finding that was not found any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoLongerFound {
    /// The file, relative to the baseline.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// Its location in the definition.
    pub pointer: String,
    /// How often it was recorded.
    pub count: usize,
}

impl Baseline {
    /// A baseline to be written to `path`. If the file exists, its entries about files that this run does not check stay.
    /// `current` is the absolute path of the current directory, `rules` are all rules.
    ///
    /// # Errors
    /// When the file is not a baseline: nothing else is overwritten.
    pub(crate) fn record(
        path: &Path,
        current: &Path,
        rules: &[&'static Rule],
    ) -> Result<Self, BaselineError> {
        let old = if is_kept(path) { Self::read(path, current, rules)? } else { Self::empty(path, current) };
        Ok(Self { is_new: true, ..old })
    }

    fn empty(path: &Path, current: &Path) -> Self {
        Self {
            path: path.to_owned(),
            base: Base::of_file(path, current),
            left: BTreeMap::new(),
            recorded: BTreeMap::new(),
            covered: HashMap::new(),
            is_new: false,
        }
    }

    /// Reads a baseline. An entry that has a rule's earlier name is one of that rule.
    ///
    /// # Errors
    /// When it cannot be read, or is not a baseline.
    pub(crate) fn read(path: &Path, current: &Path, rules: &[&'static Rule]) -> Result<Self, BaselineError> {
        let text = source::read(path)?;
        let malformed = |error: serde_json::Error| {
            let said = error.to_string();
            let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said);
            // serde counts bytes.
            let line = LineIndex::new(&text).line(&text, error.line());
            let at = (line.start + error.column().saturating_sub(1)).min(line.end);
            let message = format!("this is not a baseline: {said}");
            let fault = FileFault::new(&path.to_string_lossy(), &text, &(at..at), message);
            BaselineError::Malformed(fault.help(Some("write it anew with --write-baseline")))
        };
        let version = serde_json::from_str::<OnlyVersion>(&text).map_err(malformed)?.version;
        if version != VERSION {
            return Err(BaselineError::Version { path: path.to_owned(), version });
        }
        let BaselineFile { findings, .. } = serde_json::from_str(&text).map_err(malformed)?;
        let renamed: HashMap<&str, &str> =
            rules.iter().flat_map(|rule| rule.aliases.iter().map(|alias| (*alias, rule.slug))).collect();
        let mut baseline = Self::empty(path, current);
        for BaselineEntry { path, rule, pointer, count } in findings {
            let rule = renamed.get(&*rule).map_or(rule.clone(), |slug| (*slug).to_owned());
            *baseline.left.entry(BaselineKey { path, rule, pointer }).or_insert(0) += count;
        }
        Ok(baseline)
    }

    /// A file's findings without the recorded ones; none of them when findings are recorded. `None` means that all are
    /// left.
    pub(super) fn apply(
        &mut self,
        file: &CheckedFile<'_>,
        coverage: FileCoverage<'_>,
    ) -> Option<Vec<RatedFinding>> {
        let path = self.base.relative(file.path);
        if coverage.is_whole {
            self.covered.insert(path.clone(), coverage.unheld.iter().map(|rule| rule.slug).collect());
        }
        if file.findings.is_empty() || (self.left.is_empty() && !self.is_new) {
            return None;
        }
        let mut kept = Vec::new();
        for (finding, pointer) in file.findings.iter().zip(report::anchors(file)) {
            let key = BaselineKey { path: path.clone(), rule: finding.finding.rule.slug.to_owned(), pointer };
            if self.is_new {
                *self.recorded.entry(key).or_insert(0) += 1;
            } else {
                match self.left.get_mut(&key) {
                    Some(count) if *count > 0 => *count -= 1,
                    _ => kept.push(finding.clone()),
                }
            }
        }
        Some(kept)
    }

    /// Marks the recorded findings that are still there and are not reported, because a comment, an exception or the
    /// selection leaves them out: `all` are a file's findings, `reported` those that [`Self::apply`] was given.
    pub(super) fn see_ignored(&mut self, all: &CheckedFile<'_>, reported: &CheckedFile<'_>) {
        if self.is_new || all.findings.len() == reported.findings.len() || self.left.is_empty() {
            return;
        }
        let path = self.base.relative(all.path);
        let mut ignored: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for (finding, pointer) in all.findings.iter().zip(report::anchors(all)) {
            *ignored.entry((finding.finding.rule.slug, pointer)).or_default() += 1;
        }
        for (finding, pointer) in reported.findings.iter().zip(report::anchors(reported)) {
            if let Some(count) = ignored.get_mut(&(finding.finding.rule.slug, pointer)) {
                *count = count.saturating_sub(1);
            }
        }
        for ((rule, pointer), count) in ignored {
            let key = BaselineKey { path: path.clone(), rule: rule.to_owned(), pointer };
            if let Some(left) = self.left.get_mut(&key) {
                *left = left.saturating_sub(count);
            }
        }
    }

    /// The recorded findings that were not found, although their file was checked or does not exist any more.
    #[must_use]
    pub(crate) fn gone(&self) -> Vec<NoLongerFound> {
        let left = self.left.iter().filter(|(key, count)| **count > 0 && self.is_settled(key));
        left.map(|(BaselineKey { path, rule, pointer }, count)| NoLongerFound {
            path: path.clone(),
            rule: rule.clone(),
            pointer: pointer.clone(),
            count: *count,
        })
        .collect()
    }

    /// Whether a file's findings of a rule are known: they were looked for, or the file does not exist any more.
    fn is_settled(&self, BaselineKey { path, rule, .. }: &BaselineKey) -> bool {
        match self.covered.get(path) {
            Some(unheld) => !unheld.contains(&&**rule),
            None => !self.base.resolve(path).exists(),
        }
    }

    /// The file it was read from, or is to be written to.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether findings are recorded.
    #[must_use]
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Writes what was recorded: a line per finding, in a fixed order.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, rules: &[&'static Rule]) -> Result<(), BaselineError> {
        // Another run may have recorded other files since this one began.
        source::alone(&self.path, || {
            let now = if is_kept(&self.path) {
                Self::read(&self.path, Path::new(""), rules)?.left
            } else {
                BTreeMap::new()
            };
            self.write_with(&now)
        })?
    }

    fn write_with(&self, now: &BTreeMap<BaselineKey, usize>) -> Result<(), BaselineError> {
        let mut all = self.recorded.clone();
        for (key, count) in now.iter().filter(|(key, _)| !self.is_settled(key)) {
            // A file that could not be parsed keeps its entries beside the one that says so.
            all.entry(key.clone()).or_insert(*count);
        }
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (index, (BaselineKey { path, rule, pointer }, count)) in all.iter().enumerate() {
            let entry = BaselineEntry {
                path: path.clone(),
                rule: rule.clone(),
                pointer: pointer.clone(),
                count: *count,
            };
            text.push_str(if index > 0 { ",\n    " } else { "\n    " });
            text.push_str(&serde_json::json!(entry).to_string());
        }
        text.push_str(if all.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        Ok(source::write_atomically(&self.path, text.as_bytes())?)
    }
}

/// The one member every version has.
#[derive(Deserialize)]
struct OnlyVersion {
    version: u32,
}
