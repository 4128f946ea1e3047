//! Combinations with deprecated fields (`AppValidation.validateOldAppAPI`), judged on the app as it is written.

use crate::diagnostic::Stage;
use crate::rule::shared::first_repeat;
use crate::schema::table;
use crate::source::Value;

use super::super::java;
use super::super::{Fields, Judge, Rule};

static OLD_AND_NEW_NETWORKS: Rule = Rule::verdict(
    "old-and-new-networks",
    "Networking is said once: `networks`, or the deprecated `ipAddress` or `container.docker.network`",
);
static PORTS_TWICE: Rule = Rule::verdict(
    "ports-twice",
    "Ports are said once: `portDefinitions`, or the deprecated `ports`, and neither beside `ipAddress`",
);
pub(super) static DUPLICATE_PORT: Rule = Rule::verdict("duplicate-port", "A port is named once");
pub(super) static DUPLICATE_PORT_NAME: Rule = Rule::verdict("duplicate-port-name", "Names of ports differ");
static DISCOVERY_ON_DOCKER: Rule =
    Rule::verdict("discovery-on-docker", "`ipAddress.discovery` is not for containers of the Docker Engine");
pub(super) static INVALID_URI: Rule = Rule::verdict("invalid-uri", "A URI has to be one");
static URIS_AND_FETCH: Rule =
    Rule::verdict("uris-and-fetch", "Files are fetched by `fetch`, or by the deprecated `uris`, not by both");
static DOCKER_CREDENTIAL: Rule = Rule::verdict(
    "docker-credential",
    "`docker.credential` is gone since Marathon 1.5: use `pullConfig`, or an archive that is fetched",
);
static ENGINE_FIELD_ON_UCR: Rule = Rule::verdict(
    "engine-field-on-ucr",
    "A MESOS container has no `docker.network`, `docker.parameters` or `docker.portMappings`",
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &OLD_AND_NEW_NETWORKS,
    &PORTS_TWICE,
    &DUPLICATE_PORT,
    &DUPLICATE_PORT_NAME,
    &DISCOVERY_ON_DOCKER,
    &INVALID_URI,
    &URIS_AND_FETCH,
    &DOCKER_CREDENTIAL,
    &ENGINE_FIELD_ON_UCR,
];

pub(super) fn judge(app: &Fields<'_>, judge: &mut Judge) {
    let container = app.object("container", &table::CONTAINER);
    let docker =
        container.as_ref().and_then(|container| container.object("docker", &table::DOCKER_CONTAINER));
    let is_docker = container.as_ref().is_some_and(|container| container.word("type") != Some("MESOS"));
    if let Some(docker) = &docker {
        self::docker(docker, is_docker, judge);
        if docker.has("network") && app.len("networks").is_some_and(|count| count > 0) {
            let text = "must not specify both container.docker.network and networks";
            judge.refuse(&OLD_AND_NEW_NETWORKS, Stage::Deprecated, docker.at("network"), "/", text).help =
                Some("remove `container.docker.network`".to_owned());
        }
    }
    if let Some(address) = app.object("ipAddress", &table::IP_ADDRESS) {
        if is_docker && address.has("discovery") {
            let text = "ipAddress/discovery is not allowed for Docker containers";
            judge.refuse(
                &DISCOVERY_ON_DOCKER,
                Stage::Deprecated,
                address.at("discovery"),
                "/ipAddress",
                text,
            );
        }
        if app.len("networks").is_some_and(|count| count > 0) {
            let text = "must not specify both networks and ipAddress";
            judge.refuse(&OLD_AND_NEW_NETWORKS, Stage::Deprecated, address.value, "/", text).help =
                Some("remove `ipAddress`".to_owned());
        }
        let has_ports = |name| app.len(name).is_some_and(|count| count > 0);
        if let Some(name) = ["ports", "portDefinitions"].into_iter().find(|name| has_ports(name)) {
            let text = "cannot specify both an IP address and port";
            judge.refuse(&PORTS_TWICE, Stage::Deprecated, app.at(name), "/", text);
        }
    }
    uris(app, judge);
    ports(app, judge);
}

fn docker(docker: &Fields<'_>, is_docker: bool, judge: &mut Judge) {
    const PATH: &str = "/container/docker/";
    if docker.has("credential") {
        let path = format!("{PATH}credential");
        judge.refuse(&DOCKER_CREDENTIAL, Stage::Deprecated, docker.at("credential"), path, "must be empty");
    }
    if !is_docker {
        let given = [
            ("network", docker.has("network")),
            ("parameters", docker.len("parameters").is_some_and(|count| count > 0)),
            ("portMappings", docker.has("portMappings")),
        ];
        for (name, _) in given.into_iter().filter(|(_, given)| *given) {
            let found = judge.refuse(
                &ENGINE_FIELD_ON_UCR,
                Stage::Deprecated,
                docker.at(name),
                format!("{PATH}{name}"),
                "must be empty",
            );
            found.message =
                format!("`docker.{name}` is for the Docker Engine; this container's type is MESOS");
        }
    }
    let names = docker
        .list("portMappings")
        .map(|mapping| Fields::of(mapping, &table::CONTAINER_PORT_MAPPING).text("name"));
    if let Some(name) = first_repeat(names.flatten(), |name| Some(name.clone())) {
        // Marathon's own program text, which it answers as the path.
        let path = "/app.container.flatMap(_.docker.flatMap(_.portMappings))";
        let text = "Port names must be unique.";
        judge
            .refuse(&DUPLICATE_PORT_NAME, Stage::Deprecated, docker.at("portMappings"), path, text)
            .message = format!("the port name `{name}` is used twice");
    }
}

fn uris(app: &Fields<'_>, judge: &mut Judge) {
    for (index, uri) in app.list("uris").enumerate() {
        if !java::is_uri(&uri.as_str().unwrap_or_default()) {
            judge.refuse(
                &INVALID_URI,
                Stage::Deprecated,
                uri,
                format!("/uris({index})"),
                "URI has invalid syntax.",
            );
        }
    }
    let both = ["uris", "fetch"].iter().all(|name| app.len(name).is_some_and(|count| count > 0));
    if both {
        let text = "may not be set in conjunction with fetch";
        judge.refuse(&URIS_AND_FETCH, Stage::Deprecated, app.at("uris"), "/uris", text).help =
            Some("move the `uris` into `fetch`, as {\"uri\": …}".to_owned());
    }
}

fn ports(app: &Fields<'_>, judge: &mut Judge) {
    let number = |value: Value<'_>| {
        value.as_number().and_then(|number| crate::schema::integer(number, true)).unwrap_or(0)
    };
    let ports: Vec<i64> = app.list("ports").map(number).collect();
    let fixed = ports.iter().filter(|port| **port != 0);
    if first_repeat(fixed, |port| Some(*port)).is_some() {
        judge.refuse(&DUPLICATE_PORT, Stage::Deprecated, app.at("ports"), "/", "ports must be unique");
    }
    if app.has("ports") && app.has("portDefinitions") {
        let defined: Vec<i64> = app
            .list("portDefinitions")
            .map(|definition| Fields::of(definition, &table::PORT_DEFINITION).int("port").unwrap_or(0))
            .collect();
        if ports != defined {
            let text = "cannot specify both ports and port definitions";
            judge.refuse(&PORTS_TWICE, Stage::Deprecated, app.at("ports"), "/", text).help =
                Some("remove `ports`".to_owned());
        }
    }
}
