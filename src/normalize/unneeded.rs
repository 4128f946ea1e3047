//! What of an app need not be normalized for somebody who looks at some of its fields only (`whole`, policies).

use crate::schema::table::{self, APP};
use crate::schema::{FieldSet, ObjectShape, Shape};
use crate::source::{Kind, Value};

/// The fields of an app whose stored value depends on no other field, and on which no other depends.
const SELF_CONTAINED: &[&str] = &[
    "args",
    "backoffFactor",
    "backoffSeconds",
    "cmd",
    "constraints",
    "cpus",
    "disk",
    "env",
    "executor",
    "gpus",
    "instances",
    "labels",
    "maxLaunchDelaySeconds",
    "mem",
    "secrets",
    "taskKillGracePeriodSeconds",
    "user",
];

/// The others on which no other field's stored value depends.
const INDEPENDENT: &[&str] = &[
    "acceptedResourceRoles",
    "dependencies",
    "fetch",
    "healthChecks",
    "killSelection",
    "readinessChecks",
    "unreachableStrategy",
    "upgradeStrategy",
];

/// The other fields of an app whose objects are looked into. What is in `ipAddress` is stored under other names.
const LOOKED_INTO: &[&str] = &["container", "networks", "portDefinitions"];

/// The fields within these on which the stored value of another one depends.
const DECIDING: &[&str] = &[
    "accessType",
    "capability",
    "docker",
    "external",
    "mode",
    "network",
    "options",
    "persistent",
    "portMappings",
    "profileName",
    "secret",
    "type",
    "volumes",
];

/// Fields of apps that are not looked at, and that no field depends on that is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unneeded {
    /// Of an app itself.
    of_app: FieldSet,
    /// These, and those of the objects in it.
    at_any_depth: FieldSet,
}

impl Unneeded {
    /// For those who look at everything.
    pub(crate) const NOTHING: &'static Self = &Self { of_app: FieldSet::NONE, at_any_depth: FieldSet::NONE };

    /// For somebody who looks at fields with some names, wherever they are.
    pub(crate) fn of_all_but(is_named: impl Fn(&str) -> bool) -> Self {
        let mut of_app = FieldSet::default();
        for (index, field) in APP.fields.iter().enumerate() {
            // `uris` are stored in `fetch`.
            let is_independent = SELF_CONTAINED.contains(&field.name)
                || INDEPENDENT.contains(&field.name)
                || field.name == "uris" && !is_named("fetch");
            if is_independent && !is_named(field.name) {
                of_app.insert(&APP, index);
            }
        }
        let mut at_any_depth = of_app.clone();
        let mut waiting: Vec<&'static Shape> = APP
            .fields
            .iter()
            .filter(|field| LOOKED_INTO.contains(&field.name))
            .map(|field| &field.shape)
            .collect();
        let mut seen: Vec<&'static ObjectShape> = Vec::new();
        while let Some(shape) = waiting.pop() {
            let object = match shape {
                Shape::List { items: inner, .. } | Shape::Map { values: inner, .. } => {
                    waiting.push(inner);
                    continue;
                }
                Shape::Union(union) => {
                    waiting.extend(union.members);
                    continue;
                }
                Shape::Object(object) => *object,
                _ => continue,
            };
            if seen.iter().any(|seen| seen.number == object.number) {
                continue;
            }
            seen.push(object);
            for (index, field) in object.fields.iter().enumerate() {
                // Which elements of a set are the same is told by all of their fields.
                if !table::SETS.contains(&field.name) {
                    waiting.push(&field.shape);
                }
                if !DECIDING.contains(&field.name) && !is_named(field.name) {
                    at_any_depth.insert(object, index);
                }
            }
        }
        Self { of_app, at_any_depth }
    }

    /// For somebody who asks whether two apps, which are not YAML, are stored alike: what is written alike in both and is
    /// stored as it is whatever else is in them. In YAML an alias stands for what is written elsewhere.
    pub(crate) fn of_alike<'a>(one: Value<'a>, other: Value<'a>) -> Self {
        let mut of_app = FieldSet::default();
        for (index, field) in APP.fields.iter().enumerate() {
            let source = |app: Value<'a>| app.get(field.name).map(|value| value.source());
            if SELF_CONTAINED.contains(&field.name) && source(one) == source(other) {
                of_app.insert(&APP, index);
            }
        }
        Self { at_any_depth: of_app.clone(), of_app }
    }

    /// The fields of a kind of definition that need not be read.
    pub(super) fn of(&self, kind: Kind) -> &FieldSet {
        match kind {
            Kind::App | Kind::Group => &self.at_any_depth,
            // An update is merged with what earlier ones have made, which is read again.
            Kind::Apps => &self.of_app,
            Kind::Pod => FieldSet::EMPTY,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value as Json;

    use super::*;
    use crate::normalize::stored_without;
    use crate::source::{Document, Format};
    use crate::target::Target;

    const DEFINITIONS: &[(Kind, &str)] = &[
        (
            Kind::App,
            r#"{"id": "web", "cmd": "serve", "uris": ["https://example.com/a.tgz"], "ports": [80, 0],
            "env": {"A": "1"}, "labels": {"team": "shop"}, "dependencies": ["../b"],
            "constraints": [["hostname", "UNIQUE"]], "healthChecks": [{"protocol": "HTTP", "path": "/"}],
            "readinessChecks": [{"path": "/ready"}], "upgradeStrategy": {"minimumHealthCapacity": 1}}"#,
        ),
        (
            Kind::App,
            r#"{"id": "/old", "container": {"type": "DOCKER", "docker": {"image": "a/b", "network": "BRIDGE",
            "portMappings": [{"containerPort": 80, "name": "http", "labels": {"VIP_0": "/a:80"}}],
            "parameters": [{"key": "a", "value": "b"}]}, "volumes": []}, "fetch": [{"uri": "file:///a.tgz"}]}"#,
        ),
        (
            Kind::App,
            r#"{"id": "/address", "cmd": "serve", "ipAddress": {"networkName": "n", "labels": {"a": "b"},
            "discovery": {"ports": [{"number": 80, "name": "http", "protocol": "tcp", "labels": {"c": "d"}}]}}}"#,
        ),
        (
            Kind::App,
            r#"{"id": "/data", "cmd": "serve", "portDefinitions": [{"port": 0, "labels": {}}],
            "container": {"type": "MESOS", "docker": {"image": "a/b"}, "volumes": [
            {"containerPath": "data", "mode": "RW", "persistent": {"size": 9, "profileName": "p",
                "constraints": [["path", "LIKE", "/data.*", "x"]]}},
            {"containerPath": "more", "mode": "RW", "persistent": {"size": 9}},
            {"containerPath": "secret", "secret": "s"},
            {"containerPath": "far", "mode": "RW", "external": {"name": "n", "provider": "csi", "options": {
                "pluginName": "p", "capability": {"accessType": "block", "accessMode": "SINGLE_NODE_WRITER",
                "fsType": "xfs", "mountFlags": ["a"]}, "volumeContext": {}}}},
            {"containerPath": "/etc/ssl", "hostPath": "/etc/ssl", "mode": "RO"}]},
            "secrets": {"s": {"source": "data/s"}}}"#,
        ),
        (
            Kind::App,
            r#"{"id": "/joined", "networks": [{"mode": "container", "labels": {}}, {"name": "b"}],
            "container": {"docker": {"image": "a/b", "forcePullImage": true}, "linuxInfo": {"seccomp": {"unconfined": true}},
            "portMappings": [{"containerPort": 0, "networkNames": []}, {"hostPort": 0, "protocol": "udp,tcp"}]}}"#,
        ),
        (
            Kind::Group,
            r#"{"id": "/shop", "apps": [{"id": "a", "networks": [{"mode": "container/bridge"}],
            "container": {"docker": {"image": "a/b"}, "portMappings": [{"containerPort": 8080}]}}],
            "groups": [{"id": "inner", "apps": [{"id": "b", "cmd": "serve", "role": "shop"}]}]}"#,
        ),
        (
            Kind::Apps,
            r#"[{"id": "a", "networks": [{"mode": "container/bridge"}], "uris": ["file:///a"],
            "container": {"docker": {"image": "a/b"}, "volumes": [{"containerPath": "a", "hostPath": "/a", "mode": "RO"}]}},
            {"id": "a", "container": {"docker": {"image": "a/c"}}, "instances": 2}]"#,
        ),
        (
            Kind::Pod,
            r#"{"id": "/pod", "containers": [{"name": "c", "resources": {"cpus": 1, "mem": 9}}],
            "networks": [{"mode": "container"}], "volumes": [{"name": "v", "host": "/v"}]}"#,
        ),
    ];

    /// The names on the way to every value.
    fn ways(value: &Json, way: &[String], ways: &mut BTreeSet<Vec<String>>) {
        match value {
            Json::Array(elements) => elements.iter().for_each(|element| self::ways(element, way, ways)),
            Json::Object(members) => {
                for (name, member) in members {
                    let way = [way, std::slice::from_ref(name)].concat();
                    self::ways(member, &way, ways);
                    ways.insert(way);
                }
            }
            _ => {}
        }
    }

    /// The value with the fields of these names only.
    fn seen(value: &Json, names: &[String]) -> Json {
        match value {
            Json::Array(elements) => elements.iter().map(|element| seen(element, names)).collect(),
            Json::Object(members) => {
                let kept = members.iter().filter(|(name, _)| names.contains(name));
                let mut kept: Vec<_> =
                    kept.map(|(name, member)| (name.clone(), seen(member, names))).collect();
                kept.sort_by(|one, other| one.0.cmp(&other.0));
                Json::Object(kept.into_iter().collect())
            }
            scalar => scalar.clone(),
        }
    }

    #[test]
    fn what_is_looked_at_stays_the_same() {
        let mut differing = Vec::new();
        for target in ["dcos", "marathon-1.11", "dcos-1.10"] {
            let settings = target.parse::<Target>().expect("a target").settings();
            for (kind, text) in DEFINITIONS {
                let document = Document::parse(*text, Format::Json).expect("JSON");
                let stored =
                    |unneeded: &Unneeded| stored_without(unneeded, document.root(), *kind, &settings);
                let whole = stored(Unneeded::NOTHING);
                let mut all = BTreeSet::new();
                ways(&whole, &[], &mut all);
                assert!(all.len() > 5, "{whole}");
                for names in all {
                    let less = stored(&Unneeded::of_all_but(|field| names.iter().any(|name| name == field)));
                    let (whole, less) = (seen(&whole, &names), seen(&less, &names));
                    if whole != less {
                        differing.push(format!("{target} {names:?}: {whole} {less}"));
                    }
                }
            }
        }
        assert!(differing.is_empty(), "{}", differing.join("\n"));
    }

    #[test]
    fn what_is_written_alike_tells_nothing_apart() {
        let mut differing = Vec::new();
        for target in ["dcos", "marathon-1.11", "dcos-1.10"] {
            let settings = target.parse::<Target>().expect("a target").settings();
            let apps = DEFINITIONS.iter().filter(|(kind, _)| *kind == Kind::App);
            for (one, other) in apps.clone().flat_map(|one| apps.clone().map(move |other| (one.1, other.1))) {
                // The values of one app, with one of them from another.
                let (one, other): (Json, Json) =
                    (serde_json::from_str(one).expect("JSON"), serde_json::from_str(other).expect("JSON"));
                for (name, value) in other.as_object().expect("an object") {
                    let mut changed = one.clone();
                    changed[name] = value.clone();
                    let read = |app: &Json| Document::parse(app.to_string(), Format::Json).expect("JSON");
                    let (before, after) = (read(&one), read(&changed));
                    let is_same = |unneeded: &Unneeded| {
                        let stored = |document: &Document| {
                            stored_without(unneeded, document.root(), Kind::App, &settings)
                        };
                        stored(&before) == stored(&after)
                    };
                    let whole = is_same(Unneeded::NOTHING);
                    if whole != is_same(&Unneeded::of_alike(before.root(), after.root())) {
                        differing.push(format!("{target} {name}: {one} {changed}"));
                    }
                }
            }
        }
        assert!(differing.is_empty(), "{}", differing.join("\n"));
    }

    #[test]
    fn what_nobody_looks_at_is_left_out() {
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let (kind, text) = DEFINITIONS[3];
        let document = Document::parse(text, Format::Json).expect("JSON");
        let unneeded = Unneeded::of_all_but(|field| field == "mem");
        let stored = stored_without(&unneeded, document.root(), kind, &settings);
        assert_eq!(stored.pointer("/container/volumes/4"), Some(&serde_json::json!({"mode": "RO"})));
        assert_eq!((stored.get("cmd"), stored.get("secrets")), (None, None));
        assert!(stored.get("mem").is_some());
    }
}
