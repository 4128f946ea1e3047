//! A cluster whose agents are directories, reached by a program that plays ssh.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::TestDir;

/// Every file below a directory with its mode and content, every link with where it leads.
pub(crate) fn tree(test: &TestDir, root: &str) -> BTreeMap<String, String> {
    fn walk(base: &Path, directory: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(directory).expect("listed") {
            let path = entry.expect("readable").path();
            let name = path.strip_prefix(base).expect("below").to_str().expect("UTF-8").to_owned();
            let metadata = std::fs::symlink_metadata(&path).expect("there");
            if metadata.is_symlink() {
                let to = std::fs::read_link(&path).expect("a link");
                found.insert(name, format!("-> {}", to.display()));
            } else if metadata.is_dir() {
                walk(base, &path, found);
            } else {
                let content = String::from_utf8_lossy(&std::fs::read(&path).expect("read")).into_owned();
                found.insert(name, format!("{:o}\n{content}", metadata.permissions().mode() & 0o777));
            }
        }
    }
    let root = test.path().join(root);
    let mut found = BTreeMap::new();
    walk(&root, &root, &mut found);
    found
}

/// A directory with programs that play ssh and sudo: each agent is a directory below `agents`; what ssh was asked for is
/// kept in `ssh.log`. The agent `down` does not answer.
pub(crate) fn cluster(test: TestDir) -> TestDir {
    let root = test.path().display().to_string();
    let ssh = format!(
        "#!/bin/sh\nwhile [ \"${{1#-}}\" != \"$1\" ]; do [ $1 = -n ] || shift; shift; done\nprintf '%s\\n' \"$*\" >>{root}/ssh.log\n\
         case $1 in *down) echo 'no route to host' >&2; exit 255 ;; esac\n\
         mkdir -p {root}/agents/\"${{1#*@}}\"\nROOT={root}/agents/\"${{1#*@}}\"\nexport ROOT\nexec sh -c \"$2\"\n"
    );
    program(program(test, "ssh", &ssh), "sudo", "#!/bin/sh\nshift\nexec \"$@\"\n")
}

/// Puts a program there, below `bin`.
pub(crate) fn program(test: TestDir, name: &str, script: &str) -> TestDir {
    let path = format!("bin/{name}");
    test.file(&path, script).with_mode(&path, 0o755)
}

/// Where programs are found: those of the test first.
pub(crate) fn search_path(test: &TestDir) -> String {
    format!("{}:{}", test.path().join("bin").display(), std::env::var("PATH").expect("a PATH"))
}

/// Runs a script for agents: as on the machine of an operator.
pub(crate) fn run_on_cluster(test: &TestDir, script: &str) -> Output {
    std::fs::write(test.path().join("all.sh"), script).expect("written");
    Command::new("sh")
        .arg("all.sh")
        .current_dir(test.path())
        .env("PATH", search_path(test))
        .env("HOME", test.path())
        .env_remove("XDG_STATE_HOME")
        .env("MILEPOST", env!("CARGO_BIN_EXE_milepost"))
        .stdin(Stdio::null())
        .output()
        .expect("sh runs")
}

/// The answer of Mesos's master at `/slaves`.
pub(crate) const SLAVES: &str = r#"{"slaves": [
    {"id": "S0", "hostname": "10.0.0.1", "active": true, "port": 5051},
    {"id": "S1", "hostname": "agent-2.example", "active": true},
    {"id": "S2", "hostname": "10.0.0.9", "active": false}
], "recovered_slaves": []}"#;
