//! What Mesos or Docker would refuse of a task, by the rules of `lint`.

use crate::finding::{Effect, Refuser};
use crate::lint;
use crate::server::simulate::instance::InstanceCondition;
use crate::server::world::spec::Spec;
use crate::source::{Document, Format};
use crate::target::Settings;

/// How a task ends that is refused.
#[derive(Clone, Debug)]
pub(crate) struct TaskRefusal {
    /// `TASK_ERROR` from the master, `TASK_FAILED` from all others.
    pub(crate) condition: InstanceCondition,
    /// The message of who refuses it.
    pub(crate) message: String,
}

impl TaskRefusal {
    /// The first refusal of a definition's tasks. A health check that never passes refuses nothing at the start.
    pub(crate) fn of(spec: &Spec, settings: &Settings) -> Option<Self> {
        let text = serde_json::Value::Object(spec.body.clone()).to_string();
        let document = Document::parse(text, Format::Json).ok()?;
        let found = lint::check(&document, spec.kind, settings).into_iter();
        let refusals = found.filter(|found| found.effect == Effect::Fails).filter_map(|found| found.refusal);
        let refusal =
            refusals.filter(|refusal| refusal.by != Refuser::HealthCheck).min_by_key(|refusal| refusal.by)?;
        let condition = match refusal.by {
            Refuser::Master => InstanceCondition::Error,
            _ => InstanceCondition::Failed,
        };
        Some(Self { condition, message: refusal.message })
    }
}
