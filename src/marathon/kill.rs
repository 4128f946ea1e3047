//! Stops tasks for good: the app has fewer instances then.

use serde_json::json;

use super::Reply;
use super::response::ResponseParts;
use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method, location};

impl Client {
    /// Stops these tasks, and takes as many instances from their apps. Not to be repeated: what is being stopped already
    /// would count twice.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn stop_tasks(
        &self,
        endpoint: &Endpoint,
        ids: &[String],
        force: bool,
    ) -> Result<Reply, ClientError> {
        let path = format!("v2/tasks/delete?scale=true&force={force}");
        let body = json!({ "ids": ids }).to_string();
        let (status, headers, body) = self.exchange(endpoint, Method::POST, &path, Some(body), MAX_ANSWER)?;
        let location = location(&endpoint.below(&path), &headers);
        Ok(Reply::of(ResponseParts::of(status, &headers, location.as_deref(), &body)))
    }
}
