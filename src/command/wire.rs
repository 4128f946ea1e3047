//! `milepost wire`

use std::path::Path;

use anyhow::bail;
use secrecy::zeroize::Zeroizing;

use crate::credential::{
    Archive, Credential, DEFAULT_SECRET_NAME, Look, Secret, WireError, WireOptions, WireResult, sources, wire,
};
use crate::lint::refusals;
use crate::report;
use crate::source::{self, Kind, LineIndex};
use crate::target::{Release, Settings};
use crate::util::escape::on_one_line;

use super::discover::SeenFiles;
use super::input::Input;
use super::replace::{replace, write_diff};
use super::target::NamedTarget;
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Formatting and comments are kept. An app's containerizer decides what it can use: DOCKER reads an \
archive, MESOS and pods take a secret. In groups and lists, apps that cannot use the credentials are \
left out, and named.

Examples:
  The Docker Engine reads an archive of ~/.docker that every agent can fetch:
    tar -czf docker.tar.gz -C ~ .docker
    milepost wire web.json --archive file:///etc/docker.tar.gz
  It takes the place of another archive of credentials: two would overwrite each other.

  The Universal Container Runtime and pods take a secret that holds ~/.docker/config.json:
    milepost wire pod.json --secret pod/pullConfig --write

  A Docker inside the container trusts the registries that the agent trusts (milepost registry trust):
    milepost wire jenkins.json --docker-certs --write

  In CI: exit code 1 and a diff when a definition lacks its credentials:
    milepost wire *.json --archive file:///etc/docker.tar.gz --diff

  Move an app to the Universal Container Runtime, when nothing in it needs the Docker Engine:
    milepost wire web.json --secret web/pullConfig --convert

Exit codes: 0 done, or nothing to do; 1 --diff found a difference, the definition cannot use the \
credentials, or Marathon would reject it; 2 wrong usage or an unreadable file. When one file cannot \
be wired, none is changed.";

/// Give definitions the credentials of a private registry.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(after_long_help = EXAMPLES, mut_arg("target", |arg| arg.visible_alias("marathon-version")))]
#[command(group = clap::ArgGroup::new("credential").required(true).args(["archive", "secret", "docker_certs"]))]
pub(super) struct Args {
    /// App, pod or group definitions, JSON or JSONC; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// Fetch this archive of the Docker credentials (docker.tar.gz, or .dockercfg for the oldest engines)
    #[arg(long, value_name = "URI")]
    archive: Option<String>,

    /// Pull with the Docker config.json that the secret store has at this path (Marathon 1.5 and later)
    #[arg(long, value_name = "SOURCE")]
    secret: Option<String>,

    /// For a Docker inside the app's container (Jenkins, for instance): map the certificates of registries that the
    /// agents trust, /etc/docker/certs.d, to the same path in it
    #[arg(long)]
    docker_certs: bool,

    /// The secret's name in the definition
    #[arg(long, default_value = DEFAULT_SECRET_NAME, conflicts_with_all = ["archive", "docker_certs"])]
    name: String,

    /// Only these containers of a pod
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with_all = ["archive", "docker_certs"])]
    containers: Option<Vec<String>>,

    /// Move apps from the Docker Engine to the Universal Container Runtime, or list what prevents that
    #[arg(long, conflicts_with_all = ["archive", "docker_certs"])]
    convert: bool,

    /// Wire definitions that Marathon would reject, too
    #[arg(long)]
    no_check: bool,

    /// Change the files in place
    #[arg(long, conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; exit code 1 when there is a difference
    #[arg(long)]
    diff: bool,

    #[command(flatten)]
    target: NamedTarget,

    #[cfg(feature = "net")]
    #[command(flatten)]
    store: super::creds::StoreSecret,
}

impl Args {
    fn options(&self, release: Release, term: &mut Terminal) -> anyhow::Result<WireOptions> {
        let credential = match (&self.archive, &self.secret) {
            (Some(uri), _) => {
                let archive = Archive::new(uri.as_str())?.looking(look);
                for warning in archive.warnings() {
                    writeln!(term.err(), "warning: {warning}")?;
                }
                Credential::Archive(archive)
            }
            (None, Some(source)) => {
                let secret = Secret::new(source.as_str(), self.name.as_str(), release)?;
                Credential::Secret { secret, convert: self.convert }
            }
            (None, None) if self.docker_certs => Credential::DockerCerts,
            (None, None) => bail!("internal error: neither --archive nor --secret nor --docker-certs"),
        };
        Ok(WireOptions { credential, containers: self.containers.clone(), release })
    }

    fn check_usage(&self) -> anyhow::Result<()> {
        if self.files.len() > 1 && !self.write && !self.diff {
            bail!(
                "{} files: give --write to change them in place, or --diff to see what would change",
                self.files.len()
            );
        }
        if self.write && self.files.iter().any(|file| file == "-") {
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

/// A wired file that is not written yet.
struct WireJob {
    name: String,
    before: String,
    outcome: WireResult,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.check_usage()?;
    let settings = args.target.settings(&args.files)?;
    let options = args.options(settings.release, term)?;
    let check = (!args.no_check).then_some(&settings);
    let (mut jobs, mut seen) = (Vec::new(), SeenFiles::default());
    let mut refused = false;
    for name in args.files.iter().filter(|name| seen.is_new(Path::new(name))) {
        match wire_file(name, &options, check, term)? {
            Some(job) => jobs.push(job),
            None => refused = true,
        }
    }
    if refused {
        if args.files.len() > 1 {
            writeln!(term.err(), "no file was changed")?;
        }
        return Ok(Exit::Findings);
    }
    for job in &jobs {
        show_notes(job, term)?;
    }
    if args.diff {
        return diff(&jobs, term);
    }
    let exit = store(args, &jobs, term)?;
    if exit > Exit::Findings {
        return Ok(exit);
    }
    for job in &jobs {
        if args.write {
            write(job, term)?;
        } else {
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

/// Wires one file in memory. None when the credentials cannot be wired, or when the target would reject the definition,
/// which is reported.
fn wire_file(
    name: &str,
    options: &WireOptions,
    check: Option<&Settings>,
    term: &mut Terminal,
) -> anyhow::Result<Option<WireJob>> {
    let input = Input::read(name)?;
    let kind = input.kind()?;
    let before = input.document.text().to_owned();
    let outcome = match wire(input.document.clone(), kind, options) {
        Ok(outcome) => outcome,
        Err(WireError::Refused(reasons)) => {
            report::text::write(term.err(), name, &before, &reasons)?;
            return Ok(None);
        }
        Err(WireError::Edit(error)) => bail!("{}: {error}", on_one_line(name)),
    };
    if let Some(settings) = check {
        // A definition that is refused without the credentials is shown on its own lines.
        let wired = Input { name: format!("{name} (wired)"), document: outcome.document.clone() };
        for input in [&input, &wired] {
            if !would_be_taken(input, kind, settings, term)? {
                return Ok(None);
            }
        }
    }
    Ok(Some(WireJob { name: name.to_owned(), before, outcome }))
}

/// Whether the target would take a definition; shows why not.
fn would_be_taken(
    input: &Input,
    kind: Kind,
    settings: &Settings,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let rejections = refusals(&input.document, kind, settings);
    if rejections.is_empty() {
        return Ok(true);
    }
    report::text::write(term.err(), &input.name, input.document.text(), &rejections)?;
    writeln!(term.err(), "{}: Marathon would reject this (--no-check wires it anyway)", input.name)?;
    Ok(false)
}

/// Looks into a fetched file that is on this machine, too.
fn look(uri: &str) -> Look {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let path = Path::new(path.strip_prefix("localhost").unwrap_or(path));
    if !path.has_root() || !path.is_file() {
        return Look::Unknown;
    }
    source::read_bytes(path).map_or(Look::Unknown, |bytes| sources::look(&Zeroizing::new(bytes)))
}

/// Shows what the user should know about a file that can be wired.
fn show_notes(job: &WireJob, term: &mut Terminal) -> anyhow::Result<()> {
    let WireJob { name, before, outcome } = job;
    let lines = LineIndex::new(before);
    let place = |offset| report::text::place_in(name, before, &lines, offset);
    for reason in &outcome.skipped {
        writeln!(term.err(), "note: {}: left out: {}", place(reason.range.start), reason.message)?;
    }
    for note in &outcome.notes {
        writeln!(term.err(), "note: {}: {}", place(note.offset), note.text)?;
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
    let WireJob { name, before, outcome } = job;
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
