//! `milepost creds`

mod archive;
#[cfg(feature = "net")]
mod check;
mod cluster;
mod common;
mod import;
mod login;
mod password;
#[cfg(feature = "net")]
mod probe;
#[cfg(feature = "net")]
mod realm;
mod secret;
mod show;
#[cfg(feature = "net")]
mod store;
mod verify;

use clap::Subcommand;

#[cfg(feature = "net")]
use crate::source::Document;

use super::lazy_args::LazyArgs;
use super::{Exit, Terminal};

#[cfg(all(feature = "net", feature = "cert"))]
pub(super) use common::stored_user;
#[cfg(feature = "net")]
pub(super) use common::{ConfigArg, registry};
#[cfg(any(feature = "net", feature = "cert"))]
pub(super) use password::{PasswordInput, ask_password, read_password_file, read_stdin};
#[cfg(feature = "net")]
pub(super) use realm::PasswordReceivers;
#[cfg(feature = "net")]
pub(super) use secret::secret_path;

/// Make, check and store the credentials of private registries.
///
/// Only `login` and `check` ask registries; the other commands work on files.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: CredsCommand,
}

#[derive(Debug, Subcommand)]
enum CredsCommand {
    /// Write a user and password into a Docker config file
    Login(LazyArgs<login::Args>),
    /// List the credentials of a Docker config file, without showing them
    Show(LazyArgs<show::Args>),
    /// Import credentials from Docker, Podman, helpers and Kubernetes into one flat config file
    Import(LazyArgs<import::Args>),
    /// Make the docker.tar.gz that the Docker Engine's pulls take credentials from
    Archive(LazyArgs<archive::Args>),
    /// Check such an archive, and list it like tar
    Verify(LazyArgs<verify::Args>),
    /// Make the secret that UCR and pods pull with
    Secret(LazyArgs<secret::Args>),
    /// Give all services of a DC/OS cluster credentials
    Cluster(LazyArgs<cluster::Args>),
    /// Ask the registries whether images can be pulled, with exactly the credentials that their definitions name
    #[cfg(feature = "net")]
    Check(LazyArgs<check::Args>),
}

/// The options of `wire` that store the secret as well.
#[cfg(feature = "net")]
#[derive(Debug, clap::Args)]
pub(super) struct StoreSecret {
    #[command(flatten)]
    store: store::StoreArgs,
    #[command(flatten)]
    config: common::ConfigArg,
}

#[cfg(feature = "net")]
impl StoreSecret {
    /// Whether the secret is to be stored.
    pub(super) fn is_asked_for(&self) -> bool {
        self.store.storing().is_some()
    }

    /// Stores the credentials that the images of the definitions need, if the options say so. Any exit code but
    /// [`Exit::Fine`] and [`Exit::Findings`] means that nothing was stored.
    pub(super) fn run(
        &self,
        documents: &[(&str, &Document)],
        path: &str,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        secret::store_for(documents, path, &self.config, &self.store, term)
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        CredsCommand::Login(args) => login::run(&args.0, term),
        CredsCommand::Show(args) => show::run(&args.0, term),
        CredsCommand::Import(args) => import::run(&args.0, term),
        CredsCommand::Archive(args) => archive::run(&args.0, term),
        CredsCommand::Verify(args) => verify::run(&args.0, term),
        CredsCommand::Secret(args) => secret::run(&args.0, term),
        CredsCommand::Cluster(args) => cluster::run(&args.0, term),
        #[cfg(feature = "net")]
        CredsCommand::Check(args) => check::run(&args.0, term),
    }
}
