//! Work on a registry's storage that ends: an app that does it once, and then waits to be removed.
//!
//! Marathon starts an app again when its command ends, so the command waits when the work is done. Its health check tells
//! when that is, and with it the deployment ends.

use crate::definition::id::is_service_id;
use crate::definition::{
    AppCommandCheck, AppConstraint, AppHealthCheck, AppHealthCheckProtocol, Containerizer, ReadMode,
};
use crate::target::Release;
use crate::util::path::is_within;

use super::app::builder::{AppBuilder, Generated};
use super::app::definition::{RegistryError, add_env};
use super::app::service::ServiceApp;
use super::app::storage::{DirectoryStorage, Driver, ROOT, Storage};
use super::app::version::RegistryVersion;

/// Where the directory of archives is in the container.
const ARCHIVES: &str = "/backup";
/// The archive of the images, as the tutorials call it.
pub(crate) const ARCHIVE: &str = "registry-data.tar";
/// How long the work may take, in seconds.
const LONGEST: i32 = 7 * 24 * 3600;

/// The work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RegistryTask {
    /// Removes blobs that no image uses.
    GarbageCollect {
        /// Manifests without a tag too.
        untagged: bool,
        /// Only tells what it would remove.
        dry_run: bool,
    },
    /// Writes the directory of images into an archive in this directory of the agents.
    SaveVolume(String),
    /// Unpacks the archive in this directory of the agents into the directory of images.
    RestoreVolume(String),
}

/// The choices for a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskOptions {
    /// The app's id.
    pub id: String,
    /// The work.
    pub task: RegistryTask,
    /// The registry's image.
    pub image: String,
    /// The version of the registry in it.
    pub version: RegistryVersion,
    /// CPU shares.
    pub cpus: f64,
    /// Memory in MiB.
    pub mem: f64,
    /// The containerizer.
    pub containerizer: Containerizer,
    /// The storage of the registry.
    pub storage: Storage,
    /// More environment variables: name, value.
    pub env: Vec<(String, String)>,
    /// Constraints on where it runs.
    pub constraints: Vec<AppConstraint>,
    /// The Marathon that the app is for.
    pub release: Release,
}

/// Why a task cannot be done so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TaskError {
    /// The registry's options are wrong.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Images that are in the container of the registry.
    #[error(
        "give the registry's storage: --host-path DIR for a directory of the agents, or --storage with its options"
    )]
    NoStorage,
    /// A volume belongs to its app.
    #[error(
        "a persistent volume belongs to the registry's app alone, and no other app can have it: `milepost registry backup` \
         gets the images through the registry"
    )]
    Volume,
    /// Nothing to archive.
    #[error(
        "--storage {0} keeps no images in a directory: `milepost registry backup` gets them through the registry"
    )]
    NoDirectory(&'static str),
    /// The archive's directory is relative.
    #[error("--archive-dir is a directory on the agents: give an absolute path, not \"{0}\"")]
    Relative(String),
    /// The archive would be in itself.
    #[error("--archive-dir {0} is in the directory of images: give another one")]
    Inside(String),
}

impl RegistryTask {
    /// The line for the shell.
    fn command(&self, version: RegistryVersion) -> String {
        let archive = format!("{ARCHIVES}/{ARCHIVE}");
        let work = match self {
            Self::GarbageCollect { untagged, dry_run } => {
                let untagged = if *untagged { " --delete-untagged" } else { "" };
                let dry_run = if *dry_run { " --dry-run" } else { "" };
                format!("registry garbage-collect{untagged}{dry_run} {}", version.config())
            }
            // Under its own name only when it is whole.
            Self::SaveVolume(_) => {
                format!("tar -C {ROOT} -cf {archive}.partial . && sync && mv {archive}.partial {archive}")
            }
            Self::RestoreVolume(_) => format!("tar -C {ROOT} -xf {archive} && sync"),
        };
        format!("{work} && echo done && touch $MESOS_SANDBOX/done && exec sleep 2147483647")
    }

    fn archives(&self) -> Option<&str> {
        match self {
            Self::GarbageCollect { .. } => None,
            Self::SaveVolume(directory) | Self::RestoreVolume(directory) => Some(directory),
        }
    }
}

/// Makes the app of a task.
///
/// # Errors
/// When the work cannot be done so.
pub(crate) fn task(options: &TaskOptions) -> Result<Generated, TaskError> {
    let TaskOptions { task, storage, containerizer, .. } = options;
    check(options)?;
    let mut builder = AppBuilder::default();
    storage.add_to(*containerizer, true, &mut builder).map_err(RegistryError::from)?;
    // How a registry that runs stores its data.
    builder.notes.clear();
    if let Some(directory) = task.archives() {
        let mode = if matches!(task, RegistryTask::SaveVolume(_)) {
            ReadMode::ReadWrite
        } else {
            ReadMode::ReadOnly
        };
        builder.mount(directory, ARCHIVES, mode);
    }
    add_env(&options.env, &mut builder)?;
    if let DirectoryStorage::Host(path) = storage.directory()
        && options.constraints.is_empty()
    {
        builder.note(format!(
            "it runs on any agent: unless {path} is one shared filesystem, give --constraint hostname:LIKE:AGENT"
        ));
    }
    builder.note(match task {
        RegistryTask::GarbageCollect { dry_run: true, .. } => "its standard output lists what would be removed",
        RegistryTask::GarbageCollect { .. } => {
            "an image that is pushed meanwhile may lose layers: deploy the registry with --read-only before, and without \
             it afterwards; a registry that runs still knows removed blobs until it is started again"
        }
        RegistryTask::SaveVolume(_) => "deploy the registry with --read-only before, so that the archive fits together",
        RegistryTask::RestoreVolume(_) => "stop the registry before, and start it afterwards",
    });
    builder.note("the deployment ends when the work is done: remove the app then");
    let command = task.command(options.version);
    let service = ServiceApp {
        id: &options.id,
        image: &options.image,
        instances: 1,
        cpus: options.cpus,
        mem: options.mem,
        containerizer: *containerizer,
        release: options.release,
        listener: None,
        command: Some(&command),
        health_check: Some(done_check()),
        constraints: &options.constraints,
    };
    Ok(Generated { app: service.app(&mut builder), notes: builder.notes })
}

fn check(options: &TaskOptions) -> Result<(), TaskError> {
    let TaskOptions { id, task, storage, .. } = options;
    if !is_service_id(id) {
        return Err(RegistryError::Id(id.clone()).into());
    }
    let is_filesystem = storage.driver() == Driver::Filesystem;
    let images = match storage.directory() {
        DirectoryStorage::Volume(_) => return Err(TaskError::Volume),
        DirectoryStorage::Container if is_filesystem => return Err(TaskError::NoStorage),
        DirectoryStorage::Container => None,
        DirectoryStorage::Host(path) => Some(path.trim_end_matches('/')),
    };
    if let Some(directory) = task.archives() {
        let Some(images) = images else { return Err(TaskError::NoDirectory(storage.driver().name())) };
        if !directory.starts_with('/') {
            return Err(TaskError::Relative(directory.to_owned()));
        }
        if is_within(directory, images) {
            return Err(TaskError::Inside(directory.to_owned()));
        }
    }
    Ok(())
}

/// Fails until the work is done, which counts for nothing while it may go on.
fn done_check() -> AppHealthCheck {
    let command = "test -e $MESOS_SANDBOX/done".to_owned();
    AppHealthCheck {
        protocol: Some(AppHealthCheckProtocol::Command),
        command: Some(AppCommandCheck { value: command }),
        grace_period_seconds: Some(LONGEST),
        interval_seconds: Some(10),
        timeout_seconds: Some(10),
        max_consecutive_failures: Some(3),
        ..AppHealthCheck::default()
    }
}
