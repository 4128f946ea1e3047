//! The names a certificate is for.

use std::fmt;
use std::net::IpAddr;

/// A name that clients use for the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SubjectName {
    /// An IP address. Clients look for it among the certificate's IP addresses only.
    Ip(IpAddr),
    /// A host name, perhaps with a wildcard as its first label.
    Dns(String),
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Dns(name) => f.write_str(name),
        }
    }
}

/// Why a certificate cannot be for a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// An IP address is not found among host names (RFC 6125, and Go's crypto/x509).
    #[error("this is an IP address, which clients look for among IP addresses: give it as --ip")]
    IsIp,
    /// Not an IP address.
    #[error("this is not an IP address; a host name goes to --dns")]
    NotIp,
    /// The port is not part of it.
    #[error("a certificate is for a name on any port: leave out the port")]
    HasPort,
    /// A host name has other characters.
    #[error("this is not a host name: {0}")]
    NotHost(&'static str),
}

impl SubjectName {
    /// Takes an IP address.
    ///
    /// # Errors
    /// When it is not one.
    pub(crate) fn ip(text: &str) -> Result<Self, NameError> {
        let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        address.parse().map(Self::Ip).map_err(|_| {
            let has_port = text.parse::<std::net::SocketAddr>().is_ok();
            if has_port { NameError::HasPort } else { NameError::NotIp }
        })
    }

    /// Takes a host name; its whole first label may be `*`.
    ///
    /// # Errors
    /// When it is not one.
    pub(crate) fn dns(text: &str) -> Result<Self, NameError> {
        if text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok() {
            return Err(NameError::IsIp);
        }
        if text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            return Err(NameError::HasPort);
        }
        let labels = text.strip_prefix("*.").unwrap_or(text);
        let problem = if text.len() > 253 {
            "it is longer than 253 characters"
        } else if !text.is_ascii() {
            "write names with other letters in their ASCII form (xn--…)"
        } else if text.ends_with('.') {
            "leave out the dot at its end"
        } else if labels.contains('*') {
            "only the whole first label can be `*`"
        } else if text.starts_with("*.") && !labels.contains('.') {
            "no client accepts a wildcard directly below a top-level domain"
        } else if !labels.split('.').all(is_label) {
            "letters, digits and `-` between dots, at most 63 in a row"
        } else {
            return Ok(Self::Dns(text.to_owned()));
        };
        Err(NameError::NotHost(problem))
    }

    /// Takes the name from an image's name or an address: scheme, port and path are left out.
    ///
    /// # Errors
    /// When no name is left.
    pub(crate) fn of_address(text: &str) -> Result<Self, NameError> {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Self::Ip(address));
        }
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => host,
            _ => host,
        };
        Self::ip(host).or_else(|_| Self::dns(host))
    }

    /// Whether a certificate with this name is valid for `wanted`: the same address, or the same host name in any case,
    /// where a wildcard matches one label (Go's crypto/x509, RFC 6125).
    #[must_use]
    pub(crate) fn covers(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Ip(have), Self::Ip(wanted)) => have == wanted,
            (Self::Dns(have), Self::Dns(wanted)) => match have.strip_prefix("*.") {
                Some(parent) => {
                    wanted.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                }
                None => have.eq_ignore_ascii_case(wanted),
            },
            _ => false,
        }
    }
}

/// Host names must not have underscores, but some do, and every client accepts them.
fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    matches!(label.len(), 1..=63)
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
