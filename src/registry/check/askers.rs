//! Services beside a registry that ask it: a web page that shows its images (docker-registry-browser), and what signs in with a
//! command, as a scanner does. What they are told has to be what registry and token server have: address, scheme, user, password
//! and rights. That they trust its certificate is checked with the certificates.

mod login;

use crate::registry::app::naming::Address;
use crate::registry::group::members::UI_PORT;
use crate::registry::settings::is_on;

use super::auth_config::AuthConfig;
use super::inner::listens_on;
use super::service::CheckedService;
use super::{CheckReport, PlacedText, SetupFile, rules};

use login::{AskerLogin, login, same_registry, sign_in};

/// The variable by which a web page knows its registry.
pub(super) const URL: &str = "DOCKER_REGISTRY_URL";
/// The address that a web page shows to people.
const PUBLIC: &str = "PUBLIC_REGISTRY_URL";
/// Whether a web page offers to delete images.
const DELETES: &str = "ENABLE_DELETE_IMAGES";
/// The port of a web page without TLS.
const PLAIN_PORT: u16 = 8080;

/// A service that asks a registry.
pub(super) struct RegistryAsker<'a> {
    pub service: &'a CheckedService,
    pub sign_in: Option<AskerLogin<'a>>,
}

/// The services that ask a registry.
pub(super) fn askers(services: &[CheckedService]) -> Vec<RegistryAsker<'_>> {
    let others = services.iter().filter(|it| !it.is_registry() && !it.is_token_server());
    let asking = others.map(|service| RegistryAsker { service, sign_in: sign_in(service) });
    asking.filter(|asker| asker.sign_in.is_some() || asker.said(URL).is_some()).collect()
}

impl<'a> RegistryAsker<'a> {
    /// A variable of it.
    pub(super) fn said(&self, name: &str) -> Option<&'a PlacedText> {
        self.service.said(name)
    }

    /// Whether it takes any certificate.
    pub(super) fn is_careless(&self) -> bool {
        self.service.running.said.iter().any(|(name, said)| {
            (name.ends_with("_INSECURE") || name == "NO_SSL_VERIFICATION") && is_on(&said.text)
                || login::is_line(name) && said.text.contains(" --insecure")
        })
    }

    /// Where it asks the registry: the address, whether by TLS, and the place.
    pub(super) fn asks(&self) -> Vec<(Address, bool, &'a PlacedText)> {
        let url = self.said(URL).and_then(|url| {
            let is_tls = url.text.starts_with("https://");
            Some((Address::of_url(&url.text)?, is_tls, url))
        });
        let signs_in = self.sign_in.as_ref().and_then(|sign_in| {
            Some((Address::of_url(&format!("https://{}", sign_in.address))?, true, sign_in.line))
        });
        url.into_iter().chain(signs_in).collect()
    }
}

/// Checks what each is told.
pub(super) fn check(
    files: &[SetupFile],
    services: &[CheckedService],
    configs: &[AuthConfig<'_>],
    checked: &mut CheckReport,
) {
    for asker in askers(services) {
        let beside = |other: &&CheckedService| other.at.file == asker.service.at.file;
        let registries: Vec<&CheckedService> =
            services.iter().filter(beside).filter(|it| it.is_registry()).collect();
        let hosts: Vec<&String> =
            services.iter().filter(beside).flat_map(|other| &other.running.inner_names).collect();
        addresses(&asker, &registries, &hosts, checked);
        public_address(&asker, &registries, checked);
        order(&asker, &registries, checked);
        if asker.said(URL).is_some() {
            web_page(&asker, &registries, checked);
        }
        if let Some(sign_in) = &asker.sign_in {
            same_registry(&asker, sign_in, checked);
            login(sign_in, files, configs, &registries, checked);
        }
    }
}

/// The registry is where it is asked, and speaks TLS or not as it is asked.
fn addresses(
    asker: &RegistryAsker<'_>,
    registries: &[&CheckedService],
    hosts: &[&String],
    checked: &mut CheckReport,
) {
    let is_known = |registry: &&CheckedService| !registry.addresses.is_empty();
    for (address, is_tls, said) in asker.asks() {
        if let Some(registry) = registries.iter().find(|registry| is_asked(registry, &address)) {
            scheme(asker, registry, is_tls, said, checked);
            continue;
        }
        // The ports of those that have the name are checked with the network of the file.
        if registries.is_empty() || hosts.iter().any(|host| **host == address.host) {
            continue;
        }
        if registries.iter().all(is_known) {
            let at: Vec<String> = registries.iter().map(|registry| registry.addresses.to_string()).collect();
            checked.add(
                &rules::REGISTRY_ASKED_ELSEWHERE,
                &said.at,
                format!(
                    "{} asks the registry at {}:{}, and it is at {}",
                    asker.service.name,
                    address.host,
                    address.port,
                    at.join(", ")
                ),
                "write an address of the registry, unless one of another proxy is meant",
            );
        }
    }
}

/// Whether an address leads to a registry.
fn is_asked(registry: &CheckedService, address: &Address) -> bool {
    let is_inner = registry.running.inner_names.contains(&address.host);
    let listens = || listens_on(registry).is_some_and(|ports| ports.contains(&address.port));
    is_inner && listens() || !is_inner && registry.addresses.has(&address.host, address.port)
}

fn scheme(
    asker: &RegistryAsker<'_>,
    registry: &CheckedService,
    is_tls: bool,
    said: &PlacedText,
    checked: &mut CheckReport,
) {
    let has_tls = registry.has_tls();
    let is_unknown = !has_tls && registry.has_other_settings();
    let is_proxied =
        Address::of_url(&said.text).is_some_and(|asked| registry.addresses.proxied.contains(&asked));
    if is_tls == has_tls || is_unknown || is_proxied {
        return;
    }
    let name = &asker.service.name;
    let (message, help) = if has_tls {
        (format!("{name} asks the registry without TLS, and it has TLS: it answers 400"), "write https://")
    } else {
        (
            format!("{name} asks the registry with TLS, and it has none"),
            "write http://, or give the registry TLS",
        )
    };
    checked.add(&rules::REGISTRY_ASKED_OTHERWISE, &said.at, message, help);
}

/// The address that people are shown is one that clients reach.
fn public_address(asker: &RegistryAsker<'_>, registries: &[&CheckedService], checked: &mut CheckReport) {
    let Some(public) = asker.said(PUBLIC) else { return };
    let text =
        if public.text.contains("://") { public.text.clone() } else { format!("https://{}", public.text) };
    let Some(address) = Address::of_url(&text) else { return };
    let known: Vec<_> = registries.iter().map(|it| &it.addresses).filter(|it| !it.is_empty()).collect();
    if known.is_empty() || known.iter().any(|known| known.has(&address.host, address.port)) {
        return;
    }
    let at: Vec<String> = known.iter().map(ToString::to_string).collect();
    checked.add(
        &rules::REGISTRY_ASKED_ELSEWHERE,
        &public.at,
        format!(
            "{PUBLIC} tells people that the registry is at {}:{}, and clients reach it at {}",
            address.host,
            address.port,
            at.join(", ")
        ),
        "write the address at which clients reach it",
    );
}

/// In a group for Marathon it is started after the registry.
fn order(asker: &RegistryAsker<'_>, registries: &[&CheckedService], checked: &mut CheckReport) {
    let running = &asker.service.running;
    let waits = |registry: &&&CheckedService| {
        running
            .after
            .iter()
            .any(|id| *id == registry.running.id || registry.running.id.starts_with(&format!("{id}/")))
    };
    if let Some(registry) =
        registries.first().filter(|_| running.has_order && !registries.iter().any(|it| waits(&it)))
    {
        checked.add(
            &rules::START_ORDER,
            running.after_at.as_ref().unwrap_or(&asker.service.at),
            format!("{} does not wait for the registry that it asks", asker.service.name),
            format!("add \"dependencies\": [\"{}\"]", registry.running.id),
        );
    }
}

/// A web page listens where its definition leads, and offers what the registry does.
fn web_page(asker: &RegistryAsker<'_>, registries: &[&CheckedService], checked: &mut CheckReport) {
    let service = asker.service;
    let [certificate, key] = ["SSL_CERT_PATH", "SSL_KEY_PATH"].map(|name| asker.said(name));
    if certificate.is_some() != key.is_some() {
        let missing = if key.is_some() { "SSL_CERT_PATH" } else { "SSL_KEY_PATH" };
        checked.add(
            &rules::SETTING_MISSING,
            &service.at,
            format!("the web page has no {missing}, which goes with the other of the two"),
            format!("set {missing}"),
        );
    }
    let port = if certificate.is_some() && key.is_some() { UI_PORT } else { PLAIN_PORT };
    let known: Vec<_> = service.ports.iter().filter(|known| known.number > 0).collect();
    let is_browser =
        service.image.as_ref().is_some_and(|image| image.text.contains("docker-registry-browser"));
    if let Some(first) = known.first().filter(|_| is_browser && known.iter().all(|it| it.number != port)) {
        checked.add(
            &rules::PORT_DIFFERS,
            &first.at,
            format!(
                "the web page listens on port {port}, and the definition leads to port {} of its container, where nothing answers",
                first.number
            ),
            format!("write {port}"),
        );
    }
    let offers = asker.said(DELETES).filter(|offers| is_on(&offers.text));
    let refuses = |registry: &&CheckedService| {
        let is_on = registry.env.get("STORAGE_DELETE_ENABLED").is_some_and(|it| is_on(&it.text));
        !is_on && !registry.has_other_settings() && !registry.env.contains_key("STORAGE_DELETE")
    };
    if let Some(offers) = offers.filter(|_| !registries.is_empty() && registries.iter().all(refuses)) {
        checked.add(
            &rules::DELETION_REFUSED,
            &offers.at,
            "the web page offers to delete images, and the registry refuses each deletion (405)",
            "set REGISTRY_STORAGE_DELETE_ENABLED=true, or leave this out",
        );
    }
}
