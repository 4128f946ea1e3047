//! Choosing what to report: the arguments, and what they come to together with the settings file.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::ValueEnum;

use crate::config::{
    self, Baseline, FailOn, FindingFilter, Layer, Level, PolicySettings, ProjectConfig, RulePattern,
    Selection,
};
use crate::finding::Severity;
use crate::target::{self, Aim};

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Choosing")]
pub(super) struct ChooseArgs {
    /// Report only these rules; a name or a pattern such as 'unknown-*', several with commas. That a file cannot be
    /// parsed is reported all the same
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Option<Vec<String>>,

    /// Leave these rules out
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Take a rule's findings for error, warning or info, or turn it off. Of several that match, the narrowest counts
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',')]
    severity: Vec<String>,

    /// The least severity that makes the exit code 1 [default: error]
    #[arg(long, value_name = "SEVERITY", value_enum)]
    fail_on: Option<FailOnArg>,

    /// Leave out the findings recorded in this file; those recorded and no longer there are counted
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Record the findings in this file instead of reporting them; what it says of files not looked at stays
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,

    /// Hold apps and pods against this JSON Schema too, as Marathon would store them; several with several options.
    /// Findings carry the file's name without its ending. More can be said of a policy in milepost.toml
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,

    /// Read the settings from this file instead of milepost.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Read no settings file
    #[arg(long, conflicts_with = "config")]
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
    /// Findings do not make it fail
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

/// What the arguments and the settings file come to.
pub(super) struct Chosen {
    pub(super) sieve: FindingFilter,
    /// The least severity that makes the run fail.
    pub(super) fail_on: Option<Severity>,
    /// The settings of the Marathon being aimed at.
    pub(super) target: target::Settings,
    /// The organisation's own rules.
    pub(super) policies: Vec<PolicySettings>,
}

impl ChooseArgs {
    /// `current` is the absolute path of the current directory.
    pub(super) fn resolve(&self, aim: Aim, current: &Path) -> anyhow::Result<Chosen> {
        let mut policies = self.policies()?;
        let mut rules = config::rules_with(config::rules(), policies.iter().map(|policy| &*policy.name));
        let file = match &self.config {
            Some(file) => Some(file.clone()),
            None if self.no_config => None,
            None => config::find(current),
        };
        let mut settings = file.map(|file| ProjectConfig::read(&file, current, rules)).transpose()?;
        if let Some(settings) = &mut settings {
            rules = settings.rules;
            policies.append(&mut settings.policies);
        }
        let above = self.layer(rules)?;
        let baseline = match (&self.write_baseline, &self.baseline) {
            (Some(file), _) => {
                let baseline = Baseline::record(file, current);
                Some(baseline.with_context(|| format!("{} cannot be written over", file.display()))?)
            }
            (None, Some(file)) => Some(read_baseline(file, current)?),
            (None, None) => settings
                .as_ref()
                .and_then(|settings| settings.baseline.as_deref())
                .map(|file| read_baseline(file, current))
                .transpose()?,
        };
        let of_file = settings.as_ref();
        let fail_on = self.fail_on.map(FailOn::from).or_else(|| of_file?.fail_on).unwrap_or_default();
        let target = super::super::target::resolve(aim, of_file)?;
        let below = of_file.map(|settings| settings.layer.clone()).unwrap_or_default();
        Ok(Chosen {
            sieve: FindingFilter::new(rules, Selection { above, below }, settings, baseline),
            fail_on: fail_on.severity(),
            target,
            policies,
        })
    }

    /// The policies of the command line.
    fn policies(&self) -> anyhow::Result<Vec<PolicySettings>> {
        let mut policies: Vec<PolicySettings> = Vec::with_capacity(self.policy.len());
        for file in &self.policy {
            let policy = PolicySettings::of_file(file).map_err(anyhow::Error::msg).context("--policy")?;
            if policies.iter().any(|other| other.name == policy.name) {
                anyhow::bail!("--policy: there are two policies `{}`", policy.name);
            }
            policies.push(policy);
        }
        Ok(policies)
    }

    fn layer(&self, rules: &'static [&'static str]) -> anyhow::Result<Layer> {
        let all = |option: &'static str, names: &[String]| {
            let patterns = names.iter().map(|name| RulePattern::parse(name, rules));
            patterns.collect::<Result<Vec<_>, _>>().context(option)
        };
        let select = self.select.as_deref().map(|names| all("--select", names)).transpose()?;
        let levels = self.severity.iter().map(|text| {
            let (name, level) = text
                .split_once('=')
                .with_context(|| format!("`{text}` is no level for a rule; write RULE=LEVEL"))?;
            let level = match level {
                "error" => Level::Error,
                "warning" => Level::Warning,
                "info" => Level::Info,
                "off" => Level::Off,
                _ => anyhow::bail!("`{level}` is no level; there are error, warning, info and off"),
            };
            Ok((RulePattern::parse(name, rules)?, level))
        });
        let levels = levels.collect::<anyhow::Result<Vec<_>>>().context("--severity")?;
        Ok(Layer::new(select, all("--ignore", &self.ignore)?, levels))
    }
}

fn read_baseline(file: &Path, current: &Path) -> anyhow::Result<Baseline> {
    if !file.exists() {
        let file = file.display();
        anyhow::bail!("there is no baseline {file}; --write-baseline {file} records one");
    }
    Baseline::read(file, current).context("the baseline cannot be used")
}
