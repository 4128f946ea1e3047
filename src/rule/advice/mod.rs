//! What Marathon takes, and somebody should know what becomes of it: parts that do nothing, forms that are on their way
//! out, things that work and will hurt. One file per concern, for apps and pods alike.
//!
//! Advice is given on what the parser takes, whatever the stages after it say.

mod command;
mod containerizer;
mod deprecated;
mod duplicates;
mod fetch;
mod health;
mod image;
mod placement;
mod port;
mod privilege;
mod residency;
mod secret;
mod upgrade;
mod volume;

use crate::schema::table;
use crate::target::Settings;

pub(crate) use fetch::is_credentials;
pub(crate) use image::{fault as image_fault, split_host};
pub(crate) use secret::may_read;

use super::app::App;
use super::{Fields, Judge, Rule};

/// The rules of this room.
pub(super) static RULES: [&[&Rule]; 14] = [
    command::RULES,
    deprecated::RULES,
    containerizer::RULES,
    fetch::RULES,
    health::RULES,
    image::RULES,
    placement::RULES,
    port::RULES,
    privilege::RULES,
    duplicates::RULES,
    residency::RULES,
    secret::RULES,
    upgrade::RULES,
    volume::RULES,
];

/// Advice on an app.
pub(super) fn app(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    if judge.is_brief {
        return;
    }
    let release = settings.release;
    image::app(app, judge);
    containerizer::app(app, release, judge);
    privilege::app(app, judge);
    command::app(app, release, judge);
    fetch::app(app, settings, judge);
    secret::app(app, settings, judge);
    port::app(app, release, judge);
    health::app(app, judge);
    volume::app(app, judge);
    residency::app(app, release, judge);
    upgrade::app(app, judge);
    placement::app(app, settings, judge);
    duplicates::app(app, judge);
    deprecated::app(app, release, judge);
}

/// Advice on a pod.
pub(super) fn pod(pod: &Fields<'_>, settings: &Settings, judge: &mut Judge) {
    if judge.is_brief {
        return;
    }
    for container in pod.list("containers") {
        let container = Fields::of(container, &table::POD_CONTAINER);
        image::container(&container, judge);
        containerizer::container(&container, settings.release, judge);
        command::container(&container, judge);
        fetch::container(&container, settings, judge);
        port::container(&container, judge);
        health::container(&container, judge);
    }
    secret::pod(pod, settings, judge);
    volume::pod(pod, judge);
    placement::pod(pod, settings, judge);
}
