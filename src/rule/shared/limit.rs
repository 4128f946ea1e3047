//! Resource limits (since Marathon 1.10), and the limit of durations.

use crate::java::double;
use crate::rule::Rule;
use crate::rule::view::Fields;
use crate::source::{Type, Value};
use crate::target::Release;

pub(in crate::rule) static UNKNOWN_LIMIT: Rule = Rule::verdict(
    "unknown-limit",
    "A resource limit is a number or `unlimited`",
)
.why(
    "A limit is the most that a task may use, above its request. It is a number or the word `unlimited`. \
         Releases before 1.10 know no limits and ignore the field.",
)
.since(Release::V1_10)
.bad(r#"{"id": "/web", "cmd": "./web", "resourceLimits": {"cpus": "infinite"}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "resourceLimits": {"cpus": "unlimited"}}"#);

pub(in crate::rule) static LIMIT_BELOW_REQUEST: Rule = Rule::verdict(
    "limit-below-request",
    "A resource limit must not be below what is requested",
)
.why(
    "What is requested is guaranteed, and a limit below it would take a part of that away. An app that does \
             not say requests 1 CPU and 128 MiB. Releases before 1.10 know no limits and ignore the field.",
)
.since(Release::V1_10)
.bad(r#"{"id": "/web", "cmd": "./web", "mem": 512, "resourceLimits": {"mem": 256}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "mem": 512, "resourceLimits": {"mem": 1024}}"#);

pub(in crate::rule) static OUTSIZE_DURATION: Rule = Rule::verdict(
    "outsize-duration",
    "Marathon counts time in nanoseconds, up to 292 years",
)
.why(
    "A number of seconds above 9223372036 does not fit Marathon's own type for durations. It answers with a \
             message that names no field.",
)
.bad(
    r#"{"id": "/web", "cmd": "./web", "unreachableStrategy": {"inactiveAfterSeconds": 300,
                "expungeAfterSeconds": 9999999999}}"#,
)
.good(
    r#"{"id": "/web", "cmd": "./web", "unreachableStrategy": {"inactiveAfterSeconds": 300,
                "expungeAfterSeconds": 604800}}"#,
);

pub(in crate::rule) static INFINITE_RESOURCE: Rule = Rule::verdict(
    "infinite-resource",
    "Resources have a number that a double can hold",
)
.why(
    "A number such as 1e309 is more than a double holds. Marathon reads it as infinite and then fails to add it up or to \
     store it, with an answer that names neither the field nor the number. Apps it refuses up to 1.5 only.",
)
.bad(r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 1e309, "mem": 64}}]}"#)
.good(r#"{"id": "/shop/web", "containers": [{"name": "web", "resources": {"cpus": 1, "mem": 64}}]}"#)
.since(Release::V1_5);

/// The rules declared here.
pub(super) static RULES: &[&Rule] =
    &[&UNKNOWN_LIMIT, &LIMIT_BELOW_REQUEST, &OUTSIZE_DURATION, &INFINITE_RESOURCE];

/// Marathon's words where a duration is too long for it.
pub(in crate::rule) const OUTSIZE_DURATION_TEXT: &str =
    "requirement failed: Duration is limited to +-(2^63-1)ns (ca. 292 years)";

/// The longest duration of Scala, 2^63 nanoseconds, in seconds.
pub(in crate::rule) const LONGEST_DURATION: i64 = 9_223_372_036;

/// Marathon's words where it writes an infinite number.
pub(in crate::rule) const INFINITE_TEXT: &str =
    "Character I is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.";

/// What is wrong with the limit of a resource.
pub(in crate::rule) struct LimitFault<'a> {
    pub(in crate::rule) rule: &'static Rule,
    pub(in crate::rule) resource: &'static str,
    /// The limit.
    pub(in crate::rule) at: Value<'a>,
    /// Marathon's words.
    pub(in crate::rule) text: String,
    pub(in crate::rule) message: String,
    pub(in crate::rule) help: String,
}

/// What is wrong with `resourceLimits`, where `requested` gives how much of a resource is requested.
pub(in crate::rule) fn limit_faults<'a>(
    limits: &Fields<'a>,
    requested: impl Fn(&str) -> f64,
) -> impl Iterator<Item = LimitFault<'a>> {
    limits.names().filter_map(move |resource| {
        let limit = limits.get(resource)?;
        limit_fault(resource, limit, requested(resource))
    })
}

/// What is wrong with a limit that the parser accepts: a number, or a string.
fn limit_fault<'a>(resource: &'static str, limit: Value<'a>, requested: f64) -> Option<LimitFault<'a>> {
    if limit.kind() == Type::String {
        return (!limit.is_str("unlimited")).then(|| {
            let word = limit.as_str().unwrap_or_default();
            LimitFault {
                rule: &UNKNOWN_LIMIT,
                resource,
                at: limit,
                text: format!("'{word}' is an invalid resource limit. It must be 'unlimited' or a number"),
                message: format!("\"{word}\" is not a limit"),
                help: "write a number, or \"unlimited\"".to_owned(),
            }
        });
    }
    let number = limit.as_f64().filter(|&number| number < requested)?;
    let requested = double(requested);
    Some(LimitFault {
        rule: &LIMIT_BELOW_REQUEST,
        resource,
        at: limit,
        text: format!("resource limit must be greater than or equal to requested resource ({requested})"),
        message: format!("a limit of {number} is below the {requested} that are requested"),
        help: format!("write {requested} or more, or \"unlimited\""),
    })
}

/// Whether a number is more than a double holds.
pub(in crate::rule) fn is_infinite(at: &Value<'_>) -> bool {
    /// The length of `1e309`, the shortest number that no double holds.
    const SHORTEST: usize = 5;
    at.source().len() >= SHORTEST && at.as_f64().is_some_and(f64::is_infinite)
}
