//! A registry that lets milepost in for one repository, and requests to it that run side by side.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode, Url};

use crate::credential::Login;
use crate::http::{Client, explain, shown, target};

use super::challenge::challenges;
use super::failure::{NO_RIGHT, TransferError, said};
use super::pace::TransferPace;
use super::patience::{MOST_FAILURES, may_pass, retry_after};
use super::{MAX_REDIRECTS, RegistryAccess, RequestProof, is_html, is_safe};

/// The longest time for one blob; what does not move for the time-out of a request is given up before.
const LONGEST: Duration = Duration::from_hours(24);

/// How much of an error's body is read, in bytes.
const MAX_SAID: usize = 64 << 10;

/// A repository of a registry, with the credentials for it.
pub(crate) struct RegistrySession {
    /// The client for the registry itself.
    own: reqwest::Client,
    /// The client for storage at another address.
    other: reqwest::Client,
    base: Url,
    repository: String,
    proof: RequestProof,
    timeout: Duration,
}

/// Counts the bytes that moved.
pub(crate) type Counter = Arc<AtomicU64>;

impl Client {
    /// Signs in for a repository. `actions` are the rights that are needed: `pull`, `pull,push`.
    ///
    /// # Errors
    /// When the registry does not answer, or does not let the user in.
    pub(crate) fn open_registry(
        &self,
        host: &str,
        repository: &str,
        actions: &str,
        login: Option<&Login>,
    ) -> Result<RegistrySession, TransferError> {
        self.open_registry_beside(host, (repository, actions), &[], login)
    }

    /// The same, with the right to read `others` of the registry's repositories, where the user has that.
    pub(crate) fn open_registry_beside(
        &self,
        host: &str,
        (repository, actions): (&str, &str),
        others: &[String],
        login: Option<&Login>,
    ) -> Result<RegistrySession, TransferError> {
        let odd = || TransferError::Odd(format!("{host} does not make an address"));
        let url = Url::parse(&format!("https://{host}/v2/")).map_err(|_| odd())?;
        let scope = if repository.is_empty() {
            format!("registry:catalog:{actions}")
        } else {
            let others = others.iter().map(|other| format!(" repository:{other}:pull"));
            format!("repository:{repository}:{actions}{}", others.collect::<String>())
        };
        let access = RegistryAccess {
            login,
            scope: Some(&scope),
            accept: "application/json",
            follows: false,
            waits: true,
        };
        let answer = self.ask_registry(url, &access).map_err(TransferError::of_stop)?;
        if may_pass(answer.status) {
            return Err(TransferError::of_busy(&answer));
        }
        if !matches!(answer.status, 200 | 404) || answer.is_page() {
            return Err(TransferError::Odd(answer.odd()));
        }
        let base = answer.url;
        let storage = Url::parse("https://storage.invalid/").map_err(|_| odd())?;
        let is_https = base.scheme() == "https";
        Ok(RegistrySession {
            own: self.http(&base)?.clone(),
            // Plain http is for this machine, whose storage is there too.
            other: if is_https { self.http(&storage)?.clone() } else { self.http(&base)?.clone() },
            base,
            repository: repository.to_owned(),
            proof: answer.proof,
            timeout: self.timeout(),
        })
    }
}

/// An answer whose body has not been read.
pub(super) struct OpenAnswer {
    pub(super) url: Url,
    pub(super) response: reqwest::Response,
    /// How long the rest of an error is waited for.
    timeout: Duration,
}

impl OpenAnswer {
    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The target of its `Location`, where a request with credentials may go.
    pub(super) fn location(&self) -> Result<Url, TransferError> {
        let to = target(&self.url, self.response.headers());
        let to = to.ok_or_else(|| {
            TransferError::Odd(format!("{} names no address to go on at", shown(&self.url)))
        })?;
        if to.origin() != self.url.origin() && !is_safe(&self.url, &to) {
            return Err(TransferError::Odd(format!(
                "{} wants the upload sent to {}, where it could be read or changed on the way; behind a proxy the \
                 registry has to know its own address (REGISTRY_HTTP_HOST, or X-Forwarded-Proto from the proxy)",
                shown(&self.url),
                shown(&to)
            )));
        }
        Ok(to)
    }

    /// The error of an answer that is not the expected one.
    pub(super) async fn refusal(mut self) -> TransferError {
        let (mut address, status) = (self.url.clone(), self.status());
        // What is behind it may be a secret, and tells nothing.
        address.set_query(None);
        let url = shown(&address);
        // The token is right, and without the action.
        let lacks_right = challenges(self.response.headers())
            .iter()
            .any(|challenge| challenge.get("error") == Some("insufficient_scope"));
        let again = retry_after(self.response.headers());
        let mut body = Vec::new();
        let words = async {
            while let Ok(Some(part)) = self.response.chunk().await
                && body.len() < MAX_SAID
            {
                body.extend_from_slice(&part);
            }
        };
        // What came until then has to do.
        let _ = tokio::time::timeout(self.timeout, words).await;
        let is_page = is_html(self.header(CONTENT_TYPE.as_str()), &body);
        let said = said(is_page, &body);
        let is_foreign = is_page || said.is_none() && !body.trim_ascii().is_empty();
        match status {
            401 if lacks_right => {
                TransferError::Denied { access: None, url, status: 403, said: Some(NO_RIGHT.to_owned()) }
            }
            401 | 403 => TransferError::Denied { access: None, url, status, said },
            // That a repository is gone a registry says in its own words, or in none.
            404 if is_foreign && address.path().ends_with("/tags/list") => {
                TransferError::Odd(format!("{url} answers 404, and not in the words of a registry"))
            }
            404 => TransferError::Missing(url),
            _ => TransferError::Refused { url, status, said, again },
        }
    }
}

impl RegistrySession {
    /// The address of something in the repository: `manifests/latest`.
    pub(super) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let path =
            if self.repository.is_empty() { path.to_owned() } else { format!("{}/{path}", self.repository) };
        let (path, query) = path.split_once('?').map_or((&*path, None), |(path, query)| (path, Some(query)));
        url.set_path(&format!("/v2/{path}"));
        url.set_query(query);
        url
    }

    /// A request, with the credentials where it goes to the registry itself.
    pub(super) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let is_own = url.origin() == self.base.origin();
        let http = if is_own { &self.own } else { &self.other };
        let request = http.request(method, url.clone()).timeout(self.timeout);
        if is_own { self.proof.put_into(request) } else { request }
    }

    /// Watches a transfer of so many bytes.
    pub(super) fn pace(&self, whole: Option<u64>) -> TransferPace {
        TransferPace::new(self.timeout, whole)
    }

    /// Sends a request whose body may be long. It is given up when it stands still.
    pub(super) async fn send_long(
        &self,
        url: &Url,
        request: RequestBuilder,
        mut pace: TransferPace,
    ) -> Result<OpenAnswer, TransferError> {
        let sent = pace.keep(request.timeout(LONGEST).send()).await.ok_or_else(|| self.stalled(url))?;
        let response = sent.map_err(|error| explain(url, self.timeout, &error))?;
        Ok(OpenAnswer { url: url.clone(), response, timeout: self.timeout })
    }

    /// The next part of a long answer; nothing at its end.
    pub(super) async fn next_part(
        &self,
        answer: &mut OpenAnswer,
        pace: &mut TransferPace,
    ) -> Result<Option<Vec<u8>>, TransferError> {
        let part = pace.keep(answer.response.chunk()).await.ok_or_else(|| self.stalled(&answer.url))?;
        let part = part.map_err(|error| explain(&answer.url, self.timeout, &error))?.map(Vec::from);
        pace.add(part.as_ref().map_or(0, |part| part.len() as u64));
        Ok(part)
    }

    fn stalled(&self, url: &Url) -> TransferError {
        TransferError::Stalled { url: shown(url), seconds: self.timeout.as_secs() }
    }

    /// Sends a short request.
    pub(super) async fn send(&self, url: &Url, request: RequestBuilder) -> Result<OpenAnswer, TransferError> {
        let response = request.send().await.map_err(|error| explain(url, self.timeout, &error))?;
        Ok(OpenAnswer { url: url.clone(), response, timeout: self.timeout })
    }

    /// Gets an address, and follows redirects to storage elsewhere, without credentials.
    pub(super) async fn get(&self, path: &str, headers: HeaderMap) -> Result<OpenAnswer, TransferError> {
        let mut url = self.url(path);
        for _ in 0..=MAX_REDIRECTS {
            let request = self.request(Method::GET, &url).headers(headers.clone()).timeout(LONGEST);
            let sent = tokio::time::timeout(self.timeout, request.send()).await;
            let sent = sent.map_err(|_| self.stalled(&url))?;
            let response = sent.map_err(|error| explain(&url, self.timeout, &error))?;
            let is_redirect =
                response.status().is_redirection() && response.status() != StatusCode::NOT_MODIFIED;
            match target(&url, response.headers()).filter(|to| is_redirect && is_safe(&url, to)) {
                Some(to) => url = to,
                None => return Ok(OpenAnswer { url, response, timeout: self.timeout }),
            }
        }
        Err(TransferError::Odd(format!("{} is redirected again and again", shown(&url))))
    }

    /// A request for a text, with what is accepted.
    pub(super) async fn get_accepting(&self, path: &str, accept: &str) -> Result<OpenAnswer, TransferError> {
        let mut headers = HeaderMap::new();
        let accept = accept.parse().map_err(|_| TransferError::Odd("a header cannot be made".to_owned()))?;
        headers.insert(ACCEPT, accept);
        self.get(path, headers).await
    }
}

/// Does work that keeps a processor or a disk busy. On the thread of the requests it would hold up all of them.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(TransferError::Odd(format!("work beside the requests ended early: {error}"))),
    }
}

/// Waits before something is tried again: the error, once it has failed too often or for good.
pub(super) async fn pause_or_fail(error: TransferError, failures: &mut u32) -> Result<(), TransferError> {
    if !error.may_pass() || *failures >= MOST_FAILURES {
        return Err(error);
    }
    tokio::time::sleep(error.pause(*failures)).await;
    *failures += 1;
    Ok(())
}
