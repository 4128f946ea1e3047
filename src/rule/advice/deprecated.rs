//! Forms that Marathon 1.5 and later accept and convert to new ones. Up to 1.4 they are current.

use serde_json::{Value as Json, json};

use crate::definition::Containerizer;
use crate::definition::{NetworkMode, is_extracted_by_name};
use crate::finding::{Change, Fix, FixKind};
use crate::rule::app::are_ports_alike;
use crate::rule::view::AppView;
use crate::schema::{ObjectShape, fits, table};
use crate::source::{Type, Value};
use crate::target::Release;

use super::{Context, Fields, Rule};

pub(crate) static OLD_URIS: Rule = Rule::deprecated("old-uris", "`fetch` replaces `uris`")
    .why(
        "Marathon 1.5 and later move `uris` to `fetch`. A server answers with `fetch`, so Marathon rejects a definition \
         that combines such an answer with its old `uris`.",
    )
    .bad(r#"{"id": "/job", "cmd": "./run", "uris": ["https://files.example.com/job.tar.gz"]}"#)
    .good(r#"{"id": "/job", "cmd": "./run", "fetch": [{"uri": "https://files.example.com/job.tar.gz"}]}"#)
    .since(Release::V1_5)
    .fix(FixKind::Safe);

pub(crate) static OLD_PORTS: Rule = Rule::deprecated("old-ports", "`portDefinitions` replaces `ports`")
    .why(
        "Marathon 1.5 and later move `ports` to `portDefinitions`, where a port can have a name, a protocol and labels. \
         A server answers with `portDefinitions` only.",
    )
    .bad(r#"{"id": "/job", "cmd": "./run", "ports": [10080]}"#)
    .good(r#"{"id": "/job", "cmd": "./run", "portDefinitions": [{"port": 10080}],
            "healthChecks": [{"protocol": "MESOS_TCP"}]}"#)
    .since(Release::V1_5)
    .fix(FixKind::Safe);

pub(crate) static OLD_IP_ADDRESS: Rule =
    Rule::deprecated("old-ip-address", "`networks` replaces `ipAddress`")
        .why(
            "Marathon 1.5 and later move the network of `ipAddress` to `networks` and its discovery ports to \
         `container.portMappings`, and drop `groups`.",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "ipAddress": {"networkName": "dcos"}}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "networks": [{"mode": "container", "name": "dcos"}]}"#)
        .since(Release::V1_5)
        .fix(FixKind::Safe);

pub(crate) static OLD_DOCKER_NETWORK: Rule = Rule::deprecated(
    "old-docker-network",
    "`networks` replaces `container.docker.network`",
)
.why(
    "Marathon 1.5 and later move `container.docker.network` to `networks`: HOST becomes the mode host, BRIDGE \
             container/bridge, USER container. They reject it beside `networks`.",
)
.bad(
    r#"{"id": "/job", "container": {"type": "DOCKER",
                "docker": {"image": "example/job:1.4.2", "network": "BRIDGE"}}}"#,
)
.good(
    r#"{"id": "/job", "container": {"type": "DOCKER",
                "docker": {"image": "example/job:1.4.2"}},
                "networks": [{"mode": "container/bridge"}]}"#,
)
.since(Release::V1_5)
.fix(FixKind::Safe);

pub(crate) static OLD_PORT_MAPPINGS: Rule = Rule::deprecated(
    "old-port-mappings",
    "`container.portMappings` replaces `container.docker.portMappings`",
)
.why(
    "Marathon 1.5 and later move `container.docker.portMappings` up to `container.portMappings`, which UCR has too. \
     They reject one beside the other.",
)
.bad(r#"{"id": "/job", "container": {"type": "DOCKER", "docker": {"image": "example/job:1.4.2",
        "portMappings": [{"containerPort": 53, "protocol": "udp"}]}},
        "networks": [{"mode": "container/bridge"}]}"#)
.good(r#"{"id": "/job", "container": {"type": "DOCKER", "docker": {"image": "example/job:1.4.2"},
        "portMappings": [{"containerPort": 53, "protocol": "udp"}]},
        "networks": [{"mode": "container/bridge"}]}"#)
.since(Release::V1_5)
.fix(FixKind::Safe);

pub(super) static RULES: &[&Rule] =
    &[&OLD_URIS, &OLD_PORTS, &OLD_IP_ADDRESS, &OLD_DOCKER_NETWORK, &OLD_PORT_MAPPINGS];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    let release = context.release();
    if release < Release::V1_5 {
        return;
    }
    let fields = &app.fields;
    if let Some(uris) = fields.get("uris").filter(|uris| uris.elements().next().is_some()) {
        self::uris(fields, uris, context);
    }
    // On other networks they have no effect, which another rule reports.
    let is_host = app.is_on_host();
    if let Some(ports) = fields.get("ports").filter(|ports| is_host && ports.elements().next().is_some()) {
        self::ports(fields, ports, context);
    }
    // Marathon reads other types as defaults, which another rule reports.
    if let Some(address) = fields.get("ipAddress").filter(|address| address.kind() == Type::Object) {
        ip_address(app, &Fields::of(address, &table::IP_ADDRESS), context);
    }
    let Some(docker) = app.container.as_ref().and_then(|container| container.docker.as_ref()) else { return };
    // Marathon rejects a MESOS container with either.
    if app.containerizer() == Some(Containerizer::Docker) {
        docker_network(app, docker, context);
        port_mappings(app, docker, context);
    }
}

/// The fix that renames a member of the app, if the new name is free, with other changes.
fn moved(
    fields: &Fields<'_>,
    old: &str,
    new: &str,
    others: impl IntoIterator<Item = Change>,
) -> Option<Box<Fix>> {
    let (key, value) = fields.value.member(old)?;
    let mut changes = vec![Change::rename(key, new)];
    // The last of several counts; without it an earlier one would.
    let before =
        fields.value.members().filter(|(key, other)| key.is_str(old) && other.node_id() < value.node_id());
    changes.extend(before.map(|(_, other)| Change::remove(fields.value, other)));
    let mut given = fields.value.members().filter(|(key, _)| key.is_str(new)).map(|(_, given)| given);
    match (given.next(), given.next()) {
        (None, _) => {}
        (Some(given), None) if is_void(given) => changes.push(Change::remove(fields.value, given)),
        _ => return None,
    }
    changes.extend(others);
    Some(Fix::safe(format!("move `{old}` to `{new}`"), changes))
}

/// Whether a value means the same as none, so that another may replace it.
fn is_void(value: Value<'_>) -> bool {
    value.is_null() || value.kind() == Type::Array && value.elements().next().is_none()
}

fn uris(fields: &Fields<'_>, uris: Value<'_>, context: &mut Context<'_>) {
    let release = context.release();
    let artifact = |at: Value<'_>| {
        let uri = at.as_str().unwrap_or_default();
        // `uris` extracts by the name of the file, `fetch` unless `extract` is false.
        let is_extracted = is_extracted_by_name(&uri, release);
        let artifact = if is_extracted { json!({"uri": uri}) } else { json!({"uri": uri, "extract": false}) };
        Change::replace(at, artifact)
    };
    let found = context.warn(&OLD_URIS, fields.value.member("uris").map_or(uris, |(key, _)| key));
    found.message = "`uris` is the form of Marathon 1.4".into();
    found.help = Some("write \"fetch\": [{\"uri\": …}]".into());
    // `uris` accepts texts that `fetch` rejects.
    let fits =
        |uri: Value<'_>| uri.as_str().is_some_and(|uri| (1..=1024).contains(&uri.encode_utf16().count()));
    let all_fit = uris.elements().all(fits);
    found.fix = moved(fields, "uris", "fetch", uris.elements().map(artifact)).filter(|_| all_fit);
}

fn ports(fields: &Fields<'_>, ports: Value<'_>, context: &mut Context<'_>) {
    let definitions = ports.elements().map(|port| Change::replace(port, json!({"port": port.to_json()})));
    let found = context.warn(&OLD_PORTS, fields.value.member("ports").map_or(ports, |(key, _)| key));
    found.message = "`ports` is the form of Marathon 1.4".into();
    found.help = Some("write \"portDefinitions\": [{\"port\": …}]".into());
    found.fix = if fields.has("portDefinitions") {
        // Marathon accepts both where they mean the same. Where they differ, nobody knows which ports are meant.
        are_ports_alike(fields).then(|| Fix::safe("remove `ports`", [Change::remove(fields.value, ports)]))
    } else {
        // `ports` accepts numbers that are not ports; `portDefinitions` rejects them.
        let is_port = |port: Value<'_>| port.as_f64().is_some_and(|port| (0.0..=65535.0).contains(&port));
        let are_ports = ports.elements().all(is_port);
        moved(fields, "ports", "portDefinitions", definitions).filter(|_| are_ports)
    };
}

fn ip_address(app: &AppView<'_>, address: &Fields<'_>, context: &mut Context<'_>) {
    let name = address.text("networkName");
    let help = match &name {
        Some(name) => format!("write \"networks\": [{}]", json!({"mode": "container", "name": name})),
        None => "write \"networks\": [{\"mode\": \"container\", \"name\": …}]".to_owned(),
    };
    let key = app.fields.value.member("ipAddress").map_or(address.value, |(key, _)| key);
    let found = context.warn(&OLD_IP_ADDRESS, key);
    found.message = "`ipAddress` is the form of Marathon 1.4".into();
    found.help = Some(help.into());
    found.fix = moved_address(app, address, name.as_deref());
}

/// The fix that moves the network of `ipAddress` and `container.docker.network` to `networks`, and discovery ports to port
/// mappings; `None` where Marathon rejects them.
fn moved_address(app: &AppView<'_>, address: &Fields<'_>, name: Option<&str>) -> Option<Box<Fix>> {
    let container = app.container.as_ref().and_then(|container| container.fields.as_ref());
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    let mode = NetworkMode::of_deprecated(docker.and_then(|docker| docker.word("network")), name)?;
    let mut network = json!({"mode": mode.word()});
    if let Some(name) = name.filter(|_| mode == NetworkMode::Container) {
        if !is_taken(address.at("networkName"), &table::NETWORK, "name") {
            return None;
        }
        network["name"] = name.into();
    }
    if let Some(labels) = address.get("labels").filter(|_| mode != NetworkMode::Host) {
        network["labels"] = labels.to_json();
    }
    let mut others = vec![Change::replace(address.value, json!([network]))];
    let mut title = vec!["move `ipAddress` to `networks`"];
    if let Some(docker) = docker
        && let Some(network) = docker.get("network")
    {
        others.push(Change::remove(docker.value, network));
        title.push("`container.docker.network` with it");
    }
    let discovery = address.object("discovery", &table::IP_DISCOVERY);
    let ports = discovery.iter().flat_map(|all| all.list("ports")).map(discovered);
    let ports: Vec<Json> = ports.collect::<Option<_>>()?;
    if !ports.is_empty() && mode != NetworkMode::Host {
        others.push(match container {
            Some(_) if app.containerizer() == Some(Containerizer::Docker) => return None,
            Some(container) if container.value.get("portMappings").is_some() => return None,
            Some(container) => Change::insert(container.value, "portMappings", ports),
            None if app.fields.value.get("container").is_some() => return None,
            None => {
                let container = json!({"type": "MESOS", "portMappings": ports});
                Change::insert(app.fields.value, "container", container)
            }
        });
        title.push("its ports to `container.portMappings`");
    }
    if address.has("groups") {
        title.push("without its `groups`, which Marathon drops");
    }
    let mut fix = moved(&app.fields, "ipAddress", "networks", others)?;
    fix.title = title.join(", ");
    Some(fix)
}

/// A port mapping for a discovery port; `None` where a mapping does not accept its values.
fn discovered(port: Value<'_>) -> Option<Json> {
    const FIELDS: [(&str, &str); 4] =
        [("number", "containerPort"), ("name", "name"), ("protocol", "protocol"), ("labels", "labels")];
    let port = Fields::of(port, &table::IP_DISCOVERY_PORT);
    let mut mapping = json!({});
    for (old, new) in FIELDS {
        let Some(value) = port.get(old) else { continue };
        if !is_taken(value, &table::CONTAINER_PORT_MAPPING, new) {
            return None;
        }
        mapping[new] = value.to_json();
    }
    Some(mapping)
}

/// Whether a field accepts a value: old forms accept some that the new ones reject.
fn is_taken(value: Value<'_>, object: &'static ObjectShape, field: &str) -> bool {
    object.position(field).is_some_and(|index| fits(value, &object.fields[index].shape))
}

fn docker_network(app: &AppView<'_>, docker: &Fields<'_>, context: &mut Context<'_>) {
    let Some(network) = docker.get("network") else { return };
    let mode =
        NetworkMode::of_deprecated(docker.word("network"), None).unwrap_or(NetworkMode::Container).word();
    let found =
        context.warn(&OLD_DOCKER_NETWORK, docker.value.member("network").map_or(network, |(key, _)| key));
    found.message = "`container.docker.network` is the form of Marathon 1.4".into();
    found.help = Some(format!("write \"networks\": [{{\"mode\": \"{mode}\"}}] in the app instead").into());
    // Both define one network together, which the fix of `ipAddress` moves.
    if app.fields.has("ipAddress") {
        return;
    }
    let networks = json!([{"mode": mode}]);
    let put = match app.fields.value.get("networks") {
        None => Change::insert(app.fields.value, "networks", networks),
        Some(given) if is_void(given) => Change::replace(given, networks),
        Some(_) => return,
    };
    found.fix = Some(Fix::safe("move it to `networks`", [Change::remove(docker.value, network), put]));
}

fn port_mappings(app: &AppView<'_>, docker: &Fields<'_>, context: &mut Context<'_>) {
    let Some(mappings) = docker.get("portMappings") else { return };
    let Some(container) = app.container.as_ref().and_then(|container| container.fields.as_ref()) else {
        return;
    };
    // On the host network they have no effect, which another rule reports.
    if app.count(NetworkMode::Host) > 0 || app.networks.is_empty() {
        return;
    }
    let key = docker.value.member("portMappings").map_or(mappings, |(key, _)| key);
    let found = context.warn(&OLD_PORT_MAPPINGS, key);
    found.message = "`container.docker.portMappings` is the form of Marathon 1.4".into();
    found.help = Some("move it up to `container.portMappings`".into());
    found.fix = match container.value.get("portMappings") {
        None => {
            let change = Change::carry(docker.value, mappings, container.value, "portMappings");
            Some(Fix::safe("move it to `container.portMappings`", [change]))
        }
        Some(given) if given.is_null() => {
            let change = Change::carry(docker.value, mappings, container.value, "portMappings");
            let changes = [Change::remove(container.value, given), change];
            Some(Fix::safe("move it to `container.portMappings`", changes))
        }
        // Marathon accepts only an empty list beside it.
        Some(_) => {
            is_void(mappings).then(|| Fix::safe("remove it", [Change::remove(docker.value, mappings)]))
        }
    };
}
