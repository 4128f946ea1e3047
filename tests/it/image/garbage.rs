//! The command of `registry task garbage-collect`, run with a real registry's program.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::archives::{Saved, saved_image};
use super::{open_registry, run};
use crate::common::{TestDir, each_case};

/// How many blobs the registry keeps.
fn blobs(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).expect("blobs").map(|entry| entry.expect("an entry").path());
    entries.map(|prefix| std::fs::read_dir(prefix).expect("blobs").count()).sum()
}

/// What a deleted image alone had is gone, and the other image is whole.
#[test]
fn garbage_is_collected() {
    let Saved { tar, .. } = saved_image(&["x:1"], 1);
    let test = TestDir::new().file("one.tar", tar).file("two.tar", saved_image(&["y:1"], 3).tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let (one, two) = (format!("{host}/one:1"), format!("{host}/two:1"));
    each_case([("one.tar", &one), ("two.tar", &two)], |(archive, image)| {
        let pushed = run(&test, &host, &["image", "push", archive, image]);
        assert!(pushed.starts_with("exit: 0\n"), "{pushed}");
    });
    let deleted = run(&test, &host, &["image", "delete", &two, "--yes"]);
    assert!(deleted.starts_with("exit: 0\n"), "{deleted}");
    let directory = test.path().join("images/docker/registry/v2/blobs/sha256");
    let before = blobs(&directory);
    let made = test.run(&["registry", "task", "gc", "--host-path", "/mnt/images", "-o", "gc.json"]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let app: Json = serde_json::from_str(&test.read("gc.json")).expect("JSON");
    let command = app["cmd"].as_str().expect("a command");
    let command = command
        .replacen("registry garbage-collect", "docker-registry garbage-collect", 1)
        .replace("/etc/docker/registry/config.yml", "images.yml")
        .replace(" && exec sleep 2147483647", "");
    let output = Command::new("sh")
        .args(["-c", &command])
        .current_dir(test.path())
        .env("MESOS_SANDBOX", test.path())
        .output()
        .expect("sh runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(test.path().join("done").exists() && blobs(&directory) < before, "{before}");
    let checked = run(&test, &host, &["image", "check", &one]);
    assert!(checked.starts_with("exit: 0\n"), "{checked}");
}
