//! Which source of an address or a credential counts, and the clusters of the DC/OS CLI.

use super::private;
use super::server::{Dcos, enterprise, token};
use crate::common::{TestDir, each_case};

/// A cluster of the DC/OS CLI, in a directory `.dcos`, whose file has this mode.
fn cluster(test: TestDir, id: &str, name: &str, core: &str, mode: u32) -> TestDir {
    let file = format!(".dcos/clusters/{id}/dcos.toml");
    test.file(&file, format!("[cluster]\nname = \"{name}\"\n{core}")).with_mode(&file, mode)
}

fn attached(test: TestDir, id: &str) -> TestDir {
    test.file(&format!(".dcos/clusters/{id}/attached"), "")
}

/// Runs `config show --origin` in an environment: its exit code, and what it says.
fn show(test: &TestDir, args: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = test.command(&[&["config", "show", "--origin"], args].concat());
    command.env("HOME", test.path()).envs(environment.iter().copied());
    let output = command.output().expect("the program runs");
    let said = test.describe(&output);
    assert!(!said.contains("hush") && !said.contains("hunter2"), "{said}");
    said.replace("----- stdout -----\n", "").replace("----- stderr -----\n", "")
}

/// The first line after the exit code.
fn first(said: &str) -> &str {
    said.lines().nth(1).unwrap_or_default()
}

fn with_environment() -> TestDir {
    TestDir::new().file(
        "milepost.toml",
        "[environment.prod]\nurl = \"https://prod.example\"\nservice = \"team/marathon\"\n\
         [environment.two]\nurl = [\"http://one.example:8080\", \"http://two.example:8080\"]\n\
         [environment.service]\nservice = \"marathon-user\"\n\
         [environment.open]\nurl = \"https://u:hunter2@open.example\"\n",
    )
}

#[test]
fn each_source_counts_after_those_before_it() {
    let core = "[core]\ndcos_url = \"https://attached.example/\"\ndcos_acs_token = \"hush\"\nssl_verify = \"false\"\n";
    let test = cluster(with_environment(), "id-1", "ours", core, 0o600);
    let all = [
        ("MARATHON_URL", "http://m.example:8080"),
        ("DCOS_MARATHON_URL", "https://dcos.example/service/mine"),
        ("DCOS_URL", "https://dcos.example"),
        ("DCOS_ACS_TOKEN", "hush"),
    ];
    let cases: &[(&[&str], usize, &str)] = &[
        (&["--url", "https://o.example/x"], 0, "url = \"https://o.example/x\"  # --url"),
        (
            &["-e", "prod"],
            0,
            "url = \"https://prod.example/service/team/marathon\"  # milepost.toml [environment.prod]",
        ),
        (
            &["-e", "prod", "--url", "env"],
            0,
            "url = \"https://prod.example/service/team/marathon\"  # milepost.toml [environment.prod]",
        ),
        (
            &["-e", "two"],
            0,
            "url = \"http://one.example:8080,http://two.example:8080\"  # milepost.toml [environment.two]",
        ),
        (&["-e", "service"], 1, "url = \"https://dcos.example/service/marathon-user\"  # DCOS_URL"),
        (&[], 0, "url = \"http://m.example:8080\"  # MARATHON_URL"),
        (&[], 1, "url = \"https://dcos.example/service/mine\"  # DCOS_MARATHON_URL"),
        (
            &["--service", "/marathon-user/"],
            1,
            "url = \"https://dcos.example/service/marathon-user\"  # DCOS_URL",
        ),
        (&[], 2, "url = \"https://dcos.example/service/marathon\"  # DCOS_URL"),
        (
            &[],
            3,
            "url = \"https://attached.example/service/marathon\"  # cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)",
        ),
        (
            &["--service", "b", "--url", "https://d.example/x/service/a"],
            0,
            "url = \"https://d.example/x/service/b\"  # --url",
        ),
    ];
    each_case(cases, |(args, from, expected)| {
        assert_eq!(first(&show(&test, args, &all[*from..])), *expected, "{args:?} {from}");
    });
    insta::assert_snapshot!(show(&test, &[], &all[2..]), @r#"
    exit: 0
    url = "https://dcos.example/service/marathon"  # DCOS_URL
    token = "***"  # DCOS_ACS_TOKEN
    # url = "https://attached.example/service/marathon"  # not used: cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)
    "#);
    insta::assert_snapshot!(show(&test, &[], &[]), @r#"
    exit: 0
    url = "https://attached.example/service/marathon"  # cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)
    token = "***"  # cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)
    verify = "false"  # cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)
    "#);
    insta::assert_snapshot!(show(&test, &["--url", "https://other.example"], &all), @r#"
    exit: 0
    url = "https://other.example"  # --url
    # url = "http://m.example:8080"  # not used: MARATHON_URL
    # url = "https://dcos.example/service/mine"  # not used: DCOS_MARATHON_URL
    # url = "https://dcos.example/service/marathon"  # not used: DCOS_URL
    # url = "https://attached.example/service/marathon"  # not used: cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml)
    # token = "***"  # not used: DCOS_ACS_TOKEN, it is for DCOS_URL
    "#);
    insta::assert_snapshot!(test.run(&["config", "show", "--json", "--url", "http://m.example"]), @r#"
    exit: 0
    ----- stdout -----
    {
      "settings": [
        {
          "name": "url",
          "value": "http://m.example",
          "origin": "--url"
        }
      ],
      "notUsed": [
        {
          "name": "url",
          "value": "https://attached.example/service/marathon",
          "origin": "cluster ours (.dcos/clusters/id-1/dcos.toml)"
        }
      ]
    }
    ----- stderr -----
    "#);
}

#[test]
fn the_cluster_is_the_one_of_the_dcos_cli() {
    let core = |host: &str| format!("[core]\ndcos_url = \"https://{host}.example\"\n");
    let two = |test| {
        let test = cluster(test, "id-1", "one", &core("one"), 0o600);
        cluster(test, "id-2", "two", &core("two"), 0o400)
    };
    let none = TestDir::new();
    insta::assert_snapshot!(show(&none, &[], &[]), @r"
    exit: 2
    error: Marathon's address is not known: give --url, or set MARATHON_URL, or for DC/OS set DCOS_URL and DCOS_ACS_TOKEN, or attach a cluster with the DC/OS CLI
    ");
    let test = two(TestDir::new());
    insta::assert_snapshot!(show(&test, &[], &[]), @r"
    exit: 2
    error: the address is not known: no cluster is attached; attach one with `dcos cluster attach NAME`, or name it in DCOS_CLUSTER: one (id-1), two (id-2)
    ");
    each_case([("two", "two"), ("id-1", "one")], |(name, host)| {
        let said = show(&test, &[], &[("DCOS_CLUSTER", name)]);
        assert!(first(&said).starts_with(&format!("url = \"https://{host}.example/")), "{said}");
    });
    // A part of an id is not enough.
    insta::assert_snapshot!(show(&test, &[], &[("DCOS_CLUSTER", "id-")]), @r#"
    exit: 2
    error: the address is not known: DCOS_CLUSTER names no cluster: "id-" is neither the name nor the whole id of one; there are: one (id-1), two (id-2)
    "#);
    let test = attached(test, "id-2");
    assert!(first(&show(&test, &[], &[])).starts_with("url = \"https://two.example/"));
    let relative = show(&test, &[], &[("HOME", "/nowhere"), ("DCOS_DIR", ".dcos")]);
    assert!(first(&relative).starts_with("url = \"https://two.example/"), "{relative}");
    let test = attached(test, "id-1");
    insta::assert_snapshot!(show(&test, &[], &[]), @r"
    exit: 2
    error: the address is not known: multiple clusters are attached: one (id-1), two (id-2); attach one with `dcos cluster attach NAME`, or name it in DCOS_CLUSTER
    ");
    // An address that is known without them needs none.
    assert!(show(&test, &["--url", "http://m.example"], &[]).starts_with("exit: 0\n"));
    let same_name = cluster(two(TestDir::new()), "id-3", "one", &core("three"), 0o600);
    insta::assert_snapshot!(show(&same_name, &[], &[("DCOS_CLUSTER", "one")]), @r#"
    exit: 2
    error: the address is not known: DCOS_CLUSTER names several clusters: "one" is the name of id-1, id-3; give the id of one
    "#);
    let old = private(TestDir::new(), ".dcos/dcos.toml", &core("old"));
    assert!(first(&show(&old, &[], &[])).starts_with("url = \"https://old.example/"));
    let file = old.path().join(".dcos/dcos.toml");
    let named = [("HOME", "/nowhere"), ("DCOS_CONFIG", file.to_str().expect("UTF-8"))];
    assert!(first(&show(&old, &[], &named)).starts_with("url = \"https://old.example/"));
    insta::assert_snapshot!(show(&cluster(TestDir::new(), "id-1", "one", &core("one"), 0o644), &[], &[]), @r"
    exit: 2
    error: the address is not known: permissions 0644 of [DIR]/.dcos/clusters/id-1/dcos.toml are too open, and it can hold a token: `chmod 600 [DIR]/.dcos/clusters/id-1/dcos.toml`
    ");
    let broken = cluster(TestDir::new(), "id-1", "one", "[core]\ndcos_acs_token = \"hush\n", 0o600);
    insta::assert_snapshot!(show(&broken, &[], &[]), @r#"
    exit: 2
    error: the address is not known: [DIR]/.dcos/clusters/id-1/dcos.toml: line 4: invalid basic string, expected `"`
    "#);
    let named = show(&broken, &[], &[("DCOS_CLUSTER", "one")]);
    assert!(named.contains("there are: id-1 (its dcos.toml cannot be read)"), "{named}");
}

/// The setting of a cluster, variables, and what is shown.
type CertificateCase = (&'static str, &'static [(&'static str, &'static str)], &'static str);

#[test]
fn certificates_are_those_of_the_cluster() {
    let core = |verify: &str| format!("[core]\ndcos_url = \"https://d.example\"\nssl_verify = {verify}\n");
    let with = |verify: &str| cluster(TestDir::new(), "id-1", "d", &core(verify), 0o600);
    let cases: &[CertificateCase] = &[
        ("\"/ca.crt\"", &[], "ca-file = \"/ca.crt\"  # cluster d"),
        ("\"false\"", &[], "verify = \"false\"  # cluster d"),
        ("false", &[], "verify = \"false\"  # cluster d"),
        ("true", &[], ""),
        ("\"/ca.crt\"", &[("DCOS_SSL_VERIFY", "0")], "verify = \"false\"  # DCOS_SSL_VERIFY"),
        ("\"false\"", &[("DCOS_SSL_VERIFY", "true")], ""),
        ("\"false\"", &[("DCOS_SSL_VERIFY", "Yes")], ""),
        ("true", &[("DCOS_SSL_VERIFY", "no")], "verify = \"false\"  # DCOS_SSL_VERIFY"),
        ("\"OFF\"", &[], "verify = \"false\"  # cluster d"),
        ("true", &[("DCOS_TLS_INSECURE", "on")], "verify = \"false\"  # DCOS_TLS_INSECURE"),
        ("true", &[("DCOS_SSL_VERIFY", "/other.crt")], "ca-file = \"/other.crt\"  # DCOS_SSL_VERIFY"),
        ("true", &[("DCOS_TLS_INSECURE", "1")], "verify = \"false\"  # DCOS_TLS_INSECURE"),
        ("true", &[("DCOS_TLS_CA_PATH", "/tls.crt")], "ca-file = \"/tls.crt\"  # DCOS_TLS_CA_PATH"),
        ("false", &[("DCOS_URL", "https://e.example")], ""),
        ("false", &[("MARATHON_URL", "https://m.example"), ("DCOS_SSL_VERIFY", "false")], ""),
    ];
    each_case(cases, |(verify, environment, expected)| {
        let said = show(&with(verify), &[], environment);
        let second = said.lines().nth(2).filter(|line| !line.starts_with('#')).unwrap_or_default();
        assert!(second.starts_with(expected) && second.is_empty() == expected.is_empty(), "{verify}: {said}");
    });
}

#[test]
fn what_cannot_be_used_is_named() {
    let test = with_environment().file("token", "two words").file("name", "u").file("empty", "");
    let all: Vec<String> = [
        &["-e", "nowhere"][..],
        &["-e", "open"],
        &["--url", "https://u:hunter2@m.example"],
        &["--url", "m.example"],
        &["--url", "https://m.example", "--service", "../x"],
        &["--url", "https://m.example", "--token-file", "token"],
        &["--url", "http://m.example", "--user", "u", "--password-file", "name"],
        &["--url", "https://m.example", "--service-account", "empty"],
    ]
    .iter()
    .map(|args| show(&test, args, &[]))
    .collect();
    insta::assert_snapshot!(all.join("\n"), @r#"
    exit: 2
    error: --environment nowhere: milepost.toml has no such environment, but open, prod, service, two

    exit: 2
    error: milepost.toml [environment.open]: the address holds a password: name the user in `user`, and a file with the password in `password-file`

    exit: 2
    error: --url holds a password, which every user of this machine could read: set MARATHON_URL instead

    exit: 2
    error: --url: this is not an address: relative URL without a base; write it like http://marathon.example:8080 or https://dcos.example/service/marathon

    exit: 2
    error: --service: "../x" is not the name of a service, such as marathon-user or team/marathon

    exit: 2
    error: token: this is not a token: it holds white space or characters that tokens do not have

    exit: 2
    error: not sending a password to http://***@m.example over plain http, where others could read it: use https, or allow it with --plain-http

    exit: 2
    error: --service-account: permissions 0644 of empty are too open, and it holds a secret: `chmod 600 empty`
    "#);
}

#[test]
fn a_user_of_a_plain_marathon_is_sent_with_its_password() {
    let test = TestDir::new().file("password", "hunter2\n").with_mode("password", 0o600);
    let server = Dcos::start(enterprise());
    let args = ["--url", &server.url, "--user", "joe", "--password-file", "password"];
    insta::assert_snapshot!(show(&test, &args, &[]).replace(server.host(), "[SERVER]"), @r#"
    exit: 0
    url = "http://***@[SERVER]"  # --url
    user = "joe"  # --user
    "#);
    let output = test.command(&[&["export", "/web"], &args[..]].concat()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(server.log()[0], "GET /v2/info (Basic)");
}

#[test]
fn a_token_goes_to_its_own_address_only() {
    let server = Dcos::start(enterprise());
    let other = Dcos::start(enterprise());
    let secret = server.token("alice", 3600);
    let core = format!("[core]\ndcos_url = \"{}\"\ndcos_acs_token = \"{secret}\"\n", server.url);
    let test = cluster(TestDir::new(), "id-1", "ours", &core, 0o600);
    let ask = |url: &str, environment: &[(&str, &str)]| {
        let mut command = test.command(&["export", "/web", "--url", &format!("{url}/service/marathon")]);
        command.env("HOME", test.path()).envs(environment.iter().copied());
        test.describe(&command.output().expect("it runs"))
    };
    ask(&server.url, &[]);
    assert_eq!(server.log()[0], "GET /service/marathon/v2/info (token)");
    let said = ask(&other.url, &[("DCOS_ACS_TOKEN", &secret)]);
    assert_eq!(other.log(), ["GET /service/marathon/v2/info"]);
    insta::assert_snapshot!(said.replace(other.host(), "[OTHER]"), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[OTHER]/service/marathon answers 401: DCOS_ACS_TOKEN was not sent, because it belongs to DCOS_URL, or without that to the attached cluster, which is another address; give this one's token with --token-file
    ");
    // Nor to another address of the same list.
    let urls = format!("{}/service/marathon,{}/service/marathon", "http://127.0.0.1:1", other.url);
    let mut command = test.command(&["export", "/web"]);
    command.env("DCOS_URL", "http://127.0.0.1:1").env("DCOS_ACS_TOKEN", &secret).env("MARATHON_URL", urls);
    command.output().expect("it runs");
    assert_eq!(other.log(), ["GET /service/marathon/v2/info"]);
    // Not even where it is redirected.
    let redirecting = super::server::Settings { redirect: Some(other.url.clone()), ..enterprise() };
    let standby = Dcos::start(redirecting);
    let environment = [("DCOS_URL", standby.url.as_str()), ("DCOS_ACS_TOKEN", &secret)];
    let said = ask(&standby.url, &environment);
    assert!(
        said.contains(&format!(
            "answers 307 and redirects to {}/service/marathon/v2/info: give that address",
            other.url
        )),
        "{said}"
    );
    assert_eq!(other.log(), [""; 0]);
}

#[test]
fn a_marathon_of_several_addresses_is_asked_at_the_next() {
    let server = Dcos::start(super::server::Settings::default());
    let standby = Dcos::start(super::server::Settings { redirect: Some(server.url.clone()), ..enterprise() });
    let test = TestDir::new();
    each_case(["http://127.0.0.1:1", &standby.url], |first| {
        let urls = format!("{first}/service/marathon,{}/service/marathon", server.url);
        let output = test.command(&["export", "/web", "--url", &urls]).output().expect("it runs");
        let said = test.describe(&output);
        assert_eq!(server.log()[0], "GET /service/marathon/v2/info", "{said}");
    });
    let urls = ["--url", "http://127.0.0.1:1", "--url", "http://127.0.0.1:2"];
    insta::assert_snapshot!(test.run(&[&["export", "/web"], &urls[..]].concat()), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: cannot connect to http://127.0.0.1:2/v2/info: Connection refused (os error 111); nor to http://127.0.0.1:1/
    ");
}

#[test]
fn other_servers_are_told_from_marathons() {
    let captive = Dcos::start(super::server::Settings { is_captive: true, ..enterprise() });
    let open = Dcos::start(super::server::Settings::default());
    let test = TestDir::new().file("milepost.toml", "[target]\nname = \"dcos\"\n");
    let ask = |url: &str| {
        let said = test.run(&["export", "/web", "--url", url]);
        said.replace(captive.host(), "[CAPTIVE]").replace(open.host(), "[OPEN]")
    };
    let all = [ask(&captive.url), ask(&format!("{}/service/none", open.url)), ask(&open.url)];
    insta::assert_snapshot!(all.join("\n"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[CAPTIVE]/v2/apps/web answers with a web page, so it is not a Marathon, or a proxy's login page comes before it; DC/OS has Marathon at /service/marathon

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[OPEN]/service/none has no app, pod or group /web

    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: http://[OPEN]/v2/apps/web answers 404: is this Marathon's address? DC/OS has it at /service/marathon
    ");
    let said = TestDir::new().run(&["export", "/web", "--url", &format!("{}/service/other", open.url)]);
    insta::assert_snapshot!(said.replace(open.host(), "[OPEN]"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[OPEN]/service/other answers with other JSON than Marathon's /v2/info, so it is not a Marathon; DC/OS has it at /service/marathon
    ");
}

#[test]
fn an_old_token_is_told_and_another_used() {
    let server = Dcos::start(enterprise());
    let old = token("alice", 1_000_000_000, "x");
    let core = format!("[core]\ndcos_url = \"{}\"\ndcos_acs_token = \"{old}\"\n", server.url);
    let test = cluster(TestDir::new(), "id-1", "ours", &core, 0o600);
    let ask = |environment: &[(&str, &str)]| {
        let mut command = test.command(&["export", "/web"]);
        command.env("HOME", test.path()).envs(environment.iter().copied());
        test.describe(&command.output().expect("it runs")).replace(server.host(), "[SERVER]")
    };
    insta::assert_snapshot!(ask(&[]), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: cannot read the target from the server: http://[SERVER]/service/marathon answers 401: the token of cluster ours ([DIR]/.dcos/clusters/id-1/dcos.toml) has ended: `milepost login` gets another
    ");
    let good = server.token("alice", 3600);
    server.log();
    let said = ask(&[("DCOS_ACS_TOKEN", &good)]);
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
}

#[test]
fn nobody_asks_as_another_user_because_a_token_has_ended() {
    let server = Dcos::start(enterprise());
    let kept = format!("{{\"{}\": {{\"token\": \"{}\"}}}}", server.url, server.token("ci", 3600));
    let test = private(TestDir::new(), ".config/milepost/logins.json", &kept);
    let ask = |user: &str| {
        let mut command = test.command(&["whoami"]);
        command.env("HOME", test.path()).env("DCOS_URL", &server.url);
        command.env("DCOS_ACS_TOKEN", token(user, 1_000_000_000, "x"));
        test.describe(&command.output().expect("it runs"))
    };
    let said = ask("alice");
    assert!(
        said.starts_with("exit: 3\n") && said.contains("refuses the token, which has ended: DCOS_ACS_TOKEN"),
        "{said}"
    );
    let said = ask("ci");
    assert!(said.starts_with("exit: 0\n") && said.contains("\nci\n"), "{said}");
}

#[test]
fn a_token_of_the_attached_cluster_that_is_not_sent_is_told() {
    let (server, dcos) = (Dcos::start(enterprise()), Dcos::start(enterprise()));
    let core = format!(
        "[core]\ndcos_url = \"{}\"\ndcos_acs_token = \"{}\"\n[marathon]\nurl = \"{}/service/marathon\"\n",
        dcos.url,
        dcos.token("alice", 3600),
        server.url
    );
    let test = cluster(TestDir::new(), "id-1", "ours", &core, 0o600);
    for args in [&["app", "list"][..], &["app", "list", "--url", &format!("{}/x", server.url)]] {
        let output = test.command(args).env("HOME", test.path()).output().expect("it runs");
        let said = test.describe(&output);
        let told = format!(
            "was not sent, because it belongs to that cluster, {}, which is another address",
            dcos.url
        );
        assert!(said.starts_with("exit: 3\n") && said.contains(&told), "{said}");
    }
}

/// As the DC/OS CLI does; a proxy sees what is sent.
#[test]
fn the_token_of_a_cluster_goes_to_its_own_address_over_plain_http() {
    const LIST: &str =
        "GET http://dcos.invalid/service/marathon/v2/apps?embed=apps.counts&embed=apps.deployments (token)";
    let proxy = Dcos::start(enterprise());
    let core = "[core]\ndcos_url = \"http://dcos.invalid\"\ndcos_acs_token = \"a.b.c\"\n";
    let test = cluster(TestDir::new(), "id-1", "ours", core, 0o600).file("token", "a.b.c");
    let ask = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = test.command(&[&["app", "list"], args].concat());
        command.env("HOME", test.path()).env("http_proxy", &proxy.url).envs(environment.iter().copied());
        let said = test.describe(&command.output().expect("it runs"));
        (said, proxy.log())
    };
    let (said, log) = ask(&[], &[]);
    assert_eq!(log, [LIST], "{said}");
    assert!(
        said.contains(
            "warning: the token or password goes to http://dcos.invalid/service/marathon over plain http, where others can \
             read it; the address is from cluster ours ("
        ),
        "{said}"
    );
    let of_variables =
        [("DCOS_URL", "http://dcos.invalid"), ("DCOS_ACS_TOKEN", "a.b.c"), ("HOME", "/nowhere")];
    assert_eq!(ask(&[], &of_variables).1, [LIST]);
    // Others only when that is asked for, and never to another address.
    let given = ["--url", "http://dcos.invalid/service/marathon", "--token-file", "token"];
    let (said, log) = ask(&given, &[]);
    assert_eq!(log, [""; 0], "{said}");
    assert!(said.contains("use https, or allow it with --plain-http"), "{said}");
    assert_eq!(ask(&[&given[..], &["--plain-http"]].concat(), &[]).1, [LIST]);
    let (said, log) = ask(&["--url", "http://other.invalid"], &[]);
    assert_eq!(log, ["GET http://other.invalid/v2/apps?embed=apps.counts&embed=apps.deployments"], "{said}");
    let user = [("MARATHON_URL", "http://joe:hunter2@m.invalid")];
    assert!(ask(&[], &user).0.contains("not sending a password"));
    assert_eq!(
        ask(&["--plain-http"], &user).1,
        ["GET http://m.invalid/v2/apps?embed=apps.counts&embed=apps.deployments (Basic)"]
    );
}

#[test]
fn who_the_variables_name_is_who_asks() {
    let server = Dcos::start(enterprise());
    let kept = server.token("alice", 3600);
    let core = format!("[core]\ndcos_url = \"{}\"\ndcos_acs_token = \"{kept}\"\n", server.url);
    let test = cluster(TestDir::new(), "id-1", "ours", &core, 0o600);
    let test = private(test, "ci.json", &super::server::account("ci", 0, "https://leader.example/"));
    let whoami = |environment: &[(&str, &str)]| {
        let mut command = test.command(&["whoami"]);
        command.env("HOME", test.path()).envs(environment.iter().copied());
        test.describe(&command.output().expect("it runs"))
    };
    assert!(whoami(&[]).contains("\nalice\n"));
    let ci = [("DCOS_SERVICE_ACCOUNT_CREDENTIAL", "ci.json")];
    let said = whoami(&ci);
    assert!(said.contains("\nci\n"), "{said}");
    let said = show(&test, &[], &ci);
    assert!(
        said.contains("signs-in-as = \"ci\"") && said.contains("# token = \"***\"  # not used: cluster ours"),
        "{said}"
    );
    // A wrong password is not made up for by what is kept of another user; a token of the same user is used.
    let wrong = [("DCOS_USERNAME", "bob"), ("DCOS_PASSWORD", "wrong")];
    assert!(whoami(&wrong).starts_with("exit: 3\n"));
    server.log();
    let said = whoami(&[("DCOS_USERNAME", "alice"), ("DCOS_PASSWORD", super::server::PASSWORD)]);
    assert!(said.contains("\nalice\n") && server.log().is_empty(), "{said}");
}

#[test]
fn what_a_cluster_lacks_is_told() {
    let test = cluster(TestDir::new(), "id-2", "two", "[core]\ndcos_url = \"https://two.example\"\n", 0o600);
    let test = attached(test, "id-1");
    insta::assert_snapshot!(show(&test, &[], &[]), @r"
    exit: 2
    error: the address is not known: [DIR]/.dcos/clusters/id-1/dcos.toml: the cluster is attached, and this file is missing
    ");
    let test = cluster(TestDir::new(), "id-1", "one", "[core]\n", 0o600);
    insta::assert_snapshot!(show(&test, &[], &[]), @r"
    exit: 2
    error: the address is not known: [DIR]/.dcos/clusters/id-1/dcos.toml: it has no dcos_url under [core]; `dcos cluster setup URL` writes it
    ");
}
