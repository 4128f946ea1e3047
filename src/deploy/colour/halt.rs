//! Why a deployment in colours stops before it has come to its end.

use crate::marathon::{Deployment, RefusedRequest};

/// Why it stops. Both apps stay as they are.
#[derive(Debug)]
pub(crate) enum Halt {
    /// An app does not run as it should.
    Failed {
        /// The app.
        id: String,
        /// Why, in words.
        reason: String,
        /// It took too long.
        is_late: bool,
        /// Another client has changed or deleted it.
        is_foreign: bool,
    },
    /// HAProxy does not send requests to all instances in time: in words.
    NotUp(String),
    /// Instances still have sessions, or HAProxy does not tell: in words.
    Undrained(String),
    /// All instances were moved, and the app that has none left is not deleted in time: in words.
    NotDeleted(String),
    /// Other deployments hold the lock of an app.
    Locked(String, Vec<Deployment>),
    /// The server refuses a change of an app.
    Refused(String, Box<RefusedRequest>),
    /// The server does not answer any more: in words.
    Silent(String),
    /// The user has interrupted it.
    Interrupted,
}

impl Halt {
    /// Whether the new version is to blame, so that going back helps.
    pub(crate) fn is_of_new_version(&self) -> bool {
        matches!(self, Self::Failed { is_foreign: false, .. } | Self::NotUp(_))
    }

    /// What a deletion that takes too long means: the other app has all requests by then, so that nothing is taken back.
    pub(super) fn of_deletion(self) -> Self {
        match self {
            Self::Failed { id, reason, is_late: true, .. } => Self::NotDeleted(format!("{id}: {reason}")),
            other => other,
        }
    }

    /// In words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Failed { id, reason, .. } => format!("{id}: {reason}"),
            Self::NotUp(reason)
            | Self::Undrained(reason)
            | Self::NotDeleted(reason)
            | Self::Silent(reason) => reason.clone(),
            Self::Locked(id, _) => format!("{id} is locked"),
            Self::Refused(id, refusal) if refusal.is_uncertain() => format!(
                "it is not known whether the change of {id} was accepted: the server or a proxy answers {}: {}",
                refusal.status, refusal.message
            ),
            Self::Refused(id, refusal) => {
                format!("{id} was refused: the server answers {}: {}", refusal.status, refusal.message)
            }
            Self::Interrupted => "interrupted".to_owned(),
        }
    }
}
