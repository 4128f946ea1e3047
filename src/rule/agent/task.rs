//! The task that Marathon builds of an app, or of a container of a pod, as far as rules depend on it (`TaskBuilder`,
//! `TaskGroupBuilder`), with the places in the text that each part comes from.

use std::borrow::Cow;

use crate::definition::{Containerizer, NetworkMode};
use crate::rule::view::{AppView, Fields, VolumeView};
use crate::schema::table;
use crate::source::Value;
use crate::target::{Release, Settings, docker_memory};

/// A task.
pub(super) struct Task<'a> {
    /// The app, or the container of a pod.
    pub(super) fields: Fields<'a>,
    /// What runs it.
    pub(super) containerizer: Containerizer,
    /// Whether it has a container of its own; an app may have none.
    pub(super) has_container: bool,
    /// Whether it is a container of a pod.
    pub(super) is_of_pod: bool,
    /// The text of its image.
    pub(super) image: Option<Value<'a>>,
    /// What it starts.
    pub(super) program: Program<'a>,
    /// `docker`, which has the parameters.
    pub(super) docker: Option<Fields<'a>>,
    /// The network it is on.
    pub(super) network: TaskNetwork<'a>,
    /// What is mounted into it.
    pub(super) mounts: Vec<Mount<'a>>,
    /// What it asks for.
    pub(super) resources: TaskResources,
}

/// What a task starts.
#[derive(Clone, Copy)]
pub(super) enum Program<'a> {
    /// A line for a shell.
    Shell(Value<'a>),
    /// The arguments, for the image's entry point or, where that is said, the program itself.
    Arguments { list: Value<'a>, is_program: bool },
    /// What the image starts by itself.
    Image,
}

/// The network of a task.
pub(super) enum TaskNetwork<'a> {
    Host,
    Bridge,
    /// The first network, by its name if that is known, and where the name is written.
    Named(Option<(Cow<'a, str>, Value<'a>)>),
}

impl TaskNetwork<'_> {
    /// Whether it is a network that was made by its name, and none of the Docker Engine's own.
    pub(super) fn is_user_defined(&self) -> bool {
        match self {
            Self::Host | Self::Bridge => false,
            Self::Named(name) => name.as_ref().is_none_or(|(name, _)| !is_network_of_docker(name)),
        }
    }

    /// What Mesos gives to `docker run --net`.
    pub(super) fn docker_name(&self) -> &str {
        match self {
            Self::Host => "host",
            Self::Bridge => "bridge",
            Self::Named(name) => name.as_ref().map_or("user", |(name, _)| name.as_ref()),
        }
    }
}

/// Whether the Docker Engine itself has a network of this name.
pub(super) fn is_network_of_docker(name: &str) -> bool {
    ["host", "bridge", "none", "default"].contains(&name)
}

/// Something that is mounted into a container.
pub(super) struct Mount<'a> {
    /// The path in the container.
    pub(super) target: Value<'a>,
    /// What is mounted.
    pub(super) source: MountSource<'a>,
}

/// What is mounted.
pub(super) enum MountSource<'a> {
    /// A path of the agent, or a relative one of the sandbox.
    Host(Value<'a>),
    /// A volume of a driver.
    External { name: Option<Value<'a>>, driver: Option<Value<'a>> },
    /// A file with a secret.
    Secret,
    /// A directory that Mesos makes: a persistent volume, or one for the life of a pod.
    Made,
}

/// The resources of a task. Those of an element of an array may come from an app that exists: then they are not known.
#[derive(Clone, Copy)]
pub(super) struct TaskResources {
    pub(super) cpus: f64,
    /// MiB
    pub(super) mem: f64,
    pub(super) disk: f64,
    pub(super) gpus: f64,
    pub(super) cpus_limit: Limit,
    pub(super) mem_limit: Limit,
    pub(super) are_known: bool,
}

/// A bound on a resource.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Limit {
    /// What is asked for is the bound.
    Request,
    /// The bound is another one.
    At(f64),
    Unlimited,
}

impl TaskResources {
    fn of(fields: &Fields<'_>, limits: Option<Value<'_>>, are_known: bool) -> Self {
        let limit = |name: &str| match limits.and_then(|limits| limits.get(name)) {
            None => Limit::Request,
            Some(limit) if limit.is_null() => Limit::Request,
            Some(limit) => limit.as_f64().map_or(Limit::Unlimited, Limit::At),
        };
        Self {
            cpus: fields.double_or_default("cpus"),
            mem: fields.double_or_default("mem"),
            disk: fields.double_or_default("disk"),
            gpus: fields.double_or_default("gpus"),
            cpus_limit: limit("cpus"),
            mem_limit: limit("mem"),
            are_known,
        }
    }

    /// The bytes that Mesos gives to `docker run --memory` (`docker.cpp`); none for no bound.
    pub(super) fn docker_memory(&self) -> Option<f64> {
        let mebibytes = match self.mem_limit {
            Limit::Unlimited => return None,
            Limit::At(limit) => limit,
            Limit::Request if self.mem <= 0.0 => return None,
            Limit::Request => self.mem,
        };
        Some(docker_memory(mebibytes))
    }

    /// The bytes that Mesos gives to `docker run --memory-reservation`: only beside a limit.
    pub(super) fn docker_reservation(&self) -> Option<f64> {
        (self.mem_limit != Limit::Request && self.mem > 0.0 && self.are_known)
            .then(|| docker_memory(self.mem))
    }
}

impl<'a> Task<'a> {
    pub(super) fn of_app(app: &AppView<'a>, settings: &Settings) -> Self {
        let container = app.container.as_ref();
        let docker = container.and_then(|container| container.docker);
        let image = docker.as_ref().and_then(|docker| docker.get("image"));
        // Marathon gives an app on another network than the agent's a container of its own (1.5 and later).
        let is_networked = settings.release >= Release::V1_5 && !app.is_on_host();
        let has_container = is_networked || container.is_some_and(|container| container.fields.is_some());
        let program = match (app.fields.get("cmd"), app.fields.get("args")) {
            (Some(cmd), _) => Program::Shell(cmd),
            (None, Some(list)) if list.elements().next().is_some() => {
                Program::Arguments { list, is_program: !has_container }
            }
            _ => Program::Image,
        };
        Self {
            fields: app.fields,
            containerizer: app.containerizer().unwrap_or(Containerizer::Mesos),
            has_container,
            is_of_pod: false,
            image,
            program,
            docker,
            network: network(app, settings),
            mounts: app_mounts(app),
            resources: TaskResources::of(&app.fields, app.fields.get("resourceLimits"), !app.is_update),
        }
    }

    /// A container of a pod.
    pub(super) fn of_container(pod: &Fields<'a>, container: Fields<'a>) -> Self {
        let exec = container.object("exec", &table::MESOS_EXEC);
        let command = exec.as_ref().and_then(|exec| exec.get("command"));
        let is_program = exec.as_ref().is_some_and(|exec| exec.is_true("overrideEntrypoint"));
        let program = match command.map(|command| (command.get("shell"), command.get("argv"))) {
            Some((Some(shell), _)) => Program::Shell(shell),
            Some((None, Some(list))) => Program::Arguments { list, is_program },
            _ => Program::Image,
        };
        let image = container.object("image", &table::IMAGE).and_then(|image| image.get("id"));
        let resources = container.object("resources", &table::RESOURCES);
        let resources = resources.unwrap_or_else(|| Fields::of(container.value, &table::RESOURCES));
        Self {
            fields: container,
            containerizer: Containerizer::Mesos,
            has_container: true,
            is_of_pod: true,
            image,
            program,
            docker: None,
            network: TaskNetwork::Host,
            mounts: pod_mounts(pod, &container),
            resources: TaskResources::of(&resources, container.get("resourceLimits"), true),
        }
    }

    /// Whether the Docker Engine runs it.
    pub(super) fn is_docker(&self) -> bool {
        self.containerizer == Containerizer::Docker
    }
}

fn network<'a>(app: &AppView<'a>, settings: &Settings) -> TaskNetwork<'a> {
    match app.networks.first() {
        None => TaskNetwork::Host,
        Some(network) => match network.mode {
            NetworkMode::Host => TaskNetwork::Host,
            NetworkMode::ContainerBridge => TaskNetwork::Bridge,
            NetworkMode::Container => {
                let at = network.at.and_then(|at| at.get("name").or(Some(at))).unwrap_or(app.fields.value);
                let name = network.name.clone().or(settings.default_network.clone().map(Cow::Owned));
                TaskNetwork::Named(name.map(|name| (name, at)))
            }
        },
    }
}

fn app_mounts<'a>(app: &AppView<'a>) -> Vec<Mount<'a>> {
    let Some(container) = app.container.as_ref().and_then(|container| container.fields.as_ref()) else {
        return Vec::new();
    };
    let mount = |(value, view): (Value<'a>, &VolumeView<'a>)| {
        let source = match view {
            VolumeView::Host => MountSource::Host(value.get("hostPath").filter(|path| !path.is_null())?),
            VolumeView::Dvdi { info, .. } => {
                let options = info.get("options");
                MountSource::External {
                    name: info.get("name"),
                    driver: options.and_then(|options| options.get("dvdi/driver")),
                }
            }
            VolumeView::Secret { .. } => MountSource::Secret,
            VolumeView::Persistent { .. } | VolumeView::Csi { .. } => MountSource::Made,
        };
        Some(Mount { target: value.get("containerPath")?, source })
    };
    container.list("volumes").zip(app.volumes()).filter_map(mount).collect()
}

fn pod_mounts<'a>(pod: &Fields<'a>, container: &Fields<'a>) -> Vec<Mount<'a>> {
    /// More volumes than these are not looked through for each mount.
    const MOST: usize = 200;
    let mount = |value: Value<'a>| {
        let name = value.get("name")?.as_str()?;
        let is_it = |volume: &Value<'a>| volume.get("name").is_some_and(|of| of.is_str(&name));
        let volume = pod.list("volumes").take(MOST).find(is_it)?;
        let source = match (volume.get("host"), volume.get("secret")) {
            (Some(host), _) => MountSource::Host(host),
            (None, Some(_)) => MountSource::Secret,
            (None, None) => MountSource::Made,
        };
        Some(Mount { target: value.get("mountPath")?, source })
    };
    container.list("volumeMounts").filter_map(mount).collect()
}
