//! Values of options that are ports (docker/go-connections, `nat`).

use super::form::{ValueFault, is_address};

/// A port or a range of them.
fn range(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then_some((from, to))
}

pub(super) fn expose(value: &str) -> Option<ValueFault> {
    if value.contains(':') {
        return Some(ValueFault::Client(format!("invalid port format for --expose: {value}")));
    }
    let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    if range(ports).is_none() {
        return Some(ValueFault::Client(format!(
            "invalid range format for --expose: {ports}, error: strconv.ParseUint: parsing {ports:?}: invalid syntax"
        )));
    }
    (!is_protocol(protocol)).then(|| ValueFault::Client(format!("invalid proto: {protocol}")))
}

fn is_protocol(text: &str) -> bool {
    ["tcp", "udp", "sctp"].iter().any(|protocol| protocol.eq_ignore_ascii_case(text))
}

pub(super) fn publish(value: &str) -> Option<ValueFault> {
    // The long form: `published=8080,target=80`.
    if value.contains('=') {
        return None;
    }
    let fault = |text: String| Some(ValueFault::Client(text));
    let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (before, container) = ports.rsplit_once(':').unwrap_or(("", ports));
    let (address, host) = before.rsplit_once(':').unwrap_or(("", before));
    let bare = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
    if !bare.is_empty() && !is_address(bare) {
        return fault(format!("Invalid ip address: {address}"));
    }
    if container.is_empty() {
        return fault(format!("No port specified: {value}<empty>"));
    }
    let Some(inner) = range(container) else { return fault(format!("Invalid containerPort: {container}")) };
    let outer = match host {
        "" => None,
        host => match range(host) {
            Some(outer) => Some(outer),
            None => return fault(format!("Invalid hostPort: {host}")),
        },
    };
    if outer.is_some_and(|outer| inner.1 != inner.0 && outer.1 - outer.0 != inner.1 - inner.0) {
        return fault(format!(
            "Invalid ranges specified for container and host Ports: {container} and {host}"
        ));
    }
    if !is_protocol(protocol) {
        return fault(format!("Invalid proto: {protocol}"));
    }
    None
}
