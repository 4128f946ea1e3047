//! Naming rules: by slug, or several with a pattern.

use crate::util::suggest::suggest;

/// A longer pattern names no rule; it would only take time.
const MAX_LEN: usize = 100;

/// One rule, or all whose slug a pattern matches: `*` stands for any characters, `?` for one.
///
/// Patterns come with hostile files too (in comments), so matching is done here, with nothing compiled.
#[derive(Clone, Debug)]
pub struct RulePattern {
    text: String,
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
    /// No rule's name matches this pattern.
    #[error("no rule's name matches `{pattern}`")]
    Pattern {
        /// The pattern given.
        pattern: String,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

impl RulePattern {
    /// Reads a slug or a pattern. It has to name at least one of the rules in `known`, lest a slip of the fingers do
    /// nothing in silence.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(text: &str, known: &'static [&'static str]) -> Result<Self, UnknownRule> {
        let pattern = Self { text: text.to_owned() };
        if text.len() <= MAX_LEN && known.iter().any(|rule| pattern.matches(rule)) {
            return Ok(pattern);
        }
        Err(if pattern.is_exact() {
            let near = suggest(text, known.iter().copied());
            UnknownRule::Name { name: pattern.text, near }
        } else {
            UnknownRule::Pattern { pattern: pattern.text }
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names this rule.
    #[must_use]
    pub fn matches(&self, rule: &str) -> bool {
        matches(self.text.as_bytes(), rule.as_bytes())
    }

    fn is_exact(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    /// How narrow it is: of two that match, the one with more of this counts. A slug is narrower than any pattern, a
    /// longer pattern narrower than a shorter one.
    pub(super) fn narrowness(&self) -> (bool, usize) {
        (self.is_exact(), self.text.len())
    }
}

/// Slugs are ASCII, so bytes are characters.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    // The last star, and what of the name it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match &mut star {
                Some((star_at, taken)) => {
                    *taken += 1;
                    (at, in_name) = (*star_at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
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
        assert_eq!(matched("*t*"), ["net-host", "net-ports", "syntax"]);
        assert_eq!(matched("net-?o?t"), ["net-host"]);
        assert_eq!(matched("*-*s**"), ["net-host", "net-ports"]);
        assert_eq!(matched("*"), KNOWN);
        let refused = |text| RulePattern::parse(text, KNOWN).expect_err(text).to_string();
        assert_eq!(refused("sintax"), "there is no rule `sintax`; did you mean `syntax`?");
        assert_eq!(refused(""), "there is no rule ``");
        assert_eq!(refused("dns-*"), "no rule's name matches `dns-*`");
        assert_eq!(refused("net-"), "there is no rule `net-`");
        assert_eq!(refused("*net"), "no rule's name matches `*net`");
        assert_eq!(refused("syntax?"), "no rule's name matches `syntax?`");
        assert_eq!(refused("sytnax"), "there is no rule `sytnax`; did you mean `syntax`?");
    }
}
