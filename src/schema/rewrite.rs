//! Values in another form than their field's: a text for an object with one main field, a list of pairs for a map, one
//! constraint for a list of constraints. What to write instead, from the value itself.

mod list;
mod short;

use std::ops::Range;

use serde_json::{Map, Value as Json, json};

use crate::finding::{Change, Fix};
use crate::source::{Pointer, Type, Value};

use super::check::{Checker, fits};
use super::fixes;
use super::pattern;
use super::shape::{ObjectShape, Shape};
use super::type_error::{Ignored, TypeError};

/// What a finding says where the right form is known.
pub(super) struct Rewritten {
    /// A better message.
    pub(super) message: Option<String>,
    /// A better place: the pointer and the bytes to underline.
    pub(super) place: Option<(Pointer, Range<usize>)>,
    pub(super) help: Option<String>,
    pub(super) fix: Option<Box<Fix>>,
}

impl Rewritten {
    fn help(help: String, fix: Option<Box<Fix>>) -> Self {
        Self { message: None, place: None, help: Some(help), fix }
    }

    /// For a value that is replaced by `with`.
    fn replaced(value: Value<'_>, with: Json) -> Self {
        let help = format!("write {}", shown(&with));
        Self::help(help.clone(), Some(Fix::safe(help, [Change::replace(value, with)])))
    }
}

/// The field that a bare value stands for, per type, and the type of that value.
const MAIN_FIELDS: &[(&str, &str, Type)] = &[
    ("AppCommandCheck", "value", Type::String),
    ("ShellCommand", "shell", Type::String),
    ("ArgvCommand", "argv", Type::Array),
    ("Artifact", "uri", Type::String),
    ("SecretDef", "source", Type::String),
    ("DockerPullConfig", "secret", Type::String),
    ("DockerContainer", "image", Type::String),
    ("Image", "id", Type::String),
    ("Network", "mode", Type::String),
    ("PortDefinition", "port", Type::Number),
    ("ContainerPortMapping", "containerPort", Type::Number),
];

/// The right form of a value that Marathon rejects; nothing where it is not known.
pub(super) fn rejected(checker: &Checker<'_>, value: Value<'_>, error: &TypeError<'_>) -> Option<Rewritten> {
    // The name is looked up for few errors only: it takes as long as the object has members.
    if matches!(
        error,
        TypeError::WrongType(Shape::Double { .. } | Shape::Integer { .. }) | TypeError::TooLarge { .. }
    ) && let Some((key, _)) = checker.member()
        && let Some(number) = short::number(&key.as_str()?, value, error)
    {
        return Some(number);
    }
    match (error, value.kind()) {
        (TypeError::WrongType(Shape::Text { .. }), Type::Array) => {
            renamed(checker, value, [("cmd", "args"), ("shell", "argv")])
        }
        (TypeError::WrongType(Shape::List { items: Shape::Text { .. }, .. }), Type::String)
            if checker.listed().is_some() =>
        {
            flat_constraint(checker).or_else(|| text_constraint(checker, value))
        }
        (TypeError::WrongType(Shape::List { items, .. }), Type::String) => {
            renamed(checker, value, [("argv", "shell")]).or_else(|| list::of_one(checker, value, items))
        }
        (TypeError::WrongType(Shape::List { items: Shape::Text { .. }, .. }), Type::Object) => {
            constraint_of_pod(value)
        }
        (TypeError::WrongType(Shape::List { items: Shape::Object(object), .. }), Type::Object)
            if object.name == "DockerParameter" && value.get("key").is_none() =>
        {
            parameters(value)
        }
        (TypeError::WrongType(Shape::List { items, .. }), Type::Object | Type::Number) => {
            list::of_one(checker, value, items)
        }
        (TypeError::WrongType(Shape::Map { .. }), Type::Array | Type::String) => map(value),
        (TypeError::NoObject(object) | TypeError::Missing { object, .. }, Type::String)
            if object.name == "Constraint" =>
        {
            let words = list::constraint_words(&value.as_str()?)?;
            pod_constraint(&words).map(|with| Rewritten::replaced(value, with))
        }
        (TypeError::UnknownWord(_), Type::String) => network(checker, value, error),
        (TypeError::NoObject(object), Type::Array) if object.name == "Constraint" => constraint_of_app(value),
        (TypeError::Missing { object, .. }, Type::Array) if object.name == "Constraint" => {
            constraint_of_app(value)
        }
        (TypeError::NoAlternative(union), _) => {
            union.members.iter().filter_map(object_of).find_map(|object| main_field(value, object))
        }
        (TypeError::WrongType(shape), _) => main_field(value, object_of(shape)?),
        (TypeError::Missing { object, .. } | TypeError::NoKind(object) | TypeError::NoObject(object), _) => {
            main_field(value, object)
        }
        _ => None,
    }
}

/// The right form of a value that Marathon reads as an object of defaults. That it has an effect then is a change.
pub(super) fn ignored(value: Value<'_>, ignored: &Ignored) -> Option<Rewritten> {
    let Ignored::ReadAsEmpty(object) = ignored else { return None };
    let Rewritten { help, fix, .. } = main_field(value, object)?;
    let fix = fix.map(|fix| Fix::unsafe_(fix.title, fix.changes));
    Some(Rewritten { message: None, place: None, help, fix })
}

fn object_of(shape: &'static Shape) -> Option<&'static ObjectShape> {
    if let Shape::Object(object) = shape { Some(object) } else { None }
}

/// The object with a bare value in its main field.
fn main_field(value: Value<'_>, object: &'static ObjectShape) -> Option<Rewritten> {
    if let Some(short) = short::object(value, object) {
        return Some(short);
    }
    let (_, field, _) =
        MAIN_FIELDS.iter().find(|(model, _, kind)| *model == object.name && *kind == value.kind())?;
    let shape = &object.fields[object.position(field)?].shape;
    if object.name == "Network" {
        return list::network(&value.as_str()?).map(|with| Rewritten::replaced(value, with));
    }
    if !fits(value, shape) {
        return None;
    }
    let mut with = Map::new();
    if object.name == "Image" {
        with.insert("kind".to_owned(), "DOCKER".into());
    }
    with.insert((*field).to_owned(), value.to_json());
    Some(Rewritten::replaced(value, with.into()))
}

/// A member that has the value of another one, which is absent.
fn renamed<const N: usize>(
    checker: &Checker<'_>,
    value: Value<'_>,
    names: [(&str, &str); N],
) -> Option<Rewritten> {
    let (key, _) = checker.member()?;
    let (_, right) = names.into_iter().find(|(wrong, _)| key.is_str(wrong))?;
    let are_texts = value.elements().all(|element| element.kind() == Type::String);
    let what = if value.kind() == Type::Array { "an array" } else { "a command line" };
    let is_free = checker.owner()?.get(right).is_none();
    let fix = (is_free && are_texts)
        .then(|| Fix::safe(format!("rename it to `{right}`"), [Change::rename(key, right)]));
    Some(Rewritten::help(format!("{what} is `{right}`: rename the field"), fix))
}

/// `["hostname", "UNIQUE"]` in place of `[["hostname", "UNIQUE"]]`: one finding for all words.
fn flat_constraint(checker: &Checker<'_>) -> Option<Rewritten> {
    let (_, key, list) = checker.listed()?;
    let words: Vec<_> = list.elements().map(|word| word.as_str()).collect::<Option<_>>()?;
    if !key.is_str("constraints") || !(2..=3).contains(&words.len()) || !is_operator(&words[1]) {
        return None;
    }
    let (place, _) = checker.pointer().parent()?;
    let Rewritten { help, fix, .. } = Rewritten::replaced(list, json!([words]));
    Some(Rewritten {
        message: Some("`constraints` must be an array of arrays, one for each constraint".to_owned()),
        place: Some((place, list.first_line())),
        help,
        fix,
    })
}

fn is_operator(word: &str) -> bool {
    ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"]
        .contains(&&*word.to_ascii_uppercase())
}

/// `{"fieldName": …, "operator": …}`, as pods have it, for `[…]`.
fn constraint_of_pod(value: Value<'_>) -> Option<Rewritten> {
    words_of_pod(value).map(|words| Rewritten::replaced(value, json!(words)))
}

/// The words of a constraint as pods have it.
fn words_of_pod(value: Value<'_>) -> Option<Vec<String>> {
    // `field` is what Marathon's own documentation calls the first word.
    let name = if value.get("field").is_some() { "field" } else { "fieldName" };
    let fields = [name, "operator", "value"];
    let has_others = value.members().any(|(key, _)| !fields.iter().any(|field| key.is_str(field)));
    let words: Vec<String> =
        fields.iter().filter_map(|field| value.get(field)?.as_str()).map(Into::into).collect();
    let is_whole = !has_others && words.len() == value.members().count() && words.len() >= 2;
    is_whole.then_some(words)
}

/// `["hostname", "UNIQUE"]`, as apps have it, for `{…}`.
fn constraint_of_app(value: Value<'_>) -> Option<Rewritten> {
    let word = |word: Value<'_>| word.as_str().map(Into::into);
    let words: Vec<String> = value.elements().map(word).collect::<Option<_>>()?;
    pod_constraint(&words).map(|with| Rewritten::replaced(value, with))
}

/// The words of a constraint as pods have it; nothing where they are none.
fn pod_constraint(words: &[String]) -> Option<Json> {
    let ([name, operator] | [name, operator, _]) = words else { return None };
    if !is_operator(operator) {
        return None;
    }
    let mut with = json!({ "fieldName": name, "operator": operator });
    if let Some(text) = words.get(2) {
        with["value"] = text.as_str().into();
    }
    Some(with)
}

/// `"hostname:UNIQUE"` in place of `["hostname", "UNIQUE"]`.
fn text_constraint(checker: &Checker<'_>, value: Value<'_>) -> Option<Rewritten> {
    let (_, key, _) = checker.listed()?;
    let words = key.is_str("constraints").then(|| value.as_str()).flatten();
    list::constraint_words(&words?).map(|words| Rewritten::replaced(value, json!(words)))
}

/// `{"hostname": "web"}` in place of `[{"key": "hostname", "value": "web"}]`.
fn parameters(value: Value<'_>) -> Option<Rewritten> {
    let parameter =
        |(key, value): (Value<'_>, Value<'_>)| Some(json!({ "key": key.as_str()?, "value": scalar(value)? }));
    let all: Vec<Json> = value.members().map(parameter).collect::<Option<_>>()?;
    (!all.is_empty() && value.get("key").is_none()).then(|| Rewritten::replaced(value, all.into()))
}

/// `["A=1"]`, `[{"name": "A", "value": "1"}]` or `"A=1"` in place of `{"A": "1"}`.
fn map(value: Value<'_>) -> Option<Rewritten> {
    let mut all = Map::new();
    let alone = Some(value).filter(|value| value.kind() == Type::String);
    for element in value.elements().chain(alone) {
        let (name, text) = match element.kind() {
            Type::String => {
                let pair = element.as_str()?;
                let (name, text) = pair.split_once('=')?;
                (name.to_owned(), text.to_owned())
            }
            Type::Object => pair(element)?,
            _ => return None,
        };
        if name.is_empty() || all.insert(name, text.into()).is_some() {
            return None;
        }
    }
    if all.is_empty() {
        return Some(Rewritten::replaced(value, json!({})));
    }
    // Values may be secrets.
    let first = all.iter().next().map(|(name, value)| {
        let text = value.as_str().unwrap_or_default();
        (name.clone(), if text.len() <= 3 { value.clone() } else { "…".into() })
    });
    let dots = if all.len() > 1 { ", …" } else { "" };
    let shown = shown(&Json::Object(first.into_iter().collect()));
    let help = format!("write {}{dots}}}", shown.trim_end_matches('}'));
    let fix = Fix::safe("write it as an object", [Change::replace(value, Json::Object(all))]);
    Some(Rewritten::help(help, Some(fix)))
}

/// The name and the value of `{"name": "A", "value": "1"}`, or of `{"A": "1"}`.
fn pair(element: Value<'_>) -> Option<(String, String)> {
    let count = element.members().count();
    let name = element.get("name").or_else(|| element.get("key"));
    if let (2, Some(name), Some(value)) = (count, name, element.get("value")) {
        return Some((name.as_str()?.into_owned(), scalar(value)?));
    }
    let (key, value) = element.members().next().filter(|_| count == 1)?;
    Some((key.as_str()?.into_owned(), scalar(value)?))
}

/// A string, or the spelling of a number or boolean.
fn scalar(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Type::String => value.as_str().map(Into::into),
        Type::Number | Type::Boolean => Some(value.source().to_owned()),
        _ => None,
    }
}

/// The name of a network where its mode is said.
fn network(checker: &Checker<'_>, value: Value<'_>, error: &TypeError<'_>) -> Option<Rewritten> {
    if fixes::rejected(value, error).is_some() {
        return None;
    }
    let (key, _) = checker.member()?;
    let owner = checker.owner()?;
    let name = value.as_str().filter(|name| (pattern::NETWORK_NAME.matches)(name))?;
    if key.is_str("network") {
        let help = shown(&json!([{ "mode": "container", "name": name }]));
        return Some(Rewritten::help(format!("write \"networks\": {help} at the top of the app"), None));
    }
    if !key.is_str("mode") || owner.members().count() != 1 {
        return None;
    }
    let with = json!({ "mode": "container", "name": name });
    let help = format!("write {}", shown(&with));
    Some(Rewritten::help(help.clone(), Some(Fix::unsafe_(help, [Change::replace(owner, with)]))))
}

/// A value as a help quotes it: `{"a": "b"}`. Long texts are cut.
fn shown(value: &Json) -> String {
    const LONGEST: usize = 40;
    match value {
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Json::from(name.as_str()), shown(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Json::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(shown).collect();
            format!("[{}]", elements.join(", "))
        }
        Json::String(text) if text.chars().count() > LONGEST => "\"…\"".to_owned(),
        other => other.to_string(),
    }
}
