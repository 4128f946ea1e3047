//! `/v2/groups` (`GroupsResource`, `GroupApiService`, 1.11).

use serde_json::{Value as Json, json};

use super::answer::{ApiReply, ReplyResult};
use super::apps::{commit, failed, failed_late, timestamp};
use super::group_update::{self, GroupBody};
use super::read::{self, absolute};
use super::request::ApiRequest;
use crate::server::deployment::plan;
use crate::server::events;
use crate::server::show::embed::{AppEmbeds, GroupEmbeds};
use crate::server::show::group;
use crate::server::show::{app, array};
use crate::server::world::change::WorldChange;
use crate::server::world::spec::parent;
use crate::server::world::{World, commit::Update};
use crate::source::Type;

/// What a path below `/v2/groups` asks for.
enum GroupRequest {
    Group(String),
    Apps(String),
    Versions(String),
    Version(String, String),
}

fn asked(path: &str) -> GroupRequest {
    let path = path.trim_start_matches('/');
    let group = |rest: &str| absolute(rest.trim_end_matches('/'));
    if path == "apps" || path.ends_with("/apps") {
        return GroupRequest::Apps(group(path.strip_suffix("apps").unwrap_or_default()));
    }
    if path == "versions" || path.ends_with("/versions") {
        return GroupRequest::Versions(group(path.strip_suffix("versions").unwrap_or_default()));
    }
    match path.rsplit_once('/') {
        Some((front, version)) if front == "versions" || front.ends_with("/versions") => {
            GroupRequest::Version(
                group(front.strip_suffix("versions").unwrap_or_default()),
                version.to_owned(),
            )
        }
        _ => GroupRequest::Group(absolute(path)),
    }
}

/// GET /v2/groups and everything below
pub(crate) fn show(world: &World, path: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let words = request.query.all("embed");
    let apps =
        AppEmbeds::read(words.iter().map(String::as_str).filter(|word| word.starts_with("group.apps.")));
    match asked(path) {
        GroupRequest::Group(id) => {
            let shown = group::now(world, &id, apps, GroupEmbeds::read(&words));
            shown.map(ApiReply::written).ok_or_else(|| ApiReply::no_group(&id))
        }
        GroupRequest::Apps(id) => {
            let specs = world.specs_below(&id).filter(|spec| !spec.is_pod());
            Ok(ApiReply::written(array(specs.map(|spec| app::info(world, spec, apps)))))
        }
        GroupRequest::Versions(id) => {
            if !world.groups.contains_key(&id) {
                return Err(ApiReply::no_group(&id));
            }
            let versions = world.history.group_versions(world, &id);
            Ok(ApiReply::ok(json!(versions.iter().map(ToString::to_string).collect::<Vec<_>>())))
        }
        GroupRequest::Version(id, version) => {
            let version = timestamp(&version)?;
            let past = world.history.at(world, &id, version).ok_or_else(|| ApiReply::no_group(&id))?;
            Ok(ApiReply::written(group::past(&past, &id, version)))
        }
    }
}

/// POST /v2/groups
pub(crate) fn create(world: &mut World, path: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let root = absolute(path);
    let event = parent(&root).to_owned();
    let body = group_update::read(world, request.body, &root, true);
    let body = body.map_err(|answer| failed_late(world, &event, answer))?;
    let id = body.id.clone();
    let change = changed(world, &body).map_err(|answer| failed(world, &event, answer))?;
    let committed = commit(world, change, &event, request.query.is_on("force"))?;
    Ok(ApiReply::deployed(&committed).status(201).location(request.authority, &id))
}

/// PUT /v2/groups
pub(crate) fn update(world: &mut World, path: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let root = absolute(path);
    let event = parent(&root).to_owned();
    let body = group_update::read(world, request.body, &root, false);
    let body = body.map_err(|answer| failed_late(world, &event, answer))?;
    if request.query.is_on("dryRun") {
        let mut change = changed(world, &body)?;
        change.restarts = body.touched(world, &change);
        let version = world.new_version();
        let deltas = world.deltas(&change, version);
        let plan = plan::of(world, &deltas, String::new(), version, &[]);
        return Ok(ApiReply::ok(json!({"steps": events::steps(&plan)})));
    }
    world.check_limit()?;
    let change = changed(world, &body).map_err(|answer| failed(world, &event, answer))?;
    commit(world, change, &event, request.query.is_on("force"))
        .map(|committed| ApiReply::deployed(&committed))
}

/// What a body changes: it goes back to a version, scales, or says what the group is.
fn changed(world: &World, body: &GroupBody) -> Result<WorldChange, ApiReply> {
    let id = &body.id;
    if let Some(version) = &body.version {
        let version = timestamp(version)?;
        let missing = || ApiReply::message(422, format!("Group {id} not available in version {version}"));
        let past = world.history.at(world, id, version).ok_or_else(missing)?;
        let mut change = WorldChange::default();
        change.remove_group(world, id);
        change.make_groups(world, id);
        change.groups.extend(past.groups.into_iter().map(|(id, group)| (id, Some(group))));
        change.specs.extend(past.specs.into_iter().map(|(id, spec)| (id, Some(spec))));
        return Ok(change);
    }
    if let Some(factor) = body.scale_by {
        let mut change = WorldChange::default();
        change.make_groups(world, id);
        for spec in world.specs_below(id).filter(|spec| !spec.is_pod()) {
            let mut spec = spec.as_ref().clone();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "saturates"
            )]
            let count = (spec.instances() as f64 * factor).ceil() as usize;
            spec.set_instances(count);
            change.put_spec(world, spec);
        }
        return Ok(change);
    }
    Ok(body.change(world))
}

/// PATCH /v2/groups/{id}
pub(crate) fn patch(world: &mut World, path: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let document = read::document(request.body)?;
    let root = document.root();
    if root.kind() != Type::Object {
        return Err(ApiReply::unparsable("", "error.expected.jsobject"));
    }
    let said = root.get("enforceRole").filter(|said| !said.is_null());
    if said.as_ref().is_some_and(|said| said.as_bool().is_none()) {
        return Err(ApiReply::unparsable("/enforceRole", "error.expected.jsboolean"));
    }
    let enforces =
        said.and_then(|said| said.as_bool()).unwrap_or(world.options.settings.new_groups_enforce_role);
    let id = absolute(path);
    if id == "/" || parent(&id) != "/" {
        return Err(ApiReply::invalid(&[("/".to_owned(), "Path needs to be top-level".to_owned())]));
    }
    match world.groups.get_mut(&id) {
        Some(group) => group.enforces = Some(enforces),
        None => return Err(ApiReply::no_group(&id)),
    }
    Ok(ApiReply::empty(200))
}

/// DELETE /v2/groups, and below
pub(crate) fn delete(world: &mut World, path: &str, request: &ApiRequest<'_>) -> ReplyResult {
    let id = absolute(path);
    let event = parent(&id).to_owned();
    world.check_limit()?;
    if !world.groups.contains_key(&id) {
        let answer = ApiReply::message(404, format!("Group '{id}' does not exist"));
        return Err(failed(world, &event, answer));
    }
    let mut change = WorldChange::default();
    change.remove_group(world, &id);
    let version = world.new_version();
    let force = request.query.is_on("force");
    let update = Update { change, group: event, version, force, kill: Vec::new() };
    let committed = world.commit(update).map_err(ApiReply::from)?;
    Ok(ApiReply::deployed(&committed))
}

/// A list of a JSON object.
pub(crate) fn members<'j>(object: &'j Json, name: &str) -> impl Iterator<Item = &'j Json> {
    object.get(name).and_then(Json::as_array).into_iter().flatten()
}
