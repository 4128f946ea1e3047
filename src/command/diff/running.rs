//! Comparing with what runs.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::super::{Exit, Terminal};
use super::side::Side;
use super::{Args, show};
use crate::diff::between;
use crate::http::{Client, Endpoint};
use crate::marathon::Resource;
use crate::normalize::{Normalized, answered, updated};
use crate::source::{Document, Format, Kind, Type};
use crate::state::{ResponsePart, ServerState, parts_or};
use crate::target::Settings;

/// More services than this are asked for at once, with the group that all of them are in.
const FEW: usize = 8;

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (endpoint, client) = args.connection.open()?;
    let settings = args.target.settings_at(&client, &endpoint, term)?;
    let paths: Vec<&String> = args.paths.iter().collect();
    let Some(new) = Side::read(&paths, args.kind, &settings, term)? else { return Ok(Exit::Usage) };
    let mut new = Side { is_list: false, ..new };
    let running = Server { client: &client, endpoint: &endpoint, settings: &settings }.holds(&new.held()?)?;
    let old = ServerState::of(&running).exhaustive();
    for (index, array) in &new.arrays {
        as_updates(&mut new.definitions[*index], array, &old, &settings);
    }
    let wanted = new.held()?;
    let mut found = between(&old, &wanted);
    // Whatever else runs was asked for along with the rest, if at all.
    found.only_old.clear();
    show(args, &found, [&endpoint.to_string(), &new.name], term)
}

/// An array of apps is sent as updates of what runs, which keep what they leave out. New apps stay as they are.
fn as_updates(apps: &mut Normalized, array: &Document, running: &ServerState<'_>, settings: &Settings) {
    let Some(apps) = apps.value.as_array_mut() else { return };
    // An element that is no object is none of the normalized ones either.
    let elements = array.root().elements().filter(|element| element.kind() == Type::Object);
    for (app, element) in apps.iter_mut().zip(elements) {
        let held = app.get("id").and_then(|id| running.get(id.as_str()?));
        let held = held.filter(|service| service.kind == Kind::App);
        if let Some(updated) = held.and_then(|held| updated(held.value, element, settings)) {
            *app = updated.value;
        }
    }
}

struct Server<'s> {
    client: &'s Client,
    endpoint: &'s Endpoint,
    settings: &'s Settings,
}

impl Server<'_> {
    /// What the server has of all that is spoken of.
    fn holds(&self, wanted: &ServerState<'_>) -> anyhow::Result<Vec<Normalized>> {
        let mut groups: BTreeSet<&str> = wanted.whole_groups().collect();
        let single: Vec<(&str, Kind)> = wanted
            .services()
            .filter(|(id, _)| !groups.iter().any(|group| crate::state::is_below(id, group)))
            .map(|(id, service)| (id, service.kind))
            .collect();
        let mut running = Vec::new();
        if single.len() > FEW {
            groups.insert(common(single.iter().map(|(id, _)| *id)));
        } else {
            for (id, kind) in single {
                let resource = if kind == Kind::Pod { Resource::Pod } else { Resource::App };
                if let Some(text) = self.client.service(self.endpoint, resource, id)? {
                    self.read(&text, kind, &mut running)?;
                }
            }
        }
        for group in groups {
            if let Some(text) = self.client.group(self.endpoint, group)? {
                self.read(&text, Kind::Group, &mut running)?;
            }
        }
        Ok(running)
    }

    fn read(&self, text: &str, kind: Kind, running: &mut Vec<Normalized>) -> anyhow::Result<()> {
        let document = Document::parse(text, Format::Json)
            .with_context(|| format!("{} answers with something else than JSON", self.endpoint))?;
        running.extend(
            parts_or(document.root(), kind)
                .into_iter()
                .map(|ResponsePart { kind, value }| answered(value, kind, self.settings)),
        );
        Ok(())
    }
}

/// The innermost group that all of these ids are in.
fn common<'i>(mut ids: impl Iterator<Item = &'i str>) -> &'i str {
    let Some(first) = ids.next() else { return "/" };
    let group = |id: &'i str| id.rfind('/').filter(|at| *at > 0).map_or("/", |at| &id[..at]);
    ids.fold(group(first), |common, id| {
        let mut common = common;
        while !crate::state::is_below(id, common) {
            common = group(common);
        }
        common
    })
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn the_common_group_is_the_innermost() {
        for (ids, group) in [
            (&["/shop/web", "/shop/db"][..], "/shop"),
            (&["/shop/eu/web", "/shop/us/web"], "/shop"),
            (&["/shop/web", "/shopping/web"], "/"),
            (&["/web"], "/"),
            (&["/shop/web"], "/shop"),
        ] {
            assert_eq!(common(ids.iter().copied()), group, "{ids:?}");
        }
    }
}
