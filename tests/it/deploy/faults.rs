//! Bad days: what goes wrong between the server and the program, and what others do meanwhile. Never green when what was
//! sent does not run.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Cluster, finished, web, web_with};

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
    let args =
        [&["deploy", "bg.json", "--yes", "--timeout", "90s", "--on-failure", "keep"], options].concat();
    let child = cluster.start(&args);
    let list = cluster.server.until("/v2/deployments", |list| *list != json!([]));
    sleep(SECOND / 2);
    act(list[0]["id"].as_str().expect("an id"));
    finished(child)
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
    for fault in [
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
    ] {
        let cluster = Cluster::new();
        let run = while_it_runs(&cluster, &slow("sleep 1"), &[], |_| cluster.control(fault));
        assert_eq!(run.exit, Some(0), "{fault}: {}\n{}", run.out, run.err);
        assert!(cluster.all_run("/web"), "{fault}");
    }
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
    let child = cluster.start(&["deploy", "bg.json", "--yes", "--timeout", "60s"]);
    cluster.server.until("/v2/deployments", |list| *list != json!([]));
    sleep(SECOND / 2);
    let theirs = web_with(json!({"cmd": "sleep 77"}));
    cluster.server.put("/v2/apps/web?force=true&partialUpdate=false", &theirs.to_string());
    finished(child).ended_with(9).says("not rolled back, because somebody else has changed it: /web");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 77");
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
    finished(child).ended_with(5).says("the server does not answer");
}

#[test]
fn a_server_that_wants_another_token_ends_the_wait() {
    let cluster = Cluster::new();
    let run = while_it_runs(&cluster, &slow("sleep 5"), &[], |_| {
        cluster.control("answers?refuse=100000&status=401");
    });
    run.ended_with(3).says("it is not known how it ended");
}
