//! Bad days: what goes wrong between the server and the program, and what others do meanwhile. Never green when what was
//! sent does not run.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::proxy::{Loses, Proxy, bad_gateway, page};
use super::{Cluster, Heard, finished, web, web_with};
use crate::common::{each_case, has_own_mounts};

const SECOND: Duration = Duration::from_secs(1);

/// An app whose instances need some seconds until they run.
fn slow(command: &str) -> Json {
    web_with(json!({"cmd": command, "labels": {"MILEPOST_START_SECONDS": "30"}}))
}

/// Deploys an app in the background, and does something once its deployment runs.
fn while_it_runs(
    cluster: &Cluster,
    definition: &Json,
    options: &[&str],
    act: impl FnOnce(&str),
) -> super::Run {
    cluster.file("bg.json", definition);
    let args = [&["deploy", "bg.json", "--yes", "--timeout", "5m", "--on-failure", "keep"], options].concat();
    let child = Heard::of(cluster.start(&args)).until("/web: ");
    let list = cluster.server.get("/v2/deployments");
    act(list[0]["id"].as_str().expect("an id"));
    child.end()
}

#[test]
fn nobody_listens() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let run = cluster.run(&["deploy", "web.json", "--yes", "--url", "http://127.0.0.1:1"]).ended_with(2);
    run.tells("cannot connect to http://127.0.0.1:1");
}

#[test]
fn answers_go_wrong_and_it_is_still_deployed() {
    each_case(
        [
            "answers?refuse=3&status=503",
            "answers?refuse=3&html=true",
            "answers?truncate=3",
            "answers?slow=3&milliseconds=400",
            "events?drop=1000",
            "events?duplicate=1000",
            "events?swap=1000",
            "cut",
            "leader",
            "restart?memory=true",
        ],
        |fault| {
            let cluster = Cluster::new();
            let run = while_it_runs(&cluster, &slow("sleep 1"), &[], |_| cluster.control(fault));
            assert_eq!(run.exit, Some(0), "{fault}: {}\n{}", run.out, run.err);
            assert!(cluster.all_run("/web"), "{fault}");
        },
    );
}

#[test]
fn what_only_reads_is_asked_again() {
    let json = |status| page(status, "application/json", r#"{"message": "later"}"#);
    // The last one is a connection that breaks.
    each_case([json("503 Service Unavailable"), json("429 Too Many Requests"), String::new()], |answer| {
        let cluster = Cluster::new();
        cluster.deploy(&web(), &[]).ended_with(0);
        cluster.file("new.json", &web_with(json!({"cmd": "sleep 7"})));
        let words: [&[&str]; 6] = [
            &["status", "/web"],
            &["history", "/web"],
            &["wait", "/web"],
            &["plan", "new.json"],
            &["deploy", "new.json", "--yes", "--timeout", "5m"],
            &["rollback", "/web", "--yes", "--timeout", "5m"],
        ];
        for words in words {
            let proxy = Proxy::start(&cluster.server.address, Loses::FirstReads(answer.clone()));
            let url = format!("http://{}", proxy.address);
            let run = cluster.run(&[words, &["--url", &url]].concat());
            assert_eq!(run.exit, Some(i32::from(words[0] == "plan")), "{words:?}: {}\n{}", run.out, run.err);
            let requests = proxy.requests();
            let first = requests.first().expect("it asks");
            assert!(requests.iter().filter(|request| *request == first).count() > 1, "{requests:?}");
        }
    });
    // What changes something is sent once, and a proxy that does not get better is told.
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let proxy = Proxy::start(&cluster.server.address, Loses::AllOf("GET /v2/info", json("503 Sorry")));
    let url = format!("http://{}", proxy.address);
    let run = cluster.run(&["deploy", "web.json", "--yes", "--url", &url]).ended_with(2);
    run.tells("answers 503: the server, or a proxy before it, fails: try again later");
    assert!(proxy.requests().iter().all(|request| request == "GET /v2/info"), "{:?}", proxy.requests());
}

#[test]
fn a_stream_that_is_cut_again_and_again_is_no_obstacle() {
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 1"), &[], |_| {
        for _ in 0..8 {
            cluster.control("cut");
            sleep(SECOND / 4);
        }
    });
    run.ended_with(0);
}

#[test]
fn a_server_without_its_memory_is_told_from_a_deletion() {
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 1"), &[], |_| cluster.control("restart?memory=false"));
    run.ended_with(9).says("has lost what it held");
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("bg.json", &slow("sleep 2"));
    let child = cluster.start(&["deploy", "bg.json", "--yes", "--timeout", "5m"]);
    let child = Heard::of(child).until("/web: ");
    cluster.control("restart?memory=false");
    let run = child.end().ended_with(9);
    run.says("not rolled back, because the server has lost what it held: /web");
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 1"), &[], |_| {
        cluster.server.delete("/v2/apps/web");
    });
    run.ended_with(9).says("it was deleted while it was deployed");
}

#[test]
fn another_deployment_on_top_is_named() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let mut other = String::new();
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |_| {
        let answer = cluster.server.put("/v2/apps/web?force=true&partialUpdate=false", &web().to_string());
        other = answer.deployment();
    });
    assert_eq!(run.exit, Some(9), "{}\n{}", run.out, run.err);
    assert!(run.out.contains("overridden") || run.out.contains("rolled back by"), "{}", run.out);
    assert!(run.out.contains(&other), "{other} is missing in {}", run.out);
}

#[test]
fn somebody_elses_end_is_not_taken_back() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("bg.json", &slow("sleep 5"));
    let child = cluster.start(&["deploy", "bg.json", "--yes", "--timeout", "5m"]);
    let child = Heard::of(child).until("/web: ");
    let theirs = web_with(json!({"cmd": "sleep 77"}));
    cluster.server.put("/v2/apps/web?force=true&partialUpdate=false", &theirs.to_string());
    child.end().ended_with(9).says("not rolled back, because another client has changed it: /web");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 77");
}

#[test]
fn what_another_client_changes_while_a_step_is_waited_for_stays() {
    each_case([false, true], |is_saved| {
        let cluster = Cluster::new();
        cluster.deploy(&web(), &[]).ended_with(0);
        let db = json!({"id": "/db", "cmd": "sleep 1", "cpus": 0.1, "mem": 32,
            "labels": {"MILEPOST_START_SECONDS": "60"}});
        let both = json!([db, web_with(json!({"cmd": "sleep 2", "dependencies": ["/db"]}))]);
        let options = ["deploy", "both.json", "--yes", "--timeout", "5m"];
        cluster.file("both.json", &both);
        if is_saved {
            cluster.run(&["plan", "both.json", "-o", "plan.json"]).ended_with(1);
            std::fs::rename(cluster.test.path().join("plan.json"), cluster.test.path().join("both.json"))
                .expect("renamed");
        }
        let child = cluster.start(&options);
        cluster.server.until("/v2/deployments", |list| *list != json!([]));
        let theirs = web_with(json!({"cmd": "sleep 77", "env": {"THEIRS": "1"}}));
        cluster.server.put("/v2/apps/web?partialUpdate=false", &theirs.to_string());
        let run = finished(child).ended_with(if is_saved { 10 } else { 9 });
        run.says("/web was not sent: /web has changed since the plan was made").says("done: /db");
        assert_eq!(cluster.app("/web")["cmd"], "sleep 77");
        assert_eq!(cluster.app("/web")["env"], json!({"THEIRS": "1"}));
    });
}

#[test]
fn an_interruption_names_what_was_not_sent() {
    let cluster = Cluster::new();
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.file("both.json", &json!([never, web_with(json!({"dependencies": ["/never"]}))]));
    let child = Heard::of(cluster.start(&["deploy", "both.json", "--yes"])).until("/never: ");
    child.signal("-INT").end().ended_with(130).says("not sent: /web");
}

#[test]
fn a_cancelled_deployment_is_not_green() {
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |id| {
        cluster.server.delete(&format!("/v2/deployments/{id}?force=true"));
    });
    run.ended_with(9).says("was cancelled before it finished");
    // The same without the event that tells it.
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |id| {
        cluster.control("events?drop=1000");
        cluster.server.delete(&format!("/v2/deployments/{id}?force=true"));
    });
    run.ended_with(9).says("nothing said that it finished");
}

#[test]
fn a_rolled_back_deployment_is_not_green() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |id| {
        cluster.server.delete(&format!("/v2/deployments/{id}"));
    });
    run.ended_with(9).says("the definition from before is stored again");
}

#[test]
fn a_server_that_is_gone_ends_in_a_timeout() {
    let cluster = Cluster::new();
    cluster.file("bg.json", &slow("sleep 5"));
    let args = ["deploy", "bg.json", "--yes", "--timeout", "4s", "--on-failure", "keep"];
    let child = cluster.start(&args);
    cluster.server.until("/v2/deployments", |list| *list != json!([]));
    cluster.control("answers?refuse=100000&status=502&html=true");
    let run = finished(child).ended_with(5).says("the server cannot be read: http://");
    run.says(" answers 502");
}

#[test]
fn a_server_that_wants_another_token_ends_the_wait() {
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |_| {
        cluster.control("answers?refuse=100000&status=401");
    });
    run.ended_with(8).says("it is not known how it ended");
}

#[test]
fn old_instances_that_fail_meanwhile_are_replaced_once() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |_| cluster.control("fail?id=/web&count=2"));
    run.ended_with(0).says("deployed: /web runs as sent");
    let app = cluster.app("/web");
    let tasks = app["tasks"].as_array().cloned().unwrap_or_default();
    let is_new = |task: &Json| task["state"] == "TASK_RUNNING" && task["version"] == app["version"];
    assert!(tasks.len() == 2 && tasks.iter().all(is_new), "{app}");
}

#[test]
fn clocks_that_differ_do_not_matter() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    // The server's clock is ten days ahead, and moves on while something is deployed.
    cluster.control("advance?seconds=864000");
    let run = while_it_runs(&cluster, &slow("sleep 1"), &["--stable", "1s"], |_| {
        cluster.control("advance?seconds=7");
    });
    run.ended_with(0).says("/web runs as sent");
    assert!(cluster.all_run("/web"));
    cluster.run(&["wait", "/web", "--timeout", "5m"]).ended_with(0);
    let never = json!({"id": "/never", "cmd": "sleep 1", "cpus": 5000, "mem": 32});
    cluster.deploy(&never, &["--timeout", "3s"]).ended_with(6).says("it timed out");
}

#[test]
fn the_name_of_the_server_is_gone_for_a_while() {
    if !has_own_mounts() {
        return;
    }
    let cluster = Cluster::with(&["--allow-host", "marathon.test"]);
    // Each request has a connection of its own, so that the name is looked up each time.
    let proxy = Proxy::start(&cluster.server.address, Loses::Nothing);
    let path = |name: &str| cluster.test.path().join(name);
    let known = "127.0.0.1 marathon.test\n";
    std::fs::write(path("hosts"), known).expect("written");
    std::fs::write(path("resolv.conf"), "nameserver 127.0.0.1\n").expect("written");
    std::fs::write(path("nsswitch.conf"), "hosts: files\n").expect("written");
    let port = proxy.address.rsplit_once(':').expect("a port").1;
    let script = "for file in hosts resolv.conf nsswitch.conf; do mount --bind $file /etc/$file || exit 99; done; exec \"$@\"";
    let deploy = |command: &str, timeout: &str| {
        cluster.file("bg.json", &slow(command));
        let url = format!("http://marathon.test:{port}");
        std::process::Command::new("unshare")
            .args([
                "-rm",
                "sh",
                "-c",
                script,
                "sh",
                env!("CARGO_BIN_EXE_milepost"),
                "deploy",
                "bg.json",
                "--yes",
            ])
            .args(["--timeout", timeout, "--on-failure", "keep", "--url", &url])
            .current_dir(cluster.test.path())
            .env("CI", "true")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it starts")
    };
    let child = deploy("sleep 1", "5m");
    cluster.server.until("/v2/deployments", |list| *list != json!([]));
    std::fs::write(path("hosts"), "").expect("written");
    sleep(3 * SECOND);
    std::fs::write(path("hosts"), known).expect("written");
    let run = finished(child).ended_with(0).says("/web runs as sent");
    run.tells("the server does not answer: cannot connect to http://marathon.test");
    assert!(cluster.all_run("/web"));
    // It does not come back.
    let child = deploy("sleep 2", "4s");
    cluster.server.until("/v2/deployments", |list| *list != json!([]));
    std::fs::write(path("hosts"), "").expect("written");
    finished(child).ended_with(5).says("the server does not answer: cannot connect to http://marathon.test");
    // It is not there at all.
    let run = finished(deploy("sleep 3", "4s")).ended_with(2);
    run.tells("cannot connect to http://marathon.test");
}

#[test]
fn a_proxy_loses_what_is_sent_or_what_is_answered() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let deploy = |proxy: &Proxy| {
        let url = format!("http://{}", proxy.address);
        cluster.run(&["deploy", "web.json", "--yes", "--timeout", "5m", "--url", &url])
    };
    let run = deploy(&Proxy::start(&cluster.server.address, Loses::Requests(bad_gateway()))).ended_with(8);
    run.says("it is not known whether /web was accepted: the server or a proxy answers 502");
    assert_eq!(cluster.server.get("/v2/apps")["apps"], json!([]));
    // It was carried out, and shows in what the server holds: nothing is sent twice.
    let run = deploy(&Proxy::start(&cluster.server.address, Loses::Answers(bad_gateway()))).ended_with(0);
    run.says("deployed: /web runs as sent");
    assert_eq!(cluster.server.get("/v2/apps/web/versions")["versions"].as_array().map(Vec::len), Some(1));
    cluster.file("web.json", &web_with(json!({"cmd": "sleep 2"})));
    deploy(&Proxy::start(&cluster.server.address, Loses::Answers(bad_gateway()))).ended_with(0);
    assert_eq!(cluster.server.get("/v2/apps/web/versions")["versions"].as_array().map(Vec::len), Some(2));
}

/// What is lost on the way was changed by nobody else.
#[test]
fn a_proxy_that_loses_a_part_of_what_is_sent_is_no_other_client() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let proxy = Proxy::start(&cluster.server.address, Loses::Member("env"));
    let url = format!("http://{}", proxy.address);
    let why = "not rolled back, because the server holds something else than was sent (another client, or something between, has \
               changed it): /web";
    let changed = web_with(json!({"cmd": "sleep 2", "env": {"A": "1"}}));
    let run = cluster.deploy(&changed, &["--url", &url]).ended_with(9).says(why);
    run.says("the server holds another definition than was sent: /env");
    // Nothing of the second time gets there.
    let run = cluster.deploy(&changed, &["--url", &url]).ended_with(9).says(why);
    let run = run.says("the server holds the definition from before and not what was sent: /env");
    assert!(!run.out.contains("was rolled back"), "{}", run.out);
}
