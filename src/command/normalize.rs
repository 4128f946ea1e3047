//! `milepost normalize`

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use serde_json::Value as Json;

use super::discover::{InputFile, WalkArgs, WalkEnd};
use super::input::{FoundFile, Input, KindArg, report_error};
use super::output::text_of;
use super::target::TargetArgs;
use super::{Exit, Terminal};
use crate::finding::Finding;
use crate::normalize::{Normalized, in_order, normalize};
use crate::report;
use crate::source::{Kind, Pointer};
use crate::util::text::plural;

/// Show definitions as Marathon would store them.
///
/// Defaults are filled in, old forms of networks, ports and URIs are replaced, ids are absolute, sets have no duplicates.
/// Values that the server generates are left out; service ports that it will pick are 0, and named on stderr. What
/// Marathon would reject is reported as `milepost lint` does.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost normalize web.json
  milepost normalize web.json --target dcos-1.10
  milepost normalize services/ --format lines
  milepost normalize - --kind pod < pod.json")]
pub(super) struct Args {
    /// Files, directories (the definitions in them, .gitignore respected), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Read every file as this kind of definition; by default its fields decide
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// How to write the definitions
    #[arg(long, value_enum, default_value = "json")]
    format: NormalizeLayout,

    #[command(flatten)]
    walk: WalkArgs,

    #[command(flatten)]
    target: TargetArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NormalizeLayout {
    /// Indented JSON, one definition after the other
    Json,
    /// JSON Lines, a definition per line
    Lines,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let settings = args.target.settings(&args.paths, term)?;
    let mut exit = Exit::Fine;
    let mut walk = args.walk.walk(&args.paths)?.once();
    let mut files = 0;
    for InputFile { path, is_named, .. } in std::mem::take(&mut walk.files) {
        let name = &*path.to_string_lossy();
        let found = (!is_named && args.kind.is_none()).then(|| FoundFile::read(&path));
        let (input, kind) = match (found, args.kind) {
            (Some(Ok(FoundFile::Definition(input, kind))), _) => (input, kind),
            (Some(Ok(FoundFile::Skipped(why))), _) => {
                walk.skip(path, &why.to_string());
                continue;
            }
            (Some(Err(error)), _) => {
                exit = exit.max(report_error(&error, term)?);
                continue;
            }
            (None, kind) => {
                let input = Input::read_as_marathon(name)?;
                let kind = match kind {
                    Some(kind) => Kind::from(kind).of_shape(input.document.root()),
                    None => input.kind()?,
                };
                (input, kind)
            }
        };
        files += 1;
        match normalize(&input.document, kind, &settings) {
            Ok(Normalized { kind, value, picked, .. }) => {
                show(name, &value, kind, &picked, args.format, term)?;
            }
            Err(rejections) => {
                show_rejections(&input, &rejections, term)?;
                exit = exit.max(Exit::Findings);
            }
        }
    }
    if walk.end(&args.walk, term)? == WalkEnd::Unreadable {
        return Ok(Exit::Usage);
    }
    if files == 0 && exit == Exit::Fine {
        bail!("nothing to normalize: {}", walk.why_nothing_is_left());
    }
    Ok(exit)
}

fn show(
    name: &str,
    value: &Json,
    kind: Kind,
    picked: &[Pointer],
    layout: NormalizeLayout,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let text = match layout {
        NormalizeLayout::Json => text_of(value, kind)?,
        NormalizeLayout::Lines => format!("{}\n", in_order(value.clone(), kind)),
    };
    write!(term.out(), "{text}")?;
    if !picked.is_empty() {
        let pointers: Vec<String> = picked.iter().map(ToString::to_string).collect();
        let ports = plural(pointers.len(), "port");
        let shown = if name == "-" { "standard input" } else { name };
        writeln!(term.err(), "note: {shown}: Marathon picks the service {ports} at {}", pointers.join(", "))?;
    }
    Ok(())
}

fn show_rejections(input: &Input, rejections: &[Finding], term: &mut Terminal) -> anyhow::Result<()> {
    report::text::write(term.err(), &input.name, input.document.text(), rejections)?;
    writeln!(term.err(), "{}: Marathon would reject this", input.name)?;
    Ok(())
}
