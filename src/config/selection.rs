//! Which rules are reported, and at which severity.

use crate::finding::{Finding, Rule, Severity};
use crate::lint::is_not_checked;

use super::pattern::RulePattern;

/// The severity of a rule's findings, or that they are not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    /// Must be fixed.
    Error,
    /// Should be looked at.
    Warning,
    /// Good to know.
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

/// The settings about rules of one source: the command line or the settings file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    select: Option<Vec<RulePattern>>,
    ignore: Vec<RulePattern>,
    /// The narrowest pattern first.
    levels: Vec<(RulePattern, Level)>,
}

impl Layer {
    /// Makes a layer. Without `select` it selects all rules, `ignore` excluded. Of several levels for one rule the
    /// narrowest pattern counts, and of equally narrow ones the last.
    #[must_use]
    pub(crate) fn new(
        select: Option<Vec<RulePattern>>,
        ignore: Vec<RulePattern>,
        mut levels: Vec<(RulePattern, Level)>,
    ) -> Self {
        levels.reverse();
        levels.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.narrowness()));
        Self { select, ignore, levels }
    }

    fn level(&self, rule: &Rule) -> Option<Level> {
        self.levels.iter().find(|(pattern, _)| pattern.matches(rule)).map(|(_, level)| *level)
    }

    fn selects(&self, rule: &Rule) -> Option<bool> {
        let select = self.select.as_ref()?;
        Some(is_not_checked(rule) || select.iter().any(|pattern| pattern.matches(rule)))
    }

    fn silences(&self, rule: &Rule) -> bool {
        self.ignore.iter().any(|pattern| pattern.matches(rule)) || self.level(rule) == Some(Level::Off)
    }
}

/// The layers of the command line and of the settings file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// The layer of the command line, which has precedence.
    pub command_line: Layer,
    /// The layer of the settings file.
    pub file: Layer,
}

impl Selection {
    /// The severity of a finding; nothing when it is not reported.
    ///
    /// A rule that the command line selects is reported whatever the file says. A level on the command line replaces the
    /// file's, and does not bring back a rule that the file leaves out.
    #[must_use]
    pub(crate) fn severity(&self, finding: &Finding) -> Option<Severity> {
        self.reports(finding.rule).then(|| self.chosen_severity(finding))
    }

    /// The same for one that counts although other rules are selected: nothing only where its own rule is silenced.
    #[must_use]
    pub(crate) fn severity_unless_silenced(&self, finding: &Finding) -> Option<Severity> {
        let is_silenced = [&self.command_line, &self.file].iter().any(|layer| layer.silences(finding.rule));
        (!is_silenced).then(|| self.chosen_severity(finding))
    }

    fn chosen_severity(&self, finding: &Finding) -> Severity {
        let chosen = |layer: &Layer| layer.level(finding.rule).and_then(Level::severity);
        chosen(&self.command_line).or_else(|| chosen(&self.file)).unwrap_or_else(|| finding.severity())
    }

    /// Whether findings of the rule are reported.
    #[must_use]
    pub(crate) fn reports(&self, rule: &Rule) -> bool {
        let file = || self.file.selects(rule).unwrap_or(true) && !self.file.silences(rule);
        !self.command_line.silences(rule) && self.command_line.selects(rule).unwrap_or_else(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Effect;
    use crate::source::Pointer;

    static HOST: Rule = Rule::risky("net-host", "A host");
    static PORTS: Rule = Rule::risky("net-ports", "Ports");
    static SYNTAX_ERROR: Rule = Rule::risky("syntax-error", "Syntax").aliases(&["syntax"]);
    static LATEST: Rule = Rule::risky("image-latest", "An image");

    static KNOWN: &[&Rule] = &[&HOST, &PORTS, &SYNTAX_ERROR, &LATEST];

    fn layer(select: Option<&[&str]>, ignore: &[&str], levels: &[(&str, Level)]) -> Layer {
        let pattern = |text: &&str| RulePattern::parse(text, KNOWN).expect("known");
        Layer::new(
            select.map(|select| select.iter().map(pattern).collect()),
            ignore.iter().map(pattern).collect(),
            levels.iter().map(|(text, level)| (pattern(text), *level)).collect(),
        )
    }

    fn severity(selection: &Selection, rule: &'static Rule) -> Option<Severity> {
        selection.severity(&Finding {
            rule,
            effect: Effect::Risky,
            pointer: Pointer::root(),
            message: String::new(),
            help: None,
            range: 0..0,
            answer: None,
            refusal: None,
            fix: None,
        })
    }

    #[test]
    fn the_narrower_pattern_counts() {
        let levels = [("net-ports", Level::Error), ("*", Level::Off), ("net-*", Level::Info)];
        let selection = Selection { command_line: layer(None, &[], &levels), file: Layer::default() };
        assert_eq!(severity(&selection, &PORTS), Some(Severity::Error));
        assert_eq!(severity(&selection, &HOST), Some(Severity::Info));
        assert_eq!(severity(&selection, &LATEST), None);
    }

    #[test]
    fn the_command_line_counts_before_the_file() {
        let file = layer(Some(&["net-*"]), &["net-host"], &[("net-ports", Level::Off)]);
        let with = |command_line| Selection { command_line, file: file.clone() };
        let nothing = with(Layer::default());
        assert_eq!(severities(&nothing), [None, None, Some(Severity::Warning), None]);
        let selected = with(layer(Some(&["net-*"]), &["net-host"], &[]));
        assert_eq!(severities(&selected), [None, Some(Severity::Warning), Some(Severity::Warning), None]);
        let raised = with(layer(None, &[], &[("*", Level::Error)]));
        assert_eq!(severities(&raised), [None, None, Some(Severity::Error), None]);
        let ignored = with(layer(None, &["syntax"], &[]));
        assert_eq!(severities(&ignored), [None; 4]);
    }

    /// The severities of all four, in the order of `KNOWN`.
    fn severities(selection: &Selection) -> [Option<Severity>; 4] {
        [&HOST, &PORTS, &SYNTAX_ERROR, &LATEST].map(|rule| severity(selection, rule))
    }
}
