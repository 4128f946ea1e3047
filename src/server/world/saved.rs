//! What an embedded Marathon keeps in a file, and begins with the next time: groups and services. Tasks are started again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::history::Deltas;
use super::spec::Spec;
use super::{StoredGroup, World};
use crate::server::time::Time;
use crate::source::Kind;

/// Groups and services, as the file has them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Saved {
    version: String,
    groups: BTreeMap<String, SavedGroup>,
    services: Vec<StoredService>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedGroup {
    dependencies: Vec<String>,
    enforce_role: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredService {
    is_pod: bool,
    version: String,
    last_scaling_at: String,
    last_config_change_at: String,
    definition: Map<String, Json>,
}

impl World {
    /// What is to be kept.
    pub(crate) fn saved(&self) -> Saved {
        let group = |(id, group): (&String, &StoredGroup)| {
            (
                id.clone(),
                SavedGroup { dependencies: group.dependencies.clone(), enforce_role: group.enforces },
            )
        };
        let service = |spec: &std::sync::Arc<Spec>| StoredService {
            is_pod: spec.is_pod(),
            version: spec.version.to_string(),
            last_scaling_at: spec.scaled.to_string(),
            last_config_change_at: spec.configured.to_string(),
            definition: spec.body.clone(),
        };
        Saved {
            version: self.version.to_string(),
            groups: self.groups.iter().map(group).collect(),
            services: self.specs.values().map(service).collect(),
        }
    }

    /// Begins with what was kept.
    pub(crate) fn restore(&mut self, saved: Saved) {
        let time = |text: &str| Time::parse(text).unwrap_or_default();
        self.version = time(&saved.version);
        let mut deltas = Deltas::default();
        for (id, group) in saved.groups {
            let group = StoredGroup { dependencies: group.dependencies, enforces: group.enforce_role };
            deltas.groups.insert(id, (None, Some(group)));
        }
        for service in saved.services {
            let kind = if service.is_pod { Kind::Pod } else { Kind::App };
            let mut spec = Spec::new(kind, service.definition, time(&service.version));
            spec.scaled = time(&service.last_scaling_at);
            spec.configured = time(&service.last_config_change_at);
            deltas.specs.insert(spec.id.clone(), (None, Some(spec.into())));
        }
        let version = self.version;
        self.history.store(version, &deltas, true);
        self.apply(&deltas, version);
        for (_, spec) in deltas.specs.into_values() {
            if let Some(spec) = spec.filter(|spec| spec.instances() > 0) {
                self.add_health_checks(&spec);
                self.launch(&spec, spec.instances());
            }
        }
    }
}
