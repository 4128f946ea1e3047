//! Arguments for a connection to a server. Where the server is and who asks it is `dcos::Place`'s to say.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use super::target::NO_FILES;
use super::terminal::warn_of_open_file;
use super::{Terminal, environment};
use crate::config::{ProjectConfig, ServerSettings};
use crate::dcos::{Place, PlaceError, PlaceOptions, Wanted};
use crate::http::{Client, ClientError, Endpoint};

/// Arguments for connections to any server.
#[derive(Debug, clap::Args)]
pub(super) struct ClientArgs {
    /// Trust the certificates in this PEM file besides the system's
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub(super) ca_file: Option<PathBuf>,
    /// Give up when there is no answer after this many seconds
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl ClientArgs {
    /// Makes a client; sends nothing.
    pub(super) fn open(&self) -> Result<Client, ClientError> {
        Client::new(self.timeout(), self.ca_file.as_deref())
    }

    /// How long one request may take.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Who asks DC/OS, and for which environment.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
pub(super) struct AccessArgs {
    /// Use this environment of milepost.toml: its address and credentials, and its values for templates
    ///
    /// They are in [environment.NAME]: url, service, token-file, service-account, user, password-file, ca-file, values.
    #[arg(hide_short_help = true, short = 'e', long, value_name = "NAME")]
    environment: Option<String>,
    /// Read the DC/OS token from this file [env: DCOS_ACS_TOKEN, the token itself]
    ///
    /// DCOS_ACS_TOKEN is sent only to the scheme, host and port of DCOS_URL, or without that to those of the attached
    /// cluster. Other tokens are sent over https only, or to this machine; these also where that address is http.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Sign in to DC/OS with the service account in this file [env: DCOS_SERVICE_ACCOUNT_CREDENTIAL, the JSON or a file]
    ///
    /// It is the JSON that DC/OS hands out, with uid and private_key. A new token is had before one ends, and once when the
    /// server refuses one.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    service_account: Option<PathBuf>,
}

impl AccessArgs {
    /// The server of the environment that is asked for, in the `milepost.toml` of the current directory.
    pub(super) fn server(&self) -> anyhow::Result<Option<ServerSettings>> {
        if self.environment.is_none() {
            return Ok(None);
        }
        let project = environment::project(NO_FILES)?;
        Ok(self.server_in(project.as_ref())?.cloned())
    }

    /// The server of the environment that is asked for.
    fn server_in<'p>(
        &self,
        project: Option<&'p ProjectConfig>,
    ) -> anyhow::Result<Option<&'p ServerSettings>> {
        let found = self.environment.as_deref().map(|name| environment::named(name, project)).transpose()?;
        Ok(found.map(|environment| &environment.server))
    }

    /// The file with the token.
    pub(super) fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref()
    }

    /// The file with the service account.
    pub(super) fn service_account(&self) -> Option<&Path> {
        self.service_account.as_deref()
    }

    /// What the options say, for a server of this environment.
    pub(super) fn given<'a>(&'a self, environment: Option<&'a ServerSettings>) -> PlaceOptions<'a> {
        PlaceOptions {
            option: "--url",
            token_file: self.token_file.as_deref(),
            service_account: self.service_account.as_deref(),
            environment,
            ..PlaceOptions::default()
        }
    }
}

/// Which Marathon is asked.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
pub(super) struct MarathonArgs {
    /// Marathon's address [env: MARATHON_URL, DCOS_URL]
    ///
    /// It looks like http://marathon.example:8080 or https://dcos.example/service/marathon. Without it, and for `env`, the first of these counts: the environment of -e, MARATHON_URL, DCOS_MARATHON_URL, DCOS_URL
    /// with /service/marathon added, and the cluster that the DC/OS CLI is attached to. Several addresses of one Marathon,
    /// with commas between, are tried in their order. Redirects are followed only to these. `milepost config show --origin`
    /// shows what counts.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// Ask this Marathon on DC/OS, such as marathon-user: /service/NAME is added to the address, or replaced in it
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    service: Option<String>,
    #[command(flatten)]
    access: AccessArgs,
    /// The user of a Marathon with HTTP authentication
    #[arg(hide_short_help = true, long, value_name = "NAME", requires = "password_file")]
    user: Option<String>,
    /// Read the user's password from this file
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// Send the token or password over plain http as well, where others can read it
    #[arg(hide_short_help = true, long)]
    plain_http: bool,
}

impl MarathonArgs {
    /// Finds the server of this environment, without asking it.
    fn find(&self, environment: Option<&ServerSettings>, ca_file: Option<&Path>) -> anyhow::Result<Place> {
        let given = PlaceOptions {
            urls: &self.url,
            service: self.service.as_deref(),
            user: self.user.as_deref(),
            password_file: self.password_file.as_deref(),
            plain_http: Some(self.plain_http),
            ca_file,
            ..self.access.given(environment)
        };
        Ok(Place::find(given, Wanted::Marathon, &variable)?)
    }
}

/// Arguments for the connection to a Marathon.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    #[command(flatten)]
    marathon: MarathonArgs,
    #[command(flatten)]
    client: ClientArgs,
}

impl Connection {
    /// Finds the address and the credential, and makes a client; sends nothing.
    pub(super) fn open(&self) -> anyhow::Result<(Endpoint, Client)> {
        client_of(self.find()?, self.client.timeout())
    }

    /// Finds the address and the credential.
    pub(super) fn find(&self) -> anyhow::Result<Place> {
        let environment = self.marathon.access.server()?;
        self.marathon.find(environment.as_ref(), self.client.ca_file.as_deref())
    }

    /// Whether an option names a server.
    pub(super) fn is_given(&self) -> bool {
        !self.marathon.url.is_empty()
            || self.marathon.service.is_some()
            || self.marathon.access.environment.is_some()
    }
}

/// As [`Connection`], for commands that wait: their `--timeout` is for all of it, not for one request.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct LongConnection {
    #[command(flatten)]
    marathon: MarathonArgs,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    ca_file: Option<PathBuf>,
    /// Give up one request when there is no answer after this many seconds
    #[arg(long, value_name = "SECONDS", hide_short_help = true, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    request_timeout: u64,
}

impl LongConnection {
    /// Finds the address and the credential, and makes a client; sends nothing.
    pub(super) fn open(&self) -> anyhow::Result<(Endpoint, Client)> {
        let environment = self.marathon.access.server()?;
        self.open_at(environment.as_ref())
    }

    /// The same with the environments of this `milepost.toml`.
    pub(super) fn open_in(&self, project: Option<&ProjectConfig>) -> anyhow::Result<(Endpoint, Client)> {
        self.open_at(self.marathon.access.server_in(project)?)
    }

    fn open_at(&self, environment: Option<&ServerSettings>) -> anyhow::Result<(Endpoint, Client)> {
        let place = self.marathon.find(environment, self.ca_file.as_deref())?;
        let (endpoint, client) = client_of(place, Duration::from_secs(self.request_timeout))?;
        // Who waits for minutes does not give up because a server fails for a moment.
        client.insist(true);
        Ok((endpoint, client))
    }

    /// The address of the server that is meant, where it can be found out.
    pub(super) fn address(&self) -> Option<String> {
        let environment = self.marathon.access.server().ok()?;
        self.address_of(environment.as_ref())
    }

    /// The same with the environments of this `milepost.toml`.
    pub(super) fn address_in(&self, project: Option<&ProjectConfig>) -> Option<String> {
        self.address_of(self.marathon.access.server_in(project).ok()?)
    }

    fn address_of(&self, environment: Option<&ServerSettings>) -> Option<String> {
        let place = self.marathon.find(environment, self.ca_file.as_deref()).ok()?;
        Some(place.endpoint.to_string())
    }

    /// The environment of `milepost.toml` that is asked for.
    pub(super) fn environment(&self) -> Option<&str> {
        self.marathon.access.environment.as_deref()
    }
}

/// Arguments for the connection to DC/OS itself.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Connection")]
pub(super) struct DcosConnection {
    /// The address of DC/OS, such as https://dcos.example, or of a Marathon on it [env: DCOS_URL]
    ///
    /// Without it, and for `env`, the environment of -e, MARATHON_URL if it leads through DC/OS, DCOS_URL, or the cluster
    /// that the DC/OS CLI is attached to.
    #[arg(long, value_name = "URL", hide_short_help = true)]
    url: Option<String>,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    client: ClientArgs,
}

impl DcosConnection {
    /// Finds the address and the credential, and makes a client; sends nothing.
    pub(super) fn open(&self) -> anyhow::Result<(Endpoint, Client)> {
        self.open_found(self.find_at(None)?)
    }

    /// The same without a credential, for who signs in at this address.
    pub(super) fn open_to_sign_in(&self, url: Option<&str>) -> anyhow::Result<(Endpoint, Client)> {
        self.open_found(self.find_for(url, true)?)
    }

    /// Makes a client for what was found.
    pub(super) fn open_found(&self, place: Place) -> anyhow::Result<(Endpoint, Client)> {
        client_of(place, self.client.timeout())
    }

    /// Finds this address and the credential for it.
    pub(super) fn find_at(&self, url: Option<&str>) -> anyhow::Result<Place> {
        self.find_for(url, false)
    }

    fn find_for(&self, url: Option<&str>, signs_in: bool) -> anyhow::Result<Place> {
        let environment = self.access.server()?;
        let urls: Vec<String> = url.or(self.url.as_deref()).map(str::to_owned).into_iter().collect();
        let ca_file = self.client.ca_file.as_deref();
        let given =
            PlaceOptions { urls: &urls, ca_file, signs_in, ..self.access.given(environment.as_ref()) };
        Ok(Place::find(given, Wanted::Dcos, &variable)?)
    }

    /// The options for who signs in.
    pub(super) fn access(&self) -> &AccessArgs {
        &self.access
    }
}

/// Whether there is an address of a Marathon: this one, or what counts without an option. One that cannot be used is one, too.
pub(super) fn has_marathon(url: Option<&str>) -> bool {
    let urls: Vec<String> = url.map(str::to_owned).into_iter().collect();
    let given = PlaceOptions { urls: &urls, option: "--url", signs_in: true, ..PlaceOptions::default() };
    !matches!(Place::find(given, Wanted::Marathon, &variable), Err(PlaceError::NoUrl { .. }))
}

/// Connects to what these options name.
pub(super) fn connect(
    given: PlaceOptions<'_>,
    wanted: Wanted,
    timeout: Duration,
) -> anyhow::Result<(Endpoint, Client)> {
    client_of(Place::find(given, wanted, &variable)?, timeout)
}

fn client_of(place: Place, timeout: Duration) -> anyhow::Result<(Endpoint, Client)> {
    place.open_files.iter().for_each(|warning| warn_of_open_file(warning));
    if place.endpoint.is_in_the_clear() {
        warn_of_plain_http(&place);
    }
    let mut client = Client::new(timeout, place.ca_file.as_deref())?;
    if place.takes_any_certificate {
        client.trust_any_certificate_of(place.endpoint.base());
    }
    Ok((place.endpoint, client))
}

/// Says once that a token can be read on its way.
fn warn_of_plain_http(place: &Place) {
    static SAID: Once = Once::new();
    let origin = place.settings.first().map(|setting| setting.origin.as_str()).unwrap_or_default();
    // That the warning cannot be written keeps nothing from being done.
    SAID.call_once(|| {
        let _ = writeln!(
            Terminal::of_process().err(),
            "warning: the token or password goes to {} over plain http, where others can read it; the address is from {origin}",
            place.endpoint
        );
    });
}

/// An environment variable.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
