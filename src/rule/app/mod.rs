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
    judge.begin();
    let Some(app) = migrated(app, &PathId::root(), is_update, judge) else { return };
    super::advice::app(&app, settings, judge);
    let roles = Roles::alone(&app.id, settings);
    canonical(&app, &roles, settings, judge);
    convert(&app, settings, judge);
    model::judge(&app, settings, judge);
    role::model(&app, &roles, settings, judge);
    // Everything depends on the root, which no app can be.
    if !app.id.is_root() {
        super::tree::alone(&app.id, app.fields.list("dependencies"), judge);
    }
}

/// Judges an app in a group as far as the canonical API, which is how far Marathon looks before it looks at the next
/// one. Where that finds something wrong, Marathon goes no further. Gives the app, unless it cannot be made out.
pub(super) fn in_group<'a>(
    app: Value<'a>,
    group: &PathId,
    roles: &Roles,
    settings: &Settings,
    judge: &mut Judge,
) -> Option<App<'a>> {
    judge.begin();
    let app = migrated(app, group, false, judge);
    if let Some(app) = &app {
        super::advice::app(app, settings, judge);
        canonical(app, roles, settings, judge);
    }
    judge.stop_if_failed();
    app
}

/// What the model asks of an app in a group: its answers name the app by its id, and hardly the field.
pub(super) fn model_in_group(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    let before = judge.found.len();
    judge.begin();
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

/// The app with its deprecated fields moved; nothing where they cannot be.
fn migrated<'a>(app: Value<'a>, base: &PathId, is_update: bool, judge: &mut Judge) -> Option<App<'a>> {
    let fields = Fields::of(app, &table::APP);
    deprecated::judge(&fields, judge);
    let mut thrown = None;
    let app = App::of(fields, base, is_update, &mut thrown);
    if let Some((at, text)) = thrown {
        judge.refuse(&EXCEPTION, Stage::Migration, at, "", text).message = text.into();
    }
    app
}

/// The rules of the canonical API.
fn canonical(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    network::judge(app, settings, judge);
    core::judge(app, settings, judge);
    volume::judge(app, settings, judge);
    health::judge(app, settings, judge);
    role::judge(app, roles, settings, judge);
}

/// What throws when the app is converted, in the order in which Marathon converts it: it stops at the first.
pub(super) fn convert(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let before = judge.found.len();
    core::convert(app, judge);
    volume::convert(app, judge);
    health::convert(app, settings, judge);
    model::durations(app, judge);
    judge.only_first_since(before);
}
