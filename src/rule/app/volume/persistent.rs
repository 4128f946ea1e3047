//! Persistent volumes, on disks of the agent.

use std::fmt;

use crate::finding::Stage::{Canonical, Conversion};
use crate::source::Value;

use super::{Context, Fields, Rule, distinct, java};

pub(in crate::rule::app) static BAD_VOLUME_SIZE: Rule =
    Rule::verdict("bad-volume-size", "A volume has a size of more than 0 MiB, and a greater `maxSize`")
        .why(
            "The size of a persistent volume is reserved on the agent's disk. `maxSize` is for the type mount, where a \
             whole disk is taken, and bounds how large that may be.",
        )
        .bad(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"type": "mount",
                "size": 512, "maxSize": 512}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"type": "mount",
                "size": 512, "maxSize": 1024}}]}}"#);

pub(super) static BAD_VOLUME_PATH: Rule = Rule::verdict(
    "bad-volume-path",
    "A persistent volume is mounted at a plain name in the sandbox: no slash, not `.` or `..`",
)
.why(
    "Mesos mounts a persistent volume below the sandbox. A program that wants its data at an absolute path gets it by a \
     second, host volume whose `hostPath` is the plain name.",
)
.bad(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "/var/lib/db", "mode": "RW", "persistent": {"size": 512}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}},
        {"containerPath": "/var/lib/db", "hostPath": "data", "mode": "RW"}]}}"#);

pub(super) static READ_ONLY_VOLUME: Rule = Rule::verdict(
    "read-only-volume",
    "Persistent volumes, and external ones on UCR, are mounted RW",
)
.why("A persistent volume begins empty, and only its task can write to it: mounted RO it would stay so.")
.bad(
    r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RO", "persistent": {"size": 512}}]}}"#,
)
.good(
    r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512}}]}}"#,
);

pub(super) static BAD_VOLUME_CONSTRAINT: Rule = Rule::verdict(
    "bad-volume-constraint",
    "A constraint on a volume is [\"path\", \"LIKE\", REGEX], on a volume of type path or mount",
)
.why(
    "A constraint on a volume chooses among the disks of an agent by where they are mounted. UNLIKE passes Marathon's rules \
     and then fails with a server error; a volume of the type root, the default, has no disks to choose from.",
)
.bad(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512,
        "constraints": [["path", "LIKE", "/dcos/volume.*"]]}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512,
        "type": "mount", "constraints": [["path", "LIKE", "/dcos/volume.*"]]}}]}}"#);

pub(super) fn check(
    volume: &Fields<'_>,
    info: &Fields<'_>,
    path: fmt::Arguments<'_>,
    context: &mut Context<'_>,
) {
    let name = volume.text("containerPath").unwrap_or_default();
    let at = volume.at("containerPath");
    if matches!(&*name, "." | "..") {
        context
            .reject(
                &BAD_VOLUME_PATH,
                Canonical,
                at,
                format!("{path}/containerPath"),
                "can not be one of (.,..)",
            )
            .describe(
                format!("`{name}` is the sandbox, or outside of it"),
                "name a directory, such as \"data\"",
            );
    }
    if name.contains('/') {
        let text = "value must not contain \"/\"";
        context.reject(&BAD_VOLUME_PATH, Canonical, at, format!("{path}/containerPath"), text).describe(
            format!("a persistent volume is a directory in the sandbox, and `{name}` has a slash"),
            "name it plainly, and mount a host volume from that name to the absolute path the program wants",
        );
    }
    if volume.word("mode") == Some("RO") {
        context
            .reject(
                &READ_ONLY_VOLUME,
                Canonical,
                volume.at("mode"),
                format!("{path}/mode"),
                "does not equal RW",
            )
            .describe("nothing could ever be written to this volume", "write \"mode\": \"RW\"");
    }
    let size = info.int("size").unwrap_or(0);
    let persistent = format_args!("{path}/persistent");
    if size <= 0 {
        let text = format!("got {size}, expected more than 0");
        context
            .reject(&BAD_VOLUME_SIZE, Canonical, info.at("size"), format!("{persistent}/size"), text)
            .describe(format!("a volume of {size} MiB"), "write its size in MiB, more than 0");
    }
    let constraints = distinct(info.list("constraints"));
    let kind = info.word("type");
    if let Some(max) = info.int("maxSize") {
        if kind != Some("mount") {
            let text = "Only mount volumes can have maxSize";
            context
                .reject(&BAD_VOLUME_SIZE, Canonical, info.at("maxSize"), persistent.to_string(), text)
                .describe(
                    format!(
                        "`maxSize` is for volumes of the type mount, and this is {}",
                        kind.unwrap_or("root")
                    ),
                    "remove it, or write \"type\": \"mount\"",
                );
        }
        if max <= size {
            let text = "Max size must be larger than size";
            context
                .reject(&BAD_VOLUME_SIZE, Canonical, info.at("maxSize"), persistent.to_string(), text)
                .describe(
                    format!("at most {max} MiB, and at least {size}"),
                    format!("write more than {size}"),
                );
        }
    }
    if !constraints.is_empty() && kind.is_none_or(|kind| kind == "root") {
        let text = "Constraints on root volumes are not supported";
        let at = info.at("constraints");
        context.reject(&BAD_VOLUME_CONSTRAINT, Canonical, at, persistent.to_string(), text).describe(
            "a volume of the type root is on the agent's own disk: there is nothing to choose",
            "remove the constraints, or write \"type\": \"mount\"",
        );
    }
    for constraint in constraints {
        self::constraint(constraint, &format!("{persistent}/constraints"), context);
    }
}

fn constraint(constraint: Value<'_>, path: &str, context: &mut Context<'_>) {
    let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
    let mut reject = |path: &str, text: String| {
        let message = match &parts[..] {
            [] => "an empty constraint".to_owned(),
            [field, operator, value, ..] if field == "path" && matches!(&**operator, "LIKE" | "UNLIKE") => {
                format!("`{value}` is not a Java regular expression")
            }
            [field, operator, _, ..] if field == "path" => {
                format!("a volume's path is compared by LIKE, not by `{operator}`")
            }
            _ => "a constraint on a volume is about its path".to_owned(),
        };
        context
            .reject(&BAD_VOLUME_CONSTRAINT, Canonical, constraint, path, text)
            .describe(message, "write [\"path\", \"LIKE\", \"/dcos/volume.*\"]");
    };
    match &parts[..] {
        [] => reject(path, "Missing field and operator".to_owned()),
        [field, operator, value, ..] if field == "path" => match &**operator {
            "LIKE" | "UNLIKE" if java::is_pattern(value) => {}
            "LIKE" | "UNLIKE" => reject(&format!("{path}/{value}"), "Invalid regular expression".to_owned()),
            "UNIQUE" | "CLUSTER" | "GROUP_BY" | "MAX_PER" | "IS" => {
                reject(path, "Operator must be one of LIKE, UNLIKE".to_owned());
            }
            _ => reject(path, format!("unknown constraint operator {operator}")),
        },
        _ => reject(path, format!("Unsupported constraint {}", parts.join(","))),
    }
}

/// Rejects a constraint that passes the rules and fails in the conversion.
pub(super) fn unlike(constraint: Value<'_>, text: String, context: &mut Context<'_>) {
    context.reject(&BAD_VOLUME_CONSTRAINT, Conversion, constraint, "", text).describe(
        "Marathon cannot convert UNLIKE in a constraint on a volume",
        "write LIKE, with an expression for the disks that are wanted",
    );
}
