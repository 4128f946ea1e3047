//! What the reader of types finds, as rules.

use crate::finding::{FixKind, Rule};
use crate::target::Release;

pub(super) static WRONG_TYPE: Rule =
    Rule::verdict("wrong-type", "A value has the JSON type that its field wants")
        .why(
            "Marathon's parser converts nothing: `\"128\"` is no number, `1` is no string, and the whole definition is \
             refused with a text such as `error.expected.jsnumber`. Environment variables and labels are strings, \
             whatever they look like.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "mem": "128", "env": {"WORKERS": 4}}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 128, "env": {"WORKERS": "4"}}"#)
        .fix(FixKind::Safe);

pub(super) static OUT_OF_RANGE: Rule = Rule::verdict("out-of-range", "A number is within its field's bounds")
    .why(
        "Bounds come from Marathon's API description and are checked while the definition is read. Marathon answers \
         `error.min` or `error.max` without saying what the bound is.",
    )
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "instances": -1}"#)
    .good(r#"{"id": "/web", "cmd": "sleep 100", "instances": 0}"#);

pub(super) static WRONG_LENGTH: Rule =
    Rule::verdict("wrong-length", "A string or array is as long as its field allows")
        .why(
            "An empty string is not the same as an absent field: where a string has to hold something, Marathon refuses \
             an empty one (`error.minLength`). Paths and URIs end at 1024 characters.",
        )
        .bad(r#"{"id": "/web", "cmd": "", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}}}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}}}"#);

pub(super) static MALFORMED_VALUE: Rule =
    Rule::verdict("malformed-value", "A string has the form that its field wants")
        .why(
            "Ids become host names, so their segments are lower-case letters, digits, dashes and dots. Names of ports, \
             networks and secrets have forms of their own. Marathon answers `error.pattern`, without the pattern.",
        )
        .bad(r#"{"id": "/Shop/web_front", "cmd": "sleep 100"}"#)
        .good(r#"{"id": "/shop/web-front", "cmd": "sleep 100"}"#)
        .fix(FixKind::Unsafe);

pub(super) static UNKNOWN_VALUE: Rule =
    Rule::verdict("unknown-value", "A word of an enumeration is one that Marathon knows")
        .why(
            "Where a field takes one of a few words, any other is refused (`error.unknown.enum.literal`). Upper and \
             lower case do not matter, except where the word decides what the object is, as a pod's volume or image \
             does.",
        )
        .bad(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}},
                "networks": [{"mode": "bridge"}]}"#)
        .good(r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "nginx:1.27.3"}},
                "networks": [{"mode": "container/bridge"}]}"#)
        .fix(FixKind::Safe);

pub(super) static MISSING_FIELD: Rule = Rule::verdict("missing-field", "A required field is there")
    .why(
        "Marathon refuses an object without the fields it needs. One of them is a trap: since Marathon 1.5 an \
         `upgradeStrategy` needs both of its fields, while 1.4 took 1.0 for the one left out.",
    )
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "upgradeStrategy": {"minimumHealthCapacity": 0.5}}"#)
    .good(r#"{"id": "/web", "cmd": "sleep 100", "upgradeStrategy": {"minimumHealthCapacity": 0.5,
            "maximumOverCapacity": 1}}"#)
    .fix(FixKind::Safe);

pub(super) static TOO_DEEP: Rule =
    Rule::verdict("too-deep", "Groups are not nested deeper than can be read").why(
        "Groups within groups are read to a depth of about 500. No real definition comes near it, and Marathon itself \
         runs out of stack some way beyond.",
    )
    .example("{\"groups\": [{\"groups\": [{\"groups\": […]}]}]}, 500 levels deep");

pub(super) static OUTSIZE_NUMBER: Rule =
    Rule::verdict("outsize-number", "A number is not larger than Marathon reads")
        .why(
            "play-json, which Marathon reads JSON with, refuses numbers of more than 310 characters or with an extreme \
             exponent, wherever they stand, before anything else is looked at.",
        )
        .since(Release::V1_10)
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "mem": 1e100000}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 128}"#);

pub(super) static UNKNOWN_FIELD: Rule =
    Rule::ignored("unknown-field", "A field is one that Marathon knows, at that place")
        .why(
            "Marathon takes fields it does not know and drops them without a word: the answer is 201, and the limit, \
             the label or the health check that was meant is not there. The name is either misspelt, or stands at the \
             wrong level.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "memory": 512, "lables": {"team": "shop"}}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100", "mem": 512, "labels": {"team": "shop"}}"#)
        .fix(FixKind::Safe);

pub(super) static NEWER_FIELD: Rule = Rule::ignored("newer-field", "A field is known to the release aimed at")
    .why(
        "A release ignores fields that came after it, as it ignores any it does not know. The definition is accepted, \
         and what it asks for is not done.",
    )
    .target("dcos-1.13")
    .bad(r#"{"id": "/web", "cmd": "sleep 100", "resourceLimits": {"mem": 1024}}"#)
    .good(r#"{"id": "/web", "cmd": "sleep 100"}"#);

pub(super) static REMOVED_FIELD: Rule = Rule::ignored(
    "removed-field",
    "A field is not one that Marathon has given up",
)
.why("A field that an older Marathon knew is dropped without a word by one that does not know it any more.")
.bad(r#"{"id": "/web", "cmd": "sleep 100", "storeUrls": ["https://example.com/web.tgz"]}"#)
.good(r#"{"id": "/web", "cmd": "sleep 100", "fetch": [{"uri": "https://example.com/web.tgz"}]}"#);

pub(super) static RESPONSE_FIELD: Rule =
    Rule::style("response-field", "What a server fills in is not part of a definition")
        .why(
            "Counts of tasks, versions and deployments come with an answer of the server. Sent back they are ignored, \
             and in a file they only make differences that mean nothing.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "tasksRunning": 1, "tasksHealthy": 1}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100"}"#)
        .fix(FixKind::Safe);

pub(super) static READ_AS_DEFAULTS: Rule =
    Rule::ignored("read-as-defaults", "A value is not one that Marathon silently takes for its defaults")
        .why(
            "Some parts of Marathon's parser take anything for an object without fields: a string among the \
             `healthChecks` becomes a check with nothing but defaults, and any string as `unreachableStrategy` means \
             \"disabled\". The definition is accepted and does something else than it says.",
        )
        .bad(r#"{"id": "/web", "cmd": "sleep 100", "unreachableStrategy": "enabled", "healthChecks": ["tcp"]}"#)
        .good(r#"{"id": "/web", "cmd": "sleep 100",
                "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0},
                "healthChecks": [{"protocol": "MESOS_TCP", "portIndex": 0}]}"#);

pub(super) static DUPLICATE_KEY: Rule = Rule::ignored("duplicate-key", "A member is given once in its object")
    .why(
        "JSON leaves open what a name given twice means; Marathon takes the last one and never looks at the others. \
         Whoever edits the first one wonders why nothing changes.",
    )
    .bad("{\n  \"id\": \"/web\",\n  \"mem\": 128,\n  \"cmd\": \"sleep 100\",\n  \"mem\": 512\n}")
    .good("{\n  \"id\": \"/web\",\n  \"cmd\": \"sleep 100\",\n  \"mem\": 512\n}")
    .fix(FixKind::Safe);

pub(super) static TRAILING_CONTENT: Rule =
    Rule::ignored("trailing-content", "Nothing follows the definition in its file")
        .why(
            "Marathon reads one JSON value and stops: a second definition in the file is never seen, nor is the rest of \
             one that a misplaced brace has ended early.",
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
