//! Mesos's agents, by the operator API of its master (`POST /api/v1`, Mesos 1.0 and later; draining since 1.9).

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::http::{Client, ClientError, Endpoint, location};

/// The most that the list of agents or tasks of a cluster may have, in bytes.
const MAX_LIST: u64 = 256 << 20;

/// An agent that is registered at the master.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MesosAgent {
    /// Its id.
    pub id: String,
    /// Its host name.
    pub host: String,
    /// Whether it can drain itself.
    pub can_drain: bool,
    /// Whether no new tasks start there.
    pub is_deactivated: bool,
    /// How far it is drained; nothing where it is not being drained.
    pub drain: Option<DrainState>,
}

/// How far an agent is drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrainState {
    /// Tasks are there that have to end.
    Draining,
    /// No task is there.
    Drained,
}

/// A task on an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MesosTask {
    /// Its id.
    pub id: String,
    /// Whether it runs in a container of Docker.
    pub is_docker: bool,
}

/// The answer to a request that an agent be drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrainAnswer {
    /// It is being drained.
    Begun,
    /// This Mesos does not know what draining is.
    Unknown,
}

/// Why Mesos's master did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MesosError {
    /// No answer came.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Another master leads.
    #[error("{master} is not the leading master; give that one: {leader}")]
    NotLeading {
        /// The master that was asked.
        master: String,
        /// Where it redirects to.
        leader: String,
    },
    /// It refuses.
    #[error("Mesos's master refuses {call}: {message} ({status})")]
    Refused {
        /// The call of the API.
        call: &'static str,
        /// The HTTP status.
        status: u16,
        /// Its reason.
        message: String,
    },
    /// The answer is not one of that API.
    #[error(
        "{master} does not answer {call} as Mesos's master does: give its address, such as http://master.mesos:5050 or DCOS_URL/mesos"
    )]
    NotMesos {
        /// The server that was asked.
        master: String,
        /// The call of the API.
        call: &'static str,
    },
    /// It does not know the agent.
    #[error("Mesos's master knows no agent {agent}, only {known}")]
    NoAgent {
        /// The agent.
        agent: String,
        /// Some of those that it knows.
        known: String,
    },
    /// Several agents are on a machine.
    #[error("there are several agents at {agent}: give the id of one, {ids}")]
    Several {
        /// The host name.
        agent: String,
        /// Their ids.
        ids: String,
    },
}

impl MesosError {
    /// Whether it may be otherwise in a moment: a master that is being replaced, a proxy without one.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Client(_) | Self::NotLeading { .. } | Self::NoAgent { .. } => true,
            Self::Refused { status, .. } => *status >= 500,
            Self::NotMesos { .. } | Self::Several { .. } => false,
        }
    }
}

#[derive(Deserialize)]
struct AgentsAnswer {
    get_agents: RawAgents,
}

#[derive(Deserialize)]
struct RawAgents {
    #[serde(default)]
    agents: Vec<RawAgent>,
}

#[derive(Deserialize)]
struct RawAgent {
    agent_info: AgentInfo,
    #[serde(default)]
    pid: String,
    #[serde(default)]
    deactivated: bool,
    #[serde(default)]
    capabilities: Vec<Capability>,
    drain_info: Option<DrainInfo>,
}

#[derive(Deserialize)]
struct AgentInfo {
    hostname: String,
    id: IdValue,
}

#[derive(Deserialize)]
struct IdValue {
    value: String,
}

#[derive(Deserialize)]
struct Capability {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct DrainInfo {
    state: String,
}

#[derive(Deserialize)]
struct TasksAnswer {
    get_tasks: RawTasks,
}

#[derive(Deserialize)]
struct RawTasks {
    #[serde(default)]
    tasks: Vec<RawTask>,
    #[serde(default)]
    pending_tasks: Vec<RawTask>,
}

#[derive(Deserialize)]
struct RawTask {
    task_id: IdValue,
    agent_id: IdValue,
    container: Option<RawContainer>,
}

#[derive(Deserialize)]
struct RawContainer {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl RawAgent {
    /// Whether a host name, an id or an IP names this one. The pid is `slave(1)@10.0.0.1:5051`.
    fn is_called(&self, name: &str) -> bool {
        let address = self.pid.rsplit('@').next().and_then(|address| address.rsplit_once(':'));
        self.agent_info.hostname == name
            || self.agent_info.id.value == name
            || address.is_some_and(|(host, _)| host.trim_matches(['[', ']']) == name)
    }

    fn read(self) -> MesosAgent {
        let state = |info: DrainInfo| match info.state.as_str() {
            "DRAINED" => DrainState::Drained,
            _ => DrainState::Draining,
        };
        let draining = Some("AGENT_DRAINING");
        MesosAgent {
            id: self.agent_info.id.value,
            host: self.agent_info.hostname,
            can_drain: self.capabilities.iter().any(|capability| capability.kind.as_deref() == draining),
            is_deactivated: self.deactivated,
            drain: self.drain_info.map(state),
        }
    }
}

impl Client {
    /// The agent of this host name, id or IP.
    ///
    /// # Errors
    /// When the master does not answer, or knows no such agent.
    pub(crate) fn mesos_agent(&self, master: &Endpoint, name: &str) -> Result<MesosAgent, MesosError> {
        let call = "GET_AGENTS";
        let answer: AgentsAnswer = self.ask_mesos(master, call)?;
        let (mut called, others): (Vec<RawAgent>, Vec<RawAgent>) =
            answer.get_agents.agents.into_iter().partition(|agent| agent.is_called(name));
        let agent = name.to_owned();
        match (called.pop(), &called[..]) {
            (Some(agent), []) => Ok(agent.read()),
            (Some(last), more) => {
                let ids: Vec<&str> =
                    more.iter().chain([&last]).map(|agent| &*agent.agent_info.id.value).collect();
                Err(MesosError::Several { agent, ids: ids.join(", ") })
            }
            (None, _) => {
                let mut known: Vec<&str> =
                    others.iter().take(8).map(|other| &*other.agent_info.hostname).collect();
                if others.len() > known.len() {
                    known.push("…");
                }
                let known = if known.is_empty() { "none at all".to_owned() } else { known.join(", ") };
                Err(MesosError::NoAgent { agent, known })
            }
        }
    }

    /// The tasks that run on an agent, or are about to.
    ///
    /// # Errors
    /// When the master does not answer.
    pub(crate) fn mesos_tasks(
        &self,
        master: &Endpoint,
        agent: &MesosAgent,
    ) -> Result<Vec<MesosTask>, MesosError> {
        let answer: TasksAnswer = self.ask_mesos(master, "GET_TASKS")?;
        let RawTasks { tasks, pending_tasks } = answer.get_tasks;
        let here = tasks.into_iter().chain(pending_tasks).filter(|task| task.agent_id.value == agent.id);
        let read = |task: RawTask| MesosTask {
            id: task.task_id.value,
            is_docker: task.container.is_some_and(|container| container.kind.as_deref() == Some("DOCKER")),
        };
        Ok(here.map(read).collect())
    }

    /// Begins to drain an agent: its tasks end, and no new ones start there. This cannot be cancelled.
    ///
    /// # Errors
    /// When the master does not answer, or refuses.
    pub(crate) fn drain_agent(
        &self,
        master: &Endpoint,
        agent: &MesosAgent,
    ) -> Result<DrainAnswer, MesosError> {
        if !agent.can_drain {
            return Ok(DrainAnswer::Unknown);
        }
        let call = json!({ "type": "DRAIN_AGENT", "drain_agent": { "agent_id": { "value": agent.id } } });
        match self.tell_mesos(master, "DRAIN_AGENT", &call) {
            Ok(_) => Ok(DrainAnswer::Begun),
            // How a master tells that it cannot read a call.
            Err(MesosError::Refused { status: 400, message, .. }) if message.starts_with("Failed to") => {
                Ok(DrainAnswer::Unknown)
            }
            Err(MesosError::Refused { status: 501, .. }) => Ok(DrainAnswer::Unknown),
            Err(error) => Err(error),
        }
    }

    /// Lets tasks start on a drained agent again.
    ///
    /// # Errors
    /// When the master does not answer, or refuses, as it does for an agent that is still being drained.
    pub(crate) fn reactivate_agent(&self, master: &Endpoint, agent: &MesosAgent) -> Result<(), MesosError> {
        let call =
            json!({ "type": "REACTIVATE_AGENT", "reactivate_agent": { "agent_id": { "value": agent.id } } });
        match self.tell_mesos(master, "REACTIVATE_AGENT", &call) {
            // The answer to a request before this one may have been lost.
            Err(MesosError::Refused { status: 400, message, .. }) if message.contains("not deactivated") => {
                Ok(())
            }
            told => told.map(drop),
        }
    }

    fn ask_mesos<T: DeserializeOwned>(&self, master: &Endpoint, call: &'static str) -> Result<T, MesosError> {
        let body = self.tell_mesos(master, call, &json!({ "type": call }))?;
        serde_json::from_slice(&body).map_err(|_| MesosError::NotMesos { master: master.to_string(), call })
    }

    fn tell_mesos(&self, master: &Endpoint, call: &'static str, body: &Json) -> Result<Vec<u8>, MesosError> {
        let path = "api/v1";
        let (status, headers, body) =
            self.exchange(master, Method::POST, path, Some(body.to_string()), MAX_LIST)?;
        match status {
            200 | 202 => Ok(body),
            404 | 405 => Err(MesosError::NotMesos { master: master.to_string(), call }),
            300..400 => {
                let to = location(&master.below(path), &headers);
                let leader = to.map(|to| to.trim_end_matches(path).trim_end_matches('/').to_owned());
                Err(MesosError::NotLeading {
                    master: master.to_string(),
                    leader: leader.unwrap_or_else(|| "it does not say which".to_owned()),
                })
            }
            _ => {
                let text = String::from_utf8_lossy(&body);
                let message: String = text.trim().chars().filter(|c| !c.is_control()).take(300).collect();
                let message = if message.is_empty() { "it does not say why".to_owned() } else { message };
                Err(MesosError::Refused { call, status, message })
            }
        }
    }
}
