//! Makes the fixes that findings carry: edits to the text that leave every other byte as it is.

mod proof;

use std::collections::HashSet;

use crate::finding::{Change, Effect, Finding, Fix, FixKind, Rule};
use crate::source::{Document, Edit, EditPlanner, Format, Pointer, Type};

pub use proof::{Judge, prove};

/// The most rounds of fixes: a fix can make another one possible, and two could undo each other for ever.
const MAX_ROUNDS: usize = 64;

/// A text after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text now.
    pub text: String,
    /// The fixes that were made, in order.
    pub done: Vec<Done>,
}

/// A fix that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where it was found.
    pub pointer: Pointer,
    /// What was done, in the imperative.
    pub title: String,
}

/// Makes all fixes that are at least as sure as `level`, in rounds until none is left: `find` gives the findings in a
/// text. Fixes of what Marathon rejects come first, because others can be judged only then.
///
/// A fix that would leave a text that does not parse, or that overlaps with another one, is not made; with a `judge`,
/// neither is one that would make the definition worse. YAML is not edited in place.
pub fn apply_fixes(
    text: String,
    format: Format,
    level: FixKind,
    judge: Option<&Judge<'_>>,
    mut find: impl FnMut(&str) -> Vec<Finding>,
) -> Fixed {
    let mut fixed = Fixed { text, done: Vec::new() };
    if format == Format::Yaml {
        return fixed;
    }
    let mut refused: HashSet<(&'static str, Pointer)> = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let found = find(&fixed.text);
        let is_refused = |found: &Finding| refused.contains(&(found.rule.slug, found.pointer.clone()));
        let mut wanted: Vec<&Finding> =
            found.iter().filter(|found| is_wanted(found, level) && !is_refused(found)).collect();
        if wanted.iter().any(|found| found.effect == Effect::Rejected) {
            wanted.retain(|found| found.effect == Effect::Rejected);
        }
        if wanted.is_empty() {
            break;
        }
        let made = match judge {
            Some(judge) => judge.first_round(&fixed.text, &wanted, level),
            None => round(&fixed.text, format, &wanted),
        };
        let Some((text, made)) = made else {
            refused.extend(wanted.iter().map(|found| (found.rule.slug, found.pointer.clone())));
            continue;
        };
        fixed.text = text;
        fixed.done.extend(made.into_iter().filter_map(|found| {
            let title = found.fix.as_ref()?.title.clone();
            Some(Done { rule: found.rule, pointer: found.pointer.clone(), title })
        }));
    }
    fixed
}

/// Whether a finding has a fix that is at least as sure as `level`.
#[must_use]
pub fn is_wanted(found: &Finding, level: FixKind) -> bool {
    found.fix.as_ref().is_some_and(|fix| fix.kind <= level)
}

/// Computes the edits of fixes, all in terms of one document as it is.
pub struct Edits<'d> {
    document: &'d Document,
    planner: EditPlanner<'d>,
}

impl<'d> Edits<'d> {
    /// For fixes of this document; nothing for YAML, which is not edited in place.
    #[must_use]
    pub fn new(document: &'d Document) -> Option<Self> {
        (document.format() != Format::Yaml).then(|| Self { document, planner: EditPlanner::new(document) })
    }

    /// The edits of one fix; nothing where the document does not have its locations.
    pub fn of(&mut self, fix: &Fix) -> Option<Vec<Edit>> {
        let (document, planner) = (self.document, &mut self.planner);
        let mut edits = Vec::new();
        for change in &fix.changes {
            match change {
                Change::Rename { key, name } => edits.push(Edit {
                    range: key.clone(),
                    replacement: serde_json::Value::from(name.as_str()).to_string(),
                }),
                Change::Replace { value, with } => {
                    edits.push(planner.replace(document.at_offset(value.start)?, with));
                }
                Change::Remove { container, item } => {
                    edits.push(planner.remove_at(document.at_offset(*container)?, *item)?);
                }
                Change::Move { container, item, object, name } => {
                    let object = document.at_offset(*object).filter(|at| at.kind() == Type::Object)?;
                    let value = document.at_offset(*item)?;
                    edits.push(planner.remove_at(document.at_offset(*container)?, *item)?);
                    edits.extend(planner.insert_moved(object, name, value));
                }
                Change::Insert { object, name, value } => {
                    let object = document.at_offset(*object).filter(|at| at.kind() == Type::Object)?;
                    edits.extend(planner.insert(object, Some(name), value));
                }
            }
        }
        Some(edits)
    }
}

/// Makes as many of the fixes as go together; nothing when none can be made.
pub(crate) fn round<'f>(
    text: &str,
    format: Format,
    wanted: &[&'f Finding],
) -> Option<(String, Vec<&'f Finding>)> {
    let document = Document::parse(text, format).ok()?;
    let mut edits_of = Edits::new(&document)?;
    let mut taken = TakenRanges::default();
    let mut made = Vec::new();
    let mut all = Vec::new();
    for found in wanted {
        let fix = found.fix.as_ref()?;
        let Some(edits) = edits_of.of(fix).filter(|edits| taken.admits(edits)) else {
            continue;
        };
        taken.add(&edits);
        made.push((*found, all.len()..all.len() + edits.len()));
        all.extend(edits);
    }
    if let Some(fixed) = apply(text, format, &all) {
        return Some((fixed, made.into_iter().map(|(found, _)| found).collect()));
    }
    // Together they leave a text that does not parse: the first one that can be made alone.
    made.into_iter()
        .find_map(|(found, range)| apply(text, format, &all[range]).map(|fixed| (fixed, vec![found])))
}

/// The text after the edits; nothing when that does not parse, or is the same text.
fn apply(text: &str, format: Format, edits: &[Edit]) -> Option<String> {
    let fixed = Edit::apply(text, edits);
    (fixed != text && Document::parse(fixed.as_str(), format).is_ok()).then_some(fixed)
}

/// The ranges that edits have changed so far.
#[derive(Default)]
struct TakenRanges {
    /// Start and end of each, by start; they do not overlap.
    ranges: std::collections::BTreeMap<usize, usize>,
}

impl TakenRanges {
    /// Whether these edits leave alone what is taken. Two insertions at one place are in each other's way.
    fn admits(&self, edits: &[Edit]) -> bool {
        edits.iter().all(|edit| {
            let (start, end) = (edit.range.start, edit.range.end);
            let before = self.ranges.range(..=start).next_back();
            let free_before =
                before.is_none_or(|(from, to)| *to <= start && !(*from == start && start == end));
            let after = self.ranges.range(start..).next();
            free_before && after.is_none_or(|(from, to)| end <= *from && !(*from == start && from == to))
        })
    }

    fn add(&mut self, edits: &[Edit]) {
        self.ranges.extend(edits.iter().map(|edit| (edit.range.start, edit.range.end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Linter;
    use crate::target::Target;

    fn fixed(text: &str) -> Fixed {
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let mut linter = Linter::default();
        let find = |text: &str| linter.lint(text.into(), Format::Json, None, &settings).findings;
        apply_fixes(text.to_owned(), Format::Json, FixKind::Unsafe, None, find)
    }

    #[test]
    fn a_fix_leaves_the_rest_alone() {
        let before = "{\n  \"id\" : \"/a\",\n  \"container\": {\"type\": \"MESOS\", \"docker\": {\n    \
                      \"privileged\": true, \"image\": \"a:1\"\n  } }\n}";
        let after = before.replace("\"privileged\": true, ", "");
        let fixed = fixed(before);
        assert_eq!(fixed.text, after);
        assert_eq!(fixed.done.len(), 1);
        assert_eq!(fixed.done[0].pointer.to_string(), "/container/docker/privileged");
    }

    #[test]
    fn edits_do_not_get_in_each_others_way() {
        let edit = |range| Edit { range, replacement: String::new() };
        let mut taken = TakenRanges::default();
        taken.add(&[edit(10..20), edit(30..30)]);
        for (range, free) in
            [(0..10, true), (0..11, false), (12..13, false), (20..30, true), (20..31, false), (30..30, false)]
        {
            assert_eq!(taken.admits(&[edit(range.clone())]), free, "{range:?}");
        }
    }
}
