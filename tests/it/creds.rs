//! Tests of `milepost creds`. The procedures of the founding documents are tests by their names; GNU tar is the judge of
//! archives.

mod agents;
mod archive;
#[cfg(feature = "net")]
mod check;
mod cluster;
mod full_disk;
mod helper;
mod import;
mod login;
mod property;
#[cfg(all(feature = "net", feature = "cert"))]
mod pull;
#[cfg(feature = "net")]
mod real_registry;
#[cfg(feature = "net")]
mod registry;
mod seed;
#[cfg(feature = "net")]
mod store;
mod verify;

use std::process::{Command, Output};

use crate::common::{TestDir, each_case, has_program};

/// A config file with two registries: foo:letmein-please and bar:letmein-please.
const CONFIG: &str = r#"{
  "auths": {
    "https://index.docker.io/v1/": { "auth": "YmFyOmxldG1laW4tcGxlYXNl" },
    "registry.example.com:5000": { "auth": "Zm9vOmxldG1laW4tcGxlYXNl" }
  },
  "detachKeys": "ctrl-x"
}
"#;

/// An app that pulls from one of them.
const WEB: &str = r#"{
  "id": "/shop/web",
  "container": { "type": "DOCKER", "docker": { "image": "registry.example.com:5000/shop/web:1.4" } }
}
"#;

/// What keeps a login from asking a registry that is not there; a build without networking asks none.
const NO_CHECK: &[&str] = if cfg!(feature = "net") { &["--no-check"] } else { &[] };

/// The program, with the test directory as its home. No registry is asked.
fn milepost(test: &TestDir, args: &[&str], stdin: &str) -> Output {
    let mut command = test.command(args);
    if args.get(1) == Some(&"login") && !args.contains(&"--help") {
        command.args(NO_CHECK);
    }
    command.env("HOME", test.path()).write_stdin(stdin).output().expect("the program runs")
}

/// What came out, for a snapshot.
fn run(test: &TestDir, args: &[&str]) -> String {
    test.describe(&milepost(test, args, ""))
}

fn run_with_stdin(test: &TestDir, args: &[&str], stdin: &str) -> String {
    test.describe(&milepost(test, args, stdin))
}

/// A shell command in the test directory; it has to succeed.
pub(crate) fn shell(test: &TestDir, script: &str) -> String {
    let output = Command::new("bash")
        .args(["-euc", script])
        .current_dir(test.path())
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Whether the programs that pack archives of all kinds are here.
pub(crate) fn has_packers() -> bool {
    let is_there = |program| has_program(program, "-h", "Debian: apt-get install bzip2 xz-utils zip");
    ["bzip2", "xz", "zip"].into_iter().all(is_there)
}

#[test]
fn the_examples_in_the_help_run() {
    let ucr = WEB.replace("DOCKER", "MESOS");
    let manifest =
        "kind: Secret\nstringData:\n  .dockerconfigjson: '{\"auths\": {\"r\": {\"auth\": \"YTpi\"}}}'\n";
    let podman = r#"{"auths": {"quay.io": {"auth": "YTpi"}}}"#;
    let mut count = 0;
    #[cfg(feature = "net")]
    let store = crate::send::Server::start(crate::send::answer("201 Created", "", ""));
    each_case(["login", "show", "import", "archive", "verify", "secret", "cluster"], |command| {
        let test = TestDir::new()
            .file(".docker/config.json", CONFIG)
            .file(".config/containers/auth.json", podman)
            .file("config.json", CONFIG)
            .file("web.json", if command == "secret" { &ucr } else { WEB })
            .file("secret.yaml", manifest)
            .file("password.txt", "letmein-please\n")
            .file("token.txt", "letmein-please\n")
            .file("slaves.json", crate::agents::SLAVES);
        milepost(&test, &["creds", "archive", "--for", "web.json", "-o", "docker.tar.gz"], "");
        let help = run(&test, &["creds", command, "--help"]).replace(" \\\n", " ");
        for line in
            help.lines().filter(|line| line.starts_with("    milepost ") || line.starts_with("    kubectl "))
        {
            let line = line.trim();
            let line = line.rsplit_once(" | ").map_or(line, |(_, line)| line);
            let line = line.split_once(" < ").map_or(line, |(line, _)| line);
            let line = line.split_once(" > ").map_or(line, |(line, _)| line);
            let args: Vec<&str> = line.split_whitespace().skip(1).collect();
            let stdin = if command == "import" { manifest } else { "letmein-please\n" };
            let mut program = test.command(&args);
            if command == "login" {
                program.args(NO_CHECK);
            }
            #[cfg(feature = "net")]
            program.env("DCOS_URL", store.url());
            let output = program.env("HOME", test.path()).write_stdin(stdin).output().expect("it runs");
            assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
            count += 1;
        }
    });
    assert_eq!(count, if cfg!(feature = "net") { 21 } else { 20 }, "each example was run");
}
