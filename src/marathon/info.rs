//! The version and settings of a running Marathon: `GET /v2/info`.

use serde::Deserialize;

use crate::target::{Agents, Aim, EnforceRole, Feature, Release, ReleaseError, Target};

use super::GetError;
use crate::http::{Client, Endpoint, MAX_ANSWER, Method, is_page, location};

/// What a Marathon tells of the settings that decide what it accepts (`InfoResource`, 1.4 … 1.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Info {
    /// The version in full: `1.11.24`.
    pub version: String,
    /// The target. Every feature that decides anything is on or off; settings that this release does not tell are left
    /// open.
    pub aim: Aim,
}

/// Why the version and settings cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InfoError {
    /// It does not answer, or rejects the request.
    #[error(transparent)]
    Read(#[from] GetError),
    /// The answer is not one of a Marathon.
    #[error("{url} answers with {what}, so it is not a Marathon; DC/OS has it at /service/marathon")]
    NotMarathon {
        /// The address.
        url: String,
        /// What came instead.
        what: &'static str,
    },
    /// Its release is not one that milepost knows.
    #[error("{url} is Marathon {version}: {cause}")]
    Version {
        /// The address.
        url: String,
        /// The version it says.
        version: String,
        /// Why the version does not name a release.
        cause: ReleaseError,
    },
}

#[derive(Deserialize)]
struct InfoBody {
    version: String,
    marathon_config: InfoConfig,
}

#[derive(Deserialize)]
struct InfoConfig {
    #[serde(default)]
    features: Vec<String>,
    mesos_role: Option<String>,
    /// Since 1.6; empty for none.
    #[serde(default, deserialize_with = "network")]
    default_network_name: Option<String>,
    /// Since 1.9: `Top` or `Off`.
    new_group_enforce_role: Option<String>,
}

/// Tells `null`, which means no default network, from a missing field.
fn network<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|name| Some(name.unwrap_or_default()))
}

impl Client {
    /// Asks a Marathon for its version and settings.
    ///
    /// # Errors
    /// When there is no answer, or not one of a Marathon of a known release.
    pub(crate) fn info(&self, endpoint: &Endpoint) -> Result<Info, InfoError> {
        let answer = self.exchange(endpoint, Method::GET, "v2/info", None, MAX_ANSWER);
        let (status, headers, body) = answer.map_err(GetError::from)?;
        let url = endpoint.to_string();
        if status == 200 {
            return Info::of(&body, endpoint.is_behind_dcos(), &url);
        }
        let location = location(&endpoint.below("v2/info"), &headers);
        Err(GetError::refused(url, status, location.as_deref(), endpoint).into())
    }
}

impl Info {
    fn of(body: &[u8], is_behind_dcos: bool, url: &str) -> Result<Self, InfoError> {
        let not_marathon = |what| InfoError::NotMarathon { url: url.to_owned(), what };
        let json: serde_json::Value = serde_json::from_slice(body).map_err(|_| {
            let is_html = is_page(body);
            not_marathon(if is_html { "a web page" } else { "something other than JSON" })
        })?;
        let Ok(InfoBody { version, marathon_config: config }) = serde_json::from_value(json) else {
            return Err(not_marathon("other JSON than Marathon's /v2/info"));
        };
        let version: String = version.chars().filter(|c| !c.is_control()).take(60).collect();
        let release = match release(&version) {
            Ok(release) => release,
            Err(cause) => return Err(InfoError::Version { url: url.to_owned(), version, cause }),
        };
        // DC/OS gives its Marathon this role; no other distribution is known to.
        let is_dcos = is_behind_dcos || config.mesos_role.as_deref() == Some("slave_public");
        let target = Target::of_release(release, is_dcos).or_else(|| Target::of_release(release, false));
        let is_on = |feature: &Feature| config.features.iter().any(|name| name == feature.name());
        let (features, no_features) = Feature::deciding().into_iter().partition(is_on);
        let enforce_role = config.new_group_enforce_role.and_then(|word| word.parse::<EnforceRole>().ok());
        Ok(Self {
            version,
            aim: Aim {
                target,
                features,
                no_features,
                mesos_role: config.mesos_role,
                default_network: config.default_network_name,
                enforce_role: enforce_role.filter(|_| release >= Release::V1_9),
                agents: Agents::default(),
            },
        })
    }
}

/// The release line of `1.11.24`, `1.11.0-SNAPSHOT` or `1.5.1.2`.
fn release(version: &str) -> Result<Release, ReleaseError> {
    let numbers = version.split('-').next().unwrap_or_default();
    let line: Vec<&str> = numbers.split('.').take(3).collect();
    line.join(".").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(body: &str) -> Result<Info, InfoError> {
        Info::of(body.as_bytes(), false, "http://m")
    }

    #[test]
    fn later_releases_tell_more() {
        let old = info(r#"{"version": "1.5.1.2", "marathon_config": {"features": [], "mesos_role": null}}"#);
        let old = old.expect("a Marathon").aim;
        assert_eq!(old.target.map(|target| target.name()), Some("marathon-1.5"));
        assert_eq!((old.no_features.len(), old.default_network, old.mesos_role), (3, None, None));
        let new = info(
            r#"{"version": "1.11.0-SNAPSHOT", "marathon_config": {"features": ["secrets", "vips"],
                "mesos_role": "slave_public", "default_network_name": null, "new_group_enforce_role": "Top"}}"#,
        );
        let new = new.expect("a Marathon").aim;
        assert_eq!(new.target.map(|target| target.name()), Some("dcos-2.2"));
        assert_eq!(new.default_network.as_deref(), Some(""));
        assert_eq!(new.enforce_role, Some(EnforceRole::Top));
        assert_eq!(new.features.iter().map(|feature| feature.name()).collect::<Vec<_>>(), ["secrets"]);
        assert!(new.settings().is_ok());
    }

    #[test]
    fn other_answers_are_not_a_marathon() {
        let error = |body| info(body).expect_err("not a Marathon").to_string();
        assert!(error("<html>").contains("a web page"));
        assert!(error("pong").contains("something other than JSON"));
        assert!(error(r#"{"version": "1.8.0", "id": "master@10.0.0.1:5050"}"#).contains("other JSON"));
        assert!(error(r#"{"version": "0.15.3", "marathon_config": {}}"#).contains("is Marathon 0.15.3"));
    }
}
