//! Tests of `milepost registry drain`, and of `registry trust --ssh --restart-docker`, which uses it: against a small master of
//! Mesos, and with programs that play ssh and systemctl. All write what they do into one file, `events`.

mod master;

use std::io::{BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use master::{Faults, Master};

use crate::agents::{cluster, program, run_on_cluster};
use crate::common::{TestDir, each_case, signal};

/// A cluster with a program that plays systemctl; it fails where the agent has a file `broken`.
fn with_systemctl() -> TestDir {
    let test = cluster(TestDir::new().file("events", ""));
    let events = test.path().join("events").display().to_string();
    let systemctl =
        format!("#!/bin/sh\n[ ! -e \"$ROOT/broken\" ] || exit 7\necho \"$* at ${{ROOT##*/}}\" >>{events}\n");
    program(test, "systemctl", &systemctl)
}

fn drain(test: &TestDir, master: &Master, more: &[&str]) -> String {
    let url = master.url();
    let args = [&["registry", "drain", "10.0.0.1", "--mesos", &url], more].concat();
    let output = test.command(&args).env("HOME", test.path()).output().expect("it runs");
    let output = test.describe(&output);
    let untimed = |line: &str| line.split_once(" after ").map_or(line, |(said, _)| said).to_owned();
    output.replace(&url, "[MASTER]").lines().map(untimed).collect::<Vec<_>>().join("\n") + "\n"
}

fn spawned(test: &TestDir, master: &Master, more: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_milepost"))
        .args(["registry", "drain", "10.0.0.1", "--mesos", &master.url()])
        .args(more)
        .current_dir(test.path())
        .env("HOME", test.path())
        .env_remove("XDG_STATE_HOME")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs")
}

/// Reads what a program says up to a line that contains this.
fn said_until(reader: &mut impl std::io::BufRead, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert!(reader.read_line(&mut line).expect("read") > 0, "it ended without saying {text}");
    }
}

/// Seed 000, "Add custom certificate to Docker", step 2: "Restarting Docker will cause all Docker containers to stop. Drain the
/// agent of any tasks which are using Docker prior to restarting it."
#[test]
fn seed_000_docker_is_restarted_on_drained_agents_only() {
    let test = with_systemctl();
    let made = test.run(&["registry", "cert", "--dns", "reg.example.com", "--key", "ecdsa"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let master = Master::start(&test, Faults::default());
    let slaves = format!("{}/slaves", master.url());
    let args = [
        "registry",
        "trust",
        "--host",
        "reg.example.com",
        "--ca",
        "domain.crt",
        "--ssh",
        "--agents-from",
        &slaves,
        "--restart-docker",
        "-o",
        "all.sh",
    ];
    insta::assert_snapshot!(test.run(&args), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    warning: inactive agents are left out: 10.0.0.9
    wrote all.sh
    ");
    let script = test.read("all.sh");
    // The restart fails on the first agent: it is given back all the same, and the other one is left alone.
    let test = test.file("agents/10.0.0.1/broken", "");
    let output = run_on_cluster(&test, &script);
    let said = String::from_utf8_lossy(&output.stderr);
    let not_done = "not done: agent-2.example: run this again once the one that failed is right\n";
    assert!(said.ends_with(&format!("failed: 10.0.0.1\n{not_done}")), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    REACTIVATE_AGENT S0
    ");
    // What is due is done by the next run, where nothing else changes.
    std::fs::remove_file(test.path().join("agents/10.0.0.1/broken")).expect("removed");
    std::fs::write(test.path().join("events"), "").expect("written");
    let output = run_on_cluster(&test, &script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    restart docker at 10.0.0.1
    REACTIVATE_AGENT S0
    DRAIN_AGENT S1
    restart docker at agent-2.example
    REACTIVATE_AGENT S1
    ");
    // And then there is nothing to do.
    std::fs::write(test.path().join("events"), "").expect("written");
    let output = run_on_cluster(&test, &script);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(test.read("events"), "");
}

/// An agent whose tasks do not end: it stays the only one that is out of service, and the next run gives it back.
#[test]
fn no_second_agent_is_drained_after_one_that_is_not_given_back() {
    let test = with_systemctl();
    let made = test.run(&["registry", "cert", "--dns", "reg.example.com", "--key", "ecdsa"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let master = Master::start(&test, Faults::default());
    let url = master.url();
    let args = ["registry", "trust", "--host", "reg.example.com", "--ca", "domain.crt", "--ssh"];
    let more = ["--agent", "10.0.0.1", "--agent", "agent-2.example", "--restart-docker", "--mesos", &url];
    let made = test.run(&[&args[..], &more, &["-o", "all.sh"]].concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let script = test.read("all.sh");
    let hurried = script.replace("--mesos \"$mesos\"", "--mesos \"$mesos\" --within 1s");
    assert_ne!(script, hurried);
    master.hold();
    let output = run_on_cluster(&test, &hurried);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("10.0.0.1 is still being drained: give it back with `"), "{said}");
    assert!(said.contains("\nfailed: 10.0.0.1\nnot done: agent-2.example: "), "{said}");
    assert_eq!(test.read("events"), "DRAIN_AGENT S0\n");
    // The drain is this program's, which the next run knows.
    master.release();
    let output = run_on_cluster(&test, &script);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("by an earlier run of this command"), "{said}");
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    restart docker at 10.0.0.1
    REACTIVATE_AGENT S0
    DRAIN_AGENT S1
    restart docker at agent-2.example
    REACTIVATE_AGENT S1
    ");
    // What an operator drains afterwards is not.
    master.drained("S0");
    let said = drain(&test, &master, &["--", "true"]);
    assert!(said.contains("is left so afterwards"), "{said}");
}

/// A killed run, and one that an operator has made good.
#[test]
fn what_a_killed_run_drained_the_next_one_gives_back() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    let killed = || {
        let mut child = spawned(&test, &master, &["--", "sh", "-c", "echo started >&2; exec sleep 2"]);
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        said_until(&mut said, "started");
        child.kill().expect("killed");
        child.wait().expect("ended");
        std::fs::write(test.path().join("events"), "").expect("written");
    };
    killed();
    let said = drain(&test, &master, &["--", "true"]);
    assert!(said.contains("is given back afterwards") && said.contains("gave 10.0.0.1 back"), "{said}");
    killed();
    assert!(drain(&test, &master, &["--give-back"]).contains("gave 10.0.0.1 back"));
    assert_eq!(test.read("events"), "REACTIVATE_AGENT S0\n");
    master.drained("S0");
    assert!(drain(&test, &master, &["--", "true"]).contains("is left so afterwards"));
}

/// The second would give the agent back while the first restarts Docker there.
#[test]
fn one_run_at_a_time_has_to_do_with_an_agent() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    let wait = "echo started >&2; while ! [ -e go ]; do sleep 0.05; done; echo command >>events";
    let mut child = spawned(&test, &master, &["--", "sh", "-c", wait]);
    let mut said = BufReader::new(child.stderr.take().expect("piped"));
    said_until(&mut said, "started");
    for other in [&["--", "true"][..], &["--give-back"]] {
        let refused = drain(&test, &master, other);
        assert!(refused.starts_with("exit: 2\n"), "{refused}");
        assert!(
            refused.contains("error: 10.0.0.1: another run of this command has to do with it"),
            "{refused}"
        );
    }
    std::fs::write(test.path().join("go"), "").expect("written");
    assert!(child.wait().expect("ended").success());
    assert_eq!(test.read("events"), "DRAIN_AGENT S0\ncommand\nREACTIVATE_AGENT S0\n");
    assert!(drain(&test, &master, &["--", "true"]).contains("gave 10.0.0.1 back"));
}

#[test]
fn a_restart_without_a_master_has_to_be_asked_for() {
    let test = with_systemctl();
    let made = test.run(&["registry", "cert", "--dns", "reg.example.com", "--key", "ecdsa"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let trust = |more: &[&str]| {
        let args = ["registry", "trust", "--host", "reg.example.com", "--ca", "domain.crt"];
        test.run(&[&args[..], &["--ssh", "--agent", "a", "--restart-docker"], more].concat())
    };
    let refused = trust(&[]);
    assert!(refused.starts_with("exit: 2\n") && refused.contains("give --mesos URL"), "{refused}");
    let given = trust(&["--mesos", "http://master.mesos:5050"]);
    assert!(given.contains("\nmesos='http://master.mesos:5050'\n"), "{given}");
    assert!(trust(&["--no-drain", "-o", "all.sh"]).starts_with("exit: 0\n"));
    let output = run_on_cluster(&test, &test.read("all.sh"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(test.read("events"), "restart docker at a\n");
}

#[test]
fn an_agent_is_drained_used_and_given_back() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    insta::assert_snapshot!(drain(&test, &master, &["--", "sh", "-c", "echo command >>events; echo out"]), @"
    exit: 0
    ----- stdout -----
    out
    ----- stderr -----
    draining 10.0.0.1: its tasks end, and no new ones start there
    drained 10.0.0.1
    gave 10.0.0.1 back: tasks start there again
    ");
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    command
    REACTIVATE_AGENT S0
    ");
    // The agent has other names.
    each_case(["S0", "192.0.2.1"], |name| {
        let said = test.run(&["registry", "drain", name, "--mesos", &master.url(), "--", "true"]);
        assert!(said.starts_with("exit: 0\n"), "{said}");
    });
}

/// The command fails, cannot be started, or Mesos does not answer at first: the agent is given back.
#[test]
fn an_agent_is_given_back_after_failures() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults { failing_reactivations: 2, ..Faults::default() });
    let failed = drain(&test, &master, &["--", "sh", "-c", "exit 3"]);
    assert!(failed.starts_with("exit: 1\n") && failed.contains("gave 10.0.0.1 back"), "{failed}");
    let test = test
        .file("broken", "#!/no/such/interpreter\n")
        .with_mode("broken", 0o755)
        .file("notes", "no program");
    let unusable = drain(&test, &master, &["--", "./broken"]);
    assert!(unusable.starts_with("exit: 2\n") && unusable.contains("gave 10.0.0.1 back"), "{unusable}");
    assert!(unusable.contains("cannot run ./broken"), "{unusable}");
    // No task ends for a program that is not there.
    each_case(["./no-such-program", "no-such-program", "./notes"], |name| {
        let missing = drain(&test, &master, &["--", name]);
        assert!(missing.starts_with("exit: 2\n") && !missing.contains("10.0.0.1 back"), "{missing}");
        assert!(missing.contains(&format!("cannot run {name}: there is no such program")), "{missing}");
    });
    assert_eq!(test.read("events").matches("REACTIVATE_AGENT S0\n").count(), 2);
}

/// Ctrl-C while the command runs, and while the agent is being drained, which cannot be cancelled.
#[test]
fn an_agent_is_given_back_after_an_interruption() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    let mut child =
        spawned(&test, &master, &["--", "sh", "-c", "echo started >&2; sleep 1; echo command >>events"]);
    let mut said = BufReader::new(child.stderr.take().expect("piped"));
    said_until(&mut said, "started");
    signal(&child, "-INT");
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("read");
    assert_eq!(child.wait().expect("ended").code(), Some(130), "{rest}");
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    command
    REACTIVATE_AGENT S0
    ");

    std::fs::write(test.path().join("events"), "").expect("written");
    master.hold();
    let mut child = spawned(&test, &master, &["--", "sh", "-c", "echo command >>events"]);
    let mut said = BufReader::new(child.stderr.take().expect("piped"));
    said_until(&mut said, "draining 10.0.0.1");
    signal(&child, "-INT");
    said_until(&mut said, "interrupted: draining cannot be cancelled");
    master.release();
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("read");
    assert_eq!(child.wait().expect("ended").code(), Some(130), "{rest}");
    insta::assert_snapshot!(test.read("events"), @"
    DRAIN_AGENT S0
    REACTIVATE_AGENT S0
    ");
}

/// What is not drained in time, and what a killed run leaves, can be given back later.
#[test]
fn an_agent_that_is_not_drained_in_time_is_told_and_can_be_given_back() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    master.hold();
    let late = drain(&test, &master, &["--within", "1s", "--", "sh", "-c", "echo command >>events"]);
    insta::assert_snapshot!(late, @"
    exit: 5
    ----- stdout -----
    ----- stderr -----
    draining 10.0.0.1: its tasks end, and no new ones start there
    error: 10.0.0.1 was not drained within 1 s; the command did not run
    error: 10.0.0.1 is still being drained: give it back with `milepost registry drain S0 --mesos [MASTER] --give-back`
    ");
    assert_eq!(test.read("events"), "DRAIN_AGENT S0\n");
    master.release();
    insta::assert_snapshot!(drain(&test, &master, &["--give-back"]), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    drained 10.0.0.1
    gave 10.0.0.1 back: tasks start there again
    ");
    insta::assert_snapshot!(drain(&test, &master, &["--give-back"]), @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged: 10.0.0.1 is not drained
    ");
    assert_eq!(test.read("events"), "DRAIN_AGENT S0\nREACTIVATE_AGENT S0\n");
}

/// Mesos before 1.9, or an agent before it: the tasks are listed, and the command runs only after a yes.
#[test]
fn tasks_of_an_agent_that_cannot_be_drained_are_listed() {
    for faults in
        [Faults { old_agents: true, ..Faults::default() }, Faults { old_master: true, ..Faults::default() }]
    {
        let test = with_systemctl();
        let master = Master::start(&test, faults);
        let command = ["--", "sh", "-c", "echo command >>events"];
        insta::allow_duplicates! {
            insta::assert_snapshot!(drain(&test, &master, &command), @"
            exit: 2
            ----- stdout -----
            ----- stderr -----
            note: 10.0.0.1 cannot be drained: Mesos 1.9 and later can do that
            3 tasks on 10.0.0.1:
              shop_web.1 (Docker)
              shop_db.1
              pending.1
            error: the command did not run: it cannot be confirmed without a terminal; --yes runs it without asking
            ");
        }
        assert_eq!(test.read("events"), "");
        let yes = drain(&test, &master, &[&["--yes"], &command[..]].concat());
        assert!(yes.starts_with("exit: 0\n") && yes.contains("  shop_web.1 (Docker)\n"), "{yes}");
        assert_eq!(test.read("events"), "command\n");
        // Without tasks there is nothing to ask.
        let other = ["registry", "drain", "agent-2.example", "--mesos", &master.url()];
        let said = test.run(&[&other[..], &command[..]].concat());
        assert!(said.starts_with("exit: 0\n") && said.contains("no task runs on agent-2.example"), "{said}");
    }
}

/// An operator has drained or deactivated it: it is used, and stays so.
#[test]
fn an_agent_that_was_drained_before_stays_so() {
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    master.drained("S0");
    let said = drain(&test, &master, &["--", "sh", "-c", "echo command >>events"]);
    insta::assert_snapshot!(said, @"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: 10.0.0.1 is drained already, and is left so afterwards
    drained 10.0.0.1
    ");
    assert_eq!(test.read("events"), "command\n");
    let back = drain(&test, &master, &["--give-back"]);
    assert!(back.contains("gave 10.0.0.1 back"), "{back}");
}

#[test]
fn what_the_master_refuses_is_told_and_nothing_runs() {
    let command = ["--", "sh", "-c", "echo command >>events"];
    let mut told = String::new();
    each_case(
        [
            (403, ""),
            (400, "Agent S0 is part of a maintenance schedule under Machine x"),
            (307, ""),
            (404, "<html>"),
            (200, "<html>"),
        ],
        |(status, body)| {
            let test = with_systemctl();
            let on = if status == 400 || status == 403 { "DRAIN_AGENT" } else { "GET_AGENTS" };
            let master =
                Master::start(&test, Faults { answer: Some((on, status, body)), ..Faults::default() });
            told.push_str(
                &drain(&test, &master, &command).replace("----- stdout -----\n----- stderr -----\n", ""),
            );
            assert_eq!(test.read("events"), "");
        },
    );
    let test = with_systemctl();
    let master = Master::start(&test, Faults::default());
    let args = ["registry", "drain", "10.0.0.7", "--mesos", &master.url(), "--", "true"];
    told.push_str(&test.run(&args).replace("----- stdout -----\n----- stderr -----\n", ""));
    insta::assert_snapshot!(told, @"
    exit: 3
    error: Mesos's master refuses DRAIN_AGENT: it does not say why (403)
    exit: 3
    error: Mesos's master refuses DRAIN_AGENT: Agent S0 is part of a maintenance schedule under Machine x (400)
    exit: 2
    error: [MASTER] is not the leading master; give that one: http://master-2.mesos:5050
    exit: 2
    error: [MASTER] does not answer GET_AGENTS as Mesos's master does: give its address, such as http://master.mesos:5050 or DCOS_URL/mesos
    exit: 2
    error: [MASTER] does not answer GET_AGENTS as Mesos's master does: give its address, such as http://master.mesos:5050 or DCOS_URL/mesos
    exit: 2
    error: Mesos's master knows no agent 10.0.0.7, only 10.0.0.1, agent-2.example
    ");
}
