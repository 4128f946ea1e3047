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

/// Where in the tree of groups that is sent an app stands, as far as roles go (`GroupNormalization`).
pub(crate) struct GroupLevel {
    /// The role of an app there that says none.
    pub(crate) default: String,
    /// Whether the group says, or takes it by default, that its role is to be used.
    pub(crate) enforces: bool,
}

impl GroupLevel {
    /// Of the group that is sent, or of one right below the root; `says` is what it has as its `enforceRole`.
    pub(crate) fn of(id: &AbsoluteId, says: Option<bool>, settings: &Settings) -> Self {
        let (enforces, enforcing) = if id.depth() == 1 {
            (says.unwrap_or(settings.new_groups_enforce_role), Some(id.first()))
        } else {
            // Marathon looks for the top-level group, which is not there yet, and takes its own role.
            (says.unwrap_or(false), None)
        };
        let role = enforcing.filter(|_| enforces).unwrap_or(&settings.mesos_role);
        Self { default: role.to_owned(), enforces }
    }

    /// Of a group within `parent`, whose level this is. Its id may lead elsewhere; the role does not.
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
