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
        /// Whether the group says that its role is to be used.
        enforces: bool,
    },
}

impl Level {
    pub(super) fn alone(settings: &Settings) -> Self {
        Self::Alone { enforces: settings.new_groups_enforce_role }
    }

    /// Of the group that is sent, or of one in the root group.
    pub(super) fn top(id: &PathId, group: &Object, settings: &Settings) -> Self {
        let enforces = says(group).unwrap_or(settings.new_groups_enforce_role);
        // Marathon looks for the top-level group of one that stands deeper, which is not there yet, and takes its own role.
        let enforcing = match &id.segments[..] {
            [top] if enforces => Some(top),
            _ => None,
        };
        Self::In { role: enforcing.unwrap_or(&settings.mesos_role).clone(), enforces }
    }

    /// Of a group in another one, whatever its id is.
    pub(super) fn below(&self, group: &Object, settings: &Settings) -> Self {
        let role = match self {
            Self::In { role, .. } => role,
            Self::Alone { .. } => &settings.mesos_role,
        };
        Self::In { role: role.clone(), enforces: says(group).unwrap_or(false) }
    }

    pub(super) fn enforces(&self) -> bool {
        let (Self::Alone { enforces } | Self::In { enforces, .. }) = self;
        *enforces
    }

    /// The role of a service of this id that names none.
    pub(super) fn role(&self, id: &PathId, settings: &Settings) -> String {
        match (self, &id.segments[..]) {
            (Self::In { role, .. }, _) => role.clone(),
            (Self::Alone { enforces: true }, [top, _, ..]) => top.clone(),
            (Self::Alone { .. }, _) => settings.mesos_role.clone(),
        }
    }
}

fn says(group: &Object) -> Option<bool> {
    group.get("enforceRole").and_then(serde_json::Value::as_bool)
}
