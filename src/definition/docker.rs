//! Docker images and how to run them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ContainerPortMapping, DockerPullConfig, Labels, ShortText};

/// The Docker image of an app, and how to run it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DockerContainer {
    /// The image: `[registry[:port]/]repository[:tag][@digest]`.
    #[schemars(length(min = 1))]
    pub image: String,

    /// Whether to pull the image even when the agent has it. Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub force_pull_image: Option<bool>,

    /// The secret that holds the registry's credentials. Since Marathon 1.5.
    ///
    /// For the Mesos containerizer only; needs the feature `secrets`. The Docker Engine reads credentials from an
    /// archive in `fetch`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.5.0"))]
    pub pull_config: Option<DockerPullConfig>,

    /// Whether the container has all rights of the agent's root. Default false.
    ///
    /// For the Docker Engine only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub privileged: Option<bool>,

    /// Further options for `docker run`. Default none.
    ///
    /// For the Docker Engine only; the Mesos containerizer rejects them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub parameters: Option<Vec<DockerParameter>>,

    /// The network mode, the old way. Deprecated since Marathon 1.5: use the app's `networks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "networks"))]
    pub network: Option<DockerNetwork>,

    /// Port mappings, the old way. Deprecated since Marathon 1.5: use the container's `portMappings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "container.portMappings"))]
    pub port_mappings: Option<Vec<ContainerPortMapping>>,

    /// Registry credentials in a form that no release supports: every release rejects it. Use `pullConfig`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "container.docker.pullConfig"))]
    pub credential: Option<DockerCredentials>,
}

/// A Mesos principal and its secret. Rejected by every release.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct DockerCredentials {
    /// The principal's name.
    pub principal: String,

    /// The principal's secret, in plain text. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Does not show the secret, which is plain text.
impl std::fmt::Debug for DockerCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DockerCredentials").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// An option for `docker run`: `{"key": "hostname", "value": "a"}` is `--hostname=a`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DockerParameter {
    /// The option's long name, without dashes.
    #[schemars(length(min = 1))]
    pub key: String,

    /// The option's value.
    pub value: String,
}

/// The network of a Docker container, as Marathon named it before 1.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DockerNetwork {
    /// Docker's bridge; now network mode `container/bridge`.
    #[serde(rename = "BRIDGE")]
    Bridge,
    /// The host's network; now network mode `host`.
    #[serde(rename = "HOST")]
    Host,
    /// No network. Nothing replaces it, and Marathon 1.5 and later answer it with HTTP 500.
    #[serde(rename = "NONE")]
    None,
    /// A named network; now network mode `container`.
    #[serde(rename = "USER")]
    User,
}

/// The image of a pod's container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The kind of image: `DOCKER`.
    pub kind: ImageType,

    /// The image: `[registry[:port]/]repository[:tag][@digest]`.
    pub id: ShortText,

    /// The secret that holds the registry's credentials. Since Marathon 1.5.
    ///
    /// Needs the feature `secrets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.5.0"))]
    pub pull_config: Option<DockerPullConfig>,

    /// Whether to pull the image even when the agent has it. Default no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_pull: Option<bool>,

    /// Labels of the image. Default none. Since Marathon 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}, "x-since" = "1.5.0"))]
    pub labels: Option<Labels>,
}

/// The kind of a pod's image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ImageType {
    /// A Docker image. The other kind, `APPC`, was removed in Marathon 1.9.32.
    #[serde(rename = "DOCKER")]
    Docker,
}
