//! Pairs the elements of two lists.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value as Json;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::normalize::spelling;

/// Elements, by their indices in the two lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ElementPair {
    /// Both lists have it, equal or not.
    Both(usize, usize),
    /// Only the old list has it.
    Old(usize),
    /// Only the new list has it.
    New(usize),
}

/// Fields that identify the elements of a list.
const NAMES: [&str; 6] = ["name", "containerPath", "uri", "containerPort", "port", "mode"];

/// Pairs the elements of lists whose order counts.
pub(super) fn of_lists(old: &[Json], new: &[Json]) -> Vec<ElementPair> {
    let keys = |list: &[Json]| list.iter().map(spelling).collect::<Vec<_>>();
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &keys(old), &keys(new)) {
        match op {
            // Their comparison finds no difference.
            DiffOp::Equal { old_index, new_index, len } => {
                pairs.extend((0..len).map(|at| ElementPair::Both(old_index + at, new_index + at)));
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                pairs.extend((old_index..old_index + old_len).map(ElementPair::Old));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                pairs.extend((new_index..new_index + new_len).map(ElementPair::New));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                replaced(
                    old,
                    new,
                    old_index..old_index + old_len,
                    new_index..new_index + new_len,
                    &mut pairs,
                );
            }
        }
    }
    pairs
}

/// Pairs elements of the same name, in order, and the elements between them by position.
fn replaced(
    old: &[Json],
    new: &[Json],
    mut olds: Range<usize>,
    mut news: Range<usize>,
    pairs: &mut Vec<ElementPair>,
) {
    let by_name: HashMap<String, usize> =
        olds.clone().rev().filter_map(|at| Some((name_of(&old[at])?, at))).collect();
    for at in news.clone() {
        let named = name_of(&new[at]).and_then(|name| by_name.get(&name).copied());
        if let Some(one) = named.filter(|one| olds.contains(one)) {
            by_place(olds.start..one, news.start..at, pairs);
            pairs.push(ElementPair::Both(one, at));
            (olds.start, news.start) = (one + 1, at + 1);
        }
    }
    by_place(olds, news, pairs);
}

fn by_place(olds: Range<usize>, news: Range<usize>, pairs: &mut Vec<ElementPair>) {
    let both = olds.len().min(news.len());
    pairs.extend(olds.clone().zip(news.clone()).map(|(old, new)| ElementPair::Both(old, new)));
    pairs.extend(olds.skip(both).map(ElementPair::Old));
    pairs.extend(news.skip(both).map(ElementPair::New));
}

/// What identifies an element in its list.
fn name_of(element: &Json) -> Option<String> {
    NAMES.iter().find_map(|name| element.get(name).map(|value| format!("{name} {}", spelling(value))))
}

/// Pairs the elements of sets, in the order of the old one: first equal elements, then the remaining objects in their
/// order, as they may be two states of one element.
pub(super) fn of_sets(old: &[Json], new: &[Json]) -> Vec<ElementPair> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, element) in new.iter().enumerate().rev() {
        places.entry(spelling(element)).or_default().push(at);
    }
    let equal: Vec<Option<usize>> =
        old.iter().map(|element| places.get_mut(&spelling(element)).and_then(Vec::pop)).collect();
    let mut left: Vec<usize> = places.into_values().flatten().collect();
    left.sort_unstable();
    let mut left = left.into_iter().peekable();
    let mut pairs: Vec<ElementPair> = equal
        .into_iter()
        .enumerate()
        .map(|(at, equal)| {
            let is_state = |other: &usize| old[at].is_object() && new[*other].is_object();
            equal
                .or_else(|| left.next_if(is_state))
                .map_or(ElementPair::Old(at), |other| ElementPair::Both(at, other))
        })
        .collect();
    pairs.extend(left.map(ElementPair::New));
    pairs
}
