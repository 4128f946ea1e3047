//! Ids.

use crate::definition::id::{AbsoluteId, reserved};
use crate::finding::Stage;
use crate::rule::{Context, Rule};
use crate::source::Value;
use crate::target::Release;

pub(in crate::rule) static RESERVED_ID: Rule =
    Rule::verdict("reserved-id", "The last segment of an id must not be a word of Marathon's own addresses")
        .why(
            "`/v2/apps/ID/restart`, `/tasks` and `/versions` are addresses of Marathon, so a service whose id ends so \
             could not be reached. Refused by Marathon 1.8 and later (and by the last 1.5, 1.6 and 1.7); `.` and `..` \
             since 1.9.",
        )
        .since(Release::V1_6)
        .bad(r#"{"id": "/shop/tasks", "cmd": "./tasks"}"#)
        .good(r#"{"id": "/shop/task-list", "cmd": "./tasks"}"#);

pub(in crate::rule) static EMPTY_ID: Rule = Rule::verdict("empty-id", "An id names at least one segment")
    .why(
        "`/` is the root group, and an id such as `/shop/..` is `/` too once it is resolved. A service needs a name \
         below it.",
    )
    .bad(r#"{"id": "/", "cmd": "./web"}"#)
    .good(r#"{"id": "/web", "cmd": "./web"}"#);

pub(in crate::rule) static ID_OUTSIDE_GROUP: Rule =
    Rule::verdict("id-outside-group", "An id must be right below the group it is in, without `..`")
        .why(
            "The ids in a group are relative to it, and an absolute one has to come to the same: Marathon refuses an \
             app that would land in another group, or in a group further below. The id of a pod has no `..` at all.",
        )
        .bad(r#"{"id": "/shop", "apps": [{"id": "/web", "cmd": "./web"}]}"#)
        .good(r#"{"id": "/shop", "apps": [{"id": "/shop/web", "cmd": "./web"}]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&RESERVED_ID, &EMPTY_ID, &ID_OUTSIDE_GROUP];

/// Marathon's words where the last segment of an id is reserved.
pub(in crate::rule) fn reserved_text(release: Release) -> String {
    format!("must not end with any of the following reserved keywords: {}", reserved(release).join(", "))
}

/// Rejects an absolute id with `..` that leads out of its group.
pub(in crate::rule) fn astray(
    id: &AbsoluteId,
    rule: &'static Rule,
    at: Value<'_>,
    path: impl Into<String>,
    context: &mut Context<'_>,
) {
    if id.is_astray() {
        let text = not_child_text(&id.parent(), context.release());
        let resolved = id.clone().canonical(&AbsoluteId::root());
        context
            .reject(rule, Stage::Canonical, at, path, text)
            .describe(format!("`{id}` leads to {resolved}"), format!("write \"{resolved}\""));
    }
}

/// Marathon's words where an id is not right below the group `parent`.
pub(in crate::rule) fn not_child_text(parent: &AbsoluteId, release: Release) -> String {
    if release >= Release::V1_9 {
        format!("Identifier is not child of '{parent}'")
    } else {
        format!("Identifier is not child of {parent}. Hint: use relative paths.")
    }
}
