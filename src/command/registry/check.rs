//! `milepost registry check`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::command::input::Unparsable;
use crate::command::lint::format_parser;
use crate::finding::{CheckedFile, RatedFinding};
use crate::lint;
use crate::registry::check::{FileRole, SetupFile, check};
use crate::report::{FORMATS, MaskedFile, OutputFormat, ReportContext, Summary, Tally};
use crate::source::{self, Format};
use crate::util::escape::shown_path;
use crate::util::path::clean;
use crate::util::text::count;

use super::{Exit, Terminal};

/// The most files of a directory that are read.
const MOST_FILES: usize = 1000;
/// The deepest directory that is read, below the named one.
const DEEPEST: usize = 8;
/// The largest file that may be a part, in bytes.
const LARGEST: u64 = 1 << 20;

const EXAMPLES: &str = "\
Examples:
  milepost registry check registry/
  milepost registry check registry.json auth/auth_config.yml certs/domain.crt certs/domain.key
  milepost registry check docker-compose.yml config/ ssl/ --format json

A file of the containers is looked for by its name, and by the directories before it where several have the name.

Exit codes: 0 no error; 1 an error, or a file that cannot be parsed; 2 wrong usage, an unreadable file, or \
nothing to check.";

/// Check that the parts of a registry with authentication agree.
///
/// Read are definitions (an app or group for Marathon, a file for Docker Compose), the token server's auth_config.yml,
/// htpasswd files, certificates and keys. Checked are issuer, service, realm, the ids of keys, the root bundle, names and
/// days of certificates, users and rights, what keeps registry or token server from starting, and what a web page or a
/// scanner beside them is told.
#[expect(clippy::doc_markdown, reason = "the comment is a help text for a terminal")]
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// Files, or directories of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How to write the findings
    #[arg(long, value_parser = format_parser(), default_value = FORMATS[0].name)]
    format: &'static OutputFormat,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let files = read(&args.paths, term)?;
    let directories: Vec<PathBuf> =
        args.paths.iter().filter(|path| path.is_dir()).map(|path| clean(path)).collect();
    let is_missing = |path: &str| is_missing(path, &directories);
    let checked = check(&files, &is_missing, OffsetDateTime::now_utc());
    let directory = std::env::current_dir().context("cannot tell the current directory")?;
    let (colours, width) = (term.out_shows_colours(), term.width());
    let mut reporter = (args.format.reporter)(ReportContext { directory, colours, width });
    let mut summary = Summary { files: files.len(), ..Summary::default() };
    let mut out = Vec::new();
    reporter.begin(&mut out)?;
    for (index, file) in files.iter().enumerate() {
        let findings: &[RatedFinding] = checked.findings.get(&index).map_or(&[], Vec::as_slice);
        for finding in findings {
            summary.tally.add(finding.severity);
        }
        let format = Format::of_path(Path::new(&file.name));
        let checked =
            CheckedFile { path: &file.name, kind: None, format, text: file.text(), cuts: &[], findings };
        reporter.file(&mut out, &MaskedFile::of(&checked, args.format.needs))?;
    }
    reporter.end(&mut out, &summary)?;
    term.out_styled(&out)?;
    let Tally { errors, warnings, .. } = summary.tally;
    let found = match (errors, warnings) {
        (0, 0) => "nothing found".to_owned(),
        _ => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    writeln!(term.err(), "checked {}: {found}", count(files.len(), "file"))?;
    if !checked.not_checked.is_empty() {
        writeln!(term.err(), "not checked: {}", checked.not_checked.join("; "))?;
    }
    Ok(if errors > 0 { Exit::Findings } else { Exit::Fine })
}

/// Whether a file is missing in a directory that is there, or below one that is checked as a whole.
fn is_missing(path: &str, directories: &[PathBuf]) -> bool {
    let path = Path::new(path);
    let is_below = || directories.iter().any(|directory| clean(path).starts_with(directory));
    !path.exists() && (path.parent().is_some_and(Path::is_dir) || is_below())
}

/// The parts among the named files, and those below the named directories.
fn read(paths: &[PathBuf], term: &mut Terminal) -> anyhow::Result<Vec<SetupFile>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut below = Vec::new();
            list(path, 0, &mut below)?;
            below.sort_unstable();
            for path in below {
                files.extend(read_file(&path)?);
            }
        } else if let Some(file) = read_file(path)? {
            files.push(file);
        } else {
            writeln!(
                term.err(),
                "warning: skipped {}: it is no part of a registry's setup",
                shown_path(&path)
            )?;
        }
    }
    let is_checkable = |file: &SetupFile| !file.text().is_empty() || matches!(file.part, FileRole::Users(_));
    if !files.iter().any(is_checkable) {
        bail!(
            "there is nothing to check: name the definition of a registry (an app or a group, or a file for Docker Compose), \
             the token server's auth_config.yml, or an htpasswd"
        );
    }
    Ok(files)
}

/// The regular files below a directory that are small enough to be parts.
fn list(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let why = || format!("cannot list the files of {}", shown_path(&directory));
    for entry in directory.read_dir().with_context(why)? {
        let entry = entry.with_context(why)?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Links are followed: a mounted secret is one.
        let Ok(metadata) = entry.path().metadata() else { continue };
        if metadata.is_dir() && !is_hidden && depth < DEEPEST {
            list(&entry.path(), depth + 1, found)?;
        } else if metadata.is_file() && metadata.len() <= LARGEST {
            if found.len() == MOST_FILES {
                bail!(
                    "{} has more than {MOST_FILES} files: name the parts of the registry's setup",
                    shown_path(&directory)
                );
            }
            found.push(entry.path());
        }
    }
    Ok(())
}

fn read_file(path: &Path) -> anyhow::Result<Option<SetupFile>> {
    let name = path.to_string_lossy();
    let bytes = Zeroizing::new(source::read_bytes(path)?);
    SetupFile::read(&name, &bytes).map_err(|(text, format, error)| {
        let finding = lint::syntax(&text, format, &error);
        Unparsable { name: name.clone().into_owned(), text, finding }.into()
    })
}
