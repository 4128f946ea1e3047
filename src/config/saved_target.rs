//! A server's target as a table of milepost.toml (`--save-target`).

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use crate::source;
use crate::target::Aim;
use crate::util::escape::shown_path;

use super::ProjectConfigError;
use super::target::TargetTable;

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
    let agents = &aim.agents;
    let texts = [
        ("agents.ports", agents.ports.as_ref().map(ToString::to_string)),
        ("agents.docker", agents.docker.map(|release| release.to_string())),
        ("agents.log-driver", agents.log_driver.clone()),
    ];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        line(name, quoted(&text));
    }
    for (role, ports) in agents.roles.iter().flatten() {
        line(&format!("agents.roles.{}", quoted(role)), quoted(&ports.to_string()));
    }
    for (name, list) in [
        ("agents.isolators", &agents.isolators),
        ("agents.networks", &agents.networks),
        ("agents.users", &agents.users),
        ("agents.paths", &agents.paths),
        ("agents.created-paths", &agents.created_paths),
        ("agents.seccomp-profiles", &agents.seccomp_profiles),
    ] {
        if let Some(list) = list {
            line(name, format!("[{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")));
        }
    }
    if let Some(cpus) = agents.cpus {
        line("agents.cpus", cpus.to_string());
    }
    for (name, is_on) in [
        ("agents.switch-user", agents.switch_user),
        ("agents.share-ipc", agents.share_ipc),
        ("agents.cfs", agents.cfs),
        ("agents.hadoop", agents.hadoop),
        ("agents.frameworks-home", agents.frameworks_home),
    ] {
        if let Some(is_on) = is_on {
            line(name, is_on.to_string());
        }
    }
    table
}

/// The target that such a file names so far; the default where there is no file.
///
/// # Errors
/// When it cannot be read, or its table has an error.
pub(crate) fn saved_aim(path: &Path) -> Result<Aim, ProjectConfigError> {
    #[derive(Deserialize)]
    struct SavedTable {
        target: Option<TargetTable>,
    }
    if !path.exists() {
        return Ok(Aim::default());
    }
    let wrong = |message: String| ProjectConfigError::Wrong { place: shown_path(&path), message };
    let text = source::read(path)?;
    let saved: SavedTable = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
    let aim = saved.target.map(|target| target.aim(&|_, message| wrong(message))).transpose()?;
    Ok(aim.unwrap_or_default())
}

/// Writes such a table to a file: a new one, or one that contains nothing else.
///
/// # Errors
/// When the file contains anything else (it is not changed then), or cannot be written.
pub(crate) fn save_target(path: &Path, table: &str) -> Result<(), ProjectConfigError> {
    source::alone(path, || {
        if path.exists() {
            let old = source::read(path)?;
            if !is_replaceable(&old) {
                let message =
                    format!("contains more than a target, so nothing is written; add this to it:\n\n{table}");
                return Err(ProjectConfigError::Wrong { place: shown_path(&path), message });
            }
        }
        Ok(source::write_atomically(path, table.as_bytes())?)
    })?
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
    use std::collections::BTreeMap;
    use std::ops::Range;

    use super::*;
    use crate::target::{Agents, DockerRelease, Ports};

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
            agents: Agents {
                ports: Some("1025-2180, 31000".parse().expect("ports")),
                roles: Some(BTreeMap::from([("a.b".to_owned(), Ports::default())])),
                isolators: Some(vec!["filesystem/linux".to_owned()]),
                switch_user: Some(true),
                networks: Some(vec!["dcos".to_owned(), "a\"b".to_owned()]),
                docker: Some(DockerRelease::new(20, 10)),
                cfs: Some(false),
                ..Agents::default()
            },
        };
        let text = target_table(&aim, "http://m\nx");
        let table = toml::from_str::<std::collections::BTreeMap<String, TargetTable>>(&text).expect("TOML");
        let wrong =
            |_: &Range<usize>, message: String| ProjectConfigError::Wrong { place: String::new(), message };
        assert_eq!(table["target"].aim(&wrong).expect("a target"), aim, "{text}");
    }
}
