//! Moves an app from the Docker Engine to the Universal Container Runtime, if nothing in it needs the Docker Engine.
//!
//! Fields that both containerizers have stay as they are. Fields that UCR has in another form (`container.docker.network`,
//! `container.docker.portMappings`, `ipAddress`) are rewritten as Marathon 1.5 … 1.11 reads them. Any other field keeps the
//! app on the Docker Engine, and is reported.

mod split;

use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use crate::definition::{Containerizer, NetworkMode};
use crate::finding::{Effect, Finding};
use crate::source::{Pointer, Type, Value};

use super::Look;
use super::archive::shown;
use super::container::{self, ContainerRef};
use super::definitions::{self, LocatedService};
use super::dropped::{self, ArchiveReader, Contents, contents};
use super::plan::{RefusalReason, WireChange, WirePlan, WireRefusal};
use super::rules;
use super::secret::{self, Secret};

/// Plans the move.
///
/// # Errors
/// Everything in the app that keeps it on the Docker Engine.
pub(super) fn plan(
    definition: &LocatedService<'_>,
    container: &ContainerRef<'_>,
    look: fn(&str) -> Look,
) -> Result<WirePlan, WireRefusal> {
    let pointer = definition.pointer.key("container");
    let mut blockers = Blockers { name: definition.name(), found: Vec::new() };
    let mut plan = WirePlan::default();
    plan.changes.push(WireChange::Set(pointer.key("type"), Json::from(Containerizer::Mesos.word())));
    docker_options(&container.docker, &pointer.key("docker"), &mut blockers);
    networks(definition, container, &mut plan, &mut blockers);
    port_mappings(container, &pointer, &mut plan, &mut blockers);
    split::udp_and_tcp(definition, container, &mut plan, &mut blockers);
    volumes(container, &pointer, &mut plan, &mut blockers);
    arguments(definition, &mut plan);
    health_checks(definition, &mut blockers);
    if !blockers.found.is_empty() {
        return Err(WireRefusal::NotFor(blockers.found));
    }
    plan.done.push("moved to the Universal Container Runtime".to_owned());
    dropped::drop_of_app(definition, look, ArchiveReader::WasDockerEngine, &mut plan);
    if let Some(info) = definitions::get(&container.value, "linuxInfo") {
        let message =
            format!("`linuxInfo` of {}, which the Docker Engine ignores, now takes effect", blockers.name);
        plan.note(info.range().start, message);
    }
    Ok(plan)
}

/// Plans the move of an app, which then pulls its image with `secret`, whatever archive it fetches now. Returns the plan
/// and whether there is a secret; `None` for a definition that does not run on the Docker Engine.
pub(super) fn alone(
    definition: &LocatedService<'_>,
    secret: Option<&Secret>,
    look: fn(&str) -> Look,
) -> Option<Result<(WirePlan, bool), WireRefusal>> {
    if definition.is_pod {
        return None;
    }
    let container = container::of(definition)
        .ok()
        .filter(|container| container.containerizer == Containerizer::Docker)?;
    let archive = ["fetch", "uris"].into_iter().find_map(|list| {
        let mut entries = definition.get(list).into_iter().flat_map(|list| list.elements());
        entries.find_map(|entry| match contents(&entry, look)? {
            (uri, Contents::Credentials | Contents::Called) => Some((entry, uri)),
            _ => None,
        })
    });
    Some(plan(definition, &container, look).and_then(|mut plan| match (archive, secret) {
        (None, None) => Ok((plan, false)),
        (_, Some(secret)) => {
            secret::pull_with(definition, &container, secret, &mut plan)?;
            Ok((plan, true))
        }
        (Some((archive, uri)), None) => Err(WireRefusal::not_for(RefusalReason {
            rule: &crate::rule::ARCHIVE_ON_UCR,
            effect: Effect::Ignored,
            pointer: definition.pointer.clone(),
            range: archive.range(),
            message: format!(
                "{} pulls its image with the credentials in {}, which UCR does not read",
                definition.name(),
                shown(&uri)
            ),
            help: "put its config.json into the secret store, and name it with --secret PATH".to_owned(),
        })),
    }))
}

/// Findings on fields that keep an app on the Docker Engine.
struct Blockers {
    name: String,
    found: Vec<Finding>,
}

impl Blockers {
    fn add(&mut self, pointer: Pointer, range: Range<usize>, what: &str, help: &str) {
        let message = format!("{} cannot leave the Docker Engine: {what}", self.name);
        let help = help.to_owned();
        let rule = &rules::NEEDS_DOCKER_ENGINE;
        let reason = RefusalReason { rule, effect: Effect::Ignored, pointer, range, message, help };
        self.found.push(reason.into_finding());
    }
}

/// Options of `docker run` that UCR does not have.
fn docker_options(docker: &Value<'_>, pointer: &Pointer, blockers: &mut Blockers) {
    let parameters = definitions::get(docker, "parameters").into_iter().flat_map(|list| list.elements());
    for (index, parameter) in parameters.enumerate() {
        let key = parameter.get("key").and_then(|key| key.as_str()).unwrap_or_default();
        // Some write the option with its dashes, which Mesos adds.
        let key = key.trim_start_matches('-').to_owned();
        let range = parameter
            .get("key")
            .map_or_else(|| definitions::key_range(docker, "parameters"), |key| key.range());
        let pointer = pointer.key("parameters").index(index);
        blockers.add(pointer, range, &format!("it passes --{key} to `docker run`"), counterpart(&key));
    }
    if let Some(privileged) =
        definitions::get(docker, "privileged").filter(|value| value.as_bool() == Some(true))
    {
        let help = "on the Universal Container Runtime Marathon drops `privileged` silently";
        blockers.add(pointer.key("privileged"), privileged.range(), "it is privileged", help);
    }
    if definitions::get(docker, "credential").is_some() {
        let help = "Marathon rejects it on both containerizers since 1.5: remove it";
        let range = definitions::key_range(docker, "credential");
        blockers.add(pointer.key("credential"), range, "it has a `docker.credential`", help);
    }
}

/// The counterpart of an option of `docker run` in a definition for UCR, as help.
fn counterpart(option: &str) -> &'static str {
    match option {
        "env" | "e" => "write it in `env`, and remove it here",
        "label" | "l" => {
            "write it in `labels` if Marathon should know it, and remove it here: UCR does not label containers"
        }
        "volume" | "v" | "mount" => "write it in `container.volumes`, and remove it here",
        "user" | "u" => {
            "an account of the agents can be the app's `user`, a number cannot; without either UCR runs the program as root: \
             remove it here"
        }
        "net" | "network" => "write it in `networks`, and remove it here",
        "publish" | "p" => "write it in `container.portMappings`, and remove it here",
        "entrypoint" => "write the whole command as `cmd`, and remove it here",
        "tty" | "t" => "write \"tty\": true, and remove it here (Marathon 1.5 and later)",
        "memory" | "m" => "write it as `mem`, and remove it here",
        "cpus" | "cpu-shares" | "c" => "write it as `cpus`, and remove it here",
        "ipc" | "shm-size" => {
            "write it as `container.linuxInfo.ipcInfo`, and remove it here (Marathon 1.9 and later)"
        }
        "security-opt" => {
            "for seccomp write `container.linuxInfo.seccomp`, and remove it here (Marathon 1.8 and later); else UCR has no \
             counterpart"
        }
        "hostname" | "h" => "UCR has no counterpart: the container is named by Mesos",
        "log-driver" | "log-opt" => {
            "UCR has no counterpart: Mesos writes the logs, as the agents are configured"
        }
        "dns" | "dns-search" | "add-host" => {
            "UCR has no counterpart: the agents and their CNI networks decide that"
        }
        _ => "UCR has no counterpart: remove it if the app does not need it",
    }
}

/// Rewrites old networking as `networks`, like Marathon's own migration.
fn networks(
    definition: &LocatedService<'_>,
    container: &ContainerRef<'_>,
    plan: &mut WirePlan,
    blockers: &mut Blockers,
) {
    let docker = definition.pointer.key("container").key("docker");
    let old = definitions::get(&container.docker, "network");
    let address = definition.get("ipAddress");
    let new = definition.get("networks").filter(|networks| networks.elements().next().is_some());
    if let Some(new) = new {
        for (index, network) in new.elements().enumerate() {
            let json = network.to_json();
            if let Some(help) = of_docker_itself(&json) {
                let pointer = definition.pointer.key("networks").index(index);
                let what = format!("its network {} is one of the Docker Engine itself", json["name"]);
                blockers.add(pointer, network.range(), &what, help);
            }
            note_network(&json, network.range().start, plan);
        }
    }
    let place = match (&old, &address) {
        (None, None) => {
            // Marathon rejects an explicit null here like any other value.
            if container.docker.get("network").is_some() {
                plan.changes.push(WireChange::Remove(docker.key("network")));
            }
            return;
        }
        (Some(old), _) => old.range(),
        (None, Some(_)) => definitions::key_range(&definition.value, "ipAddress"),
    };
    if new.is_some() {
        let help = "Marathon rejects the old form beside `networks`: remove one of them";
        return blockers.add(docker.key("network"), place, "its network is written twice", help);
    }
    if let Some(discovery) = address.as_ref().and_then(|address| definitions::get(address, "discovery")) {
        let pointer = definition.pointer.key("ipAddress").key("discovery");
        let help = "Marathon rejects it on the Docker Engine as well: remove it";
        return blockers.add(pointer, discovery.range(), "its `ipAddress` has a `discovery`", help);
    }
    let Some(network) = network(old, address) else {
        let written = old.map_or("", |old| old.source());
        let help = "HOST, BRIDGE and USER have a counterpart";
        return blockers.add(docker.key("network"), place, &format!("its network is {written}"), help);
    };
    if let Some(help) = of_docker_itself(&network) {
        let what = format!("its network {} is one of the Docker Engine itself", network["name"]);
        return blockers.add(docker.key("network"), place, &what, help);
    }
    if container.docker.get("network").is_some() {
        plan.changes.push(WireChange::Remove(docker.key("network")));
    }
    if address.is_some() {
        plan.changes.push(WireChange::Remove(definition.pointer.key("ipAddress")));
    }
    note_network(&network, place.start, plan);
    // Host networking is the default.
    if network != json!({ "mode": "host" }) {
        plan.changes.push(WireChange::Set(definition.pointer.key("networks"), json!([network])));
    }
}

/// The network that Marathon 1.5 … 1.11 makes of `docker.network` and `ipAddress`; `None` if it rejects them.
fn network(old: Option<Value<'_>>, address: Option<Value<'_>>) -> Option<Json> {
    let name =
        address.and_then(|address| definitions::get(&address, "networkName")).map(|name| name.to_json());
    let labels =
        address.and_then(|address| definitions::get(&address, "labels")).map(|labels| labels.to_json());
    let word = old.map(|old| old.as_str().map(|word| word.to_ascii_uppercase()).unwrap_or_default());
    let mode = NetworkMode::of_deprecated(word.as_deref(), name.as_ref().and_then(Json::as_str))?;
    let name = name.filter(|_| mode == NetworkMode::Container);
    let labels = labels.filter(|_| mode != NetworkMode::Host);
    let mut network = Map::new();
    network.insert("mode".to_owned(), Json::from(mode.word()));
    network.extend(name.map(|name| ("name".to_owned(), name)));
    network.extend(labels.map(|labels| ("labels".to_owned(), labels)));
    Some(network.into())
}

/// What to write for a container network that only the Docker Engine has; it takes the names of its own networks for modes.
fn of_docker_itself(network: &Json) -> Option<&'static str> {
    if matches!(network["mode"].as_str(), Some("host" | "container/bridge")) {
        return None;
    }
    match network["name"].as_str()? {
        "host" => Some("write {\"mode\": \"host\"}, and the ports as `portDefinitions`"),
        "bridge" | "default" => Some("write {\"mode\": \"container/bridge\"}"),
        "none" => Some("UCR has no counterpart: name a network that agents have"),
        _ => None,
    }
}

/// Notes that a network name means a Docker network on one containerizer and a CNI network on the other.
fn note_network(network: &Json, offset: usize, plan: &mut WirePlan) {
    match (network["mode"].as_str(), network["name"].as_str()) {
        (Some("host"), _) => {}
        (Some("container/bridge"), _) => {
            plan.note(
                offset,
                "the agents need the CNI network mesos-bridge for `container/bridge`, which DC/OS has",
            );
        }
        (_, Some(name)) => {
            plan.note(
                offset,
                format!("the agents need a CNI network called {name}; the Docker network is not used"),
            );
        }
        (_, None) => plan.note(offset, "the agents need Marathon's default network as a CNI network"),
    }
}

/// Moves `container.docker.portMappings` up to `container`, where both containerizers have them.
fn port_mappings(
    container: &ContainerRef<'_>,
    pointer: &Pointer,
    plan: &mut WirePlan,
    blockers: &mut Blockers,
) {
    let from = pointer.key("docker").key("portMappings");
    let Some(old) = container.docker.get("portMappings") else {
        return;
    };
    let new = definitions::get(&container.value, "portMappings");
    if old.is_null() || (new.is_some() && old.elements().next().is_none()) {
        plan.changes.push(WireChange::Remove(from));
    } else if old.kind() != Type::Array {
        blockers.add(from, old.range(), "its `docker.portMappings` are not an array", "");
    } else if new.is_some() {
        let range = definitions::key_range(&container.docker, "portMappings");
        let help =
            "Marathon rejects `docker.portMappings` beside `container.portMappings`: remove one of them";
        blockers.add(from, range, "its port mappings are written twice", help);
    } else {
        plan.changes.push(WireChange::Move { from, to: pointer.key("portMappings") });
    }
}

/// Volumes that work on the Docker Engine only, or differently there.
fn volumes(container: &ContainerRef<'_>, pointer: &Pointer, plan: &mut WirePlan, blockers: &mut Blockers) {
    let volumes =
        definitions::get(&container.value, "volumes").into_iter().flat_map(|volumes| volumes.elements());
    let is_absolute = |path: Option<Value<'_>>| {
        path.is_some_and(|path| path.as_str().is_some_and(|path| path.starts_with('/')))
    };
    let mut on_agents = Vec::new();
    let mut offset = container.value.range().start;
    for (index, volume) in volumes.enumerate() {
        let pointer = pointer.key("volumes").index(index);
        if definitions::get(&volume, "external").is_some() {
            let help = "the Docker Engine mounts it through its own volume plugin, UCR through the docker/volume \
                        isolator: move it by hand";
            let range = definitions::key_range(&volume, "external");
            blockers.add(pointer, range, "it has an external volume", help);
        } else if let Some(path) = definitions::get(&volume, "hostPath")
            && definitions::get(&volume, "persistent").is_none()
        {
            if is_absolute(Some(path)) {
                offset = path.range().start;
                on_agents.push(path.source());
            } else if !is_absolute(definitions::get(&volume, "containerPath")) {
                // Mesos puts a relative `hostPath` into the sandbox for both (`docker.cpp`, `sandbox_path.cpp`).
                let help = "UCR mounts a directory of the sandbox only at an absolute `containerPath`";
                blockers.add(
                    pointer,
                    path.range(),
                    "a `hostPath` and its `containerPath` are relative",
                    help,
                );
            }
        }
    }
    if !on_agents.is_empty() {
        let paths = on_agents.join(", ");
        plan.note(
            offset,
            format!("the agents need {paths}: UCR does not create host paths, as the Docker Engine does"),
        );
    }
}

/// Notes what UCR makes of arguments for an image (`docker/runtime` isolator).
fn arguments(definition: &LocatedService<'_>, plan: &mut WirePlan) {
    if definition.get("cmd").is_none()
        && let Some(args) = definition.get("args").filter(|args| args.elements().next().is_some())
    {
        plan.note(
            args.range().start,
            "where the image has a CMD and no ENTRYPOINT, UCR puts `args` behind the first word of its CMD, which they \
             replace on the Docker Engine",
        );
    }
}

/// Only the Docker Engine has IPv6 health checks (MAR-HC-002, 1.6 … 1.11).
fn health_checks(definition: &LocatedService<'_>, blockers: &mut Blockers) {
    let checks = definition.get("healthChecks").into_iter().flat_map(|checks| checks.elements());
    for (index, check) in checks.enumerate() {
        let Some(protocol) = definitions::get(&check, "ipProtocol") else {
            continue;
        };
        if protocol.as_str().is_some_and(|protocol| protocol.eq_ignore_ascii_case("IPv6")) {
            let pointer = definition.pointer.key("healthChecks").index(index);
            blockers.add(pointer, protocol.range(), "a health check goes over IPv6", "");
        }
    }
}
