//! The group as a file for Docker Compose.

use serde_json::{Map, Value as Json, json};

use crate::definition::{
    App, AppHealthCheckProtocol, AppVolume, ContainerPortMapping, EnvVarValueOrSecret, ReadMode,
};
use crate::format::{LayoutError, convert};
use crate::registry::app::auth::USERS_DIR;
use crate::registry::app::storage::ROOT;
use crate::registry::app::tls::CERT_DIR;
use crate::source::{Document, Format};
use crate::target::SANDBOX;

use super::{AUTH_DIR, CERTS_DIR, MemberService};

/// The variable with the address that a registry listens at.
const ADDRESS: &str = "REGISTRY_HTTP_ADDR";
/// The volume of images.
const DATA: &str = "registry-data";

/// The text of `docker-compose.yml`. Directories of the agents with the certificate and the users are those beside the file,
/// and secrets come from the environment of Docker Compose.
///
/// # Errors
/// When it cannot be written as YAML.
pub(super) fn text(members: &[MemberService]) -> Result<String, LayoutError> {
    let services: Map<String, Json> =
        members.iter().map(|member| (member.name.to_owned(), service(member, members))).collect();
    let has_data = members.iter().any(|member| volumes(member).iter().any(|mount| mount.starts_with(DATA)));
    let mut file = json!({"services": services});
    if has_data {
        file["volumes"] = json!({DATA: {}});
    }
    let document = Document::parse(file.to_string(), Format::Json)
        .map_err(|_| LayoutError::Unproven("the services cannot be read again"))?;
    let yaml = convert(&document, Format::Yaml)?.text;
    Ok(format!(
        "# The same services as in registry.json, on one host. The health checks need an image with wget and nc, as\n# those of registry, docker_auth and docker-registry-browser are.\n{yaml}"
    ))
}

/// A member as a service.
fn service(member: &MemberService, members: &[MemberService]) -> Json {
    let app = &member.app;
    let docker = app.container.as_ref().and_then(|container| container.docker.as_ref());
    let image = docker.map(|docker| docker.image.as_str()).unwrap_or_default();
    let mut service = json!({"image": escaped(image), "restart": "unless-stopped"});
    let mut add = |name: &str, value: Json| service[name] = value;
    let needed: Vec<&str> = depends_on(app, members).collect();
    if !needed.is_empty() {
        add("depends_on", json!(needed));
    }
    if let Some(user) = member.user {
        add("user", json!(user));
    }
    if let Some(command) = &app.cmd {
        add("entrypoint", json!(["/bin/sh", "-c", escaped(command)]));
    }
    if let Some(args) = &app.args {
        add("command", args.iter().map(|arg| escaped(arg)).collect());
    }
    let port = listens_on(member);
    if let Some(port) = port {
        add("ports", json!([format!("{}:{port}", member.port)]));
    }
    if let Some(check) = health_check(app, port) {
        add("healthcheck", check);
    }
    if !member.hosts.is_empty() {
        // The other members use the names that the certificate is for.
        add("networks", json!({"default": {"aliases": member.hosts}}));
    }
    let mounts = volumes(member);
    if !mounts.is_empty() {
        add("volumes", mounts.iter().map(|mount| escaped(mount)).collect());
    }
    let mut variables = app.env.clone().unwrap_or_default();
    if let Some(port) = port.filter(|port| member.has_images && Some(*port) != container_port(app)) {
        // The other members ask it at the port of its name, and no published port is between them.
        variables.insert(ADDRESS.to_owned(), EnvVarValueOrSecret::Value(format!(":{port}")));
    }
    if !variables.is_empty() {
        let value = |name: &str, value: &EnvVarValueOrSecret| match value {
            EnvVarValueOrSecret::Value(value) => escaped(value),
            // An error of Docker Compose where it is not set.
            EnvVarValueOrSecret::Secret(_) => format!("${{{name}:?}}"),
        };
        add(
            "environment",
            variables.iter().map(|(name, it)| (name.clone(), Json::from(value(name, it)))).collect(),
        );
    }
    service
}

/// How the health of a member is known: the same request as in Marathon, which needs no login, by a command in the container.
/// The images of all members are Alpine's, with busybox's wget and nc. The certificate is not verified, as by Mesos: it is
/// for the names that clients use.
fn health_check(app: &App, port: Option<i64>) -> Option<Json> {
    let check = app.health_checks.as_ref()?.first()?;
    let port = port?;
    let path = check.path.as_deref().unwrap_or("/");
    let ask = |scheme: &str| {
        let url = escaped(&format!("{scheme}://127.0.0.1:{port}{path}"));
        json!(["CMD", "wget", "-q", "-O", "/dev/null", "--no-check-certificate", url])
    };
    let test = match check.protocol? {
        AppHealthCheckProtocol::Https | AppHealthCheckProtocol::MesosHttps => ask("https"),
        AppHealthCheckProtocol::Http | AppHealthCheckProtocol::MesosHttp => ask("http"),
        AppHealthCheckProtocol::Tcp | AppHealthCheckProtocol::MesosTcp => {
            json!(["CMD", "nc", "-z", "127.0.0.1", port.to_string()])
        }
        AppHealthCheckProtocol::Command => return None,
    };
    let mut health = json!({"test": test});
    for (name, seconds) in [
        ("interval", check.interval_seconds),
        ("timeout", check.timeout_seconds),
        ("start_period", check.grace_period_seconds),
    ] {
        if let Some(seconds) = seconds {
            health[name] = json!(format!("{seconds}s"));
        }
    }
    if let Some(retries) = check.max_consecutive_failures {
        health["retries"] = json!(retries);
    }
    Some(health)
}

/// A text as Docker Compose takes it literally: it replaces what follows a `$`.
fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}

/// The names of the services that an app depends on.
fn depends_on<'a>(app: &'a App, members: &'a [MemberService]) -> impl Iterator<Item = &'a str> {
    let ids = app.dependencies.iter().flatten();
    ids.filter_map(|id| members.iter().find(|member| *member.app.id == **id).map(|member| member.name))
}

/// The port that a member listens on. The registry does so at the port of its first name, by which the others know it: an alias
/// leads to the container itself. The token server has it in its configuration.
fn listens_on(member: &MemberService) -> Option<i64> {
    let own = container_port(&member.app)?;
    let is_asked = member.has_images && !member.hosts.is_empty();
    Some(if is_asked { i64::from(member.port) } else { own })
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

/// The directory of the images in the container.
fn images_in(app: &App) -> &str {
    let env = app.env.as_ref();
    match env.and_then(|env| env.get("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY")) {
        Some(EnvVarValueOrSecret::Value(directory)) => directory,
        _ => ROOT,
    }
}

/// The volumes of a member; one for the images of a registry that has them in its container otherwise.
fn volumes(member: &MemberService) -> Vec<String> {
    let app = &member.app;
    let volumes = app.container.iter().flat_map(|container| container.volumes.iter().flatten());
    let mut mounts: Vec<String> = volumes
        .filter_map(|volume| match volume {
            AppVolume::Host(host) => {
                let mode = if host.mode == ReadMode::ReadOnly { ":ro" } else { "" };
                Some(format!("{}:{}{mode}", beside(&host.host_path), host.container_path))
            }
            AppVolume::Persistent(volume) => Some(format!("{DATA}:{SANDBOX}/{}", volume.container_path)),
            _ => None,
        })
        .collect();
    if member.has_images && !mounts.iter().any(|mount| mount.starts_with(DATA)) && is_in_container(app) {
        mounts.push(format!("{DATA}:{}", images_in(app)));
    }
    mounts
}

/// A path of the agents; those with the certificate and the users are beside the file.
fn beside(path: &str) -> String {
    [(CERT_DIR, CERTS_DIR), (USERS_DIR, AUTH_DIR)]
        .iter()
        .find_map(|(there, here)| path.strip_prefix(there).map(|rest| format!("./{here}/{rest}")))
        .map_or_else(|| path.to_owned(), |path| path.trim_end_matches('/').to_owned())
}
