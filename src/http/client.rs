//! The HTTP client: one request at a time, blocking for its caller.

use std::cell::OnceCell;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder, Url, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::runtime::{Builder, Runtime};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::source::file::MAX_BYTES;
use crate::source::read_bytes;

use super::endpoint::{Endpoint, Token, is_loopback, shown};
use super::error::{ClientError, explain, innermost};
use super::tls;

/// The limit for answers, in bytes. Marathon answers with the definition, or with some errors.
pub(crate) const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// The limit for connecting, in seconds, within the time-out of a request.
pub(super) const MAX_CONNECT: u64 = 10;

/// How long an idle connection is kept: shorter than servers keep theirs, so that no request meets a closed one.
const KEPT: Duration = Duration::from_secs(5);

/// An answer: the status, the headers and the body.
pub(crate) type Response = (u16, HeaderMap, Vec<u8>);

/// Sends requests and waits for the answers. Redirects are never followed: credentials and definitions are for the given
/// address only.
///
/// Nothing else makes an async runtime or loads TLS roots.
pub(crate) struct Client {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    roots: Vec<CertificateDer<'static>>,
    timeout: Duration,
    /// Made on first use: for http and https, each for other machines and for this one.
    clients: [OnceCell<reqwest::Client>; 4],
}

impl Drop for Client {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, and the system's resolver may block one of them.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Client {
    /// A client that waits `timeout` for each answer, and that trusts the certificates in `ca_file` (PEM) besides the
    /// system's.
    ///
    /// # Errors
    /// When the file holds no certificate, or the system cannot start a runtime.
    pub(crate) fn new(timeout: Duration, ca_file: Option<&Path>) -> Result<Self, ClientError> {
        // Fails only where a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roots = ca_file.map(read_roots).transpose()?.unwrap_or_default();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(ClientError::Setup)?;
        Ok(Self { runtime: Some(runtime), roots, timeout, clients: Default::default() })
    }

    /// Reads a text from an address. Sends no credentials except those in the address itself.
    ///
    /// # Errors
    /// When there is no answer, or it is not 200 with a text of at most [`MAX_BYTES`].
    pub(crate) fn fetch(&self, url: &Url) -> Result<String, ClientError> {
        text(url, self.fetch_bytes(url)?)
    }

    /// Reads a text from an address, with the token for it.
    ///
    /// # Errors
    /// As [`Client::fetch`].
    pub(crate) fn fetch_with_token(&self, endpoint: &Endpoint) -> Result<String, ClientError> {
        let url = endpoint.base();
        text(url, self.bytes(url, endpoint.token())?)
    }

    /// Reads the bytes at an address.
    ///
    /// # Errors
    /// When there is no answer, or it is not 200 with at most [`MAX_BYTES`].
    pub(crate) fn fetch_bytes(&self, url: &Url) -> Result<Vec<u8>, ClientError> {
        self.bytes(url, None)
    }

    /// Reads a text from an address over a connection of its own: one that was kept may lead to a process that is about
    /// to end.
    ///
    /// # Errors
    /// As [`Client::fetch`].
    pub(crate) fn fetch_anew(&self, url: &Url) -> Result<String, ClientError> {
        let request = self.http(url)?.get(url.clone()).timeout(self.timeout).header(CONNECTION, "close");
        text(url, self.body(url, request)?)
    }

    fn bytes(&self, url: &Url, token: Option<&Token>) -> Result<Vec<u8>, ClientError> {
        let mut request = self.http(url)?.get(url.clone());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header());
        }
        self.body(url, request)
    }

    /// The body of an answer that has to be 200.
    fn body(&self, url: &Url, request: RequestBuilder) -> Result<Vec<u8>, ClientError> {
        let (status, headers, body) = self.run(url, request, MAX_BYTES)?;
        if status != 200 {
            let location = (300..400).contains(&status).then(|| location(url, &headers)).flatten();
            return Err(ClientError::Status { url: shown(url), status, location });
        }
        if body.len() as u64 > MAX_BYTES {
            return Err(ClientError::TooLarge { url: shown(url) });
        }
        Ok(body)
    }

    /// Posts JSON to an address, without credentials except those in the address itself: the status.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn post(&self, url: &Url, json: String) -> Result<u16, ClientError> {
        let request = self.http(url)?.post(url.clone()).timeout(self.timeout);
        let request = request.header(CONTENT_TYPE, "application/json").body(json);
        self.run(url, request, MAX_ANSWER).map(|(status, ..)| status)
    }

    /// Gets a path below the base: the status and the body. At most `limit` + 1 bytes are read, so that a longer body
    /// can be told from one of `limit` bytes.
    pub(crate) fn get(
        &self,
        endpoint: &Endpoint,
        path: &str,
        limit: u64,
    ) -> Result<(u16, Vec<u8>), ClientError> {
        let (status, _, body) = self.exchange(endpoint, Method::GET, path, None, limit)?;
        Ok((status, body))
    }

    /// Sends JSON to a path below the base: the status, the target of a redirect, and the body.
    pub(crate) fn send(
        &self,
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        json: String,
    ) -> Result<(u16, Option<String>, Vec<u8>), ClientError> {
        let (status, headers, body) = self.exchange(endpoint, method, path, Some(json), MAX_ANSWER)?;
        Ok((status, location(&endpoint.below(path), &headers), body))
    }

    /// Sends one request to a path below the base, with the credentials for it.
    pub(crate) fn exchange(
        &self,
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        json: Option<String>,
        limit: u64,
    ) -> Result<Response, ClientError> {
        let url = endpoint.below(path);
        let request = self.request(endpoint, &url, method, json)?;
        let answer = self.run(&url, request, limit);
        if endpoint.is_dcos() { answer.map_err(ClientError::of_dcos) } else { answer }
    }

    /// A request to an address below the base, with the credentials for it.
    pub(super) fn request(
        &self,
        endpoint: &Endpoint,
        url: &Url,
        method: Method,
        json: Option<String>,
    ) -> Result<RequestBuilder, ClientError> {
        let request = self.http(url)?.request(method, url.clone()).timeout(self.timeout);
        let mut request = request.header(ACCEPT, "application/json");
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json").body(json);
        }
        if let Some(token) = endpoint.token() {
            request = request.header(AUTHORIZATION, token.header());
        }
        Ok(request)
    }

    /// The client for this address. It keeps idle connections for [`KEPT`].
    pub(crate) fn http(&self, url: &Url) -> Result<&reqwest::Client, ClientError> {
        let (is_https, is_local) = (url.scheme() == "https", is_loopback(url));
        let client = &self.clients[usize::from(is_https) * 2 + usize::from(is_local)];
        if let Some(http) = client.get() {
            return Ok(http);
        }
        let http =
            self.build(is_https, is_local).map_err(|cause| ClientError::Tls { url: shown(url), cause })?;
        Ok(client.get_or_init(|| http))
    }

    fn build(&self, is_https: bool, is_local: bool) -> Result<reqwest::Client, String> {
        // A little shorter than the whole time-out, so that the error tells which of the two ran out.
        let connect =
            self.timeout.saturating_sub(Duration::from_millis(50)).min(Duration::from_secs(MAX_CONNECT));
        let builder = reqwest::Client::builder()
            .user_agent(concat!("milepost/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .pool_idle_timeout(KEPT)
            .timeout(self.timeout)
            .connect_timeout(connect);
        // Plain http needs no root certificates, and the machine may have none.
        let builder = if is_https {
            builder.tls_backend_preconfigured(tls::config(&self.roots).map_err(|error| error.to_string())?)
        } else {
            builder.tls_certs_only([])
        };
        // Requests to this machine, perhaps with a token over plain http, must not go to a proxy.
        let client = if is_local { builder.no_proxy().build() } else { builder.build() };
        client.map_err(|error| innermost(&error).0)
    }

    /// Sends the request and reads the answer, up to one byte more than `limit`.
    pub(crate) fn run(
        &self,
        url: &Url,
        request: RequestBuilder,
        limit: u64,
    ) -> Result<Response, ClientError> {
        self.runtime().block_on(exchanged(request, limit)).map_err(|error| explain(url, self.timeout, &error))
    }

    /// The runtime that all requests run on.
    pub(super) fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("internal error: the runtime is there until the client is dropped")
    }

    /// Waits for requests that run side by side.
    pub(crate) fn wait_for<T>(&self, requests: impl Future<Output = T>) -> T {
        self.runtime().block_on(requests)
    }

    /// How long one request may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sets how long each further request may take.
    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }
}

/// Sends a request and reads the answer.
pub(super) async fn exchanged(request: RequestBuilder, limit: u64) -> Result<Response, reqwest::Error> {
    let mut response = request.send().await?;
    let body = read_body(&mut response, limit).await?;
    Ok((response.status().as_u16(), std::mem::take(response.headers_mut()), body))
}

/// The body as text, without a byte-order mark.
fn text(url: &Url, body: Vec<u8>) -> Result<String, ClientError> {
    let mut text = String::from_utf8(body).map_err(|error| ClientError::NotText {
        url: shown(url),
        offset: error.utf8_error().valid_up_to(),
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..3);
    }
    Ok(text)
}

async fn read_body(response: &mut reqwest::Response, limit: u64) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > limit {
            break;
        }
    }
    Ok(body)
}

/// The target of a redirect.
pub(crate) fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    url.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

/// The target of a redirect, without secrets.
pub(crate) fn location(url: &Url, headers: &HeaderMap) -> Option<String> {
    target(url, headers).map(|to| shown(&to))
}

fn read_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let bad = |problem: String| ClientError::CaFile { path: path.to_owned(), problem };
    let bytes = read_bytes(path)?;
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let roots = roots.map_err(|error| bad(error.to_string()))?;
    if roots.is_empty() {
        return Err(bad("it holds no certificate".to_owned()));
    }
    match roots.iter().position(|root| X509Certificate::from_der(root).is_err()) {
        Some(index) => Err(bad(format!("certificate {} in it cannot be read", index + 1))),
        None => Ok(roots),
    }
}
