//! Makes agents trust a registry: a POSIX shell script that puts certificates where Docker and Mesos look for them, or adds
//! the registry to the insecure ones. A second run changes nothing; with `ROOT` set it changes only files below that
//! directory.
//!
//! The shell functions are in `script/`; [`script()`] puts those needed together and calls them with quoted arguments. A
//! user's text gets into a script only as such an argument: certificates are written again from their parsed form.

mod host;
mod script;

pub(crate) use host::TrustHost;
pub(crate) use script::script;

use time::{Duration, OffsetDateTime};

use super::cert::read::day;
use super::cert::{Bundle, Certificate, is_for};

/// Docker's directory of authorities, with a directory for each registry.
pub(crate) const DOCKER: &str = "/etc/docker/certs.d";

/// The directory in which Mesos's fetcher on DC/OS finds authorities by the hash of their names.
pub(crate) const MESOS: &str = "/var/lib/dcos/pki/tls/certs";

/// How the agents accept a registry.
#[derive(Debug)]
pub(crate) enum Trust {
    /// Trust its authority.
    Authority {
        /// The certificates of the authority; at least one.
        certificates: Vec<Certificate>,
        /// The name of the file in [`MESOS`], without `.crt`.
        name: String,
    },
    /// Accept any certificate, or none (Docker's `insecure-registries`).
    Insecure,
    /// The same, on the virtual machine of the Docker Toolbox.
    InsecureBoot2Docker,
}

/// What follows a change for Docker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// Nothing.
    No,
    /// The script restarts it.
    Now,
    /// The script leaves the mark [`RESTART_MARK`](super::agents::RESTART_MARK), so that it is restarted later.
    Later,
}

/// The tasks of the script.
#[derive(Debug)]
pub(crate) struct TrustOptions {
    /// The registries as in image names; at least one.
    pub hosts: Vec<TrustHost>,
    /// How they are accepted.
    pub trust: Trust,
    /// Whether Docker is restarted when something changed.
    pub restart: Restart,
    /// Whether the kernel should not drop packets to a virtual IP (`nf_conntrack_tcp_be_liberal`).
    pub conntrack: bool,
}

/// Why agents should not trust the certificates of a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrustError {
    /// Every agent would have the key.
    #[error(
        "it also holds a private key, which would be copied to every agent: give a file with only the certificate"
    )]
    Key,
    /// Clients reject everything that it signed.
    #[error("{name} expired on {day}, so clients reject everything that it signed: renew it")]
    Expired {
        /// The subject of the certificate.
        name: String,
        /// The day.
        day: String,
    },
}

/// The certificates to trust, and warnings about them.
///
/// # Errors
/// When trusting them would do harm, or have no effect.
pub(crate) fn authority(
    bundle: Bundle,
    hosts: &[TrustHost],
    now: OffsetDateTime,
) -> Result<(Vec<Certificate>, Vec<String>), TrustError> {
    if bundle.has_key {
        return Err(TrustError::Key);
    }
    let mut warnings = Vec::new();
    for certificate in &bundle.certificates {
        let name = certificate.subject();
        let (start, end) = certificate.validity();
        if end <= now {
            return Err(TrustError::Expired { name, day: day(end) });
        }
        if start > now {
            warnings.push(format!("{name} is not valid before {}", day(start)));
        }
        if end - now < Duration::days(30) {
            warnings.push(format!("{name} expires on {}", day(end)));
        }
        if certificate.is_authority() {
            continue;
        }
        if !certificate.is_self_issued() {
            warnings.push(format!(
                "{name} is a server's certificate, signed by {}: give that authority's certificate instead; OpenSSL may \
                 not trust this one, and no client will trust its renewal",
                certificate.issuer()
            ));
        }
        for host in hosts.iter().filter(|host| !is_for(certificate, host.name())) {
            warnings.push(format!("{name} is a server's certificate, but not for {}", host.name()));
        }
    }
    Ok((bundle.certificates, warnings))
}
