//! An instance of a pod as the answer to its kill shows it (`Raml.toRaml(instance)`).

use serde_json::{Value as Json, json};

use crate::server::simulate::instance::{Goal, SimulatedInstance};
use crate::server::world::World;

/// An instance that is about to be killed.
pub(crate) fn killed(world: &World, instance: &SimulatedInstance) -> Json {
    let agent = instance.agent.and_then(|agent| world.agents.get(agent));
    let condition = instance.shown_condition();
    let goal = match instance.goal {
        Goal::Running => "Running",
        Goal::Stopped => "Stopped",
        Goal::Decommissioned => "Decommissioned",
    };
    let mut state = json!({"condition": condition.name(), "since": instance.since.to_string(), "goal": goal});
    if let Some(since) = instance.active_since {
        state["activeSince"] = since.to_string().into();
    }
    json!({
        "instanceId": instance.id,
        "state": state,
        "agentInfo": {
            "host": agent.map(|agent| &agent.hostname),
            "agentId": agent.map(|agent| &agent.id),
            "attributes": [],
        },
        "runSpecVersion": instance.spec.version.to_string(),
        "unreachableStrategy": instance.spec.at(&["scheduling", "unreachableStrategy"]),
    })
}
