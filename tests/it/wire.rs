//! Tests of `milepost wire`.

mod convert;
mod several;
mod templates;
mod uris;

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
    error: package.json: this is not an app, pod or group (it has no string `id`)
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
