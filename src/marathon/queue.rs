//! What waits for offers, and why: `GET /v2/queue`.

use serde::Deserialize;

use super::GetError;
use crate::http::{Client, Endpoint};

/// A service with instances to launch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queued {
    /// The app or pod.
    pub id: String,
    /// How many instances are to be launched.
    pub count: u64,
    /// How long Marathon waits before it tries again, in seconds; 0 while it waits for offers.
    pub delay: u64,
    /// How many offers were looked at since it is queued.
    pub offers: u64,
    /// Why the last offer of each agent was refused, in the order in which the reasons are checked.
    pub refusals: Vec<Refusal>,
}

/// A reason for which offers were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    /// Marathon's name of it: `InsufficientCpus`.
    pub reason: String,
    /// How many offers were refused for it.
    pub declined: u64,
    /// How many offers were checked for it.
    pub processed: u64,
}

#[derive(Deserialize)]
struct QueueBody {
    queue: Vec<QueueItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueItem {
    #[serde(default)]
    count: u64,
    #[serde(default)]
    delay: QueueDelay,
    #[serde(default)]
    processed_offers_summary: OfferSummary,
    app: Option<QueuedService>,
    pod: Option<QueuedService>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct QueueDelay {
    time_left_seconds: u64,
    overdue: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OfferSummary {
    processed_offers_count: u64,
    reject_summary_last_offers: Vec<Refusal>,
}

#[derive(Deserialize)]
struct QueuedService {
    id: String,
}

impl Client {
    /// What waits for offers.
    ///
    /// # Errors
    /// When there is no answer, or not one of a Marathon.
    pub(crate) fn queue(&self, endpoint: &Endpoint) -> Result<Vec<Queued>, GetError> {
        let json = self.get_json(endpoint, "v2/queue")?;
        let body: QueueBody =
            serde_json::from_value(json).map_err(|_| GetError::unexpected(endpoint, "v2/queue"))?;
        Ok(body.queue.into_iter().map(Queued::from).collect())
    }
}

impl From<QueueItem> for Queued {
    fn from(item: QueueItem) -> Self {
        let QueueDelay { time_left_seconds, overdue } = item.delay;
        Self {
            id: item.app.or(item.pod).map(|of| of.id).unwrap_or_default(),
            count: item.count,
            delay: if overdue { 0 } else { time_left_seconds },
            offers: item.processed_offers_summary.processed_offers_count,
            refusals: item.processed_offers_summary.reject_summary_last_offers,
        }
    }
}
