//! The rules there are, by name.

use std::sync::LazyLock;

use crate::finding::Rule;
use crate::lint;

/// Every rule there is, in the order of the alphabet: those for definitions, and those about milepost's own settings.
#[must_use]
pub fn catalogue() -> &'static [&'static Rule] {
    static ALL: LazyLock<Vec<&Rule>> = LazyLock::new(|| {
        let own = [&super::exception::UNUSED_EXCEPTION, &super::inline::UNUSED_IGNORE];
        let mut all: Vec<&Rule> = lint::rules().chain(own).collect();
        all.sort_unstable_by_key(|rule| rule.slug);
        all
    });
    &ALL
}

/// The slugs of all rules, in the order of the alphabet.
#[must_use]
pub fn rules() -> &'static [&'static str] {
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| catalogue().iter().map(|rule| rule.slug).collect());
    &ALL
}

/// These slugs and the names of policies. A list with policies lives as long as the program: there is one in a run.
#[must_use]
pub fn with<'n>(
    rules: &'static [&'static str],
    policies: impl Iterator<Item = &'n str>,
) -> &'static [&'static str] {
    let names: Vec<&'static str> = policies.map(|name| &*name.to_owned().leak()).collect();
    if names.is_empty() {
        return rules;
    }
    let mut all = [rules, &names].concat();
    all.sort_unstable();
    all.leak()
}

/// The rule of this name.
#[must_use]
pub fn find(slug: &str) -> Option<&'static Rule> {
    let all = catalogue();
    all.binary_search_by_key(&slug, |rule| rule.slug).ok().map(|index| all[index])
}

/// Whether the rule says that a text could not be checked at all. Choosing other rules does not silence it, and what is
/// not found in such a text is not known to be gone.
pub(super) fn is_not_checked(slug: &str) -> bool {
    lint::NOT_CHECKED.iter().any(|rule| rule.slug == slug)
}
