//! The clusters that the DC/OS CLI knows (`~/.dcos`), and the one that it is attached to. They are read, never written.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::source::{self, FileError};
use crate::util::escape::shown_path;

/// Looks up an environment variable.
pub(crate) type EnvLookup<'v> = &'v dyn Fn(&str) -> Option<String>;

/// A variable that is set to something.
pub(super) fn set(variable: EnvLookup<'_>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.trim().is_empty())
}

/// What the DC/OS CLI has written of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// Its file.
    pub file: PathBuf,
    /// `cluster.name`, or the name of its directory.
    pub name: String,
    /// `core.dcos_url`.
    pub url: Option<String>,
    /// `core.dcos_acs_token`.
    pub token: Option<secrecy::SecretString>,
    /// `core.ssl_verify`: a yes or no, or the path of certificates.
    pub ssl_verify: Option<String>,
    /// `marathon.url`.
    pub marathon_url: Option<String>,
}

/// Why no cluster is the current one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClusterError {
    /// None is known.
    #[error("there is no cluster in {}", shown_path(&.0))]
    Unknown(PathBuf),
    /// Several are known, and none is attached.
    #[error("no cluster is attached; attach one with `dcos cluster attach NAME`, or name it in DCOS_CLUSTER: {}", .0.join(", "))]
    NoneAttached(Vec<String>),
    /// More than one is attached.
    #[error(
        "multiple clusters are attached: {}; attach one with `dcos cluster attach NAME`, or name it in DCOS_CLUSTER",
        .0.join(", ")
    )]
    SeveralAttached(Vec<String>),
    /// `DCOS_CLUSTER` names none.
    #[error("DCOS_CLUSTER names no cluster: {name:?} is neither the name nor the whole id of one; there are: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    NoMatch {
        /// Its value.
        name: String,
        /// The clusters there are.
        known: Vec<String>,
    },
    /// `DCOS_CLUSTER` names several.
    #[error("DCOS_CLUSTER names several clusters: {name:?} is the name of {}; give the id of one", ids.join(", "))]
    SeveralMatches {
        /// Its value.
        name: String,
        /// The ids of those with this name.
        ids: Vec<String>,
    },
    /// Others may read the file.
    #[error(
        "permissions {mode:04o} of {} are too open, and it can hold a token: `chmod 600 {}`",
        shown_path(&file), shown_path(&file)
    )]
    TooOpen {
        /// The file.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is not TOML as the DC/OS CLI writes it.
    #[error("{}: {problem}", shown_path(&file))]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong, without the text, which can hold a token.
        problem: String,
    },
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

impl ClusterError {
    /// Whether nothing on this machine says that it belongs to a cluster.
    #[must_use]
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClusterTables {
    core: Core,
    cluster: NamedTable,
    marathon: ServiceTable,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Core {
    dcos_url: Option<String>,
    dcos_acs_token: Option<secrecy::SecretString>,
    ssl_verify: Option<toml::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NamedTable {
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceTable {
    url: Option<String>,
}

/// The current cluster by the rules of the DC/OS CLI: the file in `DCOS_CONFIG`; the cluster whose name or whole id is in
/// `DCOS_CLUSTER`; the only one; the one that is attached; before DC/OS 1.10, the one file `dcos.toml`.
///
/// # Errors
/// When there is none or more than one, and when its file is broken or others may read it.
pub(crate) fn current(variable: EnvLookup<'_>) -> Result<Cluster, ClusterError> {
    let set = |name| set(variable, name);
    if let Some(file) = set("DCOS_CONFIG") {
        return Cluster::read(Path::new(&file));
    }
    let directory = match (set("DCOS_DIR"), set("HOME")) {
        (Some(directory), _) => PathBuf::from(directory),
        (None, Some(home)) => Path::new(&home).join(".dcos"),
        (None, None) => PathBuf::from(".dcos"),
    };
    let mut all = files(&directory);
    if let Some(name) = set("DCOS_CLUSTER") {
        return named(&name, &all);
    }
    match &all[..] {
        [] => {
            let old = directory.join("dcos.toml");
            if old.is_file() { Cluster::read(&old) } else { Err(ClusterError::Unknown(directory)) }
        }
        [only] => Cluster::read(only),
        _ => {
            let names = |files: &[PathBuf]| files.iter().map(|file| shown_name(file)).collect();
            let known = names(&all);
            all.retain(|file| file.with_file_name("attached").is_file());
            match &all[..] {
                [] => Err(ClusterError::NoneAttached(known)),
                [attached] => Cluster::read(attached),
                several => Err(ClusterError::SeveralAttached(names(several))),
            }
        }
    }
}

/// The files of all clusters, in the order of their ids.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join("clusters")).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path().join("dcos.toml")).collect();
    // Reading it reports an attached cluster without a file.
    files.retain(|file| file.is_file() || file.with_file_name("attached").is_file());
    files.sort();
    files
}

fn named(name: &str, all: &[PathBuf]) -> Result<Cluster, ClusterError> {
    if let Some(file) = all.iter().find(|file| id_of(file) == name) {
        return Cluster::read(file);
    }
    let of_name = |file: &&PathBuf| Cluster::parse(file).is_ok_and(|cluster| cluster.name == name);
    let found: Vec<&PathBuf> = all.iter().filter(of_name).collect();
    match &found[..] {
        [] => Err(ClusterError::NoMatch {
            name: name.to_owned(),
            known: all.iter().map(|file| shown_name(file)).collect(),
        }),
        [file] => Cluster::read(file),
        several => Err(ClusterError::SeveralMatches {
            name: name.to_owned(),
            ids: several.iter().map(|file| id_of(file)).collect(),
        }),
    }
}

/// The id of a cluster: the name of its directory.
fn id_of(file: &Path) -> String {
    let directory = file.parent().and_then(Path::file_name).unwrap_or_default();
    directory.to_string_lossy().into_owned()
}

/// A cluster's name and id, for a list.
fn shown_name(file: &Path) -> String {
    match Cluster::parse(file) {
        Ok(cluster) if cluster.name != id_of(file) => format!("{} ({})", cluster.name, id_of(file)),
        Ok(_) => id_of(file),
        Err(_) => format!("{} (its dcos.toml cannot be read)", id_of(file)),
    }
}

impl Cluster {
    /// Reads the file of a cluster, which must not be open to others.
    fn read(file: &Path) -> Result<Self, ClusterError> {
        if !file.is_file() {
            let problem = "the cluster is attached, and this file is missing".to_owned();
            return Err(ClusterError::Broken { file: file.to_owned(), problem });
        }
        check_mode(file)?;
        Self::parse(file)
    }

    fn parse(file: &Path) -> Result<Self, ClusterError> {
        let text = secrecy::zeroize::Zeroizing::new(source::read(file)?);
        let broken = |error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let problem = format!("line {line}: {}", error.message().lines().next().unwrap_or_default());
            ClusterError::Broken { file: file.to_owned(), problem }
        };
        let ClusterTables { core, cluster, marathon } = toml::from_str(&text).map_err(broken)?;
        let ssl_verify = core.ssl_verify.and_then(|value| match value {
            toml::Value::String(text) => Some(text),
            toml::Value::Boolean(is_verified) => Some(is_verified.to_string()),
            _ => None,
        });
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Ok(Self {
            name: filled(cluster.name).unwrap_or_else(|| id_of(file)),
            file: file.to_owned(),
            url: filled(core.dcos_url),
            token: core.dcos_acs_token,
            ssl_verify: filled(ssl_verify),
            marathon_url: filled(marathon.url),
        })
    }

    /// The error of a cluster whose address is not known.
    pub(super) fn without_address(self) -> ClusterError {
        let problem = "it has no dcos_url under [core]; `dcos cluster setup URL` writes it".to_owned();
        ClusterError::Broken { file: self.file, problem }
    }

    /// The cluster and its file, for a message.
    #[must_use]
    pub(crate) fn origin(&self) -> String {
        format!("cluster {} ({})", self.name, shown_path(&self.file))
    }
}

#[cfg(unix)]
fn check_mode(file: &Path) -> Result<(), ClusterError> {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = file.metadata() else { return Ok(()) };
    let mode = metadata.permissions().mode() & 0o7777;
    if metadata.is_file() && !matches!(mode, 0o600 | 0o400) {
        return Err(ClusterError::TooOpen { file: file.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), ClusterError> {
    Ok(())
}
