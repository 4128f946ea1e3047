//! Creates apps, pods and groups.

use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method};

use super::change::reply;
use super::{Reply, Resource};

impl Client {
    /// Creates an app, a pod or a group from its JSON text. Never changes one that exists.
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
        let answer = self.exchange(endpoint, Method::POST, path, Some(json.to_owned()), MAX_ANSWER)?;
        Ok(reply(&endpoint.below(path), &answer, Some(json)))
    }
}
