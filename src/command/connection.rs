//! Arguments for a connection to a server.

use std::path::PathBuf;
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
        let url = self.url.as_deref().filter(|url| *url != "env").map(|url| ("--url", url));
        let environment = |name: &str| std::env::var(name).ok();
        let endpoint = Endpoint::resolve(url, self.token_file.as_deref(), &environment)?;
        Ok((endpoint, self.client.open()?))
    }
}
