//! Messages and help for what the [`Checker`] finds.

use std::borrow::Cow;
use std::fmt;

use crate::definition::Removed;
use crate::finding::{Answer, Effect, Finding, Rule, Stage};
use crate::source::unparsable::{is_odd_quote, odd_space};
use crate::source::{Pointer, Step, Type, Value};
use crate::util::suggest::suggest;
use crate::util::text::count;

use super::check::Checker;
use super::fixes;
use super::rewrite::{self, Rewritten};
use super::rules;
use super::shape::{ObjectShape, Shape};
use super::suggest::{self, Meaning};
use super::type_error::{Bound, Ignored, TypeError};

/// The rule and the words of a finding.
struct TypeWords {
    rule: &'static Rule,
    message: String,
    help: Option<String>,
}

/// The finding of an error at the checker's position.
pub(super) fn rejected(checker: &Checker<'_>, value: Value<'_>, error: &TypeError<'_>) -> Finding {
    let pointer = checker.pointer();
    let range = match error {
        TypeError::Missing { .. } if value.kind() == Type::Object => {
            let start = value.range().start;
            start..start + value.source().chars().next().map_or(0, char::len_utf8)
        }
        _ => value.first_line(),
    };
    let TypeWords { rule, message, help } = rejection_words(&pointer, value, error);
    let answer = error.server_text(value).map(|error| {
        Box::new(Answer {
            stage: Stage::Parse,
            path: checker.server_path(),
            error,
            later: false,
            others: Vec::new(),
        })
    });
    let rewritten = rewrite::rejected(checker, value, error);
    let Rewritten { message, place, help, fix } = if let Some(rewritten) = rewritten {
        Rewritten { message: rewritten.message.or(Some(message)), ..rewritten }
    } else {
        let fix = fixes::rejected(value, error);
        let help = help.or_else(|| fix.as_ref().map(|fix| fix.title.clone()));
        Rewritten { message: Some(message), place: None, help, fix }
    };
    let (pointer, range) = place.unwrap_or((pointer, range));
    let (message, help) = (message.unwrap_or_default(), help.map(Cow::Owned));
    Finding { rule, effect: Effect::Rejected, pointer, message, help, range, answer, refusal: None, fix }
}

/// The finding of something ignored at the checker's position.
pub(super) fn ignored(checker: &Checker<'_>, value: Value<'_>, ignored: &Ignored) -> Finding {
    let pointer = checker.pointer();
    let (effect, TypeWords { rule, message, help }) = ignored_words(checker, &pointer, value, ignored);
    let Rewritten { help, fix, .. } = rewrite::ignored(value, ignored).unwrap_or_else(|| Rewritten {
        message: None,
        place: None,
        help,
        fix: fixes::ignored(checker, value, ignored, rule),
    });
    let help = help.map(Cow::Owned);
    Finding {
        rule,
        effect,
        pointer,
        message,
        help,
        range: value.first_line(),
        answer: None,
        refusal: None,
        fix,
    }
}

fn rejection_words(pointer: &Pointer, value: Value<'_>, error: &TypeError<'_>) -> TypeWords {
    let subject = subject(pointer);
    let found = excerpt(&value);
    let must = |what: String| format!("{subject} must be {what}, not {found}");
    let (rule, message, help) = match error {
        TypeError::WrongType(shape) => (
            &rules::WRONG_TYPE,
            format!("{subject} must be {}, not {}", what(shape), value.kind().with_article()),
            without_odd_quotes(value).or_else(|| suggest::right_type(&value, shape)),
        ),
        TypeError::NotInteger { long } => {
            let bits = if *long { 64 } else { 32 };
            (&rules::WRONG_TYPE, must(format!("a whole number of at most {bits} bits")), None)
        }
        TypeError::TooSmall { min, max } => (&rules::OUT_OF_RANGE, must(interval(Some(*min), *max)), None),
        TypeError::TooLarge { min, max } => (&rules::OUT_OF_RANGE, must(interval(*min, Some(*max))), None),
        TypeError::TooShort => (
            &rules::WRONG_LENGTH,
            format!("{subject} must not be empty"),
            Some("give it a value, or leave the field out".to_owned()),
        ),
        TypeError::TooLong { max, length } => (
            &rules::WRONG_LENGTH,
            format!("{subject} must have at most {max} characters, and has {length}"),
            None,
        ),
        TypeError::TooFew { min } => {
            let elements = count(*min as usize, "element");
            (&rules::WRONG_LENGTH, format!("{subject} must have at least {elements}"), None)
        }
        TypeError::Malformed(pattern) | TypeError::MalformedName(pattern) => (
            &rules::MALFORMED_VALUE,
            format!("{subject} must be {}", pattern.words),
            without_odd_quotes(value)
                .or_else(|| suggest::respelling(&value, pattern).map(|text| format!("write {text:?}"))),
        ),
        TypeError::UnknownWord(words) => {
            let near = value.as_str().and_then(|text| suggest(&text, words.iter().copied()));
            (&rules::UNKNOWN_VALUE, must(suggest::one_of(words)), near.map(did_you_mean))
        }
        TypeError::NotTimestamp => (
            &rules::MALFORMED_VALUE,
            format!("{subject} must be a date and time with an offset"),
            Some("write it like \"2021-07-27T12:00:00.000Z\"".to_owned()),
        ),
        TypeError::Missing { field, object } => return missing(pointer, value, field, object),
        TypeError::NoObject(_) => (
            &rules::WRONG_TYPE,
            format!("{subject} must be an object, not {}", value.kind().with_article()),
            None,
        ),
        TypeError::NoKind(object) => {
            let kind = object.fields.iter().find_map(|field| match field.shape {
                Shape::Word(words) => Some(format!("\"{}\": {}", field.name, suggest::one_of(words))),
                _ => None,
            });
            (
                &rules::MISSING_FIELD,
                format!("{subject} must have {}, in exactly this spelling", kind.unwrap_or_default()),
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
                &rules::WRONG_TYPE,
                format!("{subject} must be {}, not {}", kinds.join(" or "), value.kind().with_article()),
                union.members.iter().find_map(|member| suggest::right_type(&value, member)),
            )
        }
        TypeError::TooDeep => {
            (&rules::TOO_DEEP, "groups are nested deeper than milepost reads".to_owned(), None)
        }
    };
    TypeWords { rule, message, help }
}

fn ignored_words(
    checker: &Checker<'_>,
    pointer: &Pointer,
    value: Value<'_>,
    ignored: &Ignored,
) -> (Effect, TypeWords) {
    let subject = subject(pointer);
    let found = excerpt(&value);
    let (rule, message, help) = match ignored {
        Ignored::RemovedValue(removed) => return removed_field(checker, removed, false),
        Ignored::UnknownField(object) => return unknown_field(checker, pointer, value, object),
        Ignored::ResponseOnly(name) => {
            let message = format!("the server fills in `{name}` and ignores it in a definition");
            let help = Some("remove it".to_owned());
            return (Effect::Style, TypeWords { rule: &rules::RESPONSE_FIELD, message, help });
        }
        Ignored::NewerField { since } => (
            &rules::NEWER_FIELD,
            format!("only Marathon 1.{since} and later know {subject}; older releases ignore it"),
            "remove it, or check for a newer Marathon with --target".to_owned(),
        ),
        Ignored::ReadAsEmpty(object) => {
            let what = suggest::article(object.name);
            (
                &rules::READ_AS_DEFAULTS,
                format!("Marathon reads {found} as `{{}}` here: {what} with only defaults"),
                format!("write an object, or leave {subject} out"),
            )
        }
        Ignored::DefaultInstead(shape) => (
            &rules::READ_AS_DEFAULTS,
            format!("{subject} is {found}, which Marathon silently replaces by the default"),
            format!("write {}", what(shape)),
        ),
        Ignored::AnyString { instead } => (
            &rules::READ_AS_DEFAULTS,
            format!("Marathon reads any string here as \"{instead}\", even {found}"),
            format!("write \"{instead}\" if you mean that, or an object"),
        ),
        Ignored::Overridden => (
            &rules::DUPLICATE_KEY,
            format!("{subject} appears again below; Marathon uses the last one and ignores this one"),
            "remove one of them".to_owned(),
        ),
    };
    (Effect::Ignored, TypeWords { rule, message, help: Some(help) })
}

/// What to do about a text that has typographic quotes around it.
fn without_odd_quotes(value: Value<'_>) -> Option<String> {
    let text = value.as_str()?;
    let quote = text.chars().next().filter(|first| is_odd_quote(*first))?;
    Some(format!("remove `{quote}` (U+{:04X}), a typographic quote, or write a plain one", u32::from(quote)))
}

fn missing(pointer: &Pointer, value: Value<'_>, field: &str, object: &ObjectShape) -> TypeWords {
    let owner = pointer.parent().map(|(parent, _)| parent).filter(|parent| !parent.steps().is_empty());
    let whose = owner.map_or_else(|| format!("this {}", object.name.to_lowercase()), |owner| subject(&owner));
    let message = match value.kind() {
        Type::Object => format!("{whose} lacks `{field}`"),
        other => format!("{whose} must be an object with `{field}`, not {}", other.with_article()),
    };
    let help = suggest::shift(&value, field, object).or_else(|| Some(format!("add \"{field}\"")));
    TypeWords { rule: &rules::MISSING_FIELD, message, help }
}

/// A field that later releases do not know. Up to the last release that does it is only deprecated.
fn removed_field(checker: &Checker<'_>, removed: &Removed, is_void: bool) -> (Effect, TypeWords) {
    let Removed { field, last, instead, .. } = removed;
    let help = Some(if is_void { "remove it" } else { instead }.to_owned());
    let (effect, message) = match (checker.knows(removed), is_void) {
        (_, true) => {
            (Effect::Style, format!("Marathon ignores `{field}`: the last release with it is {last}"))
        }
        (true, _) => {
            (Effect::Deprecated, format!("later releases ignore `{field}`: the last one with it is {last}"))
        }
        (false, _) => {
            (Effect::Ignored, format!("Marathon ignores `{field}`: the last release with it is {last}"))
        }
    };
    (effect, TypeWords { rule: &rules::REMOVED_FIELD, message, help })
}

fn unknown_field(
    checker: &Checker<'_>,
    pointer: &Pointer,
    key: Value<'_>,
    object: &'static ObjectShape,
) -> (Effect, TypeWords) {
    let name = key.as_str().unwrap_or_default();
    // Servers of earlier releases answer with empty ones, and an empty one asks for nothing.
    let member = key.at_place(key.node_id() + 1);
    let is_void = suggest::is_void(member);
    let mut parent = pointer.parent().map(|(parent, _)| parent).unwrap_or_default();
    if let Some(removed) = Removed::find(object.meant().name, &name, None) {
        return removed_field(checker, removed, is_void);
    }
    if object.meant().response_only.contains(&&*name) {
        let message =
            format!("`{name}` comes from a server's answer, and Marathon ignores it in a definition");
        let help = Some("remove it".to_owned());
        return (Effect::Style, TypeWords { rule: &rules::RESPONSE_FIELD, message, help });
    }
    let definition = checker.definition().map_or(object, |definition| definition.shape);
    let meaning = suggest::meaning(definition, (&name, member), object, &checker.dotted_parent());
    while matches!(parent.steps().last(), Some(Step::Index(_))) {
        parent = parent.parent().map(|(parent, _)| parent).unwrap_or_default();
    }
    let place = if checker.is_at_top() { String::new() } else { format!(" in {}", subject(&parent)) };
    let mut message = format!("Marathon knows no field `{name}`{place}: it is ignored");
    let (effect, help) = match meaning {
        Meaning::Note => {
            message =
                format!("Marathon ignores `{name}`{place}, which looks like a note or a field switched off");
            (Effect::Style, Cow::Borrowed("remove it when nothing needs it any more"))
        }
        Meaning::Fact(help) => (Effect::Risky, help.into()),
        Meaning::Field(right) => (Effect::Ignored, did_you_mean(right).into()),
        Meaning::Hint(help) => (Effect::Ignored, help),
        Meaning::Unknown if is_void => (Effect::Ignored, "remove it".into()),
        Meaning::Unknown => (Effect::Ignored, "remove it, or correct its name".into()),
    };
    let help = match checker.owner() {
        Some(owner) if suggest::is_there(&help, &name, owner, checker.definition()) => {
            let field = help.split('`').nth(1).unwrap_or_default();
            let field = if help.starts_with("did") { field.to_owned() } else { format!("{field}.{name}") };
            format!("remove it, or correct its name: `{field}` is there already").into()
        }
        _ => help,
    };
    if let Some(space) = name.chars().find_map(odd_space) {
        message = format!("`{}`{place} is ignored: its name has {space}", name.trim());
    }
    let effect = if is_void { Effect::Style } else { effect };
    (effect, TypeWords { rule: &rules::UNKNOWN_FIELD, message, help: Some(help.into_owned()) })
}

fn did_you_mean(name: impl fmt::Display) -> String {
    format!("did you mean `{name}`?")
}

/// What a message calls the value at `pointer`: its last name, with the indices that follow it.
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

fn interval(min: Option<Bound>, max: Option<Bound>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("between {min} and {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => "a number".to_owned(),
    }
}

/// A value as a message quotes it: only if it is short. Long ones may hold secrets, and do not help.
fn excerpt(value: &Value<'_>) -> String {
    let source = value.source();
    match value.kind() {
        Type::Array | Type::Object => value.kind().with_article().to_owned(),
        _ if source.chars().count() <= 40 && !source.contains('\n') => source.to_owned(),
        _ => value.kind().with_article().to_owned(),
    }
}
