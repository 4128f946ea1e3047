//! What an embedded Marathon keeps in a file, and begins with the next time: groups, services and running deployments. Tasks
//! are started again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::history::Deltas;
use super::spec::Spec;
use super::{Id, StoredGroup, World};
use crate::server::deployment::saved::SavedDeployment;
use crate::server::simulate::instance::{InstanceCondition, SimulatedInstance};
use crate::server::simulate::timer::Which;
use crate::server::time::Time;
use crate::source::Kind;

/// Groups, services and deployments, as the file has them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: String,
    groups: BTreeMap<String, SavedGroup>,
    services: Vec<StoredService>,
    #[serde(default)]
    deployments: Vec<SavedDeployment>,
}

/// A group, as the file has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedGroup {
    dependencies: Vec<String>,
    enforce_role: Option<bool>,
}

/// A service, as the file has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredService {
    is_pod: bool,
    version: String,
    last_scaling_at: String,
    last_config_change_at: String,
    definition: Map<String, Json>,
}

impl SavedGroup {
    /// What is to be kept of a group.
    pub(crate) fn of(group: &StoredGroup) -> Self {
        Self { dependencies: group.dependencies.clone(), enforce_role: group.enforces }
    }
}

impl From<SavedGroup> for StoredGroup {
    fn from(saved: SavedGroup) -> Self {
        Self { dependencies: saved.dependencies, enforces: saved.enforce_role }
    }
}

impl StoredService {
    /// What is to be kept of a service.
    pub(crate) fn of(spec: &Spec) -> Self {
        Self {
            is_pod: spec.is_pod(),
            version: spec.version.to_string(),
            last_scaling_at: spec.scaled.to_string(),
            last_config_change_at: spec.configured.to_string(),
            definition: spec.body.clone(),
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> Option<&str> {
        self.definition.get("id")?.as_str()
    }

    /// The service that was kept.
    pub(crate) fn into_spec(self) -> Spec {
        let time = |text: &str| Time::parse(text).unwrap_or_default();
        let kind = if self.is_pod { Kind::Pod } else { Kind::App };
        let mut spec = Spec::new(kind, self.definition, time(&self.version));
        spec.scaled = time(&self.last_scaling_at);
        spec.configured = time(&self.last_config_change_at);
        spec
    }
}

impl World {
    /// What is to be kept.
    pub(crate) fn saved(&self) -> Saved {
        Saved {
            version: self.version.to_string(),
            groups: self.groups.iter().map(|(id, group)| (id.clone(), SavedGroup::of(group))).collect(),
            services: self.specs.values().map(|spec| StoredService::of(spec)).collect(),
            deployments: self.deployments.iter().map(|each| SavedDeployment::of(self, each)).collect(),
        }
    }

    /// Begins with what was kept.
    pub(crate) fn restore(&mut self, saved: Saved) {
        self.version = Time::parse(&saved.version).unwrap_or_default();
        let mut deltas = Deltas::default();
        for (id, group) in saved.groups {
            deltas.groups.insert(id, (None, Some(group.into())));
        }
        for service in saved.services {
            let spec = service.into_spec();
            deltas.specs.insert(spec.id.clone(), (None, Some(spec.into())));
        }
        let version = self.version;
        self.history.store(version, &deltas, true);
        self.apply(&deltas, version);
        let held: BTreeSet<Id> =
            saved.deployments.iter().flat_map(SavedDeployment::held).map(Id::from).collect();
        for (_, spec) in deltas.specs.into_values() {
            let is_free = |spec: &Arc<Spec>| spec.instances() > 0 && !held.contains(&spec.id);
            if let Some(spec) = spec.filter(is_free) {
                self.launch_all(&spec);
            }
        }
        self.resume(saved.deployments);
    }

    /// Lets this many instances of a service run at once, as far as agents have room: they ran before.
    pub(crate) fn revive(&mut self, spec: &Arc<Spec>, count: usize) {
        if count == 0 {
            return;
        }
        self.add_health_checks(spec);
        self.launch(spec, count);
        self.make_offers(&spec.id);
        let placed = |each: &&SimulatedInstance| each.condition == InstanceCondition::Provisioned;
        let placed = self.instances(&spec.id).filter(placed).map(|each| Which {
            spec: spec.id.clone(),
            instance: each.number,
            incarnation: each.incarnation,
        });
        for which in placed.collect::<Vec<_>>() {
            self.starting(&which);
            self.running(&which);
        }
    }

    /// Launches all instances of a service, with its health checks.
    pub(crate) fn launch_all(&mut self, spec: &Arc<Spec>) {
        self.add_health_checks(spec);
        self.launch(spec, spec.instances());
    }
}
