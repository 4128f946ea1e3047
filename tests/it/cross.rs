//! What the files of one run do to each other.

use crate::common::{TestDir, each_case};

fn app(id: &str, rest: &str) -> String {
    format!("{{\n  \"id\": \"{id}\",\n  \"cmd\": \"sleep 1\",\n  {rest}\n}}\n")
}

/// Rule, path and pointer of each finding, in order.
fn found(test: &TestDir, args: &[&str]) -> Vec<String> {
    let mut all = vec!["lint", "--format", "json", "--ignore", "no-health-check,old-*"];
    all.extend(args);
    let output = test.command(&all).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let files = report["files"].as_array().expect("files").iter();
    let lines = files.flat_map(|file| {
        let found = file["diagnostics"].as_array().expect("a list").iter();
        found.map(|one| format!("{} {} {}", text(&one["rule"]), text(&file["path"]), text(&one["pointer"])))
    });
    lines.collect()
}

fn shop() -> TestDir {
    TestDir::new()
        .file("shop/a-web.json", app("/shop/web", r#""portDefinitions": [{"port": 10080, "labels": {"VIP_0": "/shop:80"}}]"#))
        .file(
            "shop/b-admin.jsonc",
            app(
                "/shop/admin",
                r#""container": {"docker": {"image": "example/admin:1"}, "portMappings": [
    {"containerPort": 80, "hostPort": 8090, "servicePort": 10080},
    {"containerPort": 81, "labels": {"VIP_1": "shop:80"}} // the same, without a slash
  ]},
  "networks": [{"mode": "container/bridge"}]"#,
            )
            .replace("  \"cmd\": \"sleep 1\",\n", ""),
        )
        .file(
            "shop/c-pod.yaml",
            "id: /shop/batch\ncontainers:\n- name: one\n  exec: {command: {shell: sleep 1}}\n  \
             resources: {cpus: 1, mem: 32}\n  endpoints:\n  - {name: http, containerPort: 80, hostPort: 8090}\n\
             networks:\n- mode: container/bridge\n",
        )
        .file("shop/d-again.json", app("shop/web", r#""instances": 2"#))
}

#[test]
fn files_of_a_run_are_compared() {
    insta::assert_snapshot!(shop().run(&["lint", "--ignore", "no-health-check", "shop"]));
}

#[test]
fn each_file_by_itself_is_fine() {
    let test = shop();
    each_case(["a-web.json", "b-admin.jsonc", "c-pod.yaml", "d-again.json"], |file| {
        let path = format!("shop/{file}");
        let rules = found(&test, &[&path]);
        assert!(rules.is_empty(), "{rules:?}");
    });
}

#[test]
fn the_same_file_twice_is_one_definition() {
    let test = shop();
    let once = found(&test, &["shop/a-web.json", "shop/d-again.json"]);
    assert_eq!(once, ["duplicate-id shop/d-again.json /id"]);
    assert!(found(&test, &["shop/a-web.json", "./shop/../shop/a-web.json"]).is_empty());
    assert_eq!(found(&test, &["shop", "shop"]).len(), found(&test, &["shop"]).len());
}

#[test]
fn what_marathon_refuses_is_no_definition() {
    let test = shop().file("shop/a-web.json", r#"{"id": "/shop/web", "portDefinitions": [{"port": 10080}]}"#);
    let rules = found(&test, &["shop"]);
    assert_eq!(rules[0], "nothing-to-run shop/a-web.json ");
    assert!(!rules.iter().any(|rule| rule.contains("duplicate")), "{rules:?}");
}

#[test]
fn definitions_of_one_file_are_compared() {
    let array = r#"[
  {"id": "/web", "cmd": "./web", "ports": [10080], "dependencies": ["/db"]},
  {"id": "/db", "cmd": "./db", "ports": [10080]},
  {"id": "db", "cmd": "./db", "instances": 2}
]
"#;
    let test = TestDir::new().file("apps.json", array);
    insta::assert_snapshot!(test.run(&["lint", "--ignore", "no-health-check", "apps.json"]));
}

#[test]
fn standard_input_is_a_file_like_others() {
    let test = shop();
    let web = test.read("shop/a-web.json").replace("/shop/web", "/shop/new");
    let output = test.run_with_stdin(
        &[
            "lint",
            "--ignore",
            "no-health-check",
            "--format",
            "github",
            "--stdin-filename",
            "new.json",
            "shop/a-web.json",
            "-",
        ],
        &web,
    );
    insta::assert_snapshot!(output);
}

#[test]
fn agents_are_shared_with_care() {
    let on = |id: &str, agent: &str| {
        let constraint = format!(r#""constraints": [["hostname", "CLUSTER", "{agent}"]], "#);
        let constraint = if agent.is_empty() { String::new() } else { constraint };
        app(id, &format!(r#"{constraint}"requirePorts": true, "portDefinitions": [{{"port": 5353}}]"#))
    };
    let test = TestDir::new()
        .file("a.json", on("/a", "10.0.0.1"))
        .file("b.json", on("/b", "10.0.0.2"))
        .file("c.json", on("/c", "10.0.0.2"))
        .file("d.json", on("/d", ""));
    assert!(found(&test, &["a.json", "b.json"]).is_empty(), "they never meet");
    assert_eq!(
        found(&test, &["."]),
        [
            "host-port-conflict ./c.json /portDefinitions/0/port",
            "shared-host-port ./d.json /portDefinitions/0/port"
        ]
    );
    insta::assert_snapshot!(test.run(&["lint", "--ignore", "no-health-check", "b.json", "c.json", "d.json"]));
}

fn dependent(id: &str, on: &str) -> String {
    app(id, &format!(r#""dependencies": ["{on}"]"#))
}

#[test]
fn a_missing_dependency_is_reported_where_all_definitions_are_given() {
    let test = TestDir::new()
        .file("all/api.json", dependent("/shop/api", "/shop/databse"))
        .file("all/database.json", app("/shop/database", r#""instances": 1"#))
        .file("all/web.json", dependent("/shop/web", "/elsewhere/cache"))
        .file("all/worker.json", dependent("/shop/worker", "../database"))
        .file("all/zoo.json", dependent("/zoo", "/shop/web"))
        .file("group.json", r#"{"id": "/g", "apps": [{"id": "a", "cmd": "sleep 1", "dependencies": ["b"]}]}"#)
        .file(
            "pod.yaml",
            "id: /g/b\ncontainers:\n- name: one\n  exec: {command: {shell: sleep 1}}\n  \
             resources: {cpus: 1, mem: 32}\n",
        );
    // `../database` of an app that is sent alone is /database: another app of the root is there, /zoo.
    insta::assert_snapshot!(test.run(&["lint", "all"]));
    // Named files may be any few of many.
    assert!(found(&test, &["all/api.json", "all/database.json"]).is_empty());
    assert!(found(&test, &["all/api.json"]).is_empty());
    // A group says all that is in it, but for pods, which come by themselves.
    assert_eq!(found(&test, &["group.json"]), ["unknown-dependency group.json /apps/0/dependencies/0"]);
    assert!(found(&test, &["group.json", "pod.yaml"]).is_empty());
}

#[test]
fn what_waits_for_the_last_file_is_reported_at_its_place() {
    // Findings at the beginning and at the end, nothing between them; the last is known only when all files are there.
    let between = format!("  \"args\": [\n{}    \"z\"\n  ],\n", "    \"ä\",\n".repeat(20));
    let app = format!(
        "{{\n  \"id\": \"/shop/a\",\n  \"user\": \"root\",\n  \"kühl\": true,\n{between}  \"instances\": 3,\n  \
         \"dependencies\": [\"/shop/x\", \"/shop/b\"]}}\n"
    );
    let test =
        TestDir::new().file("all/a.json", app).file("all/b.json", self::app("/shop/b", r#""mem": 32"#));
    let places = |format: &str| -> Vec<String> {
        let output = test.command(&["lint", "--format", format, "all"]).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        let rule = regex::Regex::new(
            r"::(?:error|warning) file=all/a\.json,line=(?<line>\d+),.*col=(?<column>\d+),|all/a\.json:(?<l>\d+):(?<c>\d+)",
        );
        let found: Vec<_> = rule
            .expect("a pattern")
            .captures_iter(&text)
            .map(|found| {
                let of = |one, other| {
                    found.name(one).or(found.name(other)).map_or("", |number| number.as_str()).to_owned()
                };
                of("line", "l") + ":" + &of("column", "c")
            })
            .collect();
        found
    };
    let expected = ["4:3", "29:20"];
    each_case(["text", "github", "junit"], |format| {
        assert_eq!(places(format), expected, "{format}");
    });
    let output = test.command(&["lint", "--format", "json", "all"]).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = report["files"][1]["diagnostics"].as_array().expect("a list").iter();
    let starts: Vec<String> = found
        .map(|one| format!("{}:{}", one["range"]["start"]["line"], one["range"]["start"]["column"]))
        .collect();
    assert_eq!(starts, expected);
}

#[test]
fn a_cycle_through_files_is_reported_once() {
    let test = TestDir::new()
        .file("a.json", dependent("/shop/a", "/shop/b"))
        .file("b.json", r#"{"id": "/shop", "dependencies": [], "groups": [{"id": "b", "dependencies": ["/c"], "apps": [{"id": "one", "cmd": "sleep 1"}]}]}"#)
        .file("c.json", app("/c/one", r#""cpus": "1""#))
        .file("d.jsonc", dependent("/c/one", "/shop").replace("\"cmd\"", "// milepost-ignore: syntax\n  \"cmd\""));
    insta::assert_snapshot!(test.run(&["lint", "."]));
}

#[test]
fn exceptions_comments_and_baselines_see_these_findings_too() {
    let settings = "[[lint.exception]]\npath = \"shop/d-again.json\"\nrule = \"duplicate-id\"\nreason = \"blue and green\"\n";
    let commented = shop().read("shop/b-admin.jsonc").replace(
        "\"servicePort\": 10080}",
        "\"servicePort\": 10080 // milepost-ignore: duplicate-service-port never at a time\n }",
    );
    let test = shop().file("milepost.toml", settings).file("shop/b-admin.jsonc", commented);
    assert_eq!(
        found(&test, &["shop"]),
        [
            "duplicate-vip shop/b-admin.jsonc /container/portMappings/1/labels/VIP_1",
            "shared-host-port shop/c-pod.yaml /containers/0/endpoints/0/hostPort",
        ]
    );
    test.run(&["lint", "--ignore", "no-health-check", "--write-baseline", "baseline.json", "shop"]);
    assert!(found(&test, &["--baseline", "baseline.json", "shop"]).is_empty());
    let last = test.run(&["lint", "--ignore", "no-health-check", "--baseline", "baseline.json", "shop"]);
    assert!(
        last.contains("not shown: 2 in the baseline, 1 excepted, 1 ignored by comments; target "),
        "{last}"
    );
}

#[test]
fn files_that_wait_for_others_come_last() {
    let mut test = TestDir::new();
    for number in 0..600 {
        let rest = match number {
            5 => r#""dependencies": ["/s/599"]"#.to_owned(),
            7 | 400 => r#""cpus": "1""#.to_owned(),
            599 => r#""dependencies": ["/s/5"]"#.to_owned(),
            _ => format!(r#""ports": [{}]"#, 20000 + number % 598),
        };
        test = test.file(&format!("{number:03}.json"), app(&format!("/s/{number}"), &rest));
    }
    let told = found(&test, &["."]);
    assert_eq!(
        told,
        [
            "wrong-type ./007.json /cpus",
            "wrong-type ./400.json /cpus",
            "duplicate-service-port ./598.json /ports/0",
            "dependency-cycle-across ./005.json /dependencies/0",
        ]
    );
    assert_eq!(told, found(&test, &["--threads", "1", "."]));
}

/// With `requirePorts` a port is the service port too; of two such apps the ports of the agents say all.
#[test]
fn required_ports_are_service_ports_too() {
    let required = r#""requirePorts": true, "portDefinitions": [{"port": 10080}]"#;
    let bridge = r#""container": {"docker": {"image": "example/c:1"}, "portMappings": [
        {"containerPort": 80, "servicePort": 10080}]}, "networks": [{"mode": "container/bridge"}]"#;
    let test = TestDir::new()
        .file("a.json", app("/a", required))
        .file("b.json", app("/b", required))
        .file("c.json", app("/c", bridge));
    let of_ports = |args: &[&str]| {
        let mut found = found(&test, args);
        found.retain(|one| one.contains("duplicate-service-port") || one.contains("host-port"));
        found
    };
    assert_eq!(
        of_ports(&["a.json", "c.json"]),
        ["duplicate-service-port c.json /container/portMappings/0/servicePort"]
    );
    assert_eq!(of_ports(&["a.json", "b.json"]), ["shared-host-port b.json /portDefinitions/0/port"]);
}
