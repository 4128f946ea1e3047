//! Timestamps as Marathon's parser reads them: `DateTimeFormatter.ISO_OFFSET_DATE_TIME` of the JDK.

/// Whether `text` is a date, `T`, a time and an offset: `2021-07-27T12:00:00.000Z`, `2021-07-27T12:00+02:00`.
pub(super) fn is_offset_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't']) else {
        return false;
    };
    let Some(offset_at) = rest.find(['Z', 'z', '+', '-']) else {
        return false;
    };
    let (time, offset) = rest.split_at(offset_at);
    is_date(date) && is_time(time) && is_offset(offset)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let all = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

fn is_date(date: &str) -> bool {
    // A year has four digits, or up to nine with a sign.
    let signed = date.starts_with(['+', '-']);
    let (sign, unsigned) = date.split_at(usize::from(signed));
    let Some((year, month_day)) = unsigned.split_once('-') else {
        return false;
    };
    let width = if sign == "+" {
        5..=9
    } else if signed {
        4..=9
    } else {
        4..=4
    };
    let Some(year) = width.contains(&year.len()).then(|| digits(year, year.len())).flatten() else {
        return false;
    };
    let Some((month, day)) = month_day.split_once('-') else {
        return false;
    };
    let (Some(month), Some(day)) = (digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_time(time: &str) -> bool {
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.split(':');
    let hour = parts.next().and_then(|part| digits(part, 2));
    let minute = parts.next().and_then(|part| digits(part, 2));
    let second = parts.next();
    let second_is_fine = match second {
        Some(part) => digits(part, 2).is_some_and(|second| second < 60),
        None => !time.contains('.'),
    };
    hour.is_some_and(|hour| hour < 24)
        && minute.is_some_and(|minute| minute < 60)
        && second_is_fine
        && parts.next().is_none()
        && fraction.len() <= 9
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_offset(offset: &str) -> bool {
    if offset.eq_ignore_ascii_case("z") {
        return true;
    }
    let mut parts = offset[1..].split(':');
    let hour = parts.next().and_then(|part| digits(part, 2));
    let others = parts.clone().count();
    hour.is_some_and(|hour| hour <= 18)
        && others <= 2
        && parts.all(|part| digits(part, 2).is_some_and(|value| value < 60))
}

#[cfg(test)]
mod tests {
    use super::is_offset_date_time;

    #[test]
    fn the_jdk_decides() {
        for text in [
            "2021-07-27T12:00:00.000Z",
            "2017-01-03T18:21:19.31Z",
            "2021-07-27T12:00+02:00",
            "2020-02-29T00:00:00Z",
            "2021-07-27t12:00:00z",
        ] {
            assert!(is_offset_date_time(text), "{text}");
        }
        for text in [
            "2021-07-27",
            "2021-07-27T12:00:00",
            "2021-02-29T00:00:00Z",
            "2021-01-01Z00:00:00",
            "2021-07-27 12:00:00Z",
            "21-07-27T12:00:00Z",
            "2021-07-27T24:00:00Z",
            "nope",
            "",
        ] {
            assert!(!is_offset_date_time(text), "{text}");
        }
    }
}
