//! What is exported from a server, sent to an empty one: the two hold the same. Over recorded answers, those that are
//! committed and a sample of all where they are beside this checkout (`examples/stored` takes all of them).

use std::path::Path;

use milepost::diff::between;
use milepost::normalize::{Normalized, answered, normalize};
use milepost::source::{Document, Format, Kind};
use milepost::state::{ResponsePart, ServerState, parts_or};
use milepost::target::Target;
use serde_json::Value as Json;

use super::common::each_case;

/// Of so many recordings beside this checkout one is taken.
const SAMPLE: usize = 40;

/// The recorded definitions with what a server stored of them.
fn recorded() -> Vec<Json> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = own.join("fixtures/verdicts/stored.jsonl");
    let mut lines: Vec<String> = lines_of(&committed);
    let beside: Vec<_> =
        std::fs::read_dir(own.join("../shared/verdicts")).into_iter().flatten().flatten().collect();
    for file in beside
        .iter()
        .map(std::fs::DirEntry::path)
        .filter(|file| file.extension().is_some_and(|end| end == "jsonl"))
    {
        lines.extend(
            lines_of(&file).into_iter().filter(|line| line.contains(r#""stored": {"#)).step_by(SAMPLE),
        );
    }
    // Half a surrogate pair, which a string of Rust cannot hold.
    let record = |line: String| serde_json::from_str::<Json>(&line).ok();
    lines
        .into_iter()
        .filter_map(record)
        .filter(|record| record["stored"].is_object() && record["profile"].is_string())
        .collect()
}

fn lines_of(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether a definition says its networks or ports in a form that Marathon only still reads.
fn is_old_form(text: &str) -> bool {
    ["\"ipAddress\"", "\"network\"", "\"uris\"", "\"ports\""].iter().any(|name| text.contains(name))
}

#[test]
fn what_is_exported_can_be_sent_to_an_empty_server() {
    let mut services = 0;
    each_case(recorded(), |record| {
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let mut settings = text("profile").parse::<Target>().expect("a target").settings();
        let kind = match text("kind") {
            "pod" => Kind::Pod,
            "group" => Kind::Group,
            _ => Kind::App,
        };
        let parse = |text: String| Document::parse(text, Format::Json).expect("it is JSON");
        let stored = parse(record["stored"].to_string());
        let held: Vec<Normalized> = parts_or(stored.root(), kind)
            .into_iter()
            .map(|ResponsePart { kind, value }| answered(value, kind, &settings))
            .collect();
        let held = ServerState::of(&held);
        settings.roles = held.known_roles();
        for (id, service) in held.services() {
            let sent = normalize(&parse(service.value.to_string()), service.kind, &settings);
            let sent = match sent {
                Ok(sent) => sent,
                // An old form takes values that the new one, in which they are stored, does not.
                Err(_) if is_old_form(text("text")) => continue,
                Err(refused) => panic!("{} {id}: {}", record["id"], refused[0].message),
            };
            let one = Normalized::stored(service.kind, service.value.clone());
            let found = between(&ServerState::of([&one]), &ServerState::of([&sent]));
            assert!(found.is_empty(), "{} {id}: {:?}", record["id"], found.differences);
            services += 1;
        }
    });
    assert!(services > 150, "{services} are too few to show anything");
}
