//! `milepost deploy` against the embedded Marathon.
//!
//! `cargo bench --bench deploy` prints, with the limits:
//!
//! - one app: the time of the whole program over that of a bare client, which sends the same app and listens to the event
//!   stream until it runs (15 ms);
//! - 200 apps, 16 requests at a time: the time until all of them are accepted and run, over that of a bare loop of the same
//!   requests on 16 threads (2 times);
//! - waiting for 200 apps that do not run: peak memory (32 MiB).
//!
//! The server runs with `--speed 1000`, so that little of the time is that of the simulated cluster.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes and reads plain files of its own")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const MILEPOST: &str = env!("CARGO_BIN_EXE_milepost");
const RUNS: usize = 15;
const APPS: usize = 200;
const AT_ONCE: usize = 16;

fn main() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    one_app(scratch.path());
    many_apps(scratch.path());
    waiting(scratch.path());
}

/// A server that ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(MILEPOST)
            .args(["serve", "--port", "0", "--speed", "1000", "--max_running_deployments", "1000"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut line = String::new();
        BufReader::new(child.stderr.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit_once("http://").expect("an address").1.to_owned();
        Self { child, address }
    }

    fn send(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Opens the event stream and waits for its headers.
    fn events(&self) -> impl Iterator<Item = String> {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request = "GET /v2/events?event_type=deployment_success HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        lines.filter(|line| line.starts_with("data: "))
    }

    fn deploy(&self, paths: &[&Path], options: &[&str]) -> Command {
        let mut command = Command::new(MILEPOST);
        command.arg("deploy").args(paths).arg("--yes").args(options);
        command.env_clear().env("MARATHON_URL", format!("http://{}", self.address));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn app(id: &str) -> Value {
    json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32})
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn one_app(scratch: &Path) {
    let server = Server::start();
    let file = scratch.join("one.json");
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let body = app(&format!("/bare-{run}")).to_string();
        let start = Instant::now();
        let mut events = server.events();
        server.send("POST", "/v2/apps", &body);
        events.next().expect("an event");
        bare.push(start.elapsed());
        std::fs::write(&file, app(&format!("/whole-{run}")).to_string()).expect("written");
        let start = Instant::now();
        assert!(server.deploy(&[&file], &[]).status().expect("it runs").success());
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

/// Sends all of these on several threads, and waits until no deployment runs.
fn bare_loop(server: &Server, bodies: &[String]) -> Duration {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    assert!(server.send("POST", "/v2/apps", body).starts_with("HTTP/1.1 201"));
                }
            });
        }
    });
    while !server.send("GET", "/v2/deployments", "").ends_with("[]") {
        std::thread::sleep(Duration::from_millis(5));
    }
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
        bare.push(bare_loop(&Server::start(), &bodies));
        let server = Server::start();
        let start = Instant::now();
        let options = ["--concurrency", &AT_ONCE.to_string()];
        assert!(server.deploy(&[&directory], &options).status().expect("it runs").success());
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
    let server = Server::start();
    let options = ["--timeout", "10s", "--on-failure", "keep", "--no-fail-fast"];
    let mut child = server.deploy(&[&directory], &options).spawn().expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = String::new();
    while child.try_wait().expect("a child").is_none() {
        if let Ok(status) = std::fs::read_to_string(&status)
            && let Some(line) = status.lines().find(|line| line.starts_with("VmHWM"))
        {
            line.split_whitespace().nth(1).unwrap_or_default().clone_into(&mut peak);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let peak: f64 = peak.parse().expect("the kernel tells");
    println!("waiting for {APPS} apps: peak memory {:.1} MiB (limit 32)", peak / 1024.0);
}
