//! What definitions pull with, read from where it is: each archive, secret and file once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;

use crate::credential::check::{Puller, View};
use crate::credential::config::Config;
use crate::credential::inspect::inspect;
use crate::credential::{Missing, Pull, Source, clock, look_up, shown_uri};
use crate::dcos::SecretRead;
use crate::http::{Client, ClientError, Endpoint, EndpointError, Url};
use crate::image::Host;
use crate::registry_client::{Credentials, PullCheck, Verdict};
use crate::source;

use super::super::common::parse;

/// Where credentials are read from, and how.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Credentials")]
pub(super) struct GivenArgs {
    /// A config.json, .dockercfg or docker.tar.gz that stands for the archive and the secret that definitions name
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What the agents give every pull: their /etc/mesosphere/docker_credentials, or a config.json like it
    #[arg(long, value_name = "FILE")]
    cluster: Option<PathBuf>,

    /// Read the DC/OS token, for secrets at DCOS_URL, from this file [env: DCOS_ACS_TOKEN, the token itself]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What a source holds.
enum SourceContent {
    Config(Config, String),
    /// What was given in its stead.
    Stead,
    Nothing,
    Unknown(String, String),
    Broken(String, String),
}

/// All that was read.
pub(super) struct Sources {
    held: BTreeMap<Source, SourceContent>,
    stead: Option<(Config, String)>,
    cluster: Option<(Config, String)>,
}

impl Sources {
    /// Reads what these pulls need.
    pub(super) fn read(args: &GivenArgs, client: &Client, pulls: &[&Pull<'_>]) -> anyhow::Result<Self> {
        let file = |path: &Option<PathBuf>| path.as_deref().map(read_file).transpose();
        let (stead, cluster) = (file(&args.config)?, file(&args.cluster)?);
        let mut held = BTreeMap::new();
        for pull in pulls {
            if held.contains_key(&pull.source) {
                continue;
            }
            let found = match (&pull.source, &stead) {
                (Source::Cluster, _) => SourceContent::Nothing,
                (Source::Secret { name, path: None }, _) => SourceContent::Broken(
                    format!("the pull config names the secret \"{name}\", which `secrets` does not define"),
                    format!("add \"secrets\": {{\"{name}\": {{\"source\": PATH}}}}"),
                ),
                (_, Some(_)) => SourceContent::Stead,
                (Source::Archive(uri), None) => archive(uri, client),
                (Source::Secret { path: Some(path), .. }, None) => secret(path, args, client)?,
            };
            held.insert(pull.source.clone(), found);
        }
        Ok(Self { held, stead, cluster })
    }

    /// What somebody who pulls from this registry is given, and where that is from.
    ///
    /// # Errors
    /// The verdict, where nothing can be pulled with what there is, whatever the registry says.
    pub(super) fn given(
        &self,
        pull: &Pull<'_>,
        host: &Host,
    ) -> Result<(Credentials<'_>, Option<&str>), Box<PullCheck>> {
        fn borrowed(given: Option<&(Config, String)>) -> Option<(&Config, &str)> {
            given.map(|(config, from)| (config, from.as_str()))
        }
        let cluster = borrowed(self.cluster.as_ref());
        let own = match self.held.get(&pull.source) {
            Some(SourceContent::Config(config, from)) => Some((config, from.as_str())),
            Some(SourceContent::Stead) => borrowed(self.stead.as_ref()),
            Some(SourceContent::Unknown(why, help)) => {
                return Ok((Credentials::Unknown(why.clone(), help.clone()), None));
            }
            Some(SourceContent::Broken(why, help)) => {
                return Err(Box::new(PullCheck::not(Verdict::BadCredentials, why, help)));
            }
            Some(SourceContent::Nothing) | None => None,
        };
        // The Docker Engine has one home directory: the sandbox where credentials lie there, else the cluster's. Mesos
        // adds the cluster's to those of the pull config, which go first.
        let configs: Vec<_> = match pull.reader {
            Puller::Engine => own.or(cluster).into_iter().collect(),
            Puller::Mesos => own.into_iter().chain(cluster).collect(),
        };
        let mut lack: Option<(Missing, &str)> = None;
        for (config, from) in configs {
            match look_up(config, host, pull.reader) {
                Ok(login) => return Ok((Credentials::Login(login), Some(from))),
                // What says more than that there is nothing is worth more.
                Err(why) if lack.as_ref().is_none_or(|(other, _)| *other == Missing::Nothing) => {
                    lack = Some((why, from));
                }
                Err(_) => {}
            }
        }
        Ok(match lack {
            Some((lack, from)) => (Credentials::None(Some(from.to_owned()), lack), Some(from)),
            None => (Credentials::None(None, Missing::Nothing), None),
        })
    }
}

/// A file of credentials that was named: it has to be one.
fn read_file(path: &Path) -> anyhow::Result<(Config, String)> {
    let name = path.display().to_string();
    let bytes = Zeroizing::new(source::read_bytes(path)?);
    match of_bytes(&name, &bytes) {
        Ok(config) => Ok((config, name)),
        Err(problem) => anyhow::bail!("{problem}"),
    }
}

/// A config file as it is.
fn of_text(name: &str, bytes: &[u8]) -> Result<Config, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{name}: this is no UTF-8 text"))?;
    parse(name, text).map(|(_, config)| config).map_err(|error| format!("{error:#}"))
}

/// A config file as it is, or in an archive.
fn of_bytes(name: &str, bytes: &[u8]) -> Result<Config, String> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return of_text(name, bytes);
    }
    let inspected = inspect(bytes, View { reader: Puller::Engine, asked: None, now: clock::now() });
    let problem = || {
        let worst = inspected.found.first().map_or_else(String::new, |found| found.message.clone());
        format!("{name}: {worst}")
    };
    inspected.config.ok_or_else(problem)
}

fn archive(uri: &str, client: &Client) -> SourceContent {
    const STANDS: &str = "--config FILE, with a copy of it, stands for it";
    let shown = shown_uri(uri);
    let unknown = |why: String| SourceContent::Unknown(why, STANDS.to_owned());
    let lower = uri.to_ascii_lowercase();
    let bytes = if lower.starts_with("http://") || lower.starts_with("https://") {
        let Ok(url) = uri.parse::<Url>() else {
            return SourceContent::Broken(format!("{shown} is no address"), String::new());
        };
        match client.fetch_bytes(&url) {
            Ok(bytes) => bytes,
            Err(error @ ClientError::Status { .. }) => {
                let help = "every agent fetches it before it pulls";
                return SourceContent::Broken(
                    format!("the archive cannot be fetched: {error}"),
                    help.to_owned(),
                );
            }
            Err(error) => return unknown(format!("the archive cannot be fetched from here: {error}")),
        }
    } else {
        let path = uri.strip_prefix("file://").unwrap_or(uri);
        if !path.starts_with('/') || !Path::new(path).is_file() {
            return unknown(format!("they are in {shown}, which is on the agents and not on this machine"));
        }
        match source::read_bytes(Path::new(path)) {
            Ok(bytes) => bytes,
            Err(error) => return unknown(error.to_string()),
        }
    };
    match of_bytes(&shown, &Zeroizing::new(bytes)) {
        Ok(config) => SourceContent::Config(config, shown),
        Err(problem) => SourceContent::Broken(
            problem,
            "`milepost creds verify FILE` says all that is wrong with it".to_owned(),
        ),
    }
}

/// # Errors
/// When what is set for DC/OS cannot be used.
fn secret(path: &str, args: &GivenArgs, client: &Client) -> anyhow::Result<SourceContent> {
    let name = format!("the secret {path}");
    let unknown = |why: String, help: &str| Ok(SourceContent::Unknown(why, help.to_owned()));
    let endpoint = match Endpoint::dcos(args.token_file.as_deref(), &|name| std::env::var(name).ok()) {
        Ok(endpoint) => endpoint,
        Err(EndpointError::NoDcos) => {
            let help = "set DCOS_URL and DCOS_ACS_TOKEN, or --config FILE stands for it";
            return unknown(format!("they are in {name}, and nothing says where DC/OS is"), help);
        }
        Err(error) => return Err(error.into()),
    };
    let value = match client.secret(&endpoint, path.trim_start_matches('/')) {
        Ok(SecretRead::Value(value)) => value,
        Ok(SecretRead::Missing) => {
            let help = format!("`milepost creds secret {path} --for FILE --create` stores it");
            return Ok(SourceContent::Broken(format!("there is no secret {path} at {endpoint}"), help));
        }
        Ok(SecretRead::Refused(status)) => {
            let help = "does the token hold, and may its user read the secret? --config FILE stands for it";
            return unknown(format!("{endpoint} does not say what is in {name}: it answers {status}"), help);
        }
        Err(error) => {
            return unknown(format!("{name} cannot be read: {error}"), "--config FILE stands for it");
        }
    };
    Ok(match of_text(&name, value.expose_secret().as_bytes()) {
        Ok(config) => SourceContent::Config(config, name),
        Err(problem) => {
            let help = format!("`milepost creds secret {path} --for FILE --update` writes it anew");
            SourceContent::Broken(problem, help)
        }
    })
}
