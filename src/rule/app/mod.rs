//! Apps, through the stages a request goes through: deprecated fields, their migration, the canonical API, conversion,
//! the internal model.

mod check;
mod command;
mod constraint;
mod core;
mod deprecated;
mod health;
mod model;
mod network;
mod readiness;
mod role;
mod secret;
pub(super) mod view;
mod volume;

use crate::diagnostic::Stage;
use crate::schema::table;
use crate::source::Value;
use crate::target::{Release, Settings};

use super::shared::Roles;
use super::{Fields, Judge, PathId, Rule};
pub(super) use model::is_shareable;
pub(super) use view::App;

static EXCEPTION: Rule = Rule::verdict(
    "old-and-new-ports",
    "Ports and networks of a container are said in one place, and in one Marathon can move",
)
.why(
    "Marathon moves the ports of `container.docker.portMappings` and `ipAddress.discovery` to `container.portMappings`, and \
     `container.docker.network` to `networks`. Where both places are taken, or the network is NONE, which nothing \
     corresponds to, it fails with a server error.",
)
.since(Release::V1_5)
.bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27", "network": "BRIDGE", "portMappings": [{"containerPort": 80}]}, "portMappings": [{"containerPort": 443}]}}"#)
.good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}, "portMappings": [{"containerPort": 80}, {"containerPort": 443}]}, "networks": [{"mode": "container/bridge"}]}"#);

/// The rules for apps alone.
pub(super) static RULES: [&[&Rule]; 12] = [
    &[&EXCEPTION],
    check::RULES,
    command::RULES,
    constraint::RULES,
    core::RULES,
    deprecated::RULES,
    health::RULES,
    model::RULES,
    network::RULES,
    readiness::RULES,
    secret::RULES,
    volume::RULES,
];

/// Judges one app, sent alone or as an element of an array.
pub(super) fn judge(app: Value<'_>, is_update: bool, settings: &Settings, judge: &mut Judge) {
    let root = PathId::root();
    let Some(fields) = deprecated(app, judge) else { return };
    let Some(app) = migrated(fields, &root, is_update, judge) else { return };
    super::advice::app(&app, settings, judge);
    let roles = Roles::alone(&app.id, settings);
    canonical(&app, &roles, settings, judge);
    if convert(&app, settings, judge) {
        // An exception leaves nothing to be looked at by the model.
        return;
    }
    model::judge(&app, settings, judge);
    role::model(&app, &roles, settings, judge);
    if !judge.has_failed() {
        super::tree::alone(&app.id, app.fields.list("dependencies"), judge);
    }
    if !judge.has_failed() {
        judge.facts.app(&app, &root);
    }
}

/// Judges an app in a group as far as the canonical API, which is how far Marathon looks before it looks at the next
/// one; gives the app where that finds nothing wrong.
pub(super) fn in_group<'a>(
    app: Value<'a>,
    group: &PathId,
    roles: &Roles,
    settings: &Settings,
    judge: &mut Judge,
) -> Option<App<'a>> {
    let before = judge.found.len();
    let fields = deprecated(app, judge)?;
    let app = migrated(fields, group, false, judge)?;
    super::advice::app(&app, settings, judge);
    canonical(&app, roles, settings, judge);
    (judge.found.len() == before).then_some(app)
}

/// What the model asks of an app in a group: its answers name the app by its id, and hardly the field.
pub(super) fn model_in_group(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    let before = judge.found.len();
    model::judge(app, settings, judge);
    role::model(app, roles, settings, judge);
    for found in &mut judge.found[before..] {
        if let Some(answer) = &mut found.answer {
            answer.stage = Stage::Tree;
            answer.path = format!("/apps/{}{}", app.id, kept_of(&answer.path));
            found.pointer = super::judge::pointer(&answer.path);
        }
    }
}

/// What is kept of a path in the model when the app stands in a group (seen on Marathon 1.11).
fn kept_of(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    match last {
        _ if path.starts_with("/upgradeStrategy/") => path.to_owned(),
        "isSingleInstance" | "inactiveAfterSeconds" | "port" | "profileName" | "size" => format!("/{last}"),
        _ => String::new(),
    }
}

fn deprecated<'a>(app: Value<'a>, judge: &mut Judge) -> Option<Fields<'a>> {
    let before = judge.found.len();
    let fields = Fields::of(app, &table::APP);
    deprecated::judge(&fields, judge);
    (judge.found.len() == before).then_some(fields)
}

fn migrated<'a>(fields: Fields<'a>, base: &PathId, is_update: bool, judge: &mut Judge) -> Option<App<'a>> {
    match App::of(fields, base, is_update) {
        Ok(app) => Some(app),
        Err((at, text)) => {
            let (message, help) = match text {
                view::NETWORK_NONE => (
                    "Marathon knows no network NONE since 1.5",
                    "write HOST, BRIDGE or USER, or better \"networks\": [{\"mode\": …}]",
                ),
                view::DISCOVERY_ON_DOCKER => (
                    "a container of the Docker Engine has its ports as port mappings",
                    "move the ports to `container.portMappings`",
                ),
                view::DISCOVERY_AND_MAPPINGS => (
                    "the ports are said twice: here, and in `container.portMappings`",
                    "remove `ipAddress.discovery`",
                ),
                _ => (
                    "the ports are said twice: here, and in `container.portMappings`",
                    "put them together in `container.portMappings`",
                ),
            };
            judge.refuse(&EXCEPTION, Stage::Migration, at, "", text).tell(message, help);
            None
        }
    }
}

/// The rules of the canonical API.
fn canonical(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    network::judge(app, settings, judge);
    core::judge(app, settings, judge);
    volume::judge(app, settings, judge);
    health::judge(app, settings, judge);
    readiness::judge(app, judge);
    role::judge(app, roles, settings, judge);
}

/// Whether conversion throws; the exceptions are noted.
pub(super) fn convert(app: &App<'_>, settings: &Settings, judge: &mut Judge) -> bool {
    let before = judge.found.len();
    constraint::convert(app, judge);
    health::convert(app, judge);
    check::convert(app, settings, judge);
    volume::convert(app, judge);
    model::durations(app, judge);
    judge.found.len() > before
}
