//! The credentials of private registries: Docker's config files, the archive and the secret that agents read, and wiring
//! them into definitions as edits of the text.
//!
//! There is one way per containerizer, and neither works with the other:
//! - the Docker Engine reads `.docker/config.json` (or `.dockercfg`) from the sandbox, so an archive of it is fetched:
//!   `fetch: [{"uri": "file:///etc/docker.tar.gz"}]`, or `uris` up to Marathon 1.4;
//! - the Universal Container Runtime (`MESOS`, and every pod) takes a secret (Marathon 1.5, feature `secrets`):
//!   `secrets.<name>.source` and `container.docker.pullConfig.secret`.
//!
//! All changes are planned on the text as it was given (`plan`), so that a finding points at the user's own lines and no
//! file is half-edited; only then is the text edited (`apply`).

mod apply;
mod archive;
mod certs;
pub mod check;
mod choice;
pub mod clock;
pub mod cluster;
pub mod config;
mod container;
mod convert;
mod definitions;
mod dropped;
pub mod expiry;
pub mod given;
pub mod helper;
pub mod import;
pub mod inspect;
mod layout;
mod login;
mod lookup;
pub mod merge;
pub mod pack;
mod plan;
mod pull;
mod rules;
mod secret;
pub mod sources;
mod template;
#[cfg(test)]
mod tests;
pub mod unpack;
pub mod usage;

use crate::definition::Containerizer;
use crate::finding::{Effect, Finding};
use crate::image::Host;
use crate::source::{Document, EditError, Kind, Pointer};
use crate::target::{Release, Settings};

#[cfg(feature = "net")]
pub(crate) use archive::shown as shown_uri;
pub use archive::{Archive, ArchiveUriError, Look};
pub use login::{Login, LoginError, LoginProof};
pub use lookup::{Missing, look_up};
pub use plan::WireNote;
pub use pull::{Pull, SandboxFile, Source, pulls};
pub(crate) use rules::RULES;
pub use secret::{Secret, SecretError};
pub use template::{UnfilledService, unfilled};
#[cfg(feature = "net")]
pub(crate) use template::{message as template_message, range_in as placeholder_in};

use definitions::LocatedService;
use plan::{WirePlan, WireRefusal};

/// The default name of the secret in a definition.
pub const DEFAULT_SECRET_NAME: &str = "pullConfigSecret";

/// What is wired into a definition.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An archive in the sandbox, for the Docker Engine.
    Archive(Archive),
    /// A secret, for the Universal Container Runtime.
    Secret {
        /// The secret.
        secret: Secret,
        /// Whether an app on the Docker Engine is moved to the Universal Container Runtime for it.
        convert: bool,
    },
    /// To each what its containerizer takes.
    Both {
        /// For apps on the Docker Engine.
        archive: Archive,
        /// For pods, and for apps on the Universal Container Runtime.
        secret: Secret,
    },
    /// The certificates of registries that the agent trusts, for a Docker inside the app's container.
    DockerCerts,
}

/// What to wire, and into which containers.
#[derive(Clone, Debug)]
pub struct WireOptions {
    /// The credentials.
    pub credential: Credential,
    /// The names of the pod containers to wire; all that have an image when absent.
    pub containers: Option<Vec<String>>,
    /// The registries that the credentials are for; what pulls from others is left alone. All when there are none.
    pub registries: Vec<Host>,
    /// The Marathon the definitions are for.
    pub release: Release,
    /// A way to look into fetched files: an archive that holds credentials goes where UCR does not read them.
    pub look: fn(&str) -> Look,
}

impl WireOptions {
    /// For all containers and registries.
    #[must_use]
    pub fn new(credential: Credential, release: Release) -> Self {
        Self { credential, containers: None, registries: Vec::new(), release, look: |_| Look::Unknown }
    }
}

/// A definition that has its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wired {
    /// Its name in messages: `app "/shop/web"`.
    pub name: String,
    /// The changes, in a few words each; empty when it had the credentials already.
    pub done: Vec<String>,
}

/// The result of wiring a document.
#[derive(Clone, Debug)]
pub struct WireResult {
    /// The document with the credentials; unchanged text when it had them already.
    pub document: Document,
    /// The definitions that have the credentials, in the order of the text.
    pub wired: Vec<Wired>,
    /// What the user should know about them.
    pub notes: Vec<WireNote>,
    /// Why other definitions of the document are left out.
    pub skipped: Vec<Finding>,
}

impl WireResult {
    /// Whether the text changed.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.wired.iter().any(|wired| !wired.done.is_empty())
    }
}

/// Why a document is left unchanged.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The credentials collide with what is there. Never empty.
    #[error("the credentials cannot be wired")]
    Refused(Vec<Finding>),
    /// The credentials are for none of its definitions. Never empty.
    #[error("the credentials are for none of the definitions")]
    NotFor(Vec<Finding>),
    /// The text cannot be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Wires the credentials into every definition of the document that they are for: the app or pod itself, or each app of
/// a group or a list. Wiring again changes nothing.
///
/// # Errors
/// When they are for none of the definitions, when one of the definitions has other credentials, or when the text is YAML
/// in a notation that is not edited.
pub fn wire(document: Document, kind: Kind, options: &WireOptions) -> Result<WireResult, WireError> {
    let (mut wired, mut notes) = (Vec::new(), Vec::new());
    let (mut skipped, mut clashes, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    let definitions = definitions::definitions(&document, kind);
    let mut changes = vec![Vec::new(); definitions.len()];
    for (definition, changes) in definitions.iter().zip(&mut changes) {
        match plan(definition, options) {
            Ok(plan) => {
                wired.push(Wired { name: definition.name(), done: plan.done });
                notes.extend(plan.notes);
                notes.extend(plan.dropped);
                *changes = plan.changes;
            }
            Err(WireRefusal::NotFor(reasons)) => skipped.extend(reasons),
            Err(WireRefusal::Clash(reasons)) => clashes.extend(reasons),
            Err(WireRefusal::Elsewhere(reasons)) => elsewhere.extend(reasons),
        }
    }
    if !clashes.is_empty() {
        return Err(WireError::Refused(clashes));
    }
    if definitions.is_empty() {
        return Err(WireError::NotFor(vec![nothing_to_wire(&document, kind)]));
    }
    if wired.is_empty() && elsewhere.is_empty() {
        return Err(WireError::NotFor(skipped));
    }
    skipped.extend(elsewhere);
    skipped.sort_by_key(|found| found.range.start);
    let document = apply::apply(document, kind, &changes)?;
    Ok(WireResult { document, wired, notes, skipped })
}

/// The finding for config files of which agents read one that cannot be told: their names, joined by "and".
#[cfg(feature = "net")]
pub(crate) fn overwritten(names: &str) -> check::ConfigFinding {
    check::ConfigFinding::warning(
        &crate::rule::OVERWRITTEN,
        format!("{names} put `.docker/config.json` into one sandbox, and which one stays cannot be told"),
        "put the credentials of all registries into one archive, and fetch only that",
    )
}

/// Corrects lint's findings on the archives of a document's apps, which go by names, by a look into those that are here.
pub(crate) fn look_into_archives(
    document: &Document,
    (kind, settings): (Kind, &Settings),
    look: fn(&str) -> Look,
    findings: &mut Vec<Finding>,
) {
    for definition in definitions::definitions(document, kind) {
        archive::looked_into(&definition, look, settings, findings);
    }
    findings.sort_by_key(|finding| finding.range.start);
}

/// An app that was moved to the Universal Container Runtime.
pub(crate) struct Moved {
    pub(crate) pointer: Pointer,
    /// The changes, in a few words each.
    pub(crate) done: Vec<String>,
    /// What the user should know about it.
    pub(crate) notes: Vec<String>,
    /// Whether it pulls with a secret now.
    pub(crate) has_secret: bool,
    /// Whether a port mapping became two.
    pub(crate) has_split: bool,
}

/// Moves the wanted apps of a document from the Docker Engine to the Universal Container Runtime. Apps that need the
/// Docker Engine stay; the findings say why. With `secret` all of them pull with it; without it, apps that fetch an archive
/// of credentials stay.
pub(crate) fn to_ucr(
    document: Document,
    kind: Kind,
    (secret, look): (Option<&Secret>, fn(&str) -> Look),
    is_wanted: &dyn Fn(&Pointer) -> bool,
) -> Result<(Document, Vec<Moved>, Vec<Finding>), EditError> {
    let (mut moved, mut stay) = (Vec::new(), Vec::new());
    let definitions = definitions::definitions(&document, kind);
    let mut changes = vec![Vec::new(); definitions.len()];
    for (definition, changes) in definitions.into_iter().zip(&mut changes) {
        if !is_wanted(&definition.pointer) {
            continue;
        }
        match convert::alone(&definition, secret, look) {
            Some(Ok((plan, has_secret))) => {
                *changes = plan.changes;
                moved.push(Moved {
                    pointer: definition.pointer.clone(),
                    done: plan.done,
                    notes: plan.notes.into_iter().map(|note| note.text).collect(),
                    has_secret,
                    has_split: plan.has_split,
                });
            }
            Some(Err(
                WireRefusal::NotFor(reasons) | WireRefusal::Clash(reasons) | WireRefusal::Elsewhere(reasons),
            )) => stay.extend(reasons),
            None => {}
        }
    }
    Ok((apply::apply(document, kind, &changes)?, moved, stay))
}

fn plan(definition: &LocatedService<'_>, options: &WireOptions) -> Result<WirePlan, WireRefusal> {
    choice::pulls_from(definition, options)?;
    match &options.credential {
        Credential::Archive(archive) => archive::plan(definition, archive, options),
        Credential::Secret { secret, convert } => secret::plan(definition, secret, *convert, options),
        Credential::Both { archive, secret } => match choice::containerizer(definition)? {
            Containerizer::Docker => archive::plan(definition, archive, options),
            Containerizer::Mesos => secret::plan(definition, secret, false, options),
        },
        Credential::DockerCerts => certs::plan(definition, options),
    }
}

fn nothing_to_wire(document: &Document, kind: Kind) -> Finding {
    let start = document.root().range().start;
    Finding {
        rule: &rules::NOTHING_TO_WIRE,
        effect: Effect::Ignored,
        pointer: Pointer::root(),
        message: match kind {
            Kind::Group => {
                "there is no app in this group (pods in a group are ignored by Marathon)".to_owned()
            }
            _ => "there is no app in this list".to_owned(),
        },
        help: None,
        range: start..start + 1,
        answer: None,
        refusal: None,
        fix: None,
    }
}
