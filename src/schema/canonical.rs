//! A value in the spelling of the models: as Marathon's parser reads it, without defaults.

use serde_json::{Map, Number, Value as Json};

use crate::definition::Removed;
use crate::source::{Type, Value};
use crate::target::Release;

use super::check::fits;
use super::field_set::FieldSet;
use super::number;
use super::shape::{self, Field, ObjectShape, Shape, TypeReader};

/// Writes values as the models spell them: words in their canonical case, whole numbers as integers, `{}` for what Marathon
/// reads as that, nothing for what it drops. A value that Marathon rejects stays as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canonicalizer<'w> {
    /// The release that reads it, which drops fields of later ones.
    pub(super) release: Release,
    /// Whether to add the defaults of absent fields.
    pub(super) fills: bool,
    /// Fields to leave out.
    pub(super) without: &'w FieldSet,
}

/// Defaults that differ up to a release.
const EARLIER_DEFAULTS: &[(&str, Release, &str)] =
    &[("maxLaunchDelaySeconds", Release::V1_7, "3600"), ("maxLaunchDelay", Release::V1_7, "3600")];

impl Canonicalizer<'_> {
    pub(super) fn spell(self, value: Value<'_>, shape: &'static Shape) -> Json {
        match shape {
            Shape::Integer { long, .. } => whole(value, *long).unwrap_or_else(|| value.to_json()),
            Shape::Double { .. } => match value.as_f64() {
                Some(number) if self.fills && number.is_infinite() => Json::from("Infinity"),
                number => number.and_then(Number::from_f64).map_or_else(|| value.to_json(), Json::Number),
            },
            Shape::Word(words) => {
                let word = value.as_str().and_then(|text| shape::word(words, &text));
                word.map_or_else(|| value.to_json(), Json::from)
            }
            Shape::List { items, .. } if value.kind() == Type::Array => {
                value.elements().map(|element| self.spell(element, items)).collect()
            }
            Shape::Map { values, .. } if value.kind() == Type::Object => value
                .members()
                .map(|(key, member)| {
                    (key.as_str().unwrap_or_default().into_owned(), self.spell(member, values))
                })
                .collect::<Map<_, _>>()
                .into(),
            Shape::Object(object) => self.object(value, object),
            Shape::Union(union) => {
                if let Some(instead) = union.any_string.filter(|_| value.kind() == Type::String) {
                    return Json::from(instead);
                }
                let is_known = |member: &&'static Shape| !matches!(member, Shape::Object(object) if object.since > self.release.minor());
                let member = union.members.iter().filter(is_known).find(|member| fits(value, member));
                member.map_or_else(|| rejected(value), |member| self.spell(value, member))
            }
            Shape::Boolean
            | Shape::Text { .. }
            | Shape::Timestamp
            | Shape::List { .. }
            | Shape::Map { .. } => value.to_json(),
        }
    }

    /// A field that this release still stores, and the models do not have: as it is written.
    fn removed(self, spelt: &mut Map<String, Json>, object: &ObjectShape, key: Value<'_>, member: Value<'_>) {
        let Some(name) = key.as_str().filter(|_| self.fills && !member.is_null()) else { return };
        if Removed::find(object.name, &name, None)
            .is_some_and(|removed| removed.is_known_to(self.release.minor()))
        {
            spelt.insert(name.into_owned(), member.to_json());
        }
    }

    fn object(self, value: Value<'_>, object: &'static ObjectShape) -> Json {
        let is_strict = matches!(object.reader, TypeReader::Macro | TypeReader::Discriminator);
        if value.kind() != Type::Object && is_strict {
            return rejected(value);
        }
        // Room for some defaults, too: a map grows by making itself anew.
        let mut spelt = Map::with_capacity(value.members().count() + 4);
        for (key, member) in value.members() {
            let Some(index) = object.field(&key) else {
                self.removed(&mut spelt, object, key, member);
                continue;
            };
            if self.without.has(object, index) {
                continue;
            }
            let field = &object.fields[index];
            match self.field(member, field) {
                Some(member) => spelt.insert(field.name.to_owned(), member),
                None => spelt.remove(field.name),
            };
        }
        if self.fills {
            self.fill(&mut spelt, object);
        }
        Json::Object(spelt)
    }

    fn fill(self, spelt: &mut Map<String, Json>, object: &'static ObjectShape) {
        for (index, field) in object.fields.iter().enumerate().filter(|(_, field)| self.knows(field)) {
            let is_open = |_: &&str| !self.without.has(object, index) && !spelt.contains_key(field.name);
            if let Some(default) = field.default.filter(is_open) {
                let earlier = EARLIER_DEFAULTS
                    .iter()
                    .find(|(name, until, _)| *name == field.name && self.release <= *until);
                let default = earlier.map_or(default, |(.., default)| default);
                let default = literal(default);
                spelt.insert(field.name.to_owned(), default);
            }
        }
    }

    fn knows(self, field: &Field) -> bool {
        field.since <= self.release.minor()
    }

    /// A field's value; `None` where Marathon uses the default.
    fn field(self, member: Value<'_>, field: &'static Field) -> Option<Json> {
        let dropped = !self.knows(field)
            || member.is_null() && !field.required
            || field.lenient && !fits(member, &field.shape);
        (!dropped).then(|| self.spell(member, &field.shape))
    }
}

/// A default, which is written as JSON. Most are empty lists, `0` or `false`.
fn literal(default: &str) -> Json {
    match default {
        "[]" => Json::Array(Vec::new()),
        "{}" => Json::Object(Map::new()),
        "0" => Json::from(0),
        "1" => Json::from(1),
        "false" => Json::Bool(false),
        other => serde_json::from_str(other).unwrap_or(Json::Null),
    }
}

/// A value that is rejected where an object is expected. An array becomes `false`, which every model rejects: serde would
/// read a struct from an array.
fn rejected(value: Value<'_>) -> Json {
    if value.kind() == Type::Array { Json::Bool(false) } else { value.to_json() }
}

fn whole(value: Value<'_>, long: bool) -> Option<Json> {
    number::integer(value.as_number()?, long).map(Json::from)
}
