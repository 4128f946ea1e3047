//! Constraints on where instances run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A constraint of an app, as a list: field, operator and, for most operators, value.
///
/// Two or three strings; a later check enforces that. Write the operator in upper case: any other spelling parses, but
/// the server then answers HTTP 500.
pub type AppConstraint = Vec<String>;

/// A constraint on the disk of a persistent volume, as a list: `["path", "LIKE", pattern]`.
///
/// Pods take `LIKE` only.
pub type VolumeConstraint = Vec<String>;

/// A constraint of a pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct Constraint {
    /// What is compared: `@hostname`, `@region`, `@zone` or an attribute of the agent.
    pub field_name: String,

    /// How it is compared.
    pub operator: ConstraintOperator,

    /// What it is compared with; not for `UNIQUE`. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How a constraint compares an agent's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-since-values" = {"IS": "1.6.322"}))]
pub enum ConstraintOperator {
    /// No two instances where the field has the same value.
    #[serde(rename = "UNIQUE")]
    Unique,
    /// All instances where the field has the same value.
    #[serde(rename = "CLUSTER")]
    Cluster,
    /// Instances spread evenly over the field's values; the constraint's value is the least number of those values.
    #[serde(rename = "GROUP_BY")]
    GroupBy,
    /// The field matches the regular expression.
    #[serde(rename = "LIKE")]
    Like,
    /// The field does not match the regular expression.
    #[serde(rename = "UNLIKE")]
    Unlike,
    /// At most this many instances where the field has the same value.
    #[serde(rename = "MAX_PER")]
    MaxPer,
    /// The field has exactly this value. Since Marathon 1.6.322.
    #[serde(rename = "IS")]
    Is,
}
