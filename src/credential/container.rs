//! The container of an app: its containerizer and the image that it pulls.

use std::ops::Range;

use crate::definition::Containerizer;
use crate::finding::Effect;
use crate::source::{Type, Value};

use super::WireOptions;
use super::definitions::{self, LocatedService};
use super::plan::{RefusalReason, WireRefusal};
use super::{rules, template};

/// The container of an app that pulls an image.
pub(super) struct ContainerRef<'a> {
    pub(super) value: Value<'a>,
    /// `DOCKER` where the container names no type (all releases).
    pub(super) containerizer: Containerizer,
    /// The bytes of its `type`; the key `container` without one.
    pub(super) type_range: Range<usize>,
    /// `container.docker`, an object with an `image`.
    pub(super) docker: Value<'a>,
}

/// Finds the container of an app.
///
/// # Errors
/// When the app has no container, or its container pulls no image: credentials are of no use to it.
pub(super) fn of<'a>(definition: &LocatedService<'a>) -> Result<ContainerRef<'a>, WireRefusal> {
    let name = definition.name();
    let refuse = |range: Range<usize>, message: String| {
        WireRefusal::not_for(RefusalReason {
            rule: &rules::NOTHING_TO_PULL,
            effect: Effect::Ignored,
            pointer: definition.pointer.clone(),
            range,
            message,
            help: String::new(),
        })
    };
    let Some(container) = definition.get("container") else {
        return Err(refuse(
            definition.place(),
            format!("{name} has no container, so there is no image to pull"),
        ));
    };
    if let Some(refusal) = template::refuse(definition, container) {
        return Err(refusal);
    }
    if container.kind() != Type::Object {
        let found = container.kind().with_article();
        return Err(refuse(container.range(), format!("`container` of {name} is {found}, not an object")));
    }
    let key = definitions::key_range(&definition.value, "container");
    let (containerizer, type_range) = match definitions::get(&container, "type") {
        None => (Containerizer::Docker, key.clone()),
        Some(written) => {
            let Some(containerizer) = written.as_str().and_then(|word| Containerizer::of_word(&word)) else {
                if let Some(refusal) = template::refuse(definition, written) {
                    return Err(refusal);
                }
                let message =
                    format!("{name} runs on {}, which is neither DOCKER nor MESOS", written.source());
                return Err(refuse(written.range(), message));
            };
            (containerizer, written.range())
        }
    };
    match definitions::get(&container, "docker") {
        Some(docker) if definitions::get(&docker, "image").is_some() => {
            Ok(ContainerRef { value: container, containerizer, type_range, docker })
        }
        docker => {
            if let Some(refusal) = docker.and_then(|docker| template::refuse(definition, docker)) {
                return Err(refusal);
            }
            Err(refuse(key, format!("{name} has no `container.docker.image`, so there is no image to pull")))
        }
    }
}

/// Refuses `--containers` for an app, which has one container; the option chooses among those of a pod.
pub(super) fn only_one(definition: &LocatedService<'_>, options: &WireOptions) -> Result<(), WireRefusal> {
    if options.containers.is_none() {
        return Ok(());
    }
    Err(WireRefusal::clash(RefusalReason {
        rule: &rules::NO_CONTAINERS_TO_CHOOSE,
        effect: Effect::Ignored,
        pointer: definition.pointer.clone(),
        range: definition.place(),
        message: format!(
            "{} has one container at most, and `--containers` chooses among a pod's",
            definition.name()
        ),
        help: "leave out `--containers`".to_owned(),
    }))
}
