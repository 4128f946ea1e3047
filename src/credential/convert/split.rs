//! Port mappings for `udp,tcp`: the Docker Engine makes two of each, and UCR's port mapper refuses the word.

use serde_json::Value as Json;

use crate::definition::NetworkMode;
use crate::source::{Pointer, Value};

use super::super::container::ContainerRef;
use super::super::definitions::{self, LocatedService};
use super::super::plan::{WireChange, WirePlan};
use super::{Blockers, network};

/// Gives each protocol a mapping of its own: tcp the one that is there, udp a new one at the end, so that the indices of
/// the others stay. Where that is impossible the app stays.
pub(super) fn udp_and_tcp(
    definition: &LocatedService<'_>,
    container: &ContainerRef<'_>,
    plan: &mut WirePlan,
    blockers: &mut Blockers,
) {
    let mode = mode(definition, container);
    if mode == Some(NetworkMode::Host) {
        return;
    }
    let list = definition.pointer.key("container").key("portMappings");
    let new = definitions::get(&container.value, "portMappings");
    let Some(mappings) = new.or_else(|| definitions::get(&container.docker, "portMappings")) else { return };
    for (index, mapping) in mappings.elements().enumerate() {
        let both = definitions::get(&mapping, "protocol")
            .filter(|protocol| protocol.as_str().is_some_and(|word| word.eq_ignore_ascii_case("udp,tcp")));
        let Some(both) = both else { continue };
        // On a container network only a mapping with a host port reaches the port mapper.
        let host_port = definitions::get(&mapping, "hostPort");
        if mode == Some(NetworkMode::Container) && host_port.is_none() {
            continue;
        }
        let is_zero = |port: Option<Value<'_>>| port.is_none_or(|port| port.as_f64() == Some(0.0));
        let pointer = list.index(index).key("protocol");
        if !is_zero(host_port) {
            let help = "Marathon takes one mapping for a `hostPort`, and UCR one protocol for a mapping: write two mappings \
                        with different host ports";
            blockers.add(pointer, both.range(), "a fixed `hostPort` is for udp and tcp", help);
        } else if is_zero(definitions::get(&mapping, "containerPort")) {
            let help = "write two mappings, which get different ports";
            blockers.add(
                pointer,
                both.range(),
                "a `containerPort` that Mesos picks is for udp and tcp",
                help,
            );
        } else {
            split(&mapping, pointer, &list, plan);
        }
    }
}

/// How the app is connected; nothing where Marathon would reject that.
fn mode(definition: &LocatedService<'_>, container: &ContainerRef<'_>) -> Option<NetworkMode> {
    let is = |mode: &str, word: NetworkMode| mode.eq_ignore_ascii_case(word.word());
    let networks = definition.get("networks").filter(|networks| networks.elements().next().is_some());
    let mode = if let Some(networks) = networks {
        let first = networks.elements().next()?;
        let mode = definitions::get(&first, "mode");
        mode.map_or(NetworkMode::Container.word().into(), |mode| mode.to_json())
    } else {
        let old = definitions::get(&container.docker, "network");
        let address = definition.get("ipAddress");
        if old.is_none() && address.is_none() {
            return Some(NetworkMode::Host);
        }
        network(old, address)?["mode"].clone()
    };
    let mode = mode.as_str()?;
    [NetworkMode::Host, NetworkMode::ContainerBridge, NetworkMode::Container]
        .into_iter()
        .find(|word| is(mode, *word))
}

fn split(mapping: &Value<'_>, protocol: Pointer, list: &Pointer, plan: &mut WirePlan) {
    let Json::Object(mut copy) = mapping.to_json() else { return };
    copy.insert("protocol".to_owned(), "udp".into());
    copy.remove("servicePort");
    if let Some(Json::String(name)) = copy.get_mut("name") {
        name.push_str("-udp");
    }
    let port = definitions::get(mapping, "containerPort").map_or("", |port| port.source());
    plan.changes.push(WireChange::Set(protocol, "tcp".into()));
    plan.changes.push(WireChange::Push(list.clone(), copy.into()));
    plan.done.push(format!("two port mappings for container port {port}, one for tcp and one for udp"));
    plan.note(
        mapping.range().start,
        format!(
            "container port {port} has a host port and a service port for udp of its own, with an index behind those of the \
             other mappings"
        ),
    );
    plan.has_split = true;
}
