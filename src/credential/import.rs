//! Imports credentials from other tools into one flat file: agents have no keychain and no helper.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use crate::source::{Format, Type, Value};
use crate::util::path::is_within;

use super::check;
use super::config::{self, AuthEntry, Config, ConfigError, Logins, is_own_token};
use super::helper::{Helper, HelperError};
use crate::image::Host;

/// The result of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// The credentials.
    pub logins: Logins,
    /// The entries without usable credentials, with the reason.
    pub left_out: Vec<String>,
    /// The keys of credentials that are for a part of a registry.
    parts: BTreeMap<Host, String>,
}

impl Imported {
    /// The key that the credentials of a registry were under.
    #[must_use]
    pub fn key(&self, config: &Config, host: &Host) -> String {
        let of_whole = |entry: &&AuthEntry| {
            entry.host.as_ref() == Ok(host) && entry.login.is_ok() && registry_part(&entry.key).is_none()
        };
        let whole = || Some(config.entries.iter().find(of_whole)?.key.clone());
        check::shown(&self.parts.get(host).cloned().or_else(whole).unwrap_or_else(|| host.to_string()))
    }
}

/// Flattens a config file: its own entries, and the answers of its helpers. Only registries for which `wanted` holds are
/// imported. A helper has `patience` for each answer.
///
/// # Errors
/// When a helper cannot be run, or fails for another reason than an unknown registry.
pub fn flatten(
    config: &Config,
    wanted: &dyn Fn(&Host) -> bool,
    patience: Duration,
) -> Result<Imported, HelperError> {
    let (mut logins, left) = config.logins();
    logins.retain(wanted);
    let mut imported = Imported { logins, ..Imported::default() };
    // A key that names no registry may be meant for one that is asked for.
    let may_be_wanted = |entry: &AuthEntry| entry.host.as_ref().map_or(true, wanted);
    for entry in left.into_iter().filter(|entry| may_be_wanted(entry)) {
        imported.left_out.push(format!(
            "`{}`: another key of the same registry has other credentials, which are used",
            check::shown(&entry.key)
        ));
    }
    for entry in &config.entries {
        let is_kept = entry.host.as_ref().is_ok_and(|host| config.helper(host).is_some());
        if let (Err(fault), false, true) = (&entry.login, is_kept, may_be_wanted(entry)) {
            imported.left_out.push(format!("`{}`: {fault}", check::shown(&entry.key)));
        }
    }
    for (key, program) in &config.helpers {
        ask(&Helper::new(program, patience)?, key, wanted, &mut imported)?;
    }
    if let Some(program) = &config.store {
        let helper = Helper::new(program, patience)?;
        let mut keys = helper.list()?;
        keys.retain(|key| !is_own_token(key));
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

/// As [`flatten`] for an auth file of Podman, whose keys may name a part of a registry: `quay.io/team`. An image is pulled
/// with the entry of the longest such key that its name begins with (containers-auth.json(5)). `images` are the names of
/// images, or of such parts, without tags. Agents look credentials up by the registry alone: all its images have to be
/// pulled with one entry.
///
/// # Errors
/// As [`flatten`].
pub fn flatten_podman(
    config: &Config,
    images: &[String],
    wanted: &dyn Fn(&Host) -> bool,
    patience: Duration,
) -> Result<Imported, HelperError> {
    let mut rest = config.clone();
    rest.entries.retain(|entry| registry_part(&entry.key).is_none());
    let mut imported = flatten(&rest, wanted, patience)?;
    let mut parts: BTreeMap<&Host, Vec<(&AuthEntry, &str)>> = BTreeMap::new();
    for entry in &config.entries {
        if let (Ok(host), Some(part)) = (&entry.host, registry_part(&entry.key)) {
            parts.entry(host).or_default().push((entry, part));
        }
    }
    for (host, parts) in parts.iter().filter(|(host, _)| wanted(host)) {
        choose(host, parts, images, &mut imported);
    }
    Ok(imported)
}

/// Chooses among the entries for parts of a registry, and the one for the whole that is imported already.
fn choose(host: &Host, parts: &[(&AuthEntry, &str)], images: &[String], imported: &mut Imported) {
    let whole = imported.logins.get(host).is_some();
    let of_image = |image: &str| {
        let path = Host::parse(image).is_ok_and(|of| of == *host).then(|| registry_part(image))?;
        // A registry that is named as a whole means its own entry, or else any.
        let path = path.or(whole.then_some(""))?;
        Some(
            parts.iter().filter(|(_, prefix)| is_within(path, prefix)).max_by_key(|(_, prefix)| prefix.len()),
        )
    };
    let mut chosen: Vec<Option<&(&AuthEntry, &str)>> =
        images.iter().filter_map(|image| of_image(image)).collect();
    chosen.sort_unstable_by_key(|entry| entry.map(|(_, prefix)| *prefix));
    chosen.dedup_by_key(|entry| entry.map(|(_, prefix)| *prefix));
    let names = || {
        parts
            .iter()
            .map(|(entry, _)| format!("`{}`", check::shown(&entry.key)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (entry, _) = match (chosen.as_slice(), parts) {
        ([Some(one)], _) => **one,
        // Nothing says which images are meant, so the whole registry's entry is taken, or the only one.
        ([None], _) => return,
        ([], _) if whole => {
            return imported
                .left_out
                .push(format!("{}: they are for parts of {host}; name the images with --for", names()));
        }
        ([], [one]) => *one,
        ([], _) => {
            return imported
                .left_out
                .push(format!("{}: agents look up {host} as a whole; name the images with --for", names()));
        }
        _ => {
            return imported.left_out.push(format!(
                "{}: these images need several of them, and agents look up {host} as a whole",
                names()
            ));
        }
    };
    match &entry.login {
        Ok(login) => {
            imported.logins.insert(host.clone(), login.clone());
            imported.parts.insert(host.clone(), entry.key.clone());
        }
        Err(fault) => imported.left_out.push(format!("`{}`: {fault}", check::shown(&entry.key))),
    }
}

/// The part of a registry that a key names, without slashes around it; nothing for a whole registry.
pub(crate) fn registry_part(key: &str) -> Option<&str> {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let path = rest.split_once('/')?.1.trim_matches('/');
    (!path.is_empty() && !matches!(path, "v1" | "v2")).then_some(path)
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
            imported.left_out.push(format!("`{}`: {error}", check::shown(key)));
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
pub enum KubernetesManifestError {
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

/// The config files in the Secrets of a manifest of Kubernetes: `.dockerconfigjson`, or `.dockercfg` of the older type, in
/// `data` (base64) or `stringData`. The manifest may be a List, and several documents; what is no such Secret is skipped
/// where another one is.
///
/// # Errors
/// When there are none.
pub fn manifest(text: &str, format: Format) -> Result<Vec<Zeroizing<String>>, KubernetesManifestError> {
    let documents = if format == Format::Yaml { documents(text) } else { vec![(0, text)] };
    let mut objects = Vec::new();
    for (start, document) in documents {
        let shifted = |error: ConfigError| ConfigError {
            range: error.range.start + start..error.range.end + start,
            ..error
        };
        objects.push(config::parse_as(document, format).map_err(shifted)?);
    }
    let roots = objects.iter().map(crate::source::Document::root);
    let items = roots.flat_map(|root| match root.get("items").filter(|items| items.kind() == Type::Array) {
        Some(items) => items.elements().collect(),
        None => vec![root],
    });
    let items: Vec<Value<'_>> = items.collect();
    let secrets: Vec<Zeroizing<String>> =
        items.iter().filter(|item| has_config(item)).map(secret).collect::<Result<_, _>>()?;
    match (secrets.is_empty(), items.as_slice()) {
        (false, _) => Ok(secrets),
        (true, [one]) if objects.len() == 1 => {
            Err(secret(one).err().unwrap_or(KubernetesManifestError::NotASecret("it is empty")))
        }
        (true, _) => Err(KubernetesManifestError::NotASecret("there is none among its objects")),
    }
}

/// The documents of a YAML stream, each with the byte at which it begins. Those without content are left out, unless there
/// is no other.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let is_mark = |line: &str| {
        let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let has_content = |document: &str| {
        let mut lines = document.lines().map(str::trim_start);
        lines.any(|line| !line.is_empty() && !line.starts_with(['#', '%']))
    };
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if is_mark(line) {
            documents.push((start, &text[start..at]));
            // What follows the mark on its line belongs to the next document.
            start = at + 3;
        }
        at += line.len();
    }
    documents.push((start, &text[start..]));
    documents.retain(|(_, document)| has_content(document));
    if documents.is_empty() { vec![(0, text)] } else { documents }
}

const NAMES: [&str; 2] = [".dockerconfigjson", ".dockercfg"];

fn has_config(item: &Value<'_>) -> bool {
    let is_secret = item.get("kind").is_none_or(|kind| kind.is_str("Secret"));
    let data = ["data", "stringData"].into_iter().filter_map(|name| item.get(name));
    is_secret && data.into_iter().any(|data| NAMES.iter().any(|name| data.get(name).is_some()))
}

fn secret(object: &Value<'_>) -> Result<Zeroizing<String>, KubernetesManifestError> {
    if object.kind() != Type::Object {
        return Err(KubernetesManifestError::NotASecret("it is not an object"));
    }
    if object.get("kind").is_some_and(|kind| !kind.is_str("Secret")) {
        return Err(KubernetesManifestError::NotASecret("it has another `kind`"));
    }
    for name in NAMES {
        let text = |table: &str| object.get(table)?.get(name)?.as_str().map(String::from).map(Zeroizing::new);
        if let Some(plain) = text("stringData") {
            return Ok(plain);
        }
        if let Some(encoded) = text("data") {
            let joined: Zeroizing<String> = Zeroizing::new(encoded.split_whitespace().collect());
            let bytes =
                STANDARD.decode(joined.as_bytes()).map_err(|_| KubernetesManifestError::NotBase64(name))?;
            let bytes = Zeroizing::new(bytes);
            let text = std::str::from_utf8(&bytes).map_err(|_| KubernetesManifestError::NotBase64(name))?;
            return Ok(Zeroizing::new(text.to_owned()));
        }
    }
    Err(KubernetesManifestError::NotASecret("it has neither `.dockerconfigjson` nor `.dockercfg` in `data`"))
}
