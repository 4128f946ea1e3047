//! `milepost convert`

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use super::discover::{InputFile, Walk, WalkArgs, WalkEnd};
use super::input::{FileReader, Input, report_error};
use super::output::{is_directory, make_parent, named_file, write_each, write_text};
use super::replace::refusal;
use super::{Exit, Terminal};
use crate::format::{self, Converted};
use crate::source::{self, Format};
use crate::util::escape::shown_path;
use crate::util::text::count;

/// Turn JSON into YAML, or YAML into JSON.
///
/// The value stays the same, including the digits of numbers and the order of keys; this is verified before anything is
/// written. Comments are kept between JSONC and YAML; JSON has none, and stderr counts those that were dropped. In YAML,
/// texts that some parsers read as another type (yes, on, 1.0, 12:30:00) are quoted, and texts of several lines are
/// literal blocks; aliases and merge keys are expanded.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost convert web.json --to yaml
  milepost convert web.yaml --to json -o web.json
  milepost convert web.json worker.json --to yaml -o services/
  milepost convert services/ --to yaml -o services-yaml/
  milepost convert - --stdin-filename web.yaml --to jsonc < web.yaml

Exit codes: 0 converted, 1 the only input cannot be parsed, 2 an input cannot be read or converted; nothing was written \
for it. Of several inputs those that can be converted are, and each other one is named.")]
pub(super) struct Args {
    /// Files, directories (the definitions in them, .gitignore respected), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The format to write
    #[arg(long, value_enum)]
    to: To,

    /// Write to this file, or into this directory with the format's extension; by default to standard output. What was
    /// found in a directory keeps its path below it
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,

    /// Replace existing files
    #[arg(long, requires = "output")]
    force: bool,

    /// The name for standard input; its extension sets the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,

    #[command(flatten)]
    walk: WalkArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    /// YAML 1.2 that parsers of YAML 1.1 read the same way
    Yaml,
    /// JSON, as Marathon accepts it
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

/// A converted text and the file to write it to; none for standard output.
struct Conversion {
    name: String,
    output: Option<PathBuf>,
    converted: Converted,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let to = named_file(args.output.as_deref());
    if args.is_several() && to.is_none() {
        bail!("several files need a directory to write to: name it with -o");
    }
    let mut outputs = HashMap::new();
    let mut conversions = Vec::new();
    let mut failure = Exit::Fine;
    // Everything is checked before the first file is written.
    let mut walk = args.walk.walk(&args.paths)?.once();
    for file in std::mem::take(&mut walk.files) {
        let (name, converted) = match convert(args, &file, &mut walk, term) {
            Ok(Some(converted)) => converted,
            Ok(None) => continue,
            // The others are converted all the same.
            Err(error) if args.is_several() => {
                failure = report_error(&error, term)?.max(Exit::Usage);
                continue;
            }
            Err(error) => return Err(error),
        };
        let output = to.map(|output| output_of(args, output, &file, &name)).transpose()?;
        if let Some(output) = &output {
            if let Some(other) = outputs.insert(output.clone(), name.clone()) {
                bail!("{other} and {name} would both be written to {}", shown_path(&output));
            }
            if output.is_file() && !source::is_descriptor(output) && !args.force {
                bail!("{} exists: --force replaces it", shown_path(&output));
            }
        }
        conversions.push(Conversion { name, output, converted });
    }
    let end = walk.end(&args.walk, term)?;
    if conversions.is_empty() && failure == Exit::Fine {
        let notes = walk.notes(args.walk.verbose);
        writeln!(term.err(), "nothing to convert: there is no definition in another format{notes}")?;
    }
    write_each(&conversions, term, write)?;
    if !conversions.is_empty() {
        walk.tell_left_out(&format!("converted {}", count(conversions.len(), "file")), &args.walk, term)?;
    }
    Ok(if end == WalkEnd::Unreadable { Exit::Usage } else { failure })
}

fn write(conversion: &Conversion, term: &mut Terminal) -> anyhow::Result<()> {
    let Conversion { name, output, converted } = conversion;
    match output {
        None => write!(term.out(), "{}", converted.text)?,
        Some(output) => {
            make_parent(output)?;
            write_text(output, &converted.text, term)?;
        }
    }
    if converted.left_behind > 0 {
        let dropped = count(converted.left_behind, "comment");
        writeln!(term.err(), "note: {name}: dropped {dropped}: JSON has none; --to jsonc keeps them")?;
    }
    Ok(())
}

impl Args {
    fn is_several(&self) -> bool {
        self.paths.len() > 1 || self.paths.iter().any(|path| path.is_dir())
    }

    /// The directory of a file, below the one it was found in.
    fn below<'f>(&self, file: &'f InputFile) -> &'f Path {
        let relative = |root: &PathBuf| file.path.strip_prefix(root).ok().filter(|_| !file.is_named);
        self.paths.iter().find_map(relative).and_then(Path::parent).unwrap_or(Path::new(""))
    }
}

/// Converts a file. None for one that was found in a directory and is no definition, or is in that format already.
fn convert(
    args: &Args,
    file: &InputFile,
    walk: &mut Walk,
    term: &mut Terminal,
) -> anyhow::Result<Option<(String, Converted)>> {
    let path = &file.path;
    let Input { name, document } = if file.is_named {
        Input::open(path, args.stdin_filename.as_deref())?
    } else if Format::of_path(path) == args.to.format().0 {
        return Ok(None);
    } else {
        let reader = FileReader { kind: None, edits: true, stdin_filename: None, with_kind: None };
        let Some((input, _)) = reader.read(file, walk, term)? else { return Ok(None) };
        input
    };
    let converted = format::convert(&document, args.to.format().0).map_err(|error| {
        refusal(&name, document.text(), error.offset(), &format!("{error}; nothing is written"), None)
    })?;
    Ok(Some((name, converted)))
}

/// The file to write the conversion of the file `name` to.
fn output_of(args: &Args, output: &Path, source: &InputFile, name: &str) -> anyhow::Result<PathBuf> {
    if !args.is_several() && !is_directory(output) {
        return Ok(output.to_owned());
    }
    if output.is_file() {
        bail!("{} is a file: several files need a directory", shown_path(&output));
    }
    let stem = Path::new(name).file_stem().filter(|_| name != "-");
    let stem =
        stem.context("standard input has no name for a file: give --stdin-filename, or a file with -o")?;
    let mut file = stem.to_owned();
    file.push(".");
    file.push(args.to.format().1);
    Ok(output.join(args.below(source)).join(file))
}
