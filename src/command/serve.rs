//! `milepost serve`

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;

use super::target::{NO_FILES, NamedTarget};
use super::{Exit, Terminal};
use crate::server::front::{self, ServerSetup};
use crate::server::simulate::agent::read_agents;
use crate::server::world::options::{Checks, Options};
use crate::server::world::saved::Saved;
use crate::util::escape::{on_one_line, shown_path};

/// Run an embedded Marathon to try definitions and deployments on.
///
/// It has Marathon's HTTP API over milepost's own checks: apps, pods, groups, deployments, queue, tasks, versions and events. The
/// agents are simulated, so no program is run: a task runs until it is killed, and one whose command is `exit 1` fails. Checks
/// that Mesos makes pass. Checks that Marathon makes itself (HTTP, HTTPS, TCP, readiness) are really made, to the agents'
/// addresses 127.0.1.1 to 127.0.1.4, unless --checks pass is given.
///
/// Labels of an app or pod make its tasks fail, start slowly or stay unhealthy, and POST /milepost/… makes the server
/// misbehave: GET /milepost/help lists both.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  milepost serve
  milepost serve --port 0 --target dcos-2.1
  milepost serve --chaos 7 --speed 10
  curl -X POST 'http://127.0.0.1:8080/milepost/fail?id=/web&message=gone'")]
pub(super) struct Args {
    /// The port to listen on; 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,

    /// The address to listen on. Anyone who reaches it can change everything: there is no sign-in
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// Answer requests to this name too; can be repeated
    ///
    /// A server that only this machine reaches answers requests to an address, to localhost and to the name given with
    /// --host: a page in a browser could make any other name lead here. One that other machines reach answers to every name.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    allow_host: Vec<String>,

    /// A JSON file of agents: [{"hostname": "10.0.0.1", "cpus": 4, "mem": 8192, "role": "*", "attributes": {"rack": "a"}}, …]
    #[arg(long, value_name = "FILE")]
    agents: Option<PathBuf>,

    /// Keep groups, apps, pods and deployments in this file, and go on with what it has; without it all is lost when the server ends
    ///
    /// It is written a moment after each change, and before the server ends. One that is killed (SIGKILL) may lose the last change.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// The seed of ids and ports
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    seed: u64,

    /// Make things go wrong at random, the same way for the same seed
    #[arg(long, value_name = "SEED", num_args = 0..=1, default_missing_value = "0")]
    chaos: Option<u64>,

    /// Serve a page at /ui/; the default on a terminal
    ///
    /// It shows apps, deployments, the queue and events, and checks definitions.
    #[arg(long, overrides_with = "no_ui")]
    ui: bool,

    /// Leave /ui/ empty, as Marathon does
    #[arg(long, overrides_with = "ui", hide_short_help = true)]
    no_ui: bool,

    /// How checks of Marathon itself are answered
    #[arg(long, value_enum, default_value = "probe", hide_short_help = true)]
    checks: ChecksArg,

    /// Divide all delays of the simulated cluster by this
    #[arg(long, value_name = "FACTOR", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    speed: u64,

    /// Time stands still until POST /milepost/advance?seconds=… moves it
    #[arg(long, hide_short_help = true)]
    virtual_clock: bool,

    /// The most deployments that run at once
    #[arg(
        hide_short_help = true,
        long,
        alias = "max_running_deployments",
        value_name = "COUNT",
        default_value_t = 100
    )]
    max_running_deployments: usize,

    /// The first service port
    #[arg(
        hide_short_help = true,
        long,
        alias = "local_port_min",
        value_name = "PORT",
        default_value_t = 10_000
    )]
    local_port_min: u64,

    /// The last service port
    #[arg(
        hide_short_help = true,
        long,
        alias = "local_port_max",
        value_name = "PORT",
        default_value_t = 20_000
    )]
    local_port_max: u64,

    /// Taken as Marathon takes it: reservations are made in any case
    #[arg(hide = true, long, alias = "mesos_authentication_principal", value_name = "NAME")]
    mesos_authentication_principal: Option<String>,

    /// Taken as Marathon takes it; only `unreserved` is known
    #[arg(hide = true, long, alias = "accepted_resource_roles_default_behavior", value_name = "WORD")]
    accepted_resource_roles_default_behavior: Option<String>,

    #[command(flatten)]
    target: NamedTarget,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ChecksArg {
    /// They are made
    Probe,
    /// They pass
    Pass,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let settings = args.target.settings(NO_FILES)?;
    let agents = match &args.agents {
        Some(file) => {
            let text =
                crate::source::read(file).with_context(|| format!("cannot read {}", shown_path(file)))?;
            let agents =
                read_agents(&text).with_context(|| format!("{} is no list of agents", shown_path(file)))?;
            anyhow::ensure!(!agents.is_empty(), "{} has no agents", shown_path(file));
            Some(agents)
        }
        None => None,
    };
    // It is held until the server ends.
    let held = args.state.as_deref().map(crate::source::hold).transpose()?;
    if let (Some(file), Some(None)) = (&args.state, &held) {
        let file = shown_path(file);
        anyhow::bail!(
            "another milepost serve keeps its state in {file}: end it, or give this one another file"
        );
    }
    let saved = match &args.state {
        Some(file) if file.exists() => {
            let text =
                crate::source::read(file).with_context(|| format!("cannot read {}", shown_path(file)))?;
            let saved: Saved = serde_json::from_str(&text)
                .with_context(|| format!("{} was not written by milepost serve", shown_path(file)))?;
            Some(saved)
        }
        _ => None,
    };
    let options = Options {
        max_deployments: args.max_running_deployments,
        ports: (args.local_port_min, args.local_port_max),
        seed: args.seed,
        chaos: args.chaos,
        checks: match args.checks {
            ChecksArg::Probe => Checks::Probe,
            ChecksArg::Pass => Checks::Pass,
        },
        speed: args.speed,
        ..Options::new(settings)
    };
    let on_terminal = term.out_is_terminal() || term.err_is_terminal();
    let has_page = args.ui || (on_terminal && !args.no_ui);
    let is_virtual = args.virtual_clock;
    let names = args.allow_host.iter().chain([&args.host]).cloned().collect();
    let running =
        ServerSetup { options, agents, is_virtual, state: args.state.clone(), has_page, saved, names, warn };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let bound = front::bind(&args.host, args.port)
            .await
            .with_context(|| format!("cannot listen on {}:{}", args.host, args.port))?;
        let address = bound.address;
        writeln!(term.err(), "an embedded Marathon is at http://{address}")?;
        if has_page {
            writeln!(term.err(), "its page is at http://{address}/ui/")?;
        }
        if !address.ip().is_loopback() {
            writeln!(
                term.err(),
                "warning: {address} is open to other machines, and there is no sign-in; --host 127.0.0.1 closes it"
            )?;
        }
        term.err().flush()?;
        front::serve(bound, running).await.context("the server failed")
    })?;
    Ok(Exit::Fine)
}

/// A warning while requests are answered, when nothing else writes.
fn warn(text: &str) {
    // Where standard error is gone, there is no place for a message.
    let _ = writeln!(io::stderr(), "warning: {}", on_one_line(text));
}
