//! Compares two definitions, except for the paths that a step changes.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::source::Pointer;

/// The paths that may differ.
#[derive(Default)]
pub(super) struct Exempt {
    /// In the app of this id, paths from its root.
    in_apps: HashMap<String, Vec<&'static str>>,
    /// Paths from the root of the document.
    whole: HashSet<String>,
}

impl Exempt {
    pub(super) fn in_app(&mut self, id: &str, paths: &'static [&'static str]) {
        self.in_apps.entry(id.to_owned()).or_default().extend(paths);
    }

    pub(super) fn at(&mut self, pointer: &Pointer) {
        self.whole.insert(pointer.to_string());
    }

    /// Whether a path is exempt, or one above it. Asked only where something differs: its cost is that of the path.
    fn covers(&self, place: &PathPattern) -> bool {
        let in_app = place.app.as_ref().and_then(|(id, depth)| Some((self.in_apps.get(id)?, *depth)));
        in_app.is_some_and(|(paths, depth)| paths.iter().any(|path| covers(path, &place.steps[depth..])))
            || (!self.whole.is_empty() && self.covers_pointer(&place.pointer()))
    }

    fn covers_pointer(&self, pointer: &str) -> bool {
        let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
        ends.into_iter().any(|end| self.whole.contains(&pointer[..end]))
    }
}

/// Whether a path with `*` for any step is that of these steps, or of the first of them.
fn covers(pattern: &str, steps: &[String]) -> bool {
    let names = pattern.split('/').skip(1).enumerate();
    names.into_iter().all(|(at, name)| steps.get(at).is_some_and(|step| name == "*" || name == step))
}

/// The current path of the comparison.
#[derive(Default)]
struct PathPattern {
    steps: Vec<String>,
    /// The id of the app it is in, and the number of steps to that app.
    app: Option<(String, usize)>,
}

impl PathPattern {
    fn pointer(&self) -> String {
        self.steps
            .iter()
            .fold(String::new(), |path, step| path + "/" + &step.replace('~', "~0").replace('/', "~1"))
    }
}

/// Where two definitions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredDifference {
    /// The id of the app that it is in.
    pub(super) app: Option<String>,
    pub(super) path: String,
}

/// The first path at which the two differ without being exempt; `None` when there is none.
pub(super) fn difference(before: &Json, after: &Json, exempt: &Exempt) -> Option<String> {
    differences(before, after, exempt).into_iter().next().map(|difference| difference.path)
}

/// The first path of each app at which the two differ without being exempt, up to the first that is outside of all
/// apps.
pub(super) fn differences(before: &Json, after: &Json, exempt: &Exempt) -> Vec<StoredDifference> {
    let (mut place, mut found) = (PathPattern::default(), Vec::new());
    if before.get("apps").is_none() && before.get("groups").is_none() && before.is_object() {
        place.app = Some((id(before), 0));
    }
    let last = compare(before, after, exempt, &mut place, &mut found);
    found.extend(last.map(|path| StoredDifference { app: place.app.map(|(id, _)| id), path }));
    found
}

fn id(app: &Json) -> String {
    app.get("id").and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// The first path below the current one at which the two differ; differences in apps below are added to `found`.
fn compare(
    before: &Json,
    after: &Json,
    exempt: &Exempt,
    place: &mut PathPattern,
    found: &mut Vec<StoredDifference>,
) -> Option<String> {
    // Not compared as a whole first: each level of groups would compare all that is below it.
    match (before, after) {
        (Json::Object(one), Json::Object(other)) => {
            let added = other.keys().filter(|name| !one.contains_key(*name));
            one.keys().chain(added).find_map(|name| {
                let (one, other) = (one.get(name), other.get(name));
                below(one, other, name.clone(), exempt, place, found)
            })
        }
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(index, (one, other))| {
                below(Some(one), Some(other), index.to_string(), exempt, place, found)
            })
        }
        (Json::Number(one), Json::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ => (before != after && !exempt.covers(place)).then(|| place.pointer()),
    }
}

fn below(
    before: Option<&Json>,
    after: Option<&Json>,
    step: String,
    exempt: &Exempt,
    place: &mut PathPattern,
    found: &mut Vec<StoredDifference>,
) -> Option<String> {
    // An element of `apps`, or of the array that is the whole document.
    let enters = place.app.is_none()
        && step.bytes().all(|byte| byte.is_ascii_digit())
        && place.steps.last().is_none_or(|list| list == "apps");
    place.steps.push(step);
    if enters {
        place.app = before.map(|app| (id(app), place.steps.len()));
    }
    let path = match (before, after) {
        (Some(before), Some(after)) => compare(before, after, exempt, place, found),
        _ => (!exempt.covers(place)).then(|| place.pointer()),
    };
    place.steps.pop();
    if !enters {
        return path;
    }
    let app = place.app.take().map(|(id, _)| id);
    found.extend(path.map(|path| StoredDifference { app, path }));
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_exempt_paths_may_differ() {
        let before = json!({"id": "/g", "apps": [{"id": "/g/a", "healthChecks": [{"protocol": "HTTP"}], "cpus": 1},
            {"id": "/g/b", "healthChecks": [{"protocol": "HTTP"}]}]});
        let with = |pointer: &str, value| {
            let mut after = before.clone();
            *after.pointer_mut(pointer).expect("there") = value;
            let mut exempt = Exempt::default();
            exempt.in_app("/g/a", &["/healthChecks/*/protocol"]);
            difference(&before, &after, &exempt)
        };
        assert_eq!(with("/apps/0/healthChecks/0/protocol", json!("MESOS_HTTP")), None);
        assert_eq!(with("/apps/0/cpus", json!(1.0)), None);
        let other = "/apps/1/healthChecks/0/protocol";
        assert_eq!(with(other, json!("MESOS_HTTP")).as_deref(), Some(other));
        assert_eq!(with("/apps/0/cpus", json!(2)).as_deref(), Some("/apps/0/cpus"));
        assert_eq!(with("/apps/0/healthChecks", json!([])).as_deref(), Some("/apps/0/healthChecks"));
    }

    #[test]
    fn added_and_removed_members_are_differences() {
        let differs = |one, other| difference(&one, &other, &Exempt::default());
        assert_eq!(differs(json!({"id": "/a"}), json!({"id": "/a", "b": 1})).as_deref(), Some("/b"));
        assert_eq!(
            differs(json!([{"id": "/a", "c/d": 1}]), json!([{"id": "/a"}])).as_deref(),
            Some("/0/c~1d")
        );
        let mut exempt = Exempt::default();
        exempt.at(&Pointer::root().key("b"));
        assert_eq!(difference(&json!({"id": "/a"}), &json!({"id": "/a", "b": 1}), &exempt), None);
    }
}
