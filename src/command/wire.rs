//! `milepost wire`

use std::path::Path;

use anyhow::bail;

use crate::credential::{
    Archive, Credential, DEFAULT_SECRET_NAME, Secret, WireError, WireOptions, WireResult, wire,
};
use crate::report;
use crate::source::LineIndex;
use crate::target::Release;

use super::discover::KnownFormat;
use super::input::Input;
use super::replace::{replace, write_diff};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
Formatting and comments stay as they are. An app's containerizer decides what it can use: DOCKER \
reads an archive, MESOS and pods take a secret. Groups and lists of apps are walked; apps that the \
credentials are not for are left out, and named.

Examples:
  The Docker Engine reads an archive of ~/.docker that every agent can fetch:
    tar -czf docker.tar.gz -C ~ .docker
    milepost wire web.json --archive file:///etc/docker.tar.gz

  The Universal Container Runtime and pods take a secret that holds ~/.docker/config.json:
    milepost wire pod.json --secret pod/pullConfig --write

  A Docker inside the container trusts the registries that the agent trusts (milepost registry trust):
    milepost wire jenkins.json --docker-certs --write

  In CI: exit code 1 and a diff when a definition lacks its credentials:
    milepost wire *.json --archive file:///etc/docker.tar.gz --diff

  Move an app to the Universal Container Runtime, when nothing in it needs the Docker Engine:
    milepost wire web.json --secret web/pullConfig --convert

Exit codes: 0 done, or nothing to do; 1 --diff found a difference, or the credentials are not for \
this definition; 2 wrong usage or an unreadable file. When one file cannot be wired, none is \
changed.";

/// Give definitions the credentials of a private registry.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[command(after_help = EXAMPLES)]
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

    /// What the secret is called in the definition
    #[arg(long, default_value = DEFAULT_SECRET_NAME, conflicts_with_all = ["archive", "docker_certs"])]
    name: String,

    /// Only these containers of a pod
    #[arg(long, value_name = "NAME", value_delimiter = ',', conflicts_with_all = ["archive", "docker_certs"])]
    containers: Option<Vec<String>>,

    /// Move apps on the Docker Engine to the Universal Container Runtime, or list what keeps them there
    #[arg(long, conflicts_with_all = ["archive", "docker_certs"])]
    convert: bool,

    /// The Marathon the definitions are for
    #[arg(long, value_name = "VERSION", default_value_t = Release::LATEST)]
    marathon_version: Release,

    /// Change the files in place
    #[arg(long, conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; exit code 1 when there is a difference
    #[arg(long)]
    diff: bool,

    #[cfg(feature = "net")]
    #[command(flatten)]
    store: super::creds::StoreSecret,
}

impl Args {
    fn options(&self, term: &mut Terminal) -> anyhow::Result<WireOptions> {
        let release = self.marathon_version;
        let credential = match (&self.archive, &self.secret) {
            (Some(uri), _) => {
                let archive = Archive::new(uri.as_str())?;
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
                "{} files: say --write to change them in place, or --diff to see what would change",
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

/// A file that is worked out, and not yet written.
struct WireJob {
    name: String,
    before: String,
    outcome: WireResult,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.check_usage()?;
    let options = args.options(term)?;
    let (mut jobs, mut known) = (Vec::new(), KnownFormat::default());
    let mut refused = false;
    for name in args.files.iter().filter(|name| known.is_new(Path::new(name))) {
        match work_out(name, &options, term)? {
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
        tell(job, term)?;
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

/// Stores the secret before any definition names it, where that is asked for.
#[cfg(feature = "net")]
fn store(args: &Args, jobs: &[WireJob], term: &mut Terminal) -> anyhow::Result<Exit> {
    let documents: Vec<_> = jobs.iter().map(|job| (job.name.as_str(), &job.outcome.document)).collect();
    match &args.secret {
        Some(path) => args.store.run(&documents, path, term),
        None => Ok(Exit::Fine),
    }
}

/// There is no way to a store.
#[cfg(not(feature = "net"))]
#[expect(clippy::unnecessary_wraps, reason = "with networking it may fail")]
fn store(_: &Args, _: &[WireJob], _: &mut Terminal) -> anyhow::Result<Exit> {
    Ok(Exit::Fine)
}

/// Wires one file in memory; nothing when it was refused, which is told then.
fn work_out(name: &str, options: &WireOptions, term: &mut Terminal) -> anyhow::Result<Option<WireJob>> {
    let input = Input::read(name)?;
    let kind = input.kind()?;
    let before = input.document.text().to_owned();
    match wire(input.document, kind, options) {
        Ok(outcome) => Ok(Some(WireJob { name: name.to_owned(), before, outcome })),
        Err(WireError::Refused(reasons)) => {
            report::text::write(term.err(), name, &before, &reasons)?;
            Ok(None)
        }
        Err(WireError::Edit(error)) => bail!("{name}: {error}"),
    }
}

/// Says what the user should know about a file that can be wired.
fn tell(job: &WireJob, term: &mut Terminal) -> anyhow::Result<()> {
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
        writeln!(term.err(), "unchanged {name}")?;
        return Ok(());
    }
    replace(name, before, outcome.document.text())?;
    let several = outcome.wired.len() + outcome.skipped.len() > 1;
    for wired in outcome.wired.iter().filter(|wired| !wired.done.is_empty()) {
        let who = if several { format!("{}: ", wired.name) } else { String::new() };
        writeln!(term.err(), "wired {name}: {who}{}", wired.done.join(", "))?;
    }
    Ok(())
}
