//! Servers that have too much to do, or fail for a moment: how long they are waited for, and how often they are asked again.

use std::time::Duration;

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
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}
