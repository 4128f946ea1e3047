//! `milepost wait`

use anyhow::bail;

use super::deploy::{
    Interruption, ProgressLines, Server, ServerArgs, WatchArgs, absolute, tell_interruption, watched,
    write_report,
};
use super::{Exit, Terminal};
use crate::deploy::{Ended, Watch};
use crate::marathon::Deployment;
use crate::source::Kind;

/// Wait for a deployment that another client has started, or for services, and say how it ended.
///
/// The exit code is 0 only when all instances of what is stored run, healthy where there are checks, and the deployment has
/// finished. A deployment that is not listed any more may have finished or been cancelled: name its services to know what
/// runs.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost wait /shop/web --url http://marathon.example:8080
  milepost wait 5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43 --timeout 15m
  milepost wait /shop/web /shop/db --stable 30s

Exit codes: 0 all of it runs; 2 wrong usage, no such deployment or service, or no connection; 3 the server refused; 5 timed \
out; 9 it failed; 130 interrupted.")]
pub(super) struct Args {
    /// Deployments, and apps and pods
    #[arg(required = true, value_name = "DEPLOYMENT|ID")]
    names: Vec<String>,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    server: ServerArgs,
}

/// A service to wait for.
struct Awaited {
    id: String,
    deployment: Option<String>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut server = args.server.open(term)?;
    let list = server.client.deployments(&server.endpoint)?;
    let awaited = awaited(&args.names, &list, &server)?;
    let mut services = Vec::new();
    for Awaited { id, deployment } in awaited {
        match server.find(&id)? {
            Some((kind, running)) => services.push((kind, running, deployment)),
            None => bail!("{id}: {} has no app and no pod of this id", server.endpoint),
        }
    }
    let Server { client, endpoint, settings, interrupts } = &mut server;
    let interrupts = std::sync::Arc::clone(interrupts);
    let mut watch = Watch::open(client, endpoint, settings, &interrupts);
    for (kind, running, deployment) in &services {
        let kind: Kind = *kind;
        watch.track(kind, running)?;
        // The deployment of an app that was not named is the one that changes it now.
        let deployment = deployment.as_ref().or(running.deployments.first());
        if let Some(deployment) = deployment {
            watch.book.ask(deployment, &[running.id().to_owned()]);
        }
    }
    let ended = watch.run(args.watch.limits(), &mut ProgressLines::new(term));
    let book = std::mem::take(&mut watch.book);
    drop(watch);
    let mut outcome = watched(&book, &ended);
    if let Ended::Interrupted = ended {
        // What another client has started is not cancelled by leaving.
        outcome.sentence =
            tell_interruption(&book, (client, endpoint), Interruption::Leave, &interrupts, term)?;
    }
    write_report(args.watch.report, &outcome, &endpoint.to_string(), term)?;
    Ok(outcome.exit)
}

/// The services that are meant: by their ids, or by the deployment that changes them.
fn awaited(names: &[String], list: &[Deployment], server: &Server) -> anyhow::Result<Vec<Awaited>> {
    let mut all: Vec<Awaited> = Vec::new();
    for name in names {
        if let Some(deployment) = list.iter().find(|deployment| deployment.id == *name) {
            let affected = deployment.affected.iter().cloned();
            all.extend(affected.map(|id| Awaited { id, deployment: Some(deployment.id.clone()) }));
        } else if is_uuid(name) {
            bail!(
                "deployment {name} does not run on {}: it has finished, was cancelled, or never was; name its services \
                 to know what runs",
                server.endpoint
            );
        } else {
            let id = absolute(name);
            let deployment = list.iter().find(|deployment| deployment.affected.contains(&id));
            all.push(Awaited { id, deployment: deployment.map(|deployment| deployment.id.clone()) });
        }
    }
    Ok(all)
}

/// Whether a name has the form of a deployment's id.
fn is_uuid(name: &str) -> bool {
    let lengths: Vec<usize> = name.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && name.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}
