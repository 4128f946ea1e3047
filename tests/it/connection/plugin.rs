//! milepost as a plugin of the DC/OS CLI (`dcos milepost …`).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::server::{Dcos, enterprise};
use crate::common::TestDir;

fn dist(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/dcos").join(name)
}

/// Installs what `dcos plugin add FILE.zip` would, in the place where it would; nothing where no archives can be packed.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn installed(test: &TestDir) -> Option<PathBuf> {
    let archive = test.path().join("milepost.zip");
    let packed = Command::new(dist("pack")).arg(env!("CARGO_BIN_EXE_milepost")).arg(&archive).status();
    let env = test.path().join(".dcos/clusters/id-1/subcommands/milepost/env");
    std::fs::create_dir_all(&env).expect("directories");
    let unpacked = Command::new("unzip").arg("-q").arg(&archive).arg("-d").arg(&env).status();
    let is_done =
        |status: std::io::Result<std::process::ExitStatus>| status.is_ok_and(|status| status.success());
    let is_there = is_done(packed) && is_done(unpacked);
    if !is_there {
        eprintln!("SKIPPED: the plugin was not packed and unpacked (Debian: apt-get install zip unzip)");
    }
    is_there.then_some(env)
}

#[test]
fn the_dcos_cli_finds_and_runs_it() {
    let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1", "cpus": -1}"#);
    let Some(env) = installed(&test) else { return };
    let manifest: toml::Table =
        std::fs::read_to_string(env.join("plugin.toml")).expect("the manifest").parse().expect("TOML");
    assert_eq!(manifest["schema_version"].as_integer(), Some(1));
    assert_eq!(manifest["name"].as_str(), Some("milepost"));
    let commands = manifest["commands"].as_array().expect("commands");
    let [command] = &commands[..] else { panic!("{commands:?}") };
    let name = command["name"].as_str().expect("a name");
    let program = env.join(command["path"].as_str().expect("a path"));
    let server = Dcos::start(enterprise());
    let token = server.token("alice", 3600);
    // As `dcos` starts a plugin, with what it tells of the attached cluster.
    let run = |args: &[&str]| {
        let output = Command::new(&program)
            .arg(name)
            .args(args)
            .current_dir(test.path())
            .env_clear()
            .env("NO_COLOR", "1")
            .env("HOME", test.path())
            .env("DCOS_URL", &server.url)
            .env("DCOS_ACS_TOKEN", &token)
            .env("DCOS_TLS_INSECURE", "1")
            .env("DCOS_VERBOSITY", "0")
            .env("DCOS_LOG_LEVEL", "panic")
            .env("DCOS_CLI_VERSION", "1.2.0")
            .output();
        test.describe(&output.expect("the program runs")).replace(server.host(), "[SERVER]")
    };
    assert!(run(&["lint", "web.json"]).starts_with("exit: 1\n"));
    let said = run(&["export", "/web"]);
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
    assert_eq!(server.log()[0], "GET /service/marathon/v2/info (token)");
    let description = command["description"].as_str().expect("a description");
    assert!(run(&["--info"]).contains(&format!("\n{description}\n")), "{}", run(&["--info"]));
    let help = run(&["lint", "-h"]);
    assert!(help.contains("Usage: dcos milepost lint"), "{help}");
}
