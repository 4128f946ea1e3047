//! `milepost secret put`

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::zeroize::Zeroizing;

use super::super::confirm::{agreed, can_ask};
use super::super::connection::DcosConnection;
use super::super::{Exit, Terminal};
use super::secret_path;
use crate::dcos::{SecretWrite, WriteMode};
use crate::source;

/// The largest secret, in bytes: 1 MiB with what the store adds.
const MOST: usize = 1024 * 1024 - 1024;

const EXAMPLES: &str = "\
The value is stored as it is, with any line break at its end. Text is stored as text, other bytes as a binary secret, which
DC/OS 1.13 and later have. Its path decides who may read it: shop/db is for the service /shop and those below it, db for all.

Examples:
  milepost secret put shop/db --file password.txt
  printf %s \"$PASSWORD\" | milepost secret put shop/db
  milepost secret put shop/keystore --file keystore.jks

Exit codes: 0 stored, or was not to be; 2 wrong usage, an unreadable file, or no connection; 3 the store refused it; 5 no answer in
time; 8 it may have been stored.";

/// Store a secret, new or existing.
///
/// On a terminal it asks before it replaces the value of an existing one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// Its path, such as shop/db
    #[arg(value_name = "PATH", value_parser = secret_path)]
    path: String,

    /// Read the value from this file; `-` is standard input, also when left out
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    connection: DcosConnection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let value = value(args.file.as_deref())?;
    if value.len() > MOST {
        bail!("the value has more than {MOST} bytes, which is the most that the secret store takes");
    }
    let (endpoint, client) = args.connection.open()?;
    let server = (&client, &endpoint);
    if args.yes || !can_ask(term) {
        return super::write(server, &args.path, &value, WriteMode::Both, term);
    }
    let written = super::stored(server, &args.path, &value, WriteMode::Create)?;
    if written != SecretWrite::Exists {
        return super::tell_written(written, &args.path, &endpoint, term);
    }
    let question = format!("replace the value of the secret {}? The old one is lost", args.path);
    if !agreed(&question, &format!("the secret {} was not changed", args.path), false, term)? {
        return Ok(Exit::Fine);
    }
    super::write(server, &args.path, &value, WriteMode::Update, term)
}

fn value(file: Option<&Path>) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    match file {
        Some(file) if file != Path::new("-") => Ok(Zeroizing::new(source::read_bytes(file)?)),
        None if io::stdin().is_terminal() => {
            bail!("there is nothing to store: give --file FILE, or pipe the value in")
        }
        _ => {
            let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
            let limit = MOST as u64 + 1;
            io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
            if bytes.is_empty() {
                bail!("standard input is empty: there is nothing to store");
            }
            Ok(bytes)
        }
    }
}
