//! The app while the choices add to it.

use serde_json::Value as Json;

use crate::definition::{
    App, AppHostVolume, AppVolume, EnvVarSecret, EnvVarValueOrSecret, EnvVars, Labels, ReadMode, SecretDef,
    Secrets,
};

/// Something the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegistryNote {
    /// A risk of the choices.
    Warning(String),
    /// Something left to do, or worth knowing.
    Note(String),
}

/// A finished definition.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    /// The app.
    pub app: App,
    /// What the operator should know about it.
    pub notes: Vec<RegistryNote>,
}

impl Generated {
    /// The definition as JSON, its members in reading order.
    ///
    /// # Errors
    /// Never: every member has a form in JSON. serde's signature cannot say so.
    pub(crate) fn to_json(&self) -> Result<Json, serde_json::Error> {
        let mut json = serde_json::to_value(&self.app)?;
        in_reading_order(&mut json);
        Ok(json)
    }
}

/// The order of members in the DC/OS tutorial on private registries, which differs from that of the models. Other members
/// (environment variables, labels, secrets) follow in their own order.
const READING_ORDER: [&[&str]; 4] = [
    // Ports; before the app, since both have `labels`.
    &["port", "containerPort", "hostPort", "servicePort", "protocol", "name"],
    &[
        "id",
        "cpus",
        "mem",
        "instances",
        "container",
        "networks",
        "env",
        "secrets",
        "labels",
        "constraints",
        "dependencies",
        "healthChecks",
        "upgradeStrategy",
        "unreachableStrategy",
        "taskKillGracePeriodSeconds",
        "portDefinitions",
    ],
    // The container and its image.
    &[
        "type",
        "volumes",
        "docker",
        "image",
        "network",
        "portMappings",
        "privileged",
        "parameters",
        "forcePullImage",
    ],
    // Volumes.
    &["containerPath", "hostPath", "mode", "persistent"],
];

pub(crate) fn in_reading_order(json: &mut Json) {
    match json {
        Json::Object(members) => {
            let rank = |name: &str| {
                let mut names = READING_ORDER.iter().copied().flatten();
                names.position(|other| *other == name).unwrap_or(usize::MAX)
            };
            let mut ordered: Vec<(String, Json)> = std::mem::take(members).into_iter().collect();
            ordered.sort_by_key(|(name, _)| rank(name));
            members.extend(ordered);
            members.values_mut().for_each(in_reading_order);
        }
        Json::Array(elements) => elements.iter_mut().for_each(in_reading_order),
        _ => {}
    }
}

/// The parts of the app that the choices add to.
#[derive(Debug, Default)]
pub(crate) struct AppBuilder {
    pub(crate) env: EnvVars,
    pub(crate) secrets: Secrets,
    pub(crate) labels: Labels,
    pub(crate) port_labels: Labels,
    pub(crate) volumes: Vec<AppVolume>,
    /// The fixed port on the agent, or 0 for any.
    pub(crate) host_port: u16,
    /// Whether a volume outlives the task: such an app is tied to its agent.
    pub(crate) is_resident: bool,
    pub(crate) notes: Vec<RegistryNote>,
}

impl AppBuilder {
    pub(crate) fn env(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.env.insert(name.into(), EnvVarValueOrSecret::Value(value.into()));
    }

    /// A variable whose value is in the secret store.
    pub(crate) fn secret_env(&mut self, variable: impl Into<String>, secret: &str, source: &str) {
        self.secret(secret, source);
        let value = EnvVarValueOrSecret::Secret(EnvVarSecret { secret: secret.to_owned() });
        self.env.insert(variable.into(), value);
    }

    pub(crate) fn secret(&mut self, name: &str, source: &str) {
        self.secrets.insert(name.to_owned(), SecretDef { source: source.to_owned() });
    }

    /// A path of the agents in the container.
    pub(crate) fn mount(&mut self, host_path: &str, container_path: &str, mode: ReadMode) {
        self.volumes.push(AppVolume::Host(AppHostVolume {
            container_path: container_path.to_owned(),
            host_path: host_path.to_owned(),
            mode,
        }));
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.notes.push(RegistryNote::Warning(text.into()));
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(RegistryNote::Note(text.into()));
    }
}
