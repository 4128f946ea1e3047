//! An app as Marathon sees it after deprecated fields are moved to their places (`AppNormalization.forDeprecated`), with
//! nothing copied that can be pointed at.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::definition::NetworkMode;
use crate::schema::{Shape, fits, table};
use crate::source::Value;

use super::super::{AbsoluteId, Fields};
use crate::rule::app::set::FEW;
use crate::rule::shared::Names;

/// What runs a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rule) enum Engine {
    Docker,
    Mesos,
}

pub(in crate::rule) struct NetworkView<'a> {
    pub(in crate::rule) mode: NetworkMode,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) has_labels: bool,
}

#[derive(Default)]
pub(in crate::rule) struct PortMapping<'a> {
    /// Where it is written, if it is.
    pub(in crate::rule) at: Option<Value<'a>>,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) has_host_port: bool,
    /// Given and not 0: one that Marathon does not pick itself.
    pub(in crate::rule) has_service_port: bool,
    pub(in crate::rule) network_names: Vec<Value<'a>>,
}

pub(in crate::rule) struct PortDefinitionView<'a> {
    pub(in crate::rule) at: Option<Value<'a>>,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) port: i64,
}

/// The alternatives of a volume, in the order Marathon tries them.
pub(in crate::rule) enum VolumeView<'a> {
    Persistent { volume: Fields<'a>, info: Fields<'a> },
    Dvdi { volume: Fields<'a>, info: Fields<'a> },
    Csi { volume: Fields<'a>, info: Fields<'a> },
    Secret { volume: Fields<'a> },
    Host,
}

pub(in crate::rule) struct ContainerView<'a> {
    /// Nothing for the container that Marathon makes itself.
    pub(in crate::rule) fields: Option<Fields<'a>>,
    pub(in crate::rule) engine: Engine,
    pub(in crate::rule) docker: Option<Fields<'a>>,
    pub(in crate::rule) volumes: Vec<VolumeView<'a>>,
    pub(in crate::rule) port_mappings: Option<Vec<PortMapping<'a>>>,
}

pub(in crate::rule) struct HealthCheckView<'a> {
    pub(in crate::rule) fields: Fields<'a>,
    pub(in crate::rule) protocol: &'static str,
    pub(in crate::rule) has_command: bool,
    pub(in crate::rule) has_port: bool,
    pub(in crate::rule) port_index: Option<i64>,
}

/// An app as it is written: the objects that nearly every rule asks, looked through once.
pub(crate) struct RawApp<'a> {
    pub(crate) app: Fields<'a>,
    pub(crate) container: Option<Fields<'a>>,
    pub(crate) docker: Option<Fields<'a>>,
    pub(crate) address: Option<Fields<'a>>,
}

impl<'a> RawApp<'a> {
    pub(crate) fn of(value: Value<'a>) -> Self {
        let app = Fields::of(value, &table::APP);
        let container = app.object("container", &table::CONTAINER);
        let docker =
            container.as_ref().and_then(|container| container.object("docker", &table::DOCKER_CONTAINER));
        let address = app.object("ipAddress", &table::IP_ADDRESS);
        Self { app, container, docker, address }
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
    /// An element of an array, which Marathon puts into an app that has all defaults.
    pub(in crate::rule) is_update: bool,
    /// `residency` is given, or a persistent volume is.
    pub(in crate::rule) has_residency: bool,
    secrets: Names<'a>,
    /// The labels, where one of them may be of those that mean something to Marathon or DC/OS.
    telling_labels: Option<Value<'a>>,
}

/// Marathon's words where it cannot move an old form.
pub(crate) const NETWORK_NONE: &str = "unsupported docker network type NONE";
/// Marathon's words.
pub(crate) const DISCOVERY_ON_DOCKER: &str =
    "ipAddress.discovery.ports do not apply for container type DOCKER";
/// Marathon's words.
pub(crate) const DISCOVERY_AND_MAPPINGS: &str =
    "container.portMappings and ipAddress.discovery.ports must not both be set";

/// An exception on the way: the text Marathon answers with status 500, and where it comes from.
pub(in crate::rule) type MigrationError<'a> = (Value<'a>, &'static str);

impl<'a> AppView<'a> {
    /// Reads an app that Marathon's parser has taken. The first exception on the way is put into `thrown`; where the app
    /// can be made out all the same, it is read without the part that caused it.
    ///
    /// An element of an array is an update to Marathon, even of an app that is not there yet: it gets no default ports.
    pub(crate) fn of(
        written: &RawApp<'a>,
        base: &AbsoluteId,
        is_update: bool,
        thrown: &mut Option<MigrationError<'a>>,
    ) -> Option<Self> {
        let networks = networks(written).map_err(|exception| *thrown = Some(exception)).ok()?;
        let definitions = migrated_definitions(&written.app);
        let is_host = !networks.iter().any(|network| network.mode != NetworkMode::Host);
        let count = definitions.as_ref().map_or(0, Vec::len);
        let container = match container(written, &networks, count, thrown) {
            None if is_update && !is_host => Some(default_container(count)),
            container => container,
        };
        let fields = written.app;
        let has_definitions = fields.has_any("portDefinitions");
        let default = || (!is_update).then(default_definitions);
        let port_definitions = if is_host { definitions.or_else(default) } else { None };
        let has_mappings = container.as_ref().is_some_and(|container| container.port_mappings.is_some());
        let health_checks = health_checks(&fields, is_update || has_definitions || has_mappings);
        let is_persistent = container.as_ref().is_some_and(ContainerView::is_persistent);
        Some(Self {
            id: AbsoluteId::parse(&fields.text("id").unwrap_or_default()).canonical(base),
            networks,
            container,
            port_definitions,
            health_checks,
            is_update,
            has_residency: fields.has("residency") || is_persistent,
            secrets: Names::of(fields.get("secrets")),
            telling_labels: fields.get("labels").filter(known_labels),
            fields,
        })
    }

    pub(in crate::rule) fn engine(&self) -> Option<Engine> {
        self.container.as_ref().map(|container| container.engine)
    }

    pub(in crate::rule) fn volumes(&self) -> &[VolumeView<'a>] {
        self.container.as_ref().map_or(&[], |container| &container.volumes)
    }

    pub(in crate::rule) fn count(&self, mode: NetworkMode) -> usize {
        self.networks.iter().filter(|network| network.mode == mode).count()
    }

    /// How many ports the app has for health checks to point at: port mappings if there are any, even none.
    pub(in crate::rule) fn port_count(&self) -> usize {
        let mappings = self.container.as_ref().and_then(|container| container.port_mappings.as_ref());
        mappings.map_or_else(|| self.port_definitions.as_ref().map_or(0, Vec::len), Vec::len)
    }

    /// Whether Marathon has a service port to pick for this app.
    pub(in crate::rule) fn wants_service_port(&self) -> bool {
        match &self.port_definitions {
            Some(definitions) => definitions.iter().any(|definition| definition.port == 0),
            None => match &self.container {
                Some(container) => {
                    container.port_mappings.iter().flatten().any(|mapping| !mapping.has_service_port)
                }
                // The container that Marathon makes has one mapping.
                None => true,
            },
        }
    }

    /// A field of the upgrade strategy, where it is given or the app is an update: then the strategy is there by now.
    pub(in crate::rule) fn capacity(&self, name: &str) -> Option<(f64, Value<'a>)> {
        if let Some(strategy) = self.fields.object("upgradeStrategy", &table::UPGRADE_STRATEGY) {
            return Some((strategy.double(name).unwrap_or(0.0), strategy.at(name)));
        }
        let default = match name {
            "maximumOverCapacity" if self.has_lasting_volumes() => 0.0,
            "minimumHealthCapacity" if self.has_lasting_volumes() => 0.5,
            _ => 1.0,
        };
        self.is_update.then_some((default, self.fields.value))
    }

    /// Whether a volume outlives the instances, so that Marathon has another upgrade strategy as the default.
    pub(in crate::rule) fn has_lasting_volumes(&self) -> bool {
        let lasts = |volume: &VolumeView<'_>| {
            matches!(volume, VolumeView::Persistent { .. } | VolumeView::Dvdi { .. } | VolumeView::Csi { .. })
        };
        self.volumes().iter().any(lasts)
    }

    pub(in crate::rule) fn instances(&self) -> i64 {
        self.fields.int("instances").unwrap_or(1)
    }

    /// The value of a label that means something to Marathon or DC/OS: one that begins as all of those do.
    pub(in crate::rule) fn label(&self, name: &str) -> Option<Cow<'a, str>> {
        debug_assert!(TELLING.iter().any(|start| name.starts_with(start)), "{name} is not looked for");
        self.telling_labels?.get(name)?.as_str()
    }

    pub(in crate::rule) fn has_secret(&self, name: &str) -> bool {
        self.secrets.contains(name)
    }
}

/// What the names of labels begin with that mean something to Marathon or DC/OS.
const TELLING: [&str; 2] = ["DCOS_", "MARATHON_"];

/// Whether there may be a label among these that begins so: most apps have none, and several rules ask.
fn known_labels(labels: &Value<'_>) -> bool {
    labels.members().any(|(key, _)| {
        key.verbatim().is_none_or(|name| TELLING.iter().any(|start| name.starts_with(start.as_bytes())))
    })
}

impl ContainerView<'_> {
    pub(in crate::rule) fn is_persistent(&self) -> bool {
        self.volumes.iter().any(|volume| matches!(volume, VolumeView::Persistent { .. }))
    }
}

/// The container that Marathon makes for an update with a network and none.
fn default_container<'a>(definitions: usize) -> ContainerView<'a> {
    let mut mappings = vec![PortMapping { name: Some(Cow::Borrowed("default")), ..PortMapping::default() }];
    mappings.resize_with(definitions.max(1), PortMapping::default);
    let (volumes, port_mappings) = (Vec::new(), Some(mappings));
    ContainerView { fields: None, engine: Engine::Mesos, docker: None, volumes, port_mappings }
}

fn networks<'a>(written: &RawApp<'a>) -> Result<Vec<NetworkView<'a>>, MigrationError<'a>> {
    let RawApp { app, docker, address, .. } = written;
    let given = app.list("networks").map(|network| {
        let fields = Fields::of(network, &table::NETWORK);
        NetworkView {
            mode: NetworkMode::of_word(fields.word("mode").unwrap_or_default()),
            name: fields.text("name"),
            has_labels: has_members(&fields, "labels"),
        }
    });
    let given: Vec<_> = given.collect();
    if !given.is_empty() {
        return Ok(given);
    }
    let docker_network = docker.as_ref().and_then(|docker| docker.word("network"));
    if docker_network.is_none() && address.is_none() {
        return Ok(Vec::new());
    }
    let name = address.as_ref().and_then(|address| address.text("networkName"));
    let Some(mode) = NetworkMode::of_deprecated(docker_network, name.as_deref()) else {
        let at = docker.as_ref().map_or(app.value, |docker| docker.at("network"));
        return Err((at, NETWORK_NONE));
    };
    let has_labels = address.as_ref().is_some_and(|address| has_members(address, "labels"));
    let network = NetworkView {
        mode,
        name: name.filter(|_| mode == NetworkMode::Container),
        has_labels: has_labels && mode != NetworkMode::Host,
    };
    Ok(vec![network])
}

pub(in crate::rule) fn has_members(fields: &Fields<'_>, name: &str) -> bool {
    fields.map(name).next().is_some()
}

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

fn port_number(port: Value<'_>) -> i64 {
    port.as_number().and_then(|number| crate::schema::integer(number, true)).unwrap_or(0)
}

fn default_definitions<'a>() -> Vec<PortDefinitionView<'a>> {
    vec![PortDefinitionView { at: None, name: Some(Cow::Borrowed("default")), port: 0 }]
}

fn mapping(value: Value<'_>) -> PortMapping<'_> {
    let fields = Fields::of(value, &table::CONTAINER_PORT_MAPPING);
    PortMapping {
        at: Some(value),
        name: fields.text("name"),
        has_host_port: fields.has("hostPort"),
        has_service_port: fields.int("servicePort").is_some_and(|port| port != 0),
        network_names: fields.list("networkNames").collect(),
    }
}

fn container<'a>(
    written: &RawApp<'a>,
    networks: &[NetworkView<'a>],
    definitions: usize,
    thrown: &mut Option<MigrationError<'a>>,
) -> Option<ContainerView<'a>> {
    let RawApp { container: fields, docker, address, .. } = written;
    if fields.is_none() && address.is_none() {
        return None;
    }
    let engine = match fields {
        Some(fields) if fields.word("type") != Some("MESOS") => Engine::Docker,
        _ => Engine::Mesos,
    };
    let mut mappings = moved_mappings(fields.as_ref(), docker.as_ref(), thrown);
    if let Some(discovery) =
        address.as_ref().and_then(|address| address.object("discovery", &table::IP_DISCOVERY))
        && discovery.has_any("ports")
    {
        let fault = if engine == Engine::Docker {
            Some(DISCOVERY_ON_DOCKER)
        } else {
            mappings.is_some().then_some(DISCOVERY_AND_MAPPINGS)
        };
        if let Some(text) = fault {
            thrown.get_or_insert((discovery.value, text));
        } else {
            let port = |port| {
                let fields = Fields::of(port, &table::IP_DISCOVERY_PORT);
                PortMapping { at: Some(port), name: fields.text("name"), ..PortMapping::default() }
            };
            mappings = Some(discovery.list("ports").map(port).collect());
        }
    }
    let is_host = networks.is_empty() || networks.iter().any(|network| network.mode == NetworkMode::Host);
    if is_host {
        // Beside a host network, which is refused anyway, another one still gets a mapping for each port definition.
        let is_mixed = definitions > 0 && networks.iter().any(|network| network.mode != NetworkMode::Host);
        mappings = is_mixed.then(|| (0..definitions).map(|_| PortMapping::default()).collect());
    } else {
        let default = || vec![PortMapping { name: Some(Cow::Borrowed("default")), ..PortMapping::default() }];
        let mappings = mappings.get_or_insert_with(default);
        while mappings.len() < definitions {
            mappings.push(PortMapping::default());
        }
    }
    let volumes = fields.iter().flat_map(|fields| fields.list("volumes")).map(volume).collect();
    Some(ContainerView { fields: *fields, engine, docker: *docker, volumes, port_mappings: mappings })
}

/// `container.portMappings`, or `container.docker.portMappings` where only those are given.
fn moved_mappings<'a>(
    container: Option<&Fields<'a>>,
    docker: Option<&Fields<'a>>,
    thrown: &mut Option<MigrationError<'a>>,
) -> Option<Vec<PortMapping<'a>>> {
    let old = docker.filter(|docker| docker.has("portMappings"));
    let new = container.filter(|container| container.has("portMappings"));
    if let Some(old) = old.filter(|old| new.is_some() && old.len("portMappings") != Some(0)) {
        let text = "cannot specify both portMappings and docker.portMappings";
        thrown.get_or_insert((old.at("portMappings"), text));
    }
    new.or(old).map(|fields| fields.list("portMappings").map(mapping).collect())
}

fn volume(value: Value<'_>) -> VolumeView<'_> {
    // What makes an alternative is a field that no other one has and that it cannot do without.
    let is_special =
        |(key, _): (Value<'_>, _)| ["persistent", "external", "secret"].iter().any(|name| key.is_str(name));
    if !value.members().any(is_special) {
        return VolumeView::Host;
    }
    let is = |shape| fits(value, shape);
    if is(&PERSISTENT) {
        let volume = Fields::of(value, &table::APP_PERSISTENT_VOLUME);
        let info = Fields::of(volume.at("persistent"), &table::PERSISTENT_VOLUME_INFO);
        return VolumeView::Persistent { volume, info };
    }
    if is(&EXTERNAL) {
        let volume = Fields::of(value, &table::APP_EXTERNAL_VOLUME);
        let info = volume.at("external");
        return if fits(info, &DVDI) {
            VolumeView::Dvdi { volume, info: Fields::of(info, &table::DVDI_EXTERNAL_VOLUME_INFO) }
        } else {
            VolumeView::Csi { volume, info: Fields::of(info, &table::CSI_EXTERNAL_VOLUME_INFO) }
        };
    }
    if is(&SECRET) {
        return VolumeView::Secret { volume: Fields::of(value, &table::APP_SECRET_VOLUME) };
    }
    VolumeView::Host
}

static PERSISTENT: Shape = Shape::Object(&table::APP_PERSISTENT_VOLUME);
static EXTERNAL: Shape = Shape::Object(&table::APP_EXTERNAL_VOLUME);
static SECRET: Shape = Shape::Object(&table::APP_SECRET_VOLUME);
static DVDI: Shape = Shape::Object(&table::DVDI_EXTERNAL_VOLUME_INFO);

/// The health checks, duplicates collapsed, with the port index Marathon adds where the app has ports.
fn health_checks<'a>(app: &Fields<'a>, add_index: bool) -> Vec<HealthCheckView<'a>> {
    let mut checks: Vec<HealthCheckView<'a>> = Vec::new();
    let mut many: HashSet<CheckKey<'a>> = HashSet::new();
    for value in app.list("healthChecks") {
        let fields = Fields::of(value, &table::APP_HEALTH_CHECK);
        let protocol = fields.word("protocol").unwrap_or("HTTP");
        let has_port = fields.has("port");
        let given = fields.int("portIndex");
        let port_index = given.or((add_index && protocol != "COMMAND" && !has_port).then_some(0));
        let check =
            HealthCheckView { fields, protocol, has_command: fields.has("command"), has_port, port_index };
        let is_new = if checks.len() < FEW {
            !checks.iter().any(|other| same_check(other, &check))
        } else {
            if many.is_empty() {
                many.extend(checks.iter().map(CheckKey::of));
            }
            many.insert(CheckKey::of(&check))
        };
        if is_new {
            checks.push(check);
        }
    }
    checks
}

/// All fields of a check, defaults filled in: checks that are equal in it are one to a set.
#[derive(PartialEq, Eq, Hash)]
struct CheckKey<'a> {
    protocol: &'static str,
    port_index: Option<i64>,
    port: Option<i64>,
    path: Option<Cow<'a, str>>,
    ignore_http_1xx: Option<bool>,
    ip_protocol: &'static str,
    command: Option<Cow<'a, str>>,
    numbers: [i64; 5],
}

impl<'a> CheckKey<'a> {
    fn of(check: &HealthCheckView<'a>) -> Self {
        let fields = &check.fields;
        let number = |(name, default)| fields.int(name).unwrap_or(default);
        let command = fields.object("command", &table::APP_COMMAND_CHECK);
        Self {
            protocol: check.protocol,
            port_index: check.port_index,
            port: fields.int("port"),
            path: fields.text("path"),
            ignore_http_1xx: fields.get("ignoreHttp1xx").and_then(|value| value.as_bool()),
            ip_protocol: fields.word("ipProtocol").unwrap_or("IPv4"),
            command: command.and_then(|command| command.text("value")),
            numbers: [
                ("gracePeriodSeconds", 300),
                ("intervalSeconds", 60),
                ("maxConsecutiveFailures", 3),
                ("timeoutSeconds", 20),
                ("delaySeconds", 15),
            ]
            .map(number),
        }
    }
}

/// Whether two checks are one to a set; most differ at once.
fn same_check(one: &HealthCheckView<'_>, other: &HealthCheckView<'_>) -> bool {
    one.protocol == other.protocol
        && one.port_index == other.port_index
        && one.fields.text("path") == other.fields.text("path")
        && CheckKey::of(one) == CheckKey::of(other)
}
