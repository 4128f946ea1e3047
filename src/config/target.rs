//! The table `[target]` of `milepost.toml`: reading and writing it.

use std::ops::Range;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

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
