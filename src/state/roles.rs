//! What the state of a server says of roles.

use serde_json::Value as Json;

use crate::source::Kind;
use crate::target::KnownRoles;

use super::ServerState;

impl ServerState<'_> {
    /// The roles that these services have, and whether these top-level groups enforce theirs.
    #[must_use]
    pub fn known_roles(&self) -> KnownRoles {
        let mut roles = KnownRoles::default();
        for (id, service) in self.services() {
            if let Some(role) = service.value.get("role").and_then(Json::as_str) {
                roles.add_service(id, role);
            }
        }
        for (id, group) in self.groups() {
            let top = id.trim_start_matches('/');
            if let Some(enforces) = group.get("enforceRole").and_then(Json::as_bool) {
                roles.add_group(top, enforces);
            }
        }
        roles
    }

    /// The top-level groups whose `enforceRole` decides what roles these services may have, where `known` does not tell.
    #[must_use]
    pub fn deciding_groups<'s>(&'s self, known: &'s KnownRoles) -> Vec<&'s str> {
        let services = self.services().filter(|(id, service)| {
            let role = service.value.get("role").and_then(Json::as_str);
            let accepted = service.value.pointer(if service.kind == Kind::Pod {
                "/scheduling/placement/acceptedResourceRoles"
            } else {
                "/acceptedResourceRoles"
            });
            let names_others = |accepted: &Json| {
                accepted.as_array().is_some_and(|names| names.iter().any(|name| name.as_str() != Some("*")))
            };
            let is_present = role.is_some() && role == known.of_service(id);
            (!service.role_is_open && !is_present) || accepted.is_some_and(names_others)
        });
        let inner_groups = self.whole_groups();
        let tops = services.map(|(id, _)| id).chain(inner_groups).filter_map(|id| {
            let (top, _) = id.trim_start_matches('/').split_once('/')?;
            Some(top).filter(|top| known.enforces(top).is_none())
        });
        let mut tops: Vec<&str> = tops.collect();
        tops.sort_unstable();
        tops.dedup();
        tops
    }
}
