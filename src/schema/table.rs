//! The types of Marathon's API as tables. Generated from the models: `cargo run --example generate`.

use super::pattern;
use super::shape::{Field, ObjectShape, Shape, TypeReader, UnionShape};

/// The names of lists that are sets: their order does not count.
pub(crate) static SETS: &[&str] = &["acceptedResourceRoles", "apps", "constraints", "dependencies", "groups", "healthChecks", "httpStatusCodesForReady"];

pub(crate) static APP: ObjectShape = ObjectShape {
    name: "App",
    number: 1,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &["tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "deployments", "readinessCheckResults", "tasks", "lastTaskFailure", "taskStats", "tasksStats"],
    fields: &[
        Field { name: "acceptedResourceRoles", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "args", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "backoffFactor", shape: Shape::Double { min: Some(1.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1.15") },
        Field { name: "backoffSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "check", shape: Shape::Object(&APP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 8, default: None },
        Field { name: "cmd", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "constraints", shape: Shape::List { items: &Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "container", shape: Shape::Object(&CONTAINER), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "cpus", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "dependencies", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "disk", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "env", shape: Shape::Map { values: &Shape::Union(&ENV_VAR_VALUE_OR_SECRET), names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "executor", shape: Shape::Text { min: 0, max: None, pattern: Some(&pattern::EXECUTOR), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"\"") },
        Field { name: "executorResources", shape: Shape::Object(&EXECUTOR_RESOURCES), required: false, lenient: false, replaced_by: None, response: false, since: 6, default: None },
        Field { name: "fetch", shape: Shape::List { items: &Shape::Object(&ARTIFACT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "gpus", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "healthChecks", shape: Shape::List { items: &Shape::Object(&APP_HEALTH_CHECK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "id", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::PATH_ID), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "instances", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "ipAddress", shape: Shape::Object(&IP_ADDRESS), required: false, lenient: false, replaced_by: Some("networks"), response: false, since: 4, default: None },
        Field { name: "killSelection", shape: Shape::Word(&["YOUNGEST_FIRST", "OLDEST_FIRST"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"YOUNGEST_FIRST\"") },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "maxLaunchDelaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("300") },
        Field { name: "mem", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("128") },
        Field { name: "networks", shape: Shape::List { items: &Shape::Object(&NETWORK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: Some("[]") },
        Field { name: "portDefinitions", shape: Shape::List { items: &Shape::Object(&PORT_DEFINITION), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "ports", shape: Shape::List { items: &Shape::Integer { long: false, min: None, max: None }, min: 0 }, required: false, lenient: false, replaced_by: Some("portDefinitions"), response: false, since: 4, default: None },
        Field { name: "readinessChecks", shape: Shape::List { items: &Shape::Object(&READINESS_CHECK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "requirePorts", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "residency", shape: Shape::Object(&APP_RESIDENCY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "resourceLimits", shape: Shape::Object(&RESOURCE_LIMITS), required: false, lenient: false, replaced_by: None, response: false, since: 10, default: None },
        Field { name: "role", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "secrets", shape: Shape::Map { values: &Shape::Object(&SECRET_DEF), names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "taskKillGracePeriodSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "tty", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
        Field { name: "unreachableStrategy", shape: Shape::Union(&UNREACHABLE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "upgradeStrategy", shape: Shape::Object(&UPGRADE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "uris", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: Some("fetch"), response: false, since: 4, default: None },
        Field { name: "user", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "version", shape: Shape::Timestamp, required: false, lenient: false, replaced_by: None, response: true, since: 4, default: None },
        Field { name: "versionInfo", shape: Shape::Object(&VERSION_INFO), required: false, lenient: false, replaced_by: None, response: true, since: 4, default: None },
    ],
    ranks: &[14, 2, 37, 36, 29, 1, 13, 4, 6, 27, 8, 21, 5, 11, 24, 9, 28, 0, 12, 19, 32, 22, 38, 7, 16, 17, 20, 30, 18, 35, 10, 15, 23, 31, 26, 34, 33, 25, 3, 39, 40],
    slots: &[255, 255, 255, 255, 255, 255, 255, 15, 28, 255, 255, 255, 255, 17, 255, 255, 18, 2, 255, 255, 11, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 22, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 31, 255, 255, 20, 37, 255, 25, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 14, 255, 255, 255, 255, 255, 255, 30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 27, 255, 12, 255, 255, 255, 40, 255, 255, 255, 255, 255, 255, 35, 255, 255, 34, 255, 3, 255, 255, 8, 255, 16, 255, 7, 255, 255, 255, 255, 24, 255, 255, 23, 255, 255, 255, 255, 255, 26, 255, 255, 255, 255, 255, 255, 255, 255, 19, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 36, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255, 32, 255, 255, 255, 255, 255, 255, 255, 255, 9, 255, 255, 255, 39, 255, 255, 21, 255, 29, 255, 255, 255, 5, 255, 33, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 38, 13, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static APP_CHECK: ObjectShape = ObjectShape {
    name: "AppCheck",
    number: 36,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "delaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("15") },
        Field { name: "exec", shape: Shape::Object(&COMMAND_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "http", shape: Shape::Object(&APP_HTTP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "intervalSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("60") },
        Field { name: "tcp", shape: Shape::Object(&APP_TCP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "timeoutSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("20") },
    ],
    ranks: &[5, 2, 0, 3, 1, 4],
    slots: &[255, 255, 255, 255, 4, 0, 255, 255, 255, 255, 1, 255, 255, 2, 255, 255, 255, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 5],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static APP_COMMAND_CHECK: ObjectShape = ObjectShape {
    name: "AppCommandCheck",
    number: 35,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "value", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 0, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_EXTERNAL_VOLUME: ObjectShape = ObjectShape {
    name: "AppExternalVolume",
    number: 14,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containerPath", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "external", shape: Shape::Union(&EXTERNAL_VOLUME_INFO), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mode", shape: Shape::Word(&["RO", "RW"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1, 2],
    slots: &[255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 1, 255, 255, 0, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_HEALTH_CHECK: ObjectShape = ObjectShape {
    name: "AppHealthCheck",
    number: 34,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "command", shape: Shape::Object(&APP_COMMAND_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "delaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("15") },
        Field { name: "gracePeriodSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("300") },
        Field { name: "ignoreHttp1xx", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "intervalSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("60") },
        Field { name: "ipProtocol", shape: Shape::Word(&["IPv4", "IPv6"]), required: false, lenient: false, replaced_by: None, response: false, since: 6, default: Some("\"IPv4\"") },
        Field { name: "maxConsecutiveFailures", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("3") },
        Field { name: "path", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "port", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "portIndex", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "protocol", shape: Shape::Word(&["HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_TCP", "MESOS_HTTP", "MESOS_HTTPS"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"HTTP\"") },
        Field { name: "timeoutSeconds", shape: Shape::Integer { long: false, min: None, max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("20") },
    ],
    ranks: &[4, 9, 6, 11, 7, 5, 10, 1, 3, 2, 0, 8],
    slots: &[255, 255, 5, 1, 3, 255, 255, 8, 255, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255, 255, 2, 4, 255, 10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 9, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 11],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_HOST_VOLUME: ObjectShape = ObjectShape {
    name: "AppHostVolume",
    number: 21,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containerPath", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "hostPath", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mode", shape: Shape::Word(&["RO", "RW"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1, 2],
    slots: &[255, 1, 255, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_HTTP_CHECK: ObjectShape = ObjectShape {
    name: "AppHttpCheck",
    number: 37,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "path", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "port", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "portIndex", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "scheme", shape: Shape::Word(&["HTTP", "HTTPS"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"HTTP\"") },
    ],
    ranks: &[0, 2, 1, 3],
    slots: &[255, 1, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 255, 255, 3],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_PERSISTENT_VOLUME: ObjectShape = ObjectShape {
    name: "AppPersistentVolume",
    number: 12,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containerPath", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mode", shape: Shape::Word(&["RO", "RW"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "persistent", shape: Shape::Object(&PERSISTENT_VOLUME_INFO), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 2, 1],
    slots: &[255, 255, 255, 1, 255, 2, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_RESIDENCY: ObjectShape = ObjectShape {
    name: "AppResidency",
    number: 47,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "relaunchEscalationTimeoutSeconds", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("3600") },
        Field { name: "taskLostBehavior", shape: Shape::Word(&["WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"WAIT_FOREVER\"") },
    ],
    ranks: &[0, 1],
    slots: &[0, 255, 255, 255, 1, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_SECRET_VOLUME: ObjectShape = ObjectShape {
    name: "AppSecretVolume",
    number: 20,
    reader: TypeReader::Validator,
    since: 5,
    response_only: &[],
    fields: &[
        Field { name: "containerPath", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "secret", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 1, 0, 255, 255, 255, 255],
    seed: 0x78dd_e6e5_fd29_f059,
};

pub(crate) static APP_TCP_CHECK: ObjectShape = ObjectShape {
    name: "AppTcpCheck",
    number: 38,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "port", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "portIndex", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[0, 255, 255, 255, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static APP_UPDATE: ObjectShape = ObjectShape {
    name: "AppUpdate",
    number: 49,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "acceptedResourceRoles", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "args", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "backoffFactor", shape: Shape::Double { min: Some(1.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "backoffSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "check", shape: Shape::Object(&APP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 8, default: None },
        Field { name: "cmd", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "constraints", shape: Shape::List { items: &Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "container", shape: Shape::Object(&CONTAINER), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "cpus", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "dependencies", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "disk", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "env", shape: Shape::Map { values: &Shape::Union(&ENV_VAR_VALUE_OR_SECRET), names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "executor", shape: Shape::Text { min: 0, max: None, pattern: Some(&pattern::EXECUTOR), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "executorResources", shape: Shape::Object(&EXECUTOR_RESOURCES), required: false, lenient: false, replaced_by: None, response: false, since: 6, default: None },
        Field { name: "fetch", shape: Shape::List { items: &Shape::Object(&ARTIFACT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "gpus", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "healthChecks", shape: Shape::List { items: &Shape::Object(&APP_HEALTH_CHECK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "id", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::PATH_ID), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "instances", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "ipAddress", shape: Shape::Object(&IP_ADDRESS), required: false, lenient: false, replaced_by: Some("networks"), response: false, since: 4, default: None },
        Field { name: "killSelection", shape: Shape::Word(&["YOUNGEST_FIRST", "OLDEST_FIRST"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "maxLaunchDelaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mem", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "networks", shape: Shape::List { items: &Shape::Object(&NETWORK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
        Field { name: "portDefinitions", shape: Shape::List { items: &Shape::Object(&PORT_DEFINITION), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "ports", shape: Shape::List { items: &Shape::Integer { long: false, min: None, max: None }, min: 0 }, required: false, lenient: false, replaced_by: Some("portDefinitions"), response: false, since: 4, default: None },
        Field { name: "readinessChecks", shape: Shape::List { items: &Shape::Object(&READINESS_CHECK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "requirePorts", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "residency", shape: Shape::Object(&APP_RESIDENCY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "resourceLimits", shape: Shape::Object(&RESOURCE_LIMITS), required: false, lenient: false, replaced_by: None, response: false, since: 10, default: None },
        Field { name: "role", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "secrets", shape: Shape::Map { values: &Shape::Object(&SECRET_DEF), names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "taskKillGracePeriodSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "tty", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
        Field { name: "unreachableStrategy", shape: Shape::Union(&UNREACHABLE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "upgradeStrategy", shape: Shape::Object(&UPGRADE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "uris", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: Some("fetch"), response: false, since: 4, default: None },
        Field { name: "user", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "version", shape: Shape::Timestamp, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "versionInfo", shape: Shape::Object(&VERSION_INFO), required: false, lenient: false, replaced_by: None, response: true, since: 4, default: None },
    ],
    ranks: &[14, 2, 37, 36, 29, 1, 13, 4, 6, 27, 8, 21, 5, 11, 24, 9, 28, 0, 12, 19, 32, 22, 38, 7, 16, 17, 20, 30, 18, 35, 10, 15, 23, 31, 26, 34, 33, 25, 3, 39, 40],
    slots: &[255, 255, 255, 255, 255, 255, 255, 15, 28, 255, 255, 255, 255, 17, 255, 255, 18, 2, 255, 255, 11, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 22, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 31, 255, 255, 20, 37, 255, 25, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 14, 255, 255, 255, 255, 255, 255, 30, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 27, 255, 12, 255, 255, 255, 40, 255, 255, 255, 255, 255, 255, 35, 255, 255, 34, 255, 3, 255, 255, 8, 255, 16, 255, 7, 255, 255, 255, 255, 24, 255, 255, 23, 255, 255, 255, 255, 255, 26, 255, 255, 255, 255, 255, 255, 255, 255, 19, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 36, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255, 32, 255, 255, 255, 255, 255, 255, 255, 255, 9, 255, 255, 255, 39, 255, 255, 21, 255, 29, 255, 255, 255, 5, 255, 33, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 38, 13, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static APP_VOLUME: UnionShape = UnionShape { members: &[Shape::Object(&APP_PERSISTENT_VOLUME), Shape::Object(&APP_EXTERNAL_VOLUME), Shape::Object(&APP_SECRET_VOLUME), Shape::Object(&APP_HOST_VOLUME)], any_string: None };

pub(crate) static ARGV_COMMAND: ObjectShape = ObjectShape {
    name: "ArgvCommand",
    number: 42,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "argv", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 1 }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static ARTIFACT: ObjectShape = ObjectShape {
    name: "Artifact",
    number: 33,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "cache", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "destPath", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "executable", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "extract", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("true") },
        Field { name: "uri", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[3, 4, 2, 1, 0],
    slots: &[255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255, 1, 255, 255, 255, 255, 0, 3, 2, 255, 255, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static CHECK: ObjectShape = ObjectShape {
    name: "Check",
    number: 60,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "delaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("15") },
        Field { name: "exec", shape: Shape::Object(&COMMAND_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "http", shape: Shape::Object(&HTTP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "intervalSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("60") },
        Field { name: "tcp", shape: Shape::Object(&TCP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "timeoutSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("20") },
    ],
    ranks: &[5, 2, 0, 3, 1, 4],
    slots: &[255, 255, 255, 255, 4, 0, 255, 255, 255, 255, 1, 255, 255, 2, 255, 255, 255, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 5],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static COMMAND_CHECK: ObjectShape = ObjectShape {
    name: "CommandCheck",
    number: 39,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "command", shape: Shape::Union(&MESOS_COMMAND), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static CONSTRAINT: ObjectShape = ObjectShape {
    name: "Constraint",
    number: 70,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "fieldName", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "operator", shape: Shape::Word(&["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "value", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1, 2],
    slots: &[255, 255, 255, 255, 255, 1, 255, 0, 255, 255, 2, 255, 255, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static CONTAINER: ObjectShape = ObjectShape {
    name: "Container",
    number: 2,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "docker", shape: Shape::Object(&DOCKER_CONTAINER), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "linuxInfo", shape: Shape::Object(&LINUX_INFO), required: false, lenient: false, replaced_by: None, response: false, since: 8, default: None },
        Field { name: "portMappings", shape: Shape::List { items: &Shape::Object(&CONTAINER_PORT_MAPPING), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
        Field { name: "type", shape: Shape::Word(&["MESOS", "DOCKER"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"DOCKER\"") },
        Field { name: "volumes", shape: Shape::List { items: &Shape::Union(&APP_VOLUME), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[1, 2, 4, 0, 3],
    slots: &[255, 2, 255, 255, 255, 3, 255, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static CONTAINER_PORT_MAPPING: ObjectShape = ObjectShape {
    name: "ContainerPortMapping",
    number: 6,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containerPort", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "hostPort", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::NAME), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "networkNames", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: Some("[]") },
        Field { name: "protocol", shape: Shape::Word(&["tcp", "udp", "udp,tcp"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"tcp\"") },
        Field { name: "servicePort", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
    ],
    ranks: &[0, 1, 6, 3, 5, 4, 2],
    slots: &[255, 255, 255, 255, 255, 255, 255, 6, 1, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 4, 0, 5, 255, 255, 255, 255, 2, 255, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static CSI_CAPABILITY: ObjectShape = ObjectShape {
    name: "CsiCapability",
    number: 19,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "accessMode", shape: Shape::Text { min: 0, max: None, pattern: None, values: &["UNKNOWN", "SINGLE_NODE_WRITER", "SINGLE_NODE_READER_ONLY", "MULTI_NODE_READER_ONLY", "MULTI_NODE_SINGLE_WRITER", "MULTI_NODE_MULTI_WRITER"] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "accessType", shape: Shape::Text { min: 0, max: None, pattern: None, values: &["block", "mount"] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "fsType", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mountFlags", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[0, 1, 2, 3],
    slots: &[255, 255, 255, 255, 0, 2, 3, 255, 255, 255, 255, 255, 255, 255, 1, 255],
    seed: 0x3c6e_f372_fe94_f82d,
};

pub(crate) static CSI_EXTERNAL_VOLUME_INFO: ObjectShape = ObjectShape {
    name: "CsiExternalVolumeInfo",
    number: 17,
    reader: TypeReader::Macro,
    since: 11,
    response_only: &[],
    fields: &[
        Field { name: "name", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "options", shape: Shape::Object(&CSI_EXTERNAL_VOLUME_INFO_OPTIONS), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "provider", shape: Shape::Text { min: 0, max: None, pattern: None, values: &["csi"] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 2, 1],
    slots: &[255, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 1],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static CSI_EXTERNAL_VOLUME_INFO_OPTIONS: ObjectShape = ObjectShape {
    name: "CsiExternalVolumeInfoOptions",
    number: 18,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "capability", shape: Shape::Object(&CSI_CAPABILITY), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "nodePublishSecret", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "nodeStageSecret", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "pluginName", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "volumeContext", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
    ],
    ranks: &[1, 3, 2, 0, 4],
    slots: &[255, 255, 255, 255, 255, 255, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255, 2, 255, 255, 1, 0, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static DOCKER_CONTAINER: ObjectShape = ObjectShape {
    name: "DockerContainer",
    number: 3,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "credential", shape: Shape::Object(&DOCKER_CREDENTIALS), required: false, lenient: false, replaced_by: Some("container.docker.pullConfig"), response: false, since: 4, default: None },
        Field { name: "forcePullImage", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "image", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "network", shape: Shape::Word(&["BRIDGE", "HOST", "NONE", "USER"]), required: false, lenient: false, replaced_by: Some("networks"), response: false, since: 4, default: None },
        Field { name: "parameters", shape: Shape::List { items: &Shape::Object(&DOCKER_PARAMETER), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "portMappings", shape: Shape::List { items: &Shape::Object(&CONTAINER_PORT_MAPPING), min: 0 }, required: false, lenient: false, replaced_by: Some("container.portMappings"), response: false, since: 4, default: None },
        Field { name: "privileged", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "pullConfig", shape: Shape::Object(&DOCKER_PULL_CONFIG), required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
    ],
    ranks: &[7, 1, 0, 5, 4, 6, 3, 2],
    slots: &[7, 255, 255, 255, 255, 255, 255, 255, 255, 2, 255, 255, 3, 4, 255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 6, 255, 255, 255, 5, 255, 255, 0],
    seed: 0x98c4_75f0_f066_a9e5,
};

pub(crate) static DOCKER_CREDENTIALS: ObjectShape = ObjectShape {
    name: "DockerCredentials",
    number: 7,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "principal", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "secret", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 0, 255, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static DOCKER_PARAMETER: ObjectShape = ObjectShape {
    name: "DockerParameter",
    number: 5,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "key", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "value", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 1, 0, 255, 255, 255, 255],
    seed: 0x3c6e_f372_fe94_f82d,
};

pub(crate) static DOCKER_PULL_CONFIG: ObjectShape = ObjectShape {
    name: "DockerPullConfig",
    number: 4,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "secret", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static DVDI_EXTERNAL_VOLUME_INFO: ObjectShape = ObjectShape {
    name: "DvdiExternalVolumeInfo",
    number: 16,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "name", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "options", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "provider", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "shared", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 8, default: Some("false") },
        Field { name: "size", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 2, 1, 4, 3],
    slots: &[255, 255, 255, 2, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 4, 255, 255, 0, 255, 255, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static ENDPOINT: ObjectShape = ObjectShape {
    name: "Endpoint",
    number: 55,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containerPort", shape: Shape::Integer { long: false, min: Some(1), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "hostPort", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "networkNames", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: Some("[]") },
        Field { name: "protocol", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 1 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[1, 2, 5, 0, 4, 3],
    slots: &[255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 4, 0, 5, 255, 255, 255, 255, 2, 255, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static ENV_VAR_SECRET: ObjectShape = ObjectShape {
    name: "EnvVarSecret",
    number: 31,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "secret", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static ENV_VAR_VALUE_OR_SECRET: UnionShape = UnionShape { members: &[Shape::Text { min: 0, max: None, pattern: None, values: &[] }, Shape::Object(&ENV_VAR_SECRET)], any_string: None };

pub(crate) static EXECUTOR_RESOURCES: ObjectShape = ObjectShape {
    name: "ExecutorResources",
    number: 24,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "cpus", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0.1") },
        Field { name: "disk", shape: Shape::Double { min: Some(10.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("10") },
        Field { name: "mem", shape: Shape::Double { min: Some(32.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("32") },
    ],
    ranks: &[0, 2, 1],
    slots: &[255, 255, 255, 255, 255, 1, 255, 255, 255, 0, 2, 255, 255, 255, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static EXTERNAL_VOLUME_INFO: UnionShape = UnionShape { members: &[Shape::Object(&DVDI_EXTERNAL_VOLUME_INFO), Shape::Object(&CSI_EXTERNAL_VOLUME_INFO)], any_string: None };

pub(crate) static GROUP: ObjectShape = ObjectShape {
    name: "Group",
    number: 73,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "apps", shape: Shape::List { items: &Shape::Object(&APP), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "dependencies", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "enforceRole", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "groups", shape: Shape::List { items: &Shape::Object(&GROUP), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "id", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::PATH_ID), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "scaleBy", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "version", shape: Shape::Timestamp, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 3, 4, 2, 0, 5, 6],
    slots: &[4, 255, 255, 255, 255, 255, 0, 255, 255, 1, 255, 255, 255, 255, 255, 255, 255, 2, 3, 255, 255, 5, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static HEALTH_CHECK: ObjectShape = ObjectShape {
    name: "HealthCheck",
    number: 57,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "delaySeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("15") },
        Field { name: "exec", shape: Shape::Object(&COMMAND_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "gracePeriodSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("300") },
        Field { name: "http", shape: Shape::Object(&HTTP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "intervalSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("60") },
        Field { name: "maxConsecutiveFailures", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("3") },
        Field { name: "tcp", shape: Shape::Object(&TCP_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "timeoutSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("20") },
    ],
    ranks: &[6, 2, 3, 0, 4, 7, 1, 5],
    slots: &[255, 255, 255, 255, 6, 0, 255, 255, 255, 255, 1, 255, 255, 3, 255, 5, 255, 255, 255, 2, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 7],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static HTTP_CHECK: ObjectShape = ObjectShape {
    name: "HttpCheck",
    number: 58,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "endpoint", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "path", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "scheme", shape: Shape::Word(&["HTTP", "HTTPS"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"HTTP\"") },
    ],
    ranks: &[0, 1, 2],
    slots: &[255, 255, 1, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255, 2],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static IMAGE: ObjectShape = ObjectShape {
    name: "Image",
    number: 53,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "forcePull", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "id", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "kind", shape: Shape::Word(&["DOCKER"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: Some("{}") },
        Field { name: "pullConfig", shape: Shape::Object(&DOCKER_PULL_CONFIG), required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
    ],
    ranks: &[3, 1, 0, 4, 2],
    slots: &[1, 255, 255, 255, 255, 4, 255, 255, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 2, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static IP_ADDRESS: ObjectShape = ObjectShape {
    name: "IpAddress",
    number: 27,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "discovery", shape: Shape::Object(&IP_DISCOVERY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "groups", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "networkName", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 2, 3, 0],
    slots: &[255, 0, 255, 3, 2, 255, 255, 255, 255, 1, 255, 255, 255, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static IP_DISCOVERY: ObjectShape = ObjectShape {
    name: "IpDiscovery",
    number: 28,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "ports", shape: Shape::List { items: &Shape::Object(&IP_DISCOVERY_PORT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static IP_DISCOVERY_PORT: ObjectShape = ObjectShape {
    name: "IpDiscoveryPort",
    number: 29,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "number", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "protocol", shape: Shape::Word(&["tcp", "udp", "udp,tcp"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"tcp\"") },
    ],
    ranks: &[3, 1, 0, 2],
    slots: &[255, 255, 255, 255, 0, 255, 255, 255, 255, 3, 255, 255, 1, 2, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static IPC_INFO: ObjectShape = ObjectShape {
    name: "IpcInfo",
    number: 10,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "mode", shape: Shape::Word(&["PRIVATE", "SHARE_PARENT"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "shmSize", shape: Shape::Integer { long: false, min: None, max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 0, 255, 255, 255, 1, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static LIFECYCLE: ObjectShape = ObjectShape {
    name: "Lifecycle",
    number: 61,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "killGracePeriodSeconds", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[0, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static LINUX_INFO: ObjectShape = ObjectShape {
    name: "LinuxInfo",
    number: 8,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "ipcInfo", shape: Shape::Object(&IPC_INFO), required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "seccomp", shape: Shape::Object(&SECCOMP), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[255, 255, 255, 255, 255, 255, 0, 1],
    seed: 0x3c6e_f372_fe94_f82d,
};

pub(crate) static MESOS_COMMAND: UnionShape = UnionShape { members: &[Shape::Object(&SHELL_COMMAND), Shape::Object(&ARGV_COMMAND)], any_string: None };

pub(crate) static MESOS_EXEC: ObjectShape = ObjectShape {
    name: "MesosExec",
    number: 52,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "command", shape: Shape::Union(&MESOS_COMMAND), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "overrideEntrypoint", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 255, 255, 1, 255, 0, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static NETWORK: ObjectShape = ObjectShape {
    name: "Network",
    number: 25,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "mode", shape: Shape::Word(&["container", "container/bridge", "host"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"container\"") },
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NETWORK_NAME), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[2, 1, 0],
    slots: &[255, 255, 255, 1, 0, 255, 255, 255, 255, 255, 255, 255, 2, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static PERSISTENT_VOLUME_INFO: ObjectShape = ObjectShape {
    name: "PersistentVolumeInfo",
    number: 13,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "constraints", shape: Shape::List { items: &Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "maxSize", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "profileName", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 6, default: None },
        Field { name: "size", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "type", shape: Shape::Word(&["root", "path", "mount"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[4, 2, 3, 1, 0],
    slots: &[255, 255, 255, 255, 255, 4, 255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 3, 255, 255, 0, 255, 255, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD: ObjectShape = ObjectShape {
    name: "Pod",
    number: 50,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "containers", shape: Shape::List { items: &Shape::Object(&POD_CONTAINER), min: 1 }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "environment", shape: Shape::Map { values: &Shape::Union(&ENV_VAR_VALUE_OR_SECRET), names: Some(&pattern::ENV_NAME) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "executorResources", shape: Shape::Object(&EXECUTOR_RESOURCES), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "id", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::PATH_ID), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "legacySharedCgroups", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 10, default: None },
        Field { name: "linuxInfo", shape: Shape::Object(&LINUX_INFO), required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "networks", shape: Shape::List { items: &Shape::Object(&NETWORK), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "role", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 9, default: None },
        Field { name: "scaling", shape: Shape::Object(&POD_SCALING_POLICY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "scheduling", shape: Shape::Object(&POD_SCHEDULING_POLICY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "secrets", shape: Shape::Map { values: &Shape::Object(&SECRET_DEF), names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "user", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "version", shape: Shape::Timestamp, required: false, lenient: false, replaced_by: None, response: true, since: 4, default: None },
        Field { name: "volumes", shape: Shape::List { items: &Shape::Union(&POD_VOLUME), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[2, 9, 4, 0, 10, 13, 12, 8, 7, 5, 6, 11, 1, 14, 3],
    slots: &[255, 255, 255, 255, 255, 255, 4, 1, 3, 255, 255, 255, 255, 255, 255, 255, 255, 11, 255, 255, 255, 255, 255, 255, 255, 8, 255, 14, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255, 255, 255, 9, 255, 255, 255, 255, 10, 13, 255, 5, 255, 255, 0, 255, 255, 7, 255, 255, 255, 255, 255, 255, 12, 2, 255],
    seed: 0x5384_5412_7b09_649b,
};

pub(crate) static POD_CONTAINER: ObjectShape = ObjectShape {
    name: "PodContainer",
    number: 51,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "artifacts", shape: Shape::List { items: &Shape::Object(&ARTIFACT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "check", shape: Shape::Object(&CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 8, default: None },
        Field { name: "endpoints", shape: Shape::List { items: &Shape::Object(&ENDPOINT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "environment", shape: Shape::Map { values: &Shape::Union(&ENV_VAR_VALUE_OR_SECRET), names: Some(&pattern::ENV_NAME) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "exec", shape: Shape::Object(&MESOS_EXEC), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "healthCheck", shape: Shape::Object(&HEALTH_CHECK), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "image", shape: Shape::Object(&IMAGE), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "lifecycle", shape: Shape::Object(&LIFECYCLE), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "linuxInfo", shape: Shape::Object(&LINUX_INFO), required: false, lenient: false, replaced_by: None, response: false, since: 8, default: None },
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "resourceLimits", shape: Shape::Object(&RESOURCE_LIMITS), required: false, lenient: false, replaced_by: None, response: false, since: 10, default: None },
        Field { name: "resources", shape: Shape::Object(&RESOURCES), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "tty", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 5, default: None },
        Field { name: "user", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "volumeMounts", shape: Shape::List { items: &Shape::Object(&VOLUME_MOUNT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[8, 12, 6, 9, 1, 11, 2, 10, 13, 14, 0, 5, 4, 15, 3, 7],
    slots: &[12, 255, 9, 255, 255, 255, 255, 255, 255, 6, 4, 255, 255, 255, 255, 255, 2, 255, 7, 255, 3, 8, 255, 255, 5, 255, 255, 255, 255, 11, 255, 255, 255, 255, 255, 255, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 1, 10, 255, 13, 255, 255, 255, 255, 255, 14, 255, 255, 255],
    seed: 0xcc62_3af8_7833_54f3,
};

pub(crate) static POD_EPHEMERAL_VOLUME: ObjectShape = ObjectShape {
    name: "PodEphemeralVolume",
    number: 66,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 255, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_HOST_VOLUME: ObjectShape = ObjectShape {
    name: "PodHostVolume",
    number: 65,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "host", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[255, 255, 255, 0, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_PERSISTENT_VOLUME: ObjectShape = ObjectShape {
    name: "PodPersistentVolume",
    number: 63,
    reader: TypeReader::Validator,
    since: 6,
    response_only: &[],
    fields: &[
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "persistent", shape: Shape::Object(&PERSISTENT_VOLUME_INFO), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 1, 255, 255, 255, 0, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_PLACEMENT_POLICY: ObjectShape = ObjectShape {
    name: "PodPlacementPolicy",
    number: 69,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "acceptedResourceRoles", shape: Shape::List { items: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
        Field { name: "constraints", shape: Shape::List { items: &Shape::Object(&CONSTRAINT), min: 0 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("[]") },
    ],
    ranks: &[1, 0],
    slots: &[255, 255, 255, 0, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_SCALING_POLICY: ObjectShape = ObjectShape {
    name: "PodScalingPolicy",
    number: 67,
    reader: TypeReader::Discriminator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "instances", shape: Shape::Integer { long: false, min: None, max: None }, required: false, lenient: true, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "kind", shape: Shape::Word(&["fixed"]), required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[0, 255, 255, 255, 255, 255, 255, 1],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_SCHEDULING_BACKOFF_STRATEGY: ObjectShape = ObjectShape {
    name: "PodSchedulingBackoffStrategy",
    number: 71,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "backoff", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "backoffFactor", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1.15") },
        Field { name: "maxLaunchDelay", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("300") },
    ],
    ranks: &[0, 1, 2],
    slots: &[255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 255, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static POD_SCHEDULING_POLICY: ObjectShape = ObjectShape {
    name: "PodSchedulingPolicy",
    number: 68,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "backoff", shape: Shape::Object(&POD_SCHEDULING_BACKOFF_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "killSelection", shape: Shape::Word(&["YOUNGEST_FIRST", "OLDEST_FIRST"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "placement", shape: Shape::Object(&POD_PLACEMENT_POLICY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "unreachableStrategy", shape: Shape::Union(&UNREACHABLE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "upgrade", shape: Shape::Object(&POD_UPGRADE_STRATEGY), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 3, 0, 4, 2],
    slots: &[255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1, 255, 4, 255, 3, 255, 0, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_SECRET_VOLUME: ObjectShape = ObjectShape {
    name: "PodSecretVolume",
    number: 64,
    reader: TypeReader::Validator,
    since: 5,
    response_only: &[],
    fields: &[
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "secret", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 255, 255, 0, 1, 255, 255],
    seed: 0x3c6e_f372_fe94_f82d,
};

pub(crate) static POD_UPGRADE_STRATEGY: ObjectShape = ObjectShape {
    name: "PodUpgradeStrategy",
    number: 72,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "maximumOverCapacity", shape: Shape::Double { min: Some(0.0), max: Some(1.0) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "minimumHealthCapacity", shape: Shape::Double { min: Some(0.0), max: Some(1.0) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
    ],
    ranks: &[1, 0],
    slots: &[1, 255, 255, 255, 0, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static POD_VOLUME: UnionShape = UnionShape { members: &[Shape::Object(&POD_PERSISTENT_VOLUME), Shape::Object(&POD_SECRET_VOLUME), Shape::Object(&POD_HOST_VOLUME), Shape::Object(&POD_EPHEMERAL_VOLUME)], any_string: None };

pub(crate) static PORT_DEFINITION: ObjectShape = ObjectShape {
    name: "PortDefinition",
    number: 26,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "labels", shape: Shape::Map { values: &Shape::Text { min: 0, max: None, pattern: None, values: &[] }, names: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("{}") },
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::NAME), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "port", shape: Shape::Integer { long: false, min: Some(0), max: Some(65535) }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "protocol", shape: Shape::Word(&["tcp", "udp", "udp,tcp"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"tcp\"") },
    ],
    ranks: &[3, 1, 0, 2],
    slots: &[255, 2, 255, 255, 0, 255, 255, 255, 255, 3, 255, 255, 1, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static READINESS_CHECK: ObjectShape = ObjectShape {
    name: "ReadinessCheck",
    number: 43,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "httpStatusCodesForReady", shape: Shape::List { items: &Shape::Integer { long: false, min: None, max: None }, min: 1 }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "intervalSeconds", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("30") },
        Field { name: "name", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"readinessCheck\"") },
        Field { name: "path", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"/\"") },
        Field { name: "portName", shape: Shape::Text { min: 1, max: None, pattern: Some(&pattern::NAME), values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"http-api\"") },
        Field { name: "preserveLastResponse", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("false") },
        Field { name: "protocol", shape: Shape::Word(&["HTTP", "HTTPS"]), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("\"HTTP\"") },
        Field { name: "timeoutSeconds", shape: Shape::Integer { long: false, min: Some(1), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("10") },
    ],
    ranks: &[6, 4, 0, 2, 3, 7, 1, 5],
    slots: &[255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 6, 255, 255, 4, 255, 255, 255, 255, 255, 5, 3, 255, 255, 255, 2, 255, 0, 7, 255, 255],
    seed: 0xcc62_3af8_7833_54f3,
};

pub(crate) static RESOURCE_LIMIT: UnionShape = UnionShape { members: &[Shape::Text { min: 0, max: None, pattern: None, values: &["unlimited"] }, Shape::Double { min: None, max: None }], any_string: None };

pub(crate) static RESOURCE_LIMITS: ObjectShape = ObjectShape {
    name: "ResourceLimits",
    number: 22,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "cpus", shape: Shape::Union(&RESOURCE_LIMIT), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "mem", shape: Shape::Union(&RESOURCE_LIMIT), required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 255, 255, 0, 1, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static RESOURCES: ObjectShape = ObjectShape {
    name: "Resources",
    number: 54,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "cpus", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("1") },
        Field { name: "disk", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "gpus", shape: Shape::Integer { long: false, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "mem", shape: Shape::Double { min: Some(0.0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("128") },
    ],
    ranks: &[0, 2, 3, 1],
    slots: &[2, 255, 255, 255, 255, 1, 255, 255, 255, 0, 3, 255, 255, 255, 255, 255],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static SECCOMP: ObjectShape = ObjectShape {
    name: "Seccomp",
    number: 9,
    reader: TypeReader::Lenient,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "profileName", shape: Shape::Text { min: 0, max: None, pattern: None, values: &[] }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "unconfined", shape: Shape::Boolean, required: false, lenient: true, replaced_by: None, response: false, since: 4, default: Some("false") },
    ],
    ranks: &[0, 1],
    slots: &[255, 255, 0, 255, 255, 255, 1, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static SECRET_DEF: ObjectShape = ObjectShape {
    name: "SecretDef",
    number: 32,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "source", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[0, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static SHELL_COMMAND: ObjectShape = ObjectShape {
    name: "ShellCommand",
    number: 41,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "shell", shape: Shape::Text { min: 1, max: None, pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[0, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static TCP_CHECK: ObjectShape = ObjectShape {
    name: "TcpCheck",
    number: 59,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "endpoint", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[0],
    slots: &[255, 0, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static UNREACHABLE_ENABLED: ObjectShape = ObjectShape {
    name: "UnreachableEnabled",
    number: 46,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "expungeAfterSeconds", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
        Field { name: "inactiveAfterSeconds", shape: Shape::Integer { long: true, min: Some(0), max: None }, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: Some("0") },
    ],
    ranks: &[1, 0],
    slots: &[0, 255, 255, 255, 255, 255, 255, 1],
    seed: 0xdaa6_6d2c_7ddf_7443,
};

pub(crate) static UNREACHABLE_STRATEGY: UnionShape = UnionShape { members: &[Shape::Word(&["disabled"]), Shape::Object(&UNREACHABLE_ENABLED)], any_string: Some("disabled") };

pub(crate) static UPGRADE_STRATEGY: ObjectShape = ObjectShape {
    name: "UpgradeStrategy",
    number: 44,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "maximumOverCapacity", shape: Shape::Double { min: Some(0.0), max: Some(1.0) }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "minimumHealthCapacity", shape: Shape::Double { min: Some(0.0), max: Some(1.0) }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[1, 255, 255, 255, 0, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static VERSION_INFO: ObjectShape = ObjectShape {
    name: "VersionInfo",
    number: 48,
    reader: TypeReader::Macro,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "lastConfigChangeAt", shape: Shape::Timestamp, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "lastScalingAt", shape: Shape::Timestamp, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0],
    slots: &[255, 255, 255, 255, 255, 1, 255, 0],
    seed: 0x9e37_79b9_7f4a_7c17,
};

pub(crate) static VOLUME_MOUNT: ObjectShape = ObjectShape {
    name: "VolumeMount",
    number: 56,
    reader: TypeReader::Validator,
    since: 4,
    response_only: &[],
    fields: &[
        Field { name: "mountPath", shape: Shape::Text { min: 1, max: Some(1024), pattern: None, values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "name", shape: Shape::Text { min: 1, max: Some(63), pattern: Some(&pattern::NAME), values: &[] }, required: true, lenient: false, replaced_by: None, response: false, since: 4, default: None },
        Field { name: "readOnly", shape: Shape::Boolean, required: false, lenient: false, replaced_by: None, response: false, since: 4, default: None },
    ],
    ranks: &[1, 0, 2],
    slots: &[255, 255, 255, 255, 255, 255, 0, 255, 2, 255, 255, 255, 1, 255, 255, 255],
    seed: 0x9e37_79b9_7f4a_7c17,
};
