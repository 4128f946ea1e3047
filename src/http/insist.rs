//! Sends again what only reads, where a server, or a proxy before it, fails for a moment.

use std::cell::Cell;
use std::time::Duration;

use reqwest::Method;

use super::client::{Client, Response};
use super::error::ClientError;

/// The pauses before a request is sent again: nearly four seconds in all.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Whether a client sends again what only reads.
#[derive(Debug, Default)]
pub(super) struct Insistence {
    is_on: Cell<bool>,
    /// A server has answered this client: where none can be connected to then, one is missed that was there.
    has_answer: Cell<bool>,
}

impl Client {
    /// Sets whether requests that only read are sent again where the server fails for a moment, until the end that is set at
    /// most. Returns what was set before.
    pub(crate) fn insist(&self, is_on: bool) -> bool {
        self.insistence.is_on.replace(is_on)
    }

    /// Notes an answer.
    pub(super) fn note(&self, answer: &Result<Response, ClientError>) {
        if answer.is_ok() {
            self.insistence.has_answer.set(true);
        }
    }

    /// Whether a request is sent again after this answer. A server that was never there is told at once.
    pub(super) fn insists(&self, method: &Method, answer: &Result<Response, ClientError>) -> bool {
        let is_momentary = match answer {
            Ok((status, ..)) => matches!(status, 429 | 502..=504),
            Err(ClientError::Broken { .. }) => true,
            Err(ClientError::Unreachable { .. }) => self.insistence.has_answer.get(),
            Err(_) => false,
        };
        is_momentary && *method == Method::GET && self.insistence.is_on.get() && !self.is_at_end()
    }

    /// Sends a request, and again while the server fails for a moment: the last answer.
    pub(super) fn insistently(
        &self,
        method: &Method,
        mut send: impl FnMut() -> Result<Response, ClientError>,
    ) -> Result<Response, ClientError> {
        let first = send();
        self.insistently_after(first, method, send)
    }

    /// As [`Client::insistently`], after the first answer.
    pub(super) fn insistently_after(
        &self,
        mut answer: Result<Response, ClientError>,
        method: &Method,
        mut send: impl FnMut() -> Result<Response, ClientError>,
    ) -> Result<Response, ClientError> {
        for pause in PAUSES {
            if !self.insists(method, &answer) {
                break;
            }
            self.pause(pause.min(self.patience()));
            answer = send();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    type Answer = Result<Response, ClientError>;

    fn answers(status: u16) -> Response {
        (status, HeaderMap::new(), Vec::new())
    }

    fn unreachable() -> ClientError {
        ClientError::Unreachable { url: String::new(), cause: String::new() }
    }

    #[test]
    fn only_what_reads_is_sent_again_and_only_where_that_may_help() {
        let client = Client::new(Duration::from_secs(1), None).expect("a client");
        let broken = || -> Answer { Err(ClientError::Broken { url: String::new(), cause: String::new() }) };
        assert!(!client.insists(&Method::GET, &Ok(answers(503))), "nobody has asked for it");
        assert!(!client.insist(true));
        for (method, answer, expected) in [
            (Method::GET, Ok(answers(503)), true),
            (Method::GET, Ok(answers(429)), true),
            (Method::GET, broken(), true),
            (Method::GET, Ok(answers(500)), false),
            (Method::GET, Ok(answers(404)), false),
            (Method::GET, Ok(answers(200)), false),
            (Method::PUT, Ok(answers(503)), false),
            (Method::POST, broken(), false),
            (Method::GET, Err(unreachable()), false),
        ] {
            assert_eq!(client.insists(&method, &answer), expected, "{method} {answer:?}");
        }
        client.note(&Err(unreachable()));
        assert!(!client.insists(&Method::GET, &Err(unreachable())), "it was never there");
        client.note(&Ok(answers(404)));
        assert!(client.insists(&Method::GET, &Err(unreachable())), "it was there");
        assert!(!client.insists(&Method::DELETE, &Err(unreachable())));
    }

    #[test]
    fn it_ends_with_the_first_answer_that_is_one() {
        let client = Client::new(Duration::from_secs(1), None).expect("a client");
        client.insist(true);
        let mut all: Vec<Answer> = vec![Ok(answers(200)), Err(unreachable()), Ok(answers(503))];
        let answer = client.insistently(&Method::GET, || {
            let answer = all.pop().expect("no more is asked for");
            client.note(&answer);
            answer
        });
        assert!(matches!(answer, Ok((200, ..))), "{answer:?}");
        let mut client = client;
        client.end_at(Some(std::time::Instant::now()));
        let mut number = 0;
        let answer = client.insistently(&Method::GET, || {
            number += 1;
            Ok(answers(503))
        });
        assert!(matches!(answer, Ok((503, ..))) && number == 1, "{answer:?}");
    }
}
