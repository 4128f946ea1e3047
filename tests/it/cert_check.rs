//! Tests of `milepost registry cert --check`, on certificates that openssl and rcgen make.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};

use crate::common::TestDir;
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
          help: make it again, for example with: milepost registry cert
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
      help: make it again, for example with: milepost registry cert
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
      help: make it again, for example with: milepost registry cert
    ");
    insta::assert_snapshot!(findings(&test, &["2048.crt", "--key", "a.key"]), @"
    exit: 0
    warning[weak-signature-algorithm]: it is signed with sha1WithRSAEncryption, which is no longer safe
      help: make it again with SHA-256
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert
    ok: it is valid now; it matches the key
    ");
    insta::assert_snapshot!(findings(&test, &["k1.crt", "--key", "k1.key"]), @"
    exit: 1
    error[unsupported-key]: it has a key of a kind that Go does not know (curve 1.3.132.0.10)
      help: make it again with RSA, or ECDSA on P-256
    warning[authority-as-server]: it may sign others (CA:TRUE), which a server's certificate should not: Docker and curl accept it, clients with rustls do not
      help: make it again, for example with: milepost registry cert
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
    for good in ["ca.crt", "bundle.crt"] {
        assert!(check(&test, &["server.crt", "--ca", good]).starts_with("exit: 0"));
        assert!(check(&test, &["with-root.crt", "--ca", good]).starts_with("exit: 0"));
    }
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
      help: make it again, for example with: milepost registry cert
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
      help: make it again, for example with: milepost registry cert
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

#[test]
fn what_is_not_a_certificate_is_reported() {
    let certificate = self_signed(&params("a.example"));
    let key = key().serialize_pem();
    let der = pem_content(&certificate);
    let mut broken = certificate.clone();
    broken.replace_range(40..44, "!!!!");
    let test = TestDir::new()
        .file("empty.crt", "\n")
        .file("text.crt", "hello")
        .file("key.crt", &key)
        .file("der.crt", &der)
        .file("broken.crt", &broken)
        .file("cut.crt", &certificate[..200])
        .file("rubbish.crt", "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n")
        .file(
            "request.crt",
            "-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n-----END CERTIFICATE REQUEST-----\n",
        )
        .file("a.crt", &certificate)
        .file("both.crt", format!("{certificate}{key}"))
        .file(
            "encrypted.key",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\naGVsbG8=\n-----END ENCRYPTED PRIVATE KEY-----\n",
        )
        .file("rubbish.key", "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n");
    let mut told = Vec::new();
    for name in ["no", "empty", "text", "key", "der", "broken", "cut", "rubbish", "request"] {
        let output = check(&test, &[&format!("{name}.crt")]);
        assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{output}");
        told.extend(output.lines().skip(3).map(str::to_owned));
    }
    for name in ["a.crt", "text.crt", "encrypted.key", "rubbish.key"] {
        let output = check(&test, &["a.crt", "--key", name]);
        assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{output}");
        told.extend(output.lines().skip(3).map(str::to_owned));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    error: cannot read no.crt: No such file or directory (os error 2)
    error: empty.crt: it is empty; a PEM certificate (-----BEGIN CERTIFICATE-----) is expected
    error: text.crt: it holds no certificate; a PEM certificate (-----BEGIN CERTIFICATE-----) is expected
    error: key.crt: it holds a private key and no certificate; give the certificate (for example domain.crt)
    error: der.crt: it is a binary certificate (DER), but Docker and Mesos read PEM: convert it with `openssl x509 -inform der -in FILE -out ca.crt`
    error: broken.crt: it is broken: invalid data: Invalid symbol 33, offset 12.; was it copied completely?
    error: cut.crt: it is broken: a block has no end; was it copied completely?
    error: rubbish.crt: certificate 1 in it cannot be read: its content is not an X.509 certificate
    error: request.crt: it holds CERTIFICATE REQUEST and no certificate
    error: a.crt: it holds a certificate and no private key; give the key (for example domain.key)
    error: text.crt: it holds no private key; a PEM key (-----BEGIN PRIVATE KEY-----) is expected
    error: encrypted.key: the key is encrypted, but nobody can enter the passphrase when a registry starts: decrypt it with `openssl pkey -in FILE -out domain.key`
    error: rubbish.key: the private key in it cannot be read: it is broken, or not of the kinds RSA, ECDSA and Ed25519
    ");
    insta::assert_snapshot!(findings(&test, &["both.crt"]), @"
    exit: 0
    warning[key-beside-certificate]: the file also holds a private key
      help: keep the key in its own file: certificates are copied to every agent
    ok: it is valid now
    ");
}

fn pem_content(pem: &str) -> Vec<u8> {
    pem::parse(pem).expect("PEM").into_contents()
}

/// The name of the link by which OpenSSL finds a certificate.
#[test]
fn the_hash_is_openssls() {
    if !openssl::is_there() {
        return;
    }
    let test = TestDir::new();
    let dir = test.path();
    openssl::say(
        dir,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "a.key"],
    );
    let mut hashes = Vec::new();
    for (subject, options) in [
        ("/C=US/ST=WA/L=Mill Creek/O=flak.io/CN=192.168.0.1", &[][..]),
        ("/CN=registry.marathon.mesos", &[]),
        ("/CN=REGISTRY.Marathon.mesos", &[]),
        ("/CN=  two   words \t here ", &[]),
        ("/O=Größe ÄÖÜ AG/CN=ß", &["-utf8"]),
        ("/O=Größe ÄÖÜ AG/CN=ß", &[]),
        ("/DC=com/DC=example/OU=b+OU=a/CN=x", &["-multivalue-rdn"]),
        ("/emailAddress=Joe@Example.COM/CN=x", &[]),
        ("/CN=x/serialNumber=12 34/title=A  B", &[]),
        ("/", &[]),
        // Long enough for a length of two bytes.
        (
            "/O=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff/OU=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff/CN=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff",
            &[],
        ),
    ] {
        for mask in ["utf8only", "pkix", "nombstr", "default"] {
            let config = format!("[req]\nstring_mask = {mask}\ndistinguished_name = dn\n[dn]\n");
            std::fs::write(dir.join("a.cnf"), config).expect("written");
            let req =
                ["req", "-x509", "-config", "a.cnf", "-key", "a.key", "-subj", subject, "-out", "a.crt"];
            let (is_made, _) = openssl::run(dir, &[&req[..], options].concat());
            if !is_made {
                // Not every name can be said with every kind of string.
                continue;
            }
            let expected = openssl::say(dir, &["x509", "-hash", "-noout", "-in", "a.crt"]);
            let output = check(&test, &["a.crt"]);
            let line = output.lines().find_map(|line| line.strip_prefix("  hash       ")).expect("a hash");
            assert_eq!(line, expected.trim(), "{subject} {mask}");
            hashes.push(expected);
        }
    }
    assert!(hashes.len() > 30, "only {} names were made", hashes.len());
    hashes.sort();
    hashes.dedup();
    assert!(hashes.len() > 8, "{hashes:?}");
}

/// Neither Go nor OpenSSL finds anything in such files, whatever else reads them.
#[test]
fn text_that_a_registry_does_not_read_is_an_error() {
    let key = key();
    let certificate = params("reg.example.com").self_signed(&key).expect("a certificate").pem();
    let private = key.serialize_pem();
    let test = TestDir::new().file("good.crt", &certificate).file("good.key", &private);
    let broken: [fn(&str) -> String; 4] = [
        |text| format!("\u{feff}{text}"),
        |text| text.replace('\n', ""),
        |text| text.replace('\n', " "),
        |text| format!("ssl: {text}"),
    ];
    for make in broken {
        let test = TestDir::new()
            .file("good.crt", &certificate)
            .file("good.key", &private)
            .file("bad.crt", make(&certificate))
            .file("bad.key", make(&private));
        for args in [
            &["bad.crt", "--ca", "good.crt", "--for", "reg.example.com"][..],
            &["good.crt", "--key", "bad.key"],
            &["good.crt", "--ca", "bad.crt"],
        ] {
            let said = findings(&test, args);
            assert!(said.starts_with("exit: 1\nerror[unusable-pem]: the file "), "{args:?}: {said}");
            assert!(!said.contains("\nok: "), "{said}");
        }
        if openssl::is_there()
            && !std::fs::read(test.path().join("bad.crt")).expect("there").starts_with(b"\xef")
        {
            assert!(!openssl::run(test.path(), &["x509", "-noout", "-in", "bad.crt"]).0);
        }
    }
    let fine = findings(&test, &["good.crt", "--key", "good.key", "--ca", "good.crt"]);
    assert!(fine.starts_with("exit: 0\nok: "), "{fine}");
}

/// Go skips empty lines in a PEM block, OpenSSL does not. So the registry and Docker read such a file, and the agents' fetcher
/// does not.
#[test]
fn empty_lines_in_pem_are_for_go_only() {
    let key = key();
    let certificate = params("reg.example.com").self_signed(&key).expect("a certificate").pem();
    let lines: Vec<&str> = certificate.lines().collect();
    let with_blank = |at: usize| [&lines[..at], &[""], &lines[at..]].concat().join("\n") + "\n";
    let ca = certificate.clone();
    for (text, is_fine) in [
        (with_blank(1), true),
        (format!("\n{certificate}\n\n"), true),
        (with_blank(3), false),
        (with_blank(lines.len() - 1), false),
        (certificate.replace('\n', "\n\n"), false),
        (certificate.replace('\n', "\r\n\r\n"), false),
    ] {
        let test = TestDir::new().file("a.crt", &text).file("ca.crt", &ca);
        let said = findings(&test, &["a.crt", "--ca", "ca.crt", "--for", "reg.example.com"]);
        let warning = "warning[pem-of-go-only]: the file has empty lines within a PEM block";
        assert_eq!(said.contains(warning), !is_fine, "{text:?}: {said}");
        assert!(!said.contains("error") && !said.contains("unusable-pem"), "{text:?}: {said}");
        let authority = findings(&test, &["ca.crt", "--ca", "a.crt", "--for", "reg.example.com"]);
        assert_eq!(
            authority.contains("warning[pem-of-go-only]: the file of the authority"),
            !is_fine,
            "{authority}"
        );
        if openssl::is_there() {
            assert_eq!(openssl::run(test.path(), &["x509", "-noout", "-in", "a.crt"]).0, is_fine, "{text:?}");
        }
    }
}

/// A root, an intermediate authority and a server's certificate, changed by the caller before they are signed.
fn chain(change: impl Fn(&mut [CertificateParams; 3])) -> TestDir {
    let authority = |name: &str| {
        let mut params = params(name);
        params.subject_alt_names.clear();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let mut all = [authority("Root"), authority("Mid"), params("reg.example.com")];
    change(&mut all);
    let [root, mid, leaf] = all;
    let (root_key, mid_key) = (key(), key());
    let root_pem = root.self_signed(&root_key).expect("a certificate").pem();
    let root = Issuer::new(root, &root_key);
    let mid_pem = mid.signed_by(&mid_key, &root).expect("signed").pem();
    let leaf = leaf.signed_by(&key(), &Issuer::new(mid, &mid_key)).expect("signed").pem();
    TestDir::new()
        .file("ca.crt", root_pem)
        .file("mid.crt", &mid_pem)
        .file("domain.crt", format!("{leaf}{mid_pem}"))
}

/// What OpenSSL says of the same chain.
fn openssl_takes(test: &TestDir) -> Option<bool> {
    let args = ["verify", "-CAfile", "ca.crt", "-untrusted", "mid.crt", "domain.crt"];
    openssl::is_there().then(|| openssl::run(test.path(), &args).0)
}

#[test]
fn limits_of_a_chain_are_those_of_go_and_openssl() {
    use rcgen::{CidrSubnet, CustomExtension, GeneralSubtree, NameConstraints};
    let dns = |name: &str| GeneralSubtree::DnsName(name.to_owned());
    let permit = |permitted: Vec<GeneralSubtree>, excluded: Vec<GeneralSubtree>| {
        Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: excluded })
    };
    let unknown = || {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        extension.set_criticality(true);
        extension
    };
    let network = || GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0]));
    let cases: Vec<(TestDir, Option<&str>)> = vec![
        (chain(|_| {}), None),
        (chain(|all| all[0].is_ca = IsCa::Ca(BasicConstraints::Constrained(1))), None),
        (
            chain(|all| all[0].is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
            Some("allows 0 authorities below it"),
        ),
        (chain(|all| all[1].is_ca = IsCa::Ca(BasicConstraints::Constrained(0))), None),
        (chain(|all| all[1].name_constraints = permit(vec![dns("example.com")], vec![])), None),
        (chain(|all| all[1].name_constraints = permit(vec![network()], vec![])), None),
        (
            chain(|all| all[1].name_constraints = permit(vec![dns("example.org")], vec![])),
            Some("may not sign for reg.example.com (its name constraints)"),
        ),
        (
            chain(|all| all[0].name_constraints = permit(vec![], vec![dns("reg.example.com")])),
            Some("may not sign for reg.example.com (its name constraints)"),
        ),
        (
            chain(|all| {
                all[2].subject_alt_names.push(SanType::IpAddress([192, 168, 0, 1].into()));
                all[1].name_constraints = permit(vec![network()], vec![]);
            }),
            Some("may not sign for 192.168.0.1 (its name constraints)"),
        ),
        (
            chain(|all| all[2].custom_extensions.push(unknown())),
            Some("it has a critical extension that clients do not know"),
        ),
        (
            chain(|all| all[1].custom_extensions.push(unknown())),
            Some("the authority CN=Mid has a critical extension that clients do not know"),
        ),
    ];
    for (index, (test, expected)) in cases.iter().enumerate() {
        let said = findings(test, &["domain.crt", "--ca", "ca.crt", "--for", "reg.example.com"]);
        match expected {
            None => assert!(said.starts_with("exit: 0\n"), "{index}: {said}"),
            Some(expected) => {
                assert!(said.starts_with("exit: 1\n") && said.contains(expected), "{index}: {said}");
            }
        }
        if let Some(taken) = openssl_takes(test) {
            assert_eq!(taken, expected.is_none(), "{index}: OpenSSL differs");
        }
    }
}

#[test]
fn signatures_on_p521_are_verified() {
    if !openssl::is_there() {
        return;
    }
    let test = TestDir::new();
    let dir = test.path();
    for authority in ["ca", "other"] {
        let [key, certificate] = ["key", "crt"].map(|end| format!("{authority}.{end}"));
        openssl::say(dir, &["ecparam", "-genkey", "-name", "secp521r1", "-noout", "-out", &key]);
        let of_authority =
            ["req", "-x509", "-key", &key, "-days", "99", "-out", &certificate, "-subj", "/CN=ca"];
        openssl::say(dir, &of_authority);
    }
    for digest in ["-sha256", "-sha384", "-sha512"] {
        let request = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "a.key", "-out", "a.csr"];
        openssl::say(dir, &[&request[..], &["-subj", "/CN=a"]].concat());
        std::fs::write(dir.join("a.ext"), "subjectAltName=DNS:a\n").expect("written");
        let sign = ["x509", "-req", "-in", "a.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
        openssl::say(
            dir,
            &[&sign[..], &[digest, "-days", "99", "-extfile", "a.ext", "-out", "a.crt"]].concat(),
        );
        let said = findings(&test, &["a.crt", "--ca", "ca.crt"]);
        assert_eq!(
            said, "exit: 0\nok: it is valid now; clients that trust the authority trust it",
            "{digest}"
        );
        let said = findings(&test, &["a.crt", "--ca", "other.crt"]);
        assert!(
            said.starts_with("exit: 1\nerror[false-signature]: it names CN=ca as its signer"),
            "{digest}: {said}"
        );
    }
}
