//! Definitions of any size that something is done to.

use std::time::{Duration, Instant};

use milepost::credential::config::Logins;
use milepost::credential::merge::merge;
use milepost::credential::{Archive, Credential, DEFAULT_SECRET_NAME, Login, Secret, WireOptions, wire};
use milepost::image::Host;
use milepost::migrate::{MigrationPlan, Ucr, migrate};
use milepost::source::{Document, Format, Kind};
use milepost::target::{Release, Target};
use serde_json::{Value, json};

use super::app;
use super::definitions::{containers, list};

/// A change of every element of a definition.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    kind: Kind,
    pub(crate) definition: fn(usize) -> Value,
    what: What,
}

enum What {
    Archive,
    Secret,
    Convert,
    MoveToUcr,
    /// As many logins as the config file has.
    Logins,
}

impl Change {
    /// How long it takes to work out the changed text, and by how many bytes it differs in length.
    pub(crate) fn cost(&self, text: &str) -> (Duration, usize) {
        let logins = if matches!(self.what, What::Logins) { logins(text) } else { Logins::default() };
        let start = Instant::now();
        let after = if matches!(self.what, What::Logins) {
            let document = Document::parse(text, Format::Json).expect("JSON");
            merge(document, &logins).expect("merged").text().to_owned()
        } else if matches!(self.what, What::MoveToUcr) {
            let plan = MigrationPlan::new("dcos".parse::<Target>().expect("a target").settings());
            let plan =
                MigrationPlan { to_ucr: Some(Ucr { secret: Some(secret()), ..Ucr::default() }), ..plan };
            migrate(text, Format::Json, Some(self.kind), &plan).expect("migrated").text
        } else {
            let document = Document::parse(text, Format::Json).expect("JSON");
            let outcome = wire(document, self.kind, &self.options()).expect("wired");
            outcome.document.text().to_owned()
        };
        let elapsed = start.elapsed();
        assert_ne!(after, text, "{}: nothing was changed", self.name);
        (elapsed, after.len().abs_diff(text.len()))
    }

    fn options(&self) -> WireOptions {
        let credential = match self.what {
            What::Archive => Credential::Archive(Archive::new(ARCHIVE).expect("sound")),
            _ => Credential::Secret { secret: secret(), convert: matches!(self.what, What::Convert) },
        };
        WireOptions::new(credential, Release::LATEST)
    }
}

const ARCHIVE: &str = "file:///etc/docker.tar.gz";

fn secret() -> Secret {
    Secret::new("a/b", DEFAULT_SECRET_NAME, Release::LATEST).expect("sound")
}

/// A login for another registry than each of a config file's.
fn logins(text: &str) -> Logins {
    let mut logins = Logins::default();
    for number in 0..text.matches("auth\"").count() {
        let host = Host::parse(&format!("new{number}.example")).expect("a host");
        logins.insert(host, Login::new("me", "letmein".into()).expect("sound"));
    }
    logins
}

fn config(count: usize) -> Value {
    let entries = (0..count).map(|n| (format!("r{n}.example"), json!({"auth": "dTpw"})));
    json!({"auths": entries.collect::<serde_json::Map<_, _>>()})
}

/// An app on the Docker Engine, in the forms of Marathon 1.4, which fetches its credentials.
fn docker_app(n: usize) -> Value {
    let mut app = app(&format!("a{n}"));
    app["container"]["type"] = json!("DOCKER");
    app["container"]["docker"]["network"] = json!("BRIDGE");
    app["container"]["docker"]["portMappings"] = json!([{"containerPort": 80}]);
    app["fetch"] = json!([{"uri": ARCHIVE}, {"uri": "https://example.com/a.tgz"}]);
    app
}

fn docker_apps(count: usize) -> Value {
    json!({"id": "/g", "apps": list(count, docker_app)})
}

/// Groups of one such app each.
fn docker_groups(count: usize) -> Value {
    let group = |n: usize| json!({"id": format!("g{n}"), "apps": [docker_app(n)]});
    json!({"id": "/g", "groups": list(count, group)})
}

/// Groups within groups, as deep as definitions go among the most, with such apps in each.
fn nested_groups(count: usize) -> Value {
    const IN_EACH: usize = 25;
    let levels = count.div_ceil(IN_EACH);
    let level = |inner: Option<Value>, level: usize| {
        let apps = list(IN_EACH.min(count), |n| docker_app(level * IN_EACH + n));
        let groups: Vec<Value> = inner.into_iter().collect();
        let id = if level == 0 { "/g".to_owned() } else { format!("g{level}") };
        Some(json!({"id": id, "apps": apps, "groups": groups}))
    };
    (0..levels).rev().fold(None, level).unwrap_or_default()
}

/// Apps of which Marathon refuses each on the Universal Container Runtime, but not on the Docker Engine.
fn bound_apps(count: usize) -> Value {
    let bound = |n: usize| {
        let mut app = docker_app(n);
        app["container"]["linuxInfo"] = json!({"seccomp": {"unconfined": true, "profileName": "x"}});
        app
    };
    json!({"id": "/g", "apps": list(count, bound)})
}

pub(crate) fn changes() -> Vec<Change> {
    let change = |name, kind, definition, what| Change { name, kind, definition, what };
    let groups = |count| json!({"id": "/g", "apps": list(count, |n| app(&format!("a{n}")))});
    let archives = |count| {
        let mut app = docker_app(0);
        app["id"] = json!("/a");
        app["fetch"] =
            list(2 * count, |n| json!({"uri": if n % 2 == 0 { ARCHIVE } else { "https://x/y.tgz" }}));
        app
    };
    let pod = |count| {
        let image = |_| json!({"image": {"kind": "DOCKER", "id": "a/b:1"}});
        json!({"id": "/p", "containers": containers(count, &image)})
    };
    let bare = |count| {
        let bare = |n: usize| json!({"id": format!("a{n}"), "container": {"docker": {"image": "a/b:1"}}});
        json!({"id": "/g", "apps": list(count, bare)})
    };
    vec![
        change("wire an archive to apps in a group", Kind::Group, bare, What::Archive),
        change("wire a secret to apps in a group", Kind::Group, groups, What::Secret),
        change("wire a secret to containers of a pod", Kind::Pod, pod, What::Secret),
        change("wire a secret to groups of a group", Kind::Group, docker_groups, What::Convert),
        change("migrate groups of a group to UCR", Kind::Group, docker_groups, What::MoveToUcr),
        change("wire a secret to groups within groups", Kind::Group, nested_groups, What::Convert),
        change("migrate groups within groups to UCR", Kind::Group, nested_groups, What::MoveToUcr),
        change("convert apps in a group", Kind::Group, docker_apps, What::Convert),
        change("convert an app with many archives", Kind::App, archives, What::Convert),
        change("import the logins of registries", Kind::App, config, What::Logins),
        change("migrate apps in a group to UCR", Kind::Group, docker_apps, What::MoveToUcr),
        change("migrate apps that cannot go to UCR", Kind::Group, bound_apps, What::MoveToUcr),
    ]
}
