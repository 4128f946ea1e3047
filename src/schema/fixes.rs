//! Mends for what the reader of types finds, where it can be told what was meant.

use serde_json::Value as Json;

use crate::finding::{Change, Fix, Rule};
use crate::source::{Type, Value};
use crate::util::suggest::suggest;

use super::check::{Checker, fits};
use super::explain::{Ignored, TypeError};
use super::rules;
use super::shape::{ObjectShape, Shape};
use super::suggest;

/// Words that are written for others, where the others are what the field takes.
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

/// For something that Marathon refuses.
pub(super) fn refused(value: Value<'_>, refusal: &TypeError<'_>) -> Option<Box<Fix>> {
    match refusal {
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
        // The one object of which both fields were optional once: 1.0 was the default (Marathon 1.4).
        TypeError::Missing { field, object }
            if object.name == "UpgradeStrategy" && value.kind() == Type::Object =>
        {
            let rival = value.members().any(|(key, _)| renamed(value, key, object) == Some(*field));
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

/// For something that Marathon takes and makes nothing of, as this rule found; `value` is the name of the member, or the
/// member.
pub(super) fn lost(walk: &Checker<'_>, value: Value<'_>, loss: &Ignored, rule: &Rule) -> Option<Box<Fix>> {
    let owner = walk.owner()?;
    match loss {
        _ if *rule == rules::RESPONSE_FIELD => Some(Fix::safe("remove it", [Change::remove(owner, value)])),
        _ if *rule == rules::REMOVED_FIELD => None,
        Ignored::UnknownField(object) => {
            let name = renamed(owner, value, object)?;
            Some(Fix::safe(format!("rename it to `{name}`"), [Change::rename(value, name)]))
        }
        Ignored::Overridden => {
            Some(Fix::safe("remove it, as the one further on counts", [Change::remove(owner, value)]))
        }
        _ => None,
    }
}

/// The field that an unknown name was surely meant for: close to it, not given, and one that takes the value.
fn renamed(owner: Value<'_>, key: Value<'_>, object: &'static ObjectShape) -> Option<&'static str> {
    let name = key.as_str()?;
    if object.position(&name).is_some() {
        return None;
    }
    let names = || object.fields.iter().map(|field| field.name);
    let right = suggest::known_mistake(&name, object)
        .or_else(|| suggest::same_but_case(&name, names()))
        .or_else(|| suggest(&name, names()))?;
    let field = &object.fields[object.position(right)?];
    // A name stands right before its value.
    let member = key.at_place(key.node_id() + 1);
    (owner.get(right).is_none() && fits(member, &field.shape)).then_some(right)
}

/// A value in the type that is due, where its spelling has only one reading.
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

/// One of the words that are known, for one that is not.
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
