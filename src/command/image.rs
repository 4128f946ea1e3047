//! `milepost image`

pub(super) mod bar;
mod check;
mod copy;
mod delete;
mod inspect;
mod list;
pub(super) mod parts;
mod pull;
mod push;
pub(super) mod targets;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Subcommand, ValueEnum};

use super::connection::ClientArgs;
use super::creds::{ConfigArg, PasswordReceivers, read_stdin};
use super::lazy_args::LazyArgs;
use super::{Exit, Terminal};
use crate::credential::Login;
use crate::credential::config::ConfigFault;
use crate::credential::helper::{Helper, HelperError};
use crate::http::{Client, ClientError};
use crate::image::{Host, Reference, grammar_fault};
use crate::registry_client::{BAD_TOKEN, TransferError};
use crate::source;
use crate::transfer::RepositoryAccess;
use crate::util::escape::shown_path;

/// How long a helper for credentials may take.
const HELPER_TIMEOUT: Duration = Duration::from_secs(30);

/// Push, pull, copy, list and check images of a registry, without a Docker daemon.
///
/// Images come from `docker save`, podman, skopeo or any other tool that writes OCI layouts. What a registry has is not sent
/// again, and what breaks off goes on with the next run. Every blob is compared with its digest.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: ImageCommand,
}

#[derive(Debug, Subcommand)]
enum ImageCommand {
    /// Push images of an archive (docker save, OCI layout) to a registry
    Push(LazyArgs<push::Args>),
    /// Pull an image of a registry into an archive that `docker load` and skopeo read
    Pull(LazyArgs<pull::Args>),
    /// Copy an image from one registry to another, or within one
    Copy(LazyArgs<copy::Args>),
    /// List the repositories of a registry
    List(LazyArgs<list::ImageListArgs>),
    /// List the tags of a repository
    Tags(LazyArgs<list::TagsArgs>),
    /// Show what an image consists of
    Inspect(LazyArgs<inspect::Args>),
    /// Delete an image from a registry
    Delete(LazyArgs<delete::Args>),
    /// Check that a registry has every part of an image, and whole
    Check(LazyArgs<check::Args>),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (done, errand) = match &args.command {
        ImageCommand::Push(args) => (push::run(&args.0, term), ErrandKind::Move),
        ImageCommand::Pull(args) => (pull::run(&args.0, term), ErrandKind::Move),
        ImageCommand::Copy(args) => (copy::run(&args.0, term), ErrandKind::Move),
        ImageCommand::List(args) => (list::repositories(&args.0, term), ErrandKind::Ask),
        ImageCommand::Tags(args) => (list::tags(&args.0, term), ErrandKind::Ask),
        ImageCommand::Inspect(args) => (inspect::run(&args.0, term), ErrandKind::Ask),
        ImageCommand::Delete(args) => (delete::run(&args.0, term), ErrandKind::Ask),
        ImageCommand::Check(args) => (check::run(&args.0, term), ErrandKind::Ask),
    };
    done.or_else(|error| failed(&error, errand, term))
}

/// What a command does with a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrandKind {
    /// It moves blobs, of which those before a failure stay.
    Move,
    /// It asks, or deletes.
    Ask,
}

/// Reports a failure of a registry; any other one is passed on.
pub(super) fn failed(error: &anyhow::Error, errand: ErrandKind, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Some(cause) = error.downcast_ref::<TransferError>() else {
        bail!("{error:#}");
    };
    let (exit, help) = verdict(cause, errand);
    writeln!(term.err(), "error: {error:#}")?;
    if let Some(help) = help {
        writeln!(term.err(), "help: {help}")?;
    }
    Ok(exit)
}

/// The exit code of a failure, and what to do about it.
fn verdict(cause: &TransferError, errand: ErrandKind) -> (Exit, Option<Cow<'static, str>>) {
    let moves = errand == ErrandKind::Move;
    let (exit, help) = match cause {
        TransferError::Denied { access: Some(access), status, .. } => {
            return (Exit::Refused, Some(access.help(*status).into()));
        }
        TransferError::BadToken(_) => (Exit::Refused, Some(BAD_TOKEN)),
        TransferError::Missing(url) if url.contains("/tags/list") => {
            (Exit::Refused, Some("`milepost image list HOST` lists the repositories"))
        }
        TransferError::Missing(_) => {
            (Exit::Refused, Some("`milepost image tags HOST/REPOSITORY` lists what is there"))
        }
        TransferError::Refused { status: 507, .. } => {
            (Exit::Uncertain, Some("the registry's storage has no space left"))
        }
        TransferError::Refused { status: 500.., .. } => {
            (Exit::Uncertain, moves.then_some("what was moved stays: the next run goes on"))
        }
        TransferError::Refused { status: 429, .. } => (
            Exit::Refused,
            Some(if moves {
                "too many requests: try again later; what was moved stays"
            } else {
                "too many requests: try again later"
            }),
        ),
        TransferError::ForeignLayer { .. } => (Exit::Refused, Some(FOREIGN_LAYER)),
        TransferError::Refused { status: 413, .. } => (
            Exit::Refused,
            Some("a proxy before the registry limits the size of requests (nginx: client_max_body_size)"),
        ),
        // What is read has no such answer.
        TransferError::Refused { status: 405, url, .. }
            if url.contains("/blobs/uploads/") || url.contains("/manifests/") =>
        {
            (Exit::Refused, Some("the registry takes no images: it is read-only, or a cache of another one"))
        }
        TransferError::Denied { .. } | TransferError::Refused { .. } => (Exit::Refused, None),
        TransferError::Client(ClientError::TimedOut { .. }) | TransferError::Stalled { .. } => {
            let help = if moves {
                "what was moved stays: the next run goes on; --timeout allows more"
            } else {
                "--timeout allows more"
            };
            (Exit::TimedOut, Some(help))
        }
        _ => (Exit::Usage, None),
    };
    (exit, help.map(Cow::Borrowed))
}

/// What to do about a layer that a registry does not keep.
const FOREIGN_LAYER: &str = "another run changes nothing: whoever runs the registry allows the address (distribution: \
     validation.manifests.urls.allow), or the image is built without such a layer";

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// Lines
    Text,
    /// One JSON document
    Json,
}

/// The registry and the credentials for it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Registry")]
pub(super) struct RegistryArgs {
    /// Sign in as this user, with --password-stdin, in place of what the config file has
    #[arg(short = 'u', long, value_name = "USER", requires = "password_stdin")]
    username: Option<String>,

    /// Read the password from standard input, without the line break at its end
    #[arg(long, requires = "username")]
    password_stdin: bool,

    #[command(flatten)]
    receivers: PasswordReceivers,

    #[command(flatten)]
    config: ConfigArg,

    #[command(flatten)]
    client: ClientArgs,
}

impl RegistryArgs {
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        Ok(self.client.open()?)
    }

    /// Whether standard input brings the password.
    fn reads_stdin(&self) -> bool {
        self.password_stdin
    }

    /// The credentials for a registry: those of the options, or else [`RegistryArgs::stored_login`].
    pub(super) fn login(&self, host: &Host) -> anyhow::Result<Option<Login>> {
        let Some(user) = &self.username else { return self.stored_login(host) };
        let login = Login::new(user, read_stdin()?);
        let login = login.with_context(|| format!("these credentials for {host} cannot be used"))?;
        Ok(Some(self.receivers.allow(login)))
    }

    /// The credentials for a registry in the config file, or in the helper that it names.
    fn stored_login(&self, host: &Host) -> anyhow::Result<Option<Login>> {
        Ok(self.kept_login(host)?.map(|login| self.receivers.allow(login)))
    }

    /// The same for any token server.
    fn kept_login(&self, host: &Host) -> anyhow::Result<Option<Login>> {
        if !self.config.is_named() && !self.config.path().is_ok_and(|path| path.exists()) {
            return Ok(None);
        }
        let (path, config) = self.config.read()?;
        let Some(program) = config.helper(host) else {
            let login = config.logins().0.get(host).cloned();
            // An empty entry is what `docker login` leaves beside a helper.
            let fault = config.fault(host).filter(|fault| login.is_none() && *fault != ConfigFault::Empty);
            if let Some(fault) = fault {
                bail!("{}: the credentials for {host} cannot be used: {fault}", shown_path(&path));
            }
            return Ok(login);
        };
        match Helper::new(program, HELPER_TIMEOUT)?.get(host.key()) {
            Ok(login) => Ok(Some(login)),
            Err(HelperError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Signs in for the repository of an image.
    fn open<'c>(
        &self,
        client: &'c Client,
        image: &Reference,
        actions: &'static str,
    ) -> anyhow::Result<RepositoryAccess<'c>> {
        let login = self.login(image.host())?;
        Ok(RepositoryAccess::open(client, image.address(), image.repository(), actions, login)?)
    }
}

/// How many blobs move at once.
#[derive(Debug, clap::Args)]
pub(super) struct SpeedArgs {
    /// Move this many blobs at once
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    at_once: u8,
}

impl SpeedArgs {
    pub(super) fn at_once(&self) -> usize {
        self.at_once.into()
    }
}

/// Reads an image of the command line. The address of a registry alone would be an image of Docker Hub, and its port the tag.
fn operand(text: &str) -> anyhow::Result<Reference> {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    match text.split_once(':') {
        Some((host, port))
            if !text.contains('/') && is_port(port) && (host.contains('.') || host == "localhost") =>
        {
            bail!(
                "{text} is the address of a registry, and names no repository in it: write {text}/REPOSITORY:TAG; the image of Docker \
                 Hub with that name is docker.io/library/{text}"
            )
        }
        _ => reference(text),
    }
}

/// Reads the name of an image.
pub(super) fn reference(text: &str) -> anyhow::Result<Reference> {
    let shown = crate::util::escape::on_one_line(text).into_owned();
    let odd = || format!("`{shown}` does not name an image of a registry");
    let parsed = Reference::parse(text).with_context(odd)?;
    match grammar_fault(text, false) {
        None => Ok(parsed),
        Some(fault) => bail!("{}: {fault}", odd()),
    }
}

/// A directory for parts of images, removed at the end.
pub(super) fn scratch() -> io::Result<source::ScratchDirectory> {
    source::ScratchDirectory::new("milepost-image-")
}

/// The error of a transfer, with the archive where that is to blame.
pub(super) fn of_archive(error: TransferError, archive: &str) -> anyhow::Error {
    match error {
        TransferError::Archive(_) => anyhow::Error::new(error).context(archive.to_owned()),
        error => error.into(),
    }
}

/// `12.3 MiB`
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths, so that no fraction is needed.
    let (mut tenths, mut unit) = (bytes.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `3 blobs, 12.3 MiB; 2 were there`
pub(super) fn tally_in_words(tally: crate::transfer::BlobTally, did: &str) -> String {
    let part = |count: usize, what: &str| if count > 0 { format!("; {count} {what}") } else { String::new() };
    format!(
        "{did} {}, {}{}{}",
        crate::util::text::count(tally.moved, "blob"),
        size(tally.bytes),
        part(tally.present, "there before"),
        part(tally.mounted, "taken from another repository")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_572_864, "1.5 MiB"),
            (u64::MAX, "1677721.5 TiB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
