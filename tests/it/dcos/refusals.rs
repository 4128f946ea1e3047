//! What would change or kill something else than the words say is refused before anything is sent.

use serde_json::{Value as Json, json};

use super::{app, pod, with_stdin};
use crate::common::{TestDir, each_case};
use crate::deploy::{Cluster, Run};

fn cluster() -> Cluster {
    let cluster = Cluster::new();
    cluster.file("g.json", &json!({"id": "/g", "apps": [app("a", 1), app("b", 1)]}));
    cluster.run(&["group", "add", "g.json"]).ended_with(0);
    cluster.server.settled();
    cluster
}

fn tasks(cluster: &Cluster, id: &str) -> Vec<String> {
    cluster.run(&["task", "list", id, "-q"]).ended_with(0).out.lines().map(str::to_owned).collect()
}

#[test]
fn a_task_in_the_place_of_one_that_has_ended_is_not_killed() {
    let cluster = cluster();
    let live = tasks(&cluster, "/g/a").remove(0);
    let (instance, _) = live.rsplit_once('.').expect("an id");
    let ended = format!("{instance}.77");
    cluster.run(&["task", "stop", &ended]).ended_with(2).tells("does not exist");
    cluster.run(&["task", "kill", &ended]).ended_with(2).tells("task-ids seems to be unknown");
    let old = cluster.run(&["dcos", "marathon", "task", "kill", &ended]).ended_with(2);
    assert_eq!(old.out, "Killed tasks: []\n");
    let scaled = cluster.run(&["dcos", "marathon", "task", "kill", "--scale", &ended]).ended_with(2);
    assert_eq!(scaled.out, "");
    assert_eq!(tasks(&cluster, "/g/a"), [live.as_str()]);
    // Of several, those that run are killed, and no other.
    let other = tasks(&cluster, "/g/b").remove(0);
    let killed = cluster.run(&["task", "kill", "--scale", "--json", &ended, &other]).ended_with(2);
    killed.tells(&ended);
    cluster.server.settled();
    assert_eq!(tasks(&cluster, "/g/a"), [live]);
    assert_eq!(tasks(&cluster, "/g/b"), [""; 0]);
}

#[test]
fn the_tasks_of_a_pod_are_not_those_of_an_app() {
    let cluster = Cluster::new();
    cluster.file("p.json", &pod("/p"));
    cluster.run(&["pod", "add", "p.json"]).ended_with(0);
    cluster.server.settled();
    let instances =
        || cluster.run(&["pod", "show", "/p"]).ended_with(0).report()["instances"][0]["id"].clone();
    let before = instances();
    for more in [&[][..], &["--scale"], &["--host", "agent"]] {
        cluster.run(&[&["app", "kill", "/p"], more].concat()).ended_with(2).tells("`milepost pod kill /p ");
    }
    cluster.server.settled();
    assert_eq!(instances(), before);
}

#[test]
fn a_group_is_not_named_for_an_app_that_is_not_there() {
    let cluster = Cluster::new();
    let add = |id: &str| {
        cluster.file("one.json", &app(id, 1));
        cluster.run(&["app", "add", "one.json"]).ended_with(0);
        cluster.server.settled();
    };
    add("/g/tasks/db");
    let remove = || cluster.run(&["app", "remove", "/g/tasks/web", "--force"]).ended_with(2);
    let missing = remove().tells("app '/g/tasks/web' does not exist");
    assert!(!missing.err.contains("group remove"), "{}", missing.err);
    add("/g/tasks/web");
    remove().tells("`milepost group remove /g/tasks` removes it with its group, and also /g/tasks/db");
}

#[test]
fn a_group_update_removes_only_what_it_is_told_to() {
    let cluster = cluster();
    let only_a = json!({"apps": [app("a", 1)]});
    for words in [&["group", "update", "/g"][..], &["dcos", "marathon", "group", "update", "--force", "/g"]] {
        with_stdin(&cluster, words, &only_a.to_string()).ended_with(2).tells("--yes removes /g/b without");
    }
    let all = cluster.run(&["dcos", "marathon", "group", "update", "/", "groups=[]"]).ended_with(2);
    all.tells("nothing was changed").tells("removes /g/a, /g/b");
    assert_eq!(
        (cluster.app("/g/a")["instances"].clone(), cluster.app("/g/b")["instances"].clone()),
        (json!(1), json!(1))
    );
    with_stdin(&cluster, &["group", "update", "/g", "--yes"], &only_a.to_string()).ended_with(0);
    cluster.server.settled();
    assert_eq!(tasks(&cluster, "/g").len(), 1);
}

#[test]
fn the_plan_of_a_group_names_only_what_changes() {
    let cluster = cluster();
    let mut a = app("a", 1);
    a["mem"] = json!(48);
    let update = json!({"apps": [a, app("b", 1)]}).to_string();
    let changed = with_stdin(&cluster, &["group", "update", "/g"], &update).ended_with(0);
    assert!(changed.err.contains("plan: restarts /g/a\n"), "{}", changed.err);
    cluster.server.settled();
    with_stdin(&cluster, &["group", "update", "/g"], &update).ended_with(0).tells("plan: changes no app");
}

#[test]
fn an_update_to_a_version_shows_what_it_changes() {
    let cluster = cluster();
    let first = cluster.app("/g/a")["version"].as_str().expect("a version").to_owned();
    let version = format!("version={first}");
    let mem = |cluster: &Cluster| cluster.app("/g/a")["mem"].clone();
    let before: Json = mem(&cluster);
    for more in [&[][..], &["--wait", "--timeout", "5m"]] {
        cluster.run(&["app", "update", "/g/a", "mem=48"]).ended_with(0);
        cluster.server.settled();
        assert_eq!(mem(&cluster), json!(48.0));
        let run = cluster.run(&[&["app", "update", "/g/a", &version], more].concat()).ended_with(0);
        assert!(run.err.contains("mem") && !run.err.contains("warning"), "{}", run.err);
        cluster.server.settled();
        assert_eq!(mem(&cluster), before);
    }
    let unknown = cluster.run(&["app", "update", "/g/a", "version=2001-01-01T00:00:00.000Z"]);
    unknown.ended_with(2).tells("has no version");
}

#[test]
fn an_answer_that_names_nothing_killed_leaves_it_open() {
    let server = crate::send::Server::start(crate::send::json("200 OK", r#"{"x": 1}"#));
    let test = TestDir::new();
    let pod = ["pod", "kill", "/p", "p.instance-1b39896a-51a8-149b-93cb-9f0c747ea2ea"];
    each_case([&["task", "stop", "web"][..], &pod], |words| {
        let output = test.command(words).env("MARATHON_URL", server.url()).output().expect("it runs");
        Run::from(output)
            .ended_with(8)
            .tells("so it is not Marathon's")
            .tells("it may have been carried out");
    });
}
