//! Containers of apps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AppVolume, ContainerPortMapping, DockerContainer, LinuxInfo};

/// The container an app runs in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// The containerizer: `DOCKER` for the Docker Engine, `MESOS` for the Universal Container Runtime. Default
    /// `DOCKER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "DOCKER"))]
    pub r#type: Option<Containerizer>,

    /// The image and how to run it. Required with `DOCKER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker: Option<DockerContainer>,

    /// Linux settings: seccomp and shared memory. Since Marathon 1.8.180.
    ///
    /// Dropped silently with the Docker Engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.8.180"))]
    pub linux_info: Option<LinuxInfo>,

    /// What is mounted into the container. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub volumes: Option<Vec<AppVolume>>,

    /// Ports of the container and the host ports they are reached at. Since Marathon 1.5.
    ///
    /// Default: one automatic port named `default`. Dropped silently on the host's network, which uses
    /// `portDefinitions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.5.0"))]
    pub port_mappings: Option<Vec<ContainerPortMapping>>,
}

/// Which containerizer runs a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Containerizer {
    /// The Mesos containerizer, which DC/OS calls Universal Container Runtime (UCR).
    #[serde(rename = "MESOS")]
    Mesos,
    /// The Docker Engine on the agent.
    #[serde(rename = "DOCKER")]
    Docker,
}

impl Containerizer {
    /// Marathon's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mesos => "MESOS",
            Self::Docker => "DOCKER",
        }
    }

    /// The containerizer of a `type`, which Marathon reads in any case (1.5 … 1.11).
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Docker, Self::Mesos].into_iter().find(|one| one.word().eq_ignore_ascii_case(word))
    }
}
