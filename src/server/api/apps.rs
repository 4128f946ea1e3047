//! `/v2/apps` (`AppsResource`, `AppVersionsResource`, 1.11).

use std::borrow::Cow;

use serde_json::{Map, Value as Json, json};

use super::answer::{ApiReply, ReplyResult};
use super::read::{self, Updated, absolute};
use super::request::ApiRequest;
use super::selector::Selector;
use crate::server::events;
use crate::server::show::embed::AppEmbeds;
use crate::server::show::{app, array};
use crate::server::time::Time;
use crate::server::world::World;
use crate::server::world::change::WorldChange;
use crate::server::world::check::{CYCLIC, reason};
use crate::server::world::commit::{ChangeRefusal, Committed, Update};
use crate::server::world::spec::{Spec, parent};
use crate::source::Kind;

/// GET /v2/apps
pub(crate) fn list(world: &World, request: &ApiRequest<'_>) -> ReplyResult {
    let query = &request.query;
    let words = query.all("embed");
    let embeds =
        AppEmbeds { counts: true, deployments: true, ..AppEmbeds::read(words.iter().map(String::as_str)) };
    let selector = query.first("label").map(Selector::parse).transpose()?;
    let contains = |whole: &str, part: Option<&str>| {
        part.is_none_or(|part| whole.to_lowercase().contains(&part.to_lowercase()))
    };
    let is_wanted = |spec: &Spec| {
        let command = spec.text("cmd");
        contains(&spec.id, query.first("id"))
            && (query.first("cmd").is_none() || command.is_some_and(|cmd| contains(cmd, query.first("cmd"))))
            && selector.as_ref().is_none_or(|selector| selector.matches(&|name| spec.label(name)))
    };
    let apps = world.specs.values().filter(|spec| !spec.is_pod() && is_wanted(spec));
    let apps = array(apps.map(|spec| app::info(world, spec, embeds)));
    Ok(ApiReply::written(format!("{{\"apps\":{apps}}}")))
}

/// GET /v2/apps/{id}, also with `*` for the apps of a group.
pub(crate) fn show(world: &World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let words = request.query.all("embed");
    let embeds = AppEmbeds {
        counts: true,
        tasks: true,
        failure: true,
        deployments: true,
        ..AppEmbeds::read(words.iter().map(String::as_str))
    };
    if let Some(group) = id.strip_suffix('*').filter(|group| group.is_empty() || group.ends_with('/')) {
        let group = absolute(group);
        if !world.groups.contains_key(&group) {
            return Err(ApiReply::no_group(&group));
        }
        let apps = world.specs_below(&group).filter(|spec| !spec.is_pod());
        let apps = array(apps.map(|spec| app::info(world, spec, embeds)));
        return Ok(ApiReply::written(format!("{{\"*\":{apps}}}")));
    }
    let id = absolute(id);
    let spec = world.app(&id).ok_or_else(|| ApiReply::no_app(&id))?;
    Ok(ApiReply::ok(json!({"app": app::info(world, spec, embeds)})))
}

/// Commits a change in the name of a group.
pub(crate) fn commit(
    world: &mut World,
    change: WorldChange,
    group: &str,
    force: bool,
) -> Result<Committed, ApiReply> {
    let version = world.new_version();
    let update = Update { change, group: group.to_owned(), version, force, kill: Vec::new() };
    world.commit(update).map_err(ApiReply::from)
}

/// An error that Marathon finds only while it changes the root group, which it tells in an event.
pub(crate) fn failed(world: &mut World, group: &str, answer: ApiReply) -> ApiReply {
    let version = world.new_version();
    let reason = answer.reason();
    world.emit(|_| events::group_change_failed(group, version, &reason));
    answer
}

/// As [`failed`], where the answer is about a circle of dependencies, which Marathon finds in the changed root group.
pub(crate) fn failed_late(world: &mut World, group: &str, answer: ApiReply) -> ApiReply {
    if answer.says(CYCLIC) {
        let version = world.new_version();
        let reason = reason(&ChangeRefusal::Invalid(vec![("/".to_owned(), CYCLIC.to_owned())]));
        world.emit(|_| events::group_change_failed(group, version, &reason));
    }
    answer
}

/// POST /v2/apps
pub(crate) fn create(world: &mut World, request: &ApiRequest<'_>) -> ReplyResult {
    let body = match read::new_service(world, request.body, Kind::App) {
        Ok(body) => body,
        Err(answer) => {
            let group = read::document(request.body)
                .map_or_else(|_| "/".to_owned(), |body| parent(&read::id_of(&body)).to_owned());
            return Err(failed_late(world, &group, answer));
        }
    };
    let spec = Spec::new(Kind::App, body, world.now);
    let (id, group) = (spec.id.clone(), spec.group().to_owned());
    world.check_limit()?;
    if world.app(&id).is_some() {
        let answer = ApiReply::message(409, format!("An app with id [{id}] already exists."));
        return Err(failed(world, &group, answer));
    }
    let mut shown = app::app(&spec, false);
    let mut change = WorldChange::default();
    change.put_spec(world, spec);
    let committed = commit(world, change, &group, request.query.is_on("force"))?;
    world.emit(|_| events::api_post(request.client, request.path, &shown));
    for name in ["tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy"] {
        shown.insert(name.to_owned(), 0.into());
    }
    shown.insert("deployments".to_owned(), json!([{"id": committed.deployment}]));
    let answer = ApiReply::json(201, shown.into()).deployment(&committed);
    Ok(answer.location(request.authority, &id))
}

/// PUT and PATCH /v2/apps/{id}
pub(crate) fn update(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let is_patch = request.method == "PATCH";
    let is_partial = is_patch || request.query.switch("partialUpdate", true);
    let is_held = world.app(&id).is_some();
    let document = read::document(request.body)?;
    let names: Vec<_> = document
        .root()
        .members()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, _)| name.as_str().map(Cow::into_owned))
        .collect();
    let is_version = names.iter().any(|name| name == "version")
        && names.iter().all(|name| name == "version" || name == "id");
    let updated = if is_held && (is_partial || is_version) {
        read::updated_app(world, request.body, &id)?
    } else {
        Updated::App(read::whole_app(world, request.body, &id)?)
    };
    let group = parent(&id).to_owned();
    world.check_limit()?;
    if is_patch && !is_held {
        let answer = ApiReply::message(404, format!("App '{id}' does not exist"));
        return Err(failed(world, &group, answer));
    }
    let mut change = WorldChange::default();
    put(world, &mut change, &id, updated).map_err(|answer| failed(world, &group, answer))?;
    let committed = commit(world, change, &group, request.query.is_on("force"))?;
    world.emit(|world| {
        let shown = world.app(&id).map(|spec| app::app(spec, true)).unwrap_or_default();
        events::api_post(request.client, request.path, &shown)
    });
    let answer = ApiReply::deployed(&committed);
    Ok(if is_held { answer } else { answer.status(201).location(request.authority, &id) })
}

/// Puts an updated app into a change.
fn put(world: &World, change: &mut WorldChange, id: &str, updated: Updated) -> Result<(), ApiReply> {
    let spec = match updated {
        Updated::App(body) => Spec::new(Kind::App, body, world.now),
        Updated::Version(version) => {
            let missing = || ApiReply::message(404, format!("App '{id}' does not exist"));
            let version = timestamp(&version)?;
            let held = world.history.spec(id, Kind::App, version).ok_or_else(missing)?;
            Spec::clone(&held)
        }
    };
    change.put_spec(world, spec);
    Ok(())
}

/// PUT and PATCH /v2/apps
pub(crate) fn update_all(world: &mut World, request: &ApiRequest<'_>) -> ReplyResult {
    let document = read::document(request.body)?;
    let is_patch = request.method == "PATCH";
    let is_partial = is_patch || request.query.switch("partialUpdate", true);
    let updates = if is_partial {
        let is_array = document.root().kind() == crate::source::Type::Array;
        if !is_array {
            return Err(ApiReply::unparsable("", "error.expected.jsarray"));
        }
        read::updated_apps(world, document.root().source(), false)
    } else {
        read::whole_apps(world, &document)
    };
    // Without a definition an app that does not exist cannot be created; it is missing all the same.
    let held = |element: &crate::source::Value<'_>| {
        let id = element.get("id").and_then(|id| id.as_str().map(|id| read::canonical(&id, "/")));
        id.filter(|id| is_patch && world.app(id).is_none())
    };
    let missing = document.root().elements().find_map(|element| held(&element));
    if let Some(id) = missing.filter(|_| {
        updates.as_ref().is_ok()
            || updates.as_ref().is_err_and(|error| error.reason() == "Object is not valid")
    }) {
        let answer = ApiReply::message(404, format!("App '{id}' does not exist"));
        return Err(failed(world, "/", answer));
    }
    let updates = updates?;
    world.check_limit()?;
    let mut change = WorldChange::default();
    for (id, updated) in updates {
        put(world, &mut change, &id, updated).map_err(|answer| failed(world, "/", answer))?;
    }
    commit(world, change, "/", request.query.is_on("force")).map(|committed| ApiReply::deployed(&committed))
}

/// DELETE /v2/apps/{id}
pub(crate) fn delete(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let group = parent(&id).to_owned();
    world.check_limit()?;
    if world.app(&id).is_none() {
        let answer = ApiReply::message(404, format!("App '{id}' does not exist"));
        return Err(failed(world, &group, answer));
    }
    let mut change = WorldChange::default();
    change.remove_spec(world, &id);
    let force = request.query.switch("force", true);
    commit(world, change, &group, force).map(|committed| ApiReply::deployed(&committed))
}

/// POST /v2/apps/{id}/restart
pub(crate) fn restart(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let group = parent(&id).to_owned();
    world.check_limit()?;
    let Some(spec) = world.app(&id).cloned() else {
        let answer = ApiReply::message(404, format!("App '{id}' does not exist"));
        return Err(failed(world, &group, answer));
    };
    let mut change = WorldChange { restarts: vec![spec.id.clone()], ..WorldChange::default() };
    change.put_spec(world, Spec::clone(&spec));
    commit(world, change, &group, request.query.is_on("force"))
        .map(|committed| ApiReply::deployed(&committed))
}

/// Reads a version of a path or a body.
pub(crate) fn timestamp(text: &str) -> Result<Time, ApiReply> {
    Time::parse(text).ok_or_else(|| {
        ApiReply::message(
            422,
            format!("Invalid timestamp provided '{text}'. Expecting ISO-8601 datetime string."),
        )
    })
}

/// GET /v2/apps/{id}/versions
pub(crate) fn versions(world: &World, id: &str) -> ReplyResult {
    let id = absolute(id);
    if world.app(&id).is_none() {
        return Err(ApiReply::no_app(&id));
    }
    let versions = world.history.versions(&id, Kind::App);
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    Ok(ApiReply::ok(json!({"versions": versions})))
}

/// GET /v2/apps/{id}/versions/{version}
pub(crate) fn version(world: &World, id: &str, version: &str) -> ReplyResult {
    let id = absolute(id);
    let time = timestamp(version)?;
    let found = world.history.spec(&id, Kind::App, time);
    let missing = || ApiReply::missing(format!("App '{id}' does not exist in version {time}"));
    let shown: Map<String, Json> = app::app(&*found.ok_or_else(missing)?, true);
    Ok(ApiReply::ok(shown.into()))
}
