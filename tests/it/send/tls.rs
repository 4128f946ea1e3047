//! Servers with a certificate, and proxies.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Once};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{Server, accepted, test_dir};

/// A server certificate for `localhost`, its authority's certificate in PEM.
fn certificate(authority: &str) -> (Arc<rustls::ServerConfig>, String) {
    certificate_by(authority, Vec::new())
}

/// The same, where the authority has an extended key usage.
fn certificate_by(
    authority: &str,
    usages: Vec<rcgen::ExtendedKeyUsagePurpose>,
) -> (Arc<rustls::ServerConfig>, String) {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("the first one here");
    });
    let mut parameters = rcgen::CertificateParams::new([]).expect("no names");
    parameters.distinguished_name.push(rcgen::DnType::CommonName, authority);
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.extended_key_usages = usages;
    let key = rcgen::KeyPair::generate().expect("a key");
    let authority = parameters.self_signed(&key).expect("a certificate").pem();
    let issuer = rcgen::Issuer::new(parameters, key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let names = ["localhost".to_owned()];
    let certificate =
        rcgen::CertificateParams::new(names).expect("a name").signed_by(&key, &issuer).expect("signed");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a usable certificate");
    (Arc::new(config), authority)
}

#[test]
fn a_private_authority_must_be_named() {
    let (config, authority) = certificate("Our Authority");
    let server = Server::with(accepted(), Some(config));
    let (_, stranger) = certificate("A Stranger");
    let test = test_dir().file("ca.pem", authority).file("other.pem", stranger);
    let run = |host: &str, ca: &str| {
        let url = format!("https://{host}:{}", server.port);
        let output = test.run(&["app", "add", "web.json", "--url", &url, "--ca-file", ca]);
        output.replace(&server.port.to_string(), "[PORT]")
    };
    insta::assert_snapshot!(run("localhost", "other.pem"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot connect to https://localhost:[PORT]/v2/apps: invalid peer certificate: UnknownIssuer (no authority trusted here has signed the server's certificate); give the authority's certificate with --ca-file
    "#);
    insta::assert_snapshot!(run("127.0.0.1", "ca.pem"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot connect to https://127.0.0.1:[PORT]/v2/apps: invalid peer certificate: certificate not valid for name "127.0.0.1"; certificate is only valid for DnsName("localhost")
    "#);
    let url = format!("https://localhost:{}", server.port);
    let output = test.run(&["app", "add", "web.json", "--url", &url]);
    // Which of two errors it is depends on whether the machine trusts anybody.
    assert!(output.starts_with("exit: 2\n") && output.contains("--ca-file"), "{output}");
    assert!(server.is_untouched());
    insta::assert_snapshot!(run("localhost", "ca.pem"), @r#"
    exit: 0
    ----- stdout -----
    38c8640d-8c23-4022-a360-70c33ef7d749
    ----- stderr -----
    sent /web to https://localhost:[PORT]; deployment 38c8640d-8c23-4022-a360-70c33ef7d749
    "#);
}

/// Go and OpenSSL look at the usage of the authority that is trusted, too.
#[test]
fn an_authority_that_is_not_for_servers_is_not_trusted() {
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    for (usages, is_trusted) in [(vec![ClientAuth], false), (vec![ClientAuth, ServerAuth], true)] {
        let (config, authority) = certificate_by("Our Authority", usages);
        let server = Server::with(accepted(), Some(config));
        let test = test_dir().file("ca.pem", authority);
        let url = format!("https://localhost:{}", server.port);
        let said = test.run(&["app", "add", "web.json", "--url", &url, "--ca-file", "ca.pem"]);
        assert_eq!(said.starts_with("exit: 0\n"), is_trusted, "{said}");
        assert_eq!(
            said.contains("make one for servers (extendedKeyUsage serverAuth)"),
            !is_trusted,
            "{said}"
        );
    }
}

#[test]
fn plain_http_behind_https_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let url = format!("https://127.0.0.1:{port}");
    let test = test_dir().file("ca.pem", certificate("Our Authority").1);
    let output = test.run(&["app", "add", "web.json", "--url", &url, "--ca-file", "ca.pem"]);
    insta::assert_snapshot!(output.replace(&port.to_string(), "[PORT]"), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: cannot connect to https://127.0.0.1:[PORT]/v2/apps: received corrupt message of type InvalidContentType; this may be a port for plain http
    "#);
}

#[test]
fn a_proxy_gets_nothing_that_is_for_this_machine() {
    let proxy = Server::start(accepted());
    let server = Server::start(accepted());
    let test = test_dir();
    let mut command = test.command(&["app", "add", "web.json"]);
    command.env("DCOS_URL", server.url()).env("DCOS_ACS_TOKEN", "secret").env("http_proxy", proxy.url());
    command.assert().success();
    assert!(proxy.is_untouched());
    assert_eq!(server.request().header("authorization"), Some("token=secret"));
}
