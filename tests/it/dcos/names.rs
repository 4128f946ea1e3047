//! Ids below groups whose names are parts of Marathon's addresses, such as `tasks`: what reads or changes them goes another
//! way, or says that there is none.

use serde_json::{Value as Json, json};

use super::{app, pod, with_stdin};
use crate::common::each_case;
use crate::deploy::Cluster;

/// The app as the server holds it, from the list of all.
fn held(cluster: &Cluster, id: &str) -> Json {
    let all = cluster.server.get("/v2/apps?embed=apps.counts");
    let apps = all["apps"].as_array().expect("apps");
    apps.iter().find(|app| app["id"] == id).cloned().unwrap_or_default()
}

#[test]
fn apps_are_shown_and_changed_under_any_name() {
    let cluster = Cluster::new();
    let ids = [
        "/shop/tasks/web",
        "/shop/eu/versions/web",
        "/shop/restart/web",
        "/shop/apps/web",
        "/shop/pods/web",
        "/shop/delay/web",
        "/tasks/web",
        "/versions/web",
    ];
    each_case(ids, |id| {
        let has_address = !matches!(id, "/shop/tasks/web" | "/shop/eu/versions/web");
        cluster.file("web.json", &app(id, 1));
        cluster.run(&["app", "add", "web.json"]).ended_with(0);
        cluster.server.settled();
        let shown = cluster.run(&["app", "show", id]).ended_with(0).report();
        assert_eq!((&shown["id"], &shown["tasksRunning"]), (&json!(id), &json!(1)), "{id}");
        assert_eq!(shown["tasks"].as_array().map(Vec::len), Some(1), "{id}");
        cluster.run(&["app", "update", id, "mem=40"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(held(&cluster, id)["mem"], 40.0, "{id}");
        cluster.run(&["app", "update", id, "cpus=-1"]).ended_with(1).tells("/cpus");
        let waited = cluster.run(&["app", "update", id, "mem=41", "--wait", "--timeout", "60s"]);
        waited.ended_with(0).says("/mem");
        assert_eq!(held(&cluster, id)["mem"], 41.0, "{id}");
        let earlier = cluster.run(&["app", "show", id, "--app-version=-1"]).ended_with(0).report();
        assert_eq!((&earlier["id"], &earlier["mem"]), (&json!(id), &json!(40.0)), "{id}");
        let listed = cluster.run(&["task", "list", id, "-q"]).ended_with(0).out;
        assert_eq!(listed.lines().count(), 1, "{id}: {listed}");
        assert_eq!(cluster.run(&["app", "kill", id, "--host=nohost"]).ended_with(0).out, "", "{id}");
        let killed = cluster.run(&["app", "kill", id]).ended_with(0).out;
        assert_eq!(killed, listed, "{id}");
        cluster.run(&["app", "stop", id, "--force"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(held(&cluster, id)["instances"], 0, "{id}");
        cluster.run(&["app", "start", id, "2"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(held(&cluster, id)["tasksRunning"], 2, "{id}");
        let restarted = cluster.run(&["app", "restart", id]);
        let removed = |run: &[&str]| cluster.run(&[&["app", "remove", id], run].concat());
        if has_address {
            restarted.ended_with(0);
            removed(&["--force"]).ended_with(0);
        } else {
            restarted.ended_with(2).tells("has no address for this app").tells("milepost app kill");
            let group = id.rsplit_once('/').expect("a group").0;
            removed(&[]).ended_with(2).tells(&format!("`milepost group remove {group}`"));
            assert_eq!(held(&cluster, id)["tasksRunning"], 2, "{id}: nothing was sent");
            cluster.run(&["group", "remove", group]).ended_with(0);
        }
        cluster.server.settled();
        let none = cluster.run(&["app", "show", id]).ended_with(2);
        none.tells(&format!("app '{id}' does not exist"));
        cluster.run(&["app", "kill", id]).ended_with(2).tells("does not exist");
        cluster.run(&["app", "update", id, "mem=40"]).ended_with(2).tells("does not exist");
    });
}

#[test]
fn they_are_deployed_as_all_others() {
    let cluster = Cluster::new();
    let id = "/shop/tasks/web";
    cluster.deploy(&app(id, 1), &[]).ended_with(0).says("deployed: /shop/tasks/web");
    let mut changed = app(id, 2);
    changed["mem"] = json!(40);
    cluster.deploy(&changed, &[]).ended_with(0).says("/mem");
    assert_eq!((&held(&cluster, id)["mem"], &held(&cluster, id)["instances"]), (&json!(40.0), &json!(2)));
    cluster.deploy(&changed, &[]).ended_with(0).says("nothing to do");
    let bad = json!({"id": id, "cmd": "exit 1", "cpus": 0.1, "mem": 40, "backoffSeconds": 0});
    cluster.deploy(&bad, &[]).ended_with(6).says("rolled back");
    assert_eq!(held(&cluster, id)["cmd"], "sleep 3600");
    cluster.run(&["status", id]).ended_with(0).says(id);
    cluster.run(&["history", id]).ended_with(0).says("/mem");
    let group = json!({"id": "/shop", "apps": [app("db", 1)]});
    cluster.deploy(&group, &["--prune"]).ended_with(2).tells("nothing was sent").tells("no address");
    assert_eq!(held(&cluster, "/shop/db"), Json::Null);
    let mut colour = app(id, 1);
    colour["labels"] = json!({"HAPROXY_DEPLOYMENT_GROUP": "web", "HAPROXY_DEPLOYMENT_ALT_PORT": "10001"});
    colour["portDefinitions"] = json!([{"port": 10000}]);
    let strategy = ["--strategy", "blue-green", "--haproxy", "http://127.0.0.1:1"];
    cluster.deploy(&colour, &strategy).ended_with(2).tells("no address").tells("without --strategy");
}

#[test]
fn groups_are_shown_and_changed_under_any_name() {
    let cluster = Cluster::new();
    each_case(["/x/apps", "/x/versions", "/x/tasks", "/x/pods", "/versions", "/apps"], |id| {
        let web = format!("{id}/web");
        cluster.file("web.json", &app(&web, 1));
        cluster.run(&["app", "add", "web.json"]).ended_with(0);
        cluster.server.settled();
        let shown = cluster.run(&["group", "show", id]).ended_with(0).report();
        assert_eq!((&shown["id"], &shown["apps"][0]["id"]), (&json!(id), &json!(web)), "{id}");
        let update =
            json!({"apps": [{"id": "web", "cmd": "sleep 3600", "cpus": 0.1, "mem": 40}]}).to_string();
        let updated = with_stdin(&cluster, &["group", "update", id], &update);
        if id.ends_with("apps") || id.ends_with("pods") {
            updated.ended_with(0);
        } else {
            // Marathon makes such a group for an app, and takes no definition of it.
            updated.ended_with(1).tells("reserved-id");
            cluster.run(&["app", "update", &web, "mem=40"]).ended_with(0);
        }
        cluster.server.settled();
        assert_eq!(held(&cluster, &web)["mem"], 40.0, "{id}");
        cluster.run(&["group", "scale", id, "2"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(held(&cluster, &web)["tasksRunning"], 2, "{id}");
        assert_eq!(cluster.run(&["task", "list", id, "-q"]).ended_with(0).out.lines().count(), 2, "{id}");
        cluster.run(&["group", "show", id, "--group-version=-1"]).ended_with(0).says("\"mem\": 40");
        cluster.run(&["group", "remove", id]).ended_with(0);
        cluster.server.settled();
        cluster.run(&["group", "show", id]).ended_with(2).tells(&format!("group '{id}' does not exist"));
        cluster.run(&["group", "scale", id, "2"]).ended_with(2).tells("does not exist");
    });
}

#[test]
fn pods_have_addresses_of_their_own() {
    let cluster = Cluster::new();
    each_case(["/x/tasks/cache", "/x/versions/cache", "/x/apps/cache"], |id| {
        cluster.file("p.json", &pod(id));
        cluster.run(&["pod", "add", "p.json"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(cluster.run(&["pod", "show", id]).ended_with(0).report()["spec"]["id"], id);
        let mut two = pod(id);
        two["scaling"]["instances"] = json!(2);
        with_stdin(&cluster, &["pod", "update", id, "--wait", "--timeout", "60s"], &two.to_string())
            .ended_with(0);
        cluster.run(&["pod", "remove", id]).ended_with(0);
        cluster.server.settled();
    });
}
