//! The agents of the simulated cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// An agent, as a file of agents describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agent {
    /// Its host name or address.
    pub(crate) hostname: String,
    /// Its Mesos id.
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default = "many_cpus")]
    pub(crate) cpus: f64,
    /// MiB.
    #[serde(default = "much_mem")]
    pub(crate) mem: f64,
    /// MiB.
    #[serde(default = "much_disk")]
    pub(crate) disk: f64,
    #[serde(default)]
    pub(crate) gpus: f64,
    /// The role that its resources are reserved for; `*` for none.
    #[serde(default = "any_role")]
    pub(crate) role: String,
    /// The ports that it offers: the first and the last.
    #[serde(default = "all_ports")]
    pub(crate) ports: (u16, u16),
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) region: Option<String>,
    #[serde(default)]
    pub(crate) zone: Option<String>,
    /// What instances take of it.
    #[serde(skip)]
    pub(crate) used: Used,
    /// Whether Mesos has lost it.
    #[serde(skip)]
    pub(crate) is_lost: bool,
}

/// What instances take of an agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) cpus: f64,
    pub(crate) mem: f64,
    pub(crate) disk: f64,
    pub(crate) gpus: f64,
    pub(crate) ports: BTreeSet<u16>,
}

fn many_cpus() -> f64 {
    1_000.0
}

fn much_mem() -> f64 {
    5_000_000.0
}

fn much_disk() -> f64 {
    1_000_000_000.0
}

fn any_role() -> String {
    "*".to_owned()
}

fn all_ports() -> (u16, u16) {
    (1, 60_000)
}

impl Agent {
    /// An agent with room for all that is usual.
    fn roomy(number: usize) -> Self {
        Self {
            hostname: format!("127.0.1.{number}"),
            id: format!("sim-agent-{number}"),
            cpus: many_cpus(),
            mem: much_mem(),
            disk: much_disk(),
            gpus: if number == 4 { 64.0 } else { 0.0 },
            role: any_role(),
            ports: all_ports(),
            attributes: BTreeMap::from([("rack".to_owned(), format!("rack-{}", number % 2))]),
            region: None,
            zone: None,
            used: Used::default(),
            is_lost: false,
        }
    }
}

/// Four agents in two racks, one of them with GPUs.
pub(crate) fn default_agents() -> Vec<Agent> {
    (1..=4).map(Agent::roomy).collect()
}

/// Reads a file of agents: an array of objects.
pub(crate) fn read_agents(text: &str) -> Result<Vec<Agent>, serde_json::Error> {
    let mut agents: Vec<Agent> = serde_json::from_str(text)?;
    for (index, agent) in agents.iter_mut().enumerate() {
        if agent.id.is_empty() {
            agent.id = format!("sim-agent-{}", index + 1);
        }
    }
    Ok(agents)
}
