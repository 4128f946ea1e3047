//! `milepost serve`.
//!
//! `cargo bench --bench serve` prints, with the limits:
//!
//! - the time from the start of the program to its first answer (50 ms);
//! - creates of small apps a second, of which each starts one instance: by the wall clock and by the server's own processor
//!   time, which is that of one core (2,000 a second);
//! - the memory of a server that holds 10,000 apps (200 MiB);
//! - `GET /v2/groups` with all that is in it, for 10,000 apps over 1,000 (linear: 12 times).

#![expect(clippy::disallowed_methods, reason = "a benchmark reads plain files of its own")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

#[path = "common/server.rs"]
mod server;

use server::{Connection, Server};

const RUNS: usize = 15;
const FEW: usize = 1_000;
const MANY: usize = 10_000;
const CONNECTIONS: usize = 4;
const GROUPS: &str =
    "/v2/groups?embed=group.groups&embed=group.apps&embed=group.apps.counts&embed=group.apps.tasks";

fn main() {
    ready();
    let server = Server::start(&[]);
    create(&server, 0..FEW);
    let few = groups(&server, FEW);
    let (start, before) = (Instant::now(), server.processor_time());
    create(&server, FEW..MANY);
    let (wall, own) = (start.elapsed().as_secs_f64(), server.processor_time() - before);
    let count = f64::from(u32::try_from(MANY - FEW).expect("a small number"));
    println!(
        "creates of small apps: {:.0} a second, {:.0} a second of the server's processor time (limit 2,000)",
        count / wall,
        count / own
    );
    let many = groups(&server, MANY);
    println!(
        "{MANY} apps: {:.0} MiB, at most {:.0} MiB (limit 200)",
        server.memory("VmRSS") / 1024.0,
        server.memory("VmHWM") / 1024.0
    );
    println!(
        "GET /v2/groups: {few:.1?} of {FEW} apps, {many:.1?} of {MANY}: {:.1} times (limit 12)",
        many.as_secs_f64() / few.as_secs_f64()
    );
}

fn ready() {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let server = Server::start(&[]);
            assert_eq!(server.connect().send("GET", "/ping", "").0, 200);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("ready after {:.1?}, at most {:.1?} (limit 50 ms)", times[RUNS / 2], times[RUNS - 1]);
}

/// Creates apps with these numbers over several connections.
fn create(server: &Server, numbers: std::ops::Range<usize>) {
    let next = AtomicUsize::new(numbers.start);
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = server.connect();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        break;
                    }
                    let id = format!("/group-{}/app-{number}", number / 100);
                    let app =
                        json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32, "env": {"A": "b"}});
                    let (status, body) = connection.send("POST", "/v2/apps", &app.to_string());
                    assert_eq!(status, 201, "{body}");
                }
            });
        }
    });
}

/// How long the list of all groups takes once all apps run: the best of some times.
fn groups(server: &Server, apps: usize) -> Duration {
    let mut connection = server.connect();
    settled(&mut connection);
    let once = |connection: &mut Connection| {
        let start = Instant::now();
        let (status, body) = connection.send("GET", GROUPS, "");
        let elapsed = start.elapsed();
        assert_eq!((status, body.matches("\"tasksRunning\":1,").count()), (200, apps));
        elapsed
    };
    (0..5).map(|_| once(&mut connection)).min().expect("some times")
}

/// Waits until no deployment runs.
fn settled(connection: &mut Connection) {
    while connection.send("GET", "/v2/deployments", "").1 != "[]" {
        std::thread::sleep(Duration::from_millis(50));
    }
}
