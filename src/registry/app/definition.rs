//! The app that runs the registry.

use crate::definition::id::is_service_id;
use crate::definition::{AppConstraint, AppVolume, Containerizer, EnvVarValueOrSecret};
use crate::registry::settings::{GivenSettings, PREFIX, led_elsewhere, prefix_of};
use crate::registry::{PORT, RegistryOptions};
use crate::target::{Release, SANDBOX};

use super::builder::{AppBuilder, Generated};
use super::service::{Listener, ServiceApp, health_check};
use super::serving::ServingError;
use super::storage::{DirectoryStorage, Driver, StorageError};
use super::version::RegistryVersion;

/// Variables that alone make no working registry, and the options that set them with what they need.
const OF_OPTIONS: [(&str, &str); 3] = [
    ("REGISTRY_AUTH", "--auth"),
    ("REGISTRY_HTTP_TLS_CERTIFICATE", "--tls"),
    ("REGISTRY_HTTP_TLS_KEY", "--tls"),
];

/// The registry that another one is a cache of.
const REMOTE: &str = "REGISTRY_PROXY_REMOTEURL";

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
    /// Alone it makes no working registry.
    #[error("--env {0}: use {1}, which sets all that goes with it")]
    OfOption(&'static str, &'static str),
    /// Another option sets it.
    #[error("--{0} {1}: another option sets this already")]
    Twice(&'static str, String),
    /// The registry would not start, or not do what it is told.
    #[error("{0}: {1}: {2}")]
    Setting(String, String, String),
    /// What is served makes no sense.
    #[error(transparent)]
    Serving(#[from] ServingError),
    /// The storage cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl RegistryError {
    /// Whether the registry would not do what its settings say: another step may be the one that fails.
    #[cfg(all(feature = "net", feature = "cert"))]
    pub(crate) fn is_of_settings(&self) -> bool {
        matches!(self, Self::Setting(..) | Self::Serving(_))
    }
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
    let direct = options.naming.direct(&options.id);
    options.tls.add_to(&direct, &mut builder);
    if !options.has_files {
        options.tls.tell_files(&direct, &mut builder);
    }
    options.naming.add_to(options.tls.is_on(), &mut builder);
    options.http_secret.add_to(&mut builder);
    options.auth.add_to(options.tls.is_on(), &mut builder);
    if !options.has_files {
        options.auth.tell_files(options.version, &mut builder);
    }
    options.storage.add_to(options.containerizer, is_on_one_agent(&options.constraints), &mut builder)?;
    options.serving.add_to(&mut builder);
    for (name, option) in OF_OPTIONS {
        if options.env.iter().any(|(given, _)| given == name) && !builder.env.contains_key(name) {
            return Err(RegistryError::OfOption(name, option));
        }
    }
    add_env(&options.env, &mut builder)?;
    check_settings(options, &builder)?;
    for (name, value) in &options.labels {
        if builder.labels.contains_key(name) {
            return Err(RegistryError::Twice("label", name.clone()));
        }
        builder.labels.insert(name.clone(), value.clone());
    }
    let health_path = options.health_path.as_deref().map(|path| below_prefix(path, options, &mut builder));
    if options.serving.proxy.is_none()
        && options.env.iter().any(|(name, url)| name == REMOTE && !url.is_empty())
    {
        builder.note("it keeps copies of images of another registry, and nothing can be pushed to it");
    }
    let traces = "OTEL_TRACES_EXPORTER";
    if options.version == RegistryVersion::Three && !builder.env.contains_key(traces) {
        // Otherwise it sends traces to a collector on its own host, and logs an error for each.
        builder.env(traces, "none");
    }
    let service = ServiceApp {
        id: &options.id,
        image: &options.image,
        instances: options.instances,
        cpus: options.cpus,
        mem: options.mem,
        containerizer: options.containerizer,
        release: options.release,
        listener: Some(Listener { name: "registry", number: PORT, service_port: options.service_port }),
        command: None,
        health_check: health_path.map(|path| health_check(&path, options.tls.is_on())),
        constraints: &options.constraints,
    };
    Ok(Generated { app: service.app(&mut builder), notes: builder.notes })
}

/// Refuses what the variables, those of options among them, make of the registry.
fn check_settings(options: &RegistryOptions, builder: &AppBuilder) -> Result<(), RegistryError> {
    let env = builder.env.iter().filter_map(|(name, value)| {
        let text = match value {
            EnvVarValueOrSecret::Value(text) => text.clone(),
            EnvVarValueOrSecret::Secret(_) => String::new(),
        };
        Some((name.strip_prefix(PREFIX)?.to_owned(), text))
    });
    let mounts = builder.volumes.iter().filter_map(|volume| match volume {
        AppVolume::Host(host) => Some(host.container_path.clone()),
        AppVolume::Persistent(volume) => Some(format!("{SANDBOX}/{}", volume.container_path)),
        _ => None,
    });
    let given = GivenSettings {
        env: env.collect(),
        mounts: mounts.collect(),
        has_all_mounts: true,
        has_all_env: true,
        has_default_config: !builder.env.contains_key("REGISTRY_CONFIGURATION_PATH"),
        version: Some(options.version),
    };
    let Some(fault) = led_elsewhere(&given, PORT).or_else(|| given.faults().into_iter().next()) else {
        return Ok(());
    };
    let is_given =
        |name: &&String| options.env.iter().any(|(given, _)| given.strip_prefix(PREFIX) == Some(name));
    let name = fault.settings.iter().find(is_given).or(fault.settings.first());
    let option = if name.is_some_and(|name| is_given(&name)) { "--env " } else { "" };
    let variable = name.map(|name| format!("{option}{PREFIX}{name}")).unwrap_or_default();
    Err(RegistryError::Setting(variable, fault.message, fault.help))
}

/// The path of a health check, where a variable moves the whole interface to another path.
fn below_prefix(path: &str, options: &RegistryOptions, builder: &mut AppBuilder) -> String {
    let given = options.env.iter().find(|(name, _)| name == "REGISTRY_HTTP_PREFIX");
    let prefix = given.map(|(_, prefix)| prefix_of(prefix)).unwrap_or_default();
    if prefix.is_empty() {
        return path.to_owned();
    }
    builder.warn(format!(
        "it answers at {prefix}/v2/, and clients ask at /v2/ of its name: a proxy before it has to lead from there to {prefix}/v2/"
    ));
    if path.starts_with("/v2") { format!("{prefix}{path}") } else { path.to_owned() }
}

/// Adds the variables that the operator gives.
///
/// # Errors
/// When another option sets one.
pub(in crate::registry) fn add_env(
    env: &[(String, String)],
    builder: &mut AppBuilder,
) -> Result<(), RegistryError> {
    for (name, value) in env {
        if builder.env.contains_key(name) {
            return Err(RegistryError::Twice("env", name.clone()));
        }
        builder.env(name, value);
    }
    Ok(())
}

/// Whether a constraint names the one agent that all instances run on. A dot in a pattern stands for itself: no other agent of
/// a cluster is called so but for a letter in its place.
fn is_on_one_agent(constraints: &[AppConstraint]) -> bool {
    const OF_A_PATTERN: &str = r"[](){}*+?^$|\";
    constraints.iter().any(|constraint| {
        let [field, operator, host] = &constraint[..] else { return false };
        let is = |word: &str| operator.eq_ignore_ascii_case(word);
        let is_literal = || !host.contains(|c| OF_A_PATTERN.contains(c));
        ["hostname", "@hostname"].contains(&field.as_str())
            && (is("CLUSTER") || is("IS") || is("LIKE") && is_literal())
    })
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
    options.serving.check()?;
    let is_swift = options.storage.driver() == Driver::Swift;
    if is_swift && options.version == RegistryVersion::Three {
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
