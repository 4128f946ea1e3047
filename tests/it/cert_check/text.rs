//! The text of a file with certificates.

use super::{check, findings, key, params, self_signed};
use crate::common::{TestDir, each_case};
use crate::openssl;

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
    each_case(["no", "empty", "text", "key", "der", "broken", "cut", "rubbish", "request"], |name| {
        let output = check(&test, &[&format!("{name}.crt")]);
        assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{output}");
        told.extend(output.lines().skip(3).map(str::to_owned));
    });
    each_case(["a.crt", "text.crt", "encrypted.key", "rubbish.key"], |name| {
        let output = check(&test, &["a.crt", "--key", name]);
        assert!(output.starts_with("exit: 2\n----- stdout -----\n----- stderr -----\n"), "{output}");
        told.extend(output.lines().skip(3).map(str::to_owned));
    });
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
    error: encrypted.key: the key is encrypted, but no one can enter the passphrase when a registry starts: decrypt it with `openssl pkey -in FILE -out domain.key`
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
    each_case(
        [
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
        ],
        |(subject, options)| {
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
                let line =
                    output.lines().find_map(|line| line.strip_prefix("  hash       ")).expect("a hash");
                assert_eq!(line, expected.trim(), "{subject} {mask}");
                hashes.push(expected);
            }
        },
    );
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
    each_case(
        [
            (with_blank(1), true),
            (format!("\n{certificate}\n\n"), true),
            (with_blank(3), false),
            (with_blank(lines.len() - 1), false),
            (certificate.replace('\n', "\n\n"), false),
            (certificate.replace('\n', "\r\n\r\n"), false),
        ],
        |(text, is_fine)| {
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
                assert_eq!(
                    openssl::run(test.path(), &["x509", "-noout", "-in", "a.crt"]).0,
                    is_fine,
                    "{text:?}"
                );
            }
        },
    );
}
