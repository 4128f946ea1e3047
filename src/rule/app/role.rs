//! Roles (since Marathon 1.9; `RoleSettings`, `ResourceRole`).

use crate::diagnostic::Stage::{Canonical, Model};
use crate::rule::shared::{
    FOREIGN_ACCEPTED_ROLE, FOREIGN_ROLE, RESIDENT_ROLE, Roles, accepted_roles_text, name_faults,
};
use crate::source::Value;
use crate::target::{Release, Settings};

use super::super::Judge;
use super::view::{App, distinct};

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
        refuse(accepted, path, accepted_roles_text(&role));
    }
    for name in &names {
        for (index, text) in name_faults(&name.as_str().unwrap_or_default()) {
            let index = index.map_or_else(String::new, |index| format!("({index})"));
            refuse(*name, &format!("{path}{index}"), text);
        }
    }
    let only_unreserved = matches!(&names[..], [name] if name.is_str("*"));
    if app.has_residency && !only_unreserved {
        refuse(accepted, path, "A resident app must have `acceptedResourceRoles = [\"*\"]`.".to_owned());
    }
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
