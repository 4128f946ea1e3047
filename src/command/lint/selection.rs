//! Which findings to report: the arguments, merged with the settings file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use super::settings::RunSettings;
use crate::command::policy;
use crate::config::{
    Baseline, FailOn, FindingFilter, Layer, Level, PolicySettings, ProjectConfig, RulePattern, Selection,
};
use crate::finding::Rule;
use crate::policy::Policies;
use crate::target::Aim;
use crate::util::escape::shown_path;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct ChooseArgs {
    /// Report only these rules: names or patterns such as 'unknown-*'
    ///
    /// Several are separated by commas. A file that cannot be parsed is reported anyway
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Option<Vec<String>>,

    /// Do not report these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Report a rule as error, warning or info, or turn it off
    ///
    /// Of several patterns that match, the narrowest counts
    #[arg(hide_short_help = true, long, value_name = "RULE=LEVEL", value_delimiter = ',')]
    severity: Vec<String>,

    /// Exit with 1 from this severity on: error, warning, info, never [default: error]
    #[arg(long, value_name = "SEVERITY", value_enum, hide_possible_values = true)]
    fail_on: Option<FailOnArg>,

    /// Do not report the findings recorded in this file
    ///
    /// Recorded findings that are no longer found are counted.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Record the findings in this file instead of reporting them; entries about other files stay
    #[arg(hide_short_help = true, long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,

    /// Hold apps and pods against this JSON Schema too, as Marathon would store them; several with several options
    ///
    /// Findings carry the file's name without its ending. More can be said of a policy in milepost.toml
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    policy: Vec<PathBuf>,

    /// Read the settings from this file instead of milepost.toml
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Read no settings file
    #[arg(hide_short_help = true, long, conflicts_with = "config")]
    no_config: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOnArg {
    /// Only errors
    Error,
    /// Errors and warnings
    Warning,
    /// Any finding
    Info,
    /// Findings do not make the run fail
    Never,
}

impl From<FailOnArg> for FailOn {
    fn from(arg: FailOnArg) -> Self {
        match arg {
            FailOnArg::Error => Self::Error,
            FailOnArg::Warning => Self::Warning,
            FailOnArg::Info => Self::Info,
            FailOnArg::Never => Self::Never,
        }
    }
}

/// Which settings file counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum SettingsFile<'a> {
    /// The one that an option names.
    This(&'a Path),
    /// None.
    None,
    /// For each checked file the nearest one.
    Nearest,
}

impl ChooseArgs {
    /// The settings file that counts.
    pub(super) fn file(&self) -> SettingsFile<'_> {
        match &self.config {
            Some(file) => SettingsFile::This(file),
            None if self.no_config => SettingsFile::None,
            None => SettingsFile::Nearest,
        }
    }

    /// The schema that `--policy` names, if this rule is that policy.
    pub(super) fn policy_file(&self, rule: &str) -> Option<&Path> {
        let is_named =
            |file: &&PathBuf| PolicySettings::of_file(file).is_ok_and(|policy| policy.name == rule);
        self.policy.iter().find(is_named).map(PathBuf::as_path)
    }

    /// Whether a baseline is given or written.
    pub(super) fn has_baseline(&self) -> bool {
        self.baseline.is_some() || self.write_baseline.is_some()
    }

    /// The options merged with a settings file. `current` is the absolute path of the current directory, `has_policies` is
    /// whether policies count.
    pub(super) fn resolve(
        &self,
        aim: Aim,
        file: Option<&Path>,
        current: &Path,
        has_policies: bool,
    ) -> anyhow::Result<RunSettings> {
        let mut policies = policy::of_files(&self.policy)?;
        let mut rules = policy::known_rules(&policies)?;
        let mut settings = file.map(|file| ProjectConfig::read(file, current, rules)).transpose()?;
        if let Some(settings) = &mut settings {
            rules = settings.rules;
            policies.append(&mut settings.policies);
        }
        let command_line = self.layer(rules)?;
        let of_file = settings.as_ref();
        let baseline = self.baseline(of_file, current, rules)?;
        let fail_on = self.fail_on.map(FailOn::from).or_else(|| of_file?.fail_on).unwrap_or_default();
        let (target, target_name) = super::super::target::resolve(aim, of_file)?;
        let file_layer = of_file.map(|settings| settings.layer.clone()).unwrap_or_default();
        let exclude = of_file.and_then(|settings| settings.exclude.clone());
        let environments = of_file.map(|settings| settings.environments.clone()).unwrap_or_default();
        let selection = Selection { command_line, file: file_layer };
        Ok(RunSettings {
            filter: FindingFilter::new(rules, selection, settings, baseline),
            fail_on: fail_on.severity(),
            target,
            target_name,
            policies: if has_policies { Policies::load(policies)? } else { Policies::default() },
            exclude,
            environments,
        })
    }

    fn baseline(
        &self,
        settings: Option<&ProjectConfig>,
        current: &Path,
        rules: &'static [&'static Rule],
    ) -> anyhow::Result<Option<Baseline>> {
        if let Some(file) = &self.write_baseline {
            let baseline = Baseline::record(file, current, rules);
            return Ok(Some(
                baseline.with_context(|| format!("{} cannot be overwritten", shown_path(&file)))?,
            ));
        }
        let file = self.baseline.as_deref().or_else(|| settings?.baseline.as_deref());
        file.map(|file| read_baseline(file, current, rules)).transpose()
    }

    fn layer(&self, rules: &'static [&'static Rule]) -> anyhow::Result<Layer> {
        let all = |option: &'static str, names: &[String]| {
            let patterns = names.iter().map(|name| RulePattern::parse(name, rules));
            patterns.collect::<Result<Vec<_>, _>>().context(option)
        };
        let select = self.select.as_deref().map(|names| all("--select", names)).transpose()?;
        let levels = self.severity.iter().map(|text| {
            let (name, level) =
                text.split_once('=').with_context(|| format!("`{text}` is not RULE=LEVEL"))?;
            let level = match level {
                "error" => Level::Error,
                "warning" => Level::Warning,
                "info" => Level::Info,
                "off" => Level::Off,
                _ => anyhow::bail!("`{level}` is not a level: use error, warning, info or off"),
            };
            Ok((RulePattern::parse(name, rules)?, level))
        });
        let levels = levels.collect::<anyhow::Result<Vec<_>>>().context("--severity")?;
        Ok(Layer::new(select, all("--ignore", &self.ignore)?, levels))
    }
}

fn read_baseline(file: &Path, current: &Path, rules: &[&'static Rule]) -> anyhow::Result<Baseline> {
    if !file.exists() {
        let file = shown_path(&file);
        anyhow::bail!("there is no baseline {file}; --write-baseline {file} records one");
    }
    Baseline::read(file, current, rules).context("the baseline cannot be used")
}
