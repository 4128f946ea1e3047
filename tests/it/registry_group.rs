//! A registry with its token server: `milepost registry group`.

mod kept;

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

/// `registry group -o out` with more options.
pub(crate) fn group(test: &TestDir, more: &[&str]) -> String {
    let args = ["registry", "group", "-o", "out", "--password-stdin", "--cost", "4"];
    test.run_with_stdin(&[&args, more].concat(), "letmein-please\n")
}

fn definition(test: &TestDir) -> Json {
    serde_json::from_str(&test.read("out/registry.json")).expect("JSON")
}

fn env(app: &Json, name: &str) -> String {
    app["env"][format!("REGISTRY_{name}")].as_str().unwrap_or_default().to_owned()
}

/// The fourth seed: token server and registry, as a group and as a file for Docker Compose.
#[test]
fn the_seeds_authenticated_registry_becomes_a_group() {
    let test = TestDir::new();
    let made = group(&test, &["--compose"]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    assert!(!made.contains("letmein"), "{made}");
    let definition = definition(&test);
    assert_eq!(definition["id"], "/registry");
    let (auth, registry) = (&definition["apps"][0], &definition["apps"][1]);
    assert_eq!((&auth["id"], &registry["id"]), (&"/registry/auth".into(), &"/registry/registry".into()));
    assert_eq!(registry["dependencies"], serde_json::json!(["/registry/auth"]));
    let realm = "https://registry-auth.marathon.l4lb.thisdcos.directory:5001/auth";
    let values = ["AUTH", "AUTH_TOKEN_REALM", "AUTH_TOKEN_SERVICE", "AUTH_TOKEN_ISSUER"]
        .map(|name| env(registry, name));
    assert_eq!(values, ["token", realm, "registry", "auth_service"]);
    each_case([auth, registry], |app| {
        // `/v2/` and the path of tokens answer 401.
        assert_eq!(
            (&app["healthChecks"][0]["path"], &app["healthChecks"][0]["protocol"]),
            (&"/".into(), &"MESOS_HTTPS".into())
        );
    });
    let config = test.read("out/auth/auth_config.yml");
    assert!(
        config.contains("issuer: \"auth_service\"")
            && config.contains("  \"admin\":\n    password: \"$2y$04$"),
        "{config}"
    );
    assert!(!config.contains("disable_legacy_key_id"), "{config}");
    each_case(
        [
            ("auth/auth_config.yml", 0o600),
            ("certs/domain.key", 0o600),
            ("ca.key", 0o600),
            ("certs/domain.crt", 0o644),
        ],
        |(file, mode)| {
            assert_eq!(test.mode(&format!("out/{file}")), mode, "{file}");
        },
    );
    let compose = test.read("out/docker-compose.yml");
    for part in
        ["depends_on:", "registry-data:/var/lib/registry", "./auth:/config/:ro", "./certs:/certs/:ro", realm]
    {
        assert!(compose.contains(part), "{part}: {compose}");
    }
    let linted = test.run(&["lint", "out/registry.json"]);
    assert!(linted.starts_with("exit: 0\n"), "{linted}");
    let host = "registry.marathon.l4lb.thisdcos.directory:5000";
    let checked = test.run(&[
        "registry",
        "cert",
        "--check",
        "out/certs/domain.crt",
        "--key",
        "out/certs/domain.key",
        "--ca",
        "out/ca.crt",
        "--for",
        host,
        "--for",
        realm,
    ]);
    assert!(checked.starts_with("exit: 0\n"), "{checked}");
    // What is there stays: it has users, and keys that others trust.
    let again = group(&test, &[]);
    assert!(
        again.starts_with("exit: 2\n") && again.contains("out/registry.json exists and is not overwritten"),
        "{again}"
    );
    assert_eq!(test.read("out/auth/auth_config.yml"), config);
    let user = test.run_with_stdin(
        &["registry", "user", "add", "dev", "out/auth/auth_config.yml", "--password-stdin", "--cost", "4"],
        "x",
    );
    assert!(user.starts_with("exit: 0\n"), "{user}");
}

/// Every way to name it, for every Marathon: the group passes lint, and realm and certificate fit.
#[test]
fn each_choice_makes_a_group_that_lint_takes() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut ca = rcgen::CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let test = TestDir::new()
        .file("ca.crt", ca.self_signed(&key).expect("made").pem())
        .file("ca.key", key.serialize_pem());
    let cases: [(&[&str], &str); 6] = [
        (&["--target", "1.4"], "https://registry-auth.marathon.l4lb.thisdcos.directory:5001/auth"),
        (&["--host", "images.example.com", "--target", "1.8"], "https://images.example.com:5001/auth"),
        (
            &["--mesos-dns", "--host-port", "5010", "--auth-port", "5011"],
            "https://auth-registry.marathon.mesos:5011/auth",
        ),
        (
            &["--marathon-lb", "r.example.com", "--auth-marathon-lb", "auth.example.com"],
            "https://auth.example.com/auth",
        ),
        (
            &["--registry-version", "3.0.0", "--auth-vip", "/tokens:443"],
            "https://tokens.marathon.l4lb.thisdcos.directory/auth",
        ),
        (
            &[
                "--containerizer",
                "mesos",
                "--volume-size",
                "1024",
                "--token-realm",
                "https://tokens.example.com/auth",
            ],
            "https://tokens.example.com/auth",
        ),
    ];
    each_case(cases, |(more, realm)| {
        let made = group(
            &test,
            &[&["--force", "--compose", "--ca-cert", "ca.crt", "--ca-key", "ca.key"], more].concat(),
        );
        assert!(made.starts_with("exit: 0\n"), "{more:?}: {made}");
        let registry = &definition(&test)["apps"][1];
        assert_eq!(env(registry, "AUTH_TOKEN_REALM"), realm, "{more:?}");
        let config = test.read("out/auth/auth_config.yml");
        let is_third = more.contains(&"3.0.0");
        assert_eq!(config.contains("disable_legacy_key_id: true"), is_third, "{more:?}: {config}");
        assert_eq!(
            registry["container"]["docker"]["image"],
            if is_third { "registry:3.0.0" } else { "registry:2" }
        );
        let target = more.iter().position(|word| *word == "--target").map_or("dcos", |at| more[at + 1]);
        let linted = test.run(&["lint", "out/registry.json", "--target", target]);
        assert!(linted.starts_with("exit: 0\n"), "{more:?}: {linted}");
        let checked = test.run(&[
            "registry",
            "cert",
            "--check",
            "out/certs/domain.crt",
            "--ca",
            "ca.crt",
            "--for",
            realm,
        ]);
        assert!(checked.starts_with("exit: 0\n"), "{more:?}: {checked}");
    });
}

/// The seed's "what's next": a web page and a scanner, wired to certificate and credentials.
#[test]
fn a_web_page_and_a_scanner_are_members() {
    let test = TestDir::new().file("scanner", "scan-password-1\n");
    let more = [
        "--ui",
        "--scanner",
        "--scan",
        "shop/web:1",
        "--scan",
        "base:2",
        "--scanner-password-file",
        "scanner",
    ];
    let made =
        group(&test, &[&["--compose", "--delete", "--host", "images.example.com"], &more[..]].concat());
    assert!(made.starts_with("exit: 0\n") && !made.contains("scan-password-1"), "{made}");
    let definition = definition(&test);
    let (ui, scanner) = (&definition["apps"][2], &definition["apps"][3]);
    assert_eq!(ui["env"]["DOCKER_REGISTRY_URL"], "https://images.example.com:5000");
    assert_eq!(
        (&ui["env"]["CA_FILE"], &ui["env"]["ENABLE_DELETE_IMAGES"]),
        (&"/certs/ca.crt".into(), &"true".into())
    );
    assert_eq!(test.read("out/certs/ca.crt"), test.read("out/ca.crt"));
    assert_eq!(scanner["dependencies"], serde_json::json!(["/registry/registry"]));
    assert_eq!(scanner["env"]["SCANNER_PASSWORD"], "scan-password-1");
    let command = scanner["cmd"].as_str().expect("a command");
    assert!(
        command.contains("in images.example.com:5000/shop/web:1 images.example.com:5000/base:2;"),
        "{command}"
    );
    let parsed = std::process::Command::new("sh").args(["-n", "-c", command]).status().expect("sh runs");
    assert!(parsed.success(), "{command}");
    let config = test.read("out/auth/auth_config.yml");
    assert!(config.contains("  - match: {account: scanner}\n    actions: [\"pull\"]\n"), "{config}");
    assert!(test.read("out/docker-compose.yml").contains("    user: root\n"));
    assert_eq!(test.mode("out/registry.json") & 0o077, 0, "it has a password in it");
    each_case([&["lint", "out/registry.json"][..], &["registry", "check", "out"]], |args| {
        let said = test.run(args);
        assert!(said.starts_with("exit: 0\n") && !said.contains("scan-password-1"), "{said}");
    });
    let stored =
        group(&test, &[&["--force", "--scanner-password-from", "registry/scanner"], &more[..]].concat());
    assert!(stored.starts_with("exit: 0\n"), "{stored}");
    assert!(!test.read("out/registry.json").contains("scan-password-1"));
    let odd = group(&test, &["--force", "--scanner", "--scan", "a;b", "--scanner-password-file", "scanner"]);
    assert!(odd.starts_with("exit: 2\n") && odd.contains("is not an image of the registry"), "{odd}");
}

/// On one host the containers listen on the ports that their names are asked at: an alias leads past the published ones.
#[test]
fn members_reach_each_other_by_their_names() {
    let test = TestDir::new();
    let more =
        ["--host", "images.example.com", "--host-port", "443", "--auth-port", "9443", "--compose", "--ui"];
    let made = group(&test, &[&more[..], &["--host-path", "/srv/images"]].concat());
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let compose = test.read("out/docker-compose.yml");
    each_case(
        [
            "- \"443:443\"",
            "REGISTRY_HTTP_ADDR: :443\n",
            "https://127.0.0.1:443/",
            "DOCKER_REGISTRY_URL: https://images.example.com\n",
            "- \"9443:9443\"",
            "https://127.0.0.1:9443/",
            "REGISTRY_AUTH_TOKEN_REALM: https://images.example.com:9443/auth\n",
        ],
        |part| assert!(compose.contains(part), "{part}: {compose}"),
    );
    assert!(test.read("out/auth/auth_config.yml").contains("  addr: \":9443\"\n"));
    let definition = definition(&test);
    let port = |app: usize| definition["apps"][app]["container"]["portMappings"][0]["containerPort"].clone();
    assert_eq!((port(0), port(1)), (9443.into(), 5000.into()));
    let checked = test.run(&["registry", "check", "out"]);
    assert!(checked.contains("nothing found"), "{checked}");
}

#[test]
fn what_cannot_be_a_group_is_refused_before_anything_is_written() {
    let key = rcgen::generate_simple_self_signed(["other.example.com".to_owned()]).expect("made");
    let test = TestDir::new().file("a.crt", key.cert.pem()).file("a.key", key.signing_key.serialize_pem());
    let vips = ["--vip", "192.168.0.1:443", "--auth-vip", "192.168.0.1:443"];
    let hosts = ["--marathon-lb", "b.example.com,a.example.com", "--auth-marathon-lb", "A.example.com"];
    let other_vips = ["--vip", "192.168.0.1:443", "--auth-vip", "192.168.0.2:443", "--compose"];
    let cases: [(&[&str], &str); 16] = [
        (&["--host", "a.example.com", "--auth-port", "5000"], "cannot both have port 5000"),
        (
            &["--host", "a.example.com", "--host-port", "8443", "--ui"],
            "registry and web page cannot both have port 8443 of the agents: give another --ui-port",
        ),
        (
            &["--mesos-dns", "--ui", "--ui-port", "5001"],
            "token server and web page cannot both have port 5001 of the agents: give another --ui-port",
        ),
        (
            &vips,
            "registry and token server cannot both have the virtual IP 192.168.0.1:443: give another --auth-vip",
        ),
        (&["--auth-vip", "/registry:5000"], "cannot both have the virtual IP /registry:5000"),
        (&hosts, "cannot both have the host A.example.com of Marathon-LB: give another --auth-marathon-lb"),
        (&["--vip", "/a:1", "--vip", "/a:1"], "the virtual IP /a:1 is given twice: give each --vip once"),
        (&["--auth-vip", "/a:1", "--auth-vip", "/a:1"], "is given twice: give each --auth-vip once"),
        (&other_vips, "auth and registry cannot both have port 443 of the one host of docker-compose.yml"),
        (&["--token-realm", "http://auth.example.com/auth"], "is without TLS"),
        (&["--token-realm", "auth:5001"], "is not an address of a token server"),
        (&["--token-issuer", " "], "--token-issuer must not be empty"),
        (&["--id", "/Registry"], "Marathon rejects the id \"/Registry/registry\""),
        (&["--registry-version", "1"], "give a version 2 or 3 of the registry"),
        (&["--tag", "2", "--registry-version", "3.0"], "registry:2 is not version 3.0"),
        (
            &["--host", "a.example.com", "--certificate", "a.crt", "--key", "a.key"],
            "it is not for a.example.com",
        ),
    ];
    each_case(cases, |(more, error)| {
        let said = group(&test, more);
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{more:?}: {said}");
        assert!(!test.path().join("out").exists(), "{more:?}");
    });
    let none = test.run(&["registry", "group", "-o", "out"]);
    assert!(
        none.starts_with("exit: 2\n") && none.contains("there is no terminal to ask for the password at"),
        "{none}"
    );
}
