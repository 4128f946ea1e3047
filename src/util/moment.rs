//! Moments in texts.

use time::{Date, Month, PrimitiveDateTime, Time};

/// Reads `2026-11-21T05:55:09`, without the parts of a second and the zone that may follow.
pub(crate) fn read(text: &str) -> Option<PrimitiveDateTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let small = |from: usize| u8::try_from(number(from, from + 2)?).ok();
    let month = Month::try_from(small(5)?).ok()?;
    let date = Date::from_calendar_date(number(0, 4)?.into(), month, small(8)?).ok()?;
    let time = Time::from_hms(small(11)?, small(14)?, small(17)?).ok()?;
    Some(PrimitiveDateTime::new(date, time))
}
