//! The group as a file for Docker Compose.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::definition::{App, AppVolume, ContainerPortMapping, EnvVarValueOrSecret, ReadMode};
use crate::registry::app::auth::USERS_DIR;
use crate::registry::app::storage::{ROOT, SANDBOX};
use crate::registry::app::tls::CERT_DIR;

use super::{AUTH_DIR, CERTS_DIR, Member};

/// The volume of images.
const DATA: &str = "registry-data";

/// The text of `docker-compose.yml`. Directories of the agents with the certificate and the users are those beside the file,
/// and secrets come from the environment of Docker Compose.
pub(super) fn text(members: &[Member]) -> String {
    let mut text = "# The same services as in registry.json, on one host.\nservices:\n".to_owned();
    let mut has_data = false;
    for member in members {
        let app = &member.app;
        let image = app.container.as_ref().and_then(|container| container.docker.as_ref());
        let image = image.map(|docker| docker.image.as_str()).unwrap_or_default();
        let _ =
            write!(text, "  {}:\n    image: {}\n    restart: unless-stopped\n", member.name, quoted(image));
        let needed: Vec<&str> = depends_on(app, members).collect();
        if !needed.is_empty() {
            let _ = writeln!(text, "    depends_on: [{}]", needed.join(", "));
        }
        if is_root(app) {
            text += "    user: root\n";
        }
        if let Some(command) = &app.cmd {
            let _ = writeln!(text, "    entrypoint: [\"/bin/sh\", \"-c\", {}]", quoted(command));
        }
        if let Some(args) = &app.args {
            let args: Vec<String> = args.iter().map(|arg| quoted(arg)).collect();
            let _ = writeln!(text, "    command: [{}]", args.join(", "));
        }
        if let Some(port) = container_port(app) {
            let _ = writeln!(text, "    ports: [\"{}:{port}\"]", member.port);
        }
        // The other members use the names that the certificate is for.
        if !member.hosts.is_empty() {
            let hosts: Vec<String> = member.hosts.iter().map(|host| quoted(host)).collect();
            let _ = writeln!(text, "    networks: {{default: {{aliases: [{}]}}}}", hosts.join(", "));
        }
        let mut mounts = volumes(app);
        if member.name == "registry"
            && !mounts.iter().any(|mount| mount.starts_with(DATA))
            && is_in_container(app)
        {
            mounts.push(format!("{DATA}:{ROOT}"));
        }
        has_data |= mounts.iter().any(|mount| mount.starts_with(DATA));
        if !mounts.is_empty() {
            text += "    volumes:\n";
        }
        for mount in mounts {
            let _ = writeln!(text, "      - {}", quoted(&mount));
        }
        let env = app.env.iter().flatten();
        for (index, (name, value)) in env.enumerate() {
            if index == 0 {
                text += "    environment:\n";
            }
            let value = match value {
                EnvVarValueOrSecret::Value(value) => quoted(value),
                // An error of Docker Compose where it is not set.
                EnvVarValueOrSecret::Secret(_) => format!("\"${{{name}:?}}\""),
            };
            let _ = writeln!(text, "      {name}: {value}");
        }
    }
    if has_data {
        let _ = write!(text, "volumes:\n  {DATA}: {{}}\n");
    }
    text
}

/// A text that neither YAML nor Docker Compose, which replaces what follows a `$`, takes for anything else.
fn quoted(text: &str) -> String {
    Json::from(text.replace('$', "$$")).to_string()
}

/// The names of the services that an app depends on.
fn depends_on<'a>(app: &'a App, members: &'a [Member]) -> impl Iterator<Item = &'a str> {
    let ids = app.dependencies.iter().flatten();
    ids.filter_map(|id| members.iter().find(|member| *member.app.id == **id).map(|member| member.name))
}

/// Whether an app wants root in place of the image's user.
fn is_root(app: &App) -> bool {
    let docker = app.container.iter().filter_map(|container| container.docker.as_ref());
    let mut parameters = docker.flat_map(|docker| docker.parameters.iter().flatten());
    parameters.any(|parameter| parameter.key == "user" && parameter.value == "root")
}

/// The port that an app listens on.
fn container_port(app: &App) -> Option<i64> {
    let container = app.container.as_ref()?;
    let old = || container.docker.as_ref().and_then(|docker| docker.port_mappings.as_ref());
    let mappings: Option<&Vec<ContainerPortMapping>> = container.port_mappings.as_ref().or_else(old);
    mappings?.first()?.container_port.as_ref().map(|port| i64::from(port.0))
}

/// Whether an app keeps images in its container only.
fn is_in_container(app: &App) -> bool {
    let has = |name: &str| app.env.as_ref().is_some_and(|env| env.contains_key(name));
    let mounts = app.container.iter().flat_map(|container| container.volumes.iter().flatten());
    let is_mounted = mounts
        .into_iter()
        .any(|volume| matches!(volume, AppVolume::Host(host) if host.container_path == ROOT));
    !has("REGISTRY_STORAGE") && !is_mounted
}

/// The volumes of an app.
fn volumes(app: &App) -> Vec<String> {
    let volumes = app.container.iter().flat_map(|container| container.volumes.iter().flatten());
    volumes
        .filter_map(|volume| match volume {
            AppVolume::Host(host) => {
                let mode = if host.mode == ReadMode::ReadOnly { ":ro" } else { "" };
                Some(format!("{}:{}{mode}", beside(&host.host_path), host.container_path))
            }
            AppVolume::Persistent(volume) => Some(format!("{DATA}:{SANDBOX}/{}", volume.container_path)),
            _ => None,
        })
        .collect()
}

/// A path of the agents; those with the certificate and the users are beside the file.
fn beside(path: &str) -> String {
    [(CERT_DIR, CERTS_DIR), (USERS_DIR, AUTH_DIR)]
        .iter()
        .find_map(|(there, here)| path.strip_prefix(there).map(|rest| format!("./{here}/{rest}")))
        .map_or_else(|| path.to_owned(), |path| path.trim_end_matches('/').to_owned())
}
