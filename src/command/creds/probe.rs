//! Asks the registry before credentials are written.

use crate::credential::Login;
use crate::image::Host;
use crate::registry_client::{BAD_TOKEN, SignIn};

use super::super::connection::ClientArgs;
use super::realm::PasswordReceivers;
use super::{Exit, Terminal};

/// Whether and how the registry is asked.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Check")]
pub(super) struct CheckArgs {
    /// Do not ask the registry
    #[arg(long)]
    no_check: bool,

    #[command(flatten)]
    receivers: PasswordReceivers,

    #[command(flatten)]
    client: ClientArgs,
}

impl CheckArgs {
    /// Tries the credentials: a note when they can be written, or the exit code when they cannot.
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
        let login = self.receivers.allow(login.clone());
        let answer = client.sign_in(host, &login).map_err(|error| {
            anyhow::Error::from(error).context("nothing was written (--no-check writes them anyway)")
        })?;
        let (problem, help) = match answer {
            SignIn::Accepted => return Ok(Ok("the registry accepts them")),
            SignIn::Open => {
                writeln!(
                    term.err(),
                    "warning: {host} asks for no credentials, so these could not be checked"
                )?;
                return Ok(Ok("the registry asks for none"));
            }
            SignIn::Wrong(who, url, status) => (
                format!("{who} rejects these credentials: {url} answers {status}"),
                "check the user and the password; some registries want an access token in its place",
            ),
            SignIn::BadToken(url) => (
                format!(
                    "{host} rejects the token that its token server gave for these credentials: {url} answers 401, invalid_token"
                ),
                BAD_TOKEN,
            ),
            SignIn::NoRight(url, status) => (
                format!(
                    "{host} takes these credentials, and gives the user no right: {url} answers {status}, insufficient_scope"
                ),
                "user and password are right: the rights of the user are in the token server's settings (its acl); \
                 --no-check writes them anyway",
            ),
            SignIn::NoToken(problem) => (
                format!(
                    "the token server of {host} does not tell whether these credentials are right: {problem}"
                ),
                "see the token server's log; --no-check writes them anyway",
            ),
            SignIn::Foreign(problem) => {
                (problem, "the password was not sent there; --no-check writes it without asking")
            }
            SignIn::Odd(problem) => (
                format!("{host} does not tell whether these credentials are right: {problem}"),
                "is this the registry's host, with its port? --no-check writes them anyway",
            ),
        };
        writeln!(term.err(), "error: {problem}; nothing was written")?;
        writeln!(term.err(), "help: {help}")?;
        Ok(Err(Exit::Refused))
    }
}
