//! The networks that apps and pods join.

use std::borrow::Cow;

use crate::definition::NetworkMode;
use crate::source::Value;

use super::RawApp;
use super::app::{MigrationError, MigrationFault};
use super::fields::{has_members, pick, text};

pub(in crate::rule) struct NetworkView<'a> {
    /// Where it is written; nothing where an app has it by a deprecated field.
    pub(in crate::rule) at: Option<Value<'a>>,
    pub(in crate::rule) mode: NetworkMode,
    pub(in crate::rule) name: Option<Cow<'a, str>>,
    pub(in crate::rule) has_labels: bool,
}

impl<'a> NetworkView<'a> {
    /// An element of `networks`.
    pub(super) fn of(value: Value<'a>) -> Self {
        let [mode, name, labels] = pick(value, ["mode", "name", "labels"]);
        Self {
            at: Some(value),
            mode: NetworkMode::of_word(&text(mode)),
            name: name.and_then(|name| name.as_str()),
            has_labels: labels.is_some_and(|labels| labels.members().next().is_some()),
        }
    }

    /// Whether it is a container network without a name, which gets Marathon's default one.
    pub(in crate::rule) fn is_unnamed(&self) -> bool {
        self.mode == NetworkMode::Container && self.name.is_none()
    }
}

/// The networks of an app: those in `networks`, or the one that deprecated fields say.
pub(super) fn networks<'a>(raw: &RawApp<'a>) -> Result<Vec<NetworkView<'a>>, MigrationError<'a>> {
    let RawApp { app, docker, address, .. } = raw;
    let given: Vec<_> = app.list("networks").map(NetworkView::of).collect();
    if !given.is_empty() {
        return Ok(given);
    }
    let docker_network = docker.as_ref().and_then(|docker| docker.word("network"));
    if docker_network.is_none() && address.is_none() {
        return Ok(Vec::new());
    }
    let name = address.as_ref().and_then(|address| address.text("networkName"));
    let Some(mode) = NetworkMode::of_deprecated(docker_network, name.as_deref()) else {
        let at = docker.as_ref().map_or(app.value, |docker| docker.at("network"));
        return Err(MigrationError { at, fault: MigrationFault::NoneNetwork });
    };
    let has_labels = address.as_ref().is_some_and(|address| has_members(address, "labels"));
    let network = NetworkView {
        at: None,
        mode,
        name: name.filter(|_| mode == NetworkMode::Container),
        has_labels: has_labels && mode != NetworkMode::Host,
    };
    Ok(vec![network])
}
