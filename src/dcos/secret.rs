//! The secret store of DC/OS Enterprise (`/secrets/v1`, DC/OS 1.8 and later).

use reqwest::Method;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::http::MAX_ANSWER;
use crate::http::{Client, ClientError, Endpoint};

/// What may become of a secret that is there, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// It must not be there yet.
    Create,
    /// It has to be there.
    Update,
    /// Either.
    Both,
}

/// What the store did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretWrite {
    /// There is a new secret.
    Created,
    /// The secret has a new value.
    Updated,
    /// There is one already, and it stays as it is.
    Exists,
    /// There is none, and none was made.
    Missing,
    /// The store refused, for another reason.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The store's words, or where it points; never with a part of the value in it.
        message: String,
    },
}

#[derive(Deserialize)]
struct SecretBody {
    value: SecretString,
}

/// What the store says of a secret that somebody wants to read.
#[derive(Debug)]
pub enum SecretRead {
    /// Its value.
    Value(SecretString),
    /// There is none.
    Missing,
    /// It may not be read, or this is no store.
    Refused(u16),
}

impl Client {
    /// Reads the text that is under a path without a slash before it, in the store `default`.
    ///
    /// # Errors
    /// When no answer comes. A refusal is an answer.
    pub fn secret(&self, endpoint: &Endpoint, path: &str) -> Result<SecretRead, ClientError> {
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

    /// Stores a text under a path without a slash before it, in the store `default`: PUT makes a secret and answers 409
    /// where there is one, PATCH changes one and answers 404 where there is none.
    ///
    /// # Errors
    /// When no answer comes. A refusal is an answer.
    pub fn store(
        &self,
        endpoint: &Endpoint,
        path: &str,
        value: &str,
        storing: WriteMode,
    ) -> Result<SecretWrite, ClientError> {
        let place = place(path);
        let send = |method| self.send(endpoint, method, &place, json!({ "value": value }).to_string());
        if storing != WriteMode::Update {
            let (status, location, body) = send(Method::PUT)?;
            match status {
                200 | 201 | 204 => return Ok(SecretWrite::Created),
                409 if storing == WriteMode::Both => {}
                409 => return Ok(SecretWrite::Exists),
                _ => return Ok(refused(status, location, &body, value)),
            }
        }
        let (status, location, body) = send(Method::PATCH)?;
        Ok(match status {
            200 | 201 | 204 => SecretWrite::Updated,
            404 if is_json(&body) => SecretWrite::Missing,
            _ => refused(status, location, &body, value),
        })
    }
}

fn place(path: &str) -> String {
    format!("secrets/v1/secret/default/{path}")
}

/// A proxy's 404 is a page; the store's is JSON, or empty.
fn is_json(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<Json>(body).is_ok()
}

fn refused(status: u16, location: Option<String>, body: &[u8], value: &str) -> SecretWrite {
    let said = serde_json::from_slice::<Json>(body).ok().and_then(|body| {
        let words = ["description", "message", "title"].into_iter().find_map(|name| body.get(name)?.as_str());
        words.map(str::to_owned)
    });
    // What is long enough to be a part of the credentials is not repeated.
    let is_safe = |text: &String| !value.split('"').any(|part| part.len() >= 6 && text.contains(part));
    let message = match (said.filter(is_safe), location) {
        (Some(text), _) => text.chars().take(300).filter(|c| !c.is_control()).collect(),
        (None, Some(to)) => format!("it points to {to}"),
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
        assert_eq!(message("<html>"), "it does not say why");
    }
}
