//! Combinations with deprecated fields (`AppValidation.validateOldAppAPI`), checked on the app as it is written.

use std::collections::HashSet;

use crate::finding::{Change, Fix, FixKind, Stage};
use crate::java;
use crate::rule::context::Rejection;
use crate::rule::view::{Fields, RawApp, first_repeat, port_number};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;

pub(super) static OLD_AND_NEW_NETWORKS: Rule = Rule::verdict(
    "old-and-new-networks",
    "Networking is said once: `networks`, or the deprecated `ipAddress` or `container.docker.network`",
)
.why(
    "`networks` came with 1.5. Marathon moves the old fields there, and does not choose between what they say and what \
     `networks` says.",
)
.since(Release::V1_5)
.bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27",
        "network": "BRIDGE"}}, "networks": [{"mode": "container/bridge"}]}"#)
.good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"}},
        "networks": [{"mode": "container/bridge"}]}"#);

static PORTS_TWICE: Rule = Rule::verdict(
    "ports-twice",
    "Ports are said once: `portDefinitions`, or the deprecated `ports`, and neither beside `ipAddress`",
)
.why(
    "`ports` is the old form of `portDefinitions`; both are fine only with the same numbers in the same order. An app with \
     `ipAddress` has an address of its own, whose ports are said in `ipAddress.discovery` or as port mappings.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "ports": [8080], "portDefinitions": [{"port": 8081,
        "name": "http"}]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 8081, "name": "http"}]}"#);

pub(super) static DUPLICATE_PORT: Rule = Rule::verdict("duplicate-port", "A port is named once")
    .why(
        "Each port definition is a port of its own to the service and its load balancer. 0 may be repeated: \
         Marathon picks a different port each time.",
    )
    .bad(
        r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 8080, "name": "http"},
            {"port": 8080, "name": "admin"}]}"#,
    )
    .good(
        r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 8080, "name": "http"},
            {"port": 0, "name": "admin"}]}"#,
    );

pub(super) static DUPLICATE_PORT_NAME: Rule = Rule::verdict("duplicate-port-name", "Names of ports differ")
    .why("Readiness checks, service discovery and environment variables (`PORT_HTTP`) find a port by its name.")
    .bad(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0, "name": "http"},
            {"port": 0, "name": "http"}]}"#)
    .good(r#"{"id": "/web", "cmd": "./web", "portDefinitions": [{"port": 0, "name": "http"},
            {"port": 0, "name": "admin"}]}"#);

static DISCOVERY_ON_DOCKER: Rule =
    Rule::verdict("discovery-on-docker", "`ipAddress.discovery` is not for containers of the Docker Engine")
        .why(
            "The ports of a container of the Docker Engine are its port mappings; `ipAddress.discovery` says those of a \
             task that Mesos gives an address. Both fields are old: `networks` and `container.portMappings` hold for \
             all.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27",
                "network": "USER"}}, "ipAddress": {"networkName": "dcos",
                "discovery": {"ports": [{"number": 80, "name": "http", "protocol": "tcp"}]}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27"},
                "portMappings": [{"containerPort": 80, "name": "http"}]},
                "networks": [{"mode": "container", "name": "dcos"}]}"#);

static INVALID_URI: Rule = Rule::verdict("invalid-uri", "A URI has to be one")
    .why(
        "Marathon reads each URI with Java's parser before Mesos ever fetches it: blanks, braces and backslashes have to \
         be percent-encoded, and a scheme is followed by something.",
    )
    .bad(r#"{"id": "/web", "cmd": "./web", "fetch": [{"uri": "https://example.com/release {1}.tgz"}]}"#)
    .good(r#"{"id": "/web", "cmd": "./web", "fetch": [{"uri": "https://example.com/release%20%7B1%7D.tgz"}]}"#);

pub(crate) static URIS_AND_FETCH: Rule =
    Rule::verdict("uris-and-fetch", "Files are fetched by `fetch`, or by the deprecated `uris`, not by both")
        .why(
            "`fetch` is the newer form of `uris`, with switches for each file. Marathon moves `uris` there and does not \
             put two lists together.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "uris": ["https://example.com/a.tgz"],
                "fetch": [{"uri": "https://example.com/a.tgz"}]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "fetch": [{"uri": "https://example.com/a.tgz"}]}"#)
        .fix(FixKind::Safe);

pub(crate) static REMOVED_DOCKER_CREDENTIAL: Rule = Rule::verdict(
    "removed-docker-credential",
    "`docker.credential` is gone since Marathon 1.5: use `pullConfig`, or an archive that is fetched",
).aliases(&["docker-credential"])
.why(
    "Neither engine ever used it, and Marathon refuses it. UCR takes a registry's credentials from a secret by \
     `pullConfig`, the Docker Engine from an archive with `.docker/config.json` in `fetch`.",
)
.bad(r#"{"id": "/web", "container": {"type": "MESOS",
        "docker": {"image": "registry.example.com/web:1", "credential": {"principal": "ops"}}}}"#)
.good(r#"{"id": "/web", "container": {"type": "MESOS",
        "docker": {"image": "registry.example.com/web:1", "pullConfig": {"secret": "pull"}}},
        "secrets": {"pull": {"source": "web/pull"}}}"#)
.fix(FixKind::Unsafe);

static ENGINE_FIELD_ON_UCR: Rule = Rule::verdict(
    "engine-field-on-ucr",
    "A MESOS container has no `docker.network`, `docker.parameters` or `docker.portMappings`",
)
.why(
    "These are options of `docker run`, which UCR does not call. Networks and ports have places of their own since 1.5, \
     `networks` and `container.portMappings`, that hold for both engines; parameters have no counterpart.",
)
.bad(r#"{"id": "/web", "container": {"type": "MESOS", "docker": {"image": "nginx:1.27",
        "parameters": [{"key": "cap-add", "value": "NET_ADMIN"}]}}}"#)
.good(r#"{"id": "/web", "container": {"type": "MESOS", "docker": {"image": "nginx:1.27"}}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &OLD_AND_NEW_NETWORKS,
    &PORTS_TWICE,
    &DUPLICATE_PORT,
    &DUPLICATE_PORT_NAME,
    &DISCOVERY_ON_DOCKER,
    &INVALID_URI,
    &URIS_AND_FETCH,
    &REMOVED_DOCKER_CREDENTIAL,
    &ENGINE_FIELD_ON_UCR,
];

pub(super) fn check(raw: &RawApp<'_>, context: &mut Context<'_>) {
    let RawApp { app, container, docker, address } = raw;
    let is_docker = container.as_ref().is_some_and(|container| container.word("type") != Some("MESOS"));
    if let Some(docker) = docker {
        self::docker(docker, is_docker, context);
        if docker.has("network") && app.has_any("networks") {
            let text = "must not specify both container.docker.network and networks";
            context
                .reject(&OLD_AND_NEW_NETWORKS, Stage::Deprecated, docker.at("network"), "/", text)
                .describe(
                    "the network is said twice: here, and in `networks`",
                    "remove `container.docker.network`",
                );
        }
    }
    if let Some(address) = address {
        if is_docker && address.has("discovery") {
            let text = "ipAddress/discovery is not allowed for Docker containers";
            let at = address.at("discovery");
            context.reject(&DISCOVERY_ON_DOCKER, Stage::Deprecated, at, "/ipAddress", text).describe(
                "a container of the Docker Engine has its ports as port mappings",
                "write them as `container.portMappings`, and `networks` for `ipAddress`",
            );
        }
        if app.has_any("networks") {
            let text = "must not specify both networks and ipAddress";
            context
                .reject(&OLD_AND_NEW_NETWORKS, Stage::Deprecated, address.value, "/", text)
                .describe("the network is said twice: here, and in `networks`", "remove `ipAddress`");
        }
        if let Some(name) = ["ports", "portDefinitions"].into_iter().find(|name| app.has_any(name)) {
            let text = "cannot specify both an IP address and port";
            context.reject(&PORTS_TWICE, Stage::Deprecated, app.at(name), "/", text).describe(
                format!("an app with `ipAddress` has an address of its own, and no `{name}` of the agent"),
                format!("remove `{name}`, or write the ports as `container.portMappings`"),
            );
        }
    }
    uris(app, context);
    ports(app, context);
}

/// Checks the deprecated fields that the migration of an update leaves in place.
pub(super) fn check_kept(raw: &RawApp<'_>, context: &mut Context<'_>) {
    let RawApp { container, docker, .. } = raw;
    let is_mesos = container.as_ref().is_some_and(|container| container.word("type") == Some("MESOS"));
    if let Some(docker) = docker {
        credential(docker, context);
        if is_mesos {
            docker_only(docker, &["parameters"], context);
        }
    }
}

fn docker(docker: &Fields<'_>, is_docker: bool, context: &mut Context<'_>) {
    credential(docker, context);
    if !is_docker {
        docker_only(docker, &["network", "parameters", "portMappings"], context);
    }
    let names = docker
        .list("portMappings")
        .map(|mapping| Fields::of(mapping, &table::CONTAINER_PORT_MAPPING).text("name"));
    if let Some(name) = first_repeat(names.flatten(), |name| Some(name.clone())) {
        // An expression of Marathon's source, which it answers as the path.
        let path = "/app.container.flatMap(_.docker.flatMap(_.portMappings))";
        let text = "Port names must be unique.";
        context
            .reject(&DUPLICATE_PORT_NAME, Stage::Deprecated, docker.at("portMappings"), path, text)
            .describe(format!("the port name `{name}` is used twice"), "give each port a name of its own");
    }
}

const PATH: &str = "/container/docker/";

fn credential(docker: &Fields<'_>, context: &mut Context<'_>) {
    if docker.has("credential") {
        let (at, path) = (docker.at("credential"), format!("{PATH}credential"));
        context
            .reject(&REMOVED_DOCKER_CREDENTIAL, Stage::Deprecated, at, path, "must be empty")
            .describe(
                "neither UCR nor the Docker Engine takes credentials from here",
                "use `milepost wire`: a pull config for UCR, an archive for the Docker Engine",
            )
            .fix(Fix::unsafe_(
                "remove `credential`, which no engine ever read",
                [Change::remove(docker.value, at)],
            ));
    }
}

/// Rejects fields that only containers of the Docker Engine have.
fn docker_only(docker: &Fields<'_>, names: &[&str], context: &mut Context<'_>) {
    for name in names {
        let given = match *name {
            "parameters" => docker.has_any("parameters"),
            name => docker.has(name),
        };
        if !given {
            continue;
        }
        let (at, path) = (docker.at(name), format!("{PATH}{name}"));
        let help = match *name {
            "network" => "write it in `networks`",
            "portMappings" => "move it to `container.portMappings`",
            _ => "remove it, or make the type DOCKER",
        };
        context.reject(&ENGINE_FIELD_ON_UCR, Stage::Deprecated, at, path, "must be empty").describe(
            format!("`docker.{name}` is for the Docker Engine; this container's type is MESOS"),
            help,
        );
    }
}

fn uris(app: &Fields<'_>, context: &mut Context<'_>) {
    for (index, uri) in app.list("uris").enumerate() {
        self::uri(uri, Stage::Deprecated, || format!("/uris({index})"), context);
    }
    let text = "may not be set in conjunction with fetch";
    if let Some(found) = uris_and_fetch(app, Stage::Deprecated, "/uris", text, context) {
        // An entry that leaves the file packed, or makes a program of it, says something else than `uris` does.
        let says_more = |entry: &Value<'_>| entry.get("extract").or(entry.get("executable")).is_some();
        let entries = app.list("fetch").filter(|entry| !says_more(entry) && entry.get("destPath").is_none());
        let fetched: HashSet<_> = entries.filter_map(|entry| entry.get("uri")?.as_str()).collect();
        if app.list("uris").all(|uri| uri.as_str().is_some_and(|uri| fetched.contains(&uri))) {
            found.fix(Fix::safe(
                "remove `uris`, as `fetch` names the same",
                [Change::remove(app.value, app.at("uris"))],
            ));
        }
    }
}

/// Rejects `uris` beside `fetch`, in Marathon's words for this stage.
pub(super) fn uris_and_fetch<'c, 's>(
    app: &Fields<'_>,
    stage: Stage,
    path: &str,
    text: &str,
    context: &'c mut Context<'s>,
) -> Option<Rejection<'c, 's>> {
    let are_both = ["uris", "fetch"].iter().all(|name| app.has_any(name));
    are_both.then(|| {
        context.reject(&URIS_AND_FETCH, stage, app.at("uris"), path, text).describe(
            "files are fetched by `uris` and by `fetch`",
            "move the `uris` into `fetch`, as {\"uri\": …}",
        )
    })
}

/// Rejects a URI with invalid syntax.
pub(super) fn uri(at: Value<'_>, stage: Stage, path: impl FnOnce() -> String, context: &mut Context<'_>) {
    let uri = at.as_str().unwrap_or_default();
    if java::is_uri(&uri) {
        return;
    }
    // The message does not quote the URI: between scheme and host there may be a password.
    let odd = uri.chars().find(|c| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(*c));
    let (message, help) = match odd {
        Some(' ') => ("a URI has no blanks".to_owned(), "write a blank as %20".to_owned()),
        Some(odd) if odd.is_ascii() => (
            format!("a URI has no `{}`", odd.escape_default()),
            format!("write it as %{:02X}", u32::from(odd)),
        ),
        _ => (
            "this is not a URI".to_owned(),
            "write SCHEME://HOST/PATH, with odd characters as %XX".to_owned(),
        ),
    };
    context.reject(&INVALID_URI, stage, at, path(), "URI has invalid syntax.").describe(message, help);
}

fn ports(app: &Fields<'_>, context: &mut Context<'_>) {
    let ports: Vec<i64> = app.list("ports").map(port_number).collect();
    let fixed = ports.iter().filter(|port| **port != 0);
    if let Some(port) = first_repeat(fixed, |port| Some(*port)) {
        context
            .reject(&DUPLICATE_PORT, Stage::Deprecated, app.at("ports"), "/", "ports must be unique")
            .describe(format!("port {port} is named twice"), "give each its own number, or 0 for any");
    }
    if app.has("ports") && app.has("portDefinitions") && !are_ports_alike(app) {
        let text = "cannot specify both ports and port definitions";
        context.reject(&PORTS_TWICE, Stage::Deprecated, app.at("ports"), "/", text).describe(
            "`ports` and `portDefinitions` say different ports",
            "write the ports that are meant in `portDefinitions`, and remove `ports`",
        );
    }
}

/// Whether `ports` and `portDefinitions` say the same numbers in the same order.
pub(in crate::rule) fn are_ports_alike(app: &Fields<'_>) -> bool {
    let defined = app
        .list("portDefinitions")
        .map(|definition| Fields::of(definition, &table::PORT_DEFINITION).int("port").unwrap_or(0));
    app.list("ports").map(port_number).eq(defined)
}
