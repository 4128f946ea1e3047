//! All agents of a cluster.

use super::{HOST, MESOS, authority, script, trust};
use crate::agents::{SLAVES, cluster, program, run_on_cluster, tree};
use crate::common::{TestDir, each_case};
use crate::openssl;

/// Seed 001, "Copy the certificate and key to the agents": a loop over `/slaves` with scp and ssh.
#[test]
fn seed_001_copy_certificate_and_key_to_all_agents() {
    let test = cluster(TestDir::new().file("slaves.json", SLAVES));
    let made = test.run(&["registry", "cert", "--ip", "192.168.0.1", "-o", "it's here"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let args = [
        "--host",
        "192.168.0.1",
        "--ca",
        "it's here/domain.crt",
        "--agents-from",
        "slaves.json",
        "--ssh",
        "--ssh-user",
        "core",
        "--registry-cert",
        "it's here/domain.crt",
        "--registry-key",
        "it's here/domain.key",
    ];
    let script = script(&test, &args);
    let key = test.read("it's here/domain.key");
    assert!(!script.contains(key.lines().nth(1).expect("a line")), "the key is in the script");
    for _ in 0..2 {
        let output = run_on_cluster(&test, &script);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for agent in ["10.0.0.1", "agent-2.example"] {
            let files = tree(&test, &format!("agents/{agent}"));
            let certificate = test.read("it's here/domain.crt");
            assert_eq!(files["etc/privateregistry/certs/domain.key"], format!("600\n{key}"));
            assert_eq!(files["etc/privateregistry/certs/domain.crt"], format!("644\n{certificate}"));
            assert_eq!(files["etc/docker/certs.d/192.168.0.1/ca.crt"], format!("644\n{certificate}"));
            assert_eq!(files.keys().filter(|name| name.starts_with(MESOS)).count(), 2);
        }
    }
    let log = test.read("ssh.log");
    assert!(
        log.lines()
            .all(|line| line.starts_with("core@10.0.0.1 ") || line.starts_with("core@agent-2.example ")),
        "{log}"
    );
    assert_eq!(log.lines().count(), 12);
}

/// Seed 001: "You must configure the Docker daemon on all machines that require registry access".
#[test]
fn seed_001_have_all_agents_trust_it() {
    let test = cluster(TestDir::new().file("ca.crt", authority("CA")).file("slaves.json", SLAVES));
    let args = [
        "--host",
        "192.168.0.1",
        "--ca",
        "ca.crt",
        "--agents-from",
        "slaves.json",
        "--agent",
        "down",
        "--agent",
        "master-1",
        "--ssh",
    ];
    let told = trust(&test, &args);
    assert!(
        told.ends_with("----- stderr -----\nwarning: inactive agents are left out: 10.0.0.9\n"),
        "{told}"
    );
    let output = run_on_cluster(&test, &script(&test, &args));
    // One that cannot be reached does not keep the others from it, and is not forgotten either.
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.ends_with("failed: down\n"), "{said}");
    each_case(["10.0.0.1", "agent-2.example", "master-1"], |agent| {
        assert!(
            tree(&test, &format!("agents/{agent}")).contains_key("etc/docker/certs.d/192.168.0.1/ca.crt")
        );
    });
}

/// Two runs at once, after a change: each has files of its own until all of a file is there, and both end well.
#[test]
fn two_runs_at_once_both_end_well() {
    const SLOW: &str = "#!/bin/sh\nsleep 0.2\nexec /bin/cat \"$@\"\n";
    let test = program(cluster(TestDir::new().file("slaves.json", SLAVES)), "cat", SLOW);
    let made = test.run(&["registry", "cert", "--ip", "192.168.0.1", "--ca", "-o", "certs"]);
    assert!(made.starts_with("exit: 0"), "{made}");
    let args = ["--host", "192.168.0.1", "--ca", "certs/ca.crt", "--agents-from", "slaves.json", "--ssh"];
    let files = ["--registry-cert", "certs/domain.crt", "--registry-key", "certs/domain.key"];
    let script = script(&test, &[&args[..], &files].concat());
    let outputs = std::thread::scope(|scope| {
        let runs = [0, 1].map(|_| scope.spawn(|| run_on_cluster(&test, &script)));
        runs.map(|run| run.join().expect("it runs"))
    });
    for output in outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for agent in ["10.0.0.1", "agent-2.example"] {
        let files = tree(&test, &format!("agents/{agent}"));
        assert_eq!(
            files["etc/privateregistry/certs/domain.key"],
            format!("600\n{}", test.read("certs/domain.key"))
        );
        assert_eq!(
            files["etc/docker/certs.d/192.168.0.1/ca.crt"],
            format!("644\n{}", test.read("certs/ca.crt"))
        );
        assert!(!files.keys().any(|name| name.contains(".milepost")), "{files:?}");
    }
}

#[cfg(feature = "net")]
#[test]
fn the_agents_are_read_from_mesos() {
    use std::io::{Read as _, Write as _};
    let test = TestDir::new().file("ca.crt", authority("CA"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/slaves", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        for (status, body, token) in
            [("200 OK", SLAVES, ""), ("404 Not Found", "no", ""), ("200 OK", SLAVES, "token=t0ken")]
        {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).expect("a request");
            assert!(request[..read].starts_with(b"GET /slaves HTTP/1.1\r\n"));
            let request = String::from_utf8_lossy(&request[..read]);
            let sent = request.lines().find_map(|line| line.strip_prefix("authorization: "));
            assert_eq!(sent.unwrap_or_default(), token);
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).expect("answered");
        }
    });
    let args = ["--host", HOST, "--ca", "ca.crt", "--ssh", "--agents-from", &url];
    assert!(script(&test, &args).ends_with("\ngo '10.0.0.1'\ngo 'agent-2.example'\nfinish\n"));
    let refused = trust(&test, &args);
    assert!(refused.starts_with("exit: 2\n") && refused.contains("404"), "{refused}");
    let mut command = test.command(&[&["registry", "trust"], &args[..]].concat());
    let dcos = url.trim_end_matches("/slaves");
    let output = command.env("DCOS_URL", dcos).env("DCOS_ACS_TOKEN", "t0ken").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    server.join().expect("all requests came");
}

/// The list of agents is fetched as definitions are: with a time limit, and from a server that a private authority signed.
#[cfg(feature = "net")]
#[test]
fn agents_are_read_with_a_time_limit_and_an_authority() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/slaves", silent.local_addr().expect("an address"));
    let test = TestDir::new().file("ca.crt", authority("CA"));
    let said =
        trust(&test, &["--host", HOST, "--ca", "ca.crt", "--ssh", "--agents-from", &url, "--timeout", "1"]);
    assert!(said.contains("did not answer within 1 s"), "{said}");
    if !openssl::is_there() {
        return;
    }
    assert!(test.run(&["registry", "cert", "--ip", "127.0.0.1"]).starts_with("exit: 0"));
    let server = openssl::Server::start(test.path(), "domain.crt", "domain.key");
    let url = format!("https://127.0.0.1:{}/slaves", server.port);
    let args = ["--host", HOST, "--ca", "ca.crt", "--ssh", "--agents-from", &url, "--timeout", "9"];
    assert!(trust(&test, &args).contains("--ca-file"));
    let trusted = trust(&test, &[&args[..], &["--ca-file", "domain.crt"]].concat());
    assert!(!trusted.contains("cannot connect"), "{trusted}");
}
