//! Settings of the kernel that a container has only in a namespace of its own (opencontainers/runc,
//! `libcontainer/configs/validate/validator.go`).

use crate::rule::Context;
use crate::rule::agent::runtime_error;
use crate::rule::agent::task::Task;
use crate::target::DockerRelease;

use super::Parameter;
use super::relation::conflict;

/// The release from which on the Docker Engine gives the domain name to the kernel.
const SETS_DOMAIN: DockerRelease = DockerRelease::new(19, 3);

/// Settings of the IPC namespace, as runc knows them.
const OF_IPC: [&str; 8] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

/// Reports settings of namespaces that are the agent's.
pub(super) fn check(task: &Task<'_>, parameters: &[Parameter<'_>], context: &mut Context<'_>) {
    let is_host = |name: &str| parameters.iter().any(|of| of.is(name) && of.value == "host");
    let (ipc, uts) = (is_host("ipc"), is_host("uts"));
    let network = task.network.docker_name() == "host";
    for parameter in parameters.iter().filter(|parameter| parameter.is("sysctl")) {
        let name = parameter.value.split('=').next().unwrap_or_default();
        if network && name.starts_with("net.") {
            let said = format!("sysctl \"{name}\" not allowed in host network namespace");
            conflict(parameter, &runtime_error(&said), context).help =
                Some("remove it, or join a bridge or container network".into());
        } else if ipc && (OF_IPC.contains(&name) || name.starts_with("fs.mqueue.")) {
            let said = format!("sysctl \"{name}\" is not allowed in the hosts ipc namespace");
            conflict(parameter, &runtime_error(&said), context).help =
                Some("remove it, or `ipc`: the setting is the agent's there".into());
        }
    }
    let sets_domain = context.settings.agents.docker.is_none_or(|docker| docker >= SETS_DOMAIN);
    let is_set = |parameter: &&Parameter<'_>| parameter.is("domainname") && !parameter.value.is_empty();
    if let Some(domain) = parameters.iter().find(is_set).filter(|_| uts && sets_domain) {
        let said = "sysctl \"kernel.domainname\" is not in a separate kernel namespace";
        conflict(domain, &runtime_error(said), context).help =
            Some("remove it, or `uts`: the domain name is the agent's there".into());
    }
}
