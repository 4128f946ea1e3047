//! What is generated from the models: the published JSON Schemas, and the tables that the reader walks.
//!
//! `cargo run --example generate` writes both; a test fails when the committed files are stale.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::definition::{App, AppUpdate, Group, Pod};
use crate::schema::{SCHEMA_FIELD, slot};

use super::accepted::{accept_any_case, bound_integers, exact_words};

/// Every generated file: its path below the repository's root, and its content.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    let array_of_apps = json!({"type": "array", "items": {"$ref": "#/definitions/App"}});
    let references = ["App", "Pod", "Group"].map(|name| json!({"$ref": format!("#/definitions/{name}")}));
    let any: Vec<Value> = references.into_iter().chain([array_of_apps]).collect();
    vec![
        ("schemas/app.schema.json", published("a Marathon app", &[json!({"$ref": "#/definitions/App"})])),
        ("schemas/pod.schema.json", published("a Marathon pod", &[json!({"$ref": "#/definitions/Pod"})])),
        (
            "schemas/group.schema.json",
            published("a Marathon group", &[json!({"$ref": "#/definitions/Group"})]),
        ),
        ("schemas/definition.schema.json", published("a Marathon app, pod, group or list of apps", &any)),
        ("schemas/milepost.schema.json", of_settings()),
        ("src/schema/table.rs", table()),
    ]
}

/// The JSON Schema of `milepost.toml`.
fn of_settings() -> String {
    let mut schema = crate::config::schema();
    polish(&mut schema);
    format!("{schema:#}\n")
}

/// The schemas of all models, by name.
fn definitions() -> Map<String, Value> {
    fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
        generator.subschema_for::<T>();
    }
    let mut generator = SchemaSettings::draft07().into_generator();
    add::<App>(&mut generator);
    add::<AppUpdate>(&mut generator);
    add::<Pod>(&mut generator);
    add::<Group>(&mut generator);
    generator.take_definitions(true)
}

/// A JSON Schema for editors: the models without milepost's own keywords, closed against unknown fields, because what
/// Marathon does not know it ignores.
fn published(title: &str, alternatives: &[Value]) -> String {
    let mut all = definitions();
    for root in ["App", "Pod", "Group"] {
        if let Some(properties) = all.get_mut(root).and_then(|schema| schema["properties"].as_object_mut()) {
            properties.insert(SCHEMA_FIELD.to_owned(), json!({"type": "string"}));
        }
    }
    let exact = exact_words(all.values());
    for (name, definition) in &mut all {
        close(definition);
        accept_any_case(name, definition, &exact);
        bound_integers(definition);
    }
    let mut schema = json!({"$schema": "http://json-schema.org/draft-07/schema#", "title": title});
    match alternatives {
        [only] => schema["allOf"] = json!([only]),
        several => schema["anyOf"] = json!(several),
    }
    let mut used = Map::new();
    collect(&schema, &all, &mut used);
    used.sort_keys();
    schema["definitions"] = Value::Object(used);
    polish(&mut schema);
    let mut text = format!("{schema:#}");
    text.push('\n');
    text
}

/// Refuses fields that the model does not have.
fn close(schema: &mut Value) {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = Value::Bool(false);
    }
}

/// Gathers the definitions that `schema` refers to, directly or not.
fn collect(schema: &Value, all: &Map<String, Value>, used: &mut Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            if let Some(name) = reference(schema)
                && let Some(definition) = all.get(name)
                && !used.contains_key(name)
            {
                used.insert(name.to_owned(), definition.clone());
                collect(definition, all, used);
            }
            members.values().for_each(|member| collect(member, all, used));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, all, used)),
        _ => {}
    }
}

/// Takes out milepost's own keywords, and the line breaks that descriptions have from the source's width.
fn polish(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.retain(|name, _| !name.starts_with("x-"));
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name == "description" => {
                        let paragraphs: Vec<_> =
                            text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
                        *text = paragraphs.join("\n\n");
                    }
                    other => polish(other),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(polish),
        _ => {}
    }
}

pub(super) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/definitions/")
}

/// The tables as Rust source.
fn table() -> String {
    let all = definitions();
    let mut statics = BTreeMap::new();
    for (name, schema) in &all {
        if let Some(members) = union_members(schema) {
            statics.insert(name, union_static(&all, name, schema, &members));
        } else if schema.get("properties").is_some() {
            let number = statics.len() + 1;
            statics.insert(name, object_static(&all, name, number, schema));
        }
    }
    let mut text = String::from(
        "//! The types of Marathon's API as tables. Generated from the models: `cargo run --example generate`.\n\n\
         use super::pattern;\n\
         use super::shape::{Field, ObjectShape, Shape, TypeReader, UnionShape};\n\n",
    );
    let _ = writeln!(
        text,
        "/// The names of lists that are sets: their order does not count.\npub(crate) static SETS: &[&str] = &{:?};",
        sets(&all)
    );
    for (_, item) in statics {
        text.push('\n');
        text.push_str(&item);
    }
    text
}

fn static_name(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}

/// The alternatives of a union; nothing for an optional reference, which schemars writes as an `anyOf` with null.
fn union_members(schema: &Value) -> Option<Vec<&Value>> {
    let members: Vec<&Value> = schema.get("anyOf")?.as_array()?.iter().collect();
    let is_null = |member: &&Value| member.get("type").is_some_and(|kind| kind == "null");
    (!members.iter().any(is_null)).then_some(members)
}

fn union_static(all: &Map<String, Value>, name: &str, schema: &Value, members: &[&Value]) -> String {
    let shapes: Vec<String> = members.iter().map(|member| shape(all, member)).collect();
    format!(
        "pub(crate) static {}: UnionShape = UnionShape {{ members: &[{}], any_string: {:?} }};\n",
        static_name(name),
        shapes.join(", "),
        schema.get("x-any-string").and_then(Value::as_str),
    )
}

fn object_static(all: &Map<String, Value>, name: &str, number: usize, schema: &Value) -> String {
    let reader = match schema.get("x-reader").and_then(Value::as_str) {
        Some("macro") => "Macro",
        Some("lenient") => "Lenient",
        Some("discriminator") => "Discriminator",
        _ => "Validator",
    };
    let required = |field: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|name| name == field))
    };
    let properties: BTreeMap<&String, &Value> =
        schema["properties"].as_object().into_iter().flatten().collect();
    let mut text = format!(
        "pub(crate) static {}: ObjectShape = ObjectShape {{\n    name: {name:?},\n    number: {number},\n    reader: TypeReader::{reader},\n    since: {},\n    response_only: &{:?},\n    fields: &[\n",
        static_name(name),
        since(schema),
        strings(schema, "x-response-only")
    );
    let names: Vec<&str> = properties.keys().map(|name| name.as_str()).collect();
    let (slots, seed) = slots(&names);
    for (field, property) in properties {
        let words = |keyword: &str| property.get(keyword).and_then(Value::as_str);
        let _ = writeln!(
            text,
            "        Field {{ name: {field:?}, shape: {}, required: {}, lenient: {}, replaced_by: {:?}, response: {}, since: {}, default: {:?} }},",
            shape(all, property),
            required(field),
            property.get("x-lenient").is_some(),
            words("x-replaced-by"),
            words("x-direction") == Some("response"),
            since(property),
            property.get("default").map(Value::to_string),
        );
    }
    let declared: Vec<&String> = schema["properties"].as_object().into_iter().flat_map(Map::keys).collect();
    let rank = |name: &&str| declared.iter().position(|other| other == name);
    let ranks: Vec<usize> = names.iter().filter_map(rank).collect();
    let _ = writeln!(
        text,
        "    ],\n    ranks: &{ranks:?},\n    slots: &{slots:?},\n    seed: {},\n}};",
        long(seed)
    );
    text
}

/// The strings that a keyword lists; empty without the keyword.
fn strings<'s>(schema: &'s Value, keyword: &str) -> Vec<&'s str> {
    let list = schema.get(keyword).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The names of the fields that are sets (`x-set`), sorted.
///
/// # Panics
/// When a name is a set in one model and a list in another, which a table of names cannot express.
fn sets(all: &Map<String, Value>) -> Vec<&String> {
    let mut is_set_by_name = BTreeMap::new();
    for properties in all.values().filter_map(|schema| schema.get("properties")?.as_object()) {
        for (name, property) in properties.iter().filter(|(_, property)| property.get("items").is_some()) {
            let is_set = property.get("x-set").is_some();
            let first = *is_set_by_name.entry(name).or_insert(is_set);
            assert_eq!(first, is_set, "`{name}` is a set in some models only");
        }
    }
    is_set_by_name.into_iter().filter_map(|(name, is_set)| is_set.then_some(name)).collect()
}

/// A number as rustfmt and clippy like it.
fn long(number: u64) -> String {
    let part = |shift: u32| (number >> shift) & 0xffff;
    format!("0x{:04x}_{:04x}_{:04x}_{:04x}", part(48), part(32), part(16), part(0))
}

/// A table that finds each name at its slot, and the seed that keeps them apart.
///
/// # Panics
/// When there is none: then [`slot`] has to look at more of a name.
fn slots(names: &[&str]) -> (Vec<u8>, u64) {
    /// In a table, no field.
    const NONE: u8 = 255;
    let size = (4 * names.len()).next_power_of_two();
    let table = |seed: u64| {
        let mut table = vec![NONE; size];
        for (index, name) in names.iter().enumerate() {
            let place = &mut table[slot(name.as_bytes(), seed, size)];
            if *place != NONE {
                return None;
            }
            *place = u8::try_from(index).ok().filter(|index| *index != NONE)?;
        }
        Some(table)
    };
    let found = (1..1_u64 << 20)
        .map(|step| step.wrapping_mul(0x9e37_79b9_7f4a_7c16) | 1)
        .find_map(|seed| Some((table(seed)?, seed)));
    found.unwrap_or_else(|| panic!("no seed keeps these names apart: {names:?}"))
}

/// The release line that a schema is known from: 8 for `1.8.180`, 4 where it says nothing.
fn since(schema: &Value) -> u16 {
    let release = schema.get("x-since").and_then(Value::as_str).unwrap_or("1.4");
    release.split('.').nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(4)
}

/// The expression of a schema's shape.
///
/// # Panics
/// When the models use a form of schema that has no shape: then this function has to learn it.
fn shape(all: &Map<String, Value>, schema: &Value) -> String {
    if let Some(wrapped) = schema.get("allOf").and_then(Value::as_array).and_then(|all_of| all_of.first()) {
        return shape(all, wrapped);
    }
    if let Some(name) = reference(schema) {
        let definition = &all[name];
        if definition.get("oneOf").is_some() {
            return shape(all, definition);
        }
        let kind = if union_members(definition).is_some() { "Union" } else { "Object" };
        let is_plain = definition.get("properties").is_none() && kind == "Object";
        return if is_plain {
            shape(all, definition)
        } else {
            format!("Shape::{kind}(&{})", static_name(name))
        };
    }
    if let Some(values) = schema.get("oneOf").and_then(Value::as_array) {
        let words: Vec<&str> = values.iter().filter_map(|value| value["const"].as_str()).collect();
        return format!("Shape::Word(&{words:?})");
    }
    if let Some(optional) = schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.first()) {
        return shape(all, optional);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    let format = schema.get("format").and_then(Value::as_str);
    match (kind, format) {
        (Some("boolean"), _) => "Shape::Boolean".to_owned(),
        (Some("integer"), _) => format!(
            "Shape::Integer {{ long: {}, min: {:?}, max: {:?} }}",
            format == Some("int64"),
            schema.get("minimum").and_then(Value::as_i64),
            schema.get("maximum").and_then(Value::as_i64)
        ),
        (Some("number"), _) => format!(
            "Shape::Double {{ min: {:?}, max: {:?} }}",
            schema.get("minimum").and_then(Value::as_f64),
            schema.get("maximum").and_then(Value::as_f64)
        ),
        (Some("string"), Some("date-time")) => "Shape::Timestamp".to_owned(),
        (Some("string"), _) => format!(
            "Shape::Text {{ min: {}, max: {:?}, pattern: {}, values: &{:?} }}",
            schema.get("minLength").and_then(Value::as_u64).unwrap_or_default(),
            schema.get("maxLength").and_then(Value::as_u64),
            pattern(schema.get("pattern")),
            strings(schema, "x-values")
        ),
        (Some("array"), _) => format!(
            "Shape::List {{ items: &{}, min: {} }}",
            shape(all, &schema["items"]),
            schema.get("minItems").and_then(Value::as_u64).unwrap_or_default()
        ),
        (Some("object"), _) => format!(
            "Shape::Map {{ values: &{}, names: {} }}",
            shape(all, &schema["additionalProperties"]),
            pattern(schema.get("propertyNames").and_then(|names| names.get("pattern")))
        ),
        _ => panic!("internal error: no shape for the schema {schema}"),
    }
}

/// The expression of a pattern.
fn pattern(schema: Option<&Value>) -> String {
    let Some(source) = schema.and_then(Value::as_str) else {
        return "None".to_owned();
    };
    // A schema's pattern need not match the whole string, so a model may have had to say that it must.
    let bare = source.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(source);
    let known = crate::schema::PATTERNS.iter().find(|(_, pattern)| pattern.source == bare);
    let (name, _) = known.unwrap_or_else(|| panic!("internal error: no function for the pattern {source}"));
    format!("Some(&pattern::{name})")
}
