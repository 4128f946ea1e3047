//! What the choices add to the app.

use serde_json::{Map, Value as Json, json};

/// Something the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryNote {
    /// It works, and will hurt.
    Warning(String),
    /// It works when this is done as well.
    Note(String),
}

/// A finished definition.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The app definition, its members in reading order.
    pub definition: Json,
    /// What the operator should know about it.
    pub remarks: Vec<RegistryNote>,
}

/// The app while it is put together.
#[derive(Debug, Default)]
pub(crate) struct AppBuilder {
    pub(crate) env: Map<String, Json>,
    pub(crate) secrets: Map<String, Json>,
    pub(crate) labels: Map<String, Json>,
    pub(crate) port_labels: Map<String, Json>,
    pub(crate) volumes: Vec<Json>,
    /// The fixed port on the agent, or 0 for any.
    pub(crate) host_port: u16,
    /// Whether a volume lives on after the task: such an app is tied to its agent.
    pub(crate) is_resident: bool,
    pub(crate) remarks: Vec<RegistryNote>,
}

impl AppBuilder {
    pub(crate) fn env(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.env.insert(name.into(), Json::String(value.into()));
    }

    /// A variable whose value the secret store has.
    pub(crate) fn secret_env(&mut self, variable: impl Into<String>, secret: &str, source: &str) {
        self.secret(secret, source);
        self.env.insert(variable.into(), json!({ "secret": secret }));
    }

    pub(crate) fn secret(&mut self, name: &str, source: &str) {
        self.secrets.insert(name.to_owned(), json!({ "source": source }));
    }

    /// Something on the agents, as the container sees it.
    pub(crate) fn mount(&mut self, host_path: &str, container_path: &str, mode: &str) {
        self.volumes.push(json!({ "containerPath": container_path, "hostPath": host_path, "mode": mode }));
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.remarks.push(RegistryNote::Warning(text.into()));
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.remarks.push(RegistryNote::Note(text.into()));
    }
}
