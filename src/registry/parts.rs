//! What the choices add to the app.

use serde_json::{Map, Value as Json, json};

/// Something the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It works, and will hurt.
    Warning(String),
    /// It works when this is done as well.
    Note(String),
}

/// A finished definition.
#[derive(Clone, Debug)]
pub struct Product {
    /// The app definition, its members in reading order.
    pub definition: Json,
    /// What the operator should know about it.
    pub remarks: Vec<Remark>,
}

/// The app while it is put together.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) env: Map<String, Json>,
    pub(super) secrets: Map<String, Json>,
    pub(super) labels: Map<String, Json>,
    pub(super) port_labels: Map<String, Json>,
    pub(super) volumes: Vec<Json>,
    /// The fixed port on the agent, or 0 for any.
    pub(super) host_port: u16,
    /// Whether a volume lives on after the task: such an app is tied to its agent.
    pub(super) is_resident: bool,
    pub(super) remarks: Vec<Remark>,
}

impl Parts {
    pub(super) fn env(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.env.insert(name.into(), Json::String(value.into()));
    }

    /// A variable whose value the secret store has.
    pub(super) fn secret_env(&mut self, variable: impl Into<String>, secret: &str, source: &str) {
        self.secret(secret, source);
        self.env.insert(variable.into(), json!({ "secret": secret }));
    }

    pub(super) fn secret(&mut self, name: &str, source: &str) {
        self.secrets.insert(name.to_owned(), json!({ "source": source }));
    }

    /// Something on the agents, as the container sees it.
    pub(super) fn mount(&mut self, host_path: &str, container_path: &str, mode: &str) {
        self.volumes.push(json!({ "containerPath": container_path, "hostPath": host_path, "mode": mode }));
    }

    pub(super) fn warn(&mut self, text: impl Into<String>) {
        self.remarks.push(Remark::Warning(text.into()));
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.remarks.push(Remark::Note(text.into()));
    }
}
