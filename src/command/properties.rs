//! Properties on the command line, `cpus=0.5 env={"A":"b"}`, as a JSON object.

mod names;

use std::io::{self, IsTerminal as _};

use anyhow::bail;

use super::deploy::absolute;
use super::input::{Input, read_stdin};
use crate::schema::{Shape, shape_of};
use crate::source::json_text::quoted;
use crate::source::{Document, Format, Kind, LineIndex, Note, Position, Type};

pub(super) use names::are_fields;

/// The update that these properties make, or without any the JSON object on standard input.
///
/// # Errors
/// When a property or the text cannot be read, or nothing is given.
pub(super) fn read(properties: &[String], kind: Kind) -> anyhow::Result<Input> {
    if !properties.is_empty() {
        return Input::parse("properties", &object_of(properties, kind)?, Format::Json);
    }
    if io::stdin().is_terminal() {
        bail!("nothing to change: name properties (cpus=0.5), or pipe a JSON object in");
    }
    let text = read_stdin()?;
    if text.trim().is_empty() {
        bail!(
            "nothing to change: standard input is empty; name properties (cpus=0.5), or pipe a JSON object in"
        );
    }
    let input = Input::parse("-", &text, Format::Json)?;
    if let Some(start) = input.document.notes().iter().find_map(Note::trailing_start) {
        let Position { line, column, .. } = LineIndex::new(&text).position(&text, start);
        bail!(
            "-:{line}:{column}: Marathon reads the first value and ignores everything after it: send one object"
        );
    }
    if input.document.root().kind() != Type::Object {
        bail!("-: this is {}, and updates are objects", input.document.root().kind().with_article());
    }
    Ok(input)
}

/// Refuses an update whose text is the definition of something else than the command names.
///
/// # Errors
/// When it has another id.
pub(super) fn expect_id(update: &Input, id: &str) -> anyhow::Result<()> {
    let written = update.document.root().get("id");
    match written.and_then(|written| written.as_str()).map(|written| absolute(&written)) {
        Some(other) if other != id => bail!("{}: the definition is of {other}, not of {id}", update.name),
        _ => Ok(()),
    }
}

/// The text of the object. What is JSON keeps its spelling.
fn object_of(properties: &[String], kind: Kind) -> anyhow::Result<String> {
    let mut members: Vec<(&str, String)> = Vec::new();
    for property in properties {
        let Some((name, value)) = property.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            bail!("'{property}' is not a valid json-item: write NAME=VALUE");
        };
        if members.iter().any(|(other, _)| *other == name) {
            bail!("Key '{name}' was specified more than once");
        }
        members.push((name, json_of(value, is_text(kind, name))));
    }
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect();
    Ok(format!("{{{}}}", members.join(", ")))
}

/// Whether the values of a field are strings.
fn is_text(kind: Kind, name: &str) -> bool {
    let Shape::Object(object) = shape_of(kind) else { return false };
    object.position(name).is_some_and(|at| {
        matches!(object.fields[at].shape, Shape::Text { .. } | Shape::Word(_) | Shape::Timestamp)
    })
}

/// A value as JSON: what is JSON as it is written, other numbers and words of truth as such, anything else as a string.
fn json_of(value: &str, is_text: bool) -> String {
    let value = value.trim();
    let parsed = Document::parse(value, Format::Json).ok().filter(|document| !document.is_too_deep());
    match parsed.map(|document| document.root().kind()) {
        Some(Type::String | Type::Null) => return value.to_owned(),
        Some(_) if !is_text => return value.to_owned(),
        _ => {}
    }
    let unquoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(text) = unquoted.or(is_text.then_some(value)) {
        return quoted(text);
    }
    let lower = value.to_ascii_lowercase();
    if matches!(lower.as_str(), "true" | "false") {
        return lower;
    }
    let is_number = value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'));
    match value.parse::<f64>() {
        Ok(number) if is_number && number.is_finite() => number.to_string(),
        _ => quoted(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_types_of_their_fields() {
        for (property, json) in [
            ("cpus=0.10", r#"{"cpus": 0.10}"#),
            ("cpus=.5", r#"{"cpus": 0.5}"#),
            ("cpus=abc", r#"{"cpus": "abc"}"#),
            ("cmd=sleep 3600", r#"{"cmd": "sleep 3600"}"#),
            ("cmd=[ -f x ] && y", r#"{"cmd": "[ -f x ] && y"}"#),
            ("cmd=[1]", r#"{"cmd": "[1]"}"#),
            ("user=1000", r#"{"user": "1000"}"#),
            ("cmd=\"a b\"", r#"{"cmd": "a b"}"#),
            ("cmd='a=b'", r#"{"cmd": "a=b"}"#),
            ("user=null", r#"{"user": null}"#),
            ("requirePorts=True", r#"{"requirePorts": true}"#),
            (r#"env={"A":"c"}"#, r#"{"env": {"A":"c"}}"#),
            (r#"constraints=[["hostname","UNIQUE"]]"#, r#"{"constraints": [["hostname","UNIQUE"]]}"#),
            ("nosuchkey=http://x/y?a=b", r#"{"nosuchkey": "http://x/y?a=b"}"#),
            ("instances=9007199254740993", r#"{"instances": 9007199254740993}"#),
        ] {
            let made = object_of(&[property.to_owned()], Kind::App).expect("an object");
            assert_eq!(made, json, "{property}");
        }
    }

    #[test]
    fn what_is_no_property_is_named() {
        let error = |properties: &[&str]| {
            let properties: Vec<String> = properties.iter().map(|text| (*text).to_owned()).collect();
            object_of(&properties, Kind::App).expect_err("no object").to_string()
        };
        assert!(error(&["cpus"]).starts_with("'cpus' is not a valid json-item"));
        assert!(error(&["=1"]).starts_with("'=1' is not a valid json-item"));
        assert_eq!(error(&["cpus=1", "mem=1", "cpus=2"]), "Key 'cpus' was specified more than once");
    }
}
