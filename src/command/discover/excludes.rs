//! What `--exclude` and `exclude` of `milepost.toml` leave out of a walk.

use std::cell::Cell;
use std::path::Path;

use anyhow::Context as _;

use crate::config::{PathPatterns, ProjectConfig};

/// What is left out of a walk.
#[derive(Debug, Default)]
pub(in crate::command) struct Excludes {
    options: Vec<ExcludeOption>,
    of_settings: Option<PathPatterns>,
}

/// A pattern of `--exclude`, and whether it leaves out something.
#[derive(Debug)]
struct ExcludeOption {
    text: String,
    patterns: PathPatterns,
    is_used: Cell<bool>,
}

impl Excludes {
    /// The patterns of the option `--exclude` and of the settings file.
    ///
    /// # Errors
    /// When a text is not a pattern.
    pub(super) fn new(options: &[String], settings: Option<&ProjectConfig>) -> anyhow::Result<Self> {
        let current = std::env::current_dir().context("cannot find the current directory")?;
        let option = |text: &String| {
            let patterns = PathPatterns::excluding_below(std::slice::from_ref(text), &current);
            let patterns = patterns.map_err(anyhow::Error::msg).context("--exclude")?;
            Ok(ExcludeOption { text: text.clone(), patterns, is_used: Cell::new(false) })
        };
        let options = options.iter().map(option).collect::<anyhow::Result<_>>()?;
        Ok(Self { options, of_settings: settings.and_then(|settings| settings.exclude.clone()) })
    }

    /// Whether this is left out.
    pub(super) fn has(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        let mut is_excluded = self.of_settings.as_ref().is_some_and(|patterns| patterns.has(&path));
        for option in &self.options {
            if option.patterns.has(&path) {
                option.is_used.set(true);
                is_excluded = true;
            }
        }
        is_excluded
    }

    /// The patterns of `--exclude` that leave out nothing.
    pub(super) fn idle(&self) -> Vec<String> {
        self.options.iter().filter(|option| !option.is_used.get()).map(|option| option.text.clone()).collect()
    }
}
