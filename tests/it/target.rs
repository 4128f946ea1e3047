//! The Marathon being aimed at: by arguments, by `milepost.toml`, by asking one.

use crate::common::Scene;

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
fn refused(scene: &Scene, args: &[&str]) -> Vec<String> {
    let args = [&["lint", "--format", "json", "web.json"], args].concat();
    let output = scene.command(&args).output().expect("the program runs");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}"));
    let findings = json["files"][0]["diagnostics"].as_array().expect("a list").iter();
    let refused = findings.filter(|finding| finding["effect"] == "rejected");
    refused.map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
}

#[test]
fn settings_stand_on_top_of_the_target() {
    let scene = Scene::new().file("web.json", APP);
    let target = |args: &[&str]| refused(&scene, args);
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
fn milepost_toml_says_it_in_a_table() {
    let toml = "[target]\nname = \"dcos-2.1\"\nmesos-role = \"prod\"\nenforce-role = \"off\"\nno-features = [\"secrets\"]\n";
    let scene = Scene::new().file("web.json", APP).file("milepost.toml", toml);
    assert_eq!(refused(&scene, &[]), ["disabled-feature"]);
    // The command line counts before it; another target sets all of it aside.
    assert_eq!(refused(&scene, &["--feature", "secrets"]), [""; 0]);
    assert_eq!(refused(&scene, &["--target", "dcos-2.2"]), ["foreign-role"]);
    let scene = Scene::new().file("web.json", APP).file("milepost.toml", "[lint]\ntarget = \"dcos-1.13\"\n");
    assert_eq!(refused(&scene, &[]), [""; 0]);
}

#[test]
fn what_cannot_be_a_target_is_told_where_it_stands() {
    let scene = Scene::new()
        .file("web.json", APP)
        .file("twice.toml", "[lint]\ntarget = \"dcos\"\n[target]\nname = \"dcos\"\n")
        .file("early.toml", "[target]\nname = \"dcos-1.13\"\nenforce-role = \"top\"\n")
        .file("feature.toml", "[target]\nfeatures = [\"vips\",\n  \"secret\"]\n")
        .file("key.toml", "[target]\nmesos_role = \"a\"\n");
    let run = |args: &[&str]| {
        let output =
            scene.command(&[&["lint", "web.json"], args].concat()).output().expect("the program runs");
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
    error: twice.toml:2:10: the target is said here and in the table [target]: say it there alone, as `name`

    error: early.toml:3:16: --new_group_enforce_role came with Marathon 1.9, and the target is Marathon 1.8: leave it out, or name a later target

    error: feature.toml:3:3: Marathon has no feature `secret` (did you mean secrets?); there are secrets, external_volumes, gpu_resources, task_killing, vips, maintenance_mode

    error: key.toml:2:1: unknown field `mesos_role`, expected one of `name`, `features`, `no-features`, `mesos-role`, `default-network`, `enforce-role`

    error: the target: --new_group_enforce_role came with Marathon 1.9, and the target is Marathon 1.8: leave it out, or name a later target

    error: the target: --default_network_name came with Marathon 1.5, and the target is Marathon 1.4: leave it out, or name a later target

    error: the target: `a b` is no name of a role: it holds white space or a slash

    error: the target: the feature secrets is said to be on and off: leave one of them out

    error: invalid value 'gpu' for '--feature <NAME>': Marathon has no feature `gpu`; there are secrets, external_volumes, gpu_resources, task_killing, vips, maintenance_mode

    For more information, try '--help'.

    error: invalid value 'on' for '--enforce-role <WORD>': `on` is no way to enforce roles; there are top and off

    For more information, try '--help'.
    ");
}

#[cfg(feature = "net")]
mod from_a_server {
    use super::{APP, refused};
    use crate::common::Scene;
    use crate::send::{Behaviour, Server, answer, json};

    /// As a Marathon 1.11 with the settings of DC/OS answers, shortened.
    const INFO: &str = r#"{"name": "marathon", "version": "1.11.24", "buildref": "unknown", "elected": true,
        "leader": "127.0.0.1:8095", "frameworkId": "f", "marathon_config": {"access_control_allow_origin": null,
        "default_network_name": "overlay", "features": ["external_volumes", "vips", "task_killing"],
        "mesos_role": "slave_public", "new_group_enforce_role": "Off", "webui_url": null},
        "zookeeper_config": {"zk": "zk://localhost:2181/marathon"}, "http_config": {"http_port": 8080}}"#;

    /// As a Marathon 1.5 answers, which tells neither network nor roles.
    const OLD: &str = r#"{"name": "marathon", "version": "1.5.11", "marathon_config": {"features": ["secrets"],
        "mesos_role": null}}"#;

    fn run(server: &Server, scene: &Scene, args: &[&str]) -> String {
        let url = server.url();
        let args = [&["lint", "web.json", "--target-from", &url], args].concat();
        server.scrub(&scene.run(&args))
    }

    #[test]
    fn it_is_asked_and_what_it_says_can_be_kept() {
        let server = Server::start(json("200 OK", INFO));
        let scene = Scene::new().file("web.json", APP);
        insta::assert_snapshot!(run(&server, &scene, &["--save-target", "milepost.toml"]), @r#"
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
        http://[SERVER] is Marathon 1.11.24, taken for dcos-2.2
        wrote milepost.toml
        checked 1 file: 2 errors
        "#);
        let request = server.request();
        assert_eq!(request.line, "GET /v2/info HTTP/1.1");
        assert_eq!(request.header("authorization"), None);
        assert!(server.is_untouched());
        insta::assert_snapshot!(server.scrub(&scene.read("milepost.toml")), @r#"
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
        assert_eq!(refused(&scene, &[]), ["disabled-feature", "foreign-role"]);
        assert_eq!(refused(&scene, &["--feature", "secrets", "--mesos-role", "prod"]), [""; 0]);
        // Once more over what it wrote itself.
        assert!(run(&server, &scene, &["--save-target", "milepost.toml"]).contains("wrote milepost.toml"));
    }

    #[test]
    fn what_somebody_wrote_is_not_overwritten() {
        let server = Server::start(json("200 OK", INFO));
        let toml = "[lint]\nignore = [\"response-field\"]\n";
        let scene = Scene::new().file("web.json", APP).file("milepost.toml", toml);
        insta::assert_snapshot!(run(&server, &scene, &["--save-target", "milepost.toml"]), @r#"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.11.24, taken for dcos-2.2
        error: milepost.toml: holds more than a target, so nothing is written; put this into it:

        # read from http://[SERVER], Marathon 1.11.24
        [target]
        name = "dcos-2.2"
        features = ["external_volumes"]
        no-features = ["secrets", "gpu_resources"]
        mesos-role = "slave_public"
        default-network = "overlay"
        enforce-role = "off"
        "#);
        assert_eq!(scene.read("milepost.toml"), toml);
    }

    #[test]
    fn an_old_one_tells_less() {
        let server = Server::start(json("200 OK", OLD));
        let scene = Scene::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
        insta::assert_snapshot!(run(&server, &scene, &[]), @r"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        http://[SERVER] is Marathon 1.5.11, taken for marathon-1.5
        note: this release does not tell its default network: none is taken (--default-network says another)
        checked 1 file: nothing found
        ");
    }

    #[test]
    fn dcos_gets_its_token_and_nobody_else() {
        let server = Server::start(json("200 OK", INFO));
        let scene = Scene::new().file("web.json", r#"{"id": "/web", "cmd": "sleep 1"}"#);
        let ask = |url: &str, dcos: &str| {
            let mut command = scene.command(&["lint", "web.json", "--target-from", url]);
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
    fn what_is_no_marathon_is_told() {
        let scene = Scene::new().file("web.json", APP);
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
        .map(|behaviour| run(&Server::start(behaviour), &scene, &[]))
        .collect();
        insta::assert_snapshot!(all.join("\n"), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] answers with a web page, so it is not a Marathon; DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] answers 302 and redirects elsewhere: give that address

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] answers with other JSON than Marathon's /v2/info, so it is not a Marathon; DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] is Marathon 0.15.3: there is no Marathon 0.15.3: the releases are 1.4 to 1.11 (DC/OS 1.9 runs 1.4, 1.10 runs 1.5, … 2.2 runs 1.11)

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] answers 401: set DCOS_URL and DCOS_ACS_TOKEN, or give --token-file

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER] answers 404: is this Marathon's address? DC/OS has it at /service/marathon

        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: the connection to http://[SERVER]/v2/info broke before an answer came: connection closed before message completed
        ");
        insta::assert_snapshot!(scene.run(&["lint", "web.json", "--target-from", "http://127.0.0.1:1"]), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: cannot connect to http://127.0.0.1:1/v2/info: Connection refused (os error 111)
        ");
        let password = scene.run(&["lint", "web.json", "--target-from", "https://u:hunter2@m.example"]);
        insta::assert_snapshot!(password, @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: --target-from holds a password, which every user of this machine could read: set MARATHON_URL instead, and give --target-from env
        ");
        insta::assert_snapshot!(scene.run(&["lint", "web.json", "--target-from", "marathon.example"]), @r"
        exit: 2
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: --target-from: this is not an address: relative URL without a base; write it like http://marathon.example:8080 or https://dcos.example/service/marathon
        ");
    }

    #[test]
    fn a_server_that_is_silent_is_not_waited_for() {
        let server = Server::start(Behaviour::Silence);
        let scene = Scene::new().file("web.json", APP);
        insta::assert_snapshot!(run(&server, &scene, &["--timeout", "1"]), @r"
        exit: 5
        ----- stdout -----
        ----- stderr -----
        error: asking what Marathon is being aimed at: http://[SERVER]/v2/info did not answer within 1 s
        ");
    }
}
