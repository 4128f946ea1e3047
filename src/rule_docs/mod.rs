//! The documentation of rules: their examples, with what milepost really reports of them.

mod registry;

use similar::TextDiff;

use crate::finding::{Effect, Finding, FixKind, Rule, Scope};
use crate::fix::{self, Fixed};
use crate::lint::{Linter, Report};
use crate::report;
use crate::source::{Document, Format, Value, fitted};
use crate::target::{Release, Settings, Target};

pub use registry::{all, find, known};

/// The widest line of an example that can be broken.
const WIDTH: usize = 76;

/// A rule's examples, with what milepost makes of them.
#[derive(Clone, Debug)]
pub struct RuleDoc {
    /// The definition that breaks the rule, as it is printed.
    pub bad: String,
    /// This rule's findings in it, without colours.
    pub output: String,
    /// What `--fix` changes of it for this rule, as a unified diff; empty where it changes nothing.
    pub fix: String,
    /// The same definition, fixed.
    pub good: String,
}

impl RuleDoc {
    /// Checks a rule's examples; nothing for a rule whose examples are not definitions.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<Self> {
        if rule.bad.is_empty() {
            return None;
        }
        let (bad, good) = (laid_out(rule.bad), laid_out(rule.good));
        let output = plain(&output_of(rule, &bad));
        let fix = diff(&bad, &fixed(rule, &bad).text);
        Some(Self { bad, output, fix, good })
    }
}

/// The format of an example: one that begins with a comment is JSONC.
#[must_use]
pub fn format_of(example: &str) -> Format {
    if example.starts_with("//") { Format::Jsonc } else { Format::Json }
}

/// An example as it is printed: laid out, unless the rule is about the text itself.
fn laid_out(example: &str) -> String {
    let example = example.trim();
    let is_plain = |document: &Document| document.notes().is_empty() && !has_duplicates(document.root());
    match Document::parse(example, format_of(example)) {
        Ok(document) if format_of(example) == Format::Json && is_plain(&document) => {
            fitted(&document.root().to_json(), WIDTH)
        }
        _ => example.to_owned(),
    }
}

fn has_duplicates(value: Value<'_>) -> bool {
    let mut names: Vec<_> = value.members().filter_map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
        || value.members().any(|(_, member)| has_duplicates(member))
        || value.elements().any(has_duplicates)
}

fn settings(rule: &Rule) -> Settings {
    rule.target.parse::<Target>().expect("a rule's target exists").settings()
}

/// All findings in an example.
#[must_use]
pub fn check(rule: &Rule, example: &str) -> Report {
    Linter::default().lint(example.into(), format_of(example), None, &settings(rule))
}

/// This rule's findings in an example.
fn of_rule(rule: &Rule, example: &str) -> Vec<Finding> {
    let found = check(rule, example).findings;
    found.into_iter().filter(|finding| finding.rule == rule).collect()
}

fn output_of(rule: &Rule, example: &str) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory does not fail.
    let _ = report::text::write(&mut out, None, "bad.json", example, &of_rule(rule, example));
    out
}

fn plain(styled: &[u8]) -> String {
    String::from_utf8_lossy(&anstream::adapter::strip_bytes(styled).into_vec()).trim_end().to_owned()
}

/// An example after this rule's own fixes.
#[must_use]
pub fn fixed(rule: &Rule, example: &str) -> Fixed {
    let level = rule.fix;
    if level == FixKind::None {
        return Fixed { text: example.to_owned(), done: Vec::new(), left: Vec::new() };
    }
    fix::apply_fixes(example.to_owned(), format_of(example), level, None, |text| of_rule(rule, text))
}

fn diff(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (format!("{before}\n"), format!("{after}\n"));
    TextDiff::from_lines(before.as_str(), after.as_str()).unified_diff().to_string().trim_end().to_owned()
}

/// The releases a rule holds for, in words: `1.5 to 1.8`, `1.9 and later`, `every release`.
#[must_use]
pub fn releases(rule: &Rule) -> String {
    let lines = |from: Option<Release>, to: Option<Release>| match (from, to) {
        (None, None) => "every release".to_owned(),
        (Some(from), None) => format!("Marathon {from} and later"),
        (None, Some(to)) => format!("Marathon up to {to}"),
        (Some(from), Some(to)) if from == to => format!("Marathon {from}"),
        (Some(from), Some(to)) => format!("Marathon {from} to {to}"),
    };
    lines(rule.since, rule.until)
}

/// A rule's findings in one line: severity, effect, fix.
#[must_use]
pub fn headline(rule: &Rule) -> String {
    let fix = match rule.fix {
        FixKind::None => "",
        FixKind::Safe => "; fixed by --fix",
        FixKind::Unsafe => "; fixed by --fix=unsafe",
    };
    format!("{}: {}{fix}", rule.severity().name(), meaning(rule))
}

/// The effect of breaking a rule, in words.
fn meaning(rule: &Rule) -> &'static str {
    match (rule.scope, rule.effect) {
        (Scope::Inputs, _) => "milepost cannot check it",
        (Scope::Templates, _) => "the template gives no definition",
        (Scope::Wiring, _) => "the definition is left as it is",
        (Scope::Credentials, Effect::Ignored) => "the credentials do not work, or not everywhere",
        (Scope::Credentials, Effect::Style) => "good to know",
        (Scope::Definitions | Scope::Settings | Scope::Credentials, effect) => effect.meaning(),
        (Scope::Certificates, Effect::Rejected) => "clients reject the certificate, or soon will",
        (Scope::Certificates, _) => "some clients may reject the certificate",
        (Scope::Registries, Effect::Rejected) => {
            "registry or token server does not start, or refuses its users"
        }
        (Scope::Registries, Effect::Ignored) => "a part of the setup does nothing",
        (Scope::Registries, _) => "works, and will cause trouble",
        (Scope::Images, _) => "agents cannot pull the image, or cannot run it",
        (Scope::Servers, _) => "the server rejects the definition",
        (Scope::Migration, _) => "a step of a migration",
    }
}
