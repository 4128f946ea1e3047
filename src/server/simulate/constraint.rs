//! Placement constraints against an agent (`Constraints.scala`, 1.11).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value as Json;

use super::agent::Agent;
use super::instance::SimulatedInstance;
use crate::server::time::Time;
use crate::server::world::spec::Spec;

/// The constraints of a service: field, operator, value.
fn constraints(spec: &Spec) -> Vec<(String, String, Option<String>)> {
    let text = |value: Option<&Json>| value.and_then(Json::as_str).map(str::to_owned);
    if spec.is_pod() {
        let listed = spec.list(&["scheduling", "placement", "constraints"]);
        let read = |each: &Json| {
            Some((text(each.get("fieldName"))?, text(each.get("operator"))?, text(each.get("value"))))
        };
        return listed.filter_map(read).collect();
    }
    let read = |each: &Json| Some((text(each.get(0))?, text(each.get(1))?, text(each.get(2))));
    spec.list(&["constraints"]).filter_map(read).collect()
}

/// An agent's value of a field.
fn value(agent: &Agent, field: &str) -> Option<String> {
    match field {
        "hostname" | "@hostname" => Some(agent.hostname.clone()),
        "@region" => agent.region.clone(),
        "@zone" => agent.zone.clone(),
        _ => agent.attributes.get(field).cloned(),
    }
}

/// How many instances of a configuration of a service each agent has. They are counted once for all offers of a round.
#[derive(Debug)]
pub(crate) struct Placed {
    configured: Time,
    /// By the agent's number.
    counts: Vec<usize>,
}

impl Placed {
    /// Counts the instances of the configuration that this one is of.
    pub(crate) fn of<'i>(
        spec: &Spec,
        instances: impl Iterator<Item = &'i SimulatedInstance>,
        agents: usize,
    ) -> Self {
        let mut placed = Self { configured: spec.configured, counts: vec![0; agents] };
        instances
            .filter(|instance| instance.is_active() && instance.spec.configured == spec.configured)
            .filter_map(|instance| instance.agent)
            .for_each(|agent| placed.add(agent));
        placed
    }

    /// Whether it is about the configuration that this one is of.
    pub(crate) fn is_of(&self, spec: &Spec) -> bool {
        self.configured == spec.configured
    }

    /// Counts one more on an agent.
    pub(crate) fn add(&mut self, agent: usize) {
        if let Some(count) = self.counts.get_mut(agent) {
            *count += 1;
        }
    }

    fn all(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The values that agents with instances have of a field, and how many instances each.
    fn values<'p>(
        &'p self,
        agents: &'p [Agent],
        field: &'p str,
    ) -> impl Iterator<Item = (String, usize)> + use<'p> {
        let filled = agents.iter().zip(&self.counts).filter(|(_, count)| **count > 0);
        filled.filter_map(move |(agent, count)| Some((value(agent, field)?, *count)))
    }
}

/// Whether an agent meets the constraints of a service whose instances are on these agents.
pub(crate) fn are_met(spec: &Spec, agent: &Agent, agents: &[Agent], placed: &Placed) -> bool {
    constraints(spec)
        .iter()
        .all(|(field, operator, wanted)| is_met(field, operator, wanted.as_deref(), agent, agents, placed))
}

fn is_met(
    field: &str,
    operator: &str,
    wanted: Option<&str>,
    agent: &Agent,
    agents: &[Agent],
    placed: &Placed,
) -> bool {
    let Some(own) = value(agent, field) else {
        return operator == "UNLIKE";
    };
    let same: usize =
        placed.values(agents, field).filter(|(other, _)| *other == own).map(|(_, count)| count).sum();
    let matches =
        |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(&own));
    match operator {
        "UNIQUE" => same == 0,
        "IS" => wanted == Some(own.as_str()),
        "CLUSTER" => match wanted.filter(|wanted| !wanted.is_empty()) {
            Some(wanted) => wanted == own,
            None => same == placed.all(),
        },
        "LIKE" => wanted.is_some_and(matches),
        "UNLIKE" => wanted.is_some_and(|pattern| !matches(pattern)),
        "MAX_PER" => wanted.and_then(|most| most.parse().ok()).is_some_and(|most: usize| same < most),
        "GROUP_BY" => {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for other in agents.iter().filter_map(|other| value(other, field)) {
                counts.entry(other).or_default();
            }
            for (other, count) in placed.values(agents, field) {
                *counts.entry(other).or_default() += count;
            }
            counts.get(&own).copied() <= counts.values().min().copied()
        }
        _ => true,
    }
}
