//! What a server stores, or would store: services and groups by their ids, whatever files, arrays or responses they
//! come from.

mod response;
mod roles;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::normalize::Normalized;
use crate::source::{Kind, Pointer, Step};
use crate::util::path::is_within;

pub use response::{ResponsePart, is_complete, parts, parts_or};

/// Services and groups by their ids. Borrows from the definitions.
#[derive(Clone, Debug, Default)]
pub struct ServerState<'n> {
    services: BTreeMap<&'n str, Service<'n>>,
    groups: BTreeMap<&'n str, &'n Json>,
    scope: Vec<Coverage<'n>>,
    /// The number of definitions so far.
    definitions: usize,
    /// Ids of services that are in more than one definition.
    duplicates: Vec<&'n str>,
}

/// An app or a pod.
#[derive(Clone, Copy, Debug)]
pub struct Service<'n> {
    /// [`Kind::App`] or [`Kind::Pod`].
    pub kind: Kind,
    /// The definition, normalized.
    pub value: &'n Json,
    /// Whether a group outside of the definition decides its role.
    pub role_is_open: bool,
    /// The number of the definition it is in.
    definition: usize,
}

impl Service<'_> {
    /// Whether it has no instances.
    #[must_use]
    pub fn is_scaled_to_zero(&self) -> bool {
        let path = if self.kind == Kind::Pod { "/scaling/instances" } else { "/instances" };
        self.value.pointer(path).and_then(Json::as_u64) == Some(0)
    }
}

/// What a definition covers: services outside of it stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coverage<'n> {
    /// One service.
    Service(&'n str),
    /// A group with everything in it except pods: a group in a request has none, and touches none.
    Group(&'n str),
    /// All services and groups.
    All,
}

impl<'n> ServerState<'n> {
    /// The state that these definitions describe. Of two services of one id the last counts, as it does for Marathon
    /// when both are in one definition; for others see [`ServerState::duplicates`].
    #[must_use]
    pub fn of(definitions: impl IntoIterator<Item = &'n Normalized>) -> Self {
        let mut state = Self::default();
        for Normalized { kind, value, assumed, .. } in definitions {
            state.definitions += 1;
            match kind {
                Kind::App | Kind::Pod => {
                    state.scope.push(Coverage::Service(id(value)));
                    state.service(*kind, value, !assumed.is_empty());
                }
                Kind::Apps => {
                    state.scope.push(Coverage::All);
                    for (index, app) in value.as_array().into_iter().flatten().enumerate() {
                        let is_this = |role: &Pointer| role.steps().first() == Some(&Step::Index(index));
                        state.service(Kind::App, app, assumed.iter().any(is_this));
                    }
                }
                Kind::Group => {
                    state.scope.push(Coverage::Group(id(value)));
                    state.group(value);
                }
            }
        }
        state
    }

    /// The same state as a complete one: services that are not in it do not exist.
    #[must_use]
    pub fn exhaustive(mut self) -> Self {
        self.scope = vec![Coverage::All];
        self
    }

    /// The same state as updates: an array of apps leaves services that are not in it as they are (`PUT /v2/apps`).
    #[must_use]
    pub fn as_updates(mut self) -> Self {
        if self.scope.contains(&Coverage::All) {
            self.scope.retain(|scope| *scope != Coverage::All);
            self.scope.extend(self.services.keys().map(|id| Coverage::Service(id)));
        }
        self
    }

    /// The services, by id.
    pub fn services(&self) -> impl Iterator<Item = (&'n str, Service<'n>)> {
        self.services.iter().map(|(id, service)| (*id, *service))
    }

    /// The service of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Service<'n>> {
        self.services.get(id).copied()
    }

    /// The groups in the definitions, by id, with everything in them.
    pub fn groups(&self) -> impl Iterator<Item = (&'n str, &'n Json)> {
        self.groups.iter().map(|(id, group)| (*id, *group))
    }

    /// The group of an id, if it is in a definition.
    #[must_use]
    pub fn group_of(&self, id: &str) -> Option<&'n Json> {
        self.groups.get(id).copied()
    }

    /// The groups that are a definition of their own.
    pub fn whole_groups(&self) -> impl Iterator<Item = &'n str> {
        self.scope.iter().filter_map(|scope| match scope {
            Coverage::Group(group) => Some(*group),
            Coverage::Service(_) | Coverage::All => None,
        })
    }

    /// Ids of services that are in more than one definition.
    #[must_use]
    pub fn duplicates(&self) -> &[&'n str] {
        &self.duplicates
    }

    /// Whether these definitions cover this service, even if they do not contain it.
    #[must_use]
    pub fn covers(&self, id: &str, kind: Kind) -> bool {
        self.scope.iter().any(|scope| match scope {
            Coverage::Service(service) => *service == id,
            Coverage::Group(group) => kind != Kind::Pod && is_below(id, group),
            Coverage::All => true,
        })
    }

    /// The only service, if the definitions cover nothing else.
    #[must_use]
    pub fn only(&self) -> Option<(&'n str, Service<'n>)> {
        match &self.scope[..] {
            [Coverage::Service(id)] => Some((id, self.get(id)?)),
            _ => None,
        }
    }

    fn service(&mut self, kind: Kind, value: &'n Json, role_is_open: bool) {
        let service = Service { kind, value, role_is_open, definition: self.definitions };
        let other = self.services.insert(id(value), service);
        if other.is_some_and(|other| other.definition != self.definitions) {
            self.duplicates.push(id(value));
        }
    }

    fn group(&mut self, group: &'n Json) {
        self.groups.insert(id(group), group);
        let members = |name: &str| group.get(name).and_then(Json::as_array).into_iter().flatten();
        members("apps").for_each(|app| self.service(Kind::App, app, false));
        members("groups").for_each(|inner| self.group(inner));
    }
}

/// Whether an id is that of a group or below it. Both are canonical.
#[must_use]
pub fn is_below(id: &str, group: &str) -> bool {
    group == "/" || is_within(id, group)
}

fn id(value: &Json) -> &str {
    value.get("id").and_then(Json::as_str).unwrap_or_default()
}
