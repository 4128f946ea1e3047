//! Parameters that Docker refuses beside other options: those that Mesos writes itself, and each other.

use std::net::IpAddr;

use crate::finding::{Effect, Finding, Refuser};
use crate::rule::agent::task::{Limit, Program, Task, is_network_of_docker};
use crate::rule::agent::{docker_run_failed, engine_error, engine_failed, refuse};
use crate::rule::{Context, Rule};
use crate::target::{DockerRelease, Release};

use super::{Parameter, host, is_filled, namespace, number, terminal};

pub(super) static NAME: Rule =
    Rule::fails("parameter-name", "No parameter names the container")
        .why(
            "Mesos names its containers itself, and its master refuses a task with the parameter `name`. (Mesos, \
             `src/common/validation.cpp`, 1.6 and later.) A name inside of the container is `hostname`; other services find \
             it by a VIP or by Mesos-DNS.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "name", "value": "web"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "hostname", "value": "web"}]}}}"#)
        .since(Release::V1_7);

pub(super) static NETWORK: Rule =
    Rule::fails("parameter-network", "No parameter names a network")
        .why(
            "Mesos always writes `--net` for the network of the app. Docker 19.03 and later refuses a container with two, \
             whatever the second one is; from 25 on it takes two user-defined ones. (Mesos, `src/docker/docker.cpp`; docker/cli, `opts/network.go`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "net", "value": "dcos"}]}}, "networks": [{"mode": "container/bridge"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"}},
                "networks": [{"mode": "container", "name": "dcos"}]}"#)
        .setting("[target.agents] docker");

pub(super) static CONFLICT: Rule =
    Rule::fails("parameter-conflict", "Parameters agree with the network, the memory and each other")
        .why(
            "Docker refuses a container whose options contradict each other: addresses, links and aliases on a network that \
             is not user-defined, swap below memory, `restart` beside `rm`, `sysctl` or `domainname` for a namespace that is the \
             agent's (`ipc`, `uts` or the network is host). Mesos writes `--net` and `--memory` itself. (moby, \
             `daemon/daemon_unix.go`, `daemon/oci_utils.go`, `runconfig/`; opencontainers/runc, \
             `libcontainer/configs/validate/validator.go`).",
        )
        .bad(r#"{"id": "/web", "mem": 512, "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "memory-swap", "value": "256m"}]}}}"#)
        .good(r#"{"id": "/web", "mem": 512, "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "memory-swap", "value": "1g"}]}}}"#);

pub(super) static ENDS: Rule =
    Rule::fails("parameter-ends-task", "`docker run` waits for the container")
        .why(
            "With `detach` `docker run` returns as soon as the container runs, with `help` it only prints a text. Mesos takes \
             that for the end of the task, and Marathon starts it again and again. (Mesos, `src/docker/executor.cpp`).",
        )
        .aliases(&["parameter-detach"])
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "detach", "value": "true"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"}}}"#);

pub(super) static ENTRYPOINT: Rule =
    Rule::fails("parameter-entrypoint", "An entry point is one program, and goes with `args`")
        .why(
            "`entrypoint` is the path of one program: Docker splits no blanks. An empty one leaves nothing to run, or the \
             `-c` that Mesos writes before `cmd`. Arguments are `args`. (Mesos, `src/docker/docker.cpp`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "entrypoint", "value": "/bin/sh -c"}]}}}"#)
        .good(r#"{"id": "/web", "args": ["-c", "serve"], "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2", "parameters": [{"key": "entrypoint", "value": "/bin/sh"}]}}}"#);

pub(super) static CPUS: Rule =
    Rule::risky("parameter-cpus", "Mesos alone bounds the CPUs of a container")
        .why(
            "Agents with `--cgroups_enable_cfs`, as DC/OS runs them, write `--cpu-quota` for each container, and Docker \
             refuses `--cpus` beside it. `cpus` of the app is the bound there; from Marathon 1.10 on \
             `resourceLimits.cpus` is another one. (Mesos, `src/docker/docker.cpp`; moby, `daemon/daemon_unix.go`).",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2",
                "parameters": [{"key": "cpus", "value": "0.5"}]}}}"#)
        .good(r#"{"id": "/web", "cpus": 0.5, "container": {"type": "DOCKER", "docker": {"image": "example/web:1.4.2"}}}"#)
        .setting("--cgroups_enable_cfs");

/// Checks parameters, whose values Docker takes, beside each other.
pub(super) fn check(task: &Task<'_>, parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    for parameter in parameters {
        match parameter.option.name {
            "name" => name(parameter, context),
            "net" | "network" => network(task, parameter, context),
            "detach" | "help" if parameter.is_on(parameter.option.name) => ends(parameter, context),
            "entrypoint" => entrypoint(task, parameter, context),
            "cpus" => cpus(task, parameter, context),
            "link" | "network-alias" | "net-alias" | "ip" | "ip6" | "mac-address" => {
                address(task, parameter, context);
            }
            "env-file" | "label-file" | "mount" | "security-opt" | "device" => {
                host::file(task, parameter, context);
            }
            "cpuset-cpus" => host::cpu_set(task, parameter, context),
            "ipc" | "pid" if parameter.value.starts_with("container:") => {
                host::of_the_agent(task, parameter, context);
            }
            "group-add" => host::group(parameter, context),
            "runtime" | "gpus" | "volumes-from" => host::of_the_agent(task, parameter, context),
            name if name.starts_with("health-") && parameter.value.starts_with('-') => {
                let said = format!("docker: --{name} cannot be negative.");
                conflict(parameter, &said, context).help =
                    Some("write what is not negative, or leave it out".into());
            }
            _ => {}
        }
    }
    pairs(parameters, context);
    namespace::check(task, parameters, context);
    terminal::check(parameters, context);
    memory(task, parameters, context);
    super::log::check(parameters, context);
}

pub(super) fn conflict<'c>(
    parameter: &Parameter<'_>,
    said: &str,
    context: &'c mut Context<'_>,
) -> &'c mut Finding {
    let found = refuse(context, &CONFLICT, parameter.value_at, Refuser::Docker, docker_run_failed(said));
    let why = said.trim_start_matches("docker: ").trim_start_matches("Error response from daemon: ");
    found.message = format!(
        "Docker creates no container with this `--{}`: {}",
        parameter.option.name,
        why.trim_end_matches('.')
    );
    found.help = Some("remove it, or what it contradicts".into());
    found
}

fn name(parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let said = "Task's `ContainerInfo` is invalid: Parameter in DockerInfo must not be 'name'";
    let found = refuse(context, &NAME, parameter.key_at, Refuser::Master, said);
    found.message =
        "the Mesos master refuses every task with the parameter `name`: Mesos names the container".into();
    found.help = Some("remove it; `hostname` is the name inside of the container".into());
}

/// The release from which on the command line takes several networks, and checks them.
const SEVERAL_NETWORKS: DockerRelease = DockerRelease::new(19, 3);

/// The release from which on a container joins several networks when it is created.
const JOINS_SEVERAL: DockerRelease = DockerRelease::new(25, 0);

fn network(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let docker = context.settings.agents.docker;
    if docker.is_some_and(|docker| docker < SEVERAL_NETWORKS) {
        return;
    }
    let own = task.network.docker_name();
    // The long form: `name=web,alias=db`.
    let value =
        parameter.value.split(',').find_map(|field| field.strip_prefix("name=")).unwrap_or(&parameter.value);
    let is_of_docker = is_network_of_docker(value) || value.starts_with("container:");
    if value != own
        && !is_of_docker
        && task.network.is_user_defined()
        && docker.is_some_and(|docker| docker >= JOINS_SEVERAL)
    {
        return;
    }
    let said = if value == own {
        format!("docker: network {value:?} is specified multiple times.")
    } else if is_of_docker != task.network.is_user_defined() {
        engine_error(&format!("Container cannot be connected to network endpoints: {own}, {value}"))
    } else {
        "docker: conflicting options: cannot attach both user-defined and non-user-defined network-modes."
            .to_owned()
    };
    // Docker 19.03 came with DC/OS 2.0.
    let is_certain = context.settings.agents.docker.is_some() || context.release() >= Release::V1_9;
    let found = refuse(context, &NETWORK, parameter.key_at, Refuser::Docker, docker_run_failed(&said));
    if !is_certain {
        found.effect = Effect::Risky;
    }
    found.message = format!(
        "Docker creates no container with this: Mesos writes `--net {own}` already, for the app's network"
    );
    found.help = Some("say it by `networks`: host, container/bridge, or container with a name".into());
}

fn ends(parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let found = refuse(context, &ENDS, parameter.key_at, Refuser::Executor, "Container exited with status 0");
    found.message =
        format!("with `--{}` the task ends as soon as it starts, again and again", parameter.option.name);
    found.help = Some("remove it".into());
}

fn entrypoint(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let value = parameter.value.as_ref();
    let is_shell = matches!(task.program, Program::Shell(_));
    if !is_filled(value) {
        return;
    }
    let (message, said) = if value.is_empty() {
        match task.program {
            Program::Shell(_) => (
                "with an empty entry point Docker runs the `-c` that Mesos writes before `cmd`",
                "Container exited with status 127; stderr: docker: Error response from daemon: exec: \"-c\": executable file \
                 not found in $PATH"
                    .to_owned(),
            ),
            Program::Image => (
                "with an empty entry point Docker has nothing to run: it drops the command of the image, too",
                engine_failed("No command specified"),
            ),
            Program::Arguments { .. } => return,
        }
    } else if value.contains(' ') || serde_json::from_str::<Vec<String>>(value).is_ok() {
        (
            "Docker takes the whole text for the path of one program",
            format!(
                "Container exited with status 127; stderr: docker: Error response from daemon: exec: {value:?}: stat {value}: \
                 no such file or directory"
            ),
        )
    } else {
        return;
    };
    let found = refuse(context, &ENTRYPOINT, parameter.value_at, Refuser::Docker, said);
    found.message = format!("no container starts: {message}");
    found.help = Some(if is_shell {
        "leave it out: `cmd` has a shell of its own".into()
    } else {
        "name one program, and write its arguments as `args`".into()
    });
}

fn cpus(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let has_quota = match task.resources.cpus_limit {
        Limit::Unlimited => Some(false),
        Limit::At(_) => Some(true),
        Limit::Request => context.settings.agents.cfs,
    };
    if has_quota == Some(false) || parameter.value.parse() == Ok(0.0) {
        return;
    }
    let said = engine_failed("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    let found = refuse(context, &CPUS, parameter.key_at, Refuser::Docker, said);
    if has_quota.is_none() {
        found.effect = Effect::Risky;
    }
    found.message =
        "Docker creates no container with this where agents bound CPUs themselves (--cgroups_enable_cfs)"
            .into();
    found.help = Some("remove it: `cpus` of the app is the bound".into());
}

/// Reports what only user-defined networks have.
fn address(task: &Task<'_>, parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let is_alias = parameter.option.name.ends_with("-alias");
    if parameter.value.is_empty() && !is_alias {
        return;
    }
    if task.network.is_user_defined() {
        return malformed_address(parameter, context);
    }
    let said = match parameter.option.name {
        "link" => "docker: links are only supported for user-defined networks.".to_owned(),
        "network-alias" | "net-alias" => {
            "docker: network-scoped aliases are only supported for user-defined networks.".to_owned()
        }
        "mac-address" if task.network.docker_name() == "host" => {
            "docker: conflicting options: mac-address and the network mode.".to_owned()
        }
        "mac-address" => return,
        _ => engine_error("user specified IP address is supported on user defined networks only"),
    };
    conflict(parameter, &said, context).help =
        Some("join a container network; other services are found by a VIP or by Mesos-DNS".into());
}

/// Reports an address that is none; one that Docker cannot give is known on the agent only (moby `daemon/create.go`).
fn malformed_address(parameter: &Parameter<'_>, context: &mut Context<'_>) {
    let value = parameter.value.as_ref();
    // Go writes an address of IPv4 in the form of IPv6, too, and takes it for one of IPv4.
    let version = match (parameter.option.name, value.parse::<IpAddr>().map(|address| address.to_canonical()))
    {
        ("ip", Ok(IpAddr::V4(_))) | ("ip6", Ok(IpAddr::V6(_))) => return,
        ("ip", _) => "IPv4",
        ("ip6", _) => "IPv6",
        _ => return,
    };
    if is_filled(value) {
        let said = engine_error(&format!("invalid {version} address: {value}"));
        conflict(parameter, &said, context).help = Some(
            format!("write an {version} address of the network, or leave it out: the network gives one")
                .into(),
        );
    }
}

/// Options of which Docker takes one of two.
fn pairs(parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    let find = |name: &str| parameters.iter().rfind(|parameter| parameter.is(name));
    let is_on = |name: &str| find(name).is_some_and(|last| last.is_on(name));
    if let Some(restart) = find("restart").filter(|restart| !matches!(restart.value.as_ref(), "" | "no"))
        && is_on("rm")
    {
        conflict(restart, "docker: Conflicting options: --restart and --rm.", context);
    }
    if let (Some(hostname), Some(uts)) = (find("hostname"), find("uts"))
        && uts.value == "host"
        && !hostname.value.is_empty()
    {
        conflict(hostname, &engine_error("conflicting options: hostname and the UTS mode"), context);
    }
    let health = parameters.iter().find(|parameter| parameter.option.name.starts_with("health-"));
    if let Some(health) = health.filter(|_| is_on("no-healthcheck")) {
        conflict(health, "docker: --no-healthcheck conflicts with --health-* options.", context);
    }
}

fn memory(task: &Task<'_>, parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    /// The release that raised the least memory.
    const RAISED: DockerRelease = DockerRelease::new(20, 10);
    let is_old = context.settings.agents.docker.is_some_and(|docker| docker < RAISED);
    let (minimum, shown) =
        if is_old { (number::LEAST_MEMORY_BEFORE, "4MB") } else { (number::LEAST_MEMORY, "6MB") };
    let find = |name: &str| {
        let found = parameters.iter().rfind(|parameter| parameter.is(name) && is_filled(&parameter.value))?;
        Some((found, number::size(&found.value).unwrap_or(-1.0)))
    };
    let own = find("memory");
    let limit = own.map_or_else(
        || if task.resources.are_known { task.resources.docker_memory() } else { None },
        |(_, bytes)| (bytes > 0.0).then_some(bytes),
    );
    if let Some((parameter, bytes)) = own.filter(|(_, bytes)| *bytes > 0.0)
        && bytes < minimum
    {
        conflict(parameter, &engine_error(&format!("Minimum memory limit allowed is {shown}")), context)
            .help = Some("write more, or leave it out: `mem` of the app is the bound".into());
    }
    let has_no_limit = limit.is_none() && task.resources.are_known;
    if let Some((parameter, _)) = find("memory-swap").filter(|(_, bytes)| *bytes > 0.0 && has_no_limit) {
        let said =
            engine_error("You should always set the Memory limit when using Memoryswap limit, see usage");
        conflict(parameter, &said, context).help = Some("write `memory`, too, or leave it out".into());
    }
    if let Some((parameter, bytes)) = find("memory-swap").filter(|(_, bytes)| *bytes > 0.0)
        && limit.is_some_and(|limit| bytes < limit)
    {
        let said = engine_error("Minimum memoryswap limit should be larger than memory limit, see usage");
        conflict(parameter, &said, context).help =
            Some("it counts memory and swap together: write at least the memory, or -1 for no bound".into());
    }
    let reservation = find("memory-reservation");
    // Beside a limit of its own Mesos reserves what the task asks for.
    if let (Some((parameter, bytes)), None) = (own.filter(|(_, bytes)| *bytes >= minimum), reservation)
        && task.resources.docker_reservation().is_some_and(|reserved| bytes < reserved)
    {
        let said =
            engine_error("Minimum memory limit can not be less than memory reservation limit, see usage");
        conflict(parameter, &said, context).help =
            Some("leave it out: `resourceLimits.mem` is the bound, and `mem` is reserved".into());
    }
    if let Some((parameter, bytes)) = reservation.filter(|(_, bytes)| *bytes > 0.0) {
        if limit.is_some_and(|limit| bytes > limit) {
            let said =
                engine_error("Minimum memory limit can not be less than memory reservation limit, see usage");
            conflict(parameter, &said, context).help =
                Some("write at most the memory, or leave it out".into());
        } else if bytes < minimum {
            conflict(
                parameter,
                &engine_error(&format!("Minimum memory reservation allowed is {shown}")),
                context,
            )
            .help = Some("write more, or leave it out".into());
        }
    }
    if let Some((parameter, bytes)) = find("kernel-memory").filter(|(_, bytes)| *bytes > 0.0)
        && bytes < minimum
    {
        conflict(
            parameter,
            &engine_error(&format!("Minimum kernel memory limit allowed is {shown}")),
            context,
        )
        .help = Some("write more, or leave it out".into());
    }
}
