//! How it ended, judged from what is known: green only where the deployment finished, and the version that was sent runs,
//! all of it.

use super::record::{Awaited, Book, End, ServiceRecord, ServiceView};

/// The state of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceVerdict {
    /// It is not known yet.
    Open,
    /// What is wanted runs, all of it; or what should be gone is gone.
    Done,
    /// It will not come to that by itself.
    Failed(Failed),
}

/// Why what is wanted does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The deployment was ended before it finished.
    Cancelled {
        /// The server's reason.
        reason: String,
    },
    /// Another deployment took its place.
    OverriddenBy {
        /// The other one.
        deployment: String,
        /// The address that it came from, where the server told.
        by: Option<String>,
    },
    /// The stored definition is not the one that was sent.
    Changed {
        /// What differs.
        paths: String,
        /// The address that changed it, where the server told.
        by: Option<String>,
    },
    /// The definition from before is stored again.
    RolledBack {
        /// The deployment that did it, where it is known.
        by: Option<String>,
    },
    /// The service was deleted.
    Deleted,
    /// The server does not know anything of what it held.
    ServerLostMemory,
    /// The deployment is gone, nothing said that it finished, and what was sent does not run.
    EndedUnfinished,
    /// The deployment is gone, what was sent runs, and only whether it got ready is not known, nor how the deployment ended:
    /// events could not be read.
    ReadinessUnknown,
    /// Instances of an earlier definition run on, and no deployment is under way that would replace them: in words.
    HalfDone(String),
    /// It cannot succeed.
    Hopeless(String),
    /// It took too long: what it waited for.
    TimedOut(String),
    /// The server refuses it.
    Refused(String),
    /// It was not sent, because what runs is no longer what the plan was made against.
    Outdated(String),
    /// It may have been carried out or not.
    Uncertain(String),
}

/// How many answers have to agree before something is called failed: a single one may come from a standby, a proxy or the
/// moment in between.
const AGREED: u32 = 2;

/// The state of a service.
pub(crate) fn judge(service: &ServiceRecord, book: &Book) -> ServiceVerdict {
    let record = service.deployment.as_ref().and_then(|id| book.deployments.get(id));
    let end = record.map(super::record::DeploymentRecord::end);
    match (&service.wanted, &service.view) {
        (Awaited::Gone, view) => judge_removal(service, view.as_ref(), end),
        (Awaited::Definition(_), None) if service.missing >= AGREED => {
            ServiceVerdict::Failed(if book.lost_memory { Failed::ServerLostMemory } else { Failed::Deleted })
        }
        (Awaited::Definition(_), None) => ServiceVerdict::Open,
        (Awaited::Definition(_), Some(view)) => match &view.differs {
            Some(paths) => judge_other(service, view, paths, end),
            None => judge_same(service, view, end, book),
        },
    }
}

/// The stored definition is another one than was sent.
fn judge_other(
    service: &ServiceRecord,
    view: &ServiceView,
    paths: &str,
    end: Option<End<'_>>,
) -> ServiceVerdict {
    if service.unmet < AGREED {
        return ServiceVerdict::Open;
    }
    let by = service.changed_by.clone();
    let other = service.others.last().or_else(|| {
        let ours = service.deployment.as_ref();
        view.deployments.iter().find(|listed| Some(*listed) != ours)
    });
    // What has come to its end was not rolled back: something on the way may have kept back what is new.
    let was_ended = other.is_some() || matches!(end, Some(End::Failed(_)));
    ServiceVerdict::Failed(match other {
        _ if view.is_previous && service.deployment.is_some() && was_ended => {
            Failed::RolledBack { by: other.cloned() }
        }
        Some(deployment) => Failed::OverriddenBy { deployment: deployment.clone(), by },
        None => Failed::Changed { paths: paths.to_owned(), by },
    })
}

/// The stored definition is the one that was sent.
fn judge_same(
    service: &ServiceRecord,
    view: &ServiceView,
    end: Option<End<'_>>,
    book: &Book,
) -> ServiceVerdict {
    let is_met = view.all_run();
    match end {
        Some(End::Runs) => ServiceVerdict::Open,
        // What was seen before the end does not tell how it ended.
        Some(_) if service.views_since_end == 0 => ServiceVerdict::Open,
        Some(End::Failed(reason)) => match service.others.last() {
            Some(deployment) => ServiceVerdict::Failed(Failed::OverriddenBy {
                deployment: deployment.clone(),
                by: service.changed_by.clone(),
            }),
            // The other one may not be known yet.
            None if service.views_since_end < AGREED => ServiceVerdict::Open,
            None => ServiceVerdict::Failed(Failed::Cancelled { reason: reason.to_owned() }),
        },
        Some(End::Vanished) if is_met && view.all_ready() => ServiceVerdict::Done,
        // It had come to its end: what has failed since is started again, as after one that is known to have finished.
        Some(End::Vanished) if fell_back(service, book) => ServiceVerdict::Open,
        Some(End::Vanished) => {
            let is_lasting = service.unmet > AGREED;
            if service.views_since_end <= AGREED || (view.all_ready() && !is_lasting) {
                return ServiceVerdict::Open;
            }
            match service.others.last() {
                Some(deployment) => ServiceVerdict::Failed(Failed::OverriddenBy {
                    deployment: deployment.clone(),
                    by: service.changed_by.clone(),
                }),
                None if is_lasting || !book.may_have_missed_events() => {
                    ServiceVerdict::Failed(Failed::EndedUnfinished)
                }
                // Readiness is told only while a deployment runs, so that the answers cannot tell its end from its cancellation.
                None if is_met => ServiceVerdict::Failed(Failed::ReadinessUnknown),
                None => ServiceVerdict::Open,
            }
        }
        // Finished, or nothing had to be changed: what does not run yet is waited for.
        Some(End::Succeeded) | None => {
            if is_met && service.views_since_end > 0 {
                ServiceVerdict::Done
            } else {
                ServiceVerdict::Open
            }
        }
    }
}

/// Whether all of it ran, and something failed after its deployment was gone, of which nothing tells how it ended.
pub(super) fn fell_back(service: &ServiceRecord, book: &Book) -> bool {
    let record = service.deployment.as_ref().and_then(|id| book.deployments.get(id));
    let is_gone = record.is_some_and(|record| record.end() == End::Vanished);
    let is_less = service.view.as_ref().is_some_and(|view| view.differs.is_none() && !view.all_run());
    is_gone && service.was_met && is_less && book.may_have_missed_events() && service.others.is_empty()
}

fn judge_removal(
    service: &ServiceRecord,
    view: Option<&ServiceView>,
    end: Option<End<'_>>,
) -> ServiceVerdict {
    match (view, end) {
        (_, None | Some(End::Runs)) => ServiceVerdict::Open,
        (None, Some(_)) if service.missing > 0 && service.views_since_end > 0 => ServiceVerdict::Done,
        (Some(_), Some(end)) if service.views_since_end > AGREED => match (service.others.last(), end) {
            (Some(deployment), _) => ServiceVerdict::Failed(Failed::OverriddenBy {
                deployment: deployment.clone(),
                by: service.changed_by.clone(),
            }),
            (None, End::Failed(reason)) => {
                ServiceVerdict::Failed(Failed::Cancelled { reason: reason.to_owned() })
            }
            (None, _) => ServiceVerdict::Failed(Failed::EndedUnfinished),
        },
        _ => ServiceVerdict::Open,
    }
}

impl Failed {
    /// In words, about a service and its deployment.
    pub(crate) fn words(&self, service: &ServiceRecord) -> String {
        let deployment = service.deployment.as_deref().unwrap_or("none");
        let client =
            |by: &Option<String>| by.as_ref().map(|by| format!(", asked for by {by}")).unwrap_or_default();
        let runs = service.view.as_ref().map_or_else(String::new, |view| {
            let healthy = view.has_checks.then(|| format!(", {} healthy", view.healthy));
            let seen = if let Self::ReadinessUnknown = self { "seen to be ready" } else { "ready" };
            let ready = view.has_readiness.then(|| format!(", {} {seen}", view.ready));
            let checks: String = [healthy, ready].into_iter().flatten().collect();
            format!(": {} of {} instances of what was sent run{checks}", view.running, view.wanted)
        });
        match self {
            Self::Cancelled { reason } => {
                let reason = if reason.is_empty() { String::new() } else { format!(" (\"{reason}\")") };
                format!("deployment {deployment} was cancelled before it finished{reason}{runs}")
            }
            Self::OverriddenBy { deployment: other, by } => {
                format!("deployment {deployment} was overridden by deployment {other}{}", client(by))
            }
            Self::Changed { paths, by } => {
                let held = match &service.view {
                    Some(view) if view.is_previous => "the definition from before and not what was sent",
                    _ => "another definition than was sent",
                };
                format!("the server holds {held}: {paths} differ{}", client(by))
            }
            Self::RolledBack { by } => {
                let by = by.as_ref().map(|by| format!(" by deployment {by}")).unwrap_or_default();
                format!(
                    "deployment {deployment} was rolled back{by}: the definition from before is stored again"
                )
            }
            Self::Deleted => "it was deleted while it was deployed".to_owned(),
            Self::ServerLostMemory => {
                "the server was restarted and has lost what it held: nothing of this service is known to it"
                    .to_owned()
            }
            Self::EndedUnfinished => format!(
                "deployment {deployment} is gone, and nothing said that it finished: most likely it was cancelled{runs}"
            ),
            Self::ReadinessUnknown => format!(
                "deployment {deployment} is gone, and it is not known whether it finished or was cancelled: the server's events \
                 could not be read, and Marathon tells readiness only while a deployment runs{runs}"
            ),
            Self::HalfDone(reason) => reason.clone(),
            Self::Hopeless(reason) => format!("it cannot succeed: {reason}"),
            Self::TimedOut(reason) => format!("it timed out: {reason}"),
            Self::Refused(reason) => format!("the server refused it: {reason}"),
            Self::Outdated(reason) => format!("it was not sent: {reason}"),
            Self::Uncertain(reason) => format!("it is not known whether it was carried out: {reason}"),
        }
    }

    /// Whether it may as well be as it is wanted.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::ReadinessUnknown | Self::Uncertain(_))
    }

    /// The name in output for programs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Cancelled { .. } => "cancelled",
            Self::OverriddenBy { .. } => "overridden",
            Self::Changed { .. } => "changed",
            Self::RolledBack { .. } => "rolled-back-by-another",
            Self::Deleted => "deleted",
            Self::ServerLostMemory => "server-lost-memory",
            Self::EndedUnfinished => "ended-unfinished",
            Self::ReadinessUnknown => "readiness-unknown",
            Self::HalfDone(_) => "half-done",
            Self::Hopeless(_) => "cannot-succeed",
            Self::TimedOut(_) => "timed-out",
            Self::Refused(_) => "refused",
            Self::Outdated(_) => "outdated",
            Self::Uncertain(_) => "unknown",
        }
    }
}

#[cfg(test)]
mod tests;
