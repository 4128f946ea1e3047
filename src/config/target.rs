//! The table `[target]` of `milepost.toml`: reading and writing it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::target::{
    Agents, Aim, DockerRelease, DockerReleaseError, Feature, Ports, PortsError, ROLE_PATTERN, Setting, Target,
};

use super::ProjectConfigError;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TargetTable {
    /// The target by its name: `dcos-2.1`, `marathon-1.9`, `standalone`, …
    #[schemars(with = "Option<String>", extend("pattern" = Target::pattern()))]
    name: Option<Spanned<String>>,
    /// Features that are enabled beside those of the target.
    #[serde(default)]
    #[schemars(with = "Vec<String>", extend("items" = feature_schema()))]
    features: Vec<Spanned<String>>,
    /// Features of the target that are not enabled.
    #[serde(default)]
    #[schemars(with = "Vec<String>", extend("items" = feature_schema()))]
    no_features: Vec<Spanned<String>>,
    /// Marathon's `--mesos_role`.
    #[schemars(with = "Option<String>", regex(pattern = ROLE_PATTERN))]
    mesos_role: Option<Spanned<String>>,
    /// Marathon's `--default_network_name`; empty for none.
    #[schemars(with = "Option<String>")]
    default_network: Option<Spanned<String>>,
    /// Marathon's `--new_group_enforce_role`: `off` or `top`.
    #[schemars(with = "Option<String>", regex(pattern = "^([Oo][Ff][Ff]|[Tt][Oo][Pp])$"))]
    enforce_role: Option<Spanned<String>>,
    /// What is known of the agents.
    agents: Option<AgentsTable>,
}

/// The agents that run the tasks. What is not given is not known, or as DC/OS sets agents up.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AgentsTable {
    /// The ports that they offer: `1025-2180, 31000-32000`, or a list of such ranges.
    #[schemars(with = "Option<RangesText>")]
    ports: Option<Spanned<RangesText>>,
    /// The roles for which resources are reserved, with the ports that agents offer to each: `{slave_public = "1-21"}`.
    #[schemars(with = "Option<BTreeMap<String, RangesText>>", extend("additionalProperties" = role_ports_schema()))]
    roles: Option<RolesTable>,
    /// Mesos's isolators: `filesystem/linux`, `cgroups/cpu`.
    isolators: Option<Vec<String>>,
    /// The networks that containers can join.
    networks: Option<Vec<String>>,
    /// The accounts.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = super::SOME_TEXT)))]
    users: Option<Vec<Spanned<String>>>,
    /// Files and directories that every agent has; a directory may end with a slash.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = ABSOLUTE)))]
    paths: Option<Vec<Spanned<String>>>,
    /// Directories below which UCR makes what it mounts: Mesos's `--host_path_volume_force_creation`.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = ABSOLUTE)))]
    created_paths: Option<Vec<Spanned<String>>>,
    /// The seccomp profiles, in the directory of Mesos's `--seccomp_config_dir`.
    seccomp_profiles: Option<Vec<String>>,
    /// The CPUs of the largest one.
    #[schemars(range(max = u32::MAX))]
    cpus: Option<u32>,
    /// The release of the Docker Engine: `20.10`.
    #[schemars(with = "Option<String>", extend("pattern" = DockerRelease::pattern()))]
    docker: Option<Spanned<ReleaseText>>,
    /// The log driver of the Docker Engine. Default json-file for DC/OS.
    log_driver: Option<String>,
    /// Mesos's `--switch_user`. Default true.
    switch_user: Option<bool>,
    /// Whether services may share the memory of their agent: not with Mesos's `--disallow_sharing_agent_ipc_namespace`.
    share_ipc: Option<bool>,
    /// Mesos's `--cgroups_enable_cfs`. Default true for DC/OS.
    cfs: Option<bool>,
    /// Whether agents have a Hadoop client. Default false for DC/OS.
    hadoop: Option<bool>,
    /// Whether agents run with `--frameworks_home`. Default false for DC/OS.
    frameworks_home: Option<bool>,
}

impl AgentsTable {
    fn agents(
        &self,
        wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
    ) -> Result<Agents, ProjectConfigError> {
        Ok(Agents {
            is_dcos: false,
            ports: self.ports.as_ref().map(|ports| ranges(ports, wrong)).transpose()?,
            roles: self.roles.as_ref().map(|roles| ports_of_roles(&roles.0, wrong)).transpose()?,
            isolators: self.isolators.clone(),
            networks: self.networks.clone(),
            users: names(self.users.as_deref(), wrong)?,
            paths: paths(self.paths.as_deref(), wrong)?,
            created_paths: paths(self.created_paths.as_deref(), wrong)?,
            seccomp_profiles: self.seccomp_profiles.clone(),
            cpus: self.cpus,
            docker: self.docker.as_ref().map(|release| docker_release(release, wrong)).transpose()?,
            log_driver: self.log_driver.clone(),
            switch_user: self.switch_user,
            share_ipc: self.share_ipc,
            cfs: self.cfs,
            hadoop: self.hadoop,
            frameworks_home: self.frameworks_home,
        })
    }
}

/// The ports of each role.
struct RolesTable(BTreeMap<String, Spanned<RangesText>>);

impl<'de> Deserialize<'de> for RolesTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RolesVisitor)
    }
}

struct RolesVisitor;

impl<'de> Visitor<'de> for RolesVisitor {
    type Value = RolesTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ports of each role: {slave_public = \"1-21\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RolesTable, A::Error> {
        let mut roles = BTreeMap::new();
        while let Some((role, ports)) = map.next_entry()? {
            roles.insert(role, ports);
        }
        Ok(RolesTable(roles))
    }
}

/// The text of a release of Docker. Without quotes 20.10 is the number 20.1.
struct ReleaseText(String);

impl<'de> Deserialize<'de> for ReleaseText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReleaseVisitor)
    }
}

struct ReleaseVisitor;

impl Visitor<'_> for ReleaseVisitor {
    type Value = ReleaseText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a release of Docker in quotes: \"20.10\"")
    }

    fn visit_str<E>(self, text: &str) -> Result<ReleaseText, E> {
        Ok(ReleaseText(text.to_owned()))
    }
}

fn docker_release(
    release: &Spanned<ReleaseText>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<DockerRelease, ProjectConfigError> {
    let text = &release.get_ref().0;
    text.parse().map_err(|error: DockerReleaseError| wrong(&release.span(), error.to_string()))
}

/// Ranges of ports, as one text or several.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected ranges of ports: \"1025-2180, 31000-32000\"")]
enum RangesText {
    One(#[schemars(regex(pattern = Ports::pattern()))] String),
    Several(#[schemars(length(min = 1), inner(regex(pattern = Ports::pattern())))] Vec<String>),
}

/// An absolute path.
const ABSOLUTE: &str = "^/";

/// The ports of a role: as [`RangesText`], or none.
fn role_ports_schema() -> serde_json::Value {
    let some = serde_json::json!({"type": "string", "pattern": Ports::pattern()});
    let none = serde_json::json!({"type": "string", "pattern": Ports::none_pattern()});
    serde_json::json!({"anyOf": [
        some,
        none,
        {"type": "array", "items": some},
        {"type": "array", "items": none, "maxItems": 1}
    ]})
}

fn feature_schema() -> serde_json::Value {
    serde_json::json!({"type": "string", "enum": Feature::NAMES})
}

impl RangesText {
    fn text(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Several(texts) => texts.join(", "),
        }
    }
}

fn ranges(
    ports: &Spanned<RangesText>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<Ports, ProjectConfigError> {
    let text = ports.get_ref().text();
    text.parse().map_err(|error: PortsError| wrong(&ports.span(), error.to_string()))
}

/// A list without empty texts.
fn names(
    list: Option<&[Spanned<String>]>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<Option<Vec<String>>, ProjectConfigError> {
    let Some(list) = list else { return Ok(None) };
    if let Some(empty) = list.iter().find(|name| name.get_ref().trim_ascii().is_empty()) {
        return Err(wrong(&empty.span(), "an empty text names nothing: remove it".into()));
    }
    Ok(Some(list.iter().map(|name| name.get_ref().clone()).collect()))
}

/// A list of absolute paths.
fn paths(
    list: Option<&[Spanned<String>]>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<Option<Vec<String>>, ProjectConfigError> {
    if let Some(relative) = list.unwrap_or_default().iter().find(|path| !path.get_ref().starts_with('/')) {
        let message = format!(
            "`{}` must be an absolute path; `~` and `$VARIABLES` are not expanded",
            relative.get_ref()
        );
        return Err(wrong(&relative.span(), message));
    }
    names(list, wrong)
}

/// The ports of each role; an empty text is none.
fn ports_of_roles(
    roles: &BTreeMap<String, Spanned<RangesText>>,
    wrong: &dyn Fn(&Range<usize>, String) -> ProjectConfigError,
) -> Result<BTreeMap<String, Ports>, ProjectConfigError> {
    let ports = |ports: &Spanned<RangesText>| match ports.get_ref().text().trim_ascii() {
        "" => Ok(Ports::default()),
        _ => ranges(ports, wrong),
    };
    roles.iter().map(|(role, of)| Ok((role.clone(), ports(of)?))).collect()
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
            agents: self.agents.as_ref().map(|agents| agents.agents(wrong)).transpose()?.unwrap_or_default(),
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
