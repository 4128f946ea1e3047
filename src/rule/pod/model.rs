//! The rules of the internal model: roles.

use crate::definition::id::AbsoluteId;
use crate::finding::Stage;
use crate::rule::Context;
use crate::rule::shared::{
    FOREIGN_ACCEPTED_ROLE, FOREIGN_ROLE, RESIDENT_WITHOUT_ROLE, Roles, accepted_roles_text, name_faults,
};
use crate::rule::view::{PodView, text};
use crate::target::Release;

pub(super) fn check(pod: &PodView<'_>, context: &mut Context<'_>) {
    if context.release() < Release::V1_9 {
        return;
    }
    let id = AbsoluteId::parse(&text(pod.id)).canonical(&AbsoluteId::root());
    let roles = Roles::alone(&id, context.settings);
    let given = pod.role.and_then(|role| role.as_str());
    let role = given.as_deref().unwrap_or(&roles.default);
    let at = pod.role.unwrap_or(pod.value);
    if !roles.valid().any(|valid| valid == role) {
        let valid: Vec<&str> = roles.valid().collect();
        let list = valid.join(", ");
        context
            .reject(
                &FOREIGN_ROLE,
                Stage::Model,
                at,
                "/role",
                format!("got {role}, expected one of: [{list}]"),
            )
            .describe(
                format!("a pod of this id cannot have the role `{role}`"),
                format!("write \"{}\", or remove it", valid.join("\" or \"")),
            );
    }
    if pod.is_resident() && role == "*" {
        context
            .reject(&RESIDENT_WITHOUT_ROLE, Stage::Model, at, "/role", "Resident pods cannot have the role *")
            .describe(
                "a pod with persistent volumes makes reservations, which the role `*` cannot",
                "start Marathon with --mesos_role, or put the pod into a group and give it the group's role",
            );
    }
    accepted(pod, role, context);
}

fn accepted(pod: &PodView<'_>, role: &str, context: &mut Context<'_>) {
    // 1.9 drops foreign roles silently.
    if context.release() < Release::V1_10 {
        return;
    }
    let accepted = pod.accepted_roles();
    let foreign = accepted.iter().find(|(_, accepted)| accepted != "*" && accepted != role);
    if let Some((at, foreign)) = foreign.filter(|(_, foreign)| name_faults(foreign).next().is_none()) {
        context
            .reject(
                &FOREIGN_ACCEPTED_ROLE,
                Stage::Model,
                *at,
                "/acceptedResourceRoles",
                accepted_roles_text(role),
            )
            .points_at("/scheduling/placement/acceptedResourceRoles")
            .describe(
                format!("a pod of the role `{role}` gets no resources of `{foreign}`"),
                format!("write \"*\" or \"{role}\", or give the pod the role `{foreign}`"),
            );
    }
}
