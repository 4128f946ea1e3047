//! `milepost fmt`

use std::path::{Path, PathBuf};

use super::discover::{InputFile, Walk, WalkArgs, WalkEnd};
use super::input::{FileReader, Input, KindArg, report_error};
use super::replace::{replace, write_diff};
use super::{Exit, Terminal};
use crate::format::{self, Formatted, LayoutError};
use crate::schema::recognize;
use crate::util::text::count;

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
#[command(after_long_help = "\
Examples:
  milepost fmt web.json
  milepost fmt services/ --check
  milepost fmt services/ --diff
  milepost fmt - --stdin-filename web.yaml < web.yaml

Exit codes: 0 done, or nothing to do; 1 with --check or --diff: something would change, or a file cannot be parsed; 2 a file could not be read or formatted.")]
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
    #[arg(hide_short_help = true, long, value_enum)]
    kind: Option<KindArg>,

    /// The name for standard input; its extension sets the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<String>,

    #[command(flatten)]
    walk: WalkArgs,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut walk = args.walk.walk(&args.paths)?.once();
    let (mut failure, mut changes, mut files) = (Exit::Fine, 0, 0);
    for job in std::mem::take(&mut walk.files) {
        match format_file(args, &job, &mut walk, term) {
            Ok(is_changed) => {
                files += usize::from(is_changed.is_some());
                changes += usize::from(is_changed == Some(true));
            }
            // The reader closed the output, so the other files need not be read.
            Err(error) if error.downcast_ref::<std::io::Error>().is_some() => return Err(error),
            Err(error) => {
                failure = failure.max(report_error(&error, term)?);
            }
        }
    }
    if walk.end(&args.walk, term)? == WalkEnd::Unreadable {
        failure = Exit::Usage;
    }
    if files == 0 && failure == Exit::Fine {
        return walk.end_without_files("nothing to format", term);
    }
    let writes = !(args.check || args.diff) && args.paths != [Path::new("-")];
    if writes && failure == Exit::Fine && changes == 0 {
        writeln!(term.err(), "{} already formatted{}", count(files, "file"), walk.notes(args.walk.verbose))?;
    } else {
        let word = if writes { "formatted" } else { "to format" };
        let done = format!("{} {word}, {} already formatted", count(changes, "file"), files - changes);
        walk.tell_left_out(&done, &args.walk, term)?;
    }
    let would_change = (args.check || args.diff) && changes > 0;
    Ok(failure.max(if would_change { Exit::Findings } else { Exit::Fine }))
}

/// Formats one file; whether that changes it, and nothing for one that is not a definition.
fn format_file(
    args: &Args,
    job: &InputFile,
    walk: &mut Walk,
    term: &mut Terminal,
) -> anyhow::Result<Option<bool>> {
    let reader = FileReader {
        kind: args.kind,
        edits: true,
        stdin_filename: args.stdin_filename.as_deref(),
        with_kind: Some("formats"),
    };
    let Some((Input { name, document }, kind)) = reader.read(job, walk, term)? else { return Ok(None) };
    let (root, text) = (document.root(), document.text());
    // In another tool's file the order may be on purpose.
    let doubt = recognize::doubt(root, kind).filter(|_| args.kind.is_none());
    if let Some(why) = doubt {
        writeln!(term.err(), "note: {name}: keys keep their order: {why}; --kind orders them")?;
    }
    let kind = Some(kind).filter(|_| doubt.is_none());
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
    Ok(Some(changed))
}

fn refusal(name: &str, text: &str, error: &LayoutError) -> anyhow::Error {
    super::replace::refusal(name, text, error.offset(), &format!("{error}; the file was not changed"), None)
}
