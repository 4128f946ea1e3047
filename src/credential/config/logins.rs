//! The usable credentials of a config file, and the clean file that holds nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;

use crate::credential::login::{Login, LoginProof};
use crate::image::Host;

use super::Form;

/// Credentials for some registries, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Logins(pub(super) BTreeMap<Host, Login>);

impl Logins {
    /// Adds credentials, replacing those of the same registry.
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

    /// Keeps only the registries for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Host) -> bool) {
        self.0.retain(|host, _| keep(host));
    }

    /// A config file with these credentials and nothing else. The same credentials give the same bytes.
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

/// The members of an entry, in the order they are written.
pub(in crate::credential) fn members(login: &Login) -> Vec<(&'static str, Zeroizing<String>)> {
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
