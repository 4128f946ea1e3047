//! What the commands share that show and change what is on a Marathon: asking, telling what was answered, and lists.

use std::io;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

use super::confirm::agreed;
use super::connection::Connection;
use super::deploy::absolute;
use super::input::Input;
use super::{Exit, Terminal, table};
use crate::http::{Client, ClientError, Endpoint, Method};
use crate::marathon::{Accepted, GetError, RefusedRequest, Resource, path_of_id};
use crate::source::json_text::{expanded, expanded_array};
use crate::source::{Document, Format, Value};

/// A Marathon to ask.
pub(super) struct Remote {
    pub(super) client: Client,
    pub(super) endpoint: Endpoint,
}

/// A change that is sent, in words.
#[derive(Clone, Copy)]
pub(super) struct Intent<'a> {
    /// What is changed: `app /shop/web`.
    pub(super) what: &'a str,
    /// What was not done where it is refused: `was not restarted`.
    pub(super) undone: &'a str,
}

/// How a single thing is shown.
#[derive(Debug, clap::Args)]
pub(super) struct JsonArgs {
    /// Print the server's whole answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// How the list is shown.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Print the server's whole answer as JSON
    #[arg(long)]
    json: bool,
    /// Print ids only
    #[arg(long, short, conflicts_with = "json")]
    quiet: bool,
    /// Show it again every so many seconds, until Ctrl-C
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "2", value_parser = clap::value_parser!(u64).range(1..=3600))]
    watch: Option<u64>,
}

/// A list: where it comes from, and how it is shown.
pub(super) struct Listing<'a, R, const N: usize> {
    /// The path of the whole answer, and the member of it that is the list.
    pub(super) whole: (&'a str, Option<&'a str>),
    /// Which elements of the whole answer are meant.
    pub(super) is_meant: &'a dyn Fn(Value<'_>) -> bool,
    pub(super) rows: &'a dyn Fn(&Remote) -> anyhow::Result<Vec<R>>,
    pub(super) head: [&'a str; N],
    pub(super) cells: &'a dyn Fn(&R) -> [String; N],
    pub(super) id: &'a dyn Fn(&R) -> &str,
    /// What is said where there is nothing.
    pub(super) nothing: &'a str,
}

impl<R, const N: usize> Listing<'_, R, N> {
    /// Shows the list.
    pub(super) fn show(&self, args: &ListArgs, remote: &Remote, term: &mut Terminal) -> anyhow::Result<Exit> {
        loop {
            if args.watch.is_some() && term.out_is_terminal() {
                // The screen, from its top.
                write!(term.out(), "\x1b[H\x1b[2J")?;
            }
            self.show_once(args, remote, term)?;
            let Some(pause) = args.watch else { return Ok(Exit::Fine) };
            term.out().flush()?;
            remote.client.pause(Duration::from_secs(pause));
        }
    }

    fn show_once(&self, args: &ListArgs, remote: &Remote, term: &mut Terminal) -> anyhow::Result<()> {
        if args.json {
            return remote.print_list(self.whole, self.is_meant, term);
        }
        let rows = (self.rows)(remote)?;
        if args.quiet {
            return Ok(rows.iter().try_for_each(|row| writeln!(term.out(), "{}", (self.id)(row)))?);
        }
        table::write(self.head, rows.iter().map(self.cells), term)?;
        if rows.is_empty() {
            writeln!(term.err(), "{}", self.nothing)?;
        }
        Ok(())
    }
}

impl Remote {
    /// Finds the address and the credential; sends nothing.
    pub(super) fn open(connection: &Connection) -> anyhow::Result<Self> {
        let (endpoint, client) = connection.open()?;
        Ok(Self { client, endpoint })
    }

    /// What the server answers, as a document.
    ///
    /// # Errors
    /// Also when the server has nothing there, which is told as `missing`.
    pub(super) fn document(&self, path: &str, missing: &str) -> anyhow::Result<Document> {
        let Some(text) = self.client.text(&self.endpoint, path)? else { bail!("{missing}") };
        let url = || format!("{}/{path}", self.endpoint);
        let document =
            Document::parse(text, Format::Json).map_err(|cause| GetError::NotJson { url: url(), cause })?;
        if document.is_too_deep() {
            return Err(GetError::TooDeep { url: url() }.into());
        }
        Ok(document)
    }

    /// Prints what the server answers, or a member of it, as it is written there.
    pub(super) fn print(
        &self,
        path: &str,
        member: Option<&str>,
        missing: &str,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let document = self.document(path, missing)?;
        let value = self.member(&document, path, member)?;
        Ok(writeln!(term.out(), "{}", expanded(value))?)
    }

    /// Prints those elements of a list that are meant.
    pub(super) fn print_list(
        &self,
        (path, member): (&str, Option<&str>),
        is_meant: &dyn Fn(Value<'_>) -> bool,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let document = self.document(path, "there is no such list")?;
        let list = self.member(&document, path, member)?;
        Ok(writeln!(term.out(), "{}", expanded_array(list.elements().filter(|element| is_meant(*element))))?)
    }

    /// Prints the first element of a list that is meant; whether there is one.
    pub(super) fn print_first(
        &self,
        (path, member): (&str, &str),
        is_meant: &dyn Fn(Value<'_>) -> bool,
        term: &mut Terminal,
    ) -> anyhow::Result<bool> {
        let document = self.document(path, "there is no such list")?;
        let list = self.member(&document, path, Some(member))?;
        let Some(found) = list.elements().find(|element| is_meant(*element)) else { return Ok(false) };
        writeln!(term.out(), "{}", expanded(found))?;
        Ok(true)
    }

    /// A member of an answer, or the whole of it.
    pub(super) fn member<'d>(
        &self,
        document: &'d Document,
        path: &str,
        member: Option<&str>,
    ) -> Result<Value<'d>, GetError> {
        let root = document.root();
        let found = member.map_or(Some(root), |member| root.get(member));
        found.ok_or_else(|| GetError::Unexpected { url: format!("{}/{path}", self.endpoint) })
    }

    /// The sentence on an id that the server does not have.
    pub(super) fn missing(&self, resource: Resource, id: &str) -> String {
        let kind = resource.name();
        format!(
            "{kind} '{id}' does not exist at {}: `milepost {kind} list` shows those that do",
            self.endpoint
        )
    }

    /// Sends a change; an exit code where it is refused, which is reported.
    pub(super) fn change(
        &self,
        (method, path): (Method, &str),
        body: Option<String>,
        input: Option<&Input>,
        intent: Intent<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<Result<Accepted, Exit>> {
        match self.client.carry_out(&self.endpoint, method, path, body) {
            Ok(Ok(accepted)) => Ok(Ok(accepted)),
            Ok(Err(refusal)) => Ok(Err(self.refused(&refusal, input, intent, term)?)),
            Err(error) => {
                let may_be_done = matches!(
                    error,
                    ClientError::TimedOut { was_sent: true, .. } | ClientError::Broken { .. }
                );
                let outcome = if may_be_done {
                    "it may have been done, so look before sending it again"
                } else {
                    "nothing was sent"
                };
                Err(error).with_context(|| format!("{}: {outcome}", intent.what))
            }
        }
    }

    /// Reports a refusal.
    pub(super) fn refused(
        &self,
        refusal: &RefusedRequest,
        input: Option<&Input>,
        Intent { what, undone }: Intent<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        let RefusedRequest { status, message, errors, .. } = refusal;
        match input {
            Some(input) => {
                let findings = refusal.findings(&input.document);
                term.findings(&input.name, input.document.text(), &findings)?;
            }
            None => {
                for error in errors {
                    let meaning = error.meaning().map(|meaning| format!(" ({meaning})"));
                    writeln!(term.err(), "{}: {}{}", error.path, error.error, meaning.unwrap_or_default())?;
                }
            }
        }
        let who = if refusal.is_marathons { "Marathon" } else { "the server" };
        let is_uncertain = *status >= 500 && !refusal.is_marathons;
        let outcome = if is_uncertain { "may have been changed or not" } else { undone };
        writeln!(
            term.err(),
            "error: {what} {outcome}: {who} at {} answers {status}: {message}",
            self.endpoint
        )?;
        if refusal.is_locked() {
            writeln!(term.err(), "locked by: {}", refusal.locked_by.join(", "))?;
            writeln!(
                term.err(),
                "help: `milepost deployment watch {}` waits for it, --force cancels it",
                refusal.locked_by[0]
            )?;
        } else if !(refusal.is_marathons && *status == 404)
            && *status != 409
            && let Some(advice) = refusal.advice("", &self.endpoint, Resource::App)
        {
            writeln!(term.err(), "help: {advice}")?;
        }
        Ok(match status {
            _ if refusal.is_locked() => Exit::Locked,
            404 => Exit::Usage,
            _ if is_uncertain => Exit::Uncertain,
            _ => Exit::Refused,
        })
    }

    /// Tells the deployment that a change began: its id is the result, the sentence a message. In the old command's lines the
    /// id follows `as_dcos`, or is not told.
    pub(super) fn deployed(
        &self,
        accepted: &Accepted,
        sentence: &str,
        as_dcos: Option<&str>,
        term: &mut Terminal,
    ) -> anyhow::Result<Exit> {
        let Some(deployment) = &accepted.deployment else {
            writeln!(
                term.err(),
                "error: {}: the answer names no deployment, so it is not Marathon's",
                self.endpoint
            )?;
            return Ok(Exit::Uncertain);
        };
        match (term.says_as_dcos(), as_dcos) {
            (false, _) => writeln!(term.out(), "{deployment}")?,
            (true, Some(words)) => writeln!(term.out(), "{words} {deployment}")?,
            (true, None) => {}
        }
        term.out().flush()?;
        writeln!(term.err(), "{sentence} at {}; deployment {deployment}", self.endpoint)?;
        Ok(Exit::Fine)
    }
}

/// What is removed.
#[derive(Debug, clap::Args)]
pub(super) struct RemoveArgs {
    /// What to remove
    #[arg(value_name = "ID")]
    id: String,
    /// Cancel a deployment that holds the lock
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

impl RemoveArgs {
    /// Removes an app, pod or group.
    pub(super) fn run(&self, resource: Resource, term: &mut Terminal) -> anyhow::Result<Exit> {
        let remote = Remote::open(&self.connection)?;
        let id = absolute(&self.id);
        let what = format!("{} {id}", resource.name());
        if id == "/" && !self.yes {
            bail!("everything on {} would be removed: --yes does it", remote.endpoint);
        }
        let (question, undone) = match resource {
            Resource::Group => {
                (format!("remove {what} with all that is in it?"), format!("{what} was not removed"))
            }
            _ => (format!("remove {what} with its tasks and versions?"), format!("{what} was not removed")),
        };
        if !agreed(&question, &undone, self.yes, term)? {
            return Ok(Exit::Fine);
        }
        let path = forced(path_of_id(resource.path(), &id), self.force);
        let intent = Intent { what: &what, undone: "was not removed" };
        match remote.change((Method::DELETE, &path), None, None, intent, term)? {
            Ok(accepted) => remote.deployed(&accepted, &format!("{what} is being removed"), None, term),
            Err(exit) => Ok(exit),
        }
    }
}

/// The words of the old command before the id of a deployment.
pub(super) const CREATED: Option<&str> = Some("Created deployment");

/// A path, with the query that cancels the deployments in the way.
pub(super) fn forced(path: String, force: bool) -> String {
    if force { path + "?force=true" } else { path }
}

/// The JSON of an answer.
pub(super) fn json_of(accepted: &Accepted) -> Json {
    serde_json::from_str(&accepted.body).unwrap_or_default()
}

/// Prints the JSON of an answer as it is written there.
pub(super) fn print_body(accepted: &Accepted, term: &mut Terminal) -> io::Result<()> {
    print_of(accepted, |root| Some(root), term)
}

/// Prints the first element of a list in an answer.
pub(super) fn print_first_of(accepted: &Accepted, list: &str, term: &mut Terminal) -> io::Result<()> {
    print_of(accepted, |root| root.get(list)?.elements().next(), term)
}

fn print_of(
    accepted: &Accepted,
    part: impl for<'d> FnOnce(Value<'d>) -> Option<Value<'d>>,
    term: &mut Terminal,
) -> io::Result<()> {
    let Ok(document) = Document::parse(accepted.body.as_str(), Format::Json) else {
        return writeln!(term.out(), "{}", accepted.body);
    };
    let part = part(document.root()).unwrap_or_else(|| document.root());
    writeln!(term.out(), "{}", expanded(part))
}
