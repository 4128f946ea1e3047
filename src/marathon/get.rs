//! Reads what a running Marathon holds: `GET` of apps, pods and groups.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::http::{Client, ClientError, Endpoint, Method, is_page, location};
use crate::source::{Document, Format, MAX_NESTING, SyntaxError};

use super::errors::wrong_place;
use super::response::ResponseParts;
use super::{InfoError, RefusedRequest, Resource, has_address, path_of_id};

/// The longest answer that is read, in bytes: that of a group of some ten thousand apps.
pub(super) const MAX_ANSWER: u64 = 64 << 20;

/// Why a Marathon's state cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    /// There is no answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The server rejects the request.
    #[error("{url} answers {status}{advice}")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What to do about it.
        advice: String,
    },
    /// The server rejects the request, and says why.
    #[error("{url} answers {status}: {message}")]
    Said {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's message.
        message: String,
    },
    /// The answer is longer than the limit.
    #[error("{url} answers with more than {} MiB: ask for less, such as a group further down", MAX_ANSWER >> 20)]
    TooLarge {
        /// The address.
        url: String,
    },
    /// The answer is nested deeper than any definition.
    #[error("{url} answers with JSON that is nested deeper than {MAX_NESTING} levels")]
    TooDeep {
        /// The address.
        url: String,
    },
    /// The answer is not text.
    #[error(
        "{url} answers with bytes that are not text, so it is not a Marathon; DC/OS has it at /service/marathon"
    )]
    NotText {
        /// The address.
        url: String,
    },
    /// The answer is cut off, or no answer of a Marathon.
    #[error(
        "{url} answers with something other than Marathon's JSON: is this Marathon's address? DC/OS has it at /service/marathon"
    )]
    Unexpected {
        /// The address.
        url: String,
    },
    /// The answer is a web page.
    #[error(
        "{url} answers with a web page, so it is not a Marathon, or a proxy's login page comes before it; DC/OS has Marathon \
         at /service/marathon"
    )]
    Page {
        /// The address.
        url: String,
    },
    /// The answer is not JSON.
    #[error("{url} answers with text that is not JSON: {cause}")]
    NotJson {
        /// The address.
        url: String,
        /// The parser's reason.
        cause: SyntaxError,
    },
}

impl Client {
    /// The JSON text of an app, a pod or a group as Marathon holds it; `None` where nothing has this id.
    ///
    /// # Errors
    /// When there is no answer, or not one of a Marathon.
    pub(crate) fn service(
        &self,
        endpoint: &Endpoint,
        resource: Resource,
        id: &str,
    ) -> Result<Option<String>, GetError> {
        if !has_address(resource, id) {
            return self.without_address(endpoint, resource, id);
        }
        self.text(endpoint, &path_of_id(resource.path(), id))
    }

    /// The JSON text of a group as Marathon holds it, with all apps, pods and groups in it; `None` where no group has this
    /// id. `/` always exists.
    ///
    /// # Errors
    /// As [`Client::service`].
    pub(crate) fn group(&self, endpoint: &Endpoint, id: &str) -> Result<Option<String>, GetError> {
        self.service(endpoint, Resource::Group, id)
    }

    /// The JSON at a path below the base.
    ///
    /// # Errors
    /// As [`Client::service`]; also where there is nothing.
    pub(super) fn get_json(&self, endpoint: &Endpoint, path: &str) -> Result<Json, GetError> {
        let (status, body) = self.get(endpoint, path, MAX_ANSWER)?;
        found(endpoint, path, status, &body)?.ok_or_else(|| GetError::unexpected(endpoint, path))
    }

    /// The text at a path below the base; `None` where Marathon says that there is nothing of this id.
    ///
    /// # Errors
    /// As [`Client::service`].
    pub(crate) fn text(&self, endpoint: &Endpoint, path: &str) -> Result<Option<String>, GetError> {
        let (status, headers, body) = self.exchange(endpoint, Method::GET, path, None, MAX_ANSWER)?;
        let location = location(&endpoint.below(path), &headers);
        if !is_found(endpoint, path, (status, location.as_deref(), &body))? {
            return Ok(None);
        }
        let not_text = |_| GetError::NotText { url: format!("{endpoint}/{path}") };
        String::from_utf8(body).map(Some).map_err(not_text)
    }

    /// What a list at a path below the base says, in a form of the caller's.
    ///
    /// # Errors
    /// As [`Client::service`]; also where there is nothing.
    pub(crate) fn listed<T: DeserializeOwned>(&self, endpoint: &Endpoint, path: &str) -> Result<T, GetError> {
        let text = self.text(endpoint, path)?;
        let read = text.and_then(|text| serde_json::from_str(&text).ok());
        read.ok_or_else(|| GetError::unexpected(endpoint, path))
    }
}

/// The JSON of an answer; `None` where Marathon says that there is nothing of this id.
pub(super) fn found(
    endpoint: &Endpoint,
    path: &str,
    status: u16,
    body: &[u8],
) -> Result<Option<Json>, GetError> {
    if !is_found(endpoint, path, (status, None, body))? {
        return Ok(None);
    }
    serde_json::from_slice(body).map(Some).map_err(|_| GetError::unexpected(endpoint, path))
}

/// Whether an answer has what was asked for; not where Marathon says that there is nothing of this id.
fn is_found(
    endpoint: &Endpoint,
    path: &str,
    (status, location, body): (u16, Option<&str>, &[u8]),
) -> Result<bool, GetError> {
    let url = || format!("{endpoint}/{path}");
    if body.len() as u64 > MAX_ANSWER {
        return Err(GetError::TooLarge { url: url() });
    }
    match status {
        200 if is_page(body) => Err(GetError::Page { url: url() }),
        200 => Ok(true),
        // Other servers, and wrong paths to a Marathon, answer 404 as well, but with another text.
        404 if String::from_utf8_lossy(body).contains("does not exist") => Ok(false),
        422 if let RefusedRequest { message, is_marathons: true, .. } =
            RefusedRequest::of(ResponseParts { status, body, ..ResponseParts::default() }) =>
        {
            Err(GetError::Said { url: url(), status, message })
        }
        _ => Err(GetError::refused(url(), status, location, endpoint)),
    }
}

impl GetError {
    /// The document that the server at this address has answered with.
    ///
    /// # Errors
    /// When it is not JSON, or nested too deep.
    pub(crate) fn document(text: String, url: &str) -> Result<Document, Self> {
        let document = Document::parse(text, Format::Json)
            .map_err(|cause| Self::NotJson { url: url.to_owned(), cause })?;
        if document.is_too_deep() {
            return Err(Self::TooDeep { url: url.to_owned() });
        }
        Ok(document)
    }

    /// The error of this kind that a cause is, or that it wraps: a transparent error hides that from the chain of causes.
    pub(crate) fn of_cause<'c>(cause: &'c (dyn std::error::Error + 'static)) -> Option<&'c Self> {
        match cause.downcast_ref() {
            Some(InfoError::Read(error)) => Some(error),
            _ => cause.downcast_ref(),
        }
    }

    /// An answer that is none of a Marathon.
    pub(super) fn unexpected(endpoint: &Endpoint, path: &str) -> Self {
        Self::Unexpected { url: format!("{endpoint}/{path}") }
    }

    /// Whether the server, or a proxy before it, may answer otherwise a little later.
    #[must_use]
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Client(error) => error.may_pass(),
            Self::Refused { status, .. } => *status >= 500 || matches!(status, 404 | 429),
            Self::NotText { .. } | Self::Page { .. } | Self::NotJson { .. } | Self::Unexpected { .. } => true,
            Self::Said { .. } | Self::TooLarge { .. } | Self::TooDeep { .. } => false,
        }
    }

    /// The error of an answer that says no.
    pub(crate) fn refused(url: String, status: u16, location: Option<&str>, endpoint: &Endpoint) -> Self {
        Self::Refused { url, status, advice: advice(status, location, endpoint) }
    }
}

/// What to do about an answer to a `GET` other than 200.
fn advice(status: u16, location: Option<&str>, endpoint: &Endpoint) -> String {
    match status {
        401 => format!(": {}", endpoint.advice_on_401()),
        403 => {
            let permissions =
                if endpoint.is_behind_dcos() { "dcos:adminrouter:service:NAME and " } else { "" };
            format!(
                ": the user may not see this: sign in as another, or have the permissions granted ({permissions}\
                 dcos:service:marathon:NAME:services:ID)"
            )
        }
        300..=399 => match location {
            Some(to) => format!(" and redirects to {to}: give that address if it is right"),
            None => " and redirects elsewhere".to_owned(),
        },
        404 | 405 | 500 if endpoint.is_behind_dcos() => format!(": {}", wrong_place(endpoint)),
        404 | 405 | 500 => ": is this Marathon's address? DC/OS has it at /service/marathon".to_owned(),
        429 => ": the server, or a proxy before it, gets too many requests: try again later".to_owned(),
        502..=504 => ": the server, or a proxy before it, fails: try again later".to_owned(),
        _ => String::new(),
    }
}
