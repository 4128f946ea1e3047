//! The storage of images: a driver of the registry with its parameters.

mod driver;

use crate::definition::{
    AppPersistentVolume, AppSecretVolume, AppVolume, Containerizer, PersistentVolumeInfo,
    PersistentVolumeType, ReadMode,
};

use super::builder::AppBuilder;
use crate::target::SANDBOX;

pub(crate) use driver::Driver;

/// The filesystem driver's directory in the image's configuration.
pub(crate) const ROOT: &str = "/var/lib/registry";
/// The persistent volume in the sandbox. Marathon requires a name without a slash.
const VOLUME: &str = "registry-data";
/// The Google key as a file in the sandbox.
const KEYFILE: &str = "gcs-keyfile.json";

/// Where the filesystem driver's directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryStorage {
    /// In the container: lost with it.
    Container,
    /// On the agent; the same on all of them when it is a shared filesystem.
    Host(String),
    /// A local persistent volume of this size in MiB, which ties the app to its agent.
    Volume(i64),
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum OptionValue {
    Plain(String),
    /// The path in the secret store.
    Secret(String),
}

/// A storage driver with its directory and parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Storage {
    driver: Driver,
    directory: DirectoryStorage,
    parameters: Vec<(String, OptionValue)>,
}

/// Why the registry cannot store images so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StorageError {
    /// A directory for a driver that uses none.
    #[error("--host-path and --volume-size are for --storage filesystem, not for {0}")]
    NoDirectory(&'static str),
    /// The host path is relative.
    #[error("--host-path is a directory on the agents: give an absolute path, not \"{0}\"")]
    RelativePath(String),
    /// The volume has no size.
    #[error("--volume-size must be larger than 0 MiB")]
    NoSize,
    /// A parameter is missing.
    #[error("--storage {driver} needs {flag} {parameter}=…")]
    Missing {
        /// The driver.
        driver: &'static str,
        /// The option to give it with.
        flag: &'static str,
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter the driver does not know.
    #[error("--storage {driver} has no parameter \"{parameter}\"; it has: {known}")]
    Unknown {
        /// The driver.
        driver: &'static str,
        /// The parameter.
        parameter: String,
        /// The driver's parameters.
        known: String,
    },
    /// A parameter given twice.
    #[error("the storage parameter \"{0}\" is given twice")]
    Twice(String),
    /// A credential in clear text.
    #[error(
        "\"{0}\" is a credential: put it in the secret store and name its path there: --storage-secret OPTION=SOURCE"
    )]
    Credential(String),
    /// Half of a pair of credentials.
    #[error("S3 takes accesskey and secretkey together, or neither for the agents' own role")]
    HalfAKey,
    /// A secret file for the Docker Engine.
    #[error(
        "the Docker Engine gets no secret as a file: use --containerizer mesos, or give the key's path on the agents \
         with --storage-option keyfile=/PATH"
    )]
    FileSecret,
    /// A key file that is not an absolute path.
    #[error("keyfile is a file on the agents: give an absolute path, not \"{0}\"")]
    RelativeKeyfile(String),
    /// A persistent volume for the Docker Engine.
    #[error("--volume-size needs --containerizer mesos")]
    VolumeNeedsMesos,
}

impl Storage {
    /// Takes parameters as `(name, value)`, and credentials as `(name, path in the secret store)`.
    ///
    /// # Errors
    /// When the driver would not start with them, or a credential is given in clear text.
    pub(crate) fn new(
        driver: Driver,
        directory: DirectoryStorage,
        options: Vec<(String, String)>,
        secrets: Vec<(String, String)>,
    ) -> Result<Self, StorageError> {
        check_directory(driver, &directory)?;
        let known = driver.parameters();
        let plain =
            options.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), OptionValue::Plain(value)));
        let secret = secrets
            .into_iter()
            .map(|(name, source)| (name.to_ascii_lowercase(), OptionValue::Secret(source)));
        let mut parameters: Vec<(String, OptionValue)> = Vec::new();
        for (name, value) in plain.chain(secret) {
            let is = |list: &[&str]| list.contains(&name.as_str());
            if !is(known.required) && !is(known.credentials) && !is(known.other) {
                let rest = known.credentials.iter().filter(|name| !known.required.contains(name));
                let all: Vec<&str> = known.required.iter().chain(rest).chain(known.other).copied().collect();
                let known = all.join(", ");
                return Err(StorageError::Unknown { driver: driver.name(), parameter: name, known });
            }
            if is(known.credentials) && matches!(value, OptionValue::Plain(_)) {
                return Err(StorageError::Credential(name));
            }
            if parameters.iter().any(|(present, _)| *present == name) {
                return Err(StorageError::Twice(name));
            }
            parameters.push((name, value));
        }
        let has = |name: &str| parameters.iter().any(|(present, _)| present == name);
        if let Some(parameter) = known.required.iter().find(|name| !has(name)) {
            let flag =
                if known.credentials.contains(parameter) { "--storage-secret" } else { "--storage-option" };
            return Err(StorageError::Missing { driver: driver.name(), flag, parameter });
        }
        if driver == Driver::S3 && has("accesskey") != has("secretkey") {
            return Err(StorageError::HalfAKey);
        }
        Ok(Self { driver, directory, parameters })
    }

    /// The driver.
    #[must_use]
    pub(crate) fn driver(&self) -> Driver {
        self.driver
    }

    /// The directory of the filesystem driver.
    #[must_use]
    pub(crate) fn directory(&self) -> &DirectoryStorage {
        &self.directory
    }

    /// Adds it to an app, which may always run on one and the same agent.
    ///
    /// # Errors
    /// When the app cannot have it.
    pub(crate) fn add_to(
        &self,
        containerizer: Containerizer,
        is_on_one_agent: bool,
        builder: &mut AppBuilder,
    ) -> Result<(), StorageError> {
        if self.driver == Driver::Filesystem {
            self.add_directory(containerizer, is_on_one_agent, builder)?;
        } else {
            builder.env("REGISTRY_STORAGE", self.driver.name());
        }
        for (name, value) in &self.parameters {
            let variable = format!("REGISTRY_STORAGE_{}_{}", self.driver.name(), name).to_ascii_uppercase();
            if self.driver == Driver::Gcs && name == "keyfile" {
                add_keyfile(&variable, value, containerizer, builder)?;
                continue;
            }
            match value {
                OptionValue::Plain(value) => builder.env(variable, value),
                OptionValue::Secret(source) => {
                    builder.secret_env(variable, &format!("storage-{name}"), source);
                }
            }
        }
        let has = |wanted: &str| self.parameters.iter().any(|(name, _)| name == wanted);
        match self.driver {
            Driver::S3 if !has("accesskey") => {
                builder.note("without accesskey and secretkey the registry uses the agents' own role for S3");
            }
            Driver::Gcs if !has("keyfile") => {
                builder.note(
                    "without keyfile the registry uses the agents' own service account for Google Cloud",
                );
            }
            _ => {}
        }
        Ok(())
    }

    fn add_directory(
        &self,
        containerizer: Containerizer,
        is_on_one_agent: bool,
        builder: &mut AppBuilder,
    ) -> Result<(), StorageError> {
        match &self.directory {
            DirectoryStorage::Container => builder.warn(
                "images are kept in the container and are lost with it; give --host-path, --volume-size or another \
                 --storage",
            ),
            DirectoryStorage::Host(path) => {
                builder.mount(path, ROOT, ReadMode::ReadWrite);
                if !is_on_one_agent {
                    builder.warn(format!(
                        "{path} must be one shared filesystem on all agents: otherwise a registry that starts on \
                         another agent has no images"
                    ));
                }
            }
            DirectoryStorage::Volume(_) if containerizer == Containerizer::Docker => {
                return Err(StorageError::VolumeNeedsMesos);
            }
            DirectoryStorage::Volume(size) => {
                let persistent = PersistentVolumeInfo {
                    r#type: Some(PersistentVolumeType::Root),
                    size: *size,
                    ..PersistentVolumeInfo::default()
                };
                builder.volumes.push(AppVolume::Persistent(AppPersistentVolume {
                    container_path: VOLUME.to_owned(),
                    persistent,
                    mode: ReadMode::ReadWrite,
                }));
                builder.env("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", format!("{SANDBOX}/{VOLUME}"));
                builder.is_resident = true;
                builder.note(
                    "a persistent volume ties the registry to one agent, and needs a Marathon with a role of its own \
                     (DC/OS has one; plain Marathon needs --mesos_role)",
                );
            }
        }
        Ok(())
    }
}

fn check_directory(driver: Driver, directory: &DirectoryStorage) -> Result<(), StorageError> {
    match directory {
        DirectoryStorage::Container => Ok(()),
        _ if driver != Driver::Filesystem => Err(StorageError::NoDirectory(driver.name())),
        DirectoryStorage::Host(path) if !path.starts_with('/') => {
            Err(StorageError::RelativePath(path.clone()))
        }
        DirectoryStorage::Volume(..=0) => Err(StorageError::NoSize),
        _ => Ok(()),
    }
}

/// Adds Google's credentials, which are a file.
fn add_keyfile(
    variable: &str,
    value: &OptionValue,
    containerizer: Containerizer,
    builder: &mut AppBuilder,
) -> Result<(), StorageError> {
    match value {
        OptionValue::Plain(path) if !path.starts_with('/') => {
            return Err(StorageError::RelativeKeyfile(path.clone()));
        }
        OptionValue::Plain(path) => {
            let mounted = format!("/gcs/{KEYFILE}");
            builder.mount(path, &mounted, ReadMode::ReadOnly);
            builder.env(variable, mounted);
        }
        OptionValue::Secret(_) if containerizer == Containerizer::Docker => {
            return Err(StorageError::FileSecret);
        }
        OptionValue::Secret(source) => {
            builder.secret("storage-keyfile", source);
            builder.volumes.push(AppVolume::Secret(AppSecretVolume {
                container_path: KEYFILE.to_owned(),
                secret: "storage-keyfile".to_owned(),
            }));
            builder.env(variable, format!("{SANDBOX}/{KEYFILE}"));
        }
    }
    Ok(())
}
