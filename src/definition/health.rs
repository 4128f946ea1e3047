//! Health checks of apps and pods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnyPort, CommandCheck, HttpCheck, TcpCheck};

/// A check that decides whether an app's instance is healthy.
///
/// An item that is not an object is read as an HTTP check with every default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppHealthCheck {
    /// How the instance is checked, and by whom: Marathon (`HTTP`, `HTTPS`, `TCP`) or the agent (the others). Default
    /// `HTTP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "HTTP"))]
    pub protocol: Option<AppHealthCheckProtocol>,

    /// The path that is requested, for the HTTP protocols. Default `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,

    /// The app's port to check, as an index from 0. Default 0 when the app has ports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_index: Option<AnyPort>,

    /// A fixed port number to check, instead of `portIndex`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<AnyPort>,

    /// The command that is run, for protocol `COMMAND` only; 0 as its exit code means healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<AppCommandCheck>,

    /// Whether the check uses IPv4 or IPv6. Default `IPv4`. Since Marathon 1.6.322.
    ///
    /// `IPv6` needs one of the `MESOS_` protocols and the Docker Engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "IPv4", "x-since" = "1.6.322"))]
    pub ip_protocol: Option<IpProtocol>,

    /// Seconds after the start in which failures do not count, until the first success. Default 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 300))]
    pub grace_period_seconds: Option<i32>,

    /// Seconds between two checks. Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 60))]
    pub interval_seconds: Option<i32>,

    /// Seconds after which a check has failed. Default 20.
    ///
    /// Marathon sets no bound here, not even for negative numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 20))]
    pub timeout_seconds: Option<i32>,

    /// Seconds after the start before the first check, for checks that the agent runs. Default 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 15))]
    pub delay_seconds: Option<i32>,

    /// How many failures in a row kill the instance; 0 for never where Marathon checks, and for the first one where the agent
    /// does. Default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 3))]
    pub max_consecutive_failures: Option<i32>,

    /// Whether responses with a status of 100 to 199 are ignored. Accepted and dropped; returned as false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_http1xx: Option<bool>,
}

/// The command of an app's health check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct AppCommandCheck {
    /// A shell command line.
    pub value: String,
}

/// How an app's health check checks the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum AppHealthCheckProtocol {
    /// An HTTP request from Marathon.
    #[serde(rename = "HTTP")]
    Http,
    /// An HTTPS request from Marathon.
    #[serde(rename = "HTTPS")]
    Https,
    /// A TCP connection from Marathon.
    #[serde(rename = "TCP")]
    Tcp,
    /// A command that the agent runs next to the instance.
    #[serde(rename = "COMMAND")]
    Command,
    /// A TCP connection from the agent.
    #[serde(rename = "MESOS_TCP")]
    MesosTcp,
    /// An HTTP request from the agent.
    #[serde(rename = "MESOS_HTTP")]
    MesosHttp,
    /// An HTTPS request from the agent.
    #[serde(rename = "MESOS_HTTPS")]
    MesosHttps,
}

/// The version of the Internet Protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum IpProtocol {
    /// IPv4.
    #[serde(rename = "IPv4")]
    V4,
    /// IPv6.
    #[serde(rename = "IPv6")]
    V6,
}

/// A check that decides whether a pod's container is healthy: exactly one of `http`, `tcp` and `exec`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HealthCheck {
    /// An HTTP request to an endpoint of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpCheck>,

    /// A TCP connection to an endpoint of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<TcpCheck>,

    /// A command in the container; 0 as its exit code means healthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<CommandCheck>,

    /// Seconds after the start in which failures do not count, until the first success. Default 300.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 300))]
    pub grace_period_seconds: Option<i32>,

    /// Seconds between two checks. Default 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 60))]
    pub interval_seconds: Option<i32>,

    /// Seconds after which a check has failed; less than `intervalSeconds`. Default 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 20))]
    pub timeout_seconds: Option<i32>,

    /// Seconds after the start before the first check. Default 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 15))]
    pub delay_seconds: Option<i32>,

    /// How many failures in a row kill the pod instance; 0 for the first one. Default 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 3))]
    pub max_consecutive_failures: Option<i32>,
}
