//! TLS of the registry.

use crate::definition::ReadMode;

use super::builder::AppBuilder;
use super::naming::Address;

/// The default directory of certificate and key on the agents.
pub(crate) const CERT_DIR: &str = "/etc/privateregistry/certs/";
/// The certificate's file name there.
pub(crate) const CERTIFICATE: &str = "domain.crt";
/// The key's file name there.
pub(crate) const KEY: &str = "domain.key";

/// The only port to which Mesos speaks http (`DockerFetcherPlugin`).
const HTTP: u16 = 80;

/// Their directory in the container.
pub(crate) const MOUNTED: &str = "/certs/";

/// Who signed the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Security {
    /// An authority that every Docker daemon trusts already
    Trusted,
    /// The registry itself: every Docker daemon must be set up to trust it
    SelfSigned,
    /// No TLS: for trying things out only
    None,
}

/// The signer of the certificate, and the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tls {
    security: Security,
    files: TlsFiles,
}

/// Where certificate and key are on the agents.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TlsFiles {
    /// No TLS.
    None,
    /// In one directory, which is mounted.
    In { directory: String, certificate: String, key: String },
    /// Anywhere; each is mounted.
    Each { certificate: String, key: String },
}

/// Why certificate and key cannot be mounted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsError {
    /// They are not used.
    #[error("--tls none takes no certificate: leave out --cert-dir, --certificate and --key")]
    Unused,
    /// One path is absolute, the other is a name in the directory.
    #[error(
        "give --certificate and --key both as names in --cert-dir, or both as absolute paths on the agents"
    )]
    Mixed,
    /// The directory is not an absolute path.
    #[error("--cert-dir is a directory on the agents: give an absolute path, not \"{0}\"")]
    RelativeDirectory(String),
    /// A name leads out of the directory.
    #[error("\"{0}\" is not a file name in --cert-dir; a file elsewhere needs an absolute path")]
    NoName(String),
}

impl Tls {
    /// Takes the paths on the agents; defaults are [`CERT_DIR`], [`CERTIFICATE`] and [`KEY`].
    ///
    /// # Errors
    /// When the paths do not fit each other.
    pub(crate) fn new(
        security: Security,
        directory: Option<String>,
        certificate: Option<String>,
        key: Option<String>,
    ) -> Result<Self, TlsError> {
        if security == Security::None {
            let unused = directory.is_some() || certificate.is_some() || key.is_some();
            return if unused { Err(TlsError::Unused) } else { Ok(Self { security, files: TlsFiles::None }) };
        }
        let has_directory = directory.is_some();
        let directory = directory.unwrap_or_else(|| CERT_DIR.to_owned());
        let certificate = certificate.unwrap_or_else(|| CERTIFICATE.to_owned());
        let key = key.unwrap_or_else(|| KEY.to_owned());
        let files = match (certificate.starts_with('/'), key.starts_with('/')) {
            (true, true) if !has_directory => TlsFiles::Each { certificate, key },
            (false, false) => {
                if !directory.starts_with('/') {
                    return Err(TlsError::RelativeDirectory(directory));
                }
                let leaves = |name: &&String| name.is_empty() || name.split('/').any(|step| step == "..");
                if let Some(name) = [&certificate, &key].into_iter().find(leaves) {
                    return Err(TlsError::NoName(name.clone()));
                }
                TlsFiles::In { directory, certificate, key }
            }
            _ => return Err(TlsError::Mixed),
        };
        Ok(Self { security, files })
    }

    /// Whether TLS is used.
    #[must_use]
    pub(crate) fn is_on(&self) -> bool {
        self.security != Security::None
    }

    pub(crate) fn add_to(&self, direct: &[Address], builder: &mut AppBuilder) {
        let (certificate, key) = match &self.files {
            TlsFiles::None => {
                insecure(direct, builder);
                return;
            }
            TlsFiles::In { directory, certificate, key } => {
                builder.mount(directory, MOUNTED, ReadMode::ReadOnly);
                (certificate.as_str(), key.as_str())
            }
            TlsFiles::Each { certificate, key } => {
                builder.mount(certificate, &format!("{MOUNTED}{CERTIFICATE}"), ReadMode::ReadOnly);
                builder.mount(key, &format!("{MOUNTED}{KEY}"), ReadMode::ReadOnly);
                (CERTIFICATE, KEY)
            }
        };
        builder.env("REGISTRY_HTTP_TLS_CERTIFICATE", format!("{MOUNTED}{certificate}"));
        builder.env("REGISTRY_HTTP_TLS_KEY", format!("{MOUNTED}{key}"));
    }

    /// Tells what the certificate on the agents must be for.
    pub(super) fn tell_files(&self, direct: &[Address], builder: &mut AppBuilder) {
        let Some(first) = direct.first().filter(|_| self.is_on()) else { return };
        let hosts: Vec<&str> = direct.iter().map(|address| address.host.as_str()).collect();
        let trust = if self.security == Security::SelfSigned {
            format!(
                " (milepost registry cert makes one), and every agent must trust it, at \
                 /etc/docker/certs.d/{first}/ca.crt: milepost registry trust prints a script for that"
            )
        } else {
            String::new()
        };
        builder.note(format!("the certificate must be for {}{trust}", hosts.join(", ")));
    }
}

/// What a registry without TLS means for its clients at these addresses. Those who come through a proxy with TLS see none of
/// it.
fn insecure(direct: &[Address], builder: &mut AppBuilder) {
    if direct.is_empty() {
        builder.warn(
            "without TLS anybody on the network path between Marathon-LB and the registry can read and replace images",
        );
        return;
    }
    let names: Vec<String> = direct.iter().map(|address| address.in_images(false)).collect();
    builder.warn(format!(
        "without TLS anybody on the network path can read and replace images, and Docker refuses the registry at {} unless \
         every daemon, including those in containers, lists it in insecure-registries",
        names.join(", ")
    ));
    if direct.iter().any(|address| address.port != HTTP) {
        builder.warn(format!(
            "UCR (type MESOS and pods) speaks plain http to port {HTTP} only, so it cannot pull from {}: give the registry \
             TLS, or pull with the Docker Engine",
            names.join(", ")
        ));
    }
}
