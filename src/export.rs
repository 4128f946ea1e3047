//! Turns a server's responses into definitions that can be sent again.

use serde_json::{Map, Value as Json};

use crate::diff::{between, remove};
use crate::normalize::{Normalized, answered, normalize, spelling};
use crate::schema::table;
use crate::source::{Document, Format, Kind, Pointer, Step};
use crate::state::{ResponsePart, ServerState};
use crate::target::{Release, Settings};

/// The definition to send for a part of a response: without the fields that the server sets, and with every setting in
/// one form only.
///
/// Marathon 1.4 returns the old form, often along with the new one (`uris` and `fetch`, `ports` and `portDefinitions`);
/// then only the new one is kept. Old forms stay where 1.4 has no other. Service ports stay as they are, picked by the
/// server or not.
#[must_use]
pub(crate) fn definition(part: ResponsePart<'_>, settings: &Settings) -> Normalized {
    let normalized = answered(part.value, part.kind, settings);
    if settings.release > Release::V1_4 {
        return normalized;
    }
    let mut value = part.value.to_json();
    match part.kind {
        Kind::App => old_app(&mut value),
        Kind::Apps => value.as_array_mut().into_iter().flatten().for_each(old_app),
        Kind::Group => old_group(&mut value),
        Kind::Pod => return normalized,
    }
    Normalized { value, ..normalized }
}

/// Removes from an app, as Marathon 1.4 returns it, what a request does not need.
fn old_app(app: &mut Json) {
    let Some(app) = app.as_object_mut() else { return };
    let is_kept =
        |name: &str| table::APP.position(name).is_some_and(|field| !table::APP.fields[field].response);
    app.retain(|name, value| is_kept(name) && !value.is_null());
    for field in table::APP.fields {
        if field.replaced_by.is_some_and(|replacement| app.contains_key(replacement)) {
            app.remove(field.name);
        }
    }
    app.values_mut().for_each(drop_nulls);
}

fn old_group(group: &mut Json) {
    let Some(group) = group.as_object_mut() else { return };
    group.retain(|name, _| ["id", "apps", "groups", "dependencies"].contains(&name.as_str()));
    let members = |group: &mut Map<String, Json>, name: &str, visit: fn(&mut Json)| {
        group.get_mut(name).and_then(Json::as_array_mut).into_iter().flatten().for_each(visit);
    };
    members(group, "apps", old_app);
    members(group, "groups", old_group);
}

fn drop_nulls(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Json::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Why sending a definition would not restore the stored one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTheSame {
    /// Marathon has stored values that it would reject in a request.
    #[error("Marathon would reject it: {0}")]
    Refused(String),
    /// Sending it would change something.
    #[error("sending it would change {0}")]
    Changed(String),
}

/// Checks that sending a definition changes nothing of the stored one that it was made from.
///
/// # Errors
/// What it would change, or why it would be rejected.
pub(crate) fn is_the_same(definition: &Json, of: &Normalized, settings: &Settings) -> Result<(), NotTheSame> {
    let depth = of.id().split('/').filter(|segment| !segment.is_empty()).count();
    if of.kind != Kind::Group || depth == 1 {
        return is_one_the_same(definition, of, settings);
    }
    // The group around this one decides the roles below it; for the root group there are no rules of its own.
    let (ours, theirs) = (Normalized::stored(of.kind, definition.clone()), ServerState::of([of]));
    for (id, service) in ServerState::of([&ours]).services() {
        let held = theirs.get(id).ok_or_else(|| NotTheSame::Changed(id.to_owned()))?;
        let held = Normalized::stored(held.kind, held.value.clone());
        is_one_the_same(service.value, &held, settings)?;
    }
    Ok(())
}

fn is_one_the_same(definition: &Json, of: &Normalized, settings: &Settings) -> Result<(), NotTheSame> {
    let document = parse(definition).ok_or_else(|| NotTheSame::Refused("it does not parse".to_owned()))?;
    let again = normalize(&document, of.kind, settings).map_err(|refused| {
        NotTheSame::Refused(refused.first().map(|found| found.message.clone()).unwrap_or_default())
    })?;
    match between(&ServerState::of([of]), &ServerState::of([&again])).differences.first() {
        Some(difference) => Err(NotTheSame::Changed(difference.id.clone())),
        None => Ok(()),
    }
}

fn parse(definition: &Json) -> Option<Document> {
    Document::parse(definition.to_string(), Format::Json).ok()
}

/// A service's definition without the values that Marathon fills in anyway: leaves out every member whose absence does
/// not change what Marathon would store.
///
/// `keep` names members at the top that stay, such as the role of a service whose group is not in the definition.
#[must_use]
pub(crate) fn minimal(definition: &Json, kind: Kind, keep: &[&str], settings: &Settings) -> Json {
    let stored = |value: &Json| {
        let document = parse(value)?;
        Some(spelling(&normalize(&document, kind, settings).ok()?.value))
    };
    let Some(wanted) = stored(definition) else { return definition.clone() };
    let is_same = |value: &Json| stored(value).as_ref() == Some(&wanted);
    let mut value = definition.clone();
    for name in names(definition).iter().filter(|name| !keep.contains(&name.as_str())) {
        shrink(&mut value, &Pointer::root().key(name.as_str()), &is_same);
    }
    value
}

/// Leaves out a member if that changes nothing, otherwise the members in it where that changes nothing. `type`,
/// `kind` and `mode` stay, because they tell a reader what the rest is.
fn shrink(value: &mut Json, member: &Pointer, is_same: &dyn Fn(&Json) -> bool) {
    if matches!(member.steps().last(), Some(Step::Key(name)) if ["type", "kind", "mode"].contains(&name.as_str()))
    {
        return;
    }
    let before = value.clone();
    remove(value, member);
    if is_same(value) {
        return;
    }
    *value = before;
    let Some(inner) = value.pointer(&member.to_string()) else { return };
    let elements = inner.as_array().map_or(0, Vec::len);
    let inside = names(inner).into_iter().map(|name| member.key(name)).collect::<Vec<_>>();
    let inside = inside.into_iter().chain((0..elements).flat_map(|index| {
        let element = inner.get(index).map(names).unwrap_or_default();
        element.into_iter().map(move |name| member.index(index).key(name))
    }));
    for member in inside.collect::<Vec<_>>() {
        shrink(value, &member, is_same);
    }
}

fn names(value: &Json) -> Vec<String> {
    value.as_object().into_iter().flat_map(Map::keys).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::state::parts;
    use crate::target::Target;

    fn exported(answer: &str, target: &str) -> Json {
        let document = Document::parse(answer, Format::Json).expect("JSON");
        let settings = target.parse::<Target>().expect("a target").settings();
        let part = parts(document.root()).expect("an answer").remove(0);
        definition(part, &settings).value
    }

    #[test]
    fn marathon_1_4_returns_everything_twice() {
        let answer = json!({"app": {
            "id": "/web", "cmd": "serve", "args": null, "user": null, "instances": 1, "uris": ["https://a.example/x.tgz"],
            "fetch": [{"uri": "https://a.example/x.tgz", "extract": true, "executable": false, "cache": false}],
            "ports": [10000], "portDefinitions": [{"port": 10000, "protocol": "tcp", "labels": {}}], "ipAddress": null,
            "container": {"type": "DOCKER", "volumes": [], "docker": {"image": "nginx", "network": "HOST", "portMappings": null}},
            "version": "2017-01-01T00:00:00.000Z", "tasksRunning": 1, "versionInfo": {"lastScalingAt": "x"}
        }});
        let wanted = json!({
            "id": "/web", "cmd": "serve", "instances": 1,
            "fetch": [{"uri": "https://a.example/x.tgz", "extract": true, "executable": false, "cache": false}],
            "portDefinitions": [{"port": 10000, "protocol": "tcp", "labels": {}}],
            "container": {"type": "DOCKER", "volumes": [], "docker": {"image": "nginx", "network": "HOST"}},
        });
        assert_eq!(exported(&answer.to_string(), "marathon-1.4"), wanted);
    }

    #[test]
    fn defaults_are_left_out() {
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let given = json!({"id": "/shop/web", "cmd": "serve", "instances": 1, "cpus": 0.5, "role": "shop",
            "networks": [{"mode": "container/bridge"}], "labels": {}, "env": {"INSTANCES": "1"},
            "container": {"type": "DOCKER", "volumes": [], "docker": {"image": "nginx", "privileged": false},
                "portMappings": [{"containerPort": 80, "hostPort": 0, "protocol": "tcp", "servicePort": 10001}]}});
        let wanted = json!({"id": "/shop/web", "cmd": "serve", "cpus": 0.5, "role": "shop",
            "networks": [{"mode": "container/bridge"}], "env": {"INSTANCES": "1"},
            "container": {"type": "DOCKER", "docker": {"image": "nginx"},
                "portMappings": [{"containerPort": 80, "servicePort": 10001}]}});
        assert_eq!(minimal(&given, Kind::App, &["id", "role"], &settings), wanted);
    }
}
