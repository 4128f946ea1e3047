//! Which fixes would change a value with a placeholder.

use std::ops::Range;

use crate::finding::{Change, Fix};
use crate::source::placeholder::{self, TextReader};
use crate::source::{Type, Value};

/// The values that no fix changes, by their bytes, in order: those with placeholders, commands included, because whoever
/// fills in a template fills in all of it.
#[derive(Default)]
pub(super) struct Protected(Vec<Range<usize>>);

impl Protected {
    /// The strings of a definition with placeholders, and other ranges.
    pub(super) fn of(root: Value<'_>, others: impl Iterator<Item = Range<usize>>) -> Self {
        let mut ranges: Vec<Range<usize>> = others.collect();
        let mut waiting = vec![root];
        while let Some(value) = waiting.pop() {
            match value.kind() {
                Type::String => ranges.extend(has_one(value).then(|| value.range())),
                Type::Array => waiting.extend(value.elements()),
                Type::Object => waiting.extend(value.members().map(|(_, member)| member)),
                _ => {}
            }
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        ranges.dedup();
        Self(ranges)
    }

    /// Whether a fix of a finding would change one of them.
    pub(super) fn touches(&self, root: Value<'_>, found_at: &Range<usize>, fix: &Fix) -> bool {
        if self.0.is_empty() {
            return false;
        }
        fix.changes.iter().any(|change| match change {
            Change::Rename { key, .. } => self.meets(key) || self.is_for_the_value(root, key.start, found_at),
            Change::Replace { value, .. } => self.meets(value),
            Change::Remove { item, .. } | Change::Move { item, .. } => self.meets(&extent(root, *item)),
            Change::Respell(edit) => self.meets(&edit.range),
            Change::Insert { value, .. } => {
                placeholder::find(&value.to_string(), TextReader::Plain).is_some()
            }
        })
    }

    /// Whether a member is renamed for the sake of its value (`cmd` that is a list), and one is in that.
    fn is_for_the_value(&self, root: Value<'_>, key: usize, found_at: &Range<usize>) -> bool {
        let Some(key) = root.at_offset(key) else { return false };
        let value = root.at_place(key.node_id() + 1);
        found_at.start >= key.range().end
            && value.range().contains(&found_at.start)
            && self.meets(&value.range())
    }

    fn meets(&self, range: &Range<usize>) -> bool {
        let index = self.0.partition_point(|one| one.end <= range.start);
        self.0.get(index).is_some_and(|one| one.start < range.end)
    }
}

fn has_one(value: Value<'_>) -> bool {
    value.as_str().is_some_and(|text| placeholder::find(&text, TextReader::Plain).is_some())
}

/// The bytes of the outermost value that begins at a byte.
fn extent(root: Value<'_>, start: usize) -> Range<usize> {
    let Some(mut value) = root.at_offset(start) else { return start..start + 1 };
    while let Some(before) = value.node_id().checked_sub(1).map(|id| root.at_place(id))
        && before.range().start == start
    {
        value = before;
    }
    value.range()
}
