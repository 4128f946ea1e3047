//! Several files, and directories.

use super::{ARCHIVE, GROUP, fixture};
use crate::common::TestDir;

#[test]
fn one_rejected_file_leaves_all_untouched() {
    let test = TestDir::new().fixture("seeds/000-app-archive.json").fixture("seeds/000-app-secret.json");
    let args = ["wire", "000-app-archive.json", "000-app-secret.json", "--archive", ARCHIVE, "--write"];
    insta::assert_snapshot!(test.run(&args), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[archive-needs-docker-engine]: app "/mesos-docker" runs on the Universal Container Runtime, which never reads a credentials archive
     --> 000-app-secret.json:7:14
      |
    7 |      "type": "MESOS"
      |              ^^^^^^^
      |
      = help: give it the credentials as a secret: `--secret SOURCE` instead of `--archive URI`

    no file was changed
    "#);
    assert_eq!(test.read("000-app-archive.json"), fixture("000-app-archive.json"));
}

#[test]
fn groups_and_lists_are_walked() {
    let list = r#"[{"id":"/a","container":{"docker":{"image":"r/a"}}},{"id":"/b","container":{"docker":{"image":"r/b"}}}]"#;
    let test = TestDir::new().file("group.json", GROUP).file("list.json", list);
    insta::assert_snapshot!(test.run(&["wire", "group.json", "--archive", ARCHIVE, "--write"]), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: group.json:5:13: left out: app "cron" has no container, so there is no image to pull
    note: group.json:11:47: left out: app "sql" runs on the Universal Container Runtime, which never reads a credentials archive
    wired group.json: app "web": fetch of file:///etc/docker.tar.gz
    "#);
    insta::assert_snapshot!(test.run(&["wire", "group.json", "--secret", "shop/pull", "--diff"]), @r#"
    exit: 1
    ----- stdout -----
    --- group.json
    +++ group.json
    @@ -8,7 +8,7 @@
         {
           "id": "db",
           "apps": [
    -        { "id": "sql", "container": { "type": "MESOS", "docker": { "image": "r.example.com/sql" } } }
    +        { "id": "sql", "container": { "type": "MESOS", "docker": { "image": "r.example.com/sql", "pullConfig": { "secret": "pullConfigSecret" } } }, "secrets": { "pullConfigSecret": { "source": "shop/pull" } } }
           ]
         }
       ]
    ----- stderr -----
    note: group.json:4:20: left out: app "web" runs on the Docker Engine, for which Marathon rejects a pull config
    note: group.json:5:13: left out: app "cron" has no container, so there is no image to pull
    "#);
    insta::assert_snapshot!(test.run(&["wire", "list.json", "--archive", ARCHIVE]), @r#"
    exit: 0
    ----- stdout -----
    [{"id":"/a","container":{"docker":{"image":"r/a"}},"fetch":[{"uri":"file:///etc/docker.tar.gz"}]},{"id":"/b","container":{"docker":{"image":"r/b"}},"fetch":[{"uri":"file:///etc/docker.tar.gz"}]}]----- stderr -----
    "#);
}

#[test]
fn a_file_that_is_named_twice_is_wired_once() {
    let test = TestDir::new().fixture("seeds/000-app-archive.json");
    let args = ["wire", "000-app-archive.json", "./000-app-archive.json", "--archive", ARCHIVE, "--write"];
    insta::assert_snapshot!(test.run(&args), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wired 000-app-archive.json: fetch of file:///etc/docker.tar.gz
    ");
}

#[test]
fn a_repository_gets_what_each_containerizer_takes_and_public_images_nothing() {
    let app = |id: &str, kind: &str, image: &str| {
        format!(
            "{{\"id\": \"{id}\", \"container\": {{\"type\": \"{kind}\", \"docker\": {{\"image\": \"{image}\"}}}}}}\n"
        )
    };
    let public = app("/shop/cache", "DOCKER", "redis:7");
    let test = TestDir::new()
        .file("shop/docker.json", app("/shop/docker", "DOCKER", "r.example.com/web:1"))
        .file("shop/mesos.json", app("/shop/mesos", "MESOS", "r.example.com/web:1"))
        .file("shop/public.json", &public)
        .file("shop/cmd.json", r#"{"id": "/shop/cmd", "cmd": "sleep 1"}"#)
        .file("shop/pod.yaml", "id: /shop/pod\ncontainers:\n- name: own # ours\n  image:\n    kind: DOCKER\n    id: r.example.com/a:1\n  resources: {cpus: 0.1, mem: 32}\n- name: public\n  image: {kind: DOCKER, id: 'redis:7'}\n  resources: {cpus: 0.1, mem: 32}\n")
        .file("shop/package.json", r#"{"name": "left-pad"}"#)
        .file("shop/broken.json", "{\"x\": ");
    let both = ["wire", "shop", "--archive", ARCHIVE, "--secret", "shop/pull"];
    let several = test.run(&both);
    assert!(several.contains("several files: give --write"), "{several}");
    let args = [&both[..], &["--registry", "r.example.com", "--write"]].concat();
    let told = test.run(&args);
    assert!(told.starts_with("exit: 0"), "{told}");
    assert!(told.contains("needs no credentials, because \"redis:7\" is not from r.example.com"), "{told}");
    assert!(test.read("shop/docker.json").contains("docker.tar.gz"));
    assert!(test.read("shop/mesos.json").contains("\"pullConfig\": { \"secret\": \"pullConfigSecret\" }"));
    assert_eq!(test.read("shop/public.json"), public);
    let pod = test.read("shop/pod.yaml");
    assert_eq!(pod.matches("pullConfig:").count(), 1, "{pod}");
    assert!(
        pod.contains("# ours\n") && pod.contains("secrets:\n  pullConfigSecret:\n    source: shop/pull\n"),
        "{pod}"
    );
    // What has its credentials is left as it is.
    let again = test.run(&args);
    assert!(!again.contains("wired") && again.contains("unchanged shop/docker.json"), "{again}");
    let named = test.run(&["wire", "shop/public.json", "--archive", ARCHIVE, "--registry", "r.example.com"]);
    assert!(named.starts_with("exit: 0") && named.contains(&public), "{named}");
    let none = test.run(&["wire", "shop/cmd.json", "--archive", ARCHIVE]);
    assert!(none.starts_with("exit: 1"), "{none}");
}

#[test]
fn a_file_that_cannot_be_written_does_not_keep_the_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let app = |id: &str| {
        format!("{{\"id\": \"{id}\", \"container\": {{\"docker\": {{\"image\": \"r.example.com/a:1\"}}}}}}\n")
    };
    let test =
        TestDir::new().file("a/a.json", app("/a")).file("b/b.json", app("/b")).file("c/c.json", app("/c"));
    let lock = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(test.path().join("b"), permissions).expect("the test's own directory");
    };
    lock(0o555);
    // An administrator may write everywhere.
    let can_write = std::fs::write(test.path().join("b/probe"), "").is_ok();
    let told = test.run(&["wire", "a", "b", "c", "--archive", ARCHIVE, "--write"]);
    lock(0o755);
    if can_write {
        return;
    }
    assert!(told.starts_with("exit: 2"), "{told}");
    assert!(told.contains("wired a/a.json") && told.contains("wired c/c.json"), "{told}");
    assert!(told.contains("error: 1 of 3 files could not be written; the others are"), "{told}");
}
