//! A client for registries (Docker Registry HTTP API V2). It asks without credentials first, then signs in the way the
//! registry wants: basic, or a token from its token server (distribution, `docs/spec/auth/token`).

mod blobs;
mod challenge;
mod contents;
mod failure;
mod manifest;
mod pace;
mod patience;
mod pulls;
mod realm;
mod refused;
mod rules;
mod session;
mod sign_in;
mod verdict;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, Url};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::credential::{Login, LoginProof};
use crate::http::{Client, ClientError, host_of, is_loopback, is_page, shown, target};

use challenge::{Challenge, challenges};
use patience::{may_pass, retry_after};

pub(crate) use blobs::BlobOutcome;
pub(crate) use failure::TransferError;
pub(crate) use manifest::{Pulled, RemoteManifest};
pub(crate) use pulls::{CheckedPull, CheckedPulls, PullChecker};
pub(crate) use refused::RefusedAccess;
pub(crate) use rules::RULES;
pub(crate) use session::{Counter, RegistrySession, aside};
pub(crate) use sign_in::SignIn;
pub(crate) use verdict::{PullCheck, Verdict, check_answer};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// How a registry is asked.
struct RegistryAccess<'a> {
    /// Sent where the registry asks for credentials.
    login: Option<&'a Login>,
    /// The scope of a token, where the registry names none.
    scope: Option<&'a str>,
    /// The `Accept` header.
    accept: &'a str,
    /// Whether redirects are followed. Credentials are never sent to another host.
    follows: bool,
    /// Whether a server that has too much to do is asked again.
    waits: bool,
}

impl RegistryAccess<'_> {
    /// Whether the credentials are a token for the registry itself.
    fn has_registry_token(&self) -> bool {
        self.login.is_some_and(|login| matches!(login.proof(), LoginProof::Registry(_)))
    }
}

/// What to do about a token that a registry rejects though its token server gave it.
pub(crate) const BAD_TOKEN: &str = "user and password are right: the registry's settings (auth.token: issuer, service, rootcertbundle or jwks) do not fit \
     its token server, or the clocks of the two differ";

/// What a web page in place of a registry's answer is.
const NO_REGISTRY: &str = "a login page or a proxy, and no registry";

/// The host that an address names, if that is not the registry's own: its token server.
fn token_server<'u>(url: &'u str, registry: &str) -> Option<&'u str> {
    let registry = registry.strip_suffix(":443").unwrap_or(registry);
    host_of(url).filter(|host| !host.eq_ignore_ascii_case(registry))
}

/// The credentials of one request.
enum RequestProof {
    Anonymous,
    Basic(String, SecretString),
    Bearer(SecretString),
}

impl RequestProof {
    fn put_into(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Anonymous => request,
            Self::Basic(user, password) => request.basic_auth(user, Some(password.expose_secret())),
            Self::Bearer(token) => request.bearer_auth(token.expose_secret()),
        }
    }
}

/// A registry's answer.
struct RegistryResponse {
    /// The address that was asked.
    asked: Url,
    /// The address that answered: another one after a redirect.
    url: Url,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The credentials that were sent.
    proof: RequestProof,
}

/// Why there is no usable answer.
enum Stop {
    /// The credentials are rejected or missing: the address that says so, and its status, 401 or 403.
    Denied(String, u16),
    /// The registry rejects the token that its own token server gave: the address that says so.
    BadToken(String),
    /// The token that the token server gave for right credentials is not enough: the address that says so, and its status.
    NoRight(String, u16),
    /// The token server gives no token, and does not reject the credentials.
    NoToken(String),
    /// The token server is not the registry's own, and nobody has allowed it to have the password.
    Foreign(String),
    /// The token server has too much to do, or fails.
    Busy(Box<RegistryResponse>),
    /// The answer does not follow the registry API.
    Odd(String),
    NoAnswer(ClientError),
}

impl From<ClientError> for Stop {
    fn from(error: ClientError) -> Self {
        Self::NoAnswer(error)
    }
}

/// A token server's answer. Docker Hub sends both members, with the same token.
#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

impl RegistryResponse {
    /// Whether no credentials were needed.
    fn is_open(&self) -> bool {
        matches!(self.proof, RequestProof::Anonymous)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn is_page(&self) -> bool {
        is_html(self.header(CONTENT_TYPE.as_str()), &self.body)
    }

    /// Describes an unexpected answer.
    fn odd(&self) -> String {
        let again = retry_after(&self.headers).filter(|_| matches!(self.status, 429 | 503));
        let again = match again {
            Some(seconds) if self.status == 429 => format!(": too many requests, try again in {seconds} s"),
            Some(seconds) => format!(": try again in {seconds} s"),
            None if self.status == 429 => ": too many requests, try again later".to_owned(),
            None => String::new(),
        };
        let what = match target(&self.url, &self.headers).filter(|_| (300..400).contains(&self.status)) {
            Some(mut to) => {
                to.set_query(None);
                format!(" and leads to {}: {NO_REGISTRY}", shown(&to))
            }
            None if self.is_page() => format!(" with a web page: {NO_REGISTRY}"),
            None => String::new(),
        };
        format!("{} answers {}{what}{again}", shown(&self.url), self.status)
    }

    /// Whether it says this of the token that was sent (RFC 6750, 3.1).
    fn says_of_token(&self, error: &str) -> bool {
        challenges(&self.headers)
            .iter()
            .any(|challenge| challenge.scheme == "bearer" && challenge.get("error") == Some(error))
    }

    /// The answer, unless it denies the request.
    fn unless_denied(self) -> Result<Self, Stop> {
        match self.status {
            401 | 403 => Err(Stop::Denied(shown(&self.url), self.status)),
            _ => Ok(self),
        }
    }
}

impl Client {
    /// Asks a registry, and signs in if it wants that.
    fn ask_registry(&self, url: Url, access: &RegistryAccess<'_>) -> Result<RegistryResponse, Stop> {
        let answer = self.ask_first(url, access)?;
        if answer.status != 401 {
            return answer.unless_denied();
        }
        if answer.url.origin() != answer.asked.origin() {
            let (from, to) = (shown(&answer.asked), shown(&answer.url));
            return Err(Stop::Odd(format!("{from} redirects to {to}, which asks for its own credentials")));
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
        let is_given = matches!(proof, RequestProof::Bearer(_)) && !access.has_registry_token();
        let answer = self.ask(answer.asked, proof, access)?;
        if is_given && answer.status == 401 && answer.says_of_token("invalid_token") {
            return Err(Stop::BadToken(shown(&answer.url)));
        }
        if is_given && matches!(answer.status, 401 | 403) && answer.says_of_token("insufficient_scope") {
            return Err(Stop::NoRight(shown(&answer.url), answer.status));
        }
        answer.unless_denied()
    }

    /// Asks without credentials. Where https fails on this machine, http is tried, as Docker does. A 400 over http is
    /// dropped: it would hide the error of https.
    fn ask_first(&self, url: Url, access: &RegistryAccess<'_>) -> Result<RegistryResponse, ClientError> {
        let mut plain = url.clone();
        let is_local = is_loopback(&url);
        let error = match self.ask(url, RequestProof::Anonymous, access) {
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
        match self.ask(plain, RequestProof::Anonymous, access) {
            Ok(answer) if answer.status != 400 => Ok(answer),
            _ => Err(error),
        }
    }

    /// Exchanges the credentials for a token at the registry's token server.
    fn token(
        &self,
        url: &Url,
        challenge: &Challenge,
        access: &RegistryAccess<'_>,
    ) -> Result<SecretString, Stop> {
        let Some(mut realm) = challenge.get("realm").and_then(|realm| Url::parse(realm).ok()) else {
            return Err(Stop::Odd(format!("{} names no token server", shown(url))));
        };
        realm::may_ask(url, &realm, access.login)?;
        let service = challenge.get("service");
        let scope = challenge.get("scope").or(access.scope);
        let answer = if let Some((_, LoginProof::Identity(token))) =
            access.login.map(|login| (login, login.proof()))
        {
            self.exchange_token(realm, (service, scope), token, access.waits)?
        } else {
            let mut query = realm.query_pairs_mut();
            query.extend_pairs(service.map(|service| ("service", service)));
            // One for each, as Docker asks: some token servers read no lists.
            query.extend_pairs(scope.iter().flat_map(|all| all.split(' ')).map(|scope| ("scope", scope)));
            let login = access.login.and_then(|login| Some((login.user(), login.password()?)));
            query.extend_pairs(login.map(|(user, _)| ("account", user)));
            drop(query);
            let proof = login.map_or(RequestProof::Anonymous, |(user, password)| {
                RequestProof::Basic(user.to_owned(), password.clone())
            });
            self.ask(realm, proof, &RegistryAccess { accept: "application/json", follows: false, ..*access })?
        };
        let answer = answer.unless_denied()?;
        if may_pass(answer.status) {
            return Err(Stop::Busy(Box::new(answer)));
        }
        if answer.status != 200 || answer.is_page() {
            return Err(Stop::NoToken(answer.odd()));
        }
        let url = shown(&answer.url);
        let body = Zeroizing::new(answer.body);
        let tokens = serde_json::from_slice::<TokenAnswer>(&body).ok();
        let token = tokens.and_then(|tokens| tokens.token.or(tokens.access_token));
        token.ok_or_else(|| Stop::NoToken(format!("{url} gives no token")))
    }

    /// Exchanges a refresh token for an access token (distribution, `docs/spec/auth/oauth`).
    fn exchange_token(
        &self,
        realm: Url,
        (service, scope): (Option<&str>, Option<&str>),
        token: &SecretString,
        waits: bool,
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
        let (status, headers, body) = self.run_patiently(&realm, request, waits)?;
        Ok(RegistryResponse {
            asked: realm.clone(),
            url: realm,
            status,
            headers,
            body,
            proof: RequestProof::Anonymous,
        })
    }

    /// Asks with credentials and follows redirects. Only the server that was asked gets the credentials.
    fn ask(
        &self,
        asked: Url,
        proof: RequestProof,
        access: &RegistryAccess<'_>,
    ) -> Result<RegistryResponse, ClientError> {
        let mut url = asked.clone();
        let mut followed = 0;
        loop {
            let request = self.http(&url)?.request(Method::GET, url.clone()).header(ACCEPT, access.accept);
            let request = if url.origin() == asked.origin() { proof.put_into(request) } else { request };
            let (status, headers, body) = self.run_patiently(&url, request, access.waits)?;
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

/// Whether an answer is a web page; some proxies send one without saying so.
fn is_html(content_type: Option<&str>, body: &[u8]) -> bool {
    content_type.is_some_and(|kind| kind.starts_with("text/html")) || is_page(body)
}

/// The media type of an answer, without its parameters.
fn media_type_of(content_type: Option<&str>) -> String {
    content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned()
}

/// Whether a redirect is safe: never from https to http, and never from another machine to this one.
fn is_safe(from: &Url, to: &Url) -> bool {
    let is_local = is_loopback(from) && is_loopback(to);
    (to.scheme() == "https" && (is_local || !is_loopback(to))) || (is_local && to.scheme() == from.scheme())
}
