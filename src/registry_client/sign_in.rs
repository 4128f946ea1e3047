//! Whether a registry takes credentials (`GET /v2/`).

use reqwest::Url;

use crate::credential::Login;
use crate::image::{HUB_ADDRESS, Host};

use super::{Access, Stop};
use crate::http::shown;
use crate::http::{Client, ClientError};

/// What a registry says to credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// They are right.
    Accepted,
    /// It asks nobody for credentials, so that nothing can be said of these.
    Open,
    /// They are wrong: the address that says so, and its status, 401 or 403.
    Wrong(String, u16),
    /// Something else answers there, or in another way than registries do.
    Odd(String),
}

impl Client {
    /// Tries a user and a password at a registry. Over plain http only a registry on this machine is asked, where https
    /// fails, as Docker does.
    ///
    /// # Errors
    /// When no answer comes. A refusal is an answer.
    pub fn sign_in(&self, host: &Host, login: &Login) -> Result<SignIn, ClientError> {
        if login.password().is_none() {
            return Ok(SignIn::Odd("it is a password that can be tried, and these are a token".to_owned()));
        }
        let name = if host.is_hub() { HUB_ADDRESS.to_owned() } else { host.to_string() };
        let Ok(url) = Url::parse(&format!("https://{name}/v2/")) else {
            return Ok(SignIn::Odd(format!("{name} makes no address")));
        };
        let access = Access { login: Some(login), scope: None, accept: "application/json", follows: false };
        match self.ask_registry(url, &access) {
            Ok(answer) if answer.status != 200 => Ok(SignIn::Odd(answer.odd())),
            Ok(answer) if answer.is_page() => {
                Ok(SignIn::Odd(format!("{} answers with a page", shown(&answer.url))))
            }
            Ok(answer) if answer.is_open() => Ok(SignIn::Open),
            Ok(_) => Ok(SignIn::Accepted),
            Err(Stop::Denied(url, status)) => Ok(SignIn::Wrong(url, status)),
            Err(Stop::Odd(problem)) => Ok(SignIn::Odd(problem)),
            Err(Stop::NoAnswer(error)) => Err(error),
        }
    }
}
