//! Whole numbers as Marathon's parser reads them: by value, whatever the spelling.

/// The value of a JSON number that is whole and fits in 64 (`long`) or 32 bits.
///
/// `1.0`, `10e-1` and `-0` are whole. Decided on the digits, so nothing is lost to rounding.
pub(crate) fn integer(text: &str, long: bool) -> Option<i64> {
    if let Some(value) = small(text) {
        return Some(value);
    }
    let value = text.parse::<i64>().ok().or_else(|| whole(text))?;
    (long || i32::try_from(value).is_ok()).then_some(value)
}

/// The value of a number of one to nine digits and nothing else, as nearly all are that somebody writes.
#[inline]
pub(super) fn small(text: &str) -> Option<i64> {
    let is_small = (1..10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_small.then(|| text.bytes().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// A whole number that is not spelt as one.
fn whole(text: &str) -> Option<i64> {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{before}{after}");
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let trimmed = significant.trim_end_matches('0');
    // value = trimmed × 10^scale
    let exponent = exponent.parse::<i64>().ok()?;
    let scale = exponent - i64::try_from(after.len()).ok()?
        + i64::try_from(significant.len() - trimmed.len()).ok()?;
    if !(0..=19).contains(&scale) || trimmed.len() > 20 {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{trimmed}{}", "0".repeat(usize::try_from(scale).ok()?)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn spelling_does_not_matter() {
        for text in ["1", "1.0", "1e0", "10e-1", "0.1e1", "1E+0", "100e-2"] {
            assert_eq!(integer(text, false), Some(1), "{text}");
        }
        assert_eq!(integer("-0.0", false), Some(0));
        assert_eq!(integer("0e99999", false), Some(0));
        for text in ["1.5", "1e-1", "0.10001", "1e400", "1e99999999999999999999"] {
            assert_eq!(integer(text, true), None, "{text}");
        }
    }

    #[test]
    fn range_is_the_types() {
        assert_eq!(integer("2147483647", false), Some(2_147_483_647));
        assert_eq!(integer("2147483648", false), None);
        assert_eq!(integer("2147483648", true), Some(2_147_483_648));
        assert_eq!(integer("9223372036854775807", true), Some(i64::MAX));
        assert_eq!(integer("9223372036854775808", true), None);
        assert_eq!(integer("-9.223372036854775808e18", true), Some(i64::MIN));
    }
}
