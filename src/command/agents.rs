//! Arguments that name the agents of a cluster.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::Terminal;
#[cfg(any(feature = "net", feature = "cert"))]
use super::input::is_address;
use super::input::read_stdin;
use crate::registry::agents::AgentHosts;
use crate::source;
use crate::util::escape::shown_path;

/// Arguments for what is done on all agents.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "On all agents")]
pub(super) struct AgentsArgs {
    /// The agents: the answer of Mesos's master at /slaves, or of dcos node list --json; `-` is standard input
    ///
    /// DCOS_URL/mesos/slaves is read with DCOS_ACS_TOKEN.
    #[cfg_attr(feature = "net", arg(long, value_name = "URL|FILE", requires = "ssh"))]
    #[cfg_attr(not(feature = "net"), arg(long, value_name = "FILE", requires = "ssh"))]
    agents_from: Option<String>,

    #[cfg(feature = "net")]
    #[command(flatten)]
    client: super::connection::ClientArgs,

    /// Another agent, or a master that pulls images; may be repeated
    #[arg(hide_short_help = true, long, value_name = "HOST", requires = "ssh")]
    agent: Vec<String>,

    /// Print a script that does it on each of them with ssh and sudo
    #[arg(long)]
    pub(super) ssh: bool,

    /// Log in as this user
    #[arg(hide_short_help = true, long, value_name = "USER", requires = "ssh", value_parser = user_name)]
    pub(super) ssh_user: Option<String>,
}

/// The path of a file that a script sends, which may run in another directory.
///
/// # Errors
/// When it is not UTF-8.
pub(super) fn sent_path(file: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(file)?;
    let text = path.into_os_string().into_string();
    text.map_err(|_| anyhow::anyhow!("{}: the name of the file is not UTF-8", shown_path(&file)))
}

impl AgentsArgs {
    /// The agents that the options name.
    pub(super) fn list(&self, term: &mut Terminal) -> anyhow::Result<AgentHosts> {
        let mut agents = match &self.agents_from {
            Some(from) => AgentHosts::parse(&self.read(from)?).with_context(|| from.clone())?,
            None => AgentHosts::default(),
        };
        for agent in &self.agent {
            agents.add(agent, true)?;
        }
        if agents.hosts.is_empty() {
            bail!("--ssh needs the agents: give --agents-from, or --agent for each");
        }
        if !agents.away.is_empty() {
            writeln!(term.err(), "warning: inactive agents are left out: {}", agents.away.join(", "))?;
        }
        Ok(agents)
    }

    /// The address of Mesos's master, where the list of agents is from there.
    #[cfg(feature = "cert")]
    pub(super) fn master(&self) -> Option<&str> {
        let from = self.agents_from.as_deref().filter(|from| is_address(from))?;
        from.trim_end_matches('/').strip_suffix("/slaves")
    }

    /// Reads the list of agents.
    #[cfg_attr(
        not(feature = "net"),
        expect(clippy::unused_self, reason = "the client is of the feature net")
    )]
    fn read(&self, from: &str) -> anyhow::Result<String> {
        #[cfg(feature = "net")]
        if is_address(from) {
            use super::connection::connect;
            use crate::dcos::{PlaceOptions, Wanted};
            let urls = [from.to_owned()];
            let ca_file = self.client.ca_file.as_deref();
            let given =
                PlaceOptions { urls: &urls, option: "--agents-from", ca_file, ..PlaceOptions::default() };
            let (endpoint, client) = connect(given, Wanted::Marathon, self.client.timeout())?;
            return Ok(client.fetch_with_token(&endpoint)?);
        }
        if from == "-" {
            return read_stdin();
        }
        Ok(source::read(Path::new(from))?)
    }
}

/// A name of letters, digits, `-`, `_` and `.`, which is neither an option nor hidden.
pub(super) fn plain_name(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text.is_empty() || text.starts_with(['.', '-']) || !text.bytes().all(is_plain) {
        return Err("give a plain name: letters, digits, `-`, `_` and `.`, the first neither `-` nor `.`");
    }
    Ok(text.to_owned())
}

/// The name of a user, of letters, digits, `-`, `_` and `.`.
pub(super) fn user_name(text: &str) -> Result<String, &'static str> {
    plain_name(text).map_err(|_| "give a user name of letters, digits, `-`, `_` and `.`")
}
