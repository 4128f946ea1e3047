//! What the internal model asks on top (`AppDefinition.validBasicAppDefinition`).

use crate::diagnostic::Stage::Model;
use crate::rule::shared::{OUTSIZE_DURATION, seccomp_fault, shared_memory_fault};
use crate::schema::table;
use crate::target::{Release, Settings};

use super::super::{Fields, Judge, Rule};
use super::core::{NOTHING_TO_RUN, SINGLE_INSTANCE_LABEL, is_single_instance, runs};
use super::health::{has_port, refuse_port};
use super::view::{App, Engine, Mode, Volume};
use super::volume::BAD_VOLUME_SIZE;

static PORT_OUT_OF_RANGE: Rule = Rule::verdict("port-out-of-range", "A port is 0 or more");
static CHECK_ON_DOCKER: Rule =
    Rule::verdict("check-on-docker", "A `check` is for UCR: the Docker Engine has none");
static CHECK_PORT: Rule = Rule::verdict("check-port", "A check points at a port of the app");
static UNREACHABLE_ORDER: Rule = Rule::verdict(
    "unreachable-order",
    "An unreachable instance becomes inactive before it is expunged: `inactiveAfterSeconds` ≤ `expungeAfterSeconds`",
);
static EMPTY_PROFILE_NAME: Rule = Rule::verdict("empty-profile-name", "A profile name is not empty");
static CSI_ACCESS: Rule = Rule::verdict(
    "csi-access",
    "A CSI volume is mounted, and used by as many instances, as its access mode allows",
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &PORT_OUT_OF_RANGE,
    &CHECK_ON_DOCKER,
    &CHECK_PORT,
    &UNREACHABLE_ORDER,
    &EMPTY_PROFILE_NAME,
    &CSI_ACCESS,
];

pub(super) fn judge(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    to_run(app, settings, judge);
    for (index, definition) in app.port_definitions.iter().flatten().enumerate() {
        if definition.port < 0 {
            let at = definition.at.unwrap_or(app.fields.value);
            let text = format!("got {}, expected 0 or more", definition.port);
            judge.refuse(&PORT_OUT_OF_RANGE, Model, at, format!("/portDefinitions({index})/port"), text);
        }
    }
    if app.engine() == Some(Engine::Mesos) && settings.release >= Release::V1_8 {
        linux_info(app, judge);
    }
    checks(app, settings, judge);
    unreachable(app, settings, judge);
    single_instance(app, judge);
    volumes(app, settings, judge);
}

fn to_run(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let args = app.fields.len("args").is_some_and(|count| count > 0);
    let container = app.container.as_ref();
    // Up to 1.8 an image could be an `appc` one, which is no field of the models any more.
    let has_appc = settings.release < Release::V1_9
        && container.and_then(|container| container.fields?.value.get("appc")).is_some();
    let has_image = has_appc || container.is_some_and(|container| container.docker.is_some());
    if !runs(app.fields.has("cmd"), args, has_image) {
        let text = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        judge.refuse(&NOTHING_TO_RUN, Model, app.fields.value, "/", text).message =
            "there is nothing to run: no `cmd`, no `args`, and no image".into();
    }
}

fn linux_info(app: &App<'_>, judge: &mut Judge) {
    let container = app.container.as_ref().and_then(|container| container.fields);
    let Some(info) = container.and_then(|container| container.object("linuxInfo", &table::LINUX_INFO)) else {
        return;
    };
    let faults = [("seccomp", seccomp_fault(&info)), ("ipcInfo", shared_memory_fault(&info))];
    for (name, fault) in faults {
        let Some(fault) = fault else { continue };
        let path = format!("/container/linuxInfo/{name}");
        let found = judge.refuse(fault.rule, Model, fault.at, path, fault.text);
        found.message = fault.message.into();
        found.help = Some(fault.help.into());
    }
}

/// How many ports the model has: Marathon makes a container with one mapping where a network needs it.
fn port_count(app: &App<'_>) -> usize {
    let needs_container =
        app.container.is_none() && app.networks.iter().any(|network| network.mode != Mode::Host);
    if needs_container { 1 } else { app.port_count() }
}

fn checks(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let ports = port_count(app);
    for (index, check) in app.health_checks.iter().enumerate() {
        if !check.has_command && check.protocol != "COMMAND" && !has_port(check, ports) {
            refuse_port(check, ports, &format!("/healthChecks({index})"), Model, judge);
        }
    }
    if settings.release < Release::V1_8 {
        return;
    }
    let Some(check) = app.fields.object("check", &table::APP_CHECK) else { return };
    if app.engine() == Some(Engine::Docker) {
        let text = "AppDefinition must not use 'checks' if using docker";
        judge.refuse(&CHECK_ON_DOCKER, Model, check.value, "/", text);
    }
    let by_port =
        check.object("http", &table::APP_HTTP_CHECK).or_else(|| check.object("tcp", &table::APP_TCP_CHECK));
    let Some(by_port) = by_port else { return };
    let is_known = match by_port.int("portIndex") {
        Some(index) => usize::try_from(index).is_ok_and(|index| index < ports),
        None => by_port.has("port") || ports == 1,
    };
    if !is_known {
        let text = "check port index must address an element of the ports array or container port mappings.";
        judge.refuse(&CHECK_PORT, Model, by_port.at("portIndex"), "/check/get", text);
    }
}

fn unreachable(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let Some(strategy) = app.fields.get("unreachableStrategy").filter(|strategy| strategy.as_str().is_none())
    else {
        return;
    };
    let fields = Fields::of(strategy, &table::UNREACHABLE_ENABLED);
    let inactive = fields.int("inactiveAfterSeconds").unwrap_or(0);
    let expunge = fields.int("expungeAfterSeconds").unwrap_or(0);
    if inactive <= expunge {
        return;
    }
    let (path, text) = if settings.release >= Release::V1_7 {
        (
            "/unreachableStrategy/inactiveAfterSeconds",
            format!(
                "inactiveAfterSeconds ({inactive}) must be less or equal to expungeAfterSeconds, which is {expunge}"
            ),
        )
    } else {
        (
            "/unreachableStrategy/inactiveAfter",
            format!("got {inactive} seconds, expected {expunge} seconds or less"),
        )
    };
    judge.refuse(&UNREACHABLE_ORDER, Model, fields.at("inactiveAfterSeconds"), path, text);
}

/// Durations that overflow when the definition is converted: answered with 422 and no details.
pub(super) fn durations(app: &App<'_>, judge: &mut Judge) {
    // 2^63 nanoseconds.
    const MOST: i64 = 9_223_372_036;
    let Some(strategy) = app.fields.get("unreachableStrategy").filter(|strategy| strategy.as_str().is_none())
    else {
        return;
    };
    let fields = Fields::of(strategy, &table::UNREACHABLE_ENABLED);
    for name in ["inactiveAfterSeconds", "expungeAfterSeconds"] {
        if fields.int(name).is_some_and(|seconds| seconds > MOST) {
            let text = "requirement failed: Duration is limited to +-(2^63-1)ns (ca. 292 years)";
            judge.refuse(&OUTSIZE_DURATION, crate::diagnostic::Stage::Conversion, fields.at(name), "", text);
            return;
        }
    }
}

/// The label without an upgrade strategy: the default one then fails here.
fn single_instance(app: &App<'_>, judge: &mut Judge) {
    if !is_single_instance(app) || app.fields.has("upgradeStrategy") {
        return;
    }
    let at = app.fields.at("labels");
    let with_volumes = app
        .volumes()
        .iter()
        .any(|volume| matches!(volume, Volume::Persistent { .. } | Volume::Dvdi { .. } | Volume::Csi { .. }));
    let mut refuse = |path: &str, text: &str| {
        let found = judge.refuse(&SINGLE_INSTANCE_LABEL, Model, at, path, text);
        found.help = Some(
            "add \"upgradeStrategy\": {\"minimumHealthCapacity\": 0, \"maximumOverCapacity\": 0}".to_owned(),
        );
    };
    refuse("/isSingleInstance", "must be false");
    let capacity = if with_volumes { "got 0.5, expected 0.0" } else { "got 1.0, expected 0.0" };
    refuse("/upgradeStrategy/minimumHealthCapacity", capacity);
    if !with_volumes {
        refuse("/upgradeStrategy/maximumOverCapacity", "got 1.0, expected 0.0");
    }
}

fn volumes(app: &App<'_>, settings: &Settings, judge: &mut Judge) {
    let is_mesos = app.engine() == Some(Engine::Mesos);
    for (index, volume) in app.volumes().iter().enumerate() {
        let path = format!("/container/volumes({index})/volume");
        match volume {
            Volume::Persistent { info, .. }
                if info.text("profileName").is_some_and(|name| name.is_empty()) =>
            {
                let path = format!("{path}/persistent/profileName");
                judge.refuse(&EMPTY_PROFILE_NAME, Model, info.at("profileName"), path, "must not be empty");
            }
            Volume::Dvdi { info, .. } if is_mesos && info.int("size") == Some(0) => {
                let path = format!("{path}/external/size");
                judge.refuse(&BAD_VOLUME_SIZE, Model, info.at("size"), path, "got 0, expected more than 0");
            }
            Volume::Csi { volume, info } if settings.release >= Release::LATEST => {
                let read_only = volume.word("mode") == Some("RO");
                if !read_only && access_mode(info).ends_with("READER_ONLY") {
                    let text = "CSI volume must be mounted readonly with a read-only access mode";
                    judge.refuse(&CSI_ACCESS, Model, volume.at("mode"), path, text);
                }
            }
            _ => {}
        }
    }
    csi_instances(app, judge);
}

fn access_mode(info: &Fields<'_>) -> String {
    let options = Fields::of(info.at("options"), &table::CSI_EXTERNAL_VOLUME_INFO_OPTIONS);
    let capability = options.object("capability", &table::CSI_CAPABILITY);
    capability
        .and_then(|capability| capability.text("accessMode").map(std::borrow::Cow::into_owned))
        .unwrap_or_default()
}

fn csi_instances(app: &App<'_>, judge: &mut Judge) {
    let csi: Vec<(bool, String)> = app
        .volumes()
        .iter()
        .filter_map(|volume| match volume {
            Volume::Csi { volume, info } => Some((volume.word("mode") == Some("RO"), access_mode(info))),
            _ => None,
        })
        .collect();
    let instances = app.instances();
    if csi.is_empty() || instances <= 1 {
        return;
    }
    let hint = if csi.iter().any(|(_, mode)| mode.starts_with("SINGLE_NODE")) {
        "while non-shareable CSI volumes are defined"
    } else if csi.iter().all(|(read_only, mode)| !read_only && mode == "MULTI_NODE_SINGLE_WRITER") {
        "while a multi-node single-writer volume is defined mounted as read/write"
    } else {
        return;
    };
    let text = format!("got {instances}, expected 1 or less {hint}");
    judge.refuse(&CSI_ACCESS, Model, app.fields.at("instances"), "/instances", text);
}

/// Whether several instances may use a CSI volume at a time.
pub(in crate::rule) fn is_shareable(volume: &Volume<'_>) -> bool {
    matches!(volume, Volume::Csi { volume, info }
        if !access_mode(info).starts_with("SINGLE_NODE")
            && (volume.word("mode") == Some("RO") || access_mode(info) != "MULTI_NODE_SINGLE_WRITER"))
}
