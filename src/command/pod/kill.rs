//! `milepost pod kill`

use anyhow::bail;
use serde_json::{Value as Json, json};

use super::super::connection::Connection;
use super::super::remote::{Intent, Remote, json_of};
use super::super::{Exit, Terminal, ids};
use crate::http::Method;
use crate::marathon::{Resource, path_of_id};
use crate::util::text::{count, listed};

/// Kill instances of a pod; Marathon starts others in their place
///
/// `milepost pod show` has their ids. Those that are killed are printed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Exit codes: 0 they are being killed; 2 wrong usage, no such pod or instance, or no connection; 3 refused; 5 no answer in \
time; 8 they may have been killed.")]
#[group(skip)]
pub(super) struct Args {
    /// The pod
    #[arg(value_name = "POD-ID", value_parser = ids::service)]
    id: String,
    /// The instances
    #[arg(value_name = "INSTANCE-ID")]
    instances: Vec<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if args.instances.is_empty() {
        bail!("Please provide at least one pod instance ID: `milepost pod show {}` has them", args.id);
    }
    let id = args.id.as_str();
    if let Some(instance) = args.instances.iter().find(|instance| !is_instance(instance)) {
        bail!(
            "{instance} is not the id of an instance of a pod, such as shop_web.instance-1b39896a-51a8-149b-93cb-9f0c747ea2ea: \
             nothing was killed; `milepost pod show {id}` has their ids"
        );
    }
    let remote = Remote::open(&args.connection)?;
    let path = path_of_id("v2/pods", id);
    // Marathon looks at the ids of the instances first.
    remote.document(&format!("{path}::status"), &remote.missing(Resource::Pod, id))?;
    let what = format!("the instances of pod {id}");
    let intent = Intent { what: &what, undone: "were not killed" };
    let body = json!(args.instances).to_string();
    let sent = (Method::DELETE, &*format!("{path}::instances"));
    let accepted = match remote.change(sent, Some(body), None, intent, term)? {
        Ok(accepted) => accepted,
        Err(exit) => return Ok(exit),
    };
    let answer = json_of(&accepted);
    let id_of = |instance: &Json| {
        // Before 1.9 the id is an object.
        let id = instance.get("instanceId")?;
        id.get("idString").unwrap_or(id).as_str().map(str::to_owned)
    };
    let Some(answered) = answer.as_array() else { return Ok(remote.names_no("instances", term)?) };
    let killed: Vec<String> = answered.iter().filter_map(id_of).collect();
    if answered.is_empty() {
        bail!("pod {id} has none of these instances, so none was killed: {}", listed(&args.instances));
    }
    if !term.says_as_dcos() {
        killed.iter().try_for_each(|id| term.out_line(id))?;
        term.out().flush()?;
    }
    let instances = count(answered.len(), "instance");
    writeln!(term.err(), "killed {instances} of pod {id} at {}", remote.endpoint)?;
    let unknown: Vec<String> = args.instances.iter().filter(|id| !killed.contains(id)).cloned().collect();
    if !unknown.is_empty() {
        bail!("pod {id} has no such instances, and they were not killed: {}", listed(&unknown));
    }
    Ok(Exit::Fine)
}

/// Whether Marathon reads this as the id of an instance (`Instance.Id` of 1.11). It refuses what it cannot read by its place
/// in the request.
fn is_instance(id: &str) -> bool {
    id.rsplit_once('.').is_some_and(|(service, instance)| {
        let uuid = instance.strip_prefix("instance-").or_else(|| instance.strip_prefix("marathon-"));
        !service.is_empty() && uuid.is_some_and(|uuid| !uuid.is_empty())
    })
}
