//! Clients that know nothing of milepost make their ordinary calls to `milepost serve`: the Python library `marathon`,
//! `shpkpr`, and the Go client `github.com/gambol99/go-marathon`. Each is left out, loudly, where it cannot be installed.

#![expect(clippy::print_stderr, reason = "a test that is left out says so")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::json;

use super::Server;
use crate::common::TestDir;

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Fails unless the command succeeds: what it says.
fn succeeds(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it starts");
    let said = text(&output);
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// Runs a step of an installation; where it fails, says what is left out.
fn installs(what: &str, command: &mut Command) -> Option<()> {
    let said = match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => return Some(()),
        Ok(output) => text(&output),
        Err(error) => error.to_string(),
    };
    eprintln!("SKIPPED: {what} cannot be installed here: {}", said.trim().lines().last().unwrap_or_default());
    None
}

/// The programs of a Python that has these packages in an environment of its own, which is kept for the next run.
fn python_with(packages: &[&str]) -> Option<PathBuf> {
    let name = packages.concat().replace(['=', '<'], "-");
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("old-clients-{name}"));
    let programs = kept.join("bin");
    let is_made = kept.join("made");
    if !is_made.exists() {
        installs(packages[0], Command::new("python3").args(["-m", "venv", "--clear"]).arg(&kept))?;
        let mut pip = Command::new(programs.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--timeout", "20", "--retries", "1"]);
        installs(packages[0], pip.args(packages))?;
        std::fs::write(is_made, "").expect("written");
    }
    Some(programs)
}

#[test]
fn the_python_library() {
    let Some(programs) = python_with(&["marathon==0.13.0"]) else { return };
    let server = Server::start(&[]);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/serve/old_clients/library.py");
    succeeds(Command::new(programs.join("python")).arg(script).arg(format!("http://{}", server.address)));
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
}

#[test]
fn shpkpr() {
    // What it is built on cannot be imported beside a later markupsafe.
    let Some(programs) = python_with(&["shpkpr==4.1.2", "markupsafe<2.1"]) else { return };
    let template =
        r#"{"id": "shpkpr-web", "cmd": "sleep {{ SECONDS }}", "cpus": 0.1, "mem": 32, "instances": 1}"#;
    let (server, test) = (Server::start(&[]), TestDir::new().file("app.json.tmpl", template));
    let url = format!("http://{}", server.address);
    let run = |words: &[&str], options: &[&str]| {
        let mut command = Command::new(programs.join("shpkpr"));
        command.env("LC_ALL", "C.UTF-8").current_dir(test.path());
        succeeds(command.args(words).args(["--marathon-url", &url]).args(options))
    };
    let template = ["--template-dir", ".", "-t", "app.json.tmpl"];
    run(&["apps", "deploy"], &[&template[..], &["SECONDS=100"]].concat());
    let shown = run(&["apps", "show"], &["-a", "shpkpr-web"]);
    assert!(shown.contains("\"tasksRunning\": 1"), "{shown}");
    run(&["apps", "deploy"], &[&template[..], &["SECONDS=200"]].concat());
    let app = &server.get("/v2/apps/shpkpr-web")["app"];
    assert_eq!((&app["cmd"], &app["tasksRunning"]), (&json!("sleep 200"), &json!(1)));
}

#[test]
fn the_go_client() {
    const MODULE: &str = "github.com/gambol99/go-marathon";
    let test = TestDir::new().file("main.go", include_str!("old_clients/client.go"));
    let server = Server::start(&[]);
    let go = |args: &[&str]| {
        let mut command = Command::new("go");
        command.args(args).current_dir(test.path());
        command
    };
    let is_there = installs(MODULE, &mut go(&["mod", "init", "old"]))
        .and_then(|()| installs(MODULE, &mut go(&["get", MODULE])))
        .and_then(|()| installs(MODULE, &mut go(&["mod", "tidy"])));
    if is_there.is_none() {
        return;
    }
    succeeds(&mut go(&["run", ".", &format!("http://{}", server.address)]));
    assert_eq!(server.get("/v2/apps")["apps"], json!([]));
}
