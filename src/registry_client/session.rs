//! A registry that lets milepost in for one repository, and requests to it that run side by side.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;

use crate::credential::Login;
use crate::http::{Client, ClientError, explain, shown, target};
use crate::image::archive::ArchiveError;
use crate::source::FileError;
use crate::util::escape::shown_path;

use super::challenge::challenges;
use super::patience::{LONGEST_PAUSE, MOST_FAILURES, may_pass, pause, retry_after};
use super::refused::RefusedAccess;
use super::{
    MAX_REDIRECTS, NO_REGISTRY, RegistryAccess, RegistryResponse, RequestProof, Stop, is_html, is_safe,
};

/// The longest time for one blob; what does not move for the time-out of a request is given up before.
const LONGEST: Duration = Duration::from_hours(24);

/// How much of an error's body is read, in bytes.
const MAX_SAID: usize = 64 << 10;

/// How much of a registry's own words is shown, in characters.
const MAX_SHOWN: usize = 300;

/// Why a part of an image cannot be moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// The credentials are missing, wrong, or not enough.
    #[error("{}{url} answers {status}{}", told(access.as_deref(), *status), in_words(said.as_deref()))]
    Denied {
        /// Who is refused, and what they wanted, where that is known.
        access: Option<Box<RefusedAccess>>,
        /// The address that says so.
        url: String,
        /// 401 or 403.
        status: u16,
        /// The registry's words.
        said: Option<String>,
    },
    /// The token of the registry's own token server is not taken.
    #[error("{0} rejects the token that its token server gave")]
    BadToken(String),
    /// The registry has no such image or repository.
    #[error("{0} does not exist")]
    Missing(String),
    /// Any other answer.
    #[error("{url} answers {status}{}{}", in_words(said.as_deref()), wait_in_words(*again))]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The registry's words.
        said: Option<String>,
        /// When to ask again, in seconds, where it says so.
        again: Option<u64>,
    },
    /// The answer does not follow the registry API.
    #[error("{0}")]
    Odd(String),
    /// There is no answer.
    #[error(transparent)]
    Client(ClientError),
    /// Nothing moved for a time.
    #[error("nothing came through to {url} for {seconds} s")]
    Stalled {
        /// The address.
        url: String,
        /// The time.
        seconds: u64,
    },
    /// The content is not what its digest says.
    #[error("{what} has the digest {found}, and {expected} is expected: {advice}")]
    Digest {
        /// Where it comes from.
        what: String,
        /// The digest that was asked for.
        expected: String,
        /// The digest of what came.
        found: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// A file of this machine.
    #[error("{}: {cause}", shown_path(path))]
    File {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: io::Error,
    },
    /// A file that cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
    /// An archive of images.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

fn wait_in_words(again: Option<u64>) -> String {
    let again = again.filter(|seconds| *seconds > LONGEST_PAUSE);
    again.map_or(String::new(), |seconds| format!("; it asks to wait {seconds} s"))
}

fn told(access: Option<&RefusedAccess>, status: u16) -> String {
    access.map_or(String::new(), |access| format!("{}: ", access.told(status)))
}

fn in_words(said: Option<&str>) -> String {
    said.map_or(String::new(), |said| format!(": {said}"))
}

impl TransferError {
    /// The error of a file of this machine.
    pub(crate) fn file(path: &Path) -> impl Fn(io::Error) -> Self + Copy + '_ {
        |cause| Self::File { path: path.to_owned(), cause }
    }

    /// The error of what a registry gives under a digest that it does not have.
    pub(super) fn damaged(url: &Url, expected: &str, found: String) -> Self {
        Self::Digest {
            what: shown(url),
            expected: expected.to_owned(),
            found,
            advice: "the registry's storage is damaged, or something on the way changes the content",
        }
    }

    /// The same, which tells who is refused, and what they wanted.
    pub(crate) fn of_access(mut self, refused: impl FnOnce() -> RefusedAccess) -> Self {
        if let Self::Denied { access: access @ None, .. } = &mut self {
            *access = Some(Box::new(refused()));
        }
        self
    }

    /// Whether the same request may succeed a little later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Client(error) => error.may_pass(),
            Self::Refused { again: Some(seconds), .. } if *seconds > LONGEST_PAUSE => false,
            Self::Refused { status, .. } => may_pass(*status),
            Self::Stalled { .. } => true,
            _ => false,
        }
    }

    /// Whether a token may have run out.
    pub(crate) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Denied { status: 401, .. })
    }

    /// How long to wait before the next attempt.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        match self {
            Self::Refused { again, .. } => pause(*again, failures),
            _ => pause(None, failures),
        }
    }
}

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

/// What a token that is right, and without the action, means.
const NO_RIGHT: &str = "the token server gave the user no right to this (its acl)";

impl From<ClientError> for TransferError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl TransferError {
    fn of_stop(stop: Stop) -> Self {
        match stop {
            Stop::Denied(url, status) => Self::Denied { access: None, url, status, said: None },
            Stop::NoRight(url, _) => {
                Self::Denied { access: None, url, status: 403, said: Some(NO_RIGHT.to_owned()) }
            }
            Stop::BadToken(url) => Self::BadToken(url),
            Stop::NoToken(problem) | Stop::Odd(problem) => Self::Odd(problem),
            Stop::Busy(answer) => Self::of_busy(&answer),
            Stop::NoAnswer(error) => Self::Client(error),
        }
    }

    /// The error of a server that still has too much to do, or fails, after all attempts.
    fn of_busy(answer: &RegistryResponse) -> Self {
        let mut url = answer.url.clone();
        // What is behind it names a user.
        url.set_query(None);
        Self::Refused {
            url: shown(&url),
            status: answer.status,
            said: said(answer.is_page(), &answer.body),
            again: retry_after(&answer.headers),
        }
    }
}

/// A server's own words about an error.
fn said(is_page: bool, body: &[u8]) -> Option<String> {
    if is_page { Some(format!("a web page: {NO_REGISTRY}")) } else { words(body) }
}

/// An answer whose body has not been read.
pub(super) struct OpenAnswer {
    pub(super) url: Url,
    pub(super) response: reqwest::Response,
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
        while let Ok(Some(part)) = self.response.chunk().await
            && body.len() < MAX_SAID
        {
            body.extend_from_slice(&part);
        }
        let is_page = is_html(self.header(CONTENT_TYPE.as_str()), &body);
        let said = said(is_page, &body);
        match status {
            401 if lacks_right => {
                TransferError::Denied { access: None, url, status: 403, said: Some(NO_RIGHT.to_owned()) }
            }
            401 | 403 => TransferError::Denied { access: None, url, status, said },
            404 => TransferError::Missing(url),
            _ => TransferError::Refused { url, status, said, again },
        }
    }
}

/// What a registry says about an error, on one line (OCI distribution-spec 1.1, "Error Codes").
fn words(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<OneError>,
    }
    #[derive(Deserialize)]
    struct OneError {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let errors: Errors = serde_json::from_slice(body).ok()?;
    let said: Vec<String> =
        errors.errors.into_iter().take(3).map(|error| format!("{}: {}", error.code, error.message)).collect();
    let said: String = said.join("; ").chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect();
    (!said.is_empty()).then_some(said)
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

    /// Sends a request whose body may be long. It is given up when `moved` stays the same for the time-out.
    pub(super) async fn send_long(
        &self,
        url: &Url,
        request: RequestBuilder,
        moved: &Counter,
    ) -> Result<OpenAnswer, TransferError> {
        let sent = self.unless_stalled(url, request.timeout(LONGEST).send(), moved).await?;
        let response = sent.map_err(|error| explain(url, self.timeout, &error))?;
        Ok(OpenAnswer { url: url.clone(), response })
    }

    /// The next part of a long answer; nothing at its end.
    pub(super) async fn next_part(
        &self,
        answer: &mut OpenAnswer,
        moved: &Counter,
    ) -> Result<Option<Vec<u8>>, TransferError> {
        let url = answer.url.clone();
        let part = self.unless_stalled(&url, answer.response.chunk(), moved).await?;
        let part = part.map_err(|error| explain(&url, self.timeout, &error))?;
        Ok(part.map(Vec::from))
    }

    async fn unless_stalled<T>(
        &self,
        url: &Url,
        work: impl Future<Output = T>,
        moved: &Counter,
    ) -> Result<T, TransferError> {
        let mut work = pin!(work);
        loop {
            let before = moved.load(Ordering::Relaxed);
            match tokio::time::timeout(self.timeout, &mut work).await {
                Ok(done) => return Ok(done),
                Err(_) if moved.load(Ordering::Relaxed) != before => {}
                Err(_) => {
                    return Err(TransferError::Stalled { url: shown(url), seconds: self.timeout.as_secs() });
                }
            }
        }
    }

    /// Sends a short request.
    pub(super) async fn send(&self, url: &Url, request: RequestBuilder) -> Result<OpenAnswer, TransferError> {
        let response = request.send().await.map_err(|error| explain(url, self.timeout, &error))?;
        Ok(OpenAnswer { url: url.clone(), response })
    }

    /// Gets an address, and follows redirects to storage elsewhere, without credentials.
    pub(super) async fn get(&self, path: &str, headers: HeaderMap) -> Result<OpenAnswer, TransferError> {
        let mut url = self.url(path);
        for _ in 0..=MAX_REDIRECTS {
            let request = self.request(Method::GET, &url).headers(headers.clone()).timeout(LONGEST);
            let sent = tokio::time::timeout(self.timeout, request.send()).await;
            let sent = sent
                .map_err(|_| TransferError::Stalled { url: shown(&url), seconds: self.timeout.as_secs() })?;
            let response = sent.map_err(|error| explain(&url, self.timeout, &error))?;
            let is_redirect =
                response.status().is_redirection() && response.status() != StatusCode::NOT_MODIFIED;
            match target(&url, response.headers()).filter(|to| is_redirect && is_safe(&url, to)) {
                Some(to) => url = to,
                None => return Ok(OpenAnswer { url, response }),
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
