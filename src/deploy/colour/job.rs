//! What a run has to do, from the state of the group and what the user asks for.

use super::prepare::Pairable;
use super::state::{ColourStage, Course, Member, Pair};
use crate::target::Settings;

/// How a new version gets the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// All instances are moved.
    BlueGreen,
    /// This many instances are moved, and both versions go on; without a number the one under way.
    Canary(Option<u64>),
    /// A canary gets all instances.
    Promote,
    /// What was there before gets all instances back.
    Abort,
}

/// What the user asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// How.
    pub strategy: Strategy,
    /// The number of instances stays as it is.
    pub keep_instances: bool,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Job {
    /// The first app of the group is created.
    First,
    /// A new app is created and takes over from this one; only this many instances where that is given.
    Replace(Box<Member>, Option<u64>),
    /// A deployment goes on; the canary gets only this many instances where that is given.
    Continue(Box<Pair>, Option<u64>),
    /// All goes back to the old app.
    Abort(Box<Pair>),
    /// The app gets another number of instances.
    Scale(Box<Member>, u64),
    /// Nothing: in words, why.
    Nothing(Vec<Member>, String),
}

/// Why nothing is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another deployment of the group is under way.
    UnderWay(String),
    /// What the user asks for is not possible.
    Impossible(String),
}

/// What has to be done.
///
/// # Errors
/// When another deployment is under way, or the request fits nothing that runs.
pub(crate) fn job(
    stage: ColourStage,
    wanted: &Pairable,
    request: Request,
    settings: &Settings,
) -> Result<Job, Refused> {
    match stage {
        ColourStage::Empty => match request.strategy {
            Strategy::BlueGreen | Strategy::Canary(_) => Ok(Job::First),
            Strategy::Promote | Strategy::Abort => Err(Refused::Impossible(format!(
                "no app of the deployment group {} runs: there is nothing to promote or to abort",
                wanted.group
            ))),
        },
        ColourStage::Alone(member) => alone(member, wanted, request, settings),
        ColourStage::Between(pair) => between(pair, wanted, request, settings),
    }
}

fn alone(
    member: Box<Member>,
    wanted: &Pairable,
    request: Request,
    settings: &Settings,
) -> Result<Job, Refused> {
    if request.strategy == Strategy::Abort {
        let is = if member.instances == 0 { "is there, with 0 instances" } else { "runs" };
        let words = format!("no deployment is under way: only {} {is}", member.id);
        return Ok(Job::Nothing(vec![*member], words));
    }
    let Some(paths) = wanted.difference(&member, settings) else {
        if request.keep_instances || member.instances == wanted.instances {
            let is = if member.instances == 0 {
                "is stored as written, with 0 instances"
            } else {
                "runs as written"
            };
            let words = format!("{} {is}", member.id);
            return Ok(Job::Nothing(vec![*member], words));
        }
        return Ok(Job::Scale(member, wanted.instances));
    };
    if member.public_port.is_some_and(|port| port != wanted.public_port) {
        let port = member.public_port.unwrap_or_default();
        return Err(Refused::Impossible(format!(
            "{} has the service port {port}, and the definition {}: both apps of a pair need the same",
            member.id, wanted.public_port
        )));
    }
    match request.strategy {
        Strategy::Promote => Err(Refused::Impossible(format!(
            "there is no canary to promote: only {} runs, and the definition is another one: {paths} differ",
            member.id
        ))),
        Strategy::Canary(None) => {
            Err(Refused::Impossible("--canary N is missing: how many instances the canary has".to_owned()))
        }
        Strategy::Canary(Some(number)) if number >= member.instances => Err(Refused::Impossible(format!(
            "a canary of {number} needs more than {number} instances of {}, which has {}",
            member.id, member.instances
        ))),
        Strategy::Canary(Some(_)) if member.target.is_none() => Err(Refused::Impossible(format!(
            "{} was not deployed in colours, and marathon-lb fails for a canary beside it: deploy once with --strategy \
             blue-green",
            member.id
        ))),
        Strategy::Canary(number) => Ok(Job::Replace(member, number)),
        Strategy::BlueGreen | Strategy::Abort => Ok(Job::Replace(member, None)),
    }
}

fn between(
    pair: Box<Pair>,
    wanted: &Pairable,
    request: Request,
    settings: &Settings,
) -> Result<Job, Refused> {
    if request.strategy == Strategy::Abort {
        return Ok(Job::Abort(pair));
    }
    let (old, new) = (&pair.old.id, &pair.new.id);
    if let Some(paths) = wanted.difference(&pair.new, settings) {
        let is_old = wanted.difference(&pair.old, settings).is_none();
        let hint = if is_old { format!("; the definition is that of {old}") } else { String::new() };
        return Err(Refused::UnderWay(format!(
            "a deployment from {old} to {new} is under way, and {new} is not this definition: {paths} differ{hint}; \
             complete it with the definition of {new} first, or go back to {old} with --abort"
        )));
    }
    match (request.strategy, pair.course) {
        (Strategy::Promote, _) | (Strategy::BlueGreen, Course::Moving) => Ok(Job::Continue(pair, None)),
        // A canary that was promoted is on its way to all instances.
        (Strategy::Canary(_), Course::Moving) if pair.new.new_instances > 0 => Ok(Job::Continue(pair, None)),
        (Strategy::Canary(_), Course::Moving) => Err(Refused::UnderWay(format!(
            "a blue/green deployment from {old} to {new} is under way: --strategy blue-green goes on with it, --abort goes \
             back to {old}"
        ))),
        (Strategy::Canary(Some(number)), Course::Becoming { instances } | Course::Hybrid { instances })
            if number != instances =>
        {
            Err(Refused::UnderWay(format!(
                "the canary {new} has {instances} instances, and their number cannot be changed: --promote completes it, \
                 --abort goes back to {old}"
            )))
        }
        (Strategy::Canary(_), Course::Becoming { instances }) => Ok(Job::Continue(pair, Some(instances))),
        (Strategy::Canary(_), Course::Hybrid { instances }) => {
            let words = format!(
                "{instances} of {} instances are the canary {new}: --promote completes it, --abort goes back to {old}",
                instances + pair.old.instances
            );
            Ok(Job::Nothing(vec![pair.old, pair.new], words))
        }
        (Strategy::BlueGreen | Strategy::Abort, Course::Becoming { .. } | Course::Hybrid { .. }) => {
            Err(Refused::UnderWay(format!(
                "{new} is a canary beside {old}: --promote completes it, --abort goes back to {old}"
            )))
        }
        (Strategy::Abort, Course::Moving) => Ok(Job::Abort(pair)),
    }
}

#[cfg(test)]
mod tests;
