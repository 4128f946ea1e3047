//! Telling what is wrong on its own from what only follows from something refused at an earlier stage.
//!
//! Marathon looks at the later stages of a definition only once the earlier ones find nothing. Here they are looked at
//! all the same, so that all can be mended at once; but what is refused already must not be refused again in other words.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Stage};
use crate::util::hash::Map;

/// A value that was refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Its end in the text.
    pub(super) end: usize,
    /// It is a whole app, pod or group: pointed at for lack of something in it, which says nothing against the rest.
    pub(super) is_whole: bool,
}

/// What Marathon would have refused before.
pub(super) struct RejectedValues<'e> {
    extents: &'e Map<usize, Extent>,
    /// Values from start to end, none within another.
    values: BTreeMap<usize, usize>,
    /// Where the values begin that broke a rule.
    by_rule: Map<&'static str, BTreeSet<usize>>,
}

impl<'e> RejectedValues<'e> {
    /// `extents` are all values that findings are about, by their start.
    pub(super) fn new(extents: &'e Map<usize, Extent>) -> Self {
        Self { extents, values: BTreeMap::new(), by_rule: Map::default() }
    }

    /// Takes out every finding about a value that was refused before or is part of one, and every finding by a rule that
    /// refused the same value or a part of it before.
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

/// When Marathon would say this.
fn when(finding: &Finding) -> Option<(bool, Stage)> {
    finding.answer.as_ref().map(|answer| (answer.later, answer.stage))
}
