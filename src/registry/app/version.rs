//! The versions of the registry, as far as they want different things.

/// A major version of the registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RegistryVersion {
    /// 2, such as 2.8.3.
    #[default]
    Two,
    /// 3, such as 3.0.0: it knows a key by its RFC 7638 thumbprint, has no Swift, and sends traces unless told not to.
    Three,
}

impl RegistryVersion {
    /// The version that a tag names, such as `2`, `2.8` or `3.0.0`; nothing for another text.
    #[must_use]
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let number = tag.split(['-', '+']).next().unwrap_or_default();
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let mut parts = number.split('.');
        let major = parts.next().unwrap_or_default();
        match (major, parts.all(is_number)) {
            ("2", true) => Some(Self::Two),
            ("3", true) => Some(Self::Three),
            _ => None,
        }
    }

    /// The version of an image by its tag; nothing where the tag does not tell.
    #[must_use]
    pub(crate) fn of_image(image: &str) -> Option<Self> {
        let name = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        name.split_once(':').and_then(|(_, tag)| Self::of_tag(tag))
    }

    /// Where the image has its configuration.
    #[must_use]
    pub(crate) fn config(self) -> &'static str {
        match self {
            Self::Two => "/etc/docker/registry/config.yml",
            Self::Three => "/etc/distribution/config.yml",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_tell_the_version() {
        for (image, version) in [
            ("registry:2", Some(RegistryVersion::Two)),
            ("registry:2.8.3", Some(RegistryVersion::Two)),
            ("mirror.example.com:5000/registry:3.0.0-rc.1", Some(RegistryVersion::Three)),
            ("registry:3@sha256:0", Some(RegistryVersion::Three)),
            ("mirror.example.com:3/registry", None),
            ("registry:latest", None),
            ("registry:30", None),
            ("registry:3.x", None),
        ] {
            assert_eq!(RegistryVersion::of_image(image), version, "{image}");
        }
    }
}
