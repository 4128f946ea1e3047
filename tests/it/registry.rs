//! Tests of `milepost registry`.

mod settings;
mod storage;
mod values;

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

fn run(args: &[&str]) -> String {
    TestDir::new().run(&[&["registry", "app"], args].concat())
}

fn definition(args: &[&str]) -> Json {
    let output =
        TestDir::new().command(&[&["registry", "app"], args].concat()).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_old_style_is_the_seed() {
    let seed = include_str!("../../fixtures/seeds/001-registry.json");
    let args = [
        "--tls",
        "self-signed",
        "--vip",
        "192.168.0.1:443",
        "--http-secret",
        "248345asecret",
        "--service-port",
        "10000",
        "--no-health-check",
        "--marathon-version",
        "1.4",
    ];
    assert_eq!(definition(&args), serde_json::from_str::<Json>(seed).expect("JSON"));
    // Down to the order of its members.
    assert_eq!(
        TestDir::new().run(&[&["registry", "app"], &args[..]].concat()).split("----- stderr").next(),
        Some(format!("exit: 0\n----- stdout -----\n{seed}").as_str())
    );
}

#[test]
fn the_plain_case() {
    insta::assert_snapshot!(run(&["--tls", "self-signed", "--vip", "192.168.0.1:443"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/registry",
      "cpus": 0.5,
      "mem": 128,
      "instances": 1,
      "container": {
        "type": "DOCKER",
        "volumes": [
          {
            "containerPath": "/certs/",
            "hostPath": "/etc/privateregistry/certs/",
            "mode": "RO"
          }
        ],
        "docker": {
          "image": "registry:2"
        },
        "portMappings": [
          {
            "containerPort": 5000,
            "hostPort": 0,
            "protocol": "tcp",
            "name": "registry",
            "labels": {
              "VIP_0": "192.168.0.1:443"
            }
          }
        ]
      },
      "networks": [
        {
          "mode": "container/bridge"
        }
      ],
      "env": {
        "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/domain.crt",
        "REGISTRY_HTTP_TLS_KEY": "/certs/domain.key"
      },
      "healthChecks": [
        {
          "protocol": "MESOS_HTTPS",
          "path": "/v2/",
          "portIndex": 0,
          "gracePeriodSeconds": 60,
          "intervalSeconds": 30,
          "timeoutSeconds": 10,
          "maxConsecutiveFailures": 3
        }
      ]
    }
    ----- stderr -----
    note: images are called 192.168.0.1/NAME:TAG
    note: the certificate must be for 192.168.0.1 (milepost registry cert makes one), and every agent must trust it, at /etc/docker/certs.d/192.168.0.1/ca.crt: milepost registry trust prints a script for that
    warning: images are kept in the container and are lost with it; give --host-path, --volume-size or another --storage
    "#);
}

#[test]
fn what_cannot_work_is_rejected() {
    insta::assert_snapshot!(run(&[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      --tls <TLS>

    Usage: milepost registry app --tls <TLS>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--instances", "2"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: 2 instances need storage they share: --storage s3, azure, gcs or swift, or a shared --host-path
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--vip", "/a:1", "--vip", "/a:1"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the virtual IP /a:1 is given twice: give each --vip once
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--vip", "registry:5000"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value 'registry:5000' for '--vip <VIP>': a VIP is written like 192.168.0.1:443 or /registry:5000

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--host-port", "5000"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <--mesos-dns|--host <NAME>>

    Usage: milepost registry app --tls <TLS> --host-port <PORT> <--mesos-dns|--host <NAME>>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--volume-size", "10"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --volume-size needs --containerizer mesos
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--storage", "s3"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --storage s3 needs --storage-option region=…
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--storage", "swift", "--storage-option", "pasword=x"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --storage swift has no parameter "pasword"; it has: authurl, username, password, container, secretkey, region, tenant, tenantid, tenantdomain, tenantdomainid, domain, domainid, trustid, insecureskipverify, chunksize, prefix, rootdirectory, accesskey, authversion, endpointtype, tempurlcontainerkey, tempurlmethods
    "#);
    insta::assert_snapshot!(run(&["--tls", "trusted", "--storage", "azure", "--storage-option", "accountkey=x"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: "accountkey" is a credential: put it in the secret store and name its path there: --storage-secret OPTION=SOURCE
    "#);
    insta::assert_snapshot!(run(&["--tls", "trusted", "--http-secret", "a", "--generate-http-secret"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the argument '--http-secret <VALUE>' cannot be used with '--generate-http-secret'

    Usage: milepost registry app --tls <TLS> --http-secret <VALUE>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--image", "registry:2.8.3", "--tag", "2"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --image registry:2.8.3 has a tag or digest already: leave out --tag 2
    ");
    insta::assert_snapshot!(run(&["--tls", "trusted", "--id", "My_Registry"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: Marathon rejects the id "My_Registry": lower-case letters, digits and dashes between slashes, such as /infra/registry
    "#);
    insta::assert_snapshot!(run(&["--tls", "trusted", "--marathon-version", "2.1"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value '2.1' for '--target <NAME>': there is no Marathon 2.1: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11); did you mean dcos-2.1?

    For more information, try '--help'.
    ");
}

#[test]
fn a_file_is_written_whole() {
    let test = TestDir::new();
    // Where one agent is named, no other one needs the directory.
    each_case(
        [
            ("hostname:LIKE:10.0.0.1", false),
            ("hostname:CLUSTER:10.0.0.1", false),
            ("hostname:CLUSTER", true),
            ("hostname:LIKE:10.0.0.[12]", true),
            ("rack:LIKE:1", true),
        ],
        |(constraint, is_told)| {
            let said = test.run(&[
                "registry",
                "app",
                "--tls",
                "none",
                "--host-path",
                "/srv",
                "--constraint",
                constraint,
            ]);
            assert_eq!(
                said.contains("must be one shared filesystem on all agents"),
                is_told,
                "{constraint}: {said}"
            );
        },
    );
    let args = ["registry", "app", "--tls", "trusted", "--host-path", "/mnt/images", "-o", "registry.json"];
    insta::assert_snapshot!(test.run(&args), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: images are called registry.marathon.l4lb.thisdcos.directory:5000/NAME:TAG
    note: the certificate must be for registry.marathon.l4lb.thisdcos.directory
    warning: /mnt/images must be one shared filesystem on all agents: otherwise a registry that starts on another agent has no images
    wrote registry.json
    ");
    let app: Json = serde_json::from_str(&test.read("registry.json")).expect("JSON");
    assert_eq!(app["container"]["volumes"][1]["hostPath"], "/mnt/images");
    assert!(test.run(&[&args[..7], &["missing/registry.json"]].concat()).starts_with("exit: 2"));
}

#[test]
fn a_file_with_a_secret_is_for_its_owner_alone() {
    let test = TestDir::new();
    let args = ["registry", "app", "--tls", "trusted", "--generate-http-secret", "-o", "registry.json"];
    let output = test.run(&args);
    assert!(
        output.contains("wrote registry.json, readable only for you: it contains what looks like a password"),
        "{output}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = test.path().join("registry.json").metadata().expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_examples_in_the_help_run() {
    let help = run(&["--help"]);
    let joined = help.replace("\\\n", " ");
    let commands: Vec<&str> =
        joined.lines().filter_map(|line| line.trim().strip_prefix("milepost ")).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    each_case(commands, |command| {
        let args: Vec<&str> = command.split_whitespace().collect();
        let output = TestDir::new().command(&args).output().expect("the program runs");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    });
}

/// Without TLS a name keeps its port: Docker tries 443 by https otherwise, and Mesos port 80.
#[test]
fn names_of_an_insecure_registry_keep_their_port() {
    let said = run(&["--tls", "none", "--vip", "/registry:443"]);
    assert!(said.contains("registry.marathon.l4lb.thisdcos.directory:443/NAME:TAG"), "{said}");
    assert!(said.contains("UCR (type MESOS and pods) speaks plain http to port 80 only"), "{said}");
    let by_80 = run(&["--tls", "none", "--vip", "/registry:80"]);
    assert!(by_80.contains("directory:80/NAME:TAG") && !by_80.contains("UCR"), "{by_80}");
    let secure = run(&["--tls", "trusted", "--vip", "/registry:443"]);
    assert!(secure.contains("registry.marathon.l4lb.thisdcos.directory/NAME:TAG"), "{secure}");
    // Clients speak TLS to Marathon-LB, so that nothing of this is theirs.
    let proxied = run(&["--tls", "none", "--marathon-lb", "reg.example.com"]);
    assert!(proxied.contains("images are called reg.example.com/NAME:TAG"), "{proxied}");
    assert!(proxied.contains("between Marathon-LB and the registry"), "{proxied}");
    assert!(!proxied.contains("insecure-registries") && !proxied.contains("UCR"), "{proxied}");
}

#[test]
fn environment_labels_and_constraints_are_added() {
    let args = [
        "--tls",
        "trusted",
        "--env",
        "REGISTRY_LOG_LEVEL=debug",
        "--env",
        "A=b=c",
        "--label",
        "team=infra",
        "--constraint",
        "hostname:UNIQUE",
        "--constraint",
        "rack:LIKE:r[12]:x",
    ];
    let said = run(&args);
    let text = said
        .split("----- stdout -----\n")
        .nth(1)
        .and_then(|rest| rest.split("----- stderr").next())
        .expect("there");
    let app: serde_json::Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(app["env"]["REGISTRY_LOG_LEVEL"], "debug");
    assert_eq!(app["env"]["A"], "b=c");
    assert_eq!(app["labels"]["team"], "infra");
    assert_eq!(app["constraints"], serde_json::json!([["hostname", "UNIQUE"], ["rack", "LIKE", "r[12]:x"]]));
    let twice = run(&["--tls", "trusted", "--env", "REGISTRY_HTTP_TLS_KEY=/k"]);
    assert!(twice.contains("another option sets this already"), "{twice}");
    each_case(
        [
            ("REGISTRY_AUTH", "--auth"),
            ("REGISTRY_HTTP_TLS_CERTIFICATE", "--tls"),
            ("REGISTRY_HTTP_TLS_KEY", "--tls"),
        ],
        |(name, option)| {
            let half = run(&["--tls", "none", "--env", &format!("{name}=htpasswd")]);
            assert!(half.starts_with("exit: 2\n"), "{half}");
            assert!(
                half.contains(&format!("--env {name}: use {option}, which sets all that goes with it")),
                "{half}"
            );
        },
    );
    each_case(["hostname", "hostname:", ":UNIQUE"], |wrong| {
        let said = run(&["--tls", "trusted", "--constraint", wrong]);
        assert!(said.starts_with("exit: 2\n"), "{wrong}: {said}");
    });
    let refused = run(&["--tls", "trusted", "--constraint", "hostname:ONCE"]);
    assert!(refused.starts_with("exit: 1\n"), "Marathon's own check: {refused}");
}
