//! What `PUT /v2/apps` does to an existing app: the fields of an element of the array replace those of the app, and all
//! others stay (`AppConversion.appUpdateRamlReader`, all releases).

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::definition::id::AbsoluteId;
use crate::schema::{self, table};
use crate::source::{Document, Format, Kind, Pointer, Value};
use crate::target::{Release, Settings};

use super::{Normalized, Object, Unneeded, answered, app, picked};

/// Fields that an update resets when it leaves them out; all others stay (1.11).
const NOT_KEPT: [&str; 2] = ["executorResources", "resourceLimits"];

/// What an array makes of the apps that are held, each by its id: the elements are applied one after another, as updates of
/// what is there by then. Checks nothing; leaves out what is not an object.
pub(crate) fn applied(
    array: Value<'_>,
    held: &dyn Fn(&str) -> Option<Json>,
    settings: &Settings,
) -> Normalized {
    applied_without(Unneeded::NOTHING, array, held, settings)
}

/// As [`applied`]; what is stored in unneeded fields is left undefined.
pub(super) fn applied_without(
    unneeded: &Unneeded,
    array: Value<'_>,
    held: &dyn Fn(&str) -> Option<Json>,
    settings: &Settings,
) -> Normalized {
    let filled = match schema::filled(array, Kind::Apps, settings.release, unneeded.of(Kind::Apps)) {
        Json::Array(apps) => apps,
        other => return Normalized::stored(Kind::Apps, other),
    };
    // Each app, with whether its role is open.
    let mut apps: IndexMap<String, (Json, bool)> = IndexMap::new();
    for (element, app) in array.elements().zip(filled) {
        let Json::Object(app) = app else { continue };
        let app = Json::Object(app::normalize(app, &AbsoluteId::root(), None, true, settings));
        let id = app.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let has_no_role = element.get("role").is_none_or(|role| role.is_null());
        let earlier = apps.get(&id).cloned().or_else(|| Some((held(&id)?, false)));
        let updated = earlier.and_then(|(earlier, is_open)| {
            Some((updated(&earlier, element, settings)?.value, is_open && has_no_role))
        });
        apps.insert(id, updated.unwrap_or((app, has_no_role)));
    }
    let has_roles = settings.release >= Release::V1_9;
    let open = apps.values().enumerate().filter(|(_, (_, is_open))| *is_open && has_roles);
    let assumed = open.map(|(index, _)| Pointer::root().index(index).key("role")).collect();
    let value: Json = apps.into_values().map(|(app, _)| app).collect();
    Normalized { kind: Kind::Apps, picked: picked(&value), value, assumed }
}

/// A stored app after an update with an element of an array. Checks nothing. `None` for an element that is not an
/// object.
#[must_use]
pub fn updated(held: &Json, element: Value<'_>, settings: &Settings) -> Option<Normalized> {
    let app = |text: String| {
        let document = Document::parse(format!("[{text}]"), Format::Json).ok()?;
        match answered(document.root(), Kind::Apps, settings).value {
            Json::Array(apps) => apps.into_iter().next(),
            _ => None,
        }
    };
    let id = held.get("id")?;
    let given = object(app(element.to_json().to_string())?)?;
    let by_itself = object(app(serde_json::json!({ "id": id }).to_string())?)?;
    let mut names: Vec<&str> = NOT_KEPT.to_vec();
    // Values given under another name, or as part of another field, show in the normalized element.
    names.extend(
        given
            .iter()
            .filter(|(name, value)| by_itself.get(*name) != Some(value))
            .map(|(name, _)| name.as_str()),
    );
    let written: Vec<String> = element
        .members()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, _)| Some(name.as_str()?.into_owned()))
        .collect();
    for name in &written {
        // Values of deprecated fields are stored in the fields that replace them.
        let field = table::APP.position(name).map(|index| &table::APP.fields[index]);
        names.push(field.and_then(|field| field.replaced_by).unwrap_or(name));
    }
    let mut app = held.as_object()?.clone();
    for name in names.into_iter().filter(|name| *name != "id") {
        match given.get(name) {
            Some(value) => app.insert(name.to_owned(), value.clone()),
            None => app.remove(name),
        };
    }
    let document = Document::parse(Json::Object(app).to_string(), Format::Json).ok()?;
    Some(answered(document.root(), Kind::App, settings))
}

fn object(value: Json) -> Option<Object> {
    if let Json::Object(object) = value { Some(object) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::target::Target;

    fn after(held: &Json, element: &str) -> Json {
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let parse = |text: String| Document::parse(text, Format::Json).expect("JSON");
        let held = answered(parse(held.to_string()).root(), Kind::App, &settings).value;
        updated(&held, parse(element.to_owned()).root(), &settings).expect("an object").value
    }

    #[test]
    fn fields_that_are_left_out_stay() {
        let held = json!({"id": "/web", "cmd": "serve", "instances": 3, "env": {"A": "1", "B": "2"},
            "portDefinitions": [{"port": 10001}], "labels": {"x": "y"}});
        let same = after(&held, r#"{"id": "/web"}"#);
        assert_eq!(same, after(&held, r#"{"id": "web", "cmd": "serve", "cpus": 1, "labels": null}"#));
        assert_eq!((&same["instances"], &same["portDefinitions"][0]["port"]), (&json!(3), &json!(10001)));
        let other = after(&held, r#"{"id": "/web", "instances": 1, "env": {"C": "3"}, "labels": {}}"#);
        assert_eq!((&other["instances"], &other["env"]), (&json!(1), &json!({"C": "3"})));
        assert_eq!(other.get("labels").unwrap_or(&json!({})), &json!({}));
        assert_eq!(other["portDefinitions"], same["portDefinitions"]);
    }

    #[test]
    fn old_forms_change_the_new_fields() {
        let held = json!({"id": "/web", "cmd": "serve", "fetch": [{"uri": "https://example.com/a.tgz"}],
            "networks": [{"mode": "host"}]});
        let uris = after(&held, r#"{"id": "/web", "uris": ["https://example.com/b.tgz"]}"#);
        assert_eq!(uris["fetch"][0]["uri"], "https://example.com/b.tgz");
        let none = after(&held, r#"{"id": "/web", "uris": []}"#);
        assert_eq!(none.get("fetch").unwrap_or(&json!([])), &json!([]));
        let network = after(&held, r#"{"id": "/web", "ipAddress": {"networkName": "dcos"}}"#);
        assert_eq!(network["networks"][0]["name"], "dcos");
    }

    #[test]
    fn limits_are_not_kept() {
        let held = json!({"id": "/web", "cmd": "serve", "resourceLimits": {"cpus": 2}});
        assert!(after(&held, r#"{"id": "/web", "cpus": 1}"#).get("resourceLimits").is_none());
    }
}
