//! Running a private registry on the cluster: from the operator's choices to the app that runs it.
//!
//! Each choice has a file in [`app`] and adds its part to the app: TLS ([`app::tls`]), the names of the registry
//! ([`app::naming`]), the storage of images ([`app::storage`]), the secret that instances sign with ([`app::http_secret`])
//! and authentication ([`app::auth`]). The registry is the CNCF distribution registry (`registry:2`), configured by its own
//! environment variables. With a token server, it is a group of apps (`group`).
//!
//! It also needs a certificate (`cert`), agents that trust it (`trust`), and perhaps users (`users`), all with the feature
//! `cert`. What settings of a registry do not go together, the file `settings` tells both those that write definitions and the check
//! of those that are there. What is done on the agents is a script (`agents`).

pub(crate) mod agents;
pub(crate) mod app;
#[cfg(feature = "cert")]
pub(crate) mod cert;
#[cfg(feature = "cert")]
pub(crate) mod check;
#[cfg(feature = "cert")]
pub(crate) mod group;
pub(crate) mod settings;
pub(crate) mod task;
#[cfg(feature = "cert")]
pub(crate) mod trust;
#[cfg(feature = "cert")]
pub(crate) mod users;

pub(crate) use app::RegistryNote;

use crate::definition::{AppConstraint, Containerizer};
use crate::target::Release;

use app::auth::Auth;
use app::http_secret::HttpSecret;
use app::naming::Naming;
use app::serving::Serving;
use app::storage::Storage;
use app::tls::Tls;
use app::version::RegistryVersion;

/// The port the registry listens on in its container (the image's own configuration, `http.addr`).
pub(crate) const PORT: u16 = 5000;

/// The choices for the registry's app.
#[derive(Clone, Debug)]
pub(crate) struct RegistryOptions {
    /// The app's id, such as `/registry`.
    pub id: String,
    /// The image to run, such as `registry:2`.
    pub image: String,
    /// The version of the registry in it.
    pub version: RegistryVersion,
    /// How many instances to run. Several must share storage and http secret.
    pub instances: i32,
    /// CPU shares of one instance.
    pub cpus: f64,
    /// Memory of one instance, in MiB.
    pub mem: f64,
    /// The containerizer.
    pub containerizer: Containerizer,
    /// TLS.
    pub tls: Tls,
    /// The names of the registry.
    pub naming: Naming,
    /// The storage of images.
    pub storage: Storage,
    /// The secret that instances sign the state of an upload with.
    pub http_secret: HttpSecret,
    /// What it serves.
    pub serving: Serving,
    /// Authentication.
    pub auth: Auth,
    /// The path of the health check; `None` for no health check.
    pub health_path: Option<String>,
    /// The service port (10000 …); Marathon picks one when absent.
    pub service_port: Option<u16>,
    /// More environment variables: name, value.
    pub env: Vec<(String, String)>,
    /// More labels: name, value.
    pub labels: Vec<(String, String)>,
    /// Constraints on where instances run.
    pub constraints: Vec<AppConstraint>,
    /// Whether the files that the agents need are made together with the app, so that no note has to name them.
    pub has_files: bool,
    /// The Marathon that the app is for: up to 1.4, networking is under `container.docker`.
    pub release: Release,
}
