//! Where images are: one storage driver with what it needs, and its directory in a volume.

use std::path::Path;

use super::{GivenSettings, PREFIX, SettingFault, SettingProblem, named_in, parts_of};
use crate::registry::app::storage::{Driver, ROOT};
use crate::registry::app::version::RegistryVersion;
use crate::util::path::{clean, is_within};
use crate::util::suggest::suggest;

/// The parts of `storage` that are no drivers (`configuration.go`, `Storage.Type`).
const NO_DRIVERS: [&str; 5] = ["cache", "delete", "maintenance", "redirect", "tag"];

/// The drivers that the image has besides those that options are for.
const MORE_DRIVERS: [&str; 3] = ["inmemory", "s3aws", "oss"];

/// The sections of `storage.maintenance` that are read only as a whole.
const WHOLE: [&str; 2] = ["READONLY", "UPLOADPURGING"];

/// The directory of images, where it is not that of the image's configuration.
const DIRECTORY: &str = "STORAGE_FILESYSTEM_ROOTDIRECTORY";

pub(super) fn faults(given: &GivenSettings) -> Vec<SettingFault> {
    let drivers = drivers(given);
    let of_driver = match &drivers[..] {
        [] => None,
        [only] => needs(given, only).or_else(|| outside_volume(given, only)),
        several => Some(too_many(given, several)),
    };
    of_driver.into_iter().chain(cache(given)).chain(sections(given)).collect()
}

/// The drivers that it is told of; that of the image's configuration stays beside the others unless `REGISTRY_STORAGE` is set.
fn drivers(given: &GivenSettings) -> Vec<String> {
    let is_driver = |name: &String| {
        // Registry 2 takes the section `tag` of registry 3 for a driver.
        let is_known = NO_DRIVERS.contains(&name.as_str());
        !is_known || name == "tag" && given.version == Some(RegistryVersion::Two)
    };
    let mut drivers: Vec<String> = match given.env.get("STORAGE") {
        Some(value) => named_in(value),
        None if given.has_default_config => vec![Driver::Filesystem.name().to_owned()],
        None => Vec::new(),
    };
    for part in parts_of(&given.env, "STORAGE").into_keys() {
        if !drivers.contains(&part) {
            drivers.push(part);
        }
    }
    drivers.retain(is_driver);
    drivers
}

fn too_many(given: &GivenSettings, drivers: &[String]) -> SettingFault {
    let parts = parts_of(&given.env, "STORAGE");
    let chosen = given.env.get("STORAGE").map(|value| named_in(value)).unwrap_or_default();
    let other = parts.iter().find(|(part, _)| {
        drivers.contains(part)
            && !chosen.contains(part)
            && (!chosen.is_empty() || *part != Driver::Filesystem.name())
    });
    let at = other.map_or("STORAGE", |(_, name)| name);
    let help = match (other, chosen.is_empty()) {
        (Some((part, _)), true)
            if Driver::of_name(part).is_some() || MORE_DRIVERS.contains(&part.as_str()) =>
        {
            format!("set {PREFIX}STORAGE={part}, which takes the place of the others, or remove {PREFIX}{at}")
        }
        _ => format!("remove {PREFIX}{at}, and what else is of another driver than the one that is meant"),
    };
    let message = format!(
        "the registry is told of the storage drivers {}, and takes only one{}: it does not start",
        drivers.join(" and "),
        if chosen.is_empty() && given.has_default_config {
            " (filesystem is in the image's configuration)"
        } else {
            ""
        },
    );
    SettingFault::new(SettingProblem::TwoKinds, &[at], message, help)
}

/// A driver that is there, with what it needs.
fn needs(given: &GivenSettings, name: &str) -> Option<SettingFault> {
    let fault = |message: String, help: String| {
        Some(SettingFault::new(SettingProblem::Driver, &["STORAGE"], message, help))
    };
    // Without this setting it is that of a configuration.
    if given.env.get("STORAGE").is_none_or(|value| !matches!(super::as_read(value), Ok(text) if text == name))
    {
        return None;
    }
    let Some(driver) = Driver::of_name(name) else {
        if MORE_DRIVERS.contains(&name) {
            return None;
        }
        let known = ["filesystem", "s3", "azure", "gcs", "swift", "inmemory"];
        let help = suggest(name, known)
            .map_or_else(|| format!("write one of {}", known.join(", ")), |known| format!("write {known}"));
        return fault(format!("the registry knows no storage driver {name:?}: it does not start"), help);
    };
    if !given.has_all_env {
        return None;
    }
    let section = format!("STORAGE_{}", name.to_ascii_uppercase());
    let is_there =
        |parameter: &str| given.env.contains_key(&format!("{section}_{}", parameter.to_ascii_uppercase()));
    // Registry 3 knows the region of an endpoint.
    let is_optional = |parameter: &str| {
        given.version != Some(RegistryVersion::Two) && parameter == "region" && is_there("regionendpoint")
    };
    let missing = driver.needed().find(|parameter| !is_there(parameter) && !is_optional(parameter))?;
    let variable = format!("{PREFIX}{section}_{}", missing.to_ascii_uppercase());
    fault(
        format!("the registry has no {variable}, which the storage driver {name} needs: it does not start"),
        format!("set {variable}"),
    )
}

/// Images in a directory of the container, beside a volume that is there for them.
fn outside_volume(given: &GivenSettings, driver: &str) -> Option<SettingFault> {
    let directory = given.text(DIRECTORY).filter(|_| driver == Driver::Filesystem.name())?;
    let has = |path: &str| given.mounts.iter().find(|mount| is_within(path, mount.trim_end_matches('/')));
    let volume = has(ROOT)?;
    if !given.has_all_mounts || has(&clean(Path::new(&directory)).to_string_lossy()).is_some() {
        return None;
    }
    Some(SettingFault::new(
        SettingProblem::ImagesOutside,
        &[DIRECTORY],
        format!(
            "the registry keeps images in {directory} of its container, where they are lost with it, and the volume at {volume} \
             stays empty"
        ),
        format!("remove {PREFIX}{DIRECTORY}, or mount the volume there"),
    ))
}

/// A cache of what blobs are there, in a data base that is not named.
fn cache(given: &GivenSettings) -> Option<SettingFault> {
    let setting = "STORAGE_CACHE_BLOBDESCRIPTOR";
    let is_redis = given.text(setting).is_some_and(|kind| kind == "redis");
    if !is_redis || !given.has_default_config || given.first_of("REDIS").is_some() {
        return None;
    }
    Some(SettingFault::new(
        SettingProblem::Missing,
        &[setting],
        format!(
            "the registry has no {PREFIX}REDIS_ADDR, which {PREFIX}{setting}=redis needs: it does not start"
        ),
        format!("set {PREFIX}REDIS_ADDR, or leave the cache in memory, as it is without this setting"),
    ))
}

/// Settings of a section that is read only as a whole.
fn sections(given: &GivenSettings) -> Vec<SettingFault> {
    if given.version == Some(RegistryVersion::Three)
        || !given.has_default_config
        || given.env.contains_key("STORAGE_MAINTENANCE")
    {
        return Vec::new();
    }
    let fault = |section: &str| {
        let section = format!("STORAGE_MAINTENANCE_{section}");
        if given.env.contains_key(&section) {
            return None;
        }
        let name = given.first_of(&section)?;
        Some(SettingFault::new(
            SettingProblem::OutsideSection,
            &[name],
            format!(
                "registry 2 reads {PREFIX}{name} only within {PREFIX}{section}, which is not set: it does not start"
            ),
            format!("set {PREFIX}{section} in place of it, as in {PREFIX}{section}={{\"enabled\":true}}"),
        ))
    };
    WHOLE.iter().filter_map(|section| fault(section)).collect()
}

/// What a cache of another registry does not do.
pub(super) fn beside_proxy(given: &GivenSettings) -> Vec<SettingFault> {
    let remote = "PROXY_REMOTEURL";
    if given.env.get(remote).is_none_or(|url| url.trim().is_empty()) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let deletes = "STORAGE_DELETE_ENABLED";
    if given.is_on(deletes) {
        faults.push(SettingFault::new(
            SettingProblem::BesideProxy,
            &[deletes, remote],
            format!("with {PREFIX}{remote} the registry refuses each deletion (405), and {PREFIX}{deletes} changes nothing of it"),
            format!("remove {PREFIX}{deletes}"),
        ));
    }
    let readonly = ["STORAGE_MAINTENANCE_READONLY", "STORAGE_MAINTENANCE_READONLY_ENABLED"];
    if let Some(readonly) = readonly.into_iter().find(|name| given.is_on(name)) {
        faults.push(SettingFault::new(
            SettingProblem::BesideProxy,
            &[readonly, remote],
            format!("{PREFIX}{readonly} keeps the registry from storing what it gets from that of {PREFIX}{remote}"),
            format!("remove {PREFIX}{readonly}"),
        ));
    }
    faults
}
