//! `milepost creds check`

mod pin;
mod query;
mod report;
mod sources;

use std::collections::BTreeMap;

use anyhow::bail;

use crate::credential::check::{ConfigFinding, ending};
use crate::credential::expiry::lifetime;
use crate::credential::{Pull, clock, pulls};
use crate::finding::Severity;
use crate::image::Reference;
use crate::registry_client::{Credentials, PullCheck, Verdict, judge};

use super::super::connection::ClientArgs;
use super::super::input::Input;
use super::common::documents;
use super::{Exit, Terminal};

use pin::{Output, Pin};
use query::{Question, ask};
use sources::{GivenArgs, Sources};

const EXAMPLES: &str = "\
Each image is asked for as an agent would ask: for an app on the Docker Engine with the archive it fetches, for UCR \
and pods with the secret of their pull config, for all others with what the agents have. Archives are fetched, or read \
where file:// leads to one on this machine; secrets are read from DCOS_URL. Manifests are downloaded, and no layers. \
Standard output has a line for each image, standard error what is wrong.

--pin names those that can be pulled by their digests. What UCR pulls is pinned to the image for its platform, since UCR \
reads no lists. It pulls by digest from Mesos 1.8 on, which is DC/OS 1.13.

Examples:
    milepost creds check web.json
    milepost creds check services/ --config docker.tar.gz --ca-file ca.crt
    milepost creds check web.json --config config.json --pin --write

Exit codes: 0 all can be pulled; 1 some cannot, credentials end soon, or --pin --diff found a difference; 2 wrong \
usage or an unreadable file; 5 a registry did not answer in time, and nothing else is wrong.";

/// Ask the registries whether images can be pulled, with the very credentials their definitions name.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// App, pod or group definitions, or directories of them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// What the agents are
    #[arg(long, value_name = "OS/ARCH", default_value = "linux/amd64")]
    platform: String,

    /// How the answers are written
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

/// An image of a definition, and what became of the question for it.
struct CheckedImage<'d> {
    pull: &'d Pull<'d>,
    name: String,
    user: Option<String>,
    from: Option<String>,
    judged: PullCheck,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    args.check_usage()?;
    let inputs = documents(&args.files, if args.pin { Input::read } else { Input::read_as_marathon })?;
    let found: Vec<Vec<Pull<'_>>> =
        inputs.iter().map(|(input, kind)| pulls(&input.document, *kind)).collect();
    let all: Vec<&Pull<'_>> = found.iter().flatten().collect();
    if all.is_empty() {
        bail!("there is no image in {}", args.files.join(", "));
    }
    let sources = Sources::read(&args.given, &args.client.open()?, &all)?;
    let (checked, ends) = check(args, &all, &sources, term)?;
    let mut checked = checked.into_iter();
    let files: Vec<(&Input, Vec<CheckedImage<'_>>)> = inputs
        .iter()
        .zip(&found)
        .map(|((input, _), pulls)| (input, checked.by_ref().take(pulls.len()).collect()))
        .collect();
    let mut exit = report::tell(&files, &ends, args.format, args.pin, term)?;
    if args.pin {
        for (input, checked) in &files {
            exit = exit.max(pin::pin(input, &pins(checked), args.output(), term)?);
        }
    }
    Ok(exit)
}

impl Args {
    fn check_usage(&self) -> anyhow::Result<()> {
        let is_several =
            self.files.len() > 1 || self.files.iter().any(|file| std::path::Path::new(file).is_dir());
        if self.pin && !self.write && !self.diff && is_several {
            bail!("several files: say --write to pin them in place, or --diff to see what would change");
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
}

/// What an image is asked for with.
struct PullQuery<'a> {
    image: &'a Reference,
    given: Credentials<'a>,
    /// Where that is from.
    from: Option<&'a str>,
}

/// Asks for all images, and says what there is to say of the credentials that were used.
fn check<'d>(
    args: &Args,
    all: &[&'d Pull<'d>],
    sources: &Sources,
    term: &mut Terminal,
) -> anyhow::Result<(Vec<CheckedImage<'d>>, Vec<ConfigFinding>)> {
    let references: Vec<Result<Reference, Box<PullCheck>>> = all.iter().map(|pull| reference(pull)).collect();
    let asked: Vec<Result<PullQuery<'_>, Box<PullCheck>>> = all
        .iter()
        .zip(&references)
        .map(|(pull, reference)| {
            let image = reference.as_ref().map_err(Clone::clone)?;
            let (given, from) = sources.given(pull, image.host())?;
            Ok(PullQuery { image, given, from })
        })
        .collect();
    let questions: Vec<Question<'_>> = all
        .iter()
        .zip(&asked)
        .filter_map(|(pull, asked)| Some(asked.as_ref().ok()?.question(pull)))
        .collect();
    let answers = ask(&questions, &args.client, term)?;
    let mut answers = answers.iter();
    let checked = all.iter().zip(&asked).map(|(pull, asked)| {
        let name = pull.image.as_str().unwrap_or_default().replace(char::is_control, "?");
        let PullQuery { image, given, from } = match asked {
            Ok(asked) => asked,
            Err(judged) => {
                return CheckedImage { pull, name, user: None, from: None, judged: judged.as_ref().clone() };
            }
        };
        let answer = answers.next().expect("internal error: there is an answer to every question");
        let mut judged = judge(image, pull.reader, given, &args.platform, answer);
        if let (Verdict::NotAuthorised, Some(unread)) = (judged.verdict, &pull.unread) {
            judged.message = format!("{}; {unread}", judged.message);
        }
        let user = given.login().map(|login| login.user().replace(char::is_control, "?"));
        CheckedImage { pull, name, user, from: from.map(str::to_owned), judged }
    });
    Ok((checked.collect(), endings(asked.iter().flatten())))
}

/// What there is to say of credentials that end, once for each registry and place they are from.
fn endings<'a>(asked: impl Iterator<Item = &'a PullQuery<'a>>) -> Vec<ConfigFinding> {
    let mut found = BTreeMap::new();
    for PullQuery { image, given, from } in asked {
        let (Some(login), Some(from)) = (given.login(), from) else { continue };
        let Some(ending) = ending(image.host(), lifetime(image.host(), login), clock::now()) else {
            continue;
        };
        let message = format!("{from}: {}", ending.message);
        found.insert((*from, image.host()), ConfigFinding { message, ..ending });
    }
    found.into_values().collect()
}

impl<'a> PullQuery<'a> {
    fn question(&self, pull: &Pull<'_>) -> Question<'a> {
        Question { image: self.image, reader: pull.reader, login: self.given.login() }
    }
}

/// The reference that is pulled, or that no registry can be asked for it.
fn reference(pull: &Pull<'_>) -> Result<Reference, Box<PullCheck>> {
    let bad = |fault: String| {
        let name = pull.image.source().replace(char::is_control, "?");
        Box::new(PullCheck::not(
            Verdict::BadReference,
            format!("no registry can look up {name}: {fault}"),
            "write it as `docker pull` takes it: registry.example.com/team/name:1.4.2",
        ))
    };
    let text = pull.image.as_str().ok_or_else(|| bad("it is no string".to_owned()))?;
    Reference::parse(&text).map_err(|error| bad(error.to_string()))
}

/// The images that can be pulled and are not named by a digest.
fn pins(checked: &[CheckedImage<'_>]) -> Vec<Pin> {
    let pin = |one: &CheckedImage<'_>| {
        let image = Reference::parse(&one.name).ok().filter(|image| image.digest().is_none())?;
        let manifest = one.judged.manifest.as_ref().filter(|_| one.judged.verdict == Verdict::Pullable)?;
        Some(Pin { pointer: one.pull.pointer.clone(), image: image.pinned(&manifest.digest) })
    };
    checked.iter().filter_map(pin).collect()
}

/// Whether credentials that end make a difference.
fn is_serious(finding: &ConfigFinding) -> bool {
    finding.severity != Severity::Info
}
