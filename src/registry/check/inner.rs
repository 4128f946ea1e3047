//! How services of one file for Docker Compose reach each other: by names, at the ports that the containers listen on.

use crate::registry::settings::{DEFAULT_ADDRESS, PREFIX, port_of};

use super::service::CheckedService;
use super::{CheckReport, rules};

/// The address for clients; a registry does not ask itself.
const OF_CLIENTS: &str = "REGISTRY_HTTP_HOST";
/// The address that a registry sends those to who ask it.
const REALM: &str = "REGISTRY_AUTH_TOKEN_REALM";

/// Checks each address that a service asks others at. A name may be that of several containers: a client tries them all.
pub(super) fn check(services: &[CheckedService], checked: &mut CheckReport) {
    for service in services {
        let beside: Vec<_> = services.iter().filter(|other| other.at.file == service.at.file).collect();
        let mut hosts: Vec<&String> = beside.iter().flat_map(|other| &other.running.inner_names).collect();
        hosts.sort_unstable();
        hosts.dedup();
        for (name, said) in &service.running.said {
            let is_for_others = name == REALM;
            if name == OF_CLIENTS || is_for_others && !is_asked_by_others(service, &beside) {
                continue;
            }
            for host in &hosts {
                let named: Vec<_> = beside
                    .iter()
                    .filter(|other| other.running.inner_names.contains(host))
                    .filter(|other| is_for_others || other.name != service.name)
                    .copied()
                    .collect();
                if let Some((port, at)) = unheard(&said.text, host, is_line(name), &named) {
                    checked.add(
                        &rules::NAME_AT_OTHER_PORT,
                        &said.at,
                        format!(
                            "{name} asks {host} at port {port}: within the network of this file that name leads to {at}, and \
                             nothing there listens on port {port}"
                        ),
                        help(&named, port),
                    );
                }
            }
        }
    }
}

/// The first port at which a text asks a host, and no container of that name listens, and on which they do; nothing where that is
/// not known of one.
fn unheard(text: &str, host: &str, is_line: bool, named: &[&CheckedService]) -> Option<(u16, String)> {
    let listening: Vec<Vec<u16>> = named.iter().map(|other| listens_on(other)).collect::<Option<_>>()?;
    if named.is_empty() {
        return None;
    }
    let port =
        asked_at(text, host, is_line).find(|port| !listening.iter().any(|ports| ports.contains(port)))?;
    let at = named.iter().zip(&listening).map(|(other, ports)| {
        let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
        format!("{} (port {})", other.name, ports.join(", "))
    });
    Some((port, at.collect::<Vec<_>>().join(", ")))
}

/// What makes one of these listen at a port: the one that has it outside.
fn help(named: &[&CheckedService], port: u16) -> String {
    let has_it = |other: &&&CheckedService| other.addresses.ports.contains(&port);
    match named.iter().find(has_it).or(named.first()) {
        Some(meant) if meant.is_registry() => format!(
            "set {PREFIX}HTTP_ADDR=:{port} at {}, and lead to that port, or ask it at the port that it listens on",
            meant.name
        ),
        Some(meant) if meant.is_token_server() => {
            format!("write addr: \":{port}\" into its auth_config.yml, and lead to that port")
        }
        _ => format!("let it listen on port {port}, or ask it at the port that it listens on"),
    }
}

/// Whether a text is what a container is started with.
fn is_line(name: &str) -> bool {
    ["entrypoint", "command"].contains(&name)
}

/// Whether a service that is neither registry nor token server asks this one.
fn is_asked_by_others(registry: &CheckedService, beside: &[&CheckedService]) -> bool {
    beside.iter().filter(|other| !other.is_registry() && !other.is_token_server()).any(|other| {
        other.running.said.iter().any(|(name, said)| {
            let asks = |host: &String| asked_at(&said.text, host, is_line(name)).next().is_some();
            registry.running.inner_names.iter().any(asks)
        })
    })
}

/// The ports that a service listens on in its container; nothing where that is not known.
pub(super) fn listens_on(service: &CheckedService) -> Option<Vec<u16>> {
    if service.is_registry() {
        let default = (!service.has_other_settings()).then(|| DEFAULT_ADDRESS.to_owned());
        return Some(vec![port_of(&service.text("HTTP_ADDR").or(default)?)?]);
    }
    let ports: Vec<u16> = service.ports.iter().map(|port| port.number).collect();
    (!ports.is_empty()).then_some(ports)
}

/// The ports at which a text asks a host: `https://HOST:PORT/`, and in a line of commands the names of images too.
fn asked_at(text: &str, host: &str, is_line: bool) -> impl Iterator<Item = u16> {
    text.match_indices(host).filter_map(move |(at, _)| {
        let (before, after) = (&text[..at], &text[at + host.len()..]);
        let default = if before.ends_with("http://") { 80 } else { 443 };
        let has_scheme = before.ends_with("://");
        let begins =
            has_scheme || before.chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'=@".contains(c));
        if let Some(rest) = after.strip_prefix(':') {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            return rest[..digits].parse().ok().filter(|_| begins && (has_scheme || is_line));
        }
        let ends = after.chars().next().is_none_or(|c| c == '/' || c.is_whitespace() || "\"'".contains(c));
        let is_image = is_line && after.starts_with('/');
        (begins && ends && (has_scheme || is_image)).then_some(default)
    })
}

#[cfg(test)]
mod tests {
    use super::asked_at;

    #[test]
    fn addresses_are_found_in_texts() {
        for (text, is_line, ports) in [
            ("https://r.example.com", false, &[443][..]),
            ("https://r.example.com:8443/auth", false, &[8443]),
            ("http://r.example.com/", false, &[80]),
            ("https://other.r.example.com", false, &[]),
            ("https://r.example.com.au", false, &[]),
            ("r.example.com", false, &[]),
            ("trivy image r.example.com/shop/web:1 r.example.com:5000/base:2", true, &[443, 5000]),
            ("echo r.example.com", true, &[]),
        ] {
            assert_eq!(asked_at(text, "r.example.com", is_line).collect::<Vec<_>>(), ports, "{text}");
        }
    }
}
