//! Tests of `milepost registry`.

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
fn s3_with_credentials_from_the_secret_store() {
    insta::assert_snapshot!(run(&[
        "--tls", "trusted", "--vip", "/registry:443", "--marathon-lb", "registry.example.com", "--instances", "2",
        "--storage", "s3", "--storage-option", "region=eu-central-1", "--storage-option", "bucket=images",
        "--storage-secret", "accesskey=registry/s3/accesskey", "--storage-secret", "secretkey=registry/s3/secretkey",
        "--http-secret-from", "registry/http-secret",
    ]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/registry",
      "cpus": 0.5,
      "mem": 128,
      "instances": 2,
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
              "VIP_0": "/registry:443"
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
        "REGISTRY_HTTP_TLS_KEY": "/certs/domain.key",
        "REGISTRY_HTTP_SECRET": {
          "secret": "http-secret"
        },
        "REGISTRY_STORAGE": "s3",
        "REGISTRY_STORAGE_S3_REGION": "eu-central-1",
        "REGISTRY_STORAGE_S3_BUCKET": "images",
        "REGISTRY_STORAGE_S3_ACCESSKEY": {
          "secret": "storage-accesskey"
        },
        "REGISTRY_STORAGE_S3_SECRETKEY": {
          "secret": "storage-secretkey"
        }
      },
      "secrets": {
        "http-secret": {
          "source": "registry/http-secret"
        },
        "storage-accesskey": {
          "source": "registry/s3/accesskey"
        },
        "storage-secretkey": {
          "source": "registry/s3/secretkey"
        }
      },
      "labels": {
        "HAPROXY_GROUP": "external",
        "HAPROXY_0_VHOST": "registry.example.com",
        "HAPROXY_0_BACKEND_SERVER_OPTIONS": "  server {serverName} {host_ipv4}:{port}{cookieOptions}{healthCheckOptions}{otherOptions} ssl verify none\n"
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
    note: images are called registry.marathon.l4lb.thisdcos.directory/NAME:TAG or registry.example.com/NAME:TAG
    note: the certificate must be for registry.marathon.l4lb.thisdcos.directory
    note: Marathon-LB answers for registry.example.com with its own certificate, not with the registry's
    "#);
}

#[test]
fn a_persistent_volume_on_the_universal_container_runtime() {
    insta::assert_snapshot!(run(&[
        "--id", "/infra/registry", "--tls", "none", "--mesos-dns", "--containerizer", "mesos", "--volume-size", "1024",
        "--cpus", "1", "--mem", "256.5", "--image", "registry.example.com/mirror/registry", "--tag", "2.8.3",
    ]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/infra/registry",
      "cpus": 1,
      "mem": 256.5,
      "instances": 1,
      "container": {
        "type": "MESOS",
        "volumes": [
          {
            "containerPath": "registry-data",
            "mode": "RW",
            "persistent": {
              "type": "root",
              "size": 1024
            }
          }
        ],
        "docker": {
          "image": "registry.example.com/mirror/registry:2.8.3"
        },
        "portMappings": [
          {
            "containerPort": 5000,
            "hostPort": 5000,
            "protocol": "tcp",
            "name": "registry"
          }
        ]
      },
      "networks": [
        {
          "mode": "container/bridge"
        }
      ],
      "env": {
        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/mnt/mesos/sandbox/registry-data"
      },
      "healthChecks": [
        {
          "protocol": "MESOS_HTTP",
          "path": "/v2/",
          "portIndex": 0,
          "gracePeriodSeconds": 60,
          "intervalSeconds": 30,
          "timeoutSeconds": 10,
          "maxConsecutiveFailures": 3
        }
      ],
      "upgradeStrategy": {
        "minimumHealthCapacity": 0,
        "maximumOverCapacity": 0
      },
      "unreachableStrategy": "disabled",
      "taskKillGracePeriodSeconds": 30
    }
    ----- stderr -----
    note: images are called registry-infra.marathon.mesos:5000/NAME:TAG
    warning: without TLS anybody on the network path can read and replace images, and Docker refuses the registry at registry-infra.marathon.mesos:5000 unless every daemon, including those in containers, lists it in insecure-registries
    warning: UCR (type MESOS and pods) speaks plain http to port 80 only, so it cannot pull from registry-infra.marathon.mesos:5000: give the registry TLS, or pull with the Docker Engine
    note: a persistent volume ties the registry to one agent, and needs a Marathon with a role of its own (DC/OS has one; plain Marathon needs --mesos_role)
    "#);
}

#[test]
fn a_key_for_google_is_a_file() {
    let args = [
        "--tls",
        "trusted",
        "--storage",
        "gcs",
        "--storage-option",
        "bucket=images",
        "--storage-secret",
        "keyfile=registry/gcs",
    ];
    insta::assert_snapshot!(run(&args), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the Docker Engine gets no secret as a file: use --containerizer mesos, or give the key's path on the agents with --storage-option keyfile=/PATH
    ");
    let app = definition(&[&args[..], &["--containerizer", "mesos"]].concat());
    assert_eq!(app["env"]["REGISTRY_STORAGE_GCS_KEYFILE"], "/mnt/mesos/sandbox/gcs-keyfile.json");
    assert_eq!(app["container"]["volumes"][1]["secret"], "storage-keyfile");
}

#[test]
fn the_http_secret_comes_from_where_it_is_safe() {
    let test = TestDir::new().file("secret", "from-file\n").file("empty", "\n");
    let args = ["registry", "app", "--tls", "trusted", "--storage", "gcs", "--storage-option", "bucket=b"];
    let secret = |more: &[&str], variable: &str| -> Json {
        let mut command = test.command(&[&args, more].concat());
        let output = command.env("MILEPOST_HTTP_SECRET", variable).output().expect("the program runs");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("from-"));
        serde_json::from_slice::<Json>(&output.stdout).expect("JSON")["env"]["REGISTRY_HTTP_SECRET"].clone()
    };
    assert_eq!(secret(&["--http-secret-file", "secret"], "from-variable"), "from-file");
    assert_eq!(secret(&[], "from-variable"), "from-variable");
    assert_eq!(secret(&["--http-secret-from", "r/http"], "from-variable")["secret"], "http-secret");
    let generated = secret(&["--generate-http-secret"], "from-variable");
    let generated = generated.as_str().expect("a string");
    assert!(generated.len() == 64 && generated.chars().all(|c| c.is_ascii_hexdigit()), "{generated}");
    insta::assert_snapshot!(test.run(&[&args[..], &["--http-secret-file", "empty"]].concat()), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the http secret is empty
    ");
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
    for (name, option) in [
        ("REGISTRY_AUTH", "--auth"),
        ("REGISTRY_HTTP_TLS_CERTIFICATE", "--tls"),
        ("REGISTRY_HTTP_TLS_KEY", "--tls"),
    ] {
        let half = run(&["--tls", "none", "--env", &format!("{name}=htpasswd")]);
        assert!(half.starts_with("exit: 2\n"), "{half}");
        assert!(
            half.contains(&format!("--env {name}: use {option}, which sets all that goes with it")),
            "{half}"
        );
    }
    for wrong in ["hostname", "hostname:", ":UNIQUE"] {
        let said = run(&["--tls", "trusted", "--constraint", wrong]);
        assert!(said.starts_with("exit: 2\n"), "{wrong}: {said}");
    }
    let refused = run(&["--tls", "trusted", "--constraint", "hostname:ONCE"]);
    assert!(refused.starts_with("exit: 1\n"), "Marathon's own check: {refused}");
}
