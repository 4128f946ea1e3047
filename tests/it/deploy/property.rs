//! Random faults: the verdict is held against what the server holds afterwards. A green one has to be true.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use super::{Cluster, finished, web, web_with};

/// How many runs there are: `MILEPOST_RUNS`, or a few.
fn runs() -> u64 {
    std::env::var("MILEPOST_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(6)
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
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
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

#[test]
fn no_green_verdict_is_false() {
    for seed in 0..runs() {
        let mut numbers = Numbers(seed);
        let cluster = Cluster::new();
        cluster.deploy(&web(), &[]).ended_with(0);
        let seconds = (numbers.below(4) * 5).to_string();
        let sent = web_with(json!({"cmd": "sleep 5", "labels": {"MILEPOST_START_SECONDS": seconds}}));
        cluster.file("sent.json", &sent);
        let args = ["deploy", "sent.json", "--yes", "--timeout", "30s", "--on-failure", "keep"];
        let child = cluster.start(&args);
        let mut told = Vec::new();
        for _ in 0..=numbers.below(3) {
            std::thread::sleep(std::time::Duration::from_millis(numbers.below(900)));
            match numbers.below(14) {
                12 => {
                    let list = ask(&cluster, "GET", "/v2/deployments", "");
                    let id = list.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
                    ask(
                        &cluster,
                        "DELETE",
                        &format!("/v2/deployments/{}?force=true", id.unwrap_or("none")),
                        "",
                    );
                    told.push("cancel");
                }
                13 => {
                    ask(&cluster, "PUT", "/v2/apps/web?force=true", r#"{"cmd": "sleep 9"}"#);
                    told.push("override");
                }
                at => {
                    let fault = FAULTS[usize::try_from(at).expect("small")];
                    ask(&cluster, "POST", &format!("/milepost/{fault}"), "");
                    told.push(fault);
                }
            }
        }
        let run = finished(child);
        let exit = run.exit.expect("it ends by itself");
        if exit == 0 {
            // What is true at the end of the run may change by a fault that came later: only these two change it.
            let app = ask(&cluster, "GET", "/v2/apps/web", "");
            let is_late = told.last() == Some(&"override") || told.last() == Some(&"restart?memory=false");
            assert!(app.contains("sleep 5") || is_late, "seed {seed}, {told:?}: {}\n{app}", run.out);
        } else {
            let says_why = run.out.contains("/web") || run.err.contains("error: ");
            assert!(says_why, "seed {seed}, {told:?}: {run:?}");
        }
    }
}
