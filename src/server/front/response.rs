//! Answers as HTTP responses, with the headers that every answer of Marathon has.

use std::io::Write as _;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;

use crate::server::api::answer::{ApiReply, ReplyBody as Content};
use crate::server::faults::Trouble;

/// Shorter bodies are not compressed.
const SHORTEST_GZIP: usize = 24;

/// What of the request an answer depends on.
pub(crate) struct ReplyContext<'r> {
    pub(crate) method: &'r str,
    /// The host and port of the leader.
    pub(crate) leader: &'r str,
    pub(crate) takes_gzip: bool,
}

/// An answer as a response.
pub(crate) fn of(answer: ApiReply, context: &ReplyContext<'_>) -> Response {
    let is_plain_get = context.method == "GET" && answer.status == 200;
    let (mut response, length) = built(answer, is_plain_get && context.takes_gzip);
    let headers = response.headers_mut();
    let leader = HeaderValue::from_str(&format!("http://{}", context.leader));
    if let Ok(leader) = leader {
        headers.insert("x-marathon-leader", leader);
    }
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(SystemTime::now())) {
        headers.insert(header::DATE, date);
    }
    let always = [("x-frame-options", "DENY"), ("x-xss-protection", "1; mode=block"), ("pragma", "no-cache")];
    // Errors of servlets have their own.
    let caching = [("cache-control", "no-cache, no-store, must-revalidate"), ("expires", "0")];
    let caching =
        caching.into_iter().filter(|_| !headers.contains_key(header::CACHE_CONTROL)).collect::<Vec<_>>();
    for (name, value) in always.into_iter().chain(caching) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_plain_get && length > 0 {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding, User-Agent"));
    }
    response
}

/// An answer that Jetty gives before Marathon sees the request.
pub(crate) fn bare(answer: ApiReply) -> Response {
    built(answer, false).0
}

/// The response, and the length of its body before compression.
fn built(answer: ApiReply, with_gzip: bool) -> (Response, usize) {
    let ApiReply { status, headers, body } = answer;
    let (content_type, bytes) = match body {
        Content::None => (None, Vec::new()),
        Content::Json(json) => (Some("application/json"), serde_json::to_vec(&json).unwrap_or_default()),
        Content::Text(kind, text) => (Some(kind), text.into_bytes()),
    };
    let length = bytes.len();
    let compressed = (with_gzip && length >= SHORTEST_GZIP).then(|| compressed(&bytes)).flatten();
    let is_compressed = compressed.is_some();
    let mut response = Response::new(Body::from(compressed.unwrap_or(bytes)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let all = response.headers_mut();
    if let Some(kind) = content_type {
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if is_compressed {
        all.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        if let Ok(value) = HeaderValue::from_str(&value) {
            all.insert(name, value);
        }
    }
    (response, length)
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// What a server in trouble, or a proxy before it, answers.
pub(crate) fn refused(trouble: &Trouble) -> Response {
    let status = if trouble.status == 0 { 503 } else { trouble.status };
    if trouble.is_html {
        let text = format!("<html><body><h1>{status}</h1><p>The server is not available.</p></body></html>");
        let body = Content::Text("text/html;charset=utf-8", text);
        return bare(ApiReply { status, headers: Vec::new(), body });
    }
    bare(ApiReply::message(status, "The server is not available."))
}

/// The first half of a response, after which the connection breaks off.
pub(crate) async fn truncated(response: Response) -> Response {
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let half = bytes.slice(..bytes.len() / 2);
    let length = bytes.len();
    let mut response = Response::from_parts(head, Body::new(Broken(Some(half))));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// A body that breaks off after its first part.
struct Broken(Option<axum::body::Bytes>);

impl http_body::Body for Broken {
    type Data = axum::body::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        let next = self.0.take().map(http_body::Frame::data);
        let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        std::task::Poll::Ready(Some(next.ok_or_else(broken)))
    }
}
