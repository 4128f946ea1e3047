//! How a service signs in at a registry by its command, and whether it may.

use secrecy::SecretString;

use crate::finding::Effect;

use super::super::auth_config::AuthConfig;
use super::super::service::CheckedService;
use super::super::{CheckReport, FileRole, PlacedText, SetupFile, acl, rules};
use super::RegistryAsker;

/// How a service signs in at a registry by its command.
pub(in super::super) struct AskerLogin<'a> {
    /// The command.
    pub(super) line: &'a PlacedText,
    user: String,
    /// The password, and the variable that has it.
    password: Option<(&'a str, &'a PlacedText)>,
    /// The address of the registry.
    pub(super) address: String,
}

/// The command by which a service signs in: `… "$PASSWORD" | … login --username NAME --password-stdin ADDRESS`.
pub(super) fn sign_in(service: &CheckedService) -> Option<AskerLogin<'_>> {
    let mut lines = service.running.said.iter().filter(|(name, _)| is_line(name)).map(|(_, line)| line);
    lines.find_map(|line| sign_in_of(service, line))
}

fn sign_in_of<'a>(service: &'a CheckedService, line: &'a PlacedText) -> Option<AskerLogin<'a>> {
    let is_quote = |c: char| ['"', '\''].contains(&c);
    let login = line.text.match_indices("login").map(|(at, _)| line.text.split_at(at));
    let (before, after) = login.into_iter().find(|(before, after)| {
        before.ends_with(char::is_whitespace) && after["login".len()..].starts_with(char::is_whitespace)
    })?;
    let (mut user, mut address, mut given) = (None, None, before);
    let mut words = after.split_whitespace().skip(1);
    let ends = |word: &str| ["&&", "||", "|", ";"].contains(&word) || word.starts_with(['<', '>']);
    while let Some(word) = words.next().filter(|word| !ends(word)) {
        match word.split_once('=').unwrap_or((word, "")) {
            ("--username" | "-u", "") => user = words.next(),
            ("--username", name) => user = Some(name),
            ("--password" | "-p", "") => given = words.next()?,
            ("--password", word) => given = word,
            _ if word.starts_with('-') => {}
            _ => {
                address = Some(word.trim_end_matches(';'));
                if word.ends_with(';') {
                    break;
                }
            }
        }
    }
    let password = service.running.said.iter().find(|(name, _)| !is_line(name) && has_variable(given, name));
    Some(AskerLogin {
        line,
        user: user?.trim_matches(is_quote).to_owned(),
        password: password.map(|(name, text)| (name.as_str(), text)),
        address: address?.trim_matches(is_quote).to_owned(),
    })
}

/// Whether a line of a shell has this variable in it.
fn has_variable(line: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    ["$", "${"].iter().any(|start| {
        let variable = format!("{start}{name}");
        line.match_indices(&variable).any(|(at, _)| ends(&line[at + variable.len()..]))
    })
}

/// Whether a text is what a container is started with.
pub(super) fn is_line(name: &str) -> bool {
    ["entrypoint", "command", "cmd", "args"].contains(&name)
}

/// What it asks for is of the registry that it signs in at.
pub(super) fn same_registry(asker: &RegistryAsker<'_>, sign_in: &AskerLogin<'_>, checked: &mut CheckReport) {
    let words =
        sign_in.line.text.split_whitespace().map(|word| word.trim_matches(['"', '\'', ';', '(', ')']));
    let mut registries = words.filter_map(|word| {
        let (host, _) = word.split_once('/')?;
        let is_registry = host.contains(['.', ':']) && !host.ends_with(':') && !host.starts_with(['.', '$']);
        is_registry.then_some(host)
    });
    if let Some(other) = registries.find(|host| *host != sign_in.address) {
        checked.add(
            &rules::LOGIN_REFUSED,
            &sign_in.line.at,
            format!(
                "{} signs in at {}, and asks {other} without a login",
                asker.service.name, sign_in.address
            ),
            "write the same address in both",
        );
    }
}

/// The repositories that its command names; none where a variable may name another.
fn repositories<'a>(sign_in: &'a AskerLogin<'_>) -> Vec<&'a str> {
    let words =
        sign_in.line.text.split(|c: char| c.is_whitespace() || ['"', '\'', ';', '(', ')'].contains(&c));
    let images = words.filter_map(|word| word.strip_prefix(&*sign_in.address)?.strip_prefix('/'));
    let mut images: Vec<&str> = images.map(|image| image.split([':', '@']).next().unwrap_or(image)).collect();
    if images.iter().any(|image| image.contains('$')) {
        return Vec::new();
    }
    images.sort_unstable();
    images.dedup();
    images
}

/// The user is there, with that password, and may pull.
pub(super) fn login(
    sign_in: &AskerLogin<'_>,
    files: &[SetupFile],
    configs: &[AuthConfig<'_>],
    registries: &[&CheckedService],
    checked: &mut CheckReport,
) {
    let AskerLogin { user, line, .. } = sign_in;
    let kinds: Vec<String> = registries.iter().map(|registry| registry.authentication()).collect();
    let is_kind = |wanted: &str| kinds.iter().any(|kind| kind == wanted);
    let configs: Vec<_> =
        configs.iter().filter(|config| is_kind("token") && config.has_users_only()).collect();
    let users: Vec<_> = configs.iter().filter_map(|config| config.user_file()).collect();
    let of_files = files.iter().filter_map(|file| match &file.part {
        FileRole::Users(users) if is_kind("htpasswd") => Some(users),
        _ => None,
    });
    let of_files: Vec<_> = of_files.collect();
    if users.is_empty() && of_files.is_empty() {
        return;
    }
    let all = || users.iter().chain(of_files.iter().copied());
    if !all().any(|users| users.has(user)) {
        checked.add(
            &rules::LOGIN_REFUSED,
            &line.at,
            format!("it signs in as {user}, and there is no such user"),
            format!("add the user: milepost registry user add {user} FILE"),
        );
        return;
    }
    // What a secret store puts in is not known, either.
    if let Some((variable, password)) =
        sign_in.password.filter(|(_, it)| !it.is_unfilled() && !it.is_secret())
    {
        let given = SecretString::from(password.text.clone());
        if !all().any(|users| users.accepts(user, &given)) {
            checked.add(
                &rules::LOGIN_REFUSED,
                &password.at,
                format!("{variable} is not the password of {user}"),
                format!("give {user} this password: milepost registry user passwd {user} FILE"),
            );
        }
    }
    let names: Vec<String> = registries.iter().filter_map(|it| it.text("AUTH_TOKEN_SERVICE")).collect();
    for config in &configs {
        if let Some(what) = acl::not_pulled(config, user, &names, &repositories(sign_in)) {
            checked.add_as(
                &rules::LOGIN_REFUSED,
                Effect::Risky,
                &config.place(&["acl"]),
                format!("the acl does not let {user} pull {what}: the first entry that matches counts"),
                format!("add {{match: {{account: \"{user}\"}}, actions: [\"pull\"]}} before the others"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::service::services;
    use super::*;
    use crate::registry::check::SetupFile;

    /// The user, the variable with the password and the address of a line.
    fn read(line: &str) -> Option<(String, Option<String>, String)> {
        let line = serde_json::Value::from(line);
        let text = format!(
            "services:\n  scanner:\n    entrypoint: [sh, -c, {line}]\n    environment: {{PASS: a, PASSWORD: b, MODE: c}}\n"
        );
        let file = SetupFile::read("docker-compose.yml", text.as_bytes()).expect("YAML").expect("a part");
        let services = services(0, &file);
        let login = sign_in(&services[0])?;
        Some((login.user.clone(), login.password.map(|(name, _)| name.to_owned()), login.address.clone()))
    }

    #[test]
    fn a_login_is_read_from_its_command() {
        for (line, read_as) in [
            (
                "printf %s \"$$PASSWORD\" | trivy registry login --username scanner --password-stdin r.example.com:5000 && x",
                Some(("scanner", Some("PASSWORD"), "r.example.com:5000")),
            ),
            (
                "echo $PASS | skopeo login -u dev --password-stdin \"r.example.com\"; x",
                Some(("dev", Some("PASS"), "r.example.com")),
            ),
            (
                "crane auth login r.example.com -u dev -p ${PASSWORD}",
                Some(("dev", Some("PASSWORD"), "r.example.com")),
            ),
            (
                "docker login --username=dev --password-stdin r.example.com < /run/password",
                Some(("dev", None, "r.example.com")),
            ),
            ("docker login r.example.com", None),
            ("docker pull r.example.com/login/web:1", None),
        ] {
            let read_as = read_as.map(|(user, password, address): (&str, Option<&str>, &str)| {
                (user.to_owned(), password.map(str::to_owned), address.to_owned())
            });
            assert_eq!(read(line), read_as, "{line}");
        }
    }
}
