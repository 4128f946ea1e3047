//! `/v2/pods` (`PodsResource`, 1.11).

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::answer::{ApiReply, ReplyResult};
use super::apps::{commit, failed, timestamp};
use super::read::{self, absolute};
use super::request::ApiRequest;
use crate::definition::id::is_path_id;
use crate::server::events;
use crate::server::show::pod;
use crate::server::world::World;
use crate::server::world::change::WorldChange;
use crate::server::world::spec::Spec;
use crate::source::Kind;

/// The pattern that a segment of an id has to match.
const SEGMENT: &str = r"must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])|(\.|\.\.)$'";

/// An id of a path, if it is one.
pub(crate) fn valid_id(id: &str) -> Result<String, ApiReply> {
    let id = absolute(id);
    if is_path_id(&id) { Ok(id) } else { Err(ApiReply::invalid(&[("/".to_owned(), SEGMENT.to_owned())])) }
}

/// GET /v2/pods
pub(crate) fn list(world: &World) -> ApiReply {
    let pods: Json =
        world.specs.values().filter(|spec| spec.is_pod()).map(|spec| Json::from(pod::pod(spec))).collect();
    ApiReply::ok(pods)
}

/// GET /v2/pods/{id}
pub(crate) fn show(world: &World, id: &str) -> ReplyResult {
    let id = valid_id(id)?;
    let missing = || ApiReply::missing(format!("{{\"message\": \"pod with {id} does not exist\"}}"));
    Ok(ApiReply::ok(pod::pod(world.pod(&id).ok_or_else(missing)?).into()))
}

/// POST /v2/pods
pub(crate) fn create(world: &mut World, request: &ApiRequest<'_>) -> ReplyResult {
    let body = read::new_service(world, request.body, Kind::Pod)?;
    let spec = Spec::new(Kind::Pod, body, world.now);
    let (id, group) = (spec.id.clone(), spec.group().to_owned());
    world.check_limit()?;
    if world.pod(&id).is_some() {
        let answer = ApiReply::message(409, format!("A pod with id [{id}] already exists."));
        return Err(failed(world, &group, answer));
    }
    let shown = pod::pod(&spec);
    let mut change = WorldChange::default();
    change.put_spec(world, spec);
    let committed = commit(world, change, &group, request.query.is_on("force"))?;
    world.emit(|_| events::pod_changed("pod_created_event", request.client, request.path));
    Ok(ApiReply::json(201, shown.into()).deployment(&committed).location(request.authority, &id))
}

/// PUT /v2/pods/{id}
pub(crate) fn update(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(id);
    let document = read::document(request.body)?;
    let body = read::new_service(world, request.body, Kind::Pod)?;
    let spec = Spec::new(Kind::Pod, body, world.now);
    if *spec.id != *id {
        let said = document.root().get("id").and_then(|id| id.as_str().map(Cow::into_owned));
        let message = format!("'{id}' does not match definition's id ('{}')", said.unwrap_or_default());
        return Err(ApiReply::message(400, message));
    }
    let group = spec.group().to_owned();
    let shown = pod::pod(&spec);
    let mut change = WorldChange::default();
    change.put_spec(world, spec);
    let committed = commit(world, change, &group, request.query.is_on("force"))?;
    world.emit(|_| events::pod_changed("pod_updated_event", request.client, request.path));
    Ok(ApiReply::ok(shown.into()).deployment(&committed))
}

/// DELETE /v2/pods/{id}
pub(crate) fn delete(world: &mut World, id: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = valid_id(id)?;
    let Some(group) = world.pod(&id).map(|spec| spec.group().to_owned()) else {
        return Err(ApiReply::no_pod(&id));
    };
    let mut change = WorldChange::default();
    change.remove_spec(world, &id);
    let committed = commit(world, change, &group, request.query.is_on("force"))?;
    world.emit(|_| events::pod_changed("pod_deleted_event", request.client, request.path));
    let place = format!("/{}", committed.deployment);
    Ok(ApiReply::empty(202).deployment(&committed).location(request.authority, &place))
}

/// `GET /v2/pods/::status`
pub(crate) fn statuses(world: &World) -> ApiReply {
    let pods = world.specs.values().filter(|spec| spec.is_pod());
    ApiReply::ok(pods.map(|spec| pod::status(world, spec)).collect())
}

/// `GET /v2/pods/{id}::status`
pub(crate) fn status(world: &World, id: &str) -> ReplyResult {
    let id = valid_id(id)?;
    let spec = world.pod(&id).ok_or_else(|| ApiReply::no_pod(&id))?;
    Ok(ApiReply::ok(pod::status(world, spec)))
}

/// `GET /v2/pods/{id}::versions`
pub(crate) fn versions(world: &World, id: &str) -> ReplyResult {
    let id = valid_id(id)?;
    world.pod(&id).ok_or_else(|| ApiReply::no_pod(&id))?;
    let versions = world.history.versions(&id, Kind::Pod);
    Ok(ApiReply::ok(json!(versions.iter().map(ToString::to_string).collect::<Vec<_>>())))
}

/// `GET /v2/pods/{id}::versions/{version}`
pub(crate) fn version(world: &World, id: &str, version: &str) -> ReplyResult {
    let time = timestamp(version)?;
    let id = valid_id(id)?;
    let found = world.history.spec(&id, Kind::Pod, time).ok_or_else(|| ApiReply::no_pod(&id))?;
    Ok(ApiReply::ok(pod::pod(&found).into()))
}
