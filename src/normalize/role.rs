//! The role a service has when it says none (since Marathon 1.9; `RoleSettings`).

use crate::rule::id::PathId;
use crate::target::Settings;

use super::Object;

/// Where in the tree of groups a service stands, as far as roles go.
#[derive(Clone, Debug)]
pub(super) enum Level {
    /// Sent alone: its top-level group is made for it.
    Alone {
        /// Whether new groups enforce their role.
        enforces: bool,
    },
    /// In a group that is sent.
    In {
        /// The role of services there.
        role: String,
    },
}

impl Level {
    pub(super) fn alone(settings: &Settings) -> Self {
        Self::Alone { enforces: settings.new_groups_enforce_role }
    }

    /// Of the group that is sent, or of one below a `parent`.
    pub(super) fn of(id: &PathId, group: &Object, parent: Option<&Self>, settings: &Settings) -> Self {
        match (&id.segments[..], parent) {
            ([top], _) => {
                let given = group.get("enforceRole").and_then(serde_json::Value::as_bool);
                let enforces = given.unwrap_or(settings.new_groups_enforce_role);
                Self::In { role: if enforces { top.clone() } else { settings.mesos_role.clone() } }
            }
            (_, Some(parent)) => parent.clone(),
            // Marathon looks for the top-level group, which is not there yet, and takes its own role.
            _ => Self::In { role: settings.mesos_role.clone() },
        }
    }

    /// The role of a service of this id that names none.
    pub(super) fn role(&self, id: &PathId, settings: &Settings) -> String {
        match (self, &id.segments[..]) {
            (Self::In { role }, _) => role.clone(),
            (Self::Alone { enforces: true }, [top, _, ..]) => top.clone(),
            (Self::Alone { .. }, _) => settings.mesos_role.clone(),
        }
    }
}
