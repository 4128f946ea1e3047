//! Why a request gets no answer, in words.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::source::FileError;
use crate::source::file::MAX_BYTES;
use crate::util::escape::shown_path;

use super::client::MAX_CONNECT;
use super::endpoint::shown;

/// What to do where no trusted authority has signed a certificate.
const NO_AUTHORITY: &str = " (no authority trusted here has signed the server's certificate); give the authority's \
                            certificate with --ca-file";

/// The same for a server that is DC/OS.
const NO_AUTHORITY_OF_DCOS: &str = " (no authority trusted here has signed the server's certificate); give the authority's \
                                    certificate with --ca-file, for DC/OS the one at /ca/dcos-ca.crt";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
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
    /// The file of certificates to trust cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It holds no certificates.
    #[error("{}: {problem}; a PEM file with at least one certificate is expected", shown_path(&path))]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No server can be connected to.
    #[error("cannot connect to {url}: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// The innermost reason, and what to do about it.
        cause: String,
    },
    /// The server's certificate is not trusted, is for another name, or has expired.
    #[error("cannot connect to {url}: {cause}{advice}")]
    Distrusted {
        /// The address.
        url: String,
        /// What is wrong with the certificate.
        cause: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// The connection broke after the request, or part of it, was sent.
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
        /// What the server did not do.
        what: &'static str,
        /// The time allowed.
        seconds: u64,
        /// Whether the request was sent: the server may have acted on it.
        was_sent: bool,
    },
    /// The server does not give a token.
    #[error("cannot sign in: {message}")]
    SignIn {
        /// Why, and what to do.
        message: String,
        /// Whether the server has refused who signs in.
        is_refusal: bool,
    },
    /// The answer is not 200.
    #[error("cannot read {url}: the server answers {status}{}", location.as_ref().map(|to| format!(" and redirects to {to}; give that address if it is right")).unwrap_or_default())]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The target of a redirect.
        location: Option<String>,
    },
    /// The body is larger than a definition can be.
    #[error("{url} is larger than {} MiB, which no definition is: not read", MAX_BYTES >> 20)]
    TooLarge {
        /// The address.
        url: String,
    },
    /// The body is not text.
    #[error("{url}: byte {offset} is not UTF-8")]
    NotText {
        /// The address.
        url: String,
        /// The offset of the first bad byte, from 0.
        offset: usize,
    },
}

impl ClientError {
    /// The same error of a server that is DC/OS, whose own authority has signed its certificate.
    pub(super) fn of_dcos(self) -> Self {
        match self {
            Self::Distrusted { url, cause, advice } if advice == NO_AUTHORITY => {
                Self::Distrusted { url, cause, advice: NO_AUTHORITY_OF_DCOS }
            }
            error => error,
        }
    }

    /// The same where these addresses of the server were tried before.
    pub(super) fn with_others(self, others: &[String]) -> Self {
        match self {
            Self::Unreachable { url, cause } if !others.is_empty() => {
                Self::Unreachable { url, cause: format!("{cause}; nor to {}", others.join(", ")) }
            }
            error => error,
        }
    }

    /// Whether the server has certainly not seen the request: nothing was connected to.
    #[must_use]
    pub(super) fn was_not_sent(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Distrusted { .. } => true,
            Self::TimedOut { was_sent, .. } => !was_sent,
            _ => false,
        }
    }

    /// Whether the same request may be answered a little later: the network, a name server or the server itself fails.
    #[must_use]
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Broken { .. } | Self::TimedOut { .. })
    }

    /// Whether the request may have been carried out: it was sent, or a part of it.
    #[must_use]
    pub(crate) fn may_be_done(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::TimedOut { was_sent: true, .. })
    }

    /// The host that did not answer, with its port where that is written.
    pub(crate) fn host(&self) -> Option<&str> {
        let (Self::Tls { url, .. }
        | Self::Unreachable { url, .. }
        | Self::Distrusted { url, .. }
        | Self::Broken { url, .. }
        | Self::TimedOut { url, .. }) = self
        else {
            return None;
        };
        host_of(url)
    }
}

/// The host of an address, with its port where that is written.
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// A time in whole seconds, rounded up: what is left of a wait is a little less than it was given.
fn in_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_millis() > 0)
}

/// The error of a request to this address that may take `timeout`.
pub(crate) fn explain(url: &Url, timeout: Duration, error: &reqwest::Error) -> ClientError {
    let url = shown(url);
    if error.is_timeout() {
        let was_sent = !error.is_connect();
        let (what, seconds) = if was_sent {
            ("did not answer", in_seconds(timeout))
        } else {
            ("could not be connected to", in_seconds(timeout).min(MAX_CONNECT))
        };
        return ClientError::TimedOut { url, what, seconds, was_sent };
    }
    let (cause, tls) = innermost(error);
    let advice = match tls {
        Some(rustls::Error::InvalidCertificate(problem)) => {
            let cause = chain_fault(&problem).map_or(cause, str::to_owned);
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

/// A server that shows the certificate of an authority, as `openssl req -x509` makes it.
const AUTHORITY_AS_SERVER: &str = "the server shows a certificate that may sign others (CA:TRUE)";
/// A certificate that is signed by one that may not sign others.
const NO_SIGNER: &str = "the server's certificate is signed by one that may not sign others (CA:FALSE)";

/// What is wrong with a chain of certificates where the library (webpki) only gives the name of a variant.
fn chain_fault(problem: &rustls::CertificateError) -> Option<&'static str> {
    let rustls::CertificateError::Other(other) = problem else { return None };
    match other.0.to_string().as_str() {
        "CaUsedAsEndEntity" => Some(AUTHORITY_AS_SERVER),
        "EndEntityUsedAsCa" => Some(NO_SIGNER),
        _ => None,
    }
}

/// What to do about a certificate that is not accepted.
fn certificate_advice(problem: &rustls::CertificateError) -> &'static str {
    match problem {
        rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature => NO_AUTHORITY,
        rustls::CertificateError::InvalidPurpose | rustls::CertificateError::InvalidPurposeContext { .. } => {
            "; make one for servers (extendedKeyUsage serverAuth): `milepost registry cert` does"
        }
        rustls::CertificateError::Other(_) => match chain_fault(problem) {
            Some(AUTHORITY_AS_SERVER) => {
                "; give this certificate itself with --ca-file, not only the authority that signed it, or make one \
                 without CA:TRUE: `milepost registry cert` does"
            }
            Some(_) => "; sign it with an authority's certificate: `milepost registry cert` makes both",
            None => "",
        },
        _ => "",
    }
}

/// The innermost reason of an error, which the layers above only wrap, and the TLS library's error where it is one.
pub(super) fn innermost(error: &reqwest::Error) -> (String, Option<rustls::Error>) {
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
