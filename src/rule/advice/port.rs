//! Ports that the network does not use, and VIPs that the load balancer cannot read.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::finding::{Change, Fix, FixKind};
use crate::rule::view::AppView;
use crate::source::Value;
use crate::target::Release;
use crate::util::text;

use super::{Context, Fields, Rule};

pub(crate) static MAPPINGS_ON_HOST_NETWORK: Rule =
    Rule::ignored("port-mappings-on-host-network", "An app with port mappings is on a bridge or container network")
        .why(
            "An app without `networks` is on the host network, which maps nothing: Marathon silently drops `portMappings`, \
             and the app listens on a port that was never reserved, without a VIP or a service port.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80}]},
                "healthChecks": [{"protocol": "COMMAND",
                "command": {"value": "test -e /tmp/ready"}}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80}]},
                "networks": [{"mode": "container/bridge"}],
                "healthChecks": [{"protocol": "COMMAND",
                "command": {"value": "test -e /tmp/ready"}}]}"#)
        .since(Release::V1_5)
        .fix(FixKind::Unsafe);

pub(crate) static DEFINITIONS_OFF_HOST_NETWORK: Rule =
    Rule::ignored("port-definitions-off-host-network", "An app with `portDefinitions` or `ports` is on the host network")
        .why(
            "On a bridge or container network ports are `container.portMappings`. Marathon drops `portDefinitions` and \
             `ports` there with their numbers, names, labels and VIPs. If they outnumber the mappings, it adds mappings \
             to container port 0 until the counts are equal.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80}]},
                "networks": [{"mode": "container/bridge"}], "portDefinitions": [{"port": 10080,
                "labels": {"VIP_0": "/web:80"}}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80,
                "servicePort": 10080, "labels": {"VIP_0": "/web:80"}}]},
                "networks": [{"mode": "container/bridge"}]}"#)
        .since(Release::V1_5)
        .fix(FixKind::Unsafe);

static NEEDLESS_REQUIRE_PORTS: Rule =
    Rule::ignored("needless-require-ports", "An app with `requirePorts` has ports on the host network")
        .why(
            "`requirePorts` makes a task run only where the ports of `portDefinitions` are free. On any other network \
             Marathon stores it as false; there `hostPort` in a mapping fixes a port of the agent.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80}]},
                "networks": [{"mode": "container/bridge"}], "requirePorts": true}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}, "portMappings": [{"containerPort": 80,
                "hostPort": 8080}]}, "networks": [{"mode": "container/bridge"}]}"#)
        .since(Release::V1_5)
        .fix(FixKind::Unsafe);

static MALFORMED_VIP: Rule =
    Rule::risky("malformed-vip", "A VIP label is an address or a name, a colon and a port")
        .why(
            "DC/OS reads the labels VIP_0, VIP_1 … of a port as ADDRESS:PORT or /NAME:PORT. One that it cannot read only \
             appears in the log of the load balancer on every agent, and clients do not find the service.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0,
                "labels": {"VIP_0": "/web"}}]}"#)
        .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0,
                "labels": {"VIP_0": "/web:80"}}]}"#);

static VIP_WITHOUT_PORT: Rule = Rule::risky("vip-without-port", "A VIP label is on a port")
    .why(
        "DC/OS reads the labels VIP_0, VIP_1 … of ports: of `portDefinitions`, `portMappings` and a pod's `endpoints`. \
         Among the labels of a service itself they do nothing, and clients do not find the service.",
    )
    .bad(r#"{"id": "/web", "cmd": "serve $PORT0", "labels": {"VIP_0": "/web:80"},
                "portDefinitions": [{"port": 0}]}"#)
    .good(r#"{"id": "/web", "cmd": "serve $PORT0", "portDefinitions": [{"port": 0,
                "labels": {"VIP_0": "/web:80"}}]}"#);

pub(super) static RULES: &[&Rule] = &[
    &MAPPINGS_ON_HOST_NETWORK,
    &DEFINITIONS_OFF_HOST_NETWORK,
    &NEEDLESS_REQUIRE_PORTS,
    &MALFORMED_VIP,
    &VIP_WITHOUT_PORT,
];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let is_host = app.is_on_host();
    if context.release() >= Release::V1_5 {
        if is_host {
            dropped_mappings(app, context);
        } else {
            dropped_definitions(app, context);
        }
        require_ports(app, is_host, context);
    }
    let mappings = app.port_mappings();
    let definitions = app.port_definitions.iter().flatten();
    for port in mappings.filter_map(|mapping| mapping.at).chain(definitions.filter_map(|port| port.at)) {
        vips(port, context);
    }
    labels(&app.fields, context);
}

/// The labels of an app or a pod itself.
pub(super) fn labels(service: &Fields<'_>, context: &mut Context<'_>) {
    let labels = service.get("labels").into_iter().flat_map(|labels| labels.members());
    for (key, _) in labels.filter(|(key, _)| is_vip(*key)) {
        let found = context.warn(&VIP_WITHOUT_PORT, key);
        found.message = "a VIP among the labels of the service itself, where nothing reads it".into();
        found.help = Some(
            "move it to the `labels` of the port: of `portDefinitions`, `portMappings` or a pod's `endpoints`".into(),
        );
    }
}

/// Whether a label is one of a VIP: the load balancer checks only these letters of the name (`dcos_net_mesos_listener`).
fn is_vip(key: Value<'_>) -> bool {
    key.verbatim().is_some_and(|key| key.starts_with(b"VIP") || key.starts_with(b"vip"))
}

pub(super) fn container(container: &Fields<'_>, context: &mut Context<'_>) {
    container.list("endpoints").for_each(|endpoint| vips(endpoint, context));
}

fn is_empty(list: Value<'_>) -> bool {
    list.elements().next().is_none()
}

fn dropped_mappings(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(container) = &app.container else { return };
    let old = container.docker.as_ref().and_then(|docker| docker.get("portMappings"));
    let new = container.fields.as_ref().and_then(|fields| fields.get("portMappings"));
    let Some(mappings) = new.or(old).filter(|mappings| !is_empty(*mappings)) else { return };
    let found = context.warn(&MAPPINGS_ON_HOST_NETWORK, mappings);
    if app.networks.is_empty() {
        found.message =
            "this app has no `networks`, so it is on the host network, where Marathon drops port mappings"
                .into();
        found.help =
            Some("add \"networks\": [{\"mode\": \"container/bridge\"}], or use `portDefinitions`".into());
        if !app.fields.has("networks") {
            let networks = serde_json::json!([{"mode": "container/bridge"}]);
            let change = Change::insert(app.fields.value, "networks", networks);
            found.fix = Some(Fix::unsafe_("put the app on a bridge network", [change]));
        }
    } else {
        found.message = "this app is on the host network, where Marathon drops port mappings".into();
        found.help = Some(
            "write the ports as `portDefinitions`, or put the app on a bridge or container network".into(),
        );
    }
}

fn dropped_definitions(app: &AppView<'_>, context: &mut Context<'_>) {
    for name in ["portDefinitions", "ports"] {
        let Some(list) = app.fields.get(name).filter(|list| !is_empty(*list)) else { continue };
        let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
        let written: Vec<Value<'_>> =
            mappings.iter().flat_map(|all| all.iter().filter_map(|one| one.at)).collect();
        let count = list.elements().count();
        if count <= written.len()
            && list.elements().zip(&written).all(|(port, mapping)| adds_nothing(port, *mapping))
        {
            continue;
        }
        let found = context.warn(&DEFINITIONS_OFF_HOST_NETWORK, list);
        if written.len() < count {
            let missing = text::count(count - written.len(), "port mapping");
            found.message = format!(
                "`{name}` is for the host network: Marathon drops its ports, and adds {missing} to container port 0"
            );
            found.help = Some("write the ports as `container.portMappings`".into());
        } else {
            found.message =
                format!("`{name}` is for the host network: Marathon drops it on this app's network");
            found.help = Some(
                "remove it, and move its values to `container.portMappings`, the port as `servicePort`"
                    .into(),
            );
            let change = Change::remove(app.fields.value, list);
            found.fix = Some(Fix::unsafe_(format!("remove `{name}`"), [change]));
        }
    }
}

fn name(port: Value<'_>) -> Option<Cow<'_, str>> {
    port.get("name")?.as_str()
}

/// Whether a port definition adds nothing to the mapping: the dashboard of DC/OS writes both.
fn adds_nothing(port: Value<'_>, mapping: Value<'_>) -> bool {
    let number = if port.as_number().is_some() { Some(port) } else { port.get("port") };
    let number = number.and_then(|number| number.as_f64()).unwrap_or(0.0);
    let service_port = mapping.get("servicePort").and_then(|service_port| service_port.as_f64());
    let has_labels = port.get("labels").is_some_and(|labels| labels.members().next().is_some());
    (number == 0.0 || service_port == Some(number))
        && !has_labels
        && (port.get("name").is_none() || name(port) == name(mapping))
}

fn require_ports(app: &AppView<'_>, is_host: bool, context: &mut Context<'_>) {
    let Some(at) = app.fields.get("requirePorts").filter(|at| at.as_bool() == Some(true)) else { return };
    let message = if !is_host {
        "`requirePorts` is for the host network: Marathon stores it as false on this app's network"
    } else if app.port_definitions.as_ref().is_some_and(Vec::is_empty) {
        "this app has no ports for `requirePorts`"
    } else {
        return;
    };
    let found = context.warn(&NEEDLESS_REQUIRE_PORTS, at);
    found.message = message.into();
    found.help = Some("remove it; `hostPort` in `portMappings` fixes a port of the agent".into());
    found.fix = Some(Fix::unsafe_("remove `requirePorts`", [Change::remove(app.fields.value, at)]));
}

/// The VIP labels of a port mapping, port definition or endpoint.
fn vips(port: Value<'_>, context: &mut Context<'_>) {
    let Some(labels) = port.get("labels") else { return };
    for (key, value) in labels.members() {
        if !is_vip(key) {
            continue;
        }
        let Some(text) = value.as_str() else { continue };
        // A template fills it in.
        if text.contains(['{', '<', '$']) {
            continue;
        }
        let Some(fault) = vip_fault(&text) else { continue };
        let found = context.warn(&MALFORMED_VIP, value);
        found.message = format!("`{text}` is not a VIP: {fault}");
        found.help = Some("write ADDRESS:PORT or /NAME:PORT, as in \"/web:80\"".into());
    }
}

/// Why the load balancer cannot read a VIP (`dcos_l4lb_mesos_poller:key`). It also accepts a name without a slash.
fn vip_fault(text: &str) -> Option<String> {
    let Some((name, port)) = text.rsplit_once(':') else { return Some("it has no port".into()) };
    if !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Some(format!("`{port}` is not a port"));
    }
    let name_only = name.strip_prefix('/').unwrap_or(name);
    if name_only.is_empty() {
        return Some("it has no address or name".into());
    }
    if name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') || name.contains(':') {
        return name.parse::<IpAddr>().is_err().then(|| format!("`{name}` is not an address"));
    }
    let is_odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    name.chars().find(|c| is_odd(*c)).map(|c| format!("a name cannot have `{}`", c.escape_default()))
}

#[cfg(test)]
mod tests {
    use super::vip_fault;

    #[test]
    fn vips() {
        for fine in ["10.1.2.3:80", "/web:80", "web:80", "/team/web:8080", "api.db:9042", "fd01::1:80"] {
            assert_eq!(vip_fault(fine), None, "{fine}");
        }
        for bad in [
            "/web",
            "web",
            ":80",
            "/:80",
            "/web:",
            "/web:http",
            "/web:0",
            "/web:70000",
            "10.1.2.300:80",
            "/my web:80",
            "http://web:80",
        ] {
            assert!(vip_fault(bad).is_some(), "{bad}");
        }
    }
}
