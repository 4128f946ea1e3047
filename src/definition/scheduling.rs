//! How many instances of a pod run, and where and how they are started.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Constraint, KillSelection, UnreachableStrategy, number};

/// How many instances of a pod run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "discriminator"))]
pub struct PodScalingPolicy {
    /// The kind of scaling: exactly `fixed`, in this spelling.
    pub kind: PodScalingPolicyType,

    /// How many instances to run. Default 1, which silently replaces any value that is not a whole number.
    ///
    /// A negative number is rejected later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 1, "x-lenient" = true))]
    pub instances: Option<i32>,
}

/// The kinds of scaling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum PodScalingPolicyType {
    /// A fixed number of instances.
    #[default]
    #[serde(rename = "fixed")]
    Fixed,
}

/// Where and how the instances of a pod are started, upgraded and replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodSchedulingPolicy {
    /// Where instances may run. Default anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<PodPlacementPolicy>,

    /// How long to wait before a failed instance is started again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<PodSchedulingBackoffStrategy>,

    /// How many instances may be missing, and how many extra ones may run, during an upgrade.
    ///
    /// Default: all healthy and up to twice as many instances; half and no extra ones for pods with persistent
    /// volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<PodUpgradeStrategy>,

    /// Which instances go first when scaling down. Default `YOUNGEST_FIRST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill_selection: Option<KillSelection>,

    /// What happens to an instance whose agent cannot be reached: replaced after a time, or `"disabled"`.
    ///
    /// Default: replaced and expunged at once; `"disabled"` for pods with persistent volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable_strategy: Option<UnreachableStrategy>,
}

/// Where the instances of a pod may run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodPlacementPolicy {
    /// Conditions on the agents. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub constraints: Option<Vec<Constraint>>,

    /// The resource roles whose offers are used: `*` for unreserved resources, a role's name for those reserved to it.
    ///
    /// Default, also for an empty list: the server's setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub accepted_resource_roles: Option<Vec<String>>,
}

/// How long to wait before a failed instance of a pod is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodSchedulingBackoffStrategy {
    /// Seconds to wait the first time. Default 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 1))]
    pub backoff: Option<f64>,

    /// The factor by which the wait grows after each further failure. Default 1.15.
    ///
    /// Unlike for apps it may be less than 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 1.15))]
    pub backoff_factor: Option<f64>,

    /// The longest wait, in seconds. Default 300; 3600 before Marathon 1.8.180.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 300))]
    pub max_launch_delay: Option<f64>,
}

/// How many instances of a pod may be missing, and how many extra ones may run, during an upgrade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodUpgradeStrategy {
    /// The share of instances that stays healthy during an upgrade, from 0 to 1. Default 1.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0, max = 1), extend("default" = 1))]
    pub minimum_health_capacity: Option<f64>,

    /// The share of instances that may run on top during an upgrade, from 0 to 1. Default 1.
    ///
    /// Pods with persistent volumes need 0.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0, max = 1), extend("default" = 1))]
    pub maximum_over_capacity: Option<f64>,
}
