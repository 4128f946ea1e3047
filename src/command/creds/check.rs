//! `milepost creds check`

mod pin;
mod report;

use std::path::{Path, PathBuf};

use anyhow::bail;
use secrecy::zeroize::Zeroizing;

use crate::credential::given::of_bytes;
use crate::credential::sources::{GivenConfigs, NamedConfig, Sources};
use crate::credential::{Pull, clock, pulls};
use crate::dcos::{AgentSources, PlaceOptions, Wanted};
use crate::image::Reference;
use crate::registry_client::{CheckedPull, CheckedPulls, PullChecker, Verdict};
use crate::source;
use crate::util::escape::shown_path;

use super::super::connection::{ClientArgs, connect};
use super::super::input::Input;
use super::common::{documents, no_image, tell_of_templates};
use super::realm::PasswordReceivers;
use super::{Exit, Terminal};

use pin::{Output, Pin};

const EXAMPLES: &str = "\
Each image is asked for as an agent would ask: for an app on the Docker Engine with the archive it fetches, for UCR \
and pods with the secret of their pull config, for all others with the credentials of the agents. Archives are fetched, \
or read where file:// leads to one on this machine, and a look into them tells which holds credentials; secrets are read \
from DCOS_URL. Manifests are downloaded, but no \
layers. Standard output has a line for each image, standard error has the problems.

--pin names pullable images by their digests. What UCR pulls is pinned to the image for its platform, since UCR reads no \
lists. UCR pulls by digest since Mesos 1.8, which is DC/OS 1.13.

Examples:
    milepost creds check web.json
    milepost creds check services/ --config docker.tar.gz --ca-file ca.crt
    milepost creds check web.json --config config.json --pin --write

Exit codes: 0 all can be pulled; 1 some cannot, credentials expire soon or overwrite each other, or --pin --diff found a difference; 2 wrong \
usage or an unreadable file; 5 a registry did not answer in time, and nothing else is wrong.";

/// Ask the registries whether images can be pulled, with exactly the credentials that their definitions name.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Args {
    /// App, pod or group definitions, or directories of them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// The platform of the agents
    #[arg(hide_short_help = true, long, value_name = "OS/ARCH", default_value = "linux/amd64")]
    platform: String,

    /// The format of the results
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: report::PullFormat,

    /// Name the images by their digests; on standard output unless --write or --diff is given
    #[arg(long, conflicts_with = "format")]
    pin: bool,

    /// Change the files in place
    #[arg(long, requires = "pin", conflicts_with = "diff")]
    write: bool,

    /// Print a unified diff instead; exit code 1 when there is a difference
    #[arg(long, requires = "pin")]
    diff: bool,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten, next_help_heading = "Connection")]
    client: ClientArgs,
}

/// Where credentials are read from besides the sources of the definitions.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Credentials")]
struct GivenArgs {
    /// A config.json, .dockercfg or docker.tar.gz that replaces the archives and secrets of the definitions
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What the agents give every pull: their /etc/mesosphere/docker_credentials, or a config.json like it
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    cluster: Option<PathBuf>,

    /// Read the DC/OS token, for secrets at DCOS_URL, from this file [env: DCOS_ACS_TOKEN, the token itself]
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    receivers: PasswordReceivers,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.check_usage()?;
    let inputs = documents(&args.files, if args.pin { Input::read } else { Input::read_as_marathon })?;
    let found: Vec<Vec<Pull<'_>>> =
        inputs.iter().map(|(input, kind)| pulls(&input.document, *kind)).collect();
    let all: Vec<&Pull<'_>> = found.iter().flatten().collect();
    if all.is_empty() {
        let templates = tell_of_templates(&inputs, term)?;
        bail!("{}", no_image(&args.files, templates));
    }
    let CheckedPulls { images, credentials } = args.check(&all, term)?;
    let mut images = images.into_iter();
    let files: Vec<(&Input, Vec<CheckedPull<'_>>)> = inputs
        .iter()
        .zip(&found)
        .map(|((input, _), pulls)| (input, images.by_ref().take(pulls.len()).collect()))
        .collect();
    let mut exit = report::report(&files, &credentials, args.format, args.pin, term)?;
    if args.pin {
        for (input, checked) in &files {
            exit = exit.max(pin::pin(input, &pins(checked), args.output(), term)?);
        }
    }
    Ok(exit)
}

impl Args {
    fn check_usage(&self) -> anyhow::Result<()> {
        let is_several = self.files.len() > 1 || self.files.iter().any(|file| Path::new(file).is_dir());
        if self.pin && !self.write && !self.diff && is_several {
            bail!("several files: use --write to pin them in place, or --diff to see what would change");
        }
        if self.write && self.files.iter().any(|file| file == "-") {
            bail!(
                "standard input cannot be changed in place: leave out --write to get the result on standard output"
            );
        }
        Ok(())
    }

    fn output(&self) -> Output {
        match (self.write, self.diff) {
            (true, _) => Output::File,
            (_, true) => Output::Diff,
            _ => Output::Text,
        }
    }

    /// Asks the registries. Counts the answers on a terminal.
    fn check<'d>(&self, pulls: &[&'d Pull<'d>], term: &mut Terminal) -> anyhow::Result<CheckedPulls<'d>> {
        let now = clock::now();
        let given = PlaceOptions {
            token_file: self.given.token_file.as_deref(),
            ca_file: self.client.ca_file.as_deref(),
            ..PlaceOptions::default()
        };
        let dcos = || connect(given, Wanted::Dcos, self.client.timeout());
        let reader = AgentSources { client: &self.client.open()?, dcos: &dcos };
        let sources = Sources::read(pulls, self.given.configs(now)?, &reader, now)?;
        let open = || self.client.open();
        let token_servers = self.given.receivers.names();
        let pull_checker =
            PullChecker { sources: &sources, platform: &self.platform, open: &open, token_servers, now };
        let shows = term.err_is_terminal();
        let checked = pull_checker.check(pulls, &mut |done, total| {
            if shows {
                write!(term.err(), "\rasked for {done} of {total} images")?;
                term.err().flush()?;
            }
            Ok(())
        })?;
        if shows {
            term.err().write_all(b"\r\x1b[K")?;
        }
        Ok(checked)
    }
}

impl GivenArgs {
    fn configs(&self, now: i64) -> anyhow::Result<GivenConfigs> {
        let read = |path: &PathBuf| -> anyhow::Result<NamedConfig> {
            let bytes = Zeroizing::new(source::read_bytes(path)?);
            Ok(of_bytes(&shown_path(&path), &bytes, now)?)
        };
        Ok(GivenConfigs {
            replacement: self.config.as_ref().map(read).transpose()?,
            cluster: self.cluster.as_ref().map(read).transpose()?,
        })
    }
}

/// The pullable images that are not named by a digest.
fn pins(checked: &[CheckedPull<'_>]) -> Vec<Pin> {
    let pin = |CheckedPull { pull, name, check, .. }: &CheckedPull<'_>| {
        let image = Reference::parse(name).ok().filter(|image| image.digest().is_none())?;
        let manifest = check.manifest.as_ref().filter(|_| check.verdict == Verdict::Pullable)?;
        Some(Pin { pointer: pull.pointer.clone(), image: image.pinned(&manifest.digest) })
    };
    checked.iter().filter_map(pin).collect()
}
