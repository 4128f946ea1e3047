//! Properties of every difference, over recorded definitions.

use milepost::diff::{Changes, Difference, What, apply, between};
use milepost::normalize::{Normalized, answered, normalize};
use milepost::source::{Document, Format, Kind};
use milepost::state::ServerState;
use milepost::target::Target;
use serde_json::Value as Json;

use crate::common::each_case;

fn diff(old: &Normalized, new: &Normalized) -> Changes {
    between(&ServerState::of([old]), &ServerState::of([new]))
}

fn recorded() -> Vec<(Normalized, Normalized)> {
    let path = format!("{}/fixtures/verdicts/stored.jsonl", env!("CARGO_MANIFEST_DIR"));
    let recordings = std::fs::read_to_string(path).expect("the recordings are committed");
    let both = recordings.lines().map(|line| {
        let record: Json = serde_json::from_str(line).expect("a recording is JSON");
        let text = |name: &str| record[name].as_str().expect("a string");
        let kind = if text("kind") == "pod" { Kind::Pod } else { Kind::App };
        let settings = text("profile").parse::<Target>().expect("a target").settings();
        let parse = |text: &str| Document::parse(text, Format::Json).expect("a definition");
        let ours = normalize(&parse(text("text")), kind, &settings).expect("it was accepted");
        (ours, answered(parse(&record["stored"].to_string()).root(), kind, &settings))
    });
    both.collect()
}

#[test]
fn what_a_server_stored_is_no_difference() {
    each_case(recorded(), |(ours, stored)| {
        let found = diff(&ours, &stored);
        assert!(found.is_empty(), "{:?}", found.differences);
        assert_eq!(found.compared, 1);
        assert!(diff(&stored, &ours).is_empty() && diff(&ours, &ours).picked.is_empty());
    });
}

#[test]
fn changes_lead_from_the_old_to_the_new() {
    let all: Vec<Normalized> = recorded().into_iter().map(|(ours, _)| ours).collect();
    let mut changed = 0;
    each_case([1, 7, 40], |step| {
        for (old, new) in all.iter().zip(&all[step..]).filter(|(old, new)| old.kind == new.kind) {
            let found = diff(old, new);
            let Some(Difference { what: What::Changed { old: held, changes }, .. }) =
                found.differences.first()
            else {
                continue;
            };
            let made = Normalized { value: apply(held, changes), ..new.clone() };
            let left = between(&ServerState::of([&made]), &ServerState::of([new]));
            assert!(left.is_empty(), "{:?}\n{}\n{}", left.differences, old.value, new.value);
            changed += 1;
        }
    });
    assert!(changed > 300, "{changed} are too few to show anything");
}
