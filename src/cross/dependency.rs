//! Dependencies between definitions: on undefined services, and in a circle.

use std::collections::BTreeMap;

use crate::rule::{Dependencies, PendingFinding};
use crate::util::hash::{Map, Set};
use crate::util::path::is_within;
use crate::util::suggest::suggest;

use super::{CrossCheck, PendingFindings, pending, rules};

/// The most ids that are searched for the one that was meant.
const PATIENCE: usize = 4_000;

impl CrossCheck<'_> {
    /// The findings that need all files, by the number of the file.
    #[must_use]
    pub(crate) fn end(mut self) -> BTreeMap<usize, PendingFindings> {
        // Ports are not needed any more; their memory is reused for the graph.
        self.clusters = Vec::new();
        self.finish().into_iter().map(|(file, findings)| (file, PendingFindings(findings))).collect()
    }

    pub(super) fn finish(&self) -> BTreeMap<usize, Vec<PendingFinding>> {
        let mut findings: BTreeMap<usize, Vec<PendingFinding>> = BTreeMap::new();
        let groups = self.groups.iter().map(|(_, group)| group);
        // Of an id that is defined for several clusters the first definition counts: an edge of each would make circles
        // that no cluster has.
        let firsts = self.services.iter().filter(|known| !known.is_repeated);
        let all = Dependencies::of(groups, firsts.map(|known| &known.service));
        self.unknown(&all, &mut findings);
        if let Some(cycle) = all.cycle() {
            self.cycle(&cycle, &mut findings);
        }
        findings
    }

    fn unknown(&self, all: &Dependencies<'_>, findings: &mut BTreeMap<usize, Vec<PendingFinding>>) {
        let listed: Set<&str> =
            self.groups.iter().filter(|(_, group)| group.lists_apps).map(|(_, group)| &*group.id).collect();
        // The number of services in each group that were found in directories.
        let mut found: Map<&str, usize> = Map::default();
        let is_found = |file: usize| self.files.get(file).is_some_and(|file| file.is_found);
        for known in self.services.iter().filter(|known| is_found(known.file)) {
            *found.entry(parent(&known.service.id)).or_default() += 1;
        }
        let of_services = self.services.iter().flat_map(|known| {
            known.service.dependencies.iter().map(|dependency| (known.file, &*known.service.id, dependency))
        });
        let of_groups = self.groups.iter().flat_map(|(file, group)| {
            group.dependencies.iter().map(|dependency| (*file, &*group.id, dependency))
        });
        let mut patience = PATIENCE;
        for (file, id, (target, place)) in of_services.chain(of_groups) {
            if all.knows(target) {
                continue;
            }
            let group = parent(target);
            let neighbours = found.get(group).copied().unwrap_or_default();
            let has_neighbours = is_found(file) && neighbours > usize::from(parent(id) == group);
            if !listed.contains(group) && !has_neighbours {
                continue;
            }
            findings.entry(file).or_default().push(pending(
                &rules::UNKNOWN_DEPENDENCY,
                *place,
                format!("nothing here defines {target}: Marathon takes this and waits for nothing"),
                self.meant(target, &mut patience),
            ));
        }
    }

    /// The help for an id that is not defined.
    fn meant(&self, target: &str, patience: &mut usize) -> String {
        let ids = || self.services.iter().take(*patience).map(|known| known.service.id.as_str());
        let group = parent(target);
        // A relative id that was meant to count from the app's own group.
        let below = format!("/{}", target.rsplit('/').next().unwrap_or_default());
        let near = suggest(target, ids().filter(|id| parent(id) == group))
            .or_else(|| ids().find(|id| id.ends_with(&below)));
        let help = near.map_or_else(
            || "define it, or remove the dependency".to_owned(),
            |near| format!("did you mean {near}?"),
        );
        *patience = patience.saturating_sub(self.services.len());
        help
    }

    fn cycle(&self, cycle: &[&str], findings: &mut BTreeMap<usize, Vec<PendingFinding>>) {
        let on_it: Vec<usize> = cycle.iter().filter_map(|id| self.first(id)).collect();
        // One of them was defined before its dependency, and its file has waited.
        let is_open =
            |index: &usize| self.files.get(self.services[on_it[*index]].file).is_none_or(|file| file.is_open);
        let last = (0..on_it.len()).filter(is_open).max_by_key(|&index| self.services[on_it[index]].file);
        let Some(last) = last.filter(|_| on_it.len() > 1) else { return };
        let file = self.services[on_it[last]].file;
        if on_it.iter().all(|&service| self.services[service].file == file) {
            // Reported within the file.
            return;
        }
        let service = &self.services[on_it[last]].service;
        let next = &self.services[on_it[(last + 1) % on_it.len()]].service.id;
        let place =
            service.dependencies.iter().find(|(id, _)| is_within(next, id)).map_or(service.at, |(_, at)| *at);
        let way: Vec<String> = (0..on_it.len())
            .map(|step| on_it[(last + step) % on_it.len()])
            .enumerate()
            .map(|(step, service)| match step {
                0 => self.services[service].service.id.clone(),
                _ => self.name_of(service),
            })
            .collect();
        findings.entry(file).or_default().push(pending(
            &rules::CYCLE_ACROSS,
            place,
            format!("these depend on each other: {} → {}", way.join(" → "), service.id),
            "remove one of the dependencies: Marathon refuses whichever of these it is sent last",
        ));
    }
}

/// The group that an absolute id is in.
fn parent(id: &str) -> &str {
    match id.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((group, _)) => group,
    }
}
