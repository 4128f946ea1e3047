//! Settings with which a registry does not start, loses images, or does not do what they say, as they are seen at the real one
//! (2.8.2). Both the commands that write definitions and the check of those that are there go by these.

mod auth;
mod configuration;
mod listening;
#[cfg_attr(not(feature = "cert"), expect(dead_code, reason = "all names are for the check"))]
mod names;
mod storage;
mod value;

use std::collections::BTreeMap;

use crate::registry::app::version::RegistryVersion;
use crate::source::{Document, Format, Type};

#[cfg(feature = "cert")]
pub(crate) use listening::{DEFAULT_ADDRESS, address_fault, port_of};
pub(crate) use listening::{led_elsewhere, prefix_of};
#[cfg(feature = "cert")]
pub(crate) use names::{NamedSetting, all_names, named};
#[cfg(feature = "cert")]
pub(crate) use value::is_secret;

/// The beginning of the registry's variables.
pub(crate) const PREFIX: &str = "REGISTRY_";

/// The settings of a registry, and what they have to go with.
#[derive(Debug)]
pub(crate) struct GivenSettings {
    /// The variables, by their names without `REGISTRY_`, as they are written.
    pub env: BTreeMap<String, String>,
    /// The paths in the container at which something is mounted.
    pub mounts: Vec<String>,
    /// Whether these are all mounts.
    pub has_all_mounts: bool,
    /// Whether all variables are known.
    pub has_all_env: bool,
    /// Whether it has the configuration of its image.
    pub has_default_config: bool,
    pub version: Option<RegistryVersion>,
}

/// What sort of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingProblem {
    /// Two of what there can be one of.
    TwoKinds,
    /// A storage driver that is not there, or lacks what it needs.
    Driver,
    /// A setting that another one needs.
    Missing,
    /// A setting that is read only within its section.
    OutsideSection,
    /// Images that are in no volume.
    ImagesOutside,
    /// What a cache does not do.
    BesideProxy,
    /// An address that two of its listeners have.
    PortTwice,
    /// An address that nothing arrives at.
    Nowhere,
    /// A value of another type.
    Value,
    /// A part of a list that is read only as a whole.
    Unread,
}

/// A setting that does not go with the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingFault {
    pub problem: SettingProblem,
    /// The settings that it is about, without `REGISTRY_`; the first is the one to change.
    pub settings: Vec<String>,
    pub message: String,
    pub help: String,
}

impl SettingFault {
    fn new(
        problem: SettingProblem,
        settings: &[&str],
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let settings = settings.iter().map(|name| (*name).to_owned()).collect();
        Self { problem, settings, message: message.into(), help: help.into() }
    }
}

impl GivenSettings {
    /// What is wrong with them.
    pub(crate) fn faults(&self) -> Vec<SettingFault> {
        let checks = [auth::kinds, storage::faults, storage::beside_proxy, listening::faults];
        let mut faults: Vec<SettingFault> = checks.iter().flat_map(|check| check(self)).collect();
        // What two settings do together tells more than the value of one.
        let others = value::faults(self);
        let is_new = |fault: &SettingFault| faults.iter().all(|known| known.settings[0] != fault.settings[0]);
        let new: Vec<SettingFault> = others.into_iter().filter(is_new).collect();
        faults.extend(new);
        faults
    }

    /// A setting as the registry reads it, where it is a text.
    fn text(&self, name: &str) -> Option<String> {
        as_read(self.env.get(name)?).ok()
    }

    /// The first setting of a section.
    fn first_of(&self, section: &str) -> Option<&str> {
        let is_of = |name: &&String| {
            name.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        self.env.keys().find(is_of).map(String::as_str)
    }

    /// Whether a setting is on, by itself or as `enabled` of a section.
    fn is_on(&self, name: &str) -> bool {
        self.env.get(name).is_some_and(|value| is_on(value))
    }
}

/// Whether Docker Compose or a template puts something into a value, which is not known.
pub(crate) fn is_unfilled(value: &str) -> bool {
    value.contains("${")
}

/// Whether a value is true, or a section that is enabled.
pub(crate) fn is_on(value: &str) -> bool {
    let Ok(document) = Document::parse(value, Format::Yaml) else { return false };
    let root = document.root();
    let value = if root.kind() == Type::Object { root.get("enabled") } else { Some(root) };
    value.is_some_and(value::is_true)
}

/// The parts of a section that settings are of, in small letters: `s3` of `STORAGE_S3_BUCKET`, with one of its settings.
fn parts_of<'a>(env: &'a BTreeMap<String, String>, section: &str) -> BTreeMap<String, &'a str> {
    let part = |name: &'a String| {
        let rest = name.strip_prefix(section)?.strip_prefix('_')?;
        let part = rest.split('_').next().filter(|part| !part.is_empty())?;
        Some((part.to_ascii_lowercase(), name.as_str()))
    };
    env.keys().filter_map(part).collect()
}

/// What the value of a section names: one text, or the members of a map; nothing where it is neither.
fn named_in(value: &str) -> Vec<String> {
    let Ok(document) = Document::parse(value, Format::Yaml) else { return vec![value.to_owned()] };
    let root = document.root();
    match root.kind() {
        Type::String => vec![root.as_str().unwrap_or_default().into_owned()],
        Type::Object => root.members().filter_map(|(key, _)| Some(key.as_str()?.into_owned())).collect(),
        _ => Vec::new(),
    }
}

/// A value as the registry reads it.
///
/// # Errors
/// What it is in place of a text.
pub(crate) fn as_read(value: &str) -> Result<String, &'static str> {
    let Ok(document) = Document::parse(value, Format::Yaml) else { return Ok(value.to_owned()) };
    let root = document.root();
    match root.kind() {
        Type::String => Ok(root.as_str().unwrap_or_default().into_owned()),
        other => Err(other.with_article()),
    }
}

#[cfg(test)]
mod tests;
