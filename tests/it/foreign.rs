//! Files of other tools in a walk, whose words are those of definitions too, and definitions with mistakes.

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

const APP: &str = r#"{"id": "/shop/web", "cmd": "sleep 100", "cpus": 0.1, "mem": 32, "instances": 2}"#;

/// Files of other tools: a name, and a text.
const FOREIGN: &[(&str, &str)] = &[
    (
        "flavor.json",
        r#"{"id": "m1.small", "name": "small", "cpus": 2, "mem": 2048, "disk": 20, "version": "2"}"#,
    ),
    (
        "flavors.json",
        r#"[{"id": "a", "cpus": 1, "mem": 512, "disk": 5}, {"id": "b", "cpus": 2, "mem": 1024, "disk": 9}]"#,
    ),
    (
        "machine.json",
        r#"{"id": "vm-1", "cpus": 4, "mem": 8192, "disk": 100, "user": "root", "labels": {"a": "b"}}"#,
    ),
    ("upstream.json", r#"{"id": "api", "healthChecks": [{"type": "http"}], "upstreams": ["10.0.0.1:80"]}"#),
    (
        "upstream2.json",
        r#"{"id": "api", "healthChecks": [{"path": "/", "port": 80}], "upstreams": ["10.0.0.1:80"]}"#,
    ),
    ("launcher.json", r#"{"id": "home", "apps": [{"id": "mail", "name": "Mail", "icon": "mail.png"}]}"#),
    ("launcher2.json", r#"{"id": "/home", "apps": [{"id": "mail", "name": "Mail", "icon": "mail.png"}]}"#),
    ("members.json", r#"{"id": "u1", "groups": [{"id": "g1", "name": "admins"}]}"#),
    ("widget.json", r#"{"id": "box", "container": {"type": "div"}, "labels": ["a", "b"]}"#),
    (
        "workflow.json",
        r#"{"id": "build", "container": {"image": "node:20"}, "steps": [], "env": {"CI": "1"}}"#,
    ),
    (
        "compose.json",
        r#"{"id": "web", "image": "nginx", "ports": [{"target": 80}], "env": [{"name": "A", "value": "b"}]}"#,
    ),
    ("product.json", r#"{"id": "p1", "image": "p1.png", "labels": {"en": "Shoe"}, "version": "1"}"#),
    ("resource.json", r#"{"id": "/api/users", "name": "users", "labels": ["x"], "version": "1"}"#),
    ("task.json", r#"{"id": "build", "cmd": "make", "cwd": "/src", "group": "a"}"#),
    (
        "package.json",
        r#"{"name": "x", "version": "1.0.0", "main": "a.js", "dependencies": {"left-pad": "1"}}"#,
    ),
    (
        "package-id.json",
        r#"{"id": "x", "version": "1.0.0", "dependencies": {"left-pad": "1"}, "args": ["a"]}"#,
    ),
    ("tsconfig.json", r#"{"compilerOptions": {"target": "es6"}, "extends": "./base"}"#),
    ("composer.json", r#"{"name": "a/b", "require": {"php": "8"}, "version": "1"}"#),
    (
        "chronos.json",
        r#"[{"name": "x", "schedule": "R/2015-01-01T00:00:00Z/PT1H", "command": "date", "cpus": 0.1, "mem": 16}]"#,
    ),
    (
        "metronome.json",
        r#"{"id": "nightly", "labels": {}, "run": {"cmd": "date", "cpus": 0.5, "mem": 64, "disk": 0}}"#,
    ),
    ("metronome-answer.json", r#"[{"id": "nightly", "labels": {}, "activeRuns": [], "historySummary": {}}]"#),
    (
        "broker.json",
        r#"{"id": "0", "cpus": 1, "mem": 2048, "constraints": "hostname=unique", "port": "31000", "options": "a=b"}"#,
    ),
    (
        "pod.json",
        r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}"#,
    ),
    (
        "podspec.json",
        r#"{"id": "a", "containers": [{"name": "a", "image": "b", "ports": [{"containerPort": 80}], "env": []}]}"#,
    ),
    (
        "ecs.json",
        r#"{"family": "web", "containerDefinitions": [{"name": "web", "image": "a", "cpu": 10, "memory": 100}]}"#,
    ),
    (
        "ecs-container.json",
        r#"{"id": "c", "image": "a", "cpu": 256, "memory": 512, "environment": [{"name": "A", "value": "b"}]}"#,
    ),
    ("nomad.json", r#"{"Job": {"ID": "web", "TaskGroups": [{"Name": "a", "Count": 1}]}}"#),
    (
        "nomad-job.json",
        r#"{"ID": "web", "Name": "web", "Type": "service", "TaskGroups": [], "Constraints": [{"LTarget": "a"}]}"#,
    ),
    ("cfn.json", r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"A": {"Type": "b"}}}"#),
    ("arm.json", r#"{"$schema": "x", "contentVersion": "1.0.0.0", "parameters": {}, "resources": []}"#),
    (
        "arm-resource.json",
        r#"{"id": "/subscriptions/s/vms/a", "name": "a", "type": "t", "location": "eu", "tags": {}, "properties": {}}"#,
    ),
    ("dashboard.json", r#"{"id": null, "uid": "a", "title": "b", "panels": [], "version": 3, "tags": []}"#),
    ("github.json", r#"[{"id": "MDU6", "title": "a", "labels": [{"name": "bug"}], "user": {"login": "b"}}]"#),
    ("openapi.json", r#"{"openapi": "3.0.0", "info": {"title": "a"}, "paths": {}}"#),
    (
        "schema.json",
        r#"{"id": "http://example.com/s", "type": "object", "properties": {"cmd": {"type": "string"}}}"#,
    ),
    ("vscode.json", r#"{"editor.tabSize": 2, "files.exclude": {"a": true}}"#),
    (
        "vscode-task.json",
        r#"{"version": "2.0.0", "tasks": [{"label": "a", "type": "shell", "command": "make", "args": ["x"]}]}"#,
    ),
    ("command.json", r#"{"id": "ext.run", "command": "ext.run", "title": "Run", "args": ["a"]}"#),
    (
        "docker-inspect.json",
        r#"[{"Id": "1f", "Created": "x", "Path": "sh", "Args": ["a"], "State": {}, "Image": "sha256:1", "Config": {}}]"#,
    ),
    (
        "docker-image.json",
        r#"{"Id": "sha256:1", "RepoTags": ["a"], "Container": "", "Config": {"Cmd": ["sh"]}, "Labels": null}"#,
    ),
    (
        "docker-ps.json",
        r#"{"id": "1f", "image": "nginx", "command": "nginx -g", "status": "Up", "ports": [], "names": ["a"]}"#,
    ),
    ("consul.json", r#"{"service": {"id": "web", "name": "web", "port": 80, "checks": []}}"#),
    (
        "consul-service.json",
        r#"{"id": "web1", "name": "web", "port": 80, "tags": ["a"], "check": {"http": "http://a", "interval": "10s"}}"#,
    ),
    (
        "aurora.json",
        r#"{"environment": "prod", "role": "www", "name": "web", "instances": 2, "task": {"cpus": 1}}"#,
    ),
    ("singularity.json", r#"{"id": "web", "requestType": "SERVICE", "instances": 3, "rackSensitive": true}"#),
    (
        "singularity-deploy.json",
        r#"{"requestId": "web", "id": "1", "command": "./a", "resources": {"cpus": 1}, "uris": ["a"], "env": {}}"#,
    ),
    (
        "state.json",
        r#"{"id": "1", "version": "1.9", "hostname": "a", "frameworks": [], "slaves": [], "flags": {}}"#,
    ),
    (
        "executor.json",
        r#"{"id": "web.1", "name": "a", "source": "b", "container": "c", "directory": "d", "resources": {"cpus": 1}}"#,
    ),
    (
        "universe-package.json",
        r#"{"packagingVersion": "3.0", "name": "a", "version": "1", "tags": [], "maintainer": "b"}"#,
    ),
    (
        "universe-config.json",
        r#"{"$schema": "x", "type": "object", "properties": {"service": {"properties": {"cpus": {}}}}}"#,
    ),
    (
        "universe-resource.json",
        r#"{"assets": {"container": {"docker": {"a": "b"}}}, "images": {}, "version": "1"}"#,
    ),
    ("universe-command.json", r#"{"pip": ["a==1"]}"#),
    (
        "rancher.json",
        r#"{"id": "1s5", "type": "service", "image": "docker:a", "ports": ["80:80"], "labels": {}, "scale": 2}"#,
    ),
    ("kong.json", r#"{"id": "u", "name": "a", "slots": 100, "healthchecks": {"active": {}}}"#),
    ("multi.yaml", "apiVersion: v1\nkind: A\n---\napiVersion: v1\nkind: B\n"),
    ("tasks.yml", "- hosts: all\n  tasks:\n    - {name: a, shell: {{ b }} }\n"),
];

/// Definitions, and near misses that Marathon rejects.
const MEANT: &[&str] = &[
    r#"{"id": "a", "cmd": "sleep 1"}"#,
    r#"{"id": "/a", "instances": 3}"#,
    r#"{"id": "a", "cmd": "x", "env": ["A=b"], "labels": {}}"#,
    r#"{"id": "a", "cmd": "x", "cpus": 1, "mem": 32, "env": [{"name": "A", "value": "b"}]}"#,
    r#"{"id": "a", "cmd": "x", "mem": 32, "labels": ["a"]}"#,
    r#"{"id": "a", "cmd": "x", "mem": 32, "ports": [{"containerPort": 80}]}"#,
    r#"{"Id": "a", "cmd": "sleep 1", "mem": 32}"#,
    r#"{"ID": "/a", "cmd": "sleep 1"}"#,
    r#"{"id": "a", "cmds": "sleep 1", "mem": 32}"#,
    r#"{"id": "a", "image": "shop/a:1", "cpus": 0.1, "mem": 32}"#,
    r#"{"id": "/a", "image": "shop/a:1"}"#,
    r#"{"id": "a", "cpu": 0.1, "memory": 32, "cmd": "x"}"#,
    r#"{"id": "a", "container": {"type": "DOCKER", "image": "shop/a:1", "network": "BRIDGE"}}"#,
    r#"{"id": "a", "container": {"docker": {"image": "shop/a:1"}}, "healthChecks": [{"type": "http"}]}"#,
    r#"{"id": "a", "container": {"docker": {"image": "shop/a:1"}}, "constraints": ["hostname", "UNIQUE"]}"#,
    r#"{"id": "a", "cmd": 5, "cpus": 1, "mem": 32, "instances": 1, "backoffSeconds": 3}"#,
    r#"{"id": "a", "cpus": "{{cpus}}", "mem": "64", "instances": "${N}", "args": ["a"]}"#,
    r#"{"id": "a", "cpus": 1, "mem": 32, "instances": 1}"#,
    r#"{"id": "/g", "apps": [{"id": "a", "cmds": "x", "mem": 32}]}"#,
    r#"{"id": "/g", "groups": [{"id": "h", "apps": [{"id": "a", "cmd": "x"}]}]}"#,
    r#"{"id": "/", "groups": [{"id": "h"}]}"#,
    r#"{"apps": [{"id": "/a", "cmd": "x"}]}"#,
    r#"[{"id": "a", "cmd": "x"}, {"id": "b", "cmd": "y", "foo": 1}]"#,
    r#"{"id": "/p", "containers": [{"name": "a", "image": "x"}]}"#,
    r#"{"id": "p", "containers": [{"name": "a", "image": {"kind": "DOCKER", "id": "x"}, "resources": {"cpus": 1, "mem": 32}}]}"#,
];

fn foreign() -> TestDir {
    FOREIGN.iter().fold(TestDir::new(), |test, (name, text)| test.file(name, text)).file("web.json", APP)
}

#[test]
fn a_walk_leaves_out_files_of_other_tools() {
    let test = foreign();
    let output = test.command(&["lint", ".", "--format", "json"]).output().expect("it runs");
    let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let files: Vec<_> =
        report["files"].as_array().expect("a list").iter().map(|file| &file["path"]).collect();
    assert_eq!(files, ["./web.json"]);
    assert_eq!(report["unreadable"].as_array().map(Vec::len), Some(0), "{report}");
    assert_eq!(report["skipped"].as_array().map(Vec::len), Some(FOREIGN.len()));
}

#[test]
fn no_command_changes_files_of_other_tools() {
    each_case(
        [
            &["lint", "--fix=unsafe", "."][..],
            &["fmt", "."],
            &["migrate", ".", "--to", "1.11", "--write", "--unsafe"],
            &["wire", ".", "--archive", "file:///etc/docker.tar.gz", "--write"],
        ],
        |args| {
            let test = foreign();
            test.command(args).output().expect("it runs");
            for (name, text) in FOREIGN {
                assert_eq!(test.read(name), *text, "{args:?} {name}");
            }
        },
    );
}

#[test]
fn a_walk_checks_definitions_with_mistakes() {
    each_case(MEANT, |text| {
        let test = TestDir::new().file("a.json", text);
        let output = test.command(&["lint", ".", "--format", "json"]).output().expect("it runs");
        let report: Json = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(report["files"].as_array().map(Vec::len), Some(1), "{text}: {report}");
    });
}

#[test]
fn what_may_be_another_tools_is_not_fixed_and_keeps_its_order() {
    // Named files: their shape is that of an app.
    let texts = [
        r#"{"version": "2015-01-01T00:00:00.000Z", "mem": 512, "cpus": 1, "name": "a", "id": "m1"}"#,
        r#"{"version": "2015-01-01T00:00:00.000Z", "mem": 512, "cmd": "a", "cpus": 1, "Id": "m1"}"#,
        r#"{"version": "2015-01-01T00:00:00.000Z", "mem": 512, "cmd": "a", "cpus": 1, "ID": "m1"}"#,
    ];
    each_case(texts, |text| {
        let test = TestDir::new().file("a.json", text);
        test.command(&["lint", "--fix", "a.json"]).output().expect("it runs");
        assert_eq!(test.read("a.json"), *text);
        let noted = test.run(&["fmt", "a.json"]);
        assert!(noted.contains("note: a.json: keys keep their order: "), "{noted}");
        let names = |text: &str| {
            let quoted = text.split('"').skip(1).step_by(2);
            quoted.filter(|word| word.chars().all(char::is_alphabetic)).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(names(&test.read("a.json")), names(text), "{noted}");
    });
    let test = TestDir::new().file("a.json", texts[1]);
    test.run(&["fmt", "--kind", "app", "a.json"]);
    assert!(test.read("a.json").find("cmd") < test.read("a.json").find("mem"), "{}", test.read("a.json"));
}

#[test]
fn a_run_with_only_excluded_files_is_fine() {
    let test = TestDir::new()
        .file("old/web.json", APP)
        .file("old/api.json", APP)
        .file("milepost.toml", "exclude = [\"old\"]\n");
    let commands = [
        &["lint", "--exclude", "old"][..],
        &["lint", "--exclude", "old", "--as-server"],
        &["fmt", "--check", "--exclude", "old"],
        &["normalize", "--exclude", "old"],
        &["migrate", "--to", "1.11", "--diff", "--exclude", "old"],
        &["convert", "--to", "yaml", "-o", "out", "--exclude", "old"],
        &["wire", "--archive", "file:///etc/a.tar.gz", "--diff", "--exclude", "old"],
    ];
    for command in commands {
        for paths in [&["."][..], &["old/web.json"], &["old/web.json", "old/api.json"]] {
            let output = test.run(&[command, paths].concat());
            assert!(output.starts_with("exit: 0"), "{command:?} {paths:?}: {output}");
        }
    }
    insta::assert_snapshot!(test.run(&["lint", "old/web.json"]));
    insta::assert_snapshot!(test.run(&["fmt", "."]));
    // Files that are no definitions are not enough.
    let test = TestDir::new().file("package.json", "{\"name\": \"a\"}");
    assert!(test.run(&["lint", "."]).starts_with("exit: 2"));
}

#[test]
fn diff_names_files_that_cannot_be_parsed() {
    let test = TestDir::new()
        .file("old/web.json", APP)
        .file("old/broken.json", APP)
        .file("old/k8s.yaml", "apiVersion: v1\n---\napiVersion: v1\n")
        .file("new/web.json", APP.replace("32", "64"))
        .file("new/broken.json", "<<<<<<< HEAD\n")
        .file("new/k8s.yaml", "apiVersion: v1\n---\napiVersion: v1\n");
    insta::assert_snapshot!(test.run(&["diff", "old", "new"]));
}

#[test]
fn all_commands_skip_what_is_named_among_others_and_is_no_definition() {
    let test = TestDir::new()
        .file("web.json", APP)
        .file("package.json", "{\"name\": \"a\", \"scripts\": {}}")
        .file("k8s.yaml", "apiVersion: v1\n---\napiVersion: v1\n");
    each_case(
        [
            &["lint"][..],
            &["fmt", "--check"],
            &["normalize"],
            &["migrate", "--to", "1.11", "--diff"],
            &["migrate", "--from", "1.4", "--to", "1.11", "--report"],
            &["wire", "--archive", "file:///etc/docker.tar.gz", "--diff"],
        ],
        |command| {
            let output = test.run(&[command, &["web.json", "package.json", "k8s.yaml"][..]].concat());
            assert!(!output.starts_with("exit: 2"), "{command:?}: {output}");
            for name in ["package.json", "k8s.yaml"] {
                assert!(
                    output.contains(&format!("warning: skipped {name}: this is not an app, pod or group (")),
                    "{command:?}: {output}"
                );
            }
        },
    );
}
