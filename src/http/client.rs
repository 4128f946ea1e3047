//! The HTTP client: one request at a time, blocking for its caller.

use std::cell::OnceCell;
use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Certificate, Method, RequestBuilder, Response, Url, redirect};
use tokio::runtime::{Builder, Runtime};

use crate::source::file::MAX_BYTES;
use crate::source::{FileError, read_bytes};

use super::endpoint::{Endpoint, Token, is_loopback, shown};

/// The longest part of an answer that is read, in bytes. Marathon answers with the definition, or with some errors.
pub(crate) const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// The longest wait for a connection, in seconds, where more is allowed in all.
const MAX_CONNECT: u64 = 10;

/// How long a connection is kept for the next request: less than any server does, which would else end it meanwhile.
const KEPT: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The machine gives no runtime: out of file descriptors, for instance.
    #[error("cannot set up networking: {0}")]
    Setup(io::Error),
    /// No client can be made, in most cases because the system has no trusted certificates.
    #[error("cannot set up TLS for {url}: {cause}; the authority to trust can be given with --ca-file")]
    Tls {
        /// The address.
        url: String,
        /// The TLS library's reason.
        cause: String,
    },
    /// The certificates to trust cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// They are none.
    #[error("{}: {problem}; a PEM file with at least one certificate is expected", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody answers there, or nobody to be trusted.
    #[error("cannot connect to {url}: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// The innermost reason, and what to do about it.
        cause: String,
    },
    /// The server's certificate is not trusted, or not its own, or has ended.
    #[error("cannot connect to {url}: {cause}{advice}")]
    Distrusted {
        /// The address.
        url: String,
        /// What is wrong with the certificate.
        cause: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// It was sent, or part of it, and then the connection broke.
    #[error("the connection to {url} broke before an answer came: {cause}")]
    Broken {
        /// The address.
        url: String,
        /// The innermost reason.
        cause: String,
    },
    /// It took longer than allowed.
    #[error("{url} {what} within {seconds} s")]
    TimedOut {
        /// The address.
        url: String,
        /// What it did not do.
        what: &'static str,
        /// The time allowed.
        seconds: u64,
        /// Whether the request had gone out, so that it may have been carried out.
        was_sent: bool,
    },
    /// The address of a definition gives something else.
    #[error("cannot read {url}: the server answers {status}{}", location.as_ref().map(|to| format!(" and points to {to}; give that address if it is right")).unwrap_or_default())]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Where a redirect points.
        location: Option<String>,
    },
    /// What is there is larger than a definition can be.
    #[error("{url} is larger than {} MiB, which no definition is: not read", MAX_BYTES >> 20)]
    TooLarge {
        /// The address.
        url: String,
    },
    /// What is there is no text.
    #[error("{url}: byte {offset} is not UTF-8")]
    NotText {
        /// The address.
        url: String,
        /// Where the first bad byte stands, from 0.
        offset: usize,
    },
}

/// Sends requests and waits for the answers. Redirects are never followed: a credential and a definition are for the
/// address they were meant for.
pub struct Client {
    /// Always there until it is dropped.
    runtime: Option<Runtime>,
    roots: Vec<Certificate>,
    timeout: Duration,
    /// Made when one is needed: over http and https, elsewhere and to this machine.
    ways: [OnceCell<reqwest::Client>; 4],
}

impl Drop for Client {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, and one of them may hang in the system's resolver.
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
    /// When the file holds no certificate, or the system refuses what a runtime needs.
    pub fn new(timeout: Duration, ca_file: Option<&Path>) -> Result<Self, ClientError> {
        // An error says that it has been done already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let roots = ca_file.map(read_roots).transpose()?.unwrap_or_default();
        let runtime = Builder::new_current_thread().enable_all().build().map_err(ClientError::Setup)?;
        Ok(Self { runtime: Some(runtime), roots, timeout, ways: Default::default() })
    }

    /// Reads a text from an address. No credential goes there but one in the address itself.
    ///
    /// # Errors
    /// When there is no answer, or it is not 200 with a text of at most [`MAX_BYTES`].
    pub fn fetch(&self, url: &Url) -> Result<String, ClientError> {
        text(url, self.fetch_bytes(url)?)
    }

    /// Reads a text from an address, with the token that is for it.
    ///
    /// # Errors
    /// As [`Client::fetch`].
    pub fn fetch_with_token(&self, endpoint: &Endpoint) -> Result<String, ClientError> {
        let url = endpoint.base();
        text(url, self.bytes(url, endpoint.token())?)
    }

    /// Reads what is at an address, as [`Client::fetch`], whatever it is.
    ///
    /// # Errors
    /// When there is no answer, or it is not 200 with at most [`MAX_BYTES`].
    pub fn fetch_bytes(&self, url: &Url) -> Result<Vec<u8>, ClientError> {
        self.bytes(url, None)
    }

    fn bytes(&self, url: &Url, token: Option<&Token>) -> Result<Vec<u8>, ClientError> {
        let mut request = self.http(url)?.get(url.clone());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header());
        }
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

    /// What Marathon answers at a path below its base: the status and the body, of which no more than `limit` bytes and
    /// one are read.
    pub(crate) fn get(
        &self,
        endpoint: &Endpoint,
        path: &str,
        limit: u64,
    ) -> Result<(u16, Vec<u8>), ClientError> {
        let (status, _, body) = self.exchange(endpoint, Method::GET, path, None, limit)?;
        Ok((status, body))
    }

    /// What is answered to JSON sent to a path below the base: the status, where a redirect points, and the body.
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

    /// One request to a path below the base, with the credential that is for it, and the answer.
    pub(crate) fn exchange(
        &self,
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        json: Option<String>,
        limit: u64,
    ) -> Result<(u16, HeaderMap, Vec<u8>), ClientError> {
        let url = endpoint.below(path);
        let mut request = self.http(&url)?.request(method, url.clone()).header(ACCEPT, "application/json");
        if let Some(json) = json {
            request = request.header(CONTENT_TYPE, "application/json").body(json);
        }
        if let Some(token) = endpoint.token() {
            request = request.header(AUTHORIZATION, token.header());
        }
        self.run(&url, request, limit)
    }

    /// What sends requests to this address. It keeps connections for a while.
    pub(crate) fn http(&self, url: &Url) -> Result<&reqwest::Client, ClientError> {
        let (is_https, is_local) = (url.scheme() == "https", is_loopback(url));
        let way = &self.ways[usize::from(is_https) * 2 + usize::from(is_local)];
        if let Some(http) = way.get() {
            return Ok(http);
        }
        let http = self
            .build(is_https, is_local)
            .map_err(|error| ClientError::Tls { url: shown(url), cause: innermost(&error).0 })?;
        Ok(way.get_or_init(|| http))
    }

    fn build(&self, is_https: bool, is_local: bool) -> Result<reqwest::Client, reqwest::Error> {
        // A little less than for everything, so that the error can tell which of the two it was.
        let connect =
            self.timeout.saturating_sub(Duration::from_millis(50)).min(Duration::from_secs(MAX_CONNECT));
        let builder = reqwest::Client::builder()
            .user_agent(concat!("milepost/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .pool_idle_timeout(KEPT)
            .timeout(self.timeout)
            .connect_timeout(connect);
        // Plain http needs no roots, and the machine may have none.
        let builder = if is_https {
            builder.tls_certs_merge(self.roots.iter().cloned())
        } else {
            builder.tls_certs_only([])
        };
        // What is meant for this machine, a token over plain http perhaps, is not for a proxy.
        if is_local { builder.no_proxy().build() } else { builder.build() }
    }

    /// Sends the request and reads the answer, up to one byte more than `limit`.
    pub(crate) fn run(
        &self,
        url: &Url,
        request: RequestBuilder,
        limit: u64,
    ) -> Result<(u16, HeaderMap, Vec<u8>), ClientError> {
        let runtime =
            self.runtime.as_ref().expect("internal error: the runtime is there until the client is dropped");
        let exchange = async {
            let mut response = request.send().await?;
            let body = read_body(&mut response, limit).await?;
            Ok((response.status().as_u16(), std::mem::take(response.headers_mut()), body))
        };
        runtime.block_on(exchange).map_err(|error| self.explain(url, &error))
    }

    fn explain(&self, url: &Url, error: &reqwest::Error) -> ClientError {
        let url = shown(url);
        if error.is_timeout() {
            let was_sent = !error.is_connect();
            let (what, seconds) = if was_sent {
                ("did not answer", self.timeout.as_secs())
            } else {
                ("could not be connected to", self.timeout.as_secs().min(MAX_CONNECT))
            };
            return ClientError::TimedOut { url, what, seconds, was_sent };
        }
        let (cause, tls) = innermost(error);
        let advice = match tls {
            Some(rustls::Error::InvalidCertificate(problem)) => {
                return ClientError::Distrusted { url, cause, advice: certificate_advice(&problem) };
            }
            Some(rustls::Error::InvalidMessage(_)) => "; this may be a port for plain http",
            _ => "",
        };
        let cause = format!("{cause}{advice}");
        if error.is_connect() {
            ClientError::Unreachable { url, cause }
        } else {
            ClientError::Broken { url, cause }
        }
    }
}

/// What came from an address as text, without a byte-order mark.
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

/// What to do about a certificate that is not accepted.
fn certificate_advice(problem: &rustls::CertificateError) -> &'static str {
    match problem {
        rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature => {
            " (nobody trusted here has signed the server's certificate); give the authority's own with --ca-file, \
             for DC/OS the one at /ca/dcos-ca.crt"
        }
        _ => "",
    }
}

async fn read_body(response: &mut Response, limit: u64) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > limit {
            break;
        }
    }
    Ok(body)
}

/// Where an answer points.
pub(crate) fn target(url: &Url, headers: &HeaderMap) -> Option<Url> {
    url.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

/// The same, as it may be shown.
pub(crate) fn location(url: &Url, headers: &HeaderMap) -> Option<String> {
    target(url, headers).map(|to| shown(&to))
}

fn read_roots(path: &Path) -> Result<Vec<Certificate>, ClientError> {
    let bad = |problem: String| ClientError::CaFile { path: path.to_owned(), problem };
    let roots = Certificate::from_pem_bundle(&read_bytes(path)?).map_err(|error| bad(innermost(&error).0))?;
    if roots.is_empty() { Err(bad("it holds no certificate".to_owned())) } else { Ok(roots) }
}

/// The reason at the bottom of an error, which says what the layers above only wrap, and the TLS library's own error
/// where it is one.
fn innermost(error: &reqwest::Error) -> (String, Option<rustls::Error>) {
    let mut last: &(dyn StdError + 'static) = error;
    loop {
        let inner = match last.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => last.source(),
        };
        match inner {
            Some(inner) => last = inner,
            None => return (last.to_string(), last.downcast_ref::<rustls::Error>().cloned()),
        }
    }
}
