//! The whole binary over 2,000 definitions, beside a plain parse of the same files to `serde_json::Value`.
//!
//! `cargo bench --bench whole [-- DIR]` prints the ratio of CPU times, pair by pair, and the peak memory. Without a
//! directory it writes a set of its own first. Limits: lint takes no more CPU than the plain parse, on one thread; diff of a
//! group of 1,000 apps with itself in another layout takes three times the plain parse of both.
//!
//! With `OTHER=PROGRAM` in the environment, an earlier build of milepost, `lint` and `diff` are compared with its own.
//!
//! The figures hold for the profile `bench`, which is `dist`: what is shipped.

#![expect(clippy::disallowed_methods, reason = "the yardstick reads as a plain program would")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::{Value, json};

const FILES: u32 = 2_000;
const PAIRS: usize = 30;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [flag, directory] = &args[..]
        && flag == "--floor"
    {
        return floor(Path::new(directory));
    }
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let set = args.first().map_or_else(|| write_set(scratch.path()), PathBuf::from);
    let one = first_file(&set);
    let milepost = env!("CARGO_BIN_EXE_milepost");
    let this = std::env::current_exe().expect("this program has a path");
    let lint = |args: &[&str], path: &Path| {
        let mut command = Command::new(milepost);
        command.arg("lint").args(args).arg(path);
        command
    };
    let floor = |path: &Path| {
        let mut command = Command::new(&this);
        command.arg("--floor").arg(path);
        command
    };
    println!("profile: bench, which inherits dist (Cargo.toml)");
    // Memory first: the kernel reports only the largest child so far.
    lint(&["--threads", "1"], &set).stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it runs");
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells").max_rss();
    println!(
        "lint of the set, one thread: peak memory {:.1} MiB",
        f64::from(i32::try_from(peak).unwrap_or(i32::MAX)) / 1024.0
    );
    compare("lint of the set, one thread / plain parse", || lint(&["--threads", "1"], &set), || floor(&set));
    compare(
        "lint of the set, two threads / one thread",
        || lint(&["--threads", "2"], &set),
        || lint(&["--threads", "1"], &set),
    );
    compare("lint of one file / plain parse of it", || lint(&[], &one), || floor(&one));
    let policies = ["team-label", "memory-bound", "not-privileged"]
        .map(|name| format!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies/{}.json"), name));
    let with_policies = policies.iter().flat_map(|policy| ["--policy", policy]).collect::<Vec<_>>();
    compare(
        "lint of the set with three policies, which all files keep / without",
        || lint(&[&["--threads", "1"], &with_policies[..]].concat(), &set),
        || lint(&["--threads", "1"], &set),
    );
    let other = std::env::var_os("OTHER");
    if let Some(other) = &other {
        let by_other = || {
            let mut command = Command::new(other);
            command.args(["lint", "--threads", "1"]).arg(&set);
            command
        };
        compare("lint of the set / by OTHER", || lint(&["--threads", "1"], &set), by_other);
    }
    for apps in [1_000, 5_000] {
        let pair = tempfile::tempdir().expect("a scratch directory");
        let (old, new) = write_groups(pair.path(), apps);
        let diff = || {
            let mut command = Command::new(milepost);
            command.arg("diff").args([&old, &new]);
            command
        };
        assert!(diff().stderr(Stdio::null()).status().expect("it runs").success(), "they are the same");
        // It takes more memory than lint did, so that this peak is its own.
        let peak = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells").max_rss();
        println!("diff of a group of {apps} apps: peak memory {} KiB an app", peak / i64::from(apps));
        compare("diff of it against itself / plain parse of both", diff, || floor(pair.path()));
        if let Some(other) = &other {
            let by_other = || {
                let mut command = Command::new(other);
                command.arg("diff").args([&old, &new]);
                command
            };
            compare("diff of it / by OTHER", diff, by_other);
        }
    }
}

/// Runs both in turn and prints the median ratios.
fn compare(what: &str, mut a: impl FnMut() -> Command, mut b: impl FnMut() -> Command) {
    measure(&mut a());
    measure(&mut b());
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        // Each goes first as often as second, so that drift favours neither.
        let (one, other) = if pair % 2 == 0 {
            let one = measure(&mut a());
            (one, measure(&mut b()))
        } else {
            let other = measure(&mut b());
            (measure(&mut a()), other)
        };
        cpu.push(one.0 / other.0);
        wall.push(one.1 / other.1);
    }
    println!("{what}: CPU {}, wall {}", spread(&mut cpu), spread(&mut wall));
}

fn spread(ratios: &mut [f64]) -> String {
    ratios.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2} … {:.2})", ratios[ratios.len() / 2], ratios[0], ratios[ratios.len() - 1])
}

/// CPU and wall time of a run, in seconds.
fn measure(command: &mut Command) -> (f64, f64) {
    let cpu = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells");
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
    };
    let (before, start) = (cpu(), Instant::now());
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
    let micros = i32::try_from(cpu() - before).unwrap_or(i32::MAX);
    (f64::from(micros) / 1e6, start.elapsed().as_secs_f64())
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).expect("the set is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

fn first_file(set: &Path) -> PathBuf {
    files(set).into_iter().find(|path| path.is_file()).expect("the set has files")
}

/// The plain parse: reads and parses, nothing else.
fn floor(path: &Path) {
    for file in files(path) {
        let bytes = std::fs::read(file).expect("readable");
        let value: Value = serde_json::from_slice(&bytes).expect("valid JSON");
        assert!(!value.is_null());
    }
}

fn write_set(directory: &Path) -> PathBuf {
    for number in 0..FILES {
        let text = format!("{:#}\n", app(number));
        std::fs::write(directory.join(format!("{number:04}.json")), text).expect("written");
    }
    directory.to_owned()
}

/// A group, pretty and on one line.
fn write_groups(directory: &Path, apps: u32) -> (PathBuf, PathBuf) {
    let apps = (0..apps).map(|number| {
        let mut app = app(number);
        app["id"] = format!("app-{number}").into();
        app
    });
    let group = json!({"id": "/shop", "apps": apps.collect::<Vec<Value>>()});
    let (old, new) = (directory.join("old.json"), directory.join("new.json"));
    std::fs::write(&old, format!("{group:#}\n")).expect("written");
    std::fs::write(&new, format!("{group}\n")).expect("written");
    (old, new)
}

fn app(number: u32) -> Value {
    let mut app = json!({
        "id": format!("/team-{}/app-{number}", number % 10),
        "cpus": 0.5, "mem": 512, "instances": 1 + number % 12,
        "env": {}, "labels": {"team": "shop", "owner": "ops@example.com", "HAPROXY_GROUP": "external"},
        "upgradeStrategy": {"minimumHealthCapacity": 0.5, "maximumOverCapacity": 0.15},
        "healthChecks": [{"protocol": "MESOS_HTTP", "path": "/health", "portIndex": 0, "timeoutSeconds": 10}],
        "container": {
            "type": if number.is_multiple_of(2) { "DOCKER" } else { "MESOS" },
            "docker": {"image": format!("registry.example.com/app:{number}"), "forcePullImage": false},
            "portMappings": [{"containerPort": 8080, "hostPort": 0, "name": "http", "labels": {"VIP_0": format!("/app-{number}:80")}}],
            "volumes": [{"containerPath": "/etc/ssl", "hostPath": "/etc/ssl", "mode": "RO"}]
        },
        "networks": [{"mode": "container/bridge"}],
        "constraints": [["hostname", "UNIQUE"], ["@zone", "GROUP_BY", "3"]]
    });
    for variable in 0..4 + number % 26 {
        app["env"][format!("VARIABLE_{variable}")] =
            json!("-Xms64m -Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8");
    }
    app
}
