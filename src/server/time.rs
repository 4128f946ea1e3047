//! Points in time as Marathon writes them: UTC, to the millisecond.

use std::fmt;

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) u64);

const DAY: u64 = 86_400_000;

impl Time {
    /// The system's clock.
    pub(crate) fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// This many milliseconds later.
    pub(crate) fn plus(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// The milliseconds from an earlier point until this one.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads `2026-11-21T05:53:12.622Z`, also with an offset, other fractions or without one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once(['T', 't'])?;
        let at = rest.find(['Z', 'z', '+', '-'])?;
        let (time, offset) = rest.split_at(at);
        let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (date.next()??, date.next()??, date.next()??);
        let mut clock = time.split(':');
        let (hour, minute) = (clock.next()?.parse::<i64>().ok()?, clock.next()?.parse::<i64>().ok()?);
        let (seconds, fraction) = clock.next().unwrap_or("0").split_once('.').map_or_else(
            || (time.split(':').nth(2).unwrap_or("0"), String::new()),
            |(seconds, fraction)| (seconds, fraction.chars().chain("000".chars()).take(3).collect()),
        );
        let milliseconds: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        let shift = offset_minutes(offset)?;
        let in_range = (1..=12).contains(&month) && (1..=31).contains(&day) && (0..=9999).contains(&year);
        let minutes = days_from_civil(year, month, day).checked_mul(24 * 60)?;
        let minutes = minutes.checked_add(hour * 60 + minute - shift)?;
        let total = minutes * 60_000 + seconds.parse::<i64>().ok()? * 1_000 + milliseconds;
        u64::try_from(total).ok().filter(|_| in_range).map(Self)
    }
}

/// The minutes that an offset such as `Z` or `+01:00` is east of UTC.
fn offset_minutes(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?))
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 / DAY + 719_468;
        let era = days / 146_097;
        let of_era = days % 146_097;
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + u64::from(month <= 2);
        let of_day = self.0 % DAY;
        let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1_000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", of_day % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn texts_and_times_agree() {
        for text in ["1970-01-01T00:00:00.000Z", "2000-02-29T23:59:59.999Z", "2026-11-21T05:53:12.622Z"] {
            assert_eq!(Time::parse(text).expect("a time").to_string(), text);
        }
        assert_eq!(Time::parse("2026-11-21T06:53:12.622+01:00"), Time::parse("2026-11-21T05:53:12.622Z"));
        assert_eq!(Time::parse("2026-11-21T05:53:12Z").map(|time| time.0 % 1_000), Some(0));
        for text in ["", "now", "2026-11-21", "2026-13-21T05:53:12Z", "2026-11-21T05:53:12"] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}
