//! What a deployment in colours will do, and how it ended, in words.

use std::time::Duration;

use super::super::super::Exit;
use super::super::lock;
use super::super::outcome::{Outcome, STORED, ServiceOutcome};
use crate::deploy::colour::{Colour, Halt, Job, Member, Pairable};
use crate::target::Settings;
use crate::util::text::{self, instances};

/// What is known of a deployment in colours while it goes on.
pub(super) struct ColourEnd {
    /// The old app, where there is one.
    pub(super) old: Option<String>,
    /// The old app has the labels without which marathon-lb must not see it changed.
    pub(super) old_is_known: bool,
    /// The new app.
    pub(super) new: String,
    /// How many instances the old app had before.
    pub(super) before: u64,
    /// How many instances the new app has in the end.
    pub(super) instances: u64,
    /// The new app was created.
    pub(super) is_created: bool,
    /// All instances were moved, and the old app is gone.
    pub(super) is_moved: bool,
    action: &'static str,
    canary: Option<u64>,
}

/// The colour beside an app; blue where there is none, or it has no colour.
pub(super) fn next_colour(old: Option<&Member>) -> Colour {
    old.and_then(|old| old.colour).map_or(Colour::Blue, Colour::other)
}

impl ColourEnd {
    pub(super) fn new(wanted: &Pairable, job: &Job) -> Self {
        let mut end = Self {
            old: None,
            old_is_known: false,
            new: wanted.id_of(next_colour(None)),
            before: 0,
            instances: wanted.instances,
            is_created: false,
            is_moved: false,
            action: "create",
            canary: None,
        };
        match job {
            Job::First | Job::Nothing(..) => {}
            Job::Replace(old, canary) => {
                end.new = wanted.id_of(next_colour(Some(old)));
                (end.before, end.canary) = (old.instances, *canary);
                end.old_is_known = old.target.is_some();
                end.old = Some(old.id.clone());
            }
            Job::Continue(pair, canary) => {
                end.canary = *canary;
                end.of_pair(pair);
            }
            Job::Abort(pair) => {
                end.of_pair(pair);
                end.action = "remove";
            }
            Job::Scale(member, _) => {
                end.new.clone_from(&member.id);
                end.action = "scale";
            }
        }
        end
    }

    fn of_pair(&mut self, pair: &crate::deploy::colour::Pair) {
        self.before = super::before(pair);
        self.old_is_known = pair.old.target.is_some();
        self.old = Some(pair.old.id.clone());
        self.new.clone_from(&pair.new.id);
        self.is_created = true;
    }

    /// Whether what was done can be undone: something was created, and what ran before still runs.
    pub(super) fn can_go_back(&self) -> bool {
        self.is_created && !self.is_moved && self.action == "create"
    }

    /// All went as it should.
    pub(super) fn done(&self, stable: Duration) -> Outcome {
        let steady =
            if stable.is_zero() { String::new() } else { format!(", and did so for {}", text::time(stable)) };
        let (new, number) = (&self.new, instances(self.instances));
        let runs = |how: &str| match self.instances {
            0 => format!("{new} is stored {how} with {number}"),
            _ => format!("{new} runs {how} with {number}{steady}"),
        };
        let sentence = match (&self.old, self.action, self.canary) {
            (Some(old), "remove", _) => {
                format!("aborted: {}, and {new} is deleted", has_again(old, self.before))
            }
            (Some(old), _, Some(canary)) => format!(
                "canary: {new} runs as sent with {}, up in every HAProxy{steady}; {old} keeps the others: --promote \
                 completes it, --abort goes back",
                instances(canary)
            ),
            (Some(old), ..) => {
                format!("deployed: {}; {old} has no sessions left and is deleted", runs("as sent"))
            }
            (None, "scale", _) => format!("scaled: {}", runs("as written")),
            (None, ..) => {
                format!("deployed: {}; it is the first of its group", runs("as sent"))
            }
        };
        let services = match (&self.old, self.action) {
            (Some(old), "remove") => {
                vec![service(old, "scale", result(self.before)), service(new, "remove", "removed")]
            }
            (Some(old), _) if self.canary.is_none() => {
                vec![service(new, "create", result(self.instances)), service(old, "remove", "removed")]
            }
            (Some(old), _) => vec![service(new, "create", "runs"), service(old, "scale", "runs")],
            (None, action) => vec![service(new, action, result(self.instances))],
        };
        Outcome::new(Exit::Fine, sentence, services)
    }

    /// It stopped, and all stays as it is.
    pub(super) fn halted(&self, halt: &Halt) -> Outcome {
        let exit = match halt {
            Halt::Failed { is_late: true, .. }
            | Halt::NotUp(_)
            | Halt::Undrained(_)
            | Halt::NotDeleted(_) => Exit::TimedOut,
            Halt::Failed { .. } => Exit::Failed,
            Halt::Locked(..) => Exit::Locked,
            Halt::Refused(_, refusal) if refusal.is_uncertain() => Exit::Uncertain,
            Halt::Refused(..) => Exit::Refused,
            Halt::Silent(_) => Exit::Uncertain,
            Halt::Interrupted => Exit::Interrupted,
        };
        let reason = reason_of(halt);
        let sentence = match halt {
            Halt::Interrupted => format!("interrupted: {}", self.how_to_go_on()),
            Halt::NotDeleted(_) => {
                format!(
                    "all instances were moved, but one app is not deleted: {reason}; the same command goes on"
                )
            }
            // How far it is, the next run sees.
            Halt::Refused(_, refusal) if refusal.is_uncertain() => {
                format!("{reason}; the same command goes on")
            }
            _ => format!("{}: {reason}; {}", self.failed_words(halt), self.how_to_go_on()),
        };
        Outcome::new(exit, sentence, self.failed(halt, &reason))
    }

    /// It failed, and the old app was to get all back.
    pub(super) fn went_back(&self, halt: &Halt, problem: Option<&Halt>) -> Outcome {
        let reason = reason_of(halt);
        let failed = format!("failed: {reason}");
        let (exit, words) = match (problem, &self.old) {
            (None, Some(old)) => (
                Exit::RolledBack,
                format!("rolled back: {}, and {} is deleted", has_again(old, self.before), self.new),
            ),
            (None, None) => {
                (Exit::RolledBack, format!("rolled back: {} is deleted, nothing ran before", self.new))
            }
            (Some(Halt::Interrupted), _) => {
                (Exit::Interrupted, format!("the way back was interrupted: {}", self.how_to_go_on()))
            }
            (Some(problem), _) => (
                Exit::NotRolledBack,
                format!("not rolled back: {}; {}", reason_of(problem), self.how_to_go_on()),
            ),
        };
        Outcome::new(exit, format!("{failed}; {words}"), self.failed(halt, &reason))
    }

    fn failed_words(&self, halt: &Halt) -> &'static str {
        match halt {
            Halt::Silent(_) => "it is not known how it ended",
            Halt::Undrained(_) => "stopped where it is",
            _ if self.is_moved => "moved, but",
            _ => "failed",
        }
    }

    /// What runs, and what the user can do.
    fn how_to_go_on(&self) -> String {
        match &self.old {
            _ if self.is_moved => format!("{} has all traffic", self.new),
            None if self.is_created => format!("{} stays as it is", self.new),
            Some(old) if self.is_created && self.action == "remove" => {
                format!("{old} and {} stay as they are: the same command goes on", self.new)
            }
            Some(old) if self.is_created => format!(
                "{old} and {} stay as they are: the same command goes on, --abort goes back to {old}",
                self.new
            ),
            _ => "nothing was changed".to_owned(),
        }
    }

    fn failed(&self, halt: &Halt, reason: &str) -> Vec<ServiceOutcome> {
        let result = match halt {
            Halt::Refused(..) | Halt::Locked(..) => "refused",
            Halt::Interrupted | Halt::Silent(_) => "unknown",
            Halt::Failed { is_late: false, .. } => "failed",
            _ => "timed-out",
        };
        let mut failed = service(&self.new, self.action, result);
        failed.reason = Some(reason.to_owned());
        vec![failed]
    }
}

/// Why it stopped.
fn reason_of(halt: &Halt) -> String {
    match halt {
        Halt::Locked(id, holders) => format!("{id} is locked by {}", lock::holders(holders)),
        _ => halt.words(),
    }
}

/// Nothing had to be done.
pub(super) fn nothing(members: &[Member], words: &str) -> Outcome {
    let services =
        members.iter().map(|member| service(&member.id, "nothing", result(member.instances))).collect();
    Outcome::new(Exit::Fine, format!("nothing to do: {words}"), services)
}

/// What is told of an app that has this many instances, as it should.
fn result(instances: u64) -> &'static str {
    if instances == 0 { STORED } else { "runs" }
}

/// That an app has its instances from before, or none, as before.
fn has_again(old: &str, before: u64) -> String {
    match before {
        0 => format!("{old} is stopped again, with 0 instances as before"),
        _ => format!("{old} has all its {} again", instances(before)),
    }
}

fn service(id: &str, action: &'static str, result: &'static str) -> ServiceOutcome {
    ServiceOutcome {
        id: id.to_owned(),
        action,
        deployment: None,
        result,
        reason: None,
        version: None,
        is_readiness_unknown: false,
    }
}

/// The apps that it is about.
pub(super) fn ids(wanted: &Pairable, job: &Job) -> Vec<String> {
    let end = ColourEnd::new(wanted, job);
    end.old.into_iter().chain([end.new]).collect()
}

/// What will be done, in words.
pub(super) fn plan(wanted: &Pairable, job: &Job, settings: &Settings) -> String {
    let end = ColourEnd::new(wanted, job);
    let new = &end.new;
    let from = |old: &Member| wanted.difference(old, settings);
    match job {
        Job::Nothing(_, words) => words.clone(),
        Job::First => format!("create {new}: {}", starts(wanted.instances)),
        Job::Scale(member, number) => format!("scale {new}: from {} to {number}", member.instances),
        Job::Replace(old, canary) => {
            let changed = from(old).map(|paths| format!(" (changed: {paths})")).unwrap_or_default();
            let what = moves(&old.id, new, old.instances, *canary, wanted.instances);
            format!("create {new}{changed}: {what}")
        }
        Job::Continue(pair, canary) => {
            let target = pair.new.target.unwrap_or(pair.old.instances);
            let what = moves(&pair.old.id, new, target, *canary, wanted.instances);
            format!(
                "go on: {} has {}, {new} has {}: {what}",
                pair.old.id,
                instances(pair.old.instances),
                instances(pair.new.instances)
            )
        }
        Job::Abort(pair) => format!(
            "go back: {} has {} and gets {}; {new} has {} and is deleted",
            pair.old.id,
            instances(pair.old.instances),
            instances(end.before),
            instances(pair.new.instances)
        ),
    }
}

fn moves(old: &str, new: &str, target: u64, canary: Option<u64>, written: u64) -> String {
    if let Some(number) = canary {
        return format!("takes over {} of {target} from {old}, which keeps the others", instances(number));
    }
    if target == 0 {
        return format!("{}, then {old}, which has no instances, is deleted", starts(written));
    }
    let then = if target == written { String::new() } else { format!("; then {new} scales to {written}") };
    format!("takes over {} from {old} in steps, then {old} is deleted{then}", instances(target))
}

fn starts(number: u64) -> String {
    if number == 0 { "starts no instance".to_owned() } else { format!("starts {}", instances(number)) }
}
