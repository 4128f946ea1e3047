//! The roles of a group's apps (since Marathon 1.9).

use crate::rule::shared::Roles;
use crate::target::{Release, Settings};

use super::{AbsoluteId, Rule};

pub(super) static MISPLACED_ENFORCE_ROLE: Rule =
    Rule::verdict("misplaced-enforce-role", "Only top-level groups enforce a role").aliases(&["enforce-role"])
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
pub(super) static RULES: &[&Rule] = &[&MISPLACED_ENFORCE_ROLE];

/// The role settings that a group gives to its apps (`GroupNormalization`).
pub(crate) struct GroupLevel {
    /// The role of an app that does not say.
    pub(crate) default: String,
    /// Whether the group enforces its role, by its own `enforceRole` or by default.
    pub(crate) enforces: bool,
}

impl GroupLevel {
    /// Of the group that is sent, or of a top-level group; `says` is its `enforceRole`.
    pub(crate) fn of(id: &AbsoluteId, says: Option<bool>, settings: &Settings) -> Self {
        let (enforces, enforcing) = if id.depth() == 1 {
            (says.unwrap_or(settings.new_groups_enforce_role), Some(id.first()))
        } else {
            // Marathon looks for the top-level group, which does not exist yet, and uses its own role.
            (says.unwrap_or(false), None)
        };
        let role = enforcing.filter(|_| enforces).unwrap_or(&settings.mesos_role);
        Self { default: role.to_owned(), enforces }
    }

    /// Of a group within `parent`, to which `self` belongs. The role is inherited even where the id leads elsewhere.
    pub(crate) fn below(
        &self,
        parent: &AbsoluteId,
        id: &AbsoluteId,
        says: Option<bool>,
        settings: &Settings,
    ) -> Self {
        if parent.is_root() {
            return Self::of(id, says, settings);
        }
        Self { default: self.default.clone(), enforces: says.unwrap_or(false) }
    }

    pub(super) fn roles(&self, settings: &Settings) -> Roles<'static> {
        let has_other = !self.enforces && self.default != settings.mesos_role;
        let other = has_other.then(|| settings.mesos_role.clone().into());
        Roles { default: self.default.clone().into(), other }
    }
}
