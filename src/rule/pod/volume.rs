//! Volumes of a pod and where its containers mount them.

use crate::finding::Stage::Canonical;
use crate::rule::view::{PodContainerView, PodView, PodVolumeView, Seen, first_repeat};
use crate::rule::{Context, Rule};
use crate::util::suggest::{MOST, suggest};

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
        .why("A volume that no container mounts is probably a mistake. Marathon refuses the pod.")
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
