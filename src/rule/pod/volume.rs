//! Volumes of a pod and where its containers mount them.

use std::borrow::Cow;

use crate::finding::Stage::Canonical;
use crate::rule::Rule;
use crate::schema::{Shape, fits, table};
use crate::source::Value;
use crate::target::Release;
use crate::util::suggest::{MOST, suggest};

use super::container::PodContainerView;
use super::{Context, PodView, Seen, first_repeat};

static DUPLICATE_VOLUME_NAME: Rule =
    Rule::verdict("duplicate-volume-name", "The volumes of a pod have different names")
        .why("Containers mount the volumes of their pod by name.")
        .bad(
            r#"{"id": "/shop/web", "volumes": [{"name": "data"}, {"name": "data"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "volumeMounts": [{"name": "data", "mountPath": "data"}]}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "volumes": [{"name": "data"}, {"name": "logs"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "volumeMounts": [{"name": "data", "mountPath": "data"}, {"name": "logs",
                "mountPath": "logs"}]}]}"#,
        );
static UNUSED_VOLUME: Rule =
    Rule::verdict("unused-volume", "Every volume of a pod is mounted by at least one of its containers")
        .why("A volume that no container mounts is a slip: Marathon refuses it rather than make it.")
        .bad(
            r#"{"id": "/shop/web", "volumes": [{"name": "data"}, {"name": "logs"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "volumeMounts": [{"name": "data", "mountPath": "data"}]}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "volumes": [{"name": "data"}], "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "volumeMounts": [{"name": "data",
                "mountPath": "data"}]}]}"#,
        );
static UNDEFINED_VOLUME: Rule =
    Rule::verdict("undefined-volume", "A container can only mount the volumes of its pod")
        .why("A container mounts what the pod has under `volumes`, by name.")
        .bad(
            r#"{"id": "/shop/web", "volumes": [], "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "volumeMounts": [{"name": "data",
                "mountPath": "data"}]}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "volumes": [{"name": "data"}], "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "volumeMounts": [{"name": "data",
                "mountPath": "data"}]}]}"#,
        );

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&DUPLICATE_VOLUME_NAME, &UNUSED_VOLUME, &UNDEFINED_VOLUME];

static PERSISTENT: Shape = Shape::Object(&table::POD_PERSISTENT_VOLUME);
static SECRET: Shape = Shape::Object(&table::POD_SECRET_VOLUME);

#[derive(Clone, Copy, PartialEq, Eq)]
enum VolumeKind {
    Persistent,
    Secret,
    /// A path of the agent, or nothing at all beyond the pod's life.
    Other,
}

/// A volume of a pod. Marathon tells what it is by which of its types can be read from it.
pub(super) struct PodVolumeView<'a> {
    pub(super) value: Value<'a>,
    pub(super) name: Cow<'a, str>,
    kind: VolumeKind,
}

impl<'a> PodVolumeView<'a> {
    pub(super) fn of(value: Value<'a>, release: Release) -> Self {
        let mut name = Cow::default();
        let (mut persistent, mut secret) = (false, false);
        for (key, member) in value.members() {
            if key.is_str("name") {
                name = member.as_str().unwrap_or_default();
            }
            persistent |= key.is_str("persistent");
            secret |= key.is_str("secret");
        }
        let kind = if persistent && release >= Release::V1_6 && fits(value, &PERSISTENT) {
            VolumeKind::Persistent
        } else if secret && fits(value, &SECRET) {
            VolumeKind::Secret
        } else {
            VolumeKind::Other
        };
        Self { value, name, kind }
    }

    pub(super) fn is_persistent(&self) -> bool {
        self.kind == VolumeKind::Persistent
    }

    /// The name of the secret that it is.
    pub(super) fn secret(&self) -> Option<Value<'a>> {
        (self.kind == VolumeKind::Secret).then(|| self.value.get("secret")).flatten()
    }
}

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    let mounts = pod.containers.iter().flat_map(|container| &container.mounts);
    let mounted: Seen<&str> = mounts.map(|mount| mount.name.as_ref()).collect();
    for (index, volume) in pod.volumes.iter().enumerate() {
        if !mounted.contains(&*volume.name) {
            let name = &volume.name;
            context
                .reject(
                    &UNUSED_VOLUME, Canonical,
                    volume.value,
                    format!("/volumes({index})"),
                    "volume must be referenced by at least one container",
                )
                .describe(
                    format!("no container mounts the volume `{name}`"),
                    format!(
                        "mount it: \"volumeMounts\": [{{\"name\": \"{name}\", \"mountPath\": \"…\"}}], or remove it"
                    ),
                );
        }
    }
    let again = first_repeat(pod.volumes.iter().enumerate(), |(_, volume)| Some(volume.name.as_ref()));
    if let Some((index, PodVolumeView { value, name, .. })) = again {
        context
            .reject(&DUPLICATE_VOLUME_NAME, Canonical, *value, "/volumes", "volume names must be unique")
            .points_at(&format!("/volumes({index})/name"))
            .describe(format!("another volume is called `{name}` too"), "give it a name of its own");
    }
}

/// The mounts of the container at `place`; `volumes` are the names of the pod's.
pub(super) fn mounts(
    pod: &PodView<'_>,
    volumes: &Seen<&str>,
    container: &PodContainerView<'_>,
    place: &str,
    context: &mut Context<'_>,
) {
    for (index, mount) in container.mounts.iter().enumerate() {
        if volumes.contains(&*mount.name) {
            continue;
        }
        let name = &mount.name;
        let help = match suggest(name, pod.volumes.iter().take(MOST).map(|volume| &*volume.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add a volume of that name to the pod: \"volumes\": [{{\"name\": \"{name}\"}}]"),
        };
        context
            .reject(
                &UNDEFINED_VOLUME,
                Canonical,
                mount.at,
                format!("{place}/volumeMounts({index})/name"),
                "Referenced Volume in VolumeMount should exist",
            )
            .describe(format!("the pod has no volume `{name}`"), help);
    }
}
