//! `milepost creds archive`

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use crate::credential::config::Form;
use crate::credential::pack::{self, pack};
use crate::definition::Containerizer;
use crate::registry::agents::{AgentPath, Runner, SentFile};
use crate::util::escape::shown_path;

use super::super::agents::{AgentsArgs, sent_path};
use super::super::output::named_file;
use super::common::{ConfigArg, WantedRegistries, hand_out, tell_of};
use super::{Exit, Terminal};

const EXAMPLES: &str = "\
The archive has `.docker/` (0700) and `.docker/config.json` (0600) in it, owned by root, with the \
requested credentials and no others: everybody who reads the sandbox of a service has them. The same \
credentials give the same bytes. Only its owner can read the archive itself (0600).

With --mode 0644 every user can read the unpacked files (0755 and 0644). That is for agents where \
Docker runs as another user than the fetcher; the service can then read them, too.

Examples:
  The credentials that the images of some definitions need:
    milepost creds archive --for web.json -o docker.tar.gz

  One registry by its name:
    milepost creds archive --registry registry.example.com:5000 -o docker.tar.gz

  To every agent that Mesos knows, under the same path, and into the definitions:
    milepost creds archive --for web.json -o docker.tar.gz --ssh \\
      --agents-from slaves.json > send.sh && sh send.sh
    milepost wire web.json --archive file:///etc/docker.tar.gz --write

With --ssh standard output is a script that sends the file, with ssh and sudo, to /etc/docker.tar.gz of \
each agent (0600); the credentials are read from the file when it runs, and are not part of it. An agent \
that has them already stays as it is; one that fails is named, and the others are done.

Exit codes: 0 done; 1 done, but the credentials have problems, which are reported; 2 wrong usage, an \
unreadable file, or no credentials for a registry.";

/// Make the docker.tar.gz that the Docker Engine's pulls take credentials from.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("registries").required(true).multiple(true).args(["registry", "definitions"]))]
pub(super) struct Args {
    #[command(flatten)]
    wanted: WantedRegistries,

    #[command(flatten)]
    config: ConfigArg,

    /// Write to this file; `-` is standard output, and so is a file that it is redirected to
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Who may read the unpacked files: 0600 root only, 0644 everybody
    #[arg(long, value_enum, default_value = "0600")]
    mode: FileMode,

    /// The old form, for Docker before 1.7: a plain .dockercfg, to be fetched under that name
    #[arg(long, conflicts_with_all = ["mode", "ssh"])]
    dockercfg: bool,

    #[command(flatten)]
    agents: AgentsArgs,

    /// Where the archive is on the agents
    #[arg(
        hide_short_help = true,
        long,
        value_name = "PATH",
        requires = "ssh",
        default_value = "/etc/docker.tar.gz",
        help_heading = "On all agents"
    )]
    agent_path: AgentPath,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileMode {
    #[value(name = "0600")]
    Owner,
    #[value(name = "0644")]
    Everybody,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    // Before anything is written.
    let sender = if args.agents.ssh { Some(args.sender(term)?) } else { None };
    let registries = args.wanted.registries(term)?;
    let (path, config) = args.config.read()?;
    let logins = registries.select(&path, &config, term)?;
    args.wanted.tell_of_parts(term)?;
    let (text, exit) = tell_of(&logins, Containerizer::Docker, term)?;
    let output = named_file(args.output.as_deref());
    if args.dockercfg {
        if output.is_some_and(|output| output.file_name().is_none_or(|name| name != ".dockercfg")) {
            writeln!(term.err(), "note: Docker looks for the name .dockercfg, so the URI has to end in it")?;
        }
        hand_out(args.output.as_deref(), logins.to_text(Form::Dockercfg).as_bytes(), term)?;
        return Ok(exit);
    }
    let mode = match args.mode {
        FileMode::Owner => pack::PackMode::Owner,
        FileMode::Everybody => pack::PackMode::Everybody,
    };
    let packed = pack(&text, mode)?;
    hand_out(args.output.as_deref(), &packed, term)?;
    if let Some(output) = output {
        let hosts: Vec<String> = logins.iter().map(|(host, _)| host.to_string()).collect();
        writeln!(term.err(), "wrote {}: credentials for {}", shown_path(&output), hosts.join(", "))?;
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        let is_named_so = [".tar.gz", ".tgz"].iter().any(|end| name.ends_with(end));
        if !is_named_so && output.is_file() {
            writeln!(
                term.err(),
                "warning: {}: this is a tar file packed with gzip, and agents go by the end of its name: call it \
                 docker.tar.gz",
                shown_path(&output)
            )?;
        }
    }
    if let Some(sender) = sender {
        write!(term.out(), "{sender}")?;
    }
    Ok(exit)
}

impl Args {
    /// The script that sends the archive to the agents.
    fn sender(&self, term: &mut Terminal) -> anyhow::Result<String> {
        let Some(output) = named_file(self.output.as_deref()) else {
            bail!("--ssh sends the archive that -o FILE writes: give one");
        };
        let from = sent_path(output)?;
        let agents = self.agents.list(term)?;
        let file = SentFile { from, to: self.agent_path.clone(), mode: "0600" };
        let runner = Runner {
            agents: &agents.hosts,
            user: self.agents.ssh_user.as_deref(),
            files: vec![file],
            script: None,
            restart: None,
        };
        Ok(runner.text())
    }
}
