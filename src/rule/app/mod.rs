//! Apps, through the stages a request goes through: deprecated fields, their migration, the canonical API, conversion,
//! the internal model.

mod core;
mod deprecated;
mod health;
mod model;
mod network;
mod role;
pub(super) mod view;
mod volume;

use crate::diagnostic::Stage;
use crate::schema::table;
use crate::source::Value;
use crate::target::Settings;

use super::shared::Roles;
use super::{Fields, Judge, PathId, Rule};
pub(super) use model::is_shareable;
pub(super) use view::App;

static EXCEPTION: Rule = Rule::verdict(
    "old-and-new-ports",
    "Ports and networks of a container are said in one place, and in one Marathon can move",
);

/// The rules for apps alone.
pub(super) static RULES: [&[&Rule]; 7] = [
    &[&EXCEPTION],
    core::RULES,
    deprecated::RULES,
    health::RULES,
    model::RULES,
    network::RULES,
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
            judge.refuse(&EXCEPTION, Stage::Migration, at, "", text).message = text.into();
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
    role::judge(app, roles, settings, judge);
}

/// Whether conversion throws; the exceptions are noted.
pub(super) fn convert(app: &App<'_>, settings: &Settings, judge: &mut Judge) -> bool {
    let before = judge.found.len();
    core::convert(app, judge);
    health::convert(app, settings, judge);
    volume::convert(app, judge);
    model::durations(app, judge);
    judge.found.len() > before
}
