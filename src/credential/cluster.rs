//! Credentials for a whole DC/OS cluster: `cluster_docker_credentials*` of config.yaml, and the file on every agent.

use secrecy::zeroize::Zeroizing;

use crate::definition::Containerizer;

use super::check::{ConfigFinding, View, check, is_blank};
use super::config::{self, Config};
use super::rules;

/// The agents' file when DC/OS does not own it (`cluster_docker_credentials_dcos_owned` false).
pub const PATH: &str = "/etc/mesosphere/docker_credentials";

/// The services that read the file when they start, on private and on public agents.
pub const SERVICES: [(&str, &str); 2] =
    [("private agents", "dcos-mesos-slave"), ("public agents", "dcos-mesos-slave-public")];

/// The parameters of config.yaml that make DC/OS leave the file to the operator, with a blank configuration: many people
/// can read config.yaml.
pub const PARAMETERS: [(&str, &str); 4] = [
    ("cluster_docker_credentials", "{}"),
    ("cluster_docker_credentials_enabled", "true"),
    ("cluster_docker_credentials_write_to_etc", "true"),
    ("cluster_docker_credentials_dcos_owned", "false"),
];

/// The command that makes an agent read the file again.
#[must_use]
pub fn restart(service: &str) -> String {
    format!("sudo systemctl restart {service}")
}

/// Checks such a file. An agent does not start with an empty or invalid one.
#[must_use]
pub fn inspect(bytes: Vec<u8>, view: View<'_>) -> Vec<ConfigFinding> {
    let stops = "the agent service does not start with it";
    let fatal = |rule, message: String| {
        let help = "`milepost creds cluster -o FILE` writes a valid one; a blank one is {}";
        vec![ConfigFinding::error(rule, format!("{message}: {stops}"), help)]
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            return fatal(&rules::BAD_CONFIG, "this is not UTF-8 text".to_owned());
        }
    };
    if text.trim().is_empty() {
        return fatal(&rules::EMPTY_FILE, "the file is empty".to_owned());
    }
    let config = match config::parse(&text).and_then(|document| Config::read(&document)) {
        Ok(config) => config,
        Err(error) => {
            let place = crate::source::LineIndex::new(&text).position(&text, error.range.start);
            return fatal(&rules::BAD_CONFIG, format!("{}:{}: {error}", place.line, place.column));
        }
    };
    if is_blank(&config) && view.asked.is_none() {
        return vec![ConfigFinding::info(
            &rules::NO_CREDENTIALS,
            "the file is valid and has no credentials in it",
            "`milepost creds cluster --registry HOST -o FILE` writes some",
        )];
    }
    check(&config, View { containerizer: Containerizer::Mesos, ..view })
}
