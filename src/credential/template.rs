//! Templates: definitions in which a placeholder stands for what the credentials depend on.

use std::ops::Range;

use crate::finding::Effect;
use crate::image::Host;
use crate::lint;
use crate::source::placeholder::{self, TextReader};
use crate::source::{Document, Kind, Value};

use super::definitions::{self, LocatedService};
use super::plan::{RefusalReason, WireRefusal};

/// A definition that cannot be read for the credentials until somebody fills it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfilledService {
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// The definitions of a document whose image, or what it is pulled by, is a placeholder.
#[must_use]
pub fn unfilled(document: &Document, kind: Kind) -> Vec<UnfilledService> {
    let mut found = Vec::new();
    for definition in definitions::definitions(document, kind) {
        let values = if definition.is_pod { of_pod(&definition) } else { of_app(&definition) };
        let placeholder = values.into_iter().find_map(|(value, is_image)| {
            let text = value.as_str()?;
            let range = if is_image { in_host(&text) } else { range_in(&text) };
            range.map(|range| text[range].to_owned())
        });
        found.extend(placeholder.map(|text| UnfilledService {
            message: message(&definition.name(), &text),
            help: lint::template_help(&text),
        }));
    }
    found
}

/// What decides on the credentials of an app, and whether it is an image.
fn of_app<'d>(definition: &LocatedService<'d>) -> Vec<(Value<'d>, bool)> {
    let Some(container) = definition.get("container") else { return Vec::new() };
    let docker = definitions::get(&container, "docker");
    let image = docker.and_then(|docker| definitions::get(&docker, "image"));
    let others = [Some(container), definitions::get(&container, "type"), docker];
    let others = others.into_iter().flatten().map(|value| (value, false));
    others.chain(image.map(|image| (image, true))).collect()
}

fn of_pod<'d>(definition: &LocatedService<'d>) -> Vec<(Value<'d>, bool)> {
    let containers = definition.get("containers").into_iter().flat_map(|list| list.elements());
    let images = containers.filter_map(|container| definitions::get(&container, "image"));
    let of_image = |image: Value<'d>| {
        let kind = definitions::get(&image, "kind");
        let id = definitions::get(&image, "id");
        [(Some(image), false), (kind, false), (id, true)]
            .into_iter()
            .filter_map(|(value, is_image)| Some((value?, is_image)))
    };
    images.flat_map(of_image).collect()
}

/// The registry of an image; the placeholder, where one stands in its name before what tells the registry. `None` for an
/// unreadable image.
pub(super) fn registry_of(image: &str) -> Result<Option<Host>, String> {
    if let Some(range) = in_host(image) {
        return Err(image[range].to_owned());
    }
    let mut filled = image.to_owned();
    while let Some(range) = range_in(&filled) {
        filled.replace_range(range, "0");
    }
    Ok(Host::of_image(&filled))
}

/// The placeholder that keeps the registry of an image unknown.
fn in_host(image: &str) -> Option<Range<usize>> {
    let range = range_in(image)?;
    let (before, after) = (&image[..range.start], &image[range.end..]);
    let is_of_the_tag = before.contains([':', '@']) && !after.contains('/');
    (!before.contains('/') && !is_of_the_tag).then_some(range)
}

/// The first placeholder in a text that no shell reads.
pub(crate) fn range_in(text: &str) -> Option<Range<usize>> {
    placeholder::find(text, TextReader::Literal)
        .or_else(|| placeholder::is_variable(text).then_some(0..text.len()))
}

/// Refuses a definition for a placeholder in a value that the credentials depend on.
pub(super) fn refuse(definition: &LocatedService<'_>, value: Value<'_>) -> Option<WireRefusal> {
    let text = value.as_str()?;
    let range = range_in(&text)?;
    Some(refusal(definition, value, &text[range]))
}

/// The refusal for a placeholder.
pub(super) fn refusal(definition: &LocatedService<'_>, value: Value<'_>, placeholder: &str) -> WireRefusal {
    WireRefusal::not_for(RefusalReason {
        rule: &lint::UNFILLED_PLACEHOLDER,
        effect: Effect::Ignored,
        pointer: definition.pointer.clone(),
        range: value.range(),
        message: message(&definition.name(), placeholder),
        help: lint::template_help(placeholder).to_owned(),
    })
}

/// That nothing has filled in a placeholder of what has this name.
pub(crate) fn message(name: &str, placeholder: &str) -> String {
    format!("{name} is a template: nothing has filled in `{placeholder}`")
}
