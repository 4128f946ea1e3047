//! Users of a registry, and the registry that lets only them in.

use std::process::Command;

use crate::common::{TestDir, each_case, has_script};
use crate::docker_registry::Registry;

fn user(test: &TestDir, args: &[&str], password: &str) -> String {
    let args = [&["registry", "user"], args].concat();
    test.run_with_stdin(&args, password)
}

#[test]
fn users_are_added_listed_and_removed() {
    let test = TestDir::new().file("htpasswd", "# the team\nold:$apr1$a$b\n");
    insta::assert_snapshot!(user(&test, &["add", "foo", "htpasswd", "--password-stdin", "--cost", "4"], "letmein\n"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    added foo in htpasswd
    ");
    insta::assert_snapshot!(user(&test, &["list", "htpasswd"], ""), @r"
    exit: 1
    ----- stdout -----
    old  cannot sign in: the hash is of htpasswd's default kind (apr1), and only bcrypt is taken
    foo
    ----- stderr -----
    ");
    insta::assert_snapshot!(user(&test, &["add", "foo", "htpasswd", "--password-stdin"], "x"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: htpasswd has the user foo already: `milepost registry user passwd foo htpasswd` changes the password
    ");
    insta::assert_snapshot!(user(&test, &["remove", "old", "htpasswd"], ""), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    removed old from htpasswd
    ");
    let text = test.read("htpasswd");
    assert!(text.starts_with("# the team\nfoo:$2y$04$") && text.lines().count() == 2, "{text}");
    assert!(!text.contains("letmein"));
    assert_eq!(test.mode("htpasswd"), 0o600);
    let cases: [(&[&str], &str, &str); 8] = [
        (&["remove", "nobody", "htpasswd"], "", "htpasswd has no user nobody"),
        (&["passwd", "nobody", "htpasswd", "--password-stdin"], "x", "htpasswd has no user nobody"),
        (&["add", "a:b", "htpasswd", "--password-stdin"], "x", "\"a:b\" cannot be a user's name: a colon"),
        (
            &["add", "#x", "htpasswd", "--password-stdin"],
            "x",
            "\"#x\" cannot be a user's name: a line that begins with #",
        ),
        (&["add", "a", "htpasswd", "--password-stdin"], "", "the password is empty"),
        (&["add", "a", "htpasswd", "--password-stdin"], &"a".repeat(80), "the password has 80 bytes"),
        (&["add", "a", "htpasswd"], "", "there is no terminal to ask for the password at"),
        (&["list", "missing"], "", "there is no file missing"),
    ];
    each_case(cases, |(args, password, error)| {
        let said = user(&test, args, password);
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{args:?}: {said}");
        assert_eq!(test.read("htpasswd"), text, "{args:?}");
    });
}

#[test]
fn user_and_file_are_told_apart() {
    // A program of that name is no file of users.
    let test = TestDir::new().file("milepost", "#!/bin/sh\n");
    let add = |args: &[&str]| {
        user(&test, &[&["add"], args, &["--password-stdin", "--cost", "4"]].concat(), "letmein")
    };
    // What is there, or is named like it, is the file.
    each_case(
        [
            (["foo", "users"], "added foo in users\n"),
            (["users", "bar"], "added bar in users\n"),
            (["users.htpasswd", "foo"], "added foo in users.htpasswd\n"),
            (["users.htpasswd", "milepost"], "added milepost in users.htpasswd\n"),
            (["htpasswd", "my.htpasswd"], "added htpasswd in my.htpasswd\n"),
        ],
        |(args, told)| {
            let said = add(&args);
            assert!(said.starts_with("exit: 0\n") && said.ends_with(told), "{args:?}: {said}");
        },
    );
    let listed = user(&test, &["list", "users"], "");
    assert_eq!(listed, "exit: 0\n----- stdout -----\nfoo\nbar\n----- stderr -----\n");
}

#[test]
fn the_configuration_of_a_token_server_is_edited() {
    let config = "server: {addr: \":5001\"}\ntoken: {issuer: auth_service, expiration: 900}\nusers:\n  \"admin\": # all\n    password: \"$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam\"\nacl: []\n";
    let test = TestDir::new().file("auth_config.yml", config);
    let added = user(&test, &["add", "dev", "auth_config.yml", "--password-stdin", "--cost", "4"], "letmein");
    assert!(added.starts_with("exit: 0\n"), "{added}");
    let text = test.read("auth_config.yml");
    assert!(
        text.starts_with(config.split("acl").next().expect("a part")) && text.ends_with("acl: []\n"),
        "{text}"
    );
    let listed = user(&test, &["list", "auth_config.yml"], "");
    assert_eq!(listed, "exit: 0\n----- stdout -----\nadmin\ndev\n----- stderr -----\n");
    let anonymous = test.read("auth_config.yml").replace("users:\n", "users:\n  \"\": {}\n  \"open\": {}\n");
    std::fs::write(test.path().join("anonymous.yml"), anonymous).expect("written");
    insta::assert_snapshot!(user(&test, &["list", "anonymous.yml"], ""), @r#"
    exit: 1
    ----- stdout -----
    "" (everybody who does not sign in)
    open  needs no password: docker_auth takes any from who knows the name
    admin
    dev
    ----- stderr -----
    "#);
    let removed = user(&test, &["remove", "dev", "auth_config.yml"], "");
    assert!(removed.starts_with("exit: 0\n") && test.read("auth_config.yml") == config, "{removed}");
    insta::assert_snapshot!(user(&test, &["add", "a", "missing.yml", "--password-stdin"], "x"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no file missing.yml: `milepost registry group` makes the configuration of a token server
    ");
}

const HASH: &str = "$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam";

/// With a line that is no user the registry reads nothing of the file; of two lines for a user it takes the last.
#[test]
fn lines_count_as_the_registry_reads_them() {
    let twice = format!("foo:{HASH}\nfoo:{HASH}\n");
    let test = TestDir::new().file("htpasswd", &twice).file("bad", format!("foo:{HASH}\nbad line\n"));
    assert_eq!(
        user(&test, &["list", "htpasswd"], ""),
        "exit: 0\n----- stdout -----\nfoo\nfoo\n----- stderr -----\nwarning: foo is there twice: only the last entry counts\n"
    );
    let said = user(&test, &["passwd", "foo", "htpasswd", "--password-stdin", "--cost", "4"], "letmein");
    assert!(said.starts_with("exit: 0\n"), "{said}");
    let text = test.read("htpasswd");
    assert!(text.starts_with(&format!("foo:{HASH}\nfoo:$2y$04$")) && text.lines().count() == 2, "{text}");
    each_case([&["list", "bad"][..], &["add", "bar", "bad", "--password-stdin", "--cost", "4"]], |args| {
        let said = user(&test, args, "letmein");
        assert!(!said.starts_with("exit: 0\n") && said.contains("bad: line 2 is no NAME:HASH"), "{said}");
    });
}

#[test]
fn a_user_written_as_an_anchor_is_told_once_with_the_way_out() {
    let config = format!("users:\n  a: &one {{password: \"{HASH}\"}}\n  b: *one\nacl: []\n");
    let test = TestDir::new().file("c.yml", &config);
    let said = user(&test, &["passwd", "a", "c.yml", "--password-stdin", "--cost", "4"], "letmein");
    assert!(
        said.starts_with("exit: 2\n") && said.contains("write the entry out, without anchor or alias"),
        "{said}"
    );
    assert_eq!(said.matches("cannot be edited").count(), 1, "{said}");
    assert_eq!(test.read("c.yml"), config);
}

/// A name that means something else in one of the files is refused by every command that takes one, before anything is made.
#[test]
fn a_users_name_is_a_plain_one() {
    let config = "users:\n  \"admin\": {password: \"x\"}\nacl: []\n";
    let test = TestDir::new().file("auth.yml", config).file("password", "letmein");
    let given = ["--password-file", "password", "--cost", "4"];
    let names = ["/.+/", "a\"b: x", "a:b", "dev*", "${account}", "a b", "a/b", "#a", ""];
    each_case(names, |name| {
        let add = |file| [&["registry", "user", "add", name, file][..], &given].concat();
        let commands = [
            add("htpasswd"),
            add("auth.yml"),
            [&["registry", "group", "--admin", name, "-o", "group"][..], &given].concat(),
            vec!["registry", "up", "192.168.0.1", "--yes", "--username", name],
            vec!["registry", "up", "192.168.0.1", "--yes", "--auth", "token", "-u", name],
        ];
        for args in commands {
            let said = test.run(&args);
            assert!(said.starts_with("exit: 2\n"), "{args:?}: {said}");
            assert!(said.contains("cannot be a user's name: ") || name.is_empty(), "{args:?}: {said}");
        }
    });
    each_case(["a:b", "a\"b: x", "a b", ""], |name| {
        let said = test.run(&[
            "registry",
            "app",
            "--tls",
            "none",
            "--proxy",
            "https://registry-1.docker.io",
            "--proxy-user",
            name,
            "--proxy-password-from",
            "hub/password",
        ]);
        assert!(said.starts_with("exit: 2\n") && said.contains("--proxy-user"), "{name}: {said}");
    });
    assert_eq!(test.read("auth.yml"), config);
    each_case(["htpasswd", "group", "registry"], |name| assert!(!test.path().join(name).exists(), "{name}"));
}

/// The last user takes the way in with them, which is told.
#[test]
fn removing_the_last_user_is_warned_of() {
    let hash = "$2b$04$V2GXQkHWt3crFhfthGQ1FO043lls8gG5jH4Zw5UmA.EvdUC.AT70.";
    let users = format!("users:\n  foo: {{password: \"{hash}\"}}\n  \"\": {{}}\n");
    let test = TestDir::new()
        .file("htpasswd", format!("# the team\nfoo:{hash}\nbar:{hash}\n"))
        .file("auth_config.yml", format!("{users}acl: []\n"));
    let remove = |name: &str, file: &str| user(&test, &["remove", name, file], "");
    let first = remove("foo", "htpasswd");
    assert!(first.starts_with("exit: 0\n") && !first.contains("warning"), "{first}");
    insta::assert_snapshot!(remove("bar", "htpasswd"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    removed bar from htpasswd
    warning: no user is left in htpasswd: nobody can sign in; `milepost registry user add NAME htpasswd` adds one
    ");
    insta::assert_snapshot!(remove("foo", "auth_config.yml"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    removed foo from auth_config.yml
    warning: no user is left in auth_config.yml: nobody can sign in; `milepost registry user add NAME auth_config.yml` adds one
    ");
    insta::assert_snapshot!(remove("", "auth_config.yml"), @r#"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    removed "" from auth_config.yml
    warning: no user is left in auth_config.yml: nobody can sign in, and without users docker_auth does not start, unless the file names another way to sign in; `milepost registry user add NAME auth_config.yml` adds one
    "#);
    let none = remove("", "auth_config.yml");
    assert!(none.contains("has no user \"\": `milepost registry user add NAME auth_config.yml`"), "{none}");
}

/// What nobody sees while it is typed is asked for twice.
#[test]
fn a_terminal_is_asked_for_a_new_password_twice() {
    if !has_script() {
        return;
    }
    let test = TestDir::new();
    let program = env!("CARGO_BIN_EXE_milepost");
    let ask = |typed: &str| {
        let command = format!("{program} registry user add foo htpasswd --cost 4");
        let line = format!("printf '{typed}' | script -qec '{command}' /dev/null");
        let output =
            Command::new("sh").args(["-c", &line]).current_dir(test.path()).output().expect("sh runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let slip = ask("letmein\\nletmeim\\n");
    assert!(slip.contains("the two passwords differ; nothing was changed"), "{slip}");
    assert!(!test.path().join("htpasswd").exists());
    let same = ask("letmein\\nletmein\\n");
    assert!(same.contains("The same again: ") && same.contains("added foo in htpasswd"), "{same}");
}

/// Twenty at once: every one is there afterwards.
#[test]
fn users_that_are_added_at_once_are_all_there() {
    let test = TestDir::new().file("password", "letmein");
    let children: Vec<_> = (0..20)
        .map(|number| {
            Command::new(env!("CARGO_BIN_EXE_milepost"))
                .args([
                    "registry",
                    "user",
                    "add",
                    &format!("user-{number}"),
                    "htpasswd",
                    "--password-file",
                    "password",
                    "--cost",
                    "4",
                ])
                .current_dir(test.path())
                .spawn()
                .expect("it runs")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("it ended").success());
    }
    assert_eq!(test.read("htpasswd").lines().count(), 20);
}

/// What `registry app --auth htpasswd` writes, given to a real registry as its environment: only the user gets in.
#[test]
fn a_real_registry_lets_in_whom_the_file_names() {
    let test = TestDir::new().file("password", "letmein");
    let added = user(&test, &["add", "foo", "htpasswd", "--password-file", "password", "--cost", "4"], "");
    assert!(added.starts_with("exit: 0\n"), "{added}");
    let made =
        test.run(&["registry", "app", "--tls", "self-signed", "--auth", "htpasswd", "-o", "registry.json"]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    assert!(made.contains("note: /etc/privateregistry/auth/htpasswd must be on every agent"), "{made}");
    let app: serde_json::Value = serde_json::from_str(&test.read("registry.json")).expect("JSON");
    assert_eq!(app["healthChecks"][0]["path"], "/");
    assert_eq!(app["env"]["REGISTRY_AUTH_HTPASSWD_PATH"], "/auth/htpasswd");
    assert!(
        app["container"]["volumes"].as_array().expect("volumes").iter().any(|volume| {
            volume["hostPath"] == "/etc/privateregistry/auth/" && volume["containerPath"] == "/auth/"
        }),
        "{app}"
    );
    let auth = "auth:\n  htpasswd:\n    realm: registry\n    path: [DIR]/htpasswd\n";
    let Some(registry) = Registry::start(&test, auth) else { return };
    let login = |password: &str| {
        let host = format!("localhost:{}", registry.port);
        let output = test
            .command(&["creds", "login", &host, "-u", "foo", "--password-stdin"])
            .env("HOME", test.path())
            .write_stdin(password)
            .output()
            .expect("it runs");
        output.status.code()
    };
    assert_eq!((login("letmein"), login("other")), (Some(0), Some(3)));
    // A user that is removed does not get in any more; the registry notices by itself.
    user(&test, &["add", "bar", "htpasswd", "--password-stdin", "--cost", "4"], "x");
    user(&test, &["remove", "foo", "htpasswd"], "");
    assert_eq!(login("letmein"), Some(3));
}

#[test]
fn token_authentication_is_set_up() {
    let test = TestDir::new();
    let args = [
        "registry",
        "app",
        "--tls",
        "self-signed",
        "--auth",
        "token",
        "--token-realm",
        "https://auth.example.com:5001/auth",
        "--token-issuer",
        "2024",
    ];
    let made = test.run(&args);
    let json =
        made.split("----- stderr").next().and_then(|out| out.split_once("stdout -----\n")).expect("stdout").1;
    let app: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let env = &app["env"];
    assert_eq!(
        [
            &env["REGISTRY_AUTH"],
            &env["REGISTRY_AUTH_TOKEN_REALM"],
            &env["REGISTRY_AUTH_TOKEN_SERVICE"],
            &env["REGISTRY_AUTH_TOKEN_ISSUER"],
            &env["REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE"],
        ],
        ["token", "https://auth.example.com:5001/auth", "registry", "\"2024\"", "/auth/token.crt"],
        "{app}"
    );
    assert!(made.contains("docker_auth must not have `disable_legacy_key_id` for registry 2"), "{made}");
    let third = test.run(&[&args[..], &["--tag", "3"]].concat());
    assert!(third.contains("docker_auth needs `disable_legacy_key_id: true` for registry 3"), "{third}");
    let cases: [(&[&str], &str); 5] = [
        (&["--auth", "token"], "--auth token needs --token-realm URL"),
        (&["--auth", "token", "--token-realm", "auth:5001"], "is not an address of a token server"),
        (&["--auth", "htpasswd", "--token-issuer", "a"], "--auth htpasswd takes no --token-issuer"),
        (&["--htpasswd", "/x"], "--auth none takes no --htpasswd"),
        (
            &["--auth", "htpasswd", "--htpasswd", "users"],
            "--htpasswd is a file on the agents: give an absolute path",
        ),
    ];
    each_case(cases, |(more, error)| {
        let said = test.run(&[&["registry", "app", "--tls", "none"], more].concat());
        assert!(said.starts_with("exit: 2\n") && said.contains(error), "{more:?}: {said}");
    });
}
