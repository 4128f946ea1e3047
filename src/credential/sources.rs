//! How a definition's pull gets its credentials: from the archive that it fetches, from the secret that its pull config
//! names, or from what agents give every pull. Each source is read once, by a [`SourceReader`].

use std::collections::BTreeMap;

use secrecy::zeroize::Zeroizing;

use crate::definition::Containerizer;
use crate::image::Host;

use super::check::View;
use super::config::Config;
use super::inspect::inspect;
use super::login::Login;
use super::lookup::{Missing, look_up};
use super::pull::{Pull, Source};

/// Reads the places that hold credentials. This room opens no file and no socket.
pub trait SourceReader {
    /// Why nothing at all can be read.
    type Error;

    /// Reads the archive, or the `.dockercfg`, at a URI.
    ///
    /// # Errors
    /// When the reader itself is set up wrongly.
    fn archive(&self, uri: &str) -> Result<SourceRead, Self::Error>;

    /// Reads a secret of the secret store.
    ///
    /// # Errors
    /// As [`SourceReader::archive`].
    fn secret(&self, path: &str) -> Result<SourceRead, Self::Error>;
}

/// What a [`SourceReader`] got.
#[derive(Debug)]
pub enum SourceRead {
    /// The content of the source called `name`.
    Content {
        /// What to call the source.
        name: String,
        /// Its bytes.
        bytes: Zeroizing<Vec<u8>>,
        /// What to do when they hold no credentials.
        help: String,
    },
    /// Not readable from this machine. An agent may be able to read it.
    Unknown(Reason),
    /// Not readable for an agent either.
    Broken(Reason),
}

/// Why a source gives no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// A part of a sentence.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

impl Reason {
    /// A reason with what to do about it.
    #[must_use]
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A config file and what to call it.
#[derive(Clone, Debug)]
pub struct NamedConfig {
    /// Where it is from.
    pub name: String,
    /// Its content.
    pub config: Config,
}

/// The credentials of one pull.
#[derive(Clone, Debug)]
pub enum Credentials<'c> {
    /// These.
    Login(&'c Login),
    /// None, and why: the source that lacks them, if the definition names one.
    None(Option<&'c str>, Missing),
    /// Not known on this machine.
    Unknown(&'c Reason),
}

impl<'c> Credentials<'c> {
    /// What is sent where a registry asks for it.
    #[must_use]
    pub fn login(&self) -> Option<&'c Login> {
        if let Self::Login(login) = self { Some(login) } else { None }
    }
}

/// Config files that take part besides the sources of the definitions.
#[derive(Clone, Debug, Default)]
pub struct GivenConfigs {
    /// Replaces every archive and every secret.
    pub replacement: Option<NamedConfig>,
    /// What agents give every pull.
    pub cluster: Option<NamedConfig>,
}

/// What a source holds.
#[derive(Debug)]
enum SourceContent {
    Config(NamedConfig),
    /// The replacement of [`GivenConfigs`].
    Replacement,
    Nothing,
    Unknown(Reason),
    Broken(Reason),
}

/// The sources of some pulls, read.
#[derive(Debug)]
pub struct Sources {
    contents: BTreeMap<Source, SourceContent>,
    given: GivenConfigs,
}

impl Sources {
    /// Reads what these pulls need. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// When the reader fails.
    pub fn read<R: SourceReader>(
        pulls: &[&Pull<'_>],
        given: GivenConfigs,
        reader: &R,
        now: i64,
    ) -> Result<Self, R::Error> {
        let mut contents = BTreeMap::new();
        for pull in pulls {
            if !contents.contains_key(&pull.source) {
                let content = content(&pull.source, given.replacement.is_some(), reader, now)?;
                contents.insert(pull.source.clone(), content);
            }
        }
        Ok(Self { contents, given })
    }

    /// The credentials that a pull sends to a registry, and the name of the source they are from.
    ///
    /// # Errors
    /// When the source is broken: nothing can be pulled, whatever the registry answers.
    pub fn credentials(
        &self,
        pull: &Pull<'_>,
        host: &Host,
    ) -> Result<(Credentials<'_>, Option<&str>), &Reason> {
        let own = match self.contents.get(&pull.source) {
            Some(SourceContent::Config(config)) => Some(config),
            Some(SourceContent::Replacement) => self.given.replacement.as_ref(),
            Some(SourceContent::Unknown(reason)) => return Ok((Credentials::Unknown(reason), None)),
            Some(SourceContent::Broken(reason)) => return Err(reason),
            Some(SourceContent::Nothing) | None => None,
        };
        let cluster = self.given.cluster.as_ref();
        // The Docker Engine has one home directory: the sandbox if credentials are in it, else the cluster's. Mesos adds
        // the cluster's credentials to those of the pull config, which go first.
        let configs: Vec<&NamedConfig> = match pull.containerizer {
            Containerizer::Docker => own.or(cluster).into_iter().collect(),
            Containerizer::Mesos => own.into_iter().chain(cluster).collect(),
        };
        let mut lack: Option<(Missing, &str)> = None;
        for NamedConfig { name, config } in configs {
            match look_up(config, host, pull.containerizer) {
                Ok(login) => return Ok((Credentials::Login(login), Some(name))),
                // The first reason that says more than that there are none is kept.
                Err(why) if lack.as_ref().is_none_or(|(other, _)| *other == Missing::Nothing) => {
                    lack = Some((why, name));
                }
                Err(_) => {}
            }
        }
        Ok(match lack {
            Some((lack, name)) => (Credentials::None(Some(name), lack), Some(name)),
            None => (Credentials::None(None, Missing::Nothing), None),
        })
    }
}

fn content<R: SourceReader>(
    source: &Source,
    is_replaced: bool,
    reader: &R,
    now: i64,
) -> Result<SourceContent, R::Error> {
    let read = match source {
        Source::Cluster => return Ok(SourceContent::Nothing),
        Source::Secret { name, path: None } => {
            return Ok(SourceContent::Broken(Reason::new(
                format!("the pull config names the secret \"{name}\", which `secrets` does not define"),
                format!("add \"secrets\": {{\"{name}\": {{\"source\": PATH}}}}"),
            )));
        }
        _ if is_replaced => return Ok(SourceContent::Replacement),
        Source::Archive(uri) => reader.archive(uri)?,
        Source::Secret { path: Some(path), .. } => reader.secret(path)?,
    };
    let is_archive = matches!(source, Source::Archive(_));
    Ok(match read {
        SourceRead::Content { name, bytes, help } => {
            let config = if is_archive { of_bytes(&name, &bytes, now) } else { of_utf8(&name, &bytes) };
            match config {
                Ok(config) => SourceContent::Config(config),
                Err(problem) => SourceContent::Broken(Reason::new(problem, help)),
            }
        }
        SourceRead::Unknown(reason) => SourceContent::Unknown(reason),
        SourceRead::Broken(reason) => SourceContent::Broken(reason),
    })
}

fn of_utf8(name: &str, bytes: &[u8]) -> Result<NamedConfig, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| format!("{name}: this is not UTF-8 text"))?;
    Config::of_text(name, text).map(|(_, config)| NamedConfig { name: name.to_owned(), config })
}

/// Reads a config file, plain or in an archive. `now` is in seconds since 1970.
///
/// # Errors
/// Why it is not one; quotes none of it.
pub fn of_bytes(name: &str, bytes: &[u8], now: i64) -> Result<NamedConfig, String> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return of_utf8(name, bytes);
    }
    let inspected = inspect(bytes, View { containerizer: Containerizer::Docker, asked: None, now });
    if let Some(config) = inspected.config {
        Ok(NamedConfig { name: name.to_owned(), config })
    } else {
        let first = inspected.found.first().map_or("", |found| found.message.as_str());
        Err(format!("{name}: {first}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::pulls;
    use crate::source::{Document, Format, Kind};

    /// Holds one secret, and an archive that this machine cannot read.
    struct FakeReader;

    impl SourceReader for FakeReader {
        type Error = std::convert::Infallible;

        fn archive(&self, uri: &str) -> Result<SourceRead, Self::Error> {
            Ok(SourceRead::Unknown(Reason::new(format!("{uri} is on the agents"), "")))
        }

        fn secret(&self, path: &str) -> Result<SourceRead, Self::Error> {
            Ok(match path {
                "shop/pull" => SourceRead::Content {
                    name: "the secret shop/pull".to_owned(),
                    bytes: Zeroizing::new(br#"{"auths": {"r.example.com": {"auth": "YTpi"}}}"#.to_vec()),
                    help: String::new(),
                },
                _ => SourceRead::Broken(Reason::new(format!("there is no secret {path}"), "")),
            })
        }
    }

    fn user(text: &str, given: GivenConfigs) -> Result<String, String> {
        let document = Document::parse(text, Format::Json).expect("JSON");
        let pulls = pulls(&document, Kind::App);
        let all: Vec<&Pull<'_>> = pulls.iter().collect();
        let Ok(sources) = Sources::read(&all, given, &FakeReader, 0);
        let host = Host::parse("r.example.com").expect("a host");
        match sources.credentials(all[0], &host) {
            Ok((Credentials::Login(login), from)) => Ok(format!("{} from {from:?}", login.user())),
            Ok((other, _)) => Ok(format!("{other:?}")),
            Err(reason) => Err(reason.message.clone()),
        }
    }

    fn ucr(secrets: &str) -> String {
        format!(
            r#"{{"id": "/a", "container": {{"type": "MESOS", "docker": {{"image": "r.example.com/a",
                "pullConfig": {{"secret": "s"}}}}}}, "secrets": {{{secrets}}}}}"#
        )
    }

    #[test]
    fn a_secret_gives_its_credentials() {
        let from = user(&ucr(r#""s": {"source": "shop/pull"}"#), GivenConfigs::default());
        assert_eq!(from.as_deref(), Ok("a from Some(\"the secret shop/pull\")"));
        let missing = user(&ucr(r#""s": {"source": "gone"}"#), GivenConfigs::default());
        assert_eq!(missing, Err("there is no secret gone".to_owned()));
        let undefined = user(&ucr(""), GivenConfigs::default()).expect_err("it is not defined");
        assert!(undefined.contains("does not define"), "{undefined}");
    }

    #[test]
    fn a_replacement_stands_in_for_an_archive_and_the_cluster_for_nothing() {
        let fetches = r#"{"id": "/a", "container": {"docker": {"image": "r.example.com/a"}},
            "fetch": [{"uri": "file:///etc/docker.tar.gz"}]}"#;
        assert!(user(fetches, GivenConfigs::default()).expect("unknown").contains("is on the agents"));
        let config = |name: &str| {
            let text = br#"{"auths": {"r.example.com": {"auth": "YTpi"}}}"#;
            Some(of_bytes(name, text, 0).expect("a config file"))
        };
        let replaced = GivenConfigs { replacement: config("mine"), cluster: None };
        assert_eq!(user(fetches, replaced).as_deref(), Ok("a from Some(\"mine\")"));
        let plain = r#"{"id": "/a", "container": {"docker": {"image": "r.example.com/a"}}}"#;
        let cluster = GivenConfigs { replacement: None, cluster: config("agents") };
        assert_eq!(user(plain, cluster).as_deref(), Ok("a from Some(\"agents\")"));
        assert_eq!(user(plain, GivenConfigs::default()).as_deref(), Ok("None(None, Nothing)"));
    }
}
