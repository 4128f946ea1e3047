//! The holder of a lock, in words.

use crate::deploy::{Book, Lock};
use crate::marathon::Deployment;
use crate::util::text::{self, listed};

/// What to do about a lock that this did not help against.
const fn advice(tried: Lock) -> &'static str {
    match tried {
        Lock::Fail => " (--lock wait waits until it has ended, --lock force cancels it)",
        Lock::Wait => " (a longer --timeout waits on, --lock force cancels it)",
        Lock::Force => "",
    }
}

/// That a lock keeps something from being sent, although this was tried.
pub(in super::super) fn is_locked(id: &str, holders: &[Deployment], tried: Lock) -> String {
    let has_waited = if tried == Lock::Wait { "still " } else { "" };
    format!("{id} is {has_waited}locked by {}{}", self::holders(holders), advice(tried))
}

/// That nothing was sent because of a lock.
pub(in super::super) fn locked(id: &str, holders: &[Deployment], tried: Lock) -> String {
    format!("{}; nothing was changed", is_locked(id, holders, tried))
}

/// The deployments that go on although they are not waited for any more, and what to do about them.
pub(in super::super) fn still_running(book: &Book) -> Option<String> {
    let words: Vec<String> = book.running().map(|id| goes_on(id, book)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// That a deployment goes on, and what to do about it.
pub(in super::super) fn goes_on(id: &str, book: &Book) -> String {
    let services = book.services.values().filter(|service| service.deployment.as_deref() == Some(id));
    let services: Vec<String> = services.map(|service| service.id.clone()).collect();
    let certain = if book.trouble.is_some() { ", as far as is known," } else { "" };
    let lock = if services.is_empty() {
        String::new()
    } else {
        format!(" and holds the lock of {}", listed(&services))
    };
    format!(
        "deployment {id} goes on{certain}{lock}: `milepost wait {id}` waits for it, `milepost deployment stop {id}` ends it where it \
         is"
    )
}

/// The deployments that hold a lock.
pub(in super::super) fn holders(holders: &[Deployment]) -> String {
    if holders.is_empty() {
        return "a running deployment".to_owned();
    }
    holders.iter().map(holder).collect::<Vec<_>>().join("; ")
}

fn holder(deployment: &Deployment) -> String {
    let Deployment { id, version, age, affected, step, steps, .. } = deployment;
    let ago = age.map(|age| format!(", {} ago", text::time(age))).unwrap_or_default();
    let since = match (&**version, &affected[..]) {
        // Nothing but its id is known.
        ("", []) => String::new(),
        ("", _) => " (since an unknown time)".to_owned(),
        (version, _) => format!(" (since {version}{ago})"),
    };
    let of = if affected.is_empty() { String::new() } else { format!(" of {}", listed(affected)) };
    let at = if *steps == 0 { String::new() } else { format!(", at step {} of {steps}", step.max(&1)) };
    format!("deployment {id}{since}{of}{at}")
}
