//! Marathon's releases, as far as they differ in what they take.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::number::{NUMBER, number};

/// A Marathon release line: `1.4`, `1.11`. What a definition may contain changes between lines, rarely within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// The number after `1.`.
    minor: u16,
}

impl Release {
    /// The line `1.minor`.
    pub(super) const fn line(minor: u16) -> Self {
        Self { minor }
    }

    /// The number after `1.`.
    pub(crate) const fn minor(self) -> u16 {
        self.minor
    }

    /// The last line that knows only `uris`, `ports`, `ipAddress` and networking under `container.docker`.
    pub const V1_4: Self = Self { minor: 4 };
    /// The line that brought `networks`, `container.portMappings` and `pullConfig`.
    pub const V1_5: Self = Self { minor: 5 };
    /// The line that brought the constraint operator IS, and persistent volumes for pods.
    pub const V1_6: Self = Self { minor: 6 };
    /// The line of DC/OS 1.12.
    pub const V1_7: Self = Self { minor: 7 };
    /// The line that brought checks and seccomp.
    pub const V1_8: Self = Self { minor: 8 };
    /// The line that brought roles.
    pub const V1_9: Self = Self { minor: 9 };
    /// The line that brought resource limits.
    pub const V1_10: Self = Self { minor: 10 };
    /// The line that brought volumes by CSI (DC/OS 2.2).
    pub const V1_11: Self = Self { minor: 11 };
    /// The last line there is.
    pub const LATEST: Self = Self::V1_11;

    /// The numbers of all lines after `1.`.
    const MINORS: RangeInclusive<u16> = Self::V1_4.minor..=Self::LATEST.minor;

    /// The regular expression, without anchors, of all texts that name a release.
    pub(super) fn pattern() -> String {
        let minors: Vec<String> = Self::MINORS.map(|minor| minor.to_string()).collect();
        format!(r"v?0*1\.0*({})(\.{NUMBER})?", minors.join("|"))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// Why a text names no release of Marathon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// Not two or three numbers with dots.
    #[error("a Marathon version is written like 1.11 or 1.4.13")]
    Malformed,
    /// There is no such line; DC/OS counts its releases differently.
    #[error(
        "there is no Marathon {0}: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11)"
    )]
    Unknown(String),
}

impl FromStr for Release {
    type Err = ReleaseError;

    /// Reads `1.11`, `1.11.24` or `v1.11`.
    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let numbers: Vec<u16> = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split('.')
            .map(|text| number(text).ok_or(ReleaseError::Malformed))
            .collect::<Result<_, _>>()?;
        match numbers[..] {
            [1, minor] | [1, minor, _] if Self::MINORS.contains(&minor) => Ok(Self { minor }),
            [_, _] | [_, _, _] => Err(ReleaseError::Unknown(text.to_owned())),
            _ => Err(ReleaseError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_and_ordered() {
        assert_eq!("1.4".parse(), Ok(Release::V1_4));
        assert_eq!("1.4.13".parse(), Ok(Release::V1_4));
        assert_eq!("v1.11.24".parse(), Ok(Release::LATEST));
        assert_eq!("2.1".parse::<Release>(), Err(ReleaseError::Unknown("2.1".to_owned())));
        assert_eq!("1".parse::<Release>(), Err(ReleaseError::Malformed));
        assert_eq!("1.x".parse::<Release>(), Err(ReleaseError::Malformed));
        assert!(Release::V1_4 < Release::LATEST);
        assert_eq!(Release::LATEST.to_string(), "1.11");
    }
}
