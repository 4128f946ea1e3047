//! What belongs to another server or another user.

use super::private;
use super::server::{Dcos, PASSWORD, account, enterprise};
use crate::common::{TestDir, each_case};

/// A cluster of the DC/OS CLI.
fn cluster(text: &str) -> TestDir {
    private(TestDir::new(), ".dcos/clusters/id-1/dcos.toml", text)
}

/// Runs a command in an environment: what it says.
fn run(test: &TestDir, args: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = test.command(args);
    command.env("HOME", test.path()).envs(environment.iter().copied());
    let said = test.describe(&command.output().expect("the program runs"));
    assert!(!said.contains(PASSWORD), "{said}");
    said
}

#[test]
fn a_plugin_talks_to_the_marathon_of_its_cluster() {
    let test = cluster(
        "[cluster]\nname = \"ours\"\n[core]\ndcos_url = \"https://dcos.example/\"\n[marathon]\nurl = \
         \"https://dcos.example/service/mu\"\n",
    );
    let ours = [("DCOS_URL", "https://dcos.example"), ("DCOS_ACS_TOKEN", "a.b.c")];
    each_case([&[][..], &ours], |environment| {
        let said = run(&test, &["config", "show"], environment);
        assert!(said.contains("url = \"https://dcos.example/service/mu\""), "{said}");
    });
    // The service that is named, and another cluster, are what was asked for.
    let said = run(&test, &["config", "show", "--service", "other"], &ours);
    assert!(said.contains("url = \"https://dcos.example/service/other\""), "{said}");
    let said = run(&test, &["config", "show"], &[("DCOS_URL", "https://two.example")]);
    assert!(said.contains("url = \"https://two.example/service/marathon\""), "{said}");
    let said = run(&test, &["config", "show"], &[ours[0], ("DCOS_MARATHON_URL", "https://m.example")]);
    assert!(said.contains("url = \"https://m.example\""), "{said}");
}

#[test]
fn who_signed_in_stays_who_asks() {
    let server = Dcos::start(enterprise());
    let of = |user| account(user, 0, "https://leader.example/");
    let test = private(TestDir::new(), "k.json", &of("ci"));
    let said = run(&test, &["login", &server.url, "--service-account", "k.json"], &[]);
    assert!(said.starts_with("exit: 0\n"), "{said}");
    server.log();
    let test = private(test, "k.json", &of("dev"));
    let url = format!("{}/service/marathon", server.url);
    each_case([&["app", "list"][..], &["export", "/web"]], |words| {
        let said = run(&test, &[words, &["--url", &url]].concat(), &[]);
        assert!(said.starts_with("exit: 2\n"), "{said}");
        assert!(
            said.contains("ci has signed in, and the file of the service account is one of dev now"),
            "{said}"
        );
        assert_eq!(server.log(), [""; 0]);
    });
}

#[test]
fn a_password_of_a_variable_is_for_dcos_url_alone() {
    let (server, other) = (Dcos::start(enterprise()), Dcos::start(enterprise()));
    let of_user = [("DCOS_USERNAME", "alice"), ("DCOS_PASSWORD", PASSWORD)];
    let at = |url: &'static str| [("DCOS_URL", url), of_user[0], of_user[1]];
    let test = TestDir::new();
    let url = server.url.clone().leak();
    let said = run(&test, &["login", &other.url], &at(url));
    assert!(said.starts_with("exit: 2\n"), "{said}");
    let told =
        format!("note: DCOS_USERNAME and DCOS_PASSWORD not used: for DCOS_URL, which is not {}", other.url);
    assert!(said.contains(&told) && said.contains("who signs in?"), "{said}");
    let said = run(&test, &["login", &other.url, "-u", "alice"], &at(url));
    assert!(said.starts_with("exit: 2\n") && said.contains("no terminal to ask for the password"), "{said}");
    assert!(other.log().iter().all(|request| !request.starts_with("POST")));
    for environment in [&at(url)[..], &of_user] {
        let said = run(&test, &["login", &server.url], environment);
        assert!(said.starts_with("exit: 0\n"), "{said}");
    }
}

#[test]
fn credentials_of_another_server_are_told() {
    let (server, other) = (Dcos::start(enterprise()), Dcos::start(enterprise()));
    let ci = account("ci", 0, "https://leader.example/");
    let test = private(TestDir::new(), "ci.json", &ci).file("token", "a.b.c").file(
        "milepost.toml",
        format!(
            "[environment.a]\nurl = \"{0}\"\nservice-account = \"ci.json\"\n[environment.c]\nurl = \"{0}\"\ntoken-file = \
             \"token\"\n",
            server.url
        ),
    );
    let user = [("DCOS_URL", server.url.as_str()), ("DCOS_USERNAME", "bob"), ("DCOS_PASSWORD", PASSWORD)];
    let service = [user[0], ("DCOS_SERVICE_ACCOUNT_CREDENTIAL", "ci.json")];
    let url = format!("{}/service/marathon", other.url);
    let cases = [
        (&[][..], &user[..], "DCOS_USERNAME, DCOS_PASSWORD was not sent", "signs-in-as = \"bob\""),
        (&[], &service, "DCOS_SERVICE_ACCOUNT_CREDENTIAL was not sent", "signs-in-as = \"ci\""),
        (&["-e", "a"], &[], "the service-account of milepost.toml", "service-account = \"[DIR]/ci.json\""),
        (&["-e", "c"], &[], "the token of milepost.toml", "token = \"[DIR]/token\""),
    ];
    each_case(cases, |(options, environment, told, setting)| {
        let said = run(&test, &[&["app", "list", "--url", &url], options].concat(), environment);
        assert!(said.starts_with("exit: 3\n") && said.contains(told), "{said}");
        let said =
            run(&test, &[&["config", "show", "--origin", "--url", &url], options].concat(), environment);
        assert!(said.contains(&format!("# {setting}  # not used: ")), "{said}");
    });
}
