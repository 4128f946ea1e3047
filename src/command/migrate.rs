//! `milepost migrate`

mod report;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::containerizer::mesos_only;
use super::discover::{self, InputFile};
use super::input::{KindArg, read_stdin_bytes};
use super::replace::{replace, write_diff};
use super::target::{self, TargetArgs};
use super::{Exit, Terminal};
use crate::config::RulePattern;
use crate::credential::{DEFAULT_SECRET_NAME, Secret};
use crate::definition::Containerizer;
use crate::migrate::{self, MigrateError, Migration, MigrationPlan, Ucr};
use crate::source::{self, Decoded, Format, Kind};
use crate::target::{Aim, Release, Target};

use report::{ReportMode, StepTally};

const EXAMPLES: &str = "\
Steps, by the names that --only and --skip take (`milepost explain NAME` teaches each):
  old-uris  old-ports  old-ip-address  old-docker-network  old-port-mappings
  old-residency  residency-without-volume  uris-and-fetch  missing-field  unknown-value
and with --unsafe, as they change what runs:
  marathon-health-check  docker-credential  dropped-role  foreign-accepted-role
  port-definitions-off-host-network (for `ports`)  port-mappings-on-host-network (told only)

Examples:
  milepost migrate web.json --to 1.11
  milepost migrate services/ --to 1.11 --diff
  milepost migrate services/ --to 1.11 --write
  milepost migrate web.json --to 1.9 --only 'old-*' --skip old-residency --write
  milepost migrate web.json --to 1.11 --unsafe --diff
  milepost migrate web.json --to 1.11 --containerizer mesos --secret web/pull-config --write
  milepost migrate - --to 1.11 < web.json > new.json

Exit codes: 0 done, or nothing to do; 1 --diff found a difference, Marathon would refuse a file, or \
something that was asked for could not be done and is named; 2 wrong usage, or a file that cannot be \
read or written. A file that is refused is left alone; the others are migrated all the same.";

/// Bring definitions to the forms of a later Marathon, keeping what it stores.
///
/// Old forms (`uris`, `ports`, `ipAddress`, networking under `container.docker`, `residency`, …) are moved to those of the
/// Marathon aimed at, as edits that leave formatting and comments as they are. Each step is told on stderr with its rule and
/// reason, and is made only where the definition that Marathon would store stays the same; what cannot be proven is left
/// alone and named.
///
/// One file is written to stdout; several need --diff or --write. YAML is not edited in place: its old forms are named.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files, directories (walked, .gitignore respected), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The Marathon to bring them to, 1.5 to 1.11 as DC/OS ships it, or a target by its name such as marathon-1.9; by
    /// default that of milepost.toml, or the latest DC/OS
    #[arg(long, value_name = "RELEASE", value_parser = parse_target, conflicts_with = "target")]
    #[cfg_attr(feature = "net", arg(conflicts_with = "target_from"))]
    to: Option<Target>,

    /// Take every file for this kind of definition; otherwise the shape tells
    #[arg(long, value_enum)]
    kind: Option<KindArg>,

    /// Change the files in place; each is replaced at once, if it is still what was read
    #[arg(long, conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; the exit code is 1 if there is a difference
    #[arg(long)]
    diff: bool,

    /// Make these steps only; names, or patterns with * and ?; several with commas
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,

    /// Leave out these steps
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,

    /// Make steps as well that change what runs, such as health checks by Mesos in place of Marathon
    ///
    /// Of these it is proven that nothing but what the step is for becomes different.
    #[arg(long)]
    r#unsafe: bool,

    /// Move apps from the Docker Engine to the Universal Container Runtime, with their health checks
    ///
    /// An app that needs the Docker Engine (docker.parameters, privileged, external volumes, …) stays as it is, and what
    /// keeps it there is told.
    #[arg(long, value_parser = mesos_only(), value_name = "NAME")]
    containerizer: Option<Containerizer>,

    /// With --containerizer: pull images with the Docker config.json that the secret store has at this path, where an
    /// archive of credentials is fetched now; without it such an app stays
    #[arg(long, value_name = "SOURCE", requires = "containerizer")]
    secret: Option<String>,

    #[command(flatten)]
    target: TargetArgs,
}

fn parse_target(text: &str) -> Result<Target, String> {
    let target = match text.parse::<Release>() {
        Ok(release) => Target::of_release(release, true).filter(|target| target.release() > Release::V1_4),
        Err(_) if text.starts_with(|c: char| c.is_ascii_digit()) => None,
        Err(_) => Some(text.parse::<Target>().map_err(|error| error.to_string())?),
    };
    target.ok_or_else(|| "the releases to migrate to are 1.5 to 1.11".to_owned())
}

impl Args {
    fn plan(&self, term: &mut Terminal) -> anyhow::Result<MigrationPlan> {
        let aim = self.target.aim(term)?;
        let settings = target::settings(Aim { target: self.to.or(aim.target), ..aim })?;
        if settings.release < Release::V1_5 {
            bail!("Marathon 1.4 knows only the old forms: the releases to migrate to are 1.5 to 1.11");
        }
        let secret = match &self.secret {
            Some(source) => Some(Secret::new(source, DEFAULT_SECRET_NAME, settings.release)?),
            None => None,
        };
        let to_ucr = self.containerizer.map(|_| Ucr { secret });
        let plan = MigrationPlan::new(settings);
        Ok(MigrationPlan { rules: self.rules()?, allows_unsafe: self.r#unsafe, to_ucr, ..plan })
    }

    /// The steps that are chosen.
    fn rules(&self) -> anyhow::Result<Vec<&'static str>> {
        let patterns = |texts: &[String], option: &str| {
            let parse = |text: &String| {
                RulePattern::parse(text, migrate::RULES)
                    .map_err(|error| anyhow::anyhow!("{error}"))
                    .with_context(|| format!("{option} takes the names of steps, which --help lists"))
            };
            texts.iter().map(parse).collect::<anyhow::Result<Vec<_>>>()
        };
        let (only, skip) = (patterns(&self.only, "--only")?, patterns(&self.skip, "--skip")?);
        let names = |all: &[RulePattern], rule: &str| all.iter().any(|pattern| pattern.matches(rule));
        let chosen = |rule: &&str| (only.is_empty() || names(&only, rule)) && !names(&skip, rule);
        Ok(migrate::RULES.iter().copied().filter(chosen).collect())
    }

    /// The files, if they go together with the rest.
    fn files(&self) -> anyhow::Result<Vec<InputFile>> {
        let is_stdin = |path: &PathBuf| path == Path::new("-");
        if self.write && self.paths.iter().any(is_stdin) {
            bail!(
                "standard input cannot be changed in place: leave out --write to get the result on standard output"
            );
        }
        let several = self.paths.len() > 1 || self.paths.iter().any(|path| path.is_dir());
        if several && !self.write && !self.diff {
            bail!("several files: say --write to change them in place, or --diff to see what would change");
        }
        discover::files(&self.paths)
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let files = args.files()?;
    let plan = args.plan(term)?;
    let mode = match (args.write, args.diff) {
        (true, _) => ReportMode::Write,
        (_, true) => ReportMode::Diff,
        _ => ReportMode::Print,
    };
    let kind = args.kind.map(Kind::from);
    let mut tally = StepTally::new(mode, plan.settings.release);
    for InputFile { path, is_named, .. } in files {
        let name = path.to_string_lossy();
        if let Err(error) = file(&name, is_named, kind, &plan, &mut tally, term) {
            term.out().flush()?;
            writeln!(term.err(), "error: {error:#}")?;
            tally.unreadable += 1;
        }
    }
    tally.end(term)
}

/// Migrates one file.
fn file(
    name: &str,
    is_named: bool,
    kind: Option<Kind>,
    plan: &MigrationPlan,
    tally: &mut StepTally,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let path = Path::new(name);
    let bytes = if name == "-" { read_stdin_bytes()? } else { source::read_bytes(path)? };
    let decoded = Decoded::from_bytes(bytes).map_err(|(_, offset)| {
        anyhow::anyhow!("{name}: byte {offset} is not UTF-8; save the file as UTF-8")
    })?;
    let text = decoded.text;
    match migrate::migrate(&text, Format::of_path(path), kind, plan) {
        Ok(migration) => {
            put(name, &text, &migration, tally.mode, term)?;
            tally.migrated(name, &text, &migration, term)
        }
        Err(MigrateError::Refused(refused)) => tally.refused(name, &text, &refused, plan, term),
        Err(MigrateError::NoDefinition) if is_named => {
            bail!("{name}: {}; say --kind to migrate it all the same", MigrateError::NoDefinition)
        }
        Err(MigrateError::NoDefinition) => Ok(()),
    }
}

/// Writes what came of a file to where it was asked for.
fn put(
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
