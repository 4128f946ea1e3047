//! Networks.

use crate::rule::Rule;

pub(in crate::rule) static LABELLED_HOST_NETWORK: Rule =
    Rule::verdict("labelled-host-network", "A host network has neither a name nor labels")
        .why(
            "The host's network is one, and nothing is configured when a task joins it: a name or labels would have no \
             effect. Usually the mode `container` was meant.",
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
    "A task is on its agent's network, behind the agent's bridge, or on networks of its own; Marathon cannot have it both \
     ways.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "networks": [{"mode": "host"}, {"mode": "container",
        "name": "dcos"}]}"#)
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
