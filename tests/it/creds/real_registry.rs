//! `milepost creds login` against a real registry: Debian's package docker-registry, with htpasswd, over TLS.

use super::shell;
use crate::common::TestDir;
use crate::docker_registry::{HTPASSWD, Registry, TLS_AND_HTPASSWD};

#[test]
fn a_real_registry_with_htpasswd_over_tls() {
    let key =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("made");
    let test = TestDir::new()
        .file("htpasswd", HTPASSWD)
        .file("domain.crt", key.cert.pem())
        .file("domain.key", key.signing_key.serialize_pem());
    let Some(registry) = Registry::start(&test, TLS_AND_HTPASSWD) else { return };
    let host = format!("localhost:{}", registry.port);
    let login = |password: &str, more: &[&str]| {
        let args = [&["creds", "login", &host, "-u", "foo", "--password-stdin"], more].concat();
        let mut command = test.command(&args);
        let output = command.env("HOME", test.path()).write_stdin(password).output().expect("it runs");
        test.describe(&output).replace(&host, "[REGISTRY]")
    };
    insta::assert_snapshot!(login("letmein-plaese", &["--ca-file", "domain.crt"]), @r"
    exit: 3
    ----- stdout -----
    ----- stderr -----
    error: [REGISTRY] rejects these credentials: https://[REGISTRY]/v2/ answers 401; nothing was written
    help: check the user and the password; some registries want an access token in its place
    ");
    // Without the authority https fails; that it does not answer to plain http is not what is told.
    let distrusted = login("letmein-please", &[]);
    let expected = "error: nothing was written (--no-check writes them anyway): cannot connect to https://";
    assert!(distrusted.starts_with("exit: 2\n") && distrusted.contains(expected), "{distrusted}");
    assert!(distrusted.contains("--ca-file"), "{distrusted}");
    assert!(!test.path().join(".docker").exists());
    insta::assert_snapshot!(login("letmein-please", &["--ca-file", "domain.crt"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote [DIR]/.docker/config.json: foo at [REGISTRY]; the registry accepts them
    ");
    // What was written is what curl needs, too.
    let auth = shell(&test, "sed -n 's/.*\"auth\": \"\\(.*\\)\"/\\1/p' .docker/config.json");
    let script = format!(
        "curl -sS --noproxy '*' --cacert domain.crt -H 'Authorization: Basic {}' -o /dev/null -w '%{{http_code}}' https://{host}/v2/",
        auth.trim()
    );
    assert_eq!(shell(&test, &script), "200");
}

/// What `openssl req -x509` makes is an authority as well as a server's certificate. Go and OpenSSL trust it where it is
/// given itself; so does milepost. Keys on P-521 are rare, and work.
#[test]
fn certificates_that_openssl_makes_are_trusted() {
    if !crate::openssl::is_there() {
        return;
    }
    let self_signed = "openssl req -x509 -nodes -days 2 -keyout domain.key -out domain.crt -subj /CN=localhost -addext subjectAltName=DNS:localhost";
    let rsa = format!("{self_signed} -newkey rsa:2048; cp domain.crt ca.crt");
    let p521 = "-newkey ec -pkeyopt ec_paramgen_curve:secp521r1";
    let alone = format!("{self_signed} {p521}; cp domain.crt ca.crt");
    let signed = format!(
        "openssl req -x509 -nodes -days 2 -keyout ca.key -out ca.crt -subj /CN=CA {p521}
        openssl req -nodes -keyout domain.key -out domain.csr -subj /CN=localhost {p521}
        printf 'subjectAltName=DNS:localhost\\n' >ext
        openssl x509 -req -days 2 -in domain.csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile ext -out domain.crt"
    );
    for script in [rsa, alone, signed] {
        let test = TestDir::new().file("htpasswd", HTPASSWD);
        shell(&test, &format!("exec 2>/dev/null\n{script}"));
        let Some(registry) = Registry::start(&test, TLS_AND_HTPASSWD) else { return };
        let login = |host: &str, more: &[&str]| {
            let host = format!("{host}:{}", registry.port);
            let args = [&["creds", "login", &host, "-u", "foo", "--password-stdin"], more].concat();
            let mut command = test.command(&args);
            let output =
                command.env("HOME", test.path()).write_stdin("letmein-please").output().expect("it runs");
            test.describe(&output)
        };
        let distrusted = login("localhost", &[]);
        assert!(distrusted.starts_with("exit: 2\n"), "{distrusted}");
        assert!(!distrusted.contains("dcos-ca.crt"), "it is no DC/OS: {distrusted}");
        if !script.contains("openssl x509") {
            let advice = "(CA:TRUE); give this certificate itself with --ca-file";
            assert!(distrusted.contains(advice), "{script}: {distrusted}");
        }
        let other_name = login("127.0.0.1", &["--ca-file", "ca.crt"]);
        assert!(
            other_name.starts_with("exit: 2\n") && other_name.contains("not valid for name"),
            "{other_name}"
        );
        let said = login("localhost", &["--ca-file", "ca.crt"]);
        assert!(said.contains("the registry accepts them"), "{script}: {said}");
    }
}
