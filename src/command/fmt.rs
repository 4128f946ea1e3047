//! `milepost fmt`

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::discover::{self, InputFile, SeenFiles};
use super::input::{Input, KindArg, NOT_A_DEFINITION};
use super::replace::{replace, write_diff};
use super::{Exit, Terminal};
use crate::format::{self, Formatted, LayoutError};
use crate::report;
use crate::source::Kind;

/// Format definitions: keys in order, two spaces, comments kept.
///
/// Keys are in the order of Marathon's models, also in nested objects: id, command, container, resources, …; unknown keys
/// follow, and maps with free names (env, labels) keep their order. JSON: two spaces; arrays of strings or numbers,
/// objects of up to three of them, and such objects of any size within an array are on one line where they fit into 100
/// columns; definitions, a pod's containers, env and labels always have a line for each entry. An empty line next to a
/// comment is kept. YAML: entries move with the comments above them, and are indented by two; flow collections and the
/// lines of texts stay as they are.
///
/// The meaning never changes: the result is parsed again and compared, including the spelling of numbers and strings,
/// before anything is written. A file where this fails is named and not changed, and the exit code is 2.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  milepost fmt web.json
  milepost fmt services/ --check
  milepost fmt services/ --diff
  milepost fmt - --stdin-filename web.yaml < web.yaml

Exit codes: 0 done, or nothing to do; 1 with --check or --diff: something would change; 2 a file could not be formatted.")]
pub(super) struct Args {
    /// Files, directories (walked, .gitignore respected), or - for standard input, which is written to standard output
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write nothing; list the files that would change
    #[arg(long)]
    check: bool,

    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,

    /// Read every file as this kind of definition; by default its fields decide
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// The name for standard input; its extension sets the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (mut failed, mut changes) = (false, 0);
    for job in collect(&args.paths)? {
        match format_file(args, &job, term) {
            Ok(is_changed) => changes += usize::from(is_changed),
            // The reader closed the output, so the other files need not be read.
            Err(error) if error.downcast_ref::<std::io::Error>().is_some() => return Err(error),
            Err(error) => {
                writeln!(term.err(), "error: {error:#}")?;
                failed = true;
            }
        }
    }
    Ok(match (failed, args.check || args.diff) {
        (true, _) => Exit::Usage,
        (false, true) if changes > 0 => Exit::Findings,
        _ => Exit::Fine,
    })
}

/// The named files, and those below the named directories, each once.
fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<InputFile>> {
    let mut files = discover::files(paths)?;
    if paths.len() > 1 {
        let mut known = SeenFiles::default();
        files.retain(|file| known.is_new(&file.path));
    }
    Ok(files)
}

/// Formats one file; `true` when that changes it.
fn format_file(args: &Args, job: &InputFile, term: &mut Terminal) -> anyhow::Result<bool> {
    let Input { name, document } = Input::open(&job.path, args.stdin_filename.as_deref())?;
    let (root, text) = (document.root(), document.text());
    let kind = args.kind.map(|kind| Kind::from(kind).of_shape(root)).or_else(|| Kind::detect(&root));
    if kind.is_none() && job.is_named {
        bail!("{name}: {NOT_A_DEFINITION}; --kind formats it anyway");
    }
    if kind.is_none() {
        return Ok(false);
    }
    let Formatted { text: laid, note } =
        format::layout(&document, kind).map_err(|e| refusal(&name, text, &e))?;
    if let Some(note) = note {
        writeln!(term.err(), "note: {name}: {note}")?;
    }
    let changed = laid != text;
    if args.diff {
        if changed {
            write_diff(term.out(), &name, text, &laid)?;
        }
    } else if args.check {
        if changed {
            writeln!(term.out(), "{name}")?;
        }
    } else if job.path == Path::new("-") {
        write!(term.out(), "{laid}")?;
    } else if changed {
        replace(&job.path, text, &laid)?;
        writeln!(term.err(), "formatted {name}")?;
    }
    Ok(changed)
}

fn refusal(name: &str, text: &str, error: &LayoutError) -> anyhow::Error {
    let place = error.offset().map_or_else(|| name.to_owned(), |at| report::text::place(name, text, at));
    anyhow::anyhow!("{place}: {error}; the file was not changed")
}
