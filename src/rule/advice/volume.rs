//! Volumes that mount directories of the agent.

use crate::rule::view::AppView;
use crate::source::Value;
use crate::util::path::is_within;

use super::{Context, Fields, Rule};

static SENSITIVE_HOST_PATH: Rule =
    Rule::risky("sensitive-host-path", "A container does not mount system directories of the agent")
        .why(
            "A service that may write to /etc, /usr or / of an agent, or talk to its Docker socket (read-only or not), is \
             root there, whatever the containerizer. One that may read / or /var/lib/mesos reads every other service's \
             secrets.",
        )
        .bad(r#"{"id": "/agent", "cmd": "run-agent", "container": {"type": "DOCKER",
                "docker": {"image": "example/agent:1.4.2"},
                "volumes": [{"containerPath": "/var/run/docker.sock",
                "hostPath": "/var/run/docker.sock", "mode": "RO"}]}}"#)
        .good(r#"{"id": "/agent", "cmd": "run-agent", "container": {"type": "DOCKER",
                "docker": {"image": "example/agent:1.4.2"},
                "volumes": [{"containerPath": "/host/proc/meminfo", "hostPath": "/proc/meminfo",
                "mode": "RO"}]}}"#);

static DATA_ON_AGENT: Rule =
    Rule::risky("data-on-agent", "A service and its data stay together")
        .why(
            "A host path is a directory of the agent that runs the instance. The next instance may run on another agent, \
             where the directory is empty or belongs to another service. A persistent volume, an external one, or a \
             constraint on `hostname` or a rack keeps both together.",
        )
        .bad(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "DOCKER",
                "docker": {"image": "postgres:16.4"},
                "volumes": [{"containerPath": "/var/lib/postgresql/data", "hostPath": "/srv/db",
                "mode": "RW"}]}}"#)
        .good(r#"{"id": "/db", "cmd": "run-db", "constraints": [["hostname", "LIKE",
                "10\\.0\\.0\\.7"]], "container": {"type": "DOCKER",
                "docker": {"image": "postgres:16.4"},
                "volumes": [{"containerPath": "/var/lib/postgresql/data", "hostPath": "/srv/db",
                "mode": "RW"}]}}"#);

pub(super) static RULES: &[&Rule] = &[&SENSITIVE_HOST_PATH, &DATA_ON_AGENT];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    if app.volumes().is_empty() {
        return;
    }
    let Some(container) = app.container.as_ref().and_then(|container| container.fields.as_ref()) else {
        return;
    };
    let mut has_warned = false;
    for volume in container.list("volumes") {
        let Some(path) = volume.get("hostPath") else { continue };
        let is_writable = !volume.get("mode").is_some_and(|mode| is_word(mode, "RO"));
        if warns_of_sensitive(path, is_writable, context) || !is_writable || has_warned {
            continue;
        }
        let is_on_agent = path
            .as_str()
            .is_some_and(|path| path.starts_with('/') && !is_shared(&path) && !is_of_system(&path));
        if is_on_agent && !stays(app.fields.get("constraints")) {
            has_warned = true;
            let found = context.warn(&DATA_ON_AGENT, path);
            found.message =
                "data written here stays on this agent; the next instance may run on another".into();
            found.help = Some(
                "use a persistent volume, or a constraint that keeps the service where its data is; add an exception \
                 if all agents share this directory"
                    .into(),
            );
        }
    }
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    for volume in pod.list("volumes") {
        let Some(path) = volume.get("host") else { continue };
        let name = volume.get("name").and_then(|name| name.as_str()).unwrap_or_default();
        let is_writable = pod
            .list("containers")
            .filter_map(|container| container.get("volumeMounts"))
            .flat_map(|mounts| mounts.elements())
            .filter(|mount| mount.get("name").is_some_and(|of| of.is_str(&name)))
            .any(|mount| mount.get("readOnly").is_none_or(|read_only| read_only.as_bool() != Some(true)));
        warns_of_sensitive(path, is_writable, context);
    }
}

fn is_word(value: Value<'_>, word: &str) -> bool {
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// Whether a path is a common mount point of file systems that several agents share.
fn is_shared(path: &str) -> bool {
    const PLACES: [&str; 8] = ["/mnt/", "/net/", "/nfs", "/efs", "/ceph", "/gluster", "/shared", "/afs"];
    PLACES.iter().any(|place| path.contains(place))
}

/// Whether a path is one of the agent's system, where services keep no data: sockets, devices, settings.
fn is_of_system(path: &str) -> bool {
    const PLACES: [&str; 6] = ["/dev", "/proc", "/sys", "/run", "/var/run", "/etc"];
    PLACES.iter().any(|place| is_within(path, place))
}

/// Whether a constraint keeps the service on certain agents.
fn stays(constraints: Option<Value<'_>>) -> bool {
    let mut constraints = constraints.iter().flat_map(Value::elements);
    constraints.any(|constraint| {
        constraint
            .elements()
            .nth(1)
            .is_some_and(|operator| ["CLUSTER", "LIKE", "IS"].iter().any(|word| operator.is_str(word)))
    })
}

fn warns_of_sensitive(at: Value<'_>, is_writable: bool, context: &mut Context<'_>) -> bool {
    const WHOLE: [&str; 5] = ["/", "/var", "/var/lib", "/var/lib/mesos", "/root"];
    const WRITTEN: [&str; 10] =
        ["/etc", "/usr", "/bin", "/sbin", "/lib", "/boot", "/dev", "/proc", "/sys", "/opt/mesosphere"];
    const HARMLESS: [&str; 5] = ["/dev/log", "/dev/null", "/dev/shm", "/dev/random", "/dev/urandom"];
    let Some(text) = at.as_str() else { return false };
    let path = if text.len() > 1 { text.trim_end_matches('/') } else { &text };
    let message = if path.ends_with("/docker.sock") {
        format!("a service that can talk to `{path}` is root on the agent, read-only or not")
    } else if WHOLE.contains(&path) || (path.is_empty() && text.starts_with('/')) {
        format!("`{text}` of the agent holds the secrets of all its services")
    } else if is_writable
        && !HARMLESS.contains(&path)
        && WRITTEN.iter().any(|directory| is_within(path, directory))
    {
        format!("a service that may write to `{path}` can become root on the agent")
    } else {
        return false;
    };
    let found = context.warn(&SENSITIVE_HOST_PATH, at);
    found.message = message;
    found.help = Some("mount only the file or directory that the service needs, read-only".into());
    true
}
