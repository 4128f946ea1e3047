//! Roles (since Marathon 1.9; `RoleSettings`, `ResourceRole`).

use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::Rule;
use crate::source::Value;
use crate::target::{Release, Settings};

pub(in crate::rule) static FOREIGN_ROLE: Rule = Rule::verdict(
    "foreign-role",
    "A service has the role of its top-level group or the one Marathon runs with",
)
.why(
    "Since 1.9 Marathon counts quota by role, and quota belongs to a top-level group. A service may have the \
         role of that group or Marathon's own (`--mesos_role`). A service outside of any group can only have \
         Marathon's own role. A service in a group that enforces its role can only have the group's role.",
)
.since(Release::V1_9)
.setting("--mesos_role")
.bad(
    r#"{"id": "/shop", "enforceRole": true, "apps": [{"id": "web", "cmd": "./web",
        "role": "slave_public"}]}"#,
)
.good(r#"{"id": "/shop", "enforceRole": true, "apps": [{"id": "web", "cmd": "./web", "role": "shop"}]}"#);

pub(crate) static FOREIGN_ACCEPTED_ROLE: Rule = Rule::verdict(
    "foreign-accepted-role",
    "A service accepts resources of its own role and unreserved ones only",
)
.why(
    "Mesos offers Marathon only what is unreserved (`*`) or reserved for the service's role, so any other role could never \
     be met. Up to 1.8 they were taken; 1.9 drops them without a word; 1.10 and later refuse them.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "acceptedResourceRoles": ["public"]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "acceptedResourceRoles": ["slave_public"]}"#)
.fix(FixKind::Unsafe);

pub(in crate::rule) static MALFORMED_ROLE: Rule =
    Rule::verdict("malformed-role", "A role must have a name that Mesos takes")
        .why(
            "Mesos takes no role that is empty, `.` or `..`, begins with a dash, or holds a slash, a space or a control \
             character.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "acceptedResourceRoles": ["slave public"]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "acceptedResourceRoles": ["slave_public"]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&FOREIGN_ROLE, &FOREIGN_ACCEPTED_ROLE, &MALFORMED_ROLE];

/// The roles a service may have.
pub(crate) struct Roles<'a> {
    /// The one it has where it does not say.
    pub(crate) default: Cow<'a, str>,
    /// Another one that it may have.
    pub(crate) other: Option<Cow<'a, str>>,
    /// The one that it has on a running server, which stays valid.
    pub(crate) present: Option<Cow<'a, str>>,
}

impl<'a> Roles<'a> {
    /// For a service that is sent alone. Unless the settings know the group above it, that is a new one
    /// (`RoleSettings.forService`).
    pub(crate) fn alone(id: &'a AbsoluteId, settings: &'a Settings) -> Self {
        let own = &*settings.mesos_role;
        let enforces = |top: &str| settings.roles.enforces(top).unwrap_or(settings.new_groups_enforce_role);
        let (default, other) = match id.top_group() {
            Some(top) if enforces(top) => (top, None),
            top => (own, top.filter(|top| *top != own)),
        };
        let present = id.top_group().and_then(|_| settings.roles.of_service(id.as_str()));
        Self { default: default.into(), other: other.map(Cow::from), present: present.map(Cow::from) }
    }

    /// All of them, each once and the default first.
    pub(crate) fn valid(&self) -> impl Iterator<Item = &str> {
        let is_new = |role: &&Cow<'_, str>| **role != self.default && Some(*role) != self.other.as_ref();
        let present = self.present.as_ref().filter(is_new);
        [Some(&self.default), self.other.as_ref(), present].into_iter().flatten().map(AsRef::as_ref)
    }
}

/// Removes a role from those that a service accepts, as Marathon 1.9 does (`RoleSettings`). Where none is left the service
/// runs on unreserved resources.
#[expect(clippy::unnecessary_box_returns, reason = "what a finding holds")]
pub(in crate::rule) fn without_role(accepted: Value<'_>, role: Value<'_>) -> Box<Fix> {
    let name = role.as_str().unwrap_or_default();
    if accepted.elements().count() > 1 {
        return Fix::unsafe_(
            format!("remove \"{name}\", as Marathon 1.9 does"),
            [Change::remove(accepted, role)],
        );
    }
    let title = format!("write \"*\" for \"{name}\", as Marathon 1.9 does: it runs on unreserved resources");
    Fix::unsafe_(title, [Change::replace(role, "*")])
}

/// What is wrong with the name of a role, in Marathon's words; once per invalid character, with its index in the name.
pub(in crate::rule) fn name_faults(name: &str) -> impl Iterator<Item = (Option<usize>, String)> {
    let whole = match name {
        "" | "." | ".." => Some(format!("A role name must not be \"{name}\".")),
        _ if name.starts_with('-') => Some("A role name must not start with a '-'.".to_owned()),
        _ => None,
    };
    // Java's index: UTF-16 units.
    let mut index = 0;
    let characters = name.chars().filter_map(move |character| {
        let here = index;
        index += character.len_utf16();
        let name = match character {
            '\t' => "horizontal tab (\\x09)",
            '\n' => "line feed (\\x0a)",
            '\x0b' => "vertical tab (\\x0b)",
            '\x0c' => "form feed (\\x0c)",
            '\r' => "carriage return (\\x0d)",
            ' ' => "space (\\x20)",
            '/' => "slash (\\x2f)",
            '\x7f' => "backspace (\\x7f)",
            _ => return None,
        };
        Some((Some(here), format!("A role name must not include a {name} character.")))
    });
    whole.map(|text| (None, text)).into_iter().chain(characters)
}

/// What is wrong with the name of a role, from one of Marathon's texts of [`name_faults`].
pub(in crate::rule) fn malformed_role_message(name: &str, text: &str) -> String {
    format!("\"{name}\" is not a role: a{}", text.trim_start_matches('A').trim_end_matches('.'))
}

/// Marathon's words where a service accepts resources of roles that are neither `*` nor its own.
pub(in crate::rule) fn accepted_roles_text(role: &str) -> String {
    let list = match role.cmp("*") {
        std::cmp::Ordering::Less => format!("{role} and *"),
        std::cmp::Ordering::Equal => "*".to_owned(),
        std::cmp::Ordering::Greater => format!("* and {role}"),
    };
    format!("acceptedResourceRoles can only contain {list}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_roles() {
        let faults = |name| name_faults(name).collect::<Vec<_>>();
        assert_eq!(faults("slave_public"), []);
        assert_eq!(faults(".."), [(None, "A role name must not be \"..\".".to_owned())]);
        assert_eq!(
            faults("-😀 /"),
            [
                (None, "A role name must not start with a '-'.".to_owned()),
                (Some(3), "A role name must not include a space (\\x20) character.".to_owned()),
                (Some(4), "A role name must not include a slash (\\x2f) character.".to_owned()),
            ]
        );
        assert_eq!(accepted_roles_text("prod"), "acceptedResourceRoles can only contain * and prod");
        assert_eq!(accepted_roles_text("*"), "acceptedResourceRoles can only contain *");
        assert_eq!(accepted_roles_text("!"), "acceptedResourceRoles can only contain ! and *");
    }
}
