//! What Mesos tells of its agents: the answers of the master at `/slaves` and `/state`, and of an agent at `/flags` and `/state`
//! (`src/master/http.cpp`, `src/slave/http.cpp`, Mesos 1.2 … 1.11).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::target::{Agents, Ports};

/// What an answer of Mesos says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DescribedAgents {
    /// The settings.
    pub agents: Agents,
    /// How many agents it is about.
    pub count: usize,
}

/// Why a text is none of these answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DescribeError {
    /// It is something else.
    #[error("this is no answer of Mesos at /slaves, /master/state or /slave(1)/flags")]
    Other,
    /// No agent is active.
    #[error("Mesos has no active agent there, so nothing is known of them")]
    NoAgents,
}

#[derive(Deserialize)]
struct MesosAnswer {
    slaves: Option<Vec<Slave>>,
    flags: Option<BTreeMap<String, Json>>,
    unreserved_resources: Option<OfferedResources>,
    #[serde(default)]
    reserved_resources: BTreeMap<String, OfferedResources>,
}

#[derive(Deserialize)]
struct Slave {
    active: Option<bool>,
    resources: Option<OfferedResources>,
    unreserved_resources: Option<OfferedResources>,
    #[serde(default)]
    reserved_resources: BTreeMap<String, OfferedResources>,
}

#[derive(Default, Deserialize)]
struct OfferedResources {
    /// `[1025-2180, 2182-3887]`
    #[serde(default)]
    ports: Option<String>,
}

impl OfferedResources {
    /// Its ports; none where it has no list of them that can be read.
    fn ports(&self) -> Ports {
        let text = self.ports.as_deref().unwrap_or_default();
        text.trim().trim_start_matches('[').trim_end_matches(']').parse().unwrap_or_default()
    }
}

impl DescribedAgents {
    /// Reads an answer of Mesos.
    ///
    /// # Errors
    /// Where it is none, or tells of no agent.
    pub(crate) fn of(text: &str) -> Result<Self, DescribeError> {
        let json: Json = serde_json::from_str(text).map_err(|_| DescribeError::Other)?;
        let is_master = json.get("slaves").is_some();
        let answer: MesosAnswer = serde_json::from_value(json).map_err(|_| DescribeError::Other)?;
        let mut agents = Agents::default();
        let slaves: Vec<Slave> = match answer.slaves {
            Some(slaves) => slaves.into_iter().filter(|slave| slave.active != Some(false)).collect(),
            None => Vec::new(),
        };
        if is_master {
            if slaves.is_empty() {
                return Err(DescribeError::NoAgents);
            }
            offered(&slaves, &mut agents);
            // The flags there are the master's own.
            return Ok(Self { agents, count: slaves.len() });
        }
        let flags =
            answer.flags.filter(|flags| flags.contains_key("isolation")).ok_or(DescribeError::Other)?;
        of_flags(&flags, &mut agents);
        if let Some(unreserved) = answer.unreserved_resources {
            let (resources, reserved_resources) = (None, answer.reserved_resources);
            let slave =
                Slave { active: None, resources, unreserved_resources: Some(unreserved), reserved_resources };
            offered(&[slave], &mut agents);
        }
        Ok(Self { agents, count: 1 })
    }
}

/// What some agent offers: a task needs one.
fn offered(slaves: &[Slave], agents: &mut Agents) {
    let mut roles: BTreeMap<String, Ports> = BTreeMap::new();
    let mut ports = Ports::default();
    for slave in slaves {
        let unreserved = slave.unreserved_resources.as_ref().or(slave.resources.as_ref());
        ports = ports.with(unreserved.map(OfferedResources::ports).unwrap_or_default());
        for (role, resources) in &slave.reserved_resources {
            let of_role = roles.entry(role.clone()).or_default();
            *of_role = std::mem::take(of_role).with(resources.ports());
        }
    }
    agents.ports = Some(ports);
    // Old masters do not tell of reservations.
    if slaves.iter().all(|slave| slave.unreserved_resources.is_some()) {
        agents.roles = Some(roles);
    }
}

/// The flags of an agent are texts.
fn of_flags(flags: &BTreeMap<String, Json>, agents: &mut Agents) {
    let text = |name: &str| flags.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
    let list = |text: &str, separator: char| -> Vec<String> {
        text.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    agents.isolators = text("isolation").map(|text| list(text, ','));
    agents.cfs = text("cgroups_enable_cfs").and_then(|text| text.parse().ok());
    agents.switch_user = text("switch_user").and_then(|text| text.parse().ok());
    let is_refused = text("disallow_sharing_agent_ipc_namespace").and_then(|text| text.parse::<bool>().ok());
    agents.share_ipc = is_refused.map(|is_refused| !is_refused);
    agents.frameworks_home = Some(text("frameworks_home").is_some());
    // Without it the client may still be on the PATH.
    agents.hadoop = text("hadoop_home").map(|_| true);
    agents.created_paths = text("host_path_volume_force_creation").map(|text| list(text, ':'));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_some_agent_offers_is_known() {
        let text = r#"{"slaves": [
            {"active": true, "unreserved_resources": {"cpus": 2.0, "ports": "[1025-2180, 2182-3887]"},
                "reserved_resources": {}},
            {"active": true, "unreserved_resources": {"cpus": 2.0},
                "reserved_resources": {"slave_public": {"ports": "[1-21, 23-5050]"}}},
            {"active": false, "unreserved_resources": {"ports": "[40000-40001]"}}]}"#;
        let described = DescribedAgents::of(text).expect("an answer");
        assert_eq!(described.count, 2);
        assert_eq!(
            described.agents.ports.map(|ports| ports.to_string()).as_deref(),
            Some("1025-2180, 2182-3887")
        );
        let roles = described.agents.roles.expect("roles");
        assert_eq!(roles["slave_public"].to_string(), "1-21, 23-5050");
    }

    #[test]
    fn flags_are_texts() {
        let text = r#"{"flags": {"isolation": "filesystem/linux,cgroups/cpu", "cgroups_enable_cfs": "false",
            "hadoop_home": "", "frameworks_home": "", "switch_user": "true"}}"#;
        let agents = DescribedAgents::of(text).expect("an answer").agents;
        assert_eq!((agents.cfs, agents.hadoop, agents.frameworks_home), (Some(false), None, Some(false)));
        assert!(agents.may_have_isolator(&["cgroups/cpu"]) && !agents.may_have_isolator(&["cgroups/mem"]));
        assert_eq!(agents.ports, None);
    }

    #[test]
    fn other_texts_are_told() {
        for text in ["", "[]", "{}", "<html>", r#"{"flags": {"quorum": "1"}}"#, r#"{"slaves": 1}"#] {
            assert_eq!(DescribedAgents::of(text), Err(DescribeError::Other), "{text}");
        }
        assert_eq!(DescribedAgents::of(r#"{"slaves": []}"#), Err(DescribeError::NoAgents));
    }
}
