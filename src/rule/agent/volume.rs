//! Volumes that cannot be mounted.

use crate::finding::{Effect, Refuser};
use crate::source::Value;
use crate::target::SANDBOX;
use crate::util::hash::Set;
use crate::util::path::is_within;

use super::parameter::{MountedBy, ParameterMount, parameter_mounts};
use super::path::{self, clean, in_container};
use super::task::{Mount, MountSource, Task};
use super::volume_driver;
use super::{Context, Rule, docker_run_failed, engine_failed, is_open, refuse, runtime_error};

static BOTH_RELATIVE: Rule =
    Rule::fails("both-paths-relative", "A volume has an absolute path on one side at least")
        .why(
            "A relative `hostPath` is below the sandbox, and so is a relative `containerPath`: Mesos mounts no part of the \
             sandbox into itself. (Mesos, `src/docker/docker.cpp`, `isolators/volume/sandbox_path.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "conf", "hostPath": "etc/conf", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/conf", "hostPath": "etc/conf", "mode": "RO"}]}}"#);

static COLON: Rule =
    Rule::fails("volume-colon", "The paths of a volume have no colon")
        .why(
            "Mesos joins `hostPath`, `containerPath` and `mode` with colons for `docker run -v`, and Docker splits them \
             there again. UCR mounts such a path. (moby, `volume/mounts/linux_parser.go`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data:ro", "hostPath": "/etc/web", "mode": "RW"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data", "hostPath": "/etc/web", "mode": "RO"}]}}"#);

static TARGET_TAKEN: Rule =
    Rule::fails("volume-target-taken", "Each path of a container has one volume")
        .why(
            "Docker mounts nothing twice on one path, written `/data` or `/data/`, as a volume or by a parameter. Mesos \
             mounts the sandbox on /mnt/mesos/sandbox, so that path is taken, too. (moby, `daemon/volumes.go`.) UCR mounts \
             one over the other.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data", "hostPath": "/etc/a", "mode": "RO"},
                {"containerPath": "/data/", "hostPath": "/etc/b", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data/a", "hostPath": "/etc/a", "mode": "RO"},
                {"containerPath": "/data/b", "hostPath": "/etc/b", "mode": "RO"}]}}"#);

static OVER_SYSTEM: Rule =
    Rule::fails("volume-over-system", "A volume is mounted where a container can start with it")
        .why(
            "No container starts with a volume on `/`, with a directory in place of /proc or /dev, or with a file in place \
             of a directory such as /etc. (moby, `volume/mounts/linux_parser.go`; runc, `libcontainer/rootfs_linux.go`).",
        )
        .aliases(&["volume-at-root"])
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/etc", "hostPath": "/etc/hosts", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/etc/hosts", "hostPath": "/etc/hosts", "mode": "RO"}]}}"#);

static NO_MOUNT_POINT: Rule =
    Rule::fails("mount-point-without-image", "A container without an image mounts into its sandbox")
        .why(
            "A container of UCR without an image has the file system of the agent, where Mesos makes no directories: an \
             absolute path must be there already on every agent. A relative one is made in the sandbox. (Mesos, \
             `isolators/volume/sandbox_path.cpp`, `host_path.cpp`, `secret.cpp`).",
        )
        .bad(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"shell": "./run"}}, "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
                "volumes": [{"name": "data"}]}"#)
        .good(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"shell": "./run"}}, "volumeMounts": [{"name": "data", "mountPath": "data"}]}],
                "volumes": [{"name": "data"}]}"#);

static HOST_PATH_MISSING: Rule =
    Rule::risky("ucr-host-path-missing", "Agents have the directories that UCR mounts")
        .why(
            "The Docker Engine makes a `hostPath` that an agent does not have. UCR does not: each launch there fails. (Mesos, \
             `isolators/volume/host_path.cpp`.) `[target.agents]` in milepost.toml lists the paths that agents have.",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data", "hostPath": "/srv/web", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 100}}]}}"#)
        .setting("--host_path_volume_force_creation");

static HOST_PATH_IN_SANDBOX: Rule =
    Rule::risky("host-path-in-sandbox", "A `hostPath` means what it looks like")
        .why(
            "No shell reads a `hostPath`. One that begins with `~` or `$` is a relative path to Mesos: an empty directory \
             of that name in the sandbox, which goes with the instance. (Mesos, `src/docker/docker.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data", "hostPath": "~/data", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/data", "hostPath": "/home/web/data", "mode": "RO"}]}}"#);

static SECRET_ON_DOCKER: Rule =
    Rule::ignored("secret-file-on-docker", "A file with a secret is for a container of UCR")
        .why(
            "Mesos mounts no secrets into containers of the Docker Engine: the task runs, and its file is not there. A \
             secret as a variable works with both. (Mesos, `src/docker/docker.cpp`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/run/key", "secret": "key"}]}, "secrets": {"key": {"source": "web/key"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "MESOS", "docker": {"image": "example/web:1.4.2"},
                "volumes": [{"containerPath": "/run/key", "secret": "key"}]}, "secrets": {"key": {"source": "web/key"}}}"#);

pub(super) static RULES: &[&Rule] = &[
    &SECRET_ON_DOCKER,
    &BOTH_RELATIVE,
    &COLON,
    &TARGET_TAKEN,
    &OVER_SYSTEM,
    &NO_MOUNT_POINT,
    &HOST_PATH_MISSING,
    &HOST_PATH_IN_SANDBOX,
];

pub(super) fn task(task: &Task<'_>, context: &mut Context<'_>) {
    let has_parameters =
        task.is_docker() && task.docker.as_ref().is_some_and(|docker| docker.has_any("parameters"));
    if task.mounts.is_empty() && !has_parameters {
        return;
    }
    for mount in &task.mounts {
        one(task, mount, context);
    }
    if task.is_docker() {
        let parameters = parameter_mounts(task);
        targets(task, &parameters, context);
        for mount in parameters {
            let Some(source) = &mount.source else { continue };
            if let Some((why, said)) = system_fault(true, source, &mount.target) {
                report_over_system(mount.at, &why, Refuser::Docker, said, context);
            }
        }
        volume_driver::drivers(task, context);
    }
}

fn one(task: &Task<'_>, mount: &Mount<'_>, context: &mut Context<'_>) {
    if task.is_docker() && matches!(mount.source, MountSource::Secret) {
        let found = context.warn(&SECRET_ON_DOCKER, mount.target);
        found.message =
            "Mesos mounts no secret into a container of the Docker Engine: this file is never there".into();
        found.help = Some("run it with UCR (type MESOS), or give it the secret as a variable".into());
    }
    let Some(target) = mount.target.as_str().filter(|target| !is_open(target)) else { return };
    if let MountSource::Host(at) = &mount.source {
        let Some(host) = at.as_str() else { return };
        if is_open(&host) {
            return mount_point(task, mount, &target, context);
        }
        if colon(task, mount, *at, &host, &target, context) || relative(task, mount, &host, &target, context)
        {
            return;
        }
        in_sandbox(*at, &host, context);
        if !over_system(task, mount, &host, &target, context) {
            host_path(task, *at, &host, context);
        }
    } else if target.contains(':') && task.is_docker() && matches!(mount.source, MountSource::External { .. })
    {
        report_colon(mount.target, &target, context);
    } else if clean(&target) == "/" {
        over_root(task, mount, context);
    }
    mount_point(task, mount, &target, context);
}

/// Reports a colon in a path of a volume of the Docker Engine.
fn colon(
    task: &Task<'_>,
    mount: &Mount<'_>,
    host_at: Value<'_>,
    host: &str,
    target: &str,
    context: &mut Context<'_>,
) -> bool {
    if !task.is_docker() || !host.contains(':') && !target.contains(':') {
        return false;
    }
    let at = if target.contains(':') { mount.target } else { host_at };
    report_colon(at, &format!("{host}:{target}"), context);
    true
}

fn report_colon(at: Value<'_>, spec: &str, context: &mut Context<'_>) {
    let said = engine_failed(&format!("invalid volume specification: '{spec}:rw'"));
    let found = refuse(context, &COLON, at, Refuser::Docker, said);
    found.message = "Docker creates no container with this volume: a colon separates its paths".into();
    found.help = Some("leave out the colon; a mode is `mode`: \"RO\" or \"RW\"".into());
}

fn relative(task: &Task<'_>, mount: &Mount<'_>, host: &str, target: &str, context: &mut Context<'_>) -> bool {
    if host.starts_with('/') || target.starts_with('/') {
        return false;
    }
    let (by, said) = if task.is_docker() {
        let said = format!(
            "Failed to create docker run options: Both host_path '{host}' and container_path '{target}' of a volume are \
             relative"
        );
        (Refuser::Executor, said)
    } else {
        let said =
            "Failed to launch container: 'container_path' is relative for SANDBOX_PATH volume SELF type";
        (Refuser::Agent, said.to_owned())
    };
    let found = refuse(context, &BOTH_RELATIVE, mount.target, by, said);
    found.message =
        "no instance starts: both paths of this volume are relative, and so of the sandbox".into();
    found.help = Some(
        "write an absolute path in the container, or leave the volume out: what is fetched is in the sandbox"
            .into(),
    );
    true
}

fn in_sandbox(at: Value<'_>, host: &str, context: &mut Context<'_>) {
    if host.starts_with(['~', '$']) {
        let found = context.warn(&HOST_PATH_IN_SANDBOX, at);
        found.message = format!(
            "no shell reads `{host}`: it is an empty directory of the sandbox, which goes with the instance"
        );
        found.help = Some("write the absolute path".into());
    }
}

/// Reports a mount over what a container needs.
fn over_system(
    task: &Task<'_>,
    mount: &Mount<'_>,
    host: &str,
    target: &str,
    context: &mut Context<'_>,
) -> bool {
    if in_container(target) == "/" {
        over_root(task, mount, context);
        return true;
    }
    if task.image.is_none() && !task.is_docker() {
        return false;
    }
    let Some((why, said)) = system_fault(task.is_docker(), host, target) else { return false };
    let (by, said) = if task.is_docker() {
        (Refuser::Docker, said)
    } else {
        (Refuser::Agent, "Executor terminated".to_owned())
    };
    report_over_system(mount.target, &why, by, said, context);
    true
}

fn report_over_system(at: Value<'_>, why: &str, by: Refuser, said: String, context: &mut Context<'_>) {
    let found = refuse(context, &OVER_SYSTEM, at, by, said);
    found.message = format!("no container starts with this volume: {why}");
    found.help = Some("mount it on a path of its own".into());
}

/// Why no container starts with a path of the agent on a path of it, and what is reported for that.
fn system_fault(is_docker: bool, host: &str, target: &str) -> Option<(String, String)> {
    /// Directories that an image has; Docker makes /etc.
    const DIRECTORIES: [&str; 8] = ["/etc", "/bin", "/usr", "/lib", "/var", "/tmp", "/proc", "/dev"];
    /// Files that Docker makes.
    const FILES: [&str; 3] = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"];
    /// Devices that every container has.
    const DEVICES: [&str; 6] =
        ["/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero"];
    let (inner, outer) = (in_container(target), clean(host));
    let is_device_directory = inner == "/dev" && outer != "/dev" && outer != "/";
    let why = if path::is_usual_file(&outer) && DIRECTORIES.contains(&inner.as_str()) {
        format!("`{host}` is a file, and `{target}` a directory")
    } else if is_docker
        && path::is_usual_directory(&outer)
        && (FILES.contains(&inner.as_str())
            || is_mountable_in_proc(&inner)
            || DEVICES.contains(&inner.as_str()))
    {
        format!("`{host}` is a directory, and `{target}` a file")
    } else if inner == "/proc" && outer != "/proc" {
        "a container needs its /proc".to_owned()
    } else if is_docker && is_device_directory {
        "a container needs the devices of its /dev".to_owned()
    } else if is_docker && is_within(&inner, "/proc") && inner != "/proc" && !is_mountable_in_proc(&inner) {
        format!("nothing can be mounted on `{inner}`")
    } else {
        return None;
    };
    let said = if inner == "/dev" {
        docker_runtime("unable to setup user: stat /dev/null: no such file or directory")
    } else if is_within(&inner, "/proc") {
        docker_runtime(&format!(
            "error mounting {outer:?} to rootfs at {inner:?}: cannot be mounted because it is not of type proc"
        ))
    } else {
        docker_runtime(&format!("error mounting {outer:?} to rootfs at {inner:?}: not a directory"))
    };
    Some((why, said))
}

/// What is reported where runc cannot set up a container.
fn docker_runtime(error: &str) -> String {
    docker_run_failed(&runtime_error(&format!(
        "unable to start container process: error during container init: {error}"
    )))
}

/// Whether runc mounts something there (`libcontainer/rootfs_linux.go`, `checkProcMount`).
fn is_mountable_in_proc(path: &str) -> bool {
    const PATHS: [&str; 11] = [
        "/proc/cpuinfo",
        "/proc/diskstats",
        "/proc/meminfo",
        "/proc/stat",
        "/proc/swaps",
        "/proc/uptime",
        "/proc/loadavg",
        "/proc/slabinfo",
        "/proc/net/dev",
        "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ];
    PATHS.contains(&path)
}

fn over_root(task: &Task<'_>, mount: &Mount<'_>, context: &mut Context<'_>) {
    if task.image.is_none() {
        return;
    }
    let (by, said) = if task.is_docker() {
        let said = "invalid volume specification: invalid mount config for type \"bind\": invalid specification: destination \
                    can't be '/'";
        (Refuser::Docker, engine_failed(said))
    } else {
        (Refuser::Agent, "Executor terminated".to_owned())
    };
    let found = refuse(context, &OVER_SYSTEM, mount.target, by, said);
    found.message = "no container starts with a volume in place of its whole file system".into();
    found.help = Some("mount it on a directory of its own".into());
}

/// Reports a path of the agent that UCR does not make.
fn host_path(task: &Task<'_>, at: Value<'_>, host: &str, context: &mut Context<'_>) {
    if task.is_docker() || !host.starts_with('/') {
        return;
    }
    let cleaned = clean(host);
    let is_there = context.settings.agents.has_path(&cleaned);
    let created = &context.settings.agents.created_paths;
    let is_created = created.iter().flatten().any(|above| is_within(&cleaned, above.trim_end_matches('/')));
    if is_there == Some(true) || is_created || path::is_of_every_agent(&cleaned) {
        return;
    }
    let said = format!("Failed to launch container: Path '{host}' in HOST_PATH volume does not exist");
    let found = refuse(context, &HOST_PATH_MISSING, at, Refuser::Agent, said);
    if is_there.is_some() {
        found.message =
            format!("no instance starts: `[target.agents]` lists the paths of agents, and not `{host}`");
    } else {
        found.effect = Effect::Risky;
        found.message =
            format!("no instance starts on an agent without `{host}`: UCR makes no paths of agents");
    }
    found.help = Some("make it on all agents, or use a persistent volume".into());
}

/// Reports an absolute path in a container that has the agent's file system.
fn mount_point(task: &Task<'_>, mount: &Mount<'_>, target: &str, context: &mut Context<'_>) {
    if task.is_docker() || task.image.is_some() || !target.starts_with('/') {
        return;
    }
    // Mesos mounts these of an app into its sandbox.
    if !task.is_of_pod && matches!(mount.source, MountSource::Made) {
        return;
    }
    let cleaned = clean(target);
    let is_there = context.settings.agents.has_path(&cleaned);
    if path::is_usual_directory(&cleaned) || path::is_usual_file(&cleaned) || is_there == Some(true) {
        return;
    }
    let said = if matches!(mount.source, MountSource::Secret) {
        format!("Failed to launch container: Absolute container path '{target}' does not exist")
    } else {
        format!(
            "Failed to launch container: Mount point '{target}' is an absolute path. It must exist if the container shares \
             the host filesystem"
        )
    };
    let found = refuse(context, &NO_MOUNT_POINT, mount.target, Refuser::Agent, said);
    // What is below a directory of the system, agents may well have.
    if is_there.is_none() && path::is_below_the_system(&cleaned) {
        found.effect = Effect::Risky;
    }
    found.message = format!(
        "no instance starts on an agent without `{target}`: without an image a container has the agent's file system"
    );
    found.help = Some("write a path of the sandbox, without the slash, or name an image".into());
}

/// Reports two mounts of a Docker container on one path.
fn targets(task: &Task<'_>, parameters: &[ParameterMount<'_>], context: &mut Context<'_>) {
    let volumes = task
        .mounts
        .iter()
        .filter(|mount| matches!(mount.source, MountSource::Host(_) | MountSource::External { .. }));
    let volumes = volumes
        .filter_map(|mount| Some((mount.target, mount.target.as_str()?.into_owned(), MountedBy::Volume)));
    let parameters = parameters.iter().map(|mount| (mount.at, mount.target.clone(), mount.by));
    let mut taken: Set<String> = Set::default();
    taken.insert(SANDBOX.to_owned());
    for (at, target, by) in volumes.chain(parameters) {
        // Others are reported for that.
        if is_open(&target) || target.contains(':') || target.is_empty() {
            continue;
        }
        // Docker looks whether a volume is where a tmpfs is, by the text of that.
        let inner = if by == MountedBy::Tmpfs { target } else { in_container(&target) };
        let is_free =
            if by == MountedBy::Tmpfs { !taken.contains(&inner) } else { taken.insert(inner.clone()) };
        if is_free {
            continue;
        }
        let found = refuse(
            context,
            &TARGET_TAKEN,
            at,
            Refuser::Docker,
            engine_failed(&format!("Duplicate mount point: {inner}")),
        );
        found.message = if inner == SANDBOX {
            format!("Docker creates no container with this volume: Mesos mounts the sandbox on `{SANDBOX}`")
        } else {
            format!("Docker creates no container with two volumes on `{inner}`")
        };
        found.help = Some("mount it on another path".into());
    }
}
