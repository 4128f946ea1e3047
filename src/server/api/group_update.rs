//! The body of a group: what it says, and what it makes of the groups that are there (`GroupConversion`,
//! `GroupNormalization`, 1.11).

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::answer::ApiReply;
use super::groups::members;
use super::read::{self, canonical};
use crate::finding::{Finding, Stage};
use crate::lint;
use crate::normalize;
use crate::server::world::change::WorldChange;
use crate::server::world::spec::{Spec, parent};
use crate::server::world::{Id, StoredGroup, World};
use crate::source::{Document, Format, Kind, Type, Value};

const ENFORCE: &str = "enforceRole cannot be modified in a request that adds, removes or modifies services; please make these \
                       changes in separate requests.";

/// The body of a group, checked.
#[derive(Debug)]
pub(crate) struct GroupBody {
    /// The group that it is about.
    pub(crate) id: String,
    /// The version to go back to.
    pub(crate) version: Option<String>,
    /// What the number of all instances is multiplied by.
    pub(crate) scale_by: Option<f64>,
    root: GroupNode,
}

/// A group of a body. What is not said stays as it is.
#[derive(Debug, Default)]
struct GroupNode {
    id: String,
    apps: Option<Vec<Map<String, Json>>>,
    groups: Option<Vec<GroupNode>>,
    dependencies: Option<Vec<String>>,
    enforces: Option<bool>,
}

/// Reads the body of a group that was sent to this path.
pub(crate) fn read(world: &World, body: &[u8], path: &str, is_new: bool) -> Result<GroupBody, ApiReply> {
    let sent = read::document(body)?;
    // Anything but an object says nothing.
    let text =
        if sent.root().kind() == Type::Object { sent.root().source().to_owned() } else { "{}".to_owned() };
    let sent = Document::parse(text, Format::Json).map_err(|_| ApiReply::message(500, "not JSON"))?;
    let said = sent.root().get("id").and_then(|id| id.as_str().map(Cow::into_owned));
    let id = said.as_ref().map_or_else(|| path.to_owned(), |id| canonical(id, path));
    let given = Json::from(id.as_str());
    let inner = sent.root().source().trim().trim_start_matches('{');
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner).trim();
    let is_well_formed = sent
        .root()
        .get("id")
        .is_none_or(|id| id.is_null() || crate::definition::id::is_path_id(said.as_deref().unwrap_or("?")));
    let says = |name: &str| sent.root().get(name).is_some_and(|said| !said.is_null());
    let stands_alone = says("version") || says("scaleBy");
    let text = match (is_well_formed && !stands_alone, inner.is_empty()) {
        (false, _) => sent.root().source().to_owned(),
        (true, true) => format!("{{\"id\":{given}}}"),
        (true, false) => format!("{{{inner},\"id\":{given}}}"),
    };
    let document = Document::parse(text, Format::Json).map_err(|_| ApiReply::message(500, "not JSON"))?;
    let ids = ids_in(document.root(), &id);
    let settings = read::settings(world, ids.iter().map(String::as_str));
    // What Marathon finds before it looks at the groups that are there, and after.
    let (late, mut early): (Vec<Finding>, Vec<Finding>) = lint::refusals(&document, Kind::Group, &settings)
        .into_iter()
        .partition(|finding| finding.answer.as_ref().is_some_and(|answer| answer.stage == Stage::Tree));
    let is_of_place = |finding: &Finding| {
        finding
            .answer
            .as_ref()
            .is_some_and(|answer| answer.stage == Stage::Conflict || answer.error == ENFORCE)
    };
    early.retain(|finding| !is_of_place(finding));
    read::refuse(&early, &settings)?;
    let root = document.root();
    let version = root.get("version").and_then(|version| version.as_str().map(Cow::into_owned));
    let scale_by = root.get("scaleBy").and_then(|scale| scale.as_f64());
    if let Some(said) = said.filter(|_| !is_new) {
        check_misplaced(&document, &canonical(&said, &id), &id)?;
    }
    check_enforced(world, sent.root(), path, &id, is_new, version.is_some() || scale_by.is_some())?;
    if is_new {
        check_absent(world, &id)?;
    }
    read::refuse(&late, &settings)?;
    let normalized = normalize::answered(root, Kind::Group, &settings).value;
    let mut known = NormalizedById::default();
    known.add(&normalized);
    let root = known.node(root, id.clone());
    Ok(GroupBody { id, version, scale_by, root })
}

/// Refuses to create what is there.
fn check_absent(world: &World, id: &str) -> Result<(), ApiReply> {
    if world.groups.contains_key(id) {
        let message = format!("Group {id} is already created. Use PUT to change this group.");
        return Err(ApiReply::message(409, message));
    }
    if world.app(id).is_some() {
        return Err(ApiReply::message(409, format!("An app with the path {id} already exists.")));
    }
    Ok(())
}

/// The ids of all apps and groups in a group.
fn ids_in(root: Value<'_>, id: &str) -> Vec<String> {
    let mut found = vec![id.to_owned()];
    let mut open = vec![(root, id.to_owned())];
    let said = |value: &Value<'_>, base: &str| {
        value.get("id").and_then(|id| id.as_str().map(|id| canonical(&id, base)))
    };
    while let Some((group, base)) = open.pop() {
        for app in group.get("apps").into_iter().flat_map(|apps| apps.elements()) {
            found.extend(said(&app, &base));
        }
        for inner in group.get("groups").into_iter().flat_map(|groups| groups.elements()) {
            if let Some(id) = said(&inner, &base) {
                found.push(id.clone());
                open.push((inner, id));
            }
        }
    }
    found
}

/// Marathon resolves the id of a PUT once more when it checks the apps: a relative one leads one level too deep.
fn check_misplaced(document: &Document, base: &str, id: &str) -> Result<(), ApiReply> {
    if base == id {
        return Ok(());
    }
    let mut details: Vec<(String, String)> = Vec::new();
    let mut open = vec![(document.root(), base.to_owned(), String::new())];
    while let Some((group, base, at)) = open.pop() {
        let apps = group.get("apps").map_or(0, |apps| apps.elements().count());
        let text = format!("Identifier is not child of '{base}'");
        details.extend((0..apps).map(|index| (format!("{at}/apps({index})/id"), text.clone())));
        for (index, inner) in group.get("groups").into_iter().flat_map(|groups| groups.elements()).enumerate()
        {
            let name = inner.get("id").and_then(|id| id.as_str().map(Cow::into_owned)).unwrap_or_default();
            if !name.starts_with('/') {
                open.push((inner, canonical(&name, &base), format!("{at}/groups({index})")));
            }
        }
    }
    if details.is_empty() { Ok(()) } else { Err(ApiReply::invalid(&details)) }
}

/// Refuses services in a request whose groups, as they are normalized, enforce their role otherwise than those that are there.
/// Groups below the top never do, and normalized ones say so, which counts as a difference.
fn check_enforced(
    world: &World,
    root: Value<'_>,
    path: &str,
    id: &str,
    is_new: bool,
    is_special: bool,
) -> Result<(), ApiReply> {
    // Only a release from 1.11 on compares so.
    if is_special
        || world.options.settings.release <= crate::target::Release::V1_10
        || !modifies_services(root)
    {
        return Ok(());
    }
    let mut details = Vec::new();
    let base = if is_new { path } else { id };
    let mut open = vec![(root, base.to_owned(), String::new(), id.to_owned())];
    while let Some((group, base, at, effective)) = open.pop() {
        let said = group.get("id").and_then(|id| id.as_str().map(|id| canonical(&id, &base)));
        let enforces = group.get("enforceRole").and_then(|said| said.as_bool());
        let is_top = effective != "/" && parent(&effective) == "/";
        let normalized = if effective == "/" {
            false
        } else if is_top {
            enforces.unwrap_or(world.options.settings.new_groups_enforce_role)
        } else {
            enforces.unwrap_or(false)
        };
        let held = said.as_ref().and_then(|id| world.groups.get(id));
        if held.is_some_and(|held| held.enforces != Some(normalized)) {
            details.push((format!("{at}/enforceRole"), ENFORCE.to_owned()));
        }
        let inner_base = said.unwrap_or(base);
        for (index, inner) in group.get("groups").into_iter().flat_map(|groups| groups.elements()).enumerate()
        {
            let name = inner.get("id").and_then(|id| id.as_str().map(Cow::into_owned)).unwrap_or_default();
            let effective = canonical(&name, &effective);
            open.push((inner, inner_base.clone(), format!("{at}/groups({index})"), effective));
        }
    }
    if details.is_empty() { Ok(()) } else { Err(ApiReply::invalid(&details)) }
}

fn modifies_services(root: Value<'_>) -> bool {
    let mut open = vec![root];
    while let Some(group) = open.pop() {
        if group.get("apps").is_some_and(|apps| !apps.is_null()) {
            return true;
        }
        open.extend(group.get("groups").into_iter().flat_map(|groups| groups.elements()));
    }
    false
}

/// Normalized apps and groups by id.
#[derive(Default)]
struct NormalizedById {
    apps: HashMap<String, Map<String, Json>>,
    groups: HashMap<String, (Vec<String>, Option<bool>)>,
}

impl NormalizedById {
    fn add(&mut self, root: &Json) {
        let mut open = vec![root];
        let id = |value: &Json| value.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        while let Some(group) = open.pop() {
            for app in members(group, "apps").filter_map(Json::as_object) {
                self.apps.insert(id(&Json::Object(app.clone())), app.clone());
            }
            let dependencies =
                members(group, "dependencies").filter_map(Json::as_str).map(str::to_owned).collect();
            let enforces = group.get("enforceRole").and_then(Json::as_bool);
            self.groups.insert(id(group), (dependencies, enforces));
            open.extend(members(group, "groups"));
        }
    }

    /// A group as it was sent, with what was normalized. The document's depth bounds the recursion.
    fn node(&self, group: Value<'_>, id: String) -> GroupNode {
        let list = |name: &str| group.get(name).filter(|list| !list.is_null());
        let said = |value: &Value<'_>| {
            let said = value.get("id").and_then(|id| id.as_str().map(Cow::into_owned));
            canonical(&said.unwrap_or_default(), &id)
        };
        let apps = list("apps").map(|apps| {
            let found = apps.elements().filter_map(|app| self.apps.get(&said(&app)).cloned());
            found.collect()
        });
        let groups = list("groups")
            .map(|groups| groups.elements().map(|inner| self.node(inner, said(&inner))).collect());
        let known = self.groups.get(&id);
        let dependencies =
            list("dependencies").and_then(|_| known.map(|(dependencies, _)| dependencies.clone()));
        GroupNode { apps, groups, dependencies, enforces: known.and_then(|(_, enforces)| *enforces), id }
    }
}

impl GroupBody {
    /// What the body makes of the groups that are there.
    pub(crate) fn change(&self, world: &World) -> WorldChange {
        let mut change = WorldChange::default();
        // Depth first, in the order of the body.
        let mut open = vec![&self.root];
        while let Some(node) = open.pop() {
            node.apply(world, &mut change);
            open.extend(node.groups.iter().flatten().rev());
        }
        change
    }

    /// The apps that a dry run takes for restarted: all with service ports that the body names, or that are kept in a group that
    /// it names.
    pub(crate) fn touched(&self, world: &World, change: &WorldChange) -> Vec<Id> {
        if self.version.is_some() || self.scale_by.is_some() {
            return Vec::new();
        }
        let mut open = vec![&self.root];
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            let below = change.specs_below(world, &node.id);
            let is_app =
                |id: &Id| change.spec(world, id).is_some_and(|spec| !spec.is_pod() && has_port(spec));
            found.extend(below.into_iter().filter(|id| parent(id) == node.id && is_app(id)));
            open.extend(node.groups.iter().flatten());
        }
        found
    }
}

/// Whether an app has a service port.
fn has_port(spec: &Spec) -> bool {
    let ports: [&[&str]; 2] = [&["portDefinitions"], &["container", "portMappings"]];
    ports.into_iter().any(|path| spec.list(path).next().is_some())
}

impl GroupNode {
    /// Applies what the group itself says.
    fn apply(&self, world: &World, change: &mut WorldChange) {
        change.make_groups(world, parent(&self.id));
        let held = change.group(world, &self.id).cloned();
        let dependencies = match (&self.dependencies, &held) {
            (Some(said), _) => said.clone(),
            (None, Some(held)) => held.dependencies.clone(),
            (None, None) => Vec::new(),
        };
        let is_top = self.id != "/" && parent(&self.id) == "/";
        let enforces = self.enforces.filter(|_| is_top);
        change.groups.insert(self.id.clone(), Some(StoredGroup { dependencies, enforces }));
        if let Some(groups) = &self.groups {
            let children = change.groups_below(world, &self.id);
            for child in children.iter().filter(|child| parent(child) == self.id) {
                if !groups.iter().any(|group| group.id == *child) {
                    change.remove_group(world, child);
                }
            }
        }
        if let Some(apps) = &self.apps {
            for id in change.specs_below(world, &self.id) {
                let is_here =
                    parent(&id) == self.id && change.spec(world, &id).is_some_and(|spec| !spec.is_pod());
                let is_named = apps.iter().any(|app| app.get("id").and_then(Json::as_str) == Some(&*id));
                if is_here && !is_named {
                    change.remove_spec(world, &id);
                }
            }
            for app in apps {
                change.put_spec(world, Spec::new(Kind::App, app.clone(), world.now));
            }
        }
    }
}
