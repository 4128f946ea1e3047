//! The state of an embedded Marathon: groups, services, their versions, instances and deployments. Pure: it knows no socket,
//! no file and no clock. What the time is, comes in with every call.

pub(crate) mod change;
pub(crate) mod check;
pub(crate) mod commit;
pub(crate) mod history;
pub(crate) mod options;
pub(crate) mod saved;
pub(crate) mod spec;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use super::deployment::Deployments;
use super::events::{Outbox, ServerEvent};
use super::random::Random;
use super::simulate::agent::{Agent, default_agents};
use super::simulate::instance::SimulatedInstance;
use super::simulate::launch::Revived;
use super::simulate::run::ServiceRun;
use super::simulate::timer::Timers;
use super::time::Time;
use crate::source::Kind;
use history::History;
use options::Options;
use spec::Spec;

/// The id of a service. Shared by everything that refers to it.
pub(crate) type Id = Arc<str>;

/// A group. Its version is that of the root: every change gives all groups a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredGroup {
    /// The ids it depends on.
    pub(crate) dependencies: Vec<String>,
    /// Whether its services have its name as their role; only of top-level groups.
    pub(crate) enforces: Option<bool>,
}

/// A change of an instance that deployments have not heard of yet.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) spec: Id,
    pub(crate) instance: u64,
    pub(crate) what: News,
}

/// What happened to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It runs.
    Running,
    /// Its health became known or changed.
    Health(bool),
    /// Its task ended, or it was removed before it had one.
    Ended,
    /// A readiness check answered that it is ready.
    Ready,
}

/// The state of an embedded Marathon.
#[derive(Debug)]
pub(crate) struct World {
    /// What it was started with.
    pub(crate) options: Options,
    /// The time of the call that is being worked on.
    pub(crate) now: Time,
    /// When it was started: the version that a rollback gives.
    pub(crate) started: Time,
    /// The version of the root group.
    pub(crate) version: Time,
    /// Apps and pods by id.
    pub(crate) specs: BTreeMap<Id, Arc<Spec>>,
    /// Groups by id; the root is always there.
    pub(crate) groups: BTreeMap<String, StoredGroup>,
    /// Every version that services and groups had.
    pub(crate) history: History,
    /// Service ports in use, with how often.
    pub(crate) ports: BTreeMap<u64, u32>,
    /// All service ports below this one are in use.
    pub(crate) lowest_free: u64,
    /// Instances by the service's id.
    pub(crate) runs: BTreeMap<Id, ServiceRun>,
    /// Running deployments.
    pub(crate) deployments: Deployments,
    /// The simulated cluster.
    pub(crate) agents: Vec<Agent>,
    /// Whether agents make offers.
    pub(crate) revived: Revived,
    /// What is due when.
    pub(crate) timers: Timers,
    /// Events that were not sent yet.
    pub(crate) outbox: Outbox,
    /// Changes of instances that deployments have not heard of yet.
    pub(crate) notices: VecDeque<Notice>,
    /// Random numbers.
    pub(crate) random: Random,
    /// The number of the next instance.
    pub(crate) next_instance: u64,
    /// The id of the framework.
    pub(crate) framework: String,
    /// What nobody was told yet of labels that do nothing.
    pub(crate) doubts: Vec<String>,
}

impl World {
    /// An empty one.
    pub(crate) fn new(options: Options, now: Time) -> Self {
        let mut random = Random::new(options.seed);
        let framework = format!("{}-0000", random.uuid());
        Self {
            now,
            started: now,
            version: Time(0),
            specs: BTreeMap::new(),
            groups: BTreeMap::from([("/".to_owned(), StoredGroup::default())]),
            history: History::new(Time(0)),
            ports: BTreeMap::new(),
            lowest_free: options.ports.0,
            runs: BTreeMap::new(),
            deployments: Deployments::default(),
            agents: default_agents(),
            revived: Revived::default(),
            timers: Timers::default(),
            outbox: Outbox::default(),
            notices: VecDeque::new(),
            random,
            next_instance: 0,
            framework,
            doubts: Vec::new(),
            options,
        }
    }

    /// Moves the time on, and does what is due until then.
    pub(crate) fn advance(&mut self, now: Time) {
        while let Some((at, due)) = self.timers.pop(now) {
            self.now = self.now.max(at);
            self.run_due(due);
            self.settle();
        }
        self.now = self.now.max(now);
    }

    /// A version for a change that is made now.
    pub(crate) fn new_version(&self) -> Time {
        self.now
    }

    pub(crate) fn spec(&self, id: &str, kind: Kind) -> Option<&Arc<Spec>> {
        self.specs.get(id).filter(|spec| spec.kind == kind)
    }

    pub(crate) fn app(&self, id: &str) -> Option<&Arc<Spec>> {
        self.spec(id, Kind::App)
    }

    pub(crate) fn pod(&self, id: &str) -> Option<&Arc<Spec>> {
        self.spec(id, Kind::Pod)
    }

    /// The services below a group, by id.
    pub(crate) fn specs_below<'w>(&'w self, group: &str) -> impl Iterator<Item = &'w Arc<Spec>> + use<'w> {
        let (from, to) = below(group);
        let range = (Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str()));
        self.specs.range::<str, _>(range).map(|(_, spec)| spec)
    }

    /// The ids of the groups below a group, without itself.
    pub(crate) fn groups_below<'w>(&'w self, group: &str) -> impl Iterator<Item = &'w str> + use<'w> {
        let (from, to) = below(group);
        let range = (Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str()));
        self.groups.range::<str, _>(range).map(|(id, _)| id.as_str())
    }

    /// The instances of a service.
    pub(crate) fn instances<'w>(
        &'w self,
        id: &str,
    ) -> impl Iterator<Item = &'w SimulatedInstance> + Clone + use<'w> {
        self.runs.get(id).into_iter().flat_map(|run| run.instances.values())
    }

    /// All services that have instances, whether they are still defined or not.
    pub(crate) fn ids_with_instances(&self) -> BTreeSet<&Id> {
        self.runs.iter().filter(|(_, run)| !run.instances.is_empty()).map(|(id, _)| id).collect()
    }

    /// Sends an event. Where nothing listens it is not even made.
    pub(crate) fn emit(&mut self, make: impl FnOnce(&Self) -> ServerEvent) {
        if self.outbox.is_wanted() {
            let event = make(self);
            self.outbox.push(event, self.now);
        }
    }

    /// Tells deployments what happened, until nothing more does.
    pub(crate) fn settle(&mut self) {
        while let Some(notice) = self.notices.pop_front() {
            self.tell_deployment(&notice);
        }
    }
}

/// The ids between which all ids below a group are: `/group/` and `/group0`, because `0` follows the slash.
fn below(group: &str) -> (String, String) {
    let group = group.trim_end_matches('/');
    (format!("{group}/"), format!("{group}0"))
}
