//! Docker's own settings in a config file. They are of no use to an agent, but one of a wrong type makes Docker drop the
//! whole file, credentials included (docker/cli, `configfile.ConfigFile`, which Go's `encoding/json` fills).

use crate::source::{Type, Value};

/// The type of a setting.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Bool,
    Texts,
    TextMap,
    TextMaps,
}

/// The settings and their types.
const SETTINGS: [(&str, Shape); 25] = [
    ("HttpHeaders", Shape::TextMap),
    ("psFormat", Shape::Text),
    ("imagesFormat", Shape::Text),
    ("networksFormat", Shape::Text),
    ("pluginsFormat", Shape::Text),
    ("volumesFormat", Shape::Text),
    ("statsFormat", Shape::Text),
    ("detachKeys", Shape::Text),
    ("credsStore", Shape::Text),
    ("credHelpers", Shape::TextMap),
    ("serviceInspectFormat", Shape::Text),
    ("servicesFormat", Shape::Text),
    ("tasksFormat", Shape::Text),
    ("secretFormat", Shape::Text),
    ("configFormat", Shape::Text),
    ("nodesFormat", Shape::Text),
    ("pruneFilters", Shape::Texts),
    ("experimental", Shape::Text),
    ("currentContext", Shape::Text),
    ("cliPluginsExtraDirs", Shape::Texts),
    ("plugins", Shape::TextMaps),
    ("aliases", Shape::TextMap),
    ("features", Shape::TextMap),
    ("proxies", Shape::TextMaps),
    ("hideLegacyCommands", Shape::Bool),
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

fn is_of(value: &Value<'_>, shape: Shape) -> bool {
    let is_text = |value: Value<'_>| matches!(value.kind(), Type::String | Type::Null);
    let is_map =
        |value: &Value<'_>| value.kind() == Type::Object && value.members().all(|(_, value)| is_text(value));
    value.is_null()
        || match shape {
            Shape::Text => value.kind() == Type::String,
            Shape::Bool => value.as_bool().is_some(),
            Shape::Texts => value.kind() == Type::Array && value.elements().all(is_text),
            Shape::TextMap => is_map(value),
            Shape::TextMaps => {
                value.kind() == Type::Object
                    && value.members().all(|(_, value)| value.is_null() || is_map(&value))
            }
        }
}

impl Shape {
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
