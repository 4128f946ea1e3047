//! What Marathon's reader accepts and rejects beyond what schemars writes: words in any case, and the bounds of integers.

use serde_json::{Value, json};

/// Makes every enum of a schema accept its words in any case, as Marathon does.
///
/// The words as the model spells them stay an alternative of their own: editors offer those. A discriminator is exact
/// (`x-reader`), and stays so.
pub(super) fn accept_any_case(name: &str, schema: &mut Value, exact: &[String]) {
    if exact.iter().any(|exact| exact == name) {
        return;
    }
    let Some(words) = words(schema) else { return };
    let alternatives: Vec<String> = words.iter().map(|word| any_case(word)).collect();
    let pattern = format!("^({})$", alternatives.join("|"));
    if let Some(members) = schema.as_object_mut() {
        let canonical = members.shift_remove("oneOf");
        let any = json!([{"oneOf": canonical}, {"type": "string", "pattern": pattern}]);
        members.insert("anyOf".to_owned(), any);
    }
}

/// The words of an enum.
fn words(schema: &Value) -> Option<Vec<String>> {
    let values = schema.get("oneOf")?.as_array()?;
    values.iter().map(|value| Some(value.get("const")?.as_str()?.to_owned())).collect()
}

/// A pattern that matches a word in any case. Patterns of JSON Schema (ECMA 262) have no flags.
fn any_case(word: &str) -> String {
    let mut pattern = String::new();
    for c in word.chars() {
        match c {
            // Java's `toLowerCase` makes a `k` of the Kelvin sign.
            'k' | 'K' => pattern.push_str("[Kk\u{212a}]"),
            'a'..='z' | 'A'..='Z' => {
                pattern.extend(['[', c.to_ascii_uppercase(), c.to_ascii_lowercase(), ']']);
            }
            '0'..='9' | '_' | '-' => pattern.push(c),
            _ => pattern.extend(['[', c, ']']),
        }
    }
    pattern
}

/// The enums that a discriminator names, which Marathon compares exactly.
pub(super) fn exact_words<'s>(schemas: impl Iterator<Item = &'s Value>) -> Vec<String> {
    let discriminated = schemas.filter(|schema| schema["x-reader"] == "discriminator");
    let fields = discriminated.filter_map(|schema| schema["properties"].as_object());
    // A field with a description of its own refers to its type by `allOf`.
    let types =
        fields.flat_map(serde_json::Map::values).map(|field| field.pointer("/allOf/0").unwrap_or(field));
    types.filter_map(super::schemas::reference).map(str::to_owned).collect()
}

/// Gives every integer the bounds of its width, where the model has none that are closer.
pub(super) fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let bounds = match members.get("format").and_then(Value::as_str) {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some("int64") => Some((i64::MIN, i64::MAX)),
                _ => None,
            };
            if let Some((min, max)) = bounds {
                members.entry("minimum").or_insert_with(|| min.into());
                members.entry("maximum").or_insert_with(|| max.into());
            }
            members.values_mut().for_each(bound_integers);
        }
        Value::Array(elements) => elements.iter_mut().for_each(bound_integers),
        _ => {}
    }
}
