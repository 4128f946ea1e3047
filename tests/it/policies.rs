//! Policies: an organisation's JSON Schemas in `milepost.toml` and on the command line.

use std::path::Path;

use serde_json::Value;

use super::common::{TestDir, each_case, says_fault};

const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies");

fn example(name: &str) -> String {
    std::fs::read_to_string(Path::new(POLICIES).join(name)).expect("an example")
}

fn examples() -> TestDir {
    let names = ["milepost.toml", "production/bad.json", "production/good.json"];
    let schemas = SIX.iter().map(|(_, file)| *file);
    names.into_iter().chain(schemas).fold(TestDir::new(), |test, name| test.file(name, example(name)))
}

const SIX: [(&str, &str); 6] = [
    ("team-label", "team-label.json"),
    ("own-registry", "own-registry.json"),
    ("two-instances", "two-instances.yaml"),
    ("memory-bound", "memory-bound.json"),
    ("not-privileged", "not-privileged.json"),
    ("health-check", "health-check.json"),
];

/// Every app has a label `team`.
const TEAM: &str = r#"{"title": "Every app says whose it is", "type": "object", "required": ["labels"],
    "properties": {"labels": {"required": ["team"]}}}"#;
const APP: &str = r#"{"id": "/a", "cmd": "sleep 100", "cpus": 0.1, "mem": 32}"#;

#[test]
fn examples_in_the_docs_find_what_they_are_for() {
    let docs =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policies.md")).expect("the page");
    let test = examples();
    assert!(docs.contains(&example("milepost.toml")));
    for (name, file) in SIX {
        assert!(docs.contains(&format!("`{file}`:")) && docs.contains(&example(file)), "{file}");
        let args = |path| ["lint", path, "--select", name, "--fail-on", "warning"];
        let bad = test.run(&args("production/bad.json"));
        assert!(bad.starts_with("exit: 1\n") && bad.contains(&format!("[{name}]: ")), "{bad}");
        let good = test.run(&args("production/good.json"));
        assert!(good.starts_with("exit: 0\n"), "{good}");
    }
    insta::assert_snapshot!(test.run(&["lint", "production"]));
}

#[test]
fn a_policy_of_the_command_line_is_an_error() {
    let test = TestDir::new().file("team.schema.json", TEAM).file("a.json", APP);
    insta::assert_snapshot!(test.run(&["lint", "a.json", "--policy", "team.schema.json"]), @r#"
    exit: 1
    ----- stdout -----
    error[team]: Every app says whose it is: `labels` lacks `team`
     --> a.json:1:1
      |
    1 | {"id": "/a", "cmd": "sleep 100", "cpus": 0.1, "mem": 32}
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /labels/team

    ----- stderr -----
    checked 1 file: 1 error; target dcos (Marathon 1.11)
    `milepost explain team --policy team.schema.json` explains a rule
    "#);
    let other = test.run(&["lint", "a.json", "--policy", "team.schema.json", "--ignore", "team"]);
    assert!(other.starts_with("exit: 0\n"), "{other}");
}

/// Apps in groups and lists are looked at one by one, as stored: in groups Marathon orders them by their ids.
#[test]
fn apps_are_found_wherever_they_are() {
    let group = r#"{
  "id": "/g",
  "groups": [{"id": "inner", "apps": [
    {"id": "b", "cmd": "sleep 1", "labels": {"team": "x"}},
    {"id": "a", "cmd": "sleep 1", "labels": {"owner": "x"}}
  ]}],
  "apps": [
    {"id": "z", "cmd": "sleep 1"},
    {"id": "y", "cmd": "sleep 1", "labels": {"team": "x"}}
  ]
}"#;
    let list = r#"[{"id": "/a", "cmd": "sleep 1", "labels": {"team": "x"}}, {"id": "/b", "cmd": "sleep 1"}]"#;
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "exec": {"command": {"shell": "sleep 1"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
    each_case(["stored", "text"], |on| {
        let settings = format!("[[policy]]\nname = \"team\"\nschema = \"team.json\"\non = \"{on}\"\n");
        let test = TestDir::new()
            .file("team.json", TEAM)
            .file("group.json", group)
            .file("list.json", list)
            .file("pod.json", pod)
            .file("milepost.toml", settings);
        assert_eq!(
            places(&test, &["lint", "group.json", "list.json", "pod.json", "--select", "team"]),
            match on {
                "stored" => vec![
                    "group.json:5 /groups/0/apps/1/labels/team",
                    "group.json:8 /apps/0/labels/team",
                    "list.json:1 /1/labels/team",
                    "pod.json:1 /labels"
                ],
                _ => vec![
                    "group.json:5 /groups/0/apps/1/labels/team",
                    "group.json:8 /apps/0/labels",
                    "list.json:1 /1/labels",
                    "pod.json:1 /labels"
                ],
            },
            "{on}"
        );
    });
}

/// Few members and elements are looked up otherwise than many.
#[test]
fn faults_have_their_places_in_lists_of_any_length() {
    let schema = r#"{"properties": {"labels": {"additionalProperties": {"maxLength": 3}}, "args": {"items": {"maxLength": 3}}}}"#;
    each_case([2, 40], |count| {
        let text = |n: usize| if n + 1 == count { "long" } else { "x" };
        let labels: Vec<String> = (0..count).map(|n| format!("\"{n}\": \"{}\"", text(n))).collect();
        let args: Vec<String> = (0..count).map(|n| format!("\"{}\"", text(n))).collect();
        let (labels, args) = (labels.join(",\n"), args.join(",\n"));
        let app = format!("{{\"id\": \"/a\",\n\"labels\": {{\n{labels}\n}},\n\"args\": [\n{args}\n]}}\n");
        let test = TestDir::new().file("short.json", schema).file("a.json", app);
        let last = count - 1;
        assert_eq!(
            places(&test, &["lint", "a.json", "--policy", "short.json", "--select", "short"]),
            [
                format!("a.json:{} /labels/{last}", 2 + count),
                format!("a.json:{} /args/{last}", 4 + 2 * count)
            ],
            "{count}"
        );
    });
}

/// File, line and pointer of every finding.
fn places(test: &TestDir, args: &[&str]) -> Vec<String> {
    let output = test.command(&[args, &["--format", "json"]].concat()).output().expect("the program runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let files = json["files"].as_array().expect("a list");
    let of_file = |file: &Value| -> Vec<String> {
        let findings = file["diagnostics"].as_array().expect("a list");
        let place = |found: &Value| {
            format!(
                "{}:{} {}",
                file["path"].as_str().expect("a path"),
                found["range"]["start"]["line"],
                found["pointer"].as_str().expect("a pointer")
            )
        };
        findings.iter().map(place).collect()
    };
    files.iter().flat_map(of_file).collect()
}

const SETTINGS: &str = "[[policy]]\nname = \"team\"\nschema = \"rules/team.yaml\"\n";
const TEAM_YAML: &str = "title: Every app says whose it is\ndescription: Somebody has to be called at night.\n\
    required: [labels]\nproperties: {labels: {required: [team]}}\n";

fn with_settings(settings: &str) -> TestDir {
    TestDir::new().file("milepost.toml", settings).file("rules/team.yaml", TEAM_YAML).file("a.json", APP)
}

#[test]
fn a_policy_is_explained_by_its_schema() {
    let test = with_settings(SETTINGS);
    let explained = test.run(&["explain", "team"]);
    assert!(explained.starts_with("exit: 0\n----- stdout -----\nteam ("), "{explained}");
    each_case(["\nEvery app says whose it is.\n", "\nSomebody has to be called at night.\n"], |words| {
        assert!(explained.contains(words), "{explained}");
    });
    assert!(
        explained.contains("\nHeld against: apps and pods in all files, as Marathon would store them\n"),
        "{explained}"
    );
    let more = format!("{SETTINGS}kinds = [\"app\"]\npaths = [\"envs/**\", \"a.json\"]\non = \"text\"\n");
    let narrow = with_settings(&more).run(&["explain", "team"]);
    assert!(
        narrow.contains("\nHeld against: apps in `envs/**`, `a.json`, as they are written\n"),
        "{narrow}"
    );
    let slip = test.run(&["explain", "taem"]);
    assert!(slip.starts_with("exit: 2\n") && slip.contains("did you mean `team`?"), "{slip}");
    let sarif =
        test.command(&["lint", "a.json", "--format", "sarif"]).output().expect("the program runs").stdout;
    let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "team");
    assert_eq!(rule["shortDescription"]["text"], "Every app says whose it is");
    assert_eq!(rule["fullDescription"]["text"], "Somebody has to be called at night.");
}

/// Comments, exceptions and baselines know policies as they know rules.
#[test]
fn findings_of_policies_are_left_out_like_others() {
    let exception = "[[lint.exception]]\npath = \"a.json\"\nrule = \"team\"\npointer = \"/labels\"\nreason = \"nobody's\"\n";
    let fine = |test: &TestDir, args: &[&str]| {
        let said = test.run(args);
        assert!(said.starts_with("exit: 0\n"), "{said}");
        said
    };
    let excepted = with_settings(&format!("{SETTINGS}{exception}"));
    assert!(fine(&excepted, &["lint", "a.json"]).contains("1 excepted"));
    let commented = with_settings(SETTINGS)
        .file("b.jsonc", format!("// milepost-ignore-file: team it is nobody's\n{APP}"));
    assert!(fine(&commented, &["lint", "b.jsonc"]).contains("1 ignored by comments"));
    let recorded = with_settings(SETTINGS);
    fine(&recorded, &["lint", "a.json", "--write-baseline", "old.json"]);
    assert!(fine(&recorded, &["lint", "a.json", "--baseline", "old.json"]).contains("1 in the baseline"));
    fine(&recorded, &["lint", "a.json", "--severity", "team=warning"]);
    fine(&recorded, &["lint", "a.json", "--no-config"]);
    assert_eq!(
        recorded.command(&["lint", "a.json", "--as-server"]).output().expect("it runs").stdout,
        b"{}\n"
    );
}

#[test]
fn a_policy_stays_after_a_fix() {
    let test = with_settings(SETTINGS).file("a.json", APP.replace("\"mem\"", "\"memory\""));
    let said = test.run(&["lint", "--fix", "a.json"]);
    assert!(said.contains("error[team]") && test.read("a.json").contains("\"mem\""), "{said}");
}

/// What Marathon fills in is seen when asked for, at the nearest place that the text has; a set is stored in another order.
#[test]
fn stored_values_are_located_in_the_text() {
    let schema = r#"{"properties": {
        "fetch": {"items": {"properties": {"uri": {"pattern": "^https:"}}}},
        "healthChecks": {"items": {"properties": {"protocol": {"enum": ["MESOS_HTTP"]}}}},
        "instances": {"minimum": 2}}}"#;
    let checks = ["A", "B", "C", "D", "E"]
        .map(|path| format!(r#"{{"path": "/{path}", "protocol": "HTTP"}}"#))
        .join(", ");
    let app = format!(
        "{{\n\"id\": \"/a\",\n\"cmd\": \"sleep 100\",\n\"uris\": [\"http://h/a\"],\n\"healthChecks\": [\n{checks}]}}"
    );
    let test = TestDir::new().file("p.json", schema).file("a.json", app);
    let found = places(&test, &["lint", "a.json", "--policy", "p.json", "--select", "p"]);
    assert!(found.contains(&"a.json:1 /instances".to_owned()), "{found:?}");
    assert!(found.contains(&"a.json:1 /fetch/0/uri".to_owned()), "{found:?}");
    assert_eq!(
        found.iter().filter(|place| place.starts_with("a.json:5 /healthChecks/")).count(),
        5,
        "{found:?}"
    );
}

/// Where the reason is not shown, a run says that a policy was not looked at.
#[test]
fn a_policy_that_was_not_looked_at_is_named() {
    let broken = r#"{"id": "/a", "cmd": "sleep 100", "mem": "much"}"#;
    let test = with_settings(SETTINGS).file("a.json", broken);
    test.run(&["lint", "a.json", "--write-baseline", "old.json"]);
    let warning = "warning: a.json is not held against team: Marathon would reject it";
    each_case(
        [
            (&["--severity", "wrong-type=off"][..], true),
            (&["--select", "team", "--ignore", "wrong-type"], true),
            (&["--select", "team", "--baseline", "old.json"], true),
            (&["--baseline", "old.json"], true),
            (&[], false),
            (&["--select", "team"], false),
            (&["--select", "wrong-type"], false),
            (&["--select", "cmd-*"], false),
            (&["--ignore", "team,wrong-type"], false),
        ],
        |(options, is_warned)| {
            let said = test.run(&[&["lint", "a.json"], options].concat());
            assert_eq!(said.contains(warning), is_warned, "{options:?} {said}");
        },
    );
}

#[test]
fn a_policy_of_the_command_line_is_explained() {
    let test = TestDir::new().file("team.schema.json", TEAM).file("a.json", APP);
    let said = test.run(&["lint", "a.json", "--policy", "team.schema.json"]);
    assert!(said.contains("`milepost explain team --policy team.schema.json` explains a rule"), "{said}");
    each_case(
        [
            &["explain", "team", "--policy", "team.schema.json"][..],
            &["explain", "--policy", "team.schema.json"],
        ],
        |args| {
            let explained = test.run(args);
            let start = "exit: 0\n----- stdout -----\nteam (";
            assert!(explained.starts_with(start) && explained.contains("says whose it is"), "{explained}");
        },
    );
}

/// A definition that Marathon rejects would not be stored; as it is written it can be looked at.
#[test]
fn what_marathon_rejects_is_looked_at_as_text_only() {
    let broken = r#"{"id": "/a", "cmd": "sleep 100", "mem": "32"}"#;
    each_case([("stored", "wrong-type"), ("text", "team")], |(on, rule)| {
        let test = with_settings(&format!("{SETTINGS}on = \"{on}\"\n")).file("a.json", broken);
        let said = test.run(&["lint", "a.json", "--select", "team", "--format", "concise"]);
        assert!(said.starts_with("exit: 1\n") && said.contains(&format!("error[{rule}]")), "{on} {said}");
        assert_eq!(said.matches("error[").count(), 1, "{on} {said}");
    });
}

/// The reason why a selected policy was not looked at is reported in every format, and is not fixed.
#[test]
fn why_a_selected_policy_was_not_looked_at_is_reported() {
    let broken = r#"{"id": "/a", "cmd": "sleep 100", "mem": "32", "instances": "2"}"#;
    let test = with_settings(SETTINGS).file("a.json", broken);
    each_case(["text", "json", "sarif", "junit", "gitlab", "github", "concise"], |format| {
        let said = test.run(&["lint", "a.json", "--select", "team", "--format", format]);
        assert!(said.starts_with("exit: 1\n") && said.contains("wrong-type"), "{format} {said}");
        assert!(!said.contains("fixable with"), "{format} {said}");
    });
    test.run(&["lint", "a.json", "--select", "team", "--fix"]);
    assert_eq!(test.read("a.json"), broken);
}

/// What was not looked for is not out of date.
#[test]
fn what_was_not_looked_at_is_not_called_unused() {
    let settings =
        format!("{SETTINGS}[[lint.exception]]\npath = \"b.json\"\nrule = \"team\"\nreason = \"known\"\n");
    let jsonc = r#"{"id": "/a", // milepost-ignore: team
        "cmd": "sleep 100", "mem": 32}"#;
    let fine = r#"{"id": "/b", "cmd": "sleep 100", "mem": 32}"#;
    let test = with_settings(&settings).file("a.jsonc", jsonc).file("b.json", fine);
    let test = test.file("c.json", r#"{"id": "/c", "cmd": "sleep 100", "mem": 32}"#);
    let recorded = test.run(&["lint", "c.json", "--write-baseline", "old.json"]);
    assert!(recorded.contains("recorded 1 finding"), "{recorded}");
    let all = ["lint", "a.jsonc", "b.json", "c.json", "--baseline", "old.json", "--format", "concise"];
    let before = test.run(&all);
    assert!(before.starts_with("exit: 0\n"), "{before}");
    let spoil = |name: &str| test.read(name).replace("32}", "\"much\"}");
    let [a, b, c] = ["a.jsonc", "b.json", "c.json"].map(spoil);
    let test = test.file("a.jsonc", &a).file("b.json", &b).file("c.json", &c);
    let said = test.run(&all);
    assert_eq!(said.matches("error[wrong-type]").count(), 3, "{said}");
    for wrong in ["unused-ignore", "unused-exception", "no longer found"] {
        assert!(!said.contains(wrong), "{said}");
    }
    test.run(&["lint", "a.jsonc", "b.json", "c.json", "--write-baseline", "old.json"]);
    assert!(test.read("old.json").contains("\"team\""), "{}", test.read("old.json"));
}

#[test]
fn values_are_not_repeated() {
    let schema = r#"{"properties": {"env": {"additionalProperties": {"maxLength": 3, "pattern": "^a", "enum": ["x"], "const": "y",
        "not": {"type": "string"}, "anyOf": [{"type": "number"}]}}}}"#;
    let app = r#"{"id": "/a", "cmd": "sleep 100", "env": {"DB_PASSWORD": "hunter2-hunter2"}}"#;
    let test = TestDir::new().file("p.json", schema).file("a.json", app);
    each_case(["text", "json", "sarif", "junit", "github", "gitlab"], |format| {
        let said = test.run(&["lint", "a.json", "--policy", "p.json", "--format", format]);
        assert!(said.starts_with("exit: 1\n") && said.contains("DB_PASSWORD"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    });
}

#[test]
fn a_policy_that_cannot_be_used_ends_the_run() {
    each_case(
        [
            ("{\n\"type\": \"strin\"}", "p.json:2:9\n", "not a usable JSON Schema"),
            ("{\n\"type\": }", "p.json:2:9\n", ""),
            (
                "{\n\"properties\": {\"cmd\": {\"pattern\": \"(\"}}}",
                "p.json:2:35\n",
                "not a usable JSON Schema",
            ),
            (
                "{\n\"properties\": {\"cmd\": {\"pattern\": \"(?=a)\"}}}",
                "p.json:2:35\n",
                "not a usable JSON Schema",
            ),
            (
                "{\n\"$ref\": \"https://example.com/x.json\"}",
                "p.json:2:9\n",
                "`$ref` leads to another file or address: `https://example.com/x.json`",
            ),
            ("{\n\"$ref\": \"other.json#/a\"}", "p.json:2:9\n", "only places of this file are looked up"),
            (
                "{\"properties\": {\n\"cmd\": {\"$ref\": \"#/$defs/nope\"}}}",
                "p.json:2:17\n",
                "`$ref` leads to nothing: `#/$defs/nope`",
            ),
            (
                "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\n\"$ref\": \"#b\"}}}",
                "p.json:2:9\n",
                "\"$anchor\": \"b\"",
            ),
            (
                "{\n\"$schema\": \"https://example.com/meta\"}",
                "p.json:2:12\n",
                "drafts 4, 6, 7, 2019-09 and 2020-12 are known",
            ),
            (
                "{\n\"$schema\": \"http://json-schema.org/draft-03/schema#\", \"required\": true}",
                "p.json:2:12\n",
                "`$schema` names no known draft",
            ),
            (
                "{\n\"type\": \"objekt\"}",
                "p.json:2:9\n",
                "write one of array, boolean, integer, null, number, object, string, or a list of them",
            ),
            ("{\n\"properties\": {\"cmd\": {\"pattern\": \"(?=a)\"}}}", "p.json:2:35\n", "look-around"),
            ("{\"properties\": {\"cmd\": {\n\"required\": true}}}", "p.json:2:13\n", "draft 3"),
            ("", "p.json:1:1\n", "write a JSON Schema"),
            ("5", "p.json:1:1\n", "not a usable JSON Schema"),
        ],
        |(schema, place, words)| {
            let test = TestDir::new().file("p.json", schema).file("a.json", APP);
            let said = test.run(&["lint", "a.json", "--policy", "p.json"]);
            assert!(said.starts_with("exit: 2\n") && said.contains(place) && said.contains(words), "{said}");
        },
    );
    let test = with_settings(SETTINGS).file("syntax.json", TEAM).file("a b.json", TEAM);
    each_case(["syntax.json", "a b.json", "none.json"], |file| {
        let said = test.run(&["lint", "a.json", "--no-config", "--policy", file]);
        assert!(said.starts_with("exit: 2\n"), "{said}");
    });
    let twice = with_settings(&format!("{SETTINGS}{SETTINGS}")).run(&["lint", "a.json"]);
    assert!(
        twice.starts_with("exit: 2\n") && says_fault(&twice, "milepost.toml:5:8: the name `team` is taken"),
        "{twice}"
    );
}
