//! `milepost deploy` against the embedded Marathon.
//!
//! `cargo bench --bench deploy` prints, with the limits:
//!
//! - one app: the time of the whole program over that of a bare client, which sends the same app and listens to the event
//!   stream until it runs (15 ms);
//! - 200 apps, 16 requests at a time: the time until all of them are accepted and run, over that of a bare loop of the same
//!   requests on 16 threads, which neither plans nor compares anything (2 times);
//! - waiting for 200 apps that do not run: event streams (1), questions a second (1), and peak memory (32 MiB).
//!
//! The server runs with `--speed 1000`, so that little of the time is that of the simulated cluster.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes and reads plain files of its own")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[path = "common/server.rs"]
mod server;

#[expect(dead_code, reason = "the benchmark counts requests, and loses none")]
#[path = "../tests/it/deploy/proxy.rs"]
mod proxy;

use proxy::{Loses, Proxy};
use server::{MILEPOST, Server, median};

const RUNS: usize = 15;
const APPS: usize = 200;
const AT_ONCE: usize = 16;
/// The events that `deploy` listens to, and its question about many services.
const EVENTS: &str = "?plan-format=light&event_type=deployment_success&event_type=deployment_failed&event_type=deployment_info\
    &event_type=status_update_event&event_type=api_post_event";
const ALL: &str = "/v2/apps?embed=apps.tasks&embed=apps.counts&embed=apps.deployments&embed=apps.lastTaskFailure\
    &embed=apps.readiness";
const FAST: [&str; 2] = ["--speed", "1000"];

/// A part of the benchmark: its name, and what it does with a scratch directory.
type Part = (&'static str, fn(&Path));

fn main() {
    let filter: Option<String> = std::env::args().skip(1).find(|arg| arg != "--bench");
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let parts: [Part; 3] = [("one", one_app), ("many", many_apps), ("waiting", waiting)];
    for (name, part) in parts {
        if filter.as_ref().is_none_or(|filter| filter == name) {
            part(scratch.path());
        }
    }
}

fn deploy(server: &Server, paths: &[&Path], options: &[&str]) -> Command {
    let mut command = Command::new(MILEPOST);
    command.arg("deploy").args(paths).arg("--yes").args(options);
    command.env_clear().env("MARATHON_URL", format!("http://{}", server.address));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn app(id: &str) -> Value {
    json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32})
}

fn one_app(scratch: &Path) {
    let server = Server::start(&FAST);
    let file = scratch.join("one.json");
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let body = app(&format!("/bare-{run}")).to_string();
        let start = Instant::now();
        let mut events = server.events("?event_type=deployment_success");
        server.connect().send("POST", "/v2/apps", &body);
        events.next().expect("an event");
        bare.push(start.elapsed());
        std::fs::write(&file, app(&format!("/whole-{run}")).to_string()).expect("written");
        let start = Instant::now();
        assert!(deploy(&server, &[&file], &[]).status().expect("it runs").success());
        whole.push(start.elapsed());
    }
    let (bare, whole) = (median(bare), median(whole));
    let start = Instant::now();
    Command::new(MILEPOST).arg("--version").stdout(Stdio::null()).status().expect("it runs");
    println!(
        "one app: deploy {whole:.1?}, bare client {bare:.1?}: {:.1?} over it (limit 15 ms); the program alone starts in {:.1?}",
        whole.saturating_sub(bare),
        start.elapsed()
    );
}

/// Makes the requests that `deploy` makes, and looks at no answer: what the server is and holds, the apps on several threads,
/// the event stream until every deployment has ended, and the list of what runs.
fn bare_loop(server: &Server, bodies: &[String]) -> Duration {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    let mut connection = server.connect();
    for path in ["/v2/info", "/v2/groups/many", "/v2/deployments"] {
        connection.send("GET", path, "");
    }
    let events = server.events(EVENTS);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut connection = server.connect();
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    assert_eq!(connection.send("POST", "/v2/apps", body).0, 201);
                }
            });
        }
    });
    let ends = events.filter(|event| event.contains("\"eventType\":\"deployment_success\""));
    assert_eq!(ends.take(bodies.len()).count(), bodies.len());
    assert_eq!(connection.send("GET", ALL, "").0, 200);
    start.elapsed()
}

fn bodies(definition: impl Fn(&str) -> Value) -> Vec<String> {
    (0..APPS).map(|number| definition(&format!("/many/app-{number}")).to_string()).collect()
}

/// A directory of its own with all of these.
fn directory(scratch: &Path, name: &str, bodies: &[String]) -> std::path::PathBuf {
    let directory = scratch.join(name);
    std::fs::create_dir(&directory).expect("made");
    for (number, body) in bodies.iter().enumerate() {
        std::fs::write(directory.join(format!("{number}.json")), body).expect("written");
    }
    directory
}

fn many_apps(scratch: &Path) {
    let bodies = bodies(app);
    let directory = directory(scratch, "many", &bodies);
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..RUNS / 3 {
        bare.push(bare_loop(&Server::start(&FAST), &bodies));
        let server = Server::start(&FAST);
        let start = Instant::now();
        let options = ["--concurrency", &AT_ONCE.to_string()];
        assert!(deploy(&server, &[&directory], &options).status().expect("it runs").success());
        whole.push(start.elapsed());
    }
    let (bare, whole) = (median(bare), median(whole));
    println!(
        "{APPS} apps, {AT_ONCE} at a time: deploy {whole:.0?}, bare loop {bare:.0?}: {:.2} times (limit 2)",
        whole.as_secs_f64() / bare.as_secs_f64()
    );
}

fn waiting(scratch: &Path) {
    let never = |id: &str| json!({"id": id, "cmd": "sleep 1000", "cpus": 5000, "mem": 32});
    let bodies = bodies(never);
    let directory = directory(scratch, "waiting", &bodies);
    let server = Server::start(&FAST);
    let options = ["--timeout", "10s", "--on-failure", "keep", "--no-fail-fast"];
    let proxy = Proxy::start(&server.address, Loses::Nothing);
    let mut command = deploy(&server, &[&directory], &options);
    command.env("MARATHON_URL", format!("http://{}", proxy.address));
    let start = Instant::now();
    let mut child = command.spawn().expect("it runs");
    let mut peak = 0.0;
    while child.try_wait().expect("a child").is_none() {
        peak = server::memory(child.id(), "VmHWM").unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(100));
    }
    let (requests, seconds) = (proxy.requests(), start.elapsed().as_secs_f64());
    let is_stream = |request: &&String| *request == "GET /v2/events";
    let sent = requests.iter().rposition(|request| request.starts_with("POST ")).expect("a create");
    let polls = requests[sent..].iter().filter(|request| !is_stream(request)).count() - 1;
    println!(
        "waiting for {APPS} apps: {} event stream (limit 1), {polls} questions in {seconds:.1} s (limit 1 a second), peak memory \
         {:.1} MiB (limit 32)",
        requests.iter().filter(is_stream).count(),
        peak / 1024.0
    );
}
