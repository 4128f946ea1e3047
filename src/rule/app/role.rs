//! Roles (since Marathon 1.9; `RoleSettings`, `ResourceRole`).

use std::borrow::Cow;

use crate::finding::Stage::{Canonical, Model};
use crate::rule::Context;
use crate::rule::shared::{
    FOREIGN_ACCEPTED_ROLE, FOREIGN_ROLE, MALFORMED_ROLE, RESIDENT_WITH_ACCEPTED_ROLES, RESIDENT_WITHOUT_ROLE,
    Roles, accepted_roles_text, malformed_role_message, name_faults, without_role,
};
use crate::rule::view::{AppView, ContainerView, distinct};
use crate::source::Value;
use crate::target::Release;

pub(super) fn check(app: &AppView<'_>, roles: &Roles<'_>, context: &mut Context<'_>) {
    let has_roles = context.release() >= Release::V1_9;
    let given = app.fields.text("role").filter(|_| has_roles);
    if let Some(role) = given.as_ref().filter(|role| !roles.valid().any(|valid| valid == *role)) {
        let text = format!("got {role}, expected one of: [{}]", roles.valid().collect::<Vec<_>>().join(", "));
        let valid: Vec<String> = roles.valid().map(|role| format!("\"{role}\"")).collect();
        context.reject(&FOREIGN_ROLE, Canonical, app.fields.at("role"), "/role", text).describe(
            format!("an app here cannot have the role `{role}`"),
            format!("write {}, or leave it out", valid.join(" or ")),
        );
    }
    let role = given.unwrap_or(Cow::Borrowed(&*roles.default));
    let Some(accepted) = app.fields.get("acceptedResourceRoles") else { return };
    let names = distinct(accepted.elements());
    let path = "/acceptedResourceRoles";
    let own = if role == "*" { "[\"*\"]".to_owned() } else { format!("[\"*\", \"{role}\"] or a part of it") };
    // 1.9 drops foreign roles silently, and 1.10 if it is configured so.
    let foreign = names.iter().find(|name| !name.is_str("*") && !name.is_str(&role));
    if let Some(at) = foreign.filter(|_| context.release() >= Release::V1_10) {
        let foreign = at.as_str().unwrap_or_default();
        let text = accepted_roles_text(&role);
        let message = format!("the app's role is `{role}`: resources of `{foreign}` are never offered to it");
        context
            .reject(&FOREIGN_ACCEPTED_ROLE, Canonical, accepted, path, text)
            .describe(message, format!("write {own}"))
            .fix(without_role(accepted, *at));
    }
    let mut reject = |rule, at: Value<'_>, path: &str, text: String, message: String, help: String| {
        context.reject(rule, Canonical, at, path, text).describe(message, help);
    };
    if names.is_empty() {
        let message = "without any role no offer is accepted".to_owned();
        let help = format!("write {own}, or leave it out");
        reject(&FOREIGN_ACCEPTED_ROLE, accepted, path, "must not be empty".to_owned(), message, help);
    }
    for at in &names {
        let name = at.as_str().unwrap_or_default();
        for (index, text) in name_faults(&name) {
            let index = index.map_or_else(String::new, |index| format!("({index})"));
            let message = malformed_role_message(&name, &text);
            let help = "write the role as Mesos knows it".to_owned();
            reject(&MALFORMED_ROLE, *at, &format!("{path}{index}"), text, message, help);
        }
    }
    let only_unreserved = matches!(&names[..], [name] if name.is_str("*"));
    if app.has_residency && !only_unreserved {
        let text = "A resident app must have `acceptedResourceRoles = [\"*\"]`.".to_owned();
        let message =
            "an app with persistent volumes makes its reservations from unreserved resources".to_owned();
        let help = "write \"acceptedResourceRoles\": [\"*\"], or remove it".to_owned();
        reject(&RESIDENT_WITH_ACCEPTED_ROLES, accepted, path, text, message, help);
    }
}

/// The rules of the internal model for the role.
pub(super) fn model(app: &AppView<'_>, roles: &Roles<'_>, context: &mut Context<'_>) {
    let is_persistent = app.container.as_ref().is_some_and(ContainerView::is_persistent);
    let role = app.fields.text("role").unwrap_or(Cow::Borrowed(&*roles.default));
    if context.release() >= Release::V1_9 && is_persistent && role == "*" {
        let text = "Resident apps cannot have the role *";
        context.reject(&RESIDENT_WITHOUT_ROLE, Model, app.fields.at("role"), "/role", text).describe(
            "nothing can be reserved for the role `*`, and a persistent volume is a reservation",
            "give the app the role of its top-level group, or start Marathon with --mesos_role",
        );
    }
}
