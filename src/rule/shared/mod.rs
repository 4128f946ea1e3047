//! What the rules for apps and for pods share: rules, Marathon's words, and checks that do not depend on the place.

mod feature;
mod id;
mod limit;
mod linux;
mod network;
mod placement;
mod resident;
mod role;

use super::Rule;

pub(super) use crate::java::double;
pub(super) use feature::{DISABLED_FEATURE, EMPTY_SECRET_NAME, UNDEFINED_SECRET, feature_text};
pub(super) use id::{EMPTY_ID, ID_OUTSIDE_GROUP, RESERVED_ID, astray, not_child_text, reserved_text};
pub(super) use limit::{
    INFINITE_RESOURCE, INFINITE_TEXT, LONGEST_DURATION, OUTSIZE_DURATION, OUTSIZE_DURATION_TEXT, is_infinite,
    limit_faults,
};
pub(super) use linux::{seccomp_fault, shared_memory_fault};
pub(super) use network::{
    AMBIGUOUS_HOST_PORT, AMBIGUOUS_HOST_PORT_TEXT, DUPLICATE_NETWORK, MIXED_NETWORKS, UNNAMED_NETWORK,
    network_faults, undefined_network,
};
pub(super) use placement::{
    CONSTRAINT_WITHOUT_FIELD, ConstraintCheck, UNSUPPORTED_VOLUME_CONSTRAINT, UNWANTED_CONSTRAINT_VALUE,
    constraint_fault,
};
pub(super) use resident::{
    RESIDENT_OVER_CAPACITY, RESIDENT_UNREACHABLE, RESIDENT_WITH_ACCEPTED_ROLES, RESIDENT_WITHOUT_ROLE,
};
pub(crate) use role::{FOREIGN_ACCEPTED_ROLE, Roles};
pub(super) use role::{
    FOREIGN_ROLE, MALFORMED_ROLE, accepted_roles_text, malformed_role_message, name_faults, without_role,
};

/// The rules for apps and pods, and for groups where those are the same.
pub(super) static RULES: [&[&Rule]; 8] = [
    feature::RULES,
    id::RULES,
    limit::RULES,
    linux::RULES,
    network::RULES,
    placement::RULES,
    resident::RULES,
    role::RULES,
];
