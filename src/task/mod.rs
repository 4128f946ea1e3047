//! What Marathon sends to Mesos for a definition, and what runs of it there: the task (`TaskBuilder`, `TaskGroupBuilder`
//! of 1.11) and the command line by which Mesos calls Docker (`src/docker/docker.cpp` of 1.11).
//!
//! What is known at launch only is named: `<UUID>`, `<PORT0>`, `<SANDBOX>`. Of the variables, those of the definition are
//! there; Marathon adds its own (`MARATHON_APP_ID`, `PORT0`, …).

mod app;
mod check;
mod docker_run;
mod mount;
mod pod;

use serde_json::{Map, Value as Json, json};

use mount::MountedPart;

use crate::definition::{Fetched, Unpacking};
use crate::source::Kind;
use crate::target::Settings;

/// A task that Marathon sends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LaunchedTask {
    /// The id of the app or pod.
    pub(crate) id: String,
    /// The task as Mesos gets it, in the names of its protocol.
    pub(crate) info: Json,
    /// The arguments of `docker`, where the Docker Engine runs it.
    pub(crate) docker_run: Option<Vec<String>>,
    /// What is fetched before it starts.
    pub(crate) fetched: Vec<FetchedFile>,
    /// What is mounted into its container.
    pub(crate) mounts: Vec<MountedPart>,
    /// The networks that it joins.
    pub(crate) networks: Vec<String>,
    /// The health checks of the definition that Mesos never gets, by their index.
    pub(crate) dropped_checks: Vec<usize>,
    /// The health checks that Marathon makes itself, by their index, with their protocol.
    pub(crate) marathon_checks: Vec<(usize, String)>,
}

/// A file that is fetched before a task starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchedFile {
    /// Where it comes from.
    pub(crate) uri: String,
    /// Its path in the sandbox.
    pub(crate) path: String,
    /// What becomes of it there, in a word: `unpacked`, `uncompressed` or `kept`.
    pub(crate) becomes: &'static str,
}

/// The tasks of a stored definition: one of an app, one for each container of a pod, those of all services of a group.
#[must_use]
pub(crate) fn tasks(kind: Kind, stored: &Json, settings: &Settings) -> Vec<LaunchedTask> {
    match kind {
        Kind::App => vec![app::task(stored, settings)],
        Kind::Pod => pod::tasks(stored),
        Kind::Apps => list(stored).iter().map(|app| app::task(app, settings)).collect(),
        Kind::Group => {
            let mut tasks = Vec::new();
            let mut open = vec![stored];
            while let Some(group) = open.pop() {
                tasks.extend(list(&group["apps"]).iter().map(|app| app::task(app, settings)));
                tasks.extend(list(&group["pods"]).iter().flat_map(pod::tasks));
                open.extend(list(&group["groups"]).iter().rev());
            }
            tasks
        }
    }
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text<'j>(value: &'j Json, name: &str) -> &'j str {
    value.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn number(value: &Json, name: &str) -> f64 {
    value.get(name).and_then(Json::as_f64).unwrap_or_default()
}

fn whole(value: &Json, name: &str) -> i64 {
    value.get(name).and_then(Json::as_i64).unwrap_or_default()
}

fn is_true(value: &Json, name: &str) -> bool {
    value.get(name).and_then(Json::as_bool) == Some(true)
}

/// A text as it is, anything else as JSON.
pub(crate) fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// An object of the fields that have a value.
fn object<const N: usize>(fields: [(&str, Option<Json>); N]) -> Json {
    let all = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    all.collect::<Map<String, Json>>().into()
}

/// The id without its first slash, with `_` for the others: how ids of tasks begin.
fn safe_id(id: &str) -> String {
    id.trim_start_matches('/').replace('/', "_")
}

/// The id as a name for Mesos-DNS: `web.shop`.
fn host_name(id: &str) -> String {
    let mut parts: Vec<&str> = id.trim_start_matches('/').split('/').collect();
    parts.reverse();
    parts.join(".")
}

/// The resources that a task asks for; ports are texts where Mesos picks them.
fn resources(of: &Json, ports: &[Json]) -> Option<Json> {
    let scalar = |name: &str| {
        let amount = number(of, name);
        (amount > 0.0)
            .then(|| json!({"name": name, "type": "SCALAR", "scalar": {"value": amount}, "role": "*"}))
    };
    let mut all: Vec<Json> = ["cpus", "mem", "disk", "gpus"].into_iter().filter_map(scalar).collect();
    if !ports.is_empty() {
        // A number of 64 bits is a text.
        let range: Vec<Json> =
            ports.iter().map(|port| json!({"begin": plain(port), "end": plain(port)})).collect();
        all.push(json!({"name": "ports", "type": "RANGES", "ranges": {"range": range}, "role": "*"}));
    }
    (!all.is_empty()).then(|| all.into())
}

/// The limits of a task; `unlimited` is infinite.
fn limits(of: &Json) -> Option<Json> {
    let limits = of.get("resourceLimits")?;
    let mut all = Map::new();
    for name in ["cpus", "mem"] {
        if let Some(limit) = limits.get(name).filter(|limit| !limit.is_null()) {
            let value = if limit.is_number() { limit.clone() } else { "Infinity".into() };
            all.insert(name.to_owned(), json!({"value": value}));
        }
    }
    (!all.is_empty()).then(|| all.into())
}

fn variables(of: Option<&Json>) -> Vec<Json> {
    let all = of.and_then(Json::as_object).into_iter().flatten();
    // A secret gets its value on the agent.
    all.filter_map(|(name, value)| Some(json!({"name": name, "value": value.as_str()?}))).collect()
}

fn is_extracted(file: &Json) -> bool {
    file.get("extract").and_then(Json::as_bool) != Some(false)
}

/// The files as Mesos gets them.
fn uris(files: &[Json]) -> Option<Json> {
    let uri = |file: &Json| {
        let mut uri = json!({
            "value": file["uri"],
            "executable": is_true(file, "executable"),
            "extract": is_extracted(file),
            "cache": is_true(file, "cache"),
        });
        if let Some(path) = file.get("destPath").filter(|path| path.is_string()) {
            uri["output_file"] = path.clone();
        }
        uri
    };
    (!files.is_empty()).then(|| files.iter().map(uri).collect())
}

/// What becomes of the files.
fn fetched(files: &[Json]) -> Vec<FetchedFile> {
    let file = |file: &Json| {
        let fetched = Fetched {
            uri: text(file, "uri").into(),
            extract: is_extracted(file),
            executable: is_true(file, "executable"),
            cache: is_true(file, "cache"),
            destination: file.get("destPath").and_then(Json::as_str).map(Into::into),
        };
        let becomes = match fetched.unpacking() {
            Unpacking::Archive => "unpacked",
            Unpacking::Single => "uncompressed",
            Unpacking::Packed(_) => "kept",
        };
        FetchedFile { uri: fetched.uri.clone().into_owned(), path: fetched.plain_path(), becomes }
    };
    files.iter().map(file).collect()
}

/// The name of a port that Mesos picks.
fn picked_port(index: usize) -> Json {
    format!("<PORT{index}>").into()
}

fn labels(of: Option<&Json>) -> Vec<Json> {
    let all = of.and_then(Json::as_object).into_iter().flatten();
    all.map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn add_labels(of: &mut Json, labels: &[Json]) {
    if !labels.is_empty() {
        of["labels"] = json!({"labels": labels});
    }
}

/// A mapping, definition or endpoint of ports.
struct Endpoint<'a> {
    of: &'a Json,
    protocols: Vec<&'a str>,
    /// The port of the agent, where it has one.
    host: Option<Json>,
    /// The port in the container.
    inner: i64,
}

/// The ports by which other services find the task (`PortDiscovery`): that of the agent, or, for each network, that of the
/// container.
fn discovered_ports(networks: &[Json], endpoints: &[Endpoint<'_>]) -> Vec<Json> {
    let label = |key: &str, value: &Json| json!({"key": key, "value": value});
    let is_host = networks.iter().all(|network| text(network, "mode") == "host");
    let joined = networks.iter().filter(|network| text(network, "mode") == "container");
    let joined: Vec<&Json> = joined.map(|network| &network["name"]).collect();
    let mut all = Vec::new();
    for endpoint in endpoints {
        let own: Vec<&Json> = list(&endpoint.of["networkNames"]).iter().collect();
        let (number, scopes) = match &endpoint.host {
            Some(host) if is_host => (host.clone(), vec![Vec::new()]),
            Some(host) => (host.clone(), vec![vec![label("network-scope", &"host".into())]]),
            None => {
                let names = if own.is_empty() { &joined } else { &own };
                let scope = |name: &&Json| {
                    vec![label("network-scope", &"container".into()), label("network-name", name)]
                };
                (endpoint.inner.into(), names.iter().map(scope).collect())
            }
        };
        for protocol in &endpoint.protocols {
            for scope in &scopes {
                let mut port = json!({"number": number, "protocol": protocol});
                if let Some(name) = endpoint.of.get("name").filter(|name| name.is_string()) {
                    port["name"] = name.clone();
                }
                let mut labels = labels(endpoint.of.get("labels"));
                labels.extend(scope.clone());
                add_labels(&mut port, &labels);
                all.push(port);
            }
        }
    }
    all
}

/// How other services find the task.
fn discovery(id: &str, ports: &[Json]) -> Json {
    let ports = if ports.is_empty() { json!({}) } else { json!({"ports": ports}) };
    json!({"visibility": "FRAMEWORK", "name": host_name(id), "ports": ports})
}

/// An image of Docker that UCR pulls: its name, and the secret of its `pullConfig`.
fn pulled_image(name: &Json, image: &Json) -> Json {
    let mut pulled = json!({"name": name});
    if let Some(secret) = image.get("pullConfig").and_then(|config| config.get("secret")) {
        pulled["config"] = json!({"type": "REFERENCE", "reference": {"name": secret}});
    }
    pulled
}

fn kill_policy(seconds: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let nanoseconds = (seconds * 1e9).round() as i64;
    json!({"grace_period": {"nanoseconds": nanoseconds.to_string()}})
}
