//! The commands of `dcos marathon` under `milepost`, against the embedded Marathon.

mod checks;
mod names;
mod refusals;
mod transcripts;

use serde_json::{Value as Json, json};

use crate::common::{TestDir, each_case};
use crate::deploy::{Cluster, Run};

const APPS: [&str; 10] =
    ["ID", "MEM", "CPUS", "TASKS", "HEALTH", "DEPLOYMENT", "WAITING", "CONTAINER", "CMD", "ROLE"];

fn app(id: &str, instances: u64) -> Json {
    json!({"id": id, "cmd": "sleep 3600", "cpus": 0.1, "mem": 32, "instances": instances})
}

fn pod(id: &str) -> Json {
    json!({"id": id, "scaling": {"kind": "fixed", "instances": 1}, "containers": [{"name": "main",
        "exec": {"command": {"shell": "sleep 3600"}}, "resources": {"cpus": 0.1, "mem": 32}}]})
}

/// The cells of a table, split where two spaces are.
fn cells(run: &Run) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect()
    };
    run.out.lines().map(row).collect()
}

fn with_stdin(cluster: &Cluster, args: &[&str], stdin: &str) -> Run {
    let mut command = cluster.test.command(args);
    command.env("MARATHON_URL", cluster.url()).write_stdin(stdin).output().expect("it runs").into()
}

/// A Marathon with a running app, a pod and an app that waits for offers.
fn cluster() -> Cluster {
    let cluster = Cluster::new();
    cluster.file("web.json", &app("/cli/web", 2));
    cluster.file("stuck.json", &json!({"id": "/cli/stuck", "cmd": "sleep 3600", "cpus": 99999, "mem": 32}));
    cluster.file("p.json", &pod("/cli/pod"));
    cluster.run(&["app", "add", "web.json"]).ended_with(0);
    cluster.run(&["pod", "add", "p.json"]).ended_with(0);
    cluster.server.settled();
    cluster
}

#[test]
fn nothing_is_an_empty_list_with_a_header() {
    let cluster = Cluster::new();
    let heads: [(&[&str], &[&str]); 8] = [
        (&["app", "list"], &APPS),
        (
            &["pod", "list"],
            &["ID+TASKS", "INSTANCES", "VERSION", "STATUS", "STATUS SINCE", "WAITING", "ROLE"],
        ),
        (&["group", "list"], &["ID", "APPS", "ENFORCE_ROLE"]),
        (&["deployment", "list"], &["APP", "POD", "ACTION", "PROGRESS", "ID"]),
        (&["task", "list"], &["APP", "HEALTHY", "STARTED", "HOST", "ID", "ROLE"]),
        (&["plugin", "list"], &["ID", "IMPLEMENTATION", "PLUGIN"]),
        (&["delay", "list"], &["ID", "INSTANCES TO LAUNCH", "SECONDS LEFT"]),
        (
            &["debug", "list"],
            &[
                "ID",
                "SINCE",
                "INSTANCES TO LAUNCH",
                "WAITING",
                "PROCESSED OFFERS",
                "UNUSED OFFERS",
                "LAST UNUSED OFFER",
                "LAST USED OFFER",
            ],
        ),
    ];
    each_case(heads, |(words, head)| {
        let listed = cluster.run(words).ended_with(0);
        assert_eq!(cells(&listed), [head], "{words:?}");
        let whole = cluster.run(&[words, &["--json"]].concat()).ended_with(0);
        let empty = if words[0] == "plugin" { json!({"plugins": []}) } else { json!([]) };
        assert_eq!(whole.report(), empty, "{words:?}");
        if words[0] != "plugin" {
            assert_eq!(cluster.run(&[words, &["-q"]].concat()).ended_with(0).out, "", "{words:?}");
        }
    });
    cluster
        .run(&["deployment", "list", "/other"])
        .ended_with(0)
        .tells("There are no deployments for '/other'");
    cluster.run(&["ping", "--once"]).ended_with(0).says("Marathon ping response[1x]: \"pong\"\n");
    assert_eq!(cluster.run(&["about"]).report()["version"], cluster.server.get("/v2/info")["version"]);
    let leader = cells(&cluster.run(&["leader", "show"]).ended_with(0));
    assert_eq!((leader[0].join(" "), leader[1][0].as_str()), ("HOST IP PORT".to_owned(), "127.0.0.1"));
    assert_eq!(cluster.run(&["leader", "show", "--json"]).report(), cluster.server.get("/v2/leader"));
}

#[test]
fn lists_tell_what_runs() {
    let cluster = cluster();
    let listed = cells(&cluster.run(&["app", "list"]).ended_with(0));
    let web = ["/cli/web", "32", "0.1", "2/2", "---", "---", "false", "MESOS", "sleep 3600", "cli"];
    assert_eq!(listed, [APPS.to_vec(), web.to_vec()]);
    assert_eq!(cluster.run(&["app", "list", "--quiet"]).out, "/cli/web\n");
    assert_eq!(cluster.run(&["app", "list", "--json"]).report(), cluster.server.get("/v2/apps")["apps"]);
    assert_eq!(cells(&cluster.run(&["group", "list"]))[1], ["/cli", "1", "True"]);
    let pods = cluster.run(&["pod", "list"]);
    assert_eq!(
        (&*cells(&pods)[1][0], &*cells(&pods)[1][1], &*cells(&pods)[1][3]),
        ("/cli/pod", "1", "STABLE")
    );
    assert!(pods.out.ends_with("\n |-main\n"), "{}", pods.out);
    let tasks = cells(&cluster.run(&["task", "list", "cli/web"]));
    assert_eq!((tasks.len(), &*tasks[1][0], &*tasks[1][1], &*tasks[1][5]), (3, "/cli/web", "True", "cli"));
    cluster.run(&["task", "list", "/cli/pod"]).ended_with(2).tells("milepost pod show /cli/pod");
    assert_eq!(cluster.run(&["task", "list", "/cli", "-q"]).out.lines().count(), 2);
    let task = &tasks[1][4];
    assert_eq!(cluster.run(&["task", "show", task]).report()["id"], json!(task));
    cluster.run(&["task", "list", "/none"]).ended_with(2).tells("app '/none' does not exist");
    cluster.run(&["task", "show", "junk"]).ended_with(2).tells("Task 'junk' does not exist");
    cluster.run(&["pod", "show", "/none"]).ended_with(2).tells("pod '/none' does not exist");
    cluster.run(&["group", "show", "/none"]).ended_with(2).tells("group '/none' does not exist");
    let other = "app '/cli/pod' does not exist";
    cluster
        .run(&["app", "show", "/cli/pod"])
        .ended_with(2)
        .tells(other)
        .tells("`milepost pod show /cli/pod`");
    cluster.run(&["group", "scale", "/cli/web", "2"]).ended_with(2).tells("`milepost app show /cli/web`");
    assert_eq!(cluster.run(&["pod", "show", "cli/pod"]).report()["spec"]["id"], "/cli/pod");
    assert_eq!(cluster.run(&["group", "show", "/cli"]).report()["apps"][0]["id"], "/cli/web");
}

#[test]
fn show_loses_nothing() {
    let cluster = Cluster::new();
    let web =
        r#"{"id": "/cli/web", "cmd": "sleep 1\tx", "cpus": 0.10, "mem": 32, "labels": {"z": "é", "a": ""}}"#;
    std::fs::write(cluster.test.path().join("web.json"), web).expect("written");
    cluster.run(&["app", "add", "web.json"]).ended_with(0);
    cluster.server.settled();
    each_case(["/cli/web", "cli/web", "//cli/web/"], |id| {
        let shown = cluster.run(&["app", "show", id]).ended_with(0);
        assert_eq!(shown.report(), cluster.server.get("/v2/apps/cli/web")["app"], "{id}");
    });
    cluster.run(&["app", "update", "/cli/web", "mem=33"]).ended_with(0);
    cluster.server.settled();
    let versions = cluster.run(&["app", "version", "list", "/cli/web"]).ended_with(0).report();
    let [newest, oldest] =
        [&versions[0], &versions[1]].map(|version| version.as_str().expect("a date").to_owned());
    assert!(newest > oldest, "{versions}");
    assert_eq!(
        cluster.run(&["app", "version", "list", "/cli/web", "--max-count=1"]).report(),
        json!([newest])
    );
    let shown = |version: &str| cluster.run(&["app", "show", "/cli/web", "--app-version", version]);
    assert_eq!(shown("-1").ended_with(0).report()["mem"], 32.0);
    assert_eq!(shown(&newest).ended_with(0).report()["mem"], 33.0);
    shown("-99").ended_with(2).tells("application '/cli/web' only has 2 version(s)");
    shown("1").ended_with(2).tells("relative versions must be negative: 1");
    shown("junk").ended_with(2).tells("Invalid timestamp provided 'junk'");
    shown("2020-01-01T00:00:00.000Z").ended_with(2).tells("not in version 2020-01-01T00:00:00.000Z");
    cluster.run(&["group", "show", "/cli", "--group-version=-1"]).ended_with(0).says("\"mem\": 32");
    cluster.run(&["app", "version", "list", "/cli/web", "--max-count", "0"]).ended_with(2).tells("positive");
}

#[test]
fn apps_are_started_stopped_changed_and_removed() {
    let cluster = cluster();
    let done = |words: &[&str], told: &str| {
        let run = cluster.run(words).ended_with(0).tells(told);
        assert_eq!(run.out.trim().len(), 36, "{words:?}: {}", run.out);
        cluster.server.settled();
    };
    done(&["app", "stop", "/cli/web"], "app /cli/web is being stopped; it had 2 instances");
    cluster
        .run(&["app", "stop", "cli/web"])
        .ended_with(1)
        .tells("app '/cli/web' already stopped: 0 instances");
    cluster.run(&["app", "restart", "cli/web"]).ended_with(1).tells("because it has no running tasks");
    done(&["app", "start", "cli/web", "3"], "app /cli/web is being started with 3 instances");
    cluster.run(&["app", "start", "/cli/web"]).ended_with(1).tells("already started: 3 instances");
    cluster.run(&["app", "start", "/cli/web", "-1"]).ended_with(2).tells("must be positive: -1");
    done(&["app", "restart", "/cli/web"], "app /cli/web is being restarted");
    done(&["app", "update", "/cli/web", "cpus=0.2", r#"env={"A":"c"}"#], "app /cli/web is being changed");
    assert_eq!(cluster.server.get("/v2/apps/cli/web")["app"]["env"], json!({"A": "c"}));
    let changed = with_stdin(&cluster, &["app", "update", "/cli/web"], r#"{"instances": 1}"#);
    changed.ended_with(0);
    cluster.server.settled();
    with_stdin(&cluster, &["app", "update", "/cli/web"], "{bad").ended_with(1).tells("-:1:2");
    with_stdin(&cluster, &["app", "update", "/cli/web"], "").ended_with(2).tells("nothing to change");
    for (words, text) in [
        (["app", "update", "/cli/web"], r#"{"mem": 42} {"mem": 43}"#),
        (["group", "update", "/cli"], r#"{"apps": []} {}"#),
    ] {
        with_stdin(&cluster, &words, text).ended_with(2).tells("Marathon reads the first value");
    }
    let shown = cluster.run(&["app", "show", "/cli/web"]).ended_with(0).out;
    let again = with_stdin(&cluster, &["app", "update", "/cli/web"], &shown).ended_with(2);
    again.tells("Marathon takes nothing but the id beside it").tells("`milepost export /cli/web`");
    with_stdin(&cluster, &["app", "update", "/cli/web"], "[]").ended_with(2).tells("updates are objects");
    cluster
        .run(&["app", "update", "/cli/web", "cpus"])
        .ended_with(2)
        .tells("'cpus' is not a valid json-item");
    let killed =
        cluster.run(&["app", "kill", "/cli/web"]).ended_with(0).tells("killed 1 task of app /cli/web");
    assert!(killed.out.starts_with("cli_web.instance-"), "{}", killed.out);
    cluster.run(&["app", "kill", "/cli/web", "--host=nohost"]).ended_with(0).tells("none were killed");
    done(&["app", "kill", "--scale", "/cli/web"], "scaled to 0 instances");
    done(&["app", "remove", "/cli/web"], "app /cli/web is being removed");
    each_case(
        [
            &["app", "show", "/none"][..],
            &["app", "start", "/none"],
            &["app", "stop", "/none"],
            &["app", "restart", "/none"],
            &["app", "kill", "/none"],
            &["app", "kill", "--scale", "/none"],
            &["app", "update", "/none", "cpus=1"],
            &["app", "version", "list", "/none"],
            &["app", "remove", "none"],
        ],
        |words| {
            let run = cluster.run(words).ended_with(2);
            assert!(run.err.to_lowercase().contains("app '/none' does not exist"), "{words:?}: {}", run.err);
            assert_eq!(run.out, "", "{words:?}");
        },
    );
    assert_eq!(cluster.server.get("/v2/apps")["apps"], json!([]));
}

#[test]
fn a_lock_is_told_with_its_holder() {
    let cluster = cluster();
    let stuck = cluster.run(&["app", "add", "stuck.json"]).ended_with(0).out;
    let stuck = stuck.trim();
    let listed = cells(&cluster.run(&["deployment", "list", "cli/stuck"]).ended_with(0));
    assert_eq!(listed[1], ["/cli/stuck", "-", "scale", "1/2", stuck]);
    assert_eq!(cluster.run(&["deployment", "list", "--quiet"]).out.trim(), stuck);
    assert_eq!(
        cluster.run(&["deployment", "list", "--json"]).report(),
        cluster.server.get("/v2/deployments")
    );
    cluster.run(&["app", "update", "/cli/stuck", "cpus=0.1"]).ended_with(4).tells(stuck);
    cluster.run(&["app", "stop", "/cli/stuck"]).ended_with(4).tells(stuck);
    cluster.server.until("/v2/queue?embed=lastUnusedOffers", |queue| {
        queue["queue"][0]["lastUnusedOffers"].as_array().is_some_and(|offers| !offers.is_empty())
    });
    let row = cells(&cluster.run(&["app", "list"])).into_iter().find(|row| row[0] == "/cli/stuck");
    let row = row.expect("a row");
    assert_eq!((&*row[3], &*row[5], &*row[6]), ("0/1", "scale", "true"));
    assert_eq!(cells(&cluster.run(&["debug", "list"]).ended_with(0))[1][..1], ["/cli/stuck"]);
    let summary = cells(&cluster.run(&["debug", "summary", "cli/stuck"]).ended_with(0));
    assert_eq!(summary[0], ["RESOURCE", "REQUESTED", "MATCHED", "PERCENTAGE"]);
    assert_eq!((&*summary[3][0], &*summary[3][1], &*summary[3][3]), ("CPUS", "99999", "0.00%"));
    assert_eq!(summary[6][..2], ["PORTS", "[]"]);
    let details = cells(&cluster.run(&["debug", "details", "/cli/stuck"]).ended_with(0));
    assert_eq!(details[0].len(), 9);
    assert_eq!((&*details[1][3], &*details[1][4]), ("-", "ok"));
    assert_eq!(
        cluster.run(&["debug", "details", "/cli/stuck", "--json"]).report()["app"]["id"],
        "/cli/stuck"
    );
    cluster
        .run(&["debug", "summary", "/cli/web"])
        .ended_with(2)
        .tells("couldn't find /cli/web in Marathon's queue");
    cluster
        .run(&["delay", "reset", "/cli/stuck"])
        .ended_with(0)
        .says("Delay on [/cli/stuck] has been reset\n");
    cluster.run(&["delay", "reset", "/none"]).ended_with(2).tells("/none");
    let watched =
        cluster.run(&["deployment", "watch", stuck, "--max-count=1", "--interval=1", "--no-fail-fast"]);
    watched.ended_with(5);
    cluster.run(&["deployment", "watch", "nosuch"]).ended_with(2).tells("does not run on");
    let back = cluster.run(&["deployment", "rollback", stuck]).ended_with(0);
    assert!(back.report()["deploymentId"].is_string(), "{}", back.out);
    cluster.server.settled();
    cluster.run(&["deployment", "rollback", stuck]).ended_with(2).tells("does not exist");
    let again = cluster.run(&["app", "add", "stuck.json"]).ended_with(0).out;
    cluster.run(&["deployment", "stop", again.trim()]).ended_with(0).tells("may be half done");
    cluster.run(&["deployment", "stop", again.trim()]).ended_with(2).tells("does not exist");
    let slow = json!({"id": "/cli/slow", "cmd": "sleep 3600", "cpus": 0.1, "mem": 32,
        "labels": {"MILEPOST_START_SECONDS": "20"}});
    cluster.file("slow.json", &slow);
    let slow = cluster.run(&["app", "add", "slow.json"]).ended_with(0).out;
    cluster.run(&["deployment", "watch", slow.trim()]).ended_with(0).says("/cli/slow");
    // One that has ended is not told from one that never was; what to ask instead is.
    cluster
        .run(&["deployment", "watch", slow.trim()])
        .ended_with(2)
        .tells("it has finished, was cancelled, or never was")
        .tells("`milepost status`")
        .tells("`milepost wait APP-ID`");
    let failing = json!({"id": "/cli/fail", "cmd": "exit 1", "cpus": 0.1, "mem": 32, "backoffSeconds": 0});
    cluster.file("fail.json", &failing);
    let failing = cluster.run(&["app", "add", "fail.json"]).ended_with(0).out;
    cluster.run(&["deployment", "watch", failing.trim(), "--timeout", "5m"]).ended_with(9).says("/cli/fail");
}

#[test]
fn tasks_and_instances_are_killed_by_their_ids() {
    let cluster = cluster();
    let ids = cluster.run(&["task", "list", "-q"]).out;
    let [first, second] = [0, 1].map(|at| ids.lines().nth(at).expect("a task").to_owned());
    let stopped = cluster.run(&["task", "stop", &first]).ended_with(0).tells("killed task");
    assert_eq!(stopped.report()["id"], json!(first));
    cluster.run(&["task", "stop", "junk"]).ended_with(3).tells("Invalid task id 'junk'");
    let unknown = "none.instance-11111111-2222-3333-4444-555555555555._app.1";
    cluster.run(&["task", "kill", unknown]).ended_with(2).tells("task-ids seems to be unknown");
    cluster.run(&["task", "kill"]).ended_with(2).tells("name the tasks to kill");
    let killed = cluster.run(&["task", "kill", &second, unknown]).ended_with(2).tells(unknown);
    assert_eq!(killed.out.trim(), second);
    cluster.server.until("/v2/apps/cli/web", |app| app["app"]["tasksRunning"] == 2);
    let ids = cluster.run(&["task", "list", "-q"]).out;
    let scaled = cluster.run(&["task", "kill", "--scale", "--json", ids.lines().next().expect("a task")]);
    assert!(scaled.ended_with(0).report()["deploymentId"].is_string());
    cluster.server.settled();
    assert_eq!(cluster.server.get("/v2/apps/cli/web")["app"]["instances"], 1);
    let instance = cluster.server.get("/v2/pods/cli/pod::status")["instances"][0]["id"].clone();
    let instance = instance.as_str().expect("an id");
    cluster.run(&["pod", "kill", "/cli/pod"]).ended_with(2).tells("at least one pod instance ID");
    cluster
        .run(&["pod", "kill", "/cli/pod", "junk"])
        .ended_with(2)
        .tells("junk is not the id of an instance");
    let unknown = "cli_pod.instance-11111111-2222-3333-4444-555555555555";
    cluster.run(&["pod", "kill", "/none", unknown]).ended_with(2).tells("pod '/none' does not exist");
    cluster.run(&["pod", "kill", "/cli/pod", unknown]).ended_with(2).tells("none was killed");
    let killed = cluster.run(&["pod", "kill", "/cli/pod", instance, unknown]).ended_with(2);
    assert_eq!(killed.tells(&format!("they were not killed: {unknown}")).out.trim(), instance);
}

#[test]
fn groups_and_pods_are_changed() {
    let cluster = cluster();
    let member = |id: &str, mem: u64| json!({"id": id, "cmd": "sleep 3600", "cpus": 0.1, "mem": mem});
    cluster.file("g.json", &json!({"id": "/g", "apps": [member("a", 32), member("b", 32)]}));
    cluster.run(&["group", "add", "g.json"]).ended_with(0);
    cluster.server.settled();
    cluster.run(&["group", "add", "g.json"]).ended_with(3);
    cluster.run(&["group", "add", "--id=/empty"]).ended_with(0);
    cluster.server.settled();
    assert_eq!(cells(&cluster.run(&["group", "list"]))[2..], [["/empty", "0", "True"], ["/g", "2", "True"]]);
    cluster.run(&["group", "scale", "/g", "2"]).ended_with(0).tells("scaled by 2");
    cluster.server.settled();
    assert_eq!(cluster.server.get("/v2/apps/g/a")["app"]["instances"], 2);
    for (factor, told) in [("-1", "not negative"), ("x", "invalid value"), ("nan", "not negative")] {
        cluster.run(&["group", "scale", "/g", factor]).ended_with(2).tells(told);
    }
    cluster.run(&["group", "scale", "/none", "2"]).ended_with(2).tells("group '/none' does not exist");
    cluster.run(&["group", "update", "/none", "apps=[]"]).ended_with(2).tells("group '/none' does not exist");
    assert_eq!(cluster.server.send("GET", "/v2/groups/none", &[], "").status, 404);
    let update = json!({"apps": [member("a", 40)]}).to_string();
    let words = ["group", "update", "/g", "--wait", "--timeout", "5m", "--yes"];
    let changed = with_stdin(&cluster, &words, &update);
    changed.ended_with(0).tells("removes /g/b").says("/g/a");
    assert_eq!(cluster.server.send("GET", "/v2/apps/g/b", &[], "").status, 404);
    cluster.run(&["group", "remove", "/"]).ended_with(2).tells("--yes");
    cluster.run(&["group", "remove", "/g"]).ended_with(0).tells("group /g is being removed");
    cluster.server.settled();
    cluster.run(&["group", "remove", "/g"]).ended_with(2).tells("Group '/g' does not exist");
    let mut two = pod("/cli/pod");
    two["scaling"]["instances"] = json!(2);
    with_stdin(&cluster, &["pod", "update", "/cli/pod", "--wait", "--timeout", "5m"], &two.to_string())
        .ended_with(0);
    assert_eq!(cluster.server.get("/v2/pods/cli/pod::status")["instances"].as_array().map(Vec::len), Some(2));
    with_stdin(&cluster, &["pod", "update", "/cli/pod"], &pod("/cli/pod").to_string()).ended_with(0);
    with_stdin(&cluster, &["pod", "update", "/none"], &pod("/none").to_string()).ended_with(2);
    with_stdin(&cluster, &["pod", "update", "/cli/pod"], r#"{"id": "/cli/pod"}"#).ended_with(1);
    cluster.server.settled();
    cluster.run(&["pod", "remove", "/cli/pod"]).ended_with(0);
}

#[test]
fn an_update_waits_as_a_deployment_does() {
    let cluster = cluster();
    let update = |words: &[&str]| {
        cluster.run(&[&["app", "update", "/cli/web", "--wait", "--timeout", "5m"], words].concat())
    };
    update(&["mem=40"]).ended_with(0).says("/mem").says("deployed: /cli/web");
    update(&["mem=40"]).ended_with(0).says("nothing to do");
    update(&["nosuchkey=1"]).ended_with(1).tells("nosuchkey");
    update(&["cmd=exit 1", "backoffSeconds=0"]).ended_with(6).says("rolled back");
    assert_eq!(cluster.server.get("/v2/apps/cli/web")["app"]["cmd"], "sleep 3600");
}

#[test]
fn arrays_are_sent_one_after_another_or_not_at_all() {
    let cluster = Cluster::new();
    cluster.file("apps.json", &json!([app("/a", 1), app("/b", 1)]));
    let sent = cluster.run(&["app", "add", "apps.json"]).ended_with(0);
    assert_eq!(sent.out.lines().count(), 2, "{}", sent.out);
    cluster.server.settled();
    cluster.file("more.json", &json!([app("/c", 1), app("/b", 1)]));
    cluster.run(&["app", "add", "more.json"]).ended_with(3).tells("nothing was sent: these exist");
    cluster.file("bad.json", &json!([app("/c", 1), {"id": "/d", "cmd": 5}]));
    cluster.run(&["app", "add", "bad.json"]).ended_with(1).tells("bad.json [1]");
    cluster.file("none.json", &json!([]));
    cluster.run(&["app", "add", "none.json"]).ended_with(2).tells("the array has no app in it");
    assert_eq!(cluster.run(&["app", "list", "-q"]).out, "/a\n/b\n");
}

#[test]
fn the_old_words_are_taken_as_they_are() {
    let cluster = cluster();
    cluster.file("registry.json", &app("/registry", 1));
    let dcos = |words: &str| cluster.run(&[&["dcos"], &words.split(' ').collect::<Vec<_>>()[..]].concat());
    let created = dcos("marathon app add registry.json").ended_with(0);
    assert!(created.out.starts_with("Created deployment "), "{}", created.out);
    cluster.server.settled();
    dcos("-vv --log-level=debug marathon app list -q").ended_with(0).says("/registry\n");
    let changed = dcos("marathon app update /registry mem=40").ended_with(0);
    assert!(changed.out.starts_with("Created deployment "), "{}", changed.out);
    cluster.server.settled();
    let killed = dcos("marathon app kill /registry").ended_with(0);
    assert!(killed.out.starts_with("Killed tasks: [{\"appId\":\"/registry\""), "{}", killed.out);
    cluster.server.until("/v2/apps/registry", |app| app["app"]["tasksRunning"] == 1);
    let scaled = dcos("marathon app kill --scale /registry").ended_with(0);
    assert!(scaled.out.starts_with("Started deployment: {\"deploymentId\":\""), "{}", scaled.out);
    cluster.server.settled();
    assert_eq!(dcos("marathon app remove /registry").ended_with(0).out, "");
    assert_eq!(dcos("marathon --info").ended_with(0).out, "Deploy and manage applications to DC/OS\n");
    assert_eq!(dcos("marathon --config-schema").report()["properties"]["url"]["format"], "uri");
    for version in ["marathon --version", "--version", "-V"] {
        assert_eq!(dcos(version).ended_with(0).out, format!("milepost {}\n", env!("CARGO_PKG_VERSION")));
    }
    for help in ["help marathon app add", "marathon help app add", "help app add"] {
        dcos(help).ended_with(0).says("Create an app");
    }
    dcos("help marathon").ended_with(0).says("Deploy and manage applications");
    dcos("marathon app add --help").ended_with(0).says("Create an app");
    dcos("marathon nosuch").ended_with(2).tells("nosuch");
    dcos("marathon").ended_with(2).tells("name a command");
    dcos("node list").ended_with(2).tells("`dcos marathon` only");
}

#[test]
fn what_is_no_marathon_is_told() {
    let cluster = Cluster::new();
    let base = format!("{}/milepost", cluster.url());
    each_case(
        [&["app", "list"][..], &["task", "list"], &["about"], &["ping"], &["deployment", "list"]],
        |words| {
            cluster.run(&[words, &["--url", &base]].concat()).ended_with(2).tells("/service/marathon");
            let closed = cluster.run(&[words, &["--url", "http://127.0.0.1:1"]].concat()).ended_with(2);
            assert!(closed.out.is_empty() && closed.err.contains("127.0.0.1:1"), "{}", closed.err);
        },
    );
}

#[test]
fn other_json_is_not_shown_as_marathons() {
    let server = crate::send::Server::start(crate::send::json("200 OK", r#"{"x": 1}"#));
    let test = TestDir::new();
    let shown: [&[&str]; 8] = [
        &["about"],
        &["app", "show", "/a"],
        &["app", "show", "/a", "--app-version", "2026-11-21T05:54:08.744Z"],
        &["pod", "show", "/a"],
        &["group", "show", "/a"],
        &["leader", "show", "--json"],
        &["plugin", "list", "--json"],
        &["app", "list"],
    ];
    each_case(shown, |words| {
        let output = test.command(words).env("MARATHON_URL", server.url()).output().expect("it runs");
        let run = Run::from(output).ended_with(2).tells("answers with something other than Marathon's JSON");
        assert_eq!(run.out, "", "{words:?}");
    });
}

#[test]
fn commands_are_listed_without_their_secrets() {
    let cluster = Cluster::new();
    let commands = [
        ("r --token hunter2", "r --token ***"),
        ("r --pw hunter2 x", "r --pw *** x"),
        ("curl -u bob:hunter2 h", "curl -u bob:*** h"),
        ("r --user bob:hunter2", "r --user bob:***"),
        ("r authorization:hunter2", "r authorization:***"),
        ("redis-cli -a hunter2 get a", "redis-cli -a *** get a"),
        ("r --token $TOKEN --port 1", "r --token $TOKEN --port 1"),
    ];
    let args = json!(["r", "--token", "hunter2", "--port", "80"]);
    let mut apps: Vec<Json> = vec![json!({"id": "/a", "args": args, "cpus": 0.1, "mem": 32})];
    for (number, (command, _)) in commands.iter().enumerate() {
        apps.push(json!({"id": format!("/b{number}"), "cmd": command, "cpus": 0.1, "mem": 32}));
    }
    cluster.file("apps.json", &json!(apps));
    cluster.run(&["app", "add", "apps.json"]).ended_with(0);
    cluster.server.settled();
    let listed = cells(&cluster.run(&["app", "list"]).ended_with(0));
    let shown: Vec<&str> = listed[1..].iter().map(|row| row[8].as_str()).collect();
    let expected: Vec<&str> = commands.iter().map(|(_, shown)| *shown).collect();
    assert_eq!(shown, [&["[r, --token, ***, --port, 80]"][..], &expected].concat());
}

#[test]
fn nothing_is_sent_of_an_array_with_an_id_twice() {
    let cluster = Cluster::new();
    for other in ["/a", "a", "/a/"] {
        cluster.file("apps.json", &json!([app("/a", 1), app("/b", 1), app(other, 2)]));
        cluster.run(&["app", "add", "apps.json", "--no-check"]).ended_with(2).tells("have the id /a");
    }
    assert_eq!(cluster.run(&["app", "list", "-q"]).ended_with(0).out, "");
}

#[test]
fn what_a_kill_takes_away_is_told() {
    let cluster = cluster();
    let host = cluster.server.get("/v2/apps/cli/web/tasks")["tasks"][0]["host"].clone();
    let on = |host: &str| cluster.run(&["app", "kill", "/cli/web", "--scale", "--host", host]).ended_with(0);
    on("other.example").tells("has no tasks on other.example: none were killed, and it is not scaled");
    on(host.as_str().expect("a host")).tells("1 task of app /cli/web on");
    cluster.server.settled();
    assert_eq!(cluster.app("/cli/web")["instances"], 1);
    cluster.run(&["app", "start", "/cli/web"]).ended_with(1).tells("already started: 1 instance\n");
    cluster.run(&["app", "update", "/cli/web", "instances=2"]).ended_with(0);
    cluster.server.settled();
    cluster.run(&["app", "kill", "/cli/web", "--scale"]).ended_with(0).tells("it had 2 instances");
    cluster.server.settled();
    assert_eq!(cluster.app("/cli/web")["instances"], 0);
}
