//! Networks and ports in the canonical API (`NetworkValidation`, `AppValidation`).

use crate::definition::{Containerizer, NetworkMode};
use crate::finding::Stage::{Canonical, Model};
use crate::rule::shared::{
    AMBIGUOUS_HOST_PORT, AMBIGUOUS_HOST_PORT_TEXT, DUPLICATE_NETWORK, MIXED_NETWORKS, network_faults,
    undefined_network,
};
use crate::rule::view::{AppView, NetworkView, PortMapping, Seen, first_repeat};
use crate::rule::{Context, Rule};
use crate::source::Value;

use super::deprecated::{DUPLICATE_PORT, DUPLICATE_PORT_NAME};

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

/// What to underline when networks are at fault: the first field that defines them.
fn at<'a>(app: &AppView<'a>) -> Value<'a> {
    ["networks", "ipAddress", "container"]
        .into_iter()
        .find_map(|name| app.fields.get(name))
        .unwrap_or(app.fields.value)
}

fn networks(app: &AppView<'_>, context: &mut Context<'_>) {
    let settings = context.settings;
    // An empty name is not one here.
    let is_named = |name: Option<&str>| name.is_some_and(|name| !name.is_empty());
    network_faults(&app.networks, is_named, settings, |fault| {
        context
            .reject(fault.rule, Canonical, at(app), "/networks", fault.text)
            .describe(fault.message, fault.help);
    });
    let has_mappings = app.container.as_ref().is_some_and(|container| {
        container.port_mappings.as_ref().is_some_and(|mappings| !mappings.is_empty())
    });
    if app.count(NetworkMode::Host) > 0 && has_mappings {
        let text = "portMappings are not allowed with host-networking";
        context.reject(&MIXED_NETWORKS, Canonical, at(app), "/", text).describe(
            "a port of the app would be one of the host and be mapped, too",
            "write one host network, one bridge network, or only container networks",
        );
    }
    let containers = app.count(NetworkMode::Container);
    if app.containerizer() == Some(Containerizer::Docker) && containers > 1 {
        let text = "may only specify a single container network when using the Docker container engine";
        context.reject(&SEVERAL_NETWORKS_ON_DOCKER, Canonical, at(app), "/", text).describe(
            format!("the Docker Engine joins one network, and here are {containers}"),
            "keep one of them, or make the container's type MESOS",
        );
    }
    // A network without a name gets that of the default one, so naming that one too joins it twice.
    let default = settings.default_network.as_deref().filter(|default| {
        app.networks.iter().any(NetworkView::is_unnamed)
            && app.networks.iter().any(|network| network.name.as_deref() == Some(*default))
    });
    if let Some(default) = default.filter(|_| context.of_this().is_empty()) {
        let text = "Duplicate networks are not allowed";
        context.reject(&DUPLICATE_NETWORK, Model, at(app), "/networks", text).describe(
            format!("the default network, `{default}`, is joined twice: once by its name"),
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
    let known = || app.networks.iter().filter_map(|network| network.name.as_deref());
    let is_known: Seen<&str> = known().collect();
    for (index, mapping) in mappings.iter().enumerate() {
        let at = mapping.at.unwrap_or(app.fields.value);
        if several && mapping.has_host_port && mapping.network_names.len() != 1 {
            context
                .reject(
                    &AMBIGUOUS_HOST_PORT,
                    Canonical,
                    at,
                    format!("{PATH}({index})"),
                    AMBIGUOUS_HOST_PORT_TEXT,
                )
                .describe(
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
                undefined_network(*name, path, "app", known(), context);
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
