//! Fixes definitions that a real Marathon has answered: `cargo run --release --example fixes -- FILE…`.
//!
//! The files hold recordings as JSON Lines: `id`, `kind`, `profile`, `text` (the body that was sent). Every fix that is
//! offered is made alone, and all of them together as `lint --fix` makes them. What Marathon accepts must still be accepted,
//! and be stored the same after safe fixes, except for fields whose names were misspelt; what it rejects must not be rejected
//! earlier or more often. Prints how many fixes were offered by rule; fails when a condition does not hold.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on recordings it is given")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod recordings;

use std::collections::BTreeMap;

use milepost::finding::{Finding, FixKind, Stage};
use milepost::fix::{FixProver, apply_fixes, edits_of, prove};
use milepost::lint::Linter;
use milepost::normalize::normalize;
use milepost::source::{Document, Edit, Format, Kind};
use milepost::target::{Settings, Target};
use serde_json::Value as Json;

/// The rule whose safe fixes change what is stored: a misspelt name becomes the field that it stands for.
const MISSPELT: &str = "unknown-field";

#[derive(Default)]
struct Tally {
    all: usize,
    offered: BTreeMap<(&'static str, &'static str), usize>,
    broken: usize,
}

/// A definition, and the Marathon it was sent to.
struct Sent<'r> {
    id: &'r str,
    kind: Kind,
    settings: Settings,
}

fn main() -> std::io::Result<()> {
    let mut tally = Tally::default();
    recordings::each(|record| {
        let get = |name: &str| recordings::text(record, name);
        let kind = match get("kind").as_str() {
            "pod" => Kind::Pod,
            "group" => Kind::Group,
            _ => Kind::App,
        };
        let settings = get("profile").parse::<Target>().unwrap_or_else(|error| panic!("{error}")).settings();
        let (id, text) = (get("id"), get("text"));
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        check(&Sent { id: &id, kind, settings }, text, &mut tally);
    })?;
    let Tally { all, offered, broken } = tally;
    println!("{all} definitions, {broken} conditions broken");
    for ((rule, kind), count) in offered {
        println!("    {count:6} {kind:6} {rule}");
    }
    if all > 0 && broken == 0 {
        Ok(())
    } else {
        Err(std::io::Error::other("fixes do not keep what they should"))
    }
}

fn check(sent: &Sent<'_>, text: &str, tally: &mut Tally) {
    tally.all += 1;
    let findings = findings(sent, text);
    if findings.iter().all(|found| found.fix.is_none()) {
        return;
    }
    let Ok(document) = Document::parse(text, Format::Json) else { return };
    let before = outcome(sent, text);
    let fixes: Vec<_> = findings.iter().map(|found| found.fix.as_deref()).collect();
    for (found, edits) in findings.iter().zip(edits_of(&document, &fixes)) {
        let Some(fix) = &found.fix else { continue };
        *tally.offered.entry((found.rule.slug, fix.kind.name())).or_default() += 1;
        let Some(edits) = edits else { continue };
        let edited = Edit::apply(text, &edits);
        compare(sent, &before, &edited, fix.kind, found.rule.slug == MISSPELT, found.rule.slug, tally);
    }
    let judge = FixProver::new(Format::Json, sent.kind, &sent.settings);
    for level in [FixKind::Safe, FixKind::Unsafe] {
        let find = |text: &str| self::findings(sent, text);
        let all = apply_fixes(text.to_owned(), Format::Json, level, Some(&judge), find);
        let is_misspelt = all.done.iter().any(|done| done.rule.slug == MISSPELT);
        compare(sent, &before, &all.text, level, is_misspelt, "all", tally);
    }
}

fn findings(sent: &Sent<'_>, text: &str) -> Vec<Finding> {
    let report = Linter::default().lint(text.into(), Format::Json, Some(sent.kind), &sent.settings);
    let mut findings = report.findings;
    if let Some(kind) = report.kind {
        prove(&FixProver::new(Format::Json, kind, &sent.settings), text, &mut findings);
    }
    findings
}

/// What Marathon stores, or the first stage that rejects a text and how often.
fn outcome(sent: &Sent<'_>, text: &str) -> Result<Json, (Stage, usize)> {
    let Ok(document) = Document::parse(text, Format::Json) else { return Err((Stage::Syntax, 1)) };
    normalize(&document, sent.kind.of_shape(document.root()), &sent.settings)
        .map(|normalized| normalized.value)
        .map_err(|rejections| {
            let first = rejections.iter().filter_map(Finding::stage).min().unwrap_or(Stage::Syntax);
            (first, rejections.iter().filter(|found| found.stage() == Some(first)).count())
        })
}

fn compare(
    sent: &Sent<'_>,
    before: &Result<Json, (Stage, usize)>,
    fixed: &str,
    level: FixKind,
    may_differ: bool,
    what: &str,
    tally: &mut Tally,
) {
    let fault = match (before, outcome(sent, fixed)) {
        (Ok(before), Ok(after)) => {
            (level == FixKind::Safe && !may_differ && *before != after).then_some("is not stored the same")
        }
        (Ok(_), Err(_)) => Some("is rejected afterwards"),
        (Err(_), Ok(_)) => None,
        (Err((stage, count)), Err((later, left))) => {
            (later < *stage || (later == *stage && left > *count)).then_some("is rejected more often")
        }
    };
    if let Some(fault) = fault {
        println!("{}: {what}, {}: it {fault}: {fixed}", sent.id, level.name());
        tally.broken += 1;
    }
}
