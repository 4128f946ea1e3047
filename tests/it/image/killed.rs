//! Pushes, backups and restores that are killed (SIGKILL) at any moment: what is left is none, or whole, and the next run goes on.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::archives::{Saved, large_image, saved_image};
use super::{digest_of, open_registry, run};
use crate::common::{TestDir, each_case};
use crate::docker_registry::Registry;

/// Runs milepost, and kills it after so many milliseconds.
fn kill_after(test: &TestDir, args: &[&str], milliseconds: u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_milepost"))
        .args(args)
        .current_dir(test.path())
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    thread::sleep(Duration::from_millis(milliseconds));
    child.kill().expect("killed");
    child.wait().expect("it ended");
}

#[test]
fn a_killed_backup_and_a_killed_restore_go_on() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let digest = digest_of(&run(&test, &host, &["image", "push", "web.tar", &format!("{host}/web:1")]));
    each_case([5, 20, 60, 150, 300], |milliseconds| {
        let backup = format!("backup-{milliseconds}.tar");
        let args = ["registry", "backup", &host, "-o", &backup];
        kill_after(&test, &args, milliseconds);
        // What is under the name of a backup is one.
        if test.path().join(&backup).exists() {
            let Some(empty) = Registry::start_with(&test, &format!("early-{milliseconds}"), "") else {
                return;
            };
            let target = format!("localhost:{}", empty.port);
            let restored = run(&test, &target, &["registry", "restore", &backup, &target]);
            assert!(restored.starts_with("exit: 0\n"), "{milliseconds}: {restored}");
        }
        let saved = run(&test, &host, &args);
        assert!(saved.starts_with("exit: 0\n"), "{milliseconds}: {saved}");
        let Some(empty) = Registry::start_with(&test, &format!("empty-{milliseconds}"), "") else { return };
        let target = format!("localhost:{}", empty.port);
        let args = ["registry", "restore", &backup, &target];
        kill_after(&test, &args, milliseconds);
        let restored = run(&test, &target, &args);
        assert!(restored.starts_with("exit: 0\n"), "{milliseconds}: {restored}");
        let checked = run(&test, &target, &["image", "check", &format!("{target}/web:1")]);
        assert!(checked.starts_with("exit: 0\n") && checked.contains(&digest), "{milliseconds}: {checked}");
    });
}

/// Nothing is under the name of an archive or a layout before it is whole, and the next pull goes on.
#[test]
fn a_killed_pull_goes_on() {
    let Saved { tar, .. } = large_image(&["web:1"]);
    let test = TestDir::new().file("web.tar", tar);
    let Some((_registry, host)) = open_registry(&test) else { return };
    let image = format!("{host}/web:1");
    let digest = digest_of(&run(&test, &host, &["image", "push", "web.tar", &image]));
    let cases = [5, 20, 60, 150].into_iter().flat_map(|after| [(after, ".tar"), (after, "/")]);
    each_case(cases, |(milliseconds, end)| {
        let to = format!("pulled-{milliseconds}{end}");
        let args = ["image", "pull", &image, "-o", &to];
        kill_after(&test, &args, milliseconds);
        let copy = format!("{host}/copy:{milliseconds}");
        if test.path().join(&to).is_file() {
            let pushed = run(&test, &host, &["image", "push", &to, &copy]);
            assert_eq!(digest_of(&pushed), digest, "{milliseconds}: {pushed}");
        }
        let pulled = run(&test, &host, &args);
        assert!(pulled.starts_with("exit: 0\n") && pulled.contains(&digest), "{milliseconds}: {pulled}");
        let pushed = run(&test, &host, &["image", "push", &to, &copy]);
        assert_eq!(digest_of(&pushed), digest, "{milliseconds}: {pushed}");
    });
}

/// What a killed push has among the temporary files, the next one removes.
#[test]
fn a_killed_push_leaves_nothing_for_long() {
    let Saved { tar, .. } = saved_image(&["web:1"], 2);
    let test = TestDir::new().file("web.tar", tar).file("tmp/other/file", "");
    let left = || {
        let entries = Path::new(&test.path().join("tmp")).read_dir().expect("a directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    };
    // It accepts connections, and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let image = format!("localhost:{}/web:1", silent.local_addr().expect("an address").port());
    let mut child = Command::new(env!("CARGO_BIN_EXE_milepost"))
        .args(["image", "push", "web.tar", &image])
        .current_dir(test.path())
        .env_clear()
        .env("TMPDIR", "tmp")
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    silent.accept().expect("a connection");
    child.kill().expect("killed");
    child.wait().expect("it ended");
    assert_eq!(left().len(), 2, "{:?}", left());
    drop(silent);
    let output = test.command(&["image", "push", "web.tar", &image]).env("TMPDIR", "tmp").output();
    let said = test.describe(&output.expect("it runs"));
    assert!(!said.starts_with("exit: 0\n"), "{said}");
    assert_eq!(left(), ["other"], "{said}");
}
