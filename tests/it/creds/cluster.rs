//! `milepost creds cluster`, and what Mesos reads that Docker reads otherwise.

use super::{CONFIG, run};
use crate::common::TestDir;

#[test]
fn the_file_for_the_agents() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "--registry", "docker.io", "-o", "docker_credentials"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote docker_credentials; on every agent it is /etc/mesosphere/docker_credentials (root, 0600)
    agents read it when they start:
      sudo systemctl restart dcos-mesos-slave     # private agents
      sudo systemctl restart dcos-mesos-slave-public  # public agents
    ");
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "--check", "docker_credentials", "--registry", "quay.io"]), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    warning[foreign-registry]: there are credentials for docker.io, which are not needed here
      = help: everybody who reads the sandbox has them: `milepost creds archive` packs only what the service pulls
    error[missing-registry]: there are no usable credentials for quay.io
      = help: `milepost creds login quay.io -u USER --password-stdin` writes them
    ");
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "-o", "docker_credentials"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <--registry <HOST>|--for <FILE>...>

    Usage: milepost creds cluster --output <FILE> <--registry <HOST>|--for <FILE>...>

    For more information, try '--help'.
    ");
}

#[test]
fn a_check_tells_what_mesos_does_not_read() {
    let config = r#"{"auths": {"a.example.com": {"username": "foo", "password": "letmein-please"},
        "b.example.com": {"auth": "Zm9vOg==", "identitytoken": "letmein-please"}}}"#;
    let test = TestDir::new().file("blank", "{}\n").file("config", config).file("latin", b"{\"\xe4\": 1}");
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "--check", "blank"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    info[no-credentials]: the file is valid and has no credentials in it
      = help: `milepost creds cluster --registry HOST -o FILE` writes some
    fine: blank
    agents read it when they start:
      sudo systemctl restart dcos-mesos-slave     # private agents
      sudo systemctl restart dcos-mesos-slave-public  # public agents
    ");
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "--check", "config"]), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[no-auth]: `a.example.com` has `username` and `password`, and Mesos reads `auth` only
      = help: `milepost creds login` writes it again
    error[token-for-mesos]: `b.example.com` has an identity token, and Mesos reads a password in `auth` only
      = help: use a password, or an access token in place of one
    ");
    insta::assert_snapshot!(run(&test, &["creds", "cluster", "--check", "latin"]), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[bad-config]: this is not UTF-8 text: the agent service does not start with it
      = help: `milepost creds cluster -o FILE` writes a valid one; a blank one is {}
    ");
}
