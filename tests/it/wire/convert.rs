//! Apps that move to the Universal Container Runtime, and those that cannot.

use super::DOCKER;
use crate::common::TestDir;

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
    note: web.jsonc:19:5: file:///etc/docker.tar.gz is no longer fetched: UCR does not read credentials in the sandbox
    "#);
    insta::assert_snapshot!(
        test.run(&["wire", "web.jsonc", "--secret", "shop/pull", "--convert", "--write"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    note: web.jsonc:7:18: the agents need the CNI network mesos-bridge for `container/bridge`, which DC/OS has
    note: web.jsonc:18:5: https://example.com/data.tgz is still fetched; if it holds credentials of Docker, remove it: UCR does not read them
    note: web.jsonc:19:5: file:///etc/docker.tar.gz is no longer fetched: UCR does not read credentials in the sandbox
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

/// What is no longer fetched is told where no file is written, too; what the command uses stays.
#[test]
fn what_is_no_longer_fetched_is_told() {
    let app = |cmd: &str, kind: &str, entry: &str| {
        format!(
            r#"{{"id": "/j", "cmd": "{cmd}", "container": {{"type": "{kind}", "docker": {{"image": "r.example.com/j:1"}}}},
                "fetch": [{entry}]}}"#
        )
    };
    let archive = r#"{"uri": "https://x.example.com/docker.tar.gz"}"#;
    let pod = r#"{"id": "/p", "containers": [{"name": "c", "resources": {"cpus": 0.1, "mem": 32},
        "image": {"kind": "DOCKER", "id": "r.example/a:1"}, "artifacts": [{"uri": "https://x.example.com/docker.tar.gz"}]}]}"#;
    let run = |text: &str, more: &[&str]| {
        let test = TestDir::new().file("a.json", text);
        test.run(&[&["wire", "a.json", "--secret", "a/b"], more].concat())
    };
    let gone = "docker.tar.gz is no longer fetched: UCR does not read credentials in the sandbox";
    for more in [&[][..], &["--diff"], &["--write"]] {
        assert!(run(&app("run it", "MESOS", archive), more).contains(gone), "{more:?}");
        assert!(
            run(&app("run it", "DOCKER", archive), &[more, &["--convert"]].concat()).contains(gone),
            "{more:?}"
        );
        assert!(run(pod, more).contains(gone), "{more:?}");
    }
    for command in ["tar xf docker.tar.gz && j", "j --config .docker/config.json"] {
        for kind in ["MESOS", "DOCKER"] {
            let said = run(&app(command, kind, archive), &["--convert"]);
            let why = "still fetched, because the command names what is in it";
            assert!(said.contains(why) && said.contains("\"fetch\""), "{said}");
        }
    }
    // Nothing read these before, and which of two is the one is not known.
    let packed = r#"{"uri": "https://x.example.com/docker.tar.gz", "extract": false}"#;
    let program = r#"{"uri": "https://x.example.com/docker.tar.gz", "executable": true}"#;
    let two = format!(r#"{archive}, {{"uri": "https://x.example.com/docker-hub.tgz"}}"#);
    for entry in [packed, program, &two] {
        let said = run(&app("run it", "MESOS", entry), &[]);
        assert!(said.contains("docker.tar.gz\"") && !said.contains("no longer fetched"), "{said}");
    }
}

/// A comment on an archive goes with it.
#[test]
fn the_comment_of_an_archive_goes_with_it() {
    let app = "id: /j
cmd: run it
container:
  type: MESOS
  docker: {image: 'r.example.com/j:1'}
fetch:
  # the site
  - {uri: 'https://x.example.com/data.bin'}
  # old credentials
  # of the team
  - {uri: 'https://x.example.com/docker.tar.gz'} # gone soon
  # the rest
  - {uri: 'https://x.example.com/more.bin'} # more
";
    let jsonc = r#"{
  "id": "/j", "cmd": "run it",
  "container": {"type": "MESOS", "docker": {"image": "r.example.com/j:1"}},
  "fetch": [
    // the site
    {"uri": "https://x.example.com/data.bin"},
    // old credentials
    {"uri": "https://x.example.com/docker.tar.gz"} // gone soon
  ]
}
"#;
    let test = TestDir::new().file("a.yaml", app).file("a.jsonc", jsonc);
    for file in ["a.yaml", "a.jsonc"] {
        let said = test.run(&["wire", file, "--secret", "a/b", "--write"]);
        let after = test.read(file);
        assert!(after.contains("the site\n") && after.contains("data.bin"), "{said}\n{after}");
        for gone in ["old credentials", "of the team", "gone soon", "docker.tar.gz", "\n\n"] {
            assert!(!after.contains(gone), "{gone}: {said}\n{after}");
        }
    }
    assert!(
        test.read("a.yaml").contains("  # the rest\n  - {uri: 'https://x.example.com/more.bin'} # more\n")
    );
}
