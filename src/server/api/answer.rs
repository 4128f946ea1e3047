//! Answers, and the forms of Marathon's errors (`MarathonExceptionMapper`, `RestResource`, 1.11).

use serde_json::{Value as Json, json};

use crate::lint::ServerAnswer;
use crate::server::world::check::{LOCKED, too_many};
use crate::server::world::commit::{ChangeRefusal, Committed};

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ReplyBody {
    None,
    Json(Json),
    /// A content type and a text.
    Text(&'static str, String),
}

/// An answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiReply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: ReplyBody,
}

/// What a request comes to: both are answers, the second one an error's.
pub(crate) type ReplyResult = Result<ApiReply, ApiReply>;

impl ApiReply {
    pub(crate) fn json(status: u16, body: Json) -> Self {
        Self { status, headers: Vec::new(), body: ReplyBody::Json(body) }
    }

    pub(crate) fn ok(body: Json) -> Self {
        Self::json(200, body)
    }

    /// With a body that is written already.
    pub(crate) fn written(json: String) -> Self {
        Self { status: 200, headers: Vec::new(), body: ReplyBody::Text("application/json", json) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: ReplyBody::None }
    }

    /// An error with nothing but a message.
    pub(crate) fn message(status: u16, message: impl Into<String>) -> Self {
        Self::json(status, json!({"message": message.into()}))
    }

    /// What is not there, as reading requests say it.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::json(404, json!({"message": message.into(), "details": []}))
    }

    pub(crate) fn no_app(id: &str) -> Self {
        Self::missing(format!("App '{id}' does not exist"))
    }

    pub(crate) fn no_group(id: &str) -> Self {
        Self::missing(format!("Group '{id}' does not exist"))
    }

    pub(crate) fn no_pod(id: &str) -> Self {
        Self::missing(format!("Pod '{id}' does not exist"))
    }

    /// Paths that are not valid, with one text each.
    pub(crate) fn invalid(details: &[(String, String)]) -> Self {
        let details: Json =
            details.iter().map(|(path, text)| json!({"path": path, "errors": [text]})).collect();
        Self::json(422, json!({"message": "Object is not valid", "details": details}))
    }

    /// What the parser does not take.
    pub(crate) fn unparsable(path: &str, text: &str) -> Self {
        Self::json(422, json!({"message": "Invalid JSON", "details": [{"path": path, "errors": [text]}]}))
    }

    /// A refusal of milepost's own rules, in Marathon's form.
    pub(crate) fn refused(answer: &ServerAnswer) -> Self {
        let body = serde_json::to_value(answer).unwrap_or_else(|_| json!({"message": answer.message}));
        Self::json(answer.status.unwrap_or(400), body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Of a change that began a deployment.
    pub(crate) fn deployed(committed: &Committed) -> Self {
        let body = json!({"version": committed.version.to_string(), "deploymentId": committed.deployment});
        Self::ok(body).deployment(committed)
    }

    /// With the header that names the deployment.
    pub(crate) fn deployment(self, committed: &Committed) -> Self {
        self.with("marathon-deployment-id", committed.deployment.clone())
    }

    /// With another status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With the place of what was created, which is its id below the server's root.
    pub(crate) fn location(self, authority: &str, id: &str) -> Self {
        self.with("location", format!("http://{authority}{id}"))
    }

    /// Whether one of its details has this text.
    pub(crate) fn says(&self, text: &str) -> bool {
        let ReplyBody::Json(body) = &self.body else { return false };
        let details = body.get("details").and_then(Json::as_array).into_iter().flatten();
        let errors = details.filter_map(|detail| detail.get("errors")?.as_array()).flatten();
        errors.into_iter().any(|error| error.as_str() == Some(text))
    }

    /// The text of an error, as events give it for a reason.
    pub(crate) fn reason(&self) -> String {
        match &self.body {
            ReplyBody::Json(body) => {
                body.get("message").and_then(Json::as_str).unwrap_or_default().to_owned()
            }
            ReplyBody::Text(_, text) => text.clone(),
            ReplyBody::None => String::new(),
        }
    }
}

impl From<ChangeRefusal> for ApiReply {
    fn from(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::TooMany(most) => Self::message(403, too_many(most)),
            ChangeRefusal::Locked(ids) => {
                let ids: Json = ids.iter().map(|id| json!({"id": id})).collect();
                Self::json(409, json!({"message": LOCKED, "deployments": ids}))
            }
            ChangeRefusal::Invalid(details) => Self::invalid(&details),
            ChangeRefusal::NoPorts(from, to) => {
                Self::message(500, format!("All ports in the range [{from}-{to}) are already in use"))
            }
        }
    }
}
