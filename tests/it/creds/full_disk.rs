//! A disk that is full, as a limit of no bytes to any file: what is there stays, and nothing is left behind.

use std::collections::BTreeMap;
use std::process::Command;

use super::{CONFIG, NO_CHECK, WEB};
use crate::common::{TestDir, each_case};

/// Every file in the test directory with its content.
fn files(test: &TestDir) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(test.path()).expect("listed") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_file() {
            found.insert(name, std::fs::read(&path).expect("read"));
        }
    }
    found
}

/// Runs milepost where no file can be written to, and where to standard output goes.
fn run(test: &TestDir, args: &str, out: &str) -> (Option<i32>, String) {
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {} {args} {out}", env!("CARGO_BIN_EXE_milepost"));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(test.path())
        .env_clear()
        .env("HOME", test.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("bash runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn nothing_is_half_written() {
    let no_check = NO_CHECK.join(" ");
    let login = format!(
        "creds login r.example.com -u foo --password-file password.txt --config config.json {no_check}"
    );
    let mut commands = vec![
        login.as_str(),
        "creds archive --config config.json --for web.json -o docker.tar.gz",
        "creds secret shop/pullConfig --config config.json --for web.json -o secret.json",
        "creds cluster --config config.json --for web.json -o docker_credentials",
        "creds import config.json -o flat.json",
        "wire web.json --archive file:///etc/docker.tar.gz --write",
    ];
    if cfg!(feature = "cert") {
        commands.push("registry cert --dns r.example.com --key ecdsa -o .");
    }
    let test = TestDir::new()
        .file("config.json", CONFIG)
        .file("web.json", WEB)
        .file("password.txt", "letmein-please")
        .file("docker.tar.gz", "an old one");
    let before = files(&test);
    each_case(commands, |command| {
        let (exit, said) = run(&test, command, "");
        assert_eq!(exit, Some(2), "{command}: {said}");
        assert!(said.contains("File too large") && !said.contains("letmein"), "{command}: {said}");
        assert_eq!(files(&test), before, "{command}");
    });
}

/// Standard output may be a file on that disk.
#[test]
fn what_cannot_be_written_to_standard_output_is_reported() {
    let test = TestDir::new().file("config.json", CONFIG).file("web.json", WEB);
    each_case(
        [
            "creds archive --config config.json --for web.json",
            "creds secret shop/pullConfig --config config.json --for web.json",
            "wire web.json --archive file:///etc/docker.tar.gz",
            "creds cluster",
        ],
        |command| {
            let (exit, said) = run(&test, command, "> /dev/full");
            assert!(
                exit == Some(2) && said.contains("No space left on device"),
                "{command}: {exit:?}: {said}"
            );
        },
    );
}
