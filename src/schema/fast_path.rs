//! Quick checks that accept most values before the full check against the tables. Without them lint takes 6 % longer
//! (`cargo bench --bench whole`).

use crate::source::{Type, Value};

use super::number;
use super::shape::Shape;

/// Whether a value surely fits a shape: a boolean, a string without limits, or a number with simple bounds.
pub(super) fn is_fine(value: &Value<'_>, shape: &Shape) -> bool {
    match (shape, value.kind()) {
        (Shape::Boolean, Type::Boolean)
        | (Shape::Text { min: 0, max: None, pattern: None, .. }, Type::String) => true,
        (Shape::Double { min, max: None }, Type::Number) => {
            min.is_none_or(|min| min <= 0.0)
                && !value.as_number().is_some_and(|number| number.starts_with('-'))
        }
        (Shape::Integer { min, max, .. }, Type::Number) => {
            let number = value.as_number().and_then(number::small);
            number.is_some_and(|number| {
                min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max)
            })
        }
        _ => false,
    }
}

/// Whether a value is a string where any string fits.
pub(super) fn is_plain(value: &Value<'_>, shape: &Shape) -> bool {
    if value.kind() != Type::String {
        return false;
    }
    let is_any = |shape: &Shape| matches!(shape, Shape::Text { min: 0, max: None, pattern: None, .. });
    match shape {
        Shape::Union(union) => union.any_string.is_none() && union.members.first().is_some_and(is_any),
        shape => is_any(shape),
    }
}

/// A fast hash of a name, eight bytes at a time and never 0. Different hashes mean different names.
pub(super) fn hash(key: &Value<'_>) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let of = |bytes: &[u8]| {
        let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(FACTOR);
        let word = |eight: &[u8]| eight.try_into().map_or(0, u64::from_le_bytes);
        let mut hash = bytes.len() as u64;
        match bytes.len().checked_sub(8) {
            // The last eight bytes, which may overlap with those before.
            Some(last) => {
                hash = bytes.chunks_exact(8).fold(hash, |hash, eight| mix(hash, word(eight)));
                hash = mix(hash, word(&bytes[last..]));
            }
            None => {
                hash = mix(hash, bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
            }
        }
        u32::try_from(hash >> 32).unwrap_or_default() | 1
    };
    match key.verbatim() {
        Some(bytes) => of(bytes),
        None => of(key.as_str().unwrap_or_default().as_bytes()),
    }
}
