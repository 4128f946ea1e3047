//! What definitions say of a registry and its token server: environment, mounts, addresses.

use std::collections::BTreeMap;
use std::fmt;

use crate::registry::app::naming::{Address, Naming};
use crate::registry::app::version::RegistryVersion;
use crate::source::{Document, Format, Kind, Pointer, Type, Value, services as services_of};
use crate::util::path::is_within;
use crate::util::suggest::suggest;

use super::{CheckReport, FilePlace, FileRole, PlacedText, SetupFile, rules};

/// The beginning of the registry's variables.
const PREFIX: &str = "REGISTRY_";

/// A service of a definition.
#[derive(Debug)]
pub(super) struct CheckedService {
    pub at: FilePlace,
    pub image: Option<PlacedText>,
    /// The registry's settings, without `REGISTRY_`.
    pub env: BTreeMap<String, PlacedText>,
    /// Paths outside and inside of the container.
    mounts: Vec<(String, String)>,
    /// Whether files can come from elsewhere too, as secrets or from the image.
    has_other_files: bool,
    health_paths: Vec<PlacedText>,
    pub addresses: Addresses,
}

/// The addresses that a definition gives a service.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// Those at which it answers itself.
    pub own: Vec<Address>,
    /// Those at which a proxy answers, with a certificate of its own.
    pub proxied: Vec<Address>,
    /// Its ports on hosts that the definition does not name.
    pub ports: Vec<u16>,
}

impl Addresses {
    /// Whether it is at this address, as far as the definition tells.
    pub(super) fn has(&self, host: &str, port: u16) -> bool {
        let mut named = self.own.iter().chain(&self.proxied);
        self.ports.contains(&port) || named.any(|known| known.host == host && known.port == port)
    }

    /// Whether the definition gives it none.
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.proxied.is_empty() && self.ports.is_empty()
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named =
            self.own.iter().chain(&self.proxied).map(|known| format!("{}:{}", known.host, known.port));
        let ports = self.ports.iter().map(|port| format!("port {port}"));
        f.write_str(&named.chain(ports).collect::<Vec<_>>().join(", "))
    }
}

/// The services of a file.
pub(super) fn services(file: usize, setup: &SetupFile) -> Vec<CheckedService> {
    match &setup.part {
        FileRole::Definition(document, kind) => of_marathon(file, document.root(), *kind),
        FileRole::Compose(document) => of_compose(file, document.root()),
        _ => Vec::new(),
    }
}

fn setting(file: usize, pointer: Pointer, value: Value<'_>) -> PlacedText {
    // Compose takes numbers and booleans for texts.
    let text = value.as_str().map_or_else(|| value.source().to_owned(), std::borrow::Cow::into_owned);
    PlacedText { text, at: FilePlace::of(file, pointer, &value) }
}

fn of_marathon(file: usize, root: Value<'_>, kind: Kind) -> Vec<CheckedService> {
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
    let checks = app.get("healthChecks");
    let checks = checks.iter().flat_map(Value::elements).enumerate();
    let health_paths = checks.filter_map(|(index, check)| {
        let path = check.get("path")?;
        Some(setting(file, at(&["healthChecks"]).index(index).key("path"), path))
    });
    let id = text(app, "id").unwrap_or_default();
    let id = if id.starts_with('/') { id } else { format!("{group}/{id}") };
    CheckedService {
        at: FilePlace::of(file, at(&["id"]), &app.get("id").unwrap_or(app)),
        image: image.map(|image| setting(file, at(&["container", "docker", "image"]), image)),
        env: env.collect(),
        mounts,
        has_other_files,
        health_paths: health_paths.collect(),
        addresses: addresses(app, container, &id),
    }
}

/// The addresses of an app: its virtual IPs, its host of Marathon-LB, its fixed ports.
fn addresses(app: Value<'_>, container: Option<Value<'_>>, id: &str) -> Addresses {
    let mappings = container.and_then(|container| {
        let old = || container.get("docker").and_then(|docker| docker.get("portMappings"));
        container.get("portMappings").or_else(old)
    });
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

fn of_compose(file: usize, root: Value<'_>) -> Vec<CheckedService> {
    let services = root.get("services");
    let services = services.iter().flat_map(Value::members);
    services
        .map(|(key, service)| {
            let name = key.as_str().unwrap_or_default().into_owned();
            let pointer = Pointer::root().key("services").key(name);
            CheckedService {
                at: FilePlace::of(file, pointer.clone(), &key),
                image: service.get("image").map(|image| setting(file, pointer.key("image"), image)),
                env: compose_env(file, &pointer.key("environment"), service.get("environment")),
                mounts: compose_mounts(service.get("volumes")),
                has_other_files: ["configs", "secrets", "env_file", "build"]
                    .iter()
                    .any(|name| service.get(name).is_some()),
                health_paths: Vec::new(),
                addresses: compose_ports(service.get("ports")),
            }
        })
        .collect()
}

/// The environment as a map or as a list of `NAME=VALUE`. Docker Compose replaces `$$` by `$`.
fn compose_env(file: usize, pointer: &Pointer, env: Option<Value<'_>>) -> BTreeMap<String, PlacedText> {
    let Some(env) = env else { return BTreeMap::new() };
    let own = |name: &str, value: PlacedText| {
        let text = value.text.replace("$$", "$");
        Some((name.strip_prefix(PREFIX)?.to_owned(), PlacedText { text, ..value }))
    };
    let members = env.members().filter_map(|(key, value)| {
        let name = key.as_str()?;
        own(&name, setting(file, pointer.key(&*name), value))
    });
    let elements = env.elements().enumerate().filter_map(|(index, element)| {
        let entry = setting(file, pointer.index(index), element);
        let (name, value) = entry.text.split_once('=')?;
        own(name, PlacedText { text: value.to_owned(), at: entry.at.clone() })
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

/// The published ports, at any host.
fn compose_ports(ports: Option<Value<'_>>) -> Addresses {
    let elements = ports.iter().flat_map(Value::elements);
    let published = elements.filter_map(|port| {
        let written = port.get("published").unwrap_or(port);
        let written = written.as_str().map_or_else(|| written.source().to_owned(), String::from);
        let without_protocol = written.split('/').next().unwrap_or_default();
        let mut pieces = without_protocol.rsplit(':');
        let inside = pieces.next()?;
        pieces.next().unwrap_or(inside).parse().ok()
    });
    Addresses { ports: published.collect(), ..Addresses::default() }
}

impl CheckedService {
    /// Whether it is a registry: it has settings of one, or its image is called so.
    pub(super) fn is_registry(&self) -> bool {
        let is_called = ["registry", "distribution"].contains(&self.image_name());
        !self.is_token_server()
            && (is_called
                || self.env.keys().any(|name| name.starts_with("AUTH") || name.starts_with("HTTP_")))
    }

    /// Whether it is docker_auth.
    pub(super) fn is_token_server(&self) -> bool {
        self.image_name() == "docker_auth"
    }

    fn image_name(&self) -> &str {
        let image = self.image.as_ref().map(|image| image.text.as_str()).unwrap_or_default();
        let name = image.rsplit('/').next().unwrap_or_default();
        name.split([':', '@']).next().unwrap_or_default()
    }

    /// The registry's version, where its image tells it.
    pub(super) fn version(&self) -> Option<RegistryVersion> {
        self.image.as_ref().and_then(|image| RegistryVersion::of_image(&image.text))
    }

    /// A setting as the registry reads it: values are YAML.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.placed(name).map(|(_, text)| text)
    }

    /// The same, with its place.
    pub(super) fn placed(&self, name: &str) -> Option<(&FilePlace, String)> {
        let PlacedText { text, at } = self.env.get(name)?;
        Some((at, as_read(text).ok()?))
    }

    /// The path outside of the container of a path inside; nothing where no mount has it.
    pub(super) fn outside(&self, inside: &str) -> Option<String> {
        let fitting = self.mounts.iter().filter_map(|(outside, mount)| {
            let (outside, mount) = (outside.trim_end_matches('/'), mount.trim_end_matches('/'));
            is_within(inside, mount).then(|| (mount.len(), format!("{outside}{}", &inside[mount.len()..])))
        });
        fitting.max_by_key(|(length, _)| *length).map(|(_, path)| path)
    }
}

/// A value as the registry reads it.
///
/// # Errors
/// What it is in place of a text.
fn as_read(value: &str) -> Result<String, &'static str> {
    let Ok(document) = Document::parse(value, Format::Yaml) else { return Ok(value.to_owned()) };
    let root = document.root();
    match root.kind() {
        Type::String => Ok(root.as_str().unwrap_or_default().into_owned()),
        other => Err(other.with_article()),
    }
}

/// The kinds of authentication in a registry.
const AUTHENTICATIONS: [&str; 3] = ["htpasswd", "token", "silly"];

/// Whether the registry asks nobody for a login; `none` may be spelled in any case.
fn is_open(kind: &str) -> bool {
    kind.is_empty() || kind.eq_ignore_ascii_case("none")
}

/// Whether the registry starts with this kind.
fn is_authentication(kind: &str) -> bool {
    is_open(kind) || AUTHENTICATIONS.contains(&kind)
}

/// The settings without which a registry does not start, by its kind of authentication.
fn needed(kind: &str) -> &'static [&'static str] {
    match kind {
        "token" => &["AUTH_TOKEN_REALM", "AUTH_TOKEN_SERVICE", "AUTH_TOKEN_ISSUER"],
        "htpasswd" => &["AUTH_HTPASSWD_REALM", "AUTH_HTPASSWD_PATH"],
        _ => &[],
    }
}

/// Checks a registry alone.
pub(super) fn check(registry: &CheckedService, checked: &mut CheckReport) {
    let kind = registry.text("AUTH").unwrap_or_default();
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
    let has_jwks = registry.env.contains_key("AUTH_TOKEN_JWKS");
    if kind == "token" && !has_jwks && !registry.env.contains_key("AUTH_TOKEN_ROOTCERTBUNDLE") {
        checked.add(
            &rules::SETTING_MISSING,
            &registry.at,
            format!("the registry has no {PREFIX}AUTH_TOKEN_ROOTCERTBUNDLE, so it takes no token"),
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
}

/// What a login needs: TLS, and a health check that does without it.
fn check_login(registry: &CheckedService, has_tls: bool, checked: &mut CheckReport) {
    if !has_tls && !registry.env.contains_key("HTTP_TLS_LETSENCRYPT_EMAIL") {
        checked.add(
            &rules::LOGIN_WITHOUT_TLS,
            registry.env.get("AUTH").map_or(&registry.at, |auth| &auth.at),
            "the registry asks for passwords and tokens without TLS, and anybody on the network path can read them",
            format!("set {PREFIX}HTTP_TLS_CERTIFICATE and {PREFIX}HTTP_TLS_KEY"),
        );
    }
    for path in registry.health_paths.iter().filter(|path| path.text.starts_with("/v2")) {
        checked.add(
            &rules::HEALTH_CHECK_NEEDS_LOGIN,
            &path.at,
            format!(
                "{} answers 401 without a login, so the health check fails and Marathon kills the registry",
                path.text
            ),
            "check \"/\", which answers 200",
        );
    }
}

/// Files that the registry's settings name are in its container.
fn check_mounts(registry: &CheckedService, checked: &mut CheckReport) {
    let files = ["AUTH_TOKEN_ROOTCERTBUNDLE", "AUTH_HTPASSWD_PATH", "HTTP_TLS_CERTIFICATE", "HTTP_TLS_KEY"];
    for name in files {
        let Some((at, path)) = registry.placed(name) else { continue };
        if registry.outside(&path).is_none() && !registry.has_other_files {
            checked.add(
                &rules::FILE_NOT_MOUNTED,
                at,
                format!("no volume brings {path} into the container: the registry does not start"),
                "mount the directory that has the file on the agents",
            );
        }
    }
}
