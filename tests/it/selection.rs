//! Choosing what `milepost lint` reports: rules and levels, `milepost.toml`, exceptions, comments, the baseline.

use serde_json::Value;

use super::common::{TestDir, each_case};

/// Findings of four rules: unknown-field (twice), wrong-type, response-field (info), out-of-range.
const APP: &str = r#"{
  "id": "/web",
  "cmd": "sleep 1",
  "cpus": "2", "instances": 0, "networks": [{"mode": "container/bridge"}],
  "lable": {},
  "container": {"docker": {"image": "nginx:1.27", "imgae": "x"}, "portMappings": [{"containerPort": 70000}]},
  "tasksRunning": 1
}
"#;

fn test_dir() -> TestDir {
    TestDir::new().file("web.json", APP)
}

/// The findings as `severity rule pointer`, and the exit code.
fn found(test: &TestDir, args: &[&str]) -> (Vec<String>, i32) {
    let mut all = vec!["lint", "--format", "json"];
    all.extend(args);
    let output = test.command(&all).output().expect("the program runs");
    let code = output.status.code().expect("it ends");
    if output.stdout.is_empty() {
        return (vec![String::from_utf8_lossy(&output.stderr).into_owned()], code);
    }
    let document: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let files = document["files"].as_array().expect("a list").iter();
    let findings = files.flat_map(|file| file["diagnostics"].as_array().expect("a list"));
    let line = |finding: &Value| {
        let pointer = text(&finding["pointer"]);
        format!("{} {} {pointer}", text(&finding["severity"]), text(&finding["rule"])).trim_end().to_owned()
    };
    (findings.map(line).collect(), code)
}

fn rules(test: &TestDir, args: &[&str]) -> Vec<String> {
    let (findings, _) = found(test, args);
    findings.iter().filter_map(|finding| finding.split(' ').nth(1)).map(str::to_owned).collect()
}

#[test]
fn rules_are_selected_ignored_and_levelled() {
    let test = test_dir();
    let all = ["wrong-type", "unknown-field", "unknown-field", "out-of-range", "response-field"];
    assert_eq!(rules(&test, &["web.json"]), all);
    assert_eq!(
        rules(&test, &["--select", "wrong-type,out-of-range", "web.json"]),
        ["wrong-type", "out-of-range"]
    );
    assert_eq!(
        rules(&test, &["--select", "*-field", "--ignore", "unknown-*", "web.json"]),
        ["response-field"]
    );
    let (findings, code) = found(
        &test,
        &["--severity", "*=info", "--severity", "*-field=off,unknown-field=warning", "web.json"],
    );
    assert_eq!(
        findings,
        [
            "info wrong-type /cpus",
            "warning unknown-field /lable",
            "warning unknown-field /container/docker/imgae",
            "info out-of-range /container/portMappings/0/containerPort",
        ]
    );
    assert_eq!(code, 0, "no error is left");
}

#[test]
fn the_exit_code_follows_fail_on() {
    let test = test_dir();
    let code = |args: &[&str]| {
        let mut all = vec!["--select", "response-field", "web.json"];
        all.extend(args);
        found(&test, &all).1
    };
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--fail-on", "warning"]), 0);
    assert_eq!(code(&["--fail-on", "info"]), 1);
    assert_eq!(code(&["--severity", "response-field=warning", "--fail-on", "warning"]), 1);
    assert_eq!(found(&test, &["--fail-on", "never", "web.json"]).1, 0);
    assert_eq!(found(&test, &["--fail-on", "never", "web.json", "missing.json"]).1, 2);
}

#[test]
fn misspelt_rule_names_are_reported() {
    let test = test_dir();
    let mut told = String::new();
    for args in [
        ["--select", "unknown-feild"],
        ["--ignore", "net-*"],
        ["--ignore", "net-["],
        ["--severity", "unknown-field"],
        ["--severity", "unknown-field=fatal"],
        ["--severity", "unknwon-field=off"],
    ] {
        let output = test.run(&["lint", args[0], args[1], "web.json"]);
        let error = output.strip_prefix("exit: 2\n----- stdout -----\n----- stderr -----\n");
        told += error.unwrap_or_else(|| panic!("{args:?}: {output}"));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn syntax_errors_are_reported_whatever_is_selected() {
    let test = TestDir::new().file("cut.json", "{\"id\": \"/a\"");
    assert_eq!(
        found(&test, &["--select", "wrong-type", "cut.json"]),
        (vec!["error syntax-error".to_owned()], 1)
    );
    assert_eq!(found(&test, &["--ignore", "syntax", "cut.json"]), (vec![], 0));
}

#[test]
fn settings_are_found_upwards_and_the_command_line_counts_first() {
    let settings = "[lint]\nignore = [\"*-field\"]\nfail-on = \"never\"\ntarget = \"dcos-1.13\"\n\
                    severity = { wrong-type = \"warning\", out-of-range = \"off\" }\n";
    let test = TestDir::new()
        .file("milepost.toml", settings)
        .file("services/web.json", APP)
        .file("other/.git/HEAD", "")
        .file("other/web.json", APP)
        .file("other.toml", "[lint]\nselect = [\"out-of-range\"]\n");
    let at = |directory: &str, args: &[&str]| {
        let mut all = vec!["lint"];
        all.extend(args);
        all.push("web.json");
        let output = test.command(&all).current_dir(test.path().join(directory)).output().expect("it runs");
        let last = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        let tally = last.split(';').next().unwrap_or_default().to_owned();
        (tally, output.status.code())
    };
    let is = |last: &str, code| (format!("checked 1 file: {last}"), Some(code));
    assert_eq!(at("services", &[]), is("1 warning", 0));
    assert_eq!(at("services", &["--fail-on", "warning"]), is("1 warning", 1));
    assert_eq!(at("services", &["--severity", "wrong-type=error"]), is("1 error", 0));
    assert_eq!(at("services", &["--severity", "*=error"]), is("1 error", 0));
    assert_eq!(at("services", &["--select", "unknown-field,out-of-range"]), is("3 errors", 0));
    assert_eq!(at("services", &["--no-config"]), is("4 errors, 1 note", 1));
    assert_eq!(at("services", &["--config", "../other.toml"]), is("1 error", 1));
    assert_eq!(at("other", &[]), is("4 errors, 1 note", 1));
}

#[test]
fn invalid_settings_are_rejected_with_their_place() {
    let exception = |rest: &str| format!("[[lint.exception]]\npath = \"web.json\"\n{rest}");
    let cases = [
        ("unknown_key", "[lint]\nignroe = []\n".to_owned()),
        ("unknown_table", "[format]\n".to_owned()),
        ("unknown_rule", "[lint]\nignore = [\n  \"syntax\",\n  \"wrong-tpye\",\n]\n".to_owned()),
        ("unknown_rule_level", "[lint.severity]\nwrong-tpye = \"off\"\n".to_owned()),
        ("unknown_level", "[lint.severity]\nwrong-type = \"fatal\"\n".to_owned()),
        ("unknown_fail_on", "[lint]\nfail-on = \"warn\"\n".to_owned()),
        ("unknown_target", "[lint]\ntarget = \"dcos-9\"\n".to_owned()),
        ("no_reason", exception("rule = \"wrong-type\"\n")),
        ("blank_reason", exception("rule = \"wrong-type\"\nreason = \" \"\n")),
        ("bad_glob", "[[lint.exception]]\npath = \"a[\"\nrule = \"syntax\"\nreason = \"x\"\n".to_owned()),
        ("bad_pointer", exception("pointer = \"cpus\"\nrule = \"syntax\"\nreason = \"x\"\n")),
        ("no_toml", "lint\n".to_owned()),
    ];
    let mut told = String::new();
    each_case(cases, |(name, text)| {
        let output = test_dir().file("milepost.toml", text).run(&["lint", "web.json"]);
        assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{name}: {output}");
        told.extend([name, ": "].into_iter().chain(output.split_inclusive('\n').skip(3)));
    });
    insta::assert_snapshot!(told);
    insta::assert_snapshot!(test_dir().run(&["lint", "--config", "none.toml", "web.json"]));
}

#[test]
fn exceptions_hide_what_they_name_and_are_reported_when_unused() {
    let settings = r#"
[[lint.exception]]
path = "services/**/*.json"
pointer = "/container/docker"
rule = "unknown-*"
reason = "read by our own scheduler"

[[lint.exception]]
path = "services/*.json"
pointer = "/cp"
rule = "wrong-type"
reason = "not this one: /cpus is not below /cp"

[[lint.exception]]
path = "services/**"
rule = "response-field"
reason = "exported from a server"

[[lint.exception]]
path = "elsewhere/*.json"
rule = "syntax"
reason = "no such file is looked at"

[[lint.exception]]
path = "services/cut.json"
rule = "wrong-type"
reason = "nobody can tell: it does not parse"
"#;
    let test = TestDir::new()
        .file("milepost.toml", settings)
        .file("services/web.json", APP)
        .file("services/cut.json", "{\"id\": \"/a\", \"cmd\"");
    insta::assert_snapshot!(test.run(&["lint", "--format", "github", "services"]));
    insta::assert_snapshot!(test.run(&["lint", "--select", "unused-exception", "services/web.json"]));
    // The same from elsewhere, and the rule can be left out like any other.
    let mut command =
        test.command(&["lint", "--ignore", "unused-exception,unmatched-path", "../services/web.json"]);
    std::fs::create_dir(test.path().join("ci")).expect("made");
    let output = command.current_dir(test.path().join("ci")).output().expect("it runs");
    let last = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        last.starts_with("checked 1 file: 3 errors; 2 fixable with --fix; not shown: 2 excepted; target "),
        "{last}"
    );
    // One for a rule that is not chosen this time is not of no use.
    let output = test.run(&[
        "lint",
        "--ignore",
        "response-field",
        "--select",
        "unused-exception",
        "services/web.json",
    ]);
    assert!(!output.contains("response-field"), "{output}");
}

#[test]
fn comments_hide_what_they_name_and_are_reported_when_unused() {
    let jsonc = r#"// milepost-ignore-file: response-field exported from a server
{
  "id": "/web",
  "cmd": "x // milepost-ignore: syntax",
  // milepost-ignore: wrong-type, unknown-field legacy
  // and a remark between

  "cpus": "2", "lable": {},
  "mem": "64", /* milepost-ignore: wrong-* */
  "lables": {}, // milepost-ignore: wrong-type the wrong rule
  "disk": "1",
  // milepost-ignore: wrong-tpye
  // milepost-ignore
  // milepost-ignore:
  // milepost-ignore-file: wrong-type too late
  "tasksRunning": 1, /* milepost-ignore: wrong-type */ "instances": "1",
}
"#;
    let yaml = "# milepost-ignore-file: response-field\nid: /a\ncmd: |\n  # milepost-ignore: syntax\n  sleep 1\n\
                # milepost-ignore: wrong-type\ncpus: many # milepost-ignore: unknown-value\nmem: \"# milepost-ignore: x\"\n";
    let json = "{\"id\": \"/a\", \"cmd\": \"milepost-ignore: wrong-type\", \"cpus\": \"1\"}";
    let test = TestDir::new().file("a.jsonc", jsonc).file("b.yaml", yaml).file("c.json", json);
    insta::assert_snapshot!(test.run(&["lint", "--format", "github", "a.jsonc"]));
    insta::assert_snapshot!(test.run(&["lint", "b.yaml"]));
    assert_eq!(rules(&test, &["c.json"]), ["wrong-type"]);
    assert!(rules(&test, &["--ignore", "unused-ignore", "b.yaml"]).iter().all(|rule| rule == "wrong-type"));
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let group = |apps: &str| format!("{{\"id\": \"/g\",\n \"apps\": [{apps}]}}");
    let x = r#"{"id": "/g/x", "cmd": "a b", "q": 1, "env": {"A": 1}}"#;
    let test =
        test_dir().file("services/g.json", group(x)).file("clean.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
    let wrote = test.run(&["lint", "--write-baseline", "base/line.json", "."]);
    assert!(wrote.starts_with("exit: 2"), "there is no such directory: {wrote}");
    insta::assert_snapshot!(test.run(&["lint", "--write-baseline", "baseline.json", "."]));
    let baseline = test.read("baseline.json");
    insta::assert_snapshot!(baseline);
    insta::assert_snapshot!(test.run(&["lint", "--baseline", "baseline.json", "."]));

    // Lines and elements move; one finding is fixed, one is new.
    let moved = group(&format!(
        "\n\n{{\"id\": \"/g/new\", \"cmd\": \"c d\", \"q\": 2}},\n{}",
        x.replace("\"A\": 1", "\"A\": \"1\"")
    ));
    let test = test.file("services/g.json", moved);
    insta::assert_snapshot!(test.run(&["lint", "--baseline", "baseline.json", "--statistics", "."]));
    let (findings, code) = found(&test, &["--baseline", "baseline.json", "."]);
    assert_eq!((findings, code), (vec!["error unknown-field /apps/0/q".to_owned()], 1));
    // A run that does not look at a file cannot say that its findings are gone; a file that is not there any more can.
    let output = test.run(&["lint", "--baseline", "baseline.json", "web.json"]);
    assert!(output.contains("5 in the baseline; target ") && !output.contains("no longer"), "{output}");
    std::fs::remove_file(test.path().join("services/g.json")).expect("removed");
    let output = test.run(&["lint", "--baseline", "baseline.json", "web.json"]);
    assert!(
        output.ends_with(
            "note: 2 findings of baseline.json are no longer found; --write-baseline baseline.json removes them\n"
        ),
        "{output}"
    );
}

#[test]
fn a_baseline_is_the_same_from_anywhere_and_every_time() {
    let test = TestDir::new().file("services/web.json", APP).file("services/two.json", APP).file("ci/x", "");
    test.run(&["lint", "--write-baseline", "baseline.json", "services/web.json", "services/two.json"]);
    let first = test.read("baseline.json");
    let from_ci = |args: &[&str]| {
        let mut command = test.command(args);
        command.current_dir(test.path().join("ci")).output().expect("it runs")
    };
    from_ci(&["lint", "--write-baseline", "../baseline.json", "../services"]);
    assert_eq!(first, test.read("baseline.json"));
    test.run(&["lint", "--write-baseline", "baseline.json", "services/two.json"]);
    assert_eq!(first, test.read("baseline.json"));
    assert_eq!(from_ci(&["lint", "--baseline", "../baseline.json", "../services"]).status.code(), Some(0));
    let test = test.file("milepost.toml", "[lint]\nbaseline = \"baseline.json\"\n");
    assert_eq!(found(&test, &["services"]), (vec![], 0));
    let code =
        test.command(&["lint", "services"]).current_dir(test.path().join("ci")).output().expect("it runs");
    assert_eq!(code.status.code(), Some(2), "services is not there");
}

#[test]
fn a_baseline_holds_no_values() {
    let app = r#"{"id": "/a", "cmd": "sleep 1", "env": {"PASSWORD": ["hunter2"]}, "hunter3": "hunter2"}"#;
    let test = TestDir::new().file("a.json", app);
    test.run(&["lint", "--write-baseline", "baseline.json", "a.json"]);
    let baseline = test.read("baseline.json");
    assert!(baseline.contains("/env/PASSWORD") && !baseline.contains("hunter2"), "{baseline}");
}

#[test]
fn what_is_not_a_baseline_is_rejected() {
    let test = test_dir()
        .file("cut.json.txt", "{\"version\": 1,\n \"findings\": [")
        .file("odd.txt", "{\"version\": 1, \"findings\": [{\"path\": \"a\"}]}")
        .file("later.txt", "{\"version\": 2, \"entries\": []}");
    each_case(["cut.json.txt", "odd.txt", "later.txt", "missing.txt"], |name| {
        insta::assert_snapshot!(
            format!("no_baseline_{name}"),
            test.run(&["lint", "--baseline", name, "web.json"])
        );
    });
    insta::assert_snapshot!(test.run(&["lint", "--write-baseline", "web.json", "web.json"]));
    assert_eq!(test.read("web.json"), APP, "a definition is not written over");
    let output = test.run(&["lint", "--write-baseline", "new.json", "web.json", "missing.json"]);
    assert!(output.starts_with("exit: 2") && !test.path().join("new.json").exists(), "{output}");
}

#[test]
fn statistics_count_per_rule() {
    let test = test_dir().file("other.json", r#"{"id": "/b", "cmd": "a b", "q": 1}"#);
    insta::assert_snapshot!(test.run(&["lint", "--statistics", "."]));
    insta::assert_snapshot!(test.run(&["lint", "--statistics", "--format", "github", "other.json"]));
}

/// Takes minutes where each comment is compared with each finding.
#[test]
fn many_comments_and_findings_are_matched() {
    let ignores = "# milepost-ignore: unknown-value\n".repeat(50_000);
    let mut slips = "labels:\n".to_owned();
    (0..20_000)
        .for_each(|number| slips.extend(["  q", &number.to_string(), ": 1 # milepost-ignore: wrong-type\n"]));
    let names = vec!["removed-*"; 50_000].join(",");
    let text = format!("# milepost-ignore-file: {names}\nid: /a\ncmd: sleep 1\n{ignores}{slips}");
    let test = TestDir::new().file("a.yaml", text);
    let output = test.run(&["lint", "--statistics", "a.yaml"]);
    assert!(output.contains("100000  warning  unused-ignore"), "{output:.400}");
    assert!(output.contains("20000 ignored by comments; target "), "{output:.400}");
}
