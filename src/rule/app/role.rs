//! Roles (since Marathon 1.9; `RoleSettings`, `ResourceRole`).

use crate::diagnostic::Stage::{Canonical, Model};
use crate::rule::shared::{FOREIGN_ACCEPTED_ROLE, FOREIGN_ROLE, RESIDENT_ROLE};
use crate::source::Value;
use crate::target::{Release, Settings};

use super::super::{Judge, PathId};
use super::view::{App, distinct};

/// The roles a service may have, and the one it has when it says none.
pub(in crate::rule) struct Roles {
    pub(in crate::rule) valid: Vec<String>,
    pub(in crate::rule) default: String,
}

impl Roles {
    /// For a service that is sent alone to a Marathon without groups.
    pub(super) fn alone(id: &PathId, settings: &Settings) -> Self {
        let mesos_role = settings.mesos_role.clone();
        match &id.segments[..] {
            [top, _, ..] if settings.new_groups_enforce_role => {
                Self { valid: vec![top.clone()], default: top.clone() }
            }
            [top, _, ..] => {
                let mut valid = vec![mesos_role.clone()];
                if *top != mesos_role {
                    valid.push(top.clone());
                }
                Self { valid, default: mesos_role }
            }
            _ => Self { valid: vec![mesos_role.clone()], default: mesos_role },
        }
    }
}

pub(super) fn judge(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    let has_roles = settings.release >= Release::V1_9;
    let given = app.fields.text("role").filter(|_| has_roles);
    if let Some(role) = given.as_ref().filter(|role| !roles.valid.iter().any(|valid| *valid == **role)) {
        let text = format!("got {role}, expected one of: [{}]", roles.valid.join(", "));
        judge.refuse(&FOREIGN_ROLE, Canonical, app.fields.at("role"), "/role", text).message =
            format!("the role `{role}` is not valid here; valid: {}", roles.valid.join(", "));
    }
    let role = given.unwrap_or(roles.default.as_str().into());
    let Some(accepted) = app.fields.get("acceptedResourceRoles") else { return };
    let names = distinct(accepted.elements());
    let path = "/acceptedResourceRoles";
    let mut refuse = |at: Value<'_>, path: &str, text: String| {
        judge.refuse(&FOREIGN_ACCEPTED_ROLE, Canonical, at, path, text);
    };
    if names.is_empty() {
        refuse(accepted, path, "must not be empty".to_owned());
    }
    // 1.9 and 1.10 take foreign roles out silently (1.10 only when asked to).
    if settings.release >= Release::V1_10 && names.iter().any(|name| !name.is_str("*") && !name.is_str(&role))
    {
        let mut both = ["*", &*role];
        both.sort_unstable();
        let both = if both[0] == both[1] { &both[..1] } else { &both[..] };
        refuse(accepted, path, format!("acceptedResourceRoles can only contain {}", both.join(" and ")));
    }
    for name in &names {
        for (suffix, text) in name_errors(&name.as_str().unwrap_or_default()) {
            refuse(*name, &format!("{path}{suffix}"), text);
        }
    }
    let only_unreserved = matches!(&names[..], [name] if name.is_str("*"));
    if app.has_residency && !only_unreserved {
        refuse(accepted, path, "A resident app must have `acceptedResourceRoles = [\"*\"]`.".to_owned());
    }
}

/// What is wrong with a role's name, in Marathon's words: what its path ends in, and the text.
pub(super) fn name_errors(name: &str) -> Vec<(String, String)> {
    let mut errors = Vec::new();
    if matches!(name, "" | "." | "..") {
        errors.push((String::new(), format!("A role name must not be \"{name}\".")));
    }
    if name.starts_with('-') {
        errors.push((String::new(), "A role name must not start with a '-'.".to_owned()));
    }
    for (index, unit) in name.encode_utf16().enumerate() {
        let what = match unit {
            0x09 => "horizontal tab (\\x09)",
            0x0a => "line feed (\\x0a)",
            0x0b => "vertical tab (\\x0b)",
            0x0c => "form feed (\\x0c)",
            0x0d => "carriage return (\\x0d)",
            0x20 => "space (\\x20)",
            0x2f => "slash (\\x2f)",
            0x7f => "backspace (\\x7f)",
            _ => continue,
        };
        errors.push((format!("({index})"), format!("A role name must not include a {what} character.")));
    }
    errors
}

/// What the internal model asks of the role.
pub(super) fn model(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    let is_persistent = app.container.as_ref().is_some_and(super::view::Container::is_persistent);
    let role = app.fields.text("role").unwrap_or(roles.default.as_str().into());
    if settings.release >= Release::V1_9 && is_persistent && role == "*" {
        let found = judge.refuse(
            &RESIDENT_ROLE,
            Model,
            app.fields.at("role"),
            "/role",
            "Resident apps cannot have the role *",
        );
        found.help = Some(
            "give Marathon a role by --mesos_role, or put the app into a group that enforces its own"
                .to_owned(),
        );
    }
}
