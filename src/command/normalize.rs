//! `milepost normalize`

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::Value as Json;

use super::discover::{WalkArgs, WalkEnd};
use super::input::{FileReader, Input, KindArg, report_error};
use super::output::text_of;
use super::target::TargetArgs;
use super::{Exit, Terminal};
use crate::finding::Finding;
use crate::normalize::{Normalized, in_order, normalize};
use crate::source::{Kind, Pointer};
use crate::util::text::{count, plural};

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
    #[arg(hide_short_help = true, long, value_enum)]
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
    let reader = FileReader { kind: args.kind, edits: false, stdin_filename: None, with_kind: None };
    for file in std::mem::take(&mut walk.files) {
        let (input, kind) = match reader.read(&file, &mut walk, term) {
            Ok(Some(read)) => read,
            Ok(None) => continue,
            Err(error) if file.is_named => return Err(error),
            Err(error) => {
                exit = exit.max(report_error(&error, term)?);
                continue;
            }
        };
        let name = &*input.name;
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
        return walk.end_without_files("nothing to normalize", term);
    }
    walk.tell_left_out(&format!("read {}", count(files, "file")), &args.walk, term)?;
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
    term.findings(&input.name, input.document.text(), rejections)?;
    writeln!(term.err(), "{}: Marathon would reject this", input.name)?;
    Ok(())
}
