//! Tests of `milepost registry cert --check`, on certificates that openssl and rcgen make.

mod limits;
mod text;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};

use crate::common::{TestDir, each_case};
use crate::openssl;

fn check(test: &TestDir, args: &[&str]) -> String {
    let output = test.run(&[&["registry", "cert", "--check"], args].concat());
    // Fingerprints and days differ with every run.
    let hidden = regex::Regex::new(r"[0-9a-f]{64}|\d{4}-\d\d-\d\d|\(\d+ days left\)").expect("a pattern");
    hidden.replace_all(&output, "…").into_owned()
}

/// What is wrong, and the exit code.
fn findings(test: &TestDir, args: &[&str]) -> String {
    let output = check(test, args);
    let is_told = |line: &&str| {
        ["exit", "error", "warning", "ok", "  help"].iter().any(|start| line.starts_with(start))
    };
    output.lines().filter(is_told).collect::<Vec<_>>().join("\n")
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn self_signed(params: &CertificateParams) -> String {
    params.self_signed(&key()).expect("a certificate").pem()
}

#[test]
fn a_good_one_is_explained() {
    let key = key();
    let test = TestDir::new()
        .file("domain.crt", params("reg.example.com").self_signed(&key).expect("a certificate").pem())
        .file("domain.key", key.serialize_pem());
    let args = ["domain.crt", "--key", "domain.key", "--ca", "domain.crt", "--for", "REG.example.com:5000"];
    insta::assert_snapshot!(check(&test, &args), @"
    exit: 0
    ----- stdout -----
    domain.crt
      subject    CN=reg.example.com
      signed by  itself
      for        reg.example.com
      valid      … to … …
      key        ECDSA, P-256
      signature  ecdsa-with-SHA256
      authority  no
      SHA-256    …
      hash       00f6bea7
    ok: it is valid now; it is for REG.example.com; it matches the key; clients that trust the authority trust it
    ----- stderr -----
    ");
    insta::assert_snapshot!(findings(&test, &["domain.crt"]), @"
    exit: 0
    ok: it is valid now
    ");
}

/// Seed 004: "`openssl req -x509 -nodes -days 365 -newkey rsa:2048 -keyout server.key -out server.pem`", "I use auth as
/// Common Name". Made like that, no Docker of today takes it; made here, it does.
#[test]
fn seed_004_self_signed_certificate_of_the_token_server() {
    let test = TestDir::new();
    if openssl::is_there() {
        let req = ["req", "-x509", "-nodes", "-days", "365", "-newkey", "rsa:2048"];
        let files = ["-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=auth"];
        openssl::say(test.path(), &[&req[..], &files].concat());
        insta::assert_snapshot!(findings(&test, &["server.pem", "--key", "server.key", "--for", "auth:5001"]), @"
        exit: 1
        error[no-alternative-name]: it has no subject alternative names: Docker and other clients in Go (1.15 and later) ignore the common name
          help: make it again, for example with: milepost registry cert --dns auth
        error[certificate-for-other-name]: it is not for auth
          help: it is the common name, which clients ignore; make it again with this among its names
        warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
          help: make it again, for example with: milepost registry cert --dns auth
        ");
    }
    let output = test.run(&["registry", "cert", "--dns", "auth"]);
    assert!(output.starts_with("exit: 0\n"), "{output}");
    let args = ["domain.crt", "--key", "domain.key", "--ca", "domain.crt", "--for", "https://auth:5001/auth"];
    insta::assert_snapshot!(findings(&test, &args), @"
    exit: 0
    ok: it is valid now; it is for auth; it matches the key; clients that trust the authority trust it
    ");
}

/// Seed 001's certificate, made as it says: with `subjectAltName` added to the section `v3_ca`.
#[test]
fn seed_001_the_tutorials_own_cert() {
    if !openssl::is_there() {
        return;
    }
    let config = "[req]\ndistinguished_name = dn\nx509_extensions = v3_ca\n[dn]\n[v3_ca]\nsubjectAltName = IP:192.168.0.1\n\
                  subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer\nbasicConstraints = critical,CA:true\n";
    let test = TestDir::new().file("openssl.cnf", config);
    let req = [
        "req",
        "-config",
        "./openssl.cnf",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "domain.key",
        "-x509",
    ];
    let rest =
        ["-days", "365", "-out", "domain.crt", "-subj", "/C=US/ST=WA/L=Mill Creek/O=flak.io/CN=192.168.0.1"];
    openssl::say(test.path(), &[&req[..], &rest].concat());
    let args =
        ["domain.crt", "--key", "domain.key", "--for", "192.168.0.1", "--for", "registry.marathon.mesos"];
    insta::assert_snapshot!(check(&test, &args), @"
    exit: 1
    ----- stdout -----
    domain.crt
      subject    C=US, ST=WA, L=Mill Creek, O=flak.io, CN=192.168.0.1
      signed by  itself
      for        192.168.0.1
      valid      … to … …
      key        RSA, 2048 bits
      signature  sha256WithRSAEncryption
      authority  yes
      SHA-256    …
      hash       619d7253
    error[certificate-for-other-name]: it is not for registry.marathon.mesos
      help: it is for 192.168.0.1; use one of these, or make it again
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --ip 192.168.0.1
    ----- stderr -----
    not checked: whether clients that trust an authority trust it (--ca)
    ");
}

#[test]
fn what_no_client_takes_is_found() {
    let mut expired = params("a.example");
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut future = params("a.example");
    future.not_before = date_time_ymd(2100, 1, 1);
    let mut ip_as_name = params("a.example");
    ip_as_name.subject_alt_names = vec![SanType::DnsName("10.0.0.1".try_into().expect("ASCII"))];
    let mut client_only = params("a.example");
    client_only.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let test = TestDir::new()
        .file("expired.crt", self_signed(&expired))
        .file("future.crt", self_signed(&future))
        .file("ip.crt", self_signed(&ip_as_name))
        .file("client.crt", self_signed(&client_only))
        .file("other.key", key().serialize_pem());
    insta::assert_snapshot!(findings(&test, &["expired.crt", "--key", "other.key"]), @"
    exit: 1
    error[expired-certificate]: it expired on …
      help: renew it
    error[key-of-other-certificate]: the key does not match the certificate
      help: use the key that was made together with it, or make both again; a registry does not start with these
    ");
    insta::assert_snapshot!(findings(&test, &["future.crt", "--for", "b.example"]), @"
    exit: 1
    error[certificate-for-other-name]: it is not for b.example
      help: it is for a.example; use one of these, or make it again
    error[certificate-not-yet-valid]: it is not valid before …
      help: wait, or check the clock of the machine that made it
    ");
    insta::assert_snapshot!(findings(&test, &["ip.crt", "--for", "10.0.0.1:5000"]), @"
    exit: 1
    error[certificate-for-other-name]: it is not for 10.0.0.1
      help: it is among the host names, where clients do not look for an IP address; make it again with --ip
    ");
    insta::assert_snapshot!(findings(&test, &["client.crt"]), @"
    exit: 1
    error[not-for-servers]: it is not meant for servers (its extended key usage lacks serverAuth)
      help: make it for a TLS server
    ");
}

#[test]
fn weak_keys_and_signatures_are_found() {
    if !openssl::is_there() {
        return;
    }
    let test = TestDir::new();
    let dir = test.path();
    for (bits, digest) in [("1024", "-sha256"), ("2048", "-sha1")] {
        let new = format!("rsa:{bits}");
        let name = format!("{bits}.crt");
        let req = [
            "req", "-x509", "-newkey", &new, "-nodes", "-keyout", "a.key", digest, "-days", "99", "-out",
            &name,
        ];
        openssl::say(dir, &[&req[..], &["-subj", "/CN=a", "-addext", "subjectAltName=DNS:a"]].concat());
    }
    openssl::say(dir, &["ecparam", "-genkey", "-name", "secp256k1", "-noout", "-out", "k1.key"]);
    let req = ["req", "-x509", "-key", "k1.key", "-days", "99", "-out", "k1.crt"];
    openssl::say(dir, &[&req[..], &["-subj", "/CN=a", "-addext", "subjectAltName=DNS:a"]].concat());
    insta::assert_snapshot!(findings(&test, &["1024.crt"]), @"
    exit: 1
    error[weak-key]: it has an RSA key of 1024 bits, which OpenSSL of current Linux distributions rejects
      help: make it again with 2048 bits or more
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --dns a
    ");
    insta::assert_snapshot!(findings(&test, &["2048.crt", "--key", "a.key"]), @"
    exit: 0
    warning[weak-signature-algorithm]: it is signed with sha1WithRSAEncryption, which is no longer safe
      help: make it again with SHA-256
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --dns a
    ok: it is valid now; it matches the key
    ");
    insta::assert_snapshot!(findings(&test, &["k1.crt", "--key", "k1.key"]), @"
    exit: 1
    error[unsupported-key]: it has a key of a kind that Go does not know (curve 1.3.132.0.10)
      help: make it again with RSA, or ECDSA on P-256
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --dns a
    ");
}

#[test]
fn a_chain_that_leads_nowhere_is_found() {
    let authority = |name: &str| {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let pem = params.self_signed(&key).expect("a certificate").pem();
        (pem, Issuer::new(params, key))
    };
    let ((ca, issuer), (namesake, _), (stranger, _)) =
        (authority("ca"), authority("ca"), authority("stranger"));
    let sign = |params: CertificateParams, issuer: &Issuer<'_, KeyPair>| {
        params.signed_by(&key(), issuer).expect("a certificate").pem()
    };
    let server = sign(params("a.example"), &issuer);
    // Who may not sign has signed.
    let not_an_authority = params("no-ca");
    let its_key = key();
    let no_ca = not_an_authority.self_signed(&its_key).expect("a certificate").pem();
    let by_no_ca = sign(params("a.example"), &Issuer::new(not_an_authority, its_key));
    let test = TestDir::new()
        .file("server.crt", &server)
        .file("ca.crt", &ca)
        .file("namesake.crt", namesake)
        .file("stranger.crt", &stranger)
        .file("bundle.crt", format!("{stranger}{ca}"))
        .file("wrong-order.crt", format!("{ca}{server}"))
        .file("with-root.crt", format!("{server}{ca}"))
        .file("with-other.crt", format!("{server}{by_no_ca}"))
        .file("no-ca.crt", no_ca)
        .file("by-no-ca.crt", by_no_ca);
    each_case(["ca.crt", "bundle.crt"], |good| {
        assert!(check(&test, &["server.crt", "--ca", good]).starts_with("exit: 0"));
        assert!(check(&test, &["with-root.crt", "--ca", good]).starts_with("exit: 0"));
    });
    insta::assert_snapshot!(findings(&test, &["server.crt", "--ca", "stranger.crt"]), @"
    exit: 1
    error[untrusted-signer]: it is signed by CN=ca, which neither --ca nor the file has
      help: give the right authority, or put the intermediate certificates into the file
    ");
    insta::assert_snapshot!(findings(&test, &["server.crt", "--ca", "namesake.crt"]), @"
    exit: 1
    error[false-signature]: it names CN=ca as its signer, but was not signed with the key of that certificate
      help: perhaps the authority was made again: sign this certificate again, or give the old authority
    ");
    insta::assert_snapshot!(findings(&test, &["ca.crt", "--ca", "stranger.crt"]), @"
    exit: 1
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --dns ca
    error[untrusted-signer]: it is self-signed, and is not in the file of --ca
      help: give --ca the authority that clients trust; for a self-signed certificate that is the certificate itself
    ");
    insta::assert_snapshot!(findings(&test, &["with-root.crt", "--ca", "stranger.crt"]), @"
    exit: 1
    error[untrusted-signer]: the authority CN=ca is self-signed, and is not in the file of --ca
      help: give --ca the authority that clients trust; for a self-signed certificate that is the certificate itself
    ");
    insta::assert_snapshot!(findings(&test, &["wrong-order.crt"]), @"
    exit: 1
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert --dns ca
    error[certificates-out-of-order]: the first certificate is an authority's, and the server's comes as number 2
      help: put the server's first, then its signer, and so on
    ");
    insta::assert_snapshot!(findings(&test, &["by-no-ca.crt", "--ca", "no-ca.crt"]), @"
    exit: 1
    error[signer-is-no-authority]: the authority CN=no-ca may not sign others (no CA:TRUE in its basic constraints)
      help: make the authority again
    ");
    insta::assert_snapshot!(findings(&test, &["with-other.crt", "--ca", "ca.crt"]), @"
    exit: 0
    warning[stray-certificate]: certificate 2 in the file (CN=a.example) is not part of its chain
      help: leave it out
    ok: it is valid now; clients that trust the authority trust it
    ");
}
