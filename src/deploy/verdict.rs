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
            Some(paths) => judge_other(service, view, paths),
            None => judge_same(service, view, end),
        },
    }
}

/// The stored definition is another one than was sent.
fn judge_other(service: &ServiceRecord, view: &ServiceView, paths: &str) -> ServiceVerdict {
    if service.unmet < AGREED {
        return ServiceVerdict::Open;
    }
    let by = service.changed_by.clone();
    let other = service.others.last().or_else(|| {
        let ours = service.deployment.as_ref();
        view.deployments.iter().find(|listed| Some(*listed) != ours)
    });
    ServiceVerdict::Failed(match other {
        _ if view.is_previous && service.deployment.is_some() => Failed::RolledBack { by: other.cloned() },
        Some(deployment) => Failed::OverriddenBy { deployment: deployment.clone(), by },
        None => Failed::Changed { paths: paths.to_owned(), by },
    })
}

/// The stored definition is the one that was sent.
fn judge_same(service: &ServiceRecord, view: &ServiceView, end: Option<End<'_>>) -> ServiceVerdict {
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
        Some(End::Vanished) => {
            if is_met && view.all_ready() {
                ServiceVerdict::Done
            } else if service.views_since_end > AGREED && (service.unmet > AGREED || !view.all_ready()) {
                match service.others.last() {
                    Some(deployment) => ServiceVerdict::Failed(Failed::OverriddenBy {
                        deployment: deployment.clone(),
                        by: service.changed_by.clone(),
                    }),
                    None => ServiceVerdict::Failed(Failed::EndedUnfinished),
                }
            } else {
                ServiceVerdict::Open
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
            let ready = view.has_readiness.then(|| format!(", {} ready", view.ready));
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
                format!("the server holds another definition than was sent: {paths} differ{}", client(by))
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
            Self::Hopeless(reason) => format!("it cannot succeed: {reason}"),
            Self::TimedOut(reason) => format!("it timed out: {reason}"),
            Self::Refused(reason) => format!("the server refused it: {reason}"),
            Self::Outdated(reason) => format!("it was not sent: {reason}"),
            Self::Uncertain(reason) => format!("it is not known whether it was carried out: {reason}"),
        }
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
