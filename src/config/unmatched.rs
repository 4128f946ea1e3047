//! Patterns of files in milepost.toml that match none: what they were written for is not done.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::finding::{Effect, Finding, Rule, Scope};
use crate::source::Pointer;
use crate::util::path::clean;

use super::paths::{Base, PathPattern, path_of};

pub(super) static UNMATCHED_PATH: Rule =
    Rule::risky("unmatched-path", "A pattern of files in milepost.toml matches a file")
        .about(Scope::Settings)
        .why(
            "An environment whose `paths` match nothing compares no services, a policy whose `paths` match nothing is \
             held against nothing, and an exception for no file excepts nothing: a misspelt directory turns a check off, \
             and nobody sees it. It is reported when all files that the pattern could match were looked for, when its \
             directory is not there, or when it leads out of the directory of milepost.toml, whose settings are for the \
             files in it.",
        )
        .example("[environment.prod]\npaths = [\"envs/prd\"]\n\nThe directory is envs/prod.");

/// What a pattern may hold besides names.
const WILDCARDS: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// A pattern as it is written.
#[derive(Clone, Debug)]
struct WrittenPattern {
    text: String,
    /// What it is for, such as `[environment.prod]`.
    user: String,
    range: Range<usize>,
    /// Compiled for the first file, because most commands look for none.
    pattern: OnceLock<PathPattern>,
    is_matched: bool,
    /// Whether it has to match something. One that leaves files out may find none.
    is_needed: bool,
}

impl WrittenPattern {
    /// The part of it that has no wildcards: all files that it matches are at or below this path.
    fn root(&self, base: &Base) -> PathBuf {
        let parts = path_of(&self.text).split('/').take_while(|part| !part.contains(WILDCARDS));
        clean(&base.resolve(&parts.collect::<Vec<_>>().join("/")))
    }

    /// Whether it cannot match any file in the directory: paths of those have no `..`.
    fn leads_out(&self) -> bool {
        path_of(&self.text).split('/').any(|part| part == "..")
    }

    fn has(&self, relative: &str) -> bool {
        let compiled = || PathPattern::new(&self.text).unwrap_or_default();
        self.pattern.get_or_init(compiled).has(relative)
    }

    fn finding(&self) -> Finding {
        let help = if self.leads_out() {
            "write it without `..`: it is relative to this file, whose settings are for the files in its directory"
        } else {
            "correct the pattern, or remove it; it is relative to this file, and a directory stands for all below it"
        };
        Finding {
            rule: &UNMATCHED_PATH,
            effect: Effect::Risky,
            pointer: Pointer::root(),
            message: format!("`{}` of {} matches no file", self.text, self.user),
            help: Some(help.into()),
            range: self.range.clone(),
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}

/// All patterns of files in a settings file, with the use of each.
#[derive(Clone, Debug)]
pub(super) struct WrittenPatterns {
    list: Vec<WrittenPattern>,
    base: Base,
    /// Whether a file was found that is not in the directory: the settings are those of the current directory.
    is_left: bool,
}

impl WrittenPatterns {
    pub(super) fn new(base: Base) -> Self {
        Self { list: Vec::new(), base, is_left: false }
    }

    /// Adds a pattern that `user` has at this range of the file. One that is none matches nothing; it is reported where it is
    /// used.
    pub(super) fn add(&mut self, text: &str, range: Range<usize>, user: String) {
        self.push(text, range, user, true);
    }

    /// As [`Self::add`], of files to leave out: there may be none, but there has to be a way to one.
    pub(super) fn add_excluded(&mut self, text: &str, range: Range<usize>) {
        self.push(text, range, "`exclude`".to_owned(), false);
        // Others are not looked for in each file's path.
        self.list.pop_if(|pattern| !pattern.leads_out());
    }

    fn push(&mut self, text: &str, range: Range<usize>, user: String, is_needed: bool) {
        let text = text.to_owned();
        let pattern = OnceLock::new();
        self.list.push(WrittenPattern { text, user, range, pattern, is_matched: false, is_needed });
    }

    /// Notes a file that was found, given by its path from the current directory.
    pub(super) fn see(&mut self, path: &str) {
        if self.list.iter().all(|pattern| pattern.is_matched) {
            return;
        }
        let relative = self.base.relative(path);
        self.is_left |= !self.base.holds(&self.base.absolute(Path::new(path)));
        for pattern in self.list.iter_mut().filter(|pattern| !pattern.is_matched) {
            pattern.is_matched = pattern.has(&relative);
        }
    }

    /// A finding for each pattern that matched no file, where these directories have all files that it could match.
    pub(super) fn unmatched(&self, directories: &[PathBuf]) -> Vec<Finding> {
        let walked: Vec<PathBuf> = directories.iter().map(|path| self.base.absolute(path)).collect();
        let is_unmatched = |pattern: &&WrittenPattern| {
            let root = pattern.root(&self.base);
            let is_walked = || walked.iter().any(|directory| root.starts_with(directory));
            let is_astray = || !self.is_left && pattern.leads_out();
            let is_missed = || pattern.is_needed && (is_walked() || !exists(&root));
            !pattern.is_matched && (is_astray() || is_missed())
        };
        self.list.iter().filter(is_unmatched).map(WrittenPattern::finding).collect()
    }
}

/// Whether there is something at this path; where that cannot be told, there is.
fn exists(path: &Path) -> bool {
    path.try_exists().unwrap_or(true)
}
