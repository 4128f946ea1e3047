//! External volumes of the Docker Engine: their driver and their names.

use crate::finding::Refuser;
use crate::source::Value;

use super::parameter::volume_name_fault;
use super::task::{MountSource, Task};
use super::{Context, Rule, engine_failed, is_open, refuse};

static TWO_DRIVERS: Rule =
    Rule::fails("two-volume-drivers", "The external volumes of a Docker container have one driver")
        .why(
            "Mesos gives `docker run` one `--volume-driver` for all volumes, and starts no container with two. UCR takes \
             several. (Mesos, `src/docker/docker.cpp`).",
        )
        .bad(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "DOCKER", "docker": {"image": "example/db:1.4.2"},
                "volumes": [{"containerPath": "/a", "mode": "RW", "external": {"name": "a1", "provider": "dvdi",
                "options": {"dvdi/driver": "rexray"}}}, {"containerPath": "/b", "mode": "RW", "external": {"name": "b1",
                "provider": "dvdi", "options": {"dvdi/driver": "pxd"}}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "DOCKER", "docker": {"image": "example/db:1.4.2"},
                "volumes": [{"containerPath": "/a", "mode": "RW", "external": {"name": "a1", "provider": "dvdi",
                "options": {"dvdi/driver": "rexray"}}}, {"containerPath": "/b", "mode": "RW", "external": {"name": "b1",
                "provider": "dvdi", "options": {"dvdi/driver": "rexray"}}}]}}"#);

static VOLUME_NAME: Rule =
    Rule::fails("external-volume-name", "The name of an external volume is one that Docker takes")
        .why(
            "The names of volumes of the driver `local` have two characters or more, of letters, digits and `_.-`, the first \
             a letter or a digit; Docker splits any name at a colon. (moby, `volume/local/local.go`).",
        )
        .bad(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "DOCKER", "docker": {"image": "example/db:1.4.2"},
                "volumes": [{"containerPath": "/a", "mode": "RW", "external": {"name": "my data", "provider": "dvdi",
                "options": {"dvdi/driver": "local"}}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "run-db", "container": {"type": "DOCKER", "docker": {"image": "example/db:1.4.2"},
                "volumes": [{"containerPath": "/a", "mode": "RW", "external": {"name": "my-data", "provider": "dvdi",
                "options": {"dvdi/driver": "local"}}}]}}"#);

pub(super) static RULES: &[&Rule] = &[&TWO_DRIVERS, &VOLUME_NAME];

/// The drivers of a Docker container's external volumes, and their names.
pub(super) fn drivers(task: &Task<'_>, context: &mut Context<'_>) {
    let mut first: Option<String> = None;
    for mount in &task.mounts {
        let MountSource::External { name, driver: Some(at) } = &mount.source else { continue };
        let Some(driver) = at.as_str() else { continue };
        if let Some((name_at, text)) = name.and_then(|at| Some((at, at.as_str()?))) {
            volume_name(name_at, &text, &driver, context);
        }
        if first.get_or_insert_with(|| driver.clone().into_owned()) != &*driver && !is_open(&driver) {
            let said = "Failed to create docker run options: Only one volume driver is supported";
            let found = refuse(context, &TWO_DRIVERS, *at, Refuser::Executor, said);
            found.message =
                "no instance starts: a Docker container has one volume driver for all its volumes".into();
            found.help = Some("use one driver, or run the app with UCR (type MESOS)".into());
        }
    }
}

fn volume_name(at: Value<'_>, name: &str, driver: &str, context: &mut Context<'_>) {
    if is_open(name) {
        return;
    }
    // Other drivers have names of their own, as `size=5,name=data` of Portworx.
    let fault = if name.contains(':') {
        Some(format!("invalid volume specification: '{name}'"))
    } else {
        // A path is mounted as it is.
        (driver == "local" && !name.starts_with('/')).then(|| volume_name_fault(name)).flatten()
    };
    let Some(fault) = fault else { return };
    let found = refuse(context, &VOLUME_NAME, at, Refuser::Docker, engine_failed(&fault));
    found.message = format!("Docker creates no container with this volume: `{name}` is no name of a volume");
    found.help = Some("use letters, digits and `_.-`, two at least".into());
}
