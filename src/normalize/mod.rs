//! Normalizes a definition as Marathon does before it stores it: fills in defaults, converts deprecated forms, makes
//! ids absolute, removes duplicates from sets (`AppNormalization`, `PodNormalization`, `GroupNormalization`,
//! `Raml.toRaml` of 1.5 to 1.11).

mod app;
mod container;
mod group;
mod health;
mod pod;
mod port;
mod set;
mod unneeded;
mod update;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::definition::id::AbsoluteId;
use crate::definition::{App, Group, Pod};
use crate::finding::Finding;
use crate::lint;
use crate::schema::{self, ObjectShape};
use crate::source::{Document, Kind, Pointer, Value};
use crate::target::{Release, Settings};

pub(crate) use set::spelling;
pub(crate) use unneeded::Unneeded;
pub(crate) use update::applied;
pub use update::updated;

/// A definition as the server would store it.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalized {
    /// The kind of definition.
    pub kind: Kind,
    /// The definition as a `GET` returns it, without the fields that the server sets.
    pub value: Json,
    /// Service ports that the server will pick; they are 0 in `value`.
    pub picked: Vec<Pointer>,
    /// Roles that the definition leaves out and a group outside of it decides; in `value` they are those of a new
    /// group. Empty before Marathon 1.9.
    pub assumed: Vec<Pointer>,
}

impl Normalized {
    /// What a server has stored: it has picked every port and decided every role.
    #[must_use]
    pub fn stored(kind: Kind, value: Json) -> Self {
        Self { kind, value, picked: Vec::new(), assumed: Vec::new() }
    }

    /// The id of the app, pod or group; empty for an array.
    #[must_use]
    pub fn id(&self) -> &str {
        self.value.get("id").and_then(Json::as_str).unwrap_or_default()
    }
}

/// Whether the elements of a field's list, of this many, are stored in the order in which they are written.
pub(crate) fn keeps_order(field: &str, elements: impl FnOnce() -> usize) -> bool {
    !schema::table::SETS.contains(&field) || elements() <= set::IN_ORDER
}

/// An object that is being normalized.
type Object = Map<String, Json>;

/// Computes what a server with these settings would store.
///
/// Normalizing the result again changes nothing, except that a health check without a port gets the port index 0,
/// because the default ports are explicit then. Marathon does the same.
///
/// ```
/// use milepost::normalize::normalize;
/// use milepost::source::{Document, Format, Kind};
/// use milepost::target::Target;
///
/// let settings = "dcos-2.2".parse::<Target>()?.settings();
/// let document = Document::parse(r#"{"id": "web", "cmd": "sleep 1", "uris": ["https://example.com/a.tgz"]}"#, Format::Json)?;
/// let normalized = normalize(&document, Kind::App, &settings).expect("Marathon takes it");
/// assert_eq!(normalized.value["id"], "/web");
/// assert_eq!(normalized.value["fetch"][0]["extract"], true);
/// assert_eq!(normalized.picked[0].to_string(), "/portDefinitions/0/port");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Why the server would reject the definition.
pub fn normalize(document: &Document, kind: Kind, settings: &Settings) -> Result<Normalized, Vec<Finding>> {
    accept(document, kind, settings)?;
    Ok(answered(document.root(), kind, settings))
}

/// Whether a server with these settings would store a definition.
///
/// # Errors
/// Why it would reject the definition.
pub(crate) fn accept(document: &Document, kind: Kind, settings: &Settings) -> Result<(), Vec<Finding>> {
    let mut refused = lint::refusals(document, kind, settings);
    if refused.is_empty() {
        return Ok(());
    }
    lint::put_placeholders_together(document.root(), &mut refused);
    Err(refused)
}

/// As [`normalize`], for a server's response, and without checks. The definition of a `GET` stays the same, without the
/// fields that the server sets.
#[must_use]
pub fn answered(value: Value<'_>, kind: Kind, settings: &Settings) -> Normalized {
    if kind == Kind::Apps {
        return update::applied(value, &|_| None, settings);
    }
    let has_no_role = value.get("role").is_none_or(|role| role.is_null());
    let is_open = kind != Kind::Group && has_no_role && settings.release >= Release::V1_9;
    let assumed = is_open.then(|| Pointer::root().key("role")).into_iter().collect();
    let value = stored_without(Unneeded::NOTHING, value, kind, settings);
    Normalized { kind, picked: picked(&value), value, assumed }
}

/// The value of [`answered`]; what is stored in unneeded fields of apps is left undefined.
#[must_use]
pub(crate) fn stored_without(unneeded: &Unneeded, value: Value<'_>, kind: Kind, settings: &Settings) -> Json {
    if kind == Kind::Apps {
        return update::applied_without(unneeded, value, &|_| None, settings).value;
    }
    match (kind, schema::filled(value, kind, settings.release, unneeded.of(kind))) {
        (Kind::App, Json::Object(app)) => {
            app::normalize(app, &AbsoluteId::root(), None, false, settings).into()
        }
        (Kind::Pod, Json::Object(pod)) => pod::normalize(pod, settings).into(),
        (Kind::Group, Json::Object(group)) => group::normalize(group, settings).into(),
        (_, other) => other,
    }
}

/// The service ports that the server will pick.
fn picked(value: &Json) -> Vec<Pointer> {
    let mut picked = Vec::new();
    port::picked(value, &mut Vec::new(), &mut picked);
    picked
}

/// A normalized value with the members in the order of the models.
#[must_use]
pub fn in_order(value: Json, kind: Kind) -> Json {
    fn by<T: Serialize + DeserializeOwned>(value: &Json) -> Option<Json> {
        serde_json::to_value(T::deserialize(value).ok()?).ok()
    }
    let ordered = match kind {
        Kind::App => by::<App>(&value),
        Kind::Apps => by::<Vec<App>>(&value),
        Kind::Pod => by::<Pod>(&value),
        Kind::Group => by::<Group>(&value),
    };
    // Models cannot hold infinite numbers; then the order stays as written.
    ordered.unwrap_or(value)
}

/// The object in a field.
fn object<'o>(of: &'o mut Object, name: &str) -> Option<&'o mut Object> {
    of.get_mut(name)?.as_object_mut()
}

/// The objects in a list.
fn objects<'o>(of: &'o mut Object, name: &str) -> impl Iterator<Item = &'o mut Object> {
    of.get_mut(name).and_then(Json::as_array_mut).into_iter().flatten().filter_map(Json::as_object_mut)
}

/// The length of a list; `None` where there is none.
fn len(of: &Object, name: &str) -> Option<usize> {
    of.get(name)?.as_array().map(Vec::len)
}

fn text<'o>(of: &'o Object, name: &str) -> Option<&'o str> {
    of.get(name)?.as_str()
}

/// Sets a field that is absent.
fn default(of: &mut Object, name: &str, value: impl Into<Json>) {
    if !of.contains_key(name) {
        of.insert(name.to_owned(), value.into());
    }
}

/// The same, for a value that costs something to make.
fn default_with(of: &mut Object, name: &str, value: impl FnOnce() -> Json) {
    if !of.contains_key(name) {
        of.insert(name.to_owned(), value());
    }
}

fn set(of: &mut Object, name: &str, value: impl Into<Json>) {
    of.insert(name.to_owned(), value.into());
}

/// Removes the fields that a stored definition does not have: those that the server fills in, and the deprecated ones,
/// whose values have been moved.
fn drop_unstored(of: &mut Object, shape: &ObjectShape) {
    of.retain(|name, _| {
        let field = shape.position(name).map(|index| &shape.fields[index]);
        field.is_some_and(|field| !field.response && field.replaced_by.is_none())
    });
}

/// Removes fields with an empty list or map, which the server does not return.
fn drop_empty(of: &mut Object, names: &[&str]) {
    for name in names {
        let is_empty = match of.get(*name) {
            Some(Json::Array(elements)) => elements.is_empty(),
            Some(Json::Object(members)) => members.is_empty(),
            _ => false,
        };
        if is_empty {
            of.remove(*name);
        }
    }
}
