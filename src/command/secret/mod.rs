//! `milepost secret`: the secret store of DC/OS Enterprise.

mod delete;
mod get;
mod list;
mod put;

use super::creds::secret_path;
use super::lazy_args::LazyArgs;
use super::{Exit, Terminal};
use crate::dcos::{SecretWrite, WriteMode};
use crate::http::{Client, ClientError, Endpoint};

/// Store, read, list and delete secrets of DC/OS Enterprise.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, clap::Subcommand)]
enum SecretCommand {
    /// Store a secret, new or existing
    Put(LazyArgs<put::Args>),
    /// Print the value of a secret, or write it to a file
    Get(LazyArgs<get::Args>),
    /// List the paths of secrets
    List(LazyArgs<list::Args>),
    /// Delete a secret
    Delete(LazyArgs<delete::Args>),
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    match &args.command {
        SecretCommand::Put(args) => put::run(&args.0, term),
        SecretCommand::Get(args) => get::run(&args.0, term),
        SecretCommand::List(args) => list::run(&args.0, term),
        SecretCommand::Delete(args) => delete::run(&args.0, term),
    }
}

/// Stores a secret and reports the result.
pub(super) fn write(
    (client, endpoint): (&Client, &Endpoint),
    path: &str,
    value: &[u8],
    mode: WriteMode,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let written = stored((client, endpoint), path, value, mode)?;
    tell_written(written, path, endpoint, term)
}

/// Stores a secret.
fn stored(
    (client, endpoint): (&Client, &Endpoint),
    path: &str,
    value: &[u8],
    mode: WriteMode,
) -> anyhow::Result<SecretWrite> {
    let stored = client.store(endpoint, path, value, mode);
    stored.map_err(|error| uncertain(error, "it may have been stored", "nothing was stored"))
}

/// Reports the result of storing a secret.
fn tell_written(
    written: SecretWrite,
    path: &str,
    endpoint: &Endpoint,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    let err = term.err();
    match written {
        SecretWrite::Created => writeln!(err, "created the secret {path} at {endpoint}")?,
        SecretWrite::Updated => writeln!(err, "updated the secret {path} at {endpoint}")?,
        SecretWrite::Exists => {
            writeln!(err, "error: the secret {path} exists at {endpoint} and was not changed")?;
            writeln!(err, "help: --update changes it")?;
            return Ok(Exit::Refused);
        }
        SecretWrite::Missing => {
            writeln!(err, "error: there is no secret {path} at {endpoint}")?;
            writeln!(err, "help: --create creates it")?;
            return Ok(Exit::Refused);
        }
        SecretWrite::Refused { status, message } => {
            writeln!(err, "error: {path} was not stored: {endpoint} answers {status}: {message}")?;
            return refused(status, "create or update", endpoint, term);
        }
    }
    Ok(Exit::Fine)
}

/// Adds to an error whether the request may have been carried out.
fn uncertain(error: ClientError, done: &'static str, not_done: &'static str) -> anyhow::Error {
    let outcome = if error.may_be_done() { done } else { not_done };
    anyhow::Error::from(error).context(outcome)
}

/// Says what to do about an answer of the store: the exit code.
fn refused(status: u16, action: &str, endpoint: &Endpoint, term: &mut Terminal) -> anyhow::Result<Exit> {
    let changes = matches!(action, "delete" | "create or update");
    let (advice, exit) = match status {
        401 => (endpoint.advice_on_401(), Exit::Refused),
        403 => {
            let advice = format!("the user may not {action} secrets there: dcos:secrets:default:PATH");
            (advice, Exit::Refused)
        }
        200..=299 => {
            let advice = "is this the address of DC/OS itself, and not of a login page or proxy before it?";
            (advice.to_owned(), Exit::Usage)
        }
        300..=399 | 404 | 405 => {
            let advice = "is this the address of DC/OS Enterprise? the open edition has no secret store";
            (advice.to_owned(), if status < 400 { Exit::Usage } else { Exit::Refused })
        }
        500.. => {
            let why = match status {
                503 => "the secret store is sealed or starting, or a proxy before it fails",
                _ => "the store, or a proxy before it, fails",
            };
            if changes {
                (format!("{why}; it may have been done: check before trying again"), Exit::Uncertain)
            } else {
                (format!("{why}: try again later"), Exit::Usage)
            }
        }
        _ => return Ok(Exit::Refused),
    };
    writeln!(term.err(), "help: {advice}")?;
    Ok(exit)
}
