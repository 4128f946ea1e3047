//! What Mesos or Docker would refuse of a task, by the rules of `lint`.

use serde_json::Value as Json;

use crate::finding::{Refusal, Refuser};
use crate::lint;
use crate::server::simulate::instance::InstanceCondition;
use crate::server::world::spec::Spec;
use crate::source::{Document, Format};
use crate::target::Settings;
use crate::task::tasks;

/// How a task ends that is refused.
#[derive(Clone, Debug)]
pub(crate) struct TaskRefusal {
    /// `TASK_ERROR` from the master, `TASK_DROPPED` without a sandbox, `TASK_FINISHED` for what ends well, else `TASK_FAILED`.
    pub(crate) condition: InstanceCondition,
    /// The message of who refuses it.
    pub(crate) message: String,
}

/// What becomes of the health checks that Mesos makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MesosChecks {
    /// They pass.
    Pass,
    /// They never pass.
    Fail,
    /// Mesos gets none of them, so there is never a result.
    Silent,
}

/// What Mesos makes of a definition.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    /// What refuses its tasks.
    pub(crate) refusal: Option<TaskRefusal>,
    /// What becomes of its checks.
    pub(crate) checks: MesosChecks,
}

impl Fate {
    /// What Mesos would make of a definition.
    pub(crate) fn of(spec: &Spec, settings: &Settings) -> Self {
        let stored = Json::Object(spec.body.clone());
        let document = Document::parse(stored.to_string(), Format::Json);
        let failures =
            document.map(|document| lint::failures(&document, spec.kind, settings)).unwrap_or_default();
        let failures = failures.into_iter();
        let refusals: Vec<Refusal> =
            failures.filter_map(|found| found.refusal.map(|refusal| *refusal)).collect();
        let is_unhealthy = refusals.iter().any(|refusal| refusal.by == Refuser::HealthCheck);
        let gets_one =
            tasks(spec.kind, &stored, settings).iter().any(|task| task.info.get("health_check").is_some());
        let checks = match (is_unhealthy, gets_one) {
            (true, _) => MesosChecks::Fail,
            (false, true) => MesosChecks::Pass,
            (false, false) => MesosChecks::Silent,
        };
        // A health check that never passes refuses nothing at the start.
        let at_start = refusals.into_iter().filter(|refusal| refusal.by != Refuser::HealthCheck);
        Self { refusal: at_start.min_by_key(|refusal| refusal.by).as_ref().map(TaskRefusal::of), checks }
    }
}

impl TaskRefusal {
    /// How a task ends by a refusal. Its message is only what the status of the task has: what Docker and the fetcher write
    /// is in the sandbox.
    fn of(refusal: &Refusal) -> Self {
        let message = match refusal.by {
            Refuser::Fetcher => {
                "Failed to launch container: Failed to fetch all URIs for container: exited with status 1"
                    .to_owned()
            }
            _ => refusal.message.split("; stderr: ").next().unwrap_or_default().to_owned(),
        };
        let condition = match refusal.by {
            Refuser::Master => InstanceCondition::Error,
            Refuser::Agent if message.starts_with("Failed to create executor directory") => {
                InstanceCondition::Dropped
            }
            _ if message.ends_with("exited with status 0") => InstanceCondition::Finished,
            _ => InstanceCondition::Failed,
        };
        Self { condition, message }
    }
}
