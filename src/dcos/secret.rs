//! The secret store of DC/OS Enterprise (`/secrets/v1`, DC/OS 1.8 and later).

use reqwest::Method;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER};

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

/// The result of a read.
#[derive(Debug)]
pub(crate) enum SecretRead {
    /// Its value.
    Value(SecretString),
    /// It does not exist.
    Missing,
    /// It may not be read, or the server is not a secret store: the HTTP status.
    Refused(u16),
}

impl Client {
    /// Reads the text at a path, without a slash before it, in the store `default`.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn secret(&self, endpoint: &Endpoint, path: &str) -> Result<SecretRead, ClientError> {
        let (status, body) = self.get(endpoint, &place(path), MAX_ANSWER)?;
        let body = Zeroizing::new(body);
        Ok(match status {
            200 => match serde_json::from_slice::<SecretBody>(&body) {
                Ok(secret) => SecretRead::Value(secret.value),
                Err(_) => SecretRead::Refused(status),
            },
            404 if is_json(&body) => SecretRead::Missing,
            _ => SecretRead::Refused(status),
        })
    }

    /// Stores a text at a path, without a slash before it, in the store `default`: PUT creates a secret and answers 409
    /// where it exists, PATCH changes one and answers 404 where it does not.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn store(
        &self,
        endpoint: &Endpoint,
        path: &str,
        value: &str,
        mode: WriteMode,
    ) -> Result<SecretWrite, ClientError> {
        let place = place(path);
        let send = |method| self.send(endpoint, method, &place, json!({ "value": value }).to_string());
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

fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

fn refused(status: u16, location: Option<String>, body: &[u8], value: &str) -> SecretWrite {
    let said = serde_json::from_slice::<Json>(body).ok().and_then(|body| {
        let words = ["description", "message", "title"].into_iter().find_map(|name| body.get(name)?.as_str());
        words.map(str::to_owned)
    });
    // Not repeated if it holds something long enough to be a part of the credentials.
    let is_safe = |text: &String| !value.split('"').any(|part| part.len() >= 6 && text.contains(part));
    let message = match (said.filter(is_safe), location) {
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
        let message = |body: &str| match refused(400, None, body.as_bytes(), value) {
            SecretWrite::Refused { message, .. } => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(message(r#"{"title": "Bad Request", "description": "no such store"}"#), "no such store");
        assert_eq!(message(r#"{"message": "cannot store Zm9vOmJhcg=="}"#), "it does not say why");
        assert_eq!(message("<html>"), "a web page, perhaps for logging in");
    }
}
