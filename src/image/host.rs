//! Registries as Docker and Mesos tell them apart: by host and port, whatever the spelling of the address.

use std::fmt;

/// The name of Docker Hub in images, and here.
const HUB: &str = "docker.io";

/// The host of Docker Hub's registry.
pub(super) const HUB_ADDRESS: &str = "registry-1.docker.io";

/// The only key under which Docker looks for the credentials of Docker Hub (docker/cli, `IndexServer`).
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Other names of Docker Hub.
const HUB_ALIASES: &[&str] = &["docker.io", "index.docker.io", HUB_ADDRESS, "www.docker.io"];

/// A registry: its host, and its port where one is written. `registry.example.com` and `registry.example.com:443` are two
/// registries, as they are to Docker. Displayed as images name it: Docker Hub as `docker.io`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// Why a text does not name a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It has no host.
    #[error("it has no host; write it like registry.example.com:5000")]
    Empty,
    /// Neither http nor https.
    #[error("its scheme is neither http nor https")]
    Scheme,
    /// A user name precedes the host. The text is not quoted, because it may hold a password.
    #[error("it has a user name, perhaps with a password; leave out what is before the @")]
    User,
    /// A character that a host cannot have.
    #[error("a host has no {0:?} in its name")]
    Character(char),
    /// What follows the colon is not a port.
    #[error("what follows the colon is not a port")]
    Port,
}

impl Host {
    /// Reads an address in any spelling that `docker login` accepts and that config files hold: with or without a scheme,
    /// with or without a path such as `/v1/`, which is ignored. All names of Docker Hub become one.
    ///
    /// # Errors
    /// When the text does not name a host.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let text = text.trim();
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if ["http", "https"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) => rest,
            Some(_) => return Err(HostError::Scheme),
            None => text,
        };
        let address = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if address.contains('@') {
            return Err(HostError::User);
        }
        let (name, port) = match address.rfind(':').filter(|colon| !address[*colon..].contains(']')) {
            Some(colon) => (&address[..colon], Some(&address[colon + 1..])),
            None => (address, None),
        };
        if name.is_empty() {
            return Err(HostError::Empty);
        }
        let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
        if let Some(odd) = name.chars().find(|&c| !is_fine(c) || (c == ':' && !name.starts_with('['))) {
            return Err(HostError::Character(odd));
        }
        if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
            return Err(HostError::Port);
        }
        let is_hub = |alias: &&str| name.eq_ignore_ascii_case(alias);
        if HUB_ALIASES.iter().any(is_hub) && matches!(port, None | Some("443")) {
            return Ok(Self::hub());
        }
        Ok(Self(address.to_owned()))
    }

    /// The host, and port, that answers: of Docker Hub the registry's own.
    #[must_use]
    pub fn address(&self) -> &str {
        if self.is_hub() { HUB_ADDRESS } else { &self.0 }
    }

    /// Docker Hub.
    #[must_use]
    pub fn hub() -> Self {
        Self(HUB.to_owned())
    }

    /// The registry that an image comes from: the host that it names, and Docker Hub where it names none. `None` where the
    /// host cannot be read, such as a placeholder.
    #[must_use]
    pub fn of_image(image: &str) -> Option<Self> {
        match split_host(image).0 {
            Some(host) => Self::parse(host).ok(),
            None if image.is_empty() || image.contains(['{', '$', '<', ' ']) => None,
            None => Some(Self::hub()),
        }
    }

    /// The key for it in a config file.
    #[must_use]
    pub fn key(&self) -> &str {
        if self.is_hub() { HUB_KEY } else { &self.0 }
    }

    /// Whether this is Docker Hub.
    #[must_use]
    pub fn is_hub(&self) -> bool {
        self.0 == HUB
    }

    /// Its name without the port.
    #[must_use]
    pub fn name(&self) -> &str {
        match self.0.rfind(':').filter(|colon| !self.0[*colon..].contains(']')) {
            Some(colon) => &self.0[..colon],
            None => &self.0,
        }
    }
}

/// The host that an image names, and the rest: the host is what precedes the first slash, if that has a dot or a colon or
/// is `localhost` (distribution/reference, `splitDockerDomain`).
pub(super) fn split_host(image: &str) -> (Option<&str>, &str) {
    match image.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, image),
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_registry_are_one() {
        for text in [
            "registry.example.com:5000",
            "https://registry.example.com:5000",
            "http://registry.example.com:5000/",
            "https://registry.example.com:5000/v1/",
            "HTTPS://registry.example.com:5000/v2",
            "registry.example.com:5000/team/web",
            " registry.example.com:5000\n",
        ] {
            let host = Host::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(host.key(), "registry.example.com:5000", "{text}");
        }
        assert_ne!(Host::parse("r.example.com"), Host::parse("r.example.com:443"));
        assert_eq!(Host::parse("[::1]:5000").expect("IPv6").name(), "[::1]");
    }

    #[test]
    fn docker_hub_has_one_key() {
        for text in [
            "docker.io",
            "index.docker.io",
            "https://index.docker.io/v1/",
            "https://registry-1.docker.io/v2/",
        ] {
            assert_eq!(Host::parse(text).expect(text).key(), "https://index.docker.io/v1/", "{text}");
        }
        assert!(!Host::parse("docker.io.example.com").expect("another").is_hub());
    }

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(Host::parse(""), Err(HostError::Empty));
        assert_eq!(Host::parse("https:///v1/"), Err(HostError::Empty));
        assert_eq!(Host::parse("ftp://r.example.com"), Err(HostError::Scheme));
        assert_eq!(Host::parse("foo:bar@r.example.com"), Err(HostError::User));
        assert_eq!(Host::parse("r example.com"), Err(HostError::Character(' ')));
        assert_eq!(Host::parse("r.example.com:https"), Err(HostError::Port));
        assert_eq!(Host::parse("r.example.com:0"), Err(HostError::Port));
        assert_eq!(Host::parse("::1"), Err(HostError::Character(':')));
    }

    #[test]
    fn an_image_names_its_registry() {
        let of = |image: &str| Host::of_image(image).map(|host| host.to_string());
        assert_eq!(of("nginx:1.25").as_deref(), Some("docker.io"));
        assert_eq!(of("team/web").as_deref(), Some("docker.io"));
        assert_eq!(of("localhost/web").as_deref(), Some("localhost"));
        assert_eq!(of("r.example.com/web@sha256:00").as_deref(), Some("r.example.com"));
        assert_eq!(of("r:5000/web").as_deref(), Some("r:5000"));
        assert_eq!(of("{{ registry }}/web"), None);
        assert_eq!(of(""), None);
    }
}
