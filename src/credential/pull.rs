//! The images that definitions pull, and the source of the credentials for each.

use crate::definition::{Containerizer, FetchedCredentials, file_name, is_extracted_by_name};
use crate::source::{Document, Kind, Pointer, Value};
use crate::target::Release;

use super::archive::shown;
use super::container;
use super::definitions::{self, Definition};

/// An image that a definition pulls.
pub struct Pull<'d> {
    /// The service in messages: `app "/shop/web"`, or `pod "/shop/db", container "db"`.
    pub who: String,
    /// The value that names the image.
    pub image: Value<'d>,
    /// The pointer to that value.
    pub pointer: Pointer,
    /// What pulls the image: `MESOS` for UCR and pods.
    pub containerizer: Containerizer,
    /// The source of its credentials.
    pub source: Source,
    /// A fetched archive that is never read, as a sentence.
    pub unread: Option<String>,
}

/// Where the credentials for a pull come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The definition names none: what agents give every pull, if anything.
    Cluster,
    /// An archive, or a `.dockercfg`, that is fetched into the sandbox: its URI.
    Archive(String),
    /// A secret (`pullConfig`).
    Secret {
        /// Its name in the definition.
        name: String,
        /// Its path in the secret store; `None` where the definition does not define the secret.
        path: Option<String>,
    },
}

/// All pulls of the definitions in a document, in the order of the text.
#[must_use]
pub fn pulls(document: &Document, kind: Kind) -> Vec<Pull<'_>> {
    let mut found = Vec::new();
    for definition in definitions::definitions(document, kind) {
        if definition.is_pod {
            of_pod(&definition, &mut found);
        } else {
            found.extend(of_app(&definition));
        }
    }
    found
}

fn of_app<'d>(definition: &Definition<'d>) -> Option<Pull<'d>> {
    let container = container::of(definition).ok()?;
    let image = definitions::get(&container.docker, "image")?;
    let containerizer = container.containerizer;
    let (source, unread) = match containerizer {
        Containerizer::Docker => of_sandbox(definition),
        Containerizer::Mesos => (of_secret(definition, &container.docker), None),
    };
    let pointer = definition.pointer.key("container").key("docker").key("image");
    Some(Pull { who: definition.name(), image, pointer, containerizer, source, unread })
}

fn of_pod<'d>(definition: &Definition<'d>, found: &mut Vec<Pull<'d>>) {
    let Some(containers) = definition.get("containers") else { return };
    for (index, container) in containers.elements().enumerate() {
        let Some(image) = definitions::get(&container, "image") else { continue };
        let is_docker = definitions::get(&image, "kind")
            .and_then(|kind| Some(kind.as_str()?.eq_ignore_ascii_case("DOCKER")));
        let Some(id) = definitions::get(&image, "id").filter(|_| is_docker.unwrap_or(true)) else { continue };
        let name = container.get("name").map_or("without a name", |name| name.source());
        found.push(Pull {
            who: format!("{}, container {name}", definition.name()),
            image: id,
            pointer: definition.pointer.key("containers").index(index).key("image").key("id"),
            containerizer: Containerizer::Mesos,
            source: of_secret(definition, &image),
            unread: None,
        });
    }
}

/// The secret that the object with the image names.
fn of_secret(definition: &Definition<'_>, holder: &Value<'_>) -> Source {
    let named = definitions::get(holder, "pullConfig").and_then(|config| config.get("secret")?.as_str());
    let Some(name) = named else { return Source::Cluster };
    let secret = definition.get("secrets").and_then(|secrets| secrets.get(&name));
    let path = secret.and_then(|secret| Some(secret.get("source")?.as_str()?.into_owned()));
    Source::Secret { name: name.into_owned(), path }
}

/// The fetched file in which the Docker Engine's client finds credentials, and one that it would not find.
fn of_sandbox(definition: &Definition<'_>) -> (Source, Option<String>) {
    let mut unread = None;
    let list = |name| definition.get(name).into_iter().flat_map(|list| list.elements());
    let fetched = list("fetch").filter_map(|entry| {
        let uri = entry.get("uri")?.as_str()?;
        let is_extracted = definitions::get(&entry, "extract").and_then(|extract| extract.as_bool());
        let to = definitions::get(&entry, "destPath").and_then(|to| to.as_str().map(String::from));
        Some((uri, is_extracted, to))
    });
    let named = list("uris").filter_map(|uri| Some((uri.as_str()?, None, None)));
    for (uri, is_extracted, to) in fetched.chain(named) {
        let place = to.as_deref().unwrap_or(file_name(&uri)).trim_start_matches("./");
        if matches!(place, ".dockercfg" | ".docker/config.json") {
            return (Source::Archive(uri.into_owned()), None);
        }
        if FetchedCredentials::of(&uri).is_none() {
            continue;
        }
        let is_extracted = is_extracted.unwrap_or_else(|| is_extracted_by_name(&uri, Release::LATEST));
        if is_extracted && to.is_none() {
            return (Source::Archive(uri.into_owned()), None);
        }
        let fault = if is_extracted { "not into the sandbox itself" } else { "it stays packed" };
        unread.get_or_insert_with(|| format!("{} is fetched, but {fault}", shown(&uri)));
    }
    (Source::Cluster, unread)
}
