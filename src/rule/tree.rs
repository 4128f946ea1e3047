//! The dependencies of a whole tree of groups.

use crate::diagnostic::Stage;
use crate::source::Value;

use super::{Judge, PathId, Rule};

static CYCLE: Rule = Rule::verdict(
    "dependency-cycle",
    "No app or group depends on itself, by whatever way, nor on a group it is in",
);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&CYCLE];

const TEXT: &str = "Dependency graph has cyclic dependencies.";

/// An app that is alone: it can only depend on itself, by itself or by a group above it.
pub(super) fn alone<'a>(id: &PathId, dependencies: impl Iterator<Item = Value<'a>>, judge: &mut Judge) {
    for dependency in dependencies {
        let target = PathId::parse(&dependency.as_str().unwrap_or_default()).canonical(&PathId::root());
        if id.segments.starts_with(&target.segments) {
            judge.refuse(&CYCLE, Stage::Tree, dependency, "/", TEXT).message =
                format!("{id} depends on itself, by {target}");
        }
    }
}

/// Says that the tree has a cycle.
pub(super) fn refuse(at: Value<'_>, names: &[String], judge: &mut Judge) {
    judge.refuse(&CYCLE, Stage::Tree, at, "/", TEXT).message =
        format!("these depend on each other: {}", names.join(" → "));
}

/// A directed graph, as each node's successors.
#[derive(Default)]
pub(super) struct Graph {
    successors: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn node(&mut self) -> usize {
        self.successors.push(Vec::new());
        self.successors.len() - 1
    }

    pub(super) fn edge(&mut self, from: usize, to: usize) {
        self.successors[from].push(to);
    }

    /// The nodes of some cycle, in order; linear, and without recursion, so that no input is too large.
    pub(super) fn cycle(&self) -> Option<Vec<usize>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.successors.len()];
        for start in 0..self.successors.len() {
            // The way from the start, each node with how many successors were looked at.
            let mut way = if marks[start] == Mark::New { vec![(start, 0)] } else { continue };
            marks[start] = Mark::Open;
            while let Some((node, seen)) = way.last_mut() {
                let Some(&next) = self.successors[*node].get(*seen) else {
                    marks[*node] = Mark::Done;
                    way.pop();
                    continue;
                };
                *seen += 1;
                match marks[next] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[next] = Mark::Open;
                        way.push((next, 0));
                    }
                    Mark::Open => {
                        let from = way.iter().position(|(node, _)| *node == next).unwrap_or_default();
                        return Some(way[from..].iter().map(|(node, _)| *node).collect());
                    }
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn cycles_are_found() {
        let mut graph = Graph::default();
        let nodes: Vec<usize> = (0..100_000).map(|_| graph.node()).collect();
        for pair in nodes.windows(2) {
            graph.edge(pair[0], pair[1]);
        }
        assert_eq!(graph.cycle(), None);
        graph.edge(nodes[99_999], nodes[99_997]);
        assert_eq!(graph.cycle(), Some(vec![99_997, 99_998, 99_999]));
    }
}
