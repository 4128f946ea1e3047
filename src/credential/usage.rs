//! The registries that definitions pull from, and the services that may not read a secret.

use crate::definition::id::AbsoluteId;
use crate::definition::secret_path::may_read;
use crate::source::{Document, Kind};

use super::definitions::{self, LocatedService};
use super::pull::pulls;
use super::template::registry_of;
use crate::image::Host;

/// An image in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedImage {
    /// The image as it is written.
    pub name: String,
    /// The registry it comes from.
    pub host: Host,
}

/// The images in a document, in the order of the text. Images without a readable registry, such as placeholders, are left
/// out.
#[must_use]
pub fn images(document: &Document, kind: Kind) -> Vec<UsedImage> {
    let names = pulls(document, kind).into_iter().filter_map(|pull| pull.image.as_str());
    let used = |name: std::borrow::Cow<'_, str>| {
        let host = registry_of(&name).ok().flatten()?;
        Some(UsedImage { name: name.into_owned(), host })
    };
    names.filter_map(used).collect()
}

/// The names of the definitions whose services may not read the secret at `path`, by the rule of the secret store of DC/OS
/// Enterprise (`unreachable-secret`).
#[must_use]
pub fn out_of_reach(document: &Document, kind: Kind, path: &str) -> Vec<String> {
    definitions::definitions(document, kind)
        .iter()
        .filter(|definition| {
            let id = definition.get("id").and_then(|id| id.as_str().map(String::from));
            // The group of a relative id is not known here.
            id.is_some_and(|id| id.starts_with('/') && !may_read(path, &AbsoluteId::parse(&id)))
        })
        .map(LocatedService::name)
        .collect()
}
