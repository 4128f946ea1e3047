//! Advice on definitions that Marathon accepts: parts without effect, deprecated forms, and risks. One file per concern, for
//! apps and pods.
//!
//! Advice needs only a definition that the parser accepts; later stages may still reject it.

mod balancer;
mod command;
mod containerizer;
mod deprecated;
mod duplicates;
mod fault_label;
mod fetch;
mod health;
mod image;
mod label;
mod mesos_check;
mod placement;
mod port;
mod privilege;
mod residency;
mod secret;
mod shell;
mod upgrade;
mod volume;

use crate::schema::table;
pub(crate) use deprecated::{OLD_DOCKER_NETWORK, OLD_IP_ADDRESS, OLD_PORT_MAPPINGS, OLD_PORTS, OLD_URIS};
#[cfg(feature = "serve")]
pub(crate) use fault_label::{FAULT_LABELS, fault_label_doubt};
pub(crate) use fetch::{ARCHIVE_ON_UCR, CACHED, EXPOSED, OVERWRITTEN, UNEXTRACTED_ARCHIVE, exposed};
pub(crate) use mesos_check::MARATHON_HEALTH_CHECK;
pub(crate) use placement::DROPPED_ROLE;
pub(crate) use port::{DEFINITIONS_OFF_HOST_NETWORK, MAPPINGS_ON_HOST_NETWORK};
pub(crate) use residency::{OLD_RESIDENCY, RESIDENCY_WITHOUT_VOLUME};

use super::view::AppView;
use super::{Context, Fields, Rule};

/// The rules of this room.
pub(super) static RULES: [&[&Rule]; 19] = [
    balancer::RULES,
    command::RULES,
    deprecated::RULES,
    containerizer::RULES,
    fault_label::RULES,
    fetch::RULES,
    health::RULES,
    image::RULES,
    label::RULES,
    mesos_check::RULES,
    placement::RULES,
    port::RULES,
    privilege::RULES,
    duplicates::RULES,
    residency::RULES,
    secret::RULES,
    shell::RULES,
    upgrade::RULES,
    volume::RULES,
];

/// Advice on an app.
pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if context.is_brief {
        return;
    }
    image::app(app, context);
    containerizer::app(app, context);
    privilege::app(app, context);
    command::app(app, context);
    shell::app(app, context);
    fetch::app(app, context);
    secret::app(app, context);
    port::app(app, context);
    label::app(app, context);
    fault_label::check(&app.fields, context);
    health::app(app, context);
    mesos_check::app(app, context);
    volume::app(app, context);
    residency::app(app, context);
    upgrade::app(app, context);
    placement::app(app, context);
    balancer::app(app, context);
    duplicates::app(app, context);
    deprecated::app(app, context);
}

/// Advice on a pod.
pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    if context.is_brief {
        return;
    }
    for container in pod.list("containers") {
        let container = Fields::of(container, &table::POD_CONTAINER);
        image::container(&container, context);
        containerizer::container(&container, context);
        command::container(&container, context);
        shell::container(&container, context);
        fetch::container(&container, context);
        port::container(&container, context);
        health::container(&container, context);
    }
    port::labels(pod, context);
    fault_label::check(pod, context);
    secret::pod(pod, context);
    shell::pod(pod, context);
    volume::pod(pod, context);
    placement::pod(pod, context);
}
