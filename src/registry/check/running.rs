//! Whether registry and token server run, and in which order: instances, protocols, ports of hosts, dependencies.

use crate::finding::Effect;

use super::service::CheckedService;
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

/// Ports that are taken twice.
pub(super) fn check_ports(
    files: &[SetupFile],
    registries: &[&CheckedService],
    servers: &[&CheckedService],
    checked: &mut CheckReport,
) {
    for registry in registries {
        for server in servers.iter().filter(|server| server.at.file == registry.at.file) {
            let mut ports = registry.running.host_ports.iter();
            let Some(port) = ports.find(|port| server.running.host_ports.contains(port)) else { continue };
            let is_one_host = matches!(files[registry.at.file].part, FileRole::Compose(_));
            let (effect, outcome) = if is_one_host {
                (Effect::Rejected, "the second one does not start")
            } else {
                (Effect::Risky, "they never run on one agent")
            };
            checked.add_as(
                &rules::PORT_TWICE,
                effect,
                &registry.at,
                format!("registry and token server both take port {port} of their host: {outcome}"),
                "give one of them another port",
            );
        }
    }
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
