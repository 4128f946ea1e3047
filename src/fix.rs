//! Makes the fixes that findings carry: edits to the text that leave every other byte as it is.

mod names;
mod proof;

use std::collections::{HashMap, HashSet};

use crate::finding::{Change, Effect, Finding, Fix, FixKind, Rule};
use crate::source::{Document, Edit, EditError, EditPlanner, Format, PlannedEdits, Pointer, Type, Value};

pub use proof::{FixProver, prove};

/// The most rounds of fixes: a fix can make another one possible, and two could undo each other for ever.
const MAX_ROUNDS: usize = 64;
/// The most fixes of one text that are tried by themselves, each at the cost of reading the whole text.
const MAX_ALONE: usize = 16;

/// A text after its fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text now.
    pub text: String,
    /// The fixes that were made, in order.
    pub done: Vec<Done>,
    /// The fixes that the notation of the text does not allow.
    pub left: Vec<LeftFix>,
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

/// A fix that cannot be made in this YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftFix {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// The offset in the text, in bytes, of what prevents the fix.
    pub at: usize,
    /// Why not.
    pub why: String,
}

/// Makes all fixes that are at least as sure as `level`, in rounds until none is left: `find` gives the findings in a
/// text. Fixes of what Marathon rejects come first, because others can be judged only then.
///
/// A fix that would leave a text that does not parse, or that overlaps with another one, is not made; with a `judge`,
/// neither is one that would make the definition worse.
pub fn apply_fixes(
    text: String,
    format: Format,
    level: FixKind,
    judge: Option<&FixProver<'_>>,
    mut find: impl FnMut(&str) -> Vec<Finding>,
) -> Fixed {
    let mut fixed = Fixed { text, done: Vec::new(), left: Vec::new() };
    let mut refused: HashSet<(&'static str, Pointer)> = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut found = find(&fixed.text);
        if !found.iter().any(|found| is_wanted(found, level)) {
            break;
        }
        let unfixed = UnfixedText::read(&fixed.text, format);
        names::settle(unfixed.document.as_ref(), &mut found);
        refused.extend(rivals(&found));
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
            Some(judge) => judge.first_round(&unfixed, &wanted, level),
            None => unfixed.round(&wanted),
        };
        let Some((document, made)) = made else {
            refused.extend(wanted.iter().map(|found| (found.rule.slug, found.pointer.clone())));
            continue;
        };
        document.text().clone_into(&mut fixed.text);
        fixed.done.extend(made.into_iter().filter_map(|found| {
            let title = found.fix.as_ref()?.title.clone();
            Some(Done { rule: found.rule, pointer: found.pointer.clone(), title })
        }));
    }
    if format == Format::Yaml {
        let found = find(&fixed.text);
        let wanted: Vec<&Finding> = found.iter().filter(|found| is_wanted(found, level)).collect();
        let left = UnfixedText::read(&fixed.text, format).left(&wanted).into_iter();
        fixed.left = left.filter_map(|(found, error)| LeftFix::of(found, &error)).collect();
    }
    fixed
}

/// The findings whose fixes give two members of an object one name: which of the values is meant cannot be told, and only
/// the last one would count.
fn rivals(found: &[Finding]) -> Vec<(&'static str, Pointer)> {
    let mut by_name: HashMap<(Pointer, &str), Vec<&Finding>> = HashMap::new();
    for finding in found {
        let changes = finding.fix.iter().flat_map(|fix| &fix.changes);
        let names = changes.filter_map(|change| match change {
            Change::Rename { name, .. } => Some(name),
            _ => None,
        });
        let parent = finding.pointer.parent().map(|(parent, _)| parent);
        for (name, parent) in names.zip(parent) {
            by_name.entry((parent, name)).or_default().push(finding);
        }
    }
    let several = by_name.into_values().filter(|findings| findings.len() > 1);
    several.flatten().map(|finding| (finding.rule.slug, finding.pointer.clone())).collect()
}

impl LeftFix {
    fn of(found: &Finding, error: &EditError) -> Option<Self> {
        Some(Self { rule: found.rule, at: error.offset()?, why: error.to_string() })
    }
}

/// Whether a finding has a fix that is at least as sure as `level`.
#[must_use]
pub fn is_wanted(found: &Finding, level: FixKind) -> bool {
    found.fix.as_ref().is_some_and(|fix| fix.kind <= level)
}

/// The edits of fixes of a document, each by itself; `None` for a fix that cannot be made in it.
#[must_use]
pub fn edits_of(document: &Document, fixes: &[Option<&Fix>]) -> Vec<Option<Vec<Edit>>> {
    let Ok(mut planner) = EditPlanner::new(document) else { return vec![None; fixes.len()] };
    let all: Vec<Option<PlannedEdits>> =
        fixes.iter().map(|fix| plan(&mut planner, (*fix)?, 1).ok()).collect();
    if document.format() != Format::Yaml {
        return all.into_iter().map(|edits| Some(edits?.text)).collect();
    }
    let mut taken = TakenRanges::default();
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    for (index, edits) in all.iter().enumerate() {
        let Some(edits) = edits else { continue };
        if taken.take(edits) { together.push((index, edits)) } else { alone.push((index, edits)) }
    }
    let mut proven = vec![false; fixes.len()];
    let alone = alone.into_iter().take(MAX_ALONE).map(|one| vec![one]);
    for group in std::iter::once(together).chain(alone) {
        if let Some((_, kept)) = largest(&planner, &group) {
            for index in kept {
                proven[index] = true;
            }
        }
    }
    all.into_iter().zip(proven).map(|(edits, is_proven)| Some(edits.filter(|_| is_proven)?.text)).collect()
}

/// Plans the changes of one fix, which this number of findings of the document have.
fn plan(planner: &mut EditPlanner<'_>, fix: &Fix, times: usize) -> Result<PlannedEdits, EditError> {
    planner.begin();
    let mut edits = PlannedEdits::default();
    for change in &fix.changes {
        match change {
            Change::Rename { key, name } => {
                for key in all(planner.names_at(key), key.start, times)? {
                    edits.extend(planner.rename(key, name)?);
                }
            }
            Change::Replace { value, with } => {
                for old in all(planner.values_at(value), value.start, times)? {
                    edits.extend(planner.replace(old, with)?);
                }
            }
            Change::Remove { container, item } => {
                for container in all(planner.containers_at(*container), *container, times)? {
                    edits.extend(remove_at(planner, container, *item)?);
                }
            }
            Change::Move { container, item, object, name } => {
                let container = one(planner.containers_at(*container), *container)?;
                let object = one(objects_at(planner, *object), *object)?;
                let index = index_at(planner, container, *item)?;
                let value = planner.child(container, index).ok_or_else(gone)?;
                edits.extend(planner.remove_items(container, &[index])?);
                edits.extend(planner.insert_moved(object, name, value)?);
            }
            // There is no document to plan it in.
            Change::Respell(_) => return Err(gone()),
            Change::Insert { object, name, value } => {
                for object in all(objects_at(planner, *object), *object, times)? {
                    edits.extend(planner.insert(object, Some(name), value)?);
                }
            }
        }
    }
    Ok(edits)
}

fn objects_at<'d>(planner: &EditPlanner<'d>, start: usize) -> Vec<Value<'d>> {
    let mut objects = planner.containers_at(start);
    objects.retain(|value| value.kind() == Type::Object);
    objects
}

fn index_at(planner: &mut EditPlanner<'_>, container: Value<'_>, item: usize) -> Result<usize, EditError> {
    planner.index_at(container, item).ok_or_else(gone)
}

fn remove_at(
    planner: &mut EditPlanner<'_>,
    container: Value<'_>,
    item: usize,
) -> Result<PlannedEdits, EditError> {
    let index = index_at(planner, container, item)?;
    planner.remove_items(container, &[index])
}

fn gone() -> EditError {
    EditError::NoPlace(Pointer::root())
}

/// The values, if there is one, or one for each of the findings: aliases of YAML repeat a value, and what repeats it has
/// to need the same fix.
fn all(values: Vec<Value<'_>>, at: usize, times: usize) -> Result<Vec<Value<'_>>, EditError> {
    match values.len() {
        0 => Err(gone()),
        count if count == 1 || count == times => Ok(values),
        _ => Err(repeated(at)),
    }
}

fn one(values: Vec<Value<'_>>, at: usize) -> Result<Value<'_>, EditError> {
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(repeated(at)),
        _ => Err(gone()),
    }
}

fn repeated(at: usize) -> EditError {
    EditError::Yaml { at, why: "an alias repeats it where the fix is not needed" }
}

/// A text that fixes are made in, read once.
pub(crate) struct UnfixedText<'t> {
    text: &'t str,
    format: Format,
    /// `None` where it does not parse.
    document: Option<Document>,
}

impl<'t> UnfixedText<'t> {
    pub(crate) fn read(text: &'t str, format: Format) -> Self {
        Self { text, format, document: Document::parse(text, format).ok() }
    }

    /// Makes as many of the fixes as go together, and reads the result; nothing when none can be made.
    pub(crate) fn round<'f>(&self, wanted: &[&'f Finding]) -> Option<(Document, Vec<&'f Finding>)> {
        if wanted.is_empty() {
            return None;
        }
        let Some(document) = &self.document else { return self.respelled(wanted) };
        let mut planner = EditPlanner::new(document).ok()?;
        let times = Times::count(wanted, self.format);
        let (mut taken, mut together) = (TakenRanges::default(), Vec::new());
        for found in wanted {
            let Some(fix) = found.fix.as_ref() else { continue };
            let edits = plan(&mut planner, fix, times.of(fix)).ok();
            together.extend(edits.filter(|edits| taken.take(edits)).map(|edits| (*found, edits)));
        }
        let candidates: Vec<_> = together.iter().map(|(found, edits)| (*found, edits)).collect();
        let (document, mut made) = largest(&planner, &candidates)?;
        made.extend(times.repeated(wanted, &made));
        Some((document, made))
    }

    /// A text that cannot be parsed after the fix that makes it one that can.
    fn respelled<'f>(&self, wanted: &[&'f Finding]) -> Option<(Document, Vec<&'f Finding>)> {
        wanted.iter().find_map(|found| {
            let fixed = Edit::apply(self.text, &found.fix.as_ref()?.respelling()?);
            Some((Document::parse(fixed, self.format).ok()?, vec![*found]))
        })
    }

    /// Why fixes cannot be made in it, for those where it is the text's notation that prevents them.
    pub(crate) fn left<'f>(&self, wanted: &[&'f Finding]) -> Vec<(&'f Finding, EditError)> {
        let Some(document) = &self.document else { return Vec::new() };
        let Ok(mut planner) = EditPlanner::new(document) else { return Vec::new() };
        let times = Times::count(wanted, self.format);
        let mut tried = 0;
        let mut error_of = |found: &Finding| {
            let fix = found.fix.as_ref()?;
            let edits = match plan(&mut planner, fix, times.of(fix)) {
                Ok(edits) => edits,
                Err(error) => return Some(error),
            };
            tried += 1;
            if tried > MAX_ALONE { None } else { planner.apply(&edits).err() }
        };
        let errors = wanted.iter().filter_map(|found| Some((*found, error_of(found)?)));
        errors.filter(|(_, error)| matches!(error, EditError::Yaml { .. })).collect()
    }
}

/// How many findings have each fix: in YAML, aliases repeat values.
#[derive(Default)]
struct Times(HashMap<String, usize>);

impl Times {
    fn count(wanted: &[&Finding], format: Format) -> Self {
        let mut times = Self::default();
        if format == Format::Yaml {
            for fix in wanted.iter().filter_map(|found| found.fix.as_ref()) {
                *times.0.entry(format!("{:?}", fix.changes)).or_insert(0) += 1;
            }
        }
        times
    }

    /// The findings with the same fixes as those that were made: they were made for all that aliases repeat.
    fn repeated<'f>(&self, wanted: &[&'f Finding], made: &[&'f Finding]) -> Vec<&'f Finding> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let key = |found: &Finding| Some(format!("{:?}", found.fix.as_ref()?.changes));
        let repeats = |key: &String| self.0.get(key).is_some_and(|times| *times > 1);
        let keys: HashSet<String> = made.iter().filter_map(|found| key(found)).filter(repeats).collect();
        let met: HashSet<*const Finding> = made.iter().map(|found| std::ptr::from_ref(*found)).collect();
        let is_repeated = |found: &&&Finding| {
            !met.contains(&std::ptr::from_ref(**found)) && key(found).is_some_and(|key| keys.contains(&key))
        };
        wanted.iter().filter(is_repeated).copied().collect()
    }

    fn of(&self, fix: &Fix) -> usize {
        if self.0.is_empty() { 1 } else { self.0.get(&format!("{:?}", fix.changes)).copied().unwrap_or(1) }
    }
}

/// The document after as many of these edits as leave a right text together, and what they are for. `None` when there are
/// none, or when they change nothing.
fn largest<T: Copy>(
    planner: &EditPlanner<'_>,
    candidates: &[(T, &PlannedEdits)],
) -> Option<(Document, Vec<T>)> {
    let apply = |candidates: &[(T, &PlannedEdits)]| {
        let mut all = PlannedEdits::default();
        for (_, edits) in candidates {
            all.extend((*edits).clone());
        }
        let after = planner.apply(&all).ok().filter(|after| after.text() != planner.text())?;
        Some((after, candidates.iter().map(|(of, _)| *of).collect()))
    };
    if candidates.is_empty() {
        return None;
    }
    if let Some(done) = apply(candidates) {
        return Some(done);
    }
    if candidates.len() == 1 {
        return None;
    }
    let (one, other) = candidates.split_at(candidates.len() / 2);
    largest(planner, one).or_else(|| largest(planner, other))
}

/// The ranges that edits have changed so far, in the text and in what proves them.
#[derive(Default)]
struct TakenRanges {
    text: DisjointRanges,
    proof: DisjointRanges,
}

impl TakenRanges {
    /// Takes the ranges of some edits, if none of them is in the way of those taken before.
    fn take(&mut self, edits: &PlannedEdits) -> bool {
        let is_free = self.text.admits(&edits.text) && self.proof.admits(&edits.proof);
        if is_free {
            self.text.add(&edits.text);
            self.proof.add(&edits.proof);
        }
        is_free
    }
}

#[derive(Default)]
struct DisjointRanges {
    /// Start and end of each, by start; they do not overlap.
    ranges: std::collections::BTreeMap<usize, usize>,
}

impl DisjointRanges {
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
        let mut taken = DisjointRanges::default();
        taken.add(&[edit(10..20), edit(30..30)]);
        for (range, free) in
            [(0..10, true), (0..11, false), (12..13, false), (20..30, true), (20..31, false), (30..30, false)]
        {
            assert_eq!(taken.admits(&[edit(range.clone())]), free, "{range:?}");
        }
    }
}
