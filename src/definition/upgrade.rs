//! What happens to instances: upgrades, scaling down, lost agents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number;

/// How many instances of an app may be missing, and how many extra ones may run, during an upgrade.
///
/// Both fields are required since Marathon 1.5; in 1.4 each defaults to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeStrategy {
    /// The share of instances that stays healthy during an upgrade, from 0 to 1.
    #[serde(serialize_with = "number::short")]
    #[schemars(range(min = 0, max = 1))]
    pub minimum_health_capacity: f64,

    /// The share of instances that may run on top during an upgrade, from 0 to 1. Apps with persistent volumes need 0.
    #[serde(serialize_with = "number::short")]
    #[schemars(range(min = 0, max = 1))]
    pub maximum_over_capacity: f64,
}

/// What happens to an instance whose agent cannot be reached. The server tries the forms in this order.
///
/// Any other text than `disabled` silently means `disabled` too. Marathon 1.4.0 and 1.4.1 take the object only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(extend("x-any-string" = "disabled"))]
pub enum UnreachableStrategy {
    /// Marathon waits for the instance without limit.
    Disabled(UnreachableDisabled),
    /// Marathon replaces and expunges the instance after a time.
    Enabled(UnreachableEnabled),
}

/// The word for waiting without limit. Since Marathon 1.4.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-since" = "1.4.2"))]
pub enum UnreachableDisabled {
    /// Marathon waits for the instance without limit.
    #[default]
    #[serde(rename = "disabled")]
    Disabled,
}

/// When an instance on an unreachable agent is replaced, and when it is expunged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnreachableEnabled {
    /// Seconds until a replacement is started; not more than `expungeAfterSeconds`. Default 0.
    ///
    /// Marathon 1.4.0 to 1.4.8 and 1.5.0 default to 300. More than 9223372036 is rejected later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub inactive_after_seconds: Option<i64>,

    /// Seconds until the instance is expunged, and killed if its agent comes back. Default 0.
    ///
    /// Marathon 1.4.0 to 1.4.8 and 1.5.0 default to 600. More than 9223372036 is rejected later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub expunge_after_seconds: Option<i64>,
}

/// How an app with persistent volumes sticks to its agent. Without effect since Marathon 1.6.322.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppResidency {
    /// Seconds until an instance that cannot be relaunched on its agent is started elsewhere. Default 3600.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 3600))]
    pub relaunch_escalation_timeout_seconds: Option<i64>,

    /// What happens when the task is lost. Default `WAIT_FOREVER`; required in Marathon 1.4.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "WAIT_FOREVER"))]
    pub task_lost_behavior: Option<TaskLostBehavior>,
}

/// What happens to a lost task that has persistent volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TaskLostBehavior {
    /// Marathon waits for it.
    #[serde(rename = "WAIT_FOREVER")]
    WaitForever,
    /// Marathon starts it elsewhere after `relaunchEscalationTimeoutSeconds`, without its data.
    #[serde(rename = "RELAUNCH_AFTER_TIMEOUT")]
    RelaunchAfterTimeout,
}

/// Which instances go first when scaling down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum KillSelection {
    /// The youngest first.
    #[serde(rename = "YOUNGEST_FIRST")]
    YoungestFirst,
    /// The oldest first.
    #[serde(rename = "OLDEST_FIRST")]
    OldestFirst,
}
