//! What `milepost app add`, `pod add` and `group add` share: read definitions, check them, send them, show the answers.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::deploy::json_of;
use crate::finding::Severity;
use crate::http::{Client, ClientError, Endpoint, Url, shown};
use crate::marathon::{GetError, RefusedRequest, Reply, Resource, StateReader};
use crate::normalize::answered;
use crate::source::json_text::{AsWritten, compact};
use crate::source::{Format, Kind, Type};
use crate::state::ServerState;
use crate::target::Settings;
use crate::util::text::listed;

use super::connection::Connection;
use super::deploy::absolute;
use super::format::FindingsArgs;
use super::input::{Input, is_address};
use super::remote::{MAY_BE_DONE, Remote, exit_of_refusal};
use super::target::{NamedTarget, WithoutAnswer};
use super::{Exit, Terminal};

/// What is sent.
#[derive(Debug, clap::Args)]
pub(super) struct DefinitionArgs {
    /// The definition: a file, an http(s) address, or `-` for standard input (also when left out)
    #[arg(value_name = "FILE|URL|-")]
    definition: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    definition: DefinitionArgs,
    /// Send it without checking it first
    #[arg(long)]
    no_check: bool,
    #[command(flatten)]
    findings: FindingsArgs,
    #[command(flatten)]
    target: NamedTarget,
    #[command(flatten)]
    connection: Connection,
}

/// The end of the long help of `milepost RESOURCE add`, with this file in the examples.
pub(super) fn after_help(resource: &str, file: &str) -> String {
    format!(
        "\
Examples:
  milepost {resource} add {file} --url http://marathon.example:8080
  MARATHON_URL=http://marathon.example:8080 milepost {resource} add {file}
  milepost {resource} add < {file}
  milepost {resource} add https://artifacts.example/{file}

Exit codes: 0 accepted; 1 the check found errors, and nothing was sent; 2 wrong usage, unreadable input or no \
connection; 3 refused; 4 locked by a running deployment; 5 no answer in time; \
8 the server or a proxy failed, so that it may have been carried out."
    )
}

pub(super) fn run(args: &CreateArgs, resource: Resource, term: &mut Terminal) -> anyhow::Result<Exit> {
    run_with(args, resource, None, term)
}

/// As [`run`], for this definition where there is one.
pub(super) fn run_with(
    args: &CreateArgs,
    resource: Resource,
    given: Option<Input>,
    term: &mut Terminal,
) -> anyhow::Result<Exit> {
    args.findings.apply(term);
    let remote = Remote::open(&args.connection)?;
    let inputs = match given {
        Some(input) => vec![input],
        None => match args.definition.read(resource, &remote.client) {
            Ok(inputs) => inputs,
            Err(error) => return timed_out(error, "nothing was sent", term),
        },
    };
    match checked(&inputs, resource, (&args.definition, args.no_check), (&args.target, &remote), term) {
        Ok(true) => {}
        Ok(false) => return Ok(Exit::Findings),
        Err(error) => return timed_out(error, "nothing was sent", term),
    }
    if let Some(id) = repeated(&inputs) {
        bail!("nothing was sent: several of the definitions have the id {id}");
    }
    if inputs.len() > 1 && exist(&inputs, resource, &remote, term)? {
        return Ok(Exit::Refused);
    }
    for (index, input) in inputs.iter().enumerate() {
        let exit = send(input, resource, &remote, term)?;
        if exit != Exit::Fine {
            if index + 1 < inputs.len() {
                let rest: Vec<String> = inputs[index + 1..].iter().map(id_of).collect();
                writeln!(term.err(), "not sent: {}", listed(&rest))?;
            }
            return Ok(exit);
        }
    }
    Ok(Exit::Fine)
}

/// An id that several definitions have: Marathon would accept the first, and refuse the next.
fn repeated(inputs: &[Input]) -> Option<String> {
    let mut known = BTreeSet::new();
    let mut ids =
        inputs.iter().filter_map(|input| Some(absolute(&input.document.root().get("id")?.as_str()?)));
    ids.find(|id| !known.insert(id.clone()))
}

/// Whether some of several definitions are of what exists, which is reported: none is sent then.
fn exist(inputs: &[Input], resource: Resource, remote: &Remote, term: &mut Terminal) -> anyhow::Result<bool> {
    let mut found = Vec::new();
    for id in inputs.iter().map(id_of) {
        if remote.client.service(&remote.endpoint, resource, &id)?.is_some() {
            found.push(id);
        }
    }
    if !found.is_empty() {
        writeln!(
            term.err(),
            "error: nothing was sent: these exist at {}: {}",
            remote.endpoint,
            listed(&found)
        )?;
    }
    Ok(!found.is_empty())
}

/// Checks definitions for the server as `lint` does; `false` where that shows why nothing can be sent.
pub(super) fn checked(
    inputs: &[Input],
    resource: Resource,
    (args, no_check): (&DefinitionArgs, bool),
    (target, remote): (&NamedTarget, &Remote),
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let Remote { client, endpoint } = remote;
    let kinds =
        inputs.iter().map(|input| expect_kind(input, resource)).collect::<anyhow::Result<Vec<_>>>()?;
    if no_check {
        return Ok(true);
    }
    let files: Vec<&str> =
        args.definition.as_deref().filter(|name| !name.contains("://")).into_iter().collect();
    let settings = target.settings_at(&files, client, endpoint, WithoutAnswer::Warn, term)?;
    let mut is_fine = true;
    for (input, kind) in inputs.iter().zip(kinds) {
        let settings = with_roles(settings.clone(), input, kind, (client, endpoint), term)?;
        is_fine &= input.check(kind, &settings, Severity::Error, term)?;
    }
    if !is_fine {
        writeln!(term.err(), "nothing was sent (--no-check sends it without a check)")?;
    }
    Ok(is_fine)
}

/// Sends one definition, and tells the answer.
fn send(input: &Input, resource: Resource, remote: &Remote, term: &mut Terminal) -> anyhow::Result<Exit> {
    let Remote { client, endpoint } = remote;
    let reply = match client.create(endpoint, resource, &json_of(&input.document)) {
        Ok(reply) => reply,
        Err(error) => {
            let outcome = if error.may_be_done() { MAY_BE_DONE } else { "nothing was sent" };
            if let ClientError::Broken { .. } = error {
                writeln!(term.err(), "error: {error}; {outcome}")?;
                return Ok(Exit::Uncertain);
            }
            return timed_out(error.into(), outcome, term);
        }
    };
    match reply {
        Reply::Accepted { deployment } => {
            let words = if term.says_as_dcos() { "Created deployment " } else { "" };
            term.out_line(&format!("{words}{deployment}"))?;
            term.out().flush()?;
            writeln!(term.err(), "sent {} to {endpoint}; deployment {deployment}", id_of(input))?;
            Ok(Exit::Fine)
        }
        Reply::Refused(refusal) => {
            refused(&refusal, input, remote, resource, term)?;
            Ok(exit_of_refusal(&refusal))
        }
    }
}

/// Adds what the server says of the group that the definition is in, where that decides about its role.
fn with_roles(
    mut settings: Settings,
    input: &Input,
    kind: Kind,
    (client, endpoint): (&Client, &Endpoint),
    term: &mut Terminal,
) -> anyhow::Result<Settings> {
    let definition = [answered(input.document.root(), kind, &settings)];
    let reader = StateReader { client, endpoint, settings: &settings };
    match reader.roles(&ServerState::of(&definition), &[]) {
        Ok(roles) => settings.roles = roles,
        Err(GetError::Client(error)) => return Err(error.into()),
        Err(error) => {
            writeln!(
                term.err(),
                "warning: the group's role is not known, so it is taken for a new one: {error}"
            )?;
        }
    }
    Ok(settings)
}

impl DefinitionArgs {
    /// Reads the definitions from a file, an address or standard input: one, or the elements of an array.
    pub(super) fn read(&self, resource: Resource, client: &Client) -> anyhow::Result<Vec<Input>> {
        let input = read(self.definition.as_deref(), client)?;
        let root = input.document.root();
        if root.kind() != Type::Array {
            return Ok(vec![input]);
        }
        let parts = root.elements().enumerate().map(|(index, element)| {
            let text = compact(element, &AsWritten);
            Input::parse(&format!("{} [{index}]", input.name), &text, Format::Json)
        });
        let parts = parts.collect::<anyhow::Result<Vec<_>>>()?;
        if parts.is_empty() {
            bail!("{}: nothing to send: the array has no {} in it", input.name, resource.name());
        }
        Ok(parts)
    }
}

fn read(definition: Option<&str>, client: &Client) -> anyhow::Result<Input> {
    let Some(name) = definition.filter(|name| *name != "-") else {
        if definition.is_none() && io::stdin().is_terminal() {
            bail!("nothing to send: name a file or an address, or pipe a definition in");
        }
        return Input::read("-");
    };
    if !is_address(name) {
        return Input::read(name);
    }
    // The message does not repeat the address, which may contain a password.
    let url = Url::parse(name).context("the definition's address is not a URL")?;
    let text = client.fetch(&url)?;
    Input::parse(&shown(&url), &text, Format::of_path(Path::new(url.path())))
}

/// Turns a time-out into its exit code, and adds the outcome of the request to the message.
fn timed_out(error: anyhow::Error, outcome: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
    match error.downcast_ref::<ClientError>() {
        Some(ClientError::TimedOut { .. }) => {
            writeln!(term.err(), "error: {error}; {outcome} (--timeout sets the limit)")?;
            Ok(Exit::TimedOut)
        }
        Some(ClientError::Broken { .. }) => bail!("{error}; {outcome}"),
        _ => Err(error),
    }
}

/// Refuses a definition of another kind; one of unknown kind is taken for what the command sends.
fn expect_kind(input: &Input, resource: Resource) -> anyhow::Result<Kind> {
    let name = &input.name;
    let root = input.document.root();
    let expected = resource.kind();
    match Kind::detect(&root) {
        Some(kind) if kind == expected => Ok(expected),
        Some(Kind::Pod) => {
            bail!("{name}: this is a pod (it has `containers`): send it with `milepost pod add`")
        }
        Some(Kind::App) => {
            bail!("{name}: this is an app (it has no `containers`): send it with `milepost app add`")
        }
        Some(Kind::Group) => {
            bail!("{name}: this is a group (it has `apps` or `groups`): send it with `milepost group add`")
        }
        Some(Kind::Apps) => {
            bail!("{name}: this is an array, and an element of an array is one {}", expected.name())
        }
        None if root.kind() == Type::Object => Ok(expected),
        None => bail!("{name}: this is {}, and definitions are objects", root.kind().with_article()),
    }
}

/// The definition's id, or its file's name where it has none.
fn id_of(input: &Input) -> String {
    let id = input.document.root().get("id").and_then(|id| id.as_str().map(String::from));
    id.unwrap_or_else(|| input.name.clone()).replace(char::is_control, "?")
}

fn refused(
    refusal: &RefusedRequest,
    input: &Input,
    remote: &Remote,
    resource: Resource,
    term: &mut Terminal,
) -> anyhow::Result<()> {
    let endpoint = &remote.endpoint;
    let id = &id_of(input);
    let findings = refusal.findings(&input.document);
    term.findings(&input.name, input.document.text(), &findings)?;
    let RefusedRequest { status, message, .. } = refusal;
    let who = refusal.who();
    let what = if refusal.is_uncertain() {
        format!("it is not known whether {id} was accepted")
    } else {
        format!("{id} was not accepted")
    };
    writeln!(term.err(), "error: {what}: {who} at {endpoint} answers {status}: {message}")?;
    if refusal.is_locked() {
        writeln!(term.err(), "locked by {}", remote.holders(refusal))?;
    }
    if let Some(advice) = refusal.advice(id, endpoint, resource) {
        writeln!(term.err(), "help: {advice}")?;
    }
    Ok(())
}
