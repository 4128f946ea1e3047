//! `milepost creds import`.

use super::{CONFIG, mode, run_with_stdin};
use crate::common::Scene;

/// A helper as Docker's are: `get` and `list`, the registry on standard input.
const HELPER: &str = r#"#!/bin/sh
read -r server
echo "$1 $server" >> "$HOME/asked"
case "$1 $server" in
  "list unused") echo '{"https://index.docker.io/v1/": "bar", "quay.io": "robot", "gone.example.com": "x"}' ;;
  "get https://index.docker.io/v1/") echo '{"ServerURL": "https://index.docker.io/v1/", "Username": "bar", "Secret": "letmein-please"}' ;;
  "get quay.io") echo '{"ServerURL": "quay.io", "Username": "<token>", "Secret": "letmein-please"}' ;;
  "get broken.example.com") echo '{"Username": "a", "Secret": "letmein-plea'; exit 0 ;;
  "get locked.example.com") echo 'User interaction is not allowed.'; exit 1 ;;
  "get chatty.example.com") echo '{"Secret": "letmein-please"}'; exit 1 ;;
  *) echo 'credentials not found in native keychain'; exit 1 ;;
esac
"#;

/// A scene with that helper and this config file.
fn scene(config: &str) -> Scene {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new().file(".docker/config.json", config).file("bin/docker-credential-fake", HELPER);
    let helper = scene.path().join("bin/docker-credential-fake");
    std::fs::set_permissions(helper, std::fs::Permissions::from_mode(0o755)).expect("mode set");
    scene
}

/// The program with that helper where PATH leads.
fn import(scene: &Scene, args: &[&str]) -> String {
    let mut command = scene.command(&[&["creds", "import"], args].concat());
    let path = format!("{}:/usr/bin:/bin", scene.path().join("bin").display());
    let output = command.env("HOME", scene.path()).env("PATH", path).output().expect("the program runs");
    scene.describe(&output)
}

#[test]
fn what_helpers_keep_is_asked_of_them() {
    let scene = scene(
        r#"{"auths": {"https://index.docker.io/v1/": {}, "own.example.com": {"auth": "Zm9vOmJhcg=="}}, "credsStore": "fake"}"#,
    );
    insta::assert_snapshot!(import(&scene, &["-o", "config.json"]), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    warning: [DIR]/.docker/config.json: left out: docker-credential-fake has no credentials for gone.example.com
    wrote config.json: credentials for docker.io, own.example.com, quay.io
    ");
    assert_eq!(mode(&scene, "config.json"), 0o600);
    insta::assert_snapshot!(scene.read("config.json"), @r#"
    {
      "auths": {
        "https://index.docker.io/v1/": {
          "auth": "YmFyOmxldG1laW4tcGxlYXNl"
        },
        "own.example.com": {
          "auth": "Zm9vOmJhcg=="
        },
        "quay.io": {
          "identitytoken": "letmein-please"
        }
      }
    }
    "#);
    insta::assert_snapshot!(import(&scene, &["--registry", "docker.io", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged config.json: credentials for docker.io
    ");
    let asked = scene.read("asked");
    let last: Vec<&str> = asked.lines().rev().take(2).collect();
    assert_eq!(last, ["get https://index.docker.io/v1/", "list unused"], "only what is wanted is asked for");
}

#[test]
fn failing_helpers_are_reported_without_secrets() {
    let with = |host: &str| scene(&format!(r#"{{"credHelpers": {{"{host}": "fake"}}}}"#));
    insta::assert_snapshot!(import(&with("locked.example.com"), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: docker-credential-fake says: User interaction is not allowed.
    ");
    insta::assert_snapshot!(import(&with("broken.example.com"), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: docker-credential-fake does not answer as credential helpers do
    ");
    insta::assert_snapshot!(import(&with("chatty.example.com"), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: docker-credential-fake says: something that is not shown, and fails
    ");
    insta::assert_snapshot!(import(&with("unknown.example.com"), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    warning: [DIR]/.docker/config.json: left out: docker-credential-fake has no credentials for unknown.example.com
    error: there is nothing to import from [DIR]/.docker/config.json
    ");
    insta::assert_snapshot!(import(&scene(r#"{"credsStore": "missing"}"#), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: cannot run docker-credential-missing: No such file or directory (os error 2); it has to be in a directory of PATH
    ");
    insta::assert_snapshot!(import(&scene(r#"{"credsStore": "../../evil"}"#), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: `../../evil` is not a name of a credential helper: use letters, digits, `-`, `_` and `.`
    ");
}

#[test]
fn podman_keeps_its_own_file() {
    let auth =
        r#"{"auths": {"quay.io/team": {"auth": "Zm9vOmJhcg=="}, "quay.io": {"auth": "YmFyOmZvbw=="}}}"#;
    let scene = Scene::new().file(".config/containers/auth.json", auth);
    insta::assert_snapshot!(import(&scene, &["--from", "podman"]), @r#"
    exit: 1
    ----- stdout -----
    {
      "auths": {
        "quay.io": {
          "auth": "YmFyOmZvbw=="
        }
      }
    }
    ----- stderr -----
    warning: [DIR]/.config/containers/auth.json: left out: `quay.io/team`: another key of the same registry has other credentials, which are used
    "#);
    insta::assert_snapshot!(import(&Scene::new(), &["--from", "podman"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no auth file of Podman found: name one
    ");
}

#[test]
fn kubernetes_wraps_a_config_file() {
    let yaml = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: regcred\ntype: kubernetes.io/dockerconfigjson\n\
                data:\n  .dockerconfigjson: eyJhdXRocyI6IHsicXVheS5pbyI6IHsidXNlcm5hbWUiOiAiZm9vIiwgInBhc3N3b3JkIjogImJhciJ9fX0=\n";
    let scene = Scene::new().file("secret.yaml", yaml);
    let expected = r#"{
  "auths": {
    "quay.io": {
      "auth": "Zm9vOmJhcg=="
    }
  }
}
"#;
    let out = |output: &str| output.split("----- stderr").next().expect("some").to_owned();
    let wanted = format!("exit: 0\n----- stdout -----\n{expected}");
    assert_eq!(out(&import(&scene, &["--from", "kubernetes", "secret.yaml"])), wanted);
    assert_eq!(out(&run_with_stdin(&scene, &["creds", "import", "--from", "kubernetes", "-"], yaml)), wanted);
    let list = r#"{"kind": "List", "items": [{"kind": "ConfigMap", "data": {}}, {"kind": "Secret",
        "type": "kubernetes.io/dockercfg", "data": {".dockercfg": "eyJxdWF5LmlvIjogeyJhdXRoIjogIlptOXZPbUpoY2c9PSJ9fQ=="}}]}"#;
    let scene = Scene::new()
        .file("list.json", list)
        .file("opaque.yaml", "kind: Secret\ndata:\n  password: bGV0bWVpbg==\n")
        .file("bad.yaml", "kind: Secret\ndata:\n  .dockerconfigjson: letmein\n")
        .file("broken.yaml", "kind: [\n");
    assert_eq!(out(&import(&scene, &["--from", "kubernetes", "list.json"])), wanted);
    insta::assert_snapshot!(import(&scene, &["--from", "kubernetes", "opaque.yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: opaque.yaml: this is not a Secret of type kubernetes.io/dockerconfigjson: it has neither `.dockerconfigjson` nor `.dockercfg` in `data`
    ");
    insta::assert_snapshot!(import(&scene, &["--from", "kubernetes", "bad.yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: bad.yaml: `.dockerconfigjson` is not base64 of a text
    ");
    insta::assert_snapshot!(import(&scene, &["--from", "kubernetes", "broken.yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: broken.yaml:1:7: this is not YAML
    ");
    insta::assert_snapshot!(import(&scene, &["--from", "kubernetes"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: name the manifest, or `-` for standard input
    ");
}

#[test]
fn what_is_there_stays() {
    let scene = Scene::new()
        .file("config.json", CONFIG)
        .file("more.json", r#"{"auths": {"quay.io": {"auth": "Zm9vOmJhcg=="}}}"#);
    insta::assert_snapshot!(import(&scene, &["more.json", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote config.json: credentials for quay.io
    ");
    insta::assert_snapshot!(scene.read("config.json"), @r#"
    {
      "auths": {
        "https://index.docker.io/v1/": { "auth": "YmFyOmxldG1laW4tcGxlYXNl" },
        "registry.example.com:5000": { "auth": "Zm9vOmxldG1laW4tcGxlYXNl" },
        "quay.io": {
          "auth": "Zm9vOmJhcg=="
        }
      },
      "detachKeys": "ctrl-x"
    }
    "#);
    insta::assert_snapshot!(import(&scene, &["more.json", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged config.json: credentials for quay.io
    ");
}
