//! The formats `milepost lint` writes: what each says of the same files, and what none of them lets through.

use std::collections::HashSet;

use serde_json::Value;

use super::common::{TestDir, each_case};

mod beside;

/// One clean file, one with findings of two severities, one that is not there, one with a name that needs escaping.
fn test_dir() -> TestDir {
    TestDir::new()
        .file("clean.json", r#"{"id": "/a", "cmd": "sleep 1"}"#)
        .file("bad.json", "{\n  \"id\": \"/web\",\n  \"cpus\": \"2\",\n  \"ö\": 1, \"version\": \"2021-07-27T12:00:00.000Z\"\n}\n")
        .file("services/50%, ü.yaml", "id: /b\ncmd: sleep 1\nenv:\n  - A\n")
}

fn lint(test: &TestDir, format: &str) -> String {
    test.run(&["lint", "--format", format, "clean.json", "bad.json", "missing.json", "./services"])
}

fn stdout(test: &TestDir, args: &[&str]) -> String {
    let output = test.command(args).output().expect("the program runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(test: &TestDir, args: &[&str]) -> Value {
    serde_json::from_str(&stdout(test, args)).expect("valid JSON")
}

#[test]
fn text() {
    insta::assert_snapshot!(lint(&test_dir(), "text"));
}

#[test]
fn json_document() {
    insta::assert_snapshot!(lint(&test_dir(), "json"));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(lint(&test_dir(), "sarif"));
}

#[test]
fn junit() {
    insta::assert_snapshot!(lint(&test_dir(), "junit"));
}

#[test]
fn github() {
    insta::assert_snapshot!(lint(&test_dir(), "github"));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(lint(&test_dir(), "gitlab"));
}

#[test]
fn no_finding_makes_an_empty_document() {
    let test = test_dir();
    let mut documents = String::new();
    for format in ["text", "json", "sarif", "junit", "github", "gitlab"] {
        documents.extend(["== ", format, "\n", &stdout(&test, &["lint", "--format", format, "clean.json"])]);
    }
    insta::assert_snapshot!(documents);
}

/// A field's name with everything in it that means something to some reader.
const HOSTILE: &str =
    r#"{"id": "/a", "cmd": "x y", "\u001b[31m]]>\"'&<b>%25\r\n::error::x\t\u0000\u009b\u202e\uffff": 1}"#;

#[test]
fn hostile_text_stays_text() {
    let test = TestDir::new().file("h,:%<&\".json", HOSTILE);
    each_case(["text", "junit", "github"], |format| {
        let out = stdout(&test, &["lint", "--format", format, "."]);
        let is_control =
            |c: char| (c.is_control() && !matches!(c, '\t' | '\n')) || matches!(c, '\u{202e}' | '\u{ffff}');
        assert!(!out.contains(is_control), "{format}: {out:?}");
        insta::assert_snapshot!(format!("hostile_{format}"), out);
    });
    let name = "\u{1b}[31m]]>\"'&<b>%25\r\n::error::x\t\0\u{9b}\u{202e}\u{ffff}";
    let document = json(&test, &["lint", "--format", "json", "."]);
    assert_eq!(document["files"][0]["diagnostics"][0]["pointer"], format!("/{name}"));
    let document = json(&test, &["lint", "--format", "sarif", "."]);
    let location = &document["runs"][0]["results"][0]["locations"][0];
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], format!("/{name}"));
    let uri = &location["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "h%2C%3A%25%3C%26%22.json");
    let document = json(&test, &["lint", "--format", "gitlab", "."]);
    assert!(document[0]["description"].as_str().expect("a text").contains(name), "{document}");
}

#[test]
fn no_line_of_github_output_but_commands() {
    let test = TestDir::new().file("h.json", HOSTILE);
    let out = stdout(&test, &["lint", "--format", "github", "h.json"]);
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.starts_with("::error file=h.json,line=1,col=28,"), "{out}");
    // Nor does the text for people hold a line that the runner would take for one: it looks behind white space too.
    let out = stdout(&test, &["lint", "h.json"]);
    assert!(!out.lines().any(|line| line.trim_start().starts_with("::")), "{out}");
}

#[test]
fn sarif_holds_together() {
    let test = test_dir();
    let document = json(&test, &["lint", "--format", "sarif", "bad.json", "services", "missing.json"]);
    let run = &document["runs"][0];
    assert_eq!((&document["version"], &run["columnKind"]), (&"2.1.0".into(), &"unicodeCodePoints".into()));
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let ids: HashSet<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "each rule once");
    assert!(rules.iter().all(|rule| rule["shortDescription"]["text"].is_string()), "{rules:?}");
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 5, "{results:#?}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a word")));
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for place in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[place].as_u64().expect("a number") >= 1, "{region}");
        }
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let elsewhere = test.path().join("bad.json");
    let elsewhere = elsewhere.to_str().expect("UTF-8");
    let named = json(&test, &["lint", "--format", "sarif", elsewhere]);
    let uri = |document: &Value| {
        document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .clone()
    };
    assert_eq!(uri(&named), "bad.json", "below the directory a path is relative, however it was given");
}

#[test]
fn fingerprints_outlive_moves_and_differ() {
    let before = r#"{"id": "/g", "apps": [{"id": "/g/x", "cmd": "a b", "q": 1, "q": 2}, {"id": "/g/y", "cmd": "a b", "q": 1}]}"#;
    let after =
        before.replace("{\"id\": \"/g/x\"", "\n\n{\"id\": \"/g/new\", \"cmd\": \"c d\"},\n{\"id\": \"/g/x\"");
    let fingerprints = |text: &str| -> Vec<String> {
        let test = TestDir::new().file("g.json", text);
        let document = json(&test, &["lint", "--format", "gitlab", "g.json"]);
        let issues = document.as_array().expect("a list").iter();
        issues.map(|issue| issue["fingerprint"].as_str().expect("a text").to_owned()).collect()
    };
    let found = fingerprints(before);
    assert_eq!(found, fingerprints(&after));
    assert!(found.len() == 3 && found.iter().collect::<HashSet<_>>().len() == found.len(), "{found:?}");
}

#[test]
fn levels_chosen_show_in_every_format() {
    let test = test_dir();
    let level = |format| {
        ["lint", "--format", format, "--severity", "wrong-type=info,unknown-field=warning", "bad.json"]
    };
    insta::assert_snapshot!(stdout(&test, &level("github")));
    let severities = |document: &Value, key: &str| -> Vec<String> {
        let findings = document.as_array().expect("a list").iter();
        findings.map(|finding| finding[key].as_str().expect("a word").to_owned()).collect()
    };
    let document = json(&test, &level("json"));
    assert_eq!(
        severities(&document["files"][0]["diagnostics"], "severity"),
        ["error", "info", "warning", "info"]
    );
    assert_eq!(document["summary"]["warnings"], 1);
    let document = json(&test, &level("sarif"));
    assert_eq!(severities(&document["runs"][0]["results"], "level"), ["error", "note", "warning", "note"]);
    assert_eq!(severities(&json(&test, &level("gitlab")), "severity"), ["critical", "info", "minor", "info"]);
    assert!(stdout(&test, &level("junit")).contains("failures=\"1\""));
    assert!(stdout(&test, &level("text")).contains("\ninfo[wrong-type]"));
}

#[test]
fn colours_are_for_terminals() {
    let test = test_dir();
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = test.command(&["lint", "bad.json"]);
        command.env_remove("NO_COLOR").envs(variables.iter().copied());
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(1));
        output.stdout.contains(&0x1b)
    };
    assert!(!coloured(&[]), "a pipe is no terminal");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn an_unknown_format_is_rejected() {
    insta::assert_snapshot!(test_dir().run(&["lint", "--format", "xml", "clean.json"]));
}

/// Names of a file have no limit, and lines of a log have one.
#[test]
fn what_is_quoted_at_length_is_cut() {
    let test = TestDir::new()
        .file("long.json", format!("{{\"id\": \"/a\", \"cmd\": \"x\", \"{}\": 1}}", "q".repeat(5_000)));
    each_case(["concise", "github", "gitlab", "text"], |format| {
        let output = stdout(&test, &["lint", "--format", format, "long.json"]);
        assert!(output.contains("qqq") && output.contains('…'), "{format}: {output}");
        assert!(output.lines().all(|line| line.len() < 2_500), "{format}: {output}");
    });
}

/// `-o -` is standard output, or refused where only files can be written.
#[test]
#[cfg(all(feature = "net", feature = "cert"))]
fn a_dash_is_no_file() {
    let test = TestDir::new().file("web.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    let commands: [&[&str]; 3] = [
        &["render", "worker", "--set", "id=/a", "--set", "image=b:1"],
        &["convert", "web.json", "--to", "yaml"],
        &["registry", "app", "--tls", "none"],
    ];
    each_case(commands, |command| {
        let usual = stdout(&test, command);
        assert!(!usual.is_empty(), "{}", test.run(command));
        assert_eq!(stdout(&test, &[command, &["-o", "-"]].concat()), usual);
    });
    let others: [&[&str]; 4] = [
        &["image", "pull", "registry.example/a:1"],
        &["registry", "backup", "registry.example"],
        &["registry", "cert"],
        &["registry", "group"],
    ];
    each_case(others, |command| {
        let said = test.run(&[command, &["-o", "-"]].concat());
        assert!(said.starts_with("exit: 2\n") && said.contains("not to standard output: name one"), "{said}");
    });
    assert!(!test.path().join("-").exists());
}
