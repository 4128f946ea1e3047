//! Having agents trust a registry: a POSIX shell script that puts certificates where Docker and Mesos look for them, or
//! the registry among those that may be insecure. Run again it changes nothing; with `ROOT` set it only touches files
//! below that directory.
//!
//! The pieces of shell are in `script/`, each a function or two; [`script()`] puts together those that are asked for, and
//! calls them with quoted arguments. Nothing of a user's text gets into a script but as such an argument: certificates
//! are written anew from what was parsed.

mod agents;
mod host;
mod script;

pub use agents::{Agents, AgentsError};
pub use host::{TrustHost, TrustHostError};
pub use script::{runner, script};

use time::{Duration, OffsetDateTime};

use super::cert::explain;
use super::cert::read::day;
use super::cert::{Bundle, Certificate};

/// Where Docker looks for the authority of a registry, below a directory for its host.
pub const DOCKER: &str = "/etc/docker/certs.d";

/// Where Mesos's fetcher on DC/OS looks for authorities, by the hash of their names.
pub const MESOS: &str = "/var/lib/dcos/pki/tls/certs";

/// What the agents are to do about a registry.
#[derive(Debug)]
pub enum Trust {
    /// Trust its authority.
    Authority {
        /// The certificates of the authority; at least one.
        certificates: Vec<Certificate>,
        /// What the file is called in [`MESOS`], without `.crt`.
        name: String,
    },
    /// Take any certificate, or none at all (Docker's `insecure-registries`).
    Insecure,
    /// The same, on the virtual machine of the Docker Toolbox.
    InsecureBoot2Docker,
}

/// What the script is to do.
#[derive(Debug)]
pub struct TrustOptions {
    /// The registry, as it stands in images' names; at least one.
    pub hosts: Vec<TrustHost>,
    /// What about it.
    pub trust: Trust,
    /// Whether Docker is restarted when something changed.
    pub restart_docker: bool,
    /// Whether connections to a virtual IP are to be helped (`nf_conntrack_tcp_be_liberal`).
    pub conntrack: bool,
}

/// Why no agent should trust what a file holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Every agent would have the key.
    #[error(
        "it holds a private key as well, which would go to every agent: give a file with the certificate alone"
    )]
    Key,
    /// Nothing it signed is taken any more.
    #[error("{name} expired on {day}: agents that trust it trust nothing; renew it")]
    Expired {
        /// Whose certificate.
        name: String,
        /// The day.
        day: String,
    },
}

/// The certificates to trust, and what is odd about them.
///
/// # Errors
/// When trusting them would do harm, or nothing.
pub fn authority(
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
            warnings.push(format!("{name} is valid from {} only", day(start)));
        }
        if end - now < Duration::days(30) {
            warnings.push(format!("{name} expires on {}", day(end)));
        }
        if certificate.is_authority() {
            continue;
        }
        if !certificate.is_self_issued() {
            warnings.push(format!(
                "{name} is a server's certificate, signed by {}: give that authority's certificate instead; \
                 this one OpenSSL may not take for trusted, and its renewal nobody will",
                certificate.issuer()
            ));
        }
        let names = explain::names(certificate).unwrap_or_default();
        for host in hosts.iter().filter(|host| !names.iter().any(|name| name.covers(host.name()))) {
            warnings.push(format!("{name} is a server's certificate, and not for {}", host.name()));
        }
    }
    Ok((bundle.certificates, warnings))
}
