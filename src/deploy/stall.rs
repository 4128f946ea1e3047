//! Why it takes so long, in words, and whether it can succeed at all.

use std::collections::BTreeMap;

use super::record::{Book, ServiceRecord, ServiceView};
use super::verdict::fell_back;
use crate::marathon::{Failure, Queued};
use crate::source::Kind;
use crate::util::escape;
use crate::util::text::count;

/// This many failures of one kind are no accident.
const SAME_FAILURES: usize = 3;

/// This many answers in a row, each of which says that all offers are refused for a reason that time does not cure.
const SAME_REFUSALS: u32 = 5;

/// This many answers in a row, each of which says the same of what nothing can change meanwhile.
const SECOND_LOOK: u32 = 2;

/// This many answers in a row, each of which says that all offers are refused for want of resources, which others may free.
const SAME_SHORTAGES: u32 = 60;

/// So many times all agents have to be asked meanwhile: what is told at first is from before.
const REFUSED_ROUNDS: u32 = 2;

/// Marathon's name for a want of CPUs.
const NOT_ENOUGH_CPUS: &str = "InsufficientCpus";

/// How reasons begin that say more in their second part.
const NO_OFFER: &str = "no offer fits ";
const LAST_FAILURE: &str = "last task failure";

/// A reason for a line with little room: without its beginning, where the second part says why.
pub(crate) fn in_short(reason: &str) -> &str {
    let is_split = [NO_OFFER, LAST_FAILURE].iter().any(|beginning| reason.starts_with(beginning));
    reason.split_once(": ").filter(|_| is_split).map_or(reason, |(_, why)| why)
}

/// Begins the sentence on a back-off; the seconds that are left follow.
const BACK_OFF: &str = "Marathon waits ";

/// A line that may tell of a back-off, without the seconds that are left of it.
pub(crate) fn without_countdown(line: &str) -> String {
    let cut = line
        .split_once(BACK_OFF)
        .map(|(before, after)| (before, after.trim_start_matches(|it: char| it.is_ascii_digit())));
    cut.map_or_else(|| line.to_owned(), |(before, after)| [before, BACK_OFF, after].concat())
}

/// Why a service is not there yet: the most telling reason that is known.
pub(crate) fn reason(service: &ServiceRecord, book: &Book) -> Option<String> {
    if let Some(trouble) = &book.trouble {
        return Some(trouble.clone());
    }
    let failure = last_failure(service).map(|failure| match service.own_failures().count() {
        0 | 1 => format!("{LAST_FAILURE}: {}", in_words(failure)),
        number => format!("{number} task failures, the last: {}", in_words(failure)),
    });
    let view = service.view.as_ref();
    let is_full = view.is_some_and(|view| view.running + view.staged >= view.wanted && view.outdated == 0);
    // Tasks that fail were launched with offers: a refusal that does not last is that of the first agent that was asked.
    let is_told = |queued: &&Queued| {
        !is_full && (failure.is_none() || queued.delay > 0 || service.refused.answers >= SAME_REFUSALS)
    };
    let queue = service.queued.as_ref().filter(is_told).and_then(queue_in_words);
    let checks = view.and_then(checks_in_words);
    let waits = view.filter(|view| view.running < view.wanted || view.outdated > 0);
    let counts = waits.map(|view| match (view.staged, view.outdated) {
        (0, 0) => format!("{} of {} instances run", view.running, view.wanted),
        (staged, 0) => format!("{} of {} instances run, {staged} starting", view.running, view.wanted),
        (_, outdated) => {
            format!("{} of {} instances run, {outdated} of the earlier definition", view.running, view.wanted)
        }
    });
    let left = unreplaced(service);
    let fell_back = fell_back(service, book).then(|| {
        let deployment = service.deployment.as_deref().unwrap_or_default();
        format!("all instances ran, and this came after deployment {deployment} was gone, of which nothing told how it ended")
    });
    let mut parts: Vec<String> = [failure, queue, checks, left].into_iter().flatten().collect();
    if parts.is_empty() {
        parts.extend(counts);
    }
    parts.extend(fell_back);
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Why a service cannot succeed, where that is certain enough to stop waiting.
pub(crate) fn hopeless(service: &ServiceRecord) -> Option<String> {
    let mut kinds: BTreeMap<(&str, String), Vec<&Failure>> = BTreeMap::new();
    for failure in service.own_failures() {
        kinds.entry((&failure.state, without_numbers(&failure.message))).or_default().push(failure);
    }
    // The first failure of each instance may have one cause that passes.
    let wanted = service.view.as_ref().map_or(1, |view| usize::try_from(view.wanted).unwrap_or(usize::MAX));
    let enough = SAME_FAILURES.max(wanted.saturating_add(2));
    if let Some(same) = kinds.values().find(|same| same.len() >= enough)
        && let Some(last) = same.last()
    {
        return Some(format!(
            "its tasks failed {} times the same way, the last: {}",
            same.len(),
            in_words(last)
        ));
    }
    let queued = service.queued.as_ref()?;
    all_refused(queued)?;
    if service.own_failures().next().is_some() || service.refused.rounds < REFUSED_ROUNDS {
        // Offers were used before, or not all agents were asked yet.
        return None;
    }
    let is_hopeless = service.refused.answers >= SAME_SHORTAGES || service.refused.for_good >= SAME_REFUSALS;
    is_hopeless.then(|| queue_in_words(queued)).flatten()
}

/// That instances of an earlier definition run on for good, where enough answers agree on it; and what else keeps the new ones
/// from being as they are wanted.
pub(super) fn half_done(service: &ServiceRecord, book: &Book) -> Option<String> {
    let has_all = service.view.as_ref().is_some_and(|view| view.running >= view.wanted);
    // What is missing may be started in a moment; where nothing is, a second look is enough.
    let enough = if has_all { SECOND_LOOK } else { SAME_REFUSALS };
    let is_for_good = service.unqueued >= enough && book.trouble.is_none() && unreplaced(service).is_some();
    is_for_good.then(|| reason(service, book)).flatten()
}

/// That instances of an earlier definition run on, and nothing replaces them, where that is so.
pub(crate) fn unreplaced(service: &ServiceRecord) -> Option<String> {
    let view = service.view.as_ref()?;
    let waits = view.staged > 0 || (service.queued.is_some() && view.running < view.wanted);
    let is_under_way = service.deployment.is_some() || !view.deployments.is_empty();
    let is_left = service.unqueued > 0 && view.outdated > 0 && !waits && !is_under_way;
    let id = &service.id;
    let advice = match service.kind {
        // Marathon restarts no pod without a change.
        Kind::Pod => format!("`milepost pod kill {id} INSTANCE` ends one of them"),
        _ => format!("`milepost app restart {id}` does"),
    };
    is_left.then(|| {
        format!(
            "{} of {} instances run, {} of an earlier definition, and no deployment is under way that replaces them: {advice}, \
             `milepost rollback {id}` goes back",
            view.running, view.wanted, view.outdated
        )
    })
}

/// The latest failure.
pub(crate) fn last_failure(service: &ServiceRecord) -> Option<&Failure> {
    // Tasks of one instance are numbered, and events of the same task come before its time is known.
    service.own_failures().max_by(|one, other| (&one.at, &one.task).cmp(&(&other.at, &other.task)))
}

/// A failure in words: state, message, host, and where its files are below the agent's work directory.
pub(crate) fn in_words(failure: &Failure) -> String {
    let Failure { state, message, host, agent, task, .. } = failure;
    let state = if state.is_empty() { "it ended" } else { state };
    let message =
        if message.is_empty() { String::new() } else { format!(" \"{}\"", escape::on_one_line(message)) };
    let host = if host.is_empty() { String::new() } else { format!(" on {host}") };
    let agent = if agent.is_empty() { "AGENT" } else { agent };
    let sandbox = format!("slaves/{agent}/frameworks/*/executors/*/runs/latest");
    format!("{state}{message}{host}, task {task} (sandbox: {sandbox})")
}

/// A message without what differs between two failures of the same kind.
fn without_numbers(message: &str) -> String {
    message.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// What may help against refused offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cure {
    /// Other tasks may end and free resources.
    Time,
    /// Only another definition, or another cluster.
    Nothing,
}

/// Whether every offer of every agent is refused, and what may help.
pub(super) fn all_refused(queued: &Queued) -> Option<Cure> {
    let offers = queued.refusals.iter().map(|refusal| refusal.processed).max().unwrap_or_default();
    let declined: u64 = queued.refusals.iter().map(|refusal| refusal.declined).sum();
    if offers == 0 || declined < offers {
        return None;
    }
    let lasting = [
        "UnfulfilledRole",
        "UnfulfilledConstraint",
        "NoCorrespondingReservationFound",
        "DeclinedScarceResources",
    ];
    let is_lasting =
        |reason: &str| lasting.contains(&reason) || (queued.is_too_large && reason == NOT_ENOUGH_CPUS);
    let cured_by_time = |reason: &str| !is_lasting(reason);
    let refusals = queued.refusals.iter().filter(|refusal| refusal.declined > 0);
    Some(if refusals.into_iter().any(|refusal| cured_by_time(&refusal.reason)) {
        Cure::Time
    } else {
        Cure::Nothing
    })
}

/// Why a service waits, as the queue says it.
pub(crate) fn queue_in_words(queued: &Queued) -> Option<String> {
    if queued.count == 0 {
        return None;
    }
    if queued.delay > 0 {
        return Some(format!("{BACK_OFF}{} s before it starts the next task", queued.delay));
    }
    let offers = queued.refusals.iter().map(|refusal| refusal.processed).max().unwrap_or_default();
    let mut refusals: Vec<_> = queued.refusals.iter().filter(|refusal| refusal.declined > 0).collect();
    refusals.sort_by_key(|refusal| std::cmp::Reverse(refusal.declined));
    if refusals.is_empty() {
        return Some("it waits for offers".to_owned());
    }
    let words: Vec<String> = refusals
        .iter()
        .map(|refusal| {
            let wanted = queued.wanted.get(&*refusal.reason).map(|wanted| format!("{wanted}; "));
            let wanted = wanted.unwrap_or_default();
            let reason = match &*refusal.reason {
                NOT_ENOUGH_CPUS if queued.is_too_large => "no agent has so many cpus".to_owned(),
                reason => reason_in_words(reason),
            };
            format!("{reason} ({wanted}{} of {offers} declined)", refusal.declined)
        })
        .collect();
    Some(format!("{NO_OFFER}{}: {}", instances(queued.count), words.join(", ")))
}

fn instances(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "more instance")
}

fn reason_in_words(reason: &str) -> String {
    let words = match reason {
        "UnfulfilledRole" => "no resources of a role that the service accepts",
        "UnfulfilledConstraint" => "a constraint is not fulfilled",
        "NoCorrespondingReservationFound" => "no reservation for its volumes is there",
        "AgentMaintenance" => "the agent is in maintenance",
        NOT_ENOUGH_CPUS => "not enough cpus",
        "InsufficientMemory" => "not enough memory",
        "InsufficientDisk" => "not enough disk",
        "InsufficientGpus" => "not enough gpus",
        "InsufficientPorts" => "the ports are not free",
        "DeclinedScarceResources" => "the agent keeps its gpus for services that need them",
        other => return other.to_owned(),
    };
    words.to_owned()
}

fn checks_in_words(view: &ServiceView) -> Option<String> {
    if let Some(answer) = &view.not_ready {
        return Some(answer.clone());
    }
    let missing = view.has_checks && view.healthy < view.wanted && view.running > 0;
    // Results of readiness checks are there only while a deployment runs.
    if !missing && !view.all_ready() && view.running > 0 && !view.deployments.is_empty() {
        return Some(format!(
            "{} of {} instances are ready, no result yet from the others",
            view.ready, view.wanted
        ));
    }
    missing.then(|| match view.unhealthy {
        0 => format!(
            "{} of {} instances are healthy, no result yet from the others",
            view.healthy, view.wanted
        ),
        number => format!(
            "{} of {} instances are healthy, {number} fail their health check",
            view.healthy, view.wanted
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marathon::OfferRefusal;
    use crate::source::Kind;

    use super::super::record::Awaited;

    fn failed(task: &str, version: &str) -> Failure {
        let [task, version, state] = [task, version, "TASK_FAILED"].map(str::to_owned);
        Failure { task, version, state, message: "exit 1".to_owned(), ..Failure::default() }
    }

    fn seen(version: &str) -> ServiceView {
        ServiceView { version: version.to_owned(), wanted: 1, ..ServiceView::default() }
    }

    fn queued(reason: &str, declined: u64) -> Queued {
        let refusal = OfferRefusal { reason: reason.to_owned(), declined, processed: 12 };
        let wanted = [("InsufficientCpus", "4 wanted".to_owned())].into();
        Queued {
            id: "/a".to_owned(),
            count: 2,
            offers: 40,
            refusals: vec![refusal],
            wanted,
            ..Queued::default()
        }
    }

    #[test]
    fn refused_offers_are_told_in_words() {
        let words = queue_in_words(&queued("InsufficientCpus", 12)).expect("a reason");
        assert_eq!(words, "no offer fits 2 more instances: not enough cpus (4 wanted; 12 of 12 declined)");
        assert_eq!(all_refused(&queued("InsufficientCpus", 12)), Some(Cure::Time));
        assert_eq!(all_refused(&queued("UnfulfilledConstraint", 12)), Some(Cure::Nothing));
        assert_eq!(all_refused(&queued("UnfulfilledConstraint", 11)), None);
        let large = Queued { is_too_large: true, ..queued("InsufficientCpus", 12) };
        let words = queue_in_words(&large).expect("a reason");
        assert_eq!(
            words,
            "no offer fits 2 more instances: no agent has so many cpus (4 wanted; 12 of 12 declined)"
        );
        assert_eq!(all_refused(&large), Some(Cure::Nothing));
        let large = Queued { is_too_large: true, ..queued("InsufficientMemory", 12) };
        assert_eq!(all_refused(&large), Some(Cure::Time));
        let backed_off = Queued { delay: 7, ..queued("InsufficientCpus", 0) };
        let words = queue_in_words(&backed_off);
        assert_eq!(words.as_deref(), Some("Marathon waits 7 s before it starts the next task"));
    }

    #[test]
    fn a_second_of_a_back_off_is_no_news() {
        let at = |delay: u64| {
            let words = queue_in_words(&Queued { delay, ..queued("InsufficientCpus", 0) }).expect("a reason");
            without_countdown(&format!("{words}; 0 of {delay} running"))
        };
        assert_eq!(at(7), "Marathon waits  s before it starts the next task; 0 of 7 running");
        assert_eq!(at(16).replace("16", "7"), at(7));
        assert_eq!(without_countdown("1 of 2 running"), "1 of 2 running");
    }

    #[test]
    fn reasons_that_time_cures_do_not_count_as_lasting() {
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        service.see(seen("new"));
        let mut offers = 0;
        let mut both = |lasting: u64| {
            offers += 12;
            let refusal =
                |reason: &str, declined| OfferRefusal { reason: reason.to_owned(), declined, processed: 12 };
            let refusals =
                vec![refusal("UnfulfilledConstraint", lasting), refusal("InsufficientCpus", 12 - lasting)];
            Queued { offers, refusals, ..queued("InsufficientCpus", 12) }
        };
        for _ in 0..SAME_SHORTAGES - 2 {
            service.queue(Some(&both(9)));
        }
        // The one agent that fits has made no offer for a moment.
        service.queue(Some(&both(12)));
        assert_eq!(hopeless(&service), None);
        service.queue(Some(&both(9)));
        let reason = hopeless(&service).expect("it lasts");
        assert!(reason.contains("a constraint is not fulfilled (9 of 12 declined), not enough cpus (4 wanted; 3 of 12 declined)"), "{reason}");
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        for _ in 0..SAME_REFUSALS {
            assert_eq!(hopeless(&service), None);
            service.queue(Some(&both(12)));
        }
        assert!(hopeless(&service).is_some());
        // What a task was launched for is not refused by all agents.
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        service.see(seen("new"));
        service.fail(failed("a.1", "new"));
        for _ in 0..2 * SAME_SHORTAGES {
            service.queue(Some(&both(12)));
            assert_eq!(hopeless(&service), None);
        }
        // Nor what no agent was asked for since.
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        let before = both(12);
        for _ in 0..2 * SAME_SHORTAGES {
            service.queue(Some(&before));
            assert_eq!(hopeless(&service), None);
        }
    }

    #[test]
    fn three_failures_of_one_kind_are_hopeless() {
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        service.see(seen("new"));
        for (task, message) in [("a.1", "exit 1"), ("a.2", "exit 2"), ("a.2", "exit 2")] {
            let (task, message) = (task.to_owned(), message.to_owned());
            service.fail(Failure { task, message, state: "TASK_FAILED".to_owned(), ..Failure::default() });
        }
        assert_eq!(hopeless(&service), None, "the same failure told twice counts once");
        let task = "a.3".to_owned();
        let failure = Failure {
            task,
            message: "exit 3".to_owned(),
            state: "TASK_FAILED".to_owned(),
            ..Failure::default()
        };
        service.fail(failure);
        let reason = hopeless(&service).expect("three of a kind");
        assert!(reason.starts_with("its tasks failed 3 times the same way"), "{reason}");
    }

    #[test]
    fn failures_of_a_replaced_definition_do_not_count() {
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        for task in ["a.1", "a.2", "a.3", "a.4"] {
            service.fail(failed(task, "old"));
        }
        assert_eq!((hopeless(&service), service.new_failures()), (None, 0), "not known yet whose they are");
        assert_eq!(reason(&service, &Book::default()), None);
        service.see(seen("new"));
        service.fail(failed("a.5", "old"));
        assert_eq!((hopeless(&service), service.new_failures()), (None, 0));
        for task in ["b.1", "b.2", "b.3"] {
            service.fail(failed(task, "new"));
        }
        assert!(hopeless(&service).is_some_and(|reason| reason.contains("failed 3 times")));
    }

    #[test]
    fn what_starts_and_fails_does_not_lack_offers() {
        let book = Book::default();
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        service.see(seen("new"));
        let refused = queued("DeclinedScarceResources", 12);
        service.queue(Some(&refused));
        let told = |service: &ServiceRecord| reason(service, &book).unwrap_or_default();
        assert!(told(&service).starts_with("no offer fits 2 more instances"), "{}", told(&service));
        service.fail(failed("a.1", "new"));
        assert!(told(&service).starts_with("last task failure") && !told(&service).contains("offer"));
        // The back-off is shown, and the refusals from before it are no news.
        let waits = Queued { delay: 7, ..refused.clone() };
        for _ in 0..9 {
            service.queue(Some(&waits));
            assert!(told(&service).ends_with("; Marathon waits 7 s before it starts the next task"));
        }
        // A refusal that lasts is another reason.
        for _ in 0..SAME_REFUSALS {
            assert!(!told(&service).contains("no offer fits"), "{}", told(&service));
            service.queue(Some(&refused));
        }
        assert!(told(&service).contains("; no offer fits 2 more instances"), "{}", told(&service));
        service.fail(failed("a.2", "new"));
        assert!(!told(&service).contains("no offer fits"), "{}", told(&service));
    }
}
