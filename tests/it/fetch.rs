//! What the Mesos fetcher does with the files of a definition, in `lint`, `wire` and `migrate`.

use crate::common::{TestDir, each_case};

/// An app that fetches these entries, written as JSON.
fn app(engine: &str, fetch: &str) -> String {
    format!(
        r#"{{"id": "/shop/web", "cpus": 0.1, "mem": 64, "networks": [{{"mode": "host"}}],
            "container": {{"type": "{engine}", "docker": {{"image": "reg.example.com/team/web:1.4"}}}}, "fetch": [{fetch}]}}"#
    )
}

/// The rules that a definition breaks, with the severity: `error unfetchable-uri`.
fn rules(definition: &str) -> Vec<String> {
    let test = TestDir::new().file("web.json", definition);
    let said = test.run(&["lint", "web.json"]);
    let mut rules: Vec<String> = said
        .lines()
        .filter_map(|line| {
            let (severity, rest) = line.split_once('[')?;
            let rule = rest.split_once("]: ")?.0;
            ["error", "warning", "info"].contains(&severity).then(|| format!("{severity} {rule}"))
        })
        .filter(|rule| !rule.ends_with("no-health-check"))
        .collect();
    rules.sort_unstable();
    rules
}

fn rules_of(fetch: &str) -> Vec<String> {
    rules(&app("DOCKER", fetch))
}

#[test]
fn what_no_agent_can_fetch_is_an_error() {
    each_case(
        [
            (r#"{"uri": "file://etc/a.tar.gz"}"#, "error unfetchable-uri"),
            (r#"{"uri": "file:/etc/docker.tar.gz"}"#, "error unfetchable-uri"),
            (r#"{"uri": "https:/files.example.com/a.conf"}"#, "error unfetchable-uri"),
            (r#"{"uri": "https://files.example.com"}"#, "error unfetchable-uri"),
            (r#"{"uri": "https://files.example.com/"}"#, "error unfetchable-uri"),
            (r#"{"uri": "https://files.example.com/dir/"}"#, "error unfetchable-uri"),
            (r#"{"uri": "https://files.example.com/it's.tgz"}"#, "error unfetchable-uri"),
            (
                r#"{"uri": "https://files.example.com/a.conf", "destPath": "/etc/a.conf"}"#,
                "error unfetchable-uri",
            ),
            (r#"{"uri": "https://files.example.com/a.conf", "destPath": "etc/"}"#, "error unfetchable-uri"),
            (r#"{"uri": "HTTPS://files.example.com/a.tgz"}"#, "error unfetchable-uri"),
            (r#"{"uri": "files.example.com/a.tgz"}"#, "error uri-needs-setup"),
            (r#"{"uri": "s3://files/a.tgz"}"#, "error uri-needs-setup"),
        ],
        |(fetch, expected)| assert_eq!(rules_of(fetch), [expected], "{fetch}"),
    );
    each_case(
        [
            "ftp://files.example.com/a",
            "https://files.example.com/dir/?x=/a.conf",
            "https://files.example.com/a.conf#b",
        ],
        |fine| {
            assert_eq!(rules_of(&format!(r#"{{"uri": "{fine}"}}"#)), Vec::<String>::new(), "{fine}");
        },
    );
}

/// Pods fetch by the same program.
#[test]
fn artifacts_of_pods_are_fetched_alike() {
    let pod = |artifact: &str| {
        format!(
            r#"{{"id": "/p", "containers": [{{"name": "a", "resources": {{"cpus": 0.1, "mem": 32}},
                "exec": {{"command": {{"shell": "sleep 100"}}}}, "artifacts": [{artifact}]}}]}}"#
        )
    };
    assert_eq!(rules(&pod(r#"{"uri": "file://etc/a"}"#)), ["error unfetchable-uri"]);
    assert_eq!(rules(&pod(r#"{"uri": "https://files.example.com/a.tgz?x"}"#)), ["error unextracted-archive"]);
}

#[test]
fn archives_that_stay_packed_are_told_by_the_name_they_get() {
    let packed = |fetch: &str| rules_of(fetch).contains(&"error unextracted-archive".to_owned());
    each_case(
        [
            r#"{"uri": "https://s.example.com/docker.tar.gz?X-Amz-Signature=abc"}"#,
            r#"{"uri": "https://s.example.com/docker.tar.gz", "executable": true, "extract": true}"#,
            r#"{"uri": "https://s.example.com/docker.tar.gz", "destPath": "creds.bin"}"#,
            r#"{"uri": "https://s.example.com/docker.TAR.GZ"}"#,
            r#"{"uri": "https://s.example.com/docker.tgz#x"}"#,
            r#"{"uri": "https://s.example.com/docker.tgz", "extract": false}"#,
            r#"{"uri": "https://s.example.com/app.zip?version=2"}"#,
            r#"{"uri": "https://s.example.com/app.Tar", "cache": true}"#,
        ],
        |fetch| {
            assert!(packed(fetch), "{fetch}: {:?}", rules_of(fetch));
        },
    );
    each_case(
        [
            r#"{"uri": "https://s.example.com/docker.tar.gz", "destPath": "creds/docker.tar.gz"}"#,
            r#"{"uri": "https://s.example.com/docker.tar.xz"}"#,
            r#"{"uri": "https://s.example.com/get?file=docker.tar.gz"}"#,
            r#"{"uri": "https://s.example.com/docker.tar.gz?sig=x", "destPath": "docker.tar.gz"}"#,
            r#"{"uri": "https://s.example.com/app.tgz", "extract": false}"#,
            r#"{"uri": "https://s.example.com/app.zip", "destPath": "app.jar"}"#,
            r#"{"uri": "https://s.example.com/tool", "executable": true}"#,
        ],
        |fetch| {
            assert!(!packed(fetch), "{fetch}: {:?}", rules_of(fetch));
        },
    );
}

/// The agent keeps the files in a hash map, so that nobody can tell which one comes last.
#[test]
fn files_that_overwrite_each_other_are_reported() {
    let both = |one: &str, other: &str| {
        let rules = rules_of(&format!(
            r#"{{"uri": "https://s.example.com/{one}"}}, {{"uri": "https://s.example.com/{other}"}}"#
        ));
        rules.contains(&"error files-overwrite-each-other".to_owned())
    };
    assert!(both("docker.tar.gz", "docker-config-other.tar.gz"));
    assert!(both("a/app.conf", "b/app.conf"));
    assert!(!both("docker.tar.gz", "app.tar.gz"));
    assert!(!both("a/app.tgz", "b/app.tgz"), "each is unpacked before the next one comes");
    assert!(!both("docker.tar.gz", "docker.tar.gz"), "what is equal is fetched once");
    assert!(!both("docker.tar.gz", ".dockercfg"), "Docker reads one of them, always the same");
    let ucr = app("MESOS", r#"{"uri": "file:///a/docker.tar.gz"}, {"uri": "file:///a/docker-hub.tar.gz"}"#);
    assert!(!rules(&ucr).contains(&"error files-overwrite-each-other".to_owned()));
}

#[test]
fn credentials_of_any_form_are_treated_alike() {
    let of = |uri: &str| rules_of(&format!(r#"{{"uri": "{uri}"}}"#));
    each_case([".dockercfg", "registry-creds.tar.gz", "docker-hub.tar.bz2"], |name| {
        let found = of(&format!("http://s.example.com/{name}"));
        for rule in ["warning credentials-over-http", "info credentials-in-sandbox"] {
            assert!(found.contains(&rule.to_owned()), "{name}: {found:?}");
        }
        let ucr = rules(&app("MESOS", &format!(r#"{{"uri": "https://s.example.com/{name}"}}"#)));
        assert!(ucr.contains(&"error archive-on-ucr".to_owned()), "{name}: {ucr:?}");
    });
    assert!(of("https://s.example.com/.dockercfg").contains(&"warning dockercfg-file".to_owned()));
    let cached = rules_of(r#"{"uri": "https://s.example.com/docker.tar.gz", "cache": true}"#);
    assert!(cached.contains(&"warning cached-credentials".to_owned()), "{cached:?}");
}

fn wire(definition: &str, archive: &str) -> String {
    let test = TestDir::new().file("web.json", definition);
    test.run(&["wire", "web.json", "--archive", archive])
}

/// What wire writes has no warning, so nothing that its user would have to act on.
#[test]
fn what_wire_writes_has_no_warning() {
    let base = app("DOCKER", "");
    for archive in
        ["file:///etc/docker.tar.gz", "https://s.example.com/docker.tgz", "https://s.example.com/docker.zip"]
    {
        let test = TestDir::new().file("web.json", &base);
        assert!(test.run(&["wire", "web.json", "--archive", archive, "--write"]).starts_with("exit: 0\n"));
        assert_eq!(rules(&test.read("web.json")), ["info credentials-in-sandbox"], "{archive}");
    }
}

#[test]
fn wire_takes_what_agents_fetch_and_unpack() {
    let base = app("DOCKER", "");
    each_case(
        [
            "file://etc/docker.tar.gz",
            "file:/etc/docker.tar.gz",
            "https://s.example.com/",
            "FILE:///etc/docker.tar.gz",
            "file:///etc/it's.tar.gz",
        ],
        |uri| {
            let said = wire(&base, uri);
            assert!(
                said.starts_with("exit: 2\n") && said.contains("error: no agent can fetch "),
                "{uri}: {said}"
            );
        },
    );
    each_case(
        [
            (
                "file:///etc/docker.gz",
                "its name does not say that it is an archive, so it is fetched as docker.tar.gz",
            ),
            ("https://s.example.com/blob/7", "its name does not say that it is an archive"),
        ],
        |(uri, warning)| {
            let said = wire(&base, uri);
            assert!(said.starts_with("exit: 0\n") && said.contains(warning), "{uri}: {said}");
        },
    );
    // Agents of DC/OS can fetch neither.
    each_case(["hdfs://h/docker.tar.gz", "docker.tar.gz"], |uri| {
        let said = wire(&base, uri);
        assert!(said.starts_with("exit: 1\n") && said.contains("its tasks would fail"), "{uri}: {said}");
        assert!(said.contains("not every agent can fetch this"), "{uri}: {said}");
    });
    // A directory in `destPath` is none of the archive's business, which is unpacked into the sandbox itself.
    let subdirectory =
        app("DOCKER", r#"{"uri": "https://s.example.com/docker.tar.gz", "destPath": "creds/docker.tar.gz"}"#);
    assert!(wire(&subdirectory, "https://s.example.com/docker.tar.gz").ends_with("----- stderr -----\n"));
}

/// What wire writes, the Docker Engine finds and lint has nothing against, whatever the archive is called.
#[test]
fn wire_gives_an_archive_the_name_that_it_needs() {
    each_case(
        [
            ("https://s.example.com/docker.tar.gz?x=1", Some("docker.tar.gz")),
            ("https://s.example.com/docker.tar.gz#frag", Some("docker.tar.gz")),
            ("https://s.example.com/docker.TGZ", Some("docker.tgz")),
            ("https://s.example.com/Docker-Hub.Tar.Xz?sig=ab", Some("Docker-Hub.tar.xz")),
            ("https://s.example.com/get?file=docker.tgz", None),
            ("https://s.example.com/config.json", Some(".docker/config.json")),
            ("https://s.example.com/me/.docker/config.json", Some(".docker/config.json")),
            ("https://s.example.com/docker.tar.gz", None),
        ],
        |(uri, path)| {
            let test = TestDir::new().file("web.json", app("DOCKER", ""));
            let args = ["wire", "web.json", "--archive", uri, "--write"];
            let said = test.run(&args);
            assert!(said.starts_with("exit: 0\n") && !said.contains("warning"), "{uri}: {said}");
            let written: serde_json::Value = serde_json::from_str(&test.read("web.json")).expect("JSON");
            assert_eq!(written["fetch"][0]["destPath"].as_str(), path, "{uri}");
            // What only a query names is none of credentials to lint.
            let expected: &[&str] = if uri.contains("get?") { &[] } else { &["info credentials-in-sandbox"] };
            assert_eq!(rules(&test.read("web.json")), expected, "{uri}");
            assert!(test.run(&args).contains("unchanged web.json"), "{uri}");
        },
    );
}

/// An entry that fetches the archive in vain is changed, or refused with the reason.
#[test]
fn wire_makes_an_entry_work_that_is_there() {
    let uri = "https://s.example.com/docker.tar.gz";
    each_case(
        [
            (r#", "extract": false"#, "extract true"),
            (r#", "executable": true"#, "executable false"),
            (r#", "extract": false, "executable": true"#, "extract true, executable false"),
            (r#", "destPath": "creds.bin""#, "written as docker.tar.gz"),
            (r#", "destPath": "/docker.tar.gz""#, "written as docker.tar.gz"),
            (r#", "destPath": "docker/""#, "written as docker.tar.gz"),
        ],
        |(more, changed)| {
            let test = TestDir::new().file(
                "web.json",
                app(
                    "DOCKER",
                    &format!(r#"{{"uri": "https://s.example.com/x.conf"}}, {{"uri": "{uri}"{more}}}"#),
                ),
            );
            let diff = test.run(&["wire", "web.json", "--archive", uri, "--diff"]);
            assert!(diff.starts_with("exit: 1\n"), "{more}: {diff}");
            let args = ["wire", "web.json", "--archive", uri, "--write"];
            let said = test.run(&args);
            let expected = format!("wired web.json: fetch of {uri}: {changed}\n");
            assert!(said.starts_with("exit: 0\n") && said.contains(&expected), "{more}: {said}");
            assert_eq!(
                rules(&test.read("web.json")),
                ["info credentials-in-sandbox"],
                "{more}: {}",
                test.read("web.json")
            );
            assert!(test.run(&args).contains("unchanged web.json"));
        },
    );
    let cached = r#"{"uri": "https://s.example.com/docker.tgz?v=1", "cache": true}"#;
    let test = TestDir::new().file("web.json", app("DOCKER", cached));
    let said =
        test.run(&["wire", "web.json", "--archive", "https://s.example.com/docker.tgz?v=1", "--write"]);
    assert!(said.contains("cache false, written as docker.tgz"), "{said}");
    assert_eq!(rules(&test.read("web.json")), ["info credentials-in-sandbox"]);
    // An entry of `uris` has no `destPath`.
    let old = r#"{"id": "/shop/web", "container": {"docker": {"image": "reg.example.com/web:1"}}, "uris": ["https://s.example.com/docker.tgz?v=1"]}"#;
    for (definition, archive) in
        [(old, "https://s.example.com/docker.tgz?v=1"), (old, "https://s.example.com/docker.TGZ")]
    {
        for action in ["--write", "--diff"] {
            let test = TestDir::new().file("web.json", definition);
            let said = test.run(&["wire", "web.json", "--archive", archive, action]);
            assert!(
                said.starts_with("exit: 1\n")
                    && said
                        .contains("error[unextracted-archive]: app \"/shop/web\" lists its files in `uris`")
                    && said.contains("= help: write the files in `fetch`"),
                "{archive}: {said}"
            );
            assert_eq!(test.read("web.json"), definition);
        }
    }
}

/// Two archives of this machine with credentials, of which a name tells one or none.
#[test]
fn every_command_looks_into_archives_that_it_can_open() {
    if !crate::creds::has_packers() {
        return;
    }
    let test = TestDir::new()
        .file(".docker/config.json", r#"{"auths": {"reg.example.com": {"auth": "YTpi"}}}"#)
        .file("x", "x");
    crate::creds::shell(
        &test,
        "tar -czf docker.tar.gz .docker; tar -cJf one.tar.xz .docker; zip -qr two.zip .docker; tar -czf app.tgz x",
    );
    let uri = |name: &str| format!("file://{}/{name}", test.path().display());
    let write = |names: &[&str]| {
        let entries: Vec<String> =
            names.iter().map(|name| format!(r#"{{"uri": "{}"}}"#, uri(name))).collect();
        std::fs::write(test.path().join("web.json"), app("DOCKER", &entries.join(", "))).expect("written");
    };
    each_case(
        [
            (&["docker.tar.gz", "one.tar.xz"][..], true),
            (&["one.tar.xz", "app.tgz", "two.zip"], true),
            (&["one.tar.xz", "app.tgz"], false),
            (&["docker.tar.gz", "gone.tgz"], false),
        ],
        |(names, is_reported)| {
            write(names);
            let said = test.run(&["lint", "web.json", "--select", "files-overwrite-each-other"]);
            assert_eq!(said.contains("error[files-overwrite-each-other]"), is_reported, "{names:?}: {said}");
        },
    );
    write(&["docker.tar.gz", "one.tar.xz", "app.tgz", "two.zip"]);
    let migrate =
        ["migrate", "web.json", "--to", "1.11", "--containerizer", "mesos", "--secret", "shop/pull"];
    let migrated = test.run(&migrate);
    assert!(migrated.contains("app.tgz\""), "{migrated}");
    each_case(["docker.tar.gz", "one.tar.xz", "two.zip"], |gone| {
        assert!(!migrated.contains(&format!("{gone}\"")), "{gone}: {migrated}");
    });
    assert!(!migrated.contains("is still fetched"), "{migrated}");
    let wired = test.run(&["wire", "web.json", "--secret", "shop/pull", "--convert"]);
    assert!(wired.contains("app.tgz\"") && !wired.contains("two.zip\""), "{wired}");
}

/// What lint says by a name, a look into the archive corrects.
#[test]
fn lint_looks_into_archives_that_it_can_open() {
    let test =
        TestDir::new().file(".docker/config.json", r#"{"auths": {"reg.example.com": {"auth": "YTpi"}}}"#);
    let test = test.file("x", "x");
    crate::creds::shell(
        &test,
        "tar -czf blob.tgz .docker; tar -czf docker.tar.gz x; tar -czf docker-hub.tgz x",
    );
    let uri = |name: &str| format!("file://{}/{name}", test.path().display());
    let said = |fetch: &[String]| {
        std::fs::write(test.path().join("web.json"), app("DOCKER", &fetch.join(", "))).expect("written");
        test.run(&["lint", "web.json", "--format", "concise", "--ignore", "no-health-check"])
    };
    let entry = |name: &str, more: &str| format!(r#"{{"uri": "{}"{more}}}"#, uri(name));
    each_case(["", r#", "extract": false"#, r#", "cache": true"#], |more| {
        let said = said(&[entry("docker.tar.gz", more)]);
        assert!(said.starts_with("exit: 0\n") && !said.contains("docker.tar.gz"), "{more}: {said}");
    });
    let two = said(&[entry("docker.tar.gz", ""), entry("docker-hub.tgz", "")]);
    assert!(!two.contains("files-overwrite-each-other"), "{two}");
    let held = said(&[entry("blob.tgz", "")]);
    assert!(
        held.contains("info[credentials-in-sandbox] the service can read the credentials in `blob.tgz`"),
        "{held}"
    );
    let packed = said(&[entry("blob.tgz", r#", "extract": false"#)]);
    assert!(!packed.contains("credentials-in-sandbox"), "{packed}");
}

/// What the app needs is not taken from it together with credentials.
#[test]
fn an_archive_with_files_of_the_app_stays() {
    let test = TestDir::new()
        .file(".docker/config.json", r#"{"auths": {"reg.example.com": {"auth": "YTpi"}}}"#)
        .file("app/run.sh", "x");
    crate::creds::shell(&test, "tar -czf bundle.tar.gz .docker app; tar -czf docker.tar.gz .docker");
    let uri = |name: &str| format!("file://{}/{name}", test.path().display());
    let fetch = format!(r#"{{"uri": "{}"}}"#, uri("bundle.tar.gz"));
    std::fs::write(test.path().join("web.json"), app("DOCKER", &fetch)).expect("written");
    let wired = test.run(&["wire", "web.json", "--archive", &uri("docker.tar.gz")]);
    assert!(wired.contains("bundle.tar.gz\"") && wired.contains("docker.tar.gz\""), "{wired}");
    assert!(wired.contains("bundle.tar.gz is still fetched, because it has other files, too"), "{wired}");
    let convert =
        ["migrate", "web.json", "--to", "1.11", "--containerizer", "mesos", "--secret", "shop/pull"];
    let migrated = test.run(&convert);
    assert!(migrated.contains("bundle.tar.gz\""), "{migrated}");
    assert!(migrated.contains("bundle.tar.gz is still fetched, because it has other files"), "{migrated}");
}

/// One rule for paths in the secret store.
#[test]
fn paths_of_secrets_have_whole_parts() {
    let test = TestDir::new().file("web.json", app("MESOS", "")).file("docker.json", app("DOCKER", ""));
    each_case(["a//b", "./a", "a/%2e%2E/b", "a/../b", "a/", "a/.", "//a"], |path| {
        for args in [
            &["wire", "web.json", "--secret", path][..],
            &["migrate", "docker.json", "--to", "1.11", "--containerizer", "mesos", "--secret", path],
            &["creds", "secret", path, "--registry", "reg.example.com", "-o", "-"],
        ] {
            let said = test.run(args);
            assert!(said.starts_with("exit: 2\n") && said.contains(" part "), "{args:?}: {said}");
        }
    });
    assert!(test.run(&["wire", "web.json", "--secret", "/a/b"]).starts_with("exit: 0\n"));
}

#[test]
fn wire_replaces_the_archive_that_is_there() {
    let one = "{\n  \"id\": \"/shop/web\",\n  \"container\": { \"docker\": { \"image\": \"reg.example.com/web:1\" } },\n  \
               \"fetch\": [\n    { \"uri\": \"https://s.example.com/app.tgz\" },\n    { \"uri\": \"https://a.example.com/docker.tar.gz?sig=hunter2\" }\n  ]\n}\n";
    insta::assert_snapshot!(wire(one, "file:///etc/docker.tar.gz"), @r#"
    exit: 0
    ----- stdout -----
    {
      "id": "/shop/web",
      "container": { "docker": { "image": "reg.example.com/web:1" } },
      "fetch": [
        { "uri": "https://s.example.com/app.tgz" },
        {
          "uri": "file:///etc/docker.tar.gz"
        }
      ]
    }
    ----- stderr -----
    note: web.json:6:5: file:///etc/docker.tar.gz takes the place of https://a.example.com/docker.tar.gz?…: the fetcher leaves it packed, so that nothing reads the credentials in it; make sure that file:///etc/docker.tar.gz has the credentials of both
    "#);
    let wired = TestDir::new().file("web.json", one);
    let args = ["wire", "web.json", "--archive", "file:///etc/docker.tar.gz", "--write"];
    let said = wired.run(&args);
    assert!(said.contains("wired web.json: fetch of file:///etc/docker.tar.gz, no more fetch of https://a.example.com/docker.tar.gz?…"), "{said}");
    assert!(wired.run(&args).contains("unchanged web.json"));
}

/// Docker reads one of the two forms, always the same.
#[test]
fn an_old_dockercfg_gives_way_to_an_archive() {
    let both = app("DOCKER", r#"{"uri": "file:///etc/docker.tar.gz"}, {"uri": "file:///root/.dockercfg"}"#);
    let said = wire(&both, "file:///etc/docker.tar.gz");
    let note = "file:///root/.dockercfg is no longer fetched beside file:///etc/docker.tar.gz: Docker reads a .dockercfg only \
                where there is no .docker/config.json";
    assert!(said.contains(note) && !said.contains("\"file:///root/.dockercfg\""), "{said}");
}

/// A look into the archives of this machine tells which one holds credentials, whatever they are called.
#[test]
fn wire_looks_into_archives_that_it_can_open() {
    let config = |host: &str| format!(r#"{{"auths": {{"{host}": {{"auth": "YTpi"}}}}}}"#);
    let test = TestDir::new().file("a.json", config("a.example.com")).file("b.json", config("b.example.com"));
    each_case(["a", "b"], |name| {
        let (host, config) = (format!("{name}.example.com"), format!("{name}.json"));
        let archive = format!("{name}.tar.gz");
        let made = test.run(&["creds", "archive", "--registry", &host, "--config", &config, "-o", &archive]);
        assert!(made.starts_with("exit: 0\n"), "{made}");
    });
    let uri = |name: &str| format!("file://{}/{name}", test.path().display());
    std::fs::write(test.path().join("docker.tar.gz"), vec![0; 1024]).expect("written");
    let fetch = format!(r#"{{"uri": "{}"}}, {{"uri": "{}"}}"#, uri("a.tar.gz"), uri("docker.tar.gz"));
    std::fs::write(test.path().join("web.json"), app("DOCKER", &fetch)).expect("written");
    let said = test.run(&["wire", "web.json", "--archive", &uri("b.tar.gz"), "--write"]);
    assert!(
        said.contains("b.tar.gz has no credentials for a.example.com: add them if they are needed"),
        "{said}"
    );
    let left = test.read("web.json");
    assert!(
        !left.contains("a.tar.gz") && left.contains("b.tar.gz") && left.contains("docker.tar.gz"),
        "{left}"
    );
}

#[test]
fn the_migration_finds_credentials_by_the_same_model() {
    each_case(["docker-hub.tar.gz", "registry-creds.tar.xz", ".dockercfg"], |name| {
        let test =
            TestDir::new().file("app.json", app("DOCKER", &format!(r#"{{"uri": "file:///etc/{name}"}}"#)));
        let args =
            ["migrate", "app.json", "--to", "1.11", "--containerizer", "mesos", "--secret", "shop/pull"];
        let said = test.run(&args);
        assert!(said.contains("pullConfig") && !said.contains(&format!("/etc/{name}\"")), "{name}: {said}");
        let without = test.run(&args[..6]);
        assert!(!without.contains("\"MESOS\"") && without.contains(name), "{name}: {without}");
    });
    // Another archive stays, and is named where it may be the one.
    let other = TestDir::new().file("app.json", app("DOCKER", r#"{"uri": "https://s.example.com/x.tgz"}"#));
    let said = other.run(&["migrate", "app.json", "--to", "1.11", "--containerizer", "mesos"]);
    assert!(said.contains("https://s.example.com/x.tgz is still fetched; if it holds credentials"), "{said}");
}
