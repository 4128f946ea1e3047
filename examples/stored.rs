//! Compares `normalize` with what a real Marathon stored: `cargo run --release --example stored -- DIR`.
//!
//! DIR holds recordings as JSON Lines: `id`, `kind`, `profile`, `text` (the body that was sent), `accepted` and `stored`
//! (what a following GET answered). Service ports that the server assigned (10000 to 20000 where milepost says 0) count as
//! equal, and apps and groups within a group have no order. Prints the agreement per profile and kind, and the kinds of
//! difference; fails on one that is not in `KNOWN` or more frequent, and when `diff` finds a difference.

#![expect(clippy::disallowed_methods, reason = "a developer's tool, on recordings it is given")]
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod recordings;

use std::collections::BTreeMap;

use milepost::diff::between;
use milepost::normalize::{Normalized, answered, normalize};
use milepost::source::{Document, Format, Kind, Value};
use milepost::state::{ResponsePart, ServerState, parts_or};
use milepost::target::Target;
use serde_json::Value as Json;

/// The kinds of difference that are known, with how many of all recordings differ so and the reason.
const KNOWN: &[(&str, usize, &str)] = &[
    ("/groups length", 22, "a group whose id leads out of the one that is sent is stored outside of it, too"),
    (
        "/groups/*/dependencies/* value",
        1,
        "five ids of which two come to the same have the order of a Scala HashSet of five",
    ),
    (
        "/groups/*/groups/*/dependencies/* value",
        1,
        "five ids of which two come to the same have the order of a Scala HashSet of five",
    ),
    ("/groups/*/groups length", 1, "1.5 stored one group within itself; its rule is not known"),
];

/// How many of all recordings hold a service that Marathon itself would refuse as it is stored: it stores infinite numbers as
/// texts, and values that an old form takes (`uris`, `ports`, `ipAddress`) in the new one, which does not take them.
const NOT_SENT_AGAIN: usize = 84;

#[derive(Default)]
struct Tally {
    equal: usize,
    all: usize,
    /// Normalized again, nothing changes.
    idempotent: usize,
    /// To `diff`, the text and what was stored are the same.
    no_difference: usize,
    /// What `export` makes of it can be sent to an empty server, and is the same there.
    sent_again: usize,
    /// Why it cannot, with how many.
    not_sent_again: BTreeMap<String, usize>,
    /// Differences, with how many and one example.
    differences: BTreeMap<String, (usize, String)>,
}

fn main() -> std::io::Result<()> {
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    recordings::each(|record| compare(record, &mut tallies))?;
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for ((profile, kind), tally) in &tallies {
        let Tally { equal, all, idempotent, no_difference, sent_again, not_sent_again, differences } = tally;
        #[expect(clippy::cast_precision_loss, reason = "counts of thousands")]
        let percent = *equal as f64 * 100.0 / *all as f64;
        println!(
            "{profile:12} {kind:6} {equal}/{all} = {percent:.3} %, idempotent {idempotent}, no difference {no_difference}, sent again {sent_again}"
        );
        for (reason, count) in not_sent_again {
            println!("    not sent again: {count} × {reason}");
        }
        let mut differences: Vec<_> = differences.iter().collect();
        differences.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (difference, (count, example)) in differences {
            let why = KNOWN.iter().find(|(known, ..)| known == difference).map(|(.., why)| *why);
            *found.entry(difference.as_str()).or_insert(0) += *count;
            let word = why.map_or("FAIL".to_owned(), |why| format!("known ({why})"));
            println!("    {word}: {count} × {difference}   e.g. {example}");
        }
    }
    let count = |of: fn(&Tally) -> usize| tallies.values().map(of).sum::<usize>();
    let (equal, no_difference, all) =
        (count(|tally| tally.equal), count(|tally| tally.no_difference), count(|tally| tally.all));
    let sent_again = count(|tally| tally.sent_again);
    let is_known = |difference: &str, count: usize| {
        KNOWN.iter().any(|(known, most, _)| *known == difference && count <= *most)
    };
    let unknown = found.iter().filter(|(difference, count)| !is_known(difference, **count)).count();
    println!(
        "stored form equal: {equal} of {all}, {unknown} kinds of difference that are not known (wanted: 0)"
    );
    println!("to diff, text and stored form are the same: {no_difference} of {all} (wanted: all)");
    println!("what is exported can be sent again: {sent_again} of {all} (at most {NOT_SENT_AGAIN} fewer)");
    if all > 0 && unknown == 0 && no_difference == all && sent_again + NOT_SENT_AGAIN >= all {
        Ok(())
    } else {
        Err(std::io::Error::other("normalize and diff differ from what a server stored"))
    }
}

fn compare(record: Value<'_>, tallies: &mut BTreeMap<(String, String), Tally>) {
    let get = |name: &str| recordings::text(record, name);
    let Some(stored) = recordings::ServerAnswer::of(record).and_then(|answer| answer.stored) else { return };
    let (profile, text) = (get("profile"), get("text"));
    let kind = match get("kind").as_str() {
        "pod" => Kind::Pod,
        "group" => Kind::Group,
        _ if text.trim_start().starts_with('[') => Kind::Apps,
        _ => Kind::App,
    };
    let tally = tallies.entry((profile.clone(), kind.name().to_owned())).or_default();
    tally.all += 1;
    let target: Target = profile.parse().unwrap_or_else(|error| panic!("{error}"));
    match sent_again(stored, kind, &target) {
        Ok(()) => tally.sent_again += 1,
        Err(reason) => *tally.not_sent_again.entry(reason).or_insert(0) += 1,
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let normalized = Document::parse(body, Format::Json)
        .map_err(|error| format!("does not parse: {error}"))
        .and_then(|document| {
            normalize(&document, kind, &target.settings())
                .map_err(|found| format!("refused: {}", found[0].message))
        });
    let normalized = normalized.map(|mut ours| {
        without_versions(&mut ours.value);
        ours
    });
    if let Ok(ours) = &normalized {
        let again = Document::parse(ours.value.to_string(), Format::Json)
            .ok()
            .and_then(|document| normalize(&document, kind, &target.settings()).ok());
        tally.no_difference += usize::from(is_no_difference(ours, stored, &target));
        tally.idempotent +=
            usize::from(again.is_some_and(|again| difference(&again.value, &ours.value, "").is_none()));
    }
    let difference = match normalized {
        Ok(ours) => {
            let mut theirs = stored.to_json();
            let mut ours = match kind {
                Kind::Group => rooted(ours.value, &target),
                Kind::Apps => by_id(ours.value),
                Kind::App | Kind::Pod => ours.value,
            };
            if kind == Kind::Apps {
                theirs = by_id(theirs["apps"].take());
            }
            settle(&mut theirs);
            without_pods(&mut theirs);
            settle(&mut ours);
            difference(&ours, &theirs, "")
        }
        Err(error) => Some(error),
    };
    match difference {
        None => tally.equal += 1,
        Some(difference) => {
            let entry = tally.differences.entry(difference).or_insert_with(|| (0, get("id")));
            entry.0 += 1;
        }
    }
}

/// Whether `diff` finds nothing between a definition and what was stored of it.
fn is_no_difference(ours: &Normalized, stored: Value<'_>, target: &Target) -> bool {
    let settings = target.settings();
    let held: Vec<Normalized> = parts_or(stored, ours.kind)
        .into_iter()
        .map(|ResponsePart { kind, value }| answered(value, kind, &settings))
        .collect();
    between(&ServerState::of([ours]), &ServerState::of(&held)).is_empty()
}

/// Sends each service that a server holds to an empty one.
///
/// # Errors
/// Why a service is refused there, or what is another.
fn sent_again(stored: Value<'_>, kind: Kind, target: &Target) -> Result<(), String> {
    let mut settings = target.settings();
    let held: Vec<Normalized> = parts_or(stored, kind)
        .into_iter()
        .map(|ResponsePart { kind, value }| answered(value, kind, &settings))
        .collect();
    let held = ServerState::of(&held);
    settings.roles = held.known_roles();
    for (_, service) in held.services() {
        let one = Normalized::stored(service.kind, service.value.clone());
        let document = Document::parse(service.value.to_string(), Format::Json)
            .map_err(|error| format!("does not parse: {error}"))?;
        let sent = normalize(&document, service.kind, &settings)
            .map_err(|refused| format!("refused: {}", refused[0].message))?;
        if let Some(other) = between(&ServerState::of([&one]), &ServerState::of([&sent])).differences.first()
        {
            return Err(format!("another: {:?}", other.what));
        }
    }
    Ok(())
}

/// The recordings have no key `version` at any depth, not even where it is a label: who made them took all of them out.
fn without_versions(value: &mut Json) {
    match value {
        Json::Array(elements) => elements.iter_mut().for_each(without_versions),
        Json::Object(members) => {
            members.remove("version");
            members.values_mut().for_each(without_versions);
        }
        _ => {}
    }
}

/// The last of each id, by id.
fn by_id(apps: Json) -> Json {
    let Json::Array(apps) = apps else { return apps };
    let apps: BTreeMap<String, Json> = apps.into_iter().map(|app| (app["id"].to_string(), app)).collect();
    apps.into_values().collect()
}

/// A group that is sent has no pods; one that is answered has an empty list of them.
fn without_pods(group: &mut Json) {
    if let Some(group) = group.as_object_mut() {
        group.remove("pods");
        let inner = group.get_mut("groups").and_then(Json::as_array_mut);
        inner.into_iter().flatten().for_each(without_pods);
    }
}

/// Removes what is only known at run time, puts the apps and groups of groups, which are maps to Marathon, in the order of
/// their ids, and health checks of which there are five or more, which have the order of hash codes, in that of their text.
fn settle(value: &mut Json) {
    const AT_RUN_TIME: [&str; 8] = [
        "version",
        "versionInfo",
        "deployments",
        "tasks",
        "tasksStaged",
        "tasksRunning",
        "tasksHealthy",
        "tasksUnhealthy",
    ];
    match value {
        Json::Array(apps) => apps.iter_mut().for_each(settle),
        Json::Object(members) => members.retain(|name, _| !AT_RUN_TIME.contains(&name.as_str())),
        _ => return,
    }
    for name in ["apps", "groups"] {
        if let Some(Json::Array(members)) = value.get_mut(name) {
            members.sort_by_key(|member| member["id"].as_str().unwrap_or_default().to_owned());
            members.iter_mut().for_each(settle);
        }
    }
    if let Some(Json::Array(checks)) = value.get_mut("healthChecks")
        && checks.len() > 4
    {
        checks.sort_by_cached_key(|check| {
            let mut members: Vec<String> =
                check.as_object().into_iter().flatten().map(|(k, v)| format!("{k}{v}")).collect();
            members.sort_unstable();
            members
        });
    }
}

/// The root group with nothing in it but this group, as the server answers it.
fn rooted(group: Json, target: &Target) -> Json {
    let id = group["id"].as_str().unwrap_or_default().to_owned();
    let segments: Vec<&str> = id.split('/').filter(|segment| !segment.is_empty()).collect();
    let settings = target.settings();
    (0..segments.len()).rev().fold(group, |inner, depth| {
        let id = format!("/{}", segments[..depth].join("/"));
        let mut outer = serde_json::json!({"id": id, "apps": [], "groups": [inner], "dependencies": []});
        if depth == 1 && settings.release >= milepost::target::Release::V1_9 {
            outer["enforceRole"] = settings.new_groups_enforce_role.into();
        }
        outer
    })
}

/// The first difference, as a path without indices.
fn difference(ours: &Json, theirs: &Json, path: &str) -> Option<String> {
    match (ours, theirs) {
        (Json::Object(a), Json::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            names.into_iter().find_map(|name| match (a.get(name), b.get(name)) {
                (Some(a), Some(b)) => difference(a, b, &format!("{path}/{name}")),
                (Some(_), None) => Some(format!("{path}/{name} only ours")),
                _ => Some(format!("{path}/{name} only stored")),
            })
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).find_map(|(a, b)| difference(a, b, &format!("{path}/*")))
        }
        (Json::Array(_), Json::Array(_)) => Some(format!("{path} length")),
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => None,
        (Json::Number(a), Json::Number(b))
            if path.to_lowercase().ends_with("port")
                && a.as_i64() == Some(0)
                && b.as_i64().is_some_and(|port| (10_000..=20_000).contains(&port)) =>
        {
            None
        }
        _ if ours == theirs => None,
        _ => Some(format!("{path} value")),
    }
}
