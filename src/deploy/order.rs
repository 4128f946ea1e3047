//! The order of changes: what others depend on comes first.

/// What a change is to the order.
#[derive(Clone, Debug, Default)]
pub(super) struct OrderNode {
    /// The services and groups that it makes.
    pub(super) makes: Vec<String>,
    /// The services and groups that it depends on.
    pub(super) needs: Vec<String>,
}

use crate::state::is_below;

/// The level of each node: 0 for those that depend on no other, and one more than the highest that a node depends on. In a
/// circle, which Marathon refuses, the levels end at the number of nodes.
pub(super) fn levels(nodes: &[OrderNode]) -> Vec<usize> {
    let mut levels = vec![0; nodes.len()];
    let edges: Vec<Vec<usize>> =
        nodes.iter().enumerate().map(|(at, node)| edges_of(nodes, at, node)).collect();
    for _ in 0..nodes.len() {
        let mut is_changed = false;
        for (at, edges) in edges.iter().enumerate() {
            let level = edges.iter().map(|other| levels[*other] + 1).max().unwrap_or(0).min(nodes.len());
            is_changed |= level > levels[at];
            levels[at] = level.max(levels[at]);
        }
        if !is_changed {
            break;
        }
    }
    levels
}

fn edges_of(nodes: &[OrderNode], at: usize, node: &OrderNode) -> Vec<usize> {
    if node.needs.is_empty() {
        return Vec::new();
    }
    let is_needed = |made: &String| node.needs.iter().any(|needed| is_below(made, needed));
    let others = nodes.iter().enumerate().filter(|(other, _)| *other != at);
    others.filter(|(_, other)| other.makes.iter().any(is_needed)).map(|(other, _)| other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(makes: &[&str], needs: &[&str]) -> OrderNode {
        let owned = |list: &[&str]| list.iter().map(|id| (*id).to_owned()).collect();
        OrderNode { makes: owned(makes), needs: owned(needs) }
    }

    #[test]
    fn what_others_depend_on_comes_first() {
        let nodes = [
            node(&["/shop/web"], &["/shop/api"]),
            node(&["/shop/api"], &["/data"]),
            node(&["/data/db"], &[]),
            node(&["/database"], &[]),
        ];
        assert_eq!(levels(&nodes), [2, 1, 0, 0]);
        // A circle ends.
        let circle = [node(&["/a"], &["/b"]), node(&["/b"], &["/a"])];
        assert!(levels(&circle).iter().all(|level| *level <= 2));
    }
}
