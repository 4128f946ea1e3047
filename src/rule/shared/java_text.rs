//! Numbers as Java reads and writes them.

/// A double as `Double.toString` spells it: plain between 10⁻³ and 10⁷, with an exponent elsewhere.
pub(in crate::rule) fn double(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

/// A text as `Integer.parseInt` reads it.
pub(in crate::rule) fn int(text: &str) -> Option<i32> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_spelt_as_java_does() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.25e300, "1.25E300"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(double(number), text);
        }
    }

    #[test]
    fn integers_are_read_as_java_does() {
        assert_eq!(int("+5"), Some(5));
        assert_eq!(int("-2147483648"), Some(i32::MIN));
        for text in ["", "+", "5.0", " 5", "2147483648", "0x5"] {
            assert_eq!(int(text), None, "{text}");
        }
    }
}
