//! Resident services: those with persistent volumes, which tie instances to their agents.

use crate::rule::Rule;
use crate::target::Release;

pub(in crate::rule) static RESIDENT_WITHOUT_ROLE: Rule =
    Rule::verdict("resident-without-role", "A service with persistent volumes needs a role other than `*`").aliases(&["resident-role"])
        .why(
            "A persistent volume is a reservation of disk for a role, and nothing can be reserved for `*`. Since 1.9 \
             Marathon refuses such a service where it has no role of its own: a Marathon without `--mesos_role` has \
             `*`. DC/OS runs it with `slave_public`.",
        )
        .since(Release::V1_9)
        .setting("--mesos_role")
        .target("standalone")
        .bad(r#"{"id": "/db/one", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#)
        .good(r#"{"id": "/db/one", "cmd": "./db", "role": "db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#);

pub(in crate::rule) static RESIDENT_WITH_ACCEPTED_ROLES: Rule = Rule::verdict(
    "resident-with-accepted-roles",
    "A service with persistent volumes accepts the roles [\"*\"] or does not say",
).aliases(&["resident-accepted-roles"])
.why(
    "Marathon makes the reservation for a persistent volume out of unreserved resources, and so wants offers of `*` and \
     of nothing else for the first start.",
)
.bad(r#"{"id": "/db", "cmd": "./db", "acceptedResourceRoles": ["slave_public"],
        "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
        "persistent": {"size": 512}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "acceptedResourceRoles": ["*"], "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#);

pub(in crate::rule) static RESIDENT_OVER_CAPACITY: Rule = Rule::verdict(
    "resident-over-capacity",
    "A service with persistent volumes cannot run more instances during an upgrade",
)
.why(
    "A new instance takes over the volume of an old one, so the old one has to stop first: there can be none on top. The \
     same holds for external volumes by dvdi. Where `upgradeStrategy` is left out Marathon takes 0.5 and 0 by itself.",
)
.bad(r#"{"id": "/db", "cmd": "./db", "upgradeStrategy": {"minimumHealthCapacity": 0,
        "maximumOverCapacity": 1}, "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "upgradeStrategy": {"minimumHealthCapacity": 0,
        "maximumOverCapacity": 0}, "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#);

pub(in crate::rule) static RESIDENT_UNREACHABLE: Rule = Rule::verdict(
    "resident-replaced-when-unreachable",
    "A service with persistent volumes must not replace unreachable instances",
).aliases(&["resident-unreachable-strategy"])
.why(
    "The data of an instance is on its agent. While the agent cannot be reached, a replacement would start elsewhere with \
     an empty volume, so Marathon wants `unreachableStrategy` to be `disabled` or left out; `{}` already counts as one.",
)
.bad(r#"{"id": "/db", "cmd": "./db", "unreachableStrategy": {"inactiveAfterSeconds": 60,
        "expungeAfterSeconds": 120}, "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "unreachableStrategy": "disabled",
        "container": {"type": "MESOS", "volumes": [{"containerPath": "data", "mode": "RW",
        "persistent": {"size": 512}}]}}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] =
    &[&RESIDENT_WITHOUT_ROLE, &RESIDENT_WITH_ACCEPTED_ROLES, &RESIDENT_OVER_CAPACITY, &RESIDENT_UNREACHABLE];
