//! Asking a registry whether credentials are right (Docker Registry HTTP API V2, `GET /v2/`): basic, and the token flow.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::credential::{Host, Login};

use super::client::MAX_ANSWER;
use super::endpoint::{is_loopback, shown};
use super::{Client, ClientError};

/// Where Docker Hub's registry is.
const HUB: &str = "registry-1.docker.io";

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

/// A token server's answer. Docker Hub's has both, and both are the same.
#[derive(Deserialize)]
struct Tokens {
    token: Option<SecretString>,
    access_token: Option<SecretString>,
}

/// What proves who asks, for one request.
enum Proof<'a> {
    Nobody,
    Basic(&'a str, &'a SecretString),
    Bearer(&'a SecretString),
}

impl Client {
    /// Tries a user and a password at a registry. Over plain http only a registry on this machine is asked, where https
    /// fails, as Docker does.
    ///
    /// # Errors
    /// When no answer comes. A refusal is an answer.
    pub fn sign_in(&self, host: &Host, login: &Login) -> Result<SignIn, ClientError> {
        let Some(password) = login.password() else {
            return Ok(SignIn::Odd("it is a password that can be tried, and these are a token".to_owned()));
        };
        let basic = Proof::Basic(login.user(), password);
        let name = if host.is_hub() { HUB.to_owned() } else { host.to_string() };
        let Ok(mut url) = Url::parse(&format!("https://{name}/v2/")) else {
            return Ok(SignIn::Odd(format!("{name} makes no address")));
        };
        let (status, headers) = self.first(&mut url)?;
        match status {
            200 if is_page(&headers) => {
                return Ok(SignIn::Odd(format!("{} answers with a page", shown(&url))));
            }
            200 => return Ok(SignIn::Open),
            401 => {}
            _ => return Ok(odd(&url, status, &headers)),
        }
        let challenges = challenges(&headers);
        if let Some(bearer) = challenges.iter().find(|challenge| challenge.scheme == "bearer") {
            return self.by_token(&url, bearer, &basic);
        }
        if challenges.iter().any(|challenge| challenge.scheme == "basic") {
            let (status, headers, _) = self.ask(&url, &basic)?;
            return Ok(verdict(&url, status, &headers));
        }
        Ok(SignIn::Odd(format!("{} answers 401 without saying how to sign in", shown(&url))))
    }

    /// Asks without credentials. Where https fails on this machine, http is tried; what answers there otherwise than a
    /// registry only hides what is wrong with https.
    fn first(&self, url: &mut Url) -> Result<(u16, HeaderMap), ClientError> {
        let error = match self.ask(url, &Proof::Nobody) {
            Ok((status, headers, _)) => return Ok((status, headers)),
            Err(error) => error,
        };
        let is_tls = matches!(
            error,
            ClientError::Unreachable { .. } | ClientError::Broken { .. } | ClientError::Tls { .. }
        );
        let mut plain = url.clone();
        if !is_tls || !is_loopback(url) || plain.set_scheme("http").is_err() {
            return Err(error);
        }
        match self.ask(&plain, &Proof::Nobody) {
            Ok((400, ..)) | Err(_) => Err(error),
            Ok((status, headers, _)) => {
                *url = plain;
                Ok((status, headers))
            }
        }
    }

    /// Has the registry's own token server change the password for a token, and tries that.
    fn by_token(&self, url: &Url, challenge: &Challenge, basic: &Proof<'_>) -> Result<SignIn, ClientError> {
        let Some(mut realm) = challenge.get("realm").and_then(|realm| Url::parse(realm).ok()) else {
            return Ok(SignIn::Odd(format!("{} names no server for tokens", shown(url))));
        };
        // A registry elsewhere has nothing to say about servers on this machine.
        let is_local = realm.scheme() == "http" && is_loopback(&realm) && is_loopback(url);
        if realm.scheme() != "https" && !is_local {
            return Ok(SignIn::Odd(format!(
                "{} wants the password sent to {}, where it could be read on the way",
                shown(url),
                shown(&realm)
            )));
        }
        if let Some(service) = challenge.get("service") {
            realm.query_pairs_mut().append_pair("service", service);
        }
        if let Proof::Basic(user, _) = basic {
            realm.query_pairs_mut().append_pair("account", user);
        }
        let (status, headers, body) = self.ask(&realm, basic)?;
        if status != 200 {
            return Ok(verdict(&realm, status, &headers));
        }
        let body = secrecy::zeroize::Zeroizing::new(body);
        let tokens = serde_json::from_slice::<Tokens>(&body).ok();
        let Some(token) = tokens.and_then(|tokens| tokens.token.or(tokens.access_token)) else {
            return Ok(SignIn::Odd(format!("{} gives no token", shown(&realm))));
        };
        let (status, headers, _) = self.ask(url, &Proof::Bearer(&token))?;
        Ok(verdict(url, status, &headers))
    }

    fn ask(&self, url: &Url, proof: &Proof<'_>) -> Result<(u16, HeaderMap, Vec<u8>), ClientError> {
        let request = self.http(url)?.request(Method::GET, url.clone()).header(ACCEPT, "application/json");
        let request = match proof {
            Proof::Nobody => request,
            Proof::Basic(user, password) => request.basic_auth(user, Some(password.expose_secret())),
            Proof::Bearer(token) => request.bearer_auth(token.expose_secret()),
        };
        self.run(url, request, MAX_ANSWER)
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"))
}

fn verdict(url: &Url, status: u16, headers: &HeaderMap) -> SignIn {
    match status {
        200 if !is_page(headers) => SignIn::Accepted,
        401 | 403 => SignIn::Wrong(shown(url), status),
        _ => odd(url, status, headers),
    }
}

fn odd(url: &Url, status: u16, headers: &HeaderMap) -> SignIn {
    let again = headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok()).filter(|_| status == 429);
    let again = again.and_then(|after| after.trim().parse::<u64>().ok());
    let again = again.map(|seconds| format!(": too many requests, try again in {seconds} s"));
    let what = if is_page(headers) { " with a page" } else { "" };
    SignIn::Odd(format!("{} answers {status}{what}{}", shown(url), again.unwrap_or_default()))
}

/// One way to sign in (RFC 9110, 11.6.1).
#[derive(Debug, PartialEq, Eq)]
struct Challenge {
    /// In lower case.
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(parse).collect()
}

fn parse(text: &str) -> Vec<Challenge> {
    let mut list: Vec<Challenge> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        if end == 0 {
            return list;
        }
        let token = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        match (rest.strip_prefix('='), list.last_mut()) {
            (Some(after), Some(challenge)) => {
                let (value, after) = value(after.trim_start());
                challenge.parameters.push((token, value));
                rest = after;
            }
            (Some(_), None) => return list,
            (None, _) => list.push(Challenge { scheme: token, parameters: Vec::new() }),
        }
        rest = rest.trim_start_matches([',', ' ', '\t']);
    }
    list
}

/// A value, in quotes or not, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_taken_apart() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="a:b:pull,push""#;
        let parsed = parse(hub);
        assert_eq!(parsed.len(), 1);
        assert_eq!(parsed[0].get("realm"), Some("https://auth.docker.io/token"));
        assert_eq!(parsed[0].get("scope"), Some("a:b:pull,push"));
        let two = parse(r#"Basic realm = "say \"hi\"" , BEARER realm=x, service=y"#);
        assert_eq!(two.iter().map(|c| c.scheme.as_str()).collect::<Vec<_>>(), ["basic", "bearer"]);
        assert_eq!((two[0].get("realm"), two[1].get("service")), (Some("say \"hi\""), Some("y")));
        for odd in ["", "=", "\"", "Basic realm=\"", "Bearer ,,", "é"] {
            let _ = parse(odd);
        }
    }
}
