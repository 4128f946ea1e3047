//! Which files of a directory are definitions.
//!
//! A file that a user names is taken for a definition when its shape allows it ([`Kind::detect`]). A repository also holds
//! files of other tools with the same words in them, so a file that was found must be surely Marathon's.

use std::fmt;

use crate::source::{Format, Kind, Type, Value};
use crate::util::suggest::suggest;

use super::{suggest::known_mistake, table};

/// Why a file in a directory is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotADefinition {
    /// The text is empty, or has only comments.
    Empty,
    /// The text cannot be parsed, and has none of the fields of a definition.
    Unparsable,
    /// It is not an object or a list of objects.
    OtherType,
    /// It has a field that another tool's files have.
    Foreign(&'static str),
    /// It has no `id`, or one that is not a string.
    NoId,
    /// It has an `id`, and too few of the fields of a definition beside it.
    FewFields,
}

impl fmt::Display for NotADefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Unparsable => {
                f.write_str("it cannot be parsed, and has none of the fields of an app, pod or group")
            }
            Self::OtherType => f.write_str("it is not an object or a list of objects"),
            Self::Foreign(what) => f.write_str(what),
            Self::NoId => f.write_str("it has no string `id`"),
            Self::FewFields => f.write_str("it has too few of the fields of an app, pod or group"),
        }
    }
}

/// Fields of other tools' files at the top, and what such a file is.
const FOREIGN: &[(&str, &str)] = &[
    ("schedule", "it has a `schedule`, as a Chronos job has"),
    ("scheduleTimeZone", "it has a `scheduleTimeZone`, as a Chronos job has"),
    ("run", "it has a `run`, as a Metronome job has"),
    ("apiVersion", "it has an `apiVersion`, as Kubernetes objects have"),
    ("properties", "it has `properties`, as a JSON Schema has"),
    ("definitions", "it has `definitions`, as a JSON Schema has"),
    ("$defs", "it has `$defs`, as a JSON Schema has"),
    ("swagger", "it is a description of an HTTP API"),
    ("openapi", "it is a description of an HTTP API"),
    ("Resources", "it has `Resources`, as a CloudFormation template has"),
    ("AWSTemplateFormatVersion", "it is a CloudFormation template"),
    ("containerDefinitions", "it has `containerDefinitions`, as an ECS task has"),
    ("packagingVersion", "it is a package of the DC/OS Universe"),
    ("devDependencies", "it is a package of npm"),
    ("scripts", "it has `scripts`, as a package of npm has"),
    ("slaveId", "it has a `slaveId`, as a running task has"),
    ("slave_id", "it has a `slave_id`, as a running task has"),
    ("framework_id", "it has a `framework_id`, as a running task has"),
    ("appId", "it has an `appId`, as a running task has"),
    ("affectedApps", "it has `affectedApps`, as a running deployment has"),
    ("eventType", "it has an `eventType`, as an event of Marathon has"),
];

/// Fields that few other formats have. The source of an app's names is [`table::APP`]; these are the ones that tell.
const DISTINCTIVE: &[&str] = &[
    "cmd",
    "args",
    "cpus",
    "mem",
    "instances",
    "container",
    "healthChecks",
    "portDefinitions",
    "upgradeStrategy",
    "acceptedResourceRoles",
    "backoffSeconds",
    "backoffFactor",
    "fetch",
    "uris",
    "constraints",
    "requirePorts",
    "ipAddress",
    "readinessChecks",
    "unreachableStrategy",
    "taskKillGracePeriodSeconds",
];

/// Of a list or a group, this many elements are looked at.
const LOOKED_AT: usize = 50;

/// What the names at the top of an object say.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
struct Marks {
    foreign: Option<&'static str>,
    /// The `id` is a string; one in another spelling (`Id`) counts too, because Marathon rejects it as missing.
    has_id: bool,
    /// The `id` is an absolute path.
    has_path: bool,
    containers: bool,
    apps: bool,
    groups: bool,
    distinctive: usize,
    /// Other fields of an app, and misspelt ones.
    known: usize,
    unknown: usize,
}

impl Marks {
    fn of(object: Value<'_>) -> Self {
        let mut marks = Self::default();
        for (key, value) in object.members() {
            let name = key.as_str().unwrap_or_default();
            let is_list = || value.kind() == Type::Array;
            match &*name {
                "containers" => marks.containers = is_list(),
                "apps" => marks.apps = is_list(),
                "groups" => marks.groups = is_list(),
                _ if name.eq_ignore_ascii_case("id") => {
                    marks.has_id |= value.kind() == Type::String;
                    marks.has_path |= value.as_str().is_some_and(|id| id.starts_with('/'));
                }
                name => marks.add(name),
            }
        }
        marks
    }

    fn add(&mut self, name: &str) {
        // Most names are an app's, and its table finds them at once.
        if table::APP.position(name).is_some() {
            let is_distinctive = DISTINCTIVE.contains(&name);
            *if is_distinctive { &mut self.distinctive } else { &mut self.known } += 1;
        } else if let Some((_, what)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
            self.foreign = self.foreign.or(Some(what));
        } else if is_known(name) || is_near(name) {
            self.known += 1;
        } else if !is_comment(name) {
            self.unknown += 1;
        }
    }

    /// The names are an app's: more of them than others, or the `id` is a path and one is there.
    fn are_of_an_app(&self) -> bool {
        let own = self.distinctive + self.known;
        if self.has_path {
            own > 0
        } else {
            self.distinctive > 0 && own >= self.unknown || own > 0 && self.unknown == 0
        }
    }

    fn reason(&self) -> NotADefinition {
        match self.foreign {
            Some(what) => NotADefinition::Foreign(what),
            None if !self.has_id => NotADefinition::NoId,
            None => NotADefinition::FewFields,
        }
    }
}

fn is_known(name: &str) -> bool {
    [&table::APP, &table::POD, &table::GROUP]
        .iter()
        .any(|shape| shape.position(name).is_some() || shape.response_only.contains(&name))
}

/// A name that Marathon rejects, and that was surely meant for one of an app's.
fn is_near(name: &str) -> bool {
    // The image is below `container.docker`.
    name == "image"
        || known_mistake(name, &table::APP).is_some_and(|right| right != "id")
        || suggest(name, DISTINCTIVE.iter().copied()).is_some()
}

/// A name that keeps a note, or a field that is turned off.
fn is_comment(name: &str) -> bool {
    name.starts_with(['_', '#', '/', '$', '-']) || name.eq_ignore_ascii_case("comment")
}

/// The kind of a file that a user names: its shape allows it, and no field says that it is another tool's.
///
/// # Errors
/// Why it is not a definition.
pub fn named(root: Value<'_>) -> Result<Kind, NotADefinition> {
    let names = root.members().filter_map(|(key, _)| key.as_str());
    let mut marks = names.filter_map(|name| FOREIGN.iter().find(|(foreign, _)| *foreign == name));
    if let Some((_, what)) = marks.next() {
        return Err(NotADefinition::Foreign(what));
    }
    Kind::detect(&root).ok_or(match root.kind() {
        Type::Object => NotADefinition::FewFields,
        _ => NotADefinition::OtherType,
    })
}

/// The kind of a file that was found in a directory.
///
/// # Errors
/// Why it is not surely Marathon's.
pub fn found(root: Value<'_>) -> Result<Kind, NotADefinition> {
    match root.kind() {
        Type::Object => of_object(root),
        Type::Array => {
            let mut reason = (root.elements().next().is_none()).then_some(NotADefinition::OtherType);
            for element in root.elements().take(LOOKED_AT) {
                reason = reason.or(match is_app(element) {
                    true => None,
                    false if element.kind() == Type::Object => Some(Marks::of(element).reason()),
                    false => Some(NotADefinition::OtherType),
                });
            }
            reason.map_or(Ok(Kind::Apps), Err)
        }
        _ => Err(NotADefinition::OtherType),
    }
}

fn of_object(root: Value<'_>) -> Result<Kind, NotADefinition> {
    let marks = Marks::of(root);
    if marks.foreign.is_some() {
        return Err(marks.reason());
    }
    let list = |name| root.get(name).into_iter().flat_map(|list| list.elements()).take(LOOKED_AT);
    if marks.containers
        && marks.has_id
        && list("containers").all(|container| container.kind() == Type::Object)
    {
        return Ok(Kind::Pod);
    }
    if marks.apps || marks.groups {
        // A group may be empty when its id says what it is; answers of servers have no id.
        let apps = || list("apps").all(|app| if marks.has_id { looks_like_an_app(app) } else { is_app(app) });
        let groups = || list("groups").all(|group| Marks::of(group).has_id);
        let is_empty = list("apps").next().is_none() && list("groups").next().is_none();
        let is_group = if is_empty { marks.has_path } else { apps() && groups() };
        return if is_group { Ok(Kind::Group) } else { Err(marks.reason()) };
    }
    if marks.has_id && marks.are_of_an_app() { Ok(Kind::App) } else { Err(marks.reason()) }
}

/// An app in an array.
fn is_app(element: Value<'_>) -> bool {
    let marks = Marks::of(element);
    marks.foreign.is_none() && marks.has_id && marks.are_of_an_app()
}

/// An app in a group, which may lack its `id` by mistake.
fn looks_like_an_app(element: Value<'_>) -> bool {
    let marks = Marks::of(element);
    element.kind() == Type::Object && marks.foreign.is_none() && (marks.has_id || marks.are_of_an_app())
}

/// Whether a text that cannot be parsed has the fields of a definition at its top: an `id` and another field of an app, pod
/// or group, and none of another tool's.
#[must_use]
pub fn shows_signs(text: &str, format: Format) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let is_json = format != Format::Yaml || text.trim_start().starts_with(['{', '[']);
    let (mut id, mut own) = (false, false);
    let mut see = |name: &str, value: &str| {
        if name.eq_ignore_ascii_case("id") {
            id = true;
            own |= value.trim_start().trim_start_matches(['"', '\'']).starts_with('/');
        } else {
            own |= is_known(name);
        }
        FOREIGN.iter().any(|(foreign, _)| *foreign == name)
    };
    let is_foreign = if is_json { json_names(text, &mut see) } else { yaml_names(text, &mut see) };
    id && own && !is_foreign
}

/// Whether a text that cannot be parsed has a field `id` anywhere: without one it is not a definition, whatever else is
/// wrong with it.
#[must_use]
pub fn mentions_id(text: &str) -> bool {
    text.match_indices(['i', 'I']).any(|(start, _)| {
        let is_id = text[start..].get(..2).is_some_and(|name| name.eq_ignore_ascii_case("id"));
        let after = text.get(start + 2..).unwrap_or_default();
        let after = after.trim_start_matches(['"', '\'', '\u{201d}', '\u{2019}']).trim_start();
        let is_of_a_word = text[..start].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        is_id && !is_of_a_word && after.starts_with([':', '='])
    })
}

/// A name or its value while a text is gone through.
type SeeName<'s> = dyn FnMut(&str, &str) -> bool + 's;

/// Calls `see` with the names at the top of a text like JSON, and with what follows each, until it returns true.
fn json_names(text: &str, see: &mut SeeName<'_>) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut top, mut at) = (0_usize, None, 0);
    while at < bytes.len() {
        let name = match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                None
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                None
            }
            quote @ (b'"' | b'\'') => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                text.get(start..at.min(bytes.len()))
            }
            letter if letter.is_ascii_alphabetic() => {
                let start = at;
                while at + 1 < bytes.len() && bytes[at + 1].is_ascii_alphanumeric() {
                    at += 1;
                }
                text.get(start..=at)
            }
            _ => None,
        };
        at += 1;
        let value = text.get(at..).unwrap_or_default().trim_start();
        if let (Some(name), Some(value)) = (name, value.strip_prefix(':'))
            && *top.get_or_insert(depth) == depth
            && see(name, value)
        {
            return true;
        }
    }
    false
}

/// As [`json_names`], for YAML.
fn yaml_names(text: &str, see: &mut SeeName<'_>) -> bool {
    let mut top = None;
    for line in text.lines() {
        let name = line.trim_start_matches([' ', '-']);
        let indent = line.len() - name.len();
        let Some((name, value)) = name.split_once(':').filter(|_| !name.starts_with('#')) else { continue };
        if *top.get_or_insert(indent) == indent && see(name.trim().trim_matches(['"', '\'']), value) {
            return true;
        }
    }
    false
}

/// Whether what Marathon knows a definition by is written in it: a string `id`, in an array in each app. Without it a
/// text may be another tool's, and is not changed.
#[must_use]
pub(crate) fn has_own_id(root: Value<'_>, kind: Kind) -> bool {
    let has_id = |value: Value<'_>| value.get("id").is_some_and(|id| id.kind() == Type::String);
    match kind {
        Kind::App | Kind::Pod => has_id(root),
        Kind::Apps => root.elements().all(has_id),
        Kind::Group => has_id(root) || root.get("apps").is_some_and(|apps| apps.elements().all(has_id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_a_definition_are_seen_in_a_broken_text() {
        let signs = [
            (r#"{"id": "/a", "cmd": "x",}"#, Format::Json),
            (r#"{"id": "/a", "#, Format::Json),
            ("{'id': 'a', 'cmd': }", Format::Json),
            ("{id: \"a\", mem: 1", Format::Jsonc),
            (r#"[{"id": "a", "labels": {{ labels }} }]"#, Format::Json),
            ("id: a\ncmd: {{ cmd }}\n", Format::Yaml),
            ("- id: a\n  env: {{ a }}: b\n", Format::Yaml),
            ("id: /a\n  cmd: x\n", Format::Yaml),
        ];
        for (text, format) in signs {
            assert!(shows_signs(text, format), "{text}");
        }
        let others = [
            ("{ // made by tsc\n \"compilerOptions\": { \"id\": 1, \"cmd\": 2, } }", Format::Json),
            ("apiVersion: v1\nid: a\ncmd: b\n---\n", Format::Yaml),
            ("Resources:\n  id: !Ref a\n  cmd: b\n", Format::Yaml),
            ("{\"schedule\": , \"id\": \"a\", \"cmd\": \"b\"}", Format::Json),
            ("# A readme with an id: a, and a cmd: b\n", Format::Yaml),
            ("", Format::Json),
        ];
        for (text, format) in others {
            assert!(!shows_signs(text, format), "{text}");
        }
        assert!(mentions_id("{\u{201c}id\u{201d}: 1}") && mentions_id("{'id' : 1}") && mentions_id("id: a"));
        assert!(!mentions_id("{ // an id\n \"grid\": 1, \"ids\": 2 }") && !mentions_id(""));
    }
}
