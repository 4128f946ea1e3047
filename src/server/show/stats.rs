//! Counts of tasks, and statistics of them (`TaskCounts`, `TaskStatsByVersion`, 1.11).

use serde_json::{Value as Json, json};

use crate::server::simulate::instance::{InstanceCondition, SimulatedInstance};
use crate::server::world::World;
use crate::server::world::spec::Spec;

/// How many tasks of an app are in which state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) staged: usize,
    pub(crate) running: usize,
    pub(crate) healthy: usize,
    pub(crate) unhealthy: usize,
}

impl Counts {
    pub(crate) fn of<'i>(instances: impl Iterator<Item = &'i SimulatedInstance>) -> Self {
        let mut counts = Self::default();
        for instance in instances {
            match instance.condition {
                InstanceCondition::Provisioned => counts.staged += 1,
                InstanceCondition::Running => counts.running += 1,
                _ => continue,
            }
            match instance.is_healthy() {
                Some(true) => counts.healthy += 1,
                Some(false) => counts.unhealthy += 1,
                None => {}
            }
        }
        counts
    }
}

/// The statistics of an app's tasks, in all and by version.
pub(crate) fn stats(world: &World, spec: &Spec) -> Json {
    let instances = world.instances(&spec.id);
    let launched = || instances.clone().filter(|each| !each.tasks.is_empty());
    let mut all = json!({});
    let groups: [(&str, Vec<&SimulatedInstance>); 4] = [
        ("startedAfterLastScaling", launched().filter(|each| each.spec.version >= spec.scaled).collect()),
        ("withLatestConfig", launched().filter(|each| each.spec.version >= spec.configured).collect()),
        ("withOutdatedConfig", launched().filter(|each| each.spec.version < spec.configured).collect()),
        ("totalSummary", launched().collect()),
    ];
    for (name, instances) in groups {
        if !instances.is_empty() {
            all[name] = summary(world, &instances);
        }
    }
    all
}

fn summary(world: &World, instances: &[&SimulatedInstance]) -> Json {
    let counts = Counts::of(instances.iter().copied());
    let mut stats = json!({
        "counts": {
            "staged": counts.staged,
            "running": counts.running,
            "healthy": counts.healthy,
            "unhealthy": counts.unhealthy,
        },
    });
    let started = instances.iter().flat_map(|each| each.tasks.iter().filter_map(|task| task.started));
    #[expect(clippy::cast_precision_loss, reason = "milliseconds")]
    let mut ages: Vec<f64> = started.map(|started| world.now.since(started) as f64 / 1_000.0).collect();
    ages.sort_by(f64::total_cmp);
    if let Some(median) = ages.get(ages.len() / 2) {
        #[expect(clippy::cast_precision_loss, reason = "the number of tasks")]
        let average = ages.iter().sum::<f64>() / ages.len() as f64;
        stats["lifeTime"] = json!({"averageSeconds": average, "medianSeconds": median});
    }
    json!({"stats": stats})
}
