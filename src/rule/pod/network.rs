//! Networks of a pod and the endpoints of its containers.

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::finding::Stage::Canonical;
use crate::rule::Rule;
use crate::rule::shared::{
    AMBIGUOUS_HOST_PORT, DUPLICATE_NETWORK, LABELLED_HOST_NETWORK, MIXED_NETWORKS, NAMED_BRIDGE,
    UNDEFINED_NETWORK, UNNAMED_NETWORK,
};
use crate::schema::integer;
use crate::source::Value;
use crate::util::suggest::{MOST, suggest};

use super::container::PodContainerView;
use super::{Context, PodView, Seen, first_repeat, pick, text};

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
static DUPLICATE_ENDPOINT_NAME: Rule =
    Rule::verdict("duplicate-endpoint-name", "The endpoints of all containers have different names")
        .why(
            "The containers of a pod share one network namespace, and the names of their endpoints one list: \
             ports are found by them.",
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

/// A network that a pod joins.
pub(super) struct PodNetworkView<'a> {
    value: Value<'a>,
    mode: NetworkMode,
    name: Option<Cow<'a, str>>,
    has_labels: bool,
}

impl<'a> PodNetworkView<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        let [mode, name, labels] = pick(value, ["mode", "name", "labels"]);
        Self {
            value,
            mode: NetworkMode::of_word(&text(mode)),
            name: name.and_then(|name| name.as_str()),
            has_labels: labels.is_some_and(|labels| labels.members().next().is_some()),
        }
    }
}

/// All networks that a pod joins, with what every endpoint asks of them.
pub(super) struct Joined<'a> {
    all: Vec<PodNetworkView<'a>>,
    has_host: bool,
    /// How many of them are container networks.
    containers: usize,
    names: Seen<Cow<'a, str>>,
}

impl<'a> Joined<'a> {
    pub(super) fn of(all: Vec<PodNetworkView<'a>>) -> Self {
        let count = |mode| all.iter().filter(|network: &&PodNetworkView<'_>| network.mode == mode).count();
        Self {
            has_host: count(NetworkMode::Host) > 0,
            containers: count(NetworkMode::Container),
            names: all.iter().filter_map(|network| network.name.clone()).collect(),
            all,
        }
    }
}

/// An endpoint of a container.
pub(super) struct EndpointView<'a> {
    value: Value<'a>,
    name_at: Option<Value<'a>>,
    pub(super) name: Cow<'a, str>,
    container_port: Option<PodPortView<'a>>,
    host_port: Option<PodPortView<'a>>,
    network_names: Option<Value<'a>>,
    protocol: Option<Value<'a>>,
}

/// A port and where it stands.
#[derive(Clone, Copy)]
struct PodPortView<'a> {
    number: i64,
    at: Value<'a>,
}

impl<'a> EndpointView<'a> {
    pub(super) fn of(value: Value<'a>) -> Self {
        let [name_at, container_port, host_port, network_names, protocol] =
            pick(value, ["name", "containerPort", "hostPort", "networkNames", "protocol"]);
        Self {
            value,
            name_at,
            name: text(name_at),
            container_port: container_port.and_then(PodPortView::of),
            host_port: host_port.and_then(PodPortView::of),
            network_names,
            protocol,
        }
    }
}

impl<'a> PodPortView<'a> {
    fn of(at: Value<'a>) -> Option<Self> {
        Some(Self { number: integer(at.as_number()?, true)?, at })
    }
}

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    if !pod.networks.all.is_empty() {
        networks(pod, context);
    }
    together(pod, context);
}

fn networks(pod: &PodView<'_>, context: &mut Context<'_>) {
    const PATH: &str = "/networks";
    let place = |index: usize| format!("{PATH}({index})");
    let numbered = || pod.networks.all.iter().enumerate();
    if let Some((index, host)) =
        numbered().find(|(_, net)| net.mode == NetworkMode::Host && (net.name.is_some() || net.has_labels))
    {
        context
            .reject(
                &LABELLED_HOST_NETWORK,
                Canonical,
                host.value,
                PATH,
                "Host networks may not have names or labels",
            )
            .points_at(&place(index))
            .describe("a host network has neither a name nor labels", "remove them");
    }
    if let Some((index, bridge)) =
        numbered().find(|(_, net)| net.mode == NetworkMode::ContainerBridge && net.name.is_some())
    {
        context
            .reject(&NAMED_BRIDGE, Canonical, bridge.value, PATH, "Bridge networks may not have names")
            .points_at(&place(index))
            .describe("a bridge network has no name", "remove it, or write \"mode\": \"container\"");
    }
    duplicates(pod, context);
    let count = |mode| pod.networks.all.iter().filter(|network| network.mode == mode).count();
    if !matches!(
        (count(NetworkMode::Host), count(NetworkMode::ContainerBridge), count(NetworkMode::Container)),
        (0 | 1, 0, 0) | (0, 1, 0) | (0, 0, _)
    ) {
        let at = pod.value.get("networks").unwrap_or(pod.value);
        context
            .reject(
                &MIXED_NETWORKS,
                Canonical,
                at,
                PATH,
                "May specify a single host network, single bridge network, or else 1-to-n container networks",
            )
            .describe(
                "these networks do not go together",
                "write one host network, one bridge network, or only container networks",
            );
    }
    let unnamed = numbered().find(|(_, net)| net.mode == NetworkMode::Container && net.name.is_none());
    if let Some((index, network)) = unnamed.filter(|_| context.settings.default_network.is_none()) {
        context
            .reject(
                &UNNAMED_NETWORK,
                Canonical,
                network.value,
                PATH,
                "Network name must be specified when container network is selected.",
            )
            .points_at(&place(index))
            .describe(
                "this Marathon has no default network, and a container network has no name",
                "name the network",
            );
    }
}

fn duplicates<'a>(pod: &PodView<'a>, context: &mut Context<'_>) {
    // The second of two without a name, or of two with the same.
    let joined = |network: &PodNetworkView<'a>| match &network.name {
        None if network.mode == NetworkMode::Container => Some(None),
        name => name.clone().map(Some),
    };
    let again = first_repeat(pod.networks.all.iter().enumerate(), |(_, network)| joined(network));
    if let Some((index, network)) = again {
        let message = match &network.name {
            Some(name) => format!("the network `{name}` is joined twice"),
            None => "the default network is joined twice".to_owned(),
        };
        context
            .reject(
                &DUPLICATE_NETWORK,
                Canonical,
                network.value,
                "/networks",
                "Duplicate networks are not allowed",
            )
            .points_at(&format!("/networks({index})"))
            .describe(message, "remove one of the two");
    }
}

/// The endpoints of the container at `place`.
pub(super) fn endpoints(
    pod: &PodView<'_>,
    container: &PodContainerView<'_>,
    place: &str,
    context: &mut Context<'_>,
) {
    let Joined { has_host, containers, .. } = pod.networks;
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
                .reject(
                    &AMBIGUOUS_HOST_PORT, Canonical,
                    port.at,
                    path(""),
                    "networkNames must be a single item list when hostPort is specified and more than 1 container network is defined",
                )
                .describe(
                    format!("there are {containers} container networks: which one is `{}` on?", endpoint.name),
                    "name one of them in `networkNames`",
                );
        }
    }
}

fn network_names(pod: &PodView<'_>, names: Value<'_>, path: &str, context: &mut Context<'_>) {
    for (index, at) in names.elements().enumerate() {
        let name = at.as_str().unwrap_or_default();
        if pod.networks.names.contains(&*name) {
            continue;
        }
        let defined = || pod.networks.all.iter().filter_map(|network| network.name.as_deref());
        let all = defined().collect::<Vec<_>>().join(",");
        let help = match suggest(&name, defined().take(MOST)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add it: \"networks\": [{{\"mode\": \"container\", \"name\": \"{name}\"}}]"),
        };
        context
            .reject(
                &UNDEFINED_NETWORK,
                Canonical,
                at,
                format!("{path}({index})"),
                format!("is not one of ({all})"),
            )
            .describe(format!("the pod joins no network `{name}`"), help);
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

/// What endpoints of different containers must not share.
fn together(pod: &PodView<'_>, context: &mut Context<'_>) {
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
