//! What several definitions must not do to each other, be they in one file or in several files of a run: each is fine
//! by itself, and Marathon takes them all.
//!
//! Definitions come one after the other, in an order of their own; what is wrong is said about the later one.

mod dependency;
mod rules;

use std::borrow::Cow;
use std::ops::Range;

use crate::finding::{Finding, Rule};
use crate::rule::{self, Facts, GroupFacts, Location, PendingFinding, PortFact, PortKind, ServiceFacts};
use crate::source::Value;
use crate::util::hash::{Map, Numbers};

pub use rules::RULES;

/// What is wrong between the definitions of one file.
pub(crate) fn check_document(root: Value<'_>, facts: &Facts) -> Vec<Finding> {
    if facts.services.len() < 2 && facts.groups.is_empty() {
        return Vec::new();
    }
    // Each service is taken for a definition of its own.
    let mut run = CrossCheck::default();
    let mut remarks = Vec::new();
    run.groups.extend(facts.groups.iter().map(|group| (0, group.clone())));
    for (number, service) in facts.services.iter().enumerate() {
        run.service(number, service.clone(), &mut remarks);
    }
    if facts.has_dependencies() {
        remarks.extend(run.finish().into_values().flatten());
    }
    PendingFindings(remarks).locate(root)
}

/// Whether what a file says by itself about this rule is open to what other files of the run say.
#[must_use]
pub fn waits_for_all_files(rule: &Rule) -> bool {
    *rule == rules::UNKNOWN_DEPENDENCY
}

/// The definitions of a run, as they come.
#[derive(Debug, Default)]
pub struct CrossCheck<'n> {
    files: Vec<FileServices<'n>>,
    services: Vec<TakenPort>,
    groups: Vec<(usize, GroupFacts)>,
    /// The first service of each id.
    ids: Numbers,
    ports: Vec<Shared>,
    /// Those by their kinds.
    kinds: Numbers,
    /// The first service that has a port of an agent and can run on no other agent.
    bound: Map<(u16, Box<str>), usize>,
}

#[derive(Debug)]
struct FileServices<'n> {
    name: Cow<'n, str>,
    /// It was looked for, not named: its neighbours are there too.
    is_found: bool,
    /// Files after it could add to what there is to say about it.
    is_open: bool,
}

/// A service without its ports, by the number of its file.
#[derive(Debug)]
struct TakenPort {
    file: usize,
    service: ServiceFacts,
}

/// Something that services should not share: the first that has it, and the last file that was told.
#[derive(Debug)]
struct Shared {
    kind: PortKind,
    first: usize,
    told: usize,
}

/// What there is to say about a file.
#[derive(Clone, Debug, Default)]
pub struct PendingFindings(Vec<PendingFinding>);

/// What came of adding a file.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// The number of the file, by which [`CrossCheck::end`] names it.
    pub number: usize,
    /// What is wrong between it and the files before it.
    pub remarks: PendingFindings,
    /// The places that files after it can add to that: it depends on something that was not defined so far.
    pub open: Option<NodeIds>,
}

/// Places in a file that there may be something to say about once all files are there.
#[derive(Clone, Debug, Default)]
pub struct NodeIds(Vec<u32>);

/// Where such places are: what is kept of a file's tree until then.
#[derive(Clone, Debug, Default)]
pub struct Locations(Vec<Location>);

impl NodeIds {
    /// Looks them up in the tree that the facts were taken from, given by its root.
    #[must_use]
    pub fn find(self, root: Value<'_>) -> Locations {
        Locations(rule::locations(root, self.0))
    }
}

impl Locations {
    /// The bytes that each would underline, to be moved along when the text around them changes.
    pub fn ranges(&mut self) -> impl Iterator<Item = &mut Range<usize>> {
        self.0.iter_mut().map(|spot| &mut spot.range)
    }
}

impl<'n> CrossCheck<'n> {
    /// Adds a file, by the name that it goes by. `is_found` says that it was come upon in a directory, so that what is
    /// not there is not defined.
    pub fn add(&mut self, name: Cow<'n, str>, is_found: bool, facts: Facts) -> Added {
        let file = self.files.len();
        self.files.push(FileServices { name, is_found, is_open: false });
        let mut remarks = Vec::new();
        let before = self.services.len();
        for service in facts.services {
            self.service(file, service, &mut remarks);
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
            // A cycle may be told where a service says its id.
            NodeIds(dependencies.map(|(_, at)| *at).chain(services.map(|service| service.at)).collect())
        });
        self.groups.extend(facts.groups.into_iter().map(|group| (file, group)));
        Added { number: file, remarks: PendingFindings(remarks), open }
    }

    fn service(&mut self, file: usize, mut service: ServiceFacts, remarks: &mut Vec<PendingFinding>) {
        let me = self.services.len();
        let services = &self.services;
        let first = self.ids.get_or_insert(&service.id, me, |number| &services[number].service.id);
        if let Some(first) = first.filter(|first| services[*first].file != file) {
            remarks.push(remark(
                &rules::DUPLICATE_ID,
                service.at,
                format!("{} is defined {}", service.id, self.place_of(first)),
                "remove one of the two, or give it another id",
            ));
            // Marathon will know only one of the two: what it depends on has been looked at.
            service.dependencies.clear();
        }
        for PortFact { kind, at } in std::mem::take(&mut service.ports) {
            if let PortKind::Host(number) = kind
                && let Some(agent) = &service.agent
            {
                let first = *self.bound.entry((number, agent.clone())).or_insert(me);
                if self.are_two(first, file, &service) {
                    remarks.push(self.conflict(number, agent, at, first));
                    continue;
                }
            }
            let (shared, next) = (&self.ports, self.ports.len());
            let Some(number) = self.kinds.get_or_insert(&kind, next, |number| &shared[number].kind) else {
                self.ports.push(Shared { kind, first: me, told: file });
                continue;
            };
            let shared = &mut self.ports[number];
            let first = shared.first;
            if std::mem::replace(&mut shared.told, file) == file {
                continue;
            }
            let apart = || service.agent.is_some() && self.services[first].service.agent.is_some();
            let is_apart = matches!(kind, PortKind::Host(_)) && apart();
            if self.are_two(first, file, &service) && !is_apart {
                remarks.push(self.shared(&kind, at, first));
            }
        }
        self.services.push(TakenPort { file, service });
    }

    /// The first service of this id.
    fn first(&self, id: &str) -> Option<usize> {
        self.ids.get(id, |number| &self.services[number].service.id)
    }

    /// Whether a service that came before and this one are two, of two files.
    fn are_two(&self, first: usize, file: usize, service: &ServiceFacts) -> bool {
        self.services.get(first).is_some_and(|known| known.file != file && known.service.id != service.id)
    }

    fn conflict(&self, number: u16, agent: &str, at: u32, first: usize) -> PendingFinding {
        let message =
            format!("{} is bound to the agent {agent} too and takes its port {number}", self.name_of(first));
        remark(&rules::HOST_PORT_CONFLICT, at, message, "give one of the two another port or another agent")
    }

    fn shared(&self, port: &PortKind, at: u32, first: usize) -> PendingFinding {
        let other = self.name_of(first);
        match port {
            PortKind::Service(number) => remark(
                &rules::DUPLICATE_SERVICE_PORT,
                at,
                format!("{other} has the service port {number} too"),
                "give it another one, or write 0 and let Marathon pick one",
            ),
            PortKind::Host(number) => remark(
                &rules::SHARED_HOST_PORT,
                at,
                format!("{other} takes port {number} of its agents too: the two cannot share an agent"),
                "write 0 and let Mesos pick one, or give it a port of its own",
            ),
            PortKind::Vip { protocol, address } => remark(
                &rules::DUPLICATE_VIP,
                at,
                [&*other, " has the VIP ", address, " (", protocol, ") too: each gets requests of the other"]
                    .concat(),
                "give it a name or port of its own",
            ),
        }
    }

    /// A service by its id, and by its file where that is another one.
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
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts them to their places in the tree that the facts were taken from, given by its root.
    #[must_use]
    pub fn locate(self, root: Value<'_>) -> Vec<Finding> {
        rule::locate(root, self.0)
    }

    /// The same, for those about an open file.
    #[must_use]
    pub fn locate_known(self, locations: &Locations) -> Vec<Finding> {
        rule::locate_known(&locations.0, self.0)
    }
}

fn remark(
    rule: &'static Rule,
    place: u32,
    message: String,
    help: impl Into<Cow<'static, str>>,
) -> PendingFinding {
    PendingFinding { rule, place, message, help: help.into() }
}
