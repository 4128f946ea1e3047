//! Rules as they are taught: the examples with what milepost really says of them.

use similar::TextDiff;

use crate::finding::{Finding, FixKind, Rule};
use crate::fix::{self, Fixed};
use crate::lint::{Linter, Report};
use crate::report;
use crate::source::{Document, Format, Value, fitted};
use crate::target::{Release, Settings, Target};

pub use crate::config::{catalogue as all, rule as find};

/// The widest line an example takes where that can be helped.
const WIDTH: usize = 76;

/// A rule's examples, worked out.
#[derive(Clone, Debug)]
pub struct RuleDoc {
    /// The definition that breaks the rule, as it is shown.
    pub bad: String,
    /// What milepost says of it for this rule, without colours.
    pub output: String,
    /// What `--fix` would make of it for this rule, as a unified diff; empty where it makes nothing.
    pub fix: String,
    /// The definition mended.
    pub good: String,
}

impl RuleDoc {
    /// Works out a rule's examples; nothing for a rule that has none, because what it finds cannot be shown in print.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<Self> {
        if rule.bad.is_empty() {
            return None;
        }
        let (bad, good) = (laid_out(rule.bad), laid_out(rule.good));
        let output = plain(&said(rule, &bad));
        let fix = diff(&bad, &mended(rule, &bad).text);
        Some(Self { bad, output, fix, good })
    }
}

/// The notation an example is in: one that begins with a comment is JSONC.
#[must_use]
pub fn format_of(example: &str) -> Format {
    if example.starts_with("//") { Format::Jsonc } else { Format::Json }
}

/// An example as it is shown: laid out, unless its very text is what it is about.
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

/// Everything found in an example.
#[must_use]
pub fn check(rule: &Rule, example: &str) -> Report {
    Linter::default().lint(example.into(), format_of(example), None, &settings(rule))
}

/// What this rule finds in an example.
fn of_rule(rule: &Rule, example: &str) -> Vec<Finding> {
    let found = check(rule, example).findings;
    found.into_iter().filter(|diagnostic| diagnostic.rule == rule.slug).collect()
}

fn said(rule: &Rule, example: &str) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing into memory does not fail.
    let _ = report::text::write(&mut out, "bad.json", example, &of_rule(rule, example));
    out
}

fn plain(styled: &[u8]) -> String {
    String::from_utf8_lossy(&anstream::adapter::strip_bytes(styled).into_vec()).trim_end().to_owned()
}

/// An example after this rule's own mends.
#[must_use]
pub fn mended(rule: &Rule, example: &str) -> Fixed {
    let level = rule.fix;
    if level == FixKind::None {
        return Fixed { text: example.to_owned(), done: Vec::new() };
    }
    fix::apply_fixes(example.to_owned(), format_of(example), level, |text| of_rule(rule, text))
}

fn diff(before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (format!("{before}\n"), format!("{after}\n"));
    TextDiff::from_lines(before.as_str(), after.as_str()).unified_diff().to_string().trim_end().to_owned()
}

/// The releases a rule holds for, for people: `1.5 to 1.8`, `1.9 and later`, `every release`.
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

/// What a rule's findings are, in a line: severity, effect, mend.
#[must_use]
pub fn headline(rule: &Rule) -> String {
    let fix = match rule.fix {
        FixKind::None => "",
        FixKind::Safe => "; mended by --fix",
        FixKind::Unsafe => "; mended by --fix=unsafe",
    };
    format!("{}: {}{fix}", rule.severity().name(), rule.effect.meaning())
}
