//! Resources that Mesos refuses.

use crate::finding::Refuser;
use crate::rule::view::AppView;
use crate::source::Value;

use super::task::{Limit, Task, TaskNetwork};
use super::{Context, Fields, Rule, refuse};

static NO_RESOURCES: Rule =
    Rule::fails("no-resources", "A task uses some resource")
        .why(
            "The master refuses a task with no CPUs, memory, disk, GPUs and ports: `Task uses no resources`. The ports of a \
             pod belong to its executor, and do not count for its containers. (Mesos, `src/master/validation.cpp`).",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "cpus": 0, "mem": 0, "portDefinitions": []}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "cpus": 0.1, "mem": 32, "portDefinitions": []}"#);

static TINY_RESOURCE: Rule =
    Rule::fails("amount-rounds-to-zero", "An amount of a resource is at least 0.001")
        .why(
            "Mesos counts resources in thousandths. The master refuses an amount that it rounds to zero; zero itself is \
             left out. (Mesos, `src/common/resources.cpp`).",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "cpus": 0.0001}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "cpus": 0.001}"#);

static CONTAINER_WITHOUT: Rule =
    Rule::fails("container-without-resource", "A container of a pod has CPUs and memory")
        .why(
            "Under the isolation of cgroups, which DC/OS uses, the agent cannot start a container of a pod without CPUs or \
             without memory: `No cpus resource given`. (Mesos, `isolators/cgroups`).",
        )
        .bad(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0, "mem": 32},
                "exec": {"command": {"shell": "./run"}}}]}"#)
        .good(r#"{"id": "/job", "containers": [{"name": "main", "resources": {"cpus": 0.01, "mem": 32},
                "exec": {"command": {"shell": "./run"}}}]}"#);

static SMALL_EXECUTOR: Rule =
    Rule::fails("pod-executor-too-small", "The executor of a pod has at least 0.01 CPUs")
        .why(
            "The master refuses an executor with fewer than 0.01 CPUs, and all containers of the pod with it. (Mesos, \
             `src/master/validation.cpp`, `MIN_CPUS`).",
        )
        .bad(r#"{"id": "/job", "executorResources": {"cpus": 0.001, "mem": 32, "disk": 10},
                "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"shell": "./run"}}}]}"#)
        .good(r#"{"id": "/job", "executorResources": {"cpus": 0.01, "mem": 32, "disk": 10},
                "containers": [{"name": "main", "resources": {"cpus": 0.1, "mem": 32},
                "exec": {"command": {"shell": "./run"}}}]}"#);

static LIMIT_WITHOUT_REQUEST: Rule =
    Rule::fails("limit-without-request", "A limit of a resource has a request for it")
        .why(
            "The master refuses a limit on CPUs or memory of a task that asks for none. (Mesos, \
             `src/master/validation.cpp`, 1.10 and later).",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "cpus": 0, "resourceLimits": {"cpus": 1}}"#)
        .good(r#"{"id": "/job", "cmd": "./run", "cpus": 0.1, "resourceLimits": {"cpus": 1}}"#)
        .since(crate::target::Release::V1_10);

static MANY_CPUS: Rule = Rule::fails(
    "cpus-beyond-docker",
    "A container of the Docker Engine has at most 256 CPUs",
)
.why(
    "Mesos gives the Docker Engine 1,024 shares for each CPU, and Linux takes 262,144 of them. (Mesos, \
             `src/docker/docker.cpp`).",
)
.bad(
    r#"{"id": "/job", "cmd": "./run", "cpus": 500, "container": {"type": "DOCKER",
                "docker": {"image": "example/job:1.4.2"}}}"#,
)
.good(
    r#"{"id": "/job", "cmd": "./run", "cpus": 5, "container": {"type": "DOCKER",
                "docker": {"image": "example/job:1.4.2"}}}"#,
);

pub(super) static RULES: &[&Rule] =
    &[&NO_RESOURCES, &TINY_RESOURCE, &CONTAINER_WITHOUT, &SMALL_EXECUTOR, &LIMIT_WITHOUT_REQUEST, &MANY_CPUS];

/// What Mesos rounds to 0: it counts in thousandths.
const LEAST: f64 = 0.0005;

pub(super) fn app(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let resources = task.resources;
    if resources.are_known && uses_nothing(task) && !has_ports(app, task) {
        nothing(app.fields.at("cpus"), context);
    }
    amounts(&app.fields, context);
    limits(task, &app.fields, context);
    if task.is_docker() && resources.cpus > 256.0 {
        let said = "Container exited with status 125; stderr: docker: Error response from daemon: failed to create shim task: \
                    OCI runtime create failed: the maximum allowed cpu-shares is 262144";
        let found = refuse(context, &MANY_CPUS, app.fields.at("cpus"), Refuser::Docker, said);
        found.message = "Docker creates no container with this many CPUs: Linux takes at most 256".into();
        found.help = Some("`cpus` counts whole CPUs, not thousandths".into());
    }
}

pub(super) fn container(task: &Task<'_>, context: &mut Context<'_>) {
    let Some(object) = task.fields.get("resources") else { return };
    let resources = Fields::of(object, &crate::schema::table::RESOURCES);
    amounts(&resources, context);
    limits(task, &resources, context);
    if uses_nothing(task) {
        return nothing(object, context);
    }
    for (name, amount) in [("cpus", task.resources.cpus), ("mem", task.resources.mem)] {
        let (what, subsystem) = if name == "cpus" { ("cpus", "cpu") } else { ("memory", "memory") };
        let isolator = if name == "cpus" { "cgroups/cpu" } else { "cgroups/mem" };
        if amount > 0.0 || !context.settings.agents.may_have_isolator(&[isolator, "cgroups/all"]) {
            continue;
        }
        let said = format!(
            "Failed to update subsystems: Failed to update subsystem '{subsystem}': No {what} resource given"
        );
        let found = refuse(context, &CONTAINER_WITHOUT, resources.at(name), Refuser::Agent, said);
        found.message =
            format!("no instance starts: the agent cannot run a container of a pod with no {what}");
        found.help = Some("ask for a little of it".into());
    }
}

/// Whether the task has ports of the agent. On a bridge network each mapping has one.
fn has_ports(app: &AppView<'_>, task: &Task<'_>) -> bool {
    let is_bridge = matches!(task.network, TaskNetwork::Bridge);
    match &app.port_definitions {
        Some(definitions) => !definitions.is_empty(),
        None => app.port_mappings().any(|mapping| is_bridge || mapping.has_host_port),
    }
}

fn uses_nothing(task: &Task<'_>) -> bool {
    let resources = task.resources;
    [resources.cpus, resources.mem, resources.disk, resources.gpus].iter().all(|amount| *amount <= 0.0)
}

fn nothing(at: Value<'_>, context: &mut Context<'_>) {
    let found = refuse(context, &NO_RESOURCES, at, Refuser::Master, "Task uses no resources");
    found.message = "the Mesos master refuses every task: it asks for no resources".into();
    found.help = Some("ask for a little of one: \"cpus\": 0.01".into());
}

fn amounts(resources: &Fields<'_>, context: &mut Context<'_>) {
    for name in ["cpus", "mem", "disk"] {
        let Some((at, amount)) = resources.get(name).and_then(|at| Some((at, at.as_f64()?))) else {
            continue;
        };
        if amount > 0.0 && amount < LEAST {
            let said =
                format!("Resource '{name}(allocated: *):0' is invalid: Invalid scalar resource: value <= 0");
            let found = refuse(context, &TINY_RESOURCE, at, Refuser::Master, said);
            found.message = format!("the Mesos master refuses every task: it rounds this `{name}` to 0");
            found.help = Some("write 0.001 or more".into());
        }
    }
}

fn limits(task: &Task<'_>, resources: &Fields<'_>, context: &mut Context<'_>) {
    let all = task.resources;
    let pairs = [("cpus", "CPU", all.cpus, all.cpus_limit), ("mem", "memory", all.mem, all.mem_limit)];
    for (name, what, amount, limit) in pairs {
        if limit == Limit::Request || amount > 0.0 || !all.are_known {
            continue;
        }
        let said = format!("When a {what} limit is specified, a {what} request must also be specified");
        let found = refuse(context, &LIMIT_WITHOUT_REQUEST, resources.at(name), Refuser::Master, said);
        found.message =
            format!("the Mesos master refuses every task: it has a limit on `{name}`, and asks for none");
        found.help = Some("ask for a little of it, or remove the limit".into());
    }
}

/// The executor of a pod.
pub(super) fn executor(pod: &Fields<'_>, context: &mut Context<'_>) {
    let Some(at) = pod.get("executorResources").and_then(|resources| resources.get("cpus")) else { return };
    let Some(cpus) = at.as_f64().filter(|cpus| *cpus < 0.01) else { return };
    let said = format!("Executor uses less CPUs ({cpus}) than the minimum required (0.01)");
    let found = refuse(context, &SMALL_EXECUTOR, at, Refuser::Master, said);
    found.message = "the Mesos master refuses every instance: its executor has fewer than 0.01 CPUs".into();
    found.help = Some("write 0.1, the default".into());
}
