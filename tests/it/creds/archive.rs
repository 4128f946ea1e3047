//! `milepost creds archive`.

use super::{CONFIG, WEB, milepost, run, shell};
use crate::common::{TestDir, each_case, has_script};

const FOR_WEB: [&str; 6] = ["creds", "archive", "--for", "web.json", "-o", "docker.tar.gz"];

fn test_dir() -> TestDir {
    TestDir::new().file(".docker/config.json", CONFIG).file("web.json", WEB)
}

#[test]
fn gnu_tar_unpacks_what_docker_reads() {
    let test = test_dir();
    insta::assert_snapshot!(run(&test, &FOR_WEB), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote docker.tar.gz: credentials for registry.example.com:5000
    ");
    assert_eq!(test.mode("docker.tar.gz"), 0o600);
    shell(&test, "mkdir sandbox && cd sandbox && umask 022 && tar -xpzf ../docker.tar.gz");
    assert_eq!((test.mode("sandbox/.docker"), test.mode("sandbox/.docker/config.json")), (0o700, 0o600));
    // Docker Hub's is not in it, nor is what else was in the file.
    insta::assert_snapshot!(test.read("sandbox/.docker/config.json"), @r#"
    {
      "auths": {
        "registry.example.com:5000": {
          "auth": "Zm9vOmxldG1laW4tcGxlYXNl"
        }
      }
    }
    "#);
}

#[test]
fn the_same_credentials_give_the_same_bytes() {
    let bytes = |test: TestDir, output: &str| {
        let args = [
            "creds",
            "archive",
            "--registry",
            "registry.example.com:5000",
            "--registry",
            "docker.io",
            "-o",
            output,
        ];
        assert!(milepost(&test, &args, "").status.success());
        std::fs::read(test.path().join(output)).expect("written")
    };
    let turned = r#"{"auths": {"https://registry.example.com:5000/v1/": {"auth": "Zm9vOmxldG1laW4tcGxlYXNl"},
        "https://index.docker.io/v1/": {"username": "bar", "password": "letmein-please"}}}"#;
    let one = bytes(test_dir(), "docker.tar.gz");
    assert_eq!(one, bytes(TestDir::new().file(".docker/config.json", turned), "other.tar.gz"));
    // gzip's own header: no flags, no time, no system.
    assert_eq!(one[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);
}

#[test]
fn everybody_may_read_it_where_that_is_asked_for() {
    let test = test_dir();
    let args = [&FOR_WEB[..], &["--mode", "0644"]].concat();
    assert!(milepost(&test, &args, "").status.success());
    insta::assert_snapshot!(run(&test, &["creds", "verify", "docker.tar.gz"]), @r"
    exit: 0
    ----- stdout -----
    drwxr-xr-x root/root         0 1970-01-01 00:00 .docker/
    -rw-r--r-- root/root       103 1970-01-01 00:00 .docker/config.json
    ----- stderr -----
    info[readable-by-all]: .docker/config.json has mode 0644: every user on an agent can read the credentials
      = help: 0600 is enough unless Mesos runs Docker as another user than it unpacks as
    fine: registry.example.com:5000 (user foo, password)
    ");
}

#[test]
fn what_is_missing_is_reported() {
    let group = r#"{"id": "/shop", "apps": [
        {"id": "web", "container": {"docker": {"image": "registry.example.com:5000/web"}}},
        {"id": "db", "container": {"docker": {"image": "registry.example.com/db"}}},
        {"id": "job", "container": {"docker": {"image": "{{ registry }}/job"}}}]}"#;
    let test = test_dir().file("group.json", group).file("none.json", r#"{"id": "/none", "cmd": "sleep 1"}"#);
    insta::assert_snapshot!(run(&test, &["creds", "archive", "--for", "group.json", "-o", "docker.tar.gz"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: group.json: left out: app "job" is a template: nothing has filled in `{{ registry }}`; render it before Marathon sees it: `milepost render` takes Jinja's form, `{{ name }}`
    note: group.json: registry.example.com/db is pulled without credentials: [DIR]/.docker/config.json has none for registry.example.com; it has some for docker.io, registry.example.com:5000
    wrote docker.tar.gz: credentials for registry.example.com:5000
    "#);
    insta::assert_snapshot!(run(&test, &["creds", "archive", "--registry", "quay.io", "-o", "q.tar.gz"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: [DIR]/.docker/config.json: no credentials for quay.io; it has some for docker.io, registry.example.com:5000
    ");
    insta::assert_snapshot!(run(&test, &["creds", "archive", "--for", "none.json", "-o", "q.tar.gz"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no image in none.json
    ");
    let kept =
        TestDir::new().file(".docker/config.json", r#"{"auths": {"quay.io": {}}, "credsStore": "desktop"}"#);
    insta::assert_snapshot!(run(&kept, &["creds", "archive", "--registry", "quay.io", "-o", "q.tar.gz"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: [DIR]/.docker/config.json: no credentials for quay.io; docker-credential-desktop keeps them: `milepost creds import` gets them from the helper
    ");
    assert!(!test.path().join("q.tar.gz").exists() && !kept.path().join("q.tar.gz").exists());
}

#[test]
fn a_registry_is_never_quoted_with_a_password() {
    let args = ["creds", "archive", "--registry", "foo:letmein-please@quay.io", "-o", "q.tar.gz"];
    insta::assert_snapshot!(run(&test_dir(), &args), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: `***@quay.io` does not name a registry: it has a user name, perhaps with a password; leave out what is before the @
    ");
}

#[test]
fn a_full_disk_leaves_the_old_archive() {
    let test = test_dir().file("docker.tar.gz", "old");
    let program = env!("CARGO_BIN_EXE_milepost");
    let script = format!(
        "trap '' XFSZ; ulimit -f 0; HOME=$PWD {program} {} 2>&1 || echo exit $?; ls",
        FOR_WEB.join(" ")
    );
    assert_eq!(
        shell(&test, &script),
        "error: cannot write docker.tar.gz: File too large (os error 27)\nexit 2\ndocker.tar.gz\nweb.json\n"
    );
    assert_eq!(test.read("docker.tar.gz"), "old");
}

#[test]
fn credentials_are_not_shown_on_a_terminal() {
    let test = test_dir();
    if !has_script() {
        return;
    }
    for what in
        ["archive --for web.json", "secret x --for web.json", "import", "cluster --registry docker.io"]
    {
        let program = env!("CARGO_BIN_EXE_milepost");
        let line = format!("HOME=$PWD script -qec '{program} creds {what}' /dev/null </dev/null || true");
        let shown = shell(&test, &line);
        assert!(
            shown.contains("credentials are not shown on a terminal: write them to a file with -o FILE"),
            "{shown}"
        );
        assert!(!shown.contains("auths"), "{shown}");
    }
}

#[test]
fn what_will_not_work_is_reported_when_packing() {
    // echo foo:letmein-please | base64
    let config = r#"{"auths": {"registry.example.com:5000": {"auth": "Zm9vOmxldG1laW4tcGxlYXNlCg=="}}}"#;
    let test = TestDir::new().file(".docker/config.json", config).file("web.json", WEB);
    insta::assert_snapshot!(run(&test, &FOR_WEB), @r"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[line-break-in-password]: the password for `registry.example.com:5000` ends in a line break
      = help: `echo` adds one unless it is `echo -n`; `milepost creds login` writes it again
    wrote docker.tar.gz: credentials for registry.example.com:5000
    ");
}

#[test]
fn a_dash_is_standard_output() {
    let test = test_dir();
    let args = ["creds", "archive", "--for", "web.json", "-o"];
    let to_stdout = milepost(&test, &[&args[..], &["-"]].concat(), "");
    assert!(to_stdout.status.success() && to_stdout.stderr.is_empty());
    assert!(milepost(&test, &FOR_WEB, "").status.success());
    assert_eq!(to_stdout.stdout, std::fs::read(test.path().join("docker.tar.gz")).expect("written"));
    assert!(!test.path().join("-").exists());
}

/// The log of a CI job is a pipe that nobody asked for.
#[test]
fn credentials_go_to_no_pipe_that_is_not_asked_for() {
    let test = test_dir();
    let commands =
        ["archive --for web.json", "secret x --for web.json", "cluster --registry docker.io", "import"];
    for command in commands {
        let args: Vec<&str> = ["creds"].into_iter().chain(command.split(' ')).collect();
        let refused = run(&test, &args);
        assert!(
            refused.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"),
            "{command}: {refused}"
        );
        assert!(
            refused.contains("may end in the log of a CI job") && refused.contains("-o -"),
            "{command}: {refused}"
        );
        let piped = milepost(&test, &[&args[..], &["-o", "-"]].concat(), "");
        assert!(piped.status.success() && !piped.stdout.is_empty(), "{command}");
        let program = env!("CARGO_BIN_EXE_milepost");
        shell(&test, &format!("HOME=$PWD {program} creds {command} >out"));
        assert_eq!(std::fs::read(test.path().join("out")).expect("written"), piped.stdout, "{command}");
    }
}

/// A path of a secret is never resolved by anybody on the way.
#[test]
fn paths_of_secrets_have_no_dots() {
    let test = test_dir().file("ucr.json", WEB.replace("DOCKER", "MESOS"));
    each_case(["a/../x", "../x", "a/./x", ".."], |path| {
        for args in [
            &["creds", "secret", path, "--registry", "docker.io", "-o", "-"][..],
            &["creds", "secret", path],
            &["wire", "ucr.json", "--secret", path],
        ] {
            let said = run(&test, args);
            assert!(
                said.starts_with("exit: 2\n") && said.contains("has a part `.` or `..`"),
                "{args:?}: {said}"
            );
        }
    });
}

/// Agents unpack by the end of the name, whatever is in the file.
#[test]
fn a_name_that_agents_do_not_unpack_is_warned_of() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    each_case(
        [
            ("docker.tar.gz", true),
            ("a.tgz", true),
            ("docker.zip", false),
            ("docker.tar.xz", false),
            ("docker.TGZ", false),
            ("docker", false),
        ],
        |(name, is_fine)| {
            let said = run(&test, &["creds", "archive", "--registry", "docker.io", "-o", name]);
            let warning = format!("warning: {name}: this is a tar file packed with gzip");
            assert!(said.starts_with("exit: 0\n") && said.contains(&warning) != is_fine, "{name}: {said}");
        },
    );
}

/// The archive has the credentials of the definitions that count and no others: everybody who reads the sandbox has them.
#[test]
fn definitions_that_the_settings_exclude_bring_no_credentials() {
    let old = WEB.replace("registry.example.com:5000/", "docker.io/");
    let test = TestDir::new()
        .file(".docker/config.json", CONFIG)
        .file("shop/milepost.toml", "exclude = [\"old/**\"]\n")
        .file("shop/web.json", WEB)
        .file("shop/old/web.json", old);
    let said = run(&test, &["creds", "archive", "--for", "shop", "-o", "docker.tar.gz"]);
    assert!(said.ends_with("wrote docker.tar.gz: credentials for registry.example.com:5000\n"), "{said}");
    let said = run(&test, &["creds", "archive", "--for", "shop/old", "-o", "old.tar.gz"]);
    assert!(said.starts_with("exit: 2\n"), "{said}");
}
