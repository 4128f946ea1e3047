//! What registry and token server have to agree on: issuer, realm, and the ids of keys.

use crate::finding::Effect;
use crate::registry::app::version::RegistryVersion;

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
        registries.iter().filter(|registry| registry.text("AUTH").as_deref() == Some("token")).collect();
    for (index, registry) in with_tokens.iter().enumerate() {
        for config in configs {
            issuer(registry, config, checked);
            key_ids(registry, config, checked);
            realm(registry, servers, config, checked);
        }
        for other in &with_tokens[..index] {
            same(other, registry, checked);
        }
    }
    if with_tokens.is_empty() && !configs.is_empty() && !registries.is_empty() {
        for registry in registries {
            checked.add(
                &rules::TOKEN_SERVER_UNUSED,
                &registry.at,
                "there is a token server, and the registry does not ask for its tokens",
                "set REGISTRY_AUTH=token and the REGISTRY_AUTH_TOKEN_ variables",
            );
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
    let has_tls =
        config.text(&["server", "certificate"]).is_some() || config.at(&["server", "letsencrypt"]).is_some();
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

/// Two definitions of registries for one token server.
fn same(one: &CheckedService, other: &CheckedService, checked: &mut CheckReport) {
    for name in ["AUTH_TOKEN_REALM", "AUTH_TOKEN_SERVICE", "AUTH_TOKEN_ISSUER"] {
        let (Some(first), Some((at, second))) = (one.text(name), other.placed(name)) else { continue };
        if first != second {
            checked.add(
                &rules::DEFINITIONS_DISAGREE,
                at,
                format!(
                    "REGISTRY_{name} is {second:?} here and {first:?} in another definition of the registry"
                ),
                "write the same in both",
            );
        }
    }
}
