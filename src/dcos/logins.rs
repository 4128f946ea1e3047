//! The tokens that `milepost login` keeps, by the address that they are for, in a file that only its owner may read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::account::check_private;
use super::cluster::EnvLookup;
use crate::http::{BadToken, Token, Url, origin};
use crate::source::{self, FileError};
use crate::util::escape::shown_path;

/// Why the tokens cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginsError {
    /// There is no home directory.
    #[error("there is no place for tokens: set HOME or XDG_CONFIG_HOME")]
    NoHome,
    /// Others may read the file, or it is not one of milepost.
    #[error("{0}")]
    Unusable(String),
    /// The system says no.
    #[error(transparent)]
    File(#[from] FileError),
    /// The directory cannot be made.
    #[error("cannot make the directory {}: {cause}", shown_path(&directory))]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// The reason.
        cause: std::io::Error,
    },
}

/// What is kept for an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptLogin {
    token: SecretString,
    /// Who has signed in.
    #[serde(default)]
    pub user: Option<String>,
    /// What signs in again.
    #[serde(flatten)]
    pub account: KeptAccount,
}

/// The files of the service account that signs in again; none where a user has signed in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptAccount {
    /// The JSON of the account.
    #[serde(default)]
    pub service_account: Option<PathBuf>,
    /// Its private key, where that is a file of its own.
    #[serde(default)]
    pub private_key: Option<PathBuf>,
    /// Its name, beside a private key.
    #[serde(default)]
    pub uid: Option<String>,
}

impl KeptLogin {
    /// Keeps a token.
    pub(crate) fn new(token: &Token, user: Option<String>, account: KeptAccount) -> Self {
        Self { token: token.text().into(), user, account }
    }

    /// The token, which is from this file.
    ///
    /// # Errors
    /// When the text is none.
    pub(crate) fn token(&self, file: &Path) -> Result<Token, BadToken> {
        Token::new(self.token.expose_secret(), &shown_path(&file))
    }

    fn json(&self) -> Json {
        let mut json = json!({ "token": self.token.expose_secret() });
        if let Some(user) = &self.user {
            json["user"] = user.as_str().into();
        }
        let KeptAccount { service_account, private_key, uid } = &self.account;
        for (name, file) in [("serviceAccount", service_account), ("privateKey", private_key)] {
            if let Some(file) = file {
                json[name] = file.to_string_lossy().into_owned().into();
            }
        }
        if let Some(uid) = uid {
            json["uid"] = uid.as_str().into();
        }
        json
    }
}

/// The file of tokens.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile {
    /// The file: `milepost/logins.json` under `XDG_CONFIG_HOME` or `~/.config`.
    pub file: PathBuf,
}

impl TokenFile {
    /// Finds the file, which need not be there.
    ///
    /// # Errors
    /// Without a home directory.
    pub(crate) fn find(variable: EnvLookup<'_>) -> Result<Self, LoginsError> {
        let set = |name| variable(name).filter(|value| Path::new(value).is_absolute());
        let directory = match (set("XDG_CONFIG_HOME"), set("HOME")) {
            (Some(directory), _) => PathBuf::from(directory),
            (None, Some(home)) => Path::new(&home).join(".config"),
            (None, None) => return Err(LoginsError::NoHome),
        };
        Ok(Self { file: directory.join("milepost").join("logins.json") })
    }

    /// What is kept for the scheme, host and port of an address.
    ///
    /// # Errors
    /// When the file cannot be read, or has something for this address and others may read it.
    pub(crate) fn get(&self, url: &Url) -> Result<Option<KeptLogin>, LoginsError> {
        let kept = self.read_all()?.remove(&origin(url));
        if kept.is_some() {
            check_private(&self.file).map_err(LoginsError::Unusable)?;
        }
        Ok(kept)
    }

    /// Keeps a login for the scheme, host and port of an address.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn put(&self, url: &Url, login: KeptLogin) -> Result<(), LoginsError> {
        let directory = self.file.parent().unwrap_or(Path::new("."));
        source::make_private_directory(directory)
            .map_err(|cause| LoginsError::Directory { directory: directory.to_owned(), cause })?;
        source::alone(&self.file, || {
            let mut all = self.read()?;
            all.insert(origin(url), login);
            self.write(&all)
        })?
    }

    /// Forgets what is kept for an address: whether there was anything.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn remove(&self, url: &Url) -> Result<bool, LoginsError> {
        source::alone(&self.file, || {
            let mut all = self.read()?;
            let was_there = all.remove(&origin(url)).is_some();
            if was_there {
                self.write(&all)?;
            }
            Ok(was_there)
        })?
    }

    /// The servers that a login is kept for.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn servers(&self) -> Result<Vec<String>, LoginsError> {
        Ok(self.read_all()?.into_keys().collect())
    }

    /// All that is kept, for who changes it.
    fn read(&self) -> Result<BTreeMap<String, KeptLogin>, LoginsError> {
        if self.file.exists() {
            check_private(&self.file).map_err(LoginsError::Unusable)?;
        }
        self.read_all()
    }

    fn read_all(&self) -> Result<BTreeMap<String, KeptLogin>, LoginsError> {
        if !self.file.exists() {
            return Ok(BTreeMap::new());
        }
        let text = Zeroizing::new(source::read(&self.file)?);
        serde_json::from_str(&text).map_err(|error| {
            let name = shown_path(&self.file);
            let line = error.line();
            LoginsError::Unusable(format!(
                "{name}: line {line}: this is not a file of `milepost login`; remove it and log in again"
            ))
        })
    }

    fn write(&self, all: &BTreeMap<String, KeptLogin>) -> Result<(), LoginsError> {
        let all: BTreeMap<&String, Json> = all.iter().map(|(origin, login)| (origin, login.json())).collect();
        let text = serde_json::to_string_pretty(&all).unwrap_or_default();
        Ok(source::write_privately(&self.file, Zeroizing::new(text + "\n").as_bytes())?)
    }
}
