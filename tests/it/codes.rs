//! Every code that appears in output, documentation or source is a rule of the one registry, under its present name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use milepost::finding::{Effect, Rule, Scope};
use milepost::rule_docs;
use regex::Regex;

use super::common::{TestDir, each_case};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The texts of the files below a directory that end in one of these, by their paths.
fn texts(directory: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| endings.iter().any(|wanted| end == *wanted)) {
                let text = std::fs::read_to_string(&path).expect("a text file");
                texts.push((path, text));
            }
        }
    }
    texts
}

/// The codes that a pattern's first group finds in texts, with a file that each is in.
fn codes(pattern: &str, texts: &[(PathBuf, String)]) -> BTreeMap<String, PathBuf> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let found = texts.iter().flat_map(|(path, text)| {
        pattern.captures_iter(text).map(|found| (found[1].to_owned(), path.clone()))
    });
    found.collect()
}

/// Asserts that each code is a rule's present name.
fn are_rules(codes: &BTreeMap<String, PathBuf>, least: usize) {
    assert!(codes.len() >= least, "only {} codes found: {codes:?}", codes.len());
    each_case(codes, |(code, path)| {
        let rule = rule_docs::find(code);
        assert_eq!(rule.map(|rule| rule.slug), Some(code.as_str()), "in {}", path.display());
    });
}

#[test]
fn codes_in_brackets_are_rules() {
    let mut all = texts(&root().join("tests/it"), &["rs", "snap"]);
    all.extend(texts(&root().join("docs"), &["md"]));
    all.push(("README.md".into(), std::fs::read_to_string(root().join("README.md")).expect("a text file")));
    // Policies are an organisation's own rules.
    all.retain(|(path, _)| !path.to_string_lossy().contains("policies"));
    are_rules(&codes(r"\b(?:error|warning|info|note)\[([a-z0-9-]+)\]", &all), 200);
    // Before a sentence, as in the plan of a migration: `a.json:1:2: rejected [old-uris]: …`.
    are_rules(&codes(r"(?m)^ *\S+: [^\n\[]* \[([a-z][a-z0-9]*(?:-[a-z0-9]+)+)\]: ", &all), 2);
}

/// `diff` has the code behind the sentence: `warning: b.json: … [check-without-port]`.
#[test]
fn codes_behind_sentences_are_rules() {
    let failing =
        rule_docs::all().iter().filter(|rule| rule.effect == Effect::Fails && rule.target == "dcos");
    let said = failing.filter(|rule| !rule.bad.starts_with("//")).map(|rule| {
        let test = TestDir::new().file("a.json", rule.good).file("b.json", rule.bad);
        (PathBuf::from(rule.slug), test.run(&["diff", "a.json", "b.json"]))
    });
    are_rules(&codes(r"(?m)^warning: .* \[([^\] ]+)\]$", &said.collect::<Vec<_>>()), 10);
}

#[test]
fn codes_in_machine_readable_output_are_rules() {
    let all = texts(&root().join("tests/it"), &["snap"]);
    let patterns = [
        (r#""(?:rule|ruleId|slug|check_name)": ?"([^"]+)""#, 5),
        (r#"<(?:failure|error) message="[^"]*" type="([^"]+)""#, 2),
        (r"(?m)^::(?:error|warning|notice) .*?,title=([^:]+)::", 3),
    ];
    each_case(patterns, |(pattern, least)| are_rules(&codes(pattern, &all), least));
}

#[test]
fn rules_in_the_source_are_in_the_registry() {
    let mut sources = texts(&root().join("src"), &["rs"]);
    for (_, text) in &mut sources {
        // Tests declare rules of their own.
        let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        text.truncate(end);
    }
    let declared =
        codes(r#"\bRule::(?:verdict|ignored|fails|risky|deprecated|style)\(\s*"([^"]+)""#, &sources);
    are_rules(&declared, 200);
    let listed: BTreeSet<&str> = rule_docs::all().iter().map(|rule| rule.slug).collect();
    let undeclared: Vec<_> = listed.iter().filter(|slug| !declared.contains_key(**slug)).collect();
    assert!(undeclared.is_empty(), "in the registry, and not declared as all others are: {undeclared:?}");
}

#[test]
fn a_name_is_one_rule() {
    let mut names = BTreeSet::new();
    each_case(rule_docs::all(), |rule| {
        for name in rule.names() {
            assert!(names.insert(name), "{name} is the name of two rules");
            assert_eq!(rule_docs::find(name), Some(*rule));
        }
    });
}

#[test]
fn every_code_is_explained() {
    let test = TestDir::new();
    let slugs: Vec<&str> = rule_docs::all().iter().map(|rule| rule.slug).collect();
    let output = test.run(&[&["explain"], &*slugs].concat());
    assert!(output.starts_with("exit: 0\n"), "{output:.300}");
    each_case(slugs, |slug| assert!(output.contains(&format!("\n{slug} (")), "{slug} is not explained"));
    insta::assert_snapshot!(test.run(&["explain", "secret-clash", "nothing-to-pull", "marathon"]));
}

/// The commands that are named as those which report a rule about definitions do.
#[test]
fn rules_about_definitions_are_reported_by_the_commands_that_are_named() {
    let app = r#"{"id": "/web", "cmd": "sleep 100", "cpus": "many"}"#;
    let good = r#"{"id": "/web", "cmd": "sleep 100"}"#;
    let test = TestDir::new().file("a.json", app).file("a.json.j2", app).file("b.json", good);
    let commands = Scope::Definitions.commands();
    each_case(
        [
            (&["lint", "a.json"][..], "lint"),
            (&["normalize", "a.json"], "normalize"),
            (&["diff", "b.json", "a.json"], "diff"),
            (&["migrate", "a.json"], "migrate"),
            (&["render", "a.json.j2"], "render"),
            (&["explain", "--task", "a.json"], "explain --task"),
        ],
        |(args, command)| {
            let said = test.run(args);
            assert!(said.contains("error[wrong-type]"), "{said}");
            assert!(commands.split(", ").any(|named| named == command), "{command}");
        },
    );
    let missing = test.run(&["explain", "unreadable"]);
    assert!(!missing.contains("Marathon rejects") && missing.contains("Found by: lint\n"), "{missing}");
}

#[test]
fn every_code_can_be_selected() {
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 100", "nmae": "web"}"#);
    let others: Vec<&str> = rule_docs::all()
        .iter()
        .filter(|rule| !matches!(rule.scope, Scope::Definitions))
        .map(|rule| rule.slug)
        .collect();
    assert!(others.len() > 60, "{others:?}");
    let output = test.run(&["lint", "--select", &others.join(","), "web.json"]);
    let nothing = "exit: 0\n----- stdout -----\n----- stderr -----\nchecked 1 file: nothing found; target ";
    assert!(output.starts_with(nothing), "{output}");
}

/// A definition that breaks a rule whose earlier name is `constraint`.
const CONSTRAINT: &str = r#"{"id": "/web", "cmd": "sleep 100", "constraints": [["hostname"]]}"#;

fn finds_constraint(output: &str) -> bool {
    assert!(!output.contains("no rule"), "{output}");
    output.contains("error[invalid-constraint]")
}

#[test]
fn earlier_names_still_count() {
    let in_jsonc = CONSTRAINT.replace("]]}", "]] // milepost-ignore: constraint as before\n}");
    let test = TestDir::new().file("web.json", CONSTRAINT).file("comment.jsonc", in_jsonc).file(
        "baseline.json",
        r#"{"version": 1, "findings": [{"path": "web.json", "rule": "constraint", "pointer": "/constraints"}]}"#,
    );
    let lint = |more: &[&str]| test.run(&[&["lint"], more, &["web.json"]].concat());
    assert!(finds_constraint(&lint(&[])));
    assert!(finds_constraint(&lint(&["--select", "constraint"])));
    assert!(!finds_constraint(&lint(&["--ignore", "constraint"])));
    assert!(!finds_constraint(&lint(&["--severity", "constraint=info"])));
    let known = lint(&["--baseline", "baseline.json"]);
    assert!(!finds_constraint(&known) && known.contains("1 in the baseline"), "{known}");
    let ignored = test.run(&["lint", "comment.jsonc"]);
    assert!(!finds_constraint(&ignored) && ignored.contains("1 ignored by comments"), "{ignored}");
    let test = test.file("milepost.toml", "[lint]\nignore = [\"constraint\"]\n");
    assert!(!finds_constraint(&test.run(&["lint", "web.json"])));
}

#[test]
fn fingerprints_outlive_a_new_name() {
    let renamed: Vec<&&Rule> = rule_docs::all().iter().filter(|rule| !rule.aliases.is_empty()).collect();
    assert!(renamed.len() > 20, "{renamed:?}");
    each_case(renamed, |rule| assert_eq!(rule.first_name(), rule.aliases[0]));
    let test = TestDir::new().file("web.json", CONSTRAINT);
    let output = test.run(&["lint", "--format", "gitlab", "--select", "invalid-constraint", "web.json"]);
    // What it was when the rule was called `constraint`.
    assert!(output.contains("\"fingerprint\":\"585e1c45919f8718ed2833102970d39c\""), "{output}");
}
