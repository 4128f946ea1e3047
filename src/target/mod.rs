//! The Marathon being aimed at.

mod aim;
mod release;

use std::fmt;
use std::str::FromStr;

pub use aim::{Aim, AimError, EnforceRole, Feature, Setting, UnknownEnforceRole, UnknownFeature};
pub use release::{Release, ReleaseError};

/// What of a Marathon's command line decides what it accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of Marathon's own")]
pub struct Settings {
    /// The release line.
    pub release: Release,
    /// `--enable_features secrets`
    pub secrets: bool,
    /// `--enable_features external_volumes`
    pub external_volumes: bool,
    /// `--enable_features gpu_resources`
    pub gpu_resources: bool,
    /// `--mesos_role`: the role of services that no group gives one.
    pub mesos_role: String,
    /// `--default_network_name`
    pub default_network: Option<String>,
    /// `--new_group_enforce_role top`: services in a new top-level group have its name as their role.
    pub new_groups_enforce_role: bool,
    /// Whether secrets are in spaces: a service reads those whose path begins with a group it is in, and those at the root.
    /// That is no setting of Marathon but of the secret store of DC/OS Enterprise: true for the targets `dcos…`, and it
    /// decides nothing of what Marathon accepts.
    pub spaces: bool,
}

/// A Marathon release line with the settings that decide what it accepts, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    name: &'static str,
    release: Release,
}

/// Every target there is: DC/OS releases with the Marathon they ship, plain Marathon releases, and three that are
/// named by their settings.
const TARGETS: &[Target] = &[
    Target { name: "dcos", release: Release::line(11) },
    Target { name: "standalone", release: Release::line(11) },
    Target { name: "bare", release: Release::line(11) },
    Target { name: "dcos-1.10", release: Release::line(5) },
    Target { name: "dcos-1.11", release: Release::line(6) },
    Target { name: "dcos-1.12", release: Release::line(7) },
    Target { name: "dcos-1.13", release: Release::line(8) },
    Target { name: "dcos-2.0", release: Release::line(9) },
    Target { name: "dcos-2.1", release: Release::line(10) },
    Target { name: "dcos-2.2", release: Release::line(11) },
    Target { name: "marathon-1.4", release: Release::line(4) },
    Target { name: "marathon-1.5", release: Release::line(5) },
    Target { name: "marathon-1.6", release: Release::line(6) },
    Target { name: "marathon-1.7", release: Release::line(7) },
    Target { name: "marathon-1.8", release: Release::line(8) },
    Target { name: "marathon-1.9", release: Release::line(9) },
    Target { name: "marathon-1.10", release: Release::line(10) },
    Target { name: "marathon-1.11", release: Release::line(11) },
];

impl Target {
    /// The names of all targets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TARGETS.iter().map(|target| target.name)
    }

    /// The name it goes by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The settings it stands for: those of the root Marathon of DC/OS Enterprise for `dcos…`, Marathon's own defaults
    /// with all features for `standalone` and `marathon-…`, and without any for `bare`.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let features = self.name != "bare";
        let is_dcos = self.name.starts_with("dcos");
        Settings {
            release: self.release,
            secrets: features,
            external_volumes: features,
            gpu_resources: features,
            mesos_role: if is_dcos { "slave_public" } else { "*" }.to_owned(),
            default_network: is_dcos.then(|| "dcos".to_owned()),
            new_groups_enforce_role: is_dcos && self.release >= Release::V1_9,
            spaces: is_dcos,
        }
    }

    /// The target for a release line: the DC/OS that ships it, or Marathon on its own.
    #[must_use]
    pub fn of_release(release: Release, is_dcos: bool) -> Option<Self> {
        let prefix = if is_dcos { "dcos-" } else { "marathon-" };
        TARGETS.iter().find(|target| target.release == release && target.name.starts_with(prefix)).copied()
    }

    /// The release line of Marathon.
    #[must_use]
    pub fn release(&self) -> Release {
        self.release
    }
}

impl Default for Target {
    /// The latest DC/OS, with secrets.
    fn default() -> Self {
        TARGETS[0]
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// No target goes by that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no target `{0}`; there are {list}", list = Target::names().collect::<Vec<_>>().join(", "))]
pub struct UnknownTarget(String);

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(name: &str) -> Result<Self, UnknownTarget> {
        TARGETS
            .iter()
            .find(|target| target.name == name)
            .copied()
            .ok_or_else(|| UnknownTarget(name.to_owned()))
    }
}
