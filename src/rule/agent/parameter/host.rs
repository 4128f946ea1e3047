//! Parameters that name what the agent has: files, devices, CPUs, runtimes, containers.

use crate::finding::{Effect, Refuser};
use crate::rule::agent::task::Task;
use crate::rule::agent::{docker_run_failed, engine_error, engine_failed, path, refuse};
use crate::rule::{Context, Rule};

use super::form::Engine;
use super::{Parameter, VALUE, is_filled, mounting};

pub(super) static HOST_FILES: Rule =
    Rule::risky("parameter-host-files", "Agents have the files, devices and CPUs that parameters name")
        .why(
            "`docker run` reads `env-file`, `label-file` and a seccomp profile on the agent; Docker mounts a `bind` of `mount` \
             only if it is there, and has devices, CPUs, runtimes and other containers only where the agent has them. Each \
             launch on an agent without one fails. `[target.agents]` in milepost.toml lists the paths that agents have, and \
             the number of their CPUs.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "env-file", "value": "/srv/web.env"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "env-file", "value": "web.env"}]}},
                "fetch": [{"uri": "https://files.example.com/web.env"}]}"#);

/// Reports a file or device that agents do not have, or may not have.
pub(super) fn file(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let value = parameter.value.as_ref();
    let file = match parameter.option.name {
        "mount" => mounting::mount(value, Engine::default()).ok().and_then(|mount| mount.host_path()),
        "security-opt" => value.strip_prefix("seccomp=").filter(|file| *file != "unconfined"),
        _ => Some(value),
    };
    let Some(file) = file.filter(|file| is_filled(file)) else { return };
    if !file.starts_with('/') {
        return in_sandbox(task, parameter, file, context);
    }
    let cleaned = path::clean(file);
    if let Some(said) = other_kind(parameter, file, &cleaned) {
        let found = refuse(context, &VALUE, parameter.value_at, Refuser::Docker, docker_run_failed(&said));
        found.message = format!("no container starts: `{file}` is not what this option names");
        found.help = Some("name the file or the device that is meant".into());
        return;
    }
    let is_there = context.settings.agents.has_path(&cleaned);
    let is_placed = task.fields.has_any("constraints");
    // A service that is placed may go where they are.
    let is_device = parameter.is("device");
    let is_usual =
        if is_device { path::is_usual_device(&cleaned) } else { path::is_of_every_agent(&cleaned) };
    if is_there == Some(true) || is_usual || is_there.is_none() && is_placed {
        return;
    }
    let said = match parameter.option.name {
        "env-file" | "label-file" => format!("docker: open {file}: no such file or directory."),
        "mount" => engine_error(&format!(
            "invalid mount config for type \"bind\": bind source path does not exist: {file}"
        )),
        "security-opt" => no_profile(file),
        _ => engine_error(&format!(
            "error gathering device information while adding custom device \"{file}\": no such file or directory"
        )),
    };
    let found = refuse(context, &HOST_FILES, parameter.value_at, Refuser::Docker, docker_run_failed(&said));
    if is_there.is_some() {
        found.message =
            format!("no container starts: `[target.agents]` lists the paths of agents, and not `{file}`");
    } else {
        found.effect = Effect::Risky;
        found.message = format!("no container starts on an agent without `{file}`");
    }
    found.help =
        Some("fetch it into the sandbox and name it by its relative path, or put it on all agents".into());
}

/// What `docker` writes for a seccomp profile that is not there.
fn no_profile(file: &str) -> String {
    format!("docker: opening seccomp profile ({file}) failed: open {file}: no such file or directory.")
}

/// What Docker says of a path that every agent has, where the option wants something else: a file and no directory, or a
/// device and no file.
fn other_kind(parameter: &Parameter<'_>, file: &str, cleaned: &str) -> Option<String> {
    let is_directory = path::is_usual_directory(cleaned);
    match parameter.option.name {
        "env-file" | "label-file" if is_directory => Some(format!("docker: read {file}: is a directory.")),
        "device" if path::is_usual_file(cleaned) && !path::is_usual_device(cleaned) => {
            Some(engine_error(&format!(
                "error gathering device information while adding custom device \"{file}\": not a device node"
            )))
        }
        _ => None,
    }
}

/// Reports a file of the sandbox, in which there is nothing where nothing is fetched.
fn in_sandbox(task: &Task<'_>, parameter: &Parameter<'_>, file: &str, context: &mut Context<'_>) {
    let said = match parameter.option.name {
        // Later releases have it.
        "security-opt" if file == "builtin" => return,
        "security-opt" => no_profile(file),
        "env-file" | "label-file" => format!("docker: open {file}: no such file or directory."),
        _ => return,
    };
    // What leads out of the sandbox, or comes with a volume, is not known.
    let is_elsewhere = file.split('/').any(|part| part == "..") || matches!(file, "stdout" | "stderr");
    if is_elsewhere || task.fields.has_any("fetch") || task.fields.has_any("uris") || !task.mounts.is_empty()
    {
        return;
    }
    let found = refuse(context, &VALUE, parameter.value_at, Refuser::Docker, docker_run_failed(&said));
    found.message = format!("no container starts: `{file}` is a file of the sandbox, and nothing is fetched");
    found.help = Some("fetch it, or name a file of the agents by its absolute path".into());
}

/// Reports CPUs that agents may not have.
pub(super) fn cpu_set(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    /// DC/OS wants agents with as many at least.
    const USUAL: u32 = 2;
    let cpus = context.settings.agents.cpus;
    if cpus.is_none() && task.fields.has_any("constraints") {
        return;
    }
    let count = cpus.unwrap_or(USUAL);
    let asked =
        parameter.value.split([',', '-']).filter_map(|number| number.trim().parse::<u32>().ok()).max();
    let Some(asked) = asked.filter(|asked| *asked >= count) else { return };
    let value = &parameter.value;
    let last = count.saturating_sub(1);
    let said =
        engine_error(&format!("Requested CPUs are not available - requested {value}, available: 0-{last}"));
    let found = refuse(context, &HOST_FILES, parameter.value_at, Refuser::Docker, docker_run_failed(&said));
    if cpus.is_some() {
        found.message =
            format!("no container starts: `[target.agents]` says that agents have {count} CPUs, 0 to {last}");
    } else {
        found.effect = Effect::Risky;
        found.message =
            format!("no container starts on an agent that has no CPU {asked}; the first one is 0");
    }
    found.help = Some("name CPUs that agents have, or leave it out".into());
}

/// Reports runtimes and containers that agents of DC/OS do not have by themselves.
pub(super) fn of_the_agent(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    const RUNTIMES: [&str; 4] = ["", "runc", "io.containerd.runc.v1", "io.containerd.runc.v2"];
    let value = parameter.value.as_ref();
    let (what, said) = match parameter.option.name {
        "runtime" if RUNTIMES.contains(&value) => return,
        "runtime" => (format!("the runtime `{value}`"), format!("Unknown runtime specified {value}")),
        "gpus" => (
            "the container toolkit of NVIDIA".to_owned(),
            "could not select device driver \"\" with capabilities: [[gpu]]".to_owned(),
        ),
        _ => {
            let value = value.strip_prefix("container:").unwrap_or(value);
            let name = value.split(':').next().unwrap_or_default();
            (format!("a container `{name}`"), format!("No such container: {name}"))
        }
    };
    if task.fields.has_any("constraints") || !is_filled(value) {
        return;
    }
    let said = engine_failed(&said);
    let found = refuse(context, &HOST_FILES, parameter.value_at, Refuser::Docker, said);
    found.effect = Effect::Risky;
    found.message = format!("no container starts on an agent without {what}");
    found.help = Some("leave it out, or place the service on agents that have it by `constraints`".into());
}

/// Reports a group that images do not have by themselves.
pub(super) fn group(parameter: &Parameter<'_>, context: &mut Context<'_>) {
    const USUAL: [&str; 27] = [
        "adm", "audio", "backup", "bin", "cdrom", "daemon", "dialout", "disk", "floppy", "games", "kmem",
        "lp", "mail", "man", "news", "nogroup", "operator", "root", "shadow", "staff", "sys", "tape", "tty",
        "users", "utmp", "video", "www-data",
    ];
    let name = parameter.value.as_ref();
    if name.is_empty() || name.parse::<u32>().is_ok() || USUAL.contains(&name) || !is_filled(name) {
        return;
    }
    let said = engine_failed(&format!("Unable to find group {name}: no matching entries in group file"));
    let found = refuse(context, &HOST_FILES, parameter.value_at, Refuser::Docker, said);
    found.effect = Effect::Risky;
    found.message = format!(
        "no container starts of an image whose /etc/group lacks `{name}`; groups of the agent do not count"
    );
    found.help = Some("write the number of the group, which need not be there".into());
}
