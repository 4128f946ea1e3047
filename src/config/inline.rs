//! Ignore comments, in formats that have comments (JSONC, YAML).
//!
//! `milepost-ignore: rule[, rule] reason` at the end of a line ignores findings on that line; on a line of its own,
//! findings on the next line with content. `milepost-ignore-file: rule` before the first value ignores findings in the whole file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::finding::{Effect, Finding, Rule, Scope};
use crate::source::{Document, Format, LineIndex, Pointer, Type, Value};

use super::filter::FileCoverage;
use super::pattern::{RulePattern, UnknownRule};

pub(super) static UNUSED_IGNORE: Rule =
    Rule::risky("unused-ignore", "A comment that ignores rules still has something to ignore")
        .about(Scope::Settings)
        .why(
            "A comment outlives what it was written for: the line is fixed, and the next finding there goes unseen. A \
             name that is not a rule ignores nothing at all.",
        )
        .example("\"instances\": 2, // milepost-ignore: unknown-field a field of our own tools");

/// The beginning of every such comment.
const MARK: &str = "milepost-ignore";

/// Removes the findings of a file that its comments ignore, adds one for each unused ignore, and returns the number of
/// those removed.
pub(super) fn apply(
    text: &str,
    format: Format,
    rules: &'static [&'static Rule],
    coverage: FileCoverage<'_>,
    findings: &mut Vec<Finding>,
) -> usize {
    if format == Format::Json || !text.contains(MARK) {
        return 0;
    }
    // A text that cannot be parsed has one finding, and comments in it cannot be told from strings.
    let Ok(document) = Document::parse(text, format) else {
        return 0;
    };
    let lines = LineIndex::new(text);
    let comments = find(text, format, &document.root());
    let first_value = document.root().range().start;
    let next = next_with_content(text, format);
    let mut ignores = Ignores::default();
    for comment in comments {
        ignores.add(Directive::read(text, &comment, first_value, &lines, &next), rules, text);
    }
    let before = findings.len();
    findings.retain(|finding| !ignores.covers(finding.rule, lines.position(text, finding.range.start).line));
    let hidden = before - findings.len();
    let unused =
        ignores.entries.into_iter().filter(|entry| !entry.used && coverage.has_all_of(&entry.pattern));
    findings.extend(unused.map(IgnoreComment::unused).chain(ignores.malformed));
    findings.sort_by_key(|finding| finding.range.start);
    hidden
}

/// A comment: where it opens, where the mark begins, and where it ends, at the end of its first line at the latest.
struct MarkedComment {
    opener: usize,
    mark: usize,
    end: usize,
}

/// The comments that begin with the mark.
fn find(text: &str, format: Format, root: &Value<'_>) -> Vec<MarkedComment> {
    let strings = strings(root);
    let in_string = |at: usize| {
        let before = strings.partition_point(|range| range.start <= at);
        before > 0 && strings[before - 1].end > at
    };
    let openers: &[&str] = if format == Format::Yaml { &["#"] } else { &["//", "/*"] };
    text.match_indices(MARK)
        .filter_map(|(mark, _)| {
            let before = text[..mark].trim_end_matches([' ', '\t']);
            let opener = openers.iter().find(|opener| before.ends_with(**opener))?;
            let line_end = text[mark..].find('\n').map_or(text.len(), |len| mark + len);
            let end = match *opener {
                "/*" => text[mark..line_end].find("*/").map_or(line_end, |len| mark + len),
                _ => line_end,
            };
            Some(MarkedComment { opener: before.len() - opener.len(), mark, end })
        })
        .filter(|comment| !in_string(comment.opener))
        .collect()
}

/// The ranges of all strings, in the order of the text.
fn strings(root: &Value<'_>) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut open = vec![*root];
    while let Some(value) = open.pop() {
        match value.kind() {
            Type::Object => {
                for (key, value) in value.members() {
                    ranges.push(key.range());
                    open.push(value);
                }
            }
            Type::Array => open.extend(value.elements()),
            Type::String => ranges.push(value.range()),
            _ => {}
        }
    }
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    ranges
}

/// The meaning of a comment.
enum Directive {
    /// Ignore these on this line.
    Line { line: usize, names: Vec<Range<usize>> },
    /// Ignore these everywhere.
    File { names: Vec<Range<usize>> },
    /// It has no meaning.
    Malformed { range: Range<usize>, message: &'static str },
}

impl Directive {
    fn read(
        text: &str,
        comment: &MarkedComment,
        first_value: usize,
        lines: &LineIndex,
        next: &[usize],
    ) -> Self {
        let whole = comment.mark..comment.mark + text[comment.mark..comment.end].trim_end().len();
        let after = &text[comment.mark + MARK.len()..comment.end];
        let (for_file, rest) = match after.strip_prefix("-file") {
            Some(rest) => (true, rest),
            None => (false, after),
        };
        let malformed = |message| Self::Malformed { range: whole.clone(), message };
        let Some(list) = rest.strip_prefix(':') else {
            return malformed(
                "an ignore names its rules after a colon: `milepost-ignore: rule, rule reason`",
            );
        };
        let names = names(list, comment.end - list.len());
        if names.is_empty() {
            return malformed("this ignore names no rule");
        }
        if for_file && comment.opener > first_value {
            return malformed("`milepost-ignore-file` counts only before the first value of a file");
        }
        if for_file {
            Self::File { names }
        } else {
            Self::Line { line: line_of(text, comment, lines, next), names }
        }
    }
}

/// The names at the beginning of `list`, which is at `start` in the text; the reason follows them.
fn names(list: &str, start: usize) -> Vec<Range<usize>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*' | '?');
    let mut names = Vec::new();
    let mut at = 0;
    loop {
        at += list[at..].len() - list[at..].trim_start().len();
        let len = list[at..].find(|c| !is_name(c)).unwrap_or(list.len() - at);
        if len == 0 {
            return names;
        }
        names.push(start + at..start + at + len);
        at += len;
        match list[at..].trim_start().strip_prefix(',') {
            Some(rest) => at = list.len() - rest.len(),
            None => return names,
        }
    }
}

/// The line that a comment is about.
fn line_of(text: &str, comment: &MarkedComment, lines: &LineIndex, next: &[usize]) -> usize {
    let own = lines.position(text, comment.opener).line;
    let line = lines.line(text, own);
    let after = text[comment.end..line.end.max(comment.end)].trim_start_matches("*/");
    let is_alone = text[line.start..comment.opener].trim().is_empty() && after.trim().is_empty();
    if is_alone { next.get(own).copied().unwrap_or(own) } else { own }
}

/// For each line, counted from 0, the first one at or after it that holds more than a comment, counted from 1.
fn next_with_content(text: &str, format: Format) -> Vec<usize> {
    let openers: &[&str] = if format == Format::Yaml { &["#"] } else { &["//", "/*"] };
    let has_content = |line: &str| {
        let line = line.trim();
        !line.is_empty() && !openers.iter().any(|opener| line.starts_with(opener))
    };
    let mut next: Vec<usize> =
        text.split('\n').enumerate().map(|(at, line)| if has_content(line) { at + 1 } else { 0 }).collect();
    for at in (1..next.len()).rev() {
        if next[at - 1] == 0 {
            next[at - 1] = next[at];
        }
    }
    next
}

#[derive(Default)]
struct Ignores {
    entries: Vec<IgnoreComment>,
    by_line: HashMap<usize, Vec<usize>>,
    everywhere: Vec<usize>,
    /// Answers so far, by line (nothing for the whole file) and rule.
    known: HashMap<(Option<usize>, &'static str), bool>,
    malformed: Vec<Finding>,
}

/// One name in one comment.
struct IgnoreComment {
    pattern: RulePattern,
    range: Range<usize>,
    used: bool,
}

impl Ignores {
    fn add(&mut self, directive: Directive, rules: &'static [&'static Rule], text: &str) {
        let (line, names) = match directive {
            Directive::Line { line, names } => (Some(line), names),
            Directive::File { names } => (None, names),
            Directive::Malformed { range, message } => {
                return self.malformed.push(useless(range, message.to_owned(), "remove it, or correct it"));
            }
        };
        for range in names {
            let pattern = match RulePattern::parse(&text[range.clone()], rules) {
                Ok(pattern) => pattern,
                Err(UnknownRule::Name { name, near: Some(near) }) => {
                    let help = format!("did you mean `{near}`?");
                    self.malformed.push(useless(range, format!("there is no rule `{name}`"), help));
                    continue;
                }
                Err(error) => {
                    self.malformed.push(useless(range, error.to_string(), "remove it, or correct its name"));
                    continue;
                }
            };
            match line {
                Some(line) => self.by_line.entry(line).or_default().push(self.entries.len()),
                None => self.everywhere.push(self.entries.len()),
            }
            self.entries.push(IgnoreComment { pattern, range, used: false });
        }
    }

    /// Whether a rule is ignored on a line, by a comment there or for the whole file.
    fn covers(&mut self, rule: &'static Rule, line: usize) -> bool {
        let here = self.covers_at(rule, Some(line));
        self.covers_at(rule, None) || here
    }

    /// Marks the comments as used, and keeps the answer: there may be many comments and findings.
    fn covers_at(&mut self, rule: &'static Rule, line: Option<usize>) -> bool {
        let Self { entries, by_line, everywhere, known, .. } = self;
        *known.entry((line, rule.slug)).or_insert_with(|| {
            let at = match line {
                Some(line) => by_line.get(&line).map_or(&[][..], Vec::as_slice),
                None => everywhere,
            };
            let mut covered = false;
            for &index in at {
                let entry = &mut entries[index];
                if entry.pattern.matches(rule) {
                    entry.used = true;
                    covered = true;
                }
            }
            covered
        })
    }
}

impl IgnoreComment {
    fn unused(self) -> Finding {
        let message = format!("this ignore of `{}` has nothing to ignore", self.pattern.as_str());
        useless(self.range, message, "remove it")
    }
}

fn useless(range: Range<usize>, message: String, help: impl Into<Cow<'static, str>>) -> Finding {
    Finding {
        rule: &UNUSED_IGNORE,
        // The next finding there would go unseen.
        effect: Effect::Risky,
        pointer: Pointer::root(),
        message,
        help: Some(help.into()),
        range,
        answer: None,
        refusal: None,
        fix: None,
    }
}
