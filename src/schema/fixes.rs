//! Fixes for type findings, where the meaning is clear.

use serde_json::Value as Json;

use crate::finding::{Change, Fix, Rule};
use crate::source::{Type, Value};
use crate::util::suggest::suggest;

use super::check::{Checker, fits_fully};
use super::rules;
use super::shape::{ObjectShape, Shape};
use super::suggest::{self, Meaning};
use super::type_error::{Ignored, TypeError};

/// Words that people write for another word, where the field takes the other.
const WORDS: &[(&str, &str)] = &[
    ("bridge", "container/bridge"),
    ("container/bridge", "BRIDGE"),
    ("user", "container"),
    ("container", "USER"),
    ("container/host", "host"),
    ("ucr", "MESOS"),
    ("mesos/docker", "MESOS"),
    ("http2", "HTTP"),
    ("tcp,udp", "udp,tcp"),
];

/// The fix of something that Marathon rejects.
pub(super) fn rejected(value: Value<'_>, error: &TypeError<'_>) -> Option<Box<Fix>> {
    match error {
        TypeError::WrongType(shape) => retyped(value, shape),
        TypeError::NoAlternative(union) => union.members.iter().find_map(|member| retyped(value, member)),
        TypeError::UnknownWord(words) => word(value, words),
        TypeError::NoKind(object) => {
            let field = object.fields.iter().find(|field| matches!(field.shape, Shape::Word(_)))?;
            let Shape::Word(words) = field.shape else { return None };
            word(value.get(field.name)?, words)
        }
        TypeError::Malformed(pattern) => {
            let text = suggest::respelling(&value, pattern)?;
            Some(Fix::unsafe_(format!("write {text:?}"), [Change::replace(value, text)]))
        }
        // Marathon 1.4 took 1.0 for either field of this object.
        TypeError::Missing { field, object }
            if object.name == "UpgradeStrategy" && value.kind() == Type::Object =>
        {
            let rival = value.members().any(|(key, _)| is_rival(key, object, field));
            (!rival).then(|| {
                Fix::safe(
                    format!("add \"{field}\": 1, which was the default"),
                    [Change::insert(value, *field, 1)],
                )
            })
        }
        _ => None,
    }
}

/// The fix of something that Marathon ignores, as this rule found; `value` is the member's name or value.
pub(super) fn ignored(
    checker: &Checker<'_>,
    value: Value<'_>,
    ignored: &Ignored,
    rule: &Rule,
) -> Option<Box<Fix>> {
    let owner = checker.owner()?;
    match ignored {
        _ if *rule == rules::RESPONSE_FIELD => Some(Fix::safe("remove it", [Change::remove(owner, value)])),
        _ if *rule == rules::REMOVED_FIELD => None,
        Ignored::UnknownField(object) => {
            let name = renamed(checker, owner, value, object)?;
            let (title, changes) = (format!("rename it to `{name}`"), [Change::rename(value, name)]);
            let displaces = displaces(owner, object, name);
            Some(if displaces { Fix::unsafe_(title, changes) } else { Fix::safe(title, changes) })
        }
        Ignored::Overridden => {
            Some(Fix::safe("remove it: the later one counts", [Change::remove(owner, value)]))
        }
        _ => None,
    }
}

/// The field that an unknown name surely means: its name is similar, it is absent, and it accepts the value.
fn renamed(
    checker: &Checker<'_>,
    owner: Value<'_>,
    key: Value<'_>,
    object: &'static ObjectShape,
) -> Option<&'static str> {
    let name = key.as_str()?;
    // A value follows its name.
    let member = key.at_place(key.node_id() + 1);
    let Meaning::Field(right) =
        suggest::meaning(checker.definition()?.shape, (&name, member), object, &checker.dotted_parent())
    else {
        return None;
    };
    let field = &object.fields[object.position(right)?];
    // What has no id of its own may be another program's file.
    let names_service = right == "id" && object.is_definition();
    let is_free = owner.get(right).is_none();
    (is_free && !names_service && !suggest::is_void(member) && fits_fully(member, &field.shape))
        .then_some(right)
}

/// Whether a field that is absent today takes the place of something else that runs: the entrypoint of an image, the agent
/// as the place of a command, the other containerizer.
fn displaces(owner: Value<'_>, object: &ObjectShape, field: &str) -> bool {
    let is_there = |name: &str| owner.get(name).is_some_and(|value| !value.is_null());
    let has_image =
        |container: Value<'_>| container.get("docker").is_some_and(|docker| docker.get("image").is_some());
    match (object.meant().name, field) {
        ("App", "cmd" | "args") => owner.get("container").is_some_and(has_image),
        ("App", "container") => is_there("cmd") || is_there("args"),
        ("Container", "type") => true,
        ("PodContainer", "exec") => is_there("image"),
        _ => false,
    }
}

/// Whether an unknown name may stand for this field.
fn is_rival(key: Value<'_>, object: &'static ObjectShape, field: &str) -> bool {
    key.as_str()
        .is_some_and(|name| object.position(&name).is_none() && suggest::shifted(&name, object, field))
}

/// The value in the expected type, where its spelling has only one meaning.
fn retyped(value: Value<'_>, shape: &Shape) -> Option<Box<Fix>> {
    let with: Json = match shape {
        Shape::Integer { .. } | Shape::Double { .. } => {
            let text = value.as_str()?;
            let number: serde_json::Number = serde_json::from_str(text.trim()).ok()?;
            let whole = number.is_i64() || number.is_u64();
            (whole || matches!(shape, Shape::Double { .. })).then_some(number)?.into()
        }
        Shape::Boolean => match &*value.as_str()?.to_lowercase() {
            "true" => true.into(),
            "false" => false.into(),
            _ => return None,
        },
        Shape::Text { .. } if value.as_number().is_some() || value.as_bool().is_some() => {
            value.source().into()
        }
        _ => return None,
    };
    Some(Fix::safe(format!("write {with}"), [Change::replace(value, with)]))
}

/// A known word for an unknown one.
fn word(value: Value<'_>, words: &'static [&'static str]) -> Option<Box<Fix>> {
    let text = value.as_str()?;
    let known = WORDS.iter().find(|(wrong, right)| text.eq_ignore_ascii_case(wrong) && words.contains(right));
    let sure =
        known.map(|(_, right)| *right).or_else(|| suggest::same_but_case(&text, words.iter().copied()));
    let title = |word: &str| format!("write {word:?}");
    match sure {
        Some(word) => Some(Fix::safe(title(word), [Change::replace(value, word)])),
        None => suggest(&text, words.iter().copied())
            .map(|word| Fix::unsafe_(title(word), [Change::replace(value, word)])),
    }
}
