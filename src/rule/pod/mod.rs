//! Pods: the rules of the canonical API, then what fails in the conversion, then the rules of the model. The tree of groups
//! adds nothing for a pod that is sent alone.

mod container;
mod conversion;
mod health;
mod linux;
mod model;
mod network;
mod placement;
mod secret;
#[cfg(test)]
mod tests;
mod volume;

use crate::finding::Stage::Canonical;
use crate::finding::{Change, Fix, FixKind};
use crate::rule::shared::{EMPTY_ID, ID_OUTSIDE_GROUP, RESERVED_ID, not_child_text, reserved_text};
use crate::rule::view::{PodView, text};
use crate::schema::integer;
use crate::source::Value;
use crate::target::Release;

use super::{Context, Rule};
use crate::definition::id::AbsoluteId;

static RELATIVE_ID: Rule = Rule::verdict("relative-pod-id", "A pod's id starts with a slash")
    .why("An app's relative id is taken from the root group; a pod's is refused.")
    .bad(r#"{"id": "shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#)
    .good(r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#)
    .fix(FixKind::Safe);
static EMPTY_USER: Rule = Rule::verdict("empty-user", "A pod's user has a name or is not given")
    .why(
        "An empty user is no user. Without the field, containers run as the user that Marathon runs tasks \
             as.",
    )
    .bad(r#"{"id": "/shop/web", "user": "", "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#)
    .good(
        r#"{"id": "/shop/web", "user": "nobody", "containers": [{"name": "web",
                "resources": {"cpus": 0.1}}]}"#,
    );
static NEGATIVE_INSTANCES: Rule = Rule::verdict("negative-instances", "The number of instances is 0 or more")
    .why("The number of instances is 0 or more.")
    .bad(
        r#"{"id": "/shop/web", "scaling": {"kind": "fixed", "instances": -1},
                "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#,
    )
    .good(
        r#"{"id": "/shop/web", "scaling": {"kind": "fixed", "instances": 1},
                "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#,
    );

/// The rules for pods alone.
pub(super) static RULES: [&[&Rule]; 8] = [
    &[&RELATIVE_ID, &EMPTY_USER, &NEGATIVE_INSTANCES],
    container::RULES,
    health::RULES,
    linux::RULES,
    network::RULES,
    placement::RULES,
    secret::RULES,
    volume::RULES,
];

/// Checks what a release's own parser rejects, beside what every parser does.
pub(super) fn check_types(root: Value<'_>, context: &mut Context<'_>) {
    placement::parse(&PodView::of(root, context.release()), context);
}

/// Checks one pod, sent alone.
pub(super) fn check(root: Value<'_>, context: &mut Context<'_>) {
    let pod = PodView::of(root, context.release());
    if placement::parse(&pod, context) {
        context.stop_if_failed();
    }
    id(&pod, context);
    if let Some(user) = pod.user.filter(|user| user.is_str("")) {
        context.reject(&EMPTY_USER, Canonical, user, "/user", "must not be empty").describe(
            "a user without a name",
            "remove `user`: the default is the one Marathon runs tasks as",
        );
    }
    secret::check(&pod, context);
    volume::check(&pod, context);
    container::check(&pod, context);
    network::check(&pod, context);
    placement::check(&pod, context);
    scaling(&pod, context);
    if let Some(info) = pod.linux_info.filter(|_| context.release() >= Release::V1_9) {
        linux::pod(info, context);
    }

    conversion::check(&pod, context);
    model::check(&pod, context);
    if !context.is_brief && !context.has_failed() {
        context.facts.pod(root);
    }
}

fn id(pod: &PodView<'_>, context: &mut Context<'_>) {
    let Some(at) = pod.id else { return };
    let id = AbsoluteId::parse(&text(pod.id));
    let is_reserved = match context.release() {
        // Observed on 1.5.9; the words came with 1.5.13.
        release if release < Release::V1_6 => false,
        release if release < Release::V1_9 => id.is_reserved() && !id.last().starts_with('.'),
        _ => id.is_reserved(),
    };
    if is_reserved {
        let last = id.last();
        context.reject(&RESERVED_ID, Canonical, at, "/id", reserved_text(context.release())).describe(
            format!("the id ends with `{last}`, a word of Marathon's own addresses"),
            "name it otherwise",
        );
    }
    let parent = id.parent();
    let canonical = id.clone().canonical(&parent);
    if id.is_absolute() && canonical.parent() != parent {
        let text = not_child_text(&parent, context.release());
        context
            .reject(&ID_OUTSIDE_GROUP, Canonical, at, "/id", text)
            .describe("`..` in a pod's id leads out of its group", format!("write \"{canonical}\""));
    }
    if !id.is_absolute() {
        context
            .reject(&RELATIVE_ID, Canonical, at, "/id", "Path needs to be absolute")
            .describe("a pod's id starts with a slash", format!("write \"/{id}\""))
            .fix(Fix::safe(format!("write \"/{id}\""), [Change::replace(at, format!("/{id}"))]));
    }
    if id.is_root() {
        context
            .reject(&EMPTY_ID, Canonical, at, "/id", "Path must contain at least one path element")
            .describe("this is the id of the root group", "name the pod: \"/my-pod\"");
    }
}

fn scaling(pod: &PodView<'_>, context: &mut Context<'_>) {
    let instances = pod.scaling.and_then(|scaling| scaling.get("instances"));
    let Some(at) = instances else { return };
    // Marathon reads anything but a 32-bit integer as 1.
    if let Some(instances) = at.as_number().and_then(|number| integer(number, false)).filter(|&n| n < 0) {
        context
            .reject(
                &NEGATIVE_INSTANCES,
                Canonical,
                at,
                "/scaling/instances",
                format!("got {instances}, expected 0 or more"),
            )
            .describe(format!("there cannot be {instances} instances"), "write 0 or more");
    }
}
