//! The registry of all rules, gathered from the rooms that declare them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::finding::Rule;
use crate::{config, credential, lint, migrate, report, template};

/// Every rule, in alphabetical order: every code that a command prints in brackets is one of them.
#[must_use]
pub fn all() -> &'static [&'static Rule] {
    static ALL: LazyLock<Vec<&Rule>> = LazyLock::new(|| {
        let mut all = known().to_vec();
        all.sort_unstable_by_key(|rule| rule.slug);
        all
    });
    &ALL
}

/// Every rule, in no order: for what only looks for names, because sorting them is a tenth of a start (`whole`, one file).
#[must_use]
pub fn known() -> &'static [&'static Rule] {
    static KNOWN: LazyLock<Vec<&Rule>> = LazyLock::new(|| lint::rules().chain(of_rooms()).collect());
    &KNOWN
}

/// The rules of the rooms that find other things than faults of definitions.
fn of_rooms() -> impl Iterator<Item = &'static Rule> {
    let offline = [config::RULES, report::RULES, migrate::OWN_RULES, template::RULES, credential::RULES];
    #[cfg(feature = "net")]
    let online = [crate::registry_client::RULES, crate::marathon::RULES];
    #[cfg(not(feature = "net"))]
    let online: [&[&Rule]; 0] = [];
    #[cfg(feature = "cert")]
    let registries = [crate::registry::cert::RULES, crate::registry::check::RULES];
    #[cfg(not(feature = "cert"))]
    let registries: [&[&Rule]; 0] = [];
    offline.into_iter().chain(online).chain(registries).flatten().copied()
}

/// The rule of this name, which may be an earlier one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    static NAMES: LazyLock<HashMap<&str, &Rule>> =
        LazyLock::new(|| all().iter().flat_map(|rule| rule.names().map(|name| (name, *rule))).collect());
    NAMES.get(name).copied()
}
