//! References to images, parsed as the Docker Engine and Mesos parse them (distribution/reference; Mesos,
//! `docker::spec::parseImageReference`).

use memchr::memmem;

use super::host::{HUB_ADDRESS, Host, split_host};

/// The tag of a reference that names none.
const LATEST: &str = "latest";

/// The parts of a reference as they are written: `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceParts<'a> {
    /// The registry: `registry.example.com:5000`.
    pub host: Option<&'a str>,
    /// The name below the registry: `team/web`.
    pub name: &'a str,
    /// The tag, without its colon.
    pub tag: Option<&'a str>,
    /// The digest, without its `@`.
    pub digest: Option<&'a str>,
}

/// Why no registry can look up a text, as a sentence about the reference, "it".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It is a URL.
    #[error("it begins with a scheme, `{0}://`")]
    Scheme(String),
    /// What follows the `@` has no algorithm.
    #[error("what follows `@` is not a digest")]
    Digest,
    /// The name is empty, or begins or ends with a slash, or has two in a row.
    #[error("a part of its name is empty")]
    EmptyName,
    /// Nothing follows the colon.
    #[error("its tag is empty")]
    EmptyTag,
    /// White space.
    #[error("it has a blank")]
    Blank,
    /// A capital letter in the name.
    #[error("its name has a capital letter, `{0}`")]
    Capital(char),
    /// A character that the part of the reference cannot have.
    #[error("it has a `{}`", .0.escape_default())]
    Character(char),
    /// The registry is not a host and port.
    #[error("its registry is not a host")]
    Host,
    /// In the address of a request such a part leads to another repository.
    #[error("a part of its name is only dots, or its tag begins with one")]
    Dots,
}

impl<'a> ReferenceParts<'a> {
    /// Splits a reference into its parts. The host is only checked for its characters.
    ///
    /// # Errors
    /// When no registry can look it up.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceError> {
        if let Some(at) = memmem::find(text.as_bytes(), b"://") {
            return Err(ReferenceError::Scheme(text[..at].to_owned()));
        }
        let (tagged, digest) =
            text.split_once('@').map_or((text, None), |(tagged, digest)| (tagged, Some(digest)));
        if digest.is_some_and(|digest| !digest.contains(':')) {
            return Err(ReferenceError::Digest);
        }
        let (host, path) = split_host(tagged);
        let (name, tag) = path.split_once(':').map_or((path, None), |(name, tag)| (name, Some(tag)));
        if name.is_empty() || name.split('/').any(str::is_empty) {
            return Err(ReferenceError::EmptyName);
        }
        if tag.is_some_and(str::is_empty) {
            return Err(ReferenceError::EmptyTag);
        }
        let parts = Self { host, name, tag, digest };
        parts.odd_character().map_or(Ok(parts), |odd| {
            Err(match odd {
                odd if odd.is_whitespace() => ReferenceError::Blank,
                odd if odd.is_ascii_uppercase() => ReferenceError::Capital(odd),
                odd => ReferenceError::Character(odd),
            })
        })
    }

    /// The repository with its registry, where one is written: `registry.example.com/team/web`.
    #[must_use]
    pub fn named(&self) -> String {
        self.host.map_or_else(|| self.name.to_owned(), |host| format!("{host}/{}", self.name))
    }

    /// The first character that its part of the reference cannot have.
    fn odd_character(&self) -> Option<char> {
        let is_tag = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let is_host = |c: char| is_tag(c) || matches!(c, ':' | '[' | ']');
        let is_name = |c: char| c == '/' || (is_tag(c) && !c.is_ascii_uppercase());
        self.host
            .and_then(|host| host.chars().find(|&c| !is_host(c)))
            .or_else(|| self.name.chars().find(|&c| !is_name(c)))
            .or_else(|| self.tag?.chars().find(|&c| !is_tag(c)))
    }
}

/// Whether a part of the name of a repository is `.` or `..`, which makes the address of another one of it.
#[must_use]
pub(crate) fn leads_elsewhere(repository: &str) -> bool {
    repository.split('/').any(|part| !part.is_empty() && part.bytes().all(|byte| byte == b'.'))
}

/// A reference to an image with its registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Everything before the tag, as it is written.
    named: String,
    host: Host,
    /// The host as it is written, if it is.
    written_host: Option<String>,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// Parses a reference. Docker Hub's own images get the `library/` that people leave out.
    ///
    /// # Errors
    /// When no registry can look it up.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let ReferenceParts { host: written_host, name, tag, digest } = ReferenceParts::parse(text)?;
        if leads_elsewhere(name) || tag.is_some_and(|tag| tag.starts_with('.')) {
            return Err(ReferenceError::Dots);
        }
        let host = Host::of_image(text).ok_or(ReferenceError::Host)?;
        let tagged = text.split('@').next().unwrap_or_default();
        let library = if host.is_hub() && !name.contains('/') { "library/" } else { "" };
        let tag_length = tag.map_or(0, |tag| tag.len() + 1);
        Ok(Self {
            named: tagged[..tagged.len() - tag_length].to_owned(),
            host,
            written_host: written_host.map(str::to_owned),
            repository: format!("{library}{name}"),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The registry.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The host, and port, that the Docker Engine asks: that of Docker Hub's registry for all names of Docker Hub.
    #[must_use]
    pub fn address(&self) -> &str {
        if self.host.is_hub() { HUB_ADDRESS } else { self.written_address() }
    }

    /// The host, and port, as written, which Mesos asks even for Docker Hub.
    #[must_use]
    pub fn written_address(&self) -> &str {
        self.written_host.as_deref().unwrap_or(HUB_ADDRESS)
    }

    /// The name below the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The version to ask for: the digest, else the tag, else `latest`.
    #[must_use]
    pub fn version(&self) -> &str {
        self.digest().or(self.tag.as_deref()).unwrap_or(LATEST)
    }

    /// The digest, where it names one.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The same image by this digest, without a tag: old Docker Engines do not take a tag beside a digest.
    #[must_use]
    pub fn pinned(&self, digest: &str) -> String {
        format!("{}@{digest}", self.named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_other_texts() {
        for fine in [
            "nginx",
            "nginx:1.25-alpine",
            "library/nginx:1.25",
            "localhost/app_1",
            "registry.example.com:5000/team/web:V1.4",
            "Registry.example.com/web",
            "web@sha256:0123",
            "web:1@sha256:0123",
            "192.168.0.1/web:1",
        ] {
            assert!(ReferenceParts::parse(fine).is_ok(), "{fine}");
        }
        for (bad, error) in [
            ("", "a part of its name is empty"),
            ("a//b", "a part of its name is empty"),
            ("http://nginx", "it begins with a scheme, `http://`"),
            ("Nginx", "its name has a capital letter, `N`"),
            ("team/Web:1", "its name has a capital letter, `W`"),
            ("web:", "its tag is empty"),
            ("web: 1", "it has a blank"),
            (" web", "it has a blank"),
            ("web@1.2", "what follows `@` is not a digest"),
            ("web:1:2", "it has a `:`"),
            ("<image>", "it has a `<`"),
            ("wéb", "it has a `\\u{e9}`"),
        ] {
            let found = ReferenceParts::parse(bad).expect_err(bad);
            assert_eq!(found.to_string(), error, "{bad}");
        }
    }

    fn parts(text: &str) -> [String; 4] {
        let image = Reference::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        [image.address(), image.repository(), image.version(), &image.pinned("sha256:00")].map(str::to_owned)
    }

    #[test]
    fn references_have_parts() {
        let expect = |image: &str, host: &str, name: &str, version: &str, pinned: &str| {
            assert_eq!(parts(image), [host, name, version, pinned], "{image}");
        };
        expect("nginx", HUB_ADDRESS, "library/nginx", "latest", "nginx@sha256:00");
        expect("team/web:1", HUB_ADDRESS, "team/web", "1", "team/web@sha256:00");
        expect("docker.io/nginx:1", HUB_ADDRESS, "library/nginx", "1", "docker.io/nginx@sha256:00");
        expect("localhost/web", "localhost", "web", "latest", "localhost/web@sha256:00");
        expect("r:5000/a/b:1", "r:5000", "a/b", "1", "r:5000/a/b@sha256:00");
        expect("r:5000/a", "r:5000", "a", "latest", "r:5000/a@sha256:00");
        expect("r.example.com/a:1@sha256:11", "r.example.com", "a", "sha256:11", "r.example.com/a@sha256:00");
    }

    #[test]
    fn the_written_address_is_not_replaced() {
        let address = |text: &str| Reference::parse(text).expect("a reference").written_address().to_owned();
        assert_eq!(address("docker.io/library/nginx"), "docker.io");
        assert_eq!(address("nginx"), HUB_ADDRESS);
    }

    #[test]
    fn what_no_registry_can_look_up_is_an_error() {
        for bad in ["", "Web:1", "https://r.example.com/web", "web:${V}", "r:port/web", "a b"] {
            assert!(Reference::parse(bad).is_err(), "{bad}");
        }
    }
}
