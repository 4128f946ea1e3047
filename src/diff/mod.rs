//! What a change of definitions changes on a server. Compares both sides as Marathon stores them, so that defaults, the
//! order of sets and old forms make no difference; each difference has its impact.

mod apply;
mod compare;
mod impact;
mod list;
mod mask;

use serde_json::Value as Json;

use crate::source::{Kind, Pointer};
use crate::state::{ServerState, Service};

use compare::Comparison;
#[cfg(feature = "net")]
pub(crate) use compare::same;

pub use apply::apply;
pub(crate) use apply::remove;
pub use impact::Impact;
pub use mask::Mask;

/// What differs between two sets of definitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The services and groups that differ, by id.
    pub differences: Vec<Difference>,
    /// How many services were compared.
    pub compared: usize,
    /// Service ports that one side leaves to the server and the other one has; not differences.
    pub picked: Vec<Picked>,
    /// Services of the old side that the new one does not cover; not compared.
    pub only_old: Vec<String>,
    /// Services of the new side that the old one does not cover; not compared.
    pub only_new: Vec<String>,
    /// The files of the old and of the new side that could not be read; not compared.
    pub unread: [Vec<String>; 2],
}

impl Changes {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A service or group that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its id; the new one where it changes.
    pub id: String,
    /// [`Kind::App`], [`Kind::Pod`] or [`Kind::Group`].
    pub kind: Kind,
    /// The file it is in, where the id alone does not tell the service.
    pub file: Option<String>,
    /// What differs.
    pub what: What,
}

/// How a service or group differs.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Only the new side has it.
    Added(Json),
    /// Only the old side has it.
    Removed(Json),
    /// Both have it.
    Changed {
        /// The old definition, normalized.
        old: Json,
        /// What differs, in the order of the text.
        changes: Vec<FieldChange>,
    },
}

/// A value that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its path in the old definition, or in the new one if the old one does not have it.
    pub path: Pointer,
    /// The old value.
    pub old: Option<Json>,
    /// The new value.
    pub new: Option<Json>,
    /// What Marathon does because of it.
    pub impact: Impact,
}

/// A service port that the server has picked or will pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// The service.
    pub id: String,
    /// The field, in the old definition.
    pub path: Pointer,
    /// The port, on the side where it is known.
    pub port: u64,
}

/// Compares two sets of definitions as Marathon would store them. A service is compared where both sides cover it; two
/// single services are compared whatever their ids are.
///
/// ```
/// use milepost::diff::{Impact, What, between};
/// use milepost::normalize::normalize;
/// use milepost::source::{Document, Format, Kind};
/// use milepost::state::ServerState;
/// use milepost::target::Target;
///
/// let settings = "dcos-2.2".parse::<Target>().expect("a target").settings();
/// let stored = |text: &str| {
///     let document = Document::parse(text, Format::Json).expect("it is JSON");
///     normalize(&document, Kind::App, &settings).expect("Marathon takes it")
/// };
/// let old = stored(r#"{"id": "/web", "cmd": "serve", "ports": [8080]}"#);
/// let same = stored(r#"{"id": "web", "cmd": "serve", "cpus": 1, "portDefinitions": [{"port": 8080}]}"#);
/// let more = stored(r#"{"id": "/web", "cmd": "serve", "ports": [8080], "instances": 3}"#);
/// let diff = |new| between(&ServerState::of([&old]), &ServerState::of([new]));
/// assert!(diff(&same).is_empty());
/// let What::Changed { changes, .. } = &diff(&more).differences[0].what else { panic!("both have the app") };
/// assert_eq!(changes[0].path.to_string(), "/instances");
/// assert_eq!(changes[0].impact, Impact::Scale);
/// ```
#[must_use]
pub fn between(old: &ServerState<'_>, new: &ServerState<'_>) -> Changes {
    let mut changes = Changes::default();
    if let (Some(one), Some(other)) = (old.only(), new.only()) {
        changes.compared = 1;
        changes.service(other.0, one.1, other.1);
        return changes;
    }
    for (id, service) in old.services() {
        match new.get(id) {
            Some(other) if other.kind == service.kind => {
                changes.compared += 1;
                changes.service(id, service, other);
            }
            _ if new.covers(id, service.kind) => {
                changes.compared += 1;
                changes.push(id, service.kind, What::Removed(service.value.clone()));
            }
            _ => changes.only_old.push(id.to_owned()),
        }
    }
    for (id, service) in new.services() {
        if old.get(id).is_some_and(|other| other.kind == service.kind) {
            continue;
        }
        if old.covers(id, service.kind) {
            changes.compared += 1;
            changes.push(id, service.kind, What::Added(service.value.clone()));
        } else {
            changes.only_new.push(id.to_owned());
        }
    }
    changes.groups(old, new);
    changes.differences.sort_by(|one, other| one.id.cmp(&other.id));
    changes
}

impl Changes {
    /// Adds the changes of services that only their file tells from others of the same id.
    pub(crate) fn add(&mut self, file: &str, other: Self) {
        let differences = other.differences.into_iter();
        self.differences
            .extend(differences.map(|difference| Difference { file: Some(file.to_owned()), ..difference }));
        self.compared += other.compared;
        self.picked.extend(other.picked);
        let named = |id: String| format!("{id} in {file}");
        self.only_old.extend(other.only_old.into_iter().map(named));
        self.only_new.extend(other.only_new.into_iter().map(named));
    }

    /// Leaves out a service that has several definitions, of this file where files tell services apart.
    pub(crate) fn leave_out(&mut self, id: &str, file: Option<&str>) {
        let name = file.map_or_else(|| id.to_owned(), |file| format!("{id} in {file}"));
        let before = self.only_old.len() + self.only_new.len();
        self.only_old.retain(|other| *other != name);
        self.only_new.retain(|other| *other != name);
        if self.only_old.len() + self.only_new.len() == before {
            self.compared = self.compared.saturating_sub(1);
        }
        self.differences.retain(|found| found.id != id || found.file.as_deref() != file);
        self.picked.retain(|picked| picked.id != id || file.is_some());
    }

    fn push(&mut self, id: &str, kind: Kind, what: What) {
        self.differences.push(Difference { id: id.to_owned(), kind, file: None, what });
    }

    fn service(&mut self, id: &str, old: Service<'_>, new: Service<'_>) {
        if old.kind != new.kind {
            self.push(id, old.kind, What::Removed(old.value.clone()));
            return self.push(id, new.kind, What::Added(new.value.clone()));
        }
        let mut comparison = Comparison::of(new.kind);
        comparison.role_is_open = old.role_is_open || new.role_is_open;
        comparison.values(old.value, new.value);
        if old.is_scaled_to_zero() || new.is_scaled_to_zero() {
            // Where there is no instance, before or after, Marathon only scales (`DeploymentPlan.dependencyOrderedSteps`).
            let replaced = comparison.changes.iter_mut().filter(|change| change.impact == Impact::Restart);
            replaced.for_each(|change| change.impact = Impact::Nothing);
        }
        let picked = comparison.picked.into_iter();
        self.picked.extend(picked.map(|(path, port)| Picked { id: id.to_owned(), path, port }));
        if !comparison.changes.is_empty() {
            self.push(id, new.kind, What::Changed { old: old.value.clone(), changes: comparison.changes });
        }
    }

    /// Compares the groups that both sides contain. A group that only one side contains exists on the other as well,
    /// through its services or as an empty one.
    fn groups(&mut self, old: &ServerState<'_>, new: &ServerState<'_>) {
        for (id, group) in old.groups() {
            let Some(other) = new.group_of(id).filter(|_| old.covers(id, Kind::Group)) else { continue };
            let mut comparison = Comparison::of(Kind::Group);
            comparison.values(&own(group), &own(other));
            if !comparison.changes.is_empty() {
                self.push(id, Kind::Group, What::Changed { old: own(group), changes: comparison.changes });
            }
        }
    }
}

/// A group's own fields.
fn own(group: &Json) -> Json {
    let fields = ["dependencies", "enforceRole"];
    fields.iter().filter_map(|name| Some(((*name).to_owned(), group.get(name)?.clone()))).collect()
}
