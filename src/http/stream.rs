//! An answer that does not end: a stream that is read while other requests run.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Method, RequestBuilder, Url};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::AbortHandle;

use super::client::{Client, target};
use super::endpoint::Endpoint;

/// How many parts are kept that nothing has read yet; then the server waits.
const KEPT: usize = 256;

/// The longest life of a stream: a server or a proxy ends it long before.
const LONGEST: Duration = Duration::from_hours(24);

/// A part of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StreamPart {
    /// The server has accepted the request.
    Open,
    /// Some bytes.
    Bytes(Vec<u8>),
    /// It ended, or there is none, for this reason.
    End(String),
}

/// A stream that is being read.
pub(crate) struct Stream {
    parts: Receiver<StreamPart>,
    task: AbortHandle,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// Opens a stream of events below the base. It is read whenever this client waits for something. A redirect, as a
    /// standby of Marathon answers, is followed once, without credentials where it leads to another address.
    pub(crate) fn open_stream(&self, endpoint: &Endpoint, path: &str) -> Stream {
        let (sender, parts) = channel(KEPT);
        let url = endpoint.below(path);
        let request = self.prepare(endpoint).and_then(|()| self.request(endpoint, &url, Method::GET, None));
        let http = self.http(&url).cloned();
        let task = self.runtime().spawn(async move {
            let reason = match (request, http) {
                (Ok(request), Ok(http)) => read(&url, request, &http, &sender).await,
                (Err(error), _) | (_, Err(error)) => error.to_string(),
            };
            // Without a reader the reason is of no use.
            let _ = sender.send(StreamPart::End(reason)).await;
        });
        Stream { parts, task: task.abort_handle() }
    }

    /// The next part of a stream, or nothing where none comes in this time.
    pub(crate) fn next_part(&self, stream: &mut Stream, within: Duration) -> Option<StreamPart> {
        let next = async { tokio::time::timeout(within, stream.parts.recv()).await };
        match self.runtime().block_on(next) {
            Ok(Some(part)) => Some(part),
            Ok(None) => Some(StreamPart::End("it is closed".to_owned())),
            Err(_) => None,
        }
    }

    /// The parts of a stream that are there already. Unlike [`Client::next_part`] this may be called while a request of
    /// this client runs.
    pub(crate) fn parts_there(stream: &mut Stream) -> impl Iterator<Item = StreamPart> {
        std::iter::from_fn(|| stream.parts.try_recv().ok())
    }

    /// Waits, and lets what runs in the background go on.
    pub(crate) fn pause(&self, time: Duration) {
        // A timer is made on the runtime.
        self.runtime().block_on(async { tokio::time::sleep(time).await });
    }
}

/// Reads a stream until it ends: the reason.
async fn read(
    url: &Url,
    request: RequestBuilder,
    http: &reqwest::Client,
    parts: &Sender<StreamPart>,
) -> String {
    let mut response = match send(http, request).await {
        Ok(response) => response,
        Err(error) => return error.to_string(),
    };
    if response.status().is_redirection()
        && let Some(leader) = target(url, response.headers())
    {
        response = match send(http, http.get(leader)).await {
            Ok(response) => response,
            Err(error) => return error.to_string(),
        };
    }
    if response.status().as_u16() != 200 {
        return format!("the server answers {}", response.status().as_u16());
    }
    let mut part = StreamPart::Open;
    while parts.send(part).await.is_ok() {
        part = match response.chunk().await {
            Ok(Some(bytes)) => StreamPart::Bytes(bytes.to_vec()),
            Ok(None) => break,
            Err(error) => return error.to_string(),
        };
    }
    "the server closed it".to_owned()
}

/// Sends a request for a stream, which accepts nothing else.
async fn send(http: &reqwest::Client, request: RequestBuilder) -> Result<reqwest::Response, reqwest::Error> {
    let mut request = request.timeout(LONGEST).build()?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    http.execute(request).await
}
