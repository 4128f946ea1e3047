//! `milepost creds import`.

use super::{CONFIG, run, run_with_stdin, shell};
use crate::agents::program;
use crate::common::{TestDir, each_case};

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

/// A test with that helper and this config file.
pub(super) fn test_dir(config: &str) -> TestDir {
    let test = TestDir::new().file(".docker/config.json", config);
    program(test, "docker-credential-fake", HELPER)
}

/// The program with that helper where PATH leads.
pub(super) fn import(test: &TestDir, args: &[&str]) -> String {
    let out: &[&str] = if args.contains(&"-o") { &[] } else { &["-o", "-"] };
    let mut command = test.command(&[&["creds", "import"], args, out].concat());
    let path = format!("{}:/usr/bin:/bin", test.path().join("bin").display());
    let output = command.env("HOME", test.path()).env("PATH", path).output().expect("the program runs");
    test.describe(&output)
}

#[test]
fn what_helpers_keep_is_asked_of_them() {
    let test = test_dir(
        r#"{"auths": {"https://index.docker.io/v1/": {}, "own.example.com": {"auth": "Zm9vOmJhcg=="}}, "credsStore": "fake"}"#,
    );
    insta::assert_snapshot!(import(&test, &["-o", "config.json"]), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    warning: [DIR]/.docker/config.json: left out: docker-credential-fake has no credentials for gone.example.com
    wrote config.json: credentials for docker.io, own.example.com, quay.io
    ");
    assert_eq!(test.mode("config.json"), 0o600);
    insta::assert_snapshot!(test.read("config.json"), @r#"
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
    insta::assert_snapshot!(import(&test, &["--registry", "docker.io", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged config.json: credentials for docker.io
    ");
    let asked = test.read("asked");
    let last: Vec<&str> = asked.lines().rev().take(2).collect();
    assert_eq!(last, ["get https://index.docker.io/v1/", "list unused"], "only what is wanted is asked for");
}

#[test]
fn failing_helpers_are_reported_without_secrets() {
    let with = |host: &str| test_dir(&format!(r#"{{"credHelpers": {{"{host}": "fake"}}}}"#));
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
    insta::assert_snapshot!(import(&test_dir(r#"{"credsStore": "missing"}"#), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: cannot run docker-credential-missing: No such file or directory (os error 2); it has to be in a directory of PATH
    ");
    insta::assert_snapshot!(import(&test_dir(r#"{"credsStore": "../../evil"}"#), &[]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot import [DIR]/.docker/config.json: `../../evil` is not a name of a credential helper: use letters, digits, `-`, `_` and `.`
    ");
}

/// What is wrong in an archive's config file is laid out as in a file of its own, without its values.
#[test]
fn a_place_in_an_archive_is_shown() {
    let config = "{\n  \"auths\": {\"r.example\": {\"auth\": \"dXNlcjpsZXRtZWlu\"}},\n}\n";
    let test = TestDir::new()
        .file(".docker/config.json", config)
        .file("x/y", "y")
        .file("app.json", r#"{"id": "/a", "container": {"docker": {"image": "r.example/a:1"}}}"#);
    shell(&test, "tar -czf docker.tar.gz .docker; tar -czf other.tar.gz x");
    let laid_out = "error: a comma with nothing after it
 --> docker.tar.gz: .docker/config.json:2:55
  |
2 |   \"auths\": {\"*.*******\": {\"****\": \"****************\"}},
  |                                                       ^

";
    for args in [
        &["creds", "import", "docker.tar.gz", "-o", "-"][..],
        &["creds", "check", "app.json", "--config", "docker.tar.gz"],
        &["creds", "check", "app.json", "--cluster", "docker.tar.gz"],
    ] {
        let said = test.run(args);
        assert!(said.starts_with("exit: 2\n") && said.contains(laid_out), "{args:?}: {said}");
        assert!(!said.contains("dXNl"), "{said}");
        let whole = args.iter().map(|arg| if *arg == "docker.tar.gz" { "other.tar.gz" } else { arg });
        let said = test.run(&whole.collect::<Vec<_>>());
        let why = "error: other.tar.gz: there is no .docker/config.json in it\n";
        assert!(said.starts_with("exit: 2\n") && said.ends_with(why), "{said}");
    }
}

#[test]
fn podman_keeps_its_own_file() {
    let auth =
        r#"{"auths": {"quay.io/team": {"auth": "Zm9vOmJhcg=="}, "quay.io": {"auth": "YmFyOmZvbw=="}}}"#;
    let test = TestDir::new().file(".config/containers/auth.json", auth);
    insta::assert_snapshot!(import(&test, &["--from", "podman"]), @r#"
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
    warning: [DIR]/.config/containers/auth.json: left out: `quay.io/team`: they are for parts of quay.io; name the images with --for
    "#);
    insta::assert_snapshot!(import(&TestDir::new(), &["--from", "podman"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: no auth file of Podman found: name one
    ");
}

/// Podman takes the entry of the longest key that an image begins with; agents have one for each registry.
#[test]
fn the_longest_of_podmans_keys_is_taken() {
    let auth = r#"{"auths": {"quay.io/team/web": {"auth": "d2ViOng="}, "quay.io/team": {"auth": "dGVhbTp4"},
        "quay.io": {"auth": "YWxsOng="}, "reg.example.com/a": {"auth": "YTp4"}}}"#;
    let app = |image: &str| format!(r#"{{"id": "/a", "container": {{"docker": {{"image": "{image}"}}}}}}"#);
    let user = |images: &[&str], more: &[&str]| {
        let mut test = TestDir::new().file("auth.json", auth);
        let mut args = vec!["--from", "podman", "auth.json"];
        let names: Vec<String> = (0..images.len()).map(|index| format!("{index}.json")).collect();
        for (name, image) in names.iter().zip(images) {
            test = test.file(name, app(image));
            args.extend(["--for", name]);
        }
        args.extend(more);
        import(&test, &args)
    };
    each_case(
        [
            ("quay.io/team/web:1", "d2ViOng="),
            ("quay.io/team/webshop:1", "dGVhbTp4"),
            ("quay.io/other:1", "YWxsOng="),
            ("reg.example.com/a/b:1", "YTp4"),
        ],
        |(image, auth)| {
            let said = user(&[image], &[]);
            assert!(said.starts_with("exit: 0\n") && said.contains(auth), "{image}: {said}");
            assert_eq!(said.matches("\"auth\"").count(), 1, "{said}");
        },
    );
    let both = user(&["quay.io/team/web:1", "quay.io/other:1"], &[]);
    assert!(both.starts_with("exit: 1\n") && both.contains("need several of them"), "{both}");
    let only = user(&[], &["--registry", "reg.example.com"]);
    assert!(only.contains("YTp4"), "the only one there is: {only}");
    let part = user(&[], &["--registry", "quay.io/team"]);
    assert!(part.starts_with("exit: 0\n") && part.contains("dGVhbTp4"), "{part}");
}

/// Docker's client keeps its own tokens of a login in the browser beside the credentials.
#[test]
fn dockers_own_tokens_are_no_credentials() {
    let helper = r#"#!/bin/sh
read -r server
case "$1 $server" in
  list*) echo '{"https://index.docker.io/v1/": "me", "https://index.docker.io/v1/access-token": "me", "https://index.docker.io/v1/refresh-token": "me"}' ;;
  *token) echo '{"Username": "me", "Secret": "REFRESH"}' ;;
  *) echo '{"Username": "me", "Secret": "the-password"}' ;;
esac
"#;
    let config = r#"{"auths": {"https://index.docker.io/v1/": {}, "https://index.docker.io/v1/access-token": {},
        "https://index.docker.io/v1/refresh-token": {}}, "credsStore": "fake"}"#;
    let test = test_dir(config);
    std::fs::write(test.path().join("bin/docker-credential-fake"), helper).expect("written");
    let said = import(&test, &["--registry", "docker.io"]);
    // me:the-password
    assert!(said.starts_with("exit: 0\n") && said.contains("bWU6dGhlLXBhc3N3b3Jk"), "{said}");
    assert!(said.ends_with("----- stderr -----\n"), "{said}");
}

#[test]
fn a_registry_that_is_asked_for_and_not_there_is_an_error() {
    let test = TestDir::new().file("config.json", CONFIG);
    insta::assert_snapshot!(import(&test, &["config.json", "--registry", "docker.io", "--registry", "quay.io", "-o", "out.json"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: config.json: there are no usable credentials for quay.io; nothing was written
    ");
    assert!(!test.path().join("out.json").exists());
}

#[test]
fn a_part_of_a_registry_is_told_from_the_whole() {
    let test = TestDir::new().file(
        "auth.json",
        r#"{"auths": {"reg.example.com": {"auth": "YTpi"}, "reg.example.com/team": {"auth": "dGVhbTp4"},
            "whole.example.com": {"auth": "YTpi"}}}"#,
    );
    let part = |from: &str, name: &str| {
        import(&test, &["auth.json", "--from", from, "--registry", name, "-o", "out.json"])
    };
    insta::assert_snapshot!(part("podman", "reg.example.com/team/sub/x"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: auth.json: the credentials for reg.example.com/team/sub/x are those under `reg.example.com/team`; agents use them for all of reg.example.com
    wrote out.json: credentials for reg.example.com
    ");
    assert!(test.read("out.json").contains("dGVhbTp4"), "the longest key");
    insta::assert_snapshot!(part("podman", "reg.example.com/teamx"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: auth.json: the credentials for reg.example.com/teamx are those under `reg.example.com`; agents use them for all of reg.example.com
    wrote out.json: credentials for reg.example.com
    ");
    assert!(test.read("out.json").contains("YTpi"), "no part of it");
    insta::assert_snapshot!(part("podman", "whole.example.com/a"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: auth.json: the credentials for whole.example.com/a are those under `whole.example.com`; agents use them for all of whole.example.com
    wrote out.json: credentials for whole.example.com
    ");
    let whole = part("podman", "whole.example.com");
    assert!(!whole.contains("note"), "{whole}");
    let test = test.file("config.json", r#"{"auths": {"whole.example.com": {"auth": "YTpi"}}}"#);
    insta::assert_snapshot!(import(&test, &["config.json", "--registry", "whole.example.com/a", "-o", "new.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: --registry whole.example.com/a: a config file of Docker has no credentials for a part of a registry; those of whole.example.com are taken
    wrote new.json: credentials for whole.example.com
    ");
    insta::assert_snapshot!(test.run(
        &["creds", "archive", "--config", "config.json", "--registry", "whole.example.com/a", "-o", "docker.tar.gz"],
    ), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: --registry whole.example.com/a: a config file of Docker has no credentials for a part of a registry; those of whole.example.com are taken
    wrote docker.tar.gz: credentials for whole.example.com
    ");
}

/// A file keeps its form, whatever its entries have in them.
#[test]
fn a_dockercfg_with_an_identity_token_keeps_its_form() {
    let old =
        r#"{"r.example.com": {"auth": "dTpw"}, "id.example:5000": {"identitytoken": "tok", "email": ""}}"#;
    let test = TestDir::new()
        .file(".dockercfg", old)
        .file("more.json", r#"{"auths": {"quay.io": {"auth": "Zm9vOmJhcg=="}}}"#);
    each_case([".dockercfg", "more.json", ".dockercfg"], |source| {
        let said = import(&test, &[source, "-o", ".dockercfg"]);
        assert!(said.starts_with("exit: 0\n"), "{said}");
    });
    let text = test.read(".dockercfg");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(json.get("auths").is_none(), "{text}");
    assert_eq!(json["id.example:5000"]["identitytoken"], "tok");
    assert_eq!(json["quay.io"]["auth"], "Zm9vOmJhcg==");
}

#[test]
fn manifests_have_several_documents() {
    let secret = |name: &str, host: &str| {
        format!(
            "kind: Secret\nmetadata: {{name: {name}}}\nstringData:\n  .dockerconfigjson: '{{\"auths\": {{\"{host}\": {{\"auth\": \"YTpi\"}}}}}}'\n"
        )
    };
    let two = format!(
        "# first\n---\nkind: ConfigMap\ndata: {{}}\n---\n{}--- # third\n{}...\n",
        secret("a", "one.example"),
        secret("b", "two.example")
    );
    let test = TestDir::new()
        .file("all.yaml", &two)
        .file("none.yaml", "kind: A\n---\nkind: B\n")
        .file("bad.yaml", "kind: A\n---\nkind: [\n");
    let said = import(&test, &["--from", "kubernetes", "all.yaml"]);
    assert!(
        said.starts_with("exit: 0\n") && said.contains("one.example") && said.contains("two.example"),
        "{said}"
    );
    let said = import(&test, &["--from", "kubernetes", "none.yaml"]);
    assert!(said.contains("none.yaml: this is not a Secret of type kubernetes.io/dockerconfigjson: there is none among its objects"), "{said}");
    let said = import(&test, &["--from", "kubernetes", "bad.yaml"]);
    assert!(said.contains("bad.yaml:3:"), "{said}");
}

#[test]
fn kubernetes_wraps_a_config_file() {
    let yaml = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: regcred\ntype: kubernetes.io/dockerconfigjson\n\
                data:\n  .dockerconfigjson: eyJhdXRocyI6IHsicXVheS5pbyI6IHsidXNlcm5hbWUiOiAiZm9vIiwgInBhc3N3b3JkIjogImJhciJ9fX0=\n";
    let test = TestDir::new().file("secret.yaml", yaml);
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
    assert_eq!(out(&import(&test, &["--from", "kubernetes", "secret.yaml"])), wanted);
    assert_eq!(
        out(&run_with_stdin(&test, &["creds", "import", "--from", "kubernetes", "-", "-o", "-"], yaml)),
        wanted
    );
    let list = r#"{"kind": "List", "items": [{"kind": "ConfigMap", "data": {}}, {"kind": "Secret",
        "type": "kubernetes.io/dockercfg", "data": {".dockercfg": "eyJxdWF5LmlvIjogeyJhdXRoIjogIlptOXZPbUpoY2c9PSJ9fQ=="}}]}"#;
    let test = TestDir::new()
        .file("list.json", list)
        .file("opaque.yaml", "kind: Secret\ndata:\n  password: bGV0bWVpbg==\n")
        .file("bad.yaml", "kind: Secret\ndata:\n  .dockerconfigjson: letmein\n")
        .file("broken.yaml", "kind: [\n");
    assert_eq!(out(&import(&test, &["--from", "kubernetes", "list.json"])), wanted);
    insta::assert_snapshot!(import(&test, &["--from", "kubernetes", "opaque.yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: opaque.yaml: this is not a Secret of type kubernetes.io/dockerconfigjson: it has neither `.dockerconfigjson` nor `.dockercfg` in `data`
    ");
    insta::assert_snapshot!(import(&test, &["--from", "kubernetes", "bad.yaml"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: bad.yaml: `.dockerconfigjson` is not base64 of a text
    ");
    insta::assert_snapshot!(
        "a_manifest_that_is_no_yaml_is_shown",
        import(&test, &["--from", "kubernetes", "broken.yaml"])
    );
    insta::assert_snapshot!(import(&test, &["--from", "kubernetes"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: name the manifest, or `-` for standard input
    ");
}

#[test]
fn what_is_there_stays() {
    let test = TestDir::new()
        .file("config.json", CONFIG)
        .file("more.json", r#"{"auths": {"quay.io": {"auth": "Zm9vOmJhcg=="}}}"#);
    insta::assert_snapshot!(import(&test, &["more.json", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote config.json: credentials for quay.io
    ");
    insta::assert_snapshot!(test.read("config.json"), @r#"
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
    insta::assert_snapshot!(import(&test, &["more.json", "-o", "config.json"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged config.json: credentials for quay.io
    ");
}

/// An archive that agents unpack is taken as the config file in it.
#[test]
fn archives_are_imported() {
    if !crate::creds::has_packers() {
        return;
    }
    let test = TestDir::new().file(".docker/config.json", CONFIG).file("x", "x");
    shell(
        &test,
        "tar -cf a.tar .docker; tar -czf a.tgz .docker; tar -cjf a.tar.bz2 .docker; tar -cJf a.tar.xz .docker; zip -qr a.zip .docker; tar -czf no.tgz x",
    );
    each_case(["a.tar", "a.tgz", "a.tar.bz2", "a.tar.xz", "a.zip"], |name| {
        let said = run(&test, &["creds", "import", name, "-o", "out.json"]);
        assert!(said.starts_with("exit: 0\n"), "{name}: {said}");
        let shown = run(&test, &["creds", "show", "--config", "out.json"]);
        assert!(
            shown.contains("registry.example.com:5000") && shown.contains("docker.io"),
            "{name}: {shown}"
        );
        std::fs::remove_file(test.path().join("out.json")).expect("it was written");
    });
    let said = run(&test, &["creds", "import", "no.tgz", "-o", "out.json"]);
    assert!(
        said.starts_with("exit: 2\n")
            && said.contains("error: no.tgz: there is no .docker/config.json in it"),
        "{said}"
    );
    assert!(!test.path().join("out.json").exists());
}

/// What is wrong with others is of no interest to whoever asks for one registry.
#[test]
fn only_what_is_asked_for_is_told() {
    let config = r#"{"auths": {"good.example.com": {"auth": "Zm9vOmJhcg=="}, "bad.example.com": {"auth": "!!"},
        "empty.example.com": {}, "https://twice.example.com": {"auth": "Zm9vOmJhcg=="}, "twice.example.com": {"auth": "YTpi"}}}"#;
    let test = TestDir::new().file("one.json", config);
    let said = import(&test, &["one.json", "--registry", "good.example.com", "-o", "out.json"]);
    assert!(said.starts_with("exit: 0") && !said.contains("warning"), "{said}");
    let said = import(&test, &["one.json", "-o", "all.json"]);
    assert!(said.starts_with("exit: 1") && said.contains("bad.example.com"), "{said}");
    let said = import(&test, &["one.json", "--registry", "bad.example.com", "-o", "bad.json"]);
    assert!(said.contains("bad.example.com") && !said.starts_with("exit: 0"), "{said}");
}
