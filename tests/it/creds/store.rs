//! `milepost creds secret --create --update` against loopback servers that answer as the store of DC/OS Enterprise does.

use super::{CONFIG, WEB};
use crate::common::{TestDir, each_case};
use crate::send::{Behaviour, Server, answer, json};

const SECRET: [&str; 5] = ["creds", "secret", "/shop/pullConfig", "--registry", "docker.io"];

/// Stores with these flags at a server that does that.
fn store(flags: &[&str], behaviour: Behaviour) -> (String, Server) {
    let server = Server::start(behaviour);
    let test = TestDir::new().file(".docker/config.json", CONFIG).file("web.json", WEB);
    let mut command = test.command(&[&SECRET, flags].concat());
    command.env("HOME", test.path()).env("DCOS_URL", server.url()).env("DCOS_ACS_TOKEN", "a.b.c");
    let output = command.output().expect("the program runs");
    let said = test.describe(&output).replace(&server.url(), "[DCOS]");
    assert!(
        !said.contains("YmFyOmxldG1laW4tcGxlYXNl") && !said.contains("letmein") && !said.contains("a.b.c"),
        "{said}"
    );
    (said, server)
}

#[test]
fn a_new_secret_is_put() {
    let (said, server) = store(&["--create"], answer("201 Created", "", ""));
    insta::assert_snapshot!(said, @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    created the secret shop/pullConfig at [DCOS]
    ");
    let request = server.request();
    assert_eq!(request.line, "PUT /secrets/v1/secret/default/shop/pullConfig HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("token=a.b.c"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_str(request.body()).expect("JSON");
    let value = body["value"].as_str().expect("a text");
    let config: serde_json::Value = serde_json::from_str(value).expect("a config file");
    let wanted =
        serde_json::json!({"auths": {"https://index.docker.io/v1/": {"auth": "YmFyOmxldG1laW4tcGxlYXNl"}}});
    assert_eq!(config, wanted);
    assert!(server.is_untouched());
}

#[test]
fn one_that_is_there_stays_unless_it_is_to_be_updated() {
    let exists = || json("409 Conflict", r#"{"title": "Conflict", "description": "secret already exists"}"#);
    let (said, server) = store(&["--create"], exists());
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: the secret shop/pullConfig exists at [DCOS] and was not changed
    help: --update changes it
    ");
    server.request();
    assert!(server.is_untouched());
    // The one answer there is goes for the PATCH, too.
    let (_, server) = store(&["--create", "--update"], exists());
    let lines = [server.request().line, server.request().line];
    assert!(
        lines[0].starts_with("PUT ")
            && lines[1].starts_with("PATCH /secrets/v1/secret/default/shop/pullConfig ")
    );
    let (said, server) = store(&["--update"], answer("204 No Content", "", ""));
    insta::assert_snapshot!(said, @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    updated the secret shop/pullConfig at [DCOS]
    ");
    assert!(server.request().line.starts_with("PATCH "));
    let (said, _) = store(&["--update"], json("404 Not Found", r#"{"title": "Not Found"}"#));
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: there is no secret shop/pullConfig at [DCOS]
    help: --create creates it
    ");
}

#[test]
fn rejections_are_reported_without_the_value() {
    let echo = r#"{"message": "cannot store YmFyOmxldG1laW4tcGxlYXNl"}"#;
    insta::assert_snapshot!(store(&["--create"], json("400 Bad Request", echo)).0, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: shop/pullConfig was not stored: [DCOS] answers 400: it does not say why
    ");
    insta::assert_snapshot!(store(&["--create"], json("403 Forbidden", r#"{"title": "Forbidden"}"#)).0, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: shop/pullConfig was not stored: [DCOS] answers 403: Forbidden
    help: the user may not create or update secrets there: dcos:secrets:default:PATH
    ");
    insta::assert_snapshot!(store(&["--create"], answer("404 Not Found", "Content-Type: text/html\r\n", "<html>")).0, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: shop/pullConfig was not stored: [DCOS] answers 404: a web page, perhaps for logging in
    help: is this the address of DC/OS Enterprise? the open edition has no secret store
    ");
    // A login page before the store answers 200 to everything.
    each_case([("--create", "<html>"), ("--update", "<!DOCTYPE html>")], |(flag, page)| {
        let said = store(&[flag], answer("200 OK", "Content-Type: text/html\r\n", page)).0;
        let expected = "error: shop/pullConfig was not stored: [DCOS] answers 200: a web page, perhaps for logging in\nhelp: is \
                        this the address of DC/OS itself, and not of a login page or proxy before it?\n";
        assert!(said.starts_with("exit: 2\n") && said.ends_with(expected), "{said}");
    });
    let said = store(&["--create"], json("200 OK", "{}")).0;
    assert!(said.starts_with("exit: 2\n") && said.contains("not how the secret store answers"), "{said}");
    insta::assert_snapshot!(store(&["--update"], answer("302 Found", "Location: /login\r\n", "")).0, @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: shop/pullConfig was not stored: [DCOS] answers 302: it redirects to [DCOS]/login
    help: is this the address of DC/OS Enterprise? the open edition has no secret store
    ");
    insta::assert_snapshot!(store(&["--create", "--timeout", "1"], Behaviour::Silence).0, @r"
    exit: 5
    ----- stdout -----
    ----- stderr -----
    error: it may have been stored: [DCOS]/secrets/v1/secret/default/shop/pullConfig did not answer within 1 s
    ");
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    let run = |url: Option<&str>| {
        let mut command = test.command(&[&SECRET[..], &["--create"]].concat());
        command
            .env("HOME", test.path())
            .env("DCOS_ACS_TOKEN", "a.b.c")
            .env("http_proxy", "http://127.0.0.1:1");
        url.map(|url| command.env("DCOS_URL", url));
        test.describe(&command.output().expect("the program runs"))
    };
    insta::assert_snapshot!(run(None), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the address of DC/OS is not known: give it, such as --url https://dcos.example, set DCOS_URL, or attach a cluster with the DC/OS CLI
    ");
    // As the DC/OS CLI does.
    insta::assert_snapshot!(run(Some("http://dcos.invalid")).lines().take(4).collect::<Vec<_>>().join("\n"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    warning: the token or password goes to http://dcos.invalid over plain http, where others can read it; the address is from DCOS_URL
    ");
}

/// `milepost wire --secret … --create`: the secret is stored first, and then the definition names it.
#[test]
fn wiring_stores_the_secret_as_well() {
    let wire = |flags: &[&str], behaviour| {
        let server = Server::start(behaviour);
        let ucr = WEB.replace("DOCKER", "MESOS");
        let test = TestDir::new().file(".docker/config.json", CONFIG).file("web.json", &ucr);
        let args = [&["wire", "web.json", "--secret", "/shop/pullConfig"], flags].concat();
        let mut command = test.command(&args);
        command.env("HOME", test.path()).env("DCOS_URL", server.url()).env("DCOS_ACS_TOKEN", "a.b.c");
        let said = test.describe(&command.output().expect("it runs")).replace(&server.url(), "[DCOS]");
        (said, test.read("web.json") != ucr, server)
    };
    let (said, is_wired, server) = wire(&["--create", "--write"], answer("201 Created", "", ""));
    insta::assert_snapshot!(said, @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    created the secret shop/pullConfig at [DCOS]
    wired web.json: secret pullConfigSecret from /shop/pullConfig
    ");
    assert!(is_wired);
    let request = server.request();
    assert_eq!(request.line, "PUT /secrets/v1/secret/default/shop/pullConfig HTTP/1.1");
    assert!(
        request.body().contains("registry.example.com:5000") && !request.body().contains("index.docker.io")
    );
    let (said, is_wired, _) = wire(&["--create", "--write"], json("409 Conflict", "{}"));
    insta::assert_snapshot!(said, @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: the secret shop/pullConfig exists at [DCOS] and was not changed
    help: --update changes it
    ");
    assert!(!is_wired);
    let (said, is_wired, server) = wire(&["--update", "--diff"], answer("204 No Content", "", ""));
    insta::assert_snapshot!(said, @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: --create and --update store a secret: they go with --secret, and not with --diff
    ");
    assert!(!is_wired && server.is_untouched());
}
