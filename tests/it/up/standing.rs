//! What stands in Marathon at the ids of `milepost registry up`, and how Marathon is found.

use serde_json::json;

use super::Up;
use crate::agents::search_path;
use crate::common::{TestDir, each_case};
use crate::serve::Server;

/// Another service at the registry's id is not replaced: neither is anything made for that, nor does a dry run pass.
#[test]
fn another_service_at_the_id_stays() {
    let app = |more: serde_json::Value| {
        let mut app = json!({"id": "/registry", "cpus": 0.1, "mem": 32, "instances": 1, "cmd": "sleep 1000"});
        app.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        app
    };
    let docker = |image: &str| json!({"type": "DOCKER", "docker": {"image": image}});
    let token = ["--auth", "token", "--username", "foo"];
    let member =
        json!({"id": "/registry/registry", "cpus": 0.1, "mem": 32, "container": docker("nginx:1.27")});
    each_case(
        [
            (app(json!({})), &[][..], r#"its command is "sleep 1000""#),
            (
                app(json!({"container": docker("nginx:1.27")})),
                &[],
                r#"its command is "sleep 1000"; its image is "nginx:1.27""#,
            ),
            // A registry of somebody else, with the images where they are.
            (
                app(
                    json!({"cmd": null, "container": docker("registry:2"), "env": {"REGISTRY_STORAGE": "s3"}}),
                ),
                &[],
                "its REGISTRY_STORAGE is another",
            ),
            (member, &token, r#"its image is "nginx:1.27""#),
        ],
        |(there, more, how)| {
            let up = Up::new();
            let created = up.marathon.post("/v2/apps", &there.to_string());
            assert_eq!(created.status, 201, "{}", created.text);
            up.marathon.settled();
            let path = format!("/v2/apps/{}", there["id"].as_str().expect("an id"));
            let before = up.marathon.get(&path);
            each_case([&["--dry-run"][..], &["--yes"], &["--yes", "--skip", "trust"]], |mode| {
                let said = up.run(&[mode, more].concat());
                assert!(said.starts_with("exit: 2\n") && said.contains(how), "{mode:?}: {said}");
                assert!(
                    said.contains(" in Marathon is another service than that of registry/registry.json"),
                    "{said}"
                );
                assert!(
                    said.contains("-- --id /other, or remove what is there: milepost app remove /registry"),
                    "{said}"
                );
                assert!(!up.test.path().join("registry").exists(), "{mode:?}: {said}");
            });
            // The step itself refuses, too.
            let steps = if more.is_empty() { "cert,user,trust" } else { "trust" };
            let early = up.run(
                &[&["--yes", "--skip", &format!("{steps},deploy,login,push,creds,wire,test")], more].concat(),
            );
            let made = early.starts_with("exit: 0\n");
            let late = up.run(&[&["--yes", "--from", "deploy"], more].concat());
            assert!(made && late.starts_with("exit: 2\n") && late.contains(how), "{early}{late}");
            assert_eq!(up.marathon.get(&path)["app"]["version"], before["app"]["version"]);
        },
    );
}

/// A group or a pod at an id is told before anything is made, too, and so is an app where the group would be.
#[test]
fn a_group_or_a_pod_at_the_id_is_told_at_once() {
    let app = r#"{"id": "/registry/web", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32}"#;
    let pod = r#"{"id": "/registry", "scaling": {"kind": "fixed", "instances": 1}, "containers": [{"name": "main",
        "exec": {"command": {"shell": "sleep 1000"}}, "resources": {"cpus": 0.1, "mem": 32}}]}"#;
    let plain = r#"{"id": "/registry", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32}"#;
    let token = ["--auth", "token", "--username", "foo"];
    each_case(
        [
            ("/v2/apps", app, &[][..], "/registry is a group on the server, and the definition is an app"),
            ("/v2/pods", pod, &[], "/registry runs as a pod, and the definition is an app"),
            (
                "/v2/apps",
                plain,
                &token,
                "/registry runs as an app, and would be a group with the definitions",
            ),
        ],
        |(path, there, more, why)| {
            let up = Up::new();
            assert_eq!(up.marathon.post(path, there).status, 201);
            up.marathon.settled();
            each_case(["--dry-run", "--yes"], |mode| {
                let said = up.run(&[&[mode], more].concat());
                assert!(said.starts_with("exit: 2\n") && said.contains(why), "{mode}: {said}");
                assert!(said.contains("such as -- --id /other"), "{mode}: {said}");
                assert!(!up.test.path().join("registry").exists(), "{mode}: {said}");
            });
            // With another id there is nothing in the way.
            let other = ["--id", "/other", "--host", "localhost", "--host-path", "/srv"];
            let said = up.run_with(&[&["--dry-run"], more].concat(), &other);
            assert!(!said.contains("such as -- --id /other"), "{said}");
        },
    );
}

/// Nor is one at the id of the test app.
#[test]
fn another_service_at_the_test_apps_id_stays() {
    let up = Up::new();
    let there = json!({"id": "/registry-test", "cpus": 0.1, "mem": 32, "cmd": "sleep 1000"});
    assert_eq!(up.marathon.post("/v2/apps", &there.to_string()).status, 201);
    up.marathon.settled();
    let dry = up.run(&["--dry-run"]);
    assert!(
        dry.starts_with("exit: 2\n") && dry.contains("/registry-test in Marathon is another service"),
        "{dry}"
    );
    let steps = "cert,user,trust,app,deploy,login,push,creds";
    let real = up.run(&["--yes", "--skip", steps]);
    assert!(real.starts_with("exit: 2\n") && real.contains("step wire writes, another id"), "{real}");
    assert_eq!(up.marathon.get("/v2/apps//registry-test")["app"]["cmd"], "sleep 1000");
    // Its own app has another tag some day.
    up.marathon.delete("/v2/apps//registry-test?force=true");
    up.marathon.settled();
    assert!(up.run(&["--yes", "--skip", steps]).starts_with("exit: 0\n"));
    let again = up.run(&["--yes", "--skip", steps]);
    assert!(again.contains("test: done before: Marathon has registry/test.json"), "{again}");
}

/// What was deployed by other options is no other service, nor is one whose numbers differ; what took its place since is.
#[test]
fn the_registry_of_other_options_is_replaced() {
    let up = Up::new();
    let steps = "trust,login,push,creds,wire,test";
    let run = |app: &[&str]| up.run_with(&["--yes", "--skip", steps], &[&["--mesos-dns"], app].concat());
    let first = run(&["--host-path", "/srv/registry"]);
    assert!(first.starts_with("exit: 0\n"), "{first}");
    let forget = || std::fs::remove_file(up.test.path().join("registry/registry.json")).expect("removed");
    forget();
    let bigger = run(&["--host-path", "/srv/registry", "--mem", "512", "--tag", "2.8.3"]);
    assert!(bigger.starts_with("exit: 0\n") && bigger.contains("deploy: deploy it"), "{bigger}");
    forget();
    let elsewhere = run(&["--host-path", "/srv/other"]);
    assert!(elsewhere.starts_with("exit: 0\n") && elsewhere.contains("deploy: deploy it"), "{elsewhere}");
    let volume = &up.marathon.get("/v2/apps//registry")["app"]["container"]["volumes"];
    assert!(volume.to_string().contains("/srv/other"), "{volume}");
    // `registry check` reads nothing of what was deployed before.
    let checked = up.test.run(&["registry", "check", "registry"]);
    assert!(!checked.contains("definitions-disagree") && !checked.contains(".deployed"), "{checked}");
    let there =
        json!({"id": "/registry", "cpus": 0.1, "mem": 32, "cmd": "sleep 1000", "container": null, "env": {}});
    up.marathon.put("/v2/apps//registry?force=true", &there.to_string());
    up.marathon.settled();
    let said = run(&["--host-path", "/srv/other"]);
    assert!(said.starts_with("exit: 2\n") && said.contains("is another service than that of"), "{said}");
}

/// Marathon is found as all commands find it: by the cluster that the DC/OS CLI is attached to, too.
#[test]
fn the_attached_cluster_is_an_address() {
    let marathon = Server::start(&[]);
    let cluster = format!(
        "[cluster]\nname = \"ours\"\nurl = \"http://{}\"\n\n[marathon]\nurl = \"http://{0}\"\n",
        marathon.address
    );
    let test = TestDir::new()
        .file(".dcos/clusters/id-1/dcos.toml", cluster)
        .file(".dcos/clusters/id-1/attached", "")
        .with_mode(".dcos/clusters/id-1/dcos.toml", 0o600);
    assert_eq!(
        marathon
            .post("/v2/apps", r#"{"id": "/registry", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32}"#)
            .status,
        201
    );
    let up = |more: &[&str], variables: &[(&str, &str)]| {
        let mut command = test.command(&[&["registry", "up", "192.168.0.1"], more].concat());
        command.env("PATH", search_path(&test)).env("HOME", test.path());
        command.envs(variables.iter().copied());
        test.describe(&command.output().expect("it runs"))
    };
    each_case([&["--dry-run"][..], &["--yes"]], |mode| {
        let said = up(mode, &[]);
        assert!(
            said.starts_with("exit: 2\n") && said.contains("/registry in Marathon is another service"),
            "{said}"
        );
    });
    let nobody = format!("http://127.0.0.1:{}", crate::common::free_port());
    each_case(["MARATHON_URL", "DCOS_MARATHON_URL", "DCOS_URL"], |name| {
        let said = up(&["--dry-run"], &[(name, &nobody)]);
        assert!(said.contains("this step would fail") && said.contains(&nobody[7..]), "{name}: {said}");
    });
    // Where no cluster is named, nothing is tried at Marathon.
    let none = up(&["--dry-run"], &[("HOME", "/nowhere")]);
    assert!(
        none.starts_with("exit: 0\n") && none.contains("not tried: Marathon's address is not known"),
        "{none}"
    );
}
