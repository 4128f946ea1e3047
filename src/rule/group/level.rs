//! The roles of a group's apps (since Marathon 1.9).

use crate::rule::shared::Roles;
use crate::target::{Release, Settings};

use super::{Fields, PathId, Rule};

pub(super) static ENFORCE_ROLE: Rule =
    Rule::verdict("enforce-role", "Only top-level groups enforce a role")
        .why(
            "Quota is given to top-level groups. What such a group says of `enforceRole` holds for all below it, and the \
             groups in it cannot say otherwise.",
        )
        .since(Release::V1_9)
        .bad(r#"{"id": "/shop", "groups": [{"id": "front", "enforceRole": true,
                "apps": [{"id": "web", "cmd": "./web"}]}]}"#)
        .good(r#"{"id": "/shop", "enforceRole": true, "groups": [{"id": "front",
                "apps": [{"id": "web", "cmd": "./web"}]}]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&ENFORCE_ROLE];

/// What apps of a group may have as their role.
pub(super) struct Level {
    default: String,
    enforces: bool,
}

impl Level {
    /// Of the group that is sent.
    pub(super) fn of(id: &PathId, fields: &Fields<'_>, settings: &Settings) -> Self {
        match &id.segments[..] {
            [top] => Self::top(top, fields, settings),
            // Marathon looks for the top-level group, which is not there yet, and takes its own role.
            _ => Self { default: settings.mesos_role.clone(), enforces: fields.is_true("enforceRole") },
        }
    }

    fn top(name: &str, fields: &Fields<'_>, settings: &Settings) -> Self {
        let given = fields.get("enforceRole").and_then(|value| value.as_bool());
        let enforces = given.unwrap_or(settings.new_groups_enforce_role);
        Self { default: if enforces { name.to_owned() } else { settings.mesos_role.clone() }, enforces }
    }

    /// Of a group below this one.
    pub(super) fn below(&self, id: &PathId, fields: &Fields<'_>, settings: &Settings) -> Self {
        match &id.segments[..] {
            [top] => Self::top(top, fields, settings),
            _ => Self { default: self.default.clone(), enforces: fields.is_true("enforceRole") },
        }
    }

    pub(super) fn roles(&self, settings: &Settings) -> Roles {
        let mut valid = vec![self.default.clone()];
        if !self.enforces && self.default != settings.mesos_role {
            valid.push(settings.mesos_role.clone());
        }
        Roles { valid, default: self.default.clone() }
    }
}
