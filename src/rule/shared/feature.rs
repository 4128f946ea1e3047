//! Features that have to be enabled, such as secrets.

use crate::rule::Rule;

pub(in crate::rule) static DISABLED_FEATURE: Rule =
    Rule::verdict("disabled-feature", "What is used must be enabled with --enable_features")
        .why(
            "Secrets, external volumes and GPUs are features that Marathon is started with or without. DC/OS enables \
             all three, secrets only in its Enterprise edition; a plain Marathon enables none by itself. `GET /v2/info` \
             of a Marathon lists those that it has.",
        )
        .setting("--enable_features")
        .target("bare")
        .bad(r#"{"id": "/web", "cmd": "./web", "secrets": {"key": {"source": "web/key"}}}"#)
        .good(r#"{"id": "/web", "cmd": "./web"}"#);

pub(in crate::rule) static UNDEFINED_SECRET: Rule =
    Rule::verdict("undefined-secret", "A secret that is referred to must be in `secrets`")
        .why(
            "An environment variable, a volume or a pull config refers to a secret by its name in `secrets`, which says \
             where in the secret store it is. It is not the path in the store that is referred to.",
        )
        .bad(r#"{"id": "/web", "cmd": "./web", "env": {"KEY": {"secret": "web/key"}},
                "secrets": {"key": {"source": "web/key"}}}"#)
        .good(r#"{"id": "/web", "cmd": "./web", "env": {"KEY": {"secret": "key"}},
                "secrets": {"key": {"source": "web/key"}}}"#);

pub(in crate::rule) static EMPTY_SECRET_NAME: Rule =
    Rule::verdict("empty-secret-name", "A secret needs a name")
        .why("A secret of a pod that has no name cannot be referred to. Marathon refuses it.")
        .bad(
            r#"{"id": "/batch", "secrets": {"": {"source": "batch/key"}},
                "networks": [{"mode": "host"}], "containers": [{"name": "job",
                "exec": {"command": {"shell": "./job"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#,
        )
        .good(
            r#"{"id": "/batch", "secrets": {"key": {"source": "batch/key"}},
                "networks": [{"mode": "host"}], "containers": [{"name": "job",
                "exec": {"command": {"shell": "./job"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#,
        );

/// The rules declared here.
pub(super) static RULES: &[&Rule] = &[&DISABLED_FEATURE, &UNDEFINED_SECRET, &EMPTY_SECRET_NAME];

/// Marathon's words where a feature is not enabled, with its own stray bracket.
pub(in crate::rule) fn feature_text(feature: &str) -> String {
    format!("Feature {feature} is not enabled. Enable with --enable_features {feature})")
}
