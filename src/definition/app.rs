//! Apps: the bodies of `/v2/apps`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::whole;
use super::{
    AppCheck, AppConstraint, AppHealthCheck, AppResidency, Artifact, Container, EnvVars, ExecutorResources,
    IpAddress, KillSelection, Labels, Network, PathId, PortDefinition, ReadinessCheck, ResourceLimits,
    Secrets, Timestamp, UnreachableStrategy, UpgradeStrategy, number,
};

/// The pattern of `executor`, matched against the whole text: empty, `//cmd`, or a path.
pub const EXECUTOR: &str = r"^(//cmd)|(/?[^/]+(/[^/]+)*)|$";

/// A long-running service: one command or container, run as a number of identical instances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-response-only" = [
    "tasksStaged",
    "tasksRunning",
    "tasksHealthy",
    "tasksUnhealthy",
    "deployments",
    "readinessCheckResults",
    "tasks",
    "lastTaskFailure",
    // Up to 1.8 the statistics were called `taskStats`.
    "taskStats",
    "tasksStats",
]))]
pub struct App {
    /// The id of the app: a path such as `/prod/web`.
    ///
    /// A relative id is resolved against `/`, or inside a group against that group. The last segment must not be
    /// `restart`, `tasks` or `versions`.
    pub id: PathId,

    /// A shell command line, run by `/bin/sh -c`.
    ///
    /// Excludes `args`. A command of exactly one character is rejected by every release since 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub cmd: Option<String>,

    /// The arguments to run the container's entrypoint, or a program, with; no shell is involved. Default none.
    ///
    /// Excludes `cmd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub args: Option<Vec<String>>,

    /// The user on the agent, or in the container, that runs the command. Default: the user Marathon itself runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,

    /// The container to run in: image, volumes and port mappings. Default: no container, the command runs on the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<Container>,

    /// The Mesos executor to run the task with: empty or `//cmd` for the built-in one, else a path. Default empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "", "pattern" = whole(EXECUTOR)))]
    pub executor: Option<String>,

    /// CPUs for each instance; 1 is a whole core. Default 1.
    ///
    /// Documented with a minimum of 0.001, but every release since 1.5 cuts the fraction off that bound and accepts
    /// 0 and more.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 1))]
    pub cpus: Option<f64>,

    /// Memory for each instance, in MiB. Default 128.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 128))]
    pub mem: Option<f64>,

    /// Disk space of the sandbox of each instance, in MiB. Default 0.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub disk: Option<f64>,

    /// GPUs for each instance, a whole number. Default 0.
    ///
    /// Needs the Mesos containerizer and the feature `gpu_resources`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 0))]
    pub gpus: Option<i32>,

    /// How far an instance may exceed its `cpus` and `mem`. Since Marathon 1.10.5.
    ///
    /// A partial update that does not repeat it resets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.10.5"))]
    pub resource_limits: Option<ResourceLimits>,

    /// Resources for the executor, on top of those of the task. Since Marathon 1.6.352.
    ///
    /// A partial update that does not repeat it resets it, and a `PUT` of a whole app drops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.6.352"))]
    pub executor_resources: Option<ExecutorResources>,

    /// How many instances to run. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 1))]
    pub instances: Option<i32>,

    /// Where instances may run: lists of field, operator and value, such as `["hostname", "UNIQUE"]`. Default anywhere.
    ///
    /// Each needs 2 or 3 texts, and the operator in upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub constraints: Option<Vec<AppConstraint>>,

    /// The resource roles whose offers are used: `*` for unreserved resources, a role's name for those reserved to it.
    ///
    /// Default: the server's setting. Since 1.9 only `*` and the app's own role are useful: 1.9 removes others
    /// silently, 1.10 and later reject them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-set" = true))]
    pub accepted_resource_roles: Option<Vec<String>>,

    /// The Mesos role that the app's resources are allocated to. Since Marathon 1.9.32.
    ///
    /// Default: the name of the top-level group where that group enforces its role, else the server's own role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("x-since" = "1.9.32"))]
    pub role: Option<String>,

    /// The networks to join. Default: the host's network. Since Marathon 1.5.
    ///
    /// Marathon 1.4 ignores it and uses the host's network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-since" = "1.5.0"))]
    pub networks: Option<Vec<Network>>,

    /// The ports of an app on the host's network. Default: one automatic port named `default`.
    ///
    /// Dropped silently on other networks; those use `container.portMappings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_definitions: Option<Vec<PortDefinition>>,

    /// Whether the ports in `portDefinitions` are required on the host itself, and not only used as service ports.
    /// Default false.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub require_ports: Option<bool>,

    /// An IP address for each instance, the old way. Deprecated since Marathon 1.5: use `networks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "networks"))]
    pub ip_address: Option<IpAddress>,

    /// Service ports on the host's network, the old way. Deprecated since Marathon 1.5: use `portDefinitions`.
    ///
    /// Negative numbers are rejected; the upper bound of 65535 is not enforced here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "portDefinitions"))]
    pub ports: Option<Vec<i32>>,

    /// Environment variables: texts, or references to entries of `secrets`. Default none.
    ///
    /// Values must be strings; a number has to be quoted. Names are not checked since 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub env: Option<EnvVars>,

    /// Free key-value pairs for people and tools. Default none.
    ///
    /// `MARATHON_SINGLE_INSTANCE_APP` and some `DCOS_` labels change how the app is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub labels: Option<Labels>,

    /// The secrets that `env`, volumes and pull configs refer to, by name. Default none.
    ///
    /// Needs the feature `secrets`, which DC/OS has in its Enterprise edition only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub secrets: Option<Secrets>,

    /// Files to fetch into the sandbox before an instance starts. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub fetch: Option<Vec<Artifact>>,

    /// URIs of files to fetch, the old way. Deprecated since Marathon 1.5: use `fetch`.
    ///
    /// Archives are unpacked by the ending of their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true, "x-replaced-by" = "fetch"))]
    pub uris: Option<Vec<String>>,

    /// Whether to attach a pseudo terminal to the command. Default no. Since Marathon 1.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.5.0"))]
    pub tty: Option<bool>,

    /// Ids of apps or groups that have to be running before this app starts. Default none.
    ///
    /// A relative id is resolved like the app's own, and an id that does not exist is accepted silently.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub dependencies: Option<Vec<String>>,

    /// Checks that decide whether an instance is healthy; one that fails them is replaced. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = [], "x-set" = true))]
    pub health_checks: Option<Vec<AppHealthCheck>>,

    /// A check that Mesos runs and only reports; the instance keeps running when it fails. Since Marathon 1.8.180.
    ///
    /// Needs the Mesos containerizer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-since" = "1.8.180"))]
    pub check: Option<AppCheck>,

    /// Checks that a new instance has to pass before a deployment goes on; at most one. Default none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = []))]
    pub readiness_checks: Option<Vec<ReadinessCheck>>,

    /// Seconds between the request to stop an instance and killing it. Default: the agent's setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub task_kill_grace_period_seconds: Option<i32>,

    /// Which instances go first when scaling down. Default `YOUNGEST_FIRST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "YOUNGEST_FIRST"))]
    pub kill_selection: Option<KillSelection>,

    /// How many instances may be missing, and how many extra ones may run, during an upgrade.
    ///
    /// Default: all healthy and up to twice as many instances; half and no extra ones for apps with persistent or
    /// external volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_strategy: Option<UpgradeStrategy>,

    /// What happens to an instance whose agent cannot be reached: replaced after a time, or `"disabled"`.
    ///
    /// Default: replaced and expunged at once; `"disabled"` for apps with persistent volumes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable_strategy: Option<UnreachableStrategy>,

    /// How apps with persistent volumes stick to their agent. Without effect since Marathon 1.6.322.
    ///
    /// 1.4 and 1.5 need it together with persistent volumes. Later releases drop it, but still apply the rules for apps
    /// with persistent volumes to an app that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residency: Option<AppResidency>,

    /// Seconds to wait before a failed instance is started again the first time. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 1))]
    pub backoff_seconds: Option<i32>,

    /// The factor by which the wait grows after each further failure. Default 1.15.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number::short")]
    #[schemars(range(min = 1), extend("default" = 1.15))]
    pub backoff_factor: Option<f64>,

    /// The longest wait before a failed instance is started again, in seconds. Default 300; 3600 before 1.8.180.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("default" = 300))]
    pub max_launch_delay_seconds: Option<i32>,

    /// When this definition was stored. Set by the server; a value in a request has to parse and is then ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-direction" = "response"))]
    pub version: Option<Timestamp>,

    /// When the app was last scaled and last changed. Set by the server; a value in a request has to parse and is then
    /// ignored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-direction" = "response"))]
    pub version_info: Option<VersionInfo>,
}

/// When an app was last scaled and last changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-reader" = "macro"))]
pub struct VersionInfo {
    /// When the number of instances, or anything else, last changed.
    pub last_scaling_at: Timestamp,

    /// When anything but the number of instances last changed, or the app was restarted.
    pub last_config_change_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::App;

    #[test]
    fn an_app_survives_the_round_trip() -> Result<(), serde_json::Error> {
        let written = json!({
            "id": "/prod/registry-client",
            "args": ["serve", "--port", "8080"],
            "container": {
                "type": "MESOS",
                "docker": {
                    "image": "registry.example.com/web:1.2",
                    "pullConfig": {"secret": "pull"},
                    "forcePullImage": true
                },
                "volumes": [
                    {"containerPath": "/etc/web", "hostPath": "/srv/web", "mode": "RO"},
                    {"containerPath": "data", "persistent": {"size": 512}, "mode": "RW"},
                    {"containerPath": "/run/key", "secret": "key"},
                    {
                        "containerPath": "/mnt",
                        "external": {"size": 5, "name": "v", "provider": "dvdi", "options": {"dvdi/driver": "rexray"}},
                        "mode": "RW"
                    },
                    {
                        "containerPath": "/csi",
                        "external": {
                            "name": "v",
                            "provider": "csi",
                            "options": {
                                "pluginName": "nfs",
                                "capability": {"accessMode": "MULTI_NODE_MULTI_WRITER", "accessType": "mount"}
                            }
                        },
                        "mode": "RW"
                    }
                ],
                "portMappings": [{"name": "http", "containerPort": 8080, "hostPort": 0, "protocol": "udp,tcp"}]
            },
            "cpus": 0.25,
            "mem": 512,
            "resourceLimits": {"cpus": "unlimited", "mem": 1024},
            "instances": 2,
            "constraints": [["hostname", "UNIQUE"], ["rack", "LIKE", "r[12]"]],
            "networks": [{"name": "dcos", "mode": "container"}],
            "env": {"LEVEL": "debug", "TOKEN": {"secret": "token"}},
            "labels": {"VIP": "web:80"},
            "secrets": {"pull": {"source": "prod/pull"}},
            "fetch": [{"uri": "file:///etc/docker.tar.gz", "extract": true}],
            "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0}],
            "upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 0},
            "unreachableStrategy": "disabled"
        });
        let app: App = serde_json::from_value(written.clone())?;
        assert_eq!(serde_json::to_value(&app)?, written);
        Ok(())
    }

    #[test]
    fn null_and_unknown_fields_are_absent() -> Result<(), serde_json::Error> {
        let app: App = serde_json::from_value(json!({"id": "/a", "cmd": null, "memory": 5}))?;
        assert_eq!(app, App { id: "/a".into(), ..App::default() });
        assert_eq!(serde_json::to_value(&app)?, json!({"id": "/a"}));
        Ok(())
    }

    #[test]
    fn the_executor_pattern_is_anchored_as_a_whole() {
        let schema = schemars::schema_for!(App);
        let pattern = schema.pointer("/properties/executor/pattern").and_then(Value::as_str);
        let pattern = regex::Regex::new(pattern.unwrap_or_default()).expect("a pattern");
        assert!(pattern.is_match("") && pattern.is_match("//cmd") && pattern.is_match("/opt/executor"));
        assert!(!pattern.is_match("/opt//executor") && !pattern.is_match("//cmd "));
    }
}
