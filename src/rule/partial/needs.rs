//! Which rules conclude from fields that are absent or have a default.

/// Rules, and the names of fields that they conclude from. They say nothing where the parser rejects a field of this name,
/// or a part of it. With `=` only the field as a whole counts: its parts say nothing to the rules.
const NEEDS: &[(&[&str], &[&str])] = &[
    // Identity and roles.
    (&["empty-id", "reserved-id", "relative-pod-id", "id-outside-group", "same-id", "root-group"], &["id"]),
    (&["app-without-id", "group-without-id", "unreachable-secret", "bad-dependency"], &["id"]),
    (&["foreign-role", "misplaced-enforce-role"], &["id", "role", "enforceRole"]),
    (&["foreign-accepted-role"], &["id", "role", "enforceRole", "acceptedResourceRoles"]),
    (&["dropped-role"], &["acceptedResourceRoles", "role"]),
    (&["unoffered-role"], &["acceptedResourceRoles"]),
    (&["duplicate-container-name", "duplicate-volume-name", "empty-name"], &["name"]),
    (&["volume-conflict"], &["id", "volumes"]),
    // What runs.
    (&["nothing-to-run"], &["cmd", "args", "container"]),
    (&["marathon-without-secrets"], &["cmd", "args", "env"]),
    (&["shell-in-args"], &["args", "argv", "env", "environment"]),
    (&["variable-in-env"], &["cmd", "command", "env", "environment"]),
    (&["container-without-docker", "appc-image"], &["docker", "type"]),
    (&["engine-field-on-ucr", "pull-config-needs-ucr", "discovery-on-docker"], &["type", "=container"]),
    (&["linux-info-on-docker", "privileged-container", "privileged-on-ucr"], &["type"]),
    (&["unsupported-gpus", "check-on-docker"], &["type", "=container", "=docker"]),
    (&["archive-on-ucr"], &["type", "fetch", "artifacts", "docker", "image"]),
    (&["bare-docker-config", "unextracted-archive"], &["type", "fetch", "docker"]),
    (
        &["credentials-in-sandbox", "credentials-over-http", "file-on-agents"],
        &["type", "docker", "=container"],
    ),
    (&["limit-below-request"], &["cpus", "mem", "resources"]),
    (
        &["limits-with-shared-cgroups", "shm-size-of-parent", "seccomp-contradiction", "seccomp-for-pod"],
        &["linuxInfo"],
    ),
    (&["undefined-secret"], &["secrets", "secret"]),
    (&["unused-secret"], &["env", "environment", "container", "containers", "volumes", "secrets"]),
    // Networks and ports.
    (
        &["labelled-host-network", "named-bridge-network", "mixed-networks", "unnamed-network"],
        &["networks", "network", "ipAddress"],
    ),
    (
        &["duplicate-network", "undefined-network", "several-networks-on-docker"],
        &["networks", "network", "ipAddress", "type"],
    ),
    (&["ambiguous-host-port"], &["networks", "network", "ipAddress", "networkNames"]),
    (
        &["duplicate-port", "duplicate-port-name", "old-and-new-networks", "old-and-new-ports"],
        &["networks", "network", "ipAddress", "=container", "=docker", "type"],
    ),
    (
        &["container-port-on-host-network", "missing-container-port", "duplicate-container-port"],
        &["networks", "containerPort", "protocol"],
    ),
    (&["duplicate-host-port", "duplicate-protocol"], &["networks", "hostPort", "protocol"]),
    (&["duplicate-endpoint-name"], &["name"]),
    (&["undefined-endpoint"], &["endpoints", "endpoint"]),
    (
        &["port-mappings-on-host-network", "old-ports", "old-port-mappings"],
        &["networks", "network", "ipAddress"],
    ),
    (
        &["port-definitions-off-host-network", "needless-require-ports"],
        &["networks", "network", "ipAddress", "portMappings", "portDefinitions", "ports"],
    ),
    // Checks.
    (
        &["unknown-health-check-port", "unknown-check-port"],
        &[
            "networks",
            "network",
            "ipAddress",
            "ports",
            "portDefinitions",
            "portMappings",
            "portIndex",
            "port",
            "protocol",
            "=container",
            "=docker",
        ],
    ),
    (
        &["unknown-readiness-port", "readiness-port"],
        &[
            "networks",
            "network",
            "ipAddress",
            "ports",
            "portDefinitions",
            "portMappings",
            "portName",
            "=container",
            "=docker",
        ],
    ),
    (&["several-readiness-checks"], &["readinessChecks"]),
    (
        &["slow-health-check", "slow-readiness-check", "readiness-timeout"],
        &["timeoutSeconds", "intervalSeconds"],
    ),
    (
        &["several-mesos-checks", "second-mesos-check", "idle-check-field", "slow-check-timeout"],
        &["healthChecks"],
    ),
    (&["malformed-health-check", "unsupported-ipv6-check"], &["protocol", "command"]),
    (&["malformed-check"], &["check"]),
    (&["several-health-check-kinds"], &["healthCheck"]),
    (
        &["no-health-check"],
        &[
            "healthChecks",
            "healthCheck",
            "instances",
            "check",
            "networks",
            "portDefinitions",
            "ports",
            "portMappings",
            "=container",
        ],
    ),
    (&["marathon-health-check"], &["healthChecks", "networks", "portMappings"]),
    (&["foreign-check-port"], &["healthChecks", "networks", "portMappings", "network", "ipAddress"]),
    // Volumes and residency.
    (&["undefined-volume", "unused-volume"], &["volumes", "volumeMounts", "=containers"]),
    (&["volume-name-twice", "sensitive-host-path"], &["volumes", "volumeMounts"]),
    (&["bad-volume-size", "bad-volume-constraint", "empty-profile-name"], &["persistent"]),
    (&["bad-volume-path"], &["persistent", "external", "containerPath"]),
    (&["read-only-volume"], &["persistent", "mode"]),
    (&["bad-external-volume"], &["external", "type"]),
    (&["csi-access-mismatch"], &["external", "instances"]),
    (&["scaled-single-instance-app"], &["instances", "upgradeStrategy"]),
    (&["scaled-single-instance-volume"], &["external", "instances", "upgradeStrategy"]),
    (
        &["resident-without-role", "resident-role", "resident-with-accepted-roles"],
        &["role", "acceptedResourceRoles", "container", "volumes", "residency"],
    ),
    (
        &["resident-over-capacity", "resident-replaced-when-unreachable", "invalid-residency"],
        &["upgrade", "upgradeStrategy", "unreachableStrategy", "container", "volumes", "residency"],
    ),
    (&["old-residency", "residency-without-volume"], &["container", "volumes"]),
    (&["resident-without-grace"], &["taskKillGracePeriodSeconds"]),
    (&["data-on-agent"], &["constraints", "volumes"]),
    (&["no-room-to-upgrade"], &["instances", "upgradeStrategy", "volumes", "residency"]),
    // What agents refuse.
    (
        &[
            "args-without-program",
            "pod-program-missing",
            "mount-point-without-image",
            "ucr-host-path-missing",
            "volume-over-system",
            "volume-target-taken",
        ],
        &["type", "image", "docker", "exec", "command", "container", "volumes", "volumeMounts"],
    ),
    (
        &["no-resources", "container-without-resource", "limit-without-request"],
        &["cpus", "mem", "disk", "gpus", "resources", "portDefinitions", "ports", "networks", "container"],
    ),
    (&["check-without-port"], &["healthChecks", "portDefinitions", "ports", "portMappings", "=container"]),
    (&["relative-check-path", "unaskable-check-path"], &["healthChecks"]),
    (
        &[
            "parameter-network",
            "parameter-conflict",
            "parameter-cpus",
            "parameter-log",
            "parameter-entrypoint",
        ],
        &["networks", "network", "ipAddress", "mem", "resourceLimits", "parameters", "cmd", "args"],
    ),
    (&["parameter-host-files"], &["constraints"]),
    (
        &["host-port-not-offered", "network-called-like-a-mode"],
        &["acceptedResourceRoles", "networks", "network", "ipAddress", "portMappings"],
    ),
    // The rest.
    (&["constraint-without-field"], &["fieldName"]),
    (
        &["unwanted-constraint-value", "malformed-constraint-value", "malformed-pattern"],
        &["operator", "value"],
    ),
    (&["expunged-before-inactive"], &["unreachableStrategy"]),
    (&["invalid-migration-labels"], &["labels"]),
    (&["repeated-element"], &["healthChecks", "constraints", "dependencies", "acceptedResourceRoles"]),
];

/// Whether a rule concludes from the field of this path, which is unknown.
pub(super) fn concludes_from(rule: &str, path: &[String]) -> bool {
    let whole = path.last();
    let is_needed = |need: &&str| match need.strip_prefix('=') {
        Some(name) => whole.is_some_and(|whole| whole == name),
        None => path.iter().any(|step| step == need),
    };
    let mut needs = NEEDS.iter().filter(|(rules, _)| rules.contains(&rule)).flat_map(|(_, needs)| *needs);
    needs.any(is_needed)
}

#[cfg(test)]
mod tests {
    use super::NEEDS;

    #[test]
    fn the_rules_exist() {
        for slug in NEEDS.iter().flat_map(|(rules, _)| *rules) {
            assert!(crate::rule::all().any(|rule| rule.slug == *slug), "{slug}");
        }
    }
}
