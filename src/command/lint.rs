//! `milepost lint`

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use rayon::prelude::*;

use super::{Exit, Terminal, walk};
use crate::lint::{Linter, Report};
use crate::report::{self, Tally};
use crate::source::{self, Format, Kind, file};
use crate::target::{Settings, Target};

/// Fewer files than this are not worth a second thread.
const FEW: usize = 64;
/// So many files are checked before their findings are written, so that memory does not grow with their number.
const BATCH: usize = 256;

/// Say what Marathon would say about definitions, before anyone asks it.
///
/// Findings go to stdout, each with its place; the exit code is 1 when there is an error among them, 2 when an input
/// cannot be read. What Marathon would refuse is an error, and so is what it would take and silently ignore.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  milepost lint web.json
  milepost lint services/ --format json
  milepost lint - --kind pod < pod.json")]
pub(super) struct Args {
    /// Files, directories (walked, .gitignore respected), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Take every file for this kind of definition; otherwise the shape tells
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// How to write the findings
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,

    /// The Marathon being aimed at, such as dcos-2.1 or marathon-1.9
    #[arg(long, value_name = "NAME", default_value_t)]
    target: Target,

    /// The name to give standard input in findings; its ending also tells the format
    #[arg(long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,

    /// Threads to use; by default as many as there are processors, and one for a few files
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum KindArg {
    /// An app, or an array of apps
    App,
    /// A pod
    Pod,
    /// A group
    Group,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum OutputFormat {
    /// For people: the source underlined
    #[default]
    Text,
    /// For machines: one versioned document
    Json,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::App => Self::App,
            KindArg::Pod => Self::Pod,
            KindArg::Group => Self::Group,
        }
    }
}

/// A file to check, and how it came to be one.
struct Job {
    path: PathBuf,
    /// It was named, not found: then it has to be a definition.
    named: bool,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut jobs = Vec::new();
    for path in &args.paths {
        collect(path, &mut jobs)?;
    }
    let kind = args.kind.map(Kind::from);
    // For rayon 0 means as many as there are processors.
    let threads = args.threads.unwrap_or(usize::from(jobs.len() < FEW));
    let pool = (threads != 1)
        // As much stack as a main thread has, for definitions nested as deep.
        .then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(8 << 20).build())
        .transpose()
        .context("cannot start threads")?;
    let settings = args.target.settings();
    let check =
        |linter: &mut Linter, job: &Job| check(linter, job, kind, &settings, args.stdin_filename.as_deref());
    let mut linter = Linter::default();
    let batches = jobs.chunks(BATCH).map(|batch| match &pool {
        Some(pool) => {
            let reports =
                pool.install(|| batch.par_iter().map_init(Linter::default, check).collect::<Vec<_>>());
            batch.iter().zip(reports).collect::<Vec<_>>()
        }
        None => batch.iter().map(|job| (job, check(&mut linter, job))).collect(),
    });
    let outcome = match args.format {
        OutputFormat::Text => write_text(batches, args, term)?,
        OutputFormat::Json => write_json(batches, args, term)?,
    };
    outcome.finish(term)
}

fn collect(path: &Path, jobs: &mut Vec<Job>) -> anyhow::Result<()> {
    if path.is_dir() {
        let found = walk::definitions(path)?;
        jobs.extend(found.into_iter().map(|path| Job { path, named: false }));
    } else {
        jobs.push(Job { path: path.to_owned(), named: true });
    }
    Ok(())
}

fn check(
    linter: &mut Linter,
    job: &Job,
    kind: Option<Kind>,
    settings: &Settings,
    stdin_name: Option<&Path>,
) -> anyhow::Result<Report> {
    let (bytes, name) = if job.path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(file::MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        if bytes.len() as u64 > file::MAX_BYTES {
            bail!("standard input is larger than {} MiB, which no definition is", file::MAX_BYTES >> 20);
        }
        (bytes, stdin_name.unwrap_or(&job.path))
    } else {
        (source::read_bytes(&job.path)?, job.path.as_path())
    };
    let report = linter.lint(bytes, Format::of_path(name), kind, settings);
    if report.kind.is_none() && job.named && report.diagnostics.is_empty() {
        bail!(
            "{}: this is no app, pod or group: it has no `id` beside `cmd`, `container`, `containers` or `apps`; \
             say --kind to check it all the same",
            name.display()
        );
    }
    Ok(report)
}

/// What came of all files together.
#[derive(Default)]
struct Outcome {
    files: usize,
    skipped: usize,
    unreadable: usize,
    tally: Tally,
}

impl Outcome {
    /// Takes note of a file; gives its report if it has one to write.
    fn note(
        &mut self,
        report: anyhow::Result<Report>,
        term: &mut dyn std::io::Write,
    ) -> anyhow::Result<Option<Report>> {
        match report {
            Ok(report) if report.kind.is_none() && report.diagnostics.is_empty() => {
                self.skipped += 1;
                Ok(None)
            }
            Ok(report) => {
                self.files += 1;
                report.diagnostics.iter().for_each(|diagnostic| self.tally.add(diagnostic));
                Ok(Some(report))
            }
            Err(error) => {
                self.unreadable += 1;
                writeln!(term, "error: {error:#}")?;
                Ok(None)
            }
        }
    }

    fn finish(self, term: &mut Terminal) -> anyhow::Result<Exit> {
        if self.files == 0 && self.unreadable == 0 {
            bail!(
                "no definition found: {}",
                match self.skipped {
                    0 => "there is no .json, .jsonc, .yaml or .yml file".to_owned(),
                    skipped => format!("{} looked at, none is an app, pod or group", count(skipped, "file")),
                }
            );
        }
        term.out().flush()?;
        if self.files == 0 {
            return Ok(Exit::Usage);
        }
        let skipped = if self.skipped > 0 {
            format!("; {} no definition", count(self.skipped, "file"))
        } else {
            String::new()
        };
        let unreadable = if self.unreadable > 0 {
            format!("; {} could not be read", count(self.unreadable, "input"))
        } else {
            String::new()
        };
        writeln!(term.err(), "checked {}: {}{skipped}{unreadable}", count(self.files, "file"), self.tally)?;
        Ok(match (self.unreadable, self.tally.errors) {
            (0, 0) => Exit::Fine,
            (0, _) => Exit::Findings,
            _ => Exit::Usage,
        })
    }
}

fn count(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

type Batch<'j> = Vec<(&'j Job, anyhow::Result<Report>)>;

fn name<'a>(job: &'a Job, args: &'a Args) -> std::borrow::Cow<'a, str> {
    let path = if job.path == Path::new("-") { args.stdin_filename.as_deref() } else { None };
    path.unwrap_or(&job.path).to_string_lossy()
}

fn write_text<'j>(
    batches: impl Iterator<Item = Batch<'j>>,
    args: &Args,
    term: &mut Terminal,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    for (job, report) in batches.flatten() {
        if let Some(report) = outcome.note(report, term.err())? {
            report::text::write(term.out(), &name(job, args), &report.text, &report.diagnostics)?;
        }
    }
    Ok(outcome)
}

fn write_json<'j>(
    batches: impl Iterator<Item = Batch<'j>>,
    args: &Args,
    term: &mut Terminal,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let (out, err) = term.both();
    let mut writer = report::json::Writer::begin(out)?;
    for (job, report) in batches.flatten() {
        if let Some(report) = outcome.note(report, err)? {
            writer.file(&name(job, args), report.kind, &report.text, &report.diagnostics)?;
        }
    }
    writer.end(outcome.skipped, outcome.tally)?;
    Ok(outcome)
}
