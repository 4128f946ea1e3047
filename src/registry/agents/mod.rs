//! The agents of a cluster, from Mesos's list, and a script that does something on each of them.

mod runner;

pub(crate) use runner::{AgentPath, Runner, SentFile};
#[cfg(feature = "cert")]
pub(crate) use runner::{DockerRestart, RESTART_MARK};

use std::collections::HashSet;

use serde_json::Value as Json;

/// The agents of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AgentHosts {
    /// Their host names, each once, in Mesos's order.
    pub hosts: Vec<String>,
    /// Inactive agents, which Mesos still lists.
    pub away: Vec<String>,
    /// All of them, and whether they are active.
    known: HashSet<(String, bool)>,
}

/// Why there are no agents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AgentsError {
    /// Not JSON.
    #[error(
        "this is not JSON: {0}; expected the answer of Mesos's master at /slaves, or of `dcos node list --json`"
    )]
    NotJson(String),
    /// Other JSON.
    #[error(
        "there are no agents in it; expected the answer of Mesos's master at /slaves, or of `dcos node list --json`"
    )]
    NotAgents,
    /// All are inactive.
    #[error("there is no active agent in it")]
    None,
    /// A name that ssh could take for an option.
    #[error("\"{0}\" is not a host name of an agent")]
    BadHost(String),
}

impl AgentHosts {
    /// Reads the answer of Mesos's master at `/slaves` (`{"slaves": [{"hostname": …, "active": …}, …]}`), or the list of
    /// `dcos node list --json`, in which masters have another type.
    ///
    /// # Errors
    /// When it is another text, or names no agent.
    pub(crate) fn parse(text: &str) -> Result<Self, AgentsError> {
        let json: Json =
            serde_json::from_str(text).map_err(|error| AgentsError::NotJson(error.to_string()))?;
        let list = json.get("slaves").unwrap_or(&json).as_array().ok_or(AgentsError::NotAgents)?;
        let mut agents = Self::default();
        for agent in list {
            if agent.get("type").and_then(Json::as_str).is_some_and(|kind| kind.starts_with("master")) {
                continue;
            }
            let host = agent.get("hostname").and_then(Json::as_str).ok_or(AgentsError::NotAgents)?;
            agents.add(host, agent.get("active") != Some(&Json::Bool(false)))?;
        }
        if agents.hosts.is_empty() { Err(AgentsError::None) } else { Ok(agents) }
    }

    /// Adds an agent, unless it is listed already.
    ///
    /// # Errors
    /// When the name is not a host name.
    pub(crate) fn add(&mut self, host: &str, is_active: bool) -> Result<(), AgentsError> {
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        if host.is_empty() || host.starts_with('-') || !host.bytes().all(is_host) {
            return Err(AgentsError::BadHost(host.escape_default().to_string()));
        }
        if self.known.insert((host.to_owned(), is_active)) {
            let list = if is_active { &mut self.hosts } else { &mut self.away };
            list.push(host.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_read() {
        let mesos = r#"{"slaves": [{"hostname": "10.0.0.1", "active": true}, {"hostname": "a.example"},
            {"hostname": "10.0.0.1"}, {"hostname": "10.0.0.9", "active": false}], "recovered_slaves": []}"#;
        let agents = AgentHosts::parse(mesos).expect("agents");
        assert_eq!(
            (agents.hosts, agents.away),
            (vec!["10.0.0.1".into(), "a.example".into()], vec!["10.0.0.9".into()])
        );
        let dcos =
            r#"[{"hostname": "10.0.0.1", "type": "agent"}, {"hostname": "m", "type": "master (leader)"}]"#;
        assert_eq!(AgentHosts::parse(dcos).expect("agents").hosts, ["10.0.0.1"]);
    }

    #[test]
    fn what_names_no_agent_is_refused() {
        for text in [
            "",
            "<html>",
            "{}",
            "[1]",
            r#"{"slaves": []}"#,
            r#"{"slaves": [{"id": "x"}]}"#,
            r#"[{"hostname": 1}]"#,
        ] {
            assert!(AgentHosts::parse(text).is_err(), "{text}");
        }
        for host in ["", "-oProxyCommand=x", "a b", "a;b", "$(x)", "a'b", "a\nb", "../x", "u@h"] {
            let text = serde_json::json!([{ "hostname": host }]).to_string();
            assert!(matches!(AgentHosts::parse(&text), Err(AgentsError::BadHost(_))), "{host}");
        }
    }
}
