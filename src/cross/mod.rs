//! Conflicts between definitions, in one file or in several files of a run: each definition is fine by itself, and
//! Marathon accepts them all.
//!
//! Definitions are added one after the other; a conflict is reported for the later one.

mod dependency;
mod rules;

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::{Finding, Rule};
use crate::rule::{self, Facts, GroupFacts, Location, PendingFinding, PortFact, PortKind, ServiceFacts};
use crate::source::Value;
use crate::util::hash::{Map, Numbers};
use crate::util::text::count;

pub(crate) use rules::RULES;

/// Conflicts between the definitions of one file.
pub(crate) fn check_document(root: Value<'_>, facts: &Facts) -> Vec<Finding> {
    if facts.services.len() < 2 && facts.groups.is_empty() {
        return Vec::new();
    }
    // Each service counts as a definition of its own.
    let mut run = CrossCheck::default();
    let mut findings = Vec::new();
    run.groups.extend(facts.groups.iter().map(|group| (0, group.clone())));
    run.clusters.push(ClusterFacts::default());
    for (number, service) in facts.services.iter().enumerate() {
        run.service(number, 0, service.clone(), &mut findings);
    }
    if facts.has_dependencies() {
        findings.extend(run.finish().into_values().flatten());
    }
    PendingFindings(findings).locate(root)
}

/// Whether the rule can be decided only with all files of the run.
#[must_use]
pub(crate) fn waits_for_all_files(rule: &Rule) -> bool {
    *rule == rules::UNKNOWN_DEPENDENCY
}

/// The definitions of a run so far.
#[derive(Debug, Default)]
pub(crate) struct CrossCheck<'n> {
    files: Vec<FileServices<'n>>,
    services: Vec<TakenPort>,
    groups: Vec<(usize, GroupFacts)>,
    /// The first service of each id, whatever its cluster.
    ids: Numbers,
    /// The index in `clusters` of each.
    cluster_numbers: Map<String, usize>,
    clusters: Vec<ClusterFacts>,
}

/// What the services of one cluster share.
#[derive(Debug, Default)]
struct ClusterFacts {
    /// The first service of each id.
    ids: Numbers,
    ports: Vec<SharedResource>,
    /// The shared ports by their kinds.
    kinds: Numbers,
    /// The first service with a port of an agent that can run on that agent only.
    bound: Map<(u16, Box<str>), usize>,
}

#[derive(Debug)]
struct FileServices<'n> {
    name: Cow<'n, str>,
    /// It was found in a directory, so that its neighbours are checked too.
    is_found: bool,
    /// Later files can add findings to it.
    is_open: bool,
}

/// A service without its ports, by the number of its file.
#[derive(Debug)]
struct TakenPort {
    file: usize,
    service: ServiceFacts,
    /// An earlier file defines its id, for this cluster or another.
    is_repeated: bool,
}

/// Something that services should not share: the first service that has it, and the last file that was reported.
#[derive(Debug)]
struct SharedResource {
    kind: PortKind,
    first: usize,
    last_file: usize,
}

/// A port that an earlier service has too.
#[derive(Debug)]
struct Conflict {
    kind: PortKind,
    at: u32,
    /// The earlier service.
    first: usize,
    /// The agent that both are bound to.
    agent: Option<Box<str>>,
}

/// Findings about a file, not located yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct PendingFindings(Vec<PendingFinding>);

/// The result of adding a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Added {
    /// The number of the file, as in [`CrossCheck::end`].
    pub number: usize,
    /// Conflicts between it and the files before it.
    pub findings: PendingFindings,
    /// The nodes that later files can add findings to: the file depends on something that is not defined so far.
    pub open: Option<NodeIds>,
}

/// Nodes of a file that may have findings once all files are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeIds(Vec<u32>);

/// The locations of such nodes: what is kept of a file's tree until then.
#[derive(Clone, Debug, Default)]
pub(crate) struct Locations(Vec<Location>);

impl NodeIds {
    /// Looks the nodes up in the tree of the facts, given by its root.
    #[must_use]
    pub(crate) fn find(self, root: Value<'_>) -> Locations {
        Locations(rule::locations(root, self.0))
    }
}

impl Locations {
    /// The range of each, to be moved when the text before it is cut.
    pub(crate) fn ranges(&mut self) -> impl Iterator<Item = &mut Range<usize>> {
        self.0.iter_mut().map(|location| &mut location.range)
    }
}

impl<'n> CrossCheck<'n> {
    /// Adds a file, by its name. `is_found` says that it was found in a directory, so that what no file defines is not
    /// defined. `cluster` names the cluster it is for: ids and ports are compared with those of the same cluster.
    pub(crate) fn add(&mut self, name: Cow<'n, str>, is_found: bool, cluster: &str, facts: Facts) -> Added {
        let file = self.files.len();
        let cluster = self.cluster(cluster);
        self.files.push(FileServices { name, is_found, is_open: false });
        let mut findings = Vec::new();
        let before = self.services.len();
        for service in facts.services {
            self.service(file, cluster, service, &mut findings);
        }
        let is_defined = |(id, _): &(String, u32)| self.first(id).is_some();
        let is_open = facts.groups.iter().any(|group| !group.dependencies.is_empty())
            || self.services[before..].iter().any(|known| !known.service.dependencies.iter().all(is_defined));
        self.files[file].is_open = is_open;
        let open = is_open.then(|| {
            let services = self.services[before..].iter().map(|known| &known.service);
            let of_services = services.clone().map(|service| &service.dependencies);
            let dependencies =
                of_services.chain(facts.groups.iter().map(|group| &group.dependencies)).flatten();
            // A cycle may be reported at the id of a service.
            NodeIds(dependencies.map(|(_, at)| *at).chain(services.map(|service| service.at)).collect())
        });
        self.groups.extend(facts.groups.into_iter().map(|group| (file, group)));
        Added { number: file, findings: PendingFindings(findings), open }
    }

    fn cluster(&mut self, name: &str) -> usize {
        if let Some(number) = self.cluster_numbers.get(name) {
            return *number;
        }
        self.clusters.push(ClusterFacts::default());
        self.cluster_numbers.insert(name.to_owned(), self.clusters.len() - 1);
        self.clusters.len() - 1
    }

    fn service(
        &mut self,
        file: usize,
        cluster: usize,
        mut service: ServiceFacts,
        findings: &mut Vec<PendingFinding>,
    ) {
        let me = self.services.len();
        let services = &self.services;
        let in_file = |first: &usize| services[*first].file == file;
        let any = self.ids.get_or_insert(&service.id, me, |number| &services[number].service.id);
        let ids = &mut self.clusters[cluster].ids;
        let first = ids.get_or_insert(&service.id, me, |number| &services[number].service.id);
        if let Some(first) = first.filter(|first| !in_file(first)) {
            findings.push(pending(
                &rules::DUPLICATE_ID,
                service.at,
                format!("{} is defined {}", service.id, self.place_of(first)),
                "remove one of the two, or give it another id",
            ));
            // Marathon will know only one of the two, and the dependencies of the first are checked.
            service.dependencies.clear();
        }
        let is_repeated = any.is_some_and(|first| !in_file(&first));
        let mut conflicts = Vec::new();
        for PortFact { kind, at } in std::mem::take(&mut service.ports) {
            conflicts.extend(self.conflict(cluster, file, &service, kind, at));
        }
        self.report(conflicts, findings);
        self.services.push(TakenPort { file, service, is_repeated });
    }

    /// The service that has this port too, if that is a problem. The service itself is not among the services yet.
    fn conflict(
        &mut self,
        cluster: usize,
        file: usize,
        service: &ServiceFacts,
        kind: PortKind,
        at: u32,
    ) -> Option<Conflict> {
        let me = self.services.len();
        if let PortKind::Host(number) = kind
            && let Some(agent) = &service.agent
        {
            let first = *self.clusters[cluster].bound.entry((number, agent.clone())).or_insert(me);
            if self.are_two(first, file, service) {
                return Some(Conflict { kind, at, first, agent: Some(agent.clone()) });
            }
        }
        let ClusterFacts { ports, kinds, .. } = &mut self.clusters[cluster];
        let (shared, next) = (&*ports, ports.len());
        let Some(number) = kinds.get_or_insert(&kind, next, |number| &shared[number].kind) else {
            ports.push(SharedResource { kind, first: me, last_file: file });
            return None;
        };
        let first = ports[number].first;
        if std::mem::replace(&mut ports[number].last_file, file) == file {
            return None;
        }
        let apart = || service.agent.is_some() && self.services[first].service.agent.is_some();
        let is_apart = matches!(kind, PortKind::Host(_)) && apart();
        // Of two apps with `requirePorts` the ports of the agents are compared.
        let both_require = || service.requires_ports && self.services[first].service.requires_ports;
        let is_compared = matches!(kind, PortKind::Service(_)) && both_require();
        (self.are_two(first, file, service) && !is_apart && !is_compared).then_some(Conflict {
            kind,
            at,
            first,
            agent: None,
        })
    }

    /// Reports the ports of a service that others have too: one finding for each other service and sort of port, at the
    /// first port.
    fn report(&self, conflicts: Vec<Conflict>, findings: &mut Vec<PendingFinding>) {
        let mut reported: Vec<(Conflict, usize)> = Vec::new();
        let mut known: Map<(usize, std::mem::Discriminant<PortKind>, bool), usize> = Map::default();
        for conflict in conflicts {
            let key = (conflict.first, std::mem::discriminant(&conflict.kind), conflict.agent.is_some());
            if let Some(index) = known.get(&key) {
                reported[*index].1 += 1;
            } else {
                known.insert(key, reported.len());
                reported.push((conflict, 0));
            }
        }
        findings.extend(reported.iter().map(|(conflict, more)| self.finding(conflict, *more)));
    }

    /// The first service of this id.
    fn first(&self, id: &str) -> Option<usize> {
        self.ids.get(id, |number| &self.services[number].service.id)
    }

    /// Whether an earlier service and this one are two services of two files.
    fn are_two(&self, first: usize, file: usize, service: &ServiceFacts) -> bool {
        self.services.get(first).is_some_and(|known| known.file != file && known.service.id != service.id)
    }

    /// The finding of a conflict, and of `more` like it between the same two services.
    fn finding(&self, conflict: &Conflict, more: usize) -> PendingFinding {
        let Conflict { kind, at, first, agent } = conflict;
        let other = self.name_of(*first);
        let more =
            |noun: &str| if more == 0 { String::new() } else { format!(", and {}", count(more, noun)) };
        let (rule, message, help) = match (kind, agent) {
            (PortKind::Host(number), Some(agent)) => (
                &rules::HOST_PORT_CONFLICT,
                format!(
                    "{other} is bound to the agent {agent} too and takes its port {number}{}",
                    more("other port")
                ),
                "give one of the two another port or another agent",
            ),
            (PortKind::Host(number), None) => (
                &rules::SHARED_HOST_PORT,
                format!(
                    "{other} takes port {number} of its agents too{}: the two cannot share an agent",
                    more("other port")
                ),
                "write 0 and let Mesos pick one, or give it a port of its own",
            ),
            (PortKind::Service(number), _) => (
                &rules::DUPLICATE_SERVICE_PORT,
                format!("{other} has the service port {number} too{}", more("other service port")),
                "give it another one, or write 0 and let Marathon pick one",
            ),
            (PortKind::Vip { protocol, address }, _) => (
                &rules::DUPLICATE_VIP,
                format!(
                    "{other} has the VIP {address} ({protocol}) too{}: each gets requests of the other",
                    more("other VIP")
                ),
                "give it a name or port of its own",
            ),
        };
        pending(rule, *at, message, help)
    }

    /// A service's id, with its file where that is another one.
    fn name_of(&self, service: usize) -> String {
        let TakenPort { file, service, .. } = &self.services[service];
        match self.files.get(*file) {
            Some(file) => [&*service.id, " in ", &file.name].concat(),
            None => service.id.clone(),
        }
    }

    fn place_of(&self, service: usize) -> String {
        let file = self.files.get(self.services[service].file);
        file.map_or_else(|| "twice here".to_owned(), |file| format!("in {} too", file.name))
    }
}

impl PendingFindings {
    /// Whether there are none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Locates them in the tree of the facts, given by its root.
    #[must_use]
    pub(crate) fn locate(self, root: Value<'_>) -> Vec<Finding> {
        rule::locate(root, self.0)
    }

    /// Locates them with the locations that were kept of a file.
    #[must_use]
    pub(crate) fn locate_known(self, locations: &Locations) -> Vec<Finding> {
        rule::locate_known(&locations.0, self.0)
    }
}

fn pending(
    rule: &'static Rule,
    place: u32,
    message: String,
    help: impl Into<Cow<'static, str>>,
) -> PendingFinding {
    PendingFinding { rule, place, message, help: help.into() }
}
