//! Label selectors: `team==red, tier in (front, back), !…` (`LabelSelectorParsers`).

use super::answer::ApiReply;

/// What labels are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector(Vec<Clause>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Clause {
    name: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Exists,
    Is(String),
    IsNot(String),
    In(Vec<String>),
    NotIn(Vec<String>),
}

impl Selector {
    /// Reads a selector.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiReply> {
        let clauses = SelectorParser { rest: text }.selector();
        let clauses = clauses.ok_or_else(|| {
            ApiReply::message(
                422,
                format!("Can not parse label selector {text}. Reason: end of input expected"),
            )
        });
        clauses.map(Self)
    }

    /// Whether a service is selected whose labels this finds.
    pub(crate) fn matches<'l>(&self, label: &impl Fn(&str) -> Option<&'l str>) -> bool {
        self.0.iter().all(|clause| {
            let Some(value) = label(&clause.name) else { return false };
            match &clause.test {
                Test::Exists => true,
                Test::Is(wanted) => value == wanted,
                Test::IsNot(other) => value != other,
                Test::In(wanted) => wanted.iter().any(|wanted| wanted == value),
                Test::NotIn(others) => others.iter().all(|other| other != value),
            }
        })
    }
}

struct SelectorParser<'t> {
    rest: &'t str,
}

impl SelectorParser<'_> {
    fn selector(&mut self) -> Option<Vec<Clause>> {
        let mut clauses = Vec::new();
        self.space();
        if self.rest.is_empty() {
            return Some(clauses);
        }
        loop {
            clauses.push(self.clause()?);
            self.space();
            if self.rest.is_empty() {
                return Some(clauses);
            }
            self.take(",")?;
        }
    }

    fn clause(&mut self) -> Option<Clause> {
        let name = self.word()?;
        self.space();
        let test = if self.take("==").is_some() {
            Test::Is(self.spaced_word()?)
        } else if self.take("!=").is_some() {
            Test::IsNot(self.spaced_word()?)
        } else if self.take("notin").is_some() {
            Test::NotIn(self.set()?)
        } else if self.take("in").is_some() {
            Test::In(self.set()?)
        } else {
            Test::Exists
        };
        Some(Clause { name, test })
    }

    fn set(&mut self) -> Option<Vec<String>> {
        self.space();
        self.take("(")?;
        let mut words = Vec::new();
        self.space();
        while self.take(")").is_none() {
            if !words.is_empty() {
                self.take(",")?;
            }
            words.push(self.spaced_word()?);
            self.space();
        }
        Some(words)
    }

    fn spaced_word(&mut self) -> Option<String> {
        self.space();
        self.word()
    }

    fn word(&mut self) -> Option<String> {
        self.space();
        let mut word = String::new();
        let mut letters = self.rest.chars();
        let mut length = 0;
        while let Some(letter) = letters.next() {
            if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-') {
                word.push(letter);
                length += 1;
            } else if letter == '\\' {
                let escaped = letters.next()?;
                word.push(escaped);
                length += 1 + escaped.len_utf8();
            } else {
                break;
            }
        }
        self.rest = &self.rest[length..];
        (!word.is_empty()).then_some(word)
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Selector;

    #[test]
    fn labels_are_selected() {
        let label = |name: &str| match name {
            "team" => Some("red"),
            "a b" => Some("c d"),
            _ => None,
        };
        let matches = |text: &str| Selector::parse(text).expect("a selector").matches(&label);
        for text in [
            "",
            " ",
            "team",
            "team==red",
            "team != blue",
            "team in (blue, red)",
            "team notin (blue)",
            r"a\ b==c\ d",
        ] {
            assert!(matches(text), "{text}");
        }
        for text in ["tier", "team==blue", "team in ()", "team==red,tier", "tier!=x"] {
            assert!(!matches(text), "{text}");
        }
        for text in ["((", "!team", "team=red", "team==", "team in", "a/b", "==red", "team red"] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
