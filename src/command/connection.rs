//! Arguments for a connection to a server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::http::{Client, ClientError, Endpoint};

/// Arguments for connections to any server.
#[derive(Debug, clap::Args)]
pub(super) struct ClientArgs {
    /// Trust the certificates in this PEM file besides the system's
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Give up when there is no answer after so many seconds
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl ClientArgs {
    /// Makes a client; sends nothing.
    pub(super) fn open(&self) -> Result<Client, ClientError> {
        Client::new(Duration::from_secs(self.timeout), self.ca_file.as_deref())
    }
}

/// Arguments for the connection to a Marathon.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    /// Marathon's address, such as http://marathon.example:8080 [env: MARATHON_URL, DCOS_URL]
    ///
    /// Without it, and for `env`, MARATHON_URL is used, or else DCOS_URL with /service/marathon added. Redirects are not
    /// followed.
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// Read the DC/OS token from this file [env: DCOS_ACS_TOKEN, the token itself]
    ///
    /// DCOS_ACS_TOKEN is sent only to the scheme, host and port of DCOS_URL. Any token is sent over https only, or to
    /// this machine.
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    client: ClientArgs,
}

impl Connection {
    /// Finds the address and the credential, and makes a client; sends nothing.
    pub(super) fn open(&self) -> anyhow::Result<(Endpoint, Client)> {
        Ok((resolve(self.url.as_deref(), self.token_file.as_deref())?, self.client.open()?))
    }
}

fn resolve(url: Option<&str>, token_file: Option<&Path>) -> anyhow::Result<Endpoint> {
    let url = url.filter(|url| *url != "env").map(|url| ("--url", url));
    Ok(Endpoint::resolve(url, token_file, &|name: &str| std::env::var(name).ok())?)
}

/// As [`Connection`], for commands that wait: their `--timeout` is for all of it, not for one request.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Connection")]
pub(super) struct LongConnection {
    /// Marathon's address [env: MARATHON_URL, DCOS_URL]
    ///
    /// It looks like http://marathon.example:8080 or https://dcos.example/service/marathon. Without it, and for `env`, MARATHON_URL is used, or else DCOS_URL with /service/marathon added. Redirects are not
    /// followed.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Read the DC/OS token from this file [env: DCOS_ACS_TOKEN, the token itself]
    ///
    /// DCOS_ACS_TOKEN is sent only to the scheme, host and port of DCOS_URL. Any token is sent over https only, or to
    /// this machine.
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    token_file: Option<PathBuf>,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    ca_file: Option<PathBuf>,
    /// Give up one request when there is no answer after so many seconds
    #[arg(long, value_name = "SECONDS", hide_short_help = true, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    request_timeout: u64,
}

impl LongConnection {
    /// Finds the address and the credential, and makes a client; sends nothing.
    pub(super) fn open(&self) -> anyhow::Result<(Endpoint, Client)> {
        let endpoint = resolve(self.url.as_deref(), self.token_file.as_deref())?;
        Ok((endpoint, Client::new(Duration::from_secs(self.request_timeout), self.ca_file.as_deref())?))
    }
}
