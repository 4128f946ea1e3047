<<<<<<< HEAD:tests/it/rules.rs
//! `milepost rules` and `milepost explain`, and what every rule's examples have to show.
=======
//! Advice: what Marathon takes and somebody should know what becomes of it.
>>>>>>> 17c0307 (Tests of advice stand by themselves; the stateful template gives its service time to stop):tests/it/advice.rs

use milepost::catalogue::{self, Lesson};
use milepost::diagnostic::{FixKind, Rule};

use super::common::Scene;

<<<<<<< HEAD:tests/it/rules.rs
fn finds(rule: &Rule, example: &str) -> bool {
    catalogue::check(rule, example).diagnostics.iter().any(|found| found.rule == rule.slug)
=======
fn lint(rule: &Rule, text: &str) -> Vec<Diagnostic> {
    let target: Target = rule.target.parse().unwrap_or_else(|error| panic!("{}: {error}", rule.slug));
    let report = Linter::default().lint(text.into(), Format::Json, None, &target.settings());
    assert!(report.kind.is_some(), "{}: the example shows no kind: {text}", rule.slug);
    report.diagnostics
>>>>>>> 17c0307 (Tests of advice stand by themselves; the stateful template gives its service time to stop):tests/it/advice.rs
}

fn with_examples() -> impl Iterator<Item = &'static Rule> {
    catalogue::all().iter().copied().filter(|rule| !rule.bad.is_empty())
}

#[test]
<<<<<<< HEAD:tests/it/rules.rs
fn bad_examples_are_found_and_good_ones_are_not() {
    for rule in with_examples() {
        let slug = rule.slug;
        assert!(finds(rule, rule.bad), "{slug}: its bad example does not break it");
        assert!(!finds(rule, rule.good), "{slug}: its good example breaks it");
        let good = catalogue::check(rule, rule.good);
        assert!(!good.is_rejected(), "{slug}: its good example is refused: {:#?}", good.diagnostics);
        assert!(good.kind.is_some(), "{slug}: its good example is no definition");
=======
fn advice_is_taught() {
    let advice: Vec<&Rule> = with_examples().filter(|rule| rule.effect != Effect::Rejected).collect();
    assert!(advice.len() >= 40, "{}", advice.len());
    for rule in advice {
        assert!(rule.why.ends_with('.'), "{}: no reason is given", rule.slug);
        for found in lint(rule, rule.bad).iter().filter(|found| found.rule == rule.slug) {
            assert!(found.help.is_some(), "{}: nothing is said about what to do", rule.slug);
            assert_ne!(found.message, rule.title, "{}: nothing is said about this case", rule.slug);
            assert!(!found.range.is_empty(), "{}: points nowhere", rule.slug);
            assert_eq!(
                found.fix.as_ref().map_or(FixKind::None, |fix| fix.kind),
                rule.fix,
                "{}: the mend it declares is not the one it offers for its example",
                rule.slug
            );
        }
>>>>>>> 17c0307 (Tests of advice stand by themselves; the stateful template gives its service time to stop):tests/it/advice.rs
    }
}

#[test]
<<<<<<< HEAD:tests/it/rules.rs
fn fixes_clear_what_they_are_for_and_nothing_else() {
=======
fn secrets_are_told_of_and_not_shown() {
    let text = "{\n  \"id\": \"/web\",\n  \"cmd\": \"serve\",\n  \"env\": {\"DB_PASSWORD\": \"lètmein\", \"B_TOKEN\": \"open\\tsesame\"},\n  \
                \"labels\": {\"a\": 1}\n}";
    let scene = Scene::new()
        .file("web.json", text.replace("{\"a\": 1}", "{}"))
        .file("uri.json", r#"{"id": "/w", "cmd": "pull amqp://web:letmein@mq; true"}"#)
        .file(
            "minified.json",
            r#"{"id":"/w","cmd":"serve","env":{"A_SECRET":"letmein"},"uris":["https://example.com/a"]}"#,
        );
    for format in ["text", "json", "sarif", "junit", "github", "gitlab"] {
        let output = scene.run(&["lint", "--format", format, "."]);
        assert!(output.contains("plain-secret") && output.contains("password-in-uri"), "{output}");
        for secret in ["lètmein", "letmein", "sesame"] {
            assert!(!output.contains(secret), "{format} shows a secret:\n{output}");
        }
    }
    insta::assert_snapshot!(scene.run(&["lint", "web.json"]), @r#"
    exit: 0
    ----- stdout -----
    warning[plain-secret]: `DB_PASSWORD` is in plain text for everyone who sees the definition
     --> web.json:4:26
      |
    4 |   "env": {"DB_PASSWORD": "********", "B_TOKEN": "************"},
      |                          ^^^^^^^^^^ /env/DB_PASSWORD
      |
      = help: put it into the secret store, write {"secret":"NAME"} here and define NAME in `secrets`

    warning[plain-secret]: `B_TOKEN` is in plain text for everyone who sees the definition
     --> web.json:4:49
      |
    4 |   "env": {"DB_PASSWORD": "********", "B_TOKEN": "************"},
      |                                                 ^^^^^^^^^^^^^^ /env/B_TOKEN
      |
      = help: put it into the secret store, write {"secret":"NAME"} here and define NAME in `secrets`

    ----- stderr -----
    checked 1 file: 2 warnings
    "#);
}

#[test]
fn rules_hold_from_and_until_the_releases_they_name() {
    let before = |target: &str| -> Option<String> {
        let minor: u16 =
            target.parse::<Target>().ok()?.release().to_string().strip_prefix("1.")?.parse().ok()?;
        let line = format!("marathon-1.{}", minor.checked_sub(1)?);
        line.parse::<Target>().is_ok().then_some(line)
    };
>>>>>>> 17c0307 (Tests of advice stand by themselves; the stateful template gives its service time to stop):tests/it/advice.rs
    for rule in with_examples() {
        let lesson = Lesson::of(rule).expect("it has examples");
        let mended = catalogue::mended(rule, &lesson.bad);
        let slug = rule.slug;
        assert_eq!(mended.done.is_empty(), rule.fix == FixKind::None, "{slug}: {}", lesson.fix);
        if rule.fix == FixKind::None {
            assert!(
                catalogue::check(rule, &lesson.bad)
                    .diagnostics
                    .iter()
                    .all(|found| found.rule != slug || found.fix.is_none()),
                "{slug} has a mend that it does not declare"
            );
            continue;
        }
        assert!(!finds(rule, &mended.text), "{slug}: mended to {}", mended.text);
        assert_eq!(catalogue::mended(rule, &mended.text).text, mended.text, "{slug}: once is not twice");
        let others = |text: &str| -> Vec<&str> {
            let found = catalogue::check(rule, text).diagnostics;
            let mut others: Vec<_> =
                found.iter().map(|found| found.rule).filter(|other| *other != slug).collect();
            others.sort_unstable();
            others
        };
        let (before, after) = (others(&lesson.bad), others(&mended.text));
        let new: Vec<_> = after.iter().filter(|other| !before.contains(other)).collect();
        assert!(new.is_empty(), "{slug}: mending it brings {new:?}: {}", mended.text);
    }
}

#[test]
<<<<<<< HEAD:tests/it/rules.rs
fn rules_are_told_in_full() {
    /// What cannot be shown in print, or not in one definition.
    const WITHOUT_EXAMPLE: &[&str] =
        &["not-text", "odd-encoding", "too-deep", "unused-exception", "unused-ignore"];
    let mut bare = Vec::new();
    for rule in catalogue::all() {
        let slug = rule.slug;
        assert!(slug.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert!(!rule.title.ends_with('.') && !rule.title.is_empty(), "{slug}");
        let has_example = !rule.bad.is_empty() && !rule.good.is_empty();
        if rule.why.is_empty() || has_example == WITHOUT_EXAMPLE.contains(&slug) {
            bare.push(slug);
        }
    }
    assert!(bare.len() <= 81, "these rules lack a why or an example: {bare:?}");
}

#[test]
fn a_rule_is_explained() {
    let scene = Scene::new();
    insta::assert_snapshot!(scene.run(&["explain", "unknown-field"]));
    insta::assert_snapshot!(scene.run(&["explain", "newer-field"]));
    insta::assert_snapshot!(scene.run(&["explain", "unknwon-field"]));
    insta::assert_snapshot!(scene.run(&["rules", "un*"]));
    insta::assert_snapshot!(scene.run(&["rules", "duplicate-key", "--format", "json"]));
=======
fn no_two_rules_have_one_title() {
    let titles: BTreeSet<&str> = catalogue().iter().map(|rule| rule.title).collect();
    assert_eq!(titles.len(), catalogue().len());
>>>>>>> 17c0307 (Tests of advice stand by themselves; the stateful template gives its service time to stop):tests/it/advice.rs
}
