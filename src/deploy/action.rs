//! What a change makes Marathon do with a service.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::diff::{Impact, What};
use crate::source::Kind;
use crate::util::text;

/// What Marathon does with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is new.
    Create {
        /// How many instances start.
        instances: u64,
    },
    /// All instances are replaced.
    Replace {
        /// How many instances run before.
        from: u64,
        /// How many instances run then.
        to: u64,
        /// At least this many run, and are healthy, at any time.
        least: u64,
        /// At most this many run at any time.
        most: u64,
    },
    /// Instances are started or stopped; the others keep running.
    Scale {
        /// How many there are.
        from: u64,
        /// How many there will be.
        to: u64,
    },
    /// The definition changes, and no instance is touched.
    Store,
    /// Nothing.
    Nothing,
    /// It is stopped and removed.
    Remove {
        /// How many instances stop.
        instances: u64,
    },
}

impl Action {
    /// The name in output for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Replace { .. } => "replace",
            Self::Scale { .. } => "scale",
            Self::Store => "store",
            Self::Nothing => "nothing",
            Self::Remove { .. } => "remove",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Create { instances: number } => format!("create: starts {}", text::instances(number)),
            Self::Replace { from, to, least, most } => {
                let keep = if least == 1 { "keeps" } else { "keep" };
                let run = if most == 1 { "runs" } else { "run" };
                let does = match to.cmp(&from) {
                    Ordering::Less => {
                        format!("stops {} and starts {to}, scales from {from} to {to}", text::instances(from))
                    }
                    Ordering::Equal => format!("restarts {}", text::instances(from)),
                    Ordering::Greater => {
                        format!("restarts {} and scales from {from} to {to}", text::instances(from))
                    }
                };
                // There may be more now: they are stopped first.
                format!(
                    "replace: {does}; at least {least} {keep} running, at most {most} {run} at once",
                    most = most.max(from)
                )
            }
            Self::Scale { from, to } if from < to => {
                format!("scale: from {from} to {to}, starts {}", text::instances(to - from))
            }
            Self::Scale { from, to } => {
                format!("scale: from {from} to {to}, stops {}", text::instances(from - to))
            }
            Self::Store => "store: touches nothing that runs".to_owned(),
            Self::Nothing => "no change".to_owned(),
            Self::Remove { instances: number } => format!("remove: stops {}", text::instances(number)),
        }
    }

    /// What a difference makes Marathon do; `new` is the definition that is sent.
    pub(super) fn of(what: &What, kind: Kind, new: Option<&Json>) -> Self {
        match what {
            What::Added(value) => Self::Create { instances: instances(value, kind) },
            What::Removed(value) => Self::Remove { instances: instances(value, kind) },
            What::Changed { old, changes } => {
                let new = new.unwrap_or(old);
                let (from, to) = (instances(old, kind), instances(new, kind));
                match changes.iter().map(|change| change.impact).min() {
                    Some(Impact::Another | Impact::Restart) => {
                        let (least, most) = capacity(new, kind, to);
                        // What does not run yet cannot be kept running.
                        Self::Replace { from, to, least: least.min(from), most }
                    }
                    Some(_) if from != to => Self::Scale { from, to },
                    Some(_) => Self::Store,
                    None => Self::Nothing,
                }
            }
        }
    }
}

/// How many instances a stored definition has.
pub(crate) fn instances(definition: &Json, kind: Kind) -> u64 {
    let path = if kind == Kind::Pod { "/scaling/instances" } else { "/instances" };
    definition.pointer(path).and_then(Json::as_u64).unwrap_or(1)
}

/// How many instances run at least and at most while all of them are replaced (`ScalingProposition`,
/// `TaskReplaceActor.computeRestartStrategy`).
fn capacity(definition: &Json, kind: Kind, instances: u64) -> (u64, u64) {
    let path = if kind == Kind::Pod { "/scheduling/upgrade" } else { "/upgradeStrategy" };
    let share = |name: &str| {
        let share = definition.pointer(path).and_then(|strategy| strategy.get(name)).and_then(Json::as_f64);
        share.unwrap_or(1.0).clamp(0.0, 1.0)
    };
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "instance counts are far below 2^52, and shares are between 0 and 1"
    )]
    let (least, most) = (
        (instances as f64 * share("minimumHealthCapacity")).ceil() as u64,
        (instances as f64 * (1.0 + share("maximumOverCapacity"))).floor() as u64,
    );
    // Without room Marathon starts one more, unless instances keep their volumes.
    let is_resident = definition.get("residency").is_some();
    if least == most && !is_resident { (least, most + 1) } else { (least, most.max(instances)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn capacity_is_marathons() {
        let of = |min: f64, max: f64| {
            let strategy = json!({"minimumHealthCapacity": min, "maximumOverCapacity": max});
            capacity(&json!({ "upgradeStrategy": strategy }), Kind::App, 4)
        };
        // As recorded with four instances: 1/1 → 8 tasks, 0/0 → 0 and then 4, 0.5/0 → 2 to 4, 1/0.25 and 1/0 → 5.
        assert_eq!(of(1.0, 1.0), (4, 8));
        assert_eq!(of(0.0, 0.0), (0, 4));
        assert_eq!(of(0.5, 0.0), (2, 4));
        assert_eq!(of(1.0, 0.25), (4, 5));
        assert_eq!(of(1.0, 0.0), (4, 5));
    }
}
