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
use super::target::NamedTarget;
use super::{Exit, Terminal};
use crate::diff::{Changes, Mask, Picked, between};
use crate::report::changes;
use crate::state::ServerState;
use crate::util::text::count;

use side::Side;

/// Show what a change of definitions changes on a server.
///
/// Compares two files or directories, or with --url files and directories with what runs. Both sides are compared as
/// Marathon stores them: defaults, the order of sets, old spellings and fields that a server fills in are not
/// differences. Each difference shows its effect. A file can also be a server's answer, such as that of
/// `dcos marathon app show`.
///
/// Services are matched by their ids. Two single services are compared whatever their ids are; of a group only what
/// the other side also has is compared. With --url, services that run and are in no file are ignored, except below a
/// group that one of the files defines: sending it would stop them. An array of apps is taken as updates, as
/// PUT /v2/apps takes it: fields that an app in it leaves out keep their values.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  milepost diff web.json web-new.json
  milepost diff before/ after/ --format unified
  milepost diff web.json --url https://dcos.example/service/marathon
  dcos marathon app show /web | milepost diff - web.json
  MILEPOST_EXTERNAL_DIFF='diff -r -u' milepost diff before/ after/

Exit codes: 0 no difference; 1 differences; 2 wrong usage, an input that cannot be read or that Marathon would reject; \
5 no answer in time.

With MILEPOST_EXTERNAL_DIFF, its command gets two directories with a JSON file for each service that differs, and its \
exit code is used.")]
pub(super) struct Args {
    /// The old and the new side: files, directories, or - for standard input. With --url: the new side
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<String>,

    /// Read every file as this kind of definition; by default its fields decide
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
    /// Service by service, with the effect of each change
    Text,
    /// As diff -u, of what Marathon stores
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
    let settings = args.target.settings()?;
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
        DiffLayout::Text => {
            let mut styled = Vec::new();
            changes::text(&mut styled, found, mask)?;
            term.out_styled(&styled)?;
        }
        DiffLayout::Unified => {
            let mut styled = Vec::new();
            changes::unified(&mut styled, found, mask, sides[0], sides[1])?;
            term.out_styled(&styled)?;
        }
        DiffLayout::Json => changes::json(term.out(), found, mask)?,
    }
    term.out().flush()?;
    show_rest(found, sides, term)?;
    Ok(if found.is_empty() { Exit::Fine } else { Exit::Findings })
}

/// Shows what was not compared, and the summary.
fn show_rest(found: &Changes, sides: [&str; 2], term: &mut Terminal) -> anyhow::Result<()> {
    for (only, side, other) in [(&found.only_old, sides[0], sides[1]), (&found.only_new, sides[1], sides[0])]
    {
        if let [first, ..] = &only[..] {
            let what = match only.len() {
                1 => format!("{first} of {side}"),
                several => format!("{} of {side}, such as {first}", count(several, "service")),
            };
            writeln!(term.err(), "note: not compared, because it is not in {other}: {what}")?;
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
        writeln!(term.err(), "note: service ports picked by the server are not differences: {ports}")?;
    }
    writeln!(term.err(), "{}", changes::summary(found))?;
    Ok(())
}

impl Side {
    /// The state that the files of a side describe.
    fn held(&self) -> anyhow::Result<ServerState<'_>> {
        let held = ServerState::of(&self.definitions);
        if let Some(id) = held.duplicates().first() {
            bail!("{}: two definitions of {id}: remove one of them", self.name);
        }
        // A list counts as complete, so that a service in only one of two lists is a difference.
        Ok(if self.is_list { held.exhaustive() } else { held })
    }
}
