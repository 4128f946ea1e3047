//! The definition of an app or a pod as it is stored, with its versions.

use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value as Json, json};

use crate::server::simulate::refusal::{Fate, MesosChecks, TaskRefusal};
use crate::server::time::Time;
use crate::source::Kind;
use crate::target::Settings;

/// A stored definition.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// Its id.
    pub(crate) id: Arc<str>,
    /// [`Kind::App`] or [`Kind::Pod`].
    pub(crate) kind: Kind,
    /// The definition, normalized, without version fields.
    pub(crate) body: Map<String, Json>,
    /// Its version: the time of its last change.
    pub(crate) version: Time,
    /// The time of the last change of the number of instances.
    pub(crate) scaled: Time,
    /// The time of the last change of anything else, or of a restart.
    pub(crate) configured: Time,
    /// What Mesos makes of its tasks, once that was looked for.
    fate: OnceLock<Fate>,
}

impl Spec {
    /// A definition that was just sent.
    pub(crate) fn new(kind: Kind, body: Map<String, Json>, now: Time) -> Self {
        let id = body.get("id").and_then(Json::as_str).unwrap_or_default().into();
        Self { id, kind, body, version: now, scaled: now, configured: now, fate: OnceLock::new() }
    }

    /// What Mesos or Docker would refuse of its tasks.
    pub(crate) fn refusal(&self, settings: &Settings) -> Option<&TaskRefusal> {
        self.fate(settings).refusal.as_ref()
    }

    /// What becomes of the health checks that Mesos makes for it.
    pub(crate) fn mesos_checks(&self, settings: &Settings) -> MesosChecks {
        self.fate(settings).checks
    }

    fn fate(&self, settings: &Settings) -> &Fate {
        self.fate.get_or_init(|| Fate::of(self, settings))
    }

    /// Whether it is a pod.
    pub(crate) fn is_pod(&self) -> bool {
        self.kind == Kind::Pod
    }

    /// The id of its group.
    pub(crate) fn group(&self) -> &str {
        parent(&self.id)
    }

    /// A value by its path.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Json> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.body.get(*first)?, |value, name| value.get(name))
    }

    fn number(&self, path: &[&str], otherwise: f64) -> f64 {
        self.at(path).and_then(Json::as_f64).unwrap_or(otherwise)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name)?.as_str()
    }

    pub(crate) fn list(&self, path: &[&str]) -> impl Iterator<Item = &Json> {
        self.at(path).and_then(Json::as_array).into_iter().flatten()
    }

    /// The number of instances that it wants.
    pub(crate) fn instances(&self) -> usize {
        let path: &[&str] = if self.is_pod() { &["scaling", "instances"] } else { &["instances"] };
        self.at(path).and_then(Json::as_u64).map_or(1, |count| usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Wants another number of instances.
    pub(crate) fn set_instances(&mut self, count: usize) {
        if self.is_pod() {
            let kind = self.at(&["scaling", "kind"]).cloned().unwrap_or_else(|| "fixed".into());
            self.body.insert("scaling".to_owned(), json!({"kind": kind, "instances": count}));
        } else {
            self.body.insert("instances".to_owned(), count.into());
        }
    }

    pub(crate) fn role(&self) -> &str {
        self.text("role").unwrap_or("*")
    }

    /// The first delay after a failure, what it grows by, and the longest one, in milliseconds.
    pub(crate) fn backoff(&self) -> (u64, f64, u64) {
        let [first, factor, most] = if self.is_pod() {
            let at = |name| ["scheduling", "backoff", name];
            [
                self.number(&at("backoff"), 1.0),
                self.number(&at("backoffFactor"), 1.15),
                self.number(&at("maxLaunchDelay"), 300.0),
            ]
        } else {
            let at = |name| [name];
            [
                self.number(&at("backoffSeconds"), 1.0),
                self.number(&at("backoffFactor"), 1.15),
                self.number(&at("maxLaunchDelaySeconds"), 300.0),
            ]
        };
        (milliseconds(first), factor, milliseconds(most))
    }

    /// The part of the instances that stay healthy during an update, and how many more than wanted there may be.
    pub(crate) fn upgrade(&self) -> (f64, f64) {
        let at = |name| {
            let of_pod = ["scheduling", "upgrade", name];
            let of_app = ["upgradeStrategy", name];
            if self.is_pod() { self.number(&of_pod, 1.0) } else { self.number(&of_app, 1.0) }
        };
        (at("minimumHealthCapacity"), at("maximumOverCapacity"))
    }

    /// Whether the oldest instances are killed first.
    pub(crate) fn kills_oldest_first(&self) -> bool {
        let path: &[&str] = if self.is_pod() { &["scheduling", "killSelection"] } else { &["killSelection"] };
        self.at(path).and_then(Json::as_str) == Some("OLDEST_FIRST")
    }

    /// After how many milliseconds an unreachable instance is given up, and expunged; nothing where it never is.
    pub(crate) fn unreachable(&self) -> Option<(u64, u64)> {
        let path: &[&str] =
            if self.is_pod() { &["scheduling", "unreachableStrategy"] } else { &["unreachableStrategy"] };
        let strategy = self.at(path)?.as_object()?;
        let seconds = |name: &str| strategy.get(name).and_then(Json::as_f64).map(milliseconds);
        Some((seconds("inactiveAfterSeconds")?, seconds("expungeAfterSeconds")?))
    }

    /// The names of the tasks of an instance: `app`, or the containers of a pod.
    pub(crate) fn task_names(&self) -> Vec<String> {
        if !self.is_pod() {
            return vec!["app".to_owned()];
        }
        self.list(&["containers"]).filter_map(|each| Some(each.get("name")?.as_str()?.to_owned())).collect()
    }

    /// What an instance takes of a resource: `cpus`, `mem`, `disk` or `gpus`.
    pub(crate) fn resource(&self, name: &str) -> f64 {
        if !self.is_pod() {
            return self.number(&[name], 0.0);
        }
        let own = self.number(&["executorResources", name], 0.0);
        self.list(&["containers"])
            .map(|each| each.pointer(&format!("/resources/{name}")).and_then(Json::as_f64).unwrap_or(0.0))
            .fold(own, |sum, one| sum + one)
    }

    /// Whether it has health checks.
    pub(crate) fn has_health_checks(&self) -> bool {
        if self.is_pod() {
            return self.list(&["containers"]).any(|each| each.get("healthCheck").is_some());
        }
        self.list(&["healthChecks"]).next().is_some()
    }

    /// Whether it keeps data on an agent.
    pub(crate) fn is_resident(&self) -> bool {
        let path: &[&str] = if self.is_pod() { &["volumes"] } else { &["container", "volumes"] };
        self.list(path).any(|volume| volume.get("persistent").is_some())
    }

    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.at(&["labels"])?.get(name)?.as_str()
    }

    /// Its labels that are texts.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.at(&["labels"]).and_then(Json::as_object).into_iter().flatten();
        labels.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }

    /// The ids that it depends on.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.list(&["dependencies"]).filter_map(Json::as_str)
    }

    /// The places of the service ports in its body: a list and the port's name in it.
    pub(crate) fn port_lists(&mut self) -> Vec<&mut Json> {
        let mut found = Vec::new();
        for (name, value) in &mut self.body {
            let (list, port) = match name.as_str() {
                "portDefinitions" => (value.as_array_mut(), "port"),
                "container" => (value.get_mut("portMappings").and_then(Json::as_array_mut), "servicePort"),
                _ => continue,
            };
            found.extend(list.into_iter().flatten().filter_map(|entry| entry.get_mut(port)));
        }
        found
    }

    /// Its service ports.
    pub(crate) fn service_ports(&self) -> Vec<u64> {
        let definitions = self.list(&["portDefinitions"]).filter_map(|entry| entry.get("port"));
        let mappings = self.list(&["container", "portMappings"]).filter_map(|entry| entry.get("servicePort"));
        definitions.chain(mappings).filter_map(Json::as_u64).collect()
    }

    /// Whether the other is the same except for versions and the number of instances.
    pub(crate) fn is_upgrade(&self, other: &Self) -> bool {
        if self.instances() == other.instances() {
            return self.kind != other.kind || !same_members(&self.body, &other.body);
        }
        let mut same = other.clone();
        same.set_instances(self.instances());
        self.kind != other.kind || !same_members(&self.body, &same.body)
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        let versions = |spec: &Self| (spec.version, spec.scaled, spec.configured);
        self.id == other.id
            && self.kind == other.kind
            && versions(self) == versions(other)
            && same_members(&self.body, &other.body)
    }
}

/// Whether two values are the same to Marathon: 1 and 1.0 are.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => same_members(one, other),
        _ => one == other,
    }
}

fn same_members(one: &Map<String, Json>, other: &Map<String, Json>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
}

/// Milliseconds of seconds.
pub(crate) fn milliseconds(seconds: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, which is meant")]
    let whole = (seconds * 1_000.0).round() as u64;
    whole
}

/// The group that an id is in.
pub(crate) fn parent(id: &str) -> &str {
    match id.rfind('/') {
        Some(0) | None => "/",
        Some(at) => &id[..at],
    }
}

/// The groups around an id, the innermost first, the root last.
pub(crate) fn ancestors(id: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(parent(id)).filter(|_| id != "/"), |id| (*id != "/").then(|| parent(id)))
}
