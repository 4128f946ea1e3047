//! Which part of a registry's setup a file is.

use std::path::Path;

use crate::registry::app::auth::USERS_DIR;
use crate::registry::app::tls::CERT_DIR;
use crate::registry::cert::{Bundle, CertReadError, PrivateKey, TextFault, text};
use crate::registry::users::UserFile;
use crate::source::{Document, Format, Kind, SyntaxError, Type};

use super::CheckReport;

/// A file of the setup.
#[derive(Debug)]
pub(crate) struct SetupFile {
    /// Its path, as given.
    pub name: String,
    /// What it is.
    pub part: FileRole,
}

/// What a file is.
#[derive(Debug)]
pub(crate) enum FileRole {
    /// An app, or a group of apps.
    Definition(Document, Kind),
    /// A file for Docker Compose.
    Compose(Document),
    /// The configuration of docker_auth.
    AuthConfig(Document),
    /// Certificates, perhaps with a key beside them.
    Certificates(Bundle),
    /// A private key, and why others find none in the file.
    Key(PrivateKey, Option<TextFault>),
    /// The users of a registry with htpasswd.
    Users(UserFile),
    /// A PEM file that cannot be read, and why.
    Broken(String),
}

impl SetupFile {
    /// Reads a file; nothing where it is no part of a registry's setup.
    ///
    /// # Errors
    /// The text and its fault, where it should be a part and cannot be parsed.
    pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Option<Self>, (String, Format, SyntaxError)> {
        let part = Self::part(name, bytes)?;
        Ok(part.map(|part| Self { name: name.to_owned(), part }))
    }

    fn part(name: &str, bytes: &[u8]) -> Result<Option<FileRole>, (String, Format, SyntaxError)> {
        if memchr::memmem::find(bytes, b"-----BEGIN ").is_some() {
            return Ok(Some(pem(bytes)));
        }
        let path = Path::new(name);
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        if ["crt", "pem", "key", "cer", "der"].contains(&end) {
            let why = match bytes {
                _ if bytes.trim_ascii().is_empty() => "it is empty",
                // A sequence, whose length has two bytes or one.
                [0x30, 0x81 | 0x82, ..] => {
                    "it is DER, and registry and token server read PEM: openssl x509 -inform DER makes it of a certificate"
                }
                _ => "it has no certificate and no key",
            };
            return Ok(Some(FileRole::Broken(why.to_owned())));
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
        if !["json", "jsonc", "yml", "yaml"].contains(&end) {
            let is_named = path.file_name().is_some_and(|name| name.to_string_lossy().contains("htpasswd"));
            let is_users = is_named || has_users(text);
            return Ok(UserFile::read(text, false).ok().filter(|_| is_users).map(FileRole::Users));
        }
        let format = Format::of_path(path);
        let document = Document::parse(text, format).map_err(|error| (text.to_owned(), format, error))?;
        let root = document.root();
        let has = |name: &str| root.get(name).is_some();
        let is_object = |name: &str| root.get(name).is_some_and(|value| value.kind() == Type::Object);
        Ok(if is_object("services") {
            Some(FileRole::Compose(document))
        } else if has("acl") || is_object("token") || is_object("users") && is_object("server") {
            Some(FileRole::AuthConfig(document))
        } else {
            let kind = Kind::detect(&root).filter(|kind| *kind != Kind::Pod);
            kind.map(|kind| FileRole::Definition(document, kind))
        })
    }

    /// The text that excerpts of findings are from: only of files that have no secrets but those that are known by name.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        match &self.part {
            FileRole::Definition(document, _)
            | FileRole::Compose(document)
            | FileRole::AuthConfig(document) => document.text(),
            FileRole::Certificates(_) | FileRole::Key(..) | FileRole::Users(_) | FileRole::Broken(_) => "",
        }
    }

    /// How many parts of a path, from its end, are those of this file: `certs/domain.crt` and
    /// `/etc/privateregistry/certs/domain.crt` have two.
    pub(super) fn likeness(&self, path: &str) -> usize {
        let mine = self.name.rsplit(['/', std::path::MAIN_SEPARATOR]);
        mine.zip(path.rsplit('/')).take_while(|(one, other)| one == other && !one.is_empty()).count()
    }
}

impl SetupFile {
    /// Whether a path, of which the part after the last `..` is known, leads to this file.
    pub(super) fn is_at(&self, path: &str) -> bool {
        let known =
            path.rsplit('/').take_while(|part| *part != "..").filter(|part| !["", "."].contains(part));
        self.likeness(path) >= known.count()
    }

    /// Tells that a path on the agents may lead to another file than this one, which has the name alone in common with it.
    /// Where `registry trust` brings the files of a directory nothing is told.
    pub(super) fn tell_likeness(&self, path: &str, checked: &mut CheckReport) {
        let is_brought = [CERT_DIR, USERS_DIR].iter().any(|directory| path.starts_with(directory));
        let has_directory = self.name.contains(['/', std::path::MAIN_SEPARATOR]);
        if self.likeness(path) == 1 && has_directory && !is_brought && path.starts_with('/') {
            checked.not_checked(format!("whether {path} on the agents is {}", self.name));
        }
    }
}

/// Whether at least half of the lines that count are users with their hashes.
fn has_users(text: &str) -> bool {
    let is_entry = |line: &&&str| {
        line.split_once(':').is_some_and(|(name, hash)| {
            !name.contains(char::is_whitespace) && hash.starts_with(['$', '{']) && !hash.contains(' ')
        })
    };
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    text.contains(":$") && lines.iter().filter(is_entry).count() * 2 >= lines.len()
}

fn pem(bytes: &[u8]) -> FileRole {
    match Bundle::parse(bytes) {
        Ok(bundle) => FileRole::Certificates(bundle),
        Err(fault) => match PrivateKey::parse(bytes) {
            Ok(key) => FileRole::Key(key, text::fault(bytes)),
            // A key that cannot be read, such as one with a passphrase.
            Err(why) if fault == CertReadError::OnlyKey => FileRole::Broken(why.to_string()),
            Err(_) => FileRole::Broken(fault.to_string()),
        },
    }
}
