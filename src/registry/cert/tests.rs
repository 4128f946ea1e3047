//! Tests that need no OpenSSL; those against it are in `tests/it/cert.rs`.

use time::OffsetDateTime;

use super::name::SubjectName;
use super::{
    Authority, Bundle, CertCheckOptions, Certificate, CertificateRequest, KeyKind, PrivateKey, check,
    explain, issue,
};

fn dns(name: &str) -> SubjectName {
    SubjectName::dns(name).expect("a host name")
}

#[test]
fn names_cover_as_clients_compare_them() {
    let covers = |have: &str, wanted: &str| dns(have).covers(&dns(wanted));
    assert!(covers("reg.example.com", "REG.example.com"));
    assert!(covers("*.example.com", "reg.example.com"));
    assert!(!covers("*.example.com", "a.reg.example.com"));
    assert!(!covers("*.example.com", "example.com"));
    assert!(!covers("reg.example.com", "example.com"));
    let ip = |text: &str| SubjectName::ip(text).expect("an address");
    assert!(ip("fd00::1").covers(&ip("[fd00:0::0:1]")));
    assert!(!ip("192.168.0.1").covers(&ip("192.168.0.2")));
    assert!(!dns("reg").covers(&ip("192.168.0.1")));
}

#[test]
fn an_address_gives_its_name() {
    for (address, name) in [
        ("192.168.0.1", "192.168.0.1"),
        ("192.168.0.1:5000", "192.168.0.1"),
        ("reg.example.com", "reg.example.com"),
        ("reg.example.com:5000/team/web", "reg.example.com"),
        ("https://reg.example.com:5000/v2/", "reg.example.com"),
        ("[fd00::1]:5000", "fd00::1"),
        ("fd00::1", "fd00::1"),
    ] {
        assert_eq!(SubjectName::of_address(address).expect(address).to_string(), name);
    }
    assert!(SubjectName::of_address("https://").is_err());
    assert!(SubjectName::of_address("a b").is_err());
}

#[test]
fn other_texts_are_not_names() {
    for name in [
        "", "a..b", "-a", "a-", "a b", "*", "*.com", "a.*.b", "*a.b", "a.", "ä.de", "a:5000", "10.0.0.1",
        "a/b",
    ] {
        assert!(SubjectName::dns(name).is_err(), "{name}");
    }
    for address in ["", "a", "1.2.3", "1.2.3.4:80", "1.2.3.4/24"] {
        assert!(SubjectName::ip(address).is_err(), "{address}");
    }
    assert!(SubjectName::dns(&format!("{}.de", "a".repeat(64))).is_err());
}

fn request(names: Vec<SubjectName>, authority: Authority) -> CertificateRequest {
    CertificateRequest { names, days: 90, key: KeyKind::Ecdsa, authority, now: OffsetDateTime::now_utc() }
}

#[test]
fn no_certificate_is_too_odd_to_be_checked() {
    let made = issue(request(vec![dns("a.example")], Authority::New)).expect("a certificate");
    let (authority, _) = made.authority.expect("an authority");
    let names = [dns("a.example")];
    // A SEQUENCE of the signed part, a SEQUENCE itself with a length of two bytes, and of the signature.
    let der = made.certificate.der();
    let signed = 4..8 + usize::from(u16::from_be_bytes([der[6], der[7]]));
    let mut parsed = 0;
    for at in 0..made.certificate.der().len() {
        for change in [0x01, 0x20, 0x80, 0xff] {
            let mut der = made.certificate.der().to_vec();
            der[at] ^= change;
            let Ok(certificate) = Certificate::from_der(der) else { continue };
            parsed += 1;
            let now = OffsetDateTime::now_utc();
            assert!(!explain::facts(&certificate, now).is_empty());
            let bundle = Bundle { certificates: vec![certificate], has_key: false, text_fault: None };
            let authorities = [authority.clone()];
            let asked = CertCheckOptions {
                names: &names,
                key: Some(&made.key),
                authorities: Some(&authorities),
                text_faults: [None, None],
                now,
            };
            let findings = check(&bundle, &asked);
            assert!(!signed.contains(&at) || !findings.is_empty(), "byte {at} ^ {change:x}");
        }
    }
    assert!(parsed > 100, "only {parsed} could be parsed");
}

#[test]
fn an_authority_that_may_not_sign_does_not() {
    let sign = |certificate: &Certificate, key: PrivateKey| {
        let authority = Authority::Given { certificate: certificate.clone(), key };
        issue(request(vec![dns("b.example")], authority)).map(|_| ()).map_err(|error| error.to_string())
    };
    let made = issue(request(vec![dns("a.example")], Authority::New)).expect("a certificate");
    let (authority, key) = made.authority.expect("an authority");
    assert_eq!(sign(&authority, key), Ok(()));
    let other = PrivateKey::generate(KeyKind::Ecdsa).expect("a key");
    assert_eq!(sign(&authority, other), Err("the authority's key does not match its certificate".to_owned()));
    let refused = sign(&made.certificate, made.key).expect_err("it is a server's");
    assert!(refused.contains("may not sign others"), "{refused}");
}

#[test]
fn keys_are_not_shown() {
    let made = issue(request(vec![dns("a.example")], Authority::New)).expect("a certificate");
    let shown = format!("{made:?}");
    assert!(shown.contains("PrivateKey(…)") && shown.len() < 600, "{shown}");
}
