//! The types of Marathon's API as tables in read-only memory, so that checking a file compiles and allocates nothing.
//! Generated from the models in [`crate::definition`] (see [`crate::generate::schemas`]).

use crate::source::Value;

use super::pattern::Pattern;
use super::table;

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number in any spelling (`1`, `1.0`, `1e0`).
    Integer {
        /// 64 bits; 32 otherwise.
        long: bool,
        /// Smallest value.
        min: Option<i64>,
        /// Largest value.
        max: Option<i64>,
    },
    /// Any number.
    Double {
        /// Smallest value.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
    },
    /// A string. Lengths count UTF-16 units, as Java does.
    Text {
        /// Least length.
        min: u32,
        /// Greatest length.
        max: Option<u32>,
        /// The pattern of the whole string.
        pattern: Option<&'static Pattern>,
        /// The values with a meaning, which Marathon does not check while parsing.
        values: &'static [&'static str],
    },
    /// One of these words, ignoring case.
    Word(&'static [&'static str]),
    /// A point in time, ISO 8601 with an offset.
    Timestamp,
    /// An array.
    List {
        /// The type of each element.
        items: &'static Shape,
        /// Least number of elements.
        min: u32,
    },
    /// An object with names that the user chooses.
    Map {
        /// The type of each value.
        values: &'static Shape,
        /// The pattern of each name.
        names: Option<&'static Pattern>,
    },
    /// An object with fields.
    Object(&'static ObjectShape),
    /// One of several types. The first that reads wins; if none does, Marathon reports only what the last one lacks.
    Union(&'static UnionShape),
}

/// The word that Marathon reads a text as, which it compares in lower case (`toLowerCase` of the JDK, 1.5 to 1.11): there
/// the Kelvin sign is a `k` too.
pub(crate) fn word(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    const KELVIN: char = '\u{212a}';
    let find = |text: &str| words.iter().copied().find(|word| word.eq_ignore_ascii_case(text));
    find(text).or_else(|| text.contains(KELVIN).then(|| find(&text.replace(KELVIN, "k")))?)
}

/// See [`Shape::Object`].
#[derive(Debug)]
pub(crate) struct ObjectShape {
    /// The type's name in Marathon's API.
    pub name: &'static str,
    /// Its number among all types, from 1.
    pub number: u16,
    /// How Marathon reads it.
    pub reader: TypeReader,
    /// The first release line `1.N` that knows the type, as an alternative of a union; 4 means any.
    pub since: u16,
    /// Names that only the server's responses have beside `fields`.
    pub response_only: &'static [&'static str],
    /// The fields, sorted by name.
    pub fields: &'static [Field],
    /// For each of `fields`, its position in the model.
    pub ranks: &'static [u8],
    /// The index in `fields` of a name, by its [`slot`]; 255 means none.
    pub slots: &'static [u8],
    /// The seed with which the slots of all names differ.
    pub seed: u64,
}

/// The slot of a field's name in a table of this size. Without slots lint takes 23 % longer (`cargo bench --bench
/// whole`).
#[inline]
pub(crate) fn slot(name: &[u8], seed: u64, slots: usize) -> usize {
    let Some((first, last)) = name.first().zip(name.last()) else { return 0 };
    let middle = name.len() / 2;
    let after = name.get(middle + 1).copied().unwrap_or_default();
    let sample = u32::from_le_bytes([*first, name[middle], after, *last]);
    let sample = u64::from(sample) | (name.len() as u64) << 32;
    // The highest bits depend on all of the sample.
    let hash = sample.wrapping_mul(seed) >> 32;
    ((hash * slots as u64) >> 32) as usize
}

impl ObjectShape {
    /// The index of the field of this name.
    #[must_use]
    #[inline]
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.position_of(name.as_bytes())
    }

    /// The index of a field that exists, without comparing its name.
    #[inline]
    pub(crate) fn position_of_field(&self, name: &str) -> usize {
        debug_assert!(self.position(name).is_some(), "{} has no field {name}", self.name);
        usize::from(self.slots[slot(name.as_bytes(), self.seed, self.slots.len())])
    }

    #[inline]
    fn position_of(&self, name: &[u8]) -> Option<usize> {
        let index = usize::from(self.slots[slot(name, self.seed, self.slots.len())]);
        self.fields.get(index).filter(|field| field.name.as_bytes() == name).map(|_| index)
    }

    /// The index of the field that `key` names. The key caches it, because the rules ask again: without
    /// that lint takes 12 % longer (`cargo bench --bench whole`).
    #[must_use]
    #[inline]
    pub(crate) fn field(&self, key: &Value<'_>) -> Option<usize> {
        match key.known_as(self.number) {
            None => self.look_up(key),
            known => known,
        }
    }

    #[inline(never)]
    fn look_up(&self, key: &Value<'_>) -> Option<usize> {
        let index = match key.verbatim() {
            Some(name) => self.position_of(name),
            None => self.position(&key.as_str()?),
        };
        index.inspect(|index| key.remember(self.number, *index))
    }

    /// Whether it is an app, a pod or a group, at the top of which [`super::SCHEMA_FIELD`] may stand.
    pub(crate) fn is_definition(&self) -> bool {
        [table::APP.number, table::APP_UPDATE.number, table::POD.number, table::GROUP.number]
            .contains(&self.number)
    }

    /// The type that people mean by it: an app for the update of one, which an element of an array of apps is.
    pub(crate) fn meant(&self) -> &ObjectShape {
        if self.number == table::APP_UPDATE.number { &table::APP } else { self }
    }

    /// Whether only the server's responses have a field of this name.
    pub(crate) fn is_of_response(&self, name: &str) -> bool {
        let field = self.position(name).map(|index| &self.fields[index]);
        self.response_only.contains(&name) || field.is_some_and(|field| field.response)
    }

    /// The position in the model of the field at this index: the order for display.
    pub(crate) fn rank(&self, index: usize) -> u8 {
        self.ranks[index]
    }

    /// How well a member fits this object: 0 not at all, 1 by name, 2 by a value that only this object has.
    fn known(&self, key: &Value<'_>, member: &Value<'_>) -> usize {
        match self.field(key).map(|index| &self.fields[index].shape) {
            Some(Shape::Text { values, .. }) if values.iter().any(|value| member.is_str(value)) => 2,
            Some(_) => 1,
            None => 0,
        }
    }
}

/// See [`Shape::Union`].
#[derive(Debug)]
pub(crate) struct UnionShape {
    /// The alternatives in the order they are tried.
    pub members: &'static [Shape],
    /// The meaning of every string.
    pub any_string: Option<&'static str>,
}

impl UnionShape {
    /// The alternative that `value` most likely means: the one that knows most of its members.
    #[must_use]
    pub(crate) fn meant(&self, value: &Value<'_>) -> Option<&'static Shape> {
        let known = |shape: &Shape| match shape {
            Shape::Object(object) => value.members().map(|(key, member)| object.known(&key, &member)).sum(),
            _ => 0,
        };
        // The last of several best, because Marathon reports that one.
        self.members.iter().max_by_key(|member| known(member))
    }
}

/// The kinds of parser that Marathon's RAML generator and play-json produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeReader {
    /// Collects all errors; reads any other type as `{}`.
    Validator,
    /// play-json's macro: any type but an object is an error.
    Macro,
    /// play-json's macro with defaults: a field of the wrong type takes its default.
    Lenient,
    /// The value of `kind` decides on the other fields.
    Discriminator,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// Whether it is required.
    pub required: bool,
    /// A value of the wrong type silently becomes the default.
    pub lenient: bool,
    /// The field that replaces this one, where it is deprecated.
    pub replaced_by: Option<&'static str>,
    /// The server fills it in, and ignores it in a request.
    pub response: bool,
    /// The first release line `1.N` that knows it; 4 means any.
    pub since: u16,
    /// The value that Marathon's parser uses where it is absent, as JSON.
    pub default: Option<&'static str>,
}
