//! The credentials of private registries: Docker's config files, the archive and the secret that agents get them from,
//! and giving them to definitions, as edits to their text.
//!
//! There are two ways, one per containerizer, and neither works with the other:
//! - the Docker Engine reads `.docker/config.json` (or `.dockercfg`) from the sandbox, so an archive of it is fetched:
//!   `fetch: [{"uri": "file:///etc/docker.tar.gz"}]`, or `uris` up to Marathon 1.4;
//! - the Universal Container Runtime (`MESOS`, and every pod) takes a secret (Marathon 1.5, feature `secrets`):
//!   `secrets.<name>.source` and `container.docker.pullConfig.secret`.
//!
//! Everything is decided on the text as it was given (`plan`), so that a refusal points at the user's own lines and
//! nothing is half-done; only then is it edited.

mod apply;
mod archive;
mod certs;
pub mod check;
pub mod clock;
pub mod cluster;
pub mod config;
mod container;
mod convert;
mod definitions;
pub mod expiry;
pub mod helper;
pub mod import;
pub mod inspect;
mod login;
mod lookup;
pub mod merge;
pub mod pack;
mod plan;
mod pull;
mod rules;
mod secret;
#[cfg(test)]
mod tests;
pub mod unpack;
pub mod usage;

use crate::finding::{Effect, Finding};
use crate::source::{Document, EditError, Kind, Pointer};
use crate::target::Release;

#[cfg(feature = "net")]
pub(crate) use archive::shown as shown_uri;
pub use archive::{Archive, ArchiveError};
pub use login::{Login, LoginError, LoginProof};
pub use lookup::{Missing, look_up};
pub use plan::WireNote;
pub use pull::{Pull, Source, pulls};
pub(crate) use rules::RULES;
pub use secret::{Secret, SecretError};

use definitions::Definition;
use plan::{WirePlan, WireRefusal};

/// The secret's name in a definition when nobody says otherwise.
pub const DEFAULT_SECRET_NAME: &str = "pullConfigSecret";

/// Where the credentials come from.
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
    /// The certificates of registries that the agent trusts, for a Docker inside the app's container.
    DockerCerts,
}

/// What to wire, and for whom.
#[derive(Clone, Debug)]
pub struct WireOptions {
    /// The credentials.
    pub credential: Credential,
    /// The names of the pod containers to wire; all that have an image when absent.
    pub containers: Option<Vec<String>>,
    /// The Marathon the definitions are for.
    pub release: Release,
}

/// A definition that carries its credentials now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wired {
    /// What to call it: `app "/shop/web"`.
    pub name: String,
    /// What was done to it, in a few words each; empty when nothing was left to do.
    pub done: Vec<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct WireResult {
    /// The document with the credentials in it; the same text when nothing had to be done.
    pub document: Document,
    /// The definitions the credentials are for, in the order of the text.
    pub wired: Vec<Wired>,
    /// What the user should know about them.
    pub notes: Vec<WireNote>,
    /// Definitions the credentials are not for, and why; only ever in a document with several.
    pub skipped: Vec<Finding>,
}

impl WireResult {
    /// Whether the text differs from what was given.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.wired.iter().any(|wired| !wired.done.is_empty())
    }
}

/// Why a document is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The credentials are not for this, or collide with what is there. Never empty.
    #[error("the credentials cannot be wired")]
    Refused(Vec<Finding>),
    /// The text cannot be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Wires the credentials into every definition of the document that they are for: the app or pod it is, or each app of
/// a group or a list. Wiring what is wired already changes nothing.
///
/// # Errors
/// When they are for none of the definitions, when one of them has something else in the place, or when the text is
/// YAML.
pub fn wire(document: Document, kind: Kind, options: &WireOptions) -> Result<WireResult, WireError> {
    let (mut wired, mut notes) = (Vec::new(), Vec::new());
    let (mut skipped, mut clashes) = (Vec::new(), Vec::new());
    let definitions = definitions::definitions(&document, kind);
    let mut changes = vec![Vec::new(); definitions.len()];
    for (definition, changes) in definitions.iter().zip(&mut changes) {
        match plan(definition, options) {
            Ok(plan) => {
                wired.push(Wired { name: definition.name(), done: plan.done });
                notes.extend(plan.notes);
                *changes = plan.changes;
            }
            Err(WireRefusal::NotFor(reasons)) => skipped.extend(reasons),
            Err(WireRefusal::Clash(reasons)) => clashes.extend(reasons),
        }
    }
    if !clashes.is_empty() {
        return Err(WireError::Refused(clashes));
    }
    if definitions.is_empty() {
        return Err(WireError::Refused(vec![nothing_there(&document, kind)]));
    }
    if wired.is_empty() {
        return Err(WireError::Refused(skipped));
    }
    let document = apply::carry_out(document, kind, &changes)?;
    Ok(WireResult { document, wired, notes, skipped })
}

/// An app that was moved to the Universal Container Runtime.
pub(crate) struct Moved {
    pub(crate) pointer: Pointer,
    /// What was done, in a few words each.
    pub(crate) done: Vec<String>,
    /// What the user should know about it.
    pub(crate) notes: Vec<String>,
    /// A secret has taken the place of an archive.
    pub(crate) has_secret: bool,
}

/// Moves the apps of a document from the Docker Engine to the Universal Container Runtime, as far as they are wanted and
/// nothing in them needs the Docker Engine; what keeps the others is told. `secret` takes the place of archives of
/// credentials, without it an app that fetches one stays.
pub(crate) fn to_ucr(
    document: Document,
    kind: Kind,
    secret: Option<&Secret>,
    is_wanted: &dyn Fn(&Pointer) -> bool,
) -> Result<(Document, Vec<Moved>, Vec<Finding>), EditError> {
    let (mut moved, mut stay) = (Vec::new(), Vec::new());
    let definitions = definitions::definitions(&document, kind);
    let mut changes = vec![Vec::new(); definitions.len()];
    for (definition, changes) in definitions.into_iter().zip(&mut changes) {
        if !is_wanted(&definition.pointer) {
            continue;
        }
        match convert::alone(&definition, secret) {
            Some(Ok((plan, has_secret))) => {
                *changes = plan.changes;
                moved.push(Moved {
                    pointer: definition.pointer.clone(),
                    done: plan.done,
                    notes: plan.notes.into_iter().map(|note| note.text).collect(),
                    has_secret,
                });
            }
            Some(Err(WireRefusal::NotFor(reasons) | WireRefusal::Clash(reasons))) => stay.extend(reasons),
            None => {}
        }
    }
    Ok((apply::carry_out(document, kind, &changes)?, moved, stay))
}

fn plan(definition: &Definition<'_>, options: &WireOptions) -> Result<WirePlan, WireRefusal> {
    match &options.credential {
        Credential::Archive(archive) => archive::plan(definition, archive, options),
        Credential::Secret { secret, convert } => secret::plan(definition, secret, *convert, options),
        Credential::DockerCerts => certs::plan(definition, options),
    }
}

fn nothing_there(document: &Document, kind: Kind) -> Finding {
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
        fix: None,
    }
}
