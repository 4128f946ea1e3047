//! Whole numbers as Marathon's parser reads them: by value, in any spelling.

/// The value of a JSON number that is whole and fits in 64 (`long`) or 32 bits.
///
/// `1.0`, `10e-1` and `-0` are whole. Works on the digits, so nothing is rounded.
pub(crate) fn integer(text: &str, long: bool) -> Option<i64> {
    if let Some(value) = small(text) {
        return Some(value);
    }
    let value = text.parse::<i64>().ok().or_else(|| whole(text))?;
    (long || i32::try_from(value).is_ok()).then_some(value)
}

/// The value of a number that consists of one to nine digits, as nearly all do.
#[inline]
pub(super) fn small(text: &str) -> Option<i64> {
    let is_small = (1..10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_small.then(|| text.bytes().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// A whole number in another spelling.
fn whole(text: &str) -> Option<i64> {
    let Decimal { negative, digits, scale } = Decimal::of(text);
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() {
        return Some(0);
    }
    let zeros = i64::try_from(digits.len() - trimmed.len()).ok()? - scale;
    if !(0..=19).contains(&zeros) || trimmed.len() > 20 {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{trimmed}{}", "0".repeat(usize::try_from(zeros).ok()?)).parse().ok()
}

/// A JSON number as play-json holds it (2.8): Java's `BigDecimal`, rounded to `MathContext.DECIMAL128`. Its value is
/// `digits` × 10^-`scale`.
pub(super) struct Decimal {
    pub(super) negative: bool,
    /// Without leading zeros; empty for 0.
    pub(super) digits: String,
    pub(super) scale: i64,
}

impl Decimal {
    /// The number of digits that `MathContext.DECIMAL128` keeps.
    const PRECISION: usize = 34;

    pub(super) fn of(text: &str) -> Self {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // An exponent that does not fit is as far beyond any limit as the largest that does.
        let largest = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let exponent = exponent.parse::<i64>().unwrap_or(largest).clamp(i64::MIN / 2, i64::MAX / 2);
        let scale = i64::try_from(after.len()).unwrap_or(i64::MAX / 2) - exponent;
        let digits = format!("{before}{after}").trim_start_matches('0').to_owned();
        let mut decimal = Self { negative, digits, scale };
        decimal.round();
        decimal
    }

    /// Half to even.
    fn round(&mut self) {
        if self.digits.len() <= Self::PRECISION {
            return;
        }
        let dropped = self.digits.split_off(Self::PRECISION);
        self.scale -= i64::try_from(dropped.len()).unwrap_or(i64::MAX / 2);
        let is_odd = self.digits.bytes().next_back().is_some_and(|digit| digit % 2 == 1);
        let half = format!("5{}", "0".repeat(dropped.len() - 1));
        if dropped < half || (dropped == half && !is_odd) {
            return;
        }
        let kept = self.digits.trim_end_matches('9').len();
        let nines = self.digits.len() - kept;
        self.digits.truncate(kept);
        if let Some(digit) = self.digits.pop() {
            self.digits.push(char::from_digit(digit.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or('9'));
            self.digits.push_str(&"0".repeat(nines));
        } else {
            // 99…9 becomes 10…0, of as many digits.
            self.digits = format!("1{}", "0".repeat(Self::PRECISION - 1));
            self.scale -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Decimal, integer};

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
    fn more_digits_than_marathon_holds_are_rounded() {
        let nines = |count: usize| format!("0.{}", "9".repeat(count));
        assert_eq!(integer(&nines(34), false), None);
        assert_eq!(integer(&nines(35), false), Some(1));
        assert_eq!(integer("1.00000000000000000000000000000000001", false), Some(1));
        assert_eq!(integer("1.000000000000000000000000000000001", false), None);
        // Half to even.
        assert_eq!(
            Decimal::of("1.0000000000000000000000000000000005").digits,
            format!("1{}", "0".repeat(33))
        );
        assert_eq!(
            Decimal::of("1.0000000000000000000000000000000015").digits,
            format!("1{}2", "0".repeat(32))
        );
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
