//! Looks up the credentials of a config file that a containerizer sends to a registry.

use super::check::{near, shown};
use super::config::{AuthEntry, Config, ConfigFault, ConfigNote};
use super::login::Login;
use crate::definition::Containerizer;
use crate::image::Host;

/// Why a containerizer has no credentials for a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There are none.
    Nothing,
    /// They are under a key that the containerizer does not look up: the fault, and the right key.
    WrongKey(String),
    /// A helper program keeps them, which agents do not have: its name.
    Helper(String),
    /// The containerizer cannot use the entry: the reason, as a part of a sentence.
    Unusable(String),
}

/// The credentials that a containerizer sends to a registry.
///
/// The Docker Engine's client takes the key as it writes it, else any that means the same host (docker/cli,
/// `fileStore.Get`), but Docker Hub's only under that one key; where a helper is named it ignores the file's own entries.
/// Mesos takes the first entry with `auth` for the host (`DockerFetcherPlugin`, `getAuthHeaderBasic`).
///
/// # Errors
/// Why it sends none.
pub fn look_up<'c>(
    config: &'c Config,
    host: &Host,
    containerizer: Containerizer,
) -> Result<&'c Login, Missing> {
    match containerizer {
        Containerizer::Docker => for_engine(config, host),
        Containerizer::Mesos => for_mesos(config, host),
    }
}

fn for_engine<'c>(config: &'c Config, host: &Host) -> Result<&'c Login, Missing> {
    if let Some(fault) = config.faults.first() {
        return Err(Missing::Unusable(format!("Docker cannot read the file, because {fault}")));
    }
    if let Some(program) = config.helper(host) {
        return Err(Missing::Helper(shown(program)));
    }
    let own = config.entries.iter().find(|entry| entry.key == host.key());
    let same = || config.entries.iter().find(|entry| entry.host.as_ref() == Ok(host));
    match own.or_else(same) {
        Some(entry) if host.is_hub() && own.is_none() => Err(Missing::WrongKey(format!(
            "the key is `{}`, and the Docker Engine looks for Docker Hub's credentials under `{}` only",
            shown(&entry.key),
            host.key()
        ))),
        Some(entry) => usable(entry, None),
        None => Err(elsewhere(config, host)),
    }
}

fn for_mesos<'c>(config: &'c Config, host: &Host) -> Result<&'c Login, Missing> {
    let same = || config.entries.iter().filter(|entry| entry.host.as_ref() == Ok(host));
    let has_auth = |entry: &&AuthEntry| {
        !entry.notes.contains(&ConfigNote::NoAuth)
            && !matches!(entry.login, Err(ConfigFault::Empty | ConfigFault::NotAnObject))
    };
    if let Some(entry) = same().find(has_auth) {
        let is_wrapped = entry.notes.contains(&ConfigNote::Wrapped);
        return usable(
            entry,
            is_wrapped.then_some("its `auth` is broken into lines, which Mesos sends as they are"),
        );
    }
    if same().next().is_some() {
        return Err(Missing::Unusable("it has no `auth`, and Mesos reads nothing else".to_owned()));
    }
    if let Some(program) = config.helper(host) {
        return Err(Missing::Helper(shown(program)));
    }
    Err(elsewhere(config, host))
}

fn usable<'c>(entry: &'c AuthEntry, fault: Option<&str>) -> Result<&'c Login, Missing> {
    if let Some(fault) = fault {
        return Err(Missing::Unusable(fault.to_owned()));
    }
    entry.login.as_ref().map_err(|fault| Missing::Unusable(fault.to_string()))
}

/// The reason where the file has no entry for this registry.
fn elsewhere(config: &Config, host: &Host) -> Missing {
    match near(host, config) {
        Some(other) => Missing::WrongKey(format!(
            "there are some for {other}, which is another registry: the port has to be the one in the image"
        )),
        None => Missing::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::parse;
    use super::*;

    fn config(text: &str) -> Config {
        Config::read(&parse(text).expect("JSON")).expect("a config")
    }

    fn user(config: &Config, host: &str, containerizer: Containerizer) -> Result<String, Missing> {
        let host = Host::parse(host).expect("a host");
        look_up(config, &host, containerizer).map(|login| login.user().to_owned())
    }

    #[test]
    fn containerizers_look_up_differently() {
        let hub = config(r#"{"auths": {"docker.io": {"auth": "YTpi"}}}"#);
        assert!(matches!(user(&hub, "docker.io", Containerizer::Docker), Err(Missing::WrongKey(_))));
        assert_eq!(user(&hub, "docker.io", Containerizer::Mesos).as_deref(), Ok("a"));
        let old = config(r#"{"auths": {"https://r.example.com/v1/": {"auth": "YTpi"}}}"#);
        assert_eq!(user(&old, "r.example.com", Containerizer::Docker).as_deref(), Ok("a"));
        assert!(matches!(user(&old, "r.example.com:5000", Containerizer::Docker), Err(Missing::WrongKey(_))));
        assert!(matches!(user(&old, "r.example.com:5000", Containerizer::Mesos), Err(Missing::WrongKey(_))));
        assert_eq!(user(&old, "other.example.com", Containerizer::Mesos), Err(Missing::Nothing));
        let helper = config(r#"{"auths": {"r": {"auth": "YTpi"}}, "credsStore": "pass"}"#);
        assert_eq!(user(&helper, "r", Containerizer::Docker), Err(Missing::Helper("pass".to_owned())));
        assert_eq!(user(&helper, "r", Containerizer::Mesos).as_deref(), Ok("a"));
        let pair = config(r#"{"auths": {"r": {"username": "a", "password": "b"}}}"#);
        assert_eq!(user(&pair, "r", Containerizer::Docker).as_deref(), Ok("a"));
        assert!(matches!(user(&pair, "r", Containerizer::Mesos), Err(Missing::Unusable(_))));
    }
}
