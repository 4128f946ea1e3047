//! `docs/rules.md`.

use std::fmt::Write as _;

use crate::finding::{Effect, Rule, Scope};
use crate::rule_docs::{RuleDoc, all, headline, releases};

/// A chapter: its title, and the rules in it.
type Chapter = (&'static str, fn(&Rule) -> bool);

static CHAPTERS: [Chapter; 16] = [
    ("What Marathon rejects", |rule| is_of_lint(rule, Effect::Rejected)),
    ("What Marathon accepts, and Mesos or Docker refuses", |rule| is_of_lint(rule, Effect::Fails)),
    ("What Marathon accepts and ignores", |rule| is_of_lint(rule, Effect::Ignored)),
    ("What will cause trouble", |rule| is_of_lint(rule, Effect::Risky)),
    ("What is deprecated", |rule| is_of_lint(rule, Effect::Deprecated)),
    ("Matters of style", |rule| is_of_lint(rule, Effect::Style)),
    ("Files that cannot be checked", |rule| rule.scope == Scope::Inputs),
    ("Settings and ignore comments", |rule| rule.scope == Scope::Settings),
    ("Templates", |rule| rule.scope == Scope::Templates),
    ("Wiring credentials into definitions", |rule| rule.scope == Scope::Wiring),
    ("Files of credentials", |rule| rule.scope == Scope::Credentials),
    ("Certificates of registries", |rule| rule.scope == Scope::Certificates),
    ("The setup of registries", |rule| rule.scope == Scope::Registries),
    ("Images in registries", |rule| rule.scope == Scope::Images),
    ("Answers of servers", |rule| rule.scope == Scope::Servers),
    ("Migration", |rule| rule.scope == Scope::Migration),
];

fn is_of_lint(rule: &Rule, effect: Effect) -> bool {
    rule.scope == Scope::Definitions && rule.effect == effect
}

/// The text of `docs/rules.md`: every rule with its examples and what milepost reports for them.
#[must_use]
pub fn markdown() -> String {
    let mut text = format!(
        "# The rules\n\nGenerated from the code: `cargo run --example generate`. `milepost explain RULE` shows the \
         same. There are {} rules: every code that a command reports is one. `milepost.toml` and the options of \
         `milepost lint` choose among them.\n",
        all().len()
    );
    for (title, is_in) in CHAPTERS {
        let _ = write!(text, "\n- {title}:\n");
        for rule in all().iter().filter(|rule| is_in(rule)) {
            let _ = writeln!(text, "  - [`{rule}`](#{rule}) {}", rule.title);
        }
    }
    for (title, is_in) in CHAPTERS {
        let _ = write!(text, "\n# {title}\n");
        all().iter().filter(|rule| is_in(rule)).for_each(|rule| section(rule, &mut text));
    }
    text
}

fn section(rule: &Rule, text: &mut String) {
    let _ = write!(text, "\n## {rule}\n\n{}.\n\n", rule.title);
    let _ = writeln!(text, "*{}. {}.*", headline(rule), place(rule));
    if !rule.why.is_empty() {
        let _ = write!(text, "\n{}\n", rule.why);
    }
    if !rule.aliases.is_empty() {
        let _ = write!(text, "\nFormerly `{}`.\n", rule.aliases.join("`, `"));
    }
    if !rule.example.is_empty() {
        let _ = write!(text, "\nExample:\n\n```text\n{}\n```\n", rule.example);
    }
    let Some(RuleDoc { bad, output, fix, good }) = RuleDoc::of(rule) else { return };
    let target = if rule.target == "dcos" { String::new() } else { format!(" (`--target {}`)", rule.target) };
    let _ = write!(text, "\nBad{target}:\n\n```json\n{bad}\n```\n\n```text\n{output}\n```\n");
    if !fix.is_empty() {
        let _ = write!(text, "\nFixed:\n\n```diff\n{fix}\n```\n");
    }
    let _ = write!(text, "\nGood:\n\n```json\n{good}\n```\n");
}

/// Where the rule holds, or which commands find it.
fn place(rule: &Rule) -> String {
    match (rule.scope, rule.setting) {
        (Scope::Definitions, "") => format!("Holds for {}", releases(rule)),
        (Scope::Definitions, setting) => format!("Holds for {}, depending on `{setting}`", releases(rule)),
        (scope, _) => format!("Found by `{}`", scope.commands().replace(", ", "`, `")),
    }
}
