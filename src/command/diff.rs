//! `milepost diff`

mod external;
#[cfg(feature = "net")]
mod running;
mod side;

use anyhow::bail;
use clap::ValueEnum;

#[cfg(feature = "net")]
use super::connection::Connection;
use super::input::KindArg;
use super::target::{self, NamedTarget};
use super::{Exit, Terminal};
use crate::diff::{Changes, Mask, Picked, between};
use crate::report::changes;
use crate::state::ServerState;
use crate::util::text::count;

use side::Side;

/// Show what a change of definitions changes on a server.
///
/// Compares two files or directories, or with --url files and directories with what runs. Both sides are compared as
/// Marathon holds them: defaults, the order of sets, old spellings and what a server fills in are no differences. Each
/// difference says what it causes. A file can also be an answer of a server, such as that of `dcos marathon app show`.
///
/// Services are matched by their ids. Two single services are compared whatever their ids are; of a group only what
/// the other side has of it counts. With --url, what runs and is in no file is left out, except below a group that
/// one of the files defines: sending it would stop that. An array of apps is taken as updates, as PUT /v2/apps takes it:
/// what an app in it leaves out stays.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  milepost diff web.json web-new.json
  milepost diff before/ after/ --format unified
  milepost diff web.json --url https://dcos.example/service/marathon
  dcos marathon app show /web | milepost diff - web.json
  MILEPOST_EXTERNAL_DIFF='diff -r -u' milepost diff before/ after/

Exit codes: 0 no difference; 1 differences; 2 wrong usage, an input that cannot be read or that Marathon would refuse; \
5 no answer in time.

With MILEPOST_EXTERNAL_DIFF, the command it names gets two directories with a JSON file for each service that differs, \
and its exit code counts.")]
pub(super) struct Args {
    /// The old and the new one: files, directories, or - for standard input. With --url: the new ones
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<String>,

    /// Take every file for this kind of definition; otherwise the shape tells
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// How to show the differences
    #[arg(long, value_enum, default_value = "text")]
    format: DiffLayout,

    /// Show what looks like a secret, too
    #[arg(long)]
    show_secrets: bool,

    #[command(flatten)]
    target: NamedTarget,

    #[cfg(feature = "net")]
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DiffLayout {
    /// Service by service, what each change causes
    Text,
    /// As diff -u, of what Marathon holds
    Unified,
    /// One JSON document
    Json,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    #[cfg(feature = "net")]
    if args.connection.url.is_some() {
        return running::run(args, term);
    }
    let [old, new] = &args.paths[..] else {
        bail!("{} to compare: name two, the old and the new one{}", count(args.paths.len(), "input"), OR_URL);
    };
    if old == "-" && new == "-" {
        bail!("standard input cannot be both sides");
    }
    let settings = target::settings(args.target.aim())?;
    let (Some(one), Some(other)) =
        (Side::read(&[old], args.kind, &settings, term)?, Side::read(&[new], args.kind, &settings, term)?)
    else {
        return Ok(Exit::Usage);
    };
    let found = between(&one.held()?, &other.held()?);
    show(args, &found, [old, new], term)
}

#[cfg(feature = "net")]
const OR_URL: &str = ", or give --url to compare with what runs";
#[cfg(not(feature = "net"))]
const OR_URL: &str = "";

/// Shows the differences between two sides of these names.
fn show(args: &Args, found: &Changes, sides: [&str; 2], term: &mut Terminal) -> anyhow::Result<Exit> {
    let mask = if args.show_secrets { Mask::Nothing } else { Mask::Secrets };
    let sides = sides.map(|side| if side == "-" { "standard input" } else { side });
    if let Some(program) = external::program() {
        if found.is_empty() {
            return Ok(Exit::Fine);
        }
        return external::run(&program, found, mask);
    }
    match args.format {
        DiffLayout::Text => changes::text(term.out(), found, mask)?,
        DiffLayout::Unified => changes::unified(term.out(), found, mask, sides[0], sides[1])?,
        DiffLayout::Json => changes::json(term.out(), found, mask)?,
    }
    term.out().flush()?;
    remark(found, sides, term)?;
    Ok(if found.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Says what is not in the differences.
fn remark(found: &Changes, sides: [&str; 2], term: &mut Terminal) -> anyhow::Result<()> {
    for (only, side, other) in [(&found.only_old, sides[0], sides[1]), (&found.only_new, sides[1], sides[0])]
    {
        if let [first, ..] = &only[..] {
            let what = match only.len() {
                1 => format!("{first} of {side}"),
                several => format!("{} of {side}, such as {first}", count(several, "service")),
            };
            writeln!(term.err(), "note: not compared, as {other} does not speak of it: {what}")?;
        }
    }
    let ports: Vec<String> = found
        .picked
        .iter()
        .take(3)
        .map(|Picked { id, path, port }| format!("{id} {path} ({port})"))
        .collect();
    if !ports.is_empty() {
        let more = if found.picked.len() > 3 { ", …" } else { "" };
        let ports = ports.join(", ") + more;
        writeln!(term.err(), "note: service ports picked by the server are no difference: {ports}")?;
    }
    writeln!(term.err(), "{}", changes::summary(found))?;
    Ok(())
}

impl Side {
    /// What the files of a side come to.
    fn held(&self) -> anyhow::Result<ServerState<'_>> {
        let held = ServerState::of(&self.definitions);
        if let Some(id) = held.duplicates().first() {
            bail!("{}: two definitions of {id}: which one counts cannot be told", self.name);
        }
        // A list is taken for all there is, so that what only one of two lists has is a difference.
        Ok(if self.is_list { held.exhaustive() } else { held })
    }
}
