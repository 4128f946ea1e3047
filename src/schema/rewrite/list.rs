//! A single value in place of a list of such values: `"networks": "dcos"`, `"constraints": "hostname:UNIQUE"`.

use serde_json::{Value as Json, json};

use crate::finding::{Change, Fix};
use crate::schema::check::{Checker, fits_fully};
use crate::schema::pattern;
use crate::schema::shape::Shape;
use crate::source::{Type, Value};

use super::{Rewritten, is_operator, pod_constraint, words_of_pod};

/// The list that a single value stands for; `items` is what the list holds.
pub(super) fn of_one(checker: &Checker<'_>, value: Value<'_>, items: &'static Shape) -> Option<Rewritten> {
    let is = |name: &str| checker.member().is_some_and(|(key, _)| key.is_str(name));
    let of_words = |words: Vec<String>| match items {
        Shape::Object(_) => pod_constraint(&words).map(|constraint| json!([constraint])),
        _ => Some(json!([words])),
    };
    let text = value.as_str();
    let list = match &text {
        Some(text) if is("constraints") => constraint_words(text).and_then(of_words),
        Some(text) if is("networks") => network(text).map(|network| json!([network])),
        Some(text) if is("args") || is("argv") => return Some(arguments(value, text)),
        None if is("constraints") => words_of_pod(value).and_then(of_words),
        _ => None,
    };
    list.map(|list| Rewritten::replaced(value, list)).or_else(|| in_brackets(value, items))
}

/// A constraint as one text: `hostname:UNIQUE`, `hostname LIKE a.*`.
pub(super) fn constraint_words(text: &str) -> Option<Vec<String>> {
    [':', ' ', ','].into_iter().find_map(|separator| {
        let words = text.trim().splitn(3, separator).map(|word| word.trim().to_owned());
        let words: Vec<String> = words.collect();
        let is_constraint = words.len() >= 2 && is_operator(&words[1]) && !words.iter().any(String::is_empty);
        is_constraint.then_some(words)
    })
}

/// A network as one word, which is a mode or the name of a container network. Docker's `none` is neither.
pub(super) fn network(text: &str) -> Option<Json> {
    let mode = match text.to_ascii_lowercase().as_str() {
        "none" => return None,
        "bridge" | "container/bridge" => "container/bridge",
        "host" | "container/host" => "host",
        "user" | "container" => "container",
        _ => {
            let is_name = (pattern::NETWORK_NAME.matches)(text);
            return is_name.then(|| json!({ "mode": "container", "name": text }));
        }
    };
    Some(json!({ "mode": mode }))
}

/// Arguments as one text. Where only a shell would know how to part them, there is no fix.
fn arguments(value: Value<'_>, text: &str) -> Rewritten {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || "-_./:=,@%+".contains(c);
    if words.is_empty() || !text.chars().all(is_plain) {
        let help = "write a list with an element for each argument, which no shell sees";
        return Rewritten::help(help.to_owned(), None);
    }
    let Rewritten { help, fix, .. } = Rewritten::replaced(value, json!(words));
    let fix = fix.map(|fix| Fix::unsafe_(fix.title, fix.changes));
    Rewritten { message: None, place: None, help, fix }
}

/// The value in brackets, where the list takes it. A value of several lines keeps them, and its comments.
fn in_brackets(value: Value<'_>, items: &'static Shape) -> Option<Rewritten> {
    let is_one = matches!(value.kind(), Type::String | Type::Number | Type::Object);
    if !is_one || !fits_fully(value, items) {
        return None;
    }
    let fix = (!value.source().contains('\n'))
        .then(|| Fix::safe("put it in brackets", [Change::replace(value, json!([value.to_json()]))]));
    Some(Rewritten::help("put it in brackets: `[…]`".to_owned(), fix))
}
