//! Naming rules: by slug, or several with a glob.

use globset::{GlobBuilder, GlobMatcher};

use crate::nearest::nearest;

/// One rule, or all whose slug matches a glob (`*`, `?`, `[a-z]`, `{a,b}`).
#[derive(Clone, Debug)]
pub struct RulePattern {
    text: String,
    /// Nothing for a plain slug, so that most need no pattern compiled.
    glob: Option<GlobMatcher>,
}

/// A pattern that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRule {
    /// No rule goes by this name.
    #[error("there is no rule `{name}`{}", did_you_mean(.near.as_deref()))]
    Name {
        /// The name given.
        name: String,
        /// The name it may be a slip of.
        near: Option<&'static str>,
    },
    /// No rule's name matches this glob.
    #[error("no rule's name matches `{glob}`")]
    Glob {
        /// The glob given.
        glob: String,
    },
    /// It is no glob.
    #[error("`{glob}` is no pattern: {message}")]
    Malformed {
        /// The text given.
        glob: String,
        /// What is wrong with it.
        message: String,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

impl RulePattern {
    /// Reads a slug or a glob. It has to name at least one of the rules in `known`, lest a slip of the fingers do
    /// nothing in silence.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(text: &str, known: &'static [&'static str]) -> Result<Self, UnknownRule> {
        if !text.contains(['*', '?', '[', '{']) {
            if known.contains(&text) {
                return Ok(Self { text: text.to_owned(), glob: None });
            }
            let near = nearest(text, known.iter().copied());
            return Err(UnknownRule::Name { name: text.to_owned(), near });
        }
        let glob = GlobBuilder::new(text).build().map_err(|error| UnknownRule::Malformed {
            glob: text.to_owned(),
            message: error.kind().to_string(),
        })?;
        let pattern = Self { text: text.to_owned(), glob: Some(glob.compile_matcher()) };
        if known.iter().any(|rule| pattern.matches(rule)) {
            Ok(pattern)
        } else {
            Err(UnknownRule::Glob { glob: text.to_owned() })
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names this rule.
    #[must_use]
    pub fn matches(&self, rule: &str) -> bool {
        self.glob.as_ref().map_or_else(|| self.text == rule, |glob| glob.is_match(rule))
    }

    /// How narrow it is: of two that match, the one with more of this counts. A slug is narrower than any glob, a longer
    /// glob narrower than a shorter one.
    pub(super) fn narrowness(&self) -> (bool, usize) {
        (self.glob.is_none(), self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["net-host", "net-ports", "syntax"];

    #[test]
    fn names_and_globs() {
        let matched = |text: &str| -> Vec<&str> {
            let pattern = RulePattern::parse(text, KNOWN).expect(text);
            KNOWN.iter().copied().filter(|rule| pattern.matches(rule)).collect()
        };
        assert_eq!(matched("syntax"), ["syntax"]);
        assert_eq!(matched("net-*"), ["net-host", "net-ports"]);
        assert_eq!(matched("{syntax,*host}"), ["net-host", "syntax"]);
        let refused = |text| RulePattern::parse(text, KNOWN).expect_err(text).to_string();
        assert_eq!(refused("sintax"), "there is no rule `sintax`; did you mean `syntax`?");
        assert_eq!(refused(""), "there is no rule ``");
        assert_eq!(refused("dns-*"), "no rule's name matches `dns-*`");
        assert!(refused("net-[").starts_with("`net-[` is no pattern: "));
    }
}
