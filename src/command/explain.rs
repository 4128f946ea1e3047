//! `milepost explain`

mod task;

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;

use super::target::TargetArgs;
use super::{Exit, Terminal, policy};
use crate::finding::{FixKind, Rule, Scope};
use crate::rule_docs::{self, RuleDoc};
use crate::util::escape::on_one_line;
use task::TaskLayout;

/// The widest line of prose.
const WIDTH: usize = 80;

/// Explain a rule: its effect, its reason, an example that breaks it, and a correct one. Or, with --task, a definition: what
/// Marathon sends to Mesos for it, and what runs there.
///
/// Every code in brackets that a command writes is the name of a rule.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost explain unknown-field
  milepost explain secret-clash nothing-to-pull
  milepost explain 'resident-*'
  milepost explain --policy team-label.json
  milepost explain --task web.json
  milepost explain --task web.json --format json")]
pub(super) struct Args {
    /// The rule's name, as findings show it in brackets, an earlier name, or a pattern such as 'resident-*'
    #[arg(required_unless_present_any = ["task", "policy"], value_name = "RULE")]
    rules: Vec<String>,

    /// Know this JSON Schema as a policy, as `lint --policy` does; without RULE it is explained
    #[arg(long, value_name = "FILE", conflicts_with = "task")]
    policy: Vec<PathBuf>,

    /// Show what runs of the app, pod or group in this file: the `docker run` line, what is fetched, the checks, the
    /// resources
    ///
    /// The variables that Marathon adds, such as PORT0 and HOST, and those of secrets are left out. What Mesos or Docker
    /// refuses of it is shown on stderr; the exit code is 1 then.
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    task: Option<String>,

    /// How to write the task [default: text]
    #[arg(long, value_enum)]
    format: Option<TaskLayout>,

    #[command(flatten)]
    target: TargetArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if let Some(file) = &args.task {
        let settings = args.target.settings(&[file], term)?;
        return task::show(file, args.format.unwrap_or(TaskLayout::Text), &settings, term);
    }
    // Of clap, `requires` does not count beside what the required option conflicts with.
    if args.format.is_some() {
        bail!("--format is for --task: leave it out, rules are explained as text");
    }
    if args.target.is_given() {
        bail!("options for the target are for --task: a rule is explained for every target");
    }
    let policies = policy::of_files(&args.policy)?;
    let all_policies = || policies.iter().map(|policy| policy.name.clone()).collect();
    let rules = if args.rules.is_empty() { all_policies() } else { args.rules.clone() };
    for (index, rule) in super::rules::chosen(&rules, policies)?.into_iter().enumerate() {
        if index > 0 {
            writeln!(term.out(), "\n{}\n", "-".repeat(WIDTH))?;
        }
        explain(rule, term.out())?;
    }
    Ok(Exit::Fine)
}

fn explain(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} ({})\n", rule.slug, rule_docs::headline(rule))?;
    paragraph(out, &format!("{}.", rule.title))?;
    if !rule.why.is_empty() {
        writeln!(out)?;
        paragraph(out, rule.why)?;
    }
    writeln!(out)?;
    if !rule.aliases.is_empty() {
        writeln!(out, "Formerly: {}", rule.aliases.join(", "))?;
    }
    if !rule.held_against.is_empty() {
        writeln!(out, "Held against: {}", on_one_line(rule.held_against))?;
    } else if rule.scope == Scope::Definitions {
        writeln!(out, "Holds for: {}", rule_docs::releases(rule))?;
    } else {
        writeln!(out, "Found by: {}", rule.scope.commands())?;
    }
    if !rule.setting.is_empty() {
        writeln!(out, "Depends on: {}", rule.setting)?;
    }
    if !rule.example.is_empty() {
        block(out, "Example:", rule.example)?;
    }
    let Some(RuleDoc { bad, output, fix, good }) = RuleDoc::of(rule) else { return Ok(()) };
    let target = if rule.target == "dcos" { String::new() } else { format!(" --target {}", rule.target) };
    block(out, "Bad, as bad.json:", &bad)?;
    block(out, &format!("milepost lint bad.json{target}:"), &output)?;
    if !fix.is_empty() {
        let how = if rule.fix == FixKind::Unsafe { "--fix=unsafe" } else { "--fix" };
        block(out, &format!("milepost lint bad.json{target} {how} --diff:"), &fix)?;
    }
    block(out, "Good:", &good)
}

fn block(out: &mut dyn Write, title: &str, text: &str) -> io::Result<()> {
    writeln!(out, "\n{title}\n")?;
    for line in text.lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    Ok(())
}

/// Prose, broken between words.
fn paragraph(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{line}")
}
