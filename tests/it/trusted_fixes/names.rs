//! Fixes that give things other names, and fixes where two fields contradict each other.

use crate::common::{TestDir, each_case};

#[test]
fn a_share_is_not_guessed() {
    let app = |share: &str| {
        format!(
            r#"{{"id": "/a", "cmd": "sleep 1", "instances": 2, "upgradeStrategy": {{"minimumHealthCapacity": {share}, "maximumOverCapacity": 0}}}}"#
        )
    };
    for share in ["2", "5"] {
        assert_eq!(after("--fix=unsafe", "d.json", &app(share)), app(share));
    }
    assert_eq!(after("--fix=unsafe", "d.json", &app("50")), app("0.5"));
    let said = TestDir::new().file("d.json", app("2")).run(&["lint", "d.json"]);
    assert!(said.contains("1 is all instances, 0.5 half of them"), "{said}");
}

/// The file after `lint --fix=…`.
fn after(level: &str, file: &str, text: &str) -> String {
    let test = TestDir::new().file(file, text);
    test.run(&["lint", level, file]);
    test.read(file)
}

#[test]
fn no_fix_gives_a_name_that_is_taken() {
    let pod = |parts: &str| format!(r#"{{"id": "/p", {parts}}}"#);
    let container = r#""resources": {"cpus": 0.1, "mem": 32}"#;
    let cases = [
        r#"{"id": "/g", "apps": [{"id": "A_b", "cmd": "sleep 1"}, {"id": "a-b", "cmd": "sleep 2"}]}"#.to_owned(),
        r#"{"id": "/g", "apps": [{"id": "Web", "cmd": "sleep 1"}, {"id": "web", "cmd": "sleep 2"}]}"#.to_owned(),
        r#"{"id": "/g", "apps": [{"id": "Web", "cmd": "sleep 1"}, {"id": "WEB", "cmd": "sleep 2"}]}"#.to_owned(),
        r#"{"id": "/g", "apps": [{"id": "Web", "cmd": "sleep 1"}, {"id": "/g/web", "cmd": "sleep 2"}]}"#.to_owned(),
        r#"[{"id": "/a_b", "cmd": "sleep 1"}, {"id": "/a-b", "cmd": "sleep 2"}]"#.to_owned(),
        r#"{"id": "/g", "groups": [{"id": "Web", "apps": [{"id": "x", "cmd": "sleep 1"}]},
            {"id": "web", "apps": [{"id": "x", "cmd": "sleep 2"}]}]}"#
            .to_owned(),
        r#"{"id": "/g", "apps": [{"id": "web", "cmd": "sleep 1"}], "groups": [{"id": "Web", "apps": []}]}"#.to_owned(),
        pod(&format!(r#""containers": [{{"name": "a_b", {container}}}, {{"name": "a-b", {container}}}]"#)),
        pod(&format!(r#""containers": [{{"name": "A", {container}}}, {{"name": "a", {container}}}]"#)),
        pod(&format!(
            r#""networks": [{{"mode": "host"}}], "containers": [{{"name": "a", {container}, "endpoints": [{{"name": "Http"}}]}},
                {{"name": "b", {container}, "endpoints": [{{"name": "http"}}]}}]"#
        )),
        r#"{"id": "/a", "cmd": "run it", "portDefinitions": [{"port": 0, "name": "HTTP_Port"}, {"port": 0, "name": "http-port"}]}"#
            .to_owned(),
    ];
    each_case(cases, |text| assert_eq!(after("--fix=unsafe", "d.json", &text), text));
}

#[test]
fn what_refers_to_a_name_goes_with_it() {
    each_case(
        [
            (
                r#"{"id": "/g", "apps": [{"id": "My_App", "cmd": "run it"}, {"id": "b", "cmd": "run it", "dependencies": ["My_App"]}]}"#,
                r#"{"id": "/g", "apps": [{"id": "my-app", "cmd": "run it"}, {"id": "b", "cmd": "run it", "dependencies": ["my-app"]}]}"#,
            ),
            (
                r#"[{"id": "/Shop/Web", "cmd": "run it"}, {"id": "/b", "cmd": "run it", "dependencies": ["/Shop/Web"]}]"#,
                r#"[{"id": "/shop/web", "cmd": "run it"}, {"id": "/b", "cmd": "run it", "dependencies": ["/shop/web"]}]"#,
            ),
            // Inside of a renamed group a relative dependency stays.
            (
                r#"{"id": "/g", "groups": [{"id": "Db", "apps": [{"id": "a", "cmd": "run it"}, {"id": "b", "cmd": "run it", "dependencies": ["a"]}]},
                    {"id": "web", "dependencies": ["../Db"], "apps": [{"id": "w", "cmd": "run it"}]}]}"#,
                r#"{"id": "/g", "groups": [{"id": "db", "apps": [{"id": "a", "cmd": "run it"}, {"id": "b", "cmd": "run it", "dependencies": ["a"]}]},
                    {"id": "web", "dependencies": ["/g/db"], "apps": [{"id": "w", "cmd": "run it"}]}]}"#,
            ),
            (
                r#"{"id": "/a", "cmd": "run it", "portDefinitions": [{"port": 0, "name": "HTTP_Port"}],
                    "readinessChecks": [{"name": "r", "portName": "HTTP_Port"}]}"#,
                r#"{"id": "/a", "cmd": "run it", "portDefinitions": [{"port": 0, "name": "http-port"}],
                    "readinessChecks": [{"name": "r", "portName": "http-port"}]}"#,
            ),
        ],
        |(before, fixed)| assert_eq!(after("--fix=unsafe", "d.json", before), fixed),
    );
}

#[test]
fn of_two_fields_that_contradict_each_other_none_goes() {
    each_case(
        [
            r#"{"id": "/a", "cmd": "sleep 1", "ports": [8080, 8081], "portDefinitions": []}"#,
            r#"{"id": "/a", "cmd": "sleep 1", "ports": [8080], "portDefinitions": [{"port": 9090}]}"#,
            r#"{"id": "/a", "cmd": "sleep 1", "uris": ["https://x.example/a.tgz"],
                "fetch": [{"uri": "https://x.example/a.tgz", "extract": false}]}"#,
            r#"{"id": "/a", "cmd": "sleep 1", "uris": ["https://x.example/a.tgz"], "fetch": [{"uri": "https://x.example/b.tgz"}]}"#,
            r#"{"id": "/a", "container": {"docker": {"image": "a/b:1", "portMappings": [{"containerPort": 80}]},
                "portMappings": [{"containerPort": 81}]}, "networks": [{"mode": "container/bridge"}]}"#,
        ],
        |text| {
            for level in ["--fix", "--fix=unsafe"] {
                assert_eq!(after(level, "d.json", text), text, "{level}");
            }
        },
    );
    // Both say the same.
    let twice = r#"{"id": "/a", "cmd": "sleep 1", "ports": [8080], "portDefinitions": [{"port": 8080, "name": "http"}]}"#;
    let once = r#"{"id": "/a", "cmd": "sleep 1", "portDefinitions": [{"port": 8080, "name": "http"}]}"#;
    assert_eq!(after("--fix", "d.json", twice), once);
}
