//! Networks, and what is wrong with those that an app or a pod joins.

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::finding::Stage::Canonical;
use crate::rule::view::{NetworkView, first_repeat};
use crate::rule::{Context, Rule};
use crate::source::Value;
use crate::target::Settings;
use crate::util::suggest::{MOST, suggest};

pub(in crate::rule) static LABELLED_HOST_NETWORK: Rule = Rule::verdict(
    "labelled-host-network",
    "A host network has neither a name nor labels",
)
.why(
    "There is only one host network, and nothing is configured when a task joins it: a name or labels would \
         have no effect. Usually the mode `container` was meant.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "host", "name": "dcos"}]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "host"}]}"#);

pub(in crate::rule) static NAMED_BRIDGE: Rule =
    Rule::verdict("named-bridge-network", "A bridge network has no name")
        .why(
            "The bridge is the one of the agent (`docker0`, `mesos-bridge`), so there is nothing to choose. A network \
             with a name, such as an overlay, has the mode `container`.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}},
                "networks": [{"mode": "container/bridge", "name": "dcos"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}},
                "networks": [{"mode": "container", "name": "dcos"}]}"#);

pub(in crate::rule) static DUPLICATE_NETWORK: Rule =
    Rule::verdict("duplicate-network", "A service joins each network once, and at most one without a name")
        .why(
            "Joining a network twice gives no second address. A container network without a name is the default one of \
             `--default_network_name`, so two without a name are the same, and so is (in an app) one without a name \
             beside the default by its name.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS"},
                "networks": [{"mode": "container", "name": "blue"}, {"mode": "container",
                "name": "blue"}]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "container": {"type": "MESOS"},
                "networks": [{"mode": "container", "name": "blue"}, {"mode": "container",
                "name": "green"}]}"#);

pub(in crate::rule) static MIXED_NETWORKS: Rule = Rule::verdict(
    "mixed-networks",
    "A service has one host network, or one bridge network, or any number of container networks",
)
.why(
    "A task is on its agent's network, behind the agent's bridge, or on networks of its own. Marathon does \
         not combine these.",
)
.bad(
    r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "host"}, {"mode": "container",
        "name": "dcos"}]}"#,
)
.good(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "dcos"}]}"#);

pub(in crate::rule) static UNNAMED_NETWORK: Rule = Rule::verdict(
    "unnamed-network",
    "A container network needs a name where Marathon runs without --default_network_name",
)
.why(
    "Without a name Marathon takes the network of `--default_network_name`. DC/OS sets it to `dcos`; a Marathon that was \
     started without it has no network to take.",
)
.setting("--default_network_name")
.target("standalone")
.bad(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container"}]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "blue"}]}"#);

pub(in crate::rule) static UNDEFINED_NETWORK: Rule =
    Rule::verdict("undefined-network", "A port can only be on networks that `networks` names")
        .why(
            "`networkNames` restricts a port to some of the networks that the service joins. One that it does not join \
             is a slip, or is missing in `networks`.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "blue"}],
                "container": {"type": "MESOS", "portMappings": [{"containerPort": 80,
                "networkNames": ["bleu"]}]}}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "blue"}],
                "container": {"type": "MESOS", "portMappings": [{"containerPort": 80,
                "networkNames": ["blue"]}]}}"#);

pub(in crate::rule) static AMBIGUOUS_HOST_PORT: Rule = Rule::verdict(
    "ambiguous-host-port",
    "With several container networks, a port with a hostPort must say which one it is on",
)
.why(
    "A port of the agent is forwarded to one address of the container. With several networks there are several addresses, \
     and `networkNames` has to say which.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "blue"},
        {"mode": "container", "name": "green"}], "container": {"type": "MESOS",
        "portMappings": [{"containerPort": 80, "hostPort": 0}]}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "container", "name": "blue"},
        {"mode": "container", "name": "green"}], "container": {"type": "MESOS",
        "portMappings": [{"containerPort": 80, "hostPort": 0, "networkNames": ["blue"]}]}}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[
    &LABELLED_HOST_NETWORK,
    &NAMED_BRIDGE,
    &DUPLICATE_NETWORK,
    &MIXED_NETWORKS,
    &UNNAMED_NETWORK,
    &UNDEFINED_NETWORK,
    &AMBIGUOUS_HOST_PORT,
];

/// Marathon's words for [`AMBIGUOUS_HOST_PORT`].
pub(in crate::rule) const AMBIGUOUS_HOST_PORT_TEXT: &str = "networkNames must be a single item list when hostPort is specified and more than 1 container network is defined";

/// What is wrong with the networks of an app or a pod.
pub(in crate::rule) struct NetworkFault {
    pub(in crate::rule) rule: &'static Rule,
    /// Marathon's words.
    pub(in crate::rule) text: &'static str,
    pub(in crate::rule) message: Cow<'static, str>,
    pub(in crate::rule) help: &'static str,
    /// The index of the network, unless all of them are at fault.
    pub(in crate::rule) index: Option<usize>,
}

/// Reports what is wrong with the networks of an app or a pod, in Marathon's order. `is_named` says whether a name counts
/// as one on a network that must not have any.
pub(in crate::rule) fn network_faults(
    networks: &[NetworkView<'_>],
    is_named: impl Fn(Option<&str>) -> bool,
    settings: &Settings,
    mut report: impl FnMut(NetworkFault),
) {
    if let index @ Some(_) = networks.iter().position(|network| {
        network.mode == NetworkMode::Host && (is_named(network.name.as_deref()) || network.has_labels)
    }) {
        report(NetworkFault {
            rule: &LABELLED_HOST_NETWORK,
            text: "Host networks may not have names or labels",
            message: "a host network has neither a name nor labels".into(),
            help: "remove them, or write \"mode\": \"container\"",
            index,
        });
    }
    if let index @ Some(_) = networks
        .iter()
        .position(|network| network.mode == NetworkMode::ContainerBridge && is_named(network.name.as_deref()))
    {
        report(NetworkFault {
            rule: &NAMED_BRIDGE,
            text: "Bridge networks may not have names",
            message: "a bridge network has no name".into(),
            help: "remove it, or write \"mode\": \"container\"",
            index,
        });
    }
    if let Some((index, network)) = repeated(networks) {
        report(NetworkFault {
            rule: &DUPLICATE_NETWORK,
            text: "Duplicate networks are not allowed",
            message: network.name.as_ref().map_or("the default network is joined twice".into(), |name| {
                format!("the network `{name}` is joined twice").into()
            }),
            help: "remove one of the two",
            index: Some(index),
        });
    }
    if are_mixed(networks) {
        report(NetworkFault {
            rule: &MIXED_NETWORKS,
            text: "May specify a single host network, single bridge network, or else 1-to-n container networks",
            message: "these networks do not go together".into(),
            help: "write one host network, one bridge network, or only container networks",
            index: None,
        });
    }
    if settings.default_network.is_none()
        && let index @ Some(_) = networks.iter().position(NetworkView::is_unnamed)
    {
        report(NetworkFault {
            rule: &UNNAMED_NETWORK,
            text: "Network name must be specified when container network is selected.",
            message: "this Marathon has no default network, and a container network has no name".into(),
            help: "name the network",
            index,
        });
    }
}

/// The second of two networks with the same name, or of two container networks without one, which get the same.
fn repeated<'n, 'a>(networks: &'n [NetworkView<'a>]) -> Option<(usize, &'n NetworkView<'a>)> {
    first_repeat(networks.iter().enumerate(), |(_, network)| {
        let name = network.name.as_deref();
        (name.is_some() || network.is_unnamed()).then_some(name)
    })
}

/// Whether there is more than one host network, one bridge network, or container networks.
fn are_mixed(networks: &[NetworkView<'_>]) -> bool {
    let count = |mode| networks.iter().filter(|network| network.mode == mode).count();
    !matches!(
        (count(NetworkMode::Host), count(NetworkMode::ContainerBridge), count(NetworkMode::Container)),
        (0 | 1, 0, 0) | (0, 1, 0) | (0, 0, _)
    )
}

/// Rejects a name in `networkNames` that is not one of `known`, the names of the networks that an app or a pod joins.
#[cold]
pub(in crate::rule) fn undefined_network<'n>(
    at: Value<'_>,
    path: String,
    kind: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    context: &mut Context<'_>,
) {
    let name = at.as_str().unwrap_or_default();
    let text = format!("is not one of ({})", known.clone().collect::<Vec<_>>().join(","));
    let help = match suggest(&name, known.take(MOST)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add it: \"networks\": [{{\"mode\": \"container\", \"name\": \"{name}\"}}]"),
    };
    context
        .reject(&UNDEFINED_NETWORK, Canonical, at, path, text)
        .describe(format!("the {kind} joins no network `{name}`"), help);
}
