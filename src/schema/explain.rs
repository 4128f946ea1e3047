//! The words: what was found, what Marathon would say of it, and what to write instead.

use std::borrow::Cow;
use std::fmt;

use crate::definition;
use crate::finding::{Answer, Effect, Finding, Fix, FixKind, Stage};
use crate::source::{Pointer, Step, Type, Value};
use crate::util::suggest::suggest;

use super::check::Checker;
use super::fixes;
use super::pattern::Pattern;
use super::rules;
use super::server_json;
use super::shape::{ObjectShape, Shape, TypeReader, UnionShape};
use super::suggest;

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

/// What Marathon's parser refuses.
pub(super) enum TypeError<'f> {
    WrongType(&'static Shape),
    NotInteger {
        long: bool,
    },
    TooSmall {
        min: Bound,
        max: Option<Bound>,
    },
    TooLarge {
        min: Option<Bound>,
        max: Bound,
    },
    TooShort,
    TooLong {
        max: u32,
        length: usize,
    },
    TooFew {
        min: u32,
    },
    Malformed(&'f Pattern),
    /// As [`Self::Malformed`], for a name of the user's choosing.
    MalformedName(&'f Pattern),
    UnknownWord(&'static [&'static str]),
    NotTimestamp,
    Missing {
        field: &'static str,
        object: &'static ObjectShape,
    },
    NoObject,
    NoKind(&'static ObjectShape),
    NoAlternative(&'static UnionShape),
    TooDeep,
}

/// What Marathon's parser takes and makes nothing of, or something else.
pub(super) enum Ignored {
    UnknownField(&'static ObjectShape),
    /// Known from release line `1.since` on.
    NewerField {
        since: u16,
    },
    ResponseOnly(&'static str),
    ReadAsEmpty(&'static ObjectShape),
    DefaultInstead(&'static Shape),
    AnyString {
        instead: &'static str,
    },
    Overridden,
}

/// What there is to say, without the place.
struct TypeWords {
    rule: &'static str,
    message: String,
    help: Option<String>,
}

/// A diagnostic of something refused, at the place where the walk stands.
pub(super) fn refused(walk: &Checker<'_>, value: Value<'_>, refusal: &TypeError<'_>) -> Finding {
    let pointer = walk.pointer();
    let range = match refusal {
        TypeError::Missing { .. } if value.kind() == Type::Object => {
            let start = value.range().start;
            start..start + value.source().chars().next().map_or(0, char::len_utf8)
        }
        _ => value.first_line(),
    };
    let TypeWords { rule, message, help } = refusal_words(&pointer, value, refusal);
    let answer = server_error(value, refusal)
        .map(|error| Box::new(Answer { stage: Stage::Parse, path: walk.server_path(), error, later: false }));
    let fix = fixes::refused(value, refusal);
    let help = help.map(Cow::Owned);
    Finding { rule, effect: Effect::Rejected, pointer, message, help, range, answer, fix }
}

/// A diagnostic of something taken and lost, at the place where the walk stands.
pub(super) fn lost(walk: &Checker<'_>, value: Value<'_>, loss: &Ignored) -> Finding {
    let pointer = walk.pointer();
    let (effect, TypeWords { rule, message, help }) = loss_words(walk, &pointer, value, loss);
    let (help, fix) = (help.map(Cow::Owned), fixes::lost(walk, value, loss, rule));
    Finding { rule, effect, pointer, message, help, range: value.first_line(), answer: None, fix }
}

/// Marathon's own text for what it refuses.
fn server_error(value: Value<'_>, refusal: &TypeError<'_>) -> Option<String> {
    let text = match refusal {
        TypeError::WrongType(shape) => expected(shape),
        TypeError::NotInteger { long: true } => "error.expected.long",
        TypeError::NotInteger { long: false } => "error.expected.int",
        TypeError::TooSmall { .. } => "error.min",
        TypeError::TooLarge { .. } => "error.max",
        TypeError::TooShort | TypeError::TooFew { .. } => "error.minLength",
        TypeError::TooLong { .. } => "error.maxLength",
        TypeError::Malformed(_) | TypeError::MalformedName(_) => "error.pattern",
        TypeError::UnknownWord(_) => "error.unknown.enum.literal",
        TypeError::NotTimestamp => "error.expected.date.isoformat",
        TypeError::NoObject => "error.expected.jsobject",
        TypeError::NoKind(_) => "error.expected.jsstring",
        TypeError::TooDeep | TypeError::NoAlternative(_) => return None,
        TypeError::Missing { object, .. } if object.reader == TypeReader::Macro => "error.path.missing",
        TypeError::Missing { field, .. } if value.kind() == Type::Object => {
            return Some(format!("'{field}' is undefined on object: {}", server_json::text(value)));
        }
        TypeError::Missing { .. } => return Some(format!("{} is not an object", server_json::text(value))),
    };
    Some(text.to_owned())
}

fn refusal_words(pointer: &Pointer, value: Value<'_>, refusal: &TypeError<'_>) -> TypeWords {
    let subject = subject(pointer);
    let found = excerpt(&value);
    let must = |what: String| format!("{subject} must be {what}, not {found}");
    let (rule, message, help) = match refusal {
        TypeError::WrongType(shape) => (
            rules::WRONG_TYPE.slug,
            format!("{subject} must be {}, not {}", what(shape), value.kind().with_article()),
            suggest::right_type(&value, shape),
        ),
        TypeError::NotInteger { long } => {
            let bits = if *long { 64 } else { 32 };
            (rules::WRONG_TYPE.slug, must(format!("a whole number of at most {bits} bits")), None)
        }
        TypeError::TooSmall { min, max } => {
            (rules::OUT_OF_RANGE.slug, must(interval(Some(*min), *max)), None)
        }
        TypeError::TooLarge { min, max } => {
            (rules::OUT_OF_RANGE.slug, must(interval(*min, Some(*max))), None)
        }
        TypeError::TooShort => (
            rules::WRONG_LENGTH.slug,
            format!("{subject} must not be empty"),
            Some("give it a value, or leave the field out".to_owned()),
        ),
        TypeError::TooLong { max, length } => (
            rules::WRONG_LENGTH.slug,
            format!("{subject} must have at most {max} characters, and has {length}"),
            None,
        ),
        TypeError::TooFew { min } => {
            let s = if *min == 1 { "" } else { "s" };
            (rules::WRONG_LENGTH.slug, format!("{subject} must have at least {min} element{s}"), None)
        }
        TypeError::Malformed(pattern) | TypeError::MalformedName(pattern) => (
            rules::MALFORMED_VALUE.slug,
            format!("{subject} must be {}", pattern.words),
            suggest::respelling(&value, pattern).map(|text| format!("write {text:?}")),
        ),
        TypeError::UnknownWord(words) => {
            let near = value.as_str().and_then(|text| suggest(&text, words.iter().copied()));
            (rules::UNKNOWN_VALUE.slug, must(suggest::one_of(words)), near.map(did_you_mean))
        }
        TypeError::NotTimestamp => (
            rules::MALFORMED_VALUE.slug,
            format!("{subject} must be a date and time with an offset"),
            Some("write it like \"2021-07-27T12:00:00.000Z\"".to_owned()),
        ),
        TypeError::Missing { field, object } => return missing(pointer, value, field, object),
        TypeError::NoObject => (
            rules::WRONG_TYPE.slug,
            format!("{subject} must be an object, not {}", value.kind().with_article()),
            None,
        ),
        TypeError::NoKind(object) => {
            let kind = object.fields.iter().find_map(|field| match field.shape {
                Shape::Word(words) => Some(format!("\"{}\": {}", field.name, suggest::one_of(words))),
                _ => None,
            });
            (
                rules::MISSING_FIELD.slug,
                format!("{subject} must say {}, spelt exactly so", kind.unwrap_or_default()),
                None,
            )
        }
        TypeError::NoAlternative(union) => {
            let alternative = |member: &Shape| match member {
                Shape::Word(words) => suggest::one_of(words),
                other => what(other).to_owned(),
            };
            let mut kinds: Vec<String> = union.members.iter().map(alternative).collect();
            kinds.dedup();
            (
                rules::WRONG_TYPE.slug,
                format!("{subject} must be {}, not {}", kinds.join(" or "), value.kind().with_article()),
                union.members.iter().find_map(|member| suggest::right_type(&value, member)),
            )
        }
        TypeError::TooDeep => {
            (rules::TOO_DEEP.slug, "groups are nested deeper than milepost reads".to_owned(), None)
        }
    };
    TypeWords { rule, message, help }
}

fn loss_words(
    walk: &Checker<'_>,
    pointer: &Pointer,
    value: Value<'_>,
    loss: &Ignored,
) -> (Effect, TypeWords) {
    let subject = subject(pointer);
    let found = excerpt(&value);
    let (rule, message, help) = match loss {
        Ignored::UnknownField(object) => return unknown_field(walk, pointer, object),
        Ignored::ResponseOnly(name) => {
            let message = format!("`{name}` is filled by the server and means nothing in a definition");
            let help = Some("remove it".to_owned());
            return (Effect::Style, TypeWords { rule: rules::RESPONSE_FIELD.slug, message, help });
        }
        Ignored::NewerField { since } => (
            rules::NEWER_FIELD.slug,
            format!("{subject} is known from Marathon 1.{since} on: older ones ignore it"),
            "remove it, or aim at a newer Marathon with --target".to_owned(),
        ),
        Ignored::ReadAsEmpty(object) => {
            let what = suggest::article(object.name);
            (
                rules::READ_AS_DEFAULTS.slug,
                format!("Marathon takes {found} for `{{}}` here: {what} with nothing but defaults"),
                format!("write an object, or leave {subject} out"),
            )
        }
        Ignored::DefaultInstead(shape) => (
            rules::READ_AS_DEFAULTS.slug,
            format!("{subject} is {found}, which Marathon silently replaces by the default"),
            format!("write {}", what(shape)),
        ),
        Ignored::AnyString { instead } => (
            rules::READ_AS_DEFAULTS.slug,
            format!("Marathon takes any string here for \"{instead}\", this {found} too"),
            format!("write \"{instead}\" if that is meant, or an object"),
        ),
        Ignored::Overridden => (
            rules::DUPLICATE_KEY.slug,
            format!("{subject} is given again further on; Marathon takes the last one and ignores this one"),
            "remove one of them".to_owned(),
        ),
    };
    (Effect::Ignored, TypeWords { rule, message, help: Some(help) })
}

fn missing(pointer: &Pointer, value: Value<'_>, field: &str, object: &ObjectShape) -> TypeWords {
    let owner = pointer.parent().map(|(parent, _)| parent).filter(|parent| !parent.steps().is_empty());
    let whose = owner.map_or_else(|| format!("this {}", object.name.to_lowercase()), |owner| subject(&owner));
    let message = match value.kind() {
        Type::Object => format!("{whose} lacks `{field}`"),
        other => format!("{whose} must be an object with `{field}`, not {}", other.with_article()),
    };
    let help = suggest::shift(&value, field, object).or_else(|| Some(format!("add \"{field}\"")));
    TypeWords { rule: rules::MISSING_FIELD.slug, message, help }
}

fn unknown_field(walk: &Checker<'_>, pointer: &Pointer, object: &ObjectShape) -> (Effect, TypeWords) {
    let name = match pointer.parent() {
        Some((_, Step::Key(name))) => name.clone(),
        _ => String::new(),
    };
    let mut parent = pointer.parent().map(|(parent, _)| parent).unwrap_or_default();
    if let Some(removed) = definition::REMOVED
        .iter()
        .find(|removed| removed.model == object.name && removed.field == name && removed.value.is_none())
    {
        let message = format!("`{name}` is gone after Marathon {}: it is ignored", removed.last);
        let help = Some(removed.instead.to_owned());
        return (Effect::Ignored, TypeWords { rule: rules::REMOVED_FIELD.slug, message, help });
    }
    if object.response_only.contains(&&*name) {
        let message = format!("`{name}` comes from a server's answer and means nothing in a definition");
        let help = Some("remove it".to_owned());
        return (Effect::Style, TypeWords { rule: rules::RESPONSE_FIELD.slug, message, help });
    }
    while matches!(parent.steps().last(), Some(Step::Index(_))) {
        parent = parent.parent().map(|(parent, _)| parent).unwrap_or_default();
    }
    let place = if parent.steps().is_empty() { String::new() } else { format!(" in {}", subject(&parent)) };
    let message = format!("Marathon knows no field `{name}`{place}: it is ignored");
    let names = || object.fields.iter().map(|field| field.name);
    let help = suggest::known_mistake(&name, object)
        .map(did_you_mean)
        .or_else(|| suggest::same_but_case(&name, names()).map(did_you_mean))
        .or_else(|| suggest::home(walk.root_shape(), &name, object))
        .or_else(|| suggest(&name, names()).map(did_you_mean))
        .unwrap_or_else(|| "remove it, or correct its name".to_owned());
    (Effect::Ignored, TypeWords { rule: rules::UNKNOWN_FIELD.slug, message, help: Some(help) })
}

/// Joins what Marathon would say of a value that fits no alternative with what is really wrong with it.
pub(super) fn union(answers: Vec<Finding>, causes: Vec<Finding>) -> Vec<Finding> {
    let mut causes: std::collections::VecDeque<_> =
        causes.into_iter().filter(|cause| cause.effect == Effect::Rejected).collect();
    let mut joined = Vec::new();
    for answer in answers.into_iter().filter(|answer| answer.effect == Effect::Rejected) {
        joined.push(match causes.pop_front() {
            Some(cause) if cause.pointer == answer.pointer => Finding { answer: answer.answer, ..cause },
            Some(cause) => {
                let said = answer.answer.as_ref().map_or_else(String::new, |answer| answer.path.clone());
                let note = format!("Marathon itself will complain of {said}");
                let help = cause.help.map_or_else(|| note.clone(), |help| format!("{help} ({note})"));
                let help = Some(help.into());
                Finding { pointer: answer.pointer, answer: answer.answer, help, ..cause }
            }
            None => {
                let help = Some("this goes away with the finding before it: mend that one".into());
                Finding { help, ..answer }
            }
        });
    }
    joined.extend(causes.into_iter().map(|cause| Finding { answer: None, ..cause }));
    joined
}

/// Joins what Marathon drops of a value with what kept that value from being what was meant.
pub(super) fn fallback(dropped: Vec<Finding>, causes: Vec<Finding>, taken: &Shape) -> Vec<Finding> {
    let rejected = |cause: &Finding| cause.effect == Effect::Rejected;
    if !causes.iter().any(rejected) {
        return dropped;
    }
    let Shape::Object(taken) = taken else {
        return dropped;
    };
    let note =
        format!("Marathon does not refuse it: it silently makes this {} of it", suggest::article(taken.name));
    causes
        .into_iter()
        .filter(rejected)
        .map(|cause| {
            let help = cause.help.map_or_else(|| note.clone(), |help| format!("{help}. {note}"));
            // It runs today; mended, it is something else, which the rules may refuse.
            let fix = cause.fix.map(|fix| Box::new(Fix { kind: FixKind::Unsafe, ..*fix }));
            Finding { effect: Effect::Ignored, answer: None, help: Some(help.into()), fix, ..cause }
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
    let Step::Key(name) = &steps[at] else {
        return String::new();
    };
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
