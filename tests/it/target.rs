//! The target: from options, `milepost.toml` or a server, the same for every command.

use crate::common::TestDir;

/// Refused where secrets are off, where there is no default network, and where the role is another.
const APP: &str = r#"{
  "id": "/top/web",
  "cmd": "sleep 1",
  "secrets": {"a": {"source": "b"}},
  "networks": [{"mode": "container"}],
  "role": "prod"
}
"#;

/// The rules that refuse the app, with these arguments.
fn refused(test: &TestDir, args: &[&str]) -> Vec<String> {
    let args = [&["lint", "--format", "json", "web.json"], args].concat();
    let output = test.command(&args).output().expect("the program runs");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}"));
    let findings = json["files"][0]["diagnostics"].as_array().expect("a list").iter();
    let refused = findings.filter(|finding| finding["effect"] == "rejected");
    refused.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn settings_change_those_of_the_target() {
    let test = TestDir::new().file("web.json", APP);
    let target = |args: &[&str]| refused(&test, args);
    assert_eq!(target(&[]), ["foreign-role"]);
    assert_eq!(target(&["--enforce-role", "off", "--mesos-role", "prod"]), [""; 0]);
    assert_eq!(target(&["--target", "dcos-1.13"]), [""; 0]);
    assert_eq!(target(&["--target", "dcos-1.13", "--no-feature", "vips,secrets"]), ["disabled-feature"]);
    assert_eq!(target(&["--target", "dcos-1.13", "--default-network", ""]), ["unnamed-network"]);
    let bare = ["--target", "bare", "--mesos-role", "prod", "--default-network", "x"];
    assert_eq!(target(&bare), ["disabled-feature"]);
    assert_eq!(target(&[&bare[..], &["--feature", "secrets"]].concat()), [""; 0]);
}

#[test]
fn milepost_toml_has_a_table_for_it() {
    let toml = "[target]\nname = \"dcos-2.1\"\nmesos-role = \"prod\"\nenforce-role = \"off\"\nno-features = [\"secrets\"]\n";
    let test = TestDir::new().file("web.json", APP).file("milepost.toml", toml);
    assert_eq!(refused(&test, &[]), ["disabled-feature"]);
    // The command line counts before it; with another target all of it is ignored.
    assert_eq!(refused(&test, &["--feature", "secrets"]), [""; 0]);
    assert_eq!(refused(&test, &["--target", "dcos-2.2"]), ["foreign-role"]);
    let test = TestDir::new().file("web.json", APP).file("milepost.toml", "[lint]\ntarget = \"dcos-1.13\"\n");
    assert_eq!(refused(&test, &[]), [""; 0]);
}

#[test]
fn what_cannot_be_a_target_is_reported_with_its_place() {
    let test = TestDir::new()
        .file("web.json", APP)
        .file("twice.toml", "[lint]\ntarget = \"dcos\"\n[target]\nname = \"dcos\"\n")
        .file("early.toml", "[target]\nname = \"dcos-1.13\"\nenforce-role = \"top\"\n")
        .file("feature.toml", "[target]\nfeatures = [\"vips\",\n  \"secret\"]\n")
        .file("key.toml", "[target]\nmesos_role = \"a\"\n");
    let run = |args: &[&str]| {
        let output =
            test.command(&[&["lint", "web.json"], args].concat()).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let all: Vec<String> = [
        &["--config", "twice.toml"][..],
        &["--config", "early.toml"],
        &["--config", "feature.toml"],
        &["--config", "key.toml"],
        &["--target", "dcos-1.13", "--enforce-role", "top"],
        &["--target", "marathon-1.4", "--default-network", "x"],
        &["--mesos-role", "a b"],
        &["--feature", "secrets", "--no-feature", "secrets"],
        &["--feature", "secrets,gpu"],
        &["--enforce-role", "on"],
    ]
    .into_iter()
    .map(run)
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    error: twice.toml:2:10: the target is set here and in the table [target]: set it only there, as `name`

    error: early.toml:3:16: --new_group_enforce_role came with Marathon 1.9, and the target is Marathon 1.8: leave it out, or name a later target

    error: feature.toml:3:3: Marathon has no feature `secret` (did you mean secrets?); it has secrets, external_volumes, gpu_resources, task_killing, vips, maintenance_mode

    error: key.toml:2:1: unknown field `mesos_role`, expected one of `name`, `features`, `no-features`, `mesos-role`, `default-network`, `enforce-role`, `agents`

    error: the target: --new_group_enforce_role came with Marathon 1.9, and the target is Marathon 1.8: leave it out, or name a later target

    error: the target: --default_network_name came with Marathon 1.5, and the target is Marathon 1.4: leave it out, or name a later target

    error: the target: `a b` is not a role name: it contains white space or a slash

    error: the target: the feature secrets is both on and off: leave one of them out

    error: invalid value 'gpu' for '--feature <NAME>': Marathon has no feature `gpu`; it has secrets, external_volumes, gpu_resources, task_killing, vips, maintenance_mode

    For more information, try '--help'.

    error: invalid value 'on' for '--enforce-role <WORD>': `on` is neither top nor off

    For more information, try '--help'.
    ");
}

/// Every command that checks definitions has the verdict of `lint`.
mod every_command {
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
                Some(
                    "[target]\nno-features = [\"secrets\"]\nmesos-role = \"prod\"\nenforce-role = \"off\"\n",
                ),
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
                    &[
                        "wire",
                        "a.json",
                        "--archive",
                        "file:///a.tgz",
                        "--no-check",
                        "--marathon-version",
                        word,
                    ],
                    &["registry", "app", "--tls", "none", "--target", word],
                    &["registry", "app", "--tls", "none", "--marathon-version", word],
                ]
                .map(|args| (exit(&test, args), format!("{args:?}")))
            })
            .filter(|(code, args)| {
                *code != Some(i32::from(args.contains("migrate") && args.contains("bare")))
            })
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
        let mesos = r#"{"id": "/a", "container": {"type": "MESOS", "docker": {"image": "registry.example.com/a:1"}}}"#;
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
        assert!(
            rendered.starts_with("exit: 1\n") && rendered.contains("error[disabled-feature]"),
            "{rendered}"
        );
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
}

#[cfg(feature = "net")]
mod from_a_server {
    use super::{APP, refused};
    use crate::common::TestDir;
    use crate::send::{Behaviour, Server, answer, json};

    /// As a Marathon 1.11 with the settings of DC/OS answers, shortened.
    const INFO: &str = r#"{"name": "marathon", "version": "1.11.24", "buildref": "unknown", "elected": true,
        "leader": "127.0.0.1:8095", "frameworkId": "f", "marathon_config": {"access_control_allow_origin": null,
        "default_network_name": "overlay", "features": ["external_volumes", "vips", "task_killing"],
        "mesos_role": "slave_public", "new_group_enforce_role": "Off", "webui_url": null},
        "zookeeper_config": {"zk": "zk://localhost:2181/marathon"}, "http_config": {"http_port": 8080}}"#;

    /// As a Marathon 1.5 answers, which reports neither network nor roles.
    const OLD: &str = r#"{"name": "marathon", "version": "1.5.11", "marathon_config": {"features": ["secrets"],
        "mesos_role": null}}"#;

    fn run(server: &Server, test: &TestDir, args: &[&str]) -> String {
        let url = server.url();
        let args = [&["lint", "web.json", "--target-from", &url], args].concat();
        server.scrub(&test.run(&args))
    }

    #[test]
    fn it_is_asked_and_its_target_can_be_saved() {
        let server = Server::start(json("200 OK", INFO));
        let test = TestDir::new().file("web.json", APP);
        insta::assert_snapshot!(run(&server, &test, &["--save-target", "milepost.toml"]), @r#"
        exit: 1
        ----- stdout -----
        error[disabled-feature]: this Marathon runs without secrets
         --> web.json:4:14
          |
        4 |   "secrets": {"a": {"source": "b"}},
          |              ^^^^^^^^^^^^^^^^^^^^^^ /secrets
          |
          = help: start it with --enable_features secrets (DC/OS Enterprise has them), or do without

        error[foreign-role]: an app here cannot have the role `prod`
         --> web.json:6:11
          |
        6 |   "role": "prod"
          |           ^^^^^^ /role
          |
          = help: write "slave_public" or "top", or leave it out

        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        wrote milepost.toml
        checked 1 file: 2 errors; target dcos-2.2 with settings of its own
        `milepost explain disabled-feature` explains a rule
        "#);
        let request = server.request();
        assert_eq!(request.line, "GET /v2/info HTTP/1.1");
        assert_eq!(request.header("authorization"), None);
        assert!(server.is_untouched());
        insta::assert_snapshot!(server.scrub(&test.read("milepost.toml")), @r#"
        # read from http://[SERVER], Marathon 1.11.24
        [target]
        name = "dcos-2.2"
        features = ["external_volumes"]
        no-features = ["secrets", "gpu_resources"]
        mesos-role = "slave_public"
        default-network = "overlay"
        enforce-role = "off"
        "#);
        // The same without the server; and the command line on top of it.
        assert_eq!(refused(&test, &[]), ["disabled-feature", "foreign-role"]);
        assert_eq!(refused(&test, &["--feature", "secrets", "--mesos-role", "prod"]), [""; 0]);
        // Once more over what it wrote itself.
        assert!(run(&server, &test, &["--save-target", "milepost.toml"]).contains("wrote milepost.toml"));
    }

    #[test]
    fn other_settings_are_not_overwritten() {
        let server = Server::start(json("200 OK", INFO));
        let toml = "[lint]\nignore = [\"response-field\"]\n";
        let test = TestDir::new().file("web.json", APP).file("milepost.toml", toml);
        insta::assert_snapshot!(run(&server, &test, &["--save-target", "milepost.toml"]), @r#"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24: target dcos-2.2
        error: milepost.toml: contains more than a target, so nothing is written; add this to it:

        # read from http://[SERVER], Marathon 1.11.24
        [target]
        name = "dcos-2.2"
        features = ["external_volumes"]
        no-features = ["secrets", "gpu_resources"]
        mesos-role = "slave_public"
        default-network = "overlay"
        enforce-role = "off"
        "#);
        assert_eq!(test.read("milepost.toml"), toml);
    }

    #[test]
    fn an_old_one_reports_less() {
        let server = Server::start(json("200 OK", OLD));
        let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
        insta::assert_snapshot!(run(&server, &test, &[]), @r"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.5.11: target marathon-1.5
        note: this release does not report its default network: assuming none (--default-network changes it)
        checked 1 file: nothing found; target marathon-1.5 with settings of its own
        ");
    }

    #[test]
    fn only_dcos_gets_its_token() {
        let server = Server::start(json("200 OK", INFO));
        let test = TestDir::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
        let ask = |url: &str, dcos: &str| {
            let mut command = test.command(&["lint", "web.json", "--target-from", url]);
            command.env("DCOS_URL", dcos).env("DCOS_ACS_TOKEN", "hush").assert().success();
            server.request()
        };
        let request = ask(&format!("{}/service/marathon", server.url()), &server.url());
        assert_eq!(request.line, "GET /service/marathon/v2/info HTTP/1.1");
        assert_eq!(request.header("authorization"), Some("token=hush"));
        assert_eq!(ask(&server.url(), "https://dcos.example").header("authorization"), None);
        assert_eq!(ask("env", &server.url()).line, "GET /service/marathon/v2/info HTTP/1.1");
    }

    #[test]
    fn what_is_not_a_marathon_is_reported() {
        let test = TestDir::new().file("web.json", APP);
        let html = answer("200 OK", "Content-Type: text/html\r\n", "<html>Sign in</html>");
        let moved = answer("302 Found", "Location: http://elsewhere.example/\r\n", "");
        let all: Vec<String> = [
            html,
            moved,
            json("200 OK", r#"{"version": "1.9.0", "id": "a-mesos-master"}"#),
            json("200 OK", &INFO.replace("1.11.24", "0.15.3")),
            json("401 Unauthorized", r#"{"message": "hm"}"#),
            json("404 Not Found", "{}"),
            Behaviour::HangUp,
        ]
        .into_iter()
        .map(|behaviour| run(&Server::start(behaviour), &test, &[]))
        .collect();
        insta::assert_snapshot!(all.join("\n"), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] answers with a web page, so it is not a Marathon; DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] answers 302 and redirects to http://elsewhere.example/: give that address if it is right

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] answers with other JSON than Marathon's /v2/info, so it is not a Marathon; DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] is Marathon 0.15.3: there is no Marathon 0.15.3: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11)

        exit: 3
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] answers 401: set DCOS_URL and DCOS_ACS_TOKEN, give --token-file, or sign in with `milepost login`

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER] answers 404: is this Marathon's address? DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: the connection to http://[SERVER]/v2/info broke before an answer came: connection closed before message completed
        ");
        insta::assert_snapshot!(test.run(&["lint", "web.json", "--target-from", "http://127.0.0.1:1"]), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: cannot connect to http://127.0.0.1:1/v2/info: Connection refused (os error 111)
        ");
        let password = test.run(&["lint", "web.json", "--target-from", "https://u:hunter2@m.example"]);
        insta::assert_snapshot!(password, @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: --target-from holds a password, which every user of this machine could read: set MARATHON_URL instead, and give --target-from env
        ");
        insta::assert_snapshot!(test.run(&["lint", "web.json", "--target-from", "marathon.example"]), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: --target-from: this is not an address: relative URL without a base; write it like http://marathon.example:8080 or https://dcos.example/service/marathon
        ");
    }

    #[test]
    fn a_server_that_is_silent_is_not_waited_for() {
        let server = Server::start(Behaviour::Silence);
        let test = TestDir::new().file("web.json", APP);
        insta::assert_snapshot!(run(&server, &test, &["--timeout", "1"]), @r"
        exit: 5
        ----- stdout -----
        ----- stderr -----
        error: cannot read the target from the server: http://[SERVER]/v2/info did not answer within 1 s
        ");
    }
}
