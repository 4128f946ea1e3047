//! A pod, with its parts at hand that several rules check.

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::schema::{Shape, fits, integer, table};
use crate::source::Value;
use crate::target::Release;

use super::fields::{elements, pick, text};
use super::{Names, NetworkView, Seen};

/// A pod as its rules see it.
pub(in crate::rule) struct PodView<'a> {
    pub(in crate::rule) value: Value<'a>,
    pub(in crate::rule) id: Option<Value<'a>>,
    pub(in crate::rule) user: Option<Value<'a>>,
    pub(in crate::rule) role: Option<Value<'a>>,
    pub(in crate::rule) environment: Option<Value<'a>>,
    pub(in crate::rule) secrets: Option<Value<'a>>,
    /// The members of `secrets`.
    pub(in crate::rule) secret_names: Names<'a>,
    pub(in crate::rule) scaling: Option<Value<'a>>,
    pub(in crate::rule) linux_info: Option<Value<'a>>,
    pub(in crate::rule) executor_resources: Option<Value<'a>>,
    pub(in crate::rule) legacy_shared_cgroups: Option<Value<'a>>,
    pub(in crate::rule) scheduling: Option<SchedulingView<'a>>,
    pub(in crate::rule) networks: PodNetworks<'a>,
    pub(in crate::rule) volumes: Vec<PodVolumeView<'a>>,
    pub(in crate::rule) containers: Vec<PodContainerView<'a>>,
}

impl<'a> PodView<'a> {
    pub(in crate::rule) fn of(root: Value<'a>, release: Release) -> Self {
        let [id, user, role, environment, secrets, scaling, scheduling, networks, volumes, containers] = pick(
            root,
            [
                "id",
                "user",
                "role",
                "environment",
                "secrets",
                "scaling",
                "scheduling",
                "networks",
                "volumes",
                "containers",
            ],
        );
        let [linux_info, executor_resources, legacy_shared_cgroups] =
            pick(root, ["linuxInfo", "executorResources", "legacySharedCgroups"]);
        Self {
            value: root,
            id,
            user,
            role,
            environment,
            secrets,
            secret_names: Names::of(secrets),
            scaling,
            linux_info,
            executor_resources,
            legacy_shared_cgroups,
            scheduling: scheduling.map(SchedulingView::of),
            networks: PodNetworks::of(elements(networks).map(NetworkView::of).collect()),
            volumes: elements(volumes).map(|value| PodVolumeView::of(value, release)).collect(),
            containers: elements(containers).map(PodContainerView::of).collect(),
        }
    }

    /// Whether it has persistent volumes, which tie its instances to their agents.
    pub(in crate::rule) fn is_resident(&self) -> bool {
        self.volumes.iter().any(PodVolumeView::is_persistent)
    }

    /// The roles whose resources it accepts, each once; empty where it does not say, which means any.
    pub(in crate::rule) fn accepted_roles(&self) -> Vec<(Value<'a>, Cow<'a, str>)> {
        let mut seen = Seen::new();
        elements(self.scheduling.as_ref().and_then(|scheduling| scheduling.accepted_roles))
            .map(|at| (at, text(Some(at))))
            .filter(|(_, role)| seen.insert(role.clone()))
            .collect()
    }
}

/// `scheduling`: where and how a pod runs.
pub(in crate::rule) struct SchedulingView<'a> {
    pub(in crate::rule) backoff: Option<Value<'a>>,
    pub(in crate::rule) upgrade: Option<Value<'a>>,
    pub(in crate::rule) unreachable: Option<Value<'a>>,
    pub(in crate::rule) constraints: Option<Value<'a>>,
    pub(in crate::rule) accepted_roles: Option<Value<'a>>,
}

impl<'a> SchedulingView<'a> {
    fn of(value: Value<'a>) -> Self {
        let [backoff, upgrade, unreachable, placement] =
            pick(value, ["backoff", "upgrade", "unreachableStrategy", "placement"]);
        let [constraints, accepted_roles] = placement
            .map_or([None; 2], |placement| pick(placement, ["constraints", "acceptedResourceRoles"]));
        Self { backoff, upgrade, unreachable, constraints, accepted_roles }
    }
}

/// All networks of a pod, with what the rules of its endpoints check.
pub(in crate::rule) struct PodNetworks<'a> {
    pub(in crate::rule) all: Vec<NetworkView<'a>>,
    pub(in crate::rule) has_host: bool,
    /// The number of container networks.
    pub(in crate::rule) containers: usize,
    pub(in crate::rule) names: Seen<Cow<'a, str>>,
}

impl<'a> PodNetworks<'a> {
    fn of(all: Vec<NetworkView<'a>>) -> Self {
        let count = |mode| all.iter().filter(|network: &&NetworkView<'_>| network.mode == mode).count();
        Self {
            has_host: count(NetworkMode::Host) > 0,
            containers: count(NetworkMode::Container),
            names: all.iter().filter_map(|network| network.name.clone()).collect(),
            all,
        }
    }
}

/// A container of a pod.
pub(in crate::rule) struct PodContainerView<'a> {
    /// The value of `name`.
    pub(in crate::rule) name_at: Option<Value<'a>>,
    pub(in crate::rule) name: Cow<'a, str>,
    pub(in crate::rule) resources: Option<Value<'a>>,
    pub(in crate::rule) limits: Option<Value<'a>>,
    pub(in crate::rule) image: Option<Value<'a>>,
    pub(in crate::rule) environment: Option<Value<'a>>,
    pub(in crate::rule) health_check: Option<Value<'a>>,
    pub(in crate::rule) linux_info: Option<Value<'a>>,
    pub(in crate::rule) endpoints: Vec<EndpointView<'a>>,
    pub(in crate::rule) mounts: Vec<MountView<'a>>,
}

impl<'a> PodContainerView<'a> {
    fn of(value: Value<'a>) -> Self {
        let [name_at, resources, limits, image, environment, health_check, linux_info, endpoints, mounts] =
            pick(
                value,
                [
                    "name",
                    "resources",
                    "resourceLimits",
                    "image",
                    "environment",
                    "healthCheck",
                    "linuxInfo",
                    "endpoints",
                    "volumeMounts",
                ],
            );
        Self {
            name_at,
            name: text(name_at),
            resources,
            limits,
            image,
            environment,
            health_check,
            linux_info,
            endpoints: elements(endpoints).map(EndpointView::of).collect(),
            mounts: elements(mounts).map(MountView::of).collect(),
        }
    }
}

/// A volume mount of a container.
pub(in crate::rule) struct MountView<'a> {
    /// The name of the volume.
    pub(in crate::rule) name: Cow<'a, str>,
    /// The value of `name`, or the mount if it has none.
    pub(in crate::rule) at: Value<'a>,
}

impl<'a> MountView<'a> {
    fn of(mount: Value<'a>) -> Self {
        let name = mount.get("name");
        Self { name: text(name), at: name.unwrap_or(mount) }
    }
}

/// An endpoint of a container.
pub(in crate::rule) struct EndpointView<'a> {
    pub(in crate::rule) value: Value<'a>,
    /// The value of `name`.
    pub(in crate::rule) name_at: Option<Value<'a>>,
    pub(in crate::rule) name: Cow<'a, str>,
    pub(in crate::rule) container_port: Option<PodPortView<'a>>,
    pub(in crate::rule) host_port: Option<PodPortView<'a>>,
    pub(in crate::rule) network_names: Option<Value<'a>>,
    pub(in crate::rule) protocol: Option<Value<'a>>,
}

impl<'a> EndpointView<'a> {
    fn of(value: Value<'a>) -> Self {
        let [name_at, container_port, host_port, network_names, protocol] =
            pick(value, ["name", "containerPort", "hostPort", "networkNames", "protocol"]);
        Self {
            value,
            name_at,
            name: text(name_at),
            container_port: container_port.and_then(PodPortView::of),
            host_port: host_port.and_then(PodPortView::of),
            network_names,
            protocol,
        }
    }
}

/// A port of an endpoint.
#[derive(Clone, Copy)]
pub(in crate::rule) struct PodPortView<'a> {
    pub(in crate::rule) number: i64,
    pub(in crate::rule) at: Value<'a>,
}

impl<'a> PodPortView<'a> {
    fn of(at: Value<'a>) -> Option<Self> {
        Some(Self { number: integer(at.as_number()?, true)?, at })
    }
}

static PERSISTENT: Shape = Shape::Object(&table::POD_PERSISTENT_VOLUME);
static SECRET: Shape = Shape::Object(&table::POD_SECRET_VOLUME);

#[derive(Clone, Copy, PartialEq, Eq)]
enum VolumeKind {
    Persistent,
    Secret,
    /// A path of the agent, or a directory that lasts as long as the pod.
    Other,
}

/// A volume of a pod. Its kind is the first of Marathon's types that can be read from it.
pub(in crate::rule) struct PodVolumeView<'a> {
    pub(in crate::rule) value: Value<'a>,
    pub(in crate::rule) name: Cow<'a, str>,
    kind: VolumeKind,
}

impl<'a> PodVolumeView<'a> {
    fn of(value: Value<'a>, release: Release) -> Self {
        let mut name = Cow::default();
        let (mut persistent, mut secret) = (false, false);
        for (key, member) in value.members() {
            if key.is_str("name") {
                name = member.as_str().unwrap_or_default();
            }
            persistent |= key.is_str("persistent");
            secret |= key.is_str("secret");
        }
        let kind = if persistent && release >= Release::V1_6 && fits(value, &PERSISTENT) {
            VolumeKind::Persistent
        } else if secret && fits(value, &SECRET) {
            VolumeKind::Secret
        } else {
            VolumeKind::Other
        };
        Self { value, name, kind }
    }

    pub(in crate::rule) fn is_persistent(&self) -> bool {
        self.kind == VolumeKind::Persistent
    }

    /// The value of `secret`, for a volume of that kind.
    pub(in crate::rule) fn secret(&self) -> Option<Value<'a>> {
        (self.kind == VolumeKind::Secret).then(|| self.value.get("secret")).flatten()
    }
}
