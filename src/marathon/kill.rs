//! Stops tasks for good: the app has fewer instances then.

use serde_json::json;

use super::Reply;
use super::change::reply;
use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method};

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
        let answer = self.exchange(endpoint, Method::POST, &path, Some(body), MAX_ANSWER)?;
        Ok(reply(&endpoint.below(&path), &answer, None))
    }
}
