//! Findings about several files: made without their text, and located later.

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::Finding;
use crate::source::{Pointer, Value, pointers};

use super::Rule;

/// A finding about a node of a tree that is not at hand.
#[derive(Clone, Debug)]
pub(crate) struct PendingFinding {
    pub(crate) rule: &'static Rule,
    /// The id of the node it is about.
    pub(crate) place: u32,
    pub(crate) message: String,
    pub(crate) help: Cow<'static, str>,
}

impl PendingFinding {
    fn at(self, pointer: Pointer, range: Range<usize>) -> Finding {
        let Self { rule, message, help, .. } = self;
        Finding {
            rule,
            effect: rule.effect,
            pointer,
            message,
            help: Some(help),
            range,
            answer: None,
            refusal: None,
            fix: None,
        }
    }
}

/// Where a node is, kept for when its tree is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    place: u32,
    pointer: Pointer,
    /// What to underline.
    pub(crate) range: Range<usize>,
}

/// The locations of nodes, in the order of their ids.
pub(crate) fn locations(root: Value<'_>, mut places: Vec<u32>) -> Vec<Location> {
    places.sort_unstable();
    places.dedup();
    let pointers = pointers(root, &places);
    let location = |(place, pointer)| Location { place, pointer, range: root.at_place(place).first_line() };
    places.into_iter().zip(pointers).map(location).collect()
}

/// Completes findings with the locations of their nodes, in the tree of this root.
pub(crate) fn locate(root: Value<'_>, mut pending: Vec<PendingFinding>) -> Vec<Finding> {
    pending.sort_by_key(|finding| finding.place);
    let places: Vec<u32> = pending.iter().map(|finding| finding.place).collect();
    let with_pointers = pending.into_iter().zip(pointers(root, &places));
    let put = |(finding, pointer): (PendingFinding, Pointer)| {
        let range = root.at_place(finding.place).first_line();
        finding.at(pointer, range)
    };
    with_pointers.map(put).collect()
}

/// Completes findings with the locations of their nodes, which are among these.
pub(crate) fn locate_known(locations: &[Location], mut pending: Vec<PendingFinding>) -> Vec<Finding> {
    pending.sort_by_key(|finding| finding.place);
    let placed = pending.into_iter().filter_map(|finding| {
        let found = locations.binary_search_by_key(&finding.place, |location| location.place);
        debug_assert!(found.is_ok(), "a pending finding is about a node without a known location");
        let Location { pointer, range, .. } = locations[found.ok()?].clone();
        Some(finding.at(pointer, range))
    });
    placed.collect()
}
