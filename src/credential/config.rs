//! Docker's config files: `config.json` (`auths`, `credsStore`, `credHelpers`; docker/cli, `configfile`), and the older
//! `.dockercfg`, where the registries stand at the top.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::source::{Document, Format, Pointer, SyntaxProblem, Type, Value};

use super::login::{Login, LoginProof};
use crate::image::{Host, HostError};

/// Which of the two files it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `config.json`, Docker 1.7 and later.
    Config,
    /// `.dockercfg`.
    Dockercfg,
}

/// A config file as it was read: every entry with what is wrong with it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which file.
    pub form: Form,
    /// The entries, in the order of the text.
    pub entries: Vec<AuthEntry>,
    /// The program that keeps all credentials (`credsStore`).
    pub store: Option<String>,
    /// The programs that keep those of single registries (`credHelpers`): key, program.
    pub helpers: Vec<(String, String)>,
}

/// What a config file has under one key.
#[derive(Clone, Debug)]
pub struct AuthEntry {
    /// The key as it is spelt.
    pub key: String,
    /// The registry it is for.
    pub host: Result<Host, HostError>,
    /// The credentials.
    pub login: Result<Login, ConfigFault>,
    /// What not every reader takes.
    pub remarks: Vec<ConfigNote>,
    /// Where the key stands in the text.
    pub range: Range<usize>,
}

/// Why an entry gives no credentials. Never quotes what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// `{}`: what `docker login` leaves when a helper keeps the credentials.
    #[error("it is empty: the credentials are in a helper's keeping, or nowhere")]
    Empty,
    /// The entry is no object.
    #[error("it is no object")]
    NotAnObject,
    /// A member is no string.
    #[error("`{0}` is no string")]
    NotText(&'static str),
    /// `auth` cannot be decoded.
    #[error("`auth` is not base64")]
    NotBase64,
    /// `auth` is base64 of something that is no text.
    #[error("`auth` is base64 of something that is no UTF-8 text")]
    NotUtf8,
    /// `auth` is base64 of something else.
    #[error("`auth` is base64 of a text without a colon, and user:password has one")]
    NoColon,
    /// No user before the colon.
    #[error("the user name is empty")]
    NoUser,
    /// Nothing after the colon, and no token.
    #[error("the password is empty")]
    NoPassword,
}

/// What works with some readers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigNote {
    /// The password ends in a line break: `echo` without `-n` before `base64`.
    LineBreak,
    /// There is a line break within the base64 text: `base64` without `-w0`. Docker skips it, Mesos sends it.
    Wrapped,
    /// `username` and `password` without `auth`, which is all that Mesos reads.
    NoAuth,
}

/// Why a text is no config file. Never quotes the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ConfigError {
    /// The bytes to point at.
    pub range: Range<usize>,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Reads the text of a config file.
///
/// # Errors
/// When it is no JSON, with a message that quotes none of it.
pub fn parse(text: &str) -> Result<Document, ConfigError> {
    parse_as(text, Format::Json)
}

/// As [`parse`], for another format.
pub(super) fn parse_as(text: &str, format: Format) -> Result<Document, ConfigError> {
    Document::parse(text, format).map_err(|error| ConfigError {
        range: error.range,
        problem: match error.problem {
            // What stands there may be a password.
            SyntaxProblem::Empty => "the file is empty".to_owned(),
            SyntaxProblem::UnknownWord(_) => "a bare word that is no JSON value".to_owned(),
            SyntaxProblem::NotFinite(_) => "no JSON number".to_owned(),
            SyntaxProblem::Yaml(_) => "this is no YAML".to_owned(),
            problem => problem.to_string(),
        },
    })
}

impl Config {
    /// Reads a config file of either form.
    ///
    /// # Errors
    /// When it has not the shape of one. Entries that are of no use are kept, each with its fault.
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
        let entries =
            table.iter().flat_map(Value::members).filter_map(|(key, value)| entry(&key, &value)).collect();
        let text = |value: Value<'_>| value.as_str().map(String::from).filter(|text| !text.is_empty());
        let (mut store, mut helpers) = (None, Vec::new());
        if form == Form::Config {
            store = root.get("credsStore").and_then(text);
            let programs = root.get("credHelpers");
            let programs = programs.iter().flat_map(Value::members);
            helpers = programs.filter_map(|(key, value)| Some((text(key)?, text(value)?))).collect();
        }
        Ok(Self { form, entries, store, helpers })
    }

    /// The credentials that can be used, one for each registry, and the keys of those that others stand in for. Where
    /// several keys name one registry, the one that Docker spells itself wins, else the last.
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

    /// The program that keeps the credentials of a registry, if it is not the file that does.
    #[must_use]
    pub fn helper(&self, host: &Host) -> Option<&str> {
        let own = self.helpers.iter().find(|(key, _)| Host::parse(key).as_ref() == Ok(host));
        own.map(|(_, program)| program.as_str()).or(self.store.as_deref())
    }
}

/// `.dockercfg` has no member of `config.json`, and an object for each registry.
fn form(root: &Value<'_>) -> Form {
    let is_entry = |value: &Value<'_>| value.get("auth").is_some() || value.get("email").is_some();
    let has_own = ["auths", "credsStore", "credHelpers"].iter().any(|name| root.get(name).is_some());
    let mut members = root.members().peekable();
    if !has_own && members.peek().is_some() && members.all(|(_, value)| is_entry(&value)) {
        Form::Dockercfg
    } else {
        Form::Config
    }
}

fn wrong(at: &Value<'_>, problem: String) -> ConfigError {
    let range = at.range();
    ConfigError { range: range.start..range.end.min(range.start + 1), problem }
}

fn entry(key: &Value<'_>, value: &Value<'_>) -> Option<AuthEntry> {
    let name = key.as_str()?.into_owned();
    let mut remarks = Vec::new();
    let login = login(value, &mut remarks);
    Some(AuthEntry { host: Host::parse(&name), key: name, login, remarks, range: key.range() })
}

fn login(value: &Value<'_>, remarks: &mut Vec<ConfigNote>) -> Result<Login, ConfigFault> {
    if value.kind() != Type::Object {
        return Err(ConfigFault::NotAnObject);
    }
    let text = |name: &'static str| match value.get(name).filter(|value| !value.is_null()) {
        Some(value) => match value.as_str() {
            Some(text) => Ok(Some(Zeroizing::new(text.into_owned())).filter(|text| !text.is_empty())),
            None => Err(ConfigFault::NotText(name)),
        },
        None => Ok(None),
    };
    let (auth, email) = (text("auth")?, text("email")?.map(|email| email.to_string()));
    let (identity, registry) = (text("identitytoken")?, text("registrytoken")?);
    let pair = match &auth {
        Some(auth) => Some(decode(auth, remarks)?),
        None => match (text("username")?, text("password")?) {
            (Some(user), password) => {
                remarks.push(ConfigNote::NoAuth);
                // What a registry is sent: to it the user ends at the first colon (RFC 7617).
                let sent = Zeroizing::new(format!("{}:{}", *user, *password.unwrap_or_default()));
                let (user, password) = sent.split_once(':').unwrap_or_default();
                Some((user.to_owned(), Zeroizing::new(password.to_owned())))
            }
            (None, _) => None,
        },
    };
    let secret = |text: Zeroizing<String>| SecretString::from(text.as_str());
    let (user, password) = pair.unzip();
    let user = user.unwrap_or_default();
    let proof = match (registry, identity, password) {
        (Some(token), _, _) => LoginProof::Registry(secret(token)),
        (None, Some(token), _) => LoginProof::Identity(secret(token)),
        (None, None, None) => return Err(ConfigFault::Empty),
        (None, None, Some(_)) if user.is_empty() => return Err(ConfigFault::NoUser),
        (None, None, Some(password)) if password.is_empty() => return Err(ConfigFault::NoPassword),
        (None, None, Some(password)) => LoginProof::Password(secret(password)),
    };
    Ok(Login::found(user, proof, email))
}

/// `user:password` out of base64, as Docker decodes it (docker/cli, `decodeAuth`): line breaks are skipped, and zero
/// bytes at the end of the password are cut off.
fn decode(auth: &str, remarks: &mut Vec<ConfigNote>) -> Result<(String, Zeroizing<String>), ConfigFault> {
    let on_one_line = Zeroizing::new(auth.replace(['\r', '\n'], ""));
    if on_one_line.len() != auth.len() {
        remarks.push(ConfigNote::Wrapped);
    }
    let bytes = Zeroizing::new(STANDARD.decode(on_one_line.as_bytes()).map_err(|_| ConfigFault::NotBase64)?);
    let plain = std::str::from_utf8(&bytes).map_err(|_| ConfigFault::NotUtf8)?;
    let (user, password) = plain.split_once(':').ok_or(ConfigFault::NoColon)?;
    let password = password.trim_end_matches('\0');
    if password.ends_with(['\r', '\n']) {
        remarks.push(ConfigNote::LineBreak);
    }
    Ok((user.to_owned(), Zeroizing::new(password.to_owned())))
}

/// Credentials for some registries, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Logins(BTreeMap<Host, Login>);

impl Logins {
    /// Puts one in, in place of what was there.
    pub fn insert(&mut self, host: Host, login: Login) {
        self.0.insert(host, login);
    }

    /// The credentials for a registry.
    #[must_use]
    pub fn get(&self, host: &Host) -> Option<&Login> {
        self.0.get(host)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&Host, &Login)> {
        self.0.iter()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Leaves only those for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Host) -> bool) {
        self.0.retain(|host, _| keep(host));
    }

    /// A clean config file with nothing else in it. The same credentials give the same bytes.
    #[must_use]
    pub fn to_text(&self, form: Form) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        let indent = match form {
            Form::Config => "    ",
            Form::Dockercfg => "  ",
        };
        text.push_str(if form == Form::Config { "{\n  \"auths\": {" } else { "{" });
        for (index, (host, login)) in self.0.iter().enumerate() {
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            // Writing to a string cannot fail.
            let _ = write!(text, "{indent}{}: {{", *quoted(host.key()));
            for (index, (name, value)) in members(login).iter().enumerate() {
                text.push_str(if index == 0 { "\n" } else { ",\n" });
                let _ = write!(text, "{indent}  \"{name}\": {}", *quoted(value));
            }
            let _ = write!(text, "\n{indent}}}");
        }
        text.push_str(match (form, self.is_empty()) {
            (Form::Config, false) => "\n  }\n}\n",
            (Form::Config, true) => "}\n}\n",
            (Form::Dockercfg, false) => "\n}\n",
            (Form::Dockercfg, true) => "}\n",
        });
        text
    }
}

fn quoted(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::Value::from(text).to_string())
}

/// The members of an entry.
pub(super) fn members(login: &Login) -> Vec<(&'static str, Zeroizing<String>)> {
    use secrecy::ExposeSecret as _;
    let mut members = Vec::new();
    members.extend(login.auth().map(|auth| ("auth", auth)));
    let secret = |token: &SecretString| Zeroizing::new(token.expose_secret().to_owned());
    match login.proof() {
        LoginProof::Password(_) => {}
        LoginProof::Identity(token) => members.push(("identitytoken", secret(token))),
        LoginProof::Registry(token) => members.push(("registrytoken", secret(token))),
    }
    members.extend(login.email().map(|email| ("email", Zeroizing::new(email.to_owned()))));
    members
}

/// Where the registries stand in a config file.
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

    fn fault(entry: &str) -> Option<ConfigFault> {
        read(&format!("{{\"auths\": {{\"r\": {entry}}}}}")).entries.remove(0).login.err()
    }

    #[test]
    fn entries_that_give_nothing_say_why() {
        assert_eq!(fault("{}"), Some(ConfigFault::Empty));
        assert_eq!(fault("{\"auth\": \"\"}"), Some(ConfigFault::Empty));
        assert_eq!(fault("[]"), Some(ConfigFault::NotAnObject));
        assert_eq!(fault("{\"auth\": 1}"), Some(ConfigFault::NotText("auth")));
        assert_eq!(fault("{\"auth\": \"YTpi=\"}"), Some(ConfigFault::NotBase64));
        assert_eq!(fault("{\"auth\": \"YWI=\"}"), Some(ConfigFault::NoColon));
        assert_eq!(fault("{\"auth\": \"YTr/\"}"), Some(ConfigFault::NotUtf8));
        assert_eq!(fault("{\"auth\": \"OmI=\"}"), Some(ConfigFault::NoUser));
        assert_eq!(fault("{\"auth\": \"YTo=\"}"), Some(ConfigFault::NoPassword));
        assert_eq!(fault("{\"username\": \"a\"}"), Some(ConfigFault::NoPassword));
        assert_eq!(fault("{\"auth\": \"YTpiAAA=\"}"), None, "Docker cuts zero bytes off");
        assert_eq!(fault("{\"username\": \"a\", \"password\": \"b\"}"), None);
        assert_eq!(fault("{\"identitytoken\": \"t\"}"), None);
    }

    #[test]
    fn a_user_ends_at_the_first_colon() {
        let config = read(r#"{"auths": {"r": {"username": "a:b", "password": "c"}}}"#);
        let login = config.entries[0].login.as_ref().expect("a login");
        assert_eq!((login.user(), &**login.auth().expect("there is one")), ("a", "YTpiOmM="));
        assert!(!login.is_same(&Login::new("a", "b".into()).expect("fine")));
    }

    #[test]
    fn the_two_forms_are_told_apart() {
        assert_eq!(read("{}").form, Form::Config);
        assert_eq!(read("{\"auths\": {}}").form, Form::Config);
        assert_eq!(read("{\"HttpHeaders\": {\"a\": \"b\"}}").form, Form::Config);
        assert_eq!(read("{\"r\": {\"auth\": \"YTpi\", \"email\": \"\"}}").form, Form::Dockercfg);
    }

    #[test]
    fn the_key_that_docker_spells_itself_wins() {
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
