//! Event streams: who listens, to what, and the body that an answer streams.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;

use super::shared::SharedServer;
use crate::server::events::SentEvent;

/// A client that is this many events behind is cut off.
const MOST_WAITING: usize = 4_096;

/// The open streams.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    streams: BTreeMap<u64, SubscriberStream>,
    next: u64,
    /// This many events are lost, sent twice, or sent after the next one.
    drop: u64,
    duplicate: u64,
    swap: u64,
    held: Option<SentEvent>,
}

#[derive(Debug)]
struct SubscriberStream {
    filter: Vec<String>,
    lines: mpsc::Sender<Bytes>,
}

/// The receiving end of a stream.
#[derive(Debug)]
pub(crate) struct Subscriber {
    number: u64,
    lines: mpsc::Receiver<Bytes>,
}

impl Hub {
    pub(crate) fn add(&mut self, filter: Vec<String>) -> Subscriber {
        let (lines, receiver) = mpsc::channel(MOST_WAITING);
        let number = self.next;
        self.next += 1;
        self.streams.insert(number, SubscriberStream { filter, lines });
        Subscriber { number, lines: receiver }
    }

    /// Removes a stream. Whether others are left.
    pub(crate) fn remove(&mut self, number: u64) -> bool {
        self.streams.remove(&number);
        !self.streams.is_empty()
    }

    /// Closes all streams.
    pub(crate) fn cut(&mut self) {
        self.streams.clear();
    }

    /// Loses, doubles or delays this many of the next events.
    pub(crate) fn trouble(&mut self, drop: u64, duplicate: u64, swap: u64) {
        (self.drop, self.duplicate, self.swap) = (drop, duplicate, swap);
    }

    pub(crate) fn send(&mut self, events: Vec<SentEvent>) {
        for event in events {
            if self.drop > 0 {
                self.drop -= 1;
                continue;
            }
            if self.swap > 0 && self.held.is_none() {
                self.swap -= 1;
                self.held = Some(event);
                continue;
            }
            let times = if self.duplicate > 0 { 2 } else { 1 };
            self.duplicate = self.duplicate.saturating_sub(1);
            for _ in 0..times {
                self.send_one(&event);
            }
            if let Some(held) = self.held.take() {
                self.send_one(&held);
            }
        }
    }

    fn send_one(&mut self, event: &SentEvent) {
        let SentEvent { name, data } = event;
        let line = Bytes::from(format!("event: {name}\r\ndata: {data}\r\n\r\n"));
        self.streams.retain(|_, stream| {
            let is_wanted = stream.filter.is_empty() || stream.filter.iter().any(|wanted| wanted == name);
            !is_wanted || stream.lines.try_send(line.clone()).is_ok()
        });
    }

    pub(crate) fn beat(&mut self) {
        let line = Bytes::from_static(b"\r\n");
        self.streams.retain(|_, stream| stream.lines.try_send(line.clone()).is_ok());
    }
}

/// The body of an answer that streams events.
pub(crate) struct EventBody {
    pub(crate) shared: Arc<SharedServer>,
    pub(crate) subscriber: Subscriber,
    pub(crate) client: String,
}

impl http_body::Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.subscriber.lines.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

impl Drop for EventBody {
    fn drop(&mut self) {
        self.shared.unsubscribe(&self.client, self.subscriber.number);
    }
}
