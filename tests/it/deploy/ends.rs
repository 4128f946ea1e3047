//! How deployments end: green only when what was sent runs, and an exit code for each other end.

use serde_json::{Value as Json, json};

use crate::send::{Server as Stub, json as answer};

use super::{Cluster, Heard, finished, web, web_with};

#[test]
fn an_app_is_created_changed_and_scaled() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0).says("deployed: /web runs as sent");
    assert!(cluster.all_run("/web"));
    let other = web_with(json!({"cmd": "sleep 2000"}));
    cluster.deploy(&other, &[]).ended_with(0).says("replace: restarts 2 instances");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2000");
    let more = web_with(json!({"cmd": "sleep 2000", "instances": 3}));
    cluster.deploy(&more, &[]).ended_with(0).says("scale: from 2 to 3");
    assert!(cluster.all_run("/web"));
}

#[test]
fn what_is_unchanged_is_not_sent_and_has_to_run_all_the_same() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let version = cluster.app("/web")["version"].clone();
    cluster.deploy(&web(), &[]).ended_with(0).says("nothing to do: /web runs as written");
    assert_eq!(cluster.app("/web")["version"], version);
    // The second deploy of an app that was never placed is not complete.
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    let keep = ["--on-failure", "keep", "--timeout", "3s"];
    cluster.deploy(&never, &keep).ended_with(5).says("not enough cpus (5000 wanted; 4 of 4 declined)");
    cluster.deploy(&never, &keep).ended_with(5).says("not enough cpus (5000 wanted; 4 of 4 declined)");
}

#[test]
fn a_failing_app_is_given_up_early_and_taken_back() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let bad = web_with(json!({"cmd": "exit 1", "labels": {"MILEPOST_FAULT_MESSAGE": "no such table"}}));
    let run = cluster.deploy(&bad, &[]).ended_with(6);
    let run = run.says("it cannot succeed: its tasks failed").says("TASK_FAILED");
    run.says("rolled back: what ran before runs again: /web");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1000");
    assert!(cluster.all_run("/web"));
    // A new app has nothing before it.
    let new = json!({"id": "/new", "cmd": "exit 1", "cpus": 0.1, "mem": 32});
    cluster.deploy(&new, &[]).ended_with(6).says("/new is removed, as it did not exist before");
    assert_eq!(cluster.server.send("GET", "/v2/apps/new", &[], "").status, 404);
}

#[test]
fn the_way_back_leads_to_what_ran() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let bad = |command: &str| web_with(json!({"cmd": command}));
    cluster.deploy(&bad("exit 1"), &["--on-failure", "keep"]).ended_with(9);
    // What is stored never ran.
    let run = cluster.deploy(&bad("exit 2"), &["--lock", "force"]).ended_with(6);
    run.says("rolled back: what ran before runs again: /web");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1000");
    cluster.deploy(&bad("exit 1"), &["--on-failure", "keep"]).ended_with(9);
    let run = cluster.run(&["rollback", "/web", "--yes", "--force", "--timeout", "5m"]).ended_with(0);
    run.says("rolled back: /web runs as in version");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 1000");
    assert!(cluster.all_run("/web"));
}

#[test]
fn a_way_back_that_fails_too_has_its_own_exit_code() {
    let agents =
        crate::common::TestDir::new().file("agents.json", r#"[{"hostname": "127.0.1.1", "cpus": 4}]"#);
    let agents = agents.path().join("agents.json");
    let cluster = Cluster::with(&["--agents", agents.to_str().expect("UTF-8")]);
    let strategy = json!({"minimumHealthCapacity": 0, "maximumOverCapacity": 0});
    let of = |cpus: f64| json!({"id": "/web", "cmd": "sleep 1", "cpus": cpus, "mem": 32, "upgradeStrategy": strategy});
    cluster.deploy(&of(3.0), &[]).ended_with(0);
    cluster.file("bad.json", &of(5.0));
    let child = cluster.start(&["deploy", "bad.json", "--yes", "--timeout", "6s", "--no-fail-fast"]);
    cluster.server.until("/v2/tasks", |list| list["tasks"] == json!([]));
    // What ran before has no room any more.
    let other = json!({"id": "/other", "cmd": "sleep 1", "cpus": 4, "mem": 32});
    assert_eq!(cluster.server.post("/v2/apps", &other.to_string()).status, 201);
    let run = finished(child).ended_with(7).says("failed: /web: it timed out: no offer fits");
    run.says("; the rollback goes on, and is not done yet: /web: it timed out: no offer fits 1 more instance: not enough cpus")
        .says(" goes on and holds the lock of /web: `milepost wait ");
    // It is stored again all the same.
    assert_eq!(cluster.app("/web")["cpus"], 3.0);
}

#[test]
fn what_no_agent_is_large_enough_for_is_told_early_where_the_project_says_so() {
    let cluster = Cluster::new();
    // Offers are what is free at the moment, so that nothing else tells it.
    std::fs::write(cluster.test.path().join("milepost.toml"), "[target.agents]\ncpus = 16\n")
        .expect("written");
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    let run = cluster.deploy(&never, &[]).ended_with(6);
    run.says("it cannot succeed: no offer fits 1 more instance: no agent has so many cpus (5000 wanted; 4 of 4 declined)");
}

#[test]
fn the_failure_policy_keeps_or_cancels() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let bad = web_with(json!({"cmd": "exit 1"}));
    cluster.deploy(&bad, &["--on-failure", "keep"]).ended_with(9).says("nothing was rolled back");
    assert_ne!(cluster.server.get("/v2/deployments"), json!([]));
    let other = web_with(json!({"cmd": "exit 2"}));
    let cancel = ["--on-failure", "cancel", "--lock", "force"];
    cluster.deploy(&other, &cancel).ended_with(9).says("cancelled deployment");
    assert_eq!(cluster.server.get("/v2/deployments"), json!([]));
}

#[test]
fn an_app_that_ends_by_itself_is_not_stable() {
    let cluster = Cluster::new();
    // It was running once, so that Marathon's deployment succeeds.
    let labels = json!({"MILEPOST_FAULT_EXIT": "0", "MILEPOST_FAULT_EXIT_AFTER": "1"});
    let brief = json!({"id": "/brief", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "labels": labels});
    let run = cluster.deploy(&brief, &["--stable", "20s", "--on-failure", "keep"]).ended_with(9);
    assert!(!run.err.contains("done"), "{}", run.err);
    run.says("TASK_FINISHED");
}

#[test]
fn after_a_failure_all_has_to_run_for_a_while() {
    let cluster = Cluster::new();
    // The first task ends while its health is awaited, the second one stays.
    let check = json!([{"protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 60, "intervalSeconds": 2,
        "timeoutSeconds": 1}]);
    let labels = json!({"MILEPOST_FAULT_EXIT": "0", "MILEPOST_FAULT_EXIT_AFTER": "2", "MILEPOST_FAULT_EXIT_TIMES": "1",
        "MILEPOST_HEALTHY": "5"});
    let once = json!({"id": "/once", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "healthChecks": check, "labels": labels});
    let start = std::time::Instant::now();
    cluster.deploy(&once, &[]).ended_with(0).tells("TASK_FINISHED");
    assert!(start.elapsed() >= std::time::Duration::from_secs(5));
    // What has failed before a wait is no news.
    cluster.run(&["wait", "/once", "--timeout", "4s"]).ended_with(0);
}

#[test]
fn what_marathon_holds_back_has_to_run_for_a_while() {
    let cluster = Cluster::new();
    let labels = json!({"MILEPOST_FAULT_EXIT": "1", "MILEPOST_FAULT_EXIT_AFTER": "1"});
    let loops = json!({"id": "/loop", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "backoffSeconds": 2, "labels": labels});
    cluster.file("loop.json", &loops);
    cluster.run(&["app", "add", "loop.json"]).ended_with(0);
    let delay = || cluster.server.get("/v2/queue")["queue"][0]["delay"]["timeLeftSeconds"].as_u64();
    for words in [&["wait", "/loop"][..], &["deploy", "loop.json", "--yes", "--on-failure", "keep"]] {
        while delay().is_none_or(|seconds| seconds == 0) {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        cluster.run(&[words, &["--timeout", "30s"]].concat()).ended_with(9).says("3 times the same way");
    }
}

#[test]
fn checks_have_to_pass() {
    let cluster = Cluster::new();
    let check = json!([{"protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 1, "intervalSeconds": 2,
        "timeoutSeconds": 1, "maxConsecutiveFailures": 2}]);
    let healthy = |when: &str| {
        json!({"id": "/h", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "healthChecks": check,
            "labels": {"MILEPOST_HEALTHY": when}})
    };
    cluster.deploy(&healthy("always"), &[]).ended_with(0);
    cluster.deploy(&healthy("never"), &[]).ended_with(6).says("health check failed");
    let readiness = json!([{"name": "up", "protocol": "HTTP", "path": "/r", "portName": "main", "intervalSeconds": 2,
        "timeoutSeconds": 1}]);
    let ready = |when: &str| {
        json!({"id": "/r", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "readinessChecks": readiness,
            "portDefinitions": [{"port": 0, "name": "main"}], "labels": {"MILEPOST_READY": when}})
    };
    cluster.deploy(&ready("always"), &[]).ended_with(0);
    let keep = ["--timeout", "4s", "--on-failure", "keep"];
    cluster.deploy(&ready("never"), &keep).ended_with(5).says("readiness check up");
}

#[test]
fn a_lock_is_reported_waited_for_or_broken() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "100"}}));
    let holder = cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string()).deployment();
    let other = web_with(json!({"cmd": "sleep 2000"}));
    let run =
        cluster.deploy(&other, &[]).ended_with(4).says(&format!("/web is locked by deployment {holder}"));
    run.says("of /web, at step 1 of 1")
        .says("(--lock wait waits until it has ended, --lock force cancels it)");
    // Nothing was sent: a refused definition would be in the list of versions.
    let versions = cluster.server.get("/v2/apps/web/versions")["versions"].as_array().map(Vec::len);
    assert_eq!(versions, Some(2));
    let run = cluster.deploy(&other, &["--lock", "wait"]).ended_with(0);
    run.tells("waiting for the lock: deployment").says("deployed: /web runs as sent");
    let endless = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "100000"}}));
    let holder = cluster.server.put("/v2/apps/web?partialUpdate=false", &endless.to_string()).deployment();
    // Who has waited is not told to wait.
    let waited = cluster.deploy(&other, &["--lock", "wait", "--timeout", "3s"]).ended_with(4);
    let waited = waited.says(&format!("/web is still locked by deployment {holder}"));
    waited.says("(a longer --timeout waits on, --lock force cancels it)");
    let back = ["rollback", "/web", "--yes", "--lock", "wait", "--timeout", "3s"];
    cluster.run(&back).ended_with(4).tells("(a longer --timeout waits on, --lock force cancels it)");
    cluster.deploy(&web(), &["--lock", "force"]).ended_with(0);
    assert!(cluster.all_run("/web"));
}

#[test]
fn an_interruption_says_what_goes_on() {
    let cluster = Cluster::new();
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.file("never.json", &never);
    let deploy = |options: &[&str]| {
        Heard::of(cluster.start(&[&["deploy", "never.json", "--yes"], options].concat())).until("/never: ")
    };
    let child = deploy(&[]);
    let id = cluster.server.get("/v2/deployments")[0]["id"].as_str().expect("an id").to_owned();
    let run = child.signal("-INT").end().ended_with(130);
    run.says(&format!("deployment {id} continues")).tells("interrupted: /never");
    assert_eq!(cluster.server.get("/v2/deployments")[0]["id"], id.as_str());
    // One that was begun before is named, too, where nothing had to be sent.
    let run = deploy(&[]).signal("-INT").end().ended_with(130);
    run.tells(&format!(
        "/never is stored already, and deployment {id} is under way for it: waiting for that"
    ))
    .tells(&format!("interrupted: /never (deployment {id}): "));
    // Where it is asked for, it is cancelled.
    let again = json!({"id": "/never", "cmd": "sleep 2", "cpus": 5000, "mem": 32});
    cluster.file("never.json", &again);
    let child = deploy(&["--lock", "force", "--on-interrupt", "cancel"]);
    child.signal("-INT").end().ended_with(130).says("cancelled deployment");
    cluster.server.settled();
}

#[test]
fn a_report_says_which_services_an_interruption_cancelled() {
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    let reason = |id: &str| format!("this run cancelled deployment {id} before it finished");
    let stopped = |options: &[&str], again: bool| {
        let cluster = Cluster::new();
        cluster.file("never.json", &never);
        let args = [&["deploy", "never.json", "--yes", "--no-fail-fast"], options].concat();
        let mut child = Heard::of(cluster.start(&args)).until("/never: 0 of 1 running").signal("-INT");
        if again {
            child = child.until("Ctrl-C again within 2 s cancels it").signal("-INT");
        }
        child.end().ended_with(130)
    };
    for (options, again) in
        [(&["--report", "json"][..], true), (&["--report", "json", "--on-interrupt", "cancel"], false)]
    {
        let report = stopped(options, again).report();
        let service =
            report["services"].as_array().into_iter().flatten().find(|it| it["id"] == "/never").expect("it");
        let id = service["deployment"].as_str().expect("an id");
        assert_eq!((&service["result"], &service["reason"]), (&json!("cancelled"), &json!(reason(id))));
        let sentence = format!("interrupted: cancelled deployment {id}, which stays half done");
        assert_eq!(report["sentence"], sentence.as_str());
    }
    // What goes on is not known yet.
    let report = stopped(&["--report", "json"], false).report();
    let results = report["services"].as_array().into_iter().flatten().map(|it| it["result"].clone());
    assert!(
        !results.clone().any(|it| it == "cancelled") && results.clone().any(|it| it == "unknown"),
        "{report}"
    );
    let run = stopped(&["--report", "junit", "--on-interrupt", "cancel"], false);
    run.says("<failure type=\"cancelled\" message=\"this run cancelled deployment ");
    let run = stopped(&["--report", "github", "--on-interrupt", "cancel"], false);
    run.says("::error title=/never::this run cancelled deployment ");
}

#[test]
fn reports_are_for_programs_too() {
    let cluster = Cluster::new();
    let run = cluster.deploy(&web(), &["--report", "json"]).ended_with(0);
    let report = run.report();
    assert_eq!((&report["exitCode"], &report["services"][0]["result"]), (&json!(0), &json!("runs")));
    assert_eq!(report["services"][0]["version"], cluster.app("/web")["version"]);
    let bad = web_with(json!({"cmd": "exit 1"}));
    let run = cluster.deploy(&bad, &["--report", "junit", "--on-failure", "keep"]).ended_with(9);
    run.says("<testsuite name=\"milepost deploy\" tests=\"1\" failures=\"1\">")
        .says("type=\"cannot-succeed\"");
    let run = cluster.deploy(&web(), &["--report", "github", "--lock", "force"]).ended_with(0);
    run.says("::notice title=deploy::deployed: /web runs as sent");
}

#[test]
fn a_report_names_the_server_that_was_meant() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let nobody = "http://127.0.0.1:1";
    let id = "5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43";
    for (args, server) in [
        (&["deploy", "missing.json", "--yes"][..], &*cluster.url()),
        (&["deploy", "web.json", "--yes", "--url", nobody], nobody),
        (&["rollback", "/web", "--url", nobody], nobody),
        (&["wait", "/web", "--url", nobody], nobody),
        (&["deployment", "watch", id, "--url", nobody], nobody),
        (&["app", "update", "/web", "cpus=1", "--wait", "--url", nobody], nobody),
        (&["group", "update", "/shop", "dependencies=[]", "--wait", "--url", nobody], nobody),
        (&["pod", "update", "/pod", "web.json", "--wait", "--url", nobody], nobody),
    ] {
        let run = cluster.run(&[args, &["--report", "json"]].concat()).ended_with(2);
        assert_eq!(run.report()["server"], server, "{args:?}: {}", run.out);
    }
    std::fs::write(
        cluster.test.path().join("milepost.toml"),
        "[environment.test]\nurl = \"http://127.0.0.1:1\"\n",
    )
    .expect("written");
    let run = cluster.run(&["deploy", "web.json", "--yes", "-e", "test", "--report", "json"]).ended_with(2);
    assert_eq!(run.report()["server"], nobody, "{}", run.out);
}

#[test]
fn a_report_has_what_the_check_found() {
    let cluster = Cluster::new();
    let wrong = web_with(json!({"instanses": 2}));
    let report = cluster.deploy(&wrong, &["--report", "json"]).ended_with(1).report();
    assert_eq!(report["sentence"], "nothing was sent: the check found errors");
    assert!(
        report["server"].as_str().is_some_and(|server| server.contains(&cluster.server.address)),
        "{report}"
    );
    let found = &report["findings"][0];
    assert_eq!(
        (&found["file"], &found["place"], &found["severity"]),
        (&json!("x.json"), &json!("/instanses"), &json!("error"))
    );
    let (rule, message) =
        (found["rule"].as_str().expect("a rule"), found["message"].as_str().expect("words"));
    assert!(message.contains("instanses"), "{message}");
    let run = cluster.deploy(&wrong, &["--report", "junit"]).ended_with(1);
    run.says("tests=\"2\" failures=\"2\"")
        .says(&format!("name=\"x.json: /instanses\">\n    <failure type=\"{rule}\""))
        .says("name=\"deploy\"");
    let run = cluster.deploy(&wrong, &["--report", "github"]).ended_with(1);
    run.says(&format!("::error file=x.json,line=1,title={rule}::"))
        .says("::error title=deploy::nothing was sent: the check found errors");
    // A secret is hidden here, too.
    let secret = json!([web(), {"id": "/b", "cmd": "sleep 1", "env": {"DB_PASSWORD": ["hunter2-hunter2"]}}]);
    let run = cluster.deploy(&secret, &["--report", "json"]).ended_with(1);
    assert!(!run.out.contains("hunter2") && !run.report()["findings"].as_array().expect("a list").is_empty());
    // Of what was fine there is nothing.
    let report = cluster.deploy(&web(), &["--report", "json"]).ended_with(0).report();
    assert_eq!(report["findings"], json!([]));
}

#[test]
fn of_no_instances_nothing_is_said_to_run() {
    let cluster = Cluster::new();
    let none = web_with(json!({"instances": 0}));
    let run = cluster.deploy(&none, &["--report", "json"]).ended_with(0);
    let report = run.report();
    assert_eq!(report["sentence"], "deployed: /web is stored as sent; 0 instances, as asked");
    assert_eq!(report["services"][0]["result"], "stored");
    let run = cluster.deploy(&none, &[]).ended_with(0);
    run.says("nothing to do: /web is stored as written; 0 instances, as asked");
    cluster.run(&["wait", "/web"]).ended_with(0).says("/web is stored with 0 instances");
    let db = json!({"id": "/db", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32});
    let run = cluster.deploy(&json!([none, db]), &[]).ended_with(0);
    run.says("deployed: /db runs as sent; /web is stored as sent; 0 instances, as asked");
    cluster.deploy(&web(), &[]).ended_with(0).says("deployed: /web runs as sent");
    let run = cluster.run(&["rollback", "/web", "--yes"]).ended_with(0);
    run.says("rolled back: /web is stored as in version ").says("; 0 instances, as asked");
}

#[test]
fn what_has_no_change_is_no_failure_where_another_fails() {
    let cluster = Cluster::new();
    let after = json!({"id": "/after", "cmd": "sleep 1", "cpus": 0.1, "mem": 32, "dependencies": ["/web"]});
    cluster.deploy(&json!([web(), after]), &[]).ended_with(0);
    let bad = json!([web_with(json!({"cmd": "exit 1"})), after]);
    let run = cluster.deploy(&bad, &["--report", "json", "--on-failure", "cancel"]).ended_with(9);
    let services = run.report()["services"].clone();
    let results: Vec<_> =
        services.as_array().into_iter().flatten().map(|it| (&it["id"], &it["result"])).collect();
    let (web, after) = ((json!("/web"), json!("cannot-succeed")), (json!("/after"), json!("unchanged")));
    assert_eq!(results, [(&web.0, &web.1), (&after.0, &after.1)]);
}

#[test]
fn the_start_and_the_end_are_told_to_an_address() {
    let cluster = Cluster::new();
    let listener = Stub::start(answer("200 OK", "{}"));
    let url = listener.url() + "/hook?token=hunter2";
    cluster.deploy(&web(), &["--notify", &url]).ended_with(0);
    let start: Json = serde_json::from_str(listener.request().body()).expect("JSON");
    assert_eq!((&start["event"], &start["services"]), (&json!("start"), &json!(["/web"])));
    assert_eq!((&start["exitCode"], &start["results"]), (&Json::Null, &json!([])));
    let end: Json = serde_json::from_str(listener.request().body()).expect("JSON");
    assert_eq!((&end["event"], &end["exitCode"]), (&json!("end"), &json!(0)));
    assert_eq!(end["text"], "deployed: /web runs as sent");
    assert_eq!((&end["services"], &end["results"][0]["result"]), (&json!(["/web"]), &json!("runs")));
    // As a chat takes it.
    std::fs::write(
        cluster.test.path().join("chat.json.j2"),
        r#"{"text": "{{ event }} {{ services | join(', ') }}: {{ text }}", "code": {{ exitCode | tojson }}}"#,
    )
    .expect("written");
    cluster.deploy(&web(), &["--notify", &url, "--notify-template", "chat.json.j2"]).ended_with(0);
    let start: Json = serde_json::from_str(listener.request().body()).expect("JSON");
    assert_eq!(start["code"], Json::Null);
    assert_eq!(
        listener.request().body(),
        r#"{"text":"end /web: nothing to do: /web runs as written","code":0}"#
    );
    // One that fails changes nothing, and tells no secret.
    let run = cluster.deploy(&web(), &["--notify", "http://127.0.0.1:1/hook?token=hunter2"]).ended_with(0);
    assert!(!run.err.contains("hunter2") && !run.err.contains("hook"), "{}", run.err);
    run.tells("warning: the notification was not sent");
}

#[test]
fn an_interruption_while_a_lock_is_waited_for_is_not_green() {
    for (name, options) in
        [("-INT", &[][..]), ("-TERM", &["--on-interrupt", "cancel"]), ("-TERM", &["--report", "json"])]
    {
        let cluster = Cluster::new();
        let never = web_with(json!({"cpus": 5000}));
        assert_eq!(cluster.server.post("/v2/apps", &never.to_string()).status, 201);
        cluster.file("x.json", &web_with(json!({"cmd": "sleep 2"})));
        let args = [&["deploy", "x.json", "--yes", "--lock", "wait"], options].concat();
        let child = Heard::of(cluster.start(&args)).until("waiting for the lock: deployment");
        let run = child.signal(name).end().ended_with(130);
        let sentence = "interrupted before anything was sent; not sent: /web";
        if options.contains(&"json") {
            let report = run.report();
            assert_eq!((&report["exitCode"], &report["sentence"]), (&json!(130), &json!(sentence)));
            assert_eq!(report["services"][0]["result"], "not-sent");
        } else {
            run.says(sentence);
        }
        assert_eq!(cluster.app("/web")["cpus"], 5000.0);
    }
}

#[test]
fn an_interruption_between_two_levels_is_not_green() {
    let cluster = Cluster::new();
    let never = web_with(json!({"cpus": 5000}));
    assert_eq!(cluster.server.post("/v2/apps", &never.to_string()).status, 201);
    // The first level runs as sent, and the second waits for a lock.
    let db = json!({"id": "/db", "cmd": "sleep 1", "cpus": 0.1, "mem": 32});
    cluster.file("both.json", &json!([db, web_with(json!({"dependencies": ["/db"]}))]));
    let child = cluster.start(&["deploy", "both.json", "--yes", "--lock", "wait"]);
    let child = Heard::of(child).until("waiting for the lock: deployment");
    let run = child.signal("-INT").end().ended_with(130);
    run.says("interrupted: no deployment of this run continues; not sent: /web");
    assert!(cluster.all_run("/db"));
}

#[test]
fn a_rollback_that_holds_the_lock_has_no_time() {
    let cluster = Cluster::new();
    let never = |command: &str| web_with(json!({"cpus": 5000, "cmd": command})).to_string();
    assert_eq!(cluster.server.post("/v2/apps", &never("sleep 1")).status, 201);
    let change = cluster.server.put("/v2/apps/web?force=true&partialUpdate=false", &never("sleep 2"));
    let holder = cluster.server.get("/v2/deployments")[0]["version"].as_str().expect("a version").to_owned();
    cluster
        .deploy(&web(), &[])
        .ended_with(4)
        .says(&format!(" (since {holder}, "))
        .says(" ago) of /web, at step 1 of ");
    cluster.server.delete(&format!("/v2/deployments/{}", change.deployment()));
    cluster.deploy(&web(), &[]).ended_with(4).says(" (since an unknown time) of /web");
}
