//! The archive of `~/.docker` that the Docker Engine finds in the sandbox.

use std::fmt;

use serde_json::{Value as Json, json};

use crate::definition::{Containerizer, UNPACKED};
use crate::finding::Effect;
use crate::source::{Type, Value};
use crate::target::Release;

use super::WireOptions;
use super::container;
use super::definitions::{self, Definition};
use super::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use super::rules;

/// Marathon's limit for a fetch URI (`fetch[].uri`, 1.5 … 1.11).
const MAX_CHARACTERS: usize = 1024;

/// The URI of an archive with `.docker/config.json` in it, or of a `.dockercfg` for Docker before 1.6.
///
/// It may hold a password or a signature, so `Display` and `Debug` leave out user information and query.
#[derive(Clone, PartialEq, Eq)]
pub struct Archive {
    uri: String,
}

/// Why a text is not a URI for an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It is empty.
    #[error("the archive's URI is empty; give one such as file:///etc/docker.tar.gz")]
    Empty,
    /// Marathon takes 1024 characters.
    #[error("the archive's URI has {0} characters, and Marathon takes at most {MAX_CHARACTERS}")]
    TooLong(usize),
    /// A character that Marathon rejects (`URI has invalid syntax.`).
    #[error("Marathon rejects a URI with {0:?} in it; write it percent-encoded")]
    Character(char),
}

impl Archive {
    /// Takes a URI that Marathon accepts.
    ///
    /// # Errors
    /// When Marathon would reject it.
    pub fn new(uri: impl Into<String>) -> Result<Self, ArchiveError> {
        let uri = uri.into();
        if uri.is_empty() {
            return Err(ArchiveError::Empty);
        }
        let length = uri.chars().count();
        if length > MAX_CHARACTERS {
            return Err(ArchiveError::TooLong(length));
        }
        let refused = |c: char| c.is_control() || c.is_whitespace() || "<>\"{}|\\^`[]".contains(c);
        match uri.chars().find(|&c| refused(c)) {
            Some(c) => Err(ArchiveError::Character(c)),
            None => Ok(Self { uri }),
        }
    }

    /// The risks of fetching credentials from there, in sentences without a full stop.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let lower = self.uri.to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("ftp://") {
            warnings.push(format!("{self}: the credentials travel unencrypted; serve them over https"));
        }
        if shown(&self.uri) != self.uri && self.uri.contains('@') {
            warnings.push(format!("{self}: the user information in the URI is readable in the definition"));
        }
        let is_archive = UNPACKED.iter().any(|ending| lower.ends_with(ending));
        if !is_archive && !lower.ends_with(".dockercfg") {
            warnings.push(format!(
                "{self}: Mesos unpacks archives by the ending of their name (.tar.gz, .tgz, …), and the Docker Engine \
                 looks for .docker/config.json or .dockercfg in the sandbox: it will find neither"
            ));
        }
        if !lower.contains(':') && !lower.starts_with('/') {
            warnings.push(format!("{self}: neither a URI with a scheme nor an absolute path on the agents"));
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
    definition: &Definition<'_>,
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
    if let Some(entry) = fetched(fetch, &archive.uri) {
        not_unpacked(&entry, archive, &mut plan);
        return Ok(plan);
    }
    if elements(uris).any(|uri| uri.is_str(&archive.uri)) {
        return Ok(plan);
    }
    let style = style(fetch, uris, options.release);
    if style == "uris" && options.release > Release::V1_4 {
        plan.note(
            definitions::key_range(&definition.value, "uris").start,
            format!(
                "{} uses `uris`, so the archive went there: Marathon {} rejects `fetch` beside it",
                definition.name(),
                options.release
            ),
        );
    }
    let (entry, present) = match style {
        "uris" => (Json::from(archive.uri.as_str()), uris),
        _ => (json!({ "uri": archive.uri }), fetch),
    };
    let pointer = definition.pointer.key(style);
    plan.changes.push(match present {
        Some(_) => WireChange::Push(pointer, entry),
        None => WireChange::Set(pointer, json!([entry])),
    });
    plan.done.push(format!("fetch of {archive}"));
    Ok(plan)
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

fn fetched<'a>(fetch: Option<Value<'a>>, uri: &str) -> Option<Value<'a>> {
    elements(fetch).find(|entry| entry.get("uri").is_some_and(|value| value.is_str(uri)))
}

/// Notes on an archive that is fetched already, but where the Docker Engine does not find it.
fn not_unpacked(entry: &Value<'_>, archive: &Archive, plan: &mut WirePlan) {
    let packed = entry.get("extract").filter(|extract| extract.as_bool() == Some(false));
    if let Some(extract) = packed.filter(|_| !archive.uri.ends_with(".dockercfg")) {
        plan.note(
            extract.range().start,
            format!("{archive} is fetched but stays packed: `extract` is false"),
        );
    }
    if let Some(path) = definitions::get(entry, "destPath") {
        let message = format!(
            "{archive} is fetched to {}: the Docker Engine looks in the sandbox itself",
            path.source()
        );
        plan.note(path.range().start, message);
    }
}

fn list<'a>(definition: &Definition<'a>, name: &str) -> Result<Option<Value<'a>>, WireRefusal> {
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

fn never_read(definition: &Definition<'_>, range: std::ops::Range<usize>) -> WireRefusal {
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
