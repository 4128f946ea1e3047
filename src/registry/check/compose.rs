//! The services of a file for Docker Compose.

use std::collections::BTreeMap;

use crate::registry::settings::PREFIX;
use crate::source::{Pointer, Type, Value};

use super::service::{
    Addresses, CheckedService, HealthRequest, HostPort, RunSetup, ServicePort, StartLine, line_of, setting,
    texts, written,
};
use super::{FilePlace, PlacedText};

/// The services of a file for Docker Compose.
pub(super) fn services(file: usize, root: Value<'_>) -> Vec<CheckedService> {
    let services = root.get("services");
    let services = services.iter().flat_map(Value::members);
    services
        .map(|(key, service)| {
            let name = key.as_str().unwrap_or_default().into_owned();
            let pointer = Pointer::root().key("services").key(&*name);
            let has = |names: &[&str]| names.iter().any(|name| service.get(name).is_some());
            let mut env = compose_env(file, &pointer.key("environment"), service.get("environment"));
            // Which authentication it is decides what else is looked at.
            let is_unfilled = env.get("AUTH").is_some_and(PlacedText::is_unfilled);
            if is_unfilled {
                env.remove("AUTH");
            }
            CheckedService {
                at: FilePlace::of(file, pointer.clone(), &key),
                image: service.get("image").map(|image| setting(file, pointer.key("image"), image)),
                env,
                mounts: compose_mounts(service.get("volumes")),
                name,
                has_other_env: is_unfilled || has(&["env_file", "extends"]),
                has_other_files: has(&["configs", "secrets", "env_file", "build", "extends"]),
                start: start(service),
                health: health_request(file, &pointer, service).into_iter().collect(),
                ports: inner_ports(file, &pointer, service),
                is_on_host: service.get("network_mode").is_some_and(|mode| mode.is_str("host")),
                addresses: compose_ports(service.get("ports")),
                running: running(file, &pointer, &key, service),
            }
        })
        .collect()
}

/// How a service runs. Docker Compose lets registry and token server start at once, and they bear it.
fn running(file: usize, pointer: &Pointer, key: &Value<'_>, service: Value<'_>) -> RunSetup {
    let replicas = service.get("deploy").and_then(|deploy| deploy.get("replicas"));
    let udp = service.get("ports").and_then(|ports| {
        let is_udp = |port: &Value<'_>| {
            port.as_str().is_some_and(|port| port.ends_with("/udp"))
                || port.get("protocol").is_some_and(|it| it.is_str("udp"))
        };
        ports.elements().find(is_udp)
    });
    let place = |name: &str, value: &Value<'_>| FilePlace::of(file, pointer.key(name), value);
    RunSetup {
        id: key.as_str().unwrap_or_default().into_owned(),
        stopped: replicas.filter(|it| it.source() == "0").map(|it| place("deploy", &it)),
        udp: udp.map(|it| place("ports", &it)),
        host_ports: host_ports(service.get("ports")),
        inner_names: inner_names(key, service),
        said: said(file, pointer, service),
        ..RunSetup::default()
    }
}

/// The names by which other services of the file reach one: its own, and those of its networks.
fn inner_names(key: &Value<'_>, service: Value<'_>) -> Vec<String> {
    let networks = service.get("networks");
    let networks = networks.iter().flat_map(Value::members);
    let aliases = networks.filter_map(|(_, network)| network.get("aliases")).flat_map(texts);
    key.as_str().map(String::from).into_iter().chain(aliases).collect()
}

/// What may have addresses in it.
fn said(file: usize, pointer: &Pointer, service: Value<'_>) -> Vec<(String, PlacedText)> {
    let line = ["entrypoint", "command"].into_iter().filter_map(|name| {
        let value = service.get(name)?;
        let at = FilePlace::of(file, pointer.key(name), &value);
        Some((name.to_owned(), PlacedText { text: line_of(value), at }))
    });
    env_pairs(file, &pointer.key("environment"), service.get("environment")).into_iter().chain(line).collect()
}

/// The registry's settings in an environment.
fn compose_env(file: usize, pointer: &Pointer, env: Option<Value<'_>>) -> BTreeMap<String, PlacedText> {
    let pairs = env_pairs(file, pointer, env).into_iter();
    pairs.filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value))).collect()
}

/// A text as Docker Compose fills it in where no variable is set: `$$` is `$`, and `${NAME:-DEFAULT}` its default. A variable
/// without a default stays.
fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let variable = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let default = variable.and_then(|(inner, left)| {
            let (name, default) = inner.split_once('-')?;
            let name = name.strip_suffix(':').unwrap_or(name);
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            (is_name && !default.contains('$')).then_some((default, left))
        });
        if let Some((default, left)) = default {
            out.push_str(default);
            rest = left;
        } else {
            out.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
        }
    }
    out + rest
}

/// The environment as a map or as a list of `NAME=VALUE`.
fn env_pairs(file: usize, pointer: &Pointer, env: Option<Value<'_>>) -> Vec<(String, PlacedText)> {
    let Some(env) = env else { return Vec::new() };
    let own = |name: &str, value: PlacedText| {
        let text = filled(&value.text);
        (name.to_owned(), PlacedText { text, ..value })
    };
    let members = env.members().filter_map(|(key, value)| {
        let name = key.as_str()?;
        Some(own(&name, setting(file, pointer.key(&*name), value)))
    });
    let elements = env.elements().enumerate().filter_map(|(index, element)| {
        let entry = setting(file, pointer.index(index), element);
        let (name, value) = entry.text.split_once('=')?;
        Some(own(name, PlacedText { text: value.to_owned(), at: entry.at.clone() }))
    });
    members.chain(elements).collect()
}

fn compose_mounts(volumes: Option<Value<'_>>) -> Vec<(String, String)> {
    let text = |value: Value<'_>, name: &str| Some(value.get(name)?.as_str()?.into_owned());
    let elements = volumes.iter().flat_map(Value::elements);
    elements
        .filter_map(|volume| {
            if volume.kind() == Type::Object {
                return text(volume, "source").zip(text(volume, "target"));
            }
            let written = volume.as_str()?.into_owned();
            let mut parts = written.split(':');
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        })
        .collect()
}

/// What is before the protocol of a port, in its short form or in a member of its long one.
fn without_protocol(port: Value<'_>, member: &str) -> String {
    let mut written = written(port.get(member).unwrap_or(port));
    written.truncate(written.find('/').unwrap_or(written.len()));
    written
}

/// The published ports, at any host.
fn compose_ports(ports: Option<Value<'_>>) -> Addresses {
    let elements = ports.iter().flat_map(Value::elements);
    let published = elements.filter_map(|port| {
        let written = without_protocol(port, "published");
        let mut pieces = written.rsplit(':');
        let inside = pieces.next()?;
        pieces.next().unwrap_or(inside).parse().ok()
    });
    Addresses { ports: published.collect(), ..Addresses::default() }
}

/// The published ports, at the host's addresses: `8443:5000`, `127.0.0.1:8443:5000/tcp`, `5000`, which is at any port.
fn host_ports(ports: Option<Value<'_>>) -> Vec<HostPort> {
    let elements = ports.iter().flat_map(Value::elements);
    elements
        .filter_map(|port| {
            let is_long = port.kind() == Type::Object;
            let protocol = port.get("protocol").map(written);
            let (number, ip) = if is_long {
                (written(port.get("published")?), port.get("host_ip").map(written))
            } else {
                let text = without_protocol(port, "published");
                let (outside, _) = text.rsplit_once(':')?;
                let (ip, number) =
                    outside.rsplit_once(':').map_or((None, outside), |(ip, number)| (Some(ip), number));
                (number.to_owned(), ip.map(|ip| ip.trim_matches(['[', ']']).to_owned()))
            };
            let is_udp =
                protocol.map_or_else(|| written(port).ends_with("/udp"), |protocol| protocol == "udp");
            let ip = ip.filter(|ip| !["", "0.0.0.0", "::"].contains(&ip.as_str()));
            Some(HostPort { ip, number: number.parse().ok()?, is_udp })
        })
        .collect()
}

/// The ports of the container that are published.
fn inner_ports(file: usize, pointer: &Pointer, service: Value<'_>) -> Vec<ServicePort> {
    let ports = service.get("ports");
    let inner = |(index, port): (usize, Value<'_>)| {
        let at = FilePlace::of(file, pointer.key("ports").index(index), &port);
        let written = without_protocol(port, "target");
        Some(ServicePort { number: written.rsplit(':').next()?.parse().ok()?, at })
    };
    ports.iter().flat_map(Value::elements).enumerate().filter_map(inner).collect()
}

/// What a service starts its container with: `entrypoint` is in place of the image's program, `command` of its arguments.
fn start(service: Value<'_>) -> StartLine {
    let words = |name: &str| -> Option<Vec<String>> {
        let line = service.get(name).filter(|line| !line.is_null())?;
        Some(match line.as_str() {
            Some(line) => line.split_whitespace().map(str::to_owned).collect(),
            None => texts(line),
        })
    };
    match (words("entrypoint"), words("command")) {
        (Some(program), arguments) => StartLine::Line([program, arguments.unwrap_or_default()].concat()),
        (None, Some(arguments)) => StartLine::Args(arguments),
        (None, None) => StartLine::Image,
    }
}

/// The address that a health check's command asks, where it names one.
fn health_request(file: usize, pointer: &Pointer, service: Value<'_>) -> Option<HealthRequest> {
    let test = service.get("healthcheck")?.get("test")?;
    let at = FilePlace::of(file, pointer.key("healthcheck").key("test"), &test);
    let line = line_of(test);
    let (has_tls, from) = [(true, "https://"), (false, "http://")]
        .iter()
        .find_map(|(tls, scheme)| Some((*tls, line.find(scheme)? + scheme.len())))?;
    let address = line[from..].split(|c: char| c.is_whitespace() || "'\";|&)".contains(c)).next()?;
    let (host, path) = address.find('/').map_or((address, "/"), |slash| address.split_at(slash));
    let (host, port) = host.rsplit_once(':').map_or((host, None), |(host, port)| (host, port.parse().ok()));
    if !["localhost", "127.0.0.1", "[::1]"].contains(&host) {
        return None;
    }
    let path = PlacedText { text: path.to_owned(), at: at.clone() };
    Some(HealthRequest { at, path, has_tls, port: port.or(Some(if has_tls { 443 } else { 80 })) })
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn variables_with_a_default_are_filled_in() {
        for (text, said) in [
            ("token", "token"),
            ("${REGISTRY_AUTH:-token}", "token"),
            ("${KIND-token}:${PORT:-5000}/x", "token:5000/x"),
            ("${EMPTY:-}", ""),
            ("${DOM}", "${DOM}"),
            ("https://${DOM:?set it}/auth", "https://${DOM:?set it}/auth"),
            ("${A:-${B}}", "${A:-${B}}"),
            ("pa$$word", "pa$word"),
            ("$DOM and $", "$DOM and $"),
        ] {
            assert_eq!(filled(text), said, "{text}");
        }
    }
}
