//! Hides secrets in a tree, where the path of a text says what it is.

use std::ops::Range;

use serde_json::Value as Json;

use super::client;
use super::command;
use super::name::{is_masked_name, is_open, secret_part, uri_name};
use super::scan::{TextKind, secrets_in};
use super::sign;

/// How many elements of a list are looked at for the program that an option is for.
const MOST_WORDS: usize = 64;

/// Hides the secrets in a value at the path of these names; elements of lists have the empty name. `cover` stands for each
/// secret; whether there is any.
pub(crate) fn conceal(value: &mut Json, path: &[String], cover: &str) -> bool {
    let holder = path.last().map_or("", String::as_str);
    let parent = path.len().checked_sub(2).map_or("", |at| path[at].as_str());
    let is_secret = path.iter().any(|name| is_masked_name(name))
        && (!path.iter().any(|name| is_reference(name)) || (is_credential(parent) && holder == "secret"));
    let start = SecretPlace {
        name: holder.to_owned(),
        is_variable: has_variables(parent),
        is_secret,
        is_below_secrets: parent == "secrets",
        is_parameter: false,
        pair: None,
    };
    let is_in_parameters = path.len() >= 3 && path[path.len() - 3] == "parameters" && holder == "value";
    let start = SecretPlace { is_parameter: is_in_parameters, ..start };
    let mut found = false;
    // With a stack of its own: a server's answer may be nested deeply.
    let mut open: Vec<(&mut Json, SecretPlace)> = vec![(value, start)];
    while let Some((value, place)) = open.pop() {
        match value {
            Json::String(text) => found |= conceal_text(text, &place, cover),
            Json::Array(elements) => {
                conceal_options(elements, cover, &mut found);
                let name = if place.name == "parameters" { "parameters" } else { "" };
                let below = SecretPlace {
                    name: name.to_owned(),
                    is_variable: false,
                    is_below_secrets: place.name == "secrets",
                    is_parameter: false,
                    pair: None,
                    ..place
                };
                open.extend(elements.iter_mut().map(|element| (element, below.clone())));
            }
            Json::Object(members) => {
                let named = ["name", "key", "Name", "Key"].iter().find_map(|key| members.get(*key)?.as_str());
                let named =
                    named.filter(|name| is_masked_name(name) || uri_name(name).is_some()).map(str::to_owned);
                let is_credential = !place.is_variable && is_credential(&place.name);
                let is_parameter = place.name == "parameters";
                let has_variables = has_variables(&place.name);
                let is_secrets = place.name == "secrets" && !place.is_variable;
                for (name, member) in members.iter_mut() {
                    let is_value = matches!(name.as_str(), "value" | "Value");
                    let is_secret =
                        (place.is_secret && (is_credential || !is_reference(name))) || is_masked_name(name);
                    let below = SecretPlace {
                        name: name.clone(),
                        is_variable: has_variables,
                        is_secret,
                        is_below_secrets: is_secrets,
                        is_parameter: is_parameter && is_value,
                        pair: named.clone().filter(|_| is_value),
                    };
                    open.push((member, below));
                }
            }
            _ => {}
        }
    }
    found
}

/// Where a value is.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is decided by itself, by the path")]
struct SecretPlace {
    /// The name of the member; of an element of a list the empty one.
    name: String,
    /// It is a variable or a label.
    is_variable: bool,
    /// It is, or is in, the value of a secret's name.
    is_secret: bool,
    /// It is directly in the value of `secrets`, where a text is a secret and an object says where one is.
    is_below_secrets: bool,
    /// It is the value of a parameter of `docker run`.
    is_parameter: bool,
    /// The name of its pair, where that is a secret's.
    pair: Option<String>,
}

fn conceal_text(text: &mut String, place: &SecretPlace, cover: &str) -> bool {
    let is_below = place.is_below_secrets && !is_open("PASSWORD", text);
    let is_named = (place.is_secret && !is_open(&place.name, text)) || is_below;
    if is_named || (place.is_variable && sign(&place.name, text).is_some()) {
        cover.clone_into(text);
        return true;
    }
    let name = place.pair.as_deref().unwrap_or(&place.name);
    if let Some(part) = secret_part(name, text) {
        text.replace_range(part, cover);
        return true;
    }
    // A name has no blanks: what has is a command, whose options are looked for below.
    if place.is_parameter
        && let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.contains(' '))
    {
        let start = name.len() + 1;
        if sign(name, value).is_some() {
            text.replace_range(start.., cover);
            return true;
        }
        if let Some(part) = secret_part(name, value) {
            text.replace_range(start + part.start..start + part.end, cover);
            return true;
        }
    }
    let places = secrets_in(text, TextKind::File);
    let found = !places.is_empty();
    places.into_iter().rev().for_each(|range| text.replace_range(range, cover));
    found
}

/// `["--password", "letmein"]`, `["mysql", "-pletmein"]`: elements that an option makes a secret.
fn conceal_options(elements: &mut [Json], cover: &str, found: &mut bool) {
    for at in 1..elements.len() {
        if let Some(part) = secret_of_element(elements, at)
            && let Json::String(value) = &mut elements[at]
        {
            value.replace_range(part, cover);
            *found = true;
        }
    }
}

/// Whether an element of a list has a secret that only the elements before it tell.
pub(crate) fn is_secret_element(elements: &[Json], at: usize) -> bool {
    at < elements.len() && secret_of_element(elements, at).is_some()
}

fn secret_of_element(elements: &[Json], at: usize) -> Option<Range<usize>> {
    let value = elements[at].as_str()?;
    let taken = |at: usize| {
        let option = elements[at].as_str().filter(|option| client::may_be_option(option))?;
        // The program is near.
        let before = elements[at.saturating_sub(MOST_WORDS)..at].iter().rev().filter_map(Json::as_str);
        client::taken(option, before)
    };
    if let Some(taken) = taken(at).filter(|taken| taken.is_attached) {
        let part = client::password(taken, value.get(2..)?)?;
        return Some(part.start + 2..part.end + 2);
    }
    let before =
        |at: usize| elements[at.saturating_sub(MOST_WORDS)..at].iter().rev().filter_map(Json::as_str);
    if let Some((option, key)) = value.split_once('=').filter(|_| value.starts_with('-'))
        && command::may_be_key_option(option)
        && command::takes_key(option, before(at))
    {
        return command::is_key(key).then_some(option.len() + 1..value.len());
    }
    let option = elements[at.checked_sub(1)?].as_str()?;
    if let Some(taken) = taken(at - 1).filter(|taken| !taken.is_attached) {
        return client::password(taken, value);
    }
    if command::may_be_key_option(option) && command::takes_key(option, before(at - 1)) {
        return command::is_key(value).then_some(0..value.len());
    }
    if is_argument(elements, at) {
        return Some(0..value.len());
    }
    let is_named = option.starts_with('-') && is_masked_name(option);
    (is_named && !value.starts_with('-') && !is_open(option, value)).then_some(0..value.len())
}

/// Whether an element is the argument of a command such as `vault login`.
fn is_argument(elements: &[Json], at: usize) -> bool {
    let text = |at: usize| elements[at].as_str().unwrap_or_default();
    let first = at.saturating_sub(MOST_WORDS);
    let Some(verb) = (first..at).rev().find(|at| command::may_be_verb(text(*at))) else { return false };
    let last = elements.len().min(verb + MOST_WORDS);
    let after: Vec<&str> = (verb + 1..last).map(text).collect();
    let before = (first..verb).rev().map(text);
    command::argument(text(verb), before, &after) == Some(at - verb - 1)
}

fn has_variables(name: &str) -> bool {
    matches!(name, "env" | "environment" | "labels")
}

/// The member with the name and the secret of a registry's user.
pub(super) fn is_credential(name: &str) -> bool {
    matches!(name, "credential" | "credentials")
}

/// Members that say where a secret is, or who gives a token.
fn is_reference(name: &str) -> bool {
    matches!(name, "secret" | "source" | "secretKeyRef" | "valueFrom" | "issuer")
}
