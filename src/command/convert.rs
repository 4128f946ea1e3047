//! `milepost convert`

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::ValueEnum;

use super::input::Input;
use super::output::{is_directory, make_parent};
use super::{Exit, Terminal};
use crate::format::{self, Converted};
use crate::report;
use crate::source::{self, Format};
use crate::util::text::count;

/// Turn JSON into YAML, or YAML into JSON.
///
/// The value stays the same, digits of numbers and order of keys included, which is proven before anything is written.
/// Comments go along between JSONC and YAML; JSON has none, and how many were left behind is told on stderr. In YAML,
/// texts that some reader would take for something else (yes, on, 1.0, 12:30:00) are quoted, and texts of several lines
/// are literal blocks; aliases and merge keys are written out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  milepost convert web.json --to yaml
  milepost convert web.yaml --to json -o web.json
  milepost convert web.json worker.json --to yaml -o services/
  milepost convert - --stdin-filename web.yaml --to jsonc < web.yaml

Exit codes: 0 converted, 2 an input cannot be read or converted; nothing was written for it.")]
pub(super) struct Args {
    /// Files, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The notation to write
    #[arg(long, value_enum)]
    to: To,

    /// The file to write to, or the directory, where names end in the notation's ending; by default standard output
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,

    /// Replace files that are there
    #[arg(long, requires = "output")]
    force: bool,

    /// The name to give standard input; its ending also tells the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// YAML 1.2, in a form that readers of 1.1 take the same way
    Yaml,
    /// JSON, as Marathon takes it
    Json,
    /// JSON with comments
    Jsonc,
}

impl To {
    fn format(self) -> (Format, &'static str) {
        match self {
            Self::Yaml => (Format::Yaml, "yaml"),
            Self::Json => (Format::Json, "json"),
            Self::Jsonc => (Format::Jsonc, "jsonc"),
        }
    }
}

/// A text and where it goes.
struct Ready {
    name: String,
    target: Option<PathBuf>,
    converted: Converted,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if args.files.len() > 1 && args.output.is_none() {
        bail!("several files do not fit into one output: name a directory with -o");
    }
    let mut targets = HashMap::new();
    let mut ready = Vec::new();
    // All that can go wrong does before the first file is written.
    for file in &args.files {
        let (name, converted) = one(args, file)?;
        let target = args.output.as_deref().map(|output| target(args, output, &name)).transpose()?;
        if let Some(target) = &target {
            if let Some(other) = targets.insert(target.clone(), name.clone()) {
                bail!("{other} and {name} would both be {}", target.display());
            }
            if target.exists() && !args.force {
                bail!("{} is there already: --force replaces it", target.display());
            }
        }
        ready.push(Ready { name, target, converted });
    }
    for Ready { name, target, converted } in ready {
        match target {
            None => write!(term.out(), "{}", converted.text)?,
            Some(target) => {
                make_parent(&target)?;
                source::write_atomically(&target, converted.text.as_bytes())
                    .map_err(|error| anyhow!("{error}"))?;
                writeln!(term.err(), "wrote {}", target.display())?;
            }
        }
        if converted.left_behind > 0 {
            let left = count(converted.left_behind, "comment");
            writeln!(term.err(), "note: {name}: {left} left behind: JSON has none; --to jsonc keeps them")?;
        }
    }
    Ok(Exit::Fine)
}

fn one(args: &Args, file: &Path) -> anyhow::Result<(String, Converted)> {
    let Input { name, document } = Input::open(file, args.stdin_filename.as_deref())?;
    let converted = format::convert(&document, args.to.format().0).map_err(|error| {
        let place = |at| report::text::place(&name, document.text(), at);
        anyhow!("{}: {error}; nothing is written", error.offset().map_or_else(|| name.clone(), place))
    })?;
    Ok((name, converted))
}

/// Where the conversion of the file `name` goes.
fn target(args: &Args, output: &Path, name: &str) -> anyhow::Result<PathBuf> {
    if args.files.len() == 1 && !is_directory(output) {
        return Ok(output.to_owned());
    }
    if output.is_file() {
        bail!("{} is a file: several files need a directory", output.display());
    }
    let stem = Path::new(name).file_stem().filter(|_| name != "-");
    let stem = stem
        .context("standard input has no name to make a file of: give --stdin-filename, or a file with -o")?;
    let mut file = stem.to_owned();
    file.push(".");
    file.push(args.to.format().1);
    Ok(output.join(file))
}
