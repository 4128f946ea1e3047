//! Proves fixes before they are offered or made: what Marathon makes of the fixed text is compared with what it makes of
//! the text as it is.
//!
//! - What Marathon accepts it still accepts, and stores the same; a safe fix of a misspelt name may change the field that
//!   the name stands for, and nothing else. An unsafe fix may change what is stored.
//! - What Marathon rejects gets no further rejection, and no fix writes a value that Marathon rejects where it stands.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::finding::{Change, Effect, Finding, FixKind, Stage};
use crate::normalize::{Unneeded, accept, stored_without};
use crate::source::{Document, Format, Kind, Pointer, Step};
use crate::target::Settings;

use super::{UnfixedText, names};

/// The most texts that are judged for one text, and the bytes that they may have together.
const MOST_ATTEMPTS: usize = 256;
const MOST_BYTES: usize = 4 << 20;
/// Even of a long text this many fixed ones are judged.
const FEWEST_ATTEMPTS: usize = 8;

/// Judges texts as a Marathon with these settings would.
#[derive(Clone, Copy, Debug)]
pub struct FixProver<'s> {
    format: Format,
    kind: Kind,
    settings: &'s Settings,
}

/// A text, as Marathon judges it.
struct JudgedText<'d> {
    /// `None` where it does not parse.
    document: Option<&'d Document>,
    verdict: TextVerdict,
}

/// What Marathon makes of a text.
enum TextVerdict {
    Accepted,
    /// The first stage that rejects it, how often, and where any stage does.
    Rejected(Stage, usize, Vec<Pointer>),
    /// It does not parse.
    Unread,
}

/// What fixes are judged on top of.
struct ProofBase<'f, 'd> {
    text: JudgedText<'d>,
    /// Fixes that are made before, to the original text.
    made: Vec<&'f Finding>,
}

/// Withdraws the fixes that would do harm, and makes those unsafe that change more than they may: see the module. Of two
/// names that would become the same field both are left alone. Fixes that the notation of a YAML text does not allow stay as
/// they are: they cannot be made.
pub fn prove(judge: &FixProver<'_>, text: &str, findings: &mut [Finding]) {
    if findings.iter().all(|found| found.fix.is_none()) {
        return;
    }
    let rivals = rivals(findings);
    for at in rivals {
        findings[at].fix = None;
    }
    let unfixed = UnfixedText::read(text, judge.format);
    names::settle(unfixed.document.as_ref(), findings);
    let unmade = unmade(&unfixed, findings);
    let proven = proven(judge, &unfixed, findings);
    let kinds: Vec<Option<FixKind>> =
        findings.iter().map(|found| proven.get(&std::ptr::from_ref(found)).copied()).collect();
    for ((found, kind), is_unmade) in findings.iter_mut().zip(kinds).zip(unmade) {
        match (kind, &mut found.fix) {
            (None, _) if is_unmade => {}
            (Some(kind), Some(fix)) => fix.kind = kind,
            (_, fix) => *fix = None,
        }
    }
}

/// Whether the notation of the text does not allow the fix of each finding.
fn unmade(unfixed: &UnfixedText<'_>, findings: &[Finding]) -> Vec<bool> {
    if unfixed.format != Format::Yaml {
        return vec![false; findings.len()];
    }
    let all: Vec<&Finding> = findings.iter().filter(|found| found.fix.is_some()).collect();
    let left = unfixed.left(&all).into_iter();
    let left: HashSet<*const Finding> = left.map(|(found, _)| std::ptr::from_ref(found)).collect();
    findings.iter().map(|found| left.contains(&std::ptr::from_ref(found))).collect()
}

/// The findings whose fixes hold, and how sure each is.
fn proven(
    judge: &FixProver<'_>,
    unfixed: &UnfixedText<'_>,
    findings: &[Finding],
) -> HashMap<*const Finding, FixKind> {
    let all: Vec<&Finding> = findings.iter().filter(|found| found.fix.is_some()).collect();
    let mut proof = Proof { judge, text: unfixed, attempts: attempts(unfixed.text) };
    let of = |is_rejected: bool, kind: FixKind| {
        let is_wanted = |found: &&Finding| {
            (found.effect == Effect::Rejected) == is_rejected
                && found.fix.as_ref().is_some_and(|fix| fix.kind == kind)
        };
        all.iter().copied().filter(is_wanted).collect::<Vec<_>>()
    };
    let mut proven = HashMap::new();
    let mut note = |found: &[&Finding], kind| {
        proven.extend(found.iter().map(|found| (std::ptr::from_ref(*found), kind)));
    };
    let mut base = ProofBase { text: judge.judged(unfixed.document.as_ref()), made: Vec::new() };
    for kind in [FixKind::Safe, FixKind::Unsafe] {
        let (fine, _) = proof.winnow(&base, of(true, kind), kind);
        note(&fine, kind);
        base.made.extend(fine);
    }
    let together;
    if !base.made.is_empty() && all.len() > base.made.len() {
        together = unfixed.round(&base.made);
        base.text = judge.judged(together.as_ref().map(|(document, _)| document));
    }
    let (fine, changing) = proof.winnow(&base, of(false, FixKind::Safe), FixKind::Safe);
    note(&fine, FixKind::Safe);
    let changing = [changing, of(false, FixKind::Unsafe)].concat();
    note(&proof.winnow(&base, changing, FixKind::Unsafe).0, FixKind::Unsafe);
    proven
}

/// How many texts are judged for this one.
fn attempts(text: &str) -> usize {
    (MOST_BYTES / text.len().max(1)).clamp(FEWEST_ATTEMPTS, MOST_ATTEMPTS)
}

/// The findings whose fixes give one object the same name twice.
fn rivals(findings: &[Finding]) -> Vec<usize> {
    let mut seen = HashMap::new();
    let mut rivals = Vec::new();
    for (at, found) in findings.iter().enumerate() {
        let Some(name) = new_name(found) else { continue };
        let owner = found.pointer.parent().map(|(owner, _)| owner).unwrap_or_default();
        if let Some(first) = seen.insert((owner, name), at) {
            rivals.extend([first, at]);
        }
    }
    rivals
}

/// The name that a fix gives to the member that was found, where it does nothing else.
fn new_name(found: &Finding) -> Option<&str> {
    match found.fix.as_ref()?.changes.as_slice() {
        [Change::Rename { name, .. }] => Some(name),
        _ => None,
    }
}

/// Where what a fix writes stands afterwards; nothing where it also moves or removes something.
fn written_at(found: &Finding) -> Option<Pointer> {
    if let Some(name) = new_name(found) {
        return Some(found.pointer.parent()?.0.key(name));
    }
    let is_replacement = |change: &Change| matches!(change, Change::Replace { .. });
    found.fix.as_ref()?.changes.iter().all(is_replacement).then(|| found.pointer.clone())
}

struct Proof<'p> {
    judge: &'p FixProver<'p>,
    text: &'p UnfixedText<'p>,
    /// How many more texts may be judged.
    attempts: usize,
}

impl Proof<'_> {
    /// Parts findings into those whose fixes hold on top of `base`, and the others. As many as possible are judged
    /// together.
    fn winnow<'f>(
        &mut self,
        base: &ProofBase<'f, '_>,
        candidates: Vec<&'f Finding>,
        level: FixKind,
    ) -> (Vec<&'f Finding>, Vec<&'f Finding>) {
        let (mut fine, mut other) = (Vec::new(), Vec::new());
        let mut waiting = vec![candidates];
        while let Some(group) = waiting.pop() {
            if group.is_empty() {
                continue;
            }
            if self.attempts == 0 {
                other.extend(group);
                continue;
            }
            self.attempts -= 1;
            let wanted: Vec<&Finding> = base.made.iter().copied().chain(group.iter().copied()).collect();
            let made = self.text.round(&wanted);
            let (made, left): (Vec<_>, Vec<_>) = match made {
                Some((after, made)) if self.judge.holds(&base.text, &after, &made, level) => {
                    let made: HashSet<*const Finding> = made.into_iter().map(std::ptr::from_ref).collect();
                    group.iter().partition(|found| made.contains(&std::ptr::from_ref(**found)))
                }
                _ => (Vec::new(), group.clone()),
            };
            if !made.is_empty() {
                fine.extend(made);
                waiting.push(left);
            } else if let [only] = group.as_slice() {
                other.push(*only);
            } else {
                let (one, rest) = group.split_at(group.len() / 2);
                waiting.extend([rest.to_vec(), one.to_vec()]);
            }
        }
        (fine, other)
    }
}

impl<'s> FixProver<'s> {
    /// For definitions of this kind in texts of this format.
    #[must_use]
    pub fn new(format: Format, kind: Kind, settings: &'s Settings) -> Self {
        Self { format, kind, settings }
    }

    /// Makes as many of these fixes as go together and hold; nothing when none does.
    pub(super) fn first_round<'f>(
        &self,
        unfixed: &UnfixedText<'_>,
        wanted: &[&'f Finding],
        level: FixKind,
    ) -> Option<(Document, Vec<&'f Finding>)> {
        let before = self.judged(unfixed.document.as_ref());
        let mut waiting = vec![wanted];
        for _ in 0..attempts(unfixed.text) {
            let group = waiting.pop()?;
            if let Some((fixed, made)) = unfixed.round(group)
                && self.holds(&before, &fixed, &made, level)
            {
                return Some((fixed, made));
            }
            if group.len() > 1 {
                let (one, rest) = group.split_at(group.len() / 2);
                waiting.extend([rest, one]);
            }
        }
        None
    }

    fn judged<'d>(&self, document: Option<&'d Document>) -> JudgedText<'d> {
        let verdict = document.map_or(TextVerdict::Unread, |document| self.verdict(document));
        JudgedText { document, verdict }
    }

    fn verdict(&self, document: &Document) -> TextVerdict {
        let Err(rejections) = accept(document, self.kind.of_shape(document.root()), self.settings) else {
            return TextVerdict::Accepted;
        };
        let stages = || rejections.iter().filter_map(Finding::stage);
        let first = stages().min().unwrap_or(Stage::Syntax);
        let count = stages().filter(|stage| *stage == first).count();
        TextVerdict::Rejected(first, count, rejections.into_iter().map(|found| found.pointer).collect())
    }

    /// Whether these fixes may be made, by what Marathon makes of the text before and after.
    fn holds(&self, before: &JudgedText<'_>, after: &Document, made: &[&Finding], level: FixKind) -> bool {
        match (&before.verdict, self.verdict(after)) {
            (TextVerdict::Accepted, TextVerdict::Accepted) => {
                level == FixKind::Unsafe
                    || before.document.is_some_and(|before| self.is_stored_alike(before, after, made))
            }
            (TextVerdict::Rejected(..), TextVerdict::Accepted) => true,
            (TextVerdict::Rejected(stage, count, _), TextVerdict::Rejected(later, left, places)) => {
                let is_better = later > *stage || (later == *stage && left <= *count);
                is_better
                    && !made
                        .iter()
                        .filter_map(|found| written_at(found))
                        .any(|written| places.iter().any(|place| place.steps().starts_with(written.steps())))
            }
            (TextVerdict::Accepted | TextVerdict::Unread, _) | (_, TextVerdict::Unread) => false,
        }
    }

    /// Whether Marathon stores the same after these fixes, except at the fields that they are for.
    fn is_stored_alike(&self, before: &Document, after: &Document, made: &[&Finding]) -> bool {
        let kind = |document: &Document| self.kind.of_shape(document.root());
        let are_apps = kind(before) == Kind::App && kind(after) == Kind::App;
        let alike = (self.format == Format::Json && are_apps)
            .then(|| Unneeded::of_alike(before.root(), after.root()));
        let unneeded = alike.as_ref().unwrap_or(Unneeded::NOTHING);
        let stored =
            |document: &Document| stored_without(unneeded, document.root(), kind(document), self.settings);
        ExemptPaths::of(made).covers(&stored(before), &stored(after), &mut Vec::new())
    }
}

/// The paths that may differ in what is stored: the fields that misspelt names become. `*` is any index.
struct ExemptPaths {
    paths: HashSet<String>,
}

impl ExemptPaths {
    fn of(made: &[&Finding]) -> Self {
        let path = |found: &&Finding| {
            let (owner, _) = found.pointer.parent().filter(|_| found.effect != Effect::Rejected)?;
            Some(names(&owner.key(new_name(found)?)))
        };
        Self { paths: made.iter().filter_map(path).collect() }
    }

    /// Whether what is stored differs at these paths only.
    fn covers<'j>(&self, before: &'j Json, after: &'j Json, path: &mut Vec<&'j str>) -> bool {
        let is_same = match (before, after) {
            (Json::Object(one), Json::Object(other)) => {
                let added = other.keys().filter(|name| !one.contains_key(*name));
                return one.keys().chain(added).all(|name| {
                    path.push(name);
                    let is_covered = match (one.get(name), other.get(name)) {
                        (Some(one), Some(other)) => self.covers(one, other, path),
                        _ => self.has(path),
                    };
                    path.pop();
                    is_covered
                });
            }
            (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
                path.push("*");
                let is_covered = one.iter().zip(other).all(|(one, other)| self.covers(one, other, path));
                path.pop();
                return is_covered;
            }
            (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
            _ => before == after,
        };
        is_same || self.has(path)
    }

    /// Whether a path is exempt, or one above it.
    fn has(&self, path: &[&str]) -> bool {
        let mut above = String::new();
        path.iter().any(|name| {
            above.extend(["/", name]);
            self.paths.contains(&above)
        })
    }
}

/// A pointer's steps, with `*` for each index.
fn names(pointer: &Pointer) -> String {
    pointer.steps().iter().fold(String::new(), |path, step| {
        path + "/"
            + match step {
                Step::Key(name) => name,
                Step::Index(_) => "*",
            }
    })
}
