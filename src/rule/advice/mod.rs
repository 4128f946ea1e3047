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

pub(crate) use deprecated::{OLD_DOCKER_NETWORK, OLD_IP_ADDRESS, OLD_PORT_MAPPINGS, OLD_PORTS, OLD_URIS};
pub(crate) use fetch::{ARCHIVE_ON_UCR, is_credentials};
pub(crate) use image::{fault as image_fault, split_host};
pub(crate) use residency::OLD_RESIDENCY;
pub(crate) use secret::may_read;

use super::app::AppView;
use super::{Context, Fields, Rule};

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
pub(super) fn app(app: &AppView<'_>, settings: &Settings, context: &mut Context) {
    if context.is_brief {
        return;
    }
    let release = settings.release;
    image::app(app, context);
    containerizer::app(app, release, context);
    privilege::app(app, context);
    command::app(app, release, context);
    fetch::app(app, settings, context);
    secret::app(app, settings, context);
    port::app(app, release, context);
    health::app(app, context);
    volume::app(app, context);
    residency::app(app, release, context);
    upgrade::app(app, context);
    placement::app(app, settings, context);
    duplicates::app(app, context);
    deprecated::app(app, release, context);
}

/// Advice on a pod.
pub(super) fn pod(pod: &Fields<'_>, settings: &Settings, context: &mut Context) {
    if context.is_brief {
        return;
    }
    for container in pod.list("containers") {
        let container = Fields::of(container, &table::POD_CONTAINER);
        image::container(&container, context);
        containerizer::container(&container, settings.release, context);
        command::container(&container, context);
        fetch::container(&container, settings, context);
        port::container(&container, context);
        health::container(&container, context);
    }
    secret::pod(pod, settings, context);
    volume::pod(pod, context);
    placement::pod(pod, settings, context);
}
