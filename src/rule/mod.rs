//! What types cannot say: the rules by which Marathon takes or refuses a definition as a whole, one room per kind and
//! area. Each rule is declared once, beside its code.

pub(crate) mod advice;
mod app;
mod context;
mod facts;
mod follow_up;
mod group;
mod pod;
mod shared;
mod tree;
mod view;

use crate::finding::{Finding, Rule};
use crate::source::{Kind, Value};
use crate::target::{Release, Settings};

pub(crate) use context::{Location, PendingFinding, locate, locate_known, locations};
pub use facts::Facts;
pub(crate) use facts::{GroupFacts, PortFact, PortKind, ServiceFacts};
pub(crate) use group::GroupLevel;
pub(crate) use shared::Roles;
pub(crate) use tree::Dependencies;

use crate::definition::id::AbsoluteId;
use context::Context;
use view::fields::Fields;

/// Every rule there is, in no order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let areas = app::RULES.into_iter().chain(pod::RULES).chain(advice::RULES);
    let areas = areas.chain(shared::RULES).chain(group::RULES).chain([tree::RULES]);
    areas.flatten().copied()
}

/// What came of judging a definition.
#[derive(Debug, Default)]
pub struct RuleOutcome {
    /// What Marathon would refuse, and what it takes that will hurt.
    pub found: Vec<Finding>,
    /// What the definition shares with others; nothing when it is refused.
    pub facts: Facts,
}

/// Judges a definition. `ill_typed` is where values begin that Marathon's parser refuses: only apps beside them, in an
/// array or a group, can be judged. With `is_brief` only what Marathon would refuse is looked for.
#[must_use]
pub fn check(
    root: Value<'_>,
    kind: Kind,
    settings: &Settings,
    ill_typed: Vec<usize>,
    is_brief: bool,
) -> RuleOutcome {
    let is_refused = !ill_typed.is_empty();
    let mut context = Context::of_ill_typed(ill_typed, is_brief);
    match kind {
        Kind::App if !is_refused => app::check(root, settings, &mut context),
        Kind::Pod if !is_refused => pod::check(root, settings, &mut context),
        Kind::App | Kind::Pod => {}
        Kind::Apps => app::judge_all(root, settings, &mut context),
        Kind::Group => group::check(root, settings, &mut context),
    }
    context.found.retain(|found| holds(found.rule, settings.release));
    let facts = std::mem::take(&mut context.facts);
    let facts = if is_refused || context.has_failed() { Facts::default() } else { facts };
    RuleOutcome { found: context.into_found(root), facts }
}

/// Whether a rule holds for a release, as it says itself.
fn holds(slug: &str, release: Release) -> bool {
    find(slug).is_none_or(|rule| rule.holds_for(release))
}

fn find(slug: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.slug == slug)
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
