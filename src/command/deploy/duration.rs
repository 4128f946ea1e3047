//! Durations on the command line: `90`, `30s`, `10m`, `1h30m`.

use std::time::Duration;

/// The longest that can be asked for.
const LONGEST: u64 = 7 * 24 * 3600;

/// Reads a duration: a number of seconds, or numbers with units.
pub(in super::super) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration: write it like 90, 30s, 10m or 1h30m");
    let mut total: u64 = 0;
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u64>() {
        (total, rest) = (seconds, "");
    } else if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(wrong()),
        };
        total = number.checked_mul(seconds).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    if total > LONGEST {
        return Err(format!("`{text}` is longer than a week"));
    }
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let seconds = |text: &str| parse(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("90"), Ok(90));
        assert_eq!(seconds("30s"), Ok(30));
        assert_eq!(seconds("1h30m"), Ok(5400));
        assert_eq!(seconds("0"), Ok(0));
        for wrong in ["", "m", "10x", "1.5m", "-3", "10 m", "99999999999999999999s", "8760h", "5é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
