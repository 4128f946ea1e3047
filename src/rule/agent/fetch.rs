//! Files that the fetcher of Mesos cannot fetch.

use crate::definition::{FetchFault, Fetched};
use crate::finding::{Change, Fix, FixKind, Refuser};
use crate::source::{Type, Value};
use crate::util::hash::Set;

use super::{Context, Rule, is_open, path, refuse};

static UNFETCHABLE_URI: Rule =
    Rule::fails("unfetchable-uri", "The fetcher of Mesos can fetch what a definition fetches")
        .why(
            "Marathon takes any URI. The fetcher knows file, http, https, ftp and ftps, in lower case and with `://`; a \
             file of the agent is `file://` and an absolute path, so three slashes; `'` and `\\` are rejected; and \
             `destPath` names a file below the sandbox. Whatever else is to be fetched, each launch fails: `Failed to fetch \
             all URIs`. (Mesos, `src/slave/containerizer/fetcher.cpp`, `src/launcher/fetcher.cpp`).",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https:/files.example.com/job.tar.gz"}]}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https://files.example.com/job.tar.gz"}]}"#)
        .fix(FixKind::Unsafe);

static URI_NEEDS_SETUP: Rule =
    Rule::risky("uri-needs-setup", "A URI needs no special set-up of the agents")
        .why(
            "The fetcher leaves schemes that it does not know, such as hdfs and s3, to a Hadoop client on the agent. A \
             relative path is found only where agents run with `--frameworks_home`. Agents of DC/OS have neither: there \
             each launch fails. `[target.agents]` in milepost.toml says what others have.",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "s3://files/job.tar.gz"}]}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https://files.example.com/job.tar.gz"}]}"#)
        .setting("--hadoop_home");

static CLASHING_DESTINATIONS: Rule =
    Rule::fails("clashing-destinations", "No fetched file has the name of a directory that another one needs")
        .why(
            "With the paths `conf` and `conf/app.yml` the fetcher has to write a file and a directory of one name, and \
             fails at the second one, in whichever order they come.",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "fetch": [
                {"uri": "https://files.example.com/a", "destPath": "conf"},
                {"uri": "https://files.example.com/b", "destPath": "conf/app.yml"}]}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "fetch": [
                {"uri": "https://files.example.com/a", "destPath": "conf/a"},
                {"uri": "https://files.example.com/b", "destPath": "conf/app.yml"}]}"#);

static NOT_ON_AGENTS: Rule =
    Rule::fails("not-on-agents", "The files of agents that a service fetches are there")
        .why(
            "The fetcher copies files, and no directories. `[target.agents]` in milepost.toml lists the `paths` that every agent has. A `file://` URI of another one \
             fails every launch. Without the list, `file-on-agents` warns.",
        )
        .example("\"uri\": \"file:///srv/job.tar.gz\", with paths = [\"/etc/docker.tar.gz\"] in [target.agents]");

pub(super) static RULES: &[&Rule] =
    &[&UNFETCHABLE_URI, &URI_NEEDS_SETUP, &CLASHING_DESTINATIONS, &NOT_ON_AGENTS];

/// Checks the entries of `fetch`, `uris` or `artifacts`.
pub(super) fn files<'a>(entries: impl Iterator<Item = Value<'a>>, context: &mut Context<'_>) {
    let release = context.release();
    let mut written: Vec<(Value<'a>, String)> = Vec::new();
    for entry in entries {
        let Some(file) = Fetched::of(&entry, release) else { continue };
        if is_open(&file.uri) {
            continue;
        }
        let is_object = entry.kind() == Type::Object;
        let at = entry.get("uri").filter(|_| is_object).unwrap_or(entry);
        let destination = entry.get("destPath").filter(|path| is_object && !path.is_null()).unwrap_or(at);
        if let Some(fault) = file.fault() {
            let at = if fault.is_about_destination() { destination } else { at };
            unfetchable(at, &file.uri, fault, context);
            continue;
        }
        missing(at, &file.uri, context);
        if !file.cache {
            written.push((destination, file.plain_path()));
        }
    }
    clashes(&written, context);
}

fn unfetchable(at: Value<'_>, uri: &str, fault: FetchFault<'_>, context: &mut Context<'_>) {
    let agents = &context.settings.agents;
    let is_set_up = match fault {
        FetchFault::Scheme(_) => agents.hadoop,
        FetchFault::Relative => agents.frameworks_home,
        _ => Some(false),
    };
    match is_set_up {
        Some(true) => {}
        Some(false) => {
            let (by, said) = said(uri, fault);
            let rule = if fault.is_certain() { &UNFETCHABLE_URI } else { &URI_NEEDS_SETUP };
            let found = refuse(context, rule, at, by, said);
            found.message = format!("no agent can fetch this, so no instance starts: {fault}");
            found.help = Some(fault.help().into());
            if let Some(with) = corrected(uri, fault).filter(|_| at.is_str(uri)) {
                let help = format!("write {with:?}");
                found.help = Some(help.clone().into());
                found.fix = Some(Fix::unsafe_(help, [Change::replace(at, with)]));
            }
        }
        None => {
            let found = context.warn(&URI_NEEDS_SETUP, at);
            found.message = format!("not every agent can fetch this: {fault}");
            found.help = Some(fault.help().into());
        }
    }
}

/// The URI that is meant, where that is plain.
fn corrected(uri: &str, fault: FetchFault<'_>) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let path = rest.trim_start_matches('/');
    match fault {
        FetchFault::RelativeFile if !path.is_empty() => Some(format!("file:///{path}")),
        FetchFault::NoSlashes if scheme == "file" && rest.starts_with('/') => Some(format!("file:///{path}")),
        FetchFault::NoSlashes
            if matches!(scheme, "http" | "https" | "ftp" | "ftps") && path.contains('/') =>
        {
            Some(format!("{scheme}://{path}"))
        }
        FetchFault::Capitals => Some(format!("{}:{rest}", scheme.to_ascii_lowercase())),
        _ => None,
    }
}

/// Who refuses such a file, and in which words.
fn said(uri: &str, fault: FetchFault<'_>) -> (Refuser, String) {
    let by_agent =
        |why: &str| (Refuser::Agent, format!("Failed to launch container: Could not fetch: {why}"));
    let by_fetcher = |why: &str| (Refuser::Fetcher, format!("Failed to fetch '{uri}': {why}"));
    match fault {
        FetchFault::Character(_) => by_agent("Illegal characters in URI"),
        FetchFault::NoPath => by_agent(&format!("Malformed URI (missing path): {uri}")),
        FetchFault::AbsoluteDestination => by_agent("URI output file must be within the sandbox directory"),
        FetchFault::RelativeFile => by_fetcher("File URI only supports absolute paths"),
        FetchFault::NoSlashes | FetchFault::Relative => by_fetcher(
            "A relative path was passed for the resource but the Mesos framework home was not specified. Please either \
             provide this config option or avoid using a relative path",
        ),
        FetchFault::Capitals | FetchFault::Scheme(_) => {
            by_fetcher("Failed to create HDFS client: Hadoop client is not available, exit status: 32512")
        }
        FetchFault::NoName | FetchFault::DirectoryDestination => {
            by_fetcher("Error downloading resource: Is a directory")
        }
        FetchFault::LongName { .. } => by_fetcher("Error downloading resource: File name too long"),
        FetchFault::Encoded => by_fetcher("cp failed with status: 256"),
        FetchFault::NoArchive => by_fetcher("Failed to extract archive: Unrecognized archive format"),
    }
}

/// Reports a file that agents are known not to have, and what is a directory there.
fn missing(at: Value<'_>, uri: &str, context: &mut Context<'_>) {
    let local = uri.strip_prefix("file://").map(|path| path.strip_prefix("localhost").unwrap_or(path));
    let Some(local) = local.or_else(|| uri.starts_with('/').then_some(uri)) else { return };
    let local = path::clean(local);
    let agents = &context.settings.agents;
    let is_directory = path::is_usual_directory(&local) || agents.has_directory(&local);
    if !is_directory && agents.has_path(&local) != Some(false) {
        return;
    }
    let why = if is_directory { "`source` was a directory" } else { "cp failed with status: 256" };
    let said = format!("Failed to fetch '{uri}': {why}");
    let found = refuse(context, &NOT_ON_AGENTS, at, Refuser::Fetcher, said);
    if is_directory {
        found.message =
            format!("no instance starts: `{local}` is a directory, and the fetcher copies files only");
        found.help = Some("pack it into an archive, or mount it as a volume".into());
    } else {
        found.message =
            "no instance starts: `[target.agents]` lists the paths of agents, and not this one".into();
        found.help = Some("put the file on all agents and on the list, or serve it over https".into());
    }
}

/// Reports files with the name of a directory that another file needs.
fn clashes(written: &[(Value<'_>, String)], context: &mut Context<'_>) {
    if written.len() < 2 {
        return;
    }
    let files: Set<&str> = written.iter().map(|(_, path)| path.as_str()).collect();
    for (at, path) in written {
        let above = path.match_indices('/').map(|(end, _)| &path[..end]).find(|above| files.contains(above));
        let Some(above) = above else { continue };
        let said = "Error downloading resource: Not a directory";
        let found = refuse(context, &CLASHING_DESTINATIONS, *at, Refuser::Fetcher, said);
        found.message =
            format!("no instance starts: the sandbox cannot have a file `{above}` and a file below it");
        found.help = Some("give one of the two another `destPath`".into());
    }
}
