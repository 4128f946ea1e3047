//! Names and patterns of rules.

use crate::finding::Rule;
use crate::util::suggest::suggest;

/// The longest pattern that is matched: a longer one names no rule.
const MAX_LEN: usize = 100;

/// One rule, or all whose name a pattern matches: `*` stands for any characters, `?` for one.
///
/// Patterns are in comments of hostile files too, so they are matched without compiling them.
#[derive(Clone, Debug)]
pub(crate) struct RulePattern {
    text: String,
}

/// A pattern that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnknownRule {
    /// No rule has this name.
    #[error("there is no rule `{name}`{}", did_you_mean(.near.as_deref()))]
    Name {
        /// The name given.
        name: String,
        /// The name that was probably meant.
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
    /// Reads a name or a pattern. It has to match at least one of the rules in `known`, so that a typing error is
    /// reported.
    ///
    /// # Errors
    /// When it matches none.
    pub(crate) fn parse(text: &str, known: &[&'static Rule]) -> Result<Self, UnknownRule> {
        let pattern = Self { text: text.to_owned() };
        if text.len() <= MAX_LEN && known.iter().any(|rule| pattern.matches(rule)) {
            return Ok(pattern);
        }
        Err(if pattern.is_exact() {
            let near = suggest(text, known.iter().map(|rule| rule.slug));
            UnknownRule::Name { name: pattern.text, near }
        } else {
            UnknownRule::Pattern { pattern: pattern.text }
        })
    }

    /// The pattern as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names this rule, by its slug or an earlier name.
    #[must_use]
    pub(crate) fn matches(&self, rule: &Rule) -> bool {
        rule.names().any(|name| matches(self.text.as_bytes(), name.as_bytes()))
    }

    fn is_exact(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    /// Of two patterns that match, the greater one counts: a name is narrower than any pattern, a longer pattern narrower
    /// than a shorter one.
    pub(super) fn narrowness(&self) -> (bool, usize) {
        (self.is_exact(), self.text.len())
    }
}

/// Names are ASCII, so bytes are characters.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    // The last star, and where the text that it matches so far ends.
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

    static HOST: Rule = Rule::risky("net-host", "A host");
    static PORTS: Rule = Rule::risky("net-ports", "Ports");
    static SYNTAX: Rule = Rule::risky("syntax-error", "Syntax").aliases(&["syntax"]);
    static KNOWN: &[&Rule] = &[&HOST, &PORTS, &SYNTAX];

    #[test]
    fn names_and_globs() {
        let matched = |text: &str| -> Vec<&str> {
            let pattern = RulePattern::parse(text, KNOWN).expect(text);
            KNOWN.iter().filter(|rule| pattern.matches(rule)).map(|rule| rule.slug).collect()
        };
        assert_eq!(matched("syntax-error"), ["syntax-error"]);
        assert_eq!(matched("syntax"), ["syntax-error"]);
        assert_eq!(matched("net-*"), ["net-host", "net-ports"]);
        assert_eq!(matched("*t*"), ["net-host", "net-ports", "syntax-error"]);
        assert_eq!(matched("net-?o?t"), ["net-host"]);
        assert_eq!(matched("*-*s**"), ["net-host", "net-ports"]);
        assert_eq!(matched("*"), ["net-host", "net-ports", "syntax-error"]);
        let refused = |text| RulePattern::parse(text, KNOWN).expect_err(text).to_string();
        assert_eq!(refused("sintax"), "there is no rule `sintax`");
        assert_eq!(refused(""), "there is no rule ``");
        assert_eq!(refused("dns-*"), "no rule's name matches `dns-*`");
        assert_eq!(refused("net-"), "there is no rule `net-`");
        assert_eq!(refused("*net"), "no rule's name matches `*net`");
        assert_eq!(refused("syntax?"), "no rule's name matches `syntax?`");
        assert_eq!(refused("sytnax-error"), "there is no rule `sytnax-error`; did you mean `syntax-error`?");
    }
}
