//! What the rules for apps and for pods have in common: the rules themselves, and the tests that need no place.

mod feature;
mod id;
mod limit;
mod linux;
mod network;
mod placement;
mod repeat;
mod resident;
mod role;

use super::Rule;

pub(super) use crate::java::double;
pub(super) use feature::{DISABLED_FEATURE, EMPTY_SECRET_NAME, UNDEFINED_SECRET, feature_text};
pub(super) use id::{EMPTY_ID, ID_OUTSIDE_GROUP, RESERVED_ID, astray, not_child_text, reserved_text};
pub(super) use limit::{INFINITE_RESOURCE, OUTSIZE_DURATION, is_infinite, limit_fault};
pub(super) use linux::{seccomp_fault, shared_memory_fault};
pub(super) use network::{
    AMBIGUOUS_HOST_PORT, DUPLICATE_NETWORK, LABELLED_HOST_NETWORK, MIXED_NETWORKS, NAMED_BRIDGE,
    UNDEFINED_NETWORK, UNNAMED_NETWORK,
};
pub(super) use placement::{
    CONSTRAINT_WITHOUT_FIELD, ConstraintCheck, UNSUPPORTED_VOLUME_CONSTRAINT, UNWANTED_CONSTRAINT_VALUE,
    constraint_fault,
};
pub(super) use repeat::{Names, Seen, first_repeat};
pub(super) use resident::{
    RESIDENT_OVER_CAPACITY, RESIDENT_UNREACHABLE, RESIDENT_WITH_ACCEPTED_ROLES, RESIDENT_WITHOUT_ROLE,
};
pub(crate) use role::Roles;
pub(super) use role::{
    FOREIGN_ACCEPTED_ROLE, FOREIGN_ROLE, MALFORMED_ROLE, accepted_roles_text, name_faults, without_role,
};

/// The rules for apps and pods, and for groups where they say the same.
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
