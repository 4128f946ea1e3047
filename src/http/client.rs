//! The HTTP client: one request at a time, blocking for its caller.

use std::cell::OnceCell;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder, Url, redirect};
use rustls::pki_types::CertificateDer;
use tokio::runtime::{Builder, Runtime};

use crate::source::file::MAX_BYTES;

use super::endpoint::{Endpoint, is_loopback, origin, shown};
use super::error::{ClientError, explain, innermost};
use super::insist::Insistence;
use super::tls;
use super::token::Token;

/// The limit for answers, in bytes. Marathon answers with the definition, or with some errors.
pub(crate) const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// The limit for connecting, in seconds, within the time-out of a request.
pub(super) const MAX_CONNECT: u64 = 10;

/// How long an idle connection is kept: shorter than servers keep theirs, so that no request meets a closed one.
const KEPT: Duration = Duration::from_secs(5);

/// An answer: the status, the headers and the body.
pub(crate) type Response = (u16, HeaderMap, Vec<u8>);

/// Whose certificates a connection takes.
#[derive(Clone, Copy)]
enum TlsTrust {
    /// It has none.
    Plain,
    /// Those that a trusted authority has signed.
    Verified,
    /// All.
    Any,
}

/// Sends requests and waits for the answers. Redirects are never followed away from the
/// addresses of a server: credentials and definitions are for them only.
///
/// Nothing else makes an async runtime or loads TLS roots.
pub(crate) struct Client {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
    roots: Vec<CertificateDer<'static>>,
    timeout: Duration,
    /// When no request may be under way any more.
    end: Option<Instant>,
    /// The origin of the server whose certificate may be any.
    unverified: Option<String>,
    pub(super) insistence: Insistence,
    /// Made on first use: for http, https and https without verification, each for other machines and for this one.
    clients: [OnceCell<reqwest::Client>; 6],
}

/// A request to a path below the base, whose answer is read up to one byte more than `limit`.
pub(crate) struct Exchange<'r> {
    /// The method.
    pub method: Method,
    /// The path, with its query.
    pub path: &'r str,
    /// The body.
    pub body: Option<Body>,
    /// The types of answers that are understood.
    pub accept: &'static str,
    /// The longest body that is expected, in bytes.
    pub limit: u64,
}

impl<'r> Exchange<'r> {
    /// A request for JSON.
    pub(crate) fn new(method: Method, path: &'r str, limit: u64) -> Self {
        Self { method, path, body: None, accept: JSON, limit }
    }
}

/// The type of nearly all bodies.
pub(super) const JSON: &str = "application/json";

/// What is sent with a request.
#[derive(Clone)]
pub(crate) struct Body {
    /// Its type, for `Content-Type`.
    pub kind: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Body {
    /// A JSON text.
    pub(crate) fn json(text: String) -> Self {
        Self { kind: JSON, bytes: text.into_bytes() }
    }
}

/// How often a request is sent on to another address of its server.
const MOST_MOVES: usize = 5;

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
        let roots = ca_file.map(tls::read_roots).transpose()?.unwrap_or_default();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(ClientError::Setup)?;
        let (insistence, clients) = Default::default();
        Ok(Self { runtime: Some(runtime), roots, timeout, end: None, unverified: None, insistence, clients })
    }

    /// Takes any certificate of this server, and of no other.
    pub(crate) fn trust_any_certificate_of(&mut self, url: &Url) {
        self.unverified = Some(origin(url));
    }

    fn takes_any_certificate_of(&self, url: &Url) -> bool {
        self.unverified.as_ref().is_some_and(|unverified| *unverified == origin(url))
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
        self.prepare(endpoint)?;
        let url = endpoint.base();
        let read = || self.body(url, self.request(endpoint, url, Method::GET, None)?);
        let mut body = read();
        if matches!(&body, Err(ClientError::Status { status: 401, .. })) && self.renew(endpoint)? {
            body = read();
        }
        text(url, body?)
    }

    /// Reads the bytes at an address.
    ///
    /// # Errors
    /// When there is no answer, or it is not 200 with at most [`MAX_BYTES`].
    pub(crate) fn fetch_bytes(&self, url: &Url) -> Result<Vec<u8>, ClientError> {
        self.body(url, self.http(url)?.get(url.clone()))
    }

    /// Reads a text from an address over a connection of its own: one that was kept may lead to a process that is about
    /// to end.
    ///
    /// # Errors
    /// As [`Client::fetch`].
    pub(crate) fn fetch_anew(&self, url: &Url) -> Result<String, ClientError> {
        let request = self.http(url)?.get(url.clone()).timeout(self.patience()).header(CONNECTION, "close");
        text(url, self.body(url, request)?)
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
        let request = self.http(url)?.post(url.clone()).timeout(self.patience());
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

    /// Sends one request to a path below the base, with the credentials for it.
    pub(crate) fn exchange(
        &self,
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        json: Option<String>,
        limit: u64,
    ) -> Result<Response, ClientError> {
        let exchange = Exchange { body: json.map(Body::json), ..Exchange::new(method, path, limit) };
        self.exchange_any(endpoint, &exchange)
    }

    /// As [`Client::exchange`], with bodies of any type. The request goes on to the server's next address where one cannot
    /// be connected to or sends it there, and once more with a new token where the server refuses an old one.
    pub(crate) fn exchange_any(
        &self,
        endpoint: &Endpoint,
        exchange: &Exchange<'_>,
    ) -> Result<Response, ClientError> {
        self.insistently(&exchange.method, || {
            self.prepare(endpoint)?;
            let answer = self.answer(endpoint, exchange);
            if matches!(&answer, Ok((401, ..))) && self.renew(endpoint)? {
                return self.answer(endpoint, exchange);
            }
            answer
        })
    }

    /// The answer of the first address of a server that has one.
    pub(super) fn answer(
        &self,
        endpoint: &Endpoint,
        exchange: &Exchange<'_>,
    ) -> Result<Response, ClientError> {
        let mut others = endpoint.len() - 1;
        loop {
            let base = endpoint.base().clone();
            let answer = self.followed(endpoint, exchange);
            self.note(&answer);
            let may_repeat = exchange.method == Method::GET;
            let goes_on = match &answer {
                // A standby that finds no leader.
                Ok((502..=504, ..)) => may_repeat,
                Ok(_) => false,
                Err(error) => error.was_not_sent() || may_repeat && error.may_pass(),
            };
            if !goes_on || others == 0 {
                let answer = if others == 0 {
                    answer.map_err(|error| error.with_others(&endpoint.others(&base)))
                } else {
                    answer
                };
                return if endpoint.is_dcos() { answer.map_err(ClientError::of_dcos) } else { answer };
            }
            others -= 1;
            endpoint.move_on(&base);
        }
    }

    /// The answer to a request, sent on where it is redirected within the server: from a standby to the leader, where both
    /// are addresses of it, or to another path.
    fn followed(&self, endpoint: &Endpoint, exchange: &Exchange<'_>) -> Result<Response, ClientError> {
        let mut url = endpoint.below(exchange.path);
        let mut moves = 0;
        loop {
            let request = self.request(endpoint, &url, exchange.method.clone(), exchange.body.clone())?;
            let answer = self.run(&url, request.header(ACCEPT, exchange.accept), exchange.limit)?;
            // Only these two keep the method and the body.
            let is_moved = matches!(answer.0, 307 | 308) && moves < MOST_MOVES;
            match target(&url, &answer.1).filter(|next| is_moved && endpoint.is_at(next)) {
                Some(next) => {
                    endpoint.move_to(&next);
                    url = with_user_of(next, &url);
                    moves += 1;
                }
                None => return Ok(answer),
            }
        }
    }

    /// Gets a token for the server where it needs one and none is there, or the one there is ends.
    pub(super) fn prepare(&self, endpoint: &Endpoint) -> Result<(), ClientError> {
        endpoint.holder().map_or(Ok(()), |holder| holder.prepare(self))
    }

    /// The token for a server, after signing in where there is none yet.
    pub(crate) fn token_for(&self, endpoint: &Endpoint) -> Result<Option<Token>, ClientError> {
        self.prepare(endpoint)?;
        Ok(endpoint.token())
    }

    /// Gets another token for a server that refused one: whether there is another now.
    pub(super) fn renew(&self, endpoint: &Endpoint) -> Result<bool, ClientError> {
        endpoint.holder().map_or(Ok(false), |holder| holder.renew(self))
    }

    /// A request to an address of a server, with the credentials for it.
    pub(super) fn request(
        &self,
        endpoint: &Endpoint,
        url: &Url,
        method: Method,
        body: Option<Body>,
    ) -> Result<RequestBuilder, ClientError> {
        let mut request = self.http(url)?.request(method, url.clone()).timeout(self.patience());
        if let Some(Body { kind, bytes }) = body {
            request = request.header(CONTENT_TYPE, kind).body(bytes);
        }
        if let Some(token) = endpoint.token_at(url) {
            request = request.header(AUTHORIZATION, token.header());
        }
        Ok(request)
    }

    /// The client for this address. It keeps idle connections for [`KEPT`].
    pub(crate) fn http(&self, url: &Url) -> Result<&reqwest::Client, ClientError> {
        let is_local = is_loopback(url);
        let trust = match url.scheme() {
            "https" if self.takes_any_certificate_of(url) => TlsTrust::Any,
            "https" => TlsTrust::Verified,
            _ => TlsTrust::Plain,
        };
        let client = &self.clients[trust as usize * 2 + usize::from(is_local)];
        if let Some(http) = client.get() {
            return Ok(http);
        }
        let http =
            self.build(trust, is_local).map_err(|cause| ClientError::Tls { url: shown(url), cause })?;
        Ok(client.get_or_init(|| http))
    }

    fn build(&self, trust: TlsTrust, is_local: bool) -> Result<reqwest::Client, String> {
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
        let builder = match trust {
            // Plain http needs no root certificates, and the machine may have none.
            TlsTrust::Plain => builder.tls_certs_only([]),
            TlsTrust::Verified => builder
                .tls_backend_preconfigured(tls::config(&self.roots).map_err(|error| error.to_string())?),
            TlsTrust::Any => {
                builder.tls_backend_preconfigured(tls::unverified().map_err(|error| error.to_string())?)
            }
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
        let patience = self.patience();
        self.runtime().block_on(exchanged(request, limit)).map_err(|error| explain(url, patience, &error))
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

    /// How long a request that is sent now may take: until the end at most, where there is one.
    pub(super) fn patience(&self) -> Duration {
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        left.map_or(self.timeout, |left| self.timeout.min(left))
    }

    /// Sets when no request may be under way any more. Returns what was set before.
    pub(crate) fn end_at(&mut self, end: Option<Instant>) -> Option<Instant> {
        std::mem::replace(&mut self.end, end)
    }

    /// Whether no request can be under way any more.
    pub(crate) fn is_at_end(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
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

/// Whether a body is a web page, as logins and proxies answer.
pub(crate) fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// The target of a redirect.
pub(crate) fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    url.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

/// The target of a redirect, without secrets.
pub(crate) fn location(url: &Url, headers: &HeaderMap) -> Option<String> {
    target(url, headers).map(|to| shown(&to))
}

/// The address with the user and the password of another.
fn with_user_of(mut url: Url, of: &Url) -> Url {
    if !of.username().is_empty() {
        // Fails only for addresses without a host, and requests go to hosts.
        let _ = url.set_username(of.username());
        let _ = url.set_password(of.password());
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_takes_no_longer_than_what_it_is_for() {
        let (second, hour) = (Duration::from_secs(1), Duration::from_hours(1));
        let mut client = Client::new(second, None).expect("a client");
        assert_eq!(client.patience(), second);
        assert_eq!(client.end_at(Some(Instant::now())), None);
        assert_eq!(client.patience(), Duration::ZERO);
        let end = Instant::now() + hour;
        client.end_at(Some(end));
        assert_eq!(client.patience(), second);
        client.set_timeout(2 * hour);
        assert!(client.patience() <= hour);
        assert_eq!(client.end_at(None), Some(end));
    }
}
