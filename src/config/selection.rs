//! Which rules count, and how much.

use crate::finding::{Finding, Severity};

use super::known::is_not_checked;
use super::pattern::RulePattern;

/// How much a rule's findings count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Must be mended.
    Error,
    /// Should be looked at.
    Warning,
    /// For what it is worth.
    Info,
    /// Not reported.
    Off,
}

impl Level {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Off => None,
        }
    }
}

/// What one place (the command line, the settings file) says about rules.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    select: Option<Vec<RulePattern>>,
    ignore: Vec<RulePattern>,
    /// The narrowest first.
    levels: Vec<(RulePattern, Level)>,
}

impl Layer {
    /// Puts a layer together. Without `select` it is about all rules; what `ignore` names is left out of them. Of several
    /// levels for one rule the narrowest counts, and of equally narrow ones the last.
    #[must_use]
    pub fn new(
        select: Option<Vec<RulePattern>>,
        ignore: Vec<RulePattern>,
        mut levels: Vec<(RulePattern, Level)>,
    ) -> Self {
        levels.reverse();
        levels.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.narrowness()));
        Self { select, ignore, levels }
    }

    fn level(&self, rule: &str) -> Option<Level> {
        self.levels.iter().find(|(pattern, _)| pattern.matches(rule)).map(|(_, level)| *level)
    }

    fn selects(&self, rule: &str) -> Option<bool> {
        let select = self.select.as_ref()?;
        Some(is_not_checked(rule) || select.iter().any(|pattern| pattern.matches(rule)))
    }

    fn silences(&self, rule: &str) -> bool {
        self.ignore.iter().any(|pattern| pattern.matches(rule)) || self.level(rule) == Some(Level::Off)
    }
}

/// The command line's layer on top of the settings file's.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// What the command line says; it counts first.
    pub above: Layer,
    /// What the settings file says.
    pub below: Layer,
}

impl Selection {
    /// How bad a diagnostic is; nothing when it is not to be reported.
    ///
    /// A rule that the command line selects counts whatever the file says of it; a level on the command line replaces the
    /// file's, and does not bring back what the file leaves out.
    #[must_use]
    pub fn severity(&self, diagnostic: &Finding) -> Option<Severity> {
        let rule = diagnostic.rule;
        let below = || self.below.selects(rule).unwrap_or(true) && !self.below.silences(rule);
        if self.above.silences(rule) || !self.above.selects(rule).unwrap_or_else(below) {
            return None;
        }
        let chosen = |layer: &Layer| layer.level(rule).and_then(Level::severity);
        Some(chosen(&self.above).or_else(|| chosen(&self.below)).unwrap_or_else(|| diagnostic.severity()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Effect;
    use crate::source::Pointer;

    const KNOWN: &[&str] = &["net-host", "net-ports", "syntax", "image-latest"];

    fn layer(select: Option<&[&str]>, ignore: &[&str], levels: &[(&str, Level)]) -> Layer {
        let pattern = |text: &&str| RulePattern::parse(text, KNOWN).expect("known");
        Layer::new(
            select.map(|select| select.iter().map(pattern).collect()),
            ignore.iter().map(pattern).collect(),
            levels.iter().map(|(text, level)| (pattern(text), *level)).collect(),
        )
    }

    fn severity(choice: &Selection, rule: &'static str) -> Option<Severity> {
        choice.severity(&Finding {
            rule,
            effect: Effect::Risky,
            pointer: Pointer::root(),
            message: String::new(),
            help: None,
            range: 0..0,
            answer: None,
            fix: None,
        })
    }

    #[test]
    fn the_narrower_pattern_counts() {
        let levels = [("net-ports", Level::Error), ("*", Level::Off), ("net-*", Level::Info)];
        let choice = Selection { above: layer(None, &[], &levels), below: Layer::default() };
        assert_eq!(severity(&choice, "net-ports"), Some(Severity::Error));
        assert_eq!(severity(&choice, "net-host"), Some(Severity::Info));
        assert_eq!(severity(&choice, "image-latest"), None);
    }

    #[test]
    fn the_command_line_counts_before_the_file() {
        let below = layer(Some(&["net-*"]), &["net-host"], &[("net-ports", Level::Off)]);
        let with = |above| Selection { above, below: below.clone() };
        let nothing = with(Layer::default());
        assert_eq!(KNOWN.map_severity(&nothing), [None, None, Some(Severity::Warning), None]);
        let selected = with(layer(Some(&["net-*"]), &["net-host"], &[]));
        assert_eq!(
            KNOWN.map_severity(&selected),
            [None, Some(Severity::Warning), Some(Severity::Warning), None]
        );
        let raised = with(layer(None, &[], &[("*", Level::Error)]));
        assert_eq!(KNOWN.map_severity(&raised), [None, None, Some(Severity::Error), None]);
        let ignored = with(layer(None, &["syntax"], &[]));
        assert_eq!(KNOWN.map_severity(&ignored), [None; 4]);
    }

    trait MapSeverity {
        fn map_severity(&self, choice: &Selection) -> Vec<Option<Severity>>;
    }

    impl MapSeverity for &'static [&'static str] {
        fn map_severity(&self, choice: &Selection) -> Vec<Option<Severity>> {
            self.iter().map(|rule| severity(choice, rule)).collect()
        }
    }
}
