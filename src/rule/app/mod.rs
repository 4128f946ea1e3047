//! Apps, through the stages a request goes through: deprecated fields, their migration, the canonical API, conversion,
//! the internal model.

mod core;
mod deprecated;
mod health;
mod model;
mod network;
mod role;
mod view;
mod volume;

use crate::diagnostic::Stage;
use crate::schema::table;
use crate::source::Value;
use crate::target::Settings;

use super::{Fields, Judge, PathId, Rule};
use role::Roles;
use view::App;

static EXCEPTION: Rule = Rule::verdict(
    "old-and-new-ports",
    "Ports and networks of a container are said in one place, and in one Marathon can move",
);

static CYCLE: Rule = Rule::verdict("dependency-cycle", "No app or group depends on itself, by whatever way");

/// Judges one app, sent alone or as an element of an array.
pub(super) fn judge(app: Value<'_>, is_update: bool, settings: &Settings, judge: &mut Judge) {
    let fields = Fields::of(app, &table::APP);
    deprecated::judge(&fields, judge);
    if judge.has_failed() {
        return;
    }
    let app = match App::of(fields, &PathId::root(), is_update, settings) {
        Ok(app) => app,
        Err((at, text)) => {
            judge.refuse(&EXCEPTION, Stage::Migration, at, "", text).message = text.to_owned();
            return;
        }
    };
    let roles = Roles::alone(&app.id, settings);
    canonical(&app, &roles, settings, judge);
    convert(&app, judge);
    // An exception leaves nothing to be looked at by the model.
    if !judge
        .found
        .iter()
        .any(|found| found.answer.as_ref().is_some_and(|answer| answer.stage == Stage::Conversion))
    {
        model::judge(&app, settings, judge);
        role::model(&app, &roles, settings, "/role", judge);
        if !judge.has_failed() {
            tree(&app, judge);
        }
    }
}

/// What the whole tree of groups asks, of an app that is alone in it.
fn tree(app: &App<'_>, judge: &mut Judge) {
    for dependency in app.fields.list("dependencies") {
        let id = PathId::parse(&dependency.as_str().unwrap_or_default()).canonical(&PathId::root());
        // The root and every group above the app hold the app itself.
        if app.id.segments.starts_with(&id.segments) {
            let text = "Dependency graph has cyclic dependencies.";
            judge.refuse(&CYCLE, Stage::Tree, dependency, "/", text).message =
                format!("{} depends on itself by {id}", app.id);
        }
    }
}

/// The rules of the canonical API.
fn canonical(app: &App<'_>, roles: &Roles, settings: &Settings, judge: &mut Judge) {
    network::judge(app, settings, judge);
    core::judge(app, settings, judge);
    volume::judge(app, settings, judge);
    health::judge(app, judge);
    role::judge(app, roles, settings, judge);
}

fn convert(app: &App<'_>, judge: &mut Judge) {
    core::convert(app, judge);
    health::convert(app, judge);
    volume::convert(app, judge);
    model::durations(app, judge);
}
