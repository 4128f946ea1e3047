//! From a validator's error to a place in the text.

use std::collections::HashMap;
use std::ops::Range;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::LocationSegment;

use crate::normalize;
use crate::source::{Pointer, Step, Type, Value};

/// Where something is wrong.
pub(crate) struct ViolationLocation {
    /// The way there; for a field that is missing the way to where it should be.
    pub(crate) pointer: Pointer,
    /// The bytes to underline: of the value, or of the nearest one around it that the text has.
    pub(crate) range: Range<usize>,
}

/// What lies directly below the values that were passed so far: a list of many elements is gone through once, not once for
/// each error in it.
#[derive(Default)]
pub(crate) struct Below<'a> {
    by_node: HashMap<u32, HashMap<Step, Value<'a>>>,
}

impl<'a> Below<'a> {
    /// Where an error about `value` is. `is_stored` says that the error is about what Marathon would store of it, which may
    /// have more and in sets is in another order.
    pub(crate) fn locate(
        &mut self,
        value: Value<'a>,
        error: &ValidationError<'_>,
        is_stored: bool,
    ) -> ViolationLocation {
        let mut steps: Vec<Step> = error.instance_path().segments().map(step).collect();
        let nearest = self.nearest(value, &steps, is_stored);
        let (field, is_there) = field_of(error.kind());
        let key =
            field.as_deref().filter(|_| is_there).and_then(|name| nearest.member(name)).map(|(key, _)| key);
        steps.extend(field.map(Step::Key));
        ViolationLocation { pointer: steps.into_iter().collect(), range: key.unwrap_or(nearest).first_line() }
    }

    fn nearest(&mut self, value: Value<'a>, steps: &[Step], is_stored: bool) -> Value<'a> {
        let mut at = value;
        let mut name = "";
        for step in steps {
            let is_elsewhere = is_stored
                && matches!(step, Step::Index(_))
                && !normalize::keeps_order(name, || at.elements().count());
            let Some(next) = self.step(at, step).filter(|_| !is_elsewhere) else { return at };
            at = next;
            name = if let Step::Key(key) = step { key } else { "" };
        }
        at
    }

    fn step(&mut self, value: Value<'a>, step: &Step) -> Option<Value<'a>> {
        /// So few are gone through each time.
        const FEW: usize = 32;
        if value.members().nth(FEW).is_none() && value.elements().nth(FEW).is_none() {
            return match (value.kind(), step) {
                (_, Step::Key(name)) => value.get(name),
                // An object's names may be digits.
                (Type::Object, Step::Index(index)) => value.get(&index.to_string()),
                (_, Step::Index(index)) => value.elements().nth(*index),
            };
        }
        let below = self.by_node.entry(value.node_id()).or_insert_with(|| {
            let key = |key: Value<'_>| Step::Key(key.as_str().unwrap_or_default().into_owned());
            let members = value.members().map(|(name, value)| (key(name), value));
            let elements = value.elements().enumerate().map(|(index, value)| (Step::Index(index), value));
            members.chain(elements).collect()
        });
        // An object's names may be digits.
        match (value.kind(), step) {
            (Type::Object, Step::Index(index)) => below.get(&Step::Key(index.to_string())).copied(),
            _ => below.get(step).copied(),
        }
    }
}

/// The field that an error is about where that is not the value at its path, and whether it is there.
fn field_of(kind: &ValidationErrorKind) -> (Option<String>, bool) {
    match kind {
        ValidationErrorKind::Required { property } => (property.as_str().map(str::to_owned), false),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => (unexpected.first().cloned(), true),
        _ => (None, true),
    }
}

fn step(segment: LocationSegment<'_>) -> Step {
    match segment {
        LocationSegment::Property(name) => Step::Key(name.into_owned()),
        LocationSegment::Index(index) => Step::Index(index),
    }
}
