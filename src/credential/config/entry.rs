//! One entry of a config file: a registry and its credentials.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::image::{Host, HostError};
use crate::source::{Type, Value};

use crate::credential::login::{Login, LoginProof};

/// What a config file has under one key.
#[derive(Clone, Debug)]
pub struct AuthEntry {
    /// The key as it is written.
    pub key: String,
    /// The registry it is for.
    pub host: Result<Host, HostError>,
    /// The credentials.
    pub login: Result<Login, ConfigFault>,
    /// What one of the containerizers does not take.
    pub notes: Vec<ConfigNote>,
    /// The bytes of the key in the text.
    pub range: Range<usize>,
}

/// Why an entry gives no credentials. Never quotes the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// `{}`: what `docker login` leaves when a helper keeps the credentials.
    #[error("it is empty: a helper keeps the credentials, or nothing does")]
    Empty,
    /// The entry is not an object.
    #[error("it is not an object")]
    NotAnObject,
    /// A member is not a string.
    #[error("`{0}` is not a string")]
    NotText(&'static str),
    /// `auth` cannot be decoded.
    #[error("`auth` is not base64")]
    NotBase64,
    /// `auth` is base64 of bytes that are not text.
    #[error("`auth` is base64 of bytes that are not UTF-8 text")]
    NotUtf8,
    /// `auth` is base64 of another text.
    #[error("`auth` is base64 of a text without a colon; user:password is expected")]
    NoColon,
    /// No user before the colon.
    #[error("the user name is empty")]
    NoUser,
    /// Nothing after the colon, and no token.
    #[error("the password is empty")]
    NoPassword,
}

/// A form that works with one containerizer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigNote {
    /// The password ends in a line break: `echo` without `-n` before `base64`.
    LineBreak,
    /// A line break within the base64 text: `base64` without `-w0`. Docker skips it, Mesos sends it.
    Wrapped,
    /// `username` and `password` without `auth`. Mesos reads `auth` only.
    NoAuth,
}

pub(super) fn entry(key: &Value<'_>, value: &Value<'_>) -> Option<AuthEntry> {
    let name = key.as_str()?.into_owned();
    let mut notes = Vec::new();
    let login = login(value, &mut notes);
    // A blank at an end is a part of the key, under which nothing is looked up.
    let host = match name.chars().find(|c| c.is_whitespace()) {
        Some(blank) => Err(HostError::Character(blank)),
        None => Host::parse(&name),
    };
    Some(AuthEntry { host, key: name, login, notes, range: key.range() })
}

fn login(value: &Value<'_>, notes: &mut Vec<ConfigNote>) -> Result<Login, ConfigFault> {
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
        Some(auth) => Some(decode(auth, notes)?),
        None => match (text("username")?, text("password")?) {
            (Some(user), password) => {
                notes.push(ConfigNote::NoAuth);
                // A registry takes the user to end at the first colon (RFC 7617).
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
fn decode(auth: &str, notes: &mut Vec<ConfigNote>) -> Result<(String, Zeroizing<String>), ConfigFault> {
    let on_one_line = Zeroizing::new(auth.replace(['\r', '\n'], ""));
    if on_one_line.len() != auth.len() {
        notes.push(ConfigNote::Wrapped);
    }
    let bytes = Zeroizing::new(STANDARD.decode(on_one_line.as_bytes()).map_err(|_| ConfigFault::NotBase64)?);
    let plain = std::str::from_utf8(&bytes).map_err(|_| ConfigFault::NotUtf8)?;
    let (user, password) = plain.split_once(':').ok_or(ConfigFault::NoColon)?;
    let password = password.trim_end_matches('\0');
    if password.ends_with(['\r', '\n']) {
        notes.push(ConfigNote::LineBreak);
    }
    Ok((user.to_owned(), Zeroizing::new(password.to_owned())))
}

#[cfg(test)]
mod tests {
    use crate::credential::config::{Config, parse};

    use super::*;

    fn read(text: &str) -> Config {
        Config::read(&parse(text).expect("JSON")).expect("a config")
    }

    fn fault(entry: &str) -> Option<ConfigFault> {
        read(&format!("{{\"auths\": {{\"r\": {entry}}}}}")).entries.remove(0).login.err()
    }

    #[test]
    fn unusable_entries_have_a_fault() {
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
}
