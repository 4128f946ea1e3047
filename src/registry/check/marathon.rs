//! The services of a definition for Marathon.

use crate::registry::app::naming::Naming;
use crate::registry::settings::PREFIX;
use crate::source::{Kind, Pointer, Value, services as services_of};

use super::service::{
    Addresses, CheckedService, HealthRequest, HostPort, RunSetup, ServicePort, StartLine, line_of, setting,
    texts,
};
use super::{FilePlace, PlacedText};

/// The apps of a definition.
pub(super) fn services(file: usize, root: Value<'_>, kind: Kind) -> Vec<CheckedService> {
    let ids = |group: Value<'_>, around: &String| {
        let id = group.get("id").and_then(|id| id.as_str()).unwrap_or_default();
        if id.starts_with('/') { id.into_owned() } else { format!("{around}/{id}") }
    };
    let found = services_of(root, kind, String::new(), ids);
    found.into_iter().map(|node| of_app(file, node.value, &node.pointer, &node.group)).collect()
}

fn of_app(file: usize, app: Value<'_>, pointer: &Pointer, group: &str) -> CheckedService {
    let container = app.get("container");
    let docker = container.and_then(|container| container.get("docker"));
    let at = |names: &[&str]| names.iter().fold(pointer.clone(), |pointer, name| pointer.key(*name));
    let image = docker.and_then(|docker| docker.get("image"));
    let env = app.get("env");
    let members = env.iter().flat_map(Value::members);
    let env = members.filter_map(|(key, value)| {
        let name = key.as_str()?.strip_prefix(PREFIX)?.to_owned();
        let place = at(&["env"]).key(format!("{PREFIX}{name}"));
        Some((name, setting(file, place, value)))
    });
    let volumes = container.and_then(|container| container.get("volumes"));
    let text =
        |value: Value<'_>, name: &str| value.get(name).and_then(|path| path.as_str()).map(String::from);
    let mut mounts = Vec::new();
    let mut has_other_files = app.get("fetch").or_else(|| app.get("uris")).is_some();
    for volume in volumes.iter().flat_map(Value::elements) {
        match (text(volume, "hostPath"), text(volume, "containerPath")) {
            (Some(outside), Some(inside)) => mounts.push((outside, inside)),
            _ => has_other_files = true,
        }
    }
    let ports = ports(file, app, pointer);
    let checks = app.get("healthChecks");
    let checks = checks.iter().flat_map(Value::elements).enumerate();
    let health = checks.filter_map(|(index, check)| {
        health_request(file, &at(&["healthChecks"]).index(index), check, &ports)
    });
    let id = text(app, "id").unwrap_or_default();
    let id = if id.starts_with('/') { id } else { format!("{group}/{id}") };
    CheckedService {
        at: FilePlace::of(file, at(&["id"]), &app.get("id").unwrap_or(app)),
        image: image.map(|image| setting(file, at(&["container", "docker", "image"]), image)),
        name: id.rsplit('/').next().unwrap_or_default().to_owned(),
        env: env.collect(),
        has_other_env: false,
        mounts,
        has_other_files,
        start: start(app),
        health: health.collect(),
        is_on_host: ports.is_empty() && !has_bridge(app),
        addresses: addresses(app, &id),
        ports,
        running: running(file, app, pointer, id, !group.is_empty()),
    }
}

/// How an app runs.
fn running(file: usize, app: Value<'_>, pointer: &Pointer, id: String, has_order: bool) -> RunSetup {
    let placed = |name: &str| Some(FilePlace::of(file, pointer.key(name), &app.get(name)?));
    let is_none = app.get("instances").and_then(|it| it.as_number()?.parse::<u32>().ok()) == Some(0);
    let mappings = mappings(app).map(|(_, mappings)| mappings);
    let mapped = || mappings.iter().flat_map(Value::elements);
    let udp = mapped().find_map(|mapping| {
        let protocol = mapping.get("protocol").filter(|it| it.is_str("udp"))?;
        Some(FilePlace::of(file, pointer.key("container"), &protocol))
    });
    let around = id.rsplit_once('/').map_or("", |(around, _)| around);
    let after = app.get("dependencies").map(texts).unwrap_or_default();
    let whole = |name: String| match name.strip_prefix("../") {
        _ if name.starts_with('/') => name,
        Some(rest) => format!("{around}/{rest}"),
        None => format!("{id}/{name}"),
    };
    let host_port = |mapping: Value<'_>| {
        let number = mapping.get("hostPort")?.as_number()?.parse().ok().filter(|port| *port > 0)?;
        let is_udp = mapping.get("protocol").is_some_and(|it| it.is_str("udp"));
        Some(HostPort { ip: None, number, is_udp })
    };
    let labels = app.get("labels");
    let has_paths = labels.iter().flat_map(Value::members).any(|(key, _)| {
        key.as_str().is_some_and(|name| name.starts_with("HAPROXY_") && name.ends_with("_PATH"))
    });
    RunSetup {
        stopped: placed("instances").filter(|_| is_none),
        udp,
        after: after.into_iter().map(whole).collect(),
        after_at: placed("dependencies"),
        host_ports: mapped().filter_map(host_port).collect(),
        has_paths,
        has_order,
        id,
        said: said(file, app, pointer),
        ..RunSetup::default()
    }
}

/// Its variables, and the line that it is started with.
fn said(file: usize, app: Value<'_>, pointer: &Pointer) -> Vec<(String, PlacedText)> {
    let env = app.get("env");
    let variables = env.iter().flat_map(Value::members).filter_map(|(key, value)| {
        let name = key.as_str()?.into_owned();
        let at = pointer.key("env").key(&*name);
        Some((name, setting(file, at, value)))
    });
    let line = ["cmd", "args"].into_iter().filter_map(|name| {
        let value = app.get(name)?;
        let at = FilePlace::of(file, pointer.key(name), &value);
        Some((name.to_owned(), PlacedText { text: line_of(value), at }))
    });
    variables.chain(line).collect()
}

/// What an app starts its container with.
fn start(app: Value<'_>) -> StartLine {
    if let Some(line) = app.get("cmd").and_then(|line| line.as_str().map(String::from)) {
        return StartLine::Line(line.split_whitespace().map(str::to_owned).collect());
    }
    match app.get("args").filter(|args| args.elements().next().is_some()) {
        Some(args) => StartLine::Args(texts(args)),
        None => StartLine::Image,
    }
}

/// The port mappings of an app, in either place.
fn mappings(app: Value<'_>) -> Option<(bool, Value<'_>)> {
    let container = app.get("container")?;
    let new = container.get("portMappings").map(|mappings| (false, mappings));
    new.or_else(|| container.get("docker")?.get("portMappings").map(|mappings| (true, mappings)))
}

/// The ports of its container, in the order of the mappings; 0 is the port of the host.
fn ports(file: usize, app: Value<'_>, pointer: &Pointer) -> Vec<ServicePort> {
    let Some((is_old, mappings)) = mappings(app) else { return Vec::new() };
    let container = pointer.key("container");
    let at = if is_old { container.key("docker") } else { container }.key("portMappings");
    let port = |(index, mapping): (usize, Value<'_>)| {
        let port = mapping.get("containerPort")?;
        let place = FilePlace::of(file, at.index(index).key("containerPort"), &port);
        Some(ServicePort { number: port.as_number()?.parse().ok()?, at: place })
    };
    mappings.elements().enumerate().filter_map(port).collect()
}

/// Whether its network is not that of the host.
fn has_bridge(app: Value<'_>) -> bool {
    let docker = app.get("container").and_then(|container| container.get("docker"));
    let old = docker.and_then(|docker| docker.get("network"));
    let is_other = |mode: Value<'_>| mode.as_str().is_some_and(|mode| !mode.eq_ignore_ascii_case("host"));
    let networks = app.get("networks");
    old.is_some_and(is_other)
        || networks.iter().flat_map(Value::elements).any(|network| network.get("mode").is_none_or(is_other))
        || app.get("ipAddress").is_some()
}

/// A check by HTTP; its port is that of a mapping, or of the container where Mesos checks.
fn health_request(
    file: usize,
    at: &Pointer,
    check: Value<'_>,
    ports: &[ServicePort],
) -> Option<HealthRequest> {
    let protocol = check.get("protocol").and_then(|protocol| protocol.as_str().map(String::from));
    // Marathon's defaults: HTTP, / and the first port.
    let protocol = protocol.unwrap_or_else(|| "HTTP".to_owned());
    let (of_mesos, scheme) =
        protocol.strip_prefix("MESOS_").map_or((false, &*protocol), |scheme| (true, scheme));
    if !["HTTP", "HTTPS"].contains(&scheme) {
        return None;
    }
    let number = |name: &str| check.get(name).and_then(|number| number.as_number()?.parse::<u16>().ok());
    let port = match number("port") {
        Some(port) => Some(port).filter(|_| of_mesos),
        None => ports.get(usize::from(number("portIndex").unwrap_or_default())).map(|port| port.number),
    };
    let place = |name: &str| match check.member(name) {
        Some((_, value)) => FilePlace::of(file, at.key(name), &value),
        None => FilePlace { file, pointer: at.clone(), range: check.first_line() },
    };
    let path = check.get("path").and_then(|path| path.as_str().map(String::from));
    Some(HealthRequest {
        at: place("protocol"),
        path: PlacedText { text: path.unwrap_or_else(|| "/".to_owned()), at: place("path") },
        has_tls: scheme == "HTTPS",
        port: port.filter(|port| *port > 0),
    })
}

/// The addresses of an app: its virtual IPs, its host of Marathon-LB, its fixed ports.
fn addresses(app: Value<'_>, id: &str) -> Addresses {
    let mappings = mappings(app).map(|(_, mappings)| mappings);
    let mut naming = Naming::default();
    let mut addresses = Addresses::default();
    for mapping in mappings.iter().flat_map(Value::elements) {
        let labels = mapping.get("labels");
        let labels = labels.iter().flat_map(Value::members);
        let vips = labels.filter(|(key, _)| key.as_str().is_some_and(|name| name.starts_with("VIP_")));
        naming.vips.extend(vips.filter_map(|(_, vip)| vip.as_str()?.parse().ok()));
        let port = mapping.get("hostPort").and_then(|port| port.as_number()?.parse().ok());
        addresses.ports.extend(port.filter(|port: &u16| *port > 0));
    }
    addresses.own = naming.direct(id);
    let labels = app.get("labels");
    let vhost = labels.and_then(|labels| labels.get("HAPROXY_0_VHOST")).and_then(|vhost| vhost.as_str());
    naming.marathon_lb = vhost.map(String::from);
    addresses.proxied = naming.addresses(id).split_off(addresses.own.len());
    addresses
}
