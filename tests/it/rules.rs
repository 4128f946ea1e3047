//! `milepost rules` and `milepost explain`, and what every rule's examples have to show.

use milepost::finding::{FixKind, Rule};
use milepost::rule_docs::{self, RuleDoc};

use super::common::{Scene, each_case};

fn finds(rule: &Rule, example: &str) -> bool {
    rule_docs::check(rule, example).findings.iter().any(|found| found.rule == rule.slug)
}

fn with_examples() -> impl Iterator<Item = &'static Rule> {
    rule_docs::all().iter().copied().filter(|rule| !rule.bad.is_empty())
}

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    each_case(with_examples(), |rule| {
        let slug = rule.slug;
        assert!(finds(rule, rule.bad), "{slug}: its bad example does not break it");
        assert!(!finds(rule, rule.good), "{slug}: its good example breaks it");
        let good = rule_docs::check(rule, rule.good);
        assert!(!good.is_rejected(), "{slug}: its good example is refused: {:#?}", good.findings);
        assert!(good.kind.is_some(), "{slug}: its good example is no definition");
    });
}

#[test]
fn fixes_clear_what_they_are_for_and_nothing_else() {
    each_case(with_examples(), |rule| {
        let lesson = RuleDoc::of(rule).expect("it has examples");
        let mended = rule_docs::mended(rule, &lesson.bad);
        let slug = rule.slug;
        assert_eq!(mended.done.is_empty(), rule.fix == FixKind::None, "{slug}: {}", lesson.fix);
        if rule.fix == FixKind::None {
            assert!(
                rule_docs::check(rule, &lesson.bad)
                    .findings
                    .iter()
                    .all(|found| found.rule != slug || found.fix.is_none()),
                "{slug} has a mend that it does not declare"
            );
            return;
        }
        assert!(!finds(rule, &mended.text), "{slug}: mended to {}", mended.text);
        assert_eq!(rule_docs::mended(rule, &mended.text).text, mended.text, "{slug}: once is not twice");
        let others = |text: &str| -> Vec<&str> {
            let found = rule_docs::check(rule, text).findings;
            let mut others: Vec<_> =
                found.iter().map(|found| found.rule).filter(|other| *other != slug).collect();
            others.sort_unstable();
            others
        };
        let (before, after) = (others(&lesson.bad), others(&mended.text));
        let new: Vec<_> = after.iter().filter(|other| !before.contains(other)).collect();
        assert!(new.is_empty(), "{slug}: mending it brings {new:?}: {}", mended.text);
    });
}

#[test]
fn rules_are_told_in_full() {
    /// What cannot be shown in print, or not in one definition.
    const WITHOUT_EXAMPLE: &[&str] =
        &["not-text", "odd-encoding", "too-deep", "unused-exception", "unused-ignore"];
    let mut bare = Vec::new();
    each_case(rule_docs::all(), |rule| {
        let slug = rule.slug;
        assert!(slug.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{slug}");
        let has_example = !rule.bad.is_empty() && !rule.good.is_empty();
        if rule.why.is_empty() || has_example == WITHOUT_EXAMPLE.contains(&slug) {
            bare.push(slug);
        }
    });
    assert!(bare.is_empty(), "these rules lack a why or an example: {bare:?}");
}

#[test]
fn a_rule_is_explained() {
    let scene = Scene::new();
    insta::assert_snapshot!(scene.run(&["explain", "unknown-field"]));
    insta::assert_snapshot!(scene.run(&["explain", "newer-field"]));
    insta::assert_snapshot!(scene.run(&["explain", "unknwon-field"]));
    insta::assert_snapshot!(scene.run(&["rules", "un*"]));
    insta::assert_snapshot!(scene.run(&["rules", "duplicate-key", "--format", "json"]));
}
