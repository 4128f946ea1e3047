//! The images that definitions pull, and the source of the credentials for each.

use crate::definition::{Containerizer, CredentialsForm, Fetched, Packed, Unpacking, Unread};
use crate::source::{Document, Kind, Pointer, Value};
use crate::target::Release;

use super::archive::shown;
use super::container;
use super::definitions::{self, LocatedService};

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
    /// Fetched credentials that are never read, as a sentence.
    pub unread: Option<String>,
}

/// Where the credentials for a pull come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The definition names none: what agents give every pull, if anything.
    Cluster,
    /// Files that are fetched into the sandbox, where credentials are or may be; at least one.
    Sandbox(Vec<SandboxFile>),
    /// Credentials that no agent can fetch, so that no instance starts: why, and what to do.
    Unfetchable(String, &'static str),
    /// A secret (`pullConfig`).
    Secret {
        /// Its name in the definition.
        name: String,
        /// Its path in the secret store; `None` where the definition does not define the secret.
        path: Option<String>,
    },
}

/// A file in the sandbox that holds credentials, or may hold some.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SandboxFile {
    /// Its URI.
    pub uri: String,
    /// Its form.
    pub form: CredentialsForm,
    /// Whether it is called like credentials. Only a look into any other archive can tell.
    pub is_called_so: bool,
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

fn of_app<'d>(definition: &LocatedService<'d>) -> Option<Pull<'d>> {
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

fn of_pod<'d>(definition: &LocatedService<'d>, found: &mut Vec<Pull<'d>>) {
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
fn of_secret(definition: &LocatedService<'_>, holder: &Value<'_>) -> Source {
    let named = definitions::get(holder, "pullConfig").and_then(|config| config.get("secret")?.as_str());
    let Some(name) = named else { return Source::Cluster };
    let secret = definition.get("secrets").and_then(|secrets| secrets.get(&name));
    let path = secret.and_then(|secret| Some(secret.get("source")?.as_str()?.into_owned()));
    Source::Secret { name: name.into_owned(), path }
}

/// The fetched files in which the Docker Engine's client finds credentials, or may find some, and those that it would not
/// find, as a sentence.
fn of_sandbox(definition: &LocatedService<'_>) -> (Source, Option<String>) {
    let (mut files, mut unread) = (Vec::new(), None);
    let lists = ["fetch", "uris"].into_iter().filter_map(|name| definition.get(name));
    for entry in lists.flat_map(|list| list.elements().collect::<Vec<_>>()) {
        let Some(file) = Fetched::of(&entry, Release::LATEST) else { continue };
        let found = match file.credentials() {
            Some(found) => match found.unread {
                None => Some((found.form, true)),
                Some(Unread::Fault(fault)) => {
                    let why =
                        format!("no agent can fetch {}, so no instance starts: {fault}", shown(&file.uri));
                    return (Source::Unfetchable(why, fault.help()), None);
                }
                Some(Unread::Packed(why)) => {
                    unread.get_or_insert_with(|| {
                        format!("{} is fetched, but {}", shown(&file.uri), stays_packed(why))
                    });
                    None
                }
                Some(Unread::Elsewhere) => {
                    unread.get_or_insert_with(|| {
                        format!(
                            "{} is fetched to another place than the Docker Engine looks in",
                            shown(&file.uri)
                        )
                    });
                    None
                }
            },
            None => (file.unpacking() == Unpacking::Archive).then_some((CredentialsForm::Archive, false)),
        };
        let found =
            found.map(|(form, is_called_so)| SandboxFile { uri: file.uri.into_owned(), form, is_called_so });
        files.extend(found.filter(|new| !files.contains(new)));
    }
    (if files.is_empty() { Source::Cluster } else { Source::Sandbox(files) }, unread)
}

fn stays_packed(why: Packed) -> &'static str {
    match why {
        Packed::NotAsked => "it stays packed: `extract` is false",
        Packed::Executable => "it stays packed: it is `executable`",
        Packed::Name => "it stays packed: the name that it gets does not end like that of an archive",
    }
}
