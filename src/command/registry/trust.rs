//! `milepost registry trust`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use time::OffsetDateTime;

use crate::command::output::named_file;
use crate::registry::agents::{AgentPath, DockerRestart, Runner, SentFile};
use crate::registry::app::auth::USERS_DIR;
use crate::registry::app::tls::{CERT_DIR, CERTIFICATE, KEY};
use crate::registry::cert::Certificate;
use crate::registry::group::AUTH_CONFIG;
use crate::registry::trust::{Restart, Trust, TrustHost, TrustOptions, authority, script};
use crate::source;
use crate::util::escape::shown_path;

use super::super::agents::{AgentsArgs, plain_name, sent_path};
use super::super::{Exit, Terminal};
use super::cert::{read_certificates, read_pair};
use super::user::is_auth_config;

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
docker`, which stops no container. A restart stops all containers of the agent: with --ssh, \
--restart-docker drains each agent before, where something changed (milepost registry drain).";

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
    #[arg(hide_short_help = true, long, value_name = "NAME", conflicts_with = "insecure", value_parser = plain_name)]
    name: Option<String>,

    /// Restart Docker if something changed. This stops all containers of the agent: drain it first
    #[arg(hide_short_help = true, long)]
    restart_docker: bool,

    /// For a registry behind a virtual IP: keep the kernel from dropping packets of long transfers
    /// (nf_conntrack_tcp_be_liberal)
    #[arg(hide_short_help = true, long)]
    conntrack: bool,

    /// Write the script to this file instead of standard output
    #[arg(hide_short_help = true, short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    agents: AgentsArgs,

    #[command(flatten)]
    files: RegistryFilesArgs,
}

/// What the agents need besides to run the registry, and how their Docker is restarted.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "On all agents")]
struct RegistryFilesArgs {
    /// Also send the registry's certificate in this file to /etc/privateregistry/certs/domain.crt …
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "registry_key", requires = "ssh")]
    registry_cert: Option<PathBuf>,

    /// … and its key to domain.key; the key is read when the script runs, and is not part of it
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "registry_cert", requires = "ssh")]
    registry_key: Option<PathBuf>,

    /// Also send the registry's users in this file to /etc/privateregistry/auth/htpasswd, likewise; the file of a token server
    /// (.yml, .yaml) gets the name that it looks for
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "ssh")]
    registry_users: Option<PathBuf>,

    /// Mesos's master, which drains each agent before its Docker is restarted [default: that of --agents-from]
    #[arg(hide_short_help = true, long, value_name = "URL", requires = "restart_docker", requires = "ssh")]
    mesos: Option<String>,

    /// Restart Docker without draining the agent
    #[arg(
        hide_short_help = true,
        long,
        requires = "restart_docker",
        requires = "ssh",
        conflicts_with = "mesos"
    )]
    no_drain: bool,
}

pub(super) fn run(args: Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let restart = match (args.restart_docker, args.agents.ssh) {
        (false, _) => Restart::No,
        (true, false) => Restart::Now,
        (true, true) => Restart::Later,
    };
    let options =
        TrustOptions { trust: trust(&args, term)?, hosts: args.host, restart, conntrack: args.conntrack };
    let agent_script = script(&options);
    let text = if args.agents.ssh {
        let agents = args.agents.list(term)?;
        let runner = Runner {
            agents: &agents.hosts,
            user: args.agents.ssh_user.as_deref(),
            files: args.files.list()?,
            script: Some(&agent_script),
            restart: if args.restart_docker { Some(args.files.restart(&args.agents)?) } else { None },
        };
        runner.text()
    } else {
        agent_script
    };
    match named_file(args.output.as_deref()) {
        Some(path) => {
            source::write_atomically(path, text.as_bytes())?;
            writeln!(term.err(), "wrote {}", shown_path(&path))?;
        }
        None => write!(term.out(), "{text}")?,
    }
    Ok(Exit::Fine)
}

impl RegistryFilesArgs {
    /// The files to send, the key before its certificate.
    fn list(&self) -> anyhow::Result<Vec<SentFile>> {
        let mut files = Vec::new();
        let mut add = |from: &Path, to: String, mode| -> anyhow::Result<()> {
            files.push(SentFile { from: sent_path(from)?, to: to.parse::<AgentPath>()?, mode });
            Ok(())
        };
        if let (Some(certificate), Some(key)) = (&self.registry_cert, &self.registry_key) {
            read_pair(certificate, key)?;
            add(key, format!("{CERT_DIR}{KEY}"), "0600")?;
            add(certificate, format!("{CERT_DIR}{CERTIFICATE}"), "0644")?;
        }
        if let Some(users) = &self.registry_users {
            let name = if is_auth_config(users) { AUTH_CONFIG } else { "htpasswd" };
            add(users, format!("{USERS_DIR}{name}"), "0600")?;
        }
        Ok(files)
    }

    fn restart<'a>(&'a self, agents: &'a AgentsArgs) -> anyhow::Result<DockerRestart<'a>> {
        if self.no_drain {
            return Ok(DockerRestart::AtOnce);
        }
        let master = self.mesos.as_deref().or_else(|| agents.master());
        master.map(DockerRestart::Drained).context(
            "a restart of Docker ends all containers of the agent: give --mesos URL, the master that drains each agent \
             before, or --no-drain",
        )
    }
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
    if args.restart_docker && !args.agents.ssh {
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
