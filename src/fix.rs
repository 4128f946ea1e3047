//! Making the mends that findings carry: edits to the text, with every other byte left as it is.

use crate::finding::{Change, Finding, Fix, FixKind};
use crate::source::{Document, Edit, EditPlanner, Format, Pointer, Type};

/// A mend can make another one possible; so many turns are enough for any of them, and there is no endless one.
const MAX_ROUNDS: usize = 16;

/// A text after its mends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text now.
    pub text: String,
    /// What was mended, in the order it was done.
    pub done: Vec<Done>,
}

/// A mend that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The rule's slug.
    pub rule: &'static str,
    /// Where it was found.
    pub pointer: Pointer,
    /// What was done, as an order.
    pub title: String,
}

/// Makes all mends that are at least as sure as `level`, over and over until none is left: `find` says what is to be
/// mended in a text.
///
/// A mend that would leave a text that does not parse, or that another one is in the way of, is not made. YAML is not
/// edited in place.
pub fn apply_fixes(
    text: String,
    format: Format,
    level: FixKind,
    mut find: impl FnMut(&str) -> Vec<Finding>,
) -> Fixed {
    let mut mended = Fixed { text, done: Vec::new() };
    if format == Format::Yaml {
        return mended;
    }
    for _ in 0..MAX_ROUNDS {
        let found = find(&mended.text);
        let wanted: Vec<&Finding> = found.iter().filter(|found| is_wanted(found, level)).collect();
        let Some((text, made)) = round(&mended.text, format, &wanted) else { break };
        mended.text = text;
        mended.done.extend(made.into_iter().filter_map(|diagnostic| {
            let title = diagnostic.fix.as_ref()?.title.clone();
            Some(Done { rule: diagnostic.rule, pointer: diagnostic.pointer.clone(), title })
        }));
    }
    mended
}

/// Whether a finding has a mend that is at least as sure as `level`.
#[must_use]
pub fn is_wanted(found: &Finding, level: FixKind) -> bool {
    found.fix.as_ref().is_some_and(|fix| fix.kind <= level)
}

/// Works out the edits that mends come to, all in terms of one document as it is.
pub struct Edits<'d> {
    document: &'d Document,
    scribe: EditPlanner<'d>,
}

impl<'d> Edits<'d> {
    /// For mends of this document; nothing for YAML, which is not edited in place.
    #[must_use]
    pub fn new(document: &'d Document) -> Option<Self> {
        (document.format() != Format::Yaml).then(|| Self { document, scribe: EditPlanner::new(document) })
    }

    /// The edits of one mend; nothing where its places are not there.
    pub fn of(&mut self, fix: &Fix) -> Option<Vec<Edit>> {
        let (document, scribe) = (self.document, &mut self.scribe);
        let mut edits = Vec::new();
        for change in &fix.changes {
            match change {
                Change::Rename { key, name } => edits.push(Edit {
                    range: key.clone(),
                    replacement: serde_json::Value::from(name.as_str()).to_string(),
                }),
                Change::Replace { value, with } => {
                    edits.push(scribe.replace(document.at_offset(value.start)?, with));
                }
                Change::Remove { container, item } => {
                    edits.push(scribe.remove_at(document.at_offset(*container)?, *item)?);
                }
                Change::Move { container, item, object, name } => {
                    let object = document.at_offset(*object).filter(|at| at.kind() == Type::Object)?;
                    let value = document.at_offset(*item)?;
                    edits.push(scribe.remove_at(document.at_offset(*container)?, *item)?);
                    edits.extend(scribe.insert_moved(object, name, value));
                }
                Change::Insert { object, name, value } => {
                    let object = document.at_offset(*object).filter(|at| at.kind() == Type::Object)?;
                    edits.extend(scribe.insert(object, Some(name), value));
                }
            }
        }
        Some(edits)
    }
}

/// Makes as many of the mends as go together; nothing when none can be made.
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
    for diagnostic in wanted {
        let fix = diagnostic.fix.as_ref()?;
        let Some(edits) = edits_of.of(fix).filter(|edits| taken.admits(edits)) else {
            continue;
        };
        taken.add(&edits);
        made.push((*diagnostic, all.len()..all.len() + edits.len()));
        all.extend(edits);
    }
    if let Some(mended) = apply(text, format, &all) {
        return Some((mended, made.into_iter().map(|(diagnostic, _)| diagnostic).collect()));
    }
    // Together they leave no document: the first that can be made alone.
    made.into_iter().find_map(|(diagnostic, range)| {
        apply(text, format, &all[range]).map(|mended| (mended, vec![diagnostic]))
    })
}

/// The text after the edits; nothing when that is no document, or the same text.
fn apply(text: &str, format: Format, edits: &[Edit]) -> Option<String> {
    let mended = Edit::apply(text, edits);
    (mended != text && Document::parse(mended.as_str(), format).is_ok()).then_some(mended)
}

/// The places that edits have taken so far.
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

    fn mended(text: &str) -> Fixed {
        let settings = "dcos".parse::<Target>().expect("a target").settings();
        let mut linter = Linter::default();
        let find = |text: &str| linter.lint(text.into(), Format::Json, None, &settings).findings;
        apply_fixes(text.to_owned(), Format::Json, FixKind::Unsafe, find)
    }

    #[test]
    fn a_mend_leaves_the_rest_alone() {
        let before = "{\n  \"id\" : \"/a\",\n  \"container\": {\"type\": \"MESOS\", \"docker\": {\n    \
                      \"privileged\": true, \"image\": \"a:1\"\n  } }\n}";
        let after = before.replace("\"privileged\": true, ", "");
        let mended = mended(before);
        assert_eq!(mended.text, after);
        assert_eq!(mended.done.len(), 1);
        assert_eq!(mended.done[0].pointer.to_string(), "/container/docker/privileged");
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
