//! `milepost status`

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde_json::json;

use super::deploy::{Server, ServerArgs, is_readiness_unknown, unknown_readiness};
use super::{Exit, Terminal, ids};
use crate::deploy::{Book, ServiceRecord, Watch, stall};
use crate::marathon::{InstanceState, Running};
use crate::source::Kind;
use crate::util::escape::on_one_line;
use crate::util::text::{self, column};

/// Show what runs: the version, how many instances of it, how many are healthy, since when, and why not more.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost status --url http://marathon.example:8080
  milepost status /shop/web
  milepost status /shop --format json

Exit codes: 0 all instances run, and are healthy; 1 some do not; 2 wrong usage, no such service, or no connection; 5 no \
answer in time.")]
pub(super) struct Args {
    /// Apps, pods and groups; by default all
    #[arg(value_name = "ID", value_parser = ids::group)]
    ids: Vec<String>,

    /// How to show it
    #[arg(long, value_enum, default_value = "text")]
    format: StatusFormat,

    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusFormat {
    /// A table
    Text,
    /// One JSON document
    Json,
}

/// A row of the table.
struct StatusRow {
    id: String,
    kind: &'static str,
    version: String,
    running: u64,
    /// The earlier versions that instances run, and how many of them each.
    earlier: BTreeMap<String, u64>,
    wanted: u64,
    healthy: Option<u64>,
    since: String,
    deployments: Vec<String>,
    why: Option<String>,
    note: Option<String>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let mut server = args.server.open(term)?;
    let is_all = args.ids.iter().any(|id| id == "/");
    let services = server.services(if is_all { &[][..] } else { &args.ids[..] })?;
    let Server { client, endpoint, settings, interrupts } = &mut server;
    let interrupts = std::sync::Arc::clone(interrupts);
    let mut watch = Watch::without_events(client, endpoint, settings, &interrupts);
    for (kind, running) in &services {
        watch.track(*kind, running)?;
    }
    if watch.book.services.values().any(|service| !is_fine(service)) {
        watch.look_at_queue()?;
    }
    let book = &watch.book;
    let rows: Vec<StatusRow> =
        services.iter().filter_map(|(kind, running)| row(*kind, running, book)).collect();
    let all_fine = book.services.values().all(is_fine);
    match args.format {
        StatusFormat::Text => table(&rows, term)?,
        StatusFormat::Json => {
            let rows: Vec<_> = rows.iter().map(as_json).collect();
            let report = json!({"version": 1, "server": endpoint.to_string(), "services": rows});
            let text = serde_json::to_string_pretty(&report)?;
            term.out_masked(&text)?;
        }
    }
    Ok(if all_fine { Exit::Fine } else { Exit::Findings })
}

fn is_fine(service: &ServiceRecord) -> bool {
    service.view.as_ref().is_some_and(|view| view.all_run() && view.deployments.is_empty())
}

fn row(kind: Kind, running: &Running, book: &Book) -> Option<StatusRow> {
    let service = book.services.get(running.id())?;
    let view = service.view.as_ref()?;
    let is_running = |state| state == InstanceState::Running;
    let since = running.instances.iter().filter(|instance| is_running(instance.state));
    let since = since.map(|instance| instance.since.clone()).max().unwrap_or_default();
    let deploys =
        (!view.deployments.is_empty()).then(|| format!("deployment {}", view.deployments.join(", ")));
    let why = (!is_fine(service)).then(|| {
        // After a deployment that was cancelled instances of the earlier definition go on running.
        let earlier = (!view.earlier.is_empty()).then(|| {
            let words = view.earlier.iter().map(|(version, number)| {
                let run = if *number == 1 { "runs" } else { "run" };
                let instances = text::instances(*number);
                format!("{instances} of the earlier version {version} {run}")
            });
            words.collect::<Vec<_>>().join(", ")
        });
        let is_told = stall::unreplaced(service).is_some();
        let none = (!is_told).then(|| "no deployment is under way".to_owned());
        let parts = [earlier, deploys.or(none), stall::reason(service, book)].into_iter().flatten();
        parts.collect::<Vec<_>>().join("; ")
    });
    Some(StatusRow {
        id: running.id().to_owned(),
        kind: kind.name(),
        version: view.version.clone(),
        running: view.running,
        earlier: view.earlier.clone(),
        wanted: view.wanted,
        healthy: view.has_checks.then_some(view.healthy),
        since,
        deployments: view.deployments.clone(),
        why,
        note: is_readiness_unknown(service).then(|| unknown_readiness(&[running.id().to_owned()])).flatten(),
    })
}

fn table(rows: &[StatusRow], term: &mut Terminal) -> anyhow::Result<()> {
    if rows.is_empty() {
        writeln!(term.err(), "nothing runs here")?;
        return Ok(());
    }
    let head = ["ID", "KIND", "VERSION", "RUNNING", "HEALTHY", "SINCE"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let healthy = row.healthy.map_or("-".to_owned(), |healthy| format!("{healthy}/{}", row.wanted));
        let since = if row.since.is_empty() { "-".to_owned() } else { row.since.clone() };
        let running = format!("{}/{}", row.running, row.wanted);
        [row.id.clone(), row.kind.to_owned(), row.version.clone(), running, healthy, since]
    });
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(cells).collect();
    let widths: Vec<usize> = (0..6).map(|at| column(lines.iter().map(|line| line[at].as_str()))).collect();
    for (index, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let text = cells.collect::<Vec<_>>().join("  ");
        writeln!(term.report(), "{}", on_one_line(text.trim_end()))?;
        let Some(row) = index.checked_sub(1).and_then(|row| rows.get(row)) else { continue };
        for (name, words) in [("why", &row.why), ("note", &row.note)] {
            if let Some(words) = words {
                writeln!(term.report(), "  {name}: {}", on_one_line(words))?;
            }
        }
    }
    Ok(())
}

fn as_json(row: &StatusRow) -> serde_json::Value {
    let earlier =
        row.earlier.iter().map(|(version, running)| json!({"version": version, "running": running}));
    let earlier: Vec<_> = earlier.collect();
    json!({"id": row.id, "kind": row.kind, "version": row.version, "running": row.running,
        "earlierVersionsRunning": row.earlier.values().sum::<u64>(), "earlierVersions": earlier, "wanted": row.wanted, "healthy": row.healthy, "since": Some(&row.since).filter(|since| !since.is_empty()), "deployments": row.deployments, "why": row.why, "note": row.note})
}
