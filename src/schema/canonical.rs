//! A value in the spelling of the models: what Marathon's reader makes of it, before any default is filled in.

use serde_json::{Map, Number, Value as Json};

use crate::source::{Type, Value};

use super::number;
use super::read::fits;
use super::shape::{Field, ObjectShape, Reader, Shape};

/// Spells `value` as the models do: words in their canonical case, whole numbers as integers, `{}` for what Marathon
/// reads as that, nothing for what it drops. A value that Marathon refuses is left as it is.
pub(super) fn spell(value: Value<'_>, shape: &'static Shape) -> Json {
    match shape {
        Shape::Integer { long, .. } => whole(value, *long).unwrap_or_else(|| value.to_json()),
        Shape::Double { .. } => {
            value.as_f64().and_then(Number::from_f64).map_or_else(|| value.to_json(), Json::Number)
        }
        Shape::Word(words) => {
            let text = value.as_str();
            let word =
                text.and_then(|text| words.iter().find(|word| word.eq_ignore_ascii_case(&text)).copied());
            word.map_or_else(|| value.to_json(), Json::from)
        }
        Shape::List { items, .. } if value.kind() == Type::Array => {
            value.elements().map(|element| spell(element, items)).collect()
        }
        Shape::Map { values, .. } if value.kind() == Type::Object => value
            .members()
            .map(|(key, member)| (key.as_str().unwrap_or_default().into_owned(), spell(member, values)))
            .collect::<Map<_, _>>()
            .into(),
        Shape::Object(object) => spell_object(value, object),
        Shape::Union(union) => {
            if let Some(instead) = union.any_string.filter(|_| value.kind() == Type::String) {
                return Json::from(instead);
            }
            let member = union.members.iter().find(|member| fits(value, member));
            member.map_or_else(|| refused(value), |member| spell(value, member))
        }
        Shape::Boolean | Shape::Text { .. } | Shape::Timestamp | Shape::List { .. } | Shape::Map { .. } => {
            value.to_json()
        }
    }
}

/// A value that is refused where an object is due. An array must not get through, as serde reads structs from arrays
/// too; what stands for it is refused by every model.
fn refused(value: Value<'_>) -> Json {
    if value.kind() == Type::Array { Json::Bool(false) } else { value.to_json() }
}

fn whole(value: Value<'_>, long: bool) -> Option<Json> {
    number::integer(value.as_number()?, long).map(Json::from)
}

fn spell_object(value: Value<'_>, object: &'static ObjectShape) -> Json {
    if value.kind() != Type::Object {
        return if object.reader == Reader::Macro || object.reader == Reader::Discriminator {
            refused(value)
        } else {
            Json::Object(Map::new())
        };
    }
    let mut spelt = Map::new();
    for (key, member) in value.members() {
        let Some(field) = object.field(&key).map(|index| &object.fields[index]) else {
            continue;
        };
        match spell_field(member, field) {
            Some(member) => spelt.insert(field.name.to_owned(), member),
            None => spelt.remove(field.name),
        };
    }
    Json::Object(spelt)
}

/// A field's value; nothing where Marathon takes the default.
fn spell_field(member: Value<'_>, field: &'static Field) -> Option<Json> {
    let dropped = member.is_null() && !field.required || field.lenient && !fits(member, &field.shape);
    (!dropped).then(|| spell(member, &field.shape))
}
