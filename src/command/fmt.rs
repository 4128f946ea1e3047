//! `milepost fmt`

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::discover::{self, InputFile, KnownFormat};
use super::input::{Input, KindArg};
use super::replace::{replace, write_diff};
use super::{Exit, Terminal};
use crate::format::{self, Formatted, LayoutError};
use crate::report;
use crate::source::Kind;

/// Lay definitions out in one way: keys in order, two spaces, comments kept.
///
/// Keys stand in the order of Marathon's models, here and in nested objects: id, command, container, resources, …; those
/// that no model knows come after them, and maps with names of your own (env, labels) keep their order. JSON: two spaces,
/// and on one line what fits into 100 columns and is an array of texts or numbers, an object of up to three of those, or
/// one of any number as an element of an array; definitions, a pod's containers, env and labels are always a line an
/// entry. An empty line is kept next to a comment. YAML: entries move with the comments above them, and are indented by
/// two; flow collections and the lines of texts stay as they are.
///
/// The meaning never changes: what was laid out is read again and compared, spelling of numbers and texts included,
/// before anything is written. A file for which that cannot be shown is left alone and named, and the exit code is 2.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  milepost fmt web.json
  milepost fmt services/ --check
  milepost fmt services/ --diff
  milepost fmt - --stdin-filename web.yaml < web.yaml

Exit codes: 0 done, or nothing to do; 1 with --check or --diff: something would change; 2 a file was left alone.")]
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

    /// Take every file for this kind of definition; otherwise the shape tells
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// The name to give standard input; its ending also tells the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (mut failed, mut changes) = (false, 0);
    for job in collect(&args.paths)? {
        match one(args, &job, term) {
            Ok(is_changed) => changes += usize::from(is_changed),
            // Nobody reads on: the others need not be looked at.
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

/// The files that were named, and those below the directories that were, each once.
fn collect(paths: &[PathBuf]) -> anyhow::Result<Vec<InputFile>> {
    let mut files = discover::files(paths)?;
    if paths.len() > 1 {
        let mut known = KnownFormat::default();
        files.retain(|file| known.is_new(&file.path));
    }
    Ok(files)
}

/// Lays one file out; whether it is another then.
fn one(args: &Args, job: &InputFile, term: &mut Terminal) -> anyhow::Result<bool> {
    let Input { name, document } = Input::open(&job.path, args.stdin_filename.as_deref())?;
    let (root, text) = (document.root(), document.text());
    let kind = args.kind.map(|kind| Kind::from(kind).of_shape(root)).or_else(|| Kind::detect(&root));
    if kind.is_none() && job.is_named {
        bail!(
            "{name}: this is no app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`; \
             say --kind to lay it out all the same"
        );
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
        writeln!(term.err(), "laid out {name}")?;
    }
    Ok(changed)
}

fn refusal(name: &str, text: &str, error: &LayoutError) -> anyhow::Error {
    let place = error.offset().map_or_else(|| name.to_owned(), |at| report::text::place(name, text, at));
    anyhow::anyhow!("{place}: {error}; the file is left as it is")
}
