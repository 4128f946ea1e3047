//! The secret store of DC/OS Enterprise (`/secrets/v1`, DC/OS 1.8 and later).

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::said;
use crate::http::{Body, Client, ClientError, Endpoint, Exchange, MAX_ANSWER, is_page, location};

/// Whether a secret may be created or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteMode {
    /// It must not exist yet.
    Create,
    /// It must exist.
    Update,
    /// Either.
    Both,
}

/// The result of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretWrite {
    /// There is a new secret.
    Created,
    /// The secret has a new value.
    Updated,
    /// It exists already and was not changed.
    Exists,
    /// It does not exist and was not created.
    Missing,
    /// The store rejected the request for another reason.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The store's message, or the target of a redirect. Never holds a part of the value.
        message: String,
    },
}

#[derive(Deserialize)]
struct SecretBody {
    value: SecretString,
}

#[derive(Deserialize)]
struct ListBody {
    array: Vec<String>,
}

/// The result of a read.
pub(crate) enum SecretRead {
    /// Its value.
    Value(Zeroizing<Vec<u8>>),
    /// It does not exist.
    Missing,
    /// It may not be read, or the server is not a secret store: the HTTP status.
    Refused(u16),
}

/// The result of asking for the paths below one.
pub(crate) enum SecretList {
    /// The paths, without the one that was asked for.
    Names(Vec<String>),
    /// There is nothing below it.
    Missing,
    /// They may not be listed, or the server is not a secret store: the HTTP status.
    Refused(u16),
}

/// The result of a deletion.
pub(crate) enum SecretDelete {
    /// It is gone.
    Deleted,
    /// It does not exist.
    Missing,
    /// It may not be deleted, or the server is not a secret store: the HTTP status.
    Refused(u16),
}

/// The types of answers to a read: a text in JSON, or the bytes of a binary secret.
const READABLE: &str = "application/json, application/octet-stream";

/// The type of a binary secret.
const BINARY: &str = "application/octet-stream";

impl Client {
    /// Reads the secret at a path, without a slash before it, in the store `default`.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn secret(&self, endpoint: &Endpoint, path: &str) -> Result<SecretRead, ClientError> {
        let place = place(path);
        let exchange = Exchange { accept: READABLE, ..Exchange::new(Method::GET, &place, MAX_ANSWER) };
        let (status, headers, body) = self.exchange_any(endpoint, &exchange)?;
        let body = Zeroizing::new(body);
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok(match status {
            200 if kind.starts_with(BINARY) => SecretRead::Value(body),
            200 => match serde_json::from_slice::<SecretBody>(&body) {
                Ok(secret) => {
                    SecretRead::Value(Zeroizing::new(secret.value.expose_secret().as_bytes().to_vec()))
                }
                Err(_) => SecretRead::Refused(status),
            },
            404 if is_json(&body) => SecretRead::Missing,
            _ => SecretRead::Refused(status),
        })
    }

    /// The paths of all secrets below a path; of all there are, where it is empty.
    ///
    /// # Errors
    /// As [`Client::secret`].
    pub(crate) fn secrets(&self, endpoint: &Endpoint, path: &str) -> Result<SecretList, ClientError> {
        let (status, body) = self.get(endpoint, &format!("{}?list=true", place(path)), MAX_ANSWER)?;
        Ok(match status {
            200 => serde_json::from_slice::<ListBody>(&body)
                .map_or(SecretList::Refused(status), |body| SecretList::Names(body.array)),
            404 if is_json(&body) => SecretList::Missing,
            _ => SecretList::Refused(status),
        })
    }

    /// Deletes the secret at a path.
    ///
    /// # Errors
    /// As [`Client::secret`].
    pub(crate) fn delete_secret(&self, endpoint: &Endpoint, path: &str) -> Result<SecretDelete, ClientError> {
        let (status, _, body) = self.exchange(endpoint, Method::DELETE, &place(path), None, MAX_ANSWER)?;
        Ok(match status {
            // A login page answers 200 as well.
            204 => SecretDelete::Deleted,
            200 if is_json(&body) => SecretDelete::Deleted,
            404 if is_json(&body) => SecretDelete::Missing,
            _ => SecretDelete::Refused(status),
        })
    }

    /// Stores a value at a path, without a slash before it, in the store `default`: PUT creates a secret and answers 409
    /// where it exists, PATCH changes one and answers 404 where it does not. What is not text becomes a binary secret.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn store(
        &self,
        endpoint: &Endpoint,
        path: &str,
        value: &[u8],
        mode: WriteMode,
    ) -> Result<SecretWrite, ClientError> {
        let place = place(path);
        let body = match std::str::from_utf8(value) {
            Ok(text) => Body::json(json!({ "value": text }).to_string()),
            Err(_) => Body { kind: BINARY, bytes: value.to_vec() },
        };
        let send = |method| {
            let body = Some(body.clone());
            let exchange = Exchange { body, ..Exchange::new(method, &place, MAX_ANSWER) };
            let (status, headers, answer) = self.exchange_any(endpoint, &exchange)?;
            Ok::<_, ClientError>((status, location(&endpoint.below(&place), &headers), answer))
        };
        if mode != WriteMode::Update {
            let (status, location, body) = send(Method::PUT)?;
            match status {
                201 | 204 => return Ok(SecretWrite::Created),
                409 if mode == WriteMode::Both => {}
                409 => return Ok(SecretWrite::Exists),
                _ => return Ok(refused(status, location, &body, value)),
            }
        }
        let (status, location, body) = send(Method::PATCH)?;
        Ok(match status {
            201 | 204 => SecretWrite::Updated,
            404 if is_json(&body) => SecretWrite::Missing,
            _ => refused(status, location, &body, value),
        })
    }
}

fn place(path: &str) -> String {
    format!("secrets/v1/secret/default/{path}")
}

/// A proxy's 404 is a web page; the store's is JSON, or empty.
fn is_json(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<Json>(body).is_ok()
}

fn refused(status: u16, location: Option<String>, body: &[u8], value: &[u8]) -> SecretWrite {
    let value = String::from_utf8_lossy(value);
    // Not repeated if it holds something long enough to be a part of the credentials.
    let mut parts = value.split(['"', '\r', '\n']).filter(|part| part.len() >= 6);
    let is_safe = |text: &String| !parts.any(|part| text.contains(part));
    let message = match (said(body).filter(is_safe), location) {
        (Some(text), _) => text.chars().take(300).filter(|c| !c.is_control()).collect(),
        (None, Some(to)) => format!("it redirects to {to}"),
        (None, None) if is_page(body) => "a web page, perhaps for logging in".to_owned(),
        (None, None) if status < 300 => "which is not how the secret store answers".to_owned(),
        (None, None) => "it does not say why".to_owned(),
    };
    SecretWrite::Refused { status, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_never_repeats_the_value() {
        let value = r#"{"auths": {"r": {"auth": "Zm9vOmJhcg=="}}}"#;
        let message = |body: &str| match refused(400, None, body.as_bytes(), value.as_bytes()) {
            SecretWrite::Refused { message, .. } => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(message(r#"{"title": "Bad Request", "description": "no such store"}"#), "no such store");
        assert_eq!(message(r#"{"message": "cannot store Zm9vOmJhcg=="}"#), "it does not say why");
        assert_eq!(message("<html>"), "a web page, perhaps for logging in");
    }
}
