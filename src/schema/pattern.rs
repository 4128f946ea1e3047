//! The patterns of Marathon's API, as functions, so that checking a file compiles no regular expression. A property test
//! compares each function with its expression.

use std::fmt;

use crate::definition as source;

/// A pattern that a whole string has to match.
pub(crate) struct Pattern {
    /// Marathon's own expression (Java syntax, whole string).
    pub source: &'static str,
    /// Whether a string matches.
    pub matches: fn(&str) -> bool,
    /// What matches: the end of a sentence "must be …".
    pub words: &'static str,
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}

/// Ids of apps, pods and groups.
pub(crate) static PATH_ID: Pattern = Pattern {
    source: source::PATH_ID,
    matches: source::id::is_path_id,
    words: "a path of lower-case letters, digits, dashes and dots, each part beginning and ending with a letter or \
            digit: `/team/my-app`",
};

/// Names of ports, containers, endpoints and volumes.
pub(crate) static NAME: Pattern = Pattern {
    source: source::NAME,
    matches: |text| is_label(text.as_bytes(), |byte| byte == b'-'),
    words: "lower-case letters, digits and dashes, beginning and ending with a letter or digit",
};

/// Names of networks.
pub(crate) static NETWORK_NAME: Pattern = Pattern {
    source: source::NETWORK_NAME,
    matches: |text| is_label(text.as_bytes(), |byte| matches!(byte, b'-' | b'_')),
    words: "lower-case letters, digits, dashes and underscores, beginning and ending with a letter or digit",
};

/// Names of environment variables of pods.
pub(crate) static ENV_NAME: Pattern = Pattern {
    source: source::ENV_NAME,
    matches: is_env_name,
    words: "at most 254 letters, digits and underscores, not beginning with a digit",
};

/// Paths of executors.
pub(crate) static EXECUTOR: Pattern = Pattern {
    source: source::EXECUTOR,
    matches: is_executor,
    words: "empty, `//cmd`, or the path of an executor",
};

#[cfg(feature = "generate")]
/// All patterns, by their names here.
pub(crate) static ALL: [(&str, &Pattern); 5] = [
    ("PATH_ID", &PATH_ID),
    ("NAME", &NAME),
    ("NETWORK_NAME", &NETWORK_NAME),
    ("ENV_NAME", &ENV_NAME),
    ("EXECUTOR", &EXECUTOR),
];

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// One or more letters and digits, with `inner` characters between them.
fn is_label(bytes: &[u8], inner: impl Fn(u8) -> bool) -> bool {
    let ends = bytes.first().zip(bytes.last());
    ends.is_some_and(|(first, last)| is_alphanumeric(*first) && is_alphanumeric(*last))
        && bytes.iter().all(|byte| is_alphanumeric(*byte) || inner(*byte))
}

fn is_env_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 254
        && bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn is_executor(text: &str) -> bool {
    if matches!(text, "" | "//cmd") {
        return true;
    }
    let path = text.strip_prefix('/').unwrap_or(text);
    path.split('/').all(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expression(pattern: &Pattern) -> regex::Regex {
        // Java's `matches` is whole-string; `\-` and `\/` are escapes that the crate takes as well.
        regex::Regex::new(&format!(r"\A(?:{})\z", pattern.source)).expect("a valid expression")
    }

    proptest! {
        #[test]
        fn functions_agree_with_expressions(text in r"(//cmd|\.\.|[a-zA-Z0-9_./\- é\n]){0,12}") {
            for (_, pattern) in ALL {
                prop_assert_eq!((pattern.matches)(&text), expression(pattern).is_match(&text), "{:?}", pattern);
            }
        }
    }

    #[test]
    fn lengths_agree_with_expressions() {
        for text in ["a".repeat(254), "a".repeat(255)] {
            assert_eq!(is_env_name(&text), expression(&ENV_NAME).is_match(&text));
        }
    }
}
