//! Apps.

use crate::source::Value;
use crate::target::Settings;

use super::Judge;

/// Judges one app, sent alone.
pub(super) fn judge(_app: Value<'_>, _settings: &Settings, _judge: &mut Judge) {}
