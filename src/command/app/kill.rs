//! `milepost app kill`

use anyhow::bail;
use clap::builder::NonEmptyStringValueParser;
use serde_json::{Value as Json, json};

use super::super::connection::Connection;
use super::super::remote::{Intent, Remote, json_of, task_ids};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::listing::{TaskRow, tasks};
use crate::marathon::{Accepted, Resource, has_address, path_of_id};
use crate::util::escape::uri;
use crate::util::text::{count, instances, listed};

/// Kill the tasks of an app
///
/// Marathon starts others in their place, unless --scale says to have as many instances less: without --host none. The ids
/// of the tasks are printed, with --scale the deployment.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost app kill /shop/web
  milepost app kill /shop/web --host agent-7.example
  milepost app kill /shop/web --scale
  milepost app kill /shop/web --scale --host agent-7.example

Exit codes: 0 they are being killed, or there are none; 2 wrong usage, no such app, or no connection; 3 refused; 4 locked \
by a deployment; 5 no answer in time; 8 they may have been killed.")]
#[group(skip)]
pub(super) struct Args {
    /// The app
    #[arg(value_name = "APP-ID", value_parser = ids::service)]
    id: String,
    /// Have as many instances less: without --host none
    #[arg(long)]
    scale: bool,
    /// Kill only the tasks on this agent
    #[arg(long, value_name = "HOST", value_parser = NonEmptyStringValueParser::new())]
    host: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_str();
    expect_no_pod(&remote, id)?;
    match (&args.host, args.scale) {
        (Some(host), true) => return scale_on(&remote, id, host, term),
        (None, true) => return scale(&remote, id, term),
        _ => {}
    }
    let (method, path, body) = request(args, &remote)?;
    let intent = Intent { what: &format!("the tasks of app {id}"), undone: "were not killed" };
    let accepted = match remote.change((method, &path), body, None, intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let answer = match remote.killed(&accepted, term)? {
        Ok(answer) => answer,
        Err(exit) => return Ok(exit),
    };
    let ids = task_ids(&answer);
    if term.says_as_dcos() {
        let tasks = answer.get("tasks").cloned().unwrap_or_default();
        term.out_json(&format!("Killed tasks: {}", in_order(tasks)))?;
    } else {
        ids.iter().try_for_each(|id| term.out_line(id))?;
    }
    term.out().flush()?;
    let where_ = args.host.as_ref().map(|host| format!(" on {host}")).unwrap_or_default();
    if ids.is_empty() {
        writeln!(term.err(), "app {id} has no tasks{where_}: none were killed")?;
    } else {
        let tasks = count(ids.len(), "task");
        writeln!(term.err(), "killed {tasks} of app {id}{where_} at {}: {}", remote.endpoint, listed(&ids))?;
    }
    Ok(Exit::Fine)
}

/// Refuses the id of a pod: Marathon would kill its tasks as well.
fn expect_no_pod(remote: &Remote, id: &str) -> anyhow::Result<()> {
    let Remote { client, endpoint } = remote;
    let is_app = client.service(endpoint, Resource::App, id)?.is_some();
    if !is_app && client.service(endpoint, Resource::Pod, id)?.is_some() {
        bail!(
            "{id} is a pod at {endpoint}, and nothing was killed: `milepost pod kill {id} INSTANCE-ID` kills its instances, \
             and `milepost pod show {id}` has their ids"
        );
    }
    Ok(())
}

/// Names in the order of the alphabet, as the old command writes them.
fn in_order(mut json: Json) -> Json {
    json.sort_all_objects();
    json
}

/// The request that kills the tasks that are meant: by their ids where Marathon has no address for the app.
fn request(args: &Args, remote: &Remote) -> anyhow::Result<(Method, String, Option<String>)> {
    let Args { id, host, .. } = args;
    if has_address(Resource::App, id) {
        let host = host.as_ref().map(|host| format!("?host={}", uri(host))).unwrap_or_default();
        return Ok((Method::DELETE, format!("{}/tasks{host}", path_of_id("v2/apps", id)), None));
    }
    let ids = ids_on(remote, id, host.as_deref())?;
    Ok((Method::POST, "v2/tasks/delete".to_owned(), Some(these(&ids))))
}

/// The body that names tasks.
fn these(ids: &[String]) -> String {
    json!({ "ids": ids }).to_string()
}

/// Says what the old command says of a deployment that scales.
fn say_as_dcos(accepted: &Accepted, term: &mut Terminal) -> anyhow::Result<()> {
    if term.says_as_dcos() {
        term.out_json(&format!("Started deployment: {}", in_order(json_of(accepted))))?;
    }
    Ok(())
}

/// The ids of an app's tasks: of those on this agent where one is named.
fn ids_on(remote: &Remote, id: &str, host: Option<&str>) -> anyhow::Result<Vec<String>> {
    remote.held(Resource::App, id)?;
    let all = tasks(&remote.client, &remote.endpoint)?;
    let is_meant = |task: &TaskRow| task.app_id == *id && host.is_none_or(|host| task.host == host);
    Ok(all.into_iter().filter(is_meant).map(|task| task.id).collect())
}

/// Kills the tasks on an agent, and takes as many instances from the app.
fn scale_on(remote: &Remote, id: &str, host: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
    let ids = ids_on(remote, id, Some(host))?;
    if ids.is_empty() {
        writeln!(term.err(), "app {id} has no tasks on {host}: none were killed, and it is not scaled")?;
        return Ok(Exit::Fine);
    }
    let intent = Intent { what: &format!("the tasks of app {id}"), undone: "were not killed" };
    let sent = (Method::POST, "v2/tasks/delete?scale=true");
    let accepted = match remote.change(sent, Some(these(&ids)), None, intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    say_as_dcos(&accepted, term)?;
    let tasks = count(ids.len(), "task");
    let sentence = format!(
        "{tasks} of app {id} on {host} {} being killed, and it has as many instances less: {}",
        if ids.len() == 1 { "is" } else { "are" },
        listed(&ids)
    );
    remote.deployed(&accepted, &sentence, None, term)
}

/// Takes all instances from an app, as the old command does.
fn scale(remote: &Remote, id: &str, term: &mut Terminal) -> anyhow::Result<Exit> {
    // Asked to change an app that does not exist, Marathon would make it.
    let app = super::row(remote, id)?;
    let intent = Intent { what: &format!("the tasks of app {id}"), undone: "were not killed" };
    let accepted = match super::scale(remote, id, (0, false), intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    say_as_dcos(&accepted, term)?;
    let had = instances(app.instances);
    let sentence =
        format!("the tasks of app {id} are being killed, and it is scaled to 0 instances; it had {had}");
    remote.deployed(&accepted, &sentence, None, term)
}
