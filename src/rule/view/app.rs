//! An app as Marathon sees it once deprecated fields are migrated (`AppNormalization.forDeprecated`). It borrows whatever
//! the definition has.

use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::definition::{Containerizer, NetworkMode, SentCheck};
use crate::schema::{integer, table};
use crate::source::Value;

use super::container::{ContainerView, PortMapping, VolumeView};
use super::health::{HealthCheckView, health_checks, sent_check};
use super::network::{NetworkView, networks};
use super::{Fields, Names};

/// An app as it is written: the objects that nearly every rule looks at, read once.
pub(in crate::rule) struct RawApp<'a> {
    pub(in crate::rule) app: Fields<'a>,
    pub(in crate::rule) container: Option<Fields<'a>>,
    pub(in crate::rule) docker: Option<Fields<'a>>,
    /// The deprecated `ipAddress`.
    pub(in crate::rule) address: Option<Fields<'a>>,
}

impl<'a> RawApp<'a> {
    pub(in crate::rule) fn of(value: Value<'a>) -> Self {
        let app = Fields::of(value, &table::APP);
        let container = app.object("container", &table::CONTAINER);
        let docker =
            container.as_ref().and_then(|container| container.object("docker", &table::DOCKER_CONTAINER));
        let address = app.object("ipAddress", &table::IP_ADDRESS);
        Self { app, container, docker, address }
    }

    /// This app changed by an update (`AppConversion.appUpdateRamlReader`): the fields that are given replace those it has, in
    /// whichever form it has them. `None` where the two are too far apart in the text.
    pub(in crate::rule) fn updated(&self, by: &Self) -> Option<Self> {
        let mut dropped: Vec<&str> = NOT_KEPT.to_vec();
        let says_network = by.docker.as_ref().is_some_and(|docker| docker.has("network"));
        for forms in FORMS {
            if forms.iter().any(|name| by.app.has(name)) || (forms.contains(&"networks") && says_network) {
                dropped.extend(forms);
            }
        }
        let app = self.app.updated(&by.app, &dropped)?;
        let (container, docker) =
            if by.container.is_some() { (by.container, by.docker) } else { (self.container, self.docker) };
        let address = if app.has("ipAddress") { by.address.or(self.address) } else { None };
        Some(Self { app, container, docker, address })
    }
}

/// Fields that an update resets when it leaves them out; all others stay (1.11).
const NOT_KEPT: [&str; 2] = ["executorResources", "resourceLimits"];

/// Fields that say the same in an old and in a new form.
const FORMS: [&[&str]; 3] = [&["uris", "fetch"], &["ports", "portDefinitions"], &["ipAddress", "networks"]];

/// Where Marathon fails to migrate an app, which it answers with status 500.
pub(in crate::rule) struct MigrationError<'a> {
    pub(in crate::rule) at: Value<'a>,
    pub(in crate::rule) fault: MigrationFault,
}

/// Why Marathon fails to migrate an app.
#[derive(Clone, Copy)]
pub(in crate::rule) enum MigrationFault {
    /// The network of a Docker container is NONE.
    NoneNetwork,
    /// `ipAddress.discovery` has ports, and the container is one of the Docker Engine.
    DiscoveryOnDocker,
    /// `ipAddress.discovery` has ports, and so has the container.
    DiscoveryAndMappings,
    /// The container has port mappings in the old place and in the new one.
    OldAndNewMappings,
}

impl MigrationFault {
    /// Marathon's words.
    pub(in crate::rule) fn text(self) -> &'static str {
        match self {
            Self::NoneNetwork => "unsupported docker network type NONE",
            Self::DiscoveryOnDocker => "ipAddress.discovery.ports do not apply for container type DOCKER",
            Self::DiscoveryAndMappings => {
                "container.portMappings and ipAddress.discovery.ports must not both be set"
            }
            Self::OldAndNewMappings => "cannot specify both portMappings and docker.portMappings",
        }
    }
}

pub(in crate::rule) struct AppView<'a> {
    pub(in crate::rule) fields: Fields<'a>,
    /// Absolute and canonical.
    pub(in crate::rule) id: AbsoluteId,
    pub(in crate::rule) container: Option<ContainerView<'a>>,
    pub(in crate::rule) networks: Vec<NetworkView<'a>>,
    pub(in crate::rule) port_definitions: Option<Vec<PortDefinitionView<'a>>>,
    pub(in crate::rule) health_checks: Vec<HealthCheckView<'a>>,
    /// Whether it is an element of an array, which Marathon applies as an update to an app of defaults.
    pub(in crate::rule) is_update: bool,
    /// Whether `residency` is given, or a persistent volume.
    pub(in crate::rule) has_residency: bool,
    /// By which volumes its strategies have their defaults: its own, or those it had before an update.
    pub(in crate::rule) volumes_at_first: VolumesAtFirst,
    secrets: Names<'a>,
    /// The labels, where one of them may mean something to Marathon or DC/OS.
    known_labels: Option<Value<'a>>,
}

impl<'a> AppView<'a> {
    /// Migrates an app that Marathon's parser accepts. `error` is set to the first failure. An app is given even then,
    /// without the part that caused it, unless its networks are unknown.
    ///
    /// An element of an array is an update to Marathon, even of an app that does not exist yet: it gets no default ports.
    pub(in crate::rule) fn of(
        raw: &RawApp<'a>,
        base: &AbsoluteId,
        is_update: bool,
        error: &mut Option<MigrationError<'a>>,
    ) -> Option<Self> {
        let networks = networks(raw).map_err(|failure| *error = Some(failure)).ok()?;
        let definitions = migrated_definitions(&raw.app);
        let is_host = !networks.iter().any(|network| network.mode != NetworkMode::Host);
        let count = definitions.as_ref().map_or(0, Vec::len);
        let container = match ContainerView::of(raw, &networks, count, error) {
            None if is_update && !is_host => Some(ContainerView::added(&networks, count)),
            container => container,
        };
        let fields = raw.app;
        let has_definitions = fields.has_any("portDefinitions");
        let default = || (!is_update).then(default_definitions);
        let port_definitions = if is_host { definitions.or_else(default) } else { None };
        let has_mappings = container.as_ref().is_some_and(|container| container.port_mappings.is_some());
        let health_checks = health_checks(&fields, is_update || has_definitions || has_mappings);
        let is_persistent = container.as_ref().is_some_and(ContainerView::is_persistent);
        let volumes = container.as_ref().map_or(&[][..], |container| &container.volumes);
        let volumes_at_first =
            VolumesAtFirst { persistent: is_persistent, lasting: volumes.iter().any(lasts) };
        Some(Self {
            volumes_at_first,
            id: AbsoluteId::parse(&fields.text("id").unwrap_or_default()).canonical(base),
            networks,
            container,
            port_definitions,
            health_checks,
            is_update,
            has_residency: fields.has("residency") || is_persistent,
            secrets: Names::of(fields.get("secrets")),
            known_labels: fields.get("labels").filter(has_known_label),
            fields,
        })
    }

    pub(in crate::rule) fn containerizer(&self) -> Option<Containerizer> {
        self.container.as_ref().map(|container| container.containerizer)
    }

    pub(in crate::rule) fn volumes(&self) -> &[VolumeView<'a>] {
        self.container.as_ref().map_or(&[], |container| &container.volumes)
    }

    /// Whether it joins no network but the host's.
    pub(in crate::rule) fn is_on_host(&self) -> bool {
        self.networks.iter().all(|network| network.mode == NetworkMode::Host)
    }

    pub(in crate::rule) fn port_mappings(&self) -> impl Iterator<Item = &PortMapping<'a>> {
        self.container.iter().flat_map(|container| container.port_mappings.iter().flatten())
    }

    /// The number of networks of this mode.
    pub(in crate::rule) fn count(&self, mode: NetworkMode) -> usize {
        self.networks.iter().filter(|network| network.mode == mode).count()
    }

    /// The number of ports that health checks can name: the port mappings, or the port definitions where mappings are not
    /// given.
    pub(in crate::rule) fn port_count(&self) -> usize {
        let mappings = self.container.as_ref().and_then(|container| container.port_mappings.as_ref());
        mappings.map_or_else(|| self.port_definitions.as_ref().map_or(0, Vec::len), Vec::len)
    }

    /// The number of ports in the model: Marathon adds a container with one mapping where a network needs it.
    pub(in crate::rule) fn model_port_count(&self) -> usize {
        let needs_container = self.container.is_none() && !self.is_on_host();
        if needs_container { 1 } else { self.port_count() }
    }

    /// The health check that Mesos gets, by its index among [`AppView::health_checks`].
    pub(in crate::rule) fn sent_check(&self) -> SentCheck {
        sent_check(&self.health_checks)
    }

    /// A field of the upgrade strategy, with its place. Nothing where the strategy is not given, except in an update, which
    /// has the default strategy by now.
    pub(in crate::rule) fn capacity(&self, name: &str) -> Option<(f64, Value<'a>)> {
        if let Some(strategy) = self.fields.object("upgradeStrategy", &table::UPGRADE_STRATEGY) {
            return Some((strategy.double(name).unwrap_or(0.0), strategy.at(name)));
        }
        let default = match name {
            "maximumOverCapacity" if self.volumes_at_first.lasting => 0.0,
            "minimumHealthCapacity" if self.volumes_at_first.lasting => 0.5,
            _ => 1.0,
        };
        self.is_update.then_some((default, self.fields.value))
    }

    /// Whether a volume outlives the instances, which gives the app another default upgrade strategy.
    pub(in crate::rule) fn has_lasting_volumes(&self) -> bool {
        self.volumes().iter().any(lasts)
    }

    pub(in crate::rule) fn instances(&self) -> i64 {
        self.fields.int("instances").unwrap_or(1)
    }

    /// The value of a label that means something to Marathon or DC/OS; its name begins with one of [`KNOWN_PREFIXES`].
    pub(in crate::rule) fn label(&self, name: &str) -> Option<Cow<'a, str>> {
        debug_assert!(
            KNOWN_PREFIXES.iter().any(|start| name.starts_with(start)),
            "{name} is not a known label"
        );
        self.known_labels?.get(name)?.as_str()
    }

    pub(in crate::rule) fn has_secret(&self, name: &str) -> bool {
        self.secrets.contains(name)
    }
}

/// Which kinds of volume an app had when Marathon filled in its strategies. Updates keep what was filled in.
#[derive(Clone, Copy)]
pub(in crate::rule) struct VolumesAtFirst {
    pub(in crate::rule) persistent: bool,
    pub(in crate::rule) lasting: bool,
}

/// Whether a volume outlives the instances.
fn lasts(volume: &VolumeView<'_>) -> bool {
    matches!(volume, VolumeView::Persistent { .. } | VolumeView::Dvdi { .. } | VolumeView::Csi { .. })
}

/// How the names of labels begin that mean something to Marathon or DC/OS.
const KNOWN_PREFIXES: [&str; 2] = ["DCOS_", "MARATHON_"];

/// Whether a label among these may be a known one. Most apps have none, and several rules look for one.
fn has_known_label(labels: &Value<'_>) -> bool {
    labels.members().any(|(key, _)| {
        key.verbatim()
            .is_none_or(|name| KNOWN_PREFIXES.iter().any(|start| name.starts_with(start.as_bytes())))
    })
}

pub(in crate::rule) struct PortDefinitionView<'a> {
    /// Where it is written; nothing for one that Marathon adds.
    pub(in crate::rule) at: Option<Value<'a>>,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) port: i64,
}

/// `portDefinitions`, or the deprecated `ports` where only those are given.
fn migrated_definitions<'a>(app: &Fields<'a>) -> Option<Vec<PortDefinitionView<'a>>> {
    if app.has("portDefinitions") {
        let definitions = app.list("portDefinitions").map(|definition| {
            let fields = Fields::of(definition, &table::PORT_DEFINITION);
            PortDefinitionView {
                at: Some(definition),
                name: fields.text("name"),
                port: fields.int("port").unwrap_or(0),
            }
        });
        return Some(definitions.collect());
    }
    app.has("ports").then(|| {
        app.list("ports")
            .map(|port| PortDefinitionView { at: Some(port), name: None, port: port_number(port) })
            .collect()
    })
}

/// An element of the deprecated `ports`.
pub(in crate::rule) fn port_number(port: Value<'_>) -> i64 {
    port.as_number().and_then(|number| integer(number, true)).unwrap_or(0)
}

fn default_definitions<'a>() -> Vec<PortDefinitionView<'a>> {
    vec![PortDefinitionView { at: None, name: Some(Cow::Borrowed("default")), port: 0 }]
}
