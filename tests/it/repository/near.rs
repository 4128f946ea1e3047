//! Near misses of definitions in a walk, files of other tools that look like them, and answers of Marathon's API.

use serde_json::Value as Json;

use super::{checked, report};
use crate::common::{TestDir, each_case};

#[test]
fn a_near_miss_is_checked() {
    each_case(
        [
            r#"{"id": "/shop/web", "container": {"docker": "nginx"}}"#,
            r#"{"id": "/shop/web", "cmd": ["npm", "start"]}"#,
            r#"{"id": "/shop/web", "args": "npm start"}"#,
            r#"{"id": "/shop/web", "cmds": "npm start", "env": ["A=b"]}"#,
            r#"{"id": "/a", "container": {"docker": {"img": "nginx"}}}"#,
            r#"[{"id": "/shop/web", "container": {"docker": {"img": "nginx"}}}]"#,
            r#"{"id": "/a", "docker": {"image": "nginx"}}"#,
            r#"{"id": "/shop", "Apps": [{"id": "x", "cmd": "sleep 1"}]}"#,
            r#"{"id": "/shop", "app": [{"id": "x", "cmd": "sleep 1"}]}"#,
            r#"{"id": "/shop", "Groups": [{"id": "x", "apps": [{"id": "y", "cmd": "sleep 1"}]}]}"#,
            r#"{"id": "/p", "containers": [{"name": "a", "image": "b"}]}"#,
            r#"{"id": "/p", "container": [{"name": "a", "resources": {"cpus": 0.1, "mem": 32}}]}"#,
        ],
        |text| {
            let test = TestDir::new().file("all/a.json", text);
            let found = report(&test, &["lint", "all", "--format", "json"]);
            assert_eq!(checked(&found), ["all/a.json"], "{text}: {found}");
            let errors = found["files"][0]["diagnostics"].as_array().expect("a list").iter();
            assert!(errors.filter(|one| one["severity"] == "error").count() > 0, "{text}: {found}");
            let named = test.run(&["lint", "all/a.json"]);
            assert!(named.starts_with("exit: 1"), "{text}: {named}");
        },
    );
}

#[test]
fn files_of_other_tools_are_skipped_that_have_such_words() {
    each_case(
        [
            r#"{"id": "x", "docker": {"image": "nginx"}, "steps": []}"#,
            r#"{"id": "build", "cmd": ["npm", "start"], "image": "node"}"#,
            r#"{"id": "x", "container": {"docker": {"image": "a"}}, "schedule": "R//P1D"}"#,
            r#"{"id": "nightly.job", "run": {"docker": {"image": "a"}, "cmd": "b"}}"#,
            r#"{"family": "x", "containerDefinitions": [{"name": "a", "image": "b"}]}"#,
            r#"{"id": "x", "containers": [{"name": "a", "image": "b"}]}"#,
            r#"{"Job": {"ID": "x", "TaskGroups": [{"Name": "a"}]}}"#,
            r#"{"app": [{"id": "x", "name": "y"}]}"#,
            r#"{"id": "/users", "app": [{"id": "x", "title": "y"}]}"#,
            r#"{"id": "/schemas/app", "properties": {"cmd": {"type": "string"}}, "cmd": ["a"]}"#,
            r#"{"services": {"web": {"image": "a", "command": ["b"]}}}"#,
            r#"{"id": "/page", "image": {"src": "a.png"}, "title": "x", "docker": false}"#,
        ],
        |text| {
            let test = TestDir::new().file("all/a.json", text);
            let found = report(&test, &["lint", "all", "--format", "json"]);
            assert!(checked(&found).is_empty(), "{text}: {found}");
        },
    );
}

#[test]
fn an_answer_of_the_api_is_told_as_one_and_never_changed_in_a_walk() {
    let apps = r#"{"apps": [{"id": "/x", "cmd": "sleep 1", "version": "2014-01-01T00:00:00.000Z", "tasksRunning": 1, "deployments": []}]}"#;
    let app = r#"{"app": {"id": "/x", "cmd": "sleep 1", "tasksStaged": 0, "tasksRunning": 1}}"#;
    let test = TestDir::new().file("all/apps.json", apps).file("all/app.json", app);
    let found = report(&test, &["lint", "all", "--format", "json"]);
    assert!(checked(&found).is_empty(), "{found}");
    let skipped: &[Json] = found["skipped"].as_array().expect("a list");
    let is_told =
        |one: &Json| one["reason"].as_str().is_some_and(|why| why.contains("answer of Marathon's API"));
    assert!(skipped.len() == 2 && skipped.iter().all(is_told), "{found}");
    for args in [
        &["lint", "--fix=unsafe", "all"][..],
        &["fmt", "all"],
        &["migrate", "all", "--to", "1.11", "--write"],
    ] {
        test.command(args).output().expect("it runs");
        assert_eq!(
            (test.read("all/apps.json"), test.read("all/app.json")),
            (apps.to_owned(), app.to_owned()),
            "{args:?}"
        );
    }
    // A group of the user's without an id is none, and what is named is checked.
    let group = r#"{"apps": [{"id": "/x", "cmd": "sleep 1"}]}"#;
    let test = test.file("group/a.json", group);
    assert_eq!(checked(&report(&test, &["lint", "group", "--format", "json"])).len(), 1);
    assert!(test.run(&["lint", "--fix", "all/apps.json"]).contains("fixed "));
}
