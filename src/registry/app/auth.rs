//! Authentication at the registry (`auth` in its configuration): by a file of users, or by tokens of a token server.

use crate::definition::ReadMode;

use super::builder::AppBuilder;
use super::naming::host_of;
use super::version::RegistryVersion;

/// The default directory of the file of users on the agents.
pub(crate) const USERS_DIR: &str = "/etc/privateregistry/auth/";
/// Its directory in the container.
const MOUNTED: &str = "/auth/";
/// Where certificates of token servers are in the container.
const BUNDLE: &str = "/auth/token.crt";

/// The default issuer, as in the configuration that docker_auth comes with.
pub(crate) const ISSUER: &str = "auth_service";
/// The default service.
pub(crate) const SERVICE: &str = "registry";

/// Who may pull and push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Everybody.
    #[default]
    None,
    /// The users of a file on the agents.
    Htpasswd {
        /// Its absolute path.
        file: String,
    },
    /// Whom a token server gives a token.
    Token(TokenAuth),
}

/// What the registry has to know of its token server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenAuth {
    /// The address that clients get tokens from: `https://auth.example.com:5001/auth`.
    pub realm: String,
    /// The registry's name at the token server.
    pub service: String,
    /// The token server's name in its tokens.
    pub issuer: String,
    /// The certificate that tokens are signed with: its absolute path on the agents.
    pub bundle: String,
}

/// Why the registry cannot be set up so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthError {
    /// The kind of authentication needs it.
    #[error("--auth {0} needs {1}")]
    Missing(&'static str, &'static str),
    /// The kind of authentication does not use it.
    #[error("--auth {0} takes no {1}")]
    Unused(&'static str, &'static str),
    /// Paths are those of the agents.
    #[error("{0} is a file on the agents: give an absolute path, not \"{1}\"")]
    Relative(&'static str, String),
    /// Clients send their password there.
    #[error(
        "--token-realm \"{0}\" is not an address of a token server: give one such as https://auth.example.com:5001/auth"
    )]
    Realm(String),
    /// The token server and the registry compare them.
    #[error("{0} must not be empty")]
    Empty(&'static str),
}

impl Auth {
    /// Users of a file.
    ///
    /// # Errors
    /// When the path is not absolute.
    pub(crate) fn htpasswd(file: String) -> Result<Self, AuthError> {
        absolute("--htpasswd", file).map(|file| Self::Htpasswd { file })
    }

    /// Tokens of a token server.
    ///
    /// # Errors
    /// When an address or a path cannot be one.
    pub(crate) fn token(token: TokenAuth) -> Result<Self, AuthError> {
        let is_address = host_of(&token.realm).is_some_and(|host| !host.is_empty() && !host.contains('@'));
        if !is_address || token.realm.contains(char::is_whitespace) {
            return Err(AuthError::Realm(token.realm));
        }
        for (option, value) in [("--token-service", &token.service), ("--token-issuer", &token.issuer)] {
            if value.trim().is_empty() {
                return Err(AuthError::Empty(option));
            }
        }
        let bundle = absolute("--token-bundle", token.bundle)?;
        Ok(Self::Token(TokenAuth { bundle, ..token }))
    }

    /// A path that answers 200 without a login: with authentication, `/v2/` answers 401.
    #[must_use]
    pub(crate) fn open_path(&self) -> &'static str {
        match self {
            Self::None => "/v2/",
            Self::Htpasswd { .. } | Self::Token(_) => "/",
        }
    }

    pub(crate) fn add_to(&self, has_tls: bool, builder: &mut AppBuilder) {
        if *self != Self::None && !has_tls {
            builder.warn("without TLS anybody on the network path can read the passwords of users");
        }
        match self {
            Self::None => {}
            Self::Htpasswd { file } => {
                // The directory and not the file: a file that is replaced keeps its old content in a container.
                let (directory, name) = file.rsplit_once('/').unwrap_or(("", file));
                builder.mount(&format!("{directory}/"), MOUNTED, ReadMode::ReadOnly);
                builder.env("REGISTRY_AUTH", "htpasswd");
                builder.env("REGISTRY_AUTH_HTPASSWD_REALM", "registry");
                builder.env("REGISTRY_AUTH_HTPASSWD_PATH", format!("{MOUNTED}{name}"));
            }
            Self::Token(token) => token.add_to(builder),
        }
    }

    /// Tells which files it needs on the agents, and what the token server has to agree to.
    pub(super) fn tell_files(&self, version: RegistryVersion, builder: &mut AppBuilder) {
        match self {
            Self::None => {}
            Self::Htpasswd { file } => {
                let name = file.rsplit('/').next().unwrap_or_default();
                builder.note(format!(
                    "{file} must be on every agent that may run the registry: `milepost registry user add NAME {name}` \
                     writes it, with bcrypt hashes, which are all that the registry takes"
                ));
            }
            Self::Token(token) => token.tell_files(version, builder),
        }
    }
}

impl TokenAuth {
    fn add_to(&self, builder: &mut AppBuilder) {
        builder.mount(&self.bundle, BUNDLE, ReadMode::ReadOnly);
        builder.env("REGISTRY_AUTH", "token");
        builder.env("REGISTRY_AUTH_TOKEN_REALM", &self.realm);
        builder.env("REGISTRY_AUTH_TOKEN_SERVICE", yaml_text(&self.service));
        builder.env("REGISTRY_AUTH_TOKEN_ISSUER", yaml_text(&self.issuer));
        builder.env("REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE", BUNDLE);
        if self.realm.starts_with("http://") {
            builder.warn("clients send passwords to a token server without TLS");
        }
    }

    fn tell_files(&self, version: RegistryVersion, builder: &mut AppBuilder) {
        builder.note(format!(
            "{} must be on every agent that may run the registry: the certificate that the token server signs with itself, \
             not only that of its authority, with an RSA key",
            self.bundle
        ));
        let key = match version {
            RegistryVersion::Two => "docker_auth must not have `disable_legacy_key_id` for registry 2",
            RegistryVersion::Three => "docker_auth needs `disable_legacy_key_id: true` for registry 3",
        };
        builder.note(format!(
            "the token server's issuer must be {}, and clients must reach and trust {}; {key}",
            self.issuer, self.realm
        ));
    }
}

/// A text as the registry reads it: the values of its variables are YAML, and a number in place of a text ends it with
/// "requires a valid option string" (2.8 and 3.0).
pub(super) fn yaml_text(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(&b))
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn absolute(option: &'static str, path: String) -> Result<String, AuthError> {
    if path.starts_with('/') && !path.ends_with('/') {
        Ok(path)
    } else {
        Err(AuthError::Relative(option, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts_to_the_registry() {
        for (text, written) in [
            ("registry", "registry"),
            ("auth_service", "auth_service"),
            ("2024", "\"2024\""),
            ("true", "\"true\""),
            ("Registry of the shop", "\"Registry of the shop\""),
            ("a: b", "\"a: b\""),
        ] {
            assert_eq!(yaml_text(text), written);
        }
    }

    #[test]
    fn addresses_and_paths_are_checked() {
        let token = |realm: &str, issuer: &str, bundle: &str| {
            let [realm, issuer, bundle] = [realm, issuer, bundle].map(str::to_owned);
            Auth::token(TokenAuth { realm, service: "registry".to_owned(), issuer, bundle })
        };
        assert!(token("https://auth.example.com:5001/auth", "a", "/c.crt").is_ok());
        for (realm, issuer, bundle) in [
            ("auth:5001", "a", "/c"),
            ("https:///auth", "a", "/c"),
            ("https://u:p@auth/", "a", "/c"),
            ("ftp://auth/", "a", "/c"),
            ("https://auth/", " ", "/c"),
            ("https://auth/", "a", "c"),
        ] {
            assert!(token(realm, issuer, bundle).is_err(), "{realm} {issuer} {bundle}");
        }
        assert!(
            Auth::htpasswd("/etc/users".to_owned()).is_ok() && Auth::htpasswd("users".to_owned()).is_err()
        );
    }
}
