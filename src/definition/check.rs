//! Checks that Mesos runs and only reports, and the forms that they share with health checks of pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnyPort, MesosCommand, Name, ShortText};

/// A check of an app's instance that is only reported: exactly one of `http`, `tcp` and `exec`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppCheck {
    /// An HTTP request to a port of the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<AppHttpCheck>,

    /// A TCP connection to a port of the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<AppTcpCheck>,

    /// A command next to the instance.
    ///
    /// Write it as `shell`: the server stores the `argv` form, but can no longer return the app afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<CommandCheck>,

    /// Seconds between two checks. Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 60))]
    pub interval_seconds: Option<i32>,

    /// Seconds after which a check has failed. Default 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 20))]
    pub timeout_seconds: Option<i32>,

    /// Seconds after the start before the first check. Default 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 15))]
    pub delay_seconds: Option<i32>,
}

/// An HTTP request to a port of an app.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppHttpCheck {
    /// The path that is requested. Default `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<ShortText>,

    /// The app's port to check, as an index from 0. Required unless the app has exactly one port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_index: Option<AnyPort>,

    /// A fixed port number to check, instead of `portIndex`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<AnyPort>,

    /// The scheme; `HTTPS` parses and is rejected later. Default `HTTP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "HTTP"))]
    pub scheme: Option<HttpScheme>,
}

/// A TCP connection to a port of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppTcpCheck {
    /// The app's port to check, as an index from 0. Required unless the app has exactly one port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_index: Option<AnyPort>,

    /// A fixed port number to check, instead of `portIndex`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<AnyPort>,
}

/// A check of a pod's container that is only reported: exactly one of `http`, `tcp` and `exec`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// An HTTP request to an endpoint of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpCheck>,

    /// A TCP connection to an endpoint of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpCheck>,

    /// A command in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<CommandCheck>,

    /// Seconds between two checks. Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 60))]
    pub interval_seconds: Option<i32>,

    /// Seconds after which a check has failed. Default 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 20))]
    pub timeout_seconds: Option<i32>,

    /// Seconds after the start before the first check. Default 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 15))]
    pub delay_seconds: Option<i32>,
}

/// An HTTP request to an endpoint of a pod's container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HttpCheck {
    /// The name of an endpoint of the same container.
    pub endpoint: Name,

    /// The path that is requested. Default `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<ShortText>,

    /// The scheme. Default `HTTP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "HTTP"))]
    pub scheme: Option<HttpScheme>,
}

/// A TCP connection to an endpoint of a pod's container.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TcpCheck {
    /// The name of an endpoint of the same container.
    pub endpoint: Name,
}

/// A command whose exit code is the result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct CommandCheck {
    /// The command.
    pub command: MesosCommand,
}

/// Whether a request is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum HttpScheme {
    /// Plain HTTP.
    #[serde(rename = "HTTP")]
    Http,
    /// HTTP over TLS.
    #[serde(rename = "HTTPS")]
    Https,
}
