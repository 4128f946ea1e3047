//! Commands of pod containers and checks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number;

/// What a pod's container runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct MesosExec {
    /// The command.
    pub command: MesosCommand,

    /// Whether the command replaces the image's entrypoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_entrypoint: Option<bool>,
}

/// A command: a shell line or a list of arguments. The server tries the forms in this order.
///
/// With both, `argv` is dropped silently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MesosCommand {
    /// A line for the shell.
    Shell(ShellCommand),
    /// A program and its arguments.
    Argv(ArgvCommand),
}

/// A command line for the shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShellCommand {
    /// The line, run by `/bin/sh -c`.
    #[schemars(length(min = 1))]
    pub shell: String,
}

/// A program and its arguments; no shell is involved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ArgvCommand {
    /// The program, then its arguments.
    #[schemars(length(min = 1))]
    pub argv: Vec<String>,
}

/// How a pod's container is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// Seconds between the request to stop the container and killing it. Default: the agent's setting.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0))]
    pub kill_grace_period_seconds: Option<f64>,
}
