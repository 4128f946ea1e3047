//! Guesses what the user meant.

use crate::source::{Type, Value};
use crate::util::suggest::suggest;

use super::pattern::{self, Pattern};
use super::shape::{ObjectShape, Shape};

/// Wrong names that people often use for a field, per type.
const KNOWN_MISTAKES: &[(&str, &str, &str)] = &[
    ("App", "memory", "mem"),
    ("App", "cpu", "cpus"),
    ("App", "command", "cmd"),
    ("App", "environment", "env"),
    ("App", "envs", "env"),
    ("App", "instance", "instances"),
    ("App", "scale", "instances"),
    ("App", "replicas", "instances"),
    ("App", "name", "id"),
    ("App", "healthcheck", "healthChecks"),
    ("App", "healthCheck", "healthChecks"),
    ("App", "readinessCheck", "readinessChecks"),
    ("App", "uri", "fetch"),
    ("App", "depends", "dependencies"),
    ("Pod", "env", "environment"),
    ("Pod", "instances", "scaling.instances"),
    ("PodContainer", "env", "environment"),
    ("PodContainer", "healthChecks", "healthCheck"),
    ("PodContainer", "fetch", "artifacts"),
    ("PodContainer", "cpus", "resources.cpus"),
    ("PodContainer", "mem", "resources.mem"),
    ("PodContainer", "portMappings", "endpoints"),
    ("Resources", "memory", "mem"),
    ("Resources", "cpu", "cpus"),
    ("Image", "forcePullImage", "forcePull"),
    ("DockerContainer", "forcePull", "forcePullImage"),
    ("DockerContainer", "volumes", "container.volumes"),
    ("AppHealthCheck", "maxFailures", "maxConsecutiveFailures"),
];

/// The right name for a common wrong one.
pub(super) fn known_mistake(name: &str, object: &ObjectShape) -> Option<&'static str> {
    let mistake = KNOWN_MISTAKES.iter().find(|(model, wrong, _)| *model == object.name && *wrong == name);
    mistake.map(|(_, _, right)| *right)
}

/// The name that differs only in case, dashes and underscores.
pub(super) fn same_but_case<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let fold =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let folded = fold(name);
    names.into_iter().find(|candidate| fold(candidate) == folded)
}

/// Where a field that is unknown here belongs: `this field belongs under …`.
pub(super) fn home(root: &'static Shape, name: &str, here: &ObjectShape) -> Option<String> {
    // Names that many types have do not tell which was meant.
    const COMMON: &[&str] = &["name", "type", "kind", "mode", "value", "labels", "id", "source"];
    if COMMON.contains(&name) {
        return None;
    }
    let mut level = vec![(String::new(), root)];
    let mut seen: Vec<&str> = Vec::new();
    for _depth in 0..6 {
        let mut next = Vec::new();
        for (path, shape) in level {
            for object in objects(shape) {
                if seen.contains(&object.name) {
                    continue;
                }
                seen.push(object.name);
                if !std::ptr::eq(object, here) && object.position(name).is_some() {
                    return Some(match path.as_str() {
                        "" => "this field belongs at the top of the definition".to_owned(),
                        path => format!("this field belongs under `{path}`"),
                    });
                }
                for field in object.fields.iter().filter(|field| field.replaced_by.is_none()) {
                    let many = if matches!(field.shape, Shape::List { .. }) { "[]" } else { "" };
                    let dot = if path.is_empty() { "" } else { "." };
                    next.push((format!("{path}{dot}{}{many}", field.name), &field.shape));
                }
            }
        }
        level = next;
    }
    None
}

/// The objects a shape may be, lists opened.
fn objects(shape: &'static Shape) -> Vec<&'static ObjectShape> {
    match shape {
        Shape::Object(object) => vec![object],
        Shape::List { items, .. } => objects(items),
        Shape::Map { values, .. } => objects(values),
        Shape::Union(union) => union.members.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

/// How to write a value in the right type.
pub(super) fn right_type(value: &Value<'_>, shape: &Shape) -> Option<String> {
    let text = value.as_str();
    match (shape, value.kind()) {
        (Shape::Integer { .. } | Shape::Double { .. }, Type::String) => {
            let text = text?;
            text.trim()
                .parse::<f64>()
                .ok()?
                .is_finite()
                .then(|| format!("write {} without quotes", text.trim()))
        }
        (Shape::Boolean, Type::String) => {
            let lower = text?.to_lowercase();
            match lower.as_str() {
                "true" | "yes" | "on" | "1" => Some("write true without quotes".to_owned()),
                "false" | "no" | "off" | "0" => Some("write false without quotes".to_owned()),
                _ => None,
            }
        }
        (Shape::Boolean, Type::Number) => Some("write true or false".to_owned()),
        (Shape::Text { .. }, Type::Number | Type::Boolean) => {
            Some(format!("write \"{}\" in quotes", value.source()))
        }
        (Shape::List { .. }, Type::String | Type::Number | Type::Object) => {
            Some("put it in brackets: `[…]`".to_owned())
        }
        (_, Type::Null) => Some("give it a value, or leave the field out".to_owned()),
        _ => None,
    }
}

/// A spelling of the text that matches the pattern, if a simple change makes one.
pub(super) fn respelling(value: &Value<'_>, wanted: &Pattern) -> Option<String> {
    let text = value.as_str()?;
    let plain = |c: char| match c {
        '_' | ' ' if !std::ptr::eq(wanted, &raw const pattern::NETWORK_NAME) => '-',
        ' ' => '-',
        other => other.to_ascii_lowercase(),
    };
    let changed: String = text.trim().chars().map(plain).collect();
    let trimmed = changed.trim_matches(['-', '.', '_']).to_owned();
    [changed, trimmed].into_iter().find(|text| !text.is_empty() && (wanted.matches)(text))
}

/// A member under another name that looks like the missing one: `rename …`.
pub(super) fn shift(value: &Value<'_>, field: &str, object: &ObjectShape) -> Option<String> {
    let unknown =
        value.members().filter_map(|(key, _)| key.as_str()).filter(|key| object.position(key).is_none());
    let mut near = unknown.filter(|key| {
        known_mistake(key, object) == Some(field)
            || same_but_case(key, std::iter::once(field)).is_some()
            || suggest(key, std::iter::once(field)).is_some()
    });
    near.next().map(|key| format!("rename `{key}` to `{field}`"))
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// `an App`, `a Pod`.
pub(super) fn article(name: &str) -> String {
    let vowel = name.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_spelling_are_found() {
        assert_eq!(same_but_case("health_checks", ["healthChecks"].into_iter()), Some("healthChecks"));
    }
}
