//! The container of an app: its containerizer, volumes and port mappings.

use std::borrow::Cow;

use crate::definition::{Containerizer, NetworkMode};
use crate::schema::{Shape, fits, table};
use crate::source::Value;

use super::app::{MigrationError, MigrationFault};
use super::{Fields, NetworkView, RawApp};

pub(in crate::rule) struct ContainerView<'a> {
    /// Nothing for a container that Marathon adds.
    pub(in crate::rule) fields: Option<Fields<'a>>,
    pub(in crate::rule) containerizer: Containerizer,
    pub(in crate::rule) docker: Option<Fields<'a>>,
    pub(in crate::rule) volumes: Vec<VolumeView<'a>>,
    pub(in crate::rule) port_mappings: Option<Vec<PortMapping<'a>>>,
}

#[derive(Default)]
pub(in crate::rule) struct PortMapping<'a> {
    /// Where it is written; nothing for one that Marathon adds.
    pub(in crate::rule) at: Option<Value<'a>>,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) has_host_port: bool,
    pub(in crate::rule) network_names: Vec<Value<'a>>,
}

/// The kinds of volume, in the order in which Marathon tries to read them.
pub(in crate::rule) enum VolumeView<'a> {
    Persistent { volume: Fields<'a>, info: Fields<'a> },
    Dvdi { volume: Fields<'a>, info: Fields<'a> },
    Csi { volume: Fields<'a>, info: Fields<'a> },
    Secret { volume: Fields<'a> },
    Host,
}

impl<'a> ContainerView<'a> {
    /// The container of an app with these networks and this many port definitions. Where the ports cannot be migrated
    /// `error` is set, unless it is already, and the container is given without the part that caused it.
    pub(super) fn of(
        raw: &RawApp<'a>,
        networks: &[NetworkView<'a>],
        definitions: usize,
        error: &mut Option<MigrationError<'a>>,
    ) -> Option<Self> {
        let RawApp { container: fields, docker, address, .. } = raw;
        if fields.is_none() && address.is_none() {
            return None;
        }
        let containerizer = match fields {
            Some(fields) if fields.word("type") != Some("MESOS") => Containerizer::Docker,
            _ => Containerizer::Mesos,
        };
        let mut mappings = migrated_mappings(fields.as_ref(), docker.as_ref(), error);
        let discovery =
            address.as_ref().and_then(|address| address.object("discovery", &table::IP_DISCOVERY));
        if let Some(discovery) = discovery.filter(|discovery| discovery.has_any("ports")) {
            let fault = if containerizer == Containerizer::Docker {
                Some(MigrationFault::DiscoveryOnDocker)
            } else {
                mappings.is_some().then_some(MigrationFault::DiscoveryAndMappings)
            };
            if let Some(fault) = fault {
                error.get_or_insert(MigrationError { at: discovery.value, fault });
            } else {
                mappings = Some(discovery.list("ports").map(PortMapping::of_discovery).collect());
            }
        }
        let port_mappings = with_default_mappings(mappings, networks, definitions);
        let volumes = fields.iter().flat_map(|fields| fields.list("volumes")).map(VolumeView::of).collect();
        Some(Self { fields: *fields, containerizer, docker: *docker, volumes, port_mappings })
    }

    /// The container that Marathon adds to an update that has such networks and no container.
    pub(super) fn added(networks: &[NetworkView<'a>], definitions: usize) -> Self {
        let mappings = Some(vec![PortMapping::default_one()]);
        let (volumes, port_mappings) = (Vec::new(), with_default_mappings(mappings, networks, definitions));
        Self { fields: None, containerizer: Containerizer::Mesos, docker: None, volumes, port_mappings }
    }

    pub(in crate::rule) fn is_persistent(&self) -> bool {
        self.volumes.iter().any(|volume| matches!(volume, VolumeView::Persistent { .. }))
    }
}

/// `container.portMappings`, or `container.docker.portMappings` where only those are given.
fn migrated_mappings<'a>(
    container: Option<&Fields<'a>>,
    docker: Option<&Fields<'a>>,
    error: &mut Option<MigrationError<'a>>,
) -> Option<Vec<PortMapping<'a>>> {
    let old = docker.filter(|docker| docker.has("portMappings"));
    let new = container.filter(|container| container.has("portMappings"));
    if let Some(old) = old.filter(|old| new.is_some() && old.len("portMappings") != Some(0)) {
        let fault = MigrationFault::OldAndNewMappings;
        error.get_or_insert(MigrationError { at: old.at("portMappings"), fault });
    }
    new.or(old).map(|fields| fields.list("portMappings").map(PortMapping::of).collect())
}

/// The port mappings with those that Marathon adds for the networks and port definitions.
fn with_default_mappings<'a>(
    mappings: Option<Vec<PortMapping<'a>>>,
    networks: &[NetworkView<'a>],
    definitions: usize,
) -> Option<Vec<PortMapping<'a>>> {
    let is_host = networks.is_empty() || networks.iter().any(|network| network.mode == NetworkMode::Host);
    if is_host {
        // Beside a host network, which is rejected anyway, another network still gets a mapping for each port definition.
        let is_mixed = definitions > 0 && networks.iter().any(|network| network.mode != NetworkMode::Host);
        return is_mixed.then(|| (0..definitions).map(|_| PortMapping::default()).collect());
    }
    let mut mappings = mappings.unwrap_or_else(|| vec![PortMapping::default_one()]);
    if mappings.len() < definitions {
        mappings.resize_with(definitions, PortMapping::default);
    }
    Some(mappings)
}

impl<'a> PortMapping<'a> {
    fn of(value: Value<'a>) -> Self {
        let fields = Fields::of(value, &table::CONTAINER_PORT_MAPPING);
        Self {
            at: Some(value),
            name: fields.text("name"),
            has_host_port: fields.has("hostPort"),
            network_names: fields.list("networkNames").collect(),
        }
    }

    /// Of an element of the deprecated `ipAddress.discovery.ports`.
    fn of_discovery(port: Value<'a>) -> Self {
        let name = Fields::of(port, &table::IP_DISCOVERY_PORT).text("name");
        Self { at: Some(port), name, ..Self::default() }
    }

    /// The one that Marathon adds where there is none.
    fn default_one() -> Self {
        Self { name: Some(Cow::Borrowed("default")), ..Self::default() }
    }
}

static PERSISTENT: Shape = Shape::Object(&table::APP_PERSISTENT_VOLUME);
static EXTERNAL: Shape = Shape::Object(&table::APP_EXTERNAL_VOLUME);
static SECRET: Shape = Shape::Object(&table::APP_SECRET_VOLUME);
static DVDI: Shape = Shape::Object(&table::DVDI_EXTERNAL_VOLUME_INFO);

impl<'a> VolumeView<'a> {
    fn of(value: Value<'a>) -> Self {
        // Each kind but that of host volumes has a required field that no other kind has.
        let is_special = |(key, _): (Value<'_>, _)| {
            ["persistent", "external", "secret"].iter().any(|name| key.is_str(name))
        };
        if !value.members().any(is_special) {
            return Self::Host;
        }
        let is = |shape| fits(value, shape);
        if is(&PERSISTENT) {
            let volume = Fields::of(value, &table::APP_PERSISTENT_VOLUME);
            let info = Fields::of(volume.at("persistent"), &table::PERSISTENT_VOLUME_INFO);
            return Self::Persistent { volume, info };
        }
        if is(&EXTERNAL) {
            let volume = Fields::of(value, &table::APP_EXTERNAL_VOLUME);
            let info = volume.at("external");
            return if fits(info, &DVDI) {
                Self::Dvdi { volume, info: Fields::of(info, &table::DVDI_EXTERNAL_VOLUME_INFO) }
            } else {
                Self::Csi { volume, info: Fields::of(info, &table::CSI_EXTERNAL_VOLUME_INFO) }
            };
        }
        if is(&SECRET) {
            return Self::Secret { volume: Fields::of(value, &table::APP_SECRET_VOLUME) };
        }
        Self::Host
    }
}
