//! What waits for offers: `milepost debug list`, `summary` and `details`.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value as Json;

use super::{NOTHING, or_nothing};
use crate::http::{Client, Endpoint};
use crate::marathon::GetError;
use crate::marathon::queue::{OfferSummary, QueueDelay, amount};

/// The columns of the list.
pub(crate) const QUEUE_HEAD: [&str; 8] = [
    "ID",
    "SINCE",
    "INSTANCES TO LAUNCH",
    "WAITING",
    "PROCESSED OFFERS",
    "UNUSED OFFERS",
    "LAST UNUSED OFFER",
    "LAST USED OFFER",
];

/// The columns of the list of delays.
pub(crate) const DELAY_HEAD: [&str; 3] = ["ID", "INSTANCES TO LAUNCH", "SECONDS LEFT"];

/// The columns of the summary.
pub(crate) const SUMMARY_HEAD: [&str; 4] = ["RESOURCE", "REQUESTED", "MATCHED", "PERCENTAGE"];

/// The columns of the details.
pub(crate) const DETAILS_HEAD: [&str; 9] =
    ["HOSTNAME", "ROLE", "CONSTRAINTS", "CPUS", "MEM", "DISK", "PORTS", "SCARCE", "RECEIVED"];

/// The rows of the summary, with Marathon's names of the refusals.
const REASONS: [(&str, &str); 6] = [
    ("ROLE", "UnfulfilledRole"),
    ("CONSTRAINTS", "UnfulfilledConstraint"),
    ("CPUS", "InsufficientCpus"),
    ("MEM", "InsufficientMemory"),
    ("DISK", "InsufficientDisk"),
    ("PORTS", "InsufficientPorts"),
];

/// Marathon keeps an offer for services that need its scarce resources.
const SCARCE: &str = "DeclinedScarceResources";

/// A service with instances to launch.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueRow {
    #[serde(default)]
    count: u64,
    #[serde(default)]
    delay: QueueDelay,
    since: Option<String>,
    #[serde(default)]
    processed_offers_summary: OfferSummary,
    #[serde(default)]
    last_unused_offers: Vec<UnusedOffer>,
    #[serde(alias = "pod")]
    app: Json,
}

#[derive(Clone, Debug, Deserialize)]
struct UnusedOffer {
    offer: OfferBody,
    #[serde(default)]
    reason: Vec<String>,
    #[serde(default)]
    timestamp: String,
}

#[derive(Clone, Debug, Deserialize)]
struct OfferBody {
    #[serde(default)]
    hostname: String,
}

#[derive(Deserialize)]
struct QueueListing {
    queue: Vec<QueueRow>,
}

/// What waits, by id; with the last offer of each agent where that is asked for.
///
/// # Errors
/// When there is no answer, or not one of a Marathon.
pub(crate) fn queued(
    client: &Client,
    endpoint: &Endpoint,
    with_offers: bool,
) -> Result<Vec<QueueRow>, GetError> {
    let path = if with_offers { "v2/queue?embed=lastUnusedOffers" } else { "v2/queue" };
    let QueueListing { mut queue } = client.listed(endpoint, path)?;
    queue.sort_by(|one, other| one.id().cmp(other.id()));
    Ok(queue)
}

/// The ids of what waits for offers, not for the end of a delay.
///
/// # Errors
/// As [`queued`].
pub(super) fn waiting(client: &Client, endpoint: &Endpoint) -> Result<BTreeSet<String>, GetError> {
    let queue = queued(client, endpoint, false)?;
    Ok(queue.iter().filter(|row| row.waits()).map(|row| row.id().to_owned()).collect())
}

impl QueueRow {
    /// The app or pod.
    pub(crate) fn id(&self) -> &str {
        self.app.get("id").and_then(Json::as_str).unwrap_or_default()
    }

    /// Whether it waits for offers, not for the end of a delay.
    pub(crate) fn waits(&self) -> bool {
        self.delay.overdue
    }

    /// The cells of its row in the list.
    pub(crate) fn cells(&self) -> [String; 8] {
        let summary = &self.processed_offers_summary;
        [
            self.id().to_owned(),
            or_nothing(self.since.clone()),
            self.count.to_string(),
            self.waits().to_string(),
            summary.processed_offers_count.to_string(),
            summary.unused_offers_count.to_string(),
            or_nothing(summary.last_unused_offer_at.clone()),
            or_nothing(summary.last_used_offer_at.clone()),
        ]
    }

    /// The cells of its row in the list of delays.
    pub(crate) fn delay(&self) -> [String; 3] {
        [self.id().to_owned(), self.count.to_string(), self.delay.time_left_seconds.to_string()]
    }

    /// What it asks for, and how many of the agents' last offers have it: a row for each resource.
    pub(crate) fn summary(&self) -> impl Iterator<Item = [String; 4]> {
        let all = self.last_unused_offers.len();
        REASONS.into_iter().map(move |(resource, reason)| {
            let lacks = |offer: &&UnusedOffer| offer.reason.iter().any(|one| one == reason);
            let matched = all - self.last_unused_offers.iter().filter(lacks).count();
            [resource.to_owned(), self.requested(resource), format!("{matched}/{all}"), share(matched, all)]
        })
    }

    fn requested(&self, resource: &str) -> String {
        let at = |paths: &[&str]| paths.iter().find_map(|path| self.app.pointer(path)).cloned();
        match resource {
            "ROLE" => or_nothing(at(&["/role"]).and_then(|role| Some(role.as_str()?.to_owned()))),
            "CONSTRAINTS" => {
                let constraints = at(&["/constraints", "/scheduling/placement/constraints"]);
                let some = constraints.filter(|list| list.as_array().is_some_and(|list| !list.is_empty()));
                or_nothing(some.map(|list| list.to_string()))
            }
            "PORTS" => self.ports(),
            "CPUS" => amount(&self.app, "cpus").to_string(),
            "MEM" => amount(&self.app, "mem").to_string(),
            _ => amount(&self.app, "disk").to_string(),
        }
    }

    /// The ports that an agent must have free; any other ports are picked from its offer.
    fn ports(&self) -> String {
        let list = |path: &str| self.app.pointer(path).and_then(Json::as_array).into_iter().flatten();
        let numbers: Vec<String> = if self.app.get("containers").is_some() {
            let endpoints =
                list("/containers").filter_map(|container| container.get("endpoints")?.as_array()).flatten();
            endpoints.filter_map(|endpoint| Some(endpoint.get("hostPort")?.to_string())).collect()
        } else if self.app.get("requirePorts") == Some(&Json::Bool(true)) {
            list("/portDefinitions").filter_map(|port| Some(port.get("port")?.to_string())).collect()
        } else {
            list("/container/portMappings")
                .filter_map(|mapping| Some(mapping.get("hostPort")?.to_string()))
                .collect()
        };
        let fixed: Vec<String> = numbers.into_iter().filter(|number| number != "0").collect();
        format!("[{}]", fixed.join(", "))
    }

    /// The agents' last offers: a row for each, with `-` where it lacks what is asked for.
    pub(crate) fn details(&self) -> impl Iterator<Item = [String; 9]> {
        let reasons = REASONS.map(|(_, reason)| reason);
        self.last_unused_offers.iter().map(move |unused| {
            let mark = |reason: &str| {
                if unused.reason.iter().any(|one| one == reason) { "-" } else { "ok" }.to_owned()
            };
            let [role, constraints, cpus, mem, disk, ports] = reasons.map(mark);
            let (host, at) = (unused.offer.hostname.clone(), unused.timestamp.clone());
            [host, role, constraints, cpus, mem, disk, ports, mark(SCARCE), at]
        })
    }
}

/// A part of a number, in percent.
fn share(part: usize, all: usize) -> String {
    if all == 0 {
        return NOTHING.to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of agents")]
    let percent = part as f64 / all as f64 * 100.0;
    format!("{percent:.2}%")
}
