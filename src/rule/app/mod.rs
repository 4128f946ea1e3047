//! Apps, through the stages a request goes through: deprecated fields, their migration, the canonical API, conversion,
//! the internal model.

mod app_definition;
mod appc;
mod check;
mod command;
mod constraint;
mod core;
mod deprecated;
mod health;
mod network;
mod readiness;
mod role;
mod secret;
mod update;
mod volume;

use crate::definition::id::AbsoluteId;
use crate::finding::Stage;
use crate::rule::view::{AppView, MigrationError, MigrationFault, RawApp};
use crate::rule::{Context, Rule};
use crate::source::Value;
use crate::target::Release;

use super::shared::Roles;

pub(super) use app_definition::{is_shareable, only_reads};
pub(crate) use command::PULL_CONFIG_NEEDS_UCR;
pub(super) use deprecated::are_ports_alike;
pub(crate) use deprecated::{REMOVED_DOCKER_CREDENTIAL, URIS_AND_FETCH};

static MIGRATION_FAILURE: Rule = Rule::verdict(
    "old-and-new-ports",
    "Ports and networks of a container are said in one place, and in one Marathon can move",
)
.why(
    "Marathon moves the ports of `container.docker.portMappings` and `ipAddress.discovery` to `container.portMappings`, and \
     `container.docker.network` to `networks`. Where both places are taken, or the network is NONE, which nothing \
     corresponds to, it fails with a server error.",
)
.since(Release::V1_5)
.bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27",
        "network": "BRIDGE", "portMappings": [{"containerPort": 80}]},
        "portMappings": [{"containerPort": 443}]}}"#)
.good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"},
        "portMappings": [{"containerPort": 80}, {"containerPort": 443}]},
        "networks": [{"mode": "container/bridge"}]}"#);

/// The rules for apps alone.
pub(super) static RULES: [&[&Rule]; 14] = [
    &[&MIGRATION_FAILURE],
    appc::RULES,
    check::RULES,
    command::RULES,
    constraint::RULES,
    core::RULES,
    deprecated::RULES,
    health::RULES,
    app_definition::RULES,
    network::RULES,
    readiness::RULES,
    secret::RULES,
    update::RULES,
    volume::RULES,
];

/// Checks one app, sent alone. Gives the app, unless its old forms cannot be migrated.
pub(super) fn check<'a>(app: Value<'a>, context: &mut Context<'_>) -> Option<AppView<'a>> {
    context.begin();
    let app = migrated(app, &AbsoluteId::root(), context)?;
    check_migrated(&app, context);
    // An app cannot be the root, and everything depends on the root.
    if !app.id.is_root() {
        super::tree::single_app(&app.id, app.fields.list("dependencies"), context);
    }
    if !context.is_brief && context.of_this().is_empty() {
        context.facts.app(&app, &AbsoluteId::root(), false);
    }
    app_definition::infinite(&app, context);
    Some(app)
}

/// Checks the apps of an array, in the passes Marathon makes over them: each pass ends at the first app that fails. An app
/// whose id an earlier one has changes that one. Gives the apps that passed, each as it is by then.
pub(super) fn check_all<'a, 's: 'a>(array: Value<'a>, context: &mut Context<'s>) -> Vec<AppView<'a>> {
    let are_updates = update::holds(context.release());
    let mut apps = Vec::new();
    for element in array.elements() {
        if !context.is_well_typed(element) {
            continue;
        }
        context.begin();
        let raw = RawApp::of(element);
        let app = if are_updates {
            update_of(&raw, context)
        } else {
            deprecated::check(&raw, context);
            if context.release() >= Release::V1_5 {
                update::of_1_5(&raw, context);
            }
            migrate(&raw, &AbsoluteId::root(), true, context)
        };
        let is_fine = context.of_this().is_empty();
        // Up to 1.8 what has no id is left out.
        if raw.app.has("id") || context.release() < Release::V1_5 {
            apps.extend(app.map(|app| (raw, app, is_fine)));
        }
        if are_updates {
            context.stop_if_failed();
        }
    }
    if are_updates {
        update::over_earlier(&mut apps, context);
    }
    for (raw, app, is_fine) in &apps {
        context.begin();
        if are_updates {
            deprecated::check_kept(raw, context);
            context.stop_if_failed();
        }
        if *is_fine {
            check_migrated(app, context);
        }
        if are_updates {
            context.stop_if_failed();
        }
    }
    apps.into_iter().filter(|(.., is_fine)| *is_fine).map(|(_, app, _)| app).collect()
}

/// An element of an array, read as an update; nothing where that fails.
fn update_of<'a, 's: 'a>(raw: &RawApp<'a>, context: &mut Context<'s>) -> Option<AppView<'a>> {
    update::before(raw, context);
    let mut app = migrate(raw, &AbsoluteId::root(), true, context);
    context.stop_if_failed();
    if let Some(app) = &mut app {
        update::after(app, context);
    }
    app
}

/// Checks a migrated app.
fn check_migrated(app: &AppView<'_>, context: &mut Context<'_>) {
    let roles = Roles::alone(&app.id, context.settings);
    canonical(app, &roles, context);
    convert(app, context);
    app_definition::check(app, context);
    role::model(app, &roles, context);
}

/// Checks an app in a group up to the canonical API, which is as far as Marathon goes before it checks the next one; where
/// that fails Marathon stops. Gives the app, unless it cannot be migrated.
pub(super) fn in_group<'a>(
    app: Value<'a>,
    group: &AbsoluteId,
    roles: &Roles<'_>,
    context: &mut Context<'_>,
) -> Option<AppView<'a>> {
    context.begin();
    let app = migrated(app, group, context);
    if let Some(app) = &app {
        canonical(app, roles, context);
    }
    context.stop_if_failed();
    app
}

/// Checks an app in a group by the rules of the model. Their answers name the app by its id, and rarely the field.
pub(super) fn model_in_group(app: &AppView<'_>, roles: &Roles<'_>, context: &mut Context<'_>) {
    let before = context.found.len();
    context.begin();
    app_definition::check(app, context);
    role::model(app, roles, context);
    for found in &mut context.found[before..] {
        if let Some(answer) = &mut found.answer {
            answer.stage = Stage::Tree;
            answer.path = format!("/apps/{}{}", app.id, kept_path(&answer.path));
        }
    }
}

/// The part of a path in the model that is answered for an app in a group (seen on Marathon 1.11).
fn kept_path(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    match last {
        _ if path.starts_with("/upgradeStrategy/") => path.to_owned(),
        "isSingleInstance" | "inactiveAfterSeconds" | "port" | "profileName" | "size" => format!("/{last}"),
        _ => String::new(),
    }
}

/// The app with its deprecated fields checked and migrated; nothing where that fails.
fn migrated<'a>(app: Value<'a>, base: &AbsoluteId, context: &mut Context<'_>) -> Option<AppView<'a>> {
    let raw = RawApp::of(app);
    deprecated::check(&raw, context);
    migrate(&raw, base, false, context)
}

fn migrate<'a>(
    raw: &RawApp<'a>,
    base: &AbsoluteId,
    is_update: bool,
    context: &mut Context<'_>,
) -> Option<AppView<'a>> {
    let mut error = None;
    let app = AppView::of(raw, base, is_update, &mut error);
    if let Some(MigrationError { at, fault }) = error {
        let (message, help) = in_words(fault);
        context.reject(&MIGRATION_FAILURE, Stage::Migration, at, "", fault.text()).describe(message, help);
    }
    app
}

/// What is wrong, and what to do about it.
fn in_words(fault: MigrationFault) -> (&'static str, &'static str) {
    match fault {
        MigrationFault::NoneNetwork => (
            "Marathon has no network NONE since 1.5",
            "write HOST, BRIDGE or USER, or better \"networks\": [{\"mode\": …}]",
        ),
        MigrationFault::DiscoveryOnDocker => (
            "a container of the Docker Engine has its ports as port mappings",
            "move the ports to `container.portMappings`",
        ),
        MigrationFault::DiscoveryAndMappings => (
            "the ports are said twice: here, and in `container.portMappings`",
            "remove `ipAddress.discovery`",
        ),
        MigrationFault::OldAndNewMappings => (
            "the ports are said twice: here, and in `container.portMappings`",
            "put them together in `container.portMappings`",
        ),
    }
}

/// The rules of the canonical API.
fn canonical(app: &AppView<'_>, roles: &Roles<'_>, context: &mut Context<'_>) {
    network::check(app, context);
    core::check(app, context);
    volume::check(app, context);
    appc::check(app, context);
    health::check(app, context);
    readiness::check(app, context);
    role::check(app, roles, context);
}

/// Checks what fails in the conversion, in Marathon's order. It stops at the first failure.
pub(super) fn convert(app: &AppView<'_>, context: &mut Context<'_>) {
    let before = context.found.len();
    constraint::convert(app, context);
    volume::convert(app, context);
    health::convert(app, context);
    check::convert(app, context);
    app_definition::durations(app, context);
    context.only_first_since(before);
}
