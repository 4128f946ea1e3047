//! Ports and addresses that two services of one file have.

use super::{COMPOSE, group, write};
use crate::common::{TestDir, each_case};

/// Two services of a definition at one port of a host, or at one address, are told of files that are written.
#[test]
fn addresses_that_collide_are_told() {
    let test = group();
    let compose = test.read(COMPOSE);
    let check = |ports: [&str; 2]| {
        let (before, rest) = compose.split_once("  registry:\n").expect("a registry");
        let of = |text: &str, port: &str, given: &str| {
            assert!(text.contains(&format!("{port}:{port}")), "{text}");
            text.replace(&format!("{port}:{port}"), given)
        };
        let (auth, registry) = (of(before, "5001", ports[0]), of(rest, "5000", ports[1]));
        write(&test, COMPOSE, &format!("{auth}  registry:\n{registry}"));
        test.run(&["registry", "check", COMPOSE, "--format", "concise"])
    };
    for (ports, is_told) in [
        (["5001:5001", "5000:5000"], false),
        (["8443:5001", "8443:5000"], true),
        (["127.0.0.1:8443:5001", "8443:5000/tcp"], true),
        (["127.0.0.1:8443:5001", "10.0.0.1:8443:5000"], false),
        (["127.0.0.1:8443:5001", "127.0.0.1:8443:5000"], true),
        (["8443:5001", "8443:5000/udp"], false),
        (["8443:5001", "5000"], false),
    ] {
        let said = check(ports);
        let told = "error[port-twice] auth and registry both take port 8443 of their host: the second one does not start";
        assert_eq!(said.contains(told), is_told, "{ports:?}: {said}");
    }
    let twice = check(["5001:5001", "5000:5000\"\n      - \"5000:5000"]);
    assert!(twice.contains("error[port-twice] registry takes port 5000 of its host twice"), "{twice}");
    // A third service, virtual IPs, and hosts of Marathon-LB.
    let app = |id: &str, labels: &str, vip: &str| {
        format!(
            r#"{{"id": "{id}", "labels": {{{labels}}}, "container": {{"type": "DOCKER", "docker": {{"image": "registry:2"}},
            "portMappings": [{{"containerPort": 5000, "labels": {{{vip}}}}}]}}}}"#
        )
    };
    let vip = r#""VIP_0": "192.168.0.1:443""#;
    let host = r#""HAPROXY_0_VHOST": "reg.example.com""#;
    let path = r#""HAPROXY_0_VHOST": "reg.example.com", "HAPROXY_0_PATH": "/auth""#;
    for (one, other, told) in [
        (app("a", "", vip), app("b", "", vip), "a and b are both at 192.168.0.1"),
        (app("a", host, ""), app("b", host, ""), "a and b are both at reg.example.com"),
        (app("a", host, ""), app("b", path, ""), ""),
        (app("a", host, vip), app("b", "", ""), ""),
    ] {
        write(&test, "two.json", &format!(r#"{{"id": "/r", "apps": [{one}, {other}]}}"#));
        let said = test.run(&["registry", "check", "two.json", "--format", "concise"]);
        assert_eq!(said.contains("error[address-twice]"), !told.is_empty(), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

/// Within the network of a file for Docker Compose a name leads to the container, without the ports of the host.
#[test]
fn names_lead_to_the_ports_of_containers() {
    let test = TestDir::new().file("scanner", "scan-password-1\n");
    let more = [
        "--host",
        "reg.example.com",
        "--host-port",
        "443",
        "--auth-port",
        "9443",
        "--compose",
        "--ui",
        "--scanner",
        "--scan",
        "a:1",
        "--scanner-password-file",
        "scanner",
    ];
    let made = crate::registry_group::group(&test, &more);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let check = || test.run(&["registry", "check", "out", "--format", "concise"]);
    assert!(!check().contains("name-at-other-port"), "{}", check());
    // What was written before.
    let compose = test.read(COMPOSE);
    let before = compose.replace("443:443\"", "443:5000\"").replace("      REGISTRY_HTTP_ADDR: :443\n", "");
    let before = before.replace("https://127.0.0.1:443/", "https://127.0.0.1:5000/");
    write(&test, COMPOSE, &before);
    let said = check();
    each_case(
        [
            ("DOCKER_REGISTRY_URL", "auth (port 9443), registry (port 5000)"),
            ("entrypoint", "auth (port 9443), registry (port 5000), ui (port 8443)"),
        ],
        |(what, ports)| {
            let told = format!(
                "name leads to {ports}, and nothing there listens on port 443; set REGISTRY_HTTP_ADDR=:443 at registry"
            );
            let of = format!("warning[name-at-other-port] {what} asks ");
            assert!(said.lines().any(|line| line.contains(&of) && line.contains(&told)), "{what}: {said}");
        },
    );
    assert!(!said.contains("REALM"), "{said}");
}
