//! Ids, accounts and executors.

use crate::finding::{Effect, Refuser};
use crate::rule::view::AppView;
use crate::source::Value;
use crate::target::Release;
use crate::util::path::is_within;

use super::{Context, Fields, Rule, is_open, refuse};

static LONG_TASK_ID: Rule =
    Rule::fails("id-too-long-for-a-task", "An id is short enough for the ids of its tasks")
        .why(
            "Marathon makes the id of a task of the service's id, the instance's and the number of its attempt, and the \
             master refuses ids of more than 255 characters. An app's id may have 202 without its first slash (218 up to \
             Marathon 1.7), a pod's id and the name of a container 206 together. (Mesos, `src/common/validation.cpp`).",
        )
        .example("an app whose id has 210 characters");

static USER_NOT_ON_AGENTS: Rule =
    Rule::risky("user-not-on-agents", "The `user` is an account of the agents")
        .why(
            "The sandbox of a task belongs to its `user`, so that the account has to be one of the agent, whatever the \
             image has; a number is no account. Elsewhere each launch fails: `Failed to chown directory`. With the Docker \
             Engine it does not choose who runs in the container: that is the parameter `user`. `[target.agents]` in \
             milepost.toml lists the accounts.",
        )
        .bad(r#"{"id": "/web", "user": "node", "cmd": "serve", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2"}}}"#)
        .good(r#"{"id": "/web", "cmd": "serve", "container": {"type": "DOCKER",
                "docker": {"image": "example/web:1.4.2", "parameters": [{"key": "user", "value": "node"}]}}}"#)
        .setting("--switch_user");

static NO_ACCOUNT: Rule =
    Rule::fails("user-is-no-account", "A `user` is the name of an account")
        .why(
            "The agent looks up `user` by its name to give it the sandbox. A number is no name of an account, nor is an \
             empty text or USER:GROUP: each launch fails. (Mesos, `src/slave/paths.cpp`, `createSandboxDirectory`).",
        )
        .bad(r#"{"id": "/web", "user": "1000", "cmd": "serve"}"#)
        .good(r#"{"id": "/web", "user": "nobody", "cmd": "serve"}"#);

static NO_EXECUTOR: Rule =
    Rule::fails("program-as-executor", "An `executor` is one for Mesos")
        .why(
            "A custom executor talks to the agent by its protocol. A program of the system does not: it ends, and the task \
             with it (`Executor terminated`). One with a relative path is in the sandbox, which is empty where nothing is \
             fetched. `//cmd`, or no `executor` at all, is Mesos's own.",
        )
        .bad(r#"{"id": "/job", "cmd": "./run", "executor": "/bin/sh"}"#)
        .good(r#"{"id": "/job", "cmd": "./run"}"#);

pub(super) static RULES: &[&Rule] = &[&LONG_TASK_ID, &USER_NOT_ON_AGENTS, &NO_ACCOUNT, &NO_EXECUTOR];

/// `MAX_ID_LENGTH` of Mesos.
const LONGEST_ID: usize = 255;

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    // `.instance-UUID._app.1`, and before Marathon 1.8 `.UUID`.
    let more = if context.release() >= Release::V1_8 { 53 } else { 37 };
    let length = app.id.to_string().trim_start_matches('/').len();
    if length + more > LONGEST_ID {
        long_id(app.fields.at("id"), LONGEST_ID - more, context);
    }
    if let Some(at) = app.fields.get("user") {
        user(at, context);
    }
    if let Some(at) = app.fields.get("executor") {
        let is_sandbox_empty =
            !app.fields.has_any("fetch") && !app.fields.has_any("uris") && app.container.is_none();
        executor(at, is_sandbox_empty, context);
    }
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    /// `.instance-UUID.` and `.1`
    const MORE: usize = 49;
    let id = pod.text("id").unwrap_or_default();
    let length = id.trim_start_matches('/').len();
    let names = pod.list("containers").filter_map(|container| container.get("name")?.as_str());
    let name = names.map(|name| name.len()).max().unwrap_or_default();
    if length + MORE + name > LONGEST_ID {
        long_id(pod.at("id"), (LONGEST_ID - MORE).saturating_sub(name), context);
    }
    // Marathon itself refuses this one without a name.
    let of_pod = pod.get("user").filter(|user| !user.is_str(""));
    for at in pod.list("containers").filter_map(|container| container.get("user")).chain(of_pod) {
        user(at, context);
    }
}

fn long_id(at: Value<'_>, most: usize, context: &mut Context<'_>) {
    let said = "ID must not be greater than 255 characters";
    let found = refuse(context, &LONG_TASK_ID, at, Refuser::Master, said);
    found.message =
        "the Mesos master refuses every task: the ids that Marathon makes of this one are too long".into();
    found.help = Some(format!("give it at most {most} characters, without the first slash").into());
}

/// Accounts that agents have: those of Linux, of the systems and clouds that DC/OS runs on (the packages `base-passwd` and
/// `setup`), and of their services.
const USUAL: &[&str] = &[
    "_apt",
    "adm",
    "admin",
    "azureuser",
    "backup",
    "bin",
    "centos",
    "chrony",
    "core",
    "daemon",
    "dbus",
    "debian",
    "docker",
    "ec2-user",
    "ftp",
    "games",
    "gnats",
    "halt",
    "irc",
    "list",
    "lp",
    "mail",
    "man",
    "messagebus",
    "news",
    "nfsnobody",
    "nobody",
    "ntp",
    "operator",
    "polkitd",
    "postfix",
    "proxy",
    "root",
    "rpc",
    "rpcuser",
    "shutdown",
    "sshd",
    "sync",
    "sys",
    "syslog",
    "ubuntu",
    "uucp",
    "vagrant",
    "www-data",
];

/// Reports an account that agents do not have, or may not have.
fn user(at: Value<'_>, context: &mut Context<'_>) {
    let Some(name) = at.as_str().filter(|name| !is_open(name)) else { return };
    if context.settings.agents.switch_user == Some(false) {
        return;
    }
    let said = format!(
        "Failed to create executor directory: Failed to chown directory to '{name}': No such user '{name}'"
    );
    // A colon ends the name in a list of accounts.
    if name.bytes().all(|byte| byte.is_ascii_digit()) || name.contains(':') {
        let found = refuse(context, &NO_ACCOUNT, at, Refuser::Agent, said);
        found.message = format!("no instance starts: agents have no account `{name}`");
        found.help = Some("name an account of the agents, or leave it out".into());
        return;
    }
    let is_known = context.settings.agents.users.as_ref().map(|users| users.iter().any(|user| *user == name));
    let is_usual =
        USUAL.contains(&name.as_ref()) || name.starts_with("dcos_") || name.starts_with("systemd-");
    if is_known == Some(true) || is_usual {
        return;
    }
    let found = refuse(context, &USER_NOT_ON_AGENTS, at, Refuser::Agent, said);
    if is_known.is_some() {
        found.message = format!("no instance starts: `[target.agents]` lists the accounts, and not `{name}`");
    } else {
        found.effect = Effect::Risky;
        found.message =
            format!("no instance starts on an agent without the account `{name}`, whatever the image has");
    }
    found.help = Some(
        "leave it out (the parameter `user` says who runs in a container of the Docker Engine), or list accounts that all \
         agents have as `users` of [target.agents] in milepost.toml"
            .into(),
    );
}

fn executor(at: Value<'_>, is_sandbox_empty: bool, context: &mut Context<'_>) {
    const PLACES: [&str; 4] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];
    let Some(text) = at.as_str().filter(|text| !text.is_empty() && !is_open(text)) else { return };
    let why = if PLACES.iter().any(|place| is_within(&text, place)) {
        "is a program of the system, and no executor for Mesos"
    } else if is_sandbox_empty && !text.starts_with('/') {
        "is a file of the sandbox, and nothing is fetched"
    } else {
        return;
    };
    let found = refuse(context, &NO_EXECUTOR, at, Refuser::Executor, "Executor terminated");
    found.message = format!("no instance starts: `{text}` {why}");
    found.help = Some("leave `executor` out; what to run is `cmd`".into());
}
