//! What the commands share that show and change what is on a Marathon: asking, and telling
//! what was answered.

use std::io;

use anyhow::{Context as _, bail};
use serde_json::Value as Json;

use super::connection::Connection;
use super::deploy::lock_holders;
use super::input::Input;
use super::{Exit, Terminal};
use crate::http::{Client, ClientError, Endpoint, Method, Outgoing};
pub(super) use crate::marathon::MAY_BE_DONE;
use crate::marathon::{Accepted, Change, GetError, RefusedRequest, Resource, path_of_id};
use crate::source::json_text::{expanded, write_expanded_array};
use crate::source::{Document, Format, Kind, Value};

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

/// Which part of an answer is printed.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    /// The value of this member.
    Member(&'a str),
    /// All of it, which has this member where it is Marathon's.
    Whole(&'a str),
}

/// How a single thing is shown.
#[derive(Debug, clap::Args)]
pub(super) struct JsonArgs {
    /// Print the server's whole answer as JSON
    #[arg(long)]
    pub(super) json: bool,
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
    /// Also when the server has nothing there, which is reported as `missing`.
    pub(super) fn document(&self, path: &str, missing: &str) -> anyhow::Result<Document> {
        match self.client.text(&self.endpoint, path)? {
            Some(text) => self.parsed(text, path),
            None => bail!("{missing}"),
        }
    }

    /// An app, a pod or a group as the server answers it, also where Marathon has no address for the id.
    ///
    /// # Errors
    /// Also when the server has none of this id.
    pub(super) fn held(&self, resource: Resource, id: &str) -> anyhow::Result<Document> {
        match self.client.service(&self.endpoint, resource, id)? {
            Some(text) => self.parsed(text, &path_of_id(resource.path(), id)),
            None => bail!("{}", self.missing_or_other(resource, id)),
        }
    }

    /// The sentence on an id that the server does not have as this: it may have it as something else.
    fn missing_or_other(&self, resource: Resource, id: &str) -> String {
        let mut others =
            [Resource::App, Resource::Pod, Resource::Group].into_iter().filter(|it| *it != resource);
        let is_held =
            |other: &Resource| matches!(self.client.service(&self.endpoint, *other, id), Ok(Some(_)));
        match others.find(is_held).map(Resource::name) {
            Some(other) => format!(
                "{} '{id}' does not exist at {}: {other} '{id}' does, and `milepost {other} show {id}` shows it",
                resource.name(),
                self.endpoint
            ),
            None => self.missing(resource, id),
        }
    }

    fn parsed(&self, text: String, path: &str) -> anyhow::Result<Document> {
        Ok(GetError::document(text, &format!("{}/{path}", self.endpoint))?)
    }

    /// Prints an app or a group as the server answers it.
    pub(super) fn print_held(
        &self,
        (resource, id): (Resource, &str),
        part: Part<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let document = self.held(resource, id)?;
        self.print_part(&document, &path_of_id(resource.path(), id), part, term)
    }

    fn print_part(
        &self,
        document: &Document,
        path: &str,
        part: Part<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let (Part::Member(name) | Part::Whole(name)) = part;
        let member = self.member(document, path, Some(name))?;
        let value = if let Part::Whole(_) = part { document.root() } else { member };
        Ok(term.out_json(&expanded(value))?)
    }

    /// Prints what the server answers, or a member of it, as it is written there.
    pub(super) fn print(
        &self,
        path: &str,
        part: Part<'_>,
        missing: &str,
        term: &mut Terminal,
    ) -> anyhow::Result<()> {
        let document = self.document(path, missing)?;
        self.print_part(&document, path, part, term)
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
        write_expanded_array(term.out(), list.elements().filter(|element| is_meant(*element)))?;
        Ok(writeln!(term.out())?)
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
        term.out_json(&expanded(found))?;
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
                let outcome = if error.may_be_done() { MAY_BE_DONE } else { "nothing was sent" };
                if let ClientError::Broken { .. } = error {
                    writeln!(term.err(), "error: {}: {outcome}: {error}", intent.what)?;
                    return Ok(Err(Exit::Uncertain));
                }
                Err(error).with_context(|| format!("{}: {outcome}", intent.what))
            }
        }
    }

    /// Sends the change of an app, a pod or a group as Marathon has an address for it, and as [`Remote::change`].
    ///
    /// # Errors
    /// Also where Marathon has no address for it.
    pub(super) fn change_of(
        &self,
        (change, force): (&Change, bool),
        input: Option<&Input>,
        intent: Intent<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<Result<Accepted, Exit>> {
        if let Some(why) = change.why_impossible() {
            bail!("{} {}: {why}", intent.what, intent.undone);
        }
        let Outgoing { method, path, json } = change.request(force);
        self.change((method, &path), json, input, intent, term)
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
        let who = refusal.who();
        let is_uncertain = refusal.is_uncertain();
        let outcome = if is_uncertain { "may have been changed or not" } else { undone };
        writeln!(
            term.err(),
            "error: {what} {outcome}: {who} at {} answers {status}: {message}",
            self.endpoint
        )?;
        if refusal.is_locked() {
            writeln!(term.err(), "locked by {}", self.holders(refusal))?;
            writeln!(
                term.err(),
                "help: `milepost deployment watch {}` waits for it, --force cancels it",
                refusal.locked_by[0]
            )?;
        } else if refusal.is_marathons && *status == 404 {
            let kind = what.split_once(" /").and_then(|(words, _)| words.rsplit(' ').next());
            if let Some(kind @ ("app" | "pod" | "group")) = kind {
                writeln!(term.err(), "help: `milepost {kind} list` shows those that do")?;
            }
        } else if *status != 409
            && let Some(advice) = refusal.advice("", &self.endpoint, Resource::App)
        {
            writeln!(term.err(), "help: {advice}")?;
        }
        let is_missing = *status == 404 && !refusal.is_locked();
        Ok(if is_missing { Exit::Usage } else { exit_of_refusal(refusal) })
    }

    /// The deployments that hold the lock that a request was refused for, in words.
    pub(super) fn holders(&self, refusal: &RefusedRequest) -> String {
        let holders = self.client.holders(&self.endpoint, refusal);
        lock_holders(&self.client.dated(&self.endpoint, |_| Some(Kind::App), (holders, 1)))
    }

    /// Tells that an answer is not Marathon's, because it names no deployment.
    pub(super) fn names_no_deployment(&self, term: &mut Terminal) -> anyhow::Result<Exit> {
        Ok(self.names_no("deployment", term)?)
    }

    /// Tells that an answer is not Marathon's, because it does not name what Marathon's names.
    pub(super) fn names_no(&self, what: &str, term: &mut Terminal) -> io::Result<Exit> {
        writeln!(
            term.err(),
            "error: {}: the answer names no {what}, so it is not Marathon's: {MAY_BE_DONE}",
            self.endpoint
        )?;
        Ok(Exit::Uncertain)
    }

    /// The answer to the killing of tasks, which names them; an exit code where it does not, which is told.
    pub(super) fn killed(
        &self,
        accepted: &Accepted,
        term: &mut Terminal,
    ) -> anyhow::Result<Result<Json, Exit>> {
        let answer = json_of(accepted);
        if answer.get("tasks").is_some_and(Json::is_array) {
            return Ok(Ok(answer));
        }
        Ok(Err(self.names_no("tasks", term)?))
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
        let Some(deployment) = &accepted.deployment else { return self.names_no_deployment(term) };
        match (term.says_as_dcos(), as_dcos) {
            (false, _) => term.out_line(deployment)?,
            (true, Some(words)) => term.out_line(&format!("{words} {deployment}"))?,
            (true, None) => {}
        }
        term.out().flush()?;
        writeln!(term.err(), "{sentence} at {}; deployment {deployment}", self.endpoint)?;
        Ok(Exit::Fine)
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

/// The ids of the tasks in an answer.
pub(super) fn task_ids(answer: &Json) -> Vec<String> {
    let tasks = answer.get("tasks").and_then(Json::as_array).into_iter().flatten();
    tasks.filter_map(|task| Some(task.get("id")?.as_str()?.to_owned())).collect()
}

/// Prints the JSON of an answer as it is written there.
pub(super) fn print_body(accepted: &Accepted, term: &mut Terminal) -> io::Result<()> {
    match Document::parse(accepted.body.as_str(), Format::Json) {
        Ok(document) => term.out_json(&expanded(document.root())),
        Err(_) => writeln!(term.report(), "{}", accepted.body),
    }
}

/// Prints the first element of a list in an answer; whether there is one.
pub(super) fn print_first_of(accepted: &Accepted, list: &str, term: &mut Terminal) -> io::Result<bool> {
    let Ok(document) = Document::parse(accepted.body.as_str(), Format::Json) else { return Ok(false) };
    let Some(first) = document.root().get(list).and_then(|list| list.elements().next()) else {
        return Ok(false);
    };
    term.out_json(&expanded(first))?;
    Ok(true)
}

/// The version that is meant. A negative number counts back from the newest: -1 is the one before. `what` has these
/// `versions`, the oldest first.
pub(super) fn chosen_version(
    given: &str,
    what: &str,
    versions: impl FnOnce() -> anyhow::Result<Vec<String>>,
) -> anyhow::Result<String> {
    let Ok(relative) = given.parse::<i64>() else { return Ok(given.to_owned()) };
    if relative >= 0 {
        bail!("relative versions must be negative: {relative}");
    }
    let versions = versions()?;
    let back = usize::try_from(relative.unsigned_abs()).unwrap_or(usize::MAX);
    match versions.iter().nth_back(back) {
        Some(version) => Ok(version.clone()),
        None => bail!("{what} only has {} version(s)", versions.len()),
    }
}

/// The exit code of a refusal. Marathon's own answer says that it did nothing; a proxy's does not.
pub(super) fn exit_of_refusal(refusal: &RefusedRequest) -> Exit {
    match refusal {
        _ if refusal.is_locked() => Exit::Locked,
        _ if refusal.is_elsewhere() => Exit::Usage,
        _ if refusal.is_uncertain() => Exit::Uncertain,
        _ => Exit::Refused,
    }
}
