//! Networks of a pod and the endpoints of its containers.

use crate::finding::Stage::Canonical;
use crate::rule::shared::{AMBIGUOUS_HOST_PORT, AMBIGUOUS_HOST_PORT_TEXT, network_faults, undefined_network};
use crate::rule::view::{EndpointView, PodContainerView, PodNetworks, PodPortView, PodView, first_repeat};
use crate::rule::{Context, Rule};
use crate::source::Value;

static CONTAINER_PORT_ON_HOST: Rule = Rule::verdict(
    "container-port-on-host-network",
    "On the host's network there are no container ports",
)
.why(
    "On the host's network a container listens on the agent's own ports. There is no second port to map \
             one to: the endpoint has a `hostPort` alone.",
)
.bad(
    r#"{"id": "/shop/web", "networks": [{"mode": "host"}], "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "endpoints": [{"name": "http", "containerPort": 80,
                "hostPort": 0}]}]}"#,
)
.good(
    r#"{"id": "/shop/web", "networks": [{"mode": "host"}], "containers": [{"name": "web",
                "resources": {"cpus": 0.1}, "endpoints": [{"name": "http", "hostPort": 0}]}]}"#,
);
static MISSING_CONTAINER_PORT: Rule =
    Rule::verdict("missing-container-port", "On a container network every endpoint has a containerPort")
        .why(
            "On a container network an endpoint is a port of the container. Without `containerPort` there is \
             none that could be named, balanced or mapped.",
        )
        .bad(
            r#"{"id": "/shop/web", "networks": [{"mode": "container", "name": "dcos"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http"}]}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "networks": [{"mode": "container", "name": "dcos"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}]}]}"#,
        );
static DUPLICATE_PROTOCOL: Rule = Rule::verdict("duplicate-protocol", "An endpoint names each protocol once")
    .why("The protocols of an endpoint are a set: tcp, udp or both.")
    .bad(
        r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "dns", "containerPort": 53, "protocol": ["udp", "udp"]}]}]}"#,
    )
    .good(
        r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "dns", "containerPort": 53, "protocol": ["udp", "tcp"]}]}]}"#,
    );
static DUPLICATE_ENDPOINT_NAME: Rule = Rule::verdict(
    "duplicate-endpoint-name",
    "The endpoints of all containers have different names",
)
.why(
    "The containers of a pod share one network namespace and one list of endpoint names. Ports are found by \
         these names.",
)
.bad(
    r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}]}, {"name": "admin",
                "endpoints": [{"name": "http", "containerPort": 81}], "resources": {"cpus": 0.1}}]}"#,
)
.good(
    r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}]}, {"name": "admin",
                "endpoints": [{"name": "admin", "containerPort": 81}],
                "resources": {"cpus": 0.1}}]}"#,
);
static DUPLICATE_CONTAINER_PORT: Rule =
    Rule::verdict("duplicate-container-port", "The containers of a pod share their ports: each is used once")
        .why("The containers of a pod share one network namespace: only one of them can listen on a port.")
        .bad(
            r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}]}, {"name": "admin",
                "endpoints": [{"name": "admin", "containerPort": 80}],
                "resources": {"cpus": 0.1}}]}"#,
        )
        .good(
            r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80}]}, {"name": "admin",
                "endpoints": [{"name": "admin", "containerPort": 81}],
                "resources": {"cpus": 0.1}}]}"#,
        );
static DUPLICATE_HOST_PORT: Rule = Rule::verdict("duplicate-host-port", "Each port of the host is used once")
    .why(
        "A port of the agent leads to one endpoint. 0 stands for one that Mesos offers, and may be asked \
             for any number of times.",
    )
    .bad(
        r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80, "hostPort": 8080}]},
                {"name": "admin", "endpoints": [{"name": "admin", "containerPort": 81,
                "hostPort": 8080}], "resources": {"cpus": 0.1}}]}"#,
    )
    .good(
        r#"{"id": "/shop/web", "networks": [{"mode": "container"}],
                "containers": [{"name": "web", "resources": {"cpus": 0.1},
                "endpoints": [{"name": "http", "containerPort": 80, "hostPort": 8080}]},
                {"name": "admin", "endpoints": [{"name": "admin", "containerPort": 81,
                "hostPort": 0}], "resources": {"cpus": 0.1}}]}"#,
    );

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &CONTAINER_PORT_ON_HOST,
    &MISSING_CONTAINER_PORT,
    &DUPLICATE_PROTOCOL,
    &DUPLICATE_ENDPOINT_NAME,
    &DUPLICATE_CONTAINER_PORT,
    &DUPLICATE_HOST_PORT,
];

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    const PATH: &str = "/networks";
    let networks = &pod.networks.all;
    network_faults(
        networks,
        |name| name.is_some(),
        context.settings,
        |fault| {
            let network = fault.index.and_then(|index| Some((index, networks[index].at?)));
            if let Some((index, at)) = network {
                context
                    .reject(fault.rule, Canonical, at, PATH, fault.text)
                    .points_at(&format!("{PATH}({index})"))
                    .describe(fault.message, fault.help);
            } else {
                let at = pod.value.get("networks").unwrap_or(pod.value);
                context
                    .reject(fault.rule, Canonical, at, PATH, fault.text)
                    .describe(fault.message, fault.help);
            }
        },
    );
    across_containers(pod, context);
}

/// The endpoints of the container at `place`.
pub(super) fn endpoints(
    pod: &PodView<'_>,
    container: &PodContainerView<'_>,
    place: &str,
    context: &mut Context<'_>,
) {
    let PodNetworks { has_host, containers, .. } = pod.networks;
    for (index, endpoint) in container.endpoints.iter().enumerate() {
        let path = |field: &str| format!("{place}/endpoints({index}){field}");
        if let Some(names) = endpoint.network_names {
            network_names(pod, names, &path("/networkNames"), context);
        }
        if let Some(port) = endpoint.container_port.filter(|_| has_host) {
            context
                .reject(
                    &CONTAINER_PORT_ON_HOST,
                    Canonical,
                    port.at,
                    path("/containerPort"),
                    "is not allowed when using host-mode networking",
                )
                .describe(
                    format!("`{}` is on the host's network, which has no container ports", endpoint.name),
                    "write `hostPort` instead, or join a bridge or container network",
                );
        }
        if endpoint.container_port.is_none() && containers > 0 {
            context
                .reject(
                    &MISSING_CONTAINER_PORT,
                    Canonical,
                    endpoint.value,
                    path("/containerPort"),
                    "is required when using container-mode networking",
                )
                .describe(
                    format!("`{}` is on a container network and has no `containerPort`", endpoint.name),
                    "add \"containerPort\", the port that the container listens on",
                );
        }
        if let Some(protocol) = endpoint.protocol {
            protocols(protocol, &path("/protocol"), context);
        }
        let names = endpoint.network_names.map_or(0, |names| names.elements().count());
        if let Some(port) = endpoint.host_port.filter(|_| containers > 1 && names != 1) {
            context
                .reject(&AMBIGUOUS_HOST_PORT, Canonical, port.at, path(""), AMBIGUOUS_HOST_PORT_TEXT)
                .describe(
                    format!(
                        "there are {containers} container networks: which one is `{}` on?",
                        endpoint.name
                    ),
                    "name one of them in `networkNames`",
                );
        }
    }
}

fn network_names(pod: &PodView<'_>, names: Value<'_>, path: &str, context: &mut Context<'_>) {
    for (index, at) in names.elements().enumerate() {
        if !pod.networks.names.contains(&*at.as_str().unwrap_or_default()) {
            let known = pod.networks.all.iter().filter_map(|network| network.name.as_deref());
            undefined_network(at, format!("{path}({index})"), "pod", known, context);
        }
    }
}

fn protocols(list: Value<'_>, path: &str, context: &mut Context<'_>) {
    if let Some(again) = first_repeat(list.elements(), |protocol| Some(protocol.as_str())) {
        context
            .reject(
                &DUPLICATE_PROTOCOL,
                Canonical,
                again,
                path,
                "Duplicate protocols within the same endpoint are not allowed",
            )
            .describe(format!("{} is named twice", again.source()), "remove one of the two");
    }
}

/// An endpoint with the indices of its container and of itself.
type Numbered<'e, 'a> = (usize, usize, &'e EndpointView<'a>);

/// Rejects endpoints of different containers that share a name or a port.
fn across_containers(pod: &PodView<'_>, context: &mut Context<'_>) {
    let count: usize = pod.containers.iter().map(|container| container.endpoints.len()).sum();
    if count < 2 {
        return;
    }
    let mut all: Vec<Numbered<'_, '_>> = Vec::with_capacity(count);
    for (at, container) in pod.containers.iter().enumerate() {
        all.extend(container.endpoints.iter().enumerate().map(|(index, endpoint)| (at, index, endpoint)));
    }
    let again = first_repeat(all.iter(), |(.., endpoint)| Some(endpoint.name.as_ref()));
    if let Some(&(at, index, endpoint)) = again {
        context
            .reject(
                &DUPLICATE_ENDPOINT_NAME,
                Canonical,
                endpoint.name_at.unwrap_or(endpoint.value),
                "/",
                "endpoint names nust be unique across all containers",
            )
            .points_at(&format!("/containers({at})/endpoints({index})/name"))
            .describe(
                format!("another endpoint of the pod is called `{}` too", endpoint.name),
                "give it a name of its own",
            );
    }
    ports(&all, "container", |endpoint| endpoint.container_port, &DUPLICATE_CONTAINER_PORT, context);
    ports(&all, "host", |endpoint| endpoint.host_port, &DUPLICATE_HOST_PORT, context);
}

fn ports<'a>(
    all: &[Numbered<'_, 'a>],
    kind: &str,
    port: impl Fn(&EndpointView<'a>) -> Option<PodPortView<'a>>,
    rule: &'static Rule,
    context: &mut Context<'_>,
) {
    let used = |endpoint| port(endpoint).filter(|port| port.number != 0);
    let again = first_repeat(all.iter(), |(.., endpoint)| Some(used(endpoint)?.number));
    let Some(&(container, index, endpoint)) = again else { return };
    let Some(PodPortView { number, at }) = used(endpoint) else { return };
    context
        .reject(rule, Canonical, at, "/", format!("{kind} ports must be unique across all containers"))
        .points_at(&format!("/containers({container})/endpoints({index})/{kind}Port"))
        .describe(
            format!("another endpoint of the pod has the {kind}Port {number} too"),
            "give it another port",
        );
}
