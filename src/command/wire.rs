//! `milepost wire`

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use crate::credential::{
    Archive, Credential, DEFAULT_SECRET_NAME, Secret, WireError, WireOptions, WireResult, wire,
};
use crate::finding::Finding;
use crate::image::Host;
use crate::lint::{self, failures, refusals};
use crate::report;
use crate::source::{Kind, LineIndex};
use crate::target::{Release, Settings};
use crate::util::escape::on_one_line;
use crate::util::hash::Set;
use crate::util::text::count;

use super::discover::{InputFile, Walk, WalkArgs, WalkEnd};
use super::fetched::look;
use super::format::FindingsArgs;
use super::input::{FileReader, Input, report_error};
use super::output::write_each;
use super::replace::{edit_error, replace, write_diff};
use super::target::NamedTarget;
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Formatting and comments are kept. An app's containerizer decides what it can use: DOCKER reads an \
archive, MESOS and pods take a secret; with both options each gets what it takes. In groups, lists and \
directories, apps that cannot use the credentials are left out, and named.

Examples:
  The Docker Engine reads an archive of ~/.docker that every agent can fetch:
    tar -czf docker.tar.gz -C ~ .docker
    milepost wire web.json --archive file:///etc/docker.tar.gz
  It takes the place of another archive of credentials: two would overwrite each other.

  The Universal Container Runtime and pods take a secret that holds ~/.docker/config.json:
    milepost wire pod.json --secret pod/pullConfig --write

  A Docker inside the container trusts the registries that the agent trusts (milepost registry trust):
    milepost wire jenkins.json --docker-certs --write

  A whole repository; images of other registries, such as public ones, need no credentials:
    milepost wire apps/ --archive file:///etc/docker.tgz --secret a/b --registry r.example --write

  In CI: exit code 1 and a diff when a definition lacks its credentials:
    milepost wire *.json --archive file:///etc/docker.tar.gz --diff

  Move an app to the Universal Container Runtime, when nothing in it needs the Docker Engine:
    milepost wire web.json --secret web/pullConfig --convert

Exit codes: 0 done, or nothing to do; 1 --diff found a difference, a named definition cannot use the \
credentials, or Marathon would reject one, or its tasks fail; 2 wrong usage or an unreadable file. When one definition cannot \
be wired, or a named file cannot be read, none is changed.";

/// Give definitions the credentials of a private registry.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(override_usage = "milepost wire [OPTIONS] <--archive <URI>|--secret <SOURCE>|…> <PATH>...")]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("marathon-version")), mut_arg("config", |arg| arg.hide_short_help(true)))]
#[command(group = clap::ArgGroup::new("credential").required(true).multiple(true).args(["archive", "secret", "docker_certs"]))]
pub(super) struct Args {
    /// App, pod or group definitions, or directories of them (.gitignore respected); `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// Fetch this archive of the Docker credentials (docker.tar.gz, or .dockercfg for the oldest engines)
    #[arg(long, value_name = "URI")]
    archive: Option<String>,

    /// Pull with the Docker config.json that the secret store has at this path (Marathon 1.5 and later)
    #[arg(long, value_name = "SOURCE")]
    secret: Option<String>,

    /// For a Docker inside the app's container (Jenkins, for instance): map the certificates of registries that the
    /// agents trust, /etc/docker/certs.d, to the same path in it
    #[arg(hide_short_help = true, long, conflicts_with_all = ["archive", "secret"])]
    docker_certs: bool,

    /// The credentials are for this registry: what pulls from others is left alone; can be repeated
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    registry: Vec<String>,

    /// The secret's name in the definition
    #[arg(hide_short_help = true, long, default_value = DEFAULT_SECRET_NAME, requires = "secret")]
    name: String,

    /// Only these containers of a pod
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAME",
        value_delimiter = ',',
        requires = "secret",
        conflicts_with = "archive"
    )]
    containers: Option<Vec<String>>,

    /// Move apps from the Docker Engine to the Universal Container Runtime, or list what prevents that
    #[arg(hide_short_help = true, long, conflicts_with_all = ["archive", "docker_certs"])]
    convert: bool,

    /// Wire definitions that Marathon would reject, too
    #[arg(hide_short_help = true, long)]
    no_check: bool,

    /// Change the files in place
    #[arg(long, conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; exit code 1 when there is a difference
    #[arg(long)]
    diff: bool,

    #[command(flatten)]
    walk: WalkArgs,

    #[command(flatten)]
    findings: FindingsArgs,

    #[command(flatten)]
    target: NamedTarget,

    #[cfg(feature = "net")]
    #[command(flatten)]
    store: super::creds::StoreSecret,
}

impl Args {
    fn options(&self, release: Release, term: &mut Terminal) -> anyhow::Result<WireOptions> {
        let archive = self.archive.as_deref().map(|uri| archive(uri, term)).transpose()?;
        let secret = self.secret.as_deref().map(|source| Secret::new(source, self.name.as_str(), release));
        let credential = match (archive, secret.transpose()?) {
            (Some(archive), Some(secret)) => Credential::Both { archive, secret },
            (Some(archive), None) => Credential::Archive(archive),
            (None, Some(secret)) => Credential::Secret { secret, convert: self.convert },
            (None, None) if self.docker_certs => Credential::DockerCerts,
            (None, None) => bail!("internal error: neither --archive nor --secret nor --docker-certs"),
        };
        let host = |text: &String| Host::parse(text).map_err(|error| anyhow!("--registry {text}: {error}"));
        let registries = self.registry.iter().map(host).collect::<anyhow::Result<_>>()?;
        let options = WireOptions::new(credential, release);
        Ok(WireOptions { containers: self.containers.clone(), registries, look, ..options })
    }

    fn check_usage(&self) -> anyhow::Result<()> {
        let several = self.paths.len() > 1 || self.paths.iter().any(|path| path.is_dir());
        if several && !self.write && !self.diff {
            bail!("several files: give --write to change them in place, or --diff to see what would change");
        }
        if self.write && self.paths.iter().any(|path| path == Path::new("-")) {
            bail!(
                "standard input cannot be changed in place: leave out --write to get the result on standard output"
            );
        }
        #[cfg(feature = "net")]
        if self.store.is_asked_for() && (self.diff || self.secret.is_none()) {
            bail!("--create and --update store a secret: they go with --secret, and not with --diff");
        }
        Ok(())
    }
}

/// The archive of a URI; shows what is risky about it.
fn archive(uri: &str, term: &mut Terminal) -> anyhow::Result<Archive> {
    let archive = Archive::new(uri)?.looking(look);
    for warning in archive.warnings() {
        writeln!(term.err(), "warning: {warning}")?;
    }
    Ok(archive)
}

/// A wired file that is not written yet.
struct WireJob {
    name: String,
    before: String,
    outcome: WireResult,
    /// Whether its tasks fail, with the credentials and without.
    fails: bool,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.check_usage()?;
    args.findings.apply(term);
    let settings = args.target.settings(&args.paths)?;
    let options = args.options(settings.release, term)?;
    let check = (!args.no_check).then_some(&settings);
    // What was found and cannot be read is reported, and does not keep the others from being wired.
    let (mut jobs, mut failure, mut unread) = (Vec::new(), Exit::Fine, Exit::Fine);
    let mut templates = 0;
    let mut walk = args.walk.walk(&args.paths)?.once();
    let files = std::mem::take(&mut walk.files);
    for file in &files {
        match wire_file(file, &options, check, &mut walk, term) {
            Ok(WireOutcome::Wired(job)) => jobs.push(*job),
            Ok(WireOutcome::LeftOut(reasons)) => templates += count_templates(&reasons),
            Ok(WireOutcome::Refused) => failure = failure.max(Exit::Findings),
            Err(error) if file.is_named => failure = failure.max(report_error(&error, term)?),
            Err(error) => unread = unread.max(report_error(&error, term)?),
        }
    }
    if walk.end(&args.walk, term)? == WalkEnd::Unreadable {
        unread = Exit::Usage;
    }
    if failure > Exit::Fine {
        if files.len() > 1 {
            writeln!(term.err(), "no file was changed")?;
        }
        return Ok(failure);
    }
    templates += jobs.iter().map(|job| count_templates(&job.outcome.skipped)).sum::<usize>();
    if templates > 0 && files.len() > 1 {
        let templates = count(templates, "template");
        writeln!(term.err(), "left out {templates} that nothing has filled in")?;
    }
    if jobs.is_empty() {
        let notes = walk.notes(args.walk.verbose);
        writeln!(term.err(), "nothing to wire: no definition there can use the credentials{notes}")?;
    }
    for job in &jobs {
        show_notes(job, term)?;
    }
    if jobs.iter().any(|job| job.fails) {
        unread = unread.max(Exit::Findings);
    }
    if args.diff {
        return Ok(diff(&jobs, term)?.max(unread));
    }
    let exit = store(args, &jobs, term)?.max(unread);
    if exit > unread.max(Exit::Findings) {
        return Ok(exit);
    }
    if args.write {
        write_each(&jobs, term, write)?;
    } else {
        for job in &jobs {
            write!(term.out(), "{}", job.outcome.document.text())?;
        }
    }
    Ok(exit)
}

/// Stores the secret, where --create or --update asks for it, before a definition names it.
#[cfg(feature = "net")]
fn store(args: &Args, jobs: &[WireJob], term: &mut Terminal) -> anyhow::Result<Exit> {
    let documents: Vec<_> = jobs.iter().map(|job| (job.name.as_str(), &job.outcome.document)).collect();
    match &args.secret {
        Some(path) => args.store.run(&documents, path, term),
        None => Ok(Exit::Fine),
    }
}

/// Without networking no secret can be stored.
#[cfg(not(feature = "net"))]
#[expect(clippy::unnecessary_wraps, reason = "with networking it may fail")]
fn store(_: &Args, _: &[WireJob], _: &mut Terminal) -> anyhow::Result<Exit> {
    Ok(Exit::Fine)
}

/// What came of wiring one file in memory.
enum WireOutcome {
    Wired(Box<WireJob>),
    /// It was found in a directory, and is no definition, or cannot use the credentials, for these reasons.
    LeftOut(Vec<Finding>),
    /// The credentials cannot be wired, or the target would reject the definition; it has been reported.
    Refused,
}

/// How many of these say that a definition is a template.
fn count_templates(reasons: &[Finding]) -> usize {
    reasons.iter().filter(|reason| reason.rule.slug == lint::UNFILLED_PLACEHOLDER.slug).count()
}

/// Wires one file in memory.
fn wire_file(
    file: &InputFile,
    options: &WireOptions,
    check: Option<&Settings>,
    walk: &mut Walk,
    term: &mut Terminal,
) -> anyhow::Result<WireOutcome> {
    let reader = FileReader { kind: None, edits: true, stdin_filename: None, with_kind: None };
    let Some((input, kind)) = reader.read(file, walk, term)? else {
        return Ok(WireOutcome::LeftOut(Vec::new()));
    };
    let name = input.name.as_str();
    let before = input.document.text().to_owned();
    let outcome = match wire(input.document.clone(), kind, options) {
        Ok(outcome) => outcome,
        Err(WireError::NotFor(reasons)) if !file.is_named => {
            show_skipped(name, &before, &reasons, term)?;
            return Ok(WireOutcome::LeftOut(reasons));
        }
        Err(WireError::Refused(reasons) | WireError::NotFor(reasons)) => {
            term.findings(name, &before, &reasons)?;
            return Ok(WireOutcome::Refused);
        }
        Err(WireError::Edit(error)) => return Err(edit_error(name, &before, &error)),
    };
    let mut fails = false;
    if let Some(settings) = check.filter(|_| !outcome.wired.is_empty()) {
        // A definition that is refused without the credentials is shown on its own lines.
        let wired = Input { name: format!("{name} (wired)"), document: outcome.document.clone() };
        for input in [&input, &wired] {
            if !would_be_taken(input, kind, settings, term)? {
                return Ok(WireOutcome::Refused);
            }
        }
        match would_run(&input, &wired, kind, settings, term)? {
            WiredTasks::Run => {}
            WiredTasks::FailAnyway => fails = true,
            WiredTasks::Fail => return Ok(WireOutcome::Refused),
        }
    }
    Ok(WireOutcome::Wired(Box::new(WireJob { name: name.to_owned(), before, outcome, fails })))
}

/// Whether the target would take a definition; shows why not.
fn would_be_taken(
    input: &Input,
    kind: Kind,
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let mut rejections = refusals(&input.document, kind, settings);
    if rejections.is_empty() {
        return Ok(true);
    }
    lint::put_placeholders_together(input.document.root(), &mut rejections);
    term.findings(&input.name, input.document.text(), &rejections)?;
    writeln!(term.err(), "{}: Marathon would reject this (--no-check wires it anyway)", input.name)?;
    Ok(false)
}

/// What becomes of the tasks of a definition that is wired.
enum WiredTasks {
    Run,
    /// They fail, wired or not.
    FailAnyway,
    /// They fail once it is wired.
    Fail,
}

/// Whether tasks start when a definition is wired; shows why not.
fn would_run(
    before: &Input,
    wired: &Input,
    kind: Kind,
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<WiredTasks> {
    let all = failures(&wired.document, kind, settings);
    if all.is_empty() {
        return Ok(WiredTasks::Run);
    }
    let old = failures(&before.document, kind, settings);
    let old: Set<_> = old.iter().map(|found| (found.rule.slug, &found.message)).collect();
    let (old, new): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|found| old.contains(&(found.rule.slug, &found.message)));
    if new.is_empty() {
        term.findings(&wired.name, wired.document.text(), &old)?;
        writeln!(term.err(), "{}: its tasks fail, as they do without the credentials", wired.name)?;
        return Ok(WiredTasks::FailAnyway);
    }
    term.findings(&wired.name, wired.document.text(), &new)?;
    writeln!(term.err(), "{}: its tasks would fail (--no-check wires it anyway)", wired.name)?;
    Ok(WiredTasks::Fail)
}

/// Shows what the user should know about a file that can be wired.
fn show_notes(job: &WireJob, term: &mut Terminal) -> anyhow::Result<()> {
    let WireJob { name, before, outcome, .. } = job;
    show_skipped(name, before, &outcome.skipped, term)?;
    let lines = LineIndex::new(before);
    let place = |offset| report::text::place_in(name, before, &lines, offset);
    for note in &outcome.notes {
        writeln!(term.err(), "note: {}: {}", place(note.offset), note.text)?;
    }
    Ok(())
}

/// Shows which definitions are left out, and why.
fn show_skipped(name: &str, text: &str, skipped: &[Finding], term: &mut Terminal) -> anyhow::Result<()> {
    let lines = LineIndex::new(text);
    for reason in skipped {
        let place = report::text::place_in(name, text, &lines, reason.range.start);
        writeln!(term.err(), "note: {place}: left out: {}", reason.message)?;
    }
    Ok(())
}

fn diff(jobs: &[WireJob], term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    for job in jobs.iter().filter(|job| job.outcome.changed()) {
        exit = Exit::Findings;
        write_diff(term.out(), &job.name, &job.before, job.outcome.document.text())?;
    }
    Ok(exit)
}

fn write(job: &WireJob, term: &mut Terminal) -> anyhow::Result<()> {
    let WireJob { name, before, outcome, .. } = job;
    if !outcome.changed() {
        writeln!(term.err(), "unchanged {}", on_one_line(name))?;
        return Ok(());
    }
    replace(name, before, outcome.document.text())?;
    let several = outcome.wired.len() + outcome.skipped.len() > 1;
    for wired in outcome.wired.iter().filter(|wired| !wired.done.is_empty()) {
        let who = if several { format!("{}: ", wired.name) } else { String::new() };
        writeln!(term.err(), "wired {}: {who}{}", on_one_line(name), wired.done.join(", "))?;
    }
    Ok(())
}
