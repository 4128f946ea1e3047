//! `milepost creds archive --ssh`: the credentials on every agent, by a script that is run with a program that plays ssh.

use super::{CONFIG, WEB, milepost, run};
use crate::agents::{SLAVES, cluster, run_on_cluster, tree};
use crate::common::{TestDir, each_case};

const SEND: [&str; 9] =
    ["creds", "archive", "--for", "web.json", "-o", "docker.tar.gz", "--ssh", "--agents-from", "slaves.json"];
const AGENTS: [&str; 2] = ["10.0.0.1", "agent-2.example"];

fn test_dir() -> TestDir {
    cluster(
        TestDir::new().file(".docker/config.json", CONFIG).file("web.json", WEB).file("slaves.json", SLAVES),
    )
}

fn script(test: &TestDir, args: &[&str]) -> String {
    let output = milepost(test, args, "");
    assert!(output.status.success(), "{}", test.describe(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn said(test: &TestDir, script: &str) -> String {
    let output = run_on_cluster(test, script);
    let code = output.status.code().expect("a code");
    format!("exit: {code}\n{}", String::from_utf8_lossy(&output.stderr))
}

/// Seed 000, "Create an archive of the Docker credentials", step 1.3 and its note: "The URI must be accessible by all nodes
/// that will start your application. You can distribute the file to the local filesystem of all nodes".
#[test]
fn seed_000_the_archive_on_all_nodes() {
    let test = test_dir();
    let send = script(&test, &SEND);
    insta::assert_snapshot!(said(&test, &send), @"
    exit: 0
    == 10.0.0.1
    sent: /etc/docker.tar.gz
    == agent-2.example
    sent: /etc/docker.tar.gz
    ");
    let archive = std::fs::read(test.path().join("docker.tar.gz")).expect("written");
    for agent in AGENTS {
        let file = format!("agents/{agent}/etc/docker.tar.gz");
        assert_eq!(std::fs::read(test.path().join(&file)).expect("sent"), archive);
        assert_eq!(test.mode(&file), 0o600);
        assert_eq!(tree(&test, &format!("agents/{agent}")).len(), 1, "nothing else is left there");
    }
    // Where it is there, it stays as it is, but for its mode.
    let file = "agents/10.0.0.1/etc/docker.tar.gz";
    let test = test.with_mode(file, 0o644);
    let path = test.path().join(file);
    let before = path.metadata().expect("there").modified().expect("a time");
    insta::assert_snapshot!(said(&test, &send), @"
    exit: 0
    == 10.0.0.1
    unchanged: /etc/docker.tar.gz
    == agent-2.example
    unchanged: /etc/docker.tar.gz
    ");
    assert_eq!(path.metadata().expect("there").modified().expect("a time"), before);
    assert_eq!(test.mode(file), 0o600);
    // Where it differs, it is replaced.
    std::fs::write(&path, "old").expect("written");
    assert!(said(&test, &send).contains("== 10.0.0.1\nsent: /etc/docker.tar.gz\n"));
    assert_eq!(std::fs::read(&path).expect("sent"), archive);
}

/// The script says where the archive is, and runs in any directory.
#[test]
fn the_script_runs_in_another_directory() {
    let test = test_dir();
    let send = script(&test, &SEND);
    let archive = test.path().join("docker.tar.gz");
    assert!(send.contains(&format!("send \"$1\" '{}' ", archive.display())), "{send}");
}

/// The credentials are in no argument of ssh, not in the script, and not in what is said.
#[test]
fn credentials_are_sent_as_standard_input() {
    let test = test_dir();
    let args = [&SEND[..], &["--ssh-user", "core", "--agent-path", "/srv/creds/docker.tar.gz"]].concat();
    let send = script(&test, &args);
    let talk = said(&test, &send);
    assert!(talk.starts_with("exit: 0\n"), "{talk}");
    let log = test.read("ssh.log");
    assert!(log.lines().all(|line| line.starts_with("core@")), "{log}");
    let archive = std::fs::read(test.path().join("docker.tar.gz")).expect("written");
    let bytes = String::from_utf8_lossy(&archive).into_owned();
    each_case([send, talk, log], |text| {
        for secret in ["letmein-please", "Zm9vOmxldG1laW4tcGxlYXNl", &bytes[bytes.len() / 2..]] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    });
    assert!(test.path().join("agents/10.0.0.1/srv/creds/docker.tar.gz").exists());
}

/// One that fails is named, and the others are done: an agent that is down, one where a directory is in the way, and one whose
/// connection breaks off, which keeps the file that it had.
#[test]
fn a_failing_agent_is_named_and_the_others_are_done() {
    let test =
        test_dir().file("agents/dir/etc/docker.tar.gz/x", "").file("agents/cut/etc/docker.tar.gz", "old");
    let ssh = test.read("bin/ssh").replace(
        "exec sh -c \"$2\"",
        "case $ROOT in */cut) head -c 20 | sh -c \"$2\"; exit ;; esac\nexec sh -c \"$2\"",
    );
    std::fs::write(test.path().join("bin/ssh"), ssh).expect("written");
    let more = ["--agent", "down", "--agent", "dir", "--agent", "cut", "--agent", "last"];
    let send = script(&test, &[&SEND[..], &more].concat());
    insta::assert_snapshot!(said(&test, &send), @"
    exit: 1
    == 10.0.0.1
    sent: /etc/docker.tar.gz
    == agent-2.example
    sent: /etc/docker.tar.gz
    == down
    no route to host
    error: down: /etc/docker.tar.gz could not be sent
    == dir
    error: /etc/docker.tar.gz is a directory
    error: dir: /etc/docker.tar.gz could not be sent
    == cut
    error: not all of /etc/docker.tar.gz came
    error: cut: /etc/docker.tar.gz could not be sent
    == last
    sent: /etc/docker.tar.gz
    failed: down dir cut
    ");
    each_case(["10.0.0.1", "agent-2.example", "last"], |agent| {
        assert!(test.path().join("agents").join(agent).join("etc/docker.tar.gz").is_file(), "{agent}");
    });
    assert_eq!(test.read("agents/cut/etc/docker.tar.gz"), "old");
    assert_eq!(tree(&test, "agents/cut").len(), 1);
    assert_eq!(tree(&test, "agents/dir").len(), 1);
    std::fs::remove_file(test.path().join("docker.tar.gz")).expect("removed");
    let talk = said(&test, &send);
    assert!(
        talk.starts_with("exit: 1\n") && talk.contains("failed: 10.0.0.1 agent-2.example down"),
        "{talk}"
    );
}

#[test]
fn what_cannot_be_sent_is_told_before_anything_is_written() {
    let test = test_dir();
    let archive = ["creds", "archive", "--for", "web.json"];
    let mut told = String::new();
    each_case(
        [
            &["--ssh", "--agent", "a"][..],
            &["-o", "-", "--ssh", "--agent", "a"],
            &["-o", "docker.tar.gz", "--ssh"],
            &["-o", "docker.tar.gz", "--agent", "a"],
            &["-o", "docker.tar.gz", "--ssh", "--agent", "-oProxyCommand=x"],
            &["-o", "docker.tar.gz", "--ssh", "--agent", "a", "--agent-path", "etc/x"],
            &["-o", "docker.tar.gz", "--ssh", "--agent", "a", "--agent-path", "/a b"],
            &["-o", "docker.tar.gz", "--ssh", "--agent", "a", "--dockercfg"],
        ],
        |more| {
            let output = run(&test, &[&archive[..], more].concat());
            assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr"), "{more:?}: {output}");
            let line = output.lines().find(|line| line.starts_with("error")).unwrap_or_default();
            told += line;
            told.push('\n');
        },
    );
    insta::assert_snapshot!(told, @"
    error: --ssh sends the archive that -o FILE writes: give one
    error: --ssh sends the archive that -o FILE writes: give one
    error: --ssh needs the agents: give --agents-from, or --agent for each
    error: the following required arguments were not provided:
    error: a value is required for '--agent <HOST>' but none was supplied
    error: invalid value 'etc/x' for '--agent-path <PATH>': give the absolute path of a file on the agents, of letters, digits and -._/ only, such as /etc/docker.tar.gz
    error: invalid value '/a b' for '--agent-path <PATH>': give the absolute path of a file on the agents, of letters, digits and -._/ only, such as /etc/docker.tar.gz
    error: the argument '--ssh' cannot be used with '--dockercfg'
    ");
    assert!(!test.path().join("docker.tar.gz").exists());
}
