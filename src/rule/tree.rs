//! The dependencies of a whole tree of groups.

use crate::finding::Stage;
use crate::source::Value;
use crate::util::hash::Map;

use super::facts::{GroupFacts, ServiceFacts};
use super::{AbsoluteId, Context, Rule};

static CYCLE: Rule = Rule::verdict(
    "dependency-cycle",
    "No app or group depends on itself, by whatever way, nor on a group it is in",
)
.why(
    "Marathon starts a dependency before the services that need it. In a cycle no service can be first. A \
         group depends on everything in it, so an app cannot depend on a group that contains it, nor on `/`. The \
         server's answer names none of the apps.",
)
.bad(r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "./web", "dependencies": ["database"]},
        {"id": "database", "cmd": "./database", "dependencies": ["web"]}]}"#)
.good(r#"{"id": "/shop", "apps": [{"id": "web", "cmd": "./web", "dependencies": ["database"]},
        {"id": "database", "cmd": "./database"}]}"#);

/// The rules declared here.
pub(in crate::rule) static RULES: &[&Rule] = &[&CYCLE];

const TEXT: &str = "Dependency graph has cyclic dependencies.";

/// Rejects dependencies of a single app on itself or on a group above it.
pub(super) fn single_app<'a>(
    id: &AbsoluteId,
    dependencies: impl Iterator<Item = Value<'a>>,
    context: &mut Context<'_>,
) {
    for dependency in dependencies {
        let target =
            AbsoluteId::parse(&dependency.as_str().unwrap_or_default()).canonical(&AbsoluteId::root());
        if id.is_at_or_below(&target) {
            context.reject(&CYCLE, Stage::Tree, dependency, "/", TEXT).describe(
                format!("{id} depends on itself, by {target}"),
                "remove it, or name the services that are meant",
            );
        }
    }
}

/// Rejects a tree with a cycle of the services of these ids.
pub(super) fn reject(at: Value<'_>, names: &[&str], context: &mut Context<'_>) {
    let first = names.first().copied().unwrap_or("the group");
    context.reject(&CYCLE, Stage::Tree, at, "/", TEXT).describe(
        format!("these depend on each other: {} → {first}", names.join(" → ")),
        "remove one of the dependencies",
    );
}

/// The dependencies among groups and services.
pub(crate) struct Dependencies<'f> {
    graph: Graph,
    tree: GroupTree<'f>,
    services: Map<&'f str, usize>,
}

impl<'f> Dependencies<'f> {
    /// Of these groups and services, and of the groups above them.
    pub(crate) fn of(
        groups: impl Iterator<Item = &'f GroupFacts> + Clone,
        services: impl Iterator<Item = &'f ServiceFacts> + Clone,
    ) -> Self {
        let mut graph = Graph::default();
        let root = Nodes::new(&mut graph);
        let tree = GroupTree { root, below: Map::default(), last: ("", root) };
        let mut all = Self { graph, tree, services: Map::default() };
        groups.clone().for_each(|group| {
            all.tree.grow(&group.id, &mut all.graph);
        });
        services.clone().for_each(|service| all.service(service));
        for service in services {
            for (target, _) in &service.dependencies {
                if let Some(target) = all.find(target) {
                    all.graph.edge(all.services[service.id.as_str()], target);
                }
            }
        }
        for group in groups {
            let Some(nodes) = all.tree.find(&group.id) else { continue };
            for target in group.dependencies.iter().filter_map(|(target, _)| all.tree.find(target)) {
                all.graph.edge(nodes.without, target.within);
            }
        }
        all
    }

    fn service(&mut self, service: &'f ServiceFacts) {
        let graph = &mut self.graph;
        self.services.entry(&service.id).or_insert_with(|| {
            let (group, _) = service.id.rsplit_once('/').unwrap_or_default();
            let (node, group) = (graph.node(), self.tree.grow(group, graph));
            graph.edge(group.within, node);
            graph.edge(node, group.without);
            node
        });
    }

    fn find(&self, id: &str) -> Option<usize> {
        let service = self.services.get(id).copied();
        service.or_else(|| self.tree.find(id).map(|group| group.within))
    }

    /// Whether a service or group has this id.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.find(id).is_some()
    }

    /// The ids of the services on a cycle, each of which depends on the next one, itself or by its group.
    pub(crate) fn cycle(&self) -> Option<Vec<&'f str>> {
        let cycle = self.graph.cycle()?;
        let names: Map<usize, &str> = self.services.iter().map(|(id, node)| (*node, *id)).collect();
        Some(cycle.iter().filter_map(|node| names.get(node).copied()).collect())
    }
}

/// The nodes of a group in the graph. Whatever depends on the group depends on `within`, which depends on all its members;
/// all its members depend on `without`, which depends on the dependencies of the group.
#[derive(Clone, Copy)]
struct Nodes {
    within: usize,
    without: usize,
}

impl Nodes {
    fn new(graph: &mut Graph) -> Self {
        Self { within: graph.node(), without: graph.node() }
    }
}

/// The groups, from the root down.
struct GroupTree<'f> {
    root: Nodes,
    /// By the `within` node of the group above, and the last segment of the id.
    below: Map<(usize, &'f str), Nodes>,
    /// The last group looked up: neighbours are often in the same one.
    last: (&'f str, Nodes),
}

impl<'f> GroupTree<'f> {
    /// The nodes of a group. Adds it, and the groups above it, where they are missing.
    fn grow(&mut self, id: &'f str, graph: &mut Graph) -> Nodes {
        if self.last.0 != id {
            let nodes = segments(id).fold(self.root, |above, segment| {
                *self.below.entry((above.within, segment)).or_insert_with(|| {
                    let nodes = Nodes::new(graph);
                    graph.edge(above.within, nodes.within);
                    graph.edge(nodes.without, above.without);
                    nodes
                })
            });
            self.last = (id, nodes);
        }
        self.last.1
    }

    fn find(&self, id: &str) -> Option<Nodes> {
        segments(id).try_fold(self.root, |above, segment| self.below.get(&(above.within, segment)).copied())
    }
}

fn segments(id: &str) -> impl Iterator<Item = &str> {
    id.split('/').filter(|segment| !segment.is_empty())
}

/// A directed graph, as its edges in the order of insertion.
#[derive(Default)]
struct Graph {
    nodes: usize,
    edges: Vec<[usize; 2]>,
}

/// A directed graph, as the successors of its nodes: those of node `n` are `nodes[starts[n]..starts[n + 1]]`.
struct Successors {
    starts: Vec<usize>,
    nodes: Vec<usize>,
}

impl Graph {
    fn node(&mut self) -> usize {
        self.nodes += 1;
        self.nodes - 1
    }

    fn edge(&mut self, from: usize, to: usize) {
        self.edges.push([from, to]);
    }

    fn successors(&self) -> Successors {
        let mut starts = vec![0; self.nodes + 1];
        for [from, _] in &self.edges {
            starts[*from] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut nodes = vec![0; self.edges.len()];
        // Backwards, so that the successors of a node keep their order; each node's end becomes its start.
        for [from, to] in self.edges.iter().rev() {
            starts[*from] -= 1;
            nodes[starts[*from]] = *to;
        }
        Successors { starts, nodes }
    }

    /// The nodes of a cycle, in order. Linear and without recursion, so that no input is too large.
    fn cycle(&self) -> Option<Vec<usize>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Visit {
            New,
            Open,
            Done,
        }
        let successors = self.successors();
        let mut marks = vec![Visit::New; self.nodes];
        for start in 0..self.nodes {
            // The path from the start, each node with the number of successors already visited.
            let mut path = if marks[start] == Visit::New { vec![(start, 0)] } else { continue };
            marks[start] = Visit::Open;
            while let Some((node, seen)) = path.last_mut() {
                let Some(next) = successors.of(*node, *seen) else {
                    marks[*node] = Visit::Done;
                    path.pop();
                    continue;
                };
                *seen += 1;
                match marks[next] {
                    Visit::Done => {}
                    Visit::New => {
                        marks[next] = Visit::Open;
                        path.push((next, 0));
                    }
                    Visit::Open => {
                        let from = path.iter().position(|(node, _)| *node == next).unwrap_or_default();
                        return Some(path[from..].iter().map(|(node, _)| *node).collect());
                    }
                }
            }
        }
        None
    }
}

impl Successors {
    /// The successor of this number of a node.
    fn of(&self, node: usize, number: usize) -> Option<usize> {
        self.nodes[self.starts[node]..self.starts[node + 1]].get(number).copied()
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
