//! `milepost registry trust`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use time::OffsetDateTime;

use crate::registry::cert::Certificate;
use crate::registry::trust::{Agents, Trust, TrustHost, TrustOptions, authority, runner, script};
use crate::source;
use crate::util::escape::shown_path;

use super::super::input::read_stdin;
use super::super::{Exit, Terminal};
use super::cert::{check_pair, read_certificates};

const EXAMPLES: &str = "\
Prints a POSIX shell script that makes an agent trust the registry: Docker by \
/etc/docker/certs.d/HOST/ca.crt, Mesos (UCR) on DC/OS by /var/lib/dcos/pki/tls/certs with the link \
OpenSSL looks for. Run it as root; a second run changes nothing. Try it with ROOT=/tmp/x.

Examples:
  The script, and on an agent:
    milepost registry trust --host registry.mycompany.com:5000 --ca ca.crt > trust.sh
    ssh AGENT sudo sh -s < trust.sh

  On all agents that Mesos knows, one after the other, from a machine that can reach them:
    milepost registry trust --host 192.168.0.1 --ca domain.crt --conntrack \\
      --agents-from http://master.mesos:5050/slaves --ssh > all.sh && sh all.sh

  The same, and the registry's own certificate and key to every agent that may run it:
    milepost registry trust --host 192.168.0.1 --ca domain.crt --agents-from slaves.json --ssh \\
      --registry-cert domain.crt --registry-key domain.key > all.sh && sh all.sh

  A registry without TLS, for trying things out:
    milepost registry trust --host 192.168.99.100:5000 --insecure > insecure.sh

Docker reads certs.d at each pull, without a restart; it reads daemon.json after `systemctl reload \
docker`, which stops no container. A restart stops all containers of the agent: drain it first (dcos \
node drain, on DC/OS 2.0 and later).";

/// Print a script that makes agents trust the registry
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(after_long_help = EXAMPLES)]
#[command(override_usage = "milepost registry trust [OPTIONS] --host <HOST> <--ca <FILE>|--insecure>")]
#[command(group = clap::ArgGroup::new("trust").required(true).args(["ca", "insecure"]))]
pub(super) struct Args {
    /// The registry as in image names, such as registry.mycompany.com:5000; may be repeated
    #[arg(long, value_name = "HOST[:PORT]", required = true)]
    host: Vec<TrustHost>,

    /// The certificate of the authority that signed the registry's; for a self-signed one, itself
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// Make Docker accept any certificate, or none (insecure-registries)
    #[arg(long)]
    insecure: bool,

    /// With --insecure: for the virtual machine of the Docker Toolbox instead of agents
    #[arg(hide_short_help = true, long, requires = "insecure", conflicts_with_all = ["ca", "conntrack", "agents_from", "agent"])]
    boot2docker: bool,

    /// The name of the certificate in /var/lib/dcos/pki/tls/certs, without .crt [default: docker-registry-ca-HOST]
    #[arg(hide_short_help = true, long, value_name = "NAME", conflicts_with = "insecure", value_parser = file_name)]
    name: Option<String>,

    /// Restart Docker if something changed. This stops all containers of the agent: drain it first
    #[arg(hide_short_help = true, long)]
    restart_docker: bool,

    /// For a registry behind a virtual IP: keep the kernel from dropping packets of long transfers
    /// (nf_conntrack_tcp_be_liberal)
    #[arg(hide_short_help = true, long)]
    conntrack: bool,

    #[command(flatten)]
    agents: AgentsArgs,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "On all agents")]
struct AgentsArgs {
    /// The agents: the answer of Mesos's master at /slaves, or of dcos node list --json; `-` is standard input
    ///
    /// DCOS_URL/mesos/slaves is read with DCOS_ACS_TOKEN.
    #[cfg_attr(feature = "net", arg(long, value_name = "URL|FILE", requires = "ssh"))]
    #[cfg_attr(not(feature = "net"), arg(long, value_name = "FILE", requires = "ssh"))]
    agents_from: Option<String>,

    #[cfg(feature = "net")]
    #[command(flatten)]
    client: crate::command::connection::ClientArgs,

    /// Another agent, or a master that pulls images; may be repeated
    #[arg(hide_short_help = true, long, value_name = "HOST", requires = "ssh")]
    agent: Vec<String>,

    /// Print a script that runs the agents' script on each of them with ssh and sudo
    #[arg(long)]
    ssh: bool,

    /// Log in as this user
    #[arg(hide_short_help = true, long, value_name = "USER", requires = "ssh", value_parser = user_name)]
    ssh_user: Option<String>,

    /// Also send the registry's certificate in this file to /etc/privateregistry/certs/domain.crt …
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "registry_key", requires = "ssh")]
    registry_cert: Option<PathBuf>,

    /// … and its key to domain.key; the key is read when the script runs, and is not part of it
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "registry_cert", requires = "ssh")]
    registry_key: Option<PathBuf>,
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let options = TrustOptions {
        trust: trust(&args, term)?,
        hosts: args.host,
        restart_docker: args.restart_docker,
        conntrack: args.conntrack,
    };
    let agent_script = script(&options);
    if !args.agents.ssh {
        write!(term.out(), "{agent_script}")?;
        return Ok(Exit::Fine);
    }
    let agents = args.agents.list(term)?;
    let files = match (&args.agents.registry_cert, &args.agents.registry_key) {
        (Some(certificate), Some(key)) => {
            check_pair(certificate, key)?;
            Some((text(certificate)?, text(key)?))
        }
        _ => None,
    };
    let user = args.agents.ssh_user.as_deref();
    write!(term.out(), "{}", runner(&agent_script, &agents.hosts, user, files))?;
    Ok(Exit::Fine)
}

fn trust(args: &Args, term: &mut Terminal) -> anyhow::Result<Trust> {
    let Some(file) = &args.ca else {
        writeln!(
            term.err(),
            "warning: anybody on the network path to an insecure registry can read and replace images and passwords"
        )?;
        if !args.restart_docker && !args.boot2docker {
            writeln!(
                term.err(),
                "note: Docker reads daemon.json after `systemctl reload docker`, which stops no container"
            )?;
        }
        return Ok(if args.boot2docker { Trust::InsecureBoot2Docker } else { Trust::Insecure });
    };
    let bundle = read_certificates(file)?;
    let (certificates, warnings): (Vec<Certificate>, Vec<String>) =
        authority(bundle, &args.host, OffsetDateTime::now_utc()).with_context(|| shown_path(&file))?;
    for warning in warnings {
        writeln!(term.err(), "warning: {}: {warning}", shown_path(&file))?;
    }
    if args.restart_docker {
        writeln!(
            term.err(),
            "warning: the script restarts Docker, which stops all containers of the agent: drain it of tasks that use \
             Docker first"
        )?;
    }
    let first = args.host.first().map(TrustHost::file_name).unwrap_or_default();
    let name = args.name.clone().unwrap_or_else(|| format!("docker-registry-ca-{first}"));
    Ok(Trust::Authority { certificates, name })
}

impl AgentsArgs {
    fn list(&self, term: &mut Terminal) -> anyhow::Result<Agents> {
        let mut agents = match &self.agents_from {
            Some(from) => Agents::parse(&self.read(from)?).with_context(|| from.clone())?,
            None => Agents::default(),
        };
        for agent in &self.agent {
            agents.add(agent, true)?;
        }
        if agents.hosts.is_empty() {
            bail!("--ssh needs the agents: give --agents-from, or --agent for each");
        }
        if !agents.away.is_empty() {
            writeln!(term.err(), "warning: inactive agents are left out: {}", agents.away.join(", "))?;
        }
        Ok(agents)
    }

    /// Reads the list of agents.
    fn read(&self, from: &str) -> anyhow::Result<String> {
        #[cfg(feature = "net")]
        if from.starts_with("http://") || from.starts_with("https://") {
            use crate::command::connection::connect;
            use crate::dcos::{Given, Wanted};
            let urls = [from.to_owned()];
            let ca_file = self.client.ca_file.as_deref();
            let given = Given { urls: &urls, option: "--agents-from", ca_file, ..Given::default() };
            let (endpoint, client) = connect(given, Wanted::Marathon, self.client.timeout())?;
            return Ok(client.fetch_with_token(&endpoint)?);
        }
        if from == "-" {
            return read_stdin();
        }
        Ok(source::read(Path::new(from))?)
    }
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{}: the name of the file is not UTF-8", shown_path(&path)))
}

fn file_name(text: &str) -> Result<String, &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if text.is_empty() || text.starts_with(['.', '-']) || !text.bytes().all(is_plain) {
        return Err("give a plain file name of letters, digits and `-`");
    }
    Ok(text.to_owned())
}

fn user_name(text: &str) -> Result<String, &'static str> {
    file_name(text).map_err(|_| "this is not a user name")
}
