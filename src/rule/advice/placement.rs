//! The roles of a service, and its DNS name.

use crate::definition::id::AbsoluteId;
use crate::finding::FixKind;
use crate::rule::shared::without_role;
use crate::rule::view::AppView;
use crate::source::Value;
use crate::target::Release;

use super::{Context, Fields, Rule};
use crate::schema::table;

static UNOFFERED_ROLE: Rule = Rule::risky(
    "unoffered-role",
    "A service accepts a role whose resources Mesos offers to Marathon",
)
.why(
    "Up to Marathon 1.8 Mesos offers Marathon the resources reserved for its one role (--mesos_role) and the \
             unreserved ones, the role `*`. A service that accepts neither waits for ever without a message.",
)
.bad(r#"{"id": "/edge", "cmd": "serve", "acceptedResourceRoles": ["slave_public"]}"#)
.good(r#"{"id": "/edge", "cmd": "serve", "acceptedResourceRoles": ["*"]}"#)
.until(Release::V1_8)
.setting("--mesos_role")
.target("marathon-1.8");

pub(crate) static DROPPED_ROLE: Rule =
    Rule::ignored("dropped-role", "`acceptedResourceRoles` names `*` and the service's own role")
        .why(
            "Marathon 1.9 removes roles that are neither `*` nor the service's own from `acceptedResourceRoles`, and uses \
             unreserved resources if none is left: a service for public agents then runs on any agent. Marathon 1.11 \
             rejects such a role.",
        )
        .bad(r#"{"id": "/edge", "cmd": "serve", "acceptedResourceRoles": ["web"]}"#)
        .good(r#"{"id": "/edge", "cmd": "serve", "acceptedResourceRoles": ["slave_public"]}"#)
        .since(Release::V1_9)
        .until(Release::V1_9)
        .setting("--mesos_role")
        .target("dcos-2.0")
        .fix(FixKind::Unsafe);

static LONG_ID: Rule = Rule::risky("long-id", "An id is short enough for DNS records")
    .why(
        "Mesos-DNS makes a service's whole id one label, and adds a hash and the agent's number in SRV records. A label \
         has at most 63 characters. Mesos-DNS cuts ids of 55 and more characters, so the records are missing or belong \
         to another service.",
    )
    .bad(r#"{"id": "/customers/europe/production/checkout/payment-service-frontend", "cmd": "serve"}"#)
    .good(r#"{"id": "/eu/prod/checkout/payment-frontend", "cmd": "serve"}"#);

pub(super) static RULES: &[&Rule] = &[&UNOFFERED_ROLE, &DROPPED_ROLE, &LONG_ID];

pub(super) fn app(app: &AppView<'_>, context: &mut Context<'_>) {
    roles(app.fields.get("acceptedResourceRoles"), app.fields.get("role"), &app.id, context);
    long_id(app.fields.at("id"), &app.id, context);
}

pub(super) fn pod(pod: &Fields<'_>, context: &mut Context<'_>) {
    let id = AbsoluteId::parse(&pod.text("id").unwrap_or_default());
    let accepted = pod
        .object("scheduling", &table::POD_SCHEDULING_POLICY)
        .and_then(|scheduling| scheduling.object("placement", &table::POD_PLACEMENT_POLICY))
        .and_then(|placement| placement.get("acceptedResourceRoles"));
    roles(accepted, pod.get("role"), &id, context);
    long_id(pod.at("id"), &id, context);
}

fn roles(accepted: Option<Value<'_>>, role: Option<Value<'_>>, id: &AbsoluteId, context: &mut Context<'_>) {
    let settings = context.settings;
    if settings.release > Release::V1_9 {
        return;
    }
    let Some(accepted) = accepted.filter(|accepted| accepted.elements().next().is_some()) else { return };
    if settings.release < Release::V1_9 {
        let offered = |name: &Value<'_>| name.is_str("*") || name.is_str(&settings.mesos_role);
        if !accepted.elements().any(|name| offered(&name)) {
            let found = context.warn(&UNOFFERED_ROLE, accepted);
            found.message = format!(
                "this Marathon has the role `{}`: Mesos never offers it resources of other roles, and the service \
                 waits for ever",
                settings.mesos_role
            );
            found.help = Some(match settings.mesos_role.as_str() {
                "*" => "write [\"*\"], or start Marathon with --mesos_role".into(),
                role => format!("write [\"*\"] or [\"{role}\"]").into(),
            });
        }
        return;
    }
    // The role is Marathon's or that of the top-level group; the group decides which.
    let group = id.top_group();
    for name in accepted.elements() {
        let is_known = name.is_str("*")
            || name.is_str(&settings.mesos_role)
            || group.is_some_and(|group| name.is_str(group))
            || role.and_then(|role| role.as_str()).is_some_and(|role| name.is_str(&role));
        if is_known {
            continue;
        }
        let found = context.warn(&DROPPED_ROLE, name);
        found.message = format!("Marathon 1.9 drops {}, which is not a role of this service", name.source());
        found.help = Some(format!("write \"*\" (unreserved) or \"{}\"", settings.mesos_role).into());
        found.fix = Some(without_role(accepted, name));
    }
}

/// Counts like `dcos marathon app add`: without the leading slash.
fn long_id(at: Value<'_>, id: &AbsoluteId, context: &mut Context<'_>) {
    const FIT: usize = 55;
    let length = id.as_str().trim_start_matches('/').len();
    if length < FIT {
        return;
    }
    let found = context.warn(&LONG_ID, at);
    found.message = format!("this id has {length} characters; SRV records hold at most {}", FIT - 1);
    found.help = Some("shorten the name of the service or of its groups".into());
}
