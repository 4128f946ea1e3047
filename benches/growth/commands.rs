//! Commands over files of any size: the processor time of the whole program.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde_json::{Value, json};

use super::definitions::list;

/// A command, and the files that it reads.
pub(crate) struct CommandCase {
    pub(crate) name: &'static str,
    files: fn(usize) -> [(&'static str, Value); 2],
    arguments: &'static [&'static str],
}

impl CommandCase {
    /// How long it takes with files of so many elements, and how much it writes.
    pub(crate) fn cost(&self, count: usize) -> (Duration, usize) {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        for (name, value) in (self.files)(count) {
            std::fs::write(scratch.path().join(name), value.to_string()).expect("written");
        }
        let out = scratch.path().join("out.txt");
        let before = used();
        let status = Command::new(env!("CARGO_BIN_EXE_milepost"))
            .args(self.arguments)
            .current_dir(scratch.path())
            .stdout(std::fs::File::create(&out).expect("created"))
            .stderr(Stdio::null())
            .status()
            .expect("it runs");
        let cost = used().saturating_sub(before);
        assert!(status.success(), "{}: {status}", self.name);
        (cost, written(&out))
    }
}

fn written(path: &Path) -> usize {
    path.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX))
}

/// The processor time of all programs that this one ran.
fn used() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

fn config(count: usize) -> (&'static str, Value) {
    let entries = (0..count).map(|n| (format!("r{n}.example"), json!({"auth": "dTpw"})));
    ("config.json", json!({"auths": entries.collect::<serde_json::Map<_, _>>()}))
}

/// Apps that each pull from a registry of their own.
fn registries(count: usize) -> [(&'static str, Value); 2] {
    let app = |n: usize| {
        let image = format!("r{n}.example/a/b:1");
        json!({"id": format!("a{n}"), "cmd": "sleep 1", "container": {"type": "MESOS", "docker": {"image": image}}})
    };
    [config(count), ("group.json", json!({"id": "/g", "apps": list(count, app)}))]
}

fn agents(count: usize) -> [(&'static str, Value); 2] {
    let agent = |n: usize| json!({"hostname": format!("agent{n}.example"), "active": !n.is_multiple_of(7)});
    [config(1), ("slaves.json", json!({"slaves": list(count, agent)}))]
}

pub(crate) fn cases() -> Vec<CommandCase> {
    let case = |name, files, arguments| CommandCase { name, files, arguments };
    vec![
        case("creds import of many registries", registries, &["creds", "import", "config.json", "-o", "-"]),
        case(
            "creds archive --for apps of many registries",
            registries,
            &["creds", "archive", "--config", "config.json", "--for", "group.json", "-o", "-"],
        ),
        case(
            "creds archive --ssh to many agents",
            agents,
            &[
                "creds",
                "archive",
                "--config",
                "config.json",
                "--registry",
                "r0.example",
                "-o",
                "archive.tar.gz",
                "--ssh",
                "--agents-from",
                "slaves.json",
            ],
        ),
    ]
}
