//! When a deployment began, as a label.

use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use crate::util::moment::read;

/// The label of a deployment that begins now, after the one with this label. It has no zone, as those of `zdd.py`:
/// marathon-lb cannot compare times with and without one. `zdd.py` writes local time, which may be ahead.
pub(crate) fn started_at(now: OffsetDateTime, after: &str) -> String {
    let now = PrimitiveDateTime::new(now.date(), now.time());
    let least = read(after).and_then(|earlier| earlier.checked_add(Duration::SECOND));
    write(least.map_or(now, |least| least.max(now)))
}

fn write(at: PrimitiveDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.microsecond()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_deployment_has_a_later_label() {
        let now = OffsetDateTime::from_unix_timestamp_nanos(1_700_000_000_123_456_789).expect("a time");
        for (after, expected) in [
            ("", "2023-11-14T22:13:20.123456"),
            ("0", "2023-11-14T22:13:20.123456"),
            ("2023-11-14T21:00:00", "2023-11-14T22:13:20.123456"),
            // A `zdd.py` east of Greenwich.
            ("2023-11-14T23:59:59.999999", "2023-11-15T00:00:00.000000"),
            ("2023-99-14T23:59:59.999999", "2023-11-14T22:13:20.123456"),
        ] {
            let label = started_at(now, after);
            assert_eq!(label, expected, "after {after}");
        }
    }
}
