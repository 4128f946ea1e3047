//! `milepost creds cluster`

use std::path::PathBuf;

use anyhow::Context as _;

use crate::credential::check::View;
use crate::credential::clock;
use crate::credential::cluster::{PARAMETERS, PATH, SERVICES, inspect, restart};
use crate::definition::Containerizer;
use crate::source;
use crate::util::escape::shown_path;

use super::super::output::named_file;
use super::common::{ConfigArg, WantedRegistries, hand_out, tell, tell_of};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
DC/OS can give every task on a cluster credentials, on both containerizers. With the parameters \
printed here it makes a blank file on each agent and leaves it to you, so that the credentials \
themselves are not in config.yaml. Put them into /etc/mesosphere/docker_credentials on every agent, \
before or after the installation, and restart the agent service. An agent does not start with an empty \
or invalid file, so check it first.

Examples:
  The parameters for config.yaml:
    milepost creds cluster

  The file for the agents, and a check of it:
    milepost creds cluster --registry registry.example.com:5000 -o docker_credentials
    milepost creds cluster --check docker_credentials

Exit codes: 0 done, or no problem found; 1 the file has problems; 2 wrong usage, an unreadable file, or \
no credentials for a registry.";

/// Give all services of a DC/OS cluster credentials.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("registries").multiple(true).args(["registry", "definitions"]))]
pub(super) struct Args {
    #[command(flatten)]
    wanted: WantedRegistries,

    #[command(flatten)]
    config: ConfigArg,

    /// Write the agents' file here; `-` is standard output
    #[arg(short, long, value_name = "FILE", requires = "registries")]
    output: Option<PathBuf>,

    /// Check an existing file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "config"])]
    check: Option<PathBuf>,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    if let Some(path) = &args.check {
        let asked = (!args.wanted.is_empty()).then(|| args.wanted.registries(term)).transpose()?;
        let asked = asked.map(|registries| registries.asked());
        let view = View { containerizer: Containerizer::Mesos, asked: asked.as_ref(), now: clock::now() };
        let exit = tell(&inspect(source::read_bytes(path)?, view), term)?;
        if exit == Exit::Fine {
            writeln!(term.err(), "fine: {}", shown_path(&path))?;
            restarts(term)?;
        }
        return Ok(exit);
    }
    if args.wanted.is_empty() {
        return parameters(term);
    }
    let registries = args.wanted.registries(term)?;
    let (file, config) = args.config.read()?;
    let logins = registries.select(&file, &config, term)?;
    args.wanted.tell_of_parts(term)?;
    let (text, exit) = tell_of(&logins, Containerizer::Mesos, term)?;
    hand_out(args.output.as_deref(), text.as_bytes(), term)?;
    if let Some(output) = named_file(args.output.as_deref()) {
        writeln!(term.err(), "wrote {}; on every agent it is {PATH} (root, 0600)", shown_path(&output))?;
        restarts(term)?;
    }
    Ok(exit)
}

/// Prints the parameters as YAML for config.yaml.
fn parameters(term: &mut Terminal) -> anyhow::Result<Exit> {
    let out = term.out();
    for (name, value) in PARAMETERS {
        writeln!(out, "{name}: '{value}'").context("cannot write to standard output")?;
    }
    writeln!(term.err(), "the credentials go into {PATH} on every agent")?;
    restarts(term)?;
    Ok(Exit::Fine)
}

fn restarts(term: &mut Terminal) -> anyhow::Result<()> {
    writeln!(term.err(), "agents read it when they start:")?;
    for (who, service) in SERVICES {
        writeln!(term.err(), "  {:42}  # {who}", restart(service))?;
    }
    Ok(())
}
