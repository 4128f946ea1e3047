//! The credentials for one registry: a user, and a password or token.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// A password or token. Never shown, not even by `Debug`, and wiped from memory when dropped.
#[derive(Clone)]
pub enum LoginProof {
    /// A password, or a token used in place of one.
    Password(SecretString),
    /// A refresh token of OAuth 2 (`identitytoken`). The Docker Engine exchanges it for access tokens; Mesos ignores it.
    Identity(SecretString),
    /// A bearer token, sent as it is (`registrytoken`).
    Registry(SecretString),
}

/// Credentials for a registry.
#[derive(Clone)]
pub struct Login {
    /// The user; may be empty beside a token.
    user: String,
    proof: LoginProof,
    /// The email address that `docker login` asked for up to Docker 17.06. `.dockercfg` files have it.
    email: Option<String>,
    /// The token servers, as `HOST` or `HOST:PORT`, that may have it beside the registry's own.
    #[cfg(feature = "net")]
    token_servers: Vec<String>,
}

/// Why a user and a password are not credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// No user.
    #[error("the user name is empty")]
    NoUser,
    /// No password.
    #[error("the password is empty")]
    NoPassword,
    /// `user:password` cannot hold it.
    #[error("a user name cannot have a colon in it: the rest would be taken for the password")]
    Colon,
    /// A line break, or another character that headers cannot have.
    #[error("the {0} has a control character in it, such as a line break, which no registry accepts")]
    Control(&'static str),
}

impl Login {
    /// A user and a password.
    ///
    /// # Errors
    /// When HTTP's basic scheme cannot carry them (RFC 7617).
    pub fn new(user: &str, password: SecretString) -> Result<Self, LoginError> {
        if user.is_empty() {
            return Err(LoginError::NoUser);
        }
        if user.contains(':') {
            return Err(LoginError::Colon);
        }
        if user.contains(char::is_control) {
            return Err(LoginError::Control("user name"));
        }
        let text = password.expose_secret();
        if text.is_empty() {
            return Err(LoginError::NoPassword);
        }
        if text.contains(char::is_control) {
            return Err(LoginError::Control("password"));
        }
        Ok(Self::found(user.to_owned(), LoginProof::Password(password), None))
    }

    /// Credentials from a file, unchecked.
    pub(super) fn found(user: String, proof: LoginProof, email: Option<String>) -> Self {
        Self {
            user,
            proof,
            email,
            #[cfg(feature = "net")]
            token_servers: Vec::new(),
        }
    }

    /// The user; may be empty beside a token.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, if it is one.
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        match &self.proof {
            LoginProof::Password(password) => Some(password),
            _ => None,
        }
    }

    /// The proof.
    pub(crate) fn proof(&self) -> &LoginProof {
        &self.proof
    }

    /// The same for these token servers too. Without them it is for the registry's own, and not for any that a registry names,
    /// as Docker does it.
    #[cfg(feature = "net")]
    pub(crate) fn also_for(self, token_servers: &[String]) -> Self {
        Self { token_servers: token_servers.to_vec(), ..self }
    }

    /// Whether the token server at this host and port may have it, where this registry names it.
    #[cfg(feature = "net")]
    pub(crate) fn is_for(&self, registry: &str, (host, port): (&str, u16)) -> bool {
        let is_named = |other: &String| {
            other.eq_ignore_ascii_case(host) || other.eq_ignore_ascii_case(&format!("{host}:{port}"))
        };
        is_of_one_domain(registry, host) || self.token_servers.iter().any(is_named)
    }

    /// The email address.
    pub(super) fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// The kind of the proof: `password`, `identity token`, `registry token`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.proof {
            LoginProof::Password(_) => "password",
            LoginProof::Identity(_) => "identity token",
            LoginProof::Registry(_) => "registry token",
        }
    }

    /// The value of `auth`: base64 of `user:password`, without a line break. With a token the password is empty; `None` if
    /// the user is empty as well.
    pub(super) fn auth(&self) -> Option<Zeroizing<String>> {
        let mut plain = Zeroizing::new(String::new());
        plain.push_str(&self.user);
        plain.push(':');
        match &self.proof {
            LoginProof::Password(password) => plain.push_str(password.expose_secret()),
            _ if self.user.is_empty() => return None,
            _ => {}
        }
        Some(Zeroizing::new(STANDARD.encode(plain.as_bytes())))
    }

    /// Whether both are the same credentials, whatever the email address.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.user == other.user
            && match (&self.proof, &other.proof) {
                (LoginProof::Password(one), LoginProof::Password(two))
                | (LoginProof::Identity(one), LoginProof::Identity(two))
                | (LoginProof::Registry(one), LoginProof::Registry(two)) => {
                    one.expose_secret() == two.expose_secret()
                }
                _ => false,
            }
    }
}

/// Whether two hosts are one, or of one owner's domain, as `registry-1.docker.io` and `auth.docker.io`.
#[cfg(feature = "net")]
fn is_of_one_domain(one: &str, other: &str) -> bool {
    let is_address = |host: &str| host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    if one.eq_ignore_ascii_case(other) || is_address(one) || is_address(other) {
        return one.eq_ignore_ascii_case(other);
    }
    let [one, other] = [one, other].map(|host| host.trim_end_matches('.').to_ascii_lowercase());
    // Below names such as `co.uk` and `github.io` everybody can have a domain.
    let owned = psl::domain_str(&one);
    owned.is_some() && owned == psl::domain_str(&other)
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).field("proof", &self.proof).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password(…)",
            Self::Identity(_) => "Identity(…)",
            Self::Registry(_) => "Registry(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auth_is_what_the_seed_makes_with_echo_n() {
        // echo -n myuser@domain.com:hard-to-guess-password | base64
        let login = Login::new("myuser@domain.com", "hard-to-guess-password".into()).expect("fine");
        let auth = login.auth().expect("there is one");
        assert_eq!(*auth, "bXl1c2VyQGRvbWFpbi5jb206aGFyZC10by1ndWVzcy1wYXNzd29yZA==");
        assert!(!format!("{login:?} {login:#?}").contains("hard"));
    }

    #[cfg(feature = "net")]
    #[test]
    fn token_servers_are_those_of_the_registrys_domain_or_named_ones() {
        let login = Login::new("a", "x".into()).expect("fine");
        assert!(!login.is_for("registry.example.com", ("tokens.example.org", 5001)));
        let login = login.also_for(&["auth".to_owned(), "tokens.example.org:5001".to_owned()]);
        for (registry, host, port, is_for) in [
            ("registry-1.docker.io", "auth.docker.io", 443, true),
            ("registry.gitlab.com", "GitLab.com", 443, true),
            ("10.0.0.1", "10.0.0.1", 5001, true),
            ("localhost", "localhost", 5001, true),
            ("registry", "auth", 5001, true),
            ("registry.example.com", "tokens.example.org", 5001, true),
            ("registry.example.com", "tokens.example.org", 443, false),
            ("registry.example.com", "registry.example.org", 443, false),
            ("10.0.0.1", "10.0.0.2", 443, false),
            ("a.co.uk", "b.co.uk", 443, false),
            ("r.a.co.uk", "t.a.co.uk", 443, true),
            ("a.github.io", "evil.github.io", 443, false),
            ("r.a.github.io", "a.github.io", 443, true),
            ("a.s3.amazonaws.com", "b.s3.amazonaws.com", 443, false),
            ("registry.marathon.mesos", "auth.marathon.mesos", 443, true),
            ("r.marathon.l4lb.thisdcos.directory", "a.marathon.l4lb.thisdcos.directory", 443, true),
            ("github.io", "github.io", 443, true),
            ("co.uk", "a.co.uk", 443, false),
            ("registry", "tokens", 443, false),
        ] {
            assert_eq!(login.is_for(registry, (host, port)), is_for, "{registry} {host}:{port}");
        }
    }

    #[test]
    fn unusable_users_and_passwords_are_refused() {
        let new = |user: &str, password: &str| Login::new(user, password.into()).map(|_| ());
        assert_eq!(new("", "x"), Err(LoginError::NoUser));
        assert_eq!(new("a:b", "x"), Err(LoginError::Colon));
        assert_eq!(new("a", ""), Err(LoginError::NoPassword));
        assert_eq!(new("a", "x\ny"), Err(LoginError::Control("password")));
        assert_eq!(new("a\t", "x"), Err(LoginError::Control("user name")));
        assert_eq!(new("a", "x:y z"), Ok(()));
    }
}
