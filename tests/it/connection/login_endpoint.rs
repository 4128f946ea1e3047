//! Where the file of a service account says that it signs in (`login_endpoint`).

use super::private;
use super::server::{Dcos, Settings, account, enterprise};
use crate::common::TestDir;

/// What a command says with the account of this endpoint in `ci.json`.
fn run(endpoint: &str, args: &[&str], dcos: Option<&Dcos>) -> String {
    let test = private(TestDir::new(), "ci.json", &account("ci", 0, endpoint));
    let mut command = test.command(&[args, &["--service-account", "ci.json"]].concat());
    command.env("HOME", test.path()).envs(dcos.map(|dcos| ("DCOS_URL", dcos.url.as_str())));
    test.describe(&command.output().expect("the program runs"))
}

const LOGIN: &str = "POST /acs/api/v1/auth/login";

#[test]
fn its_path_counts_at_the_server_itself() {
    let server = Dcos::start(Settings { login: "/ee/login", ..enterprise() });
    let own = format!("{}/ee/login", server.url);
    let said = run(&own, &["login"], Some(&server));
    assert!(said.starts_with("exit: 0\n") && !said.contains("note:"), "{said}");
    assert_eq!(server.log(), ["POST /ee/login"]);
    // So does it where commands sign in.
    let said = run(&own, &["export", "/web"], Some(&server));
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
    assert_eq!(server.log()[0], "POST /ee/login");
    let said = run(&own, &["export", "/web", "--url", &format!("{}/service/marathon", server.url)], None);
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
    assert_eq!(server.log()[0], "POST /ee/login");
    // The root of the server is no address to sign in at.
    let usual = Dcos::start(enterprise());
    run(&format!("{}/", usual.url), &["login"], Some(&usual));
    assert_eq!(usual.log(), [LOGIN]);
}

#[test]
fn another_server_gets_no_proof() {
    let (server, other) = (Dcos::start(enterprise()), Dcos::start(enterprise()));
    let own = format!("{}/acs/api/v1/auth/login", other.url);
    let said = run(&own, &["login"], Some(&server));
    assert!(
        said.starts_with("exit: 0\n") && said.contains(&format!("note: the login_endpoint {own} ")),
        "{said}"
    );
    assert_eq!(server.log(), [LOGIN]);
    let said = run(&own, &["export", "/web"], Some(&server));
    assert!(said.contains("is Marathon 1.11.24"), "{said}");
    assert_eq!(server.log()[0], LOGIN);
    // A Marathon that is not behind the cluster's address.
    let said = run(&own, &["export", "/web", "--url", &server.url], None);
    let told = format!("nothing was sent there; set DCOS_URL={} if that is the cluster", other.url);
    assert!(said.starts_with("exit: 2\n") && said.contains(&told), "{said}");
    assert_eq!(other.log(), [""; 0]);
    let logged = server.log();
    assert!(!logged.iter().any(|request| request.starts_with("POST")), "{logged:?}");
    // The cluster that is set is the account's own. The Marathon refuses its token, which is renewed once.
    server.forget_tokens();
    run(&own, &["export", "/web", "--url", &server.url], Some(&other));
    assert_eq!(other.log(), [LOGIN; 2]);
}
