//! Running a private registry on the cluster itself: from what the operator chooses to the app that runs it.
//!
//! One file per choice, each adding its share to the app (`parts`): how the registry is secured (`tls`), by which
//! name it is reached ([`app::naming`]), where the images are kept ([`app::storage`]), what its instances sign with
//! ([`app::http_secret`]) and whom it lets in ([`app::auth`]). The registry meant is the CNCF distribution registry
//! (`registry:2`), configured by its own environment variables.
//!
//! What it needs besides: a certificate (`cert`), and agents that trust it (`trust`); both with the feature `cert`.

pub mod app;
#[cfg(feature = "cert")]
pub mod cert;
#[cfg(feature = "cert")]
pub mod trust;

pub use app::{Generated, RegistryError, RegistryNote};

use crate::target::Release;

use app::auth::Auth;
use app::http_secret::HttpSecret;
use app::naming::Naming;
use app::storage::Storage;
use app::tls::Tls;

/// The port the registry listens on in its container (the image's own configuration, `http.addr`).
pub const PORT: u16 = 5000;

/// What runs the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Containerizer {
    /// The Docker Engine
    Docker,
    /// The Universal Container Runtime
    Mesos,
}

impl Containerizer {
    /// Marathon's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Docker => "DOCKER",
            Self::Mesos => "MESOS",
        }
    }
}

/// Everything there is to choose about the registry's app.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// The app's id, such as `/registry`.
    pub id: String,
    /// The image to run, such as `registry:2`.
    pub image: String,
    /// How many to run. More than one must share storage and http secret.
    pub instances: u32,
    /// CPU shares of one instance.
    pub cpus: f64,
    /// Memory of one instance, in MiB.
    pub mem: f64,
    /// What runs the container.
    pub containerizer: Containerizer,
    /// How the registry is secured.
    pub tls: Tls,
    /// By which names it is reached.
    pub naming: Naming,
    /// Where images are kept.
    pub storage: Storage,
    /// What instances sign the state of an upload with.
    pub http_secret: HttpSecret,
    /// Whom it lets in.
    pub auth: Auth,
    /// The path that Mesos asks whether an instance is healthy; nothing for no health check.
    pub health_path: Option<String>,
    /// The service port (10000 …); Marathon picks one when absent.
    pub service_port: Option<u16>,
    /// The Marathon to write for: up to 1.4, networking stands under `container.docker`.
    pub release: Release,
}
