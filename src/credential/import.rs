//! Credentials from where people have them, flattened: agents know no keychain and no helper.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use crate::source::{Format, Type, Value};

use super::config::{self, Config, ConfigError, Logins};
use super::helper::{Helper, HelperError};
use crate::image::Host;

/// How long a helper may take: some ask somebody to unlock a keychain.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The credentials.
    pub logins: Logins,
    /// What gave none, and why.
    pub left_out: Vec<String>,
}

/// Flattens a config file: its own entries, and for those that it leaves to helpers what they answer. Only registries
/// for which `wanted` holds are asked for.
///
/// # Errors
/// When a helper cannot be run, or fails in another way than by knowing nothing of a registry.
pub fn flatten(config: &Config, wanted: &dyn Fn(&Host) -> bool) -> Result<Imported, HelperError> {
    let (mut logins, left) = config.logins();
    logins.retain(wanted);
    let mut imported = Imported { logins, left_out: Vec::new() };
    for entry in left {
        imported.left_out.push(format!(
            "`{}`: another key of the same registry has other credentials, and those are taken",
            super::check::shown(&entry.key)
        ));
    }
    for entry in &config.entries {
        let is_kept = entry.host.as_ref().is_ok_and(|host| config.helper(host).is_some());
        if let (Err(fault), false) = (&entry.login, is_kept) {
            imported.left_out.push(format!("`{}`: {fault}", super::check::shown(&entry.key)));
        }
    }
    for (key, program) in &config.helpers {
        ask(&Helper::new(program, PATIENCE)?, key, wanted, &mut imported)?;
    }
    if let Some(program) = &config.store {
        let helper = Helper::new(program, PATIENCE)?;
        let mut keys = helper.list()?;
        keys.extend(
            config.entries.iter().filter(|entry| entry.login.is_err()).map(|entry| entry.key.clone()),
        );
        keys.sort_unstable();
        keys.dedup();
        for key in &keys {
            let has_own =
                |host: &Host| config.helpers.iter().any(|(key, _)| Host::parse(key).as_ref() == Ok(host));
            if Host::parse(key).as_ref().is_ok_and(|host| !has_own(host)) {
                ask(&helper, key, wanted, &mut imported)?;
            }
        }
    }
    Ok(imported)
}

/// Asks a helper for one registry. What it has outranks what the file has, as it does for Docker.
fn ask(
    helper: &Helper,
    key: &str,
    wanted: &dyn Fn(&Host) -> bool,
    imported: &mut Imported,
) -> Result<(), HelperError> {
    let host = match Host::parse(key) {
        Ok(host) => host,
        Err(error) => {
            imported.left_out.push(format!("`{}`: {error}", super::check::shown(key)));
            return Ok(());
        }
    };
    if !wanted(&host) {
        return Ok(());
    }
    match helper.get(key) {
        Ok(login) => imported.logins.insert(host, login),
        Err(error @ HelperError::NotFound { .. }) => imported.left_out.push(error.to_string()),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Why there are no credentials in a manifest of Kubernetes.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// No JSON, no YAML.
    #[error(transparent)]
    Syntax(#[from] ConfigError),
    /// Another kind of object.
    #[error("this is no Secret of type kubernetes.io/dockerconfigjson: {0}")]
    NotASecret(&'static str),
    /// Its data cannot be decoded.
    #[error("`{0}` is not base64 of a text")]
    NotBase64(&'static str),
}

/// The config files in a Secret, or in a List of Secrets, of Kubernetes: `.dockerconfigjson`, or `.dockercfg` of the older
/// type, in `data` (base64) or `stringData`. JSON is YAML.
///
/// # Errors
/// When there are none.
pub fn manifest(text: &str, format: Format) -> Result<Vec<Zeroizing<String>>, ManifestError> {
    let document = config::parse_as(text, format)?;
    let root = document.root();
    if root.kind() != Type::Object {
        return Err(ManifestError::NotASecret("it is no object"));
    }
    match root.get("items").filter(|items| items.kind() == Type::Array) {
        None => Ok(vec![secret(&root)?]),
        Some(items) => {
            let secrets: Result<Vec<_>, _> =
                items.elements().filter(has_config).map(|item| secret(&item)).collect();
            let secrets = secrets?;
            if secrets.is_empty() {
                return Err(ManifestError::NotASecret("nothing in the list is one"));
            }
            Ok(secrets)
        }
    }
}

const NAMES: [&str; 2] = [".dockerconfigjson", ".dockercfg"];

fn has_config(item: &Value<'_>) -> bool {
    let data = ["data", "stringData"].into_iter().filter_map(|name| item.get(name));
    data.into_iter().any(|data| NAMES.iter().any(|name| data.get(name).is_some()))
}

fn secret(object: &Value<'_>) -> Result<Zeroizing<String>, ManifestError> {
    if object.get("kind").is_some_and(|kind| !kind.is_str("Secret")) {
        return Err(ManifestError::NotASecret("its `kind` is another"));
    }
    for name in NAMES {
        let text = |table: &str| object.get(table)?.get(name)?.as_str().map(String::from).map(Zeroizing::new);
        if let Some(plain) = text("stringData") {
            return Ok(plain);
        }
        if let Some(encoded) = text("data") {
            let joined: Zeroizing<String> = Zeroizing::new(encoded.split_whitespace().collect());
            let bytes = STANDARD.decode(joined.as_bytes()).map_err(|_| ManifestError::NotBase64(name))?;
            let bytes = Zeroizing::new(bytes);
            let text = std::str::from_utf8(&bytes).map_err(|_| ManifestError::NotBase64(name))?;
            return Ok(Zeroizing::new(text.to_owned()));
        }
    }
    Err(ManifestError::NotASecret("it has neither `.dockerconfigjson` nor `.dockercfg` in `data`"))
}
