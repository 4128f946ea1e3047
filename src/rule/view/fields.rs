//! An object of Marathon's API with its fields at hand: one pass over the members, then look-ups by name.

use std::borrow::Cow;

use crate::schema::{ObjectShape, Shape, integer, word};
use crate::source::{Elements, Members, Type, Value};

/// The most fields an object of the API has.
const MAX_FIELDS: usize = 64;

/// The fields of an object that Marathon's parser has taken. A `null` is as good as absent, and a value that is no
/// object has no fields, as Marathon reads it.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    /// The object itself.
    pub(crate) value: Value<'a>,
    shape: &'static ObjectShape,
    /// How far behind the object's place that of each field's value is; 0 where it is not given. This is copied around, so
    /// it is small: see [`FAR`].
    slots: [u16; MAX_FIELDS],
}

/// Stands for every place that is too far behind its object to be told: such an object is looked through again.
const FAR: u16 = u16::MAX;

impl<'a> Fields<'a> {
    pub(crate) fn of(value: Value<'a>, shape: &'static ObjectShape) -> Self {
        let mut slots = [0; MAX_FIELDS];
        for (key, member) in value.members() {
            if let Some(index) = shape.field(&key) {
                let distance = u16::try_from(member.node_id() - value.node_id()).unwrap_or(FAR);
                slots[index] = if member.is_null() { 0 } else { distance };
            }
        }
        Self { value, shape, slots }
    }

    /// A field's value.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        match self.slots[self.shape.position_of_field(name)] {
            0 => None,
            FAR => self.value.get(name),
            distance => Some(self.value.at_place(self.value.node_id() + u32::from(distance))),
        }
    }

    /// Whether a field is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The names of the fields that are given.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.shape.fields.iter().zip(&self.slots).filter(|(_, slot)| **slot != 0).map(|(field, _)| field.name)
    }

    /// A field's value, or the object where it should stand, to point at.
    pub(crate) fn at(&self, name: &str) -> Value<'a> {
        self.get(name).unwrap_or(self.value)
    }

    /// An object in a field.
    pub(crate) fn object(&self, name: &str, shape: &'static ObjectShape) -> Option<Fields<'a>> {
        self.get(name).map(|value| Fields::of(value, shape))
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_str()
    }

    /// A word of an enumeration, in its canonical spelling.
    pub(crate) fn word(&self, name: &str) -> Option<&'static str> {
        let Shape::Word(words) = self.shape.fields[self.shape.position(name)?].shape else { return None };
        let text = self.text(name)?;
        word(words, &text)
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        integer(self.get(name)?.as_number()?, true)
    }

    /// A number.
    pub(crate) fn double(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// A boolean that is given and true.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).and_then(|value| value.as_bool()).unwrap_or(false)
    }

    /// The elements of an array; none where there is none.
    pub(crate) fn list(&self, name: &str) -> Elements<'a> {
        self.get(name).map_or_else(|| self.value.no_elements(), |value| value.elements())
    }

    /// Whether an array is given that has elements.
    pub(crate) fn has_any(&self, name: &str) -> bool {
        self.list(name).next().is_some()
    }

    /// How many elements an array has; nothing where there is none.
    pub(crate) fn len(&self, name: &str) -> Option<usize> {
        self.get(name).filter(|value| value.kind() == Type::Array).map(|value| value.elements().count())
    }

    /// The members of a map, the last of each name.
    pub(crate) fn map(&self, name: &str) -> Members<'a> {
        self.get(name).map_or_else(|| self.value.no_members(), |value| value.members())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::table;
    use crate::source::{Document, Format};

    #[test]
    fn fields_are_found_however_far_behind() {
        for elements in [0, 65_531, 65_532, 65_533, 65_534, 70_000] {
            let args = "1,".repeat(elements) + "1";
            let text = format!(r#"{{"cmd": null, "args": [{args}], "id": "a", "id": "b", "user": null}}"#);
            let document = Document::parse(text, Format::Json).expect("JSON");
            let fields = Fields::of(document.root(), &table::APP);
            assert_eq!(fields.text("id").as_deref(), Some("b"), "{elements} elements");
            assert_eq!(fields.len("args"), Some(elements + 1));
            assert!(!fields.has("cmd") && !fields.has("user") && !fields.has("mem"));
        }
    }
}
