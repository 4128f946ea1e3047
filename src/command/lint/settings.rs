//! The settings of each file: those of the nearest milepost.toml.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::selection::{ChooseArgs, SettingsFile};
use crate::command::discover::InputFile;
use crate::config::{self, Environment, FindingFilter, PathPatterns};
use crate::finding::Severity;
use crate::policy::Policies;
use crate::target::{self, Aim};

/// What counts for some of the files of a run.
pub(super) struct RunSettings {
    pub(super) filter: FindingFilter,
    /// The lowest severity that makes the run fail.
    pub(super) fail_on: Option<Severity>,
    /// The settings of the target.
    pub(super) target: target::Settings,
    /// The target as it is named, such as `dcos-2.2`.
    pub(super) target_name: String,
    /// The organisation's own rules.
    pub(super) policies: Policies,
    /// What the settings file leaves out.
    pub(super) exclude: Option<PathPatterns>,
    /// The clusters that files are for.
    pub(super) environments: Vec<Environment>,
}

impl RunSettings {
    /// The name of the cluster that a file is for: an environment, or its directory.
    pub(super) fn cluster_of(&self, path: &Path) -> String {
        let name = path.to_string_lossy();
        let environment = self.environments.iter().find(|environment| environment.paths.has(&name));
        match environment {
            // No path begins like this.
            Some(environment) => format!("\0{}", environment.name),
            None => path.parent().unwrap_or(path).to_string_lossy().into_owned(),
        }
    }
}

/// The settings of all files of a run, read when the first of their files is met.
pub(super) struct SettingsOfFiles<'a> {
    choose: &'a ChooseArgs,
    aim: Aim,
    current: &'a Path,
    has_policies: bool,
    all: Vec<RunSettings>,
    /// The index of each settings file.
    by_file: HashMap<Option<PathBuf>, usize>,
    /// The index of each directory.
    by_directory: HashMap<PathBuf, usize>,
}

impl<'a> SettingsOfFiles<'a> {
    /// `has_policies` is whether policies count.
    pub(super) fn new(choose: &'a ChooseArgs, aim: Aim, current: &'a Path, has_policies: bool) -> Self {
        let (by_file, by_directory) = (HashMap::new(), HashMap::new());
        Self { choose, aim, current, has_policies, all: Vec::new(), by_file, by_directory }
    }

    /// The index of a file's settings; nothing when they exclude it.
    pub(super) fn of(&mut self, file: &InputFile) -> anyhow::Result<Option<usize>> {
        let directory = file.path.parent().unwrap_or(&file.path);
        let known = self.by_directory.get(directory).copied();
        let index = known.map_or_else(|| self.of_settings_file(&file.path), Ok)?;
        if known.is_none() {
            self.by_directory.insert(directory.to_owned(), index);
        }
        let is_excluded =
            self.all[index].exclude.as_ref().is_some_and(|paths| paths.has(&file.path.to_string_lossy()));
        Ok((!is_excluded).then_some(index))
    }

    fn of_settings_file(&mut self, path: &Path) -> anyhow::Result<usize> {
        let file = match self.choose.file() {
            SettingsFile::This(file) => Some(file.to_owned()),
            SettingsFile::None => None,
            SettingsFile::Nearest => config::find_for(path, self.current),
        };
        if let Some(index) = self.by_file.get(&file) {
            return Ok(*index);
        }
        if !self.all.is_empty() && self.choose.has_baseline() {
            bail!(
                "the files of this run have several milepost.toml, and a baseline belongs to one: choose one with --config"
            );
        }
        let settings =
            self.choose.resolve(self.aim.clone(), file.as_deref(), self.current, self.has_policies)?;
        self.all.push(settings);
        self.by_file.insert(file, self.all.len() - 1);
        Ok(self.all.len() - 1)
    }

    /// The settings, one at least.
    pub(super) fn end(mut self) -> anyhow::Result<Vec<RunSettings>> {
        if self.all.is_empty() {
            self.of_settings_file(Path::new("-"))?;
        }
        Ok(self.all)
    }
}
