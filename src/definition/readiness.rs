//! Readiness checks, which delay a deployment until new instances are ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{HttpScheme, LegacyName, ShortText};

/// A request that a new instance has to answer before a deployment goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadinessCheck {
    /// The name of the check. Default `readinessCheck`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("default" = "readinessCheck"))]
    pub name: Option<String>,

    /// The scheme. Default `HTTP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "HTTP"))]
    pub protocol: Option<HttpScheme>,

    /// The path that is requested. Default `/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "/"))]
    pub path: Option<ShortText>,

    /// The name of the app's port to check. Default `http-api`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "http-api"))]
    pub port_name: Option<LegacyName>,

    /// Seconds between two checks. Default 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 30))]
    pub interval_seconds: Option<i32>,

    /// Seconds after which a check has failed; less than `intervalSeconds`. Default 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1), extend("default" = 10))]
    pub timeout_seconds: Option<i32>,

    /// The HTTP status codes that mean ready. Default 200.
    ///
    /// That they are between 100 and 999 is documented, but not enforced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("x-set" = true))]
    pub http_status_codes_for_ready: Option<Vec<i32>>,

    /// Whether the API returns the last response. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub preserve_last_response: Option<bool>,
}
