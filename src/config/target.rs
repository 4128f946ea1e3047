//! The table `[target]` of `milepost.toml`: reading and writing it.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::source;
use crate::target::{Aim, Setting};

use super::ProjectConfigError;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TargetTable {
    /// The target by its name: `dcos-2.1`, `marathon-1.9`, `standalone`, …
    #[schemars(with = "Option<String>")]
    name: Option<Spanned<String>>,
    /// Features that are enabled beside those of the target.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    features: Vec<Spanned<String>>,
    /// Features of the target that are not enabled.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    no_features: Vec<Spanned<String>>,
    /// Marathon's `--mesos_role`.
    #[schemars(with = "Option<String>")]
    mesos_role: Option<Spanned<String>>,
    /// Marathon's `--default_network_name`; empty for none.
    #[schemars(with = "Option<String>")]
    default_network: Option<Spanned<String>>,
    /// Marathon's `--new_group_enforce_role`: `off` or `top`.
    #[schemars(with = "Option<String>")]
    enforce_role: Option<Spanned<String>>,
}

impl TargetTable {
    /// The table as an [`Aim`]; `wrong` makes an error at a range of the file.
    pub(super) fn aim(
        &self,
        wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
    ) -> Result<Aim, ProjectConfigError> {
        let aim = Aim {
            target: self.name.as_ref().map(|name| parse(name, wrong)).transpose()?,
            features: all(&self.features, wrong)?,
            no_features: all(&self.no_features, wrong)?,
            mesos_role: self.mesos_role.as_ref().map(|role| role.get_ref().clone()),
            default_network: self.default_network.as_ref().map(|network| network.get_ref().clone()),
            enforce_role: self.enforce_role.as_ref().map(|enforce| parse(enforce, wrong)).transpose()?,
        };
        aim.settings().map_err(|error| wrong(&self.range(error.setting()), error.to_string()))?;
        Ok(aim)
    }

    /// The range of a setting's value.
    fn range(&self, setting: Setting) -> Range<usize> {
        let value = match setting {
            Setting::Features => self.features.first(),
            Setting::MesosRole => self.mesos_role.as_ref(),
            Setting::DefaultNetwork => self.default_network.as_ref(),
            Setting::EnforceRole => self.enforce_role.as_ref(),
        };
        value.map(Spanned::span).unwrap_or_default()
    }
}

/// Parses a text; an error has the text's range.
pub(super) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: &Spanned<String>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<T, ProjectConfigError> {
    text.get_ref().parse().map_err(|error: T::Err| wrong(&text.span(), error.to_string()))
}

fn all<T: std::str::FromStr<Err: std::fmt::Display>>(
    texts: &[Spanned<String>],
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<Vec<T>, ProjectConfigError> {
    texts.iter().map(|text| parse(text, wrong)).collect()
}

/// How the comment above a table written by [`save_target`] begins.
const MARK: &str = "# read from ";

/// A Marathon's settings as a table, under a comment that names the server they come from.
#[must_use]
pub(crate) fn target_table(aim: &Aim, origin: &str) -> String {
    // A JSON string is a TOML string, but for DEL, which TOML wants escaped.
    let quoted = |text: &str| serde_json::Value::from(text).to_string().replace('\x7f', "\\u007f");
    let list = |features: &[crate::target::Feature]| {
        features.iter().map(|feature| quoted(feature.name())).collect::<Vec<_>>().join(", ")
    };
    let mut table = format!("{MARK}{}\n[target]\n", origin.replace(char::is_control, "?"));
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "{name} = {value}");
    };
    if let Some(target) = aim.target {
        line("name", quoted(target.name()));
    }
    for (name, features) in [("features", &aim.features), ("no-features", &aim.no_features)] {
        if !features.is_empty() {
            line(name, format!("[{}]", list(features)));
        }
    }
    let texts = [
        ("mesos-role", aim.mesos_role.as_deref()),
        ("default-network", aim.default_network.as_deref()),
        ("enforce-role", aim.enforce_role.map(crate::target::EnforceRole::name)),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            line(name, quoted(text));
        }
    }
    table
}

/// Writes such a table to a file: a new one, or one that contains nothing else.
///
/// # Errors
/// When the file contains anything else (it is not changed then), or cannot be written.
pub(crate) fn save_target(path: &Path, table: &str) -> Result<(), ProjectConfigError> {
    if path.exists() {
        let old = source::read(path)?;
        if !is_replaceable(&old) {
            let message =
                format!("contains more than a target, so nothing is written; add this to it:\n\n{table}");
            return Err(ProjectConfigError::Wrong { place: path.display().to_string(), message });
        }
    }
    Ok(source::write_atomically(path, table.as_bytes())?)
}

/// Whether the file can be replaced: nothing in it was written by hand.
fn is_replaceable(text: &str) -> bool {
    let is_alone = text
        .parse::<toml::Table>()
        .is_ok_and(|tables| tables.iter().all(|(name, value)| name == "target" && value.is_table()));
    is_alone && text.lines().all(|line| !line.contains('#') || line.starts_with(MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_target_is_replaced() {
        assert!(is_replaceable(""));
        assert!(is_replaceable("# read from http://m\n[target]\nname = \"dcos-2.1\"\n"));
        for kept in [
            "[target]\n[lint]\n",
            "# ours\n[target]\n",
            "[target]\nname = \"x\" # ours\n",
            "target = 1",
            "no",
        ] {
            assert!(!is_replaceable(kept), "{kept}");
        }
    }

    #[test]
    fn written_tables_are_read_back() {
        let aim = Aim {
            target: Some("dcos-2.1".parse().expect("a target")),
            features: vec!["secrets".parse().expect("a feature")],
            no_features: vec!["gpu_resources".parse().expect("a feature")],
            mesos_role: Some("a\"b".to_owned()),
            default_network: Some(String::new()),
            enforce_role: Some(crate::target::EnforceRole::Off),
        };
        let text = target_table(&aim, "http://m\nx");
        let table = toml::from_str::<std::collections::BTreeMap<String, TargetTable>>(&text).expect("TOML");
        let wrong =
            |_: &Range<usize>, message: String| ProjectConfigError::Wrong { place: String::new(), message };
        assert_eq!(table["target"].aim(&wrong).expect("a target"), aim, "{text}");
    }
}
