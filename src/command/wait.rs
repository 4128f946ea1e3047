//! `milepost wait`

use anyhow::bail;

use super::deploy::{
    ChangeArgs, Interruption, NotBegun, ProgressLines, ReportFormat, Run, Server, ServerArgs, WatchArgs,
    absolute, end, tell_interruption, watched, write_report,
};
use super::remote::{CREATED, Remote};
use super::{Exit, Terminal, ids};
use crate::deploy::{self, Ended, Limits, ServiceRecord, Watch};
use crate::marathon::Accepted;
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
out; 8 it is not known how it ended; 9 it failed; 130 interrupted.")]
pub(super) struct Args {
    /// Deployments, and apps and pods
    #[arg(required = true, value_name = "DEPLOYMENT|ID", value_parser = ids::deployment_or_service)]
    names: Vec<String>,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    server: ServerArgs,
}

/// A service to wait for.
struct ServiceToAwait {
    id: String,
    deployment: Option<String>,
    /// The deployment removes it.
    goes: bool,
}

impl ServiceToAwait {
    /// The services that a deployment changes.
    fn of(deployment: &Deployment) -> impl Iterator<Item = Self> {
        deployment.affected.iter().map(|id| Self {
            id: id.clone(),
            deployment: Some(deployment.id.clone()),
            goes: deployment.actions.iter().any(|(action, one)| one == id && action.starts_with("Stop")),
        })
    }
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    end(wait(args, term), args.watch.report, || args.server.address(), term)
}

fn wait(args: &Args, term: &mut Terminal) -> anyhow::Result<Run> {
    let limits = args.watch.limits();
    let server = args.server.open_until(limits.until, term)?;
    let list = server.client.deployments(&server.endpoint)?;
    let awaited = awaited(&args.names, &list, &server)?;
    watch(server, awaited, limits, args.watch.report, term)
}

/// Waits for these services, which a deployment changes that was just begun, and tells how it ended.
fn wait_for(
    server: Server,
    ids: &[String],
    deployment: Option<&str>,
    (limits, report): (Limits, ReportFormat),
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let awaited = |id: &String| ServiceToAwait {
        id: id.clone(),
        deployment: deployment.map(str::to_owned),
        goes: false,
    };
    watch(server, ids.iter().map(awaited).collect(), limits, report, term)
}

/// Tells that a change was accepted, and waits for these services where that is wanted.
pub(super) fn wait_for_accepted(
    (remote, at): (Remote, &ServerArgs),
    accepted: &Accepted,
    (sentence, ids): (&str, &[String]),
    (how, limits): (&ChangeArgs, Limits),
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let report = how.report();
    let exit = match (report, &accepted.deployment) {
        (ReportFormat::Text, _) | (_, None) => remote.deployed(accepted, sentence, CREATED, term)?,
        // On standard output there is only a report for programs.
        (_, Some(deployment)) => {
            writeln!(term.err(), "{sentence} at {}; deployment {deployment}", remote.endpoint)?;
            Exit::Fine
        }
    };
    if !how.wait {
        return Ok(Run::Reported(exit));
    }
    if exit != Exit::Fine {
        return Ok(Run::NotBegun(NotBegun::at(&remote.endpoint, exit)));
    }
    let server = at.server(remote, term)?;
    wait_for(server, ids, accepted.deployment.as_deref(), (limits, report), term)
}

/// Watches a deployment that runs, and tells how it ended.
pub(super) fn watch_deployment(
    server: Server,
    id: &str,
    limits: Limits,
    report: ReportFormat,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let list = server.client.deployments(&server.endpoint)?;
    let Some(deployment) = list.iter().find(|deployment| deployment.id == id) else {
        bail!("{}", not_running(id, &server));
    };
    let awaited = ServiceToAwait::of(deployment).collect();
    watch(server, awaited, limits, report, term)
}

/// Watches services, and tells how it ended.
fn watch(
    mut server: Server,
    awaited: Vec<ServiceToAwait>,
    limits: Limits,
    report: ReportFormat,
    term: &mut Terminal,
) -> anyhow::Result<Run> {
    let (mut services, mut going) = (Vec::new(), Vec::new());
    for ServiceToAwait { id, deployment, goes } in awaited {
        match server.find(&id)? {
            found if goes => going.push((found.map_or(Kind::App, |(kind, _)| kind), id, deployment)),
            Some((kind, running)) => services.push((kind, running, deployment)),
            None => return Err(server.unknown(&id)),
        }
    }
    let Server { client, endpoint, settings, interrupts } = &mut server;
    let interrupts = std::sync::Arc::clone(interrupts);
    let mut watch = Watch::open(client, endpoint, settings, &interrupts, limits.until);
    for (kind, running, deployment) in &services {
        let kind: Kind = *kind;
        watch.track(kind, running)?;
        // The deployment of an app that was not named is the one that changes it now.
        let deployment = deployment.as_ref().or(running.deployments.first());
        if let Some(deployment) = deployment {
            watch.note_previous(kind, running)?;
            watch.book.ask(deployment, &[running.id().to_owned()]);
        }
    }
    for (kind, id, deployment) in going {
        watch.book.services.insert(id.clone(), ServiceRecord::new(&id, kind, deploy::Awaited::Gone));
        if let Some(deployment) = &deployment {
            watch.book.ask(deployment, &[id]);
        }
    }
    let ended = watch.run(limits, &mut ProgressLines::new(term));
    let book = std::mem::take(&mut watch.book);
    drop(watch);
    let mut outcome = watched(&book, &ended);
    if let Ended::Interrupted = ended {
        // What another client has started is not cancelled by leaving.
        let told = (&book, &mut outcome.services[..]);
        outcome.sentence =
            tell_interruption(told, (client, endpoint), Interruption::Leave, &interrupts, term)?;
    }
    write_report(report, &outcome, &endpoint.to_string(), term)?;
    Ok(Run::Reported(outcome.exit))
}

/// The services that are meant: by their ids, or by the deployment that changes them.
fn awaited(names: &[String], list: &[Deployment], server: &Server) -> anyhow::Result<Vec<ServiceToAwait>> {
    let mut all: Vec<ServiceToAwait> = Vec::new();
    for name in names {
        if let Some(deployment) = list.iter().find(|deployment| deployment.id == *name) {
            all.extend(ServiceToAwait::of(deployment));
        } else if is_uuid(name) {
            bail!("{}", not_running(name, server));
        } else {
            let id = absolute(name);
            let deployment = list.iter().find(|deployment| deployment.affected.contains(&id));
            all.push(ServiceToAwait {
                id,
                deployment: deployment.map(|deployment| deployment.id.clone()),
                goes: false,
            });
        }
    }
    Ok(all)
}

/// The sentence on a deployment that is not listed.
fn not_running(id: &str, server: &Server) -> String {
    format!(
        "deployment {id} does not run on {}: it has finished, was cancelled, or never was, and Marathon does not keep which; \
         `milepost status` shows what runs now, and `milepost wait APP-ID` says whether all of an app runs",
        server.endpoint
    )
}

/// Whether a name has the form of a deployment's id.
fn is_uuid(name: &str) -> bool {
    let lengths: Vec<usize> = name.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && name.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}
