//! The Marathon that definitions are checked for: the target.

mod agents;
mod aim;
mod number;
mod release;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use agents::{Agents, DockerRelease, DockerReleaseError, Ports, PortsError};
pub(crate) use agents::{SANDBOX, docker_memory};
pub(crate) use aim::ROLE_PATTERN;
pub use aim::{Aim, AimError, EnforceRole, Feature, Setting, UnknownEnforceRole, UnknownFeature};
pub use release::{Release, ReleaseError};

/// The settings of a Marathon that decide what it accepts.
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
    /// `--mesos_role`: the role of services without a role of their own or of their group.
    pub mesos_role: String,
    /// `--default_network_name`
    pub default_network: Option<String>,
    /// `--new_group_enforce_role top`: services in a new top-level group have its name as their role.
    pub new_groups_enforce_role: bool,
    /// Whether the secret store has spaces: a service reads only secrets at the root and those whose path begins with one
    /// of its groups. This is a property of DC/OS Enterprise (targets `dcos…`), and does not change what Marathon accepts.
    pub spaces: bool,
    /// What is known of the roles on a running server.
    pub roles: KnownRoles,
    /// What is known of the agents.
    pub agents: Agents,
}

/// What a running server says of roles: they depend on what it holds. A server without services has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownRoles {
    groups: BTreeMap<String, bool>,
    services: BTreeMap<String, String>,
}

impl KnownRoles {
    /// Adds whether a top-level group, named by the first segment of its id, enforces its role.
    pub fn add_group(&mut self, name: &str, enforces: bool) {
        self.groups.insert(name.to_owned(), enforces);
    }

    /// Adds the role that a service has.
    pub fn add_service(&mut self, id: &str, role: &str) {
        self.services.insert(id.to_owned(), role.to_owned());
    }

    /// Whether a top-level group enforces its role; `None` for one that is not known.
    #[must_use]
    pub fn enforces(&self, group: &str) -> Option<bool> {
        self.groups.get(group).copied()
    }

    /// The role that a service has, which stays valid.
    #[must_use]
    pub fn of_service(&self, id: &str) -> Option<&str> {
        self.services.get(id).map(String::as_str)
    }
}

/// A Marathon release line together with settings, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    name: &'static str,
    release: Release,
}

/// What the names of plain Marathon releases begin with.
const MARATHON: &str = "marathon-";

/// All targets: three that are named by their settings, the DC/OS releases with the Marathon they ship, and plain Marathon
/// releases.
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

    /// The regular expression of all texts that name a target.
    pub(crate) fn pattern() -> String {
        let names: Vec<String> = Self::names().map(|name| name.replace('.', r"\.")).collect();
        format!("^({}|({MARATHON})?{})$", names.join("|"), Release::pattern())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its settings: those of the root Marathon of DC/OS Enterprise for `dcos…`, Marathon's own defaults with all features
    /// for `standalone` and `marathon-…`, and without features for `bare`.
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
            roles: KnownRoles::default(),
            agents: if is_dcos { Agents::of_dcos() } else { Agents::default() },
        }
    }

    /// The target where none is named: the latest DC/OS Enterprise.
    ///
    /// Only [`Aim`] may use it (`clippy.toml` refuses other uses), so that each command looks at its options,
    /// `milepost.toml` and the server first.
    #[must_use]
    pub(crate) fn fallback() -> Self {
        TARGETS[0]
    }

    /// The target for a release line: the DC/OS that ships it, or Marathon on its own. None for a DC/OS with Marathon 1.4.
    #[must_use]
    pub fn of_release(release: Release, is_dcos: bool) -> Option<Self> {
        let prefix = if is_dcos { "dcos-" } else { MARATHON };
        TARGETS.iter().find(|target| target.release == release && target.name.starts_with(prefix)).copied()
    }

    /// The release line of Marathon.
    #[must_use]
    pub fn release(&self) -> Release {
        self.release
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Why a text does not name a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTarget {
    /// It is neither a target's name nor a release.
    #[error(
        "there is no target `{0}`; there are {names}, and Marathon releases such as 1.9",
        names = Target::names().collect::<Vec<_>>().join(", ")
    )]
    Name(String),
    /// It is a version, and not one of a known Marathon.
    #[error("{cause}{}", dcos.map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Release {
        /// Why it is not a Marathon release.
        cause: ReleaseError,
        /// The DC/OS release of that number.
        dcos: Option<&'static str>,
    },
}

impl FromStr for Target {
    type Err = UnknownTarget;

    /// Reads a target's name, or a Marathon release: `1.9` or `1.9.136` is that release as DC/OS ships it (1.4, which no
    /// DC/OS target has, by itself), `marathon-1.9.136` that release by itself.
    fn from_str(text: &str) -> Result<Self, UnknownTarget> {
        let named = |name: &str| TARGETS.iter().find(|target| target.name == name).copied();
        if let Some(target) = named(text) {
            return Ok(target);
        }
        let (version, is_dcos) = match text.strip_prefix(MARATHON) {
            Some(version) => (version, false),
            None => (text, true),
        };
        let unknown = || UnknownTarget::Name(text.to_owned());
        match version.parse() {
            Ok(release) => Self::of_release(release, is_dcos)
                .or_else(|| Self::of_release(release, false))
                .ok_or_else(unknown),
            Err(ReleaseError::Malformed) => Err(unknown()),
            Err(cause) => {
                let dcos = named(&format!("dcos-{version}")).map(|target| target.name);
                Err(UnknownTarget::Release { cause, dcos })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_releases_are_targets() {
        let name = |text: &str| text.parse::<Target>().map(|target| target.name());
        for target in Target::names() {
            assert_eq!(name(target), Ok(target));
        }
        for (text, expected) in [
            ("1.11", "dcos-2.2"),
            ("1.11.24", "dcos-2.2"),
            ("v1.9", "dcos-2.0"),
            ("1.4", "marathon-1.4"),
            ("1.4.13", "marathon-1.4"),
            ("marathon-1.11.24", "marathon-1.11"),
        ] {
            assert_eq!(name(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_a_hint() {
        let error = |text: &str| text.parse::<Target>().expect_err("not a target").to_string();
        for text in ["", "1", "1.x", "marathon", "marathon-", "dcos-3.0", "dcos-2.1.4", "Bare"] {
            assert!(
                error(text).starts_with(&format!("there is no target `{text}`; there are dcos, ")),
                "{text}"
            );
        }
        let marathon = "there is no Marathon 2.1: the releases are 1.4 to 1.11 ";
        assert!(error("2.1").starts_with(marathon) && error("2.1").ends_with("; did you mean dcos-2.1?"));
        assert!(error("1.12").ends_with("; did you mean dcos-1.12?"));
        assert!(error("marathon-3.0").starts_with("there is no Marathon 3.0: "));
    }
}
