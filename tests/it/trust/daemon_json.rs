//! What the script does to Docker's own configuration.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::{HOST, apply, apply_twice, authority, run, script, trust};
use crate::agents::{program, search_path, tree};
use crate::common::{TestDir, each_case, has_program};

/// Seed 004, "Docker Insecure Registry": the profile of boot2docker.
#[test]
fn seed_004_insecure_registry_in_the_boot2docker_profile() {
    let profile = "var/lib/boot2docker/profile";
    let before = "EXTRA_ARGS='\n--label provider=virtualbox\n'\nCACERT=/var/lib/boot2docker/ca.pem";
    let test = TestDir::new().file(&format!("vm/{profile}"), before);
    let script = script(&test, &["--host", "192.168.99.100:5000", "--insecure", "--boot2docker"]);
    apply_twice(&test, &script, "vm");
    let after = test.read(&format!("vm/{profile}"));
    assert!(after.starts_with(&format!("{before}\n")), "{after}");
    let read = |root: &str| {
        let show = format!(
            ". {}; printf '%s|%s' \"$(echo $EXTRA_ARGS)\" \"$CACERT\"",
            test.path().join(root).join(profile).display()
        );
        let output = Command::new("sh").args(["-c", &show]).output().expect("sh runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert_eq!(
        read("vm"),
        "--label provider=virtualbox --insecure-registry 192.168.99.100:5000|/var/lib/boot2docker/ca.pem"
    );
    apply_twice(&test, &script, "new");
    assert_eq!(read("new"), "--insecure-registry 192.168.99.100:5000|");
    // As the seed has it, by hand.
    let by_hand = "EXTRA_ARGS='\n--label provider=virtualbox\n--insecure-registry 192.168.99.100:5000\n'\n";
    let test = TestDir::new().file(&format!("vm/{profile}"), by_hand);
    apply_twice(&test, &script, "vm");
    assert_eq!(test.read(&format!("vm/{profile}")), by_hand);
}

#[test]
fn insecure_registries_are_added_to_daemon_json() {
    let test = TestDir::new();
    let script = script(&test, &["--host", HOST, "--host", "192.168.0.1", "--insecure"]);
    let (_, after) = apply_twice(&test, &script, "new");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(
            after["etc/docker/daemon.json"].split_once('\n').expect("a mode").1
        )
        .expect("JSON"),
        serde_json::json!({ "insecure-registries": [HOST, "192.168.0.1"] })
    );
    let there = format!("{{\"insecure-registries\":[\"192.168.0.1\", \"{HOST}\"]}}");
    let test = test.file("there/etc/docker/daemon.json", &there);
    apply_twice(&test, &script, "there");
    assert_eq!(test.read("there/etc/docker/daemon.json"), there);
}

/// On agents there may be python, or jq, or neither.
#[test]
fn a_daemon_json_keeps_the_rest_whatever_merges_it() {
    let before = r#"{"log-driver": "journald", "storage-opts": ["a", "ü"], "insecure-registries": ["old:5000"], "n": 1}"#;
    for merger in ["python3", "jq", "neither"] {
        let has = merger == "neither"
            || has_program(merger, "--version", &format!("Debian: apt-get install {merger}"));
        if !has {
            continue;
        }
        let test = TestDir::new().file("agent/etc/docker/daemon.json", before);
        std::fs::create_dir(test.path().join("bin")).expect("made");
        for program in ["sh", "mkdir", "cat", "cmp", "mv", "rm", "cp", "chmod", "mktemp", merger] {
            // Here python3 may be a script that needs more than it says.
            let python = "python3 -c 'import sys; print(sys.executable)'".to_owned();
            let find = if program == "python3" { python } else { format!("command -v {program}") };
            let found = Command::new("sh").args(["-c", &find]).output().expect("sh runs");
            let path = String::from_utf8(found.stdout).expect("UTF-8");
            if !path.is_empty() {
                symlink(path.trim(), test.path().join("bin").join(program)).expect("linked");
            }
        }
        let script = script(&test, &["--host", HOST, "--insecure"]);
        std::fs::write(test.path().join("script.sh"), script).expect("written");
        for _ in 0..2 {
            let output = Command::new("sh")
                .arg(test.path().join("script.sh"))
                .env_clear()
                .env("PATH", test.path().join("bin"))
                .env("ROOT", test.path().join("agent"))
                .output()
                .expect("sh runs");
            let said = String::from_utf8_lossy(&output.stderr);
            let after = test.read("agent/etc/docker/daemon.json");
            if merger == "neither" {
                assert_eq!((output.status.code(), after.as_str()), (Some(1), before), "{said}");
                assert!(said.contains("by hand"), "{said}");
                continue;
            }
            assert!(output.status.success(), "{merger}: {said}");
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&after).expect("JSON"),
                serde_json::json!({"log-driver": "journald", "storage-opts": ["a", "ü"],
                                   "insecure-registries": ["old:5000", HOST], "n": 1}),
                "{merger}"
            );
            assert!(after.find("log-driver") < after.find("storage-opts"), "the order is kept");
        }
    }
}

#[test]
fn a_broken_daemon_json_is_left_as_it_is() {
    each_case(["{", "[]", "{\"insecure-registries\": \"a\"}"], |broken| {
        let test = TestDir::new().file("agent/etc/docker/daemon.json", broken);
        let output = run(&test, &script(&test, &["--host", HOST, "--insecure"]), "agent");
        assert_eq!(output.status.code(), Some(1), "{broken}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(tree(&test, "agent").len(), 1, "{broken}");
        assert_eq!(test.read("agent/etc/docker/daemon.json"), broken);
    });
}

#[test]
fn a_restart_of_docker_is_asked_for_and_warned_of() {
    let test = TestDir::new().file("ca.crt", authority("CA"));
    let plain = script(&test, &["--host", HOST, "--ca", "ca.crt"]);
    assert!(!plain.contains("systemctl"));
    let told = trust(&test, &["--host", HOST, "--ca", "ca.crt", "--restart-docker"]);
    assert!(told.contains("which stops all containers of the agent: drain it"), "{told}");
    // A system of our own, so that it is restarted when something changed, and then only.
    let systemctl = format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >>{}/systemctl.log\n", test.path().display());
    let test = program(test, "systemctl", &systemctl);
    let script = script(&test, &["--host", HOST, "--ca", "ca.crt", "--restart-docker"]);
    assert!(apply(&test, &script, "agent").ends_with("ROOT is set: Docker is not restarted\n"));
    // Without ROOT it would change this machine: the paths are moved instead.
    let moved = script.replace("'/", &format!("'{}/moved/", test.path().display()));
    std::fs::write(test.path().join("moved.sh"), moved).expect("written");
    for _ in 0..2 {
        let output = Command::new("sh")
            .arg(test.path().join("moved.sh"))
            .env("PATH", search_path(&test))
            .output()
            .expect("sh runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(test.read("systemctl.log"), "restart docker\n");
}

/// Seed 001, "Docker in Docker": "simply map the `/etc/docker/certs.d/` path on the host to the same path in the
/// container".
#[test]
fn seed_001_docker_in_docker() {
    let app = r#"{
  "id": "/jenkins",
  "cmd": "dockerd", // the inner one
  "container": {
    "type": "DOCKER",
    "docker": { "image": "docker:18-dind", "privileged": true }
  }
}
"#;
    let test = TestDir::new().file("jenkins.jsonc", app);
    insta::assert_snapshot!(test.run(&["wire", "jenkins.jsonc", "--docker-certs", "--write"]), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wired jenkins.jsonc: volume /etc/docker/certs.d
    ");
    insta::assert_snapshot!(test.read("jenkins.jsonc"), @r#"
    {
      "id": "/jenkins",
      "cmd": "dockerd", // the inner one
      "container": {
        "type": "DOCKER",
        "docker": { "image": "docker:18-dind", "privileged": true },
        "volumes": [
          {
            "containerPath": "/etc/docker/certs.d",
            "hostPath": "/etc/docker/certs.d",
            "mode": "RO"
          }
        ]
      }
    }
    "#);
    insta::assert_snapshot!(test.run(&["wire", "jenkins.jsonc", "--docker-certs", "--diff"]), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    ");
    let lint = test.run(&["lint", "jenkins.jsonc", "--format", "json"]);
    assert!(!lint.contains("certs.d"), "{lint}");
}

#[test]
fn docker_in_docker_where_it_makes_no_sense() {
    let app = |container: &str| format!("{{\"id\": \"/a\", \"container\": {container}}}\n");
    let docker = r#""type": "DOCKER", "docker": {"image": "docker:18"}"#;
    let test = TestDir::new()
        .file("plain.json", app(&format!("{{{docker}}}")))
        .file(
            "socket.json",
            app(&format!(r#"{{{docker}, "volumes": [{{"containerPath": "/var/run/docker.sock", "hostPath": "/var/run/docker.sock", "mode": "RW"}}]}}"#)),
        )
        .file(
            "other.json",
            app(&format!(r#"{{{docker}, "volumes": [{{"containerPath": "/etc/docker/certs.d/", "hostPath": "/x", "mode": "RO"}}]}}"#)),
        )
        .file("ucr.json", app(r#"{"type": "MESOS", "docker": {"image": "docker:18"}}"#))
        .file("pod.json", r#"{"id": "/p", "containers": [{"name": "a", "resources": {"cpus": 1, "mem": 32}}]}"#);
    let mut told = Vec::new();
    for name in ["plain", "socket", "other", "ucr", "pod"] {
        let output = test.run(&["wire", &format!("{name}.json"), "--docker-certs"]);
        told.push(output.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(told.join("\n\n"), @r#"
    exit: 0
    {"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "docker:18"}, "volumes": [{ "containerPath": "/etc/docker/certs.d", "hostPath": "/etc/docker/certs.d", "mode": "RO" }]}}
    note: plain.json:1:46: app "/a" is not privileged, but Docker inside Docker has to be

    exit: 0
    {"id": "/a", "container": {"type": "DOCKER", "docker": {"image": "docker:18"}, "volumes": [{"containerPath": "/var/run/docker.sock", "hostPath": "/var/run/docker.sock", "mode": "RW"}, { "containerPath": "/etc/docker/certs.d", "hostPath": "/etc/docker/certs.d", "mode": "RO" }]}}
    note: socket.json:1:92: app "/a" uses the agent's Docker, which reads /etc/docker/certs.d of the agent: it does not need the volume

    exit: 1
    error[volume-in-the-way]: app "/a" has something else at /etc/docker/certs.d
     --> other.json:1:92
      |
    1 | ...OCKER", "docker": {"image": "docker:18"}, "volumes": [{"containerPath": "/etc/docker/certs.d/", "hostPath": "/x", "mode": "RO"}]}}
      |                                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /container/volumes


    exit: 1
    error[certificates-need-docker-engine]: app "/a" runs on the Universal Container Runtime, in which Docker cannot run
     --> ucr.json:1:36
      |
    1 | {"id": "/a", "container": {"type": "MESOS", "docker": {"image": "docker:18"}}}
      |                                    ^^^^^^^


    exit: 1
    error[certificates-need-docker-engine]: pod "/p" runs on the Universal Container Runtime, in which Docker cannot run
     --> pod.json:1:14
      |
    1 | {"id": "/p", "containers": [{"name": "a", "resources": {"cpus": 1, "mem": 32}}]}
      |              ^^^^^^^^^^^^
    "#);
}
