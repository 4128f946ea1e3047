//! Collecting what Marathon would refuse, and what somebody should know.

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::{Answer, Effect, Finding, Stage, marathon_pointer};
use crate::source::{Pointer, Type, Value, pointers};
use crate::util::hash::Map;

use super::follow_up::{Extent, RejectedValues};
use super::{Facts, Rule};

/// The findings about one definition.
#[derive(Default)]
pub(super) struct Context {
    pub(super) found: Vec<Finding>,
    /// The values refused, by where they begin.
    extents: Map<usize, Extent>,
    /// Where in `found` the app that is being judged begins.
    begin: usize,
    /// Marathon has stopped: whatever is refused from here on, it says later.
    stopped: bool,
    /// Where values begin that the parser refuses, in order. What holds one of them cannot be judged.
    ill_typed: Vec<usize>,
    /// Advice, with the places it is about.
    advice: Vec<(u32, Finding)>,
    /// What the definition shares with others, as far as it was looked into.
    pub(super) facts: Facts,
    /// Nobody wants to hear more than what Marathon refuses.
    pub(super) is_brief: bool,
}

impl Context {
    /// For a definition of which the parser has refused some values, which begin at these bytes: all else is said later.
    pub(super) fn of_ill_typed(mut ill_typed: Vec<usize>, is_brief: bool) -> Self {
        ill_typed.sort_unstable();
        Self { stopped: !ill_typed.is_empty(), ill_typed, is_brief, ..Self::default() }
    }

    /// Marathon refuses this: `path` and `error` are its own, in its notation and words. The finding's message is the
    /// rule's title until the caller says it better.
    ///
    /// Cold, like [`Self::advise`]: most rules find nothing in most definitions, and what they would say of it stands
    /// apart from what is run for each.
    #[cold]
    #[inline(never)]
    pub(super) fn reject(
        &mut self,
        rule: &'static Rule,
        stage: Stage,
        at: Value<'_>,
        path: impl Into<String>,
        error: impl Into<String>,
    ) -> &mut Finding {
        let path = path.into();
        let range = at.range();
        // Only apps, pods and groups have ids.
        let is_whole = at.node_id() == 0 || at.kind() == Type::Object && at.get("id").is_some();
        self.extents.insert(range.start, Extent { end: range.end, is_whole });
        self.found.push(Finding {
            rule: rule.slug,
            effect: Effect::Rejected,
            pointer: marathon_pointer(&path),
            message: String::new(),
            help: None,
            range: at.first_line(),
            answer: Some(Box::new(Answer { stage, path, error: error.into(), later: self.stopped })),
            fix: None,
        });
        self.found.last_mut().expect("internal error: a finding was pushed just now")
    }

    /// Marathon takes this, and somebody should know what becomes of it. The finding's message is the rule's title until
    /// the caller says it better; `at` is a value, or the name of a member.
    #[cold]
    #[inline(never)]
    pub(super) fn warn(&mut self, rule: &'static Rule, at: Value<'_>) -> &mut Finding {
        let diagnostic = Finding {
            rule: rule.slug,
            effect: rule.effect,
            pointer: Pointer::root(),
            message: String::new(),
            help: None,
            range: at.first_line(),
            answer: None,
            fix: None,
        };
        self.advice.push((at.node_id(), diagnostic));
        &mut self.advice.last_mut().expect("internal error: a finding was pushed just now").1
    }

    /// Everything found in the definition of this root, without what only follows from what is refused before it.
    pub(super) fn into_found(mut self, root: Value<'_>) -> Vec<Finding> {
        RejectedValues::new(&self.extents).without_follow_ups(&mut self.found);
        self.point_at_values(root);
        if !self.advice.is_empty() {
            self.advice.sort_by_key(|(place, _)| *place);
            let places: Vec<u32> = self.advice.iter().map(|(place, _)| *place).collect();
            let advice = self.advice.into_iter().zip(pointers(root, &places));
            self.found.extend(advice.map(|((_, diagnostic), pointer)| Finding { pointer, ..diagnostic }));
        }
        for found in self.found.iter_mut().filter(|found| found.message.is_empty()) {
            found.message = super::find(found.rule).map_or_else(String::new, |rule| rule.title.to_owned());
        }
        self.found
    }

    /// Answers that are nothing but a message lead nowhere: those findings are pointed at the value they are about.
    fn point_at_values(&mut self, root: Value<'_>) {
        let leads_nowhere = |found: &Finding| {
            found.pointer.is_root() && found.answer.as_ref().is_some_and(|answer| answer.path.is_empty())
        };
        let lost = self.found.iter().enumerate().filter(|(_, found)| leads_nowhere(found));
        let mut lost: Vec<(u32, usize)> = lost
            .filter_map(|(index, found)| Some((root.at_offset(found.range.start)?.node_id(), index)))
            .collect();
        lost.sort_unstable();
        let places: Vec<u32> = lost.iter().map(|(place, _)| *place).collect();
        for ((_, index), pointer) in lost.into_iter().zip(pointers(root, &places)) {
            self.found[index].pointer = pointer;
        }
    }

    /// Whether anything was refused.
    pub(super) fn has_failed(&self) -> bool {
        !self.found.is_empty()
    }

    /// An app of several is judged from here on.
    pub(super) fn begin(&mut self) {
        self.begin = self.found.len();
    }

    /// What was refused of the app that is being judged.
    pub(super) fn of_this(&self) -> &[Finding] {
        &self.found[self.begin..]
    }

    /// Marathon goes no further where anything was refused up to here.
    pub(super) fn stop_if_failed(&mut self) {
        self.stopped |= self.has_failed();
    }

    /// Marathon says only the first of what was found since there were `before` findings.
    pub(super) fn only_first_since(&mut self, before: usize) {
        for found in self.found.iter_mut().skip(before + 1) {
            if let Some(answer) = &mut found.answer {
                answer.later = true;
            }
        }
    }

    /// Whether the parser takes all of this value.
    pub(super) fn is_well_typed(&self, value: Value<'_>) -> bool {
        self.ill_typed_in(value) == 0
    }

    /// How much the parser refuses in this value.
    pub(super) fn ill_typed_in(&self, value: Value<'_>) -> usize {
        let range = value.range();
        let before = |end| self.ill_typed.partition_point(|start| *start < end);
        before(range.end) - before(range.start)
    }
}

impl Finding {
    /// Says what is wrong here, and what to do.
    #[cold]
    #[inline(never)]
    pub(super) fn tell(
        &mut self,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> &mut Self {
        self.message = message.into();
        self.help = Some(help.into());
        self
    }
}

/// Something to say about a place, by somebody who does not have the text at hand.
#[derive(Clone, Debug)]
pub(crate) struct PendingFinding {
    pub(crate) rule: &'static Rule,
    pub(crate) place: u32,
    pub(crate) message: String,
    pub(crate) help: Cow<'static, str>,
}

impl PendingFinding {
    fn at(self, pointer: Pointer, range: Range<usize>) -> Finding {
        let Self { rule, message, help, .. } = self;
        Finding {
            rule: rule.slug,
            effect: rule.effect,
            pointer,
            message,
            help: Some(help),
            range,
            answer: None,
            fix: None,
        }
    }
}

/// Where a place is, for somebody who does not have the tree at hand any more.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    place: u32,
    pointer: Pointer,
    /// What to underline.
    pub(crate) range: Range<usize>,
}

/// Where places are, in their order.
pub(crate) fn locations(root: Value<'_>, mut places: Vec<u32>) -> Vec<Location> {
    places.sort_unstable();
    places.dedup();
    let pointers = pointers(root, &places);
    let spot = |(place, pointer)| Location { place, pointer, range: root.at_place(place).first_line() };
    places.into_iter().zip(pointers).map(spot).collect()
}

/// Puts remarks to the places that they are about, in the tree of this root.
pub(crate) fn locate(root: Value<'_>, mut remarks: Vec<PendingFinding>) -> Vec<Finding> {
    remarks.sort_by_key(|remark| remark.place);
    let places: Vec<u32> = remarks.iter().map(|remark| remark.place).collect();
    let with_pointers = remarks.into_iter().zip(pointers(root, &places));
    let put = |(remark, pointer): (PendingFinding, Pointer)| {
        let range = root.at_place(remark.place).first_line();
        remark.at(pointer, range)
    };
    with_pointers.map(put).collect()
}

/// Puts remarks to the places that they are about, which are among these.
pub(crate) fn locate_known(locations: &[Location], mut remarks: Vec<PendingFinding>) -> Vec<Finding> {
    remarks.sort_by_key(|remark| remark.place);
    let placed = remarks.into_iter().filter_map(|remark| {
        let found = locations.binary_search_by_key(&remark.place, |spot| spot.place);
        debug_assert!(found.is_ok(), "a remark is about a place that nobody looked up");
        let Location { pointer, range, .. } = locations[found.ok()?].clone();
        Some(remark.at(pointer, range))
    });
    placed.collect()
}
