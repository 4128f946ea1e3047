//! Directories: what is in them and is not read is neither forgotten nor removed.

use serde_json::{Value as Json, json};

use super::Cluster;

fn app(id: &str) -> Json {
    json!({"id": id, "cmd": "sleep 1000", "cpus": 0.1, "mem": 32})
}

/// A cluster on which `/shop/a` and `/shop/b` run, and a directory that defines them.
fn shop() -> Cluster {
    let cluster = Cluster::new();
    std::fs::create_dir(cluster.test.path().join("shop")).expect("made");
    cluster.file("shop/group.json", &json!({"id": "/shop", "apps": []}));
    for name in ["a", "b"] {
        cluster.file(&format!("shop/{name}.json"), &app(&format!("/shop/{name}")));
    }
    cluster.run(&["deploy", "shop", "--yes", "--timeout", "5m"]).ended_with(0);
    cluster
}

#[test]
fn nothing_is_pruned_while_a_file_is_not_read() {
    let cluster = shop();
    let path = |name: &str| cluster.test.path().join("shop").join(name);
    let refused = |name: &str| {
        for words in [&["deploy", "shop", "--yes", "--prune"][..], &["plan", "shop", "--prune"]] {
            cluster.run(words).ended_with(2).tells("--prune").tells(name);
        }
        assert!(cluster.all_run("/shop/b"), "{name}");
    };
    std::fs::remove_file(path("b.json")).expect("removed");
    for text in ["", "no definition: {", "[1, 2]", "{\"id\": 7}"] {
        std::fs::write(path("b.json"), text).expect("written");
        refused("shop/b.json");
    }
    std::fs::remove_file(path("b.json")).expect("removed");
    std::os::unix::fs::symlink("nowhere.json", path("b.json")).expect("linked");
    refused("shop/b.json");
    // What the user leaves out is named.
    for (leave_out, removes) in [(&["--exclude", "b.json"][..], true), (&[], false)] {
        if !removes {
            std::fs::remove_file(path("b.json")).expect("removed");
            cluster.file("shop/b.json", &app("/shop/b"));
            std::fs::write(path(".gitignore"), "b.json\n").expect("written");
        }
        let words = [&["plan", "shop", "--prune"], leave_out].concat();
        let run = cluster.run(&words).ended_with(1).says("- /shop/b");
        run.tells("warning: --prune removes what these define").tells("shop/b.json");
    }
    // All is read.
    std::fs::remove_file(path(".gitignore")).expect("removed");
    cluster.run(&["plan", "shop", "--prune"]).ended_with(0);
    std::fs::remove_file(path("b.json")).expect("removed");
    cluster.run(&["plan", "shop", "--prune"]).ended_with(1).says("- /shop/b");
    let run = cluster.run(&["plan", "shop/a.json", "--prune"]).ended_with(0);
    run.tells("warning: --prune removes nothing");
}

#[test]
fn templates_in_a_directory_are_filled_in_or_refused() {
    let cluster = shop();
    let path = |name: &str| cluster.test.path().join("shop").join(name);
    let template = r#"{"id": "/shop/t", "cmd": "sleep {{ time }}", "cpus": 0.1, "mem": 32}"#;
    std::fs::write(path("t.json.j2"), template).expect("written");
    std::fs::write(path("nginx.conf.j2"), "listen {{ port }};").expect("written");
    for words in [&["deploy", "shop", "--yes"][..], &["plan", "shop"], &["plan", "shop", "--prune"]] {
        let run = cluster.run(words).ended_with(2).tells("shop/t.json.j2").tells("--exclude");
        assert!(!run.err.contains("nginx"), "{}", run.err);
    }
    cluster.run(&["plan", "shop", "--exclude", "*.j2"]).ended_with(0);
    cluster.run(&["plan", "shop", "--set", "time=7"]).ended_with(1).says("+ /shop/t");
    cluster.run(&["deploy", "shop", "--yes", "--set", "time=7"]).ended_with(0);
    assert_eq!(cluster.app("/shop/t")["cmd"], "sleep 7");
    // One of another engine cannot be filled in.
    std::fs::write(path("u.json.tmpl"), "{{ .Values.x }}").expect("written");
    cluster.run(&["deploy", "shop", "--yes", "--set", "time=7"]).ended_with(2).tells("shop/u.json.tmpl");
}
