//! Containers of a pod, one by one and together.

use crate::finding::Stage::Canonical;
use crate::rule::shared::limit_faults;
use crate::rule::view::{Fields, PodContainerView, PodView, Seen, default, first_repeat};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

use super::{health, linux, network, secret, volume};

static DUPLICATE_CONTAINER_NAME: Rule =
    Rule::verdict("duplicate-container-name", "The containers of a pod have different names")
        .why(
            "Mesos tells the tasks of a pod apart by the names of their containers, and so do logs and `dcos \
             task`.",
        )
        .bad(
            r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1}},
                {"name": "web", "resources": {"cpus": 0.1}}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1}},
                {"name": "sidecar", "resources": {"cpus": 0.1}}]}"#,
        );
static LIMITS_WITH_SHARED_CGROUPS: Rule = Rule::verdict(
    "limits-with-shared-cgroups",
    "Containers that share the pod's cgroups have no resource limits of their own",
)
.why(
    "With `legacySharedCgroups` all containers of a pod share one cgroup, as before Mesos 1.9. A limit \
             of one container could not be enforced, so Marathon refuses it.",
)
.bad(
    r#"{"id": "/shop/web", "legacySharedCgroups": true, "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "resourceLimits": {"mem": 128}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "resourceLimits": {"mem": 128}}]}"#,
)
.since(Release::V1_10);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&DUPLICATE_CONTAINER_NAME, &LIMITS_WITH_SHARED_CGROUPS];

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    // One text for the paths of all containers, so that a pod without faults allocates just this one.
    let mut place = String::new();
    let volumes: Seen<&str> = pod.volumes.iter().map(|volume| volume.name.as_ref()).collect();
    for (index, container) in pod.containers.iter().enumerate() {
        place.clear();
        place.push_str("/containers(");
        place.push_str(&index.to_string());
        place.push(')');
        if context.release() >= Release::V1_10 {
            limits(pod, container, &place, context);
        }
        network::endpoints(pod, container, &place, context);
        secret::image(pod, container, &place, context);
        secret::environment(pod, container.environment, &place, context);
        health::check(container, &place, context);
        volume::mounts(pod, &volumes, container, &place, context);
        if let Some(info) = container.linux_info.filter(|_| context.release() >= Release::V1_8) {
            linux::container(info, &place, context);
        }
    }
    let again =
        first_repeat(pod.containers.iter().enumerate(), |(_, container)| Some(container.name.as_ref()));
    if let Some((index, PodContainerView { name, name_at, .. })) = again {
        let at = name_at.unwrap_or(pod.value);
        context
            .reject(&DUPLICATE_CONTAINER_NAME, Canonical, at, "/containers", "container names must be unique")
            .points_at(&format!("/containers({index})/name"))
            .describe(format!("another container is called `{name}` too"), "give it a name of its own");
    }
}

fn limits(pod: &PodView<'_>, container: &PodContainerView<'_>, place: &str, context: &mut Context<'_>) {
    let Some(limits) = container.limits else { return };
    let limits = Fields::of(limits, &table::RESOURCE_LIMITS);
    let requests = container.resources.map(|requests| Fields::of(requests, &table::RESOURCES));
    let requested = |resource: &str| {
        let given = requests.and_then(|requests| requests.double(resource));
        given.or_else(|| default(&table::RESOURCES, resource)).unwrap_or_default()
    };
    for fault in limit_faults(&limits, requested) {
        let path = format!("{place}/resourceLimits/{}", fault.resource);
        context.reject(fault.rule, Canonical, fault.at, path, fault.text).describe(fault.message, fault.help);
    }
    if pod.legacy_shared_cgroups.and_then(|shared| shared.as_bool()) == Some(true) {
        context
            .reject(
                &LIMITS_WITH_SHARED_CGROUPS,
                Canonical,
                limits.value,
                format!("{place}/resourceLimits"),
                "resourceLimits cannot be defined if legacySharedCgroups is enabled",
            )
            .describe(
                "this container shares the pod's cgroups and can have no limits of its own",
                "remove `resourceLimits`, or the pod's `legacySharedCgroups`",
            );
    }
}
