//! What a definition shares with others: ids, ports, VIPs and dependencies, each with its node.

use std::net::{IpAddr, SocketAddr};

use crate::schema::integer;
use crate::source::Value;

use super::view::AppView;
use super::{AbsoluteId, Fields};

/// What a definition shares with the others of a run; empty for one that Marathon rejects.
///
/// Node ids are those of the tree the facts come from; the same text gives the same tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub(crate) services: Vec<ServiceFacts>,
    pub(crate) groups: Vec<GroupFacts>,
}

/// An app or a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceFacts {
    /// Absolute and canonical.
    pub(crate) id: String,
    /// The node of the id.
    pub(crate) at: u32,
    pub(crate) ports: Vec<PortFact>,
    /// The ids it depends on, absolute and canonical, each with its node.
    pub(crate) dependencies: Vec<(String, u32)>,
    /// The agent, if its constraints allow only one.
    pub(crate) agent: Option<Box<str>>,
    /// It is an app with `requirePorts`: its service ports are ports of its agents too.
    pub(crate) requires_ports: bool,
}

/// A group that lists its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupFacts {
    /// Absolute and canonical.
    pub(crate) id: String,
    pub(crate) dependencies: Vec<(String, u32)>,
    /// Whether it lists its apps: Marathon then removes all others.
    pub(crate) lists_apps: bool,
}

/// A port or address that no other service should have, with its node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PortFact {
    pub(crate) kind: PortKind,
    pub(crate) at: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PortKind {
    /// A fixed service port.
    Service(u16),
    /// A fixed port of the agent.
    Host(u16),
    /// A virtual address of DC/OS: a name, without the slash in front, or an IP address; with its port.
    Vip {
        /// `tcp` or `udp`.
        protocol: &'static str,
        address: Box<str>,
    },
}

impl Facts {
    /// Whether a service or group depends on another.
    #[must_use]
    pub fn has_dependencies(&self) -> bool {
        self.groups.iter().any(|group| !group.dependencies.is_empty())
            || self.services.iter().any(|service| !service.dependencies.is_empty())
    }

    /// Adds an app. With `is_rejected` its dependencies may be invalid ids.
    pub(super) fn app(&mut self, app: &AppView<'_>, base: &AbsoluteId, is_rejected: bool) {
        let mut ports = Vec::new();
        let requires = app.fields.is_true("requirePorts");
        for definition in app.port_definitions.iter().flatten() {
            let Some(at) = definition.at else { continue };
            let port = PortFields::of(at);
            let number = port.number.or(Some(at)).filter(|_| definition.port > 0);
            push(number, PortKind::Service, &mut ports);
            push(number.filter(|_| requires), PortKind::Host, &mut ports);
            port.vips(&mut ports);
        }
        for mapping in app.port_mappings() {
            let Some(port) = mapping.at.map(PortFields::of) else { continue };
            push(port.service_port, PortKind::Service, &mut ports);
            push(port.host_port, PortKind::Host, &mut ports);
            port.vips(&mut ports);
        }
        let constraints = app.fields.list("constraints").map(|constraint| {
            let mut words = constraint.elements().map(|part| part.as_str().unwrap_or_default());
            [words.next(), words.next(), words.next()].map(Option::unwrap_or_default)
        });
        self.services.push(ServiceFacts {
            id: app.id.as_str().to_owned(),
            at: app.fields.at("id").node_id(),
            ports,
            dependencies: dependencies(&app.fields, base, is_rejected),
            agent: agent(constraints),
            requires_ports: requires,
        });
    }

    /// Leaves nothing of the last service but its id: another one of the id takes its place.
    pub(super) fn only_id(&mut self) {
        if let Some(last) = self.services.last_mut() {
            last.ports.clear();
            last.dependencies.clear();
        }
    }

    /// Adds a pod.
    pub(super) fn pod(&mut self, pod: Value<'_>) {
        let Some(id) = pod.get("id") else { return };
        let mut ports = Vec::new();
        for endpoint in elements(pod, "containers").flat_map(|container| elements(container, "endpoints")) {
            let port = PortFields::of(endpoint);
            push(port.host_port, PortKind::Host, &mut ports);
            port.vips(&mut ports);
        }
        let placement = pod.get("scheduling").and_then(|scheduling| scheduling.get("placement"));
        let constraints = placement.into_iter().flat_map(|placement| elements(placement, "constraints"));
        let constraints = constraints.map(|constraint| {
            ["fieldName", "operator", "value"]
                .map(|name| constraint.get(name).and_then(|part| part.as_str()).unwrap_or_default())
        });
        self.services.push(ServiceFacts {
            id: AbsoluteId::parse(&id.as_str().unwrap_or_default())
                .canonical(&AbsoluteId::root())
                .into_text(),
            at: id.node_id(),
            ports,
            dependencies: Vec::new(),
            agent: agent(constraints),
            requires_ports: false,
        });
    }

    /// Adds a group, without its members. Marathon has not checked its dependencies yet.
    pub(super) fn group(&mut self, group: &Fields<'_>, id: &AbsoluteId) {
        self.groups.push(GroupFacts {
            id: id.as_str().to_owned(),
            dependencies: dependencies(group, id, false),
            lists_apps: group.has("apps"),
        });
    }
}

fn elements<'a>(object: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    object.get(name).into_iter().flat_map(|list| list.elements())
}

fn dependencies(fields: &Fields<'_>, base: &AbsoluteId, is_rejected: bool) -> Vec<(String, u32)> {
    let id = |at: Value<'_>| AbsoluteId::parse(&at.as_str().unwrap_or_default());
    // A rejected dependency makes no cycle.
    let is_fit = |id: &AbsoluteId| !id.is_reserved() && id.is_well_formed();
    let wanted = fields.list("dependencies").filter(|at| !is_rejected || is_fit(&id(*at)));
    wanted.map(|at| (id(at).canonical(base).into_text(), at.node_id())).collect()
}

/// The only agent that the constraints on the host name allow.
fn agent<T: AsRef<str>>(mut constraints: impl Iterator<Item = [T; 3]>) -> Option<Box<str>> {
    let is_literal = |value: &str| {
        !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    constraints.find_map(|[field, operator, value]| {
        let (operator, value) = (operator.as_ref(), value.as_ref());
        let pins = ["CLUSTER", "IS", "LIKE"].iter().any(|known| known.eq_ignore_ascii_case(operator));
        (matches!(field.as_ref(), "hostname" | "@hostname") && pins && is_literal(value))
            .then(|| value.into())
    })
}

/// The fields of a port mapping, port definition or endpoint.
#[derive(Default)]
struct PortFields<'a> {
    /// `port`
    number: Option<Value<'a>>,
    host_port: Option<Value<'a>>,
    service_port: Option<Value<'a>>,
    protocol: Option<Value<'a>>,
    labels: Option<Value<'a>>,
}

impl<'a> PortFields<'a> {
    fn of(port: Value<'a>) -> Self {
        let mut fields = Self::default();
        for (key, value) in port.members() {
            let slot = match key.as_str().as_deref() {
                Some("port") => &mut fields.number,
                Some("hostPort") => &mut fields.host_port,
                Some("servicePort") => &mut fields.service_port,
                Some("protocol") => &mut fields.protocol,
                Some("labels") => &mut fields.labels,
                _ => continue,
            };
            *slot = Some(value);
        }
        fields
    }

    fn vips(&self, into: &mut Vec<PortFact>) {
        for (key, value) in self.labels.into_iter().flat_map(|labels| labels.members()) {
            if !key.as_str().is_some_and(|key| key.starts_with("VIP_")) {
                continue;
            }
            let address = address(&value.as_str().unwrap_or_default());
            let protocols = protocols(self.protocol);
            let addresses = std::iter::repeat_n(address, protocols.clone().count());
            for (protocol, address) in protocols.zip(addresses) {
                into.push(PortFact { kind: PortKind::Vip { protocol, address }, at: value.node_id() });
            }
        }
    }
}

/// A virtual address in one spelling: `/web:80` and `web:80` are the same, and so are the spellings of an IP address.
fn address(text: &str) -> Box<str> {
    let name = text.trim_start_matches('/');
    // No IP address begins like a name.
    let may_be_ip = name.starts_with(|first: char| first.is_ascii_digit() || first == '[');
    match may_be_ip.then(|| name.parse::<SocketAddr>()) {
        Some(Ok(address)) => {
            SocketAddr::new(IpAddr::to_canonical(&address.ip()), address.port()).to_string().into()
        }
        _ => name.to_ascii_lowercase().into(),
    }
}

/// `tcp`, `udp` or both: one word in an app, an array in a pod. The default is TCP.
fn protocols(given: Option<Value<'_>>) -> impl Iterator<Item = &'static str> + Clone {
    let text = given.map(|given| given.source().as_bytes()).unwrap_or_default();
    let has = |word: &[u8]| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let is_udp = has(b"udp");
    let is_tcp = !is_udp || has(b"tcp");
    [is_tcp.then_some("tcp"), is_udp.then_some("udp")].into_iter().flatten()
}

fn push(port: Option<Value<'_>>, kind: fn(u16) -> PortKind, into: &mut Vec<PortFact>) {
    let Some(at) = port else { return };
    let number = at.as_number().and_then(|number| integer(number, true));
    if let Some(number) = number.and_then(|number| u16::try_from(number).ok()).filter(|number| *number != 0) {
        into.push(PortFact { kind: kind(number), at: at.node_id() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule;
    use crate::source::{Document, Format, Kind};
    use crate::target::Target;

    fn facts(text: &str, kind: Kind) -> Facts {
        let document = Document::parse(text, Format::Json).expect("valid JSON");
        rule::check(
            document.root(),
            kind,
            &"dcos".parse::<Target>().expect("a target").settings(),
            Vec::new(),
            false,
        )
        .facts
    }

    fn kinds(service: &ServiceFacts) -> Vec<PortKind> {
        service.ports.iter().map(|port| port.kind.clone()).collect()
    }

    fn vip(protocol: &'static str, address: &str) -> PortKind {
        PortKind::Vip { protocol, address: address.into() }
    }

    #[test]
    fn ports_are_those_after_migration() {
        let old = r#"{"id": "web", "container": {"docker": {"image": "nginx:1", "network": "BRIDGE", "portMappings": [
            {"containerPort": 80, "hostPort": 8080, "servicePort": 10080, "protocol": "udp,tcp", "labels": {"VIP_0": "/Web:80", "x": "y"}},
            {"containerPort": 81, "hostPort": 0}]}}}"#;
        let found = facts(old, Kind::App);
        assert_eq!(found.services[0].id, "/web");
        assert_eq!(
            kinds(&found.services[0]),
            [PortKind::Service(10080), PortKind::Host(8080), vip("tcp", "web:80"), vip("udp", "web:80"),]
        );
        let ports = |rest: &str| {
            let text = format!(r#"{{"id": "/a", "cmd": "sleep 1", {rest}}}"#);
            kinds(&facts(&text, Kind::App).services[0])
        };
        assert_eq!(ports(r#""ports": [9000, 0]"#), [PortKind::Service(9000)]);
        assert_eq!(
            ports(r#""ports": [9000, 0], "requirePorts": true"#),
            [PortKind::Service(9000), PortKind::Host(9000)]
        );
        assert_eq!(
            ports(r#""portDefinitions": [{"port": 0, "labels": {"VIP_0": "10.1.2.3:080"}}]"#),
            [vip("tcp", "10.1.2.3:80")]
        );
    }

    #[test]
    fn groups_give_their_members() {
        let text = r#"{"id": "/shop", "dependencies": ["../base"], "groups": [
            {"id": "api", "apps": [{"id": "v1", "cmd": "sleep 1", "dependencies": ["../db", "/x"]}]}]}"#;
        let found = facts(text, Kind::Group);
        let groups: Vec<_> = found.groups.iter().map(|group| (&*group.id, group.lists_apps)).collect();
        assert_eq!(groups, [("/shop", false), ("/shop/api", true)]);
        assert_eq!(found.groups[0].dependencies[0].0, "/base");
        assert_eq!(found.services[0].id, "/shop/api/v1");
        let dependencies: Vec<_> = found.services[0].dependencies.iter().map(|(id, _)| &**id).collect();
        assert_eq!(dependencies, ["/shop/db", "/x"]);
    }

    #[test]
    fn what_is_rejected_gives_nothing() {
        assert_eq!(facts(r#"{"id": "/a"}"#, Kind::App), Facts::default());
        assert_eq!(facts(r#"[{"id": "/a", "cmd": "sleep 1"}, {"id": "/b"}]"#, Kind::Apps), Facts::default());
    }

    #[test]
    fn an_agent_is_pinned_by_its_name() {
        let agent = |operator: &str, value: &str| agent([["hostname", operator, value]].into_iter());
        assert_eq!(agent("CLUSTER", "10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(agent("LIKE", "10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(agent("LIKE", "node-[12]"), None);
        assert_eq!(agent("CLUSTER", ""), None);
        assert_eq!(agent("UNIQUE", "x"), None);
    }
}
