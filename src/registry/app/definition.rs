//! The app that runs the registry.

use serde_json::{Map, Value as Json, json};

use crate::definition::id::is_service_id;
use crate::target::Release;

use super::builder::{AppBuilder, Generated};
use super::storage::{DirectoryStorage, Driver, StorageError};
use crate::registry::{Containerizer, PORT, RegistryOptions};

/// How long a registry with a volume may take to finish its uploads when it is stopped.
const GRACE_SECONDS: u32 = 30;

/// Why these choices make no registry that works.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Marathon refuses the id.
    #[error(
        "Marathon refuses the id \"{0}\": lower-case letters, digits and dashes between slashes, such as \
         /infra/registry"
    )]
    Id(String),
    /// Marathon refuses an empty image, and Docker one with blanks.
    #[error("\"{0}\" is no image")]
    Image(String),
    /// A negative or boundless amount.
    #[error("--{0} must be 0 or more")]
    Amount(&'static str),
    /// Marathon takes 1 to 1024 characters, and HTTP a slash at the start.
    #[error("--health-path must start with a slash and have at most 1024 characters")]
    HealthPath,
    /// Before 1.5, only the Docker Engine has bridge networking.
    #[error("Marathon {0} has bridge networking for the Docker Engine only: use --containerizer docker")]
    MesosNeedsNewer(Release),
    /// What is pushed to one instance is not on the other.
    #[error(
        "{0} instances need storage they share: --storage s3, azure, gcs or swift, or a shared --host-path"
    )]
    NotShared(u32),
    /// An upload begun at one instance is refused by the other.
    #[error("{0} instances need one http secret: --http-secret-from SOURCE, or --generate-http-secret")]
    NoHttpSecret(u32),
    /// Swift support ended with registry 2.
    #[error("{0} has no Swift driver: it left the registry with version 3; use registry:2")]
    NoSwift(String),
    /// See there.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Writes the app that runs the registry.
///
/// # Errors
/// When the registry would not work, or Marathon would refuse the app.
pub fn app(options: &RegistryOptions) -> Result<Generated, RegistryError> {
    check(options)?;
    let mut parts = AppBuilder::default();
    let addresses = options.naming.addresses(&options.id);
    let images: Vec<String> = addresses.iter().map(|address| format!("{address}/NAME:TAG")).collect();
    if !images.is_empty() {
        parts.note(format!("images are called {}", images.join(" or ")));
    }
    options.tls.add_to(&options.naming.direct(&options.id), &mut parts);
    options.naming.add_to(options.tls.is_on(), &mut parts);
    options.http_secret.add_to(&mut parts);
    options.auth.add_to(&mut parts);
    options.storage.add_to(options.containerizer, &mut parts)?;
    Ok(Generated { definition: definition(options, &mut parts), remarks: parts.remarks })
}

fn check(options: &RegistryOptions) -> Result<(), RegistryError> {
    if !is_service_id(&options.id) {
        return Err(RegistryError::Id(options.id.clone()));
    }
    if options.image.is_empty() || options.image.contains(char::is_whitespace) {
        return Err(RegistryError::Image(options.image.clone()));
    }
    for (name, amount) in [("cpus", options.cpus), ("mem", options.mem)] {
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
    if is_swift && options.image.rsplit_once(':').is_some_and(|(_, tag)| tag == "3" || tag.starts_with("3."))
    {
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

fn definition(options: &RegistryOptions, parts: &mut AppBuilder) -> Json {
    let is_old = options.release <= Release::V1_4;
    let mut app = Map::new();
    let mut put = |name: &str, value: Json| {
        app.insert(name.to_owned(), value);
    };
    put("id", options.id.as_str().into());
    put("cpus", number(options.cpus));
    put("mem", number(options.mem));
    put("instances", options.instances.into());
    put("container", container(options, parts));
    if !is_old {
        put("networks", json!([{ "mode": "container/bridge" }]));
    }
    for (name, map) in [("env", &parts.env), ("secrets", &parts.secrets), ("labels", &parts.labels)] {
        if !map.is_empty() {
            put(name, map.clone().into());
        }
    }
    if let Some(path) = &options.health_path {
        put("healthChecks", json!([health_check(path, options.tls.is_on())]));
    }
    if parts.is_resident {
        // Two tasks cannot have one volume, so the old one goes first (1.5 … 1.11 refuse anything else).
        put("upgradeStrategy", json!({ "minimumHealthCapacity": 0, "maximumOverCapacity": 0 }));
        put("unreachableStrategy", "disabled".into());
        put("taskKillGracePeriodSeconds", GRACE_SECONDS.into());
    }
    if let Some(port) = options.service_port.filter(|_| is_old) {
        put("portDefinitions", json!([{ "port": port, "protocol": "tcp", "labels": {} }]));
    }
    app.into()
}

fn container(options: &RegistryOptions, parts: &mut AppBuilder) -> Json {
    let mut container = Map::new();
    container.insert("type".to_owned(), options.containerizer.name().into());
    if !parts.volumes.is_empty() {
        container.insert("volumes".to_owned(), std::mem::take(&mut parts.volumes).into());
    }
    let mapping = port_mapping(options, parts);
    if options.release <= Release::V1_4 {
        let docker = json!({
            "image": options.image,
            "network": "BRIDGE",
            "portMappings": [mapping],
            "privileged": false,
            "parameters": [],
            "forcePullImage": false,
        });
        container.insert("docker".to_owned(), docker);
    } else {
        container.insert("docker".to_owned(), json!({ "image": options.image }));
        container.insert("portMappings".to_owned(), json!([mapping]));
    }
    container.into()
}

fn port_mapping(options: &RegistryOptions, parts: &AppBuilder) -> Json {
    let mut mapping = Map::new();
    mapping.insert("containerPort".to_owned(), PORT.into());
    mapping.insert("hostPort".to_owned(), parts.host_port.into());
    if let Some(port) = options.service_port {
        mapping.insert("servicePort".to_owned(), port.into());
    }
    mapping.insert("protocol".to_owned(), "tcp".into());
    if options.release > Release::V1_4 {
        mapping.insert("name".to_owned(), "registry".into());
    }
    if !parts.port_labels.is_empty() {
        mapping.insert("labels".to_owned(), parts.port_labels.clone().into());
    }
    mapping.into()
}

/// Mesos asks from the agent (Marathon 1.4 …), and does not verify the certificate.
fn health_check(path: &str, has_tls: bool) -> Json {
    json!({
        "protocol": if has_tls { "MESOS_HTTPS" } else { "MESOS_HTTP" },
        "path": path,
        "portIndex": 0,
        "gracePeriodSeconds": 60,
        "intervalSeconds": 30,
        "timeoutSeconds": 10,
        "maxConsecutiveFailures": 3,
    })
}

/// Whole numbers without a point, as people write them.
fn number(amount: f64) -> Json {
    let text = amount.to_string();
    text.parse::<u64>().map_or_else(|_| Json::from(amount), Json::from)
}
