//! Asking the registry before credentials are written down.

use crate::credential::Login;
use crate::image::Host;
use crate::registry_client::SignIn;

use super::super::connection::ClientArgs;
use super::{Exit, Terminal};

/// Whether and how the registry is asked.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Check")]
pub(super) struct CheckArgs {
    /// Do not ask the registry
    #[arg(long)]
    no_check: bool,

    #[command(flatten)]
    client: ClientArgs,
}

impl CheckArgs {
    /// Tries the credentials: what to say of it when they can be written down, or the exit code when they are not.
    pub(super) fn probe(
        &self,
        host: &Host,
        login: &Login,
        term: &mut Terminal,
    ) -> anyhow::Result<Result<&'static str, Exit>> {
        if self.no_check {
            return Ok(Ok("the registry was not asked"));
        }
        let client = self.client.open()?;
        let answer = client.sign_in(host, login).map_err(|error| {
            anyhow::Error::from(error).context("nothing was written (--no-check writes them all the same)")
        })?;
        let (problem, help) = match answer {
            SignIn::Accepted => return Ok(Ok("the registry takes them")),
            SignIn::Open => {
                writeln!(
                    term.err(),
                    "warning: {host} asks nobody for credentials, so nothing says whether these are right"
                )?;
                return Ok(Ok("the registry asks for none"));
            }
            SignIn::Wrong(url, status) => (
                format!("{host} does not take these credentials: {url} answers {status}"),
                "look at the user and the password; some registries want an access token in its place",
            ),
            SignIn::Odd(problem) => (
                format!("{host} does not say whether these credentials are right: {problem}"),
                "is this the registry's host, with its port? --no-check writes them all the same",
            ),
        };
        writeln!(term.err(), "error: {problem}; nothing was written")?;
        writeln!(term.err(), "help: {help}")?;
        Ok(Err(Exit::Refused))
    }
}
