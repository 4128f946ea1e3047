//! Docker's config files: `config.json` (`auths`, `credsStore`, `credHelpers`; docker/cli, `configfile`), and the older
//! `.dockercfg`, which has the registries at the top level.

mod entry;
mod logins;
mod settings;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::image::Host;
use crate::report::FileFault;
use crate::source::{Document, Format, Pointer, SyntaxProblem, Type, Value};

pub use entry::{AuthEntry, ConfigFault, ConfigNote};
pub use logins::Logins;

pub(super) use logins::members;

use entry::entry;

/// The form of a config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `config.json`, Docker 1.7 and later.
    Config,
    /// `.dockercfg`.
    Dockercfg,
}

/// A config file: every entry, usable or with its fault.
#[derive(Clone, Debug)]
pub struct Config {
    /// The form.
    pub form: Form,
    /// The entries, in the order of the text.
    pub entries: Vec<AuthEntry>,
    /// The program that keeps all credentials (`credsStore`).
    pub store: Option<String>,
    /// The programs that keep those of single registries (`credHelpers`): key, program.
    pub helpers: Vec<(String, String)>,
    /// Docker's own settings that have a wrong type, each as a part of a sentence: Docker drops such a file.
    pub faults: Vec<String>,
}

/// Why a text is not a config file. Never quotes the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ConfigError {
    /// The bytes to point at.
    pub range: Range<usize>,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl ConfigError {
    /// It in the file `name` with this text, of which no value is shown.
    #[must_use]
    pub fn in_file(&self, name: &str, text: &str) -> FileFault {
        FileFault::among_secrets(name, text, &self.range, &*self.problem)
    }
}

/// Parses the text of a config file.
///
/// # Errors
/// When it is not JSON, with a message that quotes none of it.
pub fn parse(text: &str) -> Result<Document, ConfigError> {
    parse_as(text, Format::Json)
}

/// As [`parse`], for another format.
pub(super) fn parse_as(text: &str, format: Format) -> Result<Document, ConfigError> {
    Document::parse(text, format).map_err(|error| ConfigError {
        range: error.range,
        problem: match error.problem {
            // The text in these problems may be a password.
            SyntaxProblem::Empty => "the file is empty".to_owned(),
            SyntaxProblem::UnknownWord(_) => "a bare word that is not a JSON value".to_owned(),
            SyntaxProblem::NotFinite(_) => "not a JSON number".to_owned(),
            SyntaxProblem::Yaml(_) => "this is not YAML".to_owned(),
            problem => problem.to_string(),
        },
    })
}

impl Config {
    /// Reads a config file of either form.
    ///
    /// # Errors
    /// When it does not have the shape of one. Unusable entries are kept, each with its fault.
    pub fn read(document: &Document) -> Result<Self, ConfigError> {
        let root = document.root();
        if root.kind() != Type::Object {
            return Err(wrong(&root, format!("this is {}, not an object", root.kind().with_article())));
        }
        let form = form(&root);
        let table = match form {
            Form::Dockercfg => Some(root),
            Form::Config => root.get("auths").filter(|auths| !auths.is_null()),
        };
        if let Some(table) = table.filter(|table| table.kind() != Type::Object) {
            let kind = table.kind().with_article();
            return Err(wrong(&table, format!("`auths` is {kind}, not an object of registries")));
        }
        let entries = table.iter().flat_map(Value::members).filter_map(|(key, value)| entry(&key, &value));
        let entries = entries.filter(|entry| !is_own_token(&entry.key)).collect();
        let text = |value: Value<'_>| value.as_str().map(String::from).filter(|text| !text.is_empty());
        let (mut store, mut helpers, mut faults) = (None, Vec::new(), Vec::new());
        if form == Form::Config {
            faults = settings::faults(&root);
            store = root.get("credsStore").and_then(text);
            let programs = root.get("credHelpers");
            let programs = programs.iter().flat_map(Value::members);
            helpers = programs.filter_map(|(key, value)| Some((text(key)?, text(value)?))).collect();
        }
        Ok(Self { form, entries, store, helpers, faults })
    }

    /// Parses and reads a config file called `name`.
    ///
    /// # Errors
    /// Where it is not one, and why; quotes none of its values.
    pub fn of_text(name: &str, text: &str) -> Result<(Document, Self), FileFault> {
        let parsed = parse(text).and_then(|document| Self::read(&document).map(|config| (document, config)));
        parsed.map_err(|error| error.in_file(name, text))
    }

    /// Why the entry for a registry gives no credentials.
    #[must_use]
    pub fn fault(&self, host: &Host) -> Option<ConfigFault> {
        let same = self.entries.iter().find(|entry| entry.host.as_ref() == Ok(host))?;
        same.login.as_ref().err().copied()
    }

    /// The usable credentials, one for each registry, and the entries that others override. Where several keys name one
    /// registry, the key as Docker writes it wins, else the last.
    #[must_use]
    pub fn logins(&self) -> (Logins, Vec<&AuthEntry>) {
        let mut chosen: BTreeMap<&Host, &AuthEntry> = BTreeMap::new();
        let mut left = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.login.is_ok()) {
            let Ok(host) = &entry.host else { continue };
            let Some(other) = chosen.get(host).copied() else {
                chosen.insert(host, entry);
                continue;
            };
            let stays = other.key == host.key() && entry.key != host.key();
            let (winner, loser) = if stays { (other, entry) } else { (entry, other) };
            chosen.insert(host, winner);
            let differs = match (&winner.login, &loser.login) {
                (Ok(one), Ok(two)) => !one.is_same(two),
                _ => false,
            };
            if differs {
                left.push(loser);
            }
        }
        let logins = chosen
            .into_iter()
            .filter_map(|(host, entry)| entry.login.as_ref().ok().map(|login| (host.clone(), login.clone())));
        (Logins(logins.collect()), left)
    }

    /// The helper program that keeps the credentials of a registry, if one does.
    #[must_use]
    pub fn helper(&self, host: &Host) -> Option<&str> {
        let own = self.helpers.iter().find(|(key, _)| Host::parse(key).as_ref() == Ok(host));
        own.map(|(_, program)| program.as_str()).or(self.store.as_deref())
    }
}

/// A `.dockercfg` has no member of `config.json`, and an object for each registry.
fn form(root: &Value<'_>) -> Form {
    const MEMBERS: [&str; 5] = ["auth", "email", "identitytoken", "registrytoken", "username"];
    let is_entry = |key: &Value<'_>, value: &Value<'_>| {
        !key.as_str().is_some_and(|key| settings::is_setting(&key))
            && MEMBERS.iter().any(|name| value.get(name).is_some())
    };
    let mut members = root.members().peekable();
    if members.peek().is_some() && members.all(|(key, value)| is_entry(&key, &value)) {
        Form::Dockercfg
    } else {
        Form::Config
    }
}

/// Whether this is a key under which Docker's client keeps its own tokens of a login in the browser, which are no
/// credentials of a registry (docker/cli, `internal/oauth/manager`).
pub(in crate::credential) fn is_own_token(key: &str) -> bool {
    let last = key.trim_end_matches('/').rsplit_once('/').map(|(_, last)| last);
    matches!(last, Some("access-token" | "refresh-token"))
}

fn wrong(at: &Value<'_>, problem: String) -> ConfigError {
    let range = at.range();
    ConfigError { range: range.start..range.end.min(range.start + 1), problem }
}

/// The object of registries in a config file.
pub(super) fn table(form: Form) -> Pointer {
    match form {
        Form::Config => Pointer::root().key("auths"),
        Form::Dockercfg => Pointer::root(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Config {
        Config::read(&parse(text).expect("JSON")).expect("a config")
    }

    #[test]
    fn the_two_forms_are_told_apart() {
        assert_eq!(read("{}").form, Form::Config);
        assert_eq!(read("{\"auths\": {}}").form, Form::Config);
        assert_eq!(read("{\"HttpHeaders\": {\"a\": \"b\"}}").form, Form::Config);
        assert_eq!(read("{\"r\": {\"auth\": \"YTpi\", \"email\": \"\"}}").form, Form::Dockercfg);
        assert_eq!(read("{\"r\": {\"identitytoken\": \"t\"}}").form, Form::Dockercfg);
        assert_eq!(read("{\"proxies\": {\"auth\": \"b\"}}").form, Form::Config);
    }

    #[test]
    fn settings_of_a_wrong_type_are_named() {
        let right = r#"{"auths": {}, "HttpHeaders": {"X-A": "b"}, "proxies": {"default": {"httpProxy": "p"}},
            "experimental": "enabled", "aliases": null, "somethingNew": 7}"#;
        assert_eq!(read(right).faults, Vec::<String>::new());
        let wrong = r#"{"auths": {}, "httpheaders": "X-A: b", "credHelpers": {"r": 1}, "pruneFilters": {}}"#;
        let expected = [
            "`HttpHeaders` is not an object of strings",
            "`credHelpers` is not an object of strings",
            "`pruneFilters` is not an array of strings",
        ];
        assert_eq!(read(wrong).faults, expected);
    }

    #[test]
    fn the_key_that_docker_writes_wins() {
        let config = read(
            "{\"auths\": {\"https://r/v1/\": {\"auth\": \"YTpi\"}, \"r\": {\"auth\": \"YTpj\"}, \"http://r\": {\"auth\": \"YTpk\"}}}",
        );
        let (logins, left) = config.logins();
        let login = logins.get(&Host::parse("r").expect("a host")).expect("there");
        assert_eq!(*login.auth().expect("there"), "YTpj");
        assert_eq!(
            left.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(),
            ["https://r/v1/", "http://r"]
        );
    }
}
