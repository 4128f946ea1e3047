//! The archive of `~/.docker` that the Docker Engine finds in the sandbox.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Value as Json, json};

use crate::definition::{Containerizer, CredentialsForm, Fetched, Unpacking, Unread};
use crate::finding::Effect;
use crate::image::Host;
use crate::source::{Type, Value};
use crate::target::Release;
use crate::util::text::listed;

use super::WireOptions;
use super::container;
use super::definitions::{self, LocatedService};
use super::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use super::rules;

mod looked_into;
mod overwritten;
mod place;
mod seen;

pub(super) use looked_into::looked_into;
use place::{make_readable, no_destination, place_of};

/// Marathon's limit for a fetch URI (`fetch[].uri`, 1.5 … 1.11).
const MAX_CHARACTERS: usize = 1024;

/// The URI of an archive with `.docker/config.json` in it, or of a `.dockercfg` for Docker before 1.6.
///
/// It may hold a password or a signature, so `Display` and `Debug` leave out user information and query.
#[derive(Clone)]
pub struct Archive {
    uri: String,
    look: fn(&str) -> Look,
}

/// What a look into the file at a URI shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It cannot be opened here.
    Unknown,
    /// It holds no credentials where the Docker Engine looks.
    Nothing,
    /// It holds credentials for these registries.
    Holds(Vec<Host>),
    /// It holds credentials for these registries, and files that the app may need.
    HoldsMore(Vec<Host>),
}

/// Why a text is not a URI for an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveUriError {
    /// It is empty.
    #[error("the archive's URI is empty; give one such as file:///etc/docker.tar.gz")]
    Empty,
    /// Marathon takes 1024 characters.
    #[error("the archive's URI has {0} characters, and Marathon takes at most {MAX_CHARACTERS}")]
    TooLong(usize),
    /// A character that Marathon rejects (`URI has invalid syntax.`).
    #[error("Marathon rejects a URI with {0:?} in it; write it percent-encoded")]
    Character(char),
    /// No agent can fetch it.
    #[error("no agent can fetch {uri}: {why}; {help}")]
    Unfetchable {
        /// The URI, without secrets.
        uri: String,
        /// A part of a sentence.
        why: String,
        /// What to do.
        help: &'static str,
    },
}

impl Archive {
    /// Takes a URI that Marathon accepts.
    ///
    /// # Errors
    /// When Marathon would reject it.
    pub fn new(uri: impl Into<String>) -> Result<Self, ArchiveUriError> {
        let uri = uri.into();
        if uri.is_empty() {
            return Err(ArchiveUriError::Empty);
        }
        let length = uri.chars().count();
        if length > MAX_CHARACTERS {
            return Err(ArchiveUriError::TooLong(length));
        }
        let refused = |c: char| c.is_control() || c.is_whitespace() || "<>\"{}|\\^`[]".contains(c);
        if let Some(c) = uri.chars().find(|&c| refused(c)) {
            return Err(ArchiveUriError::Character(c));
        }
        let archive = Self { uri, look: |_| Look::Unknown };
        match archive.fetched().fault().filter(|fault| fault.is_certain()) {
            Some(fault) => Err(ArchiveUriError::Unfetchable {
                uri: shown(&archive.uri),
                why: fault.to_string(),
                help: fault.help(),
            }),
            None => Ok(archive),
        }
    }

    /// The same, with a way to look into fetched files: it tells which of them hold credentials.
    #[must_use]
    pub fn looking(self, look: fn(&str) -> Look) -> Self {
        Self { look, ..self }
    }

    /// The entry of `fetch` that is written for it: with a `destPath` where the fetcher would leave it packed, or put it to
    /// another place than Docker looks in.
    fn fetched(&self) -> Fetched<'_> {
        let plain = Fetched {
            uri: Cow::Borrowed(&self.uri),
            extract: true,
            executable: false,
            cache: false,
            destination: None,
        };
        plain.made_readable()
    }

    /// The risks of fetching credentials from there, in sentences without a full stop.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.uri.starts_with("http://") || self.uri.starts_with("ftp://") {
            warnings.push(format!("{self}: the credentials travel unencrypted; serve them over https"));
        }
        if shown(&self.uri) != self.uri && self.uri.contains('@') {
            warnings.push(format!("{self}: the user information in the URI is readable in the definition"));
        }
        let fetched = self.fetched();
        if let Some(fault) = fetched.fault() {
            warnings.push(format!("{self}: not every agent can fetch this: {fault}; {}", fault.help()));
        }
        match fetched.credentials().map(|found| found.form) {
            Some(CredentialsForm::Dockercfg) => warnings.push(format!(
                "{self}: Docker 23 and later do not read .dockercfg; an archive with .docker/config.json works with all"
            )),
            Some(CredentialsForm::Config) => {}
            Some(CredentialsForm::Archive) | None => {
                // Only what names an archive can be told from its name.
                if fetched.destination.is_some() && !fetched.is_archive_by_uri() {
                    warnings.push(format!(
                        "{self}: its name does not say that it is an archive, so it is fetched as {}, and has to be a tar \
                         file packed with gzip",
                        fetched.written_path()
                    ));
                }
            }
        }
        warnings
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.uri))
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Archive").field(&shown(&self.uri)).finish()
    }
}

/// A URI without its user information and query, which may hold passwords and signatures.
pub(crate) fn shown(uri: &str) -> String {
    let (address, query) = uri.split_once('?').map_or((uri, ""), |(address, _)| (address, "?…"));
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}{query}")
        }
        None => format!("{address}{query}"),
    }
}

/// Plans the fetch of the archive for one definition.
pub(super) fn plan(
    definition: &LocatedService<'_>,
    archive: &Archive,
    options: &WireOptions,
) -> Result<WirePlan, WireRefusal> {
    if definition.is_pod {
        return Err(never_read(definition, definitions::key_range(&definition.value, "containers")));
    }
    container::only_one(definition, options)?;
    let container = container::of(definition)?;
    if container.containerizer == Containerizer::Mesos {
        return Err(never_read(definition, container.type_range));
    }
    let fetch = list(definition, "fetch")?;
    let uris = list(definition, "uris")?;
    let mut plan = WirePlan::default();
    let is_there = match place_of(archive, [("fetch", fetch), ("uris", uris)]) {
        Some(place) => {
            make_readable(definition, archive, &place, &mut plan)?;
            true
        }
        None => add(definition, archive, [fetch, uris], options.release, &mut plan)?,
    };
    let mut has_replaced = false;
    for (name, entries) in [("fetch", fetch), ("uris", uris)] {
        has_replaced |= replace(definition, archive, name, entries, is_there, &mut plan);
    }
    // Where another one was replaced, that was the one with credentials.
    if !is_there && !has_replaced {
        tell_of_others(archive, [fetch, uris], &mut plan);
    }
    Ok(plan)
}

/// Names the archives that stay beside the new one, and may hold credentials: nobody can look into them here.
fn tell_of_others(archive: &Archive, lists: [Option<Value<'_>>; 2], plan: &mut WirePlan) {
    let unknown = lists.into_iter().flat_map(elements).filter_map(|entry| {
        let other = Fetched::of(&entry, Release::LATEST)?;
        let stays = other.uri != archive.uri
            && other.unpacking() == Unpacking::Archive
            && other.credentials().is_none()
            && (archive.look)(&other.uri) == Look::Unknown;
        stays.then(|| (entry.range().start, shown(&other.uri)))
    });
    let (places, names): (Vec<usize>, Vec<String>) = unknown.unzip();
    let (Some(place), [first, more @ ..]) = (places.first(), names.as_slice()) else { return };
    let said = if more.is_empty() {
        format!(
            "{first} stays, and cannot be looked into here; if it holds credentials too, which of the two config.json stays \
             cannot be told: remove it"
        )
    } else {
        format!(
            "{} stay, and cannot be looked into here; if one of them holds credentials too, which config.json stays cannot be \
             told: remove it",
            listed(&names)
        )
    };
    plan.note(*place, said);
}

/// Adds the archive; always false, since it was not there.
fn add(
    definition: &LocatedService<'_>,
    archive: &Archive,
    [fetch, uris]: [Option<Value<'_>>; 2],
    release: Release,
    plan: &mut WirePlan,
) -> Result<bool, WireRefusal> {
    let file = archive.fetched();
    let style = style(fetch, uris, release);
    // `uris` cannot say where to write a file.
    let style = if file.destination.is_some() && elements(uris).next().is_none() { "fetch" } else { style };
    if style == "uris" && file.destination.is_some() {
        return Err(no_destination(definition, archive, definitions::key_range(&definition.value, "uris")));
    }
    if style == "uris" && release > Release::V1_4 {
        plan.note(
            definitions::key_range(&definition.value, "uris").start,
            format!(
                "{} uses `uris`, so the archive went there: Marathon {release} rejects `fetch` beside it",
                definition.name(),
            ),
        );
    }
    let (entry, present) = match (style, file.destination.as_deref()) {
        ("uris", _) => (Json::from(archive.uri.as_str()), uris),
        (_, Some(path)) => (json!({ "uri": archive.uri, "destPath": path }), fetch),
        _ => (json!({ "uri": archive.uri }), fetch),
    };
    let pointer = definition.pointer.key(style);
    plan.changes.push(match present {
        Some(_) => WireChange::Push(pointer, entry),
        None => WireChange::Set(pointer, json!([entry])),
    });
    plan.done.push(format!("fetch of {archive}"));
    Ok(false)
}

/// Removes other credentials from a list: each would put another config.json into the same sandbox. Whether there were any.
fn replace(
    definition: &LocatedService<'_>,
    archive: &Archive,
    name: &str,
    entries: Option<Value<'_>>,
    is_there: bool,
    plan: &mut WirePlan,
) -> bool {
    let mut indices = Vec::new();
    for (index, entry) in elements(entries).enumerate() {
        let Some(old) = Fetched::of(&entry, Release::LATEST).filter(|old| old.uri != archive.uri) else {
            continue;
        };
        let look = (archive.look)(&old.uri);
        let holds = match &look {
            Look::Holds(_) => old.unpacking() == Unpacking::Archive || old.credentials().is_some(),
            Look::HoldsMore(_) if old.unpacking() == Unpacking::Archive => {
                let old = shown(&old.uri);
                plan.note(
                    entry.range().start,
                    format!(
                        "{old} is still fetched, because it has other files, too; its .docker/config.json and that of \
                         {archive} overwrite each other: take the credentials out of {old}"
                    ),
                );
                false
            }
            Look::Nothing | Look::HoldsMore(_) => false,
            Look::Unknown => old.credentials().is_some(),
        };
        if !holds {
            continue;
        }
        indices.push(index);
        let shown_old = shown(&old.uri);
        plan.done.push(format!("no more fetch of {shown_old}"));
        let whose = whose(&look, &(archive.look)(&archive.uri), archive);
        let what = if is_there {
            format!("{shown_old} is no longer fetched beside {archive}")
        } else {
            format!("{archive} takes the place of {shown_old}")
        };
        let forms =
            [old.credentials(), archive.fetched().credentials()].map(|found| found.map(|found| found.form));
        let why = if is_left_packed(&old) {
            "the fetcher leaves it packed, so that nothing reads the credentials in it"
        } else if forms.contains(&Some(CredentialsForm::Dockercfg)) {
            "Docker reads a .dockercfg only where there is no .docker/config.json"
        } else {
            "both would put a config.json into the same sandbox, and which one stays cannot be told"
        };
        plan.note(entry.range().start, format!("{what}: {why}{whose}"));
    }
    let has_others = !indices.is_empty();
    if has_others {
        plan.changes.push(WireChange::RemoveElements(definition.pointer.key(name), indices));
    }
    has_others
}

/// Whether it is called like an archive of credentials that is never unpacked.
fn is_left_packed(file: &Fetched<'_>) -> bool {
    file.credentials().is_some_and(|found| matches!(found.unread, Some(Unread::Packed(_))))
}

/// Which registries the new archive has to hold because the old one did, as a part of a sentence.
fn whose(old: &Look, new: &Look, archive: &Archive) -> String {
    match (old, new) {
        (Look::Holds(old), Look::Holds(new) | Look::HoldsMore(new)) => {
            let lost: Vec<String> =
                old.iter().filter(|host| !new.contains(host)).map(Host::to_string).collect();
            if lost.is_empty() {
                String::new()
            } else {
                format!("; {archive} has no credentials for {}: add them if they are needed", lost.join(", "))
            }
        }
        (Look::Holds(old), _) => {
            let old: Vec<String> = old.iter().map(Host::to_string).collect();
            format!("; make sure that {archive} has the credentials for {}", old.join(", "))
        }
        _ => format!("; make sure that {archive} has the credentials of both"),
    }
}

/// The list that takes the archive. Marathon rejects a definition with entries in both (MAR-FET-003, all releases), so
/// the list in use is taken; without one, the list that the release itself writes.
fn style(fetch: Option<Value<'_>>, uris: Option<Value<'_>>, release: Release) -> &'static str {
    if elements(fetch).next().is_some() {
        "fetch"
    } else if elements(uris).next().is_some() || (release <= Release::V1_4 && fetch.is_none()) {
        "uris"
    } else {
        "fetch"
    }
}

fn elements(list: Option<Value<'_>>) -> impl Iterator<Item = Value<'_>> {
    list.into_iter().flat_map(|list| list.elements())
}

/// Whether an entry of `fetch` or `uris` has this URI.
fn is_of(entry: &Value<'_>, uri: &str) -> bool {
    entry.is_str(uri) || entry.get("uri").is_some_and(|value| value.is_str(uri))
}

fn list<'a>(definition: &LocatedService<'a>, name: &str) -> Result<Option<Value<'a>>, WireRefusal> {
    match definition.get(name) {
        Some(value) if value.kind() != Type::Array => Err(WireRefusal::clash(RefusalReason {
            rule: &rules::NOT_A_LIST,
            effect: Effect::Rejected,
            pointer: definition.pointer.key(name),
            range: value.range(),
            message: format!(
                "`{name}` of {} is {}, not an array",
                definition.name(),
                value.kind().with_article()
            ),
            help: String::new(),
        })),
        other => Ok(other),
    }
}

fn never_read(definition: &LocatedService<'_>, range: std::ops::Range<usize>) -> WireRefusal {
    let name = definition.name();
    WireRefusal::not_for(RefusalReason {
        rule: &rules::ARCHIVE_NEEDS_DOCKER_ENGINE,
        effect: Effect::Ignored,
        pointer: definition.pointer.clone(),
        range,
        message: format!(
            "{name} runs on the Universal Container Runtime, which never reads a credentials archive"
        ),
        help: "give it the credentials as a secret: `--secret SOURCE` instead of `--archive URI`".to_owned(),
    })
}
