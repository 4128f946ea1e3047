//! Files that are written: what they are stays what it was, and of several writers none is lost.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use super::common::{TestDir, each_case};

const PROGRAM: &str = env!("CARGO_BIN_EXE_milepost");

#[test]
fn twenty_logins_at_once_are_twenty_entries() {
    let test = TestDir::new().file("password", "letmein");
    let logins: Vec<_> = (0..20)
        .map(|number| {
            Command::new(PROGRAM)
                .args([
                    "creds",
                    "login",
                    &format!("r{number}.example"),
                    "-u",
                    "me",
                    "--password-file",
                    "password",
                ])
                .args(["--config", "config.json", "--no-check"])
                .current_dir(test.path())
                .stderr(Stdio::null())
                .spawn()
                .expect("the program runs")
        })
        .collect();
    for mut login in logins {
        assert!(login.wait().expect("it ends").success());
    }
    let config: serde_json::Value = serde_json::from_str(&test.read("config.json")).expect("JSON");
    assert_eq!(config["auths"].as_object().expect("a table").len(), 20, "{config}");
    assert_eq!(std::fs::read_dir(test.path()).expect("listed").count(), 2);
}

#[test]
fn devices_pipes_and_links_stay_what_they_are() {
    let test = TestDir::new()
        .file("a.json", r#"{"id": "/a", "cmd": "sleep 1", "env": {"DB_PASSWORD": "letmein1"}}"#);
    symlink("elsewhere.yaml", test.path().join("link.yaml")).expect("linked");
    symlink("/dev/null", test.path().join("null.yaml")).expect("linked");
    each_case(["link.yaml", "null.yaml", "/dev/null"], |output| {
        let said = test.run(&["convert", "--to", "yaml", "a.json", "-o", output]);
        assert!(said.starts_with("exit: 0\n"), "{said}");
        assert!(test.path().join("elsewhere.yaml").is_file(), "{output}");
    });
    assert!(test.path().join("link.yaml").is_symlink() && test.path().join("null.yaml").is_symlink());
    assert!(std::fs::metadata("/dev/null").expect("there").file_type().is_char_device());
    let output = test
        .command(&["convert", "--to", "yaml", "a.json", "-o", "/dev/stdout"])
        .output()
        .expect("the program runs");
    assert!(String::from_utf8_lossy(&output.stdout).contains("id: /a"), "{output:?}");
    let script = format!(
        "mkfifo pipe.yaml && cat pipe.yaml > copy & sleep 0.2; '{PROGRAM}' convert --to yaml a.json -o pipe.yaml; wait; test -p pipe.yaml"
    );
    let status =
        Command::new("bash").args(["-c", &script]).current_dir(test.path()).stderr(Stdio::null()).status();
    assert!(status.expect("bash runs").success());
    assert!(test.read("copy").contains("id: /a"));
}

#[test]
fn an_edited_file_keeps_its_mode_and_a_generated_one_does_not_widen() {
    let text = r#"{"id": "/a", "cmd": "sleep 1", "cpu": 1, "env": {"DB_PASSWORD": "letmein1"}}"#;
    each_case([0o640, 0o600, 0o664], |mode| {
        let test = TestDir::new().file("a.json", text);
        let path = test.path().join("a.json");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode set");
        test.run(&["lint", "--fix", "a.json"]);
        assert!(test.read("a.json").contains("cpus"));
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, mode);
    });
}

#[test]
fn a_signal_leaves_nothing_behind() {
    each_case(["TERM", "INT"], |signal| {
        let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 1"}"#);
        let script = format!(
            "for i in $(seq 40); do '{PROGRAM}' convert --to yaml a.json -o out.yaml --force 2>/dev/null & p=$!; \
             sleep 0.00$((i % 10)); kill -{signal} $p 2>/dev/null; wait $p; done; ls -A"
        );
        let output =
            Command::new("bash").args(["-c", &script]).current_dir(test.path()).output().expect("bash runs");
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!listed.contains(".milepost-"), "{listed}");
    });
}

/// A baseline keeps what a file has; a device or a pipe has nothing to keep, and reading a pipe would wait for ever.
#[test]
fn a_baseline_is_written_to_pipes_and_devices() {
    let test = TestDir::new().file("a.json", r#"{"id": "/a", "cmd": "sleep 1", "cpu": 1}"#);
    let said = test.run(&["lint", "a.json", "--write-baseline", "/dev/null"]);
    assert!(said.starts_with("exit: 0"), "{said}");
    let script = format!(
        "mkfifo pipe && cat pipe > copy & sleep 0.2; timeout 60 '{PROGRAM}' lint a.json --write-baseline pipe; wait; test -p pipe"
    );
    let status =
        Command::new("bash").args(["-c", &script]).current_dir(test.path()).stderr(Stdio::null()).status();
    assert!(status.expect("bash runs").success());
    assert!(test.read("copy").contains("unknown-field"));
}
