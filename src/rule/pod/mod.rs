//! Pods.

use crate::source::Value;
use crate::target::Settings;

use super::Judge;

/// Judges one pod, sent alone.
pub(super) fn judge(_pod: Value<'_>, _settings: &Settings, _judge: &mut Judge) {}
