//! Asking registries (Docker Registry HTTP API V2): without credentials first, then in the way they ask for, which is
//! basic or a token from a server of theirs (distribution, `docs/spec/auth/token`).

mod challenge;
mod manifest;
mod rules;
mod sign_in;
mod verdict;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, Url};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::credential::{Login, LoginProof};

use crate::http::{Client, ClientError};
use crate::http::{MAX_ANSWER, target};
use crate::http::{is_loopback, shown};

use challenge::{Challenge, challenges};

pub use manifest::{Manifest, Pulled};
pub(crate) use rules::RULES;
pub use sign_in::SignIn;
pub use verdict::{Credentials, PullCheck, Verdict, judge};

/// So many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// How a registry is asked.
struct Access<'a> {
    /// What is sent where it asks for it.
    login: Option<&'a Login>,
    /// What a token is to be for, where the registry does not say.
    scope: Option<&'a str>,
    /// What is wanted (`Accept`).
    accept: &'a str,
    /// Whether redirects are followed. No credential goes to another host by that.
    follows: bool,
}

/// What proves who asks, for one request.
enum RequestProof {
    Nobody,
    Basic(String, SecretString),
    Bearer(SecretString),
}

/// An answer to who asks.
struct RegistryResponse {
    /// Where it was asked for.
    asked: Url,
    /// Who gave it: the same, unless a redirect led elsewhere.
    url: Url,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// What was sent with the question.
    proof: RequestProof,
}

/// Why there is no such answer.
enum Stop {
    /// The address that says that this is not for these credentials, or not without; and its status, 401 or 403.
    Denied(String, u16),
    /// Something else answers there, or in another way than registries do.
    Odd(String),
    NoAnswer(ClientError),
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::NoAnswer(error)
    }
}

/// A token server's answer. Docker Hub's has both, and both are the same.
#[derive(Deserialize)]
struct Tokens {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl RegistryResponse {
    /// Whether nobody had to say who asks.
    fn is_open(&self) -> bool {
        matches!(self.proof, RequestProof::Nobody)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/html"))
    }

    /// What is odd about an answer with this status.
    fn odd(&self) -> String {
        let again = self.header(RETRY_AFTER.as_str()).filter(|_| self.status == 429);
        let again = again.and_then(|after| after.trim().parse::<u64>().ok());
        let again = match again {
            Some(seconds) => format!(": too many requests, try again in {seconds} s"),
            None if self.status == 429 => ": too many requests, try again later".to_owned(),
            None => String::new(),
        };
        let what = if self.is_page() { " with a page" } else { "" };
        format!("{} answers {}{what}{again}", shown(&self.url), self.status)
    }

    /// The same, unless it says that this is not for who asks.
    fn unless_denied(self) -> Result<Self, Stop> {
        match self.status {
            401 | 403 => Err(Stop::Denied(shown(&self.url), self.status)),
            _ => Ok(self),
        }
    }
}

impl Client {
    /// Asks a registry, and signs in where it wants that.
    fn ask_registry(&self, url: Url, access: &Access<'_>) -> Result<RegistryResponse, Stop> {
        let answer = self.ask_first(url, access)?;
        if answer.status != 401 {
            return answer.unless_denied();
        }
        if answer.url.origin() != answer.asked.origin() {
            let (from, to) = (shown(&answer.asked), shown(&answer.url));
            return Err(Stop::Odd(format!("{from} leads to {to}, which asks for credentials of its own")));
        }
        let challenges = challenges(&answer.headers);
        let named = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let proof = match (named("bearer"), access.login.map(|login| (login, login.proof()))) {
            (_, Some((_, LoginProof::Registry(token)))) => RequestProof::Bearer(token.clone()),
            (Some(bearer), _) => RequestProof::Bearer(self.token(&answer.url, bearer, access)?),
            (None, Some((login, LoginProof::Password(password)))) if named("basic").is_some() => {
                RequestProof::Basic(login.user().to_owned(), password.clone())
            }
            (None, _) if named("basic").is_some() => return answer.unless_denied(),
            (None, _) => {
                let url = shown(&answer.url);
                return Err(Stop::Odd(format!("{url} answers 401 without saying how to sign in")));
            }
        };
        self.ask(answer.asked, proof, access)?.unless_denied()
    }

    /// Asks without credentials. Where https fails on this machine, http is tried, as Docker does; what answers there
    /// otherwise than a registry only hides what is wrong with https.
    fn ask_first(&self, url: Url, access: &Access<'_>) -> Result<RegistryResponse, ClientError> {
        let mut plain = url.clone();
        let is_local = is_loopback(&url);
        let error = match self.ask(url, RequestProof::Nobody, access) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let is_tls = matches!(
            error,
            ClientError::Unreachable { .. }
                | ClientError::Distrusted { .. }
                | ClientError::Broken { .. }
                | ClientError::Tls { .. }
        );
        if !is_tls || !is_local || plain.set_scheme("http").is_err() {
            return Err(error);
        }
        match self.ask(plain, RequestProof::Nobody, access) {
            Ok(answer) if answer.status != 400 => Ok(answer),
            _ => Err(error),
        }
    }

    /// Has the registry's own token server change the credentials for a token.
    fn token(&self, url: &Url, challenge: &Challenge, access: &Access<'_>) -> Result<SecretString, Stop> {
        let Some(mut realm) = challenge.get("realm").and_then(|realm| Url::parse(realm).ok()) else {
            return Err(Stop::Odd(format!("{} names no server for tokens", shown(url))));
        };
        let is_local = is_loopback(&realm) && is_loopback(url);
        if !is_local && !is_safe(url, &realm) {
            return Err(Stop::Odd(format!(
                "{} wants the password sent to {}, where it could be read on the way",
                shown(url),
                shown(&realm)
            )));
        }
        let service = challenge.get("service");
        let scope = challenge.get("scope").or(access.scope);
        let answer = if let Some((_, LoginProof::Identity(token))) =
            access.login.map(|login| (login, login.proof()))
        {
            self.exchange_token(realm, service, scope, token)?
        } else {
            let mut query = realm.query_pairs_mut();
            query.extend_pairs(service.map(|service| ("service", service)));
            query.extend_pairs(scope.map(|scope| ("scope", scope)));
            let login = access.login.and_then(|login| Some((login.user(), login.password()?)));
            query.extend_pairs(login.map(|(user, _)| ("account", user)));
            drop(query);
            let proof = login.map_or(RequestProof::Nobody, |(user, password)| {
                RequestProof::Basic(user.to_owned(), password.clone())
            });
            self.ask(realm, proof, &Access { accept: "application/json", follows: false, ..*access })?
        };
        let answer = answer.unless_denied()?;
        if answer.status != 200 {
            return Err(Stop::Odd(answer.odd()));
        }
        let url = shown(&answer.url);
        let body = Zeroizing::new(answer.body);
        let tokens = serde_json::from_slice::<Tokens>(&body).ok();
        let token = tokens.and_then(|tokens| tokens.token.or(tokens.access_token));
        token.ok_or_else(|| Stop::Odd(format!("{url} gives no token")))
    }

    /// Changes a refresh token for one that a registry takes (`docs/spec/auth/oauth`).
    fn exchange_token(
        &self,
        realm: Url,
        service: Option<&str>,
        scope: Option<&str>,
        token: &SecretString,
    ) -> Result<RegistryResponse, ClientError> {
        let given = [("service", service), ("scope", scope)];
        let fixed = [("grant_type", "refresh_token"), ("client_id", "milepost")];
        let pairs = given.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(fixed);
        let mut form = realm.clone();
        form.set_query(None);
        form.query_pairs_mut().extend_pairs(pairs).append_pair("refresh_token", token.expose_secret());
        let body = form.query().unwrap_or_default().to_owned();
        let request = self.http(&realm)?.request(Method::POST, realm.clone());
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let (status, headers, body) = self.run(&realm, request, MAX_ANSWER)?;
        Ok(RegistryResponse {
            asked: realm.clone(),
            url: realm,
            status,
            headers,
            body,
            proof: RequestProof::Nobody,
        })
    }

    /// Asks with a proof, and follows where that leads to, which gets the proof only where it is the same server.
    fn ask(
        &self,
        asked: Url,
        proof: RequestProof,
        access: &Access<'_>,
    ) -> Result<RegistryResponse, ClientError> {
        let mut url = asked.clone();
        let mut followed = 0;
        loop {
            let request = self.http(&url)?.request(Method::GET, url.clone()).header(ACCEPT, access.accept);
            let request = match &proof {
                _ if url.origin() != asked.origin() => request,
                RequestProof::Nobody => request,
                RequestProof::Basic(user, password) => {
                    request.basic_auth(user, Some(password.expose_secret()))
                }
                RequestProof::Bearer(token) => request.bearer_auth(token.expose_secret()),
            };
            let (status, headers, body) = self.run(&url, request, MAX_ANSWER)?;
            let to = target(&url, &headers).filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308));
            match to.filter(|to| access.follows && followed < MAX_REDIRECTS && is_safe(&url, to)) {
                None => return Ok(RegistryResponse { asked, url, status, headers, body, proof }),
                Some(to) => {
                    followed += 1;
                    url = to;
                }
            }
        }
    }
}

/// Whether one may be led from one address to another: never from https to http, and never from elsewhere to this machine.
fn is_safe(from: &Url, to: &Url) -> bool {
    let is_local = is_loopback(from) && is_loopback(to);
    (to.scheme() == "https" && (is_local || !is_loopback(to))) || (is_local && to.scheme() == from.scheme())
}
