//! Why a part of an image cannot be moved.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use crate::http::{ClientError, shown};
use crate::image::archive::ArchiveError;
use crate::image::manifest::Manifest;
use crate::source::FileError;
use crate::util::escape::shown_path;

use super::patience::{LONGEST_PAUSE, may_pass, pause, retry_after};
use super::refused::RefusedAccess;
use super::{NO_REGISTRY, RegistryResponse, Stop};

/// How much of a registry's own words is shown, in characters.
const MAX_SHOWN: usize = 300;

/// What a token that is right, and without the action, means.
pub(super) const NO_RIGHT: &str = "the token server gave the user no right to this (its acl)";

/// Why a part of an image cannot be moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// The credentials are missing, wrong, or not enough.
    #[error("{}{url} answers {status}{}", told(access.as_deref(), *status), in_words(said.as_deref()))]
    Denied {
        /// Who is refused, and what they wanted, where that is known.
        access: Option<Box<RefusedAccess>>,
        /// The address that says so.
        url: String,
        /// 401 or 403.
        status: u16,
        /// The registry's words.
        said: Option<String>,
    },
    /// The token of the registry's own token server is not taken.
    #[error("{0} rejects the token that its token server gave")]
    BadToken(String),
    /// The registry has no such image or repository.
    #[error("{0} does not exist")]
    Missing(String),
    /// Any other answer.
    #[error("{url} answers {status}{}{}", in_words(said.as_deref()), wait_in_words(*again))]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The registry's words.
        said: Option<String>,
        /// When to ask again, in seconds, where it says so.
        again: Option<u64>,
    },
    /// A manifest with a layer that is at another address, which the registry does not take.
    #[error("{url} answers {status}{}: the image has the layer {digest}, which is not sent but read from {from}, and the registry \
             does not allow that", in_words(said.as_deref()))]
    ForeignLayer {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The registry's words.
        said: Option<String>,
        /// The digest of the layer.
        digest: String,
        /// Where the layer is.
        from: String,
    },
    /// The answer does not follow the registry API.
    #[error("{0}")]
    Odd(String),
    /// There is no answer.
    #[error(transparent)]
    Client(ClientError),
    /// Nothing moved for a time, or less than is worth waiting for.
    #[error("nothing, or next to nothing, came through to {url} for {seconds} s")]
    Stalled {
        /// The address.
        url: String,
        /// The time.
        seconds: u64,
    },
    /// The content is not what its digest says.
    #[error("{what} has the digest {found}, and {expected} is expected: {advice}")]
    Digest {
        /// Where it comes from.
        what: String,
        /// The digest that was asked for.
        expected: String,
        /// The digest of what came.
        found: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// A file of this machine.
    #[error("{}: {cause}", shown_path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: io::Error,
    },
    /// A file that cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
    /// An archive of images.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

fn wait_in_words(again: Option<u64>) -> String {
    let again = again.filter(|seconds| *seconds > LONGEST_PAUSE);
    again.map_or(String::new(), |seconds| format!("; it asks to wait {seconds} s"))
}

fn told(access: Option<&RefusedAccess>, status: u16) -> String {
    access.map_or(String::new(), |access| format!("{}: ", access.told(status)))
}

fn in_words(said: Option<&str>) -> String {
    said.map_or(String::new(), |said| format!(": {said}"))
}

impl TransferError {
    /// The error of a file of this machine.
    pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        |cause| Self::File { path: path.to_owned(), cause }
    }

    /// The error of what a registry gives under a digest that it does not have.
    pub(super) fn damaged(url: &Url, expected: &str, found: String) -> Self {
        Self::Digest {
            what: shown(url),
            expected: expected.to_owned(),
            found,
            advice: "the registry's storage is damaged, or something on the way changes the content",
        }
    }

    /// The same, which tells who is refused, and what they wanted.
    pub(crate) fn of_access(mut self, refused: impl FnOnce() -> RefusedAccess) -> Self {
        if let Self::Denied { access: access @ None, .. } = &mut self {
            *access = Some(Box::new(refused()));
        }
        self
    }

    /// Whether the same request may succeed a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Client(error) => error.may_pass(),
            Self::Refused { again: Some(seconds), .. } if *seconds > LONGEST_PAUSE => false,
            Self::Refused { status, .. } => may_pass(*status),
            Self::Stalled { .. } => true,
            _ => false,
        }
    }

    /// The same of a manifest: a refusal for the addresses in it is told as that.
    pub(super) fn of_manifest(self, content: &[u8]) -> Self {
        let Self::Refused { url, status: status @ (400 | 500), said, again: None } = self else {
            return self;
        };
        let manifest = Manifest::read(content, None).ok();
        let foreign = manifest.iter().flat_map(Manifest::children).find(|part| part.is_elsewhere());
        match foreign {
            Some(layer) => {
                let from = layer.urls.first().cloned().unwrap_or_else(|| "an address of its own".to_owned());
                Self::ForeignLayer { url, status, said, digest: layer.digest.clone(), from }
            }
            None => Self::Refused { url, status, said, again: None },
        }
    }

    /// Whether a token may have run out.
    pub(crate) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Denied { status: 401, .. })
    }

    /// How long to wait before the next attempt.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        match self {
            Self::Refused { again, .. } => pause(*again, failures),
            _ => pause(None, failures),
        }
    }
}

impl From<ClientError> for TransferError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl TransferError {
    pub(super) fn of_stop(stop: Stop) -> Self {
        match stop {
            Stop::Denied(url, status) => Self::Denied { access: None, url, status, said: None },
            Stop::NoRight(url, _) => {
                Self::Denied { access: None, url, status: 403, said: Some(NO_RIGHT.to_owned()) }
            }
            Stop::BadToken(url) => Self::BadToken(url),
            Stop::NoToken(problem) | Stop::Foreign(problem) | Stop::Odd(problem) => Self::Odd(problem),
            Stop::Busy(answer) => Self::of_busy(&answer),
            Stop::NoAnswer(error) => Self::Client(error),
        }
    }

    /// The error of a server that still has too much to do, or fails, after all attempts.
    pub(super) fn of_busy(answer: &RegistryResponse) -> Self {
        let mut url = answer.url.clone();
        // What is behind it names a user.
        url.set_query(None);
        Self::Refused {
            url: shown(&url),
            status: answer.status,
            said: said(answer.is_page(), &answer.body),
            again: retry_after(&answer.headers),
        }
    }
}

/// A server's own words about an error.
pub(super) fn said(is_page: bool, body: &[u8]) -> Option<String> {
    if is_page { Some(format!("a web page: {NO_REGISTRY}")) } else { words(body) }
}

/// What a registry says about an error, on one line (OCI distribution-spec 1.1, "Error Codes").
fn words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<OneError>,
    }
    #[derive(Deserialize)]
    struct OneError {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let errors: Errors = serde_json::from_slice(body).ok()?;
    let said: Vec<String> =
        errors.errors.into_iter().take(3).map(|error| format!("{}: {}", error.code, error.message)).collect();
    let said: String = said.join("; ").chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect();
    (!said.is_empty()).then_some(said)
}
