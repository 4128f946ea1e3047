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
        for other in services[..index].iter().filter(|other| other.at.file == service.at.file) {
            shared_port(files, other, service, checked);
            shared_address(other, service, checked);
        }
    }
}

fn shared_port(files: &[SetupFile], one: &CheckedService, other: &CheckedService, checked: &mut CheckReport) {
    let mut ports = one.running.host_ports.iter();
    let taken = |port: &&HostPort| other.running.host_ports.iter().any(|it| it.excludes(port));
    let Some(port) = ports.find(taken) else { return };
    let is_one_host = matches!(files[one.at.file].part, FileRole::Compose(_));
    let (effect, outcome) = if is_one_host {
        (Effect::Rejected, "the second one does not start")
    } else {
        (Effect::Risky, "they never run on one agent")
    };
    checked.add_as(
        &rules::PORT_TWICE,
        effect,
        &other.at,
        format!("{} and {} both take port {} of their host: {outcome}", one.name, other.name, port.number),
        "give one of them another port",
    );
}

/// A virtual IP, or a host of a proxy, that leads to two services.
fn shared_address(one: &CheckedService, other: &CheckedService, checked: &mut CheckReport) {
    let has_paths = one.running.has_paths || other.running.has_paths;
    let same = |list: &[Address], others: &[Address]| list.iter().find(|it| others.contains(it)).cloned();
    let own = same(&one.addresses.own, &other.addresses.own);
    let proxied = || same(&one.addresses.proxied, &other.addresses.proxied).filter(|_| !has_paths);
    let Some(address) = own.or_else(proxied) else { return };
    let message = format!(
        "{} and {} are both at {address}: clients reach now the one, now the other",
        one.name, other.name
    );
    checked.add(&rules::ADDRESS_TWICE, &other.at, message, "give one of them another address");
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
