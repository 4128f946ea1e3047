//! Guesses what the user meant.

mod home;

use std::borrow::Cow;

use crate::source::{Type, Value};
use crate::util::suggest::suggest_within;

use super::check::EnclosingDefinition;
use super::pattern::{self, Pattern};
use super::shape::{ObjectShape, Shape};
use home::home;

/// Wrong names that people often use for a field, per type. The value of the wrong one is right for the other.
const KNOWN_MISTAKES: &[(&str, &str, &str)] = &[
    ("App", "memory", "mem"),
    ("App", "cpu", "cpus"),
    ("App", "command", "cmd"),
    ("App", "environment", "env"),
    ("App", "envs", "env"),
    ("App", "instance", "instances"),
    ("App", "scale", "instances"),
    ("App", "replicas", "instances"),
    ("App", "name", "id"),
    ("App", "healthcheck", "healthChecks"),
    ("App", "healthCheck", "healthChecks"),
    ("App", "readinessCheck", "readinessChecks"),
    ("App", "depends", "dependencies"),
    ("App", "secret", "secrets"),
    ("Pod", "env", "environment"),
    ("Pod", "secret", "secrets"),
    ("Pod", "instances", "scaling.instances"),
    ("PodContainer", "env", "environment"),
    ("PodContainer", "healthChecks", "healthCheck"),
    ("PodContainer", "fetch", "artifacts"),
    ("PodContainer", "cpus", "resources.cpus"),
    ("PodContainer", "mem", "resources.mem"),
    ("PodContainer", "disk", "resources.disk"),
    ("PodContainer", "gpus", "resources.gpus"),
    ("PodContainer", "cmd", "exec.command.shell"),
    ("PodContainer", "command", "exec.command.shell"),
    ("PodContainer", "args", "exec.command.argv"),
    ("PodContainer", "uris", "artifacts"),
    ("PodContainer", "portMappings", "endpoints"),
    ("PodSchedulingBackoffStrategy", "maxLaunchDelaySeconds", "maxLaunchDelay"),
    ("PodSchedulingBackoffStrategy", "backoffSeconds", "backoff"),
    ("Resources", "memory", "mem"),
    ("Resources", "cpu", "cpus"),
    ("Image", "forcePullImage", "forcePull"),
    ("Image", "force", "forcePull"),
    ("DockerContainer", "forcePull", "forcePullImage"),
    ("DockerContainer", "volumes", "container.volumes"),
    ("DockerContainer", "type", "container.type"),
    ("Artifact", "outputFile", "destPath"),
    ("Artifact", "url", "uri"),
    ("Network", "networkName", "name"),
    ("PortDefinition", "portNumber", "port"),
    ("AppHealthCheck", "maxFailures", "maxConsecutiveFailures"),
    ("AppHealthCheck", "failureThreshold", "maxConsecutiveFailures"),
    ("AppHealthCheck", "portNumber", "port"),
];

/// Wrong names whose value has to change as well, or whose meaning is not sure: what to do, per type.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "App",
        "network",
        "write \"networks\": [{\"mode\": …}], with the mode host, container/bridge or container",
    ),
    ("App", "type", "this field belongs under `container`"),
    (
        "App",
        "port",
        "did you mean `portDefinitions`? Write [{\"port\": …}]; on a bridge or container network a port mapping of the \
         container",
    ),
    (
        "App",
        "portNumber",
        "did you mean `portDefinitions`? Write [{\"port\": …}]; on a bridge or container network a port mapping of the \
         container",
    ),
    ("Pod", "cmd", "did you mean `exec.command.shell` of a container?"),
    ("Pod", "args", "did you mean `exec.command.argv` of a container?"),
    ("Container", "network", "write \"networks\": [{\"mode\": …}] at the top of the definition"),
    ("ContainerPortMapping", "port", "did you mean `containerPort`?"),
    (
        "ContainerPortMapping",
        "portNumber",
        "did you mean `containerPort`? A fixed port of the agent is `hostPort`",
    ),
    ("PortDefinition", "servicePort", "on the host network `port` is the service port too"),
    ("PortDefinition", "hostPort", "did you mean `port`? With `requirePorts` it is the port of the agent"),
    ("PortDefinition", "containerPort", "on the host network there is only `port`"),
    ("AppHealthCheck", "initialDelaySeconds", "did you mean `gracePeriodSeconds`?"),
    ("AppHealthCheck", "type", "did you mean `protocol`?"),
    ("AppHealthCheck", "uri", "did you mean `path`?"),
    ("AppHealthCheck", "url", "did you mean `path`?"),
    (
        "AppHealthCheck",
        "portName",
        "a health check names its port by `portIndex`, the place in the list of the app's ports, from 0",
    ),
    (
        "AppHealthCheck",
        "portType",
        "remove it: a number of a port is `port`, its place in the list `portIndex`",
    ),
    ("ReadinessCheck", "command", "a readiness check is a request over HTTP, and runs no command"),
    ("ReadinessCheck", "portIndex", "a readiness check names its port by `portName`, the port's `name`"),
    ("HealthCheck", "protocol", "write the check as `http`, `tcp` or `exec`"),
    ("HealthCheck", "path", "this field belongs under `http`"),
    ("HealthCheck", "command", "this field belongs under `exec`"),
];

/// Names of notes for people, in definitions of every type.
const NOTES: &[&str] = &["comment", "comments", "note", "notes", "todo", "description"];

/// Names of facts about a service, which Marathon keeps as labels.
const FACTS: &[&str] = &["maintainer", "maintainers", "author", "authors", "owner", "contact", "team"];

/// How the names of labels begin that programs beside Marathon read.
const LABELS: &[&str] = &["HAPROXY_", "DCOS_", "MARATHON_", "traefik."];

/// What an unknown name may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The field of this name, or dotted path.
    Field(&'static str),
    /// Something else: what to do.
    Hint(Cow<'static, str>),
    /// A fact about the service, which does no harm here: what to do.
    Fact(&'static str),
    /// Nothing: it is a note, or a field that was switched off.
    Note,
    /// Unknown.
    Unknown,
}

/// What a name stands for that `object` does not know, by its value too; `path` leads from the definition to the object,
/// with `[]` for each index.
pub(super) fn meaning(
    definition: &'static ObjectShape,
    (name, value): (&str, Value<'_>),
    object: &'static ObjectShape,
    path: &str,
) -> Meaning {
    if (object.meant().name, name) == ("App", "uri") {
        return uri(value);
    }
    if let Some(right) = known_mistake(name, object) {
        return Meaning::Field(right);
    }
    if let Some(hint) = hint(name, object) {
        return Meaning::Hint(hint.into());
    }
    if is_note(name, object) {
        return Meaning::Note;
    }
    if matches!(name, "credential" | "credentials") {
        let hint = "no engine takes credentials here: write `docker.pullConfig` for UCR, or fetch an archive for the \
                    Docker Engine";
        return Meaning::Hint(hint.into());
    }
    if name.starts_with("VIP_") {
        return Meaning::Hint(vip(object).into());
    }
    if LABELS.iter().any(|start| name.starts_with(start)) {
        return Meaning::Hint("this belongs under `labels`".into());
    }
    let names = || object.fields.iter().map(|field| field.name);
    if let Some(field) = same_but_case(name, names()).or_else(|| same_but_number(name, names())) {
        return Meaning::Field(field);
    }
    if let Some(field) = without_seconds(name, object) {
        return Meaning::Hint(format!("did you mean `{field}`?").into());
    }
    if let Some(home) = home(definition, name, object, path) {
        return Meaning::Hint(home.into());
    }
    if object.is_definition() && FACTS.contains(&name) {
        return Meaning::Fact("keep it as a label: write it in `labels`");
    }
    near(name, names()).or_else(|| near_mistake(name, object)).map_or(Meaning::Unknown, Meaning::Field)
}

/// Where the label of a virtual IP belongs that was written as a field.
fn vip(object: &ObjectShape) -> &'static str {
    const PORTS: &[&str] = &["PortDefinition", "ContainerPortMapping", "Endpoint"];
    if PORTS.contains(&object.name) {
        "this belongs under `labels`"
    } else {
        "a virtual IP is of a port: write it in the `labels` of a port definition, a port mapping or an endpoint"
    }
}

/// What `uri` of an app stands for: texts are `uris`, objects `fetch`.
fn uri(value: Value<'_>) -> Meaning {
    match value.kind() {
        Type::Array if value.elements().all(|element| element.kind() == Type::String) => {
            Meaning::Field("uris")
        }
        Type::String => Meaning::Hint("did you mean `fetch`? Write [{\"uri\": …}]".into()),
        _ => Meaning::Field("fetch"),
    }
}

/// The right name for a common wrong one that is misspelt as well: `enviroment`.
fn near_mistake(name: &str, object: &ObjectShape) -> Option<&'static str> {
    const SHORTEST: usize = 6;
    let wrong = KNOWN_MISTAKES
        .iter()
        .filter(|(model, wrong, _)| *model == object.meant().name && wrong.len() >= SHORTEST);
    known_mistake(near(name, wrong.map(|(_, wrong, _)| *wrong))?, object)
}

/// Whether the field that a help names in backticks (`did you mean …`, `this field belongs under …`) is there already:
/// then the other was hardly meant for it.
pub(super) fn is_there(
    help: &str,
    name: &str,
    owner: Value<'_>,
    definition: Option<EnclosingDefinition<'_>>,
) -> bool {
    let quoted = |help: &str| help.split('`').nth(1).map(str::to_owned);
    let follow =
        |from: Value<'_>, path: &str| path.split('.').try_fold(from, |value, step| value.get(step)).is_some();
    let top = definition.map_or(owner, |definition| definition.value);
    if help.starts_with("did you mean `") {
        // `container.type` is counted from the top, `resources.cpus` from where the name is.
        quoted(help).is_some_and(|path| follow(owner, &path) || path.contains('.') && follow(top, &path))
    } else if help.starts_with("this field belongs under `") {
        quoted(help).is_some_and(|path| follow(top, &format!("{path}.{name}")))
    } else {
        false
    }
}

/// The right name for a common wrong one.
pub(super) fn known_mistake(name: &str, object: &ObjectShape) -> Option<&'static str> {
    let model = object.meant().name;
    let mistake = KNOWN_MISTAKES.iter().find(|(of, wrong, _)| *of == model && *wrong == name);
    mistake.map(|(_, _, right)| *right)
}

/// What to do about a wrong name that people often use.
pub(super) fn hint(name: &str, object: &ObjectShape) -> Option<&'static str> {
    let model = object.meant().name;
    let hint = HINTS.iter().find(|(of, wrong, _)| *of == model && *wrong == name);
    hint.map(|(_, _, hint)| *hint)
}

/// The name that differs only in case, dashes and underscores.
pub(super) fn same_but_case<'n>(name: &str, mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names.find(|candidate| letters(candidate).eq(letters(name)))
}

/// The name that differs only in case and by the letter of the plural.
fn same_but_number<'n>(name: &str, mut names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let is_plural = |many: &str, one: &str| letters(many).eq(letters(one).chain([b's']));
    names.find(|candidate| is_plural(candidate, name) || is_plural(name, candidate))
}

/// The field in seconds whose name lacks the unit, or has another word for it: `timeOut`, `interval_sec`.
fn without_seconds(name: &str, object: &ObjectShape) -> Option<&'static str> {
    let folded = folded(name);
    let stem = ["secs", "sec", "second"].into_iter().find_map(|unit| folded.strip_suffix(unit));
    let stem = stem.unwrap_or(&folded);
    let is_wanted = |field: &&str| letters(field).eq(stem.bytes().chain(*b"seconds"));
    object.fields.iter().map(|field| field.name).find(is_wanted)
}

/// The field that a name is surely a slip of the keyboard for: one letter is wrong, in longer names two or three.
fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let most = |length| match length {
        0..6 => 1,
        6..12 => 2,
        _ => 3,
    };
    suggest_within(name, names, most).filter(|field| decoration(&folded(name), field).is_none())
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
}

fn folded(name: &str) -> String {
    letters(name).map(char::from).collect()
}

/// Whether a name is meant to be that of no field: `//cmd`, `_env`, `#instances`, `__cmd__`, `cmd2`, `xcmd`, `comment`.
fn is_note(name: &str, object: &ObjectShape) -> bool {
    let trimmed = name.trim();
    let is_mark = |c: char| c.is_ascii_punctuation();
    let folded = folded(trimmed);
    trimmed.is_empty()
        || trimmed.starts_with(is_mark)
        || trimmed.ends_with(is_mark)
        || NOTES.iter().any(|note| trimmed.eq_ignore_ascii_case(note))
        || object.fields.iter().any(|field| decoration(&folded, field.name).is_some_and(is_switch))
}

/// Whether people write this before or after a field's name to switch the field off.
fn is_switch(decoration: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "x", "xx", "xxx", "no", "not", "off", "old", "orig", "original", "bak", "backup", "copy", "disabled",
        "unused", "removed", "tmp", "temp", "prev", "previous", "new", "example", "sample",
    ];
    SWITCHES.contains(&decoration) || decoration.chars().all(|c| c.is_ascii_digit())
}

/// What a name in lower case has before or after that of a field; nothing for a plural or a letter typed twice, which are
/// slips.
fn decoration<'n>(name: &'n str, field: &str) -> Option<&'n str> {
    let length = letters(field).count();
    let rest = name.len().checked_sub(length)?;
    let is_twice = |rest: &str, letter: Option<u8>| rest.bytes().all(|byte| Some(byte) == letter);
    let is_slip = |rest: &str| matches!(rest, "s" | "es") || is_twice(rest, letters(field).next_back());
    let begins = name.bytes().take(length).eq(letters(field));
    let after = Some(&name[length..]).filter(|rest| begins && !is_slip(rest));
    let ends = || name.bytes().skip(rest).eq(letters(field));
    after.or_else(|| Some(&name[..rest]).filter(|rest| !is_twice(rest, letters(field).next()) && ends()))
}

/// How to write a value in the right type.
pub(super) fn right_type(value: &Value<'_>, shape: &Shape) -> Option<String> {
    let text = value.as_str();
    // In YAML a text may have none.
    let is_quoted = value.source().starts_with(['"', '\'']);
    let without = if is_quoted { " without quotes" } else { "" };
    match (shape, value.kind()) {
        (Shape::Integer { .. } | Shape::Double { .. }, Type::String) => {
            let text = text?;
            text.trim()
                .parse::<f64>()
                .ok()?
                .is_finite()
                .then(|| format!("write {} without quotes", text.trim()))
        }
        (Shape::Boolean, Type::String) => {
            let lower = text?.to_lowercase();
            match lower.as_str() {
                "true" | "yes" | "on" | "1" => Some(format!("write true{without}")),
                "false" | "no" | "off" | "0" => Some(format!("write false{without}")),
                _ => None,
            }
        }
        (Shape::Boolean, Type::Number) => Some("write true or false".to_owned()),
        (Shape::Text { .. }, Type::Number | Type::Boolean) => {
            Some(format!("write \"{}\" in quotes", value.source()))
        }
        (Shape::List { .. }, Type::String | Type::Number | Type::Object) => {
            Some("put it in brackets: `[…]`".to_owned())
        }
        (_, Type::Null) => Some("give it a value, or leave the field out".to_owned()),
        _ => None,
    }
}

/// A spelling of the text that matches the pattern, if a simple change makes one.
pub(super) fn respelling(value: &Value<'_>, wanted: &Pattern) -> Option<String> {
    let text = value.as_str()?;
    // `./web` is the same as `web`.
    let text = text.trim();
    let text = text.strip_prefix("./").filter(|rest| !rest.starts_with(['.', '/'])).unwrap_or(text);
    let plain = |c: char| match c {
        '_' | ' ' if !std::ptr::eq(wanted, &raw const pattern::NETWORK_NAME) => '-',
        ' ' => '-',
        other => other.to_ascii_lowercase(),
    };
    let changed: String = text.chars().map(plain).collect();
    let trimmed = changed.trim_matches(['-', '.', '_']).to_owned();
    // A relative path does not become an absolute one.
    let is_same_form = |other: &String| other.starts_with('/') == text.starts_with('/');
    let mut spellings = [changed, trimmed].into_iter().filter(is_same_form);
    spellings.find(|text| !text.is_empty() && (wanted.matches)(text))
}

/// A member under another name that looks like the missing one: `rename …`.
pub(super) fn shift(value: &Value<'_>, field: &str, object: &ObjectShape) -> Option<String> {
    let unknown =
        value.members().filter_map(|(key, _)| key.as_str()).filter(|key| object.position(key).is_none());
    let mut near = unknown.filter(|key| shifted(key, object, field));
    near.next().map(|key| format!("rename `{key}` to `{field}`"))
}

/// Whether an unknown name of `object` looks like this field's.
pub(super) fn shifted(name: &str, object: &ObjectShape, field: &str) -> bool {
    known_mistake(name, object) == Some(field)
        || (!is_note(name, object)
            && (same_but_case(name, std::iter::once(field)).is_some()
                || near(name, std::iter::once(field)).is_some()))
}

/// Whether a value asks for nothing: null, or an empty list.
pub(super) fn is_void(value: Value<'_>) -> bool {
    value.is_null() || (value.kind() == Type::Array && value.elements().next().is_none())
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// `an App`, `a Pod`.
pub(super) fn article(name: &str) -> String {
    let vowel = name.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_spelling_are_found() {
        assert_eq!(same_but_case("health_checks", ["healthChecks"].into_iter()), Some("healthChecks"));
    }

    #[test]
    fn decorated_names_are_told_from_slips() {
        for name in ["cmd2", "xcmd", "cmdOld", "old-cmd", "nocmd", "cmd_bak"] {
            assert!(decoration(&folded(name), "cmd").is_some_and(is_switch), "{name}");
        }
        assert_eq!(decoration("memlimit", "mem"), Some("limit"));
        for (name, field) in
            [("cmdd", "cmd"), ("ccmd", "cmd"), ("envs", "env"), ("health_checks", "healthChecks")]
        {
            assert_eq!(decoration(&folded(name), field), None, "{name}");
        }
        assert_eq!(near("maintainer", ["container"].into_iter()), None);
        assert_eq!(near("healtCheks", ["healthChecks"].into_iter()), Some("healthChecks"));
    }
}
