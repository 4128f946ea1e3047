//! Checks a config file that agents are to read.

use std::collections::BTreeSet;

use crate::definition::Containerizer;
use crate::finding::{Rule, Severity};
use crate::image::Host;

use super::clock;
use super::config::{AuthEntry, Config, ConfigFault, ConfigNote, Form};
use super::expiry::{Lifetime, lifetime};
#[cfg(feature = "net")]
use super::inspect::MAKE;
use super::rules;

/// A problem of a config file or an archive. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFinding {
    /// Its rule.
    pub rule: &'static Rule,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl ConfigFinding {
    /// A problem that makes the credentials unusable.
    pub(super) fn error(rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Error, message: message.into(), help: Some(help.into()) }
    }

    /// A risk.
    pub(super) fn warning(rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Warning, message: message.into(), help: Some(help.into()) }
    }

    /// A note.
    pub(super) fn info(rule: &'static Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Info, message: message.into(), help: Some(help.into()) }
    }
}

/// The registries that credentials are for.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Those that may be there.
    pub allowed: BTreeSet<Host>,
    /// Those that have to be there.
    pub needed: BTreeSet<Host>,
}

/// What credentials are checked for.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The containerizer that reads them: Mesos takes `auth` and nothing else.
    pub containerizer: Containerizer,
    /// The registries they are for; any registries without it.
    pub asked: Option<&'a CheckOptions>,
    /// Seconds since 1970.
    pub now: i64,
}

const IMPORT: &str = "`milepost creds import` asks the helper and writes a file that agents can read";

/// All problems of a config file.
#[must_use]
pub fn check(config: &Config, view: View<'_>) -> Vec<ConfigFinding> {
    let mut found = Vec::new();
    helpers(config, &mut found);
    for fault in config.faults.iter().filter(|_| view.containerizer == Containerizer::Docker) {
        found.push(ConfigFinding::error(
            &rules::BAD_CONFIG,
            format!("{fault}: Docker cannot read the file, and pulls without any credentials"),
            "remove it: agents need `auths` and nothing else; `milepost creds import` writes such a file",
        ));
    }
    if config.entries.is_empty() && config.store.is_none() && config.helpers.is_empty() {
        found.push(ConfigFinding::error(
            &rules::EMPTY_AUTHS,
            "there are no credentials in it",
            "`milepost creds login HOST -u USER --password-stdin` writes them",
        ));
    }
    for entry in &config.entries {
        self::entry(entry, config, view, &mut found);
    }
    let (logins, left) = config.logins();
    for entry in left {
        found.push(ConfigFinding::warning(
            &rules::REPEATED_REGISTRY,
            format!(
                "`{}` has other credentials for a registry that another key names too",
                shown(&entry.key)
            ),
            "keep one of them; which one is read depends on the containerizer",
        ));
    }
    for (host, login) in logins.iter() {
        found.extend(ending(host, lifetime(host, login), view.now));
        if view.asked.is_some_and(|asked| !asked.allowed.contains(host)) {
            found.push(ConfigFinding::warning(
                &rules::FOREIGN_REGISTRY,
                format!("there are credentials for {host}, which are not needed here"),
                "everybody who reads the sandbox has them: `milepost creds archive` packs only what the service pulls",
            ));
        }
    }
    let needed = view.asked.into_iter().flat_map(|asked| &asked.needed);
    for host in needed.filter(|host| logins.get(host).is_none()) {
        found.push(ConfigFinding::error(
            &rules::MISSING_REGISTRY,
            format!("there are no usable credentials for {host}"),
            near(host, config).map_or_else(
                || format!("`milepost creds login {host} -u USER --password-stdin` writes them"),
                |other| {
                    format!("there are some for {other}, which is another registry to Docker: the port has to be the one in the image")
                },
            ),
        ));
    }
    found
}

/// A registry of the same host with another port.
pub(super) fn near<'c>(host: &Host, config: &'c Config) -> Option<&'c Host> {
    let mut known = config.entries.iter().filter_map(|entry| entry.host.as_ref().ok());
    known.find(|other| *other != host && other.name() == host.name())
}

fn helpers(config: &Config, found: &mut Vec<ConfigFinding>) {
    let program = config.store.as_ref().or_else(|| config.helpers.first().map(|(_, program)| program));
    let Some(program) = program.map(|program| shown(program)) else { return };
    let has_some = config.entries.iter().any(|entry| entry.login.is_ok());
    let all = config.store.is_some();
    found.push(if has_some && !all {
        ConfigFinding::warning(
            &rules::LEFT_TO_HELPER,
            format!("some credentials are left to the helper docker-credential-{program}, which no agent has"),
            IMPORT,
        )
    } else if has_some {
        ConfigFinding::error(
            &rules::LEFT_TO_HELPER,
            format!("`credsStore` leaves all credentials to docker-credential-{program}, which no agent has"),
            IMPORT,
        )
    } else {
        ConfigFinding::error(
            &rules::HELPER_ONLY,
            format!("the credentials are not here: the helper docker-credential-{program} keeps them, and no agent has it"),
            IMPORT,
        )
    });
}

fn entry(entry: &AuthEntry, config: &Config, view: View<'_>, found: &mut Vec<ConfigFinding>) {
    let key = shown(&entry.key);
    if let Err(error) = &entry.host {
        found.push(ConfigFinding::error(
            &rules::BAD_KEY,
            format!("`{key}` does not name a registry: {error}"),
            "write the registry's host",
        ));
    }
    match &entry.login {
        // The helper is reported once, by `helpers`.
        Err(ConfigFault::Empty) if config.store.is_some() => {}
        Err(fault) => {
            let rule = match fault {
                ConfigFault::Empty => &rules::EMPTY_ENTRY,
                ConfigFault::NotBase64 | ConfigFault::NotUtf8 | ConfigFault::NoColon => &rules::BAD_AUTH,
                _ => &rules::BAD_ENTRY,
            };
            found.push(ConfigFinding::error(
                rule,
                format!("no credentials for `{key}`: {fault}"),
                "`milepost creds login` writes the entry again",
            ));
        }
        Ok(login) => {
            let unread = login.kind() != "password" && view.containerizer == Containerizer::Mesos;
            if unread {
                found.push(ConfigFinding::error(
                    &rules::TOKEN_FOR_MESOS,
                    format!("`{key}` has an {}, and Mesos reads a password in `auth` only", login.kind()),
                    "use a password, or an access token in place of one",
                ));
            }
        }
    }
    if entry.host.as_ref().is_ok_and(Host::is_hub) && entry.key != Host::hub().key() {
        found.push(ConfigFinding::error(
            &rules::WRONG_HUB_KEY,
            format!("`{key}` is not where the Docker Engine looks for the credentials of Docker Hub"),
            format!("the key is `{}`", Host::hub().key()),
        ));
    }
    for note in &entry.notes {
        found.extend(self::note(*note, &key, view.containerizer));
    }
}

fn note(note: ConfigNote, key: &str, containerizer: Containerizer) -> Option<ConfigFinding> {
    let again = "`milepost creds login` writes it again";
    Some(match (note, containerizer) {
        (ConfigNote::LineBreak, _) => ConfigFinding::error(
            &rules::LINE_BREAK_IN_PASSWORD,
            format!("the password for `{key}` ends in a line break"),
            format!("`echo` adds one unless it is `echo -n`; {again}"),
        ),
        (ConfigNote::Wrapped, Containerizer::Mesos) => ConfigFinding::error(
            &rules::WRAPPED_AUTH,
            format!("`auth` for `{key}` is broken into lines, which Mesos sends as they are"),
            format!("`base64` breaks lines unless it is `base64 -w0`; {again}"),
        ),
        (ConfigNote::Wrapped, Containerizer::Docker) => ConfigFinding::warning(
            &rules::WRAPPED_AUTH,
            format!("`auth` for `{key}` is broken into lines, which Docker skips and others do not"),
            format!("`base64` breaks lines unless it is `base64 -w0`; {again}"),
        ),
        (ConfigNote::NoAuth, Containerizer::Mesos) => ConfigFinding::error(
            &rules::NO_AUTH,
            format!("`{key}` has `username` and `password`, and Mesos reads `auth` only"),
            again.to_owned(),
        ),
        (ConfigNote::NoAuth, Containerizer::Docker) => return None,
    })
}

/// A finding for credentials that expire.
pub(crate) fn ending(host: &Host, lifetime: Lifetime, now: i64) -> Option<ConfigFinding> {
    let again =
        "agents pull whenever an instance starts: renew them in time, or use credentials that do not expire";
    Some(match lifetime {
        Lifetime::Open => return None,
        Lifetime::Until(end) if end <= now => ConfigFinding::error(
            &rules::EXPIRED_CREDENTIALS,
            format!("the credentials for {host} expired on {} UTC", clock::minute(end)),
            "get new ones",
        ),
        Lifetime::Until(end) => ConfigFinding::warning(
            &rules::SHORT_LIVED,
            format!("the credentials for {host} expire on {} UTC", clock::minute(end)),
            again,
        ),
        Lifetime::Short(what, long) => ConfigFinding::warning(
            &rules::SHORT_LIVED,
            format!("the credentials for {host} are {what}, which lasts {long}"),
            again,
        ),
    })
}

/// The finding for an image whose credentials agents read from a `.dockercfg`, by the name of the source.
#[cfg(feature = "net")]
pub(crate) fn only_in_dockercfg(from: &str) -> ConfigFinding {
    let message = format!(
        "{from}: agents read these credentials from a .dockercfg, and Docker 23 and later do not read it: there images are \
         pulled without any"
    );
    ConfigFinding::warning(&rules::OLD_CONFIG, message, MAKE)
}

/// Whether it is the blank configuration that clusters start from, which is valid but has no effect.
#[must_use]
pub fn is_blank(config: &Config) -> bool {
    config.form == Form::Config
        && config.entries.is_empty()
        && config.store.is_none()
        && config.helpers.is_empty()
}

/// A key or name of a file on one line, without the part before an `@`, which may hold a password.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = match text.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://***@{host}"),
            None => text.to_owned(),
        },
        None => text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, host)| format!("***@{host}")),
    };
    text.replace(char::is_control, "?")
}
