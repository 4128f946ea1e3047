//! What an app's container runs on, and which image it pulls.

use std::ops::Range;

use crate::finding::Effect;
use crate::source::{Type, Value};

use super::WireOptions;
use super::definitions::{self, Definition};
use super::plan::{RefusalReason, WireRefusal};
use super::rules;

/// The containerizer of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// `DOCKER`: the Docker Engine. The default of a container that names no type (all releases).
    Docker,
    /// `MESOS`: the Universal Container Runtime.
    Mesos,
}

/// The container of an app that pulls an image.
pub(super) struct ContainerRef<'a> {
    pub(super) value: Value<'a>,
    pub(super) engine: Engine,
    /// The bytes that say which engine it is.
    pub(super) engine_range: Range<usize>,
    /// `container.docker`, an object with an `image`.
    pub(super) docker: Value<'a>,
}

/// Finds the container of an app.
///
/// # Errors
/// When there is none, or it pulls no image: then there is nothing to have credentials for.
pub(super) fn of<'a>(definition: &Definition<'a>) -> Result<ContainerRef<'a>, WireRefusal> {
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
    if container.kind() != Type::Object {
        let found = container.kind().with_article();
        return Err(refuse(container.range(), format!("`container` of {name} is {found}, not an object")));
    }
    let key = definitions::key_range(&definition.value, "container");
    let (engine, engine_range) = match definitions::get(&container, "type") {
        None => (Engine::Docker, key.clone()),
        Some(written) => {
            let Some(engine) = engine(&written) else {
                let message =
                    format!("{name} runs on {}, which is neither DOCKER nor MESOS", written.source());
                return Err(refuse(written.range(), message));
            };
            (engine, written.range())
        }
    };
    match definitions::get(&container, "docker") {
        Some(docker) if definitions::get(&docker, "image").is_some() => {
            Ok(ContainerRef { value: container, engine, engine_range, docker })
        }
        _ => {
            Err(refuse(key, format!("{name} has no `container.docker.image`, so there is no image to pull")))
        }
    }
}

/// Marathon reads the word in any case (1.5 … 1.11).
fn engine(written: &Value<'_>) -> Option<Engine> {
    let word = written.as_str()?;
    if word.eq_ignore_ascii_case("DOCKER") {
        Some(Engine::Docker)
    } else if word.eq_ignore_ascii_case("MESOS") {
        Some(Engine::Mesos)
    } else {
        None
    }
}

/// `--containers` chooses among the containers of a pod; an app has one.
pub(super) fn only_one(definition: &Definition<'_>, options: &WireOptions) -> Result<(), WireRefusal> {
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
