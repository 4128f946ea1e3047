//! What definitions pull from where, and with which secrets.

use crate::definition::id::AbsoluteId;
use crate::definition::secret_path::may_read;
use crate::source::{Document, Kind};

use super::definitions::{self, Definition};
use super::pull::pulls;
use crate::image::Host;

/// An image in a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedImage {
    /// The image as it is written.
    pub name: String,
    /// The registry it comes from.
    pub host: Host,
}

/// The images in a document, in the order of the text. One whose registry cannot be made out, such as a placeholder, is
/// left out.
#[must_use]
pub fn images(document: &Document, kind: Kind) -> Vec<UsedImage> {
    let names = pulls(document, kind).into_iter().filter_map(|pull| pull.image.as_str());
    names
        .filter_map(|name| Host::of_image(&name).map(|host| UsedImage { name: name.into_owned(), host }))
        .collect()
}

/// The definitions in a document whose services may not read the secret at `path`, by the rule of the secret store of
/// DC/OS Enterprise (`unreachable-secret`): what to call each.
#[must_use]
pub fn out_of_reach(document: &Document, kind: Kind, path: &str) -> Vec<String> {
    definitions::definitions(document, kind)
        .iter()
        .filter(|definition| {
            let id = definition.get("id").and_then(|id| id.as_str().map(String::from));
            // A relative id is below a group that is not known here.
            id.is_some_and(|id| id.starts_with('/') && !may_read(path, &AbsoluteId::parse(&id)))
        })
        .map(Definition::name)
        .collect()
}
