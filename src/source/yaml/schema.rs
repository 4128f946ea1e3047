//! The types of plain scalars: the core schema (YAML 1.2.2, section 10.3.2).

use std::borrow::Cow;

use super::super::tree::Type;

/// The type of a scalar, and its value in JSON's spelling.
///
/// # Errors
/// The scalar itself, for infinities and `NaN`, which JSON does not have.
pub(super) fn resolve(value: Cow<'_, str>, is_string: bool) -> Result<(Type, Cow<'_, str>), Cow<'_, str>> {
    if is_string {
        return Ok((Type::String, value));
    }
    Ok(match &*value {
        "" | "~" | "null" | "Null" | "NULL" => (Type::Null, "null".into()),
        "true" | "True" | "TRUE" => (Type::Boolean, "true".into()),
        "false" | "False" | "FALSE" => (Type::Boolean, "false".into()),
        plain => match number(plain) {
            Some(number) => (Type::Number, number.into()),
            None if is_not_finite(plain) => return Err(value),
            None => (Type::String, value),
        },
    })
}

fn is_not_finite(plain: &str) -> bool {
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// A plain scalar's spelling as a JSON number; `None` if it is not a number.
fn number(plain: &str) -> Option<String> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().filter(|n| *n >= 0).map(|n| n.to_string());
        }
    }
    let (sign, unsigned) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.strip_prefix('+').unwrap_or(plain)),
    };
    let mantissa_end = unsigned.find(['e', 'E']).unwrap_or(unsigned.len());
    let (mantissa, exponent) = unsigned.split_at(mantissa_end);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.get(1..).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let is_number = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && all_digits(digits));
    if !is_number {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}{exponent}"))
}
