//! Random faults: the verdict is compared with what the server runs afterwards. A green one has to be true.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Cluster, finished, web, web_with};
use crate::common::PATIENCE;

/// How many runs there are: `MILEPOST_RUNS`, or a few.
fn runs() -> u64 {
    std::env::var("MILEPOST_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(6)
}

/// The seed of the first run: `MILEPOST_FIRST_SEED`, or 0.
fn first_seed() -> u64 {
    std::env::var("MILEPOST_FIRST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0)
}

/// A sequence of numbers from a seed (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

const FAULTS: [&str; 12] = [
    "answers?refuse=2&status=503",
    "answers?refuse=2&html=true",
    "answers?truncate=2",
    "events?drop=6",
    "events?duplicate=6",
    "events?swap=4",
    "cut",
    "leader",
    "restart?memory=true",
    "restart?memory=false",
    "fail?id=/web",
    "fail?id=/web&count=2",
];

/// Asks the server until an answer comes that is whole and not a proxy's: the faults are for all clients.
fn ask(cluster: &Cluster, method: &str, target: &str, body: &str) -> String {
    for _ in 0..20 {
        let Ok(mut stream) = TcpStream::connect(&cluster.server.address) else { continue };
        let length = body.len();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let mut answer = String::new();
        let is_whole =
            stream.write_all(request.as_bytes()).is_ok() && stream.read_to_string(&mut answer).is_ok();
        let is_a_proxys = answer.starts_with("HTTP/1.1 50");
        if is_whole && !answer.is_empty() && !is_a_proxys {
            return answer;
        }
    }
    panic!("no answer to {method} {target}");
}

/// What went wrong in a run, in order.
type Told = Vec<&'static str>;

/// Lets things go wrong while the program runs.
fn disturb(cluster: &Cluster, child: &mut Child, numbers: &mut Numbers) -> Told {
    let mut told = Vec::new();
    for _ in 0..=numbers.below(3) {
        // Long enough that a verdict from before the last fault has ended the program by now.
        std::thread::sleep(Duration::from_millis(150 + numbers.below(900)));
        if child.try_wait().expect("a child").is_some() {
            break;
        }
        match numbers.below(14) {
            12 => {
                let list = ask(cluster, "GET", "/v2/deployments", "");
                let id = list.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
                ask(cluster, "DELETE", &format!("/v2/deployments/{}?force=true", id.unwrap_or("none")), "");
                told.push("cancel");
            }
            13 => {
                ask(cluster, "PUT", "/v2/apps/web?force=true", r#"{"cmd": "sleep 9"}"#);
                told.push("override");
            }
            at => {
                let fault = FAULTS[usize::try_from(at).expect("small")];
                ask(cluster, "POST", &format!("/milepost/{fault}"), "");
                told.push(fault);
            }
        }
    }
    told
}

/// Whether all instances run the version that was sent, and no other: the server's own state.
fn runs_what_was_sent(cluster: &Cluster, version: &str) -> Result<(), String> {
    let answer = ask(cluster, "GET", "/v2/apps/web?embed=app.tasks", "");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let app =
        serde_json::from_str::<Json>(body).map_err(|error| format!("{error}: {answer}"))?["app"].clone();
    let tasks = app["tasks"].as_array().cloned().unwrap_or_default();
    let is_right = |task: &Json| task["state"] == "TASK_RUNNING" && task["version"] == version;
    let is_sent = app["cmd"] == "sleep 5" && app["version"] == version;
    if is_sent && tasks.len() == 2 && tasks.iter().all(is_right) { Ok(()) } else { Err(app.to_string()) }
}

/// One run: whether it was green, or why its verdict is wrong.
fn run(seed: u64) -> Result<bool, String> {
    let mut numbers = Numbers(seed);
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    let seconds = (numbers.below(4) * 5).to_string();
    let sent = web_with(json!({"cmd": "sleep 5", "labels": {"MILEPOST_START_SECONDS": seconds}}));
    cluster.file("sent.json", &sent);
    let args =
        ["deploy", "sent.json", "--yes", "--timeout", "30s", "--on-failure", "keep", "--report", "json"];
    let mut child = cluster.start(&args);
    let told = disturb(&cluster, &mut child, &mut numbers);
    let run = finished(child);
    let wrong = |what: String| Err(format!("seed {seed}, {told:?}: {what}\n{}\n{}", run.out, run.err));
    if run.exit != Some(0) {
        let says_why = run.out.contains("/web") || run.err.contains("error: ");
        return if says_why { Ok(false) } else { wrong(format!("exit {:?} without a reason", run.exit)) };
    }
    let version = run.report()["services"][0]["version"].as_str().unwrap_or_default().to_owned();
    match told.last() {
        // It may have come after the verdict, and nothing brings back what was sent.
        Some(&("override" | "restart?memory=false")) => return Ok(true),
        // It may have come after the verdict: the server starts the instances again.
        Some(fault) if fault.starts_with("fail") => {
            let end = Instant::now() + PATIENCE;
            while runs_what_was_sent(&cluster, &version).is_err() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        _ => {}
    }
    match runs_what_was_sent(&cluster, &version) {
        Ok(()) => Ok(true),
        Err(app) => wrong(format!("a false green: {app}")),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of a long run")]
fn no_green_verdict_is_false() {
    let next = AtomicU64::new(first_seed());
    let end = first_seed() + runs();
    let worker = || {
        let (mut green, mut wrong) = (0, Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return (green, wrong);
            }
            match run(seed) {
                Ok(is_green) => green += u64::from(is_green),
                Err(reason) => wrong.push(reason),
            }
        }
    };
    let results = std::thread::scope(|scope| {
        // Most of the time of a run is waiting.
        let workers: Vec<_> = (0..6).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("no panic")).collect::<Vec<_>>()
    });
    let green: u64 = results.iter().map(|(green, _)| green).sum();
    let wrong: Vec<String> = results.into_iter().flat_map(|(_, wrong)| wrong).collect();
    println!("{} runs, {green} of them green, {} wrong", runs(), wrong.len());
    assert!(wrong.is_empty(), "{} of {} runs:\n{}", wrong.len(), runs(), wrong.join("\n\n"));
}
