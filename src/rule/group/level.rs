//! The roles of a group's apps (since Marathon 1.9).

use crate::rule::shared::Roles;
use crate::target::{Release, Settings};

use super::{AbsoluteId, Rule};

pub(super) static MISPLACED_ENFORCE_ROLE: Rule =
    Rule::verdict("misplaced-enforce-role", "Only top-level groups enforce a role").aliases(&["enforce-role"])
        .why(
            "Quota belongs to top-level groups. The `enforceRole` of such a group applies to everything below it, and \
         the groups in it cannot change that.",
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
    /// Of the group that is sent; `says` is its `enforceRole`.
    pub(crate) fn of(id: &AbsoluteId, says: Option<bool>, settings: &Settings) -> Self {
        if id.depth() == 1 {
            return Self::top(id, says, settings);
        }
        // Marathon looks for the top-level group, and uses its own role where that does not exist yet.
        let top = id.first();
        let is_enforced = settings.roles.enforces(top) == Some(true);
        let default = if is_enforced { top } else { &settings.mesos_role };
        Self { default: default.to_owned(), enforces: says.unwrap_or(false) }
    }

    /// Of a group that Marathon takes for a top-level one, whatever its id: the first segment is the role it enforces.
    fn top(id: &AbsoluteId, says: Option<bool>, settings: &Settings) -> Self {
        let enforces = says.unwrap_or(settings.new_groups_enforce_role);
        let role = if enforces { id.first() } else { &settings.mesos_role };
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
            return Self::top(id, says, settings);
        }
        Self { default: self.default.clone(), enforces: says.unwrap_or(false) }
    }

    /// The roles of an app of this id in the group.
    pub(super) fn roles(&self, app: &AbsoluteId, settings: &Settings) -> Roles<'static> {
        let has_other = !self.enforces && self.default != settings.mesos_role;
        let other = has_other.then(|| settings.mesos_role.clone().into());
        let present = settings.roles.of_service(app.as_str()).map(|role| role.to_owned().into());
        Roles { default: self.default.clone().into(), other, present }
    }
}
