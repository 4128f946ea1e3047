//! How a definition's pull gets its credentials: from the archive that it fetches, from the secret that its pull config
//! names, or from what agents give every pull. Each source is read once, by a [`SourceReader`].

use std::collections::BTreeMap;

use secrecy::zeroize::Zeroizing;

use crate::definition::{Containerizer, CredentialsForm};
use crate::image::Host;

use super::Look;
use super::archive::shown;
use super::check::View;
use super::config::Config;
use super::given;
use super::inspect::inspect;
use super::login::Login;
use super::lookup::{Missing, look_up};
use super::pull::{Pull, SandboxFile, Source};
use super::unpack::ArchiveMember;

/// Reads the places that hold credentials. This room opens no file and no socket.
pub trait SourceReader {
    /// Why nothing at all can be read.
    type Error;

    /// Reads a file that an agent fetches into the sandbox.
    ///
    /// # Errors
    /// When the reader itself is set up wrongly.
    fn file(&self, file: &SandboxFile) -> Result<SourceRead, Self::Error>;

    /// Reads a secret of the secret store.
    ///
    /// # Errors
    /// As [`SourceReader::file`].
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
    /// A config file, and whether it is a `.dockercfg`.
    Config(NamedConfig, bool),
    Nothing,
    /// Not known here: what to call it, and why.
    Unknown(String, Reason),
    Broken(Reason),
}

/// A place that is read once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SourcePlace {
    File(SandboxFile),
    /// A path in the secret store.
    Secret(String),
}

impl SourcePlace {
    fn name(&self) -> String {
        match self {
            Self::File(file) => shown(&file.uri),
            Self::Secret(path) => format!("the secret {path}"),
        }
    }
}

/// The sources of some pulls, read.
#[derive(Debug)]
pub struct Sources {
    contents: BTreeMap<SourcePlace, SourceContent>,
    given: GivenConfigs,
}

/// A config file of a pull's own; in place of one that cannot be read here, what to call it and why.
type OwnConfig<'c> = Result<&'c NamedConfig, (&'c str, &'c Reason)>;

/// The config files of a pull's own, of which agents read one, and whether they are in the sandbox as `.dockercfg`.
type OwnConfigs<'c> = (Vec<OwnConfig<'c>>, bool);

/// One possibility for the credentials of a pull, and the name of the source they are from.
pub type PossibleCredentials<'c> = (Credentials<'c>, Option<&'c str>);

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
        for place in pulls.iter().flat_map(|pull| places(&pull.source)) {
            // A replacement spares the reading.
            if given.replacement.is_none() && !contents.contains_key(&place) {
                let content = content(&place, reader, now)?;
                contents.insert(place, content);
            }
        }
        Ok(Self { contents, given })
    }

    /// The credentials that a pull sends to a registry. Several possibilities, where the sandbox has several config files
    /// in one place: agents read one of them, and which one cannot be told.
    ///
    /// # Errors
    /// When the source is broken: nothing can be pulled, whatever the registry answers.
    pub fn credentials(&self, pull: &Pull<'_>, host: &Host) -> Result<Vec<PossibleCredentials<'_>>, Reason> {
        let own = self.own(&pull.source)?.0;
        if own.is_empty() {
            return Ok(vec![self.sent(None, pull, host)]);
        }
        Ok(own
            .into_iter()
            .map(|own| match own {
                Ok(config) => self.sent(Some(config), pull, host),
                Err((name, reason)) => (Credentials::Unknown(reason), Some(name)),
            })
            .collect())
    }

    /// Whether a pull's own credentials are in a `.dockercfg`, which Docker 23 and later do not read.
    #[must_use]
    pub fn are_in_dockercfg(&self, pull: &Pull<'_>) -> bool {
        self.own(&pull.source).is_ok_and(|(_, are_dockercfg)| are_dockercfg)
    }

    /// The possible config files of a source; in place of one that cannot be read here, the reason.
    fn own(&self, source: &Source) -> Result<OwnConfigs<'_>, Reason> {
        match source {
            Source::Cluster => return Ok(OwnConfigs::default()),
            Source::Unfetchable(why, help) => return Err(Reason::new(why, *help)),
            Source::Secret { name, path: None } => {
                return Err(Reason::new(
                    format!("the pull config names the secret \"{name}\", which `secrets` does not define"),
                    format!("add \"secrets\": {{\"{name}\": {{\"source\": PATH}}}}"),
                ));
            }
            Source::Secret { .. } | Source::Sandbox(_) => {}
        }
        if let Some(replacement) = &self.given.replacement {
            let (mut is_meant, mut are_dockercfg) = (true, false);
            if let Source::Sandbox(files) = source {
                is_meant = files.len() == 1 || files.iter().any(|file| file.is_called_so);
                are_dockercfg = files.iter().all(|file| file.form == CredentialsForm::Dockercfg);
            }
            let configs = is_meant.then_some(Ok(replacement)).into_iter().collect();
            return Ok((configs, are_dockercfg));
        }
        // Docker reads a .dockercfg only where there is no .docker/config.json. A file that is not called like credentials
        // counts only where there is nothing else.
        let (mut configs, mut old, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for place in places(source) {
            match self.contents.get(&place) {
                Some(SourceContent::Config(config, false)) => configs.push(Ok(config)),
                Some(SourceContent::Config(config, true)) => old.push(Ok(config)),
                Some(SourceContent::Unknown(name, reason)) => {
                    let list = match &place {
                        SourcePlace::File(file) if !file.is_called_so => &mut others,
                        SourcePlace::File(file) if file.form == CredentialsForm::Dockercfg => &mut old,
                        SourcePlace::File(_) | SourcePlace::Secret(_) => &mut configs,
                    };
                    list.push(Err((name.as_str(), reason)));
                }
                Some(SourceContent::Broken(reason)) => return Err(reason.clone()),
                Some(SourceContent::Nothing) | None => {}
            }
        }
        others.truncate(1);
        let are_dockercfg = configs.is_empty() && !old.is_empty();
        let configs = [configs, old, others].into_iter().find(|list| !list.is_empty()).unwrap_or_default();
        Ok((configs, are_dockercfg))
    }

    /// The credentials for a registry out of the pull's own config file and the cluster's.
    fn sent<'c>(
        &'c self,
        own: Option<&'c NamedConfig>,
        pull: &Pull<'_>,
        host: &Host,
    ) -> PossibleCredentials<'c> {
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
                Ok(login) => return (Credentials::Login(login), Some(name)),
                // The first reason that says more than that there are none is kept.
                Err(why) if lack.as_ref().is_none_or(|(other, _)| *other == Missing::Nothing) => {
                    lack = Some((why, name));
                }
                Err(_) => {}
            }
        }
        match lack {
            Some((lack, name)) => (Credentials::None(Some(name), lack), Some(name)),
            None => (Credentials::None(None, Missing::Nothing), None),
        }
    }
}

/// The places that a source is read from.
fn places(source: &Source) -> Vec<SourcePlace> {
    match source {
        Source::Sandbox(files) => files.iter().cloned().map(SourcePlace::File).collect(),
        Source::Secret { path: Some(path), .. } => vec![SourcePlace::Secret(path.clone())],
        Source::Cluster | Source::Unfetchable(..) | Source::Secret { path: None, .. } => Vec::new(),
    }
}

fn content<R: SourceReader>(place: &SourcePlace, reader: &R, now: i64) -> Result<SourceContent, R::Error> {
    let read = match place {
        SourcePlace::File(file) => reader.file(file)?,
        SourcePlace::Secret(path) => reader.secret(path)?,
    };
    let (name, bytes, help) = match read {
        SourceRead::Content { name, bytes, help } => (name, bytes, help),
        SourceRead::Unknown(reason) => return Ok(SourceContent::Unknown(place.name(), reason)),
        SourceRead::Broken(reason) => return Ok(SourceContent::Broken(reason)),
    };
    let is_old = match place {
        SourcePlace::File(file) if file.form == CredentialsForm::Archive => {
            return Ok(in_archive(&name, &bytes, file.is_called_so, help, now));
        }
        SourcePlace::File(file) => file.form == CredentialsForm::Dockercfg,
        SourcePlace::Secret(_) => false,
    };
    Ok(match given::plain(&name, &bytes) {
        Ok(config) => SourceContent::Config(config, is_old),
        Err(problem) => SourceContent::Broken(Reason::new(problem.to_string(), help)),
    })
}

/// The config file in an archive. One that is not called like credentials may hold anything else.
fn in_archive(name: &str, bytes: &[u8], is_called_so: bool, help: String, now: i64) -> SourceContent {
    let inspected = inspect(bytes, View { containerizer: Containerizer::Docker, asked: None, now });
    let why = inspected.why_not().to_owned();
    if let Some(config) = inspected.config {
        return SourceContent::Config(NamedConfig { name: name.to_owned(), config }, inspected.is_dockercfg);
    }
    if inspected.is_closed {
        let are = if is_called_so { "are" } else { "may be" };
        let help = "--config FILE, with the config.json in it, replaces it";
        SourceContent::Unknown(name.to_owned(), Reason::new(format!("they {are} in {name}: {why}"), help))
    } else if is_called_so {
        SourceContent::Broken(Reason::new(format!("{name}: {why}"), help))
    } else {
        SourceContent::Nothing
    }
}

/// What these bytes hold: a config file, or an archive of one.
#[must_use]
pub fn look(bytes: &[u8]) -> Look {
    let mut has_more = false;
    let config = if bytes.trim_ascii_start().starts_with(b"{") {
        given::plain("", bytes).ok().map(|named| named.config)
    } else {
        let inspected = inspect(bytes, View { containerizer: Containerizer::Docker, asked: None, now: 0 });
        if inspected.is_closed {
            return Look::Unknown;
        }
        has_more = inspected.members.iter().any(is_of_the_app);
        inspected.config
    };
    config.map_or(Look::Nothing, |config| {
        let hosts = config.logins().0.iter().map(|(host, _)| host.clone()).collect();
        if has_more { Look::HoldsMore(hosts) } else { Look::Holds(hosts) }
    })
}

/// Whether a member of an archive is a file that is none of Docker's, nor one that macOS puts beside each file.
fn is_of_the_app(member: &ArchiveMember) -> bool {
    let path = String::from_utf8_lossy(&member.path);
    let path = path.trim_start_matches("./").trim_start_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_dockers =
        path.split('/').any(|part| part == ".docker") || matches!(path, ".dockercfg" | "config.json");
    (member.is_file() || member.is_link()) && !is_dockers && !name.starts_with("._") && name != ".DS_Store"
}

#[cfg(test)]
mod tests {
    use super::super::given::of_bytes;
    use super::*;
    use crate::credential::pack::{PackMode, pack};
    use crate::credential::pulls;
    use crate::source::{Document, Format, Kind};

    /// Holds one secret, and an archive that this machine cannot read.
    struct FakeReader;

    impl SourceReader for FakeReader {
        type Error = std::convert::Infallible;

        fn file(&self, file: &SandboxFile) -> Result<SourceRead, Self::Error> {
            let bytes = match file.uri.as_str() {
                "https://files.example.com/a.tar.gz" => packed("a"),
                "https://files.example.com/b.tar.gz" => packed("b"),
                "https://files.example.com/app.tar.gz" => Zeroizing::new(vec![0; 1024]),
                uri => return Ok(SourceRead::Unknown(Reason::new(format!("{uri} is on the agents"), ""))),
            };
            Ok(SourceRead::Content { name: file.uri.clone(), bytes, help: String::new() })
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

    fn packed(user: &str) -> Zeroizing<Vec<u8>> {
        let config =
            format!(r#"{{"auths": {{"r.example.com": {{"username": "{user}", "password": "x"}}}}}}"#);
        pack(&config, PackMode::Owner).expect("in memory")
    }

    /// The users that may be sent.
    fn user(text: &str, given: GivenConfigs) -> Result<String, String> {
        let document = Document::parse(text, Format::Json).expect("JSON");
        let pulls = pulls(&document, Kind::App);
        let all: Vec<&Pull<'_>> = pulls.iter().collect();
        let Ok(sources) = Sources::read(&all, given, &FakeReader, 0);
        let host = Host::parse("r.example.com").expect("a host");
        let one = |possible: PossibleCredentials<'_>| match possible {
            (Credentials::Login(login), from) => format!("{} from {from:?}", login.user()),
            (other, _) => format!("{other:?}"),
        };
        let possible = sources.credentials(all[0], &host).map_err(|reason| reason.message)?;
        Ok(possible.into_iter().map(one).collect::<Vec<_>>().join(", "))
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
            of_bytes(name, text, 0).ok()
        };
        let replaced = GivenConfigs { replacement: config("mine"), cluster: None };
        assert_eq!(user(fetches, replaced).as_deref(), Ok("a from Some(\"mine\")"));
        let plain = r#"{"id": "/a", "container": {"docker": {"image": "r.example.com/a"}}}"#;
        let cluster = GivenConfigs { replacement: None, cluster: config("agents") };
        assert_eq!(user(plain, cluster).as_deref(), Ok("a from Some(\"agents\")"));
        assert_eq!(user(plain, GivenConfigs::default()).as_deref(), Ok("None(None, Nothing)"));
    }

    /// An app on the Docker Engine that fetches these files.
    fn fetching(names: &[&str]) -> String {
        let uris: Vec<String> =
            names.iter().map(|name| format!(r#"{{"uri": "https://files.example.com/{name}"}}"#)).collect();
        let uris = uris.join(", ");
        format!(
            r#"{{"id": "/a", "container": {{"docker": {{"image": "r.example.com/a"}}}}, "fetch": [{uris}]}}"#
        )
    }

    #[test]
    fn a_look_into_archives_tells_which_holds_credentials() {
        let users = |names: &[&str]| user(&fetching(names), GivenConfigs::default());
        let a = "a from Some(\"https://files.example.com/a.tar.gz\")";
        assert_eq!(users(&["app.tar.gz", "a.tar.gz"]).as_deref(), Ok(a));
        assert_eq!(users(&["app.tar.gz"]).as_deref(), Ok("None(None, Nothing)"));
        // Which of two stays cannot be told.
        let both = users(&["a.tar.gz", "b.tar.gz"]).expect("two users");
        assert!(both.starts_with("a from ") && both.contains(", b from "), "{both}");
        // One that cannot be opened may be the one, unless another is.
        assert!(users(&["other.tar.gz"]).expect("unknown").contains("other.tar.gz is on the agents"));
        assert_eq!(users(&["other.tar.gz", "a.tar.gz"]).as_deref(), Ok(a));
        let called_so = users(&["docker.tar.gz", "a.tar.gz"]).expect("two possibilities");
        assert!(called_so.contains(", a from ") && called_so.contains("docker.tar.gz is on the agents"));
    }
}
