//! Repositories: files of other tools beside definitions, ignored and excluded files, one service for several clusters.

mod named;
mod near;

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

const APP: &str = r#"{"id": "/shop/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32, "instances": 2}"#;

fn report(test: &TestDir, args: &[&str]) -> Json {
    let output = test.command(args).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{stderr}"))
}

/// The files that were checked.
fn checked(report: &Json) -> Vec<&str> {
    let files = report["files"].as_array().expect("a list").iter();
    files.map(|file| file["path"].as_str().expect("a path")).collect()
}

/// The rules of all findings.
fn rules(report: &Json) -> Vec<&str> {
    let files = report["files"].as_array().expect("a list").iter();
    let findings = files.flat_map(|file| file["diagnostics"].as_array().expect("a list"));
    findings.map(|finding| finding["rule"].as_str().expect("a rule")).collect()
}

/// Files of other tools: a name, and a text with words that definitions have too.
const FOREIGN: &[(&str, &str)] = &[
    (
        "chronos.json",
        r#"{"name": "x", "schedule": "R//P1D", "command": "date", "cpus": 0.5, "mem": 64, "disk": 0}"#,
    ),
    ("chronos-id.json", r#"{"id": "x", "schedule": "R//P1D", "cmd": "date", "cpus": 0.5, "mem": 64}"#),
    (
        "dependent.json",
        r#"{"name": "y", "parents": ["x"], "command": "date", "cpus": 0.5, "mem": 64, "uris": []}"#,
    ),
    ("metronome.json", r#"{"id": "nightly", "run": {"cmd": "date", "cpus": 0.5, "mem": 64}}"#),
    (
        "app.schema.json",
        r#"{"$schema": "http://json-schema.org/draft-07/schema#", "id": "x", "properties": {"cmd": {}}, "cmd": 1}"#,
    ),
    ("settings.json", r#"{"container": "prod", "mem": 5, "name": "x"}"#),
    (
        "broker.json",
        r#"{"id": "0", "active": true, "cpus": 1, "mem": 2048, "heap": 1024, "port": "31000", "syslog": false, "options": "a=b",
            "log4jOptions": "", "jvmOptions": "", "stickiness": {}, "failover": {}, "constraints": "hostname=unique"}"#,
    ),
    ("task.json", r#"{"id": "web.1", "appId": "/web", "slaveId": "S0", "host": "a", "ports": [31000]}"#),
    ("inspect.json", r#"[{"Id": "sha256:1", "Created": "x", "Path": "sh", "Args": [], "Image": "a"}]"#),
    (
        "pod.k8s.json",
        r#"{"apiVersion": "v1", "kind": "Pod", "id": "x", "containers": [{"name": "a", "image": "b"}]}"#,
    ),
    ("package.json", r#"{"name": "x", "version": "1.0.0", "scripts": {"a": "b"}, "dependencies": {}}"#),
    ("products.json", r#"[{"id": "a", "title": "b", "image": "c.png", "labels": ["d"], "price": 1}]"#),
    ("apps.json", r#"{"apps": [{"name": "a"}, {"name": "b"}]}"#),
    ("text.json", r#""just a text""#),
    ("k8s.yaml", "apiVersion: v1\nkind: A\nmetadata: {}\n---\napiVersion: v1\nkind: B\n"),
    (
        "helm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\n{{- end }}\n",
    ),
    ("cfn.yaml", "Resources:\n  Bucket:\n    Properties:\n      Name: !Sub \"${AWS::StackName}\"\n"),
    ("playbook.yml", "- hosts: all\n  tasks:\n    - name: install\n      apt: name={{ item }}\n"),
    (
        "compose.yml",
        "x-common: &common\n  restart: always\nservices:\n  a:\n    <<: *common\n    image: shop/a\n",
    ),
    ("tsconfig.json", "{ // made by tsc\n \"compilerOptions\": { \"strict\": true, } }\n"),
    ("empty.yml", ""),
    ("comment.yml", "# nothing here\n"),
    ("latin.yaml", "name: caf\u{e9}\n"),
];

fn foreign() -> TestDir {
    FOREIGN.iter().fold(TestDir::new(), |test, (name, text)| {
        let bytes: Vec<u8> = match *name {
            "latin.yaml" => text.chars().map(|letter| u8::try_from(letter).expect("Latin-1")).collect(),
            _ => text.as_bytes().to_vec(),
        };
        test.file(name, bytes)
    })
}

#[test]
fn a_walk_checks_only_what_is_surely_marathons() {
    let test = foreign().file("web.json", APP);
    let report = report(&test, &["lint", ".", "--format", "json"]);
    assert_eq!(checked(&report), ["./web.json"]);
    assert_eq!(report["unreadable"].as_array().map(Vec::len), Some(0), "{report}");
    let skipped = report["skipped"].as_array().expect("a list");
    assert_eq!(skipped.len(), FOREIGN.len(), "each is listed: {skipped:?}");
    assert!(skipped.iter().all(|file| file["reason"].as_str().is_some_and(|reason| reason.len() > 10)));
    insta::assert_snapshot!(test.run(&["lint", "-v", ".", "--ignore", "no-health-check"]));
}

#[test]
fn a_walk_changes_nothing_of_other_tools() {
    each_case(
        [
            &["lint", "--fix=unsafe", "."][..],
            &["fmt", "."],
            &["migrate", ".", "--to", "1.11", "--write", "--unsafe"],
        ],
        |args| {
            let test = foreign().file("web.json", APP);
            test.command(args).output().expect("it runs");
            for (name, text) in FOREIGN.iter().filter(|(name, _)| *name != "latin.yaml") {
                assert_eq!(test.read(name), *text, "{args:?} {name}");
            }
        },
    );
}

#[test]
fn what_was_surely_meant_for_marathon_is_checked_in_a_walk() {
    let meant = [
        ("a.json", r#"{"Id": "/a", "cmd": "sleep 1", "cpus": 0.1}"#, "missing-field"),
        ("b.json", r#"{"id": "/b", "cmds": "sleep 1", "mem": 32}"#, "unknown-field"),
        ("c.json", r#"{"id": "c", "image": "shop/c:1", "cpus": 0.1, "mem": 32}"#, "unknown-field"),
        ("d.json", r#"{"id": "/d", "args": ["a"], "labels": {}, "cpus": "0.1"}"#, "wrong-type"),
        ("e.yaml", "id: /e\ncmd: sleep 1\nenv:\n  A: {{ b }}\n", "unfilled-placeholder"),
        ("f.json", r#"{"id": "/f", "cmd": "sleep 1",}"#, "syntax-error"),
        (
            "g.json",
            r#"{"id": "/g", "apps": [{"id": "a", "cmd": "x", "cpu": 1}], "groups": []}"#,
            "unknown-field",
        ),
        ("h.json", r#"[{"id": "/h", "cmd": "x", "memory": 1}]"#, "unknown-field"),
        ("i.json", r#"{"id": "/i", "containers": [{"name": "a", "image": "x"}]}"#, "missing-field"),
        (
            "j.json",
            r##"{"id": "/j", "cmd": "x", "_note": 1, "#comment": 2, "//a": 3, "$schema": "s"}"##,
            "no-health-check",
        ),
    ];
    each_case(meant, |(name, text, rule)| {
        let test = TestDir::new().file(name, text);
        let output = test.command(&["lint", ".", "--format", "json"]).output().expect("it runs");
        let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(checked(&report).len(), 1, "{name}: {report}");
        assert!(rules(&report).contains(&rule) || rule == "no-health-check", "{name}: {:?}", rules(&report));
    });
}

#[test]
fn a_file_without_an_id_is_never_fixed() {
    let text = r#"{"name": "x", "command": "date", "cpus": 0.5, "mem": 64, "container": {}}"#;
    let test = TestDir::new().file("job.json", text);
    insta::assert_snapshot!(test.run(&["lint", "--fix=unsafe", "--kind", "app", "job.json"]));
    assert_eq!(test.read("job.json"), text);
}

#[test]
fn a_named_file_need_not_be_a_definition_when_others_are_named() {
    let test = foreign().file("web.json", APP);
    let run = test.run(&[
        "lint",
        "--ignore",
        "no-health-check",
        "web.json",
        "package.json",
        "tsconfig.json",
        "chronos.json",
    ]);
    insta::assert_snapshot!(run);
    insta::assert_snapshot!(test.run(&["lint", "chronos.json"]));
    insta::assert_snapshot!(test.run(&["lint", "package.json", "tsconfig.json"]));
    let formatted = test.run(&["fmt", "--check", "web.json", "package.json"]);
    assert!(formatted.contains("warning: skipped package.json"), "{formatted}");
}

#[test]
fn what_is_ignored_or_excluded_is_counted() {
    let test =
        TestDir::new().file(".gitignore", "*.json\nbuild/\n").file("web.json", APP).file("build/a.json", APP);
    insta::assert_snapshot!(test.run(&["lint", "."]));
    let test = TestDir::new()
        .file("web.json", APP)
        .file("charts/a/web.json", APP)
        .file("old-web.json", APP)
        .file("web.json.j2", "{{ x }}")
        .file("milepost.toml", "exclude = [\"old-*\"]\n");
    let args = ["lint", "--ignore", "no-health-check", "-v", ".", "--exclude", "charts"];
    insta::assert_snapshot!(test.run(&args));
    let report = report(&test, &["lint", "old-web.json", "web.json", "--format", "json"]);
    assert_eq!(checked(&report), ["web.json"]);
    each_case(
        [
            &["fmt", "--check", ".", "--exclude", "charts"][..],
            &["migrate", "--to", "1.11", "--diff", ".", "--exclude", "charts"],
        ],
        |command| {
            let output = test.run(command);
            assert!(!output.contains("charts/a") && !output.contains("old-web.json:"), "{output}");
        },
    );
}

#[test]
fn templates_are_counted_by_their_names() {
    let names = ["j2", "jinja", "jinja2", "template", "mustache", "tmpl", "tpl", "gotmpl", "erb"];
    let test = names.into_iter().fold(TestDir::new().file("web.json", APP), |test, extension| {
        test.file(&format!("a.json.{extension}"), "{{ x }}")
    });
    let output = test.run(&["lint", "--ignore", "no-health-check", "-v", "."]);
    assert_eq!(output.matches("which `milepost render` fills in").count(), 4, "{output}");
    assert_eq!(output.matches("which the tool it was written for fills in").count(), 5, "{output}");
    assert!(output.contains("skipped 9 files"), "{output}");
}

#[test]
fn settings_are_those_of_the_checked_file() {
    let bare = r#"{"id": "/a", "cmd": "sleep 100", "secrets": {"s": {"source": "a"}}, "env": {"A": {"secret": "s"}}}"#;
    let test = TestDir::new()
        .file("one/milepost.toml", "[target]\nname = \"bare\"\n")
        .file("one/a.json", bare)
        .file("two/milepost.toml", "[target]\nname = \"dcos-2.1\"\n[lint]\nignore = [\"no-health-check\"]\n")
        .file("two/b.json", bare.replace("/a\"", "/b\""));
    assert!(rules(&report(&test, &["lint", "one/a.json", "--format", "json"])).contains(&"disabled-feature"));
    assert_eq!(rules(&report(&test, &["lint", "two/b.json", "--format", "json"])), [""; 0]);
    // Each file of a run has its own.
    for args in
        [&["lint", ".", "--format", "json"][..], &["lint", "one/a.json", "two/b.json", "--format", "json"]]
    {
        let report = report(&test, args);
        let files = report["files"].as_array().expect("a list").iter();
        let refused = |file: &&Json| file.to_string().contains("disabled-feature");
        let refused: Vec<&str> = files.filter(refused).filter_map(|file| file["path"].as_str()).collect();
        assert!(matches!(refused[..], [path] if path.ends_with("one/a.json")), "{refused:?}");
    }
    let normalized = test.run(&["normalize", "one/a.json"]);
    assert!(normalized.starts_with("exit: 1"), "{normalized}");
    assert!(test.run(&["normalize", "two/b.json"]).starts_with("exit: 0"));
    let both = test.run(&["migrate", "one/a.json", "two/b.json", "--to", "1.11", "--diff"]);
    assert!(both.starts_with("exit: 1") || both.contains("name them in separate runs"), "{both}");
}

#[test]
fn one_service_for_several_clusters_is_defined_once() {
    let app = |instances: u8| {
        APP.replace("\"instances\": 2", &format!("\"instances\": {instances}, \"ports\": [10080]"))
    };
    let other = app(1).replace("/shop/web", "/shop/api");
    let test = TestDir::new()
        .file("envs/dev/web.json", app(1))
        .file("envs/prod/web.json", app(9))
        .file("envs/prod/api.json", &other);
    let found = |test: &TestDir| {
        let report = report(test, &["lint", ".", "--format", "json", "--ignore", "no-health-check,old-*"]);
        rules(&report).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(&test), ["duplicate-service-port"], "of api and web in prod");
    // The settings say that both directories go to one cluster.
    let test = test.file("milepost.toml", "[environment.all]\npaths = [\"envs/**\"]\n");
    assert_eq!(found(&test), ["duplicate-service-port", "duplicate-id"]);
    let test = test.file(
        "milepost.toml",
        "[environment.dev]\npaths = [\"envs/dev/**\"]\n[environment.prod]\npaths = [\"envs/prod/**\"]\n",
    );
    assert_eq!(found(&test), ["duplicate-service-port"]);
}

/// A directory stands for all below it, in whichever way it is written.
#[test]
fn the_paths_of_an_environment_may_be_directories() {
    let test = TestDir::new().file("envs/prod/a/web.json", APP).file("envs/prod/b/web.json", APP);
    each_case(["envs", "envs/", "./envs/prod", "/envs/prod", ".", "envs/*", "envs/**"], |paths| {
        let test_dir = TestDir::new()
            .file("envs/prod/a/web.json", APP)
            .file("envs/prod/b/web.json", APP)
            .file("milepost.toml", format!("[environment.prod]\npaths = [\"{paths}\"]\n"));
        let report = report(&test_dir, &["lint", ".", "--format", "json"]);
        assert!(rules(&report).contains(&"duplicate-id"), "{paths}: {report}");
        assert!(!rules(&report).contains(&"unmatched-path"), "{paths}: {report}");
    });
    let report = report(&test, &["lint", ".", "--format", "json"]);
    assert!(!rules(&report).contains(&"duplicate-id"), "without an environment: {report}");
}

#[test]
fn a_pattern_that_matches_no_file_is_told() {
    let settings = "[environment.prod]\npaths = [\"envs/prod\", \"envs/prd\"]\n\n[[policy]]\nname = \"house-owner\"\n\
                    schema = \"owner.json\"\npaths = [\"envs/*/*.yml\"]\n\n[[lint.exception]]\npath = \"old/web.json\"\n\
                    rule = \"unpinned-image\"\nreason = \"a test image\"\n";
    let test = TestDir::new()
        .file("milepost.toml", settings)
        .file("owner.json", "{}")
        .file("envs/prod/web.json", APP)
        .file("envs/dev/README.md", "");
    let all = test.run(&["lint", ".", "--format", "concise", "--select", "unmatched-path"]);
    each_case(
        [
            "milepost.toml:2:23: warning[unmatched-path] `envs/prd` of [environment.prod] matches no file",
            "milepost.toml:7:10: warning[unmatched-path] `envs/*/*.yml` of the policy house-owner matches no file",
            "milepost.toml:10:8: warning[unmatched-path] `old/web.json` of [[lint.exception]] matches no file",
        ],
        |told| {
            assert!(all.contains(told), "{all}");
        },
    );
    assert!(all.starts_with("exit: 0") && !all.contains("`envs/prod`"), "{all}");
    // One file does not show that another pattern matches none, but that a directory is missing is seen.
    let one = test.run(&["lint", "envs/prod/web.json", "--format", "concise", "--select", "unmatched-path"]);
    assert!(one.contains("`envs/prd`") && one.contains("`old/web.json`") && !one.contains("*.yml"), "{one}");
    let test = test.file("envs/prd/api.j2", "{}").file("envs/prd/x/api.yml", "").file("old/web.json", APP);
    let found = test.run(&["lint", ".", "--format", "concise", "--select", "unmatched-path"]);
    assert!(
        found.contains("`envs/*/*.yml` of the policy house-owner") && !found.contains("`envs/prd`"),
        "{found}"
    );
    let empty = test.file("milepost.toml", "[environment.prod]\npaths = [\"\"]\n");
    let said = empty.run(&["lint", "."]);
    assert!(said.contains("an empty text is not a path pattern; `.` stands for all files"), "{said}");
}

/// The settings of a directory are for what is in it: a pattern that leads out of it does nothing, and is named, whether or
/// not there is something where it leads.
#[test]
fn a_pattern_that_leads_out_of_its_directory_is_named() {
    let settings = |pattern: &str| {
        format!(
            "exclude = [\"{pattern}\"]\n[environment.prod]\npaths = [\"{pattern}\"]\n[[policy]]\nname = \"house-owner\"\n\
             schema = \"owner.json\"\npaths = [\"{pattern}\"]\n[[lint.exception]]\npath = \"{pattern}\"\n\
             rule = \"unpinned-image\"\nreason = \"a test image\"\n"
        )
    };
    each_case(["../**", "../f.json", "./../f.json", "../sub/g.json", "a/../../f.json"], |pattern| {
        let test = TestDir::new()
            .file("sub/milepost.toml", settings(pattern))
            .file("sub/owner.json", "{}")
            .file("sub/g.json", APP)
            .file("f.json", APP);
        for path in ["sub", "sub/g.json"] {
            let said = test.run(&["lint", path, "--format", "concise", "--select", "unmatched-path"]);
            for user in ["`exclude`", "[environment.prod]", "the policy house-owner", "[[lint.exception]]"] {
                assert!(said.contains(&format!("`{pattern}` of {user} matches no file")), "{user}: {said}");
            }
        }
        let said = test.run(&["lint", "sub", "--select", "unmatched-path"]);
        assert!(said.contains("write it without `..`"), "{said}");
    });
    // From a directory beside the files, where they have no settings of their own, such a pattern leads to them.
    let test = TestDir::new()
        .file("ci/milepost.toml", "exclude = [\"../old\"]\n[environment.prod]\npaths = [\"../apps\"]\n")
        .file("apps/g.json", APP);
    let mut command = test.command(&["lint", "../apps", "--format", "concise", "--select", "unmatched-path"]);
    let said =
        test.describe(&command.current_dir(test.path().join("ci")).output().expect("the program runs"));
    assert!(said.starts_with("exit: 0") && !said.contains("unmatched-path"), "{said}");
    // What leaves files out may find none.
    let test = TestDir::new().file("milepost.toml", "exclude = [\"old\", \"a/b\"]\n").file("g.json", APP);
    let said = test.run(&["lint", ".", "--select", "unmatched-path"]);
    assert!(!said.contains("unmatched-path"), "{said}");
}

#[test]
fn two_services_with_many_common_ports_have_one_finding() {
    let ports: Vec<String> = (10_000..10_102).map(|port| port.to_string()).collect();
    let app = |id: &str| {
        format!(r#"{{"id": "{id}", "cmd": "sleep 100", "portDefinitions": [{}]}}"#, {
            ports.iter().map(|port| format!(r#"{{"port": {port}}}"#)).collect::<Vec<_>>().join(", ")
        })
    };
    let test = TestDir::new().file("a.json", app("/a")).file("b.json", app("/b"));
    insta::assert_snapshot!(test.run(&["lint", ".", "--ignore", "no-health-check", "--format", "github"]));
}

#[test]
fn directories_with_repeated_ids_are_compared_file_by_file() {
    let app = |cmd: &str, id: &str| format!(r#"{{"id": "{id}", "cmd": "{cmd}"}}"#);
    let test = TestDir::new()
        .file("old/dev/web.json", app("run a", "/web"))
        .file("old/prod/web.json", app("run b", "/web"))
        .file("old/api.json", app("run a", "/api"))
        .file("old/gone.json", app("run a", "/gone"))
        .file("new/dev/web.json", app("run a", "/web"))
        .file("new/prod/web.json", app("run c", "/web"))
        .file("new/moved/api.json", app("run b", "/api"))
        .file("new/package.json", "{\"name\": \"x\"}");
    insta::assert_snapshot!(test.run(&["diff", "old", "new"]));
    let json = report(&test, &["diff", "old", "new", "--format", "json"]);
    let files: Vec<&Json> =
        json["differences"].as_array().expect("a list").iter().map(|one| &one["file"]).collect();
    assert_eq!(files, [&Json::Null, &Json::Null, &Json::from("prod/web.json")]);
    // What Marathon would reject is compared as it is written, where it can be read.
    let test = test.file("new/prod/web.json", r#"{"id": "/web", "cmd": "c"}"#);
    let output = test.run(&["diff", "old", "new"]);
    assert!(
        output.starts_with("exit: 1")
            && output.contains("prod/web.json: Marathon would reject this; compared as it is written"),
        "{output}"
    );
    // What cannot be compared is listed, and the rest is compared.
    let test = test
        .file("new/dev/web.json", r#"{"id": "/web"}"#)
        .file("new/moved/bad.json", r#"{"id": "/bad", "cmd": }"#);
    insta::assert_snapshot!(test.run(&["diff", "old", "new"]));
}

#[test]
fn what_no_path_matches_is_listed_and_the_rest_is_compared() {
    let app = |cmd: &str, id: &str| format!(r#"{{"id": "{id}", "cmd": "{cmd}"}}"#);
    let test = TestDir::new()
        .file("old/dev/web.json", app("run a", "/web"))
        .file("old/prod/web.json", app("run b", "/web"))
        .file("old/live/web.json", app("run b", "/web"))
        .file("old/api.json", app("run a", "/api"))
        .file("new/prod/web.json", app("run c", "/web"))
        .file("new/staging/web.json", app("run a", "/web"))
        .file("new/api.json", app("run b", "/api"));
    insta::assert_snapshot!(test.run(&["diff", "old", "new"]), @r#"
    exit: 2
    ----- stdout -----
    ~ /api (app)
      replaces all instances:
        ~ /cmd  "run a" → "run b"

    ~ /web (app) in prod/web.json
      replaces all instances:
        ~ /cmd  "run b" → "run c"
    ----- stderr -----
    2 of 2 services differ: 2 replaced
    error: not compared: /web, which has several definitions: dev/web.json, live/web.json of old; staging/web.json of new; name the files of one service alike on both sides, or compare two files
    "#);
    let json = report(&test, &["diff", "old", "new", "--format", "json"]);
    let files = serde_json::json!({"old": ["dev/web.json", "live/web.json"], "new": ["staging/web.json"]});
    assert_eq!(json["notCompared"]["files"], files);
    // A file against a directory: what is there once is compared.
    let list = format!("[{}, {}]", app("run a", "/web"), app("run c", "/api"));
    let test = test.file("all.json", list);
    let said = test.run(&["diff", "all.json", "old"]);
    let told = "not compared: /web, which has several definitions: all.json of all.json; dev/web.json, live/web.json, \
                prod/web.json of old";
    assert!(said.starts_with("exit: 2") && said.contains("~ /api (app)") && said.contains(told), "{said}");
    assert!(!said.contains("/web (app)"), "{said}");
}

#[test]
fn what_gitignore_leaves_out_is_counted_for_machines_too() {
    let app = r#"{"id": "/a", "cmd": "sleep 1"}"#;
    let test = TestDir::new().file(".gitignore", "x/\ny.json\n").file("a.json", app);
    let test = test.file("x/b.json", app).file("y.json", app);
    std::fs::create_dir(test.path().join(".git")).expect("made");
    let output = test.command(&["lint", "--format", "json", "."]).output().expect("it runs");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["summary"]["ignored"], 2, "{document}");
}

#[test]
fn what_git_leaves_out_of_every_repository_is_not_checked() {
    let pattern = "[user]\n\tname = a\n[core]\n\tExcludesFile = ~/patterns\n";
    each_case(
        [
            ("none", "HOME", "home/patterns", "y.json\n", 0),
            ("named at home", "HOME", "home/.gitconfig", pattern, 1),
            ("named below", "HOME", "home/.config/git/config", pattern, 1),
            ("named elsewhere", "XDG_CONFIG_HOME", "home/git/config", pattern, 1),
            ("named by a variable", "GIT_CONFIG_GLOBAL", "home", pattern, 1),
            ("named by the system", "GIT_CONFIG_SYSTEM", "home", pattern, 1),
            ("by default", "HOME", "home/.config/git/ignore", "y.json\n", 1),
            ("by default elsewhere", "XDG_CONFIG_HOME", "home/git/ignore", "y.json\n", 1),
            ("of no patterns", "HOME", "home/.gitconfig", "[user]\n\tname = a\n", 0),
        ],
        |(_, variable, file, text, ignored)| {
            let test = TestDir::new().file("checked/a.json", APP).file("checked/y.json", APP);
            let test = test.file("user/patterns", "y.json\n").file(file, text);
            let path = |name: &str| test.path().join(name);
            let mut command = test.command(&["lint", "--format", "json", "checked"]);
            command.env("HOME", path("user")).env("GIT_CONFIG_SYSTEM", path("missing"));
            command.env(variable, path("home"));
            if variable == "HOME" {
                std::fs::write(path("home/patterns"), "y.json\n").expect("written");
            }
            let output = command.output().expect("it runs");
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(document["summary"]["ignored"], ignored, "{document}");
        },
    );
}
