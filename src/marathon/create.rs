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
        json: String,
    ) -> Result<Reply, ClientError> {
        let path = resource.path();
        let (status, headers, body) = self.exchange(endpoint, Method::POST, path, Some(json), MAX_ANSWER)?;
        let location = location(&endpoint.below(path), &headers);
        Ok(Reply::of(ResponseParts::of(status, &headers, location.as_deref(), &body)))
    }
}
