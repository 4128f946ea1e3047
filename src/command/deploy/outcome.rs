//! How a deployment ended: one true sentence, and an exit code.

use std::collections::BTreeMap;

use super::super::Exit;
use super::super::remote::MAY_BE_DONE;
use super::not_begun::FoundBefore;
use super::{lock, readiness};
use crate::deploy::{
    Action, Applied, Awaited, Book, Ended, Failed, Lock, Plan, PlannedService, Problem, RolledBack,
    ServiceRecord, ServiceVerdict, instances, judge,
};
use crate::http::ClientError;
use crate::marathon::GetError;
use crate::util::text::{count, listed};

/// How a run ended.
#[derive(Debug)]
pub(in super::super) struct Outcome {
    pub(in super::super) exit: Exit,
    /// One sentence that is true.
    pub(in super::super) sentence: String,
    pub(in super::super) services: Vec<ServiceOutcome>,
    /// Services that stay, although they are in a deployed group and in no file.
    pub(in super::super) left: Vec<String>,
    /// What the check of the definitions found, where that kept them from being sent.
    pub(super) findings: Vec<FoundBefore>,
}

/// How it ended for a service.
#[derive(Debug)]
pub(in super::super) struct ServiceOutcome {
    pub(in super::super) id: String,
    pub(in super::super) action: &'static str,
    pub(in super::super) deployment: Option<String>,
    /// `runs`, `stored` (with no instances, as asked), `removed`, `unchanged`, or the name of a failure.
    pub(in super::super) result: &'static str,
    /// Why it failed.
    pub(in super::super) reason: Option<String>,
    pub(in super::super) version: Option<String>,
    /// Nothing tells whether it is ready.
    pub(super) is_readiness_unknown: bool,
}

impl Outcome {
    /// A run of these services, of which no other is left and none was found fault with.
    pub(super) fn new(exit: Exit, sentence: String, services: Vec<ServiceOutcome>) -> Self {
        Self { exit, sentence, services, left: Vec::new(), findings: Vec::new() }
    }

    /// Nothing was changed, or that is not known, and the reason is on standard error.
    pub(super) fn not_begun(exit: Exit, findings: Vec<FoundBefore>) -> Self {
        let sentence = match exit {
            Exit::Findings => "nothing was sent: the check found errors",
            Exit::Outdated => "nothing was sent: what runs is not what the plan was made against",
            Exit::Locked => "nothing was changed: another deployment is under way",
            Exit::Refused => "nothing was changed: the server refused it",
            Exit::Uncertain => MAY_BE_DONE,
            _ => "nothing was sent: it was not confirmed",
        };
        Self { findings, ..Self::of_error(exit, sentence.to_owned()) }
    }

    /// A run that ended before anything was known of services.
    pub(in super::super) fn of_error(exit: Exit, sentence: String) -> Self {
        Self::new(exit, sentence, Vec::new())
    }

    /// A run of these services. Its exit code is never 0 while one of them was not sent, failed, or is not known to be as it
    /// is wanted.
    pub(super) fn of_services(
        exit: Exit,
        sentence: String,
        services: Vec<ServiceOutcome>,
        left: Vec<String>,
    ) -> Self {
        let open: Vec<String> =
            services.iter().filter(|service| !service.is_fine()).map(|service| service.id.clone()).collect();
        if exit == Exit::Fine && !open.is_empty() {
            let sentence = format!("it is not known how it ended for {}", listed(&open));
            return Self { left, ..Self::new(Exit::Uncertain, sentence, services) };
        }
        Self { left, ..Self::new(exit, sentence, services) }
    }
}

impl ServiceOutcome {
    pub(in super::super) fn is_fine(&self) -> bool {
        self.reason.is_none()
    }
}

/// How each service of a plan ended.
pub(super) fn services(plan: &Plan, applied: &Applied, book: &Book) -> Vec<ServiceOutcome> {
    let failed = applied.failed();
    let mut all = Vec::new();
    for (at, unit) in plan.units.iter().enumerate() {
        let is_sent = unit.change.is_none() || applied.sent.contains_key(&at);
        for service in &unit.services {
            let record = book.services.get(&service.id).filter(|_| is_sent);
            let failed = failed.get(&service.id).cloned().or_else(|| refused(applied, at));
            all.push(of_service(service, record, failed, (applied, book)));
        }
    }
    all
}

/// Notes which services that ran as sent were taken back, because others failed.
pub(super) fn taken_back(services: &mut [ServiceOutcome], back: &RolledBack) {
    for service in services.iter_mut().filter(|service| service.is_fine()) {
        if back.services.contains(&service.id) {
            let reason = "it was as sent, and was taken back because others failed";
            (service.result, service.reason) = ("rolled-back", Some(reason.to_owned()));
        }
    }
}

/// Notes which services are half done, because this run has cancelled their deployments.
pub(super) fn cancelled(services: &mut [ServiceOutcome], deployments: &[String]) {
    for service in services.iter_mut().filter(|service| service.result == "unknown") {
        if let Some(id) = service.deployment.as_ref().filter(|id| deployments.contains(id)) {
            let reason = format!("this run cancelled deployment {id} before it finished");
            (service.result, service.reason) = ("cancelled", Some(reason));
        }
    }
}

/// The services of which a change was not sent, in words.
pub(super) fn unsent_words(services: &[ServiceOutcome]) -> Option<String> {
    let unsent =
        services.iter().filter(|service| service.result == "not-sent" && service.action != "nothing");
    let unsent: Vec<String> = unsent.map(|service| service.id.clone()).collect();
    (!unsent.is_empty()).then(|| format!("not sent: {}", listed(&unsent)))
}

/// Why the unit was not carried out.
fn refused(applied: &Applied, unit: usize) -> Option<Failed> {
    match &applied.problem {
        Some(Problem::Refused(at, refusal)) if *at == unit => {
            Some(Failed::Refused(format!("{} {}", refusal.status, refusal.message)))
        }
        Some(Problem::Locked(at, holders)) if *at == unit => {
            Some(Failed::Refused(format!("it is locked by {}", lock::holders(holders))))
        }
        Some(Problem::Outdated(at, reason)) if *at == unit => Some(Failed::Outdated(reason.clone())),
        Some(Problem::Uncertain(at, reason)) if *at == unit => Some(Failed::Uncertain(reason.clone())),
        _ => None,
    }
}

fn of_service(
    service: &PlannedService,
    record: Option<&ServiceRecord>,
    failed: Option<Failed>,
    (applied, book): (&Applied, &Book),
) -> ServiceOutcome {
    let (result, reason) = match (record, failed) {
        (record, Some(failed)) => {
            let empty = ServiceRecord::new(&service.id, service.kind, Awaited::Gone);
            (failed.name(), Some(failed.words(record.unwrap_or(&empty))))
        }
        // Its turn did not come, and there was nothing to send.
        (None, None) if service.action == Action::Nothing => ("unchanged", None),
        (None, None) => ("not-sent", Some("it was not sent".to_owned())),
        (Some(record), None)
            if !matches!(applied.ended, Ended::Done) && judge(record, book) != ServiceVerdict::Done =>
        {
            ("unknown", Some("it is not known how it ended".to_owned()))
        }
        (Some(_), None) if matches!(service.action, Action::Remove { .. }) => ("removed", None),
        (Some(record), None) if has_no_instances(record) => (STORED, None),
        (Some(_), None) => ("runs", None),
    };
    ServiceOutcome {
        id: service.id.clone(),
        action: service.action.name(),
        deployment: record.and_then(|record| record.deployment.clone()),
        result,
        reason,
        version: record.and_then(|record| record.view.as_ref()).map(|view| view.version.clone()),
        is_readiness_unknown: record.is_some_and(readiness::is_unknown),
    }
}

/// The result of a service that is as it is wanted, with no instances.
pub(super) const STORED: &str = "stored";

/// Whether a service is to have no instances: then nothing of it runs.
pub(super) fn has_no_instances(record: &ServiceRecord) -> bool {
    match (&record.view, &record.wanted) {
        (Some(view), _) => view.wanted == 0,
        (None, Awaited::Definition(wanted)) => instances(&wanted.value, record.kind) == 0,
        (None, Awaited::Gone) => false,
    }
}

/// The sentence and the exit code, without a rollback.
pub(super) fn of(plan: &Plan, applied: &Applied, services: &[ServiceOutcome], lock: Lock) -> (Exit, String) {
    match (&applied.problem, &applied.ended) {
        (Some(problem), ended) => {
            let (exit, words) = of_problem(plan, problem, lock);
            let mut words = vec![words];
            words.extend(done_words(services, ended));
            if let ([_], false) = (&words[..], matches!(problem, Problem::Uncertain(..))) {
                words.push("nothing was changed".to_owned());
            }
            (exit, words.join("; "))
        }
        (None, Ended::Done) if plan.is_empty() => (
            Exit::Fine,
            format!("nothing to do: {}{}", fine_words(services, FineAs::Written), left_words(plan)),
        ),
        (None, Ended::Done) => {
            (Exit::Fine, format!("deployed: {}{}", fine_words(services, FineAs::Sent), left_words(plan)))
        }
        (None, Ended::Failed(failed)) => {
            (exit_of(failed), and_also(failed_words(failed, services), unsent_words(services)))
        }
        (None, Ended::Interrupted) => (Exit::Interrupted, "interrupted".to_owned()),
        (None, Ended::Refused(error)) => {
            // What was sent may run or not.
            let exit = if applied.sent.is_empty() { Exit::Refused } else { Exit::Uncertain };
            let words = format!("it is not known how it ended: the server no longer answers: {error}");
            (exit, and_also(words, unsent_words(services)))
        }
    }
}

/// A sentence, and what else there is to say.
pub(in super::super) fn and_also(sentence: String, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{sentence}; {more}"),
        None => sentence,
    }
}

/// What stays because its removal was not asked for, after a sentence about what was done.
fn left_words(plan: &Plan) -> String {
    match &plan.left[..] {
        [] => String::new(),
        [id] => format!("; {id} is in no file and stays (--prune removes it)"),
        ids => format!("; {} are in no file and stay (--prune removes them)", listed(ids)),
    }
}

/// The exit code of services that failed, before anything is done about it.
pub(super) fn exit_of(failed: &BTreeMap<String, Failed>) -> Exit {
    if failed.values().all(Failed::is_unknown) {
        return Exit::Uncertain;
    }
    let is_late = |failed: &Failed| failed.is_unknown() || matches!(failed, Failed::TimedOut(_));
    if failed.values().all(is_late) { Exit::TimedOut } else { Exit::Failed }
}

/// Of which services that run nothing tells whether they are ready.
pub(in super::super) fn readiness_words(services: &[ServiceOutcome]) -> Option<String> {
    let unknown = services.iter().filter(|service| service.result == "runs" && service.is_readiness_unknown);
    let ids: Vec<String> = unknown.map(|service| service.id.clone()).collect();
    readiness::unknown(&ids)
}

/// That services failed, and why; or that it is not known of any whether it did.
pub(super) fn failed_words(failed: &BTreeMap<String, Failed>, services: &[ServiceOutcome]) -> String {
    let is_unknown = failed.values().all(Failed::is_unknown);
    let what = if is_unknown { "it is not known how it ended" } else { "failed" };
    format!("{what}: {}", reasons(services))
}

/// What services that are as they are wanted are compared with.
#[derive(Clone, Copy, Debug)]
pub(super) enum FineAs {
    /// What this run has sent.
    Sent,
    /// What is in the files.
    Written,
    /// What the server has stored.
    Stored,
}

impl FineAs {
    fn running(self) -> &'static str {
        match self {
            Self::Sent => "as sent",
            Self::Written => "as written",
            Self::Stored => "as stored",
        }
    }

    /// Of services without instances: nothing of them runs.
    fn without_instances(self, are: &str) -> String {
        match self {
            Self::Sent | Self::Written => format!("{are} stored {}; 0 instances, as asked", self.running()),
            Self::Stored => format!("{are} stored with 0 instances"),
        }
    }
}

/// What runs, what is stored and has no instances, and what is removed.
pub(super) fn fine_words(services: &[ServiceOutcome], how: FineAs) -> String {
    let with = |result: &str| -> Vec<String> {
        services.iter().filter(|service| service.result == result).map(|service| service.id.clone()).collect()
    };
    let mut words = Vec::new();
    match &with("runs")[..] {
        [] => {}
        [id] => words.push(format!("{id} runs {}", how.running())),
        ids => words.push(format!("{} run {}: {}", count(ids.len(), "service"), how.running(), listed(ids))),
    }
    match &with(STORED)[..] {
        [] => {}
        [id] => words.push(format!("{id} {}", how.without_instances("is"))),
        ids => words.push(format!("{} {}", listed(ids), how.without_instances("are"))),
    }
    match &with("removed")[..] {
        [] => {}
        ids => words.push(format!("{} removed", listed(ids))),
    }
    words.extend(readiness_words(services));
    if words.is_empty() { "no service is in it".to_owned() } else { words.join("; ") }
}

fn reasons(services: &[ServiceOutcome]) -> String {
    let failed = services.iter().filter(|service| !matches!(service.result, "not-sent" | "unknown"));
    let words: Vec<String> =
        failed.filter_map(|service| Some(format!("{}: {}", service.id, service.reason.as_ref()?))).collect();
    words.join("; ")
}

/// What was done and what was not, after a problem.
fn done_words(services: &[ServiceOutcome], ended: &Ended) -> Vec<String> {
    let is_done = |service: &&ServiceOutcome| {
        matches!(service.result, "runs" | STORED | "removed") && service.action != "nothing"
    };
    let done: Vec<String> = services.iter().filter(is_done).map(|service| service.id.clone()).collect();
    let mut words = Vec::new();
    if !done.is_empty() {
        words.push(format!("done: {}", listed(&done)));
    }
    if let Ended::Failed(_) = ended {
        let failed: Vec<String> = services
            .iter()
            .filter(|service| {
                !matches!(
                    service.result,
                    "runs" | STORED | "removed" | "not-sent" | "refused" | "outdated" | "unknown"
                )
            })
            .map(|service| service.id.clone())
            .collect();
        words.push(format!("sent and not running: {}", listed(&failed)));
    }
    words.extend(unsent_words(services));
    words
}

fn of_problem(plan: &Plan, problem: &Problem, lock: Lock) -> (Exit, String) {
    let id = |unit: &usize| plan.units[*unit].change.as_ref().map_or("", |change| change.id.as_str());
    match problem {
        Problem::Refused(unit, refusal) => (
            Exit::Refused,
            format!("{} was refused: the server answers {}: {}", id(unit), refusal.status, refusal.message),
        ),
        Problem::Locked(unit, holders) => (Exit::Locked, lock::is_locked(id(unit), holders, lock)),
        Problem::Outdated(unit, reason) => {
            let exit = if plan.is_saved { Exit::Outdated } else { Exit::Failed };
            (exit, format!("{} was not sent: {reason}", id(unit)))
        }
        Problem::Uncertain(unit, reason) => {
            (Exit::Uncertain, format!("it is not known whether {} was accepted: {reason}", id(unit)))
        }
        Problem::Unreachable(unit, error) => {
            (of_silence(error), format!("{} was not sent: {error}", id(unit)))
        }
        Problem::Unreadable(error) => {
            let exit = if let GetError::Client(error) = error { of_silence(error) } else { Exit::Usage };
            (exit, format!("the server cannot be asked: {error}"))
        }
    }
}

/// The exit code of a request that has no answer.
fn of_silence(error: &ClientError) -> Exit {
    if let ClientError::TimedOut { .. } = error { Exit::TimedOut } else { Exit::Usage }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(result: &'static str, reason: Option<&str>) -> ServiceOutcome {
        let reason = reason.map(str::to_owned);
        ServiceOutcome {
            id: "/a".to_owned(),
            action: "create",
            deployment: None,
            result,
            reason,
            version: None,
            is_readiness_unknown: false,
        }
    }

    #[test]
    fn what_is_not_as_wanted_is_never_green() {
        let of = |service| Outcome::of_services(Exit::Fine, "deployed".to_owned(), vec![service], Vec::new());
        assert_eq!(of(service("runs", None)).exit, Exit::Fine);
        for result in ["not-sent", "refused", "unknown", "outdated", "cancelled"] {
            let outcome = of(service(result, Some("why")));
            assert_eq!(outcome.exit, Exit::Uncertain, "{result}");
            assert_eq!(outcome.sentence, "it is not known how it ended for /a");
        }
    }
}
