//! Tests of `milepost wire`.

use serde_json::Value as Json;

use crate::common::{TestDir, each_case};

const ARCHIVE: &str = "file:///etc/docker.tar.gz";

fn fixture(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Wires a seed's input as its walk-through says and holds the result against the seed's own output.
fn assert_seed(name: &str, args: &[&str]) {
    let file = format!("{name}.json");
    let test = TestDir::new().fixture(&format!("seeds/{file}"));
    let output = test.command(&[&["wire", &file], args].concat()).output().expect("the program runs");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(json(&text), json(&fixture(&format!("{name}.wired.json"))), "{name}");
}

#[test]
fn the_seeds_come_out_as_they_are_written() {
    assert_seed("000-app-archive", &["--archive", ARCHIVE]);
    assert_seed("000-app-secret", &["--secret", "/mesos-docker/pullConfig"]);
    assert_seed("000-pod-secret", &["--secret", "/pod/pullConfig"]);
    assert_seed("003-app-secret", &["--secret", "/mesos-docker/pullConfig"]);
    assert_seed("003-pod-secret", &["--secret", "/pod/pullConfig"]);
    assert_seed("003-app-uris", &["--archive", ARCHIVE, "--marathon-version", "1.4"]);
}

#[test]
fn a_seed_that_is_wired_stays_as_it_is() {
    let test =
        TestDir::new().fixture("seeds/000-app-archive.wired.json").fixture("seeds/003-pod-secret.wired.json");
    insta::assert_snapshot!(
        test.run(&["wire", "000-app-archive.wired.json", "--archive", ARCHIVE, "--write"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged 000-app-archive.wired.json
    ");
    insta::assert_snapshot!(
        test.run(&["wire", "003-pod-secret.wired.json", "--secret", "/pod/pullConfig", "--diff"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    ");
    assert_eq!(test.read("000-app-archive.wired.json"), fixture("000-app-archive.wired.json"));
}

const WEB: &str = r#"{
    // Owned by the shop team.
    "id": "/shop/web",
    "cpus": 0.50, /* not 0.5 */
    "container": {
        "type": "DOCKER",
        "docker": { "image": "registry.example.com/shop/web:1.4" } // pinned
    },
    "env": {"A": "1"}, // last
}
"#;

#[test]
fn comments_and_formatting_survive() {
    let test = TestDir::new().file("web.jsonc", WEB);
    insta::assert_snapshot!(test.run(&["wire", "web.jsonc", "--archive", ARCHIVE]), @r#"
    exit: 0
    ----- stdout -----
    {
        // Owned by the shop team.
        "id": "/shop/web",
        "cpus": 0.50, /* not 0.5 */
        "container": {
            "type": "DOCKER",
            "docker": { "image": "registry.example.com/shop/web:1.4" } // pinned
        },
        "env": {"A": "1"}, // last
        "fetch": [
            {
                "uri": "file:///etc/docker.tar.gz"
            }
        ],
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["wire", "web.jsonc", "--archive", ARCHIVE, "--diff"]), @r#"
    exit: 1
    ----- stdout -----
    --- web.jsonc
    +++ web.jsonc
    @@ -7,4 +7,9 @@
             "docker": { "image": "registry.example.com/shop/web:1.4" } // pinned
         },
         "env": {"A": "1"}, // last
    +    "fetch": [
    +        {
    +            "uri": "file:///etc/docker.tar.gz"
    +        }
    +    ],
     }
    ----- stderr -----
    "#);
    assert_eq!(test.read("web.jsonc"), WEB);
    insta::assert_snapshot!(test.run(&["wire", "web.jsonc", "--archive", ARCHIVE, "--write"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wired web.jsonc: fetch of file:///etc/docker.tar.gz
    ");
    insta::assert_snapshot!(test.run(&["wire", "web.jsonc", "--archive", ARCHIVE, "--diff"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    ");
}

#[test]
fn the_wrong_credential_for_the_containerizer_is_rejected() {
    let test = TestDir::new()
        .fixture("seeds/000-app-archive.json")
        .fixture("seeds/000-app-secret.json")
        .fixture("seeds/000-pod-secret.json");
    insta::assert_snapshot!(test.run(&["wire", "000-app-secret.json", "--archive", ARCHIVE]), @r#"
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
    "#);
    insta::assert_snapshot!(test.run(&["wire", "000-pod-secret.json", "--archive", ARCHIVE]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[archive-needs-docker-engine]: pod "/simple-pod" runs on the Universal Container Runtime, which never reads a credentials archive
     --> 000-pod-secret.json:3:6
      |
    3 |      "containers":[
      |      ^^^^^^^^^^^^
      |
      = help: give it the credentials as a secret: `--secret SOURCE` instead of `--archive URI`
    "#);
    insta::assert_snapshot!(test.run(&["wire", "000-app-archive.json", "--secret", "a/b"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[pull-config-needs-ucr]: app "/some/name/or/id" runs on the Docker Engine, for which Marathon rejects a pull config
     --> 000-app-archive.json:7:13
      |
    7 |     "type": "DOCKER",
      |             ^^^^^^^^ /container
      |
      = help: give it the credentials as an archive, `--archive URI`, or move it to the Universal Container Runtime with `--convert`
    "#);
}

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
fn clashes_are_rejected_with_both_sides_named() {
    let secrets = r#"{
  "id": "/a",
  "container": { "type": "MESOS", "docker": { "image": "x" } },
  "secrets": { "pullConfigSecret": { "source": "/somebody/else" }, "db": { "source": "/db" } }
}
"#;
    let pulls = r#"{
  "id": "/a",
  "container": { "type": "MESOS", "docker": { "image": "x", "pullConfig": { "secret": "old" } } },
  "secrets": { "old": { "source": "/old" } }
}
"#;
    let dangling = pulls.replace(r#""old": { "source": "/old" }"#, "");
    let test = TestDir::new()
        .file("secrets.json", secrets)
        .file("pulls.json", pulls)
        .file("dangling.json", dangling);
    insta::assert_snapshot!(test.run(&["wire", "secrets.json", "--secret", "a/pull"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[secret-clash]: secret "pullConfigSecret" of app "/a" comes from "/somebody/else", not from "a/pull"
     --> secrets.json:4:48
      |
    4 |   "secrets": { "pullConfigSecret": { "source": "/somebody/else" }, "db": { "source": "/db" } }
      |                                                ^^^^^^^^^^^^^^^^ /secrets/pullConfigSecret
      |
      = help: give this one another name: `wire --name NAME`
    "#);
    insta::assert_snapshot!(test.run(&["wire", "pulls.json", "--secret", "a/pull"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[pull-config-clash]: app "/a" pulls with secret "old" from "/old" already, not from "a/pull"
     --> pulls.json:3:87
      |
    3 |   "container": { "type": "MESOS", "docker": { "image": "x", "pullConfig": { "secret": "old" } } },
      |                                                                                       ^^^^^ /container/docker/pullConfig
      |
      = help: remove that `pullConfig` first if this one is to replace it
    "#);
    insta::assert_snapshot!(test.run(&["wire", "dangling.json", "--secret", "a/pull"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[pull-config-clash]: app "/a" pulls with secret "old" already, which is not defined
     --> dangling.json:3:87
      |
    3 |   "container": { "type": "MESOS", "docker": { "image": "x", "pullConfig": { "secret": "old" } } },
      |                                                                                       ^^^^^ /container/docker/pullConfig
      |
      = help: define it: `--name old`
    "#);
    insta::assert_snapshot!(test.run(&["wire", "secrets.json", "--secret", "a/pull", "--name", "pull"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "container": { "type": "MESOS", "docker": { "image": "x", "pullConfig": { "secret": "pull" } } },
      "secrets": { "pullConfigSecret": { "source": "/somebody/else" }, "db": { "source": "/db" }, "pull": { "source": "a/pull" } }
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["wire", "pulls.json", "--secret", "/old", "--diff"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    ");
}

const POD: &str = r#"{
  "id": "/pod",
  "containers": [
    { "name": "web", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/web" } },
    { "name": "shell", "resources": {}, "exec": { "command": { "shell": "sleep 1" } } },
    { "name": "job", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/job" } },
    { "name": "bare", "resources": {}, "image": { "id": "r.example.com/bare" } }
  ]
}
"#;

#[test]
fn containers_of_a_pod_can_be_chosen() {
    let test = TestDir::new().file("pod.json", POD);
    insta::assert_snapshot!(test.run(&["wire", "pod.json", "--secret", "pod/pull", "--containers", "web,job", "--diff", "--no-check"]), @r#"
    exit: 1
    ----- stdout -----
    --- pod.json
    +++ pod.json
    @@ -1,9 +1,14 @@
     {
       "id": "/pod",
       "containers": [
    -    { "name": "web", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/web" } },
    +    { "name": "web", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/web", "pullConfig": { "secret": "pullConfigSecret" } } },
         { "name": "shell", "resources": {}, "exec": { "command": { "shell": "sleep 1" } } },
    -    { "name": "job", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/job" } },
    +    { "name": "job", "resources": {}, "image": { "kind": "DOCKER", "id": "r.example.com/job", "pullConfig": { "secret": "pullConfigSecret" } } },
         { "name": "bare", "resources": {}, "image": { "id": "r.example.com/bare" } }
    -  ]
    +  ],
    +  "secrets": {
    +    "pullConfigSecret": {
    +      "source": "pod/pull"
    +    }
    +  }
     }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["wire", "pod.json", "--secret", "pod/pull", "--containers", "wbe"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[no-such-container]: pod "/pod" has no container "wbe"
     --> pod.json:3:3
      |
    3 |   "containers": [
      |   ^^^^^^^^^^^^ /containers
      |
      = help: it has: web, shell, job, bare
    "#);
    insta::assert_snapshot!(test.run(&["wire", "pod.json", "--secret", "pod/pull", "--containers", "shell"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[pull-config-needs-image]: container "shell" of pod "/pod" has no image to pull
     --> pod.json:5:15
      |
    5 |     { "name": "shell", "resources": {}, "exec": { "command": { "shell": "sleep 1" } } },
      |               ^^^^^^^ /containers/1/image
      |
      = help: leave it out of `--containers`
    "#);
    insta::assert_snapshot!(test.run(&["wire", "pod.json", "--secret", "pod/pull"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[pull-config-needs-image]: the image of container "bare" of pod "/pod" has no `kind`
     --> pod.json:7:40
      |
    7 |     { "name": "bare", "resources": {}, "image": { "id": "r.example.com/bare" } }
      |                                        ^^^^^^^ /containers/3/image
      |
      = help: a pull config is for `"kind": "DOCKER"`, and Marathon rejects an image without kind
    "#);
}

const GROUP: &str = r#"{
  "id": "/shop",
  "apps": [
    { "id": "web", "container": { "docker": { "image": "r.example.com/web" } } },
    { "id": "cron", "cmd": "sleep 1" }
  ],
  "groups": [
    {
      "id": "db",
      "apps": [
        { "id": "sql", "container": { "type": "MESOS", "docker": { "image": "r.example.com/sql" } } }
      ]
    }
  ]
}
"#;

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
fn uris_stay_uris() {
    let app = r#"{
  "id": "/a",
  "container": { "docker": { "image": "r/a" } },
  "uris": ["https://example.com/data.tgz"]
}
"#;
    let test = TestDir::new().file("a.json", app);
    insta::assert_snapshot!(test.run(&["wire", "a.json", "--archive", ARCHIVE, "--marathon-version", "1.4"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "container": { "docker": { "image": "r/a" } },
      "uris": ["https://example.com/data.tgz", "file:///etc/docker.tar.gz"]
    }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["wire", "a.json", "--archive", ARCHIVE]), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/a",
      "container": { "docker": { "image": "r/a" } },
      "uris": ["https://example.com/data.tgz", "file:///etc/docker.tar.gz"]
    }
    ----- stderr -----
    note: a.json:4:3: app "/a" uses `uris`, so the archive went there: Marathon 1.11 rejects `fetch` beside it
    "#);
}

#[test]
fn doubtful_uris_are_warned_about_and_broken_ones_rejected() {
    let test = TestDir::new().fixture("seeds/000-app-archive.json");
    let run = |uri| test.run(&["wire", "000-app-archive.json", "--archive", uri, "--diff"]);
    insta::assert_snapshot!(run("http://me:pass@files.example.com/docker.tar.gz"), @r#"
    exit: 1
    ----- stdout -----
    --- 000-app-archive.json
    +++ 000-app-archive.json
    @@ -8,5 +8,10 @@
         "docker": {
           "image": "some.docker.host.com/namespace/repo"
         }
    -  }
    +  },
    +  "fetch": [
    +    {
    +      "uri": "http://me:****@files.example.com/docker.tar.gz"
    +    }
    +  ]
     }
    ----- stderr -----
    warning: http://files.example.com/docker.tar.gz: the credentials travel unencrypted; serve them over https
    warning: http://files.example.com/docker.tar.gz: the user information in the URI is readable in the definition
    "#);
    insta::assert_snapshot!(run("https://files.example.com/config.json"), @r#"
    exit: 1
    ----- stdout -----
    --- 000-app-archive.json
    +++ 000-app-archive.json
    @@ -8,5 +8,11 @@
         "docker": {
           "image": "some.docker.host.com/namespace/repo"
         }
    -  }
    +  },
    +  "fetch": [
    +    {
    +      "uri": "https://files.example.com/config.json",
    +      "destPath": ".docker/config.json"
    +    }
    +  ]
     }
    ----- stderr -----
    "#);
    insta::assert_snapshot!(run("file:///etc/my docker.tar.gz"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: Marathon rejects a URI with ' ' in it; write it percent-encoded
    ");
    insta::assert_snapshot!(run("file:///etc/.dockercfg"), @r#"
    exit: 1
    ----- stdout -----
    --- 000-app-archive.json
    +++ 000-app-archive.json
    @@ -8,5 +8,10 @@
         "docker": {
           "image": "some.docker.host.com/namespace/repo"
         }
    -  }
    +  },
    +  "fetch": [
    +    {
    +      "uri": "file:///etc/.dockercfg"
    +    }
    +  ]
     }
    ----- stderr -----
    warning: file:///etc/.dockercfg: Docker 23 and later do not read .dockercfg; an archive with .docker/config.json works with all
    "#);
}

const DOCKER: &str = r#"{
  "id": "/shop/web",
  "container": {
    "type": "DOCKER",
    "docker": {
      "image": "r.example.com/shop/web:1.4",
      "network": "BRIDGE",
      "portMappings": [
        // the API
        { "containerPort": 8080, "hostPort": 0 },
        { "containerPort": 9090 }
      ],
      "privileged": false,
      "parameters": []
    }
  },
  "fetch": [
    { "uri": "https://example.com/data.tgz" },
    { "uri": "file:///etc/docker.tar.gz" }
  ]
}
"#;

#[test]
fn an_app_moves_to_the_universal_container_runtime() {
    let test = TestDir::new().file("web.jsonc", DOCKER);
    insta::assert_snapshot!(
        test.run(&["wire", "web.jsonc", "--secret", "shop/pull", "--convert", "--diff"]), @r#"
    exit: 1
    ----- stdout -----
    --- web.jsonc
    +++ web.jsonc
    @@ -1,21 +1,32 @@
     {
       "id": "/shop/web",
       "container": {
    -    "type": "DOCKER",
    +    "type": "MESOS",
         "docker": {
           "image": "r.example.com/shop/web:1.4",
    -      "network": "BRIDGE",
    -      "portMappings": [
    -        // the API
    -        { "containerPort": 8080, "hostPort": 0 },
    -        { "containerPort": 9090 }
    -      ],
           "privileged": false,
    -      "parameters": []
    -    }
    +      "parameters": [],
    +      "pullConfig": {
    +        "secret": "pullConfigSecret"
    +      }
    +    },
    +    "portMappings": [
    +      // the API
    +      { "containerPort": 8080, "hostPort": 0 },
    +      { "containerPort": 9090 }
    +    ]
       },
       "fetch": [
    -    { "uri": "https://example.com/data.tgz" },
    -    { "uri": "file:///etc/docker.tar.gz" }
    -  ]
    +    { "uri": "https://example.com/data.tgz" }
    +  ],
    +  "networks": [
    +    {
    +      "mode": "container/bridge"
    +    }
    +  ],
    +  "secrets": {
    +    "pullConfigSecret": {
    +      "source": "shop/pull"
    +    }
    +  }
     }
    ----- stderr -----
    note: web.jsonc:7:18: the agents need the CNI network mesos-bridge for `container/bridge`, which DC/OS has
    note: web.jsonc:18:5: https://example.com/data.tgz is still fetched; if it holds credentials of Docker, remove it: UCR does not read them
    "#);
    insta::assert_snapshot!(
        test.run(&["wire", "web.jsonc", "--secret", "shop/pull", "--convert", "--write"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: web.jsonc:7:18: the agents need the CNI network mesos-bridge for `container/bridge`, which DC/OS has
    note: web.jsonc:18:5: https://example.com/data.tgz is still fetched; if it holds credentials of Docker, remove it: UCR does not read them
    wired web.jsonc: moved to the Universal Container Runtime, no more fetch of file:///etc/docker.tar.gz, secret pullConfigSecret from shop/pull
    ");
    insta::assert_snapshot!(
        test.run(&["wire", "web.jsonc", "--secret", "shop/pull", "--convert", "--write"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged web.jsonc
    ");
}

#[test]
fn what_needs_the_docker_engine_is_listed() {
    let app = r#"{
  "id": "/db",
  "container": {
    "docker": {
      "image": "r.example.com/db",
      "network": "HOST",
      "privileged": true,
      "parameters": [{ "key": "pid", "value": "host" }, { "key": "log-opt", "value": "max-size=1m" }]
    },
    "volumes": [
      { "containerPath": "/data", "mode": "RW", "external": { "name": "d", "provider": "dvdi" } },
      { "containerPath": "cache", "mode": "RW", "hostPath": "cache" }
    ]
  }
}
"#;
    let test = TestDir::new().file("db.json", app);
    insta::assert_snapshot!(test.run(&["wire", "db.json", "--secret", "db/pull", "--convert"]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[needs-docker-engine]: app "/db" cannot leave the Docker Engine: it passes --pid to `docker run`
     --> db.json:8:31
      |
    8 |       "parameters": [{ "key": "pid", "value": "host" }, { "key": "log-opt", "value": "max-size=1m" }]
      |                               ^^^^^ /container/docker/parameters/0
      |
      = help: UCR has no counterpart: remove it if the app does not need it

    error[needs-docker-engine]: app "/db" cannot leave the Docker Engine: it passes --log-opt to `docker run`
     --> db.json:8:66
      |
    8 |       "parameters": [{ "key": "pid", "value": "host" }, { "key": "log-opt", "value": "max-size=1m" }]
      |                                                                  ^^^^^^^^^ /container/docker/parameters/1
      |
      = help: UCR has no counterpart: Mesos writes the logs, as the agents are configured

    error[needs-docker-engine]: app "/db" cannot leave the Docker Engine: it is privileged
     --> db.json:7:21
      |
    7 |       "privileged": true,
      |                     ^^^^ /container/docker/privileged
      |
      = help: on the Universal Container Runtime Marathon drops `privileged` silently

    error[needs-docker-engine]: app "/db" cannot leave the Docker Engine: it has an external volume
      --> db.json:11:49
       |
    11 |       { "containerPath": "/data", "mode": "RW", "external": { "name": "d", "provider": "dvdi" } },
       |                                                 ^^^^^^^^^^ /container/volumes/0
       |
       = help: the Docker Engine mounts it through its own volume plugin, UCR through the docker/volume isolator: move it by hand

    error[needs-docker-engine]: app "/db" cannot leave the Docker Engine: a `hostPath` and its `containerPath` are relative
      --> db.json:12:61
       |
    12 |       { "containerPath": "cache", "mode": "RW", "hostPath": "cache" }
       |                                                             ^^^^^^^ /container/volumes/1
       |
       = help: UCR mounts a directory of the sandbox only at an absolute `containerPath`
    "#);
}

#[test]
fn usage_errors_are_distinguished() {
    let test = TestDir::new()
        .fixture("seeds/000-app-archive.json")
        .fixture("seeds/003-app-uris.json")
        .file("package.json", "{\"name\": \"left-pad\"}")
        .file("broken.json", "{\"id\": \"/a\",}");
    let run = |args: &[&str]| test.run(&[&["wire"], args].concat());
    insta::assert_snapshot!(run(&["000-app-archive.json", "003-app-uris.json", "--archive", ARCHIVE]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: several files: give --write to change them in place, or --diff to see what would change
    ");
    insta::assert_snapshot!(run(&["000-app-archive.json"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      <--archive <URI>|--secret <SOURCE>|--docker-certs>

    Usage: milepost wire [OPTIONS] <--archive <URI>|--secret <SOURCE>|…> <PATH>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["000-app-archive.json", "--archive", ARCHIVE, "--convert"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the argument '--archive <URI>' cannot be used with '--convert'

    Usage: milepost wire [OPTIONS] <--archive <URI>|--secret <SOURCE>|…> <PATH>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(run(&["-", "--archive", ARCHIVE, "--write"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: standard input cannot be changed in place: leave out --write to get the result on standard output
    ");
    insta::assert_snapshot!(run(&["000-app-archive.json", "--secret", "a", "--marathon-version", "1.4"]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: Marathon 1.4 does not know `pullConfig`, which came with 1.5; use `--archive URI`
    ");
    insta::assert_snapshot!(run(&["package.json", "--archive", ARCHIVE]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: package.json: this is not an app, pod or group (it has too few of the fields of an app, pod or group)
    ");
    insta::assert_snapshot!(run(&["broken.json", "--archive", ARCHIVE]), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    error[syntax-error]: a comma with nothing after it
     --> broken.json:1:12
      |
    1 | {"id": "/a",}
      |            ^
      |
      = help: remove the comma
    "#);
    assert!(run(&["missing.json", "--archive", ARCHIVE]).contains("error: cannot read missing.json: "));
}

#[test]
fn standard_input_goes_to_standard_output() {
    let test = TestDir::new();
    let args = ["wire", "-", "--archive", ARCHIVE];
    insta::assert_snapshot!(
        test.run_with_stdin(&args, r#"{"id":"/a","container":{"docker":{"image":"r/a"}}}"#), @r#"
    exit: 0
    ----- stdout -----
    {"id":"/a","container":{"docker":{"image":"r/a"}},"fetch":[{"uri":"file:///etc/docker.tar.gz"}]}----- stderr -----
    "#);
}

#[test]
fn a_byte_order_mark_stays() {
    let app = "\u{feff}{\"id\": \"/a\", \"container\": {\"docker\": {\"image\": \"r/a\"}}}\r\n";
    let test = TestDir::new().file("a.json", app);
    test.command(&["wire", "a.json", "--archive", ARCHIVE, "--write"]).assert().success();
    let wired = test.read("a.json");
    assert!(
        wired.starts_with('\u{feff}') && wired.ends_with("}\r\n") && wired.contains(ARCHIVE),
        "{wired:?}"
    );
}

#[test]
fn the_examples_in_the_help_run() {
    let test =
        TestDir::new().file("web.json", WEB_JSON).file("pod.json", POD_JSON).file("jenkins.json", WEB_JSON);
    let test = test.file("apps/web.json", WEB_JSON);
    let help = test.run(&["wire", "--help"]);
    let commands: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("milepost ")).collect();
    assert_eq!(commands.len(), 6, "{commands:?}");
    each_case(commands, |command| {
        // There is no shell to spell out the pattern.
        let command = command.replace("*.json", "web.json");
        let args: Vec<&str> = command.split_whitespace().collect();
        let output = test.command(&args).output().expect("the program runs");
        let expected = i32::from(command.ends_with("--diff"));
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    });
}

const WEB_JSON: &str =
    r#"{"id": "/web", "container": {"type": "DOCKER", "docker": {"image": "r.example.com/web"}}}"#;

const POD_JSON: &str = r#"{"id": "/pod", "containers": [{"name": "a", "resources": {}, "image": {"kind": "DOCKER", "id": "r/a"}}]}"#;

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
fn deeply_nested_arrays_are_not_definitions() {
    let text = "[".repeat(200_000) + &"]".repeat(200_000);
    let test = TestDir::new().file("deep.json", &text);
    insta::assert_snapshot!(test.run(&["wire", "deep.json", "--archive", ARCHIVE]), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: deep.json: nested deeper than 1000 levels, which no definition is
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

/// UCR reads no archive, so one is of no use beside the secret: neither when the secret is new, nor when it was there.
#[test]
fn archives_that_ucr_does_not_read_go_when_the_secret_comes() {
    let app = |more: &str| {
        format!(
            r#"{{"id": "/a", "container": {{"type": "MESOS", "docker": {{"image": "r.example/a:1"}}}}, "fetch": [
                {{"uri": "file:///etc/docker.tar.gz"}}, {{"uri": "https://s.example/site.tgz"}}]{more}}}"#
        )
    };
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "DOCKER", "id": "r.example/a:1"}, "artifacts": [{"uri": "file:///etc/docker.tar.gz"}]}]}"#;
    let test = TestDir::new().file("app.json", app("")).file("pod.json", pod);
    let wired = |file: &str| {
        let output = test.command(&["wire", file, "--secret", "a/b"]).output().expect("the program runs");
        assert!(output.status.success(), "{}", test.describe(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let once = wired("app.json");
    assert_eq!(json(&once)["fetch"], serde_json::json!([{"uri": "https://s.example/site.tgz"}]));
    assert_eq!(json(&once)["container"]["docker"]["pullConfig"]["secret"], "pullConfigSecret");
    assert_eq!(json(&wired("pod.json"))["containers"][0].get("artifacts"), None);
    // The secret was there before.
    let secret = r#", "secrets": {"s": {"source": "a/b"}}"#;
    let there = app(secret).replace(r#"a:1"}"#, r#"a:1", "pullConfig": {"secret": "s"}}"#);
    std::fs::write(test.path().join("there.json"), there).expect("it is written");
    assert_eq!(json(&wired("there.json"))["fetch"], json(&once)["fetch"]);
    std::fs::write(test.path().join("once.json"), &once).expect("it is written");
    assert_eq!(wired("once.json"), once, "wiring again changes nothing");
}
