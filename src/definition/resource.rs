//! CPUs, memory, disk and GPUs of pod containers and executors, and limits above them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::number;

/// The resources of a pod's container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// CPUs; 1 is a whole core. Default 1.
    ///
    /// Documented with a minimum of 0.001, but the server cuts the fraction off that bound and accepts 0 and more.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 1))]
    pub cpus: Option<f64>,

    /// Memory in MiB. Default 128.
    ///
    /// Documented with a minimum of 0.001, but the server cuts the fraction off that bound and accepts 0 and more.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 128))]
    pub mem: Option<f64>,

    /// Disk space in MiB. Default 0.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub disk: Option<f64>,

    /// GPUs, a whole number. Default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub gpus: Option<i32>,
}

/// The resources of the executor of an app or pod, on top of those of its tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExecutorResources {
    /// CPUs; 1 is a whole core. Default 0.1.
    ///
    /// Documented with a minimum of 0.1, but the server cuts the fraction off that bound and accepts 0 and more.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 0.1))]
    pub cpus: Option<f64>,

    /// Memory in MiB, at least 32. Default 32.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 32), extend("default" = 32))]
    pub mem: Option<f64>,

    /// Disk space in MiB, at least 10. Default 10.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 10), extend("default" = 10))]
    pub disk: Option<f64>,
}

/// How far a task may exceed its resources.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct ResourceLimits {
    /// The most CPUs, or `"unlimited"`; not less than `cpus`. Default: the agent's behaviour without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<ResourceLimit>,

    /// The most memory in MiB, or `"unlimited"`; not less than `mem`. Default: the agent's behaviour without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mem: Option<ResourceLimit>,
}

/// A limit: `"unlimited"` or a number. The server tries the forms in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ResourceLimit {
    /// No limit: the word `unlimited`. Any other text is rejected after parsing.
    Unlimited(#[schemars(extend("x-values" = ["unlimited"]))] String),
    /// The limit.
    Number(#[serde(serialize_with = "number::short")] f64),
}
