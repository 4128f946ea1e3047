//! Ports of the agent.

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::finding::{Effect, Refuser};
use crate::rule::view::AppView;
use crate::schema::integer;
use crate::source::Value;
use crate::target::Ports;
use crate::util::hash::Set;

use super::{Context, Fields, Rule, refuse};

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

pub(super) static RULES: &[&Rule] = &[&HOST_PORT_TWICE, &PORT_NOT_OFFERED];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let is_host = !app.networks.iter().any(|network| network.mode != NetworkMode::Host);
    let roles = app.fields.get("acceptedResourceRoles");
    if is_host {
        if app.fields.is_true("requirePorts") {
            let definitions = app.port_definitions.iter().flatten();
            for (at, port) in definitions.filter_map(|port| Some((port.at?, port.port))) {
                offered(at.get("port").unwrap_or(at), port, roles, context);
            }
        }
        return;
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

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    for endpoint in container.list("endpoints") {
        if let Some((at, port)) = endpoint.get("hostPort").and_then(fixed_port) {
            offered(at, port, None, context);
        }
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
    let settings = context.settings;
    let agents = &settings.agents;
    let ports = match &agents.ports {
        Some(ports) => Some(Cow::Borrowed(ports)),
        None if agents.is_dcos => dcos_ports(roles).parse::<Ports>().ok().map(Cow::Owned),
        None => None,
    };
    let Some(ports) = ports.filter(|ports| !ports.contain(port)) else { return };
    let is_certain = agents.ports.is_some();
    let found = context.warn(&PORT_NOT_OFFERED, at);
    if is_certain {
        found.effect = Effect::Fails;
    }
    found.message = format!("no instance starts unless agents offer port {port}: they offer {ports}");
    found.help = Some(
        "let Mesos pick one (0) behind a VIP or a load balancer, or accept the role of public agents for a port of theirs"
            .into(),
    );
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
