//! What is known of the agents that run the tasks, and decides what they can run.

use std::fmt;
use std::str::FromStr;

use crate::util::path::is_within;

/// Where the sandbox is in a container (Mesos, `--sandbox_directory`).
pub(crate) const SANDBOX: &str = "/mnt/mesos/sandbox";

/// The smallest memory that Mesos gives a container of the Docker Engine, in MiB (`MIN_MEMORY`).
pub(crate) const LEAST_DOCKER_MEMORY: f64 = 32.0;

/// The agents of a cluster, as far as they are known. A setting that is not known decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agents {
    /// Whether they are agents of DC/OS, whose own ports and networks are known.
    pub is_dcos: bool,
    /// The ports that they offer.
    pub ports: Option<Ports>,
    /// The networks that containers can join.
    pub networks: Option<Vec<String>>,
    /// The accounts.
    pub users: Option<Vec<String>>,
    /// Files and directories that every agent has; a directory may end with a slash.
    pub paths: Option<Vec<String>>,
    /// The CPUs of the largest one.
    pub cpus: Option<u32>,
    /// The release of the Docker Engine.
    pub docker: Option<DockerRelease>,
    /// The log driver of the Docker Engine for containers that name none.
    pub log_driver: Option<String>,
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
            networks: self.networks.or(below.networks),
            users: self.users.or(below.users),
            paths: self.paths.or(below.paths),
            cpus: self.cpus.or(below.cpus),
            docker: self.docker.or(below.docker),
            log_driver: self.log_driver.or(below.log_driver),
            cfs: self.cfs.or(below.cfs),
            hadoop: self.hadoop.or(below.hadoop),
            frameworks_home: self.frameworks_home.or(below.frameworks_home),
        }
    }

    /// Whether a path is known to be a directory.
    #[must_use]
    pub fn has_directory(&self, path: &str) -> bool {
        let is_it = |known: &String| known.strip_suffix('/') == Some(path);
        self.paths.iter().flatten().any(is_it)
    }

    /// Whether every agent has a file or directory; nothing where that is not known. A directory that is known to be there
    /// may hold anything.
    #[must_use]
    pub fn has_path(&self, path: &str) -> Option<bool> {
        let is_known = |known: &String| is_within(path.trim_end_matches('/'), known.trim_end_matches('/'));
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
            match (from.trim().parse(), to.trim().parse()) {
                (Ok(from), Ok(to)) if from <= to => Ok((from, to)),
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
}

/// Why a text names no release of the Docker Engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no release of Docker: write it as 20.10")]
pub struct DockerReleaseError(String);

impl FromStr for DockerRelease {
    type Err = DockerReleaseError;

    /// Reads `20.10`, `20.10.24` or `25`.
    fn from_str(text: &str) -> Result<Self, DockerReleaseError> {
        let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
        let (major, minor) = (parts.next().flatten(), parts.next().unwrap_or(Some(0)));
        let (Some(major), Some(minor)) = (major, minor) else {
            return Err(DockerReleaseError(text.to_owned()));
        };
        Ok(Self { major, minor })
    }
}

impl fmt::Display for DockerRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.major, self.minor)
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
    fn releases_of_docker_compare_by_number() {
        let release = |text: &str| text.parse::<DockerRelease>().expect("a release");
        assert!(release("20.10.24") > release("19.03") && release("25") > release("20.10"));
        assert!("docker".parse::<DockerRelease>().is_err());
    }

    #[test]
    fn what_is_below_a_known_directory_may_be_there() {
        let agents = Agents { paths: Some(vec!["/opt/files".into()]), ..Agents::default() };
        assert_eq!(agents.has_path("/opt/files/a.tgz"), Some(true));
        assert_eq!(agents.has_path("/opt/files2"), Some(false));
        assert_eq!(Agents::default().has_path("/x"), None);
    }
}
