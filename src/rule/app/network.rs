//! Networks and ports in the canonical API (`NetworkValidation`, `AppValidation`).

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::finding::Stage::Canonical;
use crate::rule::shared::{
    AMBIGUOUS_HOST_PORT, DUPLICATE_NETWORK, LABELLED_HOST_NETWORK, MIXED_NETWORKS, NAMED_BRIDGE, Seen,
    UNDEFINED_NETWORK, UNNAMED_NETWORK, first_repeat,
};
use crate::source::Value;
use crate::util::suggest::{MOST, suggest};

use super::super::{Context, Rule};
use super::deprecated::{DUPLICATE_PORT, DUPLICATE_PORT_NAME};
use crate::rule::view::app::{AppView, Engine, PortMapping};

static SEVERAL_NETWORKS_ON_DOCKER: Rule = Rule::verdict(
    "several-networks-on-docker",
    "The Docker Engine joins a container to one container network",
)
.aliases(&["one-network-on-docker"])
.why("`docker run` takes one network. UCR (the type MESOS) can join several.")
.bad(
    r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}},
                "networks": [{"mode": "container", "name": "blue"}, {"mode": "container",
                "name": "green"}]}"#,
)
.good(
    r#"{"id": "/web", "container": {"type": "MESOS", "docker": {"image": "nginx:1.27"}},
                "networks": [{"mode": "container", "name": "blue"}, {"mode": "container",
                "name": "green"}]}"#,
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&SEVERAL_NETWORKS_ON_DOCKER];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    networks(app, context);
    let mappings = app.container.as_ref().and_then(|container| container.port_mappings.as_ref());
    if let Some(mappings) = mappings {
        self::mappings(app, mappings, context);
    }
    definitions(app, context);
}

/// What to underline when networks are at fault: wherever they are said.
fn at<'a>(app: &AppView<'a>) -> Value<'a> {
    ["networks", "ipAddress", "container"]
        .into_iter()
        .find_map(|name| app.fields.get(name))
        .unwrap_or(app.fields.value)
}

fn networks(app: &AppView<'_>, context: &mut Context<'_>) {
    let settings = context.settings;
    let mut reject = |rule, text: &str, message: &str, help: &'static str| {
        context.reject(rule, Canonical, at(app), "/networks", text).describe(message, help);
    };
    let is_named = |name: &Option<Cow<'_, str>>| name.as_ref().is_some_and(|name| !name.is_empty());
    let any = |mode, wrong: &dyn Fn(&crate::rule::view::app::NetworkView<'_>) -> bool| {
        app.networks.iter().any(|network| network.mode == mode && wrong(network))
    };
    if any(NetworkMode::Host, &|network| is_named(&network.name) || network.has_labels) {
        reject(
            &LABELLED_HOST_NETWORK,
            "Host networks may not have names or labels",
            "a host network has neither a name nor labels",
            "remove them, or write \"mode\": \"container\"",
        );
    }
    if any(NetworkMode::ContainerBridge, &|network| is_named(&network.name)) {
        reject(
            &NAMED_BRIDGE,
            "Bridge networks may not have names",
            "a bridge network has no name",
            "remove it, or write \"mode\": \"container\"",
        );
    }
    let unnamed = |network: &&crate::rule::view::app::NetworkView<'_>| {
        network.mode == NetworkMode::Container && network.name.is_none()
    };
    // An unnamed network takes the default's name, so naming that one too makes two of it.
    let default = settings.default_network.as_deref().filter(|_| app.networks.iter().any(|n| unnamed(&n)));
    let names_default =
        default.is_some_and(|default| app.networks.iter().any(|n| n.name.as_deref() == Some(default)));
    let repeated = first_repeat(app.networks.iter(), |network| network.name.as_deref());
    let is_twice = app.networks.iter().filter(unnamed).count() > 1 || repeated.is_some();
    if is_twice {
        let message = repeated
            .and_then(|network| network.name.as_deref())
            .map_or("the default network is joined twice".to_owned(), |name| {
                format!("the network `{name}` is joined twice")
            });
        reject(&DUPLICATE_NETWORK, "Duplicate networks are not allowed", &message, "remove one of the two");
    }
    let (hosts, bridges, containers) = (
        app.count(NetworkMode::Host),
        app.count(NetworkMode::ContainerBridge),
        app.count(NetworkMode::Container),
    );
    let is_mixed = match (hosts, bridges, containers) {
        (_, 0, 0) => hosts > 1,
        (0, _, 0) => bridges > 1,
        (0, 0, _) => false,
        _ => true,
    };
    if is_mixed {
        let text =
            "May specify a single host network, single bridge network, or else 1-to-n container networks";
        reject(
            &MIXED_NETWORKS,
            text,
            "these networks do not go together",
            "write one host network, one bridge network, or only container networks",
        );
    }
    if settings.default_network.is_none() && app.networks.iter().any(|network| unnamed(&network)) {
        reject(
            &UNNAMED_NETWORK,
            "Network name must be specified when container network is selected.",
            "this Marathon has no default network, and a container network has no name",
            "name the network",
        );
    }
    let has_mappings = app.container.as_ref().is_some_and(|container| {
        container.port_mappings.as_ref().is_some_and(|mappings| !mappings.is_empty())
    });
    if hosts > 0 && has_mappings {
        let text = "portMappings are not allowed with host-networking";
        context.reject(&MIXED_NETWORKS, Canonical, at(app), "/", text).describe(
            "a port of the app would be one of the host and be mapped, too",
            "write one host network, one bridge network, or only container networks",
        );
    }
    if app.engine() == Some(Engine::Docker) && containers > 1 {
        let text = "may only specify a single container network when using the Docker container engine";
        context.reject(&SEVERAL_NETWORKS_ON_DOCKER, Canonical, at(app), "/", text).describe(
            format!("the Docker Engine joins one network, and here are {containers}"),
            "keep one of them, or make the container's type MESOS",
        );
    }
    if names_default && !is_twice && context.of_this().is_empty() {
        let text = "Duplicate networks are not allowed";
        context
            .reject(&DUPLICATE_NETWORK, crate::finding::Stage::Model, at(app), "/networks", text)
            .describe(
                format!(
                    "the default network, `{}`, is joined twice: once by its name",
                    default.unwrap_or_default()
                ),
                "remove one of the two",
            );
    }
}

fn mappings(app: &AppView<'_>, mappings: &[PortMapping<'_>], context: &mut Context<'_>) {
    const PATH: &str = "/container/portMappings";
    let several = app.count(NetworkMode::Container) > 1;
    let repeated = first_repeat(mappings.iter(), |mapping| mapping.name.as_deref());
    if let Some(name) = repeated.and_then(|mapping| mapping.name.as_deref()) {
        let at =
            mappings.iter().rev().find(|mapping| mapping.name.as_deref() == Some(name)).and_then(|m| m.at);
        let text = "Port names must be unique.";
        context
            .reject(&DUPLICATE_PORT_NAME, Canonical, at.unwrap_or(app.fields.value), PATH, text)
            .describe(format!("the port name `{name}` is used twice"), "give each port a name of its own");
    }
    let known: Vec<&str> = app.networks.iter().filter_map(|network| network.name.as_deref()).collect();
    let is_known: Seen<&str> = known.iter().copied().collect();
    for (index, mapping) in mappings.iter().enumerate() {
        let at = mapping.at.unwrap_or(app.fields.value);
        if several && mapping.has_host_port && mapping.network_names.len() != 1 {
            let text = "networkNames must be a single item list when hostPort is specified and more than 1 container \
                        network is defined";
            context.reject(&AMBIGUOUS_HOST_PORT, Canonical, at, format!("{PATH}({index})"), text).describe(
                format!(
                    "there are {} container networks: which one is this host port on?",
                    app.count(NetworkMode::Container)
                ),
                "name one of them in `networkNames`",
            );
        }
        for (item, name) in mapping.network_names.iter().enumerate() {
            if !is_known.contains(&*name.as_str().unwrap_or_default()) {
                let path = format!("{PATH}({index})/networkNames({item})");
                let text = format!("is not one of ({})", known.join(","));
                let name_text = name.as_str().unwrap_or_default();
                let help = match suggest(&name_text, known.iter().copied().take(MOST)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it to `networks`".to_owned(),
                };
                context
                    .reject(&UNDEFINED_NETWORK, Canonical, *name, path, text)
                    .describe(format!("the app joins no network `{name_text}`"), help);
            }
        }
    }
}

fn definitions(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(definitions) = &app.port_definitions else { return };
    let at = app.fields.at("portDefinitions");
    let repeated = first_repeat(definitions.iter(), |definition| definition.name.as_deref());
    if let Some(name) = repeated.and_then(|definition| definition.name.as_deref()) {
        let text = "Port names must be unique.";
        context
            .reject(&DUPLICATE_PORT_NAME, Canonical, at, "/portDefinitions", text)
            .describe(format!("the port name `{name}` is used twice"), "give each port a name of its own");
    }
    let fixed = definitions.iter().map(|definition| definition.port).filter(|port| *port != 0);
    if let Some(port) = first_repeat(fixed, |port| Some(*port)) {
        context
            .reject(&DUPLICATE_PORT, Canonical, at, "/portDefinitions", "Ports must be unique.")
            .describe(format!("port {port} is defined twice"), "give each its own number, or 0 for any");
    }
}
