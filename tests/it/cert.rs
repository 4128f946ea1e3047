//! Tests of `milepost registry cert`, compared with openssl where it is installed.

use crate::common::{TestDir, each_case};
use crate::openssl;

const NAMES: [&str; 6] = ["--ip", "192.168.0.1", "--dns", "registry.marathon.mesos", "--dns", "reg.flak.io"];

fn cert(test: &TestDir, args: &[&str]) -> String {
    test.run(&[&["registry", "cert"], args].concat())
}

fn fine(test: &TestDir, args: &[&str]) -> String {
    let output = cert(test, args);
    assert!(output.starts_with("exit: 0\n"), "{output}");
    output
}

fn files(test: &TestDir) -> Vec<String> {
    let entries = std::fs::read_dir(test.path()).expect("listed");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

/// Seed 001, "Create a self signed cert": `openssl req -newkey rsa:2048 -nodes -x509 -days 365` with a
/// `subjectAltName = IP:192.168.0.1` edited into its configuration.
#[test]
fn seed_001_create_a_self_signed_cert() {
    let test = TestDir::new();
    insta::with_settings!({filters => vec![(r"\d{4}-\d\d-\d\d", "[DAY]")]}, {
        insta::assert_snapshot!(cert(&test, &["--ip", "192.168.0.1"]), @"
        exit: 0
        ----- stdout -----
        ----- stderr -----
        wrote domain.key, readable for its owner only
        wrote domain.crt
        the certificate is for 192.168.0.1, until [DAY]
        make the agents trust it: milepost registry trust --host 192.168.0.1 --ca domain.crt
        ");
    });
    assert_eq!((test.mode("domain.key"), test.mode("domain.crt") & 0o600), (0o600, 0o600));
    assert_eq!(files(&test), ["domain.crt", "domain.key"]);
    if !openssl::is_there() {
        return;
    }
    let text = openssl::say(test.path(), &["x509", "-in", "domain.crt", "-noout", "-text"]);
    each_case(
        [
            "Version: 3 (0x2)",
            "Signature Algorithm: sha256WithRSAEncryption",
            "Issuer: CN = 192.168.0.1",
            "Subject: CN = 192.168.0.1",
            "Public-Key: (2048 bit)",
            "X509v3 Subject Alternative Name: \n                IP Address:192.168.0.1\n",
            "X509v3 Basic Constraints: critical\n                CA:FALSE",
            "TLS Web Server Authentication",
        ],
        |expected| {
            assert!(text.contains(expected), "{expected}:\n{text}");
        },
    );
    let dir = test.path();
    openssl::say(
        dir,
        &[
            "verify",
            "-CAfile",
            "domain.crt",
            "-purpose",
            "sslserver",
            "-verify_ip",
            "192.168.0.1",
            "domain.crt",
        ],
    );
    openssl::say(dir, &["x509", "-in", "domain.crt", "-noout", "-checkend", "31449600"]);
    let (lasts, _) = openssl::run(dir, &["x509", "-in", "domain.crt", "-noout", "-checkend", "31622400"]);
    assert!(!lasts, "longer than 365 days");
    assert_eq!(
        openssl::say(dir, &["x509", "-in", "domain.crt", "-noout", "-pubkey"]),
        openssl::say(dir, &["pkey", "-in", "domain.key", "-pubout"])
    );
    assert!(openssl::say(dir, &["pkey", "-in", "domain.key", "-check", "-noout"]).contains("Key is valid"));
}

/// Seed 001: "Below are the steps needed to use Mesos DNS", and "Hostname referencing a minuteman VIP".
#[test]
fn seed_001_a_cert_for_mesos_dns_and_for_a_hostname() {
    each_case([("registry.marathon.mesos", "rsa2048"), ("reg.flak.io", "ecdsa")], |(name, kind)| {
        let test = TestDir::new();
        fine(&test, &["--dns", name, "--key", kind]);
        if openssl::is_there() {
            let text = openssl::say(
                test.path(),
                &["x509", "-in", "domain.crt", "-noout", "-subject", "-ext", "subjectAltName"],
            );
            assert!(text.contains(&format!("subject=CN = {name}\n")), "{text}");
            assert!(text.contains(&format!("DNS:{name}\n")), "{text}");
            let verify = ["verify", "-CAfile", "domain.crt", "-verify_hostname", name, "domain.crt"];
            openssl::say(test.path(), &verify);
        }
    });
}

#[test]
fn all_names_are_alternatives_and_the_first_is_the_common_name() {
    if !openssl::is_there() {
        return;
    }
    each_case(
        [
            (NAMES.to_vec(), "192.168.0.1"),
            ([&NAMES[2..], &NAMES[..2], &NAMES[2..4]].concat(), "registry.marathon.mesos"),
        ],
        |(args, subject)| {
            let test = TestDir::new();
            fine(&test, &[&args[..], &["--key", "ecdsa"]].concat());
            let text = openssl::say(
                test.path(),
                &["x509", "-in", "domain.crt", "-noout", "-subject", "-ext", "subjectAltName"],
            );
            assert!(text.contains(&format!("subject=CN = {subject}\n")), "{text}");
            let mut names: Vec<&str> = text.lines().last().expect("a line").trim().split(", ").collect();
            names.sort_unstable();
            assert_eq!(names, ["DNS:reg.flak.io", "DNS:registry.marathon.mesos", "IP Address:192.168.0.1"]);
        },
    );
}

#[test]
fn an_own_authority_signs_and_renews() {
    each_case(["rsa2048", "ecdsa"], |kind| {
        let test = TestDir::new();
        let output = fine(&test, &[&NAMES[..], &["--ca", "--key", kind, "-o", "certs"]].concat());
        assert!(output.contains("keep ca.key safe"), "{output}");
        assert_eq!((test.mode("certs/ca.key"), test.mode("certs/domain.key")), (0o600, 0o600));
        let dir = test.path().join("certs");
        let verify = |purpose: &str| {
            ["verify", "-x509_strict", "-CAfile", "ca.crt", "-purpose", purpose, "domain.crt"]
                .map(str::to_owned)
        };
        if openssl::is_there() {
            openssl::say(&dir, &verify("sslserver").each_ref().map(String::as_str));
            let text = openssl::say(&dir, &["x509", "-in", "ca.crt", "-noout", "-text"]);
            for expected in
                ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "CN = Registry CA for 192.168.0.1"]
            {
                assert!(text.contains(expected), "{expected}:\n{text}");
            }
            let text = openssl::say(&dir, &["x509", "-in", "domain.crt", "-noout", "-text"]);
            let usage = if kind == "ecdsa" {
                "X509v3 Key Usage: critical\n                Digital Signature\n"
            } else {
                "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n"
            };
            for expected in [usage, "CA:FALSE", "X509v3 Authority Key Identifier"] {
                assert!(text.contains(expected), "{expected}:\n{text}");
            }
        }
        let before = (test.read("certs/domain.crt"), test.read("certs/ca.crt"), test.read("certs/ca.key"));
        let renew = [
            "--ca-cert",
            "certs/ca.crt",
            "--ca-key",
            "certs/ca.key",
            "-o",
            "certs",
            "--force",
            "--key",
            kind,
        ];
        fine(&test, &[&NAMES[..], &renew].concat());
        // What agents have to trust is the authority, and not what it has signed.
        let told = test.run(&[&["registry", "cert"], &NAMES[..], &renew].concat());
        assert!(told.contains(" --ca certs/ca.crt\n") && !told.contains("--ca certs/domain.crt"), "{told}");
        assert_ne!(test.read("certs/domain.crt"), before.0);
        assert_eq!((test.read("certs/ca.crt"), test.read("certs/ca.key")), (before.1, before.2));
        if openssl::is_there() {
            openssl::say(&dir, &verify("sslserver").each_ref().map(String::as_str));
        }
    });
}

/// Authorities as companies have them: made by openssl, its keys in the older forms, an intermediate one.
#[test]
fn an_authority_made_by_openssl_signs() {
    if !openssl::is_there() {
        return;
    }
    each_case(
        [
            ("RSA", "rsa_keygen_bits:2048", &["rsa", "-traditional"][..]),
            ("EC", "ec_paramgen_curve:P-384", &["ec"][..]),
            ("ED25519", "", &["pkey"][..]),
        ],
        |(algorithm, options, convert)| {
            let test = TestDir::new();
            let dir = test.path();
            let mut genpkey = vec!["genpkey", "-algorithm", algorithm, "-out", "new.pem"];
            if !options.is_empty() {
                genpkey.extend(["-pkeyopt", options]);
            }
            openssl::say(dir, &genpkey);
            openssl::say(dir, &[convert, &["-in", "new.pem", "-out", "root.key"]].concat());
            let subject = "/C=US/ST=WA/L=Mill Creek/O=flak.io/CN=Root";
            openssl::say(
                dir,
                &["req", "-x509", "-key", "root.key", "-subj", subject, "-days", "9", "-out", "root.crt"],
            );
            let sign =
                ["--dns", "reg.flak.io", "--ca-cert", "root.crt", "--ca-key", "root.key", "--days", "99"];
            let output = fine(&test, &sign);
            openssl::say(
                dir,
                &["verify", "-CAfile", "root.crt", "-verify_hostname", "reg.flak.io", "domain.crt"],
            );
            // It ends with its authority.
            let end = |file| openssl::say(dir, &["x509", "-in", file, "-noout", "-enddate"]);
            assert_eq!(end("domain.crt"), end("root.crt"), "{output}");
        },
    );
}

#[test]
fn a_registry_serves_an_intermediate_authority_with_it() {
    if !openssl::is_there() {
        return;
    }
    let test = TestDir::new();
    let dir = test.path();
    openssl::say(
        dir,
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-subj", "/CN=Root",
            "-days", "99", "-out", "root.crt",
        ],
    );
    openssl::say(
        dir,
        &[
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "mid.key", "-subj", "/CN=Mid", "-out",
            "mid.csr",
        ],
    );
    let test = test.file("ca.ext", "basicConstraints=critical,CA:TRUE\n");
    let dir = test.path();
    openssl::say(
        dir,
        &[
            "x509", "-req", "-in", "mid.csr", "-CA", "root.crt", "-CAkey", "root.key", "-extfile", "ca.ext",
            "-days", "99", "-out", "mid.crt",
        ],
    );
    fine(&test, &["--dns", "reg.flak.io", "--ca-cert", "mid.crt", "--ca-key", "mid.key"]);
    assert_eq!(test.read("domain.crt").matches("BEGIN CERTIFICATE").count(), 2);
    openssl::say(dir, &["verify", "-CAfile", "root.crt", "-untrusted", "domain.crt", "domain.crt"]);
    let check =
        ["--check", "domain.crt", "--key", "domain.key", "--ca", "root.crt", "--for", "reg.flak.io:5000"];
    let output = fine(&test, &check);
    assert!(
        output.contains("ok: it is valid now; it is for reg.flak.io; it matches the key; clients that trust"),
        "{output}"
    );
}

#[test]
fn clients_that_trust_it_connect() {
    if !openssl::is_there() {
        return;
    }
    for (extra, trusted) in
        [(&["--key", "rsa2048"][..], "domain.crt"), (&["--ca", "--key", "ecdsa"][..], "ca.crt")]
    {
        let test = TestDir::new();
        fine(&test, &[&["--ip", "127.0.0.1", "--dns", "localhost"], extra].concat());
        let server = openssl::Server::start(test.path(), "domain.crt", "domain.key");
        let address = format!("127.0.0.1:{}", server.port);
        let client = |args: &[&str]| {
            let connect = ["s_client", "-connect", &address, "-verify_return_error"];
            openssl::run(test.path(), &[&connect, args].concat())
        };
        let (is_connected, said) = client(&["-CAfile", trusted, "-verify_ip", "127.0.0.1"]);
        assert!(is_connected && said.contains("Verify return code: 0 (ok)"), "{said}");
        let (is_connected, said) = client(&["-CAfile", trusted, "-verify_ip", "127.0.0.2"]);
        assert!(!is_connected, "{said}");
        let (is_connected, said) = client(&["-no-CAfile", "-no-CApath"]);
        assert!(!is_connected, "{said}");
    }
}

#[test]
fn nothing_is_overwritten_unasked() {
    let test = TestDir::new().file("domain.key", "precious").file("ca.crt", "precious");
    insta::assert_snapshot!(cert(&test, &["--dns", "a.example"]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: domain.key exists and is not overwritten: give another directory with -o, or --force to replace both
    ");
    insta::assert_snapshot!(cert(&test, &["--dns", "a.example", "--ca"]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: domain.key exists and is not overwritten: give another directory with -o, or --force to replace both
    ");
    assert_eq!((test.read("domain.key"), test.read("ca.crt")), ("precious".into(), "precious".into()));
    assert_eq!(files(&test), ["ca.crt", "domain.key"]);
    let test = TestDir::new().file("domain.key", "old").file("domain.crt", "old").file("ca.crt", "precious");
    insta::assert_snapshot!(cert(&test, &["--dns", "a.example", "--ca", "-o", "."]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: domain.key exists and is not overwritten: give another directory with -o, or --force to replace both
    ");
    fine(&test, &["--dns", "a.example", "--key", "ecdsa", "--force"]);
    assert!(test.read("domain.key").contains("BEGIN PRIVATE KEY"));
    assert_eq!((test.mode("domain.key"), test.read("ca.crt")), (0o600, "precious".to_owned()));
}

#[test]
fn when_one_file_cannot_be_written_none_is() {
    // A directory has the certificate's name: the key, written before it, is removed again.
    let test = TestDir::new().file("domain.crt/in-the-way", "").file("domain.key", "old");
    let output = cert(&test, &["--dns", "a.example", "--key", "ecdsa", "--force"]);
    assert!(output.starts_with("exit: 2\n") && output.contains("nothing was written"), "{output}");
    assert_eq!(test.read("domain.key"), "old");
    let test = TestDir::new().file("domain.crt/in-the-way", "");
    cert(&test, &["--dns", "a.example", "--key", "ecdsa", "--force"]);
    assert_eq!(files(&test), ["domain.crt"]);
}

#[test]
fn wrong_usage_is_reported() {
    let test = TestDir::new().file("a.pem", "text");
    each_case(
        [
            &[][..],
            &["--ip", "reg.example.com"],
            &["--dns", "192.168.0.1"],
            &["--dns", "reg.example.com:5000"],
            &["--dns", "a b"],
            &["--dns", "a.example", "--key", "dsa"],
            &["--dns", "a.example", "--ca", "a.pem"],
            &["--dns", "a.example", "--ca-cert", "a.pem"],
            &["--dns", "a.example", "--days", "0"],
            &["--check", "a.pem", "--dns", "a.example"],
            &["--check", "a.pem"],
            &["--check", "a.pem", "--for", "a b"],
        ],
        |args| {
            let output = cert(&test, args);
            assert!(
                output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\nerror: "),
                "{args:?}: {output}"
            );
        },
    );
    assert_eq!(files(&test), ["a.pem"]);
    insta::assert_snapshot!(cert(&test, &[]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the following required arguments were not provided:
      --dns <NAME> or --ip <ADDRESS>, or --check <FILE>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(cert(&test, &["--dns", "192.168.0.1"]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: invalid value '192.168.0.1' for '--dns <NAME>': this is an IP address, which clients look for among IP addresses: give it as --ip

    For more information, try '--help'.
    ");
    let long = format!("{}.{}.example", "a".repeat(60), "b".repeat(60));
    insta::assert_snapshot!(cert(&test, &["--dns", &long]), @"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: the common name needs a name of at most 64 characters: give a shorter one as well
    ");
}

#[test]
fn the_examples_in_the_help_run() {
    let test = TestDir::new();
    let examples = crate::trust::examples(&cert(&test, &["--help"]));
    assert_eq!(examples.len(), 4, "{examples:?}");
    each_case(examples, |command| {
        let output = test.run(&command.split_whitespace().collect::<Vec<_>>());
        assert!(output.starts_with("exit: 0\n"), "{command}: {output}");
    });
}
