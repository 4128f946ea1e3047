//! Points in time as text, in UTC.

/// Seconds in a day.
const DAY: i64 = 24 * 60 * 60;

/// `2015-07-28 02:54`, from the seconds since 1970. Years may have more than four digits.
#[must_use]
pub fn minute(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    // Days since 1 March of the year 0, so that the leap day is the last of its year (Howard Hinnant, `civil_from_days`).
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", rest / 3600, rest / 60 % 60)
}

/// The seconds since 1970, now.
#[must_use]
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::minute;

    #[test]
    fn minutes_are_those_of_date() {
        // date -u -d @N '+%Y-%m-%d %H:%M'
        assert_eq!(minute(0), "1970-01-01 00:00");
        assert_eq!(minute(1_438_052_099), "2015-07-28 02:54");
        assert_eq!(minute(951_782_400), "2000-02-29 00:00");
        assert_eq!(minute(4_107_542_399), "2100-02-28 23:59");
        assert_eq!(minute(4_107_542_400), "2100-03-01 00:00");
        assert_eq!(minute(-1), "1969-12-31 23:59");
        assert_eq!(minute(253_402_300_800), "10000-01-01 00:00");
    }
}
