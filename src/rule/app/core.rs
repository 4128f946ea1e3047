//! The rest of the canonical API: ids, commands, labels, resources, secrets, constraints, fetch, upgrades.

use std::borrow::Cow;

use crate::diagnostic::Stage::Canonical;
use crate::rule::shared::{
    CONSTRAINT_WITHOUT_FIELD, Constraint, DISABLED_FEATURE, EMPTY_ID, RESERVED_ID, RESIDENT_UNREACHABLE,
    UNDEFINED_SECRET, constraint_fault, feature_text, limit_fault, reserved_text,
};
use crate::schema::table;
use crate::source::Value;
use crate::target::{Release, Settings};

use super::super::java;
use super::super::{Fields, Judge, PathId, Rule};
use super::deprecated::INVALID_URI;
use super::view::{App, Engine, distinct};

static BAD_DEPENDENCY: Rule = Rule::verdict("bad-dependency", "A dependency is the id of an app or group");
pub(super) static NOTHING_TO_RUN: Rule = Rule::verdict(
    "nothing-to-run",
    "An app has one of `cmd` and `args`, or a container that brings its own command",
);
static ONE_LETTER_CMD: Rule = Rule::verdict(
    "one-letter-cmd",
    "A `cmd` has more than one character (Marathon 1.5 and later refuse a single one)",
);
pub(super) static SINGLE_INSTANCE_LABEL: Rule = Rule::verdict(
    "single-instance-label",
    "An app labelled MARATHON_SINGLE_INSTANCE_APP has one instance, and an upgrade strategy of 0 and 0",
);
static MIGRATION_LABELS: Rule = Rule::verdict(
    "migration-labels",
    "DCOS_MIGRATION_API_VERSION is \"v1\", and comes with DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH",
);
static GPUS: Rule = Rule::verdict("gpus", "GPUs need the Mesos containerizer, and the feature gpu_resources");
static EMPTY_NAME: Rule = Rule::verdict("empty-name", "A secret or environment variable has a name");
static CONSTRAINT: Rule = Rule::verdict(
    "constraint",
    "A constraint is [FIELD, OPERATOR] or [FIELD, OPERATOR, VALUE], with a value that fits",
);
static RESIDENCY: Rule = Rule::verdict(
    "residency",
    "`residency` is for apps with persistent volumes (refused without up to Marathon 1.5)",
);
static CONTAINER_WITHOUT_DOCKER: Rule = Rule::verdict(
    "container-without-docker",
    "A DOCKER container, which is the default type, has `docker` with an image",
);
static PULL_CONFIG_NEEDS_UCR: Rule =
    Rule::verdict("pull-config-needs-ucr", "A pull config is for UCR: the container's type is MESOS");

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &BAD_DEPENDENCY,
    &NOTHING_TO_RUN,
    &ONE_LETTER_CMD,
    &SINGLE_INSTANCE_LABEL,
    &MIGRATION_LABELS,
    &GPUS,
    &EMPTY_NAME,
    &CONSTRAINT,
    &RESIDENCY,
    &CONTAINER_WITHOUT_DOCKER,
    &PULL_CONFIG_NEEDS_UCR,
];

pub(super) fn judge(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    id(app, settings, judge);
    command(app, judge);
    container(app, settings, judge);
    labels(app, judge);
    resources(app, settings, judge);
    secrets(app, settings, judge);
    for (index, artifact) in app.fields.list("fetch").enumerate() {
        let artifact = Fields::of(artifact, &table::ARTIFACT);
        if !java::is_uri(&artifact.text("uri").unwrap_or_default()) {
            judge.refuse(
                &INVALID_URI,
                Canonical,
                artifact.at("uri"),
                format!("/fetch({index})/uri"),
                "URI has invalid syntax.",
            );
        }
    }
    for constraint in distinct(app.fields.list("constraints")) {
        self::constraint(constraint, settings, judge);
    }
    resident(app, settings, judge);
}

const SEGMENT: &str = r"must fully match regular expression '^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])|(\.|\.\.)$'";

/// Whether this release keeps some last segments for itself (1.5.13, all of 1.8 and later; taken for absent before).
fn reserves(settings: &Settings) -> bool {
    settings.release >= Release::V1_8
}

fn id(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let at = app.fields.at("id");
    if reserves(settings) && app.id.is_reserved() {
        judge.refuse(&RESERVED_ID, Canonical, at, "/id", reserved_text(settings.release));
    }
    if app.id.is_root() {
        judge.refuse(&EMPTY_ID, Canonical, at, "/id", "Path must contain at least one path element");
        judge.refuse(&EMPTY_ID, Canonical, at, "/", "must not be root");
    }
    for (index, dependency) in distinct(app.fields.list("dependencies")).into_iter().enumerate() {
        let id = PathId::parse(&dependency.as_str().unwrap_or_default());
        let path = format!("/dependencies({index})");
        if !id.is_well_formed() {
            judge.refuse(&BAD_DEPENDENCY, Canonical, dependency, path.as_str(), SEGMENT);
        }
        if reserves(settings) && id.is_reserved() {
            judge.refuse(&BAD_DEPENDENCY, Canonical, dependency, path, reserved_text(settings.release));
        }
    }
}

fn command(app: &App<'_>, judge: &mut Judge) {
    let cmd = app.fields.text("cmd");
    if cmd.as_ref().is_some_and(|cmd| cmd.encode_utf16().count() == 1) {
        judge
            .refuse(&ONE_LETTER_CMD, Canonical, app.fields.at("cmd"), "/", "must not be an empty string")
            .help = Some("write it with a space before it".to_owned());
    }
    let args = app.fields.len("args").is_some_and(|count| count > 0);
    let container = app
        .container
        .as_ref()
        .is_some_and(|container| container.docker.is_some() || container.engine == Engine::Mesos);
    if !runs(cmd.is_some(), args, container) {
        let (at, message) = if cmd.is_some() && args {
            (app.fields.at("args"), "an app has `cmd` or `args`, not both")
        } else {
            (app.fields.value, "there is nothing to run: no `cmd`, no `args`, and no container with an image")
        };
        let text = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        judge.refuse(&NOTHING_TO_RUN, Canonical, at, "/", text).message = message.into();
    }
}

/// Whether one of `cmd` and `args`, or a container, says what to run.
pub(super) fn runs(cmd: bool, args: bool, container: bool) -> bool {
    cmd ^ args || (!(cmd && args) && container)
}

fn container(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let Some(container) = &app.container else { return };
    let at = container.fields.map_or(app.fields.value, |fields| fields.value);
    let Some(docker) = &container.docker else {
        if container.engine == Engine::Docker {
            let found =
                judge.refuse(&CONTAINER_WITHOUT_DOCKER, Canonical, at, "/container/docker", "not defined");
            found.help = Some("add \"docker\" with an \"image\", or \"type\": \"MESOS\"".to_owned());
        }
        return;
    };
    let Some(config) = docker.object("pullConfig", &table::DOCKER_PULL_CONFIG) else { return };
    let path = "/container/docker/pullConfig";
    if container.engine == Engine::Docker {
        let text = "pullConfig is not supported with Docker containerizer";
        judge.refuse(&PULL_CONFIG_NEEDS_UCR, Canonical, config.value, path, text).help = Some(
            "make the type MESOS, or give the Docker Engine an archive: `milepost wire --archive URI`"
                .to_owned(),
        );
        return;
    }
    if !settings.secrets {
        for text in ["must be empty", &feature_text("secrets")] {
            judge.refuse(&DISABLED_FEATURE, Canonical, config.value, path, text);
        }
    }
    let secret = config.text("secret").unwrap_or_default();
    if !app.has_secret(&secret) {
        let text = "pullConfig.secret must refer to an existing secret";
        judge.refuse(&UNDEFINED_SECRET, Canonical, config.at("secret"), path, text).message =
            format!("`secrets` defines no `{secret}`");
    }
}

fn labels(app: &App<'_>, judge: &mut Judge) {
    if is_single_instance(app) {
        let at = app.fields.at("instances");
        if app.instances() > 1 {
            let text = "Single instance app may only have one instance";
            judge.refuse(&SINGLE_INSTANCE_LABEL, Canonical, at, "/", text);
        }
        if let Some(strategy) = app.fields.object("upgradeStrategy", &table::UPGRADE_STRATEGY) {
            for name in ["minimumHealthCapacity", "maximumOverCapacity"] {
                let value = strategy.double(name).unwrap_or(0.0);
                if value != 0.0 {
                    let text = format!("got {}, expected 0.0", java::double(value));
                    let path = format!("/upgradeStrategy/{name}");
                    judge.refuse(&SINGLE_INSTANCE_LABEL, Canonical, strategy.at(name), path, text).help =
                        Some("write 0".to_owned());
                }
            }
        }
    }
    let filled = |name| app.label(name).is_some_and(|value| !value.is_empty());
    if let Some(version) = app.label("DCOS_MIGRATION_API_VERSION").filter(|version| !version.is_empty()) {
        let complete =
            version == "v1" && filled("DCOS_PACKAGE_FRAMEWORK_NAME") && filled("DCOS_MIGRATION_API_PATH");
        if !complete {
            let text = "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined when using \
                        DCOS_MIGRATION_API_VERSION";
            judge.refuse(&MIGRATION_LABELS, Canonical, app.fields.at("labels"), "/", text);
        }
    }
}

pub(super) fn is_single_instance(app: &App<'_>) -> bool {
    app.label("MARATHON_SINGLE_INSTANCE_APP").is_some_and(|value| value == "true")
}

fn resources(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let gpus = app.fields.at("gpus");
    if app.fields.int("gpus").is_some_and(|gpus| gpus > 0) {
        if app.engine() == Some(Engine::Docker) {
            judge.refuse(&GPUS, Canonical, gpus, "/", "GPU resources only work with the Mesos containerizer");
        }
        if !settings.gpu_resources {
            judge.refuse(&DISABLED_FEATURE, Canonical, gpus, "/", feature_text("gpu_resources"));
        }
    }
    if settings.release < Release::V1_10 {
        return;
    }
    let Some(limits) = app.fields.object("resourceLimits", &table::RESOURCE_LIMITS) else { return };
    for (name, default) in [("cpus", 1.0), ("mem", 128.0)] {
        let requested = app.fields.double(name).unwrap_or(default);
        if let Some(limit) = limits.get(name)
            && let Some(fault) = limit_fault(limit, requested)
        {
            let path = format!("/resourceLimits/{name}");
            let found = judge.refuse(fault.rule, Canonical, limit, path, fault.text);
            found.message = fault.message;
            found.help = Some(fault.help);
        }
    }
}

fn secrets(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    if super::view::has_members(&app.fields, "secrets") && !settings.secrets {
        judge.refuse(
            &DISABLED_FEATURE,
            Canonical,
            app.fields.at("secrets"),
            "/secrets",
            feature_text("secrets"),
        );
    }
    if settings.secrets {
        for (index, (key, _)) in app.fields.map("secrets").enumerate() {
            if key.is_str("") {
                judge.refuse(
                    &EMPTY_NAME,
                    Canonical,
                    key,
                    format!("/secrets/keys({index})"),
                    "must not be empty",
                );
            }
        }
    }
    let mut refers = false;
    for (index, (key, value)) in app.fields.map("env").enumerate() {
        if key.is_str("") {
            judge.refuse(&EMPTY_NAME, Canonical, key, format!("/env/keys({index})"), "must not be empty");
        }
        let Some(secret) = value.get("secret").and_then(|secret| secret.as_str()) else { continue };
        refers = true;
        if !app.has_secret(&secret) {
            let path = format!("/env/{}/secret", key.as_str().unwrap_or_default());
            let at = value.get("secret").unwrap_or(value);
            judge.refuse(&UNDEFINED_SECRET, Canonical, at, path, "references an undefined secret").message =
                format!("`secrets` defines no `{secret}`");
        }
    }
    if refers && !settings.secrets {
        let text = "use of secret-references in the environment requires the secrets feature to be enabled";
        judge.refuse(&DISABLED_FEATURE, Canonical, app.fields.at("env"), "/env", text);
    }
}

fn constraint(constraint: Value<'_>, settings: &Settings, judge: &mut Judge) {
    let parts: Vec<Cow<'_, str>> = constraint.elements().filter_map(|part| part.as_str()).collect();
    if let Some((rule, text, message)) = constraint_error(parts, settings) {
        judge.refuse(rule, Canonical, constraint, "/constraints", text).message = message;
    }
}

/// What is wrong with a constraint: the rule, Marathon's words, and words for people.
fn constraint_error(
    mut parts: Vec<Cow<'_, str>>,
    settings: &Settings,
) -> Option<(&'static Rule, &'static str, String)> {
    if !(2..=3).contains(&parts.len()) {
        let message = format!("[FIELD, OPERATOR] or [FIELD, OPERATOR, VALUE], not {} parts", parts.len());
        return Some((&CONSTRAINT, "Each constraint must have either 2 or 3 fields", message));
    }
    let value = if parts.len() == 3 { parts.pop() } else { None };
    let (Some(operator), Some(field)) = (parts.pop(), parts.pop()) else { return None };
    if field.is_empty() {
        let message = "a constraint begins with the name of an attribute".to_owned();
        return Some((&CONSTRAINT_WITHOUT_FIELD, "illegal constraint specification", message));
    }
    let knows_is = settings.release >= Release::V1_6;
    let upper = java::to_upper_case(&operator);
    let known = OPERATORS.iter().find(|known| **known == upper && (knows_is || **known != "IS"));
    let Some(operator) = known else {
        let text = if knows_is {
            "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER, UNLIKE or IS"
        } else {
            "operator must be one of the following UNIQUE, CLUSTER, GROUP_BY, LIKE, MAX_PER or UNLIKE"
        };
        return Some((&CONSTRAINT, text, format!("`{operator}` is no operator")));
    };
    constraint_fault(&Constraint { field, operator, value })
}

const OPERATORS: [&str; 7] = ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "MAX_PER", "UNLIKE", "IS"];

/// An operator in lower case passes the rules and then fails in conversion, with status 500.
pub(super) fn convert(app: &App<'_>, judge: &mut Judge) {
    for constraint in app.fields.list("constraints") {
        let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
        if let Some(operator) = parts.get(1).filter(|operator| !OPERATORS.contains(&&***operator)) {
            let text = format!("illegal constraint specification {}", parts.join(","));
            let found = judge.refuse(&CONSTRAINT, crate::diagnostic::Stage::Conversion, constraint, "", text);
            found.message = format!("the operator `{operator}` is written in capitals");
            found.help = Some(format!("write \"{}\"", operator.to_uppercase()));
        }
    }
}

fn resident(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    if !app.has_residency {
        return;
    }
    let is_persistent = app.container.as_ref().is_some_and(super::view::Container::is_persistent);
    if settings.release < Release::V1_6 && !is_persistent {
        let text = "App must contain persistent volumes and define residency";
        judge.refuse(&RESIDENCY, Canonical, app.fields.at("residency"), "/", text);
    }
    super::volume::over_capacity(app, judge);
    if let Some(strategy) = app.fields.get("unreachableStrategy")
        && strategy.as_str().is_none()
    {
        let text = "unreachableStrategy must be disabled for resident tasks";
        judge.refuse(&RESIDENT_UNREACHABLE, Canonical, strategy, "/", text).help =
            Some("write \"unreachableStrategy\": \"disabled\"".to_owned());
    }
}
