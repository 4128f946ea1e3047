//! Sets of fields of the tables' types.

use super::shape::ObjectShape;

/// Fields, by the numbers of their types and their indexes: a bit for each.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldSet(Vec<u64>);

impl FieldSet {
    /// No fields.
    pub(crate) const NONE: Self = Self(Vec::new());

    /// The same, to be borrowed.
    pub(crate) const EMPTY: &'static Self = &Self::NONE;

    /// Adds the field at an index of a type. One that has no bit is not added.
    pub(crate) fn insert(&mut self, object: &ObjectShape, index: usize) {
        let number = usize::from(object.number);
        if self.0.len() <= number {
            self.0.resize(number + 1, 0);
        }
        self.0[number] |= bit(index);
    }

    /// Whether the field at an index of a type is in it.
    pub(crate) fn has(&self, object: &ObjectShape, index: usize) -> bool {
        self.0.get(usize::from(object.number)).is_some_and(|fields| fields & bit(index) != 0)
    }
}

/// The bit of an index; none for those that are too many.
fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}
