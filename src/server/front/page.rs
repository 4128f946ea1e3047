//! What the page at `/ui` asks for that Marathon does not have: its own files, and the check of a definition.

use axum::body::Bytes;

use super::shared::SharedServer;
use crate::server::api::answer::ApiReply;
use crate::server::api::request::ApiQuery;
use crate::server::ui;
use crate::server::ui::check::{CheckRequest, choices, judge};

pub(super) use crate::server::ui::check::MOST;

/// Where definitions are checked.
pub(super) const CHECK: &str = "/milepost/check";

/// A file of the page, where the server has one.
pub(super) fn file(shared: &SharedServer, method: &str, path: &str) -> Option<ApiReply> {
    let is_read = matches!(method, "GET" | "HEAD");
    (shared.has_page && is_read).then(|| ui::file(path)).flatten()
}

/// Checks a definition, beside the server's other work; nothing for a body that is too large.
pub(super) async fn check(
    shared: &SharedServer,
    method: &str,
    query: &ApiQuery,
    body: Option<Bytes>,
) -> ApiReply {
    let own = shared.settings();
    match method {
        "GET" | "HEAD" => return ApiReply::ok(choices(&own)),
        "POST" => {}
        _ => return ApiReply::message(405, "Method Not Allowed"),
    }
    let Some(body) = body else {
        return ApiReply::message(413, format!("the definition is larger than {} KiB", MOST >> 10));
    };
    let asked = match CheckRequest::read(query, &own) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let judged = tokio::task::spawn_blocking(move || judge(body.to_vec(), &asked)).await;
    judged.map_or_else(|_| ApiReply::message(500, "the check failed"), ApiReply::ok)
}
