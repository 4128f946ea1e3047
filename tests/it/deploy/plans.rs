//! Plans: what will happen, in which order, and plans in files.

use serde_json::json;

use crate::send::{Server as Stub, answer};

use super::{Cluster, web, web_with};

#[test]
fn a_plan_sends_nothing_and_tells_by_its_exit_code() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let run = cluster.run(&["plan", "web.json"]).ended_with(1);
    run.says("+ /web  create: starts 2 instances").says("plan: 1 to create");
    assert_eq!(cluster.server.get("/v2/apps")["apps"], json!([]));
    cluster.run(&["deploy", "web.json", "--yes"]).ended_with(0);
    cluster.run(&["plan", "web.json"]).ended_with(0).says("nothing to do: 1 service is as it is written");
    let other = web_with(json!({"instances": 4, "labels": {"a": "b"}}));
    cluster.file("web.json", &other);
    let run = cluster.run(&["plan", "web.json"]).ended_with(1);
    run.says("replace: restarts 2 instances and scales from 2 to 4; at least 2 keep running, at most 8 run at once");
    // Without a terminal and without --yes nothing is sent.
    cluster.run(&["deploy", "web.json"]).ended_with(2).tells("it cannot be confirmed without a terminal");
    assert_eq!(cluster.app("/web")["instances"], 2);
}

#[test]
fn what_marathon_would_reject_is_never_sent() {
    let cluster = Cluster::new();
    cluster.file("bad.json", &json!({"id": "/bad", "cmd": "sleep 1", "cpus": "many", "mem": 32}));
    for options in [&["deploy", "bad.json", "--yes"][..], &["deploy", "bad.json", "--yes", "--no-check"]] {
        cluster.run(options).ended_with(1).tells("nothing was sent");
    }
    // A field that Marathon ignores is sent only when that is asked for.
    cluster.file("lost.json", &web_with(json!({"lables": {}})));
    cluster.run(&["deploy", "lost.json", "--yes"]).ended_with(1).tells("lables");
    assert_eq!(cluster.server.get("/v2/apps")["apps"], json!([]));
    cluster.run(&["deploy", "lost.json", "--yes", "--no-check"]).ended_with(0);
}

/// Marathon adds the port index in an update, and not to a new app.
#[test]
fn a_check_without_a_port_is_fine_for_an_app_that_is_there() {
    let cluster = Cluster::new();
    let app = |check: serde_json::Value| web_with(json!({"healthChecks": [check]}));
    cluster.file("web.json", &app(json!({"protocol": "MESOS_TCP"})));
    cluster.run(&["plan", "web.json"]).ended_with(2).tells("the deployment never ends");
    cluster.deploy(&app(json!({"protocol": "MESOS_TCP", "portIndex": 0})), &[]).ended_with(0);
    let run = cluster.run(&["plan", "web.json"]).ended_with(0);
    assert!(!run.err.contains("check-without-port"), "{}", run.err);
    run.says("nothing to do: 1 service is as it is written");
}

#[test]
fn a_saved_plan_is_applied_as_it_is_or_not_at_all() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.file("web.json", &web_with(json!({"cmd": "sleep 2000"})));
    cluster.run(&["plan", "web.json", "-o", "plan.json"]).ended_with(1);
    // A plan is written over a plan, and over nothing else.
    cluster.run(&["plan", "web.json", "-o", "plan.json"]).ended_with(1);
    let refused = cluster.run(&["plan", "web.json", "-o", "web.json"]).ended_with(2);
    refused.tells("web.json is there, and is no plan: give -o another name");
    // The file does not matter any more.
    cluster.file("web.json", &json!({}));
    cluster.run(&["deploy", "plan.json", "--yes"]).ended_with(0).says("deployed: /web runs as sent");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 2000");
    // What runs is not what the plan was made against.
    cluster
        .run(&["deploy", "plan.json", "--yes"])
        .ended_with(10)
        .tells("/web has changed since the plan was made: /cmd");
    cluster.file("web.json", &json!({"id": "/new", "cmd": "sleep 1", "cpus": 0.1, "mem": 32}));
    cluster.run(&["plan", "web.json", "-o", "plan.json"]).ended_with(1);
    cluster.run(&["deploy", "web.json", "--yes"]).ended_with(0);
    cluster
        .run(&["deploy", "plan.json", "--yes"])
        .ended_with(10)
        .tells("/new runs, and did not when the plan was made");
    let other = Cluster::new();
    let url = other.url();
    let run = cluster.run(&["deploy", "plan.json", "--yes", "--url", &url]).ended_with(2);
    run.tells("this plan is for");
}

#[test]
fn a_saved_plan_that_prunes_is_for_the_group_as_it_was() {
    let cluster = Cluster::new();
    let app = |id: &str| json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32});
    cluster.deploy(&json!({"id": "/shop", "apps": [app("a"), app("old")]}), &[]).ended_with(0);
    cluster.file("shop.json", &json!({"id": "/shop", "apps": [app("a")]}));
    cluster.run(&["plan", "shop.json", "--prune", "-o", "plan.json"]).ended_with(1).says("/shop/old");
    cluster.deploy(&app("/shop/new"), &[]).ended_with(0);
    cluster
        .run(&["deploy", "plan.json", "--yes"])
        .ended_with(10)
        .tells("/shop/new is in /shop, and was not when the plan was made with --prune");
    assert_eq!(cluster.app("/shop/old")["tasksRunning"], 1);
    // What comes elsewhere is no matter, nor what comes to a group that is not pruned.
    cluster.run(&["app", "remove", "/shop/new", "--yes"]).ended_with(0);
    cluster.server.settled();
    cluster.deploy(&app("/shopping"), &[]).ended_with(0);
    cluster.run(&["deploy", "plan.json", "--yes"]).ended_with(0);
    assert!(!cluster.server.get("/v2/apps").to_string().contains("/shop/old"));
    cluster.file("shop.json", &json!({"id": "/shop", "apps": [app("a"), app("b")]}));
    cluster.run(&["plan", "shop.json", "-o", "plan.json"]).ended_with(1);
    cluster.deploy(&app("/shop/new"), &[]).ended_with(0);
    cluster.run(&["deploy", "plan.json", "--yes"]).ended_with(0);
}

#[test]
fn an_app_that_comes_beside_another_of_its_deployment_group_is_told() {
    let cluster = Cluster::new();
    let labels =
        |group: &str| json!({"HAPROXY_DEPLOYMENT_GROUP": group, "HAPROXY_DEPLOYMENT_ALT_PORT": "10001"});
    let app = |id: &str, group: &str| json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32, "labels": labels(group)});
    let run = cluster.deploy(&app("/web-blue", "/web"), &[]).ended_with(0);
    assert!(!run.out.contains("deployment group"), "{}", run.out);
    cluster.file("web.json", &app("/web", "web"));
    let beside = "/web-blue is in the deployment group web, and /web comes beside it for the same clients";
    cluster.run(&["plan", "web.json"]).ended_with(1).says(beside);
    cluster.file("web.json", &app("/other", "/other"));
    let run = cluster.run(&["plan", "web.json"]).ended_with(1);
    assert!(!run.out.contains("deployment group"), "{}", run.out);
}

#[test]
fn the_number_of_instances_can_be_kept() {
    let cluster = Cluster::new();
    cluster.deploy(&web(), &[]).ended_with(0);
    cluster.server.put("/v2/apps/web", r#"{"instances": 4}"#);
    cluster.server.settled();
    cluster.file("web.json", &web_with(json!({"cmd": "sleep 2000"})));
    cluster.run(&["plan", "web.json"]).ended_with(1).says("scales from 4 to 2");
    cluster.run(&["deploy", "web.json", "--yes", "--keep-instances"]).ended_with(0);
    let app = cluster.app("/web");
    assert_eq!((&app["instances"], &app["cmd"]), (&json!(4), &json!("sleep 2000")));
    cluster.run(&["plan", "web.json", "--keep-instances"]).ended_with(0);
}

#[test]
fn templates_are_filled_with_values() {
    let cluster = Cluster::new();
    let template = r#"{"id": {{ id }}, "cmd": {{ cmd }}, "cpus": 0.1, "mem": 32}"#;
    std::fs::write(cluster.test.path().join("web.json.j2"), template).expect("written");
    std::fs::write(cluster.test.path().join("prod.yaml"), "id: /prod\ncmd: sleep 1\n").expect("written");
    let toml = "[environment.production]\nvalues = [\"prod.yaml\"]\n";
    std::fs::write(cluster.test.path().join("milepost.toml"), toml).expect("written");
    let production = ["deploy", "web.json.j2", "-e", "production", "--set", "cmd=sleep 7", "--yes"];
    cluster.run(&production).ended_with(0);
    assert_eq!(cluster.app("/prod")["cmd"], "sleep 7");
    let staging = ["plan", "web.json.j2", "-e", "staging"];
    cluster.run(&staging).ended_with(2).tells("milepost.toml has no such environment, but production");
    cluster.run(&["plan", "web.json.j2", "--set", "id=/x"]).ended_with(2).tells("cmd");
}

#[test]
fn a_saved_plan_takes_no_options_and_shows_what_changes() {
    let cluster = Cluster::new();
    cluster.deploy(&web_with(json!({"env": {"DB_PASSWORD": "hunter2"}})), &[]).ended_with(0);
    let other = web_with(json!({"cmd": "sleep 2000", "env": {"DB_PASSWORD": "hunter3"}}));
    cluster.file("web.json", &other);
    let plan =
        cluster.run(&["plan", "web.json", "-o", "plan.json", "--format", "json"]).ended_with(1).report();
    let change = json!({"path": "/cmd", "causes": "restart", "old": "sleep 1000", "new": "sleep 2000"});
    let changes = &plan["differences"][0]["changes"];
    assert!(changes.as_array().is_some_and(|all| all.contains(&change)), "{plan}");
    assert!(!plan.to_string().contains("hunter"), "{plan}");
    let saved = cluster.run(&["plan", "plan.json", "--format", "json"]).ended_with(1).report();
    assert_eq!(saved["differences"], plan["differences"]);
    for (options, named) in [
        (&["--prune"][..], "--prune"),
        (&["--keep-instances", "--no-check"], "--keep-instances, --no-check"),
        (&["-f", "web.json"], "--values"),
        (&["--set", "a=b", "--exclude", "x"], "--set, --exclude"),
    ] {
        let run = cluster.run(&[&["deploy", "plan.json", "--yes"], options].concat()).ended_with(2);
        run.tells(&format!(
            "plan.json is a saved plan, which is applied as it is: leave out {named}, or plan again"
        ));
    }
    let toml = "[environment.live]\nvalues = [\"web.json\"]\n";
    std::fs::write(cluster.test.path().join("milepost.toml"), toml).expect("written");
    let run = cluster.run(&["deploy", "plan.json", "--yes", "-e", "live"]).ended_with(0);
    run.tells("note: the values of environment live do not count").says("\"sleep 1000\" → \"sleep 2000\"");
}

#[test]
fn a_value_that_no_template_takes_is_told() {
    let cluster = Cluster::new();
    let template = r#"{"id": {{ id }}, "cmd": "sleep 1", "cpus": 0.1, "mem": 32}"#;
    std::fs::write(cluster.test.path().join("a.json.j2"), template).expect("written");
    let tagged = template.replace("\"sleep 1\"", "{{ tag }}");
    std::fs::write(cluster.test.path().join("b.json.j2"), tagged).expect("written");
    let given = ["--set", "id=/x", "--set", "tga=1"];
    let run = cluster.run(&[&["plan", "a.json.j2"], &given[..]].concat()).ended_with(2);
    run.tells("--set tga: no template has such a variable");
    let run = cluster.run(&[&["plan", "b.json.j2"], &given[..], &["--set", "tag=sleep 2"]].concat());
    run.ended_with(2).tells("--set tga: no template has such a variable; did you mean `tag`?");
    cluster.run(&["plan", "b.json.j2", "--set", "id=/x", "--set", "tag=sleep 2"]).ended_with(1);
    cluster.file("web.json", &web());
    let run = cluster.run(&["plan", "web.json", "--set", "a=b"]).ended_with(2);
    run.tells("--set gives values, and none of what is named is a template");
}

#[test]
fn an_id_that_something_else_has_is_seen_by_the_plan() {
    let cluster = Cluster::new();
    let app = |id: &str| json!({"id": id, "cmd": "sleep 1", "cpus": 0.1, "mem": 32});
    cluster.deploy(&app("/g/x"), &[]).ended_with(0);
    cluster.server.put("/v2/groups/empty", "{}");
    cluster.server.settled();
    for (definition, why) in [
        (app("/g"), "/g is a group on the server, and the definition is an app"),
        (app("/empty"), "/empty is a group on the server, and the definition is an app"),
        (app("/g/x/y"), "/g/x runs as an app, and would be a group"),
        (json!({"id": "/g/x", "apps": [app("y")]}), "/g/x runs as an app, and would be a group"),
        (json!({"id": "/g/x", "apps": []}), "/g/x runs as an app, and would be a group"),
    ] {
        cluster.file("x.json", &definition);
        cluster.run(&["plan", "x.json"]).ended_with(2).tells(why);
        cluster.run(&["deploy", "x.json", "--yes"]).ended_with(2).tells(why);
    }
    // Of many, too, and what is beside is fine.
    let many: Vec<_> = (0..12).map(|number| app(&format!("/g/x/{number}"))).collect();
    cluster.file("x.json", &json!(many));
    cluster.run(&["plan", "x.json"]).ended_with(2).tells("/g/x runs as an app, and would be a group");
    cluster.file("x.json", &json!({"id": "/g", "apps": [app("y")]}));
    cluster.run(&["plan", "x.json"]).ended_with(1).says("+ /g/y  create");
}

#[test]
fn definitions_come_from_an_address_and_from_standard_input() {
    let cluster = Cluster::new();
    let stub = Stub::start(answer("200 OK", "Content-Type: text/plain\r\n", web().to_string()));
    let address = stub.url() + "/web.json";
    cluster.run(&["deploy", &address, "--yes"]).ended_with(0).says("deployed: /web runs as sent");
    let request = stub.request();
    assert_eq!((&*request.line, request.header("authorization")), ("GET /web.json HTTP/1.1", None));
    let from_stdin = |args: &[&str], text: &str| {
        let mut command = cluster.test.command(args);
        let output = command.env("MARATHON_URL", cluster.url()).write_stdin(text).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        super::Run { exit: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    };
    let other = web_with(json!({"cmd": "sleep 7"})).to_string();
    let run = from_stdin(&["deploy", "-", "--yes"], &other).ended_with(0);
    run.says("replace: restarts 2 instances").says("deployed: /web runs as sent");
    assert_eq!(cluster.app("/web")["cmd"], "sleep 7");
    // Without a name as well, and standard input that is used up asks nobody.
    from_stdin(&["plan"], &other).ended_with(0).says("nothing to do");
    from_stdin(&["deploy"], &web().to_string())
        .ended_with(2)
        .tells("it cannot be confirmed without a terminal");
    from_stdin(&["deploy", "--yes"], "{").ended_with(1).tells("-:1:2");
    // An address that does not answer with a definition.
    let missing = Stub::start(answer("404 Not Found", "", "no"));
    let address = missing.url() + "/web.json";
    cluster.run(&["deploy", &address, "--yes"]).ended_with(2).tells("the server answers 404");
}

#[test]
fn the_servers_own_plan_is_told_beside_ours() {
    let cluster = Cluster::new();
    let app = |id: &str, command: &str| json!({"id": id, "cmd": command, "cpus": 0.1, "mem": 32, "portDefinitions": []});
    let flat = |command: &str| json!({"id": "flat", "apps": [app("a", command), app("b", "sleep 1")]});
    let same = "the server's own plan of /flat is the same";
    cluster.file("x.json", &flat("sleep 1"));
    cluster.run(&["plan", "x.json"]).ended_with(1).says("2 to create").says(same);
    cluster.deploy(&flat("sleep 1"), &[]).ended_with(0);
    cluster.run(&["plan", "x.json"]).ended_with(0).says(same);
    cluster.file("x.json", &flat("sleep 2"));
    let plan = cluster.run(&["plan", "x.json", "--format", "json"]).ended_with(1).report();
    assert_eq!(plan["serversOwn"], json!([{"group": "/flat", "differs": []}]));
    // Marathon refuses a group with a sub-group that exists, and `deploy` sends its parts.
    let nested = json!({"id": "/nested", "apps": [app("a", "sleep 1")], "groups": [{"id": "in", "apps": [app("b", "sleep 1")]}]});
    cluster.deploy(&nested, &[]).ended_with(0);
    let run = cluster.run(&["plan", "x.json"]).ended_with(0);
    assert!(!run.out.contains("the server"), "{}", run.out);
    // Nothing was changed by asking.
    assert_eq!(cluster.app("/flat/a")["cmd"], "sleep 1");
}

#[test]
fn a_plan_goes_to_standard_output_too() {
    let cluster = Cluster::new();
    cluster.file("web.json", &web());
    let run = cluster.run(&["plan", "web.json", "-o", "-"]).ended_with(1).tells("create: starts 2 instances");
    assert!(!std::fs::exists(cluster.test.path().join("-")).expect("a directory"));
    run.report();
    let mut deploy = cluster.test.command(&["deploy", "-", "--yes", "--timeout", "5m"]);
    deploy.env("MARATHON_URL", cluster.url()).write_stdin(run.out);
    let run: super::Run = deploy.output().expect("it runs").into();
    run.ended_with(0).says("deployed: /web runs as sent");
}

/// Marathon looks for the role of a service at the top-level group that was there before.
#[test]
fn a_group_below_one_that_does_not_exist_gets_another_role_later() {
    let cluster = Cluster::with(&["--mesos-role", "slave_public", "--enforce-role", "top"]);
    let app = |role: Option<&str>| {
        let mut app = json!({"id": "z", "cmd": "sleep 3600", "cpus": 0.1, "mem": 32});
        if let Some(role) = role {
            app["role"] = role.into();
        }
        json!({"id": "/w/sub", "apps": [app]})
    };
    cluster.file("g.json", &app(None));
    cluster.file("named.json", &app(Some("slave_public")));
    let told =
        "the group /w does not exist yet: Marathon gives the role slave_public to what is in /w/sub now";
    assert!(!cluster.run(&["plan", "named.json"]).ended_with(1).out.contains("does not exist yet"));
    cluster.run(&["plan", "g.json"]).ended_with(1).says(told);
    // What it advises.
    cluster.run(&["group", "add", "--id", "/w"]).ended_with(0);
    cluster.server.settled();
    assert!(!cluster.run(&["plan", "g.json"]).ended_with(1).out.contains("does not exist yet"));
    cluster.run(&["deploy", "g.json", "--yes"]).ended_with(0);
    cluster.run(&["plan", "g.json"]).ended_with(0);
}

/// A registry at a port of one agent stops before its successor starts, which needs that port.
#[test]
fn a_registry_at_a_port_of_one_agent_is_replaced() {
    let cluster = Cluster::new();
    let deploy = |cpus: &str| {
        let place = ["--host", "registry.example.com", "--host-port", "5055", "--host-path", "/srv"];
        let pinned = ["--constraint", "hostname:LIKE:127.0.1.1", "--tls", "trusted", "--cpus", cpus];
        let made = cluster.run(&[&["registry", "app"][..], &place, &pinned].concat()).ended_with(0);
        cluster.file("registry.json", &serde_json::from_str(&made.out).expect("JSON"));
        cluster.run(&["deploy", "registry.json", "--yes"]).ended_with(0);
    };
    deploy("0.5");
    deploy("0.25");
    assert_eq!(cluster.app("/registry")["cpus"], 0.25);
}
