//! URIs of archives: kept, warned about, refused.

use super::{ARCHIVE, json};
use crate::common::TestDir;

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
    note: a.json:4:12: https://example.com/data.tgz stays, and cannot be looked into here; if it holds credentials too, which of the two config.json stays cannot be told: remove it
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
    note: a.json:4:12: https://example.com/data.tgz stays, and cannot be looked into here; if it holds credentials too, which of the two config.json stays cannot be told: remove it
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
    +      "uri": "http://me:***@files.example.com/docker.tar.gz"
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

/// Which of two archives with credentials wins cannot be told, and so one that may have some is not passed over in silence.
#[test]
fn archives_that_cannot_be_looked_into_are_named() {
    let app = |fetch: &str| {
        format!(
            "{{\n  \"id\": \"/a\",\n  \"container\": {{ \"docker\": {{ \"image\": \"reg.example.com/a\" }} }},\n  \"fetch\": [{fetch}]\n}}\n"
        )
    };
    let test = TestDir::new()
        .file("one.json", app(r#"{ "uri": "https://x.example.com/creds.tar.gz" }"#))
        .file("two.json", app(r#"{ "uri": "https://me:letmein@x.example.com/a.tgz" }, { "uri": "https://x.example.com/b.zip", "destPath": "b.zip" }, { "uri": "s3://x/c.tgz", "extract": false }"#))
        .file("x", "x");
    insta::assert_snapshot!(test.run(&["wire", "one.json", "--archive", ARCHIVE, "--diff"]), @r#"
    exit: 1
    ----- stdout -----
    --- one.json
    +++ one.json
    @@ -1,5 +1,5 @@
     {
       "id": "/a",
       "container": { "docker": { "image": "reg.example.com/a" } },
    -  "fetch": [{ "uri": "https://x.example.com/creds.tar.gz" }]
    +  "fetch": [{ "uri": "https://x.example.com/creds.tar.gz" }, { "uri": "file:///etc/docker.tar.gz" }]
     }
    ----- stderr -----
    note: one.json:4:13: https://x.example.com/creds.tar.gz stays, and cannot be looked into here; if it holds credentials too, which of the two config.json stays cannot be told: remove it
    "#);
    let said = test.run(&["wire", "two.json", "--archive", ARCHIVE]);
    let notes: Vec<&str> = said.lines().filter(|line| line.contains(" stay")).collect();
    insta::assert_snapshot!(notes.join("\n"), @"note: two.json:4:13: https://x.example.com/a.tgz, https://x.example.com/b.zip stay, and cannot be looked into here; if one of them holds credentials too, which config.json stays cannot be told: remove it");
    // It is there already, and lint speaks of both.
    assert!(test.run(&["wire", "one.json", "--archive", ARCHIVE, "--write"]).contains(" stays"));
    let again = test.run(&["wire", "one.json", "--archive", ARCHIVE, "--write"]);
    assert!(again.contains("unchanged one.json") && !again.contains(" stays"), "{again}");
    // What can be opened here and has no credentials may stay.
    crate::creds::shell(&test, "tar -czf data.tgz x");
    let local = app(&format!(r#"{{ "uri": "file://{}/data.tgz" }}"#, test.path().display()));
    std::fs::write(test.path().join("one.json"), local).expect("written");
    let said = test.run(&["wire", "one.json", "--archive", ARCHIVE]);
    assert!(said.contains("data.tgz\"") && !said.contains(" stays"), "{said}");
}
