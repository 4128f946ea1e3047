//! Marathon's responses: unwraps the definitions in them.

use crate::schema::table;
use crate::source::{Kind, Type, Value};

/// A definition in a response.
#[derive(Clone, Copy)]
pub struct ResponsePart<'d> {
    /// The kind of definition.
    pub kind: Kind,
    /// The definition.
    pub value: Value<'d>,
}

/// The definitions in a server's response to `GET /v2/apps`, `/v2/apps/ID`, `/v2/pods`, `/v2/groups` and the paths
/// below, of `/v2/pods/…::status`, or of `dcos marathon app show`. The pods of a group follow it, each as a definition,
/// because a group in a request has none. `None` when this is a definition and not a response. A single pod looks the
/// same in both and counts as a definition.
#[must_use]
pub fn parts(root: Value<'_>) -> Option<Vec<ResponsePart<'_>>> {
    if root.kind() == Type::Array {
        let pods: Vec<ResponsePart<'_>> = root.elements().map(pod).collect();
        let is_pods = !pods.is_empty() && pods.iter().all(|pod| Kind::detect(&pod.value) == Some(Kind::Pod));
        return is_pods.then_some(pods);
    }
    let list = |name: &str| root.get(name).filter(|list| list.kind() == Type::Array);
    if root.get("id").is_none() {
        if let Some(value) = root.get("app").filter(|app| app.kind() == Type::Object) {
            return Some(vec![ResponsePart { kind: Kind::App, value }]);
        }
        // `*` is in the response to `GET /v2/apps/GROUP/*`.
        let apps = list("apps").filter(|_| list("groups").is_none()).or_else(|| list("*"))?;
        return Some(apps.elements().map(|value| ResponsePart { kind: Kind::App, value }).collect());
    }
    if list("pods").is_some() && (list("apps").is_some() || list("groups").is_some()) {
        let mut parts = vec![ResponsePart { kind: Kind::Group, value: root }];
        pods_of(root, &mut parts);
        return Some(parts);
    }
    if spec_of(root).is_some() {
        return Some(vec![pod(root)]);
    }
    let is_app = list("containers").is_none() && root.members().any(|(name, _)| is_of_response(name));
    is_app.then(|| vec![ResponsePart { kind: Kind::App, value: root }])
}

/// Whether only a response has a field of this name, in an app or in Marathon's wrapper of one (`AppInfo`).
fn is_of_response(name: Value<'_>) -> bool {
    let name = name.as_str().unwrap_or_default();
    // Definitions may carry a `version`: Marathon ignores it.
    name != "version" && table::APP.is_of_response(&name)
}

/// As [`parts`], for what is known to be a response; by default a single definition of this `kind`.
#[must_use]
pub fn parts_or(root: Value<'_>, kind: Kind) -> Vec<ResponsePart<'_>> {
    parts(root).unwrap_or_else(|| vec![ResponsePart { kind, value: root }])
}

/// Whether an app has all fields that a server always returns (`AppDefinition`'s writes, 1.5 to 1.11): then it may be a
/// response without the fields that only responses have. A server stores some values that it would reject in a request.
#[must_use]
pub fn is_complete(app: Value<'_>) -> bool {
    const ALWAYS: [&str; 12] = [
        "backoffFactor",
        "backoffSeconds",
        "cpus",
        "disk",
        "executor",
        "id",
        "instances",
        "maxLaunchDelaySeconds",
        "mem",
        "requirePorts",
        "unreachableStrategy",
        "upgradeStrategy",
    ];
    ALWAYS.iter().all(|name| app.get(name).is_some())
}

/// A pod. `GET /v2/groups` and `…::status` answer its status, which holds the definition (1.4 to 1.11).
fn pod(value: Value<'_>) -> ResponsePart<'_> {
    ResponsePart { kind: Kind::Pod, value: spec_of(value).unwrap_or(value) }
}

/// The definition in the status of a pod.
fn spec_of(status: Value<'_>) -> Option<Value<'_>> {
    let spec =
        status.get("spec").filter(|_| status.get("id").is_some() && status.get("containers").is_none())?;
    (Kind::detect(&spec) == Some(Kind::Pod)).then_some(spec)
}

fn pods_of<'d>(group: Value<'d>, parts: &mut Vec<ResponsePart<'d>>) {
    let members =
        |name: &str| group.get(name).into_iter().flat_map(|list| list.elements().collect::<Vec<_>>());
    parts.extend(members("pods").map(pod));
    members("groups").for_each(|inner| pods_of(inner, parts));
}
