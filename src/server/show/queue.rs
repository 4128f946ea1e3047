//! The launch queue (`QueueInfoConversion`, 1.11).

use serde_json::{Value as Json, json};

use super::{app, pod};
use crate::server::simulate::offer::DeclineReason;
use crate::server::simulate::run::{LaunchDelay, Offers, ServiceRun};
use crate::server::world::World;

/// All services that have something to launch.
pub(crate) fn queue(world: &World, with_offers: bool) -> Json {
    let waiting = world.runs.values().filter(|run| run.has_waiting());
    let items: Json = waiting.map(|run| item(world, run, with_offers)).collect();
    json!({"queue": items})
}

fn item(world: &World, run: &ServiceRun, with_offers: bool) -> Json {
    let waiting = run.waiting();
    let Some(spec) = waiting.clone().next_back().map(|each| &each.spec) else { return Json::Null };
    let spec =
        world.specs.get(&spec.id).filter(|latest| latest.configured == spec.configured).unwrap_or(spec);
    let deadline = run.delay.map_or(world.now, LaunchDelay::deadline);
    let mut item = json!({
        "count": waiting.count(),
        "role": spec.role(),
        "delay": {"timeLeftSeconds": deadline.since(world.now) / 1_000, "overdue": deadline <= world.now},
        "since": run.since.to_string(),
        "processedOffersSummary": summary(run),
    });
    if with_offers {
        item["lastUnusedOffers"] = last_offers(world, &run.offers);
    }
    if spec.is_pod() {
        item["pod"] = pod::pod(spec).into();
    } else {
        item["app"] = app::app(spec, true).into();
    }
    item
}

fn summary(run: &ServiceRun) -> Json {
    let offers = &run.offers;
    let last = |reason| {
        let of_reason = offers.last.values().filter(|unused| unused.reasons.first() == Some(&reason));
        u64::try_from(of_reason.count()).unwrap_or(u64::MAX)
    };
    let in_all = |reason| offers.declined.get(&reason).copied().unwrap_or(0);
    let mut summary = json!({
        "processedOffersCount": offers.processed,
        "unusedOffersCount": offers.unused,
        "rejectSummaryLastOffers": funnel(u64::try_from(offers.last.len()).unwrap_or(u64::MAX), last),
        "rejectSummaryLaunchAttempt": funnel(offers.processed, in_all),
    });
    for (name, time) in [("lastUnusedOfferAt", offers.last_unused), ("lastUsedOfferAt", offers.last_used)] {
        if let Some(time) = time {
            summary[name] = time.to_string().into();
        }
    }
    summary
}

/// How many offers each reason declined, of those that the reasons before it let through.
fn funnel(mut processed: u64, declined: impl Fn(DeclineReason) -> u64) -> Json {
    let step = |reason: &DeclineReason| {
        let count = declined(*reason);
        let step = json!({"reason": reason.name(), "declined": count, "processed": processed});
        processed = processed.saturating_sub(count);
        step
    };
    DeclineReason::ALL.iter().map(step).collect()
}

fn last_offers(world: &World, offers: &Offers) -> Json {
    let shown = offers.last.iter().filter_map(|(index, unused)| {
        let agent = world.agents.get(*index)?;
        let left = [
            ("cpus", agent.cpus - agent.used.cpus),
            ("mem", agent.mem - agent.used.mem),
            ("disk", agent.disk - agent.used.disk),
        ];
        let scalar = |(name, value): (&str, f64)| json!({"name": name, "role": agent.role, "scalar": value});
        let mut resources: Vec<Json> = left.into_iter().map(scalar).collect();
        let (begin, end) = agent.ports;
        resources
            .push(json!({"name": "ports", "role": agent.role, "ranges": [{"begin": begin, "end": end}]}));
        if agent.gpus > 0.0 {
            resources.push(scalar(("gpus", agent.gpus - agent.used.gpus)));
        }
        let attribute = |(name, text): (&String, &String)| json!({"name": name, "text": text});
        let attributes: Json = agent.attributes.iter().map(attribute).collect();
        let reasons: Json = unused.reasons.iter().map(|reason| reason.name()).collect();
        let offer = json!({
            "id": unused.offer,
            "hostname": agent.hostname,
            "agentId": agent.id,
            "resources": resources,
            "attributes": attributes,
        });
        Some(json!({"offer": offer, "reason": reasons, "timestamp": unused.at.to_string()}))
    });
    shown.collect()
}
