//! What Marathon answers: definitions in wrappers, with much that the server has filled in.

use crate::schema::table;
use crate::source::{Kind, Type, Value};

/// A definition in an answer.
#[derive(Clone, Copy)]
pub struct AnswerPart<'d> {
    /// What it is a definition of.
    pub kind: Kind,
    /// The definition.
    pub value: Value<'d>,
}

/// The definitions in a server's answer: of `GET /v2/apps`, `/v2/apps/ID` and `dcos marathon app show`, `/v2/pods`,
/// `/v2/groups` and what is below it. A group's pods come after it, each on its own, since a group that is sent has
/// none. Nothing when this is not an answer but what somebody wrote. A single pod is the same in both: it is taken for a
/// definition.
#[must_use]
pub fn parts(root: Value<'_>) -> Option<Vec<AnswerPart<'_>>> {
    if root.kind() == Type::Array {
        let pods: Vec<AnswerPart<'_>> =
            root.elements().map(|value| AnswerPart { kind: Kind::Pod, value }).collect();
        let is_pods = !pods.is_empty() && root.elements().all(|pod| Kind::detect(&pod) == Some(Kind::Pod));
        return is_pods.then_some(pods);
    }
    let list = |name: &str| root.get(name).filter(|list| list.kind() == Type::Array);
    if root.get("id").is_none() {
        if let Some(value) = root.get("app").filter(|app| app.kind() == Type::Object) {
            return Some(vec![AnswerPart { kind: Kind::App, value }]);
        }
        // `*` is the answer of `GET /v2/apps/GROUP/*`.
        let apps = list("apps").filter(|_| list("groups").is_none()).or_else(|| list("*"))?;
        return Some(apps.elements().map(|value| AnswerPart { kind: Kind::App, value }).collect());
    }
    if list("pods").is_some() && (list("apps").is_some() || list("groups").is_some()) {
        let mut parts = vec![AnswerPart { kind: Kind::Group, value: root }];
        pods_of(root, &mut parts);
        return Some(parts);
    }
    let is_app = list("containers").is_none() && root.members().any(|(name, _)| is_of_response(name));
    is_app.then(|| vec![AnswerPart { kind: Kind::App, value: root }])
}

/// Whether only a response has a field of this name, in an app or in Marathon's wrapper of one (`AppInfo`).
fn is_of_response(name: Value<'_>) -> bool {
    let name = name.as_str().unwrap_or_default();
    let field = table::APP.position(&name).map(|index| &table::APP.fields[index]);
    // Definitions may carry a `version`: Marathon ignores it.
    table::APP.response_only.contains(&&*name) || field.is_some_and(|field| field.response && name != "version")
}

/// As [`parts`], of what surely is an answer: of a single one of this `kind` where it shows no sign of being one.
#[must_use]
pub fn parts_or(root: Value<'_>, kind: Kind) -> Vec<AnswerPart<'_>> {
    parts(root).unwrap_or_else(|| vec![AnswerPart { kind, value: root }])
}

/// Whether an app says everything that a server says of one (`AppDefinition`'s writes, 1.5 to 1.11), so that it may well
/// be an answer without what tells one for sure. A server holds some things that it would not take again.
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

fn pods_of<'d>(group: Value<'d>, parts: &mut Vec<AnswerPart<'d>>) {
    let members =
        |name: &str| group.get(name).into_iter().flat_map(|list| list.elements().collect::<Vec<_>>());
    parts.extend(members("pods").map(|value| AnswerPart { kind: Kind::Pod, value }));
    members("groups").for_each(|inner| pods_of(inner, parts));
}
