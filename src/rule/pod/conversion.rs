//! What fails while Marathon converts a pod to its model. The first failure is the answer.

use crate::finding::Stage;
use crate::rule::Context;
use crate::rule::shared::{
    INFINITE_RESOURCE, INFINITE_TEXT, LONGEST_DURATION, OUTSIZE_DURATION, OUTSIZE_DURATION_TEXT,
    UNSUPPORTED_VOLUME_CONSTRAINT, double, is_infinite,
};
use crate::rule::view::{Fields, PodView, pick};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    let _ = unreachable(pod, context)
        || backoff(pod, context)
        || volumes(pod, context)
        || resources(pod, context);
}

fn unreachable(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    let strategy = pod.scheduling.as_ref().and_then(|scheduling| scheduling.unreachable);
    let Some(strategy) = strategy else { return false };
    let strategy = Fields::of(strategy, &table::UNREACHABLE_ENABLED);
    for field in ["inactiveAfterSeconds", "expungeAfterSeconds"] {
        if strategy.int(field).is_some_and(|seconds| seconds > LONGEST_DURATION) {
            duration(
                strategy.at(field),
                &format!("/scheduling/unreachableStrategy/{field}"),
                OUTSIZE_DURATION_TEXT.to_owned(),
                context,
            );
            return true;
        }
    }
    false
}

fn backoff(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    /// `Long.MaxValue` as a double.
    const MOST_NANOSECONDS: f64 = 9_223_372_036_854_775_807.0;
    let strategy = pod.scheduling.as_ref().and_then(|scheduling| scheduling.backoff);
    let Some(strategy) = strategy else { return false };
    let strategy = Fields::of(strategy, &table::POD_SCHEDULING_BACKOFF_STRATEGY);
    for field in ["backoff", "maxLaunchDelay"] {
        let Some(seconds) = strategy.double(field) else { continue };
        let nanoseconds = seconds * 1e9;
        let error = if nanoseconds.is_infinite() {
            format!("Duration DSL not applicable to {}", double(seconds))
        } else if nanoseconds > MOST_NANOSECONDS {
            format!("trying to construct too large duration with {}ns", double(nanoseconds))
        } else {
            continue;
        };
        duration(strategy.at(field), &format!("/scheduling/backoff/{field}"), error, context);
        return true;
    }
    false
}

fn duration(at: Value<'_>, place: &str, error: String, context: &mut Context<'_>) {
    context
        .reject(&OUTSIZE_DURATION, Stage::Conversion, at, "", error)
        .points_at(place)
        .describe("this is more than 292 years, the longest time Marathon counts", "write fewer seconds");
}

/// Constraints of persistent volumes, which no earlier stage checks for pods.
fn volumes(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    for (index, volume) in pod.volumes.iter().enumerate().filter(|(_, volume)| volume.is_persistent()) {
        let Some(info) = volume.value.get("persistent") else { continue };
        let info = Fields::of(info, &table::PERSISTENT_VOLUME_INFO);
        for constraint in info.list("constraints") {
            let mut parts = constraint.elements();
            let is_path = parts.next().is_some_and(|field| field.is_str("path"));
            if is_path
                && parts.next().is_some_and(|operator| operator.is_str("LIKE"))
                && parts.next().is_some()
            {
                continue;
            }
            let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
            let parts = parts.join(",");
            context
                .reject(
                    &UNSUPPORTED_VOLUME_CONSTRAINT,
                    Stage::Conversion,
                    constraint,
                    "",
                    format!("illegal volume constraint {parts}"),
                )
                .points_at(&format!("/volumes({index})/persistent/constraints"))
                .describe(
                    "a volume of a pod cannot have this constraint",
                    "write [\"path\", \"LIKE\", \"a regular expression\"]",
                );
            return true;
        }
    }
    false
}

/// Infinite resources: Marathon writes numbers as decimals, and from 1.8 on adds resources up as such.
fn resources(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    if let Some(executor) = pod.executor_resources
        && let Some((resource, at)) = infinite(executor)
    {
        infinite_resource(at, &format!("/executorResources/{resource}"), context);
        return true;
    }
    for (index, container) in pod.containers.iter().enumerate() {
        if let Some(resources) = container.resources
            && let Some((resource, at)) = infinite(resources)
        {
            infinite_resource(at, &format!("/containers({index})/resources/{resource}"), context);
            return true;
        }
    }
    context.release() < Release::V1_6 && others(pod, context)
}

/// Other infinite numbers, which 1.5 cannot write into its answer; later releases store them.
fn others(pod: &PodView<'_>, context: &mut Context<'_>) -> bool {
    let backoff = pod.scheduling.as_ref().and_then(|scheduling| scheduling.backoff);
    let factor = backoff.and_then(|backoff| backoff.get("backoffFactor"));
    let containers = pod.value.get("containers").into_iter().flat_map(|containers| containers.elements());
    let grace = containers.enumerate().map(|(index, container)| {
        let grace = container.get("lifecycle").and_then(|lifecycle| lifecycle.get("killGracePeriodSeconds"));
        (format!("/containers({index})/lifecycle/killGracePeriodSeconds"), grace)
    });
    let mut all = [("/scheduling/backoff/backoffFactor".to_owned(), factor)].into_iter().chain(grace);
    let infinite = all.find_map(|(place, at)| Some((place, at.filter(is_infinite)?)));
    let Some((place, at)) = infinite else { return false };
    infinite_resource(at, &place, context);
    true
}

fn infinite(resources: Value<'_>) -> Option<(&'static str, Value<'_>)> {
    let names = ["cpus", "mem", "disk"];
    names.into_iter().zip(pick(resources, names)).find_map(|(name, at)| Some((name, at.filter(is_infinite)?)))
}

fn infinite_resource(at: Value<'_>, place: &str, context: &mut Context<'_>) {
    context
        .reject(&INFINITE_RESOURCE, Stage::Conversion, at, "", INFINITE_TEXT)
        .points_at(place)
        .describe("this number is too large for a double", "write what the container needs");
}
