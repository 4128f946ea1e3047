//! Which part of the configuration a variable sets, as the registry goes by its name (`parser.go`, `overwriteFields`).

use crate::registry::app::version::RegistryVersion;

use super::configuration::{CONFIGURATION, SettingField, SettingShape};

/// What a variable is to the registry.
#[derive(Debug)]
pub(crate) enum NamedSetting {
    /// A setting.
    Known(&'static SettingShape),
    /// No section is called like its beginning: scripts in an image may have variables of their own.
    Foreign,
    /// Its section has no such setting.
    Unknown,
    /// Only this version has it.
    OfVersion(RegistryVersion),
    /// It would be an element of a list, which registry 2 takes as a whole; the length of the list's name.
    OfList(usize),
    /// An element of a list that is not called by its number.
    NoNumber,
    /// A part of what has none.
    Beyond,
}

/// What a variable, without `REGISTRY_`, sets.
pub(crate) fn named(name: &str, version: Option<RegistryVersion>) -> NamedSetting {
    let mut parts = name.split('_').peekable();
    let first = parts.next().unwrap_or_default();
    let mut shape = match member(CONFIGURATION, first, false, version) {
        Ok(shape) => shape,
        Err(NamedSetting::Unknown) => return NamedSetting::Foreign,
        Err(other) => return other,
    };
    let mut length = first.len();
    for part in parts {
        let found = match shape.inner() {
            SettingShape::Section(fields) => member(fields, part, false, version),
            SettingShape::Options(fields, is_open) => {
                other_than(member(fields, part, true, version), *is_open, &SettingShape::Any)
            }
            SettingShape::Kinds(fields, is_open) => {
                other_than(member(fields, part, true, version), *is_open, &SettingShape::Options(&[], true))
            }
            SettingShape::List(_) if version == Some(RegistryVersion::Two) => {
                Err(NamedSetting::OfList(length))
            }
            SettingShape::List(_) if part.is_empty() || part.bytes().any(|byte| !byte.is_ascii_digit()) => {
                Err(NamedSetting::NoNumber)
            }
            SettingShape::Map(element) | SettingShape::List(element) => Ok(*element),
            SettingShape::Any | SettingShape::Purging => Ok(&SettingShape::Any),
            _ => Err(NamedSetting::Beyond),
        };
        match found {
            Ok(found) => shape = found,
            Err(why) => return why,
        }
        length += 1 + part.len();
    }
    NamedSetting::Known(shape)
}

/// The member of that name. Names below a map are in any case.
fn member(
    fields: &'static [SettingField],
    name: &str,
    is_map: bool,
    version: Option<RegistryVersion>,
) -> Result<&'static SettingShape, NamedSetting> {
    let is_called = |field: &&SettingField| {
        if is_map { field.name.eq_ignore_ascii_case(name) } else { field.name == name }
    };
    let mut called = fields.iter().filter(is_called).peekable();
    let Some(first) = called.peek().copied() else { return Err(NamedSetting::Unknown) };
    match (called.find(|field| field.is_of(version)), first.only) {
        (Some(field), _) => Ok(field.shape),
        (None, Some(only)) => Err(NamedSetting::OfVersion(only)),
        (None, None) => Err(NamedSetting::Unknown),
    }
}

/// What is found, or, in a map that has other members, the shape of those.
fn other_than(
    found: Result<&'static SettingShape, NamedSetting>,
    is_open: bool,
    others: &'static SettingShape,
) -> Result<&'static SettingShape, NamedSetting> {
    if is_open && matches!(found, Err(NamedSetting::Unknown)) { Ok(others) } else { found }
}

/// The names of all settings, each with what it may be taken for: the name that YAML has for it.
pub(crate) fn all_names(version: Option<RegistryVersion>) -> Vec<(String, String)> {
    // Where its configuration is, the program itself reads.
    let own = "CONFIGURATION_PATH".to_owned();
    let mut names = vec![(own.clone(), own)];
    add_names(CONFIGURATION, ("", ""), version, &mut names);
    names
}

fn add_names(
    fields: &[SettingField],
    (like, before): (&str, &str),
    version: Option<RegistryVersion>,
    names: &mut Vec<(String, String)>,
) {
    for field in fields.iter().filter(|field| field.is_of(version)) {
        let key = field.key.map(str::to_ascii_uppercase);
        let like = format!("{like}{}", key.as_deref().unwrap_or(field.name));
        let name = format!("{before}{}", field.name);
        if let SettingShape::Section(inner)
        | SettingShape::Options(inner, _)
        | SettingShape::Kinds(inner, _) = field.shape.inner()
        {
            add_names(inner, (&format!("{like}_"), &format!("{name}_")), version, names);
        }
        if like != name {
            names.push((name.clone(), name.clone()));
        }
        names.push((like, name));
    }
}
