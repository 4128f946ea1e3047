//! Containers of a pod, one by one and together.

use std::borrow::Cow;

use crate::rule::Rule;
use crate::rule::shared::{LIMIT_BELOW_REQUEST, UNKNOWN_LIMIT, double};
use crate::schema::table;
use crate::source::{Type, Value};
use crate::target::Release;

use super::bench::Bench;
use super::network::Endpoint;
use super::{Fields, Pod, first_repeat, health, linux, name, network, secret, volume};

static DUPLICATE_CONTAINER_NAME: Rule =
    Rule::verdict("duplicate-container-name", "The containers of a pod have different names");
static LIMITS_WITH_SHARED_CGROUPS: Rule = Rule::verdict(
    "limits-with-shared-cgroups",
    "Containers that share the pod's cgroups have no resource limits of their own",
);

/// A container of a pod.
pub(super) struct Container<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) name: Cow<'a, str>,
    pub(super) endpoints: Vec<Endpoint<'a>>,
    pub(super) mounts: Vec<Mount<'a>>,
}

/// Where a container has a volume.
pub(super) struct Mount<'a> {
    /// The volume's name.
    pub(super) name: Cow<'a, str>,
    /// Where that stands.
    pub(super) at: Value<'a>,
}

impl<'a> Container<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        let fields = Fields::of(value, &table::POD_CONTAINER);
        Self {
            name: name(&fields),
            endpoints: fields.list("endpoints").map(Endpoint::of).collect(),
            mounts: fields
                .list("volumeMounts")
                .map(|mount| {
                    let at = mount.get("name").unwrap_or(mount);
                    Mount { name: at.as_str().unwrap_or_default(), at }
                })
                .collect(),
            fields,
        }
    }
}

pub(super) fn judge(pod: &Pod<'_>, bench: &mut Bench<'_>) {
    // One text for all of a container's paths, of which a good pod needs none but this.
    let mut place = String::new();
    for (index, container) in pod.containers.iter().enumerate() {
        place.clear();
        place.push_str("/containers(");
        place.push_str(&index.to_string());
        place.push(')');
        if bench.knows(Release::V1_10) {
            limits(pod, container, &place, bench);
        }
        network::endpoints(pod, container, &place, bench);
        secret::image(pod, container, &place, bench);
        secret::environment(pod, &container.fields, &place, bench);
        health::judge(container, &place, bench);
        volume::mounts(pod, container, &place, bench);
        if let Some(info) = container.fields.get("linuxInfo").filter(|_| bench.knows(Release::V1_8)) {
            linux::judge_container(info, &place, bench);
        }
    }
    if pod.containers.len() > 1 {
        let names: Vec<&str> = pod.containers.iter().map(|container| &*container.name).collect();
        if let Some(index) = first_repeat(&names) {
            let at = pod.containers[index].fields.at("name");
            bench
                .refuse(&DUPLICATE_CONTAINER_NAME, at, "/containers", "container names must be unique")
                .stands_at(&format!("/containers({index})/name"))
                .tell(
                    format!("another container is called `{}` too", names[index]),
                    "give it a name of its own",
                );
        }
    }
}

fn limits(pod: &Pod<'_>, container: &Container<'_>, place: &str, bench: &mut Bench<'_>) {
    /// What a container asks for where it does not say.
    const REQUESTS: [(&str, f64); 2] = [("cpus", 0.1), ("mem", 32.0)];
    let Some(limits) = container.fields.object("resourceLimits", &table::RESOURCE_LIMITS) else { return };
    let requests = container.fields.object("resources", &table::RESOURCES);
    for (resource, default) in REQUESTS {
        let request = requests.and_then(|requests| requests.double(resource)).unwrap_or(default);
        if let Some(limit) = limits.get(resource) {
            self::limit(limit, request, &format!("{place}/resourceLimits/{resource}"), bench);
        }
    }
    if pod.fields.is_true("legacySharedCgroups") {
        bench
            .refuse(
                &LIMITS_WITH_SHARED_CGROUPS,
                limits.value,
                format!("{place}/resourceLimits"),
                "resourceLimits cannot be defined if legacySharedCgroups is enabled",
            )
            .tell(
                "this container shares the pod's cgroups and can have no limits of its own",
                "remove `resourceLimits`, or the pod's `legacySharedCgroups`",
            );
    }
}

fn limit(limit: Value<'_>, request: f64, path: &str, bench: &mut Bench<'_>) {
    if limit.kind() == Type::String {
        if !limit.is_str("unlimited") {
            let word = limit.as_str().unwrap_or_default();
            bench
                .refuse(
                    &UNKNOWN_LIMIT,
                    limit,
                    path,
                    format!("'{word}' is an invalid resource limit. It must be 'unlimited' or a number"),
                )
                .tell(format!("\"{word}\" is no limit"), "write a number, or \"unlimited\"");
        }
    } else if let Some(number) = limit.as_f64().filter(|&number| number < request) {
        let request = double(request);
        bench
            .refuse(
                &LIMIT_BELOW_REQUEST,
                limit,
                path,
                format!("resource limit must be greater than or equal to requested resource ({request})"),
            )
            .tell(
                format!("a limit of {number} is below the {request} that are requested"),
                format!("write {request} or more, or \"unlimited\""),
            );
    }
}
