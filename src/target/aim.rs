//! A target with settings changed on top of it, as the command line, `milepost.toml` or a running Marathon give them.

use std::str::FromStr;

use crate::util::suggest::suggest;

use super::{Agents, Release, Settings, Target};

/// A target and changes to its settings, from one source: the command line, `milepost.toml` or a running Marathon. A
/// setting that is absent keeps the target's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The target, if this source names one.
    pub target: Option<Target>,
    /// Features to turn on.
    pub features: Vec<Feature>,
    /// Features to turn off.
    pub no_features: Vec<Feature>,
    /// `--mesos_role`
    pub mesos_role: Option<String>,
    /// `--default_network_name`; empty for no default network.
    pub default_network: Option<String>,
    /// `--new_group_enforce_role`
    pub enforce_role: Option<EnforceRole>,
    /// What is known of the agents.
    pub agents: Agents,
}

/// Why settings do not fit together, or do not fit the target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AimError {
    /// A feature is turned on and off.
    #[error("the feature {feature} is both on and off: leave one of them out")]
    Contradiction {
        /// The feature.
        feature: &'static str,
    },
    /// Mesos does not allow this role name.
    #[error("`{name}` is not a role name: {problem}")]
    Role {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The target's release does not have this setting.
    #[error(
        "{flag} came with Marathon {since}, and the target is Marathon {release}: leave it out, or name a later target"
    )]
    TooEarly {
        /// The setting.
        setting: Setting,
        /// Marathon's name for it.
        flag: &'static str,
        /// The first release line that has it.
        since: Release,
        /// The target's release line.
        release: Release,
    },
}

/// A setting that can be changed on top of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// [`Aim::features`] and [`Aim::no_features`]
    Features,
    /// [`Aim::mesos_role`]
    MesosRole,
    /// [`Aim::default_network`]
    DefaultNetwork,
    /// [`Aim::enforce_role`]
    EnforceRole,
}

impl AimError {
    /// The setting at fault.
    #[must_use]
    pub fn setting(&self) -> Setting {
        match self {
            Self::Contradiction { .. } => Setting::Features,
            Self::Role { .. } => Setting::MesosRole,
            Self::TooEarly { setting, .. } => *setting,
        }
    }
}

impl Aim {
    /// This source over a weaker one: its settings win. Where it names a target, the weaker source is dropped but for what it
    /// knows of the agents, because its settings describe another Marathon.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let agents = self.agents.over(below.agents);
        if self.target.is_some() {
            return Self { agents, ..self };
        }
        let is_set =
            |feature: &Feature| self.features.contains(feature) || self.no_features.contains(feature);
        let unset =
            |features: Vec<Feature>| features.into_iter().filter(|feature| !is_set(feature)).collect();
        let (features, no_features): (Vec<_>, Vec<_>) = (unset(below.features), unset(below.no_features));
        Self {
            target: below.target,
            features: [self.features, features].concat(),
            no_features: [self.no_features, no_features].concat(),
            mesos_role: self.mesos_role.or(below.mesos_role),
            default_network: self.default_network.or(below.default_network),
            enforce_role: self.enforce_role.or(below.enforce_role),
            agents,
        }
    }

    /// The target that counts: the one that is named, or the latest DC/OS.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the only use: every source was asked before")]
    pub fn target_or_fallback(&self) -> Target {
        self.target.unwrap_or_else(Target::fallback)
    }

    /// The target's settings with these changes.
    ///
    /// # Errors
    /// When two settings contradict each other, or the target's release does not have one of them.
    pub fn settings(&self) -> Result<Settings, AimError> {
        let mut settings = self.target_or_fallback().settings();
        if let Some(feature) = self.features.iter().find(|feature| self.no_features.contains(feature)) {
            return Err(AimError::Contradiction { feature: feature.name });
        }
        let features = self.features.iter().map(|feature| (feature, true));
        for (feature, is_on) in features.chain(self.no_features.iter().map(|feature| (feature, false))) {
            match feature.name {
                "secrets" => settings.secrets = is_on,
                "external_volumes" => settings.external_volumes = is_on,
                "gpu_resources" => settings.gpu_resources = is_on,
                _ => {}
            }
        }
        if let Some(role) = &self.mesos_role {
            check_role(role)?;
            settings.mesos_role.clone_from(role);
        }
        if let Some(network) = &self.default_network {
            let flag = "--default_network_name";
            since(Release::V1_5, Setting::DefaultNetwork, flag, &settings)?;
            settings.default_network = Some(network.clone()).filter(|network| !network.is_empty());
        }
        if let Some(enforce) = self.enforce_role {
            let flag = "--new_group_enforce_role";
            since(Release::V1_9, Setting::EnforceRole, flag, &settings)?;
            settings.new_groups_enforce_role = enforce == EnforceRole::Top;
        }
        settings.agents = self.agents.clone().over(settings.agents);
        Ok(settings)
    }
}

fn since(since: Release, setting: Setting, flag: &'static str, settings: &Settings) -> Result<(), AimError> {
    let release = settings.release;
    if release < since { Err(AimError::TooEarly { setting, flag, since, release }) } else { Ok(()) }
}

/// The regular expression of all names that [`check_role`] takes.
pub(crate) const ROLE_PATTERN: &str = r"^([^-./ \t\n\x0b\f\r\x7f][^/ \t\n\x0b\f\r\x7f]*|\.([^./ \t\n\x0b\f\r\x7f]|\.[^/ \t\n\x0b\f\r\x7f])[^/ \t\n\x0b\f\r\x7f]*)$";

/// Checks a role name as Mesos does (`mesos::roles::validate`).
pub(super) fn check_role(name: &str) -> Result<(), AimError> {
    let problem = match name {
        "" => "it is empty; Marathon's own default is `*`",
        "." | ".." => "it is a path segment",
        _ if name.starts_with('-') => "it begins with a dash",
        _ if name.chars().any(|c| c.is_ascii_whitespace() || matches!(c, '/' | '\x0b' | '\x7f')) => {
            "it contains white space or a slash"
        }
        _ => return Ok(()),
    };
    Err(AimError::Role { name: name.to_owned(), problem })
}

/// A feature of Marathon's `--enable_features`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    name: &'static str,
}

impl Feature {
    /// The features of Marathon 1.4 … 1.11 (`Features.scala`). Only the first three affect what is accepted.
    pub const NAMES: [&str; 6] =
        ["secrets", "external_volumes", "gpu_resources", "task_killing", "vips", "maintenance_mode"];

    /// The features that affect what is accepted.
    #[must_use]
    pub fn deciding() -> [Self; 3] {
        [Self { name: Self::NAMES[0] }, Self { name: Self::NAMES[1] }, Self { name: Self::NAMES[2] }]
    }

    /// Marathon's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// A text that is not the name of a feature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Marathon has no feature `{name}`{}; it has {}", near.map(|near| format!(" (did you mean {near}?)")).unwrap_or_default(), Feature::NAMES.join(", "))]
pub struct UnknownFeature {
    name: String,
    near: Option<&'static str>,
}

impl FromStr for Feature {
    type Err = UnknownFeature;

    fn from_str(text: &str) -> Result<Self, UnknownFeature> {
        let known = Self::NAMES.into_iter().find(|name| *name == text);
        known
            .map(|name| Self { name })
            .ok_or_else(|| UnknownFeature { name: text.to_owned(), near: suggest(text, Self::NAMES) })
    }
}

/// `--new_group_enforce_role` (Marathon 1.9 and later).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnforceRole {
    /// Services in a new top-level group have the group's name as their role.
    Top,
    /// They have Marathon's role, unless they set another.
    Off,
}

impl EnforceRole {
    /// Marathon's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Off => "off",
        }
    }
}

/// A text that is neither `top` nor `off`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither top nor off")]
pub struct UnknownEnforceRole(String);

impl FromStr for EnforceRole {
    type Err = UnknownEnforceRole;

    /// Ignores case: a running Marathon answers `Top`.
    fn from_str(text: &str) -> Result<Self, UnknownEnforceRole> {
        let is = |enforce: &Self| text.eq_ignore_ascii_case(enforce.name());
        [Self::Top, Self::Off].into_iter().find(is).ok_or_else(|| UnknownEnforceRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(names: &[&str]) -> Vec<Feature> {
        names.iter().map(|name| name.parse().expect("a feature")).collect()
    }

    fn target(name: &str) -> Target {
        name.parse().expect("a target")
    }

    #[test]
    fn settings_change_those_of_the_target() {
        let aim = Aim {
            target: Some(target("bare")),
            features: features(&["secrets", "vips"]),
            mesos_role: Some("prod".to_owned()),
            default_network: Some("overlay".to_owned()),
            enforce_role: Some(EnforceRole::Top),
            ..Aim::default()
        };
        let settings = aim.settings().expect("these go together");
        assert!(settings.secrets && settings.new_groups_enforce_role);
        assert!(!settings.external_volumes && !settings.gpu_resources);
        assert_eq!(settings.mesos_role, "prod");
        assert_eq!(settings.default_network.as_deref(), Some("overlay"));
        assert_eq!(Aim::default().settings(), Ok(target("dcos").settings()));
    }

    #[test]
    fn the_stronger_source_wins() {
        let file = Aim {
            target: Some(target("dcos-2.1")),
            features: features(&["secrets"]),
            no_features: features(&["gpu_resources"]),
            default_network: Some("overlay".to_owned()),
            enforce_role: Some(EnforceRole::Off),
            ..Aim::default()
        };
        let line = Aim {
            no_features: features(&["secrets"]),
            default_network: Some(String::new()),
            ..Aim::default()
        };
        let settings = line.over(file.clone()).settings().expect("these go together");
        assert!(!settings.secrets && !settings.gpu_resources && !settings.new_groups_enforce_role);
        assert_eq!((settings.default_network, settings.release), (None, Release::V1_10));
        // The line names a target, so the file's settings are dropped.
        let line = Aim { target: Some(target("dcos-1.12")), ..Aim::default() };
        assert_eq!(line.over(file).settings(), Ok(target("dcos-1.12").settings()));
    }

    #[test]
    fn settings_that_do_not_fit_are_refused() {
        let error = |aim: Aim| aim.settings().expect_err("these do not go together").to_string();
        let both =
            Aim { features: features(&["secrets"]), no_features: features(&["secrets"]), ..Aim::default() };
        assert_eq!(error(both), "the feature secrets is both on and off: leave one of them out");
        let early =
            Aim { target: Some(target("dcos-1.13")), enforce_role: Some(EnforceRole::Off), ..Aim::default() };
        assert_eq!(
            error(early),
            "--new_group_enforce_role came with Marathon 1.9, and the target is Marathon 1.8: leave it out, or name a \
             later target"
        );
        let early = Aim {
            target: Some(target("marathon-1.4")),
            default_network: Some("x".to_owned()),
            ..Aim::default()
        };
        assert!(error(early).starts_with("--default_network_name came with Marathon 1.5"));
        for role in ["", "..", "-a", "a b", "a/b"] {
            let aim = Aim { mesos_role: Some(role.to_owned()), ..Aim::default() };
            assert!(error(aim).contains("is not a role name"), "{role}");
        }
        assert_eq!(
            "secret".parse::<Feature>().expect_err("no feature").to_string(),
            "Marathon has no feature `secret` (did you mean secrets?); it has secrets, external_volumes, \
             gpu_resources, task_killing, vips, maintenance_mode"
        );
    }
}
