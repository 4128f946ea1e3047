//! What is known of the agents that run the tasks, and decides what they can run.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::util::path::is_within;

use super::number::{NUMBER, SPACE, number};

/// Where the sandbox is in a container (Mesos, `--sandbox_directory`).
pub(crate) const SANDBOX: &str = "/mnt/mesos/sandbox";

/// The bytes of memory that Mesos gives a container of the Docker Engine for this many MiB (`docker.cpp`, `MIN_MEMORY`).
pub(crate) fn docker_memory(mebibytes: f64) -> f64 {
    const LEAST: f64 = 32.0;
    mebibytes.max(LEAST) * 1024.0 * 1024.0
}

/// The agents of a cluster, as far as they are known. A setting that is not known decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agents {
    /// Whether they are agents of DC/OS, whose own ports and networks are known.
    pub is_dcos: bool,
    /// The ports that they offer.
    pub ports: Option<Ports>,
    /// The roles for which agents have reserved resources, with the ports that they offer to each.
    pub roles: Option<BTreeMap<String, Ports>>,
    /// Mesos's isolators: `cgroups/cpu`, `filesystem/linux`.
    pub isolators: Option<Vec<String>>,
    /// The networks that containers can join.
    pub networks: Option<Vec<String>>,
    /// The accounts.
    pub users: Option<Vec<String>>,
    /// Files and directories that every agent has; a directory may end with a slash.
    pub paths: Option<Vec<String>>,
    /// Directories below which UCR makes what it mounts (`--host_path_volume_force_creation`).
    pub created_paths: Option<Vec<String>>,
    /// The seccomp profiles, in `--seccomp_config_dir`.
    pub seccomp_profiles: Option<Vec<String>>,
    /// The CPUs of the largest one.
    pub cpus: Option<u32>,
    /// The release of the Docker Engine.
    pub docker: Option<DockerRelease>,
    /// The log driver of the Docker Engine for containers that name none.
    pub log_driver: Option<String>,
    /// Whether agents run tasks as the `user` of their definition (`--switch_user`).
    pub switch_user: Option<bool>,
    /// Whether tasks may share the memory of their agent: not with `--disallow_sharing_agent_ipc_namespace`.
    pub share_ipc: Option<bool>,
    /// Whether agents run with `--cgroups_enable_cfs`.
    pub cfs: Option<bool>,
    /// Whether agents have a Hadoop client, which fetches what the fetcher does not know.
    pub hadoop: Option<bool>,
    /// Whether agents run with `--frameworks_home`, below which relative paths are fetched.
    pub frameworks_home: Option<bool>,
}

impl Agents {
    /// The agents as DC/OS sets them up (`gen/dcos-config.yaml`), with the Docker Engine's own defaults.
    #[must_use]
    pub fn of_dcos() -> Self {
        Self {
            is_dcos: true,
            log_driver: Some("json-file".to_owned()),
            cfs: Some(true),
            hadoop: Some(false),
            frameworks_home: Some(false),
            ..Self::default()
        }
    }

    /// What one source knows over what a weaker one does.
    #[must_use]
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            is_dcos: self.is_dcos || below.is_dcos,
            ports: self.ports.or(below.ports),
            roles: self.roles.or(below.roles),
            isolators: self.isolators.or(below.isolators),
            networks: self.networks.or(below.networks),
            users: self.users.or(below.users),
            paths: self.paths.or(below.paths),
            created_paths: self.created_paths.or(below.created_paths),
            seccomp_profiles: self.seccomp_profiles.or(below.seccomp_profiles),
            cpus: self.cpus.or(below.cpus),
            docker: self.docker.or(below.docker),
            log_driver: self.log_driver.or(below.log_driver),
            switch_user: self.switch_user.or(below.switch_user),
            share_ipc: self.share_ipc.or(below.share_ipc),
            cfs: self.cfs.or(below.cfs),
            hadoop: self.hadoop.or(below.hadoop),
            frameworks_home: self.frameworks_home.or(below.frameworks_home),
        }
    }

    /// Whether agents have one of these isolators; so where they are not known.
    #[must_use]
    pub fn may_have_isolator(&self, names: &[&str]) -> bool {
        self.isolators
            .as_ref()
            .is_none_or(|all| all.iter().any(|isolator| names.contains(&isolator.as_str())))
    }

    /// The ports that agents offer to the roles that a service accepts, where that is known; without roles it accepts those
    /// that Marathon does.
    #[must_use]
    pub fn ports_for(&self, accepted: Option<&[String]>) -> Option<Ports> {
        let unreserved = || self.ports.clone();
        let Some(roles) = &self.roles else {
            // They may be offered other ports that are reserved for a role.
            let is_unreserved = accepted.is_none_or(|accepted| accepted.iter().all(|role| role == "*"));
            return unreserved().filter(|_| is_unreserved);
        };
        match accepted {
            Some(accepted) => accepted.iter().try_fold(Ports::default(), |all, role| {
                let of_role =
                    if role == "*" { unreserved()? } else { roles.get(role).cloned().unwrap_or_default() };
                Some(all.with(of_role))
            }),
            // The Marathon of DC/OS accepts unreserved resources only.
            None if self.is_dcos => unreserved(),
            None => Some(roles.values().cloned().fold(unreserved()?, Ports::with)),
        }
    }

    /// Whether a path is known to be a directory.
    #[must_use]
    pub fn has_directory(&self, path: &str) -> bool {
        let is_it = |known: &String| known.strip_suffix('/') == Some(path);
        self.paths.iter().flatten().any(is_it)
    }

    /// Whether every agent has a file or directory; nothing where that is not known. A directory that is known to be there
    /// may hold anything, and those above it are there, too.
    #[must_use]
    pub fn has_path(&self, path: &str) -> Option<bool> {
        let path = path.trim_end_matches('/');
        let is_known = |known: &String| {
            let known = known.trim_end_matches('/');
            is_within(path, known) || is_within(known, path)
        };
        self.paths.as_ref().map(|paths| paths.iter().any(is_known))
    }
}

/// Ranges of ports: `1025-2180, 31000`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<(u16, u16)>);

impl Ports {
    /// What agents of DC/OS offer to all (`gen/dcos-config.yaml`, 1.9 … 2.2).
    pub(crate) const DCOS: &str = "1025-2180, 2182-3887, 3889-5049, 5052-8079, 8082-8180, 8182-32000";

    /// What public agents of DC/OS offer to the role `slave_public`.
    pub(crate) const DCOS_PUBLIC: &str = "1-21, 23-5050, 5052-32000";

    /// The regular expression of all texts that are ranges of ports, and of some whose range ends before it begins: an
    /// expression cannot compare numbers.
    pub(crate) fn pattern() -> String {
        let range = format!("{SPACE}{NUMBER}{SPACE}(-{SPACE}{NUMBER}{SPACE})?");
        format!("^{range}(,{range})*$")
    }

    /// The regular expression of texts that name no port at all.
    pub(crate) fn none_pattern() -> String {
        format!("^{SPACE}$")
    }

    /// These and others.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        let mut all = [self.0, others.0].concat();
        all.sort_unstable();
        let mut joined: Vec<(u16, u16)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match joined.last_mut() {
                Some((_, last)) if from <= last.saturating_add(1) => *last = to.max(*last),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a port is one of them.
    #[must_use]
    pub fn contain(&self, port: i64) -> bool {
        self.0.iter().any(|(from, to)| (i64::from(*from)..=i64::from(*to)).contains(&port))
    }
}

/// Why a text names no ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no range of ports: write them as 1025-2180, 31000-32000")]
pub struct PortsError(String);

impl FromStr for Ports {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Self, PortsError> {
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            match (number(from.trim_ascii()), number(to.trim_ascii())) {
                (Some(from), Some(to)) if from <= to => Ok((from, to)),
                _ => Err(PortsError(part.trim().to_owned())),
            }
        };
        text.split(',').map(range).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (from, to)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            if from == to { write!(f, "{separator}{from}") } else { write!(f, "{separator}{from}-{to}") }?;
        }
        Ok(())
    }
}

/// A release of the Docker Engine: `20.10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DockerRelease {
    major: u16,
    minor: u16,
}

impl DockerRelease {
    /// The release of these numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// The regular expression of all texts that name a release.
    pub(crate) fn pattern() -> String {
        format!(r"^{NUMBER}(\.{NUMBER}(\.[\s\S]*)?)?$")
    }
}

/// Why a text names no release of the Docker Engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no release of Docker: write it as 20.10")]
pub struct DockerReleaseError(String);

impl FromStr for DockerRelease {
    type Err = DockerReleaseError;

    /// Reads `20.10`, `20.10.24` or `25`.
    fn from_str(text: &str) -> Result<Self, DockerReleaseError> {
        let mut parts = text.split('.').map(number);
        let (major, minor) = (parts.next().flatten(), parts.next().unwrap_or(Some(0)));
        let (Some(major), Some(minor)) = (major, minor) else {
            return Err(DockerReleaseError(text.to_owned()));
        };
        Ok(Self { major, minor })
    }
}

impl fmt::Display for DockerRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Up to 20.10 the second number was a month.
        let width = if self.major > 20 { 1 } else { 2 };
        write!(f, "{}.{:0width$}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_ranges() {
        let ports: Ports = Ports::DCOS.parse().expect("ranges");
        assert!(ports.contain(1025) && ports.contain(32_000) && ports.contain(8180));
        assert!(!ports.contain(80) && !ports.contain(8080) && !ports.contain(8181));
        assert_eq!(ports.to_string(), Ports::DCOS);
        for bad in ["", "80-", "90-80", "x", "70000"] {
            assert!(bad.parse::<Ports>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ports_are_offered_to_roles() {
        let ports = |text: &str| text.parse::<Ports>().expect("ranges");
        let roles = Some(BTreeMap::from([("public".to_owned(), ports("80-90, 1025-2000"))]));
        let agents = Agents { ports: Some(ports("1000-1100")), roles, ..Agents::default() };
        let offered = |accepted: &[&str]| {
            let accepted: Vec<String> = accepted.iter().map(|role| (*role).to_owned()).collect();
            agents.ports_for(Some(&accepted)).map(|ports| ports.to_string())
        };
        assert_eq!(offered(&["*"]).as_deref(), Some("1000-1100"));
        assert_eq!(offered(&["public"]).as_deref(), Some("80-90, 1025-2000"));
        assert_eq!(offered(&["public", "*"]).as_deref(), Some("80-90, 1000-2000"));
        assert_eq!(offered(&["other"]).as_deref(), Some(""));
        assert_eq!(
            agents.ports_for(None).map(|ports| ports.to_string()).as_deref(),
            Some("80-90, 1000-2000")
        );
        let of_dcos = Agents { is_dcos: true, ..agents };
        assert_eq!(of_dcos.ports_for(None).map(|ports| ports.to_string()).as_deref(), Some("1000-1100"));
    }

    #[test]
    fn releases_of_docker_compare_by_number() {
        let release = |text: &str| text.parse::<DockerRelease>().expect("a release");
        assert!(release("20.10.24") > release("19.03") && release("25") > release("20.10"));
        assert!("docker".parse::<DockerRelease>().is_err());
    }

    #[test]
    fn what_is_below_or_above_a_known_directory_may_be_there() {
        let agents = Agents { paths: Some(vec!["/opt/files".into()]), ..Agents::default() };
        assert_eq!(agents.has_path("/opt/files/a.tgz"), Some(true));
        assert_eq!(agents.has_path("/opt/files2"), Some(false));
        assert_eq!(agents.has_path("/opt"), Some(true));
        assert_eq!(Agents::default().has_path("/x"), None);
    }
}
