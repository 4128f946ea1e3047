//! `milepost rules` and `milepost explain`, and what every rule's examples have to show.

use milepost::finding::{FixKind, Rule, Scope};
use milepost::rule_docs::{self, RuleDoc};

use super::common::{TestDir, each_case};

fn finds(rule: &Rule, example: &str) -> bool {
    rule_docs::check(rule, example).findings.iter().any(|found| found.rule == rule)
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
        assert!(good.kind.is_some(), "{slug}: its good example is not a definition");
    });
}

#[test]
fn fixes_clear_what_they_are_for_and_nothing_else() {
    each_case(with_examples(), |rule| {
        let doc = RuleDoc::of(rule).expect("it has examples");
        let fixed = rule_docs::fixed(rule, &doc.bad);
        let slug = rule.slug;
        assert_eq!(fixed.done.is_empty(), rule.fix == FixKind::None, "{slug}: {}", doc.fix);
        if rule.fix == FixKind::None {
            assert!(
                rule_docs::check(rule, &doc.bad)
                    .findings
                    .iter()
                    .all(|found| found.rule != rule || found.fix.is_none()),
                "{slug} has a fix that it does not declare"
            );
            return;
        }
        assert!(!finds(rule, &fixed.text), "{slug}: fixed to {}", fixed.text);
        assert_eq!(rule_docs::fixed(rule, &fixed.text).text, fixed.text, "{slug}: once is not twice");
        let others = |text: &str| -> Vec<&str> {
            let found = rule_docs::check(rule, text).findings;
            let mut others: Vec<_> =
                found.iter().map(|found| found.rule.slug).filter(|other| *other != slug).collect();
            others.sort_unstable();
            others
        };
        let (before, after) = (others(&doc.bad), others(&fixed.text));
        let new: Vec<_> = after.iter().filter(|other| !before.contains(other)).collect();
        assert!(new.is_empty(), "{slug}: fixing it brings {new:?}: {}", fixed.text);
    });
}

#[test]
fn every_rule_has_a_why_and_an_example() {
    each_case(rule_docs::all(), |rule| {
        let slug = rule.slug;
        assert!(slug.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{slug}");
        assert!(rule.why.ends_with('.') || rule.why.ends_with('`'), "{slug}: {}", rule.why);
        assert_eq!(rule.bad.is_empty(), rule.good.is_empty(), "{slug} has one example of two");
        assert_ne!(
            rule.bad.is_empty(),
            rule.example.is_empty(),
            "{slug} has no example, or one of each sort"
        );
        let is_definition = matches!(rule.scope, Scope::Definitions);
        assert!(is_definition || rule.bad.is_empty(), "{slug} is not about definitions");
    });
}

#[test]
fn options_for_the_target_are_for_a_task() {
    let test = TestDir::new();
    each_case(
        [&["--target", "dcos-2.1"][..], &["--mesos-role", "x"], &["--feature", "secrets"]],
        |options| {
            let said = test.run(&[&["explain", "unknown-field"], options].concat());
            assert!(said.starts_with("exit: 2\n") && said.contains("are for --task"), "{said}");
        },
    );
}

#[test]
fn a_rule_is_explained() {
    let test = TestDir::new();
    insta::assert_snapshot!(test.run(&["explain", "unknown-field"]));
    insta::assert_snapshot!(test.run(&["explain", "newer-field"]));
    insta::assert_snapshot!(test.run(&["explain", "unknwon-field"]));
    insta::assert_snapshot!(test.run(&["rules", "un*"]));
    insta::assert_snapshot!(test.run(&["rules", "duplicate-key", "--format", "json"]));
}
