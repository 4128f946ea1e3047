//! `milepost secret get`

use std::path::{Path, PathBuf};

use super::super::connection::DcosConnection;
use super::super::{Exit, Terminal};
use super::{refused, secret_path};
use crate::dcos::SecretRead;
use crate::source;
use crate::util::escape::shown_path;

const EXIT_CODES: &str = "\
Exit codes: 0 done; 2 wrong usage, no connection, a store that fails, or a terminal; 3 there is none, or the store refused it; 5 no answer in time.";

/// Print the value of a secret, or write it to a file.
///
/// It is printed as it is, without a line break of its own, and to a terminal only with --show.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXIT_CODES)]
pub(super) struct Args {
    /// Its path, such as shop/db
    #[arg(value_name = "PATH", value_parser = secret_path)]
    path: String,

    /// Write it to this file, which only its owner can read (0600); `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Print it to a terminal, too
    #[arg(long, conflicts_with = "file")]
    show: bool,

    #[command(flatten)]
    connection: DcosConnection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    if file.is_none() && term.out_is_terminal() && !args.show {
        writeln!(term.err(), "error: {} is not shown on a terminal", args.path)?;
        writeln!(term.err(), "help: --file FILE writes it to a file, --show shows it")?;
        return Ok(Exit::Usage);
    }
    let (endpoint, client) = args.connection.open()?;
    match client.secret(&endpoint, &args.path)? {
        SecretRead::Value(value) => {
            match file {
                Some(file) => {
                    source::write_privately(file, &value)?;
                    writeln!(term.err(), "wrote {}", shown_path(&file))?;
                }
                None => term.out().write_all(&value)?,
            }
            Ok(Exit::Fine)
        }
        SecretRead::Missing => {
            writeln!(term.err(), "error: there is no secret {} at {endpoint}", args.path)?;
            Ok(Exit::Refused)
        }
        SecretRead::Refused(status) => {
            writeln!(term.err(), "error: {endpoint} does not reveal {}: it answers {status}", args.path)?;
            refused(status, "read", &endpoint, term)
        }
    }
}
