//! What keeps a registry from starting, or its login from being safe, by its own settings.

use crate::registry::app::storage::{Driver, ROOT};
use crate::registry::app::version::RegistryVersion;
use crate::registry::settings::{PREFIX, as_read, is_unfilled};
use crate::util::path::is_within;
use crate::util::suggest::suggest;

use super::runs::not_mounted;
use super::service::{CheckedService, is_open};
use super::{CheckReport, rules, settings};

/// The kinds of authentication in a registry.
const AUTHENTICATIONS: [&str; 3] = ["htpasswd", "token", "silly"];

/// Whether the registry starts with this kind.
fn is_authentication(kind: &str) -> bool {
    is_open(kind) || AUTHENTICATIONS.contains(&kind)
}

/// The settings without which a registry does not start, by its kind of authentication.
fn needed(kind: &str) -> &'static [&'static str] {
    match kind {
        "token" => &["AUTH_TOKEN_REALM", "AUTH_TOKEN_SERVICE", "AUTH_TOKEN_ISSUER"],
        "htpasswd" => &["AUTH_HTPASSWD_REALM", "AUTH_HTPASSWD_PATH"],
        "silly" => &["AUTH_SILLY_REALM", "AUTH_SILLY_SERVICE"],
        _ => &[],
    }
}

/// Checks a registry alone.
pub(super) fn check(registry: &CheckedService, checked: &mut CheckReport) {
    let kind = registry.authentication();
    if let Some((at, kind)) = registry.placed("AUTH").filter(|(_, kind)| !is_authentication(kind)) {
        let help = suggest(&kind, AUTHENTICATIONS).map_or_else(
            || format!("write one of {}", AUTHENTICATIONS.join(", ")),
            |known| format!("write {known}"),
        );
        checked.add(
            &rules::UNKNOWN_AUTHENTICATION,
            at,
            format!("the registry knows no authentication {kind:?}: it does not start"),
            help,
        );
    }
    settings::check(registry, checked);
    for name in needed(&kind) {
        match registry.env.get(*name) {
            None => checked.add(
                &rules::SETTING_MISSING,
                &registry.at,
                format!(
                    "the registry has no {PREFIX}{name}, which {PREFIX}AUTH {kind} needs: it does not start"
                ),
                format!("set {PREFIX}{name}"),
            ),
            Some(setting) if setting.is_secret() => {}
            Some(setting) => {
                let what = match as_read(&setting.text) {
                    Ok(text) if text.trim().is_empty() => "empty",
                    Ok(_) => continue,
                    Err(what) => what,
                };
                checked.add(
                    &rules::SETTING_NOT_A_TEXT,
                    &setting.at,
                    format!("{PREFIX}{name} is {what} to the registry, which reads values as YAML and wants a text here: it does not start"),
                    "write it in quotes within the value: \"\\\"…\\\"\"",
                );
            }
        }
    }
    // Registry 2 knows no key sets.
    let knows_jwks = registry.version() != Some(RegistryVersion::Two);
    let has_jwks = knows_jwks && registry.env.contains_key("AUTH_TOKEN_JWKS");
    if kind == "token" && !has_jwks && !registry.env.contains_key("AUTH_TOKEN_ROOTCERTBUNDLE") {
        checked.add(
            &rules::SETTING_MISSING,
            &registry.at,
            format!("the registry has no {PREFIX}AUTH_TOKEN_ROOTCERTBUNDLE, so it does not start, or takes no token"),
            "set it to the path of the certificate that the token server signs with",
        );
    }
    let [certificate, key] =
        ["HTTP_TLS_CERTIFICATE", "HTTP_TLS_KEY"].map(|name| registry.env.contains_key(name));
    if certificate != key {
        let missing = if key { "HTTP_TLS_CERTIFICATE" } else { "HTTP_TLS_KEY" };
        checked.add(
            &rules::SETTING_MISSING,
            &registry.at,
            format!("the registry has no {PREFIX}{missing}, which goes with the other of the two: it does not start"),
            format!("set {PREFIX}{missing}"),
        );
    }
    if !is_open(&kind) {
        check_login(registry, certificate && key, checked);
    }
    check_mounts(registry, checked);
    check_images(registry, checked);
}

/// Images in a directory of the container that is no volume. A cache gets them again.
fn check_images(registry: &CheckedService, checked: &mut CheckReport) {
    let is_on_disk = registry.env.get("STORAGE").is_none_or(|it| it.text == Driver::Filesystem.name());
    let is_cache = registry.env.contains_key("PROXY_REMOTEURL");
    if registry.has_other_files || registry.has_other_settings() || is_cache || !is_on_disk {
        return;
    }
    let setting = "STORAGE_FILESYSTEM_ROOTDIRECTORY";
    let directory = registry.text(setting).unwrap_or_else(|| ROOT.to_owned());
    let is_mounted =
        |path: &str| registry.mounts.iter().any(|(_, mount)| is_within(path, mount.trim_end_matches('/')));
    // Beside a volume that is there for them the settings tell of it.
    if !is_mounted(&directory) && !is_mounted(ROOT) && !is_unfilled(&directory) {
        checked.add(
            &rules::IMAGES_OUTSIDE_VOLUME,
            registry.place_of(setting),
            format!("images are kept in {directory} of the registry's container, and are lost with it"),
            format!("mount a volume at {directory}, or set {PREFIX}STORAGE to another storage than the disk"),
        );
    }
}

/// A login needs TLS.
fn check_login(registry: &CheckedService, has_tls: bool, checked: &mut CheckReport) {
    if !has_tls && !registry.env.contains_key("HTTP_TLS_LETSENCRYPT_EMAIL") {
        checked.add(
            &rules::LOGIN_WITHOUT_TLS,
            registry.place_of("AUTH"),
            "the registry asks for passwords and tokens without TLS, and anybody on the network path can read them",
            format!("set {PREFIX}HTTP_TLS_CERTIFICATE and {PREFIX}HTTP_TLS_KEY"),
        );
    }
}

/// Files that the registry's settings name are in its container.
fn check_mounts(registry: &CheckedService, checked: &mut CheckReport) {
    let kind = registry.authentication();
    let of_kind = [("token", "AUTH_TOKEN_ROOTCERTBUNDLE"), ("htpasswd", "AUTH_HTPASSWD_PATH")];
    // Those of another kind are not read.
    let of_kind = of_kind.into_iter().filter(|(of, _)| *of == kind).map(|(_, name)| name);
    for name in of_kind.chain(["HTTP_TLS_CERTIFICATE", "HTTP_TLS_KEY"]) {
        let Some((at, path)) = registry.placed(name) else { continue };
        not_mounted(registry, &path, at, checked);
    }
}
