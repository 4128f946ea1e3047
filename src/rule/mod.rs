//! The rules that go beyond types: what Marathon rejects in a definition as a whole, what Mesos and Docker refuse of what it
//! accepts, and advice on the rest. One area per kind of definition; each rule is declared once, beside its code.

pub(crate) mod advice;
mod agent;
mod app;
mod context;
mod facts;
mod follow_up;
mod group;
mod location;
mod partial;
mod place;
mod pod;
mod shared;
mod tree;
mod view;

use crate::finding::{Finding, Rule};
use crate::schema::table;
use crate::source::{Kind, Value};
use crate::target::Settings;

pub(crate) use advice::{ARCHIVE_ON_UCR, CACHED, EXPOSED, OVERWRITTEN, UNEXTRACTED_ARCHIVE, exposed};
#[cfg(feature = "serve")]
pub(crate) use advice::{FAULT_LABELS, fault_label_doubt};
pub(crate) use agent::check::CHECK_WITHOUT_PORT;
pub(crate) use app::{PULL_CONFIG_NEEDS_UCR, REMOVED_DOCKER_CREDENTIAL, URIS_AND_FETCH};
pub(crate) use facts::Facts;
pub(crate) use facts::{GroupFacts, PortFact, PortKind, ServiceFacts};
pub(crate) use group::{ById, GroupLevel, RootGroup};
pub(crate) use location::{Location, PendingFinding, locate, locate_known, locations};
pub(crate) use partial::conclusions;
pub(crate) use shared::{FOREIGN_ACCEPTED_ROLE, Roles};
pub(crate) use tree::Dependencies;

use crate::definition::id::AbsoluteId;
use context::Context;
use view::{AppView, Fields};

/// All rules, in no order.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    let areas = app::RULES.into_iter().chain(pod::RULES).chain(advice::RULES).chain(agent::RULES);
    let areas = areas.chain(shared::RULES).chain(group::RULES).chain([tree::RULES]);
    areas.flatten().copied()
}

/// The result of checking a definition.
#[derive(Debug, Default)]
pub(crate) struct RuleOutcome {
    /// Rejections and, unless the check was brief, warnings.
    pub found: Vec<Finding>,
    /// What the definition shares with others; empty when it is rejected.
    pub facts: Facts,
}

/// Checks a definition by all rules but those of types. `ill_typed` says where values begin that Marathon's parser rejects:
/// apps beside them, in an array or a group, are checked, and so are the parts beside them, except when only rejections are
/// wanted (`is_brief`): Marathon does not get as far.
#[must_use]
pub(crate) fn check(
    root: Value<'_>,
    kind: Kind,
    settings: &Settings,
    ill_typed: Vec<usize>,
    is_brief: bool,
) -> RuleOutcome {
    let is_rejected = !ill_typed.is_empty();
    let beside =
        if is_rejected && !is_brief { partial::check(root, kind, settings, &ill_typed) } else { Vec::new() };
    let mut context = Context::new(settings, kind, ill_typed, is_brief);
    match kind {
        Kind::App if is_rejected => {}
        Kind::Pod if is_rejected => pod::check_types(root, &mut context),
        _ => run(root, kind, &mut context),
    }
    context.found.retain(|found| found.rule.holds_for(settings.release));
    let facts = std::mem::take(&mut context.facts);
    let facts = if is_rejected || context.has_failed() { Facts::default() } else { facts };
    let mut found = context.into_found(root);
    found.extend(beside);
    RuleOutcome { found, facts }
}

/// Runs the rules for a kind of definition.
fn run(root: Value<'_>, kind: Kind, context: &mut Context<'_>) {
    match kind {
        Kind::App => {
            if let Some(app) = app::check(root, context) {
                advised(&app, context);
            }
        }
        Kind::Apps => {
            let apps = app::check_all(root, context);
            for app in group::check_array(root, &apps, context) {
                advised(app, context);
            }
        }
        Kind::Pod => {
            pod::check(root, context);
            let fields = Fields::of(root, &table::POD);
            advice::pod(&fields, context);
            agent::pod(&fields, context);
        }
        Kind::Group => {
            if let Some(group) = group::check(root, context) {
                group.for_each_app(&mut |app| advised(app, context));
            }
        }
    }
}

/// Checks what Marathon accepts of an app: what becomes of its tasks, and what works badly.
fn advised(app: &AppView<'_>, context: &mut Context<'_>) {
    advice::app(app, context);
    agent::app(app, context);
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
