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
    for (number, service) in facts.services.iter().enumerate() {
        run.service(number, service.clone(), &mut findings);
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
    /// The first service of each id.
    ids: Numbers,
    ports: Vec<Shared>,
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
}

/// Something that services should not share: the first service that has it, and the last file that was reported.
#[derive(Debug)]
struct Shared {
    kind: PortKind,
    first: usize,
    last_file: usize,
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
    /// defined.
    pub(crate) fn add(&mut self, name: Cow<'n, str>, is_found: bool, facts: Facts) -> Added {
        let file = self.files.len();
        self.files.push(FileServices { name, is_found, is_open: false });
        let mut findings = Vec::new();
        let before = self.services.len();
        for service in facts.services {
            self.service(file, service, &mut findings);
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

    fn service(&mut self, file: usize, mut service: ServiceFacts, findings: &mut Vec<PendingFinding>) {
        let me = self.services.len();
        let services = &self.services;
        let first = self.ids.get_or_insert(&service.id, me, |number| &services[number].service.id);
        if let Some(first) = first.filter(|first| services[*first].file != file) {
            findings.push(pending(
                &rules::DUPLICATE_ID,
                service.at,
                format!("{} is defined {}", service.id, self.place_of(first)),
                "remove one of the two, or give it another id",
            ));
            // Marathon will know only one of the two, and the dependencies of the first are checked.
            service.dependencies.clear();
        }
        for PortFact { kind, at } in std::mem::take(&mut service.ports) {
            if let PortKind::Host(number) = kind
                && let Some(agent) = &service.agent
            {
                let first = *self.bound.entry((number, agent.clone())).or_insert(me);
                if self.are_two(first, file, &service) {
                    findings.push(self.conflict(number, agent, at, first));
                    continue;
                }
            }
            let (shared, next) = (&self.ports, self.ports.len());
            let Some(number) = self.kinds.get_or_insert(&kind, next, |number| &shared[number].kind) else {
                self.ports.push(Shared { kind, first: me, last_file: file });
                continue;
            };
            let shared = &mut self.ports[number];
            let first = shared.first;
            if std::mem::replace(&mut shared.last_file, file) == file {
                continue;
            }
            let apart = || service.agent.is_some() && self.services[first].service.agent.is_some();
            let is_apart = matches!(kind, PortKind::Host(_)) && apart();
            if self.are_two(first, file, &service) && !is_apart {
                findings.push(self.shared(&kind, at, first));
            }
        }
        self.services.push(TakenPort { file, service });
    }

    /// The first service of this id.
    fn first(&self, id: &str) -> Option<usize> {
        self.ids.get(id, |number| &self.services[number].service.id)
    }

    /// Whether an earlier service and this one are two services of two files.
    fn are_two(&self, first: usize, file: usize, service: &ServiceFacts) -> bool {
        self.services.get(first).is_some_and(|known| known.file != file && known.service.id != service.id)
    }

    fn conflict(&self, number: u16, agent: &str, at: u32, first: usize) -> PendingFinding {
        let message =
            format!("{} is bound to the agent {agent} too and takes its port {number}", self.name_of(first));
        pending(&rules::HOST_PORT_CONFLICT, at, message, "give one of the two another port or another agent")
    }

    fn shared(&self, port: &PortKind, at: u32, first: usize) -> PendingFinding {
        let other = self.name_of(first);
        match port {
            PortKind::Service(number) => pending(
                &rules::DUPLICATE_SERVICE_PORT,
                at,
                format!("{other} has the service port {number} too"),
                "give it another one, or write 0 and let Marathon pick one",
            ),
            PortKind::Host(number) => pending(
                &rules::SHARED_HOST_PORT,
                at,
                format!("{other} takes port {number} of its agents too: the two cannot share an agent"),
                "write 0 and let Mesos pick one, or give it a port of its own",
            ),
            PortKind::Vip { protocol, address } => pending(
                &rules::DUPLICATE_VIP,
                at,
                [&*other, " has the VIP ", address, " (", protocol, ") too: each gets requests of the other"]
                    .concat(),
                "give it a name or port of its own",
            ),
        }
    }

    /// A service's id, with its file where that is another one.
    fn name_of(&self, service: usize) -> String {
        let TakenPort { file, service } = &self.services[service];
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
