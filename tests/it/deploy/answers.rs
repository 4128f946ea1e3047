//! Answers that do not tell what became of a request, and reports that tell all that is known.

use serde_json::{Value as Json, json};

use super::proxy::{Loses, Proxy, page};
use super::{Cluster, Heard, Run, web, web_with};
use crate::common::each_case;

fn deploy_through(cluster: &Cluster, definition: &Json, loses: Loses, options: &[&str]) -> Run {
    let proxy = Proxy::start(&cluster.server.address, loses);
    let url = format!("http://{}", proxy.address);
    cluster.deploy(definition, &[&["--url", &url], options].concat())
}

fn pages() -> [String; 4] {
    [
        page("200 OK", "text/html", "<h1>please sign in</h1>"),
        page("500 Internal Server Error", "application/json", r#"{"message": "MatchError"}"#),
        page("503 Service Unavailable", "text/plain", ""),
        page("504 Gateway Timeout", "application/json", r#"{"message": "too slow"}"#),
    ]
}

#[test]
fn what_an_answer_does_not_tell_is_read_back() {
    for page in pages() {
        let cluster = Cluster::new();
        let run = deploy_through(&cluster, &web(), Loses::Answers(page.clone()), &[]);
        run.ended_with(0).says("deployed: /web runs as sent");
        let changed = web_with(json!({"cmd": "sleep 2"}));
        let run = deploy_through(&cluster, &changed, Loses::Requests(page), &[]).ended_with(8);
        let run = run.says("it is not known whether /web was accepted");
        assert!(!run.out.contains("nothing was changed"), "{}", run.out);
    }
}

#[test]
fn a_rollback_says_who_answered_it() {
    for page in pages() {
        let cluster = Cluster::new();
        cluster.deploy(&web(), &[]).ended_with(0);
        cluster.deploy(&web_with(json!({"cmd": "sleep 2"})), &[]).ended_with(0);
        let proxy = Proxy::start(&cluster.server.address, Loses::Requests(page));
        let url = format!("http://{}", proxy.address);
        let run = cluster.run(&["rollback", "/web", "--yes", "--timeout", "3s", "--url", &url]).ended_with(8);
        let run = run.says("it may never have been carried out: the server or a proxy answered ");
        assert!(!run.out.contains("--lock force"), "{}", run.out);
        assert_eq!(cluster.app("/web")["cmd"], "sleep 2");
    }
}

/// What a proxy answers in place of an app says nothing of whether the app is there.
#[test]
fn json_that_is_no_app_is_not_taken_for_none() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("web.json", &web_with(json!({"cmd": "sleep 2"})));
    each_case(["{}", "null", "[]", r#"{"app": {}}"#, r#"{"apps": []}"#], |body| {
        let page = page("200 OK", "application/json", body);
        let proxy = Proxy::start(&cluster.server.address, Loses::AllOf("GET /v2/apps/web", page));
        let url = format!("http://{}", proxy.address);
        let run = cluster.run(&["plan", "web.json", "--url", &url]).ended_with(2);
        run.tells("/v2/apps/web answers").tells("other than");
    });
}

/// One rule for all commands that change something: an answer that is not Marathon's leaves open what was done.
#[test]
fn an_answer_that_is_not_marathons_leaves_open_what_was_done() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("other.json", &json!({"id": "/other", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}));
    let commands: [&[&str]; 7] = [
        &["app", "add", "other.json"],
        &["app", "update", "/web", "cpus=0.2"],
        &["app", "restart", "/web"],
        &["app", "remove", "/web", "--yes"],
        &["group", "scale", "/", "2", "--yes"],
        &["deployment", "stop", "00000000-0000-0000-0000-000000000000"],
        &["deployment", "rollback", "00000000-0000-0000-0000-000000000000"],
    ];
    for page in pages() {
        let proxy = Proxy::start(&cluster.server.address, Loses::Requests(page.clone()));
        let url = format!("http://{}", proxy.address);
        each_case(commands, |command| {
            let run = cluster.run(&[command, &["--url", &url]].concat()).ended_with(8);
            let is_said = ["it is not known whether", "may have been changed or not"];
            assert!(is_said.iter().any(|words| run.err.contains(words)), "{page}: {}", run.err);
        });
    }
    // A dry run changes nothing.
    let proxy = Proxy::start(&cluster.server.address, Loses::Requests(pages()[0].clone()));
    let url = format!("http://{}", proxy.address);
    let update = ["group", "update", "/", "apps=[]", "--yes", "--url", &url];
    cluster.run(&update).ended_with(2).tells("nothing was changed");
}

#[test]
fn a_server_that_tells_nothing_after_it_accepted_leaves_it_open() {
    for status in ["401 Unauthorized", "302 Found"] {
        let cluster = Cluster::new();
        let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "100"}}));
        let page = page(status, "application/json", r#"{"message": "Invalid token"}"#);
        let run = deploy_through(&cluster, &slow, Loses::AllAfterwards(page), &["--on-failure", "keep"]);
        run.ended_with(8).says("it is not known how it ended");
    }
}

#[test]
fn too_many_deployments_are_no_lock() {
    let cluster = Cluster::new();
    let words =
        "Max number (100) of running deployments is achieved. Wait for existing deployments to complete";
    let page = page("403 Forbidden", "application/json", &json!({ "message": words }).to_string());
    let run = deploy_through(&cluster, &web(), Loses::Requests(page.clone()), &[]).ended_with(3).says(words);
    assert!(!run.out.contains("locked"), "{}", run.out);
    let wait = ["--lock", "wait", "--timeout", "3s"];
    let run = deploy_through(&cluster, &web(), Loses::Requests(page), &wait).ended_with(3);
    run.tells("waiting until fewer deployments run").says(words);
}

#[test]
fn a_report_tells_of_errors_before_anything_is_sent() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    cluster.file("bad.json", &json!({"id": "/bad", "cmd": "sleep 1", "cpus": "many", "mem": 32}));
    let cases: [(&[&str], i32, &str); 4] = [
        (&["deploy", "bad.json", "--yes"], 1, "nothing was sent: the check found errors"),
        (&["deploy", "web.json"], 2, "nothing was sent: it was not confirmed"),
        (&["deploy", "none.json", "--yes"], 2, "none.json"),
        (&["deploy", "web.json", "--yes", "--url", "http://127.0.0.1:1"], 2, "cannot connect"),
    ];
    for (words, exit, said) in cases {
        let report = cluster.run(&[words, &["--report", "json"]].concat()).ended_with(exit).report();
        assert_eq!(report["exitCode"], exit, "{report}");
        assert!(report["sentence"].as_str().is_some_and(|sentence| sentence.contains(said)), "{report}");
        let run = cluster.run(&[words, &["--report", "junit"]].concat()).ended_with(exit);
        // What the check found is a failure of its own.
        let failures = if exit == 1 { 2 } else { 1 };
        run.says(&format!("failures=\"{failures}\"")).says(said);
        let run = cluster.run(&[words, &["--report", "github"]].concat()).ended_with(exit);
        run.says("::error title=deploy::").says(said);
    }
    cluster.run(&["plan", "bad.json"]).ended_with(2);
    std::fs::write(cluster.test.path().join("cut.json"), "{\"id\": \"/cut\", \"cmd\"").expect("written");
    cluster.run(&["plan", "cut.json"]).ended_with(2).tells("cut.json:1:");
    let others: [&[&str]; 6] = [
        &["wait", "/none"],
        &["rollback", "/none"],
        &["deployment", "watch", "none"],
        &["app", "update", "/none", "cpus=1", "--wait"],
        &["pod", "update", "/none", "web.json", "--wait"],
        &["group", "update", "/none", "apps=[]", "--wait"],
    ];
    each_case(others, |words| {
        let report = cluster.run(&[words, &["--report", "json"]].concat()).ended_with(2).report();
        assert_eq!(report["exitCode"], 2, "{report}");
    });
}

#[test]
fn a_report_for_programs_stands_alone() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let json = ["--report", "json", "--timeout", "5m"];
    let version = cluster.app("/web")["version"].as_str().expect("a version").to_owned();
    let back = ["rollback", "/web", "--to", &version, "--yes"];
    let report = cluster.run(&[&back[..], &json].concat()).ended_with(0).report();
    let sentence = format!("nothing to do: /web runs as in version {version}");
    assert_eq!((&report["exitCode"], &report["sentence"]), (&json!(0), &json!(sentence)));
    let more = r#"apps=[{"id": "a", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}]"#;
    assert_eq!(cluster.server.post("/v2/groups", r#"{"id": "/g"}"#).status, 201);
    let update = ["group", "update", "/g", more, "--wait", "--yes"];
    let report = cluster.run(&[&update[..], &json].concat()).ended_with(0).report();
    assert_eq!((&report["exitCode"], &report["services"][0]["id"]), (&json!(0), &json!("/g/a")));
    // A refusal, too.
    let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "1000"}}));
    cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string());
    let report = cluster.run(&[&back[..], &json].concat()).ended_with(4).report();
    assert_eq!(report["exitCode"], 4);
}

/// What is stored need not run.
#[test]
fn rollback_to_what_is_stored_says_whether_it_runs() {
    let cluster = Cluster::new();
    cluster.server.post("/v2/apps", r#"{"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32}"#);
    let version = cluster.app("/never")["version"].as_str().expect("a version").to_owned();
    let back = ["rollback", "/never", "--to", &version, "--yes", "--timeout", "3s"];
    cluster.run(&back).ended_with(5).says("not enough cpus");
}

#[test]
fn a_report_tells_what_is_known_of_each_service() {
    let cluster = Cluster::new();
    let labels = json!({"MILEPOST_FAULT_MESSAGE": "\u{1b}[31mred"});
    let bad = json!({"id": "/bad", "cmd": "exit 1", "cpus": 0.1, "mem": 32, "labels": labels});
    let both = json!([web(), bad]);
    let keep = cluster.deploy(&both, &["--on-failure", "keep", "--report", "json"]).ended_with(9).report();
    let result = |report: &Json, id: &str| {
        let services = report["services"].as_array().cloned().unwrap_or_default();
        services.iter().find(|service| service["id"] == id).map(|service| service["result"].clone())
    };
    assert_eq!(result(&keep, "/web"), Some(json!("runs")), "{keep}");
    assert_eq!(result(&keep, "/bad"), Some(json!("cannot-succeed")), "{keep}");
    let cluster = Cluster::new();
    let back = cluster.deploy(&both, &["--report", "json"]).ended_with(6).report();
    assert_eq!(result(&back, "/web"), Some(json!("rolled-back")), "{back}");
    let run = cluster.deploy(&both, &["--report", "github"]).ended_with(6).says("red");
    assert!(!run.out.contains('\u{1b}'), "{:?}", run.out);
}

#[test]
fn a_deployment_that_is_taken_back_is_not_called_overridden() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let slow = web_with(json!({"cmd": "sleep 5", "labels": {"MILEPOST_START_SECONDS": "100"}}));
    let deployment = cluster.server.put("/v2/apps/web?partialUpdate=false", &slow.to_string()).deployment();
    let child = Heard::of(cluster.start(&["wait", &deployment, "--timeout", "5m"])).until("/web: ");
    cluster.server.delete(&format!("/v2/deployments/{deployment}"));
    child.end().ended_with(9).says("was rolled back");
}

#[test]
fn what_cannot_be_read_is_not_rolled_back() {
    let cluster = Cluster::new();
    let slow = web_with(json!({"labels": {"MILEPOST_START_SECONDS": "100000"}}));
    let proxy = Proxy::start(&cluster.server.address, Loses::AllAfterwards(pages()[0].clone()));
    let url = format!("http://{}", proxy.address);
    let run = cluster.deploy(&slow, &["--url", &url, "--timeout", "3s"]).ended_with(8);
    let run = run.says("nothing was rolled back, because it is not known what runs now");
    // One line says it, whatever was asked.
    let unreadable = format!("/web: the server cannot be read: {url} answers with a web page");
    assert_eq!(run.err.matches(&unreadable).count(), 1, "{}", run.err);
    assert!(!proxy.requests().iter().any(|request| request.starts_with("DELETE ")));
    assert_eq!(cluster.app("/web")["instances"], 2);
}

#[test]
fn a_rollback_that_cannot_be_read_is_not_known() {
    let cluster = Cluster::new();
    let bad = web_with(json!({"cmd": "exit 1"}));
    let page = pages()[0].clone();
    let run = deploy_through(&cluster, &bad, Loses::ReadsAfterRemoval(page), &["--timeout", "8s"]);
    let run = run.ended_with(8).says("the rollback was sent, and it is not known whether it is done: /web: ");
    assert!(!run.err.contains("its tasks are stopped"), "{}", run.err);
    assert_eq!(cluster.server.send("GET", "/v2/apps/web", &[], "").status, 404);
}
