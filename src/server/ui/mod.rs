//! The page at `/ui`: its files, which are a part of the program, and the check of a definition that is pasted into it.

pub(crate) mod check;

use super::api::answer::{ApiReply, ReplyBody};

/// What the page may do in a browser: its own files and this server are all that it reaches, and no page frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The files: path, content type, text.
const FILES: &[(&str, &str, &str)] = &[
    ("/ui/", "text/html;charset=utf-8", include_str!("page.html")),
    ("/ui/page.css", "text/css;charset=utf-8", include_str!("page.css")),
    ("/ui/page.js", "text/javascript;charset=utf-8", include_str!("page.js")),
    ("/ui/check.js", "text/javascript;charset=utf-8", include_str!("check.js")),
];

/// The file at a path, where there is one.
pub(crate) fn file(path: &str) -> Option<ApiReply> {
    let path = if path == "/ui" { "/ui/" } else { path };
    let (_, kind, text) = FILES.iter().find(|(name, ..)| *name == path)?;
    let body = ReplyBody::Text(kind, (*text).to_owned());
    let answer = ApiReply { status: 200, headers: Vec::new(), body };
    Some(
        answer
            .with("content-security-policy", POLICY)
            .with("x-content-type-options", "nosniff")
            .with("referrer-policy", "no-referrer"),
    )
}
