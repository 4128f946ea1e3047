//! What definitions say of a registry and its token server: environment, mounts, ports, health checks, addresses.

use std::collections::BTreeMap;
use std::fmt;

use crate::registry::app::naming::Address;
use crate::registry::app::version::RegistryVersion;
use crate::registry::settings::{GivenSettings, as_read};
use crate::source::{Pointer, Value};
use crate::util::path::is_within;

use super::{FilePlace, FileRole, PlacedText, SetupFile, askers, compose, marathon};

/// Settings of which the value matters, and not only that they are there.
const OF_VALUES: [&str; 5] =
    ["AUTH", "HTTP_DEBUG_ADDR", "HTTP_NET", "STORAGE", "STORAGE_FILESYSTEM_ROOTDIRECTORY"];

/// A service of a definition.
#[derive(Debug)]
pub(super) struct CheckedService {
    pub at: FilePlace,
    /// The end of its id, or its name in Docker Compose.
    pub name: String,
    pub image: Option<PlacedText>,
    /// The registry's settings, without `REGISTRY_`.
    pub env: BTreeMap<String, PlacedText>,
    /// Whether variables can come from elsewhere too, as from a file.
    pub has_other_env: bool,
    /// Paths outside and inside of the container.
    pub mounts: Vec<(String, String)>,
    /// Whether files can come from elsewhere too, as secrets or from the image.
    pub has_other_files: bool,
    pub start: StartLine,
    pub health: Vec<HealthRequest>,
    /// The ports of its container that the definition leads to.
    pub ports: Vec<ServicePort>,
    /// Whether its ports are those of the host.
    pub is_on_host: bool,
    pub addresses: Addresses,
    pub running: RunSetup,
}

/// How a definition runs a service.
#[derive(Debug, Default)]
pub(super) struct RunSetup {
    /// Its whole id, or its name in Docker Compose.
    pub id: String,
    /// Where it says that there are no instances.
    pub stopped: Option<FilePlace>,
    /// Where a port is for UDP alone.
    pub udp: Option<FilePlace>,
    /// The services that are started before it.
    pub after: Vec<String>,
    /// Where that is said, or would be.
    pub after_at: Option<FilePlace>,
    /// The ports of its host that it takes.
    pub host_ports: Vec<HostPort>,
    /// Whether a proxy leads only some paths of its hosts to it.
    pub has_paths: bool,
    /// Whether a group, or a file, has other services.
    pub has_order: bool,
    /// The names by which the other services of a file for Docker Compose reach it.
    pub inner_names: Vec<String>,
    /// What may have addresses in it: variables, by their names, and the line that it is started with.
    pub said: Vec<(String, PlacedText)>,
}

/// A port of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HostPort {
    /// The address of the host, where it is only at one.
    pub ip: Option<String>,
    pub number: u16,
    pub is_udp: bool,
}

impl HostPort {
    /// Whether no other service of the host can have that one.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let is_same_ip = match (&self.ip, &other.ip) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        is_same_ip && (self.number, self.is_udp) == (other.number, other.is_udp)
    }
}

/// What a container is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum StartLine {
    /// What the image says.
    #[default]
    Image,
    /// These arguments for the program of the image.
    Args(Vec<String>),
    /// Another line, by its words.
    Line(Vec<String>),
}

/// A port of a container.
#[derive(Clone, Debug)]
pub(super) struct ServicePort {
    pub number: u16,
    pub at: FilePlace,
}

/// A health check that asks by HTTP.
#[derive(Clone, Debug)]
pub(super) struct HealthRequest {
    pub at: FilePlace,
    pub path: PlacedText,
    pub has_tls: bool,
    /// The port of the container that it asks, where that is known.
    pub port: Option<u16>,
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
        FileRole::Definition(document, kind) => marathon::services(file, document.root(), *kind),
        FileRole::Compose(document) => compose::services(file, document.root()),
        _ => Vec::new(),
    }
}

/// A text, also where it is a number or a boolean, which Compose takes for texts.
pub(super) fn written(value: Value<'_>) -> String {
    value.as_str().map_or_else(|| value.source().to_owned(), std::borrow::Cow::into_owned)
}

/// The texts in a list.
pub(super) fn texts(list: Value<'_>) -> Vec<String> {
    list.elements().filter_map(|word| word.as_str().map(String::from)).collect()
}

/// A line for a container: a text, or a list of its words.
pub(super) fn line_of(value: Value<'_>) -> String {
    value.as_str().map_or_else(|| texts(value).join(" "), std::borrow::Cow::into_owned)
}

pub(super) fn setting(file: usize, pointer: Pointer, value: Value<'_>) -> PlacedText {
    let text = written(value);
    PlacedText { text, at: FilePlace::of(file, pointer, &value) }
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

    /// Where a setting is, or the service where that is not set.
    pub(super) fn place_of(&self, setting: &str) -> &FilePlace {
        self.env.get(setting).map_or(&self.at, |setting| &setting.at)
    }

    /// What it is to who runs it.
    pub(super) fn what(&self) -> &'static str {
        if self.is_token_server() {
            "the token server"
        } else if self.is_registry() {
            "the registry"
        } else if self.said(askers::URL).is_some() {
            "the web page"
        } else {
            "the service"
        }
    }

    /// A variable of any name, or a line that it is started with.
    pub(super) fn said(&self, name: &str) -> Option<&PlacedText> {
        self.running.said.iter().find(|(known, _)| known == name).map(|(_, said)| said)
    }

    /// Whether a registry has TLS by its settings.
    pub(super) fn has_tls(&self) -> bool {
        ["HTTP_TLS_CERTIFICATE", "HTTP_TLS_LETSENCRYPT_EMAIL"].iter().any(|name| self.env.contains_key(*name))
    }

    /// Its kind of authentication: `none` where it lets everybody in. Without `REGISTRY_AUTH` it is the kind that other variables
    /// have settings of (2.8.2).
    pub(super) fn authentication(&self) -> String {
        let kind = match self.env.get("AUTH") {
            Some(_) => self.text("AUTH"),
            None => self
                .env
                .keys()
                .find_map(|name| Some(name.strip_prefix("AUTH_")?.split_once('_')?.0.to_lowercase())),
        };
        kind.filter(|kind| !is_open(kind)).unwrap_or_else(|| "none".to_owned())
    }

    /// Whether the registry can have settings that are not in its definition: of a file of variables, or of a configuration
    /// in place of the image's.
    pub(super) fn has_other_settings(&self) -> bool {
        let has_config = [RegistryVersion::Two, RegistryVersion::Three].iter().any(|version| {
            self.mounts.iter().any(|(_, mount)| is_within(version.config(), mount.trim_end_matches('/')))
        });
        self.has_other_env
            || has_config
            || self.start != StartLine::Image
            || self.env.contains_key("CONFIGURATION_PATH")
    }

    /// Its settings, as those that go together or not. Of what Docker Compose or a template puts in only the name is known.
    pub(super) fn given_settings(&self) -> GivenSettings {
        let is_unfilled = |name: &str| self.env.get(name).is_some_and(PlacedText::is_unfilled);
        let known =
            self.env.iter().filter(|(name, _)| !(OF_VALUES.contains(&name.as_str()) && is_unfilled(name)));
        GivenSettings {
            env: known.map(|(name, setting)| (name.clone(), setting.text.clone())).collect(),
            mounts: self.mounts.iter().map(|(_, inside)| inside.clone()).collect(),
            has_all_mounts: !self.has_other_files,
            has_all_env: !self.has_other_env,
            has_default_config: !self.has_other_settings() && !is_unfilled("STORAGE"),
            version: self.version(),
        }
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

/// Whether the registry asks nobody for a login; `none` may be spelled in any case.
pub(super) fn is_open(kind: &str) -> bool {
    kind.is_empty() || kind.eq_ignore_ascii_case("none")
}
