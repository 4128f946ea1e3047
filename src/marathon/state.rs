//! What a server holds of the services that a comparison is about.

use std::collections::BTreeSet;

use crate::http::{Client, Endpoint};
use crate::normalize::{Normalized, answered, updated};
use crate::source::{Document, Format, Kind, Type};
use crate::state::{ResponsePart, ServerState, is_below, parts_or};
use crate::target::Settings;

use super::{GetError, Resource};

/// More services than this are requested at once, with the group that all of them are in.
const FEW: usize = 8;

/// Reads the state of a server.
#[derive(Clone, Copy)]
pub(crate) struct StateReader<'s> {
    /// Sends the requests.
    pub client: &'s Client,
    /// The server.
    pub endpoint: &'s Endpoint,
    /// The settings of the server.
    pub settings: &'s Settings,
}

impl StateReader<'_> {
    /// The apps and pods that the server has of those in `wanted`: single ones by their ids, groups with all in them.
    ///
    /// # Errors
    /// When the server does not answer, or not as a Marathon does.
    pub(crate) fn read(&self, wanted: &ServerState<'_>) -> Result<Vec<Normalized>, GetError> {
        let mut groups: BTreeSet<&str> = wanted.whole_groups().collect();
        let single: Vec<(&str, Kind)> = wanted
            .services()
            .filter(|(id, _)| !groups.iter().any(|group| is_below(id, group)))
            .map(|(id, service)| (id, service.kind))
            .collect();
        let mut running = Vec::new();
        if single.len() > FEW {
            groups.insert(common_group(single.iter().map(|(id, _)| *id)));
        } else {
            for (id, kind) in single {
                let resource = if kind == Kind::Pod { Resource::Pod } else { Resource::App };
                if let Some(text) = self.client.service(self.endpoint, resource, id)? {
                    self.parse(&text, kind, &mut running)?;
                }
            }
        }
        for group in groups {
            if let Some(text) = self.client.group(self.endpoint, group)? {
                self.parse(&text, Kind::Group, &mut running)?;
            }
        }
        Ok(running)
    }

    fn parse(&self, text: &str, kind: Kind, running: &mut Vec<Normalized>) -> Result<(), GetError> {
        let document = Document::parse(text, Format::Json)
            .map_err(|cause| GetError::NotJson { url: self.endpoint.to_string(), cause })?;
        if document.is_too_deep() {
            return Err(GetError::TooDeep { url: self.endpoint.to_string() });
        }
        running.extend(
            parts_or(document.root(), kind)
                .into_iter()
                .map(|ResponsePart { kind, value }| answered(value, kind, self.settings)),
        );
        Ok(())
    }
}

/// Turns an array of apps into the apps that `PUT /v2/apps` makes of it: updates of what runs, which keep the fields
/// they leave out. New apps stay as they are.
pub(crate) fn as_updates(
    apps: &mut Normalized,
    array: &Document,
    running: &ServerState<'_>,
    settings: &Settings,
) {
    let Some(apps) = apps.value.as_array_mut() else { return };
    // `apps` has no entry for an element that is not an object.
    let elements = array.root().elements().filter(|element| element.kind() == Type::Object);
    for (app, element) in apps.iter_mut().zip(elements) {
        let held = app.get("id").and_then(|id| running.get(id.as_str()?));
        let held = held.filter(|service| service.kind == Kind::App);
        if let Some(updated) = held.and_then(|held| updated(held.value, element, settings)) {
            *app = updated.value;
        }
    }
}

/// The innermost group that all of these ids are in.
fn common_group<'i>(mut ids: impl Iterator<Item = &'i str>) -> &'i str {
    let Some(first) = ids.next() else { return "/" };
    let group = |id: &'i str| id.rfind('/').filter(|at| *at > 0).map_or("/", |at| &id[..at]);
    ids.fold(group(first), |common, id| {
        let mut common = common;
        while !is_below(id, common) {
            common = group(common);
        }
        common
    })
}

#[cfg(test)]
mod tests {
    use super::common_group;

    #[test]
    fn the_common_group_is_the_innermost() {
        for (ids, group) in [
            (&["/shop/web", "/shop/db"][..], "/shop"),
            (&["/shop/eu/web", "/shop/us/web"], "/shop"),
            (&["/shop/web", "/shopping/web"], "/"),
            (&["/web"], "/"),
            (&["/shop/web"], "/shop"),
        ] {
            assert_eq!(common_group(ids.iter().copied()), group, "{ids:?}");
        }
    }
}
