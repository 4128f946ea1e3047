//! Pods: the bodies of `/v2/pods`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ENV_NAME, EnvVars, ExecutorResources, Labels, LinuxInfo, Network, PathId, PodContainer, PodScalingPolicy,
    PodSchedulingPolicy, PodVolume, Secrets, Timestamp,
};

/// Several containers that run together on one agent and share networks and volumes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// The id of the pod: a path with a leading slash, such as `/prod/web`.
    ///
    /// The last segment must not be `restart`, `tasks` or `versions`.
    pub id: PathId,

    /// The user on the agent that runs the commands. Default: the user Marathon itself runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,

    /// The containers of the pod, at least one.
    #[schemars(length(min = 1))]
    pub containers: Vec<PodContainer>,

    /// The volumes that containers can mount; each has to be mounted by at least one. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub volumes: Option<Vec<PodVolume>>,

    /// Resources for the executor, on top of those of the containers. Default 0.1 CPUs, 32 MiB memory, 10 MiB disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executor_resources: Option<ExecutorResources>,

    /// How many instances to run. Default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling: Option<PodScalingPolicy>,

    /// Where and how instances are started, upgraded and replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<PodSchedulingPolicy>,

    /// The Mesos role that the pod's resources are allocated to. Since Marathon 1.9.32.
    ///
    /// Default: the name of the top-level group where that group enforces its role, else the server's own role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("x-since" = "1.9.32"))]
    pub role: Option<String>,

    /// The networks to join. Default: the host's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub networks: Option<Vec<Network>>,

    /// Environment variables for all containers: texts, or references to entries of `secrets`. Default none.
    ///
    /// Values must be strings; a number has to be quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}, "propertyNames" = {"pattern": ENV_NAME}))]
    pub environment: Option<EnvVars>,

    /// Free key-value pairs for people and tools. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,

    /// The secrets that environment variables, volumes and pull configs refer to, by name. Default none.
    ///
    /// Needs the feature `secrets`, which DC/OS has in its Enterprise edition only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub secrets: Option<Secrets>,

    /// Linux settings of the whole pod: shared memory. Since Marathon 1.9.32.
    ///
    /// Seccomp belongs to the containers and is rejected here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.9.32"))]
    pub linux_info: Option<LinuxInfo>,

    /// Whether the containers share one control group, as before resource limits existed. Default no. Since Marathon
    /// 1.10.5.
    ///
    /// Excludes resource limits. False is stored as absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.10.5"))]
    pub legacy_shared_cgroups: Option<bool>,

    /// When this definition was stored. Set by the server; a value in a request has to parse and is then ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-direction" = "response"))]
    pub version: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Pod;

    #[test]
    fn a_pod_survives_the_round_trip() -> Result<(), serde_json::Error> {
        let written = json!({
            "id": "/prod/shop",
            "containers": [
                {
                    "name": "web",
                    "exec": {"command": {"shell": "serve"}},
                    "image": {"kind": "DOCKER", "id": "registry.example.com/shop:3", "pullConfig": {"secret": "pull"}},
                    "resources": {"cpus": 0.5, "mem": 64},
                    "endpoints": [{"name": "http", "containerPort": 80, "hostPort": 0, "protocol": ["tcp"]}],
                    "healthCheck": {"http": {"endpoint": "http", "path": "/"}, "intervalSeconds": 5},
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                    "environment": {"TOKEN": {"secret": "token"}}
                },
                {
                    "name": "side",
                    "exec": {"command": {"argv": ["tail", "-f", "log"]}},
                    "resources": {},
                    "lifecycle": {"killGracePeriodSeconds": 2.5}
                }
            ],
            "volumes": [
                {"name": "data", "persistent": {"size": 10, "type": "root"}},
                {"name": "key", "secret": "token"},
                {"name": "etc", "host": "/etc"},
                {"name": "tmp"}
            ],
            "scaling": {"kind": "fixed", "instances": 3},
            "scheduling": {
                "placement": {"constraints": [{"fieldName": "@hostname", "operator": "UNIQUE"}]},
                "backoff": {"backoff": 1, "backoffFactor": 1.15},
                "unreachableStrategy": {"inactiveAfterSeconds": 0, "expungeAfterSeconds": 60}
            },
            "networks": [{"mode": "container/bridge"}],
            "secrets": {"pull": {"source": "a"}, "token": {"source": "b"}}
        });
        let pod: Pod = serde_json::from_value(written.clone())?;
        assert_eq!(serde_json::to_value(&pod)?, written);
        Ok(())
    }
}
