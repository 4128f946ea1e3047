//! Hides secrets in a tree, where the path of a text says what it is.

use serde_json::Value as Json;

use super::name::{is_masked_name, is_open};
use super::scan::{Kind, secrets_in};
use super::sign;

/// Hides the secrets in a value at the path of these names; elements of lists have the empty name. `cover` stands for each
/// secret; whether there is any.
pub(crate) fn conceal(value: &mut Json, path: &[String], cover: &str) -> bool {
    let holder = path.last().map_or("", String::as_str);
    let parent = path.len().checked_sub(2).map_or("", |at| path[at].as_str());
    let is_secret =
        path.iter().any(|name| is_masked_name(name)) && !path.iter().any(|name| is_reference(name));
    let start =
        Place { name: holder.to_owned(), is_variable: has_variables(parent), is_secret, is_parameter: false };
    let is_in_parameters = path.len() >= 3 && path[path.len() - 3] == "parameters" && holder == "value";
    let start = Place { is_parameter: is_in_parameters, ..start };
    let mut found = false;
    // With a stack of its own: a server's answer may be nested deeply.
    let mut open: Vec<(&mut Json, Place)> = vec![(value, start)];
    while let Some((value, place)) = open.pop() {
        match value {
            Json::String(text) => found |= conceal_text(text, &place, cover),
            Json::Array(elements) => {
                conceal_options(elements, cover, &mut found);
                let name = if place.name == "parameters" { "parameters" } else { "" };
                let below = Place { name: name.to_owned(), is_variable: false, is_parameter: false, ..place };
                open.extend(elements.iter_mut().map(|element| (element, below.clone())));
            }
            Json::Object(members) => {
                let named = ["name", "key", "Name", "Key"].iter().find_map(|key| members.get(*key)?.as_str());
                let is_pair = named.is_some_and(is_masked_name);
                let is_parameter = place.name == "parameters";
                let has_variables = has_variables(&place.name);
                for (name, member) in members.iter_mut() {
                    let is_value = matches!(name.as_str(), "value" | "Value");
                    let is_secret = (place.is_secret && !is_reference(name))
                        || is_masked_name(name)
                        || (is_pair && is_value);
                    let below = Place {
                        name: name.clone(),
                        is_variable: has_variables,
                        is_secret,
                        is_parameter: is_parameter && is_value,
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
struct Place {
    /// The name of the member; of an element of a list the empty one.
    name: String,
    /// It is a variable or a label.
    is_variable: bool,
    /// It is, or is in, the value of a secret's name.
    is_secret: bool,
    /// It is the value of a parameter of `docker run`.
    is_parameter: bool,
}

fn conceal_text(text: &mut String, place: &Place, cover: &str) -> bool {
    let is_named = place.is_secret && !is_open(&place.name, text);
    if is_named || (place.is_variable && sign(&place.name, text).is_some_and(|sign| sign != super::Sign::Uri))
    {
        cover.clone_into(text);
        return true;
    }
    if place.is_parameter
        && let Some((name, value)) = text.split_once('=')
        && (sign(name, value).is_some() || (is_masked_name(name) && !is_open(name, value)))
    {
        text.replace_range(name.len() + 1.., cover);
        return true;
    }
    let places = secrets_in(text, Kind::File);
    let found = !places.is_empty();
    places.into_iter().rev().for_each(|range| text.replace_range(range, cover));
    found
}

/// `["--password", "letmein"]`: the element after an option that takes a secret.
fn conceal_options(elements: &mut [Json], cover: &str, found: &mut bool) {
    for at in 1..elements.len() {
        let (before, after) = elements.split_at_mut(at);
        let option =
            before[at - 1].as_str().filter(|option| option.starts_with('-') && is_masked_name(option));
        if let (Some(option), Json::String(value)) = (option, &mut after[0])
            && !value.starts_with('-')
            && !is_open(option, value)
        {
            cover.clone_into(value);
            *found = true;
        }
    }
}

fn has_variables(name: &str) -> bool {
    matches!(name, "env" | "environment" | "labels")
}

/// Members that say where a secret is.
fn is_reference(name: &str) -> bool {
    matches!(name, "secret" | "source" | "secretKeyRef" | "valueFrom")
}
