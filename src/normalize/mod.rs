//! What Marathon makes of a definition before it stores it: defaults, deprecated forms moved to their places, ids made
//! absolute, sets without duplicates (`AppNormalization`, `PodNormalization`, `GroupNormalization`, `Raml.toRaml` of 1.5
//! to 1.11).

mod app;
mod container;
mod group;
mod health;
mod pod;
mod port;
mod set;
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
pub use update::updated;

/// A definition as the server would hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalized {
    /// What it is a definition of.
    pub kind: Kind,
    /// The definition, in the form in which the server answers a `GET`, without what it fills in itself.
    pub value: Json,
    /// Service ports that the server will pick; in `value` they are 0.
    pub picked: Vec<Pointer>,
    /// Roles that nobody has said and that a group decides which is not in the definition; in `value` they are those of
    /// a new group. Empty before Marathon 1.9.
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

/// An object on its way.
type Object = Map<String, Json>;

/// Works out what the server of these settings would store.
///
/// Normalizing what comes out changes nothing, but for one thing that Marathon does itself: it points health checks
/// without a port at port 0 where ports are given, and those it made by default are given then.
///
/// ```
/// use milepost::normalize::normalize;
/// use milepost::source::{Document, Format, Kind};
/// use milepost::target::Target;
///
/// let document = Document::parse(r#"{"id": "web", "cmd": "sleep 1", "uris": ["https://example.com/a.tgz"]}"#, Format::Json)?;
/// let normalized = normalize(&document, Kind::App, &Target::default().settings()).expect("Marathon takes it");
/// assert_eq!(normalized.value["id"], "/web");
/// assert_eq!(normalized.value["fetch"][0]["extract"], true);
/// assert_eq!(normalized.picked[0].to_string(), "/portDefinitions/0/port");
/// # Ok::<(), milepost::source::SyntaxError>(())
/// ```
///
/// # Errors
/// What it would refuse the definition for.
pub fn normalize(document: &Document, kind: Kind, settings: &Settings) -> Result<Normalized, Vec<Finding>> {
    let refused = lint::refusals(document, kind, settings);
    if !refused.is_empty() {
        return Err(refused);
    }
    Ok(answered(document.root(), kind, settings))
}

/// As [`normalize`], of what a server has answered: nothing is checked. What a `GET` gives comes out as it is, without
/// what the server fills in itself.
#[must_use]
pub fn answered(value: Value<'_>, kind: Kind, settings: &Settings) -> Normalized {
    let assumed = assumed(value, kind, settings);
    let value = schema::filled(value, kind, settings.release);
    let mut picked = Vec::new();
    let root = AbsoluteId::root();
    let value = match (kind, value) {
        (Kind::App, Json::Object(app)) => app::normalize(app, &root, None, false, settings).into(),
        (Kind::Apps, Json::Array(apps)) => apps
            .into_iter()
            .filter_map(|app| match app {
                Json::Object(app) => Some(Json::Object(app::normalize(app, &root, None, true, settings))),
                _ => None,
            })
            .collect(),
        (Kind::Pod, Json::Object(pod)) => pod::normalize(pod, settings).into(),
        (Kind::Group, Json::Object(group)) => group::normalize(group, settings).into(),
        (_, other) => other,
    };
    port::picked(&value, &mut Vec::new(), &mut picked);
    Normalized { kind, value, picked, assumed }
}

/// Where a service that stands alone says no role.
fn assumed(value: Value<'_>, kind: Kind, settings: &Settings) -> Vec<Pointer> {
    let says_none = |service: Value<'_>| service.get("role").is_none_or(|role| role.is_null());
    let places: Vec<Pointer> = match kind {
        Kind::Group => Vec::new(),
        Kind::Apps => value
            .elements()
            .enumerate()
            .filter(|(_, app)| says_none(*app))
            .map(|(index, _)| Pointer::root().index(index))
            .collect(),
        Kind::App | Kind::Pod => Some(Pointer::root()).filter(|_| says_none(value)).into_iter().collect(),
    };
    let has_roles = settings.release >= Release::V1_9;
    places.into_iter().filter(|_| has_roles).map(|service| service.key("role")).collect()
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
    // A model holds no infinite number; then the order is the writer's.
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

/// How long a list is; nothing where there is none.
fn len(of: &Object, name: &str) -> Option<usize> {
    of.get(name)?.as_array().map(Vec::len)
}

fn text<'o>(of: &'o Object, name: &str) -> Option<&'o str> {
    of.get(name)?.as_str()
}

/// Puts a value in where there is none.
fn default(of: &mut Object, name: &str, value: impl Into<Json>) {
    if !of.contains_key(name) {
        of.insert(name.to_owned(), value.into());
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

/// Removes what is given and empty: the server does not answer it.
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
