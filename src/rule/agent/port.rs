//! Ports of the agent.

use crate::finding::{Effect, Refuser};
use crate::rule::view::AppView;
use crate::schema::integer;
use crate::source::Value;
use crate::target::{Ports, Release};
use crate::util::hash::Set;

use super::task::{Task, TaskNetwork};
use super::{Context, Fields, Rule, is_open, refuse};

static HOST_PORT_TWICE: Rule =
    Rule::fails("host-port-twice", "An app asks for a port of the agent once")
        .why(
            "A `hostPort` that two mappings have makes the task ask for one port twice, even for different protocols. The \
             master refuses every task. (Mesos, `src/common/resources.cpp`.) A mapping for both protocols is `udp,tcp`.",
        )
        .bad(r#"{"id": "/dns", "container": {"type": "DOCKER", "docker": {"image": "example/dns:1.4.2"},
                "portMappings": [{"containerPort": 53, "hostPort": 1053, "protocol": "udp"},
                {"containerPort": 53, "hostPort": 1053, "protocol": "tcp"}]},
                "networks": [{"mode": "container/bridge"}]}"#)
        .good(r#"{"id": "/dns", "container": {"type": "DOCKER", "docker": {"image": "example/dns:1.4.2"},
                "portMappings": [{"containerPort": 53, "hostPort": 1053, "protocol": "udp,tcp"}]},
                "networks": [{"mode": "container/bridge"}]}"#);

static PORT_NOT_OFFERED: Rule =
    Rule::risky("host-port-not-offered", "Agents offer the fixed ports of a service")
        .why(
            "Marathon starts an instance only on an agent that offers its fixed ports. Private agents of DC/OS offer 1025 to \
             32000 without the ports of DC/OS's own services, public agents (the role `slave_public`) nearly all below \
             32000. For another port the deployment waits, and nothing says why. `[target.agents]` in milepost.toml says \
             what other agents offer.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "portMappings": [{"containerPort": 80, "hostPort": 80}]}, "networks": [{"mode": "container/bridge"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "portMappings": [{"containerPort": 80, "hostPort": 80}]}, "networks": [{"mode": "container/bridge"}],
                "acceptedResourceRoles": ["slave_public"]}"#)
        .setting("--resources");

static ROLE_NOT_OFFERED: Rule =
    Rule::fails("role-not-offered", "Agents have resources for a role that a service accepts")
        .why(
            "Marathon starts an instance only with resources for one of `acceptedResourceRoles`. Where no agent has reserved \
             any for these roles, the deployment waits, and nothing says why. `[target.agents]` in milepost.toml lists the \
             roles, and --target-from reads them from Mesos.",
        )
        .example("\"acceptedResourceRoles\": [\"edge\"], with roles = {slave_public = \"1-21\"} in [target.agents]")
        .setting("--resources");

static TWO_PROTOCOLS: Rule =
    Rule::fails("ucr-two-protocols", "A port mapping of UCR has one protocol")
        .why(
            "Marathon makes two mappings of \"udp,tcp\" for the Docker Engine and for pods. For an app of UCR it leaves the \
             text as it is, and the plug-in that maps ports fails with it at each launch. (Marathon, `ContainerSerializer`; \
             Mesos, `isolators/network/cni/plugins/port_mapper`).",
        )
        .bad(r#"{"id": "/dns", "cmd": "dnsd", "container": {"type": "MESOS", "docker": {"image": "example/dns:1.4.2"},
                "portMappings": [{"containerPort": 53, "hostPort": 0, "protocol": "udp,tcp"}]},
                "networks": [{"mode": "container/bridge"}]}"#)
        .good(r#"{"id": "/dns", "cmd": "dnsd", "container": {"type": "MESOS", "docker": {"image": "example/dns:1.4.2"},
                "portMappings": [{"containerPort": 53, "hostPort": 0, "protocol": "udp"},
                {"containerPort": 53, "hostPort": 0, "protocol": "tcp"}]},
                "networks": [{"mode": "container/bridge"}]}"#)
        .since(Release::V1_5);

pub(super) static RULES: &[&Rule] = &[&HOST_PORT_TWICE, &PORT_NOT_OFFERED, &ROLE_NOT_OFFERED, &TWO_PROTOCOLS];

pub(super) fn app(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let is_host = app.is_on_host();
    let roles = app.fields.get("acceptedResourceRoles");
    self::roles(roles, context);
    if is_host {
        if app.fields.is_true("requirePorts") {
            let definitions = app.port_definitions.iter().flatten();
            // Instead of 0 Marathon asks for a port of its own choice.
            for (at, port) in definitions.filter_map(|port| Some((port.at?, port.port))).filter(|it| it.1 > 0)
            {
                offered(at.get("port").unwrap_or(at), port, roles, context);
            }
        }
        return;
    }
    if !task.is_docker() && context.release() >= Release::V1_5 {
        two_protocols(app, task, context);
    }
    let ports = app.port_mappings().filter_map(|mapping| fixed_port(mapping.at?.get("hostPort")?));
    let mut seen: Set<i64> = Set::default();
    for (at, port) in ports {
        if seen.insert(port) {
            offered(at, port, roles, context);
        } else {
            twice(at, port, context);
        }
    }
}

/// The ports of a container of a pod that accepts these roles.
pub(super) fn container(container: &Fields<'_>, roles: Option<Value<'_>>, context: &mut Context<'_>) {
    for endpoint in container.list("endpoints") {
        if let Some((at, port)) = endpoint.get("hostPort").and_then(fixed_port) {
            offered(at, port, roles, context);
        }
    }
}

/// Reports mappings of ports of the agent with two protocols.
fn two_protocols(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let is_bridge = matches!(task.network, TaskNetwork::Bridge);
    for mapping in app.port_mappings().filter(|mapping| is_bridge || mapping.has_host_port) {
        let Some(at) = mapping.at.and_then(|at| at.get("protocol")) else { continue };
        if !at.as_str().is_some_and(|protocol| protocol.contains(',')) {
            continue;
        }
        let said = "Failed to launch container: The CNI plugin 'mesos-cni-port-mapper' failed to attach container to CNI network: \
                    Failed to add DNAT rule with tag";
        // Agents of others may have another plug-in.
        let is_certain = context.settings.agents.is_dcos;
        let found = refuse(context, &TWO_PROTOCOLS, at, Refuser::Agent, said);
        if !is_certain {
            found.effect = Effect::Risky;
        }
        found.message =
            "no instance starts: UCR maps a port for one protocol, and gets two for this one".into();
        found.help = Some(
            "write two mappings, one for each protocol; with a fixed `hostPort` only the Docker Engine and pods can do it"
                .into(),
        );
    }
}

fn fixed_port(at: Value<'_>) -> Option<(Value<'_>, i64)> {
    let port = integer(at.as_number()?, true)?;
    (port > 0).then_some((at, port))
}

fn twice(at: Value<'_>, port: i64, context: &mut Context<'_>) {
    let said = format!(
        "Resource 'ports(allocated: *):[{port}-{port}, {port}-{port}]' is invalid: Invalid ranges resource: overlapping \
         ranges"
    );
    let found = refuse(context, &HOST_PORT_TWICE, at, Refuser::Master, said);
    found.message =
        format!("the Mesos master refuses every task: it asks for port {port} of the agent twice");
    found.help = Some(
        "give one mapping another `hostPort`; for both protocols write \"protocol\": \"udp,tcp\"".into(),
    );
}

fn offered(at: Value<'_>, port: i64, roles: Option<Value<'_>>, context: &mut Context<'_>) {
    let agents = &context.settings.agents;
    let known = agents.ports_for(accepted(roles).as_deref());
    let is_certain = known.is_some();
    let of_dcos = || agents.is_dcos.then(|| dcos_ports(roles).parse::<Ports>().ok()).flatten();
    let Some(ports) = known.or_else(of_dcos).filter(|ports| !ports.contain(port)) else { return };
    let found = context.warn(&PORT_NOT_OFFERED, at);
    if is_certain {
        found.effect = Effect::Fails;
    }
    found.message = if ports.is_empty() {
        format!("no instance starts: agents offer no ports to the roles that it accepts, and it wants {port}")
    } else {
        format!("no instance starts unless agents offer port {port}: they offer {ports}")
    };
    found.help = Some(
        "let Mesos pick one (0) behind a VIP or a load balancer, or accept the role of public agents for a port of theirs"
            .into(),
    );
}

/// The roles that a service accepts, where it names some.
fn accepted(roles: Option<Value<'_>>) -> Option<Vec<String>> {
    let roles: Vec<String> = roles?.elements().filter_map(|role| role.as_str().map(Into::into)).collect();
    (!roles.is_empty()).then_some(roles)
}

/// Reports a service that accepts only roles for which nothing is reserved, where that is known.
pub(super) fn roles(roles: Option<Value<'_>>, context: &mut Context<'_>) {
    let (Some(at), Some(accepted)) = (roles, accepted(roles)) else { return };
    let Some(known) = &context.settings.agents.roles else { return };
    if accepted.iter().any(|role| role == "*" || known.contains_key(role) || is_open(role)) {
        return;
    }
    let found = context.warn(&ROLE_NOT_OFFERED, at);
    found.message =
        format!("no instance starts: no agent has resources for the role `{}`", accepted.join("`, `"));
    let names: Vec<&str> = ["*"].into_iter().chain(known.keys().map(String::as_str)).collect();
    found.help = Some(format!("agents have resources for: {}", names.join(", ")).into());
}

/// What agents of DC/OS offer to the roles that an app accepts.
fn dcos_ports(roles: Option<Value<'_>>) -> String {
    let accepts = |role: &str| roles.is_some_and(|roles| roles.elements().any(|of| of.is_str(role)));
    match (accepts("slave_public"), accepts("*")) {
        (true, true) => format!("{}, {}", Ports::DCOS, Ports::DCOS_PUBLIC),
        (true, false) => Ports::DCOS_PUBLIC.to_owned(),
        _ => Ports::DCOS.to_owned(),
    }
}
