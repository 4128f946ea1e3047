//! Each end of a deployment, from what events and answers told.

use super::*;
use crate::marathon::{Deployment, Event};
use crate::normalize::Normalized;
use crate::source::Kind;

const OURS: &str = "ours";
const OTHER: &str = "other";

/// A book with `/a`, for which a deployment was asked.
fn book() -> Book {
    let mut book = Book::default();
    let wanted = Normalized::stored(Kind::App, serde_json::json!({"id": "/a"}));
    let service = ServiceRecord::new("/a", Kind::App, Awaited::Definition(Box::new(wanted)));
    book.services.insert("/a".to_owned(), service);
    book.ask(OURS, &["/a".to_owned()]);
    book
}

fn verdict(book: &Book) -> ServiceVerdict {
    judge(&book.services["/a"], book)
}

/// Two instances of what was sent are wanted, and this many run.
fn running(number: u64) -> ServiceView {
    ServiceView { running: number, wanted: 2, version: "v2".to_owned(), ..ServiceView::default() }
}

fn changed() -> ServiceView {
    ServiceView { differs: Some("/cmd".to_owned()), ..running(2) }
}

fn see(book: &mut Book, view: &ServiceView) {
    book.services.get_mut("/a").expect("it is there").see(view.clone());
}

fn affected() -> Vec<String> {
    vec!["/a".to_owned()]
}

fn success(book: &mut Book, id: &str) -> bool {
    book.event(&Event::Succeeded { deployment: id.to_owned(), affected: affected() })
}

fn failure(book: &mut Book, id: &str) -> bool {
    let reason = "The upgrade has been cancelled".to_owned();
    book.event(&Event::Failed { deployment: id.to_owned(), reason })
}

fn step(book: &mut Book, id: &str) {
    let version = "v".to_owned();
    book.event(&Event::Step { deployment: id.to_owned(), version, affected: affected() });
}

fn list(book: &mut Book, ids: &[&str]) {
    let deployment = |id: &&str| Deployment {
        id: (*id).to_owned(),
        version: String::new(),
        affected: affected(),
        step: 1,
        steps: 1,
        actions: Vec::new(),
        age: None,
        readiness: Vec::new(),
    };
    book.list(&ids.iter().map(deployment).collect::<Vec<_>>());
}

#[test]
fn an_event_and_all_instances_are_green() {
    let mut book = book();
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Open, "it is not known to have ended");
    success(&mut book, OURS);
    assert_eq!(verdict(&book), ServiceVerdict::Open, "what was seen before its end does not count");
    see(&mut book, &running(1));
    assert_eq!(verdict(&book), ServiceVerdict::Open, "one instance is missing");
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Done);
}

#[test]
fn a_success_without_instances_is_not_green() {
    // As after the roll back of a scale-up: finished with 0 of 2 running.
    let mut book = book();
    success(&mut book, OURS);
    for _ in 0..10 {
        see(&mut book, &running(0));
    }
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    // Instances of the earlier definition do not count.
    see(&mut book, &ServiceView { running: 0, outdated: 2, ..running(0) });
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    // Too many are not what was sent either.
    see(&mut book, &ServiceView { outdated: 1, ..running(2) });
    assert_eq!(verdict(&book), ServiceVerdict::Open);
}

#[test]
fn checks_have_to_pass() {
    let mut book = book();
    success(&mut book, OURS);
    let view = ServiceView { has_checks: true, healthy: 1, ..running(2) };
    see(&mut book, &view);
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    see(&mut book, &ServiceView { healthy: 2, ..view });
    assert_eq!(verdict(&book), ServiceVerdict::Done);
}

#[test]
fn a_list_without_it_is_green_only_when_all_run_and_are_ready() {
    let mut book = book();
    list(&mut book, &[]);
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Open, "one list may be too old");
    list(&mut book, &[OURS]);
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    list(&mut book, &[]);
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Done);
    let not_ready = ServiceView { has_readiness: true, ready: 1, ..running(2) };
    for _ in 0..3 {
        see(&mut book, &not_ready);
    }
    // Answers alone do not tell a deployment that has finished from one that was cancelled.
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::ReadinessUnknown));
    see(&mut book, &ServiceView { running: 1, ..not_ready.clone() });
    assert_eq!(verdict(&book), ServiceVerdict::Open, "an instance may be started again");
    see(&mut book, &not_ready);
    // Where events come, one would have told that it finished.
    step(&mut book, OTHER);
    book.services.get_mut("/a").expect("it is there").others.clear();
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::EndedUnfinished));
    book.was_interrupted = true;
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::ReadinessUnknown));
}

#[test]
fn a_vanished_deployment_that_left_instances_missing_did_not_finish() {
    let mut book = book();
    list(&mut book, &[OURS]);
    list(&mut book, &[]);
    see(&mut book, &running(1));
    assert_eq!(verdict(&book), ServiceVerdict::Open, "the next answer may show it");
    see(&mut book, &running(1));
    see(&mut book, &running(1));
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::EndedUnfinished));
}

#[test]
fn what_ran_and_fails_after_the_end_was_not_cancelled() {
    let mut book = book();
    list(&mut book, &[OURS]);
    see(&mut book, &running(2));
    list(&mut book, &[]);
    for _ in 0..9 {
        see(&mut book, &running(1));
        assert_eq!(verdict(&book), ServiceVerdict::Open, "Marathon starts it again");
    }
    let reason = crate::deploy::stall::reason(&book.services["/a"], &book).expect("it waits");
    assert_eq!(
        reason,
        "1 of 2 instances run; all instances ran, and this came after deployment ours was gone, of which nothing told how it \
         ended"
    );
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Done);
    // Where events come, one would have told that it finished.
    step(&mut book, OTHER);
    book.services.get_mut("/a").expect("it is there").others.clear();
    for _ in 0..3 {
        see(&mut book, &running(1));
    }
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::EndedUnfinished));
    // A deployment that is asked for anew has to bring it anew.
    book.was_interrupted = true;
    book.ask(OTHER, &["/a".to_owned()]);
    list(&mut book, &[OTHER]);
    list(&mut book, &[]);
    for _ in 0..3 {
        see(&mut book, &running(1));
    }
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::EndedUnfinished));
}

#[test]
fn a_cancelled_deployment_is_never_green() {
    let mut book = book();
    step(&mut book, OURS);
    assert!(failure(&mut book, OURS));
    assert!(!failure(&mut book, OURS), "the same event again tells nothing new");
    // A success that comes late, or out of order, does not help.
    success(&mut book, OURS);
    for _ in 0..3 {
        see(&mut book, &running(2));
    }
    let reason = "The upgrade has been cancelled".to_owned();
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::Cancelled { reason }));
}

#[test]
fn a_refused_deployment_of_somebody_else_means_nothing() {
    // A 409 sends `deployment_failed` with an id that nobody was told.
    let mut book = book();
    assert!(!failure(&mut book, "unknown"));
    success(&mut book, OURS);
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Done);
}

#[test]
fn another_deployment_on_top_is_named() {
    let mut book = book();
    step(&mut book, OURS);
    failure(&mut book, OURS);
    step(&mut book, OTHER);
    let posted =
        Event::Posted { app: "/a".to_owned(), version: "v3".to_owned(), client: "10.0.0.9".to_owned() };
    see(&mut book, &running(1));
    book.event(&posted);
    let by = Some("10.0.0.9".to_owned());
    let overridden = ServiceVerdict::Failed(Failed::OverriddenBy { deployment: OTHER.to_owned(), by });
    assert_eq!(verdict(&book), overridden);
    for _ in 0..2 {
        see(&mut book, &changed());
    }
    assert_eq!(verdict(&book), overridden);
}

#[test]
fn the_lock_holder_from_before_overrides_nothing() {
    let mut book = book();
    book.earlier.insert(OTHER.to_owned());
    step(&mut book, OTHER);
    failure(&mut book, OURS);
    for _ in 0..2 {
        see(&mut book, &running(2));
    }
    assert!(matches!(verdict(&book), ServiceVerdict::Failed(Failed::Cancelled { .. })));
}

#[test]
fn the_definition_from_before_means_rolled_back() {
    let mut book = book();
    failure(&mut book, OURS);
    let previous = ServiceView { is_previous: true, ..changed() };
    see(&mut book, &previous);
    assert_eq!(verdict(&book), ServiceVerdict::Open, "one answer is not enough");
    see(&mut book, &previous);
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::RolledBack { by: None }));
}

#[test]
fn what_finished_and_changed_nothing_was_not_rolled_back() {
    // A proxy that keeps back what is new.
    let mut book = book();
    success(&mut book, OURS);
    let previous = ServiceView { is_previous: true, ..changed() };
    for _ in 0..2 {
        see(&mut book, &previous);
    }
    let failed = Failed::Changed { paths: "/cmd".to_owned(), by: None };
    let words = failed.words(&book.services["/a"]);
    assert_eq!(words, "the server holds the definition from before and not what was sent: /cmd differ");
    assert_eq!(verdict(&book), ServiceVerdict::Failed(failed));
    step(&mut book, OTHER);
    let by = Some(OTHER.to_owned());
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::RolledBack { by }));
}

#[test]
fn another_definition_is_never_green() {
    let mut book = book();
    success(&mut book, OURS);
    for _ in 0..2 {
        see(&mut book, &changed());
    }
    let paths = "/cmd".to_owned();
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::Changed { paths, by: None }));
}

#[test]
fn a_missing_service_was_deleted_or_forgotten() {
    let mut book = book();
    let miss = |book: &mut Book| book.services.get_mut("/a").expect("it is there").miss();
    miss(&mut book);
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    miss(&mut book);
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::Deleted));
    book.lost_memory = true;
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::ServerLostMemory));
}

#[test]
fn what_nothing_was_sent_for_has_to_run_as_well() {
    // The second deploy of an app that was never placed.
    let mut book = book();
    book.services.get_mut("/a").expect("it is there").deployment = None;
    see(&mut book, &running(0));
    assert_eq!(verdict(&book), ServiceVerdict::Open);
    see(&mut book, &running(2));
    assert_eq!(verdict(&book), ServiceVerdict::Done);
}

#[test]
fn a_removal_is_done_when_the_service_is_gone_and_its_deployment_has_ended() {
    let mut book = book();
    book.services.get_mut("/a").expect("it is there").wanted = Awaited::Gone;
    let miss = |book: &mut Book| book.services.get_mut("/a").expect("it is there").miss();
    miss(&mut book);
    assert_eq!(verdict(&book), ServiceVerdict::Open, "its tasks may still run");
    success(&mut book, OURS);
    miss(&mut book);
    assert_eq!(verdict(&book), ServiceVerdict::Done);
    for _ in 0..3 {
        see(&mut book, &running(2));
    }
    assert_eq!(verdict(&book), ServiceVerdict::Failed(Failed::EndedUnfinished));
}
