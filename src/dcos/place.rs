//! Where a server is, and who asks it: the one order for all commands. Options go before an environment of `milepost.toml`,
//! that before `MARATHON_URL`, that before `DCOS_URL` and its companions, and these before the cluster that the DC/OS CLI
//! is attached to. Each credential is for the scheme, host and port that it belongs to.

mod credential;
mod trust;

use std::cell::{OnceCell, RefCell};
use std::path::{Path, PathBuf};

use super::cluster::{self, Cluster, ClusterError, EnvLookup};
use super::logins::{LoginsError, TokenFile};
use crate::config::ServerSettings;
use crate::http::{BadToken, Endpoint, EndpointError, Url, below, is_service, parse_base, shown_base};
use crate::source::{self, FileError};
use credential::Access;
use secrecy::zeroize::Zeroizing;

/// Marathon's name as a service of DC/OS.
const MARATHON: &str = "marathon";

/// Why there is no address, or no credential for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    /// Nothing has Marathon's address.
    #[error(
        "Marathon's address is not known: give --url, or set MARATHON_URL, or for DC/OS set DCOS_URL and DCOS_ACS_TOKEN, or \
         attach a cluster with the DC/OS CLI{}",
        of_kept(kept)
    )]
    NoUrl {
        /// The servers that `milepost login` keeps tokens for.
        kept: Vec<String>,
    },
    /// Nothing has the address of DC/OS.
    #[error(
        "the address of DC/OS is not known: give it, such as --url https://dcos.example, set DCOS_URL, or attach a cluster \
         with the DC/OS CLI{}",
        of_kept(kept)
    )]
    NoDcos {
        /// The servers that `milepost login` keeps tokens for.
        kept: Vec<String>,
    },
    /// Other users of the machine can read a process's arguments.
    #[error("{option} holds a password, which every user of this machine could read: set MARATHON_URL instead{}", if *option == "--url" { String::new() } else { format!(", and give {option} env") })]
    PasswordInArguments {
        /// The option it is in.
        option: &'static str,
    },
    /// A password in a file that is committed.
    #[error(
        "{0}: the address holds a password: name the user in `user`, and a file with the password in `password-file`"
    )]
    PasswordInFile(String),
    /// A user without a password, or the other way round.
    #[error("{0}: `user` and `password-file` go together")]
    HalfUser(String),
    /// Not the name of a service of DC/OS.
    #[error("{from}: {name:?} is not the name of a service, such as marathon-user or team/marathon")]
    Service {
        /// The option or file it came from.
        from: String,
        /// The name.
        name: String,
    },
    /// The address cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text is not a token.
    #[error(transparent)]
    BadToken(#[from] BadToken),
    /// Not an account that can sign in.
    #[error("{from}: {problem}")]
    Account {
        /// The option or variable it came from.
        from: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The DC/OS CLI has no cluster that can be used.
    #[error("the address is not known: {0}")]
    Cluster(ClusterError),
    /// The tokens of `milepost login` cannot be read.
    #[error(transparent)]
    Logins(#[from] LoginsError),
}

/// What options and an environment of `milepost.toml` say of a server.
#[derive(Clone, Copy, Default)]
pub(crate) struct PlaceOptions<'a> {
    /// Addresses; `env` means none.
    pub urls: &'a [String],
    /// The option that they are from.
    pub option: &'static str,
    /// The name of a Marathon as a service of DC/OS.
    pub service: Option<&'a str>,
    /// The file with the token.
    pub token_file: Option<&'a Path>,
    /// The file with the service account.
    pub service_account: Option<&'a Path>,
    /// The user of a Marathon with HTTP authentication.
    pub user: Option<&'a str>,
    /// The file with its password.
    pub password_file: Option<&'a Path>,
    /// The file of certificates to trust.
    pub ca_file: Option<&'a Path>,
    /// The environment.
    pub environment: Option<&'a ServerSettings>,
    /// Whether the token or password may go over plain http; nothing where the command does not ask that.
    pub plain_http: Option<bool>,
    /// Whether a credential is yet to be had, so that none is looked for.
    pub signs_in: bool,
}

/// Which server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A Marathon.
    Marathon,
    /// The DC/OS that it runs on.
    Dcos,
}

/// A setting and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TracedSetting {
    /// Its name, as in `milepost.toml`.
    pub name: &'static str,
    /// Its value; `***` for a secret.
    pub value: String,
    /// The option, file or variable.
    pub origin: String,
}

impl TracedSetting {
    /// A token, which is not shown.
    fn token(origin: String) -> Self {
        Self { name: "token", value: "***".to_owned(), origin }
    }
}

/// A server, who asks it, and whose certificates it may have.
#[derive(Debug)]
pub(crate) struct Place {
    /// The server with its credentials.
    pub endpoint: Endpoint,
    /// The file of certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether its certificate may be any.
    pub takes_any_certificate: bool,
    /// What has been chosen.
    pub settings: Vec<TracedSetting>,
    /// What other sources say, which does not count.
    pub passed_over: Vec<TracedSetting>,
    /// What to tell of files with a token or a password that others can read, too.
    pub open_files: Vec<String>,
}

/// Addresses from one source.
struct Candidate {
    urls: Vec<Url>,
    /// The option, file or variable.
    origin: String,
    kind: SourceKind,
}

/// What a source of addresses is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SourceKind {
    /// An option.
    Option,
    /// The environment of `milepost.toml`.
    Environment,
    /// A variable or a cluster's file, with the address of a Marathon.
    Marathon,
    /// A variable or a cluster's file, with the address of DC/OS itself.
    Root,
}

/// The address of a DC/OS, and where it comes from.
struct DcosRoot {
    url: Url,
    origin: String,
}

/// The sources of one run.
struct PlaceSources<'a> {
    given: PlaceOptions<'a>,
    variable: EnvLookup<'a>,
    cluster: OnceCell<Result<Cluster, ClusterError>>,
    /// See [`Place`].
    open_files: RefCell<Vec<String>>,
}

impl Place {
    /// Finds the server and the credentials for it.
    ///
    /// # Errors
    /// When there is no address, a file cannot be read, or a credential other than the DC/OS CLI's own would be sent over plain
    /// http.
    pub(crate) fn find(
        given: PlaceOptions<'_>,
        wanted: Wanted,
        variable: EnvLookup<'_>,
    ) -> Result<Self, PlaceError> {
        let sources =
            PlaceSources { given, variable, cluster: OnceCell::new(), open_files: RefCell::default() };
        let service = sources.service()?;
        let mut candidates = sources.candidates(wanted, service.is_some())?.into_iter();
        let Some(chosen) = candidates.next() else { return Err(sources.no_address(wanted)) };
        let is_environment = match chosen.kind {
            SourceKind::Option => false,
            SourceKind::Environment => true,
            SourceKind::Marathon | SourceKind::Root => {
                given.environment.is_some_and(|environment| environment.urls.is_empty())
            }
        };
        let urls_of = |candidate: &Candidate| -> Vec<Url> {
            let is_root = candidate.kind == SourceKind::Root;
            candidate.urls.iter().map(|url| at(url, is_root, service, wanted)).collect()
        };
        let mut urls = urls_of(&chosen);
        sources.add_user(&mut urls, is_environment)?;
        let joined = |urls: &[Url]| urls.iter().map(shown_base).collect::<Vec<_>>().join(",");
        let mut settings =
            vec![TracedSetting { name: "url", value: joined(&urls), origin: chosen.origin.clone() }];
        let access =
            if given.signs_in { Access::default() } else { sources.access(&urls[0], is_environment)? };
        settings.extend(access.settings);
        let trust = sources.trust(&urls[0], is_environment);
        settings.extend(trust.setting);
        let is_dcos = sources.is_at_root(&urls[0]);
        let endpoint = Endpoint::new(urls);
        // The DC/OS CLI sends its token also where its cluster's address is one of plain http.
        let endpoint = if given.plain_http == Some(true) || access.is_of_cluster {
            endpoint.with_token_in_the_clear(access.token)?
        } else {
            let otherwise = if given.plain_http.is_some() { ", or allow it with --plain-http" } else { "" };
            endpoint.with_token(access.token).map_err(|error| error.unless(otherwise))?
        };
        let endpoint = endpoint.known(is_dcos, access.withheld, access.source);
        let endpoint = if access.is_named { endpoint } else { endpoint.with_token_for_the_first() };
        let passed_over = candidates.map(|candidate| TracedSetting {
            name: "url",
            value: joined(&urls_of(&candidate)),
            origin: candidate.origin,
        });
        Ok(Self {
            endpoint,
            ca_file: trust.ca_file,
            takes_any_certificate: trust.takes_any,
            settings,
            passed_over: passed_over.chain(access.passed_over).collect(),
            open_files: sources.open_files.take(),
        })
    }
}

impl<'a> PlaceSources<'a> {
    /// A variable that is set to something.
    fn set(&self, name: &str) -> Option<String> {
        cluster::set(self.variable, name)
    }

    /// Reads a file with a token or a password. Whoever names a file may have it from a CI server, which decides who can read
    /// it: that others can is told, and is no error.
    fn read_secret(&self, file: &Path) -> Result<Zeroizing<String>, PlaceError> {
        let text = Zeroizing::new(source::read(file)?);
        self.open_files.borrow_mut().extend(source::too_open(file));
        Ok(text)
    }

    /// The cluster that the DC/OS CLI is attached to.
    fn cluster(&self) -> Result<&Cluster, &ClusterError> {
        self.cluster.get_or_init(|| cluster::current(self.variable)).as_ref()
    }

    /// The environment's settings.
    fn environment(&self) -> Option<&'a ServerSettings> {
        self.given.environment
    }

    /// The name of a Marathon on DC/OS, where one is given.
    fn service(&self) -> Result<Option<&'a str>, PlaceError> {
        let of_environment = || {
            let environment = self.environment()?;
            Some((environment.service.as_deref()?, environment.origin.clone()))
        };
        let given = self.given.service.map(|name| (name, "--service".to_owned()));
        let Some((name, from)) = given.or_else(of_environment) else { return Ok(None) };
        let is_name = |segment: &str| {
            !segment.is_empty()
                && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !segment.bytes().all(|byte| byte == b'.')
        };
        let plain = name.trim_matches('/');
        if !plain.split('/').all(is_name) {
            return Err(PlaceError::Service { from, name: name.to_owned() });
        }
        Ok(Some(plain))
    }

    /// The addresses of all sources, in the order in which they count.
    fn candidates(&self, wanted: Wanted, has_service: bool) -> Result<Vec<Candidate>, PlaceError> {
        let mut all = Vec::new();
        let PlaceOptions { urls, option, .. } = self.given;
        let urls: Vec<&str> = urls.iter().map(String::as_str).filter(|url| *url != "env").collect();
        if !urls.is_empty() {
            let urls = addresses(&urls, option)?;
            if urls.iter().any(|url| url.password().is_some()) {
                return Err(PlaceError::PasswordInArguments { option });
            }
            all.push(Candidate { urls, origin: option.to_owned(), kind: SourceKind::Option });
        }
        if let Some(environment) = self.environment().filter(|environment| !environment.urls.is_empty()) {
            let urls: Vec<&str> = environment.urls.iter().map(String::as_str).collect();
            let (urls, origin) = (addresses(&urls, &environment.origin)?, environment.origin.clone());
            if urls.iter().any(|url| url.password().is_some()) {
                return Err(PlaceError::PasswordInFile(origin));
            }
            all.push(Candidate { urls, origin, kind: SourceKind::Environment });
        }
        let is_marathon_meant = !has_service && self.is_for_cluster();
        let variables = [
            ("MARATHON_URL", SourceKind::Marathon),
            ("DCOS_MARATHON_URL", SourceKind::Marathon),
            ("DCOS_URL", SourceKind::Root),
        ];
        for (name, kind) in variables {
            // The address of one Marathon is not that of another.
            if name == "DCOS_MARATHON_URL" && has_service {
                continue;
            }
            // The DC/OS CLI gives its plugins no more than the address of the cluster, whose own Marathon is meant.
            if is_marathon_meant && name == "DCOS_URL" {
                self.add_of_cluster(SourceKind::Marathon, &mut all)?;
            }
            // One that counts no longer need not be an address.
            match self.set(name).map(|text| addresses(&[&text], name)) {
                Some(Ok(urls)) => all.push(Candidate { urls, origin: name.to_owned(), kind }),
                Some(Err(error)) if all.is_empty() => return Err(error),
                _ => {}
            }
        }
        if !has_service && !is_marathon_meant {
            self.add_of_cluster(SourceKind::Marathon, &mut all)?;
        }
        self.add_of_cluster(SourceKind::Root, &mut all)?;
        if wanted == Wanted::Dcos {
            // A Marathon that is not reached through DC/OS does not tell where DC/OS is.
            let leads_there = |candidate: &Candidate| {
                candidate.kind != SourceKind::Marathon || is_service(&candidate.urls[0])
            };
            all.retain(leads_there);
        }
        Ok(all)
    }

    /// Adds an address that the attached cluster has: that of its Marathon, or its own.
    fn add_of_cluster(&self, kind: SourceKind, all: &mut Vec<Candidate>) -> Result<(), PlaceError> {
        let Ok(cluster) = self.cluster() else { return Ok(()) };
        let text = if kind == SourceKind::Marathon { &cluster.marathon_url } else { &cluster.url };
        let Some(text) = text else { return Ok(()) };
        let origin = cluster.origin();
        match addresses(&[text], &origin) {
            Ok(urls) => all.push(Candidate { urls, origin, kind }),
            Err(error) if all.is_empty() => return Err(error),
            Err(_) => {}
        }
        Ok(())
    }

    /// Whether the variables are for the attached cluster: `DCOS_URL` is that, or is not set.
    fn is_for_cluster(&self) -> bool {
        self.root().is_some_and(|root| self.is_at_cluster(&root.url))
    }

    /// The address of DC/OS itself: what tokens in the environment are for.
    fn root(&self) -> Option<DcosRoot> {
        if let Some(text) = self.set("DCOS_URL") {
            let url = Url::parse(text.trim()).ok()?;
            return Some(DcosRoot { url, origin: "DCOS_URL".to_owned() });
        }
        self.cluster_root()
    }

    /// The address of the attached cluster.
    fn cluster_root(&self) -> Option<DcosRoot> {
        let cluster = self.cluster().ok()?;
        let url = Url::parse(cluster.url.as_ref()?.trim()).ok()?;
        Some(DcosRoot { url, origin: cluster.origin() })
    }

    /// Whether an address is one of DC/OS itself.
    fn is_at_root(&self, base: &Url) -> bool {
        self.root().is_some_and(|root| same_origin(&root.url, base))
    }

    /// Whether an address is one of the attached cluster.
    fn is_at_cluster(&self, base: &Url) -> bool {
        self.cluster_root().is_some_and(|root| same_origin(&root.url, base))
    }

    /// Why there is no address.
    fn no_address(mut self, wanted: Wanted) -> PlaceError {
        match self.cluster.take() {
            Some(Err(error)) if !error.is_unknown() => PlaceError::Cluster(error),
            Some(Ok(cluster)) => PlaceError::Cluster(cluster.without_address()),
            _ => no_url(wanted, self.variable),
        }
    }
}

/// That nothing has the address, with the servers that somebody has signed in to.
fn no_url(wanted: Wanted, variable: EnvLookup<'_>) -> PlaceError {
    // A file that cannot be read is not what is wrong here.
    let kept = TokenFile::find(variable).and_then(|file| file.servers()).unwrap_or_default();
    match wanted {
        Wanted::Dcos => PlaceError::NoDcos { kept },
        Wanted::Marathon => PlaceError::NoUrl { kept },
    }
}

/// The end of the sentence that an address is not known.
fn of_kept(kept: &[String]) -> String {
    match kept {
        [] => String::new(),
        [one] => format!("; you are signed in to {one}: is it that one?"),
        many => format!("; you are signed in to {}: is it one of them?", many.join(", ")),
    }
}

/// Base addresses in texts; each may be several, with commas between.
fn addresses(texts: &[&str], from: &str) -> Result<Vec<Url>, PlaceError> {
    let all = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|text| !text.is_empty());
    let urls = all.map(|text| parse_base(text, from)).collect::<Result<Vec<_>, _>>()?;
    if urls.is_empty() {
        // An address that is empty is none.
        return Err(
            parse_base("", from).map_or_else(PlaceError::from, |_| PlaceError::NoUrl { kept: Vec::new() })
        );
    }
    Ok(urls)
}

/// The address of what is wanted, from one of a Marathon or of DC/OS.
fn at(url: &Url, is_root: bool, service: Option<&str>, wanted: Wanted) -> Url {
    match (wanted, service) {
        (Wanted::Dcos, _) => root_of(url),
        (Wanted::Marathon, None) if !is_root => url.clone(),
        (Wanted::Marathon, service) => {
            below(&root_of(url), &format!("service/{}", service.unwrap_or(MARATHON)))
        }
    }
}

/// The address of the DC/OS that a service's address leads through; another address is itself.
fn root_of(url: &Url) -> Url {
    let mut root = url.clone();
    let path = url.path();
    if is_service(url)
        && let Some(end) = path.find("/service/")
    {
        root.set_path(&path[..end]);
    }
    root
}

/// Whether two addresses have the same scheme, host and port.
fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}
