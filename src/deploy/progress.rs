//! The state of a service, in one line.

use super::record::{Awaited, Book, ServiceRecord};
use super::stall;
use super::verdict::{ServiceVerdict, judge};

/// The state of a service, without its id.
pub(crate) fn line(service: &ServiceRecord, book: &Book) -> String {
    let verdict = judge(service, book);
    let Some(view) = &service.view else {
        return match (&service.wanted, &verdict, &book.trouble) {
            (Awaited::Gone, ServiceVerdict::Done, _) => "removed".to_owned(),
            (_, ServiceVerdict::Failed(failed), _) => failed.words(service),
            (.., Some(trouble)) => trouble.clone(),
            _ if service.missing == 0 => "waiting for the server's first answer".to_owned(),
            (Awaited::Gone, ..) => "its tasks are stopped".to_owned(),
            _ => "the server does not list it any more; asking again".to_owned(),
        };
    };
    if let ServiceVerdict::Failed(failed) = &verdict {
        return failed.words(service);
    }
    let more = [
        (view.staged > 0).then(|| format!("{} starting", view.staged)),
        (view.outdated > 0).then(|| format!("{} of the earlier definition", view.outdated)),
        view.has_checks.then(|| format!("{} healthy", view.healthy)),
    ];
    let counts = std::iter::once(format!("{} of {} running", view.running, view.wanted));
    let counts = counts.chain(more.into_iter().flatten()).collect::<Vec<_>>().join(", ");
    if verdict == ServiceVerdict::Done {
        // The step is that of the last list, and over.
        return format!("done: {counts}");
    }
    let record = service.deployment.as_ref().and_then(|id| book.deployments.get(id));
    let step = record.and_then(|record| record.listed.as_ref()).map(|listed| {
        let doing = listed.actions.iter().filter(|(_, id)| *id == service.id);
        let doing: Vec<&str> = doing.map(|(action, _)| action.as_str()).collect();
        let doing = if doing.is_empty() { String::new() } else { format!(" ({})", doing.join(", ")) };
        format!("step {} of {}{doing}", listed.step.max(1), listed.steps.max(1))
    });
    let is_late = !view.all_run() || view.not_ready.is_some() || book.trouble.is_some();
    let bare = format!("{} of {} instances run", view.running, view.wanted);
    let reason = stall::reason(service, book).filter(|reason| is_late && !reason.starts_with(&bare));
    // A narrow terminal cuts the end off, and of all this the reason is what is looked for.
    reason.into_iter().chain(std::iter::once(counts)).chain(step).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::Normalized;
    use crate::source::Kind;

    #[test]
    fn a_service_that_is_not_listed_is_told_from_one_that_cannot_be_read() {
        let wanted = Normalized::stored(Kind::App, serde_json::json!({"id": "/a"}));
        let there = Awaited::Definition(Box::new(wanted));
        for (wanted, missing) in [
            (there, "the server does not list it any more; asking again"),
            (Awaited::Gone, "its tasks are stopped"),
        ] {
            let mut service = ServiceRecord::new("/a", Kind::App, wanted);
            let mut book = Book::default();
            assert_eq!(line(&service, &book), "waiting for the server's first answer");
            service.miss();
            assert_eq!(line(&service, &book), missing);
            book.trouble = Some("the server cannot be read".to_owned());
            assert_eq!(line(&service, &book), "the server cannot be read");
        }
    }
}
