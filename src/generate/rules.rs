//! `docs/rules.md`.

use std::fmt::Write as _;

use crate::finding::{Effect, Rule};
use crate::rule_docs::{RuleDoc, all, headline, releases};

const EFFECTS: [(Effect, &str); 5] = [
    (Effect::Rejected, "What Marathon refuses"),
    (Effect::Ignored, "What Marathon takes and makes nothing of"),
    (Effect::Risky, "What will hurt"),
    (Effect::Deprecated, "What is on its way out"),
    (Effect::Style, "Matters of taste"),
];

/// The text of `docs/rules.md`: every rule with its examples and what milepost says of them.
#[must_use]
pub fn markdown() -> String {
    let mut text = format!(
        "# The rules\n\nGenerated from the code: `cargo run --example generate`. `milepost explain RULE` shows the \
         same. There are {} rules; `milepost.toml` and the options of `milepost lint` choose among them.\n",
        all().len()
    );
    for (effect, title) in EFFECTS {
        let _ = write!(text, "\n- {title}:\n");
        for rule in all().iter().filter(|rule| rule.effect == effect) {
            let _ = writeln!(text, "  - [`{0}`](#{0}) {1}", rule.slug, rule.title);
        }
    }
    for (effect, title) in EFFECTS {
        let _ = write!(text, "\n# {title}\n");
        all().iter().filter(|rule| rule.effect == effect).for_each(|rule| section(rule, &mut text));
    }
    text
}

fn section(rule: &Rule, text: &mut String) {
    let _ = write!(text, "\n## {}\n\n{}.\n\n", rule.slug, rule.title);
    let _ = writeln!(text, "*{}. Holds for {}.*", headline(rule), holds_for(rule));
    if !rule.why.is_empty() {
        let _ = write!(text, "\n{}\n", rule.why);
    }
    let Some(RuleDoc { bad, output, fix, good }) = RuleDoc::of(rule) else { return };
    let target = if rule.target == "dcos" { String::new() } else { format!(" (`--target {}`)", rule.target) };
    let _ = write!(text, "\nBad{target}:\n\n```json\n{bad}\n```\n\n```text\n{output}\n```\n");
    if !fix.is_empty() {
        let _ = write!(text, "\nMended:\n\n```diff\n{fix}\n```\n");
    }
    let _ = write!(text, "\nGood:\n\n```json\n{good}\n```\n");
}

fn holds_for(rule: &Rule) -> String {
    match rule.setting {
        "" => releases(rule),
        setting => format!("{}, depending on `{setting}`", releases(rule)),
    }
}
