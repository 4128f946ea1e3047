//! Every kind of command line of the old tool, word for word, against a server that is brought to the same state: exit code,
//! columns, ids and values.

use serde_json::{Value as Json, json};

use super::{APPS, app, cells, pod};
use crate::deploy::{Cluster, Run};

/// What a command line of the old tool writes to standard output.
enum Out<'a> {
    /// Nothing.
    Nothing,
    /// `Created deployment ID`.
    Created,
    /// A line that begins so.
    Line(&'a str),
    /// A table with these cells, `*` standing for any.
    Table(&'a [&'a [&'a str]]),
    /// JSON with these values, by pointer.
    Holds(&'a [(&'a str, &'a str)]),
    /// JSON: this many elements.
    Elements(usize),
    /// These lines.
    Lines(&'a [&'a str]),
}

use Out::{Created, Elements, Holds, Line, Lines, Nothing, Table};

fn matches(run: &Run, words: &str, out: &Out<'_>) {
    let context = format!("{words}\n{}\n{}", run.out, run.err);
    match out {
        Nothing => assert_eq!(run.out, "", "{context}"),
        Created => {
            let id = run.out.strip_prefix("Created deployment ").expect(&context);
            assert_eq!(id.trim_end().len(), 36, "{context}");
        }
        Line(start) => assert!(run.out.starts_with(start) && run.out.lines().count() == 1, "{context}"),
        Lines(lines) => assert_eq!(run.out.lines().collect::<Vec<_>>(), *lines, "{context}"),
        Table(rows) => {
            let found = cells(run);
            assert_eq!(found.len(), rows.len(), "{context}");
            for (found, wanted) in found.iter().zip(*rows) {
                assert_eq!(found.len(), wanted.len(), "{context}");
                let is_same = |(found, wanted): (&String, &&str)| *wanted == "*" || found == wanted;
                assert!(found.iter().zip(*wanted).all(is_same), "{wanted:?}: {context}");
            }
        }
        Holds(values) => {
            for (pointer, value) in *values {
                let wanted: Json = serde_json::from_str(value).expect("JSON");
                assert_eq!(run.report().pointer(pointer), Some(&wanted), "{pointer}: {context}");
            }
        }
        Elements(number) => assert_eq!(run.report().as_array().map(Vec::len), Some(*number), "{context}"),
    }
}

/// A cluster that is asked in the old words.
struct Old {
    cluster: Cluster,
}

impl Old {
    fn new() -> Self {
        let cluster = Cluster::with(&["--mesos-role", "slave_public", "--enforce-role", "top"]);
        let file = |name: &str, content: Json| cluster.file(name, &content);
        file("web.json", app("/cli/web", 2));
        file("arr.json", json!([app("/cli/x", 1)]));
        file("noid.json", json!({"cmd": "sleep 9"}));
        file("neg.json", json!({"id": "/cli/neg", "cmd": "sleep 3600", "cpus": -1}));
        file("inv.json", json!({"id": "/cli/inv", "cmd": "sleep 3600", "args": ["a"]}));
        file("type.json", json!({"id": "/cli/t", "cmd": "sleep 3600", "cpus": "x"}));
        file("one.json", json!({"id": "/cli/one", "cmd": "x"}));
        file("int.json", json!({"id": 7, "cmd": "sleep 9"}));
        file("p.json", pod("/cli/pod"));
        file("badpod.json", json!({"id": "/cli/badpod"}));
        file("badgroup.json", json!({"id": "/clibad", "apps": [{"id": "x"}]}));
        file("nogroup.json", json!({"apps": []}));
        let mut b = app("b", 1);
        b["dependencies"] = json!(["a"]);
        file("g.json", json!({"id": "/cligrp", "apps": [app("a", 1), b]}));
        file("stuck.json", json!({"id": "/cli/stuck", "cmd": "sleep 3600", "cpus": 99999, "mem": 32}));
        for (name, text) in [("bad.json", "{bad"), ("bad2.json", "{")] {
            std::fs::write(cluster.test.path().join(name), text).expect("written");
        }
        Self { cluster }
    }

    /// Runs the words after `dcos`, with this on standard input.
    fn run(&self, words: &str, stdin: &str) -> Run {
        let words: Vec<&str> = ["dcos", "marathon"].into_iter().chain(words.split(' ')).collect();
        super::with_stdin(&self.cluster, &words, stdin)
    }

    /// Runs these lines one after another; each begins in a state without deployments.
    fn all(&self, lines: &[(&str, i32, Out<'_>)]) {
        for (words, exit, out) in lines {
            let (words, stdin) = words.split_once(" < ").unwrap_or((words, ""));
            let run = self.run(words, stdin);
            assert_eq!(run.exit, Some(*exit), "{words}\n{}\n{}", run.out, run.err);
            assert!(*exit == 0 || !run.err.is_empty(), "{words}: no message");
            matches(&run, words, out);
            if matches!(out, Created | Nothing | Line(_)) && *exit == 0 && !words.contains("stuck") {
                self.cluster.server.settled();
            }
        }
    }
}

const LOCKED: i32 = 4;

#[test]
fn lists_of_nothing_and_words_about_the_server() {
    Old::new().all(&[
        (
            "about",
            0,
            Holds(&[("/name", r#""marathon""#), ("/marathon_config/mesos_role", r#""slave_public""#)]),
        ),
        ("ping", 0, Lines(&["Marathon ping response[1x]: \"pong\""])),
        ("ping --once", 0, Lines(&["Marathon ping response[1x]: \"pong\""])),
        ("leader show", 0, Table(&[&["HOST", "IP", "PORT"], &["127.0.0.1", "127.0.0.1", "*"]])),
        ("plugin list", 0, Table(&[&["ID", "IMPLEMENTATION", "PLUGIN"]])),
        ("plugin list --json", 0, Holds(&[("/plugins", "[]")])),
        ("app list", 0, Table(&[&APPS])),
        ("app list --json", 0, Elements(0)),
        ("app list --quiet", 0, Nothing),
        ("app list -q", 0, Nothing),
        ("deployment list --json", 0, Elements(0)),
        ("deployment list --quiet", 0, Nothing),
        ("deployment list /other", 0, Table(&[&["APP", "POD", "ACTION", "PROGRESS", "ID"]])),
        ("group list --json", 0, Elements(0)),
        ("pod list --json", 0, Elements(0)),
        ("pod list --quiet", 0, Nothing),
        ("task list --json", 0, Elements(0)),
        ("task list --quiet", 0, Nothing),
        ("debug list --json", 0, Elements(0)),
        ("debug summary /none", 2, Nothing),
        ("debug details /none", 2, Nothing),
        ("delay reset /none", 2, Nothing),
        ("deployment stop junk", 2, Nothing),
        ("deployment rollback junk", 2, Nothing),
        ("deployment watch --max-count=1 --interval=1 nosuch", 2, Nothing),
        ("app nosuch", 2, Nothing),
        ("leader delete", 0, Lines(&["Leadership abdicated"])),
    ]);
}

#[test]
fn commands_on_apps() {
    const WEB: &[&str] =
        &["/cli/web", "32", "0.1", "2/2", "---", "---", "false", "MESOS", "sleep 3600", "cli"];
    let old = Old::new();
    old.all(&[
        ("app add web.json", 0, Created),
        ("app list", 0, Table(&[&APPS, WEB])),
        ("app add web.json", 3, Nothing),
        ("app list --json", 0, Holds(&[("/0/id", r#""/cli/web""#), ("/0/tasksRunning", "2")])),
        ("app list --quiet", 0, Lines(&["/cli/web"])),
        ("app show /cli/web", 0, Holds(&[("/id", r#""/cli/web""#), ("/mem", "32.0"), ("/role", r#""cli""#)])),
        ("app show cli/web", 0, Holds(&[("/portDefinitions/0/port", "10000"), ("/instances", "2")])),
        ("app show /none", 2, Nothing),
        ("app show", 2, Nothing),
        ("app show /cli/web --app-version=-1", 2, Nothing),
        ("app show /cli/web --app-version=2020-01-01T00:00:00.000Z", 2, Nothing),
        (
            "app add < {\"id\": \"/cli/stdin\", \"cmd\": \"sleep 3600\", \"cpus\": 0.1, \"mem\": 32}",
            0,
            Created,
        ),
        ("app add", 1, Nothing),
        ("app add nofile.json", 2, Nothing),
        ("app add bad.json", 1, Nothing),
        ("app add noid.json", 1, Nothing),
        ("app add neg.json", 1, Nothing),
        ("app add inv.json", 1, Nothing),
        ("app add type.json", 1, Nothing),
        ("app add one.json", 1, Nothing),
        ("app add web.json extra", 2, Nothing),
        ("app add http://127.0.0.1:1/x.json", 2, Nothing),
        ("app add int.json", 1, Nothing),
        ("app add arr.json", 0, Created),
        ("app remove cli/x", 0, Nothing),
        ("app update /cli/web cpus=0.2 env={\"A\":\"c\"}", 0, Created),
        ("app update --force /cli/web mem=41", 0, Created),
        ("app show /cli/web", 0, Holds(&[("/cpus", "0.2"), ("/mem", "41.0"), ("/env/A", r#""c""#)])),
        ("app update /cli/web < {\"instances\": 1}", 0, Created),
        ("app update /cli/web instances=1", 0, Created),
        ("app update /none cpus=1", 2, Nothing),
        ("app update /cli/web cpus=-1", 1, Nothing),
        ("app update /cli/web cpus", 2, Nothing),
        ("app update /cli/web cpus=abc", 1, Nothing),
        ("app update /cli/web nosuchkey=1", 1, Nothing),
        ("app update /cli/web labels={\"x\":1}", 1, Nothing),
        ("app update /cli/web constraints=[[\"hostname\",\"UNIQUE\"]]", 0, Created),
        ("app update /cli/web < {bad", 1, Nothing),
        ("app update /cli/web", 2, Nothing),
        ("app version list /cli/web --max-count=1", 0, Elements(1)),
        ("app version list /cli/web --max-count=0", 2, Nothing),
        ("app version list /none", 2, Nothing),
        ("app show /cli/web --app-version=-99", 2, Nothing),
        ("app show /cli/web --app-version=junk", 2, Nothing),
        ("app stop /cli/stdin", 0, Created),
        ("app stop /cli/stdin", 1, Nothing),
        ("app start /cli/stdin", 0, Created),
        ("app start /cli/stdin 3", 1, Nothing),
        ("app start --force /cli/stdin 2", 1, Nothing),
        ("app start /cli/stdin -1", 2, Nothing),
        ("app start /cli/stdin x", 2, Nothing),
        ("app start /none", 2, Nothing),
        ("app stop /none", 2, Nothing),
        ("app restart /cli/stdin", 0, Created),
        ("app restart --force /cli/stdin", 0, Created),
        ("app restart /none", 2, Nothing),
        ("app kill --host=nohost /cli/stdin", 0, Lines(&["Killed tasks: []"])),
        ("app kill --scale --host=a /cli/stdin", 0, Nothing),
        (
            "app kill /cli/stdin",
            0,
            Line("Killed tasks: [{\"appId\":\"/cli/stdin\",\"healthCheckResults\":[],"),
        ),
        ("app kill --scale /cli/stdin", 0, Line("Started deployment: {\"deploymentId\":\"")),
        ("app kill /none", 2, Nothing),
        ("app start /cli/stdin 2", 0, Created),
        ("app list -q", 0, Lines(&["/cli/stdin", "/cli/web"])),
        ("app remove /none", 2, Nothing),
        ("app remove", 2, Nothing),
        ("app remove --force /cli/web", 0, Nothing),
        ("app remove /cli/web", 2, Nothing),
    ]);
    let running = old.run("task list /cli/stdin", "").ended_with(0);
    assert_eq!(cells(&running)[1][..2], ["/cli/stdin", "True"]);
}

#[test]
fn commands_on_what_is_stuck_are_told_of_the_lock() {
    let old = Old::new();
    let created = old.run("app add stuck.json", "").ended_with(0).out;
    let id = created.trim_start_matches("Created deployment ").trim().to_owned();
    let listed = old.run("deployment list", "").ended_with(0);
    assert_eq!(cells(&listed)[1], ["/cli/stuck", "-", "scale", "1/2", &id]);
    old.all(&[
        ("deployment list cli/stuck --json", 0, Holds(&[("/0/affectedApps", r#"["/cli/stuck"]"#)])),
        ("app list --json", 0, Holds(&[("/0/deployments/0/id", &format!("\"{id}\""))])),
        ("app update /cli/stuck cpus=0.1", LOCKED, Nothing),
        ("app stop /cli/stuck", LOCKED, Nothing),
        ("app restart /cli/stuck", LOCKED, Nothing),
        ("debug list --json", 0, Holds(&[("/0/app/id", r#""/cli/stuck""#), ("/0/count", "1")])),
        ("delay reset /cli/stuck", 0, Lines(&["Delay on [/cli/stuck] has been reset"])),
        ("app remove --force /cli/stuck", 0, Nothing),
    ]);
}

#[test]
fn commands_on_groups() {
    let old = Old::new();
    let head: &[&str] = &["ID", "APPS", "ENFORCE_ROLE"];
    assert_eq!(cells(&old.run("group list", "").ended_with(0)), [head]);
    old.all(&[
        ("group add g.json", 0, Created),
        ("group add g.json", 3, Nothing),
        ("group list", 0, Table(&[&["ID", "APPS", "ENFORCE_ROLE"], &["/cligrp", "2", "True"]])),
        ("group list --json", 0, Holds(&[("/0/id", r#""/cligrp""#), ("/0/apps/0/id", r#""/cligrp/a""#)])),
        ("group show /cligrp", 0, Holds(&[("/apps/1/dependencies", r#"["/cligrp/a"]"#)])),
        ("group show cligrp", 0, Holds(&[("/id", r#""/cligrp""#)])),
        ("group show /none", 2, Nothing),
        ("group show /cligrp --group-version=-99", 2, Nothing),
        ("group show /cligrp --group-version=2020-01-01T00:00:00.000Z", 2, Nothing),
        ("group add --id=/empty", 0, Created),
        ("group add < {\"id\": \"/in\", \"groups\": [{\"id\": \"s\", \"apps\": []}]}", 0, Created),
        ("group add badgroup.json", 1, Nothing),
        ("group add bad2.json", 1, Nothing),
        ("group add nogroup.json", 1, Nothing),
        ("group scale /cligrp 2", 0, Created),
        ("group scale --force /cligrp 2", 0, Created),
        ("group scale /cligrp 0.5", 0, Created),
        ("group scale /cligrp -1", 2, Nothing),
        ("group scale /cligrp x", 2, Nothing),
        ("group scale /none 2", 2, Nothing),
        (
            "group update --yes /cligrp < {\"apps\": [{\"id\": \"a\", \"cmd\": \"sleep 3600\", \"mem\": 40}]}",
            0,
            Created,
        ),
        (
            "group update --force --yes /cligrp < {\"apps\": [{\"id\": \"a\", \"cmd\": \"sleep 3600\"}]}",
            0,
            Created,
        ),
        ("group update /cligrp < {\"apps\": [{\"id\": \"q\"}]}", 1, Nothing),
        ("group update /cligrp apps=[]", 2, Nothing),
        ("group update --force / groups=[]", 2, Nothing),
        ("group update /cligrp apps=[] --yes", 0, Created),
        ("group update /none apps=[]", 2, Nothing),
        ("group remove /cligrp", 0, Nothing),
        ("group remove /cligrp", 2, Nothing),
        ("group remove --force /in", 0, Nothing),
    ]);
}

#[test]
fn commands_on_pods_and_tasks() {
    const PODS: &[&str] = &["ID+TASKS", "INSTANCES", "VERSION", "STATUS", "STATUS SINCE", "WAITING", "ROLE"];
    let old = Old::new();
    let update = pod("/cli/pod").to_string();
    let updates =
        ["/cli/pod", "--force /cli/pod", "/none"].map(|words| format!("pod update {words} < {update}"));
    let [changed, forced, other] = updates.each_ref().map(String::as_str);
    old.all(&[
        ("pod add p.json", 0, Created),
        ("pod add p.json", 3, Nothing),
        ("pod list", 0, Table(&[PODS, &["/cli/pod", "1", "*", "STABLE", "*", "False", "cli"], &["|-main"]])),
        ("pod list --json", 0, Holds(&[("/0/id", r#""/cli/pod""#), ("/0/status", r#""STABLE""#)])),
        ("pod list -q", 0, Lines(&["/cli/pod"])),
        ("pod show cli/pod", 0, Holds(&[("/spec/id", r#""/cli/pod""#)])),
        ("pod show /none", 2, Nothing),
        ("pod add badpod.json", 1, Nothing),
        (changed, 0, Created),
        (forced, 0, Created),
        (other, 2, Nothing),
        ("pod update /cli/pod < {\"id\": \"/cli/pod\"}", 1, Nothing),
        ("pod update /cli/pod < {", 1, Nothing),
        ("pod kill /cli/pod", 2, Nothing),
        ("pod kill /cli/pod junk", 2, Nothing),
        ("pod kill /none junk", 2, Nothing),
        // Pods have no tasks in this list.
        ("task list", 0, Table(&[&["APP", "HEALTHY", "STARTED", "HOST", "ID", "ROLE"]])),
        ("task list /none", 2, Nothing),
        ("task show junk", 2, Nothing),
        ("task stop junk", 3, Nothing),
        ("task kill junk", 3, Nothing),
        (
            "task kill none.instance-11111111-2222-3333-4444-555555555555._app.1",
            2,
            Lines(&["Killed tasks: []"]),
        ),
        ("task kill", 2, Nothing),
        ("pod remove /cli/pod", 0, Nothing),
        ("pod remove --force /cli/pod", 2, Nothing),
        ("pod remove /none", 2, Nothing),
        ("app add web.json", 0, Created),
    ]);
    let ids = old.run("task list --quiet", "").ended_with(0).out;
    let [first, second] = [0, 1].map(|at| ids.lines().nth(at).expect("a task"));
    assert_eq!(old.run(&format!("task show {first}"), "").ended_with(0).report()["id"], first);
    assert_eq!(old.run(&format!("task stop --wipe {first}"), "").ended_with(0).report()["id"], first);
    let killed = old.run(&format!("task kill {second}"), "").ended_with(0);
    assert_eq!(killed.out, format!("Killed tasks: ['{second}']\n"));
}
