//! The rules of a single constraint.

use std::borrow::Cow;

use crate::finding::FixKind;
use crate::java::{is_pattern, parse_int};
use crate::rule::Rule;

pub(in crate::rule) static CONSTRAINT_WITHOUT_FIELD: Rule =
    Rule::verdict("constraint-without-field", "A constraint names an attribute of agents, or `hostname`")
        .why(
            "A constraint compares a property of the agents: their host name (`hostname`), their region or zone \
         (`@region`, `@zone`), or an attribute that they were started with. Without a name there is nothing to \
         compare.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "constraints": [["", "UNIQUE"]]}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "UNIQUE"]]}"#);

pub(in crate::rule) static UNWANTED_CONSTRAINT_VALUE: Rule = Rule::verdict(
    "unwanted-constraint-value",
    "The operator UNIQUE takes no value",
)
.why(
    "UNIQUE means that no two instances have the same value of the attribute, whatever it is. With a value, \
             MAX_PER (this many instances per value), CLUSTER or IS (only this value) may have been meant.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "UNIQUE", "1"]]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "UNIQUE"]]}"#)
.fix(FixKind::Safe);

pub(in crate::rule) static MALFORMED_CONSTRAINT_VALUE: Rule = Rule::verdict(
    "malformed-constraint-value",
    "A constraint's value must be what its operator compares with",
)
.why(
    "MAX_PER needs a whole number, GROUP_BY takes one or nothing, and IS compares with texts and numbers as Mesos writes \
     them: letters, digits and `_/.-`.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "constraints": [["@zone", "MAX_PER"]]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "constraints": [["@zone", "MAX_PER", "2"]]}"#);

pub(in crate::rule) static MALFORMED_PATTERN: Rule = Rule::verdict(
    "malformed-pattern",
    "The operators LIKE and UNLIKE take a Java regular expression",
)
.why(
    "The value is held against the whole attribute as a regular expression of Java, not as a shell pattern: \
             `node-*` means `node` and any number of dashes, and a pattern that begins with `*` is none.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "LIKE", "*.example.com"]]}"#)
.good(r#"{"id": "/web", "cmd": "./web", "constraints": [["hostname", "LIKE", ".*\\.example\\.com"]]}"#);

pub(in crate::rule) static UNSUPPORTED_VOLUME_CONSTRAINT: Rule = Rule::verdict(
    "unsupported-volume-constraint",
    "A volume's constraint is [\"path\", \"LIKE\", a regular expression]",
)
.why(
    "A constraint on a persistent volume chooses disks by the path that they are mounted at. In a pod any other one fails \
     with a server error when Marathon converts it.",
)
.bad(r#"{"id": "/db", "networks": [{"mode": "host"}], "volumes": [{"name": "data",
        "persistent": {"size": 512, "type": "mount", "constraints": [["path", "IS",
        "/dcos/volume0"]]}}], "containers": [{"name": "db", "exec": {"command": {"shell": "./db"}},
        "resources": {"cpus": 0.1, "mem": 32}, "volumeMounts": [{"name": "data",
        "mountPath": "data"}]}]}"#)
.good(r#"{"id": "/db", "networks": [{"mode": "host"}], "volumes": [{"name": "data",
        "persistent": {"size": 512, "type": "mount", "constraints": [["path", "LIKE",
        "/dcos/volume.*"]]}}], "containers": [{"name": "db",
        "exec": {"command": {"shell": "./db"}}, "resources": {"cpus": 0.1, "mem": 32},
        "volumeMounts": [{"name": "data", "mountPath": "data"}]}]}"#);

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[
    &CONSTRAINT_WITHOUT_FIELD,
    &UNWANTED_CONSTRAINT_VALUE,
    &MALFORMED_CONSTRAINT_VALUE,
    &MALFORMED_PATTERN,
    &UNSUPPORTED_VOLUME_CONSTRAINT,
];

/// A placement constraint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::rule) struct ConstraintCheck<'a> {
    pub(in crate::rule) field: Cow<'a, str>,
    /// In upper case.
    pub(in crate::rule) operator: &'a str,
    pub(in crate::rule) value: Option<Cow<'a, str>>,
}

/// What is wrong with a constraint: the rule, Marathon's words, and words for people.
pub(in crate::rule) fn constraint_fault(
    constraint: &ConstraintCheck<'_>,
) -> Option<(&'static Rule, &'static str, String)> {
    let ConstraintCheck { field, operator, value } = constraint;
    let (operator, value) = (*operator, value.as_deref());
    if field.is_empty() {
        let message = format!("{operator} needs to know which attribute of the agents it is about");
        return Some((&CONSTRAINT_WITHOUT_FIELD, "missing field for constraint declaration", message));
    }
    match (operator, value) {
        ("UNIQUE", Some(value)) => Some((
            &UNWANTED_CONSTRAINT_VALUE,
            "UNIQUE does not accept a value",
            format!("UNIQUE takes no value, and \"{value}\" is given"),
        )),
        ("GROUP_BY", Some(value)) if parse_int(value).is_none() => Some((
            &MALFORMED_CONSTRAINT_VALUE,
            "GROUP BY must define an integer value or else no value at all",
            format!("GROUP_BY takes a number of groups or nothing, not \"{value}\""),
        )),
        ("MAX_PER", _) if value.and_then(parse_int).is_none() => Some((
            &MALFORMED_CONSTRAINT_VALUE,
            "MAX_PER requires an integer value",
            format!("MAX_PER needs a whole number as its value{}", instead(value)),
        )),
        ("LIKE" | "UNLIKE", None) => Some((
            &MALFORMED_PATTERN,
            "LIKE and UNLIKE require a non-empty, regular expression value",
            format!("{operator} needs a regular expression as its value"),
        )),
        ("LIKE" | "UNLIKE", Some(pattern)) if !is_pattern(pattern) => Some((
            &MALFORMED_PATTERN,
            "is not a valid regular expression",
            format!("`{pattern}` is not a Java regular expression"),
        )),
        ("IS", Some(value)) if !is_mesos_text(value) => Some((
            &MALFORMED_CONSTRAINT_VALUE,
            "IS only supports Mesos text and float values (see http://mesos.apache.org/documentation/latest/attributes-resources/)",
            format!("IS compares with letters, digits and `_/.-` only, not with \"{value}\""),
        )),
        _ => None,
    }
}

fn instead(value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!(", not \"{value}\""))
}

/// Marathon's `^[a-zA-Z0-9_/.-]*$`.
fn is_mesos_text(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_/.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_say_what_they_want() {
        let text = |field, operator, value: Option<&'static str>| {
            let constraint =
                ConstraintCheck { field: Cow::Borrowed(field), operator, value: value.map(Cow::Borrowed) };
            constraint_fault(&constraint).map(|(_, text, _)| text)
        };
        for fine in [
            ("hostname", "UNIQUE", None),
            ("rack", "CLUSTER", Some("a b")),
            ("rack", "CLUSTER", None),
            ("rack", "GROUP_BY", None),
            ("rack", "GROUP_BY", Some("+3")),
            ("rack", "MAX_PER", Some("-1")),
            ("rack", "LIKE", Some("")),
            ("rack", "IS", None),
            ("rack", "IS", Some("a/b_c-1.5")),
        ] {
            assert_eq!(text(fine.0, fine.1, fine.2), None, "{fine:?}");
        }
        assert_eq!(text("", "UNIQUE", None), Some("missing field for constraint declaration"));
        assert_eq!(text("a", "UNIQUE", Some("")), Some("UNIQUE does not accept a value"));
        assert_eq!(text("a", "MAX_PER", None), Some("MAX_PER requires an integer value"));
        assert!(text("a", "GROUP_BY", Some("2.0")).is_some_and(|text| text.starts_with("GROUP BY must")));
        assert!(text("a", "UNLIKE", None).is_some_and(|text| text.starts_with("LIKE and UNLIKE")));
        assert!(text("a", "IS", Some("{1}")).is_some_and(|text| text.starts_with("IS only")));
    }
}
