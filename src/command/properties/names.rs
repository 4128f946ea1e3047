//! Names of NAME=VALUE that no update has: Marathon would accept and ignore them.

use super::super::Terminal;
use super::{json_of, object_of};
use crate::finding::Severity;
use crate::schema::{ObjectShape, Shape, check, shape_of};
use crate::secret_scan::sign;
use crate::source::json_text::quoted;
use crate::source::{Document, Format, Kind, Pointer};
use crate::target::Release;
use crate::util::escape::{on_one_line, shell_quoted};

/// Whether all of these can be changed. What cannot is told, unless the check of the whole update tells it as an error.
///
/// # Errors
/// When a property cannot be read, or standard error cannot be written.
pub(in super::super) fn are_fields(
    properties: &[String],
    kind: Kind,
    term: &mut Terminal,
) -> anyhow::Result<bool> {
    let Shape::Object(shape) = object(kind) else { return Ok(true) };
    let document = Document::parse(object_of(properties, kind)?, Format::Json)?;
    let errors = check(&document, kind, Release::LATEST);
    let is_told = |name: &str| {
        let pointer = Pointer::root().key(name);
        errors.iter().any(|found| found.pointer == pointer && found.severity() == Severity::Error)
    };
    let mut are_all = true;
    for (name, value) in properties.iter().filter_map(|property| property.split_once('=')) {
        if let Some(why) = why_not(name, value, shape, kind).filter(|_| !is_told(name)) {
            are_all = false;
            writeln!(term.err(), "error: {why}")?;
        }
    }
    if !are_all {
        writeln!(
            term.err(),
            "error: nothing was sent: Marathon would accept that and ignore it (--no-check sends it)"
        )?;
    }
    Ok(are_all)
}

/// What can be changed of a kind: of an app also its version, to which an update goes back.
fn object(kind: Kind) -> &'static Shape {
    match shape_of(if kind == Kind::App { Kind::Apps } else { kind }) {
        Shape::List { items, .. } => items,
        shape => shape,
    }
}

/// Why a name is not one that can be changed, and what to write instead.
fn why_not(name: &str, value: &str, shape: &'static ObjectShape, kind: Kind) -> Option<String> {
    let shown = on_one_line(name);
    let of_answer =
        |name: &str| Some(format!("`{name}` comes from a server's answer, and cannot be set: leave it out"));
    if shape.is_of_response(name) || shape.meant().response_only.contains(&name) {
        return of_answer(&shown);
    }
    if shape.position(name).is_some() {
        return None;
    }
    let a = if kind == Kind::Group { "a group" } else { "an app" };
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(name.len());
    let (field, rest) = name.split_at(end);
    let Some(at) = shape.position(field).filter(|_| !rest.is_empty()) else {
        return Some(format!("`{shown}` is no field of {a}: leave it out, or correct its name"));
    };
    if shape.is_of_response(field) {
        return of_answer(field);
    }
    let steps = rest.trim_start_matches(['.', '[', '/', ':']).trim_end_matches(']');
    let whole = shell_quoted(&whole(&shape.fields[at].shape, steps, value));
    Some(format!(
        "`{shown}` is no field of {a}: write {field}={whole}, which replaces the whole of `{field}`"
    ))
}

/// The value of a field of this shape that has `value` at these steps, as JSON.
fn whole(shape: &Shape, steps: &str, value: &str) -> String {
    let (step, rest) = match shape {
        // The names of labels and variables have dots, too.
        Shape::Map { .. } => (steps, ""),
        _ => steps.split_once('.').unwrap_or((steps, "")),
    };
    let within = match shape {
        Shape::Map { values, .. } => *values,
        Shape::Object(object) => match object.position(step) {
            Some(at) => &object.fields[at].shape,
            None => return "{…}".to_owned(),
        },
        Shape::List { .. } => return "[…]".to_owned(),
        _ => return "{…}".to_owned(),
    };
    if step.is_empty() {
        return "{…}".to_owned();
    }
    let inner = if rest.is_empty() { leaf(within, step, value) } else { whole(within, rest, value) };
    format!("{{{}: {inner}}}", quoted(&on_one_line(step)))
}

/// A value as an example; what may be a secret is not shown.
fn leaf(shape: &Shape, name: &str, value: &str) -> String {
    if sign(name, value).is_some() || value.chars().any(char::is_control) {
        return "\"…\"".to_owned();
    }
    let is_text = matches!(shape, Shape::Text { .. } | Shape::Word(_) | Shape::Timestamp);
    // A variable is a text, or an object that names a secret.
    let is_variable = matches!(shape, Shape::Union(_)) && !value.trim_start().starts_with('{');
    json_of(value, is_text || is_variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(property: &str, kind: Kind) -> Option<String> {
        let Shape::Object(shape) = object(kind) else { panic!("no object") };
        let (name, value) = property.split_once('=').expect("NAME=VALUE");
        why_not(name, value, shape, kind)
    }

    #[test]
    fn parts_of_fields_are_written_as_the_whole() {
        for (property, whole) in [
            ("labels.x=1", r#"labels='{"x": "1"}'"#),
            ("labels[x]=1", r#"labels='{"x": "1"}'"#),
            ("labels.com.example.x=true", r#"labels='{"com.example.x": "true"}'"#),
            ("env.LEVEL=3", r#"env='{"LEVEL": "3"}'"#),
            ("env.DB_PASSWORD=hunter22", r#"env='{"DB_PASSWORD": "…"}'"#),
            ("container.docker.image=a/b:1", r#"container='{"docker": {"image": "a/b:1"}}'"#),
            ("upgradeStrategy.minimumHealthCapacity=0.5", r#"{"minimumHealthCapacity": 0.5}"#),
            ("healthChecks[0].path=/x", "healthChecks='[…]'"),
            ("labels.=1", "labels='{…}'"),
            ("labels.x=it's", r#"labels='{"x": "it'\''s"}'"#),
        ] {
            let said = said(property, Kind::App).expect("a refusal");
            assert!(said.contains(whole) && said.contains("replaces the whole"), "{property}: {said}");
        }
    }

    #[test]
    fn what_only_answers_have_cannot_be_set() {
        for name in ["tasks", "tasksRunning", "versionInfo", "deployments", "versionInfo.lastScalingAt"] {
            let said = said(&format!("{name}=1"), Kind::App).expect("a refusal");
            assert!(said.contains("comes from a server's answer"), "{said}");
        }
        for (name, kind) in [
            ("version", Kind::App),
            ("cpus", Kind::App),
            ("id", Kind::App),
            ("scaleBy", Kind::Group),
            ("version", Kind::Group),
        ] {
            assert_eq!(said(&format!("{name}=1"), kind), None, "{name}");
        }
    }
}
