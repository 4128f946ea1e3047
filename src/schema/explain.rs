//! The words: what was found, what Marathon would say of it, and what to write instead.

use std::fmt;
use std::ops::Range;

use crate::definition;
use crate::diagnostic::{Answer, Diagnostic, Effect};
use crate::source::{Pointer, Step, Type, Value};

use super::advice;
use super::pattern::Pattern;
use super::read::Walk;
use super::shape::{ObjectShape, Reader, Shape};

/// A bound, as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    Whole(i128),
    Real(f64),
}

impl From<i128> for Bound {
    fn from(value: i128) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Bound {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) => value.fmt(f),
        }
    }
}

/// What the reader came upon.
pub(super) enum Finding<'f> {
    WrongType(&'static Shape),
    NotInteger { long: bool },
    TooSmall { min: Bound, max: Option<Bound> },
    TooLarge { min: Option<Bound>, max: Bound },
    TooShort { min: u32 },
    TooLong { max: u32, length: usize },
    TooFew { min: u32 },
    Malformed(&'f Pattern),
    UnknownWord(&'static [&'static str]),
    NotTimestamp,
    Missing { field: &'static str, object: &'static ObjectShape },
    NoObject(&'static ObjectShape),
    NoKind(&'static ObjectShape),
    TooDeep,
    UnknownField(&'static ObjectShape),
    ResponseOnly(&'static str),
    ReadAsEmpty(&'static ObjectShape),
    DefaultInstead(&'static Shape),
    AnyString { instead: &'static str },
    Overridden,
}

/// A rule's slug and what becomes of its findings.
type Verdict = (&'static str, Effect);

struct Words {
    verdict: Verdict,
    message: String,
    help: Option<String>,
    /// Marathon's own text, for what it refuses.
    error: Option<String>,
}

const REJECTED: Effect = Effect::Rejected;
const IGNORED: Effect = Effect::Ignored;

/// Makes a diagnostic of a finding at the place where the walk stands.
pub(super) fn diagnostic(
    walk: &Walk<'_>,
    value: Value<'_>,
    finding: Finding<'_>,
    server_path: impl FnOnce() -> String,
) -> Diagnostic {
    let pointer = walk.pointer();
    let range = match finding {
        Finding::Missing { .. } if value.kind() == Type::Object => value.range().start..value.range().start + 1,
        _ => first_line(&value),
    };
    let words = words(walk, &pointer, value, finding);
    Diagnostic {
        rule: words.verdict.0,
        effect: words.verdict.1,
        message: words.message,
        help: words.help,
        range,
        answer: words.error.map(|error| Answer { path: server_path(), error }),
        pointer,
    }
}

fn words(walk: &Walk<'_>, pointer: &Pointer, value: Value<'_>, finding: Finding<'_>) -> Words {
    let subject = subject(pointer);
    let found = excerpt(&value);
    let refused = |slug, message: String, help: Option<String>, error: &str| Words {
        verdict: (slug, REJECTED),
        message,
        help,
        error: Some(error.to_owned()),
    };
    let taken = |slug, effect, message: String, help: Option<String>| Words {
        verdict: (slug, effect),
        message,
        help,
        error: None,
    };
    match finding {
        Finding::WrongType(shape) => {
            let message = format!("{subject} must be {}, not {}", what(shape), value.kind().with_article());
            refused("wrong-type", message, advice::right_type(&value, shape), expected(shape))
        }
        Finding::NotInteger { long } => {
            let message = format!("{subject} must be a whole number of at most {} bits, not {found}", if long { 64 } else { 32 });
            refused("wrong-type", message, None, if long { "error.expected.long" } else { "error.expected.int" })
        }
        Finding::TooSmall { min, max } => {
            refused("out-of-range", format!("{subject} must be {}, not {found}", interval(Some(min), max)), None, "error.min")
        }
        Finding::TooLarge { min, max } => {
            refused("out-of-range", format!("{subject} must be {}, not {found}", interval(min, Some(max))), None, "error.max")
        }
        Finding::TooShort { min: 1 } => {
            let help = "give it a value, or leave the field out".to_owned();
            refused("wrong-length", format!("{subject} must not be empty"), Some(help), "error.minLength")
        }
        Finding::TooShort { min } => {
            refused("wrong-length", format!("{subject} must have at least {min} characters"), None, "error.minLength")
        }
        Finding::TooLong { max, length } => {
            let message = format!("{subject} must have at most {max} characters, and has {length}");
            refused("wrong-length", message, None, "error.maxLength")
        }
        Finding::TooFew { min } => {
            let message = format!("{subject} must have at least {min} element{}", if min == 1 { "" } else { "s" });
            refused("wrong-length", message, None, "error.minLength")
        }
        Finding::Malformed(pattern) => {
            let help = advice::respelling(&value, pattern).map(|text| format!("write {text:?}"));
            refused("malformed-value", format!("{subject} must be {}", pattern.words), help, "error.pattern")
        }
        Finding::UnknownWord(words) => {
            let message = format!("{subject} must be {}, not {found}", advice::one_of(words));
            let help = value.as_str().and_then(|text| advice::nearest(&text, words.iter().copied()).map(did_you_mean));
            refused("unknown-value", message, help, "error.unknown.enum.literal")
        }
        Finding::NotTimestamp => {
            let help = Some("write it like \"2021-07-27T12:00:00.000Z\"".to_owned());
            let message = format!("{subject} must be a date and time with an offset");
            refused("malformed-value", message, help, "error.expected.date.isoformat")
        }
        Finding::Missing { field, object } => missing(pointer, value, field, object),
        Finding::NoObject(_) => {
            let message = format!("{subject} must be an object, not {}", value.kind().with_article());
            refused("wrong-type", message, None, "error.expected.jsobject")
        }
        Finding::NoKind(object) => {
            let fields = object.fields.iter().find_map(|field| match field.shape {
                Shape::Word(words) => Some(format!("\"{}\": {}", field.name, advice::one_of(words))),
                _ => None,
            });
            let message = format!("{subject} must say {}, spelt exactly so", fields.unwrap_or_default());
            refused("missing-field", message, None, "error.expected.jsstring")
        }
        Finding::TooDeep => Words {
            verdict: ("too-deep", REJECTED),
            message: "groups are nested deeper than milepost reads".to_owned(),
            help: None,
            error: None,
        },
        Finding::UnknownField(object) => unknown_field(walk, pointer, object),
        Finding::ResponseOnly(name) => taken(
            "response-field",
            Effect::Style,
            format!("`{name}` is filled by the server and means nothing in a definition"),
            Some("remove it".to_owned()),
        ),
        Finding::ReadAsEmpty(object) => taken(
            "read-as-defaults",
            IGNORED,
            format!("Marathon takes {found} for `{{}}` here: {} with nothing but defaults", advice::article(object.name)),
            Some(format!("write an object, or leave {subject} out")),
        ),
        Finding::DefaultInstead(shape) => taken(
            "read-as-defaults",
            IGNORED,
            format!("{subject} is {found}, which Marathon silently replaces by the default"),
            Some(format!("write {}", what(shape))),
        ),
        Finding::AnyString { instead } => taken(
            "read-as-defaults",
            IGNORED,
            format!("Marathon takes any string here for \"{instead}\", this {found} too"),
            Some(format!("write \"{instead}\" if that is meant, or an object")),
        ),
        Finding::Overridden => taken(
            "duplicate-key",
            IGNORED,
            format!("{subject} is given again further on; Marathon takes the last one and ignores this one"),
            Some("remove one of them".to_owned()),
        ),
    }
}

fn missing(pointer: &Pointer, value: Value<'_>, field: &str, object: &ObjectShape) -> Words {
    let error = match (object.reader, value.kind()) {
        (Reader::Macro, _) => "error.path.missing".to_owned(),
        (_, Type::Object) => format!("'{field}' is undefined on object: {}", value.to_json()),
        _ => format!("{} is not an object", value.to_json()),
    };
    let owner = pointer.parent().map(|(parent, _)| parent).filter(|parent| !parent.steps().is_empty());
    let whose = owner.map_or_else(|| format!("this {}", object.name.to_lowercase()), |owner| subject(&owner));
    let message = match value.kind() {
        Type::Object => format!("{whose} lacks `{field}`"),
        other => format!("{whose} must be an object with `{field}`, not {}", other.with_article()),
    };
    let help = advice::shift(&value, field, object).or_else(|| Some(format!("add \"{field}\"")));
    Words { verdict: ("missing-field", REJECTED), message, help, error: Some(error) }
}

fn unknown_field(walk: &Walk<'_>, pointer: &Pointer, object: &ObjectShape) -> Words {
    let name = match pointer.parent() {
        Some((_, Step::Key(name))) => name.clone(),
        _ => String::new(),
    };
    let mut parent = pointer.parent().map(|(parent, _)| parent).unwrap_or_default();
    if let Some(removed) = definition::REMOVED
        .iter()
        .find(|removed| removed.model == object.name && removed.field == name && removed.value.is_none())
    {
        let message = format!("`{name}` is gone since Marathon {}: it is ignored", removed.last);
        return Words { verdict: ("removed-field", IGNORED), message, help: Some(removed.instead.to_owned()), error: None };
    }
    let in_answers = |(model, fields): &(&str, &[&str])| *model == object.name && fields.contains(&&*name);
    if definition::RESPONSE_ONLY.iter().any(in_answers) {
        let message = format!("`{name}` comes from a server's answer and means nothing in a definition");
        let help = Some("remove it".to_owned());
        return Words { verdict: ("response-field", Effect::Style), message, help, error: None };
    }
    while matches!(parent.steps().last(), Some(Step::Index(_))) {
        parent = parent.parent().map(|(parent, _)| parent).unwrap_or_default();
    }
    let place = if parent.steps().is_empty() { String::new() } else { format!(" in {}", subject(&parent)) };
    let message = format!("Marathon knows no field `{name}`{place}: it is ignored");
    let names = || object.fields.iter().map(|field| field.name);
    let help = advice::known_mistake(&name, object)
        .map(did_you_mean)
        .or_else(|| advice::same_but_case(&name, names()).map(did_you_mean))
        .or_else(|| advice::home(walk.root_shape(), &name, object))
        .or_else(|| advice::nearest(&name, names()).map(did_you_mean))
        .unwrap_or_else(|| "remove it, or correct its name".to_owned());
    Words { verdict: ("unknown-field", IGNORED), message, help: Some(help), error: None }
}

/// Joins what Marathon would say of a value that fits no alternative with what is really wrong with it.
pub(super) fn union(answers: Vec<Diagnostic>, causes: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut causes: std::collections::VecDeque<_> =
        causes.into_iter().filter(|cause| cause.effect == Effect::Rejected).collect();
    let mut joined = Vec::new();
    for answer in answers.into_iter().filter(|answer| answer.effect == Effect::Rejected) {
        joined.push(match causes.pop_front() {
            Some(cause) if cause.pointer == answer.pointer => cause,
            Some(cause) => {
                let said = answer.answer.as_ref().map_or_else(String::new, |answer| answer.path.clone());
                let note = format!("Marathon itself will complain of {said}");
                let help = Some(cause.help.map_or_else(|| note.clone(), |help| format!("{help} ({note})")));
                Diagnostic { pointer: answer.pointer, answer: answer.answer, help, ..cause }
            }
            None => answer,
        });
    }
    joined.extend(causes.into_iter().map(|cause| Diagnostic { answer: None, ..cause }));
    joined
}

/// Joins what Marathon drops of a value with what kept that value from being what was meant.
pub(super) fn fallback(dropped: Vec<Diagnostic>, causes: Vec<Diagnostic>, taken: &Shape) -> Vec<Diagnostic> {
    let rejected = |cause: &Diagnostic| cause.effect == Effect::Rejected;
    if !causes.iter().any(rejected) {
        return dropped;
    }
    let Shape::Object(taken) = taken else { return dropped };
    let note = format!("Marathon does not refuse it: it silently makes this {} of it", advice::article(taken.name));
    causes
        .into_iter()
        .filter(rejected)
        .map(|cause| {
            let help = cause.help.map_or_else(|| note.clone(), |help| format!("{help}. {note}"));
            Diagnostic { effect: IGNORED, answer: None, help: Some(help), ..cause }
        })
        .collect()
}

fn did_you_mean(name: impl fmt::Display) -> String {
    format!("did you mean `{name}`?")
}

/// A name for the thing at `pointer`: its last name, with the indices that follow it.
fn subject(pointer: &Pointer) -> String {
    let steps = pointer.steps();
    let names = steps.iter().rposition(|step| matches!(step, Step::Key(_)));
    let Some(at) = names else {
        let indices: String = steps.iter().map(index).collect();
        return if indices.is_empty() { "the definition".to_owned() } else { format!("`{indices}`") };
    };
    let Step::Key(name) = &steps[at] else { return String::new() };
    let indices: String = steps[at + 1..].iter().map(index).collect();
    format!("`{name}{indices}`")
}

fn index(step: &Step) -> String {
    match step {
        Step::Index(index) => format!("[{index}]"),
        Step::Key(name) => name.clone(),
    }
}

fn what(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "true or false",
        Shape::Integer { .. } => "a whole number",
        Shape::Double { .. } => "a number",
        Shape::Text { .. } | Shape::Word(_) => "a string",
        Shape::Timestamp => "a date and time",
        Shape::List { .. } => "an array",
        Shape::Map { .. } | Shape::Object(_) | Shape::Union(_) => "an object",
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Boolean => "error.expected.jsboolean",
        Shape::Integer { .. } | Shape::Double { .. } => "error.expected.jsnumber",
        Shape::Text { .. } | Shape::Word(_) => "error.expected.jsstring",
        Shape::Timestamp => "error.expected.date",
        Shape::List { .. } => "error.expected.jsarray",
        Shape::Map { .. } | Shape::Object(_) | Shape::Union(_) => "error.expected.jsobject",
    }
}

fn interval(min: Option<Bound>, max: Option<Bound>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("between {min} and {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "a number".to_owned(),
    }
}

/// A value short enough for a message. Long ones may hold secrets, and are of no use there.
fn excerpt(value: &Value<'_>) -> String {
    let source = value.source();
    match value.kind() {
        Type::Array | Type::Object => value.kind().with_article().to_owned(),
        _ if source.chars().count() <= 40 && !source.contains('\n') => source.to_owned(),
        _ => value.kind().with_article().to_owned(),
    }
}

/// The bytes of a value up to the end of its first line, for underlining.
pub(super) fn first_line(value: &Value<'_>) -> Range<usize> {
    let range = value.range();
    let len = value.source().find('\n').unwrap_or(range.len());
    range.start..range.start + value.source()[..len].trim_end().len().max(1)
}
