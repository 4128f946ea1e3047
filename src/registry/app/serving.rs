//! What the registry serves: images of its own, or those of another registry; with or without changes.

use super::auth::yaml_text;
use super::builder::AppBuilder;
use super::naming::host_of;

/// What the registry serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Serving {
    /// The registry whose images it keeps copies of (a pull-through cache).
    pub proxy: Option<Proxy>,
    /// Whether it refuses pushes and deletions, as while garbage is collected.
    pub is_read_only: bool,
    /// Whether images may be deleted.
    pub deletes: bool,
}

/// Another registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// Its address, such as `https://registry-1.docker.io`.
    pub url: String,
    /// The user there.
    pub user: Option<String>,
    /// Where the secret store has the user's password.
    pub password_from: Option<String>,
}

/// Why a registry cannot serve so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ServingError {
    /// Not an address.
    #[error(
        "--proxy \"{0}\" is not the address of a registry: give one such as https://registry-1.docker.io"
    )]
    Url(String),
    /// A password in an address is in the definition.
    #[error("--proxy has a user or a password in it: give them with --proxy-user and --proxy-password-from")]
    Password,
    /// The registry asks for both.
    #[error("--proxy-user and --proxy-password-from go together")]
    HalfALogin,
    /// What the other registry would take for another name.
    #[error(
        "--proxy-user \"{0}\" cannot be a user's name: it is empty, or has a colon, a blank or a control character"
    )]
    User(String),
    /// A cache has to be written.
    #[error("--read-only does not go with --proxy, which keeps what it gets")]
    ReadOnlyProxy,
    /// It answers 405 to each deletion.
    #[error(
        "--delete does not go with --proxy: a registry that keeps copies of another one's images refuses each deletion"
    )]
    DeletingProxy,
}

impl Serving {
    /// Checks the choices.
    ///
    /// # Errors
    /// When the registry does not start, or does nothing, with them.
    pub(crate) fn check(&self) -> Result<(), ServingError> {
        let Some(proxy) = &self.proxy else { return Ok(()) };
        match host_of(&proxy.url) {
            Some(host) if host.contains('@') => Err(ServingError::Password),
            Some(host) if !host.is_empty() && !proxy.url.contains(char::is_whitespace) => {
                let is_odd = |c: char| c == ':' || c.is_whitespace() || c.is_control();
                if let Some(user) =
                    proxy.user.as_ref().filter(|user| user.is_empty() || user.contains(is_odd))
                {
                    Err(ServingError::User(user.replace(char::is_control, "?")))
                } else if proxy.user.is_some() != proxy.password_from.is_some() {
                    Err(ServingError::HalfALogin)
                } else if self.is_read_only {
                    Err(ServingError::ReadOnlyProxy)
                } else if self.deletes {
                    Err(ServingError::DeletingProxy)
                } else {
                    Ok(())
                }
            }
            _ => Err(ServingError::Url(proxy.url.clone())),
        }
    }

    pub(super) fn add_to(&self, builder: &mut AppBuilder) {
        if self.is_read_only {
            // The variable of the field alone, …_READONLY_ENABLED, ends the registry with a panic (2.8.2).
            builder.env("REGISTRY_STORAGE_MAINTENANCE_READONLY", "{\"enabled\":true}");
            builder.note("it refuses pushes and deletions until it is deployed without --read-only");
        }
        if self.deletes {
            builder.env("REGISTRY_STORAGE_DELETE_ENABLED", "true");
            builder.note(
                "deleting an image frees no space: `milepost registry task garbage-collect` makes an app that does",
            );
        }
        if let Some(Proxy { url, user, password_from }) = &self.proxy {
            builder.env("REGISTRY_PROXY_REMOTEURL", url);
            if let Some((user, source)) = user.as_ref().zip(password_from.as_ref()) {
                builder.env("REGISTRY_PROXY_USERNAME", yaml_text(user));
                builder.secret_env("REGISTRY_PROXY_PASSWORD", "proxy-password", source);
                builder.warn(format!(
                    "whoever may pull from this registry may pull what {user} may pull from {url}"
                ));
            }
            builder.note(format!(
                "it keeps copies of images of {url} for a week, and nothing can be pushed to it; Docker asks it first with \
                 registry-mirrors, for Docker Hub only"
            ));
        }
    }
}

/// The option by which a registry takes no pushes, whatever variable it is given by.
#[cfg(all(feature = "net", feature = "cert"))]
pub(crate) fn takes_no_pushes(app: &crate::definition::App) -> Option<&'static str> {
    use crate::definition::EnvVarValueOrSecret::{Secret, Value};
    let text = |name: &str| match app.env.as_ref()?.get(name)? {
        Value(text) => Some(text.as_str()),
        Secret(_) => None,
    };
    if text("REGISTRY_PROXY_REMOTEURL").is_some_and(|url| !url.trim().is_empty()) {
        return Some("--proxy");
    }
    let is_read_only =
        text("REGISTRY_STORAGE_MAINTENANCE_READONLY").is_some_and(crate::registry::settings::is_on);
    is_read_only.then_some("--read-only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_served_is_refused() {
        let of = |url: &str, user: Option<&str>, is_read_only| {
            let proxy = Proxy { url: url.to_owned(), user: user.map(str::to_owned), password_from: None };
            Serving { proxy: Some(proxy), is_read_only, deletes: false }.check()
        };
        let hub = "https://registry-1.docker.io";
        assert_eq!(of(hub, None, false), Ok(()));
        for url in ["registry-1.docker.io", "https://", "ftp://a", "https://a b"] {
            assert_eq!(of(url, None, false), Err(ServingError::Url(url.to_owned())));
        }
        assert_eq!(of("https://u:p@a", None, false), Err(ServingError::Password));
        assert_eq!(of(hub, Some("u"), false), Err(ServingError::HalfALogin));
        for user in ["", "a:b", "a\"b: x", "a b"] {
            assert_eq!(of(hub, Some(user), false), Err(ServingError::User(user.to_owned())), "{user}");
        }
        assert_eq!(of(hub, None, true), Err(ServingError::ReadOnlyProxy));
        let proxy = Proxy { url: hub.to_owned(), user: None, password_from: None };
        let deleting = Serving { proxy: Some(proxy), deletes: true, ..Serving::default() };
        assert_eq!(deleting.check(), Err(ServingError::DeletingProxy));
        assert_eq!(Serving { is_read_only: true, ..Serving::default() }.check(), Ok(()));
    }
}
