//! The files of a group that are there already, and stay: its users, and the keys that others trust.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use time::OffsetDateTime;

use crate::command::registry::Terminal;
use crate::command::registry::cert::AUTHORITY_CERTIFICATE;
use crate::command::registry::files::{FileSet, NewFile, removal};
use crate::command::registry::user::command_line;
use crate::finding::Severity;
use crate::registry::app::tls::{CERTIFICATE, KEY};
use crate::registry::check::{SetupFile, check};
use crate::registry::group::{AUTH_CONFIG, AUTH_DIR, CERTS_DIR};
use crate::registry::users::UserFile;
use crate::source::{self, Document, Format};
use crate::util::escape::shown_path;

use super::{COMPOSE, DEFINITION};

/// What `--keep` keeps; nothing without it.
#[derive(Default)]
pub(super) struct Kept {
    /// The configuration of the token server.
    config: Option<KeptConfig>,
    /// The certificate and its key.
    pub(super) pair: Option<(PathBuf, PathBuf)>,
    /// The authority's certificate.
    pub(super) authority: Option<PathBuf>,
}

/// The configuration of a token server that is there.
struct KeptConfig {
    path: PathBuf,
    text: Zeroizing<String>,
    users: UserFile,
}

impl Kept {
    /// Looks what is there.
    ///
    /// # Errors
    /// When a file cannot be read, or one of two that belong together is missing.
    pub(super) fn of(files: &FileSet<'_>) -> anyhow::Result<Self> {
        let there = |name: &str| Some(files.path(name)).filter(|path| path.exists());
        let config = there(&format!("{AUTH_DIR}/{AUTH_CONFIG}")).map(KeptConfig::read).transpose()?;
        let [certificate, key] = [CERTIFICATE, KEY].map(|name| there(&format!("{CERTS_DIR}/{name}")));
        let pair = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(alone), None) | (None, Some(alone)) => bail!(
                "{} is there, and its certificate or key is not: bring that back, or remove the file to have both made anew",
                shown_path(&alone)
            ),
        };
        Ok(Self { config, pair, authority: there(AUTHORITY_CERTIFICATE) })
    }

    /// Whether the users are those of a file that is there.
    pub(super) fn has_users(&self) -> bool {
        self.config.is_some()
    }

    /// Refuses a password that a user of the file has not.
    ///
    /// # Errors
    /// When there is no such user, or the password is another one.
    pub(super) fn expect_user(
        &self,
        name: &str,
        (option, password): (&str, &SecretString),
    ) -> anyhow::Result<()> {
        let Some(KeptConfig { path, users, .. }) = &self.config else { return Ok(()) };
        let (word, what) = match (users.has(name), users.accepts(name, password)) {
            (_, true) => return Ok(()),
            (true, false) => ("passwd", "has another password than that of"),
            (false, false) => ("add", "is missing, and a password is given by"),
        };
        bail!(
            "{}: the user {name} {what} {option}: `{}` first",
            shown_path(path),
            command_line(word, name, path)
        )
    }

    /// Refuses another expiration than that of the file.
    ///
    /// # Errors
    /// When it is another one.
    pub(super) fn expect_expiration(&self, asked: Option<u32>) -> anyhow::Result<()> {
        let (Some(KeptConfig { path, text, .. }), Some(asked)) = (&self.config, asked) else { return Ok(()) };
        let document = Document::parse(text.as_str(), Format::Yaml).with_context(|| shown_path(path))?;
        let there = document.root().get("token").and_then(|token| token.get("expiration"));
        let is_same = there.is_some_and(|there| there.as_number() == Some(&asked.to_string()));
        if is_same {
            return Ok(());
        }
        bail!(
            "{} is kept, and has another token.expiration than --token-expiration {asked}: write {asked} there",
            shown_path(path)
        )
    }

    /// Leaves out what stays, and tells it.
    ///
    /// # Errors
    /// When what stays does not agree with the rest.
    pub(super) fn left_out_of(
        &self,
        new: Vec<NewFile>,
        files: &FileSet<'_>,
        term: &mut Terminal,
    ) -> anyhow::Result<Vec<NewFile>> {
        let config = format!("{AUTH_DIR}/{AUTH_CONFIG}");
        let mut written = Vec::new();
        let mut stays = self.pair.as_ref().map(|(certificate, key)| vec![certificate.clone(), key.clone()]);
        let stays = stays.get_or_insert_default();
        stays.extend(self.authority.clone());
        for file in new {
            let path = files.path(&file.name);
            if [DEFINITION, COMPOSE].contains(&&*file.name) || !path.exists() {
                written.push(file);
                continue;
            }
            if file.name != config && file.content() != Zeroizing::new(source::read_bytes(&path)?).as_slice()
            {
                bail!(
                    "{} is kept, and is not what the options make: remove it to have it made anew",
                    shown_path(&path)
                );
            }
            stays.push(path);
        }
        stays.sort_unstable();
        stays.dedup();
        for warning in agree(stays, &written, files)? {
            writeln!(term.err(), "warning: {warning}")?;
        }
        let compose = files.path(COMPOSE);
        if compose.exists() && !written.iter().any(|file| file.name == COMPOSE) {
            writeln!(term.err(), "note: {} stays as it is: --compose writes it anew", shown_path(&compose))?;
        }
        let shown: Vec<String> = stays.iter().map(shown_path).collect();
        if !shown.is_empty() {
            writeln!(term.err(), "kept {}", shown.join(", "))?;
        }
        Ok(written)
    }
}

impl KeptConfig {
    fn read(path: PathBuf) -> anyhow::Result<Self> {
        let text = Zeroizing::new(source::read(&path)?);
        let users = UserFile::read(&text, true).with_context(|| shown_path(&path))?;
        Ok(Self { path, text, users })
    }
}

/// Refuses files that do not agree, as `registry check` compares them; what else it says of them together.
fn agree(stays: &[PathBuf], written: &[NewFile], files: &FileSet<'_>) -> anyhow::Result<Vec<String>> {
    let mut all = Vec::new();
    for file in written {
        all.extend(part(&files.path(&file.name), file.content())?);
    }
    // What the new files have by themselves the options ask for.
    let alone = said(&all);
    for path in stays {
        all.extend(part(path, &Zeroizing::new(source::read_bytes(path)?))?);
    }
    let together = said(&all);
    let of = |severity| {
        let new = together.iter().filter(|one| one.0 == severity && !alone.contains(one));
        new.map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    let faults = of(Severity::Error);
    if faults.is_empty() {
        return Ok(of(Severity::Warning));
    }
    let is_certificate = |path: &&PathBuf| path.ends_with(CERTIFICATE);
    let way = match stays.iter().find(is_certificate) {
        Some(certificate) if faults.iter().any(|fault| fault.contains(&shown_path(certificate))) => {
            let key = certificate.with_file_name(KEY);
            format!("\n{} has certificate and key made anew", removal([certificate, &key]))
        }
        _ => String::new(),
    };
    bail!(
        "the files that are kept do not agree with the definition that these options make; change them, or the options:\n{}{way}",
        faults.join("\n")
    )
}

fn part(path: &Path, content: &[u8]) -> anyhow::Result<Option<SetupFile>> {
    let name = path.to_string_lossy();
    SetupFile::read(&name, content).map_err(|(_, _, error)| anyhow::anyhow!("{}: {error}", shown_path(&path)))
}

/// What the check finds in files, with their names.
fn said(files: &[SetupFile]) -> Vec<(Severity, String)> {
    let report = check(files, &|_| false, OffsetDateTime::now_utc());
    let all =
        report.findings.iter().flat_map(|(index, findings)| findings.iter().map(move |it| (*index, it)));
    all.map(|(index, rated)| {
        let file = files.get(index).map(|file| file.name.as_str()).unwrap_or_default();
        let help = rated.finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        (rated.severity, format!("{file}: {}{help}", rated.finding.message))
    })
    .collect()
}
