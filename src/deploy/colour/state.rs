//! The state of a deployment group, as the labels of its apps show it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::prepare::service_port;
use super::{COLOUR, Colour, GROUP, NEW_INSTANCES, PORT, STARTED_AT, TARGET};
use crate::deploy::plan::{PlannedService, stored};
use crate::marathon::Running;
use crate::normalize::Normalized;
use crate::source::Kind;
use crate::target::Settings;
use crate::util::text::listed;

/// An app of a deployment group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// Its id.
    pub id: String,
    /// Its colour; nothing for one that was deployed without.
    pub colour: Option<Colour>,
    /// When its deployment began; empty where no label tells.
    pub started_at: String,
    /// Its service port.
    pub service_port: Option<u64>,
    /// The port that clients use.
    pub public_port: Option<u64>,
    /// How many instances the pair has together, where a label tells.
    pub target: Option<u64>,
    /// How many instances it has as a canary; 0 where it is none.
    pub new_instances: u64,
    /// How many instances it should have.
    pub instances: u64,
    /// Its definition as the server has it.
    pub definition: Json,
}

impl Member {
    /// An app as it runs.
    pub(crate) fn of(running: &Running) -> Self {
        let definition = &running.definition;
        let label = |name: &str| definition.pointer("/labels")?.get(name)?.as_str();
        let number = |name: &str| label(name)?.trim().parse::<u64>().ok();
        let service_port = service_port(definition).filter(|port| *port > 0);
        Self {
            id: running.id().to_owned(),
            colour: label(COLOUR).and_then(Colour::of),
            started_at: label(STARTED_AT).unwrap_or_default().to_owned(),
            service_port,
            public_port: number(PORT).or(service_port),
            target: number(TARGET),
            new_instances: number(NEW_INSTANCES).unwrap_or(0),
            instances: running.wanted,
            definition: definition.clone(),
        }
    }

    /// The definition, comparable.
    pub(super) fn stored(&self, settings: &Settings) -> Normalized {
        stored(&self.definition, Kind::App, settings)
    }
}

/// The apps of a group, of all that run. marathon-lb puts a slash before a group without one.
pub(crate) fn members(group: &str, all: &BTreeMap<String, Running>) -> Vec<Member> {
    let is_in_group = |running: &&Running| {
        let label = running.definition.pointer("/labels").and_then(|labels| labels.get(GROUP));
        label.and_then(Json::as_str).is_some_and(|other| bare(other) == bare(group))
    };
    all.values().filter(is_in_group).map(Member::of).collect()
}

/// An app that a plan has, and the deployment group that it is in.
pub(crate) fn group_of(service: &PlannedService) -> Option<(&str, &str)> {
    let group = service.wanted.as_ref()?.value.pointer("/labels")?.get(GROUP)?.as_str()?;
    Some((&service.id, group))
}

/// That others of its deployment group run where an app is created without a strategy, in words.
pub(crate) fn beside(id: &str, group: &str, all: &BTreeMap<String, Running>) -> Option<String> {
    let others: Vec<String> =
        members(group, all).into_iter().map(|member| member.id).filter(|other| other != id).collect();
    let are = if others.len() == 1 { "is" } else { "are" };
    (!others.is_empty()).then(|| {
        format!(
            "{} {are} in the deployment group {group}, and {id} comes beside it for the same clients: `milepost deploy --strategy \
             blue-green` moves them over instead",
            listed(&others)
        )
    })
}

fn bare(group: &str) -> &str {
    group.strip_prefix('/').unwrap_or(group)
}

/// The state of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ColourStage {
    /// It has no app.
    Empty,
    /// It has one app: no deployment is under way.
    Alone(Box<Member>),
    /// It has two.
    Between(Box<Pair>),
}

/// Two apps of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    /// The one that was there first.
    pub old: Member,
    /// The one that takes over.
    pub new: Member,
    /// How far it is.
    pub course: Course,
}

/// How far a pair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// All instances are on their way to the new app.
    Moving,
    /// A canary is on its way to its number of instances.
    Becoming {
        /// That number.
        instances: u64,
    },
    /// A canary has its number of instances: both apps are meant to run.
    Hybrid {
        /// That number.
        instances: u64,
    },
}

/// Why the state of a group is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StageError {
    /// There are too many apps.
    #[error(
        "the deployment group {group} has {number} apps, not two at most: {ids}; remove those that are left over",
        number = .ids.len(), ids = listed(.ids)
    )]
    TooMany {
        /// The group.
        group: String,
        /// The apps.
        ids: Vec<String>,
    },
    /// Nothing tells which app is the new one.
    #[error(
        "{first} and {second} are in the deployment group {group}, and their labels {STARTED_AT} do not tell which one is \
         newer: remove one of them"
    )]
    SameAge {
        /// The group.
        group: String,
        /// One app.
        first: String,
        /// The other one.
        second: String,
    },
}

/// The state of a group of these apps.
///
/// # Errors
/// When it has more than two apps, or nothing tells which of two is the new one.
pub(crate) fn stage(group: &str, mut members: Vec<Member>) -> Result<ColourStage, StageError> {
    // As zdd.py sorts them: the times have one form.
    members.sort_by(|one, other| one.started_at.cmp(&other.started_at));
    let mut members = members.into_iter();
    match (members.next(), members.next(), members.len()) {
        (None, ..) => Ok(ColourStage::Empty),
        (Some(member), None, _) => Ok(ColourStage::Alone(Box::new(member))),
        (Some(old), Some(new), 0) if old.started_at == new.started_at => {
            Err(StageError::SameAge { group: group.to_owned(), first: old.id, second: new.id })
        }
        (Some(old), Some(new), 0) => {
            let course = course(&old, &new);
            Ok(ColourStage::Between(Box::new(Pair { old, new, course })))
        }
        (Some(one), Some(other), _) => {
            let ids = [one, other].into_iter().chain(members).map(|member| member.id).collect();
            Err(StageError::TooMany { group: group.to_owned(), ids })
        }
    }
}

fn course(old: &Member, new: &Member) -> Course {
    let instances = new.new_instances;
    if instances == 0 || new.instances > instances {
        // A canary with more instances than it was to have is on its way to all of them.
        return Course::Moving;
    }
    let left = new.target.unwrap_or_default().saturating_sub(instances);
    if new.instances == instances && old.instances <= left {
        Course::Hybrid { instances }
    } else {
        Course::Becoming { instances }
    }
}

#[cfg(test)]
mod tests;
