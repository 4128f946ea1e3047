//! Values of options that are ports (docker/go-connections, `nat`).

use super::form::{Engine, RefusedValue, is_address};
use super::relation::conflict;
use super::{Parameter, is_filled};
use crate::rule::Context;
use crate::rule::agent::engine_error;
use crate::rule::agent::task::Task;
use crate::rule::view::AppView;
use crate::schema::integer;
use crate::source::Value;

/// A port or a range of them. Docker looks at nothing behind a second dash.
fn range(text: &str) -> Option<(u16, u16)> {
    let mut ends = text.split('-');
    let first = number(ends.next()?)?;
    let last = ends.next().map_or(Some(first), number)?;
    (first <= last).then_some((first, last))
}

/// Without a sign, which Rust takes and Go does not.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

pub(super) fn expose(value: &str) -> Option<RefusedValue> {
    if value.contains(':') {
        return Some(RefusedValue::Client(format!("invalid port format for --expose: {value}")));
    }
    // Nobody looks at the protocol.
    let ports = value.split('/').next().unwrap_or_default();
    range(ports).is_none().then(|| {
        RefusedValue::Client(format!(
            "invalid range format for --expose: {ports}, error: strconv.ParseUint: parsing {ports:?}: invalid syntax"
        ))
    })
}

fn is_protocol(text: &str) -> bool {
    ["tcp", "udp", "sctp"].iter().any(|protocol| protocol.eq_ignore_ascii_case(text))
}

/// What `--publish` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// The address of the agent; all without one.
    address: String,
    /// The first and the last port of the agent.
    host: (u16, u16),
    protocol: String,
}

/// The short form of `published=8080,target=80` (docker/cli, `convertToStandardNotation`).
fn short_form(long: &str) -> Result<String, RefusedValue> {
    let (mut published, mut target, mut protocol) = ("", "", "tcp");
    for part in long.split(',') {
        let Some((name, value)) = part.split_once('=') else {
            return Err(RefusedValue::Client(format!(
                "invalid publish opts format (should be name=value but got '{part}')"
            )));
        };
        // What is behind a second `=` is not looked at, nor are other names.
        let value = value.split('=').next().unwrap_or_default();
        match name {
            "published" => published = value,
            "target" => target = value,
            "protocol" => protocol = value,
            _ => {}
        }
    }
    Ok(format!("{published}:{target}/{protocol}"))
}

/// The address of the agent without its brackets, which an IPv6 address must have before Docker 25 (Go's `SplitHostPort`).
fn bare_address(address: &str, engine: Engine) -> Result<&str, RefusedValue> {
    let why = match address.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((inner, "")) => return Ok(inner),
            Some((_, more)) if more.starts_with(':') => "too many colons in address",
            Some(_) => "missing port in address",
            None => "missing ']' in address",
        },
        None if address.contains(':') && !engine.is_from(25, 0) => "too many colons in address",
        None => return Ok(address),
    };
    Err(RefusedValue::Client(format!("Invalid ip address {address}: address {address}:: {why}")))
}

/// Reads `[ADDRESS:][PORT:]PORT[/PROTOCOL]` or the long form; nothing for a port that Docker picks.
///
/// # Errors
/// What Docker refuses.
pub(super) fn publish(value: &str, engine: Engine) -> Result<Option<Published>, RefusedValue> {
    if value.contains('=') {
        return publish(&short_form(value)?, engine);
    }
    let fault = |text: String| Err(RefusedValue::Client(text));
    let (before, last) = value.rsplit_once(':').unwrap_or(("", value));
    let (address, host) = before.rsplit_once(':').unwrap_or(("", before));
    let mut parts = last.split('/');
    let (container, protocol) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let protocol = if protocol.is_empty() { "tcp" } else { protocol };
    let bare = bare_address(address, engine)?;
    if !bare.is_empty() && !is_address(bare) {
        return fault(format!("Invalid ip address: {bare}"));
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
    let is_as_long = |outer: &(u16, u16)| outer.1 - outer.0 == inner.1 - inner.0;
    if outer.is_some_and(|outer| inner.1 != inner.0 && !is_as_long(&outer)) {
        return fault(format!(
            "Invalid ranges specified for container and host Ports: {container} and {host}"
        ));
    }
    if !is_protocol(protocol) {
        return fault(format!("Invalid proto: {protocol}"));
    }
    // Of a longer range Docker picks one.
    let host = outer.filter(|outer| is_as_long(outer) && outer.0 > 0);
    Ok(host.map(|host| Published { address: bare.to_owned(), host, protocol: protocol.to_owned() }))
}

impl Published {
    fn is_taken_by(&self, other: &Self) -> bool {
        let is_all = |address: &str| matches!(address, "" | "0.0.0.0" | "::");
        self.protocol.eq_ignore_ascii_case(&other.protocol)
            && self.host.0 <= other.host.1
            && other.host.0 <= self.host.1
            && (is_all(&self.address) || is_all(&other.address) || self.address == other.address)
    }
}

/// Reports ports of the agent that are published twice: by two parameters, or by a mapping of the app and one.
pub(super) fn taken(
    app: &AppView<'_>,
    task: &Task<'_>,
    parameters: &[Parameter<'_>],
    context: &mut Context<'_>,
) {
    /// More are not compared with each other.
    const MOST: usize = 100;
    let engine = Engine { release: context.settings.agents.docker, has_driver: false };
    // On the network of the agent nothing is published.
    if task.network.docker_name() == "host" || !parameters.iter().any(|parameter| parameter.is("publish")) {
        return;
    }
    let mapped: Vec<(u16, String)> = app.port_mappings().filter_map(|mapping| fixed(mapping.at?)).collect();
    let protocols = mapped.iter().flat_map(|(port, protocols)| {
        protocols.split(',').map(move |protocol| Published {
            address: String::new(),
            host: (*port, *port),
            protocol: protocol.trim().to_owned(),
        })
    });
    let mut published: Vec<Published> = protocols.take(MOST).collect();
    for parameter in parameters
        .iter()
        .filter(|parameter| parameter.is("publish") && is_filled(&parameter.value))
        .take(MOST)
    {
        let Ok(Some(own)) = publish(&parameter.value, engine) else { continue };
        if let Some(other) = published.iter().find(|other| own.is_taken_by(other)) {
            let port = own.host.0.max(other.host.0);
            let said = engine_error(&format!(
                "driver failed programming external connectivity on endpoint: Bind for 0.0.0.0:{port} failed: port is already \
                 allocated"
            ));
            let found = conflict(parameter, &said, context);
            found.message =
                format!("Docker creates no container with this: port {port} of the agent is published twice");
            found.help = Some("remove it: `portMappings` publish ports".into());
        }
        published.push(own);
    }
}

/// The fixed port of the agent of a mapping, and its protocols.
fn fixed(mapping: Value<'_>) -> Option<(u16, String)> {
    let port = integer(mapping.get("hostPort")?.as_number()?, true)?;
    let protocols = mapping.get("protocol").and_then(|protocol| protocol.as_str());
    let port = u16::try_from(port).ok().filter(|port| *port > 0)?;
    Some((port, protocols.map_or_else(|| "tcp".to_owned(), Into::into)))
}
