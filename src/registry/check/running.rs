//! Whether registry and token server run, and in which order: instances, protocols, ports of hosts, dependencies.

use crate::finding::Effect;
use crate::registry::app::naming::Address;

use super::service::{CheckedService, HostPort};
use super::{CheckReport, FileRole, SetupFile, rules};

/// Checks that each service runs and is reached, and those of one definition against each other.
pub(super) fn check(registries: &[&CheckedService], servers: &[&CheckedService], checked: &mut CheckReport) {
    for service in registries.iter().chain(servers) {
        let what = service.what();
        if let Some(at) = &service.running.stopped {
            let message = format!("there are no instances: {what} does not run");
            checked.add(&rules::SERVICE_NOT_REACHED, at, message, "write 1");
        }
        if let Some(at) = &service.running.udp {
            let message = format!("the port is for UDP, and {what} speaks TCP: no client reaches it");
            checked.add_as(&rules::SERVICE_NOT_REACHED, Effect::Rejected, at, message, "write tcp");
        }
    }
    for registry in registries.iter().filter(|registry| registry.authentication() == "token") {
        for server in servers.iter().filter(|server| server.at.file == registry.at.file) {
            order(registry, server, checked);
        }
    }
}

/// Ports and addresses that two services of a file have.
pub(super) fn check_addresses(files: &[SetupFile], services: &[CheckedService], checked: &mut CheckReport) {
    for (index, service) in services.iter().enumerate() {
        let own = &service.running.host_ports;
        let twice = own.iter().enumerate().find(|(at, port)| own[..*at].iter().any(|it| it.excludes(port)));
        if let Some((_, port)) = twice {
            let message =
                format!("{} takes port {} of its host twice: it does not start", service.name, port.number);
            checked.add(&rules::PORT_TWICE, &service.at, message, "give each of its ports another one");
        }
        // Of several others with the same one is enough.
        let others = || services[..index].iter().filter(|other| other.at.file == service.at.file);
        if let Some((other, port)) = others().find_map(|other| Some((other, shared_port(other, service)?))) {
            let is_one_host = matches!(files[service.at.file].part, FileRole::Compose(_));
            let (effect, outcome) = if is_one_host {
                (Effect::Rejected, "the second one does not start")
            } else {
                (Effect::Risky, "they never run on one agent")
            };
            let (one, second) = (&other.name, &service.name);
            checked.add_as(
                &rules::PORT_TWICE,
                effect,
                &service.at,
                format!("{one} and {second} both take port {port} of their host: {outcome}"),
                "give one of them another port",
            );
        }
        if let Some((other, at)) = others().find_map(|other| Some((other, shared_address(other, service)?))) {
            let (one, second) = (&other.name, &service.name);
            let message =
                format!("{one} and {second} are both at {at}: clients reach now the one, now the other");
            checked.add(&rules::ADDRESS_TWICE, &service.at, message, "give one of them another address");
        }
    }
}

fn shared_port(one: &CheckedService, other: &CheckedService) -> Option<u16> {
    let taken = |port: &&HostPort| other.running.host_ports.iter().any(|it| it.excludes(port));
    one.running.host_ports.iter().find(taken).map(|port| port.number)
}

/// A virtual IP, or a host of a proxy, that leads to both.
fn shared_address(one: &CheckedService, other: &CheckedService) -> Option<Address> {
    let has_paths = one.running.has_paths || other.running.has_paths;
    let same = |list: &[Address], others: &[Address]| list.iter().find(|it| others.contains(it)).cloned();
    let proxied = || same(&one.addresses.proxied, &other.addresses.proxied).filter(|_| !has_paths);
    same(&one.addresses.own, &other.addresses.own).or_else(proxied)
}

/// The registry waits for its token server, and not the other way round. Groups have such an order.
fn order(registry: &CheckedService, server: &CheckedService, checked: &mut CheckReport) {
    let waits = |one: &CheckedService, other: &CheckedService| {
        let is_other =
            |id: &String| *id == other.running.id || other.running.id.starts_with(&format!("{id}/"));
        one.running.after.iter().any(is_other)
    };
    let at = |service: &CheckedService| service.running.after_at.clone().unwrap_or(service.at.clone());
    let (forth, back) = (waits(registry, server), waits(server, registry));
    if forth && back {
        checked.add_as(
            &rules::START_ORDER,
            Effect::Rejected,
            &at(registry),
            "registry and token server wait for each other: neither starts",
            "let the registry alone depend on the token server",
        );
    } else if back {
        let message =
            "the token server waits for the registry, which takes no request before there are tokens";
        let help = "let the registry depend on the token server in place of that";
        checked.add(&rules::START_ORDER, &at(server), message, help);
    } else if !forth && registry.running.has_order {
        let message = "the registry does not wait for its token server: until that runs, no request is taken";
        let help = format!("add \"dependencies\": [\"{}\"]", server.running.id);
        checked.add(&rules::START_ORDER, &at(registry), message, help);
    }
}
