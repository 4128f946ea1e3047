//! The rules that the internal model adds (`AppDefinition.validBasicAppDefinition`).

use crate::definition::Containerizer;
use crate::finding::Stage::{Conversion, Model};
use crate::rule::shared::{
    INFINITE_RESOURCE, INFINITE_TEXT, LONGEST_DURATION, OUTSIZE_DURATION, OUTSIZE_DURATION_TEXT, is_infinite,
    seccomp_fault, shared_memory_fault,
};
use crate::rule::view::{AppView, Fields, VolumeView};
use crate::rule::{Context, Rule};
use crate::schema::table;
use crate::target::Release;

use super::command::{NOTHING_TO_RUN, runs};
use super::core::{SCALED_SINGLE_INSTANCE_APP, is_single_instance};
use super::health::reject_port;
use super::volume::BAD_VOLUME_SIZE;

static PORT_OUT_OF_RANGE: Rule = Rule::verdict("port-out-of-range", "A port is 0 or more")
    .why("The old `ports` are read as plain numbers and looked at late. 0 means any port.")
    .bad(r#"{"id": "/web", "cmd": "./web", "ports": [-1]}"#)
    .good(r#"{"id": "/web", "cmd": "./web", "ports": [0]}"#);

static EXPUNGED_BEFORE_INACTIVE: Rule = Rule::verdict(
    "expunged-before-inactive",
    "An unreachable instance becomes inactive before it is expunged: `inactiveAfterSeconds` ≤ `expungeAfterSeconds`",
).aliases(&["unreachable-order"])
.why(
    "An instance that cannot be reached is replaced once it is inactive, and forgotten once it is expunged, in this order. \
     Where one of the two is left out it is 0.",
)
.bad(r#"{"id": "/web", "cmd": "./web", "unreachableStrategy": {"inactiveAfterSeconds": 600,
        "expungeAfterSeconds": 300}}"#)
.good(r#"{"id": "/web", "cmd": "./web", "unreachableStrategy": {"inactiveAfterSeconds": 300,
        "expungeAfterSeconds": 600}}"#);

static EMPTY_PROFILE_NAME: Rule = Rule::verdict("empty-profile-name", "A profile name is not empty")
    .why("`profileName` asks for a disk of a storage profile (since 1.6); without one it is left out.")
    .bad(
        r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
            "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512,
            "profileName": ""}}]}}"#,
    )
    .good(
        r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
            "volumes": [{"containerPath": "data", "mode": "RW", "persistent": {"size": 512,
            "profileName": "fast"}}]}}"#,
    );

static CSI_ACCESS_MISMATCH: Rule = Rule::verdict(
    "csi-access-mismatch",
    "A CSI volume is mounted, and used by as many instances, as its access mode allows",
).aliases(&["csi-access"])
.why(
    "The access mode says on how many agents a volume can be used, and whether it can be written to. Several instances \
     cannot share a SINGLE_NODE volume, nor write to a MULTI_NODE_SINGLE_WRITER one; a READER_ONLY one is mounted RO. \
     CSI volumes came with 1.11.",
)
.since(Release::V1_11)
.bad(r#"{"id": "/db", "cmd": "./db", "instances": 2, "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "csi",
        "name": "db", "options": {"pluginName": "nfs", "capability": {"accessType": "mount",
        "accessMode": "SINGLE_NODE_WRITER", "fsType": "xfs"}}}}]}}"#)
.good(r#"{"id": "/db", "cmd": "./db", "instances": 2, "container": {"type": "MESOS",
        "volumes": [{"containerPath": "data", "mode": "RW", "external": {"provider": "csi",
        "name": "db", "options": {"pluginName": "nfs", "capability": {"accessType": "mount",
        "accessMode": "MULTI_NODE_MULTI_WRITER", "fsType": "xfs"}}}}]}}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] =
    &[&PORT_OUT_OF_RANGE, &EXPUNGED_BEFORE_INACTIVE, &EMPTY_PROFILE_NAME, &CSI_ACCESS_MISMATCH];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    to_run(app, context);
    for (index, definition) in app.port_definitions.iter().flatten().enumerate() {
        if definition.port < 0 {
            let at = definition.at.unwrap_or(app.fields.value);
            let text = format!("got {}, expected 0 or more", definition.port);
            context
                .reject(&PORT_OUT_OF_RANGE, Model, at, format!("/portDefinitions({index})/port"), text)
                .describe(format!("there is no port {}", definition.port), "write 0 for any port");
        }
    }
    if app.containerizer() == Some(Containerizer::Mesos) && context.release() >= Release::V1_8 {
        linux_info(app, context);
    }
    checks(app, context);
    unreachable(app, context);
    single_instance(app, context);
    volumes(app, context);
}

fn to_run(app: &AppView<'_>, context: &mut Context<'_>) {
    let args = app.fields.has_any("args");
    let container = app.container.as_ref();
    // Up to 1.8 an image can be an `appc` one, which the models do not have.
    let has_appc = context.release() < Release::V1_9
        && container.and_then(|container| container.fields?.value.get("appc")).is_some();
    let has_image = has_appc || container.is_some_and(|container| container.docker.is_some());
    let cmd = app.fields.has("cmd");
    // The canonical API has rejected all other cases already.
    let is_said = app.containerizer() != Some(Containerizer::Mesos) || (cmd && args);
    if !is_said && !runs(cmd, args, has_image) {
        let text = "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.";
        context.reject(&NOTHING_TO_RUN, Model, app.fields.value, "/", text).describe(
            "there is nothing to run: no `cmd`, no `args`, and no image",
            "add a `cmd`, or an image in `container.docker`",
        );
    }
}

fn linux_info(app: &AppView<'_>, context: &mut Context<'_>) {
    let container = app.container.as_ref().and_then(|container| container.fields);
    let Some(info) = container.and_then(|container| container.object("linuxInfo", &table::LINUX_INFO)) else {
        return;
    };
    let faults = [("seccomp", seccomp_fault(&info)), ("ipcInfo", shared_memory_fault(&info))];
    for (name, fault) in faults {
        let Some(fault) = fault else { continue };
        let path = format!("/container/linuxInfo/{name}");
        context.reject(fault.rule, Model, fault.at, path, fault.text).describe(fault.message, fault.help);
    }
}

fn checks(app: &AppView<'_>, context: &mut Context<'_>) {
    let ports = app.model_port_count();
    for (index, check) in app.health_checks.iter().enumerate() {
        if !check.has_command && check.protocol != "COMMAND" && !check.has_port_of(ports) {
            reject_port(check, ports, &format!("/healthChecks({index})"), Model, context);
        }
    }
    super::check::model(app, ports, context);
}

fn unreachable(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(strategy) = app.fields.get("unreachableStrategy").filter(|strategy| strategy.as_str().is_none())
    else {
        return;
    };
    let fields = Fields::of(strategy, &table::UNREACHABLE_ENABLED);
    let inactive = fields.int_or_default("inactiveAfterSeconds");
    let expunge = fields.int_or_default("expungeAfterSeconds");
    if inactive <= expunge {
        return;
    }
    let (path, text) = if context.release() >= Release::V1_7 {
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
    context.reject(&EXPUNGED_BEFORE_INACTIVE, Model, fields.at("inactiveAfterSeconds"), path, text).describe(
        format!("an instance is expunged after {expunge} s, before it becomes inactive after {inactive} s"),
        format!("write at most {expunge}, or a greater `expungeAfterSeconds`"),
    );
}

/// Rejects durations that overflow in the conversion, which Marathon answers with status 422 and no details.
pub(super) fn durations(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(strategy) = app.fields.get("unreachableStrategy").filter(|strategy| strategy.as_str().is_none())
    else {
        return;
    };
    let fields = Fields::of(strategy, &table::UNREACHABLE_ENABLED);
    for name in ["inactiveAfterSeconds", "expungeAfterSeconds"] {
        if fields.int(name).is_some_and(|seconds| seconds > LONGEST_DURATION) {
            context
                .reject(&OUTSIZE_DURATION, Conversion, fields.at(name), "", OUTSIZE_DURATION_TEXT)
                .describe(
                    format!("`{name}` is more than 292 years"),
                    format!("write at most {LONGEST_DURATION}; a week is 604800"),
                );
            return;
        }
    }
}

/// An infinite number, which 1.5 cannot write into its answer. It does not answer with the apps of an array.
pub(super) fn infinite(app: &AppView<'_>, context: &mut Context<'_>) {
    if context.release() >= Release::V1_6 {
        return;
    }
    let at = |name: &str| app.fields.get(name).filter(is_infinite);
    if let Some(at) = ["cpus", "mem", "disk", "backoffFactor"].into_iter().find_map(at) {
        context
            .reject(&INFINITE_RESOURCE, Conversion, at, "", INFINITE_TEXT)
            .describe("this number is too large for a double", "write what the app needs");
    }
}

/// Rejects the label without an upgrade strategy, since the default one does not fit.
fn single_instance(app: &AppView<'_>, context: &mut Context<'_>) {
    if !is_single_instance(app) || app.is_update || app.fields.has("upgradeStrategy") {
        return;
    }
    let at = app.fields.at("labels");
    let with_volumes = app.has_lasting_volumes();
    let mut reject = |path: &str, text: &str, message: &str| {
        context.reject(&SCALED_SINGLE_INSTANCE_APP, Model, at, path, text).describe(
            message,
            "add \"upgradeStrategy\": {\"minimumHealthCapacity\": 0, \"maximumOverCapacity\": 0}",
        );
    };
    reject(
        "/isSingleInstance",
        "must be false",
        "the label for a single instance needs an upgrade strategy of 0 and 0",
    );
    let (text, message) = if with_volumes {
        ("got 0.5, expected 0.0", "`minimumHealthCapacity` is 0.5 where it is left out, with volumes")
    } else {
        ("got 1.0, expected 0.0", "`minimumHealthCapacity` is 1 where it is left out")
    };
    reject("/upgradeStrategy/minimumHealthCapacity", text, message);
    if !with_volumes {
        let message = "`maximumOverCapacity` is 1 where it is left out";
        reject("/upgradeStrategy/maximumOverCapacity", "got 1.0, expected 0.0", message);
    }
}

fn volumes(app: &AppView<'_>, context: &mut Context<'_>) {
    let is_mesos = app.containerizer() == Some(Containerizer::Mesos);
    for (index, volume) in app.volumes().iter().enumerate() {
        if matches!(volume, VolumeView::Host) {
            continue;
        }
        let path = format_args!("/container/volumes({index})/volume");
        match volume {
            VolumeView::Persistent { info, .. }
                if context.release() >= Release::V1_6
                    && info.text("profileName").is_some_and(|name| name.is_empty()) =>
            {
                let path = format!("{path}/persistent/profileName");
                context
                    .reject(&EMPTY_PROFILE_NAME, Model, info.at("profileName"), path, "must not be empty")
                    .describe("a storage profile has a name", "name it, or remove `profileName`");
            }
            VolumeView::Dvdi { info, .. } if is_mesos && info.int("size") == Some(0) => {
                let path = format!("{path}/external/size");
                context
                    .reject(&BAD_VOLUME_SIZE, Model, info.at("size"), path, "got 0, expected more than 0")
                    .describe("a volume of 0 GiB", "write its size in GiB, or remove it");
            }
            VolumeView::Csi { volume, info } if context.release() >= Release::V1_11 => {
                let read_only = volume.word("mode") == Some("RO");
                if !read_only && is_read_only(&access_mode(info)) {
                    let text = "CSI volume must be mounted readonly with a read-only access mode";
                    context
                        .reject(&CSI_ACCESS_MISMATCH, Model, volume.at("mode"), path.to_string(), text)
                        .describe(
                            format!("the access mode {} allows no writing", access_mode(info)),
                            "write \"mode\": \"RO\", or another `accessMode`",
                        );
                }
            }
            _ => {}
        }
    }
    csi_instances(app, context);
}

/// The access modes of volumes, for a message.
fn csi_modes(volumes: &[(bool, String)]) -> String {
    volumes.iter().map(|(_, mode)| mode.as_str()).collect::<Vec<_>>().join(", ")
}

fn access_mode(info: &Fields<'_>) -> String {
    let options = Fields::of(info.at("options"), &table::CSI_EXTERNAL_VOLUME_INFO_OPTIONS);
    let capability = options.object("capability", &table::CSI_CAPABILITY);
    capability
        .and_then(|capability| capability.text("accessMode").map(std::borrow::Cow::into_owned))
        .unwrap_or_default()
}

fn csi_instances(app: &AppView<'_>, context: &mut Context<'_>) {
    let csi: Vec<(bool, String)> = app
        .volumes()
        .iter()
        .filter_map(|volume| match volume {
            VolumeView::Csi { volume, info } => Some((volume.word("mode") == Some("RO"), access_mode(info))),
            _ => None,
        })
        .collect();
    let instances = app.instances();
    if csi.is_empty() || instances <= 1 {
        return;
    }
    let hint = if csi.iter().any(|(_, mode)| !is_for_several(mode)) {
        "while non-shareable CSI volumes are defined"
    } else if csi.iter().all(|(read_only, mode)| !read_only && mode == SINGLE_WRITER) {
        "while a multi-node single-writer volume is defined mounted as read/write"
    } else {
        return;
    };
    let text = format!("got {instances}, expected 1 or less {hint}");
    context.reject(&CSI_ACCESS_MISMATCH, Model, app.fields.at("instances"), "/instances", text).describe(
        format!("{instances} instances cannot share these volumes: {}", csi_modes(&csi)),
        "write 1, or give the volumes an `accessMode` for several",
    );
}

/// Whether a volume of this access mode is only read.
fn is_read_only(mode: &str) -> bool {
    mode.ends_with("READER_ONLY") || mode == "UNKNOWN"
}

/// Whether a volume of this access mode can be used on several agents.
fn is_for_several(mode: &str) -> bool {
    !mode.starts_with("SINGLE_NODE") && mode != "UNKNOWN"
}

/// Whether several instances may use a CSI volume at a time.
pub(in crate::rule) fn is_shareable(volume: &VolumeView<'_>) -> bool {
    matches!(volume, VolumeView::Csi { info, .. } if is_for_several(&access_mode(info))
        && (only_reads(volume) || access_mode(info) != SINGLE_WRITER))
}

/// The access mode with which one instance may write, and several may read.
const SINGLE_WRITER: &str = "MULTI_NODE_SINGLE_WRITER";

/// Whether an app only reads a CSI volume that another one may write to.
pub(in crate::rule) fn only_reads(volume: &VolumeView<'_>) -> bool {
    matches!(volume, VolumeView::Csi { volume, info }
        if volume.word("mode") == Some("RO") && access_mode(info) == SINGLE_WRITER)
}
