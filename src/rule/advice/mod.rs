//! What Marathon takes, and somebody should know what becomes of it: parts that do nothing, forms that are on their way
//! out, things that work and will hurt. One file per concern, for apps and pods alike.
//!
//! Advice is given on what the parser takes, whatever the stages after it say.

mod privilege;

use crate::target::Settings;

use super::app::App;
use super::{Fields, Judge, Rule};

/// The rules of this room.
pub(super) static RULES: [&[&Rule]; 1] = [privilege::RULES];

/// Advice on an app.
pub(super) fn app(app: &App<'_>, _settings: &Settings, judge: &mut Judge) {
    privilege::app(app, judge);
}

/// Advice on a pod.
pub(super) fn pod(_pod: &Fields<'_>, _settings: &Settings, _judge: &mut Judge) {}
