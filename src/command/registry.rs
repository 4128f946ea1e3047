//! `milepost registry`

mod app;
mod args;
#[cfg(feature = "net")]
mod backup;
#[cfg(feature = "cert")]
mod cert;
#[cfg(feature = "cert")]
mod check;
#[cfg(feature = "net")]
mod choice;
#[cfg(feature = "net")]
mod drain;
#[cfg(feature = "cert")]
mod files;
#[cfg(feature = "cert")]
mod group;
#[cfg(feature = "cert")]
mod names;
mod task;
#[cfg(feature = "cert")]
mod trust;
#[cfg(feature = "net")]
mod unmatched;
#[cfg(all(feature = "net", feature = "cert"))]
mod up;
#[cfg(feature = "cert")]
mod user;

use super::{Exit, Terminal};

/// Run a private registry
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: RegistryCommand,
}

#[derive(Debug, clap::Subcommand)]
enum RegistryCommand {
    App(Box<app::Args>),
    #[cfg(feature = "cert")]
    Group(Box<group::Args>),
    #[cfg(feature = "cert")]
    Check(Box<check::Args>),
    Task(Box<task::Args>),
    #[cfg(feature = "net")]
    Backup(Box<backup::BackupArgs>),
    #[cfg(feature = "net")]
    Restore(Box<backup::RestoreArgs>),
    #[cfg(feature = "cert")]
    Cert(Box<cert::Args>),
    #[cfg(feature = "net")]
    Drain(Box<drain::Args>),
    #[cfg(feature = "cert")]
    Trust(Box<trust::Args>),
    #[cfg(all(feature = "net", feature = "cert"))]
    Up(Box<up::Args>),
    #[cfg(feature = "cert")]
    User(Box<user::Args>),
}

/// The options of a command of this one, as they are given on its command line; nothing where they are wrong.
#[cfg(all(feature = "net", feature = "cert"))]
fn parsed<T: clap::Args>(options: &[String]) -> Option<T> {
    let command = T::augment_args(clap::Command::new("registry").no_binary_name(true));
    T::from_arg_matches(&command.try_get_matches_from(options).ok()?).ok()
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match args.command {
        RegistryCommand::App(args) => app::run(*args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Group(args) => group::run(*args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Check(args) => check::run(&args, term),
        RegistryCommand::Task(args) => task::run(*args, term),
        #[cfg(feature = "net")]
        RegistryCommand::Backup(args) => backup::backup(&args, term),
        #[cfg(feature = "net")]
        RegistryCommand::Restore(args) => backup::restore(&args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Cert(args) => cert::run(*args, term),
        #[cfg(feature = "net")]
        RegistryCommand::Drain(args) => drain::run(&args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::Trust(args) => trust::run(*args, term),
        #[cfg(all(feature = "net", feature = "cert"))]
        RegistryCommand::Up(args) => up::run(&args, term),
        #[cfg(feature = "cert")]
        RegistryCommand::User(args) => user::run(&args, term),
    }
}
