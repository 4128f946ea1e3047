//! Whether an agent's offer fits an instance, and why not.

use serde_json::Value as Json;

use super::agent::Agent;
use super::constraint::{self, Placed};
use crate::server::random::Random;
use crate::server::world::spec::Spec;

/// Why an offer is declined, in the order in which Marathon looks (`NoOfferMatchReason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DeclineReason {
    Role,
    Constraint,
    Reservation,
    Maintenance,
    Cpus,
    Mem,
    Disk,
    Gpus,
    Ports,
    Scarce,
}

impl DeclineReason {
    /// All, in order.
    pub(crate) const ALL: [Self; 10] = [
        Self::Role,
        Self::Constraint,
        Self::Reservation,
        Self::Maintenance,
        Self::Cpus,
        Self::Mem,
        Self::Disk,
        Self::Gpus,
        Self::Ports,
        Self::Scarce,
    ];

    /// Marathon's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Role => "UnfulfilledRole",
            Self::Constraint => "UnfulfilledConstraint",
            Self::Reservation => "NoCorrespondingReservationFound",
            Self::Maintenance => "AgentMaintenance",
            Self::Cpus => "InsufficientCpus",
            Self::Mem => "InsufficientMemory",
            Self::Disk => "InsufficientDisk",
            Self::Gpus => "InsufficientGpus",
            Self::Ports => "InsufficientPorts",
            Self::Scarce => "DeclinedScarceResources",
        }
    }
}

/// What hosts ports an instance wants: each a certain one, or any.
pub(crate) fn wanted_ports(spec: &Spec) -> Vec<Option<u16>> {
    let number =
        |value: Option<&Json>| value.and_then(Json::as_u64).and_then(|port| u16::try_from(port).ok());
    if spec.is_pod() {
        let endpoints = spec
            .list(&["containers"])
            .flat_map(|each| each.get("endpoints").and_then(Json::as_array).into_iter().flatten());
        let hosted = endpoints.filter_map(|endpoint| number(endpoint.get("hostPort")));
        return hosted.map(|port| Some(port).filter(|port| *port > 0)).collect();
    }
    let is_required = spec.body.get("requirePorts") == Some(&Json::Bool(true));
    let defined =
        spec.list(&["portDefinitions"]).map(|each| number(each.get("port")).filter(|_| is_required));
    let mapped = spec.list(&["container", "portMappings"]).filter_map(|each| number(each.get("hostPort")));
    defined.chain(mapped.map(Some)).map(|port| port.filter(|port| *port > 0)).collect()
}

/// Why an agent is not taken for an instance; empty where it is.
pub(crate) fn reasons(spec: &Spec, agent: &Agent, agents: &[Agent], placed: &Placed) -> Vec<DeclineReason> {
    let mut found = Vec::new();
    let path: &[&str] = if spec.is_pod() {
        &["scheduling", "placement", "acceptedResourceRoles"]
    } else {
        &["acceptedResourceRoles"]
    };
    let accepted: Vec<&str> = spec.list(path).filter_map(Json::as_str).collect();
    let accepts = if accepted.is_empty() {
        agent.role == "*" || agent.role == spec.role()
    } else {
        accepted.contains(&agent.role.as_str())
    };
    // Marathon adds up all resources of the accepted roles: without any, everything is missing.
    if !accepts || agent.is_lost || spec.label("MILEPOST_NEVER_PLACED").is_some() {
        found.push(DeclineReason::Role);
    }
    if !constraint::are_met(spec, agent, agents, placed) {
        found.push(DeclineReason::Constraint);
    }
    let (used, room) = (&agent.used, if accepts { 1.0 } else { 0.0 });
    let resources = [
        (DeclineReason::Cpus, spec.resource("cpus"), (agent.cpus - used.cpus) * room),
        (DeclineReason::Mem, spec.resource("mem"), (agent.mem - used.mem) * room),
        (DeclineReason::Disk, spec.resource("disk"), (agent.disk - used.disk) * room),
        (DeclineReason::Gpus, spec.resource("gpus"), (agent.gpus - used.gpus) * room),
    ];
    found.extend(
        resources.iter().filter(|(_, wanted, left)| *wanted > *left + 1e-9).map(|(reason, ..)| *reason),
    );
    let (first, last) = agent.ports;
    let is_free = |port: u16| (first..=last).contains(&port) && !used.ports.contains(&port);
    let wanted = wanted_ports(spec);
    let any = wanted.iter().filter(|port| port.is_none()).count();
    let free = usize::from(last.saturating_sub(first)) + 1 - used.ports.len().min(usize::from(last));
    if wanted.iter().flatten().any(|port| !is_free(*port)) || any > free || (!wanted.is_empty() && !accepts) {
        found.push(DeclineReason::Ports);
    }
    if spec.resource("gpus") == 0.0 && agent.gpus > 0.0 {
        found.push(DeclineReason::Scarce);
    }
    found
}

/// The host ports that an instance gets on an agent: those that it wants, and free ones that follow each other.
pub(crate) fn take_ports(spec: &Spec, agent: &mut Agent, random: &mut Random) -> Vec<u16> {
    let wanted = wanted_ports(spec);
    let (first, last) = agent.ports;
    let span = u64::from(last.saturating_sub(first)) + 1;
    let begin = random.below(span);
    let mut offset = 0;
    let mut ports = Vec::with_capacity(wanted.len());
    for port in wanted {
        let port = port.or_else(|| {
            // Every port of the range is tried once.
            while offset < span {
                let candidate = u64::from(first) + (begin + offset) % span;
                offset += 1;
                let free = u16::try_from(candidate).ok().filter(|port| *port > 1024 || last <= 1024);
                if let Some(port) = free.filter(|port| !agent.used.ports.contains(port)) {
                    return Some(port);
                }
            }
            None
        });
        if let Some(port) = port {
            agent.used.ports.insert(port);
            ports.push(port);
        }
    }
    ports
}
