//! What Go and OpenSSL allow in a chain.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, SanType};

use super::{findings, key, params};
use crate::common::{TestDir, each_case};
use crate::openssl;

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
    let args =
        ["verify", "-purpose", "sslserver", "-CAfile", "ca.crt", "-untrusted", "mid.crt", "domain.crt"];
    openssl::is_there().then(|| openssl::run(test.path(), &args).0)
}

#[test]
fn limits_of_a_chain_are_those_of_go_and_openssl() {
    use rcgen::ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
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
        (
            chain(|all| all[0].extended_key_usages = vec![ClientAuth]),
            Some("the authority CN=Root may not sign for servers (its extended key usage lacks serverAuth)"),
        ),
        (
            chain(|all| all[1].extended_key_usages = vec![ClientAuth]),
            Some("the authority CN=Mid may not sign for servers (its extended key usage lacks serverAuth)"),
        ),
        (chain(|all| all[1].extended_key_usages = vec![ClientAuth, ServerAuth]), None),
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
    each_case(["-sha256", "-sha384", "-sha512"], |digest| {
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
    });
}
