//! What agents allow of `linuxInfo`: the profile of system calls, and the agent's own shared memory.

use crate::finding::{Effect, Refuser};
use crate::rule::view::AppView;
use crate::schema::table;
use crate::target::Release;

use super::task::Task;
use super::{Context, Fields, Rule, is_open, refuse};

static UNKNOWN_PROFILE: Rule =
    Rule::risky("unknown-seccomp-profile", "Agents have the seccomp profile that a container names")
        .why(
            "A profile is a file on each agent, in the directory of `--seccomp_config_dir`. DC/OS puts one there, \
             `default.json`. Where another is not there, each launch fails: `Failed to read Seccomp profile file`. \
             `[target.agents]` in milepost.toml lists the profiles. (Mesos, `isolators/linux/seccomp.cpp`).",
        )
        .bad(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS",
                "linuxInfo": {"seccomp": {"profileName": "web.json"}}}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "MESOS",
                "linuxInfo": {"seccomp": {"profileName": "default.json"}}}}"#)
        .setting("--seccomp_config_dir");

static AGENT_IPC: Rule =
    Rule::fails("shared-memory-of-agent", "The shared memory of an agent is used where agents allow it")
        .why(
            "The parent of an app or a pod is the agent: with the mode SHARE_PARENT it shares the memory of the agent and \
             its processes. Agents with `--disallow_sharing_agent_ipc_namespace` refuse that; `[target.agents]` in \
             milepost.toml says so (`share-ipc = false`), and --target-from reads it from an agent. A container of a pod \
             shares the memory of its pod, which is allowed. (Mesos, `isolators/namespaces/ipc.cpp`).",
        )
        .example("an app whose `ipcInfo` has the mode SHARE_PARENT, with share-ipc = false in [target.agents]")
        .setting("--disallow_sharing_agent_ipc_namespace");

pub(super) static RULES: &[&Rule] = &[&UNKNOWN_PROFILE, &AGENT_IPC];

/// What the agents must have for an app. The Docker Engine is told nothing of it.
pub(super) fn app(app: &AppView<'_>, task: &Task<'_>, context: &mut Context<'_>) {
    let container = app.container.as_ref().and_then(|container| container.fields.as_ref());
    let Some(container) = container.filter(|_| !task.is_docker()) else { return };
    profile(container, context);
    shared_memory(container, context);
}

/// What the agents must have for a pod: the executor has the shared memory, a container its profile.
pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    shared_memory(pod, context);
    for container in pod.list("containers") {
        profile(&Fields::of(container, &table::POD_CONTAINER), context);
    }
}

fn profile(container: &Fields<'_>, context: &mut Context<'_>) {
    /// The one of DC/OS, and of Mesos's examples.
    const USUAL: &str = "default.json";
    let agents = &context.settings.agents;
    // Without the isolator there are no profiles, and older releases send none.
    if context.release() < Release::V1_8 || !agents.may_have_isolator(&["linux/seccomp"]) {
        return;
    }
    let seccomp = container.object("linuxInfo", &table::LINUX_INFO).and_then(|info| info.get("seccomp"));
    let Some(at) = seccomp.and_then(|seccomp| seccomp.get("profileName")) else { return };
    let Some(name) = at.as_str().filter(|name| !is_open(name)) else { return };
    let is_known = agents.seccomp_profiles.as_ref().map(|all| all.iter().any(|profile| *profile == name));
    if is_known.unwrap_or(name == USUAL) {
        return;
    }
    let said = format!(
        "Failed to launch container: Failed to read Seccomp profile file '…/{name}': No such file or directory"
    );
    let found = refuse(context, &UNKNOWN_PROFILE, at, Refuser::Agent, said);
    if is_known.is_some() {
        found.message =
            format!("no instance starts: `[target.agents]` lists the seccomp profiles, and not `{name}`");
    } else {
        found.effect = Effect::Risky;
        found.message = format!("no instance starts on an agent without the seccomp profile `{name}`");
    }
    found.help = Some(
        "name a profile that agents have, or list theirs as `seccomp-profiles` of [target.agents] in milepost.toml"
            .into(),
    );
}

fn shared_memory(parent: &Fields<'_>, context: &mut Context<'_>) {
    let agents = &context.settings.agents;
    if agents.share_ipc != Some(false) || !agents.may_have_isolator(&["namespaces/ipc"]) {
        return;
    }
    let info = parent.object("linuxInfo", &table::LINUX_INFO);
    let Some(ipc) = info.and_then(|info| info.object("ipcInfo", &table::IPC_INFO)) else { return };
    if ipc.word("mode") != Some("SHARE_PARENT") {
        return;
    }
    let said =
        "Failed to launch container: Sharing agent IPC namespace with top-level container is not allowed";
    let found = refuse(context, &AGENT_IPC, ipc.at("mode"), Refuser::Agent, said);
    found.message = "no instance starts: these agents do not share their memory with a service".into();
    found.help = Some("write \"mode\": \"PRIVATE\", with the `shmSize` that is needed".into());
}
