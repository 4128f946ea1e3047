//! How containers run: the ports that they listen on, the health checks that ask them, and the files that they start with.

use std::cmp::Reverse;
use std::path::Path;

use crate::registry::settings::{DEFAULT_ADDRESS, address_fault, as_read, is_unfilled, port_of, prefix_of};
use crate::util::path::clean;

use super::auth_config::AuthConfig;
use super::service::{CheckedService, HealthRequest, StartLine};
use super::{CheckReport, FilePlace, FileRole, SetupFile, rules};

/// The configuration that the image of docker_auth starts with.
const DEFAULT_CONFIG: &str = "/config/auth_config.yml";

/// What answers in a container.
struct Listening {
    /// `server.addr`, or `REGISTRY_HTTP_ADDR`.
    setting: &'static str,
    port: Option<u16>,
}

/// Checks how a registry runs.
pub(super) fn check_registry(registry: &CheckedService, checked: &mut CheckReport) {
    let address = registry.text("HTTP_ADDR");
    let is_known = address.is_some() || !registry.has_other_settings();
    let has_tls = registry.has_tls();
    let listening = Listening {
        setting: "REGISTRY_HTTP_ADDR",
        port: port_of(address.as_deref().unwrap_or(DEFAULT_ADDRESS)).filter(|_| is_known),
    };
    // A number is a text here: the setting has a type.
    if let Some((setting, address)) = registry
        .env
        .get("HTTP_ADDR")
        .map(|setting| (setting, as_read(&setting.text).unwrap_or_else(|_| setting.text.clone())))
        && registry.text("HTTP_NET").is_none_or(|net| net != "unix")
    {
        check_address(registry, listening.setting, &address, &setting.at, checked);
    }
    check_ports(registry, &listening, checked);
    for health in &registry.health {
        if has_tls || !registry.has_other_settings() {
            check_scheme(registry, health, has_tls, checked);
        }
        let path = path_of(&health.path.text);
        let prefix = registry.env.get("HTTP_PREFIX").map(|it| it.text.as_str()).unwrap_or_default();
        if is_unfilled(prefix) {
            continue;
        }
        if path.strip_prefix(&*prefix_of(prefix)).is_some_and(|path| path.starts_with("/v2")) {
            if registry.authentication() != "none" {
                let message = format!(
                    "{path} answers 401 without a login, so the health check fails and Marathon kills the registry"
                );
                checked.add(
                    &rules::HEALTH_CHECK_NEEDS_LOGIN,
                    &health.path.at,
                    message,
                    "check \"/\", which answers 200",
                );
            }
        } else if path != "/" {
            not_found(registry, health, "check \"/\", which answers 200", checked);
        }
    }
}

/// Checks how a token server runs with a configuration.
pub(super) fn check_server(server: &CheckedService, config: &AuthConfig<'_>, checked: &mut CheckReport) {
    let has_tls = config.has_tls();
    let address = config.text(&["server", "addr"]);
    let is_socket = config.text(&["server", "net"]).is_some_and(|net| net == "unix");
    let listening = Listening {
        setting: "server.addr",
        port: address.as_deref().and_then(port_of).filter(|_| !is_socket),
    };
    if let Some(address) = address.as_deref().filter(|address| !is_socket && !address.is_empty()) {
        check_address(server, listening.setting, address, &config.place(&["server", "addr"]), checked);
    }
    check_ports(server, &listening, checked);
    let prefix = config.text(&["server", "path_prefix"]).unwrap_or_default();
    let open = format!("{prefix}/");
    for health in &server.health {
        check_scheme(server, health, has_tls, checked);
        let path = path_of(&health.path.text);
        let is_tokens = ["auth", "auth/token"].iter().any(|name| path.strip_prefix(&*open) == Some(*name));
        let lets_anybody_in = config.users.iter().any(|user| user.name.is_empty());
        let help = format!("check {open:?}, which answers 200");
        if is_tokens && !lets_anybody_in {
            let message = format!(
                "{path} answers 401 without a login, so the health check fails and Marathon kills the token server"
            );
            checked.add(&rules::HEALTH_CHECK_NEEDS_LOGIN, &health.path.at, message, help);
        } else if !is_tokens
            && path != open
            // A page for signing in, such as /google_auth.
            && path.strip_prefix(&*open).is_none_or(|name| config.at(&[name]).is_none())
        {
            not_found(server, health, &help, checked);
        }
    }
    for section in ["server", "token"] {
        for name in ["certificate", "key"] {
            let Some(path) = config.text(&[section, name]) else { continue };
            not_mounted(server, &path, &config.place(&[section, name]), checked);
        }
    }
}

/// The path of a request, without its query.
fn path_of(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// A service can listen at its address, and others reach it there.
fn check_address(
    service: &CheckedService,
    setting: &str,
    address: &str,
    at: &FilePlace,
    checked: &mut CheckReport,
) {
    if let Some((message, help)) = address_fault(service.what(), setting, address, service.is_on_host) {
        checked.add(&rules::LISTENS_NOWHERE, at, message, help);
    }
}

/// The definition leads to the port that the service listens on, and its health checks ask there.
fn check_ports(service: &CheckedService, listening: &Listening, checked: &mut CheckReport) {
    let Some(port) = listening.port else { return };
    let what = service.what();
    let setting = listening.setting;
    let known: Vec<_> = service.ports.iter().filter(|known| known.number > 0).collect();
    let is_led_to = known.is_empty() || known.iter().any(|known| known.number == port);
    if let Some(first) = known.first().filter(|_| !is_led_to) {
        checked.add(
            &rules::PORT_DIFFERS,
            &first.at,
            format!(
                "{what} listens on port {port} ({setting}), and the definition leads to port {} of its container, where \
                 nothing answers",
                first.number
            ),
            format!("write {port}, or change {setting}"),
        );
        return;
    }
    for health in &service.health {
        if let Some(asked) = health.port.filter(|asked| *asked != port) {
            checked.add(
                &rules::PORT_DIFFERS,
                &health.at,
                format!("the health check asks port {asked} of the container, and {what} listens on port {port} ({setting})"),
                format!("let it ask port {port}"),
            );
        }
    }
}

/// A health check speaks TLS where the service does.
fn check_scheme(service: &CheckedService, health: &HealthRequest, has_tls: bool, checked: &mut CheckReport) {
    if health.has_tls == has_tls {
        return;
    }
    let what = service.what();
    let (message, help) = if has_tls {
        (format!("the health check speaks plain http, and {what} has TLS: it answers 400"), "MESOS_HTTPS")
    } else {
        (format!("the health check speaks TLS, and {what} does not"), "MESOS_HTTP")
    };
    checked.add(
        &rules::HEALTH_CHECK_OF_OTHER_SCHEME,
        &health.at,
        format!("{message}, so that the check fails and {what} is killed"),
        format!("check with {help}, or by {}", if has_tls { "https" } else { "http" }),
    );
}

fn not_found(service: &CheckedService, health: &HealthRequest, help: &str, checked: &mut CheckReport) {
    let (path, what) = (&health.path.text, service.what());
    checked.add(
        &rules::HEALTH_CHECK_FINDS_NOTHING,
        &health.path.at,
        format!("{what} answers 404 at {path:?}, so that the health check fails and {what} is killed"),
        help,
    );
}

/// Reports a file in the container that no volume brings there.
pub(super) fn not_mounted(
    service: &CheckedService,
    path: &str,
    at: &FilePlace,
    checked: &mut CheckReport,
) -> bool {
    let is_missing = service.outside(path).is_none() && !service.has_other_files;
    if is_missing {
        checked.add(
            &rules::FILE_NOT_MOUNTED,
            at,
            format!("no volume brings {path} into the container: {} does not start", service.what()),
            "mount the directory that has the file on the agents",
        );
    }
    is_missing
}

/// The configuration that a token server is started with, in its container; nothing where that cannot be told.
fn config_in_container(server: &CheckedService) -> Option<String> {
    let is_config = |word: &&String| {
        let end = Path::new(word.as_str()).extension().and_then(|end| end.to_str());
        end.is_some_and(|end| ["yml", "yaml", "json"].contains(&end))
    };
    match &server.start {
        StartLine::Image => Some(DEFAULT_CONFIG.to_owned()),
        StartLine::Args(words) => words.iter().rfind(|word| !word.starts_with('-')).cloned(),
        StartLine::Line(words) => words.iter().rfind(is_config).cloned(),
    }
}

/// Which configuration a token server is started with: its index, where it is among the files.
pub(super) fn config_of(
    server: &CheckedService,
    files: &[SetupFile],
    is_missing: &dyn Fn(&str) -> bool,
    checked: &mut CheckReport,
) -> Option<usize> {
    let configs: Vec<usize> =
        (0..files.len()).filter(|index| matches!(files[*index].part, FileRole::AuthConfig(_))).collect();
    let only = || configs.first().copied().filter(|_| configs.len() == 1);
    let Some(inside) = config_in_container(server) else {
        if let StartLine::Args(_) = server.start {
            checked.add(
                &rules::TOKEN_SERVER_DOES_NOT_START,
                &server.at,
                "its arguments name no configuration: docker_auth does not start",
                format!("add {DEFAULT_CONFIG} at their end"),
            );
        } else {
            checked.not_checked("which configuration the token server is started with");
        }
        return only();
    };
    if not_mounted(server, &inside, &server.at, checked) {
        return only();
    }
    // A file of a secret store, or of the image.
    let Some(outside) = server.outside(&inside) else { return only() };
    if let FileRole::Compose(_) = files[server.at.file].part {
        return beside(server, &outside, &configs, files, is_missing, checked);
    }
    let found =
        configs.iter().copied().max_by_key(|index| (files[*index].likeness(&outside), Reverse(*index)));
    let index = found?;
    if files[index].likeness(&outside) == 0 {
        elsewhere(server, &outside, &files[index], checked);
        return only();
    }
    files[index].tell_likeness(&outside, checked);
    Some(index)
}

/// The same beside a file for Docker Compose, whose paths are those of this machine.
fn beside(
    server: &CheckedService,
    outside: &str,
    configs: &[usize],
    files: &[SetupFile],
    is_missing: &dyn Fn(&str) -> bool,
    checked: &mut CheckReport,
) -> Option<usize> {
    let directory = Path::new(&files[server.at.file].name).parent().unwrap_or(Path::new(""));
    let path = clean(&directory.join(outside));
    if let Some(index) = configs.iter().find(|index| clean(Path::new(&files[**index].name)) == path) {
        return Some(*index);
    }
    let only = configs.first().copied().filter(|_| configs.len() == 1);
    let is_named = outside.starts_with(['.', '/']);
    if is_named && is_missing(&path.to_string_lossy()) {
        checked.add(
            &rules::FILE_NOT_THERE,
            &server.at,
            format!("{outside} is not there: what needs it does not start"),
            "put the file there, or write the path of the one that is meant",
        );
    } else if let Some(first) = configs.first() {
        elsewhere(server, outside, &files[*first], checked);
    }
    only
}

fn elsewhere(server: &CheckedService, outside: &str, other: &SetupFile, checked: &mut CheckReport) {
    checked.add(
        &rules::TOKEN_SERVER_CONFIG_ELSEWHERE,
        &server.at,
        format!(
            "the token server is started with {outside}, which is not among the files; what is checked is {}",
            other.name
        ),
        "name that file, or mount the directory of the one that is meant",
    );
}
