//! `milepost task list`

use anyhow::bail;

use super::super::connection::Connection;
use super::super::listing::{ListArgs, Listing};
use super::super::remote::Remote;
use super::super::{Exit, Terminal, ids};
use crate::marathon::Resource;
use crate::marathon::listing::{TASK_HEAD, TaskRow, tasks};
use crate::source::Value;
use crate::state::is_below;

/// List the tasks of all apps, of one app, or of a group
///
/// HEALTHY is True where no health check fails, also for an app without any.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 shown; 2 wrong usage, no such app, or no connection; 3 refused; 5 no answer in time.")]
#[group(skip)]
pub(super) struct Args {
    /// Only those of this app or group
    #[arg(value_name = "APP-ID", value_parser = ids::group)]
    id: Option<String>,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let remote = Remote::open(&args.connection)?;
    let id = args.id.as_deref();
    let is_meant = |app: &str| id.is_none_or(|id| is_below(app, id));
    if let Some(id) = id {
        let exists = |resource| remote.client.service(&remote.endpoint, resource, id).map(|it| it.is_some());
        if !exists(Resource::App)? && !exists(Resource::Group)? {
            if exists(Resource::Pod)? {
                bail!("{id} is a pod at {}: `milepost pod show {id}` has its instances", remote.endpoint);
            }
            bail!("{}", remote.missing(Resource::App, id));
        }
    }
    let listing = Listing {
        whole: ("v2/tasks", Some("tasks")),
        is_meant: &|task: Value<'_>| {
            task.get("appId").and_then(|app| app.as_str()).is_some_and(|app| is_meant(&app))
        },
        rows: &|remote| {
            let all = tasks(&remote.client, &remote.endpoint)?;
            Ok(all.into_iter().filter(|task| is_meant(&task.app_id)).collect())
        },
        head: TASK_HEAD,
        cells: &TaskRow::cells,
        id: &|task| &task.id,
        nothing: "there are no tasks",
    };
    listing.show(&args.list, &remote, term)
}
