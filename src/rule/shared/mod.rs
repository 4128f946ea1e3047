//! What the rules for apps and for pods have in common: the rules themselves, and the tests that need no place.

mod limit;
mod linux;
mod placement;
mod repeat;
mod role;
mod text;

use super::Rule;

pub(super) use super::java::double;
pub(super) use limit::limit_fault;
pub(super) use linux::{seccomp_fault, shared_memory_fault};
pub(super) use placement::{Constraint, constraint_fault};
pub(super) use repeat::first_repeat;
pub(super) use role::{Roles, accepted_roles_text, name_faults};
pub(super) use text::{feature_text, not_child_text, reserved_text};

pub(super) static RESERVED_ID: Rule =
    Rule::verdict("reserved-id", "The last segment of an id must not be a word of Marathon's own addresses");
pub(super) static EMPTY_ID: Rule = Rule::verdict("empty-id", "An id names at least one segment");
pub(super) static ID_OUTSIDE_GROUP: Rule =
    Rule::verdict("id-outside-group", "An id must be right below the group it is in, without `..`");

pub(super) static LABELLED_HOST_NETWORK: Rule =
    Rule::verdict("labelled-host-network", "A host network has neither a name nor labels");
pub(super) static NAMED_BRIDGE: Rule = Rule::verdict("named-bridge-network", "A bridge network has no name");
pub(super) static DUPLICATE_NETWORK: Rule =
    Rule::verdict("duplicate-network", "A service joins each network once, and at most one without a name");
pub(super) static MIXED_NETWORKS: Rule = Rule::verdict(
    "mixed-networks",
    "A service has one host network, or one bridge network, or any number of container networks",
);
pub(super) static UNNAMED_NETWORK: Rule = Rule::verdict(
    "unnamed-network",
    "A container network needs a name where Marathon runs without --default_network_name",
);
pub(super) static UNDEFINED_NETWORK: Rule =
    Rule::verdict("undefined-network", "A port can only be on networks that `networks` names");
pub(super) static AMBIGUOUS_HOST_PORT: Rule = Rule::verdict(
    "ambiguous-host-port",
    "With several container networks, a port with a hostPort must say which one it is on",
);

pub(super) static DISABLED_FEATURE: Rule =
    Rule::verdict("disabled-feature", "What is used must be enabled with --enable_features");
pub(super) static UNDEFINED_SECRET: Rule =
    Rule::verdict("undefined-secret", "A secret that is referred to must be in `secrets`");
pub(super) static EMPTY_SECRET_NAME: Rule = Rule::verdict("empty-secret-name", "A secret needs a name");

pub(super) static CONSTRAINT_WITHOUT_FIELD: Rule =
    Rule::verdict("constraint-without-field", "A constraint names an attribute of agents, or `hostname`");
pub(super) static UNWANTED_CONSTRAINT_VALUE: Rule =
    Rule::verdict("unwanted-constraint-value", "The operator UNIQUE takes no value");
pub(super) static MALFORMED_CONSTRAINT_VALUE: Rule = Rule::verdict(
    "malformed-constraint-value",
    "A constraint's value must be what its operator compares with",
);
pub(super) static MALFORMED_PATTERN: Rule =
    Rule::verdict("malformed-pattern", "The operators LIKE and UNLIKE take a Java regular expression");
pub(super) static UNSUPPORTED_VOLUME_CONSTRAINT: Rule = Rule::verdict(
    "unsupported-volume-constraint",
    "A volume's constraint is [\"path\", \"LIKE\", a regular expression]",
);

pub(super) static FOREIGN_ROLE: Rule = Rule::verdict(
    "foreign-role",
    "A service has the role of its top-level group or the one Marathon runs with",
);
pub(super) static FOREIGN_ACCEPTED_ROLE: Rule = Rule::verdict(
    "foreign-accepted-role",
    "A service accepts resources of its own role and unreserved ones only",
);
pub(super) static MALFORMED_ROLE: Rule =
    Rule::verdict("malformed-role", "A role must have a name that Mesos takes");
pub(super) static RESIDENT_ROLE: Rule =
    Rule::verdict("resident-role", "A service with persistent volumes needs a role other than `*`");
pub(super) static RESIDENT_ACCEPTED_ROLES: Rule = Rule::verdict(
    "resident-accepted-roles",
    "A service with persistent volumes accepts the roles [\"*\"] or does not say",
);
pub(super) static RESIDENT_OVER_CAPACITY: Rule = Rule::verdict(
    "resident-over-capacity",
    "A service with persistent volumes cannot run more instances during an upgrade",
);
pub(super) static RESIDENT_UNREACHABLE: Rule = Rule::verdict(
    "resident-unreachable-strategy",
    "A service with persistent volumes must not replace unreachable instances",
);

pub(super) static SECCOMP_CONTRADICTION: Rule =
    Rule::verdict("seccomp-contradiction", "Seccomp either has a profile or is unconfined");
pub(super) static SHM_SIZE_OF_PARENT: Rule =
    Rule::verdict("shm-size-of-parent", "Shared memory that is the parent's has the parent's size");
pub(super) static UNKNOWN_LIMIT: Rule =
    Rule::verdict("unknown-limit", "A resource limit is a number or `unlimited`");
pub(super) static LIMIT_BELOW_REQUEST: Rule =
    Rule::verdict("limit-below-request", "A resource limit must not be below what is requested");
pub(super) static OUTSIZE_DURATION: Rule =
    Rule::verdict("outsize-duration", "Marathon counts time in nanoseconds, up to 292 years");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &RESERVED_ID,
    &EMPTY_ID,
    &ID_OUTSIDE_GROUP,
    &LABELLED_HOST_NETWORK,
    &NAMED_BRIDGE,
    &DUPLICATE_NETWORK,
    &MIXED_NETWORKS,
    &UNNAMED_NETWORK,
    &UNDEFINED_NETWORK,
    &AMBIGUOUS_HOST_PORT,
    &DISABLED_FEATURE,
    &UNDEFINED_SECRET,
    &EMPTY_SECRET_NAME,
    &CONSTRAINT_WITHOUT_FIELD,
    &UNWANTED_CONSTRAINT_VALUE,
    &MALFORMED_CONSTRAINT_VALUE,
    &MALFORMED_PATTERN,
    &UNSUPPORTED_VOLUME_CONSTRAINT,
    &FOREIGN_ROLE,
    &FOREIGN_ACCEPTED_ROLE,
    &MALFORMED_ROLE,
    &RESIDENT_ROLE,
    &RESIDENT_ACCEPTED_ROLES,
    &RESIDENT_OVER_CAPACITY,
    &RESIDENT_UNREACHABLE,
    &SECCOMP_CONTRADICTION,
    &SHM_SIZE_OF_PARENT,
    &UNKNOWN_LIMIT,
    &LIMIT_BELOW_REQUEST,
    &OUTSIZE_DURATION,
];
