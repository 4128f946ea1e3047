//! Which ids have an address of their own, and what is asked and sent for those that have none.
//!
//! Marathon takes some segments for parts of its own addresses: `GET /v2/groups/shop/apps` lists the apps of `/shop`, and
//! `/v2/apps/shop/tasks/web` is the task `web` of the app `/shop` (`GroupsResource`, `AppTasksResource`,
//! `AppVersionsResource`, 1.4 to 1.11). Apps and groups of such names are created and run all the same.

use serde_json::Value as Json;

use super::{GetError, Resource, path_of_id};
use crate::http::{Client, Endpoint};
use crate::source::json_text::{AsWritten, compact, quoted};
use crate::source::{Document, Format, Value};
use crate::state::is_below;
use crate::util::escape::uri;

/// Segments below which nothing is asked for by its own address. Some are harmless for a kind; a group above answers for all.
const WORDS: [&str; 5] = ["apps", "pods", "restart", "tasks", "versions"];

/// The innermost group above an id that can be asked for, where the id itself cannot; `/` always can.
pub(crate) fn group_to_ask(id: &str) -> Option<&str> {
    let mut end = 0;
    for segment in id.trim_start_matches('/').split('/') {
        if WORDS.contains(&segment) {
            return Some(if end == 0 { "/" } else { &id[..end] });
        }
        end += 1 + segment.len();
    }
    None
}

/// Whether the address of an id means this app, pod or group, and nothing else.
pub(crate) fn has_address(resource: Resource, id: &str) -> bool {
    let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
    let last = segments.last().copied().unwrap_or_default();
    match resource {
        // What comes after a pod's id is behind `::`.
        Resource::Pod => true,
        Resource::Group => last != "apps" && !segments.contains(&"versions"),
        // The first segment cannot be such a part: an id comes before it.
        Resource::App => !segments.iter().skip(1).any(|word| matches!(*word, "tasks" | "versions")),
    }
}

/// Why the address of an app that has none is not asked for.
pub(crate) fn why_no_address(id: &str) -> String {
    let word = id.split('/').skip(2).find(|word| matches!(*word, "tasks" | "versions")).unwrap_or_default();
    format!("Marathon takes /v2/apps{id} for the {word} of another app, so it has no address for this app")
}

/// The address of the list that has an app without an address of its own, and perhaps others.
pub(super) fn in_list(id: &str, embed: &str) -> String {
    format!("v2/apps?id={}{embed}", uri(id))
}

/// The app with an id in a list.
pub(super) fn picked(list: &mut Json, id: &str) -> Option<Json> {
    let apps = list.get_mut("apps")?.as_array_mut()?;
    let found = apps.iter_mut().find(|app| app.get("id").and_then(Json::as_str) == Some(id));
    found.map(Json::take)
}

/// A change of an app as an element of the array that `PUT /v2/apps` takes, which needs no address.
pub(super) fn as_array(body: &str, id: &str) -> Option<String> {
    let document = Document::parse(body, Format::Json).ok()?;
    Some(format!("[{}]", with_id(document.root(), id)))
}

/// An object with this id, on one line.
pub(crate) fn with_id(object: Value<'_>, id: &str) -> String {
    let members = object.members().filter(|(name, _)| !name.is_str("id"));
    let members = members.map(|(name, value)| format!("{}: {}", name.source(), compact(value, &AsWritten)));
    let id = format!("\"id\": {}", quoted(id));
    let members: Vec<String> = std::iter::once(id).chain(members).collect();
    format!("{{{}}}", members.join(", "))
}

/// What `GET /v2/apps/ID` shows beside the definition.
const EMBED: &str = "&embed=apps.tasks&embed=apps.counts&embed=apps.deployments&embed=apps.lastTaskFailure";

impl Client {
    /// The answer that Marathon would give for what has no address of its own; `None` where nothing has this id.
    pub(super) fn without_address(
        &self,
        endpoint: &Endpoint,
        resource: Resource,
        id: &str,
    ) -> Result<Option<String>, GetError> {
        let (path, group) = match resource {
            Resource::Group => {
                let group = group_to_ask(id).unwrap_or("/");
                (path_of_id(resource.path(), group), Some(group))
            }
            Resource::App | Resource::Pod => (in_list(id, EMBED), None),
        };
        let Some(text) = self.text(endpoint, &path)? else { return Ok(None) };
        let document = GetError::document(text, &format!("{endpoint}/{path}"))?;
        let root = document.root();
        if group.is_some() {
            return Ok(group_in(root, id).map(|group| group.source().to_owned()));
        }
        let apps = root.get("apps").ok_or_else(|| GetError::unexpected(endpoint, &path))?;
        let app = apps.elements().find(|app| has_id(*app, id));
        Ok(app.map(|app| format!("{{\"app\": {}}}", app.source())))
    }
}

fn has_id(value: Value<'_>, id: &str) -> bool {
    value.get("id").is_some_and(|found| found.is_str(id))
}

/// The group with an id in or below another.
fn group_in<'d>(mut group: Value<'d>, id: &str) -> Option<Value<'d>> {
    while !has_id(group, id) {
        let inner = group.get("groups")?.elements().find(|inner| {
            inner.get("id").and_then(|inner| inner.as_str()).is_some_and(|inner| is_below(id, &inner))
        })?;
        group = inner;
    }
    Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_addresses_are_asked_for_by_the_group_above() {
        for (id, group) in [
            ("/shop/web", None),
            ("/shop/my-apps/web", None),
            ("/shop/apps", Some("/shop")),
            ("/shop/eu/tasks/web", Some("/shop/eu")),
            ("/versions/x", Some("/")),
            ("/", None),
        ] {
            assert_eq!(group_to_ask(id), group, "{id}");
        }
    }

    #[test]
    fn an_address_is_of_a_kind() {
        for (id, app, group) in [
            ("/shop/web", true, true),
            ("/", true, true),
            ("/tasks/web", true, true),
            ("/shop/tasks/web", false, true),
            ("/shop/eu/versions/web", false, false),
            ("/versions/web", true, false),
            ("/shop/apps", true, false),
            ("/apps", true, false),
            ("/shop/apps/web", true, true),
            ("/shop/pods/web", true, true),
            ("/shop/my-tasks/web", true, true),
        ] {
            assert_eq!(has_address(Resource::App, id), app, "{id}");
            assert_eq!(has_address(Resource::Group, id), group, "{id}");
            assert!(has_address(Resource::Pod, id), "{id}");
        }
    }

    #[test]
    fn an_inner_group_is_picked() {
        let text = r#"{"id": "/", "groups": [{"id": "/x", "groups": [{"id": "/x/apps", "apps": [1]}]}, {"id": "/xy"}]}"#;
        let document = Document::parse(text, Format::Json).expect("JSON");
        let found = |id: &str| group_in(document.root(), id).map(|group| group.source().to_owned());
        assert_eq!(found("/x/apps").as_deref(), Some(r#"{"id": "/x/apps", "apps": [1]}"#));
        assert_eq!(found("/xy").as_deref(), Some(r#"{"id": "/xy"}"#));
        assert_eq!(found("/x/versions"), None);
    }

    #[test]
    fn a_change_is_an_element_of_an_array() {
        let body = r#"{"cpus": 0.10, "id": "web"}"#;
        assert_eq!(
            as_array(body, "/x/tasks/web").as_deref(),
            Some(r#"[{"id": "/x/tasks/web", "cpus": 0.10}]"#)
        );
    }
}
