//! From a request of the HTTP library to an answer, and back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;

use super::page as own;
use super::response;
use super::shared::SharedServer;
use super::stream::EventBody;
use crate::server::api::answer::ApiReply;
use crate::server::api::request::{ApiQuery, ApiRequest, page};
use crate::server::faults::Trouble;

/// The longest request line and headers, as Jetty has it.
const MOST_HEAD: usize = 8 * 1024;
/// The largest body.
const MOST_BODY: usize = 256 * 1024 * 1024;

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Answers a request.
pub(crate) async fn handle(
    State(shared): State<Arc<SharedServer>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let target = head.uri.path_and_query().map_or(path.len(), |target| target.as_str().len());
    let headers: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let authority = text(&head.headers, &header::HOST).unwrap_or("localhost").to_owned();
    let leader = shared.leader();
    let context = response::ReplyContext {
        method: head.method.as_str(),
        leader: &leader,
        takes_gzip: text(&head.headers, &header::ACCEPT_ENCODING)
            .is_some_and(|accepted| accepted.contains("gzip")),
    };
    if target > MOST_HEAD {
        return response::bare(page(414, "URI Too Long"));
    }
    if target + headers > MOST_HEAD {
        return response::bare(page(431, "Request Header Fields Too Large"));
    }
    let origin = text(&head.headers, &header::ORIGIN);
    let hosts = &shared.hosts;
    let refusal =
        hosts.refused_host(&authority).or_else(|| hosts.refused_origin(context.method, origin, &authority));
    if let Some(refusal) = refusal {
        return response::of(refusal, &context);
    }
    if let Some(file) = own::file(&shared, context.method, &path) {
        return response::of(file, &context);
    }
    let is_control = path.starts_with("/milepost/");
    let trouble = if is_control { Trouble::default() } else { shared.trouble() };
    if trouble.slow > 0 {
        tokio::time::sleep(Duration::from_millis(trouble.delay)).await;
    }
    if trouble.refuse > 0 {
        return response::refused(&trouble);
    }
    let query = match ApiQuery::read(head.uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(answer) => return response::of(answer, &context),
    };
    let accept = text(&head.headers, &header::ACCEPT);
    let client = client.ip().to_string();
    let is_stream = accept.is_some_and(|accept| accept.contains("text/event-stream"));
    if path == "/v2/events" && is_stream && matches!(context.method, "GET" | "HEAD") {
        return stream(&shared, client, &query, &context);
    }
    if path == own::CHECK {
        let answer = own::check(&shared, context.method, &query, collected(body, own::MOST).await).await;
        return response::of(answer, &context);
    }
    let Some(body) = collected(body, MOST_BODY).await else {
        return response::bare(page(413, "Request Entity Too Large"));
    };
    let request = ApiRequest {
        method: context.method,
        path: &path,
        query,
        accept,
        content_type: text(&head.headers, &header::CONTENT_TYPE),
        body: &body,
        client: &client,
        authority: &authority,
    };
    let answer = shared.answer(&request);
    let mut response = response::of(answer, &context);
    if trouble.truncate > 0 {
        response = response::truncated(response).await;
    }
    response
}

/// A body; nothing where it is longer than this.
async fn collected(body: Body, most: usize) -> Option<Bytes> {
    let limited = http_body_util::Limited::new(body, most);
    limited.collect().await.ok().map(http_body_util::Collected::to_bytes)
}

fn stream(
    shared: &Arc<SharedServer>,
    client: String,
    query: &ApiQuery,
    context: &response::ReplyContext<'_>,
) -> Response {
    let answer = ApiReply::empty(200)
        .with("connection", "close")
        .with("content-type", "text/event-stream;charset=utf-8");
    let mut response = response::of(answer, context);
    response.headers_mut().remove(header::VARY);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.status_mut() = StatusCode::OK;
    if context.method == "GET" {
        let subscriber = shared.subscribe(&client, query.all("event_type"));
        *response.body_mut() = Body::new(EventBody { shared: shared.clone(), subscriber, client });
    }
    response
}
