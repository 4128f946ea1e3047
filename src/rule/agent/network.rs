//! Networks that agents do not have.

use crate::finding::{Effect, Refuser};
use crate::rule::view::AppView;
use crate::source::Value;
use crate::target::DockerRelease;

use super::task::{Task, TaskNetwork, is_network_of_docker};
use super::{Context, Fields, Rule, engine_failed, is_open, refuse};

static NETWORK_LIKE_A_MODE: Rule =
    Rule::fails("network-called-like-a-mode", "A container network is not called like a mode")
        .why(
            "`host`, `bridge` and `none` are networks of the Docker Engine itself. UCR and pods know no network of such a \
             name, and the Docker Engine maps no ports on `host` and `none`. What is meant has a mode of its own. (Mesos, \
             `isolators/network/cni/cni.cpp`, `src/docker/docker.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS",
                "docker": {"image": "example/web:1.4.2"}}, "networks": [{"mode": "container", "name": "host"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS",
                "docker": {"image": "example/web:1.4.2"}}, "networks": [{"mode": "host"}]}"#);

static UNKNOWN_NETWORK: Rule =
    Rule::risky("unknown-network", "Agents have the network that a service joins")
        .why(
            "Marathon does not know the networks of agents. Each launch on an agent without it fails. DC/OS has `dcos`, \
             `dcos6`, `calico` and, for UCR only, `mesos-bridge`; `[target.agents]` in milepost.toml lists others.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}}, "networks": [{"mode": "container", "name": "backend"}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}}, "networks": [{"mode": "container", "name": "dcos"}]}"#);

pub(super) static RULES: &[&Rule] = &[&NETWORK_LIKE_A_MODE, &UNKNOWN_NETWORK];

pub(super) fn app(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let TaskNetwork::Named(Some((name, at))) = &task.network else { return };
    if app.networks.iter().all(|network| network.name.is_none()) {
        // Marathon's own default.
        return;
    }
    if !is_network_of_docker(name) && is_overridden(task, context) {
        return;
    }
    let has_host_port = || app.port_mappings().any(|mapping| mapping.has_host_port);
    named(name, *at, task.is_docker().then(has_host_port), context);
}

/// Whether a parameter names the network: before Docker 19.03 the last one counts, and that of Mesos comes first.
fn is_overridden(task: &Task<'_>, context: &Context<'_>) -> bool {
    let is_old = context.settings.agents.docker.is_some_and(|docker| docker < DockerRelease::new(19, 3));
    let mut parameters = task.docker.iter().flat_map(|docker| docker.list("parameters"));
    is_old
        && task.is_docker()
        && parameters.any(|of| of.get("key").is_some_and(|key| key.is_str("net") || key.is_str("network")))
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    for network in pod.list("networks") {
        let Some(at) = network.get("name") else { continue };
        if let Some(name) = at.as_str() {
            named(&name, at, None, context);
        }
    }
}

/// `docker` says, for a task that the Docker Engine runs, whether it has ports of the agent.
fn named(name: &str, at: Value<'_>, docker: Option<bool>, context: &mut Context<'_>) {
    if is_open(name) {
        return;
    }
    let said = match docker {
        Some(_) => engine_failed(&format!("network {name} not found")),
        None => format!("Failed to launch container: Unknown CNI network '{name}'"),
    };
    let by = if docker.is_some() { Refuser::Docker } else { Refuser::Agent };
    let networks = context.settings.agents.networks.as_ref();
    let is_listed = networks.map(|networks| networks.iter().any(|network| network == name));
    if is_network_of_docker(name) && is_listed != Some(true) {
        let (by, said) = match docker {
            None => (by, said),
            Some(true) if matches!(name, "host" | "none") => (
                Refuser::Executor,
                "Failed to create docker run options: Port mappings are only supported for bridge and user-defined networks"
                    .to_owned(),
            ),
            Some(_) => return,
        };
        let found = refuse(context, &NETWORK_LIKE_A_MODE, at, by, said);
        found.message = format!("no instance starts: `{name}` is not the name of a container network");
        found.help = Some(match name {
            "bridge" | "default" => "write \"mode\": \"container/bridge\", without a name".into(),
            _ => "write \"mode\": \"host\", without a name".into(),
        });
        return;
    }
    let is_bridge_of_ucr = docker.is_some() && name == "mesos-bridge";
    let is_of_dcos = ["dcos", "dcos6", "calico", "mesos-bridge"].contains(&name);
    match is_listed {
        Some(true) => return,
        None if is_of_dcos && !is_bridge_of_ucr => return,
        None if !context.settings.agents.is_dcos => return,
        _ => {}
    }
    let found = refuse(context, &UNKNOWN_NETWORK, at, by, said);
    if is_listed.is_some() {
        found.message = format!("no instance starts: `[target.agents]` lists the networks, and not `{name}`");
    } else if is_bridge_of_ucr {
        found.message = "no instance starts: only UCR knows `mesos-bridge`".into();
    } else {
        found.effect = Effect::Risky;
        found.message = format!(
            "no instance starts on an agent without the network `{name}`, which is none of DC/OS's own"
        );
    }
    found.help = Some("name a network that all agents have".into());
}
