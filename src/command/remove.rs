//! What `milepost app remove`, `pod remove` and `group remove` share.

use anyhow::bail;

use super::confirm::agreed;
use super::connection::Connection;
use super::remote::{Intent, Remote, forced};
use super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::listing::{apps, pods};
use crate::marathon::{Change, Resource, Verb, path_of_id};
use crate::state::is_below;
use crate::util::text::listed;

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
        let id = ids::of(resource, &self.id)?;
        let remote = Remote::open(&self.connection)?;
        let what = format!("{} {id}", resource.name());
        if id == "/" && !self.yes {
            bail!("everything on {} would be removed: --yes does it", remote.endpoint);
        }
        let with = match resource {
            Resource::App | Resource::Pod => "its tasks and versions",
            Resource::Group => "all that is in it",
        };
        let question = format!("remove {what} with {with} at {}?", remote.endpoint);
        if !agreed(&question, &format!("{what} was not removed"), self.yes, term)? {
            return Ok(Exit::Fine);
        }
        let intent = Intent { what: &what, undone: "was not removed" };
        let change = Change { verb: Verb::Delete, kind: resource.kind(), id: id.clone(), body: None };
        if let Some(why) = change.why_impossible() {
            remote.held(resource, &id)?;
            bail!("{what} was not removed: {why}{}", beside(&remote, &id)?);
        }
        // Without a word on it, Marathon cancels what holds the lock of an app.
        let path = forced(path_of_id(resource.path(), &id), self.force);
        match remote.change((Method::DELETE, &path), None, None, intent, term)? {
            Ok(accepted) => remote.deployed(&accepted, &format!("{what} is being removed"), None, term),
            Err(exit) => Ok(exit),
        }
    }
}

/// What else the group of an app has, in words.
fn beside(Remote { client, endpoint }: &Remote, id: &str) -> anyhow::Result<String> {
    let group = id.rsplit_once('/').map_or("/", |(group, _)| group);
    let apps = apps(client, endpoint)?.into_iter().map(|app| app.id);
    let pods = pods(client, endpoint)?.into_iter().map(|pod| pod.id);
    let mut others: Vec<String> =
        apps.chain(pods).filter(|other| is_below(other, group) && other != id).collect();
    others.sort();
    Ok(if others.is_empty() { String::new() } else { format!(", and also {}", listed(&others)) })
}
