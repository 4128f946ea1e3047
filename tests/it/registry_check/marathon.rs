//! What a definition for Marathon does to registry and token server: each fault typed into what `registry group` writes.

use super::{CONFIG, JSON, group, write};
use crate::common::{TestDir, each_case};

const AUTH: &str = "\"id\": \"/registry/auth\",";
const AFTER: &str = "\"dependencies\": [\n        \"/registry/auth\"\n      ]";
const AUTH_PORT: &str = "\"containerPort\": 5001,\n            \"hostPort\": 5001,";

/// Each fault: the file, the text and what is in its place, the line that is told, and whether it is an error.
const FAULTS: &[(&str, &str, &str, &str, bool)] = &[
    (
        JSON,
        "\"hostPort\": 5001",
        "\"hostPort\": 5000",
        "warning[port-twice] auth and registry both take port 5000 of their host: they never run on one agent",
        false,
    ),
    (
        JSON,
        "\"hostPort\": 5000,\n            \"protocol\": \"tcp\"",
        "\"hostPort\": 5000,\n            \"protocol\": \"udp\"",
        "error[service-not-reached] the port is for UDP, and the registry speaks TCP: no client reaches it",
        true,
    ),
    (
        JSON,
        "\"hostPort\": 5001,\n            \"protocol\": \"tcp\"",
        "\"hostPort\": 5001,\n            \"protocol\": \"udp\"",
        "error[service-not-reached] the port is for UDP, and the token server speaks TCP: no client reaches it",
        true,
    ),
    // Reversed, cyclic, and by relative ids.
    (
        JSON,
        AFTER,
        "\"dependencies\": []",
        "warning[start-order] the registry does not wait for its token server",
        false,
    ),
    (
        JSON,
        AUTH,
        "\"id\": \"/registry/auth\", \"dependencies\": [\"/registry/registry\"],",
        "error[start-order] registry and token server wait for each other: neither starts",
        true,
    ),
    (
        JSON,
        AUTH,
        "\"id\": \"/registry/auth\", \"dependencies\": [\"../registry\"],",
        "error[start-order] registry and token server wait for each other: neither starts",
        true,
    ),
    (
        JSON,
        AUTH_PORT,
        "\"containerPort\": 5001,\n            \"hostPort\": 0,",
        "warning[realm-elsewhere] the definition gives the token server no fixed port and no name, and the realm leads to registry.example.com:5001",
        false,
    ),
    (
        JSON,
        AUTH_PORT,
        "\"containerPort\": 5001,",
        "warning[realm-elsewhere] the definition gives the token server no fixed port and no name, and the realm leads to registry.example.com:5001",
        false,
    ),
    (
        JSON,
        "\"instances\": 1",
        "\"instances\": 0",
        "warning[service-not-reached] there are no instances",
        false,
    ),
    (CONFIG, USERS, "users: {}\n", "error[nobody-signs-in] there are no users: nobody can sign in", true),
    (
        CONFIG,
        USERS,
        "users:\n",
        "error[token-server-does-not-start] there are no users: docker_auth does not start",
        true,
    ),
    (
        CONFIG,
        USERS,
        "",
        "error[token-server-does-not-start] there are no users: docker_auth does not start",
        true,
    ),
    (
        CONFIG,
        USERS,
        "users: []\n",
        "error[token-server-does-not-start] users is an array, and docker_auth wants an object",
        true,
    ),
];

/// Stands for the users of the configuration, whose hash is another one each time.
const USERS: &str = "[USERS]";

/// The users of a configuration, as they are written.
fn users(config: &str) -> &str {
    let start = config.find("users:\n").expect("users");
    let end = config[start..].find("\n\n").expect("an empty line") + 1;
    &config[start..start + end]
}

#[test]
fn each_fault_of_a_group_is_told() {
    let test = group();
    let changed = |file: &str, from: &str, to: &str| {
        let before = test.read(file);
        let from = if from == USERS { users(&before) } else { from };
        assert!(before.contains(from), "{file}: {from}");
        write(&test, file, &before.replace(from, to));
        // Without the file for Docker Compose: its own findings are none of these.
        let said = test.run(&["registry", "check", JSON, "out/auth", "out/certs", "--format", "concise"]);
        write(&test, file, &before);
        said
    };
    each_case(FAULTS.iter().copied(), |(file, from, to, told, is_error)| {
        let said = changed(file, from, to);
        assert!(said.contains(told), "{from} -> {to}: {said}");
        assert!(said.starts_with(if is_error { "exit: 1\n" } else { "exit: 0\n" }), "{from} -> {to}: {said}");
        assert_eq!(said.contains(" error["), is_error, "{from} -> {to}: {said}");
    });
    // The token server waits for the registry, which does not wait for it.
    let json = test.read(JSON).replace(AFTER, "\"labels\": {}");
    write(
        &test,
        JSON,
        &json.replace(AUTH, "\"id\": \"/registry/auth\", \"dependencies\": [\"/registry/registry\"],"),
    );
    let said = test.run(&["registry", "check", "out", "--format", "concise"]);
    assert!(said.contains("warning[start-order] the token server waits for the registry"), "{said}");
}

/// Ways to reach a token server with no port of its own: each by itself is enough.
#[test]
fn a_name_is_as_good_as_a_port() {
    let cases: [&[&str]; 2] = [
        &["--vip", "/images:5000"],
        &["--marathon-lb", "r.example.com", "--auth-marathon-lb", "a.example.com"],
    ];
    each_case(cases, |more| {
        let test = TestDir::new();
        let made = crate::registry_group::group(&test, &[more, &["--host-path", "/srv/images"]].concat());
        assert!(made.starts_with("exit: 0\n"), "{made}");
        let check = || test.run(&["registry", "check", "out", "--format", "concise"]);
        let said = check();
        assert!(said.contains("nothing found"), "{more:?}: {said}");
        // Without its name it has none.
        let json = test.read(JSON);
        let without = json.replace("\"VIP_0\"", "\"NO_VIP\"").replace("\"HAPROXY_0_VHOST\"", "\"NO_VHOST\"");
        assert_ne!(json, without, "{more:?}");
        write(&test, JSON, &without);
        let said = check();
        assert!(
            said.contains(
                "[realm-elsewhere] the definition gives the token server no fixed port and no name"
            ),
            "{more:?}: {said}"
        );
    });
}
