//! `milepost registry task`

use std::path::PathBuf;

use anyhow::bail;

use crate::registry::task::{ARCHIVE, RegistryTask, TaskOptions, task};

use super::super::target::{NO_FILES, TargetArgs};
use super::app::hand_out;
use super::args::{ImageArgs, RunArgs, StorageArgs};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Examples:
  Free the space of deleted images, of a registry in S3:
    milepost registry task garbage-collect --storage s3 --storage-option region=eu-central-1 \\
      --storage-option bucket=images -o gc.json

  The directory of images into /mnt/backup/registry-data.tar of an agent, and back:
    milepost registry task save-volume --host-path /mnt/images --archive-dir /mnt/backup \\
      --constraint hostname:LIKE:10.0.0.7 -o save.json
    milepost registry task restore-volume --host-path /mnt/images --archive-dir /mnt/backup -o restore.json

Give the storage as to `registry app`. The deployment ends when the work is done (`milepost deploy` waits for it); \
then remove the app.";

/// Print the app definition of work on a registry's storage, done once
///
/// The definition goes to standard output, warnings and the steps that remain to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// The work
    #[arg(value_enum)]
    task: TaskKind,

    /// The app's id [default: /registry-TASK]
    #[arg(long)]
    id: Option<String>,

    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = format!("save-volume, restore-volume: the directory on the agents that has {ARCHIVE}"))]
    archive_dir: Option<String>,

    /// garbage-collect: remove manifests without a tag too
    #[arg(hide_short_help = true, long)]
    delete_untagged: bool,

    /// garbage-collect: only tell what would be removed
    #[arg(hide_short_help = true, long)]
    dry_run: bool,

    #[command(flatten)]
    image: ImageArgs,

    #[command(flatten)]
    storage: StorageArgs,

    #[command(flatten)]
    app: RunArgs,

    #[command(flatten)]
    target: TargetArgs,
}

/// Work on a registry's storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum TaskKind {
    /// Remove blobs that no image uses
    #[value(alias = "gc")]
    GarbageCollect,
    /// Write the directory of images into an archive
    SaveVolume,
    /// Unpack such an archive into the directory of images
    RestoreVolume,
}

impl TaskKind {
    fn name(self) -> &'static str {
        match self {
            Self::GarbageCollect => "garbage-collect",
            Self::SaveVolume => "save-volume",
            Self::RestoreVolume => "restore-volume",
        }
    }
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let kind = args.task;
    let is_collection = kind == TaskKind::GarbageCollect;
    if !is_collection && (args.delete_untagged || args.dry_run) {
        bail!("--delete-untagged and --dry-run are for garbage-collect, not for {}", kind.name());
    }
    let work = match (kind, args.archive_dir) {
        (TaskKind::GarbageCollect, Some(_)) => bail!("--archive-dir is not for garbage-collect"),
        (TaskKind::GarbageCollect, None) => {
            RegistryTask::GarbageCollect { untagged: args.delete_untagged, dry_run: args.dry_run }
        }
        (TaskKind::SaveVolume, Some(directory)) => RegistryTask::SaveVolume(directory),
        (TaskKind::RestoreVolume, Some(directory)) => RegistryTask::RestoreVolume(directory),
        (_, None) => bail!("{} needs --archive-dir DIR", kind.name()),
    };
    let settings = args.target.settings(NO_FILES, term)?;
    let (image, version) = args.image.image()?;
    let generated = task(&TaskOptions {
        id: args.id.unwrap_or_else(|| format!("/registry-{}", kind.name())),
        task: work,
        image,
        version,
        cpus: args.app.cpus,
        mem: args.app.mem,
        containerizer: args.app.containerizer,
        storage: args.storage.into_storage()?,
        env: args.app.env,
        constraints: args.app.constraint,
        release: settings.release,
    })?;
    hand_out(&generated, args.output.as_deref(), &settings, term)
}
