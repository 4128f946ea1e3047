//! Which definitions need the credentials, and which kind of them.

use crate::definition::Containerizer;
use crate::finding::Effect;
use crate::image::Host;
use crate::source::Value;

use super::WireOptions;
use super::container;
use super::definitions::{self, LocatedService};
use super::plan::{RefusalReason, WireRefusal};
use super::{rules, template};

/// What an app runs on; a pod always runs on Mesos's own.
pub(super) fn containerizer(definition: &LocatedService<'_>) -> Result<Containerizer, WireRefusal> {
    if definition.is_pod { Ok(Containerizer::Mesos) } else { Ok(container::of(definition)?.containerizer) }
}

/// Whether the registry of an image is one of those that the credentials are for. That of an unreadable image is unknown,
/// and it is none of them.
pub(super) fn is_for(image: &str, options: &WireOptions) -> bool {
    let among = |host: Host| options.registries.contains(&host);
    options.registries.is_empty()
        || template::registry_of(image).is_ok_and(|registry| registry.is_some_and(among))
}

/// Refuses an app whose image is from another registry than those that the credentials are for. The containers of a pod
/// are chosen one by one.
pub(super) fn pulls_from(definition: &LocatedService<'_>, options: &WireOptions) -> Result<(), WireRefusal> {
    if definition.is_pod || options.registries.is_empty() {
        return Ok(());
    }
    let container = definition.get("container");
    let docker = container.and_then(|container| definitions::get(&container, "docker"));
    let Some(image) = docker.and_then(|docker| definitions::get(&docker, "image")) else { return Ok(()) };
    let Some(name) = image.as_str() else { return Ok(()) };
    is_filled_in(definition, image, &name, options)?;
    if is_for(&name, options) { Ok(()) } else { Err(elsewhere(definition, image, &name, options)) }
}

/// Refuses an image with a placeholder in the name of its registry, where that matters.
pub(super) fn is_filled_in(
    definition: &LocatedService<'_>,
    place: Value<'_>,
    image: &str,
    options: &WireOptions,
) -> Result<(), WireRefusal> {
    match template::registry_of(image) {
        Err(placeholder) if !options.registries.is_empty() => {
            Err(template::refusal(definition, place, &placeholder))
        }
        _ => Ok(()),
    }
}

/// The refusal of an image from another registry.
pub(super) fn elsewhere(
    definition: &LocatedService<'_>,
    place: Value<'_>,
    image: &str,
    options: &WireOptions,
) -> WireRefusal {
    let names: Vec<String> = options.registries.iter().map(ToString::to_string).collect();
    WireRefusal::elsewhere(RefusalReason {
        rule: &rules::NOTHING_TO_PULL,
        effect: Effect::Ignored,
        pointer: definition.pointer.clone(),
        range: place.range(),
        message: format!(
            "{} needs no credentials, because {image:?} is not from {}",
            definition.name(),
            names.join(" or ")
        ),
        help: String::new(),
    })
}
