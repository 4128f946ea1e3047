//! `milepost rules`

use anyhow::Context as _;
use clap::ValueEnum;
use serde_json::json;

use super::{Exit, Terminal, policy};
use crate::config::{self, PolicySettings, ProjectConfig, RulePattern};
use crate::finding::{FixKind, Rule};
use crate::policy::Policies;
use crate::rule_docs;
use crate::util::text::column;

/// List the rules that definitions are checked against.
///
/// Each has a line: its name, its severity, whether `lint --fix` fixes it, what it is about, and what it demands. Every code
/// that a command reports is a rule. `milepost explain RULE` explains one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost rules
  milepost rules 'unknown-*' --format json")]
pub(super) struct Args {
    /// Only these: a name, an earlier name, or a pattern such as 'unknown-*'
    #[arg(value_name = "RULE")]
    rules: Vec<String>,

    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    format: RulesFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RulesFormat {
    /// A line for each rule
    Text,
    /// All fields of each rule
    Json,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let chosen = chosen(&args.rules, Vec::new())?;
    match args.format {
        RulesFormat::Text => {
            let width = column(chosen.iter().map(|rule| rule.slug));
            for rule in chosen {
                let fix = if rule.fix == FixKind::None { "" } else { rule.fix.name() };
                let (severity, scope) = (rule.severity().name(), rule.scope.name());
                writeln!(term.out(), "{rule:width$}  {severity:7}  {fix:6}  {scope:11}  {}", rule.title)?;
            }
        }
        RulesFormat::Json => {
            let rules: Vec<_> = chosen.into_iter().map(as_json).collect();
            writeln!(term.out(), "{:#}", json!({"version": 1, "rules": rules}))?;
        }
    }
    Ok(Exit::Fine)
}

/// The rules that the patterns name, these policies and those of milepost.toml among them; all rules of milepost's own when
/// there are no patterns.
pub(super) fn chosen(
    patterns: &[String],
    policies: Vec<PolicySettings>,
) -> anyhow::Result<Vec<&'static Rule>> {
    let mut rules = rule_docs::all().to_vec();
    let mut known = policy::known_rules(&policies)?;
    rules.extend(Policies::load(policies)?.rules());
    let is_unknown = |text: &String| RulePattern::parse(text, known).is_err();
    if (patterns.is_empty() || patterns.iter().any(is_unknown))
        && let Some(settings) = project_config(known)?
    {
        known = settings.rules;
        rules.extend(Policies::load(settings.policies)?.rules());
    }
    let patterns: Vec<RulePattern> =
        patterns.iter().map(|text| RulePattern::parse(text, known)).collect::<Result<_, _>>()?;
    let is_chosen = |rule: &Rule| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(rule));
    Ok(rules.into_iter().filter(|rule| is_chosen(rule)).collect())
}

/// The settings file of this directory. `known` are the rules that its policies are beside.
fn project_config(known: &'static [&'static Rule]) -> anyhow::Result<Option<ProjectConfig>> {
    let current = std::env::current_dir().context("cannot tell the current directory")?;
    let file = config::find(&current);
    Ok(file.map(|file| ProjectConfig::read(&file, &current, known)).transpose()?)
}

fn as_json(rule: &Rule) -> serde_json::Value {
    json!({
        "slug": rule.slug,
        "aliases": rule.aliases,
        "scope": rule.scope.name(),
        "title": rule.title,
        "why": rule.why,
        "effect": rule.effect.name(),
        "severity": rule.severity().name(),
        "since": rule.since.map(|release| release.to_string()),
        "until": rule.until.map(|release| release.to_string()),
        "setting": Some(rule.setting).filter(|setting| !setting.is_empty()),
        "fix": rule.fix.name(),
        "target": rule.target,
        "bad": rule.bad,
        "good": rule.good,
        "example": Some(rule.example).filter(|example| !example.is_empty()),
    })
}
