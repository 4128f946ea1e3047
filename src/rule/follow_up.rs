//! Drops findings that only follow from a rejection at an earlier stage.
//!
//! Marathon checks the later stages of a definition only once the earlier ones find nothing. Milepost checks all of them, so
//! that everything can be fixed at once, but must not report the same mistake again in the words of a later stage.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Stage};
use crate::util::hash::Map;

/// The extent of a rejected value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Its end in the text, in bytes.
    pub(super) end: usize,
    /// Whether it is a whole app, pod or group. Such a value lacks something; its other parts may be fine.
    pub(super) is_whole: bool,
    /// The id of its node.
    pub(super) node: u32,
}

/// The values that earlier stages reject.
pub(super) struct RejectedValues<'e> {
    extents: &'e Map<usize, Extent>,
    /// The values' ends by their starts; none is within another.
    values: BTreeMap<usize, usize>,
    /// The starts of the rejected values, by rule.
    by_rule: Map<&'static str, BTreeSet<usize>>,
}

impl<'e> RejectedValues<'e> {
    /// `extents` are all rejected values, by their starts.
    pub(super) fn new(extents: &'e Map<usize, Extent>) -> Self {
        Self { extents, values: BTreeMap::new(), by_rule: Map::default() }
    }

    /// Removes every finding about a value that an earlier stage rejects or that is part of one, and every finding of a rule
    /// by which an earlier stage rejects the same value or a part of it.
    pub(super) fn without_follow_ups(mut self, found: &mut Vec<Finding>) {
        let stages: BTreeSet<_> = found.iter().filter_map(when).collect();
        if stages.len() < 2 {
            return;
        }
        for stage in stages {
            let (now, other): (Vec<_>, Vec<_>) =
                std::mem::take(found).into_iter().partition(|finding| when(finding) == Some(stage));
            let now: Vec<_> = now.into_iter().filter(|finding| !self.covers(finding)).collect();
            for finding in &now {
                self.add(finding);
            }
            *found = other;
            found.extend(now);
        }
    }

    fn covers(&self, finding: &Finding) -> bool {
        let start = finding.range.start;
        let end = self.extents.get(&start).map_or(start + 1, |extent| extent.end);
        let same_rule = || {
            let before = self.by_rule.get(finding.rule.slug);
            before.is_some_and(|starts| starts.range(start..end).next().is_some())
        };
        self.is_within(start) || same_rule()
    }

    fn is_within(&self, start: usize) -> bool {
        self.values.range(..=start).next_back().is_some_and(|(_, end)| start < *end)
    }

    fn add(&mut self, finding: &Finding) {
        let start = finding.range.start;
        self.by_rule.entry(finding.rule.slug).or_default().insert(start);
        let Some(extent) = self.extents.get(&start).filter(|extent| !extent.is_whole) else { return };
        if self.is_within(start) {
            return;
        }
        let within: Vec<usize> = self.values.range(start..extent.end).map(|(start, _)| *start).collect();
        for inner in within {
            self.values.remove(&inner);
        }
        self.values.insert(start, extent.end);
    }
}

/// When Marathon reports this.
fn when(finding: &Finding) -> Option<(bool, Stage)> {
    finding.answer.as_ref().map(|answer| (answer.later, answer.stage))
}
