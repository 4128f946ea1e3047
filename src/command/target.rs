//! The target of a command, resolved in one place: the options, then `milepost.toml`, then the server that the command
//! talks to, then the default. Each source counts where the ones before it do not name a target.

use std::path::Path;
#[cfg(feature = "net")]
use std::path::PathBuf;
#[cfg(feature = "net")]
use std::time::Duration;

use anyhow::Context as _;
#[cfg(feature = "net")]
use anyhow::bail;

#[cfg(feature = "net")]
use super::connection::connect;
use super::{Terminal, environment};
#[cfg(feature = "net")]
use crate::config;
use crate::config::ProjectConfig;
#[cfg(feature = "net")]
use crate::dcos::{DescribedAgents, PlaceOptions, Wanted};
#[cfg(feature = "net")]
use crate::http::{Client, Endpoint};
#[cfg(feature = "net")]
use crate::marathon::{GetError, Info, InfoError};
#[cfg(feature = "net")]
use crate::source;
#[cfg(feature = "net")]
use crate::target::Release;
use crate::target::{Agents, Aim, EnforceRole, Feature, Settings, Target};
#[cfg(feature = "net")]
use crate::util::escape::shown_path;
#[cfg(feature = "net")]
use crate::util::text::count;

#[cfg(feature = "net")]
const ASKING: &str = "cannot read the target from the server";

/// The options that name a target, for commands that have a server of their own or none.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Target")]
pub(super) struct NamedTarget {
    /// The Marathon to check for: dcos-2.1, marathon-1.9, standalone, bare or 1.9
    ///
    /// A release such as 1.9 means the DC/OS that ships it.
    ///
    /// Without it the target of milepost.toml counts, then that of the server the command talks to, then the latest DC/OS.
    /// `dcos…` is DC/OS Enterprise's own Marathon, `marathon-…` and `standalone` are Marathon's defaults with all features,
    /// `bare` is Marathon without features. With this option the other settings of [target] in milepost.toml are ignored; [target.agents] counts
    /// with every target.
    #[arg(long, value_name = "NAME")]
    target: Option<Target>,

    /// It has this feature (--enable_features): secrets, external_volumes, gpu_resources; several with commas
    #[arg(
        hide_short_help = true,
        long,
        alias = "enable_features",
        value_name = "NAME",
        value_delimiter = ','
    )]
    feature: Vec<Feature>,

    /// It lacks this feature
    #[arg(hide_short_help = true, long, value_name = "NAME", value_delimiter = ',')]
    no_feature: Vec<Feature>,

    /// The role of its services (--mesos_role)
    #[arg(hide_short_help = true, long, alias = "mesos_role", value_name = "ROLE")]
    mesos_role: Option<String>,

    /// The network of containers that name none (--default_network_name); empty for none
    #[arg(hide_short_help = true, long, alias = "default_network_name", value_name = "NAME")]
    default_network: Option<String>,

    /// Whether services in a new top-level group have its name as their role (--new_group_enforce_role): top or off
    #[arg(hide_short_help = true, long, alias = "new_group_enforce_role", value_name = "WORD")]
    enforce_role: Option<EnforceRole>,
}

impl NamedTarget {
    fn aim(&self) -> Aim {
        Aim {
            target: self.target,
            features: self.feature.clone(),
            no_features: self.no_feature.clone(),
            mesos_role: self.mesos_role.clone(),
            default_network: self.default_network.clone(),
            enforce_role: self.enforce_role,
            agents: Agents::default(),
        }
    }

    /// The target of a command that talks to no Marathon, for these files.
    pub(super) fn settings(&self, files: &[impl AsRef<Path>]) -> anyhow::Result<Settings> {
        settings_of(&self.aim().over(aim_for(files)?))
    }

    /// The target of a command that compares these files with what a Marathon holds, or is about to send them: without
    /// options and without a target in `milepost.toml` it is the server's own.
    ///
    /// # Errors
    /// Also when there is no connection to the server, or `without_answer` does not allow what it answers.
    #[cfg(feature = "net")]
    pub(super) fn settings_at(
        &self,
        files: &[impl AsRef<Path>],
        client: &Client,
        endpoint: &Endpoint,
        without_answer: WithoutAnswer,
        term: &mut Terminal,
    ) -> anyhow::Result<Settings> {
        self.settings_over(aim_for(files)?, client, endpoint, without_answer, term)
    }

    /// The same over what a `milepost.toml` says that is read already.
    ///
    /// # Errors
    /// As [`NamedTarget::settings_at`].
    #[cfg(feature = "net")]
    pub(super) fn settings_over(
        &self,
        of_file: Aim,
        client: &Client,
        endpoint: &Endpoint,
        without_answer: WithoutAnswer,
        term: &mut Terminal,
    ) -> anyhow::Result<Settings> {
        let aim = self.aim().over(of_file);
        if aim.target.is_some() {
            return settings_of(&aim);
        }
        let aim = match (client.info(endpoint), without_answer) {
            (Ok(info), _) => {
                show(&info, endpoint, term)?;
                aim.over(info.aim)
            }
            (Err(InfoError::Read(GetError::Client(error))), WithoutAnswer::Warn) => return Err(error.into()),
            (Err(error), WithoutAnswer::Warn) => {
                let target = aim.target_or_fallback();
                writeln!(
                    term.err(),
                    "warning: {ASKING}: {error}; checking for {target} (--target changes it)"
                )?;
                aim
            }
            (Err(error), WithoutAnswer::Fail) => return Err(error).context(ASKING),
        };
        settings_of(&aim)
    }
}

/// What to do when a server does not report its target, as Marathon does for a user without the right to read its
/// configuration.
#[cfg(feature = "net")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutAnswer {
    /// The command cannot work.
    Fail,
    /// The default counts: sending shows what is wrong with it.
    Warn,
}

/// The options that name a target, or a running Marathon to read it from.
#[derive(Debug, clap::Args)]
#[cfg_attr(
    feature = "net",
    expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")
)]
#[command(next_help_heading = "Target")]
pub(super) struct TargetArgs {
    #[command(flatten)]
    named: NamedTarget,

    /// Read the target from a running Marathon at this address, such as https://dcos.example/service/marathon, or what is
    /// known of the agents from Mesos; may be repeated
    ///
    /// `env` takes the address from MARATHON_URL or DCOS_URL. The only request to a Marathon is GET /v2/info. Mesos is asked
    /// where the address ends with one of these paths: /slaves or /master/state of the master (DCOS_URL/mesos/slaves), which
    /// tell the ports and roles that agents offer; /slave(1)/flags of an agent, which tells its isolators, CFS and more. A
    /// file with such an answer does it, too. Of several the first that tells something counts. DCOS_ACS_TOKEN is sent only
    /// to the scheme, host and port of DCOS_URL.
    #[cfg(feature = "net")]
    #[arg(hide_short_help = true, long, value_name = "URL|FILE")]
    target_from: Vec<String>,

    /// Write the target to this file as [target]: a new file, or one that contains nothing else
    #[cfg(feature = "net")]
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "target_from")]
    save_target: Option<PathBuf>,

    /// Read the DC/OS token for --target-from from this file [env: DCOS_ACS_TOKEN, the token itself]
    #[cfg(feature = "net")]
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "target_from")]
    token_file: Option<PathBuf>,

    /// Trust the certificates in this PEM file besides the system's, for --target-from
    #[cfg(feature = "net")]
    #[arg(hide_short_help = true, long, value_name = "FILE", requires = "target_from")]
    ca_file: Option<PathBuf>,

    /// Give up --target-from when there is no answer after this many seconds
    #[cfg(feature = "net")]
    #[arg(hide_short_help = true, long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl TargetArgs {
    /// The target of a command that talks to no Marathon but that of `--target-from`, for these files.
    pub(super) fn settings(
        &self,
        files: &[impl AsRef<Path>],
        term: &mut Terminal,
    ) -> anyhow::Result<Settings> {
        settings_of(&self.aim(term)?.over(aim_for(files)?))
    }

    /// Whether an option names a target or changes its settings.
    pub(super) fn is_given(&self) -> bool {
        #[cfg(feature = "net")]
        if !self.target_from.is_empty() {
            return true;
        }
        self.named.aim() != Aim::default()
    }

    /// What the options say, without `milepost.toml`.
    #[cfg_attr(not(feature = "net"), expect(clippy::unnecessary_wraps, reason = "a server may not answer"))]
    pub(super) fn aim(&self, term: &mut Terminal) -> anyhow::Result<Aim> {
        let named = self.named.aim();
        #[cfg(feature = "net")]
        if !self.target_from.is_empty() {
            return Ok(named.over(self.ask(term)?));
        }
        #[cfg(not(feature = "net"))]
        let _ = term;
        Ok(named)
    }

    /// What all servers and files of `--target-from` tell.
    #[cfg(feature = "net")]
    fn ask(&self, term: &mut Terminal) -> anyhow::Result<Aim> {
        let mut all = Aim::default();
        let mut origins = Vec::new();
        for from in &self.target_from {
            let (aim, origin) = self.ask_one(from, term)?;
            if aim.target.is_some() && (self.named.target.is_some() || all.target.is_some()) {
                bail!("{origin} and another option name a target: leave one of them out");
            }
            all = all.over(aim);
            origins.push(origin);
        }
        if let Some(file) = &self.save_target {
            // What no source tells stays as it was written.
            let saved = all.clone().over(config::saved_aim(file)?);
            let table = config::target_table(&saved, &origins.join("; "));
            config::save_target(file, &table)?;
            writeln!(term.err(), "wrote {}", shown_path(&file))?;
        }
        Ok(all)
    }

    /// What one of them tells, and its name.
    #[cfg(feature = "net")]
    fn ask_one(&self, from: &str, term: &mut Terminal) -> anyhow::Result<(Aim, String)> {
        let file = Path::new(from);
        if file.is_file() {
            return of_agents(&source::read(file)?, from, term);
        }
        let is_path = from.contains('/') || Path::new(from).extension().is_some_and(|end| end == "json");
        if is_path && !from.contains("://") {
            let name = shown_path(&file);
            bail!("--target-from: there is no such file: {name}; an address begins with http:// or https://");
        }
        let urls = [from.to_owned()];
        let given = PlaceOptions {
            urls: &urls,
            option: "--target-from",
            token_file: self.token_file.as_deref(),
            ca_file: self.ca_file.as_deref(),
            ..PlaceOptions::default()
        };
        let (endpoint, client) =
            connect(given, Wanted::Marathon, Duration::from_secs(self.timeout)).context(ASKING)?;
        if is_of_mesos(from) {
            let text = client.fetch_with_token(&endpoint).context(ASKING)?;
            return of_agents(&text, &endpoint.to_string(), term);
        }
        let info = client.info(&endpoint).context(ASKING)?;
        show(&info, &endpoint, term)?;
        Ok((info.aim, format!("{endpoint}, Marathon {}", info.version)))
    }
}

/// Whether an address is one at which Mesos tells of agents, and no Marathon.
#[cfg(feature = "net")]
fn is_of_mesos(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    ["/slaves", "/state", "/flags"].iter().any(|end| path.ends_with(end))
}

/// What an answer of Mesos tells, and where it is from; says it.
#[cfg(feature = "net")]
fn of_agents(text: &str, from: &str, term: &mut Terminal) -> anyhow::Result<(Aim, String)> {
    let DescribedAgents { agents, count: number } =
        DescribedAgents::of(text).with_context(|| from.to_owned())?;
    let mut parts = Vec::new();
    if let Some(ports) = agents.ports.as_ref().filter(|ports| !ports.is_empty()) {
        parts.push(format!("ports {ports}"));
    }
    for (role, ports) in agents.roles.iter().flatten() {
        let offered = if ports.is_empty() { "no ports".to_owned() } else { format!("ports {ports}") };
        parts.push(format!("{offered} for the role {role}"));
    }
    if let Some(isolators) = &agents.isolators {
        parts.push(count(isolators.len(), "isolator"));
    }
    if let Some(cfs) = agents.cfs {
        parts.push(format!("CFS {}", if cfs { "on" } else { "off" }));
    }
    writeln!(term.err(), "{from}: {}: {}", count(number, "agent"), parts.join("; "))?;
    Ok((Aim { agents, ..Aim::default() }, format!("{from}, Mesos")))
}

/// For a command without files of its own.
pub(super) const NO_FILES: &[&str] = &[];

/// Shows which target a server reports.
#[cfg(feature = "net")]
fn show(info: &Info, endpoint: &Endpoint, term: &mut Terminal) -> std::io::Result<()> {
    let target = info.aim.target_or_fallback();
    writeln!(term.err(), "{endpoint} is Marathon {}: target {target}", info.version)?;
    if info.aim.default_network.is_none() && target.release() >= Release::V1_5 {
        let network = target.settings().default_network.unwrap_or_else(|| "none".to_owned());
        writeln!(
            term.err(),
            "note: this release does not report its default network: assuming {network} (--default-network changes it)"
        )?;
    }
    Ok(())
}

/// The settings that options and this settings file come to, and the name of the target.
pub(super) fn resolve(options: Aim, file: Option<&ProjectConfig>) -> anyhow::Result<(Settings, String)> {
    let aim = options.over(file.map(|file| file.aim.clone()).unwrap_or_default());
    let target = aim.target_or_fallback();
    let is_plain = aim == Aim { target: aim.target, ..Aim::default() };
    // `dcos` and the like mean the latest release.
    let name = if target.to_string().contains(|letter: char| letter.is_ascii_digit()) {
        target.to_string()
    } else {
        format!("{target} (Marathon {})", target.release())
    };
    let name = if is_plain { name } else { format!("{name} with settings of its own") };
    Ok((settings_of(&aim)?, name))
}

/// The target of the `milepost.toml` that counts for these files, or in the current directory.
fn aim_for(files: &[impl AsRef<Path>]) -> anyhow::Result<Aim> {
    Ok(environment::project(files)?.map(|file| file.aim).unwrap_or_default())
}

fn settings_of(aim: &Aim) -> anyhow::Result<Settings> {
    aim.settings().context("the target")
}
