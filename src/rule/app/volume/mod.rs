//! Volumes in the canonical API (`AppValidation.validVolume`), by their kinds.

mod csi;
mod external;
mod persistent;

use crate::finding::Stage::{Canonical, Conversion};
use crate::java;
use crate::rule::shared::{DISABLED_FEATURE, RESIDENT_OVER_CAPACITY, feature_text};
use crate::rule::view::{AppView, ContainerView, Fields, VolumeView, distinct, first_repeat};
use crate::rule::{Context, Rule};
use crate::target::Release;

use external::BAD_EXTERNAL_VOLUME;

pub(super) use persistent::BAD_VOLUME_SIZE;

static VOLUME_NAME_TWICE: Rule = Rule::verdict(
    "volume-name-twice",
    "External volumes of an app differ in name",
)
.why("The name identifies the volume in the storage system. Two entries with one name are the same volume.")
.bad(
    r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db",
                "options": {"dvdi/driver": "rexray"}}}, {"containerPath": "log", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db",
                "options": {"dvdi/driver": "rexray"}}}]}}"#,
)
.good(
    r#"{"id": "/db", "cmd": "./db", "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db",
                "options": {"dvdi/driver": "rexray"}}}, {"containerPath": "log", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db-log",
                "options": {"dvdi/driver": "rexray"}}}]}}"#,
);

static SCALED_SINGLE_INSTANCE_VOLUME: Rule =
    Rule::verdict("scaled-single-instance-volume", "A volume for one instance is used by one instance").aliases(&["single-instance-volume"])
        .why(
            "A dvdi volume is attached to one agent at a time, so Marathon allows an app that has one a single instance, \
             even where the volume is marked as shared.",
        )
        .bad(r#"{"id": "/db", "cmd": "./db", "instances": 2, "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db",
                "options": {"dvdi/driver": "rexray"}}}]}}"#)
        .good(r#"{"id": "/db", "cmd": "./db", "instances": 1, "container": {"type": "MESOS",
                "volumes": [{"containerPath": "data", "mode": "RW",
                "external": {"provider": "dvdi", "name": "db",
                "options": {"dvdi/driver": "rexray"}}}]}}"#);

/// The rules declared here and below.
pub(in crate::rule) static RULES: &[&Rule] = &[
    &BAD_VOLUME_SIZE,
    &persistent::BAD_VOLUME_PATH,
    &persistent::READ_ONLY_VOLUME,
    &persistent::BAD_VOLUME_CONSTRAINT,
    &VOLUME_NAME_TWICE,
    &BAD_EXTERNAL_VOLUME,
    &SCALED_SINGLE_INSTANCE_VOLUME,
];

pub(super) fn check(app: &AppView<'_>, context: &mut Context<'_>) {
    let Some(container) = &app.container else { return };
    if container.volumes.is_empty() {
        return;
    }
    let at = container.fields.map_or(app.fields.value, |fields| fields.at("volumes"));
    let names = container.volumes.iter().filter_map(|volume| match volume {
        VolumeView::Dvdi { info, .. } | VolumeView::Csi { info, .. } => info.text("name"),
        _ => None,
    });
    if let Some(name) = first_repeat(names, |name| Some(name.clone())) {
        context
            .reject(&VOLUME_NAME_TWICE, Canonical, at, "/container/volumes", "Volume names must be unique")
            .describe(format!("two volumes are called `{name}`"), "give each a name of its own");
    }
    let mut externals = 0;
    for (index, volume) in container.volumes.iter().enumerate() {
        if matches!(volume, VolumeView::Host) {
            continue;
        }
        let path = format_args!("/container/volumes({index})");
        match volume {
            VolumeView::Persistent { volume, info } => persistent::check(volume, info, path, context),
            VolumeView::Dvdi { volume, info } => {
                let path = path.to_string();
                feature(volume, &path, context);
                let indices = (index, externals);
                external::check(volume, info, container.containerizer, indices, context);
                externals += 1;
            }
            VolumeView::Csi { volume, info } => {
                let path = path.to_string();
                feature(volume, &path, context);
                match info.text("provider").as_deref() {
                    Some("csi") => {}
                    Some("dvdi") => external::options_of_csi(info, context),
                    _ => external::unknown_provider(info, format!("{path}/external/provider"), context),
                }
                externals += 1;
            }
            VolumeView::Secret { volume } => {
                let name = volume.text("secret").unwrap_or_default();
                if !app.has_secret(&name) {
                    let text = "volume.secret must refer to an existing secret";
                    let (at, path) = (volume.at("secret"), path.to_string());
                    super::secret::undefined(app, &name, at, &path, &path, text, context);
                }
            }
            VolumeView::Host => {}
        }
    }
    let has_secrets = container.volumes.iter().any(|volume| matches!(volume, VolumeView::Secret { .. }));
    if has_secrets && !context.settings.secrets {
        let path = "/container/secretVolumes(container)";
        for text in ["must be empty", &feature_text("secrets")] {
            super::secret::disabled(at, path, text, context);
        }
    }
    whole_app(app, container, context);
}

fn feature(volume: &Fields<'_>, path: &str, context: &mut Context<'_>) {
    if !context.settings.external_volumes {
        let text = feature_text("external_volumes");
        context.reject(&DISABLED_FEATURE, Canonical, volume.value, path, text).describe(
            "this Marathon runs without external volumes",
            "start it with --enable_features external_volumes, or do without",
        );
    }
}

/// The rules for the app as a whole.
fn whole_app(app: &AppView<'_>, container: &ContainerView<'_>, context: &mut Context<'_>) {
    // Only volumes of the provider `dvdi` that are not shared count.
    let names = || {
        container.volumes.iter().filter_map(|volume| match volume {
            VolumeView::Dvdi { info, .. }
                if info.text("provider").as_deref() == Some("dvdi") && !info.is_true("shared") =>
            {
                info.text("name")
            }
            _ => None,
        })
    };
    let has_dvdi = container.volumes.iter().any(|volume| {
        matches!(volume, VolumeView::Dvdi { info, .. } if info.text("provider").as_deref() == Some("dvdi"))
    });
    if let Some(name) = first_repeat(names(), |name| Some(name.clone())) {
        let text = format!("Requested DVDI volume '{name}' is declared more than once within app {}", app.id);
        let at = container.fields.map_or(app.fields.value, |fields| fields.at("volumes"));
        context
            .reject(&VOLUME_NAME_TWICE, Canonical, at, "/", text)
            .describe(format!("two volumes are called `{name}`"), "give each a name of its own");
    }
    if !has_dvdi {
        return;
    }
    if app.instances() > 1 {
        // Marathon prints its whole object here; this is how it begins.
        let text = "Number of instances is limited to 1 when declaring DVDI volumes in app [";
        context
            .reject(&SCALED_SINGLE_INSTANCE_VOLUME, Canonical, app.fields.at("instances"), "/", text)
            .describe(
                format!(
                    "a dvdi volume is attached to one agent, and {} instances are wanted",
                    app.instances()
                ),
                "write 1, or make an app with a volume of its own for each",
            );
    }
    over_capacity(app, "/upgradeStrategy", context);
}

/// Rejects a `maximumOverCapacity` other than 0. The answer of 1.5 has another path for it.
pub(super) fn over_capacity(app: &AppView<'_>, path_of_1_5: &str, context: &mut Context<'_>) {
    let Some((over, at)) = app.capacity("maximumOverCapacity") else { return };
    let path = "/upgradeStrategy/maximumOverCapacity";
    let path = if context.release() < Release::V1_6 { path_of_1_5 } else { path };
    let known =
        context.of_this().iter().any(|found| found.answer.as_ref().is_some_and(|answer| answer.path == path));
    if over != 0.0 && !known {
        let text = format!("got {}, expected 0.0", java::double(over));
        let rejection = context.reject(&RESIDENT_OVER_CAPACITY, Canonical, at, path, text);
        rejection.points_at("/upgradeStrategy/maximumOverCapacity").describe(
            "a volume cannot be used by an old and a new instance at a time, as an upgrade would",
            "write 0",
        );
    }
}

/// Checks what fails in the conversion, which Marathon answers with status 500.
pub(super) fn convert(app: &AppView<'_>, context: &mut Context<'_>) {
    for volume in app.volumes() {
        match volume {
            VolumeView::Persistent { info, .. } => {
                for constraint in info.list("constraints") {
                    let parts: Vec<_> = constraint.elements().filter_map(|part| part.as_str()).collect();
                    if let [path, operator, value, ..] = &parts[..]
                        && operator == "UNLIKE"
                    {
                        let text = format!("illegal volume constraint {path},UNLIKE,{value}");
                        persistent::unlike(constraint, text, context);
                    }
                }
            }
            VolumeView::Csi { info, .. } => csi::convert(info, context),
            VolumeView::Dvdi { info, .. } if info.text("provider").as_deref() == Some("csi") => {
                let text = "Bug. CSIVolumeValidator applied to DVDI external volume";
                context.reject(&BAD_EXTERNAL_VOLUME, Conversion, info.value, "", text).describe(
                    "a volume of the provider csi has options of CSI, with a plugin and a capability",
                    "add \"options\": {\"pluginName\": …, \"capability\": {\"accessType\": …, \"accessMode\": …}}",
                );
            }
            _ => {}
        }
    }
}
