//! `milepost lint`

mod as_server;
mod cross_file;
mod fix;
mod job;
mod selection;
mod settings;
mod summary;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::discover::{Walk, WalkArgs};
use super::input::KindArg;
use super::target::TargetArgs;
use super::{Exit, Terminal};
use crate::report::{FORMATS, Needs, OutputFormat, ReportContext};
use crate::source::Kind;

use as_server::ServerAnswers;
use cross_file::CrossFileCheck;
use fix::{FixArg, Fixer};
use job::{FileChecker, LintJob};
use settings::SettingsOfFiles;
use summary::LintSummary;

/// Fewer files than this are not worth a second thread.
const FEW: usize = 64;

/// Check definitions as Marathon would, without a server.
///
/// Findings go to stdout, each with its place; the exit code is 1 when there is an error among them (--fail-on), 2 when
/// an input cannot be read. What Marathon would refuse is an error, and so is what it would accept and silently ignore.
///
/// Settings are read from milepost.toml in this directory or the nearest one above it, as far as the repository goes;
/// the command line counts before them. `path` in an exception is a pattern, seen from the settings file.
///
/// In JSONC and YAML a comment can ignore rules: `milepost-ignore: RULE, RULE reason` at the end of a line or on the
/// line before, `milepost-ignore-file: RULE reason` at the top. A comment or exception that is of no use any more is
/// reported.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  milepost lint web.json
  milepost lint services/ --format json
  milepost lint services/ --ignore 'unknown-*' --severity removed-field=warning
  milepost lint services/ --fix --diff
  milepost lint services/ --fix=unsafe --select 'unknown-*'
  milepost lint services/ --write-baseline baseline.json
  milepost lint services/ --baseline baseline.json --format github
  milepost lint web.json --as-server --target dcos-1.12
  milepost lint web.json --target marathon-1.9 --no-feature secrets --mesos-role prod
  milepost lint - --kind pod < pod.json

milepost.toml:
  [target]                      # or `target = \"dcos-2.1\"` under [lint]
  name = \"dcos-2.1\"
  no-features = [\"gpu_resources\"]
  default-network = \"overlay\"   # also features, mesos-role, enforce-role

  [target.agents]               # what is not given is not known, or as DC/OS has it
  ports = \"1025-32000\"          # also roles, isolators, networks, created-paths, cpus, log-driver,
  users = [\"nobody\", \"web\"]    # switch-user, share-ipc, cfs, hadoop, frameworks-home,
  paths = [\"/srv/web\"]         # seccomp-profiles
  docker = \"20.10\"

  [lint]
  ignore = [\"response-field\"]
  fail-on = \"warning\"
  baseline = \"baseline.json\"

  [lint.severity]
  removed-field = \"warning\"

  [[lint.exception]]
  path = \"services/legacy/**/*.json\"
  pointer = \"/container/docker\"
  rule = \"unknown-field\"
  reason = \"read by our own scheduler\"")]
pub(super) struct Args {
    /// Files, directories, or -; without one, this directory
    ///
    /// `-` is standard input. Directories are walked, and what .gitignore leaves out is not checked.
    #[arg(default_value = ".", hide_default_value = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Take every file for this kind of definition; otherwise the shape tells
    #[arg(hide_short_help = true, long, value_enum)]
    kind: Option<KindArg>,

    /// How to write the findings
    #[arg(long, value_parser = format_parser(), default_value = FORMATS[0].name)]
    format: &'static OutputFormat,

    /// Instead of findings, write what Marathon would answer, as JSON: for one file the body of the answer, {"message":
    /// …, "details": [{"path": …, "errors": […]}]}, or {} when it accepts; for several a line each, with "path",
    /// "accepted" and "status"
    ///
    /// Which findings are chosen does not matter to a server. Three things are not Marathon's own: what its JSON parser
    /// says of a text that is no JSON is left out; a text that it gives twice at one path is there once; and in a set of
    /// five elements or more (dependencies, constraints, health checks) it counts in the order of hash codes, so that
    /// the index in a path, such as the 3 of /dependencies(3), can be another one.
    #[arg(hide_short_help = true, long, conflicts_with_all = ["statistics", "fix", "select", "ignore", "severity", "fail_on", "baseline", "write_baseline", "policy"])]
    as_server: bool,

    /// The name to give standard input in findings; its ending also tells the format
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    stdin_filename: Option<PathBuf>,

    /// Threads to use; by default as many as there are processors, and one for a few files
    #[arg(hide_short_help = true, long, value_name = "N")]
    threads: Option<usize>,

    /// Count the findings per rule: in place of the findings with --format text, on stderr with other formats
    #[arg(hide_short_help = true, long)]
    statistics: bool,

    /// Make safe fixes; with `--fix=unsafe` the others too
    ///
    /// Files are changed in place. Unsafe fixes change what runs. Safe fixes leave the stored definition the same, or correct a misspelt name. Formatting and comments stay. No fix makes Marathon reject what it accepts, and a file without an `id` is not
    /// fixed. The findings that are left are reported.
    #[arg(
        long,
        hide_possible_values = true,
        value_name = "HOW",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "safe"
    )]
    fix: Option<FixArg>,

    /// With --fix: show the changes instead; the exit code is 1 if there are any, or a text that cannot be parsed
    #[arg(long, requires = "fix")]
    diff: bool,

    /// Write only findings and errors: no summary, no notes
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,

    #[command(flatten)]
    walk: WalkArgs,

    #[command(flatten)]
    choose: selection::ChooseArgs,

    #[command(flatten)]
    target: TargetArgs,
}

/// A parser of the names of formats.
pub(super) fn format_parser() -> impl clap::builder::TypedValueParser<Value = &'static OutputFormat> {
    let names =
        FORMATS.iter().map(|format| clap::builder::PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names)
        .map(|name| FORMATS.iter().find(|format| format.name == name).unwrap_or(&FORMATS[0]))
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let current = std::env::current_dir().context("cannot tell the current directory")?;
    if args.fix.is_some() && args.paths.iter().any(|path| path == Path::new("-")) {
        bail!("standard input cannot be fixed in place: name a file");
    }
    let aim = args.target.aim(term)?;
    let mut walk = Walk::of(&args.paths, &args.walk.excludes(None)?);
    // A server knows no policies.
    let mut settings = SettingsOfFiles::new(&args.choose, aim, &current, !args.as_server);
    let jobs = job::jobs(&mut walk, &mut settings)?;
    let mut settings = settings.end()?;
    let kind = args.kind.map(Kind::from);
    let threads = args.threads.unwrap_or(usize::from(jobs.len() < FEW));
    let stdin_name = args.stdin_filename.as_deref();
    let filters = settings.iter_mut().map(|settings| std::mem::take(&mut settings.filter)).collect();
    let settings = settings;
    // A proof costs more than a check. Other formats only count fixes, which is exact for a few files, and a server's
    // answer has none.
    let uses_fixes = args.fix.is_some() || args.format.needs == Needs::Edits || jobs.len() < FEW;
    let proves = !args.as_server && uses_fixes;
    let check = |checker: &mut FileChecker, job: &LintJob| {
        job.check(checker, (kind, proves), &settings[job.settings], stdin_name)
    };
    if args.as_server {
        let mut answers = ServerAnswers::new(args, settings[0].target.release)?;
        crate::util::parallel::work_through(&jobs, threads, check, |job, report| {
            answers.take(job, report, term)
        })?;
        return answers.end(walk, term);
    }
    let (colours, width) = (term.out_shows_colours(), term.width());
    let context = ReportContext { directory: current.clone(), colours, width };
    let mut fixer = args.fix.map(|fix| Fixer::new(fix, args.diff));
    let mut summary = LintSummary::new(args, walk, filters, &settings, context);
    summary.begin(term)?;
    let mut across_files =
        CrossFileCheck::new(if args.fix.is_some() { Needs::Edits } else { summary.needs() });
    crate::util::parallel::work_through(&jobs, threads, check, |job, report| {
        let name = job.name(stdin_name);
        let of_job = &settings[job.settings];
        let report = match (&mut fixer, report) {
            (Some(fixer), Ok(report)) => {
                fixer.take(&name, report, summary.filter(job.settings), of_job, term)
            }
            (_, report) => report,
        };
        let cluster = || of_job.cluster_of(job.path_or(stdin_name));
        across_files.take(job, cluster, name, report, &mut summary, term)
    })?;
    across_files.end(&mut summary, term)?;
    let exit = summary.end(term)?;
    match fixer {
        Some(fixer) if args.diff => fixer.end(term).map(|changes| exit.max(changes)),
        Some(fixer) => fixer.end(term).map(|_| exit),
        None => Ok(exit),
    }
}
