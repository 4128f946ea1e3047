//! `milepost creds check` against registries on this machine that answer as real ones do, in all the ways they can.

mod answers;

use super::registry::{BASIC, respond, server};
use super::{CONFIG, shell};
use crate::common::{TestDir, each_case};

/// A manifest of schema 2, whose configuration is `config`.
const MANIFEST: &str = r#"{"schemaVersion": 2, "config": {"digest": "sha256:c0"}, "layers": []}"#;
const V2: &str = "Content-Type: application/vnd.docker.distribution.manifest.v2+json\r\n";
const BASIC_REALM: &str = "WWW-Authenticate: Basic realm=\"r\"\r\n";

/// The answers of a registry with the image shop/web:1.4 to a client that may pull.
fn image(path: &str) -> String {
    match path {
        "/v2/" => respond("200 OK", "", "{}"),
        "/v2/shop/web/manifests/1.4" => respond("200 OK", V2, MANIFEST),
        "/v2/shop/web/blobs/sha256:c0" => {
            respond("200 OK", "", r#"{"architecture": "arm", "os": "linux", "variant": "v7"}"#)
        }
        _ => respond("404 Not Found", "Content-Type: application/json\r\n", r#"{"errors": []}"#),
    }
}

/// A registry that wants foo:letmein-please.
fn with_htpasswd(path: &str, authorization: &str) -> String {
    if authorization == BASIC { image(path) } else { respond("401 Unauthorized", BASIC_REALM, "{}") }
}

/// An app on the Docker Engine, with more members.
fn app(host: &str, more: &str) -> String {
    format!(
        "{{ \"id\": \"/shop/web\",{more}\n  \"container\": {{ \"docker\": {{ \"image\": \"{host}/shop/web:1.4\" }} }} }}\n"
    )
}

const FETCH: &str = " \"fetch\": [{ \"uri\": \"file:///nowhere/docker.tar.gz\" }],";

/// An app on UCR with a pull config.
fn ucr(host: &str) -> String {
    format!(
        "{{ \"id\": \"/shop/web\", \"secrets\": {{ \"pull\": {{ \"source\": \"shop/pull\" }} }},\n  \"container\": {{ \
         \"type\": \"MESOS\",\n    \"docker\": {{ \"image\": \"{host}/shop/web:1.4\", \"pullConfig\": {{ \"secret\": \"pull\" }} \
         }} }} }}\n"
    )
}

/// A config file with foo:letmein-please under this key.
fn config(key: &str) -> String {
    CONFIG.replace("registry.example.com:5000", key)
}

/// Asks for the app's image, on agents with an ARM processor.
fn check(test: &TestDir, host: &str, more: &[&str]) -> String {
    check_with(test, host, more, &[])
}

fn check_with(test: &TestDir, host: &str, more: &[&str], variables: &[(&str, &str)]) -> String {
    let args = [&["creds", "check", "web.json", "--platform", "linux/arm", "--timeout", "2"], more].concat();
    let mut command = test.command(&args);
    let output = command.env("HOME", test.path()).envs(variables.iter().copied()).output().expect("it runs");
    let said = test.describe(&output).replace(host, "[REGISTRY]");
    assert!(!said.contains("letmein") && !said.contains("Zm9v") && !said.contains("t0ken"), "{said}");
    said
}

/// Without the source around it.
fn first_lines(said: &str) -> Vec<&str> {
    said.lines()
        .filter(|line| line.starts_with("exit") || line.starts_with("error") || line.contains("= help"))
        .collect()
}

#[test]
fn what_the_definition_names_is_sent_and_nothing_else() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
    insta::assert_snapshot!(check(&test, &host, &["--config", "config.json"]), @r#"
    exit: 0
    ----- stdout -----
    web.json:2:39: pullable: [REGISTRY]/shop/web:1.4 (linux/arm/v7, as foo)
    ----- stderr -----
    1 image: all can be pulled
    "#);
    insta::assert_snapshot!(check(&test, &host, &[]), @r#"
    exit: 1
    ----- stdout -----
    web.json:2:39: unknown-credentials: [REGISTRY]/shop/web:1.4
    ----- stderr -----
    error[unknown-credentials]: app "/shop/web": [REGISTRY] asks for credentials, and they are in file:///nowhere/docker.tar.gz, which is on the agents and not on this machine
     --> web.json:2:39
      |
    2 |   "container": { "docker": { "image": "[REGISTRY]/shop/web:1.4" } } }
      |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /container/docker/image
      |
      = help: --config FILE, with a copy of it, replaces it

    1 image: 1 cannot be pulled and run by the agents
    "#);
    // An app that names none is not helped by a file that has some.
    let test = test.file("web.json", app(&host, ""));
    insta::assert_snapshot!(check(&test, &host, &["--config", "config.json"]), @r#"
    exit: 1
    ----- stdout -----
    web.json:2:39: not-authorised: [REGISTRY]/shop/web:1.4
    ----- stderr -----
    error[not-authorised]: app "/shop/web": [REGISTRY] asks for credentials, and this is pulled without any: http://[REGISTRY]/v2/shop/web/manifests/1.4 answers 401
     --> web.json:2:39
      |
    2 |   "container": { "docker": { "image": "[REGISTRY]/shop/web:1.4" } } }
      |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /container/docker/image
      |
      = help: `milepost wire FILE --archive URI` adds a fetch of them; --cluster FILE names those that agents give every pull

    1 image: 1 cannot be pulled and run by the agents
    "#);
    // All of a cluster has what its agents have.
    let said = check(&test, &host, &["--cluster", "config.json"]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
}

#[test]
fn an_archive_is_read_where_agents_get_it() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("config.json", config(&host));
    shell(
        &test,
        "mkdir .docker && cp config.json .docker && tar -czf docker.tar.gz .docker && head -c 90 docker.tar.gz > docker.tgz",
    );
    let fetch =
        |name: &str| format!(" \"fetch\": [{{ \"uri\": \"file://{}/{name}\" }}],", test.path().display());
    let (whole, cut) = (app(&host, &fetch("docker.tar.gz")), app(&host, &fetch("docker.tgz")));
    let packed = whole.replace("docker.tar.gz\"", "docker.tar.gz\", \"extract\": false");
    let bytes = std::fs::read(test.path().join("docker.tar.gz")).expect("there");
    std::fs::write(test.path().join("web.json"), whole).expect("written");
    assert!(check(&test, &host, &[]).starts_with("exit: 0\n"));
    std::fs::write(test.path().join("web.json"), packed).expect("written");
    let said = check(&test, &host, &[]);
    assert!(
        said.contains("pulled without any") && said.contains("docker.tar.gz is fetched, but it stays packed"),
        "{said}"
    );
    std::fs::write(test.path().join("web.json"), cut).expect("written");
    let said = check(&test, &host, &[]);
    assert!(said.contains("error[bad-credentials]") && said.contains("cut short"), "{said}");
    // Over http.
    let files = server(move |_, path, _| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
        match path {
            "/docker.tar.gz" => [head.as_bytes(), &bytes].concat(),
            _ => respond("404 Not Found", "", "").into_bytes(),
        }
    });
    let fetch = |name: &str| format!(" \"fetch\": [{{ \"uri\": \"http://127.0.0.1:{files}/{name}\" }}],");
    let test = test.file("web.json", app(&host, &fetch("docker.tar.gz")));
    assert!(check(&test, &host, &[]).starts_with("exit: 0\n"));
    let test = test.file("web.json", app(&host, &fetch("docker.tgz")));
    let said = check(&test, &host, &[]).replace(&files.to_string(), "[PORT]");
    assert!(said.contains("error[bad-credentials]") && said.contains("cannot be fetched"), "{said}");
}

#[test]
fn a_pull_config_is_read_from_the_secret_store() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let secret = serde_json::json!({ "value": config(&host) }).to_string();
    let store = server(move |_, path, authorization| match (path, authorization) {
        ("/secrets/v1/secret/default/shop/pull", "token=t0ken") => respond("200 OK", "", &secret),
        (_, "token=t0ken") => respond("404 Not Found", "", "{}"),
        _ => respond("401 Unauthorized", "", "{}"),
    });
    let test = TestDir::new().file("web.json", ucr(&host)).file("config.json", config(&host));
    let dcos = format!("http://127.0.0.1:{store}");
    let variables = [("DCOS_URL", dcos.as_str()), ("DCOS_ACS_TOKEN", "t0ken")];
    let ask = |test: &TestDir, variables| check_with(test, &host, &[], variables).replace(&dcos, "[DCOS]");
    insta::assert_snapshot!(ask(&test, &variables), @r#"
    exit: 0
    ----- stdout -----
    web.json:3:26: pullable: [REGISTRY]/shop/web:1.4 (linux/arm/v7, as foo)
    ----- stderr -----
    1 image: all can be pulled
    "#);
    insta::assert_snapshot!(first_lines(&ask(&test, &variables[..1])).join("\n"), @r#"
    exit: 1
    error[unknown-credentials]: app "/shop/web": [REGISTRY] asks for credentials, and [DCOS] does not reveal the secret shop/pull: it answers 401
      = help: is the token valid, and may its user read the secret? --config FILE replaces it
    "#);
    insta::assert_snapshot!(first_lines(&ask(&test, &[])).join("\n"), @r#"
    exit: 1
    error[unknown-credentials]: app "/shop/web": [REGISTRY] asks for credentials, and they are in the secret shop/pull, and the address of DC/OS is not known
      = help: set DCOS_URL and DCOS_ACS_TOKEN, or replace it with --config FILE
    "#);
    let test = test.file("web.json", ucr(&host).replace("shop/pull", "shop/other"));
    insta::assert_snapshot!(first_lines(&ask(&test, &variables)).join("\n"), @r#"
    exit: 1
    error[bad-credentials]: app "/shop/web": there is no secret shop/other at [DCOS]
      = help: `milepost creds secret shop/other --for FILE --create` stores it
    "#);
    let test = test.file("web.json", ucr(&host).replace("\"pull\":", "\"other\":"));
    insta::assert_snapshot!(first_lines(&ask(&test, &variables)).join("\n"), @r#"
    exit: 1
    error[bad-credentials]: app "/shop/web": the pull config names the secret "pull", which `secrets` does not define
      = help: add "secrets": {"pull": {"source": PATH}}
    "#);
}

#[test]
fn a_token_is_for_this_image_alone() {
    let port = server(|port, path, authorization| {
        let realm = format!("realm=\"http://127.0.0.1:{port}/token\",service=\"s\"");
        match (path, authorization) {
            ("/token?service=s&scope=repository%3Ashop%2Fweb%3Apull&account=foo", BASIC) => {
                respond("200 OK", "", r#"{"token": "t0ken"}"#)
            }
            ("/token?service=s&account=foo", BASIC) => {
                respond("200 OK", "", r#"{"token": "t0ken of another"}"#)
            }
            ("/v2/", "Bearer t0ken of another") => respond("200 OK", "", "{}"),
            (_, "Bearer t0ken") => image(path),
            (path, _) if path.starts_with("/token") => respond("401 Unauthorized", "", "{}"),
            _ => respond("401 Unauthorized", &format!("WWW-Authenticate: Bearer {realm}\r\n"), "{}"),
        }
    });
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
    assert!(check(&test, &host, &["--config", "config.json"]).starts_with("exit: 0\n"));
    // The user is fine, the image is not theirs.
    let test = test.file("web.json", app(&host, FETCH).replace("shop/web:", "shop/till:"));
    let said = check(&test, &host, &["--config", "config.json"]);
    insta::assert_snapshot!(first_lines(&said).join("\n"), @r#"
    exit: 1
    error[not-authorised]: app "/shop/web": [REGISTRY] knows foo but denies them shop/till: http://[REGISTRY]/token?*** answers 401
      = help: may the user pull it? some registries also answer so for images that do not exist
    "#);
    let wrong = config(&host).replace("Zm9vOmxldG1laW4tcGxlYXNl", "Zm9vOndyb25n");
    let test = test.file("config.json", wrong);
    let said = check(&test, &host, &["--config", "config.json"]);
    insta::assert_snapshot!(first_lines(&said).join("\n"), @r#"
    exit: 1
    error[not-authorised]: app "/shop/web": [REGISTRY] rejects the credentials of foo: http://[REGISTRY]/token?*** answers 401
      = help: the user or the password is wrong, or has expired
    "#);
    // A refresh token is changed at the same server.
    let identity = format!("{{\"auths\": {{\"{host}\": {{\"identitytoken\": \"letmein\"}}}}}}");
    let test = test.file("config.json", identity);
    let said = check(&test, &host, &["--config", "config.json"]);
    assert!(
        said.contains("denies this image to the identity token") && said.contains("/token answers 401"),
        "{said}"
    );
}

#[test]
fn credentials_that_no_definition_uses_are_named() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let engine = app(&host, FETCH);
    let fault = |definition: &str, config: &str| {
        let test = TestDir::new().file("web.json", definition).file("config.json", config);
        let said = check(&test, &host, &["--config", "config.json"]);
        first_lines(&said).join("\n")
    };
    insta::assert_snapshot!(fault(&engine, &config("127.0.0.1")), @r#"
    exit: 1
    error[wrong-key]: app "/shop/web": [REGISTRY] asks for credentials, and config.json has none for it: there are some for 127.0.0.1, which is another registry: the port has to be the one in the image
      = help: `milepost creds login [REGISTRY] -u USER --password-stdin` writes the entry again
    "#);
    insta::assert_snapshot!(fault(&engine, r#"{"auths": {}, "credsStore": "secretservice"}"#), @r#"
    exit: 1
    error[not-authorised]: app "/shop/web": [REGISTRY] asks for credentials, and config.json has none for it: it leaves them to docker-credential-secretservice, which no agent has
      = help: `milepost creds import` gets them from the helper
    "#);
    let pair =
        format!("{{\"auths\": {{\"{host}\": {{\"username\": \"foo\", \"password\": \"letmein-please\"}}}}}}");
    assert_eq!(fault(&engine, &pair), "exit: 0");
    insta::assert_snapshot!(fault(&ucr(&host), &pair), @r#"
    exit: 1
    error[not-authorised]: app "/shop/web": [REGISTRY] asks for credentials, and config.json has none for it: it has no `auth`, and Mesos reads nothing else
      = help: `milepost creds login [REGISTRY] -u USER --password-stdin` writes the entry again
    "#);
    insta::assert_snapshot!(fault(&ucr(&host), &format!("{{\"auths\": {{\"{host}\": {{\"auth\": \"!\"}}}}}}")), @r#"
    exit: 1
    error[not-authorised]: app "/shop/web": [REGISTRY] asks for credentials, and config.json has none for it: `auth` is not base64
      = help: `milepost creds login [REGISTRY] -u USER --password-stdin` writes the entry again
    "#);
    let hub = engine.replace(&format!("{host}/"), "127.0.0.1.invalid/");
    assert!(fault(&hub, &config("127.0.0.1")).contains("error[unreachable]"));
}

#[test]
fn programs_get_json() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let two = format!("[{},\n{}]", app(&host, FETCH), app(&host, "").replace(":1.4", ":1.5"));
    let test = TestDir::new().file("web.json", two).file("config.json", config(&host));
    let said = check(&test, &host, &["--config", "config.json", "--format", "json"]);
    let json = said.split("----- stdout -----\n").nth(1).and_then(|rest| rest.split("----- stderr").next());
    insta::assert_snapshot!(json.expect("there"));
}

#[test]
fn what_everybody_gets_needs_no_credentials() {
    let port = server(|_, path, authorization| {
        assert_eq!(authorization, "", "nobody asked for them");
        image(path)
    });
    let host = format!("127.0.0.1:{port}");
    let test = TestDir::new().file("web.json", app(&host, FETCH)).file("config.json", config(&host));
    let said = check(&test, &host, &["--config", "config.json"]);
    assert!(said.starts_with("exit: 0\n") && said.contains("(linux/arm/v7, without credentials)"), "{said}");
    // Even where it is not known what would be sent.
    assert!(check(&test, &host, &[]).starts_with("exit: 0\n"));
    let test = test.file("web.json", "{\"id\": \"/a\", \"cmd\": \"true\"}");
    insta::assert_snapshot!(check(&test, &host, &[]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no image in web.json
    "#);
}

/// A quoted text stays quoted, a bare one bare, and one file that cannot be pinned stays as it is.
#[test]
fn pinning_keeps_the_way_it_is_written() {
    let port = server(|_, path, _| image(path));
    let host = format!("127.0.0.1:{port}");
    let yaml = format!("# why\nid: /a\ncontainer:\n  docker:\n    image: {host}/shop/web:1.4 # pinned\n");
    let test = TestDir::new().file("web.json", app(&host, "")).file("a.yaml", &yaml);
    let args = |file| ["creds", "check", file, "--platform", "linux/arm", "--pin"];
    let pinned = test.command(&args("a.yaml")).output().expect("it runs");
    let digest = shell(&test, &format!("printf %s '{MANIFEST}' | sha256sum | cut -d' ' -f1"));
    let expected = yaml.replace(":1.4", &format!("@sha256:{}", digest.trim()));
    assert_eq!(String::from_utf8_lossy(&pinned.stdout), expected);
    assert!(String::from_utf8_lossy(&pinned.stderr).contains("a.yaml:5:12: pullable: "));
    let several = test.run(&["creds", "check", "web.json", "a.yaml", "--pin"]);
    assert!(several.starts_with("exit: 2\n") && several.contains("--write"), "{several}");
    assert_eq!(test.read("a.yaml"), yaml);
}

#[test]
#[cfg(feature = "cert")]
fn the_examples_in_the_help_of_check_run() {
    let port = server(|_, path, _| image(path));
    let web = app(&format!("127.0.0.1:{port}"), "");
    let test =
        TestDir::new().file("web.json", &web).file("services/web.json", web).file("config.json", CONFIG);
    assert!(
        test.run(&["registry", "cert", "--dns", "localhost", "--ca", "-o", "."]).starts_with("exit: 0\n")
    );
    shell(&test, "mkdir .docker && cp config.json .docker && tar -czf docker.tar.gz .docker");
    let help = test.run(&["creds", "check", "--help"]);
    let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("    milepost ")).collect();
    assert_eq!(examples.len(), 3);
    each_case(examples, |example| {
        let args: Vec<&str> = example.split_whitespace().skip(1).chain(["--platform", "linux/arm"]).collect();
        let output = test.command(&args).output().expect("it runs");
        assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
    });
}

/// Which archive holds credentials, a look into it tells; what they are called does not.
#[test]
fn archives_are_opened_whatever_they_are_called() {
    if !crate::creds::has_packers() {
        return;
    }
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let wrong = config(&host).replace("Zm9vOmxldG1laW4tcGxlYXNl", "Zm9vOndyb25n");
    let test = TestDir::new()
        .file("right/.docker/config.json", config(&host))
        .file("wrong/.docker/config.json", wrong);
    shell(
        &test,
        "tar -czf hub.tar.gz -C right .docker; tar -czf docker.tar.gz -C wrong .docker; echo x > x; tar -czf app.tar.gz x
        cp hub.tar.gz second.tgz; cp right/.docker/config.json plain.json; tar -cjf packed.tar.bz2 -C right .docker
        tar -cJf packed.tar.xz -C right .docker; cd right && zip -qr ../packed.zip .docker && cd ..
        python3 -c \"import zipfile; zipfile.ZipFile('odd.zip', 'w', zipfile.ZIP_LZMA).write('right/.docker/config.json')\"",
    );
    let fetch = |entries: &[&str]| {
        let uri = |entry: &&str| {
            let (name, more) = entry.split_once(' ').unwrap_or((entry, ""));
            format!("{{ \"uri\": \"file://{}/{name}\"{more} }}", test.path().display())
        };
        let entries: Vec<String> = entries.iter().map(uri).collect();
        std::fs::write(
            test.path().join("web.json"),
            app(&host, &format!(" \"fetch\": [{}],", entries.join(", "))),
        )
        .expect("written");
        let said = check(&test, &host, &[]);
        (said.starts_with("exit: 0\n"), said.replace(&test.path().display().to_string(), "[DIR]"))
    };
    each_case(
        [
            &["hub.tar.gz"][..],
            &["app.tar.gz", "hub.tar.gz"],
            &["plain.json , \"extract\": false, \"destPath\": \".docker/config.json\""],
            &["hub.tar.gz , \"destPath\": \"deep/hub.tar.gz\""],
            &["packed.tar.bz2"],
            &["app.tar.gz", "packed.tar.xz"],
            &["packed.zip"],
        ],
        |fine| {
            assert!(fetch(fine).0, "{fine:?}: {}", fetch(fine).1);
        },
    );
    each_case(
        [
            (&["app.tar.gz"][..], "this is pulled without any"),
            (
                &["gone.tar.gz"],
                "they may be in file://[DIR]/gone.tar.gz, which is on the agents and not on this machine",
            ),
            (&["odd.zip"], "they may be in file://[DIR]/odd.zip: milepost cannot look into this"),
            (
                &["docker.tar.gz , \"executable\": true"],
                "docker.tar.gz is fetched, but it stays packed: it is `executable`",
            ),
            (&["docker.tar.gz , \"destPath\": \"creds.bin\""], "it stays packed: the name that it gets"),
            (&["docker.tar.gz"], "rejects the credentials of foo"),
            // Of two with a config file agents keep one, and which one cannot be told: both are asked with.
            (
                &["hub.tar.gz", "docker.tar.gz"],
                "agents read one of file://[DIR]/hub.tar.gz and file://[DIR]/docker.tar.gz, and which one cannot be told",
            ),
            (&["docker.tar.gz", "hub.tar.gz"], "warning[files-overwrite-each-other]: "),
            (
                &["hub.tar.gz", "docker-gone-config.tgz"],
                "agents read one of file://[DIR]/hub.tar.gz and file://[DIR]/docker-gone-config.tgz",
            ),
            (
                &["hub.tar.gz", "second.tgz"],
                "warning[files-overwrite-each-other]: file://[DIR]/hub.tar.gz and file://[DIR]/second.tgz",
            ),
        ],
        |(entries, expected)| {
            let (is_fine, said) = fetch(entries);
            assert!(!is_fine && said.contains(expected), "{entries:?}: {said}");
        },
    );
    let unfetchable = app(&host, " \"fetch\": [{ \"uri\": \"file://etc/docker.tar.gz\" }],");
    std::fs::write(test.path().join("web.json"), unfetchable).expect("written");
    let said = check(&test, &host, &[]);
    assert!(
        said.contains("error[bad-credentials]")
            && said.contains("no agent can fetch file://etc/docker.tar.gz"),
        "{said}"
    );
}

/// Docker 23 and later pull without what is in a `.dockercfg`.
#[test]
fn a_dockercfg_is_told() {
    let port = server(|_, path, authorization| with_htpasswd(path, authorization));
    let host = format!("127.0.0.1:{port}");
    let old = format!(r#"{{"{host}": {{"auth": "Zm9vOmxldG1laW4tcGxlYXNl", "email": "a@example.com"}}}}"#);
    each_case([".dockercfg", "docker.tar.gz"], |name| {
        let test = TestDir::new().file(".dockercfg", &old);
        shell(&test, "tar -czf docker.tar.gz .dockercfg");
        let fetch = format!(" \"fetch\": [{{ \"uri\": \"file://{}/{name}\" }}],", test.path().display());
        let test = test.file("web.json", app(&host, &fetch));
        let said = check(&test, &host, &[]);
        assert!(said.starts_with("exit: 1\n") && said.contains(": pullable: "), "{said}");
        assert!(said.contains("warning[old-config]: file://"), "{said}");
        assert!(said.ends_with("1 image: all can be pulled, but 1 problem of credentials above\n"), "{said}");
    });
}
