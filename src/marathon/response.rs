//! The meaning of an answer. Marathon's own words are kept, except control characters and quotations of the definition,
//! which may hold secrets.

use serde::Deserialize;
use serde_json::Value;

use crate::http::HeaderMap;
use crate::secret_scan::Secrets;

/// The longest text kept of a server's message, in characters.
const MAX_WORDS: usize = 400;

/// The answer to a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The server accepts it and deploys it.
    Accepted {
        /// The deployment's id.
        deployment: String,
    },
    /// The server rejects it.
    Refused(RefusedRequest),
}

/// A rejection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedRequest {
    /// The HTTP status.
    pub status: u16,
    /// The server's message on one line, or a description of an answer without one.
    pub message: String,
    /// The errors in the definition (422; 400 from Marathon 1.4).
    pub errors: Vec<ServerError>,
    /// The deployments that hold the lock (409).
    pub locked_by: Vec<String>,
    /// Whether Marathon itself answers, so that it did nothing: not a proxy or another server.
    pub is_marathons: bool,
}

/// One error of a rejected definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerError {
    /// The path in Marathon's notation: `/container/volumes(0)/mode`.
    pub path: String,
    /// The text in Marathon's words.
    pub error: String,
}

impl ServerError {
    /// The meaning of a bare code of Marathon's JSON reader (Play, 1.5 … 1.11).
    #[must_use]
    pub(crate) fn meaning(&self) -> Option<&'static str> {
        Some(match self.error.as_str() {
            "error.expected.jsstring" => "a string is expected here",
            "error.expected.jsnumber" => "a number is expected here",
            "error.expected.int" => "a whole number is expected here",
            "error.expected.jsboolean" => "`true` or `false` is expected here",
            "error.expected.jsarray" => "an array is expected here",
            "error.expected.jsobject" => "an object is expected here",
            "error.min" => "the number is smaller than allowed",
            "error.max" => "the number is larger than allowed",
            "error.minLength" => "this is shorter than allowed",
            "error.maxLength" => "this is longer than allowed",
            "error.pattern" => "the text does not have the required form",
            "error.unknown.enum.literal" => "this is not one of the words allowed here",
            "error.path.missing" => "a required field is missing here",
            _ => return None,
        })
    }
}

/// The parts of an answer that are read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ResponseParts<'a> {
    pub(super) status: u16,
    pub(super) deployment: Option<&'a str>,
    /// It names Marathon's leader, as each of Marathon's own answers does (1.4 to 1.11).
    pub(super) names_leader: bool,
    pub(super) location: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl<'a> ResponseParts<'a> {
    /// The parts of an answer; `location` is the target of a redirect, without secrets.
    pub(super) fn of(status: u16, headers: &'a HeaderMap, location: Option<&'a str>, body: &'a [u8]) -> Self {
        let deployment = headers.get("marathon-deployment-id").and_then(|id| id.to_str().ok());
        let names_leader = headers.contains_key("x-marathon-leader");
        Self { status, deployment, names_leader, location, body }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WithDeployments {
    #[serde(default)]
    deployments: Vec<DeploymentReference>,
    deployment_id: Option<String>,
}

#[derive(Deserialize)]
struct DeploymentReference {
    id: String,
}

impl Reply {
    /// Reads an answer to a change that was sent with this body.
    pub(super) fn to_change(parts: ResponseParts<'_>, sent: Option<&str>) -> Self {
        match (Self::of(parts), sent) {
            (Self::Refused(refusal), Some(sent)) => Self::Refused(refusal.without_secrets_of(sent)),
            (reply, _) => reply,
        }
    }

    /// Reads an answer to a change.
    fn of(parts: ResponseParts<'_>) -> Self {
        match parts.status {
            200..=299 => Self::of_success(parts),
            _ => Self::Refused(RefusedRequest::of(parts)),
        }
    }

    /// The header exists since Marathon 1.4; the body of an app's answer names the deployment in every release.
    fn of_success(parts: ResponseParts<'_>) -> Self {
        if let Some(deployment) = deployment_of(parts) {
            return Self::Accepted { deployment };
        }
        if is_markup(&String::from_utf8_lossy(parts.body)) {
            return Self::Refused(RefusedRequest::unexpected(parts.status, parts.body));
        }
        let message = "the answer names no deployment, so it is not Marathon's answer to a new definition";
        Self::Refused(RefusedRequest::plain(parts.status, message.to_owned(), false))
    }
}

/// The deployment that an answer names.
pub(super) fn deployment_of(parts: ResponseParts<'_>) -> Option<String> {
    let in_body = || {
        let body: WithDeployments = serde_json::from_slice(parts.body).ok()?;
        let first = body.deployments.into_iter().next().map(|deployment| deployment.id);
        body.deployment_id.or(first)
    };
    parts.deployment.map(str::to_owned).or_else(in_body).map(|deployment| words(&deployment))
}

impl RefusedRequest {
    /// An answer of success that Marathon does not give.
    pub(super) fn unexpected(status: u16, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let what = if is_markup(&body) {
            "a web page, so it is not Marathon's answer, or a network's or proxy's login page comes before it"
        } else {
            "something other than Marathon's JSON, so it is not Marathon's answer"
        };
        Self::plain(status, what.to_owned(), false)
    }

    /// Whether a running deployment blocks it: the same request may be accepted later.
    #[must_use]
    pub(crate) fn is_locked(&self) -> bool {
        !self.locked_by.is_empty()
    }

    /// Whether the request may have been carried out all the same: a success without Marathon's words, or a failure that is
    /// not Marathon's own, such as a proxy's.
    #[must_use]
    pub(crate) fn is_uncertain(&self) -> bool {
        ((200..300).contains(&self.status) || self.status >= 500) && !self.is_marathons
    }

    /// Whether another address answers for it, to which nothing was sent.
    #[must_use]
    pub(crate) fn is_elsewhere(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// Whether Marathon itself has failed, which says that it did nothing. What it holds shows whether that is so.
    #[must_use]
    pub(crate) fn is_own_failure(&self) -> bool {
        self.status >= 500 && self.is_marathons
    }

    /// Whether only what the server holds shows if it was carried out.
    #[must_use]
    pub(crate) fn shows_later(&self) -> bool {
        self.is_uncertain() || self.is_own_failure()
    }

    /// The same without the secrets of the definition that was sent, which an answer may quote.
    pub(super) fn without_secrets_of(self, sent: &str) -> Self {
        let secrets = Secrets::of(sent);
        let hidden =
            |error: ServerError| ServerError { error: secrets.hide(&error.error).into_owned(), ..error };
        let message = secrets.hide(&self.message).into_owned();
        Self { message, errors: self.errors.into_iter().map(hidden).collect(), ..self }
    }

    fn plain(status: u16, message: String, is_marathons: bool) -> Self {
        Self { status, message, errors: Vec::new(), locked_by: Vec::new(), is_marathons }
    }

    /// Reads an answer that is no success.
    pub(super) fn of(parts: ResponseParts<'_>) -> Self {
        if (300..400).contains(&parts.status) {
            return Self::plain(parts.status, redirect(parts.location), false);
        }
        let text = String::from_utf8_lossy(parts.body);
        match serde_json::from_str(&text) {
            Ok(Value::Object(body)) => {
                // A proxy's failure is JSON, too; and of 503 and the like Marathon's own say that it was not fast enough.
                let is_certain = parts.status < 500 || (parts.status == 500 && parts.names_leader);
                let refused = Self::of_json(parts.status, &body, &text);
                Self { is_marathons: refused.is_marathons && is_certain, ..refused }
            }
            _ if text.trim().is_empty() => Self::plain(parts.status, "no message".to_owned(), false),
            _ => {
                let message = if is_markup(&text) {
                    format!("a web page, not Marathon's answer: {}", words(&without_markup(&text)))
                } else {
                    words(&text)
                };
                Self::plain(parts.status, message, false)
            }
        }
    }

    fn of_json(status: u16, body: &serde_json::Map<String, Value>, text: &str) -> Self {
        let string = |name: &str| body.get(name).and_then(Value::as_str);
        let errors = body.get("details").map(errors_of).unwrap_or_default();
        let locked_by: Vec<String> = serde_json::from_str::<WithDeployments>(text)
            .map(|body| body.deployments.into_iter().map(|deployment| words(&deployment.id)).collect())
            .unwrap_or_default();
        let Some(message) = string("message") else {
            // DC/OS's admin router and other proxies use other names.
            let message = ["description", "error", "title"].iter().find_map(|name| string(name));
            return Self::plain(status, words(message.unwrap_or("no message")), false);
        };
        let mut message = words(message);
        if let [deployment] = &locked_by[..] {
            // A placeholder that Marathon (1.4 … 1.11) does not fill in.
            message = message.replace("<DEPLOYMENT_ID>", deployment);
        }
        if let Some(details) = string("details") {
            message = format!("{message}: {}", words(details));
        }
        Self { status, message, errors, locked_by, is_marathons: true }
    }
}

/// `[{"path": "/id", "errors": ["…"]}]`, one entry for each error.
fn errors_of(details: &Value) -> Vec<ServerError> {
    let mut errors = Vec::new();
    for detail in details.as_array().into_iter().flatten() {
        let path = detail.get("path").and_then(Value::as_str).unwrap_or_default();
        for error in detail.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let error = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
            errors.push(ServerError { path: path.to_owned(), error: words(&error) });
        }
    }
    errors
}

fn redirect(location: Option<&str>) -> String {
    match location {
        Some(location) => format!("a redirect to {}, which is not followed", words(location)),
        None => "a redirect without an address".to_owned(),
    }
}

/// A server's text on one line, safe for a terminal and without quotations of the definition.
fn words(text: &str) -> String {
    let text = without_quotations(text);
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Marathon 1.5 … 1.11 quotes what it was sent in three places: `'id' is undefined on object: {…}`, `{…} is not an
/// object`, and `[Source: (byte[])"…"; line: 1, column: 0]`.
fn without_quotations(text: &str) -> String {
    if text.ends_with(" is not an object") {
        return "this is not an object".to_owned();
    }
    if let Some((before, _)) = text.split_once(" on object: ") {
        return before.to_owned();
    }
    match text.split_once("[Source: ") {
        Some((before, source)) => {
            let after = source.rsplit_once("\"; line: ").map(|(_, after)| format!("[line: {after}"));
            format!("{before}{}", after.unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

fn is_markup(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Roughly the text that a browser would show: no tags, no comments, no head.
fn without_markup(page: &str) -> String {
    let mut visible = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        visible.push_str(before);
        visible.push(' ');
        // These elements are skipped up to their own end tags: the title repeats the text, the others are invisible.
        let lower = tag.to_ascii_lowercase();
        let hidden = [("!--", "--"), ("title", "</title"), ("style", "</style"), ("script", "</script")];
        let end = hidden.iter().find_map(|(start, end)| {
            let inside = lower.strip_prefix(start)?;
            inside.find(end).map(|at| start.len() + at)
        });
        rest = tag[end.unwrap_or_default()..].split_once('>').map_or("", |(_, after)| after);
    }
    visible.push_str(rest);
    [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(visible, |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> RefusedRequest {
        match Reply::of(ResponseParts { status, body: body.as_bytes(), ..ResponseParts::default() }) {
            Reply::Refused(refusal) => refusal,
            Reply::Accepted { deployment } => panic!("accepted as {deployment}"),
        }
    }

    #[test]
    fn a_deployment_is_named_by_the_header_or_the_body() {
        let accepted = |id: &str| Reply::Accepted { deployment: id.to_owned() };
        let body = b"{\"id\": \"/p\"}";
        let header = ResponseParts { status: 201, deployment: Some("a"), body, ..ResponseParts::default() };
        assert_eq!(Reply::of(header), accepted("a"));
        let body = br#"{"id": "/x", "deployments": [{"id": "b"}]}"#;
        assert_eq!(Reply::of(ResponseParts { status: 201, body, ..ResponseParts::default() }), accepted("b"));
        for (body, told) in [("<html>log in</html>", "a web page"), ("{}", "no deployment")] {
            let other = refusal(200, body);
            assert!(!other.is_marathons && other.message.contains(told), "{other:?}");
        }
    }

    #[test]
    fn the_definition_is_not_quoted_back() {
        let body = r#"{"message": "Invalid JSON", "details": [
            {"path": "/id", "errors": ["'id' is undefined on object: {\"env\":{\"PASSWORD\":\"hunter2\"}}"]},
            {"path": "/x", "errors": ["[\"hunter2\"] is not an object", "error.min"]}]}"#;
        let errors: Vec<String> = refusal(422, body).errors.into_iter().map(|c| c.error).collect();
        assert_eq!(errors, ["'id' is undefined", "this is not an object", "error.min"]);
        let body = r#"{"message": "Invalid JSON", "details":
            "Unexpected end-of-input\n at [Source: (byte[])\"{\\\"PASSWORD\\\": \\\"hunter2\\\"\"; line: 1, column: 22]"}"#;
        assert_eq!(
            refusal(400, body).message,
            "Invalid JSON: Unexpected end-of-input at [line: 1, column: 22]"
        );
    }

    #[test]
    fn a_proxys_page_is_read_as_text() {
        let body = "<html><head><title>502 Bad Gateway</title><style>h1 { color: red }</style></head>
            <body><!-- <b>x</b> --><h1>Bad&nbsp;Gateway</h1>\u{1b}[31mnginx</body></html>";
        let refusal = refusal(502, body);
        assert_eq!(refusal.message, "a web page, not Marathon's answer: Bad Gateway [31mnginx");
        assert!(!refusal.is_marathons);
        assert_eq!(without_markup("a <b"), "a  ");
    }

    #[test]
    fn a_failure_is_marathons_where_the_answer_names_its_leader() {
        let is_marathons = |status: u16, names_leader: bool| {
            let body = br#"{"message": "it failed"}"#;
            let parts = ResponseParts { status, names_leader, body, ..ResponseParts::default() };
            matches!(Reply::of(parts), Reply::Refused(refusal) if refusal.is_marathons)
        };
        for (status, names_leader, expected) in [
            (422, false, true),
            (500, true, true),
            (500, false, false),
            (502, false, false),
            (503, true, false),
            (504, true, false),
        ] {
            assert_eq!(is_marathons(status, names_leader), expected, "{status} {names_leader}");
        }
    }

    #[test]
    fn what_was_sent_is_hidden_wherever_the_answer_quotes_it() {
        let sent = r#"{"id": "/a", "env": {"DB_PASSWORD": "hunter2"}}"#;
        let body = r#"{"message": "cannot use hunter2", "details": [{"path": "/env", "errors": ["hunter2 is odd"]}]}"#;
        let hidden = refusal(422, body).without_secrets_of(sent);
        assert_eq!((&*hidden.message, &*hidden.errors[0].error), ("cannot use ***", "*** is odd"));
    }

    #[test]
    fn other_answers_have_a_message() {
        assert_eq!(refusal(400, "").message, "no message");
        assert_eq!(refusal(500, "[1]").message, "[1]");
        assert_eq!(refusal(500, r#"{"env": "hunter2"}"#).message, "no message");
        assert_eq!(refusal(401, r#"{"title": "401 Unauthorized"}"#).message, "401 Unauthorized");
        assert_eq!(refusal(500, &"x".repeat(5000)).message.chars().count(), MAX_WORDS + 1);
    }
}
