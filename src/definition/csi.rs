//! Volumes of the Container Storage Interface.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Labels;

/// A volume of the Container Storage Interface (CSI). Since Marathon 1.11.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro", "x-since" = "1.11.0"))]
pub struct CsiExternalVolumeInfo {
    /// The id of the volume at its plugin.
    pub name: String,

    /// The provider: `csi`. Not checked while parsing; another provider with these options is rejected later.
    #[schemars(extend("x-values" = ["csi"]))]
    pub provider: String,

    /// The plugin, and how to mount the volume.
    pub options: CsiExternalVolumeInfoOptions,
}

/// The plugin of a CSI volume, and how to mount the volume.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsiExternalVolumeInfoOptions {
    /// The CSI plugin that manages the volume.
    #[schemars(length(min = 1))]
    pub plugin_name: String,

    /// How the volume is accessed.
    pub capability: CsiCapability,

    /// Secrets for the plugin's `NodeStageVolume` call, by key. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub node_stage_secret: Option<Labels>,

    /// Secrets for the plugin's `NodePublishVolume` call, by key. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub node_publish_secret: Option<Labels>,

    /// Free properties of the volume, handed to the plugin. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub volume_context: Option<Labels>,
}

/// Shows the names of the secrets, not their values.
impl std::fmt::Debug for CsiExternalVolumeInfoOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names =
            |secrets: &Option<Labels>| secrets.as_ref().map(|map| map.keys().cloned().collect::<Vec<_>>());
        f.debug_struct("CsiExternalVolumeInfoOptions")
            .field("plugin_name", &self.plugin_name)
            .field("capability", &self.capability)
            .field("node_stage_secret", &names(&self.node_stage_secret))
            .field("node_publish_secret", &names(&self.node_publish_secret))
            .field("volume_context", &self.volume_context)
            .finish()
    }
}

/// How a CSI volume is accessed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsiCapability {
    /// How many nodes may use the volume, and whether they may write: `SINGLE_NODE_WRITER`,
    /// `SINGLE_NODE_READER_ONLY`, `MULTI_NODE_READER_ONLY`, `MULTI_NODE_SINGLE_WRITER` or `MULTI_NODE_MULTI_WRITER`.
    /// `UNKNOWN` is for one node that only reads.
    ///
    /// For another value the server answers HTTP 500.
    #[schemars(extend("x-values" = [
        "UNKNOWN",
        "SINGLE_NODE_WRITER",
        "SINGLE_NODE_READER_ONLY",
        "MULTI_NODE_READER_ONLY",
        "MULTI_NODE_SINGLE_WRITER",
        "MULTI_NODE_MULTI_WRITER",
    ]))]
    pub access_mode: String,

    /// What is mounted: a raw device (`block`) or a file system (`mount`). For another value the server answers HTTP
    /// 500.
    #[schemars(extend("x-values" = ["block", "mount"]))]
    pub access_type: String,

    /// The file system, such as `ext4`. Required with `mount`, else HTTP 500; dropped with `block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fs_type: Option<String>,

    /// Options for the mount. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub mount_flags: Option<Vec<String>>,
}
