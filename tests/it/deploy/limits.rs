//! `--timeout` is for all of it: what a server does not answer is given up then, whatever it was asked for.

use serde_json::json;

use super::proxy::{Loses, Proxy};
use super::{Cluster, Run, web, web_with};
use crate::common::each_case;

/// A deployment that nobody knows.
const DEPLOYMENT: &str = "5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43";

/// The commands that wait.
const COMMANDS: [&[&str]; 5] = [
    &["deploy", "web.json", "--yes"],
    &["rollback", "/web", "--yes"],
    &["wait", "/web"],
    &["deployment", "watch", DEPLOYMENT],
    &["app", "update", "/web", "cpus=0.2", "--wait"],
];

/// Runs a command that may take two seconds through a proxy before a server with two versions of an app.
fn through(loses: Loses, args: &[&str]) -> Run {
    let cluster = Cluster::new();
    for command in ["sleep 1", "sleep 2"] {
        cluster.deploy(&web_with(json!({"cmd": command})), &[]).ended_with(0);
    }
    cluster.file("web.json", &web());
    let proxy = Proxy::start(&cluster.server.address, loses);
    let url = format!("http://{}", proxy.address);
    cluster.run(&[args, &["--timeout", "2s", "--url", &url]].concat())
}

/// Fails unless it says that there was no answer within the two seconds, or within one more for the last look.
fn gave_up_in_time(run: &Run) {
    let said = format!("{}{}", run.out, run.err);
    let is_said = (1..=3).any(|seconds| said.contains(&format!(" did not answer within {seconds} s")));
    assert!(is_said, "{said}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    each_case(COMMANDS, |args| {
        gave_up_in_time(&through(Loses::AllInSilenceFrom("GET /v2/info"), args).ended_with(5));
    });
}

#[test]
fn a_server_that_falls_silent_before_anything_is_sent_is_given_up() {
    for args in [COMMANDS[0], COMMANDS[1], COMMANDS[2], COMMANDS[4]] {
        gave_up_in_time(&through(Loses::AllInSilenceFrom("GET /v2/events"), args).ended_with(5));
    }
}

#[test]
fn a_server_that_falls_silent_afterwards_is_given_up() {
    let run = through(Loses::AllInSilenceAfterwards, COMMANDS[0]).ended_with(8);
    gave_up_in_time(&run);
    run.says("nothing was rolled back, because it is not known what runs now");
    let keep = [COMMANDS[0], &["--on-failure", "keep"]].concat();
    gave_up_in_time(&through(Loses::AllInSilenceAfterwards, &keep).ended_with(5));
    gave_up_in_time(&through(Loses::AllInSilenceAfterwards, COMMANDS[1]).ended_with(5));
}
