//! What registry and token server have to agree on: issuer, realm, and the ids of keys.

use std::collections::BTreeSet;

use crate::finding::Effect;
use crate::registry::app::version::RegistryVersion;
use crate::registry::settings::is_unfilled;

use super::auth_config::AuthConfig;
use super::service::CheckedService;
use super::{CheckReport, rules};

/// The paths at which docker_auth gives tokens, after its prefix.
const TOKEN_PATHS: [&str; 2] = ["/auth", "/auth/token"];

pub(super) fn check(
    registries: &[&CheckedService],
    servers: &[&CheckedService],
    configs: &[AuthConfig<'_>],
    checked: &mut CheckReport,
) {
    let with_tokens: Vec<&&CheckedService> =
        registries.iter().filter(|registry| registry.authentication() == "token").collect();
    for registry in &with_tokens {
        for config in configs {
            issuer(registry, config, checked);
            key_ids(registry, config, checked);
            realm(registry, servers, config, checked);
        }
    }
    for (index, registry) in registries.iter().enumerate() {
        for other in registries[..index].iter().filter(|other| is_same(other, registry, registries)) {
            same(other, registry, checked);
        }
        let asks_elsewhere = servers.is_empty() && configs.is_empty();
        if !asks_elsewhere {
            unused(registry, !with_tokens.is_empty(), checked);
        }
    }
    if configs.is_empty() && !with_tokens.is_empty() {
        checked.not_checked(
            "issuer, rights and users of the token server (its auth_config.yml is not among the files)",
        );
    }
}

fn issuer(registry: &CheckedService, config: &AuthConfig<'_>, checked: &mut CheckReport) {
    let given = config.text(&["token", "issuer"]);
    let Some(((at, wanted), given)) = registry.placed("AUTH_TOKEN_ISSUER").zip(given) else { return };
    if wanted != given {
        checked.add(
            &rules::ISSUER_DIFFERS,
            at,
            format!(
                "the registry takes tokens of the issuer {wanted:?} only, and the token server's is {given:?}"
            ),
            "write the same in both",
        );
    }
}

fn key_ids(registry: &CheckedService, config: &AuthConfig<'_>, checked: &mut CheckReport) {
    let Some(version) = registry.version() else {
        checked.not_checked("whether the token server names its key as the registry does (the image has no version as its tag)");
        return;
    };
    // By its key set registry 3 takes the older ids too.
    let has_key_set = registry.env.contains_key("AUTH_TOKEN_JWKS");
    let (message, help) = match (version, config.has_new_key_ids()) {
        (RegistryVersion::Two, true) => (
            "registry 2 knows the token server's key by its older id only, which `disable_legacy_key_id` turns off",
            "remove disable_legacy_key_id",
        ),
        (RegistryVersion::Three, false) if !has_key_set => (
            "registry 3 does not know the token server's key by its older id, and takes no token",
            "add `disable_legacy_key_id: true` to `token`",
        ),
        _ => return,
    };
    checked.add(
        &rules::KEY_ID_OF_OTHER_VERSION,
        &config.place(&["token", "disable_legacy_key_id"]),
        message,
        help,
    );
}

/// The address that clients get tokens from is one at which the token server gives some.
fn realm(
    registry: &CheckedService,
    servers: &[&CheckedService],
    config: &AuthConfig<'_>,
    checked: &mut CheckReport,
) {
    let Some((at, realm)) = registry.placed("AUTH_TOKEN_REALM") else { return };
    let mut add = |effect, message: String, help: &str| {
        checked.add_as(&rules::REALM_ELSEWHERE, effect, at, message, help.to_owned());
    };
    let Some((scheme, rest)) = realm.split_once("://") else {
        return add(
            Effect::Rejected,
            format!("{realm:?} is not an address, so clients get no token"),
            "write one such as https://auth.example.com:5001/auth",
        );
    };
    let (address, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let prefix = config.text(&["server", "path_prefix"]).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    if !TOKEN_PATHS.iter().any(|known| path.strip_prefix(&*prefix) == Some(*known)) {
        add(
            Effect::Rejected,
            format!("docker_auth answers 404 at {path:?}: it gives tokens at {prefix}/auth"),
            "end the realm with that path",
        );
    }
    let has_tls = config.has_tls();
    // A proxy may have TLS in front of a token server without.
    if has_tls && scheme == "http" {
        add(
            Effect::Rejected,
            "the token server has TLS, and the realm is without".to_owned(),
            "write https://",
        );
    } else if scheme == "http" {
        add(
            Effect::Risky,
            "clients send passwords to the token server without TLS".to_owned(),
            "give it TLS",
        );
    }
    let (host, port) = match address.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
        Some((host, Ok(port))) => (host, port),
        _ => (address, if scheme == "http" { 80 } else { 443 }),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    // A definition has a token server of its own; another one is for other hosts.
    let is_own = |server: &&&CheckedService| server.at.file == registry.at.file;
    let has_own = servers.iter().any(|server| is_own(&server));
    let known: Vec<_> = servers
        .iter()
        .filter(|server| !has_own || is_own(server))
        .map(|server| &server.addresses)
        .filter(|known| !known.is_empty())
        .collect();
    let is_registry = registry.addresses.own.iter().any(|it| it.host == host && it.port == port);
    let is_server = servers.iter().any(|server| server.addresses.has(host, port));
    if is_registry && !is_server {
        return add(
            Effect::Rejected,
            format!("the realm leads to {address}, which is the registry itself: it gives no tokens"),
            "write the address of the token server",
        );
    }
    // A proxy that another definition of the same setup names leads there from all of them.
    let is_proxied = servers
        .iter()
        .any(|server| server.addresses.proxied.iter().any(|known| known.host == host && known.port == port));
    if is_proxied {
        return;
    }
    let has_none = |server: &&&CheckedService| server.addresses.is_empty() && !server.ports.is_empty();
    let mut own = servers.iter().filter(|server| server.at.file == registry.at.file).peekable();
    if own.peek().is_some() && own.all(|server| has_none(&server)) {
        add(
            Effect::Risky,
            format!(
                "the definition gives the token server no fixed port and no name, and the realm leads to {address}"
            ),
            "give it a hostPort, a virtual IP, or a name of Marathon-LB, unless another proxy leads there",
        );
    }
    let own_port =
        config.text(&["server", "addr"]).and_then(|address| address.rsplit_once(':')?.1.parse().ok());
    // On the network of its host it is at the port that it listens on.
    let is_direct = servers.is_empty() || servers.iter().all(|server| server.is_on_host);
    if let Some(own) = own_port.filter(|own: &u16| known.is_empty() && is_direct && *own != port) {
        add(
            Effect::Risky,
            format!(
                "the token server listens on port {own} (server.addr), and the realm leads to port {port}"
            ),
            "write that port, unless another one leads to it",
        );
    }
    if !known.is_empty() && !known.iter().any(|known| known.has(host, port)) {
        let known: Vec<String> = known.iter().map(ToString::to_string).collect();
        add(
            Effect::Risky,
            format!(
                "the token server is at {} by its definition, and the realm leads to {address}",
                known.join(", ")
            ),
            "write an address of the token server, unless one of another proxy is meant",
        );
    }
}

/// A registry that does not ask for the tokens of the token server beside it.
fn unused(registry: &CheckedService, has_others: bool, checked: &mut CheckReport) {
    let kind = registry.authentication();
    let is_open = kind == "none";
    // A cache of public images may be open to everybody.
    if kind == "token" || has_others && is_open && registry.env.contains_key("PROXY_REMOTEURL") {
        return;
    }
    if is_open && !registry.env.contains_key("AUTH") && registry.has_other_settings() {
        checked.not_checked(
            "whether the registry asks for a login (it has settings that are not in its definition)",
        );
        return;
    }
    let (effect, message) = if is_open {
        (
            Effect::Rejected,
            "there is a token server, and the registry asks nobody for a token: everybody may pull and push",
        )
    } else {
        (
            rules::TOKEN_SERVER_UNUSED.effect,
            "there is a token server, and the registry does not ask for its tokens",
        )
    };
    checked.add_as(
        &rules::TOKEN_SERVER_UNUSED,
        effect,
        registry.place_of("AUTH"),
        message,
        "set REGISTRY_AUTH=token and the REGISTRY_AUTH_TOKEN_ variables",
    );
}

/// Whether two registries are one in two files: each the only one there, or of the same name.
fn is_same(one: &CheckedService, other: &CheckedService, all: &[&CheckedService]) -> bool {
    let is_alone = |it: &CheckedService| all.iter().filter(|known| known.at.file == it.at.file).count() == 1;
    one.at.file != other.at.file && (one.name == other.name || is_alone(one) && is_alone(other))
}

/// A registry in two definitions asks for the same login.
fn same(one: &CheckedService, other: &CheckedService, checked: &mut CheckReport) {
    let (first, second) = (one.authentication(), other.authentication());
    if first != second {
        let has_unknown =
            [one, other].iter().any(|it| !it.env.contains_key("AUTH") && it.has_other_settings());
        if has_unknown {
            checked.not_checked(
                "whether two definitions of the registry ask for the same login (one has settings that are not in it)",
            );
            return;
        }
        let is_open = [&first, &second].iter().any(|kind| *kind == "none");
        let effect = if is_open { Effect::Rejected } else { rules::DEFINITIONS_DISAGREE.effect };
        let at = other.place_of("AUTH");
        let message = format!(
            "REGISTRY_AUTH is {} here and {} in another definition of the registry",
            kind_in_words(&second),
            kind_in_words(&first)
        );
        checked.add_as(&rules::DEFINITIONS_DISAGREE, effect, at, message, "write the same in both");
        return;
    }
    // Paths in the containers may differ.
    let is_path = |name: &str| ["ROOTCERTBUNDLE", "JWKS", "_PATH"].iter().any(|end| name.ends_with(end));
    let names = one.env.keys().chain(other.env.keys()).filter(|name| name.starts_with("AUTH_"));
    let names: BTreeSet<&String> = names.collect();
    for name in names {
        let message = match (one.text(name), other.text(name)) {
            (Some(first), Some(second)) if is_unfilled(&first) || is_unfilled(&second) => continue,
            (Some(first), Some(second)) if first != second && !is_path(name) => {
                format!(
                    "REGISTRY_{name} is {second:?} here and {first:?} in another definition of the registry"
                )
            }
            (Some(_), None) if !other.env.contains_key(name) && !other.has_other_settings() => {
                format!("REGISTRY_{name} is missing here, and is in another definition of the registry")
            }
            (None, Some(_)) if !one.env.contains_key(name) && !one.has_other_settings() => {
                format!("REGISTRY_{name} is set here, and is missing in another definition of the registry")
            }
            _ => continue,
        };
        checked.add(&rules::DEFINITIONS_DISAGREE, other.place_of(name), message, "write the same in both");
    }
}

fn kind_in_words(kind: &str) -> String {
    if kind == "none" { "none (everybody may pull and push)".to_owned() } else { kind.to_owned() }
}
