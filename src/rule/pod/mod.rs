//! Pods: the rules of the canonical API, then what fails in conversion, then the rules of the model. The tree of groups
//! adds nothing for a pod that is sent alone.

mod bench;
mod container;
mod conversion;
mod health;
mod linux;
mod model;
mod network;
mod placement;
mod secret;
#[cfg(test)]
mod tests;
mod volume;

use std::borrow::Cow;

use crate::rule::shared::{EMPTY_ID, ID_OUTSIDE_GROUP, RESERVED_ID, first_repeat};
use crate::schema::{integer, table};
use crate::source::Value;
use crate::target::{Release, Settings};

use super::fields::Fields;
use super::id::PathId;
use super::{Judge, Rule};

use bench::Bench;
use container::Container;
use network::Network;
use volume::Volume;

static RELATIVE_ID: Rule = Rule::verdict("relative-pod-id", "A pod's id starts with a slash");
static EMPTY_USER: Rule = Rule::verdict("empty-user", "A pod's user has a name or is not given");
static NEGATIVE_INSTANCES: Rule = Rule::verdict("negative-instances", "The number of instances is 0 or more");

/// A pod as its rules see it. Fields that the release does not know are not there.
struct Pod<'a> {
    fields: Fields<'a>,
    scheduling: Option<Fields<'a>>,
    networks: Vec<Network<'a>>,
    volumes: Vec<Volume<'a>>,
    containers: Vec<Container<'a>>,
}

impl<'a> Pod<'a> {
    fn of(root: Value<'a>, release: Release) -> Self {
        let fields = Fields::of(root, &table::POD);
        Self {
            scheduling: fields.object("scheduling", &table::POD_SCHEDULING_POLICY),
            networks: fields.list("networks").map(Network::of).collect(),
            volumes: fields.list("volumes").map(|value| Volume::of(value, release)).collect(),
            containers: fields.list("containers").map(Container::of).collect(),
            fields,
        }
    }

    /// Whether it keeps data on agents, and so has instances that belong where they are.
    fn is_resident(&self) -> bool {
        self.volumes.iter().any(Volume::is_persistent)
    }
}

/// Judges one pod, sent alone.
pub(super) fn judge(root: Value<'_>, settings: &Settings, judge: &mut Judge) {
    let pod = Pod::of(root, settings.release);
    let mut bench = Bench::new(judge, settings);

    let has_failed_to_parse = volume::parse(&pod, &mut bench) | placement::parse(&pod, &mut bench);
    if has_failed_to_parse {
        return;
    }
    id(&pod, &mut bench);
    if let Some(user) = pod.fields.get("user").filter(|user| user.is_str("")) {
        bench
            .refuse(&EMPTY_USER, user, "/user", "must not be empty")
            .tell("a user without a name", "remove `user`: the default is the one Marathon runs tasks as");
    }
    secret::judge(&pod, &mut bench);
    volume::judge(&pod, &mut bench);
    container::judge(&pod, &mut bench);
    network::judge(&pod, &mut bench);
    placement::judge(&pod, &mut bench);
    scaling(&pod, &mut bench);
    if let Some(info) = pod.fields.get("linuxInfo").filter(|_| bench.knows(Release::V1_9)) {
        linux::judge_pod(info, &mut bench);
    }

    conversion::judge(&pod, &mut bench);
    model::judge(&pod, &mut bench);
}

fn id(pod: &Pod<'_>, bench: &mut Bench<'_>) {
    let (Some(at), Some(text)) = (pod.fields.get("id"), pod.fields.text("id")) else { return };
    let id = PathId::parse(&text);
    let is_reserved = match bench.settings.release {
        // Observed on 1.5.9; the words came with 1.5.13.
        release if release < Release::V1_6 => false,
        release if release < Release::V1_9 => {
            id.is_reserved() && !id.segments.last().is_some_and(|last| last.starts_with('.'))
        }
        _ => id.is_reserved(),
    };
    if is_reserved {
        let words = if bench.knows(Release::V1_9) { ", ., .." } else { "" };
        let last = id.segments.last().map_or("", String::as_str);
        bench
            .refuse(
                &RESERVED_ID,
                at,
                "/id",
                format!(
                    "must not end with any of the following reserved keywords: restart, tasks, versions{words}"
                ),
            )
            .tell(format!("the id ends with `{last}`, a word of Marathon's own addresses"), "name it otherwise");
    }
    let parent = id.parent();
    if id.absolute && id.canonical(&parent).parent() != parent {
        let text = if bench.knows(Release::V1_9) {
            format!("Identifier is not child of '{parent}'")
        } else {
            format!("Identifier is not child of {parent}. Hint: use relative paths.")
        };
        let id = id.canonical(&parent);
        bench
            .refuse(&ID_OUTSIDE_GROUP, at, "/id", text)
            .tell("`..` in a pod's id leads out of its group", format!("write \"{id}\""));
    }
    if !id.absolute {
        bench
            .refuse(&RELATIVE_ID, at, "/id", "Path needs to be absolute")
            .tell("a pod's id starts with a slash", format!("write \"/{id}\""));
    }
    if id.is_root() {
        bench
            .refuse(&EMPTY_ID, at, "/id", "Path must contain at least one path element")
            .tell("this is the id of the root group", "name the pod: \"/my-pod\"");
    }
}

fn scaling(pod: &Pod<'_>, bench: &mut Bench<'_>) {
    let scaling = pod.fields.object("scaling", &table::POD_SCALING_POLICY);
    let Some(at) = scaling.and_then(|scaling| scaling.get("instances")) else { return };
    // What is no 32-bit integer is read as 1.
    if let Some(instances) = at.as_number().and_then(|number| integer(number, false)).filter(|&n| n < 0) {
        bench
            .refuse(
                &NEGATIVE_INSTANCES,
                at,
                "/scaling/instances",
                format!("got {instances}, expected 0 or more"),
            )
            .tell(format!("there cannot be {instances} instances"), "write 0 or more");
    }
}

/// An integer that the parser has taken.
fn int(value: Value<'_>) -> Option<i64> {
    integer(value.as_number()?, true)
}

/// The text of a required field.
fn name<'a>(fields: &Fields<'a>) -> Cow<'a, str> {
    fields.text("name").unwrap_or_default()
}
