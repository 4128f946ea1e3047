//! The groups of `milepost group list`.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{NOTHING, truth};
use crate::http::{Client, Endpoint};
use crate::marathon::GetError;

/// The columns.
pub(crate) const GROUP_HEAD: [&str; 3] = ["ID", "APPS", "ENFORCE_ROLE"];

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct GroupRow {
    /// The id.
    pub id: String,
    apps: usize,
    enforces_role: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupListing {
    id: String,
    #[serde(default)]
    apps: Vec<IgnoredAny>,
    #[serde(default)]
    groups: Vec<GroupListing>,
    enforce_role: Option<bool>,
}

/// All groups below the root, by id, with the number of apps in them and in the groups in them.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn groups(client: &Client, endpoint: &Endpoint) -> Result<Vec<GroupRow>, GetError> {
    let root: GroupListing = client.listed(endpoint, "v2/groups")?;
    let mut rows = Vec::new();
    for group in &root.groups {
        count(group, &mut rows);
    }
    rows.sort_by(|one: &GroupRow, other| one.id.cmp(&other.id));
    Ok(rows)
}

/// Adds a group and those in it, and counts its apps. The reader of JSON limits how deep groups nest.
fn count(group: &GroupListing, rows: &mut Vec<GroupRow>) -> usize {
    let inner: usize = group.groups.iter().map(|inner| count(inner, rows)).sum();
    let apps = group.apps.len() + inner;
    rows.push(GroupRow { id: group.id.clone(), apps, enforces_role: group.enforce_role });
    apps
}

impl GroupRow {
    /// The cells of its row.
    pub(crate) fn cells(&self) -> [String; 3] {
        let role = self.enforces_role.map_or_else(|| NOTHING.to_owned(), truth);
        [self.id.clone(), self.apps.to_string(), role]
    }
}
