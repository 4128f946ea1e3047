//! The rules for type findings.

use crate::finding::{FixKind, Rule};
use crate::target::Release;

pub(crate) static WRONG_TYPE: Rule =
    Rule::verdict("wrong-type", "A value has the JSON type of its field")
        .why(
            "Marathon's parser converts nothing: `\"128\"` is not a number, `1` is not a string, and Marathon rejects the \
             whole definition with a text such as `error.expected.jsnumber`. Environment variables and labels are \
             strings, whatever they look like.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "mem": "128", "env": {"WORKERS": 4}}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 128, "env": {"WORKERS": "4"}}"#)
        .fix(FixKind::Safe);

pub(super) static OUT_OF_RANGE: Rule = Rule::verdict("out-of-range", "A number is within its field's bounds")
    .why(
        "The bounds come from Marathon's API description, and its parser checks them. It answers `error.min` or \
         `error.max` without the bound.",
    )
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "instances": -1}"#)
    .good(r#"{"id": "/web", "cmd": "sleep 100", "instances": 0}"#);

pub(super) static WRONG_LENGTH: Rule =
    Rule::verdict("wrong-length", "A string or array is as long as its field allows")
        .why(
            "An empty string is not the same as an absent field: where a string needs content, Marathon rejects an empty \
             one (`error.minLength`). Paths and URIs have at most 1024 characters.",
        )
        .bad(r#"{"id": "/web", "cmd": "", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}}}"#);

pub(super) static MALFORMED_VALUE: Rule =
    Rule::verdict("malformed-value", "A string has the form of its field")
        .why(
            "Ids become host names, so their segments are lower-case letters, digits, dashes and dots. Names of ports, \
             networks and secrets have their own forms. Marathon answers `error.pattern` without the pattern.",
        )
        .bad(r#"{"id": "/Shop/web_front", "cmd": "sleep 100"}"#)
        .good(r#"{"id": "/shop/web-front", "cmd": "sleep 100"}"#)
        .fix(FixKind::Unsafe);

pub(crate) static UNKNOWN_VALUE: Rule =
    Rule::verdict("unknown-value", "A word of an enumeration is one that Marathon knows")
        .why(
            "Where a field takes one of a few words, Marathon rejects any other (`error.unknown.enum.literal`). Case does \
             not matter, except where the word decides on the type of the object, as in a pod's volume or image.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}},
                "networks": [{"mode": "bridge"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}},
                "networks": [{"mode": "container/bridge"}]}"#)
        .fix(FixKind::Safe);

pub(crate) static MISSING_FIELD: Rule = Rule::verdict("missing-field", "A required field is present")
    .why(
        "Marathon rejects an object without its required fields. One case is a trap: since Marathon 1.5 an \
         `upgradeStrategy` needs both of its fields, while 1.4 used 1.0 for a missing one.",
    )
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "upgradeStrategy": {"minimumHealthCapacity": 0.5}}"#)
    .good(
        r#"{"id": "/web", "cmd": "sleep 100", "upgradeStrategy": {"minimumHealthCapacity": 0.5,
            "maximumOverCapacity": 1}}"#,
    )
    .fix(FixKind::Safe);

pub(super) static TOO_DEEP: Rule =
    Rule::verdict("too-deep", "Groups are not nested deeper than milepost reads")
        .why(
            "milepost reads groups within groups to a depth of about 500. No real definition comes near it, and Marathon \
             itself exhausts its stack somewhat deeper.",
        )
        .example("{\"groups\": [{\"groups\": [{\"groups\": […]}]}]}, 500 levels deep");

pub(super) static OUTSIZE_NUMBER: Rule =
    Rule::verdict("outsize-number", "A number is not larger than Marathon reads")
        .why(
            "play-json, Marathon's JSON parser, rejects numbers of more than 310 characters or with an extreme exponent \
             anywhere in the body, before any other check.",
        )
        .since(Release::V1_10)
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "mem": 1e100000}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 128}"#);

pub(super) static UNKNOWN_FIELD: Rule =
    Rule::ignored("unknown-field", "A field is one that Marathon knows in this object")
        .why(
            "Marathon accepts fields it does not know and silently drops them: the answer is 201, and the intended limit, \
             label or health check is missing. The name is either misspelt or at the wrong level.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "memory": 512, "lables": {"team": "shop"}}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 512, "labels": {"team": "shop"}}"#)
        .fix(FixKind::Safe);

pub(super) static NEWER_FIELD: Rule = Rule::ignored("newer-field", "The targeted release knows a field")
    .why(
        "A release ignores fields of later releases, as it ignores any it does not know. It accepts the definition \
         without what the field asks for.",
    )
    .target("dcos-1.13")
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "resourceLimits": {"mem": 1024}}"#)
    .good(r#"{"id": "/web", "cmd": "sleep 100"}"#);

pub(super) static REMOVED_FIELD: Rule =
    Rule::ignored("removed-field", "A field is not one that Marathon has removed")
        .why("A Marathon that no longer knows a field silently drops it.")
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "storeUrls": ["https://example.com/web.tgz"]}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "fetch": [{"uri": "https://example.com/web.tgz"}]}"#);

pub(super) static RESPONSE_FIELD: Rule =
    Rule::style("response-field", "A definition has no fields that the server fills in")
        .why(
            "Counts of tasks, versions and deployments come from an answer of the server. The server ignores them when \
             they are sent back, and in a file they only cause meaningless differences.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "tasksRunning": 1, "tasksHealthy": 1}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100"}"#)
        .fix(FixKind::Safe);

pub(super) static READ_AS_DEFAULTS: Rule =
    Rule::ignored("read-as-defaults", "A value is not one that Marathon silently reads as defaults")
        .why(
            "Some parts of Marathon's parser read any value as an object without fields: a string in `healthChecks` \
             becomes a check with only defaults, and any string as `unreachableStrategy` means \"disabled\". Marathon \
             accepts the definition, which does not do what it says.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "unreachableStrategy": "enabled", "healthChecks": ["tcp"]}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100",
                "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0},
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#);

pub(super) static DUPLICATE_KEY: Rule = Rule::ignored("duplicate-key", "An object has each key once")
    .why(
        "JSON does not define the meaning of a duplicate key; Marathon uses the last one and ignores the others. Editing \
         the first one then changes nothing.",
    )
    .bad("{\n  \"id\": \"/web\",\n  \"mem\": 128,\n  \"cmd\": \"sleep 100\",\n  \"mem\": 512\n}")
    .good("{\n  \"id\": \"/web\",\n  \"cmd\": \"sleep 100\",\n  \"mem\": 512\n}")
    .fix(FixKind::Safe);

pub(super) static TRAILING_CONTENT: Rule =
    Rule::ignored("trailing-content", "Nothing follows the definition in its file")
        .why(
            "Marathon reads one JSON value and stops. It never sees a second definition in the file, or the rest of one \
             that a misplaced brace ends early.",
        )
        .bad("{\"id\": \"/web\", \"cmd\": \"sleep 100\"}\n{\"id\": \"/worker\", \"cmd\": \"sleep 100\"}")
        .good("[\n  {\"id\": \"/web\", \"cmd\": \"sleep 100\"},\n  {\"id\": \"/worker\", \"cmd\": \"sleep 100\"}\n]");

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &WRONG_TYPE,
    &OUT_OF_RANGE,
    &WRONG_LENGTH,
    &MALFORMED_VALUE,
    &UNKNOWN_VALUE,
    &MISSING_FIELD,
    &TOO_DEEP,
    &OUTSIZE_NUMBER,
    &UNKNOWN_FIELD,
    &NEWER_FIELD,
    &REMOVED_FIELD,
    &RESPONSE_FIELD,
    &READ_AS_DEFAULTS,
    &DUPLICATE_KEY,
    &TRAILING_CONTENT,
];
