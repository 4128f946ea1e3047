//! Migrates definitions that a real Marathon has answered: `cargo run --release --example migrated -- DIR`.
//!
//! DIR holds recordings as JSON Lines: `id`, `kind`, `profile`, `text` (the body that was sent) and `accepted`. Each is
//! migrated to its own Marathon and to the latest; then with unsafe steps, and to UCR. What was accepted must still be
//! accepted, be stored the same where only safe steps were made, and not change when migrated again. Prints how many were
//! changed by which steps and which forms were left; fails when a condition does not hold.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on recordings it is given")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod recordings;

use std::collections::BTreeMap;

use milepost::credential::{DEFAULT_SECRET_NAME, Secret};
use milepost::migrate::{LeftReason, MigrateError, MigrationPlan, Ucr, migrate};
use milepost::normalize::normalize;
use milepost::source::{Document, Format, Kind, Value};
use milepost::target::{Release, Settings, Target};
use serde_json::Value as Json;

/// Recorded definitions that try how deep Marathon reads: more than a thousand levels.
const TOO_DEEP: usize = 3;

#[derive(Default)]
struct Tally {
    all: usize,
    changed: usize,
    /// Refused before by the target, and taken after some steps.
    lifted: usize,
    /// Not stored the same.
    differ: usize,
    /// Refused afterwards.
    refused: usize,
    /// Refused because they nest deeper than milepost goes, though Marathon takes them.
    too_deep: usize,
    /// Something else when migrated again.
    twice: usize,
    steps: BTreeMap<&'static str, usize>,
    /// What is left, with how many and one example.
    left: BTreeMap<String, (usize, String)>,
}

fn main() -> std::io::Result<()> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    recordings::each(|record| check_all(record, &mut tallies))?;
    let mut is_fine = !tallies.is_empty();
    for (name, tally) in &tallies {
        let Tally { all, changed, lifted, differ, refused, too_deep, twice, steps, left } = tally;
        println!(
            "{name:24} {all} accepted, {changed} changed ({lifted} of them refused before), {differ} not the same, \
             {refused} refused afterwards, {too_deep} too deep (at most {TOO_DEEP}), {twice} something else the second time"
        );
        for (rule, count) in steps {
            println!("    {count:6} {rule}");
        }
        let mut left: Vec<_> = left.iter().collect();
        left.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (what, (count, example)) in left.into_iter().take(15) {
            println!("    {count:6} left: {what}   e.g. {example}");
        }
        is_fine &= differ + refused + twice == 0 && *too_deep <= TOO_DEEP;
    }
    if is_fine { Ok(()) } else { Err(std::io::Error::other("migrate does not keep what it should")) }
}

fn check_all(record: Value<'_>, tallies: &mut BTreeMap<String, Tally>) {
    let get = |name: &str| recordings::text(record, name);
    if record.get("accepted").and_then(|accepted| accepted.as_bool()) != Some(true) {
        return;
    }
    let (id, text) = (get("id"), get("text"));
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let kind = match get("kind").as_str() {
        "pod" => Kind::Pod,
        "group" => Kind::Group,
        _ => Kind::App,
    };
    let settings = get("profile").parse::<Target>().unwrap_or_else(|error| panic!("{error}")).settings();
    let secret = Secret::new("some/secret", DEFAULT_SECRET_NAME, Release::LATEST).ok();
    let latest = "dcos".parse::<Target>().expect("a target").settings();
    let plan = |settings: &Settings| MigrationPlan::new(settings.clone());
    let plans = [
        ("safe", plan(&settings)),
        ("safe, to 1.11", plan(&latest)),
        ("unsafe", MigrationPlan { allows_unsafe: true, ..plan(&settings) }),
        ("unsafe, to 1.11", MigrationPlan { allows_unsafe: true, ..plan(&latest) }),
        ("to UCR", MigrationPlan { to_ucr: Some(Ucr { secret, ..Ucr::default() }), ..plan(&settings) }),
    ];
    for (name, plan) in plans {
        check(&id, text, kind, &plan, name.starts_with("safe"), tallies.entry(name.to_owned()).or_default());
    }
}

fn stored(text: &str, kind: Kind, plan: &MigrationPlan) -> Option<Json> {
    let document = Document::parse(text, Format::Json).ok()?;
    let kind = kind.of_shape(document.root());
    Some(normalize(&document, kind, &plan.settings).ok()?.value)
}

fn check(id: &str, text: &str, kind: Kind, plan: &MigrationPlan, is_safe: bool, tally: &mut Tally) {
    let before = stored(text, kind, plan);
    let migrated = match migrate(text, Format::Json, Some(kind), plan) {
        Ok(migrated) => migrated,
        Err(MigrateError::Refused(_)) if before.is_none() => return,
        Err(MigrateError::TooDeep) => {
            tally.too_deep += 1;
            return;
        }
        Err(error) => {
            println!("{id}: {error}");
            tally.refused += 1;
            return;
        }
    };
    tally.all += 1;
    for left in &migrated.left {
        let what = match &left.reason {
            LeftReason::Unproven(why) => format!("{}: {why}", left.rule.slug),
            reason => {
                format!(
                    "{}: {reason:?}: {}",
                    left.rule.slug,
                    left.message.chars().take(60).collect::<String>()
                )
            }
        };
        tally.left.entry(what).or_insert_with(|| (0, id.to_owned())).0 += 1;
    }
    for step in &migrated.steps {
        *tally.steps.entry(step.rule.slug).or_default() += 1;
    }
    if migrated.text == text {
        return;
    }
    tally.changed += 1;
    tally.lifted += usize::from(before.is_none());
    match (&before, stored(&migrated.text, kind, plan)) {
        (_, None) => {
            println!("{id}: refused afterwards: {}", migrated.text);
            tally.refused += 1;
        }
        (Some(before), Some(after)) if is_safe && *before != after => {
            println!("{id}: not the same: {}", migrated.text);
            tally.differ += 1;
        }
        _ => {}
    }
    let again = migrate(&migrated.text, Format::Json, Some(kind), plan);
    if !again.is_ok_and(|again| again.text == migrated.text && again.steps.is_empty()) {
        println!("{id}: something else the second time: {}", migrated.text);
        tally.twice += 1;
    }
}
