//! Groups, as `POST /v2/groups` of a Marathon without services checks them (`GroupNormalization`,
//! `GroupView.validNestedGroupUpdateWithBase`, `RootGroup.validRootGroup`).

mod level;
mod root;
mod tree;

use std::borrow::Cow;

use crate::definition::id::AbsoluteId;
use crate::finding::Stage;
use crate::rule::shared::{ID_OUTSIDE_GROUP, RESERVED_ID, Roles, astray, not_child_text, reserved_text};
use crate::rule::view::{AppView, Fields};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::source::Value;
use crate::target::Release;
use crate::util::hash::Map;

use super::app;

pub(crate) use level::GroupLevel;
use level::MISPLACED_ENFORCE_ROLE;
pub(crate) use root::{ById, RootGroup};
pub(in crate::rule) use tree::check_array;

static GROUP_WITHOUT_ID: Rule = Rule::verdict("group-without-id", "A group within a group has an id")
    .why(
        "The group that is sent can take its id from the address. A group within it has only its own `id`. \
         Marathon 1.9 and later answer with a server error that says only \"None.get\".",
    )
    .bad(r#"{"id": "/shop", "groups": [{"apps": [{"id": "web", "cmd": "./web"}]}]}"#)
    .good(r#"{"id": "/shop", "groups": [{"id": "front", "apps": [{"id": "web", "cmd": "./web"}]}]}"#);

static GROUP_UPDATE_WITH_FIELDS: Rule = Rule::verdict(
    "group-update-with-fields",
    "A group that says `version` or `scaleBy` says nothing else, not even its id",
)
.aliases(&["only-field"])
.why(
    "`version` and `scaleBy` are commands: go back to a version, or scale all apps by a factor. The address \
         names the group, and no other field is allowed beside them. An inner group cannot have them at all.",
)
.bad(r#"{"id": "/shop", "scaleBy": 2, "groups": []}"#)
.good(r#"{"id": "/shop", "groups": []}"#);

static ROOT_GROUP: Rule = Rule::verdict(
    "root-group",
    "A group that is created has an id of its own, not `/`",
)
.why(
    "The root group always exists, so creating it is a conflict. Where it contains services, 1.9 and later \
         answer with words about `enforceRole`. A group without an id is the root group, too.",
)
.bad(r#"{"id": "/", "groups": [{"id": "shop", "apps": [{"id": "web", "cmd": "./web"}]}]}"#)
.good(r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "./web"}]}"#);

/// The rules for groups alone.
pub(super) static RULES: [&[&Rule]; 3] =
    [&[&GROUP_WITHOUT_ID, &GROUP_UPDATE_WITH_FIELDS, &ROOT_GROUP], level::RULES, tree::RULES];

/// A group with all its members, ids canonical.
pub(super) struct GroupView<'a> {
    fields: Fields<'a>,
    id: AbsoluteId,
    apps: Vec<GroupMember<'a>>,
    groups: Vec<GroupView<'a>>,
}

struct GroupMember<'a> {
    app: AppView<'a>,
    roles: Roles<'static>,
}

impl<'a> GroupView<'a> {
    /// Calls `visit` with every app in the group and the groups below it.
    pub(super) fn for_each_app(&self, visit: &mut impl FnMut(&AppView<'a>)) {
        self.apps.iter().for_each(|member| visit(&member.app));
        self.groups.iter().for_each(|group| group.for_each_app(visit));
    }
}

/// Checks one group, sent alone. If the parser rejects anything in it outside of apps, nothing is checked; apps that it
/// rejects are left out. Gives the group, unless it is only scaled or rolled back.
pub(super) fn check<'a>(value: Value<'a>, context: &mut Context<'_>) -> Option<GroupView<'a>> {
    if ill_typed_in_apps(value, context) < context.ill_typed_in(value) {
        return None;
    }
    let fields = Fields::of(value, &table::GROUP);
    let root = AbsoluteId::root();
    let written = fields.text("id").map(|text| AbsoluteId::parse(&text));
    if let Some(id) = &written
        && context.release() >= Release::V1_8
        && id.is_reserved()
    {
        reserved(id, &fields, "/", context);
    }
    if let Some(id) = &written {
        astray(id, &ID_OUTSIDE_GROUP, fields.at("id"), "/", context);
    }
    context.stop_if_failed();
    let id = written.map_or_else(|| root.clone(), |id| id.canonical(&root));
    // The members of a group that scales or rolls back are not checked.
    let is_structural = !fields.has("version") && !fields.has("scaleBy");
    let level = GroupLevel::of(&id, enforces(&fields), context.settings);
    let group = is_structural.then(|| visit(fields, id.clone(), &level, context));
    context.stop_if_failed();
    // Up to 1.6 a relative id is resolved against itself, but the ids of its apps against the right group.
    let base = if context.release() >= Release::V1_7 { &root } else { &id };
    let sent = SentGroup { is_visited: is_structural, modifies_services: modifies_services(&fields) };
    nested(&fields, base, &root, "", sent, context);
    context.stop_if_failed();
    if id.is_root() {
        let text = "Group / is already created. Use PUT to change this group.";
        context
            .reject(&ROOT_GROUP, Stage::Conflict, fields.at("id"), "", text)
            .describe("this is the root group, which is there already", "name a group: \"/my-group\"");
    }
    if let Some(group) = &group {
        context.stop_if_failed();
        convert(group, context);
        tree::check(group, context);
    }
    group
}

/// The number of values that the parser rejects in the apps of this group and of those below it.
fn ill_typed_in_apps(group: Value<'_>, context: &Context<'_>) -> usize {
    if context.is_well_typed(group) {
        return 0;
    }
    let of = |name| group.get(name).into_iter().flat_map(|list| list.elements());
    let apps: usize = of("apps").map(|app| context.ill_typed_in(app)).sum();
    apps + of("groups").map(|inner| ill_typed_in_apps(inner, context)).sum::<usize>()
}

fn enforces(group: &Fields<'_>) -> Option<bool> {
    group.get("enforceRole").and_then(|value| value.as_bool())
}

/// Checks every app up to the canonical API, those of inner groups first. Marathon stops at the first that fails.
fn visit<'a>(
    fields: Fields<'a>,
    id: AbsoluteId,
    level: &GroupLevel,
    context: &mut Context<'_>,
) -> GroupView<'a> {
    let mut groups = Vec::new();
    for inner in members(&fields, "groups") {
        let inner = Fields::of(inner, &table::GROUP);
        let Some(text) = inner.text("id") else {
            let text = if context.release() >= Release::V1_9 { "None.get" } else { "No group id was given!" };
            context
                .reject(&GROUP_WITHOUT_ID, Stage::Migration, inner.value, "", text)
                .describe("a group within a group has an id", "add \"id\"");
            context.stop_if_failed();
            continue;
        };
        let inner_id = AbsoluteId::parse(&text).canonical(&id);
        let inner_level = level.below(&id, &inner_id, enforces(&inner), context.settings);
        groups.push(visit(inner, inner_id, &inner_level, context));
    }
    let mut apps = Vec::new();
    for value in members(&fields, "apps") {
        let app_id = value.get("id").and_then(|id| id.as_str()).unwrap_or_default();
        let roles = level.roles(&AbsoluteId::parse(&app_id).canonical(&id), context.settings);
        if context.is_well_typed(value)
            && let Some(app) = app::in_group(value, &id, &roles, context)
        {
            apps.push(GroupMember { app, roles });
        }
    }
    GroupView { fields, id, apps, groups }
}

/// Facts about the whole group that is sent.
#[derive(Clone, Copy)]
struct SentGroup {
    /// Whether its members were checked: it does not just scale or roll back.
    is_visited: bool,
    modifies_services: bool,
}

/// Checks a group's own fields and the ids of its members. Its id is relative to `base`, theirs to `parent`.
fn nested(
    group: &Fields<'_>,
    base: &AbsoluteId,
    parent: &AbsoluteId,
    path: &str,
    sent: SentGroup,
    context: &mut Context<'_>,
) {
    use Stage::Canonical;
    let written = group.text("id").map(|id| AbsoluteId::parse(&id));
    let below =
        |base: &AbsoluteId| written.as_ref().map_or_else(|| base.clone(), |id| id.clone().canonical(base));
    let (id, place) = (below(base), below(parent));
    let is_top = id.depth() == 1;
    let is_sent = path.is_empty();
    // `GroupNormalization.visitRootGroup` sets `false` for the root, and the default of top-level groups for its groups.
    let enforces = match enforces(group) {
        _ if is_sent && sent.is_visited && id.is_root() => false,
        None if sent.is_visited && base.is_root() && !is_sent && !path[1..].contains('/') => {
            context.settings.new_groups_enforce_role
        }
        says => says.unwrap_or(false),
    };
    if enforces && !is_top && context.release() >= Release::V1_9 {
        let text = format!("enforceRole can only be set for top-level groups, and {id} is not top-level");
        let path = format!("{path}/enforceRole");
        if let Some(at) = group.get("enforceRole") {
            context.reject(&MISPLACED_ENFORCE_ROLE, Canonical, at, path, text).describe(
                format!("{id} is not a top-level group"),
                format!("remove it, or write it to /{}", id.first()),
            );
        } else {
            context.reject(&ID_OUTSIDE_GROUP, Canonical, group.at("id"), path, text).describe(
                format!("{id} is not a direct child of {base}, and Marathon gives it the `enforceRole` of such a group"),
                child_help(&id, base),
            );
        }
    }
    for name in ["version", "scaleBy"].into_iter().filter(|name| group.has(name)) {
        // An inner group has `enforceRole` by now, at least by default.
        if !is_sent || group.names().any(|other| other != name) {
            let text = "not allowed in conjunction with other properties.";
            context
                .reject(&GROUP_UPDATE_WITH_FIELDS, Canonical, group.at(name), format!("{path}/{name}"), text)
                .describe(
                    format!("a group that says `{name}` says nothing else, not even its id"),
                    format!("send {{\"{name}\": …}} alone to PUT /v2/groups/ID"),
                );
        }
    }
    if let Some(written) = &written
        && context.release() >= Release::V1_8
        && written.is_reserved()
    {
        reserved(written, group, &format!("{path}/id"), context);
    }
    if let Some(written) = &written {
        astray(written, &ID_OUTSIDE_GROUP, group.at("id"), format!("{path}/id"), context);
    }
    // A visited group has `enforceRole` by now; the existing root has none.
    let has_enforce_role = group.has("enforceRole") || sent.is_visited;
    if id.is_root()
        && written.is_some()
        && has_enforce_role
        && sent.modifies_services
        && context.release() >= Release::V1_9
    {
        let text = "enforceRole cannot be modified in a request that adds, removes or modifies services; please make \
                    these changes in separate requests.";
        context.reject(&ROOT_GROUP, Canonical, group.at("id"), format!("{path}/enforceRole"), text).describe(
            "this is the root group: it cannot be created, and services are not changed through it here",
            "name a group: \"/my-group\"",
        );
    }
    for (index, app) in members(group, "apps").enumerate() {
        if !context.is_well_typed(app) {
            continue;
        }
        let app = Fields::of(app, &table::APP);
        let app_id = AbsoluteId::parse(&app.text("id").unwrap_or_default()).canonical(&place);
        if app_id.parent() != id || app_id.is_root() {
            let text = not_child_text(&id, context.release());
            context
                .reject(&ID_OUTSIDE_GROUP, Canonical, app.at("id"), format!("{path}/apps({index})/id"), text)
                .describe(format!("{app_id} is not a direct child of {id}"), child_help(&app_id, &id));
        }
    }
    for (index, inner) in members(group, "groups").enumerate() {
        let path = format!("{path}/groups({index})");
        nested(&Fields::of(inner, &table::GROUP), &id, &place, &path, sent, context);
    }
}

/// How to write an id below a group.
fn child_help(id: &AbsoluteId, group: &AbsoluteId) -> String {
    match id.last() {
        "" => format!("write an id below {group}"),
        last => format!("write \"{last}\", or move it to the group it belongs to"),
    }
}

/// Rejects a group's id that ends with a reserved word.
fn reserved(id: &AbsoluteId, group: &Fields<'_>, path: &str, context: &mut Context<'_>) {
    let last = id.last();
    context
        .reject(&RESERVED_ID, Stage::Canonical, group.at("id"), path, reserved_text(context.release()))
        .describe(
            format!("the id ends with `{last}`, a word of Marathon's own addresses"),
            "name it otherwise",
        );
}

/// The members of a group, without duplicates: Marathon has them in a set.
fn members<'a>(group: &Fields<'a>, name: &str) -> impl Iterator<Item = Value<'a>> {
    let are_several = group.list(name).nth(1).is_some();
    let mut seen: Map<Cow<'a, str>, Value<'a>> = Map::default();
    group.list(name).filter(move |member| {
        let same = are_several.then(|| {
            let id = member.get("id").and_then(|id| id.as_str()).unwrap_or_default();
            seen.insert(id, *member)
        });
        let is = |other: Value<'_>| other.source() == member.source() || other.to_json() == member.to_json();
        !same.flatten().is_some_and(is)
    })
}

fn modifies_services(group: &Fields<'_>) -> bool {
    ["version", "scaleBy", "apps"].iter().any(|name| group.has(name))
        || group.list("groups").any(|inner| modifies_services(&Fields::of(inner, &table::GROUP)))
}

/// Checks what fails when apps are converted, those of inner groups first. Marathon stops at the first failure.
fn convert(group: &GroupView<'_>, context: &mut Context<'_>) {
    for inner in &group.groups {
        convert(inner, context);
    }
    for member in &group.apps {
        app::convert(&member.app, context);
        context.stop_if_failed();
    }
}
