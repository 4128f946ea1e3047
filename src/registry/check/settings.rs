//! What a registry makes of its own variables: those it knows, and those that nothing reads.

use crate::finding::Rule;
use crate::registry::settings::{PREFIX, SettingProblem};
use crate::util::suggest::suggest;

use super::service::CheckedService;
use super::{CheckReport, rules};

/// The settings of registry 2.8 and 3.1 whose names are fixed (`configuration/configuration.go` and the options of the access
/// controllers).
const KNOWN: [&str; 51] = [
    "AUTH",
    "AUTH_HTPASSWD_PATH",
    "AUTH_HTPASSWD_REALM",
    "AUTH_SILLY_REALM",
    "AUTH_SILLY_SERVICE",
    "AUTH_TOKEN_AUTOREDIRECT",
    "AUTH_TOKEN_AUTOREDIRECTPATH",
    "AUTH_TOKEN_ISSUER",
    "AUTH_TOKEN_JWKS",
    "AUTH_TOKEN_REALM",
    "AUTH_TOKEN_ROOTCERTBUNDLE",
    "AUTH_TOKEN_SERVICE",
    "AUTH_TOKEN_SIGNINGALGORITHMS",
    "CONFIGURATION_PATH",
    "HTTP_ADDR",
    "HTTP_DEBUG_ADDR",
    "HTTP_DEBUG_PROMETHEUS_ENABLED",
    "HTTP_DEBUG_PROMETHEUS_PATH",
    "HTTP_DRAINTIMEOUT",
    "HTTP_H2C_ENABLED",
    "HTTP_HOST",
    "HTTP_HTTP2_DISABLED",
    "HTTP_NET",
    "HTTP_PREFIX",
    "HTTP_RELATIVEURLS",
    "HTTP_SECRET",
    "HTTP_TLS_CERTIFICATE",
    "HTTP_TLS_CIPHERSUITES",
    "HTTP_TLS_CLIENTAUTH",
    "HTTP_TLS_CLIENTCAS",
    "HTTP_TLS_KEY",
    "HTTP_TLS_LETSENCRYPT_CACHEFILE",
    "HTTP_TLS_LETSENCRYPT_DIRECTORYURL",
    "HTTP_TLS_LETSENCRYPT_EMAIL",
    "HTTP_TLS_LETSENCRYPT_HOSTS",
    "HTTP_TLS_MINIMUMTLS",
    "LOGLEVEL",
    "PROXY_CACHEWRITETIMEOUT",
    "PROXY_EXEC_COMMAND",
    "PROXY_EXEC_LIFETIME",
    "PROXY_PASSWORD",
    "PROXY_REMOTEURL",
    "PROXY_TTL",
    "PROXY_USERNAME",
    "STORAGE",
    "STORAGE_CACHE_BLOBDESCRIPTOR",
    "STORAGE_DELETE_ENABLED",
    "STORAGE_FILESYSTEM_ROOTDIRECTORY",
    "STORAGE_MAINTENANCE_READONLY_ENABLED",
    "STORAGE_REDIRECT_DISABLE",
    "VERSION",
];

/// The sections that have settings of other names: those of drivers, headers, and the like.
const OPEN: [&str; 16] = [
    "CATALOG",
    "COMPATIBILITY",
    "HEALTH",
    "HTTP_HEADERS",
    "HTTP_TLS_CIPHERSUITES",
    "HTTP_TLS_CLIENTCAS",
    "HTTP_TLS_LETSENCRYPT_HOSTS",
    "LOG",
    "MIDDLEWARE",
    "NOTIFICATIONS",
    "POLICY",
    "REDIS",
    "REPORTING",
    "STORAGE",
    "TAGS",
    "VALIDATION",
];

/// The sections whose settings are all known.
const CLOSED: [&str; 3] = ["AUTH", "HTTP", "PROXY"];

/// Whether a setting is of one of these sections.
fn is_of(name: &str, sections: &[&str]) -> bool {
    sections.iter().any(|section| name.strip_prefix(section).is_some_and(|rest| rest.starts_with('_')))
}

/// The rule of a fault that definitions are not written with either.
fn rule_of(problem: SettingProblem) -> &'static Rule {
    match problem {
        SettingProblem::TwoKinds => &rules::TWO_KINDS,
        SettingProblem::Driver => &rules::STORAGE_DRIVER,
        SettingProblem::Missing => &rules::SETTING_MISSING,
        SettingProblem::OutsideSection => &rules::SETTING_OUTSIDE_SECTION,
        SettingProblem::ImagesOutside => &rules::IMAGES_OUTSIDE_VOLUME,
        SettingProblem::BesideProxy => &rules::SETTING_BESIDE_PROXY,
        SettingProblem::PortTwice => &rules::PORT_TWICE,
        SettingProblem::Nowhere => &rules::LISTENS_NOWHERE,
    }
}

/// Checks the variables of a registry, and the kind of authentication that is for tests.
pub(super) fn check(registry: &CheckedService, checked: &mut CheckReport) {
    for (name, setting) in &registry.env {
        if KNOWN.contains(&name.as_str()) || is_of(name, &OPEN) || OPEN.contains(&name.as_str()) {
            continue;
        }
        let known = KNOWN.into_iter().chain(OPEN);
        let help = match suggest(name, known) {
            Some(known) => format!("perhaps {PREFIX}{known} is meant"),
            None if is_of(name, &CLOSED) => "remove it".to_owned(),
            // Scripts in an image may have variables of their own.
            None => continue,
        };
        let message = format!("{PREFIX}{name} is no setting of the registry, which takes no notice of it");
        checked.add(&rules::UNKNOWN_REGISTRY_SETTING, &setting.at, message, help);
    }
    for fault in registry.given_settings().faults() {
        let at = fault.settings.first().map_or(&registry.at, |name| registry.place_of(name));
        checked.add(rule_of(fault.problem), at, fault.message, fault.help);
    }
    if registry.authentication() == "silly" {
        checked.add(
            &rules::AUTHENTICATION_FOR_TESTS,
            registry.place_of("AUTH"),
            "REGISTRY_AUTH=silly lets in whoever sends any credentials, right or wrong",
            "write htpasswd or token",
        );
    }
    let is_redirected = registry.env.get("AUTH_TOKEN_AUTOREDIRECT").filter(|it| it.text.trim() == "true");
    if let Some(setting) = is_redirected.filter(|_| registry.authentication() == "token") {
        checked.add(
            &rules::REALM_UNUSED,
            &setting.at,
            "the registry ignores REGISTRY_AUTH_TOKEN_REALM, and sends clients for tokens to its own address, where it answers 404 itself",
            "remove it, unless a proxy before the registry leads to the token server",
        );
    }
}
