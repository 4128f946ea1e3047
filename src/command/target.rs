//! The Marathon being aimed at: the arguments that say so, for every command that checks definitions.

#[cfg(feature = "net")]
use std::path::PathBuf;
#[cfg(feature = "net")]
use std::time::Duration;

use anyhow::Context as _;

use super::Terminal;
use crate::config;
#[cfg(feature = "net")]
use crate::http::{Client, Endpoint};
use crate::marathon::Info;
#[cfg(feature = "net")]
use crate::target::Release;
use crate::target::{Aim, EnforceRole, Feature, Settings, Target};

#[cfg(feature = "net")]
const ASKING: &str = "asking what Marathon is being aimed at";

#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(next_help_heading = "Target")]
pub(super) struct NamedTarget {
    /// The Marathon being aimed at, such as dcos-2.1 or marathon-1.9; by default the latest DC/OS
    ///
    /// `dcos…` stands for DC/OS Enterprise's own Marathon, `marathon-…` and `standalone` for Marathon's defaults with all
    /// features, `bare` for none. A target named here sets aside all that milepost.toml says of another one.
    #[arg(long, value_name = "NAME")]
    target: Option<Target>,

    /// It has this feature (--enable_features): secrets, external_volumes, gpu_resources; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    feature: Vec<Feature>,

    /// It lacks this feature
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    no_feature: Vec<Feature>,

    /// The role of its services (--mesos_role)
    #[arg(long, value_name = "ROLE")]
    mesos_role: Option<String>,

    /// The network of containers that name none (--default_network_name); empty for none
    #[arg(long, value_name = "NAME")]
    default_network: Option<String>,

    /// Whether services in a new top-level group have its name as their role (--new_group_enforce_role): top or off
    #[arg(long, value_name = "WORD")]
    enforce_role: Option<EnforceRole>,
}

impl NamedTarget {
    /// What the command line says.
    pub(super) fn aim(&self) -> Aim {
        Aim {
            target: self.target,
            features: self.feature.clone(),
            no_features: self.no_feature.clone(),
            mesos_role: self.mesos_role.clone(),
            default_network: self.default_network.clone(),
            enforce_role: self.enforce_role,
        }
    }

    /// The settings of a running Marathon: what it says of itself, unless a target is named.
    #[cfg(feature = "net")]
    pub(super) fn settings_of(
        &self,
        client: &Client,
        endpoint: &Endpoint,
        term: &mut Terminal,
    ) -> anyhow::Result<Settings> {
        let said = self.aim();
        let aim = match said.target {
            Some(_) => said,
            None => said.over(ask(client, endpoint, term)?.aim),
        };
        aim.settings().context("the target")
    }
}

/// The same, or a running Marathon to ask.
#[derive(Debug, clap::Args)]
#[cfg_attr(
    feature = "net",
    expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")
)]
#[command(next_help_heading = "Target")]
pub(super) struct TargetArgs {
    #[command(flatten)]
    named: NamedTarget,

    /// Ask a running Marathon for all of that: its address, such as https://dcos.example/service/marathon
    ///
    /// `env` takes the address from MARATHON_URL or DCOS_URL. GET /v2/info is all that is asked. DCOS_ACS_TOKEN is sent only to the scheme, host and port of DCOS_URL.
    #[cfg(feature = "net")]
    #[arg(long, value_name = "URL", conflicts_with = "target")]
    target_from: Option<String>,

    /// Write what it said as the [target] of this file: a new one, or one that holds nothing else
    #[cfg(feature = "net")]
    #[arg(long, value_name = "FILE", requires = "target_from")]
    save_target: Option<PathBuf>,

    /// Read the DC/OS token for --target-from from this file [env: DCOS_ACS_TOKEN, the token itself]
    #[cfg(feature = "net")]
    #[arg(long, value_name = "FILE", requires = "target_from")]
    token_file: Option<PathBuf>,

    /// Trust the certificates in this PEM file besides the system's, for --target-from
    #[cfg(feature = "net")]
    #[arg(long, value_name = "FILE", requires = "target_from")]
    ca_file: Option<PathBuf>,

    /// Give up --target-from when there is no answer after so many seconds
    #[cfg(feature = "net")]
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl TargetArgs {
    /// What the command line says, asking the server it names.
    #[cfg_attr(not(feature = "net"), expect(clippy::unnecessary_wraps, reason = "a server may not answer"))]
    pub(super) fn aim(&self, term: &mut Terminal) -> anyhow::Result<Aim> {
        let said = self.named.aim();
        #[cfg(feature = "net")]
        if let Some(url) = &self.target_from {
            return Ok(said.over(self.ask(url, term)?));
        }
        #[cfg(not(feature = "net"))]
        let _ = term;
        Ok(said)
    }

    #[cfg(feature = "net")]
    fn ask(&self, url: &str, term: &mut Terminal) -> anyhow::Result<Aim> {
        let given = Some(("--target-from", url)).filter(|_| url != "env");
        let environment = |name: &str| std::env::var(name).ok();
        let endpoint = Endpoint::resolve(given, self.token_file.as_deref(), &environment).context(ASKING)?;
        let client =
            Client::new(Duration::from_secs(self.timeout), self.ca_file.as_deref()).context(ASKING)?;
        let info = ask(&client, &endpoint, term)?;
        if let Some(file) = &self.save_target {
            let table = config::target_table(&info.aim, &format!("{endpoint}, Marathon {}", info.version));
            config::save_target(file, &table)?;
            writeln!(term.err(), "wrote {}", file.display())?;
        }
        Ok(info.aim)
    }
}

/// Asks a Marathon what it is, and says so.
#[cfg(feature = "net")]
fn ask(client: &Client, endpoint: &Endpoint, term: &mut Terminal) -> anyhow::Result<Info> {
    let info = client.info(endpoint).context(ASKING)?;
    let target = info.aim.target.unwrap_or_default();
    writeln!(term.err(), "{endpoint} is Marathon {}, taken for {target}", info.version)?;
    if info.aim.default_network.is_none() && target.release() >= Release::V1_5 {
        let network = target.settings().default_network.unwrap_or_else(|| "none".to_owned());
        writeln!(
            term.err(),
            "note: this release does not tell its default network: {network} is taken (--default-network says another)"
        )?;
    }
    Ok(info)
}

/// What the command line and the nearest milepost.toml come to.
pub(super) fn settings(aim: Aim) -> anyhow::Result<Settings> {
    let current = std::env::current_dir().context("the current directory cannot be told")?;
    let file = config::find(&current);
    let file =
        file.map(|file| config::ProjectConfig::read(&file, &current, crate::rule_docs::all())).transpose()?;
    let below = file.map(|file| file.aim).unwrap_or_default();
    aim.over(below).settings().context("the target")
}
