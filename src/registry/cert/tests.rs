//! Tests that need no OpenSSL; those against it are in `tests/it/cert.rs`.

use super::name::Name;

fn dns(name: &str) -> Name {
    Name::dns(name).expect("a host name")
}

#[test]
fn names_cover_what_clients_let_them_cover() {
    let covers = |have: &str, wanted: &str| dns(have).covers(&dns(wanted));
    assert!(covers("reg.example.com", "REG.example.com"));
    assert!(covers("*.example.com", "reg.example.com"));
    assert!(!covers("*.example.com", "a.reg.example.com"));
    assert!(!covers("*.example.com", "example.com"));
    assert!(!covers("reg.example.com", "example.com"));
    let ip = |text: &str| Name::ip(text).expect("an address");
    assert!(ip("fd00::1").covers(&ip("[fd00:0::0:1]")));
    assert!(!ip("192.168.0.1").covers(&ip("192.168.0.2")));
    assert!(!dns("reg").covers(&ip("192.168.0.1")));
}

#[test]
fn an_address_loses_all_but_its_name() {
    for (address, name) in [
        ("192.168.0.1", "192.168.0.1"),
        ("192.168.0.1:5000", "192.168.0.1"),
        ("reg.example.com", "reg.example.com"),
        ("reg.example.com:5000/team/web", "reg.example.com"),
        ("https://reg.example.com:5000/v2/", "reg.example.com"),
        ("[fd00::1]:5000", "fd00::1"),
        ("fd00::1", "fd00::1"),
    ] {
        assert_eq!(Name::of_address(address).expect(address).to_string(), name);
    }
    assert!(Name::of_address("https://").is_err());
    assert!(Name::of_address("a b").is_err());
}

#[test]
fn what_is_no_name_is_refused() {
    for name in [
        "", "a..b", "-a", "a-", "a b", "*", "*.com", "a.*.b", "*a.b", "a.", "ä.de", "a:5000", "10.0.0.1",
        "a/b",
    ] {
        assert!(Name::dns(name).is_err(), "{name}");
    }
    for address in ["", "a", "1.2.3", "1.2.3.4:80", "1.2.3.4/24"] {
        assert!(Name::ip(address).is_err(), "{address}");
    }
    assert!(Name::dns(&format!("{}.de", "a".repeat(64))).is_err());
}
