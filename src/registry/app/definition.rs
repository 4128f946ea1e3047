//! The app that runs the registry.

use crate::definition::id::is_service_id;
use crate::definition::{
    AnyPort, App, AppHealthCheck, AppHealthCheckProtocol, Container, ContainerPortMapping, Containerizer,
    DockerContainer, DockerNetwork, Labels, Network, NetworkMode, NetworkProtocol, PortDefinition,
    UnreachableDisabled, UnreachableStrategy, UpgradeStrategy,
};
use crate::registry::{PORT, RegistryOptions};
use crate::target::Release;

use super::auth::is_third;
use super::builder::{AppBuilder, Generated};
use super::storage::{DirectoryStorage, Driver, StorageError};

/// How long a registry with a volume may take to finish its uploads when it is stopped, in seconds.
const GRACE_SECONDS: i32 = 30;

/// Why these choices do not make a working registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegistryError {
    /// Marathon rejects the id.
    #[error(
        "Marathon rejects the id \"{0}\": lower-case letters, digits and dashes between slashes, such as \
         /infra/registry"
    )]
    Id(String),
    /// Marathon rejects an empty image, and Docker one with blanks.
    #[error("\"{0}\" is not an image")]
    Image(String),
    /// A negative or infinite amount.
    #[error("--{0} must be 0 or more")]
    Amount(&'static str),
    /// Marathon takes 1 to 1024 characters, and HTTP needs a slash at the start.
    #[error("--health-path must start with a slash and have at most 1024 characters")]
    HealthPath,
    /// Before 1.5, only the Docker Engine has bridge networking.
    #[error("Marathon {0} has bridge networking for the Docker Engine only: use --containerizer docker")]
    MesosNeedsNewer(Release),
    /// An image pushed to one instance is not on the other.
    #[error(
        "{0} instances need storage they share: --storage s3, azure, gcs or swift, or a shared --host-path"
    )]
    NotShared(i32),
    /// An upload begun at one instance is rejected by the other.
    #[error("{0} instances need one http secret: --http-secret-from SOURCE, or --generate-http-secret")]
    NoHttpSecret(i32),
    /// Swift support ended with registry 2.
    #[error("{0} has no Swift driver: the registry dropped it in version 3; use registry:2")]
    NoSwift(String),
    /// Another option sets it.
    #[error("--{0} {1}: another option sets this already")]
    Twice(&'static str, String),
    /// The storage cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Makes the app that runs the registry.
///
/// # Errors
/// When the registry would not work, or Marathon would reject the app.
pub(crate) fn app(options: &RegistryOptions) -> Result<Generated, RegistryError> {
    check(options)?;
    let mut builder = AppBuilder::default();
    let names = options.naming.image_names(&options.id, options.tls.is_on());
    let images: Vec<String> = names.iter().map(|name| format!("{name}/NAME:TAG")).collect();
    if !images.is_empty() {
        builder.note(format!("images are called {}", images.join(" or ")));
    }
    options.tls.add_to(&options.naming.direct(&options.id), &mut builder);
    options.naming.add_to(options.tls.is_on(), &mut builder);
    options.http_secret.add_to(&mut builder);
    options.auth.add_to(options.tls.is_on(), &options.image, &mut builder);
    options.storage.add_to(options.containerizer, &mut builder)?;
    for (name, value) in &options.env {
        if builder.env.contains_key(name) {
            return Err(RegistryError::Twice("env", name.clone()));
        }
        builder.env(name, value);
    }
    for (name, value) in &options.labels {
        if builder.labels.contains_key(name) {
            return Err(RegistryError::Twice("label", name.clone()));
        }
        builder.labels.insert(name.clone(), value.clone());
    }
    let app = definition(options, &mut builder);
    Ok(Generated { app, notes: builder.notes })
}

fn check(options: &RegistryOptions) -> Result<(), RegistryError> {
    if !is_service_id(&options.id) {
        return Err(RegistryError::Id(options.id.clone()));
    }
    if options.image.is_empty() || options.image.contains(char::is_whitespace) {
        return Err(RegistryError::Image(options.image.clone()));
    }
    let instances = f64::from(options.instances);
    for (name, amount) in [("cpus", options.cpus), ("mem", options.mem), ("instances", instances)] {
        if !amount.is_finite() || amount < 0.0 {
            return Err(RegistryError::Amount(name));
        }
    }
    if options.health_path.as_ref().is_some_and(|path| !path.starts_with('/') || path.chars().count() > 1024)
    {
        return Err(RegistryError::HealthPath);
    }
    if options.release <= Release::V1_4 && options.containerizer == Containerizer::Mesos {
        return Err(RegistryError::MesosNeedsNewer(options.release));
    }
    let is_swift = options.storage.driver() == Driver::Swift;
    if is_swift && is_third(&options.image) {
        return Err(RegistryError::NoSwift(options.image.clone()));
    }
    if options.instances > 1 {
        let is_shared = match options.storage.directory() {
            DirectoryStorage::Host(_) => true,
            DirectoryStorage::Volume(_) => false,
            DirectoryStorage::Container => options.storage.driver() != Driver::Filesystem,
        };
        if !is_shared {
            return Err(RegistryError::NotShared(options.instances));
        }
        if options.http_secret == super::http_secret::HttpSecret::None {
            return Err(RegistryError::NoHttpSecret(options.instances));
        }
    }
    Ok(())
}

fn definition(options: &RegistryOptions, builder: &mut AppBuilder) -> App {
    let is_old = options.release <= Release::V1_4;
    let mut app = App {
        id: options.id.as_str().into(),
        cpus: Some(options.cpus),
        mem: Some(options.mem),
        instances: Some(options.instances),
        container: Some(container(options, builder)),
        env: Some(std::mem::take(&mut builder.env)).filter(|env| !env.is_empty()),
        constraints: Some(options.constraints.clone()).filter(|constraints| !constraints.is_empty()),
        secrets: Some(std::mem::take(&mut builder.secrets)).filter(|secrets| !secrets.is_empty()),
        labels: Some(std::mem::take(&mut builder.labels)).filter(|labels| !labels.is_empty()),
        ..App::default()
    };
    if !is_old {
        let bridge = Network { mode: Some(NetworkMode::ContainerBridge), ..Network::default() };
        app.networks = Some(vec![bridge]);
    }
    if let Some(path) = &options.health_path {
        app.health_checks = Some(vec![health_check(path, options.tls.is_on())]);
    }
    if builder.is_resident {
        // Two tasks cannot share one volume, so the old one stops first (1.5 … 1.11 reject anything else).
        app.upgrade_strategy =
            Some(UpgradeStrategy { minimum_health_capacity: 0.0, maximum_over_capacity: 0.0 });
        app.unreachable_strategy = Some(UnreachableStrategy::Disabled(UnreachableDisabled::Disabled));
        app.task_kill_grace_period_seconds = Some(GRACE_SECONDS);
    }
    if let Some(port) = options.service_port.filter(|_| is_old) {
        app.port_definitions = Some(vec![PortDefinition {
            port: Some(AnyPort(port.into())),
            protocol: Some(NetworkProtocol::Tcp),
            labels: Some(Labels::new()),
            ..PortDefinition::default()
        }]);
    }
    app
}

fn container(options: &RegistryOptions, builder: &mut AppBuilder) -> Container {
    let volumes = Some(std::mem::take(&mut builder.volumes)).filter(|volumes| !volumes.is_empty());
    let mappings = Some(vec![port_mapping(options, builder)]);
    let docker = DockerContainer { image: options.image.clone(), ..DockerContainer::default() };
    let container = Container { r#type: Some(options.containerizer), volumes, ..Container::default() };
    if options.release > Release::V1_4 {
        return Container { docker: Some(docker), port_mappings: mappings, ..container };
    }
    let docker = DockerContainer {
        network: Some(DockerNetwork::Bridge),
        port_mappings: mappings,
        privileged: Some(false),
        parameters: Some(Vec::new()),
        force_pull_image: Some(false),
        ..docker
    };
    Container { docker: Some(docker), ..container }
}

fn port_mapping(options: &RegistryOptions, builder: &mut AppBuilder) -> ContainerPortMapping {
    ContainerPortMapping {
        container_port: Some(AnyPort(PORT.into())),
        host_port: Some(AnyPort(builder.host_port.into())),
        service_port: options.service_port.map(|port| AnyPort(port.into())),
        protocol: Some(NetworkProtocol::Tcp),
        name: (options.release > Release::V1_4).then(|| "registry".into()),
        labels: Some(std::mem::take(&mut builder.port_labels)).filter(|labels| !labels.is_empty()),
        ..ContainerPortMapping::default()
    }
}

/// Mesos checks from the agent (Marathon 1.4 …) and does not verify the certificate.
fn health_check(path: &str, has_tls: bool) -> AppHealthCheck {
    AppHealthCheck {
        protocol: Some(if has_tls {
            AppHealthCheckProtocol::MesosHttps
        } else {
            AppHealthCheckProtocol::MesosHttp
        }),
        path: Some(path.to_owned()),
        port_index: Some(AnyPort(0)),
        grace_period_seconds: Some(60),
        interval_seconds: Some(30),
        timeout_seconds: Some(10),
        max_consecutive_failures: Some(3),
        ..AppHealthCheck::default()
    }
}
