//! Groups: the bodies of `/v2/groups`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{App, PathId, Timestamp, number};

/// A tree of apps, deployed together.
///
/// The lists of a group replace those that the server has: apps and groups that are missing from a list are stopped.
/// A list that is left out stays unchanged. Pods cannot be written in a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The id of the group: a path such as `/prod`. Default: the one in the URL.
    ///
    /// A relative id is resolved against the group around it; in a `PUT` that is the group in the URL, which is rarely
    /// intended, so write the id with a leading slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<PathId>,

    /// The apps directly in this group, as full definitions. Default: unchanged.
    ///
    /// Of two apps with the same id the last silently wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-set" = true))]
    pub apps: Option<Vec<App>>,

    /// The groups directly in this group. Default: unchanged.
    ///
    /// A group that is missing here is deleted with everything in it, its pods included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-set" = true))]
    pub groups: Option<Vec<Group>>,

    /// Ids of apps or groups that have to be running before an app of this group starts. Default:
    /// unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-set" = true))]
    pub dependencies: Option<Vec<String>>,

    /// Whether everything in this group has to use the group's name as its Mesos role. Since Marathon 1.9.32.
    ///
    /// True is for top-level groups only. Default: the server's setting, at each update anew, so repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.9.32"))]
    pub enforce_role: Option<bool>,

    /// The factor for the instances of all apps in the group, rounded up. Excludes all other fields.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0))]
    pub scale_by: Option<f64>,

    /// The earlier version of the group to go back to. Excludes all other fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Timestamp>,
}

/// A change of a group that does not touch its apps and groups: the body of `PATCH /v2/groups`. Since Marathon 1.9.32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro", "x-since" = "1.9.32"))]
pub struct GroupPartialUpdate {
    /// Whether everything in this group has to use the group's name as its Mesos role. Default: unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforce_role: Option<bool>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Group;

    #[test]
    fn a_group_survives_the_round_trip() -> Result<(), serde_json::Error> {
        let written = json!({
            "id": "/prod",
            "apps": [{"id": "web", "cmd": "run", "instances": 1}],
            "groups": [{"id": "db", "apps": [{"id": "main", "cmd": "run"}], "dependencies": ["../web"]}],
            "enforceRole": true
        });
        let group: Group = serde_json::from_value(written.clone())?;
        assert_eq!(serde_json::to_value(&group)?, written);
        Ok(())
    }
}
