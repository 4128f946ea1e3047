//! Where images are kept.

use serde_json::Value as Json;

use super::{definition, run};
use crate::common::TestDir;

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
