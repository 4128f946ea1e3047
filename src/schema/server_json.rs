//! JSON as Marathon writes it into its answers (play-json 2.8: numbers without trailing zeros, the last of duplicate
//! keys at the place of the first).

use crate::source::{Type, Value};

/// A value on one line.
pub(super) fn text(value: Value<'_>) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: Value<'_>, out: &mut String) {
    match value.kind() {
        Type::Null => out.push_str("null"),
        Type::Boolean => out.push_str(if value.as_bool() == Some(true) { "true" } else { "false" }),
        Type::Number => out.push_str(&number(value.as_number().unwrap_or_default())),
        Type::String => {
            out.push_str(&serde_json::Value::from(value.as_str().unwrap_or_default()).to_string());
        }
        Type::Array => {
            out.push('[');
            for (index, element) in value.elements().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write(element, out);
            }
            out.push(']');
        }
        Type::Object => {
            let mut members = indexmap::IndexMap::new();
            for (key, member) in value.members() {
                members.insert(key.as_str().unwrap_or_default(), member);
            }
            out.push('{');
            for (index, (key, member)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(&serde_json::Value::from(key).to_string());
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

/// `BigDecimal.stripTrailingZeros`, plain between 1e-20 and 1e20 and else with an exponent.
fn number(text: &str) -> String {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    // value = significant × 10^scale
    let scale =
        exponent.parse::<i64>().unwrap_or(0) - length(fraction) + length(digits) - length(significant);
    let magnitude = length(significant) + scale;
    if !(-19..=20).contains(&magnitude) {
        let (first, rest) = significant.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = magnitude - 1;
        let plus = if exponent < 0 { "" } else { "+" };
        return format!("{sign}{first}{point}{rest}E{plus}{exponent}");
    }
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    if scale >= 0 {
        format!("{sign}{significant}{}", zeros(scale))
    } else if magnitude > 0 {
        let (whole, fraction) = significant.split_at(usize::try_from(magnitude).unwrap_or(0));
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}0.{}{significant}", zeros(-magnitude))
    }
}

#[cfg(test)]
mod tests {
    use super::number;

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
        ] {
            assert_eq!(number(text), written, "{text}");
        }
    }
}
