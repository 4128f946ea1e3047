//! What types cannot say: the rules by which Marathon takes or refuses a definition as a whole, one room per kind and
//! area. Each rule is declared once, beside its code.

mod advice;
mod app;
mod consequence;
mod fields;
mod group;
pub(crate) mod id;
mod java;
mod judge;
mod pod;
mod shared;
mod tree;

use crate::diagnostic::{Diagnostic, Rule};
use crate::source::{Kind, Value};
use crate::target::Settings;

use fields::Fields;
use id::PathId;
use judge::Judge;

/// Every rule there is, in no order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let areas = app::RULES.into_iter().chain(pod::RULES).chain(advice::RULES).chain([
        group::RULES,
        tree::RULES,
        shared::RULES,
    ]);
    areas.flatten().copied()
}

/// Everything Marathon would refuse in a definition, and everything it takes that will hurt. `ill_typed` is where values
/// begin that its parser refuses: only apps beside them, in an array or a group, can be judged.
#[must_use]
pub fn judge(root: Value<'_>, kind: Kind, settings: &Settings, ill_typed: Vec<usize>) -> Vec<Diagnostic> {
    let is_refused = !ill_typed.is_empty();
    let mut judge = Judge::of_ill_typed(ill_typed);
    match kind {
        Kind::App if !is_refused => app::judge(root, false, settings, &mut judge),
        Kind::Pod if !is_refused => pod::judge(root, settings, &mut judge),
        Kind::App | Kind::Pod => {}
        Kind::Apps => {
            for element in root.elements().collect::<Vec<_>>() {
                if judge.is_well_typed(element) {
                    app::judge(element, true, settings, &mut judge);
                }
            }
        }
        Kind::Group => group::judge(root, settings, &mut judge),
    }
    judge.into_found(root)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_rule_is_listed_once() {
        let slugs: Vec<&str> = super::all().map(|rule| rule.slug).collect();
        let distinct: BTreeSet<&str> = slugs.iter().copied().collect();
        assert_eq!(slugs.len(), distinct.len(), "a rule is declared or listed twice: {slugs:?}");
        assert_eq!(slugs.len(), declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rule")));
    }

    /// How many rules the sources declare.
    #[expect(clippy::disallowed_methods, reason = "the project's own sources")]
    fn declared(directory: &Path) -> usize {
        let entries = std::fs::read_dir(directory).expect("the sources are there");
        let count = |path: &Path| {
            if path.is_dir() {
                return declared(path);
            }
            let text = std::fs::read_to_string(path).expect("a source file");
            text.matches(concat!(": Rule", " =")).count()
        };
        entries.map(|entry| count(&entry.expect("a directory entry").path())).sum()
    }
}
