//! Docker's own settings in a config file. They are of no use to an agent, but one of a wrong type makes Docker drop the
//! whole file, credentials included (docker/cli, `configfile.ConfigFile`, which Go's `encoding/json` fills).

use crate::source::{Type, Value};

/// The type of a setting.
#[derive(Clone, Copy)]
enum SettingType {
    Text,
    Bool,
    Texts,
    TextMap,
    TextMaps,
}

/// The settings and their types.
const SETTINGS: [(&str, SettingType); 25] = [
    ("HttpHeaders", SettingType::TextMap),
    ("psFormat", SettingType::Text),
    ("imagesFormat", SettingType::Text),
    ("networksFormat", SettingType::Text),
    ("pluginsFormat", SettingType::Text),
    ("volumesFormat", SettingType::Text),
    ("statsFormat", SettingType::Text),
    ("detachKeys", SettingType::Text),
    ("credsStore", SettingType::Text),
    ("credHelpers", SettingType::TextMap),
    ("serviceInspectFormat", SettingType::Text),
    ("servicesFormat", SettingType::Text),
    ("tasksFormat", SettingType::Text),
    ("secretFormat", SettingType::Text),
    ("configFormat", SettingType::Text),
    ("nodesFormat", SettingType::Text),
    ("pruneFilters", SettingType::Texts),
    ("experimental", SettingType::Text),
    ("currentContext", SettingType::Text),
    ("cliPluginsExtraDirs", SettingType::Texts),
    ("plugins", SettingType::TextMaps),
    ("aliases", SettingType::TextMap),
    ("features", SettingType::TextMap),
    ("proxies", SettingType::TextMaps),
    ("hideLegacyCommands", SettingType::Bool),
];

/// Whether this is a member of `config.json`, and so no registry of a `.dockercfg`. Docker takes the names in any case.
pub(super) fn is_setting(name: &str) -> bool {
    name.eq_ignore_ascii_case("auths")
        || SETTINGS.iter().any(|(setting, _)| setting.eq_ignore_ascii_case(name))
}

/// The settings of a wrong type, each as a part of a sentence.
pub(super) fn faults(root: &Value<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for (key, value) in root.members() {
        let Some(name) = key.as_str() else { continue };
        let setting = SETTINGS.iter().find(|(setting, _)| setting.eq_ignore_ascii_case(&name));
        if let Some((setting, shape)) = setting.filter(|(_, shape)| !is_of(&value, *shape)) {
            faults.push(format!("`{setting}` is not {}", shape.words()));
        }
    }
    faults
}

fn is_of(value: &Value<'_>, shape: SettingType) -> bool {
    let is_text = |value: Value<'_>| matches!(value.kind(), Type::String | Type::Null);
    let is_map =
        |value: &Value<'_>| value.kind() == Type::Object && value.members().all(|(_, value)| is_text(value));
    value.is_null()
        || match shape {
            SettingType::Text => value.kind() == Type::String,
            SettingType::Bool => value.as_bool().is_some(),
            SettingType::Texts => value.kind() == Type::Array && value.elements().all(is_text),
            SettingType::TextMap => is_map(value),
            SettingType::TextMaps => {
                value.kind() == Type::Object
                    && value.members().all(|(_, value)| value.is_null() || is_map(&value))
            }
        }
}

impl SettingType {
    fn words(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Bool => "true or false",
            Self::Texts => "an array of strings",
            Self::TextMap => "an object of strings",
            Self::TextMaps => "an object of objects of strings",
        }
    }
}
