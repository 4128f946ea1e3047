//! JSON as Marathon writes it into its answers (play-json 2.8: numbers without trailing zeros, the last of duplicate keys in
//! the position of the first).

use std::borrow::Cow;

use super::number::Decimal;
use crate::source::Value;
use crate::source::json_text::{self, JsonSpelling};

/// Numbers and strings as play-json writes them.
struct PlayJson;

impl JsonSpelling for PlayJson {
    fn number<'a>(&self, value: Value<'a>) -> Cow<'a, str> {
        number(value.as_number().unwrap_or_default()).into()
    }

    /// Half a surrogate pair is a question mark once Java has encoded it.
    fn string(&self, value: Value<'_>) -> String {
        let text = value.as_str().unwrap_or_default();
        let has_escape = value.source().contains("\\u");
        json_text::quoted(&if has_escape { text.replace('\u{fffd}', "?").into() } else { text })
    }

    fn members<'a>(&self, object: Value<'a>) -> Vec<(Value<'a>, Value<'a>)> {
        json_text::last_of_duplicates(object)
    }
}

/// A value on one line.
pub(super) fn text(value: Value<'_>) -> String {
    json_text::compact(value, &PlayJson)
}

/// `BigDecimal.stripTrailingZeros`, then `BigDecimal.toString`. Between 1e-10 and 1e20 play-json expands zeros first, which
/// removes the exponent from large numbers; small ones keep it, because they are a `BigDecimal` again.
fn number(text: &str) -> String {
    let Decimal { negative, digits, scale } = Decimal::of(text);
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let sign = if negative { "-" } else { "" };
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    // value = significant × 10^zeros
    let zeros = length(&digits) - length(significant) - scale;
    let magnitude = length(significant) + zeros;
    if zeros > 0 && magnitude > 20 || magnitude < -5 {
        let (first, rest) = significant.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = magnitude - 1;
        let plus = if exponent < 0 { "" } else { "+" };
        return format!("{sign}{first}{point}{rest}E{plus}{exponent}");
    }
    let some = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    if zeros >= 0 {
        format!("{sign}{significant}{}", some(zeros))
    } else if magnitude > 0 {
        let (whole, fraction) = significant.split_at(usize::try_from(magnitude).unwrap_or(0));
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}0.{}{significant}", some(-magnitude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Document, Format};

    #[test]
    fn values_are_written_as_play_json_does() {
        let source = r#"{"a": [1.0, [], {}, "\u00e4\n"], "b": 1, "c": null, "b": {"d": true, "e": [2, 3]}}"#;
        let document = Document::parse(source, Format::Json).expect("valid JSON");
        let written = r#"{"a":[1,[],{},"ä\n"],"b":{"d":true,"e":[2,3]},"c":null}"#;
        assert_eq!(text(document.root()), written);
    }

    #[test]
    fn numbers_are_written_as_play_json_does() {
        for (text, written) in [
            ("1.0", "1"),
            ("0.50", "0.5"),
            ("100", "100"),
            ("1e3", "1000"),
            ("1e300", "1E+300"),
            ("-1.25e-30", "-1.25E-30"),
            ("-0.0", "0"),
            ("0.001", "0.001"),
            ("12.5e1", "125"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1E-7"),
            ("1.1e-10", "1.1E-10"),
            ("1e20", "1E+20"),
            ("1e19", "10000000000000000000"),
            ("9999999999999999999999999999999999", "9999999999999999999999999999999999"),
            ("99999999999999999999999999999999999", "1E+35"),
        ] {
            assert_eq!(number(text), written, "{text}");
        }
    }
}
