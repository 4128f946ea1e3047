//! Compares two normalized values.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::schema::table;
use crate::source::{Kind, Pointer, Step};

use super::list::{self, ElementPair};
use super::{FieldChange, Impact};

/// The range in which servers pick service ports (`--local_port_min`, `--local_port_max`, by default).
const PICKED: std::ops::RangeInclusive<u64> = 10_000..=20_000;

/// The paths to a value in both definitions.
#[derive(Clone, Default)]
struct PathPair {
    old: Pointer,
    new: Pointer,
}

impl PathPair {
    fn key(&self, name: &str) -> Self {
        Self { old: self.old.key(name), new: self.new.key(name) }
    }

    fn pair(&self, old: usize, new: usize) -> Self {
        Self { old: self.old.index(old), new: self.new.index(new) }
    }

    fn name(&self) -> &str {
        match self.old.steps().last() {
            Some(Step::Key(name)) => name,
            _ => "",
        }
    }
}

/// Compares two definitions of a kind.
pub(super) struct Comparison {
    kind: Kind,
    /// A group decides the role, so that a difference of roles does not count.
    pub(super) role_is_open: bool,
    /// What differs.
    pub(super) changes: Vec<FieldChange>,
    /// The service ports that one side leaves to the server, with the port of the other side.
    pub(super) picked: Vec<(Pointer, u64)>,
}

impl Comparison {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, role_is_open: false, changes: Vec::new(), picked: Vec::new() }
    }

    /// Compares the two from their roots.
    pub(super) fn values(&mut self, old: &Json, new: &Json) {
        self.visit(old, new, &PathPair::default());
    }

    fn visit(&mut self, old: &Json, new: &Json, paths: &PathPair) {
        if same(old, new) || self.is_open(paths) {
            return;
        }
        match (old, new) {
            (Json::Object(old), Json::Object(new)) => self.objects(old, new, paths),
            (Json::Array(old), Json::Array(new)) => self.lists(old, new, paths),
            (Json::Number(old), Json::Number(new)) if self.is_picked(old.as_u64(), new.as_u64(), paths) => {}
            _ => self.push(paths.old.clone(), Some(old), Some(new)),
        }
    }

    fn objects(&mut self, old: &Map<String, Json>, new: &Map<String, Json>, paths: &PathPair) {
        for (name, value) in old {
            match new.get(name) {
                Some(other) => self.visit(value, other, &paths.key(name)),
                None => self.push(paths.old.key(name), Some(value), None),
            }
        }
        for (name, value) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            self.push(paths.new.key(name), None, Some(value));
        }
    }

    fn lists(&mut self, old: &[Json], new: &[Json], paths: &PathPair) {
        let is_checks = paths.name() == "healthChecks";
        let pointed = |checks| if is_checks { pointed(checks) } else { Cow::Borrowed(checks) };
        let (old, new) = (pointed(old), pointed(new));
        let is_set = table::SETS.contains(&paths.name());
        let pairs = if is_set { list::of_sets(&old, &new) } else { list::of_lists(&old, &new) };
        // Sets have no order: the new one is shown in the order of the old one.
        let mut place = 0;
        for pair in pairs {
            match pair {
                ElementPair::Both(one, other) => self.visit(&old[one], &new[other], &paths.pair(one, place)),
                ElementPair::Old(one) => self.push(paths.old.index(one), Some(&old[one]), None),
                ElementPair::New(other) => self.push(paths.new.index(place), None, Some(&new[other])),
            }
            place += usize::from(!matches!(pair, ElementPair::Old(_)));
        }
    }

    fn push(&mut self, path: Pointer, old: Option<&Json>, new: Option<&Json>) {
        let impact = Impact::of(self.kind, &path);
        self.changes.push(FieldChange { path, old: old.cloned(), new: new.cloned(), impact });
    }

    /// Whether this is a role that a group decides.
    fn is_open(&self, paths: &PathPair) -> bool {
        self.role_is_open && paths.old.steps().len() == 1 && paths.name() == "role"
    }

    /// Whether one side leaves a service port to the server, and the other one has a port that a server picks: Marathon
    /// keeps what it has picked (`GroupManagerImpl.assignDynamicServicePorts`).
    fn is_picked(&mut self, old: Option<u64>, new: Option<u64>, paths: &PathPair) -> bool {
        let (Some(old), Some(new)) = (old, new) else { return false };
        let is_port = self.kind == Kind::App && matches!(paths.name(), "port" | "servicePort");
        let known = if old == 0 { new } else { old };
        let is_picked = is_port && old.min(new) == 0 && PICKED.contains(&known);
        if is_picked {
            self.picked.push((paths.old.clone(), known));
        }
        is_picked
    }
}

/// Health checks with explicit ports. Marathon stores a check without a port unchanged, but sets port index 0 when it
/// receives the stored app again, because its default ports are explicit then.
fn pointed(checks: &[Json]) -> Cow<'_, [Json]> {
    let is_open = |check: &Json| {
        check.get("protocol").and_then(Json::as_str) != Some("COMMAND")
            && check.get("port").is_none()
            && check.get("portIndex").is_none()
    };
    if !checks.iter().any(is_open) {
        return Cow::Borrowed(checks);
    }
    let mut checks = checks.to_vec();
    for check in checks.iter_mut().filter(|check| is_open(check)) {
        if let Some(check) = check.as_object_mut() {
            check.insert("portIndex".to_owned(), 0.into());
        }
    }
    Cow::Owned(checks)
}

/// Whether two values are equal: members in any order, numbers by value.
pub(crate) fn same(old: &Json, new: &Json) -> bool {
    match (old, new) {
        (Json::Number(old), Json::Number(new)) => old == new || old.as_f64() == new.as_f64(),
        (Json::Array(old), Json::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        (Json::Object(old), Json::Object(new)) => {
            old.len() == new.len()
                && old.iter().all(|(name, old)| new.get(name).is_some_and(|new| same(old, new)))
        }
        _ => old == new,
    }
}
