//! Imports credentials from other tools into one flat file: agents have no keychain and no helper.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use crate::source::{Format, Type, Value};

use super::config::{self, Config, ConfigError, Logins};
use super::helper::{Helper, HelperError};
use crate::image::Host;

/// The time-out of a helper: some ask the user to unlock a keychain.
const PATIENCE: Duration = Duration::from_mins(1);

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The credentials.
    pub logins: Logins,
    /// The entries without usable credentials, with the reason.
    pub left_out: Vec<String>,
}

/// Flattens a config file: its own entries, and the answers of its helpers. Only registries for which `wanted` holds are
/// imported.
///
/// # Errors
/// When a helper cannot be run, or fails for another reason than an unknown registry.
pub fn flatten(config: &Config, wanted: &dyn Fn(&Host) -> bool) -> Result<Imported, HelperError> {
    let (mut logins, left) = config.logins();
    logins.retain(wanted);
    let mut imported = Imported { logins, left_out: Vec::new() };
    for entry in left {
        imported.left_out.push(format!(
            "`{}`: another key of the same registry has other credentials, which are used",
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

/// Asks a helper for one registry. Its credentials override those of the file, as they do for Docker.
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

/// Why a manifest of Kubernetes gives no credentials.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Neither JSON nor YAML.
    #[error(transparent)]
    Syntax(#[from] ConfigError),
    /// Another kind of object.
    #[error("this is not a Secret of type kubernetes.io/dockerconfigjson: {0}")]
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
        return Err(ManifestError::NotASecret("it is not an object"));
    }
    match root.get("items").filter(|items| items.kind() == Type::Array) {
        None => Ok(vec![secret(&root)?]),
        Some(items) => {
            let secrets: Result<Vec<_>, _> =
                items.elements().filter(has_config).map(|item| secret(&item)).collect();
            let secrets = secrets?;
            if secrets.is_empty() {
                return Err(ManifestError::NotASecret("the list has none"));
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
        return Err(ManifestError::NotASecret("it has another `kind`"));
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
