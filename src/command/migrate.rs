//! `milepost migrate`

mod breaks;
mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::discover::{InputFile, Walk, WalkArgs, WalkEnd};
use super::fetched::look;
use super::format::DataFormat;
use super::input::{FileReader, KindArg, Unparsable};
use super::replace::{replace, tell_of_comments, write_diff};
use super::target::TargetArgs;
use super::{Exit, Terminal};
use crate::config::RulePattern;
use crate::credential::{DEFAULT_SECRET_NAME, Secret};
use crate::definition::Containerizer;
use crate::finding::Rule;
use crate::lint;
use crate::migrate::{self, MigrateError, Migration, MigrationPlan, Ucr};
use crate::source::Format;
use crate::target::{Release, Target};
use crate::util::escape::on_one_line;

use report::{ReportMode, StepTally};

const EXAMPLES: &str = "\
Steps, by the names for --only and --skip (`milepost explain NAME` explains each):
  old-uris  old-ports  old-ip-address  old-docker-network  old-port-mappings
  old-residency  residency-without-volume  uris-and-fetch  missing-field  unknown-value
and with --unsafe, because they change what runs:
  marathon-health-check  removed-docker-credential  dropped-role  foreign-accepted-role
  port-definitions-off-host-network (for `ports`)  port-mappings-on-host-network (reported only)

Examples:
  milepost migrate web.json --to 1.11
  milepost migrate services/ --to 1.11 --diff
  milepost migrate services/ --to 1.11 --write
  milepost migrate web.json --to 1.9 --only 'old-*' --skip old-residency --write
  milepost migrate web.json --to 1.11 --unsafe --diff
  milepost migrate web.json --to 1.11 --containerizer mesos --secret web/pull-config --write
  milepost migrate - --to 1.11 < web.json > new.json
  milepost migrate services/ --from 1.4 --to 1.11 --report

Exit codes: 0 done, or nothing to do; 1 --diff found a difference, Marathon would reject a file, an old \
form could not be migrated and is named, or --report found what breaks; 2 wrong usage, or a file that cannot be read or written. \
A file that Marathon would reject is not changed; the others are still migrated.";

/// Replace old forms in definitions by those of a later Marathon, keeping what it stores.
///
/// Old forms (`uris`, `ports`, `ipAddress`, networking under `container.docker`, `residency`, …) are replaced by those of
/// the target, as edits that keep formatting and comments. Each step is listed on stderr with its rule and reason, and is
/// made only if the definition that Marathon would store stays the same; a form where this cannot be proven is named and
/// not changed.
///
/// One file is written to stdout; several need --diff or --write. YAML is edited too; where its notation does not allow it
/// (`?` before a name, a value that an alias repeats elsewhere), the old form is named.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("to")))]
pub(super) struct Args {
    /// Files, directories (walked, .gitignore respected), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Read every file as this kind of definition; by default its fields decide
    #[arg(hide_short_help = true, long, value_enum)]
    kind: Option<KindArg>,

    /// Change the files in place
    ///
    /// Each is replaced at once, if it has not changed meanwhile.
    #[arg(long, conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; the exit code is 1 if there is a difference
    #[arg(long)]
    diff: bool,

    /// Write nothing; list what breaks from Marathon --from to Marathon --to
    ///
    /// That is what the later one rejects or ignores of what the earlier one takes. The steps that a migration would make are
    /// listed, too.
    #[arg(long, requires = "from", conflicts_with_all = ["write", "diff"])]
    report: bool,

    /// With --report: the Marathon that the definitions are for today, such as 1.4
    ///
    /// It counts with its default settings.
    #[arg(long, value_name = "NAME", requires = "report")]
    from: Option<Target>,

    /// With --report: how the list is written
    #[arg(
        hide_short_help = true,
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        requires = "report"
    )]
    format: DataFormat,

    /// Only these steps; names, or patterns with * and ?; several with commas
    #[arg(hide_short_help = true, long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,

    /// Without these steps
    #[arg(hide_short_help = true, long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,

    /// Also steps that change what runs, such as health checks by Mesos instead of Marathon
    ///
    /// For these it is proven that only what the step is for changes.
    #[arg(long)]
    r#unsafe: bool,

    /// Move apps from the Docker Engine to the Universal Container Runtime, with their health checks
    ///
    /// An app that needs the Docker Engine (docker.parameters, privileged, external volumes, …) is not moved, and the
    /// reasons are listed.
    #[arg(long, value_name = "NAME", value_parser = containerizer_parser())]
    containerizer: Option<Containerizer>,

    /// With --containerizer: pull images with the Docker config.json that the secret store has at this path, in place of an
    /// archive of credentials; without it an app that fetches such an archive is not moved
    #[arg(hide_short_help = true, long, value_name = "SOURCE", requires = "containerizer")]
    secret: Option<String>,

    #[command(flatten)]
    walk: WalkArgs,

    #[command(flatten)]
    target: TargetArgs,
}

/// Only one containerizer can be moved to.
fn containerizer_parser() -> impl TypedValueParser<Value = Containerizer> {
    let mesos = PossibleValue::new("mesos").help("The Universal Container Runtime");
    PossibleValuesParser::new([mesos]).map(|_| Containerizer::Mesos)
}

impl Args {
    fn plan(&self, term: &mut Terminal) -> anyhow::Result<MigrationPlan> {
        let settings = self.target.settings(&self.paths, term)?;
        if settings.release < Release::V1_5 {
            bail!("Marathon 1.4 knows only the old forms: the releases to migrate to are 1.5 to 1.11");
        }
        let secret = match &self.secret {
            Some(source) => Some(Secret::new(source, DEFAULT_SECRET_NAME, settings.release)?),
            None => None,
        };
        let to_ucr = self.containerizer.map(|_| Ucr { secret, look });
        let plan = MigrationPlan::new(settings);
        Ok(MigrationPlan { rules: self.rules()?, allows_unsafe: self.r#unsafe, to_ucr, ..plan })
    }

    /// The rules of the selected steps.
    fn rules(&self) -> anyhow::Result<Vec<&'static Rule>> {
        let all = migrate::RULES;
        let patterns = |texts: &[String], option: &str| {
            let parse = |text: &String| {
                RulePattern::parse(text, all)
                    .map_err(|error| anyhow::anyhow!("{error}"))
                    .with_context(|| format!("{option} takes names of steps, which --help lists"))
            };
            texts.iter().map(parse).collect::<anyhow::Result<Vec<_>>>()
        };
        let (only, skip) = (patterns(&self.only, "--only")?, patterns(&self.skip, "--skip")?);
        let match_any = |all: &[RulePattern], rule: &Rule| all.iter().any(|pattern| pattern.matches(rule));
        let is_selected =
            |rule: &&Rule| (only.is_empty() || match_any(&only, rule)) && !match_any(&skip, rule);
        Ok(all.iter().copied().filter(is_selected).collect())
    }

    /// The files, if they fit the other options.
    fn files(&self) -> anyhow::Result<Walk> {
        let is_stdin = |path: &PathBuf| path == Path::new("-");
        if self.write && self.paths.iter().any(is_stdin) {
            bail!(
                "standard input cannot be changed in place: leave out --write to get the result on standard output"
            );
        }
        let several = self.paths.len() > 1 || self.paths.iter().any(|path| path.is_dir());
        if several && !self.write && !self.diff && !self.report {
            bail!(
                "several files: give --write to change them in place, --diff to see what would change, or --report"
            );
        }
        Ok(self.walk.walk(&self.paths)?.once())
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut walk = args.files()?;
    let plan = args.plan(term)?;
    if let Some(from) = args.from {
        return breaks::run(args, &from.settings(), &plan, &mut walk, term);
    }
    let mode = match (args.write, args.diff) {
        (true, _) => ReportMode::Write,
        (_, true) => ReportMode::Diff,
        _ => ReportMode::Print,
    };
    let mut tally = StepTally::new(mode, plan.settings.release);
    for file in std::mem::take(&mut walk.files) {
        if let Err(error) = migrate_file(&file, args.kind, &plan, &mut walk, &mut tally, term) {
            term.out().flush()?;
            writeln!(term.err(), "error: {error:#}")?;
            tally.unreadable += 1;
        }
    }
    if walk.end(&args.walk, term)? == WalkEnd::Unreadable {
        tally.unreadable += walk.unreadable.len();
    }
    tally.end(&walk.notes(args.walk.verbose), term)
}

/// Migrates one file.
fn migrate_file(
    file: &InputFile,
    kind: Option<KindArg>,
    plan: &MigrationPlan,
    walk: &mut Walk,
    tally: &mut StepTally,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let name = &*file.path.to_string_lossy();
    let (input, kind) = match reader(kind).read(file, walk, term) {
        Ok(Some(read)) => read,
        Ok(None) => return Ok(()),
        Err(error) => {
            let Unparsable { text, finding, .. } = error.downcast()?;
            return tally.refused(name, &text, &[finding], plan, term);
        }
    };
    let text = input.document.text();
    match migrate::migrate(text, Format::of_path(&file.path), Some(kind), plan) {
        Ok(migration) => {
            write(name, text, &migration, tally.mode, term)?;
            tally.migrated(name, text, &migration, term)?;
            tell_of_comments((name, Format::of_path(&file.path)), text, &migration.text, term)
        }
        Err(MigrateError::Refused(mut rejections)) => {
            lint::name_the_tool(&file.path, &mut rejections);
            tally.refused(name, text, &rejections, plan, term)
        }
        Err(error @ (MigrateError::TooDeep | MigrateError::NoDefinition)) => {
            bail!("{}: {error}", on_one_line(name))
        }
    }
}

/// How files are read: one that is not in UTF-8 is written as UTF-8.
fn reader(kind: Option<KindArg>) -> FileReader<'static> {
    FileReader { kind, edits: false, stdin_filename: None, with_kind: Some("migrates") }
}

/// Writes the result for a file, as the mode says.
fn write(
    name: &str,
    before: &str,
    migration: &Migration,
    mode: ReportMode,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    match mode {
        ReportMode::Print => write!(term.out(), "{}", migration.text)?,
        _ if migration.text == before => {}
        ReportMode::Diff => write_diff(term.out(), name, before, &migration.text)?,
        ReportMode::Write => replace(name, before, &migration.text)?,
    }
    term.out().flush()?;
    Ok(())
}
