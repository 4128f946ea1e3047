//! Apps that work on a registry's storage once: `milepost registry task`.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

fn task(test: &TestDir, args: &[&str]) -> String {
    test.run(&[&["registry", "task"], args, &["-o", "task.json"]].concat())
}

/// The command of the app in task.json, with paths of the test in place of those of the container.
fn command(test: &TestDir, images: &str) -> String {
    let app: Json = serde_json::from_str(&test.read("task.json")).expect("JSON");
    let path = |name: &str| test.path().join(name).to_str().expect("UTF-8").to_owned();
    let command = app["cmd"].as_str().expect("a command");
    let command = command.replace("/var/lib/registry", &path(images)).replace("/backup", &path("archives"));
    command.replace(" && exec sleep 2147483647", "")
}

fn shell(test: &TestDir, command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.process_group(0);
    shell.args(["-c", command]).current_dir(test.path()).env("MESOS_SANDBOX", test.path());
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    shell
}

/// Seed 004, backup and restore of the registry's volume: the commands of both apps, run.
#[test]
fn the_volume_is_saved_and_restored() {
    let layer = vec![7_u8; 3 << 20];
    let test = TestDir::new()
        .file("images/docker/registry/v2/blobs/sha256/ab/abcd/data", &layer)
        .file("images/docker/registry/v2/repositories/web/_manifests/tags/1/current/link", "sha256:abcd")
        .file("restored/keep", "");
    std::fs::create_dir_all(test.path().join("archives")).expect("made");
    let volume = ["--host-path", "/mnt/images", "--archive-dir", "/mnt/backup"];
    let saved = task(&test, &[&["save-volume"], &volume[..]].concat());
    assert!(saved.starts_with("exit: 0\n"), "{saved}");
    let save = command(&test, "images");
    // Killed at any moment, it leaves nothing that looks whole.
    each_case([1, 3, 10], |milliseconds| {
        let mut child = shell(&test, &save).spawn().expect("it runs");
        thread::sleep(Duration::from_millis(milliseconds));
        // As the end of a container ends all in it.
        let group = format!("-{}", child.id());
        Command::new("kill").args(["-9", "--", &group]).status().expect("kill runs");
        child.wait().expect("it ended");
        let archive = test.path().join("archives/registry-data.tar");
        if archive.exists() {
            let listed = Command::new("tar").arg("-tf").arg(&archive).output().expect("tar runs");
            assert!(listed.status.success(), "{milliseconds}");
        }
    });
    assert!(shell(&test, &save).status().expect("it runs").success());
    assert!(test.path().join("done").exists());
    let restored = task(&test, &[&["restore-volume"], &volume[..]].concat());
    assert!(restored.starts_with("exit: 0\n"), "{restored}");
    for _ in 0..2 {
        assert!(shell(&test, &command(&test, "restored")).status().expect("it runs").success());
        let compared = Command::new("diff")
            .args(["-r", "--exclude=keep", "images", "restored"])
            .current_dir(test.path())
            .output()
            .expect("diff runs");
        assert!(compared.status.success(), "{}", String::from_utf8_lossy(&compared.stdout));
    }
}

#[test]
fn each_task_is_an_app_that_lint_takes() {
    let test = TestDir::new();
    let s3 = ["--storage", "s3", "--storage-option", "region=eu", "--storage-option", "bucket=b"];
    let volume =
        ["--host-path", "/mnt/images", "--archive-dir", "/mnt/backup", "--constraint", "hostname:LIKE:a"];
    let cases: [(&[&str], &[&str], &str); 6] = [
        (&["garbage-collect"], &s3, "registry garbage-collect /etc/docker/registry/config.yml && "),
        (
            &["gc", "--delete-untagged", "--dry-run", "--registry-version", "3.0.0"],
            &s3,
            "registry garbage-collect --delete-untagged --dry-run /etc/distribution/config.yml && ",
        ),
        (
            &["garbage-collect", "--host-path", "/mnt/images", "--target", "1.4"],
            &[],
            "registry garbage-collect /etc",
        ),
        (&["save-volume"], &volume, "tar -C /var/lib/registry -cf /backup/registry-data.tar.partial . && "),
        (
            &["restore-volume", "--containerizer", "mesos"],
            &volume,
            "tar -C /var/lib/registry -xf /backup/registry-data.tar && ",
        ),
        (&["save-volume", "--target", "1.8"], &volume, "tar -C "),
    ];
    each_case(cases, |(args, storage, command)| {
        let made = task(&test, &[args, storage].concat());
        assert!(made.starts_with("exit: 0\n"), "{args:?}: {made}");
        let app: Json = serde_json::from_str(&test.read("task.json")).expect("JSON");
        assert!(app["cmd"].as_str().expect("a command").starts_with(command), "{args:?}: {}", app["cmd"]);
        assert_eq!(app["healthChecks"][0]["protocol"], "COMMAND");
        let target = args.iter().position(|word| *word == "--target").map_or("dcos", |at| args[at + 1]);
        let linted = test.run(&["lint", "task.json", "--target", target]);
        assert!(linted.starts_with("exit: 0\n"), "{args:?}: {linted}");
    });
}

#[test]
fn what_no_app_can_do_is_refused() {
    let test = TestDir::new();
    let cases: [(&[&str], &str); 8] = [
        (&["garbage-collect"], "give the registry's storage"),
        (&["save-volume", "--host-path", "/mnt/a"], "save-volume needs --archive-dir DIR"),
        (&["save-volume", "--host-path", "/mnt/a", "--archive-dir", "b"], "give an absolute path, not \"b\""),
        (
            &["save-volume", "--host-path", "/mnt/a/", "--archive-dir", "/mnt/a/b"],
            "is in the directory of images",
        ),
        (
            &["save-volume", "--volume-size", "10", "--archive-dir", "/b", "--containerizer", "mesos"],
            "a persistent volume belongs to the registry's app alone",
        ),
        (
            &["restore-volume", "--storage", "gcs", "--storage-option", "bucket=b", "--archive-dir", "/b"],
            "keeps no images in a directory",
        ),
        (&["garbage-collect", "--archive-dir", "/b"], "--archive-dir is not for garbage-collect"),
        (&["save-volume", "--dry-run", "--archive-dir", "/b"], "are for garbage-collect"),
    ];
    each_case(cases, |(args, error)| {
        let said = task(&test, args);
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{args:?}: {said}");
        assert!(!test.path().join("task.json").exists());
    });
}

/// `--proxy`, `--read-only` and `--delete` of `registry app`.
#[test]
fn what_the_registry_serves_is_set() {
    let test = TestDir::new();
    let env = |more: &[&str]| -> Json {
        let made = test.run(&[&["registry", "app", "--tls", "trusted", "-o", "app.json"], more].concat());
        assert!(made.starts_with("exit: 0\n"), "{made}");
        let app: Json = serde_json::from_str(&test.read("app.json")).expect("JSON");
        app["env"].clone()
    };
    let proxied = env(&[
        "--proxy",
        "https://registry-1.docker.io",
        "--proxy-user",
        "u",
        "--proxy-password-from",
        "r/hub",
    ]);
    assert_eq!(proxied["REGISTRY_PROXY_REMOTEURL"], "https://registry-1.docker.io");
    assert_eq!(proxied["REGISTRY_PROXY_PASSWORD"]["secret"], "proxy-password");
    // As docker-registry 2.8.2 was seen to read it; it panics at READONLY_ENABLED.
    assert_eq!(env(&["--read-only"])["REGISTRY_STORAGE_MAINTENANCE_READONLY"], "{\"enabled\":true}");
    assert_eq!(env(&["--delete"])["REGISTRY_STORAGE_DELETE_ENABLED"], "true");
    assert_eq!(env(&["--registry-version", "3.0.0"])["OTEL_TRACES_EXPORTER"], "none");
    let cases: [(&[&str], &str); 4] = [
        (&["--proxy", "registry-1.docker.io"], "is not the address of a registry"),
        (&["--proxy", "https://u:p@a"], "has a user or a password in it"),
        (&["--proxy", "https://a", "--proxy-user", "u"], "go together"),
        (&["--proxy", "https://a", "--read-only"], "--read-only does not go with --proxy"),
    ];
    each_case(cases, |(more, error)| {
        let said = test.run(&[&["registry", "app", "--tls", "trusted"], more].concat());
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{more:?}: {said}");
    });
}
