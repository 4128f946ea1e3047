//! Creates apps and pods.

use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method, location};

use super::response::ResponseParts;
use super::{Reply, Resource};

impl Client {
    /// Creates an app or a pod from its JSON text. Never changes one that exists.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer.
    pub(crate) fn create(
        &self,
        endpoint: &Endpoint,
        resource: Resource,
        json: &str,
    ) -> Result<Reply, ClientError> {
        let path = resource.path();
        let sent = Some(json.to_owned());
        let (status, headers, body) = self.exchange(endpoint, Method::POST, path, sent, MAX_ANSWER)?;
        let location = location(&endpoint.below(path), &headers);
        let parts = ResponseParts::of(status, &headers, location.as_deref(), &body);
        Ok(Reply::to_change(parts, Some(json)))
    }
}
