//! What waits for offers, and why: `GET /v2/queue`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::GetError;
use crate::http::{Client, Endpoint};

/// A service with instances to launch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Queued {
    /// The app or pod.
    pub id: String,
    /// How many instances are to be launched.
    pub count: u64,
    /// How long Marathon waits before it tries again, in seconds; 0 while it waits for offers.
    pub delay: u64,
    /// How many offers were looked at since it is queued.
    pub offers: u64,
    /// How many of them were used.
    pub used: u64,
    /// Why the last offer of each agent was refused, in the order in which the reasons are checked.
    pub refusals: Vec<OfferRefusal>,
    /// What an instance wants that an offer may lack, in words, by Marathon's name of the refusal.
    pub wanted: BTreeMap<&'static str, String>,
    /// How many CPUs an instance takes.
    pub cpus: f64,
    /// No agent has so many CPUs, whatever else runs there. The queue does not tell that.
    pub is_too_large: bool,
}

/// A reason for which offers were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct OfferRefusal {
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
    delay: Option<QueueDelay>,
    #[serde(default)]
    processed_offers_summary: OfferSummary,
    app: Option<Json>,
    pod: Option<Json>,
}

/// How long Marathon waits before it tries again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct QueueDelay {
    pub(super) time_left_seconds: u64,
    /// It waits for offers.
    pub(super) overdue: bool,
}

/// What has become of offers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct OfferSummary {
    pub(super) processed_offers_count: u64,
    pub(super) unused_offers_count: u64,
    pub(super) last_unused_offer_at: Option<String>,
    pub(super) last_used_offer_at: Option<String>,
    reject_summary_last_offers: Vec<OfferRefusal>,
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
        // Less than a second is told as 0, and is a back-off all the same.
        let delay = item.delay.filter(|delay| !delay.overdue).map(|delay| delay.time_left_seconds.max(1));
        let service = item.app.or(item.pod).unwrap_or_default();
        let OfferSummary { processed_offers_count: offers, unused_offers_count: unused, .. } =
            item.processed_offers_summary;
        Self {
            id: service.get("id").and_then(Json::as_str).unwrap_or_default().to_owned(),
            wanted: wanted(&service),
            cpus: amount(&service, "cpus"),
            is_too_large: false,
            count: item.count,
            delay: delay.unwrap_or(0),
            offers,
            used: offers.saturating_sub(unused),
            refusals: item.processed_offers_summary.reject_summary_last_offers,
        }
    }
}

/// What an instance of this app or pod wants that an offer may lack, in words, by Marathon's name of the refusal.
fn wanted(service: &Json) -> BTreeMap<&'static str, String> {
    let resources = [
        ("InsufficientCpus", "cpus", ""),
        ("InsufficientMemory", "mem", " MiB"),
        ("InsufficientDisk", "disk", " MiB"),
        ("InsufficientGpus", "gpus", ""),
    ];
    let mut wanted: BTreeMap<&'static str, String> = resources
        .into_iter()
        .map(|(reason, name, unit)| (reason, amount(service, name), unit))
        .filter(|(_, amount, _)| *amount > 0.0)
        .map(|(reason, amount, unit)| (reason, format!("{amount}{unit} wanted")))
        .collect();
    let list = |paths: [&str; 2]| {
        let found = paths.into_iter().find_map(|path| service.pointer(path)?.as_array());
        found
            .into_iter()
            .flatten()
            .map(words)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let lists = [
        ("UnfulfilledConstraint", list(["/constraints", "/scheduling/placement/constraints"])),
        ("UnfulfilledRole", list(["/acceptedResourceRoles", "/scheduling/placement/acceptedResourceRoles"])),
    ];
    wanted.extend(lists.into_iter().filter(|(_, words)| !words.is_empty()));
    wanted
}

/// What an instance takes of a resource; of a pod, all its containers and the executor.
pub(super) fn amount(service: &Json, name: &str) -> f64 {
    let number = |value: Option<&Json>| value.and_then(Json::as_f64).unwrap_or_default();
    let containers = service.get("containers").and_then(Json::as_array).into_iter().flatten();
    let of_containers = containers.map(|container| number(container.pointer(&format!("/resources/{name}"))));
    let of_executor = number(service.pointer(&format!("/executorResources/{name}")));
    let sum = number(service.get(name)) + of_executor + of_containers.sum::<f64>();
    // 0.1 and 0.2 are 0.3.
    (sum * 1e6).round() / 1e6
}

/// A role, or a constraint of an app (an array) or of a pod (an object).
fn words(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(parts) => parts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" "),
        Json::Object(constraint) => {
            let parts = ["fieldName", "operator", "value"].into_iter();
            parts.filter_map(|name| constraint.get(name)?.as_str()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_second_of_a_back_off_is_one() {
        let delay = |delay: Json| {
            let mut item = json!({"count": 1, "app": {"id": "/a"}});
            item["delay"] = delay;
            Queued::from(serde_json::from_value::<QueueItem>(item).expect("an item")).delay
        };
        assert_eq!(delay(json!({"timeLeftSeconds": 7, "overdue": false})), 7);
        assert_eq!(delay(json!({"timeLeftSeconds": 0, "overdue": false})), 1);
        assert_eq!(delay(json!({"timeLeftSeconds": 0, "overdue": true})), 0);
        assert_eq!(delay(Json::Null), 0);
    }

    #[test]
    fn what_is_wanted_is_told_of_apps_and_pods() {
        let app = json!({"id": "/a", "cpus": 0.5, "mem": 128.0, "disk": 0, "constraints": [["rack", "CLUSTER", "a"], ["hostname", "UNIQUE"]],
            "acceptedResourceRoles": ["public"]});
        let pod = json!({"id": "/p", "executorResources": {"cpus": 0.1, "mem": 32},
            "containers": [{"resources": {"cpus": 0.1, "mem": 64}}, {"resources": {"cpus": 0.1, "mem": 64, "gpus": 1}}],
            "scheduling": {"placement": {"constraints": [{"fieldName": "rack", "operator": "IS", "value": "b"}]}}});
        let shown = |service: &Json| {
            let all = wanted(service).into_iter().map(|(reason, words)| format!("{reason}: {words}"));
            all.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            shown(&app),
            "InsufficientCpus: 0.5 wanted; InsufficientMemory: 128 MiB wanted; UnfulfilledConstraint: rack CLUSTER a, \
             hostname UNIQUE; UnfulfilledRole: public"
        );
        assert_eq!(
            shown(&pod),
            "InsufficientCpus: 0.3 wanted; InsufficientGpus: 1 wanted; InsufficientMemory: 160 MiB wanted; \
             UnfulfilledConstraint: rack IS b"
        );
    }
}
