//! Requests whose answers the callers read: the ones that name a deployment, and the ones that do not.

use super::RefusedRequest;
use super::response::{ResponseParts, deployment_of};
use crate::definition::id::AbsoluteId;
use crate::http::{Client, ClientError, Endpoint, MAX_ANSWER, Method, location};
use crate::util::escape::uri;

/// An answer of success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The deployment that it names.
    pub deployment: Option<String>,
    /// The body: JSON, or nothing.
    pub body: String,
}

impl Client {
    /// Sends a request to a path below the base.
    ///
    /// # Errors
    /// When no answer comes. A rejection is an answer, and so is a success that no Marathon answers with.
    pub(crate) fn carry_out(
        &self,
        endpoint: &Endpoint,
        method: Method,
        path: &str,
        json: Option<String>,
    ) -> Result<Result<Accepted, RefusedRequest>, ClientError> {
        let sent = json.clone();
        let (status, headers, body) = self.exchange(endpoint, method, path, json, MAX_ANSWER)?;
        let location = location(&endpoint.below(path), &headers);
        let parts = ResponseParts::of(status, &headers, location.as_deref(), &body);
        if !(200..300).contains(&status) {
            let refusal = RefusedRequest::of(parts);
            return Ok(Err(match sent {
                Some(sent) => refusal.without_secrets_of(&sent),
                None => refusal,
            }));
        }
        let deployment = deployment_of(parts);
        let is_json = body.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
        Ok(match String::from_utf8(body) {
            Ok(body) if is_json => Ok(Accepted { deployment, body }),
            Ok(body) => Err(RefusedRequest::unexpected(status, body.as_bytes())),
            Err(error) => Err(RefusedRequest::unexpected(status, error.as_bytes())),
        })
    }
}

/// The path of a service or group below `v2/apps`, `v2/pods` or `v2/groups`; the id may lack the slash in front.
pub(crate) fn path_of_id(below: &str, id: &str) -> String {
    let id = AbsoluteId::parse(id).canonical(&AbsoluteId::root()).into_text();
    let id = id.trim_matches('/');
    if id.is_empty() { below.to_owned() } else { format!("{below}/{}", uri(id)) }
}

#[cfg(test)]
mod tests {
    use super::path_of_id;

    #[test]
    fn ids_are_no_queries() {
        assert_eq!(path_of_id("v2/apps", "shop/web"), "v2/apps/shop/web");
        assert_eq!(path_of_id("v2/apps", "//shop//web/"), "v2/apps/shop/web");
        assert_eq!(path_of_id("v2/groups", "/"), "v2/groups");
        assert_eq!(path_of_id("v2/apps", "/a?force=true#x y"), "v2/apps/a%3Fforce%3Dtrue%23x%20y");
    }
}
