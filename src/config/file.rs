//! `milepost.toml`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet};
use serde::Deserialize;
use toml::Spanned;

use crate::finding::Severity;
use crate::report;
use crate::source::{self, FileError};
use crate::target::Aim;

use super::exception::{Exception, Exceptions};
use super::paths::Base;
use super::pattern::RulePattern;
use super::selection::{Layer, Level};
use super::target::{self, TargetTable};
use super::{FILE_NAME, shown};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectConfigError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something in it is wrong.
    #[error("{place}: {message}")]
    Wrong {
        /// File, line and column.
        place: String,
        /// What is wrong, and what to do.
        message: String,
    },
}

/// The least severity that makes a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Only errors.
    #[default]
    Error,
    /// Errors and warnings.
    Warning,
    /// Any finding.
    Info,
    /// Findings do not make it fail.
    Never,
}

impl FailOn {
    /// The severity; nothing for never.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// What a settings file says.
#[derive(Clone, Debug)]
pub struct ProjectConfig {
    /// The file's path, for people.
    pub path: String,
    /// The file's text; what ranges refer to.
    pub text: String,
    /// What it says of rules.
    pub layer: Layer,
    /// The least severity that makes a run fail.
    pub fail_on: Option<FailOn>,
    /// The target.
    pub aim: Aim,
    /// The baseline's file.
    pub baseline: Option<PathBuf>,
    /// Findings that are meant to stay.
    pub exceptions: Exceptions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    lint: Lint,
    target: Option<Spanned<TargetTable>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Lint {
    select: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    ignore: Vec<Spanned<String>>,
    #[serde(default)]
    severity: BTreeMap<Spanned<String>, Level>,
    fail_on: Option<FailOn>,
    target: Option<Spanned<String>>,
    baseline: Option<PathBuf>,
    #[serde(default)]
    exception: Vec<Spanned<ExceptionTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExceptionTable {
    path: Spanned<String>,
    pointer: Option<Spanned<String>>,
    rule: Spanned<String>,
    reason: Spanned<String>,
}

/// The settings file that counts in a directory: the nearest one at or above it, as far as the repository goes.
#[must_use]
pub fn find(directory: &Path) -> Option<PathBuf> {
    for directory in directory.ancestors() {
        let candidate = directory.join(FILE_NAME);
        if candidate.is_file() {
            return Some(candidate);
        }
        if directory.join(".git").exists() {
            return None;
        }
    }
    None
}

impl ProjectConfig {
    /// Reads a settings file. `current` is the absolute path of the current directory, `rules` are the slugs of all rules.
    ///
    /// # Errors
    /// When it cannot be read, or says what has no meaning.
    pub fn read(
        path: &Path,
        current: &Path,
        rules: &'static [&'static str],
    ) -> Result<Self, ProjectConfigError> {
        let text = source::read(path)?;
        let reader = ConfigReader { path: shown(path, current), text: &text, rules };
        let Tables { lint, target } =
            toml::from_str(&text).map_err(|error: toml::de::Error| reader.syntax(&error))?;
        let base = Base::of_file(path, current);
        let levels = lint
            .severity
            .iter()
            .map(|(name, level)| Ok((reader.rule(name)?, *level)))
            .collect::<Result<Vec<_>, ProjectConfigError>>()?;
        let layer = Layer::new(
            lint.select.as_ref().map(|names| reader.all_rules(names)).transpose()?,
            reader.all_rules(&lint.ignore)?,
            levels,
        );
        Ok(Self {
            layer,
            fail_on: lint.fail_on,
            aim: reader.aim(lint.target.as_ref(), target.as_ref())?,
            baseline: lint.baseline.map(|file| base.resolve(&file.to_string_lossy())),
            exceptions: reader.exceptions(&lint.exception, base)?,
            path: reader.path,
            text,
        })
    }
}

/// A settings file being read.
struct ConfigReader<'t> {
    path: String,
    text: &'t str,
    rules: &'static [&'static str],
}

impl ConfigReader<'_> {
    fn wrong(&self, range: &Range<usize>, message: impl Into<String>) -> ProjectConfigError {
        let place = report::text::place(&self.path, self.text, range.start);
        ProjectConfigError::Wrong { place, message: message.into() }
    }

    fn syntax(&self, error: &toml::de::Error) -> ProjectConfigError {
        let message = error.message().trim().replace('\n', ", ");
        self.wrong(&error.span().unwrap_or_default(), message)
    }

    /// The target: `target` under `[lint]`, or the table `[target]`.
    fn aim(
        &self,
        name: Option<&Spanned<String>>,
        table: Option<&Spanned<TargetTable>>,
    ) -> Result<Aim, ProjectConfigError> {
        let wrong = |range: &Range<usize>, message: String| self.wrong(range, message);
        match (name, table) {
            (Some(name), Some(_)) => {
                let message =
                    "the target is set here and in the table [target]: set it only there, as `name`";
                Err(self.wrong(&name.span(), message))
            }
            (Some(name), None) => Ok(Aim { target: Some(target::parse(name, &wrong)?), ..Aim::default() }),
            (None, Some(table)) => table.get_ref().aim(&wrong),
            (None, None) => Ok(Aim::default()),
        }
    }

    fn rule(&self, name: &Spanned<String>) -> Result<RulePattern, ProjectConfigError> {
        RulePattern::parse(name.get_ref(), self.rules)
            .map_err(|error| self.wrong(&name.span(), error.to_string()))
    }

    fn all_rules(&self, names: &[Spanned<String>]) -> Result<Vec<RulePattern>, ProjectConfigError> {
        names.iter().map(|name| self.rule(name)).collect()
    }

    fn exceptions(
        &self,
        tables: &[Spanned<ExceptionTable>],
        base: Base,
    ) -> Result<Exceptions, ProjectConfigError> {
        let mut paths = GlobSet::builder();
        let mut list = Vec::new();
        for table in tables {
            let ExceptionTable { path, pointer, rule, reason } = table.get_ref();
            let glob = GlobBuilder::new(path.get_ref()).literal_separator(true).build().map_err(|error| {
                self.wrong(&path.span(), format!("`{}` is no path pattern: {}", path.get_ref(), error.kind()))
            })?;
            paths.add(glob);
            if let Some(pointer) = pointer
                && !(pointer.get_ref().is_empty() || pointer.get_ref().starts_with('/'))
            {
                let message = format!("a JSON pointer begins with `/`: \"/{}\"?", pointer.get_ref());
                return Err(self.wrong(&pointer.span(), message));
            }
            if reason.get_ref().trim().is_empty() {
                return Err(self.wrong(&reason.span(), "say why: the reason is for whoever reads this next"));
            }
            list.push(Exception {
                path: path.get_ref().clone(),
                pointer: pointer.as_ref().map(|pointer| pointer.get_ref().clone()),
                rule: self.rule(rule)?,
                range: table.span(),
            });
        }
        let paths = paths.build().map_err(|error| self.wrong(&(0..0), error.to_string()))?;
        Ok(Exceptions::new(list, paths, base))
    }
}
