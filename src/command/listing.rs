//! Lists of what is on a Marathon: as a table, as ids, or as the server's whole answer, once or again and again.

use std::io;
use std::time::Duration;

use super::remote::Remote;
use super::table::Cell;
use super::{Exit, Terminal, table};
use crate::source::Value;

/// How the list is shown.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Print the server's whole answer as JSON
    #[arg(long)]
    json: bool,
    /// Print ids only
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
    /// Show it again every this many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = clap::value_parser!(u64).range(1..=3600))]
    watch: Option<u64>,
}

/// A list: where it comes from, and how it is shown.
pub(super) struct Listing<'a, R, C, const N: usize> {
    /// The path of the whole answer, and the member of it that is the list.
    pub(super) whole: (&'a str, Option<&'a str>),
    /// Which elements of the whole answer are meant.
    pub(super) is_meant: &'a dyn Fn(Value<'_>) -> bool,
    pub(super) rows: &'a dyn Fn(&Remote) -> anyhow::Result<Vec<R>>,
    pub(super) head: [&'a str; N],
    pub(super) cells: &'a dyn Fn(&R) -> [C; N],
    pub(super) id: &'a dyn Fn(&R) -> &str,
    /// What is said where there is nothing.
    pub(super) nothing: &'a str,
}

impl<R, C: Cell, const N: usize> Listing<'_, R, C, N> {
    /// Shows the list.
    pub(super) fn show(&self, args: &ListArgs, remote: &Remote, term: &mut Terminal) -> anyhow::Result<Exit> {
        let Some(pause) = args.watch else {
            self.show_once(args, remote, term)?;
            return Ok(Exit::Fine);
        };
        let mut has_shown = false;
        loop {
            if term.out_is_terminal() {
                // The screen, from its top.
                write!(term.out(), "\x1b[H\x1b[2J")?;
                term.out().flush()?;
            }
            match self.show_once(args, remote, term) {
                Ok(()) => has_shown = true,
                // The server may start again, or its leader change.
                Err(error) if has_shown && !error.is::<io::Error>() => {
                    writeln!(term.err(), "error: {error:#}; it is asked again")?;
                }
                Err(error) => return Err(error),
            }
            term.out().flush()?;
            remote.client.pause(Duration::from_secs(pause));
        }
    }

    fn show_once(&self, args: &ListArgs, remote: &Remote, term: &mut Terminal) -> anyhow::Result<()> {
        if args.json {
            return remote.print_list(self.whole, self.is_meant, term);
        }
        let rows = (self.rows)(remote)?;
        if args.quiet {
            return Ok(rows.iter().try_for_each(|row| term.out_line((self.id)(row)))?);
        }
        table::write(self.head, rows.iter().map(self.cells), term)?;
        if rows.is_empty() {
            term.out().flush()?;
            writeln!(term.err(), "{}", self.nothing)?;
        }
        Ok(())
    }
}
