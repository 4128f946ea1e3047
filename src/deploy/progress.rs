//! The state of a service, in one line.

use super::record::{Awaited, Book, Phase, ServiceRecord};
use super::stall;
use super::verdict::{ServiceVerdict, judge};
use crate::util::text;

/// What a line says.
struct LineParts {
    /// Why it is not there yet.
    reason: Option<String>,
    /// The numbers of its instances and the step of the deployment, or all there is to say.
    state: String,
    /// The same in few letters.
    short: Option<String>,
}

impl LineParts {
    fn whole(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{reason}; {}", self.state),
            None => self.state.clone(),
        }
    }
}

/// The state of a service, without its id.
pub(crate) fn line(service: &ServiceRecord, book: &Book) -> String {
    parts(service, book).whole()
}

/// The same for this many columns: of a long reason the end goes, and the numbers stay.
pub(crate) fn fitted(service: &ServiceRecord, book: &Book, columns: usize) -> String {
    let parts = parts(service, book);
    let whole = parts.whole();
    if text::columns(&whole) <= columns {
        return whole;
    }
    match parts {
        LineParts { reason: None, short: Some(short), .. } => short,
        LineParts { reason: Some(reason), short: Some(short), .. } => {
            let room = columns.saturating_sub(text::columns(&short) + "; …".chars().count());
            if room < LEAST_REASON {
                return whole;
            }
            let reason = stall::in_short(&reason);
            let end = if text::columns(reason) > room { "…" } else { "" };
            format!("{}{end}; {short}", &reason[..text::prefix(reason, room)])
        }
        LineParts { short: None, .. } => whole,
    }
}

/// Fewer columns of a reason say nothing.
const LEAST_REASON: usize = 16;

fn parts(service: &ServiceRecord, book: &Book) -> LineParts {
    let verdict = judge(service, book);
    let alone = |state: String| LineParts { reason: None, state, short: None };
    let Some(view) = &service.view else {
        return alone(match (&service.wanted, &verdict, &book.trouble) {
            (Awaited::Gone, ServiceVerdict::Done, _) => "removed".to_owned(),
            (_, ServiceVerdict::Failed(failed), _) => failed.words(service),
            (.., Some(trouble)) => trouble.clone(),
            _ if service.missing == 0 => "waiting for the server's first answer".to_owned(),
            (Awaited::Gone, ..) => "its tasks are stopped".to_owned(),
            _ => "the server does not list it any more; asking again".to_owned(),
        });
    };
    if let ServiceVerdict::Failed(failed) = &verdict {
        return alone(failed.words(service));
    }
    let record = service.deployment.as_ref().and_then(|id| book.deployments.get(id));
    // What was seen before the server fell silent is not known to be so any more.
    let is_over = verdict == ServiceVerdict::Done && book.trouble.is_none();
    let listed = record.and_then(|record| record.listed.as_ref()).filter(|_| !is_over);
    let more = |earlier: &str| {
        let more = [
            (view.staged > 0).then(|| format!("{} starting", view.staged)),
            (view.outdated > 0).then(|| format!("{} {earlier}", view.outdated)),
            view.has_checks.then(|| format!("{} healthy", view.healthy)),
            // What was ready is known of the instances that a deployment starts.
            (view.has_readiness && listed.is_some()).then(|| format!("{} ready", view.ready)),
        ];
        more.into_iter().flatten()
    };
    let counts = std::iter::once(format!("{} of {} running", view.running, view.wanted));
    let counts = counts.chain(more("of the earlier definition")).collect::<Vec<_>>().join(", ");
    if is_over {
        // The step is that of the last list, and over.
        let (again, ended) = match service.phase {
            Phase::Met { ended, is_again: true } => (" again", ended),
            _ => ("", 0),
        };
        let ended = match ended {
            0 => String::new(),
            1 => "; 1 instance has ended by itself".to_owned(),
            more => format!("; {more} instances have ended by themselves"),
        };
        return alone(if book.stable.is_zero() {
            format!("done{again}: {counts}{ended}")
        } else {
            format!("runs{again}: {counts}; it has to stay so for {}{ended}", text::time(book.stable))
        });
    }
    let step = listed.map(|listed| {
        let doing = listed.actions.iter().filter(|(_, id)| *id == service.id);
        let doing: Vec<&str> = doing.map(|(action, _)| action.as_str()).collect();
        let doing = if doing.is_empty() { String::new() } else { format!(" ({})", doing.join(", ")) };
        format!("; step {} of {}{doing}", listed.step.max(1), listed.steps.max(1))
    });
    let short_step = listed.map(|listed| format!("step {}/{}", listed.step.max(1), listed.steps.max(1)));
    let short = std::iter::once(format!("{}/{} running", view.running, view.wanted));
    let short: Vec<String> = short.chain(more("old")).chain(short_step).collect();
    let is_late = !view.all_run() || view.not_ready.is_some() || book.trouble.is_some();
    let bare = format!("{} of {} instances run", view.running, view.wanted);
    let fell_back = if service.phase == Phase::FellBack { "it ran and fell back: " } else { "" };
    LineParts {
        // A narrow terminal cuts the end off, and of all this the reason is what is looked for.
        reason: stall::reason(service, book).filter(|reason| is_late && !reason.starts_with(&bare)),
        state: format!("{fell_back}{counts}{}", step.unwrap_or_default()),
        short: Some(short.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::ServiceView;
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
    #[test]
    fn a_long_line_keeps_its_numbers() {
        let wanted = Normalized::stored(Kind::App, serde_json::json!({"id": "/a"}));
        let mut service = ServiceRecord::new("/a", Kind::App, Awaited::Definition(Box::new(wanted)));
        let view =
            ServiceView { wanted: 3, running: 1, staged: 1, has_checks: true, ..ServiceView::default() };
        service.see(ServiceView {
            not_ready: Some("readiness check up answers 503 (task web.1)".to_owned()),
            ..view
        });
        let book = Book::default();
        let whole = "readiness check up answers 503 (task web.1); 1 of 3 running, 1 starting, 0 healthy";
        assert_eq!(line(&service, &book), whole);
        assert_eq!(fitted(&service, &book, 82), whole);
        assert_eq!(
            fitted(&service, &book, 60),
            "readiness check up answ…; 1/3 running, 1 starting, 0 healthy"
        );
        // Nothing of the reason would be left.
        assert_eq!(fitted(&service, &book, 40), whole);
    }
}
