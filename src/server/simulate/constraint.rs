//! Placement constraints against an agent (`Constraints.scala`, 1.11).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value as Json;

use super::agent::Agent;
use super::instance::SimulatedInstance;
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

/// Whether an agent meets the constraints of a service whose instances are on these agents.
pub(crate) fn are_met(spec: &Spec, agent: &Agent, agents: &[Agent], instances: &[SimulatedInstance]) -> bool {
    let placed: Vec<&Agent> = instances
        .iter()
        .filter(|instance| instance.is_active() && instance.spec.configured == spec.configured)
        .filter_map(|instance| agents.get(instance.agent?))
        .collect();
    constraints(spec)
        .iter()
        .all(|(field, operator, wanted)| is_met(field, operator, wanted.as_deref(), agent, agents, &placed))
}

fn is_met(
    field: &str,
    operator: &str,
    wanted: Option<&str>,
    agent: &Agent,
    agents: &[Agent],
    placed: &[&Agent],
) -> bool {
    let Some(own) = value(agent, field) else {
        return operator == "UNLIKE";
    };
    let same = placed.iter().filter(|other| value(other, field).as_ref() == Some(&own)).count();
    let matches =
        |pattern: &str| Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(&own));
    match operator {
        "UNIQUE" => same == 0,
        "IS" => wanted == Some(own.as_str()),
        "CLUSTER" => match wanted.filter(|wanted| !wanted.is_empty()) {
            Some(wanted) => wanted == own,
            None => same == placed.len(),
        },
        "LIKE" => wanted.is_some_and(matches),
        "UNLIKE" => wanted.is_some_and(|pattern| !matches(pattern)),
        "MAX_PER" => wanted.and_then(|most| most.parse().ok()).is_some_and(|most: usize| same < most),
        "GROUP_BY" => {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for other in agents.iter().filter_map(|other| value(other, field)) {
                counts.entry(other).or_default();
            }
            for other in placed.iter().filter_map(|other| value(other, field)) {
                *counts.entry(other).or_default() += 1;
            }
            counts.get(&own).copied() <= counts.values().min().copied()
        }
        _ => true,
    }
}
