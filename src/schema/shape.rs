//! What the types of Marathon's API look like to the reader: tables in read-only memory, generated from the models in
//! [`crate::definition`] (see [`crate::generate::schemas`]), so that checking a file compiles and allocates nothing.

use crate::source::Value;

use super::pattern::Pattern;

/// What a value has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number, whatever its spelling (`1`, `1.0`, `1e0`).
    Integer {
        /// 64 bits; 32 otherwise.
        long: bool,
        /// Smallest value taken.
        min: Option<i64>,
        /// Largest value taken.
        max: Option<i64>,
    },
    /// Any number.
    Double {
        /// Smallest value taken.
        min: Option<f64>,
        /// Largest value taken.
        max: Option<f64>,
    },
    /// A string. Lengths count UTF-16 units, as Java does.
    Text {
        /// Least length.
        min: u32,
        /// Greatest length.
        max: Option<u32>,
        /// What the whole string must match.
        pattern: Option<&'static Pattern>,
        /// The values that make sense; Marathon does not hold the text against them while it reads.
        values: &'static [&'static str],
    },
    /// One of these words, in any case.
    Word(&'static [&'static str]),
    /// A point in time, ISO 8601 with an offset.
    Timestamp,
    /// An array.
    List {
        /// What each element has to be.
        items: &'static Shape,
        /// Least number of elements.
        min: u32,
    },
    /// An object with names of the user's choosing.
    Map {
        /// What each value has to be.
        values: &'static Shape,
        /// What each name must match.
        names: Option<&'static Pattern>,
    },
    /// An object with fields.
    Object(&'static ObjectShape),
    /// One of several; the first that reads wins, and if none does Marathon tells only what the last one lacks.
    Union(&'static UnionShape),
}

/// See [`Shape::Object`].
#[derive(Debug)]
pub(crate) struct ObjectShape {
    /// The type's name in Marathon's API.
    pub name: &'static str,
    /// Its number among all, from 1.
    pub number: u16,
    /// How Marathon reads it.
    pub reader: TypeReader,
    /// The first release line `1.N` that knows the type, as an alternative of a union; 4 stands for any.
    pub since: u16,
    /// Names that only the server's responses have beside `fields`.
    pub response_only: &'static [&'static str],
    /// The fields, sorted by name.
    pub fields: &'static [Field],
    /// For each of `fields`, how many the model declares before it.
    pub ranks: &'static [u8],
    /// Where in `fields` a name is, by its [`slot`]; 255 where no name is.
    pub slots: &'static [u8],
    /// What makes the slots of all names differ.
    pub seed: u64,
}

/// The slot of a field's name among so many.
#[inline]
pub(crate) fn slot(name: &[u8], seed: u64, slots: usize) -> usize {
    let Some((first, last)) = name.first().zip(name.last()) else { return 0 };
    let middle = name.len() / 2;
    let after = name.get(middle + 1).copied().unwrap_or_default();
    let sample = u32::from_le_bytes([*first, name[middle], after, *last]);
    let sample = u64::from(sample) | (name.len() as u64) << 32;
    // The uppermost bits, which all of the sample has a part in.
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

    /// The index of a field that is there, which saves comparing its name.
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

    /// The index of the field that `key` names. The rules ask again for what the reader has found.
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

    /// How many fields the model declares before the field of this index: the order in which people are shown them.
    pub(crate) fn rank(&self, index: usize) -> u8 {
        self.ranks[index]
    }

    /// How well a member fits a field of this object: 0 not at all, 1 by name, 2 by a value that only it has.
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
    /// What any string at all is taken for.
    pub any_string: Option<&'static str>,
}

impl UnionShape {
    /// The alternative that the writer of `value` had in mind: the one which knows most of its members.
    #[must_use]
    pub(crate) fn meant(&self, value: &Value<'_>) -> Option<&'static Shape> {
        let known = |shape: &Shape| match shape {
            Shape::Object(object) => value.members().map(|(key, member)| object.known(&key, &member)).sum(),
            _ => 0,
        };
        // The last of the best: it is the one that Marathon complains of.
        self.members.iter().max_by_key(|member| known(member))
    }
}

/// The kinds of reader that Marathon's RAML generator and play-json produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeReader {
    /// Collects all errors; what is no object is read as `{}`.
    Validator,
    /// play-json's macro: what is no object is an error.
    Macro,
    /// play-json's macro with defaults: a field of the wrong type takes its default.
    Lenient,
    /// The value of `kind` decides what the rest is.
    Discriminator,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it has to be.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
    /// A value of the wrong type silently becomes the default.
    pub lenient: bool,
    /// The field that does this job today, where this one is deprecated.
    pub replaced_by: Option<&'static str>,
    /// The server fills it, and ignores it in a request.
    pub response: bool,
    /// The first release line `1.N` that knows it; 4 stands for any.
    pub since: u16,
    /// What Marathon's parser takes where it is absent, as JSON.
    pub default: Option<&'static str>,
}
