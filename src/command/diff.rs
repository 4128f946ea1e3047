//! `milepost diff`

mod external;
mod pairs;
#[cfg(feature = "net")]
mod running;
mod side;

use std::path::Path;

use anyhow::bail;
use clap::ValueEnum;

#[cfg(feature = "net")]
use super::connection::Connection;
use super::discover::WalkArgs;
use super::input::KindArg;
use super::target::NamedTarget;
use super::{Exit, Terminal};
use crate::diff::{Changes, Mask, Picked};
use crate::report::changes;
use crate::util::text::count;

#[cfg(feature = "net")]
pub(super) use side::updates;
use side::{Rejections, Side};

/// Show what a change of definitions changes on a server.
///
/// Compares two files or directories, or with --url files and directories with what runs. Both sides are compared as
/// Marathon stores them: defaults, the order of sets, old spellings and fields that a server fills in are not
/// differences. Each difference shows its effect. A file can also be a server's answer, such as that of
/// `dcos marathon app show`.
///
/// Services are matched by their ids; where a directory has several definitions of an id, as of one service for several
/// clusters, files are matched by their paths, and what no path matches is listed. Two single services are compared whatever their ids are; of a group only what
/// the other side also has is compared. With --url, services that run and are in no file are ignored, except below a
/// group that one of the files defines: sending it would stop them. An array of apps is taken as updates, as
/// PUT /v2/apps takes it: fields that an app in it leaves out keep their values.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost diff web.json web-new.json
  milepost diff before/ after/ --format unified
  milepost diff web.json --url https://dcos.example/service/marathon
  dcos marathon app show /web | milepost diff - web.json
  MILEPOST_EXTERNAL_DIFF='diff -r -u' milepost diff before/ after/

Exit codes: 0 no difference; 1 differences, or one of two files cannot be parsed; 2 wrong usage, an input that cannot be \
read, a file that Marathon would reject (in two directories it is compared as it is written), or several definitions of an \
id that no path tells apart (the rest is compared); 5 no answer in time.

With MILEPOST_EXTERNAL_DIFF, its command gets two directories with a JSON file for each service that differs, and its \
exit code is used.")]
pub(super) struct Args {
    /// The old and the new side: files, directories, or - for standard input. With --url: the new side
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<String>,

    /// Read every file as this kind of definition; by default its fields decide
    #[arg(hide_short_help = true, long, value_enum)]
    kind: Option<KindArg>,

    /// How to show the differences
    #[arg(long, value_enum, default_value = "text")]
    format: DiffLayout,

    /// Show what looks like a secret, too
    #[arg(long)]
    show_secrets: bool,

    #[command(flatten)]
    walk: WalkArgs,

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
    if args.connection.is_given() {
        return running::run(args, term);
    }
    let [old, new] = &args.paths[..] else {
        bail!("{} to compare: name two, the old and the new one{}", count(args.paths.len(), "input"), OR_URL);
    };
    if old == "-" && new == "-" {
        bail!("standard input cannot be both sides");
    }
    let settings = args.target.settings(&args.paths)?;
    // One bad file does not keep two directories from being compared; of two files it is what was asked for.
    let are_directories = [old, new].iter().all(|path| Path::new(path.as_str()).is_dir());
    let rejections = if are_directories { Rejections::AsWritten } else { Rejections::Fail };
    let mut read = |path| Side::read(&[path], args.kind, &settings, (&args.walk, rejections), term);
    let (one, other) = (read(old)?, read(new)?);
    let failed = one.failed.len() + other.failed.len();
    if failed > 0 && !(one.is_directory && other.is_directory) {
        return Ok(Exit::Usage);
    }
    let found = pairs::compare(&one, &other);
    let exit = show(args, &found.changes, [old, new], term)?;
    if !(found.is_unchanged() && one.is_all_accepted()) {
        other.warn_of_failures(Some(&one), &settings, term)?;
    }
    let is_partial = one.list_not_compared(term)?
        | other.list_not_compared(term)?
        | found.list_unpaired([&one.name, &other.name], term)?;
    Ok(if is_partial { Exit::Usage } else { exit })
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
