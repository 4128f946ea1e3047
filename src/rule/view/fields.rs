//! An object of Marathon's API, indexed by its fields: one pass over the members, then look-ups by name.

use std::borrow::Cow;
use std::str::FromStr;

use crate::schema::{ObjectShape, Shape, integer, word};
use crate::source::{Elements, Members, Type, Value};

/// The most fields an object of the API has.
const MAX_FIELDS: usize = 64;

/// The fields of an object that Marathon's parser accepts. As Marathon reads it, a `null` is absent, and a value that is
/// not an object has no fields.
#[derive(Clone, Copy)]
pub(in crate::rule) struct Fields<'a> {
    /// The object itself.
    pub(in crate::rule) value: Value<'a>,
    shape: &'static ObjectShape,
    /// The distance of each field's value from the object, in node ids; 0 where the field is not given. Small, since this
    /// is copied around: see [`FAR`].
    slots: [u16; MAX_FIELDS],
}

/// Any distance that does not fit. The object's members are searched again for such a field.
const FAR: u16 = u16::MAX;

impl<'a> Fields<'a> {
    pub(in crate::rule) fn of(value: Value<'a>, shape: &'static ObjectShape) -> Self {
        let mut slots = [0; MAX_FIELDS];
        for (key, member) in value.members() {
            if let Some(index) = shape.field(&key) {
                let distance = u16::try_from(member.node_id() - value.node_id()).unwrap_or(FAR);
                slots[index] = if member.is_null() { 0 } else { distance };
            }
        }
        Self { value, shape, slots }
    }

    /// These fields without the `dropped` ones, and with those of a later object of the same text over them. `None` where
    /// the two are too far apart.
    pub(in crate::rule) fn updated(&self, by: &Self, dropped: &[&str]) -> Option<Self> {
        let between = by.value.node_id().checked_sub(self.value.node_id())?;
        let mut slots = self.slots;
        for name in dropped {
            slots[self.shape.position_of_field(name)] = 0;
        }
        for (slot, new) in slots.iter_mut().zip(by.slots).filter(|(_, new)| *new != 0) {
            let distance = u16::try_from(between + u32::from(new)).ok()?;
            *slot = Some(distance).filter(|distance| *distance != FAR && new != FAR)?;
        }
        (!slots.contains(&FAR)).then_some(Self { slots, ..*self })
    }

    /// A field's value.
    #[inline]
    pub(in crate::rule) fn get(&self, name: &str) -> Option<Value<'a>> {
        match self.slots[self.shape.position_of_field(name)] {
            0 => None,
            FAR => self.value.get(name),
            distance => Some(self.value.at_place(self.value.node_id() + u32::from(distance))),
        }
    }

    /// Whether a field is given.
    pub(in crate::rule) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The names of the given fields.
    pub(in crate::rule) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.shape.fields.iter().zip(&self.slots).filter(|(_, slot)| **slot != 0).map(|(field, _)| field.name)
    }

    /// A field's value, or the object that lacks it: where a finding points.
    pub(in crate::rule) fn at(&self, name: &str) -> Value<'a> {
        self.get(name).unwrap_or(self.value)
    }

    /// An object in a field.
    pub(in crate::rule) fn object(&self, name: &str, shape: &'static ObjectShape) -> Option<Fields<'a>> {
        self.get(name).map(|value| Fields::of(value, shape))
    }

    /// A string.
    pub(in crate::rule) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_str()
    }

    /// A word of an enumeration, in its canonical spelling.
    pub(in crate::rule) fn word(&self, name: &str) -> Option<&'static str> {
        let text = self.text(name)?;
        word(words(self.shape, name), &text)
    }

    /// A whole number.
    pub(in crate::rule) fn int(&self, name: &str) -> Option<i64> {
        integer(self.get(name)?.as_number()?, true)
    }

    /// A whole number, or Marathon's default for it.
    pub(in crate::rule) fn int_or_default(&self, name: &str) -> i64 {
        self.int(name).or_else(|| default(self.shape, name)).unwrap_or_default()
    }

    /// A number.
    pub(in crate::rule) fn double(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// A number, or Marathon's default for it.
    pub(in crate::rule) fn double_or_default(&self, name: &str) -> f64 {
        self.double(name).or_else(|| default(self.shape, name)).unwrap_or_default()
    }

    /// The values that make sense for a string.
    pub(in crate::rule) fn values(&self, name: &str) -> &'static [&'static str] {
        match self.shape.fields[self.shape.position_of_field(name)].shape {
            Shape::Text { values, .. } => values,
            _ => &[],
        }
    }

    /// A boolean that is given and true.
    pub(in crate::rule) fn is_true(&self, name: &str) -> bool {
        self.get(name).and_then(|value| value.as_bool()).unwrap_or(false)
    }

    /// The elements of an array; none where it is not given.
    pub(in crate::rule) fn list(&self, name: &str) -> Elements<'a> {
        self.get(name).map_or_else(|| self.value.no_elements(), |value| value.elements())
    }

    /// Whether an array is given and not empty.
    pub(in crate::rule) fn has_any(&self, name: &str) -> bool {
        self.list(name).next().is_some()
    }

    /// The number of elements of an array that is given.
    pub(in crate::rule) fn len(&self, name: &str) -> Option<usize> {
        self.get(name).filter(|value| value.kind() == Type::Array).map(|value| value.elements().count())
    }

    /// The members of a map, the last of each name.
    pub(in crate::rule) fn map(&self, name: &str) -> Members<'a> {
        self.get(name).map_or_else(|| self.value.no_members(), |value| value.members())
    }
}

/// Marathon's default for a field.
pub(in crate::rule) fn default<T: FromStr>(shape: &ObjectShape, name: &str) -> Option<T> {
    shape.fields[shape.position_of_field(name)].default?.parse().ok()
}

/// The words that a field can have; none where it is not an enumeration.
pub(in crate::rule) fn words(shape: &ObjectShape, name: &str) -> &'static [&'static str] {
    match shape.fields[shape.position_of_field(name)].shape {
        Shape::Word(words) => words,
        _ => &[],
    }
}

/// Whether a map is given and not empty.
pub(in crate::rule) fn has_members(fields: &Fields<'_>, name: &str) -> bool {
    fields.map(name).next().is_some()
}

/// The members of these names, the last of each; a `null` is absent.
pub(in crate::rule) fn pick<'a, const N: usize>(
    object: Value<'a>,
    names: [&str; N],
) -> [Option<Value<'a>>; N] {
    let mut picked = [None; N];
    for (key, member) in object.members() {
        if let Some(index) = names.iter().position(|name| key.is_str(name)) {
            picked[index] = Some(member).filter(|member| !member.is_null());
        }
    }
    picked
}

/// The elements of an array that may be missing.
pub(in crate::rule) fn elements(list: Option<Value<'_>>) -> impl Iterator<Item = Value<'_>> {
    list.into_iter().flat_map(|list| list.elements())
}

/// A string that may be missing.
pub(in crate::rule) fn text(value: Option<Value<'_>>) -> Cow<'_, str> {
    value.and_then(|value| value.as_str()).unwrap_or_default()
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
