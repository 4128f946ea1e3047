//! Apps.

use serde_json::{Value as Json, json};

use crate::definition::id::AbsoluteId;
use crate::definition::is_extracted_by_name;
use crate::rule::{GroupLevel, Roles};
use crate::schema::table;
use crate::target::{Release, Settings};

use super::{
    Object, container, default, default_with, drop_empty, drop_unstored, health, len, object, objects, port,
    set, text,
};

/// Fields that the server returns only when they are not empty.
const ONLY_FILLED: &[&str] = &[
    "acceptedResourceRoles",
    "args",
    "constraints",
    "dependencies",
    "env",
    "fetch",
    "healthChecks",
    "readinessChecks",
    "secrets",
];

/// Normalizes an app whose relative ids are resolved against `base`. Without a `level` it is outside of a group. An
/// element of an array is an update, which gets no default ports.
pub(super) fn normalize(
    mut app: Object,
    base: &AbsoluteId,
    level: Option<&GroupLevel>,
    is_update: bool,
    settings: &Settings,
) -> Object {
    let id = AbsoluteId::parse(text(&app, "id").unwrap_or_default()).canonical(base);
    fetch(&mut app, settings);
    let had_definitions = len(&app, "portDefinitions").is_some_and(|count| count > 0);
    container::migrate(&mut app, is_update);
    port::migrate(&mut app, is_update);
    health::migrate(&mut app, is_update || had_definitions);
    container::complete(&mut app, settings);
    dependencies(&mut app, base);
    if settings.release >= Release::V1_9 {
        let role =
            level.map_or_else(|| Roles::alone(&id, settings).default, |level| (&*level.default).into());
        default(&mut app, "role", &*role);
    }
    set(&mut app, "id", id.to_string());
    strategies(&mut app);
    container::convert(&mut app, settings);
    health::convert(&mut app, settings);
    residency(&mut app, settings);
    unlimited(&mut app);
    constraints(&mut app);
    for name in table::SETS {
        super::set::make(&mut app, name);
    }
    drop_unstored(&mut app, &table::APP);
    drop_empty(&mut app, ONLY_FILLED);
    app
}

/// Converts `uris` to `fetch`, with `extract` for archives.
fn fetch(app: &mut Object, settings: &Settings) {
    let uris: Vec<String> = match app.remove("uris") {
        Some(Json::Array(uris)) => uris.iter().filter_map(|uri| Some(uri.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    };
    if !uris.is_empty() && len(app, "fetch").unwrap_or(0) == 0 {
        let entry = |uri: &String| json!({"uri": uri, "extract": is_extracted_by_name(uri, settings.release), "executable": false, "cache": false});
        set(app, "fetch", uris.iter().map(entry).collect::<Json>());
    }
}

fn dependencies(app: &mut Object, base: &AbsoluteId) {
    let Some(Json::Array(dependencies)) = app.get_mut("dependencies") else { return };
    for dependency in dependencies {
        let id = AbsoluteId::parse(dependency.as_str().unwrap_or_default()).canonical(base);
        *dependency = id.to_string().into();
    }
}

fn strategies(app: &mut Object) {
    let volumes = container::Volumes::of(app);
    let unreachable = match app.get("unreachableStrategy") {
        None if volumes.persistent => json!("disabled"),
        None => json!({"inactiveAfterSeconds": 0, "expungeAfterSeconds": 0}),
        Some(Json::String(_)) => json!("disabled"),
        Some(given) => given.clone(),
    };
    set(app, "unreachableStrategy", unreachable);
    let upgrade = if volumes.persistent || volumes.external { (0.5, 0.0) } else { (1.0, 1.0) };
    default_with(
        app,
        "upgradeStrategy",
        || json!({"minimumHealthCapacity": upgrade.0, "maximumOverCapacity": upgrade.1}),
    );
}

/// Drops a given `residency` since 1.6; apps with persistent volumes get the default one.
fn residency(app: &mut Object, settings: &Settings) {
    let is_resident = container::Volumes::of(app).persistent;
    if !is_resident || settings.release >= Release::V1_6 {
        app.remove("residency");
    }
    if is_resident {
        let residency = json!({"relaunchEscalationTimeoutSeconds": 3600, "taskLostBehavior": "WAIT_FOREVER"});
        default(app, "residency", residency);
    }
}

/// A limit that is more than a double holds is none.
pub(super) fn unlimited(app: &mut Object) {
    for limit in object(app, "resourceLimits").into_iter().flat_map(|limits| limits.values_mut()) {
        if limit == "Infinity" {
            *limit = "unlimited".into();
        }
    }
}

fn constraints(app: &mut Object) {
    let Some(container) = object(app, "container") else { return };
    for volume in objects(container, "volumes") {
        if let Some(info) = object(volume, "persistent") {
            container::constraints(info);
        }
    }
}
