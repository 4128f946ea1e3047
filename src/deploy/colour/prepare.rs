//! The definition of a colour: its id, its service port and its labels.

use serde_json::{Value as Json, json};

use super::{ALT_PORT, APP_ID, COLOUR, Colour, GROUP, Member, NEW_INSTANCES, PORT, STARTED_AT, TARGET};
use crate::definition::id::AbsoluteId;
use crate::deploy::plan::stored;
use crate::deploy::watch::differs;
use crate::schema::SCHEMA_FIELD;
use crate::source::{Kind, Value};
use crate::target::Settings;

/// Why a definition cannot be deployed in colours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unpaired {
    /// A label is missing.
    #[error("the label {0} is missing: {meaning}", meaning = meaning(.0))]
    NoLabel(&'static str),
    /// The label of the other port is no port, or not another one.
    #[error("the label {ALT_PORT} has to be a port other than the app's service port {0}")]
    BadAltPort(u64),
    /// There is no fixed service port.
    #[error(
        "the app has no fixed service port: give its first port one (servicePort of a port mapping, or port of a port \
         definition), because clients use it while the apps change"
    )]
    NoServicePort,
    /// Another port has a fixed service port as well, which two apps cannot both have.
    #[error(
        "port {0} (from 0) has a fixed service port, which two apps cannot both have: only the first port is moved; leave \
         the service port of the others to Marathon"
    )]
    SecondPort(usize),
}

fn meaning(label: &str) -> &'static str {
    if label == GROUP {
        "it names the pair of apps, and their backend in HAProxy"
    } else {
        "it is a service port that no other app has, for the one of two apps that does not have the app's own"
    }
}

/// A definition that can be deployed in colours.
#[derive(Clone, Debug)]
pub(crate) struct Pairable {
    /// The id, absolute, without a colour.
    pub id: String,
    /// The group.
    pub group: String,
    /// The app's own service port.
    port: u64,
    /// The port of the other app.
    alt_port: u64,
    /// The port that clients use.
    pub public_port: u64,
    /// How many instances are wanted.
    pub instances: u64,
    written: Json,
}

/// What a colour is given besides the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint<'p> {
    /// The colour.
    pub colour: Colour,
    /// The service port.
    pub port: u64,
    /// How many instances it has.
    pub instances: u64,
    /// What its labels tell of the deployment.
    pub terms: Terms<'p>,
}

/// What the labels of a colour tell of its deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms<'p> {
    /// When it began.
    pub started_at: &'p str,
    /// How many instances both apps have together.
    pub target: u64,
    /// How many instances a canary has, otherwise 0.
    pub new_instances: u64,
}

impl Pairable {
    /// Takes the definition of an app.
    ///
    /// # Errors
    /// When it lacks what a pair needs.
    pub(crate) fn of(app: Value<'_>) -> Result<Self, Unpaired> {
        let mut written = app.to_json();
        if let Some(object) = written.as_object_mut() {
            object.shift_remove(SCHEMA_FIELD);
        }
        let label = |name: &'static str| {
            let text = written.pointer("/labels").and_then(|labels| labels.get(name)).and_then(Json::as_str);
            text.map(str::trim).filter(|text| !text.is_empty()).ok_or(Unpaired::NoLabel(name))
        };
        let group = label(GROUP)?.to_owned();
        let alt_port = label(ALT_PORT)?.parse::<u64>().ok();
        let port = service_port(&written).filter(|port| *port > 0).ok_or(Unpaired::NoServicePort)?;
        let is_port = |number: &u64| (1..=65_535).contains(number) && *number != port;
        let alt_port = alt_port.filter(is_port).ok_or(Unpaired::BadAltPort(port))?;
        if let Some(index) = other_fixed_port(&written) {
            return Err(Unpaired::SecondPort(index));
        }
        let public_port = label(PORT).ok().and_then(|text| text.parse().ok()).unwrap_or(port);
        let id = written.get("id").and_then(Json::as_str).unwrap_or_default();
        Ok(Self {
            id: AbsoluteId::parse(id).canonical(&AbsoluteId::root()).into_text(),
            group,
            port,
            alt_port,
            public_port,
            instances: written.get("instances").and_then(Json::as_u64).unwrap_or(1),
            written,
        })
    }

    /// The id of a colour.
    pub(crate) fn id_of(&self, colour: Colour) -> String {
        format!("{}-{}", self.id, colour.name())
    }

    /// The service port beside an app that has this one.
    pub(crate) fn port_beside(&self, other: Option<u64>) -> u64 {
        match other {
            Some(port) if port == self.port => self.alt_port,
            Some(port) if port == self.alt_port => self.port,
            Some(_) => self.alt_port,
            None => self.port,
        }
    }

    /// The definition of a colour, to be sent.
    pub(crate) fn painted(&self, paint: &Paint<'_>) -> Json {
        let mut app = self.written.clone();
        set_service_port(&mut app, paint.port);
        let mut labels = app.get("labels").cloned().unwrap_or_else(|| json!({}));
        let Terms { started_at, target, new_instances } = paint.terms;
        if let Some(labels) = labels.as_object_mut() {
            for (name, text) in [
                (APP_ID, self.id.clone()),
                (PORT, self.public_port.to_string()),
                (COLOUR, paint.colour.name().to_owned()),
                (STARTED_AT, started_at.to_owned()),
                (TARGET, target.to_string()),
                (NEW_INSTANCES, new_instances.to_string()),
            ] {
                labels.insert(name.to_owned(), text.into());
            }
        }
        if let Some(object) = app.as_object_mut() {
            object.insert("id".to_owned(), self.id_of(paint.colour).into());
            object.insert("labels".to_owned(), labels);
            object.insert("instances".to_owned(), paint.instances.into());
        }
        app
    }

    /// What differs between this definition and an app of the group, apart from the number of instances and what a
    /// deployment changes by itself; nothing where they are the same.
    pub(crate) fn difference(&self, member: &Member, settings: &Settings) -> Option<String> {
        let wanted = if let Some(colour) = member.colour {
            let terms = Terms {
                started_at: &member.started_at,
                target: member.target.unwrap_or(self.instances),
                new_instances: member.new_instances,
            };
            let port = member.service_port.unwrap_or(self.port);
            self.painted(&Paint { colour, port, instances: member.instances, terms })
        } else {
            let mut plain = self.written.clone();
            plain["instances"] = member.instances.into();
            plain
        };
        let wanted = stored(&like_zdd(wanted, member), Kind::App, settings);
        differs(&member.stored(settings), &wanted)
    }
}

/// `zdd.py` writes the id into a label as it is in the file, which may be without its slash.
fn like_zdd(mut wanted: Json, member: &Member) -> Json {
    let held =
        member.definition.pointer("/labels").and_then(|labels| labels.get(APP_ID)).and_then(Json::as_str);
    let label = wanted.get_mut("labels").and_then(|labels| labels.get_mut(APP_ID));
    if let (Some(held), Some(label)) = (held, label)
        && label.as_str().is_some_and(|id| id.trim_start_matches('/') == held.trim_start_matches('/'))
    {
        *label = held.into();
    }
    wanted
}

/// The lists in which an app's ports are, in the order in which marathon-lb looks for them: a path, and the field of a port.
const PORT_LISTS: [(&str, Option<&str>); 4] = [
    ("/container/docker/portMappings", Some("servicePort")),
    ("/container/portMappings", Some("servicePort")),
    ("/portDefinitions", Some("port")),
    ("/ports", None),
];

/// The list that has the ports of an app.
fn port_list(app: &Json) -> Option<(&'static str, Option<&'static str>, &Vec<Json>)> {
    PORT_LISTS.iter().find_map(|(path, field)| {
        let list = app.pointer(path)?.as_array().filter(|list| !list.is_empty())?;
        Some((*path, *field, list))
    })
}

fn port_of(port: &Json, field: Option<&str>) -> Option<u64> {
    field.map_or(Some(port), |field| port.get(field))?.as_u64()
}

/// The service port of an app's first port; 0 where Marathon picks it.
pub(super) fn service_port(app: &Json) -> Option<u64> {
    let (_, field, list) = port_list(app)?;
    Some(port_of(list.first()?, field).unwrap_or(0))
}

/// The first of the other ports that has a fixed service port.
fn other_fixed_port(app: &Json) -> Option<usize> {
    let (_, field, list) = port_list(app)?;
    list.iter()
        .skip(1)
        .position(|port| port_of(port, field).is_some_and(|port| port > 0))
        .map(|index| index + 1)
}

fn set_service_port(app: &mut Json, port: u64) {
    let Some((path, field)) = port_list(app).map(|(path, field, _)| (path, field)) else { return };
    let Some(first) = app.pointer_mut(path).and_then(|list| list.get_mut(0)) else { return };
    match field {
        Some(field) => first[field] = port.into(),
        None => *first = port.into(),
    }
}

#[cfg(test)]
mod tests;
