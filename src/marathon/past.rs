//! What a server held at an earlier time, and how long ago that is.

use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::get::{self, MAX_ANSWER};
use super::{group_to_ask, path_of_id};
use crate::http::{Client, Endpoint, Method};
use crate::util::moment;

impl Client {
    /// Whether a version of a service was stored, and not only asked for and refused; `until` is the next version of it.
    /// `None` where that cannot be told.
    ///
    /// Marathon keeps a version of all groups for each change of anything, also for one that it refuses because of a lock
    /// (`GroupManagerImpl`, 1.11). What such a version says of a service that this change was not about is what was stored.
    pub(crate) fn was_stored(
        &self,
        endpoint: &Endpoint,
        id: &str,
        version: &str,
        until: &str,
    ) -> Option<bool> {
        let (group, _) = id.rsplit_once('/')?;
        if group_to_ask(id).is_some() {
            return None;
        }
        let path = path_of_id("v2/groups", group);
        let of_groups = self.json_at(endpoint, &format!("{path}/versions"))?;
        let meanwhile = of_groups.as_array()?.iter().filter_map(Json::as_str);
        let meanwhile = meanwhile.filter(|at| *at > version && *at < until).min()?;
        let group = self.json_at(endpoint, &format!("{path}/versions/{meanwhile}"))?;
        let services = ["apps", "pods"].into_iter().filter_map(|name| group.get(name)?.as_array()).flatten();
        let is_it = |service: &&Json| service.get("id").and_then(Json::as_str) == Some(id);
        let stored = services.into_iter().find(is_it)?.get("version")?.as_str()?;
        Some(stored == version)
    }

    /// The time by the server's clock, where it tells it. That of this machine may be another.
    pub(crate) fn time_there(&self, endpoint: &Endpoint) -> Option<SystemTime> {
        let (_, headers, _) = self.exchange(endpoint, Method::GET, "ping", None, MAX_ANSWER).ok()?;
        httpdate::parse_http_date(headers.get("date")?.to_str().ok()?).ok()
    }

    fn json_at(&self, endpoint: &Endpoint, path: &str) -> Option<Json> {
        let (status, body) = self.get(endpoint, path, MAX_ANSWER).ok()?;
        get::found(endpoint, path, status, &body).ok().flatten()
    }
}

/// How long a version is old at that time; nothing for one that is later, or no time.
pub(crate) fn age(version: &str, now: SystemTime) -> Option<Duration> {
    now.duration_since(moment::read(version)?.assume_utc().into()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_an_age() {
        let now = httpdate::parse_http_date("Sat, 21 Nov 2026 05:58:13 GMT").expect("a date");
        let seconds = |version: &str| age(version, now).map(|age| age.as_secs());
        assert_eq!(seconds("2026-11-21T05:55:09.502Z"), Some(184));
        assert_eq!(seconds("2026-11-21T05:59:09.502Z"), None);
        assert_eq!(seconds(""), None);
    }
}
