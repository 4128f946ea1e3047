//! Comparing with what runs.

use std::collections::BTreeSet;

use anyhow::Context as _;

use super::super::{Exit, Terminal};
use super::side::Side;
use super::{Args, show};
use crate::diff::between;
use crate::held::{Held, Part, parts_or};
use crate::marathon::{Client, Endpoint, Resource};
use crate::normalize::{Normalized, answered};
use crate::source::{Document, Format, Kind};
use crate::target::Settings;

/// More services than this are asked for at once, with the group that all of them are in.
const FEW: usize = 8;

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let (endpoint, client) = args.connection.open()?;
    let settings = args.target.settings_of(&client, &endpoint, term)?;
    let paths: Vec<&String> = args.paths.iter().collect();
    let Some(new) = Side::read(&paths, args.kind, &settings, term)? else { return Ok(Exit::Usage) };
    let new = Side { is_list: false, ..new };
    let wanted = new.held()?;
    let running = Server { client: &client, endpoint: &endpoint, settings: &settings }.holds(&wanted)?;
    let mut found = between(&Held::of(&running).whole(), &wanted);
    // Whatever else runs was asked for along with the rest, if at all.
    found.only_old.clear();
    show(args, &found, [&endpoint.to_string(), &new.name], term)
}

struct Server<'s> {
    client: &'s Client,
    endpoint: &'s Endpoint,
    settings: &'s Settings,
}

impl Server<'_> {
    /// What the server has of all that is spoken of.
    fn holds(&self, wanted: &Held<'_>) -> anyhow::Result<Vec<Normalized>> {
        let mut groups: BTreeSet<&str> = wanted.whole_groups().collect();
        let single: Vec<(&str, Kind)> = wanted
            .services()
            .filter(|(id, _)| !groups.iter().any(|group| crate::held::is_below(id, group)))
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
                .map(|Part { kind, value }| answered(value, kind, self.settings)),
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
        while !crate::held::is_below(id, common) {
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
