//! Pods: the rules of the canonical API, then what fails in conversion, then the rules of the model. The tree of groups
//! adds nothing for a pod that is sent alone.

mod bench;
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

use std::borrow::Cow;

use crate::finding::{Change, Fix, FixKind};
use crate::rule::shared::{
    EMPTY_ID, ID_OUTSIDE_GROUP, Names, RESERVED_ID, Seen, first_repeat, not_child_text, reserved_text,
};
use crate::schema::{integer, table};
use crate::source::Value;
use crate::target::{Release, Settings};

use super::{Context, Rule};
use crate::definition::id::AbsoluteId;
use crate::rule::view::fields::Fields;

use bench::Bench;
use container::PodContainerView;
use network::{Joined, PodNetworkView};
use placement::Scheduling;
use volume::PodVolumeView;

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
    .why("A pod is scaled to no instances or to some, not to fewer than none.")
    .bad(
        r#"{"id": "/shop/web", "scaling": {"kind": "fixed", "instances": -1},
                "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#,
    )
    .good(
        r#"{"id": "/shop/web", "scaling": {"kind": "fixed", "instances": 1},
                "containers": [{"name": "web", "resources": {"cpus": 0.1}}]}"#,
    );

/// The rules for pods alone.
pub(super) static RULES: [&[&Rule]; 7] = [
    &[&RELATIVE_ID, &EMPTY_USER, &NEGATIVE_INSTANCES],
    container::RULES,
    health::RULES,
    linux::RULES,
    network::RULES,
    placement::RULES,
    volume::RULES,
];

/// A pod as its rules see it.
struct PodView<'a> {
    value: Value<'a>,
    id: Option<Value<'a>>,
    user: Option<Value<'a>>,
    role: Option<Value<'a>>,
    environment: Option<Value<'a>>,
    secrets: Option<Value<'a>>,
    /// The same, by name.
    defined: Names<'a>,
    scaling: Option<Value<'a>>,
    linux_info: Option<Value<'a>>,
    executor_resources: Option<Value<'a>>,
    legacy_shared_cgroups: Option<Value<'a>>,
    scheduling: Option<Scheduling<'a>>,
    networks: Joined<'a>,
    volumes: Vec<PodVolumeView<'a>>,
    containers: Vec<PodContainerView<'a>>,
}

impl<'a> PodView<'a> {
    fn of(root: Value<'a>, release: Release) -> Self {
        let [id, user, role, environment, secrets, scaling, scheduling, networks, volumes, containers] = pick(
            root,
            [
                "id",
                "user",
                "role",
                "environment",
                "secrets",
                "scaling",
                "scheduling",
                "networks",
                "volumes",
                "containers",
            ],
        );
        let [linux_info, executor_resources, legacy_shared_cgroups] =
            pick(root, ["linuxInfo", "executorResources", "legacySharedCgroups"]);
        Self {
            value: root,
            id,
            user,
            role,
            environment,
            secrets,
            defined: Names::of(secrets),
            scaling,
            linux_info,
            executor_resources,
            legacy_shared_cgroups,
            scheduling: scheduling.map(Scheduling::of),
            networks: Joined::of(elements(networks).map(PodNetworkView::of).collect()),
            volumes: elements(volumes).map(|value| PodVolumeView::of(value, release)).collect(),
            containers: elements(containers).map(PodContainerView::of).collect(),
        }
    }

    /// Whether it keeps data on agents, and so has instances that belong where they are.
    fn is_resident(&self) -> bool {
        self.volumes.iter().any(PodVolumeView::is_persistent)
    }
}

/// Judges one pod, sent alone.
pub(super) fn check(root: Value<'_>, settings: &Settings, context: &mut Context) {
    let pod = PodView::of(root, settings.release);
    super::advice::pod(&Fields::of(root, &table::POD), settings, context);
    let mut bench = Bench::new(context, settings);

    if placement::parse(&pod, &mut bench) {
        return;
    }
    id(&pod, &mut bench);
    if let Some(user) = pod.user.filter(|user| user.is_str("")) {
        bench
            .reject(&EMPTY_USER, user, "/user", "must not be empty")
            .tell("a user without a name", "remove `user`: the default is the one Marathon runs tasks as");
    }
    secret::check(&pod, &mut bench);
    volume::check(&pod, &mut bench);
    container::check(&pod, &mut bench);
    network::check(&pod, &mut bench);
    placement::check(&pod, &mut bench);
    scaling(&pod, &mut bench);
    if let Some(info) = pod.linux_info.filter(|_| bench.knows(Release::V1_9)) {
        linux::judge_pod(info, &mut bench);
    }

    conversion::check(&pod, &mut bench);
    model::check(&pod, &mut bench);
    if !context.is_brief && !context.has_failed() {
        context.facts.pod(root);
    }
}

fn id(pod: &PodView<'_>, bench: &mut Bench<'_>) {
    let Some(at) = pod.id else { return };
    let id = AbsoluteId::parse(&text(pod.id));
    let is_reserved = match bench.settings.release {
        // Observed on 1.5.9; the words came with 1.5.13.
        release if release < Release::V1_6 => false,
        release if release < Release::V1_9 => id.is_reserved() && !id.last().starts_with('.'),
        _ => id.is_reserved(),
    };
    if is_reserved {
        let last = id.last();
        bench.reject(&RESERVED_ID, at, "/id", reserved_text(bench.settings.release)).tell(
            format!("the id ends with `{last}`, a word of Marathon's own addresses"),
            "name it otherwise",
        );
    }
    let parent = id.parent();
    let canonical = id.clone().canonical(&parent);
    if id.is_absolute() && canonical.parent() != parent {
        let text = not_child_text(&parent, bench.settings.release);
        bench
            .reject(&ID_OUTSIDE_GROUP, at, "/id", text)
            .tell("`..` in a pod's id leads out of its group", format!("write \"{canonical}\""));
    }
    if !id.is_absolute() {
        bench
            .reject(&RELATIVE_ID, at, "/id", "Path needs to be absolute")
            .tell("a pod's id starts with a slash", format!("write \"/{id}\""))
            .mend(Fix::safe(format!("write \"/{id}\""), [Change::replace(at, format!("/{id}"))]));
    }
    if id.is_root() {
        bench
            .reject(&EMPTY_ID, at, "/id", "Path must contain at least one path element")
            .tell("this is the id of the root group", "name the pod: \"/my-pod\"");
    }
}

fn scaling(pod: &PodView<'_>, bench: &mut Bench<'_>) {
    let instances = pod.scaling.and_then(|scaling| scaling.get("instances"));
    let Some(at) = instances else { return };
    // What is no 32-bit integer is read as 1.
    if let Some(instances) = at.as_number().and_then(|number| integer(number, false)).filter(|&n| n < 0) {
        bench
            .reject(
                &NEGATIVE_INSTANCES,
                at,
                "/scaling/instances",
                format!("got {instances}, expected 0 or more"),
            )
            .tell(format!("there cannot be {instances} instances"), "write 0 or more");
    }
}

/// The members of these names, the last of each; a `null` is as good as absent.
fn pick<'a, const N: usize>(object: Value<'a>, names: [&str; N]) -> [Option<Value<'a>>; N] {
    let mut picked = [None; N];
    for (key, member) in object.members() {
        if let Some(index) = names.iter().position(|name| key.is_str(name)) {
            picked[index] = Some(member).filter(|member| !member.is_null());
        }
    }
    picked
}

/// The elements of an array that may not be there.
fn elements(list: Option<Value<'_>>) -> impl Iterator<Item = Value<'_>> {
    list.into_iter().flat_map(|list| list.elements())
}

/// A string that the parser has taken.
fn text(value: Option<Value<'_>>) -> Cow<'_, str> {
    value.and_then(|value| value.as_str()).unwrap_or_default()
}
