//! Docker inside Docker: mounts the registries' certificates that an agent trusts where a Docker in a container looks for
//! them. They are not credentials, but credentials do not work without them.

use serde_json::json;

use crate::definition::Containerizer;
use crate::finding::{Effect, Rule};
use crate::source::{Pointer, Type, Value};

use super::WireOptions;
use super::container::{self, ContainerRef};
use super::definitions::{self, LocatedService};
use super::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use super::rules;

/// Docker's directory of the registries' authorities, on the agent and in the container.
const DIRECTORY: &str = "/etc/docker/certs.d";

/// Plans the volume for one definition.
pub(super) fn plan(definition: &LocatedService<'_>, options: &WireOptions) -> Result<WirePlan, WireRefusal> {
    if definition.is_pod {
        return Err(no_docker(definition, definitions::key_range(&definition.value, "containers")));
    }
    container::only_one(definition, options)?;
    let container = container::of(definition)?;
    if container.containerizer == Containerizer::Mesos {
        return Err(no_docker(definition, container.type_range));
    }
    let pointer = definition.pointer.key("container").key("volumes");
    let volumes = definitions::get(&container.value, "volumes");
    if let Some(other) = volumes.filter(|volumes| volumes.kind() != Type::Array) {
        let message =
            format!("`volumes` of {} is {}, not an array", definition.name(), other.kind().with_article());
        return Err(clash(&rules::NOT_A_LIST, Effect::Rejected, pointer, &other, message));
    }
    let mut plan = WirePlan::default();
    let elements = || volumes.into_iter().flat_map(|volumes| volumes.elements());
    if let Some(there) = elements().find(|volume| is_path(volume, "containerPath", DIRECTORY)) {
        if is_path(&there, "hostPath", DIRECTORY) {
            return Ok(plan);
        }
        let message = format!("{} has something else at {DIRECTORY}", definition.name());
        return Err(clash(&rules::VOLUME_IN_THE_WAY, Effect::Ignored, pointer, &there, message));
    }
    note(definition, &container, elements(), &mut plan);
    let volume = json!({ "containerPath": DIRECTORY, "hostPath": DIRECTORY, "mode": "RO" });
    plan.changes.push(match volumes {
        Some(_) => WireChange::Push(pointer, volume),
        None => WireChange::Set(pointer, json!([volume])),
    });
    plan.done.push(format!("volume {DIRECTORY}"));
    Ok(plan)
}

/// Notes on reasons why the volume has no effect.
fn note<'a>(
    definition: &LocatedService<'_>,
    container: &ContainerRef<'_>,
    mut volumes: impl Iterator<Item = Value<'a>>,
    plan: &mut WirePlan,
) {
    let socket = volumes.find(|volume| is_path(volume, "hostPath", "/var/run/docker.sock"));
    let is_privileged = definitions::get(&container.docker, "privileged").and_then(|value| value.as_bool());
    if let Some(socket) = socket {
        let message = format!(
            "{} uses the agent's Docker, which reads {DIRECTORY} of the agent: it does not need the volume",
            definition.name()
        );
        plan.note(socket.range().start, message);
    } else if is_privileged != Some(true) {
        let message = format!("{} is not privileged, but Docker inside Docker has to be", definition.name());
        plan.note(definitions::key_range(&container.value, "docker").start, message);
    }
}

/// Whether a member of a volume is this path, with or without a slash at its end.
fn is_path(volume: &Value<'_>, member: &str, path: &str) -> bool {
    let written = definitions::get(volume, member)
        .and_then(|value| value.as_str().map(|text| text.trim_end_matches('/') == path));
    written == Some(true)
}

fn clash(
    rule: &'static Rule,
    effect: Effect,
    pointer: Pointer,
    place: &Value<'_>,
    message: String,
) -> WireRefusal {
    WireRefusal::clash(RefusalReason {
        rule,
        effect,
        pointer,
        range: place.range(),
        message,
        help: String::new(),
    })
}

fn no_docker(definition: &LocatedService<'_>, range: std::ops::Range<usize>) -> WireRefusal {
    WireRefusal::not_for(RefusalReason {
        rule: &rules::CERTIFICATES_NEED_DOCKER_ENGINE,
        effect: Effect::Ignored,
        pointer: definition.pointer.clone(),
        range,
        message: format!(
            "{} runs on the Universal Container Runtime, in which Docker cannot run",
            definition.name()
        ),
        help: String::new(),
    })
}
