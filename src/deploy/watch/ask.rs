//! What a watch asks the server, and what the answers say.

use std::time::{Duration, Instant};

use super::compare::{differs, has_list, is_as_sent, not_ready, restarts};
use super::{VersionComparison, Watch};
use crate::deploy::plan::stored;
use crate::deploy::record::{Awaited, End, ServiceRecord, ServiceView};
use crate::deploy::verdict::{ServiceVerdict, judge};
use crate::marathon::{FEW, GetError, Instance, InstanceState, Running};
use crate::source::Kind;

/// The longest that one question may take: the events go on meanwhile, but are not looked at.
const QUESTION: Duration = Duration::from_secs(10);

/// What is asked for in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Questions {
    /// The running deployments.
    list: bool,
    services: AskedServices,
    /// What waits for offers.
    queue: bool,
}

/// The services that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskedServices {
    None,
    /// Those whose deployment has ended, and that were not looked at since.
    Ended,
    All,
}

impl Watch<'_> {
    /// One round of questions.
    pub(super) fn round(&mut self) -> Result<(), GetError> {
        let usual = self.client.timeout();
        self.client.set_timeout(usual.min(QUESTION));
        let asked = self.ask();
        self.client.set_timeout(usual);
        if self.is_due {
            self.rounds += 1;
            self.due_at = Instant::now() + self.pause();
            self.is_due = false;
        }
        asked
    }

    /// The pause between two rounds of questions. The first ones follow each other faster: many deployments end at once.
    fn pause(&self) -> Duration {
        if self.is_of_few() && self.rounds < 5 { super::FIRST_PAUSE * self.rounds } else { super::PAUSE }
    }

    /// Whether each service can be asked for by itself. More get one question a second.
    pub(super) fn is_of_few(&self) -> bool {
        self.book.services.len() <= FEW
    }

    /// What to ask in this round. Of many services it is one question, because events tell the ends of deployments.
    fn questions(&mut self) -> Questions {
        let is_over = !self.runs_any();
        let looks_at_end = is_over && !self.has_seen_end;
        self.has_seen_end = is_over;
        let none = Questions { list: false, services: AskedServices::None, queue: false };
        let has_late = || self.open_services().next().is_some();
        if self.is_of_few() {
            let services = if self.is_due { AskedServices::All } else { AskedServices::Ended };
            let queue = self.is_due && self.rounds > 1 && has_late();
            return Questions { list: self.is_due && !self.book.deployments.is_empty(), services, queue };
        }
        let all = Questions { services: AskedServices::All, ..none };
        match self.rounds % 3 {
            _ if !self.is_due => {
                if looks_at_end {
                    all
                } else {
                    none
                }
            }
            2 if has_late() => Questions { queue: true, ..none },
            1 if self.just_ended().is_empty() && has_late() => Questions { list: true, ..none },
            _ => all,
        }
    }

    fn ask(&mut self) -> Result<(), GetError> {
        let questions = self.questions();
        if questions.list {
            let list = self.client.deployments(self.endpoint)?;
            self.book.list(&list);
        }
        // After the list: what is seen then is newer than the end that the list tells of.
        let asked = match questions.services {
            AskedServices::None => Vec::new(),
            AskedServices::Ended => self.just_ended(),
            AskedServices::All => {
                self.book.services.values().map(|service| (service.id.clone(), service.kind)).collect()
            }
        };
        if !asked.is_empty() {
            self.look_at(&asked)?;
            self.look_for_lost_memory();
        }
        if questions.queue {
            self.look_at_queue()?;
        }
        Ok(())
    }

    /// Asks for services and takes in the answers.
    fn look_at(&mut self, services: &[(String, Kind)]) -> Result<(), GetError> {
        let asked: Vec<(&str, Kind)> = services.iter().map(|(id, kind)| (id.as_str(), *kind)).collect();
        let mut found = self.client.running_or_all(self.endpoint, &asked)?;
        let is_open = |id: &String| self.book.services.get(id).is_some_and(ServiceRecord::may_be_half_done);
        if services.iter().any(|(id, kind)| *kind == Kind::Pod && is_open(id)) {
            self.client.note_deployments_of_pods(self.endpoint, &mut found)?;
        }
        services.iter().try_for_each(|(id, _)| self.take_in(id, found.get(id)))
    }

    /// Whether a deployment that was asked for still runs.
    pub(in crate::deploy) fn runs_any(&self) -> bool {
        self.book.running().next().is_some()
    }

    /// The services whose deployment has ended and that were not looked at since.
    fn just_ended(&self) -> Vec<(String, Kind)> {
        let has_ended = |service: &&ServiceRecord| {
            let record = service.deployment.as_ref().and_then(|id| self.book.deployments.get(id));
            record.is_none_or(|record| record.end() != End::Runs)
                && (service.views_since_end == 0 || judge(service, &self.book) == ServiceVerdict::Open)
        };
        let ended = self.book.services.values().filter(has_ended);
        ended.map(|service| (service.id.clone(), service.kind)).collect()
    }

    /// Takes in what the server says of a service; nothing where it has none.
    pub(super) fn take_in(&mut self, id: &str, running: Option<&Running>) -> Result<(), GetError> {
        let Some(running) = running else {
            if let Some(service) = self.book.services.get_mut(id) {
                service.miss();
            }
            return Ok(());
        };
        let comparison = self.compare(id, running);
        let Some(service) = self.book.services.get_mut(id) else { return Ok(()) };
        service.ready.extend(
            running.readiness.iter().filter(|result| result.ready).map(|result| result.task_id.clone()),
        );
        let (kind, ready) = (service.kind, service.ready.clone());
        let mut view = ServiceView {
            differs: comparison.differs,
            is_previous: comparison.is_previous,
            version: running.version.clone(),
            wanted: running.wanted,
            has_checks: has_list(&running.definition, kind, "healthChecks"),
            has_readiness: kind == Kind::App && has_list(&running.definition, kind, "readinessChecks"),
            not_ready: not_ready(running),
            deployments: running.deployments.clone(),
            ..ServiceView::default()
        };
        for instance in &running.instances {
            match instance.state {
                InstanceState::Running if self.is_current(id, kind, running, instance)? => {
                    view.running += 1;
                    view.healthy += u64::from(instance.is_healthy == Some(true));
                    view.unhealthy += u64::from(instance.is_healthy == Some(false));
                    view.ready += u64::from(ready.contains(&instance.id));
                }
                InstanceState::Running => {
                    view.outdated += 1;
                    *view.earlier.entry(instance.version.clone()).or_default() += 1;
                }
                InstanceState::Staging => view.staged += 1,
                InstanceState::Ended => view.ended += 1,
                InstanceState::Gone => {}
            }
        }
        if let Some(service) = self.book.services.get_mut(id) {
            service.note_versions(&running.instances, &running.version);
            service.see(view);
            if let Some(failure) = &running.failure {
                service.fail(failure.clone());
            }
        }
        Ok(())
    }

    /// Whether an instance runs the stored definition: its version may be older where only the number of instances has
    /// changed since. Versions cannot be compared by time: after a roll back the stored one is older than all (1.11).
    fn is_current(
        &mut self,
        id: &str,
        kind: Kind,
        running: &Running,
        instance: &Instance,
    ) -> Result<bool, GetError> {
        let last = running.config_version.as_ref();
        if instance.version == running.version || last.is_some_and(|last| instance.version == *last) {
            return Ok(true);
        }
        let key = (id.to_owned(), instance.version.clone(), running.version.clone());
        if let Some(known) = self.versions.get(&key) {
            return Ok(*known);
        }
        let older = self.client.version(self.endpoint, id, kind, &instance.version)?;
        let is_current = older.is_some_and(|older| {
            let (older, now) =
                (stored(&older, kind, self.settings), stored(&running.definition, kind, self.settings));
            !restarts(&older, &now)
        });
        self.versions.insert(key, is_current);
        Ok(is_current)
    }

    fn compare(&mut self, id: &str, running: &Running) -> VersionComparison {
        let Some(service) = self.book.services.get(id) else { return VersionComparison::default() };
        let Awaited::Definition(wanted) = &service.wanted else { return VersionComparison::default() };
        if let Some((definition, comparison)) = self.compared.get(id)
            && *definition == running.definition
        {
            return comparison.clone();
        }
        let comparison = if is_as_sent(&running.definition, wanted) {
            VersionComparison::default()
        } else {
            let held = stored(&running.definition, service.kind, self.settings);
            let different = differs(&held, wanted);
            let is_previous = different.is_some()
                && service.previous.as_ref().is_some_and(|previous| differs(&held, previous).is_none());
            VersionComparison { differs: different, is_previous }
        };
        self.compared.insert(id.to_owned(), (running.definition.clone(), comparison.clone()));
        comparison
    }

    /// Where all services are missing after the connection broke, the server may have been restarted without its state.
    fn look_for_lost_memory(&mut self) {
        let book = &self.book;
        let all_missing = book
            .services
            .values()
            .all(|service| service.missing > 0 && matches!(service.wanted, Awaited::Definition(_)));
        if !all_missing || !book.was_interrupted || book.lost_memory {
            return;
        }
        let is_empty = self.client.all_running(self.endpoint, false).is_ok_and(|all| all.is_empty());
        self.book.lost_memory = is_empty;
    }
}
