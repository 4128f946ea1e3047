//! What stands in Marathon where a step deploys: another service than the one of the files is not replaced.

use std::collections::BTreeMap;

use indexmap::IndexSet;
use serde_json::{Map, Value as Json};

use super::super::Terminal;
use super::steps::{Steps, silently};
use crate::command::deploy::TakenId;
use crate::image::ReferenceParts;
use crate::source;
use crate::util::escape::shown_path;

/// What was deployed last, in a directory of it, which `registry check` leaves alone.
pub(super) const DEPLOYED: &str = ".deployed";

/// The settings that tell one registry from another: who is let in, by which certificate, and where the images are.
const TELLING: [&str; 4] = ["REGISTRY_AUTH", "REGISTRY_HTTP_TLS", "REGISTRY_PROXY", "REGISTRY_STORAGE"];

/// The most differences that are told.
const MOST_TOLD: usize = 3;

/// Why a definition is not deployed: something else stands where it would be. Nothing where that is free, or has what was
/// deployed before, or where Marathon does not tell.
pub(super) fn foreign(steps: &Steps<'_>, file: &str, term: &mut Terminal) -> Option<String> {
    let mut others = match others(steps, file, term) {
        Ok(others) => others,
        Err(taken) => return Some(format!("{taken}. {}", way(steps, file))),
    };
    if !others.is_empty() && steps.file(&deployed(file)).is_file() {
        // Other options than last time make another definition, of what is the same service.
        let before = self::others(steps, &deployed(file), term).unwrap_or_default();
        others.retain(|id, _| before.contains_key(id));
    }
    let (id, how) = others.into_iter().next()?;
    let how = how[..how.len().min(MOST_TOLD)].join("; ");
    let shown = shown_path(&steps.file(file));
    Some(format!(
        "{id} in Marathon is another service than that of {shown} ({how}), and would be replaced. {}, or remove what is there: \
         milepost app remove {id}",
        way(steps, file)
    ))
}

/// How the service of a definition gets another id.
fn way(steps: &Steps<'_>, file: &str) -> String {
    if file == "test.json" {
        format!("Give the app of {}, which the step wire writes, another id", shown_path(&steps.file(file)))
    } else {
        "Give this one another id, such as -- --id /other".to_owned()
    }
}

/// Notes what a step has deployed.
///
/// # Errors
/// When it cannot be written.
pub(super) fn note_deployed(steps: &Steps<'_>, file: &str) -> anyhow::Result<()> {
    source::make_private_directory(&steps.file(DEPLOYED))?;
    source::write_privately(&steps.file(&deployed(file)), &source::read_bytes(&steps.file(file))?)?;
    Ok(())
}

/// The file with what was deployed last.
pub(super) fn deployed(file: &str) -> String {
    format!("{DEPLOYED}/{file}")
}

/// The services that are others than those of a definition, by their ids, and what is other.
///
/// # Errors
/// When a group, a pod or an app has an id that something else would get.
fn others(
    steps: &Steps<'_>,
    file: &str,
    term: &mut Terminal,
) -> Result<BTreeMap<String, Vec<String>>, TakenId> {
    let mut line = steps.deployment("plan", file);
    line.extend(["--format", "json"].map(str::to_owned));
    let (planned, plan) = silently(&line, term);
    // What else keeps it from being planned keeps it from being deployed, and is told then.
    if let Err(error) = planned
        && let Ok(taken) = error.downcast::<TakenId>()
    {
        return Err(taken);
    }
    let plan: Json = serde_json::from_slice(&plan).unwrap_or_default();
    let differences = plan["differences"].as_array().into_iter().flatten();
    let differences = differences.filter(|it| it["difference"] == "changed");
    let told = differences.filter_map(|it| {
        let changes = it["changes"].as_array()?;
        let how: IndexSet<String> = changes.iter().filter_map(telling).collect();
        (!how.is_empty()).then(|| Some((it["id"].as_str()?.to_owned(), how.into_iter().collect())))?
    });
    Ok(told.collect())
}

/// What a change tells of another service; nothing where one service may well change so.
fn telling(change: &Json) -> Option<String> {
    let path = change["path"].as_str()?;
    let has = |name: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    let there = |what: &str| match change["old"].as_str() {
        Some(text) => format!("its {what} is {text:?}"),
        None => format!("it has {} {what}", if change["old"].is_null() { "no" } else { "another" }),
    };
    if path == "/container/docker/image" {
        let repository = |side: &str| ReferenceParts::parse(change[side].as_str()?).ok().map(|it| it.named());
        return (repository("old") != repository("new")).then(|| there("image"));
    }
    if has("/env") {
        let whole = ["old", "new"].iter().filter_map(|side| change[side].as_object());
        let names = whole.flat_map(Map::keys).map(String::as_str).chain(path.strip_prefix("/env/"));
        let mut telling = names.filter(|name| TELLING.iter().any(|start| name.starts_with(start)));
        return telling.next().map(|name| format!("its {name} is another"));
    }
    let parts = [("/cmd", "command"), ("/args", "arguments"), ("/container/docker", "image")];
    if let Some((_, what)) = parts.iter().find(|(name, _)| path == *name || *name == "/args" && has(name)) {
        return Some(there(what));
    }
    if path == "/container" {
        return Some(there("container"));
    }
    has("/container/volumes").then(|| "its volumes are others".to_owned())
}
