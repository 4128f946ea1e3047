//! Bodies: from bytes to what would be stored, by milepost's own checks and normalization.

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::answer::ApiReply;
use super::jackson;
use crate::definition::id::AbsoluteId;
use crate::finding::Finding;
use crate::lint::{self, ServerAnswer};
use crate::normalize;
use crate::server::time::Time;
use crate::server::world::World;
use crate::source::{Decoded, Document, Format, Kind, SyntaxProblem, Type};
use crate::target::Settings;

/// An id of a path, absolute and canonical.
pub(crate) fn absolute(id: &str) -> String {
    AbsoluteId::parse(&format!("/{id}")).canonical(&AbsoluteId::root()).to_string()
}

/// An id as it is meant in a group.
pub(crate) fn canonical(id: &str, base: &str) -> String {
    AbsoluteId::parse(id).canonical(&AbsoluteId::parse(base)).to_string()
}

/// Parses a body as JSON.
pub(crate) fn document(body: &[u8]) -> Result<Document, ApiReply> {
    let malformed =
        |details: String| ApiReply::json(400, json!({"message": "Invalid JSON", "details": details}));
    let text = match Decoded::from_bytes(body.to_vec()) {
        Ok(decoded) => decoded.text,
        Err((_, offset)) => return Err(malformed(format!("Invalid UTF-8 start byte at offset {offset}"))),
    };
    match Document::parse(text, Format::Json) {
        Ok(document) if document.is_too_deep() => Err(ApiReply::message(500, "Request processing failed")),
        Ok(document) => Ok(document),
        Err(error) if error.problem == SyntaxProblem::Empty => Err(ApiReply::json(
            400,
            json!({"message": "Please specify data in JSON format", "details": jackson::empty(body)}),
        )),
        Err(error) => Err(malformed(jackson::explain(body).unwrap_or_else(|| error.problem.to_string()))),
    }
}

/// The world's settings with what is known of the roles of these services.
pub(crate) fn settings<'i>(world: &World, ids: impl IntoIterator<Item = &'i str>) -> Settings {
    let mut settings = world.options.settings.clone();
    for id in ids {
        let top = id.trim_start_matches('/').split('/').next().unwrap_or_default();
        if let Some(enforces) = world.groups.get(&format!("/{top}")).map(|group| group.enforces) {
            settings.roles.add_group(top, enforces.unwrap_or(false));
        }
        if let Some(spec) = world.specs.get(id) {
            settings.roles.add_service(id, spec.role());
        }
    }
    settings
}

/// Refuses what Marathon refuses of a document.
pub(crate) fn check(document: &Document, kind: Kind, settings: &Settings) -> Result<(), ApiReply> {
    refuse(&lint::refusals(document, kind, settings), settings)
}

/// Refuses where there are rejections.
pub(crate) fn refuse(found: &[Finding], settings: &Settings) -> Result<(), ApiReply> {
    match ServerAnswer::of(found, settings.release) {
        None => Ok(()),
        Some(answer) => Err(ApiReply::refused(&answer)),
    }
}

/// What is stored of a document that was checked.
fn normalized(document: &Document, kind: Kind, settings: &Settings) -> Json {
    normalize::answered(document.root(), kind, settings).value
}

fn object(value: Json) -> Map<String, Json> {
    if let Json::Object(object) = value { object } else { Map::new() }
}

/// The id that a document says, canonical.
pub(crate) fn id_of(document: &Document) -> String {
    let id = document.root().get("id").and_then(|id| id.as_str().map(Cow::into_owned));
    id.map_or_else(String::new, |id| canonical(&id, "/"))
}

/// A new app or pod, whose id the body says.
pub(crate) fn new_service(world: &World, body: &[u8], kind: Kind) -> Result<Map<String, Json>, ApiReply> {
    let document = document(body)?;
    let settings = settings(world, [&*id_of(&document)]);
    check(&document, kind, &settings)?;
    Ok(object(normalized(&document, kind, &settings)))
}

/// An app that replaces whatever has this id, which counts for that of the body.
pub(crate) fn whole_app(world: &World, body: &[u8], id: &str) -> Result<Map<String, Json>, ApiReply> {
    let document = document(body)?;
    if document.root().kind() != Type::Object {
        return Err(ApiReply::unparsable("", "error.expected.jsobject"));
    }
    let document = reparsed(with_id(document.root().source(), id))?;
    let settings = settings(world, [id]);
    check(&document, Kind::App, &settings)?;
    Ok(again(normalized(&document, Kind::App, &settings), &settings))
}

/// Marathon makes an update of a whole app first, and an app of that again.
fn again(value: Json, settings: &Settings) -> Map<String, Json> {
    match reparsed(value.to_string()) {
        Ok(document) => object(normalized(&document, Kind::App, settings)),
        Err(_) => object(value),
    }
}

fn reparsed(text: String) -> Result<Document, ApiReply> {
    Document::parse(text, Format::Json).map_err(|_| ApiReply::message(500, "not JSON after a change"))
}

/// The text of an object with this id, which as the last one counts.
fn with_id(object: &str, id: &str) -> String {
    let inner = object.trim().trim_start_matches('{').trim_end();
    let inner = inner.strip_suffix('}').unwrap_or(inner).trim();
    let comma = if inner.is_empty() { "" } else { "," };
    format!("{{{inner}{comma}\"id\":{}}}", Json::from(id))
}

/// An update of an app: what becomes of it, or the version to go back to.
#[derive(Debug)]
pub(crate) enum Updated {
    App(Map<String, Json>),
    Version(String),
}

/// An update of the app that is held under this id.
pub(crate) fn updated_app(world: &World, body: &[u8], id: &str) -> Result<Updated, ApiReply> {
    let document = document(body)?;
    if document.root().kind() != Type::Object {
        let text = "error.expected.jsobject";
        return Err(ApiReply::unparsable("", text));
    }
    let element = with_id(document.root().source(), id);
    let mut all = updated_apps(world, &format!("[{element}]"), true)?;
    all.pop().map(|(_, updated)| updated).ok_or_else(|| ApiReply::no_app(id))
}

/// Updates of apps, one after another, each of what is there by then. Those that are not held are new.
pub(crate) fn updated_apps(
    world: &World,
    array: &str,
    is_single: bool,
) -> Result<Vec<(String, Updated)>, ApiReply> {
    let document = reparsed(array.to_owned())?;
    if document.root().kind() != Type::Array {
        return Err(ApiReply::unparsable("", "error.expected.jsarray"));
    }
    let id_at = |element: &crate::source::Value<'_>| {
        element.get("id").and_then(|id| id.as_str().map(|id| canonical(&id, "/")))
    };
    let ids: Vec<String> = document.root().elements().filter_map(|element| id_at(&element)).collect();
    let settings = settings(world, ids.iter().map(String::as_str));
    let mut held: indexmap::IndexMap<&str, String> = indexmap::IndexMap::new();
    for id in &ids {
        if let Some(spec) = world.app(id) {
            held.entry(id).or_insert_with(|| Json::Object(spec.body.clone()).to_string());
        }
    }
    let elements: Vec<String> =
        document.root().elements().map(|element| element.source().to_owned()).collect();
    // One that only names a version says nothing that could be checked.
    let checked = document.root().elements().zip(&elements).map(|(element, text)| {
        let names = || element.members().filter(|(_, value)| !value.is_null()).map(|(name, _)| name);
        let is_version = names().all(|name| name.is_str("id") || name.is_str("version"));
        let version =
            element.get("version").and_then(|version| version.as_str().and_then(|text| Time::parse(&text)));
        let id = id_at(&element).filter(|id| world.app(id).is_some() && is_version && version.is_some());
        id.map_or_else(|| text.clone(), |id| json!({"id": id}).to_string())
    });
    let checked: Vec<String> = checked.collect();
    let texts: Vec<&str> = held.values().chain(&checked).map(String::as_str).collect();
    let whole = reparsed(format!("[{}]", texts.join(",")))?;
    if let Err(answer) = check(&whole, Kind::Apps, &settings) {
        return Err(shifted(answer, held.len(), is_single));
    }
    let mut found: Vec<(String, Updated)> = Vec::new();
    let mut now: indexmap::IndexMap<String, Json> = indexmap::IndexMap::new();
    for element in document.root().elements() {
        let Some(id) = id_at(&element) else { continue };
        if let Some(version) =
            element.get("version").and_then(|version| version.as_str().map(Cow::into_owned))
        {
            found.push((id, Updated::Version(version)));
            continue;
        }
        let before =
            now.get(&id).cloned().or_else(|| world.app(&id).map(|spec| Json::Object(spec.body.clone())));
        let after = if let Some(before) = before {
            normalize::updated(&before, element, &settings).map(|after| after.value)
        } else {
            let alone = reparsed(format!("[{}]", element.source()))?;
            let applied = normalize::answered(alone.root(), Kind::Apps, &settings).value;
            applied.as_array().and_then(|apps| apps.first().cloned())
        };
        let Some(after) = after else { continue };
        now.insert(id.clone(), after.clone());
        found.push((id, Updated::App(object(after))));
    }
    Ok(found)
}

/// Whole apps in an array, each replacing what has its id.
pub(crate) fn whole_apps(world: &World, array: &Document) -> Result<Vec<(String, Updated)>, ApiReply> {
    if array.root().kind() != Type::Array {
        return Err(ApiReply::unparsable("", "error.expected.jsarray"));
    }
    let mut found = Vec::new();
    for (index, element) in array.root().elements().enumerate() {
        let document = reparsed(element.source().to_owned())?;
        let id = id_of(&document);
        let settings = settings(world, [&*id]);
        check(&document, Kind::App, &settings).map_err(|answer| indexed(answer, index))?;
        found.push((id, Updated::App(again(normalized(&document, Kind::App, &settings), &settings))));
    }
    Ok(found)
}

/// An answer whose paths are below an element of an array.
fn indexed(mut answer: ApiReply, index: usize) -> ApiReply {
    let is_parse = answer.reason() == "Invalid JSON";
    each_path(&mut answer, |path| if is_parse { format!("({index}){path}") } else { path.to_owned() });
    answer
}

/// An answer without the elements that were put before those of the request.
fn shifted(mut answer: ApiReply, before: usize, is_single: bool) -> ApiReply {
    each_path(&mut answer, |path| {
        let Some((index, rest)) = path.strip_prefix('(').and_then(|path| path.split_once(')')) else {
            return path.to_owned();
        };
        match index.parse::<usize>() {
            Ok(_) if is_single => rest.to_owned(),
            Ok(index) => format!("({}){rest}", index.saturating_sub(before)),
            Err(_) => path.to_owned(),
        }
    });
    answer
}

fn each_path(answer: &mut ApiReply, change: impl Fn(&str) -> String) {
    let super::answer::ReplyBody::Json(body) = &mut answer.body else { return };
    for detail in body.get_mut("details").and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(path) = detail.get_mut("path") {
            *path = change(path.as_str().unwrap_or_default()).into();
        }
    }
}
