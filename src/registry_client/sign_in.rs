//! Checks whether a registry accepts credentials (`GET /v2/`).

use reqwest::Url;

use crate::credential::Login;
use crate::http::{Client, ClientError};
use crate::image::Host;

use super::{RegistryAccess, Stop, token_server};

/// A registry's answer to credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// They are right.
    Accepted,
    /// The registry asks for no credentials, so these cannot be checked.
    Open,
    /// They are wrong: the host that says so, its address, and the status, 401 or 403.
    Wrong(String, String, u16),
    /// They are right, but the registry rejects the token that its token server gave for them: its address.
    BadToken(String),
    /// They are right, but the user has no right to what the registry asks for: its address, and the status.
    NoRight(String, u16),
    /// The registry's token server tells nothing of them.
    NoToken(String),
    /// The registry's token server is not its own, and was not asked.
    Foreign(String),
    /// The answer does not follow the registry API.
    Odd(String),
}

impl Client {
    /// Tries a user and a password at a registry. Plain http is used only for a registry on this machine and only where
    /// https fails, as Docker does.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn sign_in(&self, host: &Host, login: &Login) -> Result<SignIn, ClientError> {
        if login.password().is_none() {
            return Ok(SignIn::Odd("only a password can be tried, and these are a token".to_owned()));
        }
        let name = host.address();
        let Ok(url) = Url::parse(&format!("https://{name}/v2/")) else {
            return Ok(SignIn::Odd(format!("{name} does not make an address")));
        };
        let access = RegistryAccess {
            login: Some(login),
            scope: None,
            accept: "application/json",
            follows: false,
            waits: false,
        };
        match self.ask_registry(url, &access) {
            Ok(answer) if answer.status != 200 || answer.is_page() => Ok(SignIn::Odd(answer.odd())),
            Ok(answer) if answer.is_open() => Ok(SignIn::Open),
            Ok(_) => Ok(SignIn::Accepted),
            Err(Stop::Denied(url, status)) => {
                let server = token_server(&url, name).map(|at| format!("the token server of {host}, {at},"));
                Ok(SignIn::Wrong(server.unwrap_or_else(|| host.to_string()), url, status))
            }
            Err(Stop::BadToken(url)) => Ok(SignIn::BadToken(url)),
            Err(Stop::NoRight(url, status)) => Ok(SignIn::NoRight(url, status)),
            Err(Stop::NoToken(problem)) => Ok(SignIn::NoToken(problem)),
            Err(Stop::Busy(answer)) => Ok(SignIn::NoToken(answer.odd())),
            Err(Stop::Foreign(problem)) => Ok(SignIn::Foreign(problem)),
            Err(Stop::Odd(problem)) => Ok(SignIn::Odd(problem)),
            Err(Stop::NoAnswer(error)) => Err(error),
        }
    }
}
