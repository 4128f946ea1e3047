//! Writes numbers.

use serde::Serializer;

/// The largest whole number below which every `f64` holds exactly one integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes whole numbers without a fraction: `128`, not `128.0`, as people and Marathon do.
pub(super) fn short<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Copy + Into<Option<f64>>,
    S: Serializer,
{
    match (*value).into() {
        None => serializer.serialize_none(),
        Some(number) if number.fract() == 0.0 && number.abs() < EXACT =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53, so it fits")]
            serializer.serialize_i64(number as i64)
        }
        Some(number) => serializer.serialize_f64(number),
    }
}

#[cfg(test)]
mod tests {
    use crate::definition::Resources;

    #[test]
    fn whole_numbers_have_no_fraction() -> Result<(), serde_json::Error> {
        let resources = Resources { cpus: Some(0.5), mem: Some(128.0), ..Resources::default() };
        assert_eq!(serde_json::to_string(&resources)?, r#"{"cpus":0.5,"mem":128}"#);
        Ok(())
    }
}
