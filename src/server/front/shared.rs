//! What all requests share: the world, the clock, the open event streams, and the faults that were asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::check;
use super::origin::KnownHosts;
use super::stream::{Hub, Subscriber};
use crate::server::api::answer::ApiReply;
use crate::server::api::request::ApiRequest;
use crate::server::api::{self, Order};
use crate::server::deployment::saved::DeploymentMark;
use crate::server::events;
use crate::server::faults::Trouble;
use crate::server::probe::{self, Probe};
use crate::server::random::Random;
use crate::server::time::Time;
use crate::server::world::World;
use crate::server::world::saved::Saved;
use crate::target::Settings;

/// What all requests share.
pub(crate) struct SharedServer {
    world: Mutex<World>,
    hub: Mutex<Hub>,
    trouble: Mutex<Trouble>,
    clock: Mutex<Clock>,
    chaos: Mutex<Option<Random>>,
    wake: Notify,
    stop: Notify,
    /// `/ui` is a page.
    pub(crate) has_page: bool,
    /// What clients may call it.
    pub(super) hosts: KnownHosts,
    /// Tells whoever runs it.
    warn: fn(&str),
}

/// The clock: the system's, or one that is moved by hand.
#[derive(Clone, Copy, Debug)]
struct Clock {
    fixed: Option<Time>,
    ahead: u64,
}

impl Clock {
    fn now(self) -> Time {
        self.fixed.unwrap_or_else(Time::now).plus(self.ahead)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the file has: the version of the root group, and where each deployment was.
pub(crate) type KeptPoint = (Time, Vec<DeploymentMark>);

impl SharedServer {
    pub(super) fn new(
        world: World,
        fixed: Option<Time>,
        chaos: Option<u64>,
        has_page: bool,
        hosts: KnownHosts,
        warn: fn(&str),
    ) -> Self {
        Self {
            world: Mutex::new(world),
            hub: Mutex::new(Hub::default()),
            trouble: Mutex::new(Trouble::default()),
            clock: Mutex::new(Clock { fixed, ahead: 0 }),
            chaos: Mutex::new(chaos.map(Random::new)),
            wake: Notify::new(),
            stop: Notify::new(),
            has_page,
            hosts,
            warn,
        }
    }

    fn now(&self) -> Time {
        locked(&self.clock).now()
    }

    /// The host and port that the server says it has.
    pub(crate) fn leader(&self) -> String {
        locked(&self.world).options.address.clone()
    }

    /// What the server accepts.
    pub(crate) fn settings(&self) -> Settings {
        locked(&self.world).options.settings.clone()
    }

    /// What is to be kept, where that is not what it was at this point.
    pub(crate) fn changed_since(&self, written: Option<&KeptPoint>) -> Option<(KeptPoint, Saved)> {
        let world = locked(&self.world);
        let now = (world.version, world.deployment_marks());
        (written != Some(&now)).then(|| (now, world.saved()))
    }

    /// Waits until there may be something new to wait for.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Waits until the server is asked to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.notified().await;
    }

    /// Does what is due. Returns how long it is until the next thing, where the clock goes by itself.
    pub(crate) fn advance(self: &Arc<Self>) -> Option<Duration> {
        let now = self.now();
        let mut world = locked(&self.world);
        world.advance(now);
        let next = world.timers.next_at();
        self.send(&mut world);
        let is_fixed = locked(&self.clock).fixed.is_some();
        next.filter(|_| !is_fixed).map(|next| Duration::from_millis(next.since(now).max(1)))
    }

    /// Sends events that wait, and makes the requests of checks.
    fn send(self: &Arc<Self>, world: &mut World) {
        let (sent, probes) = world.outbox.take();
        if !sent.is_empty() {
            locked(&self.hub).send(sent);
        }
        for probe in probes {
            let shared = self.clone();
            tokio::spawn(async move { shared.make(probe).await });
        }
    }

    async fn make(self: Arc<Self>, probe: Probe) {
        let answer: probe::ProbeAnswer = check::make(&probe).await;
        let now = self.now();
        let mut world = locked(&self.world);
        world.advance(now);
        world.probed(&probe, &answer);
        self.send(&mut world);
        drop(world);
        self.wake.notify_one();
    }

    /// Answers a request.
    pub(crate) fn answer(self: &Arc<Self>, request: &ApiRequest<'_>) -> ApiReply {
        let now = self.now();
        let mut world = locked(&self.world);
        world.advance(now);
        let (answer, order) = api::answer(&mut world, request);
        self.send(&mut world);
        let doubts = std::mem::take(&mut world.doubts);
        drop(world);
        for doubt in &doubts {
            (self.warn)(doubt);
        }
        if let Some(order) = order {
            self.obey(order);
        }
        self.wake.notify_one();
        answer
    }

    fn obey(self: &Arc<Self>, order: Order) {
        match order {
            Order::Stop => {
                let shared = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    shared.stop.notify_one();
                });
            }
            Order::Cut => locked(&self.hub).cut(),
            Order::Events { drop, duplicate, swap } => locked(&self.hub).trouble(drop, duplicate, swap),
            Order::Answers(trouble) => *locked(&self.trouble) = trouble,
            Order::Advance(milliseconds) => {
                locked(&self.clock).ahead += milliseconds;
                self.advance();
            }
            Order::Restart { keeps_memory } => {
                locked(&self.hub).cut();
                if !keeps_memory {
                    let now = self.now();
                    let mut world = locked(&self.world);
                    let agents = world.agents.iter().cloned();
                    let agents = agents.map(|mut agent| {
                        agent.used = crate::server::simulate::agent::Used::default();
                        agent
                    });
                    let agents = agents.collect();
                    let mut new = World::new(world.options.clone(), now);
                    new.agents = agents;
                    *world = new;
                }
            }
            Order::Leader => {
                locked(&self.hub).cut();
                *locked(&self.trouble) =
                    Trouble { refuse: 3, status: 502, is_html: true, ..Trouble::default() };
            }
        }
    }

    /// The trouble that the next answer is in.
    pub(crate) fn trouble(&self) -> Trouble {
        let mut trouble = locked(&self.trouble);
        let trouble = &mut *trouble;
        let mut this = Trouble::default();
        for (left, mine) in [
            (&mut trouble.refuse, &mut this.refuse),
            (&mut trouble.truncate, &mut this.truncate),
            (&mut trouble.slow, &mut this.slow),
        ] {
            if *left > 0 {
                *left -= 1;
                *mine = 1;
            }
        }
        (this.status, this.is_html, this.delay) = (trouble.status, trouble.is_html, trouble.delay);
        if let Some(random) = locked(&self.chaos).as_mut() {
            match random.below(60) {
                0 => (this.refuse, this.status, this.is_html) = (1, 503, false),
                1 => (this.slow, this.delay) = (1, random.below(1_500)),
                2 => locked(&self.hub).cut(),
                3 => locked(&self.hub).trouble(random.below(3), random.below(3), random.below(3)),
                _ => {}
            }
        }
        this
    }

    /// Opens an event stream.
    pub(crate) fn subscribe(self: &Arc<Self>, client: &str, filter: Vec<String>) -> Subscriber {
        let now = self.now();
        let mut world = locked(&self.world);
        let subscriber = locked(&self.hub).add(filter);
        world.outbox.want(true);
        world.advance(now);
        world.emit(|_| events::stream("event_stream_attached", client));
        self.send(&mut world);
        subscriber
    }

    /// An event stream was closed by its client.
    pub(crate) fn unsubscribe(self: &Arc<Self>, client: &str, number: u64) {
        let now = self.now();
        let mut world = locked(&self.world);
        let is_wanted = locked(&self.hub).remove(number);
        world.advance(now);
        world.emit(|_| events::stream("event_stream_detached", client));
        self.send(&mut world);
        world.outbox.want(is_wanted);
    }

    /// Sends an empty line to all event streams.
    pub(crate) fn beat(&self) {
        locked(&self.hub).beat();
    }
}
