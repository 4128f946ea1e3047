//! Every command that checks definitions has the verdict of `lint`.

use crate::common::TestDir;

/// Refused where secrets are off.
const SECRET: &str = r#"{
  "id": "/top/web",
  "container": {"type": "DOCKER", "docker": {"image": "registry.example.com/web:1"}},
  "env": {"KEY": {"secret": "key"}},
  "secrets": {"key": {"source": "top/key"}}
}"#;

/// Refused where Marathon has another role.
const RESERVED: &str = r#"{
  "id": "/top/web",
  "container": {"type": "DOCKER", "docker": {"image": "registry.example.com/web:1"}},
  "acceptedResourceRoles": ["prod"]
}"#;

const POD: &str = r#"{
  "id": "/top/pod",
  "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32}, "exec": {"command": {"shell": "sleep 9"}}}],
  "secrets": {"key": {"source": "top/key"}},
  "environment": {"KEY": {"secret": "key"}}
}"#;

/// The commands, and their exit codes for what the target refuses.
const COMMANDS: &[(&[&str], i32)] = &[
    (&["normalize", "a.json"], 1),
    (&["migrate", "a.json"], 1),
    (&["migrate", "a.json", "--diff"], 1),
    (&["render", "a.json.j2"], 1),
    (&["wire", "a.json", "--archive", "file:///etc/docker.tar.gz"], 1),
    (&["export", "--from", "a.json"], 1),
    (&["diff", "a.json", "a.json"], 2),
];

#[cfg(feature = "net")]
const SEND: &[&str] = &["app", "add", "a.json", "--url"];

fn exit(test: &TestDir, args: &[&str]) -> Option<i32> {
    test.command(args).output().expect("the program runs").status.code()
}

fn test_dir(toml: Option<&str>, definition: &str) -> TestDir {
    let test = TestDir::new().file("a.json", definition).file("a.json.j2", definition);
    match toml {
        Some(toml) => test.file("milepost.toml", toml),
        None => test,
    }
}

/// Whether `lint` accepts the definition, and the commands that do not agree.
fn disagreeing(test: &TestDir, more: &[&str]) -> (bool, Vec<String>) {
    let accepted = match exit(test, &[&["lint", "a.json"], more].concat()) {
        Some(0) => true,
        Some(1) => false,
        other => panic!("lint {more:?}: {other:?}"),
    };
    let mut disagreeing = Vec::new();
    let mut compare = |args: &[&str], refused: i32| {
        let args = [args, more].concat();
        let code = exit(test, &args);
        if code != Some(if accepted { 0 } else { refused }) {
            disagreeing.push(format!("{args:?}: {code:?}"));
        }
    };
    for (args, refused) in COMMANDS {
        compare(args, *refused);
    }
    #[cfg(feature = "net")]
    {
        let server = crate::send::Server::start(crate::send::accepted());
        let url = server.url();
        compare(&[SEND, &[url.as_str()]].concat(), 1);
    }
    (accepted, disagreeing)
}

#[test]
fn has_the_verdict_of_lint() {
    let mut failures = Vec::new();
    for (toml, secret, reserved) in [
        (None, true, false),
        (Some("[target]\nname = \"bare\"\n"), false, false),
        (Some("[target]\nname = \"bare\"\nfeatures = [\"secrets\"]\n"), true, false),
        (
            Some("[target]\nno-features = [\"secrets\"]\nmesos-role = \"prod\"\nenforce-role = \"off\"\n"),
            false,
            true,
        ),
        (Some("[target]\nname = \"standalone\"\nmesos-role = \"prod\"\n"), true, true),
        (Some("[target]\nname = \"1.10\"\n"), true, false),
        (Some("[lint]\ntarget = \"bare\"\n"), false, false),
    ] {
        for (definition, expected) in [(SECRET, secret), (RESERVED, reserved)] {
            let (accepted, disagreeing) = disagreeing(&test_dir(toml, definition), &[]);
            if accepted != expected {
                failures.push(format!("{toml:?}: lint {definition}: {accepted}"));
            }
            failures.extend(disagreeing.into_iter().map(|command| format!("{toml:?}: {command}")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn takes_the_target_from_its_options_first() {
    let mut failures = Vec::new();
    for (toml, more, expected) in [
        ("standalone", &["--target", "bare"][..], false),
        ("standalone", &["--no-feature", "secrets"], false),
        ("bare", &["--target", "standalone"], true),
        ("bare", &["--target", "1.11"], true),
        ("bare", &["--target", "v1.9.136"], true),
        ("bare", &["--target", "marathon-1.11"], true),
        ("bare", &["--target", "dcos-2.1"], true),
        ("bare", &["--feature", "secrets"], true),
    ] {
        let toml = format!("[target]\nname = \"{toml}\"\n");
        let (accepted, disagreeing) = disagreeing(&test_dir(Some(&toml), SECRET), more);
        if accepted != expected {
            failures.push(format!("{toml:?}: lint {more:?}: {accepted}"));
        }
        failures.extend(disagreeing.into_iter().map(|command| format!("{toml:?}: {command}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn takes_the_same_words() {
    let test = test_dir(None, SECRET);
    let words = ["1.11", "1.11.24", "v1.9", "marathon-1.11", "dcos-2.1", "standalone", "bare", "dcos"];
    let failures: Vec<String> = words
        .iter()
        .flat_map(|word| {
            [
                &["migrate", "a.json", "--to", word][..],
                &["wire", "a.json", "--archive", "file:///a.tgz", "--no-check", "--marathon-version", word],
                &["registry", "app", "--tls", "none", "--target", word],
                &["registry", "app", "--tls", "none", "--marathon-version", word],
            ]
            .map(|args| (exit(&test, args), format!("{args:?}")))
        })
        .filter(|(code, args)| *code != Some(i32::from(args.contains("migrate") && args.contains("bare"))))
        .map(|(code, args)| format!("{args}: {code:?}"))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    insta::assert_snapshot!(test.run(&["wire", "a.json", "--archive", "file:///a.tgz", "--target", "2.1"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value '2.1' for '--target <NAME>': there is no Marathon 2.1: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11); did you mean dcos-2.1?

    For more information, try '--help'.
    ");
}

#[test]
fn checks_the_registrys_own_app() {
    let args = ["registry", "app", "--tls", "none", "--http-secret-from", "registry/secret"];
    let output = |toml: &str| TestDir::new().file("milepost.toml", toml).run(&args);
    let taken = output("[target]\nname = \"standalone\"\n");
    assert!(taken.starts_with("exit: 0\n") && taken.contains("\"networks\""), "{taken}");
    let refused = output("[target]\nname = \"bare\"\n");
    assert!(refused.starts_with("exit: 1\n----- stdout -----\n----- stderr -----\n"), "{refused}");
    assert!(refused.contains("error[disabled-feature]"), "{refused}");
    // Up to 1.4 networking is written the old way.
    let test = TestDir::new().file("milepost.toml", "[target]\nname = \"marathon-1.4\"\n");
    let old = test.run(&["registry", "app", "--tls", "none"]);
    assert!(old.starts_with("exit: 0\n") && !old.contains("\"networks\""), "{old}");
}

#[test]
fn wires_only_what_the_target_takes() {
    let mesos =
        r#"{"id": "/a", "container": {"type": "MESOS", "docker": {"image": "registry.example.com/a:1"}}}"#;
    let bare = Some("[target]\nname = \"bare\"\n");
    let refused = test_dir(bare, mesos).run(&["wire", "a.json", "--secret", "a/pull"]);
    assert!(refused.starts_with("exit: 1\n----- stdout -----\n----- stderr -----\n"), "{refused}");
    assert!(
        refused.contains("error[disabled-feature]") && refused.contains("--> a.json (wired):1:"),
        "{refused}"
    );
    assert!(refused.ends_with("Marathon would reject this (--no-check wires it anyway)\n"), "{refused}");
    let args = ["wire", "a.json", "--secret", "a/pull", "--no-check"];
    assert_eq!(exit(&test_dir(bare, mesos), &args), Some(0));
    let old = Some("[target]\nname = \"1.4\"\n");
    let output = test_dir(old, SECRET).run(&["wire", "a.json", "--secret", "a/pull"]);
    assert!(output.contains("Marathon 1.4 does not know `pullConfig`"), "{output}");
    let app = r#"{"id": "/a", "container": {"docker": {"image": "registry.example.com/a:1"}}}"#;
    let output = test_dir(old, app).run(&["wire", "a.json", "--archive", "file:///etc/docker.tar.gz"]);
    assert!(output.starts_with("exit: 0\n") && output.contains("\"uris\""), "{output}");
}

#[test]
fn can_render_and_send_without_a_check() {
    let bare = Some("[target]\nname = \"bare\"\n");
    let test = test_dir(bare, SECRET).file("p.json", POD);
    let rendered = test.run(&["render", "a.json.j2", "-o", "out.json"]);
    assert!(rendered.starts_with("exit: 1\n") && rendered.contains("error[disabled-feature]"), "{rendered}");
    assert!(!test.path().join("out.json").exists());
    assert_eq!(exit(&test, &["render", "a.json.j2", "-o", "out.json", "--no-check"]), Some(0));
    assert!(test.read("out.json").contains("top/key"));
    #[cfg(feature = "net")]
    {
        let server = crate::send::Server::start(crate::send::accepted());
        let url = server.url();
        assert_eq!(exit(&test, &["pod", "add", "p.json", "--url", &url]), Some(1));
        assert!(server.is_untouched());
        assert_eq!(exit(&test, &["pod", "add", "p.json", "--url", &url, "--target", "dcos"]), Some(0));
        assert_eq!(exit(&test, &["pod", "add", "p.json", "--url", &url, "--no-check"]), Some(0));
    }
}
