//! What a server holds of the services that a comparison is about.

use std::collections::BTreeSet;

use crate::http::{Client, Endpoint};
use crate::normalize::{Normalized, answered};
use crate::source::Kind;
use crate::state::{ResponsePart, ServerState, is_below, parts_or};
use crate::target::{KnownRoles, Release, Settings};

use super::ask::path_of_id;
use super::{GetError, Resource, group_to_ask};

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
        let ids = wanted.services().map(|(id, _)| id);
        let hidden = ids.chain(wanted.whole_groups()).filter_map(group_to_ask);
        let mut groups: BTreeSet<&str> = hidden.collect();
        groups.extend(wanted.whole_groups().filter(|group| group_to_ask(group).is_none()));
        let single: Vec<(&str, Kind)> = wanted
            .services()
            .filter(|(id, _)| !groups.iter().any(|group| is_below(id, group)))
            .map(|(id, service)| (id, service.kind))
            .collect();
        let mut running = Vec::new();
        if single.len() > FEW {
            let common = common_group(single.iter().map(|(id, _)| *id));
            groups.insert(group_to_ask(common).unwrap_or(common));
        } else {
            for (id, kind) in single {
                let resource = if kind == Kind::Pod { Resource::Pod } else { Resource::App };
                self.add(resource, id, &mut running)?;
            }
        }
        let is_inner = |group: &&str| groups.iter().any(|other| other != group && is_below(group, other));
        for group in groups.iter().filter(|group| !is_inner(group)) {
            self.add(Resource::Group, group, &mut running)?;
        }
        Ok(running)
    }

    /// What the server says of roles: that of the services that run, and of the top-level groups that decide about those in
    /// `wanted`. Nothing before Marathon 1.9.
    ///
    /// # Errors
    /// As [`StateReader::read`].
    pub(crate) fn roles(
        &self,
        wanted: &ServerState<'_>,
        running: &[Normalized],
    ) -> Result<KnownRoles, GetError> {
        if self.settings.release < Release::V1_9 {
            return Ok(KnownRoles::default());
        }
        let mut roles = ServerState::of(running).known_roles();
        let asked: Vec<String> = wanted.deciding_groups(&roles).into_iter().map(str::to_owned).collect();
        for name in asked {
            let mut held = Vec::new();
            let id = format!("/{name}");
            self.add(Resource::Group, group_to_ask(&id).unwrap_or(&id), &mut held)?;
            if let Some(enforces) = ServerState::of(&held).known_roles().enforces(&name) {
                roles.add_group(&name, enforces);
            }
        }
        Ok(roles)
    }

    /// Adds what the server has of this id. An answer without an id is a proxy's: it says nothing of what is there.
    fn add(&self, resource: Resource, id: &str, held: &mut Vec<Normalized>) -> Result<(), GetError> {
        let Some(text) = self.client.service(self.endpoint, resource, id)? else { return Ok(()) };
        let document = GetError::document(text, &self.endpoint.to_string())?;
        let parts = parts_or(document.root(), resource.kind());
        let has_id = |part: &ResponsePart<'_>| part.value.get("id").is_some_and(|id| id.as_str().is_some());
        if parts.is_empty() || !parts.iter().all(has_id) {
            return Err(GetError::unexpected(self.endpoint, &path_of_id(resource.path(), id)));
        }
        held.extend(
            parts.into_iter().map(|ResponsePart { kind, value }| answered(value, kind, self.settings)),
        );
        Ok(())
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
