//! Servers that have too much to do, or fail for a moment: how long they are waited for, and how often they are asked again.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Url};

use crate::http::{Client, ClientError, MAX_ANSWER, Response};

/// How often something is tried again.
pub(super) const MOST_FAILURES: u32 = 5;

/// The longest pause that a registry may ask for, in seconds.
pub(super) const LONGEST_PAUSE: u64 = 60;

impl Client {
    /// Sends a request. With `waits` a server that has too much to do, or fails, is asked again after a pause.
    pub(super) fn run_patiently(
        &self,
        url: &Url,
        mut request: RequestBuilder,
        waits: bool,
    ) -> Result<Response, ClientError> {
        let mut failures = 0;
        loop {
            // Nothing where the body is a stream, which no such request has.
            let next = request.try_clone();
            let answer = self.run(url, request, MAX_ANSWER)?;
            let again = retry_after(&answer.1);
            let is_over = !waits || failures >= MOST_FAILURES || !may_pass(answer.0);
            let Some(next) =
                next.filter(|_| !is_over && again.is_none_or(|seconds| seconds <= LONGEST_PAUSE))
            else {
                return Ok(answer);
            };
            request = next;
            self.wait_for(async { tokio::time::sleep(pause(again, failures)).await });
            failures += 1;
        }
    }
}

/// Whether a later answer may be another one than this status.
pub(super) fn may_pass(status: u16) -> bool {
    status >= 500 && !matches!(status, 501 | 507) || status == 429
}

/// How long to wait before the next attempt: what the server asks for, or else longer each time.
pub(super) fn pause(again: Option<u64>, failures: u32) -> Duration {
    again.map_or_else(|| Duration::from_millis(250 << failures.min(5)), Duration::from_secs)
}

/// When to ask again, in seconds, where a registry says so.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    seconds_until(headers.get(RETRY_AFTER)?.to_str().ok()?.trim(), SystemTime::now())
}

/// The seconds of a `Retry-After`: a number, or those until a date, of which one that has passed is now.
fn seconds_until(text: &str, now: SystemTime) -> Option<u64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let left = date.duration_since(now).unwrap_or_default();
    // A part of a second is waited for, too.
    Some(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_number_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
        let cases = [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sunday, 06-Nov-94 08:49:40 GMT", Some(3)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(seconds_until(text, now), seconds, "{text}");
        }
    }
}
